/* Campaigns: who gets them and who does not, each once whatever happens; held back, taken back, paced; and
 * what comes of them. */
#include <stdio.h>

#include "../../src/exchange/internal.h"
#include "world.h"

static const char flow[] =
	"lists = ( { name = \"news\"; }, { name = \"empty\"; } );\n"
	"fields = ( { name = \"city\"; type = \"text\"; } );\n"
	"vouchers = ( { name = \"gift\"; generate = \"G99999\"; limit = 4; } );\n"
	"goals = ( { name = \"bought\"; when = \"redeemed('gift')\"; within = \"7d\"; } );\n"
	"keywords = (\n"
	"  { match = \"NEWS\"; subscribe = \"news\"; },\n"
	"  { match = \"NONEWS\"; unsubscribe = \"news\"; },\n"
	"  { match = \"CASH\"; redeem = { series = \"gift\"; code = \"{args}\"; };  reply = \"{redeemed}\"; },\n"
	"  { match = \"HOURS\"; reply = \"8-18\"; }\n"
	");\n";

#define NAME "summer"
#define MINUTE_MS (60 * INT64_C(1000))
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static struct world w;

/* ---- people -------------------------------------------------------------------------------- */

static const char *number_of(int i)
{
	static char out[4][TW_NUMBER_MAX];
	static int next;
	char *number = out[next++ % 4];

	snprintf(number, sizeof(out[0]), "+4477009%05d", 20000 + i);
	return number;
}

static void people(int n)
{
	const struct exchange_import what = { "default", "news", "paper form" };
	struct exchange_import_field city = { "city", "Leeds" };
	struct exchange_imported done;
	struct exchange_refusal e;

	for (int i = 0; i < n; i++) {
		const struct exchange_import_row row = {
			number_of(i), i == 0 ? "Anna" : "", "", "", "", &city, i % 2 };

		ck_assert_int_eq(exchange_import(w.x, &what, &row, 1, w.now, &done, &e), 0);
		ck_assert_int_eq(done.what, IMPORT_JOINED);
		world_turn(&w);
	}
}

static void begin(int n, bool on_disk)
{
	world_flow_text = flow;
	(on_disk ? world_open_file : world_open)(&w);
	people(n);
}

static bool is_on_disk;
static void on_commit(void *ctx, bool ok, uint64_t a, uint64_t b)
{
	(void)ctx, (void)a, (void)b;
	is_on_disk = ok;
}

static void make(const struct exchange_campaign_order *o)
{
	struct exchange_refusal e = { .status = 0 };
	struct campaign c;

	ck_assert_msg(exchange_campaign_make(w.x, o, w.now, &c, &e) == 0, "%d %s", e.status, e.text);
	ck_assert_int_eq(c.state, CAMPAIGN_DRAFT);
	campaign_done(&c);
	store_on_commit(w.store, on_commit, NULL, 0, 0);
	world_turn(&w);
}

static void make_text(const char *text)
{
	make(&(struct exchange_campaign_order){ .account = "default", .name = NAME, .list = "news",
						.arms = { { NULL, text, 0 } }, .n_arms = 1 });
}

static int told_status;
/* As a request that is answered behind the commit. */
static int tell(enum campaign_verb verb)
{
	struct exchange_refusal e = { .status = 0 };
	int r = exchange_campaign_do(w.x, "default", NAME, verb, w.now, &e);

	told_status = e.status;
	is_on_disk = false;
	store_on_commit(w.store, on_commit, NULL, 0, 0);
	world_turn(&w);
	return r;
}

static struct campaign look(void)
{
	struct campaign c;

	ck_assert_int_eq(exchange_campaign(w.x, "default", NAME, w.now, &c), 0);
	return c;
}

#define expect_state(wanted) do {                                                                  \
	struct campaign expect_c = look();                                                         \
	ck_assert_str_eq(store_campaign_state_name(expect_c.state), wanted);                       \
	campaign_done(&expect_c);                                                                  \
} while (0)

