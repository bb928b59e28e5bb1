/* Pools that accounts make for themselves, URLs that are told, and news for watchers who come back. */
#include <stdio.h>

#include "world.h"

static struct store_pool make(struct world *w, const char *friendly, int flags)
{
	struct store_pool p = { .friendly = (char *)(uintptr_t)friendly, .flags = flags };

	ck_assert_int_eq(exchange_pool_put(w->x, w->accounts[0].name, &p, w->now), 0);
	return p;
}

static void put_number(struct world *w, const char *pool, const char *number)
{
	ck_assert_int_eq(exchange_pool_number(w->x, w->accounts[0].name, pool, number, true, w->now), 0);
	world_turn(w);
}

static int refused(struct world *w, const char *pool, const char *from)
{
	struct exchange_post p = { .to = CUSTOMER, .text = "x", .pool = pool, .from = from, .lane = LANE_API,
				   .account = w->accounts[0].name };
	struct exchange_refusal e = { 0 };

	return world_post_full(w, &p, &e) ? 0 : e.code;
}

START_TEST(a_pool_chooses_the_sim)
{
	struct exchange_refusal e = { 0 };
	struct world w;
	const char *id;

	world_open_file(&w);
	make(&w, "shop", 0);
	ck_assert_int_eq(refused(&w, "shop", NULL), 21704);
	ck_assert_int_eq(refused(&w, "shops", NULL), 21701);
	put_number(&w, "shop", SECOND);
	ck_assert_int_eq(refused(&w, "shop", FIRST), 21606);
	for (int i = 0; i < 2; i++) {
		id = world_post_full(&w, &(struct exchange_post){ .to = CUSTOMER, .text = "x", .pool = "shop",
				     .account = w.accounts[0].name, .lane = LANE_API }, &e);
		ck_assert_ptr_nonnull(id);
		world_turn(&w);
		fake_sent(w.bank, 1);
		world_turn(&w);
		struct message m = world_message(&w, id);

		ck_assert_str_eq(m.from, SECOND);
		ck_assert_str_eq(m.pool, "shop");
		message_done(&m);
		if (i == 0)
			world_crash(&w);	/* the pool is in the file, not in memory alone */
	}
	world_close(&w);
}
END_TEST

START_TEST(a_pool_is_its_accounts)
{
	struct exchange_pool p;
	struct world w;
	size_t cursor = 0;
	int own = 0;

	world_open(&w);
	make(&w, "shop", 0);
	struct store_pool second = make(&w, "shop", 0);

	ck_assert_str_eq(second.name, "shop-2");
	while (exchange_pool_each(w.x, w.accounts[0].name, &cursor, &p))
		own += p.own != NULL;
	ck_assert_int_eq(own, 2);
	cursor = 0;
	while (exchange_pool_each(w.x, "somebody else", &cursor, &p))
		ck_assert_ptr_null(p.own);
	ck_assert_int_eq(exchange_pool_drop(w.x, "somebody else", "shop", w.now), TW_E_UNKNOWN);
	ck_assert_int_eq(exchange_pool_drop(w.x, w.accounts[0].name, "shop", w.now), 0);
	ck_assert_int_eq(exchange_pool_drop(w.x, w.accounts[0].name, "shop", w.now), TW_E_UNKNOWN);
	world_turn(&w);
	ck_assert_int_eq(refused(&w, "shop", NULL), 21701);
	world_close(&w);
}
END_TEST

START_TEST(a_pool_says_how)
{
	struct store_pool p = { .friendly = (char *)"shop", .flags = STORE_POOL_SMART, .valid_for = 600000,
				.callback = (char *)"https://a.example/status" };
	struct exchange_refusal e = { 0 };
	struct store_message row;
	struct world w;
	int64_t id;

	world_open(&w);
	ck_assert_int_eq(exchange_pool_put(w.x, w.accounts[0].name, &p, w.now), 0);
	put_number(&w, "shop", FIRST);
	const char *name = world_post_full(&w, &(struct exchange_post){ .to = CUSTOMER, .pool = "shop",
		.text = "\xe2\x80\x9cquoted\xe2\x80\x9d", .account = w.accounts[0].name,
		.lane = LANE_API }, &e);

	ck_assert_int_eq(store_id_read(w.store, name, &id), 0);
	ck_assert_int_eq(store_message_get(w.store, id, &row), 0);
	ck_assert_str_eq(row.callback, "https://a.example/status");
	ck_assert_int_eq(row.encoding, SMS_GSM7);	/* typographic quotes became plain ones */
	ck_assert_int_eq(row.valid_until.ms - row.created_at.ms, 600000);
	store_message_done(&row);
	name = world_post_full(&w, &(struct exchange_post){ .to = CUSTOMER, .pool = "shop", .text = "y",
		.callback = "https://b.example/", .account = w.accounts[0].name, .lane = LANE_API }, &e);
	ck_assert_int_eq(store_id_read(w.store, name, &id), 0);
	ck_assert_int_eq(store_message_get(w.store, id, &row), 0);
	ck_assert_str_eq(row.callback, "https://b.example/");	/* its own wins */
	store_message_done(&row);
	world_close(&w);
}
END_TEST

