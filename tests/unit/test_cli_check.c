/* twoway check, on files as people write them: what it says and how it ends. */
#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/cli/cli.h"

static char dir[64];

static void write_file(const char *name, const char *text)
{
	char *path = tw_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
	free(path);
}

static void setup(void)
{
	char *folder, *config;

	setenv("TWOWAY_DATA", "..", 1);
	snprintf(dir, sizeof(dir), "/tmp/twoway-check-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	folder = tw_printf("%s/flows", dir);
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	config = tw_printf("flows = [ \"%s\" ];\naccounts = ( { name = \"bistro\"; } );\n", folder);
	write_file("twoway.conf", config);
	write_file("flows/menu.conf", "account = \"bistro\";\n"
		   "keywords = ( { match = \"MENU\"; reply = \"Soup.\"; } );\n");
	write_file("alone.conf", "keywords = ( { match = \"A1\"; reply = \"x\"; } );\n");
	write_file("other.conf", "account = \"acme\";\n"
		   "keywords = ( { match = \"A1\"; reply = \"x\"; } );\n");
	write_file("wrong.conf", "keywords = (\n  { match = \"A1\"; repyl = \"x\"; } );\n");
	write_file("broken.conf", "keywords = ( {\n");
	write_file("config.conf", "\napi = { listn = \"127.0.0.1:1\"; };\n");
	write_file("slip.conf", "databse = \"x.db\";\n");
	write_file("flowslip.conf", "keywrds = ( );\n");
	write_file("board.conf", "identity = [ \"Acme\" ];\n");
	write_file("badboard.conf", "identity = [ \"Acme\" ];\ncmns = \"1\";\n");
	free(folder);
	free(config);
}

static void teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

/* Runs `twoway check ARGUMENTS` inside the folder, its output as text. */
static int run(const char *arguments, char *out, size_t cap)
{
	static const struct cli_verb *const verbs[] = { &cli_verb_check };
	char name[] = "twoway", verb[] = "check", text[256], *argv[16] = { name, verb };
	char *path = tw_printf("%s/out", dir);
	int argc = 2, keep = dup(STDOUT_FILENO), r;
	FILE *f;
	size_t n;

	tw_strset(text, sizeof(text), arguments);
	for (char *p = strtok(text, " "); p; p = strtok(NULL, " "))
		argv[argc++] = strchr(p, '.') || !strcmp(p, "flows") ?
			       tw_printf("%s/%s", dir, p) : tw_strdup(p);
	fflush(stdout);
	ck_assert_ptr_nonnull(freopen(path, "w", stdout));
	r = cli_main(verbs, 1, argc, argv);
	fflush(stdout);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	f = fopen(path, "r");
	n = fread(out, 1, cap - 1, f);
	out[n] = 0;
	fclose(f);
	for (int i = 2; i < argc; i++)
		free(argv[i]);
	free(path);
	return r;
}

static const struct { const char *arguments; int exit; const char *said; } rows[] = {
	{ "twoway.conf", CLI_OK, "1 keyword: nothing to object\n" },
	{ "--config twoway.conf", CLI_OK, "nothing to object\n" },
	{ "flows", CLI_OK, "1 keyword: nothing to object\n" },
	{ "alone.conf", CLI_OK, "1 keyword: nothing to object\n" },
	{ "other.conf", CLI_OK, "1 keyword" },
	{ "other.conf --config twoway.conf", CLI_CONFIG, "other.conf:1: error: " },
	{ "flows/menu.conf --config twoway.conf", CLI_OK, "nothing to object\n" },
	{ "wrong.conf", CLI_CONFIG, "wrong.conf:2: error: " },
	{ "wrong.conf --json", CLI_CONFIG, "\"line\":2,\"offset\":null,\"severity\":\"error\",\"text\":\"" },
	{ "broken.conf", CLI_CONFIG, "broken.conf:" },
	{ "config.conf", CLI_CONFIG, "config.conf:2: error: " },
	{ "wrong.conf config.conf", CLI_CONFIG, "config.conf:2: error: " },
	{ "slip.conf", CLI_CONFIG, "slip.conf:1: error: `databse` is not known here; did you mean `database`?" },
	{ "flowslip.conf", CLI_CONFIG, "did you mean `keywords`?" },
	{ "board.conf", CLI_OK, "1 board profile: nothing to object\n" },
	{ "badboard.conf", CLI_CONFIG, "badboard.conf:2: error: " },
	{ "nothing.conf", CLI_UNKNOWN, "" },
	{ "--settings", CLI_OK, "database" },
};

START_TEST(files_are_judged)
{
	char out[65536];
	int r = run(rows[_i].arguments, out, sizeof(out));

	ck_assert_msg(r == rows[_i].exit, "%s: ended %d\n%s", rows[_i].arguments, r, out);
	ck_assert_msg(strstr(out, rows[_i].said) != NULL, "%s: %s", rows[_i].arguments, out);
}
END_TEST

/* A broken file is read twice; it is said once. */
START_TEST(nothing_is_said_twice)
{
	char out[65536], *first, *end;

	ck_assert_int_eq(run("broken.conf", out, sizeof(out)), CLI_CONFIG);
	first = strstr(out, ": error: ");
	ck_assert_ptr_nonnull(first);
	end = strchr(first, '\n');
	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end, "\n");
}
END_TEST

