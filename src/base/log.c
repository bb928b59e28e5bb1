/* The log: one line an event, made safe to read in a terminal. */
#include <twoway/base.h>

#include <stdio.h>
#include <unistd.h>

#define HELD_MAX 65536
#define RING 8
#define RING_TEXT 2048	/* a text of ten segments fits */

static struct {
	enum tw_level level;
	bool mask_numbers, show_texts;
	void (*sink)(void *ctx, enum tw_level level, const char *line);
	void *ctx;
	struct tw_buf line;	/* kept from event to event */
	bool is_held;
	struct tw_buf held;
} the_log = { .level = TW_WARN, .mask_numbers = true };

static char ring[RING][RING_TEXT];
static unsigned ring_next;

static char *ring_get(void)
{
	return ring[ring_next++ % RING];
}

void tw_log_setup(enum tw_level level, bool mask_numbers, bool show_texts)
{
	the_log.level = level;
	the_log.mask_numbers = mask_numbers;
	the_log.show_texts = show_texts;
}

void tw_log_sink(void (*sink)(void *ctx, enum tw_level level, const char *line), void *ctx)
{
	the_log.sink = sink;
	the_log.ctx = ctx;
}

bool tw_log_wants(enum tw_level level)
{
	return level <= the_log.level;
}

static const char *level_name(enum tw_level level)
{
	switch (level) {
	case TW_ERROR:
		return "error";
	case TW_WARN:
		return "warn";
	case TW_INFO:
		return "info";
	case TW_DEBUG:
		return "debug";
	}
	return "?";
}

/* What could move a terminal's cursor or turn the text round: C0, DEL, C1, line and paragraph
 * separators, the embeddings and isolates of the bidirectional algorithm. */
static bool is_unsafe(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static const char *escape(int32_t c, char out[12])
{
	switch (c) {
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	}
	snprintf(out, 12, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
	return out;
}

/* How many characters of a number at the beginning of a text may be seen. */
static size_t seen_of(size_t n)
{
	return n > 12 ? 8 : n - 5;
}

/* Appends the number in international form that s begins with, if it does, as it may be seen, and
 * returns what follows. One that was hidden before has too few digits left. */
static const char *add_number(struct tw_buf *b, const char *s)
{
	size_t n = 1 + strspn(s + 1, "0123456789");

	if (!the_log.mask_numbers || n < 9 || n > 16)
		return NULL;
	tw_buf_add(b, s, seen_of(n));
	tw_buf_adds(b, "\xe2\x80\xa6");
	tw_buf_add(b, s + n - 2, 2);
	return s + n;
}

/* Appends what vsnprintf gave with unsafe characters escaped: an event is one line whatever a
 * caller forgot to quote, and no number stands in it whole, wherever it came from. */
static void add_safe(struct tw_buf *b, const char *s)
{
	const char *end = s + strlen(s);

	while (s < end) {
		const char *from = s, *behind = *s == '+' ? add_number(b, s) : NULL;
		int32_t c;
		char hex[12];

		if (behind) {
			s = behind;
			continue;
		}
		c = tw_utf8_next(&s, end);
		while (c >= 0x20 && c < 0x7f && s < end && *s >= 0x20 && *s < 0x7f && *s != '+')
			s++;		/* most of it, in one piece */
		if (is_unsafe(c))
			tw_buf_adds(b, escape(c, hex));
		else if (c == 0xfffd)
			tw_buf_addu(b, 0xfffd);	/* so that the line is UTF-8 */
		else
			tw_buf_add(b, from, (size_t)(s - from));
	}
}

static void write_stderr(const struct tw_buf *line)
{
	size_t done = 0;

	while (done < line->n) {
		ssize_t n = write(STDERR_FILENO, line->p + done, line->n - done);

		if (n <= 0)
			return;		/* there is nowhere to say so */
		done += (size_t)n;
	}
}

static void release_held(void)
{
	if (the_log.held.n)
		write_stderr(&the_log.held);
	tw_buf_clear(&the_log.held);
}

void tw_log_hold(bool hold)
{
	the_log.is_held = hold;
	if (!hold)
		release_held();
}

void tw_log(enum tw_level level, const char *event, const char *format, ...)
{
	struct tw_buf *line = &the_log.line;
	char time[TW_RFC3339_MAX];
	va_list ap;
	char *text = NULL;

	if (!tw_log_wants(level))
		return;
	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		abort();
	va_end(ap);

	tw_buf_clear(line);
	tw_buf_addf(line, "%s %s %s", tw_rfc3339(tw_now_system().wall, time), level_name(level),
		    event);
	if (*text) {
		tw_buf_addc(line, ' ');
		add_safe(line, text);
	}
	free(text);
	if (the_log.sink) {
		the_log.sink(the_log.ctx, level, line->p);
		return;
	}
	tw_buf_addc(line, '\n');
	if (the_log.is_held && level != TW_ERROR && the_log.held.n < HELD_MAX) {
		tw_buf_add(&the_log.held, line->p, line->n);
		return;
	}
	release_held();
	write_stderr(line);
}

/* Names and short codes are nobody's secret; of a number the last digits but two are hidden. */
const char *tw_log_number(const char *number)
{
	size_t n = strlen(number), digits = strspn(number, "+0123456789");
	char *out = ring_get();

	if (!the_log.mask_numbers || digits != n || n <= 6)
		return tw_log_quote(number);
	snprintf(out, RING_TEXT, "%.*s\xe2\x80\xa6%s", (int)seen_of(n), number, number + n - 2);
	return out;
}

const char *tw_log_text(const char *text)
{
	const char *p = text, *end = text + strlen(text);
	size_t letters = 0;
	char *out;

	if (the_log.show_texts)
		return tw_log_quote(text);
	while (tw_utf8_next(&p, end) >= 0)
		letters++;
	out = ring_get();
	snprintf(out, RING_TEXT, "(%zu letter%s)", letters, letters == 1 ? "" : "s");
	return out;
}

static bool needs_quotes(const char *value)
{
	return !*value || value[strcspn(value, " \"\\=\t\r\n")] != '\0';
}

const char *tw_log_quote(const char *value)
{
	const char *p = value, *end = value + strlen(value);
	bool quotes = needs_quotes(value);
	char *out = ring_get(), *o = out;

	if (quotes)
		*o++ = '"';
	/* room for one escape, the mark of a cut, the quote and the NUL */
	while (p < end && o < out + RING_TEXT - 18) {
		int32_t c = tw_utf8_next(&p, end);
		char hex[12];

		if (c == '"' || c == '\\') {
			*o++ = '\\';
			*o++ = (char)c;
		} else if (is_unsafe(c)) {
			o = stpcpy(o, escape(c, hex));
		} else {
			o += tw_utf8_put((uint32_t)c, o);
		}
	}
	if (p < end)
		o = stpcpy(o, "\xe2\x80\xa6");
	if (quotes)
		*o++ = '"';
	*o = '\0';
	return out;
}
