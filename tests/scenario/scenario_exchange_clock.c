/* Events: of the clock, for whom they hold, over restarts; and those of lists and codes. */
#include "customer.h"

static const char daily[] =
	"fields = ( { name = \"visits\"; type = \"integer\"; } );\n"
	"otherwise = \"Pardon?\";\n"
	"on = ( { event = \"at\"; every = \"day 12:00\"; audience = \"tag('vip')\"; reply = \"Noon, {name|friend}.\"; } );\n"
	"keywords = ( { match = \"VIP\"; tag = \"vip\"; }, { match = \"NOVIP\"; untag = \"vip\"; },"
	" { match = \"ASK\"; do = ( { ask = \"Well?\"; within = \"8h\"; }, \"Thanks\" ); } );\n";

START_TEST(test_daily)
{
	begin(daily, true);
	hear("VIP");
	say(OTHER_CUSTOMER, "VIP");
	say("+447700900102", "hello");
	expect(later(2 * HOUR), "");
	expect(later(2 * HOUR), "Noon, friend. | Noon, friend.");
	expect(later(20 * HOUR), "");
	say(OTHER_CUSTOMER, "NOVIP");
	expect(later(4 * HOUR), "Noon, friend.");
	hear("STOP");
	expect(later(2 * DAY), "");
	world_close(&w);
}
END_TEST

/* What was missed comes once, the last of several; what was missed long ago does not. */
/* The file's `numbers` limit what it is sent from, whichever number the contact has texted. */
START_TEST(test_numbers)
{
	static const char limited[] =
		"numbers = \"%s\"; otherwise = \"Pardon?\";"
		"on = ( { event = \"at\"; every = \"day 12:00\"; reply = \"Noon\"; } );";
	char text[256];
	struct store_event e;

	snprintf(text, sizeof(text), limited, SECOND);
	begin(text, false);
	hear("hello");			/* by the first number */
	size_t before = w.bank->n_sends;

	expect(later(4 * HOUR), "Noon");
	ck_assert_int_eq(w.bank->sends[before].modem, 1);
	/* and none of which the bank has */
	snprintf(text, sizeof(text), limited, "+447700900555");
	world_reflow(&w, text);
	expect(later(DAY), "");
	ck_assert_int_eq(store_event_before(w.store, 0, &e), 0);
	expect(e.kind, "at.refused");
	store_event_done(&e);
	world_close(&w);
}
END_TEST

START_TEST(test_missed)
{
	begin(daily, true);
	hear("VIP");
	down_for(2 * DAY + 5 * HOUR);		/* Wednesday, 14:00 */
	expect(flush(), "Noon, friend.");
	expect(later(2 * HOUR), "");
	down_for(DAY + 4 * HOUR);		/* Thursday, 20:00: noon is eight hours ago */
	expect(flush(), "");
	expect(later(17 * HOUR), "Noon, friend.");
	world_close(&w);
}
END_TEST

/* A new event comes at its next time; one that is gone, and comes back, does not make up for anything. */
START_TEST(test_reload)
{
	begin("keywords = ( { match = \"VIP\"; tag = \"vip\"; } );", false);
	hear("VIP");
	later(4 * HOUR);			/* 13:00 */
	world_reflow(&w, daily);
	expect(later(20 * HOUR), "");
	expect(later(4 * HOUR), "Noon, friend.");
	world_reflow(&w, "keywords = ( { match = \"VIP\"; tag = \"vip\"; } );");
	expect(later(2 * DAY), "");
	world_reflow(&w, daily);
	expect(flush(), "");
	expect(later(DAY), "Noon, friend.");
	world_close(&w);
}
END_TEST

/* It waits until no question is open. */
START_TEST(test_behind_a_question)
{
	begin(daily, true);
	hear("VIP");
	expect(hear("ASK"), "Well?");
	expect(later(4 * HOUR), "");
	die();
	expect(hear("fine"), "Noon, friend. | Thanks");
	expect(later(12 * HOUR), "");
	world_close(&w);
}
END_TEST

START_TEST(test_behind_a_question_that_nobody_answers)
{
	begin(daily, false);
	hear("VIP");
	later(2 * HOUR);
	hear("ASK");				/* until 19:00 */
	expect(later(7 * HOUR), "");
	expect(later(2 * HOUR), "Noon, friend.");
	world_close(&w);
}
END_TEST

static char at[] = "at";

