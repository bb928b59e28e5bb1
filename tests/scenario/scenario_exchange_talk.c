/* Conversations: places that are kept over restarts, reloads and the loss of a SIM; questions in their
 * order; codes, tags, fields and promises as rows. */
#include <stdio.h>

#include "world.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static struct world w;
static size_t seen;

/* All that waits goes out. What went to others than CUSTOMER is said with their number. */
static const char *flush(void)
{
	static char out[8192];
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < 12; i++) {
		for (int k = 0; k < 2; k++)
			if (fake_sending(w.bank, k))
				fake_sent(w.bank, k);
		world_turn(&w);
	}
	world_wait(&w, 100);	/* what became of them is written */
	for (; seen < w.bank->n_sends; seen++) {
		const struct fake_send *s = &w.bank->sends[seen];
		bool other = strcmp(s->pdu.address.text, CUSTOMER) != 0;

		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s%s%s%s", n ? " | " : "",
				      s->modem ? "(2) " : "", other ? s->pdu.address.text : "",
				      other ? " " : "", s->text);
	}
	return out;
}

static const char *hear_at(int modem, const char *from, const char *text)
{
	w.now.mono.ms += 1000;
	w.now.wall.ms += 1000;
	world_text(&w, modem, from, text);
	return flush();
}

static const char *hear(const char *text)
{
	return hear_at(0, CUSTOMER, text);
}

static const char *after(int64_t ms)
{
	static char all[8192];

	world_wait(&w, ms);
	snprintf(all, sizeof(all), "%s", flush());
	return all;
}

static void open_with(const char *flow, bool on_disk)
{
	world_flow_text = flow;
	seen = 0;
	(on_disk ? world_open_file : world_open)(&w);
}

#define expect(got, wanted) ck_assert_str_eq(got, wanted)

#define RATE "fields = ( { name = \"nps\"; type = \"integer\"; }, { name = \"why\"; } ); ended = \"Another time, then.\";" \
	"otherwise = \"What?\"; keywords = ( { match = \"HOURS\"; reply = \"8-18\"; }, { match = \"RATE\"; do = ( " \
	"{ ask = \"0 to 10?\"; save = \"nps\"; expect = \"0..10\"; again = \"A number, please.\"; tries = 2; " \
	"within = \"3d\"; }, { when = \"nps <= 6\"; do = ( { ask = \"Why {nps}?\"; save = \"why\"; no_answer = " \
	"\"Never mind.\"; }, \"Sorry: {why}\" ); }, { reply = \"Thanks\"; } ); } );"

START_TEST(test_conversation)
{
	open_with(RATE, false);
	expect(hear("rate"), "0 to 10?");
	expect(hear("hours"), "8-18");		/* the question stays open */
	expect(hear("many"), "A number, please.");
	expect(hear("3"), "Why 3?");
	expect(hear("{nps}'; DROP TABLE contact;--"), "Sorry: {nps}'; DROP TABLE contact;-- | Thanks");
	expect(hear("3"), "What?");
	expect(hear("rate"), "0 to 10?");
	expect(hear("x"), "A number, please.");
	expect(hear("y"), "Another time, then.");
	expect(hear("rate"), "0 to 10?");
	expect(hear("9"), "Thanks");
	world_close(&w);
}
END_TEST

/* A NUL of UCS-2 ends no text early, and no buffer late. */
START_TEST(test_nul)
{
	static const char args[] = "echo a\0b\0\0", answer[] = "c\0d", stop[] = "stop\0";

	open_with("fields = ( { name = \"q\"; } ); keywords = ( { match = \"ECHO\"; do = ( "
		  "{ reply = \"{args}!\"; }, { ask = \"q?\"; save = \"q\"; }, "
		  "{ reply = \"{text} {q} {args}.\"; } ); } ); goodbye = \"Bye\";", true);
	fake_octets(w.bank, 0, CUSTOMER, args, sizeof(args) - 1, w.now.wall);
	world_turn(&w);
	expect(flush(), "a b! | q?");
	world_crash(&w);
	fake_octets(w.bank, 0, CUSTOMER, answer, sizeof(answer) - 1, w.now.wall);
	world_turn(&w);
	expect(flush(), "c d c d a b.");
	fake_octets(w.bank, 0, CUSTOMER, stop, sizeof(stop) - 1, w.now.wall);
	world_turn(&w);
	expect(flush(), "Bye");
	world_close(&w);
}
END_TEST

