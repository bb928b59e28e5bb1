/* E-mail as SMTP carries it: RFC 5322 with RFC 2045 and 2047. Whatever a text holds, it stands in
 * base64 or has no control characters, so it can end no header. */
#include "internal.h"

#include <stdio.h>

enum { WORD_OCTETS = 45, LINE_OCTETS = 57 };	/* 60 and 76 characters of base64 */

bool mail_address_is_usable(const char *address)
{
	const char *at = strrchr(address, '@');

	if (!at || at == address || !at[1] || strlen(address) > 254)
		return false;
	for (const char *p = address; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 127 || strchr("<>()[],;:\\\"", *p))
			return false;
	return tw_utf8_is_valid(address, strlen(address));
}

static void add_base64(struct tw_buf *out, const char *p, size_t n)
{
	n = (size_t)(tw_base64_write(p, n, tw_buf_reserve(out, 4 * ((n + 2) / 3) + 1)));
	out->n += n;
}

static bool is_plain(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return n <= 200 && !strstr(text, "=?");
}

/* Encoded words hold whole characters (RFC 2047 5). */
static void add_subject(struct tw_buf *out, const char *subject)
{
	struct tw_buf clean = { 0 };

	tw_utf8_clean(subject, strlen(subject), &clean);
	for (size_t i = 0; i < clean.n; i++)
		if ((unsigned char)clean.p[i] < ' ' || clean.p[i] == 127)
			clean.p[i] = ' ';
	tw_buf_adds(out, "Subject:");
	if (is_plain(tw_buf_str(&clean), clean.n)) {
		tw_buf_addf(out, " %s", tw_buf_str(&clean));
	} else {
		for (size_t at = 0; at < clean.n; ) {
			size_t n = clean.n - at < WORD_OCTETS ? clean.n - at : WORD_OCTETS;

			while (n > 1 && at + n < clean.n &&
			       ((unsigned char)clean.p[at + n] & 0xC0) == 0x80)
				n--;
			tw_buf_adds(out, at ? "\r\n =?UTF-8?B?" : " =?UTF-8?B?");
			add_base64(out, clean.p + at, n);
			tw_buf_adds(out, "?=");
			at += n;
		}
	}
	tw_buf_adds(out, "\r\n");
	tw_buf_done(&clean);
}

static void add_date(struct tw_buf *out, struct wall_ms t)
{
	static const char days[] = "ThuFriSatSunMonTueWed";	/* 1970-01-01 was a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t s = t.ms / 1000, day = s / 86400;
	int y, m, d;

	tw_civil_from_days(day, &y, &m, &d);
	tw_buf_addf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * (day % 7), d,
		    months + 3 * (m - 1), y, (int)(s / 3600 % 24), (int)(s / 60 % 60),
		    (int)(s % 60));
}

void mail_write(const struct mail *m, struct tw_buf *out)
{
	struct tw_buf text = { 0 };

	tw_buf_addf(out, "From: <%s>\r\nTo: <%s>\r\n", m->from, m->to);
	add_subject(out, m->subject);
	add_date(out, m->at);
	tw_buf_addf(out, "Message-ID: <%s%s>\r\n", m->id, strrchr(m->from, '@'));
	tw_buf_adds(out, "MIME-Version: 1.0\r\n"
			 "Content-Type: text/plain; charset=utf-8\r\n"
			 "Content-Transfer-Encoding: base64\r\n"
			 "Auto-Submitted: auto-generated\r\n\r\n");
	for (const char *p = m->text; *p; p++)	/* text in mail has CR LF */
		if (*p == '\n' && (p == m->text || p[-1] != '\r'))
			tw_buf_adds(&text, "\r\n");
		else
			tw_buf_addc(&text, *p);
	for (size_t at = 0; at < text.n; at += LINE_OCTETS) {
		add_base64(out, text.p + at, text.n - at < LINE_OCTETS ? text.n - at : LINE_OCTETS);
		tw_buf_adds(out, "\r\n");
	}
	tw_buf_done(&text);
}
