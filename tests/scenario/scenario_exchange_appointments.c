/* Appointments over real flows: booked by one and never by two, moved, confirmed, canceled, reminded of; with
 * each statement failing once and the process dying at each step. */
#include <sqlite3.h>

#include "customer.h"

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

START_TEST(test_book)
{
	begin(flow, true);
	expect(hear("BOOK"), LIST_1);
	die();
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
	begin(flow, false);
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
	begin(flow, false);
	expect(hear("BOOK"), LIST_1);
	later(3 * HOUR);
	expect(hear("1"), LIST_2);
	world_close(&w);
}
END_TEST

START_TEST(test_move)
{
	begin(flow, true);
	expect(hear("MOVE"), "Nothing to move.");
	hear("BOOK");
	expect(hear("1"), "Booked 1: 2026-01-05 11:00");
	expect(hear("MOVE"), LIST_2);
	die();
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
	begin(flow, false);
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
	begin(flow, true);
	hear("BOOK");
	expect(hear("3"), "Booked 1: 2026-01-05 15:00");	/* in six hours: the day before is over */
	expect(later(3 * HOUR), "");
	die();
	expect(later(2 * HOUR), REMINDER("Mon 05 Jan at 15:00"));
	die();
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
	begin(flow, false);
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
	begin(flow, false);
	book_in_days(3);
	hear("UNBOOK");
	expect(later(5 * DAY), "");
	world_close(&w);
}
END_TEST

START_TEST(test_stop_is_not_reminded)
{
	begin(flow, false);
	book_in_days(3);
	hear("STOP");
	expect(later(5 * DAY), "");
	world_close(&w);
}
END_TEST

