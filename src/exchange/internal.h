/* Private to src/exchange: what is in memory and which file does what.
 *
 * Two kinds of things are in memory. Copies of the store (queues' lengths, messages under way,
 * parts' deadlines) are read again whenever a turn was void. Facts about the world (which attempt
 * is on which modem, results that could not be written yet) are kept, for no row knows them. */
#ifndef TWOWAY_EXCHANGE_INTERNAL_H
#define TWOWAY_EXCHANGE_INTERNAL_H

#include <twoway/exchange.h>
#include <twoway/hook.h>

enum {
	X_RETRY_AFTER_VOID_MS = 1000,	/* events of a void turn are tried again after this */
	X_PARTIAL_MS = 10 * 60 * 1000,	/* a half-sent message keeps its SIM for so long (design
					 * 4) */
	X_PARTIAL_FIRST_MS = 5000, X_PARTIAL_LAST_MS = 60000,
	X_REST_FIRST_MS = 5000, X_REST_LAST_MS = 5 * 60 * 1000,	/* a SIM that cannot send now */
	X_REST_PERSON_MS = 10 * 60 * 1000,	/* a SIM that a person must look at */
	X_STRAY_MS = 10 * 60 * 1000,	/* a report that fits nothing waits for its send's result */
	X_FIRST_SIGHT_MS = 10 * 60 * 1000,	/* texts older than the SIM's first sight by this */
	X_LOOP_MS = 10 * 60 * 1000, X_LOOP_COUNT = 4,
	X_HOUR_MS = 3600 * 1000,
	X_CAREFUL_TURNS = 64,	/* with a savepoint an event, after one failed without */
	X_STARVE = 8,			/* so many from higher lanes, then one from a lower */
	X_TRACE_MAX = 1500,		/* octets of AT lines kept with an attempt that went
					 * wrong */
	X_PARK_MS = 15 * 60 * 1000,	/* a message that blocks its queue is looked at again after
					 * this */
	X_PACE_SLACK_MS = 2000,		/* a send may always take so much longer than it should */
	X_PACE_FRESH_MS = 10 * 60 * 1000,	/* so long a measured time is believed */
	X_LOOKED_MAX = 16,		/* SIMs whose verdicts are kept with an attempt */
	X_ACCOUNTS_MAX = 64,		/* of one contact, looked at for one text */
	X_JOBS_WAITING = 16,		/* of one modem */
	X_JOB_WAIT_MS = 60 * 1000,	/* for its modem, unless said otherwise */
	X_JOB_ASK_MS = 60 * 1000,	/* a menu stays open for its answer */
	X_JOB_SPARE_MS = 90 * 1000,	/* beyond its limit: then the modem has lost it */
	X_UNREPORTED = 64,		/* sends of a SIM whose reports are waited for, a sample of
					 * them */
	X_HEALTH_MS = 10 * 1000,	/* so often averages are written, and late reports
					 * counted */
	X_TESTS = 8,			/* between SIMs, under way at once */
	X_LEDGER_MS = 60 * 1000, X_LEDGER_ROWS = 256,	/* then the ledger of totals is added up */
	X_GATHER_MS = 2,		/* a commit waits so long for others that may ride on it */
	X_ALERT_KINDS_MAX = 24,
	X_SLICE = 64,			/* rows that the agenda works off in one turn */
	X_LOOK = 256			/* rows that it only looks at */
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
	bool is_asked;			/* and its modem was asked for a prompt already */
	int64_t taken_back;		/* attempt of a void turn, whose end is no news; 0: none */
	int64_t job;			/* that it was given, or will be after the commit; 0 none */
	uint64_t job_in;		/* event whose commit the job waits for; 0: none */
	bool had_job;			/* since its last send: a send goes before the next job */
	int failures;			/* in a row, of the SIM's own … */
	char rest_cause[32];		/* … and what the last one was */
	int64_t no_validity;		/* the SIM whose service centre takes no TP-VP; 0 none */
	int streak;			/* messages of higher lanes in a row while a lower one
					 * waited */
	const struct settings_sim *entry;	/* its own in the settings, NULL none */
	struct quota_plan plan;
	bool is_limited;
	struct quota_used used;
	char country[3];
	int64_t last_sim;		/* that was in it, also while that is read again */
	struct store_care care;
	int64_t care_of;		/* the SIM that it is read of; 0: none */
	bool care_dirty;
	const struct settings_balance *money;	/* of its operator; NULL: its balance is not
						 * asked */
	int64_t burn;			/* QUOTA_MONEY a day, -1 not known */
	struct wall_ms ask_at;		/* its balance, earlier than the schedule has it; 0: no
					 * wish */
	struct wall_ms told_until;	/* its balance may come as a text until then */
	int unread;			/* asked in a row without an amount in the answer */
	int health;			/* as it is chosen by: below PICK_SOUND it is asked last */
	/* attempt 0: free */
	struct { int64_t attempt; struct wall_ms at; } unreported[X_UNREPORTED];
	int64_t probe;			/* attempt that may bring it back; 0: none is under way */
	bool health_dirty;
	int strikes;			/* test texts in a row that did not reach it … */
	int64_t strike_from;		/* … the last by this SIM */
	struct wall_ms tested_at, tester_at;	/* as recipient, as sender */
	int64_t pace;			/* ms a segment takes it, 0 not measured yet */
	struct mono_ms paced_at, launched_at, free_since;
	int64_t last;			/* attempt: the AT lines of the modem tell of it */
	enum modem_state state;		/* as seen in this look */
	uint64_t looked;
	char hex[MODEM_SEND_MAX];	/* what goes after the commit */
	int length;
	bool more;
	struct { int64_t sent, received, failed; bool dirty; } add;	/* totals of this turn */
};

