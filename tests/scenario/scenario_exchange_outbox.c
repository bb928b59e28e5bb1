/* What goes out: each reaction class, doubts, half-sent messages, queue order, taking back, times. */
#include <stdio.h>

#include "world.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const char *post_long(struct world *w, const char *from)
{
	static char text[400];

	memset(text, 'a', 350);		/* three segments */
	return world_post(w, CUSTOMER, text, from);
}

static int sends_of(const struct world *w, const char *text)
{
	int n = 0;

	for (size_t i = 0; i < w->bank->n_sends; i++)
		n += strcmp(w->bank->sends[i].text, text) == 0;
	return n;
}

/* The modem that has a send in flight, -1 none. */
static int who_sends(const struct world *w)
{
	for (int i = 0; i < FAKE_MODEMS; i++)
		if (fake_sending(w->bank, i))
			return i;
	return -1;
}

static void check_error(struct world *w, const char *id, int code, const char *cause)
{
	struct message m = world_message(w, id);

	ck_assert_int_eq(m.error_code, code);
	if (cause)
		ck_assert_str_eq(m.error_cause, cause);
	if (code)
		ck_assert_ptr_nonnull(m.error_text);
	message_done(&m);
}

/* ---- reactions ----------------------------------------------------------------------------- */

START_TEST(test_retry_backs_off_and_ends)
{
	struct world w;
	static const int64_t waits[] = { 30000, 60000, 120000, 240000 };

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	for (size_t i = 0; i < TW_COUNT(waits); i++) {
		ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
		fake_not_sent(w.bank, 0, REACT_RETRY, "CMS 41");
		world_turn(&w);
		ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
		world_wait(&w, waits[i] - 1000);
		ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
		world_wait(&w, 1000);
	}
	fake_not_sent(w.bank, 0, REACT_RETRY, "CMS 41");
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_FAILED);
	check_error(&w, id, 30017, "CMS 41");
	ck_assert_int_eq(sends_of(&w, "hello"), 5);
	world_close(&w);
}
END_TEST

START_TEST(test_fail_ends_at_once)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", NULL);

	world_turn(&w);
	fake_not_sent(w.bank, who_sends(&w), REACT_FAIL, "CMS 30");
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_FAILED);
	check_error(&w, id, 30005, "CMS 30");
	world_wait(&w, DAY);
	ck_assert_uint_eq(w.bank->n_sends, 1);
	world_close(&w);
}
END_TEST

START_TEST(test_other_sim_at_once)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", NULL);

	world_turn(&w);
	ck_assert_int_eq(who_sends(&w), 0);
	fake_not_sent(w.bank, 0, REACT_OTHER_SIM, "CMS 21");
	world_turn(&w);
	ck_assert_int_eq(who_sends(&w), 1);
	fake_sent(w.bank, 1);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	struct message m = world_message(&w, id);

	ck_assert_str_eq(m.from, SECOND);
	ck_assert(!m.repeated && !m.in_doubt);
	message_done(&m);
	world_close(&w);
}
END_TEST

START_TEST(test_other_sim_where_there_is_none)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);	/* From binds */

	world_turn(&w);
	fake_not_sent(w.bank, 0, REACT_OTHER_SIM, "CMS 21");
	world_turn(&w);
	ck_assert_int_eq(who_sends(&w), -1);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
	world_wait(&w, 30000);
	ck_assert_int_eq(who_sends(&w), 0);
	world_close(&w);
}
END_TEST

START_TEST(test_person_rests_the_sim)
{
	struct world w;
	struct exchange_status s;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", NULL);

	world_turn(&w);
	fake_not_sent(w.bank, 0, REACT_PERSON, "CMS 8");
	world_turn(&w);
	ck_assert_int_eq(who_sends(&w), 1);
	fake_sent(w.bank, 1);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	exchange_status(w.x, w.now, &s);
	ck_assert_uint_eq(s.troubles.n, 1);
	exchange_status_done(&s);
	const char *bound = world_post(&w, CUSTOMER, "bound", FIRST);

	world_wait(&w, 9 * MINUTE);
	ck_assert_int_eq(world_state(&w, bound), MESSAGE_QUEUED);
	world_wait(&w, 1 * MINUTE);
	ck_assert_int_eq(world_state(&w, bound), MESSAGE_SENDING);
	world_close(&w);
}
END_TEST

/* Not the message's fault: it costs no try, and there is no tight loop. */
static const enum reaction no_fault[] = { REACT_WAIT, REACT_RESET, REACT_DRAIN, REACT_PIN };

START_TEST(test_wait_costs_no_try)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
		fake_not_sent(w.bank, 0, no_fault[_i], "CMS 331");
		world_turn(&w);
		ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
		ck_assert_int_ge(w.deadline.ms, w.now.mono.ms);
		world_wait(&w, 5 * MINUTE);
	}
	fake_sent(w.bank, 0);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	world_close(&w);
}
END_TEST

START_TEST(test_sent_by_the_smsc_already)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	fake_not_sent(w.bank, 0, REACT_SENT, "CMS 197");
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	fake_report(w.bank, 0, CUSTOMER, 77, 0, w.now.wall);	/* its reference was never told */
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_DELIVERED);
	world_close(&w);
}
END_TEST

START_TEST(test_bank_that_will_not)
{
	struct world w;

	world_open(&w);
	w.bank->is_refusing = true;
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
	w.bank->is_refusing = false;
	world_wait(&w, MINUTE);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
	world_close(&w);
}
END_TEST

/* ---- doubts -------------------------------------------------------------------------------- */

