/* Sends: what their end means, whatever the modem does; the order of things beside them. */
#include "modem_player.h"

static bool has_two(struct play *p) { return p->n_result >= 2; }
static bool is_recovering(struct play *p) { return p->state == MODEM_RECOVERING; }

START_TEST(ok)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->send_delay = 3000;
	ck_assert_int_eq(play_send(p, 42, PLAY_SUBMIT, false), 0);
	ck_assert_int_eq(play_send(p, 43, PLAY_SUBMIT, false), TW_E_STATE);
	ck_assert(play_until(p, play_has_result, 5000));
	ck_assert_uint_eq(p->result[0].id, 42);
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(p->result[0].ref, 1);
	ck_assert_int_ge(p->result[0].took_ms, 3000);
	ck_assert_int_le(p->result[0].took_ms, 3010);
	ck_assert_str_eq(p->sent[0], PLAY_SUBMIT);
	ck_assert(modem_can_send(p->m));
	play_free(p);
}
END_TEST

static const struct {
	const char *answer;
	enum modem_outcome outcome;
	int ref;
	int reaction;		/* -1: whatever */
	const char *cause;
} ends[] = {
	{ "+CMGS: 7", MODEM_OUT_SENT, 7, REACT_NONE, "" },
	{ "+CMGS: 255,\"24/01/01,10:00:00+00\"", MODEM_OUT_SENT, 255, REACT_NONE, "" },
	{ "OK", MODEM_OUT_SENT, -1, REACT_NONE, "" },		/* no reference told */
	{ "+CMS ERROR: 1", MODEM_OUT_NOT_SENT, -1, REACT_FAIL, "CMS 1" },
	{ "+CMS ERROR: 38", MODEM_OUT_NOT_SENT, -1, REACT_RETRY, "CMS 38" },
	{ "+CMS ERROR: 28", MODEM_OUT_NOT_SENT, -1, -1, "CMS 28" },
	{ "+CMS ERROR: 69", MODEM_OUT_NOT_SENT, -1, REACT_OTHER_SIM, "CMS 69" },
	{ "+CMS ERROR: 95", MODEM_OUT_NOT_SENT, -1, REACT_FAIL, "CMS 95" },
	{ "+CMS ERROR: 310", MODEM_OUT_NOT_SENT, -1, REACT_PERSON, "CMS 310" },
	{ "+CMS ERROR: 331", MODEM_OUT_NOT_SENT, -1, REACT_WAIT, "CMS 331" },
	{ "+CMS ERROR: 322", MODEM_OUT_NOT_SENT, -1, REACT_DRAIN, "CMS 322" },
	{ "+CMS ERROR: 197", MODEM_OUT_SENT, -1, REACT_SENT, "CMS 197" },
	{ "+CMS ERROR: 332", MODEM_OUT_DOUBT, -1, REACT_DOUBT, "CMS 332" },
	{ "+CME ERROR: 31", MODEM_OUT_DOUBT, -1, REACT_DOUBT, "CME 31" },
	{ "+CMS ERROR: network timeout", MODEM_OUT_DOUBT, -1, REACT_DOUBT, NULL },
	{ "ERROR", MODEM_OUT_NOT_SENT, -1, -1, "ERROR" },
};

START_TEST(each_end)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->send_answer = ends[_i].answer;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 5000));
	ck_assert_int_eq(p->result[0].outcome, ends[_i].outcome);
	ck_assert_int_eq(p->result[0].ref, ends[_i].ref);
	if (ends[_i].reaction >= 0)
		ck_assert_int_eq(p->result[0].reaction, ends[_i].reaction);
	if (ends[_i].cause)
		ck_assert_str_eq(p->result[0].cause, ends[_i].cause);
	play_run(p, 30000);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_int_eq(p->sends, 1);
	play_free(p);
}
END_TEST

START_TEST(full_storage_is_drained)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_PDU_A, 4);
	p->send_answer = "+CMS ERROR: 322";
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_text, 2000));
	play_free(p);
}
END_TEST