/* Those that hold a message: all, or those of one long number. */
struct queue_list { struct route **v; size_t n, cap; int64_t segments; };

/* The first message of a queue; id 0: ask, unless it cannot be due yet. */
struct head { int64_t id; struct wall_ms due; int segments; };

/* Queues by lane: messages with the same answer to "which SIMs may". */
struct route {
	struct store_route row;
	struct destination to;
	int64_t n[LANE_COUNT], segments[LANE_COUNT];
	struct head head[LANE_COUNT];
	struct queue_list *list;
	size_t active_at, list_at;	/* places in exchange.active and list, plus one; 0: none */
	uint64_t ranked[LANE_COUNT], calmed[LANE_COUNT];	/* looks in which these are
								 * right: */
	int64_t best[LANE_COUNT];	/* rank of the best SIM to be counted on */
	struct wall_ms quiet[LANE_COUNT];
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

/* A message that stands at the head of its queue. */
struct pick { struct route *route; int lane; int64_t id; struct wall_ms due; };

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
enum job_purpose { JOB_FOR_PERSON, JOB_FOR_BALANCE, JOB_FOR_TOP_UP, JOB_FOR_CALL_FORWARD,
		   JOB_PURPOSE_COUNT };
/* A walk through all queued messages, by their expiry. */
struct review { bool is_due; struct store_placed cursor; };

/* Of whom steps ask, and which accounts had them before this text. */
struct asked { char from[TW_ADDRESS_MAX]; int64_t known[X_ACCOUNTS_MAX]; size_t n; bool all_known;
	       int error; };	/* of a read that failed meanwhile */

struct account_name { char text[128]; };

/* A pool that an account made. */
struct own_pool { struct store_pool row; struct tw_strings numbers; };
/* What was counted and is not written yet: once a commit, what is of one row together
 * (figures.c). */
struct figure_mark { int64_t account, topic, line, by; enum store_figure figure; };
struct figures {
	struct figure_mark *v;
	size_t n, cap, event_n;		/* event_n: before the event that runs */
	struct tw_map topics;		/* account, kind, name -> row */
	struct wall_ms roll_at;		/* hours that are over are added up; 0: ask */
	struct store_figures cursor;	/* the last row of an hour that is in its day; at 0: none */
};

/* What became of a message, on disk: told once the modems have what is theirs. */
struct to_tell { int64_t message; int state; };

struct exchange {
	struct store *store;
	struct bank *bank;
	struct hook *hook;		/* NULL: nothing leaves */
	bool has_callbacks;		/* some message ever had a URL that is told of its states */
	const struct settings *settings;
	const struct flows *flows;
	struct tw_now now;
	struct wall_ms started_at;
	struct tw_random random;

	struct station **stations;	/* by the handle's slot */
	uint32_t n_stations;
	struct tw_map routes;		/* id -> struct route */
	struct queue_list active, general;	/* all; those bound to no number */
	struct tw_map bound;		/* line -> struct queue_list of the others */
	uint64_t look;			/* counts looks at the stations: a turn, a hand-out */
	bool has_ranks;			/* SIMs differ in country, cost or health */
	int64_t fastest;		/* ms a segment takes the fastest modem */
	struct station **idle;
	size_t cap_idle;
	struct pick stuck;		/* more segments than the SIM that looked at it ever may
					 * send */
	int moves;			/* messages moved between queues in this hand-out */
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
	struct figures figures;
	struct store_ledger ledger, adding;	/* not in totals yet; what this commit adds to it */
	int n_ledger;			/* rows of the ledger */
	struct store_ledger settled;	/* what was added up last … */
	uint64_t n_settled;		/* … and how often it was */
	struct wall_ms ledger_at;	/* they are added up; X_NEVER: there are none */
	struct running **campaigns;	/* that are not over: campaign.c */
	size_t n_campaigns, cap_campaigns;
	struct wall_ms campaign_at;	/* one of them has something to do; never later */
	struct mono_ms inbound_at, campaign_sliced_at;	/* a text came in; contacts were gone
							 * through */
	struct asked asked;
	struct tw_map versions;		/* row of a version -> its set, compiled when asked for */
	struct tw_map arms;		/* split -> arm that a test has chosen */
	bool is_play;			/* texts come from no modem: play.c */
	bool is_seeded, prunes;		/* prunes: versions in which nobody stands may go */
	bool moves_talks;		/* conversations to the flows of now; those up to this are
					 * done: */
	int64_t move_after;
	char *question_variables;	/* of the question that is open in this text */
	struct wall_ms slip_at;		/* a question which keyword was meant is forgotten; X_NEVER:
					 * none is open */
	char *slip_keys, *slip_text;	/* of the one that is open in this text */
	struct wall_ms talk_at;		/* a conversation is due; 0: ask; never later */
	int64_t n_held;			/* texts that wait … */
	struct wall_ms held_at;		/* … and when they are looked at */
	struct wall_ms forward_at;	/* calls are forwarded no longer; 0: ask; never later */
	struct wall_ms ticket_at, person_at;	/* the same of tickets, and of people who fall
						 * silent */
	bool has_people;		/* somebody may talk with a contact */
	struct wall_ms remind_at, clock_at;	/* a reminder, an event of the clock; 0: ask; never
						 * later */
	bool books_due;			/* reminders are to be looked at again, from here: */
	struct store_booking_query books;
	struct clock_event *clocks;	/* clock.c */
	size_t n_clocks;
	bool clocks_known;
	int64_t clock_failed;	/* contact for whom an event failed; 0 none */
	struct tw_strings languages;	/* of outbound texts: settings, as ids in language_ids */
	uint8_t language_ids[16];

