/* The server as its clients see it: both sockets, logins, the turn rule, lists, operators. */
#include "fake_exchange.c"
#include "http_lab.c"

#include <jansson.h>
#include <sys/socket.h>
#include <sys/un.h>

static json_t *parse(const struct answer *a)
{
	json_t *root = json_loadb(tw_buf_str(&a->body), a->body.n, 0, NULL);

	ck_assert_msg(root != NULL, "not JSON: %s", tw_buf_str(&a->body));
	return root;
}

static const char *text_in(json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	ck_assert_msg(s != NULL, "no text %s", name);
	return s;
}

static void expect_refusal(const struct answer *a, long status, int code, const char *word)
{
	json_t *root = parse(a);

	ck_assert_int_eq(a->status, status);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "status")), status);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "code")), code);
	ck_assert_msg(strstr(text_in(root, "detail"), word) != NULL, "%s", tw_buf_str(&a->body));
	json_decref(root);
}

static void setup(void)
{
	lab_start();
}

static void teardown(void)
{
	lab_stop();
}

static const struct ask send_hello = { "POST", "/api/v1/messages",
	"{\"to\":\"+447700900123\",\"text\":\"hello\",\"account\":\"acme\"}" };

START_TEST(healthz_is_open_to_all)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "GET", "/healthz", .tcp = true }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_str_eq(tw_buf_str(&a.body), "ok\n");
	answer_done(&a);
}
END_TEST

static void say_starting(void)
{
	http_set_health(lab.http, "disk full");
}

START_TEST(healthz_says_what_is_wrong)
{
	struct answer a = { 0 };

	lab_do(say_starting);
	lab_ask(&(struct ask){ "GET", "/healthz", .tcp = true }, &a);
	ck_assert_int_eq(a.status, 503);
	ck_assert_str_eq(tw_buf_str(&a.body), "disk full\n");
	answer_done(&a);
}
END_TEST

START_TEST(a_message_is_answered_after_its_commit)
{
	struct answer a = { 0 };
	json_t *m;

	lab_ask(&send_hello, &a);
	ck_assert_int_eq(a.status, 201);
	ck_assert_int_eq(fake_store.commits, 1);
	ck_assert_str_eq(fake_x.last_to, "+447700900123");
	ck_assert_str_eq(fake_x.last_text, "hello");
	m = parse(&a);
	ck_assert_str_eq(text_in(m, "state"), "queued");
	ck_assert_str_eq(text_in(m, "account"), "acme");
	json_decref(m);
	answer_done(&a);
}
END_TEST

/* The failure must hit the turn of the request: it stays set until a turn has something staged. */
static struct mono_ms failing_turn(void *ctx, struct tw_now now)
{
	fake_store.fails = true;
	return lab_turn(ctx, now);
}

static void use_failing_turn(void)
{
	loop_set_turn(lab.loop, failing_turn, NULL);
}

START_TEST(a_failed_commit_is_507)
{
	struct answer a = { 0 };

	lab_do(use_failing_turn);
	lab_ask(&send_hello, &a);
	expect_refusal(&a, 507, HTTP_CODE_NOT_COMMITTED, "nothing was changed");
	answer_done(&a);
}
END_TEST

START_TEST(a_refusal_of_the_exchange_passes_through)
{
	struct answer a = { 0 };

	fake_x.refusal = (struct exchange_refusal){ 400, 21610, "has opted out" };
	lab_ask(&send_hello, &a);
	expect_refusal(&a, 400, 21610, "opted out");
	answer_done(&a);
}
END_TEST

START_TEST(an_idempotency_key_gives_the_first_message)
{
	struct ask ask = send_hello;
	struct answer a = { 0 };

	fake_add("acme", "+447700900111", "first");
	ask.header = "Idempotency-Key: k1";
	lab_ask(&ask, &a);
	ck_assert_int_eq(a.status, 201);
	ck_assert_str_eq(fake_x.last_key, "k1");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.headers), "Idempotent-Replayed: true"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "first"));
	answer_done(&a);
}
END_TEST

static const struct { const char *body, *header; long status; int code; const char *word; } bad[] = {
	{ "{", NULL, 400, HTTP_CODE_PARAMETER, "not JSON" },
	{ "{\"to\":5,\"text\":\"x\"}", NULL, 400, HTTP_CODE_PARAMETER, "to: expected a text" },
	{ "{\"to\":\"+1\",\"txt\":\"x\"}", NULL, 400, HTTP_CODE_PARAMETER, "did you mean text" },
	{ "{\"text\":\"x\"}", NULL, 400, HTTP_CODE_PARAMETER, "to: is missing" },
	{ "{\"to\":\"+1\",\"text\":\"x\"}", "Content-Type: text/plain", 415, HTTP_CODE_MEDIA,
	  "application/json" },
	{ "{\"to\":\"+1\",\"text\":\"x\"}", "Idempotency-Key;", 400, HTTP_CODE_PARAMETER,
	  "Idempotency-Key" },
};

