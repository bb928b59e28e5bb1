/* A person is told what needs one: once, in one text with what comes with it, by a SIM that can;
 * each kind once an hour; and again by another SIM when a text does not get through. */
#include <stdio.h>

#include "world.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)
#define PERSON "+447700900999"

static char person[] = PERSON, none[] = "";

static void start(struct world *w)
{
	world_open_file(w);
	w->settings.alert.number = person;
	w->settings.alert.email = w->settings.alert.webhook = none;
	fake_modem_add(w->bank, "8944100000000000003", "+447700900003", "");
	world_reload(w);
	world_wait(w, MINUTE);
}

static void becomes(struct world *w, int modem, enum modem_state state)
{
	w->bank->modems[modem].facts.state = state;
	fake_event(w->bank, modem, (struct modem_event){ .type = MODEM_EV_STATE, .state = state,
							 .text = "" });
	world_turn(w);
}

/* Sends what is on a modem and is for the person; how many. */
static int told(struct world *w, const char **ret_last)
{
	static char text[1024];
	int n = 0;

	text[0] = 0;
	*ret_last = text;
	for (int i = 0; i < 3; i++) {
		const struct fake_send *s = fake_sending(w->bank, i);

		if (!s || strcmp(s->pdu.address.text, PERSON) != 0)
			continue;
		strcat(text, s->text);
		n += !s->more;
		fake_sent(w->bank, i);
		world_turn(w);
		i--;
	}
	return n;
}

START_TEST(what_comes_together_is_one_text)
{
	const char *text = "";
	struct world w;

	start(&w);
	ck_assert_int_eq(told(&w, &text), 0);
	becomes(&w, 0, MODEM_FAILED);
	becomes(&w, 1, MODEM_FAILED);
	ck_assert_int_eq(told(&w, &text), 0);
	world_wait(&w, 25000);
	ck_assert_int_eq(told(&w, &text), 1);
	ck_assert_ptr_nonnull(strstr(text, "m0 does not recover"));
	ck_assert_ptr_nonnull(strstr(text, "m1 does not recover"));
	ck_assert_ptr_nonnull(strstr(text, "Pull the stick out"));
	world_wait(&w, 3 * HOUR);
	ck_assert_int_eq(told(&w, &text), 0);	/* as long as it lasts: once */
	/* Well, and failed again. */
	becomes(&w, 0, MODEM_READY);
	world_wait(&w, MINUTE);
	becomes(&w, 0, MODEM_FAILED);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(told(&w, &text), 1);
	/* Again within the hour: it waits for its end, then it is one text. */
	becomes(&w, 0, MODEM_READY);
	world_wait(&w, MINUTE);
	becomes(&w, 0, MODEM_FAILED);
	world_wait(&w, 50 * MINUTE);
	ck_assert_int_eq(told(&w, &text), 0);
	world_wait(&w, 15 * MINUTE);
	ck_assert_int_eq(told(&w, &text), 1);
	world_close(&w);
}
END_TEST

static const struct { enum modem_state state; const char *says, *remedy; } states[] = {
	{ MODEM_LOCKED, "m0 is locked", "PUK" },
	{ MODEM_FAILED, "m0 does not recover", "Pull" },
	{ MODEM_STRANGER, "nobody knows is in m0", "twoway modems accept" },
};

START_TEST(each_state_that_needs_a_person)
{
	const char *text = "";
	struct world w;

	start(&w);
	becomes(&w, 0, states[_i].state);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(told(&w, &text), 1);
	ck_assert_msg(strstr(text, states[_i].says) && strstr(text, states[_i].remedy), "%s", text);
	/* Told already: a restart does not tell it again. */
	world_wait(&w, 100);
	world_crash(&w);
	world_wait(&w, 2 * MINUTE);
	ck_assert_int_eq(told(&w, &text), 0);
	world_close(&w);
}
END_TEST

/* What the modem said of it is said once. */
START_TEST(a_locked_sim_is_told_once)
{
	const char *text = "";
	struct world w;

	start(&w);
	w.bank->modems[0].trouble = "SIM locked: set `pin` for it";
	becomes(&w, 0, MODEM_LOCKED);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(told(&w, &text), 1);
	ck_assert_str_eq(text, "twoway: the SIM in m0 is locked: set `pin` for it. A `pin` is taken by "
			 "twoway reload; a PUK is typed into a telephone.");
	world_close(&w);
}
END_TEST

START_TEST(nobody_is_ready)
{
	const char *text = "";
	struct world w;

	start(&w);
	for (int i = 0; i < 3; i++)
		becomes(&w, i, MODEM_SEARCHING);
	world_wait(&w, 30 * MINUTE);
	ck_assert_int_eq(told(&w, &text), 0);	/* by whom? */
	becomes(&w, 2, MODEM_READY);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(told(&w, &text), 0);	/* and now it is over */
	world_close(&w);
}
END_TEST

START_TEST(another_sim_tells_it)
{
	const char *text = "";
	struct world w;
	int by = -1, other = -1;

	start(&w);
	becomes(&w, 0, MODEM_LOCKED);
	world_wait(&w, MINUTE);
	for (int i = 0; i < 3; i++)
		by = fake_sending(w.bank, i) ? i : by;
	ck_assert_int_ge(by, 1);
	fake_not_sent(w.bank, by, REACT_FAIL, "CMS 50");
	world_turn(&w);
	world_wait(&w, MINUTE);
	for (int i = 0; i < 3; i++)
		other = fake_sending(w.bank, i) ? i : other;
	ck_assert_int_ge(other, 1);
	ck_assert_int_ne(other, by);
	ck_assert_int_eq(told(&w, &text), 1);
	world_wait(&w, 2 * HOUR);
	ck_assert_int_eq(told(&w, &text), 0);
	world_close(&w);
}
END_TEST

