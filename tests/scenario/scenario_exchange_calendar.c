/* Calendars whose times a url tells: it is asked while the conversation stands at the appointment,
 * what it says is believed as far as it goes, and nobody is told or booked twice, whatever dies or
 * fails. */
#include <sqlite3.h>
#include <stdio.h>

#include "world.h"

#define SECOND_MS INT64_C(1000)
#define HOUR (3600 * SECOND_MS)

/* The world begins on Monday, 5 January 2026, 09:00 in London. */
#define VISITS "appointment = { calendar = \"visits\"; "
#define STEPS(fallback) \
	"calendars = ( { name = \"visits\"; url = \"https://practice.example/free\";\n" \
	" length = \"1h\"; } );\nkeywords = (\n" \
	" { match = \"BOOK\"; do = ( { label = \"book\"; " VISITS "timeout = \"8s\"; " fallback \
	" }; }, { when = \"booking IS NULL\"; end = \"Full.\"; },\n" \
	" \"Booked {booking}: {slot}\" ); },\n" \
	" { match = \"MOVE\"; do = ( { " VISITS "action = \"move\"; }; },\n" \
	" { when = \"booking IS NULL\"; end = \"Nothing to move.\"; },\n" \
	" { when = \"slot IS NULL\"; end = \"{booking} stays.\"; },\n" \
	" \"Moved {booking}: {slot}\" ); },\n" \
	" { match = \"SURE\"; do = ( { " VISITS "action = \"confirm\"; }; },\n" \
	" \"Sure: {slot}\" ); },\n" \
	" { match = \"HOURS\"; reply = \"9-17\"; }\n);\n"
static const char flow[] = STEPS("fallback = \"We call you back.\";");
static const char without_fallback[] = STEPS("");

static struct world w;
static size_t seen;

static void begin(const char *text, bool on_disk)
{
	world_flow_text = text;
	seen = 0;
	(on_disk ? world_open_file : world_open)(&w);
}

/* All that waits goes out, as one line. */
static const char *flush(void)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < 8; i++) {
		for (int k = 0; k < 2; k++) {
			if (fake_sending(w.bank, k))
				fake_sent(w.bank, k);
			if (fake_on_sim(w.bank, k))
				fake_read_again(w.bank, k);
		}
		world_turn(&w);
	}
	world_wait(&w, 100);
	for (; seen < w.bank->n_sends; seen++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", n ? " | " : "",
				      w.bank->sends[seen].text);
	return out;
}

static const char *say(const char *from, const char *text)
{
	world_wait(&w, SECOND_MS);
	world_text(&w, 0, from, text);
	return flush();
}

static const char *hear(const char *text)
{
	return say(CUSTOMER, text);
}

static const char *later(int64_t ms)
{
	world_wait(&w, ms);
	return flush();
}

static void crash(void)
{
	world_crash(&w);
	seen = w.bank->n_sends;
}

static const char *answer(int status, const char *type, const char *body)
{
	struct fake_call *c = fake_hook_open(&w.outside);

	ck_assert_ptr_nonnull(c);
	fake_hook_answer(&w.outside, c, status, type, body);
	world_turn(&w);
	return flush();
}

static const char *says(const char *body)
{
	return answer(200, "application/json", body);
}

static int count_events(const char *kind, const char *holds)
{
	struct store_event e;
	int64_t before = 0;
	int n = 0;

	while (store_event_before(w.store, before, &e) == 0) {
		before = e.id;
		n += !strcmp(e.kind, kind) && strstr(e.text, holds);
		store_event_done(&e);
	}
	return n;
}

static char told[1024];

static void tell(void *ctx, struct appointment *a)
{
	size_t n = strlen(told);

	(void)ctx;
	snprintf(told + n, sizeof(told) - n, "%s%lld %s %s", n ? ", " : "", (long long)a->id,
		 a->slot, appointment_state_name(a->state));
	appointment_done(a);
}

static const char *list(void)
{
	struct exchange_appointments_query q = { .account = "default", .limit = 100,
						 .with_canceled = true };

	told[0] = '\0';
	ck_assert_int_ge(exchange_appointments(w.x, &q, tell, NULL), 0);
	return told;
}