START_TEST(test_time_is_over)
{
	open_with(RATE, false);
	hear("rate");
	expect(hear("1"), "Why 1?");
	expect(after(DAY - 10 * MINUTE), "");
	expect(after(20 * MINUTE), "Never mind.");
	expect(hear("late"), "What?");
	hear("rate");
	expect(after(4 * (int64_t)DAY), "");	/* without a word */
	expect(hear("5"), "What?");
	world_close(&w);
}
END_TEST

START_TEST(test_over_restarts)
{
	open_with(RATE, true);
	expect(hear("rate"), "0 to 10?");
	world_crash(&w);
	expect(hear("4"), "Why 4?");
	world_crash(&w);
	expect(hear("because"), "Sorry: because | Thanks");
	hear("rate");
	hear("2");
	world_crash(&w);
	expect(after(DAY + MINUTE), "Never mind.");
	world_close(&w);
}
END_TEST

/* A conversation finishes on the version that it began with; a new one begins on the new. */
START_TEST(test_over_a_reload)
{
	open_with(RATE, true);
	expect(hear("rate"), "0 to 10?");
	world_reflow(&w, "ended = \"It has changed.\"; fields = ( { name = \"nps\"; type = \"integer\"; } ); keywords = "
		     "( { match = \"RATE\"; reply = \"No more.\"; } );");
	expect(hear_at(0, OTHER_CUSTOMER, "rate"), OTHER_CUSTOMER " No more.");
	expect(hear("4"), "Why 4?");
	world_crash(&w);
	expect(hear("so"), "Sorry: so | Thanks");
	expect(hear("rate"), "No more.");
	world_close(&w);
}
END_TEST

/* The old text is there until nobody stands in it. */
START_TEST(test_versions_go)
{
	struct store_version v;

	open_with(RATE, false);
	hear("rate");
	world_reflow(&w, "keywords = ( { match = \"RATE\"; reply = \"No more.\"; } );");
	world_turn(&w);
	ck_assert_int_eq(store_version_get(w.store, 1, &v), 0);
	store_version_done(&v);
	expect(hear("9"), "Thanks");
	world_reflow(&w, "keywords = ( { match = \"RATE\"; reply = \"Never.\"; } );");
	world_turn(&w);
	ck_assert_int_eq(store_version_get(w.store, 1, &v), TW_E_UNKNOWN);
	world_close(&w);
}
END_TEST

/* ---- reload --move ------------------------------------------------------------------------- */

#define SHOE "ended = \"It has changed.\"; fields = ( { name = \"size\"; type = \"integer\"; }, { name = \"mail\"; } ); " \
	"lists = ( { name = \"news\"; double_opt_in = true; confirm = \"News?\"; } ); keywords = ( "

static const char before_move[] = SHOE
	"{ match = \"SHOE\"; do = ( { label = \"size\"; ask = \"What size?\"; save = \"size\"; }, { reply = \"Old {size}.\"; } ); },"
	"{ match = \"LATER\"; do = ( { label = \"rest\"; wait = \"2h\"; }, { reply = \"Old rest.\"; } ); },"
	"{ match = \"NEWS\"; do = ( { label = \"news\"; subscribe = \"news\"; }, { reply = \"Old news.\"; } ); },"
	"{ match = \"MAIL\"; do = ( { ask = \"Your address?\"; save = \"mail\"; }, { reply = \"Old {mail}.\"; } ); } );";
