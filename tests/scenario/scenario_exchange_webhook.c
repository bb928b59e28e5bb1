/* The account's application in Twilio's form: asked about what no flow took, its answer is the reply. */
#include "world.h"

#include <stdio.h>

#define HOOK "http://shop.example/sms"
#define FALLBACK "http://other.example/fallback"

static struct world w;

static void set_hooks(void)
{
	w.accounts[0].webhook = (char *)(uintptr_t)HOOK;
	w.accounts[0].webhook_fallback = (char *)(uintptr_t)FALLBACK;
}

static void open_hooked(void)
{
	world_open(&w);
	set_hooks();
}

static void open_on_disk(void)
{
	world_open_file(&w);
	set_hooks();
}

static void close_world(void)
{
	world_close(&w);
}

/* What a form says of a name, decoded; "" where it is not in it. */
static const char *field(const struct fake_call *c, const char *name)
{
	static char out[512];
	tw_auto(tw_free_charp) char *sought = tw_printf("&%s=", name);
	tw_auto(tw_free_charp) char *form = tw_printf("&%s", c->body);
	const char *at = strstr(form, sought);
	size_t n = 0;

	for (at = at ? at + strlen(sought) : ""; *at && *at != '&' && n < sizeof(out) - 1; at++) {
		unsigned code = 0;

		if (*at == '%' && sscanf(at + 1, "%2x", &code) == 1)
			at += 2;
		out[n++] = code ? (char)code : *at;
	}
	out[n] = 0;
	return out;
}

static struct fake_call *last(void)
{
	ck_assert(w.outside.n);
	return &w.outside.calls[w.outside.n - 1];
}

static void settle(void)
{
	do
		world_turn(&w);
	while (mono_due(w.deadline, w.now.mono));
}

static void answer(const char *type, const char *body)
{
	struct fake_call *c = fake_hook_open(&w.outside);

	ck_assert(c);
	fake_hook_answer(&w.outside, c, 200, type, body);
	settle();
}

static void break_off(enum hook_failure failure)
{
	struct fake_call *c = fake_hook_open(&w.outside);

	ck_assert(c);
	fake_hook_fail(&w.outside, c, failure);
	settle();
}

static void put_first(void *ctx, struct message *m)
{
	struct tw_buf *b = ctx, all = { 0 };

	tw_buf_addf(&all, "%s%s%s", m->text, b->n ? "|" : "", tw_buf_str(b));
	tw_buf_done(b);
	*b = all;
	message_done(m);
}

/* What was said to a number, the oldest first: "one|two". Rotating buffers. */
static const char *said_to(const char *number)
{
	struct exchange_query q = { .state = -1, .direction = OUTBOUND, .with = number, .limit = 100 };
	static char buffers[4][512];
	static unsigned turn;
	char *out = buffers[turn++ % 4];
	struct tw_buf b = { 0 };

	ck_assert_int_ge(exchange_messages(w.x, &q, put_first, &b), 0);
	tw_strset(out, 512, tw_buf_str(&b));
	tw_buf_done(&b);
	return out;
}

START_TEST(test_asked)
{
	world_text(&w, 0, CUSTOMER, "Gr\xc3\xbc\xc3\x9f" "e & 1+1=2");
	struct fake_call *c = last();

	ck_assert_uint_eq(w.outside.n, 1);
	ck_assert(c->kind == HOOK_FORM && c->is_post && c->is_trusted);
	ck_assert_str_eq(c->url, HOOK);
	ck_assert_str_eq(field(c, "Body"), "Gr\xc3\xbc\xc3\x9f" "e & 1+1=2");
	ck_assert_str_eq(field(c, "From"), CUSTOMER);
	ck_assert_str_eq(field(c, "To"), FIRST);
	ck_assert_str_eq(field(c, "FromCountry"), "GB");
	ck_assert_str_eq(field(c, "ToCountry"), "GB");
	ck_assert_str_eq(field(c, "NumMedia"), "0");
	ck_assert_str_eq(field(c, "NumSegments"), "1");
	ck_assert_str_eq(field(c, "SmsStatus"), "received");
	ck_assert_str_eq(field(c, "ApiVersion"), "2010-04-01");
	ck_assert_str_eq(field(c, "OptOutType"), "");
	ck_assert_str_eq(field(c, "ErrorCode"), "");
	ck_assert_str_eq(field(c, "MessagingServiceSid"), "");
	ck_assert(!strncmp(field(c, "MessageSid"), "SM", 2) && strlen(field(c, "AccountSid")) == 34);
	ck_assert(strstr(c->headers, "I-Twilio-Idempotency-Token: WH"));
	/* A keyword is no business of the application. */
	world_text(&w, 0, OTHER_CUSTOMER, "HOURS");
	ck_assert_uint_eq(w.outside.n, 1);
	ck_assert_str_eq(said_to(CUSTOMER), "");
}
END_TEST