	struct open_job **jobs;		/* by id */
	size_t n_jobs, cap_jobs;
	struct tw_map secrets;		/* job -> its text with a PIN or a voucher's code, which no
					 * row holds */

	struct redo *redo;
	size_t n_redo, cap_redo, redo_done;
	struct mono_ms retry_at;
	struct mono_ms gathers_until;	/* a commit waits for others that may ride on it; 0: none
					 * does */
	/* 0: ask; never later */
	struct wall_ms scheduled_at, expiry_at, assembly_at, sending_at;
	struct review review;
	struct store_placed expiry_cursor;	/* place 0: not looking */
	struct wall_ms expiry_next;	/* the earliest seen on the way */
	int64_t expiry_seen;
	struct wall_ms sticky_at;	/* numbers that stay away are looked at */
	struct wall_ms erase_at, heads_at;	/* messages to be erased; the chains' heads are
						 * logged */
	struct wall_ms queue_at;	/* the earliest head that some idle SIM waits for */
	struct store_test tests[X_TESTS];	/* under way */
	size_t n_tests;
	struct wall_ms test_at;		/* the next look at them */
	bool is_hiding;			/* what is made now is told to no watcher */
	struct store_alert *alerts;	/* that go on */
	size_t n_alerts, cap_alerts;
	struct wall_ms alerted_at[X_ALERT_KINDS_MAX];	/* by kind: when it was told last */
	struct wall_ms alert_at, none_ready_since;	/* the next look; 0: some modem is ready */
	int64_t alert_avoids;		/* SIM by which one did not get through */
	struct wall_ms health_at, health_kept_at;	/* a report is late; averages were
							 * written */
	struct wall_ms balance_at;	/* the next question for a balance */
	struct wall_ms inbound_last_at;
	bool has_launched;		/* since the last commit */
	int careful;			/* turns for which every event gets a savepoint */
	bool is_stale;			/* the last turn was void: stations look their SIMs up
					 * again */
	uint64_t event_no;
	uint64_t duplicates, voids;
	struct flow_result intents;
	struct view *view;		/* of dispatch.c: room for what a flow may look at */

	void (*guest)(void *ctx, struct tw_now now);
	void *guest_ctx;
	struct own_pool *pools;
	size_t n_pools;
	struct wall_ms watched_until, watched_noted;	/* news are written until then; as the store
							 * has it */
	struct to_tell *to_tell;
	size_t n_to_tell, cap_to_tell;
	exchange_watch_cb *watch;
	void *watch_ctx;
	exchange_modem_event_cb *modem_watch;
	void *modem_watch_ctx;
	char broken[160];
};

/* turn.c: one event of the turn; what fails is undone alone, and memory read again. A frequent one,
 * that fails by a fault only, is begun bare: the first fault makes the turn void, and when it comes
 * again it is undone alone. */
void event_begin(struct exchange *x);
void event_begin_bare(struct exchange *x);
int event_end(struct exchange *x, int code, const char *what);
void redo_keep(struct exchange *x, const struct redo *take_r);	/* with its text */

/* station.c */
struct station *station_of(struct exchange *x, struct tw_handle h);	/* made at first sight */
int modem_identified(struct exchange *x, struct tw_handle modem);	/* status.c */
int station_pause(struct exchange *x, const char *called, bool paused);	/* inside an event; behind
									 * its commit */
struct station *station_by_sim(struct exchange *x, int64_t sim);	/* NULL: not in a modem */
struct station *station_by_line(struct exchange *x, int64_t line);
/* Reads again which SIM is in it; writes its row when new or changed. 0 or TW_E_*. */
int station_refresh(struct exchange *x, struct station *st);
void station_count(struct station *st, int sent, int received, int failed);
/* The modem's last AT lines (heap) while it has done nothing since this attempt; else NULL. */
char *station_trace(struct exchange *x, int64_t sim, int64_t attempt);
void station_measure(struct exchange *x, struct station *st);	/* its send has ended well */
void stations_collect(struct exchange *x);	/* into x->adding */
void station_rest(struct exchange *x, struct station *st, int64_t ms);
bool station_is_present(struct exchange *x, const struct station *st);
bool station_may(struct exchange *x, const struct station *st, const struct route *r);
bool station_in_pool(struct exchange *x, const struct station *st, const struct route *r);
int account_id(struct exchange *x, const char *name, int64_t *ret);
const char *account_of_id(struct exchange *x, int64_t id, char *out, size_t cap);
uint16_t station_next_ref(struct exchange *x, struct station *st);
enum modem_state station_state(struct exchange *x, struct station *st);	/* in this look */
/* Whether an account may send from a long number, whose SIM may be away. pool NULL or "": any. */
bool line_may(struct exchange *x, int64_t line, int64_t account, const char *pool);

/* spend.c: what SIMs have used of their quotas. */
int spend_load(struct exchange *x, struct station *st);
int spend_roll(struct exchange *x, struct station *st);
int spend_charge(struct exchange *x, struct station *st, const struct sending *s);
/* An attempt was not accepted: its quota is given back, also when its SIM is gone. */
int spend_refund(struct exchange *x, const struct sending *s);
const struct settings_sim *sim_settings(const struct exchange *x, const char *iccid,
					const char *number);

/* review.c: queues after a change of settings. */
int review_load(struct exchange *x);
int review_run(struct exchange *x);
int review_route(struct exchange *x, struct store_message *m);	/* sets the route that fits now */

/* choose.c: which message an idle SIM takes. */
bool choose_next(struct exchange *x, struct station *st, struct pick *ret);
struct pick_order choose_order(struct exchange *x, struct route *r, int lane, int segments,
			       struct wall_ms due);
struct pick_sim choose_sim(struct exchange *x, struct station *st, const struct route *r);
/* Of one message and one SIM; number NULL: whoever they are. */
struct pick_verdict choose_verdict(struct exchange *x, struct station *st,
				   struct route *r, int lane, int segments, const char *number);
/* Whether some SIM would not always find it too long. */
bool choose_fits(struct exchange *x, struct route *r, int lane, int segments);
/* Whether some SIM but this one may take what stands at the head of the queue now. */
bool choose_another(struct exchange *x, struct route *r, int lane, int segments, int64_t but_sim);
/* The best SIM but this one that may text this number, now or before a contact's patience ends.
 * NULL: none. */
struct station *choose_for_recipient(struct exchange *x, struct route *r, int lane, int segments,
				     const char *number, int64_t but_sim);
/* By which rule this SIM was chosen; what was said of the others ("12=busy 13=per_day"), ""
 * nothing. */
enum pick_rule choose_rule(struct exchange *x, struct station *st, struct route *r, int lane,
			   int segments, char *out, size_t cap);
/* The long number that a contact keeps (design 4, sticky); 0: none. */
int64_t choose_sticky(struct exchange *x, int64_t contact, int64_t account, const char *pool);
/* Of a message that waits: what a SIM makes of it now, however many stand before it. */
struct pick_verdict choose_now(struct exchange *x, struct station *st, struct route *r,
			       const struct store_message *m, const char *number);
void choose_begin(struct exchange *x);	/* a new look at all stations */
void choose_wake(struct exchange *x, struct wall_ms at);

/* memory.c: copies of the store. */
int memory_load(struct exchange *x);
void memory_drop(struct exchange *x);
struct route *route_get(struct exchange *x, int64_t id);
struct route *route_find(struct exchange *x, const struct store_route *like,
			 const char *destination);
struct store_route route_like(int64_t account, int64_t line, const char *pool, int64_t campaign);
void route_add(struct exchange *x, struct route *r, const struct store_message *m);
void route_sub(struct exchange *x, struct route *r, const struct store_message *m);
struct queue_list *queue_list_of(struct exchange *x, int64_t line);	/* NULL: nothing waits */
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
	const char *beginning;		/* of a text whose rest is to come: what is decided by;
					 * NULL: all is there */
	size_t beginning_n;
	const uint8_t *octets;		/* as received; NULL for an assembled one */
	size_t octets_n;
	int64_t dup;
	int segments, flags;
	struct wall_ms scts;		/* 0: not valid */
	struct wall_ms at;
	bool was_held;			/* it is looked at again */
};
int inbox_receive(struct exchange *x, struct station *st, const struct modem_inbound *in);
void inbox_sender(struct exchange *x, const struct station *st, const struct sms_address *a,
		  char *out, enum number_kind *ret_kind);
