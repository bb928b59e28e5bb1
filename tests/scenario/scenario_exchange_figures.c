/* Running totals: what texts, splits, vouchers, lists and goals count for, by number, hour and day; the
 * same after a crash, a fault and the end of an hour. */
#include <stdio.h>

#include "../../src/exchange/internal.h"
#include "world.h"

static const char flow[] =
	"lists = ( { name = \"news\"; } );\n"
	"fields = ( { name = \"nps\"; type = \"integer\"; }, { name = \"age\"; type = \"integer\"; } );\n"
	"vouchers = ( { name = \"gift\"; generate = \"G99999\"; } );\n"
	"calendars = ( { name = \"visits\"; slots = \"mon-sun 00:00-24:00\"; length = \"1h\"; } );\n"
	"pledges = ( { name = \"roof\"; currency = \"GBP\"; } );\n"
	"goals = ( { name = \"bought\"; when = \"redeemed('gift')\"; within = \"7d\"; } );\n"
	"otherwise = \"Pardon?\";\n"
	"queues = ( { name = \"care\"; agents = [ \"desk\" ]; }, { name = \"sales\"; agents = [ \"desk\" ]; } );\n"
	"agents = ( { name = \"desk\"; number = \"+447700900102\"; } );\n"
	"keywords = (\n"
	"  { match = [ \"HOURS\", \"OPEN\" ]; reply = \"8-18\"; },\n"
	"  { match = \"HELPME\"; ticket = { queue = \"care\"; about = \"{args}\"; };  reply = \"{ticket}\"; },\n"
	"  { match = \"NEWS\"; subscribe = \"news\"; },\n"
	"  { match = \"BOOK\"; do = ( { appointment = \"visits\"; }, \"Booked\" ); },\n"
	"  { match = \"MOVE\"; do = ( { appointment = { calendar = \"visits\"; action = \"move\"; }; } ); },\n"
	"  { match = \"SURE\"; appointment = { calendar = \"visits\"; action = \"confirm\"; }; },\n"
	"  { match = \"UNBOOK\"; appointment = { calendar = \"visits\"; action = \"cancel\"; }; },\n"
	"  { match = \"GIVE\"; pledge = \"roof\"; reply = \"Thanks\"; },\n"
	"  { match = \"NONEWS\"; unsubscribe = \"news\"; },\n"
	"  { match = \"GIFT\"; do = ( { voucher = \"gift\"; }, { reply = \"{voucher}\"; } ); },\n"
	"  { match = \"CASH\"; redeem = { series = \"gift\"; code = \"{args}\"; };  reply = \"{redeemed}\"; },\n"
	"  { match = \"DEAL\"; do = ( { split = \"deal\"; into = ( { name = \"a\"; weight = 1; do = ( { reply = \"A\"; } ); },\n"
	"    { name = \"b\"; weight = 1; do = ( { reply = \"B\"; } ); } ); } ); },\n"
	"  { match = \"RATE\"; do = ( { ask = \"0 to 10?\"; expect = \"0..10\"; save = \"nps\"; }, { reply = \"Thanks\"; } ); },\n"
	"  { match = \"AGE\"; do = ( { ask = \"How old?\"; expect = \"0..120\"; save = \"age\"; } ); }\n"
	");\n";

#define HOUR_MS (3600 * INT64_C(1000))
#define DAY_MS (24 * HOUR_MS)

static struct world w;

static void begin(bool on_disk)
{
	world_flow_text = flow;
	(on_disk ? world_open_file : world_open)(&w);
}

static void hear(const char *from, const char *text)
{
	world_wait(&w, 1000);
	world_text(&w, 0, from, text);
	world_wait(&w, 2000);		/* the reply takes so long */
	for (int i = 0; i < 3; i++) {
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		world_turn(&w);
	}
	world_wait(&w, 100);
}

/* A report as one line: "kind name[@line][+hours]: figures that are not 0". */
struct told { char text[4096]; size_t n; struct wall_ms first; bool by_time; };

