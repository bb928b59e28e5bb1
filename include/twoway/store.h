/* The database: SQLite behind one door. Schema and migrations, statements, the turn's transaction
 * and the list of what waits for its commit; a file an aggregate.
 *
 * The turn rule (design 3): whatever a turn changes is one transaction; what it wants to say is
 * staged with store_on_commit and let out only once the commit is on disk.
 *
 * Every function that reads or writes returns 0 (or a count) or TW_E_*: TW_E_UNKNOWN where there is
 * no such row, TW_E_EXISTS for a constraint (the event must end, the turn goes on), TW_E_DB,
 * TW_E_DB_FULL and TW_E_DB_DAMAGED for all else: then the turn is void and no further statement
 * runs until store_commit. Times are wall milliseconds, 0 = none. Strings in rows that are pointers
 * belong to the row and go with its _done; strings given are borrowed for the call. */
#ifndef TWOWAY_STORE_H
#define TWOWAY_STORE_H

#include <twoway/base.h>
#include <twoway/model.h>

struct store;

/* ---- opening ------------------------------------------------------------------------------- */

struct store_setup {
	const char *path;		/* ":memory:" for tests and `try` */
	bool create;			/* make one where there is none */
	uint64_t seed;			/* 0 = system randomness; tests give one */
};
/* Takes the lock NAME.lock beside the database, refuses what is gone, damaged or newer, migrates.
 * TW_E_LOCKED (holder's pid in reterr), TW_E_GONE (NAME.id says that there was one; NAME is the
 * database's without .db: twoway.id), TW_E_UNKNOWN (none there and not to create), TW_E_DB_DAMAGED,
 * TW_E_DB_NEWER, TW_E_DB_OTHER (of another build, with other tables), TW_E_DB_FULL, -errno; reterr
 * says it in a sentence (heap, may be NULL). */
int store_open(const struct store_setup *setup, struct tw_now now, struct store **ret,
	       char **reterr);
/* Commits what is lazily pending, drops what is staged (told as not ok), closes. NULL is fine. */
void store_close(struct store *s);
/* For `twowayd --new`: a damaged file is renamed to NAME.bad-TIME, one of another build to
 * NAME.old-TIME, a new database made. Refuses with
 * TW_E_EXISTS where a sound one is there. */
int store_make_new(const char *path, struct tw_now now, char **reterr);
/* A copy of the database, made in slices between turns; what is committed meanwhile is in it. path
 * must not exist yet. step: for at most ms; 1 done, 0 there is more (or a transaction is open: then
 * nothing is done), negative: it failed. end: closes the file, which stays; NULL is fine. It comes
 * before store_close. */
struct store_backup;
int store_backup_begin(struct store *s, const char *path, struct store_backup **ret);
int store_backup_step(struct store_backup *b, int64_t ms);
void store_backup_end(struct store_backup *b);
/* For `twoway restore`: checks that file is a sound database, not newer than this program, and puts
 * a copy in the place of path. What was there is kept beside it as NAME.bad-TIME, or NAME.old-TIME
 * when it was sound. TW_E_LOCKED while a daemon has it; TW_E_DB_DAMAGED, TW_E_DB_NEWER, TW_E_TYPE
 * (not ours),
 * -errno: nothing was changed. */
/* kept: heap, NULL none */
struct store_restored { int64_t messages; struct wall_ms last_at; char *kept; };
int store_restore(const char *path, const char *file, struct tw_now now, struct store_restored *ret,
		  char **reterr);

/* ---- the turn ------------------------------------------------------------------------------ */

/* A turn begins: the time by which lazy writes are overdue is counted from here. */
void store_turn_begin(struct store *s, struct tw_now now);
/* Whether anything is written and not committed; whether the turn is void after a database
 * error. */
bool store_is_dirty(const struct store *s);
bool store_is_void(const struct store *s);
/* Called once the turn's commit is on disk (ok), or when the turn was void (not ok). Runs in order.
 * Staging makes the commit due in this turn; writes alone may wait for the next (at most
 * STORE_LAZY_MS). A callback neither reads nor writes the store. */
typedef void store_staged_cb(void *ctx, bool ok, uint64_t a, uint64_t b);
void store_on_commit(struct store *s, store_staged_cb *cb, void *ctx, uint64_t a, uint64_t b);
/* The same, but the commit need not hurry for it: it rides on the next one. */
void store_on_commit_lazy(struct store *s, store_staged_cb *cb, void *ctx, uint64_t a, uint64_t b);
enum { STORE_LAZY_MS = 20 };
/* Whether store_commit would commit now: what is only worth a row with it is written then. */
bool store_is_due(const struct store *s, struct tw_now now);
/* End of the turn: commits if something waits for it (or is overdue), then runs what was staged.
 * 0, or the error that made the turn void. */
int store_commit(struct store *s, struct tw_now now);
/* Commits whatever is pending, however young. */
int store_flush(struct store *s, struct tw_now now);
struct mono_ms store_deadline(const struct store *s);

/* One event inside the turn (design 3): ended with keep false, everything that it wrote and staged
 * is undone, and nothing else. */
void store_event_begin(struct store *s);
/* The same without a savepoint, which costs a tenth of a message: for events that fail only by a
 * fault. Ended with keep false after it wrote, it makes the turn void. */
void store_event_begin_bare(struct store *s);
int store_event_end(struct store *s, bool keep);
/* Opens the turn's transaction for an event that is sure to write: what it reads first then needs
 * no lock of its own. What fails is seen by the next read or write. */
void store_event_writes(struct store *s);

/* What went wrong last, as SQLite says it; "" when nothing. */
const char *store_last_error(const struct store *s);
struct store_counters {
	uint64_t commits, slow_commits, void_turns, undone_events, checkpoints, statements;
};
const struct store_counters *store_counters(const struct store *s);
/* "ok", "disk full", "damaged" or "error": since the last commit that succeeded. */
const char *store_health(const struct store *s);

/* For tests: the n-th statement from now (BEGIN, SAVEPOINT and COMMIT count) fails with this SQLite
 * code and leaves the transaction as SQLite would (0: none). With only_commits, COMMITs alone
 * count. */
void store_inject(struct store *s, int64_t nth, int sqlite_code, bool only_commits);
int64_t store_inject_left(const struct store *s);	/* 0: none, or done */
void store_pretend_room(struct store *s, int64_t octets);	/* what store_room tells; 0: the
								 * truth */
/* For tests: the process dies. What is not committed is gone, nobody who waits for it is told;
 * what is left to do is store_close. */
void store_crash(struct store *s);
/* For tests: no more pages than these; 0 takes the limit away. */
void store_limit_pages(struct store *s, int64_t pages);

/* ---- names of messages --------------------------------------------------------------------- */

enum { STORE_ID_MAX = 36 };
/* "SM" and 32 hex digits: a keyed permutation of the row number, so that no index is needed and
 * none can be guessed. out holds STORE_ID_MAX. Returns out. */
char *store_id_write(const struct store *s, int64_t message, char *out);
/* TW_E_UNKNOWN for what was never given out by this database. */
int store_id_read(const struct store *s, const char *id, int64_t *ret);
/* Of this database, made with it: 32 hex digits. */
const char *store_identity(const struct store *s);

/* ---- accounts, long numbers, SIMs ---------------------------------------------------------- */

/* The row of a name, made where there is none. */
int store_account(struct store *s, const char *name, int64_t *ret);
int store_account_name(struct store *s, int64_t id, char *out, size_t cap);
/* A long number of the bank, or the ICCID of a SIM whose number is not known yet. */
int store_line(struct store *s, const char *number, int64_t *ret);
int store_line_find(struct store *s, const char *number, int64_t *ret);
int store_line_number(struct store *s, int64_t id, char *out, size_t cap);

/* What an account set for a long number that it sends from. NULL: not set. */
struct store_number {
	char *name;			/* its own for it */
	char *url, *fallback;		/* asked about each text that no flow took; when that
					 * failed */
	bool url_is_get, fallback_is_get;	/* by GET, not by POST */
	struct wall_ms changed_at;
};
int store_number(struct store *s, int64_t account, const char *number, struct store_number *ret);
int store_number_put(struct store *s, int64_t account, const char *number,
		     const struct store_number *n);
void store_number_done(struct store_number *n);

/* Pools that accounts made for themselves (Twilio's messaging services); those of the configuration
 * have no row. */
