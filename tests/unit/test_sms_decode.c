/* What a decoder must live with, and what it says about it: field and octet. */
#include "sms_help.h"

#define SMSC "07913306091093F0"
#define FROM "0B913316325476F8"
#define SCTS "42305121035440"

static const struct {
	/* field: of the error, else of the first warning, "" none */
	const char *hex, *text, *field;
	int octet, error;
	enum sms_direction direction;
} rows[] = {
	{ "", "", "smsc", 0, TW_E_SHORT },
	{ "  \r\n", "", "smsc", 0, TW_E_SHORT },
	{ "zz", "", "hex", 0, TW_E_SYNTAX },
	{ "0011x0", "", "hex", 2, TW_E_SYNTAX },
	{ "00", "", "first", 1, TW_E_SHORT },
	{ "0791", "", "smsc", 0, TW_E_SHORT },
	{ SMSC, "", "first", 8, TW_E_SHORT },
	{ SMSC "04", "", "address", 9, TW_E_SHORT },
	{ SMSC "040B91331632", "", "address", 9, TW_E_SHORT },
	{ SMSC "04" FROM, "", "pid", 17, TW_E_SHORT },
	{ SMSC "04" FROM "00", "", "dcs", 18, TW_E_SHORT },
	{ SMSC "04" FROM "0000", "", "scts", 19, TW_E_SHORT },
	{ SMSC "04" FROM "0000423051", "", "scts", 22, TW_E_SHORT },
	{ SMSC "04" FROM "0000" SCTS, "", "udl", 26, TW_E_SHORT },
	{ SMSC "04" FROM "0000" SCTS "00", "", "", 0, 0 },
	{ SMSC "04" FROM "0000" SCTS "02C834", "Hi", "", 0, 0 },
	{ " " SMSC "04" FROM "0000" SCTS "02C834\r", "Hi", "", 0, 0 },
	{ SMSC "04" FROM "0000" SCTS "02C8340", "Hi", "hex", 29, 0 },
	{ SMSC "04" FROM "0000" SCTS "05C834", "Hi", "ud", 29, 0 },
	{ SMSC "04" FROM "0000" SCTS "02C834FFFF", "Hi", "ud", 29, 0 },
	{ SMSC "04" FROM "0008" SCTS "0600410042", "AB", "ud", 31, 0 },
	{ SMSC "04" FROM "0008" SCTS "03004100", "A", "ud", 29, 0 },
	{ SMSC "04" FROM "0008" SCTS "04D83D0041", "\uFFFD" "A", "", 0, 0 },
	{ SMSC "04" FROM "0008" SCTS "04DE000041", "\uFFFD" "A", "", 0, 0 },
	{ SMSC "04" FROM "0008" SCTS "040041D83D", "A\uFFFD", "", 0, 0 },
	{ SMSC "04" FROM "0008" SCTS "06D83DD83DDE00", "\uFFFD\U0001F600", "", 0, 0 },
	{ SMSC "04" FROM "0008" SCTS "04FEFF0041", "\uFEFF" "A", "", 0, 0 },
	{ SMSC "07" FROM "0000" SCTS "02C834", "Hi", "", 0, 0 },	/* MTI 11: as DELIVER */
	{ SMSC "07" FROM "0000" SCTS "02C834", "", "first", 8, TW_E_TYPE, SMS_MO },
	{ "0001", "", "ref", 2, TW_E_SHORT, SMS_MO },
	{ "00110005812143F50000", "", "vp", 10, TW_E_SHORT, SMS_MO },
	{ "00190005812143F500004230", "", "vp", 12, TW_E_SHORT, SMS_MO },
	{ "00062A05812143F5" SCTS SCTS, "", "status", 22, TW_E_SHORT },
	{ "00062A05812143F5" SCTS "4230", "", "discharge", 17, TW_E_SHORT },
	{ "00062A05812143F5" SCTS SCTS "00", "", "", 0, 0 },
	{ "00062A05812143F5" SCTS SCTS "00FF", "", "pi", 23, 0 },
	{ "00062A05812143F5" SCTS SCTS "00FFFFFFFFFF", "", "pi", 23, 0 },
	{ "00062A05812143F5" SCTS SCTS "0000000000", "", "", 0, 0 },
	{ "00062A05812143F5" SCTS SCTS "00040AC834", "", "pi", 23, 0 },
	{ "00062A05812143F5" SCTS SCTS "000402C834", "Hi", "", 0, 0 },
	{ "00062A05812143F5" SCTS SCTS "0007000802" "0041", "A", "", 0, 0 },
	{ "00062A05812143F5" SCTS SCTS "00010000", "", "", 0, 0 },
	{ "00062A0091" SCTS SCTS "00", "", "", 0, 0 },
	{ "00062A07D049B7F90D" SCTS SCTS "00", "", "", 0, 0 },
	{ "002207000000", "", "address", 6, TW_E_SHORT, SMS_MO },
	{ "00220700022A05812143F500", "", "", 0, 0, SMS_MO },
	{ "00220700022A05812143F5", "", "cdl", 11, TW_E_SHORT, SMS_MO },
	{ "0000", "", "pi", 2, TW_E_SHORT, SMS_MO },
	{ "000000", "", "", 0, 0, SMS_MO },
	{ "0000D500", "", "", 0, 0, SMS_MO },
	{ "0000D50402C834", "Hi", "", 0, 0, SMS_MO },
	{ "000100" SCTS, "", "", 0, 0, SMS_MT },
	{ "0001C004" SCTS "02C834", "Hi", "", 0, 0, SMS_MT },
	{ "000100", "", "scts", 3, TW_E_SHORT, SMS_MT },
};

