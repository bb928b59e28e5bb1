/* Private to src/exchange: what is in memory and which file does what.
 *
 * Two kinds of things are in memory. Copies of the store (queues' lengths, messages under way, parts'
 * deadlines) are read again whenever a turn was void. Facts about the world (which attempt is on
 * which modem, results that could not be written yet) are kept, for no row knows them. */
#ifndef TWOWAY_EXCHANGE_INTERNAL_H
#define TWOWAY_EXCHANGE_INTERNAL_H

#include <twoway/exchange.h>

enum {
	X_RETRY_AFTER_VOID_MS = 1000,	/* events of a void turn are tried again after this */
	X_PARTIAL_MS = 10 * 60 * 1000,	/* a half-sent message keeps its SIM for so long (design 4) */
	X_PARTIAL_FIRST_MS = 5000, X_PARTIAL_LAST_MS = 60000,
	X_REST_FIRST_MS = 5000, X_REST_LAST_MS = 5 * 60 * 1000,	/* a SIM that cannot send now */
	X_REST_PERSON_MS = 10 * 60 * 1000,	/* a SIM that a person must look at */
	X_STRAY_MS = 10 * 60 * 1000,	/* a report that fits nothing waits for its send's result */
	X_FIRST_SIGHT_MS = 10 * 60 * 1000,	/* texts older than the SIM's first sight by this */
	X_LOOP_MS = 10 * 60 * 1000, X_LOOP_COUNT = 4,
	X_HOUR_MS = 3600 * 1000,
	X_STARVE = 8,			/* so many from higher lanes, then one from a lower */
	X_ACCOUNTS_MAX = 64,		/* of one contact, looked at for one text */
	X_JOBS_WAITING = 16,		/* of one modem */
	X_JOB_WAIT_MS = 60 * 1000,	/* for its modem, unless said otherwise */
	X_JOB_ASK_MS = 60 * 1000,	/* a menu stays open for its answer */
	X_JOB_SPARE_MS = 90 * 1000,	/* beyond its limit: then the modem has lost it */
	X_SLICE = 64			/* rows that the agenda works off in one turn */
};
#define X_DAY_MS (24 * X_HOUR_MS * INT64_C(1))
#define X_RECENT_MS (30 * INT64_C(24) * 3600 * 1000)
#define X_DUPLICATE_MS (3 * INT64_C(24) * 3600 * 1000)
#define X_NEVER ((struct wall_ms){ INT64_MAX })

/* A modem as the exchange knows it, with the SIM that is in it. */
struct station {
	struct tw_handle modem;
	char name[MODEM_NAME_MAX];
	struct store_sim sim;		/* id 0: not known yet */
	int64_t account;		/* dedicated to; 0 shared */
	int64_t flying;			/* attempt that it was given, or will be after the commit */
	struct mono_ms rest_until;
	uint64_t launched_in;		/* event whose commit flying waits for; 0: none */
	int64_t job;			/* that it was given, or will be after the commit; 0 none */
	uint64_t job_in;		/* event whose commit the job waits for; 0: none */
	bool had_job;			/* since its last send: a send goes before the next job */
	int failures;			/* in a row, of the SIM's own */
	int streak;			/* messages of higher lanes in a row while a lower one waited */
	char hex[MODEM_SEND_MAX];	/* what goes after the commit */
	int length;
	bool more;
	struct { int64_t sent, received, failed; bool dirty; } add;	/* totals of this turn */
};

/* A queue: messages with the same answer to "which SIMs may". */
struct route {
	struct store_route row;
	int64_t n[LANE_COUNT];
	struct wall_ms due[LANE_COUNT];	/* the head is not due before; 0: ask */
	size_t active_at;		/* place in exchange.active, plus one; 0: none */
};

enum step {
	STEP_READY,			/* its next segment waits for the SIM, not before until */
	STEP_FLYING,			/* on a modem */
	STEP_DOUBT			/* waits for a report until until */
};
/* An outbound message in state sending. */
struct sending {
	struct store_message m;
	struct store_attempt a;		/* the last one; id 0: none */
	char to[TW_ADDRESS_MAX];
	enum step step;
	int segment;			/* next, or on the modem; from 1 */
	struct wall_ms until;
	bool is_canceled;		/* to be taken back if its Ctrl-Z has not left */
};

/* An event that wrote, kept until its turn is on disk. */
struct redo {
	struct tw_handle modem;
	enum modem_event_type type;
	struct modem_sent sent;
	int64_t number;
	uint64_t id;
	char storage[4];
	char *text;			/* owned; NULL where the type has none */
};

/* A job that is not over. */
struct open_job {
	struct store_job row;
	int step;			/* the last one, waiting to be given or given */
	char *text;			/* of that step, as the modem gets it */
	struct tw_handle modem;		/* while running or asking */
	bool is_lost;			/* no modem has it: what a crash left */
	struct wall_ms until;		/* running: then it is lost; asking: then it is closed */
};
/* What the end of a job is for: the numbers stand in rows, so they are only added to. */
enum job_purpose { JOB_FOR_PERSON, JOB_PURPOSE_COUNT };

