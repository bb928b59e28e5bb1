/* Twilio's surface as its clients see it: forms in, objects, dates, lists and errors out. */
#include "fake_exchange.c"
#include "http_lab.c"

#include <jansson.h>

#define FORM "Content-Type: application/x-www-form-urlencoded"

static char *user, sid[36], pool_sid[36];
static char pool_name[] = "uk", pool_number[] = "+447700900001", *pool_numbers[] = { pool_number };
static struct settings_pool pools[] = { { pool_name, { pool_numbers, 1 } } };
static struct answer last;
static json_t *json;

static void setup(void)
{
	lab_start();
	fake_x.pools = pools;
	fake_x.n_pools = 1;
	user = lab_user(0);
	tw_strsetn(sid, sizeof(sid), user, 34);
	twilio_sid("MG", "acme", "uk", pool_sid);
}

static void teardown(void)
{
	json_decref(json);
	json = NULL;
	answer_done(&last);
	free(user);
	lab_stop();
}

/* rest: behind the account's path. */
static void ask(const char *method, const char *rest, const char *form)
{
	char *path = *rest == '!' ? tw_strdup(rest + 1) :
		     tw_printf("/2010-04-01/Accounts/%s%s", sid, rest);

	json_decref(json);
	lab_ask(&(struct ask){ method, path, form, user, form ? FORM : NULL, .tcp = true }, &last);
	json = json_loadb(tw_buf_str(&last.body), last.body.n, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(json != NULL || last.status == 204, "%s", tw_buf_str(&last.body));
	free(path);
}

static const char *text(const char *name)
{
	return json_string_value(json_object_get(json, name));
}

START_TEST(a_create_is_taken)
{
	static const char *const keys[] = { "sid", "account_sid", "api_version",
		"messaging_service_sid", "direction", "from", "to", "body", "status", "num_segments",
		"num_media", "price", "price_unit", "error_code", "error_message", "date_created",
		"date_updated", "date_sent", "uri", "subresource_uris" };
	char *uri;

	ask("POST", "/Messages.json", "To=%2B447700900123&From=%2B447700900001&Body=Gr%C3%BC%C3%9Fe+"
	    "%26+1%2B1%3D2&StatusCallback=&Unknown=x&SmartEncoded=true&ValidityPeriod=120");
	ck_assert_int_eq(last.status, 201);
	ck_assert_str_eq(fake_x.last_text, "Grüße & 1+1=2");
	ck_assert_str_eq(fake_x.last_from, "+447700900001");
	ck_assert_str_eq(fake_x.last_account, "acme");
	ck_assert(fake_x.last_smart);
	ck_assert_int_eq(fake_x.last_valid_for, 120000);
	for (size_t i = 0; i < TW_COUNT(keys); i++)
		ck_assert_msg(json_object_get(json, keys[i]) != NULL, "%s", keys[i]);
	ck_assert_uint_eq(json_object_size(json), TW_COUNT(keys));
	ck_assert_str_eq(text("account_sid"), sid);
	ck_assert_str_eq(text("status"), "accepted");
	ck_assert_str_eq(text("num_segments"), "0");
	ck_assert_str_eq(text("num_media"), "0");
	ck_assert_str_eq(text("direction"), "outbound-api");
	ck_assert_str_eq(text("date_created"), "Mon, 04 May 2026 09:00:00 +0000");
	ck_assert(json_is_null(json_object_get(json, "date_sent")));
	ck_assert(json_is_null(json_object_get(json, "error_code")));
	uri = tw_printf("/2010-04-01/Accounts/%s/Messages/%s.json", sid, text("sid"));
	ck_assert_str_eq(text("uri"), uri);
	free(uri);
}
END_TEST

START_TEST(a_service_is_a_pool)
{
	char *form = tw_printf("To=%%2B447700900123&MessagingServiceSid=%s&Body=x", pool_sid);

	ask("POST", "/Messages.json", form);
	ck_assert_int_eq(last.status, 201);
	ck_assert_str_eq(fake_x.last_pool, "uk");
	free(form);
}
END_TEST

#define TO "To=%2B447700900123&"
#define FROM "From=%2B447700900001&"
static const struct { const char *form; long status; int code; } bad[] = {
	{ FROM "Body=x", 400, 21604 },
	{ "To=&" FROM "Body=x", 400, 21604 },
	{ "To=123&" FROM "Body=x", 400, 21211 },
	{ TO "Body=x", 400, 21603 },
	{ TO FROM, 400, 21602 },
	{ TO FROM "Body=", 400, 21602 },
	{ TO FROM "Body=x&MediaUrl=http://h/x.png", 400, 21621 },
	{ TO "MessagingServiceSid=MG0123456789abcdef0123456789abcdef&Body=x", 400, 21701 },
	{ TO FROM "Body=x&ValidityPeriod=0", 400, 21624 },
	{ TO FROM "Body=x&ValidityPeriod=36001", 400, 21624 },
	{ TO FROM "Body=x&ValidityPeriod=1h", 400, 21624 },
	{ TO FROM "Body=x&ScheduleType=fixed", 400, 35111 },
	{ TO FROM "Body=x&SendAt=2099-01-01T00:00:00Z", 400, 35119 },
	{ TO FROM "Body=x&ScheduleType=fixed&SendAt=2099-01-01T00:00:00Z", 400, 35118 },
	{ TO FROM "Body=%FF", 400, 20001 },
	{ TO FROM "Body=a%00b", 400, 20001 },
};

START_TEST(a_create_is_refused_by_its_code)
{
	char *info = tw_printf("https://www.twilio.com/docs/errors/%d", bad[_i].code);

	ask("POST", "/Messages.json", bad[_i].form);
	ck_assert_int_eq(last.status, bad[_i].status);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), bad[_i].code);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "status")), bad[_i].status);
	ck_assert_str_eq(text("more_info"), info);
	ck_assert_uint_eq(json_object_size(json), 4);
	ck_assert_int_eq(fake_x.posts, 0);
	free(info);
}
END_TEST