enum store_pool_flag {
	STORE_POOL_GET = 1, STORE_POOL_FALLBACK_GET = 2,	/* of url, of fallback: by GET */
	STORE_POOL_BY_NUMBER = 4,	/* a text is told to the number's own url */
	STORE_POOL_STICKY = 8,		/* a contact keeps the number it knows */
	STORE_POOL_SMART = 16		/* texts are sent with smart encoding */
};
enum { STORE_POOL_MAX = 64 };
struct store_pool {
	int64_t id, account;
	char name[STORE_POOL_MAX];	/* never changes; unique in its account */
	char *friendly;			/* what people call it */
	char *url, *fallback, *callback;	/* callback: of its messages that name none. NULL
						 * none */
	char *usecase;			/* a word of the application's own; NULL */
	int flags;
	int64_t valid_for;		/* ms a message of it is worth sending; 0: the setting */
	struct wall_ms created_at, changed_at;
};
void store_pool_done(struct store_pool *p);
int store_pool(struct store *s, int64_t account, const char *name, struct store_pool *ret);
/* of any account, by id */
int store_pool_next(struct store *s, int64_t after, struct store_pool *ret);
int store_pool_add(struct store *s, struct store_pool *p);	/* sets id; TW_E_EXISTS: its name */
int store_pool_save(struct store *s, const struct store_pool *p);
int store_pool_drop(struct store *s, int64_t id);		/* with its numbers */
int store_pool_number_add(struct store *s, int64_t pool, const char *number, struct wall_ms at);
int store_pool_number_drop(struct store *s, int64_t pool, const char *number);	/* TW_E_UNKNOWN */
/* The next one; number "": the first. It is overwritten. */
int store_pool_number_next(struct store *s, int64_t pool, char number[TW_ADDRESS_MAX],
			   struct wall_ms *ret_at);

enum { STORE_SIM_MAX = 128 };
struct store_sim {
	int64_t id, line;
	char iccid[STORE_SIM_MAX];	/* or the key of its modem, where it cannot be read */
	char number[TW_ADDRESS_MAX];	/* "" unknown */
	char seat[STORE_SIM_MAX];	/* key of the modem it was seen in first; "" none */
	char modem[MODEM_NAME_MAX];	/* where it was seen last */
	struct wall_ms first_seen;
	int64_t sent, received, failed;
	uint16_t ref;			/* the last concatenation reference used */
};
int store_sim_find(struct store *s, const char *iccid, struct store_sim *ret);
int store_sim_get(struct store *s, int64_t id, struct store_sim *ret);
/* Inserts where id is 0 (and sets it), else writes number, seat and modem. Sets line: a number
 * learned later takes over the line that the ICCID had. */
int store_sim_put(struct store *s, struct store_sim *sim);
/* What is added to the totals of a SIM, and what is set. */
struct store_sim_totals {
	int64_t sim;
	int64_t sent, received, failed;	/* added */
	uint16_t ref;			/* the last reference used; 0: none was */
	struct wall_ms month_at;	/* when the plan's month began; 0: told by store_used_put */
	int64_t month;			/* segments sent since */
};
int store_sims(struct store *s, int64_t after, struct store_sim *ret);	/* the next one, by id */

/* What is remembered of a modem: see struct bank_seat. */
struct store_seat {
	char key[STORE_SIM_MAX], imei[IMEI_MAX], usb[12], usb_path[48];
	int interface;
	bool is_paused;
};
int store_seat_put(struct store *s, const struct store_seat *seat);	/* instead of the former
									 * one */
int store_seat_next(struct store *s, const char *after, struct store_seat *ret);	/* by key */
/* What let texts of an operator's SIMs out (MODEM_EV_BEARER). put: it is the latest now. next: the
 * one told after the cursor (at first zero), which is overwritten; TW_E_UNKNOWN at the end. */
enum { STORE_COMMAND_MAX = 512 };	/* as AT_COMMAND_MAX */
struct store_bearer { int64_t id; char operator_[8], command[STORE_COMMAND_MAX]; };
int store_bearer_put(struct store *s, const char *operator_, const char *command);
int store_bearer_next(struct store *s, struct store_bearer *cursor);

/* What the quotas of a SIM count (bank.h, struct quota_used). recent: heap. */
struct store_used {
	struct wall_ms day_at, month_at;
	int64_t day, day_bulk, month, month_bulk, spent, spent_bulk;
	uint8_t *recent;	size_t recent_n;
};
void store_used_done(struct store_used *u);
int store_used_get(struct store *s, int64_t sim, struct store_used *ret);
int store_used_put(struct store *s, int64_t sim, const struct store_used *u);
/* Whom a SIM has texted in the month that began at `month`: 0, or TW_E_UNKNOWN when not this
 * number. add: n more segments to it; with n below zero so many fewer, and at none they are a
 * stranger. */
int store_recipient(struct store *s, int64_t sim, struct wall_ms month, const char *number);
int store_recipient_add(struct store *s, int64_t sim, struct wall_ms month,
			const char *number, int n);
int store_recipients(struct store *s, int64_t sim, struct wall_ms month, int64_t *ret);
int store_recipients_prune(struct store *s, int64_t sim, struct wall_ms month);	/* earlier ones */

/* How a SIM does, as far as a restart must not forget it. Money in millionths of the currency. */
struct store_care {
	bool has_balance;
	int64_t balance, spent;		/* as told last; charged since */
	struct wall_ms balance_at, asked_at;
	bool is_low;			/* a person was told */
	int64_t top_ups;		/* in a row that brought nothing */
	struct wall_ms topped_at;
	/* Segments sent beside campaigns, in STORE_TRAFFIC parts, each the less the older it is. */
	int64_t replies, posts;
	struct wall_ms traffic_at;
	struct sim_health health;
};
enum { STORE_TRAFFIC = 1000 };
int store_care(struct store *s, int64_t sim, struct store_care *ret);
int store_care_put(struct store *s, int64_t sim, const struct store_care *c);
/* What was told when; add drops what is older than STORE_BALANCE_MS. next: the one behind
 * `after`. */
#define STORE_BALANCE_MS (60 * 24 * 3600 * INT64_C(1000))
int store_balance_add(struct store *s, int64_t sim, struct wall_ms at, int64_t amount);
int store_balance_next(struct store *s, int64_t sim, struct wall_ms after, struct wall_ms *ret_at,
		       int64_t *ret_amount);
/* Voucher codes by their SHA-256: 0 dialled before, TW_E_UNKNOWN not yet. outcome: what became of
 * it; NULL: it was never dialled after all, and is free again. */
int store_top_up(struct store *s, const uint8_t digest[32]);
int store_top_up_add(struct store *s, const uint8_t digest[32], int64_t sim, int64_t job,
		     struct wall_ms at);
int store_top_up_end(struct store *s, int64_t job, const char *outcome);

/* What needs a person, as long as it lasts. */
struct store_alert {
	char kind[24], about[STORE_SIM_MAX], text[200];
	struct wall_ms since, told_at;	/* told_at 0: not told yet */
	int64_t message;		/* that tells it; 0 none */
	int64_t tries;			/* messages that did not get through */
};
int store_alert_put(struct store *s, const struct store_alert *a);
int store_alert_drop(struct store *s, const char *kind, const char *about);
int store_alert_next(struct store *s, struct store_alert *cursor);	/* by kind and about */
/* Octets free where the database is, for this user; INT64_MAX: in memory, or not told. */
int64_t store_room(const struct store *s);

/* A text from one SIM of the bank to another; the last thousand are kept. */
enum store_test_outcome { STORE_TEST_OPEN, STORE_TEST_ARRIVED, STORE_TEST_LOST,
			  STORE_TEST_NOT_SENT };
struct store_test {
	int64_t id, from_sim, to_sim, message;
	char token[16];
	bool learns;			/* the number it comes from is that of from_sim */
	struct wall_ms started_at, ended_at;
	int outcome;
};
int store_test_add(struct store *s, struct store_test *t);	/* sets id */
int store_test_end(struct store *s, const struct store_test *t);	/* outcome, ended_at */
int store_test_find(struct store *s, const char *token, struct store_test *ret);
int store_test_before(struct store *s, int64_t before, struct store_test *ret);	/* 0: the newest */

/* ---- contacts and threads ------------------------------------------------------------------ */

struct store_contact {
	int64_t id, account;
	char number[TW_ADDRESS_MAX];	/* "" erased */
	struct wall_ms created_at;
	struct wall_ms stopped_at;	/* 0: open */
	int64_t stopped_line;		/* the number on which STOP was written */
	char language[12];		/* "" unknown, as the rest */
	char name[96], zone[40], owner[64];
};
/* TW_E_UNKNOWN where there is none; with make it is made. */
int store_contact(struct store *s, int64_t account, const char *number, bool make,
		  struct wall_ms now, struct store_contact *ret);