START_TEST(test_doubt_settled_by_a_report)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	fake_doubt(w.bank, 0, true);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
	world_wait(&w, 30000);
	fake_report(w.bank, 0, CUSTOMER, 200, 0, w.now.wall);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_DELIVERED);
	world_wait(&w, DAY);
	ck_assert_uint_eq(w.bank->n_sends, 1);
	struct message m = world_message(&w, id);

	ck_assert(m.in_doubt);
	message_done(&m);
	world_close(&w);
}
END_TEST

START_TEST(test_doubt_sent_again)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	fake_doubt(w.bank, 0, false);
	world_turn(&w);
	struct exchange_status s;

	exchange_status(w.x, w.now, &s);
	ck_assert_int_eq(s.in_doubt, 1);
	exchange_status_done(&s);
	world_wait(&w, 59000);
	ck_assert_uint_eq(w.bank->n_sends, 1);
	world_wait(&w, 1000);
	ck_assert_uint_eq(w.bank->n_sends, 2);
	fake_sent(w.bank, 0);
	world_turn(&w);
	struct message m = world_message(&w, id);

	ck_assert(m.in_doubt && m.state == MESSAGE_SENT);
	message_done(&m);
	world_close(&w);
}
END_TEST

START_TEST(test_doubt_fails_and_is_delivered_late)
{
	struct world w;

	world_open(&w);
	w.settings.in_doubt = DOUBT_FAIL;
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);
	struct wall_ms at;

	world_turn(&w);
	at = w.now.wall;
	fake_doubt(w.bank, 0, true);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_FAILED);
	check_error(&w, id, 30008, NULL);
	world_wait(&w, 2 * HOUR);
	fake_report(w.bank, 0, CUSTOMER, 5, 0, at);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_DELIVERED);
	check_error(&w, id, 0, NULL);
	ck_assert_uint_eq(w.bank->n_sends, 1);
	world_close(&w);
}
END_TEST

START_TEST(test_report_while_it_goes_again)
{
	struct world w;
	struct wall_ms at;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	at = w.now.wall;
	fake_doubt(w.bank, 0, true);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(who_sends(&w), 0);
	fake_report(w.bank, 0, CUSTOMER, 0, 0, at);
	world_turn(&w);
	fake_not_sent(w.bank, 0, REACT_RETRY, "CMS 41");
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_DELIVERED);
	world_wait(&w, DAY);
	ck_assert_uint_eq(w.bank->n_sends, 2);
	world_close(&w);
}
END_TEST

/* A report that comes before the result of its own send. */
START_TEST(test_report_before_result)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	fake_report(w.bank, 0, CUSTOMER, 0, 0, w.now.wall);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
	fake_sent(w.bank, 0);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_DELIVERED);
	/* One that fits nothing is forgotten after a while, and does no harm. */
	fake_report(w.bank, 0, "+447700900777", 9, 0, w.now.wall);
	world_wait(&w, HOUR + 1000);	/* the totals of the hour are added up, too */
	ck_assert_int_gt(w.deadline.ms, w.now.mono.ms + HOUR);
	world_close(&w);
}
END_TEST

/* ---- reports ------------------------------------------------------------------------------- */

/* 300 in flight over one SIM: the reference wraps; the submit time decides. */
START_TEST(test_reports_over_the_wrap)
{
	struct world w;
	static const char *ids[300];
	static struct wall_ms at[300];
	static char kept[300][MESSAGE_ID_MAX];

	world_open(&w);
	for (int i = 0; i < 300; i++) {
		strcpy(kept[i], world_post(&w, CUSTOMER, "hello", FIRST));
		ids[i] = kept[i];
		world_turn(&w);
		at[i] = w.now.wall;
		fake_sent(w.bank, 0);
		world_wait(&w, 6000);
	}
	ck_assert_int_eq(w.bank->sends[299].ref, 299 - 256);
	/* Newest first, then the others: each finds its own. */
	for (int i = 299; i >= 0; i--) {
		fake_report(w.bank, 0, "07700900100", i & 0xff, i % 3 ? 0 : 0x46,
			    wall_after(at[i], 2000));
		world_turn(&w);
		ck_assert_int_eq(world_state(&w, ids[i]),
				 i % 3 ? MESSAGE_DELIVERED : MESSAGE_UNDELIVERED);
	}
	ck_assert_int_eq(world_count(&w, MESSAGE_SENT, OUTBOUND), 0);
	check_error(&w, ids[0], 30003, "ST 46");
	world_close(&w);
}
END_TEST

/* Three hundred in flight on one SIM, a send every two seconds: the reference wraps every eight and a
 * half minutes while reports come up to twenty minutes late and in any order, by a service centre whose
 * clock is a minute and a half slow, all to one customer. One in three failed: the right one must. */
enum { SPREAD = 900, SPREAD_EVERY = 2000, SPREAD_LATE = 1200000 };

