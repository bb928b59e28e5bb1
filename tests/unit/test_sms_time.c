#include "sms_help.h"

static void deliver_at(const char *scts, struct sms_pdu *ret)
{
	char hex[128];
	int n = snprintf(hex, sizeof(hex), "000405812143F50000%s02C834", scts);

	ck_assert_int_eq(sms_decode_hex(hex, (size_t)n, -1, SMS_MT, ret, NULL), 0);
	ck_assert_str_eq(sms_help_text(&ret->body), "Hi");	/* never lost for its time */
}

static const struct { const char *scts, *text; } stamps[] = {
	{ "5220304050600A", "2025-02-03T04:05:06-05:00" },
	{ "52203040506080", "2025-02-03T04:05:06+02:00" },
	{ "52203040506022", "2025-02-03T04:05:06+05:30" },
	{ "52203040506008", "2025-02-03T04:05:06+00:00" },	/* minus zero */
	{ "52203040506000", "2025-02-03T04:05:06+00:00" },
	{ "522030405060A0", "2025-02-03T04:05:06+00:00" },	/* zone with a bad digit: UTC */
	{ "522030405060FF", "2025-02-03T04:05:06+00:00" },
	{ "42209200000000", "2024-02-29T00:00:00+00:00" },
	{ "00209200000000", "2000-02-29T00:00:00+00:00" },
	{ "98101000000000", "2089-01-01T00:00:00+00:00" },
	{ "09101000000000", "1990-01-01T00:00:00+00:00" },
	{ "52209200000000", "" },	/* 29 February 2025 */
	{ "52201300000000", "" },	/* 31 February */
	{ "52401300000000", "" },	/* 31 April */
	{ "52003000000000", "" },	/* month 0 */
	{ "52313000000000", "" },	/* month 13 */
	{ "52200000000000", "" },	/* day 0 */
	{ "52201042000000", "" },	/* hour 24 */
	{ "52201000060000", "" },	/* minute 60 */
	{ "52201000000600", "" },	/* second 60 */
	{ "A2201000000000", "" },	/* a digit above 9 */
	{ "2A201000000000", "" },
	{ "52201000000A00", "" },
	{ "00000000000000", "" },
	{ "FFFFFFFFFFFFFF", "" },
};

START_TEST(reads_stamp)
{
	struct sms_pdu pdu;
	char text[32];

	deliver_at(stamps[_i].scts, &pdu);
	ck_assert_int_eq(pdu.scts.is_valid, *stamps[_i].text != '\0');
	ck_assert_uint_eq(pdu.n_warnings, !pdu.scts.is_valid);
	if (pdu.scts.is_valid)
		ck_assert_str_eq(sms_time_write(&pdu.scts, text), stamps[_i].text);
	else
		ck_assert_str_eq(pdu.warnings[0].field, "scts");
}
END_TEST

/* Every quarter of an hour that seven bits can say, written and read; the instant stays. */
START_TEST(every_zone)
{
	const struct wall_ms instant = { 1738566306000 };	/* 2025-02-03T07:05:06Z */
	const struct sms_ud ud = { .octets = { 0xC8, 0x34 }, .n = 2, .udl = 2 };

	for (int quarters = -79; quarters <= 79; quarters++) {
		struct sms_deliver d = { .from = "12345", .ud = &ud };
		uint8_t out[SMS_PDU_MAX];
		struct sms_pdu pdu;
		size_t n, tpdu_n;
		unsigned zone;

		d.scts = sms_time_from(instant, quarters * 15);
		ck_assert_int_eq(sms_deliver_encode(&d, out, sizeof(out), &n, &tpdu_n, NULL), 0);
		zone = (unsigned)(abs(quarters) / 10 | abs(quarters) % 10 << 4 |
				  (quarters < 0 ? 8 : 0));
		ck_assert_uint_eq(out[n - 4], zone);
		ck_assert_int_eq(sms_decode(out, n, (int)tpdu_n, SMS_MT, &pdu, NULL), 0);
		ck_assert_int_eq(pdu.scts.offset_minutes, quarters * 15);
		ck_assert_int_eq(sms_time_wall(&pdu.scts).ms, instant.ms);
	}
}
END_TEST

START_TEST(instants)
{
	static const struct { int64_t ms; int offset; const char *text; } cases[] = {
		{ 0, 0, "1970-01-01T00:00:00+00:00" },
		{ 0, -15, "1969-12-31T23:45:00-00:15" },
		{ 1735689599999, 0, "2024-12-31T23:59:59+00:00" },
		{ 1735689599999, 60, "2025-01-01T00:59:59+01:00" },
		{ 1709164800000, 345, "2024-02-29T05:45:00+05:45" },
		{ -1, 0, "1969-12-31T23:59:59+00:00" },
	};

	for (size_t i = 0; i < TW_COUNT(cases); i++) {
		struct sms_time t = sms_time_from((struct wall_ms){ cases[i].ms }, cases[i].offset);
		char text[32];

		ck_assert_str_eq(sms_time_write(&t, text), cases[i].text);
		ck_assert(t.is_valid);
	}
}
END_TEST

