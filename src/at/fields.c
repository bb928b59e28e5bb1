#include <twoway/at.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool at_fields_begin(struct at_fields *f, const char *line, const char *prefix)
{
	size_t n = strlen(prefix);

	if (n && prefix[n - 1] == ':')
		n--;
	if (strncmp(line, prefix, n) != 0 || line[n] != ':')
		return false;
	f->p = line + n + 1;
	f->end = f->p + strlen(f->p);
	while (f->p < f->end && is_blank(*f->p))
		f->p++;
	if (f->p == f->end)
		f->p = NULL;
	return true;
}

/* The quote that closes the text begun before p: the first that is followed by a comma, a bracket
 * or the end, for some modems print quotes inside. NULL: there is none before the next field opens
 * its own. */
static const char *closing_quote(const char *p, const char *end)
{
	for (; p < end; p++) {
		const char *next = p + 1;

		if (*p != '"' && *p != ',')
			continue;
		while (next < end && is_blank(*next))
			next++;
		if (*p == '"' && (next == end || *next == ',' || *next == ')'))
			return p;
		if (*p == ',' && next < end && *next == '"')
			return NULL;
	}
	return NULL;
}

/* Behind the bracket that closes the one at p; end of the field where none does. */
static const char *behind_bracket(const char *p, const char *end)
{
	const char *q = p;
	int depth = 0;

	for (; q < end; q++) {
		if (*q == '(')
			depth++;
		else if (*q == ')' && !--depth)
			return q + 1;
	}
	q = memchr(p, ',', (size_t)(end - p));
	return q ? q : end;
}

/* Takes one field; what it holds, without blanks, quotes and brackets, is [*from, *to). */
static bool take_field(struct at_fields *f, const char **from, const char **to)
{
	const char *p = f->p, *end = f->end, *stop, *quote;

	if (!at_fields_more(f))
		return false;
	while (p < end && is_blank(*p))
		p++;
	*from = p;
	stop = p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;
	if (!stop)
		stop = end;
	*to = stop;
	quote = p < end && *p == '"' ? closing_quote(p + 1, end) : NULL;
	if (quote) {
		*from = p + 1;
		*to = quote;
		stop = quote + 1;
	} else if (p < end && *p == '(') {
		stop = behind_bracket(p, end);
		*to = stop;
	}
	while (stop < end && *stop != ',')
		stop++;
	f->p = stop < end ? stop + 1 : NULL;
	if (quote)
		return true;
	/* Unpaired quotes and brackets at the ends are noise. */
	while (*from < *to && (is_blank(**from) || **from == '"' || **from == '('))
		(*from)++;
	while (*from < *to && (is_blank((*to)[-1]) || (*to)[-1] == '"' || (*to)[-1] == ')'))
		(*to)--;
	return true;
}

/* p is NULL once the last field was taken: "1," has an empty second field, "" has none. */
bool at_fields_more(const struct at_fields *f)
{
	return f->p != NULL;
}

bool at_fields_skip(struct at_fields *f)
{
	const char *from, *to;

	return take_field(f, &from, &to);
}

bool at_fields_int(struct at_fields *f, int *ret)
{
	const char *p, *to;
	bool is_negative;
	int64_t n = 0;

	if (!take_field(f, &p, &to) || p == to)
		return false;
	is_negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	if (p == to)
		return false;
	for (; p < to; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (*p - '0');
		if (n > INT32_MAX)
			return false;
	}
	*ret = (int)(is_negative ? -n : n);
	return true;
}

bool at_fields_hex(struct at_fields *f, unsigned *ret)
{
	const char *p, *to;
	uint64_t n = 0;

	if (!take_field(f, &p, &to))
		return false;
	if (to - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	if (p == to)
		return false;
	for (; p < to; p++) {
		int digit = *p >= '0' && *p <= '9' ? *p - '0' :
			    *p >= 'A' && *p <= 'F' ? *p - 'A' + 10 :
			    *p >= 'a' && *p <= 'f' ? *p - 'a' + 10 : -1;

		if (digit < 0)
			return false;
		n = n * 16 + (unsigned)digit;
		if (n > UINT32_MAX)
			return false;
	}
	*ret = (unsigned)n;
	return true;
}

bool at_fields_text(struct at_fields *f, char *out, size_t cap)
{
	const char *from, *to;
	size_t n;

	if (!cap || !take_field(f, &from, &to))
		return false;
	n = (size_t)(to - from);
	if (n > cap - 1)
		n = cap - 1;
	memcpy(out, from, n);
	out[n] = 0;
	return true;
}