int store_contact_get(struct store *s, int64_t id, struct store_contact *ret);
/* All of a number, one an account: how many were filled in, at most cap. */
int store_contacts(struct store *s, const char *number, struct store_contact *out, size_t cap);
/* at 0: opens */
int store_contact_stop(struct store *s, int64_t id, struct wall_ms at, int64_t line);
int store_contact_language(struct store *s, int64_t id, const char *language);
int store_contact_save(struct store *s, const struct store_contact *c);	/* language to owner */
/* The next one of an account (0: of any) by id, erased ones too. */
int store_contact_next(struct store *s, int64_t account, int64_t after, struct store_contact *ret);
/* What an account keeps of a contact by name: heap; TW_E_UNKNOWN where it is not set. */
int store_field(struct store *s, int64_t contact, const char *name, char **ret);
/* NULL: unsets */
int store_field_put(struct store *s, int64_t contact, const char *name, const char *value);
int store_field_next(struct store *s, int64_t contact, const char *after, char **ret_name,
		     char **ret_value);			/* by name, after "": the first; heap */

/* A contact and a long number: when each last wrote to the other. */
struct store_thread { int64_t contact, line; struct wall_ms last_in, last_out; };
int store_thread(struct store *s, int64_t contact, int64_t line, struct store_thread *ret);
/* Moves the times that are not 0 forward. */
int store_thread_touch(struct store *s, int64_t contact, int64_t line, struct wall_ms in,
		       struct wall_ms out);
/* The long number that the contact last wrote to or heard from. */
int store_thread_last(struct store *s, int64_t contact, struct store_thread *ret);
/* When anybody last wrote in; 0: nobody yet. */
int store_inbound_last(struct store *s, struct wall_ms *ret);

/* ---- routes: which SIMs may take a message ------------------------------------------------- */

/* Messages with the same answer to that question share a row, so that a queue is looked up and
 * never searched. pool "" = none; line 0 = any; avoid: a SIM that must not take it, 0 = none. */
enum { STORE_DESTINATION_MAX = 224 };
struct store_route {
	int64_t id, account, line, avoid;
	int64_t campaign;		/* whose messages these are; 0 none. It may hold them
					 * back */
	char pool[64];
	char destination[STORE_DESTINATION_MAX];	/* what the number tells (bank.h) */
};
int store_route(struct store *s, struct store_route *route);	/* finds or makes; sets id */
int store_route_get(struct store *s, int64_t id, struct store_route *ret);

/* ---- messages ------------------------------------------------------------------------------ */

enum store_message_flag {
	STORE_IN_DOUBT = 1,	/* an attempt of it was ever in doubt */
	STORE_REPEATED = 2,
	STORE_INCOMPLETE = 4,
	STORE_AUTOMATIC = 8,	/* a reply that no person wrote */
	STORE_CONSENT = 16,	/* the confirmation that STOP, START or HELP owe */
	STORE_QUIET = 32,	/* inbound: kept and shown, started nothing automatic */
	STORE_RAW = 64,		/* inbound: could not be decoded; the PDU is what there is */
	STORE_DATA = 128,	/* body holds octets, not text */
	STORE_SMART = 256,	/* form: the text was transliterated */
	STORE_ERASED = 512,
	STORE_MOVED = 1024,	/* outbound: its number's SIM stayed away, another one may take
				 * it */
	STORE_TIMED = 2048,	/* outbound: it was scheduled first */
	STORE_HIDDEN = 4096,	/* between the bank's own SIMs: shown to nobody as a text */
	STORE_DELETED = 8192	/* by its account: shown to nobody */
};
struct store_message {
	int64_t id;
	int direction;			/* enum direction */
	int state;			/* enum message_state */
	int64_t contact, account;
	int64_t line;			/* the number texted or sent from; 0 none chosen yet */
	int64_t sim;			/* 0 none yet */
	int64_t route;			/* outbound */
	int lane, flags, encoding, segments;
	uint8_t locking, single, ref_bits;
	char *body;	size_t body_n;
	char *modem, *keyword, *key, *pool;
	int error_code;	char *error_cause;
	uint8_t *pdu;	size_t pdu_n;	/* inbound of one segment, as received */
	int64_t dup;			/* duplicate key, 0 none */
	struct wall_ms created_at, due_at, sent_at, finished_at, valid_until;
	int64_t origin;			/* outbound reply: the message that it answers */
	int64_t topic;			/* by which it is counted (struct store_topic); 0 the
					 * account's own */
	int tries;			/* that ended in a failure of the message's own */
	int run;			/* each pass over the segments with a new reference is a
					 * run */
	uint16_t ref;			/* concatenation reference of the run */
	struct wall_ms since;		/* half-sent: when a segment of this run first failed; 0 */
	char *callback;			/* outbound: a URL that is told of its states; NULL none.
					 * Insert only */
};
void store_message_done(struct store_message *m);
int store_message_insert(struct store *s, struct store_message *m);	/* sets id */
int store_message_get(struct store *s, int64_t id, struct store_message *ret);
/* Writes everything that may change on an outbound message (state to since, not the body). */
int store_message_save(struct store *s, const struct store_message *m);
/* Another text before it is sent: body, form, segments, flags. */
int store_message_rewrite(struct store *s, const struct store_message *m);
/* An inbound text completed by a late part. */
int store_message_complete(struct store *s, int64_t id, const char *body, size_t n, int flags);
int store_message_erase(struct store *s, int64_t id);	/* text and PDU go, the row stays */
int store_message_hide(struct store *s, int64_t id);	/* the same, and no list tells of it */

/* The first message of a queue that is due or will be: TW_E_UNKNOWN when the queue is empty. */
int store_queue_head(struct store *s, int64_t route, int lane, int64_t *ret_id,
		     struct wall_ms *ret_due, int *ret_segments);
struct store_queue_count { int64_t route; int lane; int64_t n, segments; };
/* Goes through all queues by (route, lane): the next one behind the given. */
int store_queue_next(struct store *s, struct store_queue_count *cursor);
/* Goes through all queued messages in the order of their queues, through those under way: the next
 * one behind the given; all 0: the first. TW_E_UNKNOWN: no more. */
struct store_placed { int64_t place; struct wall_ms due_at, valid_until; int64_t id; };
int store_queued_next(struct store *s, struct store_placed *cursor);
int store_sending_next(struct store *s, struct store_placed *cursor);
/* The scheduled one that is due first. TW_E_UNKNOWN: none. */
int store_scheduled_next(struct store *s, int64_t *ret_id, struct wall_ms *ret_due);
int store_scheduled_count(struct store *s, int64_t *ret);
/* Of one contact, not sent yet (scheduled, queued, sending); key NULL: any. The next behind
 * after. */
int store_pending_next(struct store *s, int64_t contact, const char *key, int64_t after,
		       int64_t *ret_id);

struct store_query {
	int64_t account, contact;	/* 0 any */
	int state, direction;		/* -1 any */
	int64_t before;			/* id; 0: from the newest */
};
/* The newest message older than `before` that fits; of an account or contact, the oldest newer than
 * `after`. Deleted ones never. */
int store_message_before(struct store *s, const struct store_query *q, struct store_message *ret);
int store_message_after(struct store *s, const struct store_query *q, int64_t after,
			struct store_message *ret);
/* Texts of one segment, or parts of longer ones, with this duplicate key: the nth newest. */
struct store_dup {
	int64_t message;		/* 0 while its assembly is open */
	struct wall_ms at;
	int64_t sim;
	uint8_t *pdu;	size_t pdu_n;	/* heap */
};
int store_dup_find(struct store *s, int64_t key, bool is_part, size_t nth, struct store_dup *ret);
void store_dup_done(struct store_dup *d);

/* ---- attempts ------------------------------------------------------------------------------ */

/* One sending of one segment. Its id is message << 16 | its number within the message, from 1. */
enum store_outcome {
	STORE_FLYING,		/* no result yet: after a crash in doubt */
	STORE_SENT,
	STORE_NOT_SENT,
	STORE_DOUBT,		/* nobody knows */
	STORE_NEVER		/* handed back before its first byte: no attempt at all */
};
struct store_attempt {
	int64_t id;
	int64_t sim;
	int run, segment;		/* segment from 1 */
	int outcome;			/* enum store_outcome */
	bool in_doubt;			/* for ever */
	bool wants_report;		/* a report may still come */
	int mr;				/* TP-MR; -1 not told */
	int reaction;			/* enum reaction */
	int report;			/* TP-ST; -1 none yet */
	char cause[32], modem[MODEM_NAME_MAX];
	struct wall_ms started_at, ended_at, report_at;
	struct wall_ms report_scts;	/* a report with the same one is a repetition; 0 none */
	int rule;			/* enum pick_rule: why this SIM */
	const char *looked_at;		/* insert only, borrowed: what was said of other SIMs;
					 * NULL */
};
static inline int64_t store_attempt_message(int64_t attempt) { return attempt >> 16; }
int store_attempt_insert(struct store *s, const struct store_attempt *a);
int store_attempt_save(struct store *s, const struct store_attempt *a);
/* The AT lines around one that did not go well; and all that is told of it (heap, NULL:
 * nothing). */
