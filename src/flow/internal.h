/* The compiled set of flows. Private to flow.
 *
 *   load.c     files to accounts                   declare.c   fields, vouchers, …: what files name
 *   keyword.c  keywords and what limits them
 *   step.c     steps to ops                        verb.c      what each verb compiles to
 *   go.c       jumps to labels and keywords        version.c   files as conversations know them
 *   text.c     texts by language, templates        filter.c    what stands behind `!`
 *   name.c     names in templates and conditions   condition.c expressions
 *   expect.c   what answers a question             run*.c      ops to intents
 *   away.c     steps that leave the process        desk.c      queues, agents and their verbs
 *   limit.c    hours, senders                      match.c     a text to a keyword
 *   pool.c     long numbers, and pools of them     which.c     which keyword was meant
 *   calendar.c when appointments may begin         appointment.c the verb, offers and answers
 *   on.c       events beside texts, `at`
 *   slip.c     keywords with one slip              words*.c    consent words, and their folding
 *   intent*.c  free text to what it is about        lint*.c     what is hardly meant
 *   early.c    the first part of a long text         letter.c    texts that stand in no file
 *   consent.c  STOP, START, HELP                   decide.c    the order of contract 2
 *   say.c      our own words, also to agents and operators */
#ifndef TWOWAY_FLOW_INTERNAL_H
#define TWOWAY_FLOW_INTERNAL_H

#include <twoway/base.h>
#include <twoway/flow.h>
#include <twoway/model.h>

enum {
	FLOW_WORDS_MAX = 16,		/* words in a keyword */
	FLOW_KEY_MAX = 160,		/* octets of its key */
	FLOW_SLIP_LETTERS = 5,		/* a shorter keyword forgives nothing */
	FLOW_DEPTH_MAX = 16,		/* `do` within `do` */
	FLOW_TEXT_MAX = 1 << 16,	/* octets of a rendered text */
	FLOW_NONE = -1
};

/* ---- limits -------------------------------------------------------------------------------- */

/* "mon-fri 08:00-18:00": days as bits from Monday, minutes of the day; to > 1440 runs into the
 * next. */
struct flow_hours { uint8_t days; uint16_t from, to; };
struct flow_limits {
	struct tw_strings numbers, from;	/* pool.c; E.164; empty: any */
	struct flow_hours *hours;
	size_t n_hours;				/* 0: always */
};
void flow_limits_done(struct flow_limits *l);
/* Reads hours; adds a finding at node when text is none. */
int flow_hours_read(const struct tw_conf_node *node, struct flow_limits *l, struct tw_findings *f);
/* "mon" or "mon-fri" as bits from Monday; what follows it. NULL: it is none. */
const char *flow_days_read(const char *text, uint8_t *ret);
/* One span of hours; what follows it, at "" or a comma. NULL: it is none. */
const char *flow_span_read(const char *text, struct flow_hours *ret);
/* Reads numbers as E.164 (any_sender: short codes and names too). */
int flow_numbers_read(const struct tw_conf_node *node, const char *country, bool any_sender,
		      struct tw_strings *ret, struct tw_findings *f);
void flow_number_fault(const struct tw_conf_node *node, enum number_error e,
		       struct tw_findings *f);
bool flow_is_open(const struct flow_limits *l, const struct tw_civil *now);

/* ---- texts --------------------------------------------------------------------------------- */

struct flow_run;

/* A piece of a template: literal text, or a name with its fallback and filter. */
struct flow_piece {
	int name;			/* flow_name_find, FLOW_NONE: literal */
	int filter;			/* row of the table of filters, FLOW_NONE: none */
	uint32_t text, text_n;		/* literal or fallback, in the set's strings */
	uint32_t argument, argument_n;	/* of the filter */
};
/* A text in one language: pieces first..first + n. */
struct flow_wording { char language[12]; uint32_t first, n, line; };
/* A text: wordings first..first + n. */
struct flow_text { uint32_t first, n; };

/* ---- declarations -------------------------------------------------------------------------- */

enum flow_type { FLOW_TYPE_TEXT, FLOW_TYPE_INTEGER, FLOW_TYPE_NUMBER, FLOW_TYPE_DATE,
		 FLOW_TYPE_BOOLEAN };
struct flow_field { char *name; int account; enum flow_type type; };
struct flow_series_row {
	struct flow_series pub;
	int account;
	char *name, *generate;
	struct tw_strings codes, keys;
	uint32_t *sorted;
};
/* when: while files are compiled. */
struct flow_goal { char *name; int account; const struct tw_conf_node *when; int condition;
		   int64_t within; };
