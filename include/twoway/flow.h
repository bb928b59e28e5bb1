/* What an inbound text means: keywords, consent words, conversations. Pure: an event and a
 * read-only view go in, a list of intents comes out; the exchange makes them lasting. Flow files
 * are compiled once into an immutable set; a set is replaced whole on reload. */
#ifndef TWOWAY_FLOW_H
#define TWOWAY_FLOW_H

#include <twoway/base.h>
#include <twoway/model.h>

struct flows;

struct flow_account {
	const char *name, *language, *zone;
};
struct flow_text_source { const char *name, *text; size_t n; };
struct flow_pool { const char *name; const char *const *numbers; size_t n; };
struct flow_sources {
	const char *const *paths;	/* files, or folders of *.conf */
	size_t n_paths;
	const struct flow_text_source *texts;	/* flows that are no files; behind those of paths */
	size_t n_texts;
	const char *words;		/* folder of consent words, one file a language */
	const struct flow_account *accounts;
	size_t n_accounts;
	const char *country;		/* by which national numbers in flows are read; NULL =
					 * none */
	const char *exec_folder;	/* of the programs that steps run; NULL: not looked at */
	const struct flow_pool *pools;	/* of the configuration; NULL: nobody knows which there
					 * are, and each is any number */
	size_t n_pools;
};
/* Reads and compiles everything. NULL with errors in findings; warnings may stand beside a set. */
struct flows *flows_load(const struct flow_sources *src, struct tw_findings *findings);
void flows_free(struct flows *f);
size_t flows_keyword_count(const struct flows *f);
/* Keywords in the order of files, and pledges, from 0; false: no more. Strings are the set's. */
struct flow_keyword_info { const char *account, *name,
	*file; unsigned line; };	/* name: first match */
bool flows_keyword_at(const struct flows *f, size_t i, struct flow_keyword_info *ret);
struct flow_pledge_info { const char *account, *name, *currency; };
bool flows_pledge_at(const struct flows *f, size_t i, struct flow_pledge_info *ret);
/* Whether a file is a flow by its top-level keys (contract 4, check). */
bool flow_is_flow_file(const struct tw_conf_node *root);

/* ---- the linter ---------------------------------------------------------------------------- */

/* Warnings about what compiles and is hardly meant: keywords that nobody reaches or that look
 * alike, steps that are never reached, names that nothing uses. */
void flows_lint(const struct flows *f, struct tw_findings *findings);
/* Each text that steps send, wording by wording. A name in it is filled with letters, as many as it
 * usually has. Strings are good within the call. */
struct flow_sent_text {
	const char *file;
	unsigned line;
	const char *language;		/* "" of a text without languages */
	const char *text;
	size_t n;
	bool is_estimated;		/* it holds names */
};
void flows_sent_texts(const struct flows *f, void (*cb)(void *ctx,
							const struct flow_sent_text *text),
		      void *ctx);

/* ---- versions ------------------------------------------------------------------------------ */

/* A flow file as a conversation knows it: by the SHA-256 of its text, what it includes put in. A
 * conversation finishes on the version that it began with, so the caller keeps the texts. */
enum { FLOW_VERSION_SIZE = 32 };
struct flow_version {		/* strings belong to the set */
	const uint8_t *id;		/* FLOW_VERSION_SIZE octets */
	const char *name, *account, *text;
	size_t text_n;
};
/* The version of a file in this set; false: none of its files is this one. */
bool flows_version(const struct flows *f, const uint8_t *id, struct flow_version *ret);
/* A set of one former file alone: conversations go on in it, no keyword of it is found. What it
 * uses and does not declare is looked for in base, which must outlive it. NULL with findings. */
struct flows *flows_load_version(const struct flows *base, const struct flow_version *v,
				 struct tw_findings *findings);

/* Where a conversation of one set goes on in another, by the label of the step at which it
 * stands. */
enum flow_move {
	FLOW_MOVE_NONE,		/* its version is in that set too */
	FLOW_MOVE_TO,		/* to a step of the same label */
	FLOW_MOVE_ENDS,		/* its label is gone, or on a step of another kind */
	FLOW_MOVE_STAYS		/* its step has no label, or waits for the world: it finishes where
				 * it is */
};
struct flow_moved {
	uint8_t version[FLOW_VERSION_SIZE];	/* FLOW_MOVE_TO */
	uint32_t step;
	const char *label;		/* of the step left; NULL none */
	const char *file;		/* where it stands now, and in which line */
	unsigned line;
};
/* from: the set that the version is in. stands: an enum flow_stands. Strings are the sets'. */
enum flow_move flow_move_place(const struct flows *from, const struct flows *to,
			       const uint8_t *version,
			       uint32_t step, int stands, struct flow_moved *ret);