static void note(void *ctx, const struct report_row *row)
{
	struct told *t = ctx;
	t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, "%s%s %s%s%s", t->n ? " | " : "",
				 store_topic_name(row->kind), row->name, row->line[0] ? "@" : "", row->line);
	if (t->by_time && !t->first.ms)
		t->first = row->at;
	if (t->by_time)
		t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, "+%d",
					 (int)((row->at.ms - t->first.ms) / HOUR_MS));
	t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, ":");
	for (int i = 0; i < REPORT_COUNT; i++)
		if (row->n[i])
			t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n,
						 " %s=%lld", report_figure_name(i),
						 (long long)row->n[i]);
	t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, "%s%s",
				 *row->currency ? " " : "", row->currency);
}

static const char *report(const struct exchange_report_query *q)
{
	static struct told t;

	t = (struct told){ .by_time = q->by != STORE_EVER };
	world_report(&w, q, note, &t);
	return t.text;
}

static const char *of(const char *kind)
{
	return report(&(struct exchange_report_query){ .kind = kind, .by = STORE_EVER });
}

#define OTHER "+447700900101"

START_TEST(test_keywords)
{
	begin(true);
	hear(CUSTOMER, "HOURS");
	hear(CUSTOMER, "open please");
	hear(OTHER, "HOURS");
	hear(OTHER, "what?");
	const char *wanted = "keyword HOURS: received=3 queued=3 sent=3 segments=3 customers=2 answers=3 "
			     "answer_ms=6000";

	ck_assert_str_eq(of("keyword"), wanted);
	ck_assert_str_eq(of("account"), "account : received=1 queued=1 sent=1 segments=1 answers=1 answer_ms=2000");
	ck_assert_str_eq(report(&(struct exchange_report_query){ .kind = "keyword", .by = STORE_EVER,
								 .by_line = true }),
			 "keyword HOURS@" FIRST ": received=3 queued=3 sent=3 segments=3 customers=2 answers=3 "
			 "answer_ms=6000");
	world_crash(&w);
	ck_assert_str_eq(of("keyword"), wanted);
	hear(OTHER, "OPEN");		/* no new customer, also after a restart */
	ck_assert_str_eq(of("keyword"), "keyword HOURS: received=4 queued=4 sent=4 segments=4 customers=2 "
			 "answers=4 answer_ms=8000");
	world_close(&w);
}
END_TEST

START_TEST(test_what_steps_do)
{
	char text[64];

	begin(false);
	hear(CUSTOMER, "NEWS");
	hear(CUSTOMER, "NEWS");
	hear(CUSTOMER, "NONEWS");
	ck_assert_str_eq(of("list"), "list news: joins=1 leaves=1");
	hear(CUSTOMER, "DEAL");
	hear(CUSTOMER, "DEAL");
	ck_assert_ptr_nonnull(strstr(of("arm"), ": received=2 customers=1"));
	hear(CUSTOMER, "GIFT");
	snprintf(text, sizeof(text), "CASH %s", w.bank->sends[w.bank->n_sends - 1].text);
	hear(CUSTOMER, text);
	hear(CUSTOMER, text);		/* used */
	ck_assert_str_eq(of("voucher"), "voucher gift: drawn=1 redeemed=1");
	ck_assert_str_eq(of("goal"), "goal bought: conversions=1");
	/* It counts for the last thing that they came by before. */
	ck_assert_ptr_nonnull(strstr(of("keyword"), "keyword GIFT: received=1 queued=1 sent=1 segments=1 customers=1 "
				     "conversions=1"));
	world_close(&w);
}
END_TEST

START_TEST(test_nps)
{
	static const char *const ratings[] = { "10", "9", "8", "6", "0", "none of it" };

	begin(false);
	for (size_t i = 0; i < TW_COUNT(ratings); i++) {
		hear(CUSTOMER, "RATE");
		hear(CUSTOMER, ratings[i]);
	}
	hear(CUSTOMER, "AGE");
	hear(CUSTOMER, "10");
	const char *age = strstr(of("keyword"), "keyword AGE"), *rate = strstr(of("keyword"), "keyword RATE");

	ck_assert_ptr_nonnull(age);
	ck_assert(rate > age);		/* by name */
	ck_assert_ptr_nonnull(strstr(rate, "promoters=2 passives=1 detractors=2"));
	ck_assert(strstr(age, "promoters") > rate);
	world_close(&w);
}
END_TEST