struct flow_pledge { char *name, *currency; int account; double min, max; };
/* at: where it stands, while files are compiled. */
struct flow_desk {
	char *name, *escalate;		/* "" none */
	int account;
	struct tw_strings agents;
	struct flow_limits hours;
	int64_t within;
	int alert;
	const struct tw_conf_node *at;
};
struct flow_agent_row { char *name, *number, *email, *webhook, *language; int account; };
/* reminder, moves: while files are compiled. */
struct flow_calendar_row {
	struct flow_calendar pub;
	int account, file;
	unsigned line;
	const struct tw_conf_node *reminder, *moves;
	int text, moved;		/* that reminds, that tells of a move; FLOW_NONE */
};
struct flow_declared {
	struct flow_field *fields;	size_t n_fields, cap_fields;
	struct flow_series_row **series;	size_t n_series, cap_series;
	struct flow_pledge *pledges;	size_t n_pledges, cap_pledges;
	struct flow_goal *goals;	size_t n_goals, cap_goals;
	struct flow_desk *desks;	size_t n_desks, cap_desks;
	struct flow_agent_row *agents;	size_t n_agents, cap_agents;
	struct tw_map agents_by_number;	/* to the first row with it, plus one */
	struct flow_calendar_row **calendars;	size_t n_calendars, cap_calendars;
	struct flow_own_phrase *phrases;	size_t n_phrases, cap_phrases;
};

/* ---- steps --------------------------------------------------------------------------------- */

enum flow_code {
	OP_STOP,		/* the steps end here */
	OP_REPLY,		/* a: text */
	OP_END,			/* a: text + 1, 0 none */
	OP_UNLESS,		/* a: condition; false: to b */
	OP_JUMP,		/* to b */
	OP_GO,			/* to b, which may lie in another file */
	OP_ASK,			/* a: ask; b: of `no_answer`, 0 none */
	OP_WAIT,		/* a: ask, of which `within` counts */
	OP_SET,			/* a: set, b: how many of them */
	OP_TAG, OP_UNTAG,	/* a: string */
	OP_VOUCHER,		/* a: series */
	OP_REDEEM,		/* a: series, b: text */
	OP_SPLIT,		/* a: split */
	OP_PLEDGE,		/* a: pledge, b: text */
	OP_SEND,		/* a: send */
	OP_CONFIRM,		/* a: list, b: where it goes on when they are on it already */
	OP_SUBSCRIBE, OP_UNSUBSCRIBE,	/* a: list */
	OP_WEBHOOK, OP_EXEC, OP_EMAIL, OP_CALL_FORWARD,	/* a: away, b: of its fallback, 0 none */
	OP_TICKET,		/* a: string, a queue; b: text */
	OP_CALLBACK,		/* a: string, a queue; b: ask, of which `within` counts */
	OP_FORWARD,		/* a: string; b: 0 an agent, 1 a number */
	OP_APPOINTMENT,		/* a: appointment, b: behind the question of an offer */
	OP_ASIDE,		/* steps of `at` wait here for their contact's time */
	OP_NOTHING		/* `do`: what it holds stands behind it */
};
struct flow_op { uint16_t code; uint32_t a, b, step, line; };
/* Where steps begin; they end at OP_STOP. 0: there are none. */
struct flow_program { uint32_t first; };

enum flow_expect_kind { EXPECT_TEXT, EXPECT_NUMBER, EXPECT_RANGE, EXPECT_CHOICE, EXPECT_YES_NO,
			EXPECT_DATE, EXPECT_EMAIL, EXPECT_PATTERN,
			EXPECT_SLOT };		/* one of the times that were offered */
enum flow_policy { POLICY_AUTO, POLICY_WIN, POLICY_WAIT };
struct flow_expect {
	enum flow_expect_kind kind;
	double from, to;
	bool is_whole;			/* numbers without a fraction */
	struct tw_strings choices, keys;
	struct flow_pattern *pattern;
	uint32_t appointment;		/* op of the OP_APPOINTMENT whose times are offered; 0
					 * none */
};
struct flow_ask {
	uint32_t text, again;
	char *save;			/* NULL: nowhere */
	int field;			/* its row, FLOW_NONE: one of the contact's own names */
	struct flow_expect expect;
	enum flow_policy policy;
	int tries;
	int64_t within;			/* ms */
	uint32_t list;			/* name + 1 of the list that it is the question of; 0
					 * none */
};
/* fallback: the op of what runs when the calendar's url fails; 0 none. timeout: ms that it has. */
struct flow_appointment { const struct flow_calendar *calendar; enum flow_action action;
			  uint32_t fallback; int64_t timeout; };
/* What `set` gives one name: a template, or an expression. */
struct flow_set { uint32_t name; int field; bool is_expression; uint32_t value; };
struct flow_split { char *name; struct flow_arm *arms; uint32_t *targets; size_t n; };
struct flow_send { uint32_t to, text; char *from, *pool; };	/* NULL: any */
/* to: a text, of OP_EXEC a string; subject and text: texts + 1, 0 none. */
struct flow_away_step {
	enum flow_intent_type type;
	uint32_t to, subject, text;
	uint32_t *arguments;		/* texts */
	size_t n_arguments;
	int64_t timeout, span;
	bool repeats;
	char *label;			/* NULL: it has none */
};
/* looks: also at what is no name: facts about the contact, the clock. */
struct flow_condition { struct sqlite3_stmt *st; int *names; int n; bool looks; };

/* ---- keywords ------------------------------------------------------------------------------ */

struct flow_file {
	char *path;
	int account;
	struct tw_strings numbers;	/* pool.c; empty: all */
	uint8_t version[FLOW_VERSION_SIZE];
	char *text;			/* as it was compiled */
	size_t text_n;
	uint32_t first_op;
	uint32_t *steps;		/* ops of its steps, which are counted from 1 */
	uint32_t n_steps, cap_steps;
	uint32_t *labels;		/* of its steps: string + 1, 0 none */
	uint32_t n_labels, cap_labels;
};

