/* /api/v1/campaigns: bodies to orders, bad ones by the field's name, and a preview of several turns. */
#include "fake_exchange.c"
#include "http_lab.c"

static void setup(void)
{
	lab_start();
	memset(&fake_campaigns, 0, sizeof(fake_campaigns));
}

static void teardown(void)
{
	lab_stop();
}

static const struct { const char *body, *expected; long status; } bodies[] = {
	{ "{\"account\":\"acme\",\"name\":\"may\",\"list\":\"offers\",\"text\":\"Hi\",\"when\":\"nps > 6\","
	  "\"pace\":60}", "acme may offers when=nps > 6 pace=60 :0:Hi", 201 },
	{ "{\"account\":\"acme\",\"name\":\"may\",\"list\":\"offers\",\"arms\":[{\"name\":\"a\",\"text\":\"x\","
	  "\"weight\":3},{\"name\":\"b\",\"text\":\"y\"}]}", "acme may offers when= pace=0 a:3:x b:0:y", 201 },
	{ "{\"account\":\"acme\",\"name\":\"taken\",\"list\":\"offers\",\"text\":\"Hi\"}", "taken already", 409 },
	{ "{\"name\":\"may\",\"list\":\"offers\",\"text\":\"Hi\"}", "account: which one?", 400 },
	{ "{\"account\":\"acme\",\"nam\":\"may\"}", "nam: no such field; did you mean name?", 400 },
	{ "{\"account\":\"acme\",\"name\":7}", "name: expected a text", 400 },
	{ "{\"account\":\"acme\",\"name\":\"may\",\"pace\":0}", "pace: expected a whole number", 400 },
	{ "{\"account\":\"acme\",\"name\":\"may\",\"send_at\":\"tomorrow\"}", "send_at: expected a time", 400 },
	{ "{\"account\":\"acme\",\"name\":\"may\",\"text\":\"x\",\"arms\":[]}", "arms: expected a list", 400 },
	{ "{\"account\":\"acme\",\"name\":\"may\",\"arms\":[3]}", "arms[0]: expected an object", 400 },
	{ "{\"account\":\"acme\",\"name\":\"may\",\"arms\":[{\"weight\":-1}]}", "arms[0].weight: expected", 400 },
	{ "[]", "the body is no object", 400 },
	{ "{", "the body is not JSON", 400 },
};

START_TEST(a_body_is_an_order)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "POST", "/api/v1/campaigns", bodies[_i].body }, &a);
	ck_assert_msg(a.status == bodies[_i].status, "%ld: %s", a.status, tw_buf_str(&a.body));
	if (a.status == 201)
		ck_assert_str_eq(fake_campaigns.order, bodies[_i].expected);
	else
		ck_assert_msg(strstr(tw_buf_str(&a.body), bodies[_i].expected) != NULL, "%s",
			      tw_buf_str(&a.body));
	answer_done(&a);
}
END_TEST

START_TEST(a_preview_takes_several_turns)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "GET", "/api/v1/campaigns/may/preview?account=acme" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "\"contacts\":30"));
	ck_assert_int_eq(fake_campaigns.looks, 3);
	lab_ask(&(struct ask){ "GET", "/api/v1/campaigns/june/preview?account=acme" }, &a);
	ck_assert_int_eq(a.status, 404);
	answer_done(&a);
}
END_TEST

static const struct { const char *method, *path; long status; const char *expected; } asks[] = {
	{ "POST", "/api/v1/campaigns/may/start?account=acme", 200, "\"state\":\"draft\"" },
	{ "POST", "/api/v1/campaigns/may/pause?account=acme", 200, "\"name\":\"may\"" },
	{ "POST", "/api/v1/campaigns/may/cancel?account=acme", 200, "\"name\":\"may\"" },
	{ "POST", "/api/v1/campaigns/may/cancel?account=bistro", 404, "no campaign" },
	{ "GET", "/api/v1/campaigns/may?account=acme", 200, "\"leader\":\"b\",\"winner\":null,\"evidence\":2.5" },
	{ "GET", "/api/v1/campaigns/may?account=acme", 200, "\"sent\":2" },
	{ "GET", "/api/v1/campaigns/june?account=acme", 404, "no campaign is called june" },
	{ "GET", "/api/v1/campaigns?limit=1", 200, "\"after\":\"3\"" },
	{ "GET", "/api/v1/campaigns?after=3", 200, "\"after\":null" },
	{ "GET", "/api/v1/campaigns?limit=many", 400, "limit: expected" },
};

START_TEST(one_is_asked_for)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ asks[_i].method, asks[_i].path, strcmp(asks[_i].method, "POST") ? NULL : "" },
		&a);
	ck_assert_msg(a.status == asks[_i].status, "%ld: %s", a.status, tw_buf_str(&a.body));
	ck_assert_msg(strstr(tw_buf_str(&a.body), asks[_i].expected) != NULL, "%s", tw_buf_str(&a.body));
	if (_i < 3) {
		ck_assert(fake_campaigns.was_told);
		ck_assert_int_eq(fake_campaigns.verb, _i);
	}
	answer_done(&a);
}
END_TEST

START_TEST(a_login_has_an_account)
{
	struct answer a = { 0 };
	char *user = lab_user(0);

	lab_ask(&(struct ask){ "GET", "/api/v1/campaigns/may", .user = user, .tcp = true }, &a);
	ck_assert_int_eq(a.status, 200);
	lab_ask(&(struct ask){ "POST", "/api/v1/campaigns", "{\"account\":\"bistro\",\"name\":\"may\"}",
			       .user = user, .tcp = true }, &a);
	ck_assert_int_eq(a.status, 403);
	answer_done(&a);
	free(user);
}
END_TEST

