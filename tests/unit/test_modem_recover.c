/* Unplugged anywhere, silent, restarted: it comes back by itself, and nothing is lost or sent twice. */
#include "modem_player.h"

static bool is_failed(struct play *p) { return p->state == MODEM_FAILED; }
static bool is_reopen(struct play *p) { return p->n_reopen > 0; }
static bool is_asked_to_close(struct play *p) { return p->reopen_ms > 0; }
static bool play_wrote_again(struct play *p) { return play_count(p, "AT+CNMI=") > 0; }

/* A whole day's work: a text on the SIM, one that is announced, a send, a call. */
static void work(struct play *p)
{
	play_put(p, PLAY_PDU_A, -1);
	play_open(p);
	play_run(p, 2000);
	if (!p->plugged)
		return;
	if (p->setup.direct == 1)
		play_direct(p, "+CMT", PLAY_PDU_B);
	else
		play_text(p, PLAY_PDU_B);
	play_run(p, 200);
	if (p->plugged && modem_can_send(p->m))
		play_send(p, 1, PLAY_SUBMIT, false);
	play_run(p, 2000);
}

/* After the cut at any octet: ready within 3 s of the first OK, every text handed out, the SIM empty,
 * the send's end told exactly once, and what left is never called "not sent". */
static void come_back(struct play *p, bool was_given)
{
	int64_t ready_at;

	ck_assert(!p->plugged);
	play_run(p, 500);
	ck_assert_int_eq(p->n_result, was_given);
	if (p->n_result && p->sends)
		ck_assert_int_ne(p->result[0].outcome, MODEM_OUT_NOT_SENT);
	if (p->n_result && p->result[0].outcome == MODEM_OUT_SENT)
		ck_assert_int_eq(p->sends, 1);
	play_open(p);
	p->state = MODEM_STARTING;
	ck_assert(play_until(p, play_is_ready, 15000));
	ready_at = p->now.ms;
	ck_assert_int_ge(p->first_ok, 0);
	ck_assert_int_le(ready_at - p->first_ok, 3000);
	play_run(p, 3000);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert_int_ge(p->n_in, 1);
	ck_assert_int_le(p->sends, 1);
	ck_assert_int_eq(p->n_result, was_given);
	ck_assert(modem_can_send(p->m));
}

static bool was_given(struct play *p)
{
	return play_count(p, "AT+CMGS=") > 0 || p->n_result > 0;
}

static uint64_t octets(bool from_modem, int direct)
{
	struct play *p = play_new("");
	uint64_t n;

	p->setup.direct = direct;
	work(p);
	ck_assert_int_eq(p->n_in, 2);
	ck_assert_int_eq(p->n_result, 1);
	n = from_modem ? p->bytes_from : p->bytes_to;
	play_free(p);
	return n;
}

/* Stored delivery is cut at each octet, in eight slices; direct delivery, which differs in little, at
 * each third. */
static void cut(bool from_modem, int direct, int first, int stride)
{
	uint64_t n = octets(from_modem, direct);

	for (uint64_t at = 1 + (uint64_t)first; at <= n; at += (uint64_t)stride) {
		struct play *p = play_new("");

		p->setup.direct = direct;
		*(from_modem ? &p->cut_from : &p->cut_to) = at;
		work(p);
		if (p->plugged)
			play_run(p, 5000);
		come_back(p, was_given(p));
		play_free(p);
	}
}

START_TEST(cut_from_modem)
{
	cut(true, 0, _i, 8);
	cut(true, 1, 3 * _i, 24);
}
END_TEST

START_TEST(cut_to_modem)
{
	cut(false, 0, _i, 8);
	cut(false, 1, 3 * _i, 24);
}
END_TEST

/* The octets before, and then nothing: neither unplugged nor answering. */
START_TEST(falls_silent)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->deaf = true;
	ck_assert(play_until(p, is_reopen, 300000));
	play_close(p);
	p->now.ms += p->reopen_ms;
	p->deaf = false;
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 10000));
	ck_assert_int_ge(modem_facts(p->m)->timeouts, 1);
	play_free(p);
}
END_TEST

