/* What steps do, told to the account's `events`. */
#include "world.h"

#include <stdio.h>

static struct world w;

static const char flow[] =
	"vouchers = ( { name = \"welcome\"; generate = \"W9999\"; } );"
	"pledges = ( { name = \"roof\"; currency = \"GBP\"; min = 1.0; max = 500.0; } );"
	"goals = ( { name = \"gave\"; when = \"redeemed('welcome')\"; within = \"14d\"; } );"
	"fields = ( { name = \"age\"; type = \"integer\"; } );"
	"calendars = ( { name = \"visits\"; slots = [ \"2026-01-06 10:00\", \"2026-01-07 10:00\" ]; } );"
	"agents = ( { name = \"desk\"; number = \"+447700900201\"; } );"
	"queues = ( { name = \"care\"; agents = [ \"desk\" ]; within = \"2m\"; escalate = \"boss\"; },"
	"  { name = \"boss\"; agents = [ \"desk\" ]; } );"
	"on = ( { event = \"missed_call\"; reply = \"Sorry.\"; } );"
	"keywords = ("
	"  { match = \"VIP\"; tag = \"vip\"; }, { match = \"NOVIP\"; untag = \"vip\"; },"
	"  { match = \"AGE\"; set = { age = \"{args}\"; }; }, { match = \"I AM\"; set = { name = \"{args}\"; }; },"
	"  { match = \"BOOK\"; appointment = \"visits\"; },"
	"  { match = \"MOVE\"; appointment = { calendar = \"visits\"; action = \"move\"; }; },"
	"  { match = \"SURE\"; appointment = { calendar = \"visits\"; action = \"confirm\"; }; },"
	"  { match = \"UNBOOK\"; appointment = { calendar = \"visits\"; action = \"cancel\"; }; },"
	"  { match = \"WAIT\"; do = ( { wait = \"1h\"; }, { reply = \"Well?\"; } ); },"
	"  { match = \"LEAK\"; ticket = { queue = \"care\"; about = \"{args}\"; }; },"
	"  { match = \"DEAL\"; do = ( { voucher = \"welcome\"; }, { reply = \"{voucher}\"; } ); },"
	"  { match = \"USE\"; do = ( { redeem = \"welcome\"; }, { reply = \"{redeemed}\"; } ); },"
	"  { match = \"GIVE\"; do = ( { pledge = { to = \"roof\"; amount = \"{args}\"; }; } ); },"
	"  { match = \"RATE\"; do = ( { ask = \"0 to 10?\"; expect = \"0..10\"; }, { reply = \"Thanks\"; } ); }"
	");";

static int yes(void *ctx, const struct fake_call *c, struct hook_answer *ret)
{
	(void)ctx, (void)c;
	*ret = (struct hook_answer){ .status = 204 };
	return 1;
}

static void open_told(void)
{
	world_flow_text = flow;
	world_open(&w);
	w.accounts[0].events = (char *)(uintptr_t)"https://app.example/events";
	w.outside.answer = yes;
}

static void close_world(void)
{
	world_close(&w);
}

/* What was told since, but of messages, in order: "type=value type=value", the value a text or not. */
static const char *told_since(size_t before, const char *member)
{
	static char out[512];
	tw_auto(tw_free_charp) char *sought = tw_printf("\"%s\":", member);
	size_t n = 0;

	out[0] = 0;
	for (size_t i = before; i < w.outside.n; i++) {
		const char *body = w.outside.calls[i].body;
		const char *type = strstr(body, "\"type\":\"") + strlen("\"type\":\"");
		const char *value = strstr(body, sought);

		ck_assert(strstr(body, CUSTOMER));
		if (!strncmp(type, "message.", 8))
			continue;
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", n ? " " : "", (int)strcspn(type, "\""), type);
		if (!value)
			continue;
		value += strlen(sought);
		value += *value == '"';
		n += (size_t)snprintf(out + n, sizeof(out) - n, "=%.*s", (int)strcspn(value, "\",}"), value);
	}
	return out;
}

static bool was_told(const char *part)
{
	for (size_t i = 0; i < w.outside.n; i++)
		if (strstr(w.outside.calls[i].body, part))
			return true;
	return false;
}

static void settle(void)
{
	while (mono_due(w.deadline, w.now.mono))
		world_turn(&w);
}

static const char *told_of(const char *text, const char *member)
{
	size_t before = w.outside.n;

	world_wait(&w, 1000);
	world_text(&w, 0, CUSTOMER, text);
	settle();
	return told_since(before, member);
}

static const char *told_after(int64_t ms, const char *member)
{
	size_t before = w.outside.n;

	world_wait(&w, ms);
	settle();
	return told_since(before, member);
}

#define expect(got, wanted) ck_assert_str_eq(got, wanted)

START_TEST(test_steps)
{
	char code[32], use[64];

	const char *given = told_of("DEAL", "code");

	ck_assert(!strncmp(given, "voucher.given=W", 15));
	tw_strset(code, sizeof(code), given + 14);
	snprintf(use, sizeof(use), "USE %s", code);
	ck_assert_str_eq(told_of(use, "goal"), "voucher.redeemed goal.reached=gave");
	ck_assert_str_eq(told_of("GIVE 25", "to"), "pledge.made=roof");
	ck_assert_str_eq(told_of("RATE", "keyword"), "conversation.opened=RATE");
	ck_assert_str_eq(told_of("9", "keyword"), "conversation.ended=RATE");
	ck_assert_str_eq(told_of("STOP", "text"), "consent.stop=STOP");
}
END_TEST

