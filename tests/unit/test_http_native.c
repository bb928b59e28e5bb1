/* Contacts one by one and as CSV, lists, flow files, settings. */
#include "fake_exchange.c"
#include "http_lab.c"

#include <jansson.h>

static struct answer last;
static json_t *json;
static char *flow_folder[1];

static void lab_list_flows(void *ctx, struct tw_strings *ret);
static int lab_check_flow(void *ctx, const char *path, const char *text, size_t n, struct tw_findings *f);

static void list_flows_in(void)
{
	lab.http->setup.list_flows = lab_list_flows;
	lab.http->setup.check_flow = lab_check_flow;
}

static void setup(void)
{
	lab_start();
	flow_folder[0] = tw_printf("%s/flows", lab.dir);
	ck_assert_int_eq(mkdir(flow_folder[0], 0755), 0);
	lab.settings.flows = (struct tw_strings){ flow_folder, 1 };
	lab_do(list_flows_in);
}

static void teardown(void)
{
	json_decref(json);
	json = NULL;
	answer_done(&last);
	free(flow_folder[0]);
	lab_stop();
}

static void ask_as(const char *method, const char *path, const char *body, const char *header)
{
	json_decref(json);
	lab_ask(&(struct ask){ method, path, body, NULL, header }, &last);
	json = json_loadb(tw_buf_str(&last.body), last.body.n, JSON_REJECT_DUPLICATES, NULL);
}

static void ask(const char *method, const char *path, const char *body)
{
	ask_as(method, path, body, NULL);
}

static const char *text(const char *name)
{
	return json_string_value(json_object_get(json, name));
}

#define ACME "?account=acme"

/* ---- one contact --------------------------------------------------------------------------- */

START_TEST(a_contact_is_looked_at)
{
	ask("GET", "/api/v1/contacts/%2B447700900100" ACME, NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(text("number"), "+447700900100");
	ask("GET", "/api/v1/contacts/%2B447700900101" ACME, NULL);
	ck_assert_int_eq(last.status, 404);
	ask("GET", "/api/v1/contacts/%2B447700900100", NULL);
	ck_assert_int_eq(last.status, 400);		/* of which account? */
	ck_assert_str_eq(text("field"), "account");
}
END_TEST

START_TEST(a_contact_is_written)
{
	ask("PUT", "/api/v1/contacts/%2B447700900100" ACME,
	    "{\"name\":\"Ann\",\"zone\":null,\"fields\":{\"nps\":\"9\"}}");
	ck_assert_msg(last.status == 200, "%s", tw_buf_str(&last.body));
	ck_assert_str_eq(fake_x.imported, "acme +447700900100: Ann -  - 1 nps=9");
	ask("PUT", "/api/v1/contacts/%2B447700900101" ACME, "{}");
	ck_assert_int_eq(last.status, 201);
	fake_x.refusal = (struct exchange_refusal){ 400, 20001, "the language is not a code" };
	ask("PUT", "/api/v1/contacts/%2B447700900101" ACME, "{\"language\":\"x\"}");
	ck_assert_int_eq(last.status, 400);
}
END_TEST

static const struct { const char *body, *field; } bad_contacts[] = {
	{ "[]", NULL }, { "{", NULL }, { "{\"name\":5}", "name" }, { "{\"nick\":\"x\"}", "nick" },
	{ "{\"fields\":[]}", "fields" }, { "{\"fields\":{\"a\":1}}", "fields.a" },
	{ "{\"name\":\"a\\u0000b\"}", NULL },
};

START_TEST(a_contact_that_cannot_be_is_refused)
{
	ask("PUT", "/api/v1/contacts/%2B447700900100" ACME, bad_contacts[_i].body);
	ck_assert_int_eq(last.status, 400);
	ck_assert_pstr_eq(text("field"), bad_contacts[_i].field);
	ck_assert_str_eq(fake_x.imported, "");
}
END_TEST

START_TEST(a_contact_leaves)
{
	ask("POST", "/api/v1/contacts/%2B447700900100/leave" ACME,
	    "{\"list\":\"offers\",\"source\":\"by telephone\"}");
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(fake_x.erased, "acme +447700900100 offers by telephone");
	ask("POST", "/api/v1/contacts/%2B447700900100/leave" ACME, "{\"source\":\"by telephone\"}");
	ck_assert_str_eq(fake_x.erased, "acme +447700900100 - by telephone");
	ask("DELETE", "/api/v1/contacts/%2B447700900100" ACME, NULL);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "erased")), 1);
	ask("GET", "/api/v1/lists" ACME, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(json, "lists"), 0),
			 "name")), "offers");
}
END_TEST

