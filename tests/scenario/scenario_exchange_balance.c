/* The money of SIMs: asked on a schedule, read from what the network answers or texts, told to a person
 * once a fall, topped up with codes that are never dialled twice, and a SIM that cannot pay is spared. */
#include <stdio.h>
#include <unistd.h>

#include "world.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define M INT64_C(1000000)

static char empty[] = "", first_iccid[] = "8944100000000000001";
static char operator_[] = "23410", asked[] = "*100#", match[] = "is ([0-9.]+)", eur[] = "EUR";
static char dialled[] = "*121*{code}#", codes_path[64];
static struct settings_balance entry;
static struct settings_cost costs[2] = { { (char *)(uintptr_t)"44", 0 }, { (char *)(uintptr_t)"*", 0.5 } };

static void open_with(struct world *w, double alert)
{
	world_open_file(w);
	entry = (struct settings_balance){ .operator_ = operator_, .ask = asked, .match = match,
					   .topup = empty, .codes = empty, .every = DAY,
					   .alert = alert };
	w->settings.balance = &entry;
	w->settings.n_balance = 1;
	w->settings.currency = eur;
	strcpy(w->bank->modems[0].facts.imsi, "234101234567890");
	strcpy(w->bank->modems[1].facts.imsi, "234301234567890");
	w->sims[0] = (struct settings_sim){ .iccid = first_iccid, .number = empty, .pin = empty,
					    .smsc = empty, .account = empty, .cost = costs, .n_cost = 2,
					    .quota = { .zone = empty, .reset_day = 1 } };
	w->settings.n_sims = 1;
	world_reload(w);
	world_turn(w);
}

