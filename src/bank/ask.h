/* Asks a port whether a modem answers there (ask.c). */
#ifndef TWOWAY_BANK_ASK_H
#define TWOWAY_BANK_ASK_H

#include <twoway/base.h>

enum ask_verdict {
	ASK_GOES_ON,
	ASK_SENSIBLE,	/* a modem that understands what it is asked */
	ASK_HOLLOW,	/* says OK to everything: only where nothing better is found */
	ASK_SILENT
};
struct ask {
	unsigned tries, late;
	bool has_answered, has_text;
	char line[64];
	size_t n;
	const char *output;	/* to be written now, NULL: nothing; the writer sets it to NULL */
	struct mono_ms until;
};
void ask_begin(struct ask *a, struct mono_ms now);
enum ask_verdict ask_feed(struct ask *a, const char *bytes, size_t n, struct mono_ms now);
enum ask_verdict ask_tick(struct ask *a, struct mono_ms now);

#endif
