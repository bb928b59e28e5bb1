/* Our own words to people of the house: by language, as an account's files say them, and what is wrong with
 * what a file says. */
#include "flow_kit.h"
#include "run.h"

static const struct flow_named names[] = { { "ticket", "#7" }, { "name", "van" }, { "why", "{name}" } };

static const char *say(const char *account, const char *language, enum flow_house_text text)
{
	static struct tw_buf out;

	tw_buf_clear(&out);
	flows_say(flows, account, language, text, names, TW_COUNT(names), &out);
	return tw_buf_str(&out);
}

static void setup(void)
{
	kit_open();
	kit_accounts[0].language = "de";
	kit_accounts[1] = (struct flow_account){ "acme", "pl", "Europe/London" };
	kit_n_accounts = 2;
}

static void teardown(void)
{
	kit_close();
	kit_accounts[0].language = "en";
}

START_TEST(test_language)
{
	kit_expect("account = \"default\"; keywords = ( { match = \"A\"; reply = \"b\"; } );");
	ck_assert_str_eq(say("default", NULL, FLOW_SAY_AGENT_CLOSED), "#7 ist erledigt.");
	ck_assert_str_eq(say("default", "", FLOW_SAY_AGENT_NONE), "Keine offenen Tickets.");
	ck_assert_str_eq(say("default", "fr", FLOW_SAY_AGENT_CLOSED), "#7 est clos.");
	ck_assert_str_eq(say("default", "ja", FLOW_SAY_AGENT_CLOSED), "#7 ist erledigt.");
	ck_assert_str_eq(say("acme", NULL, FLOW_SAY_AGENT_CLOSED), "#7 is closed.");
	ck_assert_str_eq(say("acme", "es", FLOW_SAY_AGENT_TAKEN),
			 "#7 no se ha enviado: van tiene este ticket.");
	/* Of no account; and a value that looks like a name is none. */
	ck_assert_str_eq(say(NULL, NULL, FLOW_SAY_OPERATOR_WRONG), "Das ist nicht der Code.");
	ck_assert_str_eq(say("nobody", NULL, FLOW_SAY_AGENT_REFUSED), "#7 was not sent: {name}.");
}
END_TEST

/* Every sentence is there in each of the languages that customers' sentences are in, with the same names. */
START_TEST(test_all)
{
	static const char *const languages[] = { "en", "de", "fr", "es", "it", "nl", "pt" };
	static const struct flow_named marks[] = {
		{ "ticket", "<t>" }, { "name", "<n>" }, { "names", "<ns>" }, { "why", "<w>" }, { "count", "<c>" },
		{ "command", "<cm>" }, { "code", "<cd>" }, { "ready", "<1>" }, { "modems", "<2>" },
		{ "database", "<3>" }, { "replies", "<4>" }, { "api", "<5>" }, { "campaign", "<6>" },
		{ "scheduled", "<7>" }, { "doubt", "<8>" }, { "last", "<9>" } };

	kit_expect("account = \"acme\"; keywords = ( { match = \"A\"; reply = \"b\"; } );");
	for (int text = 0; text < FLOW_HOUSE_TEXT_COUNT; text++)
		for (size_t l = 0; l < TW_COUNT(languages); l++) {
			struct tw_buf said = { 0 }, english = { 0 };

			flows_say(flows, "acme", languages[l], (enum flow_house_text)text, marks, TW_COUNT(marks),
				  &said);
			flows_say(flows, "acme", "en", (enum flow_house_text)text, marks, TW_COUNT(marks), &english);
			ck_assert_msg(!l || strcmp(said.p, english.p) || text == FLOW_SAY_AGENT_NONE, "%d %s: %s",
				      text, languages[l], said.p);
			for (size_t i = 0; i < TW_COUNT(marks); i++)
				ck_assert_msg(!strstr(english.p, marks[i].value) == !strstr(said.p, marks[i].value),
					      "%s: %s", english.p, said.p);
			ck_assert_msg(!strchr(said.p, '{'), "%s", said.p);
			tw_buf_done(&said);
			tw_buf_done(&english);
		}
}
END_TEST

START_TEST(test_own)
{
	kit_expect("account = \"default\"; texts = { agent_closed = { en = \"{ticket} done\"; fr = \"{ticket} fini\"; }; "
		   "agent_none = \"Nichts.\"; how = \"STOP sagen.\"; };\n"
		   "keywords = ( { match = \"A\"; reply = \"b\"; } );");
	ck_assert_str_eq(say("default", "fr", FLOW_SAY_AGENT_CLOSED), "#7 fini");
	ck_assert_str_eq(say("default", NULL, FLOW_SAY_AGENT_CLOSED), "#7 done");	/* no German one: English */
	ck_assert_str_eq(say("default", "fr", FLOW_SAY_AGENT_NONE), "Nichts.");
	ck_assert_str_eq(say("default", "fr", FLOW_SAY_AGENT_NOTED), "#7 noté.");
	ck_assert_str_eq(say("acme", "fr", FLOW_SAY_AGENT_CLOSED), "#7 est clos.");
	/* What customers are told is said so too. */
	event.text = "how do I stop this";
	event.text_n = strlen(event.text);
	event.last_account = "default";
	flow_decide(flows, &event, &result);
	ck_assert_uint_ge(result.n, 1);
	bool is_said = false;

	for (size_t i = 0; i < result.n; i++)
		is_said |= result.v[i].type == FLOW_REPLY && !strcmp(result.v[i].text, "STOP sagen.");
	ck_assert(is_said);
}
END_TEST

static const struct { const char *text, *says; unsigned line; } faults[] = {
	{ "texts = (\n);", "`texts` wants a group", 1 },
	{ "texts = {\nagent_close = \"x\"; };", "`texts` has no `agent_close`; did you mean `agent_closed`?", 2 },
	{ "texts = { agent_closed = 5; };", "`agent_closed` wants a text", 1 },
	{ "texts = { agent_closed = { en = 5; }; };", "`agent_closed` wants a text", 1 },
	{ "texts = { agent_closed = \"\"; };", "`agent_closed` wants a text", 1 },
	{ "texts = { agent_closed = \"{tciket} done\"; };", "`agent_closed` has no {tciket}: there may stand {ticket}", 1 },
	{ "texts = { agent_closed = \"{ticket done\"; };", "`agent_closed` has no {ticket done", 1 },
};

START_TEST(test_fault)
{
	struct tw_buf said = { 0 };
	char text[400];

	snprintf(text, sizeof(text), "%s account = \"default\"; keywords = ( { match = \"A\"; reply = \"b\"; } );",
		 faults[_i].text);
	ck_assert_ptr_null(kit_load(text));
	tw_findings_print(&findings, &said);
	ck_assert_msg(findings.n == 1 && findings.v[0].line == faults[_i].line &&
		      strstr(said.p, faults[_i].says), "%s", said.p);
	tw_buf_done(&said);
}
END_TEST

/* A second file of the account may not say it another way. */
START_TEST(test_twice)
{
	kit_write("b.conf", "account = \"default\"; texts = { how = \"b\"; };");
	ck_assert_ptr_null(kit_load("account = \"default\"; texts = { how = \"a\"; };"));
	ck_assert_ptr_nonnull(strstr(findings.v[0].text, "`how` of account default stands already"));
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_language);
	tcase_add_test(tc, test_all);
	tcase_add_test(tc, test_own);
	tcase_add_loop_test(tc, test_fault, 0, (int)TW_COUNT(faults));
	tcase_add_test(tc, test_twice);
}

int main(void)
{
	return unit_run("flow_say", add);
}
