/* What `why` tells: the states with their times, which SIM was chosen and by which rule, what was said of
 * the others, the modem's lines; and of what waits, why not now and when. */
#include <stdio.h>

#include "world.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)

static char empty[] = "", iccids[2][20] = { "8944100000000000001", "8944100000000000002" };

static struct settings_sim *name_sims(struct world *w)
{
	for (int i = 0; i < 2; i++)
		w->sims[i] = (struct settings_sim){ .iccid = iccids[i], .number = empty, .pin = empty,
						    .smsc = empty, .account = empty,
						    .quota = { .zone = empty, .reset_day = 1 } };
	w->settings.n_sims = 2;
	return w->sims;
}

static struct why why_of(struct world *w, const char *id)
{
	struct why y;

	ck_assert_int_eq(exchange_why(w->x, id, w->now, &y), 0);
	return y;
}

/* "queued 0, sending 0, sent 3": states with the seconds since the first. */
static void check_states(const struct why *y, const char *expected)
{
	struct tw_buf b = { 0 };

	for (size_t i = 0; i < y->n_states; i++)
		tw_buf_addf(&b, "%s%s %lld", i ? ", " : "", message_state_name(y->states[i].state),
			    (long long)(y->states[i].at.ms - y->states[0].at.ms) / 1000);
	ck_assert_str_eq(tw_buf_str(&b), expected);
	tw_buf_done(&b);
}

static void check_sim(const struct why_sim *v, size_t n, const char *number, enum pick_reason reason,
		      int64_t until)
{
	for (size_t i = 0; i < n; i++) {
		if (!v[i].number || strcmp(v[i].number, number) != 0)
			continue;
		ck_assert_str_eq(pick_reason_name(v[i].reason), pick_reason_name(reason));
		ck_assert_int_eq(v[i].until.ms, until);
		return;
	}
	ck_abort_msg("nothing is said of %s", number);
}

/* Its modem is pulled out in the middle; another one takes the message. */
START_TEST(test_survives_unplugging)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", NULL);

	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	world_wait(&w, 2000);
	fake_not_sent(w.bank, 0, REACT_WAIT, "unplugged");
	w.bank->modems[0].facts.state = MODEM_ABSENT;
	world_turn(&w);
	world_wait(&w, 3000);
	fake_sent(w.bank, 1);
	world_turn(&w);
	struct why y = why_of(&w, id);

	check_states(&y, "queued 0, sending 0, queued 2, sending 2, sent 5");
	ck_assert_uint_eq(y.n_attempts, 2);
	ck_assert_int_eq(y.attempts[0].outcome, STORE_NOT_SENT);
	ck_assert_str_eq(y.attempts[0].cause, "unplugged");
	ck_assert_int_eq(y.attempts[0].rule, RULE_FREE);
	ck_assert_str_eq(y.attempts[0].line, FIRST);
	check_sim(y.attempts[0].sims, y.attempts[0].n_sims, SECOND, PICK_EQUAL, 0);
	ck_assert_ptr_nonnull(strstr(y.attempts[0].lines, "> AT of m0"));	/* kept */
	ck_assert(!y.attempts[0].is_live);
	ck_assert_int_eq(y.attempts[1].rule, RULE_ONLY);
	ck_assert_str_eq(y.attempts[1].line, SECOND);
	check_sim(y.attempts[1].sims, y.attempts[1].n_sims, FIRST, PICK_AWAY, 0);
	ck_assert_str_eq(y.attempts[1].lines, "> AT+CMGS=20\n< +CMGS: 1\n< OK\n");
	ck_assert(y.attempts[1].is_live);
	ck_assert_uint_eq(y.n_sims, 0);
	ck_assert_str_eq(y.text, "it is sent");
	why_done(&y);
	world_close(&w);
}
END_TEST

START_TEST(test_quota_and_when)
{
	struct world w;

	world_open(&w);
	struct exchange_refusal e;

	name_sims(&w)[0].quota.per_minute = 1;
	w.sims[1].quota.per_day = 1;
	w.settings.share_for_replies = 0;
	world_reload(&w);
	int64_t began = w.now.wall.ms;

	for (int i = 0; i < 2; i++)
		world_post(&w, i ? CUSTOMER : OTHER_CUSTOMER, "first", i ? FIRST : SECOND);
	world_turn(&w);
	fake_sent(w.bank, 0);
	fake_sent(w.bank, 1);
	world_turn(&w);
	const char *id = world_post(&w, "+447700900777", "waits", NULL);

	world_turn(&w);
	struct why y = why_of(&w, id);

	check_states(&y, "queued 0");
	check_sim(y.sims, y.n_sims, FIRST, PICK_MINUTE, began + MINUTE);
	check_sim(y.sims, y.n_sims, SECOND, PICK_DAY, began + 15 * HOUR);
	ck_assert_int_eq(y.next_at.ms, began + MINUTE);
	ck_assert_str_eq(y.text, FIRST ": its quota a minute is used up");
	why_done(&y);
	/* What is worth sending for an hour only does not go on in fifteen. */
	y = why_of(&w, world_post_full(&w, &(struct exchange_post){ .to = CUSTOMER, .text = "soon",
		.from = SECOND, .lane = LANE_API, .valid_for = HOUR }, &e));
	ck_assert_int_eq(y.next_at.ms, 0);
	ck_assert_str_eq(y.text, SECOND ": its quota a day is used up; it ends when it is worth "
				 "sending no more");
	why_done(&y);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);	/* as was promised */
	y = why_of(&w, id);
	ck_assert_str_eq(y.text, "segment 1 of 1 is on the modem m0");
	check_sim(y.attempts[0].sims, y.attempts[0].n_sims, SECOND, PICK_DAY, 0);
	why_done(&y);
	world_close(&w);
}
END_TEST

