/* Tickets over real flows: whom agents hear, what customers get, who is told next, and that no step of it is
 * lost or done twice over a crash. */
#include <sqlite3.h>
#include <stdio.h>

#include "world.h"

#define VAN "+447700900201"
#define DESK "+447700900202"
#define BOSS "+447700900209"
enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };
#define DAY (24 * INT64_C(1) * HOUR)

static const char flow[] =
	"fields = ( { name = \"rating\"; type = \"integer\"; } );\n"
	"agents = ( { name = \"van\"; number = \"" VAN "\"; }, { name = \"desk\"; number = \"" DESK "\"; },\n"
	"  { name = \"web\"; email = \"web@example.org\"; webhook = \"https://desk.example/t\"; } );\n"
	"queues = ( { name = \"plumbing\"; agents = [ \"van\" ]; within = \"2m\"; escalate = \"care\"; },\n"
	"  { name = \"care\"; agents = [ \"desk\" ]; within = \"10m\"; },\n"
	"  { name = \"desk\"; agents = [ \"web\", \"van\" ]; within = \"3m\"; },\n"
	"  { name = \"day\"; agents = [ \"van\", \"desk\" ]; hours = \"mon-fri 08:00-18:00\"; within = \"5m\"; } );\n"
	"on = ( { event = \"ticket_closed\"; do = ( { reply = \"{ticket} is done, {name|friend}.\"; } ); } );\n"
	"otherwise = \"Pardon?\";\n"
	"keywords = (\n"
	"  { match = \"BATH\"; ticket = { queue = \"plumbing\"; about = \"{args}\"; }; reply = \"Thanks: {ticket|none}.\"; },\n"
	"  { match = \"CARE\"; ticket = { queue = \"care\"; }; reply = \"Thanks: {ticket}.\"; },\n"
	"  { match = \"DAY\"; ticket = { queue = \"day\"; about = \"{args}\"; }; reply = \"Thanks: {ticket}.\"; },\n"
	"  { match = \"CALL ME\"; callback = { queue = \"plumbing\"; within = \"4m\"; }; reply = \"We call: {ticket}.\"; },\n"
	"  { match = \"BOSS\"; forward = \"" BOSS "\"; },\n"
	"  { match = \"ASK VAN\"; forward = \"van\"; },\n"
	"  { match = \"WEB\"; ticket = { queue = \"desk\"; about = \"{args}\"; }; },\n"
	"  { match = \"HOURS\"; reply = \"8-18.\"; },\n"
	"  { match = \"I AM\"; set = { name = \"{args}\"; }; reply = \"Hello {name}.\"; },\n"
	"  { match = \"RATE\"; do = ( { ask = \"0 to 10?\"; save = \"rating\"; expect = \"0..10\"; }, { reply = \"Noted {rating}.\"; } ); }\n"
	");\n";

static struct world w;
static size_t seen;

static void begin(bool on_disk)
{
	world_flow_text = flow;
	seen = 0;
	(on_disk ? world_open_file : world_open)(&w);
}

static const char *name_of(const char *number)
{
	static const struct { const char *number, *name; } names[] = {
		{ CUSTOMER, "" }, { OTHER_CUSTOMER, "other: " }, { VAN, "van: " }, { DESK, "desk: " },
		{ BOSS, "boss: " },
	};

	for (size_t i = 0; i < TW_COUNT(names); i++)
		if (!strcmp(names[i].number, number))
			return names[i].name;
	return "? ";
}

/* All that waits goes out, as one line: "van: #1 plumbing: … | Thanks: #1." */
static const char *flush(void)
{
	static char out[8192];
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < 12; i++) {
		for (int k = 0; k < 4; k++)
			if (w.bank->modems[k].is_there && fake_sending(w.bank, k))
				fake_sent(w.bank, k);
		world_turn(&w);
	}
	world_wait(&w, 100);
	for (; seen < w.bank->n_sends; seen++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s%s", n ? " | " : "",
				      name_of(w.bank->sends[seen].pdu.address.text),
				      w.bank->sends[seen].text);
	return out;
}

static const char *hear_at(int modem, const char *from, const char *text)
{
	world_wait(&w, 1000);
	world_text(&w, modem, from, text);
	return flush();
}

static const char *hear(const char *text)
{
	return hear_at(0, CUSTOMER, text);
}

static const char *agent(const char *from, const char *text)
{
	return hear_at(0, from, text);
}

static const char *later(int64_t ms)
{
	world_wait(&w, ms);
	return flush();
}

#define expect(got, wanted) ck_assert_str_eq(got, wanted)

static struct store_ticket ticket(int64_t tag)
{
	struct store_ticket t;

	ck_assert_int_eq(store_ticket_tagged(w.store, 1, tag, &t), 0);
	return t;
}

static void take_row(void *ctx, const struct report_row *row)
{
	*(struct report_row *)ctx = *row;
}

static struct report_row figures_of(const char *queue)
{
	struct exchange_report_query q = { .kind = "queue", .name = queue, .by = STORE_EVER };
	struct report_row row = { .name = "" };

	world_report(&w, &q, take_row, &row);
	return row;
}

