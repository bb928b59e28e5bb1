/* Appointments over real flows: booked by one and never by two, moved, confirmed, canceled, reminded of; with
 * each statement failing once and the process dying at each step. */
#include <sqlite3.h>
#include <stdio.h>

#include "world.h"

#define HOUR (3600 * INT64_C(1000))
#define DAY (24 * HOUR)

/* The world begins on Monday, 5 January 2026, 09:00 in London. */
static const char flow[] =
	"calendars = ( { name = \"visits\"; slots = \"mon-fri 09:00-17:00\"; length = \"2h\"; place = \"12 High St\";"
	" remind = [ \"1d\", \"2h\" ]; } );\n"
	"otherwise = \"Pardon?\";\n"
	"keywords = (\n"
	" { match = \"BOOK\"; do = ( { appointment = \"visits\"; }, { when = \"booking IS NULL\"; end = \"Full.\"; },"
	" \"Booked {booking}: {slot}\" ); },\n"
	" { match = \"MOVE\"; do = ( { appointment = { calendar = \"visits\"; action = \"move\"; }; },"
	" { when = \"booking IS NULL\"; end = \"Nothing to move.\"; }, { when = \"slot IS NULL\"; end = \"Full.\"; },"
	" \"Moved {booking}: {slot}\" ); },\n"
	" { match = \"SURE\"; do = ( { appointment = { calendar = \"visits\"; action = \"confirm\"; }; },"
	" \"{booking|nothing} {slot}\" ); },\n"
	" { match = \"UNBOOK\"; do = ( { appointment = { calendar = \"visits\"; action = \"cancel\"; }; },"
	" \"Canceled {booking|nothing} {slot}\" ); }\n"
	");\n";

static struct world w;
static size_t seen;

static void begin(bool on_disk)
{
	world_flow_text = flow;
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
	world_wait(&w, 1000);
	world_text(&w, 0, from, text);
	return flush();
}

static const char *hear(const char *text)
{
	return say(CUSTOMER, text);
}

/* The clock is moved in steps, as far as anything is due. */
static const char *later(int64_t ms)
{
	static char out[4096];

	out[0] = '\0';
	for (int64_t left = ms; left > 0; left -= HOUR) {
		world_wait(&w, left < HOUR ? left : HOUR);
		const char *said = flush();

		if (*said)
			snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s", *out ? " | " : "", said);
	}
	return out;
}

static char told[1024];

static void tell(void *ctx, struct appointment *a)
{
	size_t n = strlen(told);

	(void)ctx;
	snprintf(told + n, sizeof(told) - n, "%s%lld %s %s %c", n ? ", " : "", (long long)a->id, a->slot,
		 appointment_state_name(a->state), a->number ? a->number[strlen(a->number) - 1] : '-');
	appointment_done(a);
}

static const char *list(bool with_canceled)
{
	struct exchange_appointments_query q = { .account = "default", .limit = 100,
						 .with_canceled = with_canceled };

	told[0] = '\0';
	ck_assert_int_ge(exchange_appointments(w.x, &q, tell, NULL), 0);
	return told;
}

#define LIST_1 "1: Mon 05 Jan 11:00\n2: Mon 05 Jan 13:00\n3: Mon 05 Jan 15:00"
#define LIST_2 "1: Mon 05 Jan 13:00\n2: Mon 05 Jan 15:00\n3: Tue 06 Jan 09:00"
#define expect(got, wanted) ck_assert_str_eq(got, wanted)

START_TEST(test_book)
{
	begin(true);
	expect(hear("BOOK"), LIST_1);
	world_crash(&w);
	seen = w.bank->n_sends;
	expect(hear("whenever"), LIST_1);
	expect(hear("1"), "Booked 1: 2026-01-05 11:00");
	expect(list(true), "1 2026-01-05 11:00 booked 0");
	expect(hear("BOOK"), LIST_2);
	expect(hear("tue 9:00"), "Booked 2: 2026-01-06 09:00");
	expect(list(true), "1 2026-01-05 11:00 booked 0, 2 2026-01-06 09:00 booked 0");
	expect(hear("SURE"), "1 2026-01-05 11:00");
	expect(hear("UNBOOK"), "Canceled 1 2026-01-05 11:00");
	expect(hear("UNBOOK"), "Canceled 2 2026-01-06 09:00");
	expect(hear("UNBOOK"), "Canceled nothing ");
	expect(hear("SURE"), "nothing ");
	expect(list(false), "");
	expect(list(true), "1 2026-01-05 11:00 canceled 0, 2 2026-01-06 09:00 canceled 0");
	expect(hear("BOOK"), LIST_1);
	ck_assert(world_was_told(&w, "appointment.booked", "1"));
	ck_assert(world_was_told(&w, "appointment.canceled", "2"));
	world_close(&w);
}
END_TEST

