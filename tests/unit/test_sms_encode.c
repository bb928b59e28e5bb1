/* Whole TPDUs, octet by octet, and back. */
#include "sms_help.h"

static const struct sms_ud test1 = { .octets = { 0xD4, 0xF2, 0x9C, 0x0E, 0x8A, 0x01 }, .n = 6,
				     .udl = 6 };

static void same(const uint8_t *out, size_t n, const char *hex)
{
	char got[2 * SMS_PDU_MAX + 1];

	tw_hex_write(out, n, got, true);
	ck_assert_str_eq(got, hex);
}

START_TEST(submit_of_the_standard_example)
{
	struct sms_submit s = { .to = "+491701234567", .smsc = "", .ud = &test1,
				.validity_minutes = 1440 };
	uint8_t out[SMS_PDU_MAX];
	size_t n, tpdu_n;

	ck_assert_int_eq(sms_submit_encode(&s, out, sizeof(out), &n, &tpdu_n, NULL), 0);
	same(out, n, "0011000C919471103254760000A706D4F29C0E8A01");
	ck_assert_uint_eq(tpdu_n, 20);
}
END_TEST

START_TEST(submit_flags)
{
	struct sms_ud ud = test1;
	struct sms_submit s = { .to = "12345", .smsc = "+491710760000", .ud = &ud, .ref = 0xB7,
				.pid = 0x41, .report = true, .reject_duplicates = true,
				.reply_path = true, .validity_minutes = 2880 };
	uint8_t out[SMS_PDU_MAX];
	struct sms_pdu pdu;
	size_t n, tpdu_n;

	ud.dcs = 0x10;
	ck_assert_int_eq(sms_submit_encode(&s, out, sizeof(out), &n, &tpdu_n, NULL), 0);
	same(out, n, "0791947101670000B5B705812143F54110A806D4F29C0E8A01");
	ck_assert_uint_eq(tpdu_n, n - 8);
	ck_assert_int_eq(sms_decode(out, n, (int)tpdu_n, SMS_LISTING, &pdu, NULL), 0);
	ck_assert_int_eq(pdu.type, SMS_SUBMIT);
	ck_assert(pdu.report && pdu.reject_duplicates && pdu.reply_path);
	ck_assert_uint_eq(pdu.ref, 0xB7);
	ck_assert_uint_eq(pdu.pid, 0x41);
	ck_assert_int_eq(pdu.message_class, 0);
	ck_assert_uint_eq(pdu.vp_seconds, 2 * 86400);
	ck_assert_str_eq(pdu.smsc.text, "+491710760000");
}
END_TEST

START_TEST(deliver_of_the_standard_example)
{
	const struct sms_ud hi = { .octets = { 0xC8, 0x34 }, .n = 2, .udl = 2 };
	struct sms_deliver d = { .from = "Info", .smsc = "+491710760000", .ud = &hi };
	uint8_t out[SMS_PDU_MAX];
	size_t n, tpdu_n;

	d.scts = (struct sms_time){ true, 2025, 2, 3, 4, 5, 6, -300 };
	ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, NULL), 0);
	same(out, n, "07919471016700000407D049B7F90D00005220304050600A02C834");
	ck_assert_uint_eq(tpdu_n, 19);
}
END_TEST

START_TEST(deliver_flags)
{
	struct sms_deliver d = { .from = "+12345", .smsc = "", .ud = &test1, .pid = 0x5F,
				 .more = true, .report = true, .reply_path = true };
	uint8_t out[SMS_PDU_MAX];
	struct sms_pdu pdu;
	size_t n, tpdu_n;

	ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, NULL), 0);
	ck_assert_int_eq(sms_decode(out, n, (int)tpdu_n, SMS_MT, &pdu, NULL), 0);
	ck_assert(pdu.more && pdu.report && pdu.reply_path);
	ck_assert_uint_eq(pdu.pid, 0x5F);
	ck_assert(!pdu.scts.is_valid);
	ck_assert_str_eq(sms_help_text(&pdu.body), "Test 1");
}
END_TEST