START_TEST(a_body_has_1600_characters)
{
	struct tw_buf form = { 0 };

	tw_buf_adds(&form, TO FROM "Body=");
	for (int i = 0; i < 1600; i++)
		tw_buf_adds(&form, "%C3%BC");
	ask("POST", "/Messages.json", form.p);
	ck_assert_int_eq(last.status, 201);
	tw_buf_adds(&form, "x");
	ask("POST", "/Messages.json", form.p);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), 21617);
	tw_buf_done(&form);
}
END_TEST

static const struct { int64_t ahead_s; long status; } times[] = {
	{ 299 - 60, 400 }, { 301 + 60, 201 }, { 35 * 86400 - 60, 201 }, { 35 * 86400 + 60, 400 },
};

START_TEST(a_time_is_within_the_window)
{
	struct wall_ms at = wall_after(tw_now_system().wall, times[_i].ahead_s * 1000);
	char when[TW_RFC3339_MAX], *form;

	form = tw_printf("%sMessagingServiceSid=%s&Body=x&ScheduleType=fixed&SendAt=%s", TO, pool_sid,
			 tw_rfc3339(at, when));
	ask("POST", "/Messages.json", form);
	ck_assert_int_eq(last.status, times[_i].status);
	if (last.status == 201)
		ck_assert_int_eq(fake_x.last_send_at.ms, at.ms);
	else
		ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), 35114);
	free(form);
}
END_TEST

/* What the exchange refuses with a status of its own leaves with Twilio's. */
static const struct { int status, code; long got; } refusals[] = {
	{ 403, 21610, 400 }, { 404, 21701, 400 }, { 400, 21211, 400 }, { 429, 21611, 429 },
	{ 507, 20500, 507 },
};

START_TEST(refusals_leave_with_twilios_status)
{
	fake_x.refusal = (struct exchange_refusal){ refusals[_i].status, refusals[_i].code, "no" };
	ask("POST", "/Messages.json", TO FROM "Body=x");
	ck_assert_int_eq(last.status, refusals[_i].got);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), refusals[_i].code);
}
END_TEST

/* ---- one message --------------------------------------------------------------------------- */

static char plus1[] = "+1", iccid[] = "8944";
static const struct { struct message m; const char *status, *from, *segments; int code; } states[] = {
	{ { .state = MESSAGE_SCHEDULED }, "scheduled", NULL, "0", 0 },
	{ { .state = MESSAGE_QUEUED }, "accepted", NULL, "0", 0 },
	{ { .state = MESSAGE_QUEUED, .from = plus1 }, "queued", "+1", "2", 0 },
	{ { .state = MESSAGE_QUEUED, .from = plus1, .sim = iccid }, "sending", "+1", "2", 0 },
	{ { .state = MESSAGE_SENDING, .from = plus1, .sim = iccid }, "sending", "+1", "2", 0 },
	{ { .state = MESSAGE_SENT, .sim = iccid }, "sent", "8944", "2", 0 },
	{ { .state = MESSAGE_DELIVERED, .from = plus1 }, "delivered", "+1", "2", 0 },
	{ { .state = MESSAGE_UNDELIVERED, .from = plus1, .error_code = 30003 }, "undelivered", "+1",
	  "2", 30003 },
	{ { .state = MESSAGE_FAILED, .from = plus1, .error_code = 30008 }, "failed", "+1", "2", 30008 },
	{ { .state = MESSAGE_CANCELED, .from = plus1 }, "canceled", "+1", "2", 0 },
	{ { .state = MESSAGE_EXPIRED, .from = plus1 }, "failed", "+1", "2", 30036 },
	{ { .state = MESSAGE_RECEIVED, .from = plus1 }, "received", "+1", "2", 0 },
};