START_TEST(test_reports_spread_over_the_wrap)
{
	static struct { char id[MESSAGE_ID_MAX]; int ref; struct wall_ms scts, due; bool told, fails; }
		m[SPREAD];
	struct tw_random random;
	int matched = 0, in_flight, most = 0, left = SPREAD;
	struct world w;

	world_open(&w);
	tw_random_seed(&random, 7);
	for (int i = 0; left; i++) {
		if (i < SPREAD) {
			strcpy(m[i].id, world_post(&w, CUSTOMER, "hello", FIRST));
			world_turn(&w);
			m[i].scts = wall_after(w.now.wall,
					       (int64_t)tw_random_below(&random, 3000) - 90000);
			m[i].due = wall_after(w.now.wall,
					      (int64_t)tw_random_below(&random, SPREAD_LATE));
			m[i].ref = w.bank->modems[0].next_ref & 0xff;
			m[i].fails = tw_random_below(&random, 3) == 0;
			fake_sent(w.bank, 0);
		}
		world_wait(&w, SPREAD_EVERY);
		in_flight = 0;
		for (int k = 0; k < SPREAD && k <= i; k++) {
			in_flight += !m[k].told;
			if (m[k].told || m[k].due.ms > w.now.wall.ms)
				continue;
			fake_report(w.bank, 0, CUSTOMER, m[k].ref, m[k].fails ? 0x46 : 0, m[k].scts);
			m[k].told = true;
			left--;
		}
		most = in_flight > most ? in_flight : most;
	}
	world_turn(&w);
	for (int i = 0; i < SPREAD; i++)
		matched += world_state(&w, m[i].id) == (m[i].fails ? MESSAGE_UNDELIVERED
								  : MESSAGE_DELIVERED);
	printf("reports over the wrap: %d of %d matched, %d in flight\n", matched, SPREAD, most);
	ck_assert_int_ge(most, 300);
	ck_assert_int_ge(matched * 1000, SPREAD * 999);
	world_close(&w);
}
END_TEST

START_TEST(test_report_of_another_recipient)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	fake_sent(w.bank, 0);
	world_turn(&w);
	fake_report(w.bank, 0, OTHER_CUSTOMER, 0, 0, w.now.wall);
	fake_report(w.bank, 1, CUSTOMER, 0, 0, w.now.wall);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	fake_report(w.bank, 0, CUSTOMER, 0, 0x21, w.now.wall);	/* still trying */
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	fake_report(w.bank, 0, CUSTOMER, 0, 0, w.now.wall);
	fake_report(w.bank, 0, CUSTOMER, 0, 0, w.now.wall);	/* repeated */
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_DELIVERED);
	world_close(&w);
}
END_TEST

START_TEST(test_all_segments_count)
{
	struct world w;

	world_open(&w);
	const char *id = post_long(&w, FIRST);

	for (int i = 0; i < 3; i++) {
		world_turn(&w);
		ck_assert_int_eq(fake_sending(w.bank, 0)->more, i < 2);
		ck_assert_int_eq(fake_sending(w.bank, 0)->pdu.concat.seq, i + 1);
		fake_sent(w.bank, 0);
	}
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	for (int i = 2; i >= 0; i--) {
		ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
		fake_report(w.bank, 0, CUSTOMER, i, 0, w.now.wall);
		world_turn(&w);
	}
	ck_assert_int_eq(world_state(&w, id), MESSAGE_DELIVERED);
	world_close(&w);
}
END_TEST

/* ---- long messages that fail half-way ------------------------------------------------------ */

static void send_first_segment(struct world *w)
{
	world_turn(w);
	fake_sent(w->bank, 0);
	world_turn(w);
	ck_assert_int_eq(fake_sending(w->bank, 0)->pdu.concat.seq, 2);
}

START_TEST(test_half_sent_tries_the_same_sim)
{
	struct world w;

	world_open(&w);
	const char *id = post_long(&w, NULL);

	send_first_segment(&w);
	int ref = fake_sending(w.bank, 0)->pdu.concat.ref;

	fake_not_sent(w.bank, 0, REACT_RETRY, "CMS 38");
	world_turn(&w);
	ck_assert_int_eq(who_sends(&w), -1);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
	world_wait(&w, 10000);
	ck_assert_int_eq(who_sends(&w), 0);
	ck_assert_int_eq(fake_sending(w.bank, 0)->pdu.concat.seq, 2);
	ck_assert_int_eq(fake_sending(w.bank, 0)->pdu.concat.ref, ref);
	fake_sent(w.bank, 0);
	world_turn(&w);
	fake_sent(w.bank, 0);
	world_turn(&w);
	struct message m = world_message(&w, id);

	ck_assert(m.state == MESSAGE_SENT && !m.repeated);
	message_done(&m);
	world_close(&w);
}
END_TEST

START_TEST(test_half_sent_goes_by_another_sim)
{
	struct world w;

	world_open(&w);
	const char *id = post_long(&w, NULL);
	int64_t begin;

	send_first_segment(&w);
	int ref = fake_sending(w.bank, 0)->pdu.concat.ref;

	begin = w.now.mono.ms;
	while (who_sends(&w) != 1) {
		if (who_sends(&w) == 0)
			fake_not_sent(w.bank, 0, REACT_RETRY, "CMS 38");
		world_wait(&w, 1000);
		ck_assert_int_lt(w.now.mono.ms, begin + 12 * MINUTE);
	}
	ck_assert_int_ge(w.now.mono.ms, begin + 10 * MINUTE);
	ck_assert_int_eq(fake_sending(w.bank, 1)->pdu.concat.seq, 1);
	ck_assert(w.bank->sends[0].pdu.concat.ref == ref);
	for (int i = 0; i < 3; i++) {
		fake_sent(w.bank, 1);
		world_turn(&w);
	}
	struct message m = world_message(&w, id);

	ck_assert(m.state == MESSAGE_SENT && m.repeated);
	ck_assert_str_eq(m.from, SECOND);
	message_done(&m);
	/* Reports of the first pass do not count for the second. */
	fake_report(w.bank, 0, CUSTOMER, 0, 0, w.now.wall);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	for (int i = 0; i < 3; i++)
		fake_report(w.bank, 1, CUSTOMER, i, 0, w.now.wall);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_DELIVERED);
	world_close(&w);
}
END_TEST

