/* The table of routes, and that openapi.json describes exactly it and the objects as written. */
#include "fake_exchange.c"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <strings.h>

#include "../../src/http/internal.h"

extern const unsigned char openapi_json[];
extern const size_t openapi_json_n;

static json_t *description;

static void setup(void)
{
	json_error_t e;

	description = json_loadb((const char *)openapi_json, openapi_json_n,
				 JSON_REJECT_DUPLICATES, &e);
	ck_assert_msg(description != NULL, "openapi.json:%d: %s", e.line, e.text);
}

static void teardown(void)
{
	json_decref(description);
}

/* "/api/v1/messages/{id}/cancel" and "/api/v1/messages/" + "*" + "/cancel" are the same. */
static bool is_same_path(const char *described, const char *pattern)
{
	const char *open = strchr(described, '{'), *close = strchr(described, '}');
	const char *star = strchr(pattern, '*');

	if (!open || !star)
		return !open && !star && !strcmp(described, pattern);
	return open - described == star - pattern &&
	       !strncmp(described, pattern, (size_t)(open - described)) &&
	       !strcmp(close + 1, star + 1);
}

static const struct http_route *find_route(const char *path, const char *method)
{
	for (size_t i = 0; i < http_routes_n; i++) {
		if (is_same_path(path, http_routes[i].pattern) &&
		    !strcasecmp(method, http_routes[i].method))
			return &http_routes[i];
	}
	return NULL;
}

/* The query parameters described, in order, spaces between. */
static void list_query(json_t *operation, struct tw_buf *out)
{
	json_t *p;
	size_t i;

	tw_buf_adds(out, "");
	json_array_foreach(json_object_get(operation, "parameters"), i, p) {
		if (!strcmp(json_string_value(json_object_get(p, "in")), "query"))
			tw_buf_addf(out, "%s%s", out->n ? " " : "",
				    json_string_value(json_object_get(p, "name")));
	}
}

START_TEST(every_described_operation_is_a_route)
{
	json_t *item, *operation;
	const char *path, *method;
	size_t n = 0;

	json_object_foreach(json_object_get(description, "paths"), path, item) {
		json_object_foreach(item, method, operation) {
			const struct http_route *r = find_route(path, method);
			struct tw_buf query = { 0 };
			json_t *security = json_object_get(operation, "security");

			ck_assert_msg(r != NULL, "%s %s has no route", method, path);
			list_query(operation, &query);
			ck_assert_str_eq(tw_buf_str(&query), r->query);
			tw_buf_done(&query);
			/* An empty `security` says: open to all. */
			ck_assert_int_eq(security != NULL, r->scope == 0);
			n++;
		}
	}
	/* Twilio's own description is Twilio's. */
	for (size_t i = 0; i < http_routes_n; i++)
		n += twilio_is_path(http_routes[i].pattern);
	ck_assert_uint_eq(n, http_routes_n);
}
END_TEST

START_TEST(every_route_is_described)
{
	for (size_t i = 0; i < http_routes_n; i++) {
		const char *path, *method;
		json_t *item, *operation;
		bool found = twilio_is_path(http_routes[i].pattern);

		json_object_foreach(json_object_get(description, "paths"), path, item) {
			json_object_foreach(item, method, operation)
				found |= find_route(path, method) == &http_routes[i];
		}
		ck_assert_msg(found, "%s %s is not described", http_routes[i].method,
			      http_routes[i].pattern);
	}
}
END_TEST

