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
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