static int64_t figure(int arm, enum store_figure f)
{
	struct campaign c = look();
	int64_t n = c.arms[arm].n[f];

	campaign_done(&c);
	return n;
}

/* Modems accept what they were given, and are given more, at most so many messages. */
static void send_some(int most)
{
	for (int n = 0, idle = 0; n < most && idle < 4; idle++) {
		for (int k = 0; k < 2 && n < most; k++)
			if (fake_sending(w.bank, k)) {
				fake_sent(w.bank, k);
				n++;
				idle = 0;
			}
		world_turn(&w);
	}
}

static int sent_to(const char *number)
{
	int n = 0;

	for (size_t i = 0; i < w.bank->n_sends; i++)
		n += w.bank->sends[i].accepted &&
		     strcmp(w.bank->sends[i].pdu.address.text, number) == 0;
	return n;
}

static const char *text_to(const char *number)
{
	for (size_t i = w.bank->n_sends; i > 0; i--)
		if (strcmp(w.bank->sends[i - 1].pdu.address.text, number) == 0)
			return w.bank->sends[i - 1].text;
	return "";
}

static void hear(const char *from, const char *text)
{
	world_wait(&w, 1000);
	world_text(&w, 0, from, text);
	send_some(4);
}

/* ---- tests --------------------------------------------------------------------------------- */

START_TEST(test_who_gets_it)
{
	begin(7, false);
	hear(number_of(1), "NONEWS");
	hear(number_of(2), "STOP");
	hear(number_of(6), "NONEWS");
	make(&(struct exchange_campaign_order){
		.account = "default", .name = NAME, .list = "news", .when = "coalesce(city, '') <> 'Leeds'",
		.arms = { { NULL, "Hello {name|friend} of {city|nowhere}", 0 } }, .n_arms = 1 });
	tell(CAMPAIGN_START);
	send_some(100);
	struct campaign c = look();

	/* 0 and 4 get it; 2 and 6 have left; 1, 3 and 5 are of Leeds. */
	ck_assert_int_eq(c.state, CAMPAIGN_DONE);
	ck_assert_int_eq(c.queued, 2);
	ck_assert_int_eq(c.no_consent, 2);
	ck_assert_int_eq(c.unmatched, 3);
	ck_assert_int_eq(c.arms[0].n[FIGURE_SENT], 2);
	ck_assert_int_eq(c.waiting, 0);
	campaign_done(&c);
	ck_assert_str_eq(text_to(number_of(0)), "Hello Anna of nowhere");
	ck_assert_str_eq(text_to(number_of(4)), "Hello friend of nowhere");
	ck_assert_int_eq(sent_to(number_of(3)), 0);
	ck_assert_str_ne(text_to(number_of(6)), "Hello friend of nowhere");
	world_close(&w);
}
END_TEST

/* Killed at every turn of it: each gets it once. */
START_TEST(test_once_whatever_happens)
{
	enum { PEOPLE = 50 };

	begin(PEOPLE, true);
	make_text("News");
	tell(CAMPAIGN_START);
	for (int i = 0; i < _i; i++)
		world_turn(&w);
	world_crash(&w);
	for (int i = 0; i < 4; i++)
		world_turn(&w);
	world_crash(&w);
	world_wait(&w, 2000);
	send_some(1000);
	world_wait(&w, 2 * MINUTE_MS);	/* what was on the air is in doubt, and goes again */
	send_some(1000);
	for (int i = 0; i < PEOPLE; i++) {
		int n = sent_to(number_of(i));

		ck_assert_msg(n == 1, "contact %d got it %d times", i, n);
	}
	expect_state("done");
	ck_assert_int_eq(figure(0, FIGURE_SENT), PEOPLE);
	world_close(&w);
}
END_TEST

