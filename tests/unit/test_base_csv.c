/* Comma separated values: what spreadsheets write, what is wrong, and what they must not take for a
 * formula. */
#include <twoway/base.h>

#include "run.h"

static const struct { const char *file, *records; } rows[] = {
	{ "number,name\n+1,Anna\n", "1[number|name] 2[+1|Anna] " },
	{ "\xEF\xBB\xBFnumber;name\r\n+1;Anna, Ltd\r\n", "1[number|name] 2[+1|Anna, Ltd] " },
	{ "number\tname\n+1\t\n", "1[number|name] 2[+1|] " },
	{ "a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\nc,d", "1[a|b] 2[x, \"y\"|two\nlines] 4[c|d] " },
	{ "a,b\n\n\r\nc,d\n", "1[a|b] 4[c|d] " },
	{ "a,b\n,\n", "1[a|b] 2[|] " },
	{ "only\nx,y\n", "1[only] 2[x|y] " },
	{ "a,b\nc\n1,2,3\n", "1[a|b] 2[c] 3[1|2|3] " },
	{ "a\n\"open\nb\n", "1[a] 2!a quotation mark that is not closed before the end of the file " },
	{ "a\n\xFF\xFE\nb\n", "1[a] 2!not UTF-8 3[b] " },
	{ "a\n\"x\"y\n", "1[a] 2[xy] " },
	{ "", "" },
	{ "\n\n", "" },
};

START_TEST(records)
{
	FILE *in = tmpfile();
	const char *fault;
	struct tw_buf b = { 0 };
	struct csv c;
	int r;

	ck_assert_ptr_nonnull(in);
	fputs(rows[_i].file, in);
	rewind(in);
	csv_open(&c, in);
	while ((r = csv_next(&c, &fault)) != 0) {
		tw_buf_addf(&b, "%lu%s", c.line, r < 0 ? "!" : "[");
		if (r < 0)
			tw_buf_addf(&b, "%s ", fault);
		for (size_t i = 0; r > 0 && i < c.n; i++)
			tw_buf_addf(&b, "%s%s%s", i ? "|" : "", c.cells[i], i + 1 == c.n ? "] " : "");
	}
	ck_assert_str_eq(tw_buf_str(&b), rows[_i].records);
	csv_close(&c);
	fclose(in);
	tw_buf_done(&b);
}
END_TEST

START_TEST(a_nul_is_named)
{
	FILE *in = tmpfile();
	const char *fault;
	struct csv c;

	fwrite("a\nb\0c\nd\n", 1, 8, in);
	rewind(in);
	csv_open(&c, in);
	ck_assert_int_eq(csv_next(&c, &fault), 1);
	ck_assert_int_lt(csv_next(&c, &fault), 0);
	ck_assert_str_eq(fault, "holds a NUL octet");
	ck_assert_int_eq(csv_next(&c, &fault), 1);
	ck_assert_str_eq(c.cells[0], "d");
	csv_close(&c);
	fclose(in);
}
END_TEST

START_TEST(a_long_record_ends_itself_alone)
{
	FILE *in = tmpfile();
	const char *fault;
	struct csv c;

	for (int i = 0; i < 200000; i++)
		fputc('x', in);
	fputs("\nd,e\n", in);
	rewind(in);
	csv_open(&c, in);
	ck_assert_int_lt(csv_next(&c, &fault), 0);
	ck_assert_str_eq(fault, "longer than 48 KiB");
	ck_assert_int_eq(csv_next(&c, &fault), 1);
	ck_assert_uint_eq(c.n, 2);
	csv_close(&c);
	fclose(in);
}
END_TEST

static const struct { const char *text; bool is_free; const char *cell; } cells[] = {
	{ "plain", true, "plain" }, { "a,b", false, "\"a,b\"" }, { "say \"x\"", false, "\"say \"\"x\"\"\"" },
	{ "two\nlines", true, "\"two\nlines\"" }, { "+447700900100", false, "+447700900100" },
	{ "=HYPERLINK(1)", true, "\"'=HYPERLINK(1)\"" }, { "@cmd", true, "\"'@cmd\"" },
	{ "-1+2", true, "\"'-1+2\"" }, { "", true, "\"\"" },
};

START_TEST(written)
{
	struct tw_buf b = { 0 };

	csv_put(&b, cells[_i].text, cells[_i].is_free);
	ck_assert_str_eq(tw_buf_str(&b), cells[_i].cell);
	csv_put(&b, "next", false);
	csv_end(&b);
	csv_put(&b, "", false);
	csv_put(&b, "", false);
	csv_end(&b);
	tw_buf_drop(&b, strlen(cells[_i].cell));
	ck_assert_str_eq(tw_buf_str(&b), ",next\n\"\",\n");
	tw_buf_done(&b);
}
END_TEST

static void add(TCase *c)
{
	tcase_add_loop_test(c, records, 0, TW_COUNT(rows));
	tcase_add_test(c, a_nul_is_named);
	tcase_add_test(c, a_long_record_ends_itself_alone);
	tcase_add_loop_test(c, written, 0, TW_COUNT(cells));
}

int main(void)
{
	return unit_run("csv", add);
}
