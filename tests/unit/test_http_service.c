/* Twilio's surface beside messages: services, what is set for numbers, look-ups, money, and queries that
 * cannot be. */
#include "fake_exchange.c"
#include "http_lab.c"

#include <jansson.h>

#define FORM "Content-Type: application/x-www-form-urlencoded"

static char *user, sid[36], pool_sid[36], number_sid[36];
static char pool_name[] = "uk", pool_number[] = "+447700900001", *pool_numbers[] = { pool_number };
static struct settings_pool pools[] = { { pool_name, { pool_numbers, 1 } } };
static struct answer last;
static json_t *json;

static void setup(void)
{
	lab_start();
	fake_x.pools = pools;
	fake_x.n_pools = 1;
	lab.settings.valid_for = 172800000;
	user = lab_user(0);
	tw_strsetn(sid, sizeof(sid), user, 34);
	twilio_sid("MG", "acme", "uk", pool_sid);
	twilio_sid("PN", "acme", pool_number, number_sid);
}

static void teardown(void)
{
	json_decref(json);
	json = NULL;
	answer_done(&last);
	free(user);
	lab_stop();
}

__attribute__((format(printf, 3, 4)))
static void ask(const char *method, const char *form, const char *format, ...)
{
	char path[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(path, sizeof(path), format, ap);
	va_end(ap);
	json_decref(json);
	lab_ask(&(struct ask){ method, path, form, user, form ? FORM : NULL, .tcp = true }, &last);
	json = json_loadb(tw_buf_str(&last.body), last.body.n, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(json != NULL || last.status == 204, "%s", tw_buf_str(&last.body));
}

static const char *text(const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static int64_t code(void)
{
	return json_integer_value(json_object_get(json, "code"));
}

static void make(char out[36])
{
	ask("POST", "FriendlyName=Shop+%26+co&InboundRequestUrl=https%3A%2F%2Fa.example%2Fin"
	    "&InboundMethod=get&StickySender=false&ValidityPeriod=600&UseInboundWebhookOnNumber=true",
	    "/v1/Services");
	ck_assert_msg(last.status == 201, "%s", tw_buf_str(&last.body));
	tw_strset(out, 36, text("sid"));
}

START_TEST(a_service_is_made_and_shown)
{
	static const char *const keys[] = { "sid", "account_sid", "friendly_name", "date_created",
		"date_updated", "inbound_request_url", "inbound_method", "fallback_url", "fallback_method",
		"status_callback", "sticky_sender", "smart_encoding", "use_inbound_webhook_on_number",
		"mms_converter", "fallback_to_long_code", "area_code_geomatch", "synchronous_validation",
		"us_app_to_person_registered", "scan_message_content", "usecase", "validity_period", "url",
		"links" };
	char mg[36], expected[36], *url;

	make(mg);
	ck_assert_str_eq(mg, twilio_sid("MG", "acme", "Shop & co", expected));
	for (size_t i = 0; i < TW_COUNT(keys); i++)
		ck_assert_msg(json_object_get(json, keys[i]) != NULL, "%s", keys[i]);
	ck_assert_uint_eq(json_object_size(json), TW_COUNT(keys));
	ck_assert_str_eq(text("account_sid"), sid);
	ck_assert_str_eq(text("friendly_name"), "Shop & co");
	ck_assert_str_eq(text("inbound_request_url"), "https://a.example/in");
	ck_assert_str_eq(text("inbound_method"), "GET");
	ck_assert_str_eq(text("fallback_method"), "POST");
	ck_assert(json_is_false(json_object_get(json, "sticky_sender")));
	ck_assert(json_is_true(json_object_get(json, "smart_encoding")));
	ck_assert_int_eq(json_integer_value(json_object_get(json, "validity_period")), 600);
	ck_assert_uint_eq(strlen(text("date_created")), strlen("2026-05-04T09:00:00Z"));
	/* Whole links, by the name under which the client came. */
	url = tw_printf("%s/v1/Services/%s", lab.base, mg);
	ck_assert_str_eq(text("url"), url);
	free(url);
	ask("POST", "FriendlyName=New&StickySender=true&InboundRequestUrl=", "/v1/Services/%s", mg);
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(text("sid"), mg);		/* a new name is no new service */
	ck_assert_str_eq(text("friendly_name"), "New");
	ck_assert(json_is_null(json_object_get(json, "inbound_request_url")));
	ck_assert(json_is_true(json_object_get(json, "sticky_sender")));
	ck_assert_str_eq(text("inbound_method"), "GET");	/* what is not said stays */
	ask("GET", NULL, "/v1/Services/%s", mg);
	ck_assert_str_eq(text("friendly_name"), "New");
	ask("DELETE", NULL, "/v1/Services/%s", mg);
	ck_assert_int_eq(last.status, 204);
	ask("GET", NULL, "/v1/Services/%s", mg);
	ck_assert_int_eq(last.status, 404);
	ck_assert_int_eq(code(), 20404);
}
END_TEST

static const struct { const char *form; const char *word; } bad[] = {
	{ "A=b", "FriendlyName" }, { "FriendlyName=", "FriendlyName" }, { "FriendlyName=a%0Ab", "FriendlyName" },
	{ "FriendlyName=01234567890123456789012345678901234567890123456789012345678901234", "FriendlyName" },
	{ "FriendlyName=a&InboundRequestUrl=ftp://h/", "InboundRequestUrl" },
	{ "FriendlyName=a&StatusCallback=http://a_b.example/", "StatusCallback" },
	{ "FriendlyName=a&FallbackMethod=PUT", "FallbackMethod" },
	{ "FriendlyName=a&StickySender=yes", "StickySender" },
	{ "FriendlyName=a&ValidityPeriod=36001", "ValidityPeriod" },
};

START_TEST(a_service_that_cannot_be_is_refused)
{
	ask("POST", bad[_i].form, "/v1/Services");
	ck_assert_int_eq(last.status, 400);
	ck_assert_int_eq(code(), 20001);
	ck_assert_ptr_nonnull(strstr(text("message"), bad[_i].word));
	ck_assert_uint_eq(fake_x.n_own, 0);
}
END_TEST

START_TEST(a_pool_of_the_configuration_is_read_only)
{
	ask("GET", NULL, "/v1/Services/%s", pool_sid);
	ck_assert_str_eq(text("friendly_name"), "uk");
	ck_assert_int_eq(json_integer_value(json_object_get(json, "validity_period")), 172800);
	ask("POST", "FriendlyName=x", "/v1/Services/%s", pool_sid);
	ck_assert_int_eq(last.status, 403);
	ask("DELETE", NULL, "/v1/Services/%s", pool_sid);
	ck_assert_int_eq(last.status, 403);
	ask("POST", "PhoneNumberSid=x", "/v1/Services/%s/PhoneNumbers", pool_sid);
	ck_assert_int_eq(last.status, 403);
	ask("GET", NULL, "/v1/Services/%s/PhoneNumbers", pool_sid);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "phone_numbers")), 1);
	ask("DELETE", NULL, "/v1/Services/%s/PhoneNumbers/%s", pool_sid, number_sid);
	ck_assert_int_eq(last.status, 403);
}
END_TEST

