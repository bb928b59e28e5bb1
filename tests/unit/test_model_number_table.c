/* The embedded table against its own text, row by row. */
#include "run.h"

#include "../../src/model/number_table.h"

#include <stdio.h>

/* The plainest way: the file's lines, scanned from the first to the last. */
static const struct number_row *scan(const char *digits)
{
	const struct number_row *row, *best = NULL;

	for (size_t i = 0; (row = number_row_at(i)); i++)
		if (strncmp(digits, row->prefix, strlen(row->prefix)) == 0 &&
		    (!best || strlen(row->prefix) > strlen(best->prefix)))
			best = row;
	return best;
}

START_TEST(holds_every_line)
{
	FILE *f = fopen("../src/model/numbers.tsv", "r");
	char line[4096];
	size_t n = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		const struct number_row *row;
		char *p = line, *cell[12];

		if (*line == '#' || strncmp(line, "prefix\t", 7) == 0)
			continue;
		p[strcspn(p, "\n")] = '\0';
		for (int i = 0; i < 12; i++)
			cell[i] = strsep(&p, "\t");
		row = number_row_at(n++);
		ck_assert_ptr_nonnull(row);
		ck_assert_str_eq(row->prefix, cell[0]);
		ck_assert_str_eq(row->iso, cell[1]);
		ck_assert_int_eq(row->min_n, atoi(cell[4]));
		ck_assert_int_eq(row->max_n, atoi(cell[5]));
		ck_assert_int_eq(row->tells_mobiles, cell[6][0] != '\0');
		ck_assert_int_eq(strncmp(row->zone, cell[7], strlen(row->zone)), 0);
		ck_assert_int_eq(strcspn(cell[7], ","), strlen(row->zone));
		ck_assert_str_eq(row->code, cell[8]);
		ck_assert_int_eq(row->plan->keep0, strstr(cell[11], "keep0") != NULL);
		ck_assert_int_eq(row->plan->old.n > 0, strstr(cell[11], "old=") != NULL);
		ck_assert_int_eq(row->plan->local_n > 0, strstr(cell[11], "local=") != NULL);
		ck_assert_int_eq(row->plan->emergency.n > 0, cell[10][0] != '\0');
		ck_assert_int_eq(row->plan->trunk.n > 0, cell[2][0] != '\0');
		ck_assert_int_eq(row->plan->idd.n > 0, cell[3][0] != '\0');
	}
	fclose(f);
	ck_assert_uint_gt(n, 1100);
	ck_assert_ptr_null(number_row_at(n));
}
END_TEST

START_TEST(finds_what_a_scan_finds)
{
	struct tw_random r;

	tw_random_seed(&r, 7);
	for (int i = 0; i < 3000; i++) {
		char digits[16];
		int n = (int)tw_random_below(&r, 12);

		for (int j = 0; j < n; j++)
			digits[j] = (char)('0' + tw_random_below(&r, 10));
		digits[n] = '\0';
		if (number_row_find(digits) != scan(digits))
			ck_abort_msg("%s", digits);
	}
}
END_TEST

START_TEST(each_row_finds_itself_and_its_code)
{
	const struct number_row *row;

	for (size_t i = 0; (row = number_row_at(i)); i++) {
		const struct number_row *base = number_row_by_code(row->prefix);

		if (number_row_find(row->prefix) != row || !base ||
		    strcmp(base->code, row->code) != 0 || strcmp(base->prefix, row->code) != 0)
			ck_abort_msg("%s", row->prefix);
		if (strlen(row->iso) == 2 && (!number_row_home(row->iso) ||
		    strcmp(number_row_home(row->iso)->iso, row->iso) != 0))
			ck_abort_msg("home %s", row->iso);
		ck_assert_ptr_eq(number_row_home(row->code), base);
	}
	ck_assert_ptr_null(number_row_by_code(""));
	ck_assert_ptr_null(number_row_by_code("999"));
	ck_assert_ptr_null(number_row_home("001"));
}
END_TEST

START_TEST(ranges)
{
	/* nested entries, as some plans have */
	static const struct digit_range v[] = {
		{ 10492, 10494, 5, true, true }, { 701, 709, 3, false, false },
		{ 7, 7, 1, true, false }, { 0, 5, 2, false, false },
	};
	struct digit_ranges r = { v, 4 };
	const struct digit_range *found = NULL;

	ck_assert_uint_eq(digit_ranges_prefix(&r, "104931234", &found), 5);
	ck_assert(found->either);
	ck_assert_uint_eq(digit_ranges_prefix(&r, "705", &found), 3);
	ck_assert_uint_eq(digit_ranges_prefix(&r, "70", &found), 1);
	ck_assert_uint_eq(digit_ranges_prefix(&r, "71", &found), 1);
	ck_assert_uint_eq(digit_ranges_prefix(&r, "059", NULL), 2);
	ck_assert_uint_eq(digit_ranges_prefix(&r, "069", NULL), 0);
	ck_assert_uint_eq(digit_ranges_prefix(&r, "", NULL), 0);
	ck_assert(digit_ranges_hold(&r, "03", 2));
	ck_assert(!digit_ranges_hold(&r, "031", 3));
	ck_assert(!digit_ranges_hold(&r, "3", 1));
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, holds_every_line);
	tcase_add_test(tc, finds_what_a_scan_finds);
	tcase_add_test(tc, each_row_finds_itself_and_its_code);
	tcase_add_test(tc, ranges);
}

int main(void)
{
	return unit_run("model_number_table", add);
}
