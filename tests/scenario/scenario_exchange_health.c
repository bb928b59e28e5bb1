/* A SIM that says "sent" and is never reported delivered, and one whose sends fail: asked last, probed
 * with one message at a time, brought back by itself. */
#include <stdio.h>

#include "world.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)

static size_t looked_at;	/* of bank->sends: those before were judged */
static int by[2], delivered;

/* Everybody's text is taken by the network; what leaves by a SIM that is no black hole is reported. */
static void network(struct world *w, bool is_hole)
{
	for (; looked_at < w->bank->n_sends; looked_at++) {
		const struct fake_send *s = &w->bank->sends[looked_at];
		int modem = s->modem;

		by[modem]++;
		fake_sent(w->bank, modem);
		world_turn(w);
		if (modem == 0 && is_hole)
			continue;
		delivered++;
		fake_report(w->bank, modem, s->pdu.address.text, s->ref, 0, w->now.wall);
		world_turn(w);
	}
}

static const char *post(struct world *w)
{
	static int n;
	char to[24];

	snprintf(to, sizeof(to), "+4477009%05d", 10000 + n++);
	return world_post(w, to, "x", NULL);
}

/* Messages, so many a minute, and what the network makes of them. */
static void traffic(struct world *w, int minutes, bool is_hole)
{
	for (int i = 0; i < 2 * minutes; i++) {
		post(w);
		post(w);
		world_turn(w);
		network(w, is_hole);
		world_wait(w, MINUTE / 2);
		network(w, is_hole);
	}
}

static struct exchange_modem_totals first(struct world *w)
{
	struct exchange_modem_totals t;

	exchange_modem_totals(w->x, "8944100000000000001", &t);
	return t;
}

static void start(struct world *w)
{
	world_open_file(w);
	looked_at = 0;
	by[0] = by[1] = delivered = 0;
}

START_TEST(a_black_hole_is_asked_last)
{
	struct world w;
	int lost;

	start(&w);
	traffic(&w, 30, false);
	ck_assert_int_ge(by[0], 50);		/* they share the work */
	ck_assert_int_ge(by[1], 50);
	ck_assert_int_eq(first(&w).health, 100);
	ck_assert_int_eq(first(&w).delivery_rate, HEALTH_ALL);
	by[0] = by[1] = delivered = 0;
	traffic(&w, 120, true);
	lost = by[0];
	printf("of 480 messages in two hours beside a black hole %d went into it\n", lost);
	ck_assert_int_le(lost, 24);		/* without health: 240 */
	ck_assert_int_eq(by[0] + by[1], 480);
	ck_assert_int_le(first(&w).health, 50);
	ck_assert_ptr_nonnull(strstr(first(&w).health_reason, "reported delivered"));
	/* Also after a restart. */
	world_wait(&w, 100);
	world_crash(&w);
	world_turn(&w);
	world_turn(&w);
	ck_assert_int_le(first(&w).health, 50);
	by[0] = by[1] = 0;
	traffic(&w, 10, true);
	ck_assert_int_le(by[0], 2);
	/* It works again: probed, and brought back without anybody. */
	traffic(&w, 150, false);
	ck_assert_int_eq(first(&w).health, 100);
	by[0] = by[1] = 0;
	traffic(&w, 30, false);
	ck_assert_int_ge(by[0], 50);
	world_close(&w);
}
END_TEST

START_TEST(why_says_it)
{
	struct why why;
	struct world w;
	const char *id;
	bool said = false;

	start(&w);
	traffic(&w, 15, false);
	traffic(&w, 15, true);
	ck_assert_int_le(first(&w).health, 50);
	id = post(&w);
	world_turn(&w);
	ck_assert_int_eq(exchange_why(w.x, id, w.now, &why), 0);
	ck_assert_uint_eq(why.n_attempts, 1);
	for (size_t i = 0; i < why.attempts[0].n_sims; i++)
		said |= why.attempts[0].sims[i].reason == PICK_DEMOTED;
	ck_assert(said);
	ck_assert_str_eq(why.message.modem, "m1");
	why_done(&why);
	/* One that waits because the sound SIM is busy. */
	id = post(&w);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
	ck_assert_int_eq(exchange_why(w.x, id, w.now, &why), 0);
	said = false;
	for (size_t i = 0; i < why.n_sims; i++)
		if (why.sims[i].reason == PICK_DEMOTED) {
			said = true;
			ck_assert_int_gt(why.sims[i].until.ms, 0);
		}
	ck_assert(said);
	why_done(&why);
	world_close(&w);
}
END_TEST

/* The only SIM there is goes on, however bad it is. */
START_TEST(the_last_one_is_used)
{
	struct world w;
	int before;

	start(&w);
	traffic(&w, 15, false);
	fake_unplug(w.bank, 1);
	world_turn(&w);
	traffic(&w, 15, true);
	ck_assert_int_le(first(&w).health, 50);
	before = by[0];
	traffic(&w, 5, true);
	ck_assert_int_eq(by[0] - before, 20);
	world_close(&w);
}
END_TEST

/* Refused by the SIM's own network; what a message is to blame for does not count. */
START_TEST(sends_that_fail)
{
	static const struct { enum reaction reaction; bool counts; } rows[] = {
		{ REACT_RETRY, true }, { REACT_OTHER_SIM, true }, { REACT_PERSON, true },
		{ REACT_RESET, true }, { REACT_FAIL, false }, { REACT_WAIT, false },
		{ REACT_NO_VALIDITY, false },
	};
	struct world w;

	start(&w);
	fake_unplug(w.bank, 1);
	world_turn(&w);
	for (int i = 0; i < 3; i++) {
		post(&w);
		for (int k = 0; k < 30 && !fake_sending(w.bank, 0); k++)
			world_wait(&w, MINUTE);
		ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
		fake_not_sent(w.bank, 0, rows[_i].reaction, "CMS 1");
		world_turn(&w);
	}
	ck_assert_int_eq(first(&w).health <= 50, rows[_i].counts);
	if (rows[_i].counts)
		ck_assert_str_eq(first(&w).health_reason, "its sends fail");
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, a_black_hole_is_asked_last);
	tcase_add_test(t, why_says_it);
	tcase_add_test(t, the_last_one_is_used);
	tcase_add_loop_test(t, sends_that_fail, 0, 7);
}

int main(void)
{
	return world_main("exchange_health", add);
}