static void expect_figures(const char *queue, int64_t opened, int64_t answered, int64_t escalated,
			   int64_t closed)
{
	struct report_row row = figures_of(queue);

	ck_assert_int_eq(row.n[FIGURE_RECEIVED], opened);
	ck_assert_int_eq(row.n[FIGURE_ANSWERS], answered);
	ck_assert_int_eq(row.n[FIGURE_FAILED], escalated);
	ck_assert_int_eq(row.n[FIGURE_DELIVERED], closed);
}

/* ---- the story ----------------------------------------------------------------------------- */

START_TEST(test_story)
{
	struct store_contact c;

	begin(false);
	expect(hear("I AM Ann"), "Hello Ann.");
	expect(hear("bath it leaks"), "van: #1 plumbing: it leaks (Ann " CUSTOMER ") | Thanks: #1.");
	expect(hear("hello?"), "Pardon?");			/* nobody talks yet */
	expect(agent(VAN, "#1 on my way"), "on my way");
	expect(hear("the key is under the mat"), "van: #1 the key is under the mat");
	expect(agent(VAN, "thank you"), "thank you");		/* shown within ten minutes */
	expect(hear("hours"), "8-18.");				/* an exact keyword alone */
	expect(hear("hours are fine"), "van: #1 hours are fine");
	expect(agent(VAN, "#1 note new seal"), "van: #1 noted.");
	expect(agent(VAN, "#list"), "van: #1 plumbing: it leaks (Ann " CUSTOMER ")");
	expect(agent(VAN, "#1"), "van: #1 plumbing: it leaks (Ann " CUSTOMER ")");
	expect(agent(VAN, "#1 close"), "#1 is done, Ann. | van: #1 is closed.");
	expect(hear("thanks"), "Pardon?");			/* the flow talks again */
	expect(agent(VAN, "#1 hello"), "van: No open ticket #1 of yours. #list shows them.");
	expect(agent(VAN, "#list"), "van: No open tickets.");
	expect(agent(VAN, "#help"), "van: #list shows your tickets. #7 TEXT texts the customer of #7; #7 note TEXT; "
	       "#7 close.");
	expect(agent(VAN, "hours"), "van: 8-18.");		/* with nothing open an agent is anybody */
	expect_figures("plumbing", 1, 1, 0, 1);
	ck_assert_int_ge(figures_of("plumbing").n[FIGURE_ANSWER_MS], 2000);
	ck_assert_int_lt(figures_of("plumbing").n[FIGURE_ANSWER_MS], MINUTE);
	ck_assert_int_eq(store_contact(w.store, 1, CUSTOMER, false, w.now.wall, &c), 0);
	ck_assert_str_eq(c.owner, "van");
	ck_assert(world_was_told(&w, "ticket.opened", "default#1"));
	ck_assert(world_was_told(&w, "ticket.answered", "default#1"));
	ck_assert(world_was_told(&w, "ticket.closed", "default#1"));
	world_close(&w);
}
END_TEST

START_TEST(test_second_adds)
{
	begin(false);
	hear("bath it leaks");
	expect(hear("bath badly"), "van: #1 plumbing: badly (" CUSTOMER ") | Thanks: #1.");
	agent(VAN, "#1 coming");
	expect(hear("care"), "van: #2 care: care (" CUSTOMER ") | Thanks: #2.");	/* another queue, another tag */
	expect_figures("plumbing", 1, 1, 0, 0);
	agent(VAN, "#1 close");
	expect(hear("bath again"), "van: #3 plumbing: again (" CUSTOMER ") | Thanks: #3.");
	world_close(&w);
}
END_TEST

START_TEST(test_owner_is_asked_first)
{
	begin(false);
	hear("care");
	agent(DESK, "#1 hello");
	agent(DESK, "#1 close");
	/* desk knows this customer: asked before the agents of the queue. */
	expect(hear("bath drip"), "desk: #2 plumbing: drip (" CUSTOMER ") | Thanks: #2.");
	expect(later(2 * MINUTE), "van: #2 plumbing: drip (" CUSTOMER ")");
	expect(hear_at(0, OTHER_CUSTOMER, "bath drop"), "van: #3 plumbing: drop (" OTHER_CUSTOMER ") | other: Thanks: #3.");
	world_close(&w);
}
END_TEST

START_TEST(test_escalation)
{
	begin(false);
	w.settings.alert.number = (char *)(uintptr_t)BOSS;
	expect(hear("bath it leaks"), "van: #1 plumbing: it leaks (" CUSTOMER ") | Thanks: #1.");
	expect(later(2 * MINUTE - 3000), "");
	expect(later(3000), "desk: #1 care: it leaks (" CUSTOMER ")");
	expect_figures("plumbing", 1, 0, 1, 0);
	expect(later(9 * MINUTE), "");
	/* The last has let it pass: who is called at night hears of it. */
	expect(later(2 * MINUTE), "boss: twoway: nobody takes ticket #1 (care) of default. See to it: twoway tickets.");
	expect(later(3 * DAY), "");
	/* A late one is as good. */
	expect(agent(VAN, "#1 sorry, on my way"), "sorry, on my way");
	ck_assert_str_eq(ticket(1).agent, "van");
	expect_figures("care", 0, 1, 0, 0);
	expect(agent(DESK, "#1 me too"), "desk: #1 was not sent: van has this ticket.");
	world_close(&w);
}
END_TEST