int64_t inbox_dup_key(const struct sms_pdu *pdu);
/* Drops NULs at the end of a text and makes blanks of those within: nobody writes them, but some
 * phones end a UCS-2 text with one. Returns what is left of n. */
size_t inbox_without_nuls(char *text, size_t n);
int reassembly_add(struct exchange *x, struct text_in *in);
int reassembly_run(struct exchange *x);		/* deadlines */
/* Decides what a text means, keeps it, does what was decided. Returns the row in ret_id; 0 of a
 * beginning that must wait for its rest: then nothing was done. */
int dispatch_text(struct exchange *x, struct text_in *in, int64_t *ret_id);
/* What a text that was kept in part says about consent, now that all of it is there. */
int dispatch_consent(struct exchange *x, struct text_in *in, int64_t id);
int report_receive(struct exchange *x, struct station *st, const struct sms_pdu *pdu);
int report_rematch(struct exchange *x, const struct store_attempt *a, const char *to);
/* Whether reports say of every segment that it arrived, by whichever attempt. */
int report_is_delivered(struct exchange *x, const struct store_message *m, bool *ret);
int report_run(struct exchange *x);

/* post.c: the country by which national numbers are read. */
const char *post_home(struct exchange *x, const char *from);

/* contact.c, contact_put.c, import.c */
/* Notes what is known of a contact from elsewhere. TW_E_SYNTAX: nothing was, reterr says why. */
int import_facts(struct exchange *x, const struct exchange_import_row *row, struct store_contact *c,
		 struct exchange_imported *reterr);
int contact_fill(struct exchange *x, const struct store_contact *c, struct contact *ret);
/* Whether the row can be: 0, or TW_E_SYNTAX with ret->text. */
int import_check(struct exchange *x, const char *account, const struct exchange_import_row *row,
		 struct number *ret_number, struct exchange_imported *ret);
int contact_erase_run(struct exchange *x);
int consent_heads_run(struct exchange *x);

int dispatch_call(struct exchange *x, struct station *st, const char *from);	/* a missed one */

/* talk.c: steps of flows. Whom a run of them is for, and what brought it about. */
struct talk {
	struct store_contact c;
	const char *account;
	int64_t line, message;		/* the number texted; the text's row, 0 none */
	const struct flow_event *e;
	bool ends;			/* whatever its steps say: with the account's word */
	bool by_clock;			/* nobody texted: STOP holds */
	bool is_event;			/* and it answers nothing: auto_reply_limit, which is of
					 * replies, does not hold */
	int depth;			/* of events that events brought about */
	enum lane lane;			/* of what is said */
	bool has_replied;
	int64_t topic;			/* of the keyword that began it; 0 none */
	struct store_talk row;		/* the conversation; id 0: none yet */
	int64_t away;			/* the call that it parks for … */
	bool away_at_once;		/* … which cannot be made */
	const struct flow_answer *answer;	/* of the world, to go on with */
};
/* What conditions and templates ask of the contact (struct flow_view). */
struct flow_view talk_look(struct exchange *x, const char *from, const struct store_contact *known,
			   size_t n);
