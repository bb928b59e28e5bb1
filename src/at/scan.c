#include "scan.h"

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

void scan_init(struct scan *s)
{
	memset(s, 0, offsetof(struct scan, buf));
	s->start = s->end = s->look = 1;
}

static void advance(struct scan *s, size_t n)
{
	s->start += n;
	s->at += n;
	if (s->start == s->end)
		s->start = s->end = s->look = 1;
	else if (s->look < s->start)
		s->look = s->start;
}

/* Makes room for n octets by giving up the oldest lines. Returns how many octets went. */
static size_t drop_oldest(struct scan *s, size_t n)
{
	size_t gone = n < s->end - s->start ? n : s->end - s->start;

	while (gone < s->end - s->start && s->buf[s->start + gone - 1] != '\n' &&
	       s->buf[s->start + gone - 1] != '\r')
		gone++;
	s->is_skipping = gone == s->end - s->start;
	s->has_line = s->is_quote_open = s->is_quote_given_up = false;
	s->at += s->lost;
	s->lost = 0;
	advance(s, gone);
	s->look = s->start;
	return gone;
}

size_t scan_feed(struct scan *s, const void *bytes, size_t n)
{
	const char *p = bytes;
	size_t gone = 0;

	if (n > AT_INPUT_MAX) {
		gone = drop_oldest(s, AT_INPUT_MAX) + (n - AT_INPUT_MAX);
		s->at += n - AT_INPUT_MAX;
		s->is_skipping = true;
		p += n - AT_INPUT_MAX;
		n = AT_INPUT_MAX;
	} else if (s->end - s->start + n > AT_INPUT_MAX) {
		gone = drop_oldest(s, s->end - s->start + n - AT_INPUT_MAX);
	}
	if (s->end + n > 1 + AT_INPUT_MAX) {
		memmove(s->buf + 1, s->buf + s->start, s->end - s->start);
		s->end -= s->start - 1;
		s->look -= s->start - 1;
		s->start = 1;
	}
	if (n)
		memcpy(s->buf + s->end, p, n);
	s->end += n;
	return gone;
}

/* The first CR or LF at or behind from, or s->end. */
static size_t find_line_end(const struct scan *s, size_t from)
{
	size_t n = s->end - from;
	const char *lf = memchr(s->buf + from, '\n', n);
	const char *cr;

	if (lf)
		n = (size_t)(lf - (s->buf + from));
	cr = memchr(s->buf + from, '\r', n);
	return from + (cr ? (size_t)(cr - (s->buf + from)) : n);
}

/* +CUSD: <m>[,"<text>"[,<dcs>]]: the text may hold line ends, so the line has ended only where its
 * quotes are paired and nothing but numbers stands behind the last one (27.007 7.15). */
static bool is_quote_paired(const char *p, size_t n)
{
	size_t quotes = 0, last = 0;

	if (n < 6 || memcmp(p, "+CUSD:", 6))
		return true;
	for (size_t i = 6; i < n; i++) {
		if (p[i] == '"') {
			quotes++;
			last = i;
		}
	}
	if (!quotes)
		return true;
	if (quotes % 2)
		return false;
	for (size_t i = last + 1; i < n; i++) {
		if (!is_blank(p[i]) && p[i] != ',' && (p[i] < '0' || p[i] > '9'))
			return false;
	}
	return true;
}