/* Never gives up, never in a tight loop. */
START_TEST(dead_for_a_day)
{
	struct play *p = play_new("");
	int64_t end;
	int tries = 0;

	play_to_ready(p);
	p->deaf = true;
	end = p->now.ms + 24 * 3600000;
	while (p->now.ms < end) {
		p->n_reopen = 0;
		play_until(p, is_reopen, end - p->now.ms);
		if (!p->n_reopen)
			break;
		tries++;
		ck_assert_int_le(p->reopen_ms, 30 * 60000);
		play_close(p);
		play_run(p, p->reopen_ms);
		play_open(p);
	}
	ck_assert_int_eq(p->state, MODEM_FAILED);
	ck_assert_int_ge(tries, 40);
	ck_assert_int_le(tries, 70);
	p->deaf = false;
	p->n_reopen = 0;
	if (!play_until(p, play_is_ready, 40000)) {
		ck_assert(play_until(p, is_reopen, 3600000));
		play_close(p);
		play_run(p, p->reopen_ms);
		play_open(p);
	}
	ck_assert(play_until(p, play_is_ready, 10000));
	play_free(p);
}
END_TEST

START_TEST(failed_is_told)
{
	struct play *p = play_new("");

	p->deaf = true;
	play_open(p);
	for (int i = 0; i < 3 && p->state != MODEM_FAILED; i++) {
		p->n_reopen = 0;
		ck_assert(play_until(p, is_reopen, 300000));
		play_run(p, 0);
		if (p->state == MODEM_FAILED)
			break;
		play_close(p);
		play_run(p, p->reopen_ms);
		play_open(p);
	}
	ck_assert(is_failed(p));
	play_free(p);
}
END_TEST

/* A stick that was pulled out and put in is a new start: its past does not count. */
START_TEST(new_stick_pays_nothing)
{
	struct play *p = play_new("");
	uint32_t session;

	p->deaf = true;
	play_open(p);
	play_run(p, 60000);
	ck_assert_uint_gt(modem_facts(p->m)->timeouts, 0);
	if (p->n_reopen) {
		play_close(p);
		play_open(p);
	}
	p->deaf = false;
	ck_assert(play_until(p, play_is_ready, 60000));
	session = modem_facts(p->m)->session;
	play_close(p);
	play_run(p, 1000);
	ck_assert_int_eq(p->state, MODEM_ABSENT);
	play_open(p);
	ck_assert_uint_eq(modem_facts(p->m)->timeouts, 0);
	ck_assert_uint_eq(modem_facts(p->m)->session, session + 1);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_free(p);
}
END_TEST

static const char *const reboots[] = {
	"\r\nRDY\r\n", "\r\n^SYSSTART\r\n", "\r\n*ATREADY: 1\r\n", "\r\n+AT: READY\r\n",
};

START_TEST(restarts)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_power(p);
	play_put(p, PLAY_PDU_A, 3);
	play_say(p, reboots[_i]);
	play_run(p, 5000);
	ck_assert_str_eq(p->state_log, "starting ready ");
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	ck_assert_int_eq(p->n_in, 1);
	play_free(p);
}
END_TEST

/* No sign but +CPIN: READY: its settings are looked at, and put right. */
START_TEST(restarts_quietly)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_power(p);
	play_say(p, "\r\n+CPIN: READY\r\n");
	play_run(p, 5000);
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	ck_assert_int_eq(p->state, MODEM_READY);
	play_free(p);
}
END_TEST

static int64_t minutes_until_noticed(struct play *p)
{
	int64_t from = p->now.ms;

	p->n_log = 0;
	play_until(p, play_wrote_again, 600000);
	return (p->now.ms - from + 59999) / 60000;
}

static void check_written_again(const struct play *p)
{
	static const char *const commands[] = { "AT+CMEE=1", "AT+CMGF=0", "AT+CSMS=0",
		"AT+CNMI=2,1,0,1,0", "AT+CLIP=1", "AT+CUSD=1", "AT+CREG=2", "AT+CGREG=2", "AT+CEREG=2" };

	for (size_t i = 0; i < TW_COUNT(commands); i++)
		ck_assert_msg(play_count(p, commands[i]) >= 1, "%s", commands[i]);
}

/* It says nothing at all: the echo of the next command gives it away, and where there is no echo the
 * answer to the poll does. Everything is written again, once, not the indications alone. */
START_TEST(restarts_without_a_word)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_run(p, 100000);
	play_power(p);
	play_put(p, PLAY_PDU_A, 3);
	if (_i) {
		p->echo = false;
		play_rule(p, "AT+CREG?", "+CREG: 0,1");
	}
	ck_assert_int_eq(minutes_until_noticed(p), 1);
	play_rule_off(p, "AT+CREG?");
	play_run(p, 5000);
	check_written_again(p);
	ck_assert_str_eq(p->state_log, _i ? "" : "starting ready ");
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_int_eq(p->state, MODEM_READY);
	play_free(p);
}
END_TEST

