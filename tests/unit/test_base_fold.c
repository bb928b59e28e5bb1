/* Keys by which texts are compared, and the way back to the customer's own characters. */
#include <check.h>
#include <utf8proc.h>

#include <twoway/base.h>

static struct tw_buf key;

static const struct { const char *text, *key; } key_rows[] = {
	{ "", "" },
	{ "  \t\n", "" },
	{ "...!?", "" },
	{ "Repair Bath", "repair bath" },
	{ " REPAIR,\r\n bath!! ", "repair bath" },
	{ "don't", "don t" },
	{ "don\u2019t", "don t" },
	{ "YES2OFFER", "yes2offer" },
	{ "C++", "c + +" },
	{ "$5", "$ 5" },
	{ "#7 close", "7 close" },
	{ "a_b-c", "a b c" },
	{ "CAF\u00C9", "cafe" },
	{ "cafe\u0301", "cafe" },
	{ "Stra\u00DFe", "strasse" },
	{ "AUFH\u00D6REN", "aufhoren" },
	{ "\u0130stanbul", "istanbul" },
	{ "\u0131", "\u0131" },
	{ "s\u00F8k", "s\u00F8k" },
	{ "\u03A3\u03A4\u039F\u03A0 \u03B1\u03C2", "\u03C3\u03C4\u03BF\u03C0 \u03B1\u03C3" },
	{ "\u03AC\u03AD", "\u03B1\u03B5" },
	{ "\u0419\u043E\u0434 \u0401\u043B\u043A\u0430", "\u0439\u043E\u0434 \u0451\u043B\u043A\u0430" },
	{ "\u0438\u0306", "\u0439" },
	{ "\u0625\u064A\u0640\u0640\u0642\u0627\u0641", "\u0625\u064A\u0642\u0627\u0641" },
	{ "\u0643\u064E\u062A\u064E\u0628", "\u0643\u062A\u0628" },
	{ "\u092C\u0902\u0926 \u0915\u0930\u094B", "\u092C\u0902\u0926 \u0915\u0930\u094B" },
	{ "\u0E2B\u0E22\u0E38\u0E14", "\u0E2B\u0E22\u0E38\u0E14" },
	{ "\uFF33\uFF34\uFF2F\uFF30\u3000\uFF11", "stop 1" },
	{ "\U0001D412\U0001D413", "st" },
	{ "\u24C8\u24C9\u24C4\u24C5", "stop" },
	{ "\uFF76\uFF9E", "\u30AC" },
	{ "\u1100\u1161\u11A8", "\uAC01" },
	{ "\u9000\u8BA2", "\u9000\u8BA2" },
	{ "STOP\U0001F6D1", "stop \U0001F6D1" },
	{ "\U0001F6D1STOP", "\U0001F6D1 stop" },
	{ "\U0001F44B\U0001F3FD", "\U0001F44B" },
	{ "\u2764\uFE0F", "\u2764" },
	{ "\U0001F44D\U0001F44D", "\U0001F44D \U0001F44D" },
	{ "\U0001F468\u200D\U0001F469", "\U0001F468\u200D\U0001F469" },
	{ "\U0001F1EC\U0001F1E7\U0001F1E9\U0001F1EA", "\U0001F1EC\U0001F1E7 \U0001F1E9\U0001F1EA" },
	{ "1\uFE0F\u20E3", "1" },
	{ "so\u00ADft", "soft" },
	{ "\u202BSTOP\u202C", "stop" },
	{ "zero\u200Bwidth", "zerowidth" },
	{ "\u2122", "tm" },
	{ "\u0301x", "x" },
	{ "a\xFF" "b", "a \uFFFD b" },
};

START_TEST(test_key)
{
	tw_fold_key(key_rows[_i].text, strlen(key_rows[_i].text), &key);
	ck_assert_str_eq(tw_buf_str(&key), key_rows[_i].key);
	ck_assert_uint_eq(key.n, strlen(key_rows[_i].key));
	tw_buf_done(&key);
}
END_TEST

/* Both paths give the same for every pair of ASCII characters: an accent at the end forces the slow. */
START_TEST(test_ascii_like_unicode)
{
	struct tw_buf slow = { 0 };

	for (int a = 0; a < 128; a++)
		for (int b = 0; b < 128; b++) {
			char text[] = { (char)a, (char)b, 'z', (char)0xC2, (char)0xAD };

			tw_fold_key(text, 3, &key);
			tw_fold_key(text, 5, &slow);
			if (key.n != slow.n || memcmp(key.p, slow.p, key.n))
				ck_abort_msg("%d %d: %s and %s", a, b, key.p, slow.p);
		}
	tw_buf_done(&key);
	tw_buf_done(&slow);
}
END_TEST