#define FREE "[\"2026-01-06T10:00:00Z\", \"2026-01-05T11:00:00+01:00\", " \
	     "\"2026-01-06T09:00:00-00:00\", \"2026-01-06T09:00Z\", \"2026-01-04T09:00:00Z\", " \
	     "\"2026-01-07T09:00:00Z\"]"
#define OFFER "1: Mon 05 Jan 10:00\n2: Tue 06 Jan 09:00\n3: Tue 06 Jan 10:00"
#define expect(got, wanted) ck_assert_str_eq(got, wanted)

/* In order, each once, none that has passed; and what is chosen is booked, over a restart too. */
START_TEST(test_book)
{
	struct fake_call *c;

	begin(flow, true);
	expect(hear("BOOK"), "");
	c = fake_hook_open(&w.outside);
	ck_assert(c && c->kind == HOOK_GET && !c->is_post && c->is_trusted);
	expect(c->url, "https://practice.example/free");
	ck_assert_int_eq(c->total_ms, 8 * SECOND_MS);
	expect(says(FREE), OFFER);
	crash();
	expect(hear("noon"), OFFER);
	expect(hear("2"), "Booked 1: 2026-01-06 09:00");
	expect(list(), "1 2026-01-06 09:00 booked");
	expect(hear("SURE"), "Sure: 2026-01-06 09:00");
	expect(list(), "1 2026-01-06 09:00 confirmed");
	ck_assert_uint_eq(fake_hook_count(&w.outside), 0);
	world_close(&w);
}
END_TEST

/* What is booked here is not offered, though the calendar may not have heard of it; and of two who
 * want one time one gets it, the other what is free then. */
START_TEST(test_two_want_one)
{
	begin(flow, false);
	hear("BOOK");
	says(FREE);
	say(OTHER_CUSTOMER, "BOOK");
	expect(says(FREE), OFFER);
	expect(hear("2"), "Booked 1: 2026-01-06 09:00");
	expect(say(OTHER_CUSTOMER, "2"), "");
	expect(says(FREE), "1: Mon 05 Jan 10:00\n2: Tue 06 Jan 10:00\n3: Wed 07 Jan 09:00");
	expect(say(OTHER_CUSTOMER, "2"), "Booked 2: 2026-01-06 10:00");
	world_close(&w);
}
END_TEST

START_TEST(test_move)
{
	begin(flow, false);
	expect(hear("MOVE"), "Nothing to move.");
	ck_assert_uint_eq(w.outside.n, 0);	/* nobody is asked for what cannot be moved */
	hear("BOOK");
	says(FREE);
	expect(hear("1"), "Booked 1: 2026-01-05 10:00");
	expect(hear("MOVE"), "");
	expect(says("[]"), "1 stays.");
	expect(hear("MOVE"), "");
	expect(answer(500, "", ""), "1 stays.");
	hear("MOVE");
	expect(says("[\"2026-01-08T12:30:00Z\"]"), "1: Thu 08 Jan 12:30");
	expect(hear("1"), "Moved 1: 2026-01-08 12:30");
	expect(list(), "1 2026-01-08 12:30 booked");
	world_close(&w);
}
END_TEST

/* It is its own answer or none: nothing of it reaches the customer. */
static const struct { const char *body, *why; } hostile[] = {
	{ "", "no JSON" }, { "[", "no JSON" }, { "{}", "no list of times" }, { "7", "no JSON" },
	{ "{\"reply\": \"x\"}", "no list of times" }, { "[7]", "number 1 of its answer" },
	{ "[\"2026-01-06T10:00:00Z\", null]", "number 2 of its answer" },
	{ "[\"2026-01-06T10:00:00Z\", [\"2026-01-06T10:00:00Z\"]]", "number 2 of its answer" },
	{ "[\"tomorrow\"]", "no time to the minute" },
	{ "[\"2026-01-06\"]", "no time to the minute" },
	{ "[\"2026-01-06T10:00:00\"]", "no time to the minute" },
	{ "[\"2026-02-30T10:00:00Z\"]", "no time to the minute" },
	{ "[\"2026-01-06T10:00:30Z\"]", "no time to the minute" },
	{ "[\"1969-01-06T10:00:00Z\"]", "no time to the minute" },
	{ "[\"2026-01-06T10:00:00Z\\n2: Free\"]", "no time to the minute" },
	{ "<html>", "no JSON" }, { "[\"\xFF\"]", "no JSON" },
};

