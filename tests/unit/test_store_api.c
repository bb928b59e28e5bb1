/* What programs keep in the store: settings of numbers, pools, URLs that are told, news. */
#include "run.h"

#include <twoway/store.h>

static struct store *s;
static int64_t account;
static const struct tw_now t0 = { { 1000 }, { INT64_C(1767603600000) } };

static void setup(void)
{
	const struct store_setup memory = { .path = ":memory:", .create = true, .seed = 7 };

	ck_assert_int_eq(store_open(&memory, t0, &s, NULL), 0);
	store_turn_begin(s, t0);
	ck_assert_int_eq(store_account(s, "acme", &account), 0);
}

static void teardown(void)
{
	store_close(s);
}

static struct wall_ms at(int64_t ms)
{
	return wall_after(t0.wall, ms);
}

START_TEST(a_number_has_what_its_account_set)
{
	struct store_number n = { .url = (char *)"https://a.example/sms", .fallback_is_get = true,
				  .changed_at = t0.wall }, got;

	ck_assert_int_eq(store_number(s, account, "+1", &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_number_put(s, account, "+1", &n), 0);
	ck_assert_int_eq(store_number(s, account, "+1", &got), 0);
	ck_assert_str_eq(got.url, n.url);
	ck_assert_ptr_null(got.name);
	ck_assert_ptr_null(got.fallback);
	ck_assert(!got.url_is_get && got.fallback_is_get);
	ck_assert_int_eq(got.changed_at.ms, t0.wall.ms);
	store_number_done(&got);
	/* Another account's is its own. */
	ck_assert_int_eq(store_number(s, account + 1, "+1", &got), TW_E_UNKNOWN);
	n.url = NULL;
	ck_assert_int_eq(store_number_put(s, account, "+1", &n), 0);
	ck_assert_int_eq(store_number(s, account, "+1", &got), 0);
	ck_assert_ptr_null(got.url);
	store_number_done(&got);
}
END_TEST

START_TEST(a_pool_and_its_numbers)
{
	struct store_pool p = { .account = account, .name = "shop", .friendly = (char *)"Shop",
				.flags = STORE_POOL_SMART, .valid_for = 60000, .created_at = t0.wall,
				.changed_at = t0.wall }, got;
	char number[TW_ADDRESS_MAX] = "";
	struct wall_ms when;

	ck_assert_int_eq(store_pool_add(s, &p), 0);
	ck_assert_int_gt(p.id, 0);
	ck_assert_int_eq(store_pool_add(s, &p), TW_E_EXISTS);
	p.friendly = (char *)"The shop";
	p.callback = (char *)"https://a.example/status";
	p.changed_at = at(5);
	ck_assert_int_eq(store_pool_save(s, &p), 0);
	ck_assert_int_eq(store_pool(s, account, "shop", &got), 0);
	ck_assert_int_eq(got.id, p.id);
	ck_assert_str_eq(got.friendly, "The shop");
	ck_assert_str_eq(got.callback, p.callback);
	ck_assert_ptr_null(got.url);
	ck_assert_int_eq(got.flags, STORE_POOL_SMART);
	ck_assert_int_eq(got.valid_for, 60000);
	ck_assert_int_eq(got.created_at.ms, t0.wall.ms);
	ck_assert_int_eq(got.changed_at.ms, at(5).ms);
	store_pool_done(&got);
	ck_assert_int_eq(store_pool_number_add(s, p.id, "+2", at(1)), 0);
	ck_assert_int_eq(store_pool_number_add(s, p.id, "+1", at(2)), 0);
	ck_assert_int_eq(store_pool_number_add(s, p.id, "+1", at(3)), TW_E_EXISTS);
	ck_assert_int_eq(store_pool_number_next(s, p.id, number, &when), 0);
	ck_assert_str_eq(number, "+1");
	ck_assert_int_eq(when.ms, at(2).ms);
	ck_assert_int_eq(store_pool_number_next(s, p.id, number, &when), 0);
	ck_assert_str_eq(number, "+2");
	ck_assert_int_eq(store_pool_number_next(s, p.id, number, &when), TW_E_UNKNOWN);
	ck_assert_int_eq(store_pool_number_drop(s, p.id, "+1"), 0);
	ck_assert_int_eq(store_pool_number_drop(s, p.id, "+1"), TW_E_UNKNOWN);
	ck_assert_int_eq(store_pool_next(s, 0, &got), 0);
	store_pool_done(&got);
	ck_assert_int_eq(store_pool_drop(s, p.id), 0);
	ck_assert_int_eq(store_pool_next(s, 0, &got), TW_E_UNKNOWN);
	number[0] = '\0';
	ck_assert_int_eq(store_pool_number_next(s, p.id, number, &when), TW_E_UNKNOWN);
}
END_TEST

START_TEST(settings_are_kept_by_name)
{
	char *name, *value;

	ck_assert_int_eq(store_setting_put(s, "report", "false"), 0);
	ck_assert_int_eq(store_setting_put(s, "in_doubt", "\"fail\""), 0);
	ck_assert_int_eq(store_setting_put(s, "report", "true"), 0);
	ck_assert_int_eq(store_setting_next(s, "in_doubt", &name, &value), 0);
	ck_assert_str_eq(name, "report");
	ck_assert_str_eq(value, "true");
	free(name);
	free(value);
	ck_assert_int_eq(store_setting_put(s, "in_doubt", NULL), 0);
	ck_assert_int_eq(store_setting_put(s, "in_doubt", NULL), TW_E_UNKNOWN);
	ck_assert_int_eq(store_setting_next(s, "report", &name, &value), TW_E_UNKNOWN);
}
END_TEST

static int64_t add_news(const char *kind, const char *about, int64_t message, struct wall_ms when)
{
	struct store_news n = { .about = (char *)(uintptr_t)about, .message = message, .at = when };
	int64_t first, last;

	tw_strset(n.kind, sizeof(n.kind), kind);
	ck_assert_int_eq(store_news_add(s, &n), 0);
	ck_assert_int_eq(store_news_ends(s, &first, &last), 0);
	return last;
}

START_TEST(news_come_in_order_and_the_old_go)
{
	struct store_news n;
	int64_t first = 9, last = 9, second;

	ck_assert_int_eq(store_news_ends(s, &first, &last), 0);
	ck_assert_int_eq(first, 0);
	ck_assert_int_eq(last, 0);
	first = add_news("message.sent", NULL, 7, t0.wall);
	second = add_news("modem.ready", "till", 0, at(1));
	ck_assert_int_gt(second, first);
	ck_assert_int_eq(store_news_next(s, 0, &n), 0);
	ck_assert_str_eq(n.kind, "message.sent");
	ck_assert_ptr_null(n.about);
	ck_assert_int_eq(n.message, 7);
	store_news_done(&n);
	ck_assert_int_eq(store_news_next(s, first, &n), 0);
	ck_assert_str_eq(n.about, "till");
	store_news_done(&n);
	ck_assert_int_eq(store_news_next(s, second, &n), TW_E_UNKNOWN);
	add_news("modem.ready", "till", 0, at(STORE_NEWS_MS + 2));
	ck_assert_int_eq(store_news_ends(s, &first, &last), 0);
	ck_assert_int_eq(first, last);	/* both old ones went with it */
}
END_TEST

START_TEST(what_names_an_erased_contact_goes)
{
	struct store_message m = { .direction = 1, .account = account, .created_at = t0.wall,
				   .valid_until = at(1000), .due_at = t0.wall,
				   .callback = (char *)"https://a.example/?to=447700900100" };
	struct store_contact c;
	struct store_news n;

	ck_assert_int_eq(store_contact(s, account, "+447700900100", true, t0.wall, &c), 0);
	m.contact = c.id;
	m.state = MESSAGE_DELIVERED;
	ck_assert_int_eq(store_message_insert(s, &m), 0);
	add_news("call.missed", "+447700900100", 0, t0.wall);
	struct store_message got;

	ck_assert_int_eq(store_message_get(s, m.id, &got), 0);
	ck_assert_str_eq(got.callback, m.callback);
	store_message_done(&got);
	ck_assert_int_eq(store_erase_begin(s, &c, at(1)), 0);
	while (store_erase_slice(s, c.id, 0, 10) == 0)
		;
	ck_assert_int_eq(store_message_get(s, m.id, &got), 0);
	ck_assert_ptr_null(got.callback);
	store_message_done(&got);
	ck_assert_int_eq(store_news_next(s, 0, &n), 0);
	ck_assert_str_eq(n.about, "");
	store_news_done(&n);
}
END_TEST

static void add(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_number_has_what_its_account_set);
	tcase_add_test(c, a_pool_and_its_numbers);
	tcase_add_test(c, settings_are_kept_by_name);
	tcase_add_test(c, news_come_in_order_and_the_old_go);
	tcase_add_test(c, what_names_an_erased_contact_goes);
}

int main(void)
{
	return unit_run("store_api", add);
}