/* ---- what flow may look at ----------------------------------------------------------------- */

enum flow_fact { FLOW_HAS_TAG, FLOW_HAS_SUBSCRIBED, FLOW_HAS_REDEEMED, FLOW_HAS_REACHED };
/* What is known of the contact within an account: asked only where a step or a limit looks at it,
 * and read-only. NULL in an event: nothing is known. */
struct flow_view {
	void *ctx;
	/* "name", "language", "zone", "owner", or a field. Appends; false: not set. */
	bool (*value)(void *ctx, const char *account, const char *name, struct tw_buf *out);
	bool (*has)(void *ctx, const char *account, enum flow_fact fact, const char *name);
	/* The account had this contact before this text. */
	bool (*is_known)(void *ctx, const char *account);
};

/* A question that the contact has not answered yet. */
struct flow_question {
	int64_t id;			/* the caller's */
	const struct flows *flows;	/* the set that its version is in */
	const uint8_t *version;
	uint32_t step;
	const char *account;
	const char *variables;		/* of its place: what was offered to choose from */
	size_t variables_n;
};

/* Which of several keywords was meant: asked by FLOW_WHICH, and not answered yet. */
struct flow_which {
	const char *keys;		/* as FLOW_WHICH told them */
	const char *text;		/* of the customer, with the slip in it */
	size_t text_n;
};

/* Strings borrowed for the call. */
struct flow_event {
	const char *from;		/* the customer: E.164, short code or name */
	enum number_kind from_kind;
	const char *to;			/* the long number texted; "" unknown */
	const char *to_account;		/* the account it is dedicated to; "" = shared */
	const char *text;		/* UTF-8 */
	size_t text_n;
	bool is_own_number;		/* a SIM of the bank wrote */
	bool is_first_part;		/* of a text whose rest is to come: only a keyword is begun
					 * that cannot be another, and looks at nothing behind it */
	bool is_automatic_ok;		/* false: too old, or limits reached: consent words only */
	const char *last_account;	/* account that last wrote to this contact from that number;
					 * "" */
	/* accounts that wrote to this contact from this number within 30 days */
	const char *const *recent_accounts;
	size_t n_recent_accounts;
	const char *const *stopped_accounts;	/* closed for this contact on this number */
	size_t n_stopped_accounts;
	const char *contact_language;	/* "" unknown */
	const char *contact_name;	/* "" or NULL unknown */
	/* a STOP of this contact on this number was answered within the last day: one that leaves
	 * nothing gets no further answer */
	bool is_stop_told;
	struct wall_ms now;
	const struct flow_view *view;
	const struct flow_question *question;	/* the open one last asked from that number; NULL
						 * none */
	const struct flow_which *which;	/* asked from that number, behind `question`; NULL none */
	/* Whose contact a person talks with, to whom the text may be handed; NULL nobody. */
	const char *person_account;
	bool is_taken_over;		/* by that person: keywords stand back too */
	/* steps that the clock begins (`at`) stand aside until then; 0: they need not */
	struct wall_ms not_before;
};

/* ---- what is decided, and what steps want -------------------------------------------------- */