static bool is_letter(int32_t c)
{
	return utf8proc_category(c) >= UTF8PROC_CATEGORY_LU && utf8proc_category(c) <= UTF8PROC_CATEGORY_LO;
}

/* Every code point: folding a key again changes nothing; and a letter of a script whose marks are
 * kept gives what NFKC_Casefold gives. */
START_TEST(test_every_code_point)
{
	struct tw_buf again = { 0 };
	int compared = 0;

	for (uint32_t c = 1; c < 0x32000; c++) {
		char text[8] = "\u0E01";	/* a letter, so that a mark has one to stand on */
		size_t n;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		n = 3 + tw_utf8_put(c, text + 3);
		text[n] = '\0';
		tw_fold_key(text, n, &key);
		tw_fold_key(tw_buf_str(&key), key.n, &again);
		if (strcmp(tw_buf_str(&key), tw_buf_str(&again)))
			ck_abort_msg("U+%04X", c);
		if (is_letter((int32_t)c) && c >= 0x0400 && !(c >= 0x0600 && c <= 0x06FF) &&
		    !(c >= 0x1D00 && c <= 0x1FFF) && c != 0x212B && !(c >= 0xFB00 && c <= 0xFEFF) &&
		    !(c >= 0x1100 && c <= 0x11FF)) {
			utf8proc_uint8_t *whole = utf8proc_NFKC_Casefold((utf8proc_uint8_t *)text);

			if (strcmp((char *)whole, tw_buf_str(&key)))
				ck_abort_msg("U+%04X", c);
			free(whole);
			compared++;
		}
	}
	ck_assert_int_gt(compared, 100000);
	tw_buf_done(&key);
	tw_buf_done(&again);
}
END_TEST

/* ---- the rest ------------------------------------------------------------------------------ */

static const struct { const char *text, *keyword, *rest; } rest_rows[] = {
	{ "REPAIR BATH", "repair", "BATH" },
	{ "REPAIR, bath tub!", "repair", "bath tub!" },
	{ "  \u00BBREPAIR\u00AB: bath", "repair", "bath" },
	{ "repair", "repair", "" },
	{ "repair ...", "repair", "" },
	{ "JOIN Zo\u00EB \U0001F600", "join", "Zo\u00EB \U0001F600" },
	{ "Aufho\u0308ren jetzt", "aufhoren", "jetzt" },
	{ "Aufh\u00F6ren, jetzt", "aufhoren", "jetzt" },
	{ "\U0001F44B\U0001F3FD hi", "\U0001F44B", "hi" },
	{ "\u9000\u8BA2abc", "\u9000\u8BA2", "abc" },
	{ "PAY $5", "pay", "$5" },
	{ "STRASSE x", "strasse", "x" },
	{ "Stra\u00DFe x", "strasse", "x" },
	{ "SEND \u00E9t\u00E9", "send", "\u00E9t\u00E9" },
	{ "ab", "", "ab" },
	{ " ab", "", "ab" },
};

START_TEST(test_rest)
{
	const char *text = rest_rows[_i].text;
	size_t at = tw_fold_rest(text, strlen(text), strlen(rest_rows[_i].keyword));

	tw_fold_key(text, strlen(text), &key);
	ck_assert_int_eq(strncmp(tw_buf_str(&key), rest_rows[_i].keyword,
				 strlen(rest_rows[_i].keyword)), 0);
	ck_assert_str_eq(text + at, rest_rows[_i].rest);
	tw_buf_done(&key);
}
END_TEST

START_TEST(test_unspaced)
{
	static const uint32_t yes[] = { 0x9000, 0x8BA2, 0x3042, 0x30A2, 0x0E2B, 0x0E80, 0x1780, 0x20000 };
	static const uint32_t no[] = { 'a', 0x00E9, 0x0430, 0xAC00, 0x0915, 0x0627, 0x05D0, 0x1F600 };

	for (size_t i = 0; i < TW_COUNT(yes); i++)
		ck_assert_msg(tw_is_unspaced(yes[i]), "U+%04X", yes[i]);
	for (size_t i = 0; i < TW_COUNT(no); i++)
		ck_assert_msg(!tw_is_unspaced(no[i]), "U+%04X", no[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_fold");
	TCase *t = tcase_create("fold");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_key, 0, TW_COUNT(key_rows));
	tcase_add_test(t, test_ascii_like_unicode);
	tcase_add_test(t, test_every_code_point);
	tcase_add_loop_test(t, test_rest, 0, TW_COUNT(rest_rows));
	tcase_add_test(t, test_unspaced);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
