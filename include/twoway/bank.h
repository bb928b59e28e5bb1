/* The bank: ports, the modems on them, who is who, which SIM may take which message. Bytes go to and
 * from the pure machines here; what the machines tell is pulled by `exchange` in its turn.
 *
 * Nothing here writes the database: identities and PIN tries that must be remembered are handed up
 * as events and given back at the start (bank_remember_*). */
#ifndef TWOWAY_BANK_H
#define TWOWAY_BANK_H

#include <twoway/base.h>
#include <twoway/model.h>
#include <twoway/modem.h>
#include <twoway/board.h>
#include <twoway/loop.h>

struct bank;

/* How a port is reached. Tests and scenarios bring their own (mem). */
struct bank_port_ops {
	/* Non-blocking. open: 0 or -errno, fd in *ret_fd (-1 where there is none: bytes then come by
	 * bank_port_feed). read, write: octets, 0 = would block, -errno = gone. */
	int (*open)(void *ctx, const char *port, const struct board *board, int *ret_fd);
	ssize_t (*read)(void *ctx, int fd, void *buf, size_t n);
	ssize_t (*write)(void *ctx, int fd, const void *buf, size_t n);
	void (*close)(void *ctx, int fd);
	void *ctx;
};
extern const struct bank_port_ops bank_port_system;	/* serial, pseudo-terminal, tcp:// */

/* A serial port as the system shows it. What it has not is empty. */
struct bank_port {
	char path[64];		/* "/dev/ttyUSB2" */
	char driver[24];	/* of the interface: "option", "cdc_acm", "ch341" */
	char usb[12];		/* "12d1:1506"; "" not on USB */
	char usb_path[48];	/* the socket it is plugged into: "1-1.4" */
	int interface;		/* bInterfaceNumber; -1 none */
	char class_[12];	/* of the interface, "ff/02/12" */
	char role[24];		/* what the driver says that it is for (hso: "Application") */
	char maker[48], product[48];
};
/* A USB device, whether it has ports or not: a stick before its mode switch has none. */
struct bank_usb {
	char usb[12], path[48], maker[48], product[48];
	unsigned interfaces, unbound;	/* how many it has; how many of the vendor's own have no driver */
};
struct bank_found {
	struct bank_port *ports;	/* by path, as numbers count */
	struct bank_usb *devices;
	size_t n_ports, n_devices;
};
/* Reads sys ("/sys") and names ports in dev ("/dev"); opens none of them. 0 or -errno; a device that
 * goes meanwhile is left out. */
int bank_found_read(const char *sys, const char *dev, struct bank_found *ret);
void bank_found_done(struct bank_found *f);

/* How sticks are found. Scenarios bring their own. */
struct bank_finder_ops {
	int (*list)(void *ctx, struct bank_found *ret);	/* 0 or -errno */
	const char *folder;	/* where ports come and go; NULL: asked each second */
	void *ctx;
};
extern const struct bank_finder_ops bank_finder_system;	/* /sys and /dev */

struct bank_setup {
	struct loop *loop;		/* NULL: driven by hand (scenarios) */
	const struct settings *settings;
	const struct boards *boards;
	const struct bank_port_ops *ports;	/* NULL: bank_port_system */
	/* NULL: bank_finder_system with bank_port_system, none (all ports are named) with others */
	const struct bank_finder_ops *finder;
};
struct bank *bank_new(const struct bank_setup *setup);
void bank_free(struct bank *b);
/* New settings: ports that went are closed, ports that came are opened, the rest goes on. */
void bank_reload(struct bank *b, const struct settings *s, const struct boards *boards,
		 struct tw_now now);
void bank_start(struct bank *b, struct tw_now now);
/* Stop giving sends; is_quiet once none is on the air. bank_close ends all ports at once. */
void bank_stop(struct bank *b, struct tw_now now);
bool bank_is_quiet(const struct bank *b);
void bank_close(struct bank *b, struct tw_now now);

void bank_tick(struct bank *b, struct tw_now now);
struct mono_ms bank_deadline(const struct bank *b);
/* Write out what the machines have to say: at the end of a turn, after the commit. */
void bank_flush(struct bank *b, struct tw_now now);
/* For ports without a descriptor (scenarios). */
void bank_port_feed(struct bank *b, const char *port, const void *bytes, size_t n,
		    struct tw_now now);
void bank_port_gone(struct bank *b, const char *port, struct tw_now now);

/* One event of one modem. The machine's own events (modem.h), except those that the bank handles
 * alone (REOPEN; PIN once allowed). */
struct bank_event {
	struct tw_handle modem;
	struct modem_event ev;
};
bool bank_next(struct bank *b, struct bank_event *ret);

/* A modem as a row: facts, counters, its entry in the configuration. */
struct bank_modem {
	struct tw_handle handle;
	const char *name;		/* entry's name, or "m-" and six digits of the IMEI, or its port */
	const char *port;
	const char *key;		/* what it is remembered by; see struct bank_seat */
	const struct modem_facts *facts;	/* NULL while the port was never opened */
	enum modem_state state;			/* absent, paused and stranger included */
	const char *number;			/* of its SIM: configured or learned; "" unknown */
	const char *account;			/* dedicated to, "" = shared */
	bool report;
	uint64_t sent, received, failed;	/* since the start; the store has the totals */
	const char *last_error;
};
bool bank_modem(const struct bank *b, struct tw_handle h, struct bank_modem *ret);
/* By name, number, ICCID, IMEI or port. */
bool bank_find(const struct bank *b, const char *called, struct bank_modem *ret);
bool bank_each(const struct bank *b, size_t *cursor, struct bank_modem *ret);
/* The modem that now holds the SIM with this ICCID or number. */
bool bank_find_sim(const struct bank *b, const char *iccid, struct bank_modem *ret);
bool bank_find_number(const struct bank *b, const char *number, struct bank_modem *ret);
/* ISO country by which national numbers are read on this modem's SIM: settings, else its MCC. */
const char *bank_country(const struct bank *b, struct tw_handle h);

