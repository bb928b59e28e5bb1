/* Steps as they run: what each leads to, what waits, and what an answer does. */
#include "run.h"

#include "flow_kit.h"

static void setup(void)
{
	kit_n_values = kit_n_facts = kit_n_results = 0;
	kit_is_known = kit_stands = false;
	kit_open();
}

START_TEST(test_branches)
{
	kit_expect("fields = ( { name = \"nps\"; type = \"integer\"; } );"
		   "keywords = ( { match = \"GO\"; do = ( { when = \"new\"; reply = \"Welcome\"; },"
		   "{ when = \"known\"; reply = \"Again\"; }, { when = \"nps <= 6\"; do = ( \"low\", { tag = "
		   "\"sad\"; } ); }, { when = \"nps > 6\"; reply = \"high\"; },"
		   "{ when = \"tag('sad')\"; reply = \"sad\"; } ); } );");
	expect_say("go", "TAKEN default GO | REPLY default Welcome");
	kit_is_known = true;
	kit_set("nps", "6");
	expect_say("go", "TAKEN default GO | REPLY default Again | REPLY default low | TAG default sad | "
		   "REPLY default sad");
	kit_set("nps", "10");	/* as a number: "10" is less than "6" as a text */
	kit_has(FLOW_HAS_TAG, "sad", false);
	expect_say("go", "TAKEN default GO | REPLY default Again | REPLY default high");
}
END_TEST

static const struct { const char *expression; bool is_true; } condition_rows[] = {
	{ "1", true }, { "0", false }, { "NULL", false }, { "nps", false }, { "nps IS NULL", true },
	{ "number = '+447700900123'", true }, { "country = 'GB'", true },
	{ "args = 'it''s {name}'", true }, { "text LIKE 'when it%'", true }, { "keyword = 'WHEN'", true },
	{ "hour = 12 AND weekday = 1", true }, { "today = '2026-05-04'", true },
	{ "now < '2026-05-04 12:01'", true }, { "long_number = '+447700900001'", true },
	{ "date('now') = '2026-05-04'", true }, { "strftime('%H', 'now') = '11'", true },
	{ "length(args) BETWEEN 5 AND 20", true }, { "instr(args, 'it') = 1", true },
	{ "CAST('5' AS integer) = 5", true }, { "CASE WHEN hour > 3 THEN 1 ELSE 0 END", true },
	{ "language IS NULL", true }, { "iif(new, 1, 0)", true }, { "TRUE", true },
	{ "voucher IS NULL AND redeemed IS NULL AND pledge IS NULL", true }, { "2.5 > 2", true },
	{ "replace(replace(replace(args,'i','iiiiiiiiiiiiiiiiiiii'),'i','iiiiiiiiiiiiiiiiiiiiiiiiiiii'),'i',"
	  "'iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"
	  "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii') <> ''", false },
};

START_TEST(test_condition)
{
	char flow[2048];

	snprintf(flow, sizeof(flow), "fields = ( { name = \"nps\"; type = \"integer\"; } ); keywords = ( { "
		 "match = \"WHEN\"; do = ( { when = \"%s\"; reply = \"yes\"; } ); } );",
		 condition_rows[_i].expression);
	kit_expect(flow);
	ck_assert_msg(!strcmp(kit_say("when it's {name}"), condition_rows[_i].is_true ?
			      "TAKEN default WHEN | REPLY default yes" : "TAKEN default WHEN"), "%s: %s",
		      condition_rows[_i].expression, kit_out);
}
END_TEST

START_TEST(test_condition_offset)
{
	ck_assert(!kit_load("keywords = ( { match = \"A\"; when = \"hour > 3 AND huor < 5\"; reply = \"x\"; } );"));
	ck_assert_int_eq(findings.v[0].offset, 13);
	ck_assert(!kit_load("keywords = ( { match = \"A\"; when = \"hour > 3 AND AND\"; reply = \"x\"; } );"));
	ck_assert_int_eq(findings.v[0].offset, 13);
}
END_TEST

