/* Jobs on a modem: given once, behind their commit, one after the other and beside the texts; their end
 * is found by the row, whatever fails or dies meanwhile. */
#include <sqlite3.h>
#include <stdio.h>

#include "world.h"

static int start(struct world *w, const struct exchange_order *o, int64_t *ret)
{
	struct exchange_refusal refusal = { 0 };
	struct exchange_order order = *o;

	order.who = order.who ? order.who : "tester";
	order.modem = order.modem ? order.modem : "m0";
	exchange_job_start(w->x, &order, w->now, ret, &refusal);
	return refusal.status;
}

static int64_t command(struct world *w, const char *text)
{
	int64_t id = 0;

	ck_assert_int_eq(start(w, &(struct exchange_order){ .kind = JOB_COMMAND, .text = text }, &id), 0);
	world_turn(w);
	return id;
}

static int64_t ussd(struct world *w, const struct exchange_order *o)
{
	struct exchange_order order = *o;
	int64_t id = 0;

	order.kind = JOB_USSD;
	order.text = "*100#";
	ck_assert_int_eq(start(w, &order, &id), 0);
	world_turn(w);
	return id;
}

static void must_be(struct world *w, int64_t id, enum job_state state, const char *error,
		    const char *result)
{
	struct exchange_job j;
	const char *got = NULL;

	ck_assert_int_eq(exchange_job(w->x, id, &j), 0);
	for (size_t i = 0; i < j.n_steps; i++)
		if (j.steps[i].got)
			got = j.steps[i].got;
	ck_assert_msg(j.state == state, "job %lld is %s", (long long)id, job_state_name(j.state));
	ck_assert_str_eq(j.error ? j.error : "", error);
	ck_assert_str_eq(got ? got : "", result);
	ck_assert_int_eq(j.finished_at.ms != 0, state >= JOB_DONE);
	exchange_job_done(&j);
}

START_TEST(a_command_and_its_answer)
{
	struct store_audit a;
	struct world w;
	int64_t id;

	world_open(&w);
	id = command(&w, "AT+CSQ");
	ck_assert_uint_eq(w.bank->n_jobs, 1);
	ck_assert_str_eq(w.bank->jobs[0].text, "AT+CSQ");
	must_be(&w, id, JOB_RUNNING, "", "");
	fake_job_ends(w.bank, AT_OK, "+CSQ: 18,99");
	world_turn(&w);
	must_be(&w, id, JOB_DONE, "", "+CSQ: 18,99\nOK");
	ck_assert_int_eq(exchange_audit(w.x, 0, &a), 0);
	ck_assert_str_eq(a.who, "tester");
	ck_assert_str_eq(a.action, "at");
	ck_assert_str_eq(a.about, "m0");
	ck_assert_str_eq(a.text, "AT+CSQ");
	ck_assert_str_eq(a.outcome, "given");
	ck_assert_int_eq(a.job, id);
	store_audit_done(&a);
	world_close(&w);
}
END_TEST

static const struct { int64_t number; const char *text, *error, *result; } command_ends[] = {
	{ AT_ERROR, "", "ERROR", "ERROR" },
	{ AT_CME, "+X: 1\n+CME ERROR: 10", "+CME ERROR: 10", "+X: 1\n+CME ERROR: 10" },
	{ AT_TIMEOUT, "+X: 1", "no answer in time", "+X: 1" },
	{ AT_ABORTED, "", "the modem has gone", "" },
	{ AT_ABANDONED, "", "it wants a text behind it, which cannot be given here", "" },
};

START_TEST(a_command_fails)
{
	struct world w;
	int64_t id;

	world_open(&w);
	id = command(&w, "AT+X");
	fake_job_ends(w.bank, command_ends[_i].number, command_ends[_i].text);
	world_turn(&w);
	must_be(&w, id, JOB_FAILED, command_ends[_i].error, command_ends[_i].result);
	world_close(&w);
}
END_TEST