START_TEST(test_half_sent_and_not_to_be_repeated)
{
	struct world w;

	world_open(&w);
	w.settings.resend_partial = false;
	const char *id = post_long(&w, NULL);

	send_first_segment(&w);
	fake_not_sent(w.bank, 0, REACT_OTHER_SIM, "CMS 21");
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_FAILED);
	check_error(&w, id, 30007, "CMS 21; segments 1 to 1 of 3 were sent");
	ck_assert_int_eq(who_sends(&w), -1);
	world_close(&w);
}
END_TEST

START_TEST(test_half_sent_sim_pulled_out)
{
	struct world w;

	world_open(&w);
	const char *id = post_long(&w, NULL);

	send_first_segment(&w);
	fake_sent(w.bank, 0);
	w.bank->modems[0].facts.state = MODEM_ABSENT;
	world_wait(&w, 9 * MINUTE);
	ck_assert_int_eq(who_sends(&w), -1);
	world_wait(&w, 2 * MINUTE);
	ck_assert_int_eq(who_sends(&w), 1);
	for (int i = 0; i < 3; i++) {
		fake_sent(w.bank, 1);
		world_turn(&w);
	}
	struct message m = world_message(&w, id);

	ck_assert(m.state == MESSAGE_SENT && m.repeated);
	message_done(&m);
	world_close(&w);
}
END_TEST

START_TEST(test_nothing_between_the_segments)
{
	struct world w;

	world_open(&w);
	post_long(&w, FIRST);
	world_turn(&w);
	for (int i = 0; i < 3; i++)
		world_post(&w, OTHER_CUSTOMER, "between", FIRST);
	world_text(&w, 0, OTHER_CUSTOMER, "HOURS");
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(fake_sending(w.bank, 0)->pdu.concat.seq, i + 1);
		fake_sent(w.bank, 0);
		world_turn(&w);
	}
	ck_assert_str_eq(fake_sending(w.bank, 0)->text, HOURS_REPLY);	/* replies go first */
	world_close(&w);
}
END_TEST

/* ---- order --------------------------------------------------------------------------------- */

START_TEST(test_lanes_without_starvation)
{
	struct world w;
	int first = -1, campaign = 0;

	world_open(&w);
	w.bank->modems[0].is_held = true;
	struct exchange_post p = { .to = OTHER_CUSTOMER, .text = "campaign", .from = FIRST,
				   .lane = LANE_CAMPAIGN };
	struct exchange_refusal e;

	for (int i = 0; i < 5; i++)
		world_post_full(&w, &p, &e);
	for (int i = 0; i < 40; i++)
		world_post(&w, CUSTOMER, "api", FIRST);
	w.bank->modems[0].is_held = false;
	world_turn(&w);
	for (int i = 0; i < 27; i++) {
		if (strcmp(fake_sending(w.bank, 0)->text, "campaign") == 0) {
			campaign++;
			if (first < 0)
				first = i;
		}
		fake_sent(w.bank, 0);
		world_turn(&w);
	}
	ck_assert_int_eq(first, 8);
	ck_assert_int_eq(campaign, 3);
	world_close(&w);
}
END_TEST

START_TEST(test_fifo)
{
	struct world w;

	world_open(&w);
	w.bank->modems[0].is_held = true;
	for (int i = 0; i < 10; i++) {
		tw_auto(tw_free_charp) char *text = tw_printf("n%d", i);

		world_post(&w, CUSTOMER, text, FIRST);
	}
	w.bank->modems[0].is_held = false;
	world_turn(&w);
	for (int i = 0; i < 10; i++) {
		tw_auto(tw_free_charp) char *text = tw_printf("n%d", i);

		ck_assert_str_eq(fake_sending(w.bank, 0)->text, text);
		fake_sent(w.bank, 0);
		world_turn(&w);
	}
	world_close(&w);
}
END_TEST

START_TEST(test_bulk_spreads)
{
	struct world w;

	world_open(&w);
	for (int i = 0; i < 20; i++) {
		tw_auto(tw_free_charp) char *to = tw_printf("+4477009004%02d", i);

		world_post(&w, to, "bulk", NULL);
	}
	world_turn(&w);
	for (int i = 0; i < 10; i++) {	/* both modems always have one */
		ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
		ck_assert_ptr_nonnull(fake_sending(w.bank, 1));
		fake_sent(w.bank, 0);
		fake_sent(w.bank, 1);
		world_turn(&w);
	}
	ck_assert_int_eq(world_count(&w, MESSAGE_SENT, OUTBOUND), 20);
	world_close(&w);
}
END_TEST

/* ---- times --------------------------------------------------------------------------------- */

START_TEST(test_scheduled)
{
	struct world w;
	struct exchange_refusal e;

	world_open(&w);
	struct exchange_post p = { .to = CUSTOMER, .text = "later", .lane = LANE_API,
				   .send_at = wall_after(w.now.wall, HOUR) };
	const char *id = world_post_full(&w, &p, &e);

	world_wait(&w, HOUR - 1000);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SCHEDULED);
	world_wait(&w, 1000);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
	ck_assert(world_was_told(&w, "message.queued", id));
	p.send_at = wall_after(w.now.wall, HOUR);
	id = world_post_full(&w, &p, &e);
	struct message m;

	world_turn(&w);
	ck_assert_int_eq(exchange_cancel(w.x, id, w.now, &m), 0);
	ck_assert_int_eq(m.state, MESSAGE_CANCELED);
	message_done(&m);
	world_wait(&w, 2 * HOUR);
	ck_assert_int_eq(sends_of(&w, "later"), 1);
	world_close(&w);
}
END_TEST