/* A keyword that does not apply lets the text go on. */
START_TEST(test_keyword_when)
{
	kit_expect("keywords = ( { match = \"A\"; when = \"known\"; reply = \"back\"; }, { match = \"A\"; reply = "
		   "\"first\"; } );");
	expect_say("a", "TAKEN default A | REPLY default first");
	kit_is_known = true;
	expect_say("a", "TAKEN default A | REPLY default back");
}
END_TEST

#define RATE "fields = ( { name = \"nps\"; type = \"integer\"; } ); ended = \"Bye.\"; " \
	"otherwise = \"What?\"; keywords = ( { match = \"HOURS\"; reply = \"8-18\"; }, { match = \"RATE\"; do = ( " \
	"{ ask = \"0 to 10?\"; save = \"nps\"; expect = \"0..10\"; again = \"A number, please.\"; tries = 2; " \
	"within = \"3d\"; }, { when = \"nps <= 6\"; reply = \"Sorry, {keyword} {args}\"; }, { reply = " \
	"\"Thanks: {nps}\"; } ); } );"

START_TEST(test_ask)
{
	kit_expect(RATE);
	expect_say("rate us", "TAKEN default RATE | REPLY default 0 to 10? | KEEP asking");
	expect_say("٣", " | SET default nps 3 | REPLY default Sorry, RATE us | REPLY default Thanks: 3" + 3);
	ck_assert(!kit_stands);
	expect_say("3", "UNTAKEN default | REPLY default What?");
	kit_say("rate");
	expect_say("eleven", "REPLY default A number, please. | KEEP asking");
	expect_say("11", "REPLY default Bye.");	/* the second of two */
	ck_assert(!kit_stands);
}
END_TEST

START_TEST(test_ask_order)
{
	kit_expect(RATE);
	kit_say("rate");
	expect_say("hours", "TAKEN default HOURS | REPLY default 8-18");
	kit_stands = true;		/* it stays open */
	expect_say("hours please", "TAKEN default HOURS | REPLY default 8-18");
	kit_stands = true;
	expect_say("10", "SET default nps 10 | REPLY default Thanks: 10");
}
END_TEST

/* What the question takes is its own, though a keyword looks like it. */
START_TEST(test_ask_policy)
{
	static const struct { const char *policy, *says; } rows[] = {
		{ "", "SET default name hours | REPLY default ok" },
		{ "keywords = \"auto\";", "SET default name hours | REPLY default ok" },
		{ "keywords = \"wait\";", "SET default name hours | REPLY default ok" },
		{ "keywords = \"win\";", "TAKEN default HOURS | REPLY default 8-18" },
	};
	char flow[512];

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		snprintf(flow, sizeof(flow), "keywords = ( { match = \"HOURS\"; reply = \"8-18\"; }, { match = "
			 "\"NAME\"; do = ( { ask = \"Who?\"; save = \"name\"; %s }, \"ok\" ); } );",
			 rows[i].policy);
		kit_expect(flow);
		kit_say("name");
		expect_say("hours", rows[i].says);
	}
	kit_expect("keywords = ( { match = \"HOURS\"; reply = \"8-18\"; }, { match = \"N\"; do = ( { ask = \"n?\"; "
		   "expect = \"number\"; keywords = \"wait\"; } ); } );");
	kit_say("n");
	expect_say("hours", "REPLY default n? | KEEP asking");
}
END_TEST

START_TEST(test_ask_clock)
{
	kit_expect("keywords = ( { match = \"A\"; do = ( { ask = \"a?\"; no_answer = ( { reply = \"Never mind, "
		   "{args}.\"; }, { go = \"end\"; } ); }, { reply = \"Answered\"; label = \"end\"; } ); },"
		   "{ match = \"B\"; do = ( { ask = \"b?\"; }, \"Answered\" ); } );");
	kit_say("a Bob");
	ck_assert_int_eq(kit_place.until.ms - event.now.ms, 24 * 3600 * 1000);
	ck_assert_str_eq(kit_clock(), "REPLY default Never mind, Bob. | REPLY default Answered");
	kit_say("b");
	ck_assert_str_eq(kit_clock(), "");
	ck_assert(!kit_stands);
}
END_TEST

