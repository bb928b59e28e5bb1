/* Requests that nobody should make: each gets the right 4xx, or its connection closed; nothing is queued in part,
 * and the next one is answered as if nothing had been. */
#include "fake_exchange.c"
#include "http_lab.c"

#include <jansson.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

static struct answer last;
static json_t *json;

static void setup(void)
{
	lab_start();
}

static void teardown(void)
{
	json_decref(json);
	json = NULL;
	answer_done(&last);
	lab_stop();
}

static void ask(const char *method, const char *path, const char *body)
{
	json_decref(json);
	lab_ask(&(struct ask){ method, path, body }, &last);
	json = json_loadb(tw_buf_str(&last.body), last.body.n, JSON_REJECT_DUPLICATES, NULL);
}

static const char *text(const char *name)
{
	return json_string_value(json_object_get(json, name));
}

/* ---- bodies -------------------------------------------------------------------------------- */

#define SEND "POST /api/v1/messages"
#define BOOK "POST /api/v1/appointments"
#define PUT_ONE "PUT /api/v1/contacts/%2B447700900100?account=acme"
#define BRING "POST /api/v1/contacts"
#define CAMPAIGN "POST /api/v1/campaigns"

static const struct { const char *request, *body, *field; } bodies[] = {
	{ SEND, "", NULL },
	{ SEND, "null", NULL }, { SEND, "[]", NULL }, { SEND, "\"to\"", NULL }, { SEND, "7", NULL },
	{ SEND, "{", NULL }, { SEND, "{} {}", NULL }, { SEND, "{\"to\":\"+1\",\"text\":\"x\"}x", NULL },
	{ SEND, "{'to':'+1'}", NULL }, { SEND, "{\"to\":\"+1\",}", NULL },
	{ SEND, "\xef\xbb\xbf{\"to\":\"+1\",\"text\":\"x\"}", NULL },	/* RFC 8259 8.1 */
	{ SEND, "{\"to\":\"+1\",\"text\":\"\xff\"}", NULL },
	{ SEND, "{\"to\":\"+1\",\"text\":\"\xed\xa0\x80\"}", NULL },	/* a surrogate in UTF-8 */
	{ SEND, "{\"to\":\"+1\",\"text\":\"\\ud800\"}", NULL },
	{ SEND, "{\"to\":\"+1\",\"text\":\"\\udc00\\ud800\"}", NULL },
	{ SEND, "{\"to\":\"+1\",\"text\":\"a\\u0000b\"}", NULL },
	{ SEND, "{\"to\\u0000\":\"+1\",\"text\":\"x\"}", NULL },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"to\":\"+2\"}", "to" },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"txt\":\"y\"}", "txt" },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"\":1}", NULL },
	{ SEND, "{\"to\":447700900123,\"text\":\"x\"}", "to" },
	{ SEND, "{\"to\":[\"+1\"],\"text\":\"x\"}", "to" },
	{ SEND, "{\"to\":\"+1\",\"text\":{}}", "text" },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"valid_for\":1e400}", NULL },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"valid_for\":99999999999999999999}", NULL },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"valid_for\":60}", "valid_for" },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"valid_for\":\"-1m\"}", "valid_for" },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"valid_for\":\"99999999999999d\"}", "valid_for" },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"send_at\":\"2026-02-30T09:00:00Z\"}", "send_at" },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"send_at\":\"2026-05-04 09:00\"}", "send_at" },
	{ SEND, "{\"to\":\"+1\",\"text\":\"x\",\"account\":true}", "account" },
	{ BOOK, "{}", "calendar" },
	{ BOOK, "{\"calendar\":\"c\",\"to\":\"+1\",\"starts_at\":5}", "starts_at" },
	{ BOOK, "{\"account\":\"acme\",\"calendar\":\"c\",\"to\":\"+1\",\"starts_at\":\"soon\"}",
	  "starts_at" },
	{ BOOK, "{\"calender\":\"c\"}", "calender" },
	{ PUT_ONE, "{\"name\":\"a\",\"name\":\"b\"}", "name" },
	{ PUT_ONE, "{\"fields\":{\"a\":\"1\",\"a\":\"2\"}}", "a" },
	{ PUT_ONE, "{\"fields\":null}", "fields" },
	{ PUT_ONE, "{\"tag\":{}}", "tag" },
	{ BRING, "{\"account\":\"acme\",\"list\":\"l\",\"source\":\"paper\",\"rows\":[5]}", "rows[0]" },
	{ BRING, "{\"account\":\"acme\",\"list\":\"l\",\"source\":\"paper\",\"rows\":[{},{\"zone\":1}]}",
	  "rows[1].zone" },
	{ BRING, "{\"account\":\"acme\",\"list\":\"l\",\"source\":\"paper\",\"rows\":[{\"nummer\":\"+1\"}]}",
	  "rows[0].nummer" },
	{ BRING, "{\"account\":\"acme\",\"list\":\"l\",\"source\":\"paper\",\"rows\":"
	  "[{\"number\":\"+1\",\"fields\":{\"a\":1}}]}", "rows[0].fields.a" },
	{ BRING, "{\"account\":\"acme\",\"list\":\"l\",\"source\":\"paper\",\"rows\":{}}", "rows" },
	{ CAMPAIGN, "{\"account\":\"acme\",\"pace\":1.5}", "pace" },
	{ CAMPAIGN, "{\"account\":\"acme\",\"pace\":-1}", "pace" },
	{ CAMPAIGN, "{\"account\":\"acme\",\"arms\":[{\"wait\":1}]}", "arms[0].wait" },
	{ "POST /api/v1/modems/till/at", "{\"command\":7}", "command" },
	{ "POST /api/v1/modems/till/at", "{\"command\":\"AT\",\"force\":\"yes\"}", "force" },
	{ "POST /api/v1/modems/till/ussd", "{\"code\":\"*1#\",\"answers\":[1]}", "answers[0]" },
	{ "POST /api/v1/modems/till/ussd", "{\"code\":\"*1#\",\"answers\":\"1\"}", "answers" },
	{ "PUT /api/v1/settings/report", "{\"value\":true,\"other\":1}", "other" },
	{ "PUT /api/v1/settings/max_segments", "{\"value\":99999999999999999999}", NULL },
	{ "POST /api/v1/tickets/7/answer?account=acme", "{\"text\":\"x\",\"to\":\"y\"}", "to" },
	{ "POST /api/v1/tickets/7/answer?account=acme", "{}", "text" },
	{ "POST /api/v1/conversations/+1/take?account=acme", "{\"text\":\"x\"}", "text" },
	{ "POST /api/v1/contacts/+1/leave?account=acme", "{\"source\":\"x\",\"lists\":\"y\"}", "lists" },
	{ "POST /api/v1/tokens", "{\"name\":\"a\",\"name\":\"b\"}", "name" },
};