int store_attempt_trace(struct store *s, int64_t id, const char *trace);
int store_attempt_told(struct store *s, int64_t id, char **ret_looked_at, char **ret_trace);
/* Of all messages, the newest ones first: the next one older than `before` (an id; 0: the
 * newest). */
int store_attempt_before(struct store *s, int64_t before, struct store_attempt *ret);
int store_attempt_get(struct store *s, int64_t id, struct store_attempt *ret);
/* The next attempt of the message behind `after` (0: the first). */
int store_attempt_next(struct store *s, int64_t message, int64_t after, struct store_attempt *ret);
/* Those of a SIM that wait for a report and have this reference (-1: none told), newest first:
 * the next one older than `before` (an id; 0: the newest). */
int store_attempt_waiting(struct store *s, int64_t sim, int mr, int64_t before,
			  struct store_attempt *ret);

/* A report that nothing fitted yet (it may come before the result of its own send). */
struct store_stray {
	int64_t id, sim;
	int mr, status;
	char number[TW_ADDRESS_MAX];
	struct wall_ms scts, at;	/* scts 0: not valid */
};
int store_stray_insert(struct store *s, struct store_stray *r);
int store_stray_delete(struct store *s, int64_t id);
int store_stray_next(struct store *s, int64_t after, struct store_stray *ret);

/* ---- parts of long inbound messages -------------------------------------------------------- */

struct store_assembly {
	int64_t id, sim;
	char sender[TW_ADDRESS_MAX];
	int toa, ref_bits, ref, total, have;
	struct wall_ms first_at, deadline;
	int64_t message;		/* 0 while it waits */
};
/* Those of this key (all but id, have, times and message) that lack a part, newest first. */
int store_assembly_find(struct store *s, const struct store_assembly *key, int64_t before,
			struct store_assembly *ret);
int store_assembly_get(struct store *s, int64_t id, struct store_assembly *ret);
int store_assembly_insert(struct store *s, struct store_assembly *a);
int store_assembly_save(struct store *s, const struct store_assembly *a);	/* have, message */
int store_assembly_due(struct store *s, struct store_assembly *ret);	/* the earliest that
									 * waits */
struct store_part {
	int64_t id, assembly;
	int seq;
	struct wall_ms at;
	int64_t dup;
	uint8_t *pdu;	size_t pdu_n;
};
void store_part_done(struct store_part *p);
int store_part_insert(struct store *s, const struct store_part *p);
int store_part_next(struct store *s, int64_t assembly, int after_seq, struct store_part *ret);

/* Slots of a SIM: which octets were committed from a slot that was not seen empty since. */
int store_slot(struct store *s, int64_t sim, const char *storage, int slot, uint8_t ret_digest[16]);
int store_slot_put(struct store *s, int64_t sim, const char *storage, int slot,
		   const uint8_t digest[16]);
int store_slot_empty(struct store *s, int64_t sim, const char *storage, int slot);

/* ---- consent (contract 3) ------------------------------------------------------------------ */

enum store_consent_kind { STORE_CONSENT_STOP, STORE_CONSENT_START, STORE_CONSENT_JOIN,
			  STORE_CONSENT_LEAVE,
			  STORE_CONSENT_ASK,	/* a list's question was put to them */
			  STORE_CONSENT_ERASE };	/* text: the sequences that were erased */
const char *store_consent_kind_name(enum store_consent_kind k);	/* "stop" "start" "join" … */
/* Rows are never updated, but for erasure. link = SHA-256 over: previous link (32 octets, zeroes at
 * the start), sequence and time (8 octets each, most significant first), list and kind (each behind
 * its length in 4 octets), SHA-256(salt, number), SHA-256(salt, text). docs/consent.md has it octet
 * by octet. */
struct store_consent {
	int64_t account, seq;
	struct wall_ms at;
	char *list;			/* "" the account itself */
	enum store_consent_kind kind;
	char *number, *text;		/* NULL: erased by request, and the salt too */
	int64_t message, line;
	uint8_t salt[16], number_digest[32], text_digest[32], link[32];
};
void store_consent_done(struct store_consent *c);
int store_consent_add(struct store *s, struct store_consent *c);	/* sets seq, salt, digests,
									 * link */
int store_consent_next(struct store *s, int64_t account, int64_t after_seq,
		       struct store_consent *ret);
/* The next one that carries this number. */
int store_consent_of(struct store *s, int64_t account, const char *number, int64_t after_seq,
		     struct store_consent *ret);
int store_consent_head(struct store *s, int64_t account, int64_t *ret_seq, uint8_t ret_link[32]);
/* Whether a row has this sequence, and its link is made of the previous one and of what stands in
 * it. */
bool store_consent_is_sound(const struct store_consent *c, int64_t seq, const uint8_t previous[32]);
/* Walks the chain: 0 sound, TW_E_DB_DAMAGED with the first bad sequence in ret_seq. */
int store_consent_verify(struct store *s, int64_t account, int64_t *ret_seq);
/* Number, text and salt go from the rows of a number; one more row names their sequences. */
int store_consent_erase(struct store *s, int64_t account, const char *number, struct wall_ms at);

/* Lists of an account, and who is on them. */
struct store_list { int64_t id, account; char name[64]; };
int store_list(struct store *s, int64_t account, const char *name, bool make, int64_t *ret);
/* The next one by name; after "": the first. */
int store_list_next(struct store *s, int64_t account, const char *after, struct store_list *ret);
enum store_subscription_state { STORE_LEFT, STORE_JOINED, STORE_ASKED };
struct store_subscription {
	int64_t list, contact;
	enum store_subscription_state state;
	struct wall_ms since;
	char name[64];			/* of the list; read only */
};
int store_subscription(struct store *s, int64_t list, int64_t contact,
		       struct store_subscription *ret);
int store_subscription_put(struct store *s, const struct store_subscription *sub);
/* The next list of a contact; the next contact of a list. In any state. */
int store_subscription_of(struct store *s, int64_t contact, int64_t after_list,
			  struct store_subscription *ret);
int store_subscription_in(struct store *s, int64_t list, int64_t after_contact,
			  struct store_subscription *ret);
/* all of them */
int store_subscriptions_leave(struct store *s, int64_t contact, struct wall_ms at);

/* Erasure. begin: everything but the messages goes at once, and the contact has no number any more;
 * its messages go in slices of n: 1 it is whole, 0 there is more, 2 one of them is queued or under
 * way. What was begun is a row until it is whole. */
int store_erase_begin(struct store *s, const struct store_contact *c, struct wall_ms at);
int store_erasure_next(struct store *s, int64_t after, int64_t *ret_contact, int64_t *ret_done);
int store_erase_slice(struct store *s, int64_t contact, int64_t done, int n);

/* ---- jobs on a modem, and who asked for them ----------------------------------------------- */

enum { STORE_WHO_MAX = 64, STORE_JOB_ERROR_MAX = 160 };
/* Finished jobs are kept for so long; two old ones go with each new one. */
#define STORE_JOB_MS (30 * 24 * 3600 * INT64_C(1000))
struct store_job {
	int64_t id;
	int kind, state;		/* enum job_kind, enum job_state */
	int purpose;			/* what its end is for: the asker's own */
	int64_t ref;			/* a row of the asker's, 0 none */
	int64_t sim;			/* 0: the modem, whichever SIM is in it */
	char modem[MODEM_NAME_MAX];
	char who[STORE_WHO_MAX];	/* who asked for it */
	bool dialogue;			/* a menu without an answer stays open for one */
	int64_t limit_ms;		/* of each step; 0: the usual */
	char error[STORE_JOB_ERROR_MAX];
	struct wall_ms created_at, expires_at, started_at, finished_at;
};
int store_job_insert(struct store *s, struct store_job *j, struct wall_ms now);	/* sets id */
int store_job_save(struct store *s, const struct store_job *j);	/* state, error, times */
int store_job_get(struct store *s, int64_t id, struct store_job *ret);
int store_job_open_next(struct store *s, int64_t after, struct store_job *ret);
struct store_step {		/* strings owned when read */
	int64_t job;
	int n;				/* from 1 */
	char *sent, *got;		/* got NULL: no answer yet */
	int code;			/* of the answer: <m> of +CUSD, enum at_result of a
					 * command */
	struct wall_ms at;
};
void store_step_done(struct store_step *step);
/* Writes a step, or its answer (got not NULL, or at not 0: it ended without one). */
int store_step_put(struct store *s, int64_t job, int n, const char *sent, const char *got, int code,
		   struct wall_ms at);
int store_step_next(struct store *s, int64_t job, int after, struct store_step *ret);
struct store_audit {
	int64_t id, job;
	struct wall_ms at;
	char *who, *action, *about, *text, *outcome;	/* strings owned when read */
};
void store_audit_done(struct store_audit *a);
int store_audit_add(struct store *s, const char *who, const char *action, const char *about,
		    const char *text, const char *outcome, int64_t job, struct wall_ms at);