enum flow_intent_type {
	FLOW_REPLY,		/* text to the customer by the number texted, for account */
	FLOW_STOP,		/* account leaves ("" = list empty): record and cancel what is
				 * queued */
	FLOW_START,		/* account is open again */
	FLOW_HELP,		/* told to applications; the words come as FLOW_REPLY */
	FLOW_TAKEN,		/* which keyword took the text: account, keyword (its first
				 * match) */
	FLOW_UNTAKEN,		/* no flow took it: account's application, else `otherwise`
				 * (FLOW_BEGIN) */
	FLOW_WHICH,		/* the reply before it asks which keyword was meant: text: they */
	FLOW_BEGIN,		/* run steps of account (flow_run_begin) */
	FLOW_ANSWER,		/* the question takes the text (flow_run_resume): question */
	FLOW_PERSON,		/* the text is for the person who talks with the contact */
	/* Of steps (flow_run_next). Those with (r) want a result before the next one. */
	FLOW_SEND,		/* to, text; from and pool "" = any number */
	FLOW_SET,		/* name, text (NULL: not set any more) */
	FLOW_TAG, FLOW_UNTAG,	/* name */
	FLOW_SUBSCRIBE, FLOW_UNSUBSCRIBE,	/* name: a list */
	FLOW_CONFIRM,		/* name: a list whose question comes next (r: not NULL: they are on
				 * it) */
	FLOW_VOUCHER,		/* series (r: the code; NULL none is left) */
	FLOW_REDEEM,		/* series, text: the code (r: ok unknown used expired) */
	FLOW_SPLIT,		/* name, arms (r: the name of one) */
	FLOW_TICKET,		/* name: a queue, text: about (r: "#7") */
	FLOW_CALLBACK,		/* name: a queue, within (0: the queue's) (r: "#7") */
	FLOW_APPOINTMENT,	/* calendar, action, slot (r: flow_booked_write, or NULL) */
	FLOW_PLEDGE,		/* name, text: the amount, a decimal number */
	FLOW_FORWARD,		/* name: an agent, or to: a number; the event's text is what is
				 * told */
	/* These leave the process: FLOW_KEEP follows. */
	FLOW_CALL_FORWARD, FLOW_EMAIL, FLOW_WEBHOOK, FLOW_EXEC,
	FLOW_CALENDAR,		/* calendar: its free times are asked for */
	FLOW_KEEP,		/* the conversation stands here: kept; nothing follows */
	FLOW_CUT,		/* too many steps without a stop: it ends; text says where */
	FLOW_FAILED		/* of a step that left the process: name: its verb, text: why; then
				 * its fallback */
};
struct flow_arm { const char *name; int64_t weight; };
/* What a step asks of the world. */
struct flow_away {
	const char *step;		/* its label, else its number in the file */
	const char *to;			/* URL, name of a program, address, or number as written */
	const char *subject;		/* FLOW_EMAIL; the intent's text is the mail's */
	const char *const *arguments;	/* FLOW_EXEC */
	size_t n_arguments;
	int64_t timeout;		/* ms; the place stands so long */
	int64_t span;			/* FLOW_CALL_FORWARD: ms */
	bool repeats;			/* FLOW_EXEC: may run a second time after a crash */
};
struct flow_series {
	const char *name, *generate;	/* generate NULL: codes */
	const char *const *codes;	/* as written */
	const char *const *keys;	/* as they are compared; sorted by sort[] */
	const uint32_t *sorted;		/* rows of keys in their order */
	size_t n_codes;
	int64_t per_contact, limit;	/* 0: no limit */
	int64_t expires;		/* ms from the draw; 0: never */
};
/* Times of a calendar that somebody can book (contract 2, slots). */
struct flow_slots {		/* days as bits from Monday, minutes of the day; or one time */
	uint8_t days;			/* 0: one time */
	uint16_t from, to;		/* to > 1440 runs into the next day */
	int year, month, day;
};
struct flow_calendar {
	const char *name, *account;
	const char *url;		/* asked for its times; "" where slots are */
	const struct flow_slots *slots;
	size_t n_slots;
	int64_t length;			/* ms, of an appointment */
	const struct tw_zone *zone;
	const char *place, *map;	/* "" none */
	const int64_t *remind;		/* ms before the beginning, the longest first */
	size_t n_remind;
};
/* NULL: the account has none of this name. */
const struct flow_calendar *flows_calendar(const struct flows *f, const char *account,
					   const char *name);
const struct flow_calendar *flows_calendar_at(const struct flows *f, size_t i);	/* NULL: no more */
/* The first time behind after at which an appointment may begin; ms 0: there is none within a year.
 * A local time that a change of the clocks skips is none, one that it repeats is the first of the
 * two, and what such a change makes shorter than `length` is left out. None of a calendar with a
 * url. */
