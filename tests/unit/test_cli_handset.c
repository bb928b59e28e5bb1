/* The handset against a virtual bank that a child serves. Modem 0 is driven by the test: what comes in
 * is answered by hand. */
#include "run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/cli/handset.h"
#include "port.h"
#include "server.h"

static char folder[64], socket_name[80];
static pid_t child;

/* ---- the bank, in a child ------------------------------------------------------------------------ */

struct bank { struct loop *loop; struct sim *sim; struct ports ports; struct server server; };

static struct mono_ms on_turn(void *ctx, struct tw_now now)
{
	struct bank *b = ctx;

	sim_tick(b->sim, now);
	ports_follow(&b->ports);
	server_turn(&b->server);
	return sim_deadline(b->sim);
}

static void on_signal(void *ctx, int signo)
{
	(void)signo;
	loop_stop(((struct bank *)ctx)->loop);
}

static int serve(int ready)
{
	struct bank b = { .loop = loop_new(), .server.fd = -1 };
	struct sim_setup setup = { .modems = 2, .first_number = "+447700900001", .seed = 1,
				   .now = loop_now(b.loop) };

	b.sim = sim_new(&setup);
	loop_watch_signal(b.loop, SIGTERM, on_signal, &b);
	loop_set_turn(b.loop, on_turn, &b);
	if (server_open(&b.server, b.loop, b.sim, socket_name) ||
	    ports_open(&b.ports, b.loop, b.sim, folder, 0, false) || write(ready, "y", 1) != 1)
		return 1;
	loop_run(b.loop);
	ports_close(&b.ports);
	server_close(&b.server);
	sim_free(b.sim);
	loop_free(b.loop);
	return 0;
}

static void begin(void)
{
	int ready[2];
	char word;

	snprintf(folder, sizeof(folder), "/tmp/test_cli_handset.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(socket_name, sizeof(socket_name), "%s/control", folder);
	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (!child)
		exit(serve(ready[1]));
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &word, 1), 1);
	close(ready[0]);
	unsetenv("TWOWAY_SIM");
	setenv("XDG_RUNTIME_DIR", folder, 1);
}