struct flow_keyword {
	char *name;			/* first match, as written */
	int account, file;
	unsigned line;
	bool replies_any;		/* reply_to = "any" */
	bool is_costly;			/* a step gives something away: no slip is forgiven */
	bool looks_at_text;		/* a step needs the text behind it: it waits for all
					 * parts */
	uint32_t ops_end;		/* behind its steps */
	struct flow_limits limits;
	int condition;			/* FLOW_NONE: none */
	struct flow_program program;
};

/* One key and the keywords that it leads to, in file order. */
struct flow_match {
	char *key;
	uint32_t key_n, words, letters;
	uint32_t *rows;			/* keywords */
	size_t n_rows;
};

/* A list of an account. confirm: while files are compiled. program: its question, then joining. */
struct flow_list {
	char *name;
	int account, file;
	unsigned line;
	bool double_opt_in;
	const struct tw_conf_node *confirm;
	struct flow_program program;
};

/* Top-level texts of an account (contract 2). */
#define FLOW_SLOTS(X) X(OTHERWISE, "otherwise") X(HELP_TEXT, "help") X(GOODBYE, "goodbye") \
	X(WELCOME_BACK, "welcome_back") X(ENDED, "ended")
enum flow_slot {
#define X(id, name) FLOW_SLOT_##id,
	FLOW_SLOTS(X)
#undef X
	FLOW_SLOT_COUNT
};
struct flow_slot_row { int account, file; enum flow_slot slot; unsigned line;
		       struct flow_program program; };

/* What happens beside texts. about: the list or series alone that it is of, NULL any. */
struct flow_every {		/* days as bits from Monday, or a day of the month; minute of the
				 * day */
	uint8_t days;
	int day_of_month, minute;
};
struct flow_on {
	enum flow_happening event;
	int account, file;
	char *about;
	char *when, *audience;		/* of `at`, as written */
	struct flow_every every;
	struct flow_program program;
	uint32_t ops_end;		/* behind its steps */
	unsigned line;
	int condition;			/* of `audience`, FLOW_NONE */
};

struct flow_pool_row { char *name; struct tw_strings numbers; };
struct flow_owner { char *name, *language; const struct tw_zone *zone; };

/* ---- consent words ------------------------------------------------------------------------- */

struct flow_words;
struct flow_words *flow_words_load(const char *folder, struct tw_findings *f);
void flow_words_free(struct flow_words *w);

#define FLOW_PHRASES(X) \
	X(JOIN, "join") X(LEFT, "left") X(LEFT_NUMBER, "left_number") \
	X(LEFT_LIST, "left_list") X(STOP_ALL, "stop_all") \
	X(BACK, "back") X(BACK_NUMBER, "back_number") X(HOW, "how") X(WHICH, "which") X(OR, "or") \
	X(AND, "and") FLOW_HOUSE_TEXTS(X)
enum flow_phrase {
#define X(id, name) FLOW_PHRASE_##id,
	FLOW_PHRASES(X)
#undef X
	FLOW_PHRASE_COUNT
};
#define FLOW_PHRASE_OF(house) ((enum flow_phrase)((int)FLOW_PHRASE_AGENT_NONE + (int)(house)))
/* A sentence of our own as the account's files say it, else that of the words: in the first of the
 * languages that has it, else in English. Never NULL. */
const char *flow_phrase(const struct flows *f, int account, enum flow_phrase phrase,
			const char *const *languages, size_t n);
struct flow_own_phrase { int account; enum flow_phrase phrase; char language[12]; char *text; };
/* What may stand in braces in it: "{names} {keyword}". */
const char *flow_phrase_names(enum flow_phrase phrase);
const char *flow_words_phrase(const struct flow_words *w, enum flow_phrase phrase,
			      const char *const *languages, size_t n);

/* What a whole text says about consent. */
enum flow_says { SAYS_NOTHING, SAYS_STOP, SAYS_START, SAYS_HELP, SAYS_AMBIGUOUS, SAYS_ASK };
struct flow_saying {
	enum flow_says says;
	bool is_all;			/* STOP ALL */
	struct tw_buf rest;		/* folded: what stands behind STOP, START or HELP */
};
void flow_words_read(const struct flow_words *w, const char *const *languages, size_t n,
		     const char *text, size_t text_n, struct flow_saying *ret);
/* What its sentences say, where the whole is no consent word: SAYS_STOP where one is unmistakable,
 * SAYS_ASK where one may be meant, else SAYS_NOTHING. */
enum flow_says flow_words_sentence(const struct flow_words *w, const char *const *languages,
				   size_t n, const char *text, size_t text_n);
/* The key by which consent words and names behind them are compared; appended to out. */
void flow_words_fold(const char *text, size_t n, struct tw_buf *out);
/* Whether a word of a key says nothing about what is meant, in a language or in English. */
bool flow_words_is_common(const struct flow_words *w, const char *language,
			  const char *word, size_t n);
/* Octets of the longest phrase at the beginning of letters without spaces that says nothing; 0
 * none. */
size_t flow_words_common_letters(const struct flow_words *w, const char *text, size_t n);

/* ---- the set ------------------------------------------------------------------------------- */

