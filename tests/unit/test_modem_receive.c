/* Texts and reports that come in, stored and direct; what is deleted, and when. */
#include "modem_player.h"

static bool has_two(struct play *p) { return p->n_in >= 2; }
static bool has_call(struct play *p) { return p->n_calls > 0; }

START_TEST(stored)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	play_run(p, 100);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_str_eq(p->in[0].hex, PLAY_PDU_A);
	ck_assert_int_eq(p->in[0].length, 23);
	ck_assert_str_eq(p->in[0].storage, "SM");
	ck_assert_int_eq(p->in[0].slot, 1);
	ck_assert(!p->in[0].direct);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert(p->empty[1]);
	ck_assert_int_eq(play_count(p, "AT+CMGL"), 0);
	ck_assert_int_eq(play_count(p, "AT+CPMS"), 0);
	play_free(p);
}
END_TEST

/* Nothing is deleted before its owner has it on disk. */
START_TEST(held_stays)
{
	struct play *p = play_new("");

	p->policy = PLAY_HOLD;
	play_to_ready(p);
	play_text(p, PLAY_PDU_A);
	play_run(p, 1000000);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_int_eq(play_used(p), 1);
	ck_assert_int_eq(play_count(p, "AT+CMGD"), 0);
	modem_acknowledge(p->m, p->in[0].token + 7, p->now);
	play_run(p, 1000);
	ck_assert_int_eq(play_used(p), 1);
	modem_acknowledge(p->m, p->in[0].token, p->now);
	play_run(p, 1000);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

/* Not committed: it stays, and is read again behind growing pauses. */
START_TEST(refused_comes_again)
{
	struct play *p = play_new("");
	int n;

	p->policy = PLAY_REFUSE;
	play_to_ready(p);
	play_text(p, PLAY_PDU_A);
	play_run(p, 60000);
	n = p->n_in;
	ck_assert_int_ge(n, 3);
	ck_assert_int_le(n, 6);
	ck_assert_int_eq(play_used(p), 1);
	ck_assert_uint_ne(p->in[0].token, p->in[1].token);
	p->policy = PLAY_ACK;
	play_run(p, 300000);
	ck_assert_int_eq(p->n_in, n + 1);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

static const char *const hints[] = {
	"\r\n+CMTI: ,-1\r\n", "\r\n+CMTI: \"SM\",-1\r\n", "\r\n+CMTI: \"SM\"\r\n", "\r\n+CMTI:\r\n",
	"\r\n+CMTI: \"SM\",9999\r\n", "\r\n+CMTI: \"SM\",5,\"MMS PUSH\",1,2\r\n",
	"\r\n+CMTI: \"MT\",5\r\n", "\r\n^SMMEMFULL: \"SM\"\r\n", "\r\n+CMTI: 5\r\n",
};

START_TEST(hint_is_not_truth)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_PDU_A, 5);
	play_say(p, hints[_i]);
	ck_assert(play_until(p, play_has_text, 2000));
	ck_assert_int_eq(p->in[0].slot, 5);
	play_run(p, 100);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

/* Slot 0 is a slot. */
START_TEST(index_zero)
{
	struct play *p = play_new("");

	p->first_index = 0;
	play_to_ready(p);
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert_int_eq(p->in[0].slot, 0);
	play_run(p, 100);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

/* Announced, and readable half a second later. */
START_TEST(not_there_yet)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_say(p, "\r\n+CMTI: \"SM\",4\r\n");
	play_run(p, 300);
	ck_assert_int_eq(p->n_in, 0);
	play_put(p, PLAY_PDU_A, 4);
	ck_assert(play_until(p, play_has_text, 1000));
	play_free(p);
}
END_TEST

START_TEST(announced_and_empty)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_rule(p, "AT+CMGR=4", "");
	play_say(p, "\r\n+CMTI: \"SM\",4\r\n");
	play_run(p, 20000);
	ck_assert_int_eq(p->n_in, 0);
	ck_assert_int_le(play_count(p, "AT+CMGR=4"), 5);
	ck_assert(modem_can_send(p->m));
	play_free(p);
}
END_TEST

/* The slot was freed and filled anew while its deletion was under way: the new text is read. */
START_TEST(slot_used_again)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->policy = PLAY_HOLD;
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	p->latency = 200;
	modem_acknowledge(p->m, p->in[0].token, p->now);
	modem_tick(p->m, p->now);
	play_run(p, 1);
	ck_assert_int_eq(play_used(p), 0);		/* deleted, its OK on the way */
	ck_assert_int_eq(play_put(p, PLAY_PDU_B, -1), 1);
	modem_on_bytes(p->m, "\r\n+CMTI: \"SM\",1\r\n", 17, p->now);
	p->policy = PLAY_ACK;
	ck_assert(play_until(p, has_two, 2000));
	ck_assert_str_eq(p->in[1].hex, PLAY_PDU_B);
	play_run(p, 1000);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert_int_eq(p->n_in, 2);
	play_free(p);
}
END_TEST

