/* Options and words, before and after the verb. */
#include <check.h>

#include "../../src/cli/cli.h"

struct own { const char *from, *at; bool wide; };
static const struct cli_option own_options[] = {
	{ "from", "NUMBER", offsetof(struct own, from), "" },
	{ "at", "TIME", offsetof(struct own, at), "" },
	{ "wide", NULL, offsetof(struct own, wide), "" },
};

/* Arguments with a bar between; what comes out of them. */
static const struct {
	const char *argv, *words, *from, *socket;
	bool wide, json;
	const char *error;
} rows[] = {
	{ "", "", NULL, NULL, false, false, NULL },
	{ "a|b c", "a|b c", NULL, NULL, false, false, NULL },
	{ "--from|+44|x", "x", "+44", NULL, false, false, NULL },
	{ "x|--from=+44", "x", "+44", NULL, false, false, NULL },
	{ "--from=", "", "", NULL, false, false, NULL },
	{ "--from|--wide", "", "--wide", NULL, false, false, NULL },
	{ "x|--wide|--json|--socket|/s", "x", NULL, "/s", true, true, NULL },
	{ "-|x", "-|x", NULL, NULL, false, false, NULL },
	{ "x|--|--wide|-5", "x|--wide|-5", NULL, NULL, false, false, NULL },
	{ "--from", "", NULL, NULL, false, false, "--from needs a value: NUMBER" },
	{ "--wide=1", "", NULL, NULL, false, false, "--wide takes no value" },
	{ "--form|x", "", NULL, NULL, false, false, "no option --form; did you mean --from?" },
	{ "--jsn", "", NULL, NULL, false, false, "no option --jsn; did you mean --json?" },
	{ "--zzzzzz", "", NULL, NULL, false, false, "no option --zzzzzz" },
	{ "-x", "", NULL, NULL, false, false, "no option -x" },
};

static int split(char *text, char **argv)
{
	int n = 0;

	for (char *p = *text ? text : NULL; p; n++) {
		argv[n] = p;
		p = strchr(p, '|');
		if (p)
			*p++ = 0;
	}
	return n;
}

START_TEST(arguments_are_sorted)
{
	struct cli c = { 0 };
	struct own o = { 0 };
	struct cli_table tables[] = { { cli_shared_options, cli_shared_options_n, &c },
				      { own_options, TW_COUNT(own_options), &o } };
	char text[128], *argv[16], *error = NULL;
	struct tw_buf words = { 0 };
	int argc;
	bool ok;

	tw_strset(text, sizeof(text), rows[_i].argv);
	argc = split(text, argv);
	ok = cli_args_read(tables, 2, argc, argv, false, &c.words, NULL, &error);
	ck_assert_int_eq(ok, rows[_i].error == NULL);
	if (!ok) {
		ck_assert_msg(!strncmp(error, rows[_i].error, strlen(rows[_i].error)), "%s", error);
		free(error);
		return;
	}
	for (int i = 0; i < c.words.n; i++)
		tw_buf_addf(&words, "%s%s", i ? "|" : "", c.words.v[i]);
	ck_assert_str_eq(tw_buf_str(&words), rows[_i].words);
	ck_assert_pstr_eq(o.from, rows[_i].from);
	ck_assert_pstr_eq(c.socket, rows[_i].socket);
	ck_assert_int_eq(o.wide, rows[_i].wide);
	ck_assert_int_eq(c.json, rows[_i].json);
	tw_buf_done(&words);
	free(c.words.v);
}
END_TEST

START_TEST(the_verb_ends_the_first_part)
{
	char json[] = "--json", verb[] = "send", own[] = "--from";
	char *argv[] = { json, verb, own };
	struct cli c = { 0 };
	struct cli_table shared = { cli_shared_options, cli_shared_options_n, &c };
	char *error = NULL;
	int used = 0;

	ck_assert(cli_args_read(&shared, 1, 3, argv, true, &c.words, &used, &error));
	ck_assert_int_eq(used, 1);
	ck_assert(c.json);
	free(c.words.v);
}
END_TEST