static const char after_move[] = SHOE
	"{ match = \"NEW\"; reply = \"New.\"; },"
	"{ match = \"SHOE\"; do = ( { reply = \"Hello\"; }, { label = \"size\"; ask = \"Size?\"; save = \"size\"; }, "
	"{ reply = \"New {size}, {args|none}.\"; } ); },"
	"{ match = \"LATER\"; do = ( { label = \"rest\"; wait = \"5h\"; }, { reply = \"New rest.\"; } ); },"
	"{ match = \"NEWS\"; do = ( { label = \"news\"; subscribe = \"news\"; }, { reply = \"New news.\"; } ); },"
	"{ match = \"MAIL\"; do = ( { ask = \"Your address?\"; save = \"mail\"; }, { reply = \"New {mail}.\"; } ); } );";

/* `send` by a pool of the configuration, and by one that is gone since the flow was read. */
START_TEST(test_send_from_a_pool)
{
	open_with("keywords = ( { match = \"TELL\"; send = { to = \"" OTHER_CUSTOMER "\"; text = \"x\"; from = "
		  "\"second\"; }; } );", false);
	expect(hear("tell"), "");
	w.settings.pools[0].name = (char *)(uintptr_t)"second";
	tw_strings_add(&w.settings.pools[0].numbers, SECOND);
	w.settings.n_pools = 1;
	world_reload(&w);
	for (int i = 0; i < 3; i++)
		expect(hear("tell"), "(2) " OTHER_CUSTOMER " x");
	tw_strings_done(&w.settings.pools[0].numbers);
	w.settings.n_pools = 0;
	world_close(&w);
}
END_TEST

static struct exchange_moves move(void)
{
	struct exchange_moves m;

	ck_assert_int_eq(exchange_move(w.x, w.now, &m), 0);
	return m;
}

START_TEST(test_move)
{
	static const struct { const char *begin, *asked, *answer, *said; int64_t moved, stay; } rows[] = {
		{ "shoe for Tim", "What size?", "42", "New 42, for Tim.", 1, 0 },
		{ "news", "News?", "yes", "New news.", 1, 0 },
		{ "mail", "Your address?", "a@b.c", "Old a@b.c.", 0, 1 },	/* no label: it finishes */
	};
	struct exchange_moves m;

	open_with(before_move, true);
	expect(hear(rows[_i].begin), rows[_i].asked);
	world_reflow(&w, after_move);
	m = move();
	ck_assert_int_eq(m.moved, rows[_i].moved);
	ck_assert_int_eq(m.ended, 0);
	ck_assert_int_eq(m.stay, rows[_i].stay);
	expect(flush(), "");
	world_crash(&w);
	expect(hear(rows[_i].answer), rows[_i].said);
	m = move();		/* nothing is left to be moved */
	ck_assert_int_eq(m.moved + m.ended + m.stay, 0);
	world_close(&w);
}
END_TEST

/* What waits keeps its time. */
START_TEST(test_move_of_what_waits)
{
	open_with(before_move, false);
	expect(hear("later"), "");
	world_reflow(&w, after_move);
	ck_assert_int_eq(move().moved, 1);
	expect(after(HOUR), "");
	expect(after(HOUR + MINUTE), "New rest.");
	world_close(&w);
}
END_TEST

