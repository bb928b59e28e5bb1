/* From an unknown state to ready: clean, stuck, PIN in all its forms, SIM busy or absent, strangers,
 * searching, settings that do not stay. */
#include "modem_player.h"

static bool is_locked(struct play *p) { return p->state == MODEM_LOCKED; }
static bool is_no_sim(struct play *p) { return p->state == MODEM_NO_SIM; }
static bool is_searching(struct play *p) { return p->state == MODEM_SEARCHING; }
static bool is_stranger(struct play *p) { return p->state == MODEM_STRANGER; }

START_TEST(clean)
{
	struct play *p = play_new("");
	const struct modem_facts *f;

	play_open(p);
	ck_assert(play_until(p, play_is_ready, 3000));
	play_run(p, 2000);
	f = modem_facts(p->m);
	ck_assert_str_eq(p->state_log, "starting ready ");
	ck_assert_str_eq(f->imei, "356938035643809");
	ck_assert_str_eq(f->iccid, "8944100000000000001");
	ck_assert_str_eq(f->imsi, "234150000000001");
	ck_assert_str_eq(f->maker, "Acme");
	ck_assert_str_eq(f->model, "Nine");
	ck_assert_str_eq(f->firmware, "1.0");
	ck_assert_str_eq(f->operator_, "Acme Mobile");
	ck_assert_str_eq(f->own_number, "+447700900001");
	ck_assert_str_eq(f->smsc, "+447785016005");
	ck_assert_str_eq(f->board, "generic");
	ck_assert_int_eq(f->signal_dbm, -73);
	ck_assert_int_eq(f->registration, 1);
	ck_assert_int_eq(f->storage_total, 20);
	ck_assert(!f->is_direct);
	ck_assert_int_eq(p->n_sim, 1);
	ck_assert_int_eq(p->n_identity, 1);
	ck_assert_int_eq(p->n_pin_asked, 0);
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	ck_assert_int_eq(p->n_empty, 21);		/* slots 0 to 20 */
	ck_assert(modem_can_send(p->m));
	ck_assert_int_lt(play_at(p, "AT+CCID"), play_at(p, "AT+CPMS="));
	play_free(p);
}
END_TEST

/* Left at a prompt by whoever used it before: the ESC frees it, nothing is sent. */
START_TEST(stuck_in_prompt)
{
	struct play *p = play_new("");

	p->in_payload = true;
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_int_eq(p->sends, 0);
	play_free(p);
}
END_TEST

START_TEST(answers_late)
{
	struct play *p = play_new("");

	p->deaf = true;
	play_open(p);
	play_run(p, 5000);
	p->deaf = false;
	ck_assert(play_until(p, play_is_ready, 8000));
	ck_assert_int_eq(modem_facts(p->m)->resets, 0);
	play_free(p);
}
END_TEST

START_TEST(pin_needed)
{
	struct play *p = play_new("");

	strcpy(p->cpin, "SIM PIN");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 10000));
	ck_assert_int_eq(p->n_pin_asked, 1);
	ck_assert_int_eq(p->pin_tries, 3);
	ck_assert_int_eq(p->pins_tried, 1);
	ck_assert_int_lt(play_at(p, "AT+CCID"), play_at(p, "AT+CPIN="));
	ck_assert_int_lt(play_at(p, "AT+CPINR"), play_at(p, "AT+CPIN="));
	play_free(p);
}
END_TEST

START_TEST(pin_masked_in_trace)
{
	struct play *p = play_new("");
	struct tw_buf b = { 0 };

	strcpy(p->cpin, "SIM PIN");
	p->owner_pin = "9876";
	play_open(p);
	ck_assert(play_until(p, is_locked, 10000));
	modem_trace(p->m, &b);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&b), "> AT+CPIN=****"));
	ck_assert_ptr_null(strstr(tw_buf_str(&b), "9876"));
	tw_buf_done(&b);
	play_free(p);
}
END_TEST