/* 0: newest */
int store_audit_before(struct store *s, int64_t before, struct store_audit *ret);

/* ---- what leaves for other programs -------------------------------------------------------- */

/* A call or a mail, kept until it is over (hook.h). Those of a chain go one at a time, in the order
 * of their numbers. Strings owned when read. */
enum store_hook_state {
	STORE_HOOK_DUE,		/* at due_at; also while it is under way */
	STORE_HOOK_BEHIND,	/* another one of its chain is in front of it */
	STORE_HOOK_DEAD		/* given up: it waits for a person, and holds up nothing */
};
/* Dead ones are kept for so long. */
#define STORE_HOOK_DEAD_MS (30 * 24 * 3600 * INT64_C(1000))
struct store_hook {
	int64_t id;
	int kind, purpose;		/* enum hook_kind; what its end is for: the asker's own */
	int state, tries;
	int64_t account, contact, ref;	/* 0 none; ref: a row of the asker's */
	bool is_trusted;		/* its address is of the configuration or of a flow */
	bool is_once;			/* a second try might do harm */
	int64_t limit_ms;		/* of one try; 0: the usual */
	struct wall_ms created_at, due_at;
	struct wall_ms until;		/* no further try begins behind it; 0: none */
	char *place, *chain;		/* chain NULL: none */
	char *url, *head, *body;
	size_t body_n;
	char *error;			/* of the last try, NULL none yet */
};
void store_hook_done(struct store_hook *h);
/* The highest number ever given, 0 none; the next insert takes id, or one higher where that is
 * 0. */
int store_hook_last(struct store *s, int64_t *ret);
int store_hook_insert(struct store *s, struct store_hook *h);	/* sets id and state */
int store_hook_save(struct store *s, const struct store_hook *h);	/* state to until, error */
int store_hook_get(struct store *s, int64_t id, struct store_hook *ret);
int store_hook_delete(struct store *s, int64_t id);
/* The first of a chain is due at `at`, if it was behind. No error where there is none. */
int store_hook_release(struct store *s, const char *chain, struct wall_ms at);
enum { STORE_HOOK_PLACE_MAX = 264 };
/* Places where something is due or will be: the next one behind the given ("" the first), and
 * when. */
int store_hook_place(struct store *s, char place[STORE_HOOK_PLACE_MAX], struct wall_ms *ret_due);
/* Of a place, by due time: the next one behind (due, id). */
int store_hook_due(struct store *s, const char *place, struct wall_ms *due, int64_t *id);
/* Dead ones of an account (0: of any), newest first: the next one older than before (0: the
 * newest). */
int store_hook_dead(struct store *s, int64_t account, int64_t before, struct store_hook *ret);
int store_hook_prune(struct store *s, struct wall_ms now);	/* dead ones that are too old */
/* Its name outside, which never changes: "WH" and 32 hex digits. out holds STORE_ID_MAX. */
char *store_hook_name(const struct store *s, int64_t hook, char *out);
int store_hook_read(const struct store *s, const char *name, int64_t *ret);
/* Calls of a SIM's number that ring elsewhere for a time: one a SIM, there until the network has
 * forgotten it. */
enum store_forward_state { STORE_FORWARD_SETTING, STORE_FORWARD_ON,
			   STORE_FORWARD_UNDO,	/* to be taken back at due_at */
			   STORE_FORWARD_UNDOING };
struct store_call_forward {
	int64_t id, sim;
	int state;			/* enum store_forward_state */
	struct wall_ms until, due_at;
	int tries;			/* to take it back that failed */
};
/* id 0: inserts, and sets it */
int store_call_forward_put(struct store *s, struct store_call_forward *f);
int store_call_forward_get(struct store *s, int64_t id, struct store_call_forward *ret);
int store_call_forward_of(struct store *s, int64_t sim, struct store_call_forward *ret);
int store_call_forward_next(struct store *s, int64_t after, struct store_call_forward *ret);
int store_call_forward_del(struct store *s, int64_t id);

/* ---- tokens -------------------------------------------------------------------------------- */

enum { STORE_TOKEN_NAME_MAX = 64, STORE_TOKEN_SID_MAX = 36 };
struct store_token {
	char name[STORE_TOKEN_NAME_MAX];	/* unique in the database */
	char sid[STORE_TOKEN_SID_MAX];	/* "SK" and 32 hex digits */
	char account[128];		/* "": an operator's */
	int scopes;			/* the asker's own bits */
	uint8_t digest[32];		/* SHA-256 of the secret, which is nowhere kept */
	struct wall_ms created_at;
};
int store_token_add(struct store *s, const struct store_token *t);	/* TW_E_EXISTS: its name or
									 * sid */
int store_token_drop(struct store *s, const char *name);	/* TW_E_UNKNOWN */
/* The next one by name; after "": the first. */
int store_token_next(struct store *s, const char *after, struct store_token *ret);

/* ---- conversations ------------------------------------------------------------------------- */

/* A flow file by the SHA-256 of its text, kept while a conversation stands in it. Finds or
 * makes. */
int store_version(struct store *s, const uint8_t hash[32], const char *name, const char *account,
		  const char *text, size_t n, int64_t *ret);
struct store_version { uint8_t hash[32]; char *name, *account, *text; size_t text_n; };	/* heap */
int store_version_get(struct store *s, int64_t id, struct store_version *ret);
void store_version_done(struct store_version *v);
int store_versions_prune(struct store *s);	/* those in which none stands */

/* Where a contact stands in the steps of a flow (struct flow_place). */
struct store_talk {
	int64_t id, contact, line, version;
	int stands;			/* enum flow_stands */
	uint32_t step;
	int tries;
	struct wall_ms first_at, due_at;
	struct wall_ms asked_at;	/* the question was put last; 0 none */
	bool is_behind;			/* its time has come while a question was open */
	int64_t message;		/* the text that brought it here, 0 none */
	char *variables;	size_t variables_n;	/* heap when read */
	int64_t away;			/* the call that it waits for; 0 none */
	bool by_clock;			/* away: what it says behind that is nobody's direct reply
					 * … */
	int lane;			/* … and goes in this lane */
};
void store_talk_done(struct store_talk *t);
int store_talk_put(struct store *s, struct store_talk *t);	/* id 0: inserts, and sets it */
int store_talk_get(struct store *s, int64_t id, struct store_talk *ret);
int store_talk_next(struct store *s, int64_t contact, int64_t after, struct store_talk *ret);
/* The next of any contact. */
int store_talk_any(struct store *s, int64_t after, struct store_talk *ret);
/* How many stand at each step of each version: cb once for each, and it asks nothing of the
 * store. */
struct store_standing { int64_t version; uint32_t step; int stands; int64_t n; };
int store_talks_standing(struct store *s, void (*cb)(void *ctx, const struct store_standing *v),
			 void *ctx);
int store_talk_due(struct store *s, int64_t *ret_id, struct wall_ms *ret_due);	/* the first */
int store_talk_del(struct store *s, int64_t id);
int store_talks_del(struct store *s, int64_t contact);
int store_talks_wake(struct store *s, int64_t contact, struct wall_ms now);	/* those behind */
/* The one that waits for this call: TW_E_UNKNOWN where none does any more. */
int store_talk_away(struct store *s, int64_t call, struct store_talk *ret);
/* those away are due now */
int store_talks_hurry(struct store *s, int64_t contact, struct wall_ms now);

/* Texts that came while a conversation of their contact stood away, or was looked up, in order. */
struct store_held {
	int64_t id, contact, message;
	bool is_new;			/* the account had no such contact before it */
	int64_t lookup;			/* the call that it waits for as well, 0 none … */
	struct wall_ms until;		/* … not longer than this */
};
int store_held_add(struct store *s, struct store_held *h);	/* sets id */
int store_held_get(struct store *s, int64_t id, struct store_held *ret);
int store_held_next(struct store *s, int64_t after, struct store_held *ret);	/* of any contact */
int store_held_first(struct store *s, int64_t contact, struct store_held *ret);
int store_held_count(struct store *s, int64_t contact, int64_t *ret);	/* contact 0: all */
int store_held_until(struct store *s, int64_t id, struct wall_ms until);
int store_held_del(struct store *s, int64_t id);
int store_held_drop(struct store *s, int64_t contact);