START_TEST(a_menu_with_answers_given_before)
{
	static const char *const answers[] = { "1", "2" };
	struct world w;
	int64_t id;

	world_open(&w);
	id = ussd(&w, &(struct exchange_order){ .answers = answers, .n_answers = 2 });
	fake_job_ends(w.bank, MODEM_USSD_ASKS, "1 More");
	world_turn(&w);
	ck_assert_uint_eq(w.bank->n_jobs, 2);
	ck_assert_str_eq(w.bank->jobs[1].text, "1");
	ck_assert(w.bank->jobs[1].is_answer);
	must_be(&w, id, JOB_RUNNING, "", "1 More");
	fake_job_ends(w.bank, MODEM_USSD_ASKS, "2 Balance");
	world_turn(&w);
	ck_assert_str_eq(w.bank->jobs[2].text, "2");
	fake_job_ends(w.bank, MODEM_USSD_OVER, "5.00");
	world_turn(&w);
	must_be(&w, id, JOB_DONE, "", "5.00");
	ck_assert_int_eq(w.bank->ussd_ends, 0);
	world_close(&w);
}
END_TEST

START_TEST(a_menu_stays_open_for_a_person)
{
	struct exchange_refusal refusal = { 0 };
	struct world w;
	int64_t id;

	world_open(&w);
	id = ussd(&w, &(struct exchange_order){ .dialogue = true });
	fake_job_ends(w.bank, MODEM_USSD_ASKS, "1 More");
	world_turn(&w);
	must_be(&w, id, JOB_ASKING, "", "1 More");
	ck_assert_int_eq(exchange_job_answer(w.x, id, "1", w.now, &refusal), 0);
	world_turn(&w);
	ck_assert_str_eq(w.bank->jobs[1].text, "1");
	ck_assert_int_lt(exchange_job_answer(w.x, id, "1", w.now, &refusal), 0);
	ck_assert_int_eq(refusal.status, 409);
	fake_job_ends(w.bank, MODEM_USSD_ASKS, "1 Yes");
	world_turn(&w);
	must_be(&w, id, JOB_ASKING, "", "1 Yes");
	world_wait(&w, 61000);		/* nobody answers */
	must_be(&w, id, JOB_DONE, "", "1 Yes");
	ck_assert_int_eq(w.bank->ussd_ends, 1);
	ck_assert_int_lt(exchange_job_answer(w.x, id + 1, "1", w.now, &refusal), 0);
	ck_assert_int_eq(refusal.status, 404);
	world_close(&w);
}
END_TEST

START_TEST(a_menu_without_anybody_is_closed)
{
	struct world w;
	int64_t id;

	world_open(&w);
	id = ussd(&w, &(struct exchange_order){ .n_answers = 0 });
	fake_job_ends(w.bank, MODEM_USSD_ASKS, "1 More");
	world_turn(&w);
	must_be(&w, id, JOB_DONE, "", "1 More");
	ck_assert_int_eq(w.bank->ussd_ends, 1);
	world_close(&w);
}
END_TEST

static const struct { int64_t number; const char *text; enum job_state state; const char *error; }
ussd_ends[] = {
	{ MODEM_USSD_OVER, "5.00", JOB_DONE, "" },
	{ MODEM_USSD_OVER, "", JOB_DONE, "" },
	{ MODEM_USSD_ENDED, "Bye", JOB_DONE, "" },
	{ MODEM_USSD_ENDED, "", JOB_FAILED, "the network ended the dialogue" },
	{ MODEM_USSD_UNSUPPORTED, "", JOB_FAILED, "the network does not know this code" },
	{ MODEM_USSD_TIMEOUT, "", JOB_FAILED, "the network waited for too long" },
	{ MODEM_USSD_FAILED, "CME 100", JOB_FAILED, "CME 100" },
};

START_TEST(ussd_ends_somehow)
{
	struct world w;
	int64_t id;

	world_open(&w);
	id = ussd(&w, &(struct exchange_order){ .n_answers = 0 });
	fake_job_ends(w.bank, ussd_ends[_i].number, ussd_ends[_i].text);
	world_turn(&w);
	must_be(&w, id, ussd_ends[_i].state, ussd_ends[_i].error,
		ussd_ends[_i].number < 0 ? "" : ussd_ends[_i].text);
	world_close(&w);
}
END_TEST

