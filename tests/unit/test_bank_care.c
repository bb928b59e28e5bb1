/* The command that switches a modem's power: cut into words without a shell, run by the loop with the
 * port closed, which is opened again behind it; and what is said where it cannot be run. */
#include "run.h"

#include "../../src/bank/internal.h"

#include <stdio.h>
#include <twoway/config.h>
#include <unistd.h>

static const struct { const char *text; int n; const char *words[5]; } splits[] = {
	{ "uhubctl -l 1-1 -a cycle", 5, { "uhubctl", "-l", "1-1", "-a", "cycle" } },
	{ "  relay\t\"port 3\"  off ", 3, { "relay", "port 3", "off" } },
	{ "x a\"b c\"d", 2, { "x", "ab cd" } },
	{ "sh $HOME; rm *", 4, { "sh", "$HOME;", "rm", "*" } },
	{ "say \"\" end", 3, { "say", "", "end" } },
	{ "", 0, { NULL } }, { "  ", 0, { NULL } },
};

START_TEST(words_are_cut_without_a_shell)
{
	char text[80], *words[8];

	tw_strset(text, sizeof(text), splits[_i].text);
	ck_assert_int_eq(care_split(text, words, 8), splits[_i].n);
	for (int i = 0; i < splits[_i].n; i++)
		ck_assert_str_eq(words[i], splits[_i].words[i]);
	ck_assert_ptr_null(words[splits[_i].n]);
}
END_TEST

START_TEST(too_many_words_are_refused)
{
	char text[] = "a b c d", *words[4];

	ck_assert_int_eq(care_split(text, words, 4), 0);
}
END_TEST

/* ---- run by the loop ----------------------------------------------------------------------- */

static struct bank *bank;
static int opens, closes;

static int mem_open(void *ctx, const char *port, const struct board *board, int *ret_fd)
{
	(void)ctx, (void)port, (void)board;
	opens++;
	*ret_fd = -1;
	return 0;
}

static ssize_t mem_none(void *ctx, int fd, void *buf, size_t n)
{
	(void)ctx, (void)fd, (void)buf, (void)n;
	return 0;
}

static ssize_t mem_takes(void *ctx, int fd, const void *buf, size_t n)
{
	(void)ctx, (void)fd, (void)buf;
	return (ssize_t)n;
}

static void mem_close(void *ctx, int fd)
{
	(void)ctx, (void)fd;
	closes++;
}

static const struct bank_port_ops mem_ports = { .open = mem_open, .read = mem_none,
						.write = mem_takes, .close = mem_close };

/* Until the command has ended and the port waits to be opened. */
static struct mono_ms on_turn(void *ctx, struct tw_now now)
{
	struct device *d = ctx;

	(void)now;
	if (d->open_at.ms != INT64_MAX)
		loop_stop(bank->loop);
	return MONO_NEVER;
}

static const struct { const char *command, *says; bool runs; } commands[] = {
	{ "touch %s", NULL, true },
	{ "sh -c 'exit 3'", "status", false },		/* quotes of a shell mean nothing here */
	{ "/nowhere/to/be/found now", "/nowhere/to/be/found", false },
};

START_TEST(the_command_is_run_with_the_port_closed)
{
	char path[64], command[128], text[400];
	struct tw_findings findings = { 0 };
	struct boards *boards = boards_load((const char *const[]){ "../boards" }, 1, &findings);
	struct loop *loop = loop_new();
	struct settings *s;
	struct device *d;

	snprintf(path, sizeof(path), "/tmp/twoway-power-%d", (int)getpid());
	snprintf(command, sizeof(command), commands[_i].command, path);
	snprintf(text, sizeof(text), "modems = ( { name = \"till\"; port = \"/mem/0\"; power_cycle = "
		 "\"%s\"; } );\n", command);
	s = config_load_text("test", text, strlen(text), &findings);
	ck_assert_ptr_nonnull(s);
	opens = closes = 0;
	bank = bank_new(&(struct bank_setup){ .loop = loop, .settings = s, .boards = boards,
					      .ports = &mem_ports });
	d = tw_pool_at(&bank->devices, 0, NULL);
	bank_start(bank, loop_now(loop));
	bank_tick(bank, loop_now(loop));
	ck_assert_int_eq(opens, 1);
	device_power_cycle(d, loop_now(loop), 5000);
	ck_assert_int_eq(closes, 1);
	if (d->open_at.ms == INT64_MAX) {
		loop_set_turn(loop, on_turn, d);
		loop_run(loop);
	}
	ck_assert_int_ge(d->open_at.ms, loop_now(loop).mono.ms);
	ck_assert_int_eq(access(path, F_OK) == 0, commands[_i].runs);
	if (commands[_i].says)
		ck_assert_ptr_nonnull(strstr(d->last_error, commands[_i].says));
	else
		ck_assert_str_eq(d->last_error, "");
	unlink(path);
	bank_free(bank);
	loop_free(loop);
	config_free(s);
	boards_free(boards);
	tw_findings_done(&findings);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bank_care");
	TCase *t = tcase_create("care");

	tcase_add_loop_test(t, words_are_cut_without_a_shell, 0, TW_COUNT(splits));
	tcase_add_test(t, too_many_words_are_refused);
	tcase_add_loop_test(t, the_command_is_run_with_the_port_closed, 0, TW_COUNT(commands));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);

	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);

	srunner_free(r);
	return failed != 0;
}
