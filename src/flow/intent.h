/* Tokens of free text, between intent_token.c, which makes them, and intent.c, which looks for
 * them. */
#ifndef INTENT_H
#define INTENT_H

#include "internal.h"

enum { TOKENS_MAX = 32 };	/* of a text or an example: what follows is not read */
struct token {
	uint32_t at, n;			/* in the buffer of tokens */
	uint32_t prefix;		/* octets by which it is looked for; 0: the whole */
	bool is_common;			/* says nothing about what is meant */
};
struct tokens { struct token v[TOKENS_MAX]; size_t n; struct tw_buf text; };

void intent_tokens_read(const struct flow_words *w, const char *language, const char *text,
			size_t n, struct tokens *t);
/* The tokens that count, as bits; where all of them say nothing, all do. */
uint32_t intent_tokens_content(const struct tokens *t);

#endif
