/* The compiled set of flows. Private to flow.
 *
 *   load.c     files to accounts and keywords      step.c      verbs: compiled and run
 *   text.c     texts by language, templates        filter.c    what stands behind `!`
 *   limit.c    hours, numbers                      match.c     a text to a keyword
 *   slip.c     keywords with one slip              words*.c    consent words, and their folding
 *   consent.c  STOP, START, HELP                   decide.c    the order of contract 2 */
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

/* "mon-fri 08:00-18:00": days as bits from Monday, minutes of the day; to > 1440 runs into the next. */
struct flow_hours { uint8_t days; uint16_t from, to; };
struct flow_limits {
	struct tw_strings numbers, from;	/* E.164; empty: any */
	struct flow_hours *hours;
	size_t n_hours;				/* 0: always */
};
void flow_limits_done(struct flow_limits *l);
/* Reads hours; adds a finding at node when text is none. */
int flow_hours_read(const struct tw_conf_node *node, struct flow_limits *l, struct tw_findings *f);
/* Reads numbers as E.164 (any_sender: short codes and names too). */
int flow_numbers_read(const struct tw_conf_node *node, const char *country, bool any_sender,
		      struct tw_strings *ret, struct tw_findings *f);
bool flow_has_number(const struct tw_strings *numbers, const char *number);	/* empty: true */
bool flow_is_open(const struct flow_limits *l, const struct tw_civil *now);

/* ---- texts --------------------------------------------------------------------------------- */

struct flow_run;

/* A piece of a template: literal text, or a name with its fallback and filter. */
struct flow_piece {
	int name;			/* row of the table of names, FLOW_NONE: literal */
	int filter;			/* row of the table of filters, FLOW_NONE: none */
	uint32_t text, text_n;		/* literal or fallback, in the set's strings */
	uint32_t argument, argument_n;	/* of the filter */
};
/* A text in one language: pieces first..first + n. */
struct flow_wording { char language[12]; uint32_t first, n; };
/* A text: wordings first..first + n. */
struct flow_text { uint32_t first, n; };

/* ---- steps --------------------------------------------------------------------------------- */

/* One step: a verb and its compiled argument (which table it points into is the verb's own). */
struct flow_op { uint16_t verb; uint32_t argument, line; };
/* Ops first..first + n, run in order. n 0: nothing. */
struct flow_program { uint32_t first, n; };

/* ---- keywords ------------------------------------------------------------------------------ */

struct flow_file {
	char *path;
	int account;
	struct tw_strings numbers;	/* E.164; empty: all */
};

struct flow_keyword {
	char *name;			/* first match, as written */
	int account, file;
	unsigned line;
	bool replies_any;		/* reply_to = "any" */
	bool is_costly;			/* a step gives something away: no slip is forgiven */
	struct flow_limits limits;
	struct flow_program program;
};

/* One key and the keywords that it leads to, in file order. */
struct flow_match {
	char *key;
	uint32_t key_n, words, letters;
	uint32_t *rows;			/* keywords */
	size_t n_rows;
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
struct flow_slot_row { int account, file; enum flow_slot slot; unsigned line; struct flow_program program; };

struct flow_owner { char *name, *language; const struct tw_zone *zone; };

/* ---- consent words ------------------------------------------------------------------------- */

struct flow_words;
struct flow_words *flow_words_load(const char *folder, struct tw_findings *f);
void flow_words_free(struct flow_words *w);

#define FLOW_PHRASES(X) X(LEFT, "left") X(LEFT_NUMBER, "left_number") X(STOP_ALL, "stop_all") \
	X(BACK, "back") X(BACK_NUMBER, "back_number") X(HOW, "how") X(WHICH, "which") X(OR, "or") \
	X(AND, "and")
enum flow_phrase {
#define X(id, name) FLOW_PHRASE_##id,
	FLOW_PHRASES(X)
#undef X
	FLOW_PHRASE_COUNT
};
/* A sentence of our own in the first of the languages that has it, else in English. Never NULL. */
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
enum flow_says flow_words_sentence(const struct flow_words *w, const char *const *languages, size_t n,
				   const char *text, size_t text_n);
/* The key by which consent words and names behind them are compared; appended to out. */
void flow_words_fold(const char *text, size_t n, struct tw_buf *out);

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
	/* Everything that programs and texts point into. */
	struct flow_op *ops;		size_t n_ops, cap_ops;
	struct flow_text *texts;	size_t n_texts, cap_texts;
	struct flow_wording *wordings;	size_t n_wordings, cap_wordings;
	struct flow_piece *pieces;	size_t n_pieces, cap_pieces;
	struct tw_buf strings;
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

/* What is being compiled. */
struct flow_compile {
	struct flows *f;
	struct tw_findings *findings;
	const char *country;
	int file, account;
	int depth;
	bool is_costly;			/* set by verbs that give something away */
	struct tw_map labels;		/* of this file */
};

/* ---- running ------------------------------------------------------------------------------- */

/* One text at one account: what templates and steps see. */
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
};
struct flow_run flow_run_new(const struct flows *f, const struct flow_event *e, int account,
			     struct flow_result *ret);

