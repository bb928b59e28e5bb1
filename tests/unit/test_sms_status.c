/* All 256 values of TP-ST. */
#include "sms_help.h"

static const struct { uint8_t first, last; enum sms_status_class class; } rows[] = {
	{ 0x00, 0x02, SMS_SUCCESS },
	{ 0x03, 0x0F, SMS_TEMPORARY },	/* reserved: as 63 */
	{ 0x10, 0x1F, SMS_SUCCESS },
	{ 0x20, 0x25, SMS_TRYING },
	{ 0x26, 0x2F, SMS_TRYING },	/* reserved: must not close the message */
	{ 0x30, 0x3F, SMS_TRYING },
	{ 0x40, 0x49, SMS_PERMANENT },
	{ 0x4A, 0x4F, SMS_TEMPORARY },
	{ 0x50, 0x5F, SMS_PERMANENT },
	{ 0x60, 0x65, SMS_TEMPORARY },
	{ 0x66, 0x6F, SMS_TEMPORARY },
	{ 0x70, 0x7F, SMS_TEMPORARY },
	{ 0x80, 0xFF, SMS_TEMPORARY },
};

START_TEST(every_value)
{
	unsigned v = 0;

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		ck_assert_uint_eq(v, rows[i].first);
		for (; v <= rows[i].last; v++) {
			ck_assert_msg(sms_status_class((uint8_t)v) == rows[i].class, "%02X", v);
			ck_assert_uint_gt(strlen(sms_status_text((uint8_t)v)), 5);
		}
	}
	ck_assert_uint_eq(v, 256);
	ck_assert_str_eq(sms_status_text(0x00), "received by the recipient");
	ck_assert_str_eq(sms_status_text(0x46), "validity period expired");
	ck_assert_str_eq(sms_status_class_name(SMS_TRYING), "trying");
}
END_TEST

START_TEST(every_value_in_a_report)
{
	for (unsigned v = 0; v < 256; v++) {
		struct sms_report r = { .to = "+447700900123", .smsc = "+447700900000",
					.ref = (uint8_t)(255 - v), .status = (uint8_t)v };
		uint8_t out[SMS_PDU_MAX];
		struct sms_pdu pdu;
		size_t n, tpdu_n;

		r.scts = sms_time_from((struct wall_ms){ 1767603600000 }, 60);
		r.discharge = sms_time_from((struct wall_ms){ 1767603630000 }, -60);
		ck_assert_int_eq(sms_report_encode(&r, out, sizeof(out), &n, &tpdu_n, NULL), 0);
		ck_assert_int_eq(sms_decode(out, n, (int)tpdu_n, SMS_MT, &pdu, NULL), 0);
		ck_assert_int_eq(pdu.type, SMS_STATUS_REPORT);
		ck_assert_uint_eq(pdu.status, v);
		ck_assert_uint_eq(pdu.ref, 255 - v);
		ck_assert_str_eq(pdu.address.text, r.to);
		ck_assert_str_eq(pdu.smsc.text, r.smsc);
		ck_assert(!pdu.more && !pdu.report);
		ck_assert_int_eq(sms_time_wall(&pdu.scts).ms, 1767603600000);
		ck_assert_int_eq(sms_time_wall(&pdu.discharge).ms, 1767603630000);
		ck_assert_uint_eq(pdu.n_warnings, 0);
	}
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, every_value);
	tcase_add_test(tc, every_value_in_a_report);
}

int main(void)
{
	return unit_run("sms status", add);
}
