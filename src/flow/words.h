/* What the files of consent words share: words_fold.c folds, words_load.c reads the files,
 * words_form.c makes other readings of a text, words.c says what a whole text means. */
#ifndef TWOWAY_FLOW_WORDS_H
#define TWOWAY_FLOW_WORDS_H

#include "internal.h"

enum { WORDS_LANGUAGES_MAX = 64, WORDS_TOKENS_MAX = 200 };

enum words_kind { KIND_STOP, KIND_ALL, KIND_START, KIND_HELP, KIND_AMBIGUOUS, KIND_COURTESY,
		  KIND_COUNT };

/* What a folded phrase is, a bit a language. */
struct words_entry { uint64_t kinds[KIND_COUNT]; };

/* What sentences are told by (docs/consent.md). */
enum words_pattern { PATTERN_STOP, PATTERN_ASK, PATTERN_VETO, PATTERN_LIMIT, PATTERN_WISH,
		     PATTERN_THING, PATTERN_COUNT };
struct words_patterns { uint32_t *v; size_t n, cap; };	/* first nodes */

struct words_language {
	char code[12];
	bool is_unspaced;		/* its sentences are matched letter by letter */
	struct words_patterns patterns[PATTERN_COUNT];
	char *phrases[FLOW_PHRASE_COUNT];	/* NULL: not said in it */
};

struct flow_words {
	struct words_language languages[WORDS_LANGUAGES_MAX];	/* [0] is any.conf */
	size_t n_languages;
	struct tw_map by_phrase;	/* folded phrase to struct words_entry */
	size_t longest;			/* words in a phrase */
	struct tw_strings courtesy;	/* folded, of scripts without spaces */
	struct tw_strings signatures, asks;		/* folded; by key */
	struct tw_strings quotes;	/* folded: how a line ends above a quoted text */
	/* What says nothing about what is meant: keys of words to the languages' bits; and of
	 * letters without spaces, the longest first. */
	struct tw_map commons;
	struct tw_strings common_letters;
	/* Patterns of sentences: their words, by number, and their nodes. */
	struct tw_map literals, prefixes;
	struct words_node *nodes;	size_t n_nodes, cap_nodes;
	uint32_t *choices;		size_t n_choices, cap_choices;
	/* By what patterns can begin: of each word and beginning of a word the languages that have
	 * such a pattern in a list, and those that have one which begins with neither. */
	uint64_t *first_words[PATTERN_COUNT], *first_prefixes[PATTERN_COUNT],
		first_any[PATTERN_COUNT];
};

/* The languages asked for, English and what counts in any, as bits. */
uint64_t words_mask(const struct flow_words *w, const char *const *languages, size_t n);

/* ---- one reading of a text (words.c) ------------------------------------------------------- */

enum { WORDS_READ_MAX = 64 };	/* words in a reading */
/* The words of a folded text: word i begins at starts[i], and ends one before starts[i + 1]. */
struct words_reading {
	const struct flow_words *w;
	uint64_t mask;
	const char *text;
	size_t starts[WORDS_READ_MAX + 1];
	size_t n;
};
bool words_split(struct words_reading *r, const char *text, size_t n);
void words_skip_courtesy(const struct words_reading *r, size_t *first, size_t *end);
/* What a folded text says by its words alone, other readings of it included. */
void words_read_folded(const struct flow_words *w, uint64_t mask, const struct tw_buf *text,
		       struct flow_saying *ret);

/* ---- what is the sender's own (words_own.c) ------------------------------------------------ */

/* Appends the text without quoted lines and without what stands below "--" or "… wrote:". */
void words_cut_quotes(const struct flow_words *w, const char *text, size_t n, struct tw_buf *out);
/* Cuts a folded text where a signature begins, not before octet `from`. Whether it did. */
bool words_cut_signature(const struct flow_words *w, size_t from, struct tw_buf *text);
/* Liked “…”: a few words and then the text of somebody else. */
bool words_is_reaction(const char *text, size_t n);

/* ---- sentences (words_pattern.c, words_sentence.c) ----------------------------------------- */

/* Adds a pattern to a language; what is wrong with it, or NULL. */
const char *words_pattern_add(struct flow_words *w, size_t language, enum words_pattern list,
			      const char *text);
void words_patterns_settle(struct flow_words *w);	/* once all are added */
void words_patterns_done(struct flow_words *w);
struct words_token { uint32_t word, prefixes[8]; uint8_t n_prefixes; };
struct words_clause {
	const struct flow_words *w;
	bool is_unspaced;
	struct words_token tokens[WORDS_TOKENS_MAX];
	size_t n;
	size_t head, tail;		/* courtesy words stand before and behind */
};
void words_clause_set(struct words_clause *c, const char *text, size_t n);	/* folded */
/* The first place, from a word on, where one of the language's patterns fits, and its end. */
bool words_pattern_find(const struct words_clause *c, size_t language, enum words_pattern list,
			size_t from, size_t *ret_from, size_t *ret_to);
/* What the sentences of a text say, quotes and signature cut: SAYS_STOP, SAYS_ASK or
 * SAYS_NOTHING. */
enum flow_says words_read_sentences(const struct flow_words *w, uint64_t mask, const char *text,
				    size_t n);

/* ---- other readings of a folded text (words_form.c) ---------------------------------------- */

enum words_script { TO_LATIN, TO_CYRILLIC, TO_GREEK, SCRIPT_COUNT };
/* Which other readings a text may have, by one look at its letters. */
struct words_seen { bool scripts[SCRIPT_COUNT]; bool is_unspaced, has_run, is_spelt; };
struct words_seen words_look_at(const char *text, size_t n);
/* Other readings are counted from 0; false where the text has none of this kind. */
enum { WORDS_FORMS = 3 + SCRIPT_COUNT };
bool words_make_form(const struct flow_words *w, const struct words_seen *seen, int form,
		     const struct tw_buf *text, struct tw_buf *out);

#endif