/* ---- CSV out ------------------------------------------------------------------------------- */

static int count_lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

START_TEST(messages_leave_as_csv)
{
	for (int i = 0; i < 60; i++)
		fake_add("acme", "+447700900111", i ? "=SUM(A1)" : "quotes \" and\nlines");
	fake_add("bistro", "+447700900112", "not for acme");
	ask("GET", "/api/v1/messages.csv" ACME, NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&last.headers), "text/csv"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&last.headers), "messages.csv"));
	ck_assert_int_eq(count_lines(tw_buf_str(&last.body)), 1 + 60 + 1);
	ck_assert(!strncmp(tw_buf_str(&last.body), "id,created_at,direction,", 24));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&last.body), "\"quotes \"\" and\nlines\""));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&last.body), "\"'=SUM(A1)\""));
	ck_assert_ptr_null(strstr(tw_buf_str(&last.body), "not for acme"));
}
END_TEST

START_TEST(contacts_leave_as_csv)
{
	ask("GET", "/api/v1/contacts.csv", NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&last.body), "\n+447700900100,"));
	ask("GET", "/api/v1/contacts.csv" ACME "&list=none", NULL);
	ck_assert_int_eq(last.status, 404);
	ask("GET", "/api/v1/contacts.csv?list=offers", NULL);
	ck_assert_int_eq(last.status, 400);
}
END_TEST

/* ---- CSV in -------------------------------------------------------------------------------- */

#define CSV "Content-Type: text/csv"

START_TEST(contacts_come_as_csv)
{
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "\xEF\xBB\xBFNumber;Name;NPS\n");
	for (int i = 0; i < 120; i++)
		tw_buf_addf(&b, "+4477009%05d;\"A; n\"\"n\";%d\n", i, i);
	tw_buf_adds(&b, "+44;x;y;z\n");			/* a cell too many */
	ask_as("POST", "/api/v1/contacts.csv" ACME "&list=offers&source=paper+form", b.p, CSV);
	ck_assert_msg(last.status == 200, "%s", tw_buf_str(&last.body));
	ck_assert_int_eq(fake_x.imports, 3);		/* a turn and a commit each */
	ck_assert_uint_eq(fake_x.rows, 120);
	ck_assert_int_eq(fake_store.commits, 3);
	ck_assert_str_eq(fake_x.imported, "acme offers paper form: 20, +447700900119 A; n\"n nps=119");
	ck_assert_int_eq(json_integer_value(json_object_get(json, "joined")), 3);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "known")), 117);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "bad")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(json_object_get(json, "lines"), 0),
			 "line")), 122);
	tw_buf_done(&b);
}
END_TEST

START_TEST(a_long_file_is_no_body_in_memory)
{
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "number,note\n");
	while (b.n < 4 * HTTP_BODY_MAX)
		tw_buf_addf(&b, "+447700900%03zu,%0500d\n", b.n % 1000, 7);
	ask_as("POST", "/api/v1/contacts.csv" ACME "&list=offers&source=paper+form", b.p, CSV);
	ck_assert_msg(last.status == 200, "%s", tw_buf_str(&last.body));
	ck_assert_uint_gt(fake_x.rows, 500);
	tw_buf_done(&b);
}
END_TEST

static const struct { const char *query, *body, *header; long status; const char *word; } bad_files[] = {
	{ ACME "&list=offers&source=paper", "", CSV, 400, "empty" },
	{ ACME "&list=offers&source=paper", "name\nx\n", CSV, 400, "number" },
	{ ACME "&list=offers&source=paper", "number,number\n", CSV, 400, "two columns" },
	{ "?list=offers&source=paper", "number\n+44\n", CSV, 400, "account" },
	{ ACME "&list=offers&source=paper", "number\n", "Content-Type: text/plain", 415, "text/csv" },
	{ ACME "&liste=offers", "number\n", CSV, 400, "liste" },
};

START_TEST(a_file_that_cannot_be_is_refused)
{
	char *path = tw_printf("/api/v1/contacts.csv%s", bad_files[_i].query);

	ask_as("POST", path, bad_files[_i].body, bad_files[_i].header);
	ck_assert_msg(last.status == bad_files[_i].status, "%ld %s", last.status, tw_buf_str(&last.body));
	ck_assert_ptr_nonnull(strstr(text("detail"), bad_files[_i].word));
	ck_assert_uint_eq(fake_x.rows, 0);
	free(path);
}
END_TEST

static struct mono_ms failing_turn(void *ctx, struct tw_now now)
{
	fake_store.fails = fake_x.imports > 1;
	return lab_turn(ctx, now);
}