START_TEST(test_wait)
{
	kit_expect("keywords = ( { match = \"A\"; do = ( \"one\", { wait = \"2d\"; }, \"two {args}\", { wait = \"1d\"; }, "
		   "\"three\" ); } );");
	expect_say("a big {b}", "TAKEN default A | REPLY default one | KEEP waiting");
	ck_assert_int_eq(kit_place.until.ms - event.now.ms, 48 * 3600 * 1000);
	ck_assert_str_eq(kit_clock(), "REPLY default two big {b} | KEEP waiting");
	ck_assert_str_eq(kit_clock(), "REPLY default three");
}
END_TEST

static const struct { const char *expect, *text, *saved; } expect_rows[] = {
	{ "\"0..10\"", "7", "7" }, { "\"0..10\"", " 7. ", "7" }, { "\"0..10\"", "11", NULL },
	{ "\"0..10\"", "7.5", NULL }, { "\"0..10\"", "-1", NULL }, { "\"0..10\"", "７", "7" },
	{ "\"0..10\"", "7\uFE0F\u20E3", "7" }, { "\"0..10\"", "1\uFE0F\u20E30\uFE0F\u20E3", "10" },
	{ "\"0..10\"", " \"8\"! ", "8" }, { "\"0..10\"", "\u20E3", NULL }, { "\"0..10\"", "\"\"", NULL },
	{ "\"0..10\"", "seven", NULL }, { "\"0.5..1.5\"", "1,25", "1.25" }, { "\"-5..5\"", "-3", "-3" },
	{ "\"number\"", "12,5", "12.5" }, { "\"number\"", "1e9", NULL }, { "\"number\"", "", NULL },
	{ "\"number\"", "0x10", NULL }, { "\"number\"", "99999999999999999999999999999999999999999", NULL },
	{ "[ \"Small\", \"Très grand\" ]", "TRES  GRAND!", "Très grand" }, { "[ \"Small\", \"L\" ]", "big", NULL },
	{ "\"yes/no\"", "Yes please", "yes" }, { "\"yes/no\"", "nope", "no" }, { "\"yes/no\"", "maybe", NULL },
	{ "\"text\"", "  {name} '; DROP  ", "{name} '; DROP" }, { "\"text\"", "   ", NULL },
	{ "\"text\"", "👍", "👍" },
	{ "\"date\"", "2026-12-24", "2026-12-24" }, { "\"date\"", "4.5.2027", "2027-05-04" },
	{ "\"date\"", "4/5", "2026-05-04" }, { "\"date\"", "3/5", "2027-05-03" }, { "\"date\"", "29/2", "2028-02-29" },
	{ "\"date\"", "2026-02-30", NULL }, { "\"date\"", "31.4.2026", NULL }, { "\"date\"", "tomorrow", NULL },
	{ "\"email\"", "Ann@Example.org.", "Ann@Example.org" }, { "\"email\"", "ann@org", NULL },
	{ "\"email\"", "a b@example.org", NULL }, { "\"email\"", "a@b@example.org", NULL },
	{ "\"email\"", "a@example.org\rBcc: x", NULL },
	{ "\"/[a-z]{2}[0-9]{3}/\"", "AB123", "AB123" }, { "\"/[a-z]{2}[0-9]{3}/\"", "xAB123", NULL },
	{ "\"/a|b/\"", "ab", NULL },
};

