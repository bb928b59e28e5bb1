/* One story, told again and again: each time another SQL statement or COMMIT fails, or the process dies
 * at another step. In the end every text is there once, every answer went out, and nothing went out
 * twice but what is flagged. After every turn the laws are asked (world_turn). */
#include <sqlite3.h>
#include <stdio.h>

#include "world.h"

enum { STEPS = 16, POSTS = 3, MINUTE = 60000 };

static const char *const said[] = { "ECHO r1", "ECHO r2", "ECHO r3", "ECHO r4", "ECHO r5",
				    "ECHO long one two three", "STOP", "ECHO r6", "LONG" };
static const char *const post_texts[POSTS] = { "post1", "post2", "post3" };

struct story {
	struct world w;
	bool is_posted[POSTS];		/* told after the commit */
	bool is_asked[POSTS];
	int64_t voids_seen;
};

static char empty[] = "", iccids[2][20] = { "8944100000000000001", "8944100000000000002" };

/* Wide quotas: what is counted must fit what was sent, whatever fails. */
static void limit(struct world *w)
{
	for (int i = 0; i < 2; i++)
		w->sims[i] = (struct settings_sim){
			.iccid = iccids[i], .number = empty, .pin = empty, .smsc = empty, .account = empty,
			.quota = { .per_hour = 500, .per_day = 500, .recipients_per_month = 500,
				   .zone = empty, .reset_day = 1 } };
	w->settings.n_sims = 2;
	world_reload(w);
}

static void on_posted(void *ctx, bool ok, uint64_t i, uint64_t unused)
{
	struct story *s = ctx;

	(void)unused;
	s->is_asked[i] = false;
	if (ok)
		s->is_posted[i] = true;
}

static void post(struct story *s, int i, int64_t in_ms)
{
	struct exchange_post p = { .to = i == 1 ? OTHER_CUSTOMER : CUSTOMER, .text = post_texts[i],
				   .from = i == 2 ? SECOND : NULL, .lane = LANE_API };
	struct exchange_refusal e;

	if (in_ms)
		p.send_at = wall_after(s->w.now.wall, in_ms);
	if (world_post_full(&s->w, &p, &e) && !store_is_void(s->w.store)) {
		s->is_asked[i] = true;
		store_on_commit(s->w.store, on_posted, s, (uint64_t)i, 0);
	}
}

/* How what is on the air ends at this step. */
static void finish_sends(struct story *s, int step)
{
	for (int i = 0; i < 2; i++) {
		if (!fake_sending(s->w.bank, i))
			continue;
		switch ((step + i) % 5) {
		case 0:
			fake_doubt(s->w.bank, i, false);
			break;
		case 1:
			fake_not_sent(s->w.bank, i, REACT_RETRY, "CMS 41");
			break;
		case 2:
			fake_doubt(s->w.bank, i, true);
			break;
		default:
			fake_sent(s->w.bank, i);
			break;
		}
	}
}

static void report_all(struct story *s)
{
	for (size_t i = 0; i < s->w.bank->n_sends; i++) {
		const struct fake_send *f = &s->w.bank->sends[i];

		if (f->accepted)
			fake_report(s->w.bank, f->modem, f->pdu.address.text, f->ref, 0,
				    wall_after(f->at, 500));
	}
}

static void hear(struct story *s, int modem, const char *from, int text, int64_t offset)
{
	fake_text(s->w.bank, modem, from, said[text], wall_after(s->w.now.wall, offset));
}

static void hear_part(struct story *s, const char *text, int seq)
{
	fake_part(s->w.bank, 1, "+447700900105", text, s->w.now.wall, 9, 3, seq);
}

static void act(struct story *s, int step)
{
	switch (step) {
	case 0:
		hear(s, 0, CUSTOMER, 0, 0);
		break;
	case 1:
		hear(s, 0, "+447700900102", 1, 0);
		hear(s, 1, "+447700900103", 2, 0);
		hear(s, 0, "+447700900104", 3, 0);
		break;
	case 2:
		post(s, 0, 0);
		hear_part(s, "ECHO long ", 1);
		break;
	case 3:
		post(s, 1, 5 * MINUTE);
		hear_part(s, "three", 3);
		break;
	case 4:
		report_all(s);
		break;
	case 5:
		hear_part(s, "one two ", 2);
		break;
	case 6:
		hear(s, 0, CUSTOMER, 4, 0);
		post(s, 2, 0);
		break;
	case 8:
		report_all(s);
		break;
	case 9:
		hear(s, 1, "+447700900106", 8, 0);
		break;
	case 10:
		hear(s, 1, OTHER_CUSTOMER, 6, 0);	/* STOP: the scheduled post is taken back */
		break;
	case 12:
		hear(s, 0, "+447700900107", 7, 0);
		break;
	case 14:
		report_all(s);
		break;
	default:
		break;
	}
}