/* Queues count by themselves, and stand in the same report. */
START_TEST(test_queues)
{
	begin(false);
	hear(CUSTOMER, "HELPME with my bath");
	ck_assert_str_eq(of("queue"), "queue care: received=1");
	world_wait(&w, HOUR_MS);
	hear("+447700900102", "#1 on my way");
	hear("+447700900102", "#1 close");
	const char *told = of("queue");

	ck_assert_msg(strstr(told, "queue care: received=1 delivered=1 answers=1 answer_ms=36") == told, "%s",
		      told);
	told = report(&(struct exchange_report_query){ .kind = "queue", .by = STORE_HOUR });
	ck_assert_msg(strstr(told, "queue care+0: received=1 | queue care+1: delivered=1 answers=1") == told, "%s",
		      told);
	told = report(&(struct exchange_report_query){ .kind = "queue", .by = STORE_DAY, .name = "care" });
	ck_assert_msg(strstr(told, "queue care+0: received=1 delivered=1 answers=1") == told, "%s", told);
	ck_assert_str_eq(report(&(struct exchange_report_query){ .kind = "queue", .by = STORE_EVER,
								 .until = { 1 } }), "");
	world_close(&w);
}
END_TEST

static const char *by_hour(const char *kind)
{
	return report(&(struct exchange_report_query){ .kind = kind, .by = STORE_HOUR });
}

START_TEST(test_appointments)
{
	const char *wanted = "calendar visits: offered=3 booked=1 moved=1 confirmed=1 canceled=1";

	begin(true);
	hear(CUSTOMER, "BOOK");
	hear(OTHER, "BOOK");
	hear(CUSTOMER, "3");
	world_wait(&w, HOUR_MS);
	hear(CUSTOMER, "MOVE");
	hear(CUSTOMER, "3");
	hear(CUSTOMER, "SURE");
	hear(CUSTOMER, "UNBOOK");
	ck_assert_str_eq(of("calendar"), wanted);
	ck_assert_str_eq(by_hour("calendar"), "calendar visits+0: offered=2 booked=1 | "
			 "calendar visits+1: offered=1 moved=1 confirmed=1 canceled=1");
	ck_assert_str_eq(report(&(struct exchange_report_query){ .kind = "calendar", .by = STORE_DAY }),
			 "calendar visits+0: offered=3 booked=1 moved=1 confirmed=1 canceled=1");
	/* From the second hour on, and before it. */
	struct wall_ms second = figures_hour(w.x, 1, w.now.wall);

	ck_assert_str_eq(report(&(struct exchange_report_query){ .kind = "calendar", .from = second,
								 .by = STORE_EVER }),
			 "calendar visits: offered=1 moved=1 confirmed=1 canceled=1");
	ck_assert_str_eq(report(&(struct exchange_report_query){ .kind = "calendar", .until = second,
								 .by = STORE_EVER }),
			 "calendar visits: offered=2 booked=1");
	ck_assert_str_eq(report(&(struct exchange_report_query){ .kind = "calendar", .name = "visit",
								 .by = STORE_EVER }), "");
	world_crash(&w);
	ck_assert_str_eq(of("calendar"), wanted);
	world_close(&w);
}
END_TEST

START_TEST(test_pledges)
{
	begin(false);
	hear(CUSTOMER, "GIVE 20");
	hear(OTHER, "GIVE 12,50");
	hear(OTHER, "GIVE nothing");
	ck_assert_str_eq(of("pledge"), "pledge roof: pledges=2 amount=3250 GBP");
	world_wait(&w, HOUR_MS);
	hear(OTHER, "GIVE 1");
	ck_assert_str_eq(by_hour("pledge"), "pledge roof+0: pledges=2 amount=3250 GBP | "
			 "pledge roof+1: pledges=1 amount=100 GBP");
	world_close(&w);
}
END_TEST