START_TEST(own_codes_of_the_profile)
{
	struct play *p = play_new("reactions = [ \"cms 512 wait\", \"cms 38 doubt\" ];");

	play_to_ready(p);
	p->send_answer = "+CMS ERROR: 512";
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 5000));
	ck_assert_int_eq(p->result[0].reaction, REACT_WAIT);
	p->send_answer = "+CMS ERROR: 38";
	play_run(p, 100);
	ck_assert_int_eq(play_send(p, 2, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, has_two, 5000));
	ck_assert_int_eq(p->result[1].outcome, MODEM_OUT_DOUBT);
	play_free(p);
}
END_TEST

/* Refused before its prompt: certain, whatever the code. */
START_TEST(refused_at_once)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_rule(p, "AT+CMGS=*", "+CMS ERROR: 332");
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 5000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_NOT_SENT);
	ck_assert_int_eq(p->result[0].reaction, REACT_RETRY);
	ck_assert_int_eq(p->sends, 0);
	play_free(p);
}
END_TEST

START_TEST(no_prompt)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->no_prompt = true;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 30000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_NOT_SENT);
	ck_assert_int_eq(p->result[0].reaction, REACT_RETRY);
	ck_assert_str_eq(p->result[0].cause, "no prompt");
	p->no_prompt = false;
	play_run(p, 20000);
	ck_assert_int_eq(p->state, MODEM_READY);
	ck_assert_int_eq(play_send(p, 2, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, has_two, 5000));
	ck_assert_int_eq(p->result[1].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(p->sends, 1);
	play_free(p);
}
END_TEST

/* OK where a prompt should be: nothing has left. */
START_TEST(ok_instead_of_prompt)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_rule(p, "AT+CMGS=*", "OK");
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 20000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_NOT_SENT);
	ck_assert_int_eq(p->result[0].reaction, REACT_RETRY);
	ck_assert_int_eq(p->sends, 0);
	play_free(p);
}
END_TEST

START_TEST(profile_without_prompt)
{
	struct play *p = play_new("no_prompt = true;");

	play_to_ready(p);
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 5000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
	play_free(p);
}
END_TEST

/* Nothing ever comes: in doubt, once; the modem goes on. */
START_TEST(silence)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->send_answer = "";
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 250000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_DOUBT);
	ck_assert_str_eq(p->result[0].cause, "no answer");
	ck_assert_int_ge(p->result[0].took_ms, 180000);
	play_run(p, 30000);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_int_eq(p->sends, 1);
	ck_assert_int_eq(p->state, MODEM_READY);
	ck_assert(modem_can_send(p->m));
	play_free(p);
}
END_TEST

/* An answer after a minute is an answer. */
START_TEST(slow)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->send_delay = 60000;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 70000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(p->n_result, 1);
	play_free(p);
}
END_TEST

/* Just behind its time: while the engine looks for its place the answer still decides. */
START_TEST(late)
{
	struct play *p = play_new("send_limit = \"10s\";");

	play_to_ready(p);
	p->send_delay = 10500;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 40000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(p->result[0].ref, 1);
	play_run(p, 60000);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_int_eq(p->state, MODEM_READY);
	play_free(p);
}
END_TEST

/* Long behind: the doubt is told, then taken back by the same number. */
START_TEST(very_late)
{
	struct play *p = play_new("send_limit = \"10s\";");

	play_to_ready(p);
	p->send_answer = "";
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 60000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_DOUBT);
	play_run(p, 5000);
	play_say(p, "\r\n+CMGS: 99\r\n\r\nOK\r\n");
	ck_assert(play_until(p, has_two, 1000));
	ck_assert_uint_eq(p->result[1].id, 1);
	ck_assert_int_eq(p->result[1].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(p->result[1].ref, 99);
	play_run(p, 1000);
	ck_assert_int_eq(play_send(p, 2, PLAY_SUBMIT, false), 0);
	p->send_answer = NULL;
	play_run(p, 30000);
	ck_assert_int_eq(p->n_result, 3);
	ck_assert_int_eq(p->result[2].outcome, MODEM_OUT_SENT);
	play_free(p);
}
END_TEST

