/* The bank's inside: devices and what is remembered of SIMs. */
#ifndef TWOWAY_BANK_INTERNAL_H
#define TWOWAY_BANK_INTERNAL_H

#include <twoway/bank.h>

#include "ask.h"

enum {
	BANK_RETRY_MS = 1000,		/* an absent port is tried each second … */
	BANK_RETRY_EAGER = 60,		/* … for so many tries, … */
	BANK_RETRY_SLOW_MS = 5000,	/* … then so slowly, and at once when its folder changes */
	BANK_PORT_MAX = 256,
	BANK_ERROR_MAX = 400,
	BANK_KEY_MAX = 96
};

/* A USB device with ports, while it is plugged in. */
struct stick {
	char path[48], usb[12];		/* its socket, its id */
	struct bank_port *ports;	/* those that may take AT first, best first */
	size_t n_ports, n_at;
	struct device *device;		/* who has it; NULL: nobody (yet) */
	struct mono_ms settled;		/* from then on all its ports should be there */
	bool is_seen;
	bool is_proven;			/* the port that its device uses has answered */
	bool is_left;			/* asked, and not to be used: `adopt` forbids */
	/* the entry that names a port of it and knows another modem */
	char refused[BANK_KEY_MAX];
};

/* How often texts come to a SIM, and since when none came (habit.c). */
struct habit {
	uint64_t texts, others;		/* its own; the bank's when it last heard something */
	struct mono_ms text_at, heard_at;	/* the last text; or report */
	int64_t pause_ms;		/* between two texts, usually at most */
	struct mono_ms probe_after;
	unsigned probes;		/* since it last heard something */
	char iccid[ICCID_MAX];
};

/* A port, or the ports of a stick, and the modem behind it. One with an entry in the settings lives
 * as long as that; one without (`adopt`) for as long as twoway runs. The machine lives as long as
 * the device, over unplugging and plugging in. */
struct device {
	struct bank *bank;
	struct tw_handle handle;
	/* borrowed from the settings in force, or find_no_entry */
	const struct settings_modem *entry;
	char name[MODEM_NAME_MAX];
	char key[BANK_KEY_MAX];		/* what it is remembered by: see seat_key */
	char port[BANK_PORT_MAX];	/* in use, or last used */
	struct stick *stick;		/* it is plugged in, and this device's */
	struct ask ask;			/* while it finds out which port answers */
	bool is_asking, is_dead;
	bool is_identified;		/* since it was opened */
	bool is_resigned;		/* no port answered with sense: the likeliest is used */
	/* port asked; ports asked in this round; rounds in vain */
	size_t candidate, asked, rounds;
	size_t hollow;			/* 1 + the port that only pretends to understand */
	struct modem *modem;
	int fd;				/* -1: none (closed, or a port without a descriptor) */
	bool is_open, wants_write, is_paused, is_reserved, is_sending, is_admitted, is_stranger;
	struct tw_handle watch, look_up;
	struct { char path[BANK_PORT_MAX]; int fd; bool is_open; struct tw_handle watch;
		 /* a second port, where unsolicited lines come out */
		 struct mono_ms open_at; } urcs;
	char address[64];		/* of a tcp:// port whose host was a name */
	struct mono_ms open_at;		/* when to try again; MONO_NEVER while open */
	struct mono_ms deadline;	/* the machine's, cached */
	uint32_t failures;		/* to open, in a row */
	char last_error[BANK_ERROR_MAX];	/* stays until the next one */
	struct wall_ms last_error_at;
	struct bank_recovery recovery;	/* the last rung; at 0: none */
	char *recovery_lines;
	struct habit habit;
	struct tw_handle power_child;	/* the command that switches its power */
	int64_t power_settle;
	char number[TW_NUMBER_MAX];	/* of the SIM in it: configured, remembered or its own */
	const char *account;
	uint64_t sent, received, failed, calls;
	struct device *next_active, *next_flush;
	bool is_active, is_flushing;
	uint64_t offered;		/* turn in which bank_idle gave it out */
	/* The PIN that may go once its row is on disk; the pair sent last on this open port, until
	 * the SIM turns out locked; why none was sent. */
	char pin[16];
	bool is_pin_sent;
	char pin_identity[ICCID_MAX];
	uint8_t pin_hash[32];
	const char *why_no_pin;
};

/* What the store knows of a SIM from earlier: the modem it was first seen in, its number. */
struct known_sim { char iccid[ICCID_MAX], number[TW_NUMBER_MAX], seat[BANK_KEY_MAX]; };