START_TEST(a_bad_body_is_named)
{
	struct ask ask = { "POST", "/api/v1/messages", bad[_i].body, .header = bad[_i].header };
	struct answer a = { 0 };

	lab_ask(&ask, &a);
	expect_refusal(&a, bad[_i].status, bad[_i].code, bad[_i].word);
	ck_assert_int_eq(fake_x.posts, 0);
	answer_done(&a);
}
END_TEST

START_TEST(a_large_body_is_refused)
{
	struct ask ask = { "POST", "/api/v1/messages" };
	struct answer a = { 0 };
	char *body = tw_alloc(HTTP_BODY_MAX + 2);

	memset(body, ' ', HTTP_BODY_MAX + 1);
	body[HTTP_BODY_MAX + 1] = 0;
	ask.body = body;
	lab_ask(&ask, &a);
	expect_refusal(&a, 413, HTTP_CODE_SIZE, "larger");
	/* Without a length told beforehand. */
	ask.header = "Transfer-Encoding: chunked";
	lab_ask(&ask, &a);
	expect_refusal(&a, 413, HTTP_CODE_SIZE, "larger");
	free(body);
	answer_done(&a);
}
END_TEST

/* ---- logins -------------------------------------------------------------------------------- */

START_TEST(tcp_wants_a_login)
{
	static const char *const paths[] = { "/api/v1/messages", "/api/v1/status", "/nowhere" };
	struct answer a = { 0 };

	for (size_t i = 0; i < TW_COUNT(paths); i++) {
		lab_ask(&(struct ask){ "GET", paths[i], .tcp = true }, &a);
		expect_refusal(&a, 401, HTTP_CODE_LOGIN, "Authenticate");
		ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.headers), "WWW-Authenticate: Basic"));
	}
	answer_done(&a);
}
END_TEST

START_TEST(a_wrong_token_does_not_enter)
{
	char *user = lab_user(0);
	struct answer a = { 0 };

	user[strlen(user) - 1] = user[strlen(user) - 1] == '0' ? '1' : '0';
	lab_ask(&(struct ask){ "GET", "/api/v1/status", .tcp = true, .user = user }, &a);
	expect_refusal(&a, 401, HTTP_CODE_LOGIN, "Authenticate");
	free(user);
	answer_done(&a);
}
END_TEST

START_TEST(an_account_sees_only_its_own)
{
	char *user = lab_user(0), *path;
	struct answer a = { 0 };
	struct message *own = fake_add("acme", "+447700900111", "mine");
	struct message *other = fake_add("bistro", "+447700900112", "secret");
	json_t *root;

	lab_ask(&(struct ask){ "GET", "/api/v1/messages", .tcp = true, .user = user }, &a);
	root = parse(&a);
	ck_assert_int_eq(json_array_size(json_object_get(root, "messages")), 1);
	ck_assert_ptr_null(strstr(tw_buf_str(&a.body), "secret"));
	json_decref(root);
	path = tw_printf("/api/v1/messages/%s", other->id);
	lab_ask(&(struct ask){ "GET", path, .tcp = true, .user = user }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, other->id);
	free(path);
	path = tw_printf("/api/v1/messages/%s/cancel", other->id);
	lab_ask(&(struct ask){ "POST", path, .tcp = true, .user = user }, &a);
	ck_assert_int_eq(a.status, 404);
	ck_assert_int_eq(other->state, MESSAGE_QUEUED);
	free(path);
	path = tw_printf("/api/v1/messages/%s", own->id);
	lab_ask(&(struct ask){ "GET", path, .tcp = true, .user = user }, &a);
	ck_assert_int_eq(a.status, 200);
	free(path);
	lab_ask(&(struct ask){ "GET", "/api/v1/messages?account=bistro", .tcp = true, .user = user },
		&a);
	expect_refusal(&a, 403, HTTP_CODE_FORBIDDEN, "acme");
	free(user);
	answer_done(&a);
}
END_TEST