/* A label that is gone, or on a step of another kind: it ends with the account's word, once. */
START_TEST(test_move_ends)
{
	static const char *const flows[] = {
		SHOE "{ match = \"SHOE\"; do = ( { label = \"other\"; ask = \"Size?\"; save = \"size\"; }, \"New.\" ); } );",
		SHOE "{ match = \"SHOE\"; do = ( { label = \"size\"; wait = \"1h\"; }, { reply = \"New.\"; } ); } );",
		SHOE "{ match = \"SHOE\"; do = ( { label = \"size\"; reply = \"New.\"; } ); } );",
	};
	struct exchange_moves m;

	open_with(before_move, true);
	expect(hear("shoe"), "What size?");
	expect(hear_at(0, OTHER_CUSTOMER, "shoe"), OTHER_CUSTOMER " What size?");
	world_reflow(&w, flows[_i]);
	m = move();
	ck_assert_int_eq(m.moved, 0);
	ck_assert_int_eq(m.ended, 2);
	world_turn(&w);
	expect(flush(), "It has changed. | " OTHER_CUSTOMER " It has changed.");
	world_crash(&w);
	expect(after(2 * HOUR), "");
	world_close(&w);
}
END_TEST

/* In slices: more than one turn takes, and what fails in one begins again. */
START_TEST(test_move_many)
{
	struct exchange_moves m;
	struct store_talk row;
	int64_t after_row = 0;
	char from[20];
	int r;

	open_with(before_move, true);
	for (int i = 0; i < 150; i++) {
		snprintf(from, sizeof(from), "+4477009%05d", i + 200);
		hear_at(i % 2, from, "shoe");
	}
	world_reflow(&w, after_move);
	m = move();
	ck_assert_int_eq(m.moved, 150);
	world_inject(&w, 3, 13 /* SQLITE_FULL */, false);
	exchange_turn(w.x, w.now);
	world_inject(&w, 0, 0, false);
	world_wait(&w, 10000);
	m = move();
	ck_assert_int_eq(m.moved + m.ended + m.stay, 0);
	for (int n = 0;; n++) {
		r = store_talk_any(w.store, after_row, &row);
		if (r == TW_E_UNKNOWN) {
			ck_assert_int_eq(n, 150);
			break;
		}
		ck_assert_int_eq(r, 0);
		after_row = row.id;
		store_talk_done(&row);
	}
	world_close(&w);
}
END_TEST

/* From another number the question is not open, unless its SIM is gone. */
START_TEST(test_without_its_sim)
{
	open_with(RATE, false);
	expect(hear("rate"), "0 to 10?");
	expect(hear_at(1, CUSTOMER, "4"), "(2) What?");
	fake_unplug(w.bank, 0);
	world_turn(&w);
	expect(hear_at(1, CUSTOMER, "4"), "(2) Why 4?");
	expect(hear_at(1, CUSTOMER, "gone"), "(2) Sorry: gone | (2) Thanks");
	world_close(&w);
}
END_TEST

#define WAITS "fields = ( { name = \"it\"; } ); keywords = ( { match = \"CARE\"; do = ( \"Day one.\", { wait = \"1d\"; }, " \
	"\"Day two {args}.\" ); }, { match = \"ASK\"; do = ( { ask = \"Well?\"; save = \"it\"; within = \"3d\"; }, " \
	"\"Good: {it}.\" ); } );"

START_TEST(test_wait)
{
	open_with(WAITS, true);
	expect(hear("care Ann"), "Day one.");
	ck_assert_int_le(w.deadline.ms - w.now.mono.ms, DAY);	/* the loop wakes for it */
	world_crash(&w);
	expect(after(DAY - MINUTE), "");
	expect(after(2 * MINUTE), "Day two Ann.");
	expect(after(2 * DAY), "");
	/* texted again, it begins anew */
	hear("care one");
	after(DAY / 2);
	hear("care two");
	expect(after(2 * DAY), "Day two two.");
	world_close(&w);
}
END_TEST

/* What waits stands aside while a question is open, and goes on behind it. */
START_TEST(test_wait_behind_a_question)
{
	open_with(WAITS, false);
	hear("care Ann");
	after(DAY - HOUR);
	expect(hear("ask"), "Well?");
	expect(after(DAY), "");
	expect(hear("yes"), "Good: yes. | Day two Ann.");
	hear("care Bob");
	after(DAY - HOUR);
	hear("ask");
	expect(after(4 * (int64_t)DAY), "Day two Bob.");	/* the question's time is over */
	world_close(&w);
}
END_TEST

