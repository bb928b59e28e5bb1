/* Calendars: what their declarations say, when appointments may begin, how one is offered and chosen; and
 * when the events of the clock come. */
#include "flow_kit.h"
#include "run.h"

static void setup(void)
{
	kit_open();
	kit_n_values = kit_n_facts = kit_n_results = 0;
	kit_stands = false;
	kit_is_known = false;
}

static struct wall_ms at(const char *text)
{
	struct wall_ms t;

	ck_assert_msg(tw_rfc3339_read(text, &t) == 0, "%s", text);
	return t;
}

/* ---- declarations -------------------------------------------------------------------------- */

#define URL "calendars = ( { name = \"a\"; url = \"https://example.org/free\"; } );"
static const struct { const char *text, *expected; } bad[] = {
	{ "calendars = 1;", "wants a list of groups" },
	{ "calendars = ( { slots = \"mon 09:00-10:00\"; } );", "`name` is a text of at most 60" },
	{ "calendars = ( { name = \"a\"; } );", "wants either `slots`" },
	{ "calendars = ( { name = \"a\"; slots = [ ]; } );", "no slot stands here" },
	{ "calendars = ( { name = \"a\"; slots = 9; } );", "no text stands here" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00\"; } );", "this cannot be read" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00 x\"; } );", "this cannot be read" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00,\"; } );", "this cannot be read" },
	{ "calendars = ( { name = \"a\"; slots = \"day 09:00-10:00\"; } );", "this cannot be read" },
	{ "calendars = ( { name = \"a\"; slots = \"2026-02-30 09:00\"; } );", "no time that there is" },
	{ "calendars = ( { name = \"a\"; slots = \"2026-02-03 24:00\"; } );", "no time that there is" },
	{ "calendars = ( { name = \"a\"; slots = \"2026-02-03\"; } );", "no time that there is" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-09:20\"; } );", "no appointment of `length`" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; length = \"90s\"; } );",
	  "whole minutes" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; length = \"0s\"; } );", "length" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; zone = \"London\"; } );",
	  "no time zone \"London\"" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; map = \"here\"; } );", "`map` is a link" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; remind = \"soon\"; } );",
	  "`remind` wants" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; remind = [ \"30s\" ]; } );",
	  "`remind` wants" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; reminder = \"x\"; } );",
	  "`remind`, which is missing" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; remind = \"1d\"; reminder = \"{x}\"; } );",
	  "x" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; when = \"x\"; } );", "when" },
	{ "calendars = ( { name = \"a\"; url = \"https://example.org/\"; slots = \"mon 09:00-10:00\"; } );",
	  "wants either `slots`" },
	{ "calendars = ( { name = \"a\"; url = \"ftp://example.org/\"; } );", "`url` wants an address" },
	{ "calendars = ( { name = \"a\"; url = \"https:///free\"; } );", "`url` wants an address" },
	{ "calendars = ( { name = \"a\"; url = \"https://me:pw@example.org/\"; } );", "a user or a password" },
	{ "calendars = ( { name = \"a\"; url = \"https://example.org/{number}\"; } );", "no name can stand" },
	{ "calendars = ( { name = \"a\"; url = 5; } );", "`url`" },
	{ URL "keywords = ( { match = \"B\"; appointment = { calendar = \"a\"; action = \"confirm\"; "
	  "fallback = \"x\"; }; } );", "the action \"confirm\" asks for none" },
	{ URL "keywords = ( { match = \"B\"; appointment = { calendar = \"a\"; timeout = \"10m\"; }; } );",
	  "`timeout` must lie between" },
	{ URL "keywords = ( { match = \"B\"; appointment = { calendar = \"a\"; fallback = 5; }; } );",
	  "steps stand in a list" },
	{ URL "keywords = ( { match = \"B\"; do = ( { label = \"again\"; appointment = { calendar = \"a\"; "
	  "fallback = ( { go = \"again\"; } ); }; } ); } );", "this `go` never ends" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; } );"
	  "keywords = ( { match = \"B\"; appointment = { calendar = \"a\"; timeout = \"5s\"; }; } );",
	  "the calendar \"a\" lists its own in `slots`" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; },"
	  " { name = \"a\"; slots = \"mon 09:00-10:00\"; } );", "stands already in" },
	{ "keywords = ( { match = \"B\"; appointment = \"a\"; } );", "no calendar \"a\" is declared" },
	{ "calendars = ( { name = \"visits\"; slots = \"mon 09:00-10:00\"; } );"
	  "keywords = ( { match = \"B\"; appointment = \"visit\"; } );", "did you mean \"visits\"?" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; } );"
	  "keywords = ( { match = \"B\"; appointment = { calendar = \"a\"; action = \"book\"; }; } );",
	  "`action` wants one of" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; } );"
	  "keywords = ( { match = \"B\"; appointment = { calendar = \"a\"; place = \"x\"; }; } );",
	  "`appointment` has no `place`" },
	{ "keywords = ( { match = \"B\"; appointment = { action = \"offer\"; }; } );", "wants `calendar`" },
	{ "calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; } );"
	  "keywords = ( { match = \"B\"; do = ( { appointment = { calendar = \"a\"; action = \"confirm\"; };"
	  " tries = 2; } ); } );", "asks nothing" },
	{ "on = ( { event = \"at\"; reply = \"x\"; } );", "`every` wants" },
	{ "on = ( { event = \"at\"; every = \"noon\"; reply = \"x\"; } );", "`every` wants" },
	{ "on = ( { event = \"at\"; every = \"day 24:00\"; reply = \"x\"; } );", "`every` wants" },
	{ "on = ( { event = \"at\"; every = \"month 32 09:00\"; reply = \"x\"; } );", "`every` wants" },
	{ "on = ( { event = \"at\"; every = \"day 09:00\"; audience = \"text = 'x'\"; reply = \"x\"; } );",
	  "of a message or of the steps" },
	{ "on = ( { event = \"at\"; every = \"day 09:00\"; audience = true; reply = \"x\"; } );",
	  "`audience` wants an expression" },
	{ "on = ( { event = \"at\"; every = \"day 09:00\"; list = \"x\"; reply = \"x\"; } );",
	  "the event \"at\" has no `list`" },
	{ "on = ( { event = \"joined\"; list = \"news\"; reply = \"x\"; } );", "no list \"news\" is declared" },
	{ "on = ( { event = \"redeemed\"; series = \"v\"; reply = \"x\"; } );", "no voucher series \"v\"" },
	{ "on = ( { event = \"missed_call\"; every = \"day 09:00\"; reply = \"x\"; } );", "has no `every`" },
	{ "on = ( { event = \"birthday\"; reply = \"x\"; } );", "`event` wants one of" },
	{ "on = ( { event = \"joined\"; } );", "this event does nothing" },
};

