/* Quotas: where windows begin and end, what has room, what is given back, what survives. */
#include "run.h"

#include <twoway/bank.h>

static struct wall_ms at(const char *rfc3339)
{
	struct wall_ms t;

	ck_assert_int_eq(tw_rfc3339_read(rfc3339, &t), 0);
	return t;
}

static struct quota_plan plan_in(const char *zone, int day, int hour)
{
	struct quota_plan p = { .reset_day = day, .reset_hour = hour };

	ck_assert_int_eq(tw_zone_get(zone, &p.zone), 0);
	return p;
}

static const struct {
	const char *zone;
	int day, hour;
	enum quota_window window;
	const char *when, *start, *end;
} windows[] = {
	{ "", 1, 0, QUOTA_MONTH, "2026-02-14T12:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z" },
	{ "", 1, 0, QUOTA_MONTH, "2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z" },
	{ "", 1, 0, QUOTA_MONTH, "2026-01-31T23:59:59.999Z", "2026-01-01T00:00:00Z",
	  "2026-02-01T00:00:00Z" },
	/* A month without that day begins on its last. */
	{ "", 31, 0, QUOTA_MONTH, "2026-02-27T00:00:00Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z" },
	{ "", 31, 0, QUOTA_MONTH, "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z" },
	{ "", 31, 0, QUOTA_MONTH, "2028-02-28T00:00:00Z", "2028-01-31T00:00:00Z", "2028-02-29T00:00:00Z" },
	{ "", 30, 6, QUOTA_MONTH, "2026-03-01T00:00:00Z", "2026-02-28T06:00:00Z", "2026-03-30T06:00:00Z" },
	{ "", 15, 6, QUOTA_MONTH, "2026-01-15T05:59:00Z", "2025-12-15T06:00:00Z", "2026-01-15T06:00:00Z" },
	{ "", 15, 0, QUOTA_MONTH, "2025-12-31T00:00:00Z", "2025-12-15T00:00:00Z", "2026-01-15T00:00:00Z" },
	/* The plan's own clock, in summer and in winter. */
	{ "Europe/London", 1, 0, QUOTA_MONTH, "2026-06-30T22:59:00Z", "2026-05-31T23:00:00Z",
	  "2026-06-30T23:00:00Z" },
	{ "Europe/London", 1, 0, QUOTA_MONTH, "2026-06-30T23:00:00Z", "2026-06-30T23:00:00Z",
	  "2026-07-31T23:00:00Z" },
	{ "Europe/London", 1, 0, QUOTA_MONTH, "2026-03-20T00:00:00Z", "2026-03-01T00:00:00Z",
	  "2026-03-31T23:00:00Z" },
	{ "Europe/London", 1, 0, QUOTA_DAY, "2026-03-29T12:00:00Z", "2026-03-29T00:00:00Z",
	  "2026-03-29T23:00:00Z" },
	{ "Europe/London", 1, 0, QUOTA_DAY, "2026-10-25T12:00:00Z", "2026-10-24T23:00:00Z",
	  "2026-10-26T00:00:00Z" },
	/* An hour that the night skips: when the gap ends. One that comes twice: the first. */
	{ "Europe/London", 1, 1, QUOTA_DAY, "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z",
	  "2026-03-30T00:00:00Z" },
	{ "Europe/London", 1, 1, QUOTA_DAY, "2026-10-25T12:00:00Z", "2026-10-25T00:00:00Z",
	  "2026-10-26T01:00:00Z" },
	{ "Asia/Kolkata", 1, 0, QUOTA_DAY, "2026-05-04T18:29:00Z", "2026-05-03T18:30:00Z",
	  "2026-05-04T18:30:00Z" },
	{ "", 1, 0, QUOTA_MINUTE, "2026-05-04T18:29:30Z", "2026-05-04T18:28:30Z", "2026-05-04T18:30:30Z" },
};

START_TEST(test_window)
{
	struct quota_plan p = plan_in(windows[_i].zone, windows[_i].day, windows[_i].hour);
	struct wall_ms t = at(windows[_i].when);

	ck_assert_int_eq(quota_window_start(&p, windows[_i].window, t).ms, at(windows[_i].start).ms);
	ck_assert_int_eq(quota_window_end(&p, windows[_i].window, t).ms, at(windows[_i].end).ms);
}
END_TEST

/* A year of hours: every instant lies in exactly one month, and the next begins where one ends. */
START_TEST(test_months_join)
{
	struct quota_plan p = plan_in("America/New_York", 31, 2);
	struct wall_ms t = at("2027-06-01T00:00:00Z"), end = quota_window_end(&p, QUOTA_MONTH, t);
	int months = 0;

	for (; t.ms < at("2028-06-01T00:00:00Z").ms; t.ms += 3600 * 1000) {
		struct wall_ms start = quota_window_start(&p, QUOTA_MONTH, t);

		if (start.ms > end.ms - 1) {
			ck_assert_int_eq(start.ms, end.ms);
			end = quota_window_end(&p, QUOTA_MONTH, t);
			months++;
		}
		ck_assert(start.ms <= t.ms && t.ms < end.ms);
		ck_assert_int_eq(quota_window_end(&p, QUOTA_MONTH, t).ms, end.ms);
	}
	ck_assert_int_eq(months, 12);
}
END_TEST