struct account_name { char text[128]; };

struct exchange {
	struct store *store;
	struct bank *bank;
	const struct settings *settings;
	const struct flows *flows;
	struct tw_now now;
	struct wall_ms started_at;
	struct tw_random random;

	struct station **stations;	/* by the handle's slot */
	uint32_t n_stations;
	struct tw_map routes;		/* id -> struct route */
	struct route **active;		/* those that hold a message */
	size_t n_active, cap_active;
	int64_t n_queued;
	struct tw_map sendings;		/* message -> struct sending */
	int64_t n_ready, n_doubt, n_scheduled;
	struct store_stray *strays;
	size_t n_strays, cap_strays;
	struct tw_map accounts;		/* name -> row */
	struct tw_map names;		/* row -> struct account_name */
	struct tw_map route_keys;	/* account, line, avoid, pool -> struct route */
	struct tw_map dedicated;	/* accounts that have numbers of their own */
	struct tw_map lines;		/* number -> line, as pointer-sized integer */
	struct tw_map loops, limits;	/* loops.c */
	struct tw_strings languages;	/* of outbound texts: settings, as ids in language_ids */
	uint8_t language_ids[16];

	struct open_job **jobs;		/* by id */
	size_t n_jobs, cap_jobs;
	struct tw_map secrets;		/* job -> its command with a PIN, which no row holds */

	struct redo *redo;
	size_t n_redo, cap_redo, redo_done;
	struct mono_ms retry_at;
	struct wall_ms scheduled_at, expiry_at, assembly_at, sending_at;	/* 0: ask; never later */
	struct wall_ms sticky_at;	/* numbers that stay away are looked at */
	struct wall_ms queue_at;	/* the earliest head that some idle SIM waits for */
	struct wall_ms inbound_last_at;
	bool is_stale;			/* the last turn was void: stations look their SIMs up again */
	uint64_t event_no;
	uint64_t duplicates, voids;
	struct flow_result intents;
	struct view *view;		/* of dispatch.c: room for what a flow may look at */

	void (*guest)(void *ctx, struct tw_now now);
	void *guest_ctx;
	exchange_watch_cb *watch;
	void *watch_ctx;
	exchange_modem_event_cb *modem_watch;
	void *modem_watch_ctx;
	char broken[160];
};

/* turn.c: one event of the turn; what fails is undone alone, and memory read again. */
void event_begin(struct exchange *x);
int event_end(struct exchange *x, int code, const char *what);
void redo_keep(struct exchange *x, const struct redo *take_r);	/* with its text */

/* station.c */
struct station *station_of(struct exchange *x, struct tw_handle h);	/* made at first sight */
int modem_identified(struct exchange *x, struct tw_handle modem);	/* status.c */
struct station *station_by_sim(struct exchange *x, int64_t sim);	/* NULL: not in a modem */
struct station *station_by_line(struct exchange *x, int64_t line);
/* Reads again which SIM is in it; writes its row when new or changed. 0 or TW_E_*. */
int station_refresh(struct exchange *x, struct station *st);
void station_count(struct station *st, int sent, int received, int failed);
void stations_write(struct exchange *x);
void station_rest(struct exchange *x, struct station *st, int64_t ms);
bool station_is_present(struct exchange *x, const struct station *st);
bool station_may(struct exchange *x, const struct station *st, const struct route *r);
int account_id(struct exchange *x, const char *name, int64_t *ret);
const char *account_of_id(struct exchange *x, int64_t id, char *out, size_t cap);
uint16_t station_next_ref(struct exchange *x, struct station *st);

/* memory.c: copies of the store. */
int memory_load(struct exchange *x);
void memory_drop(struct exchange *x);
struct route *route_get(struct exchange *x, int64_t id);
struct route *route_find(struct exchange *x, int64_t account, int64_t line, const char *pool,
			 int64_t avoid);
void route_add(struct exchange *x, struct route *r, int lane, struct wall_ms due);
void route_sub(struct exchange *x, struct route *r, int lane);
struct sending *sending_get(struct exchange *x, int64_t message);
struct sending *sending_put(struct exchange *x, const struct store_message *take_m);
void sending_set(struct exchange *x, struct sending *s, enum step step, struct wall_ms until);
void sending_del(struct exchange *x, struct sending *s);
struct sending *sending_each(struct exchange *x, size_t *cursor);

/* inbox.c, reassembly.c, dispatch.c, report.c: what came in. */
struct text_in {
	struct station *st;
	struct sms_pdu *pdu;		/* of the first part */
	char from[TW_ADDRESS_MAX];
	enum number_kind kind;
	const char *body;		/* text, or octets */
	size_t body_n;
	const uint8_t *octets;		/* as received; NULL for an assembled one */
	size_t octets_n;
	int64_t dup;
	int segments, flags;
	struct wall_ms scts;		/* 0: not valid */
	struct wall_ms at;
};
int inbox_receive(struct exchange *x, struct station *st, const struct modem_inbound *in);
void inbox_sender(struct exchange *x, const struct station *st, const struct sms_address *a,
		  char *out, enum number_kind *ret_kind);