/* In the contact's own zone, which they may have told. */
START_TEST(test_quiet_hours)
{
	static char *applies[] = { at };

	begin("on = ( { event = \"at\"; every = \"day 12:00\"; reply = \"Noon.\"; } );"
	      "keywords = ( { match = \"NY\"; set = { zone = \"America/New_York\"; }; },"
	      " { match = \"HERE\"; reply = \"Ok\"; } );", true);
	hear("NY");
	say(OTHER_CUSTOMER, "HERE");
	w.settings.quiet_hours.is_set = true;
	w.settings.quiet_hours.from = 21 * 60;
	w.settings.quiet_hours.to = 8 * 60;
	w.settings.quiet_hours.applies = (struct tw_strings){ applies, 1 };
	world_reload(&w);
	expect(later(7 * HOUR / 2), "Noon.");	/* in London; it is 07:30 in New York */
	die();
	expect(later(HOUR), "Noon.");		/* 08:00 there */
	expect(later(12 * HOUR), "");
	world_close(&w);
}
END_TEST

/* Many, in slices: each once, whatever statement fails and wherever the process dies. */
enum { MANY = 60 };

static void people(void)
{
	struct store_contact c;

	store_turn_begin(w.store, w.now);
	for (int i = 0; i < MANY; i++) {
		char number[32];

		snprintf(number, sizeof(number), "+4477009001%02d", i);
		ck_assert_int_eq(store_contact(w.store, 1, number, true, w.now.wall, &c), 0);
		ck_assert_int_eq(store_tag_put(w.store, c.id, "vip", true), 0);
		tw_strset(c.name, sizeof(c.name), number + 10);
		ck_assert_int_eq(store_contact_save(w.store, &c), 0);
	}
	ck_assert_int_eq(store_flush(w.store, w.now), 0);
}

struct tally { int n[MANY]; };

static void add_up(void *ctx, struct message *m)
{
	struct tally *t = ctx;
	int i;

	if (m->text && sscanf(m->text, "Noon, %d", &i) == 1 && m->direction == OUTBOUND)
		t->n[i - 100]++;
	message_done(m);
}

static void check_each_once(const char *how, int nth)
{
	struct exchange_query q = { .state = -1, .direction = -1, .limit = 1000 };
	struct tally t = { .n = { 0 } };

	world_inject(&w, 0, 0, false);
	later(10 * 60 * 1000);
	ck_assert_int_ge(exchange_messages(w.x, &q, add_up, &t), 0);
	for (int i = 0; i < MANY; i++)
		ck_assert_msg(t.n[i] == 1, "%s %d: contact %d was texted %d times", how, nth, i, t.n[i]);
}

START_TEST(test_slices)
{
	begin(daily, false);
	people();
	later(4 * HOUR);
	check_each_once("plain", 0);
	world_close(&w);
}
END_TEST

START_TEST(test_slices_die)
{
	for (int turn = 0; turn < 6; turn++) {
		begin(daily, true);
		people();
		world_wait(&w, 3 * HOUR - 1000);
		for (int i = 0; i <= turn; i++) {
			w.now.wall.ms += 600;
			w.now.mono.ms += 600;
			world_turn(&w);
		}
		world_crash(&w);
		check_each_once("death", turn);
		world_close(&w);
	}
}
END_TEST

START_TEST(test_slices_fail)
{
	/* Not a constraint: whoever brings one about is passed by. */
	static const int codes[] = { 13 /* FULL */, 10 /* IOERR */, 5 /* BUSY */ };

	for (int nth = 1 + _i; nth < 400; nth += 12) {
		begin(daily, false);
		people();
		world_wait(&w, 3 * HOUR - 1000);
		world_inject(&w, nth, codes[nth % 3], false);
		world_wait(&w, 2000);
		check_each_once("statement", nth);
		world_close(&w);
	}
}
END_TEST

/* ---- lists and codes ------------------------------------------------------------------------ */