/* What led to a goal, and keywords as they stand in the file. */
static void note_goal(void *ctx, const struct store_goal_touch *t)
{
	struct told *told = ctx;

	told->n += (size_t)snprintf(told->text + told->n, sizeof(told->text) - told->n, "%s%s %s: %lld",
				    told->n ? " | " : "", t->kind, t->name, (long long)t->n);
}

static void note_keyword(void *ctx, const struct exchange_keyword *k)
{
	struct told *told = ctx;

	told->n += (size_t)snprintf(told->text + told->n, sizeof(told->text) - told->n,
				    "%s%s@%u/%d %lld %lld", told->n ? " | " : "", k->name, k->line,
				    k->places, (long long)k->n[FIGURE_RECEIVED],
				    (long long)k->n[FIGURE_CONVERSIONS]);
}

static void redeem(const char *from)
{
	char text[64];

	hear(from, "GIFT");
	snprintf(text, sizeof(text), "CASH %s", w.bank->sends[w.bank->n_sends - 1].text);
	hear(from, text);
}

START_TEST(test_goals_by_touch)
{
	struct exchange_goal goal;
	struct told told = { .n = 0 };

	begin(true);
	ck_assert_int_eq(exchange_goal(w.x, "default", "bought", &goal), 0);
	ck_assert(goal.is_declared && !goal.reached);
	ck_assert_int_eq(exchange_goal(w.x, "default", "none", &goal), TW_E_UNKNOWN);
	redeem(CUSTOMER);
	redeem(OTHER);
	redeem(OTHER);			/* a goal is reached once */
	hear("+447700900102", "GIFT");
	char code[64];

	snprintf(code, sizeof(code), "CASH %s", w.bank->sends[w.bank->n_sends - 1].text);
	world_wait(&w, 8 * DAY_MS);	/* too late to count for it */
	hear("+447700900102", code);
	world_crash(&w);
	ck_assert_int_eq(exchange_goal(w.x, "default", "bought", &goal), 0);
	ck_assert_int_eq(goal.reached, 3);
	ck_assert_int_eq(goal.counted, 2);
	ck_assert_int_eq(goal.within, 7 * DAY_MS);
	ck_assert_int_eq(exchange_goal_touches(w.x, "default", "bought", NULL, 10, note_goal, &told), 1);
	ck_assert_str_eq(told.text, "keyword GIFT: 2");
	told.n = 0;
	ck_assert_int_eq(exchange_goal_touches(w.x, "default", "bought", "keyword/GIFT", 10, note_goal,
					       &told), 0);
	world_close(&w);
}
END_TEST

START_TEST(test_keyword_list)
{
	struct exchange_keywords_query q = { .account = "default", .limit = 3 };
	const struct exchange_report_query figures = { .kind = "keyword", .by = STORE_EVER };
	struct told told = { .n = 0 };

	begin(false);
	redeem(CUSTOMER);
	q.figures = world_read_report(&w, &figures);
	ck_assert_int_eq(exchange_keywords(w.x, &q, note_keyword, &told), 3);
	exchange_report_free(q.figures);
	ck_assert_str_eq(told.text, "AGE@25/1 0 0 | BOOK@14/1 0 0 | CASH@21/1 1 0");
	told.n = 0;
	q.after = "default\tDEAL";
	q.figures = world_read_report(&w, &figures);
	ck_assert_int_eq(exchange_keywords(w.x, &q, note_keyword, &told), 3);
	exchange_report_free(q.figures);
	ck_assert_str_eq(told.text, "GIFT@20/1 1 1 | GIVE@18/1 0 0 | HELPME@12/1 0 0");
	q.account = "other";
	q.figures = NULL;
	q.after = NULL;
	ck_assert_int_eq(exchange_keywords(w.x, &q, note_keyword, &told), 0);
	world_close(&w);
}
END_TEST

