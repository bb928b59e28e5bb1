#include "run.h"

#include <twoway/base.h>

#include <stdio.h>

START_TEST(strset_cuts_at_characters)
{
	static const struct {
		const char *s;
		size_t cap;
		const char *want;
		bool fits;
	} rows[] = {
		{ "abc", 4, "abc", true },
		{ "abc", 3, "ab", false },
		{ "", 1, "", true },
		{ "a", 1, "", false },
		{ "a\xc3\xa9", 4, "a\xc3\xa9", true },
		{ "a\xc3\xa9", 3, "a", false },
		{ "\xf0\x9f\x98\x80x", 6, "\xf0\x9f\x98\x80x", true },
		{ "\xf0\x9f\x98\x80x", 5, "\xf0\x9f\x98\x80", false },
		{ "\xf0\x9f\x98\x80x", 4, "", false },
		/* not UTF-8: cut anywhere, but never overrun and never swallowed whole */
		{ "\x80\x80\x80\x80\x80\x80", 6, "\x80\x80", false },
	};
	char dst[8];

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		memset(dst, '#', sizeof(dst));
		ck_assert_int_eq(tw_strset(dst, rows[i].cap, rows[i].s), rows[i].fits);
		ck_assert_str_eq(dst, rows[i].want);
		if (rows[i].cap < sizeof(dst))
			ck_assert_int_eq(dst[rows[i].cap], '#');
	}
	ck_assert(!tw_strset(dst, 0, "x"));
	ck_assert(tw_strsetn(dst, sizeof(dst), "abcdef", 2));
	ck_assert_str_eq(dst, "ab");
}
END_TEST

START_TEST(copies)
{
	char *s = tw_strdup("hello"), *cut = tw_strndup("hello", 2), *f = tw_printf("%d-%s", 7, "x");
	char *nul = tw_strndup("a\0b", 3);

	ck_assert_str_eq(s, "hello");
	ck_assert_str_eq(cut, "he");
	ck_assert_str_eq(f, "7-x");
	ck_assert_ptr_null(tw_strdup(NULL));
	ck_assert_ptr_null(tw_strndup(NULL, 3));
	ck_assert_mem_eq(nul, "a\0b", 4);
	free(nul);
	free(s);
	free(cut);
	free(f);
}
END_TEST

START_TEST(auto_and_steal)
{
	char *kept = NULL;

	{
		tw_auto(tw_free_charp) char *p = tw_strdup("x");

		kept = tw_steal(p);
		ck_assert_ptr_null(p);
	}
	ck_assert_str_eq(kept, "x");
	tw_free_charp(&kept);
	ck_assert_ptr_null(kept);
}
END_TEST

START_TEST(zalloc_is_zero)
{
	uint8_t *p = tw_zalloc(100), zero[100] = { 0 };

	ck_assert_mem_eq(p, zero, 100);
	p = tw_realloc(p, 0);
	ck_assert_ptr_nonnull(p);
	free(p);
	p = tw_alloc(0);
	ck_assert_ptr_nonnull(p);
	free(p);
}
END_TEST

START_TEST(strings_grow)
{
	struct tw_strings s = { 0 };
	char word[8];

	for (int i = 0; i < 100; i++) {
		snprintf(word, sizeof(word), "w%d", i);
		tw_strings_add(&s, word);
	}
	ck_assert_uint_eq(s.n, 100);
	ck_assert_str_eq(s.v[0], "w0");
	ck_assert_str_eq(s.v[99], "w99");
	tw_strings_done(&s);
	ck_assert_uint_eq(s.n, 0);
	ck_assert_ptr_null(s.v);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, strset_cuts_at_characters);
	tcase_add_test(tc, copies);
	tcase_add_test(tc, auto_and_steal);
	tcase_add_test(tc, zalloc_is_zero);
	tcase_add_test(tc, strings_grow);
}

int main(void)
{
	return unit_run("base_memory", add);
}
