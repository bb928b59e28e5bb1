/* Flow files: what is refused, where, and what is said about it. */
#include "flow_kit.h"

#define AGENTS "agents = ( { name = \"van\"; number = \"+447700900101\"; } );"
#define DESKS AGENTS "\nqueues = ( { name = \"plumbing\"; agents = [ \"van\" ]; } );"

static const struct { const char *text; unsigned line; const char *says; } fault_rows[] = {
	{ "\nkeyword = ( );", 2, "did you mean `keywords`?" },
	{ "keywords = { };", 1, "`keywords` wants a list of groups" },
	{ "keywords = ( 5 );", 1, "a keyword is a group" },
	{ "keywords = (\n{ reply = \"x\"; } );", 2, "`match` is missing" },
	{ "keywords = ( { match = 5; reply = \"x\"; } );", 1, "`match` wants a text" },
	{ "keywords = ( { match = [ ]; reply = \"x\"; } );", 1, "`match` holds no text" },
	{ "keywords = ( { match = \"!?\"; reply = \"x\"; } );", 1, "holds no letter" },
	{ "keywords = ( { match = \"a b c d e f g h i j k l m n o p q r\"; reply = \"x\"; } );", 1,
	  "more than 16 words" },
	{ "keywords = ( { match = \"A\";\nrepyl = \"x\"; } );", 2, "did you mean `reply`?" },
	{ "keywords = ( { match = \"A\";\nmach = \"x\"; reply = \"x\"; } );", 2, "did you mean `match`?" },
	{ "keywords = ( { match = \"A\"; reply = 5; } );", 1, "a text was expected here" },
	{ "keywords = ( { match = \"A\"; do = { }; } );", 1, "steps stand in a list" },
	{ "keywords = ( { match = \"A\"; do = ( 5 ); } );", 1, "a step is a group" },
	{ "keywords = ( { match = \"A\"; do = (\n{ } ); } );", 2, "this step has no verb" },
	{ "keywords = ( { match = \"A\"; do = ( { reply = \"x\";\nend = true; } ); } );", 2,
	  "a step has one verb: `end` stands beside `reply`" },
	{ "keywords = ( { match = \"A\"; do = ( { reply = \"x\"; foo = 1; } ); } );", 1, "`foo` is no verb" },
	{ "keywords = ( { match = \"A\"; do = ( { replay = \"x\"; } ); } );", 1, "did you mean `reply`?" },
	{ "keywords = ( { match = \"A\"; do = ( { end = false; } ); } );", 1, "`end` wants true" },
	{ "keywords = ( { match = \"A\"; reply = \"y\"; do = ( { reply = \"x\"; } ); } );", 1,
	  "`reply` stands beside `do`" },
	{ "lists = ( { name = \"My Offers\"; } );", 1, "a list's `name` holds small letters" },
	{ "lists = ( { name = \"a\"; },\n{ name = \"a\"; } );", 2, "stands already in" },
	{ "lists = ( { name = \"a\"; double_opt_in = true; } );", 1, "`confirm` is missing" },
	{ "lists = ( { name = \"a\"; double_opt_in = true;\nconfirm = 5; } );", 2, "a text was expected" },
	{ "lists = ( { name = \"offers\"; } ); keywords = ( { match = \"A\";\nsubscribe = \"offer\"; } );",
	  2, "no list \"offer\" is declared in `lists`; did you mean \"offers\"?" },
	{ "keywords = ( { match = \"A\";\nunsubscribe = 5; } );", 2, "no list \"\" is declared" },
	{ DESKS "keywords = ( { match = \"A\";\nticket = { queue = \"plumbin\"; }; } );", 3,
	  "no queue \"plumbin\" is declared in `queues`; did you mean \"plumbing\"?" },
	{ DESKS "keywords = ( { match = \"A\";\nticket = { about = \"x\"; }; } );", 3, "`ticket` wants `queue`" },
	{ DESKS "keywords = ( { match = \"A\";\nticket = 5; } );", 3, "`ticket` wants a group { queue" },
	{ DESKS "keywords = ( { match = \"A\";\nticket = { queue = \"plumbing\"; abuot = \"x\"; }; } );", 3,
	  "did you mean `about`?" },
	{ DESKS "keywords = ( { match = \"A\";\nticket = { queue = \"plumbing\"; about = \"{nmae}\"; }; } );", 3,
	  "did you mean {name}?" },
	{ DESKS "keywords = ( { match = \"A\";\ncallback = { queue = \"plumbing\"; within = \"soon\"; }; } );", 3,
	  "`within`" },
	{ DESKS "keywords = ( { match = \"A\";\ncallback = \"x\"; } );", 3, "no queue \"x\" is declared" },
	{ DESKS "keywords = ( { match = \"A\";\nforward = \"vna\"; } );", 3,
	  "no agent \"vna\" is declared in `agents`, and it is no number; did you mean \"van\"?" },
	{ DESKS "keywords = ( { match = \"A\";\nforward = { to = \"van\"; }; } );", 3, "`forward` wants the name" },
	{ DESKS "keywords = ( { match = \"A\";\nforward = \"12\"; } );", 3, "it is no number" },
	{ "agents = ( { number = \"+447700900101\"; } );", 1, "`name` wants a letter" },
	{ "agents = ( { name = \"van\"; } );", 1, "the agent \"van\" cannot be told" },
	{ "agents = ( { name = \"van\"; number = \"12\"; } );", 1, "\"12\": " },
	{ "agents = ( { name = \"van\"; number = [ \"+447700900101\" ]; } );", 1, "wants one number" },
	{ "agents = ( { name = \"van\";\nemail = \"van\"; } );", 2, "\"van\" is no e-mail address" },
	{ "agents = ( { name = \"van\";\nwebhook = \"example.org\"; } );", 2, "`webhook` wants a URL" },
	{ "agents = ( { name = \"van\"; nubmer = \"+447700900101\"; } );", 1, "did you mean `number`?" },
	{ "agents = ( { name = \"a\"; number = \"+447700900101\"; },\n{ name = \"a\"; number = "
	  "\"+447700900102\"; } );", 2, "is declared already" },
	{ "agents = ( { name = \"a\"; number = \"+447700900101\"; },\n{ name = \"b\"; number = "
	  "\"+447700900101\"; } );", 2, "is the number of the agent \"a\" already" },
	{ "queues = ( { name = \"a\"; } );", 1, "`agents` of the queue \"a\" is missing" },
	{ "queues = ( { name = \"a b\"; agents = [ \"x\" ]; } );", 1, "`name` wants a letter" },
	{ AGENTS "queues = ( { name = \"a\";\nagents = [ \"vna\" ]; } );", 2,
	  "no agent \"vna\" is declared in `agents`; did you mean \"van\"?" },
	{ AGENTS "queues = ( { name = \"a\"; agents = \"van\"; },\n{ name = \"a\"; agents = \"van\"; } );", 2,
	  "the queue \"a\" of account default is declared already" },
	{ AGENTS "queues = ( { name = \"care\"; agents = \"van\"; },\n{ name = \"a\"; agents = \"van\";\nescalate = "
	  "\"cra\"; } );", 3, "no queue \"cra\" is declared in `queues`" },
	{ AGENTS "queues = ( { name = \"a\"; agents = \"van\"; escalate = \"b\"; },\n{ name = \"b\"; agents = "
	  "\"van\"; escalate = \"a\"; } );", 1, "`escalate` of the queue \"a\" leads back to it" },
	{ AGENTS "queues = ( { name = \"a\"; agents = \"van\"; within = \"1s\"; } );", 1, "`within`" },
	{ AGENTS "queues = ( { name = \"a\"; agents = \"van\"; alert = \"sms\"; } );", 1, "number email webhook" },
	{ AGENTS "queues = ( { name = \"a\"; agents = \"van\"; hours = \"always\"; } );", 1, "`hours` wants days" },
	{ "keywords = ( { match = \"A\"; do = ( { ask = \"x\"; save = \"y\"; } ); } );", 1,
	  "no field `y` is declared" },
	{ "fields = ( { name = \"colour\"; } ); keywords = ( { match = \"A\"; do = ( { ask = \"x\"; save = "
	  "\"color\"; } ); } );", 1, "did you mean `colour`?" },
	{ "keywords = ( { match = \"A\"; do = ( { ask = \"x\"; expect = \"0-10\"; } ); } );", 1,
	  "`expect` wants \"0..10\"" },
	{ "keywords = ( { match = \"A\"; do = ( { ask = \"x\"; expect = \"/(a)\\\\1/\"; } ); } );", 1,
	  "back references" },
	{ "keywords = ( { match = \"A\"; do = ( { ask = \"x\"; expect = \"/(a{200}){200}/\"; } ); } );", 1,
	  "more than 255 times" },
	{ "keywords = ( { match = \"A\"; do = ( { ask = \"x\"; expect = \"/(a/\"; } ); } );", 1,
	  "no POSIX extended expression" },
	{ "fields = ( { name = \"n\"; type = \"integer\"; } ); keywords = ( { match = \"A\"; do = ( { ask = "
	  "\"x\"; save = \"n\"; expect = \"email\"; } ); } );", 1, "does not fit into the field `n`" },
	{ "keywords = ( { match = \"A\"; do = ( { ask = \"x\";\ntries = 0; } ); } );", 2, "`tries` must lie between 1 and 20" },
	{ "keywords = ( { match = \"A\"; when = \"new AND\"; reply = \"x\"; } );", 1, "no expression" },
	{ "keywords = ( { match = \"A\"; do = ( {\nwhen = \"knwon\"; reply = \"x\"; } ); } );", 2,
	  "did you mean `known`?" },
	{ "keywords = ( { match = \"A\"; when = 5; reply = \"x\"; } );", 1, "`when` wants an expression" },
	{ "keywords = ( { match = \"A\"; when = \"hour < 5; SELECT 1\"; reply = \"x\"; } );", 1,
	  "`;` cannot stand" },
	{ "keywords = ( { match = \"A\"; when = \"(SELECT 1)\"; reply = \"x\"; } );", 1, "reads no tables" },
	{ "keywords = ( { match = \"A\"; when = \"1), (2\"; reply = \"x\"; } );", 1, "closes nothing" },
	{ "keywords = ( { match = \"A\"; when = \"1, 2\"; reply = \"x\"; } );", 1, "expression" },
	{ "keywords = ( { match = \"A\"; when = \"load_extension('x')\"; reply = \"x\"; } );", 1,
	  "no function `load_extension`" },
	{ "keywords = ( { match = \"A\"; when = \"randomblob(9)\"; reply = \"x\"; } );", 1, "no function" },
	{ "keywords = ( { match = \"A\"; when = \"text GLOB 'x'\"; reply = \"x\"; } );", 1, "no expression" },
	{ "keywords = ( { match = \"A\"; when = \"name = 'x\"; reply = \"x\"; } );", 1, "never closed by '" },
	{ "keywords = ( { match = \"A\"; when = \"name = \\\"x\\\"\"; reply = \"x\"; } );", 1,
	  "a text stands in '…'" },
	{ "keywords = ( { match = \"A\"; when = \"redeemed('x')\"; reply = \"x\"; } );", 1,
	  "no voucher series \"x\"" },
	{ "on = ( { event = \"born\"; reply = \"x\"; } );", 1, "`event` wants one of" },
	{ "fields = ( { type = \"integer\"; } );", 1, "`name` is missing" },
	{ "fields = ( { name = \"name\"; } );", 1, "twoway has this name already" },
	{ "fields = ( { name = \"order\"; } );", 1, "a word of SQL" },
	{ "fields = ( { name = \"Age\"; } );", 1, "begins with a small letter" },
	{ "fields = ( { name = \"a\"; },\n{ name = \"a\"; type = \"date\"; } );", 2, "declared as text already" },
	{ "fields = ( { name = \"a\"; type = \"bool\"; } );", 1, "`type` wants" },
	{ "vouchers = ( { name = \"v\"; } );", 1, "wants either `codes`" },
	{ "vouchers = ( { name = \"v\"; generate = \"XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"
	  "XXXXXXXXXXXXXXXXXXXX\"; } );", 1, "is longer than 60" },
	{ "keywords = ( { match = \"A\"; do = ( { reply = \"x\"; save = \"n\"; } ); } );", 1,
	  "`save` stands behind `ask`, not beside `reply`" },
	{ "keywords = ( { match = \"A\"; within = \"1d\"; reply = \"x\"; } );", 1,
	  "`within` stands behind `ask`, not alone" },
	{ "calendars = ( { name = \"c\"; slots = [ \"mon 09:00-10:00\" ]; } ); keywords = ( { match = "
	  "\"A\"; ask = \"q\"; appointment = \"c\";\nwithin = \"2h\"; } );", 2,
	  "`within` could be meant for `ask` or for `appointment`" },
	{ "keywords = ( { match = \"A\"; split = \"s\"; into = ( ); } );", 1,
	  "`into` wants a list of 2 to 26 arms" },
	{ "vouchers = ( { name = \"v\"; codes = \"none.txt\"; } );", 1, "cannot be read" },
	{ "keywords = ( { match = \"A\"; voucher = \"v\"; } );", 1, "no voucher series \"v\"" },
	{ "keywords = ( { match = \"A\"; do = ( { go = \"away\"; } ); } );", 1, "leads nowhere" },
	{ "keywords = ( { match = \"A\"; do = ( { go = \"B\"; } ); },\n{ match = \"B\"; do = ( { go = \"A\"; } ); } );",
	  1, "never ends" },
	{ "keywords = ( { match = \"A\"; do = ( { reply = \"x\"; label = \"l\"; when = \"hour > 3\"; },\n"
	  "{ go = \"l\"; } ); } );", 2, "never ends" },
	{ "goals = ( { name = \"g\"; } );", 1, "`when` is missing" },
	{ "goals = ( { name = \"g\"; when = \"1\"; },\n{ name = \"g\"; when = \"1\"; } );", 2, "declared already" },
	{ "goals = ( { name = \"g\"; when = \"args = 'x'\"; } );", 1, "is of a message" },
	{ "goals = ( { name = \"g\"; when = \"reached('h')\"; } );", 1, "no goal \"h\"" },
	{ "keywords = ( { match = \"A\"; wait = \"soon\"; } );", 1, "`wait` wants a duration" },
	{ "keywords = ( { match = \"A\"; set = { age = 5; }; } );", 1, "no field `age`" },
	{ "fields = ( { name = \"age\"; type = \"integer\"; } ); keywords = ( { match = \"A\"; set = { age = "
	  "\"old\"; }; } );", 1, "does not fit into the field `age`" },
	{ "keywords = ( { match = \"A\"; tag = 5; } );", 1, "`tag` wants a name" },
	{ "keywords = ( { match = \"A\"; do = ( { split = \"s\"; } ); } );", 1, "`split` wants `into`" },
	{ "keywords = ( { match = \"A\"; do = ( { split = \"s\"; into = ( { name = \"a\"; },\n{ name = \"a\"; } "
	  "); } ); } );", 2, "stands already in this split" },
	{ "keywords = ( { match = \"A\"; send = { to = \"1\"; }; } );", 1, "`send` wants `text`" },
	{ "keywords = ( { match = \"A\"; pledge = \"p\"; } );", 1, "no pledge \"p\"" },
	{ "keywords = ( { match = \"A\"; hours = \"mon 8-18\"; reply = \"x\"; } );", 1, "`hours` wants days" },
	{ "keywords = ( { match = \"A\"; hours = \"mon-fri 08:00-18:00,\"; reply = \"x\"; } );", 1,
	  "`hours` wants days" },
	{ "keywords = ( { match = \"A\"; hours = 5; reply = \"x\"; } );", 1, "`hours` wants days" },
	{ "keywords = ( { match = \"A\"; hours = \"mon 08:00-25:00\"; reply = \"x\"; } );", 1,
	  "`hours` wants days" },
	{ "keywords = ( { match = \"A\"; numbers = \"07700900001\"; reply = \"x\"; } );", 1, "set `country`" },
	{ "keywords = ( { match = \"A\"; from = [ ]; reply = \"x\"; } );", 1, "wants a number" },
	{ "keywords = ( { match = \"A\"; reply_to = \"all\"; reply = \"x\"; } );", 1, "`reply_to` wants \"any\"" },
	{ "numbers = [ \"12\" ];", 1, "\"12\": " },
	{ "account = \"defualt\";", 1, "did you mean \"default\"?" },
	{ "account = \"other\";", 1, "name it in `accounts`" },
	{ "account = 5;", 1, "`account` wants a text" },
	{ "otherwise = \"a\"; ended = 5;", 1, "steps stand in a list" },
	{ "otherwise = \"Hi {nmae}\";", 1, "did you mean {name}?" },
	{ "otherwise = \"Hi {zzzzzz}\";", 1, "no name {zzzzzz} is known" },
	{ "otherwise = \"Hi {name\";", 1, "never closed by }" },
	{ "otherwise = \"Hi {name!shout}\";", 1, "no filter `shout`" },
	{ "otherwise = \"Hi {today!date}\";", 1, "date wants a format" },
	{ "otherwise = \"Hi {today!date(%d%q)}\";", 1, "date knows" },
	{ "otherwise = \"Hi {name!upper(x)}\";", 1, "takes nothing" },
	{ "otherwise = { english = \"x\"; };", 1, "`english` is no language" },
	{ "otherwise = { };", 1, "has no wording" },
	{ "otherwise = { en = 5; };", 1, "a text was expected" },
	{ "keywords = ( { match = \"A\"; do = ( { reply = \"x\"; label = \"l\"; },\n"
	  "{ reply = \"y\"; label = \"l\"; } ); } );", 2, "stands already in line 1" },
	{ "keywords = ( { match = \"A\"; reply = \"x\" } { match = \"B\" } );", 1, "a comma is missing" },
	{ "database = \"x\";", 1, "this is a configuration" },
};