/* Announced again before it was acknowledged: what lies there now was not read, so it may not go. */
START_TEST(announced_again)
{
	struct play *p = play_new("");

	play_to_ready(p);
	p->policy = PLAY_HOLD;
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	play_put(p, PLAY_PDU_B, 1);			/* somebody else moved it */
	play_say(p, "\r\n+CMTI: \"SM\",1\r\n");
	ck_assert(play_until(p, has_two, 1000));
	modem_acknowledge(p->m, p->in[0].token, p->now);
	play_run(p, 1000);
	ck_assert_int_eq(play_used(p), 1);
	modem_acknowledge(p->m, p->in[1].token, p->now);
	play_run(p, 1000);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

START_TEST(many_in_order)
{
	struct play *p = play_new("");

	play_to_ready(p);
	for (int i = 0; i < 20; i++)
		play_text(p, i % 2 ? PLAY_PDU_B : PLAY_PDU_A);
	play_run(p, 2000);
	ck_assert_int_eq(p->n_in, 20);
	for (int i = 0; i < 20; i++)
		ck_assert_str_eq(p->in[i].hex, i % 2 ? PLAY_PDU_B : PLAY_PDU_A);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

/* Missed announcements: the slow look finds them. */
START_TEST(swept)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_PDU_A, 9);
	ck_assert(play_until(p, play_has_text, 301000));
	play_run(p, 1000);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

START_TEST(settings_lost)
{
	struct play *p = play_new("");

	play_to_ready(p);
	strcpy(p->cnmi, "0,0,0,0,0");
	play_put(p, PLAY_PDU_A, 3);
	play_run(p, 301000);
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_int_eq(p->state, MODEM_READY);
	play_free(p);
}
END_TEST

/* Announced while the list runs, behind the place where it would have stood. */
START_TEST(announced_while_listing)
{
	struct play *p = play_new("");

	p->latency = 100;
	play_open(p);
	while (play_count(p, "AT+CMGL=4") == 0)
		play_run(p, 10);
	play_put(p, PLAY_PDU_A, 6);
	modem_on_bytes(p->m, "\r\n+CMTI: \"SM\",6\r\n", 17, p->now);
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert_int_eq(p->in[0].slot, 6);
	play_free(p);
}
END_TEST

START_TEST(list_hangs)
{
	struct play *p = play_new("list_limit = \"10s\";");

	play_rule_full(p, "AT+CMGL=4", "", -1, 0, true);
	play_put(p, PLAY_PDU_A, 3);
	play_put(p, PLAY_PDU_B, 20);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 40000));
	play_run(p, 2000);
	ck_assert_int_eq(p->n_in, 2);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert_int_eq(play_count(p, "AT+CMGL"), 1);
	play_free(p);
}
END_TEST

/* Half a list, then nothing: what came is taken at once, the rest slot by slot. */
START_TEST(list_breaks_off)
{
	static const char half[] = "\r\n+CMGL: 2,1,,23\r\n" PLAY_PDU_A "\r\n\r\n+CMGL: 3,1,,2";
	struct play *p = play_new("list_limit = \"10s\";");

	play_rule_full(p, "AT+CMGL=4", half, -1, 0, true);
	play_put(p, PLAY_PDU_A, 2);
	play_put(p, PLAY_PDU_B, 3);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 40000));
	play_run(p, 2000);
	ck_assert_int_eq(p->n_in, 2);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

START_TEST(list_by_slot)
{
	struct play *p = play_new("list_by_slot = true;");

	play_put(p, PLAY_PDU_A, 3);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_run(p, 2000);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_int_eq(play_count(p, "AT+CMGL"), 0);
	play_free(p);
}
END_TEST

/* +CPMS counts more than the list shows. */
START_TEST(hidden_entries)
{
	struct play *p = play_new("");

	play_put(p, PLAY_PDU_A, 3);
	play_put(p, PLAY_PDU_B, 6);
	play_rule(p, "AT+CMGL=4", "+CMGL: 3,0,,23|" PLAY_PDU_A);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_run(p, 2000);
	ck_assert_int_eq(p->n_in, 2);
	ck_assert_int_eq(play_used(p), 0);
	/* And it is not deceived for ever: another one that was not announced is found. */
	play_rule_off(p, "AT+CMGL=4");
	play_put(p, PLAY_PDU_A, 8);
	play_run(p, 301000);
	ck_assert_int_eq(p->n_in, 3);
	play_free(p);
}
END_TEST

/* Drafts and copies of what somebody sent are not ours. */
START_TEST(own_entries_stay)
{
	struct play *p = play_new("");

	p->slots[4].stat = 2;
	play_put(p, PLAY_SUBMIT, 4);
	p->slots[4].stat = 2;
	play_put(p, PLAY_SUBMIT, 5);
	p->slots[5].stat = 3;
	play_put(p, PLAY_REPORT, 6);
	p->slots[6].stat = 3;
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_run(p, 2000);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_str_eq(p->in[0].hex, PLAY_REPORT);
	ck_assert(p->slots[4].used && p->slots[5].used);
	play_free(p);
}
END_TEST