START_TEST(test_bad)
{
	struct tw_buf out = { 0 };

	kit_load(bad[_i].text);
	tw_findings_print(&findings, &out);
	ck_assert_msg(strstr(tw_buf_str(&out), bad[_i].expected), "%s\n%s", bad[_i].text, tw_buf_str(&out));
	tw_buf_done(&out);
}
END_TEST

START_TEST(test_declaration)
{
	const struct flow_calendar *c;
	struct tw_buf map = { 0 };
	const struct wall_ms start = at("2026-01-20T10:00Z");

	kit_expect("calendars = ( { name = \"a\"; slots = \"mon 09:00-10:00\"; remind = [ \"2h\", \"1d\", \"2h\" ];"
		   " place = \"12 High St\"; }, { name = \"b\"; slots = \"mon 09:00-10:00\"; zone = \"Asia/Tokyo\";"
		   " place = \"51.5, -0.12\"; length = \"1h\"; }, { name = \"c\"; slots = \"mon 09:00-10:00\"; "
		   "map = \"geo:1,2\"; } );");
	c = flows_calendar(flows, "default", "a");
	ck_assert_uint_eq(c->n_remind, 2);
	ck_assert_int_eq(flow_remind_next(c, start, at("2026-01-01T00:00Z")).ms, at("2026-01-19T10:00Z").ms);
	ck_assert_int_eq(flow_remind_next(c, start, at("2026-01-19T10:00Z")).ms, at("2026-01-20T08:00Z").ms);
	ck_assert_int_eq(flow_remind_next(c, start, at("2026-01-20T08:00Z")).ms, 0);
	ck_assert_int_eq(c->length, 30 * 60000);
	flow_calendar_map(c, &map);
	ck_assert_str_eq(map.p, "https://www.openstreetmap.org/search?query=12%20High%20St");
	tw_buf_clear(&map);
	flow_calendar_map(flows_calendar(flows, "default", "b"), &map);
	ck_assert_str_eq(map.p, "https://www.openstreetmap.org/?mlat=51.5&mlon=-0.12");
	tw_buf_clear(&map);
	flow_calendar_map(flows_calendar(flows, "default", "c"), &map);
	ck_assert_str_eq(map.p, "geo:1,2");
	tw_buf_done(&map);
	ck_assert_ptr_null(flows_calendar(flows, "default", "d"));
	ck_assert_ptr_null(flows_calendar(flows, "acme", "a"));
	ck_assert_ptr_null(flows_calendar_at(flows, 3));
}
END_TEST