START_TEST(a_change_that_is_not_committed_is_none)
{
	struct world w;

	world_open(&w);
	make(&w, "shop", 0);
	put_number(&w, "shop", FIRST);
	world_wait(&w, 100);			/* it is on disk */
	ck_assert_int_eq(exchange_pool_drop(w.x, w.accounts[0].name, "shop", w.now), 0);
	ck_assert_int_eq(refused(&w, "shop", NULL), 21701);
	world_inject(&w, 1, 10, true);			/* SQLITE_IOERR at the commit */
	world_post(&w, OTHER_CUSTOMER, "makes the commit due", NULL);
	world_turn(&w);
	ck_assert_int_eq(store_inject_left(w.store), 0);
	world_turn(&w);
	ck_assert_int_eq(refused(&w, "shop", NULL), 0);
	world_close(&w);
}
END_TEST

START_TEST(a_number_is_set_by_its_account)
{
	struct store_number n = { .url = (char *)"https://a.example/" }, got;
	struct world w;

	world_open(&w);
	ck_assert_int_eq(exchange_number(w.x, w.accounts[0].name, FIRST, &got), 0);
	ck_assert_ptr_null(got.url);
	ck_assert_int_eq(exchange_number_put(w.x, w.accounts[0].name, FIRST, &n, w.now), 0);
	ck_assert_int_eq(exchange_number(w.x, w.accounts[0].name, FIRST, &got), 0);
	ck_assert_str_eq(got.url, n.url);
	ck_assert_int_eq(got.changed_at.ms, w.now.wall.ms);
	store_number_done(&got);
	world_close(&w);
}
END_TEST

/* ---- news ---------------------------------------------------------------------------------- */

static char *all_news(struct world *w, int64_t after, char *out, size_t cap)
{
	struct exchange_news n;
	size_t at = 0;

	out[0] = '\0';
	while (exchange_news(w->x, after, &n) == 0) {
		at += (size_t)snprintf(out + at, cap - at, "%s%s", at ? " " : "", n.kind);
		after = n.id;
		exchange_news_done(&n);
	}
	return out;
}

START_TEST(news_are_kept_while_somebody_watches)
{
	int64_t first, last;
	struct world w;
	char text[4096];

	world_open_file(&w);
	world_post(&w, CUSTOMER, "before", NULL);
	world_turn(&w);
	ck_assert_str_eq(all_news(&w, 0, text, sizeof(text)), "");
	exchange_news_wanted(w.x, w.now);
	world_turn(&w);
	fake_sent(w.bank, 0);
	world_turn(&w);
	ck_assert_str_eq(all_news(&w, 0, text, sizeof(text)), "message.sent");
	world_text(&w, 1, CUSTOMER, "HOURS");
	ck_assert_ptr_nonnull(strstr(all_news(&w, 0, text, sizeof(text)), "message.received"));
	ck_assert_int_eq(exchange_news_ends(w.x, &first, &last), 0);
	/* Who watched before a crash finds what happened behind it. */
	world_crash(&w);
	world_text(&w, 0, OTHER_CUSTOMER, "HOURS");
	ck_assert_ptr_nonnull(strstr(all_news(&w, last, text, sizeof(text)), "message.received"));
	/* Nobody has come back for a day. */
	world_wait(&w, STORE_NEWS_MS + 1000);
	ck_assert_int_eq(exchange_news_ends(w.x, &first, &last), 0);
	world_text(&w, 0, OTHER_CUSTOMER, "HOURS again");
	ck_assert_str_eq(all_news(&w, last, text, sizeof(text)), "");
	world_close(&w);
}
END_TEST

START_TEST(news_of_a_void_turn_are_none)
{
	struct world w;
	char text[4096];

	world_open(&w);
	exchange_news_wanted(w.x, w.now);
	world_turn(&w);
	world_post(&w, CUSTOMER, "never", NULL);
	world_inject(&w, 1, 10, true);
	world_turn(&w);
	ck_assert_ptr_null(strstr(all_news(&w, 0, text, sizeof(text)), "message."));
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, a_pool_chooses_the_sim);
	tcase_add_test(t, a_pool_is_its_accounts);
	tcase_add_test(t, a_pool_says_how);
	tcase_add_test(t, a_change_that_is_not_committed_is_none);
	tcase_add_test(t, a_number_is_set_by_its_account);
	tcase_add_test(t, news_are_kept_while_somebody_watches);
	tcase_add_test(t, news_of_a_void_turn_are_none);
}

int main(void)
{
	return world_main("exchange_pools", add);
}