int64_t inbox_dup_key(const struct sms_pdu *pdu);
int reassembly_add(struct exchange *x, struct text_in *in);
int reassembly_run(struct exchange *x);		/* deadlines */
/* Decides what a text means, keeps it, does what was decided. Returns the row in ret_id. */
int dispatch_text(struct exchange *x, struct text_in *in, int64_t *ret_id);
int report_receive(struct exchange *x, struct station *st, const struct sms_pdu *pdu);
int report_rematch(struct exchange *x, const struct store_attempt *a, const char *to);
/* Whether reports say of every segment that it arrived, by whichever attempt. */
int report_is_delivered(struct exchange *x, const struct store_message *m, bool *ret);
int report_run(struct exchange *x);

/* consent.c, loops.c */
int consent_stop(struct exchange *x, const char *account, const struct text_in *in, int64_t message);
int consent_start(struct exchange *x, const char *account, const struct text_in *in,
		  int64_t message);
/* Whether this inbound is one too many of an echo between these two numbers. */
bool loops_cuts(struct exchange *x, const struct text_in *in, const struct store_contact *contacts,
		size_t n);
bool limits_reached(struct exchange *x, const struct store_contact *c, const char *account);
void loops_replied(struct exchange *x, const struct text_in *in, const struct store_contact *c,
		   const char *account, const struct flow_intent *i);
void loops_done(struct exchange *x);

/* outbox.c: queue and hand-out. result.c: what became of it. */
struct out {			/* a message to be made */
	struct store_contact *contact;
	const char *text;
	size_t text_n;
	int64_t line, origin;
	const char *pool, *key;
	int lane, flags;
	struct wall_ms due, valid_until;
	bool is_scheduled, is_bound;	/* bound: From was given */
};
int outbox_form(struct exchange *x, const char *text, size_t n, struct sms_form *ret,
		struct sms_fault *reterr);
int outbox_add(struct exchange *x, const struct out *o, const struct sms_form *form,
	       int64_t *ret_id, bool *ret_started);
/* A message that is already in the store goes into its queue (state queued, due_at). */
int outbox_enqueue(struct exchange *x, struct store_message *m);
int outbox_hand_out(struct exchange *x);
bool outbox_other_sim(struct exchange *x, const struct route *r, int64_t sim);
/* Ends a message that is in no queue and under way nowhere. cause NULL: none. */
int outbox_finish(struct exchange *x, struct store_message *m, int state, int code,
		  const char *cause);
int outbox_cancel(struct exchange *x, int64_t id, int code, const char *cause, bool *ret_asked);
int outbox_expire_run(struct exchange *x);
int outbox_schedule_run(struct exchange *x);
int outbox_sticky_run(struct exchange *x);
int result_sent(struct exchange *x, struct station *st, const struct modem_sent *sent);
int result_doubts_run(struct exchange *x);
/* Whether a report settled a doubt: the message goes on as sent. */
int result_settled(struct exchange *x, struct sending *s);

/* job.c: jobs on a modem. */
struct job_order {
	enum job_kind kind;
	enum job_purpose purpose;
	int64_t ref;			/* comes back with the end */
	int64_t sim;			/* USSD: goes to the modem that has it; 0: to the modem named */
	const char *modem;
	const char *text;
	const char *const *answers;
	size_t n_answers;
	bool dialogue;
	const char *who;
	int64_t limit_ms, wait_ms;	/* 0: the usual */
};
/* Inside an event. Its end comes to the function of its purpose (job.c), inside an event as well. */
int job_start(struct exchange *x, const struct job_order *o, int64_t *ret_id);
int job_go_on(struct exchange *x, int64_t id, const char *text);	/* TW_E_STATE: it does not ask */
int job_cancel(struct exchange *x, int64_t id);			/* TW_E_STATE: too late */
size_t jobs_waiting(const struct exchange *x, const char *modem);	/* not over yet */
int job_event(struct exchange *x, struct station *st, const struct redo *r);	/* COMMAND, USSD */
void jobs_run(struct exchange *x);
struct wall_ms jobs_deadline(const struct exchange *x);	/* X_NEVER: none */
int jobs_load(struct exchange *x);
void jobs_drop(struct exchange *x);
void jobs_take_back(struct exchange *x);	/* what the undone event had given to modems */
const char *jobs_check(struct exchange *x);

/* codes.c */
int code_of_cause(const char *cause);
int code_of_status(int status);
const char *code_text(int code);

/* agenda.c, pin.c, watch.c */
void agenda_run(struct exchange *x);
struct mono_ms agenda_deadline(struct exchange *x);
int pin_asked(struct exchange *x, struct station *st, int tries_left);
int pin_opened(struct exchange *x, struct tw_handle modem);	/* by the PIN sent last? */
void watch_message(struct exchange *x, int64_t id, int state);
void watch_modem(struct exchange *x, const struct station *st, int state);
void watch_now(struct exchange *x, const char *event, const char *id);

#endif