START_TEST(test_note_takes_it)
{
	begin(false);
	expect(hear("call me"), "van: #1 plumbing: call back (" CUSTOMER ") | We call: #1.");
	expect(later(3 * MINUTE), "");				/* its own `within` */
	expect(agent(VAN, "#1 note called, no answer"), "van: #1 noted.");
	expect(later(HOUR), "");
	expect(hear("hello"), "Pardon?");			/* but nobody talks with them */
	expect_figures("plumbing", 1, 1, 0, 0);
	world_close(&w);
}
END_TEST

START_TEST(test_hours)
{
	begin(false);
	/* The world begins on a Monday at nine in London. */
	expect(hear("day one"), "van: #1 day: one (" CUSTOMER ") | Thanks: #1.");
	expect(later(5 * MINUTE), "desk: #1 day: one (" CUSTOMER ")");
	agent(DESK, "#1 close");
	later(10 * HOUR);
	expect(hear("day two"), "Thanks: #2.");			/* in the evening nobody is told */
	expect(hear("day and three"), "Thanks: #2.");
	expect(later(12 * HOUR), "");
	expect(later(2 * HOUR), "van: #2 day: two; and three (" CUSTOMER ") | desk: #2 day: two; and three (" CUSTOMER ")");
	world_close(&w);
}
END_TEST

START_TEST(test_hours_between)
{
	begin(false);
	later(9 * HOUR - 3 * MINUTE);
	expect(hear("day late"), "van: #1 day: late (" CUSTOMER ") | Thanks: #1.");
	expect(later(HOUR), "");				/* desk is not told in the evening */
	expect(later(13 * HOUR + 5 * MINUTE), "desk: #1 day: late (" CUSTOMER ")");
	world_close(&w);
}
END_TEST

/* ---- who talks ----------------------------------------------------------------------------- */

START_TEST(test_silence)
{
	begin(false);
	hear("bath it leaks");
	agent(VAN, "#1 hello");
	later(20 * HOUR);
	expect(hear("are you there"), "van: #1 are you there");	/* a word begins the day anew */
	later(20 * HOUR);
	expect(hear("are you there"), "van: #1 are you there");
	later(DAY + MINUTE);
	expect(hear("are you there"), "Pardon?");
	expect(agent(VAN, "#1 yes"), "yes");			/* the ticket is open */
	expect(hear("good"), "van: #1 good");
	world_close(&w);
}
END_TEST

START_TEST(test_tag_or_list)
{
	begin(false);
	hear("bath one");
	agent(VAN, "#1 yes");
	hear_at(0, OTHER_CUSTOMER, "bath two");
	expect(agent(VAN, "#2 hello two"), "other: hello two");
	expect(agent(VAN, "without a tag"), "other: without a tag");
	hear("where");
	expect(agent(VAN, "here"), "here");			/* shown last */
	later(10 * MINUTE);
	expect(agent(VAN, "and where is it"), "van: #1 plumbing: one (" CUSTOMER ")\n#2 plumbing: two (" OTHER_CUSTOMER ")");
	/* The list shows none of them in particular. */
	expect(agent(VAN, "and where is it"), "van: #1 plumbing: one (" CUSTOMER ")\n#2 plumbing: two (" OTHER_CUSTOMER ")");
	expect(agent(VAN, "#2: soon"), "other: soon");
	expect(hear("#2 close"), "van: #1 #2 close");		/* a # from anybody else is text */
	expect(agent(DESK, "#1 close"), "desk: No open ticket #1 of yours. #list shows them.");
	expect(hear_at(0, "+447700900150", "#1 close"), "? Pardon?");
	ck_assert_int_eq(ticket(1).state, STORE_TICKET_ANSWERED);
	world_close(&w);
}
END_TEST

START_TEST(test_stop)
{
	begin(false);
	hear("bath it leaks");
	agent(VAN, "#1 hello");
	expect(hear("STOP"), "You will get no more messages from this number. Text START to undo this. STOP ALL "
	       "leaves everything on this number. | "
	       "van: #1: the customer has left (STOP). No text of yours goes to them any more.");
	expect(agent(VAN, "#1 still there?"), "van: #1 was not sent: the customer has left (STOP).");
	expect(hear("hello?"), "");				/* the talk is over, the ticket is not */
	expect(agent(VAN, "#1 close"), "van: #1 is closed.");	/* nothing that the clock starts */
	expect(hear("hello"), "");
	world_close(&w);
}
END_TEST

START_TEST(test_question_stays_open)
{
	begin(false);
	hear("rate");
	hear("bath it leaks");
	agent(VAN, "#1 hello");
	expect(hear("7"), "van: #1 7");				/* rule 5 goes before 6 */
	agent(VAN, "#1 close");
	expect(hear("7"), "Noted 7.");
	world_close(&w);
}
END_TEST

