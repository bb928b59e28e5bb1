#include "internal.h"

#include <math.h>
#include <stdio.h>

/* A comma is due unless an opening bracket or a colon was written last (or nothing was). */
static void begin_value(struct tw_buf *b, const char *key)
{
	if (b->n && b->p[b->n - 1] != '{' && b->p[b->n - 1] != '[' && b->p[b->n - 1] != ':' &&
	    b->p[b->n - 1] != '\n')
		tw_buf_addc(b, ',');
	if (key)
		tw_buf_addf(b, "\"%s\":", key);
}

/* Invalid UTF-8 leaves as U+FFFD, control characters as escapes: what leaves is always JSON. */
static void add_quoted(struct tw_buf *b, const char *s)
{
	const char *end = s + strlen(s);

	tw_buf_addc(b, '"');
	while (s < end) {
		int32_t c = tw_utf8_next(&s, end);

		if (c == '"' || c == '\\')
			tw_buf_addc(b, '\\'), tw_buf_addc(b, (char)c);
		else if (c == '\n')
			tw_buf_adds(b, "\\n");
		else if (c == '\r')
			tw_buf_adds(b, "\\r");
		else if (c == '\t')
			tw_buf_adds(b, "\\t");
		else if (c < 0x20 || c == 0x7f)
			tw_buf_addf(b, "\\u%04x", (unsigned)c);
		else
			tw_buf_addu(b, (uint32_t)c);
	}
	tw_buf_addc(b, '"');
}

void http_put_open(struct tw_buf *b, const char *key, char bracket)
{
	begin_value(b, key);
	tw_buf_addc(b, bracket);
}

void http_put_close(struct tw_buf *b, char bracket)
{
	tw_buf_addc(b, bracket);
}

void http_put_null(struct tw_buf *b, const char *key)
{
	begin_value(b, key);
	tw_buf_adds(b, "null");
}

void http_put_text(struct tw_buf *b, const char *key, const char *value)
{
	if (!value) {
		http_put_null(b, key);
		return;
	}
	begin_value(b, key);
	add_quoted(b, value);
}

void http_put_filled(struct tw_buf *b, const char *key, const char *value)
{
	http_put_text(b, key, value && *value ? value : NULL);
}

void http_put_int(struct tw_buf *b, const char *key, int64_t value)
{
	begin_value(b, key);
	tw_buf_addf(b, "%lld", (long long)value);
}

void http_put_real(struct tw_buf *b, const char *key, double value)
{
	if (!isfinite(value)) {
		http_put_null(b, key);
		return;
	}
	begin_value(b, key);
	tw_buf_addf(b, "%.15g", value);
}

void http_put_bool(struct tw_buf *b, const char *key, bool value)
{
	begin_value(b, key);
	tw_buf_adds(b, value ? "true" : "false");
}

void http_put_time(struct tw_buf *b, const char *key, struct wall_ms t)
{
	char text[TW_RFC3339_MAX];

	http_put_text(b, key, t.ms ? tw_rfc3339(t, text) : NULL);
}

void http_put_lines(struct tw_buf *b, const char *key, const char *lines)
{
	http_put_open(b, key, '[');
	while (*lines) {
		size_t n = strcspn(lines, "\n");
		char *line = tw_strndup(lines, n);

		http_put_text(b, NULL, line);
		free(line);
		lines += n + (lines[n] != 0);
	}
	http_put_close(b, ']');
}