START_TEST(test_pause_and_go_on)
{
	begin(40, false);
	make_text("News");
	ck_assert_int_eq(tell(CAMPAIGN_PAUSE), TW_E_DENIED);	/* never began */
	ck_assert_int_eq(told_status, 409);
	tell(CAMPAIGN_START);
	world_wait(&w, 1000);
	send_some(5);
	ck_assert_int_eq(tell(CAMPAIGN_PAUSE), 0);
	send_some(100);			/* what was on the air */
	size_t sent = w.bank->n_sends;

	world_wait(&w, HOUR_MS);
	send_some(100);
	ck_assert_uint_eq(w.bank->n_sends, sent);
	hear(number_of(3), "HOURS");	/* others go on */
	ck_assert_str_eq(text_to(number_of(3)), "8-18");
	ck_assert_int_eq(tell(CAMPAIGN_START), 0);
	send_some(100);
	ck_assert_int_eq(figure(0, FIGURE_SENT), 40);
	expect_state("done");
	ck_assert_int_eq(tell(CAMPAIGN_START), TW_E_DENIED);
	world_close(&w);
}
END_TEST

START_TEST(test_cancel_takes_back)
{
	begin(60, true);
	make_text("News");
	tell(CAMPAIGN_START);
	world_wait(&w, 1000);
	send_some(5);
	ck_assert_int_eq(tell(CAMPAIGN_CANCEL), 0);
	world_crash(&w);
	world_wait(&w, 1000);
	send_some(100);
	world_wait(&w, 2 * MINUTE_MS);
	send_some(100);
	expect_state("canceled");
	int n = 0;

	for (int i = 0; i < 60; i++)
		n += sent_to(number_of(i));
	ck_assert_int_le(n, 8);
	ck_assert_int_eq(world_count(&w, MESSAGE_QUEUED, OUTBOUND), 0);
	ck_assert_int_ge(world_count(&w, MESSAGE_CANCELED, OUTBOUND), 52);
	ck_assert_int_eq(tell(CAMPAIGN_CANCEL), 0);
	ck_assert_int_eq(tell(CAMPAIGN_START), TW_E_DENIED);
	world_close(&w);
}
END_TEST

START_TEST(test_burst_pauses_it)
{
	begin(60, false);
	make_text("News");
	tell(CAMPAIGN_START);
	world_wait(&w, 1000);
	send_some(4);
	for (int i = 0; i < 40; i++) {
		for (int k = 0; k < 2; k++)
			if (fake_sending(w.bank, k))
				fake_not_sent(w.bank, k, REACT_FAIL, "CMS 21");
		world_turn(&w);
	}
	struct campaign c = look();

	ck_assert(c.is_paused);
	ck_assert_ptr_nonnull(strstr(c.reason, "messages failed, the last one: CMS 21"));
	ck_assert_int_ge(c.arms[0].n[FIGURE_FAILED], 10);
	ck_assert_int_le(c.arms[0].n[FIGURE_FAILED], 12);
	ck_assert_int_ge(c.waiting, 40);
	campaign_done(&c);
	ck_assert(world_was_told(&w, "campaign.paused", NAME));
	tell(CAMPAIGN_START);
	send_some(100);
	expect_state("done");
	world_close(&w);
}
END_TEST

START_TEST(test_arms_and_preview)
{
	struct campaign_preview p = { .cursor = 0 };
	struct exchange_refusal e;
	struct campaign c;

	begin(40, false);
	make(&(struct exchange_campaign_order){
		.account = "default", .name = NAME, .list = "news", .n_arms = 2,
		.arms = { { "short", "Hi {name|you}", 3 }, { "long", "Good morning {name|you}", 1 } } });
	while (!p.is_over)
		ck_assert_int_eq(exchange_campaign_preview(w.x, "default", NAME, w.now, &p, &e), 0);
	ck_assert_int_eq(p.contacts, 40);
	ck_assert_int_eq(p.segments, 40);
	ck_assert_int_eq(p.n_samples, 3);
	ck_assert_str_eq(p.samples[0].number, number_of(0));
	ck_assert_int_gt(p.ends_at.ms, w.now.wall.ms);
	tell(CAMPAIGN_START);
	send_some(100);
	for (size_t i = 0; i < p.n_samples; i++)
		ck_assert_str_eq(text_to(p.samples[i].number), p.samples[i].text);
	campaign_preview_done(&p);
	c = look();
	ck_assert_int_eq(c.arms[0].n[FIGURE_SENT] + c.arms[1].n[FIGURE_SENT], 40);
	ck_assert_int_ge(c.arms[0].n[FIGURE_SENT], 22);
	ck_assert_int_ge(c.arms[1].n[FIGURE_SENT], 3);
	ck_assert_int_eq(c.verdict.winner, -1);
	campaign_done(&c);
	world_close(&w);
}
END_TEST