static const struct quota_plan *with_limit(enum quota_window w, int64_t limit, int64_t share)
{
	static struct quota_plan p;

	p = plan_in("", 1, 0);
	p.share = share;
	p.limit[w] = limit;
	return &p;
}

static int64_t room(const struct quota_plan *p, const struct quota_used *u, bool is_reply, struct wall_ms t)
{
	return quota_room(p, u, is_reply, 0, t);
}

START_TEST(test_slides)
{
	const struct quota_plan *p = with_limit(QUOTA_MINUTE, 3, 0);
	struct quota_used u = { 0 };
	struct wall_ms t = at("2026-05-04T09:00:40Z");

	quota_roll(p, &u, t);
	for (int i = 0; i < 3; i++)
		quota_charge(p, &u, false, 1, 0, wall_after(t, i * 1000));
	ck_assert_int_eq(room(p, &u, true, wall_after(t, 2000)), 0);
	ck_assert_int_eq(room(p, &u, true, wall_after(t, 59999)), 0);	/* another minute of the clock */
	ck_assert_int_eq(room(p, &u, true, wall_after(t, 60000)), 1);
	ck_assert_int_eq(room(p, &u, true, wall_after(t, 62000)), 3);
	quota_used_done(&u);
}
END_TEST

static const struct {
	int64_t limit, share, replies, bulk, for_reply, for_bulk;
} shares[] = {
	{ 10, 20, 0, 0, 10, 8 },
	{ 10, 20, 0, 8, 2, 0 },
	{ 10, 20, 2, 8, 0, 0 },
	{ 10, 20, 2, 0, 8, 8 },		/* what replies have used was theirs */
	{ 10, 20, 5, 4, 1, 1 },
	{ 10, 0, 0, 4, 6, 6 },
	{ 10, 100, 0, 0, 10, 0 },
	{ 3, 20, 0, 0, 3, 3 },		/* a fifth of three is none */
	{ 900, 20, 100, 700, 100, 20 },
};

START_TEST(test_share)
{
	static const enum quota_window all[] = { QUOTA_MINUTE, QUOTA_HOUR, QUOTA_DAY, QUOTA_MONTH };
	struct wall_ms t = at("2026-05-04T09:00:40Z");

	for (size_t w = 0; w < TW_COUNT(all); w++) {
		const struct quota_plan *p = with_limit(all[w], shares[_i].limit, shares[_i].share);
		struct quota_used u = { 0 };

		quota_roll(p, &u, t);
		quota_charge(p, &u, true, (int)shares[_i].replies, 0, t);
		quota_charge(p, &u, false, (int)shares[_i].bulk, 0, t);
		ck_assert_int_eq(room(p, &u, true, t), shares[_i].for_reply);
		ck_assert_int_eq(room(p, &u, false, t), shares[_i].for_bulk);
		quota_used_done(&u);
	}
}
END_TEST

START_TEST(test_money)
{
	struct quota_plan p = plan_in("", 1, 0);
	struct quota_used u = { 0 };
	struct wall_ms t = at("2026-05-04T09:00:40Z");

	p.spend = 1 * QUOTA_MONEY;
	p.share = 20;
	quota_roll(&p, &u, t);
	ck_assert_int_eq(quota_room(&p, &u, false, 50000, t), 16);
	ck_assert_int_eq(quota_room(&p, &u, true, 50000, t), 20);
	quota_charge(&p, &u, false, 16, 50000, t);
	ck_assert_int_eq(quota_room(&p, &u, false, 50000, t), 0);
	ck_assert_int_eq(quota_room(&p, &u, true, 50000, t), 4);
	ck_assert_int_eq(quota_room(&p, &u, false, 0, t), INT64_MAX);	/* free ones go on */
	ck_assert_int_eq(quota_room(&p, &u, false, 50000, at("2026-06-01T00:00:00Z")), 16);
	quota_used_done(&u);
}
END_TEST

START_TEST(test_refund)
{
	struct quota_plan p = *with_limit(QUOTA_HOUR, 5, 0);
	struct quota_used u = { 0 };
	struct wall_ms t = at("2026-05-31T23:59:50Z");

	p.limit[QUOTA_MONTH] = 5;
	quota_roll(&p, &u, t);
	quota_charge(&p, &u, false, 1, 7, t);
	quota_charge(&p, &u, true, 1, 7, wall_after(t, 1000));
	quota_refund(&u, true, 1, 7, wall_after(t, 1000));
	ck_assert_int_eq(u.month, 1);
	ck_assert_int_eq(u.month_bulk, 1);
	ck_assert_int_eq(u.spent, 7);
	ck_assert_int_eq(room(&p, &u, true, wall_after(t, 2000)), 4);
	/* Charged in May, refused in June: June never had it. */
	quota_charge(&p, &u, false, 1, 7, wall_after(t, 2000));
	ck_assert(quota_roll(&p, &u, wall_after(t, 20000)));
	quota_charge(&p, &u, false, 1, 7, wall_after(t, 20000));
	quota_refund(&u, false, 1, 7, wall_after(t, 2000));
	ck_assert_int_eq(u.month, 1);
	ck_assert_int_eq(u.spent, 7);
	quota_used_done(&u);
}
END_TEST