/* A port of this machine, or (path "") a stick that still shows itself as a CD-ROM. */
enum bank_use {
	BANK_USE_MODEM,		/* a modem's own */
	BANK_USE_SPARE,		/* another one of its stick's */
	BANK_USE_NEW,		/* just plugged in */
	BANK_USE_UNNAMED,	/* not named and not opened: something else may be there, or `adopt` forbids */
	BANK_USE_SWITCHING	/* waits for its mode switch */
};
const char *bank_use_name(enum bank_use use);
struct bank_port_row {
	struct bank_port port;
	enum bank_use use;
	const char *modem;	/* whose it is, else "" */
	char line[128];		/* to add to the configuration, else "" */
};
/* As found when it was looked last. */
bool bank_port_each(const struct bank *b, size_t *cursor, struct bank_port_row *ret);

/* What is remembered of a modem by its key: the name of its entry, else what finds it (its IMEI, its
 * socket, its port). usb, usb_path: its USB id and the socket it was seen in last. */
struct bank_seat { char imei[IMEI_MAX], usb[12], usb_path[48]; bool is_paused; };
bool bank_seat(const struct bank *b, struct tw_handle h, const char **ret_key, struct bank_seat *ret);
/* On MODEM_EV_IDENTITY: true when something is new that is worth a row; bank_seat_kept once it is on
 * disk. */
bool bank_seat_news(const struct bank *b, struct tw_handle h, const char **ret_key,
		    struct bank_seat *ret);
void bank_seat_kept(struct bank *b, struct tw_handle h);

/* What the store remembers of modems, SIMs and PIN tries, told before bank_start. seat: the key of the
 * modem in which the SIM was seen first, "" none. */
void bank_remember_seat(struct bank *b, const char *key, const struct bank_seat *seat);
void bank_remember_sim(struct bank *b, const char *iccid, const char *number, const char *seat);
void bank_remember_pin(struct bank *b, const char *sim_or_imei, const uint8_t pin_hash[32]);
/* The PIN rule (design 4) needs "PIN tried" on disk first. On MODEM_EV_PIN the exchange asks which
 * PIN would be sent (NULL: none, and why), writes the row, and after the commit lets it be sent. */
const char *bank_pin_for(struct bank *b, struct tw_handle h, int tries_left, uint8_t ret_hash[32],
			 const char **ret_identity, const char **ret_why_not);
void bank_pin_go(struct bank *b, struct tw_handle h, struct tw_now now);
void bank_pin_deny(struct bank *b, struct tw_handle h, struct tw_now now);
/* On MODEM_EV_SIM: true if the SIM was opened by the PIN sent last. That pair is no longer "tried":
 * after the next loss of power it may be sent again. Asked twice it says the same. */
bool bank_pin_opened(struct bank *b, struct tw_handle h, uint8_t ret_hash[32],
		     const char **ret_identity);
/* On MODEM_EV_SIM: decides by `adopt` and what is remembered; tells the machine. Returns true when
 * the SIM is used (then ICCID, number and port are worth a row). */
bool bank_sim_decide(struct bank *b, struct tw_handle h, struct tw_now now);
/* A person accepts the stranger in this modem: it is used from now on (and worth a row). */
void bank_accept(struct bank *b, struct tw_handle h, struct tw_now now);

void bank_acknowledge(struct bank *b, struct tw_handle h, uint64_t token, struct tw_now now);
void bank_refuse(struct bank *b, struct tw_handle h, uint64_t token, struct tw_now now);
void bank_pause(struct bank *b, struct tw_handle h, bool paused, struct tw_now now);

/* ---- who sends next ------------------------------------------------------------------------ */

/* The next modem that could take a send now and was not offered in this turn. Not reserved yet. */
bool bank_idle(struct bank *b, struct tw_handle *ret);
void bank_idle_restart(struct bank *b);		/* at the begin of each turn */
bool bank_can_send(const struct bank *b, struct tw_handle h);
/* Reserve, so that nobody else gives it work between decision and commit; send after the commit. */
void bank_reserve(struct bank *b, struct tw_handle h);
void bank_unreserve(struct bank *b, struct tw_handle h);
int bank_send(struct bank *b, struct tw_handle h, const struct modem_send *s, struct tw_now now);
void bank_cancel_send(struct bank *b, struct tw_handle h, uint64_t id, struct tw_now now);
int bank_command(struct bank *b, struct tw_handle h, uint64_t id, const char *command,
		 int64_t limit_ms, struct tw_now now);
/* As modem_ussd and modem_ussd_end; TW_E_GONE while the port is closed. */
int bank_ussd(struct bank *b, struct tw_handle h, uint64_t id, const char *text, bool is_answer,
	      int64_t limit_ms, struct tw_now now);
void bank_ussd_end(struct bank *b, struct tw_handle h, struct tw_now now);
size_t bank_trace(const struct bank *b, struct tw_handle h, struct tw_buf *out);

#endif