/* Compiles a text (a string, or a group by language) into the set. The row of texts, or -1 after a
 * finding. */
int flow_text_compile(struct flow_compile *c, const struct tw_conf_node *node);
/* Appends the text in the contact's language, else the account's, English, the first. */
void flow_text_render(const struct flow_run *run, uint32_t text, struct tw_buf *out);
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
/* Compiles the verbs that stand directly in a group; known: names that belong to the group itself. */
int flow_verbs_compile(struct flow_compile *c, const struct tw_conf_node *group,
		       const struct tw_key *known, size_t n_known, struct flow_program *ret);
void flow_program_run(struct flow_run *run, struct flow_program program);

/* ---- keywords and matching ----------------------------------------------------------------- */

/* Adds a keyword's match; findings for a match that is empty, too long, or another account's. */
int flow_match_add(struct flow_compile *c, const struct tw_conf_node *node, const char *text,
		   uint32_t keyword);
/* Builds what slips are found by; once, when all matches are there. */
void flow_slips_build(struct flows *f);
void flow_slips_free(struct flows *f);

/* The first keyword of a match that applies to this event, or FLOW_NONE. */
int flow_match_applies(const struct flows *f, const struct flow_match *m,
		       const struct flow_event *e);
struct flow_found { int keyword; size_t key_n; };	/* key_n: octets of the text's key that it took */
/* The longest keyword at the beginning of the key that applies. keyword FLOW_NONE: none. */
struct flow_found flow_match_find(const struct flows *f, const struct flow_event *e,
				  const char *key, size_t n);
enum { FLOW_CHOICES_MAX = 4 };
/* Keywords within one slip of the beginning of the key, of the most words that has any, each once: how
 * many, at most FLOW_CHOICES_MAX are filled in. */
size_t flow_slips_find(const struct flows *f, const struct flow_event *e, const char *key, size_t n,
		       struct flow_found ret[FLOW_CHOICES_MAX]);

/* ---- decisions ----------------------------------------------------------------------------- */

/* Adds an intent; text is taken over into the result. */
void flow_intent_add(struct flow_result *ret, enum flow_intent_type type, const char *account,
		     const char *keyword, const char *text, size_t text_n, bool is_consent);
/* Runs an account's top-level text for this number. Whether there is one. */
bool flow_slot_run(struct flow_run *run, enum flow_slot slot);
/* Whose a text is that no flow took (contract 2, "For 8 to 10"). */
int flow_account_of_rest(const struct flows *f, const struct flow_event *e);
int flow_account_named(const struct flows *f, const char *name);	/* FLOW_NONE: unknown */

struct flow_languages { const char *v[8]; size_t n; };
/* The languages whose consent words count for this event. */
struct flow_languages flow_consent_languages(const struct flows *f, const struct flow_event *e);
/* Acts on what a text says about consent. Whether it took the text. keyword: an exact one there is for
 * the whole text, or FLOW_NONE. */
bool flow_consent_decide(const struct flows *f, const struct flow_event *e,
			 const struct flow_saying *saying, struct flow_result *ret);
/* How to leave, where nobody can tell whether somebody wants to. */
void flow_consent_ask(const struct flows *f, const struct flow_event *e, struct flow_result *ret);
void flow_consent_stop(const struct flows *f, const struct flow_event *e,
		       const struct flow_saying *saying, struct flow_result *ret);

#endif