/* The older question ends without a word when another one is put. */
START_TEST(test_one_question)
{
	open_with("fields = ( { name = \"a\"; }, { name = \"b\"; } ); otherwise = \"What?\"; keywords = ( { match = \"AAA\"; do = "
		  "( { ask = \"a?\"; save = \"a\"; expect = \"number\"; no_answer = \"no a\"; }, \"a {a}\" ); }, { match = "
		  "\"BBB\"; do = ( { ask = \"b?\"; save = \"b\"; expect = \"number\"; }, \"b {b}\" ); } );", false);
	hear("aaa");
	expect(hear("bbb"), "b?");
	expect(hear("1"), "b 1");
	expect(hear("2"), "What?");
	expect(after(2 * DAY), "");
	world_close(&w);
}
END_TEST

/* STOP holds in the middle of a question, and over what waits. */
START_TEST(test_stop)
{
	open_with(WAITS, false);
	hear("care Ann");
	hear("ask");
	ck_assert(strstr(hear("STOP"), "no more") || seen);
	expect(after(2 * DAY), "");
	hear("nothing");
	expect(after(4 * (int64_t)DAY), "");
	/* the direct replies to a keyword that is texted anew; nothing that the clock starts */
	expect(hear("care Eve"), "Day one.");
	expect(after(2 * DAY), "");
	expect(hear("ask"), "Well?");
	expect(hear("ok"), "Good: ok.");
	world_close(&w);
}
END_TEST

/* After STOP what is no keyword is not answered, not even with how to leave. */
START_TEST(test_otherwise_after_stop)
{
	open_with("otherwise = \"What?\"; goodbye = \"Bye\"; welcome_back = \"Hello\"; keywords = ( "
		  "{ match = \"HOURS\"; reply = \"8-18\"; } ); intents = ( { go = \"HOURS\"; like = "
		  "[ \"when are you open\" ]; } );", false);
	expect(hear("nothing"), "What?");
	expect(hear("how can i stop the texts?"), "To get no more messages, text STOP.");
	expect(hear("STOP"), "Bye");
	expect(hear("nothing"), "");
	expect(hear("how can i stop the texts?"), "");
	expect(hear("hours"), "8-18");
	expect(hear("when are you open?"), "8-18");
	w.settings.reply_after_stop = false;
	expect(hear("hours"), "");
	expect(hear("help"), "To get no more messages, text STOP.");
	expect(hear("START"), "Hello");
	expect(hear("nothing"), "What?");
	world_close(&w);
}
END_TEST

START_TEST(test_new_and_known)
{
	open_with("keywords = ( { match = \"HI\"; do = ( { when = \"new\"; reply = \"Welcome\"; }, { when = \"known\"; reply = "
		  "\"Again\"; }, { wait = \"1h\"; }, { when = \"new\"; reply = \"still new\"; } ); } );", false);
	expect(hear("hi"), "Welcome");
	expect(after(2 * HOUR), "still new");	/* fixed to the end of the conversation */
	expect(hear("hi"), "Again");
	expect(after(2 * HOUR), "");
	world_close(&w);
}
END_TEST

START_TEST(test_facts)
{
	open_with("fields = ( { name = \"n\"; type = \"integer\"; } ); keywords = ( { match = \"HI\"; do = ( { set = { n = \"= "
		  "ifnull(n, 0) + 1\"; name = \"{args}\"; }; }, { tag = \"vip\"; when = \"n = 2\"; }, { when = \"tag('vip')\"; "
		  "reply = \"VIP {name} {n}\"; }, { untag = \"vip\"; when = \"n = 3\"; } ); }, { match = \"DE\"; do = ( { set = { "
		  "language = \"de\"; }; }, { reply = { en = \"Hello\"; de = \"Hallo\"; }; } ); }, { match = \"LANG\"; do = ( "
		  "{ set = { language = \"{args}\"; }; }, { reply = \"{language}\"; } ); } );", true);
	expect(hear("hi Ann"), "");
	expect(hear("hi Ann"), "VIP Ann 2");
	world_crash(&w);
	expect(hear("hi Bob"), "VIP Bob 3");
	expect(hear("hi Bob"), "");
	expect(hear("de"), "Hallo");
	expect(hear("lang pt-BR"), "pt-BR");
	expect(hear("lang 2026-02-28"), "pt-BR");	/* is none */
	expect(hear("lang yes"), "yes");
	expect(hear("lang german"), "yes");
	world_close(&w);
}
END_TEST

