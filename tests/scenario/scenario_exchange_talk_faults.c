/* A conversation told again and again: each time another SQL statement or COMMIT fails, or the process
 * dies at another step. No step is lost and none is done twice: each answer goes out once, one code is
 * given and redeemed, what was saved stands there, and nobody is left in the middle. */
#include <sqlite3.h>
#include <stdio.h>

#include "world.h"

enum { STEPS = 6, MINUTE = 60000 };

static const char flow[] =
	"fields = ( { name = \"nps\"; type = \"integer\"; }, { name = \"turns\"; type = \"integer\"; } );"
	"vouchers = ( { name = \"v\"; generate = \"XXXX-9999\"; per_contact = 0; } );"
	"keywords = ( { match = \"RATE\"; do = ( { ask = \"How many?\"; save = \"nps\"; expect = \"0..10\"; },"
	" { set = { turns = \"= ifnull(turns, 0) + 1\"; }; }, { voucher = \"v\"; }, \"Saved {nps} {turns}\", { wait = \"5m\"; },"
	" \"Later {nps}\" ); }, { match = \"AGAIN\"; do = ( { ask = \"Sure?\"; within = \"6m\"; no_answer = \"Gone then\"; } ); } );";
static const char *const said[] = { "RATE", "7", "AGAIN" };
static const char *const replies[] = { "How many?", "Saved 7 1", "Later 7", "Sure?", "Gone then" };

static void act(struct world *w, int step)
{
	if (step == 0)
		fake_text(w->bank, 0, CUSTOMER, said[0], w->now.wall);
	else if (step == 1)
		fake_text(w->bank, 0, CUSTOMER, said[1], w->now.wall);
	else if (step == 4)
		fake_text(w->bank, 0, CUSTOMER, said[2], w->now.wall);
}

static void move(struct world *w, int64_t ms)
{
	for (int i = 0; i < 6; i++) {
		for (int k = 0; k < 2; k++) {
			if (fake_sending(w->bank, k))
				fake_sent(w->bank, k);
			if (fake_on_sim(w->bank, k))
				fake_read_again(w->bank, k);
		}
		world_turn(w);
		world_wait(w, i < 4 ? 1500 : ms / 2);
	}
}

static void tell(struct world *w, int crash_at, int crash_when)
{
	for (int step = 0; step < STEPS; step++) {
		act(w, step);
		if (step == crash_at && crash_when == 0)
			world_crash(w);
		world_turn(w);
		if (step == crash_at && crash_when == 1)
			world_crash(w);
		move(w, step < 2 || step == 4 ? 4000 : 6 * MINUTE);
		if (step == crash_at && crash_when == 2)
			world_crash(w);
	}
	for (int i = 0; i < 4; i++)
		move(w, 10 * MINUTE);
}

struct tally { const char *text; int n, flagged; };

static void add_up(void *ctx, struct message *m)
{
	struct tally *t = ctx;

	if (m->text && strcmp(m->text, t->text) == 0) {
		t->n++;
		t->flagged += m->in_doubt || m->repeated;
	}
	message_done(m);
}

static void must_be_once(struct world *w, const char *text, bool is_sent, const char *how, int nth)
{
	struct exchange_query q = { .state = -1, .direction = -1 };
	struct tally t = { .text = text };
	int sent = 0;

	ck_assert_int_ge(exchange_messages(w->x, &q, add_up, &t), 0);
	tw_auto(tw_free_charp) char *list = world_list(w, 0);

	ck_assert_msg(t.n == 1, "%s %d: \"%s\" is %d messages\n%s", how, nth, text, t.n, list);
	for (size_t i = 0; i < w->bank->n_sends; i++)
		sent += w->bank->sends[i].accepted && strcmp(w->bank->sends[i].text, text) == 0;
	ck_assert_msg(!is_sent || sent == 1 || (sent > 1 && t.flagged), "%s %d: \"%s\" went out %d times\n%s",
		      how, nth, text, sent, list);
}

static void check_end(struct world *w, const char *how, int nth)
{
	struct store_contact c;
	struct store_series counts;
	struct store_talk row;
	int64_t has;
	char *turns = NULL;

	world_inject(w, 0, 0, false);
	for (size_t i = 0; i < TW_COUNT(said); i++)
		must_be_once(w, said[i], false, how, nth);
	for (size_t i = 0; i < TW_COUNT(replies); i++)
		must_be_once(w, replies[i], true, how, nth);
	ck_assert_int_eq(store_contact(w->store, 1, CUSTOMER, false, w->now.wall, &c), 0);
	ck_assert_int_eq(store_field(w->store, c.id, "turns", &turns), 0);
	ck_assert_str_eq(turns, "1");
	free(turns);
	ck_assert_int_eq(store_voucher_count(w->store, c.id, "v", &has), 0);
	ck_assert_int_eq(has, 1);
	ck_assert_int_eq(store_series(w->store, 1, "v", &counts), 0);
	ck_assert_int_eq(counts.drawn, 1);
	ck_assert_int_eq(store_talk_next(w->store, c.id, 0, &row), TW_E_UNKNOWN);
}

static void open_with_flow(struct world *w, bool on_disk)
{
	world_flow_text = flow;
	(on_disk ? world_open_file : world_open)(w);
}

START_TEST(test_without_a_fault)
{
	struct world w;

	open_with_flow(&w, false);
	tell(&w, -1, 0);
	check_end(&w, "plain", 0);
	world_close(&w);
}
END_TEST

static const int codes[] = { SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_ERROR, SQLITE_BUSY,
			     SQLITE_CONSTRAINT };

START_TEST(test_each_statement_fails_once)
{
	for (int nth = 1 + _i; nth < 420; nth += 4) {
		struct world w;
		int code = codes[nth % (int)TW_COUNT(codes)];

		open_with_flow(&w, false);
		world_inject(&w, nth, code, false);
		tell(&w, -1, 0);
		check_end(&w, sqlite3_errstr(code), nth);
		world_close(&w);
	}
}
END_TEST

START_TEST(test_each_commit_fails_once)
{
	for (int nth = 1; nth < 24; nth++) {
		struct world w;

		open_with_flow(&w, false);
		world_inject(&w, nth, codes[nth % 2], true);
		tell(&w, -1, 0);
		check_end(&w, "COMMIT", nth);
		world_close(&w);
	}
}
END_TEST

START_TEST(test_death_at_each_step)
{
	struct world w;

	open_with_flow(&w, true);
	tell(&w, _i / 3, _i % 3);
	check_end(&w, "death", _i);
	world_close(&w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_without_a_fault);
	tcase_add_loop_test(t, test_each_statement_fails_once, 0, 4);
	tcase_add_test(t, test_each_commit_fails_once);
	tcase_add_loop_test(t, test_death_at_each_step, 0, 3 * STEPS);
}

int main(void)
{
	return world_main("exchange_talk_faults", add_tests);
}