START_TEST(lives_with_it)
{
	size_t n = strlen(rows[_i].hex);
	char *exact = malloc(n ? n : 1);	/* the sanitizer sees the first octet past it */
	struct sms_fault fault = { 0 };
	struct sms_pdu pdu;
	int e;

	memcpy(exact, rows[_i].hex, n);
	e = sms_decode_hex(exact, n, -1, rows[_i].direction, &pdu, &fault);
	free(exact);
	ck_assert_int_eq(e, rows[_i].error);
	if (e) {
		ck_assert_str_eq(fault.field, rows[_i].field);
		ck_assert_int_eq(fault.octet, rows[_i].octet);
		ck_assert_int_eq(fault.code, e);
		return;
	}
	ck_assert_str_eq(sms_help_text(&pdu.body), rows[_i].text);
	ck_assert_uint_eq(pdu.n_warnings, *rows[_i].field != '\0');
	if (*rows[_i].field) {
		ck_assert_str_eq(pdu.warnings[0].field, rows[_i].field);
		ck_assert_int_eq(pdu.warnings[0].octet, rows[_i].octet);
	}
}
END_TEST

/* What was read before the error stands in the value. */
START_TEST(keeps_what_was_read)
{
	static const char hex[] = SMSC "04" FROM "3908" "4230";
	struct sms_fault fault;
	struct sms_pdu pdu;

	ck_assert_int_eq(sms_decode_hex(hex, sizeof(hex) - 1, -1, SMS_MT, &pdu, &fault),
			TW_E_SHORT);
	ck_assert(pdu.has_type && pdu.has_smsc && pdu.has_address && pdu.has_pid && pdu.has_dcs);
	ck_assert(!pdu.has_scts && !pdu.has_ud);
	ck_assert_str_eq(pdu.smsc.text, "+33609001390");
	ck_assert_str_eq(pdu.address.text, "+33612345678");
	ck_assert_uint_eq(pdu.pid, 0x39);
	ck_assert_int_eq(pdu.body.encoding, SMS_UCS2);
}
END_TEST

START_TEST(a_report_that_is_dropped_partly)
{
	/* PID and DCS before the user data that are cut short go with them */
	static const char hex[] = "00062A05812143F5" SCTS SCTS "300741C80AC834";
	struct sms_pdu pdu;

	ck_assert_int_eq(sms_decode_hex(hex, sizeof(hex) - 1, -1, SMS_MT, &pdu, NULL), 0);
	ck_assert_uint_eq(pdu.status, 0x30);
	ck_assert(!pdu.has_pid && !pdu.has_dcs && !pdu.has_ud);
	ck_assert_uint_eq(pdu.n_waiting, 0);
	ck_assert_uint_eq(pdu.n_warnings, 1);
}
END_TEST

START_TEST(length_tells_the_smsc_field)
{
	static const char whole[] = SMSC "04" FROM "0000" SCTS "02C834";
	static const char bare[] = "04" FROM "0000" SCTS "02C834";
	struct sms_pdu pdu;

	ck_assert_int_eq(sms_decode_hex(whole, sizeof(whole) - 1, 21, SMS_MT, &pdu, NULL), 0);
	ck_assert_str_eq(pdu.smsc.text, "+33609001390");
	ck_assert_uint_eq(pdu.n_warnings, 0);
	ck_assert_int_eq(sms_decode_hex(bare, sizeof(bare) - 1, 21, SMS_MT, &pdu, NULL), 0);
	ck_assert(!pdu.has_smsc);
	ck_assert_str_eq(pdu.address.text, "+33612345678");
	ck_assert_uint_eq(pdu.n_warnings, 0);
	/* neither: the field is taken to be there, and the difference is told */
	ck_assert_int_eq(sms_decode_hex(whole, sizeof(whole) - 1, 20, SMS_MT, &pdu, NULL), 0);
	ck_assert_str_eq(pdu.smsc.text, "+33609001390");
	ck_assert_uint_eq(pdu.n_warnings, 1);
	ck_assert_str_eq(pdu.warnings[0].field, "length");
}
END_TEST