/* Sends an automatic text to the contact; what may not go is told as an event, and is no error. */
int talk_reply(struct exchange *x, struct talk *t, const struct flow_intent *i);
int talk_begin(struct exchange *x, struct talk *t, const struct flow_intent *begin);
int talk_answer(struct exchange *x, struct talk *t, int64_t id);
/* The open question of these contacts that was last put from this number; TW_E_UNKNOWN: none. */
struct talk_question {
	struct flow_question q;
	uint8_t version[FLOW_VERSION_SIZE];
	int64_t away[X_ACCOUNTS_MAX];	/* those of the contacts of whom one stands away */
	size_t n_away;
};
int talk_question(struct exchange *x, int64_t line, const struct store_contact *contacts, size_t n,
		  struct talk_question *ret);
/* Leaves a list, and runs the steps of `left`. */
struct consent_given;
int talk_leave(struct exchange *x, struct talk *t, const char *list, const struct consent_given *g);
int talk_stop(struct exchange *x, int64_t contact);	/* what stands ends without a word */
int talk_run_due(struct exchange *x);			/* of the agenda */
void talk_done(struct exchange *x);
int booking_run(struct exchange *x);			/* of the agenda */
int clock_run(struct exchange *x);
void clock_drop(struct exchange *x);
uint32_t talk_random(struct exchange *x, uint32_t bound);
/* away.c: a step that left the process was answered. */
int away_ended(struct exchange *x, const struct hook_result *r);
/* call_forward.c: calls of a number that ring elsewhere. */
int call_forward_ended(struct exchange *x, const struct store_job *job, const char *answer);
int call_forward_run(struct exchange *x);	/* of the agenda */
/* lookup.c: who a contact is; sets the call and the end of the wait in h. */
int lookup_ask(struct exchange *x, const struct store_contact *c, const char *url,
	       struct store_held *h);
int lookup_ended(struct exchange *x, const struct hook_result *r);
int calendar_ended(struct exchange *x, const struct hook_result *r);	/* calendar.c */
/* held.c: texts that wait. Whether one must (1, 0, or an error): contact 0: the account does not
 * know them yet; was_away: a conversation of theirs stands away. */
int held_wants(struct exchange *x, int64_t contact, const char *account, bool was_away);
int held_add(struct exchange *x, const struct store_contact *c, const char *account,
	     int64_t message, bool is_new);
int held_drop(struct exchange *x, int64_t contact);
void held_soon(struct exchange *x);		/* something that texts wait for is over */
int held_run(struct exchange *x);		/* of the agenda */
/* which.c: which keyword was meant. */
int which_load(struct exchange *x);
int which_run(struct exchange *x);		/* of the agenda */
int held_load(struct exchange *x);
/* dispatch_held.c: decides what a text that waited means by now. */
int dispatch_held(struct exchange *x, const struct store_held *h);
/* goal.c: what the contact came by, and whether that led to something. */
int goal_touch(struct exchange *x, const struct talk *t, const char *kind, const char *name);
int goal_touch_by(struct exchange *x, const struct store_message *m, const char *kind,
		  const char *name);
int goal_check(struct exchange *x, const struct talk *t);

/* figures.c: running totals. A mark costs nothing until the commit. */
int figure_topic(struct exchange *x, int64_t account, enum store_topic_kind kind, const char *name,
		 int64_t *ret);
void figure_count(struct exchange *x, int64_t account, int64_t topic, int64_t line,
		  enum store_figure figure, int64_t by);
int figure_count_message(struct exchange *x, const struct store_message *m,
			 enum store_figure figure, int64_t by);
int figure_count_named(struct exchange *x, int64_t account, enum store_topic_kind kind,
		       const char *name, int64_t line, enum store_figure figure);
/* Counts who comes by it for the first time. */
int figure_customer(struct exchange *x, const struct store_contact *c, int64_t topic, int64_t line);
int figure_sent(struct exchange *x, const struct store_message *m);	/* its last segment */
void figures_collect(struct exchange *x);	/* into x->adding */
void figures_forget(struct exchange *x);	/* the transaction is void */
void figures_drop(struct exchange *x);		/* rows may be gone: names are looked up again */
void figures_done(struct exchange *x);
int figures_load(struct exchange *x);
int figures_run(struct exchange *x);		/* of the agenda */
/* ledger.c: totals ahead of their rows (store_ledger). */
int ledger_load(struct exchange *x);
int ledger_write(struct exchange *x);		/* before a commit: what it adds */
int ledger_settle(struct exchange *x);		/* inside an event, or before the last commit */
int ledger_run(struct exchange *x);		/* of the agenda */
/* What the ledger adds to a SIM; NULL: nothing. And to a row that was just read. */
const struct store_sim_totals *ledger_sim(const struct exchange *x, int64_t sim);
void ledger_add(const struct exchange *x, struct store_sim *sim);
/* All that was ever counted of one topic. */
int figures_sum(struct exchange *x, int64_t topic, int64_t ret[FIGURE_COUNT]);
/* What is counted beside messages: `by` more of one of the tallies of its kind (store.h), now. */
int tally(struct exchange *x, int64_t account, enum store_topic_kind kind, const char *name,
	  int which,
	  int64_t by);
/* its beginning */
struct wall_ms figures_hour(struct exchange *x, int64_t account, struct wall_ms t);
struct wall_ms figures_day(struct exchange *x, int64_t account, struct wall_ms t);