struct bank {
	struct loop *loop;
	const struct settings *settings;
	const struct boards *boards;
	const struct bank_port_ops *ports;
	const struct bank_finder_ops *finder;	/* NULL: nothing is found, all ports are named */
	struct bank_found found;		/* as last looked */
	struct stick **sticks;
	size_t n_sticks;
	struct mono_ms look_at;			/* when to look again */
	struct { int fd; struct tw_handle watch;
		 struct { int wd; char *path; } *v; size_t n; } folders;
	struct tw_map seats;			/* key -> struct bank_seat, owned */
	struct tw_pool devices;
	struct device *active, *active_last;	/* may have events to tell */
	struct device *flush;			/* may have bytes to write */
	struct tw_map sims;			/* ICCID -> struct known_sim, owned */
	uint64_t texts;				/* received by all */
	struct mono_ms habits_at;		/* the next look at who is silent */
	/* operator, blank, command -> how late it was told */
	struct tw_map bearers;
	uintptr_t bearers_told;
	struct tw_map pins;			/* identity and PIN hash -> tried */
	/* -> struct device, rebuilt when a SIM comes or goes */
	struct tw_map by_iccid, by_number;
	size_t heard;				/* since bank_heard */
	uint64_t turn;
	struct tw_now now;			/* of the turn, for what events make the bank do */
	uint32_t idle_cursor;
	bool is_started, is_stopping;
};

/* device.c */
struct device *device_new(struct bank *b, const struct settings_modem *entry);
void device_free(struct device *d);
void device_open(struct device *d, struct tw_now now);
void device_close(struct device *d, struct tw_now now, int64_t reopen_in_ms);
void device_write(struct device *d, struct tw_now now);
void device_touch(struct device *d);	/* the machine was fed or told something */
void device_bytes(struct device *d, const void *bytes, size_t n, struct tw_now now);
void device_gone(struct device *d, int why, struct tw_now now);
void device_name(struct device *d);
struct mono_ms device_deadline(const struct device *d);
void device_ask_tick(struct device *d, struct tw_now now);
void device_recall(struct device *d);	/* what is remembered of its key */
struct device *device_get(const struct bank *b, struct tw_handle h);

/* seat.c: what is remembered. */
bool device_is_adopted(const struct device *d);	/* without an entry of its own */
/* NULL: nothing remembered */
struct bank_seat *seat_of(const struct bank *b, const char *key);
void seat_keep_paused(struct device *d);
const char *seat_imei(const struct device *d);	/* that its modem must have; "": any */
/* What a modem and its SIM are remembered by: its name in the settings, else what finds it there;
 * without an entry its IMEI, else its socket. */
void seat_key(struct device *d);
/* Whether a port's name may mean another stick tomorrow: then its modem's IMEI is remembered. */
bool seat_is_numbered(const char *port);
bool imei_is_real(const char *imei);	/* not missing, not zeros */
/* 14 digits are the modem's own; a check digit or a software version follows. */
bool imei_is_same(const char *a, const char *b);
/* A number that two sticks bear tells neither of them. */
bool imei_is_shared(const struct device *d, const char *imei);

/* find.c: sticks that come and go, and which device each belongs to. */
extern const struct settings_modem find_no_entry;
void find_tick(struct bank *b, struct tw_now now);
void find_soon(struct bank *b, struct tw_now now);	/* something may have changed */
void find_reload(struct bank *b, bool is_anew, struct tw_now now);
void find_done(struct bank *b);
/* On the IMEI of the modem in a stick: true when it turns out to be another device's. */
bool find_identified(struct device *d, struct tw_now now);
void find_forget(struct device *d);	/* the device lets its stick go */
/* Whether the entry is found by what it is, and not by the name of its port. */
bool find_by_stick(const struct settings_modem *entry);
/* The stick that this path is a port of; NULL: none. */
struct stick *find_stick_of(const struct bank *b, const char *path);
/* The port on which its stick says what nobody asked, beside the one in use; NULL: none. */
const struct bank_port *find_urc_port(const struct device *d);
/* The n-th port to try; NULL: there are no more. */
const struct bank_port *find_candidate(const struct device *d, size_t n);

/* urcs.c: the second port of a stick that says there what nobody asked. */
/* the first one is in use, or it is time to try again */
void urcs_open(struct device *d, struct tw_now now);
void urcs_close(struct device *d);
void urcs_gone(struct device *d, struct tw_now now);

/* folders.c */
bool folders_watch(struct bank *b, const char *folder);	/* false: changes will not be told */
void folders_watch_port(struct bank *b, const char *port);
void folders_done(struct bank *b);

/* care.c */
void device_trouble(struct device *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void device_on_rung(struct device *d, const struct modem_event *ev);
void device_power_cycle(struct device *d, struct tw_now now, int64_t settle_ms);
void device_care_done(struct device *d);
int care_split(char *text, char **out, int max);

/* habit.c */
void habit_on_inbound(struct device *d, const struct modem_inbound *in, struct tw_now now);
void habit_of_sim(struct device *d);	/* on the SIM in it: another one begins anew */

/* identity.c */
void identity_forget(struct bank *b);
void identity_index(struct bank *b);
void identity_reload(struct bank *b);
bool identity_decide(struct bank *b, struct device *d);
const char *identity_refused(const struct device *d);	/* as bank_modem.refused */

/* port_plain.c, port_serial.c: a descriptor or -errno. */
int port_plain_open(const char *path);
int port_tcp_open(const char *address, const char *service);
int port_serial_open(const char *path, const struct board *board);
int port_lock(int fd);	/* TIOCEXCL, flock, HUPCL off */

#endif