START_TEST(test_fault)
{
	ck_assert_msg(!kit_load(fault_rows[_i].text), "%s", fault_rows[_i].text);
	ck_assert_msg(findings.errors == 1, "%s: %zu: %s", fault_rows[_i].text, findings.errors,
		      findings.v[findings.n - 1].text);
	ck_assert_msg(strstr(findings.v[findings.n - 1].text, fault_rows[_i].says), "%s",
		      findings.v[findings.n - 1].text);
	ck_assert_uint_eq(findings.v[findings.n - 1].line, fault_rows[_i].line);
	ck_assert(strstr(findings.v[0].file, "/a.conf"));
}
END_TEST

static const struct { const char *text; unsigned line; const char *says; } warning_rows[] = {
	{ "keywords = ( { match = \"A\"; reply = \"x\"; },\n{ match = \"a!\"; reply = \"y\"; } );", 2,
	  "is never reached" },
	{ "keywords = (\n{ match = \"STOP\"; reply = \"x\"; } );", 2, "it is a word for STOP" },
	{ "keywords = ( { match = \"Info\"; reply = \"x\"; } );", 1, "which `help` answers" },
	{ "keywords = ( { match = \"A\"; } );", 1, "answers nothing" },
	{ "vouchers = ( { name = \"v\"; generate = \"X9\"; } );", 1, "too few codes" },
	{ "otherwise = ( \"a\", \"b\" ); help = [ \"a\" ];", 1, "" },
};

