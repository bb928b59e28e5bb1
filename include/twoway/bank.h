/* The bank: ports, the modems on them, who is who, which SIM may take which message. Bytes go to
 * and from the pure machines here; what the machines tell is pulled by `exchange` in its turn.
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
	/* Non-blocking. open: 0 or -errno, fd in *ret_fd (-1 where there is none: bytes then come
	 * by bank_port_feed). read, write: octets, 0 = would block, -errno = gone. */
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
	unsigned interfaces, unbound;	/* how many it has; how many of the vendor's own have no
					 * driver */
};
struct bank_found {
	struct bank_port *ports;	/* by path, as numbers count */
	struct bank_usb *devices;
	size_t n_ports, n_devices;
};
/* Reads sys ("/sys") and names ports in dev ("/dev"); opens none of them. 0 or -errno; a device
 * that goes meanwhile is left out. */
int bank_found_read(const char *sys, const char *dev, struct bank_found *ret);
void bank_found_done(struct bank_found *f);

/* Which other program has a port open; proc is "/proc". False: none that this user may see. */
struct bank_holder { int pid; char program[32]; };
bool bank_port_holder(const char *proc, const char *port, struct bank_holder *ret);
/* What to type so that it lets the modem go. Returns out. */
const char *bank_holder_remedy(const struct bank_holder *h, char *out, size_t cap);

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
/* How often a modem has said something since the last call. */
size_t bank_heard(struct bank *b);
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

/* The last rung of a modem's recovery, and what was said before it. */
struct bank_recovery {
	enum modem_rung rung;
	struct wall_ms at;		/* 0: there was none */
	char why[MODEM_TEXT_MAX];
	const char *lines;		/* the last AT lines, each with its newline; PINs masked */
};

