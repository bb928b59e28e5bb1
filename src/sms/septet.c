/* Septets in octets, least significant bit first (23.038 6.1.2.1), and septets as text. */
#include "sms_private.h"

#include <endian.h>

/* Eight septets, an octet each, squeezed into 56 bits and back. */
static inline uint64_t squeeze(uint64_t x)
{
	x = (x & 0x007F007F007F007F) | (x & 0x7F007F007F007F00) >> 1;
	x = (x & 0x00003FFF00003FFF) | (x & 0x3FFF00003FFF0000) >> 2;
	return (x & 0x0FFFFFFF) | (x & 0x0FFFFFFF00000000) >> 4;
}

static inline uint64_t spread(uint64_t x)
{
	x = (x & 0x0FFFFFFF) | (x & 0x00FFFFFFF0000000) << 4;
	x = (x & 0x00003FFF00003FFF) | (x & 0x0FFFC0000FFFC000) << 2;
	return (x & 0x007F007F007F007F) | (x & 0x3F803F803F803F80) << 1;
}

static inline uint64_t load64(const uint8_t *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return le64toh(x);
}

static inline void store64(uint8_t *p, uint64_t x)
{
	x = htole64(x);
	memcpy(p, &x, sizeof(x));
}

void septet_unpack(const uint8_t *packed, size_t octets, unsigned bit, uint8_t *out, size_t n)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t at = 0, i = 0;

	for (; i + 8 <= n && at + 8 <= octets; i += 8, at += 7)
		store64(out + i, spread(load64(packed + at) >> bit));
	if (bit && at < octets) {
		bits = packed[at++] >> bit;
		have = 8 - bit;
	}
	for (; i < n; i++) {
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
	uint64_t bits = 0;
	unsigned have = bit;
	size_t at = 0, i = 0;

	for (; i + 8 <= n; i += 8, at += 7) {
		bits |= squeeze(load64(septets + i)) << bit;
		for (unsigned k = 0; k < 7; k++)
			out[at + k] = (uint8_t)(bits >> 8 * k);
		bits >>= 56;
	}
	for (; i < n; i++) {
		bits |= (uint64_t)(septets[i] & 0x7F) << have;
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

/* What stands behind ESC. */
static const struct alphabet_cell *shifted_cell(uint8_t septet, const struct alphabet_cell *base,
						const struct alphabet_cell *shifted)
{
	if (septet == SEPTET_ESC)
		return &base[0x20];	/* reserved for a further table: a space */
	return shifted[septet].n ? &shifted[septet] : &base[septet];
}

/* Copies a whole cell, its length octet too, where there is room: the next one overwrites that. */
static inline size_t put_cell(const struct alphabet_cell *cell, char *out, size_t at, size_t cap)
{
	if (at + sizeof(*cell) <= cap)
		memcpy(out + at, cell, sizeof(*cell));
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
	size_t at = 0, i = 0;

	if (*is_escaped && n)
		at = put_cell(shifted_cell(septets[i++] & 0x7F, base, shifted), out, at, cap);
	*is_escaped = *is_escaped && !n;
	while (i < n) {
		uint8_t septet;

		/* as long as there is room for whatever comes, plain ones without a look at it */
		if (at + (n - i) * sizeof(*base) <= cap)
			for (; i < n && septets[i] != SEPTET_ESC; i++) {
				memcpy(out + at, &base[septets[i] & 0x7F], sizeof(*base));
				at += base[septets[i] & 0x7F].n;
			}
		if (i == n)
			break;
		septet = septets[i++] & 0x7F;
		if (septet != SEPTET_ESC) {
			at = put_cell(&base[septet], out, at, cap);
		} else if (i == n) {
			*is_escaped = true;
		} else {
			septet = septets[i++] & 0x7F;
			at = put_cell(shifted_cell(septet, base, shifted), out, at, cap);
		}
	}
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
