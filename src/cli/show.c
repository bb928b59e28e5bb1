/* Text of strangers on a terminal. */
#include "cli.h"

#include <locale.h>
#include <wchar.h>

/* What a terminal obeys or what turns the order of a line around: C0, DEL, C1, line and paragraph
 * separators, bidirectional marks, embeddings, overrides and isolates, the byte order mark, and the
 * invisible tag characters. */
static bool is_unsafe(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

void show_safe(const char *text, size_t n, struct tw_buf *out)
{
	const char *p = text, *end = text + n;

	while (p < end) {
		int32_t c = tw_utf8_next(&p, end);

		if (!is_unsafe(c))
			tw_buf_addu(out, (uint32_t)c);
		else if (c == '\n')
			tw_buf_adds(out, "\\n");
		else if (c == '\r')
			tw_buf_adds(out, "\\r");
		else if (c == '\t')
			tw_buf_adds(out, "\\t");
		else if (c < 0x100)
			tw_buf_addf(out, "\\x%02x", (unsigned)c);
		else
			tw_buf_addf(out, "\\u%04x", (unsigned)c);
	}
}

/* Widths come from the C library's tables, whatever the locale of the shell. */
static void use_unicode_widths(void)
{
	static locale_t unicode;

	if (unicode)
		return;
	unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (unicode)
		uselocale(unicode);
}

/* Columns of one grapheme cluster: of its widest character; a variation selector 16 makes it
 * wide. */
static int cluster_width(const char *p, size_t n)
{
	const char *end = p + n;
	int width = 0;

	while (p < end) {
		int32_t c = tw_utf8_next(&p, end);
		int w = c == 0xfe0f ? 2 : c < 0x80 ? 1 : wcwidth((wchar_t)c);

		if (w > width)
			width = w;
	}
	return width;
}

int show_width(const char *text, size_t n)
{
	int width = 0;

	use_unicode_widths();
	while (n) {
		size_t step = tw_grapheme_next(text, n);

		width += cluster_width(text, step);
		text += step;
		n -= step;
	}
	return width;
}

void show_cut(const char *text, int width, struct tw_buf *out)
{
	size_t n = strlen(text);
	int used = 0;

	if (show_width(text, n) <= width) {
		tw_buf_add(out, text, n);
		return;
	}
	while (n) {
		size_t step = tw_grapheme_next(text, n);
		int w = cluster_width(text, step);

		if (used + w > width - 1)
			break;
		tw_buf_add(out, text, step);
		used += w;
		text += step;
		n -= step;
	}
	if (width > 0)
		tw_buf_adds(out, "\xe2\x80\xa6");
}

static const char *const codes[] = {
	[COLOUR_GOOD] = "\033[32m", [COLOUR_BUSY] = "\033[33m", [COLOUR_BAD] = "\033[31m",
	[COLOUR_FAINT] = "\033[2m", [COLOUR_BOLD] = "\033[1m",
};

void show_begin(struct tw_buf *out, enum colour colour, bool is_on)
{
	if (is_on && colour != COLOUR_NONE)
		tw_buf_adds(out, codes[colour]);
}

void show_end(struct tw_buf *out, enum colour colour, bool is_on)
{
	if (is_on && colour != COLOUR_NONE)
		tw_buf_adds(out, "\033[0m");
}

/* States of messages and of modems (contract 5). */
enum colour show_state_colour(const char *state)
{
	static const struct { const char *state; enum colour colour; } table[] = {
		{ "received", COLOUR_GOOD }, { "delivered", COLOUR_GOOD }, { "sent", COLOUR_GOOD },
		{ "ready", COLOUR_GOOD }, { "scheduled", COLOUR_BUSY }, { "queued", COLOUR_BUSY },
		{ "sending", COLOUR_BUSY }, { "starting", COLOUR_BUSY },
		{ "searching", COLOUR_BUSY },
		{ "recovering", COLOUR_BUSY }, { "paused", COLOUR_BUSY },
		{ "stranger", COLOUR_BUSY },
		{ "undelivered", COLOUR_BAD }, { "failed", COLOUR_BAD }, { "expired", COLOUR_BAD },
		{ "locked", COLOUR_BAD }, { "no_sim", COLOUR_BAD }, { "absent", COLOUR_BAD },
		{ "canceled", COLOUR_FAINT },
	};

	for (size_t i = 0; i < TW_COUNT(table); i++) {
		if (!strcmp(table[i].state, state))
			return table[i].colour;
	}
	return COLOUR_NONE;
}