/* What was missed is told of once, if it is not over. */
START_TEST(test_reminders_missed)
{
	begin(flow, true);
	book_in_days(3);
	down_for(2 * DAY + 12 * HOUR);
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
	begin(flow, false);
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

	begin(flow, false);
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

static int move_to(const char *account, int64_t id, struct wall_ms to, bool is_told)
{
	struct exchange_refusal e = { .status = 200 };
	struct appointment a;

	if (exchange_appointment_move(w.x, account, id, to, is_told, w.now, &a, &e) == 0) {
		ck_assert_int_eq(a.starts_at.ms, to.ms);
		appointment_done(&a);
	}
	world_turn(&w);
	return e.status;
}

/* By a program: its contact hears of it, as who moves it by text does; a time that is not to be had changes
 * nothing. */
START_TEST(test_moved_by_a_program)
{
	struct wall_ms slots[8], past;
	struct appointment a;
	size_t n;

	begin(flow, true);
	ck_assert_int_eq(exchange_free_times(w.x, "default", "visits", w.now.wall, slots, 8, &n), 0);
	past = wall_after(slots[0], -DAY);
	hear("BOOK");
	expect(hear("1"), "Booked 1: 2026-01-05 11:00");
	say(OTHER_CUSTOMER, "BOOK");
	expect(say(OTHER_CUSTOMER, "1"), "Booked 2: 2026-01-05 13:00");
	ck_assert_int_eq(move_to("default", 1, slots[2], true), 200);
	expect(flush(), "Your appointment was moved: Mon 05 Jan at 15:00. 12 High St");
	ck_assert(world_was_told(&w, "appointment.moved", "1"));
	ck_assert_int_eq(move_to(NULL, 1, slots[2], true), 200);	/* the same again: nothing */
	expect(flush(), "");
	ck_assert_int_eq(move_to("default", 1, slots[1], true), 409);
	ck_assert_int_eq(move_to("default", 1, wall_after(slots[3], 60000), true), 422);
	ck_assert_int_eq(move_to("default", 1, past, true), 422);
	ck_assert_int_eq(move_to("default", 9, slots[3], true), 404);
	ck_assert_int_eq(move_to("acme", 1, slots[3], true), 404);
	expect(list(true), "2 2026-01-05 13:00 booked 1, 1 2026-01-05 15:00 booked 0");
	die();
	expect(list(true), "2 2026-01-05 13:00 booked 1, 1 2026-01-05 15:00 booked 0");
	ck_assert_int_eq(move_to("default", 1, slots[4], false), 200);
	expect(flush(), "");
	/* Of another language; and who has left is told nothing, but has the new time. */
	hear("STOP");
	ck_assert_int_eq(move_to("default", 1, slots[5], true), 200);
	expect(flush(), "");
	expect(list(true), "2 2026-01-05 13:00 booked 1, 1 2026-01-06 13:00 booked 0");
	expect(later(5 * HOUR), REMINDER("Mon 05 Jan at 13:00"));	/* of the other one */
	ck_assert_int_eq(move_to("default", 2, slots[6], true), 409);	/* it has begun */
	ck_assert_int_eq(exchange_appointment_cancel(w.x, NULL, 1, w.now, &a), 0);
	appointment_done(&a);
	world_turn(&w);
	ck_assert_int_eq(move_to("default", 1, slots[6], true), 409);
	world_close(&w);
}
END_TEST

/* As the calendar says it, in the language of its contact; and "" says nothing. */
START_TEST(test_moved_text)
{
	struct wall_ms slots[2];
	size_t n;

	begin(flow, false);
	world_reflow(&w, "calendars = ( { name = \"visits\"; slots = [ \"2026-01-06 10:00\", \"2026-01-07 10:00\" ]; "
		     "moved = { en = \"Now {slot}\"; de = \"Neu: {slot!date(%A %H:%M)}\"; }; } );"
		     "keywords = ( { match = \"DE\"; set = { language = \"de\"; }; }, "
		     "{ match = \"BOOK\"; appointment = \"visits\"; } );");
	hear("DE");
	hear("BOOK");
	hear("1");
	ck_assert_int_eq(exchange_free_times(w.x, "default", "visits", w.now.wall, slots, 2, &n), 0);
	ck_assert_int_eq(move_to("default", 1, slots[0], true), 200);
	expect(flush(), "Neu: Mittwoch 10:00");
	world_reflow(&w, "calendars = ( { name = \"visits\"; slots = [ \"2026-01-06 10:00\", \"2026-01-07 10:00\" ]; "
		     "moved = \"\"; } );");
	ck_assert_int_eq(move_to("default", 1, wall_after(slots[0], -DAY), true), 200);
	expect(flush(), "");
	world_reflow(&w, "keywords = ( { match = \"BOOK\"; reply = \"No more.\"; } );");
	ck_assert_int_eq(move_to("default", 1, slots[0], true), 409);
	world_close(&w);
}
END_TEST

/* Page by page, by each filter: every one of them once, by time. */
START_TEST(test_pages)
{
	struct exchange_booking b = { .account = "default", .calendar = "visits" };
	struct exchange_appointments_query q = { .limit = 2 };
	struct exchange_refusal e;
	struct wall_ms slots[6];
	struct appointment a;
	bool repeated;
	size_t n;

	begin(flow, false);
	ck_assert_int_eq(exchange_free_times(w.x, "default", "visits", w.now.wall, slots, 6, &n), 0);
	for (int i = 5; i >= 0; i--) {
		b.to = i % 2 ? CUSTOMER : OTHER_CUSTOMER;
		b.starts_at = slots[i];
		ck_assert_int_eq(exchange_appointment_book(w.x, &b, w.now, &a, &repeated, &e), 0);
		appointment_done(&a);
	}
	world_turn(&w);
	ck_assert_int_eq(exchange_appointment_cancel(w.x, NULL, 1, w.now, &a), 0);
	appointment_done(&a);
	world_turn(&w);
	told[0] = '\0';
	for (int pages = 0; exchange_appointments(w.x, &q, tell, NULL) > 0; pages++) {
		ck_assert_int_lt(pages, 3);
		q.from = slots[2 * pages + 1];
		q.after = 6 - (2 * pages + 1);
	}
	expect(told, "6 2026-01-05 11:00 booked 1, 5 2026-01-05 13:00 booked 0, 4 2026-01-05 15:00 booked 1, "
	       "3 2026-01-06 09:00 booked 0, 2 2026-01-06 11:00 booked 1");
	told[0] = '\0';
	q = (struct exchange_appointments_query){ .limit = 9, .with = CUSTOMER, .until = slots[3] };
	ck_assert_int_eq(exchange_appointments(w.x, &q, tell, NULL), 1);
	expect(told, "5 2026-01-05 13:00 booked 0");
	told[0] = '\0';
	q = (struct exchange_appointments_query){ .limit = 9, .with_canceled = true,
						  .state = STORE_CANCELED + 1 };
	ck_assert_int_eq(exchange_appointments(w.x, &q, tell, NULL), 1);
	expect(told, "1 2026-01-06 13:00 canceled 0");
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
	begin(flow, false);
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
		begin(flow, false);
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
		begin(flow, false);
		world_inject(&w, nth, codes[nth % 2], true);
		play(-1, 0);
		check_end("commit", nth);
		world_close(&w);
	}
}
END_TEST

START_TEST(test_death_at_each_step)
{
	begin(flow, true);
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
	tcase_add_test(t, test_moved_by_a_program);
	tcase_add_test(t, test_moved_text);
	tcase_add_test(t, test_pages);
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
