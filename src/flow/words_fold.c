/* The folding of consent words: looser than that of keywords, since an opt-out must not fail for an
 * accent, a hamza or a look-alike. */
#include "internal.h"

/* What remains of a key to be taken as one letter; to 0: dropped. Ascending. */
static const struct alike { int32_t from, to, second; } alikes[] = {
	{ 0x00E6, 'a', 'e' }, { 0x00F0, 'd', 0 }, { 0x00F8, 'o', 0 }, { 0x0111, 'd', 0 },
	{ 0x0131, 'i', 0 }, { 0x0142, 'l', 0 }, { 0x0153, 'o', 'e' },
	{ 0x0439, 0x0438, 0 }, { 0x0450, 0x0435, 0 }, { 0x0451, 0x0435, 0 }, { 0x0453, 0x0433, 0 },
	{ 0x0457, 0x0456, 0 }, { 0x045C, 0x043A, 0 }, { 0x045D, 0x0438, 0 }, { 0x045E, 0x0443, 0 },
	{ 0x0621, 0, 0 }, { 0x0622, 0x0627, 0 }, { 0x0623, 0x0627, 0 }, { 0x0624, 0x0648, 0 },
	{ 0x0625, 0x0627, 0 }, { 0x0626, 0x064A, 0 }, { 0x0629, 0x0647, 0 }, { 0x0649, 0x064A, 0 },
	{ 0x0653, 0, 0 }, { 0x0654, 0, 0 }, { 0x0655, 0, 0 }, { 0x065F, 0, 0 },
	{ 0x0671, 0x0627, 0 },
	{ 0x06A9, 0x0643, 0 }, { 0x06BE, 0x0647, 0 }, { 0x06C0, 0x0647, 0 }, { 0x06C1, 0x0647, 0 },
	{ 0x06C2, 0x0647, 0 }, { 0x06CC, 0x064A, 0 }, { 0x06D3, 0x06D2, 0 },
	{ 0x0901, 0x0902, 0 }, { 0x0929, 0x0928, 0 }, { 0x0931, 0x0930, 0 }, { 0x0934, 0x0933, 0 },
	{ 0x093C, 0, 0 }, { 0x0981, 0, 0 }, { 0x09BC, 0, 0 },
};

static const struct alike *alike_of(int32_t c)
{
	size_t low = 0, high = TW_COUNT(alikes);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (alikes[middle].from < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low < TW_COUNT(alikes) && alikes[low].from == c ? &alikes[low] : NULL;
}

/* Stands as a word of its own in a key, and says nothing about consent: emoji, currency, arrows. */
static bool is_symbol(int32_t c)
{
	return c == 0xFFFD || c == 0x200D || (c >= 0x2000 && c <= 0x2BFF) ||
	       (c >= 0x1F000 && c <= 0x1FAFF);
}

/* What a key holds of ASCII beside symbols: small letters and digits. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_combining(int32_t c)
{
	return (c >= 0x0300 && c <= 0x036F) || (c >= 0x0591 && c <= 0x05C7);
}

void flow_words_fold(const char *text, size_t n, struct tw_buf *out)
{
	struct tw_buf key = { 0 };
	bool wants_space = false;
	size_t start = out->n;

	tw_fold_key(text, n, &key);
	tw_buf_reserve(out, key.n + 1);
	for (const char *p = tw_buf_str(&key), *end = p + key.n; p < end;) {
		const struct alike *a;
		int32_t c;

		if (is_plain(*p)) {
			if (wants_space && out->n > start)
				out->p[out->n++] = ' ';
			wants_space = false;
			out->p[out->n++] = *p++;
			continue;
		}
		c = tw_utf8_next(&p, end);
		if (c < 0x80 || is_symbol(c)) {		/* a space or a symbol */
			wants_space = true;
			continue;
		}
		a = alike_of(c);
		if (is_combining(c) || (a && !a->to))
			continue;
		if (wants_space && out->n > start)
			tw_buf_addc(out, ' ');
		wants_space = false;
		tw_buf_addu(out, (uint32_t)(a ? a->to : c));
		if (a && a->second)
			tw_buf_addu(out, (uint32_t)a->second);
	}
	tw_buf_add(out, "", 0);		/* the NUL behind */
	tw_buf_done(&key);
}