/* Words that no table knows, and those that say that something has been switched. */
static const struct { const char *line; bool is_whole; } words[] = {
	{ "\r\nMODEM:STARTUP\r\n", true }, { "\r\n+CFUN: 1\r\n", true },
	{ "\r\n+CPIN: READY\r\n", true }, { "\r\nBusybody\r\n", false },
};

START_TEST(restarts_with_a_word)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_run(p, 100000);
	p->n_log = 0;
	if (words[_i].is_whole)
		play_power(p);
	p->echo = false;
	play_say(p, words[_i].line);
	play_run(p, 5000);
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	ck_assert_int_eq(p->state, MODEM_READY);
	if (words[_i].is_whole)
		check_written_again(p);
	else
		ck_assert_int_eq(play_count(p, "AT+CLIP=1"), 0);
	/* A line that comes again and again makes no work without end. */
	p->n_log = 0;
	for (int i = 0; i < 100; i++) {
		play_say(p, "\r\nBusybody\r\n");
		play_run(p, 500);
	}
	ck_assert_int_le(play_count(p, "AT+CNMI?"), 1);
	play_free(p);
}
END_TEST

/* One that echoes on behind its OK to ATE0 has not restarted; and one that echoes now and then at its
 * pleasure is believed after a few times. */
START_TEST(echo_that_tells_nothing)
{
	struct play *p = play_new("");

	if (!_i)
		play_rule(p, "ATE0", "");
	play_to_ready(p);
	for (int i = 0; i < 30; i++) {
		if (_i)
			p->echo = true;
		play_run(p, 60000);
	}
	ck_assert_int_eq(p->state, MODEM_READY);
	ck_assert_int_eq(play_count(p, "AT+CGSN"), _i ? 3 : 0);
	play_free(p);
}
END_TEST

/* A token from before the restart finds nothing: the slot is read again first. */
START_TEST(restart_makes_tokens_stale)
{
	struct play *p = play_new("");

	p->policy = PLAY_HOLD;
	play_to_ready(p);
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	play_power(p);
	play_say(p, "\r\nRDY\r\n");
	play_run(p, 10);
	modem_acknowledge(p->m, p->in[0].token, p->now);
	play_run(p, 5000);
	ck_assert_int_eq(play_used(p), 1);
	ck_assert_int_eq(p->n_in, 2);
	modem_acknowledge(p->m, p->in[1].token, p->now);
	play_run(p, 100);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

START_TEST(sim_swapped)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_say(p, "\r\n+CPIN: NOT INSERTED\r\n");
	play_rule(p, "AT+CPIN?", "+CME ERROR: 10");
	play_run(p, 20000);
	ck_assert_int_eq(p->state, MODEM_NO_SIM);
	play_rule(p, "AT+CPIN?", "+CPIN: READY");
	play_rule(p, "AT+CCID", "+CCID: 8944100000000000002F");
	play_say(p, "\r\n+CPIN: READY\r\n");
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_str_eq(modem_facts(p->m)->iccid, "8944100000000000002");
	ck_assert_int_eq(p->n_sim, 2);
	play_free(p);
}
END_TEST

START_TEST(sim_swapped_unnoticed)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_rule(p, "AT+CCID", "+CCID: 8944100000000000002F");
	play_say(p, "\r\n^SIMST:1\r\n");
	play_run(p, 5000);
	ck_assert_str_eq(modem_facts(p->m)->iccid, "8944100000000000002");
	ck_assert_int_eq(p->n_sim, 2);
	/* The same SIM said again changes nothing. */
	play_say(p, "\r\n^SIMST:1\r\n");
	play_run(p, 5000);
	ck_assert_int_eq(p->n_sim, 2);
	play_free(p);
}
END_TEST

START_TEST(restart_on_demand)
{
	struct play *p = play_new("");

	play_to_ready(p);
	modem_restart(p->m, p->now);
	play_run(p, 5000);
	ck_assert_str_eq(p->state_log, "starting ready ");
	play_free(p);
}
END_TEST

