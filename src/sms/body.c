/* User data: the header and what follows it, and bodies as text, joined where a sender cut inside a
 * pair (23.040 9.2.3.24). */
#include "sms_private.h"

/* The octets that are there, of those that UDL promises. */
static size_t octets_present(struct reader *r, size_t promised)
{
	size_t present = reader_left(r);

	if (present > promised)
		return promised;
	if (present < promised) {
		r->is_short = true;
		reader_warn(r, "ud", r->n, "user data shorter than UDL says");
	}
	return present;
}

/* Returns the header's octets, UDHL included, 0 for none; *ret_bad when it cannot be what it says
 * it is: then nothing says where the text begins. */
static size_t read_header(struct reader *r, const uint8_t *ud, size_t n, size_t at, bool *ret_bad)
{
	struct sms_pdu *pdu = r->pdu;

	*ret_bad = false;
	if (!n || (size_t)ud[0] + 1 > n) {
		*ret_bad = true;
		reader_warn(r, "udh", at, "header longer than the user data, ignored");
		return 0;
	}
	pdu->udh_len = ud[0];
	memcpy(pdu->udh, ud + 1, ud[0]);
	udh_read(r, ud + 1, ud[0], at + 1);
	return (size_t)ud[0] + 1;
}

static void read_septets(struct reader *r, const uint8_t *ud, size_t octets, unsigned septets,
			 size_t header)
{
	struct sms_body *body = &r->pdu->body;
	unsigned skip = header_septets((unsigned)header), fill = header_fill_bits((unsigned)header);

	if (septets > octets * 8 / 7)
		septets = (unsigned)(octets * 8 / 7);
	if (septets <= skip)
		return;
	body->n = (uint16_t)(septets - skip);
	septet_unpack(ud + header, octets - header, fill, body->units, body->n);
}

static void read_octets(struct reader *r, const uint8_t *ud, size_t octets, size_t header)
{
	struct sms_body *body = &r->pdu->body;
	size_t n = octets - header;

	if (body->encoding == SMS_UCS2 && n % 2) {
		n--;
		reader_warn(r, "ud", r->at - 1, "half a character at the end");
	}
	body->n = (uint16_t)n;
	memcpy(body->units, ud + header, n);
}

void body_read(struct reader *r, uint8_t udl, bool has_header)
{
	struct sms_body *body = &r->pdu->body;
	bool is_septets, is_bad = false;
	const uint8_t *ud = r->p + r->at;
	size_t octets, header = 0, at = r->at;

	r->pdu->has_ud = true;
	is_septets = body->encoding == SMS_GSM7;
	octets = octets_present(r, is_septets ? (udl * 7u + 7) / 8 : udl);
	if (octets > SMS_UD_MAX) {
		reader_warn(r, "udl", at - 1, "more user data than a message can hold");
		octets = SMS_UD_MAX;
	} else if (r->pdu->type <= SMS_SUBMIT && octets > UD_OCTETS_AIR) {
		reader_warn(r, "udl", at - 1, "more than 140 octets of user data");
	}
	r->at += octets;
	if (has_header)
		header = read_header(r, ud, octets, at, &is_bad);
	if (!is_septets) {
		/* national tables are of the 7-bit alphabet only */
		body->locking = body->single = 0;
	}
	if (is_bad && body->encoding != SMS_8BIT)
		return;
	if (is_septets)
		read_septets(r, ud, octets, udl, header);
	else
		read_octets(r, ud, octets, header);
	if (reader_left(r))
		reader_warn(r, "ud", r->at, "octets behind the user data, ignored");
}

/* ---- text ---------------------------------------------------------------------------------- */

/* Half a pair that waits for its second half. */
struct joint {
	bool is_escaped;
	uint16_t high;		/* high surrogate, 0 none */
};

static inline size_t put_code_point(uint32_t code_point, char *out, size_t at, size_t cap)
{
	char utf8[4];
	size_t n;

	if (code_point < 0x80 && at < cap) {
		out[at] = (char)code_point;
		return at + 1;
	}
	if (code_point < 0x800 && at + 2 <= cap) {
		out[at] = (char)(0xC0 | code_point >> 6);
		out[at + 1] = (char)(0x80 | (code_point & 0x3F));
		return at + 2;
	}
	n = tw_utf8_put(code_point, utf8);
	if (at + n > cap)
		return at;
	memcpy(out + at, utf8, n);
	return at + n;
}

static size_t ucs2_text(const struct sms_body *body, struct joint *joint, char *out, size_t cap)
{
	size_t at = 0;

	for (unsigned i = 0; i + 1 < body->n; i += 2) {
		uint32_t unit = (uint32_t)body->units[i] << 8 | body->units[i + 1];

		if (unit < 0xD800 && !joint->high) {
			at = put_code_point(unit, out, at, cap);
			continue;
		}
		if (unit >= 0xDC00 && unit <= 0xDFFF) {
			if (joint->high)
				unit = 0x10000 + ((joint->high & 0x3FFu) << 10) + (unit & 0x3FF);
			else
				unit = 0xFFFD;
			joint->high = 0;
		} else if (joint->high) {
			at = put_code_point(0xFFFD, out, at, cap);
			joint->high = 0;
		}
		if (unit >= 0xD800 && unit <= 0xDBFF)
			joint->high = (uint16_t)unit;
		else
			at = put_code_point(unit, out, at, cap);
	}
	return at;
}

/* A half that found no partner: the ESC is dropped, the surrogate shows as U+FFFD. */
static size_t joint_end(struct joint *joint, char *out, size_t at, size_t cap)
{
	if (joint->high)
		at = put_code_point(0xFFFD, out, at, cap);
	*joint = (struct joint){ 0 };
	return at;
}

static size_t body_text(const struct sms_body *body, struct joint *joint, char *out, size_t cap)
{
	switch ((enum sms_encoding)body->encoding) {
	case SMS_GSM7:
		return septet_text(body->units, body->n, body->locking, body->single,
				   &joint->is_escaped, out, cap);
	case SMS_UCS2:
		return ucs2_text(body, joint, out, cap);
	case SMS_8BIT:
		break;
	}
	return 0;
}

size_t sms_body_text(const struct sms_body *body, char *out, size_t cap)
{
	struct joint joint = { 0 };
	size_t at;

	if (!cap)
		return 0;
	at = body_text(body, &joint, out, cap - 1);
	at = joint_end(&joint, out, at, cap - 1);
	out[at] = '\0';
	return at;
}

void sms_bodies_text(const struct sms_body *const *bodies, size_t n, struct tw_buf *out)
{
	struct joint joint = { 0 };
	int encoding = -1;

	for (size_t i = 0; i <= n; i++) {
		const struct sms_body *body = i < n ? bodies[i] : NULL;
		char *room = tw_buf_reserve(out, SMS_TEXT_MAX + 4);

		if (!body || body->encoding != encoding)
			out->n += joint_end(&joint, room, 0, SMS_TEXT_MAX);
		encoding = body ? body->encoding : -1;
		if (!body)
			continue;
		if (body->encoding == SMS_8BIT)
			tw_buf_add(out, body->units, body->n);
		else
			out->n += body_text(body, &joint, out->p + out->n, SMS_TEXT_MAX);
	}
	tw_buf_add(out, "", 0);
}
