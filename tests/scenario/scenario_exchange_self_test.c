/* SIMs of the bank text each other: never more than a day's budget, by day, shown to nobody; one that is
 * deaf is found, refreshed, told of; a number that nobody knows is learned. */
#include <stdio.h>

#include "world.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static char none[] = "", person[] = "+447700900999";
static int tests, alerts, to_first;	/* sent so far */
static size_t looked_at;

/* Delivers what one SIM texts another, but to deaf ones. */
static void network(struct world *w, int deaf)
{
	for (; looked_at < w->bank->n_sends; looked_at++) {
		const struct fake_send *s = &w->bank->sends[looked_at];
		const char *to = s->pdu.address.text, *from = w->bank->modems[s->modem].number;
		int modem = s->modem, at = to[strlen(to) - 1] - '1';
		char text[200];

		strcpy(text, s->text);
		if (strcmp(to, person) == 0) {
			alerts += !s->more;
		} else {
			ck_assert_msg(strncmp(text, "twoway self-test ", 17) == 0, "%s", text);
			ck_assert_int_ne(at, modem);
			tests++;
			to_first += at == 0;
		}
		fake_sent(w->bank, modem);
		world_turn(w);
		if (strcmp(to, person) == 0 || at == deaf)
			continue;
		world_text(w, at, from[0] ? from : "+447700900003", text);
	}
}

static void pass(struct world *w, int64_t ms, int deaf)
{
	for (int64_t i = 0; i < ms; i += MINUTE) {
		world_wait(w, MINUTE);
		network(w, deaf);
	}
}

static void start(struct world *w, int per_day)
{
	world_open_file(w);
	tests = alerts = to_first = 0;
	looked_at = 0;
	fake_modem_add(w->bank, "8944100000000000003", "+447700900003", "");
	w->settings.self_test.per_day = per_day;
	world_reload(w);
	world_turn(w);
	network(w, -1);
}

static void shown(void *ctx, struct contact *c)
{
	(void)ctx;
	contact_done(c);
}

START_TEST(a_budget_by_day)
{
	struct world w;
	int before;

	start(&w, 6);
	pass(&w, DAY, -1);
	ck_assert_int_ge(tests, 5);
	ck_assert_int_le(tests, 7);
	before = tests;
	pass(&w, DAY, -1);
	ck_assert_int_le(tests - before, 6);
	ck_assert_int_ge(tests - before, 5);
	ck_assert_int_ge(to_first, 3);		/* everybody has a turn */
	/* Shown to nobody, and no contact of anybody. */
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 0);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 0);
	ck_assert_int_eq(exchange_contacts(w.x, &(struct exchange_contacts_query){ .limit = 10 }, shown,
					   NULL), 0);
	for (size_t i = 0; i < w.n_told; i++)
		ck_assert_msg(strncmp(w.told[i].event, "message.", 8) != 0, "%s", w.told[i].event);
	ck_assert_int_eq(flow_seen.count, 0);
	/* At night there is none. */
	while (w.now.wall.ms % DAY < 22 * HOUR)
		pass(&w, 10 * MINUTE, -1);
	before = tests;
	pass(&w, 9 * HOUR, -1);
	ck_assert_int_eq(tests, before);
	world_close(&w);
}
END_TEST

/* Second tries are of the budget too. */
START_TEST(a_deaf_modem_costs_no_more)
{
	struct world w;

	start(&w, 2);
	pass(&w, DAY - HOUR, 0);
	ck_assert_int_eq(tests, 2);
	world_close(&w);
}
END_TEST

START_TEST(none_without_a_budget)
{
	struct world w;

	start(&w, 0);
	pass(&w, DAY, -1);
	ck_assert_int_eq(tests, 0);
	world_close(&w);
}
END_TEST

START_TEST(a_deaf_modem)
{
	struct exchange_modem_totals t;
	struct world w;
	int minutes = 0;

	start(&w, 24);
	w.settings.alert = (typeof(w.settings.alert)){ person, none, none, false };
	world_reload(&w);
	pass(&w, HOUR, -1);
	exchange_modem_totals(w.x, "8944100000000000001", &t);
	ck_assert_int_eq(t.health, 100);
	for (; !alerts && minutes < 12 * 60; minutes++)
		pass(&w, MINUTE, 0);
	printf("a deaf modem of three is told after %d minutes, at 24 texts a day\n", minutes);
	ck_assert_int_eq(alerts, 1);
	ck_assert_int_eq(w.bank->refreshes, 1);
	exchange_modem_totals(w.x, "8944100000000000001", &t);
	ck_assert_int_lt(t.health, 50);
	ck_assert_ptr_nonnull(strstr(t.health_reason, "do not reach"));
	/* It hears again: any text will do. */
	world_text(&w, 0, CUSTOMER, "HOURS");
	world_turn(&w);
	exchange_modem_totals(w.x, "8944100000000000001", &t);
	ck_assert_int_eq(t.health, 100);
	ck_assert(world_was_told(&w, "alert.over", "8944100000000000001"));
	world_close(&w);
}
END_TEST

START_TEST(a_number_is_learned)
{
	struct exchange_refusal e;
	struct bank_modem m;
	struct world w;

	start(&w, 0);
	ck_assert_int_lt(exchange_modem_learn(w.x, "m2", w.now, &e), 0);
	ck_assert_int_eq(e.status, 409);		/* known */
	ck_assert_int_lt(exchange_modem_learn(w.x, "nobody", w.now, &e), 0);
	ck_assert_int_eq(e.status, 404);
	fake_modem_add(w.bank, "8944100000000000004", "", "");
	world_turn(&w);
	fake_event(w.bank, 3, (struct modem_event){ .type = MODEM_EV_SIM });
	world_turn(&w);
	ck_assert_int_eq(exchange_modem_learn(w.x, "m3", w.now, &e), 0);
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 3));
	{
		char text[200];

		strcpy(text, fake_sending(w.bank, 3)->text);
		int at = fake_sending(w.bank, 3)->pdu.address.text[12] - '1';

		fake_sent(w.bank, 3);
		world_turn(&w);
		world_text(&w, at, "+447700900004", text);
	}
	ck_assert(bank_find(w.bank, "m3", &m));
	ck_assert_str_eq(m.number, "+447700900004");
	ck_assert(world_was_told(&w, "modem.learned", "m3"));
	/* From now on it is one of the bank's: what it is sent from is found. */
	world_post(&w, CUSTOMER, "x", "+447700900004");
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 3));
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 0);
	world_close(&w);
}
END_TEST

/* Somebody else's text with these words is a text. */
START_TEST(a_forged_one_is_a_text)
{
	struct world w;

	start(&w, 0);
	world_text(&w, 0, CUSTOMER, "twoway self-test ABCDEFGH");
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 1);
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, a_budget_by_day);
	tcase_add_test(t, a_deaf_modem_costs_no_more);
	tcase_add_test(t, none_without_a_budget);
	tcase_add_test(t, a_deaf_modem);
	tcase_add_test(t, a_number_is_learned);
	tcase_add_test(t, a_forged_one_is_a_text);
}

int main(void)
{
	return world_main("exchange_self_test", add);
}
