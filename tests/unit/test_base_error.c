#include "run.h"

#include <twoway/base.h>

#include <errno.h>

START_TEST(says_what_ours_mean)
{
	ck_assert_str_eq(tw_strerror(TW_E_SYNTAX), "not well formed");
	ck_assert_str_eq(tw_strerror(TW_E_CONFIG), "configuration error");
	ck_assert_str_eq(tw_strerror(TW_E_GONE), "is gone");
}
END_TEST

START_TEST(says_what_the_systems_mean)
{
	ck_assert_str_eq(tw_strerror(-ENOENT), "No such file or directory");
	ck_assert_str_eq(tw_strerror(0), "no error");
}
END_TEST

START_TEST(never_null_for_any_code)
{
	static const int codes[] = { INT32_MIN + 1, -20000, TW_E_FIRST, TW_E_END, -5000, 7 };

	for (size_t i = 0; i < TW_COUNT(codes); i++)
		ck_assert_int_gt(strlen(tw_strerror(codes[i])), 0);
	for (int code = TW_E_FIRST + 1; code < TW_E_END; code++)
		ck_assert_ptr_null(strstr(tw_strerror(code), "nknown error"));
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, says_what_ours_mean);
	tcase_add_test(tc, says_what_the_systems_mean);
	tcase_add_test(tc, never_null_for_any_code);
}

int main(void)
{
	return unit_run("base_error", add);
}
