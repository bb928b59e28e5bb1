#include "sms_help.h"

static const struct {
	const char *hex, *text;
	uint8_t toa;
	bool is_name;
	unsigned warnings;
} reads[] = {
	{ "0C91947110325476", "+491701234567", 0x91, false, 0 },
	{ "0B919471103254F6", "+49170123456", 0x91, false, 0 },
	{ "05812143F5", "12345", 0x81, false, 0 },
	{ "05A12143F5", "12345", 0xA1, false, 0 },
	{ "05C82143F5", "12345", 0xC8, false, 0 },
	{ "05902143F5", "+12345", 0x90, false, 0 },
	{ "05992143F5", "+12345", 0x99, false, 0 },
	{ "05F12143F5", "12345", 0xF1, false, 0 },	/* reserved TON: as unknown */
	{ "05E12143F5", "12345", 0xE1, false, 0 },
	{ "05112143F5", "+12345", 0x11, false, 1 },	/* bit 7 clear: read on */
	{ "04811AB2", "*12#", 0x81, false, 0 },		/* A and B of the standard: * and # */
	{ "0681CDEC1D", "baacb1", 0x81, false, 0 },	/* C, D, E: a, b, c */
	{ "05812143C5", "12345", 0x81, false, 1 },	/* fill is not F */
	{ "06812143F5", "12345", 0x81, false, 0 },	/* ends early at an F */
	{ "0681F14365", "1", 0x81, false, 0 },
	{ "0091", "", 0x91, false, 0 },
	{ "0000", "", 0x00, false, 0 },
	{ "00D0", "", 0xD0, true, 0 },
	{ "149121436587092143658709", "+12345678901234567890", 0x91, false, 0 },
	{ "16812143658709214365870921", "1234567890123456789012", 0x81, false, 1 },
	{ "07D049B7F90D", "Info", 0xD0, true, 0 },
	{ "0DD041E19058341E01", "ABCDEFG", 0xD0, true, 0 },
	{ "0ED041E19058341E01", "ABCDEFG", 0xD0, true, 0 },	/* padded: the eighth is no @ */
	{ "0ED000EA3D4DA797E5", "@Twitter", 0xD0, true, 0 },
	{ "09D09B725DFE06", "\u20ACuro", 0xD0, true, 0 },
	{ "04D1C834", "Hi", 0xD1, true, 0 },
	{ "02D01B", "", 0xD0, true, 0 },			/* ESC alone */
};

static int deliver_from(const char *address, struct sms_pdu *ret, struct sms_fault *fault)
{
	char hex[512];
	int n = snprintf(hex, sizeof(hex), "0004%s00004230512103544002C834", address);

	return sms_decode_hex(hex, (size_t)n, -1, SMS_MT, ret, fault);
}

START_TEST(reads_address)
{
	struct sms_pdu pdu;

	ck_assert_int_eq(deliver_from(reads[_i].hex, &pdu, NULL), 0);
	ck_assert_str_eq(pdu.address.text, reads[_i].text);
	ck_assert_uint_eq(pdu.address.toa, reads[_i].toa);
	ck_assert_int_eq(pdu.address.is_name, reads[_i].is_name);
	ck_assert_uint_eq(pdu.n_warnings, reads[_i].warnings);
	ck_assert_str_eq(sms_help_text(&pdu.body), "Hi");
}
END_TEST

START_TEST(address_past_the_end)
{
	struct sms_fault fault;
	struct sms_pdu pdu;

	ck_assert_int_eq(sms_decode_hex("0004FF912143", 12, -1, SMS_MT, &pdu, &fault), TW_E_SHORT);
	ck_assert_str_eq(fault.field, "address");
	ck_assert_int_eq(fault.octet, 2);
	ck_assert(pdu.has_type && !pdu.has_address);
}
END_TEST

static const struct { const char *hex, *text; unsigned warnings; int error; } smscs[] = {
	{ "0791947101670000", "+491710760000", 0, 0 },
	{ "00", "", 0, 0 },
	{ "0191", "", 0, 0 },			/* a type and no digits */
	{ "0381 21F3", "", 0, TW_E_SYNTAX },	/* a blank inside is no hex digit */
	{ "038121F3", "123", 0, 0 },
	{ "04812143F5", "12345", 0, 0 },
	{ "0B912143658709214365F7FF", "+12345678901234567", 0, 0 },
	{ "0C912143658709214365870921", "+1234567890123456789012", 1, 0 },
};

START_TEST(reads_smsc)
{
	char hex[512];
	int n = snprintf(hex, sizeof(hex), "%s0405912143F500004230512103544002C834", smscs[_i].hex);
	struct sms_pdu pdu;
	int e = sms_decode_hex(hex, (size_t)n, -1, SMS_MT, &pdu, NULL);

	ck_assert_int_eq(e, smscs[_i].error);
	if (e)
		return;
	ck_assert_uint_eq(pdu.n_warnings, smscs[_i].warnings);
	ck_assert_str_eq(pdu.smsc.text, smscs[_i].text);
	ck_assert_str_eq(sms_help_text(&pdu.body), "Hi");
}
END_TEST

