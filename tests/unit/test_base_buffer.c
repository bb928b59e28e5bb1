#include "run.h"

#include <twoway/base.h>

START_TEST(grows_and_stays_terminated)
{
	struct tw_buf b = { 0 };
	char expect[5001];

	ck_assert_str_eq(tw_buf_str(&b), "");
	for (int i = 0; i < 5000; i++) {
		expect[i] = (char)('a' + i % 26);
		tw_buf_addc(&b, expect[i]);
		ck_assert_int_eq(b.p[b.n], '\0');
	}
	expect[5000] = '\0';
	ck_assert_uint_eq(b.n, 5000);
	ck_assert_str_eq(tw_buf_str(&b), expect);
	tw_buf_clear(&b);
	ck_assert_str_eq(tw_buf_str(&b), "");
	ck_assert_uint_ge(b.cap, 5000);
	tw_buf_done(&b);
	ck_assert_ptr_null(b.p);
}
END_TEST

START_TEST(formats_short_and_long)
{
	struct tw_buf b = { 0 };
	char long_text[1000];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[999] = '\0';
	tw_buf_addf(&b, "%d,", 12);
	tw_buf_addf(&b, "%s", long_text);
	tw_buf_addf(&b, ",%s", "end");
	ck_assert_uint_eq(b.n, 3 + 999 + 4);
	ck_assert_mem_eq(b.p, "12,xxx", 6);
	ck_assert_str_eq(b.p + 3 + 999, ",end");
	tw_buf_done(&b);
}
END_TEST

/* every length around the capacity, where an off-by-one would hide */
START_TEST(formats_at_every_edge)
{
	for (int n = 0; n < 200; n++) {
		struct tw_buf b = { 0 };

		tw_buf_addf(&b, "%*s", n, "");
		ck_assert_uint_eq(b.n, n);
		ck_assert_uint_eq(strlen(tw_buf_str(&b)), n);
		tw_buf_addf(&b, "%s", "tail");
		ck_assert_str_eq(b.p + n, "tail");
		tw_buf_done(&b);
	}
}
END_TEST

START_TEST(reserve_then_fill)
{
	struct tw_buf b = { 0 };

	memcpy(tw_buf_reserve(&b, 100), "abc", 3);
	b.n += 3;
	ck_assert_str_eq(tw_buf_str(&b), "abc");
	memset(tw_buf_reserve(&b, 29), 'z', 29);	/* exactly what was asked for */
	b.n += 29;
	ck_assert_uint_eq(strlen(tw_buf_str(&b)), 32);
	tw_buf_done(&b);
}
END_TEST

START_TEST(drops_from_the_front)
{
	struct tw_buf b = { 0 };

	tw_buf_drop(&b, 0);
	tw_buf_adds(&b, "line one\nline two");
	tw_buf_drop(&b, 9);
	ck_assert_str_eq(b.p, "line two");
	tw_buf_drop(&b, 8);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_str_eq(b.p, "");
	tw_buf_done(&b);
}
END_TEST

START_TEST(adds_code_points_and_nul)
{
	struct tw_buf b = { 0 };

	tw_buf_addu(&b, 'a');
	tw_buf_addu(&b, 0x20ac);
	tw_buf_addu(&b, 0x1f600);
	tw_buf_add(&b, "\0x", 2);
	tw_buf_add(&b, NULL, 0);
	ck_assert_uint_eq(b.n, 10);
	ck_assert_mem_eq(b.p, "a\xe2\x82\xac\xf0\x9f\x98\x80\0x", 11);
	tw_buf_done(&b);
}
END_TEST

START_TEST(take_gives_away)
{
	struct tw_buf b = { 0 };
	char *s = tw_buf_take(&b);

	ck_assert_str_eq(s, "");
	free(s);
	tw_buf_adds(&b, "mine");
	s = tw_buf_take(&b);
	ck_assert_str_eq(s, "mine");
	ck_assert_ptr_null(b.p);
	ck_assert_uint_eq(b.n + b.cap, 0);
	free(s);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, grows_and_stays_terminated);
	tcase_add_test(tc, formats_short_and_long);
	tcase_add_test(tc, formats_at_every_edge);
	tcase_add_test(tc, reserve_then_fill);
	tcase_add_test(tc, drops_from_the_front);
	tcase_add_test(tc, adds_code_points_and_nul);
	tcase_add_test(tc, take_gives_away);
}

int main(void)
{
	return unit_run("base_buffer", add);
}
