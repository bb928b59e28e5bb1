/* Time zones: the system's files against the C library, gaps and overlaps, and hostile files. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../src/base/zone.h"

static const char *const names[] = {
	"Europe/London", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo",
	"Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Australia/Lord_Howe", "Africa/Casablanca",
	"Pacific/Apia", "Pacific/Auckland", "America/Nuuk", "Antarctica/Troll", "Asia/Gaza", "UTC",
	"America/St_Johns", "Pacific/Chatham", "Africa/Monrovia"
};

static const struct tw_zone *zone_of(const char *name)
{
	const struct tw_zone *z = NULL;

	ck_assert_int_eq(tw_zone_get(name, &z), 0);
	return z;
}

/* The C library reads the same files by other code. 1900 to 2200, at steps that hit every season. */
START_TEST(test_like_libc)
{
	const struct tw_zone *z = zone_of(names[_i]);

	setenv("TZ", names[_i], 1);
	tzset();
	for (int64_t t = -2208988800; t < 7258118400; t += 86400 * 23 + 3601) {
		struct wall_ms wall = { t * 1000 + 7 };
		struct tw_civil c;
		time_t clock = t;
		struct tm tm;

		localtime_r(&clock, &tm);
		c = tw_zone_civil(z, wall);
		if (tw_zone_offset(z, wall) != tm.tm_gmtoff || c.year != tm.tm_year + 1900 ||
		    c.month != tm.tm_mon + 1 || c.day != tm.tm_mday || c.hour != tm.tm_hour ||
		    c.minute != tm.tm_min || c.second != tm.tm_sec ||
		    c.weekday != (tm.tm_wday ? tm.tm_wday : 7))
			ck_abort_msg("%s at %lld: %d, not %ld", names[_i], (long long)t,
				     tw_zone_offset(z, wall), tm.tm_gmtoff);
	}
}
END_TEST

/* Back and forth: a local time that was shown leads to an instant that shows it, the first such. */
START_TEST(test_wall_round)
{
	const struct tw_zone *z = zone_of(names[_i]);

	for (int64_t t = 1700000000; t < 1800000000; t += 250021) {
		struct tw_civil c = tw_zone_civil(z, (struct wall_ms){ t * 1000 }), again;
		struct wall_ms wall = tw_zone_wall(z, &c);

		again = tw_zone_civil(z, wall);
		if (wall.ms > t * 1000 || memcmp(&c, &again, sizeof(c)))
			ck_abort_msg("%s at %lld", names[_i], (long long)t);
	}
}
END_TEST

static const struct wall_row {
	const char *zone;
	struct tw_civil local;
	const char *utc;
} wall_rows[] = {
	{ "Europe/Berlin", { 2026, 3, 29, 2, 30, 0, 0 }, "2026-03-29T01:00:00.000Z" },	/* gap */
	{ "Europe/Berlin", { 2026, 3, 29, 3, 0, 0, 0 }, "2026-03-29T01:00:00.000Z" },
	{ "Europe/Berlin", { 2026, 3, 29, 1, 59, 59, 0 }, "2026-03-29T00:59:59.000Z" },
	{ "Europe/Berlin", { 2026, 10, 25, 2, 30, 0, 0 }, "2026-10-25T00:30:00.000Z" },	/* twice */
	{ "Europe/Berlin", { 2026, 10, 25, 3, 0, 0, 0 }, "2026-10-25T02:00:00.000Z" },
	{ "America/New_York", { 2050, 3, 13, 2, 1, 0, 0 }, "2050-03-13T07:00:00.000Z" },	/* rule */
	{ "America/New_York", { 2050, 11, 6, 1, 30, 0, 0 }, "2050-11-06T05:30:00.000Z" },
	{ "Pacific/Apia", { 2011, 12, 30, 12, 0, 0, 0 }, "2011-12-30T10:00:00.000Z" },	/* a day lost */
	{ "Australia/Lord_Howe", { 2026, 10, 4, 2, 15, 0, 0 }, "2026-10-03T15:30:00.000Z" },
	{ "", { 2026, 5, 4, 9, 0, 0, 0 }, "2026-05-04T09:00:00.000Z" },
	{ "Asia/Kathmandu", { 2026, 5, 4, 9, 0, 0, 0 }, "2026-05-04T03:15:00.000Z" },
};

START_TEST(test_wall)
{
	const struct wall_row *row = &wall_rows[_i];
	char text[TW_RFC3339_MAX];

	tw_rfc3339(tw_zone_wall(zone_of(row->zone), &row->local), text);
	ck_assert_str_eq(text, row->utc);
}
END_TEST

START_TEST(test_extremes)
{
	const struct tw_zone *z = zone_of("Europe/Berlin");
	struct tw_civil c = { .year = INT32_MAX, .month = 1, .day = 1 };

	tw_zone_civil(z, (struct wall_ms){ INT64_MAX });
	tw_zone_civil(z, (struct wall_ms){ INT64_MIN });
	tw_zone_wall(z, &c);
	c.year = INT32_MIN;
	tw_zone_wall(z, &c);
}
END_TEST

START_TEST(test_names)
{
	static const char *const wrong[] = { "Europe/Nowhere", "../../etc/passwd", "/etc/passwd",
					     "Europe", "Europe/", "Europe//Berlin", ".", "a b",
					     "Europe/../Europe/Berlin", "tzdata.zi" };
	const struct tw_zone *z = NULL;

	for (size_t i = 0; i < TW_COUNT(wrong); i++)
		ck_assert_msg(tw_zone_get(wrong[i], &z) == TW_E_UNKNOWN, "%s", wrong[i]);
	ck_assert_ptr_null(z);
	ck_assert_ptr_eq(zone_of("Europe/Berlin"), zone_of("Europe/Berlin"));
	ck_assert_int_eq(tw_zone_get("leapseconds", &z), TW_E_SYNTAX);
}
END_TEST

