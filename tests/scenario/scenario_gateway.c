/* Everything together, in virtual time: a text and its answer, long ones, reports, faults of the modem,
 * and a kill at every step, each followed by: nothing lost, nothing twice but what is flagged. */
#include "../unit/run.h"
#include "gateway.h"

#include <stdio.h>

#define CUSTOMER "+447700900123"
static const char flow[] =
	"keywords = ( { match = \"HOURS\"; reply = \"Mon to Fri 8-18\"; },\n"
	"  { match = \"ECHO\"; reply = \"{args}\"; } );\n"
	"otherwise = \"Sorry\"; goodbye = \"Bye\"; welcome_back = \"Hello again\"; help = \"Ask us\";\n";

static size_t wanted;
static bool got_wanted(struct gateway *g)
{
	return gateway_got(g, CUSTOMER) >= wanted;
}

static bool sim_is_empty(struct gateway *g)
{
	return sim_card_used(g->sim, 0) == 0;
}

static bool queue_is_empty(struct gateway *g)
{
	return gateway_count(g, MESSAGE_QUEUED, -1) == 0 && gateway_count(g, MESSAGE_SENDING, -1) == 0;
}

static bool all_final(struct gateway *g)
{
	return queue_is_empty(g) && gateway_count(g, MESSAGE_SENT, -1) == 0;
}

START_TEST(a_text_is_answered_and_leaves_the_sim)
{
	struct gateway g;
	int64_t begin;

	gateway_open(&g, 1, "", flow);
	gateway_ready(&g);
	begin = g.now.mono.ms;
	gateway_text(&g, CUSTOMER, 0, " hours! ");
	wanted = 1;
	ck_assert(gateway_until(&g, got_wanted, 60000));
	ck_assert_str_eq(gateway_last(&g, CUSTOMER), "Mon to Fri 8-18");
	ck_assert_int_lt(g.now.mono.ms - begin, 20000);
	ck_assert(gateway_until(&g, sim_is_empty, 10000));
	ck_assert(gateway_until(&g, all_final, 60000));
	ck_assert_int_eq(gateway_count(&g, MESSAGE_DELIVERED, OUTBOUND), 1);
	ck_assert_int_eq(gateway_doubts(&g), 0);
	gateway_close(&g);
}
END_TEST

/* The disk fails while the modem stands at its prompt, or later: the prompt is escaped, and the
 * answer goes out once. */
START_TEST(a_commit_fails)
{
	struct gateway g;

	gateway_open(&g, 1, "", flow);
	gateway_ready(&g);
	store_inject(g.store, _i, 10 /* SQLITE_IOERR */, true);
	gateway_text(&g, CUSTOMER, 0, "hours");
	wanted = 1;
	ck_assert(gateway_until(&g, got_wanted, 600000));
	ck_assert_int_eq(store_inject_left(g.store), 0);
	ck_assert(gateway_until(&g, sim_is_empty, 60000));
	ck_assert(gateway_until(&g, all_final, 600000));
	gateway_wait(&g, 600000);
	ck_assert_uint_eq(gateway_got(&g, CUSTOMER), 1);
	ck_assert_uint_eq(sim_sent_count(g.sim), 1);
	ck_assert_int_eq(gateway_count(&g, MESSAGE_RECEIVED, INBOUND), 1);
	ck_assert_int_eq(gateway_doubts(&g), 0);
	gateway_close(&g);
}
END_TEST

START_TEST(a_long_text_and_its_long_answer_go_by_one_sim)
{
	char text[640], last[600];
	struct gateway g;

	gateway_open(&g, 2, "", flow);
	gateway_ready(&g);
	memset(last, 'x', sizeof(last) - 1);
	last[500] = '\0';
	snprintf(text, sizeof(text), "echo %s", last);
	gateway_text(&g, CUSTOMER, 1, text);
	wanted = 1;
	ck_assert(gateway_until(&g, got_wanted, 120000));
	ck_assert_str_eq(gateway_last(&g, CUSTOMER), last);
	for (size_t i = 0; i < sim_sent_count(g.sim); i++)
		ck_assert_uint_eq(sim_sent_at(g.sim, i)->card, 1);
	ck_assert_uint_eq(sim_sent_count(g.sim), 4);
	gateway_close(&g);
}
END_TEST

START_TEST(stop_and_start_are_obeyed)
{
	struct exchange_refusal refusal = { 0 };
	struct message m = { 0 };
	struct gateway g;
	bool repeated;

	gateway_open(&g, 1, "", flow);
	gateway_ready(&g);
	gateway_text(&g, CUSTOMER, 0, "Stop.");
	wanted = 1;
	ck_assert(gateway_until(&g, got_wanted, 60000));
	ck_assert_int_lt(exchange_post(g.x, &(struct exchange_post){ .to = CUSTOMER, .text = "x",
				       .lane = LANE_API }, g.now, &m, &repeated, &refusal), 0);
	ck_assert_int_eq(refusal.code, 21610);
	gateway_text(&g, CUSTOMER, 0, "start");
	wanted = 2;
	ck_assert(gateway_until(&g, got_wanted, 60000));
	gateway_post(&g, CUSTOMER, "x");
	wanted = 3;
	ck_assert(gateway_until(&g, got_wanted, 60000));
	gateway_close(&g);
}
END_TEST