/* Until nothing moves any more: what was refused is read again, what was not posted is asked again. */
static void wind_up(struct story *s)
{
	for (int i = 0; i < 20; i++) {
		for (int k = 0; k < 2; k++) {
			if (fake_sending(s->w.bank, k))
				fake_sent(s->w.bank, k);
			if (fake_on_sim(s->w.bank, k))
				fake_read_again(s->w.bank, k);
		}
		for (int k = 0; k < POSTS; k++)
			if (!s->is_posted[k] && !s->is_asked[k] && k != 1)
				post(s, k, 0);
		world_turn(&s->w);
		world_wait(&s->w, i < 12 ? 1000 : 10 * MINUTE);
	}
}

/* What a dead process is told does not count. */
static void die(struct story *s)
{
	bool posted[POSTS];

	memcpy(posted, s->is_posted, sizeof(posted));
	world_crash(&s->w);
	memcpy(s->is_posted, posted, sizeof(posted));
	memset(s->is_asked, 0, sizeof(s->is_asked));
}

static void tell(struct story *s, int crash_at, bool crash_after_turn)
{
	for (int step = 0; step < STEPS; step++) {
		for (int i = 0; i < 2; i++)	/* a slot that was refused is read again */
			if (fake_on_sim(s->w.bank, i))
				fake_read_again(s->w.bank, i);
		act(s, step);
		if (step == crash_at && !crash_after_turn)
			die(s);
		world_turn(&s->w);
		if (step == crash_at && crash_after_turn)
			die(s);
		finish_sends(s, step);
		world_turn(&s->w);
		world_wait(&s->w, step % 4 == 3 ? 70000 : 3000);
	}
	wind_up(s);
}

/* ---- what must hold in the end ------------------------------------------------------------- */

struct tally { const char *text; int direction, n, flagged; };

static void add_up(void *ctx, struct message *m)
{
	struct tally *t = ctx;

	if ((int)m->direction == t->direction && m->text && strcmp(m->text, t->text) == 0) {
		t->n++;
		t->flagged += m->in_doubt || m->repeated;
	}
	message_done(m);
}

static struct tally count(struct story *s, const char *text, int direction)
{
	struct exchange_query q = { .state = -1, .direction = -1 };
	struct tally t = { .text = text, .direction = direction };

	ck_assert_int_ge(exchange_messages(s->w.x, &q, add_up, &t), 0);
	return t;
}

static int accepted(const struct story *s, const char *text)
{
	int n = 0;

	for (size_t i = 0; i < s->w.bank->n_sends; i++)
		n += s->w.bank->sends[i].accepted && strcmp(s->w.bank->sends[i].text, text) == 0;
	return n;
}

static void must_be_sent_once(struct story *s, const char *text, const char *how, int nth)
{
	struct tally t = count(s, text, OUTBOUND);
	int times = accepted(s, text);

	ck_assert_msg(t.n == 1, "%s %d: \"%s\" is %d messages", how, nth, text, t.n);
	tw_auto(tw_free_charp) char *list = world_list(&s->w, 0);

	ck_assert_msg(times >= 1, "%s %d: \"%s\" was never sent\n%s", how, nth, text, list);
	ck_assert_msg(times == 1 || t.flagged, "%s %d: \"%s\" went out %d times, unflagged", how, nth,
		      text, times);
}

static void check_end(struct story *s, const char *how, int nth)
{
	world_inject(&s->w, 0, 0, false);
	static const char *const replies[] = { "r1", "r2", "r3", "r4", "r5", "r6",
					       "long one two three", "You have left." };

	for (size_t i = 0; i < TW_COUNT(said); i++) {
		struct tally t = count(s, said[i], INBOUND);

		ck_assert_msg(t.n == 1, "%s %d: \"%s\" is there %d times", how, nth, said[i], t.n);
	}
	for (size_t i = 0; i < TW_COUNT(replies); i++)
		must_be_sent_once(s, replies[i], how, nth);
	must_be_sent_once(s, "post1", how, nth);
	must_be_sent_once(s, "post3", how, nth);
	ck_assert_msg(accepted(s, "post2") == 0, "%s %d: sent after STOP", how, nth);
	ck_assert_int_eq(fake_on_sim(s->w.bank, 0) + fake_on_sim(s->w.bank, 1), 0);
	ck_assert_int_eq(world_count(&s->w, MESSAGE_SENDING, OUTBOUND), 0);
	ck_assert_int_eq(world_count(&s->w, MESSAGE_QUEUED, OUTBOUND), 0);
	int64_t bad = 0;

	ck_assert_int_eq(store_consent_verify(s->w.store, 1, &bad), 0);
}

