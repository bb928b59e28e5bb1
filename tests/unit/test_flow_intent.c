/* Free text to intents: how it is read, and how well it is told what it is about. The corpus: shops in many
 * languages with their examples, texts by which the margins were chosen, and texts that were held back. */
#include "flow_kit.h"

/* ---- the corpus ---------------------------------------------------------------------------- */

enum { SHOPS_MAX = 32, ROWS_MAX = 1000 };
static struct { char shop[32], second[32], third[32], text[400]; } rows[ROWS_MAX];
static size_t n_rows;

/* The last column is the text. */
static void read_rows(const char *name, bool has_third)
{
	tw_auto(tw_free_charp) char *path = tw_printf("vectors/intents-%s.tsv", name);
	FILE *f = fopen(path, "r");
	char line[600];

	ck_assert_msg(f != NULL, "%s", path);
	n_rows = 0;
	while (fgets(line, sizeof(line), f)) {
		int read;

		if (line[0] == '#')
			continue;
		ck_assert_uint_lt(n_rows, ROWS_MAX);
		read = has_third ? sscanf(line, "%31[^\t]\t%31[^\t]\t%31[^\t]\t%399[^\n]", rows[n_rows].shop,
					  rows[n_rows].second, rows[n_rows].third, rows[n_rows].text) - 1
				 : sscanf(line, "%31[^\t]\t%31[^\t]\t%399[^\n]", rows[n_rows].shop,
					  rows[n_rows].second, rows[n_rows].text);
		ck_assert_msg(read == 3, "%s: %s", path, line);
		n_rows++;
	}
	fclose(f);
}

static struct { char name[32]; struct flows *flows; } shops[SHOPS_MAX];
static size_t n_shops;

/* The rows from..to are of one shop: an account that keeps its language. */
static void add_shop(size_t from, size_t to)
{
	struct flow_account account = { "default", rows[from].second, "" };
	struct tw_buf keywords = { 0 }, intents = { 0 };
	const char *before = "";

	for (size_t i = from; i < to; i++) {
		if (strcmp(before, rows[i].third)) {
			tw_buf_addf(&keywords, "%s{ match = \"intent %s\"; reply = \"%s\"; }", *before ? "," : "",
				    rows[i].third, rows[i].third);
			tw_buf_addf(&intents, "%s{ go = \"intent %s\"; like = [", *before ? "]; }," : "",
				    rows[i].third);
		} else {
			tw_buf_addc(&intents, ',');
		}
		tw_buf_addf(&intents, " \"%s\"", rows[i].text);
		before = rows[i].third;
	}
	tw_auto(tw_free_charp) char *text = tw_printf("keywords = ( %s ); intents = ( %s ]; } );",
		tw_buf_str(&keywords), tw_buf_str(&intents));

	kit_write("a.conf", text);
	kit_accounts[0] = account;
	kit_load_folder();
	ck_assert_msg(flows != NULL, "%s\n%s", text, findings.n ? findings.v[0].text : "");
	ck_assert_uint_lt(n_shops, SHOPS_MAX);
	strcpy(shops[n_shops].name, rows[from].shop);
	shops[n_shops++].flows = flows;
	flows = NULL;
	tw_buf_done(&keywords);
	tw_buf_done(&intents);
}

static void open_shops(void)
{
	read_rows("examples", true);
	for (size_t from = 0, to; from < n_rows; from = to) {
		for (to = from; to < n_rows && !strcmp(rows[to].shop, rows[from].shop); to++)
			;
		add_shop(from, to);
	}
}

/* What the text is about: "none", or the intent. */
static const char *ask(const char *shop, const char *text)
{
	for (size_t i = 0; i < n_shops; i++)
		if (!strcmp(shops[i].name, shop)) {
			event.text = text;
			event.text_n = strlen(text);
			flow_decide(shops[i].flows, &event, &result);
			for (size_t k = 0; k < result.n; k++)
				if (result.v[k].type == FLOW_TAKEN)
					return result.v[k].keyword + strlen("intent ");
			return "none";
		}
	ck_abort_msg("no shop %s", shop);
	return "";
}