START_TEST(services_come_in_pages)
{
	json_t *meta;
	char *next;
	char mg[36];

	make(mg);
	ask("GET", NULL, "/v1/Services?PageSize=1");
	meta = json_object_get(json, "meta");
	ck_assert_str_eq(json_string_value(json_object_get(meta, "key")), "services");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "services")), 1);
	ck_assert(json_is_null(json_object_get(meta, "previous_page_url")));
	next = tw_strdup(json_string_value(json_object_get(meta, "next_page_url")));
	ck_assert(!strncmp(next, lab.base, strlen(lab.base)));
	ask("GET", NULL, "%s", next + strlen(lab.base));
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(json, "services"),
			 0), "sid")), mg);
	ck_assert(json_is_null(json_object_get(json_object_get(json, "meta"), "next_page_url")));
	free(next);
	ask("GET", NULL, "/v1/Services?PageSize=none");
	ck_assert_int_eq(last.status, 400);
}
END_TEST

START_TEST(a_number_is_in_one_service)
{
	char form[64], mg[36], other[36];

	make(mg);
	snprintf(form, sizeof(form), "PhoneNumberSid=%s", number_sid);
	ask("POST", form, "/v1/Services/%s/PhoneNumbers", mg);
	ck_assert_int_eq(last.status, 201);
	ck_assert_str_eq(text("sid"), number_sid);
	ck_assert_str_eq(text("service_sid"), mg);
	ck_assert_str_eq(text("phone_number"), pool_number);
	ck_assert_str_eq(text("country_code"), "GB");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(json, "capabilities"), 0)), "SMS");
	ask("POST", form, "/v1/Services/%s/PhoneNumbers", mg);
	ck_assert_int_eq(code(), 21710);
	ask("POST", "FriendlyName=other", "/v1/Services");
	tw_strset(other, sizeof(other), text("sid"));
	ask("POST", form, "/v1/Services/%s/PhoneNumbers", other);
	ck_assert_int_eq(code(), 21712);
	ask("POST", "PhoneNumberSid=PN1", "/v1/Services/%s/PhoneNumbers", mg);
	ck_assert_int_eq(code(), 20001);
	ask("GET", NULL, "/v1/Services/%s/PhoneNumbers/%s", mg, number_sid);
	ck_assert_int_eq(last.status, 200);
	ask("DELETE", NULL, "/v1/Services/%s/PhoneNumbers/%s", mg, number_sid);
	ck_assert_int_eq(last.status, 204);
	ask("GET", NULL, "/v1/Services/%s/PhoneNumbers/%s", mg, number_sid);
	ck_assert_int_eq(last.status, 404);
}
END_TEST