static const struct { const char *method, *path, *pattern, *name, *allow; } finds[] = {
	{ "GET", "/healthz", "/healthz", "", "" },
	{ "HEAD", "/healthz", "/healthz", "", "" },
	{ "GET", "/api/v1/messages/SM1", "/api/v1/messages/*", "SM1", "DELETE" },
	{ "POST", "/api/v1/messages/SM1/cancel", "/api/v1/messages/*/cancel", "SM1",
	  "GET, HEAD, DELETE" },
	{ "GET", "/api/v1/goals/a/b", "/api/v1/goals/*", "a/b", "" },
	{ "GET", "/api/v1/pledges/totals", "/api/v1/pledges/totals", "", "" },
	{ "POST", "/api/v1/modems//dev/ttyUSB0/pause", "/api/v1/modems/*/pause", "/dev/ttyUSB0",
	  "GET, HEAD" },
	{ "POST", "/api/v1/modems/pause", NULL, "", "GET, HEAD" },
	{ "GET", "/api/v1/messages/", NULL, "", "" },
	{ "GET", "/api/v1/reload", NULL, "", "POST" },
	{ "PUT", "/api/v1/messages", NULL, "", "POST, GET, HEAD" },
	{ "GET", "/2010-04-01/Accounts/AC1.json", "/2010-04-01/Accounts/{}.json", "", "" },
	{ "GET", "/2010-04-01/Accounts/AC1", "/2010-04-01/Accounts/{}.json", "", "" },
	{ "GET", "/2010-04-01/Accounts/AC1/Messages", "/2010-04-01/Accounts/{}/Messages.json", "",
	  "POST" },
	{ "GET", "/2010-04-01/Accounts/AC1/Messages/SM1.json",
	  "/2010-04-01/Accounts/{}/Messages/*.json", "SM1", "POST, DELETE" },
	{ "GET", "/2010-04-01/Accounts/AC1/Messages/SM1/Media.json",
	  "/2010-04-01/Accounts/{}/Messages/*/Media.json", "SM1", "POST, DELETE" },
	{ "GET", "/2010-04-01/Accounts//Messages.json", NULL, "", "" },
	{ "GET", "/2010-04-01/Accounts/.json", NULL, "", "" },
	{ "GET", "/2010-04-01/Accounts/AC1/Calls.json", NULL, "", "" },
	{ "GET", "/", NULL, "", "" },
	{ "GET", "", NULL, "", "" },
};

START_TEST(routes_are_found)
{
	struct tw_buf name = { 0 }, owner = { 0 }, allow = { 0 };
	const struct http_route *r = http_route_find(finds[_i].method, finds[_i].path, &name,
						     &owner, &allow);

	ck_assert_int_eq(r != NULL, finds[_i].pattern != NULL);
	if (r)
		ck_assert_str_eq(r->pattern, finds[_i].pattern);
	ck_assert_str_eq(tw_buf_str(&name), finds[_i].name);
	ck_assert_str_eq(tw_buf_str(&allow), finds[_i].allow);
	tw_buf_done(&name);
	tw_buf_done(&owner);
	tw_buf_done(&allow);
}
END_TEST

/* ---- objects ------------------------------------------------------------------------------- */

/* Every key that the schema requires is there, no other, and each value is of a type it allows. */
static void check_type(json_t *schema, json_t *value, const char *name);

static void check_object(json_t *schema, json_t *object)
{
	json_t *properties = json_object_get(schema, "properties"), *sub, *value;
	const char *key;

	if (json_object_get(schema, "additionalProperties"))
		return;			/* names of others */
	ck_assert_uint_eq(json_array_size(json_object_get(schema, "required")),
			  json_object_size(properties));
	json_object_foreach(properties, key, sub) {
		value = json_object_get(object, key);
		ck_assert_msg(value != NULL, "%s is missing", key);
		check_type(sub, value, key);
	}
	json_object_foreach(object, key, value)
		ck_assert_msg(json_object_get(properties, key) != NULL, "%s is not described", key);
}

/* A whole number is a number too. */
static bool allows_type(const char *described, const char *given)
{
	return !strcmp(described, given) || (!strcmp(described, "number") && !strcmp(given, "integer"));
}

static bool allows(json_t *types, json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "object", [JSON_ARRAY] = "array", [JSON_STRING] = "string",
		[JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
		[JSON_FALSE] = "boolean", [JSON_NULL] = "null",
	};
	json_t *type;
	size_t i;

	if (json_is_string(types))
		return allows_type(json_string_value(types), names[json_typeof(value)]);
	json_array_foreach(types, i, type) {
		if (allows_type(json_string_value(type), names[json_typeof(value)]))
			return true;
	}
	return false;
}