START_TEST(test_expect)
{
	char flow[512], says[512];

	snprintf(flow, sizeof(flow), "fields = ( { name = \"it\"; } ); keywords = ( { match = \"ASK ME\"; do = ( { ask = "
		 "\"?\"; save = \"it\"; expect = %s; } ); } );", expect_rows[_i].expect);
	kit_expect(flow);
	kit_say("ask me");
	snprintf(says, sizeof(says), "SET default it %s", expect_rows[_i].saved ? expect_rows[_i].saved : "");
	ck_assert_msg(!strcmp(kit_say(expect_rows[_i].text), expect_rows[_i].saved ? says :
			      "REPLY default ? | KEEP asking"), "%s %s: %s", expect_rows[_i].expect,
		      expect_rows[_i].text, kit_out);
}
END_TEST

/* The month first for those who write from +1; yes in the words of the contact's language. */
START_TEST(test_expect_where)
{
	kit_expect("fields = ( { name = \"it\"; } ); keywords = ( { match = \"D\"; do = ( { ask = \"?\"; save = \"it\"; "
		   "expect = \"date\"; } ); }, { match = \"YN\"; do = ( { ask = \"?\"; save = \"it\"; expect = "
		   "\"yes/no\"; } ); } );");
	event.from = "+12025550123";
	kit_say("d");
	expect_say("6/5", "SET default it 2026-06-05");
	kit_say("yn");
	expect_say("ja", "REPLY default ? | KEEP asking");
	kit_set("language", "de");
	expect_say("Ja!", "SET default it yes");
}
END_TEST

START_TEST(test_fields)
{
	kit_expect("fields = ( { name = \"visits\"; type = \"integer\"; }, { name = \"member\"; type = \"boolean\"; }, { "
		   "name = \"born\"; type = \"date\"; }, { name = \"shoe\"; type = \"number\"; } );"
		   "keywords = ( { match = \"A\"; set = { visits = \"= ifnull(visits, 0) + 1\"; member = true; born = "
		   "\"{args}\"; shoe = 8.5; name = \"{args}\"; }; reply = \"{visits} {born|unknown} {name}\"; } );");
	expect_say("a 2001-02-03", "TAKEN default A | SET default visits 1 | SET default member 1 | SET default born "
		   "2001-02-03 | SET default shoe 8.5 | SET default name 2001-02-03 | REPLY default 1 2001-02-03 "
		   "2001-02-03");
	expect_say("a no {visits}", "TAKEN default A | SET default visits 2 | SET default member 1 | SET default born | "
		   "SET default shoe 8.5 | SET default name no {visits} | REPLY default 2 unknown no {visits}");
}
END_TEST

#define OFFER "vouchers = ( { name = \"welcome\"; generate = \"XXXX-9999\"; } ); pledges = ( { name = \"roof\"; " \
	"currency = \"GBP\"; min = 5.0; max = 1000.0; } ); "

START_TEST(test_voucher)
{
	static const char *const code[] = { "ABCD-1234" };

	kit_expect(OFFER "keywords = ( { match = \"OFFER\"; do = ( { voucher = \"welcome\"; }, { when = \"voucher IS NULL\"; "
		   "end = \"All gone.\"; }, \"Show {voucher}\" ); }, { match = \"USE\"; do = ( { redeem = \"welcome\"; }, "
		   "\"{redeemed}\" ); } );");
	expect_say("offer", "TAKEN default OFFER | VOUCHER default welcome | REPLY default All gone.");
	kit_results[0] = code[0];
	kit_n_results = 1;
	expect_say("offer", "TAKEN default OFFER | VOUCHER default welcome | REPLY default Show ABCD-1234");
	kit_results[0] = "used";
	expect_say("use abcd1234", "TAKEN default USE | REDEEM default welcome abcd1234 | REPLY default used");
	/* Nothing is given away on a slip. */
	expect_say("offre", "UNTAKEN default");
}
END_TEST

