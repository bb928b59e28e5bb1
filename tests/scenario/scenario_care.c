/* How the bank takes care, over the real modems' machines and the virtual bank: a send that finds no way
 * out over LTE, a modem that hears nothing, SIMs that text each other, a full disk; and who is told. */
#include "../unit/run.h"
#include "gateway.h"

#include <stdio.h>

#define CUSTOMER "+447700900123"
#define PERSON "+447700900999"
#define MINUTE 60000
#define HOUR (60 * MINUTE)
static const char flow[] = "keywords = ( { match = \"HOURS\"; reply = \"Mon to Fri 8-18\"; } );\n";
static const char told[] = "alert = { number = \"" PERSON "\"; };";

static size_t wanted;
static bool got_wanted(struct gateway *g)
{
	return gateway_got(g, CUSTOMER) >= wanted;
}

static bool person_told(struct gateway *g)
{
	return gateway_got(g, PERSON) >= wanted;
}

/* A number of what `state` tells of a modem. */
static int state_of(struct gateway *g, size_t modem, const char *name)
{
	struct tw_buf out = { 0 };
	char line[64], key[32];
	const char *at;
	int value;

	snprintf(line, sizeof(line), "{\"op\":\"state\",\"modem\":%zu}", modem);
	snprintf(key, sizeof(key), "\"%s\":", name);
	sim_control(g->sim, 0, line, strlen(line), g->now, &out);
	at = strstr(tw_buf_str(&out), key);
	ck_assert_msg(at != NULL, "%s: %s", name, tw_buf_str(&out));
	value = atoi(at + strlen(key));
	tw_buf_done(&out);
	return value;
}

/* The other ways are tried until one lets the text out. What helped is given to every SIM of the operator
 * at its set-up, also after a restart, and nothing fails any more. */
static const struct { const char *lte; int cgsms, act; } networks[] = {
	{ "\"lte_cs\":false", 2, 7 },
	{ "\"lte_ps\":false,\"lte_cs\":false", 2, 2 },
};

START_TEST(a_send_finds_another_way_out)
{
	struct gateway g;
	uint64_t failed;

	gateway_open_as(&g, "quectel", 2, "retry = { tries = 2; };", flow);
	gateway_ready(&g);
	gateway_wait(&g, 20000);
	for (int i = 0; i < 2; i++)
		gateway_control(&g, "{\"op\":\"registration\",\"modem\":%d,%s}", i, networks[_i].lte);
	gateway_text(&g, CUSTOMER, 0, "hours");
	wanted = 1;
	ck_assert_msg(gateway_until(&g, got_wanted, 4 * HOUR), "nothing gets out");
	ck_assert_int_eq(state_of(&g, 0, "act"), networks[_i].act);
	ck_assert_int_eq(state_of(&g, 0, "cgsms"), networks[_i].cgsms);
	gateway_wait(&g, MINUTE);
	gateway_crash(&g);
	for (int i = 0; i < 2; i++) {
		gateway_control(&g, "{\"op\":\"registration\",\"modem\":%d,\"act\":7}", i);
		gateway_control(&g, "{\"op\":\"reset\",\"modem\":%d}", i);
	}
	gateway_ready(&g);
	gateway_wait(&g, MINUTE);
	for (int i = 0; i < 2; i++) {
		failed = gateway_modem(&g, (size_t)i).failed;
		ck_assert_int_eq(state_of(&g, (size_t)i, "act"), networks[_i].act);
		gateway_text(&g, CUSTOMER, (size_t)i, "hours");
		wanted++;
		ck_assert(gateway_until(&g, got_wanted, 20000));
		ck_assert_uint_eq(gateway_modem(&g, (size_t)i).failed, failed);
	}
	gateway_close(&g);
}
END_TEST

START_TEST(a_temperature_is_read)
{
	struct gateway g;

	gateway_open_as(&g, "simcom-lte", 1, "", flow);
	gateway_ready(&g);
	gateway_wait(&g, MINUTE);
	ck_assert(gateway_modem(&g, 0).facts->has_temperature);
	ck_assert_int_eq(gateway_modem(&g, 0).facts->temperature, 36);
	gateway_control(&g, "{\"op\":\"temperature\",\"modem\":0,\"celsius\":71}");
	gateway_wait(&g, 6 * MINUTE);
	ck_assert_int_eq(gateway_modem(&g, 0).facts->temperature, 71);
	gateway_control(&g, "{\"op\":\"temperature\",\"modem\":0,\"celsius\":-12}");
	gateway_wait(&g, 6 * MINUTE);
	ck_assert_int_eq(gateway_modem(&g, 0).facts->temperature, -12);
	gateway_close(&g);
}
END_TEST