/* ---- figures, vouchers, pledges ------------------------------------------------------------ */

static const struct { const char *method, *path; long status; const char *expected; } figures[] = {
	{ "GET", "/api/v1/stats", 200, "\"name\":\"deal/half\"" },
	{ "GET", "/api/v1/stats", 200, "\"nps\":50,\"answer_s\":1.5" },
	{ "GET", "/api/v1/stats", 200, "\"verdicts\":[{\"account\":\"acme\",\"split\":\"deal\",\"leader\":\"two\","
	  "\"winner\":\"two\",\"evidence\":7,\"wanted\":20},{\"account\":\"acme\",\"split\":\"other\",\"leader\":\"b\","
	  "\"winner\":null" },
	{ "GET", "/api/v1/stats", 200, "\"amount\":12.5,\"currency\":null" },
	{ "GET", "/api/v1/stats?name=most", 429, "other large reports" },
	{ "GET", "/api/v1/stats?by=day", 200, "\"verdicts\":[]" },	/* a day's customers prove nothing */
	{ "GET", "/api/v1/stats?by=week", 400, "by: expected hour or day" },
	{ "GET", "/api/v1/stats?kind=keywords", 400, "kind: expected one of account, keyword" },
	{ "GET", "/api/v1/stats?lines=yes", 400, "lines: expected true or false" },
	{ "GET", "/api/v1/stats?from=today", 400, "from: expected a time" },
	{ "GET", "/api/v1/stats?name=too%20much", 400, "ask for one kind" },
	{ "GET", "/api/v1/stats?account=nobody", 404, "nobody" },
	{ "GET", "/api/v1/vouchers?account=acme&limit=1", 200, "\"after\":\"spring\\twelc 1234\"" },
	{ "GET", "/api/v1/vouchers?account=acme&series=autumn", 200, "\"vouchers\":[]" },
	{ "GET", "/api/v1/vouchers", 400, "account: which one" },
	{ "GET", "/api/v1/vouchers/series", 200, "\"limit\":500,\"per_contact\":null" },
	{ "GET", "/api/v1/vouchers/WELC-1234?account=acme", 200, "\"number\":\"+447700900100\"" },
	{ "GET", "/api/v1/vouchers/NONE?account=acme", 404, "no code like NONE" },
	{ "POST", "/api/v1/vouchers/WELC-1234/redeem?account=acme", 200, "\"result\":\"ok\"" },
	{ "POST", "/api/v1/vouchers/TWICE/redeem?account=acme", 409, "say which" },
	{ "POST", "/api/v1/vouchers/TWICE/redeem?account=acme&series=spring", 200, "\"result\":\"ok\"" },
	{ "GET", "/api/v1/pledges?account=acme&limit=1", 200, "\"amount\":12.5" },
	{ "GET", "/api/v1/pledges?account=acme&limit=1", 200, "\"before\":\"9\"" },
};

START_TEST(figures_are_told)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ figures[_i].method, figures[_i].path,
			       strcmp(figures[_i].method, "POST") ? NULL : "" }, &a);
	ck_assert_msg(a.status == figures[_i].status, "%ld: %s", a.status, tw_buf_str(&a.body));
	ck_assert_msg(strstr(tw_buf_str(&a.body), figures[_i].expected) != NULL, "%s", tw_buf_str(&a.body));
	answer_done(&a);
}
END_TEST

START_TEST(a_report_is_what_was_asked)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "GET", "/api/v1/stats?kind=keyword&name=HOURS&by=hour&lines=true&account=acme&"
			       "from=2026-05-04T09:00:00Z&to=2026-05-05T09:00:00%2B01:00" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_str_eq(fake_stats.kind, "keyword");
	ck_assert_str_eq(fake_stats.name, "HOURS");
	ck_assert_str_eq(fake_stats.account, "acme");
	ck_assert_int_eq(fake_stats.q.by, STORE_HOUR);
	ck_assert(fake_stats.q.by_line);
	ck_assert_int_eq(fake_stats.q.until.ms - fake_stats.q.from.ms, 23 * 3600 * 1000);
	lab_ask(&(struct ask){ "POST", "/api/v1/vouchers/X%2F1/redeem?account=acme&series=s", "" }, &a);
	ck_assert_str_eq(fake_stats.redeemed, "acme s X/1");
	answer_done(&a);
}
END_TEST

/* What is written in many turns is one answer: rows are counted, and none stands without its comma. */
START_TEST(a_long_report_comes_in_slices)
{
	struct answer a = { 0 };
	size_t rows = 0;

	lab_ask(&(struct ask){ "GET", "/api/v1/stats?name=many&by=day" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_int_eq(strncmp(tw_buf_str(&a.body), "{\"rows\":[{\"account\":", 20), 0);
	for (const char *p = tw_buf_str(&a.body); (p = strstr(p, "},\n{\"account\":")) != NULL; p++)
		rows++;
	ck_assert_uint_eq(rows, 2499);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "}],\"verdicts\":[]}\n"));
	ck_assert_uint_eq(lab.http->report_rows, 0);
	answer_done(&a);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_body_is_an_order, 0, (int)TW_COUNT(bodies));
	tcase_add_test(t, a_preview_takes_several_turns);
	tcase_add_test(t, a_login_has_an_account);
	tcase_add_loop_test(t, one_is_asked_for, 0, (int)TW_COUNT(asks));
	tcase_add_test(t, a_long_report_comes_in_slices);
	tcase_add_loop_test(t, figures_are_told, 0, (int)TW_COUNT(figures));
	tcase_add_test(t, a_report_is_what_was_asked);
}


int main(void)
{
	Suite *s = suite_create("http_campaign");
	TCase *c = tcase_create("http_campaign");
	SRunner *r;
	int failed;

	add_tests(c);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
