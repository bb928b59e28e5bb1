/* /metrics by the conventions of Prometheus, and the dashboard of docs/ by what /metrics has. */
#include "fake_exchange.c"
#include "http_lab.c"

#include <ctype.h>

static struct answer metrics;
static char *dashboard;

static char *read_whole(const char *path)
{
	FILE *f = fopen(path, "r");
	struct tw_buf b = { 0 };
	int c;

	ck_assert_msg(f != NULL, "%s", path);
	while ((c = getc(f)) != EOF)
		tw_buf_addc(&b, (char)c);
	fclose(f);
	return tw_buf_take(&b);
}

static void setup(void)
{
	lab_start();
	fake_bank.facts.signal_dbm = -71;
	lab_ask(&(struct ask){ "GET", "/metrics" }, &metrics);
	dashboard = read_whole("../docs/grafana.json");
}

static void teardown(void)
{
	free(dashboard);
	answer_done(&metrics);
	lab_stop();
}

static size_t name_length(const char *p)
{
	size_t n = 0;

	while (islower((unsigned char)p[n]) || isdigit((unsigned char)p[n]) || p[n] == '_')
		n++;
	return n;
}

static bool ends_in(const char *name, size_t n, const char *ending)
{
	size_t k = strlen(ending);

	return n > k && !strncmp(name + n - k, ending, k);
}

/* A family is HELP, TYPE, samples; a name stands once; counters end in _total and nothing else does. */
START_TEST(families_are_as_the_conventions_have_them)
{
	const char *text = tw_buf_str(&metrics.body), *name = "";
	size_t n = 0, families = 0, samples = 0;
	bool is_counter = false;

	ck_assert_int_eq(metrics.status, 200);
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (!strncmp(text, "# HELP ", 7)) {
			char *again;

			name = text + 7;
			n = name_length(name);
			families++;
			again = tw_printf("# HELP %.*s ", (int)n, name);
			ck_assert_ptr_eq(strstr(tw_buf_str(&metrics.body), again), text);
			ck_assert_ptr_null(strstr(text + 1, again));
			free(again);
		} else if (!strncmp(text, "# TYPE ", 7)) {
			ck_assert(!strncmp(text + 7, name, n) && text[7 + n] == ' ');
			is_counter = !strncmp(text + 8 + n, "counter\n", 8);
			ck_assert(is_counter || !strncmp(text + 8 + n, "gauge\n", 6));
			ck_assert_msg(is_counter == ends_in(name, n, "_total"), "%.*s", (int)n, name);
		} else {
			samples++;
			ck_assert_msg(!strncmp(text, name, n) && (text[n] == ' ' || text[n] == '{'),
				      "%.*s", (int)length, text);
		}
		text += length + (text[length] == '\n');
	}
	ck_assert(ends_in(tw_buf_str(&metrics.body), metrics.body.n, "\n"));
	ck_assert_uint_gt(families, 20);
	ck_assert_uint_gt(samples, families);
}
END_TEST

/* Each name in an expression of the dashboard is a family, and each family is on it. */
START_TEST(the_dashboard_asks_for_what_there_is)
{
	size_t asked = 0;

	for (const char *p = dashboard; (p = strstr(p, "\"expr\":")) != NULL; p++) {
		const char *end = strchr(p, '\n');

		for (const char *name = p; (name = strstr(name, "twoway_")) && name < end; name++) {
			char *family = tw_printf("# TYPE %.*s ", (int)name_length(name), name);

			ck_assert_msg(strstr(tw_buf_str(&metrics.body), family) != NULL, "%s", family);
			free(family);
			asked++;
		}
	}
	ck_assert_uint_gt(asked, 20);
	for (const char *p = tw_buf_str(&metrics.body); (p = strstr(p, "# TYPE ")) != NULL; p++) {
		char *family = tw_printf("%.*s", (int)name_length(p + 7), p + 7);

		ck_assert_msg(strstr(dashboard, family) != NULL, "the dashboard lacks %s", family);
		free(family);
	}
}
END_TEST

START_TEST(what_happens_is_counted)
{
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "GET", "/api/v1/none" }, &a);
	lab_ask(&(struct ask){ "GET", "/api/v1/messages", .user = "AC1:wrong", .tcp = true }, &a);
	lab_ask(&(struct ask){ "GET", "/metrics" }, &a);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "twoway_http_responses_total{class=\"2xx\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "twoway_http_responses_total{class=\"4xx\"} 2\n"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "\ntwoway_http_wrong_logins_total 1\n"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "\ntwoway_modem_signal_dbm{modem=\"till\"} -71\n"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), "\ntwoway_store_statements_total 5\n"));
	answer_done(&a);
}
END_TEST

/* Each number of the gauges, by what it is of. */
START_TEST(what_comes_and_goes_is_told)
{
	static const char *const lines[] = {
		"hook_attempts_total{kind=\"event\"} 9", "hook_failures_total{kind=\"event\"} 4",
		"hooks_waiting{kind=\"event\"} 3", "hooks_dead{kind=\"event\"} 1",
		"hooks_dead{kind=\"mail\"} 0", "tickets_open 7", "tickets_late 2",
		"conversations{state=\"asked\"} 11", "conversations{state=\"waiting\"} 12",
		"conversations{state=\"away\"} 13", "conversations_taken 3",
		"campaigns{state=\"sending\"} 1", "campaigns{state=\"scheduled\"} 0",
		"campaigns{state=\"paused\"} 1", "campaign_messages 500",
	};

	for (size_t i = 0; i < TW_COUNT(lines); i++) {
		char *line = tw_printf("\ntwoway_%s\n", lines[i]);

		ck_assert_msg(strstr(tw_buf_str(&metrics.body), line) != NULL, "%s", lines[i]);
		free(line);
	}
	ck_assert_ptr_null(strstr(tw_buf_str(&metrics.body), "twoway_campaigns{state=\"done\"}"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_metrics");
	TCase *c = tcase_create("metrics");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, families_are_as_the_conventions_have_them);
	tcase_add_test(c, the_dashboard_asks_for_what_there_is);
	tcase_add_test(c, what_happens_is_counted);
	tcase_add_test(c, what_comes_and_goes_is_told);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