START_TEST(an_account_sends_as_itself)
{
	char *user = lab_user(1);
	struct answer a = { 0 };
	struct ask ask = { "POST", "/api/v1/messages", "{\"to\":\"+447700900123\",\"text\":\"x\"}",
			   .tcp = true, .user = user };

	lab_ask(&ask, &a);
	ck_assert_int_eq(a.status, 201);
	ck_assert_str_eq(fake_x.last_account, "bistro");
	ask.body = send_hello.body;	/* says acme */
	lab_ask(&ask, &a);
	expect_refusal(&a, 403, HTTP_CODE_FORBIDDEN, "bistro");
	ck_assert_int_eq(fake_x.posts, 1);
	free(user);
	answer_done(&a);
}
END_TEST

START_TEST(an_operator_says_whose_message_it_is)
{
	struct ask ask = { "POST", "/api/v1/messages", "{\"to\":\"+447700900123\",\"text\":\"x\"}" };
	struct answer a = { 0 };

	lab_ask(&ask, &a);
	expect_refusal(&a, 400, HTTP_CODE_WHICH_ACCOUNT, "acme, bistro");
	ask.body = "{\"to\":\"+447700900123\",\"text\":\"x\",\"account\":\"acne\"}";
	lab_ask(&ask, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "acne");
	lab_ask(&(struct ask){ "GET", "/api/v1/messages?account=acne" }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "acne");
	ck_assert_int_eq(fake_x.posts, 0);
	answer_done(&a);
}
END_TEST

START_TEST(an_account_is_no_operator)
{
	static const char *const paths[][2] = {
		{ "GET", "/api/v1/modems" }, { "POST", "/api/v1/modems/till/pause" },
		{ "POST", "/api/v1/modems/till/accept" }, { "POST", "/api/v1/reload" },
	};
	char *user = lab_user(0);
	struct answer a = { 0 };

	for (size_t i = 0; i < TW_COUNT(paths); i++) {
		lab_ask(&(struct ask){ paths[i][0], paths[i][1], .tcp = true, .user = user }, &a);
		expect_refusal(&a, 403, HTTP_CODE_FORBIDDEN, "operator");
	}
	ck_assert_int_eq(fake_bank.state, MODEM_READY);
	ck_assert_int_eq(lab.reloads, 0);
	lab_ask(&(struct ask){ "GET", "/api/v1/accounts", .tcp = true, .user = user }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_ptr_null(strstr(tw_buf_str(&a.body), "bistro"));
	ck_assert_ptr_null(strstr(tw_buf_str(&a.body), "acme.token"));
	free(user);
	answer_done(&a);
}
END_TEST

START_TEST(token_files_are_made_for_their_owner_alone)
{
	char *path = tw_printf("%s/acme.token", lab.dir), text[64] = "";
	struct stat st;
	FILE *f;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(lab.socket, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	f = fopen(path, "r");
	ck_assert_int_eq(fread(text, 1, sizeof(text), f), 33);
	fclose(f);
	ck_assert_int_eq(strspn(text, "0123456789abcdef"), 32);
	free(path);
}
END_TEST

START_TEST(metrics_are_prometheus_text)
{
	static const char *const lines[] = {
		"# TYPE twoway_uptime_seconds gauge\ntwoway_uptime_seconds 77\n",
		"\ntwoway_queued_messages{lane=\"reply\"} 1\n", "\ntwoway_troubles 1\n",
		"# TYPE twoway_modem_sent_total counter\ntwoway_modem_sent_total{modem=\"till\"} 10\n",
		"\ntwoway_modem_ready{modem=\"till\"} 1\n",
	};
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "GET", "/metrics" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.headers), "text/plain; version=0.0.4"));
	for (size_t i = 0; i < TW_COUNT(lines); i++)
		ck_assert_msg(strstr(tw_buf_str(&a.body), lines[i]) != NULL, "%s lacks %s",
			      tw_buf_str(&a.body), lines[i]);
	answer_done(&a);
}
END_TEST

/* ---- lists, one message, cancel ------------------------------------------------------------ */

START_TEST(lists_are_paged_by_id)
{
	struct answer a = { 0 };
	const char *before = NULL;
	char *path = NULL;
	json_t *root = NULL;
	size_t seen = 0;

	for (int i = 0; i < 5; i++)
		fake_add("acme", "+447700900111", "x");
	do {
		free(path);
		path = tw_printf("/api/v1/messages?limit=2%s%s", before ? "&before=" : "",
				 before ? before : "");
		json_decref(root);
		lab_ask(&(struct ask){ "GET", path }, &a);
		root = parse(&a);
		seen += json_array_size(json_object_get(root, "messages"));
		before = json_string_value(json_object_get(root, "before"));
	} while (before && seen < 10);
	ck_assert_int_eq(seen, 5);
	json_decref(root);
	free(path);
	answer_done(&a);
}
END_TEST