START_TEST(test_forward)
{
	begin(false);
	expect(hear("boss help me"), "boss: #1: boss help me (" CUSTOMER ")");
	expect(hear("please"), "boss: #1 please");
	expect(agent(BOSS, "what is it"), "what is it");
	later(3 * HOUR);
	expect(agent(BOSS, "still there?"), "still there?");	/* one alone needs no tag */
	hear_at(0, OTHER_CUSTOMER, "boss me too");
	later(3 * HOUR);
	expect(agent(BOSS, "which one"), "boss: #1: boss help me (" CUSTOMER ")\n#2: boss me too (" OTHER_CUSTOMER ")");
	expect(agent(BOSS, "#2 yes"), "other: yes");
	expect(agent(BOSS, "#2 close"), "boss: #2 is closed.");
	later(DAY);						/* silence ends a forward whole */
	ck_assert_int_eq(ticket(1).state, STORE_TICKET_CLOSED);
	expect(agent(BOSS, "hours"), "boss: 8-18.");
	expect(hear("ask van how"), "van: #3: ask van how (" CUSTOMER ")");
	expect(agent(VAN, "like so"), "like so");
	expect(hear_at(0, BOSS, "boss"), "");			/* to oneself: refused */
	world_close(&w);
}
END_TEST

/* Loops and limits are for machines: an agent says the same again and again, and is heard. */
START_TEST(test_no_limits_for_agents)
{
	begin(false);
	w.settings.auto_reply_limit = 3;
	world_reload(&w);
	hear("bath it leaks");
	for (int i = 0; i < 8; i++)
		expect(agent(VAN, "#1 I am standing in front of your door"), "I am standing in front of your door");
	for (int i = 0; i < 8; i++) {
		char text[40];

		snprintf(text, sizeof(text), "coming %d", i);
		expect(hear(text), (snprintf(text, sizeof(text), "van: #1 coming %d", i), text));
	}
	for (int i = 0; i < 5; i++)
		expect(agent(VAN, "#list"), "van: #1 plumbing: it leaks (" CUSTOMER ")");
	/* A machine in the customer's place ends all the same. */
	for (int i = 0; i < 3; i++)
		expect(hear("I am driving and will answer later."), "van: #1 I am driving and will answer later.");
	expect(hear("I am driving and will answer later."), "");
	world_close(&w);
}
END_TEST

/* ---- long numbers -------------------------------------------------------------------------- */

static int modem_of_last(void)
{
	return w.bank->sends[w.bank->n_sends - 1].modem;
}

START_TEST(test_own_number)
{
	begin(false);
	hear("bath one");
	ck_assert_int_eq(w.bank->sends[0].modem, 0);		/* the alert, by the number texted */
	agent(VAN, "#1 hello");
	expect(hear("hi"), "van: #1 hi");
	ck_assert_int_eq(modem_of_last(), 1);			/* the pair's own number */
	later(HOUR);
	expect(hear_at(1, VAN, "no tag needed"), "no tag needed");
	ck_assert_int_eq(modem_of_last(), 0);			/* the customer sees the number they texted */
	/* A second customer: the first number stays for alerts, so this pair uses tags. */
	hear_at(1, OTHER_CUSTOMER, "bath two");
	ck_assert_int_eq(w.bank->sends[w.bank->n_sends - 2].modem, 0);
	expect(agent(VAN, "#2 hello"), "other: hello");
	ck_assert_int_eq(modem_of_last(), 1);			/* two's number is the second */
	expect(hear_at(1, OTHER_CUSTOMER, "hi"), "van: #2 hi");
	ck_assert_int_eq(modem_of_last(), 0);
	expect(hear_at(1, VAN, "to one"), "to one");		/* its own number, whatever was shown last */
	expect(hear_at(0, VAN, "to two"), "other: to two");
	agent(VAN, "#1 close");
	ck_assert_int_eq(ticket(1).own_line, 0);
	world_close(&w);
}
END_TEST

START_TEST(test_own_number_is_given_up)
{
	begin(false);
	hear("bath one");
	agent(VAN, "#1 hello");
	ck_assert_int_ne(ticket(1).own_line, 0);
	fake_unplug(w.bank, 0);
	world_turn(&w);
	/* The only number that is left belongs to the pair: it is nobody's own any more. */
	expect(hear_at(1, OTHER_CUSTOMER, "bath two"), "van: #2 plumbing: two (" OTHER_CUSTOMER ") | other: Thanks: #2.");
	ck_assert_int_eq(ticket(1).own_line, 0);
	expect(hear_at(1, VAN, "on my way"), "other: on my way");
	world_close(&w);
}
END_TEST

/* ---- mail, webhook, programs --------------------------------------------------------------- */

static char mail_server[] = "smtp://localhost:25";

