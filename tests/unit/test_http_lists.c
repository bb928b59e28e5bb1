/* Keywords, goals, pledges, calendars; tags of contacts; messages that are taken back; and requests that come
 * a second time with their Idempotency-Key. */
#include "fake_exchange.c"
#include "http_lab.c"

#include <jansson.h>

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

static void ask_with(const char *method, const char *path, const char *body, const char *header)
{
	json_decref(json);
	lab_ask(&(struct ask){ method, path, body, NULL, header }, &last);
	json = json_loadb(tw_buf_str(&last.body), last.body.n, JSON_REJECT_DUPLICATES, NULL);
}

static void ask(const char *method, const char *path, const char *body)
{
	ask_with(method, path, body, NULL);
}

static const char *text(const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static json_t *row(const char *list, size_t i)
{
	return json_array_get(json_object_get(json, list), i);
}

static const char *text_of(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static int64_t count_of(json_t *object, const char *name)
{
	ck_assert(json_is_integer(json_object_get(object, name)));
	return json_integer_value(json_object_get(object, name));
}

/* ---- lists --------------------------------------------------------------------------------- */

START_TEST(keywords_go_on_where_the_answer_says)
{
	ask("GET", "/api/v1/keywords?account=acme&limit=2", NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "keywords")), 2);
	/* Where there is too much to add up nothing is said, rather than zero. */
	ck_assert(json_is_null(json_object_get(row("keywords", 0), "messages")));
	ck_assert_int_eq(count_of(row("keywords", 1), "messages"), 7);
	ck_assert_int_eq(count_of(row("keywords", 1), "customers"), 5);
	ck_assert_int_eq(count_of(row("keywords", 1), "conversions"), 2);
	ck_assert_str_eq(text_of(row("keywords", 1), "file"), "/etc/shop.conf");
	ck_assert_int_eq(count_of(row("keywords", 1), "line"), 2);
	ck_assert_str_eq(text("after"), "acme\tOFFER66");
	ask("GET", "/api/v1/keywords?limit=2&after=acme%09OFFER66", NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "keywords")), 1);
	ck_assert_str_eq(text_of(row("keywords", 0), "match"), "OFFER99");
	ck_assert(json_is_null(json_object_get(json, "after")));
}
END_TEST

START_TEST(a_goal_tells_what_led_to_it)
{
	ask("GET", "/api/v1/goals?account=acme", NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(text_of(row("goals", 0), "name"), "bought");
	ck_assert_int_eq(count_of(row("goals", 0), "reached"), 9);
	ck_assert_str_eq(text_of(row("goals", 0), "within"), "1h");
	ask("GET", "/api/v1/goals/bought?account=acme&limit=1", NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_int_eq(count_of(json, "counted"), 7);
	ck_assert_str_eq(text_of(row("by", 0), "kind"), "arm");
	ck_assert_str_eq(text("after"), "arm/deal/two");
	ask("GET", "/api/v1/goals/bought?account=acme&after=arm/deal/two", NULL);
	ck_assert_str_eq(text_of(row("by", 0), "name"), "OFFER66");
	ck_assert_int_eq(count_of(row("by", 0), "reached"), 4);
	ask("GET", "/api/v1/goals/none?account=acme", NULL);
	ck_assert_int_eq(last.status, 404);
}
END_TEST

START_TEST(pledges_and_calendars_are_told)
{
	ask("GET", "/api/v1/pledges/totals?account=acme", NULL);
	ck_assert_int_eq(count_of(row("totals", 0), "pledges"), 2);
	ck_assert_double_eq(json_number_value(json_object_get(row("totals", 0), "amount")), 32.5);
	ck_assert_str_eq(text_of(row("totals", 0), "currency"), "GBP");
	ask("GET", "/api/v1/calendars", NULL);
	ck_assert_str_eq(text_of(row("calendars", 0), "name"), "visits");
	ck_assert_str_eq(text_of(row("calendars", 0), "length"), "30m");
	ck_assert(json_is_null(json_object_get(row("calendars", 0), "url")));
	ask("GET", "/api/v1/calendars?account=bistro", NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "calendars")), 0);
	ask("GET", "/api/v1/modems/till", NULL);
	ck_assert_str_eq(text("name"), "till");
	ask("GET", "/api/v1/modems/none", NULL);
	ck_assert_int_eq(last.status, 404);
}
END_TEST

