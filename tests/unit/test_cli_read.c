/* What people type and files hold: times, lines of a file; what refusals mean to the shell. */
#include <check.h>
#include <time.h>

#include "../../src/cli/cli.h"
#include "../../src/cli/send.h"

#define NOW 1777885200000	/* 2026-05-04T09:00:00Z, a Monday; 10:00 in London */

static const struct { const char *text; int64_t ms; } times[] = {
	{ "2026-05-04T09:00:00Z", NOW }, { "2026-05-04T12:00:00+02:00", NOW + 3600000 },
	{ "+2h", NOW + 7200000 }, { "+90s", NOW + 90000 },
	{ "2026-05-04 10:00", NOW }, { "2026-05-04T10:00", NOW }, { "2026-05-04 10:00:05", NOW + 5000 },
	{ "2026-12-24 18:00", 1798135200000 },		/* winter: no hour between */
	{ "10:30", NOW + 1800000 },
	{ "09:30", NOW + 84600000 }, { "10:00", NOW + 86400000 },	/* passed: tomorrow's */
	{ "25:00", -1 }, { "10:60", -1 }, { "10", -1 }, { "", -1 }, { "soon", -1 }, { "+", -1 },
	{ "+x", -1 }, { "2026-02-30 10:00", -1 }, { "2026-13-01 10:00", -1 },
	{ "+9999999999h", -1 }, { "2026-05-04", -1 }, { "2026-05-04 10:00x", -1 }, { "10:00x", -1 },
};

START_TEST(times_are_read)
{
	struct wall_ms t = { -1 };

	setenv("TZ", "Europe/London", 1);
	tzset();
	ck_assert_msg((cli_time_read(times[_i].text, (struct wall_ms){ NOW }, &t) == 0) ==
		      (times[_i].ms >= 0), "%s", times[_i].text);
	if (times[_i].ms >= 0)
		ck_assert_msg(t.ms == times[_i].ms, "%s: %lld", times[_i].text, (long long)t.ms);
}
END_TEST

START_TEST(times_are_written)
{
	char out[TW_RFC3339_MAX];
	struct wall_ms now = { NOW };

	setenv("TZ", "Europe/London", 1);
	tzset();
	ck_assert_str_eq(cli_time_write((struct wall_ms){ NOW + 5000 }, now, out), "10:00:05");
	ck_assert_str_eq(cli_time_write((struct wall_ms){ NOW - 86400000 }, now, out),
			 "2026-05-03 10:00");
	ck_assert_str_eq(cli_time_write((struct wall_ms){ 0 }, now, out), "");
}
END_TEST

static const struct { const char *line; size_t n; const char *to, *text, *wrong; } lines[] = {
	{ "+44\thello\n", 10, "+44", "hello", NULL },
	{ "+44\thello\r\n", 11, "+44", "hello", NULL },
	{ "+44\ta\tb", 7, "+44", "a\tb", NULL },
	{ "\n", 1, NULL, NULL, NULL }, { "", 0, NULL, NULL, NULL }, { "\r\n", 2, NULL, NULL, NULL },
	{ "+44 hello\n", 10, NULL, NULL, "no tab" },
	{ "\thello\n", 7, NULL, NULL, "no number" },
	{ "+44\t\n", 5, NULL, NULL, "no text" },
	{ "+44\t\xff\n", 6, NULL, NULL, "not UTF-8" },
	{ "+44\ta\0b\n", 8, NULL, NULL, "NUL" },
};

START_TEST(lines_of_a_file_are_read)
{
	char line[64], *to, *text;
	const char *wrong;

	memcpy(line, lines[_i].line, lines[_i].n + 1);
	wrong = send_line_read(line, lines[_i].n, &to, &text);
	ck_assert_int_eq(wrong != NULL, lines[_i].wrong != NULL);
	if (wrong)
		ck_assert_msg(strstr(wrong, lines[_i].wrong) != NULL, "%s", wrong);
	ck_assert_pstr_eq(to, lines[_i].to);
	ck_assert_pstr_eq(text, lines[_i].text);
}
END_TEST

START_TEST(bodies_are_made)
{
	struct send_options o = { .from = "+1", .valid_for = "2d" };
	char *body = send_body(&o, "+2", "a \"quote\"\n", (struct wall_ms){ NOW });

	ck_assert_str_eq(body, "{\"to\":\"+2\",\"text\":\"a \\\"quote\\\"\\n\",\"from\":\"+1\","
			       "\"send_at\":\"2026-05-04T09:00:00.000Z\",\"valid_for\":\"2d\"}");
	free(body);
}
END_TEST

/* Contract 4. */
static const struct { int status, code, exit; } exits[] = {
	{ 200, 0, CLI_OK }, { 201, 0, CLI_OK }, { 400, 21211, CLI_DATA }, { 400, 21610, CLI_DENIED },
	{ 400, 20407, CLI_USAGE }, { 403, 21610, CLI_DENIED },
	{ 401, 20003, CLI_DENIED }, { 403, 20403, CLI_DENIED }, { 404, 20404, CLI_UNKNOWN },
	{ 409, 30409, CLI_DATA }, { 413, 20413, CLI_DATA }, { 422, 20422, CLI_DATA },
	{ 429, 20429, CLI_LATER }, { 503, 20503, CLI_LATER }, { 507, 20507, CLI_LATER },
	{ 500, 20500, CLI_INTERNAL }, { 0, 0, CLI_INTERNAL },
};

START_TEST(refusals_are_exit_codes)
{
	ck_assert_int_eq(cli_exit_of(exits[_i].status, exits[_i].code), exits[_i].exit);
}
END_TEST

START_TEST(paths_are_escaped)
{
	char *s = client_escape("/dev/tty USB0+\xc3\xa9?&");

	ck_assert_str_eq(s, "%2Fdev%2Ftty%20USB0%2B%C3%A9%3F%26");
	free(s);
	s = client_escape("");
	ck_assert_str_eq(s, "");
	free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_read");
	TCase *c = tcase_create("read");
	SRunner *r;
	int failed;

	tcase_add_loop_test(c, times_are_read, 0, TW_COUNT(times));
	tcase_add_test(c, times_are_written);
	tcase_add_loop_test(c, lines_of_a_file_are_read, 0, TW_COUNT(lines));
	tcase_add_test(c, bodies_are_made);
	tcase_add_loop_test(c, refusals_are_exit_codes, 0, TW_COUNT(exits));
	tcase_add_test(c, paths_are_escaped);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