START_TEST(full_storage)
{
	struct play *p = play_new("");

	for (int i = 1; i <= 20; i++)
		play_put(p, PLAY_PDU_A, i);
	play_open(p);
	ck_assert(play_until(p, play_is_ready, 5000));
	play_run(p, 3000);
	ck_assert_int_eq(p->n_in, 20);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

static const struct { const char *answer; int length; } forms[] = {
	{ "+CMGR: 0,,23|" PLAY_PDU_A, 23 },
	{ "+CMGR: 0,\"\",23|" PLAY_PDU_A, 23 },
	{ "+CMGR: ,23|" PLAY_PDU_A, 23 },
	{ "+CMGR: 1,\"Bob\",23,0|" PLAY_PDU_A, 23 },
	{ "+CMGR: 0, , 23|" PLAY_PDU_A, 23 },
	{ "+CMGR: 23|" PLAY_PDU_A, 23 },
};

/* Each way to say it makes all storages be read, the profile's own word too; a bare CMS 322 as well. */
static const char *const fulls[] = {
	"\r\n^SMMEMFULL: \"SM\"\r\n", "\r\n+SMSFULL\r\n", "\r\n*SMSFULL\r\n", "\r\n%SMSFULL: 1\r\n",
	"\r\n+CMS ERROR: 322\r\n", "\r\nSTORE FULL\r\n",
};

START_TEST(full_is_told)
{
	struct play *p = play_new(_i == 5 ? "full = [ \"STORE FULL\" ];" : "");

	play_to_ready(p);
	play_put(p, PLAY_PDU_A, 7);
	play_say(p, fulls[_i]);
	ck_assert(play_until(p, play_has_text, 2000));
	play_run(p, 500);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

/* Texts that lie in the other storage are found at the start, without a word about them. */
static bool two_storages(struct play *p, const char *c)
{
	static bool in_me;
	char out[400];

	if (!strncmp(c, "AT+CPMS=", 8))
		in_me = !strncmp(c, "AT+CPMS=\"ME\"", 12);
	if (!in_me)
		return false;
	if (!strncmp(c, "AT+CPMS=", 8))
		play_answer(p, "+CPMS: 1,23,0,20,0,20", 0);
	else if (!strcmp(c, "AT+CMGL=4") || !strcmp(c, "AT+CMGR=4")) {
		snprintf(out, sizeof(out), c[6] == 'L' ? "+CMGL: 4,1,,%d|%s" : "+CMGR: 1,,%d|%s",
			 play_tpdu_length(PLAY_PDU_A), PLAY_PDU_A);
		play_answer(p, p->ctx ? "" : out, 0);
	} else if (!strcmp(c, "AT+CMGD=4")) {
		p->ctx = p;
		play_answer(p, "", 0);
	} else {
		return false;
	}
	return true;
}

START_TEST(other_storage_is_swept)
{
	struct play *p = play_new("");

	p->hook = two_storages;
	play_to_ready(p);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_str_eq(p->in[0].storage, "ME");
	ck_assert_int_eq(p->in[0].slot, 4);
	ck_assert_ptr_nonnull(p->ctx);		/* and deleted */
	/* Texts are still received where they were: mem3 never moved. */
	play_text(p, PLAY_PDU_B);
	play_run(p, 1000);
	ck_assert_int_eq(p->n_in, 2);
	ck_assert_str_eq(p->in[1].storage, "SM");
	play_free(p);
}
END_TEST

START_TEST(header_forms)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_PDU_A, 2);
	play_rule(p, "AT+CMGR=2", forms[_i].answer);
	play_say(p, "\r\n+CMTI: \"SM\",2\r\n");
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert_str_eq(p->in[0].hex, PLAY_PDU_A);
	ck_assert_int_eq(p->in[0].length, forms[_i].length);
	play_free(p);
}
END_TEST

/* A PDU of the wrong length is read again; the same three times, it is handed over as it is. */
START_TEST(wrong_length)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_PDU_A, 2);
	play_rule_once(p, "AT+CMGR=2", "+CMGR: 0,,23|0791336600305");
	play_say(p, "\r\n+CMTI: \"SM\",2\r\n");
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert_str_eq(p->in[0].hex, PLAY_PDU_A);
	play_rule(p, "AT+CMGR=3", "+CMGR: 0,,23|0791336600");
	play_put(p, PLAY_PDU_A, 3);
	play_say(p, "\r\n+CMTI: \"SM\",3\r\n");
	ck_assert(play_until(p, has_two, 1000));
	ck_assert_str_eq(p->in[1].hex, "0791336600");
	ck_assert_int_eq(play_count(p, "AT+CMGR=3"), 3);
	play_free(p);
}
END_TEST