/* Four codes for six contacts: it stops, and says why; nobody gets the same. */
START_TEST(test_vouchers)
{
	begin(6, false);
	make(&(struct exchange_campaign_order){
		.account = "default", .name = NAME, .list = "news", .series = "gift",
		.arms = { { NULL, "Your code: {voucher}", 0 } }, .n_arms = 1 });
	tell(CAMPAIGN_START);
	world_wait(&w, 1000);
	send_some(100);
	struct campaign c = look();

	ck_assert_int_eq(c.state, CAMPAIGN_QUEUEING);
	ck_assert_ptr_nonnull(strstr(c.reason, "no code"));
	ck_assert_int_eq(c.arms[0].n[FIGURE_SENT], 4);
	ck_assert_int_eq(c.queued, 4);
	campaign_done(&c);
	tell(CAMPAIGN_START);		/* still none */
	world_wait(&w, 1000);
	expect_state("queueing");
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(text_to(number_of(i)), text_to(number_of(k)));
	/* One of them is redeemed: that is what the campaign was for. */
	char text[64];

	snprintf(text, sizeof(text), "CASH %s", text_to(number_of(2)) + strlen("Your code: "));
	hear(number_of(2), text);
	ck_assert_str_eq(text_to(number_of(2)), "ok");
	ck_assert_int_eq(figure(0, FIGURE_CONVERSIONS), 1);
	hear(number_of(2), "CASH G00000");
	ck_assert_int_eq(figure(0, FIGURE_CONVERSIONS), 1);
	world_close(&w);
}
END_TEST

START_TEST(test_pace_and_schedule)
{
	begin(10, false);
	make(&(struct exchange_campaign_order){
		.account = "default", .name = NAME, .list = "news", .pace = 60,
		.send_at = wall_after(w.now.wall, HOUR_MS), .arms = { { NULL, "News", 0 } }, .n_arms = 1 });
	tell(CAMPAIGN_START);
	expect_state("scheduled");
	send_some(100);
	ck_assert_int_eq(figure(0, FIGURE_SENT), 0);
	world_wait(&w, HOUR_MS);
	send_some(100);
	for (int i = 1; i <= 5; i++) {
		ck_assert_int_eq(figure(0, FIGURE_SENT), i);
		world_wait(&w, MINUTE_MS);
		send_some(100);
	}
	expect_state("sending");
	struct campaign c = look();

	ck_assert_int_eq(c.waiting, 4);
	ck_assert_int_ge(c.ends_at.ms, w.now.wall.ms + 3 * MINUTE_MS);
	ck_assert_int_le(c.ends_at.ms, w.now.wall.ms + 5 * MINUTE_MS);
	campaign_done(&c);
	world_wait(&w, 10 * MINUTE_MS);
	send_some(100);
	world_close(&w);
}
END_TEST

/* Who leaves while it waits does not get it; who leaves because of it is counted. */
START_TEST(test_leaving)
{
	begin(6, false);
	make(&(struct exchange_campaign_order){
		.account = "default", .name = NAME, .list = "news", .pace = 60,
		.arms = { { NULL, "News", 0 } }, .n_arms = 1 });
	tell(CAMPAIGN_START);
	world_wait(&w, 1000);
	send_some(1);
	hear(number_of(4), "NONEWS");
	hear(number_of(5), "STOP");
	for (int i = 0; i < 10; i++) {
		world_wait(&w, MINUTE_MS);
		send_some(10);
	}
	expect_state("done");
	ck_assert_int_eq(figure(0, FIGURE_SENT), 4);
	ck_assert_str_ne(text_to(number_of(4)), "News");
	ck_assert_str_ne(text_to(number_of(5)), "News");
	ck_assert_int_eq(figure(0, FIGURE_LEAVES), 0);
	hear(number_of(0), "STOP");
	hear(number_of(1), "NONEWS");
	ck_assert_int_eq(figure(0, FIGURE_LEAVES), 2);
	world_wait(&w, 8 * DAY_MS);
	hear(number_of(2), "STOP");
	ck_assert_int_eq(figure(0, FIGURE_LEAVES), 2);
	world_close(&w);
}
END_TEST