static void use_codes(struct world *w, const char *text)
{
	int fd;

	strcpy(codes_path, "/tmp/twoway-codes-XXXXXX");
	fd = mkstemp(codes_path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	entry.codes = codes_path;
	entry.topup = dialled;
	world_reload(w);
}

static void answer(struct world *w, const char *text)
{
	fake_job_ends(w->bank, MODEM_USSD_OVER, text);
	world_turn(w);
	world_turn(w);
}

static struct exchange_balance balance(struct world *w)
{
	struct exchange_modem_totals t;

	exchange_modem_totals(w->x, first_iccid, &t);
	return t.balance;
}

static int events(struct world *w, const char *kind)
{
	struct store_event e;
	int64_t before = 0;
	int n = 0;

	while (store_event_before(w->store, before, &e) == 0) {
		before = e.id;
		n += strcmp(e.kind, kind) == 0;
		store_event_done(&e);
	}
	return n;
}

START_TEST(asked_on_a_schedule)
{
	struct world w;

	open_with(&w, 0);
	ck_assert_uint_eq(w.bank->n_jobs, 1);		/* the other SIM's operator is another one */
	ck_assert_int_eq(w.bank->jobs[0].modem, 0);
	ck_assert_str_eq(w.bank->jobs[0].text, "*100#");
	answer(&w, "Your balance is 10.00 EUR.");
	ck_assert_int_eq(balance(&w).amount, 10 * M);
	ck_assert_int_eq(balance(&w).at.ms, w.now.wall.ms);
	ck_assert_int_eq(balance(&w).days_left, -1);
	world_wait(&w, DAY - MINUTE);
	ck_assert_uint_eq(w.bank->n_jobs, 1);
	world_wait(&w, MINUTE);
	ck_assert_uint_eq(w.bank->n_jobs, 2);
	answer(&w, "Your balance is 8.00 EUR.");
	ck_assert_int_eq(balance(&w).days_left, 4);
	/* Neither the amount nor the time of the question is forgotten. */
	world_wait(&w, 100);
	world_crash(&w);
	world_turn(&w);
	world_turn(&w);
	ck_assert_int_eq(balance(&w).amount, 8 * M);
	ck_assert_int_eq(balance(&w).days_left, 4);
	world_wait(&w, DAY - MINUTE);
	ck_assert_uint_eq(w.bank->n_jobs, 2);
	world_close(&w);
}
END_TEST

START_TEST(a_question_without_an_answer_is_asked_again)
{
	struct world w;

	open_with(&w, 0);
	fake_job_ends(w.bank, MODEM_USSD_FAILED, "no answer from the network");
	world_turn(&w);
	world_wait(&w, 9 * MINUTE);
	ck_assert_uint_eq(w.bank->n_jobs, 1);
	world_wait(&w, MINUTE);
	ck_assert_uint_eq(w.bank->n_jobs, 2);
	answer(&w, "Try again later");
	world_wait(&w, 19 * MINUTE);
	ck_assert_uint_eq(w.bank->n_jobs, 2);	/* later and later */
	world_wait(&w, MINUTE);
	ck_assert_uint_eq(w.bank->n_jobs, 3);
	answer(&w, "Try again later");
	ck_assert_int_eq(events(&w, "balance.unread"), 1);
	world_wait(&w, 40 * MINUTE);
	answer(&w, "Your balance is 3.00");
	ck_assert_int_eq(balance(&w).amount, 3 * M);
	world_close(&w);
}
END_TEST

START_TEST(the_answer_may_be_a_text)
{
	struct world w;

	open_with(&w, 0);
	answer(&w, "You will receive a text");
	world_text(&w, 0, CUSTOMER, "my balance is 99.00");	/* a customer is no operator */
	ck_assert_int_eq(balance(&w).at.ms, 0);
	fake_sent(w.bank, 0);
	world_text(&w, 0, "40404", "Your balance is 7.50");
	ck_assert_int_eq(balance(&w).amount, 7500000);
	ck_assert_ptr_null(fake_sending(w.bank, 0));	/* kept, and starts nothing */
	world_wait(&w, 6 * MINUTE);
	world_text(&w, 0, "40404", "Your balance is 1.00");	/* nobody asked */
	ck_assert_int_eq(balance(&w).amount, 7500000);
	world_close(&w);
}
END_TEST

START_TEST(a_person_is_told_once_a_fall)
{
	static const struct { const char *text; int told; } days[] = {
		{ "is 6.00", 0 }, { "is 4.00", 1 }, { "is 3.00", 1 }, { "is 9.00", 1 }, { "is 4.99", 2 },
	};
	struct exchange_status s;
	struct world w;

	open_with(&w, 5);
	for (size_t i = 0; i < TW_COUNT(days); i++) {
		size_t before = w.bank->n_jobs;

		if (i)
			world_wait(&w, i < 2 || i > 3 ? DAY : HOUR);	/* a poor one is looked at more often */
		ck_assert_uint_eq(w.bank->n_jobs, i ? before + 1 : before);
		answer(&w, days[i].text);
		ck_assert_msg(events(&w, "balance.low") == days[i].told, "%zu: told %d times", i,
			      events(&w, "balance.low"));
	}
	exchange_status(w.x, w.now, &s);
	ck_assert_uint_eq(s.troubles.n, 1);
	ck_assert_ptr_nonnull(strstr(s.troubles.v[0], "4.99 EUR left"));
	exchange_status_done(&s);
	world_close(&w);
}
END_TEST

static void post_to(struct world *w, const char *to)
{
	struct exchange_refusal e;
	struct exchange_post p = { .to = to, .text = "x", .from = FIRST, .lane = LANE_API };

	ck_assert_msg(world_post_full(w, &p, &e) != NULL, "%s", e.text);
	world_turn(w);
}

/* Three priced segments are paid for by 1.60; the fourth waits, one that costs nothing goes. */
START_TEST(drained_before_it_is_empty)
{
	struct why why;
	struct world w;
	const char *id;

	open_with(&w, 0);
	answer(&w, "is 1.60");
	for (int i = 0; i < 3; i++) {
		post_to(&w, "+4915112345678");
		ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
		fake_sent(w.bank, 0);
		world_turn(&w);
	}
	post_to(&w, "+4915112345678");
	ck_assert_ptr_null(fake_sending(w.bank, 0));
	world_wait(&w, 100);
	world_crash(&w);			/* what was spent is not forgotten */
	world_turn(&w);
	world_turn(&w);
	ck_assert_ptr_null(fake_sending(w.bank, 0));
	id = world_post(&w, "+4915112345679", "x", FIRST);
	world_turn(&w);
	ck_assert_int_eq(exchange_why(w.x, id, w.now, &why), 0);
	ck_assert_uint_ge(why.n_sims, 1);
	ck_assert_int_eq(why.sims[0].reason, PICK_BALANCE);
	why_done(&why);
	post_to(&w, CUSTOMER);			/* free of charge */
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	fake_sent(w.bank, 0);
	world_turn(&w);
	/* Somebody tops it up, which is seen within the hour. */
	world_wait(&w, HOUR);
	answer(&w, "is 20.00");
	world_turn(&w);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	world_close(&w);
}
END_TEST

START_TEST(a_voucher_is_dialled_below_the_alert)
{
	struct exchange_job j;
	struct world w;
	size_t n;

	open_with(&w, 5);
	use_codes(&w, "# bought in May\n1111222233334444\n\n5555666677778888  # the second\n");
	answer(&w, "is 4.00");
	n = w.bank->n_jobs;
	ck_assert_str_eq(w.bank->jobs[n - 1].text, "*121*1111222233334444#");
	ck_assert_int_eq(exchange_job(w.x, (int64_t)w.bank->jobs[n - 1].id, &j), 0);
	ck_assert_str_eq(j.steps[0].sent, "*121*************4444#");
	exchange_job_done(&j);
	answer(&w, "Thank you for 1111222233334444");
	ck_assert_int_eq(exchange_job(w.x, (int64_t)w.bank->jobs[n - 1].id, &j), 0);
	ck_assert_str_eq(j.steps[0].got, "Thank you for ************4444");
	ck_assert_str_eq(j.steps[0].sent, "*121*************4444#");
	exchange_job_done(&j);
	world_wait(&w, MINUTE);			/* what it brought */
	ck_assert_uint_eq(w.bank->n_jobs, n + 1);
	ck_assert_str_eq(w.bank->jobs[n].text, "*100#");
	answer(&w, "is 14.00");
	ck_assert_int_eq(balance(&w).amount, 14 * M);
	world_wait(&w, DAY);
	answer(&w, "is 4.00");
	ck_assert_str_eq(w.bank->jobs[w.bank->n_jobs - 1].text, "*121*5555666677778888#");
	unlink(codes_path);
	world_close(&w);
}
END_TEST

/* The process dies: with the code on its way it is not dialled again; before, it is not lost. */
START_TEST(no_code_is_dialled_twice)
{
	struct world w;
	size_t n;

	open_with(&w, 5);
	use_codes(&w, "1111222233334444\n5555666677778888\n");
	if (_i == 0)			/* no network: the code waits */
		w.bank->modems[0].facts.state = MODEM_SEARCHING;
	answer(&w, "is 4.00");
	n = w.bank->n_jobs;
	world_wait(&w, 100);
	world_crash(&w);
	w.bank->modems[0].facts.state = MODEM_READY;
	world_turn(&w);
	world_turn(&w);
	for (int i = 0; i < 60 && w.bank->n_jobs == n; i++)
		world_wait(&w, MINUTE);
	ck_assert_str_eq(w.bank->jobs[w.bank->n_jobs - 1].text, "*100#");
	answer(&w, "is 4.00");
	ck_assert_str_eq(w.bank->jobs[w.bank->n_jobs - 1].text,
			 _i == 0 ? "*121*1111222233334444#" : "*121*5555666677778888#");
	unlink(codes_path);
	world_close(&w);
}
END_TEST

START_TEST(codes_that_bring_nothing_are_not_all_tried)
{
	struct world w;
	int n = 0;

	open_with(&w, 5);
	use_codes(&w, "111111111111\n222222222222\n333333333333\n444444444444\n");
	answer(&w, "is 4.00");
	for (int i = 0; i < 40; i++) {
		const char *text = w.bank->jobs[w.bank->n_jobs - 1].text;
		size_t before = w.bank->n_jobs;

		n += strncmp(text, "*121*", 5) == 0;
		answer(&w, text[4] == '*' ? "Invalid voucher" : "is 4.00");
		while (w.bank->n_jobs == before)
			world_wait(&w, MINUTE);
	}
	ck_assert_int_eq(n, 2);
	ck_assert_int_eq(events(&w, "top_up.failed"), 1);
	unlink(codes_path);
	world_close(&w);
}
END_TEST

START_TEST(asked_by_a_person)
{
	struct exchange_refusal e;
	struct exchange_job j;
	struct world w;
	int64_t id;

	open_with(&w, 0);
	ck_assert_int_lt(exchange_balance_ask(w.x, "m0", "tester", w.now, &id, &e), 0);
	ck_assert_int_eq(e.status, 409);
	answer(&w, "is 1.00");
	ck_assert_int_lt(exchange_balance_ask(w.x, "m1", "tester", w.now, &id, &e), 0);
	ck_assert_int_eq(e.status, 409);
	ck_assert_ptr_nonnull(strstr(e.text, "23430"));
	ck_assert_int_lt(exchange_balance_ask(w.x, "m7", "tester", w.now, &id, &e), 0);
	ck_assert_int_eq(e.status, 404);
	ck_assert_int_eq(exchange_balance_ask(w.x, "m0", "tester", w.now, &id, &e), 0);
	world_turn(&w);
	answer(&w, "is 0.90");
	ck_assert_int_eq(exchange_job(w.x, id, &j), 0);
	ck_assert_int_eq(j.state, JOB_DONE);
	ck_assert_str_eq(j.who, "tester");
	exchange_job_done(&j);
	ck_assert_int_eq(balance(&w).amount, 900000);
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, asked_on_a_schedule);
	tcase_add_test(t, a_question_without_an_answer_is_asked_again);
	tcase_add_test(t, the_answer_may_be_a_text);
	tcase_add_test(t, a_person_is_told_once_a_fall);
	tcase_add_test(t, drained_before_it_is_empty);
	tcase_add_test(t, a_voucher_is_dialled_below_the_alert);
	tcase_add_loop_test(t, no_code_is_dialled_twice, 0, 2);
	tcase_add_test(t, codes_that_bring_nothing_are_not_all_tried);
	tcase_add_test(t, asked_by_a_person);
}

int main(void)
{
	return world_main("exchange_balance", add);
}