static bool is_noise(struct play *p, const char *command)
{
	char out[80];
	int *n = p->ctx;

	if (strcmp(command, "AT+CMGR=2") || *n == 6)
		return false;
	snprintf(out, sizeof(out), "+CMGR: 0,,23|0791336600%02X", ++*n);
	play_answer(p, out, 0);
	return true;
}

/* Damaged in another way each time: behind pauses, and never taken for the text. */
START_TEST(noise_is_read_again)
{
	struct play *p = play_new("");
	int n = 0;

	play_to_ready(p);
	p->ctx = &n;
	p->hook = is_noise;
	play_text(p, PLAY_PDU_B);
	play_put(p, PLAY_PDU_A, 2);
	play_say(p, "\r\n+CMTI: \"SM\",2\r\n");
	play_run(p, 1000);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_int_eq(n, 2);
	ck_assert(play_until(p, has_two, 600000));
	ck_assert_str_eq(p->in[1].hex, PLAY_PDU_A);
	ck_assert_int_eq(n, 6);
	play_free(p);
}
END_TEST

/* A header that tells of a text, and no PDU that is one: the slot is not empty. */
START_TEST(pdu_is_eaten)
{
	static const char *const answers[] = {
		"+CMGR: 0,,23|07913366003#51F5040B913336990801F100005180719120348004D4F29C0E",
		"+CMGR: 0,,23",
	};
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_PDU_A, 2);
	p->empty[2] = false;
	play_rule_once(p, "AT+CMGR=2", answers[_i]);
	play_say(p, "\r\n+CMTI: \"SM\"\r\n");
	ck_assert(play_until(p, play_has_text, 10000));
	ck_assert_int_eq(play_count(p, "AT+CMGR=2"), 2);
	ck_assert(!p->empty[2]);
	ck_assert_str_eq(p->in[0].hex, PLAY_PDU_A);
	play_free(p);
}
END_TEST

START_TEST(read_hangs)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_PDU_A, 2);
	play_rule_full(p, "AT+CMGR=2", "", 1, 0, true);
	play_say(p, "\r\n+CMTI: \"SM\",2\r\n");
	ck_assert(play_until(p, play_has_text, 40000));
	play_run(p, 1000);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert_int_eq(p->state, MODEM_READY);
	play_free(p);
}
END_TEST

/* After a deletion whose end nobody knows, the slot is read again before it is touched. */
START_TEST(delete_hangs)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_text(p, PLAY_PDU_A);
	play_rule_full(p, "AT+CMGD=1", "", 1, 0, true);
	play_run(p, 60000);
	ck_assert_int_eq(p->n_in, 2);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

START_TEST(delete_refused)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_text(p, PLAY_PDU_A);
	play_rule_full(p, "AT+CMGD=1", "+CMS ERROR: 314", 2, 0, false);
	play_run(p, 60000);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

/* ---- reports ------------------------------------------------------------------------------- */

START_TEST(report_direct)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_direct(p, "+CDS", PLAY_REPORT);
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert_str_eq(p->in[0].hex, PLAY_REPORT);
	ck_assert(p->in[0].direct);
	ck_assert_int_eq(p->in[0].slot, -1);
	play_run(p, 1000);
	ck_assert_int_eq(p->cnma, 0);		/* AT+CSMS=0: the modem acknowledges by itself */
	ck_assert(modem_can_send(p->m));
	play_free(p);
}
END_TEST

START_TEST(report_stored)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_REPORT, 8);
	play_say(p, "\r\n+CDSI: \"SM\",8\r\n");
	ck_assert(play_until(p, play_has_text, 1000));
	play_run(p, 100);
	ck_assert_int_eq(play_used(p), 0);
	play_free(p);
}
END_TEST

/* Another storage: mem1 is moved there, and back; mem2 and mem3 stay. */
START_TEST(report_elsewhere)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_put(p, PLAY_REPORT, 8);
	play_say(p, "\r\n+CDSI: \"SR\",8\r\n");
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert_str_eq(p->in[0].storage, "SR");
	play_run(p, 100);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert_int_lt(play_at(p, "AT+CPMS=\"SR\",\"SM\",\"SM\""), play_at(p, "AT+CMGR=8"));
	ck_assert_int_lt(play_at(p, "AT+CMGD=8"), play_at(p, "AT+CPMS=\"SM\",\"SM\",\"SM\""));
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, has_two, 1000));
	ck_assert_str_eq(p->in[1].storage, "SM");
	play_free(p);
}
END_TEST

/* The URC names slot 0 of SM, the report lies in SR: the text in slot 0 stays. */
START_TEST(report_trap)
{
	struct play *p = play_new("report_storage = \"SR\";");

	play_to_ready(p);
	p->policy = PLAY_HOLD;
	play_say(p, "\r\n+CDSI: \"SM\",0\r\n");
	play_run(p, 1000);
	ck_assert_int_eq(play_count(p, "AT+CMGR=0"), 0);
	ck_assert_int_eq(play_count(p, "AT+CPMS=\"SR\",\"SM\",\"SM\""), 1);
	ck_assert_int_ge(play_count(p, "AT+CMGL"), 1);
	play_free(p);
}
END_TEST

