/* Configuration texts: what is read, what is forgiven, what is said about what is wrong and where. */
#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <twoway/base.h>

static struct tw_findings findings;

static void clear(void)
{
	tw_findings_done(&findings);
}

static struct tw_conf *read_text(const char *text)
{
	clear();
	return tw_conf_read_text("t.conf", text, strlen(text), &findings);
}

/* ---- what is wrong ------------------------------------------------------------------------- */

static const struct fault_row { const char *text; unsigned line; const char *says; } fault_rows[] = {
	{ "a = ( { b = 1; }\n{ b = 2; } );", 2, "a comma is missing before this {" },
	{ "a = [ 1\n 2 ];", 2, "a comma is missing before this 2" },
	{ "x = 1;\n\"name\" = 2;", 2, "a name stands without quotation marks: name = " },
	{ "x = 1;\n2fa = true;", 2, "begins with a digit" },
	{ "x = 1;\na.b = 2;", 2, "`a.b` is no name" },
	{ "a = ( 1, 2;\n", 1, "separated by `,`" },
	{ "a = ( b = 1 );", 1, "settings stand in a group" },
	{ "a = ( { b = 1;\n\n", 1, "the `{` of this line is never closed" },
	{ "a = {\n b = 1;\n)", 3, "`}` was expected, which closes the `{` of line 1, not `)`" },
	{ "}\n", 1, "closes nothing" },
	{ "a = hello;", 1, "a text stands in quotation marks" },
	{ "a = 1\n b 2;", 2, "`=` was expected after the name `b`" },
	{ "a =\n;", 2, "a value was expected after `a =`" },
	{ "a = ( ,1 );", 1, "a value was expected here, not `,`" },
	{ "a = ( 1,,2 );", 1, "a value was expected here, not `,`" },
	{ "a = [ { } ];", 1, "a list of groups" },
	{ "a = 99999999999999999999;", 1, "too large" },
	{ "a = \"x", 1, "never closed: a quotation mark" },
	{ "a = 1;\n/* x", 2, "never closed by */" },
	{ "a = \"x;\nb = 1;\nc = \"y\";", 3, "is missing, perhaps in line 1, where" },
	{ "a = \"x;\nb = \"y\";\nc = \"z;\nd = \"w\";", 2, "`=` was expected after the name `y`" },
	{ "a = 1;\n  a = 2;", 2, "the name `a` stands in this group already, in line 1" },
	{ "b = ( { a = 1; },\n{ a = 1;\nb = { a = 2; };\na = 2; } );", 4, "the name `a` stands in this group already, in line 2" },
	{ "a = [ 1,\n\"x\" ];", 2, "mismatched element type" },
	{ "a = \"\xff\";", 1, "not UTF-8" },
	{ "a = 1;\nb = \"\\xff\";", 2, "do not make UTF-8" },
	{ "a = \"\\x00\";", 1, "\\x00 cannot stand" },
	{ "a = 1;;", 1, "a `;` too many" },
	{ "a = @x;", 1, "a value was expected after `a =`" },
	{ "a = 1; @include \"x\"", 1, "stands alone" },
	{ "\n@include \"x\"", 2, "possible in a file only" },
	{ "\n@include x", 2, "wants a file name" },
	{ "\n@include \"x\" y = 1;", 2, "nothing may stand behind" },
	{ "a", 1, "ends before the value of `a`" },
	{ "a = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((", 1, "brackets" },
};

START_TEST(test_fault)
{
	const struct fault_row *row = &fault_rows[_i];
	struct tw_conf *c = read_text(row->text);

	ck_assert_ptr_null(c);
	ck_assert_uint_eq(findings.errors, 1);
	ck_assert_msg(strstr(findings.v[findings.n - 1].text, row->says), "%s\nsays: %s", row->text,
		      findings.v[findings.n - 1].text);
	ck_assert_uint_eq(findings.v[findings.n - 1].line, row->line);
	ck_assert_str_eq(findings.v[findings.n - 1].file, "t.conf");
	clear();
}
END_TEST

static const struct fault_row warning_rows[] = {
	{ "a = [ \"x\"\n\"y\" ];", 2, "two texts side by side" },
	{ "a = \"x\\q\";", 1, "unknown escape \\q" },
	{ "a = \"x\n\\a\";", 2, "unknown escape \\a" },
	{ "a = \"\\xZZ\";", 1, "unknown escape \\x" },
};

START_TEST(test_warning)
{
	const struct fault_row *row = &warning_rows[_i];
	struct tw_conf *c = read_text(row->text);

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(findings.n, 1);
	ck_assert(!findings.v[0].is_error);
	ck_assert_msg(strstr(findings.v[0].text, row->says), "%s", findings.v[0].text);
	ck_assert_uint_eq(findings.v[0].line, row->line);
	tw_conf_free(c);
	clear();
}
END_TEST

START_TEST(test_nul)
{
	clear();
	ck_assert_ptr_null(tw_conf_read_text("t.conf", "a = 1;\n\0b", 9, &findings));
	ck_assert_uint_eq(findings.v[0].line, 2);
	clear();
}
END_TEST