START_TEST(test_expiry)
{
	struct world w;
	struct exchange_refusal e;

	world_open(&w);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = true;
	struct exchange_post p = { .to = CUSTOMER, .text = "x", .lane = LANE_API,
				   .valid_for = 10 * MINUTE };
	const char *id = world_post_full(&w, &p, &e), *useless;

	p.valid_for = 0;
	p.useless_after = wall_after(w.now.wall, 20 * MINUTE);
	useless = world_post_full(&w, &p, &e);
	world_wait(&w, 10 * MINUTE - 1000);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
	world_wait(&w, 1000);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_EXPIRED);
	check_error(&w, id, 30036, NULL);
	world_wait(&w, 10 * MINUTE);
	ck_assert(world_was_told(&w, "message.expired", id));
	ck_assert_int_eq(world_state(&w, useless), MESSAGE_EXPIRED);
	w.bank->modems[0].is_held = false;
	world_wait(&w, DAY);
	ck_assert_uint_eq(w.bank->n_sends, 0);
	world_close(&w);
}
END_TEST

/* More of them than one turn looks at; those that live longer stay. */
START_TEST(test_expiry_of_a_long_queue)
{
	enum { LONG = 600, SHORT = 100 };
	struct world w;
	struct exchange_refusal e;

	world_open(&w);
	w.bank->modems[0].is_held = true;
	for (int i = 0; i < LONG; i++) {
		struct exchange_post p = { .to = CUSTOMER, .text = "x", .from = FIRST,
					   .lane = LANE_API, .valid_for = HOUR };

		if (i % (LONG / SHORT) == 0)
			p.valid_for = 10 * MINUTE + i * 10;
		world_post_full(&w, &p, &e);
	}
	world_wait(&w, 9 * MINUTE);
	ck_assert_int_eq(world_count(&w, MESSAGE_EXPIRED, OUTBOUND), 0);
	world_wait(&w, 2 * MINUTE);
	ck_assert_int_eq(world_count(&w, MESSAGE_EXPIRED, OUTBOUND), (LONG - 1) / (LONG / SHORT) + 1);
	world_wait(&w, HOUR);
	ck_assert_int_eq(world_count(&w, MESSAGE_EXPIRED, OUTBOUND), LONG);
	world_close(&w);
}
END_TEST

START_TEST(test_validity_of_the_network)
{
	struct world w;
	struct exchange_refusal e;

	world_open(&w);
	struct exchange_post p = { .to = CUSTOMER, .text = "x", .from = FIRST, .lane = LANE_API,
				   .valid_for = HOUR };

	world_post_full(&w, &p, &e);
	world_turn(&w);
	ck_assert_int_eq(fake_sending(w.bank, 0)->pdu.vp_kind, SMS_VP_RELATIVE);
	ck_assert_uint_eq(fake_sending(w.bank, 0)->pdu.vp_seconds, 3600);
	world_close(&w);
}
END_TEST

/* ---- taking back --------------------------------------------------------------------------- */

/* CMS 198: the service centre takes no validity period. At once again on the same SIM without one, and
 * so the SIM's later messages; a second refusal is the message's end. */
START_TEST(test_without_validity)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	ck_assert_int_eq(fake_sending(w.bank, 0)->pdu.vp_kind, SMS_VP_RELATIVE);
	fake_not_sent(w.bank, 0, REACT_NO_VALIDITY, "CMS 198");
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	ck_assert_int_eq(fake_sending(w.bank, 0)->pdu.vp_kind, SMS_VP_NONE);
	fake_sent(w.bank, 0);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	id = world_post(&w, CUSTOMER, "again", FIRST);
	world_turn(&w);
	ck_assert_int_eq(fake_sending(w.bank, 0)->pdu.vp_kind, SMS_VP_NONE);
	fake_not_sent(w.bank, 0, REACT_NO_VALIDITY, "CMS 198");
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_FAILED);
	check_error(&w, id, 30008, "CMS 198");
	world_close(&w);
}
END_TEST

START_TEST(test_cancel)
{
	struct world w;
	struct message m;

	world_open(&w);
	w.bank->modems[0].is_held = true;
	const char *id = world_post(&w, CUSTOMER, "never", FIRST);

	world_turn(&w);
	ck_assert_int_eq(exchange_cancel(w.x, id, w.now, &m), 0);
	ck_assert_int_eq(m.state, MESSAGE_CANCELED);
	message_done(&m);
	ck_assert_int_eq(exchange_cancel(w.x, id, w.now, &m), TW_E_STATE);
	ck_assert_int_eq(exchange_cancel(w.x, "SM00000000000000000000000000000000", w.now, &m),
			 TW_E_UNKNOWN);
	w.bank->modems[0].is_held = false;
	world_wait(&w, DAY);
	ck_assert_uint_eq(w.bank->n_sends, 0);
	world_close(&w);
}
END_TEST

START_TEST(test_cancel_before_the_ctrl_z)
{
	struct world w;
	struct message m;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	world_turn(&w);
	w.bank->modems[0].is_busy = true;	/* it still waits for the prompt */
	ck_assert_int_eq(exchange_cancel(w.x, id, w.now, &m), 0);
	message_done(&m);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_CANCELED);
	ck_assert_int_eq(w.bank->cancels, 1);
	world_wait(&w, DAY);
	ck_assert_uint_eq(w.bank->n_sends, 1);
	world_close(&w);
}
END_TEST

