#include "run.h"

#include <twoway/base.h>

/* Unicode 15, chapter 3.9: D93b and tables 3-8 to 3-11 on replacement by maximal subparts. */
static const struct {
	const char *octets;
	int32_t want[10];	/* ended by -1 */
} rows[] = {
	{ "", { -1 } },
	{ "aZ", { 'a', 'Z', -1 } },
	{ "\xc3\xa9\xdf\xbf", { 0xe9, 0x7ff, -1 } },
	{ "\xe0\xa0\x80\xef\xbf\xbf", { 0x800, 0xffff, -1 } },
	{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", { 0x10000, 0x10ffff, -1 } },
	/* table 3-8: overlong forms */
	{ "\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
	  { 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0x41, -1 } },
	/* table 3-9: surrogates */
	{ "\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
	  { 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0x41, -1 } },
	/* table 3-10: beyond the last code point */
	{ "\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
	  { 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0x41, 0xfffd, 0xfffd, 0x42, -1 } },
	/* table 3-11: cut off sequences, one replacement each */
	{ "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", { 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0x41, -1 } },
	{ "\xe2\x82", { 0xfffd, -1 } },
};

START_TEST(reads_as_unicode_says)
{
	const char *p = rows[_i].octets, *end = p + strlen(p);
	struct tw_buf clean = { 0 }, again = { 0 };
	bool valid = true;

	for (int i = 0;; i++) {
		int32_t c = tw_utf8_next(&p, end);

		ck_assert_int_eq(c, rows[_i].want[i]);
		if (c < 0)
			break;
		valid &= c != 0xfffd;
		tw_buf_addu(&again, (uint32_t)c);
	}
	ck_assert_ptr_eq(p, end);
	ck_assert_int_eq(tw_utf8_is_valid(rows[_i].octets, strlen(rows[_i].octets)), valid);
	tw_utf8_clean(rows[_i].octets, strlen(rows[_i].octets), &clean);
	ck_assert_str_eq(tw_buf_str(&clean), tw_buf_str(&again));
	ck_assert(tw_utf8_is_valid(tw_buf_str(&clean), clean.n));
	tw_buf_done(&clean);
	tw_buf_done(&again);
}
END_TEST

START_TEST(every_code_point_there_and_back)
{
	for (uint32_t c = 0; c <= 0x110010; c++) {
		bool is_scalar = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
		char out[4];
		size_t n = tw_utf8_put(c, out);
		const char *p = out;

		if (tw_utf8_next(&p, out + n) != (is_scalar ? (int32_t)c : 0xfffd) || p != out + n)
			ck_abort_msg("U+%04X", c);
	}
}
END_TEST

START_TEST(clean_keeps_nul_and_appends)
{
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "x");
	tw_utf8_clean("a\0\xff" "b", 4, &b);
	ck_assert_uint_eq(b.n, 7);
	ck_assert_mem_eq(b.p, "xa\0\xef\xbf\xbd" "b", 8);
	tw_buf_done(&b);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, reads_as_unicode_says, 0, TW_COUNT(rows));
	tcase_add_test(tc, every_code_point_there_and_back);
	tcase_add_test(tc, clean_keeps_nul_and_appends);
}

int main(void)
{
	return unit_run("base_utf8", add);
}