/* The same times are offered to two; who comes second is offered what is left, and asked again and again. */
START_TEST(test_two_want_one)
{
	begin(false);
	expect(hear("BOOK"), LIST_1);
	expect(say(OTHER_CUSTOMER, "BOOK"), LIST_1);
	expect(hear("1"), "Booked 1: 2026-01-05 11:00");
	expect(say(OTHER_CUSTOMER, "1"), LIST_2);
	expect(hear("BOOK"), LIST_2);
	expect(say(OTHER_CUSTOMER, "1"), "Booked 2: 2026-01-05 13:00");
	expect(hear("1"), "1: Mon 05 Jan 15:00\n2: Tue 06 Jan 09:00\n3: Tue 06 Jan 11:00");
	expect(hear("2"), "Booked 3: 2026-01-06 09:00");
	expect(list(true), "1 2026-01-05 11:00 booked 0, 2 2026-01-05 13:00 booked 1, 3 2026-01-06 09:00 booked 0");
	world_close(&w);
}
END_TEST

/* A time that has passed while the customer thought about it is offered no more. */
START_TEST(test_too_late)
{
	begin(false);
	expect(hear("BOOK"), LIST_1);
	later(3 * HOUR);
	expect(hear("1"), LIST_2);
	world_close(&w);
}
END_TEST

START_TEST(test_move)
{
	begin(true);
	expect(hear("MOVE"), "Nothing to move.");
	hear("BOOK");
	expect(hear("1"), "Booked 1: 2026-01-05 11:00");
	expect(hear("MOVE"), LIST_2);
	world_crash(&w);
	seen = w.bank->n_sends;
	/* The old time is taken until the new one is. */
	expect(say(OTHER_CUSTOMER, "BOOK"), LIST_2);
	expect(hear("2"), "Moved 1: 2026-01-05 15:00");
	expect(say(OTHER_CUSTOMER, "2"), "1: Mon 05 Jan 11:00\n2: Mon 05 Jan 13:00\n3: Tue 06 Jan 09:00");
	expect(say(OTHER_CUSTOMER, "1"), "Booked 2: 2026-01-05 11:00");
	expect(list(true), "2 2026-01-05 11:00 booked 1, 1 2026-01-05 15:00 booked 0");
	world_close(&w);
}
END_TEST

START_TEST(test_full)
{
	begin(false);
	world_reflow(&w, "calendars = ( { name = \"visits\"; slots = \"2026-01-05 11:00\"; } );"
		     "keywords = ( { match = \"BOOK\"; do = ( { appointment = \"visits\"; },"
		     " { when = \"booking IS NULL\"; end = \"Full.\"; }, \"Booked {slot}\" ); }, { match = \"MOVE\"; "
		     "do = ( { appointment = { calendar = \"visits\"; action = \"move\"; }; }, "
		     "\"{booking|none} {slot|full}\" ); } );");
	expect(hear("BOOK"), "1: Mon 05 Jan 11:00");
	expect(say(OTHER_CUSTOMER, "BOOK"), "1: Mon 05 Jan 11:00");
	expect(hear("1"), "Booked 2026-01-05 11:00");
	expect(say(OTHER_CUSTOMER, "1"), "Full.");
	expect(hear("MOVE"), "1 full");
	world_close(&w);
}
END_TEST

#define REMINDER(when) "Reminder: your appointment is on " when ". 12 High St"

START_TEST(test_reminders)
{
	begin(true);
	hear("BOOK");
	expect(hear("3"), "Booked 1: 2026-01-05 15:00");	/* in six hours: the day before is over */
	expect(later(3 * HOUR), "");
	world_crash(&w);
	seen = w.bank->n_sends;
	expect(later(2 * HOUR), REMINDER("Mon 05 Jan at 15:00"));
	world_crash(&w);
	seen = w.bank->n_sends;
	expect(later(8 * HOUR), "");
	/* Both of them, at their times. */
	expect(hear("BOOK"), "1: Tue 06 Jan 09:00\n2: Tue 06 Jan 11:00\n3: Tue 06 Jan 13:00");
	hear("3");
	expect(later(DAY), REMINDER("Tue 06 Jan at 13:00"));
	world_close(&w);
}
END_TEST