#define CODES "vouchers = ( { name = \"once\"; generate = \"XXXX-9999\"; limit = 2; expires = \"30d\"; } ); keywords = ( { " \
	"match = \"OFFER\"; do = ( { voucher = \"once\"; }, { when = \"voucher IS NULL\"; end = \"All gone.\"; }, \"{voucher}\" ); }, " \
	"{ match = \"USE\"; do = ( { redeem = \"once\"; }, \"{redeemed}\", { when = \"redeemed('once')\"; reply = \"thanks\"; } " \
	"); } );"

/* A person is told when none is left, once, until one is given again. */
static void expect_alert(bool is_raised)
{
	struct store_alert a = { .kind = "" };

	ck_assert_int_eq(store_alert_next(w.store, &a), is_raised ? 0 : TW_E_UNKNOWN);
	if (!is_raised)
		return;
	ck_assert_str_eq(a.kind, "vouchers");
	ck_assert_str_eq(a.about, "default once");
	ck_assert_str_eq(a.text, "no code of the vouchers once is left (account default)");
	ck_assert_int_eq(store_alert_next(w.store, &a), TW_E_UNKNOWN);
}

START_TEST(test_voucher_alert)
{
	static const char more[] = "vouchers = ( { name = \"once\"; generate = \"XXXX-9999\"; limit = 3; } ); keywords = ( "
		"{ match = \"OFFER\"; do = ( { voucher = \"once\"; }, { reply = \"{voucher|None}\"; } ); } );";

	open_with(CODES, true);
	hear("offer");
	hear_at(0, OTHER_CUSTOMER, "offer");
	expect_alert(false);
	hear_at(0, "+447700900109", "offer");
	expect_alert(true);
	hear_at(0, "+447700900108", "offer");
	world_crash(&w);
	hear("offer");			/* the last again: nothing has changed */
	expect_alert(true);
	world_reflow(&w, more);
	ck_assert_str_ne(hear_at(0, "+447700900109", "offer"), "+447700900109 None");
	expect_alert(false);
	expect(hear_at(0, "+447700900108", "offer"), "+447700900108 None");
	expect_alert(true);
	world_close(&w);
}
END_TEST

START_TEST(test_vouchers)
{
	char first[64], use[80];

	open_with(CODES, true);
	tw_strset(first, sizeof(first), hear("offer"));
	ck_assert_uint_eq(strlen(first), 9);
	expect(hear("offer"), first);		/* per_contact: the last again */
	world_crash(&w);
	expect(hear("offer"), first);
	ck_assert_str_ne(hear_at(0, OTHER_CUSTOMER, "offer") + strlen(OTHER_CUSTOMER) + 1, first);
	expect(hear_at(0, "+447700900109", "offer"), "+447700900109 All gone.");
	snprintf(use, sizeof(use), "use %s", first);
	expect(hear("use QQQQ-0000"), "unknown");
	expect(hear(use), "ok | thanks");
	expect(hear(use), "used | thanks");
	expect(hear_at(0, OTHER_CUSTOMER, use), OTHER_CUSTOMER " used");
	world_close(&w);
}
END_TEST

START_TEST(test_voucher_expires)
{
	char use[80];

	open_with(CODES, false);
	snprintf(use, sizeof(use), "use %s", hear("offer"));
	after(31 * (int64_t)DAY);
	expect(hear(use), "expired");
	world_close(&w);
}
END_TEST

