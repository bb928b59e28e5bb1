/* USSD texts: UTF-8 to what stands in the quotes of AT+CUSD, and back. What a text is written in is
 * not told by its DCS alone: the same 15 stands before plain text, before packed septets in hex and
 * before UCS-2 in hex, by maker and by +CSCS. */
#include "internal.h"

#include <ctype.h>

enum { RAW_MAX = 364, SEPTETS_MAX = 416 };

enum charset { CHARSET_SEPTETS, CHARSET_OCTETS, CHARSET_UCS2 };

/* What a cell broadcast data coding scheme says (23.038 5): the alphabet, and how many septets or
 * octets of language stand before the text. */
static const struct { int from, to, mask, value; enum charset charset; int language; } schemes[] = {
	{ 0x10, 0x10, 0, 0, CHARSET_SEPTETS, 3 },
	{ 0x11, 0x11, 0, 0, CHARSET_UCS2, 2 },
	{ 0x00, 0x3f, 0, 0, CHARSET_SEPTETS, 0 },
	{ 0x40, 0x7f, 0x0c, 0x04, CHARSET_OCTETS, 0 },
	{ 0x40, 0x7f, 0x0c, 0x08, CHARSET_UCS2, 0 },
	{ 0x90, 0x9f, 0x0c, 0x04, CHARSET_OCTETS, 0 },
	{ 0x90, 0x9f, 0x0c, 0x08, CHARSET_UCS2, 0 },
	{ 0xf0, 0xff, 0x04, 0x04, CHARSET_OCTETS, 0 },
	{ 0x00, 0xff, 0, 0, CHARSET_SEPTETS, 0 },
};

static enum charset charset_of(int dcs, int *ret_language)
{
	for (size_t i = 0; i < TW_COUNT(schemes); i++) {
		if (dcs < schemes[i].from || dcs > schemes[i].to ||
		    (dcs & schemes[i].mask) != schemes[i].value)
			continue;
		*ret_language = schemes[i].language;
		return schemes[i].charset;
	}
	*ret_language = 0;
	return CHARSET_SEPTETS;
}

/* ---- in ------------------------------------------------------------------------------------ */

static bool is_hex(const char *text, size_t n)
{
	if (!n || n % 2)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

static bool put(char *out, size_t cap, size_t *at, uint32_t c)
{
	char utf8[4];
	size_t n = tw_utf8_put(c, utf8);

	if (*at + n >= cap)
		return false;
	memcpy(out + *at, utf8, n);
	*at += n;
	return true;
}

static size_t from_ucs2(const uint8_t *p, size_t n, char *out, size_t cap)
{
	size_t at = 0;

	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t c = (uint32_t)p[i] << 8 | p[i + 1];

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < n) {
			uint32_t low = (uint32_t)p[i + 2] << 8 | p[i + 3];

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		if (c >= 0xd800 && c < 0xe000)
			c = 0xfffd;
		if (!put(out, cap, &at, c))
			break;
	}
	out[at] = 0;
	return at;
}

static size_t from_septets(const uint8_t *p, size_t n, char *out, size_t cap)
{
	size_t septets = n * 8 / 7, at;

	if (septets > SEPTETS_MAX)
		septets = SEPTETS_MAX;
	at = sms_gsm7_unpack(p, septets, out, cap - 1);
	if (at > cap - 1)
		at = cap - 1;
	/* Seven spare bits are filled with a CR, or read as a trailing @ (23.038 6.1.2.3.1). */
	if (n && n % 7 == 0 && at && (out[at - 1] == '\r' || out[at - 1] == '@'))
		at--;
	out[at] = 0;
	return at;
}

/* Whether octets read as UCS-2 are a text: the high octets of a script are all alike. */
static bool looks_like_ucs2(const uint8_t *p, size_t n)
{
	size_t plain = 0;

	if (n % 2 || n < 2)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		uint32_t c = (uint32_t)p[i] << 8 | p[i + 1];

		if (c < ' ' && c != '\n' && c != '\r')
			return false;
		plain += p[i] == 0;
	}
	return plain * 4 >= n / 2 || (p[0] == p[n - 2] && p[0] < 0x10);
}

static bool looks_like_text(const char *text, size_t n)
{
	size_t good = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' && c != '\n' && c != '\r')
			return false;
		good += isalnum(c) || c == ' ' || c == '\n' || c == '\r';
	}
	return n && good * 10 >= n * 6;
}

/* A character as it stands: UTF-8, or, where it is none, Latin-1. Below the blank, where no text
 * has anything but line ends, it is what +CSCS="GSM" means by it (23.038 6.2.1). */
static size_t plain(const char *text, size_t n, char *out, size_t cap)
{
	const char *end = text + n;
	size_t at = 0;

	while (text < end) {
		unsigned char first = (unsigned char)*text;
		const char *next = text;
		int32_t c = tw_utf8_next(&next, end);
		char gsm[8];

		if (first < ' ' && first != '\n' && first != '\r' && first != '\t') {
			uint8_t septets[2] = { first, 0 };
			size_t k = sms_gsm7_unpack(septets, 1, gsm, sizeof(gsm) - 1);

			if (at + k >= cap)
				break;
			memcpy(out + at, gsm, k);
			at += k;
			text++;
			continue;
		}
		if (first >= 0x80 && (c < 0 || c == 0xfffd)) {
			c = first;
			next = text + 1;
		}
		if (c < 0 || !put(out, cap, &at, (uint32_t)c))
			break;
		text = next;
	}
	out[at] = 0;
	return at;
}

