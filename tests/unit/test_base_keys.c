/* A group read by a table of keys: defaults, values, ranges, and what is said of mistakes. */
#include <check.h>

#include <twoway/base.h>

static const char *const colours[] = { "red", "green", "blue", NULL };

struct sample {
	char *name;
	int64_t count, wait, at, colour;
	bool is_on;
	double price;
	struct tw_strings words;
	const struct tw_conf_node *rest;
};

static const struct tw_key keys[] = {
	{ "name", TW_KEY_STRING, offsetof(struct sample, name), .default_text = "nobody" },
	{ "count", TW_KEY_INT, offsetof(struct sample, count), 1, 10, "3" },
	{ "wait", TW_KEY_DURATION, offsetof(struct sample, wait), 1000, 86400000, "90s" },
	{ "at", TW_KEY_CLOCK, offsetof(struct sample, at), .default_text = "08:30" },
	{ "colour", TW_KEY_CHOICE, offsetof(struct sample, colour), .default_text = "green",
	  .choices = colours },
	{ "is_on", TW_KEY_BOOL, offsetof(struct sample, is_on), .default_text = "true" },
	{ "price", TW_KEY_FLOAT, offsetof(struct sample, price), 0, 5, "1.5" },
	{ "words", TW_KEY_STRINGS, offsetof(struct sample, words), .default_text = "a, b" },
	{ "rest", TW_KEY_NODE, offsetof(struct sample, rest) },
};

static struct tw_findings findings;
static struct tw_conf *conf;
static struct sample sample;

static int read_sample(const char *text)
{
	conf = tw_conf_read_text("k.conf", text, strlen(text), &findings);
	ck_assert_ptr_nonnull(conf);
	memset(&sample, 0, sizeof(sample));
	return tw_keys_read(keys, TW_COUNT(keys), tw_conf_root(conf), &sample, &findings);
}

static void done(void)
{
	tw_keys_done(keys, TW_COUNT(keys), &sample);
	ck_assert_ptr_null(sample.name);
	ck_assert_ptr_null(sample.words.v);
	ck_assert_int_eq(sample.count + sample.wait + sample.at + sample.colour, 0);
	tw_conf_free(conf);
	conf = NULL;
	tw_findings_done(&findings);
}

START_TEST(test_defaults)
{
	ck_assert_int_eq(read_sample(""), 0);
	ck_assert_str_eq(sample.name, "nobody");
	ck_assert_int_eq(sample.count, 3);
	ck_assert_int_eq(sample.wait, 90000);
	ck_assert_int_eq(sample.at, 8 * 60 + 30);
	ck_assert_int_eq(sample.colour, 1);
	ck_assert(sample.is_on);
	ck_assert_double_eq(sample.price, 1.5);
	ck_assert_uint_eq(sample.words.n, 2);
	ck_assert_str_eq(sample.words.v[1], "b");
	ck_assert_ptr_null(sample.rest);
	done();
	ck_assert_int_eq(tw_keys_read(keys, TW_COUNT(keys), NULL, &sample, &findings), 0);
	ck_assert_str_eq(sample.name, "nobody");
	done();
}
END_TEST

START_TEST(test_values)
{
	ck_assert_int_eq(read_sample("name = \"x\"; count = 10; wait = \"1d\"; at = \"23:59\"; "
				     "colour = \"blue\"; is_on = false; price = 2; words = \"only\"; "
				     "rest = { z = 1; };"), 0);
	ck_assert_str_eq(sample.name, "x");
	ck_assert_int_eq(sample.count, 10);
	ck_assert_int_eq(sample.wait, 86400000);
	ck_assert_int_eq(sample.at, 23 * 60 + 59);
	ck_assert_int_eq(sample.colour, 2);
	ck_assert(!sample.is_on);
	ck_assert_double_eq(sample.price, 2);
	ck_assert_uint_eq(sample.words.n, 1);
	ck_assert_str_eq(tw_conf_name(sample.rest), "rest");
	done();
	ck_assert_int_eq(read_sample("words = [ ];"), 0);
	ck_assert_uint_eq(sample.words.n, 0);
	done();
}
END_TEST

static const struct { const char *text, *says; } fault_rows[] = {
	{ "name = 1;", "`name` wants a text in quotation marks, not a whole number" },
	{ "count = \"3\";", "`count` wants a whole number, not a text" },
	{ "count = 1.5;", "`count` wants a whole number, not a number" },
	{ "count = 11;", "`count` must lie between 1 and 10" },
	{ "count = 0;", "`count` must lie between 1 and 10" },
	{ "wait = 90;", "`wait` wants a duration in quotation marks" },
	{ "wait = \"soon\";", "`wait` wants a duration such as" },
	{ "wait = \"2d\";", "`wait` must lie between \"1s\" and \"1d\"" },
	{ "at = \"24:00\";", "`at` wants a clock time" },
	{ "at = \"8:00\";", "`at` wants a clock time" },
	{ "colour = \"pink\";", "`colour` wants \"red\", \"green\" or \"blue\", not \"pink\"" },
	{ "colour = 1;", "`colour` wants \"red\", \"green\" or \"blue\", not a whole number" },
	{ "is_on = 1;", "`is_on` wants true or false" },
	{ "price = 5.5;", "`price` must lie between 0 and 5" },
	{ "words = [ 1 ];", "`words` holds texts only" },
	{ "words = { };", "`words` wants a text or an array" },
	{ "colur = \"red\";", "did you mean `colour`?" },
	{ "zzzzzz = 1;", "expected is one of: name count wait" },
};

START_TEST(test_fault)
{
	ck_assert_int_eq(read_sample(fault_rows[_i].text), TW_E_CONFIG);
	ck_assert_uint_eq(findings.errors, 1);
	ck_assert_msg(strstr(findings.v[0].text, fault_rows[_i].says), "%s", findings.v[0].text);
	ck_assert_uint_eq(findings.v[0].line, 1);
	done();
}
END_TEST

START_TEST(test_all_faults)
{
	ck_assert_int_eq(read_sample("name = 1;\ncount = 99;\nnmae = \"x\";"), TW_E_CONFIG);
	ck_assert_uint_eq(findings.errors, 3);
	ck_assert_uint_eq(findings.v[2].line, 3);
	done();
}
END_TEST

START_TEST(test_required)
{
	static const struct tw_key one = { "name", TW_KEY_STRING, 0, .required = true,
					   .help = "what it is called" };
	struct { char *name; } out = { NULL };

	conf = tw_conf_read_text("k.conf", "\nlist = ( { }, 5 );", 19, &findings);
	ck_assert_ptr_nonnull(conf);
	for (size_t i = 0; i < 2; i++) {
		const struct tw_conf_node *n = tw_conf_at(tw_conf_at(tw_conf_root(conf), 0), i);

		ck_assert_int_eq(tw_keys_read(&one, 1, n, &out, &findings), TW_E_CONFIG);
		tw_keys_done(&one, 1, &out);
	}
	ck_assert_str_eq(findings.v[0].text, "`name` is missing here: what it is called");
	ck_assert_uint_eq(findings.v[0].line, 2);
	ck_assert(strstr(findings.v[1].text, "a group { } was expected here, not a whole number"));
	tw_conf_free(conf);
	tw_findings_done(&findings);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_keys");
	TCase *t = tcase_create("keys");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_test(t, test_defaults);
	tcase_add_test(t, test_values);
	tcase_add_loop_test(t, test_fault, 0, TW_COUNT(fault_rows));
	tcase_add_test(t, test_all_faults);
	tcase_add_test(t, test_required);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