START_TEST(test_hostile)
{
	begin(flow, false);
	for (size_t i = 0; i < TW_COUNT(hostile); i++) {
		int before = count_events("step.failed", hostile[i].why);

		hear("BOOK");
		expect(says(hostile[i].body), "We call you back. | Full.");
		ck_assert_msg(count_events("step.failed", hostile[i].why) == before + 1, "%s",
			      hostile[i].body);
	}
	expect(hear("2"), "");
	world_close(&w);
}
END_TEST

/* The fallback, and behind it the flow; without one the flow alone, which knows that nothing is
 * booked. */
START_TEST(test_fails)
{
	begin(flow, false);
	hear("BOOK");
	expect(answer(503, "text/plain", "busy"), "We call you back. | Full.");
	ck_assert_int_eq(count_events("step.failed", "appointment: "), 1);
	hear("BOOK");
	expect(says("[]"), "Full.");
	expect(hear("BOOK"), "");
	expect(later(9 * SECOND_MS), "We call you back. | Full.");
	ck_assert_int_eq(count_events("step.failed", "appointment: no answer in time"), 1);
	if (fake_hook_open(&w.outside))
		expect(says(FREE), "");		/* too late */
	world_reflow(&w, without_fallback);
	hear("BOOK");
	expect(answer(404, "", ""), "Full.");
	world_close(&w);
}
END_TEST

/* Texts wait behind it in their order, consent does not. */
START_TEST(test_texts_wait)
{
	begin(flow, true);
	hear("BOOK");
	expect(hear("HOURS"), "");
	expect(hear("2"), "");
	crash();
	expect(flush(), "");
	expect(says(FREE), OFFER " | 9-17 | Booked 1: 2026-01-06 09:00");
	hear("BOOK");
	ck_assert_ptr_nonnull(strstr(hear("STOP"), "no more"));
	if (fake_hook_open(&w.outside))
		expect(says(FREE), "");
	expect(later(HOUR), "");
	world_close(&w);
}
END_TEST

/* It is asked once more after the process died, and its time goes by meanwhile all the same. */
START_TEST(test_death)
{
	begin(flow, true);
	hear("BOOK");
	ck_assert_uint_eq(w.outside.n, 1);
	crash();
	expect(flush(), "");
	ck_assert_uint_eq(w.outside.n, 2);
	expect(says(FREE), OFFER);
	expect(hear("1"), "Booked 1: 2026-01-05 10:00");
	hear("BOOK");
	w.now.wall.ms += HOUR;
	w.now.mono.ms += HOUR;
	crash();
	expect(later(SECOND_MS), "We call you back. | Full.");
	expect(list(), "1 2026-01-05 10:00 booked");
	world_close(&w);
}
END_TEST

/* Where the calendar lists its own times by now, these count, whatever the url said; where it is
 * gone, the conversation finishes on the version that it began with. */
START_TEST(test_reload)
{
	begin(flow, true);
	hear("BOOK");
	world_reflow(&w, "calendars = ( { name = \"visits\"; slots = \"thu 15:00-16:00\"; "
		     "length = \"1h\"; } );");
	expect(says(FREE), "1: Thu 08 Jan 15:00\n2: Thu 15 Jan 15:00\n3: Thu 22 Jan 15:00");
	expect(hear("1"), "Booked 1: 2026-01-08 15:00");
	world_reflow(&w, flow);
	hear("BOOK");
	says(FREE);
	world_reflow(&w, "keywords = ( );");
	expect(hear("2"), "Booked 2: 2026-01-06 09:00");
	world_close(&w);
}
END_TEST

/* `reload --move`: who waits for the answer finishes where they are; who chooses goes on by the
 * label. */
START_TEST(test_reload_move)
{
	struct exchange_moves m;

	begin(flow, true);
	hear("BOOK");
	world_reflow(&w, without_fallback);
	ck_assert_int_eq(exchange_move(w.x, w.now, &m), 0);
	world_turn(&w);
	crash();
	expect(flush(), "");
	expect(answer(500, "", ""), "We call you back. | Full.");
	expect(hear("BOOK"), "");
	expect(says(FREE), OFFER);
	world_reflow(&w, flow);
	ck_assert_int_eq(exchange_move(w.x, w.now, &m), 0);
	world_turn(&w);
	world_turn(&w);
	expect(hear("noon"), OFFER);
	expect(hear("3"), "Booked 1: 2026-01-06 10:00");
	world_close(&w);
}
END_TEST