START_TEST(unplugged_before)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->no_prompt = true;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	play_run(p, 100);
	play_close(p);
	play_run(p, 10);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_NOT_SENT);
	ck_assert_str_eq(p->result[0].cause, "unplugged");
	play_free(p);
}
END_TEST

START_TEST(unplugged_after)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->send_delay = 5000;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	play_run(p, 1000);
	play_close(p);
	play_run(p, 10);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_DOUBT);
	ck_assert_str_eq(p->result[0].cause, "unplugged");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_run(p, 10000);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_int_eq(p->sends, 1);
	play_free(p);
}
END_TEST

START_TEST(reset_after)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->send_answer = "";
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	play_run(p, 1000);
	play_power(p);
	play_say(p, "\r\nRDY\r\n");
	play_run(p, 10);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_DOUBT);
	ck_assert_str_eq(p->result[0].cause, "reset");
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	play_free(p);
}
END_TEST

#define LTE "+CREG: 2,1,\"00C3\",\"01AF\",7"
#define UMTS "+CREG: 2,1,\"00C3\",\"01AF\",2"

static bool can_send(struct play *p) { return modem_can_send(p->m); }

static void written_ways(const struct play *p, char *out, size_t cap)
{
	for (int i = 0; i < p->n_log; i++)
		if (!strncmp(p->log[i], "AT+CGSMS=", 9) || !strncmp(p->log[i], "AT+CNMP=", 8))
			snprintf(out + strlen(out), cap - strlen(out), "%s%s", out[0] ? " " : "",
				 p->log[i]);
}

/* Over LTE a text finds no way out: the next way is tried, and what worked is told once. */
static const struct { const char *reg, *answer; int fails; const char *known, *bearer, *writes; } ways[] = {
	{ LTE, "+CMS ERROR: 500", 1, NULL, "AT+CGSMS=1", "AT+CGSMS=1" },
	{ LTE, "+CMS ERROR: 332", 1, "AT+CGSMS=1", "AT+CGSMS=3", "AT+CGSMS=1 AT+CGSMS=3" },
	{ LTE, "+CMS ERROR: 38", 1, NULL, "", "" },
	{ UMTS, "+CMS ERROR: 500", 1, NULL, "", "" },
	{ "+CREG: 2,1", "+CMS ERROR: 500", 1, NULL, "AT+CGSMS=1", "AT+CGSMS=1" },
	/* No domain helps: another technology does; and where none does, the modem has its choice again. */
	{ LTE, "+CMS ERROR: 500", 3, NULL, "AT+CNMP=14", "AT+CGSMS=1 AT+CGSMS=3 AT+CNMP=14" },
	{ LTE, "+CMS ERROR: 500", 4, NULL, "", "AT+CGSMS=1 AT+CGSMS=3 AT+CNMP=14 AT+CNMP=2" },
	{ LTE, "+CMS ERROR: 500", 7, NULL, "", "AT+CGSMS=1 AT+CGSMS=3 AT+CNMP=14 AT+CNMP=2" },
	{ LTE, "+CMS ERROR: 500", 0, "AT+CNMP=14", "", "AT+CNMP=14" },
	{ LTE, "+CMS ERROR: 500", 0, "AT+CNMP=38", "", "" },
};

START_TEST(another_way_out)
{
	struct play *p = play_new("cgsms = [ \"1\", \"3\" ]; radio_switch = [ \"AT+CNMP=14\", "
				  "\"AT+CNMP=2\" ];");
	char writes[128] = "";
	uint64_t id = 1;

	p->known_bearer = ways[_i].known;
	play_rule(p, "AT+CREG?", ways[_i].reg);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 30000));
	for (; id <= (uint64_t)ways[_i].fails + 2; id++) {
		p->send_answer = id <= (uint64_t)ways[_i].fails ? ways[_i].answer : NULL;
		p->n_result = 0;
		ck_assert(play_until(p, can_send, 60000));
		ck_assert_int_eq(play_send(p, id, PLAY_SUBMIT, false), 0);
		ck_assert(play_until(p, play_has_result, 60000));
	}
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
	ck_assert_str_eq(p->bearer, ways[_i].bearer);
	ck_assert_int_eq(p->n_bearer, ways[_i].bearer[0] != 0);
	written_ways(p, writes, sizeof(writes));
	ck_assert_str_eq(writes, ways[_i].writes);
	play_free(p);
}
END_TEST