/* A text that comes while the list is gone through is answered in its own turn. */
START_TEST(test_replies_go_first)
{
	begin(200, false);
	make_text("News");
	for (int k = 0; k < 2; k++)
		w.bank->modems[k].is_held = true;
	tell(CAMPAIGN_START);
	world_turn(&w);
	expect_state("queueing");
	struct campaign c = look();
	int64_t before = c.queued;

	campaign_done(&c);
	for (int k = 0; k < 2; k++)
		w.bank->modems[k].is_held = false;
	world_text(&w, 0, CUSTOMER, "HOURS");
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	ck_assert_str_eq(text_to(CUSTOMER), "8-18");
	c = look();
	ck_assert_int_eq(c.queued, before);	/* stood aside */
	campaign_done(&c);
	world_wait(&w, 100);
	send_some(300);
	expect_state("done");
	world_close(&w);
}
END_TEST

/* Quiet hours by the zone that is noted of the contact, not by the number. */
START_TEST(test_quiet_where_they_are)
{
	const struct exchange_import what = { "default", "news", "paper form" };
	const struct exchange_import_row row = { number_of(1), "", "", "Asia/Tokyo", "", NULL, 0 };
	struct exchange_imported done;
	struct exchange_refusal e;
	static char lane[] = "campaign", *lanes[] = { lane };

	world_flow_text = flow;
	world_open(&w);
	w.settings.quiet_hours.is_set = true;
	w.settings.quiet_hours.from = 21 * 60;
	w.settings.quiet_hours.to = 8 * 60;
	w.settings.quiet_hours.applies = (struct tw_strings){ lanes, 1 };
	world_reload(&w);
	people(1);
	exchange_import(w.x, &what, &row, 1, w.now, &done, &e);
	ck_assert_int_eq(done.what, IMPORT_JOINED);
	world_turn(&w);
	/* 14:00 in London, 23:00 in Tokyo. */
	int64_t day = w.now.wall.ms / DAY_MS * DAY_MS + DAY_MS;

	world_wait(&w, day + 14 * HOUR_MS - w.now.wall.ms);
	make_text("News");
	tell(CAMPAIGN_START);
	send_some(10);
	ck_assert_int_eq(sent_to(number_of(0)), 1);
	ck_assert_int_eq(sent_to(number_of(1)), 0);
	world_wait(&w, 10 * HOUR_MS);
	send_some(10);
	ck_assert_int_eq(sent_to(number_of(1)), 1);
	w.settings.quiet_hours.applies = (struct tw_strings){ NULL, 0 };
	world_close(&w);
}
END_TEST

/* ---- the end that is foreseen ---------------------------------------------------------------- */

/* ms from now. */
static int64_t ends_in(void)
{
	struct campaign_preview p = { .cursor = 0 };
	struct exchange_refusal e;

	while (!p.is_over)
		ck_assert_int_eq(exchange_campaign_preview(w.x, "default", NAME, w.now, &p, &e), 0);
	int64_t ms = p.ends_at.ms ? p.ends_at.ms - w.now.wall.ms : -1;

	campaign_preview_done(&p);
	return ms;
}

static void limit_sims(struct settings_quota quota)
{
	static char iccids[2][24] = { "8944100000000000001", "8944100000000000002" }, none[] = "";

	for (int i = 0; i < 2; i++) {
		w.sims[i] = (struct settings_sim){ .iccid = iccids[i], .number = none, .account = none,
						   .pin = none, .smsc = none, .quota = quota };
		w.sims[i].quota.zone = none;
		w.sims[i].quota.reset_day = 1;
	}
	w.settings.sims = w.sims;
	w.settings.n_sims = 2;
	world_reload(&w);
}

