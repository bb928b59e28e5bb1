/* What SIMs may send: quotas, what is kept for replies, recipients, money, quiet hours; numbers that
 * contacts keep; pools; and that a long queue costs no more than a short one. */
#include <stdio.h>

#include "world.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static char empty[] = "", first_iccid[] = "8944100000000000001", second_iccid[] = "8944100000000000002";
static char campaign[] = "campaign", api[] = "api";

/* Both SIMs are named in the settings; the test then sets what it is about and reloads. */
static struct settings_sim *name_sims(struct world *w)
{
	for (int i = 0; i < 2; i++)
		w->sims[i] = (struct settings_sim){ .iccid = i ? second_iccid : first_iccid,
						    .number = empty, .pin = empty, .smsc = empty,
						    .account = empty,
						    .quota = { .zone = empty, .reset_day = 1 } };
	w->settings.n_sims = 2;
	return w->sims;
}

static const char *customer(int i)
{
	static char numbers[16][24];
	char *out = numbers[i % 16];

	snprintf(out, 24, "+4477009%05d", i + 1000);
	return out;
}

static const char *post(struct world *w, const char *to, const char *from, enum lane lane)
{
	struct exchange_post p = { .to = to, .text = "x", .from = from, .lane = lane };
	struct exchange_refusal e;
	const char *id = world_post_full(w, &p, &e);

	ck_assert_msg(id != NULL, "%s", e.text);
	return id;
}

/* Everything that is on a modem is sent, turn after turn, until nothing more goes. */
static int send_all(struct world *w)
{
	int n = 0;

	for (bool moved = true; moved; ) {
		moved = false;
		world_turn(w);
		for (int i = 0; i < FAKE_MODEMS; i++)
			if (fake_sending(w->bank, i)) {
				fake_sent(w->bank, i);
				moved = true;
				n++;
			}
	}
	return n;
}

/* ---- windows ------------------------------------------------------------------------------- */

START_TEST(test_minute_slides)
{
	struct world w;

	world_open(&w);
	name_sims(&w)[0].quota.per_minute = 3;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	world_wait(&w, 40000);
	for (int i = 0; i < 7; i++)
		post(&w, customer(i), FIRST, LANE_API);
	ck_assert_int_eq(send_all(&w), 3);
	world_wait(&w, 59999);
	ck_assert_int_eq(send_all(&w), 0);
	world_wait(&w, 1);
	ck_assert_int_eq(send_all(&w), 3);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(send_all(&w), 1);
	world_close(&w);
}
END_TEST

START_TEST(test_share_is_kept_for_replies)
{
	struct world w;

	world_open(&w);
	name_sims(&w)[0].quota.per_day = 5;
	world_reload(&w);
	for (int i = 0; i < 10; i++)
		post(&w, customer(i), FIRST, i % 2 ? LANE_API : LANE_CAMPAIGN);
	ck_assert_int_eq(send_all(&w), 4);
	world_text(&w, 0, CUSTOMER, "HOURS");
	ck_assert_int_eq(send_all(&w), 1);
	world_text(&w, 0, OTHER_CUSTOMER, "HOURS");	/* now replies wait too */
	ck_assert_int_eq(send_all(&w), 0);
	world_wait(&w, 15 * HOUR);			/* midnight of the plan */
	ck_assert_int_eq(send_all(&w), 5);
	ck_assert_int_eq(world_count(&w, MESSAGE_QUEUED, OUTBOUND), 2);
	world_close(&w);
}
END_TEST

/* The ledger is on disk with each attempt: neither a kill nor a restart gives anything back. */
START_TEST(test_ledger_survives)
{
	struct world w;

	world_open_file(&w);
	name_sims(&w)[0].quota.per_hour = 4;
	w.sims[0].quota.per_day = 6;
	w.sims[0].quota.recipients_per_month = 6;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	for (int i = 0; i < 20; i++)
		post(&w, customer(i), FIRST, LANE_API);
	world_turn(&w);
	for (int i = 0; i < 2; i++) {
		ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
		fake_sent(w.bank, 0);
		world_turn(&w);
		world_crash(&w);	/* the next is on the air: it is in doubt, and counts */
		world_turn(&w);
	}
	world_wait(&w, 40 * MINUTE);
	ck_assert_int_eq(send_all(&w), 0);
	world_wait(&w, 20 * MINUTE);
	ck_assert_int_eq(send_all(&w), 2);
	world_wait(&w, 2 * HOUR);
	ck_assert_int_eq(send_all(&w), 0);
	world_close(&w);
}
END_TEST

