/* Comma separated values: RFC 4180. */
#include <twoway/base.h>

void csv_open(struct csv *c, FILE *in)
{
	*c = (struct csv){ .in = in, .next_line = 1 };
}

void csv_close(struct csv *c)
{
	tw_buf_done(&c->text);
}

static int next_octet(struct csv *c)
{
	int octet = getc(c->in);

	if (octet != EOF)
		c->seen++;
	if (octet == '\n')
		c->next_line++;
	return octet;
}

/* Reads to the end of the record; quoted line breaks belong to it. False: the file ended before. */
static bool read_raw(struct csv *c, bool *ret_is_open)
{
	bool quoted = false, any = false;
	int octet;

	tw_buf_clear(&c->text);
	c->line = c->next_line;
	while ((octet = next_octet(c)) != EOF) {
		any = true;
		quoted ^= octet == '"';
		if (octet == '\n' && !quoted)
			break;
		if (c->text.n <= CSV_RECORD_MAX)
			tw_buf_addc(&c->text, (char)octet);
	}
	*ret_is_open = quoted;
	while (c->text.n && c->text.p[c->text.n - 1] == '\r')
		c->text.p[--c->text.n] = 0;
	return any;
}

static char find_separator(const char *header)
{
	static const char separators[] = { ',', ';', '\t' };
	size_t best = 0, most = 0;

	for (size_t i = 0; i < sizeof(separators); i++) {
		size_t n = 0;

		for (const char *p = header; *p; p++)
			n += *p == separators[i];
		if (n > most) {
			best = i;
			most = n;
		}
	}
	return separators[best];
}

/* Cuts the record into its cells, in place. */
static const char *cut(struct csv *c)
{
	char *from = c->text.p, *to = c->text.p;

	c->n = 0;
	for (;;) {
		bool quoted = *from == '"';

		if (c->n == CSV_CELLS_MAX)
			return "more than 64 cells";
		c->cells[c->n++] = to;
		from += quoted;
		while (*from && (quoted || *from != c->separator)) {
			if (quoted && *from == '"' && *++from != '"') {
				quoted = false;
				continue;
			}
			*to++ = *from++;
		}
		bool is_last = !*from;

		from++;
		*to++ = 0;
		if (is_last)
			return NULL;
	}
}

int csv_next(struct csv *c, const char **ret_fault)
{
	bool is_open;

	do {
		if (!read_raw(c, &is_open))
			return 0;
		if (c->line == 1 && c->text.n >= 3 && !memcmp(c->text.p, "\xEF\xBB\xBF", 3))
			tw_buf_drop(&c->text, 3);
	} while (!c->text.n);
	*ret_fault = is_open ? "a quotation mark that is not closed before the end of the file" :
		     c->text.n > CSV_RECORD_MAX ? "longer than 48 KiB" :
		     strlen(c->text.p) != c->text.n ? "holds a NUL octet" :
		     !tw_utf8_is_valid(c->text.p, c->text.n) ? "not UTF-8" : NULL;
	if (*ret_fault)
		return TW_E_SYNTAX;
	if (!c->separator)
		c->separator = find_separator(c->text.p);
	*ret_fault = cut(c);
	return *ret_fault ? TW_E_SYNTAX : 1;
}

void csv_put(struct tw_buf *b, const char *text, bool is_free)
{
	bool is_formula = is_free && *text && strchr("=+-@\t\r", *text);
	bool is_quoted = is_formula || strpbrk(text, ",;\"\r\n\t") || *text == ' ';

	if (b->n && b->p[b->n - 1] != '\n')
		tw_buf_addc(b, ',');
	if (!*text && (!b->n || b->p[b->n - 1] == '\n'))
		tw_buf_adds(b, "\"\"");		/* the next one sees that it is not the first */
	if (is_quoted)
		tw_buf_addc(b, '"');
	if (is_formula)
		tw_buf_addc(b, '\'');
	for (; *text; text++) {
		if (*text == '"')
			tw_buf_addc(b, '"');
		tw_buf_addc(b, *text);
	}
	if (is_quoted)
		tw_buf_addc(b, '"');
}

void csv_end(struct tw_buf *b)
{
	tw_buf_addc(b, '\n');
}