/* campaign.c: those that are not over. campaign_make.c: what people and programs ask. */
int campaign_run(struct exchange *x);		/* of the agenda */
int campaigns_load(struct exchange *x);
void campaigns_drop(struct exchange *x);
void campaign_hold(struct exchange *x, int64_t campaign, struct pick_order *o);
void campaign_took(struct exchange *x, int64_t campaign);	/* a message of its own leaves */
int campaign_result(struct exchange *x, const struct store_message *m, bool is_failed);
void campaign_moved(struct exchange *x, int64_t campaign);	/* it may be done */
/* The contact left the account (list ""), or this list. */
int campaign_left(struct exchange *x, const struct store_contact *c, const char *list);
/* estimate.c: when so much will have left, by the SIMs that may send on the route and their quotas;
 * 0: not within a year, or no SIM is ready. */
struct estimate { struct campaign_people people; int64_t pace; struct wall_ms from; };
struct wall_ms estimate_end(struct exchange *x, struct route *r, const struct estimate *e);
/* More people in these zones (as quiet_until takes them). */
void estimate_add(struct campaign_people *p, const char *zones, int64_t messages,
		  int64_t segments);
void traffic_count(struct exchange *x, struct station *st, int lane);	/* a segment leaves */
/* voucher.c: 0 with a code, TW_E_UNKNOWN: none is left. */
int voucher_draw(struct exchange *x, const struct talk *t, const struct flow_series *series,
		 char out[STORE_CODE_MAX]);
/* *ret: ok unknown used expired. */
int voucher_redeem(struct exchange *x, const struct talk *t, const struct flow_series *series,
		   const char *code, size_t n, const char **ret);

/* audience.c: whom of an account's contacts something that the clock starts is for: list,
 * expression, consent. Only people with a number that can be texted; neither the bank's own nor an
 * operator's. */
struct audience;
/* list, expression NULL or "": any */
struct audience_of { const char *account, *list, *expression; };
/* TW_E_UNKNOWN: nobody ever was on such a list. TW_E_CONFIG with findings. Compiled against the
 * flows of now: it is freed before they are changed. */
int audience_new(struct exchange *x, const struct audience_of *of, struct audience **ret,
		 struct tw_findings *findings);
void audience_free(struct audience *a);
/* Where a walk over an audience stands, by contact; zeroed: at the beginning. cursor is what a row
 * keeps. */
struct audience_walk {
	int64_t cursor;			/* the last contact that was looked at */
	int64_t held, left_out;		/* so far: held by it; the same, but without consent */
	bool is_over;
};
/* Looks at the next *looks contacts, which are counted down, until one is held. 0: ret is it; 1:
 * none
 * was, and the walk is over or goes on in another turn. */
int audience_next(struct exchange *x, struct audience *a, struct audience_walk *w, int *looks,
		  struct store_contact *ret);
/* Goes through `looks` of them to count: 0, or negative. */
int audience_count(struct exchange *x, struct audience *a, struct audience_walk *w, int looks);
/* What steps and templates see of a contact that nobody texts with now. Strings of c, account and
 * to are borrowed; view is filled, and good until the next one. */
struct flow_event audience_event(struct exchange *x, const struct store_contact *c, const char *to,
				 struct flow_view *view);
/* Until when a contact is left in peace by what applies `what` ("at", "campaign", "api"); 0: not
 * now. */
struct wall_ms audience_quiet(struct exchange *x, const struct store_contact *c, const char *what);
/* Where they may live, as quiet_until takes it; "" without quiet hours. */
const char *audience_zones(const struct exchange *x, const struct store_contact *c);

/* ticket.c, agent.c, person.c, operator.c (people.h): people in the place of flows. */
/* FLOW_TICKET and FLOW_CALLBACK give run the tag. */
int ticket_open(struct exchange *x, struct talk *t, const struct flow_intent *i,
		struct flow_run *run);
int ticket_forward(struct exchange *x, struct talk *t, const struct flow_intent *i);
int ticket_run(struct exchange *x);			/* of the agenda, as person_run */
/* An agent's own text: 1 it was one, and is kept (ret_id); 0 it is anybody's. */
int agent_text(struct exchange *x, const struct text_in *in, int64_t *ret_id);
int agent_is_one(struct exchange *x, const char *number);	/* whether they may be: 1, 0, or
								 * negative */
/* The same of an operator's. */
int operator_text(struct exchange *x, const struct text_in *in, int64_t *ret_id);
/* The customer's text goes to the person who talks with them. */
int person_hear(struct exchange *x, const struct text_in *in, const struct talk *t);
int person_stop(struct exchange *x, int64_t contact);	/* they have left: the talk ends */
int person_run(struct exchange *x);
int person_load(struct exchange *x);
/* dispatch.c: an inbound text as a row. keyword NULL: none took it. */
int dispatch_keep(struct exchange *x, const struct text_in *in, const struct store_contact *c,
		  const char *keyword, bool quiet, int64_t *ret_id);

/* consent.c, loops.c */
struct consent_given {		/* by which consent was given, or taken back */
	const char *text;
	int64_t message, line;	/* 0: by no text of theirs */
};
/* What waits to be sent to them is canceled, of confirmations that are owed only when asked for. */
int consent_take_back(struct exchange *x, int64_t contact, const char *why, bool confirmations);
/* Lists: a row of the chain each, and 1 without one where nothing changes. Joining by a text of
 * theirs opens the account again, too. Asking is for lists with double_opt_in, once. */
int consent_join(struct exchange *x, struct store_contact *c, const char *list,
		 const struct consent_given *g);
int consent_leave(struct exchange *x, const struct store_contact *c, const char *list,
		  const struct consent_given *g);
enum { CONSENT_IS_JOINED = 1, CONSENT_WAS_ASKED = 2 };	/* of consent_ask: no row was written */
int consent_ask(struct exchange *x, const struct store_contact *c, const char *list,
		const struct consent_given *g);
