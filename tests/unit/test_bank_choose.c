/* Who may take a message, who rather, who is done sooner; costs and quiet hours. */
#include "run.h"

#include <twoway/bank.h>

#define NOW 1767603600000	/* 2026-01-05T09:00:00Z */

static struct quota_plan plan = { .reset_day = 1 };

static struct pick_order an_order(void)
{
	return (struct pick_order){ .account = 1, .segments = 1, .country = "GB" };
}

static struct pick_sim a_sim(void)
{
	return (struct pick_sim){ .sim = 7, .line = 70, .in_pool = true, .is_present = true,
				  .health = 100, .country = "GB" };
}

/* Each row changes one thing of a SIM that may. */
enum change { NOTHING, BOUND_TO_IT, BOUND_ELSEWHERE, OTHER_ACCOUNT, OWN_ACCOUNT, ACCOUNT_HAS_OWN,
	      BOUND_AND_OTHER, NOT_IN_POOL, AVOIDED, LATER, QUIET, PAUSED, AWAY, RESTING, BUSY };
static const struct {
	enum change change;
	enum pick_reason reason;
	int64_t until;
} names[] = {
	{ NOTHING, PICK_MAY, 0 },
	{ BOUND_TO_IT, PICK_MAY, 0 },
	{ BOUND_ELSEWHERE, PICK_NUMBER, 0 },
	{ OTHER_ACCOUNT, PICK_ACCOUNT, 0 },
	{ OWN_ACCOUNT, PICK_MAY, 0 },
	{ ACCOUNT_HAS_OWN, PICK_ACCOUNT, 0 },
	{ BOUND_AND_OTHER, PICK_MAY, 0 },	/* a reply, whatever the account's own numbers */
	{ NOT_IN_POOL, PICK_POOL, 0 },
	{ AVOIDED, PICK_AVOIDED, 0 },
	{ LATER, PICK_LATER, NOW + 1000 },
	{ QUIET, PICK_QUIET, NOW + 2000 },
	{ PAUSED, PICK_PAUSED, 0 },
	{ AWAY, PICK_AWAY, 0 },
	{ RESTING, PICK_RESTING, NOW + 3000 },
	{ BUSY, PICK_BUSY, NOW },
};

static void apply(enum change c, struct pick_order *o, struct pick_sim *s)
{
	switch (c) {
	case NOTHING: break;
	case BOUND_TO_IT: o->line = s->line; break;
	case BOUND_ELSEWHERE: o->line = 71; break;
	case OTHER_ACCOUNT: s->account = 2; break;
	case OWN_ACCOUNT: s->account = 1; o->has_numbers = true; break;
	case ACCOUNT_HAS_OWN: o->has_numbers = true; break;
	case BOUND_AND_OTHER: o->line = s->line; s->account = 2; o->has_numbers = true; break;
	case NOT_IN_POOL: s->in_pool = false; break;
	case AVOIDED: o->avoid = s->sim; break;
	case LATER: o->due.ms = NOW + 1000; break;
	case QUIET: o->quiet.ms = NOW + 2000; break;
	case PAUSED: s->is_paused = true; s->is_present = false; break;
	case AWAY: s->is_present = false; break;
	case RESTING: s->rests_until.ms = NOW + 3000; break;
	case BUSY: s->is_busy = true; break;
	}
}

START_TEST(test_names)
{
	struct pick_order o = an_order();
	struct pick_sim s = a_sim();

	apply(names[_i].change, &o, &s);
	struct pick_verdict v = pick_judge(&o, &s, (struct wall_ms){ NOW });

	ck_assert_int_eq(v.reason, names[_i].reason);
	ck_assert_int_eq(v.may, names[_i].reason == PICK_MAY);
	ck_assert_int_eq(v.until.ms, names[_i].until);
	ck_assert(*pick_reason_name(v.reason) && *pick_reason_text(v.reason));
}
END_TEST