START_TEST(test_pledge)
{
	kit_expect(OFFER "keywords = ( { match = \"GIVE\"; do = ( { pledge = \"roof\"; }, { when = \"pledge IS NULL\"; end = "
		   "\"5 to 1000, please.\"; }, \"Thanks for {pledge!money}\" ); } );");
	expect_say("give £20 please", "TAKEN default GIVE | PLEDGE default roof 20.00 | REPLY default Thanks for 20.00");
	expect_say("give 12,50", "TAKEN default GIVE | PLEDGE default roof 12.50 | REPLY default Thanks for 12.50");
	expect_say("give 4", "TAKEN default GIVE | REPLY default 5 to 1000, please.");
	expect_say("give minus -20", "TAKEN default GIVE | REPLY default 5 to 1000, please.");
	expect_say("give 1001", "TAKEN default GIVE | REPLY default 5 to 1000, please.");
	expect_say("give lots", "TAKEN default GIVE | REPLY default 5 to 1000, please.");
	expect_say("give 99999999999999999999999999999999999", "TAKEN default GIVE | REPLY default 5 to 1000, please.");
}
END_TEST

START_TEST(test_split_and_go)
{
	kit_expect("keywords = ( { match = \"S\"; do = ( { split = \"wording\"; into = ( { name = \"a\"; weight = 50; do = ( "
		   "\"half\" ); }, { name = \"b\"; do = ( \"two\", { end = \"only\"; } ); } ); }, \"after\", { go = \"T\"; } "
		   "); }, { match = \"T\"; reply = \"there {keyword}\"; } );");
	kit_results[0] = "a";
	kit_n_results = 1;
	expect_say("s", "TAKEN default S | SPLIT default wording | REPLY default half | REPLY default after | REPLY "
		   "default there S");
	kit_results[0] = "b";
	expect_say("s", "TAKEN default S | SPLIT default wording | REPLY default two | REPLY default only");
}
END_TEST

START_TEST(test_lists)
{
	kit_expect("lists = ( { name = \"news\"; }, { name = \"offers\"; double_opt_in = true; confirm = \"Sure?\"; "
		   "} ); keywords = ( { match = \"NEWS\"; do = ( { subscribe = \"news\"; }, \"Joined.\" ); }, "
		   "{ match = \"OFFERS\"; do = ( { subscribe = \"offers\"; }, \"Joined.\" ); }, "
		   "{ match = \"ENOUGH\"; unsubscribe = \"news\"; } );");
	expect_say("news", "TAKEN default NEWS | SUBSCRIBE default news | REPLY default Joined.");
	expect_say("offers", "TAKEN default OFFERS | CONFIRM default offers | REPLY default Sure? | "
		   "KEEP asking");
	expect_say("enough", "TAKEN default ENOUGH | UNSUBSCRIBE default news");
	expect_say("enougth", "UNTAKEN default");	/* no slip leaves a list */
}
END_TEST

START_TEST(test_send)
{
	kit_expect("keywords = ( { match = \"A\"; send = { to = \"+447700900200\"; text = \"{number}: {args}\"; }; } );");
	expect_say("a hello", "TAKEN default A | SEND default +447700900200 +447700900123: hello");
}
END_TEST

/* A menu that leads back to itself asks each time, and so ends. */
START_TEST(test_menu)
{
	kit_expect("fields = ( { name = \"pick\"; } ); keywords = ( { match = \"MENU\"; do = ( { ask = \"1 or 2?\"; save = "
		   "\"pick\"; expect = [ \"1\", \"2\" ]; label = \"menu\"; }, { when = \"pick = '1'\"; do = ( \"One.\", { go = "
		   "\"menu\"; } ); }, \"Two.\" ); } );");
	kit_say("menu");
	expect_say("1", "SET default pick 1 | REPLY default One. | REPLY default 1 or 2? | KEEP asking");
	expect_say("2", "SET default pick 2 | REPLY default Two.");
}
END_TEST