/* One refusal is the end of it, for as long as nobody gives another PIN. */
START_TEST(pin_wrong)
{
	struct play *p = play_new("");

	strcpy(p->cpin, "SIM PIN");
	p->owner_pin = "0000";
	play_open(p);
	ck_assert(play_until(p, is_locked, 10000));
	ck_assert_int_eq(modem_facts(p->m)->refused_pins, 1);
	p->owner_pin = NULL;
	play_run(p, 600000);
	ck_assert_int_eq(p->pins_tried, 1);
	ck_assert_int_eq(p->state, MODEM_LOCKED);
	modem_give_pin(p->m, "1234", p->now);		/* the configuration has changed */
	ck_assert(play_until(p, play_is_ready, 10000));
	ck_assert_int_eq(p->pins_tried, 2);
	play_free(p);
}
END_TEST

START_TEST(pin_denied)
{
	struct play *p = play_new("");

	strcpy(p->cpin, "SIM PIN");
	p->owner_pin = NULL;
	play_open(p);
	ck_assert(play_until(p, is_locked, 10000));
	play_run(p, 300000);
	ck_assert_int_eq(p->pins_tried, 0);
	ck_assert_int_eq(p->n_pin_asked, 1);
	strcpy(p->cpin, "READY");			/* entered by a person elsewhere */
	ck_assert(play_until(p, play_is_ready, 40000));
	play_free(p);
}
END_TEST

/* `SIM PIN` still after OK, then CME 14: waits, and sends it never again. */
START_TEST(pin_slow)
{
	struct play *p = play_new("");

	strcpy(p->cpin, "SIM PIN");
	play_rule(p, "AT+CPIN=\"1234\"", "");
	play_open(p);
	play_run(p, 12000);
	ck_assert_int_eq(play_count(p, "AT+CPIN="), 1);
	play_rule(p, "AT+CPIN?", "+CME ERROR: 14");
	play_run(p, 12000);
	ck_assert_int_eq(play_count(p, "AT+CPIN="), 1);
	play_rule_off(p, "AT+CPIN?");
	strcpy(p->cpin, "READY");
	ck_assert(play_until(p, play_is_ready, 10000));
	ck_assert_int_eq(play_count(p, "AT+CPIN="), 1);
	play_free(p);
}
END_TEST

START_TEST(pin_never_taken)
{
	struct play *p = play_new("");

	strcpy(p->cpin, "SIM PIN");
	play_rule_full(p, "AT+CPIN=\"1234\"", "", -1, 0, true);	/* no answer at all */
	play_open(p);
	ck_assert(play_until(p, is_locked, 400000));
	play_run(p, 100000);
	ck_assert_int_eq(play_count(p, "AT+CPIN="), 1);
	play_free(p);
}
END_TEST

START_TEST(pin_counter_low_is_told)
{
	struct play *p = play_new("");

	strcpy(p->cpin, "SIM PIN");
	p->pin_left = 1;
	p->owner_pin = NULL;
	play_open(p);
	ck_assert(play_until(p, is_locked, 10000));
	ck_assert_int_eq(p->pin_tries, 1);
	play_free(p);
}
END_TEST

static const struct { const char *format, *command, *answer; int tries; } counters[] = {
	{ "", "", "", -1 },
	{ "cpinr", "AT+CPINR", "+CPINR: SIM PUK,10,10|+CPINR: SIM PIN,2,3", 2 },
	{ "cpinr", "AT+CPINR", "ERROR", -1 },
	{ "first", "AT+SPIC", "+SPIC: 3,10,0,10", 3 },
	{ "second", "AT+QPINC?", "+QPINC: \"SC\",2,10", 2 },
	{ "first", "AT#PCT", "#PCT: 1", 1 },
	{ "fourth", "AT^CPIN?", "^CPIN: SIM PIN,3,10,3,10,3", 3 },
	{ "fourth", "AT^CPIN?", "^CPIN: SIM PIN,,10,2,10,3", 2 },
	{ "first", "AT+CPNNUM", "PIN1=3; PUK1=10; PIN2=3; PUK2=10", 3 },
	{ "fourth", "AT^CPIN?", "^CPIN: SIM PIN", -1 },
};