START_TEST(test_mail_and_webhook)
{
	struct fake_call *c;

	begin(false);
	w.settings.mail.server = mail_server;
	expect(hear("web \"help\""), "");
	for (int i = 0; i < 2; i++) {
		c = fake_hook_open(&w.outside);
		ck_assert_ptr_nonnull(c);
		if (c->kind == HOOK_MAIL) {
			ck_assert_str_eq(c->url, "web@example.org");
			ck_assert_ptr_nonnull(strstr(c->body, "#1 desk: help\" (" CUSTOMER ")"));
		} else {
			ck_assert_int_eq(c->kind, HOOK_EVENT);
			ck_assert_str_eq(c->url, "https://desk.example/t");
			ck_assert_ptr_nonnull(strstr(c->body, "\"type\":\"ticket.alert\""));
			ck_assert_ptr_nonnull(strstr(c->body, "\"tag\":1,\"queue\":\"desk\",\"agent\":\"web\""));
			ck_assert_ptr_nonnull(strstr(c->body, "help\\\""));
		}
		fake_hook_answer(&w.outside, c, 200, "text/plain", "");
		world_turn(&w);
	}
	ck_assert_ptr_null(fake_hook_open(&w.outside));
	expect(later(3 * MINUTE), "van: #1 desk: help\" (" CUSTOMER ")");
	world_close(&w);
}
END_TEST

static int act(int64_t tag, enum exchange_ticket_act what, const char *text)
{
	struct exchange_refusal e;
	int r = exchange_ticket_act(w.x, "default", tag, what, text, "anna", w.now, &e);

	world_turn(&w);
	return r < 0 ? e.status : 200;
}

/* The next thing that leaves for other programs, as "kind url: body". */
static const char *leaves(void)
{
	static char out[2048];
	struct fake_call *c = fake_hook_open(&w.outside);

	if (!c)
		return "";
	snprintf(out, sizeof(out), "%s %s: %s", c->kind == HOOK_MAIL ? "mail" : "webhook", c->url, c->body);
	fake_hook_answer(&w.outside, c, 200, "text/plain", "");
	world_turn(&w);
	return out;
}

/* Of two, in whatever order, both hold their text. */
static void both_leave(const char *mail, const char *type, const char *webhook)
{
	for (int i = 0; i < 2; i++) {
		const char *got = leaves();

		if (!strncmp(got, "mail web@example.org: ", 22))
			ck_assert_msg(strstr(got, mail) != NULL, "%s: %s", mail, got);
		else
			ck_assert_msg(!strncmp(got, "webhook https://desk.example/t: ", 32) && strstr(got, type) &&
				      strstr(got, webhook), "%s: %s", webhook, got);
	}
	expect(leaves(), "");
}

/* Who has no number hears of everything by mail and webhook, and answers by the command or the API: the
 * ticket stays theirs. */
START_TEST(test_agent_without_number)
{
	struct store_contact c;

	begin(false);
	w.settings.mail.server = mail_server;
	hear("web help");
	both_leave("#1 desk: help (" CUSTOMER ")", "ticket.alert", "\"about\":\"help\"");
	ck_assert_int_eq(act(1, TICKET_ANSWER, "We look at it."), 200);
	expect(flush(), "We look at it.");
	ck_assert_str_eq(ticket(1).agent, "web");
	ck_assert_int_eq(ticket(1).state, STORE_TICKET_ANSWERED);
	ck_assert_int_eq(store_contact(w.store, 1, CUSTOMER, false, w.now.wall, &c), 0);
	ck_assert_str_eq(c.owner, "web");
	expect(later(HOUR), "");			/* nobody else is told */
	expect(hear("it still \"drips\""), "");
	both_leave("#1 it still \"drips\"\n", "\"ticket.text\"", "\"about\":\"it still \\\"drips\\\"\"");
	hear("STOP");
	both_leave("#1: the customer has left (STOP).", "\"ticket.left\"", "has left (STOP)");
	world_close(&w);
}
END_TEST

/* A text is forwarded by what the agent has; a second one to the same ticket. */
START_TEST(test_forward_without_number)
{
	begin(false);
	world_reflow(&w, "agents = ( { name = \"web\"; email = \"web@example.org\"; } );"
		     "otherwise = \"Pardon?\"; keywords = ( { match = \"ASK WEB\"; forward = \"web\"; } );");
	expect(hear("ask web where are you"), "");	/* no mail server: nobody can be told */
	ck_assert_ptr_null(fake_hook_open(&w.outside));
	w.settings.mail.server = mail_server;
	world_reload(&w);
	hear("ask web where are you");
	const char *got = leaves();

	ck_assert_msg(!strncmp(got, "mail web@example.org: #1: ask web where are you (" CUSTOMER ")", 60), "%s", got);
	ck_assert_ptr_nonnull(strstr(got, "twoway tickets answer 1 "));
	hear("hello?");
	got = leaves();
	ck_assert_msg(!strncmp(got, "mail web@example.org: #1 hello?", 31), "%s", got);
	ck_assert_int_eq(act(1, TICKET_ANSWER, "In the mill."), 200);
	expect(flush(), "In the mill.");
	ck_assert_int_eq(act(1, TICKET_CLOSE, ""), 200);
	expect(hear("thanks"), "Pardon?");
	world_close(&w);
}
END_TEST