START_TEST(a_body_that_cannot_be_is_named)
{
	char method[8] = "";
	const char *space = strchr(bodies[_i].request, ' ');

	tw_strsetn(method, sizeof(method), bodies[_i].request, (size_t)(space - bodies[_i].request));
	ask(method, space + 1, bodies[_i].body);
	ck_assert_msg(last.status == 400, "%s %s: %ld %s", bodies[_i].request, bodies[_i].body,
		      last.status, tw_buf_str(&last.body));
	ck_assert_msg(!bodies[_i].field == !text("field") &&
		      (!text("field") || !strcmp(text("field"), bodies[_i].field)), "%s %s: %s",
		      bodies[_i].request, bodies[_i].body, tw_buf_str(&last.body));
	ck_assert_int_eq(fake_x.posts + fake_x.bookings + fake_x.imports + fake_x.job.started, 0);
	ck_assert_str_eq(fake_x.imported, "");
	ck_assert_uint_eq(fake_store.n_tokens, 0);
	ck_assert_str_eq(fake_store.setting, "");
}
END_TEST

START_TEST(deep_bodies_are_refused)
{
	struct tw_buf b = { 0 };

	for (int i = 0; i < 12000; i++)
		tw_buf_adds(&b, i % 2 ? "[" : "{\"to\":");
	ask("POST", "/api/v1/messages", tw_buf_str(&b));
	ck_assert_int_eq(last.status, 400);
	tw_buf_done(&b);
}
END_TEST

/* ---- queries ------------------------------------------------------------------------------- */

static const struct { const char *path, *field; } queries[] = {
	{ "/api/v1/messages?limit=0", "limit" }, { "/api/v1/messages?limit=1001", "limit" },
	{ "/api/v1/messages?limit=1e2", "limit" }, { "/api/v1/messages?limit=+5", "limit" },
	{ "/api/v1/messages?limit=18446744073709551617", "limit" },
	{ "/api/v1/messages?limit=5&limit=6", "limit" }, { "/api/v1/messages?Limit=5", "Limit" },
	{ "/api/v1/messages?with=%00", "with" }, { "/api/v1/messages?with=%2B44%00&limit=5", "with" },
	{ "/api/v1/messages?with=%ff", "with" }, { "/api/v1/messages?state=Sent", "state" },
	{ "/api/v1/contacts?limit=0", "limit" }, { "/api/v1/contacts?after=-1", "after" },
	{ "/api/v1/contacts?after=99999999999999999999", "after" },
	{ "/api/v1/consent?account=acme&limit=0", "limit" },
	{ "/api/v1/vouchers?account=acme&limit=0", "limit" },
	{ "/api/v1/pledges?account=acme&before=x", "before" },
	{ "/api/v1/keywords?limit=0", "limit" }, { "/api/v1/keywords?after=x", "after" },
	{ "/api/v1/goals/bought?account=acme&after=x", "after" },
	{ "/api/v1/stats?from=2026-05-04", "from" }, { "/api/v1/stats?lines=yes", "lines" },
	{ "/api/v1/appointments?canceled=1", "canceled" }, { "/api/v1/appointments?after=5", "after" },
	{ "/api/v1/audit?limit=0", "limit" }, { "/api/v1/campaigns?limit=0", "limit" },
	{ "/api/v1/tickets?state=none", "state" }, { "/api/v1/jobs/1?wait=99", "wait" },
	{ "/api/v1/goals", "account" }, { "/api/v1/pledges/totals", "account" },
};