/* ---- times --------------------------------------------------------------------------------- */

/* "a;b" as the array [ "a", "b" ]. */
static void add_array(struct tw_buf *out, const char *list)
{
	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ";");

		tw_buf_addf(out, "%s\"%.*s\"", p == list ? "" : ", ", (int)n, p);
		p += n + (p[n] == ';');
	}
}

static void check_slots(char *line)
{
	char *zone = strtok(line, "\t"), *length = strtok(NULL, "\t"), *slots = strtok(NULL, "\t");
	char *after = strtok(NULL, "\t"), *expected = strtok(NULL, "\t\n"), *next;
	struct tw_buf text = { 0 };
	struct wall_ms t = at(after), wanted;

	tw_buf_addf(&text, "calendars = ( { name = \"a\"; zone = \"%s\"; length = \"%sm\"; slots = [ ", zone,
		    length);
	add_array(&text, slots);
	tw_buf_adds(&text, " ]; } );");
	kit_expect(tw_buf_str(&text));
	const struct flow_calendar *c = flows_calendar(flows, "default", "a");

	for (next = strtok(expected, " "); next; next = strtok(NULL, " ")) {
		char got[TW_RFC3339_MAX];

		wanted = *next == '-' ? (struct wall_ms){ 0 } : at(next);
		t = flow_slot_next(c, t);
		ck_assert_msg(t.ms == wanted.ms, "%s %s %s: %s, not %s", zone, slots, after,
			      tw_rfc3339(t, got), next);
		if (t.ms) {
			ck_assert(flow_slot_is(c, t));
			ck_assert(!flow_slot_is(c, (struct wall_ms){ t.ms + 60000 }));
		}
	}
	tw_buf_done(&text);
}

START_TEST(test_slots)
{
	FILE *in = fopen("../tests/vectors/slots.tsv", "r");
	char line[1024];
	int n = 0;

	ck_assert_ptr_nonnull(in);
	while (fgets(line, sizeof(line), in))
		if (*line != '#') {
			check_slots(line);
			n++;
		}
	ck_assert_int_gt(n, 25);
	fclose(in);
}
END_TEST