/* ---- direct delivery ----------------------------------------------------------------------- */

START_TEST(direct)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_to_ready(p);
	ck_assert_str_eq(p->cnmi, "2,2,0,1,0");
	ck_assert_int_eq(p->csms, 1);
	ck_assert(modem_facts(p->m)->is_direct);
	p->policy = PLAY_HOLD;
	play_direct(p, "+CMT", PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert(p->in[0].direct);
	ck_assert_int_eq(p->in[0].length, 23);
	ck_assert(!modem_can_send(p->m));
	ck_assert_int_eq(p->cnma, 0);
	modem_acknowledge(p->m, p->in[0].token, p->now);
	play_run(p, 100);
	ck_assert_int_eq(p->cnma, 1);
	ck_assert_int_eq(play_count(p, "AT+CNMA=0"), 1);
	ck_assert(modem_can_send(p->m));
	ck_assert_int_eq(play_count(p, "AT+CNMI="), 0);
	play_free(p);
}
END_TEST

START_TEST(direct_forms)
{
	static const struct { const char *profile, *command; } acks[] = {
		{ "ack = \"bare\";", "AT+CNMA" }, { "ack = \"0\";", "AT+CNMA=0" },
		{ "ack = \"1\";", "AT+CNMA=1" },
	};
	struct play *p = play_new(acks[_i].profile);

	p->setup.direct = 1;
	play_to_ready(p);
	play_direct(p, "+CMT", PLAY_PDU_A);
	play_run(p, 1000);
	ck_assert_int_eq(p->cnma, 1);
	ck_assert_str_eq(p->log[p->n_log - 1], acks[_i].command);
	play_free(p);
}
END_TEST

/* Refused: by AT+CNMA=2 where the profile has it, else by silence; delivery is set up again. */
START_TEST(direct_refused)
{
	struct play *p = play_new(_i ? "nack = \"2\";" : "");

	p->setup.direct = 1;
	p->policy = PLAY_REFUSE;
	play_to_ready(p);
	play_direct(p, "+CMT", PLAY_PDU_A);
	play_run(p, 1000);
	ck_assert_int_eq(p->cnma, _i);
	ck_assert_int_eq(play_count(p, "AT+CNMA=2"), _i);
	ck_assert_int_eq(play_count(p, "AT+CNMI=2,2,0,1,0"), 1);
	ck_assert_int_eq(play_count(p, "AT+CNMI?"), 1);
	ck_assert(modem_can_send(p->m));
	play_free(p);
}
END_TEST

static const char *const whole[] = {
	"ATE0", "AT+CMEE=1", "AT+CMGF=0", "AT+CSMS=1", "AT+CSMS?", "AT+CNMI=2,2,0,1,0", "AT+CNMI?"
};

static void check_whole_setup(struct play *p)
{
	int at = play_at(p, whole[0]);

	ck_assert_int_ge(at, 0);
	for (int i = 0; i < (int)TW_COUNT(whole); i++)
		ck_assert_str_eq(p->log[at + i], whole[i]);
	ck_assert_int_eq(play_count(p, "AT+CNMI="), 1);
	ck_assert_int_eq(p->csms, 1);
	ck_assert_str_eq(p->cnmi, "2,2,0,1,0");
}

/* A restart without a word, or the service alone forgotten: all is set again, the service before the
 * indications; under service 0 the module would acknowledge each text by itself. */
START_TEST(direct_settings_lost)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_to_ready(p);
	if (_i)
		p->csms = 0;
	else
		play_power(p);
	p->echo = false;	/* with an echo it would be noticed by that */
	play_put(p, PLAY_PDU_B, 3);
	play_run(p, 301000);
	check_whole_setup(p);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert(!p->echo);
	ck_assert_int_eq(p->state, MODEM_READY);
	play_direct(p, "+CMT", PLAY_PDU_A);
	play_run(p, 1000);
	ck_assert_int_eq(p->n_in, 2);
	ck_assert_int_eq(p->cnma, 1);
	play_free(p);
}
END_TEST

/* Without the service direct delivery loses texts: at the start, and when it goes later. */
START_TEST(direct_without_service)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	if (_i)
		play_to_ready(p);
	play_rule(p, "AT+CSMS=1", "+CMS ERROR: 303");
	if (_i)
		play_power(p);
	else
		play_to_ready(p);
	play_run(p, 310000);
	ck_assert_int_eq(p->csms, 0);
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	ck_assert(!modem_facts(p->m)->is_direct);
	ck_assert_ptr_nonnull(strstr(p->trouble, "stored delivery is used"));
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert(!p->in[0].direct);
	ck_assert_int_eq(p->state, MODEM_READY);
	play_free(p);
}
END_TEST