/* A missing quotation mark shows up lines later, at the next one: the message says where it began. */
START_TEST(test_long_text)
{
	ck_assert_ptr_null(read_text("a = ( \"x,\n \"\n, y );\n"));
	ck_assert_uint_eq(findings.v[0].line, 3);
	ck_assert_msg(strstr(findings.v[0].text, "begins in line 1 runs over several lines"), "%s",
		      findings.v[0].text);
	clear();
}
END_TEST

/* ---- what is read -------------------------------------------------------------------------- */

START_TEST(test_tree)
{
	struct tw_conf *c = read_text("\xEF\xBB\xBF# comment\r\n"
				      "a = 3000000000; // x\r\n"
				      "b = [ \"one\", \"t\\\"w\\\\o\", ];\n"
				      "c = (\n  \"x\"\n\n,\n { d = 1.5; e : true f = 0x10L },\n  );\n"
				      "g = 7");
	const struct tw_conf_node *root, *list;

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(findings.n, 0);
	root = tw_conf_root(c);
	ck_assert_uint_eq(tw_conf_length(root), 4);
	ck_assert_int_eq(tw_conf_int(tw_conf_member(root, "a")), 3000000000);
	ck_assert_uint_eq(tw_conf_line(tw_conf_member(root, "a")), 2);
	ck_assert_str_eq(tw_conf_string(tw_conf_at(tw_conf_at(root, 1), 1)), "t\"w\\o");
	ck_assert_int_eq(tw_conf_type(tw_conf_at(root, 1)), TW_CONF_ARRAY);
	list = tw_conf_member(root, "c");
	ck_assert_uint_eq(tw_conf_length(list), 2);
	ck_assert_uint_eq(tw_conf_line(tw_conf_at(list, 0)), 5);
	ck_assert_uint_eq(tw_conf_line(tw_conf_at(list, 1)), 8);
	ck_assert_ptr_null(tw_conf_name(tw_conf_at(list, 1)));
	ck_assert_double_eq(tw_conf_float(tw_conf_member(tw_conf_at(list, 1), "d")), 1.5);
	ck_assert(tw_conf_bool(tw_conf_member(tw_conf_at(list, 1), "e")));
	ck_assert_int_eq(tw_conf_int(tw_conf_member(tw_conf_at(list, 1), "f")), 16);
	ck_assert_double_eq(tw_conf_float(tw_conf_member(root, "g")), 7);
	ck_assert_uint_eq(tw_conf_line(tw_conf_member(root, "g")), 10);
	ck_assert_ptr_null(tw_conf_member(root, "nothing"));
	ck_assert_ptr_null(tw_conf_at(list, 2));
	tw_conf_free(c);
}
END_TEST

START_TEST(test_empty)
{
	struct tw_conf *c = read_text("");

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(tw_conf_length(tw_conf_root(c)), 0);
	tw_conf_free(c);
	c = read_text("# nothing\n/* here */");
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(tw_conf_type(tw_conf_root(c)), TW_CONF_GROUP);
	tw_conf_free(c);
}
END_TEST

/* A comma inside a text or comment is not blanked; texts joined in a group's value are no warning. */
START_TEST(test_commas)
{
	struct tw_conf *c = read_text("a = \",)\"; b = ( 1, /* ,) */ 2 , # ,]\n ); c = \"x\" \"y\";");

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(findings.n, 0);
	ck_assert_str_eq(tw_conf_string(tw_conf_member(tw_conf_root(c), "a")), ",)");
	ck_assert_uint_eq(tw_conf_length(tw_conf_member(tw_conf_root(c), "b")), 2);
	ck_assert_str_eq(tw_conf_string(tw_conf_member(tw_conf_root(c), "c")), "xy");
	tw_conf_free(c);
}
END_TEST

/* ---- includes ------------------------------------------------------------------------------ */