/* Sticky to the contact, by weight over many. */
START_TEST(test_split)
{
	int half = 0;

	open_with("keywords = ( { match = \"DEAL\"; do = ( { split = \"s\"; into = ( { name = \"half\"; weight = 75; do = ( \"half\" ); }, "
		  "{ name = \"two\"; weight = 25; do = ( \"two\" ); } ); } ); } );", false);
	for (int i = 0; i < 200; i++) {
		char from[24], text[64];

		snprintf(from, sizeof(from), "+4477001%05d", i);
		tw_strset(text, sizeof(text), hear_at(0, from, "deal"));
		half += strstr(text, "half") != NULL;
		if (i % 20 == 0)
			expect(hear_at(0, from, "deal"), text);
	}
	ck_assert_int_ge(half, 130);
	ck_assert_int_le(half, 170);
	world_close(&w);
}
END_TEST

static const char *led_to(const char *number, const char *goal)
{
	static char out[300];
	struct store_contact c;
	struct store_touch touch;

	ck_assert_int_eq(store_contact(w.store, 1, number, false, w.now.wall, &c), 0);
	if (store_conversion(w.store, c.id, goal, &touch) < 0)
		return "not reached";
	snprintf(out, sizeof(out), "%s %s", touch.id ? touch.kind : "by nothing", touch.name);
	return out;
}

#define GOALS "fields = ( { name = \"bought\"; type = \"boolean\"; } ); goals = ( { name = \"sale\"; when = \"bought\"; within = " \
	"\"14d\"; } ); keywords = ( { match = \"DEAL\"; do = ( { split = \"s\"; into = ( { name = \"a\"; do = ( \"A\" ); }, { name " \
	"= \"b\"; weight = 0; } ); } ); }, { match = \"ABOUT\"; reply = \"i\"; }, { match = \"BUY\"; do = ( { set = { bought = true; " \
	"}; }, { when = \"reached('sale')\"; reply = \"again\"; } ); } );"

/* The first time counts, for the last touch before the text that brought it about. */
START_TEST(test_goals)
{
	open_with(GOALS, true);
	hear("deal");
	expect(led_to(CUSTOMER, "sale"), "not reached");
	after(3 * (int64_t)DAY);
	expect(hear("buy"), "");		/* true behind its steps */
	expect(led_to(CUSTOMER, "sale"), "arm s/a");
	world_crash(&w);
	expect(hear("buy"), "again");
	expect(led_to(CUSTOMER, "sale"), "arm s/a");
	hear_at(0, OTHER_CUSTOMER, "buy");	/* its own keyword is no touch */
	expect(led_to(OTHER_CUSTOMER, "sale"), "by nothing ");
	hear_at(0, "+447700900109", "deal");
	after(15 * (int64_t)DAY);
	hear_at(0, "+447700900109", "buy");
	expect(led_to("+447700900109", "sale"), "by nothing ");
	hear_at(0, "+447700900108", "deal");
	hear_at(0, "+447700900108", "about");
	hear_at(0, "+447700900108", "buy");
	expect(led_to("+447700900108", "sale"), "keyword ABOUT");
	world_close(&w);
}
END_TEST

static void keep_total(void *ctx, const struct exchange_pledge_total *t)
{
	if (!strcmp(t->name, "roof"))
		*(struct exchange_pledge_total *)ctx = *t;
	else
		ck_assert(!t->n && t->is_declared);	/* "bell" */
}

