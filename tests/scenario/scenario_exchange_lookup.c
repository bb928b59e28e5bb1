/* Who is it? A contact that was not known is looked up, and the text that brought it waits, never for long. */
#include <stdio.h>

#include "world.h"

static struct world w;
static size_t seen;

static const char *flush(void)
{
	static char out[8192];
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < 12; i++) {
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		world_turn(&w);
	}
	for (; seen < w.bank->n_sends; seen++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", n ? " | " : "", w.bank->sends[seen].text);
	return out;
}

static const char *hear(const char *from, const char *text)
{
	w.now.mono.ms += 1000;	/* the same text within a second would be the same message */
	w.now.wall.ms += 1000;
	world_text(&w, 0, from, text);
	return flush();
}

static const char *answer(int status, const char *body)
{
	struct fake_call *c = fake_hook_open(&w.outside);

	ck_assert_ptr_nonnull(c);
	fake_hook_answer(&w.outside, c, status, "application/json", body);
	world_turn(&w);
	return flush();
}

static void open_with(const char *url, bool on_disk)
{
	world_flow_text = "fields = ( { name = \"nps\"; type = \"integer\"; } ); otherwise = \"What?\"; keywords = ( { match = "
		"\"HI\"; do = ( { when = \"new\"; reply = { en = \"Hello {name|you} {nps}\"; de = \"Hallo {name|du} {nps}\"; }; }, "
		"{ when = \"known\"; reply = \"Again {name|you}\"; } ); } );";
	seen = 0;
	(on_disk ? world_open_file : world_open)(&w);
	w.accounts[0].lookup = (char *)(uintptr_t)url;
	world_reload(&w);
}

#define expect(got, wanted) ck_assert_str_eq(got, wanted)

static int count_events(const char *kind)
{
	struct store_event e;
	int64_t before = 0;
	int n = 0;

	while (store_event_before(w.store, before, &e) == 0) {
		before = e.id;
		n += !strcmp(e.kind, kind);
		store_event_done(&e);
	}
	return n;
}

START_TEST(test_lookup)
{
	struct fake_call *c;

	open_with("https://crm.example/who?k=1#rc=3", true);
	expect(hear(CUSTOMER, "hi"), "");
	c = fake_hook_open(&w.outside);
	ck_assert(c && c->kind == HOOK_GET && !c->is_post);
	ck_assert_str_eq(c->url, "https://crm.example/who?k=1&number=%2B447700900100");
	ck_assert_int_eq(c->total_ms, 2000);
	expect(hear(CUSTOMER, "hi"), "");	/* it does not overtake */
	world_crash(&w);
	expect(flush(), "");
	expect(answer(200, "{\"name\":\"Ann\",\"language\":\"de\",\"zone\":\"Europe/Berlin\",\"owner\":\"van\",\"fields\":{\"nps\":7}}"),
	       "Hallo Ann 7 | Again Ann");
	expect(hear(CUSTOMER, "hi"), "Again Ann");	/* known: nobody is asked */
	ck_assert_ptr_null(fake_hook_open(&w.outside));
	world_close(&w);
}
END_TEST

static const struct { int status; const char *body; int events; const char *says; } rows[] = {
	{ 404, "", 0, "Hello you " }, { 200, "", 0, "Hello you " }, { 200, "{}", 0, "Hello you " },
	{ 200, "{\"name\":null}", 0, "Hello you " }, { 500, "", 1, "Hello you " }, { 200, "who?", 1, "Hello you " },
	{ 200, "[]", 1, "Hello you " }, { 200, "{\"name\":\"Ann\",\"language\":\"deutsch\"}", 1, "Hello you " },
	{ 200, "{\"name\":\"Ann\",\"fields\":{\"number\":\"+1\"}}", 1, "Hello you " },
	{ 200, "{\"name\":\"Ann\",\"more\":1}", 0, "Hello Ann " },
};

/* Whatever it says, the text is heard. */
START_TEST(test_answer)
{
	open_with("https://crm.example/who", false);
	hear(CUSTOMER, "hi");
	ck_assert_str_eq(fake_hook_open(&w.outside)->url, "https://crm.example/who?number=%2B447700900100");
	expect(answer(rows[_i].status, rows[_i].body), rows[_i].says);
	ck_assert_int_eq(count_events("lookup.failed"), rows[_i].events);
	world_close(&w);
}
END_TEST

START_TEST(test_two_seconds)
{
	struct fake_call *c;

	open_with("https://crm.example/who", true);
	hear(CUSTOMER, "hi");
	c = fake_hook_open(&w.outside);
	world_wait(&w, 1800);
	expect(flush(), "");
	world_wait(&w, 300);
	expect(flush(), "Hello you ");
	fake_hook_answer(&w.outside, c, 200, "application/json", "{\"name\":\"Ann\"}");
	world_turn(&w);
	expect(flush(), "");
	expect(hear(CUSTOMER, "hi"), "Again Ann");	/* late is better than never */
	/* nobody is there for longer than that */
	hear(OTHER_CUSTOMER, "hi");
	w.now.mono.ms += 60000;
	w.now.wall.ms += 60000;
	world_crash(&w);
	expect(flush(), "Hello you ");
	world_close(&w);
}
END_TEST

START_TEST(test_consent_does_not_wait)
{
	open_with("https://crm.example/who", false);
	ck_assert(*hear(CUSTOMER, "STOP"));
	ck_assert_ptr_null(fake_hook_open(&w.outside));
	hear(OTHER_CUSTOMER, "hi");
	ck_assert(*hear(OTHER_CUSTOMER, "STOP"));
	expect(answer(404, ""), "");
	world_close(&w);
}
END_TEST

START_TEST(test_url_that_is_none)
{
	open_with("crm", false);
	expect(hear(CUSTOMER, "hi"), "Hello you ");
	ck_assert_int_eq(count_events("lookup.failed"), 1);
	world_close(&w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_lookup);
	tcase_add_loop_test(t, test_answer, 0, TW_COUNT(rows));
	tcase_add_test(t, test_two_seconds);
	tcase_add_test(t, test_consent_does_not_wait);
	tcase_add_test(t, test_url_that_is_none);
}

int main(void)
{
	return world_main("exchange_lookup", add_tests);
}
