/* What a scenario of the exchange plays in: a store, a bank without modems, flows of a few words, and
 * a clock that is moved by hand. After each turn every law is asked. */
#ifndef WORLD_H
#define WORLD_H

#include <check.h>
#include <twoway/exchange.h>

#include "fake_bank.h"
#include "fake_hook.h"

#define CUSTOMER "+447700900100"
#define OTHER_CUSTOMER "+447700900101"
#define FIRST "+447700900001"
#define SECOND "+447700900002"

struct world {
	struct store *store;
	struct bank *bank;
	struct fake_hook outside;
	struct hook *hook;
	struct exchange *x;
	struct settings settings;
	struct settings_account accounts[2];
	struct settings_sim sims[4];
	struct settings_pool pools[2];
	char *pool_numbers[4];
	const struct flows *flows;
	struct tw_now now;
	char path[64];			/* "" in memory */
	struct mono_ms deadline;
	int inject_code;
	bool inject_commits;
	struct { char event[40], id[64]; } told[4096];
	size_t n_told;
};

/* fake_flows.c, or real_flows.c: what a scenario is linked with. */
const struct flows *world_flows(struct world *w);
void world_flows_done(struct world *w);
/* real_flows.c: the text that world_open compiles; changed in a world that runs: a reload. */
extern const char *world_flow_text, *world_other_text;	/* other: a second file, "" none */
void world_reflow(struct world *w, const char *text);

/* The flows of fake_flows.c: HOURS, ECHO x (answers x), BOTH (two replies), LONG (three segments),
 * STOP, START; anything else is answered "Sorry". */
extern struct flow_event_seen {
	int count;
	bool is_automatic_ok, is_own_number, is_stop_told;
	size_t n_recent, n_stopped;
	char last_account[64], to[64];
} flow_seen;
#define HOURS_REPLY "Mon to Fri 8-18, Sat 9-13."

void world_open(struct world *w);		/* with two modems, in memory */
void world_open_file(struct world *w);		/* the same on disk, for restarts */
void world_close(struct world *w);
void world_reload(struct world *w);		/* the settings were changed */
/* The process dies and comes back: the file is what is left. */
void world_crash(struct world *w);
/* store_inject, but not while the laws are asked. */
void world_inject(struct world *w, int64_t nth, int code, bool only_commits);
void world_turn(struct world *w);
void world_wait(struct world *w, int64_t ms);	/* moves the clock, one turn at each deadline */
/* A text now, and its turn. */
void world_text(struct world *w, int modem, const char *from, const char *text);
/* Posts for the first account; the id is returned in a rotating buffer, NULL when refused. */
const char *world_post(struct world *w, const char *to, const char *text, const char *from);
const char *world_post_full(struct world *w, const struct exchange_post *p,
			    struct exchange_refusal *reterr);
struct message world_message(struct world *w, const char *id);
enum message_state world_state(struct world *w, const char *id);
/* The newest messages, as "direction state text" joined by newlines, for one comparison. */
char *world_list(struct world *w, int limit);
int world_count(struct world *w, int state, int direction);
/* Reads a report to its end; the caller's to free. */
struct exchange_report *world_read_report(struct world *w, const struct exchange_report_query *q);
/* A report, read to its end with a turn between its slices, of which this is the number. */
int world_report(struct world *w, const struct exchange_report_query *q,
		 void (*cb)(void *ctx, const struct report_row *row), void *ctx);
bool world_was_told(const struct world *w, const char *event, const char *id);

int world_main(const char *name, void (*add)(TCase *t));

#endif