/* Idle, eight modems must not wake a processor more than once a second: a modem has 7 wakes a minute. */
START_TEST(idle_is_quiet)
{
	struct play *p = play_new("");
	int64_t from, wakes = 0;

	play_to_ready(p);
	play_run(p, 400000);
	p->n_log = 0;
	from = p->now.ms;
	while (p->now.ms < from + 600000) {
		play_settle(p);
		play_advance(p, from + 600000);
		wakes++;
	}
	ck_assert_int_ge(p->n_log, 20);
	ck_assert_int_le(p->n_log, 30);
	ck_assert_int_le(wakes, 60);
	play_free(p);
}
END_TEST

/* A flood of events that nobody pulls: nothing is lost, nothing overflows. */
START_TEST(flood)
{
	struct play *p = play_new("");
	struct modem_event ev;
	char text[200];
	int n = 0;

	play_to_ready(p);
	snprintf(text, sizeof(text), "\r\n+CDS: %d\r\n%s\r\n", play_tpdu_length(PLAY_REPORT), PLAY_REPORT);
	for (int i = 0; i < 100; i++)
		modem_on_bytes(p->m, text, strlen(text), p->now);
	modem_check(p->m);
	for (;;) {
		if (modem_next(p->m, &ev)) {
			if (ev.type == MODEM_EV_INBOUND)
				n++;
			continue;
		}
		if (modem_deadline(p->m).ms > p->now.ms)
			break;
		modem_tick(p->m, p->now);
		modem_check(p->m);
	}
	ck_assert_int_eq(n, 100);
	play_free(p);
}
END_TEST

/* What a person may read over a shoulder: no PIN, PUK or voucher, the service codes as they are. */
static const struct { const char *command, *shown; } secrets[] = {
	{ "AT+CPIN=\"12345678\",\"4711\"", "> AT+CPIN=****" },
	{ "AT+CUSD=1,\"*121*12345678901234#\",15", "> AT+CUSD=1,\"*121*****#\",15" },
	{ "AT+CUSD=1,\"*100#\",15", "> AT+CUSD=1,\"*100#\",15" },
	{ "AT+CUSD=1,\"AA180C3602AA180C3602\",15", "> AT+CUSD=1,\"****\",15" },
	{ "ATD**05*12345678*4711*4711#;", "> ATD**05***************#;" },
	{ "AT+CREG=2", "> AT+CREG=2" },
};

START_TEST(secrets_are_masked)
{
	struct play *p = play_new("");
	struct tw_buf b = { 0 };

	play_to_ready(p);
	ck_assert_int_eq(modem_command(p->m, 1, secrets[_i].command, 1000, p->now), 0);
	play_run(p, 3000);
	modem_trace(p->m, &b);
	ck_assert_msg(strstr(tw_buf_str(&b), secrets[_i].shown), "%s", tw_buf_str(&b));
	ck_assert_ptr_null(strstr(tw_buf_str(&b), "12345678"));
	ck_assert_ptr_null(strstr(tw_buf_str(&b), "4711"));
	tw_buf_done(&b);
	play_free(p);
}
END_TEST

/* ---- the ladder ---------------------------------------------------------------------------- */

/* Deaf for ever, with a command for its power: each rung counted, the power at most every six hours. */
START_TEST(power_is_switched_seldom)
{
	struct play *p = play_new("");
	int64_t end;

	p->setup.power_cycle = true;
	play_to_ready(p);
	p->deaf = true;
	end = p->now.ms + 24 * 3600000;
	while (p->now.ms < end) {
		p->reopen_ms = 0;
		if (!play_until(p, is_asked_to_close, end - p->now.ms))
			break;
		play_close(p);
		play_run(p, p->reopen_ms);
		play_open(p);
	}
	ck_assert_int_eq(p->n_power, 4);
	ck_assert_uint_eq(modem_facts(p->m)->rungs[MODEM_RUNG_POWER], 4);
	ck_assert_uint_eq(modem_facts(p->m)->rungs[MODEM_RUNG_ESCAPE], 1);
	ck_assert_uint_eq(modem_facts(p->m)->rungs[MODEM_RUNG_RADIO], 0);
	ck_assert_int_eq(p->rungs[MODEM_RUNG_POWER], 4);
	/* Another stick in its place pays for nothing. */
	p->deaf = false;
	play_close(p);
	play_rule(p, "AT+CGSN", "356938035643810");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 30000));
	ck_assert_uint_eq(modem_facts(p->m)->rungs[MODEM_RUNG_POWER], 0);
	ck_assert_uint_eq(modem_facts(p->m)->resets, 0);
	play_free(p);
}
END_TEST