START_TEST(pin_counter_forms)
{
	char profile[200];
	struct play *p;

	snprintf(profile, sizeof(profile), "pin_counter = \"%s\"; pin_counter_format = \"%s\";",
		 counters[_i].command, counters[_i].format[0] ? counters[_i].format : "cpinr");
	p = play_new(profile);
	strcpy(p->cpin, "SIM PIN");
	p->owner_pin = NULL;
	play_rule(p, counters[_i].command, counters[_i].answer);
	play_open(p);
	ck_assert(play_until(p, is_locked, 10000));
	ck_assert_int_eq(p->pin_tries, counters[_i].tries);
	play_free(p);
}
END_TEST

START_TEST(puk_is_for_people)
{
	struct play *p = play_new("");

	strcpy(p->cpin, "SIM PUK");
	play_open(p);
	ck_assert(play_until(p, is_locked, 10000));
	play_run(p, 100000);
	modem_give_pin(p->m, "1234", p->now);
	play_run(p, 10000);
	ck_assert_int_eq(play_count(p, "AT+CPIN="), 0);
	ck_assert_int_eq(p->n_pin_asked, 0);
	play_free(p);
}
END_TEST

START_TEST(sim_busy)
{
	struct play *p = play_new("");

	play_rule_full(p, "AT+CPIN?", "+CME ERROR: 14", 5, 0, false);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 15000));
	ck_assert_int_eq(play_count(p, "AT+CPIN?"), 6);
	play_free(p);
}
END_TEST

START_TEST(no_sim_then_sim)
{
	struct play *p = play_new("");

	play_rule(p, "AT+CPIN?", "+CME ERROR: 10");
	play_open(p);
	ck_assert(play_until(p, is_no_sim, 20000));
	play_rule_off(p, "AT+CPIN?");
	ck_assert(play_until(p, play_is_ready, 40000));
	play_free(p);
}
END_TEST

START_TEST(iccid_by_crsm)
{
	struct play *p = play_new("");

	play_rule(p, "AT+CCID", "ERROR");
	play_rule(p, "AT+CRSM=176,12258,0,0,10", "+CRSM: 144,0,\"984401000000000000F1\"");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_str_eq(modem_facts(p->m)->iccid, "8944100000000000001");
	play_free(p);
}
END_TEST

/* The answer's name is not always that of the command. */
START_TEST(iccid_by_another_name)
{
	struct play *p = play_new("");

	play_rule(p, "AT+CCID", "+ICCID: 89441000000000000012");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_str_eq(modem_facts(p->m)->iccid, "89441000000000000012");
	play_free(p);
}
END_TEST

START_TEST(stranger_is_left_alone)
{
	struct play *p = play_new("");

	p->admit = false;
	play_put(p, PLAY_PDU_A, -1);
	play_open(p);
	ck_assert(play_until(p, is_stranger, 5000));
	play_run(p, 300000);
	ck_assert_int_eq(play_count(p, "AT+CPMS"), 0);
	ck_assert_int_eq(play_count(p, "AT+CMG"), 0);
	ck_assert_int_eq(play_count(p, "AT+CNMI"), 0);
	ck_assert_int_eq(p->n_in, 0);
	ck_assert_int_eq(modem_facts(p->m)->signal_dbm, -73);
	ck_assert(!modem_can_send(p->m));
	modem_admit(p->m, true, p->now);
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_int_eq(p->n_in, 1);
	modem_admit(p->m, false, p->now);
	ck_assert(play_until(p, is_stranger, 1000));
	play_free(p);
}
END_TEST

/* Texts that lie on the SIM are read before there is a network. */
START_TEST(searching_drains)
{
	struct play *p = play_new("");

	p->reg = 2;
	play_put(p, PLAY_PDU_A, -1);
	play_put(p, PLAY_PDU_B, 7);
	play_open(p);
	ck_assert(play_until(p, is_searching, 5000));
	play_run(p, 1000);
	ck_assert_int_eq(p->n_in, 2);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert(!modem_can_send(p->m));
	play_run(p, 30000);
	p->reg = 5;
	ck_assert(play_until(p, play_is_ready, 11000));
	ck_assert_int_eq(modem_facts(p->m)->registration, 5);
	play_free(p);
}
END_TEST