/* A conversation goes on in the version that it began with, though the file is another by now. */
START_TEST(test_version)
{
	struct tw_findings found = { 0 };
	struct flow_version v;
	struct flows *now, *then;

	kit_expect(RATE);
	kit_say("rate");
	ck_assert(flows_version(flows, kit_place.version, &v));
	char *text = tw_strndup(v.text, v.text_n);
	uint8_t id[FLOW_VERSION_SIZE];

	memcpy(id, v.id, sizeof(id));
	size_t text_n = v.text_n;

	kit_expect("ended = \"Changed.\"; keywords = ( { match = \"RATE\"; reply = \"no more\"; } );");
	now = flows;
	ck_assert(!flows_version(flows, kit_place.version, &v));
	then = flows_load_version(now, &(struct flow_version){ id, "a.conf", "default", text, text_n },
				  &found);
	ck_assert_msg(then != NULL, "%s", found.n ? found.v[0].text : "");
	event.text = "5";
	event.text_n = 1;
	kit_out[0] = '\0';
	kit_run(flow_run_resume(then, &event, "default", &kit_place, FLOW_BY_TEXT));
	ck_assert_str_eq(kit_out, "SET default nps 5 | REPLY default Sorry, RATE  | REPLY default Thanks: 5");
	ck_assert_ptr_null(flow_run_resume(now, &event, "default", &kit_place, FLOW_BY_TEXT));
	flows_free(then);
	tw_findings_done(&found);
	free(text);
}
END_TEST

#define DESKS                                                                                      \
	"agents = ( { name = \"van\"; number = \"+447700900101\"; }, { name = \"desk\"; email = \"a@b.example\"; } );\n"   \
	"queues = ( { name = \"plumbing\"; agents = [ \"van\", \"desk\" ]; within = \"2m\"; escalate = \"care\"; "     \
	"alert = [ \"email\" ]; hours = \"mon-fri 08:00-18:00\"; }, { name = \"care\"; agents = \"desk\"; } );\n"

START_TEST(test_tickets)
{
	struct flow_queue q;
	struct flow_agent a;
	size_t cursor = 0;

	kit_expect(DESKS
		   "on = ( { event = \"ticket_closed\"; reply = \"{ticket} is done, {name|friend}.\"; } );\n"
		   "keywords = ( { match = \"BATH\"; ticket = { queue = \"plumbing\"; about = \"bath: {args}\"; }; "
		   "reply = \"Yours is {ticket|none}.\"; }, { match = \"CALL ME\"; callback = { queue = \"care\"; "
		   "within = \"5m\"; }; }, { match = \"HELLO\"; ticket = \"care\"; reply = \"{ticket|none}\"; }, "
		   "{ match = \"VAN\"; forward = \"van\"; }, { match = \"BOSS\"; forward = \"+44 7700 900 109\"; } );");
	kit_results[0] = "#7";
	kit_n_results = 1;
	expect_say("bath it leaks", "TAKEN default BATH | TICKET default plumbing bath: it leaks | REPLY default Yours is #7.");
	kit_n_results = 0;
	expect_say("hello you", "TAKEN default HELLO | TICKET default care hello you | REPLY default none");
	expect_say("call me", "TAKEN default CALL ME | CALLBACK default care");
	expect_say("van", "TAKEN default VAN | FORWARD default van");
	expect_say("boss", "TAKEN default BOSS | FORWARD default +447700900109");
	ck_assert(flows_queue(flows, "default", "plumbing", &q));
	ck_assert_str_eq(q.escalate, "care");
	ck_assert_uint_eq(q.n_agents, 2);
	ck_assert_str_eq(q.agents[1], "desk");
	ck_assert_int_eq(q.within, 120000);
	ck_assert_int_eq(q.alert, FLOW_BY_EMAIL);
	ck_assert(flows_queue(flows, "default", "care", &q));
	ck_assert_int_eq(q.alert, FLOW_BY_NUMBER | FLOW_BY_EMAIL | FLOW_BY_WEBHOOK);
	ck_assert_int_eq(q.within, 600000);
	ck_assert(!flows_queue(flows, "default", "bath", &q));
	ck_assert(flows_agent(flows, "default", "van", &a));
	ck_assert_str_eq(a.number, "+447700900101");
	ck_assert(flows_agent_of(flows, "+447700900101", &cursor, &a));
	ck_assert_str_eq(a.name, "van");
	ck_assert(!flows_agent_of(flows, "+447700900101", &cursor, &a));
	cursor = 0;
	ck_assert(!flows_agent_of(flows, "", &cursor, &a));	/* who has no number is not found by none */
	event.text = "";
	event.text_n = 0;
	kit_out[0] = '\0';
	flow_decide_closed(flows, &event, "default", "#7", &result);
	ck_assert_uint_eq(result.n, 1);
	kit_run(flow_run_begin(flows, &event, &result.v[0]));
	ck_assert_str_eq(kit_out, "REPLY default #7 is done, friend.");
	flow_decide_closed(flows, &event, "other", "#7", &result);
	ck_assert_uint_eq(result.n, 0);
}
END_TEST