START_TEST(more_user_data_than_fits)
{
	for (unsigned udl = 161; udl < 256; udl++) {
		char hex[64 + 512], *p = hex;
		struct sms_pdu pdu;

		p += sprintf(p, "000405812143F50000" SCTS "%02X", udl);
		for (unsigned i = 0; i < 240; i++)
			p += sprintf(p, "C3");
		ck_assert_int_eq(sms_decode_hex(hex, strlen(hex), -1, SMS_MT, &pdu, NULL), 0);
		ck_assert_uint_eq(pdu.body.n, udl < 182 ? udl : 182);
		ck_assert_uint_ge(pdu.n_warnings, 1);
		ck_assert_uint_lt(strlen(sms_help_text(&pdu.body)), SMS_TEXT_MAX);
	}
}
END_TEST

START_TEST(longest_text_fits)
{
	struct sms_body body = { SMS_GSM7, 6, 0, sizeof(body.units) };
	char *exact = malloc(SMS_TEXT_MAX);

	memset(body.units, 0x01, sizeof(body.units));	/* U+0902, three octets */
	ck_assert_uint_eq(sms_body_text(&body, exact, SMS_TEXT_MAX), 3 * sizeof(body.units));
	ck_assert_uint_eq(sms_body_text(&body, exact, 8), 6);
	ck_assert_uint_eq(strlen(exact), 6);
	ck_assert_uint_eq(sms_body_text(&body, exact, 1), 0);
	ck_assert_uint_eq(sms_body_text(&body, exact, 0), 0);
	free(exact);
}
END_TEST

START_TEST(very_long_line)
{
	static char hex[200001];
	struct sms_fault fault;
	struct sms_pdu pdu;

	memset(hex, '0', sizeof(hex));
	memcpy(hex, SMSC "04" FROM "0000" SCTS "02C834", 58);
	ck_assert_int_eq(sms_decode_hex(hex, sizeof(hex), -1, SMS_MT, &pdu, &fault), 0);
	ck_assert_str_eq(sms_help_text(&pdu.body), "Hi");
	ck_assert_str_eq(pdu.warnings[0].field, "hex");
}
END_TEST

static const struct { const char *first; bool more, lp, report, rp; } flags[] = {
	{ "00", true, false, false, false }, { "04", false, false, false, false },
	{ "08", true, true, false, false }, { "24", false, false, true, false },
	{ "84", false, false, false, true }, { "AC", false, true, true, true },
	{ "14", false, false, false, false },	/* reserved bit: ignored */
};

START_TEST(deliver_flags)
{
	struct sms_pdu pdu;

	ck_assert_int_eq(sms_help_deliver(flags[_i].first, "00", "02", "C834", &pdu, NULL), 0);
	ck_assert_int_eq(pdu.more, flags[_i].more);
	ck_assert_int_eq(pdu.loop_prevention, flags[_i].lp);
	ck_assert_int_eq(pdu.report, flags[_i].report);
	ck_assert_int_eq(pdu.reply_path, flags[_i].rp);
	ck_assert_str_eq(sms_help_text(&pdu.body), "Hi");
}
END_TEST

/* TP-FCS is 0x80 and up, TP-PI below. */
START_TEST(failure_cause)
{
	static const struct { const char *hex; uint8_t failure; } cases[] = {
		{ "00008000", 0x80 }, { "0000FF00", 0xFF }, { "000000", 0 }, { "00007F", 0 },
	};

	for (size_t i = 0; i < TW_COUNT(cases); i++) {
		struct sms_pdu pdu;

		sms_decode_hex(cases[i].hex, strlen(cases[i].hex), -1, SMS_MO, &pdu, NULL);
		ck_assert_int_eq(pdu.type, SMS_DELIVER_REPORT);
		ck_assert_uint_eq(pdu.failure, cases[i].failure);
	}
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, lives_with_it, 0, TW_COUNT(rows));
	tcase_add_test(tc, keeps_what_was_read);
	tcase_add_test(tc, a_report_that_is_dropped_partly);
	tcase_add_test(tc, length_tells_the_smsc_field);
	tcase_add_test(tc, more_user_data_than_fits);
	tcase_add_test(tc, longest_text_fits);
	tcase_add_test(tc, very_long_line);
	tcase_add_test(tc, failure_cause);
	tcase_add_loop_test(tc, deliver_flags, 0, TW_COUNT(flags));
}

int main(void)
{
	return unit_run("sms decode", add);
}