struct wall_ms flow_slot_next(const struct flow_calendar *c, struct wall_ms after);
/* Whether an appointment may begin then; of a calendar with a url only whether it is a minute. */
bool flow_slot_is(const struct flow_calendar *c, struct wall_ms at);
/* "2026-01-20 10:00" on this clock. */
enum { FLOW_SLOT_MAX = 24 };
char *flow_slot_write(const struct tw_zone *zone, struct wall_ms at, char out[FLOW_SLOT_MAX]);
/* When the first reminder behind after is due; ms 0: none. */
struct wall_ms flow_remind_next(const struct flow_calendar *c, struct wall_ms start,
				struct wall_ms after);
enum flow_action {
	FLOW_DO_OFFER,		/* r: free times; NULL: there are none */
	FLOW_DO_OFFER_MOVE,	/* r: the booking and free times; NULL: there is none to move */
	FLOW_DO_FIND,		/* r: the booking; NULL: there is none */
	FLOW_DO_BOOK, FLOW_DO_MOVE,	/* at slot (r: the booking; NULL: somebody has it
					 * already) */
	FLOW_DO_CONFIRM, FLOW_DO_CANCEL	/* r: the booking; NULL: there is none */
};
/* The result of FLOW_APPOINTMENT, appended: a booking (id 0 none), and at most FLOW_OFFERED times,
 * or the link to the booking's file for calendars ("" none). */
enum { FLOW_OFFERED = 3 };
void flow_booked_write(struct tw_buf *out, int64_t id, struct wall_ms start,
		       const struct wall_ms *slots, size_t n, const char *link);
/* What reminds of a booking, in the contact's language, and the map to it; appended. */
void flow_reminder(const struct flows *f, const struct flow_event *e, const struct flow_calendar *c,
		   int64_t booking, struct wall_ms start, const char *link, struct tw_buf *out);
/* The same of what tells that it was moved by somebody else; nothing where the calendar says "". */
void flow_moved(const struct flows *f, const struct flow_event *e, const struct flow_calendar *c,
		int64_t booking, struct wall_ms start, const char *link, struct tw_buf *out);
void flow_calendar_map(const struct flow_calendar *c, struct tw_buf *out);

/* Where a conversation stands: plain data, good in another process and after a reload. */
enum flow_stands { FLOW_ASKING, FLOW_WAITING, FLOW_AWAY };
enum { FLOW_STANDS_COUNT = FLOW_AWAY + 1 };
struct flow_place {
	enum flow_stands stands;
	uint8_t version[FLOW_VERSION_SIZE];
	uint32_t step;
	int tries;			/* times the question was put */
	struct wall_ms first_at;	/* put first */
	struct wall_ms until;		/* the clock goes on with it */
	const char *variables;		/* of the run; opaque */
	size_t variables_n;
};
struct flow_intent {
	enum flow_intent_type type;
	const char *account;
	const char *keyword;		/* FLOW_TAKEN, FLOW_BEGIN */
	const char *text;		/* rendered */
	size_t text_n;
	bool is_consent;		/* the confirmation that STOP, START or HELP owe */
	uint32_t program;		/* FLOW_BEGIN */
	const char *args;		/* FLOW_BEGIN: within the event's text */
	size_t args_n;
	int64_t question;		/* FLOW_ANSWER */
	const char *ticket;		/* FLOW_BEGIN behind ticket_closed: "#7"; NULL none */
	int64_t within;			/* FLOW_CALLBACK: ms */
	const char *name, *to, *from, *pool;
	bool is_rating;			/* FLOW_SET: the answer to a question for 0..10 */
	const struct flow_arm *arms;
	size_t n_arms;
	const struct flow_series *series;
	const struct flow_away *away;	/* FLOW_CALL_FORWARD to FLOW_CALENDAR */
	const struct flow_calendar *calendar;	/* FLOW_APPOINTMENT, FLOW_CALENDAR; with action … */
	enum flow_action action;
	const struct wall_ms *times;	/* of an offer: what the calendar's url said, rising */
	size_t n_times;
	struct wall_ms slot;		/* FLOW_DO_BOOK, FLOW_DO_MOVE */
	struct flow_place place;	/* FLOW_KEEP */
};
/* Intents in order, owned by the caller's struct; zero it before the first use. */
struct flow_result { struct flow_intent *v; size_t n, cap; struct tw_buf text; };
void flow_result_done(struct flow_result *r);
/* Decide about one text, in the order of contract 2. */
void flow_decide(const struct flows *f, const struct flow_event *e, struct flow_result *ret);
/* What `otherwise` of an account leads to: FLOW_REPLY or FLOW_BEGIN, or nothing. */
void flow_decide_otherwise(const struct flows *f, const struct flow_event *e, const char *account,
			   struct flow_result *ret);