/* ---- the tellings -------------------------------------------------------------------------- */

START_TEST(test_without_a_fault)
{
	struct story s = { 0 };

	world_open(&s.w);
	limit(&s.w);
	tell(&s, -1, false);
	check_end(&s, "plain", 0);
	world_close(&s.w);
}
END_TEST

static const int codes[] = { SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_ERROR, SQLITE_BUSY,
			     SQLITE_CONSTRAINT };

/* The codes take turns; what comes late in the story is of the same kinds as what came before, so
 * there each seventh is enough. */
START_TEST(test_each_statement_fails_once)
{
	bool reached = true;

	for (int nth = 1 + _i; reached; nth += nth < 300 ? 3 : 21) {
		struct story s = { 0 };
		int code = codes[nth / 3 % (int)TW_COUNT(codes)];

		world_open(&s.w);
		limit(&s.w);
		world_inject(&s.w, nth, code, false);
		tell(&s, -1, false);
		reached = store_counters(s.w.store)->void_turns ||
			  store_counters(s.w.store)->undone_events;
		check_end(&s, sqlite3_errstr(code), nth);
		world_close(&s.w);
		ck_assert_int_lt(nth, 20000);
		if (nth < 300)
			reached = true;
	}
}
END_TEST

START_TEST(test_each_commit_fails_once)
{
	bool reached = true;

	for (int nth = 1; reached; nth++) {
		struct story s = { 0 };

		world_open(&s.w);
		limit(&s.w);
		world_inject(&s.w, nth, codes[nth % 2], true);
		tell(&s, -1, false);
		reached = store_counters(s.w.store)->void_turns > 0;
		check_end(&s, "COMMIT", nth);
		world_close(&s.w);
		ck_assert(reached || nth > 20);
	}
}
END_TEST

START_TEST(test_death_at_each_step)
{
	struct story s = { 0 };

	world_open_file(&s.w);
	limit(&s.w);
	tell(&s, _i / 2, _i & 1);
	check_end(&s, "death", _i);
	world_close(&s.w);
}
END_TEST

/* The disk stays full for a while: everything is refused, and all is well again when there is room. */
START_TEST(test_disk_full_for_a_while)
{
	struct story s = { 0 };
	struct exchange_status st;

	world_open_file(&s.w);
	limit(&s.w);
	store_limit_pages(s.w.store, 1);
	hear(&s, 0, CUSTOMER, 0, 0);
	post(&s, 0, 0);
	for (int i = 0; i < 200; i++) {
		tw_auto(tw_free_charp) char *from = tw_printf("+4477009%05d", i);

		fake_text(s.w.bank, 1, from, "filling it up with a text that takes some room",
			  s.w.now.wall);
		world_turn(&s.w);
		if (s.w.bank->modems[1].refusals > 3)
			break;
	}
	ck_assert_int_gt(s.w.bank->modems[1].refusals, 3);
	exchange_status(s.w.x, s.w.now, &st);
	ck_assert_str_eq(st.database, "disk full");
	ck_assert_uint_ge(st.troubles.n, 1);
	exchange_status_done(&st);
	world_wait(&s.w, 10 * MINUTE);
	store_limit_pages(s.w.store, 0);
	tell(&s, -1, false);
	ck_assert_int_eq(fake_on_sim(s.w.bank, 1), 0);
	exchange_status(s.w.x, s.w.now, &st);
	ck_assert_str_eq(st.database, "ok");
	exchange_status_done(&st);
	world_close(&s.w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_without_a_fault);
	tcase_add_loop_test(t, test_each_statement_fails_once, 0, 3);
	tcase_add_test(t, test_each_commit_fails_once);
	tcase_add_loop_test(t, test_death_at_each_step, 0, 2 * STEPS);
	tcase_add_test(t, test_disk_full_for_a_while);
}

int main(void)
{
	return world_main("exchange_faults", add_tests);
}