static const struct { const char *query; long status; size_t n; const char *word; } queries[] = {
	{ "?with=%2B447700900111", 200, 2, "" },
	{ "?with=+447700900111", 200, 2, "" },
	{ "?state=canceled", 200, 1, "" },
	{ "?direction=inbound", 200, 0, "" },
	{ "?account=bistro", 200, 1, "" },
	{ "?limit=0", 400, 0, "limit: expected 1 to 1000" },
	{ "?limit=1001", 400, 0, "limit: expected" },
	{ "?limit=x", 400, 0, "limit: expected" },
	{ "?state=gone", 400, 0, "state: expected one of received" },
	{ "?direction=up", 400, 0, "direction: expected" },
	{ "?before=SMx", 400, 0, "before: no message" },
	{ "?wiht=1", 400, 0, "wiht: no such parameter; there are: limit with" },
};

START_TEST(lists_are_filtered)
{
	char *path = tw_printf("/api/v1/messages%s", queries[_i].query);
	struct answer a = { 0 };
	json_t *root;

	fake_add("acme", "+447700900111", "x");
	fake_add("bistro", "+447700900111", "x");
	fake_add("acme", "+447700900112", "x")->state = MESSAGE_CANCELED;
	lab_ask(&(struct ask){ "GET", path }, &a);
	ck_assert_int_eq(a.status, queries[_i].status);
	root = parse(&a);
	if (a.status == 200)
		ck_assert_int_eq(json_array_size(json_object_get(root, "messages")), queries[_i].n);
	else
		ck_assert_msg(strstr(text_in(root, "detail"), queries[_i].word) != NULL, "%s",
			      text_in(root, "detail"));
	json_decref(root);
	free(path);
	answer_done(&a);
}
END_TEST

START_TEST(a_message_is_canceled_while_it_may_be)
{
	struct message *m = fake_add("acme", "+447700900111", "x");
	char *path = tw_printf("/api/v1/messages/%s/cancel", m->id);
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "POST", path }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "\"state\":\"canceled\""));
	lab_ask(&(struct ask){ "POST", path }, &a);
	expect_refusal(&a, 409, HTTP_CODE_NOT_CANCELED, "it is canceled");
	lab_ask(&(struct ask){ "POST", "/api/v1/messages/SM1/cancel" }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "SM1");
	free(path);
	answer_done(&a);
}
END_TEST

/* ---- operators ----------------------------------------------------------------------------- */

