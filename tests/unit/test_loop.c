#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/socket.h>
#include <twoway/loop.h>

/* What happened, in order; the loop stops once the story is as long as expected. */
static struct loop *l;
static char story[256];
static size_t expected;
static char word_read[] = "read", word_signal[] = "signal", word_changed[] = "changed",
	    word_child[] = "child", word_found[] = "found";

static void tell(const char *word)
{
	size_t n = strlen(story);

	snprintf(story + n, sizeof(story) - n, "%s%s", n ? " " : "", word);
	if (--expected == 0)
		loop_stop(l);
}

static void begin(size_t words)
{
	l = loop_new();
	story[0] = '\0';
	expected = words;
}

static void on_fd(void *ctx, int fd, int events)
{
	char byte;

	if (events & LOOP_READ && read(fd, &byte, 1) == 1)
		tell(ctx);
}

START_TEST(a_descriptor_is_read_until_its_watch_ends)
{
	int fds[2];
	struct tw_handle h;

	begin(1);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	h = loop_watch_fd(l, fds[0], LOOP_READ, on_fd, word_read);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	loop_run(l);
	ck_assert_str_eq(story, word_read);
	loop_end_watch(l, h);
	loop_end_watch(l, h);	/* stale: finds nothing */
	close(fds[0]);
	close(fds[1]);
	loop_free(l);
}
END_TEST

struct turn { int count; struct mono_ms first; };

static struct mono_ms on_turn(void *ctx, struct tw_now now)
{
	struct turn *t = ctx;

	if (t->count++ == 0)
		t->first = now.mono;
	else if (now.mono.ms >= t->first.ms + 5)
		loop_stop(l);
	return mono_after(t->first, 5);
}

START_TEST(the_turn_is_called_again_at_the_time_it_asked_for)
{
	struct turn t = { 0 };

	begin(1);
	loop_set_turn(l, on_turn, &t);
	loop_run(l);
	ck_assert_int_ge(t.count, 2);
	loop_free(l);
}
END_TEST

static void on_signal(void *ctx, int signo)
{
	ck_assert_int_eq(signo, SIGUSR1);
	tell(ctx);
}

START_TEST(a_signal_is_an_event)
{
	begin(1);
	loop_watch_signal(l, SIGUSR1, on_signal, word_signal);
	raise(SIGUSR1);
	loop_run(l);
	ck_assert_str_eq(story, word_signal);
	loop_free(l);
}
END_TEST

static void on_path(void *ctx, const char *path)
{
	ck_assert_ptr_nonnull(path);
	if (story[0] == '\0')
		tell(ctx);
}

START_TEST(a_folder_tells_of_a_new_file)
{
	char folder[] = "/tmp/twoway-loop-XXXXXX", file[64];
	struct tw_handle h;

	begin(1);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(loop_watch_path(l, folder, on_path, word_changed, &h), 0);
	snprintf(file, sizeof(file), "%s/x", folder);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	loop_run(l);
	ck_assert_str_eq(story, "changed");
	unlink(file);
	rmdir(folder);
	ck_assert_int_lt(loop_watch_path(l, "/nonexistent/folder", on_path, NULL, &h), 0);
	loop_free(l);
}
END_TEST

static char output[64];
static int status;

static void on_child(void *ctx, int child_status, const char *text, size_t n)
{
	snprintf(output, sizeof(output), "%.*s", (int)n, text);
	status = child_status;
	tell(ctx);
}

static void run(const char *const *arguments, const char *input, size_t cap, int64_t limit)
{
	struct tw_handle h;

	begin(1);
	ck_assert_int_eq(loop_run_child(l, arguments, input, strlen(input), cap, limit, on_child,
					word_child, &h), 0);
	loop_run(l);
	loop_free(l);
}

START_TEST(a_child_gets_its_input_and_its_output_is_collected)
{
	run((const char *[]){ "cat", NULL }, "hello", 64, 10000);
	ck_assert_str_eq(output, "hello");
	ck_assert_int_eq(status, 0);
	run((const char *[]){ "cat", NULL }, "hello", 3, 10000);
	ck_assert_str_eq(output, "hel");
	run((const char *[]){ "sh", "-c", "exit 7", NULL }, "unread", 64, 10000);
	ck_assert_int_eq(status, 7);
}
END_TEST

START_TEST(a_reader_that_has_gone_is_an_error_of_the_write)
{
	int fds[2];

	begin(1);
	ck_assert_int_eq(pipe(fds), 0);
	close(fds[0]);
	ck_assert_int_lt(write(fds[1], "x", 1), 0);	/* and no signal ends the process */
	close(fds[1]);
	loop_free(l);
}
END_TEST

START_TEST(a_child_that_takes_too_long_is_killed)
{
	run((const char *[]){ "sleep", "100", NULL }, "", 64, 20);
	ck_assert_int_eq(status, -SIGKILL);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_an_error_at_once)
{
	struct tw_handle h;

	begin(1);
	ck_assert_int_lt(loop_run_child(l, (const char *[]){ "/nonexistent", NULL }, "", 0, 1, 1,
					on_child, NULL, &h), 0);
	loop_free(l);
}
END_TEST

static void on_host(void *ctx, const char *address, int code)
{
	(void)code;
	snprintf(output, sizeof(output), "%s", address ? address : "none");
	tell(ctx);
}

START_TEST(a_host_name_is_looked_up_beside_the_loop)
{
	struct tw_handle h;

	begin(1);
	ck_assert_int_eq(loop_look_up(l, "127.0.0.1", on_host, word_found, &h), 0);
	loop_run(l);
	ck_assert_str_eq(output, "127.0.0.1");
	ck_assert_int_eq(loop_look_up(l, "127.0.0.1", on_host, NULL, &h), 0);
	loop_end_watch(l, h);
	loop_free(l);
	ck_assert_str_eq(story, "found");
}
END_TEST

START_TEST(what_still_runs_ends_with_the_loop)
{
	struct tw_handle h;

	begin(1);
	ck_assert_int_eq(loop_run_child(l, (const char *[]){ "sleep", "100", NULL }, "", 0, 1,
					100000, on_child, NULL, &h), 0);
	loop_free(l);
	ck_assert_str_eq(story, "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("loop");
	TCase *t = tcase_create("loop");
	SRunner *r;
	int failed;

	tcase_add_test(t, a_descriptor_is_read_until_its_watch_ends);
	tcase_add_test(t, the_turn_is_called_again_at_the_time_it_asked_for);
	tcase_add_test(t, a_signal_is_an_event);
	tcase_add_test(t, a_folder_tells_of_a_new_file);
	tcase_add_test(t, a_child_gets_its_input_and_its_output_is_collected);
	tcase_add_test(t, a_reader_that_has_gone_is_an_error_of_the_write);
	tcase_add_test(t, a_child_that_takes_too_long_is_killed);
	tcase_add_test(t, a_program_that_is_not_there_is_an_error_at_once);
	tcase_add_test(t, a_host_name_is_looked_up_beside_the_loop);
	tcase_add_test(t, what_still_runs_ends_with_the_loop);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