/* OK to AT+CSMS=1 that does nothing; a refusal that passes; a service that cannot be read back. */
static const struct { const char *command, *answer; int times; bool is_direct; } services[] = {
	{ "AT+CSMS=1", "+CSMS: 1,1,1", -1, false },
	{ "AT+CSMS=1", "+CMS ERROR: 500", 2, true },
	{ "AT+CSMS?", "+CMS ERROR: 303", -1, true },
	{ "AT+CSMS?", "", -1, true },
	{ "AT+CSMS?", "+CSMS: 0,1,1,1", 1, true },
};

START_TEST(direct_service_is_verified)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_rule_full(p, services[_i].command, services[_i].answer, services[_i].times, 0, false);
	play_to_ready(p);
	ck_assert_int_eq(modem_facts(p->m)->is_direct, services[_i].is_direct);
	ck_assert_int_eq(p->csms, services[_i].is_direct);
	ck_assert_str_eq(p->cnmi, services[_i].is_direct ? "2,2,0,1,0" : "2,1,0,1,0");
	play_free(p);
}
END_TEST

static const char *const damaged[] = {
	"\r\n+CMT: ,23\r\n07913366003051F5040B9133\r\n",
	"\r\n+CMT: ,23\r\n07913366003051F5040B913336990801F100005180719120348004D4F29C0E00\r\n",
	"\r\n+CMT: ,23\r\n07913366003051F5040B913336990801F100005180719120348004D4F29C\r\n",
	"\r\n+CMT: ,2\r\n" PLAY_PDU_A "\r\n",
	"\r\n+CMT: \r\n" PLAY_PDU_A "\r\n",
	/* As many octets as told, counted from the SMSC on. */
	"\r\n+CMT: ,23\r\n07913366003051F5040B913336990801F1000051807191\r\n",
	"\r\n+CMT: ,23\r\n\r\n+CREG: 1\r\n",
};

/* What is not as long as its header tells is not acknowledged: the network sends it again. */
START_TEST(direct_damaged)
{
	struct play *p = play_new(_i % 2 ? "nack = \"2\";" : "");
	const char *bytes = damaged[_i / 2];

	p->setup.direct = 1;
	play_to_ready(p);
	p->direct_blocked = true;
	play_say(p, bytes);
	play_run(p, 10000);
	ck_assert_int_eq(p->n_in, 0);
	ck_assert_int_eq(play_count(p, "AT+CNMA=0"), 0);
	ck_assert_int_eq(play_count(p, "AT+CNMA=2"), _i % 2);
	ck_assert_int_eq(play_count(p, "AT+CNMI=2,2"), 1);
	ck_assert_ptr_nonnull(strstr(p->trouble, "damaged"));
	ck_assert(modem_can_send(p->m));
	play_direct(p, "+CMT", PLAY_PDU_A);
	play_run(p, 1000);
	ck_assert_int_eq(p->n_in, 1);
	ck_assert_str_eq(p->in[0].hex, PLAY_PDU_A);
	ck_assert_int_eq(play_count(p, "AT+CNMA=0"), 1);
	play_free(p);
}
END_TEST

/* Refused by silence: the module waits, then stops delivering; that is found without delay. */
START_TEST(direct_stops_after_silence)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_to_ready(p);
	play_say(p, damaged[0]);
	play_run(p, 20000);
	strcpy(p->cnmi, "2,0,0,0,0");
	play_run(p, 10000);
	ck_assert_str_eq(p->cnmi, "2,2,0,1,0");
	play_free(p);
}
END_TEST

/* The same three times, with others between: it is so, and is handed over as it is. A modem that
 * prints no SMSC field is known from then on. */
START_TEST(direct_damaged_for_ever)
{
	static const char *const no_smsc[] = {
		"\r\n+CMT: ,23\r\n040B913336990801F100005180719120348004D4F29C0E\r\n",
		"\r\n+CMT: ,23\r\n040B913336990801F100005180719120348004D4F29C0D\r\n",
	};
	struct play *p = play_new("nack = \"2\";");

	p->setup.direct = 1;
	play_to_ready(p);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(p->n_in, i);
		play_say(p, no_smsc[0]);
		play_run(p, 1000);
		play_direct(p, "+CMT", PLAY_PDU_B);
		play_run(p, 1000);
	}
	ck_assert_int_eq(play_count(p, "AT+CNMA=2"), 2);
	ck_assert_int_eq(p->n_in, 4);
	ck_assert_str_eq(p->in[2].hex, "040B913336990801F100005180719120348004D4F29C0E");
	play_say(p, no_smsc[1]);
	play_run(p, 1000);
	ck_assert_int_eq(p->n_in, 5);
	play_free(p);
}
END_TEST