START_TEST(test_warning)
{
	kit_load(warning_rows[_i].text);
	ck_assert_uint_eq(findings.n, 1);
	ck_assert_msg(strstr(findings.v[0].text, warning_rows[_i].says), "%s", findings.v[0].text);
	ck_assert_uint_eq(findings.v[0].line, warning_rows[_i].line);
	ck_assert(!flows == !!findings.errors);
}
END_TEST

START_TEST(test_fine)
{
	kit_expect("");
	kit_expect("keywords = ( );");
	kit_expect("keywords = ( { match = \"A\"; reply = \"x\"; hours = \"mon 08:00-12:00\"; },\n"
		   "{ match = \"A\"; reply = \"y\"; } );");
	kit_expect("keywords = ( { match = \"A\"; do = ( { do = ( { reply = \"x\"; } ); }, \"y\", { end = \"z\"; },"
		   "{ reply = \"never\"; } ); } );");
	expect_say("a", "TAKEN default A | REPLY default x | REPLY default y | REPLY default z");
	kit_expect("keywords = ( { match = \"A\"; reply = \"x\"; end = true; } );");
	expect_say("a", "TAKEN default A | REPLY default x");
	kit_expect("keywords = ( { match = \"A\"; ask = \"x\"; no_answer = { en = \"y\"; de = \"z\"; }; } );");
	kit_expect("keywords = ( { match = \"KIND\"; when = \"args = 'b'\"; reply = \"y\"; }, { match = "
		   "\"KIND\"; when = \"length(args) = 5\"; reply = \"z\"; } ); otherwise = \"n\";");
	expect_say("kind: b ", "TAKEN default KIND | REPLY default y");
	expect_say("kimd b", "UNTAKEN default | REPLY default n");
	expect_say("kind five5", "TAKEN default KIND | REPLY default z");
	expect_say("kind", "UNTAKEN default | REPLY default n");
	/* What a keyword leads to is given away no more on a slip than what it gives itself. */
	kit_expect("vouchers = ( { name = \"v\"; generate = \"XXXX-9999\"; } ); keywords = ( { match = "
		   "\"TAKEAWAY\"; do = ( { reply = \"x\"; }, { go = \"GIVE\"; } ); }, { match = \"GIVE\"; "
		   "voucher = \"v\"; }, { match = \"DELIVERY\"; go = \"PLAIN\"; }, { match = \"PLAIN\"; "
		   "reply = \"y\"; } );");
	expect_say("takeawai", "UNTAKEN default");
	expect_say("deliveri", "TAKEN default DELIVERY | REPLY default y");
	kit_country = "44";
	kit_expect("numbers = \"07700900001\";\nkeywords = ( { match = \"A\"; from = \"07700 900123\"; "
		   "reply = \"x\"; } );");
	expect_say("a", "TAKEN default A | REPLY default x");
}
END_TEST