START_TEST(modems_are_listed_and_paused)
{
	struct answer a = { 0 };
	json_t *root, *m;

	lab_ask(&(struct ask){ "GET", "/api/v1/modems" }, &a);
	root = parse(&a);
	m = json_array_get(json_object_get(root, "modems"), 0);
	ck_assert_str_eq(text_in(m, "state"), "ready");
	ck_assert_str_eq(text_in(json_object_get(m, "sim"), "operator"), "23410");
	ck_assert_int_eq(json_integer_value(json_object_get(m, "queued")), 40);
	json_decref(root);
	/* A port names a modem too, slashes and all. */
	lab_ask(&(struct ask){ "POST", "/api/v1/modems/%2Fdev%2FttyUSB0/pause" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_int_eq(fake_bank.state, MODEM_PAUSED);
	lab_ask(&(struct ask){ "POST", "/api/v1/modems/till/resume" }, &a);
	ck_assert_int_eq(fake_bank.state, MODEM_READY);
	lab_ask(&(struct ask){ "POST", "/api/v1/modems/tull/resume" }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "tull");
	lab_ask(&(struct ask){ "POST", "/api/v1/modems/till/accept" }, &a);
	expect_refusal(&a, 409, HTTP_CODE_CONFLICT, "no stranger");
	fake_bank.state = MODEM_STRANGER;
	lab_ask(&(struct ask){ "POST", "/api/v1/modems/till/accept" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_int_eq(fake_x.accepted, 1);
	answer_done(&a);
}
END_TEST

/* ---- jobs ---------------------------------------------------------------------------------- */

static void finish_job(void)
{
	fake_x.job.state = JOB_DONE;
}

static void *finish_soon(void *ctx)
{
	(void)ctx;
	while (!fake_x.job.text[0])
		sched_yield();
	lab_do(finish_job);
	return NULL;
}

START_TEST(a_job_is_waited_for)
{
	struct answer a = { 0 };
	pthread_t thread;
	json_t *root;

	ck_assert_int_eq(pthread_create(&thread, NULL, finish_soon, NULL), 0);
	lab_ask(&(struct ask){ "POST", "/api/v1/modems/till/ussd",
			       .body = "{\"code\":\"*100#\",\"answers\":[\"1\",\"2\"]}" }, &a);
	pthread_join(thread, NULL);
	ck_assert_int_eq(a.status, 200);
	root = parse(&a);
	ck_assert_str_eq(text_in(root, "result"), "5.00");
	ck_assert_str_eq(text_in(root, "state"), "done");
	json_decref(root);
	ck_assert_str_eq(fake_x.job.text, "*100#");
	ck_assert_uint_eq(fake_x.job.n_answers, 2);
	ck_assert_ptr_nonnull(strstr(fake_x.job.who, getuid() ? "uid" : "root"));
	lab_ask(&(struct ask){ "GET", "/api/v1/jobs/1" }, &a);
	ck_assert_int_eq(a.status, 200);
	answer_done(&a);
}
END_TEST

START_TEST(a_job_that_takes_long_is_found_later)
{
	struct answer a = { 0 };
	json_t *root;

	fake_x.job.state = JOB_RUNNING;
	lab_ask(&(struct ask){ "GET", "/api/v1/jobs/1?wait=1" }, &a);
	ck_assert_int_eq(a.status, 200);
	root = parse(&a);
	ck_assert_str_eq(text_in(root, "state"), "running");
	json_decref(root);
	fake_x.job.state = JOB_ASKING;
	lab_ask(&(struct ask){ "GET", "/api/v1/jobs/1?wait=10" }, &a);
	ck_assert_int_eq(a.status, 200);
	lab_ask(&(struct ask){ "POST", "/api/v1/jobs/1/answer", .body = "{\"answer\":\"2\"}" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_str_eq(fake_x.job.answer, "2");
	lab_ask(&(struct ask){ "POST", "/api/v1/jobs/1/answer", .body = "{\"answer\":\"2\"}" }, &a);
	expect_refusal(&a, 409, HTTP_CODE_CONFLICT, "does not ask");
	lab_ask(&(struct ask){ "POST", "/api/v1/jobs/1/cancel" }, &a);
	expect_refusal(&a, 409, HTTP_CODE_CONFLICT, "is over");
	lab_ask(&(struct ask){ "GET", "/api/v1/jobs/2" }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "no job 2");
	lab_ask(&(struct ask){ "GET", "/api/v1/jobs/x" }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "no job x");
	lab_ask(&(struct ask){ "GET", "/api/v1/jobs/1?wait=11" }, &a);
	expect_refusal(&a, 400, HTTP_CODE_PARAMETER, "wait");
	lab_ask(&(struct ask){ "GET", "/api/v1/audit?limit=5" }, &a);
	ck_assert_int_eq(a.status, 200);
	answer_done(&a);
}
END_TEST

START_TEST(contacts_and_consent)
{
	struct answer a = { 0 };
	json_t *root;

	lab_ask(&(struct ask){ "GET", "/api/v1/contacts?account=acme&list=offers&limit=1" }, &a);
	ck_assert_int_eq(a.status, 200);
	root = parse(&a);
	ck_assert_int_eq(json_array_size(json_object_get(root, "contacts")), 1);
	ck_assert_str_eq(text_in(root, "after"), "7");
	json_decref(root);
	lab_ask(&(struct ask){ "GET", "/api/v1/contacts?with=%2B447700900100&after=7" }, &a);
	root = parse(&a);
	ck_assert_int_eq(json_array_size(json_object_get(root, "contacts")), 0);
	ck_assert(json_is_null(json_object_get(root, "after")));
	json_decref(root);
	lab_ask(&(struct ask){ "GET", "/api/v1/contacts?account=acme&list=offer" }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "no list offer");
	lab_ask(&(struct ask){ "GET", "/api/v1/contacts?list=offers" }, &a);
	expect_refusal(&a, 400, HTTP_CODE_WHICH_ACCOUNT, "of which account");
	lab_ask(&(struct ask){ "GET", "/api/v1/contacts?limit=many" }, &a);
	expect_refusal(&a, 400, HTTP_CODE_PARAMETER, "limit");
	lab_ask(&(struct ask){ "POST", "/api/v1/contacts/+447700900100/erase?account=acme" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_msg(strstr(fake_x.erased, "acme +447700900100 by ") == fake_x.erased, "%s",
		      fake_x.erased);
	lab_ask(&(struct ask){ "POST", "/api/v1/contacts/+447700900199/erase" }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "no contact +447700900199");
	lab_ask(&(struct ask){ "GET", "/api/v1/consent?account=acme&limit=1&after=1" }, &a);
	root = parse(&a);
	ck_assert_str_eq(text_in(root, "account"), "acme");
	ck_assert_str_eq(text_in(root, "after"), "2");
	json_decref(root);
	lab_ask(&(struct ask){ "GET", "/api/v1/consent" }, &a);
	expect_refusal(&a, 400, HTTP_CODE_WHICH_ACCOUNT, "which one");
	lab_ask(&(struct ask){ "GET", "/api/v1/consent/heads?account=acme" }, &a);
	ck_assert_str_eq(tw_buf_str(&a.body), "{\"heads\":[{\"account\":\"acme\",\"sequence\":2,\"link\":"
			 "\"abababababababababababababababababababababababababababababababab\"}]}\n");
	answer_done(&a);
}
END_TEST

START_TEST(contacts_are_brought_along)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "POST", "/api/v1/contacts", .body = "{\"account\":\"acme\",\"list\":"
		"\"offers\",\"source\":\"form\",\"rows\":[{\"number\":\"+1\"},{\"number\":\"+2\",\"name\":"
		"\"Anna\",\"zone\":null,\"fields\":{\"city\":\"Bergen\"}}]}" }, &a);
	ck_assert_str_eq(tw_buf_str(&a.body), "{\"rows\":[{\"what\":\"joined\",\"text\":null},{\"what\":"
			 "\"known\",\"text\":null}]}\n");
	ck_assert_str_eq(fake_x.imported, "acme offers form: 2, +2 Anna city=Bergen");
	answer_done(&a);
}
END_TEST

static const struct { const char *body, *says; } bad_imports[] = {
	{ "[]", "no object" },
	{ "{", "not JSON" },
	{ "{\"account\":\"acme\",\"list\":\"l\",\"source\":\"s\"}", "rows" },
	{ "{\"account\":\"acme\",\"list\":5,\"source\":\"s\",\"rows\":[{}]}", "list" },
	{ "{\"account\":\"acme\",\"list\":\"l\",\"source\":\"s\",\"rows\":[{\"number\":5}]}", "number" },
	{ "{\"account\":\"acme\",\"list\":\"l\",\"source\":\"s\",\"rows\":[{\"fields\":[]}]}", "fields" },
	{ "{\"list\":\"l\",\"source\":\"s\",\"rows\":[{\"number\":\"+1\"}]}", "which one" },
	{ "{\"account\":\"nobody\",\"list\":\"l\",\"source\":\"s\",\"rows\":[{}]}", "no account" },
};

START_TEST(a_bad_import_is_refused)
{
	struct answer a = { 0 };
	json_t *root;

	lab_ask(&(struct ask){ "POST", "/api/v1/contacts", .body = bad_imports[_i].body }, &a);
	ck_assert_int_ge(a.status, 400);
	root = parse(&a);
	ck_assert_msg(strstr(text_in(root, "detail"), bad_imports[_i].says) != NULL, "%s",
		      text_in(root, "detail"));
	json_decref(root);
	answer_done(&a);
}
END_TEST

START_TEST(a_job_that_is_not_on_disk_is_507)
{
	struct answer a = { 0 };

	lab_do(use_failing_turn);
	lab_ask(&(struct ask){ "POST", "/api/v1/modems/till/at", .body = "{\"command\":\"AT+CSQ\"}" },
		&a);
	expect_refusal(&a, 507, HTTP_CODE_NOT_COMMITTED, "nothing was changed");
	answer_done(&a);
}
END_TEST

static const struct { const char *path, *body; const char *says; } bad_jobs[] = {
	{ "/api/v1/modems/till/at", "{}", "command" },
	{ "/api/v1/modems/till/at", "[]", "object" },
	{ "/api/v1/modems/till/at", "{", "JSON" },
	{ "/api/v1/modems/till/at", "{\"command\":\"AT\",\"forse\":true}", "force" },
	{ "/api/v1/modems/till/at", "{\"command\":\"AT\",\"force\":\"yes\"}", "true or false" },
	{ "/api/v1/modems/till/at", "{\"command\":\"AT\\u0000+CSQ\"}", "JSON" },
	{ "/api/v1/modems/till/ussd", "{\"code\":5}", "code" },
	{ "/api/v1/modems/till/ussd", "{\"code\":\"*1#\",\"answers\":\"1\"}", "answers" },
	{ "/api/v1/modems/till/ussd", "{\"code\":\"*1#\",\"answers\":[1]}", "answers" },
	{ "/api/v1/jobs/1/answer", "{}", "answer" },
};

START_TEST(bad_jobs_are_named)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "POST", bad_jobs[_i].path, .body = bad_jobs[_i].body }, &a);
	expect_refusal(&a, 400, HTTP_CODE_PARAMETER, bad_jobs[_i].says);
	answer_done(&a);
}
END_TEST

START_TEST(a_backup_is_made_in_slices)
{
	struct answer a = { 0 };
	char *rest;

	lab_ask(&(struct ask){ "GET", "/api/v1/backup" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_str_eq(tw_buf_str(&a.body), "a database");
	ck_assert_int_eq(fake_backup.slices, 0);
	ck_assert_int_eq(fake_backups_open, 0);
	rest = tw_printf("%s/twoway.db.backup", lab.dir);
	ck_assert_int_ne(access(rest, F_OK), 0);
	free(rest);
	answer_done(&a);
}
END_TEST

START_TEST(reload_answers_findings)
{
	struct answer a = { 0 };
	json_t *root;

	lab_ask(&(struct ask){ "POST", "/api/v1/reload" }, &a);
	ck_assert_int_eq(a.status, 200);
	root = parse(&a);
	ck_assert(json_is_true(json_object_get(root, "ok")));
	ck_assert_str_eq(text_in(json_array_get(json_object_get(root, "findings"), 0), "severity"),
			 "warning");
	json_decref(root);
	lab.reload_result = TW_E_CONFIG;
	lab_ask(&(struct ask){ "POST", "/api/v1/reload" }, &a);
	expect_refusal(&a, 422, HTTP_CODE_CONFIG, "stays");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "\"line\":7"));
	ck_assert_int_eq(lab.reloads, 2);
	answer_done(&a);
}
END_TEST

START_TEST(status_and_accounts_are_told)
{
	struct answer a = { 0 };
	json_t *root;

	lab_ask(&(struct ask){ "GET", "/api/v1/status" }, &a);
	root = parse(&a);
	ck_assert(json_is_true(json_object_get(root, "ok")));
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(root, "queue"),
							    "campaign")), 3);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(root, "troubles"), 0)),
			 "a \"trouble\"");
	json_decref(root);
	lab_ask(&(struct ask){ "GET", "/api/v1/accounts" }, &a);
	root = parse(&a);
	ck_assert_int_eq(json_array_size(json_object_get(root, "accounts")), 2);
	/* AC and the first 32 hex digits of SHA-256("acme"). */
	ck_assert_str_eq(text_in(json_array_get(json_object_get(root, "accounts"), 0), "sid"),
			 "AC822b33ad87c148a0a20a5ba7cd5ebcaa");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "acme.token"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "+447700900001"));
	json_decref(root);
	answer_done(&a);
}
END_TEST