/* Line ends inside the line (a quoted text) become LF, NULs go. Returns the new length. */
static size_t tidy(char *p, size_t n)
{
	size_t to = 0;

	if (!memchr(p, '\r', n) && !memchr(p, 0, n))
		return n;
	for (size_t i = 0; i < n; i++) {
		if (!p[i] || (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n'))
			continue;
		p[to++] = p[i] == '\r' ? '\n' : p[i];
	}
	return to;
}

static void skip_blanks(struct scan *s)
{
	size_t i = s->start;

	while (i < s->end && is_blank(s->buf[i]))
		i++;
	if (i > s->start)
		advance(s, i - s->start);
}

static void skip_rest_of_line(struct scan *s, uint64_t *lost)
{
	size_t end = find_line_end(s, s->start);

	*lost += end - s->start;
	s->is_skipping = end == s->end;
	advance(s, end - s->start);
}

/* Ends the line at the terminator `end` (an index of a CR or LF). */
static void end_line(struct scan *s, size_t end, uint64_t *lost)
{
	size_t n = end - s->start;

	s->line_is_cut = s->lost > 0 || n > AT_LINE_MAX;
	if (n > AT_LINE_MAX) {
		*lost += n - AT_LINE_MAX;
		n = AT_LINE_MAX;
	}
	n = tidy(s->buf + s->start, n);
	while (n && is_blank(s->buf[s->start + n - 1]))
		n--;
	s->buf[s->start + n] = 0;
	s->line_n = n;
	s->line_used = end + 1 - s->start;
	s->has_line = true;
	s->is_quote_open = false;
}

/* Looks for the end of the line that begins at start; sets has_line when it is there. */
static void find_line(struct scan *s, uint64_t *lost)
{
	for (;;) {
		size_t end = find_line_end(s, s->look);

		if (s->is_quote_open && end - s->start > AT_LINE_MAX) {
			scan_give_up_quote(s);
			continue;
		}
		if (end < s->end) {
			if (s->is_quote_given_up || end - s->start > AT_LINE_MAX ||
			    is_quote_paired(s->buf + s->start, end - s->start)) {
				end_line(s, end, lost);
				return;
			}
			s->is_quote_open = true;
			s->look = end + 1;
			continue;
		}
		if (s->end - s->start > AT_LINE_MAX) {
			s->lost += s->end - s->start - AT_LINE_MAX;
			*lost += s->end - s->start - AT_LINE_MAX;
			s->end = s->start + AT_LINE_MAX;
		}
		s->look = s->end;
		return;
	}
}

static bool is_prompt_only(const struct scan *s)
{
	if (s->buf[s->start] != '>')
		return false;
	for (size_t i = s->start + 1; i < s->end; i++) {
		if (!is_blank(s->buf[i]))
			return false;
	}
	return true;
}

enum scan_found scan_peek(struct scan *s, struct scan_line *ret_line, uint64_t *lost)
{
	if (!s->has_line) {
		if (s->is_skipping)
			skip_rest_of_line(s, lost);
		skip_blanks(s);
		if (s->start == s->end)
			return SCAN_NOTHING;
		find_line(s, lost);
		if (!s->has_line)
			return is_prompt_only(s) ? SCAN_PROMPT : SCAN_NOTHING;
	}
	*ret_line = (struct scan_line){ s->buf + s->start, s->line_n, s->at, s->line_is_cut };
	return SCAN_LINE;
}

void scan_take_line(struct scan *s)
{
	size_t used = s->line_used;

	s->has_line = s->is_quote_given_up = false;
	s->at += s->lost;
	s->lost = 0;
	advance(s, used);
	s->look = s->start;
}

bool scan_is_at_prompt(const struct scan *s)
{
	return s->start < s->end && s->buf[s->start] == '>';
}

void scan_take_prompt(struct scan *s)
{
	if (!s->has_line) {
		advance(s, 1);
		return;
	}
	do {
		s->start++;
		s->at++;
		s->line_n--;
		s->line_used--;
	} while (s->line_n && is_blank(s->buf[s->start]));
	if (!s->line_n)
		scan_take_line(s);
}

uint64_t scan_at(const struct scan *s)
{
	return s->at;
}

char *scan_split(struct scan *s, size_t n)
{
	/* One octet to the left there is always room: a line end, or buf[0]. */
	char *part = s->buf + s->start - 1;

	memmove(part, part + 1, n);
	part[n] = 0;
	s->start += n;
	s->at += n;
	s->line_n -= n;
	s->line_used -= n;
	return part;
}

void scan_give_up_quote(struct scan *s)
{
	s->is_quote_open = false;
	s->is_quote_given_up = true;
	s->look = s->start;
}
