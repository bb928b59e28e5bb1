/* USSD: every way in which a text is written, both ways, and dialogues with the network. */
#include "modem_player.h"

#include "../../src/modem/internal.h"

/* ---- texts in ------------------------------------------------------------------------------ */

static const struct { const char *text; int dcs; enum board_ussd form; const char *reads; } texts[] = {
	/* characters as they stand */
	{ "Your balance is 5.00", 15, BOARD_USSD_TEXT, "Your balance is 5.00" },
	{ "1500", 15, BOARD_USSD_TEXT, "1500" },
	{ "12345678", 15, BOARD_USSD_TEXT, "12345678" },
	{ "one\ntwo, \"three\"", 15, BOARD_USSD_TEXT, "one\ntwo, \"three\"" },
	{ "\xc2\xa3""5 left", 15, BOARD_USSD_TEXT, "\xc2\xa3""5 left" },
	{ "\xa3""5 left", 15, BOARD_USSD_TEXT, "\xc2\xa3""5 left" },		/* Latin-1 */
	{ "\x01""5, \x02""3, a\x11""b", 15, BOARD_USSD_TEXT, "\xc2\xa3""5, $3, a_b" },	/* +CSCS="GSM" */
	{ "Balance", 0, BOARD_USSD_TEXT, "Balance" },
	{ "Balance", 68, BOARD_USSD_TEXT, "Balance" },
	{ "en\nBalance", 16, BOARD_USSD_TEXT, "Balance" },
	{ "", 15, BOARD_USSD_TEXT, "" },
	/* septets in hex */
	{ "D9775D0E1287D961F7B80C4ABBDD73", 15, BOARD_USSD_PACKED, NULL },
	{ "AA180C3602", 15, BOARD_USSD_PACKED, "*100#" },
	{ "AA180C3602", 15, BOARD_USSD_TEXT, "*100#" },		/* reads as a text */
	{ "B1582C168BC51A", 15, BOARD_USSD_PACKED, "1111111" },	/* 49 bits, then a CR */
	{ "31D98C06", 15, BOARD_USSD_PACKED, "1234" },
	{ "31D98C06", 0, BOARD_USSD_PACKED, "1234" },
	{ "C2303BEC1E9741", 15, BOARD_USSD_TEXT, "Balance " },
	{ "CF25", 15, BOARD_USSD_PACKED, "OK" },
	{ "CF25", 15, BOARD_USSD_TEXT, "CF25" },
	/* UCS-2 in hex */
	{ "0059006F0075", 72, BOARD_USSD_TEXT, "You" },
	{ "0059006F0075", 72, BOARD_USSD_PACKED, "You" },
	{ "0059006F0075", 15, BOARD_USSD_TEXT, "You" },
	{ "0059006F0075", 15, BOARD_USSD_UCS2, "You" },
	{ "0035002020AC", 15, BOARD_USSD_UCS2, "5 \xe2\x82\xac" },
	{ "0411043004430441", 15, BOARD_USSD_UCS2, NULL },
	{ "0411", 72, BOARD_USSD_TEXT, "\xd0\x91" },
	{ "D83DDE00", 72, BOARD_USSD_TEXT, "\xf0\x9f\x98\x80" },
	{ "656E00480069", 17, BOARD_USSD_TEXT, "Hi" },		/* a language, then UCS-2 */
	/* octets in hex */
	{ "42616C616E6365", 68, BOARD_USSD_TEXT, "Balance" },
	{ "42616C616E6365", 0xf4, BOARD_USSD_TEXT, "Balance" },
	/* what is no hex is what it is */
	{ "0059006F007", 72, BOARD_USSD_TEXT, "0059006F007" },
	{ "Hello", 72, BOARD_USSD_TEXT, "Hello" },
};

START_TEST(text_in)
{
	char out[EVENT_TEXT];
	size_t n = ussd_decode(texts[_i].text, strlen(texts[_i].text), texts[_i].dcs, texts[_i].form,
			       out, sizeof(out));

	ck_assert_uint_eq(n, strlen(out));
	ck_assert(tw_utf8_is_valid(out, n));
	if (texts[_i].reads)
		ck_assert_str_eq(out, texts[_i].reads);
	else
		ck_assert_str_ne(out, texts[_i].text);
}
END_TEST

/* ---- texts out ----------------------------------------------------------------------------- */

static const struct { const char *text; enum board_ussd form; const char *quoted; int dcs; bool ucs2; }
requests[] = {
	{ "*100#", BOARD_USSD_TEXT, "*100#", 15, false },
	{ "*100#", BOARD_USSD_PACKED, "AA180C3602", 15, false },
	{ "*100#", BOARD_USSD_UCS2, "002A0031003000300023", 15, true },
	{ "1", BOARD_USSD_PACKED, "31", 15, false },
	{ "1111111", BOARD_USSD_PACKED, "B1582C168BC51A", 15, false },	/* seven bits are left: CR */
	{ "11111111", BOARD_USSD_PACKED, "B1582C168BC562", 15, false },
	{ "a_b", BOARD_USSD_TEXT, "0061005F0062", 15, true },	/* not the same octet in both */
	{ "\xd0\x91", BOARD_USSD_TEXT, "0411", 72, true },
	{ "\xd0\x91", BOARD_USSD_PACKED, "0411", 72, false },
	{ "\xf0\x9f\x98\x80", BOARD_USSD_UCS2, "D83DDE00", 72, true },
};