/* There is no UMTS here: what we forced is given up, and the modem is in service again. */
START_TEST(no_network_where_it_was_sent_to)
{
	struct play *p = play_new("radio_switch = [ \"AT+CNMP=14\", \"AT+CNMP=2\" ];");
	char writes[128] = "";

	p->known_bearer = "AT+CNMP=14";
	play_rule(p, "AT+CREG?", "+CREG: 2,2");
	play_rule(p, "AT+CEREG?", "+CEREG: 2,2");
	play_rule(p, "AT+CGREG?", "+CGREG: 2,2");
	play_open(p);
	play_run(p, 6 * 60000);
	written_ways(p, writes, sizeof(writes));
	ck_assert_str_eq(writes, "AT+CNMP=14 AT+CNMP=2");
	ck_assert_uint_eq(modem_facts(p->m)->rungs[MODEM_RUNG_RADIO], 0);
	play_free(p);
}
END_TEST

START_TEST(canceled_in_time)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->no_prompt = true;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	play_run(p, 100);
	modem_cancel_send(p->m, 2, p->now);
	ck_assert_int_eq(p->n_result, 0);
	modem_cancel_send(p->m, 1, p->now);
	play_run(p, 10);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_NOT_SENT);
	ck_assert_str_eq(p->result[0].cause, "canceled");
	p->no_prompt = false;
	play_run(p, 10000);
	ck_assert_int_eq(play_send(p, 2, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, has_two, 5000));
	ck_assert_int_eq(p->result[1].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(p->sends, 1);
	play_free(p);
}
END_TEST

/* The whole payload is out, but nobody has pulled the event that says so: only the end of the aborted
 * command knows, and the text may be on the air. */
START_TEST(canceled_as_it_left)
{
	struct play *p = play_new("");
	const uint8_t *bytes;
	char report[200];
	size_t n;

	play_to_ready(p);
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	n = modem_output(p->m, &bytes);
	modem_written(p->m, n, p->now);
	modem_on_bytes(p->m, "\r\n> ", 4, p->now);
	snprintf(report, sizeof(report), "\r\n+CDS: %d\r\n%s\r\n", play_tpdu_length(PLAY_REPORT),
		 PLAY_REPORT);
	for (int i = 0; i < 30; i++)
		modem_on_bytes(p->m, report, strlen(report), p->now);
	n = modem_output(p->m, &bytes);
	ck_assert_uint_gt(n, strlen(PLAY_SUBMIT));
	modem_written(p->m, n - _i, p->now);
	modem_cancel_send(p->m, 1, p->now);
	play_run(p, 100);
	ck_assert_int_eq(p->n_result, 1);
	ck_assert_str_eq(p->result[0].cause, "canceled");
	ck_assert_int_eq(p->result[0].outcome, _i ? MODEM_OUT_NOT_SENT : MODEM_OUT_DOUBT);
	play_free(p);
}
END_TEST

START_TEST(canceled_too_late)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->send_delay = 5000;
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	play_run(p, 1000);
	modem_cancel_send(p->m, 1, p->now);
	ck_assert(play_until(p, play_has_result, 6000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
	play_free(p);
}
END_TEST

START_TEST(refused_values)
{
	struct play *p = play_new("");
	struct modem_send s = { .id = 1, .hex = PLAY_SUBMIT, .length = 18 };

	play_to_ready(p);
	s.hex = "00110";
	ck_assert_int_eq(modem_send(p->m, &s, p->now), TW_E_SYNTAX);
	s.hex = "";
	ck_assert_int_eq(modem_send(p->m, &s, p->now), TW_E_SYNTAX);
	s.hex = "0011\r\n";
	ck_assert_int_eq(modem_send(p->m, &s, p->now), TW_E_SYNTAX);
	s.hex = "0011";
	s.length = 3;
	ck_assert_int_eq(modem_send(p->m, &s, p->now), TW_E_RANGE);
	ck_assert(modem_can_send(p->m));
	play_free(p);
}
END_TEST

/* ---- beside other work --------------------------------------------------------------------- */

/* A text that came in is read before the next send, and deleted behind it. */
START_TEST(inbound_first)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->latency = 50;
	p->policy = PLAY_HOLD;
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	p->n_log = 0;
	modem_acknowledge(p->m, p->in[0].token, p->now);
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 1000));
	play_run(p, 1000);
	ck_assert_int_eq(play_at(p, "AT+CMGS="), 0);
	ck_assert_int_eq(play_at(p, "AT+CMGD="), 1);
	play_free(p);
}
END_TEST

