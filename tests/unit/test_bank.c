/* The bank over virtual modems: ports that come and go, who is who, the PIN, who may send. Virtual
 * time; ports are the cards of the virtual bank, without descriptors. */
#include "bank_lab.h"

#define ONE "country = \"GB\"; modems = ( { name = \"till\"; port = \"/mem/0\"; number = \"+447700900001\"; } );"
#define TWO "country = \"GB\"; modems = ( { name = \"a\"; port = \"/mem/0\"; }, { name = \"b\"; port = \"/mem/1\"; } );"

START_TEST(a_modem_becomes_ready_and_is_known_by_all_its_names)
{
	struct bank_modem m;

	begin(ONE, 1);
	ck_assert_int_eq(get("till").state, MODEM_ABSENT);
	ck_assert(until_state("till", MODEM_READY, 60000));
	m = get("till");
	ck_assert_str_eq(m.number, "+447700900001");
	ck_assert(bank_find(bank, "+447700900001", &m));
	ck_assert(bank_find(bank, sim_card_iccid(sim, 0), &m));
	ck_assert(bank_find(bank, m.facts->imei, &m));
	ck_assert(bank_find(bank, "/mem/0", &m));
	ck_assert(!bank_find(bank, "other", &m));
	ck_assert(bank_find_sim(bank, sim_card_iccid(sim, 0), &m));
	ck_assert(bank_find_number(bank, "+447700900001", &m));
	ck_assert_str_eq(bank_country(bank, m.handle), "GB");
	end();
}
END_TEST

START_TEST(an_absent_port_is_tried_each_second_then_every_five)
{
	struct bank_event e;

	begin(ONE, 1);
	is_absent = true;
	ck_assert(!until_event(MODEM_EV_STATE, 60000, &e));
	ck_assert_int_ge(opens, 60);
	ck_assert_int_le(opens, 62);
	opens = 0;
	ck_assert(!until_event(MODEM_EV_STATE, 60000, &e));
	ck_assert_int_ge(opens, 11);
	ck_assert_int_le(opens, 13);
	ck_assert_ptr_nonnull(strstr(get("till").last_error, "not there"));
	is_absent = false;
	ck_assert(until_state("till", MODEM_READY, 60000));
	end();
}
END_TEST

START_TEST(a_stick_pulled_out_is_absent_and_comes_back)
{
	begin(TWO, 2);
	ck_assert(until_state("a", MODEM_READY, 60000));
	ck_assert(until_state("b", MODEM_READY, 60000));
	control("{\"op\":\"unplug\",\"modem\":0}");
	ck_assert(until_state("a", MODEM_ABSENT, 5000));
	ck_assert_int_eq(get("b").state, MODEM_READY);
	ck_assert_uint_eq(get("a").facts->session, 1);
	control("{\"op\":\"plug\",\"modem\":0}");
	ck_assert(until_state("a", MODEM_READY, 60000));
	ck_assert_uint_eq(get("a").facts->session, 2);
	end();
}
END_TEST

START_TEST(a_text_is_handed_over_and_leaves_the_sim_when_acknowledged)
{
	struct bank_event e;

	begin(ONE, 1);
	ck_assert(until_state("till", MODEM_READY, 60000));
	sim_text(sim, "+447700900123", "+447700900001", "hello", 5, now);
	ck_assert(until_event(MODEM_EV_INBOUND, 10000, &e));
	ck_assert_int_eq(sim_card_used(sim, 0), 1);
	ck_assert(!until_event(MODEM_EV_INBOUND, 1000, &e));
	ck_assert_int_eq(sim_card_used(sim, 0), 1);
	bank_acknowledge(bank, e.modem, e.ev.inbound.token, now);
	ck_assert(until_event(MODEM_EV_SLOT_EMPTY, 5000, &e));
	ck_assert_int_eq(sim_card_used(sim, 0), 0);
	ck_assert_uint_eq(get("till").received, 1);
	end();
}
END_TEST

/* SUBMIT of "hf" to +47707790901, without TP-VP. */
static const char submit[] = "0001000B917407709009F10000026833";

START_TEST(an_idle_modem_is_offered_once_a_turn_and_reserved)
{
	struct bank_event e;
	struct tw_handle h, other;

	begin(ONE, 1);
	bank_idle_restart(bank);
	ck_assert(!bank_idle(bank, &h));
	ck_assert(until_state("till", MODEM_READY, 60000));
	bank_idle_restart(bank);
	ck_assert(bank_idle(bank, &h));
	ck_assert(!bank_idle(bank, &other));
	bank_idle_restart(bank);
	ck_assert(bank_idle(bank, &h));
	bank_reserve(bank, h);
	bank_idle_restart(bank);
	ck_assert(!bank_idle(bank, &other));
	ck_assert(bank_is_quiet(bank));
	ck_assert_int_eq(bank_send(bank, h, &(struct modem_send){ .id = 9, .hex = submit,
								  .length = 15 }, now), 0);
	ck_assert(!bank_is_quiet(bank));
	ck_assert(until_event(MODEM_EV_SENT, 60000, &e));
	ck_assert_uint_eq(e.ev.sent.id, 9);
	ck_assert_int_eq(e.ev.sent.outcome, MODEM_OUT_SENT);
	ck_assert(bank_is_quiet(bank));
	ck_assert_uint_eq(get("till").sent, 1);
	bank_pause(bank, h, true, now);
	ck_assert_int_eq(get("till").state, MODEM_PAUSED);
	bank_idle_restart(bank);
	ck_assert(!bank_idle(bank, &h));
	end();
}
END_TEST