START_TEST(methods_and_paths_are_checked)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "DELETE", "/api/v1/messages" }, &a);
	expect_refusal(&a, 405, HTTP_CODE_METHOD, "POST");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.headers), "Allow: POST, GET, HEAD"));
	lab_ask(&(struct ask){ "GET", "/api/v2" }, &a);
	expect_refusal(&a, 404, HTTP_CODE_UNKNOWN, "/api/v2");
	lab_ask(&(struct ask){ "HEAD", "/api/v1/status" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_int_eq(a.body.n, 0);
	lab_ask(&(struct ask){ "HEAD", "/api/v1/events" }, &a);
	ck_assert_int_eq(a.status, 200);
	answer_done(&a);
}
END_TEST

/* ---- who is slow --------------------------------------------------------------------------- */

static void age_connections(void)
{
	for (struct http_conn *c = lab.http->conns; c; c = c->next)
		c->since.ms -= HTTP_REQUEST_MS;
}

START_TEST(who_dribbles_is_cut_off)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct answer answer = { 0 };
	char c;

	tw_strset(a.sun_path, sizeof(a.sun_path), lab.socket);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(write(fd, "GET /healthz HT", 15), 15);
	/* Answered after the connection above was taken: accepted in the order of their coming. */
	lab_ask(&(struct ask){ "GET", "/healthz" }, &answer);
	ck_assert_int_eq(answer.status, 200);
	ck_assert_ptr_nonnull(lab.http->conns);
	lab_do(age_connections);
	ck_assert_int_eq(read(fd, &c, 1), 0);
	close(fd);
	answer_done(&answer);
}
END_TEST