/* A modem as a row: facts, counters, its entry in the configuration. */
struct bank_modem {
	struct tw_handle handle;
	const char *name;		/* entry's name, or "m-" and six digits of the IMEI, or its
					 * port */
	const char *port;
	const char *key;		/* what it is remembered by; see struct bank_seat */
	const struct modem_facts *facts;	/* NULL while the port was never opened */
	enum modem_state state;			/* absent, paused and stranger included */
	const char *number;			/* of its SIM: configured or learned; "" unknown */
	const char *account;			/* dedicated to, "" = shared */
	bool report;
	uint64_t sent, received, failed;	/* since the start; the store has the totals */
	uint64_t calls;				/* that came in, since the start */
	const char *last_error;			/* the last trouble, long past perhaps; "" none */
	struct wall_ms last_error_at;
	const struct bank_recovery *recovery;
	unsigned silent;		/* probes since it last heard something against its habit */
	const char *refused;		/* the entry of it or of its SIM has a bad value: not used;
					 * NULL no */
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
	BANK_USE_UNNAMED,	/* not named and not opened: something else may be there, or `adopt`
				 * forbids */
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

/* What is remembered of a modem by its key: the name of its entry, else what finds it (its IMEI,
 * its socket, its port). usb, usb_path, interface: its USB id, the socket it was seen in last,
 * which of its interfaces has the port in use (-1 none). */
struct bank_seat { char imei[IMEI_MAX], usb[12], usb_path[48]; int interface; bool is_paused; };
bool bank_seat(const struct bank *b, struct tw_handle h, const char **ret_key,
	       struct bank_seat *ret);
/* On MODEM_EV_IDENTITY: true when something is new that is worth a row; bank_seat_kept once it is
 * on disk. */
bool bank_seat_news(const struct bank *b, struct tw_handle h, const char **ret_key,
		    struct bank_seat *ret);
void bank_seat_kept(struct bank *b, struct tw_handle h);

/* What the store remembers of modems, SIMs and PIN tries, told before bank_start. seat: the key of
 * the modem in which the SIM was seen first, "" none. */
void bank_remember_seat(struct bank *b, const char *key, const struct bank_seat *seat);
void bank_remember_sim(struct bank *b, const char *iccid, const char *number, const char *seat);
/* A command (AT+CGSMS=1) that helped SIMs of this operator (MCC and MNC): given to each of them at
 * its set-up. Of several that a modem knows, the one told last. */
void bank_remember_bearer(struct bank *b, const char *operator_, const char *command);
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
/* modem_refresh: radio off and on, when it seems well and may not be. */
void bank_refresh(struct bank *b, struct tw_handle h, const char *why, struct tw_now now);
/* Its SIM's number has become known. */
void bank_learn_number(struct bank *b, struct tw_handle h, const char *number);
void bank_pause(struct bank *b, struct tw_handle h, bool paused, struct tw_now now);

/* ---- who sends next ------------------------------------------------------------------------ */

/* The next modem that could take a send now and was not offered in this turn. Not reserved yet. */
bool bank_idle(struct bank *b, struct tw_handle *ret);
void bank_idle_restart(struct bank *b);		/* at the begin of each turn */
bool bank_can_send(const struct bank *b, struct tw_handle h);
/* Reserve, so that nobody else gives it work between decision and commit; send after the commit. */
void bank_reserve(struct bank *b, struct tw_handle h);
void bank_unreserve(struct bank *b, struct tw_handle h);
/* Whether its modem asks for the PDU (27.005 3.5.1). Then bank_send may come just before the
 * commit: the command leaves with bank_flush, and the PDU not before its port is listened to again,
 * which a bank_cancel_send in between prevents. */
bool bank_prompts(const struct bank *b, struct tw_handle h);
int bank_send(struct bank *b, struct tw_handle h, const struct modem_send *s, struct tw_now now);
void bank_cancel_send(struct bank *b, struct tw_handle h, uint64_t id, struct tw_now now);
int bank_command(struct bank *b, struct tw_handle h, uint64_t id, const char *command,
		 int64_t limit_ms, struct tw_now now);
/* As modem_ussd and modem_ussd_end; TW_E_GONE while the port is closed. */
int bank_ussd(struct bank *b, struct tw_handle h, uint64_t id, const char *text, bool is_answer,
	      int64_t limit_ms, struct tw_now now);
void bank_ussd_end(struct bank *b, struct tw_handle h, struct tw_now now);
size_t bank_trace(const struct bank *b, struct tw_handle h, struct tw_buf *out);

/* ---- quotas, cost, choice: pure (design 4) ------------------------------------------------- */

/* Money is in millionths of the currency. */
#define QUOTA_MONEY 1000000

/* A minute and an hour slide: no 60 seconds, wherever they begin, hold more than `per_minute`. A
 * day begins at the plan's reset hour, a month at that hour of its reset day, in the plan's zone;
 * in a shorter month on its last day. */
enum quota_window { QUOTA_MINUTE, QUOTA_HOUR, QUOTA_DAY, QUOTA_MONTH, QUOTA_WINDOWS };
struct quota_plan {
	int64_t limit[QUOTA_WINDOWS];	/* segments; 0 none */
	int64_t recipients;		/* distinct ones a month; 0 none */
	int64_t spend;			/* a month, QUOTA_MONEY; 0 none */
	int64_t share;			/* per cent of each that is kept for replies */
	int reset_day, reset_hour;	/* 1..31, 0..23 */
	const struct tw_zone *zone;	/* NULL: UTC */
};
/* s NULL: no limit. An unknown zone (the reader has warned of it) is UTC. */
struct quota_plan quota_plan_of(const struct settings_quota *s, int64_t share);
bool quota_is_limited(const struct quota_plan *p);

/* What a SIM has used. Sliding windows need the times of what was sent; more than QUOTA_LOG of them
 * are merged, neighbours first, into the later of two: a window may then close late, never
 * early. */
enum { QUOTA_LOG = 512 };
struct quota_entry { int64_t at; int32_t n, bulk; };	/* bulk: of n, those that were no replies */
struct quota_used {
	struct wall_ms day_at, month_at;	/* where the windows began that the counters are of
						 * … */
	struct wall_ms day_end, month_end;	/* … and end; 0: quota_roll is to find out */
	int64_t day, day_bulk, month, month_bulk;	/* segments */
	int64_t spent, spent_bulk;		/* QUOTA_MONEY, this month */
	int64_t recipients;			/* distinct, this month */
	struct quota_entry *log;		/* heap, oldest first */
	size_t n_log;
};
void quota_used_done(struct quota_used *u);
/* The log in octets (heap), and back; what is not well formed gives TW_E_SYNTAX and an empty
 * log. */
uint8_t *quota_log_write(const struct quota_used *u, size_t *ret_n);
int quota_log_read(struct quota_used *u, const uint8_t *p, size_t n);

struct wall_ms quota_window_start(const struct quota_plan *p, enum quota_window w,
				  struct wall_ms t);
struct wall_ms quota_window_end(const struct quota_plan *p, enum quota_window w, struct wall_ms t);
/* Opens the windows of this time: first of all, and again as time passes. A clock that steps back
 * opens none: what is counted stays. True when a new month began: recipients are counted anew. */
bool quota_roll(const struct quota_plan *p, struct quota_used *u, struct wall_ms now);
/* n segments leave (each costs `each`), or n that were charged at `at` were not accepted after all:
 * the last ones charged. */
void quota_charge(const struct quota_plan *p, struct quota_used *u, bool is_reply, int n,
		  int64_t each, struct wall_ms now);
void quota_refund(struct quota_used *u, bool is_reply, int n, int64_t each, struct wall_ms at);
/* Segments that may still leave until `until`, each at this cost; INT64_MAX no limit. */
int64_t quota_room(const struct quota_plan *p, const struct quota_used *u, bool is_reply,
		   int64_t each, struct wall_ms until);
/* Of a limit, what replies, or all else, may ever have. */
int64_t quota_limit(const struct quota_plan *p, int64_t limit, bool is_reply);
/* Segments used in a window. */
int64_t quota_count(const struct quota_used *u, enum quota_window w, struct wall_ms now);

/* What a segment to this number costs on this SIM, by the longest prefix; 0 where none fits. */
int64_t cost_of(const struct settings_sim *sim, const char *number);
/* What decides where a number may be sent and when, in one short text: country, the longest prefix
 * of all SIMs' costs, and with quiet hours the zones: the contact's own where it is known (zone, ""
 * not), else all that the number may be in. Numbers with the same one share a queue.
 * "GB", "GB 4477", "US 1 America/New_York". out holds DESTINATION_MAX. Returns out. */
enum { DESTINATION_MAX = 224 };	/* as STORE_DESTINATION_MAX */
char *destination_of(const struct settings *s, const char *number, const char *zone, char *out);
struct destination { char country[3], prefix[16]; const char *zones; };	/* zones: into text */
struct destination destination_read(const char *text);

/* Until when a contact in these zones (a comma between, "" UTC) is left in peace by what `applies`
 * names ("campaign", "at", "api"; anything else is never quiet); 0: not now. Where
 * the number does not tell which of several is theirs, all must be awake (strict); where there is
 * no such time in two days, the first zone decides. */
struct wall_ms quiet_until(const struct settings *s, const char *what, const char *zones,
			   struct wall_ms now);

/* ---- who sends next: pure ------------------------------------------------------------------ */

/* Why a SIM may not take a message now, or by which rule it did: name, sentence. */
#define PICK_REASONS(X)                                                                            \
	X(PICK_MAY, "may", "may take it")                                                          \
	X(PICK_NUMBER, "number", "the message is bound to another number")                         \
	X(PICK_ACCOUNT, "account", "its number belongs to other accounts")                         \
	X(PICK_POOL, "pool", "its number is not in the pool")                                      \
	X(PICK_AVOIDED, "avoided", "it refused this message before")                               \
	X(PICK_AWAY, "away", "its SIM is in no modem that is ready")                               \
	X(PICK_PAUSED, "paused", "its modem is paused")                                            \
	X(PICK_RESTING, "resting", "it rests after refusals")                                      \
	X(PICK_LATER, "later", "the message is not due yet")                                       \
	X(PICK_HELD, "held", "its campaign is paused or canceled")                                 \
	X(PICK_PACED, "paced", "its campaign goes no faster (pace)")                               \
	X(PICK_QUIET, "quiet", "quiet hours where the contact lives")                              \
	X(PICK_TOO_LONG, "too_long", "the message takes more than its quota ever allows")          \
	X(PICK_MINUTE, "per_minute", "its quota a minute is used up")                              \
	X(PICK_HOUR, "per_hour", "its quota an hour is used up")                                   \
	X(PICK_DAY, "per_day", "its quota a day is used up")                                       \
	X(PICK_MONTH, "per_month", "its quota a month is used up")                                 \
	X(PICK_SHARE, "share", "what is left of its quota is kept for replies")                    \
	X(PICK_RECIPIENTS, "recipients", "its recipients of this month are used up")               \
	X(PICK_SPENDING, "spending", "its money of this month is spent")                           \
	X(PICK_BALANCE, "balance", "what is left on it does not pay for the message")              \
	X(PICK_BUSY, "busy", "it is sending another message")                                      \
	X(PICK_BETTER, "better", "a SIM of the contact's country, a cheaper or a sounder one may") \
	X(PICK_SOONER, "sooner", "others will have sent all that waits before it could")           \
	X(PICK_DEMOTED, "demoted", "its sends or reports fail of late: sound SIMs go first")       \
	X(PICK_WORSE, "worse", "of another country, dearer or less sound than the one chosen")     \
	X(PICK_EQUAL, "equal", "may have taken it as well: another was free first")                \
	X(PICK_BEHIND, "behind", "messages that came earlier or matter more go first")
enum pick_reason {
#define X(name, code, text) name,
	PICK_REASONS(X)
#undef X
	PICK_REASON_COUNT
};
const char *pick_reason_name(enum pick_reason r);
const char *pick_reason_text(enum pick_reason r);

#define PICK_RULES(X)                                                                              \
	X(RULE_NONE, "none", "not known")                                                          \
	X(RULE_REPLY, "reply", "a reply leaves by the number that was texted")                     \
	X(RULE_FROM, "from", "the sender's number was given")                                      \
	X(RULE_STICKY, "sticky", "the contact keeps the number they know")                         \
	X(RULE_SAME, "same", "a message stays on its SIM")                                         \
	X(RULE_ONLY, "only", "no other SIM may take it")                                           \
	X(RULE_COUNTRY, "country", "a number of the contact's own country")                        \
	X(RULE_COST, "cost", "the cheapest")                                                       \
	X(RULE_FREE, "free", "the one that is free first")
enum pick_rule {
#define X(name, code, text) name,
	PICK_RULES(X)
#undef X
	PICK_RULE_COUNT
};
const char *pick_rule_name(enum pick_rule r);
const char *pick_rule_text(enum pick_rule r);

/* A message as far as it matters who takes it. */
struct pick_order {
	int64_t account, line, avoid;	/* line: bound to; avoid: a SIM; 0 none */
	bool has_numbers;		/* the account has numbers of its own */
	bool is_reply;			/* lane */
	int segments;
	struct wall_ms due, quiet;	/* not before; 0 none */
	bool is_held;			/* by its campaign, until a person lets it go … */
	struct wall_ms paced;		/* … or for its pace; 0 none */
	char country[3];		/* of the contact; "" unknown */
};
/* A SIM, for one message. */
struct pick_sim {
	int64_t sim, line, account;	/* account: dedicated to; 0 shared */
	bool in_pool;			/* of the message; true where it names none */
	bool is_present, is_paused, is_busy;
	int health;			/* 0..100; below PICK_SOUND it comes last */
	struct wall_ms rests_until;
	char country[3];
	const struct quota_plan *plan;	/* NULL: no limit */
	const struct quota_used *used;
	int64_t each;			/* cost of a segment there */
	bool has_balance;
	int64_t balance;		/* what is left on it, QUOTA_MONEY */
	bool is_new_recipient;		/* of this month */
};
enum { PICK_SOUND = 50, PICK_PACE_MS = 4000 /* of a modem that was not measured */ };
/* until 0: open */
struct pick_verdict { bool may; enum pick_reason reason; struct wall_ms until; };
struct pick_verdict pick_judge(const struct pick_order *o, const struct pick_sim *s,
			       struct wall_ms now);
/* The smaller, the rather: sound, of the contact's country, cheap. */
int64_t pick_rank(const struct pick_order *o, const struct pick_sim *s);
/* Why a SIM of that rank does not take what one of the best rank may. */
enum pick_reason pick_behind(int64_t rank, int64_t best);
/* Whether a SIM can be counted on for a message although it may not take it now. */
bool pick_is_near(struct pick_verdict v, struct wall_ms now, int64_t patience_ms);

/* An idle modem is not always the one that is done first: near the end of a batch a slow one would
 * take the last message and let all wait for it. It takes a message unless the others will have
 * sent everything that waits, this message too, before it could have sent this one. */
struct pick_rival { int64_t free_in, pace, room; };	/* ms, ms a segment, segments by its
							 * quota */
bool pick_others_sooner(const struct pick_rival *v, size_t n, int64_t pace, int segments,
			int64_t waiting);
/* The pace of a modem, told how long a segment took; 0 at the beginning. */
int64_t pick_pace(int64_t pace, int64_t took_ms);

/* ---- a SIM's health: pure ------------------------------------------------------------------ */

/* Two sequential tests (Page's CUSUM), one of sends and one of reports: each result moves the doubt
 * by how much better "it fails now" explains it than the SIM's own habit. So a SIM whose reports
 * always came is doubted after four that do not, one whose customers are often out of reach after a
 * dozen; one that never had any reports is not doubted for having none. */
enum { HEALTH_KNOWN = 1000,		/* results that are counted at most */
       HEALTH_HABIT = 10,		/* reports that make a habit */
       HEALTH_PROBE_FIRST_MS = 5 * 60 * 1000, HEALTH_PROBE_LAST_MS = 2 * 3600 * 1000 };
enum health_reason { HEALTH_GOOD, HEALTH_SENDS, HEALTH_REPORTS, HEALTH_DEAF, HEALTH_SIGNAL };
const char *health_reason_text(enum health_reason r);	/* "" when good */
void health_on_send(struct sim_health *h, bool accepted);
/* Settled: it was told delivered after took_ms, or it was not within health_patience. */
void health_on_report(struct sim_health *h, bool arrived, int64_t took_ms);
/* It was not within that time, and comes after all. */
void health_on_late(struct sim_health *h);
/* A test text of it arrived: whatever its reports say, it sends. */
void health_on_arrival(struct sim_health *h);
int64_t health_patience(const struct sim_health *h);	/* ms to wait for a report */
/* 0..100; 50 is where it is demoted, 75 where it is brought back. signal_dbm 0: unknown. */
int health_score(const struct sim_health *h, int signal_dbm, enum health_reason *ret);
/* Demotes it or brings it back; true when that changed something. */
bool health_judge(struct sim_health *h, struct wall_ms now);
/* Half open: a demoted SIM may take one message again. It was given one; how that ended. */
bool health_may_probe(const struct sim_health *h, struct wall_ms now);
void health_probe_ended(struct sim_health *h, bool helped, struct wall_ms now);

/* ---- a SIM's money: pure ------------------------------------------------------------------- */

/* The amount at the beginning of a text, or behind what is no digit there: "12.50", "1.234,56",
 * "1,234.56", "1 234,56", "-3,20". Of a point or comma alone with three digits behind it ("1.234")
 * it is the thousands that it parts. QUOTA_MONEY. TW_E_SYNTAX: no digit; TW_E_RANGE: more than 12
 * of them before the decimals. */
int balance_read(const char *text, size_t n, int64_t *ret);
/* The first amount in a text that the group of match (a POSIX extended regular expression) holds.
 * TW_E_UNKNOWN: none; TW_E_SYNTAX: match is no expression. */
int balance_find(const char *match, const char *text, int64_t *ret);
struct balance_reading { struct wall_ms at; int64_t amount; };
/* QUOTA_MONEY spent a day, by the readings (oldest first) of the last 30 days; -1 where they span
 * less than twelve hours without a top-up. */
int64_t balance_burn(const struct balance_reading *v, size_t n, struct wall_ms now);
int64_t balance_days_left(int64_t amount, int64_t burn);	/* -1: not known, or nothing is
								 * spent */

#endif