static void check_type(json_t *schema, json_t *value, const char *name)
{
	json_t *choices = json_object_get(schema, "enum"), *choice;
	bool found = false;
	size_t i;

	if (choices) {
		json_array_foreach(choices, i, choice)
			found |= json_equal(choice, value) == 1;
		ck_assert_msg(found, "%s: not among the values described", name);
		return;
	}
	ck_assert_msg(allows(json_object_get(schema, "type"), value), "%s: of another type", name);
	if (json_is_object(value))
		check_object(schema, value);
}

static void check_written(const struct tw_buf *b, const char *schema)
{
	json_error_t e;
	json_t *object = json_loadb(b->p, b->n, JSON_REJECT_DUPLICATES, &e);

	ck_assert_msg(object != NULL, "%s: %s", e.text, b->p);
	check_object(json_object_get(json_object_get(json_object_get(description, "components"),
						     "schemas"), schema), object);
	json_decref(object);
}

/* What each refusal looks like: field from the text, or from the code. */
static const struct { int status, code; const char *text, *field, *title; } refusals[] = {
	{ 400, 20001, "limit: expected 1 to 1000", "limit", "A field is missing" },
	{ 400, 20001, "rows[3].number: none", "rows[3].number", "A field" },
	{ 400, 20001, "the body is not JSON: line 1", NULL, "A field" },
	{ 400, 20001, "expected Content-Type: x", NULL, "A field" },
	{ 403, 21610, "+447700900123 has opted out", "to", "The recipient has opted out" },
	{ 400, 20001, "Idempotency-Key: too long", "Idempotency-Key", "A field" },
	{ 503, 20503, "database: closed", NULL, "Not possible now" },
	{ 409, 12345, "a code that nobody described", NULL, "Conflict" },
};

START_TEST(a_refusal_is_as_described)
{
	struct http h = { .health = NULL };
	struct http_request *r = http_request_new(&h, "GET", "/api/v1/messages");
	json_t *o;

	http_refuse(r, refusals[_i].status, refusals[_i].code, "%s", refusals[_i].text);
	check_written(&r->out, "Refusal");
	ck_assert_str_eq(r->out_type, "application/problem+json");
	o = json_loadb(r->out.p, r->out.n, 0, NULL);
	ck_assert_int_eq(json_integer_value(json_object_get(o, "status")), refusals[_i].status);
	ck_assert_str_eq(json_string_value(json_object_get(o, "detail")), refusals[_i].text);
	ck_assert(!strncmp(json_string_value(json_object_get(o, "title")), refusals[_i].title,
			   strlen(refusals[_i].title)));
	ck_assert_pstr_eq(json_string_value(json_object_get(o, "field")), refusals[_i].field);
	json_decref(o);
	http_request_free(r);
	tw_pool_done(&h.requests);
}
END_TEST

/* The type of a problem leads to a place in the description, and nothing there is left over. */
START_TEST(every_code_is_explained)
{
	json_t *errors = json_object_get(description, "x-errors"), *e;
	const struct http_problem *p;
	char code[16];
	size_t n = 0;

	while ((p = http_problem_at(n)) != NULL) {
		snprintf(code, sizeof(code), "%d", p->code);
		e = json_object_get(errors, code);
		ck_assert_msg(e != NULL, "x-errors lacks %s", code);
		ck_assert_str_eq(json_string_value(json_object_get(e, "title")), p->title);
		n++;
	}
	ck_assert_uint_eq(json_object_size(errors), n);
}
END_TEST

START_TEST(every_refusal_is_a_problem)
{
	json_t *item, *operation, *answer;
	const char *path, *method, *status;

	json_object_foreach(json_object_get(description, "paths"), path, item) {
		json_object_foreach(item, method, operation) {
			json_object_foreach(json_object_get(operation, "responses"), status, answer) {
				json_t *content = json_object_get(answer, "content");

				if (*status < '4' || !content || !strcmp(path, "/healthz"))
					continue;
				ck_assert_msg(json_object_get(content, "application/problem+json") &&
					      json_object_size(content) == 1, "%s %s: %s", method, path,
					      status);
			}
		}
	}
}
END_TEST