/* Joins who never left and was never asked; of a list that asks it only says that they are to
 * be. */
int consent_import(struct exchange *x, const struct store_contact *c, const char *list, bool asks,
		   const struct consent_given *g, enum exchange_import_what *ret);
void loops_forget(struct exchange *x, const char *number);
int consent_stop(struct exchange *x, const char *account, const struct text_in *in,
		 int64_t message);
/* The account is closed for them, all lists are left, what waits is taken back. */
int consent_close(struct exchange *x, const struct store_contact *c, const struct consent_given *g);
int consent_start(struct exchange *x, const char *account, const struct text_in *in,
		  int64_t message);
/* Whether this inbound, which was heard by loops_cuts, is the same for the fourth time: asked of
 * what no keyword took. */
bool loops_repeats(struct exchange *x, const struct text_in *in);
/* Whether this inbound is one too many of an echo between these two numbers. */
bool loops_cuts(struct exchange *x, const struct text_in *in, const struct store_contact *contacts,
		size_t n);
bool limits_reached(struct exchange *x, const struct store_contact *c, const char *account);
void loops_replied(struct exchange *x, int64_t line, const struct store_contact *c,
		   const char *account, const struct flow_intent *i);
void loops_done(struct exchange *x);

/* outbox.c and its files: queue and hand-out. result.c: what became of it. */
struct out {			/* a message to be made */
	struct store_contact *contact;
	const char *text;
	size_t text_n;
	int64_t line, origin;
	int64_t topic, campaign;	/* 0: the account's own; none */
	const char *pool, *key, *callback;
	int lane, flags;
	struct wall_ms due, valid_until;
	bool is_scheduled, is_bound;	/* bound: From was given */
};
int outbox_form(struct exchange *x, const char *text, size_t n, bool smart, struct sms_form *ret,
		struct sms_fault *reterr);	/* smart: whatever the setting says */
int outbox_add(struct exchange *x, const struct out *o, const struct sms_form *form,
	       int64_t *ret_id);
/* A message that is already in the store goes into its queue (state queued, due_at). */
int outbox_enqueue(struct exchange *x, struct store_message *m);
int outbox_hand_out(struct exchange *x);
/* Just before the commit: those launched in it ask their modems for a prompt, which comes while the
 * disk is at work. */
void outbox_ask_prompts(struct exchange *x);
bool outbox_other_sim(struct exchange *x, const struct route *r, int64_t sim);
/* Ends a message that is in no queue and under way nowhere. cause NULL: none. */
int outbox_finish(struct exchange *x, struct store_message *m, int state, int code,
		  const char *cause);
int outbox_cancel(struct exchange *x, int64_t id, int code, const char *cause, bool *ret_asked);
/* A message that was put into a queue is to be looked at by then. */
void outbox_expires_at(struct exchange *x, struct wall_ms until);
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
	int64_t sim;			/* USSD: goes to the modem that has it; 0: to the modem
					 * named */
	const char *modem;
	const char *text;
	const char *const *answers;
	size_t n_answers;
	bool dialogue;
	const char *who;
	int64_t limit_ms, wait_ms;	/* 0: the usual */
};
/* Inside an event. Its end comes to the function of its purpose (job.c), inside an event as
 * well. */
int job_start(struct exchange *x, const struct job_order *o, int64_t *ret_id);
int job_go_on(struct exchange *x, int64_t id, const char *text);	/* TW_E_STATE: it does not
									 * ask */
int job_cancel(struct exchange *x, int64_t id);			/* TW_E_STATE: too late */
/* not over yet */
bool jobs_have(const struct exchange *x, enum job_purpose purpose, int64_t sim);
size_t jobs_waiting(const struct exchange *x, const char *modem);	/* not over yet */
int job_event(struct exchange *x, struct station *st, const struct redo *r);	/* COMMAND, USSD */
void jobs_run(struct exchange *x);
struct wall_ms jobs_deadline(const struct exchange *x);	/* X_NEVER: none */
int jobs_load(struct exchange *x);
void jobs_drop(struct exchange *x);
void jobs_take_back(struct exchange *x);	/* what the undone event had given to modems */
const char *jobs_check(struct exchange *x);

/* hooks.c: what leaves for other programs. The numbers stand in rows, so they are only added to; a
 * new one gets its function in ended[]. */
enum hook_purpose {
	HOOK_FOR_NOBODY,
	HOOK_FOR_TEXT,			/* ref: the text that an application is asked about */
	HOOK_FOR_CONSENT,		/* ref: the text with a consent word that it is told */
	HOOK_FOR_STEP,			/* a conversation stands away for it */
	HOOK_FOR_LOOKUP,		/* ref: the contact that is looked up */
	HOOK_FOR_CALENDAR,		/* a conversation stands away for its times */
	HOOK_PURPOSE_COUNT
};
void hooks_hear(struct exchange *x);	/* what has come back */
void hooks_start(struct exchange *x);	/* what is due, behind this turn's commit */
struct mono_ms hooks_deadline(const struct exchange *x);

/* application.c: 1: the account's application is asked first; 0: there is none. was_new: the
 * account had no such contact before this text. */
int application_ask(struct exchange *x, const char *account, const struct store_contact *c,
		    int64_t message, bool was_new);
/* opt_out: STOP, START, HELP. */
int application_tell(struct exchange *x, const char *account, const struct store_contact *c,
		     int64_t message, const char *opt_out);
int application_ended(struct exchange *x, const struct hook_result *r);
/* callback.c: m is the row as it was saved. */
int callbacks_load(struct exchange *x);
int callbacks_expect(struct exchange *x);	/* a message with a URL is made */
int callback_tell(struct exchange *x, const struct store_message *m, enum message_state state);
/* events.c: what happens, for the account's `events`: inside the event that does it. Behind type:
 * names and
 * texts (NULL: null) in pairs, and NULL. */