/* Hours become days once they are over, and nothing is counted twice or lost on the way. */
START_TEST(test_hours_and_days)
{
	begin(true);
	int64_t noon = w.now.wall.ms / DAY_MS * DAY_MS + DAY_MS + 12 * HOUR_MS;
	const struct exchange_report_query days = { .kind = "keyword", .by = STORE_DAY };
	const struct exchange_report_query hours = { .kind = "keyword", .by = STORE_HOUR };

	world_wait(&w, noon - w.now.wall.ms);
	struct wall_ms from = w.now.wall;

	hear(CUSTOMER, "HOURS");
	world_wait(&w, HOUR_MS);
	hear(OTHER, "HOURS");
	hear(OTHER, "HOURS");
	world_wait(&w, 23 * HOUR_MS);
	hear(OTHER, "HOURS");
#define ONE(n) "received=" n " queued=" n " sent=" n " segments=" n
	const char *by_hour = "keyword HOURS+0: " ONE("1") " customers=1 answers=1 answer_ms=2000 | "
			      "keyword HOURS+1: " ONE("2") " customers=1 answers=2 answer_ms=4000 | "
			      "keyword HOURS+24: " ONE("1") " answers=1 answer_ms=2000";
	const char *by_day = "keyword HOURS+0: " ONE("3") " customers=2 answers=3 answer_ms=6000 | "
			     "keyword HOURS+24: " ONE("1") " answers=1 answer_ms=2000";

	ck_assert_str_eq(report(&hours), by_hour);
	ck_assert_str_eq(report(&days), by_day);
	world_wait(&w, 2 * HOUR_MS);	/* all hours are over */
	ck_assert_str_eq(report(&hours), by_hour);
	ck_assert_str_eq(report(&days), by_day);
	world_crash(&w);
	world_wait(&w, HOUR_MS);
	ck_assert_str_eq(report(&days), by_day);
	ck_assert_str_eq(of("keyword"), "keyword HOURS: " ONE("4") " customers=2 answers=4 answer_ms=8000");
	/* An afternoon is told by its hours, and not by its day. */
	ck_assert_str_eq(report(&(struct exchange_report_query){
		.kind = "keyword", .by = STORE_EVER, .from = wall_after(from, -HOUR_MS),
		.until = wall_after(from, HOUR_MS / 2) }),
			 "keyword HOURS: " ONE("1") " customers=1 answers=1 answer_ms=2000");
	world_close(&w);
}
END_TEST

/* ---- long reports ---------------------------------------------------------------------------- */

/* One text for each of so many keywords in an hour. */
static void plant(int topics, struct wall_ms hour)
{
	for (int i = 0; i < topics; i++) {
		struct store_topic t = { .account = 1, .kind = STORE_TOPIC_KEYWORD };
		struct store_figures row = { .level = STORE_HOUR, .at = hour, .line = 1, .n = { 1 } };

		snprintf(t.name, sizeof(t.name), "K%04d", i);
		ck_assert_int_eq(store_topic(w.store, &t), 0);
		row.topic = t.id;
		ck_assert_int_eq(store_figures_add(w.store, &row), 0);
	}
	w.x->figures.roll_at.ms = 0;
}

static void settle(void)
{
	do
		world_turn(&w);
	while (w.x->figures.roll_at.ms <= w.now.wall.ms);
}

struct counted { int rows; int64_t received; char last[STORE_TOPIC_MAX]; };

static void count(void *ctx, const struct report_row *row)
{
	struct counted *c = ctx;

	ck_assert_int_le(strcmp(c->last, row->name), 0);
	tw_strset(c->last, sizeof(c->last), row->name);
	c->rows++;
	c->received += row->n[FIGURE_RECEIVED];
}

/* However many rows it is about, a turn reads a slice of them, and who texts meanwhile is answered in the
 * turn of their text. */