/* A wrong SMSC field never reads past the end. */
START_TEST(smsc_longer_than_the_line)
{
	for (unsigned length = 3; length < 256; length++) {
		struct sms_fault fault;
		struct sms_pdu pdu;
		char hex[16];

		snprintf(hex, sizeof(hex), "%02X9121", length);
		ck_assert_int_eq(sms_decode_hex(hex, 6, -1, SMS_MT, &pdu, &fault), TW_E_SHORT);
		ck_assert_str_eq(fault.field, "smsc");
	}
}
END_TEST

static const struct { const char *to, *hex; int error; } writes[] = {
	{ "+491701234567", "0C91947110325476", 0 },
	{ "+49 (170) 123-45.67", "0C91947110325476", 0 },
	{ "12345", "05812143F5", 0 },
	{ "+4917", "04919471", 0 },
	{ "7", "0181F7", 0 },
	{ "12345678901234567890", "148121436587092143658709", 0 },
	{ "", "", TW_E_RANGE },
	{ "+", "", TW_E_RANGE },
	{ " - ", "", TW_E_RANGE },
	{ "123456789012345678901", "", TW_E_RANGE },
	{ "12a45", "", TW_E_SYNTAX },
	{ "VODAFONE", "", TW_E_SYNTAX },
	{ "*12#", "", TW_E_SYNTAX },
	{ "1+2", "", TW_E_SYNTAX },
	{ "++12", "", TW_E_SYNTAX },
	{ "12\r\nAT", "", TW_E_SYNTAX },
	{ "\u0661\u0662", "", TW_E_SYNTAX },
};

START_TEST(writes_number)
{
	const struct sms_ud ud = { .octets = { 0xC8, 0x34 }, .n = 2, .udl = 2 };
	struct sms_submit s = { .to = writes[_i].to, .smsc = "", .ud = &ud };
	struct sms_fault fault = { 0 };
	uint8_t out[SMS_PDU_MAX];
	char hex[400], want[400];
	size_t n = 77, tpdu_n = 77;

	ck_assert_int_eq(sms_submit_encode(&s, out, sizeof(out), &n, &tpdu_n, &fault),
			 writes[_i].error);
	if (writes[_i].error) {
		ck_assert_str_eq(fault.field, "to");
		ck_assert_uint_eq(n, 77);
		return;
	}
	tw_hex_write(out, n, hex, true);
	snprintf(want, sizeof(want), "000100%s000002C834", writes[_i].hex);
	ck_assert_str_eq(hex, want);
	ck_assert_uint_eq(tpdu_n, n - 1);
}
END_TEST

/* 23.040 9.1.2.5: semi-octets and octets of names of 1 to 11 septets. */
START_TEST(writes_name)
{
	static const uint8_t lengths[] = { 2, 4, 6, 7, 9, 11, 13, 14, 16, 18, 20 };
	static const uint8_t octets[] = { 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10 };
	const struct sms_ud ud = { 0 };

	for (unsigned i = 0; i < 11; i++) {
		char name[12];
		struct sms_deliver d = { .from = name, .ud = &ud };
		uint8_t out[SMS_PDU_MAX];
		struct sms_pdu pdu;
		size_t n, tpdu_n;

		snprintf(name, sizeof(name), "%.*s", (int)i + 1, "ABCDEFGHIJK");
		ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, NULL), 0);
		ck_assert_uint_eq(out[2], lengths[i]);
		ck_assert_uint_eq(out[3], 0xD0);
		ck_assert_uint_eq(n, 4u + octets[i] + 10);
		ck_assert_int_eq(sms_decode(out, n, (int)tpdu_n, SMS_MT, &pdu, NULL), 0);
		ck_assert_str_eq(pdu.address.text, name);
		ck_assert(pdu.address.is_name);
		ck_assert_uint_eq(pdu.n_warnings, 1);	/* no time stamp */
	}
}
END_TEST

START_TEST(refuses_name)
{
	const struct sms_ud ud = { 0 };
	struct sms_deliver d = { .ud = &ud };
	uint8_t out[SMS_PDU_MAX];
	struct sms_fault fault;
	size_t n, tpdu_n;

	d.from = "ABCDEFGHIJKL";
	ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, &fault),
			TW_E_NOSPACE);
	ck_assert_str_eq(fault.field, "from");
	d.from = "{}{}{}";	/* twelve septets */
	ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, &fault),
			TW_E_NOSPACE);
	d.from = "\u0416";
	ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, &fault), TW_E_RANGE);
	d.from = "";
	ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, &fault), 0);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, reads_address, 0, TW_COUNT(reads));
	tcase_add_test(tc, address_past_the_end);
	tcase_add_loop_test(tc, reads_smsc, 0, TW_COUNT(smscs));
	tcase_add_test(tc, smsc_longer_than_the_line);
	tcase_add_loop_test(tc, writes_number, 0, TW_COUNT(writes));
	tcase_add_test(tc, writes_name);
	tcase_add_test(tc, refuses_name);
}

int main(void)
{
	return unit_run("sms address", add);
}