/* ---- the linter ---------------------------------------------------------------------------- */

/* A file of this source tree, copied into the folder. */
static char *plant(const char *path)
{
	FILE *f = fopen(path, "r");
	struct tw_buf text = { 0 };
	char block[4096];
	size_t n;

	ck_assert_msg(f != NULL, "%s", path);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		tw_buf_add(&text, block, n);
	fclose(f);
	write_file("planted.conf", text.p);
	return tw_buf_take(&text);
}

/* What is said is what stands behind each `#!`, line by line, and nothing else. */
START_TEST(planted_mistakes_are_found)
{
	enum { PLANTED = 10 };
	char out[65536], *said = out, *text = plant("vectors/lint-planted.conf"), *rest = text, *line;
	size_t expected = 0, found = 0, number = 0;

	ck_assert_int_eq(run("planted.conf", out, sizeof(out)), CLI_OK);
	while ((line = strsep(&rest, "\n"))) {
		char *mark = strstr(line, "#! "), *at = NULL;

		number++;
		if (!mark)
			continue;
		expected++;
		tw_auto(tw_free_charp) char *head = tw_printf("planted.conf:%zu: warning: %s", number,
							      mark + 3);

		at = strstr(out, head);
		ck_assert_msg(at != NULL, "%s\nis not in\n%s", head, out);
	}
	while ((line = strsep(&said, "\n")))
		found += strstr(line, ": warning: ") != NULL;
	ck_assert_uint_eq(expected, PLANTED);
	ck_assert_uint_eq(found, PLANTED);
	ck_assert_int_eq(run("planted.conf --strict", out, sizeof(out)), CLI_CONFIG);
	ck_assert_int_eq(run("planted.conf --json", out, sizeof(out)), CLI_OK);
	ck_assert_ptr_nonnull(strstr(out, "\"line\":9,\"offset\":null,\"severity\":\"warning\",\"text\":\""));
	free(text);
}
END_TEST