static const struct { const char *zone, *every, *after, *next; } evers[] = {
	{ "Europe/London", "day 09:00", "2026-01-05T08:00Z", "2026-01-05T09:00Z" },
	{ "Europe/London", "day 09:00", "2026-01-05T09:00Z", "2026-01-06T09:00Z" },
	{ "Europe/London", "day 09:00", "2026-07-05T08:30Z", "2026-07-06T08:00Z" },
	{ "America/New_York", "day 21:30", "2026-01-05T00:00Z", "2026-01-05T02:30Z" },
	{ "Europe/London", "mon 09:00", "2026-01-05T09:00Z", "2026-01-12T09:00Z" },
	{ "Europe/London", "mon-fri 09:00", "2026-01-09T09:00Z", "2026-01-12T09:00Z" },
	{ "Europe/London", "month 1 09:00", "2026-01-05T09:00Z", "2026-02-01T09:00Z" },
	{ "Europe/London", "month 31 09:00", "2026-01-31T09:00Z", "2026-02-28T09:00Z" },
	{ "Europe/London", "month 31 09:00", "2028-02-01T09:00Z", "2028-02-29T09:00Z" },
	{ "Europe/London", "month 29 09:00", "2026-02-28T10:00Z", "2026-03-29T08:00Z" },
	/* 01:30 is skipped: it comes when the gap ends; and comes twice: once. */
	{ "Europe/London", "day 01:30", "2026-03-28T12:00Z", "2026-03-29T01:00Z" },
	{ "Europe/London", "day 01:30", "2026-03-29T01:00Z", "2026-03-30T00:30Z" },
	{ "Europe/London", "day 01:30", "2026-10-24T12:00Z", "2026-10-25T00:30Z" },
	{ "Europe/London", "day 01:30", "2026-10-25T00:30Z", "2026-10-26T01:30Z" },
};

START_TEST(test_every)
{
	char text[256];
	struct flow_at when;

	kit_accounts[0].zone = evers[_i].zone;
	snprintf(text, sizeof(text), "on = ( { event = \"at\"; every = \"%s\"; reply = \"x\"; } );",
		 evers[_i].every);
	kit_expect(text);
	ck_assert(flows_at(flows, 0, &when));
	ck_assert(!flows_at(flows, 1, &when));
	ck_assert_int_eq(flow_at_next(flows, &when, at(evers[_i].after)).ms, at(evers[_i].next).ms);
	kit_accounts[0].zone = "Europe/London";
}
END_TEST

/* ---- offers -------------------------------------------------------------------------------- */

#define FLOW                                                                                       \
	"calendars = ( { name = \"visits\"; slots = \"mon-fri 09:00-17:00\"; place = \"12 High St\"; } );" \
	"otherwise = \"Pardon?\";"                                                                 \
	"keywords = ( { match = \"BOOK\"; do = ( { appointment = \"visits\"; tries = 2; no_answer = \"Later!\"; },"\
	" { when = \"booking IS NULL\"; end = \"All is taken.\"; }, \"{booking}: {slot} {place} {map} {ics}\" ); },"\
	" { match = \"MOVE\"; do = ( { appointment = { calendar = \"visits\"; action = \"move\"; }; }, "\
	"\"{booking|none} {slot|nothing}\" ); },"                                                  \
	" { match = \"SURE\"; do = ( { appointment = { calendar = \"visits\"; action = \"confirm\"; }; }, "\
	"\"{booking|none} {slot|nothing}\" ); },"                                                  \
	" { match = \"NO\"; do = ( { appointment = { calendar = \"visits\"; action = \"cancel\"; }; }, "\
	"\"{booking|none} {slot|nothing}\" ); }, { match = \"MENU\"; reply = \"Soup\"; } );"

#define LIST "1: Tue 05 May 09:00\n2: Tue 05 May 09:30\n3: Wed 06 May 09:00"
#define OFFER "APPOINTMENT visits offer | REPLY default " LIST " | KEEP asking"

static char offers[3][128];