START_TEST(the_network_begins)
{
	struct store_event e;
	struct world w;

	world_open(&w);
	fake_ussd(w.bank, 0, "You have a new offer");
	world_turn(&w);
	ck_assert(world_was_told(&w, "ussd.received", "m0"));
	ck_assert_int_eq(store_event_before(w.store, 0, &e), 0);
	ck_assert_str_eq(e.kind, "ussd");
	ck_assert_str_eq(e.text, "You have a new offer");
	store_event_done(&e);
	world_close(&w);
}
END_TEST

/* Many jobs hold up no text: one goes between two of them, and what waits is bounded. */
START_TEST(beside_texts)
{
	int64_t ids[20] = { 0 };
	int refused = 0, jobs_seen = 0;
	struct world w;

	world_open(&w);
	for (size_t i = 0; i < TW_COUNT(ids); i++)
		refused += start(&w, &(struct exchange_order){ .kind = JOB_COMMAND, .text = "AT+CSQ" },
				 &ids[i]) == 429;
	ck_assert_int_eq(refused, 4);
	for (int i = 0; i < 4; i++)
		ck_assert_ptr_nonnull(world_post(&w, CUSTOMER, "news", FIRST));
	world_turn(&w);
	for (int i = 0; i < 16; i++) {
		ck_assert_int_eq((int)w.bank->n_jobs, i + 1);
		fake_job_ends(w.bank, AT_OK, "");
		world_turn(&w);
		if ((int)w.bank->n_jobs == i + 1 && i < 15) {	/* its turn is the text's */
			ck_assert(fake_sending(w.bank, 0));
			fake_sent(w.bank, 0);
			world_turn(&w);
			jobs_seen++;
		}
	}
	ck_assert_int_eq(jobs_seen, 4);
	ck_assert_uint_eq(w.bank->n_sends, 4);
	for (size_t i = 0; i < 16; i++)
		must_be(&w, ids[i], JOB_DONE, "", "OK");
	world_close(&w);
}
END_TEST

static const struct { struct exchange_order order; int status; } refused[] = {
	{ { .kind = JOB_COMMAND, .text = "AT+CSQ", .modem = "nobody" }, 404 },
	{ { .kind = JOB_COMMAND, .text = "hello" }, 400 },
	{ { .kind = JOB_COMMAND, .text = "" }, 400 },
	{ { .kind = JOB_COMMAND, .text = "AT+CSQ\rAT+CMGD=1" }, 400 },
	{ { .kind = JOB_COMMAND, .text = "AT+CSQ;+CMGD=1,4" }, 403 },
	{ { .kind = JOB_USSD, .text = "" }, 400 },
	{ { .kind = JOB_USSD, .text = "*1\x1a#" }, 400 },
	{ { .kind = JOB_USSD, .text = "*100#", .answers = (const char *const[]){ "" }, .n_answers = 1 }, 400 },
	{ { .kind = JOB_USSD, .text = "*100#", .modem = "nobody" }, 404 },
};

START_TEST(bad_orders)
{
	struct store_audit a;
	struct world w;
	int64_t id = 0;

	world_open(&w);
	ck_assert_int_eq(start(&w, &refused[_i].order, &id), refused[_i].status);
	world_turn(&w);
	ck_assert_uint_eq(w.bank->n_jobs, 0);
	if (refused[_i].status == 403) {
		ck_assert_int_eq(exchange_audit(w.x, 0, &a), 0);
		ck_assert_str_eq(a.outcome, "refused");
		store_audit_done(&a);
	} else {
		ck_assert_int_eq(exchange_audit(w.x, 0, &a), TW_E_UNKNOWN);
	}
	world_close(&w);
}
END_TEST