static const struct { const char *text, *said; } lint_rows[] = {
	{ "numbers = \"+447700900001\"; keywords = ( { match = \"A1\"; numbers = \"+447700900002\"; reply = \"x\"; } );",
	  "\"A1\" is never reached: none of its `numbers` is one of the file's" },
	{ "keywords = ( { match = \"A1\"; from = [ \"12345\", \"ACME\" ]; reply = \"x\"; } );",
	  "\"A1\" is never reached: its senders are names, or numbers of six digits or fewer" },
	{ "keywords = ( { match = \"A1\"; from = \"12345\"; reply_to = \"any\"; reply = \"x\"; } );", NULL },
	{ "keywords = ( { match = \"B1L\"; reply = \"x\"; }, { match = \"BIL\"; reply = \"y\"; } );",
	  "\"bil\" looks like \"b1l\" of " },
	{ "keywords = ( { match = \"PA1N\"; reply = \"x\"; }, { match = \"PALN\"; reply = \"y\"; } );",
	  "\"paln\" looks like \"pa1n\" of " },
	/* the remedy, and what is no mistake */
	{ "keywords = ( { match = [ \"OFFER0\", \"OFFERO\" ]; reply = \"x\"; } );", NULL },
	{ "keywords = ( { match = \"OFFER99\"; reply = \"x\"; }, { match = \"OFFER66\"; reply = \"y\"; } );", NULL },
	{ "keywords = ( { match = \"\u0426\u0415\u041D\u0410 A\"; reply = \"\u0421\u0442\u043E \u0440\u0443\u0431\u043B\u0435\u0439.\"; } );", NULL },
	{ "keywords = ( { match = \"CANCEL\"; reply = \"x\"; } );", NULL },
	/* the same match by other limits is meant */
	{ "keywords = ( { match = \"A1\"; hours = \"mon 08:00-18:00\"; reply = \"x\"; }, { match = \"A1\"; reply = \"y\"; } );",
	  NULL },
	{ "keywords = ( { match = \"A1\"; when = \"hour < 9\"; reply = \"x\"; }, { match = \"A1\"; when = \"hour < 9\"; "
	  "from = \"+447700900100\"; reply = \"y\"; } );", "\"A1\" is never reached: " },
	{ "keywords = ( { match = \"A1\"; from = \"+447700900100\"; reply = \"x\"; }, { match = \"A1\"; from = "
	  "[ \"+447700900100\", \"+447700900101\" ]; reply = \"y\"; } );", NULL },
	/* a label that a jump, a conversation or a program knows is used */
	{ "keywords = ( { match = \"A1\"; do = ( { label = \"a\"; reply = \"x\"; } ); } );",
	  "the label \"a\" is declared and nothing uses it" },
	{ "keywords = ( { match = \"A1\"; do = ( { label = \"a\"; ask = \"x\"; }, { when = \"text = 'y'\"; go = \"a\"; } ); } );",
	  NULL },
	{ "keywords = ( { match = \"A1\"; do = ( { label = \"a\"; when = \"hour > 1\"; wait = \"2d\"; } ); } );", NULL },
	{ "keywords = ( { match = \"A1\"; do = ( { reply = \"x\"; label = \"a\"; }, { webhook = { url = \"https://a.example/\"; }; } ); } );",
	  NULL },
	{ "keywords = ( { match = \"A1\"; reply = \"x\"; } ); intents = ( { go = \"b\"; like = [ \"the other one\" ]; } ); "
	  "otherwise = ( { label = \"b\"; reply = \"y\"; } );", NULL },
	/* a condition uses what it names */
	{ "lists = ( { name = \"a\"; } ); vouchers = ( { name = \"v\"; generate = \"XXXX99\"; } ); fields = ( { name = \"f\"; } ); "
	  "otherwise = ( { when = \"subscribed('a') OR redeemed('v') OR f = 1\"; reply = \"x\"; } );", NULL },
	{ "pledges = ( { name = \"roof\"; } ); otherwise = \"x\";", "the pledge \"roof\" is declared and nothing uses it" },
	{ "lists = ( { name = \"a\"; } ); otherwise = \"x\";", "the list \"a\" is declared and nothing uses it" },
	{ "queues = ( { name = \"q\"; agents = [ \"a\" ]; } ); agents = ( { name = \"a\"; email = \"a@b.example\"; } ); otherwise = \"x\";",
	  "the queue \"q\" is declared and nothing uses it" },
	{ "queues = ( { name = \"q\"; agents = [ \"a\" ]; } ); agents = ( { name = \"a\"; email = \"a@b.example\"; }, "
	  "{ name = \"b\"; email = \"b@b.example\"; } ); otherwise = ( { ticket = \"q\"; } );",
	  "the agent \"b\" is declared and nothing uses it" },
	{ "queues = ( { name = \"q\"; agents = [ \"a\" ]; escalate = \"r\"; }, { name = \"r\"; agents = [ \"a\" ]; } ); "
	  "agents = ( { name = \"a\"; email = \"a@b.example\"; }, { name = \"b\"; number = \"+447700900101\"; } ); "
	  "otherwise = ( { callback = { queue = \"q\"; }; }, { forward = \"b\"; } );", NULL },
	{ "calendars = ( { name = \"c\"; slots = \"mon 09:00-10:00\"; } ); otherwise = \"x\";",
	  "the calendar \"c\" is declared and nothing uses it" },
	{ "calendars = ( { name = \"c\"; slots = \"mon 09:00-10:00\"; } ); otherwise = ( { appointment = { calendar = \"c\"; "
	  "action = \"cancel\"; }; } );", NULL },
	/* events that no step brings about, and those that come by themselves */
	{ "lists = ( { name = \"a\"; }, { name = \"b\"; } ); otherwise = ( { subscribe = \"a\"; } ); on = ( { event = \"joined\"; "
	  "list = \"b\"; reply = \"x\"; } );", "this event never comes: no step of account default subscribes to \"b\"" },
	{ "lists = ( { name = \"a\"; } ); otherwise = ( { subscribe = \"a\"; } ); on = ( { event = \"joined\"; reply = \"x\"; }, "
	  "{ event = \"left\"; list = \"a\"; untag = \"t\"; } );", NULL },
	{ "lists = ( { name = \"a\"; double_opt_in = true; confirm = \"YES?\"; } ); on = ( { event = \"joined\"; list = \"a\"; "
	  "reply = \"x\"; } ); otherwise = \"y\";", NULL },	/* an import asks */
	{ "on = ( { event = \"joined\"; reply = \"x\"; } );", "no step of account default subscribes to any" },
	{ "vouchers = ( { name = \"v\"; generate = \"XXXX99\"; }, { name = \"u\"; generate = \"YXXX99\"; } ); otherwise = ( { redeem = "
	  "\"u\"; }, { voucher = \"v\"; } ); on = ( { event = \"redeemed\"; series = \"v\"; reply = \"x\"; } );",
	  "no step of account default redeems a code of \"v\"" },
	{ "vouchers = ( { name = \"v\"; generate = \"XXXX99\"; } ); otherwise = ( { redeem = \"v\"; } ); on = ( { event = "
	  "\"redeemed\"; series = \"v\"; reply = \"x\"; } );", NULL },
	{ "on = ( { event = \"ticket_closed\"; reply = \"x\"; } );", "no step of account default opens a ticket" },
	{ "on = ( { event = \"missed_call\"; reply = \"x\"; }, { event = \"at\"; every = \"day 09:00\"; reply = \"x\"; } );", NULL },
	{ "on = ( { event = \"at\"; every = \"day 09:00\"; audience = \"1 = 2\"; reply = \"x\"; } );",
	  "this event never comes: `audience` holds nobody" },
	{ "on = ( { event = \"at\"; every = \"day 09:00\"; do = ( { when = \"args = 'x'\"; reply = \"x\"; } ); } );",
	  "`when` is never true: this step never runs; no keyword" },
	{ "on = ( { event = \"missed_call\"; do = ( { when = \"text LIKE '%x%'\"; reply = \"x\"; } ); } );",
	  "`when` is never true: this step never runs; no keyword" },
	{ "on = ( { event = \"at\"; every = \"day 09:00\"; do = ( { when = \"new\"; reply = \"x\"; } ); } );",
	  "`when` is never true" },
	{ "on = ( { event = \"at\"; every = \"day 09:00\"; do = ( { when = \"known AND args = ''\"; reply = \"x\"; }, { when = "
	  "\"language = 'de'\"; reply = \"y\"; }, { when = \"today = date('now', '+1 day') OR tag('x')\"; reply = \"z\"; } ); } );", NULL },
	{ "lists = ( { name = \"a\"; } ); otherwise = ( { subscribe = \"a\"; } ); on = ( { event = \"joined\"; do = ( { when = "
	  "\"text = 'x'\"; reply = \"x\"; } ); } );", NULL },	/* by a text */
	{ "on = ( { event = \"missed_call\"; do = ( { label = \"l\"; when = \"args = 'x'\"; reply = \"x\"; } ); } ); otherwise = "
	  "( { go = \"l\"; } );", NULL },	/* something else leads there */
	{ "keywords = ( { match = \"A1\"; when = \"1 > 2\"; reply = \"x\"; } );", "\"A1\" is never reached: its `when`" },
	{ "keywords = ( { match = \"A1\"; do = ( { when = \"'a' = 'b'\"; reply = \"x\"; } ); } );",
	  "`when` is never true: this step never runs" },
	{ "keywords = ( { match = \"A1\"; do = ( { when = \"hour > 99\"; reply = \"x\"; } ); } );", NULL },
	/* what is skipped is not never */
	{ "keywords = ( { match = \"A1\"; do = ( { when = \"hour < 9\"; end = \"x\"; }, { reply = \"y\"; } ); } );", NULL },
	{ "keywords = ( { match = \"A1\"; do = ( { do = ( { end = \"x\"; } ); }, { reply = \"y\"; } ); } );",
	  "this step is never reached" },
	{ "keywords = ( { match = \"A1\"; do = ( { end = true; }, { label = \"a\"; reply = \"y\"; } ); }, { match = \"A2\"; go = \"a\"; } );",
	  NULL },
	/* names are estimated */
	{ "otherwise = \"123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 "
	  "123456789 123456789 123456789 123456789 123456789 12{name|x}\";", NULL },
	{ "otherwise = \"123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 "
	  "123456789 123456789 123456789 123456789 123456789 123{name|x}\";",
	  "this text takes 2 segments: 161 letters, and 160 fit into one (names in it estimated)" },
	{ "otherwise = \"||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||"
	  "|\";", "this text takes 2 segments: 81 letters ([ ] { } \\ ~ ^ | and € count twice), and "
	  "160 fit into one" },
	{ "otherwise = { en = \"Fine.\"; ru = \"\u041C\u044B \u0440\u0430\u0431\u043E\u0442\u0430\u0435\u043C \u0441 \u0432\u043E\u0441\u044C\u043C\u0438 \u0434\u043E \u0448\u0435\u0441\u0442\u0438, \u0432 \u0441\u0443\u0431\u0431\u043E\u0442\u0443 \u0434\u043E \u0447\u0430\u0441\u0443, \u0432 \u0432\u043E\u0441\u043A\u0440\u0435\u0441\u0435\u043D\u044C\u0435 \u043D\u0435\u0442\u0430\u0430\u0430\u0430\"; };",
	  "this text takes 2 segments: 71 letters, and in this alphabet 70 fit into one" },
};

