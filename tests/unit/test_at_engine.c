#include "at_play.h"

#define PDU "0001000B9144"

static struct play p;

static void begin(void)
{
	play_init(&p, NULL);
}

static void end(void)
{
	play_done(&p);
}

/* ---- plain commands ------------------------------------------------------------------------ */

START_TEST(answers)
{
	play_give(&p, 1, "AT+CSQ");
	play_expect_written(&p, "AT+CSQ\r");
	ck_assert(!at_is_idle(p.e));
	ck_assert_int_eq(play_give_as(&p, 2, "AT", NULL, AT_PLAIN), TW_E_STATE);
	play_feed(&p, "AT+CSQ\r\r\n+CSQ: 18,99\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 1 +CSQ: 18,99\nFINAL 1 OK OK\n");
	ck_assert(at_is_idle(p.e));
	ck_assert_int_eq((int64_t)at_deadline(p.e).ms, INT64_MAX);
}
END_TEST

START_TEST(unnamed_lines_are_the_answer)
{
	play_give(&p, 1, "AT+CGMM");
	play_feed(&p, "\r\n E173 \r\n\r\nOK\r\n");
	play_expect(&p, "LINE 1 E173\nFINAL 1 OK OK\n");
	ck_assert_int_eq(play_give_as(&p, 2, "AT+CGSN", "", AT_NUMBER_LINE), 0);
	play_feed(&p, "\r\n359853030123458\r\nRING\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 2 359853030123458\nURC RING\nFINAL 2 OK OK\n");
	play_give(&p, 3, "ATI");
	play_feed(&p, "\r\nManufacturer: huawei\r\n+GCAP: +CGSM,+DS\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 3 Manufacturer: huawei\nLINE 3 +GCAP: +CGSM,+DS\nFINAL 3 OK OK\n");
}
END_TEST

START_TEST(several_in_one_line)
{
	play_give(&p, 1, "AT+CREG?;+CSQ;+CMEE?");
	play_feed(&p, "\r\n+CREG: 2,1\r\n\r\n+CSQ: 18,99\r\n+CEREG: 1\r\n+CMEE: 1\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 1 +CREG: 2,1\nLINE 1 +CSQ: 18,99\nURC +CEREG: 1\nLINE 1 +CMEE: 1\n"
		    "FINAL 1 OK OK\n");
}
END_TEST