/* In the agent's language, else the account's; as the account's files say it. */
START_TEST(test_language)
{
	begin(false);
	world_reflow(&w, "agents = ( { name = \"van\"; number = \"" VAN "\"; language = \"de\"; }, "
		     "{ name = \"desk\"; number = \"" DESK "\"; } ); "
		     "queues = ( { name = \"q\"; agents = [ \"van\", \"desk\" ]; within = \"2m\"; } ); "
		     "texts = { agent_noted = \"{ticket}: kept\"; };"
		     "keywords = ( { match = \"BATH\"; callback = \"q\"; } );");
	expect(hear("bath"), "van: #1 q: call back (" CUSTOMER ")");
	expect(agent(VAN, "#9"), "van: Sie haben kein offenes Ticket #9. #list zeigt Ihre Tickets.");
	expect(agent(DESK, "#9"), "desk: No open ticket #9 of yours. #list shows them.");
	expect(agent(VAN, "#1 note"), "van: #1 note: Schreiben Sie die Notiz dahinter.");
	expect(agent(VAN, "#1 note a leak"), "van: #1: kept");
	expect(agent(DESK, "#1 hello"), "desk: #1 was not sent: van has this ticket.");
	hear("STOP");
	expect(agent(VAN, "#1 coming"), "van: #1 wurde nicht gesendet: der Kunde hat sich abgemeldet (STOP).");
	expect(agent(VAN, "#1 close"), "van: #1 ist erledigt.");
	expect(agent(VAN, "#list"), "van: Keine offenen Tickets.");
	world_close(&w);
}
END_TEST

START_TEST(test_programs)
{
	struct ticket t;

	begin(false);
	hear("bath it leaks");
	ck_assert_int_eq(act(2, TICKET_CLOSE, ""), 404);
	ck_assert_int_eq(act(1, TICKET_NOTE, ""), 400);
	ck_assert_int_eq(act(1, TICKET_ASSIGN, "nobody"), 404);
	ck_assert_int_eq(act(1, TICKET_ASSIGN, "desk"), 200);
	expect(flush(), "desk: #1 plumbing: it leaks (" CUSTOMER ")");
	ck_assert_int_eq(act(1, TICKET_ANSWER, "We are on our way."), 200);
	expect(flush(), "We are on our way.");
	ck_assert_str_eq(ticket(1).agent, "anna");
	expect(hear("good"), "");				/* for anna, who has no number */
	ck_assert_int_eq(act(1, TICKET_CLOSE, ""), 200);
	expect(flush(), "#1 is done, friend.");
	ck_assert_int_eq(act(1, TICKET_CLOSE, ""), 409);
	ck_assert_int_eq(exchange_ticket(w.x, "default", 1, &t), 0);
	ck_assert_str_eq(t.number, CUSTOMER);
	ck_assert_int_eq(t.state, STORE_TICKET_CLOSED);
	ck_assert_uint_eq(t.n_events, 7);
	ck_assert_str_eq(t.events[4].kind, "said");
	ck_assert_str_eq(t.events[4].who, "anna");
	ck_assert_str_eq(t.events[4].text, "We are on our way.");
	ticket_done(&t);
	hear("bath again");
	hear("STOP");
	ck_assert_int_eq(act(2, TICKET_ANSWER, "hello"), 403);
	world_close(&w);
}
END_TEST

static void note_conversation(void *ctx, struct conversation *c)
{
	struct tw_buf *out = ctx;

	tw_buf_addf(out, "%s%s%s%s", out->n ? " | " : "", name_of(c->number), c->person ? c->person : "-",
		    c->is_asked ? " asked" : "");
	conversation_done(c);
}

static int take(const char *number, bool takes, const char *who)
{
	struct exchange_refusal e;
	int r = exchange_conversation_take(w.x, "default", number, takes, who, w.now, &e);

	world_turn(&w);
	return r < 0 ? e.status : 200;
}

START_TEST(test_take_over)
{
	struct exchange_refusal e;
	struct conversation c;
	struct message m;
	struct tw_buf list = { 0 };
	int64_t before = 0;
	bool is_over;

	begin(false);
	hear("rate");
	hear_at(0, OTHER_CUSTOMER, "hours");
	ck_assert_int_eq(take("+447700900999", true, "anna"), 404);
	ck_assert_int_eq(take(CUSTOMER, false, "anna"), 409);
	ck_assert_int_lt(exchange_conversation_say(w.x, "default", CUSTOMER, "hi", w.now, &m, &e), 0);
	ck_assert_int_eq(e.status, 409);
	ck_assert_int_eq(take(CUSTOMER, true, "anna"), 200);
	ck_assert_int_eq(take(CUSTOMER, true, "ben"), 409);
	ck_assert(world_was_told(&w, "conversation.taken", CUSTOMER));
	expect(hear("hours"), "");				/* keywords stand back too */
	expect(hear("7"), "");
	ck_assert_int_eq(exchange_conversation_say(w.x, "default", CUSTOMER, "Hi, Anna here.", w.now, &m, &e), 0);
	message_done(&m);
	expect(flush(), "Hi, Anna here.");
	ck_assert_int_eq(exchange_conversation(w.x, "default", CUSTOMER, &c), 0);
	ck_assert_str_eq(c.person, "anna");
	ck_assert_int_eq(c.person_kind, STORE_PERSON_TAKEN);
	ck_assert(c.is_asked);
	ck_assert_str_eq(c.text, "Hi, Anna here.");
	conversation_done(&c);
	ck_assert_int_eq(exchange_conversations(w.x, NULL, &before, 10, &is_over, note_conversation, &list), 2);
	ck_assert_str_eq(tw_buf_str(&list), "anna asked | other: -");
	ck_assert(is_over);
	tw_buf_done(&list);
	ck_assert_int_eq(take(CUSTOMER, false, "anna"), 200);
	expect(hear("7"), "Noted 7.");				/* the question stayed open */
	/* An agent who answers meanwhile does not end it; a day of silence does. */
	hear("bath it leaks");
	take(CUSTOMER, true, "anna");
	expect(agent(VAN, "#1 on my way"), "on my way");
	expect(hear("which of you"), "");
	later(DAY + MINUTE);
	expect(hear("hours"), "8-18.");
	world_close(&w);
}
END_TEST