START_TEST(each_mistake_and_what_is_none)
{
	char out[65536];

	write_file("row.conf", lint_rows[_i].text);
	ck_assert_int_eq(run("row.conf", out, sizeof(out)), CLI_OK);
	if (lint_rows[_i].said)
		ck_assert_msg(strstr(out, lint_rows[_i].said) != NULL, "%s\n%s", lint_rows[_i].text, out);
	else
		ck_assert_msg(strstr(out, "nothing to object") != NULL, "%s\n%s", lint_rows[_i].text, out);
}
END_TEST

/* The flows that come with twoway are examples. */
START_TEST(ready_flows_are_clean)
{
	char out[65536];
	tw_auto(tw_free_charp) char *flows = realpath("../flows", NULL);
	tw_auto(tw_free_charp) char *link = tw_printf("%s/ready.d", dir);

	ck_assert_int_eq(symlink(flows, link), 0);
	ck_assert_int_eq(run("ready.d --strict", out, sizeof(out)), CLI_OK);
	ck_assert_msg(strstr(out, "nothing to object") != NULL, "%s", out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_check");
	TCase *c = tcase_create("check");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, files_are_judged, 0, TW_COUNT(rows));
	tcase_add_test(c, nothing_is_said_twice);
	tcase_add_test(c, planted_mistakes_are_found);
	tcase_add_loop_test(c, each_mistake_and_what_is_none, 0, TW_COUNT(lint_rows));
	tcase_add_test(c, ready_flows_are_clean);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
