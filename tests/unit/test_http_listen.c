/* Listening sockets, token files, logins. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/http/internal.h"

static char dir[64], path[96];

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/twoway-listen-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/twoway.sock", dir);
}

static void teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static void expect_error(int r, int code, char **sentence, const char *word)
{
	ck_assert_int_eq(r, code);
	ck_assert_ptr_nonnull(*sentence);
	ck_assert_msg(strstr(*sentence, word) != NULL, "%s", *sentence);
	free(*sentence);
	*sentence = NULL;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

START_TEST(a_live_socket_is_respected)
{
	struct http_socket a, b;
	char *sentence = NULL, pid[32];

	ck_assert_int_eq(http_listen_unix(path, (gid_t)-1, &a, NULL), 0);
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	expect_error(http_listen_unix(path, (gid_t)-1, &b, &sentence), TW_E_LOCKED, &sentence, pid);
	http_socket_done(&a);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_stale_socket_is_replaced)
{
	struct http_socket a, b;
	struct stat st;

	ck_assert_int_eq(http_listen_unix(path, (gid_t)-1, &a, NULL), 0);
	close(a.fd);			/* as a killed daemon leaves it */
	a.fd = -1;
	ck_assert_int_eq(http_listen_unix(path, getgid(), &b, NULL), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	http_socket_done(&a);		/* what is no longer its own it leaves alone */
	ck_assert_int_eq(access(path, F_OK), 0);
	http_socket_done(&b);
}
END_TEST

START_TEST(what_is_no_socket_is_not_touched)
{
	struct http_socket a;
	char *sentence = NULL;
	char long_path[200];

	write_file(path, "precious", 0600);
	expect_error(http_listen_unix(path, (gid_t)-1, &a, &sentence), -EEXIST, &sentence,
		     "is no socket");
	ck_assert_int_eq(access(path, F_OK), 0);
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = 0;
	expect_error(http_listen_unix(long_path, (gid_t)-1, &a, &sentence), -ENAMETOOLONG, &sentence,
		     "longer than 107");
}
END_TEST

START_TEST(a_missing_folder_is_made)
{
	char deeper[128];
	struct http_socket a;

	snprintf(deeper, sizeof(deeper), "%s/run/twoway.sock", dir);
	ck_assert_int_eq(http_listen_unix(deeper, (gid_t)-1, &a, NULL), 0);
	http_socket_done(&a);
}
END_TEST

START_TEST(a_busy_port_is_named)
{
	struct http_socket a, b;
	char *sentence = NULL, where[32];

	ck_assert_int_eq(http_listen_tcp("127.0.0.1:0", &a, NULL), 0);
	ck_assert_int_gt(a.port, 0);
	snprintf(where, sizeof(where), "127.0.0.1:%d", a.port);
	expect_error(http_listen_tcp(where, &b, &sentence), -EADDRINUSE, &sentence, where);
	http_socket_done(&a);
}
END_TEST

static const struct { const char *where; bool is_good, is_loopback; } addresses[] = {
	{ "127.0.0.1:8470", true, true }, { "127.8.8.8:1", true, true },
	{ "localhost:8470", true, true }, { "[::1]:8470", true, true },
	{ "0.0.0.0:0", true, false }, { "*:80", true, false }, { "[::]:80", true, false },
	{ "192.168.1.2:80", true, false }, { "", false, false }, { "127.0.0.1", false, false },
	{ "127.0.0.1:", false, false }, { "127.0.0.1:65536", false, false },
	{ "127.0.0.1:8x", false, false }, { "example.org:80", false, false },
	{ "::1:80", false, false }, { "[::1]", false, false }, { "[]:1", false, false },
	{ "127.0.0.1:-1", false, false },
};

START_TEST(addresses_are_read)
{
	struct http_socket s = { .fd = -1 };
	char *sentence = NULL;

	ck_assert_msg(http_is_loopback(addresses[_i].where) == addresses[_i].is_loopback, "%s",
		      addresses[_i].where);
	if (addresses[_i].is_good)
		return;
	expect_error(http_listen_tcp(addresses[_i].where, &s, &sentence), TW_E_SYNTAX, &sentence,
		     "expected ADDRESS:PORT");
}
END_TEST

/* ---- tokens -------------------------------------------------------------------------------- */

static void quiet(void *ctx, enum tw_level level, const char *line)
{
	(void)level;
	tw_buf_adds(ctx, line);
}

#define TOKEN "0123456789abcdef0123456789ABCDEF"
static const struct { const char *content; bool is_good; } tokens[] = {
	{ TOKEN, true }, { TOKEN "\n", true }, { "\n " TOKEN " \r\n", true },
	{ "", false }, { "0123", false }, { TOKEN "0", false },
	{ "0123456789abcdef0123456789abcdeg", false },
};