static const struct { const char *now, *opens; } opening_rows[] = {
	{ "2026-05-04T11:00Z", "2026-05-04T11:00:00.000Z" },	/* Monday noon in London */
	{ "2026-05-04T06:59:30Z", "2026-05-04T07:00:00.000Z" },
	{ "2026-05-04T17:00Z", "2026-05-05T07:00:00.000Z" },
	{ "2026-05-08T16:59Z", "2026-05-08T16:59:00.000Z" },
	{ "2026-05-08T17:00Z", "2026-05-11T07:00:00.000Z" },	/* Friday evening to Monday morning */
	{ "2026-10-23T17:00Z", "2026-10-26T08:00:00.000Z" },	/* the clocks go back between */
};

START_TEST(test_opening)
{
	struct wall_ms now;
	char out[32];

	kit_expect(DESKS);
	ck_assert_int_eq(tw_rfc3339_read(opening_rows[_i].now, &now), 0);
	tw_rfc3339(flows_queue_opens(flows, "default", "plumbing", now), out);
	ck_assert_str_eq(out, opening_rows[_i].opens);
	tw_rfc3339(flows_queue_opens(flows, "default", "care", now), out);
	ck_assert_str_eq(strncmp(out, opening_rows[_i].now, 16) ? "another time" : "now", "now");
}
END_TEST

static const char person_flow[] =
	"keywords = ( { match = \"HOURS\"; reply = \"8-18\"; },\n"
	"  { match = \"RATE\"; do = ( { ask = \"0 to 10?\"; expect = \"0..10\"; }, { reply = \"Thanks.\"; } ); },\n"
	"  { match = \"QUIET\"; do = ( { ask = \"0 to 10?\"; expect = \"0..10\"; keywords = \"wait\"; } ); },\n"
	"  { match = \"EAGER\"; do = ( { ask = \"What?\"; keywords = \"win\"; } ); } );\n";

/* Order rules 3 to 6 while a person talks with the contact. first: the text before, nobody talks then. */
static const struct { const char *first, *text, *expected; bool is_taken_over, is_late; } person_rows[] = {
	{ NULL, "where are you", "PERSON default", false, false },
	{ NULL, "hours", "TAKEN default HOURS | REPLY default 8-18", false, false },
	{ NULL, "hours please", "PERSON default", false, false },	/* not alone */
	{ NULL, "huors", "PERSON default", false, false },		/* no slip */
	{ NULL, "hours", "PERSON default", true, false },
	{ NULL, "hours", "PERSON default", false, true },		/* nothing automatic */
	{ "rate", "7", "PERSON default", false, false },		/* rule 5 goes before 6 */
	{ "rate", "hours please", "TAKEN default HOURS | REPLY default 8-18", false, false },
	{ "rate", "hours please", "PERSON default", true, false },
	{ "rate", "what", "PERSON default", false, false },
	{ "quiet", "hours", "PERSON default", false, false },
	{ "eager", "hours please", "TAKEN default HOURS | REPLY default 8-18", false, false },
	{ NULL, "cancel", "PERSON default", false, false },	/* an ambiguous word is taken by the person */
	{ NULL, "stop", "STOP default | CONSENT-REPLY default *", false, false },
	{ NULL, "stop", "STOP default | CONSENT-REPLY default *", true, true },
};

