/* Arguments of programs: as many as were written, and each as it was. */
#include "run.h"

#include <stdio.h>

#include "../../src/hook/internal.h"

static const struct { const char *lines, *expected; } rows[] = {
	{ "", "[p]" }, { "a\n", "[p] [a]" }, { "a\nb c\n", "[p] [a] [b c]" }, { "a", "[p] [a]" },
	{ "\n", "[p] []" }, { "a\n\n", "[p] [a] []" }, { "\n\n\n", "[p] [] [] []" },
	{ "a%0Ab%20--x\n", "[p] [a\nb --x]" }, { "%25\n%zz\n%4\n%\n", "[p] [%] [%zz] [%4] [%]" },
	{ "%00x\n", "[p] [%00x]" }, { "%C3%a9\n", "[p] [\u00E9]" },
};

START_TEST(test_row)
{
	char **v = exec_arguments("p", rows[_i].lines);
	struct tw_buf out = { 0 };

	for (size_t i = 0; v[i]; i++)
		tw_buf_addf(&out, "%s[%s]", i ? " " : "", v[i]);
	ck_assert_str_eq(tw_buf_str(&out), rows[_i].expected);
	tw_buf_done(&out);
	free(v);
}
END_TEST

START_TEST(test_as_written)
{
	static const char *const arguments[] = { "", "--for", "a\nb", "100%", "'; rm -rf /", "\u00E9\t$HOME" };
	struct tw_buf lines = { 0 };
	char **v;

	for (size_t i = 0; i < TW_COUNT(arguments); i++) {
		hook_escape(&lines, arguments[i], strlen(arguments[i]));
		tw_buf_addc(&lines, '\n');
	}
	v = exec_arguments("/etc/twoway/exec/p", tw_buf_str(&lines));
	ck_assert_str_eq(v[0], "/etc/twoway/exec/p");
	for (size_t i = 0; i < TW_COUNT(arguments); i++)
		ck_assert_str_eq(v[i + 1], arguments[i]);
	ck_assert_ptr_null(v[TW_COUNT(arguments) + 1]);
	tw_buf_done(&lines);
	free(v);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, test_row, 0, TW_COUNT(rows));
	tcase_add_test(tc, test_as_written);
}

int main(void)
{
	return unit_run("hook_exec", add);
}
