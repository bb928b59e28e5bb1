/* The whole of twoway but its edges, in one process and in virtual time: store, exchange, bank,
 * modems and flows on one side, the virtual bank on the other, ports without descriptors between.
 * After each turn the laws are asked (exchange_check). */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <check.h>
#include <twoway/exchange.h>
#include <twoway/sim.h>

enum { GATEWAY_STICKS = 8 };

struct gateway {
	char folder[64];
	struct boards *boards;
	struct settings *settings;
	struct flows *flows;
	struct store *store;
	struct bank *bank;
	struct exchange *x;
	struct sim *sim;
	struct tw_now now;
	struct tw_buf settings_text;
	struct mono_ms until;		/* when the exchange wants its next turn */
	bool is_cut;			/* stop before the next turn: for kills at each step */
	uint64_t turns;
	/* gateway_open_sticks: where each stick is plugged in ("" nowhere), and how often it was. */
	struct { char socket[32]; unsigned plugs; } sticks[GATEWAY_STICKS];
	bool is_found, has_urc_ports;
};

/* Modems on the virtual bank; more is put into the settings, flow is the text of a flow file. */
void gateway_open(struct gateway *g, size_t modems, const char *more, const char *flow);
/* The same, the virtual bank playing this profile; which one is used twoway finds out by itself. */
void gateway_open_as(struct gateway *g, const char *board, size_t modems, const char *more,
		     const char *flow);
/* Sticks that nobody names, plugged into sockets 1-1, 1-2 …; twoway finds them. */
void gateway_open_sticks(struct gateway *g, size_t sticks, const char *more, const char *flow);
/* Sticks that say what nobody asked on their interface 6 alone (telit). */
void gateway_open_urc_sticks(struct gateway *g, size_t sticks, const char *more, const char *flow);
/* Pulls a stick out, or (socket not "") plugs it in there; its port gets another name each time. */
void gateway_plug(struct gateway *g, size_t stick, const char *socket);
void gateway_close(struct gateway *g);
/* kill -9 and a new start: memory is gone, the file stays, ports are opened anew. */
void gateway_crash(struct gateway *g);

/* One step at the present time: bytes both ways, one turn. True while something moved. */
bool gateway_step(struct gateway *g);
/* Steps, moving the clock to the next deadline, until cond is true or limit_ms have passed. */
bool gateway_until(struct gateway *g, bool (*cond)(struct gateway *g), int64_t limit_ms);
void gateway_wait(struct gateway *g, int64_t ms);
/* Until all modems are ready. */
void gateway_ready(struct gateway *g);

void gateway_text(struct gateway *g, const char *from, size_t modem, const char *text);
void gateway_control(struct gateway *g, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct bank_modem gateway_modem(struct gateway *g, size_t modem);
/* How many texts this handset got, and whether the last is this one. */
size_t gateway_got(const struct gateway *g, const char *number);
const char *gateway_last(const struct gateway *g, const char *number);
/* Posts from the only account; the id, in a rotating buffer. */
const char *gateway_post(struct gateway *g, const char *to, const char *text);
enum message_state gateway_state(struct gateway *g, const char *id);
/* Messages with this state and direction; -1 any. */
int gateway_count(struct gateway *g, int state, int direction);
int gateway_doubts(struct gateway *g);

#endif