/* Hex that may be anything: what it was asked in, then what it reads as. */
static size_t from_hex(const char *text, size_t n, const uint8_t *raw, size_t octets,
		       enum board_ussd form, char *out, size_t cap)
{
	char packed[EVENT_TEXT];

	if (form == BOARD_USSD_UCS2 && octets % 2 == 0)
		return from_ucs2(raw, octets, out, cap);
	if (looks_like_ucs2(raw, octets))
		return from_ucs2(raw, octets, out, cap);
	if (form == BOARD_USSD_PACKED)
		return from_septets(raw, octets, out, cap);
	/* "1500" is a balance, not two septets: packed only where that reads as a text. */
	if (octets >= 3 && strspn(text, "0123456789") < n) {
		size_t k = from_septets(raw, octets, packed, sizeof(packed));

		if (looks_like_text(packed, k))
			return plain(packed, k, out, cap);
	}
	return plain(text, n, out, cap);
}

/* A language in two letters and a CR stands before the text (23.038 5, 0x10). */
static size_t without_language(char *out, size_t n)
{
	if (n < 3 || (out[2] != '\r' && out[2] != '\n'))
		return n;
	memmove(out, out + 3, n - 3 + 1);
	return n - 3;
}

size_t ussd_decode(const char *text, size_t n, int dcs, enum board_ussd form, char *out, size_t cap)
{
	uint8_t raw[RAW_MAX];
	int language, octets = is_hex(text, n) ? tw_hex_read(text, n, raw, sizeof(raw)) : -1;
	enum charset charset = charset_of(dcs, &language);
	size_t k;

	if (octets >= 0 && charset == CHARSET_UCS2 && octets % 2 == 0 && octets >= language)
		return from_ucs2(raw + language, (size_t)(octets - language), out, cap);
	if (octets >= 0 && charset == CHARSET_OCTETS)
		return plain((const char *)raw, (size_t)octets, out, cap);
	if (octets >= 0)
		k = from_hex(text, n, raw, (size_t)octets, form, out, cap);
	else
		k = plain(text, n, out, cap);
	return language == 3 ? without_language(out, k) : k;
}

/* ---- out ----------------------------------------------------------------------------------- */

static bool hex_of_ucs2(const char *text, char *out, size_t cap)
{
	const char *end = text + strlen(text);
	size_t at = 0;
	int32_t c;

	while ((c = tw_utf8_next(&text, end)) >= 0) {
		uint32_t units[2] = { (uint32_t)c, 0 };
		int n = 1;

		if (c > 0xffff) {
			units[0] = 0xd800 + ((uint32_t)(c - 0x10000) >> 10);
			units[1] = 0xdc00 + ((uint32_t)(c - 0x10000) & 0x3ff);
			n = 2;
		}
		for (int i = 0; i < n; i++, at += 4) {
			if (at + 5 > cap)
				return false;
			snprintf(out + at, 5, "%04X", units[i] & 0xffff);
		}
	}
	return true;
}

/* Septets in hex. Where seven bits are left over they hold a CR, so that the far side does not read
 * an @ there (23.038 6.1.2.3.1). */
static bool hex_of_septets(const char *text, char *out, size_t cap)
{
	char padded[USSD_MAX + 2];
	uint8_t packed[USSD_MAX + 1];
	size_t septets = 0;
	int n = sms_gsm7_pack(text, strlen(text), packed, sizeof(packed), &septets);

	if (n >= 0 && septets % 8 == 7) {
		snprintf(padded, sizeof(padded), "%s\r", text);
		n = sms_gsm7_pack(padded, strlen(padded), packed, sizeof(packed), &septets);
	}
	if (n < 0 || 2 * (size_t)n + 1 > cap)
		return false;
	tw_hex_write(packed, (size_t)n, out, true);
	return true;
}

/* Characters that are the same octet in ASCII and in the default alphabet (23.038 6.2.1), without
 * the quote, which would end the argument. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text > 'z' ||
		    strchr("\"$@[\\]^_`", *text))
			return false;
	return true;
}

static bool has_septets(const char *text)
{
	uint8_t packed[USSD_MAX + 1];
	size_t septets;

	return sms_gsm7_pack(text, strlen(text), packed, sizeof(packed), &septets) >= 0;
}

bool ussd_encode(const char *text, enum board_ussd form, char *out, size_t cap, int *ret_dcs,
		 bool *ret_ucs2)
{
	bool in_septets = has_septets(text);

	*ret_dcs = in_septets ? 15 : 72;
	*ret_ucs2 = false;
	if (strlen(text) > USSD_MAX)
		return false;
	if (form == BOARD_USSD_PACKED)
		return in_septets ? hex_of_septets(text, out, cap) : hex_of_ucs2(text, out, cap);
	if (form == BOARD_USSD_TEXT && is_plain(text))
		return tw_strset(out, cap, text);
	*ret_ucs2 = true;
	return hex_of_ucs2(text, out, cap);
}
