/* Upper, lower and title case. */
#include <check.h>

#include <twoway/base.h>

static const struct { const char *text; enum tw_case how; const char *expected; } rows[] = {
	{ "", TW_UPPER, "" },
	{ "zo\u00EB o'neil 3rd", TW_UPPER, "ZO\u00CB O'NEIL 3RD" },
	{ "ZO\u00CB", TW_LOWER, "zo\u00EB" },
	{ "stra\u00DFe", TW_UPPER, "STRASSE" },
	{ "\u00DFx", TW_TITLE, "Ssx" },
	{ "o\u2019neil AND sons-in law", TW_TITLE, "O\u2019neil And Sons-In Law" },
	{ "2nd \u0434\u043E\u043C", TW_TITLE, "2nd \u0414\u043E\u043C" },
	{ "istanbul", TW_UPPER, "ISTANBUL" },
	{ "\u05E9\u05DC\u05D5\u05DD \u4F60\u597D", TW_UPPER, "\u05E9\u05DC\u05D5\u05DD \u4F60\u597D" },
	{ "a\xFF" "b", TW_UPPER, "A\uFFFDB" },
};

START_TEST(test_case)
{
	struct tw_buf out = { 0 };

	tw_case_text(rows[_i].text, strlen(rows[_i].text), rows[_i].how, &out);
	ck_assert_str_eq(tw_buf_str(&out), rows[_i].expected);
	tw_buf_done(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_case");
	TCase *t = tcase_create("case");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, test_case, 0, TW_COUNT(rows));
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