/* A plan of one limit, what is used of it at NOW, a message: what is said. */
static const struct {
	enum quota_window window;
	int64_t limit, share;
	int used, used_replies;
	bool is_reply;
	int segments;
	enum pick_reason reason;
	int64_t until;
} quotas[] = {
	{ QUOTA_MINUTE, 10, 0, 9, 0, false, 1, PICK_MAY, 0 },
	{ QUOTA_MINUTE, 10, 0, 10, 0, false, 1, PICK_MINUTE, NOW + 60000 },
	{ QUOTA_MINUTE, 10, 0, 9, 0, false, 2, PICK_MINUTE, NOW + 60000 },
	{ QUOTA_MINUTE, 10, 20, 8, 0, false, 1, PICK_SHARE, NOW + 60000 },
	{ QUOTA_MINUTE, 10, 20, 8, 0, true, 1, PICK_MAY, 0 },
	{ QUOTA_MINUTE, 10, 20, 8, 2, true, 1, PICK_MINUTE, NOW + 60000 },
	/* Longer than a minute allows: over several minutes, begun with an empty one. */
	{ QUOTA_MINUTE, 2, 0, 0, 0, false, 3, PICK_MAY, 0 },
	{ QUOTA_MINUTE, 2, 0, 1, 0, false, 3, PICK_MINUTE, NOW + 60000 },
	{ QUOTA_HOUR, 2, 0, 0, 0, false, 3, PICK_TOO_LONG, 0 },
	{ QUOTA_HOUR, 2, 0, 2, 0, false, 1, PICK_HOUR, NOW + 3600000 },
	{ QUOTA_DAY, 5, 0, 5, 0, false, 1, PICK_DAY, NOW + 15 * 3600000 },
	{ QUOTA_DAY, 5, 0, 0, 0, false, 6, PICK_TOO_LONG, 0 },
	{ QUOTA_DAY, 5, 20, 0, 0, false, 5, PICK_TOO_LONG, 0 },
	{ QUOTA_DAY, 5, 20, 0, 0, true, 5, PICK_MAY, 0 },
	{ QUOTA_MONTH, 5, 0, 5, 0, true, 1, PICK_MONTH, NOW + (15 + 26 * 24) * INT64_C(3600000) },
};

START_TEST(test_quotas)
{
	struct pick_order o = an_order();
	struct pick_sim s = a_sim();
	struct quota_plan p = plan;
	struct quota_used u = { 0 };
	struct wall_ms now = { NOW };

	p.limit[quotas[_i].window] = quotas[_i].limit;
	p.share = quotas[_i].share;
	quota_roll(&p, &u, now);
	quota_charge(&p, &u, false, quotas[_i].used, 0, now);
	quota_charge(&p, &u, true, quotas[_i].used_replies, 0, now);
	o.is_reply = quotas[_i].is_reply;
	o.segments = quotas[_i].segments;
	s.plan = &p;
	s.used = &u;
	struct pick_verdict v = pick_judge(&o, &s, now);

	ck_assert_str_eq(pick_reason_name(v.reason), pick_reason_name(quotas[_i].reason));
	ck_assert_int_eq(v.until.ms, quotas[_i].until);
	if (v.until.ms)		/* and then it may: what is promised comes true */
		ck_assert(quota_roll(&p, &u, v.until) || pick_judge(&o, &s, v.until).may);
	quota_used_done(&u);
}
END_TEST

START_TEST(test_longest_wait_is_told)
{
	struct pick_order o = an_order();
	struct pick_sim s = a_sim();
	struct quota_plan p = plan;
	struct quota_used u = { 0 };
	struct wall_ms now = { NOW };

	p.limit[QUOTA_MINUTE] = 1;
	p.limit[QUOTA_DAY] = 1;
	quota_roll(&p, &u, now);
	quota_charge(&p, &u, false, 1, 0, now);
	s.plan = &p;
	s.used = &u;
	ck_assert_int_eq(pick_judge(&o, &s, now).reason, PICK_DAY);
	quota_used_done(&u);
}
END_TEST