START_TEST(command)
{
	struct sms_command c = { .to = "+491701234567", .smsc = "", .ref = 7, .pid = 1,
			.command = 2,
				 .command_ref = 42 };
	uint8_t out[SMS_PDU_MAX];
	struct sms_pdu pdu;
	size_t n, tpdu_n;

	ck_assert_int_eq(sms_command_encode(&c, out, sizeof(out), &n, &tpdu_n, NULL), 0);
	same(out, n, "00020701022A0C9194711032547600");
	ck_assert_int_eq(sms_decode(out, n, (int)tpdu_n, SMS_MO, &pdu, NULL), 0);
	ck_assert_int_eq(pdu.type, SMS_COMMAND);
	ck_assert_uint_eq(pdu.command, 2);
	ck_assert_uint_eq(pdu.command_ref, 42);
	ck_assert_uint_eq(pdu.ref, 7);
	ck_assert_str_eq(pdu.address.text, "+491701234567");
}
END_TEST

START_TEST(room_too_small)
{
	struct sms_submit s = { .to = "+491701234567", .smsc = "", .ud = &test1 };
	struct sms_report r = { .to = "12345", .smsc = "" };
	size_t n = 77, tpdu_n = 77;
	struct sms_fault fault;
	uint8_t *exact;

	for (size_t cap = 0; cap < 20; cap++) {
		exact = malloc(cap ? cap : 1);
		ck_assert_int_eq(sms_submit_encode(&s, exact, cap, &n, &tpdu_n, &fault),
				TW_E_NOSPACE);
		ck_assert_int_eq(sms_report_encode(&r, exact, cap, &n, &tpdu_n, &fault),
				TW_E_NOSPACE);
		ck_assert_uint_eq(n, 77);
		free(exact);
	}
	exact = malloc(20);
	ck_assert_int_eq(sms_submit_encode(&s, exact, 20, &n, &tpdu_n, &fault), 0);
	free(exact);
}
END_TEST

START_TEST(bad_smsc)
{
	struct sms_submit s = { .to = "12345", .smsc = "Vodafone", .ud = &test1 };
	uint8_t out[SMS_PDU_MAX];
	struct sms_fault fault;
	size_t n, tpdu_n;

	ck_assert_int_eq(sms_submit_encode(&s, out, sizeof(out), &n, &tpdu_n, &fault), TW_E_SYNTAX);
	ck_assert_str_eq(fault.field, "smsc");
	ck_assert_int_eq(fault.octet, -1);
}
END_TEST

/* The longest of each fits in SMS_PDU_MAX. */
START_TEST(longest)
{
	struct sms_ud ud = { .n = 140, .udl = 160, .has_header = true };
	struct sms_submit s = { .to = "+12345678901234567890", .smsc = "+12345678901234567890",
				.ud = &ud, .validity_minutes = 5 };
	struct sms_deliver d = { .from = s.to, .smsc = s.smsc, .ud = &ud };
	uint8_t out[SMS_PDU_MAX];
	size_t n, tpdu_n;

	ck_assert_int_eq(sms_submit_encode(&s, out, sizeof(out), &n, &tpdu_n, NULL), 0);
	ck_assert_uint_eq(tpdu_n, 158);
	ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, NULL), 0);
	ck_assert_uint_eq(tpdu_n, 163);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, submit_of_the_standard_example);
	tcase_add_test(tc, submit_flags);
	tcase_add_test(tc, deliver_of_the_standard_example);
	tcase_add_test(tc, deliver_flags);
	tcase_add_test(tc, command);
	tcase_add_test(tc, room_too_small);
	tcase_add_test(tc, bad_smsc);
	tcase_add_test(tc, longest);
}

int main(void)
{
	return unit_run("sms encode", add);
}