static void book_in_days(int days)
{
	static const char text[] =
		"calendars = ( { name = \"visits\"; slots = \"2026-01-%02d 11:00\"; place = \"12 High St\"; "
		"remind = [ \"1d\", \"2h\" ]; } );"
		"keywords = ( { match = \"BOOK\"; do = ( { appointment = \"visits\"; } ); }, { match = \"UNBOOK\"; "
		"appointment = { calendar = \"visits\"; action = \"cancel\"; }; } );";
	static char at[600];

	snprintf(at, sizeof(at), text, 5 + days);
	world_reflow(&w, at);
	hear("BOOK");
	hear("1");
}

START_TEST(test_reminded_twice)
{
	begin(false);
	book_in_days(3);
	expect(later(2 * DAY), "");
	expect(later(3 * HOUR), REMINDER("Thu 08 Jan at 11:00"));
	expect(later(DAY), REMINDER("Thu 08 Jan at 11:00"));
	expect(later(2 * DAY), "");
	world_close(&w);
}
END_TEST

START_TEST(test_canceled_is_not_reminded)
{
	begin(false);
	book_in_days(3);
	hear("UNBOOK");
	expect(later(5 * DAY), "");
	world_close(&w);
}
END_TEST

START_TEST(test_stop_is_not_reminded)
{
	begin(false);
	book_in_days(3);
	hear("STOP");
	expect(later(5 * DAY), "");
	world_close(&w);
}
END_TEST

/* What was missed is told of once, if it is not over. */
START_TEST(test_reminders_missed)
{
	begin(true);
	book_in_days(3);
	world_crash(&w);
	seen = w.bank->n_sends;
	w.now.wall.ms += 2 * DAY + 12 * HOUR;
	w.now.mono.ms += 2 * DAY + 12 * HOUR;
	world_turn(&w);
	world_turn(&w);
	expect(flush(), REMINDER("Thu 08 Jan at 11:00"));
	w.now.wall.ms += DAY;
	w.now.mono.ms += DAY;
	world_turn(&w);
	expect(flush(), "");
	world_close(&w);
}
END_TEST

/* Times to remind at that come with a changed file hold for what is booked already. */
START_TEST(test_reminders_changed)
{
	begin(false);
	book_in_days(3);
	world_reflow(&w, "calendars = ( { name = \"visits\"; slots = \"2026-01-08 11:00\"; remind = \"2d\"; "
		     "reminder = \"In two days: {slot}\"; } );");
	expect(later(DAY + 3 * HOUR), "In two days: 2026-01-08 11:00");
	expect(later(3 * DAY), "");
	world_close(&w);
}
END_TEST

