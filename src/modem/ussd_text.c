/* +CUSD: texts to UTF-8. What the text is written in is not told by its DCS alone: the same 15 stands
 * before plain text, before packed septets in hex and before UCS-2 in hex, by maker. */
#include "internal.h"

#include <ctype.h>

enum { RAW_MAX = 364, SEPTETS_MAX = 416 };

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

static size_t plain(const char *text, size_t n, char *out, size_t cap)
{
	const char *end = text + n;
	size_t at = 0;

	while (text < end) {
		int32_t c = tw_utf8_next(&text, end);

		if (c < 0 || !put(out, cap, &at, (uint32_t)c))
			break;
	}
	out[at] = 0;
	return at;
}

size_t ussd_decode(const char *text, size_t n, int dcs, char *out, size_t cap)
{
	uint8_t raw[RAW_MAX];
	char packed[EVENT_TEXT];
	int octets;
	/* 23.038 5: 0x48 and 0x11 are UCS-2 (the latter behind a language), 0x44 is 8 bit. */
	bool says_ucs2 = (dcs & 0xcc) == 0x48 || dcs == 0x11;
	bool says_8bit = (dcs & 0xcc) == 0x44;

	if (!is_hex(text, n))
		return plain(text, n, out, cap);
	octets = tw_hex_read(text, n, raw, sizeof(raw));
	if (octets < 0)
		return plain(text, n, out, cap);
	if (says_ucs2 && octets % 2 == 0)
		return from_ucs2(raw, (size_t)octets, out, cap);
	if (says_8bit)
		return plain((const char *)raw, (size_t)octets, out, cap);
	if (looks_like_ucs2(raw, (size_t)octets))
		return from_ucs2(raw, (size_t)octets, out, cap);
	/* "1500" is a balance, not two septets: packed only where that reads as a text. */
	if (octets >= 3) {
		size_t k = from_septets(raw, (size_t)octets, packed, sizeof(packed));

		if (looks_like_text(packed, k))
			return plain(packed, k, out, cap);
	}
	return plain(text, n, out, cap);
}

/* +CUSD: <m>[,"<str>",<dcs>] (27.007 7.15). The text is taken from the line itself: it may hold
 * commas, line ends and more than a field's room. */
void ussd_on_line(struct modem *m, const char *line)
{
	const char *open = strchr(line, '"'), *close = strrchr(line, '"');
	int kind = 0, dcs = 15;
	struct at_fields f;
	struct event *e;

	if (!at_fields_begin(&f, line, "+CUSD") || !at_fields_int(&f, &kind))
		return;
	e = event_offer(m, MODEM_EV_USSD);
	if (!e)
		return;
	e->ev.number = kind;
	if (!open)
		return;
	if (close == open)
		close = line + strlen(line);
	else if (sscanf(close, "\" ,%d", &dcs) != 1 && sscanf(close, "\",%d", &dcs) != 1)
		dcs = 15;
	ussd_decode(open + 1, (size_t)(close - open - 1), dcs, e->text, sizeof(e->text));
}