/* Each answer, and what is said then. The fallback is asked about what is no answer. */
START_TEST(test_answers)
{
	static const struct { const char *type, *body, *said, *code; } rows[] = {
		{ "text/plain; charset=utf-8", "Hello", "Hello", NULL },
		{ "text/xml", "<Response><Message>Hi</Message></Response>", "Hi", NULL },
		{ "application/xml", "<Response><Message><Body>Hi</Body></Message></Response>", "Hi", NULL },
		{ "text/xml", "<Response><Message>One</Message><Message>Two</Message></Response>",
		  "One|Two", NULL },
		{ "text/xml", "<Response><Message to='+447700900177'>Else</Message></Response>", "", NULL },
		{ "text/xml", "<Response><Message/></Response>", "", NULL },
		{ "text/xml", "<Response/>", "", NULL },
		{ "text/html", "", "", NULL },
		{ NULL, NULL, "", NULL },
		{ "text/plain", " \n", "", NULL },
		{ "text/html", "<p>Hi</p>", "", "12300" },
		{ "application/json", "{}", "", "12300" },
		{ "text/plain", "\xff", "", "12300" },
		{ NULL, "Hi", "", "12300" },
		{ "text/xml", "<Response>", "", "12100" },
		{ "text/xml", "<Reply/>", "", "12102" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		char from[24];

		snprintf(from, sizeof(from), "+44770090%04zu", 5000 + i);
		world_text(&w, 0, from, "what?");
		ck_assert_str_eq(said_to(from), "");
		answer(rows[i].type, rows[i].body);
		ck_assert_msg(!strcmp(said_to(from), rows[i].said), "row %zu: %s", i, said_to(from));
		ck_assert_msg(!rows[i].code == !fake_hook_open(&w.outside), "row %zu", i);
		if (!rows[i].code)
			continue;
		ck_assert_str_eq(last()->url, FALLBACK);
		ck_assert_str_eq(field(last(), "ErrorCode"), rows[i].code);
		ck_assert_str_eq(field(last(), "ErrorUrl"), HOOK);
		answer("text/plain", "from the fallback");
		ck_assert_str_eq(said_to(from), "from the fallback");
	}
	ck_assert_str_eq(said_to("+447700900177"), "Else");
}
END_TEST

/* A connection that fails is tried once more; then the fallback; then `otherwise`. Once each. */
START_TEST(test_failures)
{
	world_text(&w, 0, CUSTOMER, "what?");
	break_off(HOOK_NO_CONNECTION);
	ck_assert_uint_eq(w.outside.n, 2);
	ck_assert_str_eq(w.outside.calls[0].name, w.outside.calls[1].name);
	break_off(HOOK_NO_CONNECTION);
	ck_assert_uint_eq(w.outside.n, 3);
	ck_assert_str_eq(last()->url, FALLBACK);
	ck_assert_str_eq(field(last(), "ErrorCode"), "11205");
	ck_assert_str_ne(w.outside.calls[0].name, last()->name);
	ck_assert_str_eq(said_to(CUSTOMER), "");
	break_off(HOOK_NO_ANSWER);
	ck_assert_uint_eq(w.outside.n, 3);
	ck_assert_str_eq(said_to(CUSTOMER), "Sorry");
	/* An answer that comes behind its time is nobody's. */
	hook_answer(w.hook, w.outside.calls[0].token, &(struct hook_answer){
		.status = 200, .type = "text/plain", .body = "late", .body_n = 4 });
	settle();
	world_wait(&w, 3600 * 1000);
	ck_assert_str_eq(said_to(CUSTOMER), "Sorry");
	ck_assert(!fake_hook_open(&w.outside));
}
END_TEST

/* While one waits for its answer the others go on. */
START_TEST(test_none_waits_for_another)
{
	world_text(&w, 0, CUSTOMER, "first");
	world_text(&w, 0, OTHER_CUSTOMER, "second");
	world_text(&w, 0, CUSTOMER, "third");
	ck_assert_uint_eq(fake_hook_count(&w.outside), 3);
	fake_hook_answer(&w.outside, &w.outside.calls[2], 200, "text/plain", "to the third");
	settle();
	ck_assert_str_eq(said_to(CUSTOMER), "to the third");
}
END_TEST

START_TEST(test_redirects)
{
	world_text(&w, 0, CUSTOMER, "what?");
	answer("text/xml", "<Response><Message>One</Message><Redirect method=\"GET\">../next?a=b</Redirect>"
			   "<Message>not this</Message></Response>");
	ck_assert_uint_eq(w.outside.n, 2);
	ck_assert(last()->kind == HOOK_FORM_GET && !last()->is_post && last()->is_trusted);
	ck_assert(!strncmp(last()->url, "http://shop.example/next?a=b&MessageSid=SM", 42));
	answer("text/xml", "<Response><Message>Two</Message></Response>");
	ck_assert_str_eq(said_to(CUSTOMER), "One|Two");
	/* Elsewhere it is not trusted any more; in circles it ends, and who was answered is not told more. */
	world_text(&w, 0, OTHER_CUSTOMER, "what?");
	answer("text/xml", "<Response><Message>One</Message><Redirect>http://127.0.0.1/</Redirect></Response>");
	ck_assert(!last()->is_trusted);
	for (int i = 0; i < 5; i++) {
		ck_assert_str_eq(last()->url, "http://127.0.0.1/");
		answer("text/xml", "<Response><Redirect>http://127.0.0.1/</Redirect></Response>");
	}
	ck_assert_str_eq(last()->url, FALLBACK);
	ck_assert_str_eq(field(last(), "ErrorCode"), "11215");
	break_off(HOOK_NO_ANSWER);
	ck_assert_str_eq(said_to(OTHER_CUSTOMER), "One");
	ck_assert(!fake_hook_open(&w.outside));
}
END_TEST

/* Told of the three words, asked about none of them: what it answers is not said. */
START_TEST(test_opt_out)
{
	static const struct { const char *text, *type, *said; } rows[] = {
		{ "STOP", "STOP", "You have left." },
		{ "START", "START", "You have left.|Welcome back." },
		{ "HELP", "HELP", "You have left.|Welcome back.|Text STOP to leave." },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		size_t before = w.outside.n;

		world_text(&w, 0, CUSTOMER, rows[i].text);
		ck_assert_uint_eq(w.outside.n, before + 1);
		ck_assert_str_eq(field(last(), "OptOutType"), rows[i].type);
		ck_assert_str_eq(field(last(), "Body"), rows[i].text);
		answer("text/plain", "not this");
		ck_assert_str_eq(said_to(CUSTOMER), rows[i].said);
	}
	world_wait(&w, 60 * 1000);	/* the same text a second time would be a repetition */
	world_text(&w, 0, CUSTOMER, "STOP");
	break_off(HOOK_NO_ANSWER);
	ck_assert_str_eq(last()->url, FALLBACK);
	ck_assert_str_eq(field(last(), "OptOutType"), "STOP");
	break_off(HOOK_NO_ANSWER);
	ck_assert(!fake_hook_open(&w.outside));
	ck_assert(!strstr(said_to(CUSTOMER), "Sorry"));
}
END_TEST

/* Who leaves while the application thinks is not answered by it. */
START_TEST(test_stop_meanwhile)
{
	world_text(&w, 0, CUSTOMER, "what?");
	world_text(&w, 0, CUSTOMER, "STOP");
	answer("text/plain", "Buy more");
	ck_assert_str_eq(said_to(CUSTOMER), "You have left.");
}
END_TEST

/* What the account has set for its number goes before its webhook, and is not trusted. */
START_TEST(test_own_url)
{
	struct store_number n = { .url = (char *)(uintptr_t)"http://mine.example/in?x=1",
				  .fallback = (char *)(uintptr_t)"http://mine.example/else",
				  .url_is_get = true };
	int64_t account;

	ck_assert_int_eq(store_account(w.store, "default", &account), 0);
	ck_assert_int_eq(store_number_put(w.store, account, FIRST, &n), 0);
	world_text(&w, 0, CUSTOMER, "what?");
	ck_assert(last()->kind == HOOK_FORM_GET && !last()->is_trusted);
	ck_assert(!strncmp(last()->url, "http://mine.example/in?x=1&MessageSid=", 38));
	break_off(HOOK_NO_ANSWER);
	ck_assert_str_eq(last()->url, "http://mine.example/else");
	ck_assert(last()->kind == HOOK_FORM);
	answer("text/plain", "ok");
	ck_assert_str_eq(said_to(CUSTOMER), "ok");
	world_text(&w, 1, CUSTOMER, "what?");	/* another number: as configured */
	ck_assert_str_eq(last()->url, HOOK);
}
END_TEST

/* A service of the account goes before its numbers, unless it leaves it to them. */
START_TEST(test_service)
{
	struct store_pool p = { .friendly = (char *)(uintptr_t)"Desk",
				.url = (char *)(uintptr_t)"http://service.example/in" };

	ck_assert_int_eq(exchange_pool_put(w.x, "default", &p, w.now), 0);
	ck_assert_int_eq(exchange_pool_number(w.x, "default", p.name, SECOND, true, w.now), 0);
	settle();
	world_text(&w, 1, CUSTOMER, "what?");
	ck_assert_str_eq(last()->url, "http://service.example/in");
	ck_assert(!strncmp(field(last(), "MessagingServiceSid"), "MG", 2) && !last()->is_trusted);
	answer("text/plain", "ok");
	ck_assert_str_eq(said_to(CUSTOMER), "ok");
	world_text(&w, 0, CUSTOMER, "what?");
	ck_assert_str_eq(last()->url, HOOK);
	ck_assert_str_eq(field(last(), "MessagingServiceSid"), "");
	p.flags = STORE_POOL_BY_NUMBER;
	ck_assert_int_eq(exchange_pool_put(w.x, "default", &p, w.now), 0);
	settle();
	world_text(&w, 1, OTHER_CUSTOMER, "what?");
	ck_assert_str_eq(last()->url, HOOK);
}
END_TEST

/* What the document may ask for, and what it may not. */
START_TEST(test_to_and_from)
{
	world_text(&w, 0, CUSTOMER, "what?");
	answer("text/xml", "<Response><Message to='12ab'>a</Message><Message to='" SECOND "'>b</Message>"
			   "<Message from='+447700900999'>c</Message><Message from='" SECOND "'>d</Message>"
			   "<Message to='" CUSTOMER "'>e</Message></Response>");
	ck_assert_str_eq(said_to(CUSTOMER), "d|e");
	ck_assert(!fake_hook_open(&w.outside));
}
END_TEST

/* What becomes of a reply goes to its `action`, by the method that stands beside it. */
START_TEST(test_action)
{
	static const struct { const char *attributes; enum hook_kind kind; const char *url; } rows[] = {
		{ "action='states?of=1'", HOOK_FORM, "http://shop.example/states?of=1" },
		{ "action='states?of=1' method='GET'", HOOK_FORM_GET,
		  "http://shop.example/states?of=1&MessageSid=SM" },
		{ "statusCallback='/old' method='POST'", HOOK_FORM, "http://shop.example/old" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		tw_auto(tw_free_charp) char *twiml =
			tw_printf("<Response><Message %s>Hi</Message></Response>", rows[i].attributes);
		char from[24];

		snprintf(from, sizeof(from), "+44770090%04zu", 5100 + i);
		world_text(&w, 0, from, "what?");
		answer("text/xml", twiml);
		fake_sent(w.bank, 0);
		settle();
		ck_assert(last()->kind == rows[i].kind && last()->is_trusted);
		ck_assert_msg(!strncmp(last()->url, rows[i].url, strlen(rows[i].url)), "%s", last()->url);
		ck_assert(!strchr(last()->url, '#'));
		ck_assert(strstr(rows[i].kind == HOOK_FORM ? last()->body : last()->url,
				 "MessageStatus=sent"));
		fake_hook_answer(&w.outside, last(), 204, NULL, NULL);
		settle();
	}
}
END_TEST

static int is_down;

static int outage(void *ctx, const struct fake_call *c, struct hook_answer *ret)
{
	(void)ctx;
	if (!strcmp(c->url, FALLBACK))
		*ret = (struct hook_answer){ .status = 200, .type = "text/plain", .body = "back soon",
					     .body_n = 9 };
	else if (is_down)
		*ret = (struct hook_answer){ .failure = HOOK_NO_CONNECTION, .error = "refused" };
	else
		*ret = (struct hook_answer){ .status = 200, .type = "text/plain", .body = "here",
					     .body_n = 4 };
	return 1;
}

/* The endpoint is down for an hour: every sender is answered once, from the fallback. */
START_TEST(test_down_for_an_hour)
{
	enum { SENDERS = 120 };
	char from[24];

	w.outside.answer = outage;
	is_down = 1;
	for (int i = 0; i < SENDERS; i++) {
		snprintf(from, sizeof(from), "+4477009%05d", 6000 + i);
		world_text(&w, i % 2, from, "anybody?");
		world_wait(&w, 30 * 1000);
	}
	is_down = 0;
	world_text(&w, 0, CUSTOMER, "anybody?");
	world_wait(&w, 2 * 24 * 3600 * INT64_C(1000));
	for (int i = 0; i < SENDERS; i++) {
		snprintf(from, sizeof(from), "+4477009%05d", 6000 + i);
		ck_assert_msg(!strcmp(said_to(from), "back soon"), "%s: %s", from, said_to(from));
	}
	ck_assert_str_eq(said_to(CUSTOMER), "here");
	ck_assert_uint_eq(w.outside.n, 3 * SENDERS + 1);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_checked_fixture(t, open_hooked, close_world);
	tcase_add_test(t, test_asked);
	tcase_add_test(t, test_answers);
	tcase_add_test(t, test_failures);
	tcase_add_test(t, test_none_waits_for_another);
	tcase_add_test(t, test_redirects);
	tcase_add_test(t, test_opt_out);
	tcase_add_test(t, test_stop_meanwhile);
	tcase_add_test(t, test_own_url);
	tcase_add_test(t, test_service);
	tcase_add_test(t, test_to_and_from);
	tcase_add_test(t, test_action);
	tcase_add_test(t, test_down_for_an_hour);
}

/* ---- the process dies, the disk fails ------------------------------------------------------- */

/* Whatever was under way is asked again under its name; what was answered and is on disk is not. */
START_TEST(test_kill)
{
	char name[HOOK_NAME_MAX];

	world_text(&w, 0, CUSTOMER, "what?");
	tw_strset(name, sizeof(name), last()->name);
	world_crash(&w);
	settle();
	ck_assert_uint_eq(fake_hook_count(&w.outside), 1);
	ck_assert_str_eq(last()->name, name);
	answer("text/plain", "hello");
	ck_assert_str_eq(said_to(CUSTOMER), "hello");
	world_crash(&w);
	settle();
	world_wait(&w, 60 * 1000);
	ck_assert_uint_eq(fake_hook_count(&w.outside), 0);
	ck_assert_str_eq(said_to(CUSTOMER), "hello");
}
END_TEST

/* Each statement of the turn in which the answer comes fails once: it is said once all the same. */
START_TEST(test_faults)
{
	for (int nth = 1; nth < 60; nth++) {
		char from[24];

		snprintf(from, sizeof(from), "+4477009%05d", 7000 + nth);
		world_text(&w, 0, from, "what?");
		ck_assert_uint_eq(fake_hook_count(&w.outside), 1);
		fake_hook_answer(&w.outside, fake_hook_open(&w.outside), 200, "text/plain", "hello");
		world_inject(&w, nth, nth % 2 ? 10 /* SQLITE_IOERR */ : 13 /* SQLITE_FULL */, false);
		world_wait(&w, 5000);
		bool was_reached = store_inject_left(w.store) == 0;

		world_inject(&w, 0, 0, false);
		world_wait(&w, 20000);
		ck_assert_msg(!strcmp(said_to(from), "hello"), "statement %d: %s", nth, said_to(from));
		ck_assert_uint_eq(fake_hook_count(&w.outside), 0);
		if (!was_reached)
			return;
	}
}
END_TEST

static void add_on_disk(TCase *t)
{
	tcase_add_checked_fixture(t, open_on_disk, close_world);
	tcase_add_test(t, test_kill);
	tcase_add_test(t, test_faults);
}

int main(void)
{
	int failed = world_main("exchange_webhook", add);

	return failed + world_main("exchange_webhook_on_disk", add_on_disk);
}
