#include "run.h"

#include <fcntl.h>

#include <twoway/base.h>

#include <string.h>
#include <unistd.h>

static struct {
	char line[8192];
	enum tw_level level;
	int n;
} got;

static void sink(void *ctx, enum tw_level level, const char *line)
{
	ck_assert_ptr_eq(ctx, &got);
	ck_assert(tw_strset(got.line, sizeof(got.line), line));
	got.level = level;
	got.n++;
}

static void setup(enum tw_level level, bool mask, bool texts)
{
	got.n = 0;
	tw_log_setup(level, mask, texts);
	tw_log_sink(sink, &got);
}

/* what stands behind the time */
static const char *event(void)
{
	struct wall_ms t;
	char time[32] = "";

	tw_strsetn(time, sizeof(time), got.line, strcspn(got.line, " "));
	ck_assert_int_eq(tw_rfc3339_read(time, &t), 0);
	return got.line + strlen(time) + 1;
}

START_TEST(one_line_an_event)
{
	setup(TW_INFO, true, false);
	tw_log(TW_WARN, "modem_silent", "modem=%s rung=%d", "office", 2);
	ck_assert_str_eq(event(), "warn modem_silent modem=office rung=2");
	ck_assert_int_eq(got.level, TW_WARN);
	tw_log(TW_INFO, "started", "%s", "");
	ck_assert_str_eq(event(), "info started");
	ck_assert_int_eq(got.n, 2);
}
END_TEST

START_TEST(levels)
{
	setup(TW_WARN, true, false);
	ck_assert(tw_log_wants(TW_ERROR) && tw_log_wants(TW_WARN));
	ck_assert(!tw_log_wants(TW_INFO) && !tw_log_wants(TW_DEBUG));
	tw_log(TW_INFO, "x", "a=%d", 1);
	ck_assert_int_eq(got.n, 0);
	tw_log(TW_ERROR, "x", "a=%d", 1);
	ck_assert_int_eq(got.n, 1);
}
END_TEST

START_TEST(no_line_is_smuggled_in)
{
	setup(TW_INFO, true, false);
	tw_log(TW_INFO, "x", "v=%s", "a\n2026 error forged\r\x1b[2J\xc2\x9b\xff\xe2\x80\xae");
	ck_assert_str_eq(event(), "info x v=a\\n2026 error forged\\r\\x1b[2J\\u009b\xef\xbf\xbd\\u202e");
}
END_TEST

/* Events, alerts and errors bring numbers along in sentences. */
START_TEST(no_number_stands_in_a_line_whole)
{
	static const char text[] = "about=+447700900123 text=\"+46701\xe2\x80\xa6" "56, +4670123456 and "
				   "+12345; 5+12345678901234567 is none\"";

	setup(TW_INFO, true, false);
	tw_log(TW_INFO, "x", "%s", text);
	ck_assert_str_eq(event(), "info x about=+4477009\xe2\x80\xa6" "23 text=\"+46701\xe2\x80\xa6"
				  "56, +46701\xe2\x80\xa6" "56 and +12345; 5+12345678901234567 is none\"");
	setup(TW_INFO, false, false);
	tw_log(TW_INFO, "x", "%s", text);
	ck_assert_ptr_nonnull(strstr(event(), "about=+447700900123 text"));
}
END_TEST

static const struct { const char *number, *masked; } numbers[] = {
	{ "+447700900123", "+4477009\xe2\x80\xa6" "23" },
	{ "+4670123456", "+46701\xe2\x80\xa6" "56" },
	{ "0701234567", "07012\xe2\x80\xa6" "67" },
	{ "1234567", "12\xe2\x80\xa6" "67" },
	{ "60300", "60300" },
	{ "VODAFONE", "VODAFONE" },
	{ "Your Bank", "\"Your Bank\"" },
	{ "", "\"\"" },
};

/* Counts the lines that stand in the pipe; none there is none. */
static int lines_in(int fd)
{
	char room[4096];
	ssize_t n = read(fd, room, sizeof(room));
	int lines = 0;

	for (ssize_t i = 0; i < n; i++)
		lines += room[i] == '\n';
	return lines;
}