/* ---- without a database -------------------------------------------------------------------- */

static void setup_without(void)
{
	lab.without_exchange = true;
	lab_start();
}

START_TEST(without_an_exchange_only_little_is_answered)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "GET", "/api/v1/status" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "\"database\":\"no database\""));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "\"ok\":false"));
	lab_ask(&send_hello, &a);
	expect_refusal(&a, 503, HTTP_CODE_UNAVAILABLE, "not possible now");
	lab_ask(&(struct ask){ "POST", "/api/v1/reload" }, &a);
	ck_assert_int_eq(a.status, 200);
	answer_done(&a);
}
END_TEST

/* ---- TLS ----------------------------------------------------------------------------------- */

static void setup_tls(void)
{
	lab.tls = true;
	lab_start();
}

START_TEST(tls_carries_the_same)
{
	char *user = lab_user(0);
	struct ask ask = send_hello;
	struct answer a = { 0 };

	ask.tcp = true;
	ask.user = user;
	lab_ask(&ask, &a);
	ck_assert_int_eq(a.status, 201);
	ck_assert_str_eq(fake_x.last_account, "acme");
	/* The unix socket stays plain. */
	lab_ask(&(struct ask){ "GET", "/api/v1/status" }, &a);
	ck_assert_int_eq(a.status, 200);
	free(user);
	answer_done(&a);
}
END_TEST