START_TEST(a_service_is_its_accounts_alone)
{
	char mg[36];

	make(mg);
	free(user);
	user = lab_user(1);
	ask("GET", NULL, "/v1/Services/%s", mg);
	ck_assert_int_eq(last.status, 404);
	ask("GET", NULL, "/v1/Services");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "services")), 1);	/* the pool */
}
END_TEST

/* ---- numbers ------------------------------------------------------------------------------- */

START_TEST(what_is_set_for_a_number_is_shown)
{
	ask("POST", "FriendlyName=till&SmsUrl=https://a.example/sms&SmsMethod=GET"
	    "&SmsFallbackUrl=https://b.example/&VoiceUrl=https://c.example/",
	    "/2010-04-01/Accounts/%s/IncomingPhoneNumbers/%s.json", sid, number_sid);
	ck_assert_msg(last.status == 200, "%s", tw_buf_str(&last.body));
	ck_assert_str_eq(text("friendly_name"), "till");
	ck_assert_str_eq(text("sms_url"), "https://a.example/sms");
	ck_assert_str_eq(text("sms_method"), "GET");
	ck_assert_str_eq(text("sms_fallback_url"), "https://b.example/");
	ck_assert_ptr_nonnull(text("date_updated"));
	ck_assert_str_eq(fake_x.number.url, "https://a.example/sms");
	ck_assert(fake_x.number.url_is_get && !fake_x.number.fallback_is_get);
	ask("GET", NULL, "/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json?FriendlyName=till", sid);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "incoming_phone_numbers")), 1);
	ask("GET", NULL, "/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json?FriendlyName=tills", sid);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "incoming_phone_numbers")), 0);
	ask("POST", "SmsUrl=nowhere", "/2010-04-01/Accounts/%s/IncomingPhoneNumbers/%s.json", sid,
	    number_sid);
	ck_assert_int_eq(code(), 20001);
	ck_assert_str_eq(fake_x.number.url, "https://a.example/sms");
	ask("POST", "SmsUrl=&FriendlyName=", "/2010-04-01/Accounts/%s/IncomingPhoneNumbers/%s.json", sid,
	    number_sid);
	ck_assert_str_eq(text("sms_url"), "");
	ck_assert_str_eq(text("friendly_name"), pool_number);
}
END_TEST

START_TEST(a_callback_goes_with_the_message)
{
	ask("POST", "To=%2B447700900123&From=%2B447700900001&Body=x&StatusCallback=http://a.example/?a=b",
	    "/2010-04-01/Accounts/%s/Messages.json", sid);
	ck_assert_int_eq(last.status, 201);
	ck_assert_str_eq(fake_x.last_callback, "http://a.example/?a=b");
	ask("POST", "To=%2B447700900123&From=%2B447700900001&Body=x&StatusCallback=a.example",
	    "/2010-04-01/Accounts/%s/Messages.json", sid);
	ck_assert_int_eq(last.status, 400);
	ck_assert_int_eq(code(), 21609);
}
END_TEST