/* What a text leads to, whoever took it. */
static const char *said(const char *text)
{
	const char *out = kit_say(text), *taken = strstr(out, "TAKEN ") == out ? strstr(out, " | ") : NULL;

	return taken ? taken + 3 : out;
}
#define expect_said(text, expected) ck_assert_str_eq(said(text), expected)

/* What the next intents are told. */
static void results(const char *first, const char *second)
{
	kit_results[0] = first;
	kit_results[1] = second;
	kit_n_results = 2;
}

static const char *offer_of(int64_t id)
{
	static char out[128];
	struct tw_buf buf = { 0 };
	const struct wall_ms slots[] = { at("2026-05-05T08:00Z"), at("2026-05-05T08:30Z"),
					 at("2026-05-06T08:00Z") };

	flow_booked_write(&buf, id, (struct wall_ms){ 0 }, slots, 3, "");
	tw_strset(out, sizeof(out), buf.p);
	tw_buf_done(&buf);
	return out;
}

static const char *booked(int64_t id, const char *when)
{
	struct tw_buf buf = { 0 };

	flow_booked_write(&buf, id, at(when), NULL, 0, "https://x/y.ics");
	tw_strset(offers[0], sizeof(offers[0]), buf.p);
	tw_buf_done(&buf);
	return offers[0];
}

static const struct { const char *said, *slot; } answers[] = {
	{ "1", "2026-05-05 09:00" }, { " 2. ", "2026-05-05 09:30" }, { "#3", "2026-05-06 09:00" },
	{ "٢", "2026-05-05 09:30" }, { "३", "2026-05-06 09:00" }, { "２", "2026-05-05 09:30" },
	{ "Tue 05 May 09:30", "2026-05-05 09:30" }, { "tuesday 9:30", "2026-05-05 09:30" },
	{ "9.30", "2026-05-05 09:30" }, { "09:30", "2026-05-05 09:30" }, { "wednesday", "2026-05-06 09:00" },
	{ "Wed 6 May", "2026-05-06 09:00" }, { "6", "2026-05-06 09:00" }, { "30", "2026-05-05 09:30" },
	/* Which of them, nobody knows; or none. */
	{ "tue", NULL }, { "09:00", NULL }, { "4", NULL }, { "0", NULL }, { "10:00", NULL }, { "1 or 2", NULL },
	{ "", NULL }, { "😀", NULL }, { "99999999999999999999", NULL }, { "{slot}", NULL },
	{ "2 weeks later", NULL },
};

START_TEST(test_answers)
{
	char expected[512];

	kit_expect(FLOW);
	results(offer_of(0), NULL);
	expect_said("BOOK", OFFER);
	results(booked(17, "2026-05-05T08:00Z"), NULL);
	kit_say(answers[_i].said);
	snprintf(expected, sizeof(expected), "APPOINTMENT visits book %s",
		 answers[_i].slot ? answers[_i].slot : "");
	if (answers[_i].slot)
		ck_assert_msg(strstr(kit_out, expected), "%s: %s", answers[_i].said, kit_out);
	else
		ck_assert_str_eq(kit_out, "REPLY default " LIST " | KEEP asking");
}
END_TEST

START_TEST(test_book)
{
	kit_expect(FLOW);
	results(offer_of(0), NULL);
	expect_said("BOOK", OFFER);
	results(booked(17, "2026-05-05T08:30Z"), NULL);
	expect_said("2", "APPOINTMENT visits book 2026-05-05 09:30 | REPLY default 17: 2026-05-05 09:30 12 "
		   "High St https://www.openstreetmap.org/search?query=12%20High%20St https://x/y.ics");
	results(NULL, NULL);
	expect_said("BOOK", "APPOINTMENT visits offer | REPLY default All is taken.");
	ck_assert(!kit_stands);
}
END_TEST

