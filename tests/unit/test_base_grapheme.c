/* Extended grapheme clusters (UAX 29), written with | between clusters. */
#include <check.h>

#include <twoway/base.h>

static const char *const rows[] = {
	"a|b|c",
	"\r\n|a|\n|\r|\r\n",
	"e\u0301|x",
	"\U0001F468\u200D\U0001F469\u200D\U0001F467|a",		/* ZWJ */
	"\U0001F44B\U0001F3FD|!",				/* skin tone */
	"\U0001F1EC\U0001F1E7|\U0001F1E9\U0001F1EA|\U0001F1EB",	/* flags in pairs */
	"1\uFE0F\u20E3|2",					/* keycap */
	"\u2764\uFE0F|\U0001F6D1",
	"\u1100\u1161\u11A8|\uAC00\u11A8|\uAC01",		/* Hangul */
	"\u0915\u094D\u0937|\u0915",				/* ksha */
	"\u0915\u094D\u0924\u094D\u092F|a",			/* ktya */
	"\u0915\u093C\u094D\u0937",				/* with a nukta */
	"\u0915\u094D\u200D\u0937",
	"\u0915|\u0937",					/* no virama */
	"\u09AC|\u09A8\u09CD\u09A7|a",
	"a\u094D|\u0915",					/* nothing to conjoin */
	"\u0995\u09CD|a",
	"\u0E2B|\u0E22\u0E38|\u0E14",				/* Thai */
	"\u0600\u0661|x",					/* prepended mark */
};

START_TEST(test_clusters)
{
	char text[128] = "", expected[128] = "", found[128] = "";
	const char *s = rows[_i];
	size_t n, at = 0, step;

	strcpy(expected, s);
	for (n = 0; *s; s++)
		if (*s != '|')
			text[n++] = *s;
	while ((step = tw_grapheme_next(text + at, n - at))) {
		if (at)
			strcat(found, "|");
		strncat(found, text + at, step);
		at += step;
	}
	ck_assert_str_eq(found, expected);
	ck_assert_uint_eq(at, n);
}
END_TEST

START_TEST(test_ill_formed)
{
	ck_assert_uint_eq(tw_grapheme_next("\xFF\xFE", 2), 1);
	ck_assert_uint_eq(tw_grapheme_next("\xE2\x82", 2), 2);
	ck_assert_uint_eq(tw_grapheme_next("", 0), 0);
	ck_assert_uint_eq(tw_grapheme_next("\r\n", 1), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_grapheme");
	TCase *t = tcase_create("grapheme");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, test_clusters, 0, TW_COUNT(rows));
	tcase_add_test(t, test_ill_formed);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
