/* Letters that look alike in print, as a table. A key is folded, and customers see it in capitals
 * or small letters, so what looks alike in either counts. */
#include "internal.h"

/* Ascending. */
static const struct look { uint16_t from; char to; } looks[] = {
	{ '0', 'o' }, { '1', '1' }, { '2', 'z' }, { '5', 's' }, { '8', 'b' },
	/* Greek */
	{ 0x03B1, 'a' }, { 0x03B2, 'b' }, { 0x03B5, 'e' }, { 0x03B6, 'z' }, { 0x03B7, 'h' },
	{ 0x03B9, 'i' },
	{ 0x03BA, 'k' }, { 0x03BC, 'm' }, { 0x03BD, 'n' }, { 0x03BF, 'o' }, { 0x03C1, 'p' },
	{ 0x03C4, 't' }, { 0x03C5, 'y' }, { 0x03C7, 'x' },
	/* Cyrillic */
	{ 0x0430, 'a' }, { 0x0432, 'b' }, { 0x0435, 'e' }, { 0x0437, '3' }, { 0x043A, 'k' },
	{ 0x043C, 'm' },
	{ 0x043D, 'h' }, { 0x043E, 'o' }, { 0x0440, 'p' }, { 0x0441, 'c' }, { 0x0442, 't' },
	{ 0x0443, 'y' },
	{ 0x0445, 'x' }, { 0x0451, 'e' }, { 0x0455, 's' }, { 0x0456, 'i' }, { 0x0457, 'i' },
	{ 0x0458, 'j' },
	{ 0x0475, 'v' }, { 0x04AF, 'y' }, { 0x04BB, 'h' }, { 0x04CF, 'i' }, { 0x0501, 'd' },
	{ 0x051B, 'q' }, { 0x051D, 'w' },
	/* Armenian */
	{ 0x0570, 'h' }, { 0x0578, 'n' }, { 0x057D, 'u' }, { 0x0585, 'o' },
};

static char look_of(int32_t c)
{
	size_t low = 0, high = TW_COUNT(looks);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (looks[middle].from < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low < TW_COUNT(looks) && looks[low].from == c ? looks[low].to : 0;
}

/* 1 is an I in some types and an l in others: each reading is one of its own. */
void flow_alike_of(const char *key, size_t n, enum flow_alike how, struct tw_buf *out)
{
	static const char ones[] = { [FLOW_ALIKE_I] = 'i', [FLOW_ALIKE_L] = 'l' };

	for (const char *p = key, *end = key + n; p < end;) {
		int32_t c = tw_utf8_next(&p, end);
		char look = look_of(c);

		if (look == '1')
			tw_buf_addc(out, ones[how]);
		else if (look)
			tw_buf_addc(out, look);
		else
			tw_buf_addu(out, (uint32_t)c);
	}
}

/* Words are judged each for itself: a Cyrillic word beside a Latin one is nothing strange. */
const char *flow_alike_mixed(const char *key, size_t n, uint32_t *ret_stranger)
{
	const char *alphabet = NULL;
	bool has_latin = false;

	for (const char *p = key, *end = key + n; p < end && !(alphabet && has_latin);) {
		int32_t c = tw_utf8_next(&p, end);

		if (c == ' ') {
			alphabet = NULL;
			has_latin = false;
		}
		has_latin |= c >= 'a' && c <= 'z';
		if (c >= 0x0370 && c <= 0x052F && look_of(c)) {
			alphabet = c < 0x0400 ? "Greek" : "Cyrillic";
			*ret_stranger = (uint32_t)c;
		}
	}
	return has_latin ? alphabet : NULL;
}