START_TEST(another_sim_in_a_named_port_is_a_stranger_unless_all_are_adopted)
{
	char text[512];
	struct bank_event e;

	snprintf(text, sizeof(text), "adopt = \"modems\"; %s", ONE);
	begin(text, 1);
	bank_remember_sim(bank, "8944100000000099999", "+447700900009", "till");
	ck_assert(until_state("till", MODEM_STRANGER, 60000));
	ck_assert_ptr_nonnull(strstr(get("till").last_error, "accept till"));
	bank_idle_restart(bank);
	ck_assert(!bank_idle(bank, &e.modem));
	bank_accept(bank, get("till").handle, now);
	ck_assert(until_state("till", MODEM_READY, 60000));
	end();

	begin(ONE, 1);
	bank_remember_sim(bank, "8944100000000099999", "+447700900009", "till");
	ck_assert(until_state("till", MODEM_READY, 60000));
	ck_assert_str_ne(get("till").number, "+447700900009");
	end();
}
END_TEST

#define SIMS "country = \"GB\"; modems = ( { name = \"till\"; port = \"/mem/0\"; } );" \
	"sims = ( { iccid = \"%.*s\"; number = \"+447700900077\"; account = \"\"; } );"

/* Neighbours in a series differ in the last digit before the check digit alone. */
START_TEST(an_iccid_may_lack_its_last_digits_but_not_differ)
{
	static const struct { int cut; bool is_changed, is_same; } rows[] = {
		{ 0, false, true }, { 1, false, true }, { 1, true, false }, { 0, true, false },
	};
	char iccid[ICCID_MAX], text[512];

	begin(ONE, 1);
	tw_strset(iccid, sizeof(iccid), sim_card_iccid(sim, 0));
	end();
	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		int n = (int)strlen(iccid) - rows[i].cut;
		char last = iccid[n - 1];

		if (rows[i].is_changed)
			iccid[n - 1] = last == '9' ? '0' : (char)(last + 1);
		snprintf(text, sizeof(text), SIMS, n, iccid);
		iccid[n - 1] = last;
		begin(text, 1);
		ck_assert(until_state("till", MODEM_READY, 60000));
		ck_assert_msg(!strcmp(get("till").number, "+447700900077") == rows[i].is_same,
			      "row %zu: %s", i, get("till").number);
		end();
	}
}
END_TEST

#define PIN "country = \"GB\"; modems = ( { name = \"till\"; port = \"/mem/0\"; pin = \"1234\"; } );"

START_TEST(a_pin_is_tried_once_for_a_sim)
{
	uint8_t hash[32], again[32];
	const char *identity, *why;
	struct bank_event e;

	begin(PIN, 1);
	control("{\"op\":\"pin\",\"modem\":0,\"pin\":\"1234\",\"locked\":true}");
	ck_assert(until_event(MODEM_EV_PIN, 60000, &e));
	ck_assert_str_eq(bank_pin_for(bank, e.modem, 3, hash, &identity, &why), "1234");
	ck_assert(!bank_pin_opened(bank, e.modem, again, &identity));
	bank_pin_go(bank, e.modem, now);
	ck_assert_ptr_null(bank_pin_for(bank, e.modem, 3, again, &identity, &why));
	ck_assert_ptr_nonnull(strstr(why, "tried before"));
	ck_assert(until_state("till", MODEM_READY, 60000));
	end();

	/* a power cut: what opened the SIM opens it again */
	begin(PIN, 1);
	control("{\"op\":\"pin\",\"modem\":0,\"pin\":\"1234\",\"locked\":true}");
	for (int i = 0; i < 2; i++) {
		ck_assert(until_event(MODEM_EV_PIN, 60000, &e));
		ck_assert_str_eq(bank_pin_for(bank, e.modem, 3, hash, &identity, &why), "1234");
		bank_pin_go(bank, e.modem, now);
		ck_assert(until_state("till", MODEM_READY, 60000));
		ck_assert(bank_pin_opened(bank, e.modem, again, &identity));
		ck_assert_mem_eq(again, hash, 32);
		ck_assert_uint_gt(strlen(identity), 0);
		control("{\"op\":\"unplug\",\"modem\":0,\"delay_ms\":500}");
		control("{\"op\":\"pin\",\"modem\":0,\"locked\":true}");
		ck_assert(until_state("till", MODEM_ABSENT, 60000));
	}
	end();

	begin(PIN, 1);
	control("{\"op\":\"pin\",\"modem\":0,\"pin\":\"9999\",\"locked\":true}");
	ck_assert(until_event(MODEM_EV_PIN, 60000, &e));
	ck_assert_ptr_null(bank_pin_for(bank, e.modem, 2, hash, &identity, &why));
	ck_assert_ptr_nonnull(strstr(why, "three"));
	ck_assert_str_eq(bank_pin_for(bank, e.modem, -1, hash, &identity, &why), "1234");
	bank_pin_go(bank, e.modem, now);
	ck_assert(until_state("till", MODEM_LOCKED, 60000));
	ck_assert(!bank_pin_opened(bank, e.modem, again, &identity));
	end();
}
END_TEST