START_TEST(test_refused_gives_back)
{
	struct world w;

	world_open(&w);
	name_sims(&w)[0].quota.per_day = 1;
	w.sims[0].quota.recipients_per_month = 1;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	const char *id = post(&w, customer(1), FIRST, LANE_API);

	world_turn(&w);
	fake_not_sent(w.bank, 0, REACT_FAIL, "CMS 30");
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_FAILED);
	id = post(&w, customer(2), FIRST, LANE_API);
	world_turn(&w);
	fake_doubt(w.bank, 0, false);
	world_wait(&w, 2 * MINUTE);	/* in doubt it keeps its quota: it is not sent again today */
	ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
	ck_assert_uint_eq(w.bank->n_sends, 2);
	world_wait(&w, 15 * HOUR);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
	fake_sent(w.bank, 0);
	world_turn(&w);
	world_close(&w);
}
END_TEST

/* Three segments over a SIM that may send two a minute; a day that never allows five. */
START_TEST(test_long_message)
{
	struct world w;
	static char text[700];

	world_open(&w);
	name_sims(&w)[0].quota.per_minute = 2;
	w.sims[1].quota.per_day = 4;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	memset(text, 'a', 350);
	const char *id = world_post(&w, CUSTOMER, text, FIRST);

	ck_assert_int_eq(send_all(&w), 2);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(send_all(&w), 1);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	memset(text, 'a', 690);
	id = world_post(&w, OTHER_CUSTOMER, text, SECOND);
	const char *short_one = world_post(&w, OTHER_CUSTOMER, "short", SECOND);

	send_all(&w);
	world_wait(&w, HOUR);
	send_all(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
	ck_assert_int_eq(world_state(&w, short_one), MESSAGE_SENT);	/* it holds up nobody */
	world_wait(&w, 2 * DAY);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_EXPIRED);
	world_close(&w);
}
END_TEST

START_TEST(test_recipients)
{
	struct world w;
	const char *ids[6];

	world_open(&w);
	name_sims(&w)[0].quota.recipients_per_month = 3;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	for (int i = 0; i < 5; i++)
		ids[i] = post(&w, customer(i), FIRST, LANE_API);
	ids[5] = post(&w, customer(1), FIRST, LANE_API);	/* known: behind strangers */
	ck_assert_int_eq(send_all(&w), 4);
	ck_assert_int_eq(world_state(&w, ids[2]), MESSAGE_SENT);
	ck_assert_int_eq(world_state(&w, ids[3]), MESSAGE_QUEUED);
	ck_assert_int_eq(world_state(&w, ids[5]), MESSAGE_SENT);
	/* Where no number was asked for, another SIM takes the stranger. */
	const char *other = post(&w, customer(9), NULL, LANE_API);

	w.bank->modems[1].is_held = true;
	world_turn(&w);
	w.bank->modems[1].is_held = false;
	ck_assert_int_eq(send_all(&w), 1);
	ck_assert_int_eq(world_state(&w, other), MESSAGE_SENT);
	ck_assert_int_eq(w.bank->sends[w.bank->n_sends - 1].modem, 1);
	world_close(&w);
}
END_TEST

/* However many SIMs have no place for one more contact: one that has it takes the stranger, though it is
 * dearer than they; they are not asked for ever. */
START_TEST(test_recipients_of_many)
{
	static char any[] = "*", third_iccid[] = "8944100000000000003";
	static struct settings_cost each = { any, 0.05 };
	struct world w;
	const char *ids[5];

	world_open(&w);
	fake_modem_add(w.bank, third_iccid, "+447700900003", "");
	name_sims(&w)[0].quota.recipients_per_month = 1;
	w.sims[1].quota.recipients_per_month = 1;
	w.sims[2] = w.sims[1];
	w.sims[2].iccid = third_iccid;
	w.sims[2].quota.recipients_per_month = 0;
	w.sims[2].cost = &each;
	w.sims[2].n_cost = 1;
	w.settings.n_sims = 3;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	for (int i = 0; i < 5; i++)
		ids[i] = post(&w, customer(i), NULL, LANE_API);
	ck_assert_int_eq(send_all(&w), 5);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(world_state(&w, ids[i]), MESSAGE_SENT);
	world_close(&w);
}
END_TEST

static struct settings_cost costs[2][2];