/* What a missed call leads to: the account that it belongs to as in `decide`, and FLOW_BEGINs. */
void flow_decide_call(const struct flows *f, const struct flow_event *e, struct flow_result *ret);

/* What a closed ticket leads to in its account: FLOW_BEGINs. ticket: "#7", borrowed by the
 * result. */
void flow_decide_closed(const struct flows *f, const struct flow_event *e, const char *account,
			const char *ticket, struct flow_result *ret);

/* ---- steps, one run of them ---------------------------------------------------------------- */

/* A run is asked for one intent after the other; each is carried out before the next is asked for,
 * so that a step sees what those before it did. e is borrowed until the run is freed. */
struct flow_run;
struct flow_run *flow_run_begin(const struct flows *f, const struct flow_event *e,
				const struct flow_intent *begin);
enum flow_cause {
	FLOW_BY_TEXT,		/* the event's text answers the question */
	FLOW_BY_CLOCK,		/* its time has come */
	FLOW_BY_ANSWER		/* the world has answered: flow_run_answer */
};
/* Goes on with a conversation, in the set that its version is in. NULL: the version has no such
 * step: the conversation ends. */
struct flow_run *flow_run_resume(const struct flows *f, const struct flow_event *e,
				 const char *account, const struct flow_place *place,
				 enum flow_cause cause);
/* What the world said to a step that left the process. A name that the file does not know, or a
 * value that does not fit its field, makes all of it a failure. Borrowed until the run is freed. */
struct flow_answer_value { const char *name, *value; };	/* value NULL: not set any more */
struct flow_answer {
	const char *failure;		/* why there is none; NULL: there is */
	const char *const *replies;	size_t n_replies;
	const struct flow_answer_value *sets;	size_t n_sets;
	const char *const *tags;	size_t n_tags;
	const char *const *untags;	size_t n_untags;
	const char *go;			/* a label or keyword of the step's file; NULL: on behind
					 * the step */
	const struct wall_ms *times;	size_t n_times;	/* of a calendar: rising */
};
/* Right behind flow_run_resume by FLOW_BY_ANSWER. */
void flow_run_answer(struct flow_run *run, const struct flow_answer *a);
/* The account's `ended` text, as a run. NULL: it has none. */
struct flow_run *flow_run_ended(const struct flows *f, const struct flow_event *e,
				const char *account);
/* False: over. Strings of ret are good until the next call. */
bool flow_run_next(struct flow_run *run, struct flow_intent *ret);
void flow_run_result(struct flow_run *run, const char *text);	/* NULL: none */
/* The keyword that began it, "" none; the conversation begins anew when it is texted again. */
const char *flow_run_keyword(const struct flow_run *run);
/* The same of a conversation that stands. Static buffer. */
const char *flow_place_keyword(const struct flow_place *place);
void flow_run_free(struct flow_run *run);

/* An expression over the contact: true or not; TW_E_CONFIG with findings (transcripts). */
int flow_expression(const struct flows *f, const struct flow_event *e, const char *account,
		    const char *expression, bool *ret, struct tw_findings *findings);

/* An audience: an expression over the contact alone ("": everybody). NULL with findings. It is
 * freed before the set. e->view tells of the contact. */
struct flow_audience;
struct flow_audience *flow_audience_new(const struct flows *f, const char *account,
					const char *expression, struct tw_findings *findings);
bool flow_audience_holds(const struct flow_audience *a, const struct flow_event *e);
void flow_audience_free(struct flow_audience *a);

/* ---- what happens beside texts (`on`) ------------------------------------------------------- */

enum flow_happening { FLOW_ON_MISSED_CALL, FLOW_ON_JOINED, FLOW_ON_LEFT, FLOW_ON_TICKET_CLOSED,
		      FLOW_ON_REDEEMED, FLOW_ON_AT };
/* The FLOW_BEGIN of the nth `on` (from 0) of an account for this event. about: the list, queue or
 * series that it is of; e->to: the long number, "" any. False: no more. */
bool flows_on(const struct flows *f, const struct flow_event *e, const char *account,
	      enum flow_happening event, const char *about, size_t nth, struct flow_intent *ret);