START_TEST(registered_by_urc)
{
	struct play *p = play_new("");

	p->reg = 2;
	play_open(p);
	ck_assert(play_until(p, is_searching, 5000));
	play_run(p, 100);
	play_say(p, "\r\n+CEREG: 1,\"1A2B\",\"0012C3D4\",7\r\n");
	ck_assert(play_until(p, play_is_ready, 100));
	play_free(p);
}
END_TEST

START_TEST(lte_only)
{
	struct play *p = play_new("");

	play_rule(p, "AT+CREG?", "ERROR");
	play_rule(p, "AT+CGREG?", "+CME ERROR: 4");
	play_rule(p, "AT+CEREG?", "+CEREG: 2,5,\"1A2B\",\"0012C3D4\",7");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_run(p, 200000);
	ck_assert_int_eq(p->state, MODEM_READY);
	play_free(p);
}
END_TEST

/* No network: radio off and on, then a reset, then patience; each round longer. */
START_TEST(no_network)
{
	struct play *p = play_new("reset_wait = \"5s\";");

	p->reg = 2;
	play_open(p);
	play_run(p, 30 * 60000);
	ck_assert_int_eq(play_count(p, "AT+CFUN=4"), 1);
	ck_assert_int_eq(play_count(p, "AT+CFUN=1,1"), 1);
	ck_assert_int_eq(p->n_reopen, 0);
	p->reg = 1;
	ck_assert(play_until(p, play_is_ready, 60000));
	play_free(p);
}
END_TEST

START_TEST(storage_ladder)
{
	struct play *p = play_new("storage = [ \"ME\", \"SM\" ];");

	play_rule(p, "AT+CPMS=\"ME\",\"ME\",\"ME\"", "+CMS ERROR: 302");
	play_rule(p, "AT+CPMS=\"ME\",\"ME\"", "+CMS ERROR: 302");
	play_rule(p, "AT+CPMS=\"ME\"", "+CMS ERROR: 302");
	play_rule(p, "AT+CPMS=\"SM\",\"SM\",\"SM\"", "ERROR");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_put(p, PLAY_PDU_A, 3);
	play_say(p, "\r\n+CMTI: \"SM\",3\r\n");
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert_str_eq(p->in[0].storage, "SM");
	play_free(p);
}
END_TEST

START_TEST(sms_not_ready_yet)
{
	struct play *p = play_new("ready = \"SMS Ready\";");

	play_rule(p, "AT+CPMS=*", "+CMS ERROR: 314");
	play_open(p);
	play_run(p, 10500);
	play_rule_off(p, "AT+CPMS=*");
	play_say(p, "\r\nSMS Ready\r\n");
	ck_assert(play_until(p, play_is_ready, 500));
	play_free(p);
}
END_TEST

static const struct { const char *profile, *refused, *lies, *expect; } ladders[] = {
	{ "", "AT+CNMI=2,1,0,1,0", NULL, "2,1,0,2,0" },
	{ "", "AT+CNMI=2,*", NULL, "1,1,0,1,0" },
	{ "", "AT+CNMI=*", NULL, "0,0,0,0,0" },
	{ "cnmi = [ \"1,1,0,0,1\" ];", "AT+NONE", NULL, "1,1,0,0,1" },
};

START_TEST(cnmi_ladder)
{
	struct play *p = play_new(ladders[_i].profile);

	play_rule(p, ladders[_i].refused, "+CMS ERROR: 303");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_str_eq(p->cnmi, ladders[_i].expect);
	/* Even one that announces nothing is read. */
	play_put(p, PLAY_PDU_A, -1);
	if (strcmp(ladders[_i].expect, "0,0,0,0,0"))
		play_say(p, "\r\n+CMTI: \"SM\",1\r\n");
	ck_assert(play_until(p, play_has_text, 20000));
	play_free(p);
}
END_TEST

/* Accepted, but not done: the next rung. */
START_TEST(cnmi_lies)
{
	struct play *p = play_new("");

	play_rule(p, "AT+CNMI=2,1,0,1,0", "");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_str_eq(p->cnmi, "2,1,0,2,0");
	play_free(p);
}
END_TEST