static void set_costs(struct world *w, int sim, double home, double abroad)
{
	static char to[] = "44", any[] = "*";

	costs[sim][0] = (struct settings_cost){ to, home };
	costs[sim][1] = (struct settings_cost){ any, abroad };
	w->sims[sim].cost = costs[sim];
	w->sims[sim].n_cost = 2;
}

START_TEST(test_spending)
{
	struct world w;

	world_open(&w);
	name_sims(&w)[0].quota.spend_per_month = 1.0;
	set_costs(&w, 0, 0, 0.3);
	w.settings.share_for_replies = 0;
	world_reload(&w);
	for (int i = 0; i < 5; i++) {
		char abroad[24];

		snprintf(abroad, sizeof(abroad), "+4915112345%03d", i);
		post(&w, abroad, FIRST, LANE_API);
		post(&w, customer(i), FIRST, LANE_API);
	}
	ck_assert_int_eq(send_all(&w), 8);	/* three for 0.90, and all that are free */
	for (int i = 5; i < 8; i++)
		post(&w, customer(i), FIRST, LANE_API);
	ck_assert_int_eq(send_all(&w), 3);
	ck_assert_int_eq(world_count(&w, MESSAGE_QUEUED, OUTBOUND), 2);
	world_close(&w);
}
END_TEST

/* New costs: what is queued is judged by them. */
START_TEST(test_costs_change)
{
	struct world w;

	world_open(&w);
	name_sims(&w)[0].quota.spend_per_month = 0.5;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	w.bank->modems[0].is_held = true;
	for (int i = 0; i < 4; i++)
		post(&w, customer(i), FIRST, LANE_API);
	set_costs(&w, 0, 0.2, 0.2);
	world_reload(&w);
	w.bank->modems[0].is_held = false;
	ck_assert_int_eq(send_all(&w), 2);
	set_costs(&w, 0, 0, 0.2);
	world_reload(&w);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(send_all(&w), 2);
	world_close(&w);
}
END_TEST

/* ---- which SIM rather ---------------------------------------------------------------------- */

START_TEST(test_own_country_then_cheapest)
{
	struct world w;

	world_open(&w);
	name_sims(&w);
	fake_modem_add(w.bank, "8949000000000000003", "+4915112345678", "");
	set_costs(&w, 0, 0.05, 0.10);
	set_costs(&w, 1, 0.02, 0.20);
	world_reload(&w);
	post(&w, CUSTOMER, NULL, LANE_API);
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 1));		/* British and cheap */
	post(&w, OTHER_CUSTOMER, NULL, LANE_API);
	world_turn(&w);
	ck_assert_ptr_null(fake_sending(w.bank, 0));		/* waits for the cheap one */
	post(&w, "+4915112340000", NULL, LANE_API);
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 2));		/* a German number */
	fake_sent(w.bank, 1);
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 1));
	fake_sent(w.bank, 1);
	w.bank->modems[1].facts.state = MODEM_SEARCHING;
	post(&w, customer(1), NULL, LANE_API);
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));		/* the next best is there */
	fake_sent(w.bank, 0);
	fake_sent(w.bank, 2);
	world_turn(&w);
	world_close(&w);
}
END_TEST

/* Equal ones share the work: the one that has been free longest goes first. */
START_TEST(test_equal_ones_take_turns)
{
	struct world w;

	world_open(&w);
	for (int i = 0; i < 6; i++) {
		post(&w, customer(i), NULL, LANE_API);
		world_turn(&w);
		ck_assert_ptr_nonnull(fake_sending(w.bank, i % 2));
		world_wait(&w, 3000);
		fake_sent(w.bank, i % 2);
		world_turn(&w);
	}
	world_close(&w);
}
END_TEST

/* ---- numbers that contacts keep ------------------------------------------------------------ */

static int64_t sim_count(struct world *w, int modem)
{
	int64_t n = 0;

	for (size_t i = 0; i < w->bank->n_sends; i++)
		n += w->bank->sends[i].modem == modem;
	return n;
}