struct flow_slips { struct flow_slip_slot *v; size_t cap, n; };

struct flows {
	struct flow_owner *owners;
	size_t n_owners;
	struct flow_file *files;
	size_t n_files;
	struct flow_keyword *keywords;
	size_t n_keywords, cap_keywords;
	struct flow_slot_row *slots;
	size_t n_slots;
	struct flow_on *ons;
	size_t n_ons, cap_ons;
	/* Everything that programs and texts point into. */
	struct flow_op *ops;		size_t n_ops, cap_ops;
	struct flow_text *texts;	size_t n_texts, cap_texts;
	struct flow_wording *wordings;	size_t n_wordings, cap_wordings;
	struct flow_piece *pieces;	size_t n_pieces, cap_pieces;
	struct tw_buf strings;
	struct flow_ask *asks;		size_t n_asks, cap_asks;
	struct flow_set *sets;		size_t n_sets, cap_sets;
	struct flow_split *splits;	size_t n_splits, cap_splits;
	struct flow_send *sends;	size_t n_sends, cap_sends;
	struct flow_away_step *aways;	size_t n_aways, cap_aways;
	struct tw_map label_ops;	/* file and label: to the op, plus one */
	struct flow_appointment *appointments;	size_t n_appointments, cap_appointments;
	struct flow_declared declared;
	struct flow_list *lists;	size_t n_lists, cap_lists;
	struct flow_pool_row *pools;	size_t n_pools;
	bool knows_pools;		/* all that there are */
	char *country;			/* by which numbers are read */
	const struct flows *base;	/* of a former version: where the rest is declared */
	struct flow_sql *sql;		/* condition.c; NULL: no expression yet */
	struct flow_intents *intents;	/* intent.c; NULL: there are none */
	struct tw_map notes;		/* lint.c: what is declared, and whether it is used */
	struct flow_note **noted;	size_t n_noted, cap_noted;
	uint8_t *seen;			/* by op: FLOW_SEEN_* */
	void (*trace)(void *ctx, const char *file, unsigned line, const char *verb);
	void *trace_ctx;
	/* The index. */
	struct tw_map by_key;		/* key to struct flow_match */
	struct flow_match **matches;
	size_t n_matches, cap_matches;
	uint32_t max_words;
	uint64_t lengths[FLOW_KEY_MAX / 64 + 1];	/* bit n: a key has n octets */
	uint32_t slip_words;		/* bit n: a keyword of n words forgives a slip */
	struct flow_slips slips;
	struct flow_words *words;
};

/* Makes room for one more of v[n]; the new element is zeroed. */
#define FLOW_PUSH(v, n, cap) ({                                                                    \
	if ((n) == (cap)) {                                                                        \
		(cap) = (cap) ? 2 * (cap) : 16;                                                    \
		(v) = tw_realloc((v), (cap) * sizeof(*(v)));                                       \
	}                                                                                          \
	memset(&(v)[n], 0, sizeof(*(v)));                                                          \
	&(v)[(n)++]; })

/* A `go` whose label or keyword may stand further on. */
struct flow_jump { uint32_t op; const struct tw_conf_node *node; int file, account; };
/* What is being compiled. */
struct flow_compile {
	struct flows *f;
	struct tw_findings *findings;
	const char *country;
	const char *exec_folder;	/* NULL: not looked at */
	int file, account;
	int depth;
	bool is_costly;			/* set by verbs that give something away */
	bool looks_at_text;		/* set by what needs the message */
	bool is_audience;		/* of the contact alone: no message, no run … */
	bool has_voucher;		/* … but for {voucher} */
	struct tw_map labels;		/* of this file: to their nodes */
	uint32_t label;			/* of the step that begins next: string + 1, 0 none */
	struct flow_jump *jumps;	size_t n_jumps, cap_jumps;
};

/* ---- running ------------------------------------------------------------------------------- */

/* What a run knows beside the message; kept with a conversation. */
#define FLOW_VARIABLES(X) X(KEYWORD) X(ARGS) X(NEW) X(VOUCHER) X(TICKET) X(REDEEMED) X(PLEDGE) \
	X(BOOKING) X(SLOT) X(PLACE) X(MAP) X(ICS) X(OFFER)
enum flow_variable {
#define X(id) VARIABLE_##id,
	FLOW_VARIABLES(X)
#undef X
	VARIABLE_COUNT
};
enum { FLOW_SEEN_STEP = 1, FLOW_SEEN_TRUE = 2, FLOW_SEEN_FALSE = 4 };
enum { FLOW_STEPS_MAX = 2000 };		/* in one turn of a conversation */