START_TEST(states_have_twilios_names)
{
	struct message m = states[_i].m;
	struct http_request r = { 0 };
	struct tw_buf b = { 0 };

	m.segments = 2;
	m.direction = m.state == MESSAGE_RECEIVED ? INBOUND : OUTBOUND;
	tw_buf_adds(&r.owner, "AC1");
	twilio_write_message(&b, &r, &m);
	json_decref(json);
	json = json_loadb(b.p, b.n, 0, NULL);
	ck_assert_str_eq(text("status"), states[_i].status);
	ck_assert_pstr_eq(text("from"), states[_i].from);
	ck_assert_str_eq(text("num_segments"), states[_i].segments);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "error_code")), states[_i].code);
	ck_assert_int_eq(text("error_message") != NULL, states[_i].code != 0);
	tw_buf_done(&r.owner);
	tw_buf_done(&b);
}
END_TEST

START_TEST(a_message_is_fetched_changed_and_deleted)
{
	struct message *m = fake_add("acme", "+447700900111", "secret");
	struct message *other = fake_add("bistro", "+447700900111", "not yours");
	char *one = tw_printf("/Messages/%s.json", m->id);
	char *foreign = tw_printf("/Messages/%s.json", other->id);

	ask("GET", one, NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(text("body"), "secret");
	ask("GET", foreign, NULL);
	ck_assert_int_eq(last.status, 404);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), 20404);
	ask("POST", one, "Body=");
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), 20009);
	ask("DELETE", one, NULL);
	ck_assert_int_eq(last.status, 409);
	ask("POST", one, "Status=canceled");
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(text("status"), "canceled");
	ask("POST", one, "Status=canceled");
	ck_assert_int_eq(last.status, 400);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), 30409);
	ask("POST", one, "Body=other");
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), 20001);
	ask("POST", one, "Body=");
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(text("body"), "");
	ask("DELETE", one, NULL);
	ck_assert_int_eq(last.status, 204);
	ck_assert_uint_eq(last.body.n, 0);
	ask("GET", one, NULL);
	ck_assert_int_eq(last.status, 404);
	ask("POST", foreign, "Status=canceled");
	ck_assert_int_eq(last.status, 404);
	ck_assert_int_eq(other->state, MESSAGE_QUEUED);
	free(one);
	free(foreign);
}
END_TEST

/* ---- lists --------------------------------------------------------------------------------- */

static void fill(void)
{
	char body[8];

	for (int i = 0; i < 5; i++) {
		snprintf(body, sizeof(body), "%d", i);
		fake_add("acme", i == 3 ? "+447700900112" : "+447700900111", body)->sent_at.ms =
			1777885200000 + i * INT64_C(86400000);
		fake_add("bistro", "+447700900111", "x");
	}
}

static void expect_bodies(const char *expected)
{
	struct tw_buf b = { 0 };
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(json, "messages"), i, row)
		tw_buf_adds(&b, json_string_value(json_object_get(row, "body")));
	ck_assert_str_eq(tw_buf_str(&b), expected);
	tw_buf_done(&b);
}

START_TEST(pages_follow_by_position)
{
	char *next;

	fill();
	ask("GET", "/Messages.json?PageSize=2", NULL);
	ck_assert_uint_eq(json_object_size(json), 9);	/* one key besides the known ones */
	expect_bodies("43");
	ck_assert_int_eq(json_integer_value(json_object_get(json, "end")), 1);
	ck_assert_ptr_null(text("previous_page_uri"));
	next = tw_printf("!%s", text("next_page_uri"));
	fake_add("acme", "+447700900111", "5");		/* meanwhile: shows no row twice */
	ask("GET", next, NULL);
	free(next);
	expect_bodies("21");
	ck_assert_int_eq(json_integer_value(json_object_get(json, "page")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "start")), 2);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "end")), 3);
	char *previous = tw_printf("!%s", text("previous_page_uri"));

	next = tw_printf("!%s", text("next_page_uri"));
	ask("GET", next, NULL);
	expect_bodies("0");
	ck_assert_ptr_null(text("next_page_uri"));
	ask("GET", previous, NULL);
	expect_bodies("43");
	free(previous);
	free(next);
}
END_TEST