/* A clock that steps back opens no window, and one that returns closes none. */
START_TEST(test_clock_steps)
{
	struct quota_plan p = *with_limit(QUOTA_DAY, 5, 0);
	struct quota_used u = { 0 };
	struct wall_ms t = at("2026-05-04T09:00:00Z"), past = at("1970-01-01T00:10:00Z");

	p.limit[QUOTA_MINUTE] = 3;
	quota_roll(&p, &u, t);
	quota_charge(&p, &u, false, 3, 0, t);
	quota_roll(&p, &u, past);
	ck_assert_int_eq(room(&p, &u, true, past), 0);		/* the minute's, as if sent now */
	ck_assert_int_eq(room(&p, &u, true, wall_after(past, 60000)), 2);
	quota_charge(&p, &u, false, 2, 0, wall_after(past, 60000));
	quota_roll(&p, &u, t);
	ck_assert_int_eq(room(&p, &u, true, wall_after(t, 120000)), 0);
	ck_assert_int_eq(u.day, 5);
	quota_used_done(&u);
}
END_TEST

/* The log may forget when exactly something was sent, but never let a window pass its limit. */
START_TEST(test_log_is_bounded)
{
	const struct quota_plan *p = with_limit(QUOTA_HOUR, 2000, 0);
	struct quota_used u = { 0 };
	struct wall_ms t = at("2026-05-04T09:00:00Z");

	quota_roll(p, &u, t);
	for (int i = 0; i < 2000; i++)
		quota_charge(p, &u, i % 3 == 0, 1, 0, wall_after(t, i * 1500 + i % 7));
	ck_assert_uint_le(u.n_log, QUOTA_LOG);
	for (int i = 0; i < 2000; i += 50) {
		struct wall_ms then = wall_after(t, i * 1500 + 3600 * 1000);
		int64_t free = room(p, &u, true, then);

		ck_assert_int_le(free, i + 1);
		ck_assert_int_ge(free, i - 40);	/* a fiftieth of an hour late at most */
	}
	quota_used_done(&u);
}
END_TEST

START_TEST(test_log_survives)
{
	const struct quota_plan *p = with_limit(QUOTA_HOUR, 100, 20);
	struct quota_used u = { 0 }, back = { 0 };
	struct wall_ms t = at("2026-05-04T09:00:00Z");
	size_t n;

	quota_roll(p, &u, t);
	for (int i = 0; i < 40; i++)
		quota_charge(p, &u, i % 2, i % 3 + 1, 0, wall_after(t, i * 60000));
	uint8_t *octets = quota_log_write(&u, &n);

	ck_assert_int_eq(quota_log_read(&back, octets, n), 0);
	ck_assert_uint_eq(back.n_log, u.n_log);
	ck_assert_mem_eq(back.log, u.log, u.n_log * sizeof(*u.log));
	for (size_t cut = 1; cut < n; cut++)
		if ((cut - 8) % 8)
			ck_assert_int_eq(quota_log_read(&back, octets, cut), TW_E_SYNTAX);
	ck_assert_int_eq(quota_log_read(&back, octets, 0), 0);
	ck_assert_uint_eq(back.n_log, 0);
	free(octets);
	quota_used_done(&u);
	quota_used_done(&back);
}
END_TEST

START_TEST(test_plan_of_settings)
{
	char zone[] = "Europe/London", wrong[] = "Europe/Nowhere";
	struct settings_quota s = { .per_day = 900, .recipients_per_month = 50, .reset_day = 31,
				    .reset_hour = 6, .spend_per_month = 12.5, .zone = zone };
	struct quota_plan p = quota_plan_of(&s, 20);

	ck_assert(quota_is_limited(&p));
	ck_assert_int_eq(p.limit[QUOTA_DAY], 900);
	ck_assert_int_eq(p.spend, 12500000);
	ck_assert_int_eq(p.reset_day, 31);
	ck_assert_ptr_nonnull(p.zone);
	s.zone = wrong;
	ck_assert_ptr_null(quota_plan_of(&s, 20).zone);
	p = quota_plan_of(NULL, 20);
	ck_assert(!quota_is_limited(&p));
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, test_window, 0, TW_COUNT(windows));
	tcase_add_test(t, test_months_join);
	tcase_add_test(t, test_slides);
	tcase_add_loop_test(t, test_share, 0, TW_COUNT(shares));
	tcase_add_test(t, test_money);
	tcase_add_test(t, test_refund);
	tcase_add_test(t, test_clock_steps);
	tcase_add_test(t, test_log_is_bounded);
	tcase_add_test(t, test_log_survives);
	tcase_add_test(t, test_plan_of_settings);
}

int main(void)
{
	return unit_run("bank_quota", add);
}