/* Which of several keywords within one slip was meant: asked of a contact on a line. */
struct store_slip {
	int64_t contact, line;
	int64_t message;		/* the text with the slip */
	struct wall_ms asked_at;
	char *keys;			/* opaque; heap */
};
void store_slip_done(struct store_slip *v);
int store_slip_put(struct store *s, const struct store_slip *v);
int store_slip(struct store *s, int64_t contact, int64_t line, struct store_slip *ret);
int store_slip_del(struct store *s, int64_t contact, int64_t line);
/* When the oldest was asked; TW_E_UNKNOWN: there are none. */
int store_slips_first(struct store *s, struct wall_ms *ret);
int store_slips_expire(struct store *s, struct wall_ms before);	/* those asked until then go */
/* Whose an inbound text turned out to be when it was looked at again. keyword NULL: none. */
int store_message_taken(struct store *s, int64_t id, int64_t account, int64_t contact,
			const char *keyword);

int store_tag(struct store *s, int64_t contact, const char *name);	/* 0, or TW_E_UNKNOWN */
int store_tag_put(struct store *s, int64_t contact, const char *name, bool is_set);
/* The next tag of a contact by name behind `after` ("": the first); heap. */
int store_tag_next(struct store *s, int64_t contact, const char *after, char **ret_name);
/* The arm of a split that a contact has; kept once chosen. */
enum { STORE_ARM_MAX = 256 };
int store_arm(struct store *s, int64_t contact, const char *split, char out[STORE_ARM_MAX]);
int store_arm_put(struct store *s, int64_t contact, const char *split, const char *arm,
		  struct wall_ms at);

/* What a contact came by, and the first time that a goal was reached. */
struct store_touch { int64_t id; char kind[16], name[256]; struct wall_ms at; };
int store_touch_add(struct store *s, int64_t contact, const char *kind, const char *name,
		    int64_t message, struct wall_ms at);
/* The last one that this message did not bring about. */
int store_touch_last(struct store *s, int64_t contact, int64_t but_message,
		     struct store_touch *ret);
/* ret: the touch that it counts for, id 0 none. TW_E_UNKNOWN: not reached. */
int store_conversion(struct store *s, int64_t contact, const char *goal, struct store_touch *ret);
int store_conversion_add(struct store *s, int64_t contact, const char *goal, int64_t touch,
			 int64_t message, struct wall_ms at);

/* How often goals were reached, by the kind and name of the touch that it counts for ("": none). */
enum { STORE_GOAL_MAX = 128 };
int store_goal_add(struct store *s, int64_t account, const char *goal, const char *kind,
		   const char *name, struct wall_ms at);
/* The next goal of an account that was ever reached, by name. */
int store_goal_next(struct store *s, int64_t account, char name[STORE_GOAL_MAX]);
/* counted: of those reached, the ones that count for something. Never reached: zeroes. */
int store_goal_sum(struct store *s, int64_t account, const char *goal, int64_t *ret_reached,
		   int64_t *ret_counted, struct wall_ms *ret_last_at);
/* The next touch by kind and name behind this one; those that count for nothing are not told. */
struct store_goal_touch { char kind[16], name[256]; int64_t n; struct wall_ms last_at; };
int store_goal_touch_next(struct store *s, int64_t account, const char *goal,
			  struct store_goal_touch *cursor);

/* ---- tickets, and who talks with whom ------------------------------------------------------ */

enum store_ticket_kind { STORE_TICKET, STORE_CALLBACK, STORE_FORWARD };
enum store_ticket_state {
	STORE_TICKET_WAITING,		/* nobody was told yet */
	STORE_TICKET_TOLD,		/* an agent was told and has not answered */
	STORE_TICKET_ANSWERED,		/* an agent has it */
	STORE_TICKET_CLOSED
};
enum { STORE_AGENT_MAX = 64, STORE_ABOUT_MAX = 1024, STORE_TOLD_MAX = 1024 };
struct store_ticket {
	int64_t id, account, contact;
	int64_t tag;			/* #1, #2 … within the account */
	int kind, state;
	int64_t line;			/* the number that the customer texted; 0 none */
	int64_t message;		/* that opened it; 0 none */
	char queue[STORE_AGENT_MAX];	/* "" of a forward */
	char about[STORE_ABOUT_MAX];
	char agent[STORE_AGENT_MAX];	/* who was told last, or who has it */
	char number[TW_ADDRESS_MAX];	/* of that agent; "" none */
	char told[STORE_TOLD_MAX];	/* those who were told, a line each: the exchange's own */
	int64_t within;			/* ms that each has; 0: the queue's */
	int64_t own_line;		/* the long number of agent and customer; 0 none */
	/* 0: not yet, none */
	struct wall_ms opened_at, alerted_at, answered_at, closed_at, due_at;
};
int store_ticket_add(struct store *s, struct store_ticket *t);	/* sets id and tag */
int store_ticket_save(struct store *s, const struct store_ticket *t);
int store_ticket_get(struct store *s, int64_t id, struct store_ticket *ret);
int store_ticket_tagged(struct store *s, int64_t account, int64_t tag, struct store_ticket *ret);
/* The open one of a contact for a queue. */
int store_ticket_for(struct store *s, int64_t contact, const char *queue, struct store_ticket *ret);
/* The next open one behind `after`, oldest first: of a contact; of an account; of an agent's
 * number. */
int store_ticket_of(struct store *s, int64_t contact, int64_t after, struct store_ticket *ret);
int store_ticket_open(struct store *s, int64_t account, int64_t after, struct store_ticket *ret);
int store_ticket_by(struct store *s, const char *number, int64_t after, struct store_ticket *ret);
/* The next older one of an account (0: of any), before 0: the newest; state -1: any. */
int store_ticket_before(struct store *s, int64_t account, int64_t before, int state,
			struct store_ticket *ret);
/* the first */
int store_ticket_due(struct store *s, int64_t *ret_id, struct wall_ms *ret_due);
/* What happened with a ticket, in order. kind: a word; who: an agent, a program, "" twoway. */
struct store_ticket_note {
	int64_t id, ticket;
	struct wall_ms at;
	char kind[16], who[STORE_AGENT_MAX];
	char *text;			/* heap when read */
};
void store_ticket_note_done(struct store_ticket_note *n);
int store_ticket_note_add(struct store *s, const struct store_ticket_note *n);
int store_ticket_note_next(struct store *s, int64_t ticket, int64_t after,
			   struct store_ticket_note *ret);
/* The ticket that an agent's number was shown last. */
int store_shown(struct store *s, const char *number, int64_t *ret_ticket, struct wall_ms *ret_at);
int store_shown_put(struct store *s, const char *number, int64_t ticket, struct wall_ms at);

/* A person talks with a contact in the place of the flow. */
enum store_person_kind { STORE_PERSON_AGENT, STORE_PERSON_FORWARD, STORE_PERSON_TAKEN };
struct store_person {
	int64_t contact;
	int kind;
	int64_t ticket;			/* 0: taken over without one */
	char who[STORE_AGENT_MAX];
	struct wall_ms since, due_at;	/* due_at: then silence has ended it */
};
int store_person(struct store *s, int64_t contact, struct store_person *ret);
int store_person_put(struct store *s, const struct store_person *p);
int store_person_del(struct store *s, int64_t contact);
int store_person_due(struct store *s, struct store_person *ret);	/* the first; TW_E_UNKNOWN:
									 * none */

/* What an operator asked for by text, until its code comes back. With a new one those go that were
 * used a month ago, or never within an hour. */
enum { STORE_ORDER_MAX = 160, STORE_ORDER_CODE = 8 };
struct store_order {
	int64_t id;
	char number[TW_ADDRESS_MAX], code[STORE_ORDER_CODE], command[STORE_ORDER_MAX];
	int64_t wrong;			/* codes that came back and were none */
	struct wall_ms at, used_at;	/* used_at 0: not yet */
};
int store_order_add(struct store *s, struct store_order *o);
int store_order_find(struct store *s, const char *number, const char *code,
		     struct store_order *ret);
/* command: as it may be kept. */
int store_order_use(struct store *s, int64_t id, const char *command, struct wall_ms at);
/* A wrong code counts against all that wait since then. */
int store_order_wrong(struct store *s, const char *number, struct wall_ms since, int *ret_waiting);

/* ---- vouchers, pledges --------------------------------------------------------------------- */

enum { STORE_CODE_MAX = 128 };
struct store_voucher {
	char code[STORE_CODE_MAX];
	int64_t contact, redeemed_by;		/* 0 none */
	struct wall_ms drawn_at, redeemed_at;	/* 0 not yet */
};
int store_voucher(struct store *s, int64_t account, const char *series, const char *key,
		  struct store_voucher *ret);
/* TW_E_EXISTS: there is this code. contact 0: nobody drew it. */
int store_voucher_add(struct store *s, int64_t account, const char *series, const char *key,
		      const struct store_voucher *v);
int store_voucher_use(struct store *s, int64_t account, const char *series, const char *key,
		      int64_t contact, struct wall_ms at);