/* The modem gets it; neither job nor log shows it. */
START_TEST(a_pin_is_in_no_row)
{
	struct exchange_order o = { .kind = JOB_COMMAND, .text = "AT+CPIN=\"1234\"", .forced = true };
	struct exchange_job j;
	struct store_audit a;
	struct world w;
	int64_t id = 0;

	world_open(&w);
	ck_assert_int_eq(start(&w, &o, &id), 0);
	world_turn(&w);
	ck_assert_str_eq(w.bank->jobs[0].text, "AT+CPIN=\"1234\"");
	fake_job_ends(w.bank, AT_OK, "");
	world_turn(&w);
	ck_assert_int_eq(exchange_job(w.x, id, &j), 0);
	ck_assert_str_eq(j.steps[0].sent, "AT+CPIN=****");
	exchange_job_done(&j);
	ck_assert_int_eq(exchange_audit(w.x, 0, &a), 0);
	ck_assert_str_eq(a.text, "AT+CPIN=****");
	ck_assert_str_eq(a.outcome, "forced");
	store_audit_done(&a);
	world_close(&w);
}
END_TEST

START_TEST(a_death_ends_what_was_running)
{
	struct exchange_order pin = { .kind = JOB_COMMAND, .text = "AT+CPIN=\"1234\"", .forced = true };
	int64_t running, waiting, secret = 0;
	struct world w;

	world_open_file(&w);
	running = command(&w, "AT+CSQ");
	waiting = command(&w, "AT+CGMM");
	ck_assert_int_eq(start(&w, &pin, &secret), 0);
	world_turn(&w);
	world_wait(&w, 100);
	ck_assert_uint_eq(w.bank->n_jobs, 1);
	world_crash(&w);
	world_turn(&w);
	must_be(&w, running, JOB_FAILED, "interrupted", "");
	must_be(&w, secret, JOB_FAILED, "interrupted", "");
	ck_assert_uint_eq(w.bank->n_jobs, 2);
	ck_assert_str_eq(w.bank->jobs[1].text, "AT+CGMM");
	fake_job_ends(w.bank, AT_OK, "E1752");
	world_turn(&w);
	must_be(&w, waiting, JOB_DONE, "", "E1752\nOK");
	world_close(&w);
}
END_TEST

START_TEST(a_modem_that_never_comes)
{
	struct world w;
	int64_t id;

	world_open(&w);
	fake_unplug(w.bank, 0);
	world_turn(&w);
	id = command(&w, "AT+CSQ");
	must_be(&w, id, JOB_WAITING, "", "");
	world_wait(&w, 61000);
	must_be(&w, id, JOB_FAILED, "the modem was not ready in time", "");
	/* One that has it and forgets it. */
	fake_plug(w.bank, 0);
	id = command(&w, "AT+CSQ");
	must_be(&w, id, JOB_RUNNING, "", "");
	world_wait(&w, 600000);
	must_be(&w, id, JOB_FAILED, "no answer in time", "");
	/* One that a reload takes away. */
	id = command(&w, "AT+CSQ");
	w.bank->modems[0].generation += 50;
	world_turn(&w);
	must_be(&w, id, JOB_FAILED, "the modem has gone", "");
	w.bank->modems[0].generation -= 50;
	/* One that refuses to take it. */
	w.bank->is_refusing = true;
	id = command(&w, "AT+CSQ");
	world_turn(&w);
	must_be(&w, id, JOB_FAILED, "the modem is not ready for it", "");
	world_close(&w);
}
END_TEST

START_TEST(canceled)
{
	int64_t first, second;
	struct world w;

	world_open(&w);
	first = command(&w, "AT+CSQ");
	second = command(&w, "AT+CGMM");
	ck_assert_int_eq(exchange_job_cancel(w.x, second, w.now), 0);
	ck_assert_int_eq(exchange_job_cancel(w.x, first, w.now), TW_E_STATE);
	ck_assert_int_eq(exchange_job_cancel(w.x, 99, w.now), TW_E_UNKNOWN);
	must_be(&w, second, JOB_FAILED, "canceled", "");
	fake_job_ends(w.bank, AT_OK, "");
	world_turn(&w);
	ck_assert_int_eq(exchange_job_cancel(w.x, first, w.now), TW_E_STATE);
	first = ussd(&w, &(struct exchange_order){ .n_answers = 0 });
	ck_assert_int_eq(exchange_job_cancel(w.x, first, w.now), 0);
	ck_assert_int_eq(w.bank->ussd_ends, 1);
	must_be(&w, first, JOB_FAILED, "canceled", "");
	world_close(&w);
}
END_TEST

