/* Addresses (23.040 9.1.2.5) and the SMSC field in front of a TPDU (27.005, 24.011 8.2.5.1). */
#include "sms_private.h"

enum { TON_INTERNATIONAL = 1, TON_NAME = 5, TOA_EXTENSION = 0x80, TOA_E164 = 0x91,
       TOA_UNKNOWN = 0x81, TOA_NAME = 0xD0, NIBBLE_END = 0xF,
       TEXT_DIGITS_MAX = SMS_ADDRESS_TEXT - 2 };

static const char digit_chars[] = "0123456789*#abc";

static void read_digits(const uint8_t *octets, unsigned digits, uint8_t ton,
			struct sms_address *ret)
{
	char *out = ret->text;

	if (digits > TEXT_DIGITS_MAX)
		digits = TEXT_DIGITS_MAX;
	if (ton == TON_INTERNATIONAL)
		*out++ = '+';
	for (unsigned i = 0; i < digits; i++) {
		uint8_t nibble = i % 2 ? octets[i / 2] >> 4 : octets[i / 2] & 0xF;

		if (nibble == NIBBLE_END)
			break;
		*out++ = digit_chars[nibble];
	}
	*out = '\0';
	if (ret->text[0] == '+' && !ret->text[1])
		ret->text[0] = '\0';
}

static void read_name(const uint8_t *octets, unsigned semi_octets, struct sms_address *ret)
{
	uint8_t septets[SMS_ADDRESS_TEXT];
	unsigned n = semi_octets * 4 / 7;
	bool is_escaped = false;
	size_t len;

	if (n > sizeof(septets))
		n = sizeof(septets);
	septet_unpack(octets, (semi_octets + 1) / 2, 0, septets, n);
	/* Seven characters whose length was told as twice the octets: the eighth is padding. */
	if (semi_octets == 14 && septets[7] == 0)
		n = 7;
	len = septet_text(septets, n, 0, 0, &is_escaped, ret->text, SMS_ADDRESS_TEXT - 1);
	ret->text[len] = '\0';
	ret->is_name = true;
}

static void read_value(uint8_t toa, const uint8_t *octets, unsigned semi_octets,
		       struct sms_address *ret)
{
	uint8_t ton = toa >> 4 & 7;

	*ret = (struct sms_address){ .toa = toa };
	if (ton == TON_NAME)
		read_name(octets, semi_octets, ret);
	else
		read_digits(octets, semi_octets, ton, ret);
}

int address_read(struct reader *r, struct sms_address *ret)
{
	size_t at = r->at;
	unsigned digits, octets;
	const uint8_t *value;
	uint8_t toa;

	if (reader_left(r) < 2)
		return reader_fail(r, TW_E_SHORT, "address", r->n, "ends before the address");
	digits = r->p[at];
	toa = r->p[at + 1];
	octets = (digits + 1) / 2;
	if (reader_left(r) < 2 + octets)
		return reader_fail(r, TW_E_SHORT, "address", at, "address runs past the end");
	value = r->p + at + 2;
	read_value(toa, value, digits, ret);
	r->at += 2 + octets;
	if (digits > ADDRESS_DIGITS_MAX)
		reader_warn(r, "address", at, "address of more than 20 digits");
	if (digits && !(toa & TOA_EXTENSION))
		reader_warn(r, "address", at + 1, "type of address without its first bit");
	if (!ret->is_name && digits % 2 && value[octets - 1] >> 4 != NIBBLE_END)
		reader_warn(r, "address", at + 1 + octets, "last half octet is not filled with F");
	return 0;
}

int address_read_smsc(struct reader *r)
{
	unsigned length;

	if (!r->n)
		return reader_fail(r, TW_E_SHORT, "smsc", 0, "empty");
	length = r->p[0];
	if (length > r->n - 1)
		return reader_fail(r, TW_E_SHORT, "smsc", 0, "SMSC field runs past the end");
	r->at = 1 + length;
	if (!length)
		return 0;
	read_value(r->p[1], r->p + 2, (length - 1) * 2, &r->pdu->smsc);
	r->pdu->has_smsc = true;
	if (length > 1 + ADDRESS_DIGITS_MAX / 2)
		reader_warn(r, "smsc", 0, "SMSC number of more than 20 digits");
	return 0;
}

/* Digits of a number as a person writes it: blanks and - . ( ) dropped. Returns how many, or
 * TW_E_SYNTAX at anything else, TW_E_RANGE at the 21st. */
static int read_number(const char *text, bool *ret_international, char digits[ADDRESS_DIGITS_MAX])
{
	unsigned n = 0;

	*ret_international = false;
	for (const char *p = text; *p; p++) {
		if (*p == ' ' || *p == '-' || *p == '.' || *p == '(' || *p == ')')
			continue;
		if (*p == '+' && !n && !*ret_international) {
			*ret_international = true;
			continue;
		}
		if (*p < '0' || *p > '9')
			return TW_E_SYNTAX;
		if (n == ADDRESS_DIGITS_MAX)
			return TW_E_RANGE;
		digits[n++] = *p;
	}
	return (int)n;
}

static unsigned write_digits(const char *digits, unsigned n, uint8_t *out)
{
	for (unsigned i = 0; i < n; i += 2) {
		unsigned high = i + 1 < n ? (unsigned)(digits[i + 1] - '0') : NIBBLE_END;

		out[i / 2] = (uint8_t)(high << 4 | (unsigned)(digits[i] - '0'));
	}
	return (n + 1) / 2;
}

static int write_name(const char *text, const char *field, uint8_t out[12],
		      struct sms_fault *fault)
{
	size_t septets = 0;
	int octets = sms_gsm7_pack(text, strlen(text), out + 2, 10, &septets);

	if (octets == TW_E_RANGE)
		return fault_set(fault, TW_E_RANGE, field, -1,
				 "a name may only hold characters of the default alphabet");
	if (octets < 0 || septets > NAME_SEPTETS_MAX)
		return fault_set(fault, TW_E_NOSPACE, field, -1,
				 "a name takes more than 11 characters");
	out[0] = (uint8_t)((septets * 7 + 3) / 4);
	out[1] = TOA_NAME;
	return 2 + octets;
}

int address_write(const char *text, bool may_be_name, const char *field, uint8_t out[12],
		  struct sms_fault *fault)
{
	char digits[ADDRESS_DIGITS_MAX];
	bool is_international;
	int n = read_number(text, &is_international, digits);

	if (n <= 0 && may_be_name) {
		if (*text)
			return write_name(text, field, out, fault);
		out[0] = 0;
		out[1] = TOA_UNKNOWN;
		return 2;
	}
	if (n == TW_E_SYNTAX)
		return fault_set(fault, TW_E_SYNTAX, field, -1,
				 "a number is digits with an optional + in front");
	if (n == TW_E_RANGE)
		return fault_set(fault, TW_E_RANGE, field, -1, "a number has at most 20 digits");
	if (n == 0)
		return fault_set(fault, TW_E_RANGE, field, -1, "a number with no digits");
	out[0] = (uint8_t)n;
	out[1] = is_international ? TOA_E164 : TOA_UNKNOWN;
	return 2 + (int)write_digits(digits, (unsigned)n, out + 2);
}

int address_write_smsc(const char *text, uint8_t out[12], struct sms_fault *fault)
{
	int n;

	if (!text || !*text) {
		out[0] = 0;
		return 1;
	}
	n = address_write(text, false, "smsc", out, fault);
	if (n > 0)
		out[0] = (uint8_t)(n - 1);
	return n;
}