START_TEST(test_recipients_and_money)
{
	struct pick_order o = an_order();
	struct pick_sim s = a_sim();
	struct quota_plan p = plan;
	struct quota_used u = { 0 };
	struct wall_ms now = { NOW };

	p.recipients = 10;
	p.share = 20;
	p.spend = 100;
	quota_roll(&p, &u, now);
	s.plan = &p;
	s.used = &u;
	u.recipients = 8;
	ck_assert(pick_judge(&o, &s, now).may);
	s.is_new_recipient = true;
	ck_assert_int_eq(pick_judge(&o, &s, now).reason, PICK_SHARE);
	o.is_reply = true;
	ck_assert(pick_judge(&o, &s, now).may);
	u.recipients = 10;
	ck_assert_int_eq(pick_judge(&o, &s, now).reason, PICK_RECIPIENTS);
	ck_assert_int_eq(pick_judge(&o, &s, now).until.ms, u.month_end.ms);
	s.is_new_recipient = false;
	s.each = 40;
	ck_assert(pick_judge(&o, &s, now).may);
	quota_charge(&p, &u, true, 2, 40, now);
	ck_assert_int_eq(pick_judge(&o, &s, now).reason, PICK_SPENDING);
	o.segments = 3;
	ck_assert_int_eq(pick_judge(&o, &s, now).reason, PICK_TOO_LONG);
	s.each = 0;
	ck_assert(pick_judge(&o, &s, now).may);
	quota_used_done(&u);
}
END_TEST

/* The first of two is asked rather. */
static const struct {
	const char *to, *country[2];
	int64_t each[2];
	int health[2];
} ranks[] = {
	{ "GB", { "GB", "DE" }, { 0, 0 }, { 100, 100 } },
	{ "GB", { "GB", "DE" }, { 90000, 0 }, { 100, 100 } },	/* country before cost */
	{ "GB", { "GB", "GB" }, { 10000, 20000 }, { 100, 100 } },
	{ "FR", { "GB", "DE" }, { 10000, 20000 }, { 100, 100 } },
	{ "", { "GB", "DE" }, { 10000, 20000 }, { 100, 100 } },
	{ "GB", { "DE", "GB" }, { 90000, 0 }, { 100, 10 } },	/* health before all */
};

START_TEST(test_rank)
{
	struct pick_order o = an_order();
	struct pick_sim s[2] = { a_sim(), a_sim() };

	strcpy(o.country, ranks[_i].to);
	for (int i = 0; i < 2; i++) {
		strcpy(s[i].country, ranks[_i].country[i]);
		s[i].each = ranks[_i].each[i];
		s[i].health = ranks[_i].health[i];
	}
	ck_assert_int_lt(pick_rank(&o, &s[0]), pick_rank(&o, &s[1]));
	s[1] = s[0];
	ck_assert_int_eq(pick_rank(&o, &s[0]), pick_rank(&o, &s[1]));
}
END_TEST

/* Mine takes `pace` a segment; the others; what waits; whether they have done it all sooner. */
static const struct {
	int64_t pace;
	int segments;
	int64_t waiting;
	struct pick_rival others[3];
	bool sooner;
} rivals[] = {
	{ 10000, 1, 1, { { 0, 0, 0 } }, false },			/* nobody else */
	{ 10000, 1, 1, { { 0, 1000, 99 } }, true },
	{ 10000, 1, 10, { { 0, 1000, 99 } }, false },
	{ 10000, 1, 9, { { 0, 1000, 99 } }, true },
	{ 10000, 1, 9, { { 0, 1000, 8 } }, false },		/* its quota ends before */
	{ 10000, 1, 1, { { 9000, 1000, 99 } }, false },		/* it is busy until then */
	{ 10000, 1, 1, { { 8000, 1000, 99 } }, true },
	{ 1000, 1, 1, { { 0, 1000, 99 } }, false },		/* equal: whoever asks first */
	{ 1000, 1, 1, { { 0, 960, 99 } }, false },		/* nearly equal */
	{ 1000, 1, 1, { { 0, 900, 99 } }, true },
	{ 10000, 1, 3, { { 0, 4000, 99 }, { 0, 5000, 99 } }, true },
	{ 10000, 1, 4, { { 0, 4000, 99 }, { 0, 5000, 99 } }, false },
	{ 3000, 3, 9, { { 0, 1000, 99 } }, false },
	{ 3000, 3, 8, { { 0, 1000, 99 } }, true },
};