START_TEST(test_pledges)
{
	open_with("pledges = ( { name = \"roof\"; currency = \"GBP\"; min = 1.0; }, { name = \"bell\"; } ); keywords = ( { match = \"GIVE\"; do = ( { pledge "
		  "= \"roof\"; }, { when = \"pledge IS NULL\"; end = \"How much?\"; }, \"Thanks for {pledge}\" ); } );", false);
	expect(hear("give 20"), "Thanks for 20.00");
	expect(hear("give 12,50 please"), "Thanks for 12.50");
	expect(hear("give a lot"), "How much?");
	struct store_pledge pledge = { .id = 0 };

	ck_assert_int_eq(store_pledge_before(w.store, 1, 0, &pledge), 0);
	ck_assert_int_eq(pledge.amount, 1250);
	ck_assert_int_eq(store_pledge_before(w.store, 1, pledge.id, &pledge), 0);
	ck_assert_int_eq(pledge.amount, 2000);
	ck_assert_int_eq(store_pledge_before(w.store, 1, pledge.id, &pledge), TW_E_UNKNOWN);
	struct exchange_pledge_total total = { .n = 0 };

	struct exchange_report *figures = world_read_report(&w,
		&(struct exchange_report_query){ .kind = "pledge", .by = STORE_EVER });

	ck_assert_int_eq(exchange_pledge_totals(w.x, "default", figures, keep_total, &total), 2);
	ck_assert_int_eq(total.n, 2);
	ck_assert_int_eq(total.amount, 3250);
	exchange_report_free(figures);
	world_close(&w);
}
END_TEST

START_TEST(test_send)
{
	open_with("keywords = ( { match = \"TELL\"; do = ( { send = { to = \"" OTHER_CUSTOMER "\"; text = \"{number}: {args}\"; }; }, "
		  "\"Told.\" ); }, { match = \"SELF\"; do = ( { send = { to = \"" FIRST "\"; text = \"loop\"; }; }, \"No.\" ); } );",
		  false);
	expect(hear("tell hello"), "Told. | (2) " OTHER_CUSTOMER " " CUSTOMER ": hello");
	expect(hear("self"), "No.");
	hear_at(0, OTHER_CUSTOMER, "STOP");
	expect(hear("tell again"), "Told.");
	world_close(&w);
}
END_TEST

START_TEST(test_missed_call)
{
	open_with("on = ( { event = \"missed_call\"; reply = \"Sorry, {number}.\"; } );", false);
	fake_event(w.bank, 0, (struct modem_event){ .type = MODEM_EV_CALL, .text = "07700900100" });
	world_turn(&w);
	expect(flush(), "Sorry, " CUSTOMER ".");
	fake_event(w.bank, 0, (struct modem_event){ .type = MODEM_EV_CALL, .text = "" });
	world_turn(&w);
	expect(flush(), "");
	world_close(&w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_conversation);
	tcase_add_test(t, test_nul);
	tcase_add_test(t, test_time_is_over);
	tcase_add_test(t, test_over_restarts);
	tcase_add_test(t, test_over_a_reload);
	tcase_add_test(t, test_versions_go);
	tcase_add_test(t, test_send_from_a_pool);
	tcase_add_loop_test(t, test_move, 0, 3);
	tcase_add_test(t, test_move_of_what_waits);
	tcase_add_loop_test(t, test_move_ends, 0, 3);
	tcase_add_test(t, test_move_many);
	tcase_add_test(t, test_without_its_sim);
	tcase_add_test(t, test_wait);
	tcase_add_test(t, test_wait_behind_a_question);
	tcase_add_test(t, test_one_question);
	tcase_add_test(t, test_stop);
	tcase_add_test(t, test_otherwise_after_stop);
	tcase_add_test(t, test_new_and_known);
	tcase_add_test(t, test_facts);
	tcase_add_test(t, test_vouchers);
	tcase_add_test(t, test_voucher_alert);
	tcase_add_test(t, test_voucher_expires);
	tcase_add_test(t, test_split);
	tcase_add_test(t, test_goals);
	tcase_add_test(t, test_pledges);
	tcase_add_test(t, test_send);
	tcase_add_test(t, test_missed_call);
}

int main(void)
{
	return world_main("exchange_talk", add_tests);
}