/* All mistakes are told at once, in file order. */
START_TEST(test_all)
{
	ck_assert_ptr_null(kit_load("keywords = (\n{ match = \"A\"; repyl = \"x\"; },\n{ reply = \"y\"; },\n"
				    "{ match = \"C\"; reply = \"{nmae}\"; } );\nfoo = 1;"));
	ck_assert_uint_eq(findings.errors, 4);
}
END_TEST

/* ---- several accounts ---------------------------------------------------------------------- */

static void load_two(const char *a, const char *b)
{
	kit_accounts[0] = (struct flow_account){ "acme", "en", "" };
	kit_accounts[1] = (struct flow_account){ "bistro", "en", "" };
	kit_n_accounts = 2;
	kit_write("a.conf", a);
	kit_write("b.conf", b);
	kit_load_folder();
}

START_TEST(test_clash)
{
	load_two("account = \"acme\"; keywords = ( { match = \"HOURS\"; reply = \"a\"; } );",
		 "account = \"bistro\"; keywords = (\n{ match = [ \"x\", \"hours\" ]; reply = \"b\"; } );");
	ck_assert_ptr_null(flows);
	ck_assert_uint_eq(findings.errors, 1);
	ck_assert(strstr(findings.v[0].file, "b.conf"));
	ck_assert_uint_eq(findings.v[0].line, 2);
	ck_assert_msg(strstr(findings.v[0].text, "a.conf:1") && strstr(findings.v[0].text, "acme") &&
		      strstr(findings.v[0].text, "bistro"), "%s", findings.v[0].text);
	load_two("account = \"acme\"; numbers = \"+447700900001\"; "
		 "keywords = ( { match = \"HOURS\"; reply = \"a\"; } );",
		 "account = \"bistro\"; numbers = \"+447700900002\"; "
		 "keywords = ( { match = \"hours\"; reply = \"b\"; } );");
	ck_assert_ptr_nonnull(flows);
	expect_say("hours", "TAKEN acme HOURS | REPLY acme a");
	event.to = "+447700900002";
	expect_say("hours", "TAKEN bistro hours | REPLY bistro b");
	load_two("account = \"acme\"; keywords = ( { match = \"HOURS\"; numbers = \"+447700900001\"; "
		 "reply = \"a\"; } );",
		 "account = \"bistro\"; keywords = ( { match = \"hours\"; reply = \"b\"; } );");
	ck_assert_ptr_null(flows);
	/* A keyword's own numbers against those of the other file, either way round. */
	load_two("account = \"acme\"; keywords = ( { match = \"HOURS\"; numbers = \"+447700900001\"; "
		 "reply = \"a\"; } );",
		 "account = \"bistro\"; numbers = \"+447700900002\"; "
		 "keywords = ( { match = \"hours\"; reply = \"b\"; } );");
	ck_assert_ptr_nonnull(flows);
	load_two("account = \"acme\"; numbers = \"+447700900002\"; "
		 "keywords = ( { match = \"hours\"; reply = \"b\"; } );",
		 "account = \"bistro\"; keywords = ( { match = \"HOURS\"; "
		 "numbers = \"+447700900001\"; reply = \"a\"; } );");
	ck_assert_ptr_nonnull(flows);
}
END_TEST

