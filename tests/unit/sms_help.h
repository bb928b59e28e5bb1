/* What the codec's tests share: PDUs from hex, texts through a form and back. */
#ifndef SMS_HELP_H
#define SMS_HELP_H

#include "run.h"

#include <stdio.h>
#include <twoway/sms.h>

#define SMS_FORM(...) ((struct sms_form){ __VA_ARGS__ })

/* A DELIVER without SMSC field from +12345, with this first octet, DCS and user data in hex. */
static inline int sms_help_deliver(const char *first, const char *dcs, const char *udl,
				   const char *ud, struct sms_pdu *ret, struct sms_fault *fault)
{
	char hex[1024];
	int n = snprintf(hex, sizeof(hex), "00%s05912143F500%s42305121035440%s%s", first, dcs, udl,
			 ud);

	return sms_decode_hex(hex, (size_t)n, -1, SMS_LISTING, ret, fault);
}

enum { SMS_HELP_UD = 17 };	/* octet at which the user data of sms_help_deliver begin */

/* The user data as a recipient's modem hands them over. */
static inline void sms_help_receive(const struct sms_ud *ud, struct sms_pdu *ret)
{
	struct sms_deliver d = { .from = "+447700900123", .smsc = "", .ud = ud };
	struct sms_fault fault = { 0 };
	uint8_t octets[SMS_PDU_MAX];
	size_t n, tpdu_n;

	ck_assert_int_eq(sms_deliver_encode(&d, octets, sizeof(octets), &n, &tpdu_n, &fault), 0);
	ck_assert_int_eq(sms_decode(octets, n, (int)tpdu_n, SMS_MT, ret, &fault), 0);
}

static inline const char *sms_help_text(const struct sms_body *body)
{
	static char text[SMS_TEXT_MAX];

	sms_body_text(body, text, sizeof(text));
	return text;
}

/* n times one string; static, up to 4 at a time. */
static inline const char *sms_help_repeat(const char *s, size_t n)
{
	static struct tw_buf buffers[4];
	static unsigned next;
	struct tw_buf *b = &buffers[next++ % 4];

	tw_buf_clear(b);
	while (n--)
		tw_buf_adds(b, s);
	return tw_buf_str(b);
}

#endif