/* Each fault once, while three customers text and three messages go out; the bank recovers by itself
 * and nothing is lost. first: the fault may make an answer come twice, flagged. */
static const struct fault { const char *rule; bool may_repeat; } faults[] = {
	{ "\"when\":\"urc\",\"what\":\"drop\"", false },
	{ "\"when\":\"AT+CMGR\",\"what\":\"drop\"", false },
	{ "\"when\":\"AT+CMGR\",\"what\":\"garbage\"", false },
	{ "\"when\":\"AT+CMGR\",\"what\":\"split\"", false },
	{ "\"when\":\"AT+CMGR\",\"what\":\"late\",\"delay_ms\":15000", false },
	{ "\"when\":\"AT+CMGR\",\"what\":\"unplug\",\"delay_ms\":3000", false },
	{ "\"when\":\"AT+CMGD\",\"what\":\"drop\"", false },
	{ "\"when\":\"AT+CMGD\",\"what\":\"error\",\"code\":320", false },
	{ "\"when\":\"AT+CMGS\",\"what\":\"no_prompt\"", false },
	{ "\"when\":\"AT+CMGS\",\"what\":\"error\",\"code\":38", false },
	{ "\"when\":\"AT+CMGS\",\"what\":\"error\",\"code\":500", false },
	{ "\"when\":\"AT+CMGS\",\"what\":\"unplug\",\"delay_ms\":3000", true },
	{ "\"when\":\"AT+CMGS\",\"what\":\"reset\"", true },
	{ "\"when\":\"pdu\",\"what\":\"drop\"", true },
	{ "\"when\":\"pdu\",\"what\":\"late\",\"delay_ms\":200000", true },
	{ "\"when\":\"pdu\",\"what\":\"unplug\",\"delay_ms\":3000", true },
	{ "\"when\":\"pdu\",\"what\":\"error\",\"code\":332", true },
	{ "\"when\":\"deliver\",\"what\":\"duplicate\"", false },
};

START_TEST(each_fault_is_overcome)
{
	const struct fault *f = &faults[_i];
	struct gateway g;
	size_t extra;

	gateway_open(&g, 2, "", flow);
	gateway_ready(&g);
	gateway_control(&g, "{\"op\":\"fault\",\"modem\":0,\"count\":1,%s}", f->rule);
	for (size_t i = 0; i < 3; i++) {
		gateway_text(&g, CUSTOMER, 0, i == 0 ? "hours" : i == 1 ? "echo one" : "echo two");
		gateway_post(&g, "+447700900200", "news");
		gateway_wait(&g, 500);
	}
	wanted = 3;
	ck_assert_msg(gateway_until(&g, got_wanted, 900000), "%s: %zu answers", f->rule,
		      gateway_got(&g, CUSTOMER));
	/* a report that comes while the modem is away is lost: its message stays "sent" */
	ck_assert_msg(gateway_until(&g, queue_is_empty, 900000), "%s: something stays open", f->rule);
	ck_assert_msg(gateway_until(&g, sim_is_empty, 900000), "%s: the SIM is not emptied", f->rule);
	gateway_wait(&g, 600000);
	ck_assert_int_eq(gateway_count(&g, -1, INBOUND), 3);
	ck_assert_msg(gateway_got(&g, "+447700900200") >= 3, "%s: %zu of 3 messages", f->rule,
		      gateway_got(&g, "+447700900200"));
	extra = gateway_got(&g, CUSTOMER) + gateway_got(&g, "+447700900200") - 6;
	ck_assert_msg((int)extra <= gateway_doubts(&g), "%s: %zu came twice, %d are flagged", f->rule,
		      extra, gateway_doubts(&g));
	if (!f->may_repeat)
		ck_assert_msg(extra == 0, "%s: %zu came twice", f->rule, extra);
	gateway_close(&g);
}
END_TEST

/* kill -9 after the n-th turn, for each n of the life of a text and its answer. */
START_TEST(a_kill_at_each_turn_loses_nothing)
{
	struct gateway g;
	size_t got;

	gateway_open(&g, 1, "in_doubt_wait = \"5s\";", flow);
	gateway_ready(&g);
	gateway_text(&g, CUSTOMER, 0, "hours");
	for (int i = 0; i < _i; i++) {
		struct mono_ms next;

		if (gateway_step(&g))
			continue;
		next = mono_min(g.until, sim_deadline(g.sim));
		g.now.wall.ms += next.ms - g.now.mono.ms;
		g.now.mono = next;
	}
	gateway_crash(&g);
	wanted = 1;
	ck_assert_msg(gateway_until(&g, got_wanted, 900000), "killed after turn %d: no answer", _i);
	ck_assert(gateway_until(&g, all_final, 900000));
	gateway_wait(&g, 120000);
	got = gateway_got(&g, CUSTOMER);
	ck_assert_int_eq(gateway_count(&g, -1, INBOUND), 1);
	ck_assert_msg((int)got - 1 <= gateway_doubts(&g), "killed after turn %d: %zu answers", _i, got);
	ck_assert(sim_is_empty(&g));
	gateway_close(&g);
}
END_TEST