START_TEST(a_message_is_as_described)
{
	struct message m = { .id = "SM1", .direction = INBOUND, .state = MESSAGE_RECEIVED };
	struct tw_buf b = { 0 };

	http_write_message(&b, &m);
	check_written(&b, "Message");
	tw_buf_clear(&b);
	m = (struct message){ .id = "SM2", .direction = OUTBOUND, .state = MESSAGE_FAILED,
		.account = (char *)"a", .from = (char *)"+1", .to = (char *)"+2",
		.text = (char *)"x", .encoding = SMS_UCS2, .segments = 2, .in_doubt = true,
		.error_code = 30008, .error_cause = (char *)"CMS 38",
		.error_text = (char *)"no network", .sim = (char *)"8944", .modem = (char *)"till",
		.keyword = (char *)"HOURS", .key = (char *)"k", .created_at = { 1 },
		.sent_at = { 2 }, .finished_at = { 3 }, .valid_until = { 4 } };
	http_write_message(&b, &m);
	check_written(&b, "Message");
	ck_assert_ptr_nonnull(strstr(b.p, "\"created_at\":\"1970-01-01T00:00:00.001Z\""));
	ck_assert_ptr_nonnull(strstr(b.p, "\"error\":{\"code\":30008,\"cause\":\"CMS 38\","));
	tw_buf_done(&b);
}
END_TEST

START_TEST(an_8_bit_message_has_data_and_no_text)
{
	struct message m = { .id = "SM1", .encoding = SMS_8BIT, .text = (char *)"junk",
			     .data = (char *)"0001ff" };
	struct tw_buf b = { 0 };

	http_write_message(&b, &m);
	check_written(&b, "Message");
	ck_assert_ptr_nonnull(strstr(b.p, "\"text\":null,\"data\":\"0001ff\",\"encoding\":\"8bit\""));
	tw_buf_done(&b);
}
END_TEST

START_TEST(hostile_text_stays_json)
{
	struct message m = { .id = "SM1", .text = (char *)"\"}\\\n\x1b[2J\x7f\xff\xe2\x80\xa8" };
	struct tw_buf b = { 0 };

	http_write_message(&b, &m);
	check_written(&b, "Message");
	ck_assert_ptr_nonnull(strstr(b.p, "\"\\\"}\\\\\\n\\u001b[2J\\u007f\xef\xbf\xbd\xe2\x80\xa8\""));
	tw_buf_done(&b);
}
END_TEST

START_TEST(an_appointment_is_as_described)
{
	struct appointment a = { .id = 17, .account = (char *)"a", .calendar = (char *)"visits",
				 .starts_at = { 1 }, .ends_at = { 2 }, .made_at = { 3 }, .changed_at = { 4 } };
	struct tw_buf b = { 0 };

	http_write_appointment(&b, &a);
	check_written(&b, "Appointment");
	ck_assert_ptr_nonnull(strstr(b.p, "\"id\":\"17\""));
	tw_buf_clear(&b);
	a.number = (char *)"+1";
	a.name = (char *)"Anna";
	a.slot = (char *)"2026-01-20 10:00";
	a.place = a.map = a.ics = (char *)"x";
	a.remind_at.ms = 5;
	http_write_appointment(&b, &a);
	check_written(&b, "Appointment");
	tw_buf_done(&b);
}
END_TEST