/* ---- what is known of numbers, and of money -------------------------------------------------- */

static const struct { const char *path, *number, *country, *national, *fault; } lookups[] = {
	{ "%2B447700900123", "+447700900123", "GB", "07700900123", NULL },
	{ "+447700900123", "+447700900123", "GB", "07700900123", NULL },
	{ "07700900123?CountryCode=GB", "+447700900123", "GB", "07700900123", NULL },
	{ "%2B12025550123", "+12025550123", "US", "2025550123", NULL },
	{ "%2B390612345678", "+390612345678", "IT", "0612345678", NULL },
	{ "%2B4477", "+4477", NULL, NULL, "TOO_SHORT" },
	{ "%2B4477009001234567", "+4477009001234567", NULL, NULL, "TOO_LONG" },
	{ "%2B999123456789", "+999123456789", NULL, NULL, "INVALID_COUNTRY_CODE" },
	{ "VODAFONE", "VODAFONE", NULL, NULL, "TOO_SHORT" },
};

START_TEST(a_number_is_looked_up)
{
	ask("GET", NULL, "/v2/PhoneNumbers/%s", lookups[_i].path);
	ck_assert_int_eq(last.status, 200);
	ck_assert_str_eq(text("phone_number"), lookups[_i].number);
	ck_assert_pstr_eq(text("country_code"), lookups[_i].country);
	ck_assert_pstr_eq(text("national_format"), lookups[_i].national);
	ck_assert_int_eq(json_is_true(json_object_get(json, "valid")), !lookups[_i].fault);
	ck_assert_pstr_eq(json_string_value(json_array_get(json_object_get(json, "validation_errors"), 0)),
			  lookups[_i].fault);
	ck_assert(json_is_null(json_object_get(json, "line_type_intelligence")));
}
END_TEST

START_TEST(a_line_is_mobile)
{
	ask("GET", NULL, "/v2/PhoneNumbers/%%2B447700900123?Fields=line_type_intelligence");
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(json, "line_type_intelligence"),
			 "type")), "mobile");
}
END_TEST

START_TEST(a_balance_that_nobody_knows)
{
	ask("GET", NULL, "/2010-04-01/Accounts/%s/Balance.json", sid);
	ck_assert_int_eq(last.status, 404);
}
END_TEST

/* ---- queries that cannot be ------------------------------------------------------------------ */

static const struct { const char *path; long status; const char *word; } queries[] = {
	{ "/api/v1/messages?with=%00%ff", 400, "with" },
	{ "/api/v1/messages?with=%2B44%00x", 400, "with" },
	{ "/api/v1/messages?with=%ff", 400, "with" },
	{ "/api/v1/messages?wi%00th=1", 400, "name" },
	{ "/api/v1/messages/SM%00", 400, "path" },
	{ "/api/v1/messages%00/x?with=1", 400, "path" },
	{ "/api/v1/messages?with=%2B44", 200, NULL },
	{ "/api/v1/messages?a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a", 400, "a" },
};

START_TEST(a_query_is_text)
{
	ask("GET", NULL, "%s", queries[_i].path);
	ck_assert_msg(last.status == queries[_i].status, "%ld %s", last.status, tw_buf_str(&last.body));
	if (queries[_i].word)
		ck_assert_ptr_nonnull(strstr(text("detail"), queries[_i].word));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_service");
	TCase *c = tcase_create("service");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_service_is_made_and_shown);
	tcase_add_loop_test(c, a_service_that_cannot_be_is_refused, 0, TW_COUNT(bad));
	tcase_add_test(c, a_pool_of_the_configuration_is_read_only);
	tcase_add_test(c, services_come_in_pages);
	tcase_add_test(c, a_number_is_in_one_service);
	tcase_add_test(c, a_service_is_its_accounts_alone);
	tcase_add_test(c, what_is_set_for_a_number_is_shown);
	tcase_add_test(c, a_callback_goes_with_the_message);
	tcase_add_loop_test(c, a_number_is_looked_up, 0, TW_COUNT(lookups));
	tcase_add_test(c, a_line_is_mobile);
	tcase_add_test(c, a_balance_that_nobody_knows);
	tcase_add_loop_test(c, a_query_is_text, 0, TW_COUNT(queries));
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
