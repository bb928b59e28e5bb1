/* The first part of a long text: a keyword that needs no more starts with it, exactly once, over a crash and
 * whatever order the parts come in; the stored text is completed afterwards. */
#include <stdio.h>

#include "world.h"

#define DAY (24 * 3600 * INT64_C(1000))
/* What fills a part, so that the rest cannot be the keyword's. */
#define FILL "and this is what we saw on the way "

static const char flow[] =
	"fields = ( { name = \"why\"; }, { name = \"n\"; type = \"integer\"; } ); keywords = ("
	"{ match = \"HOURS\"; reply = \"8-18\"; }, { match = \"HOURS PLEASE\"; reply = \"8-18, sir.\"; },"
	"{ match = \"ECHO\"; reply = \"You said {args}\"; },"
	"{ match = \"TELL\"; do = ( { set = { why = \"{text}\"; }; }, { reply = \"Noted.\"; } ); },"
	"{ match = \"WHEN\"; do = ( { when = \"args LIKE '%x%'\"; reply = \"x\"; }, { reply = \"no x\"; } ); },"
	"{ match = \"OVER\"; go = \"ECHO\"; }, { match = \"ROUND\"; go = \"HOURS\"; },"
	"{ match = \"ASK\"; do = ( { ask = \"How many?\"; save = \"n\"; }, { reply = \"Thanks for {n}\"; } ); },"
	"{ match = \"OPEN\"; do = ( { ask = \"Why?\"; save = \"why\"; }, { reply = \"So: {why}\"; } ); },"
	"{ match = \"WIN\"; do = ( { ask = \"Why?\"; save = \"why\"; keywords = \"win\"; }, { reply = \"So: {why}\"; } ); },"
	"{ match = \"\xe9\x80\x80\xe8\xb4\xa7\"; reply = \"Returned\"; },"
	"{ match = \"LONG and this is what we saw on the way home and so\"; reply = \"long\"; },"
	"{ match = \"LONG\"; reply = \"short\"; },"
	"{ match = \"GUARD\"; when = \"args LIKE '%magic'\"; reply = \"magic\"; },"
	"{ match = \"GUARD\"; reply = \"plain\"; },"
	"{ match = \"PLAN B\"; when = \"args LIKE '%magic'\"; reply = \"magic B\"; },"
	"{ match = \"PLAN\"; reply = \"plan\"; } );"
	"otherwise = \"What?\";";

static struct world w;
static size_t seen;

static const char *flush(void)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < 12; i++) {
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		world_turn(&w);
	}
	world_wait(&w, 100);
	for (; seen < w.bank->n_sends; seen++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", n ? " | " : "",
				      w.bank->sends[seen].text);
	return out;
}

static const char *hear_part(int ref, int total, int seq, const char *text)
{
	w.now.mono.ms += 1000;
	w.now.wall.ms += 1000;
	fake_part(w.bank, 0, CUSTOMER, text, w.now.wall, ref, total, seq);
	world_turn(&w);
	return flush();
}

static const char *hear(const char *text)
{
	w.now.mono.ms += 1000;
	w.now.wall.ms += 1000;
	world_text(&w, 0, CUSTOMER, text);
	return flush();
}

static void open_world(bool on_disk)
{
	world_flow_text = flow;
	seen = 0;
	(on_disk ? world_open_file : world_open)(&w);
}

#define expect(got, wanted) ck_assert_str_eq(got, wanted)

START_TEST(test_starts_with_the_first)
{
	tw_auto(tw_free_charp) char *list = NULL;

	open_world(false);
	expect(hear_part(7, 3, 1, "hours " FILL), "8-18");
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	expect(hear_part(7, 3, 2, "two "), "");
	expect(hear_part(7, 3, 3, "three"), "");
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	list = world_list(&w, 10);
	ck_assert_ptr_nonnull(strstr(list, "in received hours " FILL "two three"));
	world_wait(&w, 2 * DAY);
	expect(flush(), "");
	world_close(&w);
}
END_TEST

/* The parts that come before the first wait for it; those behind it complete. */
START_TEST(test_any_order)
{
	static const int orders[6][3] = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 },
					  { 3, 1, 2 }, { 3, 2, 1 } };
	static const char *const texts[] = { "hours " FILL, "two ", "three" };
	tw_auto(tw_free_charp) char *list = NULL;
	int replies = 0;

	open_world(false);
	for (int i = 0; i < 3; i++) {
		const char *said = hear_part(7, 3, orders[_i][i], texts[orders[_i][i] - 1]);

		ck_assert_str_eq(said, orders[_i][i] == 1 ? "8-18" : "");
		replies += *said != '\0';
	}
	ck_assert_int_eq(replies, 1);
	list = world_list(&w, 10);
	ck_assert_ptr_nonnull(strstr(list, "in received hours " FILL "two three"));
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	world_close(&w);
}
END_TEST

/* A part that the network sends again, with another time on it, is no second text. */
START_TEST(test_repeated_part)
{
	open_world(false);
	expect(hear_part(7, 2, 1, "hours " FILL), "8-18");
	expect(hear_part(7, 2, 1, "hours " FILL), "");
	expect(hear_part(7, 2, 2, "two"), "");
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	/* the same reference anew, with another text */
	expect(hear_part(7, 2, 1, "round " FILL), "8-18");
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 2);
	world_close(&w);
}
END_TEST

START_TEST(test_crash_between_parts)
{
	tw_auto(tw_free_charp) char *list = NULL;

	open_world(true);
	expect(hear_part(7, 2, 1, "ask " FILL), "How many?");
	world_crash(&w);
	expect(hear_part(7, 2, 1, "ask " FILL), "");
	expect(hear_part(7, 2, 2, "5"), "");		/* completes; is no answer */
	list = world_list(&w, 10);
	ck_assert_ptr_nonnull(strstr(list, "in received ask " FILL "5"));
	expect(hear("6"), "Thanks for 6");
	world_close(&w);
}
END_TEST