START_TEST(text_out)
{
	char out[AT_COMMAND_MAX];
	bool ucs2;
	int dcs;

	ck_assert(ussd_encode(requests[_i].text, requests[_i].form, out, sizeof(out), &dcs, &ucs2));
	ck_assert_str_eq(out, requests[_i].quoted);
	ck_assert_int_eq(dcs, requests[_i].dcs);
	ck_assert_int_eq(ucs2, requests[_i].ucs2);
}
END_TEST

/* What is written is read again, whatever the length. */
START_TEST(there_and_back)
{
	static const enum board_ussd forms[] = { BOARD_USSD_TEXT, BOARD_USSD_PACKED, BOARD_USSD_UCS2 };
	char text[40] = "", quoted[AT_COMMAND_MAX], back[EVENT_TEXT];
	bool ucs2;
	int dcs;

	memset(text, 'a', (size_t)_i + 1);
	for (size_t i = 0; i < TW_COUNT(forms); i++) {
		ck_assert(ussd_encode(text, forms[i], quoted, sizeof(quoted), &dcs, &ucs2));
		ussd_decode(quoted, strlen(quoted), dcs, forms[i], back, sizeof(back));
		ck_assert_str_eq(back, text);
	}
}
END_TEST

/* ---- dialogues ----------------------------------------------------------------------------- */

static void ask(struct play *p, uint64_t id, const char *text, bool is_answer)
{
	ck_assert_int_eq(modem_ussd(p->m, id, text, is_answer, 20000, p->now), 0);
	play_run(p, 100);
}

START_TEST(menu)
{
	struct play *p = play_new("");

	play_to_ready(p);
	ask(p, 5, "*100#", false);
	ck_assert_int_eq(play_count(p, "AT+CUSD=1,\"*100#\",15"), 1);
	ck_assert_int_eq(modem_ussd(p->m, 6, "*101#", false, 0, p->now), TW_E_STATE);
	play_say(p, "\r\n+CUSD: 1,\"Menu\r\n1 \"Balance\"\r\n2 Top up\",15\r\n");
	play_run(p, 100);
	ck_assert_int_eq(p->n_ussd, 1);
	ck_assert_uint_eq(p->ussd_id, 5);
	ck_assert_int_eq(p->ussd_kind, MODEM_USSD_ASKS);
	ck_assert_str_eq(p->ussd, "Menu\n1 \"Balance\"\n2 Top up");
	ask(p, 7, "1", true);
	ck_assert_int_eq(play_count(p, "AT+CUSD=1,\"1\",15"), 1);
	play_say(p, "\r\n+CUSD: 0,\"5.00 EUR\",15\r\n");
	play_run(p, 100);
	ck_assert_uint_eq(p->ussd_id, 7);
	ck_assert_int_eq(p->ussd_kind, MODEM_USSD_OVER);
	/* The release behind it is no event, and nothing is open any more. */
	play_say(p, "\r\n+CUSD: 2\r\n");
	play_run(p, 100);
	ck_assert_int_eq(p->n_ussd, 2);
	ck_assert_int_eq(modem_ussd(p->m, 8, "1", true, 0, p->now), TW_E_STATE);
	ck_assert_int_eq(play_count(p, "AT+CUSD=2"), 0);
	play_free(p);
}
END_TEST

START_TEST(answer_before_ok)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_rule(p, "AT+CUSD=1,\"*100#\",15", "+CUSD: 0,\"early\",15");
	ask(p, 5, "*100#", false);
	play_run(p, 30000);
	ck_assert_int_eq(p->n_ussd, 1);
	ck_assert_uint_eq(p->ussd_id, 5);
	ck_assert_str_eq(p->ussd, "early");
	play_free(p);
}
END_TEST

START_TEST(no_answer_ends_the_dialogue)
{
	struct play *p = play_new("");

	play_to_ready(p);
	ask(p, 5, "*100#", false);
	ck_assert(!modem_can_send(p->m));
	play_run(p, 11000);
	ck_assert(modem_can_send(p->m));
	ck_assert_int_eq(p->n_ussd, 0);
	play_run(p, 10000);
	ck_assert_int_eq(p->n_ussd, 1);
	ck_assert_int_eq(p->ussd_kind, MODEM_USSD_FAILED);
	ck_assert_str_eq(p->ussd, "no answer from the network");
	ck_assert_int_eq(play_count(p, "AT+CUSD=2"), 1);
	play_free(p);
}
END_TEST