START_TEST(test_sticky_waits_then_moves)
{
	struct world w;
	static char moved[] = "New number.";

	world_open(&w);
	w.settings.sticky.moved_text = moved;
	world_text(&w, 0, CUSTOMER, "HOURS");
	send_all(&w);
	fake_unplug(w.bank, 0);
	world_turn(&w);
	const char *id = post(&w, CUSTOMER, NULL, LANE_API), *next = post(&w, CUSTOMER, NULL, LANE_API);

	world_wait(&w, 9 * MINUTE);
	ck_assert_int_eq(send_all(&w), 0);
	world_wait(&w, 2 * MINUTE);
	ck_assert_int_eq(send_all(&w), 2);
	ck_assert_int_eq(sim_count(&w, 1), 2);
	ck_assert_str_eq(w.bank->sends[w.bank->n_sends - 2].text, "New number. x");
	ck_assert_str_eq(w.bank->sends[w.bank->n_sends - 1].text, "x");	/* told once */
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	ck_assert_int_eq(world_state(&w, next), MESSAGE_SENT);
	fake_plug(w.bank, 0);
	post(&w, CUSTOMER, NULL, LANE_API);	/* the new number is the one they know */
	ck_assert_int_eq(send_all(&w), 1);
	ck_assert_int_eq(sim_count(&w, 1), 3);
	world_close(&w);
}
END_TEST

static const struct { enum settings_sticky then; enum message_state state; } thens[] = {
	{ STICKY_WAIT, MESSAGE_QUEUED }, { STICKY_FAIL, MESSAGE_FAILED },
};

START_TEST(test_sticky_then)
{
	struct world w;

	world_open(&w);
	w.settings.sticky.then = thens[_i].then;
	world_text(&w, 0, CUSTOMER, "HOURS");
	send_all(&w);
	fake_unplug(w.bank, 0);
	world_turn(&w);
	const char *id = post(&w, CUSTOMER, NULL, LANE_API);

	world_wait(&w, 30 * MINUTE);
	send_all(&w);
	ck_assert_int_eq(world_state(&w, id), thens[_i].state);
	world_close(&w);
}
END_TEST

/* All contacts of a SIM that went find another number, in slices. */
START_TEST(test_many_move)
{
	struct world w;

	world_open(&w);
	for (int i = 0; i < 150; i++) {
		world_text(&w, 0, customer(i), "HOURS");
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		world_turn(&w);
	}
	send_all(&w);
	fake_unplug(w.bank, 0);
	world_turn(&w);
	for (int i = 0; i < 150; i++)
		post(&w, customer(i), NULL, LANE_CAMPAIGN);
	world_wait(&w, 10 * MINUTE);
	int64_t before = sim_count(&w, 1);

	send_all(&w);
	ck_assert_int_eq(sim_count(&w, 1) - before, 149);	/* one was on its way already */
	ck_assert_int_eq(world_count(&w, MESSAGE_QUEUED, OUTBOUND), 0);
	world_close(&w);
}
END_TEST

/* A number whose quota is used up for longer than the message is worth sending is as good as away. */
START_TEST(test_sticky_in_vain)
{
	struct world w;

	world_open(&w);
	name_sims(&w)[0].quota.per_month = 1;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	world_text(&w, 0, CUSTOMER, "HOURS");
	ck_assert_int_eq(send_all(&w), 1);
	const char *bound = post(&w, CUSTOMER, FIRST, LANE_API), *id = post(&w, CUSTOMER, NULL, LANE_API);

	world_wait(&w, 9 * MINUTE);
	ck_assert_int_eq(send_all(&w), 0);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(send_all(&w), 1);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	ck_assert_int_eq(sim_count(&w, 1), 1);
	ck_assert_int_eq(world_state(&w, bound), MESSAGE_QUEUED);	/* From binds */
	world_close(&w);
}
END_TEST

/* Two messages to a stranger: the second one stays with the number that took the first. */
START_TEST(test_stranger_keeps_first_number)
{
	struct world w;

	world_open(&w);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = true;
	post(&w, CUSTOMER, NULL, LANE_API);
	post(&w, CUSTOMER, NULL, LANE_API);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = false;
	ck_assert_int_eq(send_all(&w), 2);
	ck_assert_int_eq(sim_count(&w, 0), 2);
	world_close(&w);
}
END_TEST

START_TEST(test_key_replaces)
{
	struct world w;
	struct exchange_post p = { .to = CUSTOMER, .text = "old", .key = "weather", .lane = LANE_API };
	struct exchange_refusal e;

	world_open(&w);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = true;
	const char *old = world_post_full(&w, &p, &e);

	p.text = "new";
	const char *new = world_post_full(&w, &p, &e);
	struct message m = world_message(&w, old);

	ck_assert_int_eq(m.state, MESSAGE_CANCELED);
	ck_assert_ptr_nonnull(strstr(m.error_cause, "replaced"));
	message_done(&m);
	w.bank->modems[0].is_held = false;
	ck_assert_int_eq(send_all(&w), 1);
	ck_assert_int_eq(world_state(&w, new), MESSAGE_SENT);
	world_close(&w);
}
END_TEST