/* `at`: when, and for whom. */
struct flow_at {
	const char *account, *every, *audience;	/* audience "": all */
	size_t nth;			/* among those that say the same */
	uint32_t program;		/* of a FLOW_BEGIN */
	const char *const *numbers;	/* that it is sent from, one of these; */
	size_t n_numbers;		/* 0: any */
};
bool flows_at(const struct flows *f, size_t i, struct flow_at *ret);	/* false: no more */
/* The first time of `every` behind after, in the account's zone. One that a change of the clocks
 * skips comes when the gap ends. */
struct wall_ms flow_at_next(const struct flows *f, const struct flow_at *at, struct wall_ms after);

/* Goals of an account, in order; with e, whether each is reached. How many, at most cap. */
struct flow_goal_state { const char *name; int64_t within; bool is_reached; };
size_t flows_goals(const struct flows *f, const char *account, const struct flow_event *e,
		   struct flow_goal_state *out, size_t cap);

/* ---- coverage ------------------------------------------------------------------------------ */

/* Steps, keywords and branches that a run has come by since the set was loaded, for `twoway
 * test`. */
enum flow_covered { FLOW_COVER_KEYWORDS, FLOW_COVER_BRANCHES, FLOW_COVER_STEPS, FLOW_COVER_COUNT };
struct flow_cover { size_t all, seen; };
void flows_cover(const struct flows *f, struct flow_cover ret[FLOW_COVER_COUNT]);
/* Steps that no run came by: cb once for each. */
void flows_uncovered(const struct flows *f,
		     void (*cb)(void *ctx, const char *file, unsigned line, const char *what),
		     void *ctx);
/* Each step as it is taken, for `twoway try -v`; NULL: nobody. */
void flows_trace(struct flows *f, void (*cb)(void *ctx, const char *file, unsigned line,
					     const char *verb), void *ctx);

/* ---- lists --------------------------------------------------------------------------------- */

struct flow_list_info {
	const char *name;
	bool double_opt_in;
	uint32_t program;		/* of a FLOW_BEGIN that asks its question; 0: it has none */
};
bool flows_list(const struct flows *f, const char *account, const char *name,
		struct flow_list_info *ret);

/* ---- queues and agents --------------------------------------------------------------------- */

/* By what an agent is told; strings are the set's, "" none. */
enum { FLOW_BY_NUMBER = 1, FLOW_BY_EMAIL = 2, FLOW_BY_WEBHOOK = 4 };
struct flow_agent { const char *account, *name, *number, *email, *webhook, *language; };
struct flow_queue {
	const char *name, *escalate;	/* a queue; "" none */
	const char *const *agents;	/* in the order in which they are told */
	size_t n_agents;
	int64_t within;			/* ms that each of them has */
	int alert;			/* FLOW_BY_* */
};
bool flows_queue(const struct flows *f, const char *account, const char *name,
		 struct flow_queue *ret);
bool flows_agent(const struct flows *f, const char *account, const char *name,
		 struct flow_agent *ret);
/* The next agent with this number, of any account; *cursor is 0 at first. */
bool flows_agent_of(const struct flows *f, const char *number, size_t *cursor,
		    struct flow_agent *ret);
/* now while a queue's hours last, else when they begin; now where there is no such queue. */
struct wall_ms flows_queue_opens(const struct flows *f, const char *account, const char *name,
				 struct wall_ms now);
/* ---- our own words to people of the house -------------------------------------------------- */