/* The module that acknowledges by itself keeps nothing: what came is handed over as it is. */
START_TEST(damaged_and_gone)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_say(p, damaged[0]);
	ck_assert(play_until(p, play_has_text, 1000));
	ck_assert_str_eq(p->in[0].hex, "07913366003051F5040B9133");
	play_free(p);
}
END_TEST

/* 340: it did not wait for one. Is it back at service 0? All is set again. */
START_TEST(direct_not_expected)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_to_ready(p);
	play_rule(p, "AT+CNMA=0", "+CMS ERROR: 340");
	play_direct(p, "+CMT", PLAY_PDU_A);
	p->csms = 0;
	play_run(p, 1000);
	check_whole_setup(p);
	p->n_log = 0;
	play_rule(p, "AT+CNMA=0", "+CMS ERROR: 500");
	play_direct(p, "+CMT", PLAY_PDU_B);
	play_run(p, 1000);
	ck_assert_int_eq(play_count(p, "AT+CNMI="), 1);
	play_free(p);
}
END_TEST

START_TEST(direct_ack_draws_prompt)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_to_ready(p);
	play_rule_full(p, "AT+CNMA=0", "\r\n> ", 1, 0, true);
	p->in_payload = false;
	play_direct(p, "+CMT", PLAY_PDU_A);
	play_run(p, 20000);
	ck_assert_int_eq(p->sends, 0);
	ck_assert_int_eq(p->state, MODEM_READY);
	ck_assert(modem_can_send(p->m));
	play_free(p);
}
END_TEST

START_TEST(direct_overdue)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	p->policy = PLAY_HOLD;
	play_to_ready(p);
	play_direct(p, "+CMT", PLAY_PDU_A);
	play_run(p, 20000);
	ck_assert_int_eq(p->cnma, 0);
	ck_assert_int_eq(play_count(p, "AT+CNMI=2,2"), 1);
	modem_acknowledge(p->m, p->in[0].token, p->now);	/* too late: stale */
	play_run(p, 1000);
	ck_assert_int_eq(p->cnma, 0);
	play_free(p);
}
END_TEST

START_TEST(direct_is_refused_by_modem)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_rule(p, "AT+CNMI=2,2,*", "+CMS ERROR: 303");
	play_rule(p, "AT+CNMI=1,2,*", "+CMS ERROR: 303");
	play_to_ready(p);
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	ck_assert(!modem_facts(p->m)->is_direct);
	ck_assert_int_eq(p->csms, 0);
	play_text(p, PLAY_PDU_A);
	ck_assert(play_until(p, play_has_text, 1000));
	play_free(p);
}
END_TEST

/* A class 2 text is stored even in direct mode. */
START_TEST(direct_and_stored)
{
	struct play *p = play_new("");

	p->setup.direct = 1;
	play_to_ready(p);
	play_text(p, PLAY_PDU_A);
	play_direct(p, "+CMT", PLAY_PDU_B);
	ck_assert(play_until(p, has_two, 1000));
	play_run(p, 100);
	ck_assert_int_eq(play_used(p), 0);
	ck_assert_int_eq(p->cnma, 1);
	play_free(p);
}
END_TEST

/* ---- calls and USSD ------------------------------------------------------------------------ */

START_TEST(call_is_told_once)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_say(p, "\r\nRING\r\n\r\n+CLIP: \"+447700900123\",145,\"\",0,\"\",0\r\n");
	ck_assert(play_until(p, has_call, 100));
	ck_assert_str_eq(p->call, "+447700900123");
	play_run(p, 4000);
	play_say(p, "\r\nRING\r\n\r\n+CLIP: \"+447700900123\",145\r\n");
	play_run(p, 1000);
	play_say(p, "\r\nNO CARRIER\r\n");
	play_run(p, 20000);
	ck_assert_int_eq(p->n_calls, 1);
	ck_assert_int_ge(play_count(p, "AT+CHUP"), 1);
	play_say(p, "\r\nRING\r\n");
	play_run(p, 20000);
	ck_assert_int_eq(p->n_calls, 2);
	ck_assert_str_eq(p->call, "");
	play_free(p);
}
END_TEST

/* How a call is rejected is the profile's to say. */
START_TEST(call_is_rejected_as_the_profile_says)
{
	struct play *p = play_new("hang_up = [ \"ATH0\" ];");

	play_to_ready(p);
	play_say(p, "\r\nRING\r\n\r\n+CLIP: \"+447700900123\",145\r\n");
	play_run(p, 1000);
	ck_assert_int_eq(play_count(p, "ATH0"), 1);
	ck_assert_int_eq(play_count(p, "AT+CHUP"), 0);
	play_free(p);
}
END_TEST

START_TEST(call_rings)
{
	struct play *p = play_new("");

	p->setup.hang_up = false;
	play_to_ready(p);
	play_say(p, "\r\n+CRING: VOICE\r\n\r\n+CLIP: \"\",128,,,,1\r\n");
	play_run(p, 1000);
	ck_assert_int_eq(p->n_calls, 1);
	ck_assert_str_eq(p->call, "");
	ck_assert_int_eq(play_count(p, "AT+CHUP"), 0);
	play_free(p);
}
END_TEST

