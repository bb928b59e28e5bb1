/* UTF-8 as Unicode defines it (chapter 3.9, table 3-7): no surrogates, nothing overlong. */
#include <twoway/base.h>

#define REPLACEMENT 0xfffd

/* Bounds of the second octet by the first; the octets that follow are 80..BF. */
static const struct lead {
	uint8_t first, last;	/* first octet from..to */
	uint8_t low, high;	/* second octet from..to */
	uint8_t more;		/* octets that follow the first */
} leads[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 1 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 2 },
	{ 0xe1, 0xec, 0x80, 0xbf, 2 },
	{ 0xed, 0xed, 0x80, 0x9f, 2 },
	{ 0xee, 0xef, 0x80, 0xbf, 2 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 3 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 3 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 3 },
};

/* Reads one character of two octets or more; -1 and *p behind the maximal part when ill-formed. */
static int32_t next_long(const uint8_t **p, const uint8_t *end)
{
	uint8_t octet = *(*p)++;
	const struct lead *l = leads;
	int32_t c;

	while (l < leads + TW_COUNT(leads) && !(octet >= l->first && octet <= l->last))
		l++;
	if (l == leads + TW_COUNT(leads))
		return -1;
	c = octet & (0x3f >> l->more);
	for (uint8_t i = 0; i < l->more; i++) {
		uint8_t low = i ? 0x80 : l->low, high = i ? 0xbf : l->high;

		if (*p >= end || **p < low || **p > high)
			return -1;
		c = c << 6 | (*(*p)++ & 0x3f);
	}
	return c;
}

int32_t tw_utf8_next(const char **p, const char *end)
{
	const uint8_t *q = (const uint8_t *)*p;
	int32_t c;

	if (*p >= end)
		return -1;
	if (*q < 0x80) {
		(*p)++;
		return *q;
	}
	c = next_long(&q, (const uint8_t *)end);
	*p = (const char *)q;
	return c < 0 ? REPLACEMENT : c;
}

size_t tw_utf8_put(uint32_t c, char out[4])
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = REPLACEMENT;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

bool tw_utf8_is_valid(const char *s, size_t n)
{
	const uint8_t *p = (const uint8_t *)s, *end = p + n;

	while (p < end) {
		if (*p < 0x80)
			p++;
		else if (next_long(&p, end) < 0)
			return false;
	}
	return true;
}

void tw_utf8_clean(const char *s, size_t n, struct tw_buf *out)
{
	const uint8_t *p = (const uint8_t *)s, *end = p + n;

	tw_buf_reserve(out, n);
	while (p < end) {
		const uint8_t *from = p;

		if (*p < 0x80)
			p++;
		else if (next_long(&p, end) < 0) {
			tw_buf_addu(out, REPLACEMENT);
			continue;
		}
		tw_buf_add(out, from, (size_t)(p - from));
	}
}