START_TEST(test_stop_takes_back)
{
	struct world w;
	struct exchange_refusal e;

	world_open(&w);
	world_text(&w, 0, CUSTOMER, "HOURS");
	fake_sent(w.bank, 0);
	world_turn(&w);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = true;
	const char *queued = world_post(&w, CUSTOMER, "queued", NULL);
	const char *other = world_post(&w, OTHER_CUSTOMER, "other", NULL);
	struct exchange_post p = { .to = CUSTOMER, .text = "later", .lane = LANE_API,
				   .send_at = wall_after(w.now.wall, HOUR) };
	const char *scheduled = world_post_full(&w, &p, &e);

	world_wait(&w, 1000);
	world_text(&w, 0, CUSTOMER, "STOP");
	ck_assert_int_eq(world_state(&w, queued), MESSAGE_CANCELED);
	ck_assert_int_eq(world_state(&w, scheduled), MESSAGE_CANCELED);
	ck_assert_int_eq(world_state(&w, other), MESSAGE_QUEUED);
	check_error(&w, queued, 21610, NULL);
	p.send_at.ms = 0;
	ck_assert_ptr_null(world_post_full(&w, &p, &e));
	ck_assert_int_eq(e.code, 21610);
	p.from = SECOND;		/* STOP holds across all numbers of the account */
	ck_assert_ptr_null(world_post_full(&w, &p, &e));
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = false;
	world_wait(&w, 1000);
	ck_assert_int_eq(sends_of(&w, "You have left."), 1);
	while (who_sends(&w) >= 0) {
		fake_sent(w.bank, who_sends(&w));
		world_wait(&w, 1000);
	}
	world_text(&w, 0, CUSTOMER, "what?");	/* no keyword: not answered */
	ck_assert_ptr_null(fake_sending(w.bank, 0));
	ck_assert_uint_eq(flow_seen.n_stopped, 1);
	world_wait(&w, 1000);
	world_text(&w, 0, CUSTOMER, "START");
	ck_assert_str_eq(fake_sending(w.bank, 0)->text, "Welcome back.");
	ck_assert_ptr_nonnull(world_post(&w, CUSTOMER, "again", NULL));
	int64_t seq, bad;
	uint8_t link[32];

	ck_assert_int_eq(store_consent_verify(w.store, 1, &bad), 0);
	store_consent_head(w.store, 1, &seq, link);
	ck_assert_int_eq(seq, 2);
	world_close(&w);
}
END_TEST

/* A STOP that leaves nothing is answered once a day: the flow is told whether one was. */
START_TEST(test_stop_is_told_once_a_day)
{
	struct world w;
	static const struct { int64_t after; bool told; int modem; } again[] = {
		{ MINUTE, true, 0 }, { 2 * MINUTE, false, 1 }, { 2 * DAY, false, 0 },
	};

	world_open(&w);
	world_text(&w, 0, CUSTOMER, "STOP");
	ck_assert_int_eq(flow_seen.is_stop_told, 0);
	for (size_t i = 0; i < TW_COUNT(again); i++) {
		if (who_sends(&w) >= 0)
			fake_sent(w.bank, who_sends(&w));
		world_wait(&w, again[i].after);
		world_text(&w, again[i].modem, CUSTOMER, again[i].modem ? "HOURS" : "HELLO");
		ck_assert_int_eq(flow_seen.is_stop_told, again[i].told);
	}
	world_close(&w);
}
END_TEST

START_TEST(test_newer_key_replaces)
{
	struct world w;
	struct exchange_refusal e;

	world_open(&w);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = true;
	struct exchange_post p = { .to = CUSTOMER, .text = "old", .key = "w", .lane = LANE_API };
	const char *old = world_post_full(&w, &p, &e), *newer, *other;

	p.text = "new";
	newer = world_post_full(&w, &p, &e);
	p.to = OTHER_CUSTOMER;
	other = world_post_full(&w, &p, &e);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, old), MESSAGE_CANCELED);
	ck_assert_int_eq(world_state(&w, newer), MESSAGE_QUEUED);
	ck_assert_int_eq(world_state(&w, other), MESSAGE_QUEUED);
	world_close(&w);
}
END_TEST

/* ---- whose number -------------------------------------------------------------------------- */

START_TEST(test_sticky_number)
{
	struct world w;

	world_open(&w);
	world_text(&w, 1, CUSTOMER, "HOURS");
	fake_sent(w.bank, 1);
	world_turn(&w);
	for (int i = 0; i < 3; i++) {	/* the first modem is idle too, but they know the second */
		world_post(&w, CUSTOMER, "hello", NULL);
		world_turn(&w);
		ck_assert_int_eq(who_sends(&w), 1);
		fake_sent(w.bank, 1);
		world_turn(&w);
	}
	world_wait(&w, 91 * (int64_t)DAY);
	world_post(&w, CUSTOMER, "hello", NULL);
	world_turn(&w);
	ck_assert_int_eq(who_sends(&w), 0);
	world_close(&w);
}
END_TEST

/* The SIM that was texted is gone: by sticky.then. */
START_TEST(test_reply_when_the_sim_is_gone)
{
	struct world w;

	world_open(&w);
	w.settings.sticky.then = _i;
	w.bank->modems[0].is_held = true;
	world_text(&w, 0, CUSTOMER, "HOURS");
	const char *bound = world_post(&w, OTHER_CUSTOMER, "bound", FIRST);

	fake_unplug(w.bank, 0);
	world_wait(&w, 9 * MINUTE);
	ck_assert_uint_eq(w.bank->n_sends, 0);
	world_wait(&w, 2 * MINUTE);
	ck_assert_uint_eq(w.bank->n_sends, _i == STICKY_MOVE);
	ck_assert_int_eq(world_count(&w, MESSAGE_FAILED, OUTBOUND), _i == STICKY_FAIL);
	ck_assert_int_eq(world_state(&w, bound), MESSAGE_QUEUED);	/* From binds */
	if (_i == STICKY_MOVE)
		ck_assert_str_eq(fake_sending(w.bank, 1)->text, HOURS_REPLY);
	w.bank->modems[0].is_held = false;
	fake_plug(w.bank, 0);
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	world_close(&w);
}
END_TEST