/* What replies and programs leave of the quotas: both SIMs have 20 a day, of which 4 are kept for
 * replies. */
START_TEST(test_end_by_quotas)
{
	begin(72, false);
	w.settings.share_for_replies = 20;
	make_text("News");
	int64_t free_of = ends_in();

	ck_assert_int_ge(free_of, 72 / 2 * PICK_PACE_MS * 9 / 10);
	ck_assert_int_le(free_of, 72 / 2 * PICK_PACE_MS * 11 / 10);
	limit_sims((struct settings_quota){ .per_day = 20 });
	/* 32 today, 32 when the day has begun anew, and the last 8 a day later: with what is kept for
	 * replies all would be sent tomorrow. */
	int64_t later = 2 * DAY_MS - w.now.wall.ms % DAY_MS;

	ck_assert_int_ge(ends_in(), later - HOUR_MS / 4);
	ck_assert_int_le(ends_in(), later + HOUR_MS);
	world_close(&w);
}
END_TEST

/* What waits in front goes first. */
START_TEST(test_end_behind_others)
{
	begin(30, false);
	make_text("News");
	int64_t alone = ends_in();

	for (int k = 0; k < 2; k++)
		w.bank->modems[k].is_held = true;
	for (int i = 0; i < 60; i++)
		ck_assert_ptr_nonnull(world_post(&w, number_of(100 + i), "Your order", NULL));
	world_turn(&w);
	int64_t behind = ends_in() - alone;

	ck_assert_int_ge(behind, 60 / 2 * PICK_PACE_MS * 9 / 10);
	ck_assert_int_le(behind, 60 / 2 * PICK_PACE_MS * 11 / 10);
	for (int k = 0; k < 2; k++)
		w.bank->modems[k].is_held = false;
	world_close(&w);
}
END_TEST

/* What is sent beside campaigns as a habit will be sent meanwhile, too: also behind a restart. Each SIM
 * may send a segment an hour, of which a program uses every other one. */
START_TEST(test_end_by_habit)
{
	enum { DAYS = 6, A_DAY = 24 };
	const int64_t end = 64 / 2 * 2 * HOUR_MS;

	begin(64, true);
	w.settings.share_for_replies = 0;
	limit_sims((struct settings_quota){ .per_hour = 1 });
	make_text("News");
	ck_assert_int_le(ends_in(), end / 2);
	for (int i = 0; i < DAYS * A_DAY; i++) {
		world_wait(&w, DAY_MS / A_DAY);
		ck_assert_ptr_nonnull(world_post(&w, number_of(100 + i), "Your order",
						 i % 2 ? FIRST : SECOND));
		world_turn(&w);
		send_some(1);
	}
	ck_assert_int_ge(ends_in(), end * 9 / 10);
	ck_assert_int_le(ends_in(), end * 11 / 10);
	world_crash(&w);
	world_wait(&w, 2000);
	ck_assert_int_ge(ends_in(), end * 9 / 10);
	ck_assert_int_le(ends_in(), end * 11 / 10);
	world_close(&w);
}
END_TEST