/* ---- long texts, strange texts ------------------------------------------------------------- */

START_TEST(test_any_text)
{
	char text[140];

	begin(false);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (int i = 1; i <= 9; i++) {
		memcpy(text, i == 1 ? "bath " : "xxxxx", 5);
		fake_part(w.bank, 0, CUSTOMER, text, w.now.wall, 7, 9, i);
		world_turn(&w);
	}
	flush();
	ck_assert_str_eq(w.bank->sends[0].pdu.address.text, VAN);
	ck_assert_int_eq(strncmp(w.bank->sends[0].text, "#1 plumbing: xxxxx", 18), 0);
	expect(agent(VAN, "#1 {name} \"quoted\" ' -- <b>"), "{name} \"quoted\" ' -- <b>");
	const char *shown = agent(VAN, "#1"), *end = "... (" CUSTOMER ")";

	ck_assert_int_eq(strncmp(shown, "van: #1 plumbing: xxxxx", 23), 0);
	ck_assert_str_eq(shown + strlen(shown) - strlen(end), end);	/* the number is never cut */
	ck_assert_uint_lt(strlen(shown), 600);
	expect(agent(VAN, "#99999999999999999999 x"), "van: No open ticket #9223372036854775807 of yours. #list shows them.");
	expect(agent(VAN, "#1x"), "van: #list shows your tickets. #7 TEXT texts the customer of #7; #7 note TEXT; #7 close.");
	expect(agent(VAN, "#1 note"), "van: #1 note: write the note behind it.");
	expect(agent(VAN, "#1 CLOSE "), "#1 is done, friend. | van: #1 is closed.");
	expect(agent(VAN, "#"), "van: #list shows your tickets. #7 TEXT texts the customer of #7; #7 note TEXT; #7 close.");
	world_close(&w);
}
END_TEST

/* The first part of what an agent writes begins with a keyword: it is waited for, and goes to the customer. */
START_TEST(test_long_text_of_an_agent)
{
	begin(false);
	hear("bath it leaks");
	fake_part(w.bank, 0, VAN, "hours, and then ", w.now.wall, 9, 2, 1);
	world_turn(&w);
	expect(flush(), "");
	fake_part(w.bank, 0, VAN, "some more of them", w.now.wall, 9, 2, 2);
	world_turn(&w);
	expect(flush(), "hours, and then some more of them");
	world_close(&w);
}
END_TEST

START_TEST(test_erased)
{
	struct store_contact c;

	begin(false);
	hear("bath it leaks");
	agent(VAN, "#1 hello");
	ck_assert_int_gt(exchange_contact_erase(w.x, "default", CUSTOMER, "test", w.now), 0);
	world_turn(&w);
	flush();
	expect(agent(VAN, "#1 hello"), "van: No open ticket #1 of yours. #list shows them.");
	ck_assert_int_eq(store_contact(w.store, 1, CUSTOMER, false, w.now.wall, &c), TW_E_UNKNOWN);
	world_close(&w);
}
END_TEST

/* ---- reload -------------------------------------------------------------------------------- */

START_TEST(test_reload)
{
	begin(false);
	hear("bath it leaks");
	agent(VAN, "#1 hello");
	hear_at(0, OTHER_CUSTOMER, "bath two");
	world_reflow(&w, "otherwise = \"Pardon?\";");
	/* Nobody is declared any more: who has a ticket goes on, what waits needs a person. */
	expect(hear("hi"), "van: #1 hi");
	expect(agent(VAN, "#1 yes"), "yes");
	later(3 * MINUTE);
	ck_assert_int_eq(ticket(2).due_at.ms, 0);
	expect(agent(VAN, "#1 close"), "van: #1 is closed.");
	world_close(&w);
}
END_TEST

/* ---- crashes and faults -------------------------------------------------------------------- */

enum { STEPS = 7 };
static const struct { const char *from, *text; int64_t wait; } steps[STEPS] = {
	{ CUSTOMER, "bath it leaks", 1000 },
	{ NULL, NULL, 2 * MINUTE },			/* escalated */
	{ DESK, "#1 hello there", 1000 },
	{ CUSTOMER, "good morning", 1000 },
	{ DESK, "#1 note tall", 1000 },
	{ DESK, "#1 close", 1000 },
	{ CUSTOMER, "thank you", 1000 },
};
static const struct { const char *text; } once[] = {
	{ "#1 plumbing: it leaks (" CUSTOMER ")" }, { "Thanks: #1." }, { "#1 care: it leaks (" CUSTOMER ")" },
	{ "hello there" }, { "#1 good morning" }, { "#1 noted." }, { "#1 is closed." },
	{ "#1 is done, friend." }, { "Pardon?" },
};