START_TEST(a_refused_sim)
{
	const char *text = "";
	struct world w;

	start(&w);
	world_post(&w, CUSTOMER, "x", FIRST);
	world_turn(&w);
	fake_not_sent(w.bank, 0, REACT_PERSON, "CMS 8");
	world_turn(&w);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(told(&w, &text), 1);
	ck_assert_ptr_nonnull(strstr(text, "CMS 8"));
	world_close(&w);
}
END_TEST

/* What the person texts is a customer's text like any other: they have not become one of ours. */
START_TEST(the_person_texts_back)
{
	const char *text = "";
	struct world w;

	start(&w);
	becomes(&w, 0, MODEM_LOCKED);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(told(&w, &text), 1);
	flow_seen.n_recent = 99;
	world_text(&w, 1, PERSON, "STOP");
	ck_assert_uint_eq(flow_seen.n_recent, 0);
	ck_assert_str_eq(flow_seen.last_account, "");
	fake_sent(w.bank, 1);
	becomes(&w, 2, MODEM_FAILED);
	world_wait(&w, MINUTE);
	ck_assert_int_eq(told(&w, &text), 1);
	world_close(&w);
}
END_TEST

START_TEST(nobody_to_tell)
{
	const char *text = "";
	struct world w;

	start(&w);
	w.settings.alert.number = none;
	world_reload(&w);
	becomes(&w, 0, MODEM_LOCKED);
	world_wait(&w, HOUR);
	ck_assert_int_eq(told(&w, &text), 0);
	ck_assert(world_was_told(&w, "alert.raised", "m0"));
	world_close(&w);
}
END_TEST

static size_t mails(struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->outside.n; i++)
		n += w->outside.calls[i].kind == HOOK_MAIL;
	return n;
}

static bool is_trouble(struct world *w, const char *text)
{
	struct exchange_status s;
	bool found = false;

	exchange_status(w->x, w->now, &s);
	for (size_t i = 0; i < s.troubles.n; i++)
		found |= strstr(s.troubles.v[i], text) != NULL;
	exchange_status_done(&s);
	return found;
}

/* A mail server that does not let us in is told by text, not by mail; once one is taken it is
 * over. */
START_TEST(mails_do_not_get_through)
{
	static char night[] = "night@example.org";
	const char *text = "";
	struct world w;

	start(&w);
	w.settings.alert.email = night;
	world_reload(&w);
	becomes(&w, 0, MODEM_FAILED);
	world_wait(&w, MINUTE);
	told(&w, &text);
	ck_assert_uint_eq(mails(&w), 1);
	ck_assert(!is_trouble(&w, "mails"));
	fake_hook_fail(&w.outside, fake_hook_open(&w.outside), HOOK_NO_LOGIN);
	world_turn(&w);
	ck_assert(is_trouble(&w, "mails cannot be sent: failed"));
	world_wait(&w, 2 * MINUTE);
	ck_assert_int_eq(told(&w, &text), 1);
	ck_assert_ptr_nonnull(strstr(text, "mails cannot be sent: failed. Look at `mail`"));
	ck_assert_uint_eq(mails(&w), 2);	/* the first one again, and none about mails */
	fake_hook_answer(&w.outside, fake_hook_open(&w.outside), 250, NULL, NULL);
	world_turn(&w);
	ck_assert(!is_trouble(&w, "mails"));
	ck_assert(world_was_told(&w, "alert.over", ""));
	world_close(&w);
}
END_TEST

/* What a while may mend is no trouble at once; that a mailbox does not exist is none of the
 * server's. */
START_TEST(mails_are_tried_first)
{
	static char night[] = "night@example.org";
	struct world w;

	start(&w);
	w.settings.alert.email = night;
	world_reload(&w);
	becomes(&w, 0, MODEM_FAILED);
	world_wait(&w, MINUTE);
	for (int i = 1; i <= 3; i++) {
		ck_assert_uint_eq(mails(&w), (size_t)i);
		ck_assert(!is_trouble(&w, "mails"));
		fake_hook_fail(&w.outside, fake_hook_open(&w.outside), HOOK_NO_CONNECTION);
		world_wait(&w, 5 * MINUTE);
	}
	ck_assert(is_trouble(&w, "mails cannot be sent"));
	fake_hook_answer(&w.outside, fake_hook_open(&w.outside), 250, NULL, NULL);
	world_turn(&w);
	ck_assert(!is_trouble(&w, "mails"));
	becomes(&w, 1, MODEM_FAILED);
	world_wait(&w, 2 * HOUR);
	hook_answer(w.hook, fake_hook_open(&w.outside)->token, &(struct hook_answer){
		.failure = HOOK_NO_ANSWER, .status = 550, .error = "RCPT failed: 550" });
	world_turn(&w);
	ck_assert(!is_trouble(&w, "mails"));
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, what_comes_together_is_one_text);
	tcase_add_loop_test(t, each_state_that_needs_a_person, 0, (int)TW_COUNT(states));
	tcase_add_test(t, a_locked_sim_is_told_once);
	tcase_add_test(t, nobody_is_ready);
	tcase_add_test(t, another_sim_tells_it);
	tcase_add_test(t, a_refused_sim);
	tcase_add_test(t, the_person_texts_back);
	tcase_add_test(t, nobody_to_tell);
	tcase_add_test(t, mails_do_not_get_through);
	tcase_add_test(t, mails_are_tried_first);
}

int main(void)
{
	return world_main("exchange_alert", add);
}