START_TEST(a_query_that_cannot_be_is_named)
{
	ask("GET", queries[_i].path, NULL);
	ck_assert_msg(last.status == 400, "%s: %ld %s", queries[_i].path, last.status,
		      tw_buf_str(&last.body));
	ck_assert_msg(text("field") && !strcmp(text("field"), queries[_i].field), "%s: %s",
		      queries[_i].path, tw_buf_str(&last.body));
}
END_TEST

/* ---- as octets ----------------------------------------------------------------------------- */

static int connect_socket(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = 20 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	tw_strset(a.sun_path, sizeof(a.sun_path), lab.socket);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* What comes back until the server closes; where it is not waited for, the client goes half-way. */
static void talk(const char *out, size_t n, bool waits, struct tw_buf *in)
{
	int fd = connect_socket();
	char block[4096];
	ssize_t got;

	for (size_t sent = 0; sent < n;) {
		ssize_t k = send(fd, out + sent, n - sent, MSG_NOSIGNAL);

		if (k <= 0)
			break;
		sent += (size_t)k;
	}
	if (!waits) {
		close(fd);
		return;
	}
	while ((got = recv(fd, block, sizeof(block), 0)) > 0)
		tw_buf_add(in, block, (size_t)got);
	ck_assert_msg(got == 0 || errno == ECONNRESET, "nothing came and it was not closed");
	close(fd);
}

#define HEAD "Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
#define BODY "{\"account\":\"acme\",\"to\":\"+447700900123\",\"text\":\"x\"}"

/* statuses: what may be answered, by us or by one of the library's versions; -: or it is closed without
 * a word. "": the request never ends. */
static const struct { const char *out; size_t n; const char *statuses; int posts; } raws[] = {
#define RAW(out, ...) { out, sizeof(out) - 1, __VA_ARGS__ }
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Content-Length: 50\r\n\r\n" BODY, "201", 1),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Content-Length: 500\r\n\r\n" BODY, "", 0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Content-Length: -5\r\n\r\n" BODY, "400 413", 0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Content-Length: 99999999999999999999999\r\n\r\n" BODY,
	    "400 413", 0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Content-Length: 5\r\nContent-Length: 50\r\n\r\n"
	    BODY, "400", 0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n32\r\n" BODY
	    "\r\n0\r\n\r\n", "201", 1),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n32\r\n" BODY, "", 0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n"
	    "FFFFFFFFFFFFFFFFF\r\n" BODY, "400 413", 0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n-1\r\n" BODY, "400",
	    0),
	/* Two lengths: what stands between two servers could be told two stories (RFC 9112, 6.1). */
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n"
	    "\r\n0\r\n\r\n", "400", 0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Transfer-Encoding: gzip\r\n\r\n" BODY, "400 501",
	    0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked, identity\r\n\r\n"
	    "32\r\n" BODY "\r\n0\r\n\r\n", "400 501", 0),
	RAW("POST /api/v1/messages HTTP/1.1\r\n" HEAD "Expect: 200-ok\r\nContent-Length: 50\r\n\r\n" BODY,
	    "201 417", -1),
	RAW("GET /api/v1/messages HTTP/1.1\r\nConnection: close\r\n\r\n", "400", 0),		/* no Host */
	RAW("GET /api/v1/messages\r\n\r\n", "", 0),
	RAW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 505", 0),
	RAW("GET /api/v1/messages HTTP/9.9\r\n" HEAD "\r\n", "400 505", 0),
	RAW("GET /api/v1/messages HTTP/1.1\r\n" HEAD "nothing here\r\n\r\n", "400", 0),
	RAW("GET /api/v1/mess\0ages HTTP/1.1\r\n" HEAD "\r\n", "- 400 404", 0),
	RAW("GET /api/v1/messages%00x HTTP/1.1\r\n" HEAD "\r\n", "400 404", 0),
	RAW("GET /api/v1/../v1/messages HTTP/1.1\r\n" HEAD "\r\n", "404", 0),
	RAW("OPTIONS /api/v1/messages HTTP/1.1\r\n" HEAD "\r\n", "405", 0),
	RAW("OPTIONS * HTTP/1.1\r\n" HEAD "\r\n", "404 405", 0),
	RAW("TRACE /api/v1/messages HTTP/1.1\r\n" HEAD "\r\n", "405", 0),
	RAW("CONNECT example.org:443 HTTP/1.1\r\n" HEAD "\r\n", "400 404 405", 0),
	RAW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "", 0),		/* TLS */
	RAW("", "", 0),
};