/* An account sees its own, whatever it asks for. */
START_TEST(lists_are_of_their_account)
{
	static const char *const paths[] = { "/api/v1/keywords", "/api/v1/goals",
					     "/api/v1/pledges/totals", "/api/v1/calendars" };
	static const char *const lists[] = { "keywords", "goals", "totals", "calendars" };
	char *user = lab_user(1), *path;

	for (size_t i = 0; i < TW_COUNT(paths); i++) {
		lab_ask(&(struct ask){ "GET", paths[i], .user = user, .tcp = true }, &last);
		json_decref(json);
		json = json_loadb(last.body.p, last.body.n, 0, NULL);
		ck_assert_int_eq(last.status, 200);
		ck_assert(json_is_array(json_object_get(json, lists[i])));
		ck_assert_uint_eq(json_array_size(json_object_get(json, lists[i])), 0);
		path = tw_printf("%s?account=acme", paths[i]);
		lab_ask(&(struct ask){ "GET", path, .user = user, .tcp = true }, &last);
		ck_assert_int_eq(last.status, 403);
		free(path);
	}
	free(user);
}
END_TEST

/* ---- contacts, messages -------------------------------------------------------------------- */

START_TEST(tags_are_given_and_taken)
{
	ask("PUT", "/api/v1/contacts/%2B447700900100?account=acme",
	    "{\"tag\":[\"vip\",\"new\"],\"untag\":[\"old\"]}");
	ck_assert_msg(last.status == 200, "%s", tw_buf_str(&last.body));
	ck_assert_str_eq(fake_x.tagged, "+vip +new -old");
	ck_assert(json_is_array(json_object_get(json, "tags")));
	ask("PUT", "/api/v1/contacts/%2B447700900100?account=acme", "{\"tag\":\"vip\"}");
	ck_assert_int_eq(last.status, 400);
	ck_assert_str_eq(text("field"), "tag");
	ask("PUT", "/api/v1/contacts/%2B447700900100?account=acme", "{\"tag\":[\"vip\",5]}");
	ck_assert_int_eq(last.status, 400);
	ck_assert_str_eq(text("field"), "tag[1]");
}
END_TEST

START_TEST(a_message_is_taken_back)
{
	struct message *m = fake_add("acme", "+447700900111", "a secret");
	char *redact = tw_printf("/api/v1/messages/%s/redact", m->id);
	char *path = tw_printf("/api/v1/messages/%s", m->id), *user = lab_user(1);

	ask("POST", redact, NULL);
	ck_assert_int_eq(last.status, 409);		/* it may still be sent */
	ask("DELETE", path, NULL);
	ck_assert_int_eq(last.status, 409);
	m->state = MESSAGE_DELIVERED;
	ask("POST", redact, NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert(json_is_null(json_object_get(json, "text")));
	lab_ask(&(struct ask){ "DELETE", path, .user = user, .tcp = true }, &last);
	ck_assert_int_eq(last.status, 404);		/* of another account */
	ask("DELETE", path, NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_int_eq(strncmp(text("deleted"), "SM", 2), 0);
	ask("GET", path, NULL);
	ck_assert_int_eq(last.status, 404);
	free(user);
	free(path);
	free(redact);
}
END_TEST

/* ---- a second time ------------------------------------------------------------------------- */

#define KEY "Idempotency-Key: k1"
#define BOOK "{\"account\":\"acme\",\"calendar\":\"visits\",\"to\":\"+447700900123\"," \
	     "\"starts_at\":\"2026-05-04T09:00:00Z\"}"
#define BOOK_OTHERWISE "{\"starts_at\":\"2026-05-04T09:00:00Z\", \"to\":\"+447700900123\"," \
		       "\"calendar\":\"visits\",\"account\":\"acme\"}"

static bool is_replayed(void)
{
	return strstr(tw_buf_str(&last.headers), "Idempotent-Replayed: true") != NULL;
}

START_TEST(a_request_is_done_once)
{
	char *first;

	ask_with("POST", "/api/v1/appointments", BOOK, KEY);
	ck_assert_msg(last.status == 201, "%s", tw_buf_str(&last.body));
	ck_assert(!is_replayed());
	ck_assert_int_eq(fake_x.bookings, 1);
	first = tw_strdup(tw_buf_str(&last.body));
	ask_with("POST", "/api/v1/appointments", BOOK, KEY);
	ck_assert_int_eq(last.status, 201);
	ck_assert(is_replayed());
	ck_assert_str_eq(tw_buf_str(&last.body), first);
	/* The same, written otherwise. */
	ask_with("POST", "/api/v1/appointments", BOOK_OTHERWISE, KEY);
	ck_assert_int_eq(last.status, 201);
	ck_assert_int_eq(fake_x.bookings, 1);
	ask_with("POST", "/api/v1/appointments", BOOK, NULL);
	ck_assert_int_eq(fake_x.bookings, 2);
	free(first);
}
END_TEST

START_TEST(a_key_is_for_one_request)
{
	ask_with("POST", "/api/v1/appointments", BOOK, KEY);
	ask_with("POST", "/api/v1/appointments", "{\"account\":\"acme\",\"calendar\":\"visits\","
		 "\"to\":\"+447700900124\",\"starts_at\":\"2026-05-04T09:00:00Z\"}", KEY);
	ck_assert_int_eq(last.status, 422);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "code")), HTTP_CODE_KEY_USED);
	ck_assert_str_eq(text("field"), "Idempotency-Key");
	ask_with("POST", "/api/v1/appointments/17/cancel", "{}", KEY);
	ck_assert_int_eq(last.status, 422);		/* another path */
	ask_with("POST", "/api/v1/appointments/17/cancel?account=acme", "{}", KEY "2");
	ck_assert_int_eq(last.status, 200);
	ask_with("POST", "/api/v1/appointments/17/cancel", "{}", KEY "2");
	ck_assert_int_eq(last.status, 422);		/* another query */
	ck_assert_int_eq(fake_x.bookings, 1);
}
END_TEST