/* Nobody's night is worked through: where it is night now the end lies behind it. */
START_TEST(test_end_by_zones)
{
	const struct exchange_import what = { "default", "news", "paper form" };
	const struct exchange_import_row row = { number_of(1), "", "", "Asia/Tokyo", "", NULL, 0 };
	struct exchange_imported done;
	struct exchange_refusal e;
	static char lane[] = "campaign", *lanes[] = { lane };

	world_flow_text = flow;
	world_open(&w);
	w.settings.quiet_hours.is_set = true;
	w.settings.quiet_hours.from = 21 * 60;
	w.settings.quiet_hours.to = 8 * 60;
	w.settings.quiet_hours.applies = (struct tw_strings){ lanes, 1 };
	world_reload(&w);
	people(1);
	/* 14:00 in London, 23:00 in Tokyo; there it is 8 o'clock nine hours later. */
	int64_t day = w.now.wall.ms / DAY_MS * DAY_MS + DAY_MS;

	world_wait(&w, day + 14 * HOUR_MS - w.now.wall.ms);
	make_text("News");
	ck_assert_int_le(ends_in(), MINUTE_MS);
	exchange_import(w.x, &what, &row, 1, w.now, &done, &e);
	ck_assert_int_eq(done.what, IMPORT_JOINED);
	world_turn(&w);
	ck_assert_int_ge(ends_in(), 9 * HOUR_MS);
	ck_assert_int_le(ends_in(), 9 * HOUR_MS + MINUTE_MS);
	/* The same once it waits. */
	tell(CAMPAIGN_START);
	send_some(10);
	struct campaign c = look();

	ck_assert_int_eq(c.waiting, 1);
	ck_assert_int_ge(c.ends_at.ms, w.now.wall.ms + 9 * HOUR_MS - MINUTE_MS);
	ck_assert_int_le(c.ends_at.ms, w.now.wall.ms + 9 * HOUR_MS + MINUTE_MS);
	campaign_done(&c);
	w.settings.quiet_hours.applies = (struct tw_strings){ NULL, 0 };
	world_close(&w);
}
END_TEST

#define NEWS .account = "default", .list = "news"
#define HI .arms = { { NULL, "Hi", 0 } }, .n_arms = 1
#define TEXT(t) .arms = { { NULL, t, 0 } }, .n_arms = 1
static const struct {
	struct exchange_campaign_order o;
	int status;
	const char *text;
} refusals[] = {
	{ { NEWS, .name = "two words", HI }, 400, "name: expected" },
	{ { .account = "default", .name = "x", .list = "", HI }, 400, "list: a campaign goes" },
	{ { .account = "default", .name = "x", .list = "nwes", HI }, 400,
	  "list: no flow of the account declares the list \"nwes\"" },
	{ { .account = "nobody", .name = "x", .list = "news", HI }, 404, "no account is called nobody" },
	{ { NEWS, .name = "x" }, 400, "text: a campaign wants a text" },
	{ { NEWS, .name = "x", TEXT("Hi {nmae}") }, 400,
	  "text: no name {nmae} is known; did you mean {name}? (at character 5)" },
	{ { NEWS, .name = "x", TEXT("Hi {args}") }, 400, "{args} is of a message" },
	{ { NEWS, .name = "x", TEXT("Hi {voucher}") }, 400, "{voucher} wants a series" },
	{ { NEWS, .name = "x", TEXT("Hi {name") }, 400, "never closed" },
	{ { NEWS, .name = "x", HI, .when = "citty = 'Leeds'" }, 400,
	  "when: no name `citty` is known; did you mean `city`?" },
	{ { NEWS, .name = "x", HI, .when = "text = 'x'" }, 400, "when: `text` is of a message" },
	{ { NEWS, .name = "x", HI, .series = "gfit" }, 400, "voucher: no voucher series \"gfit\"" },
	{ { NEWS, .name = "x", HI, .from = "+447700900099" }, 400, "from: " },
	{ { NEWS, .name = "x", HI, .pool = "none" }, 404, "pool: no pool" },
	{ { NEWS, .name = "x", HI, .pace = -1 }, 400, "pace: expected" },
	{ { NEWS, .name = "x", HI, .until = { 1 } }, 400, "until: that is over" },
	{ { NEWS, .name = "x", .n_arms = 2, .arms = { { "a", "x", 1 }, { "a", "y", 1 } } }, 400,
	  "two are called a" },
	{ { NEWS, .name = "x", .n_arms = 2, .arms = { { "a", "x", 1 }, { "", "y", 1 } } }, 400,
	  "wants a name" },
	{ { NEWS, .name = NAME, HI }, 409, "there is a campaign summer already" },	/* another text */
};