static void end(void)
{
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* ---- what others do on the network --------------------------------------------------------------- */

static int open_control(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	tw_strset(a.sun_path, sizeof(a.sun_path), socket_name);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* One request, its answer as text. */
static void ask(int fd, const char *request, char *answer, size_t cap)
{
	size_t n = 0;

	ck_assert_int_eq(write(fd, request, strlen(request)), (ssize_t)strlen(request));
	do {
		ssize_t r = read(fd, answer + n, cap - 1 - n);

		ck_assert_int_gt(r, 0);
		n += (size_t)r;
	} while (answer[n - 1] != '\n');
	answer[n] = '\0';
}

/* ---- a run of the command ------------------------------------------------------------------------ */

struct run { pid_t pid; int out; char text[8192]; int code; };

static void run_start(struct run *r, int input, char **words)
{
	int out[2], n = 0;

	while (words[n])
		n++;
	ck_assert_int_eq(pipe(out), 0);
	r->pid = fork();
	if (!r->pid) {
		dup2(input >= 0 ? input : open("/dev/null", O_RDONLY), 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		for (int fd = 3; fd < 64; fd++)		/* the other ends of pipes too */
			close(fd);
		n = cli_handset(n, words);
		fflush(stdout);
		exit(n);
	}
	close(out[1]);
	r->out = out[0];
}

static void run_end(struct run *r)
{
	int status;
	size_t n = 0;
	ssize_t got;

	while ((got = read(r->out, r->text + n, sizeof(r->text) - 1 - n)) > 0)
		n += (size_t)got;
	r->text[n] = '\0';
	close(r->out);
	ck_assert_int_eq(waitpid(r->pid, &status, 0), r->pid);
	ck_assert_msg(WIFEXITED(status), "it crashed: %s", r->text);
	r->code = WEXITSTATUS(status);
}

static struct run run_now(char **words)
{
	struct run r;

	run_start(&r, -1, words);
	run_end(&r);
	return r;
}

#define WORDS(...) ((char *[]){ w_handset, __VA_ARGS__, NULL })
static char w_handset[] = "handset", w_customer[] = "+447700900123", w_national[] = "07700900123",
	    w_join[] = "JOIN", w_sim[] = "--sim", w_wait[] = "--wait", w_tenth[] = "0.1",
	    w_long[] = "20", w_json[] = "--json", w_to[] = "--to", w_second[] = "+447700900002",
	    w_help[] = "--help", w_bad[] = "--colour", w_word[] = "me", w_nowhere[] = "/nowhere/control",
	    w_name[] = "+4477009001234567890123456789";

/* ---- cases ------------------------------------------------------------------------------------- */

START_TEST(wrong_words)
{
	struct run r;

	begin();
	r = run_now(WORDS(w_help));
	ck_assert_int_eq(r.code, 0);
	ck_assert_ptr_nonnull(strstr(r.text, "Usage: twoway handset"));
	r = run_now((char *[]){ w_handset, NULL });
	ck_assert_int_eq(r.code, 64);
	r = run_now(WORDS(w_customer, w_join, w_word));
	ck_assert_int_eq(r.code, 64);
	ck_assert_ptr_nonnull(strstr(r.text, "quotes"));
	r = run_now(WORDS(w_customer, w_bad));
	ck_assert_int_eq(r.code, 64);
	r = run_now(WORDS(w_customer, w_join, w_wait, w_join));
	ck_assert_int_eq(r.code, 64);
	r = run_now(WORDS(w_customer, w_join, w_sim, w_nowhere));
	ck_assert_int_eq(r.code, 69);
	ck_assert_ptr_nonnull(strstr(r.text, "/nowhere/control"));
	r = run_now(WORDS(w_name, w_join, w_sim, folder));
	ck_assert_int_eq(r.code, 65);
	ck_assert_ptr_nonnull(strstr(r.text, "a telephone number"));
	r = run_now(WORDS(w_customer, w_join, w_to, w_word, w_sim, folder));
	ck_assert_int_eq(r.code, 65);
	ck_assert_ptr_nonnull(strstr(r.text, "no modem of the virtual bank has the number \"me\"; there are +4477"));
	end();
}
END_TEST

START_TEST(nobody_answers)
{
	char answer[4096];
	struct run r;
	int fd;

	begin();
	r = run_now(WORDS(w_customer, w_join, w_wait, w_tenth, w_sim, folder));
	ck_assert_int_eq(r.code, 75);
	/* by default to the first number, else to the one named */
	fd = open_control();
	ask(fd, "{\"op\":\"state\",\"modem\":0}\n", answer, sizeof(answer));
	ck_assert_ptr_nonnull(strstr(answer, "\"SM\":{\"used\":1,"));
	r = run_now(WORDS(w_customer, w_join, w_to, w_second, w_wait, w_tenth, w_sim, socket_name));
	ck_assert_int_eq(r.code, 75);
	ask(fd, "{\"op\":\"state\",\"modem\":1}\n", answer, sizeof(answer));
	ck_assert_ptr_nonnull(strstr(answer, "\"SM\":{\"used\":1,"));
	close(fd);
	end();
}
END_TEST

/* Waits until the handset's text is on the SIM, so until it listens. */
static void wait_for_text(int fd, int modem)
{
	char request[64], answer[4096];

	snprintf(request, sizeof(request), "{\"op\":\"state\",\"modem\":%d}\n", modem);
	do
		ask(fd, request, answer, sizeof(answer));
	while (!strstr(answer, "\"SM\":{\"used\":1,"));
}

static const char two_answers[] =
	"{\"op\":\"text\",\"from\":\"+447700900001\",\"to\":\"+447700900123\",\"text\":\"one\\ntwo\\u001b[31m\\u202e\"}\n";

START_TEST(answers_are_lines)
{
	char answer[4096];
	struct run r;
	int fd;

	begin();
	fd = open_control();
	run_start(&r, -1, WORDS(w_national, w_join, w_wait, w_long, w_sim, folder));
	wait_for_text(fd, 0);
	ask(fd, two_answers, answer, sizeof(answer));
	run_end(&r);
	ck_assert_int_eq(r.code, 0);
	ck_assert_str_eq(r.text, "one\\ntwo\\x1b[31m\\u202e\n");

	run_start(&r, -1, WORDS(w_customer, w_join, w_to, w_second, w_json, w_wait, w_long, w_sim, folder));
	wait_for_text(fd, 1);
	ask(fd, two_answers, answer, sizeof(answer));
	run_end(&r);
	ck_assert_int_eq(r.code, 0);
	ck_assert_ptr_nonnull(strstr(r.text, "{\"from\":\"+447700900001\",\"to\":\"+447700900123\","
					     "\"text\":\"one\\ntwo\\u001B[31m\xE2\x80\xAE\",\"at\":\"20"));
	close(fd);
	end();
}
END_TEST

/* Standard input that is no terminal: each line is a text; at its end it listens as with TEXT. */
START_TEST(lines_are_texts)
{
	char answer[4096];
	struct run r;
	int fd, in[2];

	begin();
	fd = open_control();
	ck_assert_int_eq(pipe(in), 0);
	run_start(&r, in[0], WORDS(w_customer, w_wait, w_long, w_sim, folder));
	close(in[0]);
	ck_assert_int_eq(write(in[1], "first\n", 6), 6);
	wait_for_text(fd, 0);
	ask(fd, two_answers, answer, sizeof(answer));
	ck_assert_int_eq(write(in[1], "second\n\nthird", 13), 13);
	close(in[1]);
	run_end(&r);
	ck_assert_int_eq(r.code, 0);
	ck_assert_str_eq(r.text, "one\\ntwo\\x1b[31m\\u202e\n");
	ask(fd, "{\"op\":\"state\",\"modem\":0}\n", answer, sizeof(answer));
	ck_assert_ptr_nonnull(strstr(answer, "\"SM\":{\"used\":3,"));
	close(fd);
	end();
}
END_TEST

static void write_note(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(the_demo_is_found_by_its_note)
{
	char note[128], other[128], text[128];
	struct run r;

	begin();
	snprintf(note, sizeof(note), "%s/twoway-demo-%u", folder, (unsigned)getuid());
	snprintf(other, sizeof(other), "%s/elsewhere", folder);
	r = run_now(WORDS(w_customer, w_join, w_wait, w_tenth));
	ck_assert_int_eq(r.code, 69);
	ck_assert_ptr_nonnull(strstr(r.text, "no virtual bank"));
	snprintf(text, sizeof(text), "%s\n", folder);
	write_note(note, text);
	r = run_now(WORDS(w_customer, w_join, w_wait, w_tenth));
	ck_assert_int_eq(r.code, 75);
	ck_assert_ptr_nonnull(strstr(r.text, "using the demo in"));
	/* not when it is a link: anybody could have put it there */
	ck_assert_int_eq(rename(note, other), 0);
	ck_assert_int_eq(symlink(other, note), 0);
	r = run_now(WORDS(w_customer, w_join, w_wait, w_tenth));
	ck_assert_int_eq(r.code, 69);
	/* TWOWAY_SIM comes first */
	setenv("TWOWAY_SIM", socket_name, 1);
	r = run_now(WORDS(w_customer, w_join, w_wait, w_tenth));
	ck_assert_int_eq(r.code, 75);
	ck_assert_ptr_null(strstr(r.text, "using the demo"));
	unlink(note);
	unlink(other);
	end();
}
END_TEST

START_TEST(the_bank_goes)
{
	struct run r;
	int fd;

	begin();
	fd = open_control();
	run_start(&r, -1, WORDS(w_customer, w_join, w_wait, w_long, w_sim, folder));
	wait_for_text(fd, 0);
	close(fd);
	end();
	run_end(&r);
	ck_assert_int_eq(r.code, 69);
	ck_assert_ptr_nonnull(strstr(r.text, "gone"));
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, wrong_words);
	tcase_add_test(tc, nobody_answers);
	tcase_add_test(tc, answers_are_lines);
	tcase_add_test(tc, lines_are_texts);
	tcase_add_test(tc, the_demo_is_found_by_its_note);
	tcase_add_test(tc, the_bank_goes);
}

int main(void)
{
	return unit_run("cli_handset", add);
}