static const struct { const char *query, *bodies; } queries[] = {
	{ "", "43210" }, { "?To=%2B447700900112", "3" }, { "?To=+447700900112", "3" },
	{ "?To=", "43210" }, { "?DateSent=2026-05-06", "2" }, { "?DateSent%3E=2026-05-06", "432" },
	{ "?DateSent>=2026-05-06", "432" }, { "?DateSent%3C=2026-05-06", "210" },
	{ "?DateSent%3C=2026-05-06T09:00:00Z", "210" }, { "?DateSent%3C=2026-05-06T08:59:59Z", "10" },
	{ "?DateSent%3C=2026-05-06T08:59:59", "10" },
	{ "?DateSent%3C=2026-05-06T10:59:59%2B02:00", "10" },
	{ "?DateSent%3C=Wed,%2006%20May%202026%2008:59:59%20%2B0000", "10" },
	{ "?DateSent%3E=2026-05-05&DateSent%3C=2026-05-06", "21" },
	{ "?PageSize=5000", "43210" }, { "?Unknown=1", "43210" },
};

START_TEST(lists_are_filtered)
{
	char *path = tw_printf("/Messages.json%s", queries[_i].query);

	fill();
	ask("GET", path, NULL);
	ck_assert_int_eq(last.status, 200);
	expect_bodies(queries[_i].bodies);
	free(path);
}
END_TEST

static const char *const bad_queries[] = {
	"?PageSize=0", "?PageSize=x", "?Page=-1", "?PageToken=PA1", "?DateSent=yesterday",
	"?PageToken=PASM00000000000000000000000000000099",
};

START_TEST(a_filter_that_cannot_be_is_told)
{
	char *path = tw_printf("/Messages.json%s", bad_queries[_i]);

	fill();
	ask("GET", path, NULL);
	ck_assert_int_eq(last.status, 400);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), 20001);
	free(path);
}
END_TEST

/* ---- whose it is, numbers ------------------------------------------------------------------ */

START_TEST(a_path_says_whose_it_is)
{
	char *other = http_account_sid(&lab.accounts[1]);
	char *path = tw_printf("!/2010-04-01/Accounts/%s/Messages.json", other);

	ask("GET", path, NULL);
	ck_assert_int_eq(last.status, 401);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), 20003);
	ck_assert_str_eq(text("message"), "Authenticate");
	free(user);
	user = NULL;
	ask("GET", "!/2010-04-01/Accounts/ACnone/Messages.json", NULL);
	ck_assert_int_eq(last.status, 404);	/* before anybody is asked who they are */
	ask("GET", "/Messages.json", NULL);
	ck_assert_int_eq(last.status, 401);
	free(path);
	free(other);
}
END_TEST

START_TEST(numbers_are_shown)
{
	json_t *number;
	char *one;

	ask("GET", "/IncomingPhoneNumbers.json", NULL);
	ck_assert_int_eq(last.status, 200);
	number = json_array_get(json_object_get(json, "incoming_phone_numbers"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(number, "phone_number")), "+447700900001");
	one = tw_printf("/IncomingPhoneNumbers/%s.json",
			json_string_value(json_object_get(number, "sid")));
	ask("GET", one, NULL);
	ck_assert_str_eq(text("phone_number"), "+447700900001");
	ask("GET", "/IncomingPhoneNumbers.json?PhoneNumber=%2B447700900002", NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "incoming_phone_numbers")), 0);
	ask("GET", "/IncomingPhoneNumbers/PN1.json", NULL);
	ck_assert_int_eq(last.status, 404);
	ask("GET", ".json", NULL);
	ck_assert_str_eq(text("status"), "active");
	ck_assert_ptr_null(strstr(tw_buf_str(&last.body), user + 35));	/* not the token */
	free(one);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_twilio");
	TCase *c = tcase_create("twilio");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_create_is_taken);
	tcase_add_test(c, a_service_is_a_pool);
	tcase_add_loop_test(c, a_create_is_refused_by_its_code, 0, TW_COUNT(bad));
	tcase_add_test(c, a_body_has_1600_characters);
	tcase_add_loop_test(c, a_time_is_within_the_window, 0, TW_COUNT(times));
	tcase_add_loop_test(c, refusals_leave_with_twilios_status, 0, TW_COUNT(refusals));
	tcase_add_loop_test(c, states_have_twilios_names, 0, TW_COUNT(states));
	tcase_add_test(c, a_message_is_fetched_changed_and_deleted);
	tcase_add_test(c, pages_follow_by_position);
	tcase_add_loop_test(c, lists_are_filtered, 0, TW_COUNT(queries));
	tcase_add_loop_test(c, a_filter_that_cannot_be_is_told, 0, TW_COUNT(bad_queries));
	tcase_add_test(c, a_path_says_whose_it_is);
	tcase_add_test(c, numbers_are_shown);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