/* ---- files of our own ---------------------------------------------------------------------- */

static uint8_t file[1 << 16];
static size_t file_n;

static void read_system_file(const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	file_n = fread(file, 1, sizeof(file), f);
	fclose(f);
}

/* Version 1: only the 32-bit half, and no rule behind it. */
START_TEST(test_version_1)
{
	struct tw_zone one, two;
	size_t n;

	read_system_file("Europe/Berlin");
	ck_assert_int_eq(zone_read(file, file_n, &two), 0);
	file[4] = 0;
	n = (size_t)((uint8_t *)memmem(file + 1, file_n - 1, "TZif", 4) - file);
	ck_assert_int_eq(zone_read(file, n, &one), 0);
	ck_assert(!one.footer.is_set);
	ck_assert_uint_gt(one.n, 100);
	for (int64_t t = 0; t < 2000000000; t += 1000003)
		if (tw_zone_offset(&one, (struct wall_ms){ t * 1000 }) !=
		    tw_zone_offset(&two, (struct wall_ms){ t * 1000 }))
			ck_abort_msg("at %lld", (long long)t);
	zone_done(&one);
	zone_done(&two);
}
END_TEST

/* A slim file of no transition but its rule; the rule alone decides. */
static size_t make_file(const char *footer)
{
	static const uint8_t head[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				      "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4";
	static const uint8_t body[] = "\0\0\0\0\0\0XXX";
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		memcpy(file + n, head, 44);
		memcpy(file + n + 44, body, 10);
		n += 54;
	}
	n += (size_t)sprintf((char *)file + n, "\n%s\n", footer);
	return n;
}

static const struct footer_row { const char *text, *utc; int32_t offset; } footer_rows[] = {
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01T00:00Z", 7200 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-01-01T00:00Z", 3600 },
	{ "<+0330>-3:30", "2026-01-01T00:00Z", 12600 },
	{ "NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-01-01T00:00Z", 46800 },
	{ "NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-07-01T00:00Z", 43200 },
	{ "XXX3YYY,J60/0,J61/0", "2024-03-01T04:00Z", -7200 },		/* J60 is always 1 March */
	{ "XXX3YYY,J60/0,J61/0", "2023-03-01T04:00Z", -7200 },
	{ "XXX3YYY,J60/0,J61/0", "2024-02-29T04:00Z", -10800 },
	{ "XXX3YYY,59/0,60/0", "2024-02-29T04:00Z", -7200 },		/* day 59 counts 29 February */
	{ "XXX0YYY-2,M1.1.0/-167,M12.5.6/167", "2026-06-01T00:00Z", 7200 },
	{ "", "2026-06-01T00:00Z", 0 },
};

START_TEST(test_footer)
{
	const struct footer_row *row = &footer_rows[_i];
	struct wall_ms t;
	struct tw_zone z;

	ck_assert_int_eq(zone_read(file, make_file(row->text), &z), 0);
	ck_assert_int_eq(tw_rfc3339_read(row->utc, &t), 0);
	ck_assert_int_eq(tw_zone_offset(&z, t), row->offset);
	zone_done(&z);
}
END_TEST

START_TEST(test_footer_fault)
{
	static const char *const wrong[] = { "C1", "CET", "CET-1CEST", "CET-99", "CET-1CEST,M3.5.0",
					     "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
					     "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J5", "<CET",
					     "CET-1CEST,366,5", "CET-1CEST,M3.5.0/168,M10.5.0",
					     "CET-1CEST,M3.5.0,M10.5.0,", "CET-1:60", "CET- 1" };
	struct tw_zone z;

	for (size_t i = 0; i < TW_COUNT(wrong); i++)
		ck_assert_msg(zone_read(file, make_file(wrong[i]), &z) == TW_E_SYNTAX, "%s", wrong[i]);
}
END_TEST

/* Cut anywhere, a file is refused; with any octet changed it is refused or read, never more. */
START_TEST(test_damaged)
{
	struct tw_zone z;

	read_system_file("Europe/Berlin");
	for (size_t n = 0; n < file_n; n++) {
		uint8_t *copy = tw_alloc(n);

		memcpy(copy, file, n);
		if (zone_read(copy, n, &z) != TW_E_SYNTAX)
			ck_abort_msg("cut at %zu", n);
		free(copy);
	}
	for (size_t i = 0; i < file_n; i++) {
		uint8_t was = file[i];

		file[i] ^= 0x80;
		if (zone_read(file, file_n, &z) == 0) {
			tw_zone_offset(&z, (struct wall_ms){ 4000000000000 });
			zone_done(&z);
		}
		file[i] = was;
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_zone");
	TCase *t = tcase_create("zone");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, test_like_libc, 0, TW_COUNT(names));
	tcase_add_loop_test(t, test_wall_round, 0, TW_COUNT(names));
	tcase_add_loop_test(t, test_wall, 0, TW_COUNT(wall_rows));
	tcase_add_test(t, test_extremes);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_version_1);
	tcase_add_loop_test(t, test_footer, 0, TW_COUNT(footer_rows));
	tcase_add_test(t, test_footer_fault);
	tcase_add_test(t, test_damaged);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