START_TEST(test_dedicated_numbers)
{
	struct world w;
	struct exchange_refusal e;

	world_open(&w);
	w.settings.n_accounts = 2;
	w.sims[0] = (struct settings_sim){ .iccid = (char *)(uintptr_t)"8944100000000000003",
					   .number = (char *)(uintptr_t)"+447700900003",
					   .account = (char *)(uintptr_t)"acme" };
	w.settings.n_sims = 1;
	fake_modem_add(w.bank, "8944100000000000003", "+447700900003", "acme");
	static struct flows *none;

	exchange_reload(w.x, &w.settings, none, w.now);
	world_turn(&w);
	struct exchange_post p = { .account = "acme", .to = CUSTOMER, .text = "x", .lane = LANE_API };

	ck_assert_ptr_nonnull(world_post_full(&w, &p, &e));
	world_turn(&w);
	ck_assert_int_eq(who_sends(&w), 2);
	fake_sent(w.bank, 2);
	p.account = "default";
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(world_post_full(&w, &p, &e));
	world_turn(&w);
	ck_assert_ptr_null(fake_sending(w.bank, 2));
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	p.from = "+447700900003";
	ck_assert_ptr_null(world_post_full(&w, &p, &e));
	ck_assert_int_eq(e.code, 21606);
	p.account = NULL;
	ck_assert_ptr_null(world_post_full(&w, &p, &e));
	ck_assert_int_eq(e.code, 20001);
	world_close(&w);
}
END_TEST

START_TEST(test_pools)
{
	struct world w;
	struct exchange_refusal e;

	world_open(&w);
	w.pool_numbers[0] = (char *)(uintptr_t)SECOND;
	w.pools[0] = (struct settings_pool){ (char *)(uintptr_t)"uk", { w.pool_numbers, 1 } };
	w.settings.n_pools = 1;
	struct exchange_post p = { .to = CUSTOMER, .text = "x", .pool = "uk", .lane = LANE_API };

	ck_assert_ptr_nonnull(world_post_full(&w, &p, &e));
	world_turn(&w);
	ck_assert_int_eq(who_sends(&w), 1);
	p.from = FIRST;
	ck_assert_ptr_null(world_post_full(&w, &p, &e));
	ck_assert_int_eq(e.code, 21606);
	p.from = SECOND;
	ck_assert_ptr_nonnull(world_post_full(&w, &p, &e));
	p.pool = "us";
	ck_assert_ptr_null(world_post_full(&w, &p, &e));
	ck_assert_int_eq(e.code, 21701);
	world_close(&w);
}
END_TEST

/* ---- refusals ------------------------------------------------------------------------------ */

static char too_long[4000];
static const struct { struct exchange_post p; int status, code; } refused[] = {
	{ { .to = "", .text = "x" }, 400, 21604 },
	{ { .to = "123456789012345678", .text = "x" }, 400, 21211 },
	{ { .to = "999", .text = "x" }, 400, 21211 },
	{ { .to = "+447700900100\r\nAT+CMGD=1,4", .text = "x" }, 400, 21211 },
	{ { .to = CUSTOMER, .text = "" }, 400, 21602 },
	{ { .to = CUSTOMER, .text = too_long }, 400, 21617 },
	{ { .to = CUSTOMER, .text = "\xff\xfe" }, 400, 21618 },
	{ { .to = CUSTOMER, .text = "x", .from = "+447700900009" }, 400, 21606 },
	{ { .to = CUSTOMER, .text = "x", .from = "+99" }, 400, 21212 },
	{ { .to = FIRST, .text = "x", .from = FIRST }, 400, 21266 },
	{ { .to = CUSTOMER, .text = "x", .account = "nobody" }, 404, 20404 },
	{ { .to = CUSTOMER, .text = "x", .useless_after = { 5 } }, 400, 21624 },
};

START_TEST(test_refusals)
{
	struct world w;
	struct exchange_refusal e;

	memset(too_long, 'x', sizeof(too_long) - 1);
	world_open(&w);
	ck_assert_ptr_null(world_post_full(&w, &refused[_i].p, &e));
	ck_assert_int_eq(e.code, refused[_i].code);
	ck_assert_int_eq(e.status, refused[_i].status);
	ck_assert_uint_gt(strlen(e.text), 5);
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 0);
	world_close(&w);
}
END_TEST

START_TEST(test_national_numbers)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, "07700 900100", "x", NULL);
	struct message m = world_message(&w, id);

	ck_assert_str_eq(m.to, CUSTOMER);
	message_done(&m);
	world_close(&w);
}
END_TEST