START_TEST(test_long_report)
{
	const struct exchange_report_query q = { .kind = "keyword", .by = STORE_HOUR };
	const struct store_counters *counters;
	struct counted c = { .rows = 0 };
	struct exchange_report *rep;
	int slices = 0, r;

	begin(false);
	for (int h = 1; h <= 8; h++)
		plant(400, wall_after(figures_hour(w.x, 1, w.now.wall), -h * HOUR_MS));
	settle();
	counters = store_counters(w.store);
	ck_assert_int_eq(exchange_report_new(w.x, &q, w.now, &rep), 0);
	do {
		uint64_t before = counters->statements;

		r = exchange_report_read(w.x, rep, w.now);
		/* A row each, the topics' names, and the end. */
		ck_assert_uint_le(counters->statements - before, EXCHANGE_REPORT_SLICE + 400 + 2);
		if (slices++ == 2) {
			world_text(&w, 0, CUSTOMER, "HOURS");
			ck_assert(fake_sending(w.bank, 0));
		} else {
			world_turn(&w);
		}
	} while (r == 1);
	ck_assert_int_eq(r, 0);
	ck_assert_int_ge(slices, 8 * 400 / EXCHANGE_REPORT_SLICE + 1);
	ck_assert_uint_eq(exchange_report_tell(w.x, rep, 3201, count, &c), 3201);
	ck_assert_int_eq(c.received, 3201);
	ck_assert_uint_eq(exchange_report_tell(w.x, rep, 1, count, &c), 0);
	exchange_report_free(rep);
	world_close(&w);
}
END_TEST

static void add_up(void)
{
	ck_assert_int_gt(w.x->n_ledger, 0);
	w.x->ledger_at = w.now.wall;
	world_turn(&w);
	ck_assert_int_eq(w.x->n_ledger, 0);
}

static void count_hours(void *ctx, const struct report_row *row)
{
	int64_t *received = ctx;

	if (strcmp(row->name, "HOURS") == 0)
		*received += row->n[FIGURE_RECEIVED];
}

/* What commits added is added up while rows are read: a text counts once, whether its row had been
 * read by then or not. */
START_TEST(test_report_and_ledger)
{
	const struct exchange_report_query q = { .kind = "keyword",
						 .by = _i % 2 ? STORE_EVER : STORE_HOUR };
	struct exchange_report *rep;
	int64_t received = 0;
	int r;

	begin(false);
	hear(CUSTOMER, "HOURS");
	add_up();
	plant(1200, figures_hour(w.x, 1, w.now.wall));
	settle();
	hear(OTHER, "HOURS");
	ck_assert_int_eq(exchange_report_new(w.x, &q, w.now, &rep), 0);
	ck_assert_int_eq(exchange_report_read(w.x, rep, w.now), 1);
	for (int times = 0; times < _i / 2; times++) {
		add_up();
		hear(OTHER, "HOURS");
	}
	for (r = 1; r == 1; world_turn(&w))
		r = exchange_report_read(w.x, rep, w.now);
	ck_assert_int_eq(r, 0);
	exchange_report_tell(w.x, rep, 10000, count_hours, &received);
	ck_assert_int_eq(received, 2 + _i / 2);
	exchange_report_free(rep);
	world_close(&w);
}
END_TEST

/* The hour becomes part of its day while the days are read: counted once all the same. */
START_TEST(test_report_is_overtaken)
{
	const struct exchange_report_query q = { .kind = "keyword", .by = STORE_DAY };
	struct counted c = { .rows = 0 };
	struct exchange_report *rep;
	int r;

	begin(false);
	plant(600, wall_after(figures_hour(w.x, 1, w.now.wall), -HOUR_MS));
	settle();
	plant(600, figures_hour(w.x, 1, w.now.wall));
	settle();
	ck_assert_int_eq(exchange_report_new(w.x, &q, w.now, &rep), 0);
	ck_assert_int_eq(exchange_report_read(w.x, rep, w.now), 1);
	world_wait(&w, HOUR_MS);
	settle();
	while ((r = exchange_report_read(w.x, rep, w.now)) == 1)
		world_turn(&w);
	ck_assert_int_eq(r, 0);
	exchange_report_tell(w.x, rep, 10000, count, &c);
	ck_assert_int_eq(c.rows, 600);
	ck_assert_int_eq(c.received, 1200);
	exchange_report_free(rep);
	world_close(&w);
}
END_TEST