/* Somebody was faster: what is free now is offered, and that is no spent try. */
START_TEST(test_taken)
{
	kit_expect(FLOW);
	results(offer_of(0), NULL);
	kit_say("BOOK");
	for (int i = 0; i < 4; i++) {
		results(NULL, offer_of(0));
		expect_said("2", "APPOINTMENT visits book 2026-05-05 09:30 | " OFFER);
	}
	results(NULL, NULL);
	expect_said("2", "APPOINTMENT visits book 2026-05-05 09:30 | APPOINTMENT visits offer | "
		   "REPLY default All is taken.");
}
END_TEST

START_TEST(test_patience)
{
	kit_expect(FLOW);
	results(offer_of(0), NULL);
	kit_say("BOOK");
	expect_said("perhaps", "REPLY default " LIST " | KEEP asking");
	/* An exact keyword goes first where the text is no answer; the question stays. */
	expect_said("MENU", "REPLY default Soup");
	kit_stands = true;
	expect_said("perhaps", "REPLY default Later!");
	results(offer_of(0), NULL);
	kit_say("BOOK");
	ck_assert_str_eq(kit_clock(), "REPLY default Later!");
}
END_TEST

START_TEST(test_move)
{
	kit_expect(FLOW);
	results(NULL, NULL);
	expect_said("MOVE", "APPOINTMENT visits move | REPLY default none nothing");
	/* Nothing is free: the booking stands, and no slot says so. */
	results("17 0", NULL);
	expect_said("MOVE", "APPOINTMENT visits move | REPLY default 17 nothing");
	results(offer_of(17), NULL);
	expect_said("MOVE", "APPOINTMENT visits move | REPLY default " LIST " | KEEP asking");
	results(NULL, offer_of(17));
	expect_said("1", "APPOINTMENT visits move to 2026-05-05 09:00 | APPOINTMENT visits move | "
		   "REPLY default " LIST " | KEEP asking");
	results(booked(17, "2026-05-06T08:00Z"), NULL);
	expect_said("3", "APPOINTMENT visits move to 2026-05-06 09:00 | REPLY default 17 2026-05-06 09:00");
}
END_TEST

/* ---- times that a url tells ----------------------------------------------------------------- */

#define ASKED                                                                                      \
	URL "keywords = ( { match = \"BOOK\"; do = ( { appointment = { calendar = \"a\"; timeout = \"5s\"; "   \
	"fallback = \"Sorry.\"; }; }, { when = \"booking IS NULL\"; end = \"Nothing booked.\"; }, "         \
	"\"{booking}: {slot}\" ); }, { match = \"MOVE\"; do = ( { appointment = { calendar = \"a\"; "       \
	"action = \"move\"; }; }, \"{booking|none} {slot|nothing}\" ); }, { match = \"CALL\"; do = ( "     \
	"{ appointment = \"a\"; }, \"{booking|none}\" ); } );"
#define GO_ASK "CALENDAR default https://example.org/free | KEEP away"
#define SHOW "REPLY default " LIST " | KEEP asking"

START_TEST(test_url)
{
	const struct wall_ms times[] = { at("2026-05-05T08:00Z"), at("2026-05-05T08:30Z") };
	const struct flow_answer good = { .times = times, .n_times = 2 }, bad_one = { .failure = "no" };

	kit_expect(ASKED);
	expect_said("BOOK", GO_ASK);
	ck_assert_int_eq(kit_place.until.ms - event.now.ms, 5000);
	results(offer_of(0), NULL);
	kit_result_at = 0;
	ck_assert_str_eq(kit_answer(&good), "APPOINTMENT a offer 2 times | " SHOW);
	/* Somebody was faster: it is asked anew. */
	results(NULL, NULL);
	expect_said("2", "APPOINTMENT a book 2026-05-05 09:30 | " GO_ASK);
	ck_assert_str_eq(kit_answer(&bad_one), "FAILED default appointment no | REPLY default Sorry. | "
			 "REPLY default Nothing booked.");
	expect_said("CALL", GO_ASK);
	ck_assert_int_eq(kit_place.until.ms - event.now.ms, 10000);
	ck_assert_str_eq(kit_clock(), "FAILED default appointment no answer in time | REPLY default none");
}
END_TEST