START_TEST(test_slots_twice)
{
	load_two("account = \"acme\"; otherwise = \"a\";", "\naccount = \"acme\"; otherwise = \"b\";");
	ck_assert_ptr_null(flows);
	ck_assert_msg(strstr(findings.v[0].text, "a.conf:1"), "%s", findings.v[0].text);
	load_two("account = \"acme\"; otherwise = \"a\";", "otherwise = \"b\";");
	ck_assert_ptr_null(flows);
	ck_assert_msg(strstr(findings.v[0].text, "names no account"), "%s", findings.v[0].text);
}
END_TEST

/* A file named twice is read once; a text that is no file stands beside files. */
START_TEST(test_sources)
{
	char file[128];
	const char *paths[] = { kit_folder, file };
	static const char text[] = "keywords = ( { match = \"B\"; reply = \"b\"; } );";
	const struct flow_text_source texts[] = { { "mine", text, sizeof(text) - 1 } };
	const struct flow_sources src = { .paths = paths, .n_paths = 2, .words = "../flows/words",
					  .texts = texts, .n_texts = 1 };

	kit_write("a.conf", "keywords = ( { match = \"A\"; reply = \"a\"; } );");
	kit_write("ignored.txt", "not a flow");
	kit_write(".hidden.conf", "not a flow");
	snprintf(file, sizeof(file), "%s/a.conf", kit_folder);
	flows = flows_load(&src, &findings);
	ck_assert_uint_eq(findings.n, 0);
	ck_assert_uint_eq(flows_keyword_count(flows), 2);
	expect_say("b", "TAKEN default B | REPLY default b");
}
END_TEST