START_TEST(command)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_rule(p, "AT+CESQ", "+CESQ: 99,99,255,255,20,50");
	ck_assert_int_eq(modem_command(p->m, 77, "AT+CESQ", 5000, p->now), 0);
	ck_assert_int_eq(modem_command(p->m, 78, "AT", 5000, p->now), TW_E_STATE);
	play_run(p, 100);
	ck_assert_int_eq(p->n_commands, 1);
	ck_assert_str_eq(p->answer, "+CESQ: 99,99,255,255,20,50");
	ck_assert_int_eq(p->answer_result, AT_OK);
	ck_assert_int_eq(modem_command(p->m, 79, "AT+X\r", 5000, p->now), TW_E_SYNTAX);
	ck_assert_int_eq(modem_command(p->m, 79, "hello", 5000, p->now), TW_E_SYNTAX);
	/* A prompt is left again: there is no text to be sent by it. */
	ck_assert_int_eq(modem_command(p->m, 79, "AT+CMGS=12", 5000, p->now), 0);
	play_run(p, 20000);
	ck_assert_int_eq(p->n_commands, 2);
	ck_assert_int_eq(p->sends, 0);
	ck_assert_int_eq(p->state, MODEM_READY);
	play_rule(p, "AT+NOPE", "+CME ERROR: 4");
	ck_assert_int_eq(modem_command(p->m, 80, "AT+NOPE", 5000, p->now), 0);
	play_run(p, 100);
	ck_assert_int_eq(p->answer_result, AT_CME);
	ck_assert_str_eq(p->answer, "+CME ERROR: 4");
	/* A person who changes the delivery of texts does so for a moment only. */
	ck_assert_int_eq(modem_command(p->m, 81, "AT+CNMI=0,0,0,0,0", 5000, p->now), 0);
	play_run(p, 1000);
	ck_assert_str_eq(p->cnmi, "2,1,0,1,0");
	play_free(p);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, stored);
	tcase_add_test(t, held_stays);
	tcase_add_test(t, refused_comes_again);
	tcase_add_loop_test(t, hint_is_not_truth, 0, TW_COUNT(hints));
	tcase_add_test(t, index_zero);
	tcase_add_test(t, not_there_yet);
	tcase_add_test(t, announced_and_empty);
	tcase_add_test(t, slot_used_again);
	tcase_add_test(t, announced_again);
	tcase_add_test(t, many_in_order);
	tcase_add_test(t, swept);
	tcase_add_test(t, settings_lost);
	tcase_add_test(t, announced_while_listing);
	tcase_add_test(t, list_hangs);
	tcase_add_test(t, list_breaks_off);
	tcase_add_test(t, list_by_slot);
	tcase_add_test(t, hidden_entries);
	tcase_add_test(t, own_entries_stay);
	tcase_add_test(t, full_storage);
	tcase_add_loop_test(t, full_is_told, 0, TW_COUNT(fulls));
	tcase_add_test(t, other_storage_is_swept);
	tcase_add_loop_test(t, header_forms, 0, TW_COUNT(forms));
	tcase_add_test(t, wrong_length);
	tcase_add_test(t, noise_is_read_again);
	tcase_add_loop_test(t, pdu_is_eaten, 0, 2);
	tcase_add_test(t, read_hangs);
	tcase_add_test(t, delete_hangs);
	tcase_add_test(t, delete_refused);
	tcase_add_test(t, report_direct);
	tcase_add_test(t, report_stored);
	tcase_add_test(t, report_elsewhere);
	tcase_add_test(t, report_trap);
	tcase_add_test(t, direct);
	tcase_add_loop_test(t, direct_forms, 0, 3);
	tcase_add_loop_test(t, direct_refused, 0, 2);
	tcase_add_loop_test(t, direct_damaged, 0, 2 * TW_COUNT(damaged));
	tcase_add_test(t, direct_stops_after_silence);
	tcase_add_test(t, direct_damaged_for_ever);
	tcase_add_test(t, damaged_and_gone);
	tcase_add_loop_test(t, direct_settings_lost, 0, 2);
	tcase_add_loop_test(t, direct_without_service, 0, 2);
	tcase_add_loop_test(t, direct_service_is_verified, 0, TW_COUNT(services));
	tcase_add_test(t, direct_not_expected);
	tcase_add_test(t, direct_ack_draws_prompt);
	tcase_add_test(t, direct_overdue);
	tcase_add_test(t, direct_is_refused_by_modem);
	tcase_add_test(t, direct_and_stored);
	tcase_add_test(t, call_is_told_once);
	tcase_add_test(t, call_is_rejected_as_the_profile_says);
	tcase_add_test(t, call_rings);
	tcase_add_test(t, command);
}

int main(void)
{
	return play_main("modem_receive", add);
}