START_TEST(forms_are_tried_in_order)
{
	struct play *p = play_new("ussd = [ \"packed\", \"text\" ];");

	play_to_ready(p);
	play_rule(p, "AT+CUSD=1,\"AA180C3602\",15", "+CME ERROR: 50");
	ask(p, 5, "*100#", false);
	ck_assert_int_eq(play_count(p, "AT+CUSD=1,\"*100#\",15"), 1);
	ck_assert_int_eq(play_count(p, "AT+CSCS=\"GSM\""), 1);
	ck_assert_int_eq(p->n_ussd, 0);
	play_say(p, "\r\n+CUSD: 0,\"fine\",15\r\n");
	play_run(p, 100);
	ask(p, 6, "*100#", false);	/* what it took is remembered */
	ck_assert_int_eq(play_count(p, "AT+CUSD=1,\"AA180C3602\",15"), 1);
	ck_assert_int_eq(play_count(p, "AT+CUSD=1,\"*100#\",15"), 2);
	play_free(p);
}
END_TEST

START_TEST(refused)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_rule(p, "AT+CUSD=1,\"*100#\",15", "+CME ERROR: 100");
	play_rule(p, "AT+CUSD=1,\"002A0031003000300023\",15", "+CME ERROR: 100");
	ask(p, 5, "*100#", false);
	play_run(p, 1000);
	ck_assert_int_eq(p->n_ussd, 1);
	ck_assert_int_eq(p->ussd_kind, MODEM_USSD_FAILED);
	ck_assert_str_eq(p->ussd, "CME 100");
	/* +CSCS is as the rest of the modem's commands expect it. */
	ck_assert_int_eq(play_count(p, "AT+CSCS=\"UCS2\""), 1);
	ck_assert_int_eq(play_count(p, "AT+CSCS=\"GSM\""), 2);
	play_free(p);
}
END_TEST

START_TEST(canceled)
{
	struct play *p = play_new("");

	play_to_ready(p);
	ask(p, 5, "*100#", false);
	play_say(p, "\r\n+CUSD: 1,\"Menu\",15\r\n");
	play_run(p, 100);
	modem_ussd_end(p->m, p->now);
	play_run(p, 100);
	ck_assert_int_eq(play_count(p, "AT+CUSD=2"), 1);
	ck_assert_int_eq(p->n_ussd, 1);
	ask(p, 6, "*100#", false);
	modem_ussd_end(p->m, p->now);
	play_run(p, 100);
	ck_assert_int_eq(p->n_ussd, 2);
	ck_assert_str_eq(p->ussd, "ended");
	ck_assert_int_eq(play_count(p, "AT+CUSD=2"), 2);
	play_free(p);
}
END_TEST

START_TEST(network_begins)
{
	struct play *p = play_new("");

	play_to_ready(p);
	play_say(p, "\r\n+CUSD: 1,\"Do you agree?\",15\r\n");
	play_run(p, 100);
	ck_assert_int_eq(p->n_ussd, 1);
	ck_assert_uint_eq(p->ussd_id, 0);
	ck_assert_str_eq(p->ussd, "Do you agree?");
	/* Its dialogue stands in the way of ours. */
	ask(p, 6, "*100#", false);
	ck_assert_int_eq(play_count(p, "AT+CUSD=2"), 1);
	ck_assert_int_eq(play_count(p, "AT+CUSD=1,\"*100#\",15"), 1);
	play_free(p);
}
END_TEST

START_TEST(unplugged)
{
	struct play *p = play_new("");

	play_to_ready(p);
	ask(p, 5, "*100#", false);
	modem_on_closed(p->m, p->now);
	play_run(p, 100);
	ck_assert_int_eq(p->n_ussd, 1);
	ck_assert_int_eq(p->ussd_kind, MODEM_USSD_FAILED);
	ck_assert_str_eq(p->ussd, "unplugged");
	play_free(p);
}
END_TEST

static const char *const wrong[] = { "", "*1\r00#", "*1\x1a#", "\xff" };

START_TEST(nothing_is_smuggled)
{
	struct play *p = play_new("");

	play_to_ready(p);
	ck_assert_int_eq(modem_ussd(p->m, 5, wrong[_i], false, 0, p->now), TW_E_SYNTAX);
	ask(p, 6, "*1\",15;+CMGD=1", false);
	ck_assert_int_eq(play_count(p, "AT+CMGD=1"), 0);
	ck_assert_int_eq(play_count(p, "AT+CSCS=\"UCS2\""), 1);	/* a quote goes in hex */
	play_free(p);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, text_in, 0, TW_COUNT(texts));
	tcase_add_loop_test(t, text_out, 0, TW_COUNT(requests));
	tcase_add_loop_test(t, there_and_back, 0, 30);
	tcase_add_test(t, menu);
	tcase_add_test(t, answer_before_ok);
	tcase_add_test(t, no_answer_ends_the_dialogue);
	tcase_add_test(t, forms_are_tried_in_order);
	tcase_add_test(t, refused);
	tcase_add_test(t, canceled);
	tcase_add_test(t, network_begins);
	tcase_add_test(t, unplugged);
	tcase_add_loop_test(t, nothing_is_smuggled, 0, TW_COUNT(wrong));
}

int main(void)
{
	return play_main("modem_ussd", add);
}