START_TEST(half_a_pair_is_refused)
{
	static char none[1] = "", junk[] = "vectors/http_post.tsv";
	struct http_setup setup_ = { .settings = &lab.settings, .loop = lab.loop };
	char *error = NULL, *key = lab.settings.api.key;
	struct http *h;

	lab.settings.api.socket = none;
	lab.settings.api.key = none;
	ck_assert_int_eq(http_new(&setup_, &h, &error), TW_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(error, "give both or none"));
	free(error);
	lab.settings.api.key = junk;
	ck_assert_int_lt(http_new(&setup_, &h, &error), 0);
	ck_assert_ptr_nonnull(strstr(error, "a pair in PEM form"));
	free(error);
	lab.settings.api.key = key;
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("http_server");
	TCase *with = tcase_create("with an exchange"), *without = tcase_create("without");
	TCase *tls = tcase_create("tls");

	tcase_set_timeout(with, 60);
	tcase_add_checked_fixture(with, setup, teardown);
	tcase_add_test(with, healthz_is_open_to_all);
	tcase_add_test(with, healthz_says_what_is_wrong);
	tcase_add_test(with, a_message_is_answered_after_its_commit);
	tcase_add_test(with, a_failed_commit_is_507);
	tcase_add_test(with, a_refusal_of_the_exchange_passes_through);
	tcase_add_test(with, an_idempotency_key_gives_the_first_message);
	tcase_add_loop_test(with, a_bad_body_is_named, 0, TW_COUNT(bad));
	tcase_add_test(with, a_large_body_is_refused);
	tcase_add_test(with, tcp_wants_a_login);
	tcase_add_test(with, a_wrong_token_does_not_enter);
	tcase_add_test(with, an_account_sees_only_its_own);
	tcase_add_test(with, an_account_sends_as_itself);
	tcase_add_test(with, an_operator_says_whose_message_it_is);
	tcase_add_test(with, an_account_is_no_operator);
	tcase_add_test(with, metrics_are_prometheus_text);
	tcase_add_test(with, token_files_are_made_for_their_owner_alone);
	tcase_add_test(with, lists_are_paged_by_id);
	tcase_add_loop_test(with, lists_are_filtered, 0, TW_COUNT(queries));
	tcase_add_test(with, a_message_is_canceled_while_it_may_be);
	tcase_add_test(with, modems_are_listed_and_paused);
	tcase_add_test(with, a_job_is_waited_for);
	tcase_add_test(with, a_job_that_takes_long_is_found_later);
	tcase_add_test(with, contacts_and_consent);
	tcase_add_test(with, contacts_are_brought_along);
	tcase_add_loop_test(with, a_bad_import_is_refused, 0, TW_COUNT(bad_imports));
	tcase_add_test(with, a_job_that_is_not_on_disk_is_507);
	tcase_add_loop_test(with, bad_jobs_are_named, 0, TW_COUNT(bad_jobs));
	tcase_add_test(with, a_backup_is_made_in_slices);
	tcase_add_test(with, reload_answers_findings);
	tcase_add_test(with, status_and_accounts_are_told);
	tcase_add_test(with, methods_and_paths_are_checked);
	tcase_add_test(with, who_dribbles_is_cut_off);
	suite_add_tcase(s, with);
	tcase_add_checked_fixture(without, setup_without, teardown);
	tcase_add_test(without, without_an_exchange_only_little_is_answered);
	suite_add_tcase(s, without);
	tcase_add_checked_fixture(tls, setup_tls, teardown);
	tcase_add_test(tls, tls_carries_the_same);
	tcase_add_test(tls, half_a_pair_is_refused);
	suite_add_tcase(s, tls);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	curl_global_init(CURL_GLOBAL_NOTHING);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