/* One text at one account: what templates and steps see; and the run of its steps. */
struct flow_run {
	const struct flows *f;
	const struct flow_event *e;
	struct flow_result *ret;
	int account;
	const char *keyword;		/* its first match, "" none */
	const char *args;
	size_t args_n;
	struct tw_civil now;		/* in the account's zone */
	bool is_consent;
	/* Of a run: */
	char *variables[VARIABLE_COUNT];	/* NULL: not set */
	size_t sizes[VARIABLE_COUNT];
	uint32_t pc;
	int steps;
	enum flow_variable awaits;	/* what the last intent's result is; VARIABLE_COUNT: none */
	bool is_over;
	bool is_resumed;		/* from a place, by this cause: */
	enum flow_cause cause;
	bool asks_again;		/* the OP_ASK that comes now is put another time */
	uint32_t keeps;			/* the op that it stands at, once all is said; 0: none */
	int hops;			/* steps that left the process, one behind the other */
	const struct flow_answer *answer;	/* to the op answered_at, of which `given` parts are
						 * told */
	uint32_t answered_at;
	size_t given;
	struct flow_away away;
	char step_name[16];
	const char *argv[32];
	uint32_t confirm_at;		/* the OP_CONFIRM that is looked up; 0: none */
	uint32_t split_at;		/* the OP_SPLIT whose arm is asked for; 0: none */
	uint32_t appointment_at;	/* the OP_APPOINTMENT that is carried out; 0: none */
	enum flow_action action;	/* of it */
	uint32_t calendar_at;		/* the OP_APPOINTMENT whose url is asked next; 0: none */
	int set_done;			/* of an OP_SET */
	struct flow_place place;
	struct tw_buf text, to, saved, subject, arguments;
};
struct flow_run flow_run_new(const struct flows *f, const struct flow_event *e, int account,
			     struct flow_result *ret);
/* What stands behind key_n octets of the text's key; 0: the whole text. */
void flow_run_args(struct flow_run *run, const char *text, size_t n, size_t key_n);
void flow_run_intent(const struct flow_run *run, enum flow_intent_type type,
		     struct flow_intent *ret);
void flow_variable_set(struct flow_run *run, enum flow_variable v, const char *text, size_t n);
void flow_variables_load(struct flow_run *run, const char *text, size_t n);
void flow_variables_done(struct flow_run *run);

/* Names in templates and conditions: of the run, or fields of the account. A handle, or
 * FLOW_NONE. */
int flow_name_find(const struct flow_compile *c, const char *name, size_t n);
const char *flow_name_nearest(const struct flow_compile *c, const char *name);
bool flow_name_is_of_contact(int name);		/* not of a message or a run */
bool flow_name_is_reserved(const char *name);
/* Appends; false: not set. */
bool flow_name_value(const struct flow_run *run, int name, struct tw_buf *out);
enum flow_type flow_name_type(const struct flows *f, int name);
const char *flow_name_text(const struct flows *f, int name);
/* "name", "language", "zone", "owner": what `save` and `set` may write beside fields. */
bool flow_name_is_own(const char *name);
/* The row of a field, FLOW_NONE. */
int flow_field_find(const struct flows *f, int account, const char *name);
const struct flow_field *flow_field(const struct flows *f, int row);
/* A value as a field of this type keeps it; false: it is none. */
bool flow_field_read(enum flow_type type, const char *text, size_t n, struct tw_buf *out);
const char *flow_type_name(enum flow_type type);

/* Reads what a file declares, before anything of any file is compiled. */
void flow_declare(struct flow_compile *c, const char *path, const struct tw_conf_node *root);
void flow_say_declare(struct flow_compile *c, const struct tw_conf_node *texts);
void flow_declared_done(struct flow_declared *d);
struct flow_series_row *flow_series_find(const struct flows *f, int account, const char *name);
int flow_series_row(const struct flows *f, int account, const char *name);	/* FLOW_NONE */
const struct flow_series_row *flow_series_at(const struct flows *f, uint32_t row);
/* Compiles what goals are reached by, once all names are known. */
void flow_goals_compile(struct flow_compile *c);
const struct flow_goal *flow_goal_find(const struct flows *f, int account, const char *name);
int flow_pledge_row(const struct flows *f, int account, const char *name);
const struct flow_pledge *flow_pledge_at(const struct flows *f, uint32_t row);

/* calendar.c: text stands in the file; the row compiles when names are known. */
void flow_calendar_declare(struct flow_compile *c, const char *path,
			   const struct tw_conf_node *group);
void flow_calendars_compile(struct flow_compile *c);
void flow_calendars_done(struct flow_declared *d);
const struct flow_calendar *flow_calendar_named(struct flow_compile *c,
						const struct tw_conf_node *node);

/* appointment.c: the verb, and what a run does about it. */
int flow_appointment_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			     const struct tw_conf_node *group);
bool flow_appointment_step(struct flow_run *run, uint32_t at, enum flow_action action,
			   struct wall_ms slot, struct flow_intent *ret);
void flow_appointment_result(struct flow_run *run, const char *text);
/* Its calendar's url: what asks it; until when it may answer; what it said. True: there is an
 * intent. */
bool flow_calendar_leave(struct flow_run *run, struct flow_intent *ret);
struct wall_ms flow_calendar_until(const struct flow_run *run, uint32_t at);
bool flow_calendar_resume(struct flow_run *run, uint32_t at, struct flow_intent *ret);
void flow_offer_render(const struct flow_run *run, uint32_t appointment, struct tw_buf *out);
bool flow_offer_takes(const struct flow_run *run, uint32_t appointment, const char *text, size_t n,
		      struct tw_buf *out);

/* on.c: what happens beside texts. */
void flow_on_compile(struct flow_compile *c, const struct tw_conf_node *group);
void flow_ons_done(struct flows *f);

/* Compiles an expression, once for each account. The row of it, or FLOW_NONE after findings. */
int flow_condition_compile(struct flow_compile *c, const struct tw_conf_node *node,
			   const char *text);