/* A send that was chosen before the text was announced is taken, and waits behind it. */
START_TEST(announced_before_send)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->latency = 50;
	ck_assert_int_eq(play_put(p, PLAY_PDU_A, -1), 1);
	p->n_log = 0;
	modem_on_bytes(p->m, "\r\n+CMTI: \"SM\",1\r\n", 17, p->now);
	ck_assert(!modem_can_send(p->m));
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 2000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(play_at(p, "AT+CMGR=1"), 0);
	ck_assert_int_gt(play_at(p, "AT+CMGS="), 0);
	play_free(p);
}
END_TEST

START_TEST(announced_before_start)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->latency = 50;
	ck_assert_int_eq(modem_command(p->m, 5, "AT+CSQ", 5000, p->now), 0);
	play_run(p, 1);
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);	/* waits for the command */
	ck_assert_int_eq(play_put(p, PLAY_PDU_A, -1), 1);
	p->n_log = 0;
	modem_on_bytes(p->m, "\r\n+CMTI: \"SM\",1\r\n", 17, p->now);
	ck_assert(play_until(p, play_has_result, 2000));
	ck_assert_int_eq(play_at(p, "AT+CMGR="), 0);
	ck_assert_int_eq(play_at(p, "AT+CMGS="), 1);
	play_free(p);
}
END_TEST

/* Deletions do not pile up: three go before the send. */
START_TEST(three_deletions_first)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->policy = PLAY_HOLD;
	for (int i = 0; i < 3; i++)
		play_text(p, PLAY_PDU_A);
	play_run(p, 1000);
	ck_assert_int_eq(p->n_in, 3);
	p->n_log = 0;
	for (int i = 0; i < 3; i++)
		modem_acknowledge(p->m, p->in[i].token, p->now);
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	play_run(p, 1000);
	ck_assert_int_eq(play_at(p, "AT+CMGD="), 0);
	ck_assert_int_eq(play_at(p, "AT+CMGS="), 1);
	ck_assert_int_eq(play_count(p, "AT+CMGD="), 3);
	play_free(p);
}
END_TEST

START_TEST(not_while_acknowledgement_is_owed)
{
	static const char text[] = "\r\n+CMT: ,23\r\n" PLAY_PDU_A "\r\n";
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_to_ready(p);
	p->policy = PLAY_HOLD;
	p->latency = 50;
	ck_assert_int_eq(modem_command(p->m, 5, "AT+CSQ", 5000, p->now), 0);
	play_run(p, 1);
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	modem_on_bytes(p->m, text, strlen(text), p->now);
	p->direct_blocked = true;
	play_run(p, 3000);
	ck_assert_int_eq(play_count(p, "AT+CMGS="), 0);
	modem_acknowledge(p->m, p->in[0].token, p->now);
	ck_assert(play_until(p, play_has_result, 1000));
	ck_assert_int_lt(play_at(p, "AT+CNMA"), play_at(p, "AT+CMGS="));
	play_free(p);
}
END_TEST

/* In direct mode a send may not hold up an acknowledgement for long. */
START_TEST(direct_send_limit)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_to_ready(p);
	p->send_answer = "";
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	ck_assert(play_until(p, play_has_result, 30000));
	ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_DOUBT);
	play_free(p);
}
END_TEST