START_TEST(token_files_are_read)
{
	char file[128], name[] = "acme", empty[] = "";
	struct settings_account account = { .name = name, .token_file = file, .sid = empty };
	struct settings s = { .database = empty, .accounts = &account, .n_accounts = 1 };
	struct http_accounts a = { 0 };
	struct tw_buf log = { 0 };

	snprintf(file, sizeof(file), "%s/t", dir);
	write_file(file, tokens[_i].content, 0600);
	tw_log_sink(quiet, &log);
	http_accounts_load(&a, &s);
	tw_log_sink(NULL, NULL);
	ck_assert_str_eq(a.v[0].token, tokens[_i].is_good ? TOKEN : "");
	ck_assert_int_eq(strstr(tw_buf_str(&log), "http.token") != NULL, !tokens[_i].is_good);
	http_accounts_done(&a);
	tw_buf_done(&log);
}
END_TEST

START_TEST(a_token_once_made_stays)
{
	char database[128], file[128], name[] = "acme", empty[] = "";
	struct settings_account account = { .name = name, .token_file = empty, .sid = empty };
	struct settings s = { .database = database, .accounts = &account, .n_accounts = 1 };
	struct http_accounts a = { 0 };
	char first[33];
	struct stat st;

	snprintf(database, sizeof(database), "%s/twoway.db", dir);
	snprintf(file, sizeof(file), "%s/acme.token", dir);
	http_accounts_load(&a, &s);
	ck_assert_str_eq(a.v[0].token_file, file);
	memcpy(first, a.v[0].token, sizeof(first));
	ck_assert_int_eq(strlen(first), 32);
	http_accounts_load(&a, &s);
	ck_assert_str_eq(a.v[0].token, first);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	http_accounts_done(&a);
}
END_TEST

static const struct { const char *user; bool is_let_in; } logins[] = {
	{ "ACme:" TOKEN, true },
	{ "ACme:0123456789abcdef0123456789ABCDEE", false },
	{ "ACme:", false }, { "ACme", false }, { ":" TOKEN, false }, { "ACno:", false },
	{ "ACno:" TOKEN, false }, { "acme:" TOKEN, false }, { "", false },
};

START_TEST(logins_are_judged)
{
	static char name[] = "acme", sid[] = "ACme", none[] = "none", no_sid[] = "ACno";
	struct http_account v[] = { { .name = name, .sid = sid, .token = TOKEN },
				    { .name = none, .sid = no_sid } };
	struct http h = { .accounts = { v, 2 } };
	struct http_caller caller = { 0 };
	struct mono_ms t = { 1 };
	char base64[256], *header;

	tw_base64_write(logins[_i].user, strlen(logins[_i].user), base64);
	header = tw_printf("bAsIc  %s", base64);
	ck_assert_int_eq(http_login(&h, header, "", 0, t, &caller),
			 logins[_i].is_let_in ? HTTP_LET_IN : HTTP_NOT_LET_IN);
	if (logins[_i].is_let_in) {
		ck_assert_str_eq(caller.account, "acme");
		ck_assert_uint_eq(caller.scopes, SCOPE_READ | SCOPE_SEND | SCOPE_MANAGE);
	} else {
		ck_assert_uint_eq(caller.scopes, 0);
	}
	free(caller.account);
	free(header);
	caller = (struct http_caller){ 0 };
	ck_assert_int_eq(http_login(&h, NULL, "", 0, t, &caller), HTTP_NOT_LET_IN);
	ck_assert_int_eq(http_login(&h, "Bearer x", "", 0, t, &caller), HTTP_NOT_LET_IN);
	ck_assert_int_eq(http_login(&h, "Basic ###", "", 0, t, &caller), HTTP_NOT_LET_IN);
}
END_TEST

START_TEST(the_service_user_is_an_operator)
{
	struct http_caller caller = { 0 };
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert(http_login_peer(pair[0], (gid_t)-1, &caller));
	ck_assert(caller.scopes & SCOPE_OPERATOR);
	ck_assert_ptr_null(caller.account);
	close(pair[0]);
	close(pair[1]);
	ck_assert(!http_login_peer(STDIN_FILENO, (gid_t)-1, &caller));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_listen");
	TCase *c = tcase_create("sockets and logins");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_live_socket_is_respected);
	tcase_add_test(c, a_stale_socket_is_replaced);
	tcase_add_test(c, what_is_no_socket_is_not_touched);
	tcase_add_test(c, a_missing_folder_is_made);
	tcase_add_test(c, a_busy_port_is_named);
	tcase_add_loop_test(c, addresses_are_read, 0, TW_COUNT(addresses));
	tcase_add_loop_test(c, token_files_are_read, 0, TW_COUNT(tokens));
	tcase_add_test(c, a_token_once_made_stays);
	tcase_add_loop_test(c, logins_are_judged, 0, TW_COUNT(logins));
	tcase_add_test(c, the_service_user_is_an_operator);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