START_TEST(what_was_refused_may_be_tried_again)
{
	ask_with("POST", "/api/v1/appointments", "{\"calendar\":\"visits\"}", KEY);
	ck_assert_int_eq(last.status, 400);
	ask_with("POST", "/api/v1/appointments", BOOK, KEY);
	ck_assert_int_eq(last.status, 201);
	ck_assert(!is_replayed());
}
END_TEST

/* Each login has keys of its own: nobody gets another's answer. */
START_TEST(keys_are_of_their_login)
{
	char *acme = lab_user(0), *bistro = lab_user(1);

	lab_ask(&(struct ask){ "POST", "/api/v1/appointments/17/cancel", "", acme, KEY, .tcp = true },
		&last);
	ck_assert_int_eq(last.status, 200);
	lab_ask(&(struct ask){ "POST", "/api/v1/appointments/17/cancel", "", bistro, KEY, .tcp = true },
		&last);
	ck_assert_int_eq(last.status, 404);
	free(acme);
	free(bistro);
}
END_TEST

/* A job that was begun is waited for again, and not begun a second time. */
START_TEST(a_job_is_begun_once)
{
	fake_x.job.state = JOB_DONE;
	ask_with("POST", "/api/v1/modems/till/ussd", "{\"code\":\"*100#\"}", KEY);
	ck_assert_int_eq(last.status, 200);
	ck_assert_int_eq(fake_x.job.started, 1);
	ask_with("POST", "/api/v1/modems/till/ussd", "{\"code\":\"*100#\"}", KEY);
	ck_assert_int_eq(last.status, 200);
	ck_assert(is_replayed());
	ck_assert_str_eq(text("result"), "5.00");
	ck_assert_int_eq(fake_x.job.started, 1);
	ask_with("POST", "/api/v1/modems/till/ussd", "{\"code\":\"*101#\"}", KEY);
	ck_assert_int_eq(last.status, 422);
}
END_TEST

/* A secret is told once and kept nowhere: not here either. */
START_TEST(a_token_is_never_told_again)
{
	static const char body[] = "{\"name\":\"shop\",\"account\":\"acme\",\"scopes\":[\"read\"]}";

	ask_with("POST", "/api/v1/tokens", body, KEY);
	ck_assert_int_eq(last.status, 201);
	ask_with("POST", "/api/v1/tokens", body, KEY);
	ck_assert_int_eq(last.status, 409);
	ck_assert_uint_eq(fake_store.n_replays, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_lists");
	TCase *c = tcase_create("lists");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, keywords_go_on_where_the_answer_says);
	tcase_add_test(c, a_goal_tells_what_led_to_it);
	tcase_add_test(c, pledges_and_calendars_are_told);
	tcase_add_test(c, lists_are_of_their_account);
	tcase_add_test(c, tags_are_given_and_taken);
	tcase_add_test(c, a_message_is_taken_back);
	tcase_add_test(c, a_request_is_done_once);
	tcase_add_test(c, a_key_is_for_one_request);
	tcase_add_test(c, what_was_refused_may_be_tried_again);
	tcase_add_test(c, keys_are_of_their_login);
	tcase_add_test(c, a_job_is_begun_once);
	tcase_add_test(c, a_token_is_never_told_again);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