/* A program that knows the calendar books any minute of it, and nobody twice. */
START_TEST(test_by_a_program)
{
	struct exchange_booking b = { .account = "default", .calendar = "visits", .to = CUSTOMER };
	struct exchange_refusal e = { .status = 0 };
	struct wall_ms slots[3];
	struct appointment a;
	bool repeated;
	size_t n;

	begin(flow, false);
	ck_assert_int_eq(exchange_free_times(w.x, "default", "visits", w.now.wall, slots, 3, &n),
			 TW_E_STATE);
	b.starts_at.ms = (w.now.wall.ms / HOUR + 1) * HOUR;
	ck_assert_int_eq(exchange_appointment_book(w.x, &b, w.now, &a, &repeated, &e), 0);
	world_turn(&w);
	appointment_done(&a);
	b.to = OTHER_CUSTOMER;
	ck_assert_int_lt(exchange_appointment_book(w.x, &b, w.now, &a, &repeated, &e), 0);
	ck_assert_int_eq(e.status, 409);
	b.starts_at.ms += HOUR + 1;
	ck_assert_int_lt(exchange_appointment_book(w.x, &b, w.now, &a, &repeated, &e), 0);
	ck_assert_int_eq(e.status, 422);
	hear("BOOK");
	expect(says("[\"2026-01-05T10:00:00Z\", \"2026-01-05T11:00:00Z\"]"), "1: Mon 05 Jan 11:00");
	world_close(&w);
}
END_TEST

/* ---- faults -------------------------------------------------------------------------------- */

static int answer_all(void *ctx, const struct fake_call *call, struct hook_answer *ret)
{
	(void)ctx, (void)call;
	*ret = (struct hook_answer){ .status = 200, .type = "application/json", .body = FREE,
				     .body_n = strlen(FREE) };
	return 1;
}

static void settle(void)
{
	for (int i = 0; i < 5; i++) {
		flush();
		world_wait(&w, 3000);
	}
}

static int count_text(const char *text)
{
	int n = 0;

	for (size_t i = 0; i < w.bank->n_sends; i++)
		n += w.bank->sends[i].accepted && strcmp(w.bank->sends[i].text, text) == 0;
	return n;
}

/* One offer and one booking, though any statement or COMMIT may fail. */
static void play(int nth, int code, bool only_commits)
{
	begin(flow, false);
	w.outside.answer = answer_all;
	world_inject(&w, nth, code, only_commits);
	fake_text(w.bank, 0, CUSTOMER, "BOOK", w.now.wall);
	world_turn(&w);
	settle();
	fake_text(w.bank, 0, CUSTOMER, "1", w.now.wall);
	world_turn(&w);
	settle();
	world_inject(&w, 0, 0, false);
	settle();
	int offers = count_text(OFFER), booked = count_text("Booked 1: 2026-01-05 10:00");

	ck_assert_msg(offers == 1 && booked == 1, "%d %d: %d %d", nth, code, offers, booked);
	ck_assert_msg(!strcmp(list(), "1 2026-01-05 10:00 booked"), "%d %d: %s", nth, code, told);
	world_close(&w);
}

START_TEST(test_each_statement_fails_once)
{
	static const int codes[] = { SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_ERROR,
				     SQLITE_CONSTRAINT };

	for (int nth = 1; nth < 160; nth += 11)
		play(nth, codes[nth % (int)TW_COUNT(codes)], false);
}
END_TEST

START_TEST(test_each_commit_fails_once)
{
	for (int nth = 1; nth < 9; nth++)
		play(nth, SQLITE_FULL, true);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_book);
	tcase_add_test(t, test_two_want_one);
	tcase_add_test(t, test_move);
	tcase_add_test(t, test_hostile);
	tcase_add_test(t, test_fails);
	tcase_add_test(t, test_texts_wait);
	tcase_add_test(t, test_death);
	tcase_add_test(t, test_reload);
	tcase_add_test(t, test_reload_move);
	tcase_add_test(t, test_by_a_program);
	tcase_add_test(t, test_each_statement_fails_once);
	tcase_add_test(t, test_each_commit_fails_once);
}

int main(void)
{
	return world_main("exchange_calendar", add);
}
