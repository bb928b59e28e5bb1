/* Calls that a flow lets ring elsewhere, with a real modem on the virtual network: set by the text of an agent,
 * taken back by the agenda, also after a kill at each turn of it. */
#include "../unit/run.h"
#include "gateway.h"

#include <stdio.h>

#define AGENT "+447700900101"
#define NUMBER "+447700900001"
static const char flow[] =
	"keywords = ( { match = \"NIGHT\"; do = ( { call_forward = { to = \"{number}\"; for = \"8h\"; fallback = ( { end = \"They stay.\"; } ); }; },"
	" { reply = \"Good night.\"; } ); } );\n";
static const char dedicated[] = "sims = ( { iccid = \"8944104477009000015\"; account = \"default\"; } );";

enum { HOUR_MS = 3600 * 1000 };

/* Whether a call to the number rings here. */
static bool rings_here(struct gateway *g)
{
	static const char call[] = "{\"op\":\"call\",\"from\":\"+447700900999\",\"to\":\"" NUMBER "\",\"rings\":1}";
	struct tw_buf answer = { 0 };
	bool rings;

	sim_control(g->sim, 0, call, strlen(call), g->now, &answer);
	rings = strstr(tw_buf_str(&answer), "\"ringing\":true") || strstr(tw_buf_str(&answer), "\"ringing\": true");
	ck_assert_msg(rings != (strstr(tw_buf_str(&answer), AGENT) != NULL), "%s", tw_buf_str(&answer));
	tw_buf_done(&answer);
	return rings;
}

static bool has_answer(struct gateway *g)
{
	return gateway_got(g, AGENT) > 0;
}

START_TEST(test_a_night)
{
	struct gateway g;

	gateway_open(&g, 1, dedicated, flow);
	gateway_ready(&g);
	gateway_text(&g, AGENT, 0, "night");
	ck_assert(gateway_until(&g, has_answer, 60000));
	ck_assert_str_eq(gateway_last(&g, AGENT), "Good night.");
	ck_assert(!rings_here(&g));
	gateway_wait(&g, 8 * HOUR_MS - 60000);
	ck_assert(!rings_here(&g));
	gateway_wait(&g, 120000);
	ck_assert(rings_here(&g));
	gateway_close(&g);
}
END_TEST

/* Killed at some turn while it is set, or taken back: in the morning calls ring here again, and the agent was
 * told one thing once. */
START_TEST(test_kills)
{
	for (int at = 1; at < 60; at += 3) {
		struct gateway g;
		bool back = at % 2;
		uint64_t until;

		gateway_open(&g, 1, dedicated, flow);
		gateway_ready(&g);
		gateway_text(&g, AGENT, 0, "night");
		if (back)
			gateway_wait(&g, 8 * HOUR_MS - 1000);
		until = g.turns + (uint64_t)at;
		while (g.turns < until)
			if (!gateway_step(&g))
				gateway_wait(&g, 20);
		gateway_crash(&g);
		gateway_ready(&g);
		gateway_wait(&g, 9 * HOUR_MS);
		ck_assert_msg(rings_here(&g), "killed after %d turns%s", at, back ? ", in the morning" : "");
		/* What was on the air may go twice, and says so. */
		ck_assert(gateway_got(&g, AGENT) == 1 || (gateway_got(&g, AGENT) == 2 && gateway_doubts(&g)));
		gateway_close(&g);
	}
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, test_a_night);
	tcase_add_test(tc, test_kills);
}

int main(void)
{
	return unit_run_within("gateway_calls", add, 300);
}