/* ---- a whole command ----------------------------------------------------------------------- */

static int raw_argc, runs;
static char raw_argv[8][32];

static int run_raw(int argc, char **argv)
{
	raw_argc = argc;
	for (int i = 0; i < argc; i++)
		tw_strset(raw_argv[i], sizeof(raw_argv[i]), argv[i]);
	return 7;
}

static int run_plain(struct cli *c, const void *options)
{
	const struct own *o = options;

	runs++;
	ck_assert_str_eq(c->words.v[0], "word");
	ck_assert_str_eq(o->from, "+1");
	ck_assert(c->json);
	return 5;
}

static const struct cli_verb raw = { .name = "raw", .arguments = "", .summary = "", .raw = run_raw };
static const struct cli_verb plain = { .name = "plain", .arguments = "WORD", .summary = "",
	.options = own_options, .n_options = TW_COUNT(own_options),
	.options_size = sizeof(struct own), .min_words = 1, .max_words = 1, .run = run_plain };

static int command(const char *line)
{
	static const struct cli_verb *const verbs[] = { &raw, &plain };
	char text[128], *argv[16];

	tw_strset(text, sizeof(text), line);
	return cli_main(verbs, TW_COUNT(verbs), split(text, argv), argv);
}

START_TEST(a_verb_runs_with_its_options)
{
	ck_assert_int_eq(command("twoway|--json|plain|word|--from|+1"), 5);
	ck_assert_int_eq(command("twoway|plain|--from=+1|--json|word"), 5);
	ck_assert_int_eq(runs, 2);
	ck_assert_int_eq(command("twoway|plain"), CLI_USAGE);
	ck_assert_int_eq(command("twoway|plain|a|b"), CLI_USAGE);
	ck_assert_int_eq(command("twoway|plian|word"), CLI_USAGE);
	ck_assert_int_eq(command("twoway|plain|word|--nothing"), CLI_USAGE);
	ck_assert_int_eq(command("twoway|--nothing"), CLI_USAGE);
	ck_assert_int_eq(command("twoway"), CLI_USAGE);
	ck_assert_int_eq(command("twoway|--help"), 0);
	ck_assert_int_eq(command("twoway|plain|--help"), 0);
	ck_assert_int_eq(command("twoway|--version"), 0);
	ck_assert_int_eq(runs, 2);
}
END_TEST

START_TEST(lost_output_is_no_success)
{
	ck_assert_ptr_nonnull(freopen("/dev/full", "w", stdout));
	ck_assert_int_eq(command("twoway|--version"), CLI_CREATE);
	ck_assert_int_eq(command("twoway|--json|plain|word|--from|+1"), 5);
}
END_TEST

/* Without a verb nothing was asked for: the help is no result. */
START_TEST(help_that_nobody_asked_for_is_no_output)
{
	ck_assert_ptr_nonnull(freopen("/dev/full", "w", stdout));
	ck_assert_int_eq(command("twoway"), CLI_USAGE);
	ck_assert_int_eq(fflush(stdout), 0);
	ck_assert(!ferror(stdout));
}
END_TEST

START_TEST(a_raw_verb_gets_its_own_arguments)
{
	ck_assert_int_eq(command("twoway|--json|raw|decode|--any"), 7);
	ck_assert_int_eq(raw_argc, 4);
	ck_assert_str_eq(raw_argv[0], "raw");
	ck_assert_str_eq(raw_argv[1], "--json");
	ck_assert_str_eq(raw_argv[2], "decode");
	ck_assert_str_eq(raw_argv[3], "--any");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_args");
	TCase *c = tcase_create("arguments");
	SRunner *r;
	int failed;

	tcase_add_loop_test(c, arguments_are_sorted, 0, TW_COUNT(rows));
	tcase_add_test(c, the_verb_ends_the_first_part);
	tcase_add_test(c, a_verb_runs_with_its_options);
	tcase_add_test(c, lost_output_is_no_success);
	tcase_add_test(c, help_that_nobody_asked_for_is_no_output);
	tcase_add_test(c, a_raw_verb_gets_its_own_arguments);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