START_TEST(test_idempotency)
{
	struct world w;
	struct exchange_refusal e;
	struct message a, b;
	bool repeated;

	world_open(&w);
	struct exchange_post p = { .to = CUSTOMER, .text = "x", .idempotency_key = "k",
				   .lane = LANE_API };

	ck_assert_int_eq(exchange_post(w.x, &p, w.now, &a, &repeated, &e), 0);
	ck_assert(!repeated);
	world_turn(&w);
	ck_assert_int_eq(exchange_post(w.x, &p, w.now, &b, &repeated, &e), 0);
	ck_assert(repeated);
	ck_assert_str_eq(a.id, b.id);
	message_done(&a);
	message_done(&b);
	p.text = "other";		/* the same key for another message */
	ck_assert_int_eq(exchange_post(w.x, &p, w.now, &b, &repeated, &e), TW_E_DENIED);
	ck_assert_int_eq(e.status, 422);
	ck_assert_int_eq(e.code, 20410);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 1);
	world_wait(&w, 25 * 3600 * INT64_C(1000));	/* and a day later it is a new one */
	ck_assert_int_eq(exchange_post(w.x, &p, w.now, &b, &repeated, &e), 0);
	ck_assert(!repeated);
	message_done(&b);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 2);
	world_close(&w);
}
END_TEST

START_TEST(test_pin)
{
	struct world w;

	world_open(&w);
	w.bank->pin = "1234";
	for (int i = 0; i < 3; i++) {
		fake_event(w.bank, 0, (struct modem_event){ .type = MODEM_EV_PIN, .number = 3 });
		world_turn(&w);
	}
	ck_assert_int_eq(w.bank->modems[0].pins_sent, 1);	/* once */
	ck_assert_int_eq(w.bank->modems[0].pins_denied, 2);
	w.bank->modems[0].opened_by_pin = true;
	fake_event(w.bank, 0, (struct modem_event){ .type = MODEM_EV_SIM });
	world_turn(&w);
	fake_event(w.bank, 0, (struct modem_event){ .type = MODEM_EV_PIN, .number = 3 });
	world_turn(&w);
	ck_assert_int_eq(w.bank->modems[0].pins_sent, 2);	/* it had opened the SIM */
	fake_event(w.bank, 1, (struct modem_event){ .type = MODEM_EV_PIN, .number = 2 });
	world_turn(&w);
	ck_assert_int_eq(w.bank->modems[1].pins_sent, 0);
	ck_assert_int_eq(w.bank->modems[1].pins_denied, 1);
	world_close(&w);
}
END_TEST

START_TEST(test_accept_a_stranger)
{
	struct world w;

	world_open(&w);
	fake_modem_add(w.bank, "8944100000000000009", "", "");
	w.bank->modems[2].is_stranger = true;
	world_turn(&w);
	ck_assert_int_eq(exchange_modem_accept(w.x, "m0", w.now), TW_E_STATE);
	ck_assert_int_eq(exchange_modem_accept(w.x, "m9", w.now), TW_E_UNKNOWN);
	ck_assert_int_eq(exchange_modem_accept(w.x, "m2", w.now), 0);
	ck_assert(!w.bank->modems[2].is_stranger);
	world_close(&w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_retry_backs_off_and_ends);
	tcase_add_test(t, test_fail_ends_at_once);
	tcase_add_test(t, test_other_sim_at_once);
	tcase_add_test(t, test_other_sim_where_there_is_none);
	tcase_add_test(t, test_person_rests_the_sim);
	tcase_add_loop_test(t, test_wait_costs_no_try, 0, (int)TW_COUNT(no_fault));
	tcase_add_test(t, test_sent_by_the_smsc_already);
	tcase_add_test(t, test_bank_that_will_not);
	tcase_add_test(t, test_doubt_settled_by_a_report);
	tcase_add_test(t, test_doubt_sent_again);
	tcase_add_test(t, test_doubt_fails_and_is_delivered_late);
	tcase_add_test(t, test_report_while_it_goes_again);
	tcase_add_test(t, test_report_before_result);
	tcase_add_test(t, test_reports_over_the_wrap);
	tcase_add_test(t, test_reports_spread_over_the_wrap);
	tcase_add_test(t, test_report_of_another_recipient);
	tcase_add_test(t, test_all_segments_count);
	tcase_add_test(t, test_half_sent_tries_the_same_sim);
	tcase_add_test(t, test_half_sent_goes_by_another_sim);
	tcase_add_test(t, test_half_sent_and_not_to_be_repeated);
	tcase_add_test(t, test_half_sent_sim_pulled_out);
	tcase_add_test(t, test_nothing_between_the_segments);
	tcase_add_test(t, test_lanes_without_starvation);
	tcase_add_test(t, test_fifo);
	tcase_add_test(t, test_bulk_spreads);
	tcase_add_test(t, test_scheduled);
	tcase_add_test(t, test_expiry);
	tcase_add_test(t, test_expiry_of_a_long_queue);
	tcase_add_test(t, test_validity_of_the_network);
	tcase_add_test(t, test_without_validity);
	tcase_add_test(t, test_cancel);
	tcase_add_test(t, test_cancel_before_the_ctrl_z);
	tcase_add_test(t, test_stop_takes_back);
	tcase_add_test(t, test_stop_is_told_once_a_day);
	tcase_add_test(t, test_newer_key_replaces);
	tcase_add_test(t, test_sticky_number);
	tcase_add_loop_test(t, test_reply_when_the_sim_is_gone, 0, 3);
	tcase_add_test(t, test_dedicated_numbers);
	tcase_add_test(t, test_pools);
	tcase_add_loop_test(t, test_refusals, 0, (int)TW_COUNT(refused));
	tcase_add_test(t, test_national_numbers);
	tcase_add_test(t, test_idempotency);
	tcase_add_test(t, test_pin);
	tcase_add_test(t, test_accept_a_stranger);
}

int main(void)
{
	return world_main("exchange_outbox", add_tests);
}