/* ---- quiet hours --------------------------------------------------------------------------- */

START_TEST(test_quiet_hours)
{
	struct world w;
	static char *applies[] = { campaign, api };

	world_open(&w);
	w.settings.quiet_hours.is_set = true;
	w.settings.quiet_hours.from = 8 * 60;
	w.settings.quiet_hours.to = 20 * 60;
	w.settings.quiet_hours.applies = (struct tw_strings){ applies, 2 };
	world_reload(&w);				/* it is 09:00 in London, 18:00 in Tokyo */
	const char *london = post(&w, CUSTOMER, NULL, LANE_CAMPAIGN);
	const char *tokyo = post(&w, "+818012345678", NULL, LANE_API);

	ck_assert_int_eq(send_all(&w), 0);
	world_text(&w, 0, CUSTOMER, "HOURS");	/* replies never wait */
	ck_assert_int_eq(send_all(&w), 1);
	world_wait(&w, 2 * HOUR);
	ck_assert_int_eq(send_all(&w), 1);
	ck_assert_int_eq(world_state(&w, tokyo), MESSAGE_SENT);
	world_wait(&w, 9 * HOUR - 1);
	ck_assert_int_eq(send_all(&w), 0);
	world_wait(&w, 1);
	ck_assert_int_eq(send_all(&w), 1);
	ck_assert_int_eq(world_state(&w, london), MESSAGE_SENT);
	world_close(&w);
}
END_TEST

/* ---- a long queue -------------------------------------------------------------------------- */

static void fill(struct world *w, int n)
{
	for (int i = 0; i < n; i++) {
		struct exchange_post p = { .to = customer(i % 90000), .text = "x",
					   .lane = i % 2 ? LANE_CAMPAIGN : LANE_API,
					   .from = i % 5 == 0 ? SECOND : NULL };
		struct exchange_refusal e;

		ck_assert_ptr_nonnull(world_post_full(w, &p, &e));
	}
}

static uint64_t cost_of_hand_out(int queued)
{
	struct world w;

	world_open(&w);
	name_sims(&w)[0].quota.per_day = 1000000;
	w.sims[0].quota.per_hour = 500000;
	w.sims[1].quota.recipients_per_month = 1000000;
	set_costs(&w, 0, 0.01, 0.02);
	set_costs(&w, 1, 0.01, 0.03);
	world_reload(&w);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = true;
	fill(&w, queued);
	exchange_turn(w.x, w.now);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = false;
	uint64_t before = store_counters(w.store)->statements;

	for (int i = 0; i < 4; i++) {
		exchange_turn(w.x, w.now);
		for (int k = 0; k < 2; k++)
			if (fake_sending(w.bank, k))
				fake_sent(w.bank, k);
	}
	ck_assert_uint_eq(w.bank->n_sends, 8);
	uint64_t cost = store_counters(w.store)->statements - before;

	world_close(&w);
	return cost;
}

START_TEST(test_choice_does_not_grow)
{
	uint64_t few = cost_of_hand_out(200), many = cost_of_hand_out(100000);

	ck_assert_msg(many <= few, "%llu statements in a queue of 200, %llu in one of 100,000",
		      (unsigned long long)few, (unsigned long long)many);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_minute_slides);
	tcase_add_test(t, test_share_is_kept_for_replies);
	tcase_add_test(t, test_ledger_survives);
	tcase_add_test(t, test_refused_gives_back);
	tcase_add_test(t, test_long_message);
	tcase_add_test(t, test_recipients);
	tcase_add_test(t, test_recipients_of_many);
	tcase_add_test(t, test_spending);
	tcase_add_test(t, test_costs_change);
	tcase_add_test(t, test_own_country_then_cheapest);
	tcase_add_test(t, test_equal_ones_take_turns);
	tcase_add_test(t, test_sticky_waits_then_moves);
	tcase_add_loop_test(t, test_sticky_then, 0, TW_COUNT(thens));
	tcase_add_test(t, test_many_move);
	tcase_add_test(t, test_sticky_in_vain);
	tcase_add_test(t, test_stranger_keeps_first_number);
	tcase_add_test(t, test_key_replaces);
	tcase_add_test(t, test_quiet_hours);
	tcase_add_test(t, test_choice_does_not_grow);
}

int main(void)
{
	return world_main("exchange_quota", add);
}
