#include "run.h"

#include <twoway/base.h>

START_TEST(arithmetic_holds_at_the_ends)
{
	struct mono_ms t = { 1000 };

	ck_assert_int_eq(mono_after(t, 500).ms, 1500);
	ck_assert_int_eq(mono_after(MONO_NEVER, 500).ms, INT64_MAX);
	ck_assert_int_eq(mono_after(t, INT64_MAX).ms, INT64_MAX);
	ck_assert_int_eq(mono_min(t, MONO_NEVER).ms, 1000);
	ck_assert(mono_due(t, t));
	ck_assert(!mono_due(mono_after(t, 1), t));
	ck_assert_int_eq(wall_after((struct wall_ms){ 5 }, -10).ms, -5);
}
END_TEST

START_TEST(system_clocks_run)
{
	struct tw_now a = tw_now_system(), b = tw_now_system();

	ck_assert_int_ge(b.mono.ms, a.mono.ms);
	ck_assert_int_gt(a.wall.ms, 1600000000000);	/* after September 2020 */
}
END_TEST

START_TEST(days_agree_with_counting)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t day = tw_days_from_civil(1599, 1, 1);

	for (int year = 1599; year < 2402; year++) {
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

		for (int month = 1; month <= 12; month++) {
			int length = lengths[month - 1] + (month == 2 && leap);

			for (int d = 1; d <= length; d++, day++) {
				int y, m, dd;

				tw_civil_from_days(day, &y, &m, &dd);
				if (tw_days_from_civil(year, month, d) != day || y != year ||
				    m != month || dd != d)
					ck_abort_msg("%d-%d-%d", year, month, d);
			}
		}
	}
	ck_assert_int_eq(tw_days_from_civil(1970, 1, 1), 0);
	ck_assert_int_eq(tw_days_from_civil(2026, 5, 4), 20577);
	ck_assert_int_eq(tw_days_from_civil(-1, 12, 31), tw_days_from_civil(0, 1, 1) - 1);
}
END_TEST

START_TEST(rfc3339_writes)
{
	static const struct { int64_t ms; const char *want; } rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1777885200000, "2026-05-04T09:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ 951782399999, "2000-02-28T23:59:59.999Z" },
		{ 951868799001, "2000-02-29T23:59:59.001Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
	};
	char out[TW_RFC3339_MAX];
	struct wall_ms back;

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		ck_assert_str_eq(tw_rfc3339((struct wall_ms){ rows[i].ms }, out), rows[i].want);
		ck_assert_int_eq(tw_rfc3339_read(out, &back), 0);
		ck_assert_int_eq(back.ms, rows[i].ms);
	}
	/* what no column holds still fits the buffer */
	ck_assert_uint_lt(strlen(tw_rfc3339((struct wall_ms){ INT64_MAX }, out)), TW_RFC3339_MAX);
	ck_assert_uint_lt(strlen(tw_rfc3339((struct wall_ms){ INT64_MIN }, out)), TW_RFC3339_MAX);
}
END_TEST

#define MAY4 1777885200000	/* 2026-05-04T09:00:00Z */