START_TEST(a_full_sim_is_drained_and_the_network_delivers_the_rest)
{
	struct gateway g;

	gateway_open(&g, 1, "auto_reply_limit = 0;", flow);
	gateway_control(&g, "{\"op\":\"storage\",\"modem\":0,\"mem\":\"SM\",\"slots\":3}");
	for (int i = 0; i < 9; i++) {
		char text[32];

		snprintf(text, sizeof(text), "echo %d", i);
		gateway_text(&g, CUSTOMER, 0, text);
	}
	gateway_ready(&g);
	wanted = 9;
	ck_assert_msg(gateway_until(&g, got_wanted, 3600000), "%zu of 9", gateway_got(&g, CUSTOMER));
	ck_assert_int_eq(gateway_count(&g, -1, INBOUND), 9);
	gateway_close(&g);
}
END_TEST

/* m0 is ready and hears nothing any more, while the others do: it is probed, and not for ever. */
START_TEST(a_modem_silent_against_its_habit_is_probed)
{
	struct gateway g;
	uint32_t probes;

	gateway_open(&g, 3, "", flow);
	gateway_ready(&g);
	for (int round = 0; round < 12; round++)
		for (size_t i = 0; i < 3; i++) {
			gateway_text(&g, "+447700900123", i, "HOURS");
			gateway_wait(&g, 100000);
		}
	ck_assert_uint_eq(gateway_modem(&g, 0).facts->rungs[MODEM_RUNG_RADIO], 0);
	for (int round = 0; round < 24; round++) {
		gateway_text(&g, "+447700900123", 1 + (size_t)round % 2, "HOURS");
		gateway_wait(&g, 300000);
	}
	ck_assert_uint_eq(gateway_modem(&g, 0).facts->rungs[MODEM_RUNG_RADIO], 1);
	ck_assert_ptr_nonnull(strstr(gateway_modem(&g, 0).recovery->why, "others receive"));
	ck_assert_ptr_nonnull(strstr(gateway_modem(&g, 0).recovery->lines, "AT+"));
	ck_assert_int_eq(gateway_modem(&g, 0).state, MODEM_READY);
	/* A day of it: twice more at most. */
	for (int round = 0; round < 96; round++) {
		gateway_text(&g, "+447700900123", 1 + (size_t)round % 2, "HOURS");
		gateway_wait(&g, 900000);
	}
	probes = gateway_modem(&g, 0).facts->rungs[MODEM_RUNG_RADIO];
	ck_assert_uint_ge(probes, 2);
	ck_assert_uint_le(probes, 3);
	ck_assert_uint_eq(gateway_modem(&g, 1).facts->rungs[MODEM_RUNG_RADIO], 0);
	ck_assert_uint_eq(gateway_modem(&g, 2).facts->rungs[MODEM_RUNG_RADIO], 0);
	gateway_close(&g);
}
END_TEST

START_TEST(a_modem_that_dies_takes_no_other_with_it)
{
	struct gateway g;

	gateway_open(&g, 3, "", flow);
	gateway_ready(&g);
	gateway_control(&g, "{\"op\":\"fault\",\"modem\":1,\"when\":\"AT\",\"what\":\"silent\"}");
	for (int i = 0; i < 6; i++)
		gateway_post(&g, CUSTOMER, "news");
	wanted = 6;
	ck_assert_msg(gateway_until(&g, got_wanted, 3600000), "%zu of 6", gateway_got(&g, CUSTOMER));
	ck_assert_int_eq(gateway_modem(&g, 0).state, MODEM_READY);
	ck_assert_int_eq(gateway_modem(&g, 2).state, MODEM_READY);
	gateway_control(&g, "{\"op\":\"clear\"}");
	gateway_ready(&g);
	gateway_close(&g);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, a_text_is_answered_and_leaves_the_sim);
	tcase_add_loop_test(t, a_commit_fails, 1, 3);
	tcase_add_test(t, a_long_text_and_its_long_answer_go_by_one_sim);
	tcase_add_test(t, stop_and_start_are_obeyed);
	tcase_add_loop_test(t, each_fault_is_overcome, 0, (int)TW_COUNT(faults));
	tcase_add_loop_test(t, a_kill_at_each_turn_loses_nothing, 0, 60);
	tcase_add_test(t, a_full_sim_is_drained_and_the_network_delivers_the_rest);
	tcase_add_test(t, a_modem_silent_against_its_habit_is_probed);
	tcase_add_test(t, a_modem_that_dies_takes_no_other_with_it);
}

int main(void)
{
	return unit_run("gateway", add);
}