bool flow_condition_is_true(const struct flow_run *run, uint32_t condition);
/* Whether it is false by what run holds, and looks at nothing but names that are known. */
bool flow_condition_is_never(const struct flow_run *run, uint32_t condition,
			     bool (*is_known)(const char *name));
/* Its value as text; false: NULL. */
bool flow_condition_value(const struct flow_run *run, uint32_t condition, struct tw_buf *out);
void flow_sql_free(struct flow_sql *sql);

/* Reads `expect`; node NULL: what the field's type wants. */
int flow_expect_compile(struct flow_compile *c, const struct tw_conf_node *node, int field,
			struct flow_expect *ret);
void flow_expect_done(struct flow_expect *e);
/* Whether the text answers; the value to keep is appended. */
bool flow_expect_takes(const struct flow_run *run, const struct flow_expect *e, const char *text,
		       size_t n, struct tw_buf *out);

/* Compiles a text (a string, or a group by language) into the set. The row of texts, or -1 after a
 * finding. */
int flow_text_compile(struct flow_compile *c, const struct tw_conf_node *node);
/* A text of our own, by language. */
struct flow_phrase_row { const char *language, *text; };
int flow_text_phrases(struct flow_compile *c, const struct flow_phrase_row *v, size_t n);
/* The same of a template that does not stand in the file as such; of a text without names. */
int flow_text_template(struct flow_compile *c, const struct tw_conf_node *node, const char *text);
int flow_text_literal(struct flow_compile *c, const char *text);
/* Appends the text in the contact's language, else the account's, English, the first. */
void flow_text_render(const struct flow_run *run, uint32_t text, struct tw_buf *out);
/* The same into a URL: what names bring is percent-encoded. */
void flow_text_render_url(const struct flow_run *run, uint32_t text, struct tw_buf *out);
uint32_t flow_string_keep(struct flows *f, const char *text, size_t n);	/* with a NUL behind it */
const char *flow_string(const struct flows *f, uint32_t at);
int flow_filter_named(const char *name, size_t n);
const char *flow_filter_names(void);
/* Says whether the filter wants an argument in parentheses. */
bool flow_filter_wants(int filter);
void flow_filter_apply(const struct flow_run *run, int filter, const char *argument,
		       size_t argument_n, const char *text, size_t n, struct tw_buf *out);
/* The contact's language, else the account's; "" never. */
const char *flow_run_language(const struct flow_run *run);

/* Compiles steps: a text is one reply, a list is steps. 0 or TW_E_CONFIG. */
int flow_steps_compile(struct flow_compile *c, const struct tw_conf_node *node,
		       struct flow_program *ret);
/* The same within other steps: no OP_STOP behind them. */
int flow_block_compile(struct flow_compile *c, const struct tw_conf_node *node);
/* The same where a text by language may stand as well. */
int flow_text_or_steps_compile(struct flow_compile *c, const struct tw_conf_node *node);
/* What is asked behind an OP_ASK: its `no_answer`, which ends the steps. */
int flow_ask_ops_compile(struct flow_compile *c, const struct tw_conf_node *node, uint32_t row,
			 const struct tw_conf_node *no_answer);
/* The part of `ask` that any question may have beside it. */
struct flow_patience { int64_t tries, within, keywords; const struct tw_conf_node *no_answer; };
#define FLOW_PATIENCE "tries within no_answer keywords"
int flow_patience_read(struct flow_compile *c, const struct tw_conf_node *group,
		       struct flow_patience *ret);
/* Compiles the verbs that stand directly in a group; known: names that belong to the group
 * itself. */
int flow_verbs_compile(struct flow_compile *c, const struct tw_conf_node *group,
		       const struct tw_key *known, size_t n_known, struct flow_program *ret);
void flow_step_begin(struct flow_compile *c);	/* the next op is a step's own */
void flow_step_begin_within(struct flow_compile *c);	/* the same, of the same label as the
							 * last */
uint32_t flow_op_add(struct flow_compile *c, enum flow_code code, uint32_t a, uint32_t b,
		     const struct tw_conf_node *node);
/* A verb: what compiles its argument and modifiers, which stand in group. */
struct flow_verb {
	const char *name;
	/* NULL: of the language, and not built yet */
	int (*compile)(struct flow_compile *c, const struct tw_conf_node *argument,
		       const struct tw_conf_node *group);
	const char *modifiers;		/* divided by blanks */
	bool is_costly;			/* gives something away: no slip is forgiven (contract 2) */
};
extern const struct flow_verb flow_verbs[];
extern const size_t flow_verbs_n;
const char *flow_code_name(enum flow_code code);	/* the verb that makes it, "" none */
bool flow_code_stands(enum flow_code code);	/* a conversation may stand at it, or at a question
						 * of it */
/* The row of a `when`, FLOW_NONE after a finding. */
int flow_when_compile(struct flow_compile *c, const struct tw_conf_node *node);
void flow_label_put(struct flow_compile *c, const char *label);	/* the next op has this label */
/* A label of the file, else a keyword's match of the account; a finding where it is neither. */
bool flow_target_find(struct flow_compile *c, const struct tw_conf_node *node, int file,
		      int account, uint32_t *ret_op, const struct flow_match **ret_match);