static const char lists[] =
	"lists = ( { name = \"news\"; }, { name = \"offers\"; double_opt_in = true; confirm = \"Sure?\"; } );\n"
	"vouchers = ( { name = \"v\"; generate = \"XXXX-9999\"; } );\n"
	"on = ( { event = \"joined\"; list = \"offers\"; do = ( { tag = \"in\"; }, \"Welcome\" ); },\n"
	"  { event = \"left\"; do = ( { untag = \"in\"; }, { send = { to = \"+447700900999\"; text = \"{number} left\"; }; },"
	" \"Bye\" ); },\n"
	"  { event = \"redeemed\"; series = \"v\"; reply = \"Enjoy\"; } );\n"
	"keywords = (\n"
	"  { match = \"NEWS\"; do = ( { subscribe = \"news\"; }, \"News\" ); },\n"
	"  { match = \"OFFERS\"; do = ( { subscribe = \"offers\"; }, \"Offers {redeemed|none}\" ); },\n"
	"  { match = \"NONEWS\"; do = ( { unsubscribe = \"news\"; }, \"No news\" ); },\n"
	"  { match = \"CODE\"; do = ( { voucher = \"v\"; }, \"{voucher}\" ); },\n"
	"  { match = \"USE\"; do = ( { redeem = \"v\"; }, \"{redeemed}\" ); } );\n";

/* In their order: what was queued first went first. */
static const char *in_order(const char *text)
{
	static char out[1024];
	size_t n = 0;

	world_wait(&w, 1000);
	world_text(&w, 0, CUSTOMER, text);
	for (int i = 0; i < 12; i++) {
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		if (fake_sending(w.bank, 1))
			fake_sent(w.bank, 1);
		world_turn(&w);
	}
	out[0] = '\0';
	for (; seen < w.bank->n_sends; seen++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", n ? " | " : "",
				      w.bank->sends[seen].text);
	return out;
}

START_TEST(test_joined_and_left)
{
	begin(lists, false);
	expect(in_order("NEWS"), "News");
	expect(in_order("OFFERS"), "Sure?");
	expect(in_order("yes"), "Welcome | Offers none");
	expect(in_order("OFFERS"), "Offers none");	/* is on it: nothing happens */
	expect(hear("NONEWS"), "+447700900100 left | Bye | No news");
	expect(hear("NONEWS"), "No news");
	/* Of two that asked, only who was on the list leaves it. */
	expect(say(OTHER_CUSTOMER, "OFFERS"), "Sure?");
	expect(say(OTHER_CUSTOMER, "no"), "");
	expect(hear("STOP offers"), "+447700900100 left | Bye | You have left offers. STOP ALL leaves "
	       "everything on this number.");
	world_close(&w);
}
END_TEST

/* STOP leaves every list: what that does is done, and nothing is said but the confirmation. */
START_TEST(test_stop_leaves)
{
	begin(lists, false);
	hear("NEWS");
	hear("OFFERS");
	hear("yes");
	const char *said = hear("STOP");

	ck_assert_ptr_nonnull(strstr(said, "+447700900100 left | +447700900100 left"));
	ck_assert_ptr_null(strstr(said, "Bye"));
	world_close(&w);
}
END_TEST

START_TEST(test_redeemed)
{
	char code[64], use[80];

	begin(lists, false);
	tw_strset(code, sizeof(code), in_order("CODE"));
	snprintf(use, sizeof(use), "USE %s", code);
	expect(in_order(use), "Enjoy | ok");
	expect(in_order(use), "used");
	expect(in_order("USE nothing"), "unknown");
	world_close(&w);
}
END_TEST

/* Events that bring about each other end. */
START_TEST(test_endless)
{
	begin("lists = ( { name = \"a\"; } );"
	      "on = ( { event = \"joined\"; do = ( \"In\", { unsubscribe = \"a\"; } ); },"
	      " { event = \"left\"; do = ( \"Out\", { subscribe = \"a\"; } ); } );"
	      "keywords = ( { match = \"A\"; subscribe = \"a\"; } );", false);
	expect(hear("A"), "In | In | Out | Out");
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_daily);
	tcase_add_test(t, test_numbers);
	tcase_add_test(t, test_missed);
	tcase_add_test(t, test_reload);
	tcase_add_test(t, test_behind_a_question);
	tcase_add_test(t, test_behind_a_question_that_nobody_answers);
	tcase_add_test(t, test_quiet_hours);
	tcase_add_test(t, test_slices);
	tcase_add_test(t, test_slices_die);
	tcase_add_loop_test(t, test_slices_fail, 0, 4);
	tcase_add_test(t, test_joined_and_left);
	tcase_add_test(t, test_stop_leaves);
	tcase_add_test(t, test_redeemed);
	tcase_add_test(t, test_endless);
}

int main(void)
{
	in_any_order = true;
	return world_main("clock", add);
}