static void move(int64_t ms)
{
	for (int i = 0; i < 6; i++) {
		for (int k = 0; k < 2; k++) {
			if (fake_sending(w.bank, k))
				fake_sent(w.bank, k);
			if (fake_on_sim(w.bank, k))
				fake_read_again(w.bank, k);
		}
		world_turn(&w);
		world_wait(&w, i < 4 ? 1500 : ms / 2);
	}
}

static void tell(int crash_at, int crash_when)
{
	for (int i = 0; i < STEPS; i++) {
		if (steps[i].from)
			fake_text(w.bank, 0, steps[i].from, steps[i].text, w.now.wall);
		if (i == crash_at && crash_when == 0)
			world_crash(&w);
		world_turn(&w);
		if (i == crash_at && crash_when == 1)
			world_crash(&w);
		move(steps[i].wait);
		if (i == crash_at && crash_when == 2)
			world_crash(&w);
	}
	move(5 * MINUTE);
}

struct tally { const char *text; int n, flagged; };

static void add_up(void *ctx, struct message *m)
{
	struct tally *t = ctx;

	if (m->direction == OUTBOUND && m->text && strcmp(m->text, t->text) == 0) {
		t->n++;
		t->flagged += m->in_doubt || m->repeated;
	}
	message_done(m);
}

static void check_end(const char *how, int nth)
{
	struct exchange_query q = { .state = -1, .direction = -1 };

	world_inject(&w, 0, 0, false);
	for (size_t i = 0; i < TW_COUNT(once); i++) {
		struct tally t = { .text = once[i].text };
		int sent = 0;

		ck_assert_int_ge(exchange_messages(w.x, &q, add_up, &t), 0);
		tw_auto(tw_free_charp) char *list = world_list(&w, 0);

		for (size_t k = 0; k < w.bank->n_sends; k++)
			sent += w.bank->sends[k].accepted && strcmp(w.bank->sends[k].text, t.text) == 0;
		ck_assert_msg(t.n == 1, "%s %d: \"%s\" is %d messages\n%s", how, nth, t.text, t.n, list);
		ck_assert_msg(sent == 1 || (sent > 1 && t.flagged), "%s %d: \"%s\" went out %d times\n%s", how,
			      nth, t.text, sent, list);
	}
	expect_figures("plumbing", 1, 0, 1, 0);
	expect_figures("care", 0, 1, 0, 1);
	ck_assert_int_eq(ticket(1).state, STORE_TICKET_CLOSED);
}

START_TEST(test_crash_anywhere)
{
	begin(true);
	tell(_i / 3, _i % 3);
	check_end("crash", _i);
	world_close(&w);
}
END_TEST

/* Statements fail, as a full disk would have it, every fifth of them; then each COMMIT. */
static bool fault(int nth, int code, bool only_commits)
{
	bool struck;

	begin(false);
	world_inject(&w, nth, code, only_commits);
	tell(-1, 0);
	struck = store_inject_left(w.store) == 0;
	check_end(only_commits ? "commit" : "statement", nth);
	world_close(&w);
	return struck;
}

START_TEST(test_statements_fail)
{
	int nth = 1 + 5 * _i;

	while (fault(nth, _i % 2 ? SQLITE_FULL : SQLITE_IOERR, false))
		nth += 20;
	ck_assert_int_gt(nth, 100);
}
END_TEST

START_TEST(test_each_commit_fails)
{
	int nth = 1;

	while (fault(nth, SQLITE_FULL, true))
		nth++;
	ck_assert_int_gt(nth, 10);
}
END_TEST

static void add(TCase *t)
{
	tcase_set_timeout(t, 300);
	tcase_add_test(t, test_story);
	tcase_add_test(t, test_second_adds);
	tcase_add_test(t, test_owner_is_asked_first);
	tcase_add_test(t, test_escalation);
	tcase_add_test(t, test_note_takes_it);
	tcase_add_test(t, test_hours);
	tcase_add_test(t, test_hours_between);
	tcase_add_test(t, test_silence);
	tcase_add_test(t, test_tag_or_list);
	tcase_add_test(t, test_stop);
	tcase_add_test(t, test_question_stays_open);
	tcase_add_test(t, test_forward);
	tcase_add_test(t, test_no_limits_for_agents);
	tcase_add_test(t, test_own_number);
	tcase_add_test(t, test_own_number_is_given_up);
	tcase_add_test(t, test_mail_and_webhook);
	tcase_add_test(t, test_agent_without_number);
	tcase_add_test(t, test_forward_without_number);
	tcase_add_test(t, test_language);
	tcase_add_test(t, test_programs);
	tcase_add_test(t, test_take_over);
	tcase_add_test(t, test_any_text);
	tcase_add_test(t, test_long_text_of_an_agent);
	tcase_add_test(t, test_erased);
	tcase_add_test(t, test_reload);
	tcase_add_loop_test(t, test_crash_anywhere, 0, 3 * STEPS);
	tcase_add_loop_test(t, test_statements_fail, 0, 4);
	tcase_add_test(t, test_each_commit_fails);
}

int main(void)
{
	return world_main("exchange_tickets", add);
}