/* Resolves `go`; refuses loops. */
void flow_jumps_settle(struct flow_compile *c);
uint32_t flow_label_op(const struct flows *f, int file, const char *label);	/* 0: none */
/* Whether the question takes the event's text. */
bool flow_question_takes(const struct flow_event *e);
enum flow_policy flow_question_policy(const struct flow_event *e);
uint32_t flow_step_op(const struct flow_file *file, uint32_t step);	/* 0: none */
const struct flow_file *flow_file_of_version(const struct flows *f, const uint8_t *version);
const struct flow_file *flow_file_of_op(const struct flows *f, uint32_t op);

/* ---- long numbers -------------------------------------------------------------------------- */

/* v NULL: nobody knows which pools there are. */
void flow_pools_copy(struct flows *f, const struct flow_pool *v, size_t n);
void flow_pools_done(struct flows *f);
/* Reads numbers, and pools of the configuration, which stand for theirs. */
int flow_lines_read(struct flow_compile *c, const struct tw_conf_node *node,
		    struct tw_strings *ret);
/* Whether it is one, or can only be one's name. */
bool flow_pool_is_meant(const struct flows *f, const char *text);
/* Whether it is one of them; a pool that nobody knows has each. Empty: true. */
bool flow_has_number(const struct tw_strings *lines, const char *number);
/* The same to the letter: of senders, and of pools that nobody knows. */
bool flow_names_line(const struct tw_strings *lines, const char *line);
bool flow_lines_meet(const struct tw_strings *a, const struct tw_strings *b);
bool flow_lines_are_known(const struct tw_strings *lines);	/* no pool that nobody knows */

/* ---- keywords and matching ----------------------------------------------------------------- */

void flow_keywords_compile(struct flow_compile *c, const struct tw_conf_node *list);
/* Adds a keyword's match; findings for a match that is empty, too long, or another account's. */
int flow_match_add(struct flow_compile *c, const struct tw_conf_node *node, const char *text,
		   uint32_t keyword);
/* Builds what slips are found by; once, when all matches are there. */
void flow_slips_build(struct flows *f);
void flow_slips_free(struct flows *f);

/* The first keyword of a match that applies to this event, or FLOW_NONE. key_n: octets of the
 * text's key that it would take; 0: its arguments are the whole text. */
int flow_match_applies(const struct flows *f, const struct flow_match *m,
		       const struct flow_event *e, size_t key_n);
struct flow_found { int keyword; size_t key_n; };	/* key_n: octets of the text's key that it
							 * took */
/* The longest keyword at the beginning of the key that applies. keyword FLOW_NONE: none. */
struct flow_found flow_match_find(const struct flows *f, const struct flow_event *e,
				  const char *key, size_t n);
enum { FLOW_CHOICES_MAX = 4 };
/* Keywords within one slip of the beginning of the key, of the most words that has any, each once:
 * how
 * many, at most FLOW_CHOICES_MAX are filled in. */
size_t flow_slips_find(const struct flows *f, const struct flow_event *e, const char *key, size_t n,
		       struct flow_found ret[FLOW_CHOICES_MAX]);

/* which.c: a reply that asks which of several keywords was meant, and what is to be kept of it. */
void flow_which_ask(const struct flows *f, const struct flow_event *e,
		    const struct flow_found *found, size_t n, struct flow_result *ret);
/* The keyword that the event's text says was meant; key_n: octets of the key of the text with the
 * slip. keyword FLOW_NONE: it says none, nobody was asked, or it does not apply any more. */
struct flow_found flow_which_find(const struct flows *f, const struct flow_event *e);
/* The key of a text, its digits plain whatever their script (appointment.c). */
void flow_plain_key(const char *text, size_t n, struct tw_buf *out);

/* early.c: what may start with the first part of a long text. */
void flow_early_see_verb(struct flow_compile *c, const char *verb);
void flow_early_see_name(const struct flow_compile *c, const char *name);
void flow_early_settle(struct flow_compile *c);		/* once jumps are resolved */
/* Whether what was found at the beginning of a text is found in the whole too, whatever follows. */
bool flow_early_is_settled(const struct flows *f, const char *key, size_t n,
			   struct flow_found found);

/* ---- the linter ---------------------------------------------------------------------------- */

/* What a file declares and steps name: kind is what it is called ("list", "field"). */
void flow_note_declared(struct flow_compile *c, const char *kind, const char *name,
			const struct tw_conf_node *node);
void flow_note_used(const struct flow_compile *c, const char *kind, const char *name);
void flow_note_label_used(const struct flows *f, int file, const char *name);
void flow_notes_done(struct flows *f);
void flow_lint_warn(struct tw_findings *findings, const char *file, unsigned line,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));
void flow_lint_never(const struct flows *f, struct tw_findings *findings);	/* lint_on.c */
/* A key as it looks in print; the two readings differ in what a 1 is. Appended. */
enum flow_alike { FLOW_ALIKE_L, FLOW_ALIKE_I, FLOW_ALIKE_COUNT };
void flow_alike_of(const char *key, size_t n, enum flow_alike how, struct tw_buf *out);
/* The alphabet of a letter that looks Latin and stands in a Latin word; NULL: there is none. */
const char *flow_alike_mixed(const char *key, size_t n, uint32_t *ret_stranger);