START_TEST(a_contact_is_as_described)
{
	struct contact_field field = { (char *)"city", (char *)"Bergen" };
	char *tags[] = { (char *)"vip" };
	struct contact_list lists[] = { { (char *)"offers", STORE_JOINED, { 5 } },
					{ (char *)"news", STORE_ASKED, { 6 } } };
	struct contact c = { .account = (char *)"a", .number = (char *)"+1", .created_at = { 1 } };
	struct store_consent consent = { .seq = 1, .at = { 5 }, .list = (char *)"offers",
					 .kind = STORE_CONSENT_JOIN, .number = (char *)"+1",
					 .text = (char *)"JOIN" };
	struct tw_buf b = { 0 };

	http_write_contact(&b, &c);
	check_written(&b, "Contact");
	tw_buf_clear(&b);
	c = (struct contact){ .account = (char *)"a", .number = (char *)"+1", .name = (char *)"Anna",
			      .language = (char *)"en", .country = "GB", .zone = (char *)"Europe/London",
			      .owner = (char *)"van", .fields = &field, .n_fields = 1, .tags = { tags, 1 }, .lists = lists,
			      .n_lists = 2, .created_at = { 1 }, .stopped_at = { 2 } };
	http_write_contact(&b, &c);
	check_written(&b, "Contact");
	ck_assert_ptr_nonnull(strstr(b.p, "\"fields\":{\"city\":\"Bergen\"},\"tags\":[\"vip\"],\"lists\":[{\"name\":"
				     "\"offers\",\"state\":\"joined\",\"since\":"));
	tw_buf_clear(&b);
	http_write_consent(&b, &consent, "+2", "SM1");
	check_written(&b, "Consent");
	ck_assert_ptr_nonnull(strstr(b.p, "\"erased\":false,\"salt\":\"00000000000000000000000000000000"));
	tw_buf_clear(&b);
	consent.number = consent.text = NULL;
	http_write_consent(&b, &consent, "", "");
	check_written(&b, "Consent");
	ck_assert_ptr_nonnull(strstr(b.p, "\"erased\":true,\"salt\":null"));
	tw_buf_done(&b);
}
END_TEST

START_TEST(a_modem_is_as_described)
{
	struct exchange_modem_totals totals = {
		.sent = 1, .received = 2, .failed = 3, .queued = 4, .resets_at = { 5 },
		.quotas = { [EXCHANGE_PER_DAY] = { 900, 120 }, [EXCHANGE_PER_MONTH] = { 0, 1000 },
			    [EXCHANGE_SPEND] = { 2500000, 2600000 } } };
	struct modem_facts f = { .iccid = "8944", .imsi = "310260123456789", .signal_dbm = -71,
		.board = "generic", .operator_ = "Some <net>" };
	struct bank_modem m = { .name = "till", .port = "/dev/ttyUSB0", .state = MODEM_ABSENT };
	struct tw_buf b = { 0 };

	http_write_modem(&b, &m, &totals);	/* its port was never opened */
	check_written(&b, "Modem");
	tw_buf_clear(&b);
	m.facts = &f;
	m.number = "+15005550006";
	http_write_modem(&b, &m, &totals);
	check_written(&b, "Modem");
	ck_assert_ptr_nonnull(strstr(b.p, "\"operator\":\"310260\""));
	ck_assert_ptr_nonnull(strstr(b.p, "\"per_day\":900"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"spend_per_month\":2.5"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"per_hour\":null"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"left\":{\"per_minute\":null,\"per_hour\":null,\"per_day\":780"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"spend_per_month\":0}"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"sent_this_month\":1000"));
	tw_buf_done(&b);
}
END_TEST

START_TEST(a_why_is_as_described)
{
	struct why_sim sims[] = { { .sim = (char *)"8944", .number = (char *)"+15005550006",
				    .modem = (char *)"till", .reason = PICK_DAY, .until = { 9000 } },
				  { .sim = (char *)"8945", .reason = PICK_ACCOUNT } };
	struct why_state states[] = { { MESSAGE_QUEUED, { 1 }, NULL },
				      { MESSAGE_SENDING, { 2 }, (char *)"till" } };
	struct why_attempt attempts[] = {
		{ .number = 1, .segment = 1, .sim = (char *)"8944", .modem = (char *)"till",
		  .rule = RULE_FREE, .outcome = STORE_NOT_SENT, .report = -1, .started_at = { 2 },
		  .sims = sims, .n_sims = 2, .lines = (char *)"> AT\n< ERROR\n" } };
	struct why w = { .message = { .id = "SM1", .state = MESSAGE_QUEUED }, .text = "waits",
			 .states = states, .n_states = 2, .sims = sims, .n_sims = 2,
			 .attempts = attempts, .n_attempts = 1 };
	struct tw_buf b = { 0 };

	http_write_why(&b, &w, true);
	check_written(&b, "Why");
	ck_assert_ptr_nonnull(strstr(b.p, "\"lines\":[\"> AT\",\"< ERROR\"]"));
	ck_assert_ptr_nonnull(strstr(b.p, "\"verdict\":\"per_day\""));
	tw_buf_clear(&b);
	http_write_why(&b, &w, false);	/* AT lines and the SIMs of others are an operator's */
	check_written(&b, "Why");
	ck_assert_ptr_nonnull(strstr(b.p, "\"lines\":null"));
	ck_assert_ptr_null(strstr(b.p, "8945"));
	tw_buf_done(&b);
}
END_TEST

