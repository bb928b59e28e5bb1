/* Sticks that nobody named, from the socket to the answer: an empty configuration serves, a stick pulled
 * out in the middle of a burst and put into another socket goes on as the same, and what a person
 * decided (accept, pause) outlives a crash. */
#include "../unit/run.h"
#include "gateway.h"

#define CUSTOMER "+447700900123"
static const char flow[] = "keywords = ( { match = \"HOURS\"; reply = \"Mon to Fri 8-18\"; } );\n"
			   "otherwise = \"Sorry\";\n";

static size_t wanted;
static bool got_wanted(struct gateway *g)
{
	return gateway_got(g, CUSTOMER) >= wanted;
}

static struct bank_modem nth(struct gateway *g, size_t n)
{
	struct bank_modem m = { 0 };
	size_t cursor = 0;

	for (size_t i = 0; i <= n; i++)
		ck_assert_msg(bank_each(g->bank, &cursor, &m), "there is no modem %zu", i);
	return m;
}

static enum modem_state state_wanted;
static bool first_is(struct gateway *g)
{
	struct bank_modem m;
	size_t cursor = 0;

	return bank_each(g->bank, &cursor, &m) && m.state == state_wanted;
}

static void until_first(struct gateway *g, enum modem_state state)
{
	state_wanted = state;
	ck_assert_msg(gateway_until(g, first_is, 180000), "state %s, wanted %s",
		      modem_state_name(nth(g, 0).state), modem_state_name(state));
}

START_TEST(an_empty_configuration_and_a_stick_answer)
{
	struct gateway g;

	gateway_open_sticks(&g, 1, "", flow);
	until_first(&g, MODEM_READY);
	gateway_text(&g, CUSTOMER, 0, "hours");
	wanted = 1;
	ck_assert(gateway_until(&g, got_wanted, 60000));
	ck_assert_str_eq(gateway_last(&g, CUSTOMER), "Mon to Fri 8-18");
	/* What the SIM says of itself is its number, where nobody said another one. */
	ck_assert_str_eq(nth(&g, 0).number, "+447700900001");
	gateway_crash(&g);
	gateway_control(&g, "{\"op\":\"set\",\"cnum\":false}");
	until_first(&g, MODEM_READY);
	ck_assert_str_eq(nth(&g, 0).number, "+447700900001");	/* remembered */
	gateway_close(&g);
}
END_TEST

/* The number in the entry of a modem is that of the first SIM seen in it. */
START_TEST(a_stranger_has_a_number_of_its_own)
{
	struct gateway g;

	gateway_open(&g, 1, "adopt = \"modems\";", flow);
	gateway_ready(&g);
	ck_assert_str_eq(nth(&g, 0).number, "+447700900001");
	gateway_control(&g, "{\"op\":\"sim\",\"modem\":0,\"number\":\"+447700900077\"}");
	gateway_control(&g, "{\"op\":\"reset\",\"modem\":0}");
	until_first(&g, MODEM_STRANGER);
	ck_assert_str_eq(nth(&g, 0).number, "");
	ck_assert_int_eq(exchange_modem_accept(g.x, "m0", g.now), 0);
	until_first(&g, MODEM_READY);
	gateway_wait(&g, 5000);
	ck_assert_str_eq(nth(&g, 0).number, "+447700900077");
	gateway_close(&g);
}
END_TEST

/* Its number and its operator are its own too when it came while the modem went on. */
START_TEST(a_sim_put_in_meanwhile_says_its_number)
{
	struct gateway g;

	gateway_open(&g, 1, "", flow);
	gateway_ready(&g);
	gateway_control(&g, "{\"op\":\"sim\",\"modem\":0,\"number\":\"+447700900077\"}");
	gateway_wait(&g, 2 * 60000);
	ck_assert_int_eq(nth(&g, 0).state, MODEM_READY);
	ck_assert_str_eq(nth(&g, 0).number, "+447700900077");
	ck_assert_str_eq(nth(&g, 0).facts->operator_, "Virtual Network");
	gateway_close(&g);
}
END_TEST

START_TEST(a_stick_moved_in_a_burst_goes_on_as_the_same)
{
	char name[MODEM_NAME_MAX];
	struct gateway g;

	gateway_open_sticks(&g, 1, "", flow);
	until_first(&g, MODEM_READY);
	tw_strset(name, sizeof(name), nth(&g, 0).name);
	for (int i = 0; i < 40; i++)
		gateway_post(&g, CUSTOMER, "news");
	wanted = 3;
	ck_assert(gateway_until(&g, got_wanted, 60000));
	gateway_plug(&g, 0, "");
	gateway_wait(&g, 5000);
	ck_assert_int_eq(nth(&g, 0).state, MODEM_ABSENT);
	ck_assert_uint_lt(gateway_got(&g, CUSTOMER), 40);
	gateway_plug(&g, 0, "3-1.2");
	wanted = 40;
	ck_assert_msg(gateway_until(&g, got_wanted, 900000), "%zu of 40", gateway_got(&g, CUSTOMER));
	ck_assert_str_eq(nth(&g, 0).name, name);
	ck_assert_str_eq(nth(&g, 0).port, "/mem/100");
	ck_assert_int_le((int)gateway_got(&g, CUSTOMER) - 40, gateway_doubts(&g));
	gateway_close(&g);
}
END_TEST