struct figures { size_t asked, found, wrong, none, false_hits; };

static struct figures measure(const char *part)
{
	struct figures f = { 0 };
	const char *log = getenv("INTENTS_VERBOSE");

	read_rows(part, false);
	for (size_t i = 0; i < n_rows; i++) {
		const char *got = ask(rows[i].shop, rows[i].text);
		bool is_none = !strcmp(rows[i].second, "none");
		bool is_right = !strcmp(rows[i].second, got);

		f.asked += !is_none;
		f.none += is_none;
		f.found += !is_none && is_right;
		f.wrong += !is_none && !is_right && strcmp(got, "none");
		f.false_hits += is_none && !is_right;
		if (log && !is_right)
			printf("%s %s: %s, not %s: %s\n", part, rows[i].shop, got, rows[i].second,
			       rows[i].text);
	}
	printf("intents, %s part: %zu of %zu found, %zu taken for another; %zu of %zu others taken for one "
	       "(false hits %.1f %%); precision %.3f, recall %.3f\n", part, f.found, f.asked, f.wrong,
	       f.false_hits, f.none, 100.0 * (double)f.false_hits / (double)f.none,
	       (double)f.found / (double)(f.found + f.wrong + f.false_hits),
	       (double)f.found / (double)f.asked);
	return f;
}

START_TEST(test_corpus)
{
	struct figures tuned, held;

	open_shops();
	tuned = measure("tuned");
	held = measure("held");
	ck_assert_uint_gt(tuned.asked + tuned.none, 200);
	ck_assert_uint_gt(held.asked + held.none, 200);
	/* A wrong answer is worse than `otherwise`. */
	ck_assert_uint_le(100 * held.false_hits, 5 * held.none);
	ck_assert_uint_le(100 * held.wrong, 3 * held.asked);
	ck_assert_uint_ge(100 * held.found, 60 * held.asked);
	for (size_t i = 0; i < n_shops; i++)
		flows_free(shops[i].flows);
}
END_TEST

/* ---- how it is read ------------------------------------------------------------------------ */

static const char shop[] =
	"keywords = (\n"
	"  { match = \"HOURS\"; hours = \"mon-fri 08:00-18:00\"; reply = \"Till six.\"; },\n"
	"  { match = \"HOURS\"; from = \"+447700900123\"; reply = \"Closed: {args}\"; },\n"
	"  { match = \"CAKE\"; do = ( { label = \"which\"; ask = \"For how many?\"; expect = \"1..50\"; },\n"
	"                            { reply = \"Noted.\"; } ); },\n"
	"  { match = \"BREAD\"; reply = \"Fresh at seven.\"; } );\n"
	"intents = (\n"
	"  { go = \"hours\"; like = [ \"when are you open\", \"opening times\" ]; },\n"
	"  { go = \"HOURS\"; like = \"what time do you close\"; },\n"
	"  { go = \"which\"; like = { en = [ \"order a birthday cake\" ]; de = [ \"eine torte bestellen\" ]; }; },\n"
	"  { go = \"BREAD\"; like = [ \"when is the bread fresh\", \"\u8425\u4E1A\u65F6\u95F4\" ]; } );\n"
	"otherwise = \"Pardon?\";\n";