/* A statement fails, or a COMMIT: what was undone is not counted, what was done again is counted once. */
START_TEST(test_faults)
{
	begin(true);
	hear(CUSTOMER, "HOURS");
	world_inject(&w, _i / 2 + 1, 10 /* SQLITE_IOERR */, _i % 2);
	world_wait(&w, 1000);
	world_text(&w, 0, OTHER, "HOURS");
	for (int i = 0; i < 6; i++) {
		world_wait(&w, 2000);
		if (fake_on_sim(w.bank, 0))
			fake_read_again(w.bank, 0);	/* as the modem does with a text that was refused */
		world_turn(&w);
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		world_turn(&w);
	}
	const char *told = of("keyword");

	ck_assert_msg(strstr(told, "keyword HOURS: received=2 queued=2 sent=2 segments=2 customers=2") != NULL, "%s",
		      told);
	world_wait(&w, 2 * HOUR_MS);
	ck_assert_ptr_nonnull(strstr(of("keyword"), "keyword HOURS: received=2 queued=2 sent=2 segments=2 customers=2"));
	world_close(&w);
}
END_TEST

static const char *totals_of_first(void)
{
	struct exchange_modem_totals t;
	static char text[64];

	exchange_modem_totals(w.x, "8944100000000000001", &t);
	snprintf(text, sizeof(text), "%llu %llu %llu", (unsigned long long)t.received,
		 (unsigned long long)t.sent, (unsigned long long)t.failed);
	return text;
}

/* Killed before what commits added is added up, while it is, and behind it: nothing is lost,
 * nothing counts twice, and a report is the same before and after. */
START_TEST(test_killed)
{
	static const int64_t waits[] = { 0, 5000, 59000, 61000, 62000, 3 * HOUR_MS };
	const char *two = "keyword HOURS: received=2 queued=2 sent=2 segments=2 customers=2 "
			  "answers=2 answer_ms=4000";
	const char *three = "keyword HOURS: received=3 queued=3 sent=3 segments=3 customers=2 "
			    "answers=3 answer_ms=6000";

	begin(true);
	hear(CUSTOMER, "HOURS");
	hear(OTHER, "HOURS");
	world_wait(&w, waits[_i / 2]);
	ck_assert_str_eq(of("keyword"), two);
	ck_assert_str_eq(totals_of_first(), "2 2 0");
	/* To the very turn that adds up: what it wrote is committed only later. */
	if (_i % 2 && w.x->n_ledger) {
		w.now = (struct tw_now){ mono_after(w.now.mono, w.x->ledger_at.ms - w.now.wall.ms),
					 w.x->ledger_at };
		world_turn(&w);
		ck_assert_int_eq(w.x->n_ledger, 0);
		ck_assert(store_is_dirty(w.store));
	}
	world_crash(&w);
	ck_assert_str_eq(of("keyword"), two);
	world_turn(&w);
	ck_assert_str_eq(of("keyword"), two);
	ck_assert_str_eq(totals_of_first(), "2 2 0");
	hear(OTHER, "HOURS");
	world_crash(&w);
	ck_assert_str_eq(of("keyword"), three);
	world_wait(&w, 2 * HOUR_MS);
	ck_assert_str_eq(of("keyword"), three);
	ck_assert_str_eq(totals_of_first(), "3 3 0");
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, test_killed, 0, 12);
	tcase_add_loop_test(t, test_report_and_ledger, 0, 6);
	tcase_add_test(t, test_keywords);
	tcase_add_test(t, test_what_steps_do);
	tcase_add_test(t, test_nps);
	tcase_add_test(t, test_goals_by_touch);
	tcase_add_test(t, test_keyword_list);
	tcase_add_test(t, test_queues);
	tcase_add_test(t, test_appointments);
	tcase_add_test(t, test_pledges);
	tcase_add_test(t, test_hours_and_days);
	tcase_add_test(t, test_long_report);
	tcase_add_test(t, test_report_is_overtaken);
	tcase_add_loop_test(t, test_faults, 0, 30);
}

int main(void)
{
	return world_main("figures", add);
}