START_TEST(test_refusals)
{
	struct exchange_refusal e = { .status = 0 };
	struct campaign c;

	begin(1, false);
	make_text("News");
	ck_assert_int_eq(exchange_campaign_make(w.x, &refusals[_i].o, w.now, &c, &e), TW_E_DENIED);
	ck_assert_int_eq(e.status, refusals[_i].status);
	ck_assert_msg(strstr(e.text, refusals[_i].text) != NULL, "%s", e.text);
	world_turn(&w);
	world_close(&w);
}
END_TEST

/* Nobody is on the list: it is over at once. And a list that a reload takes away pauses it. */
START_TEST(test_empty_and_reload)
{
	begin(2, false);
	make(&(struct exchange_campaign_order){ .account = "default", .name = "none", .list = "empty",
						.arms = { { NULL, "Hi", 0 } }, .n_arms = 1 });
	struct exchange_refusal e;
	struct campaign c;

	ck_assert_int_eq(exchange_campaign_do(w.x, "default", "none", CAMPAIGN_START, w.now, &e), 0);
	world_wait(&w, 1000);
	ck_assert_int_eq(exchange_campaign(w.x, "default", "none", w.now, &c), 0);
	ck_assert_int_eq(c.state, CAMPAIGN_DONE);
	campaign_done(&c);
	make(&(struct exchange_campaign_order){
		.account = "default", .name = NAME, .list = "news",
		.send_at = wall_after(w.now.wall, HOUR_MS), .arms = { { NULL, "News", 0 } }, .n_arms = 1 });
	tell(CAMPAIGN_START);
	world_reflow(&w, "keywords = ( { match = \"HOURS\"; reply = \"8-18\"; } );\n");
	world_wait(&w, 2 * HOUR_MS);
	c = look();
	ck_assert(c.is_paused);
	ck_assert_ptr_nonnull(strstr(c.reason, "declares the list"));
	campaign_done(&c);
	ck_assert_int_eq(tell(CAMPAIGN_START), TW_E_DENIED);
	world_close(&w);
}
END_TEST

/* Each statement of it fails once, and then each COMMIT: nobody gets it twice, nobody is forgotten. */
START_TEST(test_faults)
{
	begin(20, true);
	make_text("News");
	world_inject(&w, _i + 1, 10 /* SQLITE_IOERR */, false);
	tell(CAMPAIGN_START);
	if (told_status || !is_on_disk) {
		world_wait(&w, 2000);
		ck_assert_msg(tell(CAMPAIGN_START) == 0, "%d", told_status);
	}
	for (int i = 0; i < 6; i++) {
		world_wait(&w, 2000);
		send_some(100);
	}
	world_wait(&w, 2 * MINUTE_MS);
	send_some(100);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(sent_to(number_of(i)), 1);
	ck_assert_int_eq(figure(0, FIGURE_SENT), 20);
	ck_assert_int_eq(figure(0, FIGURE_QUEUED), 20);
	expect_state("done");
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_who_gets_it);
	tcase_add_loop_test(t, test_once_whatever_happens, 0, 6);
	tcase_add_test(t, test_pause_and_go_on);
	tcase_add_test(t, test_cancel_takes_back);
	tcase_add_test(t, test_burst_pauses_it);
	tcase_add_test(t, test_arms_and_preview);
	tcase_add_test(t, test_vouchers);
	tcase_add_test(t, test_pace_and_schedule);
	tcase_add_test(t, test_leaving);
	tcase_add_test(t, test_replies_go_first);
	tcase_add_test(t, test_quiet_where_they_are);
	tcase_add_test(t, test_end_by_quotas);
	tcase_add_test(t, test_end_behind_others);
	tcase_add_test(t, test_end_by_habit);
	tcase_add_test(t, test_end_by_zones);
	tcase_add_loop_test(t, test_refusals, 0, (int)TW_COUNT(refusals));
	tcase_add_test(t, test_empty_and_reload);
	tcase_add_loop_test(t, test_faults, 0, 36);
}

int main(void)
{
	return world_main("campaign", add);
}