static char folder[64];

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void make_folder(void)
{
	char path[128];

	strcpy(folder, "/tmp/test_base_conf.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/in", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/in/sub", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
	clear();
}

static struct tw_conf *read_in_folder(const char *name)
{
	char path[128];

	clear();
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return tw_conf_read(path, &findings);
}

START_TEST(test_include)
{
	const struct tw_conf_node *root;
	struct tw_conf *c;

	write_file("in/a.conf", "x = 1;\nlist = (\n  @include \"sub/b.conf\" # why not\n  3 );\ny = 2;\n");
	write_file("in/sub/b.conf", "1,\n@include \"c.conf\"\n");
	write_file("in/sub/c.conf", "\n\n2,");
	c = read_in_folder("in/a.conf");
	ck_assert_ptr_nonnull(c);
	root = tw_conf_root(c);
	ck_assert_uint_eq(tw_conf_length(tw_conf_at(root, 1)), 3);
	ck_assert(strstr(tw_conf_file(tw_conf_at(tw_conf_at(root, 1), 1)), "in/sub/c.conf"));
	ck_assert_uint_eq(tw_conf_line(tw_conf_at(tw_conf_at(root, 1), 1)), 3);
	ck_assert(strstr(tw_conf_file(tw_conf_at(tw_conf_at(root, 1), 2)), "in/a.conf"));
	ck_assert_uint_eq(tw_conf_line(tw_conf_at(tw_conf_at(root, 1), 2)), 4);
	ck_assert_uint_eq(tw_conf_line(tw_conf_at(root, 2)), 5);
	tw_conf_free(c);
}
END_TEST

static void expect_include_fault(const char *text, const char *file, unsigned line, const char *says)
{
	write_file("in/a.conf", text);
	ck_assert_ptr_null(read_in_folder("in/a.conf"));
	ck_assert_uint_eq(findings.errors, 1);
	ck_assert_msg(strstr(findings.v[0].text, says), "%s", findings.v[0].text);
	ck_assert_msg(strstr(findings.v[0].file, file), "%s", findings.v[0].file);
	ck_assert_uint_eq(findings.v[0].line, line);
}

START_TEST(test_include_fault)
{
	char path[128], outside[128];

	write_file("secret.conf", "z = 1;\n");
	write_file("in/sub/b.conf", "x = 1;\n y = ;\n");
	write_file("in/sub/ring.conf", "\n@include \"ring.conf\"\n");
	write_file("in/sub/open.conf", "\n a = \"never closed\n");
	snprintf(path, sizeof(path), "%s/in/sub/link.conf", folder);
	snprintf(outside, sizeof(outside), "%s/secret.conf", folder);
	ck_assert_int_eq(symlink(outside, path), 0);
	expect_include_fault("\n@include \"../secret.conf\"", "in/a.conf", 2, "must lie in the folder");
	expect_include_fault("@include \"sub/link.conf\"", "in/a.conf", 1, "must lie in the folder");
	expect_include_fault("@include \"sub/none.conf\"", "in/a.conf", 1, "cannot read");
	expect_include_fault("@include \"sub\"", "in/a.conf", 1, "cannot read");
	expect_include_fault("a = 1;\n@include \"sub/b.conf\"", "in/sub/b.conf", 2, "a value was expected");
	expect_include_fault("@include \"sub/ring.conf\"", "in/sub/ring.conf", 2, "nine deep");
	expect_include_fault("@include \"sub/open.conf\"\nb = \"x\";", "in/sub/open.conf", 2,
			     "never closed");
}
END_TEST

START_TEST(test_no_file)
{
	ck_assert_ptr_null(read_in_folder("none.conf"));
	ck_assert_uint_eq(findings.errors, 1);
	ck_assert(strstr(findings.v[0].text, "No such file"));
	ck_assert_ptr_null(tw_conf_read("/dev/zero", &findings));
	ck_assert(strstr(findings.v[1].text, "holds more than 8 MiB"));
	/* nobody writes to it: waiting would be for ever */
	char path[128];

	snprintf(path, sizeof(path), "%s/pipe.conf", folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(tw_conf_read(path, &findings));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert(strstr(findings.v[2].text, "it is a pipe"));
}
END_TEST

/* ---- findings ------------------------------------------------------------------------------ */

START_TEST(test_nearest)
{
	static const char *const names[] = { "reply", "account", "keywords", "on" };

	ck_assert_str_eq(tw_nearest("keyword", names, 4), "keywords");
	ck_assert_str_eq(tw_nearest("acuont", names, 4), "account");
	ck_assert_str_eq(tw_nearest("REPLY", names, 4), "reply");
	ck_assert_str_eq(tw_nearest("rpely", names, 4), "reply");
	ck_assert_ptr_null(tw_nearest("rexxy", names, 4));
	ck_assert_ptr_null(tw_nearest("no", names, 4));
	ck_assert_ptr_null(tw_nearest("", names, 4));
}
END_TEST

START_TEST(test_print)
{
	struct tw_findings f = { 0 };
	struct tw_buf out = { 0 };

	tw_findings_add(&f, "a.conf", 3, -1, true, "no %s", "good");
	tw_findings_add(&f, "b.conf", 0, 4, false, "hm");
	ck_assert_uint_eq(f.errors, 1);
	tw_findings_print(&f, &out);
	ck_assert_str_eq(tw_buf_str(&out), "a.conf:3: error: no good\nb.conf:0: warning: hm\n");
	tw_buf_done(&out);
	tw_findings_done(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_conf");
	TCase *plain = tcase_create("text"), *files = tcase_create("files");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(plain, test_fault, 0, TW_COUNT(fault_rows));
	tcase_add_loop_test(plain, test_warning, 0, TW_COUNT(warning_rows));
	tcase_add_test(plain, test_nul);
	tcase_add_test(plain, test_long_text);
	tcase_add_test(plain, test_tree);
	tcase_add_test(plain, test_empty);
	tcase_add_test(plain, test_commas);
	tcase_add_test(plain, test_nearest);
	tcase_add_test(plain, test_print);
	tcase_add_checked_fixture(files, make_folder, remove_folder);
	tcase_add_test(files, test_include);
	tcase_add_test(files, test_include_fault);
	tcase_add_test(files, test_no_file);
	suite_add_tcase(s, plain);
	suite_add_tcase(s, files);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