/* It says `ready`, no command fails, and the network's texts no longer reach it. */
START_TEST(a_silent_modem_is_refreshed_and_told)
{
	struct gateway g;

	gateway_open(&g, 2, told, flow);
	gateway_ready(&g);
	for (int i = 0; i < 12; i++) {
		gateway_text(&g, CUSTOMER, 0, "hours");
		gateway_text(&g, CUSTOMER, 1, "hours");
		gateway_wait(&g, 2 * MINUTE);
	}
	gateway_control(&g, "{\"op\":\"fault\",\"when\":\"deliver\",\"what\":\"silent\",\"modem\":0,"
			"\"count\":-1,\"delay_ms\":86400000}");
	for (int i = 0; i < 12; i++) {
		gateway_text(&g, CUSTOMER, 1, "hours");
		gateway_wait(&g, 10 * MINUTE);
	}
	ck_assert_uint_eq(gateway_modem(&g, 0).silent, 1);
	ck_assert_uint_eq(gateway_modem(&g, 1).silent, 0);
	ck_assert_uint_ge(gateway_modem(&g, 0).facts->rungs[MODEM_RUNG_RADIO], 1);
	ck_assert_uint_eq(gateway_got(&g, PERSON), 0);
	for (wanted = 1; !person_told(&g) && gateway_modem(&g, 0).silent < 3; ) {
		gateway_text(&g, CUSTOMER, 1, "hours");
		gateway_wait(&g, 30 * MINUTE);
	}
	ck_assert_msg(strstr(gateway_last(&g, PERSON), "m0 hears nothing, against its habit"), "%s",
		      gateway_last(&g, PERSON));
	/* It hears again: that is all. */
	gateway_control(&g, "{\"op\":\"clear\"}");
	gateway_text(&g, CUSTOMER, 0, "hours");
	gateway_wait(&g, MINUTE);
	ck_assert_uint_eq(gateway_modem(&g, 0).silent, 0);
	gateway_close(&g);
}
END_TEST

START_TEST(a_disk_that_fills_is_told_before_it_is_full)
{
	struct gateway g;

	gateway_open(&g, 1, told, flow);
	gateway_ready(&g);
	store_pretend_room(g.store, INT64_C(200) << 20);
	gateway_wait(&g, 30 * MINUTE);
	ck_assert_uint_eq(gateway_got(&g, PERSON), 0);
	store_pretend_room(g.store, INT64_C(50) << 20);
	wanted = 1;
	ck_assert(gateway_until(&g, person_told, 15 * MINUTE));
	ck_assert_str_eq(gateway_last(&g, PERSON), "twoway: the disk of the database is nearly full. Make "
			 "room, or texts stay on the SIMs.");
	/* Once as long as it lasts; a little room ends it not. */
	store_pretend_room(g.store, INT64_C(100) << 20);
	gateway_wait(&g, 3 * HOUR);
	ck_assert_uint_eq(gateway_got(&g, PERSON), 1);
	store_pretend_room(g.store, INT64_C(300) << 20);
	gateway_wait(&g, 20 * MINUTE);
	store_pretend_room(g.store, INT64_C(10) << 20);
	wanted = 2;
	ck_assert(gateway_until(&g, person_told, 2 * HOUR));
	gateway_close(&g);
}
END_TEST

static bool is_known(struct gateway *g)
{
	struct bank_modem m;

	return bank_find_sim(g->bank, "8944104477009000023", &m) && m.number[0];
}

/* A SIM that cannot tell its number texts one whose number is known. */
START_TEST(an_own_number_is_learned)
{
	struct exchange_refusal refusal = { 0 };
	struct bank_modem m;
	struct gateway g;

	gateway_open_sticks(&g, 2, "sims = ( { iccid = \"8944104477009000015\"; "
			    "number = \"+447700900001\"; } );", flow);
	gateway_control(&g, "{\"op\":\"set\",\"cnum\":false}");
	gateway_wait(&g, 2 * MINUTE);
	ck_assert(bank_find_sim(g.bank, "8944104477009000023", &m));
	ck_assert_str_eq(m.number, "");
	ck_assert_msg(exchange_modem_learn(g.x, m.name, g.now, &refusal) == 0, "%s", refusal.text);
	ck_assert(gateway_until(&g, is_known, 5 * MINUTE));
	bank_find_sim(g.bank, "8944104477009000023", &m);
	ck_assert_str_eq(m.number, "+447700900002");
	/* Its answer leaves by it, and it keeps its number. */
	gateway_text(&g, CUSTOMER, 1, "hours");
	wanted = 1;
	ck_assert(gateway_until(&g, got_wanted, MINUTE));
	gateway_crash(&g);
	gateway_wait(&g, 2 * MINUTE);
	ck_assert(is_known(&g));
	gateway_close(&g);
}
END_TEST

/* Text each other all day; one that stops hearing is found, its radio switched, a person told. */
START_TEST(the_bank_tests_itself)
{
	struct gateway g;
	char more[128];

	snprintf(more, sizeof(more), "%s self_test = { per_day = 48; };", told);
	gateway_open(&g, 3, more, flow);
	gateway_ready(&g);
	gateway_wait(&g, 4 * HOUR);
	ck_assert_uint_ge(sim_sent_count(g.sim), 6);
	ck_assert_int_eq(gateway_count(&g, -1, -1), 0);		/* in nobody's list */
	ck_assert_uint_eq(gateway_got(&g, PERSON), 0);
	gateway_control(&g, "{\"op\":\"fault\",\"when\":\"deliver\",\"what\":\"silent\",\"modem\":2,"
			"\"count\":-1,\"delay_ms\":86400000}");
	wanted = 1;
	ck_assert_msg(gateway_until(&g, person_told, 30 * HOUR), "nobody is told");
	ck_assert_msg(strstr(gateway_last(&g, PERSON), "m2"), "%s", gateway_last(&g, PERSON));
	ck_assert_uint_ge(gateway_modem(&g, 2).facts->rungs[MODEM_RUNG_RADIO], 1);
	gateway_close(&g);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, a_send_finds_another_way_out, 0, TW_COUNT(networks));
	tcase_add_test(t, a_temperature_is_read);
	tcase_add_test(t, a_silent_modem_is_refreshed_and_told);
	tcase_add_test(t, a_disk_that_fills_is_told_before_it_is_full);
	tcase_add_test(t, an_own_number_is_learned);
	tcase_add_test(t, the_bank_tests_itself);
}

int main(void)
{
	return unit_run("care", add);
}
