#include "run.h"

#include <twoway/base.h>

#include <utf8proc.h>

START_TEST(values)
{
	ck_assert_int_eq(tw_digit_value('0'), 0);
	ck_assert_int_eq(tw_digit_value('9'), 9);
	ck_assert_int_eq(tw_digit_value('/'), -1);
	ck_assert_int_eq(tw_digit_value(':'), -1);
	ck_assert_int_eq(tw_digit_value(0x0663), 3);	/* Arabic-Indic */
	ck_assert_int_eq(tw_digit_value(0x06f9), 9);	/* Persian */
	ck_assert_int_eq(tw_digit_value(0x096a), 4);	/* Devanagari */
	ck_assert_int_eq(tw_digit_value(0xff15), 5);	/* full width */
	ck_assert_int_eq(tw_digit_value(0x1d7ff), 9);	/* mathematical monospace */
	ck_assert_int_eq(tw_digit_value(0xb2), -1);	/* a superscript is no decimal digit */
	ck_assert_int_eq(tw_digit_value(UINT32_MAX), -1);
}
END_TEST

/* Every decimal digit that the library knows is one of ours. (Its Unicode may be older.) */
START_TEST(agrees_with_the_unicode_tables)
{
	int known = 0;

	for (int32_t c = 0; c < 0x110000; c++) {
		bool is_digit = utf8proc_category(c) == UTF8PROC_CATEGORY_ND;
		bool unassigned = utf8proc_category(c) == UTF8PROC_CATEGORY_CN;

		if (!unassigned && is_digit != (tw_digit_value((uint32_t)c) >= 0))
			ck_abort_msg("U+%04X", (unsigned)c);
		known += is_digit;
	}
	ck_assert_int_ge(known, 630);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, values);
	tcase_add_test(tc, agrees_with_the_unicode_tables);
}

int main(void)
{
	return unit_run("base_digit", add);
}