static const struct { const char *text; int r; int64_t ms; } rfc3339_rows[] = {
	{ "2026-05-04T09:00Z", 0, MAY4 },
	{ "2026-05-04T09:00:00Z", 0, MAY4 },
	{ "2026-05-04t09:00:00z", 0, MAY4 },
	{ "2026-05-04 09:00:00.5+02:00", 0, MAY4 - 7200000 + 500 },
	{ "2026-05-04T09:00:00.1239999Z", 0, MAY4 + 123 },
	{ "2026-05-04T09:00:00.07Z", 0, MAY4 + 70 },
	{ "2026-05-04T09:00-03:30", 0, MAY4 + 12600000 },
	{ "2026-05-04T09:00-00:00", 0, MAY4 },
	{ "2016-12-31T23:59:60Z", 0, 1483228800000 },
	{ "1969-12-31T23:59:59.999Z", 0, -1 },
	{ "2024-02-29T00:00Z", 0, 1709164800000 },
	{ "2023-02-29T00:00Z", TW_E_RANGE, 0 },
	{ "1900-02-29T00:00Z", TW_E_RANGE, 0 },
	{ "2026-13-04T09:00Z", TW_E_RANGE, 0 },
	{ "2026-00-04T09:00Z", TW_E_RANGE, 0 },
	{ "2026-05-00T09:00Z", TW_E_RANGE, 0 },
	{ "2026-04-31T09:00Z", TW_E_RANGE, 0 },
	{ "2026-05-04T24:00Z", TW_E_RANGE, 0 },
	{ "2026-05-04T09:60Z", TW_E_RANGE, 0 },
	{ "2026-05-04T09:00:61Z", TW_E_RANGE, 0 },
	{ "2026-05-04T09:00:60Z", TW_E_RANGE, 0 },
	{ "2026-05-04T09:00+24:00", TW_E_RANGE, 0 },
	{ "2026-05-04T09:00+02:60", TW_E_RANGE, 0 },
	{ "", TW_E_SYNTAX, 0 },
	{ "2026", TW_E_SYNTAX, 0 },
	{ "2026-05-04", TW_E_SYNTAX, 0 },
	{ "2026-5-4T09:00Z", TW_E_SYNTAX, 0 },
	{ "2026-05-04T09:00", TW_E_SYNTAX, 0 },
	{ "2026-05-04T9:00Z", TW_E_SYNTAX, 0 },
	{ "2026-05-04T09:00:00.Z", TW_E_SYNTAX, 0 },
	{ "2026-05-04T09:00:00,5Z", TW_E_SYNTAX, 0 },
	{ "2026-05-04T09:00+0200", TW_E_SYNTAX, 0 },
	{ "2026-05-04T09:00Z ", TW_E_SYNTAX, 0 },
	{ " 2026-05-04T09:00Z", TW_E_SYNTAX, 0 },
	{ "-026-05-04T09:00Z", TW_E_SYNTAX, 0 },
};

START_TEST(rfc3339_reads)
{
	struct wall_ms t = { 77 };

	ck_assert_int_eq(tw_rfc3339_read(rfc3339_rows[_i].text, &t), rfc3339_rows[_i].r);
	ck_assert_int_eq(t.ms, rfc3339_rows[_i].r ? 77 : rfc3339_rows[_i].ms);
}
END_TEST

static const struct { const char *text; int r; int64_t ms; const char *written; } durations[] = {
	{ "90s", 0, 90000, "90s" },
	{ "10m", 0, 600000, "10m" },
	{ "120s", 0, 120000, "2m" },
	{ "3h", 0, 10800000, "3h" },
	{ "3d", 0, 259200000, "3d" },
	{ "2w", 0, 1209600000, "2w" },
	{ "14d", 0, 1209600000, "2w" },
	{ "24h", 0, 86400000, "1d" },
	{ "500ms", 0, 500, "500ms" },
	{ "2000ms", 0, 2000, "2s" },
	{ "0s", 0, 0, "0s" },
	{ "0w", 0, 0, "0s" },
	{ "9223372036854775807ms", 0, INT64_MAX, "9223372036854775807ms" },
	{ "9223372036854775808ms", TW_E_RANGE, 0, NULL },
	{ "9223372036854775807s", TW_E_RANGE, 0, NULL },
	{ "99999999999999999999999w", TW_E_RANGE, 0, NULL },
	{ "", TW_E_SYNTAX, 0, NULL },
	{ "s", TW_E_SYNTAX, 0, NULL },
	{ "90", TW_E_SYNTAX, 0, NULL },
	{ "-5s", TW_E_SYNTAX, 0, NULL },
	{ "+5s", TW_E_SYNTAX, 0, NULL },
	{ "1.5h", TW_E_SYNTAX, 0, NULL },
	{ "5 s", TW_E_SYNTAX, 0, NULL },
	{ "5S", TW_E_SYNTAX, 0, NULL },
	{ "5sec", TW_E_SYNTAX, 0, NULL },
	{ "1h30m", TW_E_SYNTAX, 0, NULL },
};

START_TEST(durations_there_and_back)
{
	int64_t ms = 77;
	char out[24];

	ck_assert_int_eq(tw_duration_read(durations[_i].text, &ms), durations[_i].r);
	ck_assert_int_eq(ms, durations[_i].r ? 77 : durations[_i].ms);
	if (durations[_i].written)
		ck_assert_str_eq(tw_duration_write(ms, out), durations[_i].written);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, arithmetic_holds_at_the_ends);
	tcase_add_test(tc, system_clocks_run);
	tcase_add_test(tc, days_agree_with_counting);
	tcase_add_test(tc, rfc3339_writes);
	tcase_add_loop_test(tc, rfc3339_reads, 0, TW_COUNT(rfc3339_rows));
	tcase_add_loop_test(tc, durations_there_and_back, 0, TW_COUNT(durations));
}

int main(void)
{
	return unit_run("base_clock", add);
}