START_TEST(held_lines_come_together_and_errors_at_once)
{
	int fds[2], was = dup(STDERR_FILENO), seen[4];

	setup(TW_INFO, true, false);
	tw_log_sink(NULL, NULL);
	ck_assert_int_eq(pipe2(fds, O_NONBLOCK), 0);
	dup2(fds[1], STDERR_FILENO);
	tw_log_hold(true);
	tw_log(TW_INFO, "one", "%s", "");
	seen[0] = lines_in(fds[0]);
	tw_log(TW_ERROR, "two", "%s", "");
	seen[1] = lines_in(fds[0]);
	tw_log(TW_INFO, "three", "%s", "");
	tw_log(TW_INFO, "four", "%s", "");
	seen[2] = lines_in(fds[0]);
	tw_log_hold(false);
	seen[3] = lines_in(fds[0]);
	dup2(was, STDERR_FILENO);
	ck_assert_int_eq(seen[0], 0);
	ck_assert_int_eq(seen[1], 2);
	ck_assert_int_eq(seen[2], 0);
	ck_assert_int_eq(seen[3], 2);
	close(was);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(masks_numbers)
{
	setup(TW_INFO, true, false);
	ck_assert_str_eq(tw_log_number(numbers[_i].number), numbers[_i].masked);
	setup(TW_INFO, false, false);
	if (numbers[_i].number[0] != '\0' && !strchr(numbers[_i].number, ' '))
		ck_assert_str_eq(tw_log_number(numbers[_i].number), numbers[_i].number);
}
END_TEST

START_TEST(hides_texts)
{
	setup(TW_INFO, true, false);
	ck_assert_str_eq(tw_log_text("caf\xc3\xa9"), "(4 letters)");
	ck_assert_str_eq(tw_log_text("x"), "(1 letter)");
	ck_assert_str_eq(tw_log_text(""), "(0 letters)");
	setup(TW_INFO, true, true);
	ck_assert_str_eq(tw_log_text("say \"hi\"\n"), "\"say \\\"hi\\\"\\n\"");
}
END_TEST

START_TEST(quotes_what_needs_it)
{
	ck_assert_str_eq(tw_log_quote("plain-1"), "plain-1");
	ck_assert_str_eq(tw_log_quote("a=b"), "\"a=b\"");
	ck_assert_str_eq(tw_log_quote("\\"), "\"\\\\\"");
	ck_assert_str_eq(tw_log_quote("\x07\xc3\xa9"), "\\x07\xc3\xa9");
}
END_TEST

START_TEST(quote_bounds_what_is_huge)
{
	static char huge[100000];
	const char *out;

	for (size_t i = 0; i < sizeof(huge) - 1; i++)
		huge[i] = i % 3 ? '"' : '\x01';
	out = tw_log_quote(huge);
	ck_assert_uint_lt(strlen(out), 2048);
	ck_assert_uint_gt(strlen(out), 1900);
	ck_assert_str_eq(out + strlen(out) - 4, "\xe2\x80\xa6\"");
}
END_TEST

START_TEST(eight_at_once)
{
	const char *v[8];
	char want[2] = "a";

	for (int i = 0; i < 8; i++) {
		want[0] = (char)('a' + i);
		v[i] = tw_log_quote(want);
	}
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(v[i][0], 'a' + i);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, held_lines_come_together_and_errors_at_once);
	tcase_add_test(tc, one_line_an_event);
	tcase_add_test(tc, levels);
	tcase_add_test(tc, no_line_is_smuggled_in);
	tcase_add_test(tc, no_number_stands_in_a_line_whole);
	tcase_add_loop_test(tc, masks_numbers, 0, TW_COUNT(numbers));
	tcase_add_test(tc, hides_texts);
	tcase_add_test(tc, quotes_what_needs_it);
	tcase_add_test(tc, quote_bounds_what_is_huge);
	tcase_add_test(tc, eight_at_once);
}

int main(void)
{
	return unit_run("base_log", add);
}