START_TEST(test_sooner)
{
	size_t n = 0;

	while (n < 3 && rivals[_i].others[n].pace)
		n++;
	ck_assert_int_eq(pick_others_sooner(rivals[_i].others, n, rivals[_i].pace,
					    rivals[_i].segments, rivals[_i].waiting),
			 rivals[_i].sooner);
}
END_TEST

START_TEST(test_pace)
{
	int64_t pace = pick_pace(0, 3000);

	ck_assert_int_eq(pace, 3000);
	for (int i = 0; i < 20; i++)
		pace = pick_pace(pace, 1000);
	ck_assert(pace >= 1000 && pace < 1010);
	ck_assert_int_eq(pick_pace(0, 0), 1);	/* never none: that is "not measured" */
}
END_TEST

/* ---- cost, destination, quiet hours -------------------------------------------------------- */

static char p44[] = "44", p4477[] = "4477", p1[] = "1", any[] = "*";
static struct settings_cost costs[] = { { p44, 0.01 }, { any, 0.05 }, { p4477, 0.0 } };
static struct settings_cost few[] = { { p1, 0.02 } };
static struct settings_sim sims[] = { { .cost = costs, .n_cost = 3 }, { .cost = few, .n_cost = 1 } };

static const struct { const char *number; int64_t each[2]; const char *destination; } prices[] = {
	{ "+447700900123", { 0, 0 }, "GB 4477" },
	{ "+442079460000", { 10000, 0 }, "GB 44" },
	{ "+4915112345678", { 50000, 0 }, "DE" },
	{ "+12125550100", { 50000, 20000 }, "US 1" },
	{ "60300", { 50000, 0 }, "-" },
};

START_TEST(test_cost)
{
	struct settings s = { .sims = sims, .n_sims = 2 };
	char text[DESTINATION_MAX];

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(cost_of(&sims[i], prices[_i].number), prices[_i].each[i]);
	ck_assert_int_eq(cost_of(NULL, prices[_i].number), 0);
	destination_of(&s, prices[_i].number, "", text);
	ck_assert_msg(strncmp(text, prices[_i].destination, strlen(prices[_i].destination)) == 0, "%s",
		      text);
	/* The text tells all that is needed: each SIM's cost, by the prefix alone. */
	struct destination d = destination_read(text);

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(cost_of(&sims[i], d.prefix), prices[_i].each[i]);
}
END_TEST

static char campaign[] = "campaign", api[] = "api", at[] = "at";
static char *lanes[] = { campaign };
static char *more_lanes[] = { campaign, api, at };