/* Each statement, then each COMMIT, fails once: the dialogue comes to its end all the same, or says that
 * it was interrupted, and no step is given twice. */
static bool is_there(struct world *w, int64_t id)
{
	int64_t left = store_inject_left(w->store);
	struct exchange_job j;
	int r;

	store_inject(w->store, 0, 0, false);
	r = exchange_job(w->x, id, &j);
	if (r == 0)
		exchange_job_done(&j);
	store_inject(w->store, left, w->inject_code, w->inject_commits);
	return r == 0;
}

static bool one_story(int nth, bool only_commits)
{
	static const char *const answers[] = { "1" };
	static const int codes[] = { SQLITE_FULL, SQLITE_IOERR, SQLITE_CONSTRAINT };
	struct exchange_order o = { .kind = JOB_USSD, .text = "*100#", .answers = answers, .n_answers = 1 };
	struct exchange_job j;
	bool reached, posted = false;
	struct world w;
	int64_t id = 0;
	size_t answered = 0;

	world_open(&w);
	world_inject(&w, nth, codes[only_commits ? nth % 2 : nth % 3], only_commits);
	for (int i = 0; i < 12; i++) {
		if (!posted)
			start(&w, &o, &id);
		world_turn(&w);
		posted = id && is_there(&w, id);
		if (w.bank->n_jobs > answered) {
			answered = w.bank->n_jobs;
			fake_job_ends(w.bank, answered == 1 ? MODEM_USSD_ASKS : MODEM_USSD_OVER, "text");
		}
		world_wait(&w, 2000);
	}
	reached = store_counters(w.store)->void_turns || store_counters(w.store)->undone_events;
	world_inject(&w, 0, 0, false);
	ck_assert_msg(posted, "%d: no job", nth);
	ck_assert_int_eq(exchange_job(w.x, id, &j), 0);
	ck_assert_msg(j.state == JOB_DONE || (j.state == JOB_FAILED && !strcmp(j.error, "interrupted")),
		      "%d: %s, %s", nth, job_state_name(j.state), j.error ? j.error : "");
	for (size_t i = 0; i + 1 < w.bank->n_jobs; i++)
		ck_assert_msg(strcmp(w.bank->jobs[i].text, w.bank->jobs[i + 1].text),
			      "%d: %s given twice", nth, w.bank->jobs[i].text);
	exchange_job_done(&j);
	world_close(&w);
	return reached;
}

START_TEST(each_statement_fails_once)
{
	int nth = 1, last = 0;

	for (; nth < last + 20; nth++)
		if (one_story(nth, false))
			last = nth;
	ck_assert_int_ge(last, 15);
}
END_TEST

START_TEST(each_commit_fails_once)
{
	int nth = 1;

	while (one_story(nth, true))
		nth++;
	ck_assert_int_ge(nth, 4);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, a_command_and_its_answer);
	tcase_add_loop_test(t, a_command_fails, 0, TW_COUNT(command_ends));
	tcase_add_test(t, a_menu_with_answers_given_before);
	tcase_add_test(t, a_menu_stays_open_for_a_person);
	tcase_add_test(t, a_menu_without_anybody_is_closed);
	tcase_add_loop_test(t, ussd_ends_somehow, 0, TW_COUNT(ussd_ends));
	tcase_add_test(t, the_network_begins);
	tcase_add_test(t, beside_texts);
	tcase_add_loop_test(t, bad_orders, 0, TW_COUNT(refused));
	tcase_add_test(t, a_pin_is_in_no_row);
	tcase_add_test(t, a_death_ends_what_was_running);
	tcase_add_test(t, a_modem_that_never_comes);
	tcase_add_test(t, canceled);
	tcase_add_test(t, each_statement_fails_once);
	tcase_add_test(t, each_commit_fails_once);
}

int main(void)
{
	return world_main("exchange_jobs", add_tests);
}