static uint32_t relative(unsigned v)
{
	struct sms_pdu pdu;
	char hex[64];
	int n = snprintf(hex, sizeof(hex), "00110005812143F50000%02X00", v);

	ck_assert_int_eq(sms_decode_hex(hex, (size_t)n, -1, SMS_MO, &pdu, NULL), 0);
	ck_assert_int_eq(pdu.vp_kind, SMS_VP_RELATIVE);
	return pdu.vp_seconds;
}

START_TEST(relative_validity)
{
	static const struct { unsigned v, minutes; } corners[] = {
		{ 0, 5 }, { 143, 720 }, { 144, 750 }, { 167, 1440 }, { 168, 2880 }, { 196, 43200 },
		{ 197, 50400 }, { 255, 635040 },
	};

	for (size_t i = 0; i < TW_COUNT(corners); i++)
		ck_assert_uint_eq(relative(corners[i].v), corners[i].minutes * 60);
	for (unsigned v = 1; v < 256; v++)
		ck_assert_uint_gt(relative(v), relative(v - 1));
}
END_TEST

static int validity_octet(uint32_t minutes)
{
	const struct sms_ud ud = { 0 };
	struct sms_submit s = { .to = "12345", .ud = &ud, .validity_minutes = minutes };
	uint8_t out[SMS_PDU_MAX];
	size_t n, tpdu_n;
	int e = sms_submit_encode(&s, out, sizeof(out), &n, &tpdu_n, NULL);

	if (e)
		return e;
	ck_assert_uint_eq(out[1], minutes ? 0x11 : 0x01);
	return minutes ? out[n - 2] : -1;
}

/* The smallest value that lasts at least as long as wished for. */
START_TEST(validity_from_minutes)
{
	for (uint32_t minutes = 1; minutes <= 635040; minutes += minutes < 3000 ? 1 : 97) {
		int v = validity_octet(minutes);

		ck_assert_int_ge(v, 0);
		ck_assert_uint_ge(relative((unsigned)v), minutes * 60);
		if (v)
			ck_assert_uint_lt(relative((unsigned)v - 1), minutes * 60);
	}
	ck_assert_int_eq(validity_octet(0), -1);
	ck_assert_int_eq(validity_octet(1440), 0xA7);
	ck_assert_int_eq(validity_octet(2880), 0xA8);
	ck_assert_int_eq(validity_octet(635040), 0xFF);
	ck_assert_int_eq(validity_octet(635041), TW_E_RANGE);
}
END_TEST

static const struct { const char *vp; uint32_t seconds; bool single_shot; } enhanced[] = {
	{ "00000000000000", 0, false },
	{ "40000000000000", 0, true },
	{ "01A70000000000", 86400, false },
	{ "023C0000000000", 60, false },
	{ "42FF0000000000", 255, true },
	{ "03103254000000", 3600 + 23 * 60 + 45, false },
	{ "03A03254000000", 0, false },		/* a digit above 9 */
	{ "07FFFFFFFFFFFF", 0, false },		/* reserved format */
	{ "81010500000000", 300 * 6 / 5 - 60 + 1500, false },
	{ "FFFFFFFFFFFFFF", 0, true },
};

START_TEST(enhanced_validity)
{
	struct sms_pdu pdu;
	char hex[64];
	int n = snprintf(hex, sizeof(hex), "00090005812143F50000%s02C834", enhanced[_i].vp);

	ck_assert_int_eq(sms_decode_hex(hex, (size_t)n, -1, SMS_MO, &pdu, NULL), 0);
	ck_assert_int_eq(pdu.vp_kind, SMS_VP_ENHANCED);
	ck_assert_uint_eq(pdu.vp_seconds, enhanced[_i].seconds);
	ck_assert_int_eq(pdu.is_single_shot, enhanced[_i].single_shot);
	ck_assert_str_eq(sms_help_text(&pdu.body), "Hi");
}
END_TEST

START_TEST(absolute_validity)
{
	static const char good[] = "00190005812143F500005270517051950402C834";
	static const char bad[] = "00190005812143F500000000000000000002C834";
	struct sms_pdu pdu;
	char text[32];

	ck_assert_int_eq(sms_decode_hex(good, sizeof(good) - 1, -1, SMS_MO, &pdu, NULL), 0);
	ck_assert_int_eq(pdu.vp_kind, SMS_VP_ABSOLUTE);
	ck_assert_str_eq(sms_time_write(&pdu.vp_time, text), "2025-07-15T07:15:59+10:00");
	ck_assert_int_eq(sms_decode_hex(bad, sizeof(bad) - 1, -1, SMS_MO, &pdu, NULL), 0);
	ck_assert(!pdu.vp_time.is_valid);
	ck_assert_str_eq(pdu.warnings[0].field, "vp");
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, reads_stamp, 0, TW_COUNT(stamps));
	tcase_add_test(tc, every_zone);
	tcase_add_test(tc, instants);
	tcase_add_test(tc, relative_validity);
	tcase_add_test(tc, validity_from_minutes);
	tcase_add_loop_test(tc, enhanced_validity, 0, TW_COUNT(enhanced));
	tcase_add_test(tc, absolute_validity);
}

int main(void)
{
	return unit_run("sms time", add);
}