START_TEST(what_a_person_decided_outlives_a_crash)
{
	struct gateway g;

	gateway_open_sticks(&g, 1, "adopt = \"modems\";", flow);
	until_first(&g, MODEM_STRANGER);
	gateway_text(&g, CUSTOMER, 0, "hours");
	gateway_wait(&g, 30000);
	ck_assert_uint_eq(gateway_got(&g, CUSTOMER), 0);
	gateway_crash(&g);
	until_first(&g, MODEM_STRANGER);
	ck_assert_int_eq(exchange_modem_accept(g.x, nth(&g, 0).name, g.now), 0);
	until_first(&g, MODEM_READY);
	wanted = 1;
	ck_assert(gateway_until(&g, got_wanted, 120000));
	gateway_crash(&g);
	until_first(&g, MODEM_READY);
	ck_assert_int_eq(exchange_modem_pause(g.x, nth(&g, 0).name, true, g.now), 0);
	gateway_wait(&g, 1000);
	gateway_crash(&g);
	until_first(&g, MODEM_PAUSED);
	gateway_wait(&g, 60000);
	ck_assert_int_eq(nth(&g, 0).state, MODEM_PAUSED);
	ck_assert_int_eq(exchange_modem_pause(g.x, nth(&g, 0).name, false, g.now), 0);
	gateway_wait(&g, 1000);
	gateway_crash(&g);
	until_first(&g, MODEM_READY);
	gateway_close(&g);
}
END_TEST

START_TEST(two_sticks_that_change_sockets_keep_their_names)
{
	char first[MODEM_NAME_MAX], second[MODEM_NAME_MAX];
	struct gateway g;

	gateway_open_sticks(&g, 2, "", flow);
	gateway_wait(&g, 60000);
	tw_strset(first, sizeof(first), nth(&g, 0).name);
	tw_strset(second, sizeof(second), nth(&g, 1).name);
	ck_assert_str_ne(first, second);
	for (int k = 0; k < 2; k++)
		gateway_plug(&g, (size_t)k, "");
	gateway_wait(&g, 5000);
	gateway_plug(&g, 0, "1-2");
	gateway_plug(&g, 1, "1-1");
	gateway_wait(&g, 120000);
	ck_assert_str_eq(nth(&g, 0).name, first);
	ck_assert_str_eq(nth(&g, 0).port, "/mem/100");
	ck_assert_int_eq(nth(&g, 0).state, MODEM_READY);
	ck_assert_str_eq(nth(&g, 1).name, second);
	ck_assert_str_eq(nth(&g, 1).port, "/mem/101");
	ck_assert_int_eq(nth(&g, 1).state, MODEM_READY);
	gateway_close(&g);
}
END_TEST

/* What nobody asked comes out of another port: it is listened to, and what comes there is heard at once,
 * not with the next poll. */
START_TEST(a_second_port_tells_of_texts_and_calls)
{
	struct bank_port_row row;
	struct gateway g;
	size_t modems = 0;

	gateway_open_urc_sticks(&g, 1, "", flow);
	until_first(&g, MODEM_READY);
	ck_assert_str_eq(nth(&g, 0).facts->board, "telit");
	ck_assert_str_eq(nth(&g, 0).port, "/mem/0");
	for (size_t cursor = 0; bank_port_each(g.bank, &cursor, &row); )
		modems += row.use == BANK_USE_MODEM;
	ck_assert_uint_eq(modems, 2);
	gateway_wait(&g, 60000);
	for (wanted = 1; wanted < 4; wanted++) {
		gateway_text(&g, CUSTOMER, 0, "hours");
		ck_assert(gateway_until(&g, got_wanted, 2000));
	}
	gateway_control(&g, "{\"op\":\"call\",\"to\":\"+447700900001\",\"from\":\"" CUSTOMER "\"}");
	gateway_wait(&g, 8000);
	ck_assert_uint_eq(nth(&g, 0).calls, 1);
	/* Pulled out and put in elsewhere: both ports are found again. */
	gateway_plug(&g, 0, "");
	gateway_wait(&g, 5000);
	gateway_plug(&g, 0, "2-1");
	until_first(&g, MODEM_READY);
	ck_assert_str_eq(nth(&g, 0).port, "/mem/100");
	gateway_wait(&g, 60000);
	gateway_text(&g, CUSTOMER, 0, "hours");
	ck_assert(gateway_until(&g, got_wanted, 2000));
	gateway_close(&g);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, an_empty_configuration_and_a_stick_answer);
	tcase_add_test(t, a_stranger_has_a_number_of_its_own);
	tcase_add_test(t, a_sim_put_in_meanwhile_says_its_number);
	tcase_add_test(t, a_stick_moved_in_a_burst_goes_on_as_the_same);
	tcase_add_test(t, what_a_person_decided_outlives_a_crash);
	tcase_add_test(t, a_second_port_tells_of_texts_and_calls);
	tcase_add_test(t, two_sticks_that_change_sockets_keep_their_names);
}

int main(void)
{
	return unit_run("sticks", add);
}