int store_voucher_count(struct store *s, int64_t contact, const char *series, int64_t *ret);
int store_voucher_last(struct store *s, int64_t contact, const char *series,
		       char out[STORE_CODE_MAX]);
/* 0 or TW_E_UNKNOWN */
int store_voucher_used(struct store *s, int64_t contact, const char *series);
/* The next code of an account by series and key, after "" and "": the first; only_series: of this
 * one. */
struct store_voucher_row { char series[64]; char key[STORE_CODE_MAX]; struct store_voucher v; };
int store_voucher_next(struct store *s, int64_t account, const char *only_series,
		       struct store_voucher_row *cursor);
struct store_series { int64_t drawn, redeemed, place; };
int store_series(struct store *s, int64_t account, const char *name, struct store_series *ret);
int store_series_put(struct store *s, int64_t account, const char *name,
		     const struct store_series *v);
/* The next series of which a code was given or redeemed, by name. */
int store_series_next(struct store *s, int64_t account, char name[64], struct store_series *ret);
/* amount in hundredths. */
int store_pledge_add(struct store *s, int64_t account, const char *name, int64_t contact,
		     int64_t amount, int64_t message, struct wall_ms at);
/* The newest pledge of an account older than `before` (an id; 0: the newest). amount in
 * hundredths. */
struct store_pledge { int64_t id, contact, amount, message; struct wall_ms at; char name[64]; };
int store_pledge_before(struct store *s, int64_t account, int64_t before, struct store_pledge *ret);

/* ---- gauges -------------------------------------------------------------------------------- */

/* How many there are now, this turn's changes included; at once, however many. kind:
 * conversations by how they stand, hooks by theirs, else 0. */
enum store_gauge {
	STORE_GAUGE_TALKS,		/* open conversations */
	STORE_GAUGE_PEOPLE,		/* contacts with whom a person talks */
	STORE_GAUGE_TICKETS,		/* open ones */
	STORE_GAUGE_HOOKS_DUE,		/* or under way, or waiting for their next try */
	STORE_GAUGE_HOOKS_BEHIND,	/* another of their chain */
	STORE_GAUGE_HOOKS_DEAD,
	STORE_GAUGES
};
int store_gauge(struct store *s, enum store_gauge gauge, int kind, int64_t *ret);

/* ---- figures: running totals --------------------------------------------------------------- */

/* What is counted, by name. The account's own, with the name "", is what belongs to no other. */
#define STORE_TOPICS(X)                                                                            \
	X(STORE_TOPIC_ACCOUNT, "account")                                                          \
	X(STORE_TOPIC_KEYWORD, "keyword")	/* its first match */                              \
	X(STORE_TOPIC_ARM, "arm")		/* "split/arm" */                                  \
	X(STORE_TOPIC_SERIES, "voucher")                                                           \
	X(STORE_TOPIC_LIST, "list")                                                                \
	X(STORE_TOPIC_QUEUE, "queue")                                                              \
	X(STORE_TOPIC_CALENDAR, "calendar")                                                        \
	X(STORE_TOPIC_GOAL, "goal")                                                                \
	X(STORE_TOPIC_CAMPAIGN, "campaign")	/* "name", or "name/arm" */                        \
	X(STORE_TOPIC_PLEDGE, "pledge")
enum store_topic_kind {
#define X(name, text) name,
	STORE_TOPICS(X)
#undef X
	STORE_TOPIC_KINDS
};
const char *store_topic_name(enum store_topic_kind k);
enum { STORE_TOPIC_MAX = 512 };
struct store_topic { int64_t id, account; int kind; char name[STORE_TOPIC_MAX]; };
int store_topic(struct store *s, struct store_topic *t);	/* finds or makes; sets id */
int store_topic_get(struct store *s, int64_t id, struct store_topic *ret);
/* Whether the contact comes by this for the first time: 1, and it is noted; 0 they did before. */
int store_customer(struct store *s, int64_t contact, int64_t topic);

#define STORE_FIGURES(X)                                                                           \
	X(FIGURE_RECEIVED, received)	/* texts that came in; of an arm: runs through it */       \
	X(FIGURE_QUEUED, queued)		/* texts that were made to go out */               \
	X(FIGURE_SENT, sent)                                                                       \
	X(FIGURE_DELIVERED, delivered)                                                             \
	X(FIGURE_FAILED, failed)		/* undelivered and expired ones too */             \
	X(FIGURE_SEGMENTS, segments)	/* of those sent */                                        \
	X(FIGURE_CUSTOMERS, customers)	/* contacts who came by it for the first time */           \
	X(FIGURE_CONVERSIONS, conversions)	/* goals that count for it; of a goal: all */ \
	X(FIGURE_ANSWERS, answers)	/* replies that were sent … */                             \
	X(FIGURE_ANSWER_MS, answer_ms)	/* … and the time they took, from the text, together */    \
	X(FIGURE_JOINS, joins)                                                                     \
	X(FIGURE_LEAVES, leaves)		/* of a list; of a campaign: STOPs behind it */ \
	X(FIGURE_DRAWN, drawn)                                                                     \
	X(FIGURE_REDEEMED, redeemed)                                                               \
	X(FIGURE_PROMOTERS, promoters)	/* answers of 9 and 10 to a question for 0..10 */          \
	X(FIGURE_PASSIVES, passives)                                                               \
	X(FIGURE_DETRACTORS, detractors)
enum store_figure {
#define X(name, column) name,
	STORE_FIGURES(X)
#undef X
	FIGURE_COUNT
};
const char *store_figure_name(enum store_figure f);
/* Rows of an hour are written as things happen; hours that are over are added up into days, and
 * into what has ever been (at 0). Hours and days begin as in the account's zone. */
enum store_level { STORE_HOUR, STORE_DAY, STORE_EVER };
struct store_figures {
	int level;			/* enum store_level */
	struct wall_ms at;		/* when it began */
	int64_t topic, line;		/* line 0: no long number yet */
	int64_t n[FIGURE_COUNT];
};
int store_figures_add(struct store *s, const struct store_figures *f);
/* The next row behind this one (level, at, topic, line) of the same level. */
int store_figures_next(struct store *s, struct store_figures *cursor);
/* Hours older than that go, at most n of their rows. */
int store_figures_prune(struct store *s, struct wall_ms before, int n);

/* What is counted beside messages, by the hour as the account has it: of a queue its tickets, of a
 * calendar its times, of a pledge the promises and what they come to, in hundredths. */
enum store_desk_tally { STORE_DESK_OPENED, STORE_DESK_ANSWERED, STORE_DESK_ESCALATED,
			STORE_DESK_CLOSED,
			STORE_DESK_ANSWER_MS };	/* from the opening, of all answered together */
enum store_booking_event { STORE_DID_OFFER, STORE_DID_BOOK, STORE_DID_MOVE, STORE_DID_CONFIRM,
			   STORE_DID_CANCEL, STORE_DID_REMIND };
enum store_pledge_tally { STORE_PLEDGES, STORE_PLEDGED };
enum { STORE_TALLIES = 6 };
struct store_tally { int64_t topic; struct wall_ms at; int64_t n[STORE_TALLIES]; };
int store_tally_add(struct store *s, const struct store_tally *t);
/* The next row behind this one (topic, at). */
int store_tally_next(struct store *s, struct store_tally *cursor);

/* Totals ahead of their rows: what a commit adds to figures and SIMs is one row of a ledger. These
 * are added up now and then, in one transaction with their end: a kill loses none and counts none
 * twice. */
struct store_ledger {
	struct store_figures *figures;	/* of level STORE_HOUR, one for each hour, topic and line */
	struct store_sim_totals *sims;	/* one for each SIM */
	size_t n_figures, cap_figures, n_sims, cap_sims;
};
void store_ledger_done(struct store_ledger *t);
void store_ledger_clear(struct store_ledger *t);	/* the room stays */
void store_ledger_figures(struct store_ledger *t, const struct store_figures *add);
void store_ledger_sim(struct store_ledger *t, const struct store_sim_totals *add);
void store_ledger_merge(struct store_ledger *t, const struct store_ledger *add);
/* A row of the ledger; nothing where nothing is to be added. */
int store_ledger_put(struct store *s, const struct store_ledger *t);
/* Adds what all rows of the ledger say; how many there are. */
int store_ledger_load(struct store *s, struct store_ledger *t);
/* Brings what all rows say, which is t, into the totals; the rows end. */
int store_ledger_settle(struct store *s, const struct store_ledger *t);

/* ---- campaigns ----------------------------------------------------------------------------- */

#define STORE_CAMPAIGN_STATES(X)                                                                   \
	X(CAMPAIGN_DRAFT, "draft")                                                                 \
	X(CAMPAIGN_SCHEDULED, "scheduled")                                                         \
	X(CAMPAIGN_QUEUEING, "queueing")	/* its list is gone through */                     \
	X(CAMPAIGN_SENDING, "sending")		/* all that it sends is queued */                  \
	X(CAMPAIGN_DONE, "done")                                                                   \
	X(CAMPAIGN_CANCELING, "canceling")	/* what it queued is taken back */                 \
	X(CAMPAIGN_CANCELED, "canceled")