/* What agents and operators are told, by the names of `texts` in flows/words. */
#define FLOW_HOUSE_TEXTS(X)                                                                \
	X(AGENT_NONE, "agent_none") X(AGENT_MORE, "agent_more")                            \
	X(AGENT_CLOSED, "agent_closed") X(AGENT_NOTE_EMPTY, "agent_note_empty")            \
	X(AGENT_NOTED, "agent_noted") X(AGENT_TAKEN, "agent_taken")                        \
	X(AGENT_REFUSED, "agent_refused") X(WHY_ERASED, "why_erased")                      \
	X(WHY_LEFT, "why_left") X(WHY_EMPTY, "why_empty") X(WHY_LONG, "why_long")          \
	X(AGENT_UNKNOWN, "agent_unknown") X(AGENT_HELP, "agent_help")                      \
	X(AGENT_LEFT, "agent_left") X(CALL_BACK, "call_back")                              \
	X(OPERATOR_UNKNOWN, "operator_unknown") X(OPERATOR_CODE, "operator_code")          \
	X(OPERATOR_STATUS, "operator_status") X(NEVER, "never")                            \
	X(OPERATOR_GONE, "operator_gone") X(OPERATOR_PAUSED, "operator_paused")            \
	X(OPERATOR_RESUMED, "operator_resumed") X(OPERATOR_DIALLED, "operator_dialled")    \
	X(OPERATOR_REFUSED, "operator_refused") X(WHY_NO_TOP_UP, "why_no_top_up")          \
	X(WHY_CODE_FORM, "why_code_form") X(WHY_DIALLING, "why_dialling")                  \
	X(WHY_DIALLED, "why_dialled") X(OPERATOR_USED, "operator_used")                    \
	X(OPERATOR_STALE, "operator_stale") X(OPERATOR_WRONG, "operator_wrong")
enum flow_house_text {
#define X(id, name) FLOW_SAY_##id,
	FLOW_HOUSE_TEXTS(X)
#undef X
	FLOW_HOUSE_TEXT_COUNT
};
struct flow_named { const char *name, *value; };	/* stands for {name} */
/* Appends one: in this language ("" or NULL: none is known), else the account's, else English; as
 * the account's files say it (`texts`) where they do. account NULL: the first one. */
void flows_say(const struct flows *f, const char *account, const char *language,
	       enum flow_house_text text, const struct flow_named *names, size_t n,
	       struct tw_buf *out);

/* The type that an account's files declare a field to have: "text", "integer", "number", "date",
 * "boolean"; NULL: they declare none of this name. */
const char *flows_field_type(const struct flows *f, const char *account, const char *name);
/* In what a pledge is promised, as it was declared; "" where it is declared no more. */
const char *flows_pledge_currency(const struct flows *f, const char *account, const char *name);

/* ---- texts that stand in no file ----------------------------------------------------------- */

/* A campaign's texts, compiled against what the account declares: names of the contact, and
 * {voucher}. */
struct flow_letter;
struct flow_letter_source {
	const char *account;
	const char *series;		/* of {voucher}; NULL or "": none, and the name is an error
					 * */
	const char *const *texts;	/* templates */
	size_t n_texts;
};
/* f must outlive it. NULL with findings; their file is what they are about ("text", "voucher"). */
struct flow_letter *flow_letter_new(const struct flows *f, const struct flow_letter_source *src,
				    struct tw_findings *findings);
void flow_letter_free(struct flow_letter *l);
/* Appends the text as this contact gets it; voucher: its code, NULL none. */
void flow_letter_write(const struct flow_letter *l, size_t text, const struct flow_event *e,
		       const char *voucher, struct tw_buf *out);
/* Whether everybody gets the same. */
bool flow_letter_is_plain(const struct flow_letter *l, size_t text);

/* ---- series of vouchers -------------------------------------------------------------------- */

bool flows_series(const struct flows *f, const char *account, const char *name,
		  struct flow_series *ret);
/* Those of an account in file order: how many, at most cap are filled in. */
size_t flows_all_series(const struct flows *f, const char *account, struct flow_series *out,
			size_t cap);

/* ---- consent words alone ------------------------------------------------------------------- */

enum consent_word { CONSENT_NONE, CONSENT_STOP, CONSENT_START, CONSENT_HELP,
		    CONSENT_STOP_AMBIGUOUS, CONSENT_ASK };
/* Whether the whole text is a consent word in one of the languages ("en" always applies), courtesy
 * words, quotation marks, signatures and the like set aside; rest: what followed it, folded ("STOP
 * ACME": "acme"; "all" for STOP ALL and its like), "" when nothing did. It is a name for the caller
 * to know: with a rest that is no name the text is no consent word. Good until the next call. */
enum consent_word flow_consent_word(const struct flows *f, const char *const *languages, size_t n,
				    const char *text, size_t text_n, const char **ret_rest);
/* What the sentences of a text say that is no consent word: CONSENT_STOP where one asks
 * unmistakably to leave, CONSENT_ASK where it may, else CONSENT_NONE. */
enum consent_word flow_consent_sentence(const struct flows *f, const char *const *languages,
					size_t n, const char *text, size_t text_n);

#endif