/* One that leaves the bus: the port is closed as soon as the reset was asked for, for reset_wait. */
START_TEST(reset_closes_the_port)
{
	struct play *p = play_new("reset_closes = true; reset_wait = \"25s\"; radio_off = \"\";");

	play_to_ready(p);
	play_rule(p, "AT+CPIN?", "+CME ERROR: 14");
	play_say(p, "\r\nRDY\r\n");
	ck_assert(play_until(p, is_reopen, 600000));
	ck_assert_int_ge(play_at(p, "AT+CFUN=1,1"), 0);
	ck_assert_int_eq(p->reopen_ms, 25000);
	ck_assert_uint_eq(modem_facts(p->m)->rungs[MODEM_RUNG_RESET], 1);
	play_close(p);
	play_rule_off(p, "AT+CPIN?");
	play_run(p, p->reopen_ms);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 10000));
	play_free(p);
}
END_TEST

/* Asked for by its owner: the radio, when no send is under way; nothing where it is not ready. */
START_TEST(refreshed)
{
	struct play *p = play_new(_i ? "radio_off = \"\";" : "");

	play_to_ready(p);
	p->send_delay = 3000;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	play_run(p, 100);
	modem_refresh(p->m, "silent", p->now);
	ck_assert(play_until(p, play_has_result, 5000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(play_count(p, "AT+CFUN=4"), 0);
	ck_assert(!modem_can_send(p->m));
	p->state = MODEM_STARTING;
	ck_assert(play_until(p, play_is_ready, 30000));
	ck_assert_int_eq(play_count(p, _i ? "ATZ" : "AT+CFUN=4"), 1);
	ck_assert_int_eq(p->rungs[_i ? MODEM_RUNG_START : MODEM_RUNG_RADIO], 1);
	play_free(p);
}
END_TEST

/* What it tells of itself beside texts. */
START_TEST(facts)
{
	struct play *p = play_new("temperature = \"AT+QTEMP\"; temperature_pattern = \"+QTEMP: {n}\";");

	play_rule(p, "AT+QTEMP", "+QTEMP: 41,28,27");
	play_to_ready(p);
	play_run(p, 5000);
	ck_assert(modem_facts(p->m)->has_temperature);
	ck_assert_int_eq(modem_facts(p->m)->temperature, 41);
	ck_assert_str_eq(modem_facts(p->m)->radio, "LTE");
	play_say(p, "\r\n+CREG: 1,\"00C3\",\"01AF\",0\r\n");
	play_run(p, 10);
	ck_assert_str_eq(modem_facts(p->m)->radio, "GSM");
	play_say(p, "\r\n+CREG: 2\r\n");
	play_run(p, 10);
	ck_assert_str_eq(modem_facts(p->m)->radio, "");
	play_free(p);
}
END_TEST

START_TEST(machine_prints_itself)
{
	struct tw_buf b = { 0 };

	modem_dump_machine(&b);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&b), "ready [ready]"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&b), "no answer to AT"));
	tw_buf_done(&b);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, cut_from_modem, 0, 8);
	tcase_add_loop_test(t, cut_to_modem, 0, 8);
	tcase_add_test(t, falls_silent);
	tcase_add_test(t, dead_for_a_day);
	tcase_add_test(t, failed_is_told);
	tcase_add_test(t, new_stick_pays_nothing);
	tcase_add_loop_test(t, restarts, 0, TW_COUNT(reboots));
	tcase_add_test(t, restarts_quietly);
	tcase_add_loop_test(t, restarts_without_a_word, 0, 2);
	tcase_add_loop_test(t, restarts_with_a_word, 0, TW_COUNT(words));
	tcase_add_loop_test(t, echo_that_tells_nothing, 0, 2);
	tcase_add_test(t, restart_makes_tokens_stale);
	tcase_add_test(t, sim_swapped);
	tcase_add_test(t, sim_swapped_unnoticed);
	tcase_add_test(t, restart_on_demand);
	tcase_add_test(t, idle_is_quiet);
	tcase_add_test(t, flood);
	tcase_add_loop_test(t, secrets_are_masked, 0, TW_COUNT(secrets));
	tcase_add_test(t, power_is_switched_seldom);
	tcase_add_test(t, reset_closes_the_port);
	tcase_add_loop_test(t, refreshed, 0, 2);
	tcase_add_test(t, facts);
	tcase_add_test(t, machine_prints_itself);
}

int main(void)
{
	return play_main("modem_recover", add);
}
