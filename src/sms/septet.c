/* Septets in octets, least significant bit first (23.038 6.1.2.1), and septets as text. */
#include "sms_private.h"

void septet_unpack(const uint8_t *packed, size_t octets, unsigned bit, uint8_t *out, size_t n)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t at = 0;

	if (bit && octets) {
		bits = packed[0] >> bit;
		have = 8 - bit;
		at = 1;
	}
	for (size_t i = 0; i < n; i++) {
		if (have < 7 && at < octets) {
			bits |= (uint32_t)packed[at++] << have;
			have += 8;
		}
		out[i] = bits & 0x7F;
		bits >>= 7;
		have = have < 7 ? 0 : have - 7;
	}
}

size_t septet_pack(const uint8_t *septets, size_t n, unsigned bit, uint8_t *out)
{
	uint32_t bits = 0;
	unsigned have = bit;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		bits |= (uint32_t)(septets[i] & 0x7F) << have;
		have += 7;
		if (have >= 8) {
			out[at++] = (uint8_t)bits;
			bits >>= 8;
			have -= 8;
		}
	}
	if (have)
		out[at++] = (uint8_t)bits;
	return at;
}

/* The cell of the next septet, NULL for an ESC that waits for its second half. */
static inline const struct alphabet_cell *next_cell(uint8_t septet, bool *is_escaped,
						    const struct alphabet_cell *base,
						    const struct alphabet_cell *shifted)
{
	if (!*is_escaped) {
		if (septet != SEPTET_ESC)
			return &base[septet & 0x7F];
		*is_escaped = true;
		return NULL;
	}
	*is_escaped = false;
	if (septet == SEPTET_ESC)
		return &base[0x20];	/* reserved for a further table: a space */
	return shifted[septet & 0x7F].n ? &shifted[septet & 0x7F] : &base[septet & 0x7F];
}

static inline size_t put_cell(const struct alphabet_cell *cell, char *out, size_t at, size_t cap)
{
	if (at + 3 <= cap)
		memcpy(out + at, cell->s, 3);
	else if (at + cell->n <= cap)
		memcpy(out + at, cell->s, cell->n);
	else
		return at;
	return at + cell->n;
}

size_t septet_text(const uint8_t *septets, size_t n, uint8_t locking, uint8_t single,
		   bool *is_escaped, char *out, size_t cap)
{
	const struct alphabet_cell *base = alphabet_locking[locking];
	const struct alphabet_cell *shifted = alphabet_single[single];
	bool escaped = *is_escaped;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct alphabet_cell *cell = next_cell(septets[i], &escaped, base, shifted);

		if (cell)
			at = put_cell(cell, out, at, cap);
	}
	*is_escaped = escaped;
	return at;
}

int sms_gsm7_pack(const char *text, size_t n, uint8_t *out, size_t cap, size_t *ret_septets)
{
	const char *p = text, *end = text + n;
	uint32_t bits = 0;
	unsigned have = 0;
	size_t at = 0, septets = 0;

	while (p < end) {
		int septet = alphabet_septet((uint32_t)tw_utf8_next(&p, end), 0, 0);
		uint8_t pair[2] = { SEPTET_ESC, septet & 0x7F };

		if (septet < 0)
			return TW_E_RANGE;
		for (unsigned i = septet & 0x80 ? 0 : 1; i < 2; i++, septets++) {
			bits |= (uint32_t)pair[i] << have;
			have += 7;
			if (have < 8)
				continue;
			if (at == cap)
				return TW_E_NOSPACE;
			out[at++] = (uint8_t)bits;
			bits >>= 8;
			have -= 8;
		}
	}
	if (have) {
		if (at == cap)
			return TW_E_NOSPACE;
		out[at++] = (uint8_t)bits;
	}
	*ret_septets = septets;
	return (int)at;
}

size_t sms_gsm7_unpack(const uint8_t *packed, size_t septets, char *out, size_t cap)
{
	size_t octets = (septets * 7 + 7) / 8, at = 0;
	bool is_escaped = false;
	uint8_t chunk[160];

	for (size_t done = 0; done < septets; done += sizeof(chunk)) {
		size_t n = septets - done > sizeof(chunk) ? sizeof(chunk) : septets - done;
		size_t skip = done / 8 * 7;

		septet_unpack(packed + skip, octets - skip, 0, chunk, n);
		at += septet_text(chunk, n, 0, 0, &is_escaped, out + at, cap - at);
	}
	if (at < cap)
		out[at] = '\0';
	return at;
}