START_TEST(test_person)
{
	const char *got, *star = strchr(person_rows[_i].expected, '*');
	const char *const recent[] = { "default" };

	kit_expect(person_flow);
	kit_stands = false;
	if (person_rows[_i].first)
		kit_say(person_rows[_i].first);
	event.recent_accounts = recent;
	event.n_recent_accounts = 1;
	event.person_account = "default";
	event.is_taken_over = person_rows[_i].is_taken_over;
	event.is_automatic_ok = !person_rows[_i].is_late;
	got = kit_say(person_rows[_i].text);
	if (star)
		ck_assert_msg(!strncmp(got, person_rows[_i].expected, (size_t)(star - person_rows[_i].expected)),
			      "%s", got);
	else
		ck_assert_str_eq(got, person_rows[_i].expected);
}
END_TEST

START_TEST(test_missed_call)
{
	kit_expect("on = ( { event = \"missed_call\"; reply = \"Sorry, {number}.\"; } );");
	event.text = "";
	event.text_n = 0;
	event.view = &kit_view;
	kit_out[0] = '\0';
	flow_decide_call(flows, &event, &result);
	ck_assert_uint_eq(result.n, 1);
	kit_run(flow_run_begin(flows, &event, &result.v[0]));
	ck_assert_str_eq(kit_out, "REPLY default Sorry, +447700900123.");
}
END_TEST

START_TEST(test_cover)
{
	struct flow_cover cover[FLOW_COVER_COUNT];

	kit_expect("keywords = ( { match = \"A\"; do = ( { when = \"known\"; reply = \"x\"; }, \"y\" ); }, { match = \"B\"; "
		   "reply = \"z\"; } );");
	kit_say("a");
	flows_cover(flows, cover);
	ck_assert_uint_eq(cover[FLOW_COVER_KEYWORDS].all, 2);
	ck_assert_uint_eq(cover[FLOW_COVER_KEYWORDS].seen, 1);
	ck_assert_uint_eq(cover[FLOW_COVER_BRANCHES].all, 2);
	ck_assert_uint_eq(cover[FLOW_COVER_BRANCHES].seen, 1);
	ck_assert_uint_eq(cover[FLOW_COVER_STEPS].all, 3);
	ck_assert_uint_eq(cover[FLOW_COVER_STEPS].seen, 1);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, kit_close);
	tcase_add_test(tc, test_branches);
	tcase_add_loop_test(tc, test_condition, 0, TW_COUNT(condition_rows));
	tcase_add_test(tc, test_condition_offset);
	tcase_add_test(tc, test_keyword_when);
	tcase_add_test(tc, test_ask);
	tcase_add_test(tc, test_ask_order);
	tcase_add_test(tc, test_ask_policy);
	tcase_add_test(tc, test_ask_clock);
	tcase_add_test(tc, test_wait);
	tcase_add_loop_test(tc, test_expect, 0, TW_COUNT(expect_rows));
	tcase_add_test(tc, test_expect_where);
	tcase_add_test(tc, test_fields);
	tcase_add_test(tc, test_voucher);
	tcase_add_test(tc, test_pledge);
	tcase_add_test(tc, test_split_and_go);
	tcase_add_test(tc, test_lists);
	tcase_add_test(tc, test_send);
	tcase_add_test(tc, test_menu);
	tcase_add_test(tc, test_version);
	tcase_add_test(tc, test_tickets);
	tcase_add_loop_test(tc, test_opening, 0, TW_COUNT(opening_rows));
	tcase_add_loop_test(tc, test_person, 0, TW_COUNT(person_rows));
	tcase_add_test(tc, test_missed_call);
	tcase_add_test(tc, test_cover);
}

int main(void)
{
	return unit_run("flow_run", add);
}
