/* Messages found by who wrote to whom and when, in slices; redacted and deleted. */
#include <stdio.h>

#include "world.h"

struct found { char text[512]; int n; };

static void add(void *ctx, struct message *m)
{
	struct found *f = ctx;
	size_t n = strlen(f->text);

	snprintf(f->text + n, sizeof(f->text) - n, "%s%s", f->n++ ? " " : "", m->text ? m->text : "-");
	message_done(m);
}

static char *search_all(struct world *w, struct exchange_search s, struct found *f)
{
	int calls = 0;

	*f = (struct found){ 0 };
	s.account = w->settings.accounts[0].name;
	s.limit = s.limit ? s.limit : 100;
	do {
		ck_assert_int_ge(exchange_search(w->x, &s, add, f), 0);
		ck_assert_int_lt(++calls, 20);
	} while (!s.is_over && f->n < s.limit);
	return f->text;
}

/* Out: one, two (to the other), three; in: hello with its answer. */
static void fill(struct world *w, char ids[3][40])
{
	static const char *const to[] = { CUSTOMER, OTHER_CUSTOMER, CUSTOMER };
	static const char *const texts[] = { "one", "two", "three" };

	for (int i = 0; i < 3; i++) {
		tw_strset(ids[i], 40, world_post(w, to[i], texts[i], i == 2 ? SECOND : FIRST));
		world_turn(w);
		fake_sent(w->bank, i == 2);
		world_turn(w);
		world_wait(w, 24 * 3600 * 1000);
	}
	world_text(w, 0, CUSTOMER, "hello");
}

START_TEST(who_wrote_to_whom)
{
	char ids[3][40];
	struct world w;
	struct found f;

	world_open(&w);
	fill(&w, ids);
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ 0 }, &f),
			 "Sorry hello three two one");
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .to = OTHER_CUSTOMER }, &f), "two");
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .from = CUSTOMER }, &f), "hello");
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .from = SECOND }, &f), "three");
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .to = CUSTOMER, .from = FIRST }, &f),
			 "Sorry one");
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .to = "+447700900999" }, &f), "");
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .limit = 2 }, &f), "Sorry hello");
	struct exchange_search s = { .is_newer = true };

	tw_strset(s.position, sizeof(s.position), ids[1]);
	ck_assert_str_eq(search_all(&w, s, &f), "three hello Sorry");
	world_close(&w);
}
END_TEST

START_TEST(when_it_was_sent)
{
	char ids[3][40];
	struct world w;
	struct found f;
	struct message m;

	world_open(&w);
	fill(&w, ids);
	m = world_message(&w, ids[1]);
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .sent_from = m.sent_at,
								 .sent_until = m.sent_at }, &f), "two");
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .sent_until = m.sent_at }, &f),
			 "two one");
	/* What has not been sent was sent at no time. */
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ .sent_from = { m.sent_at.ms + 1 } },
				    &f), "hello three");
	message_done(&m);
	world_close(&w);
}
END_TEST

/* A filter that fits nothing looks at a slice a call. */
START_TEST(a_long_search_goes_in_slices)
{
	struct exchange_search s = { .sent_from = { 1 }, .limit = 10 };
	struct found f = { 0 };
	struct world w;
	int calls = 0;

	world_open(&w);
	for (int i = 0; i < EXCHANGE_LOOK + 10; i++)
		ck_assert_ptr_nonnull(world_post(&w, CUSTOMER, "x", FIRST));
	s.account = w.settings.accounts[0].name;
	do {
		ck_assert_int_eq(exchange_search(w.x, &s, add, &f), 0);
		calls++;
	} while (!s.is_over);
	ck_assert_int_eq(calls, 2);
	world_close(&w);
}
END_TEST

START_TEST(what_is_over_can_be_taken_back)
{
	char ids[3][40];
	struct world w;
	struct found f;
	struct message m = { 0 };

	world_open(&w);
	fill(&w, ids);
	ck_assert_int_eq(exchange_redact(w.x, ids[0], w.now, &m), 0);
	ck_assert_ptr_null(m.text);
	message_done(&m);
	/* Sent a day ago: its report may still come. */
	ck_assert_int_eq(exchange_delete(w.x, ids[2], w.now), TW_E_STATE);
	world_wait(&w, 1000);
	ck_assert_int_eq(exchange_delete(w.x, ids[1], w.now), 0);
	world_turn(&w);
	ck_assert_int_eq(exchange_delete(w.x, ids[1], w.now), TW_E_UNKNOWN);
	ck_assert_int_eq(exchange_message(w.x, ids[1], &m), TW_E_UNKNOWN);
	ck_assert_str_eq(search_all(&w, (struct exchange_search){ 0 }, &f), "Sorry hello three -");
	const char *id = world_post(&w, OTHER_CUSTOMER, "waits", FIRST);

	ck_assert_int_eq(exchange_redact(w.x, id, w.now, &m), TW_E_STATE);
	ck_assert_int_eq(exchange_delete(w.x, id, w.now), TW_E_STATE);
	world_close(&w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, who_wrote_to_whom);
	tcase_add_test(t, when_it_was_sent);
	tcase_add_test(t, a_long_search_goes_in_slices);
	tcase_add_test(t, what_is_over_can_be_taken_back);
}

int main(void)
{
	return world_main("exchange_search", add_tests);
}