START_TEST(final_results)
{
	static const struct { const char *said, *told; } rows[] = {
		{ "OK", "FINAL 9 OK OK\n" },
		{ "ERROR", "FINAL 9 ERROR ERROR\n" },
		{ "+CME ERROR: 14", "FINAL 9 CME 14 +CME ERROR: 14\n" },
		{ "+CMS ERROR: 321", "FINAL 9 CMS 321 +CMS ERROR: 321\n" },
		{ "+CMS ERROR:500", "FINAL 9 CMS 500 +CMS ERROR:500\n" },
		{ "+CME ERROR: SIM busy", "FINAL 9 CME 14 +CME ERROR: SIM busy\n" },
		{ "+CMS ERROR: Network Timeout", "FINAL 9 CMS 332 +CMS ERROR: Network Timeout\n" },
		{ "+CMS ERROR: what is this", "FINAL 9 CMS -1 +CMS ERROR: what is this\n" },
		{ "+CME ERROR: 99999999999", "FINAL 9 CME -1 +CME ERROR: 99999999999\n" },
		{ "COMMAND NOT SUPPORT", "FINAL 9 ERROR COMMAND NOT SUPPORT\n" },
		{ "TOO MANY PARAMETERS", "FINAL 9 ERROR TOO MANY PARAMETERS\n" },
		{ "NA", "FINAL 9 ERROR NA\n" },
		{ "MODEM ERROR: 4", "FINAL 9 ERROR MODEM ERROR: 4\n" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		play_give(&p, 9, "AT+X=1");
		play_feed(&p, "\r\n");
		play_feed(&p, rows[i].said);
		play_expect(&p, "");
		play_feed(&p, "\r\n");
		play_expect(&p, rows[i].told);
	}
}
END_TEST

START_TEST(results_of_calls)
{
	play_give(&p, 1, "AT+CSQ");
	play_feed(&p, "\r\nNO CARRIER\r\n\r\nBUSY\r\n\r\nOK\r\n");
	play_expect(&p, "URC NO CARRIER\nURC BUSY\nFINAL 1 OK OK\n");
	play_give(&p, 2, "ATH");
	play_feed(&p, "\r\nNO CARRIER\r\n\r\nOK\r\n");
	play_expect(&p, "URC NO CARRIER\nFINAL 2 OK OK\n");
	play_give(&p, 3, "ATD+447700900123;");
	play_feed(&p, "\r\nNO CARRIER\r\n");
	play_expect(&p, "FINAL 3 NO-CARRIER NO CARRIER\n");
	play_give(&p, 4, "ATA");
	play_feed(&p, "\r\nCONNECT 9600\r\n");
	play_expect(&p, "FINAL 4 CONNECT CONNECT 9600\n");
	play_feed(&p, "\r\nNO CARRIER\r\n");
	play_expect(&p, "URC NO CARRIER\n");
}
END_TEST

START_TEST(a_dialect_adds_final_results)
{
	static const struct at_final finals[] = {
		{ "ACCEPTED", false, true }, { "FAULT ", true, false } };
	static const char *const ignore[] = { "^RSSI", "+CREG" };
	static const char *const urcs[] = { "^FOO", "WAKE" };
	struct at_dialect d = { .finals = finals, .n_finals = 2, .ignore = ignore, .n_ignore = 2,
				.urcs = urcs, .n_urcs = 2 };

	at_set_dialect(p.e, &d);
	play_give(&p, 1, "AT+X");
	play_feed(&p, "\r\n^RSSI:14\r\n^RSSILVL:3\r\n+CREG: 1\r\n^FOO: 1\r\nWAKE UP\r\n"
		  "ACCEPTED\r\n");
	play_expect(&p, "URC ^FOO: 1\nURC WAKE UP\nFINAL 1 OK ACCEPTED\n");
	ck_assert_uint_eq(at_counters(p.e)->ignored, 3);
	play_give(&p, 2, "AT+X");
	play_feed(&p, "FAULT 17\r\n");
	play_expect(&p, "FINAL 2 ERROR FAULT 17\n");
}
END_TEST

START_TEST(refuses_what_smuggles)
{
	struct at_command c = { .text = "AT", .id = 1 };
	static const char *const bad[] = { "AT\rAT+CMGD=1", "AT\n", "AT\x1a", "AT\x1b", "AT\x7f",
					   "AT\t", "", "A/", "+++", NULL };
	static char longer[AT_COMMAND_MAX + 2];
	static char digits[AT_PAYLOAD_MAX + 2];

	for (size_t i = 0; i < TW_COUNT(bad); i++) {
		c.text = bad[i];
		ck_assert_int_eq(at_give(p.e, &c, p.now), TW_E_SYNTAX);
	}
	memset(longer, 'A', sizeof(longer) - 1);
	longer[1] = 'T';
	c.text = longer;
	ck_assert_int_eq(at_give(p.e, &c, p.now), TW_E_NOSPACE);
	c = (struct at_command){ .text = "AT", .id = 0 };
	ck_assert_int_eq(at_give(p.e, &c, p.now), TW_E_RANGE);
	c = (struct at_command){ .text = "AT+CMGS=1", .id = 1, .shape = AT_SEND };
	ck_assert_int_eq(at_give(p.e, &c, p.now), TW_E_SYNTAX);
	c.payload = "00\x1a";
	ck_assert_int_eq(at_give(p.e, &c, p.now), TW_E_SYNTAX);
	memset(digits, '0', sizeof(digits) - 1);
	c.payload = digits;
	ck_assert_int_eq(at_give(p.e, &c, p.now), TW_E_NOSPACE);
	digits[AT_PAYLOAD_MAX] = 0;
	ck_assert_int_eq(at_give(p.e, &c, p.now), 0);
}
END_TEST

START_TEST(the_pause_behind_a_result)
{
	struct at_dialect d = { .pause_ms = 20 };

	at_set_dialect(p.e, &d);
	play_give(&p, 1, "AT");
	play_expect_written(&p, "AT\r");
	play_feed(&p, "OK\r\n");
	play_give(&p, 2, "ATZ");
	play_expect_written(&p, "");
	play_wait(&p, 19);
	play_expect_written(&p, "");
	play_wait(&p, 1);
	play_expect_written(&p, "ATZ\r");
}
END_TEST

START_TEST(an_answer_cannot_be_older_than_its_command)
{
	p.holds = true;
	play_give(&p, 1, "AT+CMGD=3");
	play_feed(&p, "\r\nO");		/* of something else: the CR has not left */
	p.holds = false;
	play_turn(&p);
	play_feed(&p, "K\r\n");
	play_expect(&p, "STRAY OK\n");
	play_feed(&p, "\r\nOK\r\n");
	play_expect(&p, "FINAL 1 OK OK\n");
	tw_buf_clear(&p.wrote);
	play_give(&p, 2, "AT");		/* answers may be off by one: the place is found first */
	play_expect_written(&p, "AT+CMEE?\r");
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
	play_expect_written(&p, "AT\r");
	play_feed(&p, "\r\nOK\r\n");
	play_expect(&p, "FINAL 2 OK OK\n");
}
END_TEST

START_TEST(wavecom_ends_cpin_with_its_line)
{
	struct at_dialect d = { .no_final_after_cpin = true };

	at_set_dialect(p.e, &d);
	play_give(&p, 1, "AT+CPIN?");
	play_feed(&p, "\r\n+CPIN: READY\r\n");
	play_expect(&p, "LINE 1 +CPIN: READY\n");
	play_wait(&p, 500);
	play_expect(&p, "FINAL 1 OK\n");
	play_give(&p, 2, "AT+CPIN?");		/* and where there is one it is not left over */
	play_feed(&p, "\r\n+CPIN: READY\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 2 +CPIN: READY\nFINAL 2 OK OK\n");
	play_give(&p, 3, "AT+CPIN?");
	play_feed(&p, "\r\n+CME ERROR: 10\r\n");
	play_expect(&p, "FINAL 3 CME 10 +CME ERROR: 10\n");
}
END_TEST

/* ---- PDUs and URCs ------------------------------------------------------------------------- */

START_TEST(headers_and_pdus)
{
	ck_assert_int_eq(play_give_as(&p, 1, "AT+CMGL=4", "+CMGL:", AT_PDU_LINES), 0);
	play_feed(&p, "\r\n+CMGL: 1,1,,3\r\n00112233\r\n^NWTIME:1\r\n+CMGL: 2, 0,,3\r\n");
	play_expect(&p, "LINE 1 +CMGL: 1,1,,3 | 00112233\n");
	play_feed(&p, "\r\n^NWTIME: 1\r\n00aabbcc\r\n+CMGL: 3,0,,0\r\n\r\n+CMGL: 4,0,,3\r\nOK\r\n");
	play_expect(&p, "LINE 1 +CMGL: 2, 0,,3 | 00aabbcc\nLINE 1 +CMGL: 3,0,,0\n"
		    "LINE 1 +CMGL: 4,0,,3\nFINAL 1 OK OK\n");
}
END_TEST

START_TEST(a_glued_header)
{
	ck_assert_int_eq(play_give_as(&p, 1, "AT+CMGL=4", "+CMGL:", AT_PDU_LINES), 0);
	play_feed(&p, "\r\n+CMGL: 4,0,,7\r\n0033445566778899+CMGL: 5,1,,7\r\n"
		  "0011223344556677\r\nOK\r\n");
	play_expect(&p, "LINE 1 +CMGL: 4,0,,7 | 0033445566778899\n"
		    "LINE 1 +CMGL: 5,1,,7 | 0011223344556677\nFINAL 1 OK OK\n");
	play_give(&p, 2, "AT+CNUM");
	play_feed(&p, "\r\nERROR+CNUM: \"\",\"+447700900123\",145\r\nOK\r\n");
	play_expect(&p, "LINE 2 +CNUM: \"\",\"+447700900123\",145\nFINAL 2 OK OK\n");
}
END_TEST

START_TEST(an_empty_slot)
{
	ck_assert_int_eq(play_give_as(&p, 1, "AT+CMGR=1", "+CMGR:", AT_PDU_LINES), 0);
	play_feed(&p, "\r\n+CMGR: 0,,0\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 1 +CMGR: 0,,0\nFINAL 1 OK OK\n");
}
END_TEST

START_TEST(a_direct_text_inside_an_answer)
{
	ck_assert_int_eq(play_give_as(&p, 1, "AT+CMGR=1", "+CMGR:", AT_PDU_LINES), 0);
	play_feed(&p, "\r\n+CMGR: 0,,4\r\n\r\n+CMT: ,3\r\n00aabbcc\r\n0011223344\r\n\r\nOK\r\n");
	play_expect(&p, "URC +CMT: ,3 | 00aabbcc\nLINE 1 +CMGR: 0,,4 | 0011223344\n"
		    "FINAL 1 OK OK\n");
	ck_assert_int_eq(play_give_as(&p, 2, "AT+CMGR=1", "+CMGR:", AT_PDU_LINES), 0);
	play_feed(&p, "\r\n+CMGR: 0,,4\r\n+CMT: ,3\r\n0011223344\r\n00aabbcc\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 2 +CMGR: 0,,4 | 0011223344\nURC +CMT: ,3 | 00aabbcc\n"
		    "FINAL 2 OK OK\n");
	play_give(&p, 3, "AT+CSQ");
	play_feed(&p, "\r\n+CDS: 3\r\n+CSQ: 1,1\r\nOK\r\n00aabbcc\r\n");
	play_expect(&p, "LINE 3 +CSQ: 1,1\nFINAL 3 OK OK\nURC +CDS: 3 | 00aabbcc\n");
}
END_TEST

START_TEST(a_number_is_no_pdu)
{
	ck_assert_int_eq(play_give_as(&p, 1, "AT+CCID", NULL, AT_NUMBER_LINE), 0);
	play_feed(&p, "\r\n+CMT: ,3\r\n8944110000000000012\r\n");
	play_expect(&p, "LINE 1 8944110000000000012\n");
	play_feed(&p, "00aabbcc\r\nOK\r\n");
	play_expect(&p, "URC +CMT: ,3 | 00aabbcc\nFINAL 1 OK OK\n");
}
END_TEST

START_TEST(a_pdu_that_never_comes)
{
	play_feed(&p, "\r\n+CMT: ,3\r\n");
	play_expect(&p, "");
	play_wait(&p, 6000);
	play_expect(&p, "URC +CMT: ,3\n");
	ck_assert_int_eq((int64_t)at_deadline(p.e).ms, INT64_MAX);
	play_feed(&p, "\r\n+CMT: ,3\r\n+CMT: ,4\r\n0011223344\r\n");
	play_expect(&p, "URC +CMT: ,3\nURC +CMT: ,4 | 0011223344\n");
}
END_TEST

START_TEST(names_are_whole_names)
{
	play_feed(&p, "+CMTI: \"SM\",3\r\n+CMS: 1\r\n+CDSI: \"SR\",0\r\n");
	play_expect(&p, "URC +CMTI: \"SM\",3\nURC +CMS: 1\nURC +CDSI: \"SR\",0\n");
	ck_assert_int_eq(play_give_as(&p, 1, "AT+CMT?", "+CMT", AT_PLAIN), 0);
	play_feed(&p, "+CMTI: \"SM\",3\r\n+CMT: 1\r\nOK\r\n");
	play_expect(&p, "URC +CMTI: \"SM\",3\nLINE 1 +CMT: 1\nFINAL 1 OK OK\n");
}
END_TEST

START_TEST(after_a_set_its_name_is_unsolicited)
{
	play_give(&p, 1, "AT+CUSD=1,\"*100#\",15");
	play_feed(&p, "\r\n+CUSD: 0,\"Balance\r\n5.00\r\n\r\nBye\",15\r\nOK\r\n");
	play_expect(&p, "URC +CUSD: 0,\"Balance\n5.00\n\nBye\",15\nFINAL 1 OK OK\n");
	play_give(&p, 2, "AT+CREG=2");
	play_feed(&p, "\r\n+CREG: 1,\"1A2B\",\"0012\"\r\nOK\r\n");
	play_expect(&p, "URC +CREG: 1,\"1A2B\",\"0012\"\nFINAL 2 OK OK\n");
	play_give(&p, 3, "AT+CREG?");
	play_feed(&p, "\r\n+CREG: 2,1\r\nOK\r\n");
	play_expect(&p, "LINE 3 +CREG: 2,1\nFINAL 3 OK OK\n");
}
END_TEST

START_TEST(a_quote_that_never_closes)
{
	play_give(&p, 1, "AT+CUSD=1,\"*100#\",15");
	play_feed(&p, "\r\n+CUSD: 0,\"Balance\r\n\r\nOK\r\n");
	play_expect(&p, "");
	play_wait(&p, 2000);
	play_expect(&p, "URC +CUSD: 0,\"Balance\nFINAL 1 OK OK\n");
	ck_assert_int_eq((int64_t)at_deadline(p.e).ms, INT64_MAX);
}
END_TEST

START_TEST(a_reboot_in_the_middle)
{
	play_send(&p, 1);
	play_feed(&p, "\r\n> ");
	play_feed(&p, "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n^SYSSTART\r\n+CPIN: READY\r\n"
		  "Call Ready\r\nSMS Ready\r\n");
	play_expect(&p, "SENT 1\nURC RDY\nURC +CFUN: 1\nURC ^SYSSTART\nURC +CPIN: READY\n"
		    "URC Call Ready\nURC SMS Ready\n");
	at_reset(p.e);
	play_turn(&p);
	play_expect(&p, "FINAL 1 ABORTED*\n");
}
END_TEST

/* ---- sending ------------------------------------------------------------------------------- */

START_TEST(sends)
{
	play_send(&p, 1);
	play_expect_written(&p, "AT+CMGS=24\r");
	play_feed(&p, "AT+CMGS=24\r\r\n");
	play_expect_written(&p, "");
	play_feed(&p, ">");
	play_expect_written(&p, PDU "\x1a");
	play_expect(&p, "SENT 1\n");
	play_feed(&p, " " PDU "\x1a\r\n+CMTI: \"SM\",1\r\n> \r\n+CMGS: 17\r\n\r\nOK\r\n");
	play_expect(&p, "URC +CMTI: \"SM\",1\nLINE 1 +CMGS: 17\nFINAL 1 OK* OK\n");
	ck_assert(at_is_idle(p.e));
}
END_TEST

START_TEST(odd_prompts)
{
	static const char *const prompts[] = { "\r\n> ", "\r\n>", "\r\n>\0", "> ", "\n>\r\n",
					       "\r\n  >  \r\n", "\r\r\n> \r\n" };

	for (size_t i = 0; i < TW_COUNT(prompts); i++) {
		play_send(&p, 1);
		tw_buf_clear(&p.wrote);
		play_feed(&p, prompts[i]);
		play_expect_written(&p, PDU "\x1a");
		play_feed(&p, "\r\n+CMGS: 17\r\n\r\nOK\r\n");
		play_expect(&p, "SENT 1\nLINE 1 +CMGS: 17\nFINAL 1 OK* OK\n");
	}
}
END_TEST

START_TEST(an_error_instead_of_a_prompt)
{
	play_send(&p, 1);
	play_feed(&p, "\r\n+CMS ERROR: 304\r\n");
	play_expect(&p, "FINAL 1 CMS 304 +CMS ERROR: 304\n");
	ck_assert(at_is_idle(p.e));
	play_expect_written(&p, "AT+CMGS=24\r");
}
END_TEST

START_TEST(no_prompt)
{
	play_send(&p, 1);
	tw_buf_clear(&p.wrote);
	play_wait(&p, 9999);
	play_expect(&p, "");
	play_wait(&p, 1);
	play_expect(&p, "FINAL 1 NO-PROMPT\n");
	play_expect_written(&p, "\x1b\r");
	ck_assert(!at_is_idle(p.e));
	play_feed(&p, "\r\nOK\r\n");		/* of the escape, as far as anybody knows */
	play_wait(&p, 300);
	play_expect_written(&p, "AT+CMEE?\r");
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
	play_expect(&p, "STRAY OK\n");
	ck_assert(at_is_idle(p.e));
}
END_TEST

START_TEST(ok_without_cmgs)
{
	play_send(&p, 1);
	play_feed(&p, "> ");
	play_feed(&p, PDU "\r\n\r\nOK\r\n");
	play_expect(&p, "SENT 1\n");
	play_wait(&p, 3000);
	play_expect(&p, "FINAL 1 OK*\n");
	ck_assert(at_is_idle(p.e));
	play_send(&p, 2);			/* it was too early: the truth comes behind it */
	play_feed(&p, "> ");
	play_feed(&p, "\r\nOK\r\n");
	play_wait(&p, 1000);
	play_feed(&p, "\r\n+CMS ERROR: 38\r\n");
	play_expect(&p, "SENT 2\nFINAL 2 CMS 38* +CMS ERROR: 38\n");
}
END_TEST

START_TEST(ok_before_the_payload_has_left)
{
	play_send(&p, 1);
	play_feed(&p, "\r\n> \r\nOK\r\n");	/* Sierra MC7455 while GPS is on */
	play_expect(&p, "STRAY OK\nSENT 1\n");
	play_wait(&p, 59000);
	play_expect(&p, "");
	play_wait(&p, 1000);
	play_expect(&p, "FINAL 1 TIMEOUT*\n");	/* nobody knows */
}
END_TEST

START_TEST(ok_begun_before_the_payload_has_left)
{
	play_send(&p, 1);
	p.holds = true;
	play_feed(&p, "\r\n> \r\nO");
	p.holds = false;
	play_turn(&p);
	play_feed(&p, "K\r\n");
	play_expect(&p, "SENT 1\nSTRAY OK\n");
	play_wait(&p, 5000);
	play_expect(&p, "");
	play_feed(&p, "\r\n+CMGS: 1\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 1 +CMGS: 1\nFINAL 1 OK* OK\n");
}
END_TEST

START_TEST(a_torn_echo)
{
	play_send(&p, 1);
	play_feed(&p, "> ");
	play_feed(&p, "0001\r\n^SRVST:2\r\n000B9144\x1a\r\n+CMGS: 17\r\n\r\nOK\r\n");
	play_expect(&p, "SENT 1\nURC ^SRVST:2\nLINE 1 +CMGS: 17\nFINAL 1 OK* OK\n");
}
END_TEST

START_TEST(ok_instead_of_a_prompt)
{
	play_send(&p, 1);
	tw_buf_clear(&p.wrote);
	play_feed(&p, "\r\nOK\r\n");
	play_feed(&p, "\r\n> ");		/* it was somebody else's */
	play_feed(&p, "\r\n+CMGS: 3\r\n\r\nOK\r\n");
	play_expect(&p, "SENT 1\nLINE 1 +CMGS: 3\nFINAL 1 OK* OK\n");
	play_send(&p, 2);
	play_feed(&p, "\r\nOK\r\n");
	play_wait(&p, 600);
	play_expect(&p, "FINAL 2 OK\n");	/* not sent, and it says so */
}
END_TEST

START_TEST(cmgs_without_ok)
{
	play_send(&p, 1);
	play_feed(&p, "> ");
	play_feed(&p, "\r\n+CMGS: 17\r\n");
	play_wait(&p, 2000);
	play_expect(&p, "SENT 1\nLINE 1 +CMGS: 17\nFINAL 1 OK*\n");
	tw_buf_clear(&p.wrote);
	play_give(&p, 2, "AT");
	play_expect_written(&p, "AT+CMEE?\r");	/* its OK may come yet */
	play_feed(&p, "\r\nOK\r\n\r\n+CMEE: 0\r\n\r\nOK\r\n");
	play_expect_written(&p, "AT\r");
	play_feed(&p, "\r\nOK\r\n");
	play_expect(&p, "STRAY OK\nFINAL 2 OK OK\n");
}
END_TEST

START_TEST(nothing_takes_cmgs_back)
{
	play_send(&p, 1);
	play_feed(&p, "> ");
	play_feed(&p, "\r\n+CMGS: 17\r\n\r\nERROR\r\n");
	play_expect(&p, "SENT 1\nLINE 1 +CMGS: 17\nFINAL 1 OK* ERROR\n");
}
END_TEST

START_TEST(sent_only_when_ctrl_z_was_taken)
{
	const uint8_t *out;
	size_t n;

	play_send(&p, 1);
	p.holds = true;
	play_feed(&p, "> ");
	n = at_output(p.e, &out);
	ck_assert_uint_eq(n, strlen(PDU) + 1);
	at_written(p.e, n - 1, p.now);
	play_turn(&p);
	play_expect(&p, "");
	at_reset(p.e);
	play_turn(&p);
	play_expect(&p, "FINAL 1 ABORTED\n");
	ck_assert_uint_eq(at_output(p.e, &out), 0);
}
END_TEST

START_TEST(an_error_before_ctrl_z_takes_the_payload_back)
{
	const uint8_t *out;

	play_send(&p, 1);
	p.holds = true;
	play_feed(&p, "> ");
	at_output(p.e, &out);
	at_written(p.e, 4, p.now);
	play_feed(&p, "\r\n+CMS ERROR: 500\r\n");
	play_expect(&p, "FINAL 1 CMS 500 +CMS ERROR: 500\n");
	ck_assert_uint_eq(at_output(p.e, &out), 0);
	p.holds = false;
	tw_buf_clear(&p.wrote);
	play_give(&p, 2, "AT");
	play_expect_written(&p, "\x1b\r");	/* the half payload may lie in a prompt */
}
END_TEST

START_TEST(a_port_that_takes_nothing)
{
	const uint8_t *out;

	play_send(&p, 1);
	p.holds = true;
	play_feed(&p, "> ");
	at_output(p.e, &out);
	at_written(p.e, 4, p.now);
	play_wait(&p, 10000);
	play_expect(&p, "FINAL 1 NO-PROMPT\n");
	ck_assert_uint_eq(at_output(p.e, &out), 2);
	ck_assert_int_eq(memcmp(out, "\x1b\r", 2), 0);
	play_wait(&p, 60000);
	ck_assert(at_is_idle(p.e));
	play_give(&p, 2, "AT");
	play_wait(&p, 60000);
	play_expect(&p, "FINAL 2 TIMEOUT\n");
}
END_TEST

START_TEST(half_a_command_is_not_cut_off)
{
	const uint8_t *out;
	size_t n;

	p.holds = true;
	play_give(&p, 1, "AT+CMGD=12");
	at_written(p.e, 9, p.now);	/* "AT+CMGD=1": a CR here would delete another text */
	play_wait(&p, 10000);
	play_expect(&p, "FINAL 1 TIMEOUT\n");
	n = at_output(p.e, &out);
	ck_assert_uint_eq(n, 2 + 9);
	ck_assert_int_eq(memcmp(out, "2\rAT+CMEE?\r", n), 0);
	at_reset(p.e);
	at_begin(p.e, p.now);
	n = at_output(p.e, &out);
	ck_assert_uint_eq(n, 4);
	ck_assert_int_eq(memcmp(out, "\x1b" "AT\r", 4), 0);
}
END_TEST

START_TEST(without_a_prompt)
{
	struct at_dialect d = { .no_prompt = true };

	at_set_dialect(p.e, &d);
	play_send(&p, 1);
	play_expect_written(&p, "AT+CMGS=24\r" PDU "\x1a");
	play_feed(&p, "\r\n+CMGS: 17\r\n\r\nOK\r\n");
	play_expect(&p, "SENT 1\nLINE 1 +CMGS: 17\nFINAL 1 OK* OK\n");
}
END_TEST

START_TEST(an_acknowledgement_with_a_pdu)
{
	struct at_command c = { .text = "AT+CNMA=1,6", .shape = AT_SEND, .payload = "000100",
				.id = 1 };

	ck_assert_int_eq(at_give(p.e, &c, p.now), 0);
	play_turn(&p);
	play_feed(&p, "\r\n> ");
	play_feed(&p, "\r\nOK\r\n");		/* nothing but OK is due here */
	play_expect(&p, "SENT 1\nFINAL 1 OK* OK\n");
}
END_TEST

/* ---- prompts that nobody asked for --------------------------------------------------------- */

START_TEST(a_prompt_behind_cnma)
{
	play_give(&p, 1, "AT+CNMA=0");
	tw_buf_clear(&p.wrote);
	play_feed(&p, "\r\n> ");
	play_expect(&p, "");
	play_wait(&p, 300);
	play_expect(&p, "FINAL 1 ABANDONED\n");
	play_expect_written(&p, "\x1b\r");
	play_feed(&p, "\r\nOK\r\n");
	play_wait(&p, 300);
	play_expect_written(&p, "AT+CMEE?\r");
	play_feed(&p, "+CMEE: 1\r\nOK\r\n");
	play_expect(&p, "STRAY OK\n");
	ck_assert(at_is_idle(p.e));
}
END_TEST

START_TEST(a_prompt_out_of_nowhere)
{
	play_feed(&p, "\r\n> ");
	play_wait(&p, 300);
	play_expect(&p, "");
	play_expect_written(&p, "");
	play_send(&p, 1);
	play_expect_written(&p, "\x1b\r");	/* the command would be taken for a text */
	play_wait(&p, 300);
	play_feed(&p, "+CMEE: 1\r\nOK\r\n");
	play_expect_written(&p, "AT+CMEE?\rAT+CMGS=24\r");
	play_feed(&p, "> ");
	play_expect_written(&p, PDU "\x1a");
}
END_TEST

START_TEST(a_prompt_older_than_its_command)
{
	p.holds = true;
	play_send(&p, 1);
	play_feed(&p, "\r\n> ");
	p.holds = false;
	play_turn(&p);
	play_expect(&p, "FINAL 1 NO-PROMPT\n");
	play_expect_written(&p, "AT+CMGS=24\r\x1b\r");
}
END_TEST

START_TEST(a_late_prompt_is_escaped_again)
{
	play_send(&p, 1);
	play_wait(&p, 10000);
	tw_buf_clear(&p.wrote);
	play_feed(&p, "\r\n> ");
	play_expect_written(&p, "\x1b\r");
	play_wait(&p, 300);
	play_expect_written(&p, "AT+CMEE?\r");
	play_feed(&p, "> ");			/* the probe has gone into it */
	play_expect_written(&p, "\x1b\r");
	play_wait(&p, 300);
	play_expect_written(&p, "AT+CSCS?\r");
	play_feed(&p, "\r\n+CSCS: 0\r\n\r\nOK\r\n");
	ck_assert(at_is_idle(p.e));
	play_expect(&p, "FINAL 1 NO-PROMPT\n");
	ck_assert_ptr_null(strchr(tw_buf_str(&p.wrote), 0x1a));
}
END_TEST

/* ---- answers after their deadline ---------------------------------------------------------- */

START_TEST(late_answers)
{
	play_give(&p, 1, "AT+COPS=?");
	play_wait(&p, 5000);
	play_expect(&p, "FINAL 1 TIMEOUT\n");
	play_expect_written(&p, "AT+COPS=?\rAT+CMEE?\r");
	ck_assert(!at_is_idle(p.e));
	ck_assert_int_eq(play_give_as(&p, 2, "AT", NULL, AT_PLAIN), TW_E_STATE);
	play_feed(&p, "\r\n+COPS: (1,\"A\")\r\n\r\nOK\r\n");
	play_expect(&p, "LATE 1 +COPS: (1,\"A\")\nLATE 1 OK OK\n");
	ck_assert(!at_is_idle(p.e));
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
	play_expect(&p, "");
	ck_assert(at_is_idle(p.e));
	ck_assert_uint_eq(at_counters(p.e)->late, 2);
	ck_assert_uint_eq(at_counters(p.e)->timeouts, 1);
	ck_assert_uint_eq(at_counters(p.e)->resyncs, 1);
}
END_TEST

START_TEST(a_late_send)
{
	play_send(&p, 1);
	play_feed(&p, "> ");
	play_wait(&p, 60000);
	play_expect(&p, "SENT 1\nFINAL 1 TIMEOUT*\n");
	play_feed(&p, "\r\n+CMGS: 17\r\n\r\nOK\r\n");
	play_expect(&p, "LATE 1 +CMGS: 17\nLATE 1 OK OK\n");
	play_wait(&p, 300);
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
	ck_assert(at_is_idle(p.e));
	ck_assert_ptr_null(strstr(tw_buf_str(&p.wrote), "\x1a\x1a"));
}
END_TEST

START_TEST(a_late_send_while_another_waits_for_its_prompt)
{
	play_send(&p, 1);
	play_feed(&p, "> ");
	play_wait(&p, 60300);
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
	ck_assert(at_is_idle(p.e));
	tw_buf_clear(&p.told);
	play_send(&p, 2);
	play_feed(&p, "\r\n+CMGS: 17\r\n\r\nOK\r\n");
	play_expect(&p, "LATE 1 +CMGS: 17\nLATE 1 OK OK\n");
	play_feed(&p, "> ");
	play_feed(&p, "\r\n+CMGS: 18\r\n\r\nOK\r\n");
	play_expect(&p, "SENT 2\nLINE 2 +CMGS: 18\nFINAL 2 OK* OK\n");
}
END_TEST

START_TEST(half_a_late_answer)
{
	play_send(&p, 1);
	play_feed(&p, "> ");
	play_wait(&p, 60300);
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n\r\n+CMGS: 17\r\n");
	play_expect(&p, "SENT 1\nFINAL 1 TIMEOUT*\nLATE 1 +CMGS: 17\n");
	ck_assert(at_is_idle(p.e));
	tw_buf_clear(&p.wrote);
	play_give(&p, 2, "AT+CMGD=1");		/* not into the gap before its OK */
	play_expect_written(&p, "AT+CSCS?\r");
	play_feed(&p, "\r\nOK\r\n\r\n+CSCS: \"GSM\"\r\n\r\nOK\r\n");
	play_expect_written(&p, "AT+CMGD=1\r");
	play_feed(&p, "\r\nERROR\r\n");
	play_expect(&p, "STRAY OK\nFINAL 2 ERROR ERROR\n");
}
END_TEST

START_TEST(a_late_list_inside_another_command)
{
	ck_assert_int_eq(play_give_as(&p, 1, "AT+CMGL=4", "+CMGL:", AT_PDU_LINES), 0);
	play_wait(&p, 5000);
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
	ck_assert(at_is_idle(p.e));
	tw_buf_clear(&p.told);
	ck_assert_int_eq(play_give_as(&p, 2, "AT+CCID", NULL, AT_NUMBER_LINE), 0);
	play_feed(&p, "\r\n+CMGL: 1,1,,3\r\n00112233\r\n\r\nOK\r\n\r\n"
		  "8944110000000000012\r\n\r\nOK\r\n");
	play_expect(&p, "LATE 1 +CMGL: 1,1,,3 | 00112233\nLATE 1 OK OK\n"
		    "LINE 2 8944110000000000012\nFINAL 2 OK OK\n");
}
END_TEST

START_TEST(a_modem_that_refuses_the_probes)
{
	play_give(&p, 1, "AT+CSQ");
	play_wait(&p, 5000);
	play_feed(&p, "\r\nERROR\r\n");		/* whose? the first is owed */
	play_expect(&p, "FINAL 1 TIMEOUT\nLATE 1 ERROR ERROR\n");
	for (int i = 0; i < 3; i++) {
		ck_assert(!at_is_idle(p.e));
		play_feed(&p, "\r\nERROR\r\n");
		play_expect(&p, "STRAY ERROR\n");
		play_wait(&p, 500);
	}
	ck_assert(at_is_idle(p.e));
	play_expect_written(&p, "AT+CSQ\rAT+CMEE?\rAT+CSCS?\rAT+CSMS?\r");
}
END_TEST

START_TEST(a_modem_that_never_stops)
{
	play_give(&p, 1, "AT+CSQ");
	play_wait(&p, 5000);
	for (int i = 0; i < 1000 && !at_is_idle(p.e); i++) {
		play_feed(&p, i % 2 ? "\r\nERROR\r\n" : "\r\n+CNMI: 1\r\n");
		play_wait(&p, 100);
	}
	ck_assert(at_is_idle(p.e));
}
END_TEST

START_TEST(a_modem_that_is_gone)
{
	play_give(&p, 1, "AT+CSMS?");
	play_wait(&p, 5000);
	play_expect(&p, "FINAL 1 TIMEOUT\n");
	play_wait(&p, 9999);
	ck_assert(!at_is_idle(p.e));
	play_wait(&p, 1);
	ck_assert(at_is_idle(p.e));		/* given up: the owner is asked */
	play_expect_written(&p, "AT+CSMS?\rAT+CMEE?\rAT+CSCS?\rAT+CSDH?\rAT+CMMS?\rAT+CNMI?\r");
	play_give(&p, 2, "AT");			/* its limit is 5 s */
	play_wait(&p, 5999);
	play_expect(&p, "");
	play_wait(&p, 1);
	play_expect(&p, "FINAL 2 TIMEOUT\n");
	play_expect_written(&p, "AT+CMEE?\rAT+CSCS?\rAT+CSDH?\r");
	play_give(&p, 3, "AT");			/* and it is back */
	play_feed(&p, "\r\n+CMMS: 1\r\n\r\nOK\r\n");
	play_expect_written(&p, "AT+CMMS?\r");	/* that was for the one before */
	play_feed(&p, "\r\n+CMMS: 1\r\n\r\nOK\r\n");
	play_feed(&p, "\r\nOK\r\n");
	play_expect(&p, "FINAL 3 OK OK\n");
	play_expect_written(&p, "AT\r");
}
END_TEST

START_TEST(a_slow_modem_answers_every_probe)
{
	play_give(&p, 1, "AT+COPS=?");
	play_wait(&p, 5000 + 4000);
	play_feed(&p, "\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
	ck_assert(!at_is_idle(p.e));
	play_feed(&p, "\r\n+CSCS: 0\r\n\r\nOK\r\n");
	ck_assert(!at_is_idle(p.e));
	play_feed(&p, "\r\n+CSMS: 1,1,1,1\r\n\r\nOK\r\n");
	ck_assert(at_is_idle(p.e));
	play_expect(&p, "FINAL 1 TIMEOUT\nLATE 1 OK OK\n");
}
END_TEST

START_TEST(a_probe_that_was_thought_lost)
{
	play_give(&p, 1, "AT+CSQ");
	play_wait(&p, 5000);
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
	tw_buf_clear(&p.told);
	tw_buf_clear(&p.wrote);
	play_give(&p, 2, "AT+CMGD=1");
	play_feed(&p, "\r\n+CSCS: \"GSM\"\r\n\r\nOK\r\n");
	play_expect(&p, "");
	play_feed(&p, "\r\nOK\r\n");
	play_expect(&p, "FINAL 2 OK OK\n");
	play_give(&p, 3, "AT+CMGD=2");
	play_expect_written(&p, "AT+CMGD=1\rAT+CSCS?\r");
	play_feed(&p, "\r\n+CSCS: \"GSM\"\r\n\r\nOK\r\n");
	play_expect_written(&p, "AT+CMGD=2\r");
	play_feed(&p, "\r\nOK\r\n");
	play_expect(&p, "FINAL 3 OK OK\n");
	play_give(&p, 4, "AT+CSCS?");			/* and its own line is its own */
	play_feed(&p, "\r\n+CSCS: \"GSM\"\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 4 +CSCS: \"GSM\"\nFINAL 4 OK OK\n");
}
END_TEST

START_TEST(opens)
{
	struct at_dialect d = { .open_with = "ATE0+CPMS?" };

	at_begin(p.e, p.now);
	play_turn(&p);
	play_expect_written(&p, "\x1b\r");
	ck_assert(at_is_idle(p.e));
	play_give(&p, 1, "AT");			/* waits for silence */
	play_expect_written(&p, "");
	play_feed(&p, "\r\nERROR\r\n");
	play_wait(&p, 299);
	play_expect_written(&p, "");
	play_wait(&p, 1);
	play_expect_written(&p, "AT+CMEE?\r");	/* the ESC may be answered yet */
	play_feed(&p, "\r\nOK\r\n\r\n+CMEE: 0\r\n\r\nOK\r\n");
	play_expect_written(&p, "AT\r");
	play_feed(&p, "\r\nOK\r\n");
	play_expect(&p, "STRAY ERROR\nSTRAY OK\nFINAL 1 OK OK\n");
	at_set_dialect(p.e, &d);
	at_begin(p.e, p.now);
	play_turn(&p);
	play_expect_written(&p, "\x1b\rATE0+CPMS?\r");
	play_give(&p, 2, "AT");
	for (int i = 0; i < 19; i++) {		/* a flood does not hold it up for ever */
		play_wait(&p, 100);
		play_feed(&p, "\r\n+ZUSIMR:2\r\n");
	}
	play_expect_written(&p, "");
	play_wait(&p, 100);
	play_expect_written(&p, "AT+CSCS?\r");
}
END_TEST

START_TEST(reset_forgets)
{
	play_give(&p, 1, "AT+CSQ");
	play_feed(&p, "\r\n+CSQ: 1");
	at_reset(p.e);
	ck_assert(!at_is_idle(p.e));
	play_turn(&p);
	play_expect(&p, "FINAL 1 ABORTED\n");
	ck_assert(at_is_idle(p.e));
	play_feed(&p, "8,99\r\n");
	play_expect(&p, "STRAY 8,99\n");
	ck_assert_int_eq((int64_t)at_deadline(p.e).ms, INT64_MAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("at_engine");
	TCase *t = tcase_create("engine");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, answers);
	tcase_add_test(t, unnamed_lines_are_the_answer);
	tcase_add_test(t, several_in_one_line);
	tcase_add_test(t, final_results);
	tcase_add_test(t, results_of_calls);
	tcase_add_test(t, a_dialect_adds_final_results);
	tcase_add_test(t, refuses_what_smuggles);
	tcase_add_test(t, the_pause_behind_a_result);
	tcase_add_test(t, an_answer_cannot_be_older_than_its_command);
	tcase_add_test(t, wavecom_ends_cpin_with_its_line);
	tcase_add_test(t, headers_and_pdus);
	tcase_add_test(t, a_glued_header);
	tcase_add_test(t, an_empty_slot);
	tcase_add_test(t, a_direct_text_inside_an_answer);
	tcase_add_test(t, a_number_is_no_pdu);
	tcase_add_test(t, a_pdu_that_never_comes);
	tcase_add_test(t, names_are_whole_names);
	tcase_add_test(t, after_a_set_its_name_is_unsolicited);
	tcase_add_test(t, a_quote_that_never_closes);
	tcase_add_test(t, a_reboot_in_the_middle);
	tcase_add_test(t, sends);
	tcase_add_test(t, odd_prompts);
	tcase_add_test(t, an_error_instead_of_a_prompt);
	tcase_add_test(t, no_prompt);
	tcase_add_test(t, ok_without_cmgs);
	tcase_add_test(t, ok_before_the_payload_has_left);
	tcase_add_test(t, ok_begun_before_the_payload_has_left);
	tcase_add_test(t, a_torn_echo);
	tcase_add_test(t, ok_instead_of_a_prompt);
	tcase_add_test(t, cmgs_without_ok);
	tcase_add_test(t, nothing_takes_cmgs_back);
	tcase_add_test(t, sent_only_when_ctrl_z_was_taken);
	tcase_add_test(t, an_error_before_ctrl_z_takes_the_payload_back);
	tcase_add_test(t, a_port_that_takes_nothing);
	tcase_add_test(t, half_a_command_is_not_cut_off);
	tcase_add_test(t, without_a_prompt);
	tcase_add_test(t, an_acknowledgement_with_a_pdu);
	tcase_add_test(t, a_prompt_behind_cnma);
	tcase_add_test(t, a_prompt_out_of_nowhere);
	tcase_add_test(t, a_prompt_older_than_its_command);
	tcase_add_test(t, a_late_prompt_is_escaped_again);
	tcase_add_test(t, late_answers);
	tcase_add_test(t, a_late_send);
	tcase_add_test(t, a_late_send_while_another_waits_for_its_prompt);
	tcase_add_test(t, half_a_late_answer);
	tcase_add_test(t, a_late_list_inside_another_command);
	tcase_add_test(t, a_modem_that_refuses_the_probes);
	tcase_add_test(t, a_modem_that_never_stops);
	tcase_add_test(t, a_modem_that_is_gone);
	tcase_add_test(t, a_slow_modem_answers_every_probe);
	tcase_add_test(t, a_probe_that_was_thought_lost);
	tcase_add_test(t, opens);
	tcase_add_test(t, reset_forgets);
	suite_add_tcase(s, t);
	return play_run(s);
}