START_TEST(link_held_open)
{
	static const struct { const char *profile; int cmms; bool refused; } rows[] = {
		{ "", 0, false },
		{ "cmms = \"1\";", 2, false },		/* falls back behind each burst */
		{ "cmms = \"2\";", 1, false },
		{ "cmms = \"2\";", 1, true },		/* refused once, never asked again */
	};
	struct play *p = play_new(rows[_i].profile);

	play_to_ready(p);
	if (rows[_i].refused)
		play_rule(p, "AT+CMMS=*", "+CMS ERROR: 500");
	for (int burst = 0; burst < 2; burst++)
		for (int i = 0; i < 3; i++) {
			ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, i < 2), 0);
			play_run(p, 1000);
		}
	ck_assert_int_eq(p->n_result, 6);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(p->result[i].outcome, MODEM_OUT_SENT);
	ck_assert_int_eq(play_count(p, "AT+CMMS="), rows[_i].cmms);
	play_free(p);
}
END_TEST

START_TEST(network_lost)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->reg = 2;
	play_say(p, "\r\n+CREG: 2\r\n");
	play_run(p, 10);
	ck_assert_int_eq(p->state, MODEM_SEARCHING);	/* at once: what is shown is what is so */
	ck_assert(!modem_can_send(p->m));
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));	/* receives all the same */
	p->reg = 1;
	play_say(p, "\r\n+CREG: 1\r\n");
	ck_assert(play_until(p, play_is_ready, 1000));
	play_free(p);
}
END_TEST

START_TEST(paused)
{
	struct play *p = play_new("");

	play_to_ready(p);
	modem_pause(p->m, true, p->now);
	play_run(p, 10);
	ck_assert_int_eq(p->state, MODEM_PAUSED);
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), TW_E_STATE);
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	modem_pause(p->m, false, p->now);
	play_run(p, 10);
	ck_assert_int_eq(p->state, MODEM_READY);
	ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
	play_free(p);
}
END_TEST

/* A modem that fails one send after the other in its own way is set up anew. */
START_TEST(failures_in_a_row)
{
	struct play *p = play_new("reactions = [ \"cms 500 reset\" ];");

	play_to_ready(p);
	p->send_answer = "+CMS ERROR: 500";
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(play_send(p, 1, PLAY_SUBMIT, false), 0);
		play_run(p, 500);
	}
	ck_assert(play_until(p, is_recovering, 1000));
	ck_assert(play_until(p, play_is_ready, 10000));
	play_free(p);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, ok);
	tcase_add_loop_test(t, each_end, 0, TW_COUNT(ends));
	tcase_add_test(t, full_storage_is_drained);
	tcase_add_test(t, own_codes_of_the_profile);
	tcase_add_test(t, refused_at_once);
	tcase_add_test(t, no_prompt);
	tcase_add_test(t, ok_instead_of_prompt);
	tcase_add_test(t, profile_without_prompt);
	tcase_add_test(t, silence);
	tcase_add_test(t, slow);
	tcase_add_test(t, late);
	tcase_add_test(t, very_late);
	tcase_add_test(t, unplugged_before);
	tcase_add_test(t, unplugged_after);
	tcase_add_test(t, reset_after);
	tcase_add_loop_test(t, another_way_out, 0, TW_COUNT(ways));
	tcase_add_test(t, no_network_where_it_was_sent_to);
	tcase_add_test(t, canceled_in_time);
	tcase_add_loop_test(t, canceled_as_it_left, 0, 2);
	tcase_add_test(t, canceled_too_late);
	tcase_add_test(t, refused_values);
	tcase_add_test(t, inbound_first);
	tcase_add_test(t, announced_before_send);
	tcase_add_test(t, announced_before_start);
	tcase_add_test(t, three_deletions_first);
	tcase_add_test(t, not_while_acknowledgement_is_owed);
	tcase_add_test(t, direct_send_limit);
	tcase_add_loop_test(t, link_held_open, 0, 4);
	tcase_add_test(t, network_lost);
	tcase_add_test(t, paused);
	tcase_add_test(t, failures_in_a_row);
}

int main(void)
{
	return play_main("modem_send", add);
}