bool events_have_urls(const struct exchange *x);	/* of any account */
bool events_are_wanted(struct exchange *x, int64_t account);
int events_tell(struct exchange *x, const struct store_contact *c, const char *type, ...)
	__attribute__((sentinel));
/* The same of what is no contact's. */
int events_of(struct exchange *x, int64_t account, const char *type, ...) __attribute__((sentinel));
/* One of the names or fields of a contact has another value; NULL: not set any more. */
int events_changed(struct exchange *x, const struct store_contact *c, const char *name,
		   const char *value);
int events_message(struct exchange *x, const struct store_message *m, enum message_state state);

/* own.c: texts that twoway writes itself, to a number, by one SIM. */
struct own_text { const char *to, *text; int64_t valid_ms; int flags; };
int own_post(struct exchange *x, struct station *st, const struct own_text *t, int64_t *ret_id);
/* Whether it is no customer of anybody, but whom twoway itself writes to. */
bool own_is_contact(struct exchange *x, const struct store_contact *c);
/* The state of one; MESSAGE_EXPIRED where there is no such row. */
int own_state(struct exchange *x, int64_t message, enum message_state *ret);

/* alert.c: what needs a person. Each kind is told once an hour at most, however many it is
 * about. */
enum alert_kind { ALERT_LOCKED, ALERT_FAILED, ALERT_STRANGER, ALERT_NONE_READY, ALERT_REFUSED,
		  ALERT_BALANCE, ALERT_UNREAD, ALERT_TOP_UP, ALERT_DEAF, ALERT_SILENT,
		  ALERT_DEMOTED, ALERT_ENTRY, ALERT_DISK, ALERT_TICKET, ALERT_CAMPAIGN,
		  ALERT_VOUCHERS, ALERT_MAIL, ALERT_KINDS };
/* Until alert_clear it is not told again. Inside an event. */
int alert_raise(struct exchange *x, enum alert_kind kind, const char *about, const char *text);
bool alert_is_raised(struct exchange *x, enum alert_kind kind, const char *about);
int64_t alert_count(const struct exchange *x, enum alert_kind kind);	/* that are raised */
int alert_clear(struct exchange *x, enum alert_kind kind, const char *about);
/* NULL: it is not raised. */
const char *alert_text(struct exchange *x, enum alert_kind kind, const char *about);
int alert_run(struct exchange *x);
int alert_load(struct exchange *x);
void alert_soon(struct exchange *x);	/* a modem's state changed */

/* self_test.c: the bank's SIMs text each other. */
int self_test_run(struct exchange *x);
int self_test_load(struct exchange *x);
int self_test_text(struct exchange *x, const struct text_in *in);	/* 1: it was one */
int self_test_heard(struct exchange *x, struct station *st);	/* any text reached it */

/* health.c: who is asked first. */
void health_refresh(struct exchange *x, struct station *st);	/* st->health, as of now */
void health_launched(struct exchange *x, struct station *st, const struct sending *s);
int health_sent(struct exchange *x, struct station *st, const struct store_attempt *a);
int health_not_sent(struct exchange *x, struct station *st, const struct store_attempt *a);
int health_reported(struct exchange *x, const struct store_attempt *a, bool arrived);
int health_changed(struct exchange *x, struct station *st);	/* demotes it or brings it back */
int health_run(struct exchange *x);
void health_keep(struct exchange *x);	/* writes what is worth a row by now */

/* balance.c: the money of SIMs, by USSD. */
int balance_load(struct exchange *x, struct station *st);
int balance_run(struct exchange *x);
int balance_asked(struct exchange *x, const struct store_job *job, const char *answer);
int balance_topped_up(struct exchange *x, const struct store_job *job, const char *answer);
/* A voucher's code for the SIM of a modem. TW_E_DENIED with why. */
int balance_dial(struct exchange *x, const char *modem, const char *code,
		 enum flow_house_text *ret_why);
/* Whether a text is the operator's answer to a question for the balance. 1 yes, 0 no, or
 * negative. */
int balance_text(struct exchange *x, const struct text_in *in);
/* An attempt is charged; with -1 it was not sent after all. */
void balance_charge(struct exchange *x, struct station *st, int64_t each, int times);
bool balance_is_known(const struct station *st);
int64_t balance_left(const struct station *st);
/* Something happened that an empty SIM may be the reason of. */
void balance_doubted(struct exchange *x, struct station *st);

/* query.c */
int query_fill(struct exchange *x, const struct store_message *m, struct message *ret);

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
void watch_modem(struct exchange *x, const struct station *st, int state, const char *why);
void watch_tell(struct exchange *x);		/* what became of messages, to those who watch */
void watch_now(struct exchange *x, const char *event, const char *id);	/* for operators only */
void watch_account(struct exchange *x, int64_t account, const char *event, const char *id);
void watch_contact(struct exchange *x, const struct store_contact *c, const char *event);
/* contact_put.c: what is so already is told to nobody. */
int contact_tag(struct exchange *x, const struct store_contact *c, const char *name, bool is_on);
int news_load(struct exchange *x);
int news_run(struct exchange *x);	/* of the agenda */

/* pool.c: the numbers of a pool that an account may use; NULL: there is none. *ret_own: its row,
 * where the account made it. */
void pools_drop(struct exchange *x);
int pools_load(struct exchange *x);
const struct tw_strings *pool_find(const struct exchange *x, int64_t account, const char *name,
				   const struct store_pool **ret_own);
bool pool_has(const struct exchange *x, int64_t account, const char *name, const char *number);

#endif