START_TEST(test_contacts)
{
	expect(told_of("VIP", "tag"), "contact.tagged=vip");
	expect(told_of("VIP", "tag"), "");		/* has it */
	expect(told_of("NOVIP", "tag"), "contact.untagged=vip");
	expect(told_of("NOVIP", "tag"), "");
	expect(told_of("AGE 42", "value"), "contact.changed=42");
	ck_assert(was_told("\"name\":\"age\",\"value\":42}"));
	expect(told_of("I AM Ann", "value"), "contact.changed=Ann");
	size_t before = w.outside.n;
	struct exchange_import_field field = { "age", "" };
	struct exchange_contact_facts facts = { .owner = "desk", .fields = &field, .n_fields = 1 };
	struct exchange_refusal e;
	struct contact c;
	bool is_new;

	ck_assert_int_eq(exchange_contact_put(w.x, "default", CUSTOMER, &facts, w.now, &c, &is_new, &e), 0);
	contact_done(&c);
	world_turn(&w);
	settle();
	expect(told_since(before, "value"), "contact.changed=desk contact.changed=null");
	ck_assert(world_was_told(&w, "contact.tagged", CUSTOMER));
	ck_assert(world_was_told(&w, "contact.changed", CUSTOMER));
}
END_TEST

START_TEST(test_appointments)
{
	told_of("BOOK", "keyword");
	expect(told_of("1", "starts_at"), "appointment.booked=2026-01-06T10:00:00.000Z conversation.ended");
	told_of("MOVE", "keyword");
	expect(told_of("1", "slot"), "appointment.moved=2026-01-07 10:00 conversation.ended");
	expect(told_of("SURE", "state"), "appointment.confirmed=confirmed");
	expect(told_of("UNBOOK", "calendar"), "appointment.canceled=visits");
	ck_assert(world_was_told(&w, "appointment.canceled", "1"));
}
END_TEST

START_TEST(test_tickets)
{
	struct exchange_refusal e;
	size_t before;

	expect(told_of("LEAK in the bath", "ticket"), "ticket.opened=#1");
	ck_assert(was_told("\"queue\":\"care\",\"about\":\"in the bath\",\"agent\":null"));
	expect(told_after(3 * 60 * 1000, "queue"), "ticket.escalated=boss");
	before = w.outside.n;
	ck_assert_int_eq(exchange_ticket_act(w.x, "default", 1, TICKET_ASSIGN, "desk", "root", w.now, &e), 0);
	ck_assert_int_eq(exchange_ticket_act(w.x, "default", 1, TICKET_ANSWER, "Yes?", "root", w.now, &e), 0);
	ck_assert_int_eq(exchange_ticket_act(w.x, "default", 1, TICKET_CLOSE, "", "root", w.now, &e), 0);
	world_turn(&w);
	settle();
	expect(told_since(before, "ticket"), "ticket.assigned=#1 ticket.answered=#1 ticket.closed=#1");
	before = w.outside.n;
	ck_assert_int_eq(exchange_conversation_take(w.x, "default", CUSTOMER, true, "root", w.now, &e), 0);
	ck_assert_int_eq(exchange_conversation_take(w.x, "default", CUSTOMER, false, "root", w.now, &e), 0);
	world_turn(&w);
	settle();
	expect(told_since(before, "by"), "conversation.taken=root conversation.handed_back=root");
}
END_TEST

START_TEST(test_missed_call)
{
	size_t before;

	told_of("VIP", "tag");
	before = w.outside.n;
	fake_event(w.bank, 0, (struct modem_event){ .type = MODEM_EV_CALL, .text = "07700900100" });
	world_turn(&w);
	settle();
	expect(told_since(before, "to"), "call.missed=" FIRST);
}
END_TEST

/* By the clock: a question that nobody answered, a time that was waited for; and by STOP, and by a younger
 * question. */
START_TEST(test_ends)
{
	expect(told_of("RATE", "keyword"), "conversation.opened=RATE");
	expect(told_after(25 * 3600 * INT64_C(1000), "keyword"), "conversation.ended=RATE");
	expect(told_of("WAIT", "keyword"), "conversation.opened=WAIT");
	expect(told_after(3601 * 1000, "keyword"), "conversation.ended=WAIT");
	expect(told_of("RATE", "keyword"), "conversation.opened=RATE");
	expect(told_of("BOOK", "keyword"), "conversation.ended=RATE conversation.opened=BOOK");
	told_of("WAIT", "keyword");
	const char *said = told_of("STOP", "keyword");

	ck_assert_msg(strstr(said, "conversation.ended=BOOK") && strstr(said, "conversation.ended=WAIT"), "%s", said);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_checked_fixture(t, open_told, close_world);
	tcase_add_test(t, test_steps);
	tcase_add_test(t, test_contacts);
	tcase_add_test(t, test_appointments);
	tcase_add_test(t, test_tickets);
	tcase_add_test(t, test_missed_call);
	tcase_add_test(t, test_ends);
}

int main(void)
{
	return world_main("exchange_told", add);
}