/* The commit that the reply belongs to fails: nothing of it has happened. */
START_TEST(test_failed_commit)
{
	open_world(true);
	world_inject(&w, 1, 13 /* SQLITE_FULL */, true);
	fake_part(w.bank, 0, CUSTOMER, "hours " FILL, w.now.wall, 7, 2, 1);
	exchange_turn(w.x, w.now);
	ck_assert_uint_eq(w.bank->n_sends, 0);
	world_inject(&w, 0, 0, false);
	world_wait(&w, 5000);
	fake_read_again(w.bank, 0);
	world_turn(&w);
	expect(flush(), "8-18");
	expect(hear_part(7, 2, 2, "two"), "");
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	world_close(&w);
}
END_TEST

/* What looks at the text, could be another keyword, or may be somebody else's, waits for the whole. */
static const struct { const char *first, *rest, *early, *late; } rows[] = {
	{ "hours " FILL, "end", "8-18", "" },
	{ "round " FILL, "end", "8-18", "" },
	{ "ask " FILL, "end", "How many?", "" },
	{ "\xe9\x80\x80\xe8\xb4\xa7\xe7\x94\xb3\xe8\xaf\xb7", "\xe8\xa1\xa8", "Returned", "" },
	{ "echo " FILL, "end", "", "You said " FILL "end" },
	{ "over " FILL, "end", "", "You said " FILL "end" },
	{ "tell " FILL, "end", "", "Noted." },
	{ "when " FILL, "x", "", "x | no x" },
	{ "nothing " FILL, "end", "", "What?" },
	{ "huors " FILL, "end", "", "8-18" },		/* a slip is tried on the whole */
	{ "hours pl", "ease", "", "8-18, sir." },	/* the word goes on */
	{ "hours", " and more", "", "8-18" },
	{ "hours please " FILL, "end", "8-18, sir.", "" },
	{ "long " FILL, "home and so on", "", "long" },
	{ "long " FILL, "or not", "", "short" },
	/* a guard that looks at the text may be true of all of it */
	{ "guard " FILL, "magic", "", "magic" },
	{ "guard " FILL, "end", "", "plain" },
	{ "plan b " FILL, "magic", "", "magic B" },
	{ "plan c " FILL, "magic", "plan", "" },
	{ "\xe9\x80\x80\xe8\xb4\xa7", "\xe8\xa1\xa8", "", "Returned" },
	/* consent goes before the keyword: in the first part it is heard in time */
	{ "stop texting me. " FILL, "end", "", "You have left default and acme and will get no more messages. "
	  "Text START to undo this. STOP ALL leaves everything on this number." },
	{ "hours. stop texting me. " FILL, "end", "", "You have left default and acme and will get no more "
	  "messages. Text START to undo this. STOP ALL leaves everything on this number." },
	/* in a later one it is obeyed all the same: of the account that has answered */
	{ "hours " FILL, ". Please stop texting me", "8-18", "You will get no more messages from this number. "
	  "Text START to undo this. STOP ALL leaves everything on this number." },
};

START_TEST(test_who_waits)
{
	open_world(false);
	expect(hear_part(7, 2, 1, rows[_i].first), rows[_i].early);
	expect(hear_part(7, 2, 2, rows[_i].rest), rows[_i].late);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	world_close(&w);
}
END_TEST

START_TEST(test_open_question)
{
	open_world(false);
	expect(hear("open"), "Why?");
	expect(hear_part(7, 2, 1, "hours " FILL), "");
	expect(hear_part(7, 2, 2, "end"), "So: hours " FILL "end");
	expect(hear("win"), "Why?");
	expect(hear_part(8, 2, 1, "hours " FILL), "8-18");
	expect(hear_part(8, 2, 2, "end"), "");
	expect(hear("because"), "So: because");
	world_close(&w);
}
END_TEST

/* Names and short numbers are read as a whole: an operator's text may be an answer to us. */
START_TEST(test_senders)
{
	open_world(false);
	fake_part(w.bank, 0, "SHOP", "hours " FILL, w.now.wall, 7, 2, 1);
	fake_part(w.bank, 0, "12345", "hours " FILL, w.now.wall, 7, 2, 1);
	fake_part(w.bank, 0, SECOND, "hours " FILL, w.now.wall, 7, 2, 1);
	world_turn(&w);
	expect(flush(), "");
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 0);
	world_close(&w);
}
END_TEST

/* Old parts start nothing: they are kept when all are there. */
START_TEST(test_old)
{
	open_world(false);
	fake_part(w.bank, 0, CUSTOMER, "hours " FILL, wall_after(w.now.wall, -5 * DAY), 7, 2, 1);
	world_turn(&w);
	fake_part(w.bank, 0, CUSTOMER, "end", wall_after(w.now.wall, -5 * DAY), 7, 2, 2);
	world_turn(&w);
	expect(flush(), "");
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_starts_with_the_first);
	tcase_add_loop_test(t, test_any_order, 0, 6);
	tcase_add_test(t, test_repeated_part);
	tcase_add_test(t, test_crash_between_parts);
	tcase_add_test(t, test_failed_commit);
	tcase_add_loop_test(t, test_who_waits, 0, TW_COUNT(rows));
	tcase_add_test(t, test_open_question);
	tcase_add_test(t, test_senders);
	tcase_add_test(t, test_old);
}

int main(void)
{
	return world_main("exchange_early", add);
}