START_TEST(test_url_move)
{
	const struct flow_answer good = { .n_times = 0 }, bad_one = { .failure = "no" };

	kit_expect(ASKED);
	results(NULL, NULL);
	expect_said("MOVE", "APPOINTMENT a find | REPLY default none nothing");
	results(booked(17, "2026-05-06T08:00Z"), NULL);
	expect_said("MOVE", "APPOINTMENT a find | " GO_ASK);
	ck_assert_str_eq(kit_answer(&bad_one), "FAILED default appointment no | REPLY default 17 nothing");
	results(booked(17, "2026-05-06T08:00Z"), NULL);
	expect_said("MOVE", "APPOINTMENT a find | " GO_ASK);
	results("17 0", NULL);
	kit_result_at = 0;
	ck_assert_str_eq(kit_answer(&good), "APPOINTMENT a move | REPLY default 17 nothing");
}
END_TEST

START_TEST(test_confirm_and_cancel)
{
	kit_expect(FLOW);
	results(booked(17, "2026-05-06T08:00Z"), NULL);
	expect_said("SURE", "APPOINTMENT visits confirm | REPLY default 17 2026-05-06 09:00");
	results(NULL, NULL);
	expect_said("SURE", "APPOINTMENT visits confirm | REPLY default none nothing");
	results(booked(17, "2026-05-06T08:00Z"), NULL);
	expect_said("NO", "APPOINTMENT visits cancel | REPLY default 17 2026-05-06 09:00");
	results(NULL, NULL);
	expect_said("NO", "APPOINTMENT visits cancel | REPLY default none nothing");
}
END_TEST

/* In the contact's language, by the clock of the place; where there is no place, by their own. */
START_TEST(test_clocks)
{
	kit_expect("calendars = ( { name = \"calls\"; slots = \"mon-fri 09:00-17:00\"; remind = \"1d\"; },"
		   " { name = \"visits\"; slots = \"mon-fri 09:00-17:00\"; remind = \"1d\"; place = \"Hier\"; "
		   "reminder = { de = \"{slot} {booking} {name|du}\"; en = \"x\"; }; } );"
		   "keywords = ( { match = \"CALL\"; appointment = \"calls\"; } );");
	kit_set("language", "de");
	kit_set("zone", "Europe/Berlin");
	results(offer_of(0), NULL);
	expect_said("CALL", "APPOINTMENT calls offer | REPLY default 1: Di 05 Mai 10:00\n2: Di 05 Mai 10:30\n"
		   "3: Mi 06 Mai 10:00 | KEEP asking");
	struct tw_buf out = { 0 };
	const struct flow_calendar *calls = flows_calendar(flows, "default", "calls");
	const struct flow_calendar *visits = flows_calendar(flows, "default", "visits");
	const struct wall_ms start = at("2026-05-05T08:00Z");

	flow_reminder(flows, &event, calls, 17, start, "", &out);
	ck_assert_str_eq(out.p, "Erinnerung: Ihr Termin ist am Di, 05. Mai um 10:00 Uhr.");
	tw_buf_clear(&out);
	flow_reminder(flows, &event, visits, 17, start, "", &out);
	ck_assert_str_eq(out.p, "2026-05-05 09:00 17 du");
	tw_buf_clear(&out);
	kit_set("language", NULL);
	kit_set("zone", NULL);
	flow_reminder(flows, &event, calls, 17, start, "", &out);
	ck_assert_str_eq(out.p, "Reminder: your appointment is on Tue 05 May at 09:00.");
	tw_buf_done(&out);
}
END_TEST

/* ---- events -------------------------------------------------------------------------------- */