START_TEST(test_by_a_program)
{
	struct exchange_booking b = { .account = "default", .calendar = "visits", .to = CUSTOMER };
	struct exchange_refusal e = { .status = 0 };
	struct appointment a, again;
	struct tw_buf ics = { 0 };
	struct wall_ms slots[5];
	bool repeated;
	size_t n;

	begin(false);
	w.settings.api.public_url = (char *)(uintptr_t)"https://sms.example.org/";
	world_reload(&w);
	ck_assert_int_eq(exchange_free_times(w.x, "default", "visits", w.now.wall, slots, 5, &n), 0);
	ck_assert_uint_eq(n, 5);
	b.starts_at = slots[1];
	ck_assert_int_eq(exchange_appointment_book(w.x, &b, w.now, &a, &repeated, &e), 0);
	world_turn(&w);
	ck_assert(!repeated);
	expect(a.slot, "2026-01-05 13:00");
	expect(a.map, "https://www.openstreetmap.org/search?query=12%20High%20St");
	ck_assert_int_eq(exchange_appointment_book(w.x, &b, w.now, &again, &repeated, &e), 0);
	ck_assert(repeated);
	ck_assert_int_eq(again.id, a.id);
	appointment_done(&again);
	b.to = OTHER_CUSTOMER;
	ck_assert_int_lt(exchange_appointment_book(w.x, &b, w.now, &again, &repeated, &e), 0);
	ck_assert_int_eq(e.status, 409);
	b.starts_at.ms += 60000;
	ck_assert_int_lt(exchange_appointment_book(w.x, &b, w.now, &again, &repeated, &e), 0);
	ck_assert_int_eq(e.status, 422);
	b.starts_at.ms -= 60000 + 7 * DAY;
	ck_assert_int_lt(exchange_appointment_book(w.x, &b, w.now, &again, &repeated, &e), 0);
	ck_assert_int_eq(e.status, 422);
	b.calendar = "visit";
	ck_assert_int_lt(exchange_appointment_book(w.x, &b, w.now, &again, &repeated, &e), 0);
	ck_assert_int_eq(e.status, 404);
	b.calendar = "visits";
	b.to = "nobody";
	ck_assert_int_lt(exchange_appointment_book(w.x, &b, w.now, &again, &repeated, &e), 0);
	ck_assert_int_eq(e.status, 400);
	/* Its file, by a name that nobody can guess. */
	ck_assert_int_eq(strncmp(a.ics, "https://sms.example.org/appointments/AP", 39), 0);
	char *code = tw_strndup(strrchr(a.ics, '/') + 1, 34);

	ck_assert_int_eq(exchange_appointment_of_code(w.x, code, &again), 0);
	appointment_ics(&again, "id", &ics);
	expect(ics.p, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//twoway//EN\r\nMETHOD:PUBLISH\r\n"
	       "BEGIN:VEVENT\r\nUID:1@id.twoway\r\nSEQUENCE:0\r\nDTSTAMP:20260105T090000Z\r\n"
	       "DTSTART:20260105T130000Z\r\nDTEND:20260105T150000Z\r\nSUMMARY:visits\r\n"
	       "LOCATION:12 High St\r\n"
	       "DESCRIPTION:https://www.openstreetmap.org/search?query=12%20High%20St\r\n"
	       "STATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
	appointment_done(&again);
	code[5] = code[5] == '0' ? '1' : '0';
	ck_assert_int_eq(exchange_appointment_of_code(w.x, code, &again), TW_E_UNKNOWN);
	free(code);
	ck_assert_int_eq(exchange_appointment_cancel(w.x, "acme", a.id, w.now, &again), TW_E_UNKNOWN);
	ck_assert_int_eq(exchange_appointment_cancel(w.x, "default", a.id, w.now, &again), 0);
	world_turn(&w);
	ck_assert_int_eq(again.state, STORE_CANCELED);
	ck_assert_int_eq(again.changes, 1);
	tw_buf_clear(&ics);
	appointment_ics(&again, "id", &ics);
	ck_assert_ptr_nonnull(strstr(ics.p, "METHOD:CANCEL\r\n"));
	ck_assert_ptr_nonnull(strstr(ics.p, "STATUS:CANCELLED\r\n"));
	tw_buf_done(&ics);
	appointment_done(&again);
	appointment_done(&a);
	expect(later(DAY), "");
	world_close(&w);
}
END_TEST

/* No line of a file for calendars is longer than 75 octets, and none ends within a character. */
START_TEST(test_folding)
{
	struct appointment a = { .id = 1, .calendar = (char *)(uintptr_t)"a;b,c\\d",
				 .place = (char *)(uintptr_t)"Straße der Gänsefüßchen, "
				 "ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää 12" };
	struct tw_buf ics = { 0 }, plain = { 0 };

	appointment_ics(&a, "id", &ics);
	for (const char *line = ics.p; *line;) {
		size_t n = strcspn(line, "\r");

		ck_assert_uint_le(n, 75);
		ck_assert(tw_utf8_is_valid(line, n));
		tw_buf_add(&plain, line + (*line == ' '), n - (*line == ' '));
		line += n + 2;
		if (*line != ' ')
			tw_buf_addc(&plain, '\n');
	}
	ck_assert_ptr_nonnull(strstr(plain.p, "\nSUMMARY:a\\;b\\,c\\\\d\n"));
	ck_assert_ptr_nonnull(strstr(plain.p, "Gänsefüßchen\\, ääää"));
	tw_buf_done(&ics);
	tw_buf_done(&plain);
}
END_TEST

START_TEST(test_erased)
{
	begin(false);
	book_in_days(3);
	ck_assert_int_eq(exchange_contact_erase(w.x, NULL, CUSTOMER, "root", w.now), 1);
	world_turn(&w);
	expect(list(true), "1 2026-01-08 11:00 canceled -");
	expect(later(5 * DAY), "");
	expect(say(OTHER_CUSTOMER, "BOOK"), "");	/* that time is over */
	world_close(&w);
}
END_TEST

/* ---- faults -------------------------------------------------------------------------------- */

enum { STEPS = 5 };

static void act(int step)
{
	static const struct { int modem; const char *from, *text; } said[] = {
		{ 0, CUSTOMER, "BOOK" }, { 1, OTHER_CUSTOMER, "BOOK" }, { 0, CUSTOMER, "1" },
		{ 1, OTHER_CUSTOMER, "1" }, { 1, OTHER_CUSTOMER, "2" },
	};

	fake_text(w.bank, said[step].modem, said[step].from, said[step].text, w.now.wall);
}

static void settle(void)
{
	for (int i = 0; i < 5; i++) {
		flush();
		world_wait(&w, 3000);
	}
}

static void play(int crash_at, int crash_when)
{
	for (int step = 0; step < STEPS; step++) {
		act(step);
		if (step == crash_at && crash_when == 0)
			world_crash(&w);
		world_turn(&w);
		if (step == crash_at && crash_when == 1)
			world_crash(&w);
		settle();
		if (step == crash_at && crash_when == 2)
			world_crash(&w);
	}
	settle();
}

static int count_text(const char *text)
{
	int n = 0;

	for (size_t i = 0; i < w.bank->n_sends; i++)
		n += w.bank->sends[i].accepted && strcmp(w.bank->sends[i].text, text) == 0;
	return n;
}

/* One has 11:00, the other, who wanted it too, 15:00; each was told once. */
static void check_end(const char *how, int nth)
{
	static const char *const replies[] = { "Booked 1: 2026-01-05 11:00", "Booked 2: 2026-01-05 15:00" };

	world_inject(&w, 0, 0, false);
	settle();
	ck_assert_msg(strcmp(list(true), "1 2026-01-05 11:00 booked 0, 2 2026-01-05 15:00 booked 1") == 0,
		      "%s %d: %s", how, nth, told);
	for (size_t i = 0; i < TW_COUNT(replies); i++)
		ck_assert_msg(count_text(replies[i]) == 1, "%s %d: \"%s\" %d times", how, nth, replies[i],
			      count_text(replies[i]));
}

static const int codes[] = { SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_ERROR, SQLITE_BUSY,
			     SQLITE_CONSTRAINT };

START_TEST(test_each_statement_fails_once)
{
	for (int nth = 1 + _i; nth < 360; nth += 9) {
		begin(false);
		world_inject(&w, nth, codes[nth % (int)TW_COUNT(codes)], false);
		play(-1, 0);
		check_end("statement", nth);
		world_close(&w);
	}
}
END_TEST

START_TEST(test_each_commit_fails_once)
{
	for (int nth = 1; nth < 20; nth++) {
		begin(false);
		world_inject(&w, nth, codes[nth % 2], true);
		play(-1, 0);
		check_end("commit", nth);
		world_close(&w);
	}
}
END_TEST

START_TEST(test_death_at_each_step)
{
	begin(true);
	play(_i / 3, _i % 3);
	settle();
	ck_assert_msg(strcmp(list(true), "1 2026-01-05 11:00 booked 0, 2 2026-01-05 15:00 booked 1") == 0,
		      "death %d: %s", _i, told);
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_book);
	tcase_add_test(t, test_two_want_one);
	tcase_add_test(t, test_too_late);
	tcase_add_test(t, test_move);
	tcase_add_test(t, test_full);
	tcase_add_test(t, test_reminders);
	tcase_add_test(t, test_reminded_twice);
	tcase_add_test(t, test_canceled_is_not_reminded);
	tcase_add_test(t, test_stop_is_not_reminded);
	tcase_add_test(t, test_reminders_missed);
	tcase_add_test(t, test_reminders_changed);
	tcase_add_test(t, test_by_a_program);
	tcase_add_test(t, test_folding);
	tcase_add_test(t, test_erased);
	tcase_add_loop_test(t, test_each_statement_fails_once, 0, 4);
	tcase_add_test(t, test_each_commit_fails_once);
	tcase_add_loop_test(t, test_death_at_each_step, 0, 3 * STEPS);
}

int main(void)
{
	return world_main("appointments", add);
}