START_TEST(test_kind_of_file)
{
	static const struct { const char *text; bool is_flow; } rows[] = {
		{ "", true }, { "account = \"a\";", true }, { "keywords = ( );", true },
		{ "country = \"44\";", false }, { "accounts = ( );", false }, { "log = { };", false },
		{ "keywrods = ( );", true }, { "account = \"a\"; sims = ( );", false },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		struct tw_conf *c = tw_conf_read_text("x", rows[i].text, strlen(rows[i].text), &findings);

		ck_assert_msg(flow_is_flow_file(tw_conf_root(c)) == rows[i].is_flow, "%s", rows[i].text);
		tw_conf_free(c);
	}
}
END_TEST

/* ---- templates ----------------------------------------------------------------------------- */

static const struct { const char *text, *language, *reply; } text_rows[] = {
	{ "{text}|{args}|{keyword}", "", "Say  Hi there|Hi there|SAY" },
	{ "{number} {long_number} {country}", "", "+447700900123 +447700900001 GB" },
	{ "{name}{name|you}", "", "you" },
	{ "{language|?} {hour} {weekday} {today} {now}", "", "? 12 1 2026-05-04 2026-05-04 12:00" },
	{ "{language}", "fr", "fr" },
	{ "{{name} } {{{keyword}}", "", "{name} } {SAY}" },
	{ "{args!upper} {args!lower} {args!title}", "", "HI THERE hi there Hi There" },
	{ "{name|o'neil stra\u00DFe!title} {name|stra\u00DFe!upper}", "", "O'neil Stra\u00DFe STRASSE" },
	{ "{name|Hello!}", "", "Hello!" },
	{ "{name|Hello!upper}", "", "HELLO" },
	{ "{today!date(%d.%m.%Y)} {now!date(%a %H:%M %%)} {today!date(%A %B %b)}", "",
	  "04.05.2026 Mon 12:00 % Monday May May" },
	{ "{today!date(%A, %d. %B)}", "de", "Montag, 04. Mai" },
	{ "{today!date(%a %d %b)}", "fr-CH", "lun 04 mai" },
	{ "{args!date(%d)}", "", "Hi there" },
	{ "{name|2026-12-31!date(%a %d)}", "", "Thu 31" },
	{ "{name|2026-02-45!date(%d)}", "", "2026-02-45" },
	{ "{name|12.5!money} {name|7!money} {name|x7!money} {name|-1.005!money}", "", "12.50 7.00 x7 -1.00" },
	{ "a\\nb", "", "a\nb" },
};