static const struct { const char *text, *leads_to; } order_rows[] = {
	{ "When do you open?", "TAKEN default HOURS | REPLY default Till six." },
	{ "what time do you close", "TAKEN default HOURS | REPLY default Till six." },
	{ "bread, when is it fresh", "TAKEN default BREAD | REPLY default Fresh at seven." },
	{ "is your bread fresh", "TAKEN default BREAD | REPLY default Fresh at seven." },
	{ "\u4ECA\u5929\u7684\u8425\u4E1A\u65F6\u95F4", "TAKEN default BREAD | REPLY default Fresh at seven." },
	/* one may lead to a question */
	{ "I would like to order a birthday cake", "TAKEN default | REPLY default For how many? | KEEP asking" },
	{ "ich will eine torte bestellen", "TAKEN default | REPLY default For how many? | KEEP asking" },
	/* a keyword and a slip of one go first, and how to leave */
	{ "hours: when are you open", "TAKEN default HOURS | REPLY default Till six." },
	{ "huors: when is the bread fresh", "TAKEN default HOURS | REPLY default Till six." },
	{ "when are you open and how do I unsubscribe", "REPLY default To get no more messages, text STOP." },
	/* about half of one, about nothing */
	{ "birthday", "UNTAKEN default | REPLY default Pardon?" },
	{ "my train is late", "UNTAKEN default | REPLY default Pardon?" },
	{ "are you", "UNTAKEN default | REPLY default Pardon?" },
	{ "\"when\" OR \"open\" NOT tokens:*", "TAKEN default HOURS | REPLY default Till six." },
	{ "'; DROP TABLE t0; --", "UNTAKEN default | REPLY default Pardon?" },
	{ "{args} \" * ^ NEAR(", "UNTAKEN default | REPLY default Pardon?" },
	{ "", "UNTAKEN default | REPLY default Pardon?" },
	{ "\U0001F44D", "UNTAKEN default | REPLY default Pardon?" },
};

START_TEST(test_order)
{
	kit_accounts[0] = (struct flow_account){ "default", "en", "Europe/London" };
	kit_stands = false;
	kit_expect(shop);
	expect_say(order_rows[_i].text, order_rows[_i].leads_to);
}
END_TEST

/* A keyword's limits hold, and who may be answered. */
START_TEST(test_limits)
{
	struct tw_buf text = { 0 };

	kit_accounts[0] = (struct flow_account){ "default", "en", "Europe/London" };
	kit_expect(shop);
	ck_assert_int_eq(tw_rfc3339_read("2026-05-10T11:00Z", &event.now), 0);	/* a Sunday */
	expect_say("when are you open", "TAKEN default HOURS | REPLY default Closed: when are you open");
	event.from = "+447700900124";
	expect_say("when are you open", "UNTAKEN default | REPLY default Pardon?");
	event.is_automatic_ok = false;
	expect_say("is your bread fresh", "");
	event.is_automatic_ok = true;
	event.from = "60300";
	event.from_kind = NUMBER_SHORT;
	expect_say("is your bread fresh", "UNTAKEN default");
	expect_say("order a birthday cake", "UNTAKEN default");
	event.from = "SHOP";
	event.from_kind = NUMBER_NAME;
	expect_say("is your bread fresh", "UNTAKEN default");
	event.from = "+447700900124";
	event.from_kind = NUMBER_E164;
	for (int i = 0; i < 3000; i++)
		tw_buf_addf(&text, "w%d ", i);
	expect_say(text.p, "UNTAKEN default | REPLY default Pardon?");
	tw_buf_done(&text);
}
END_TEST

/* What is about two things alike is about neither, unless they lead to the same. */
START_TEST(test_gap)
{
	static const char format[] = "keywords = ( { match = \"A1\"; reply = \"a\"; }, { match = \"B1\"; "
		"reply = \"b\"; } ); intents = ( { go = \"A1\"; like = [ \"when are you open\" ]; },"
		"{ go = \"%s\"; like = [ \"when are you open\", \"is there bread\" ]; } );";
	tw_auto(tw_free_charp) char *two = tw_printf(format, "B1"), *same = tw_printf(format, "a1");

	kit_accounts[0] = (struct flow_account){ "default", "en", "" };
	kit_expect(two);
	expect_say("when are you open", "UNTAKEN default");
	expect_say("any bread", "TAKEN default B1 | REPLY default b");
	kit_expect(same);
	expect_say("when are you open", "TAKEN default A1 | REPLY default a");
}
END_TEST

