/* What the files of consent words share: words_fold.c folds, words_load.c reads the files, words_form.c
 * makes other readings of a text, words.c says what a whole text means. */
#ifndef TWOWAY_FLOW_WORDS_H
#define TWOWAY_FLOW_WORDS_H

#include "internal.h"

enum { WORDS_LANGUAGES_MAX = 64 };

enum words_kind { KIND_STOP, KIND_ALL, KIND_START, KIND_HELP, KIND_AMBIGUOUS, KIND_COURTESY,
		  KIND_COUNT };

/* What a folded phrase is, a bit a language. */
struct words_entry { uint64_t kinds[KIND_COUNT]; };

struct words_language {
	char code[12];
	char *phrases[FLOW_PHRASE_COUNT];	/* NULL: not said in it */
};

struct flow_words {
	struct words_language languages[WORDS_LANGUAGES_MAX];	/* [0] is any.conf */
	size_t n_languages;
	struct tw_map by_phrase;	/* folded phrase to struct words_entry */
	size_t longest;			/* words in a phrase */
	struct tw_strings courtesy;	/* folded, of scripts without spaces */
	struct tw_strings signatures, asks;		/* folded; by key */
};

/* The languages asked for, English and what counts in any, as bits. */
uint64_t words_mask(const struct flow_words *w, const char *const *languages, size_t n);

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