enum store_campaign_state {
#define X(name, text) name,
	STORE_CAMPAIGN_STATES(X)
#undef X
	CAMPAIGN_STATE_COUNT
};
const char *store_campaign_state_name(enum store_campaign_state s);
bool store_campaign_is_over(enum store_campaign_state s);
enum { STORE_CAMPAIGN_NAME_MAX = 64, STORE_CAMPAIGN_ARMS = 8 };
struct store_campaign_arm {
	char name[STORE_CAMPAIGN_NAME_MAX];	/* "" where there is one text only */
	int64_t weight, topic;
	char *text;			/* a template */
};
struct store_campaign {			/* strings that are pointers: never NULL when read */
	int64_t id, account;
	char name[STORE_CAMPAIGN_NAME_MAX];
	char list[64];
	char *when;			/* an expression; "" all of the list */
	char pool[64], series[64];	/* "" none */
	int64_t line;			/* From; 0 any */
	int64_t pace;			/* messages an hour; 0 no limit of its own */
	struct wall_ms created_at, send_at, until, started_at, finished_at;
	int state;			/* enum store_campaign_state */
	bool is_paused;
	char reason[160];		/* why it is paused, where nobody asked for it */
	int64_t cursor;			/* the last contact of the list that was looked at */
	int64_t queued, no_consent, unmatched, refused;	/* contacts so far, by what became of
							 * them */
	struct store_campaign_arm arms[STORE_CAMPAIGN_ARMS];
	size_t n_arms;
};
void store_campaign_done(struct store_campaign *c);
int store_campaign_add(struct store *s, struct store_campaign *c);	/* sets id; TW_E_EXISTS: its
									 * name */
/* state to refused, started_at … */
int store_campaign_save(struct store *s, const struct store_campaign *c);
int store_campaign_get(struct store *s, int64_t id, struct store_campaign *ret);
int store_campaign_find(struct store *s, int64_t account, const char *name, int64_t *ret);
/* The next one by id; of an account, or of all (0); only_open: that is not over. */
int store_campaign_next(struct store *s, int64_t account, bool only_open, int64_t after,
			struct store_campaign *ret);
/* The next contact of a list, with what it is to the list. */
int store_member_next(struct store *s, int64_t list, int64_t after, int *ret_state,
		      struct store_contact *ret);

/* ---- appointments, events of the clock ------------------------------------------------------ */

enum store_booking_state { STORE_BOOKED, STORE_CONFIRMED, STORE_CANCELED };
enum { STORE_CALENDAR_MAX = 64 };
struct store_booking {
	int64_t id, account, contact;
	char calendar[STORE_CALENDAR_MAX];
	int64_t line;			/* by which its contact is texted; 0 any */
	struct wall_ms starts_at, ends_at;
	enum store_booking_state state;
	int changes;			/* since it was made */
	struct wall_ms made_at, changed_at;
	struct wall_ms reminded_at, remind_at;	/* last; next: 0 never again */
};
/* id 0: inserts, and sets it. TW_E_EXISTS: somebody has this time of the calendar. */
int store_booking_put(struct store *s, struct store_booking *b);
int store_booking(struct store *s, int64_t id, struct store_booking *ret);
/* "AP" and 32 hex digits, as of messages: nobody can guess one. out holds STORE_ID_MAX. */
char *store_booking_name(const struct store *s, int64_t booking, char *out);
int store_booking_read(const struct store *s, const char *name, int64_t *ret);
/* 0: another than `but` is booked within [from, to), and ends then; TW_E_UNKNOWN: none is. */
int store_booking_clash(struct store *s, int64_t account, const char *calendar, struct wall_ms from,
			struct wall_ms to, int64_t but, struct wall_ms *ret_end);
/* The contact's next one that is not canceled. */
int store_booking_next(struct store *s, int64_t contact, const char *calendar, struct wall_ms after,
		       struct store_booking *ret);
int store_booking_due(struct store *s, struct store_booking *ret);	/* to be reminded of
									 * first */
struct store_booking_query {
	int64_t account, contact;	/* 0 any */
	const char *calendar;		/* NULL any */
	bool with_canceled;
	int state;			/* enum store_booking_state + 1, 0 any */
	struct wall_ms until;		/* those that start earlier; 0: open */
	struct wall_ms from;		/* keyset: those that start later, or then with a greater
					 * id */
	int64_t after;
};
/* The first, by time. */
int store_booking_list(struct store *s, const struct store_booking_query *q,
		       struct store_booking *ret);
/* An event of the clock: when it comes next, and how far it has come. name: heap when read. */
struct store_at {
	int64_t id, account;
	char *name;
	struct wall_ms due_at;
	bool is_running;
	int64_t cursor;			/* the last contact that was looked at */
	int64_t runs, contacts;		/* so far: times, and contacts that it ran for */
};
void store_at_done(struct store_at *a);
int store_at_next(struct store *s, int64_t after, struct store_at *ret);	/* by id */
int store_at_put(struct store *s, struct store_at *a);	/* id 0: inserts, and sets it */
int store_at_del(struct store *s, int64_t id);

/* ---- small things -------------------------------------------------------------------------- */

/* A fact about this database that the program keeps for itself. */
int store_note(struct store *s, const char *key, char *out, size_t cap);
int store_note_put(struct store *s, const char *key, const char *text);

/* Settings that win over the configuration; value as it would stand there, NULL: no longer
 * (TW_E_UNKNOWN: there is none). next: by name, after "": the first; heap. */
int store_setting_put(struct store *s, const char *name, const char *value);
int store_setting_next(struct store *s, const char *after, char **ret_name, char **ret_value);

/* "PIN tried" for this SIM (or IMEI) and this PIN. TW_E_EXISTS when it was tried already. */
int store_pin_tried(struct store *s, const char *identity, const uint8_t hash[32],
		    struct wall_ms at);
/* The PIN opened the SIM: it may be sent again. No error where there is no row. */
int store_pin_worked(struct store *s, const char *identity, const uint8_t hash[32]);
int store_pin_next(struct store *s, int64_t *cursor, char identity[STORE_SIM_MAX],
		   uint8_t ret_hash[32]);
/* The message first made with this key of this account, and the digest of what was asked then; kept
 * STORE_IDEMPOTENCY_MS. */
#define STORE_IDEMPOTENCY_MS (24 * 3600 * INT64_C(1000))
enum { STORE_DIGEST = 16 };
int store_idempotency(struct store *s, int64_t account, const char *key, struct wall_ms now,
		      int64_t *ret_message, uint8_t ret_digest[STORE_DIGEST]);
int store_idempotency_put(struct store *s, int64_t account, const char *key, int64_t message,
			  const uint8_t digest[STORE_DIGEST], struct wall_ms now);
/* The same of other requests, by who asks (login): the answer, or the job that gives it. Kept as
 * long. Heap. */
struct store_replay {
	uint8_t digest[STORE_DIGEST];
	int status;			/* of the answer; 0: the job's */
	int64_t job;			/* 0: none */
	char *answer;
	size_t answer_n;
};
int store_replay(struct store *s, const char *login, const char *key, struct wall_ms now,
		 struct store_replay *ret);
int store_replay_put(struct store *s, const char *login, const char *key,
		     const struct store_replay *v, struct wall_ms now);
void store_replay_done(struct store_replay *v);
/* Something that a person may want to know: a loop that was cut, a SIM that was refused. */
int store_event_add(struct store *s, const char *kind, const char *about, const char *text,
		    int64_t message, struct wall_ms at);
struct store_event {
	int64_t id, message;
	struct wall_ms at;
	char *kind, *about, *text;
};
void store_event_done(struct store_event *e);
int store_event_before(struct store *s, int64_t before, struct store_event *ret);

/* What watchers are told, in order. about NULL: the message. Two old rows go with each new one:
 * those
 * older than STORE_NEWS_MS, and beyond STORE_NEWS_MAX. */
#define STORE_NEWS_MS (24 * 3600 * INT64_C(1000))
enum { STORE_NEWS_MAX = 1000000 };
struct store_news {
	int64_t id, message, account;	/* account 0: nobody's, for operators only */
	struct wall_ms at;
	char kind[40], *about;		/* heap, NULL */
};
void store_news_done(struct store_news *n);
int store_news_add(struct store *s, const struct store_news *n);	/* id is chosen */
int store_news_next(struct store *s, int64_t after, struct store_news *ret);
/* 0: there are none */
int store_news_ends(struct store *s, int64_t *ret_first, int64_t *ret_last);

#endif