/* Each account's texts are looked for in its own examples, each file's on its own numbers. */
START_TEST(test_accounts)
{
	kit_accounts[0] = (struct flow_account){ "acme", "en", "" };
	kit_accounts[1] = (struct flow_account){ "bistro", "fr", "" };
	kit_n_accounts = 2;
	kit_write("a.conf", "account = \"acme\"; keywords = ( { match = \"A1\"; reply = \"Acme.\"; } );"
		  "intents = ( { go = \"A1\"; like = [ \"when are you open\" ]; } );");
	kit_write("b.conf", "account = \"bistro\"; numbers = \"+447700900002\";"
		  "keywords = ( { match = \"B1\"; reply = \"Bistro.\"; } );"
		  "intents = ( { go = \"B1\"; like = [ \"quels sont vos horaires\" ]; } );");
	kit_load_folder();
	ck_assert_msg(flows && !findings.n, "%s", findings.n ? findings.v[0].text : "");
	expect_say("when do you open", "TAKEN acme A1 | REPLY acme Acme.");
	expect_say("vos horaires svp", "UNTAKEN acme");
	event.last_account = "bistro";
	expect_say("when do you open", "UNTAKEN bistro");
	expect_say("vos horaires svp", "UNTAKEN bistro");
	event.to = "+447700900002";
	expect_say("vos horaires svp", "TAKEN bistro B1 | REPLY bistro Bistro.");
}
END_TEST

static const struct { const char *text, *error; } fault_rows[] = {
	{ "intents = { };", "`intents` wants a list of at most 2000 groups ( { go = \"\u2026\"; like = [ "
	  "\"\u2026\" ]; } )" },
	{ "intents = ( \"x\" );", "an intent is a group { go = \"\u2026\"; like = [ \"\u2026\" ]; }, not a text" },
	{ "intents = ( { go = \"X1\"; } );", "`like` is missing here" },
	{ "intents = ( { like = [ \"x\" ]; } );", "`go` is missing here" },
	{ "intents = ( { go = \"Z\"; like = [ \"x\" ]; } );", "`go` leads nowhere: \"Z\" is no label of this file "
	  "and no keyword of account default" },
	{ "intents = ( { go = \"X1\"; like = [ ]; } );", "`like` wants an array of 1 to 500 examples "
	  "[ \"\u2026\", \"\u2026\" ], or a group of such arrays by language" },
	{ "intents = ( { go = \"X1\"; like = 7; } );", "`like` wants an array of 1 to 500 examples "
	  "[ \"\u2026\", \"\u2026\" ], or a group of such arrays by language" },
	{ "intents = ( { go = \"X1\"; like = [ \"?!\" ]; } );", "an example is a text that holds a word" },
};

START_TEST(test_faults)
{
	tw_auto(tw_free_charp) char *text = tw_printf("keywords = ( { match = \"X1\"; reply = \"x\"; } );\n%s",
						      fault_rows[_i].text);

	kit_accounts[0] = (struct flow_account){ "default", "en", "" };
	ck_assert_ptr_null(kit_load(text));
	ck_assert_uint_ge(findings.n, 1);
	ck_assert_uint_eq(findings.v[0].line, 2);
	ck_assert_ptr_nonnull(strstr(findings.v[0].text, fault_rows[_i].error));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flow_intent");
	TCase *t = tcase_create("intent");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, kit_open, kit_close);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_corpus);
	tcase_add_loop_test(t, test_order, 0, TW_COUNT(order_rows));
	tcase_add_test(t, test_limits);
	tcase_add_test(t, test_gap);
	tcase_add_test(t, test_accounts);
	tcase_add_loop_test(t, test_faults, 0, TW_COUNT(fault_rows));
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