static void use_failing_turn(void)
{
	loop_set_turn(lab.loop, failing_turn, NULL);
}

START_TEST(a_slice_that_is_not_written_ends_it)
{
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "number\n");
	for (int i = 0; i < 120; i++)
		tw_buf_addf(&b, "+4477009%05d\n", i);
	lab_do(use_failing_turn);
	ask_as("POST", "/api/v1/contacts.csv" ACME "&list=offers&source=paper", b.p, CSV);
	ck_assert_int_eq(last.status, 507);
	ck_assert_ptr_nonnull(strstr(text("detail"), "rows before are in"));
	ck_assert_int_eq(fake_x.imports, 3);
	tw_buf_done(&b);
}
END_TEST

/* ---- flows --------------------------------------------------------------------------------- */

static void lab_list_flows(void *ctx, struct tw_strings *ret)
{
	char *path = tw_printf("%s/shop.conf", flow_folder[0]);

	(void)ctx;
	if (access(path, F_OK) == 0)
		tw_strings_add(ret, path);
	free(path);
}

/* A flow with "bad" in it has an error. */
static int lab_check_flow(void *ctx, const char *path, const char *body, size_t n, struct tw_findings *f)
{
	(void)ctx;
	if (!body || !memmem(body, n, "bad", 3))
		return 0;
	tw_findings_add(f, path, 3, -1, true, "an unknown verb");
	return TW_E_CONFIG;
}

static char *on_disk(void)
{
	static char content[64];
	char *path = tw_printf("%s/shop.conf", flow_folder[0]);
	FILE *f = fopen(path, "r");

	content[0] = '\0';
	if (f) {
		content[fread(content, 1, sizeof(content) - 1, f)] = '\0';
		fclose(f);
	}
	free(path);
	return f ? content : NULL;
}

#define PLAIN "Content-Type: text/plain"

START_TEST(a_flow_is_put_read_and_removed)
{
	ask("GET", "/api/v1/flows/shop.conf", NULL);
	ck_assert_int_eq(last.status, 404);
	ask_as("PUT", "/api/v1/flows/shop.conf?check=true", "one = 1;\n", PLAIN);
	ck_assert_int_eq(last.status, 200);
	ck_assert_ptr_null(on_disk());
	ask_as("PUT", "/api/v1/flows/shop.conf", "one = 1;\n", PLAIN);
	ck_assert_msg(last.status == 200, "%s", tw_buf_str(&last.body));
	ck_assert_int_eq(lab.reloads, 1);
	ck_assert_str_eq(on_disk(), "one = 1;\n");
	ask("GET", "/api/v1/flows/shop.conf", NULL);
	ck_assert_str_eq(tw_buf_str(&last.body), "one = 1;\n");
	ask("GET", "/api/v1/flows", NULL);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(json, "flows"), 0),
			 "name")), "shop.conf");
	ask_as("PUT", "/api/v1/flows/shop.conf", "two = bad;\n", PLAIN);
	ck_assert_int_eq(last.status, 422);
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(json_object_get(json, "findings"),
			 0), "line")), 3);
	ck_assert_str_eq(on_disk(), "one = 1;\n");
	ck_assert_int_eq(lab.reloads, 1);
	ask("DELETE", "/api/v1/flows/shop.conf", NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_ptr_null(on_disk());
	ask("DELETE", "/api/v1/flows/shop.conf", NULL);
	ck_assert_int_eq(last.status, 404);
}
END_TEST

START_TEST(a_reload_that_fails_puts_the_file_back)
{
	ask_as("PUT", "/api/v1/flows/shop.conf", "one = 1;\n", PLAIN);
	ck_assert_int_eq(last.status, 200);
	lab.reload_result = TW_E_CONFIG;
	ask_as("PUT", "/api/v1/flows/shop.conf", "two = 2;\n", PLAIN);
	ck_assert_int_eq(last.status, 422);
	ck_assert_str_eq(on_disk(), "one = 1;\n");
	ask("DELETE", "/api/v1/flows/shop.conf", NULL);
	ck_assert_int_eq(last.status, 422);
	ck_assert_str_eq(on_disk(), "one = 1;\n");
	ask_as("PUT", "/api/v1/flows/shop.conf?check=maybe", "x\n", PLAIN);
	ck_assert_int_eq(last.status, 400);
}
END_TEST

static const char *const bad_names[] = { "..%2Fshop.conf", ".conf", "shop", "sh%20op.conf", "a/b.conf" };

START_TEST(a_flow_is_in_its_folder)
{
	char *path = tw_printf("/api/v1/flows/%s", bad_names[_i]);

	ask_as("PUT", path, "one = 1;\n", PLAIN);
	ck_assert_int_eq(last.status, 400);
	free(path);
}
END_TEST