static bool allows(const char *statuses, const struct tw_buf *in)
{
	char status[4] = "";

	if (!in->n)
		return !*statuses || *statuses == '-';
	if (in->n < 12 || strncmp(in->p, "HTTP/1.", 7))
		return false;
	tw_strsetn(status, sizeof(status), in->p + 9, 3);
	return *statuses && strstr(statuses, status);
}

START_TEST(octets_that_are_no_request)
{
	struct tw_buf in = { 0 };

	talk(raws[_i].out, raws[_i].n, *raws[_i].statuses, &in);
	ck_assert_msg(allows(raws[_i].statuses, &in), "%s\n---\n%s", raws[_i].out, tw_buf_str(&in));
	if (raws[_i].posts >= 0)
		ck_assert_int_eq(fake_x.posts, raws[_i].posts);
	/* Whatever may hide in the body is no second request. (The library tells some of its own refusals
	 * twice before it closes.) */
	ck_assert_msg(!in.n || !strstr(in.p + 5, "\nHTTP/1.1 2"), "%s", in.p);
	ask("GET", "/api/v1/messages", NULL);
	ck_assert_int_eq(last.status, 200);
	tw_buf_done(&in);
}
END_TEST

START_TEST(headers_have_an_end)
{
	struct tw_buf out = { 0 }, in = { 0 };

	tw_buf_adds(&out, "GET /api/v1/messages HTTP/1.1\r\n" HEAD);
	for (int i = 0; i < 4000; i++)
		tw_buf_addf(&out, "X-%d: 0123456789012345678901234567890\r\n", i);
	tw_buf_adds(&out, "\r\n");
	talk(out.p, out.n, true, &in);
	ck_assert_msg(allows("400 413 431", &in) || !in.n, "%s", tw_buf_str(&in));
	tw_buf_clear(&out);
	tw_buf_clear(&in);
	tw_buf_adds(&out, "GET /api/v1/messages?with=");
	for (int i = 0; i < 40000; i++)
		tw_buf_addc(&out, 'a');
	tw_buf_adds(&out, " HTTP/1.1\r\n" HEAD "\r\n");
	talk(out.p, out.n, true, &in);
	ck_assert_msg(allows("400 413 414 431", &in) || !in.n, "%s", tw_buf_str(&in));
	ask("GET", "/api/v1/messages", NULL);
	ck_assert_int_eq(last.status, 200);
	tw_buf_done(&out);
	tw_buf_done(&in);
}
END_TEST

/* Every route, by every method that it does not have: 405 with the methods that it has, or 404. */
START_TEST(methods_are_told)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS" };
	struct tw_buf name = { 0 }, owner = { 0 }, allow = { 0 };
	int refused = 0;

	for (size_t i = 0; i < http_routes_n; i++) {
		if (strchr(http_routes[i].pattern, '*') || strchr(http_routes[i].pattern, '{') ||
		    !http_routes[i].scope)
			continue;
		for (size_t k = 0; k < TW_COUNT(methods); k++) {
			if (http_route_find(methods[k], http_routes[i].pattern, &name, &owner, &allow))
				continue;
			ask(methods[k], http_routes[i].pattern, NULL);
			ck_assert_msg(last.status == 405, "%s %s: %ld", methods[k], http_routes[i].pattern,
				      last.status);
			ck_assert_ptr_nonnull(strstr(tw_buf_str(&last.headers), "Allow: "));
			refused++;
		}
	}
	ck_assert_int_gt(refused, 100);
	tw_buf_done(&name);
	tw_buf_done(&owner);
	tw_buf_done(&allow);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_hostile");
	TCase *c = tcase_create("hostile");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, a_body_that_cannot_be_is_named, 0, TW_COUNT(bodies));
	tcase_add_test(c, deep_bodies_are_refused);
	tcase_add_loop_test(c, a_query_that_cannot_be_is_named, 0, TW_COUNT(queries));
	tcase_add_loop_test(c, octets_that_are_no_request, 0, TW_COUNT(raws));
	tcase_add_test(c, headers_have_an_end);
	tcase_add_test(c, methods_are_told);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