START_TEST(radio_was_off)
{
	struct play *p = play_new("");

	play_rule_once(p, "AT+CFUN?", "+CFUN: 4");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	ck_assert_int_eq(play_count(p, "AT+CFUN=1"), 1);
	play_free(p);
}
END_TEST

START_TEST(profile_is_chosen_and_obeyed)
{
	struct play *p = play_new("identity = \"Acme\"; init = [ \"AT^CURC=1\", \"?AT+NOSUCH\" ];"
				  "finals_bad = [ \"COMMAND NOT KNOWN\" ];");

	play_rule_full(p, "AT+NOSUCH", "\r\nCOMMAND NOT KNOWN\r\n", -1, 0, true);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 3000));
	ck_assert_int_eq(play_count(p, "AT^CURC=1"), 1);
	ck_assert_int_eq(play_count(p, "AT+NOSUCH"), 1);
	ck_assert_int_eq(p->n_trouble, 0);
	play_free(p);
}
END_TEST

START_TEST(identity_by_ati)
{
	struct play *p = play_new("");

	play_rule(p, "AT+CGMI", "ERROR");
	play_rule(p, "AT+CGMM", "ERROR");
	play_rule(p, "AT+CGSN", "ERROR");
	play_rule(p, "ATI", "Acme Corp|Model Nine|Revision 3");
	play_rule(p, "AT+GSN", "IMEI: 356938035643809");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 3000));
	ck_assert_str_eq(modem_facts(p->m)->maker, "Acme Corp");
	ck_assert_str_eq(modem_facts(p->m)->model, "Model Nine");
	ck_assert_str_eq(modem_facts(p->m)->imei, "356938035643809");
	play_free(p);
}
END_TEST

START_TEST(smsc_is_set_where_missing)
{
	struct play *p = play_new("");

	p->setup.smsc = "+447785016005";
	play_rule(p, "AT+CSCA?", "+CMS ERROR: 330");
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 3000));
	ck_assert_int_eq(play_count(p, "AT+CSCA=\"+447785016005\",145"), 1);
	ck_assert_str_eq(modem_facts(p->m)->smsc, "+447785016005");
	play_free(p);
}
END_TEST

START_TEST(cpin_without_final)
{
	struct play *p = play_new("no_final_after_cpin = true;");

	play_rule_full(p, "AT+CPIN?", "\r\n+CPIN: READY\r\n", -1, 0, true);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_free(p);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, clean);
	tcase_add_test(t, stuck_in_prompt);
	tcase_add_test(t, answers_late);
	tcase_add_test(t, pin_needed);
	tcase_add_test(t, pin_masked_in_trace);
	tcase_add_test(t, pin_wrong);
	tcase_add_test(t, pin_denied);
	tcase_add_test(t, pin_slow);
	tcase_add_test(t, pin_never_taken);
	tcase_add_test(t, pin_counter_low_is_told);
	tcase_add_loop_test(t, pin_counter_forms, 0, TW_COUNT(counters));
	tcase_add_test(t, puk_is_for_people);
	tcase_add_test(t, sim_busy);
	tcase_add_test(t, no_sim_then_sim);
	tcase_add_test(t, iccid_by_crsm);
	tcase_add_test(t, iccid_by_another_name);
	tcase_add_test(t, stranger_is_left_alone);
	tcase_add_test(t, searching_drains);
	tcase_add_test(t, registered_by_urc);
	tcase_add_test(t, lte_only);
	tcase_add_test(t, no_network);
	tcase_add_test(t, storage_ladder);
	tcase_add_test(t, sms_not_ready_yet);
	tcase_add_loop_test(t, cnmi_ladder, 0, TW_COUNT(ladders));
	tcase_add_test(t, cnmi_lies);
	tcase_add_test(t, radio_was_off);
	tcase_add_test(t, profile_is_chosen_and_obeyed);
	tcase_add_test(t, identity_by_ati);
	tcase_add_test(t, smsc_is_set_where_missing);
	tcase_add_test(t, cpin_without_final);
}

int main(void)
{
	return play_main("modem_bringup", add);
}