START_TEST(test_text)
{
	tw_auto(tw_free_charp) char *flow =
		tw_printf("keywords = ( { match = \"SAY\"; reply = \"%s\"; } );", text_rows[_i].text);
	tw_auto(tw_free_charp) char *expected =
		tw_printf("TAKEN default SAY | REPLY default %s", text_rows[_i].reply);

	kit_expect(flow);
	event.contact_language = text_rows[_i].language;
	kit_set("language", *text_rows[_i].language ? text_rows[_i].language : NULL);
	expect_say("Say  Hi there", expected);
}
END_TEST

START_TEST(test_languages)
{
	static const struct { const char *contact, *account, *wording; } rows[] = {
		{ "de", "fr", "d" }, { "fr", "de", "f" }, { "", "de", "d" }, { "", "", "e" },
		{ "sw", "fr", "f" }, { "sw", "sw", "e" }, { "de-AT", "en", "d" }, { "pt", "en", "p" },
		{ "DE", "en", "d" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		tw_auto(tw_free_charp) char *expected = tw_printf("UNTAKEN default | REPLY default %s",
								  rows[i].wording);

		kit_accounts[0].language = rows[i].account;
		kit_expect("otherwise = { fr = \"f\"; de = \"d\"; en = \"e\"; pt-BR = \"p\"; };");
		event.contact_language = rows[i].contact;
		expect_say("x", expected);
	}
	kit_expect("otherwise = { fr = \"f\"; de = \"d\"; };");
	event.contact_language = "sw";
	expect_say("x", "UNTAKEN default | REPLY default f");	/* the first */
	kit_accounts[0].language = "en";
}
END_TEST

START_TEST(test_name)
{
	kit_expect("otherwise = \"Hello {name|there}.\";");
	event.contact_name = "Zo\u00EB {text}";
	expect_say("x", "UNTAKEN default | REPLY default Hello Zo\u00EB {text}.");
}
END_TEST

/* What a customer writes is text, whatever it holds; ill-formed octets are replaced. */
START_TEST(test_hostile)
{
	kit_expect("otherwise = \"{args}\";");
	expect_say("{name}%s\xFF", "UNTAKEN default | REPLY default {name}%s\uFFFD");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flow_load");
	TCase *t = tcase_create("load");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, kit_open, kit_close);
	tcase_add_loop_test(t, test_fault, 0, TW_COUNT(fault_rows));
	tcase_add_loop_test(t, test_warning, 0, TW_COUNT(warning_rows));
	tcase_add_test(t, test_fine);
	tcase_add_test(t, test_all);
	tcase_add_test(t, test_clash);
	tcase_add_test(t, test_slots_twice);
	tcase_add_test(t, test_sources);
	tcase_add_test(t, test_kind_of_file);
	tcase_add_loop_test(t, test_text, 0, TW_COUNT(text_rows));
	tcase_add_test(t, test_languages);
	tcase_add_test(t, test_name);
	tcase_add_test(t, test_hostile);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