START_TEST(test_bound_away_and_paused)
{
	struct world w;

	world_open(&w);
	w.bank->modems[0].facts.state = MODEM_ABSENT;
	const char *id = world_post(&w, CUSTOMER, "x", FIRST);
	struct why y = why_of(&w, id);

	check_sim(y.sims, y.n_sims, FIRST, PICK_AWAY, 0);
	check_sim(y.sims, y.n_sims, SECOND, PICK_NUMBER, 0);
	ck_assert_int_eq(y.next_at.ms, 0);
	ck_assert_ptr_nonnull(strstr(y.text, FIRST ": its SIM is in no modem"));
	why_done(&y);
	w.bank->modems[0].facts.state = MODEM_PAUSED;
	world_turn(&w);
	y = why_of(&w, id);
	check_sim(y.sims, y.n_sims, FIRST, PICK_PAUSED, 0);
	why_done(&y);
	world_close(&w);
}
END_TEST

/* A SIM of an earlier life that is in no modem is told of as well. */
START_TEST(test_sim_of_earlier)
{
	struct world w;

	world_open_file(&w);
	world_wait(&w, 1000);
	w.bank->modems[1].is_there = false;
	world_crash(&w);
	world_turn(&w);
	w.bank->modems[0].is_held = true;
	const char *id = world_post(&w, CUSTOMER, "x", NULL);
	struct why y = why_of(&w, id);

	ck_assert_uint_eq(y.n_sims, 2);
	check_sim(y.sims, y.n_sims, SECOND, PICK_AWAY, 0);
	check_sim(y.sims, y.n_sims, FIRST, PICK_MAY, 0);
	why_done(&y);
	world_close(&w);
}
END_TEST

START_TEST(test_in_doubt_and_scheduled)
{
	struct world w;
	struct exchange_post p = { .to = OTHER_CUSTOMER, .text = "later", .lane = LANE_API };
	struct exchange_refusal e;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "x", FIRST);

	world_turn(&w);
	fake_doubt(w.bank, 0, false);
	world_turn(&w);
	struct why y = why_of(&w, id);

	ck_assert_str_eq(y.text, "in doubt (no answer): a delivery report is waited for");
	ck_assert_int_eq(y.next_at.ms, w.now.wall.ms + MINUTE);
	ck_assert(y.attempts[0].in_doubt);
	ck_assert_int_eq(y.attempts[0].rule, RULE_FROM);
	why_done(&y);
	p.send_at = wall_after(w.now.wall, HOUR);
	id = world_post_full(&w, &p, &e);
	y = why_of(&w, id);
	check_states(&y, "scheduled 0");
	ck_assert_int_eq(y.next_at.ms, p.send_at.ms);
	why_done(&y);
	world_wait(&w, HOUR);
	y = why_of(&w, id);
	check_states(&y, "scheduled 0, queued 3600, sending 3600");
	why_done(&y);
	world_close(&w);
}
END_TEST

START_TEST(test_of_a_text_and_of_nothing)
{
	struct world w;
	struct why y;

	world_open(&w);
	world_text(&w, 0, CUSTOMER, "HOURS");
	fake_sent(w.bank, 0);
	world_turn(&w);
	ck_assert_int_eq(exchange_why(w.x, "SM00000000000000000000000000000000", w.now, &y),
			 TW_E_UNKNOWN);
	char id[STORE_ID_MAX];

	y = why_of(&w, store_id_write(w.store, 1, id));
	check_states(&y, "received 0");
	ck_assert_str_eq(y.states[0].note, "HOURS");
	why_done(&y);
	y = why_of(&w, store_id_write(w.store, 2, id));
	check_states(&y, "queued 0, sending 0, sent 0");
	ck_assert_int_eq(y.attempts[0].rule, RULE_REPLY);
	why_done(&y);
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_survives_unplugging);
	tcase_add_test(t, test_quota_and_when);
	tcase_add_test(t, test_bound_away_and_paused);
	tcase_add_test(t, test_sim_of_earlier);
	tcase_add_test(t, test_in_doubt_and_scheduled);
	tcase_add_test(t, test_of_a_text_and_of_nothing);
}

int main(void)
{
	return world_main("exchange_why", add);
}