/* ---- settings ------------------------------------------------------------------------------ */

static json_t *setting(const char *name)
{
	json_t *row;
	size_t i;

	ask("GET", "/api/v1/settings", NULL);
	json_array_foreach(json_object_get(json, "settings"), i, row) {
		if (!strcmp(json_string_value(json_object_get(row, "name")), name))
			return row;
	}
	return NULL;
}

START_TEST(a_setting_is_changed_and_taken_back)
{
	static char moved[] = "moved";

	lab.settings.sticky.moved_text = moved;
	ck_assert_ptr_nonnull(setting("valid_for"));
	ck_assert_ptr_nonnull(setting("sticky.moved_text"));
	ck_assert(json_is_true(json_object_get(setting("valid_for"), "live")));
	ck_assert(json_is_false(json_object_get(setting("database"), "live")));
	ck_assert_ptr_nonnull(setting("api.listen"));
	ask("GET", "/api/v1/settings/retry.tries", NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(text("name"), "retry.tries");
	ask("GET", "/api/v1/settings/none", NULL);
	ck_assert_int_eq(last.status, 404);
	ck_assert(json_is_false(json_object_get(setting("report"), "changed")));
	ask("PUT", "/api/v1/settings/report", "{\"value\":false}");
	ck_assert_msg(last.status == 200, "%s", tw_buf_str(&last.body));
	ck_assert_str_eq(fake_store.setting_value, "false");
	ck_assert_int_eq(lab.reloads, 1);	/* before the answer left */
	ck_assert_ptr_nonnull(strstr(fake_store.audited, "set report false"));
	ck_assert(json_is_true(json_object_get(setting("report"), "changed")));
	ask("DELETE", "/api/v1/settings/report", NULL);
	ck_assert_int_eq(last.status, 200);
	ck_assert_int_eq(lab.reloads, 2);
	ask("DELETE", "/api/v1/settings/report", NULL);
	ck_assert_int_eq(last.status, 404);
}
END_TEST

static const struct { const char *name, *body; long status; const char *word; } bad_settings[] = {
	{ "database", "{\"value\":\"x\"}", 404, "database" },
	{ "reports", "{\"value\":true}", 404, "reports" },
	{ "report", "{\"value\":\"yes\"}", 400, "value" },
	{ "report", "{\"value\":[]}", 400, "value" },
	{ "report", "{}", 400, "value" },
	{ "report", "[]", 400, "object" },
	{ "max_segments", "{\"value\":0}", 400, "between 1 and 255" },
	{ "valid_for", "{\"value\":\"soon\"}", 400, "value" },
	{ "in_doubt", "{\"value\":\"ask\"}", 400, "resend" },
	{ "report", "{\"value\":\"a\\\"; database = \\\"b\"}", 400, "value" },
};

START_TEST(a_setting_that_cannot_be_is_refused)
{
	char *path = tw_printf("/api/v1/settings/%s", bad_settings[_i].name);

	ask("PUT", path, bad_settings[_i].body);
	ck_assert_msg(last.status == bad_settings[_i].status, "%ld %s", last.status, tw_buf_str(&last.body));
	ck_assert_msg(strstr(text("detail"), bad_settings[_i].word) != NULL, "%s", text("detail"));
	ck_assert_str_eq(fake_store.setting, "");
	free(path);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_native");
	TCase *c = tcase_create("native");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_contact_is_looked_at);
	tcase_add_test(c, a_contact_is_written);
	tcase_add_loop_test(c, a_contact_that_cannot_be_is_refused, 0, TW_COUNT(bad_contacts));
	tcase_add_test(c, a_contact_leaves);
	tcase_add_test(c, messages_leave_as_csv);
	tcase_add_test(c, contacts_leave_as_csv);
	tcase_add_test(c, contacts_come_as_csv);
	tcase_add_test(c, a_long_file_is_no_body_in_memory);
	tcase_add_loop_test(c, a_file_that_cannot_be_is_refused, 0, TW_COUNT(bad_files));
	tcase_add_test(c, a_slice_that_is_not_written_ends_it);
	tcase_add_test(c, a_flow_is_put_read_and_removed);
	tcase_add_test(c, a_reload_that_fails_puts_the_file_back);
	tcase_add_loop_test(c, a_flow_is_in_its_folder, 0, TW_COUNT(bad_names));
	tcase_add_test(c, a_setting_is_changed_and_taken_back);
	tcase_add_loop_test(c, a_setting_that_cannot_be_is_refused, 0, TW_COUNT(bad_settings));
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
