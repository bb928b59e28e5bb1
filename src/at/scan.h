/* Bytes to lines. Octets are kept in one linear buffer; a line is found where it lies and handed
 * out in place. Nothing here knows a command. */
#ifndef AT_SCAN_H
#define AT_SCAN_H

#include <twoway/at.h>

struct scan_line {
	char *text;		/* trimmed, NUL-terminated, never empty */
	size_t n;
	uint64_t at;		/* offset of its first octet in the stream of all octets fed */
	bool is_cut;
};

enum scan_found {
	SCAN_NOTHING,		/* blanks, or a line that has not ended */
	SCAN_LINE,
	SCAN_PROMPT		/* nothing but `>` and blanks behind the last line end */
};

struct scan {
	uint64_t at;		/* stream offset of buf[start] */
	size_t start, end;	/* what is not taken yet */
	size_t look;		/* where the search for the line's end goes on */
	size_t lost;		/* octets of the line at start that did not fit */
	bool is_skipping;	/* the beginning of this line was lost: drop what is left of it */
	bool is_quote_open;	/* a +CUSD: text waits for its closing quote … */
	bool is_quote_given_up;	/* … but no longer in this line */
	bool has_line;		/* line_* describe the line at start */
	bool line_is_cut;
	size_t line_n, line_used;
	char buf[1 + AT_INPUT_MAX + 1];	/* buf[0] is room for scan_split */
};

void scan_init(struct scan *s);
/* Returns how many octets were lost for want of room: the oldest ones, up to a line end. */
size_t scan_feed(struct scan *s, const void *bytes, size_t n);
/* What stands next, without taking it. ret_line is filled for SCAN_LINE; its text is valid until
 * the next call that changes s. Octets lost by an overlong line are added to *lost. */
enum scan_found scan_peek(struct scan *s, struct scan_line *ret_line, uint64_t *lost);
void scan_take_line(struct scan *s);
/* Whether what scan_peek found begins with `>`, whatever follows it. */
bool scan_is_at_prompt(const struct scan *s);
/* Takes the `>` alone; what follows it stands next. */
void scan_take_prompt(struct scan *s);
/* Offset in the stream of what scan_peek found. */
uint64_t scan_at(const struct scan *s);
/* Leaves the first n octets of the peeked line aside (returned, NUL-terminated, valid until the
 * next change of s); what follows them is the next line. n > 0. */
char *scan_split(struct scan *s, size_t n);
/* The closing quote of a +CUSD: did not come in time: its line ends where its first line ends. */
void scan_give_up_quote(struct scan *s);

#endif