static const char *on(enum flow_happening what, const char *about)
{
	struct flow_intent begin;

	kit_out[0] = '\0';
	event.view = &kit_view;
	for (size_t i = 0; flows_on(flows, &event, "default", what, about, i, &begin); i++)
		kit_run(flow_run_begin(flows, &event, &begin));
	return kit_out;
}

START_TEST(test_events)
{
	kit_expect("lists = ( { name = \"news\"; }, { name = \"offers\"; } );"
		   "vouchers = ( { name = \"v\"; generate = \"XXXX-9999\"; } );"
		   "on = ( { event = \"joined\"; list = \"news\"; reply = \"Hi\"; }, { event = \"joined\"; tag = \"member\"; },"
		   " { event = \"left\"; reply = \"Bye\"; }, { event = \"redeemed\"; series = \"v\"; reply = \"Yes\"; } );");
	ck_assert_str_eq(on(FLOW_ON_JOINED, "news"), "REPLY default Hi | TAG default member");
	ck_assert_str_eq(on(FLOW_ON_JOINED, "offers"), "TAG default member");
	ck_assert_str_eq(on(FLOW_ON_LEFT, "offers"), "REPLY default Bye");
	ck_assert_str_eq(on(FLOW_ON_REDEEMED, "v"), "REPLY default Yes");
	ck_assert_str_eq(on(FLOW_ON_REDEEMED, "w"), "");
	ck_assert_str_eq(on(FLOW_ON_TICKET_CLOSED, NULL), "");
}
END_TEST

/* Steps of `at` stand aside as long as they are told to, and again. */
START_TEST(test_aside)
{
	kit_expect("on = ( { event = \"at\"; every = \"day 09:00\"; audience = \"tag('vip')\"; do = ( \"One\", \"Two\" ); },"
		   " { event = \"at\"; every = \"day 09:00\"; audience = \"tag('vip')\"; reply = \"Three\"; } );");
	struct flow_intent begin = { .account = "default", .args = "" };
	struct flow_at first, second;

	ck_assert(flows_at(flows, 0, &first) && flows_at(flows, 1, &second));
	ck_assert_str_eq(first.audience, "tag('vip')");
	ck_assert_uint_eq(first.nth, 0);
	ck_assert_uint_eq(second.nth, 1);
	begin.program = first.program;
	event.view = &kit_view;
	kit_out[0] = '\0';
	kit_run(flow_run_begin(flows, &event, &begin));
	ck_assert_str_eq(kit_out, "REPLY default One | REPLY default Two");
	event.not_before = wall_after(event.now, 3600 * 1000);
	kit_out[0] = '\0';
	kit_run(flow_run_begin(flows, &event, &begin));
	ck_assert_str_eq(kit_out, " | KEEP waiting");
	ck_assert_int_eq(kit_place.until.ms, event.not_before.ms);
	event.not_before = wall_after(kit_place.until, 1000);
	ck_assert_str_eq(kit_clock(), " | KEEP waiting");
	event.not_before.ms = 0;
	ck_assert_str_eq(kit_clock(), "REPLY default One | REPLY default Two");
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, kit_close);
	tcase_add_loop_test(tc, test_bad, 0, TW_COUNT(bad));
	tcase_add_test(tc, test_declaration);
	tcase_add_test(tc, test_slots);
	tcase_add_loop_test(tc, test_every, 0, TW_COUNT(evers));
	tcase_add_loop_test(tc, test_answers, 0, TW_COUNT(answers));
	tcase_add_test(tc, test_book);
	tcase_add_test(tc, test_taken);
	tcase_add_test(tc, test_patience);
	tcase_add_test(tc, test_move);
	tcase_add_test(tc, test_url);
	tcase_add_test(tc, test_url_move);
	tcase_add_test(tc, test_confirm_and_cancel);
	tcase_add_test(tc, test_clocks);
	tcase_add_test(tc, test_events);
	tcase_add_test(tc, test_aside);
}

int main(void)
{
	return unit_run("flow_calendar", add);
}