static const struct {
	int64_t from, to;	/* minutes */
	const char *what, *zones, *now, *until;	/* until NULL: not quiet */
} quiets[] = {
	{ 1260, 480, "campaign", "Europe/London", "2026-01-05T20:59:00Z", NULL },
	{ 1260, 480, "campaign", "Europe/London", "2026-01-05T21:00:00Z", "2026-01-06T08:00:00Z" },
	{ 1260, 480, "campaign", "Europe/London", "2026-01-06T07:59:59Z", "2026-01-06T08:00:00Z" },
	{ 1260, 480, "campaign", "Europe/London", "2026-01-06T08:00:00Z", NULL },
	{ 1260, 480, "campaign", "Europe/London", "2026-07-06T07:00:00Z", NULL },
	{ 1260, 480, "api", "Europe/London", "2026-01-05T22:00:00Z", NULL },
	{ 1260, 480, "reply", "Europe/London", "2026-01-05T22:00:00Z", NULL },
	{ 720, 840, "campaign", "Europe/London", "2026-01-05T13:00:00Z", "2026-01-05T14:00:00Z" },
	{ 720, 840, "campaign", "Europe/London", "2026-01-05T14:00:00Z", NULL },
	{ 1260, 480, "at", "Europe/London", "2026-01-05T22:00:00Z", NULL },
	/* The night in which the clock goes forward. */
	{ 1260, 120, "campaign", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z" },
	/* Of several zones all must be awake: quiet in New York at 02:00Z, in Los Angeles until 16:00Z. */
	{ 1260, 480, "campaign", "America/New_York,America/Los_Angeles", "2026-01-05T02:00:00Z",
	  "2026-01-05T16:00:00Z" },
	{ 1260, 480, "campaign", "America/New_York,America/Los_Angeles", "2026-01-05T17:00:00Z", NULL },
	/* There is no hour at which all are: the first decides. */
	{ 600, 540, "campaign", "America/New_York,Asia/Tokyo", "2026-01-05T02:00:00Z",
	  "2026-01-05T14:00:00Z" },
	{ 1260, 480, "campaign", "", "2026-01-05T22:00:00Z", "2026-01-06T08:00:00Z" },
};

START_TEST(test_quiet)
{
	struct settings s = { .quiet_hours = { true, quiets[_i].from, quiets[_i].to, { lanes, 1 } } };
	struct wall_ms now, until = { 0 };

	ck_assert_int_eq(tw_rfc3339_read(quiets[_i].now, &now), 0);
	if (quiets[_i].until)
		ck_assert_int_eq(tw_rfc3339_read(quiets[_i].until, &until), 0);
	ck_assert_int_eq(quiet_until(&s, quiets[_i].what, quiets[_i].zones, now).ms, until.ms);
	s.quiet_hours.applies = (struct tw_strings){ more_lanes, 3 };
	if (strcmp(quiets[_i].what, "api") == 0 || strcmp(quiets[_i].what, "at") == 0)
		ck_assert_int_gt(quiet_until(&s, quiets[_i].what, quiets[_i].zones, now).ms, 0);
	s.quiet_hours.is_set = false;
	ck_assert_int_eq(quiet_until(&s, "campaign", quiets[_i].zones, now).ms, 0);
}
END_TEST

START_TEST(test_destination_tells_zones)
{
	struct settings s = { .quiet_hours = { .is_set = true } };
	char text[DESTINATION_MAX];
	struct destination d = destination_read(destination_of(&s, "+12125550100", "", text));

	ck_assert_str_eq(d.zones, "America/New_York");
	ck_assert_str_eq(d.country, "US");
	ck_assert_str_eq(d.prefix, "");
	d = destination_read(destination_of(&s, "+447700900123", "", text));
	ck_assert_str_eq(d.zones, "Europe/London");
	s.quiet_hours.is_set = false;
	ck_assert_str_eq(destination_read(destination_of(&s, "+12125550100", "", text)).zones, "");
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, test_names, 0, TW_COUNT(names));
	tcase_add_loop_test(t, test_quotas, 0, TW_COUNT(quotas));
	tcase_add_test(t, test_longest_wait_is_told);
	tcase_add_test(t, test_recipients_and_money);
	tcase_add_loop_test(t, test_rank, 0, TW_COUNT(ranks));
	tcase_add_loop_test(t, test_sooner, 0, TW_COUNT(rivals));
	tcase_add_test(t, test_pace);
	tcase_add_loop_test(t, test_cost, 0, TW_COUNT(prices));
	tcase_add_loop_test(t, test_quiet, 0, TW_COUNT(quiets));
	tcase_add_test(t, test_destination_tells_zones);
}

int main(void)
{
	return unit_run("bank_choose", add);
}
