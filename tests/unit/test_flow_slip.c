/* One slip: the index against a plain comparison of each keyword with each text. */
#include "flow_kit.h"

/* Optimal string alignment distance of exactly one, by trying every slip. */
static bool is_slip(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	if (a[0] != b[0] || !strcmp(a, b))
		return false;
	for (size_t i = 1; i <= n; i++) {
		char t[64];

		if (n == m && i < n) {			/* substitution, swap */
			strcpy(t, a);
			t[i] = b[i];
			if (!strcmp(t, b) && !strpbrk((char[]){ a[i], b[i], 0 }, " 0123456789"))
				return true;
			strcpy(t, a);
			if (i + 1 < n) {
				t[i] = a[i + 1];
				t[i + 1] = a[i];
				if (!strcmp(t, b) && !strpbrk((char[]){ a[i], a[i + 1], 0 }, " 0123456789"))
					return true;
			}
		}
		if (n == m + 1 && i < n) {		/* a letter lost */
			memcpy(t, a, i);
			strcpy(t + i, a + i + 1);
			if (!strcmp(t, b) && !strchr(" 0123456789", a[i]))
				return true;
		}
		if (m == n + 1) {			/* a letter added */
			memcpy(t, a, i);
			t[i] = b[i];
			strcpy(t + i + 1, a + i);
			if (!strcmp(t, b) && !strchr(" 0123456789", b[i]))
				return true;
		}
	}
	return false;
}

enum { KEYWORDS = 300, TEXTS = 4000 };
static char keywords[KEYWORDS][32];

static void random_word(struct tw_random *r, char *out)
{
	static const char letters[] = "abbac 1";
	size_t n = 5 + tw_random_below(r, 5), i;

	for (i = 0; i < n; i++) {
		out[i] = letters[tw_random_below(r, i && i + 1 < n && out[i - 1] != ' ' ? 7 : 5)];
		if (out[i] == ' ' && (!i || i + 1 == n))
			out[i] = 'a';
	}
	out[n] = '\0';
}

static int letters_of(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += *s >= 'a' && *s <= 'z';
	return n;
}

static int words_of(const char *s)
{
	int n = 1;

	for (; *s; s++)
		n += *s == ' ';
	return n;
}

START_TEST(test_against_plain)
{
	struct tw_buf flow = { 0 };
	struct tw_random r;
	int slips = 0, asks = 0;

	tw_random_seed(&r, 7);
	tw_buf_adds(&flow, "keywords = (");
	for (int i = 0; i < KEYWORDS; i++) {
		bool is_new = false;

		while (!is_new) {
			random_word(&r, keywords[i]);
			is_new = true;
			for (int j = 0; j < i; j++)
				is_new &= strcmp(keywords[i], keywords[j]) != 0;
		}
		tw_buf_addf(&flow, "%s{ match = \"%s\"; reply = \"%s\"; }", i ? "," : "", keywords[i], keywords[i]);
	}
	tw_buf_adds(&flow, ");");
	kit_expect(tw_buf_str(&flow));
	for (int i = 0; i < TEXTS; i++) {
		char text[32], expected[128];
		const char *only = NULL, *exact = NULL;
		int n = 0, words;

		random_word(&r, text);
		words = words_of(text);
		for (int j = 0; j < KEYWORDS; j++) {
			size_t k = strlen(keywords[j]);

			if (!strncmp(text, keywords[j], k) && (!text[k] || text[k] == ' '))
				exact = keywords[j];
		}
		/* The most words that are within reach decide; a text's own count comes first. */
		for (int w = words; w && !n && !exact; w--) {
			char part[32];
			int left = w;
			size_t end = 0;

			while (text[end] && (text[end] != ' ' || --left))
				end++;
			snprintf(part, sizeof(part), "%.*s", (int)end, text);
			for (int j = 0; j < KEYWORDS; j++)
				if (words_of(keywords[j]) == w && letters_of(keywords[j]) >= 5 &&
				    is_slip(keywords[j], part)) {
					only = keywords[j];
					n++;
				}
		}
		kit_say(text);
		if (exact || n == 1) {
			snprintf(expected, sizeof(expected), "TAKEN default %s", exact ? exact : only);
			if (strncmp(kit_say(text), expected, strlen(expected)))
				ck_abort_msg("%s: %s, not %s", text, kit_say(text), expected);
		} else if (n) {
			if (strncmp(kit_say(text), "REPLY default Did you mean ", 27))
				ck_abort_msg("%s: %s of %d", text, kit_say(text), n);
		} else if (strcmp(kit_say(text), "UNTAKEN default")) {
			ck_abort_msg("%s: %s, not untaken", text, kit_say(text));
		}
		slips += !exact && n == 1;
		asks += !exact && n > 1;
	}
	ck_assert_int_gt(slips, 50);
	ck_assert_int_gt(asks, 50);
	tw_buf_done(&flow);
}
END_TEST

/* Numbered keywords do not crowd the index, and none is taken for its neighbour. */
START_TEST(test_numbered)
{
	struct tw_buf flow = { 0 };

	tw_buf_adds(&flow, "keywords = (");
	for (int i = 0; i < 2000; i++)
		tw_buf_addf(&flow, "%s{ match = \"PRODUCT%04d\"; reply = \"%d\"; }", i ? "," : "", i, i);
	tw_buf_adds(&flow, ");");
	kit_expect(tw_buf_str(&flow));
	expect_say("product0123", "TAKEN default PRODUCT0123 | REPLY default 123");
	expect_say("prodct0123", "TAKEN default PRODUCT0123 | REPLY default 123");
	expect_say("proudct1999 please", "TAKEN default PRODUCT1999 | REPLY default 1999");
	expect_say("product012", "UNTAKEN default");
	expect_say("product0132x", "TAKEN default PRODUCT0132 | REPLY default 132");
	tw_buf_done(&flow);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flow_slip");
	TCase *t = tcase_create("slip");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, kit_open, kit_close);
	tcase_add_test(t, test_against_plain);
	tcase_add_test(t, test_numbered);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