/* ---- free text ----------------------------------------------------------------------------- */

/* Reads `intents` of a file; finds what they lead to, once all keywords and labels are known. */
void flow_intents_compile(struct flow_compile *c, const struct tw_conf_node *list);
void flow_intents_settle(struct flow_compile *c);
void flow_intents_free(struct flow_intents *s);
/* What the event's text is about within an account. intent FLOW_NONE: nothing was found. */
struct flow_guess { int intent; double score, gap; bool wins; };
struct flow_guess flow_intent_guess(const struct flows *f, const struct flow_event *e, int account);
/* Where an intent leads: a keyword that applies, else an op, else nowhere now. */
struct flow_aim { int keyword; uint32_t op; };
struct flow_aim flow_intent_aim(const struct flows *f, const struct flow_event *e, int intent);

/* ---- decisions ----------------------------------------------------------------------------- */

/* Adds an intent; text is taken over into the result. */
void flow_intent_add(struct flow_result *ret, enum flow_intent_type type, const char *account,
		     const char *keyword, const char *text, size_t text_n, bool is_consent);
/* Runs an account's top-level text for this number. Whether there is one. */
bool flow_slot_run(struct flow_run *run, enum flow_slot slot);
/* Whose a text is that no flow took (contract 2, "For 8 to 10"). */
int flow_account_of_rest(const struct flows *f, const struct flow_event *e);
int flow_account_named(const struct flows *f, const char *name);	/* FLOW_NONE: unknown */

/* list.c */
void flow_list_declare(struct flow_compile *c, const char *path, const struct tw_conf_node *group);
int flow_lists_compile(struct flow_compile *c);		/* of the file, once its names are known */
void flow_lists_done(struct flows *f);
int flow_subscribe_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			   const struct tw_conf_node *group);
int flow_unsubscribe_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			     const struct tw_conf_node *group);
const struct flow_list *flow_list_find(const struct flows *f, int account, const char *name);
/* The list that a node names; NULL after a finding. */
const struct flow_list *flow_list_named(struct flow_compile *c, const struct tw_conf_node *node);
/* The list of an account whose name stands behind a consent word; NULL none. */
const struct flow_list *flow_list_said(const struct flows *f, int account,
				       const struct tw_buf *said);

/* away.c */
int flow_webhook_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			 const struct tw_conf_node *group);
int flow_exec_compile(struct flow_compile *c, const struct tw_conf_node *argument,
		      const struct tw_conf_node *group);
int flow_email_compile(struct flow_compile *c, const struct tw_conf_node *argument,
		       const struct tw_conf_node *group);
int flow_call_forward_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			      const struct tw_conf_node *group);
void flow_aways_done(struct flows *f);
bool flow_code_is_away(enum flow_code code);
/* Asks the world; until when it may answer; what became of it (true: there is an intent); the next
 * part of the answer. */
bool flow_away_leave(struct flow_run *run, uint32_t at, struct flow_intent *ret);
struct wall_ms flow_away_until(const struct flow_run *run, uint32_t at);
bool flow_away_resume(struct flow_run *run, uint32_t at, struct flow_intent *ret);
bool flow_away_give(struct flow_run *run, struct flow_intent *ret);
enum { FLOW_HOPS_MAX = 20 };		/* such steps in a row, one leading to the next */
/* The step failed: why is told, and the steps go on at `to`. Always true. */
bool flow_away_fail(struct flow_run *run, uint32_t at, uint32_t to, const char *why,
		    struct flow_intent *ret);
/* A finding, and TW_E_CONFIG, where text is no URL that may be asked. */
int flow_url_check(struct flow_compile *c, const struct tw_conf_node *node, const char *text,
		   bool has_names);

/* desk.c */
void flow_desk_declare(struct flow_compile *c, const char *path, const struct tw_conf_node *group);
void flow_agent_declare(struct flow_compile *c, const char *path, const struct tw_conf_node *group);
/* Once all files are declared: the names that queues use. */
void flow_desks_settle(struct flow_compile *c);
void flow_desks_done(struct flow_declared *d);
int flow_ticket_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			const struct tw_conf_node *group);
int flow_callback_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			  const struct tw_conf_node *group);
int flow_forward_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			 const struct tw_conf_node *group);
/* now, or when hours begin next in this zone. */
struct wall_ms flow_hours_open(const struct flow_limits *l, const struct tw_zone *zone,
			       struct wall_ms now);

struct flow_languages { const char *v[8]; size_t n; };
/* The languages whose consent words count for this event. */
struct flow_languages flow_consent_languages(const struct flows *f, const struct flow_event *e);
/* Acts on what a text says about consent. Whether it took the text. keyword: an exact one there is
 * for the whole text, or FLOW_NONE. */
bool flow_consent_decide(const struct flows *f, const struct flow_event *e,
			 const struct flow_saying *saying, struct flow_result *ret);
/* How to leave, where nobody can tell whether somebody wants to. */
void flow_consent_ask(const struct flows *f, const struct flow_event *e, struct flow_result *ret);
void flow_consent_stop(const struct flows *f, const struct flow_event *e,
		       const struct flow_saying *saying, struct flow_result *ret);

#endif