START_TEST(a_locked_sim_says_why_and_takes_a_new_pin)
{
	uint8_t hash[32];
	const char *identity, *why;
	struct settings *later;
	struct bank_event e;

	begin(ONE, 1);
	control("{\"op\":\"pin\",\"modem\":0,\"pin\":\"1234\",\"locked\":true}");
	ck_assert(until_event(MODEM_EV_PIN, 60000, &e));
	ck_assert_ptr_null(bank_pin_for(bank, e.modem, 3, hash, &identity, &why));
	bank_pin_deny(bank, e.modem, now);
	ck_assert(until_event(MODEM_EV_TROUBLE, 60000, &e));
	ck_assert_int_eq(get("till").state, MODEM_LOCKED);
	ck_assert_str_eq(get("till").last_error, "SIM locked: set `pin` for it");
	later = read_settings(PIN);
	bank_reload(bank, later, boards, now);
	config_free(settings);
	settings = later;
	ck_assert(until_event(MODEM_EV_PIN, 60000, &e));
	ck_assert_str_eq(bank_pin_for(bank, e.modem, 3, hash, &identity, &why), "1234");
	bank_pin_go(bank, e.modem, now);
	ck_assert(until_state("till", MODEM_READY, 60000));
	end();
}
END_TEST

START_TEST(new_settings_keep_what_stays)
{
	struct settings *later;
	struct bank_modem m;

	begin(TWO, 2);
	ck_assert(until_state("a", MODEM_READY, 60000));
	ck_assert(until_state("b", MODEM_READY, 60000));
	later = read_settings("country = \"GB\"; modems = ( { name = \"x\"; port = \"/mem/1\"; } );");
	bank_reload(bank, later, boards, now);
	config_free(settings);
	settings = later;
	ck_assert(!bank_find(bank, "a", &m));
	ck_assert_int_eq(get("x").state, MODEM_READY);
	ck_assert_uint_eq(get("x").facts->session, 1);
	end();
}
END_TEST

START_TEST(the_account_of_a_sim_follows_the_settings)
{
	static const char *const accounts[] = { "acme", "", "shop" };

	begin(ONE, 1);
	ck_assert(until_state("till", MODEM_READY, 60000));
	for (size_t i = 0; i < TW_COUNT(accounts); i++) {
		tw_auto(tw_free_charp) char *text = tw_printf(
			"%s accounts = ( { name = \"acme\"; }, { name = \"shop\"; } );"
			"sims = ( { iccid = \"%s\"; account = \"%s\"; } );", ONE,
			get("till").facts->iccid, accounts[i]);
		struct settings *later = read_settings(text);

		bank_reload(bank, later, boards, now);
		config_free(settings);
		settings = later;
		ck_assert_str_eq(get("till").account, accounts[i]);
	}
	end();
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, a_modem_becomes_ready_and_is_known_by_all_its_names);
	tcase_add_test(t, the_account_of_a_sim_follows_the_settings);
	tcase_add_test(t, an_absent_port_is_tried_each_second_then_every_five);
	tcase_add_test(t, a_stick_pulled_out_is_absent_and_comes_back);
	tcase_add_test(t, a_text_is_handed_over_and_leaves_the_sim_when_acknowledged);
	tcase_add_test(t, an_idle_modem_is_offered_once_a_turn_and_reserved);
	tcase_add_test(t, another_sim_in_a_named_port_is_a_stranger_unless_all_are_adopted);
	tcase_add_test(t, an_iccid_may_lack_its_last_digits_but_not_differ);
	tcase_add_test(t, a_pin_is_tried_once_for_a_sim);
	tcase_add_test(t, a_locked_sim_says_why_and_takes_a_new_pin);
	tcase_add_test(t, new_settings_keep_what_stays);
}

int main(void)
{
	return unit_run("bank", add);
}