START_TEST(a_job_is_as_described)
{
	struct exchange_step steps[] = { { .sent = (char *)"*100#", .got = (char *)"Menu", .code = 1,
					   .at = { 5 } }, { .sent = (char *)"1" } };
	struct exchange_job j = { .id = 5, .kind = JOB_USSD, .state = JOB_RUNNING,
				  .modem = (char *)"till", .sim = (char *)"8944", .who = (char *)"root",
				  .steps = steps, .n_steps = 2, .created_at = { 1 } };
	struct store_audit a = { .id = 1, .at = { 1 }, .who = (char *)"root", .action = (char *)"at",
				 .about = (char *)"till", .text = (char *)"AT", .outcome = (char *)"given" };
	struct tw_buf b = { 0 };

	http_write_job(&b, &j);
	check_written(&b, "Job");
	ck_assert_ptr_nonnull(strstr(b.p, "\"result\":\"Menu\""));
	ck_assert_ptr_nonnull(strstr(b.p, "{\"sent\":\"1\",\"got\":null,\"code\":null,\"at\":null}"));
	tw_buf_clear(&b);
	j = (struct exchange_job){ .id = 5, .kind = JOB_COMMAND, .state = JOB_FAILED,
				   .modem = (char *)"till", .who = (char *)"root",
				   .error = (char *)"ERROR", .created_at = { 1 }, .started_at = { 2 },
				   .finished_at = { 3 } };
	http_write_job(&b, &j);
	check_written(&b, "Job");
	tw_buf_clear(&b);
	http_write_audit(&b, &a);
	check_written(&b, "Audit");
	tw_buf_done(&b);
}
END_TEST

START_TEST(status_is_as_described)
{
	struct http_status s = { .version = "1", .database = "no database" };
	struct exchange_status x;
	struct tw_buf b = { 0 };

	http_write_status(&b, &s);
	check_written(&b, "Status");
	tw_buf_clear(&b);
	exchange_status(&fake_x, (struct tw_now){ 0 }, &x);
	x.inbound_last_at.ms = 5;
	s.exchange = &x;
	http_write_status(&b, &s);
	check_written(&b, "Status");
	exchange_status_done(&x);
	tw_buf_done(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_route");
	TCase *c = tcase_create("routes and objects");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, every_described_operation_is_a_route);
	tcase_add_test(c, every_route_is_described);
	tcase_add_loop_test(c, routes_are_found, 0, TW_COUNT(finds));
	tcase_add_test(c, a_message_is_as_described);
	tcase_add_loop_test(c, a_refusal_is_as_described, 0, TW_COUNT(refusals));
	tcase_add_test(c, every_code_is_explained);
	tcase_add_test(c, every_refusal_is_a_problem);
	tcase_add_test(c, an_8_bit_message_has_data_and_no_text);
	tcase_add_test(c, hostile_text_stays_json);
	tcase_add_test(c, an_appointment_is_as_described);
	tcase_add_test(c, a_contact_is_as_described);
	tcase_add_test(c, a_modem_is_as_described);
	tcase_add_test(c, a_why_is_as_described);
	tcase_add_test(c, a_job_is_as_described);
	tcase_add_test(c, status_is_as_described);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
