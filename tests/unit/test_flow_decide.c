/* What a text leads to: keywords, slips, consent, otherwise, in the order of the contract. */
#include "flow_kit.h"

static const char shop[] =
	"keywords = (\n"
	"  { match = \"HOURS\"; reply = \"Mon to Fri.\"; },\n"
	"  { match = \"REPAIR\"; reply = \"Which?\"; },\n"
	"  { match = \"REPAIR BATH\"; reply = \"Bath: {args|nothing}.\"; },\n"
	"  { match = \"REPAIR HEAT\"; reply = \"Heat.\"; },\n"
	"  { match = \"REPAIR HEAP\"; reply = \"Heap.\"; },\n"
	"  { match = [ \"YES2OFFER\", \"YES TO OFFER\" ]; do = ( { reply = \"One.\"; }, { reply = \"Two.\"; } ); },\n"
	"  { match = \"CALL ME\"; reply = \"Calling.\"; },\n"
	"  { match = \"EXIT\"; reply = \"The exit.\"; },\n"
	"  { match = \"\U0001F44D\"; reply = \"Thanks.\"; },\n"
	"  { match = \"\u9000\u8D27\"; reply = \"Return {args}.\"; },\n"
	"  { match = \"BAR\"; reply_to = \"any\"; reply = \"Bar.\"; },\n"
	"  { match = \"AUFH\u00D6REN\"; reply = \"{args}\"; }\n"
	");\n"
	"otherwise = \"Pardon?\";\n";

static const struct { const char *text, *leads_to; } keyword_rows[] = {
	{ "HOURS", "TAKEN default HOURS | REPLY default Mon to Fri." },
	{ "  hours?!", "TAKEN default HOURS | REPLY default Mon to Fri." },
	{ "Hours on monday", "TAKEN default HOURS | REPLY default Mon to Fri." },
	{ "repair bath", "TAKEN default REPAIR BATH | REPLY default Bath: nothing." },
	{ "Repair, bath: the Tap Drips! ", "TAKEN default REPAIR BATH | REPLY default Bath: the Tap Drips!." },
	{ "repair the gate", "TAKEN default REPAIR | REPLY default Which?" },
	{ "repair bathroom", "TAKEN default REPAIR | REPLY default Which?" },
	{ "yes to offer", "TAKEN default YES2OFFER | REPLY default One. | REPLY default Two." },
	{ "\U0001F44D\U0001F3FF", "TAKEN default \U0001F44D | REPLY default Thanks." },
	{ "\U0001F44Dgreat", "TAKEN default \U0001F44D | REPLY default Thanks." },
	{ "\u9000\u8D27ABC", "TAKEN default \u9000\u8D27 | REPLY default Return ABC." },
	{ "\u9000\u8D27\u7533\u8BF7", "TAKEN default \u9000\u8D27 | REPLY default Return \u7533\u8BF7." },
	{ "aufho\u0308ren sofort", "TAKEN default AUFH\u00D6REN | REPLY default sofort" },
	{ "the hours", "UNTAKEN default | REPLY default Pardon?" },
	{ "hoursx hours", "TAKEN default HOURS | REPLY default Mon to Fri." },	/* a slip */
	{ "", "UNTAKEN default | REPLY default Pardon?" },
	{ "???", "UNTAKEN default | REPLY default Pardon?" },
	/* slips */
	{ "huors", "TAKEN default HOURS | REPLY default Mon to Fri." },
	{ "hour", "TAKEN default HOURS | REPLY default Mon to Fri." },
	{ "hourss", "TAKEN default HOURS | REPLY default Mon to Fri." },
	{ "hoirs today", "TAKEN default HOURS | REPLY default Mon to Fri." },
	{ "repiar bath tap", "TAKEN default REPAIR BATH | REPLY default Bath: tap." },
	{ "repair bahd", "TAKEN default REPAIR | REPLY default Which?" },	/* exact beats a slip */
	{ "repiar heat", "TAKEN default REPAIR HEAT | REPLY default Heat." },
	{ "repair heax", "TAKEN default REPAIR | REPLY default Which?" },
	{ "rupair the gate", "TAKEN default REPAIR | REPLY default Which?" },
	{ "ours", "UNTAKEN default | REPLY default Pardon?" },		/* the first letter */
	{ "xours", "UNTAKEN default | REPLY default Pardon?" },
	{ "ohurs", "UNTAKEN default | REPLY default Pardon?" },
	{ "huosr", "UNTAKEN default | REPLY default Pardon?" },		/* two slips */
	{ "yes3offer", "UNTAKEN default | REPLY default Pardon?" },	/* a digit */
	{ "yesoffer", "UNTAKEN default | REPLY default Pardon?" },
	{ "yes22offer", "UNTAKEN default | REPLY default Pardon?" },
	{ "yes2ofer", "TAKEN default YES2OFFER | REPLY default One. | REPLY default Two." },
	{ "callme", "UNTAKEN default | REPLY default Pardon?" },	/* a space is no letter */
	{ "call mee", "TAKEN default CALL ME | REPLY default Calling." },
	{ "exist", "UNTAKEN default | REPLY default Pardon?" },		/* four letters */
	/* an ambiguous word that is a keyword */
	{ "exit", "TAKEN default EXIT | REPLY default The exit." },
};

START_TEST(test_keyword)
{
	kit_expect(shop);
	expect_say(keyword_rows[_i].text, keyword_rows[_i].leads_to);
}
END_TEST

#define REPAIRS "keywords = ( { match = \"REPAIR HEAT\"; reply = \"Heat {args}\"; },\n" \
	"{ match = \"REPAIR HEAP\"; reply = \"Heap {args}\"; },\n" \
	"{ match = [ \"REPAIR HEAD\", \"REPAIR HEAR\" ]; reply = \"Head {args}\"; }"
#define ASKS "REPLY default Did you mean REPAIR HEAT (1), REPAIR HEAP (2) or REPAIR HEAD (3)? | " \
	"WHICH default 10\nrepair heat\nrepair heap\nrepair head"

START_TEST(test_which)
{
	kit_expect(REPAIRS " );");
	expect_say("repair hea", ASKS);
	event.contact_language = "de";
	kit_say("repair heaz");
	ck_assert_ptr_nonnull(strstr(kit_out, "Meinten Sie REPAIR HEAT (1), REPAIR HEAP (2) oder REPAIR "
				     "HEAD (3)?"));
	kit_expect("keywords = ( { match = [ \"REPAIR\", \"REPAIRS\" ]; reply = \"1\"; } );");
	expect_say("repairz", "TAKEN default REPAIR | REPLY default 1");	/* one keyword, two matches */
}
END_TEST

/* What answers it, and what goes on as if nothing had been asked. */
static const struct { const char *said, *leads_to; } which_rows[] = {
	{ "1", "TAKEN default REPAIR HEAT | REPLY default Heat The Flat!" },
	{ " 2. ", "TAKEN default REPAIR HEAP | REPLY default Heap The Flat!" },
	{ "#3", "TAKEN default REPAIR HEAD | REPLY default Head The Flat!" },
	{ "\u0662", "TAKEN default REPAIR HEAP | REPLY default Heap The Flat!" },
	{ "Repair, heap!", "TAKEN default REPAIR HEAP | REPLY default Heap The Flat!" },
	/* a keyword anew, with words of its own */
	{ "repair heap upstairs", "TAKEN default REPAIR HEAP | REPLY default Heap upstairs" },
	{ "repair hear", "TAKEN default REPAIR HEAD | REPLY default Head " },
	/* keywords are no choices, whatever they look like */
	{ "4", "TAKEN default 4 | REPLY default Four" },
	{ "hours", "TAKEN default HOURS | REPLY default 8-18" },
	{ "repair hea", ASKS },
	{ "5", "UNTAKEN default" }, { "0", "UNTAKEN default" }, { "1 2", "UNTAKEN default" },
	{ "", "UNTAKEN default" }, { "heat", "UNTAKEN default" }, { "99999999999999999999", "UNTAKEN default" },
};

START_TEST(test_which_answer)
{
	static const char slip[] = "Repair hea The Flat!";
	const struct flow_which which = { "10\nrepair heat\nrepair heap\nrepair head\nrepair gone",
					  slip, strlen(slip) };

	kit_expect(REPAIRS ", { match = \"HOURS\"; reply = \"8-18\"; }, { match = \"4\"; reply = \"Four\"; } );");
	event.which = &which;
	expect_say(which_rows[_i].said, which_rows[_i].leads_to);
	event.which = NULL;
	/* A number that is a keyword by now is that keyword, and a person goes first. */
	kit_expect(REPAIRS ", { match = \"1\"; reply = \"One\"; } );");
	event.which = &which;
	expect_say("1", "TAKEN default 1 | REPLY default One");
	event.person_account = "default";
	expect_say("2", "PERSON default");
	event.person_account = NULL;
	event.which = NULL;
}
END_TEST

/* ---- pools of the configuration ------------------------------------------------------------- */

static const char *const uk_numbers[] = { "+447700900001", "+447700900002" };
static const char *const de_numbers[] = { "+4915112345601" };
static const struct flow_pool two_pools[] = { { "uk", uk_numbers, 2 }, { "germany", de_numbers, 1 },
					      { "refused", NULL, 0 } };

static void know_pools(void)
{
	kit_pools = two_pools;
	kit_n_pools = TW_COUNT(two_pools);
}

START_TEST(test_pool)
{
	know_pools();
	kit_expect("keywords = ( { match = \"HOURS\"; numbers = \"uk\"; reply = \"9-17\"; },\n"
		   "{ match = \"HOURS\"; numbers = [ \"germany\", \"+447700900003\" ]; reply = \"8-18\"; },\n"
		   "{ match = \"VOTE\"; numbers = \"12345\"; reply = \"Noted\"; },\n"
		   "{ match = \"GONE\"; numbers = \"refused\"; reply = \"x\"; },\n"
		   "{ match = \"TELL\"; send = { to = \"+447700900500\"; text = \"x\"; from = \"uk\"; }; } );");
	expect_say("hours", "TAKEN default HOURS | REPLY default 9-17");
	expect_say("gone", "UNTAKEN default");
	event.to = "+4915112345601";
	expect_say("hours", "TAKEN default HOURS | REPLY default 8-18");
	event.to = "+447700900003";
	expect_say("hours", "TAKEN default HOURS | REPLY default 8-18");
	event.to = "+447700900004";
	expect_say("hours", "UNTAKEN default");
	expect_say("tell", "TAKEN default TELL | SEND default +447700900500 from uk x");
	event.to = "12345";
	expect_say("vote", "TAKEN default VOTE | REPLY default Noted");
}
END_TEST

START_TEST(test_pool_of_file)
{
	struct flow_at at;

	know_pools();
	kit_expect("numbers = [ \"uk\" ]; otherwise = \"What?\"; keywords = ( { match = \"HOURS\"; reply = \"9-17\"; } );\n"
		   "on = ( { event = \"at\"; every = \"day 09:00\"; reply = \"News\"; } );");
	expect_say("hours", "TAKEN default HOURS | REPLY default 9-17");
	ck_assert(flows_at(flows, 0, &at));
	ck_assert_uint_eq(at.n_numbers, 2);
	ck_assert_str_eq(at.numbers[1], "+447700900002");
	event.to = "+447700900003";
	expect_say("hours", "UNTAKEN default");
}
END_TEST

static const struct { const char *flow, *says; unsigned line; bool unknown; } pool_rows[] = {
	{ "keywords = (\n{ match = \"A\"; numbers = \"germny\"; reply = \"x\"; } );",
	  "\"germny\" is no number, and no pool of the configuration; did you mean \"germany\"?", 2, false },
	{ "keywords = ( );\n\nnumbers = [ \"uk\",\n\"france\" ];", "\"france\" is no number, and no pool", 4, false },
	{ "keywords = (\n{ match = \"A\"; send = { to = \"+447700900500\"; text = \"x\";\nfrom = \"usa\"; }; } );",
	  "\"usa\" is no number", 3, false },
	{ "keywords = ( { match = \"A\"; send = { to = \"+447700900500\"; text = \"x\";\nfrom = [ \"uk\" ]; }; } );",
	  "`from` wants a number or the name of a pool", 2, false },
	{ "keywords = (\n{ match = \"A\"; numbers = 5; reply = \"x\"; } );", "wants a number or a pool", 2, false },
	{ "keywords = (\n{ match = \"A\"; numbers = [ 5 ]; reply = \"x\"; } );", "in quotation marks", 2, false },
	{ "keywords = (\n{ match = \"A\"; numbers = \"07700\"; reply = \"x\"; } );", "\"07700\": ", 2, false },
	/* senders are no lines */
	{ "keywords = (\n{ match = \"A\"; from = \"+44\"; reply = \"x\"; } );", "\"+44\": ", 2, false },
	/* two accounts' files on one number, by a pool */
	{ "numbers = \"uk\"; keywords = (\n{ match = \"PIZZA\"; reply = \"x\"; } );",
	  "is a keyword of account acme on the same number too", 2, false },
	/* nobody knows which pools there are: it is said, and is no error */
	{ "keywords = (\n{ match = \"A\"; numbers = \"france\"; reply = \"x\"; } );",
	  "without it (--config) any number is one of them", 2, true },
};

START_TEST(test_pool_fault)
{
	const struct tw_finding *f;

	know_pools();
	if (pool_rows[_i].unknown)
		kit_pools = NULL, kit_n_pools = 0;
	kit_accounts[1] = (struct flow_account){ "acme", "en", "Europe/London" };
	kit_n_accounts = 2;
	kit_write("0.conf", "account = \"acme\"; numbers = \"+447700900002\";"
		  "keywords = ( { match = \"PIZZA\"; reply = \"x\"; } );");
	kit_load(pool_rows[_i].flow);
	ck_assert_msg(findings.n == 1, "%s: %zu", pool_rows[_i].flow, findings.n);
	f = &findings.v[0];
	ck_assert_msg(strstr(f->text, pool_rows[_i].says), "%s", f->text);
	ck_assert_uint_eq(f->line, pool_rows[_i].line);
	ck_assert(f->is_error == !pool_rows[_i].unknown);
	if (!pool_rows[_i].unknown)
		return;
	expect_say("a", "TAKEN default A | REPLY default x");
}
END_TEST

/* Numbers of an old version are read as they were, though its pool is gone. */
START_TEST(test_pool_of_version)
{
	static const char text[] = "numbers = [ \"france\", \"07700 900001\" ]; ended = \"Over\";"
				   "keywords = ( { match = \"A\"; ask = \"How many?\"; } );";
	struct flow_version v = { .name = "old.conf", .account = "default", .text = text,
				  .text_n = strlen(text) };
	uint8_t id[FLOW_VERSION_SIZE];
	struct flows *old;

	know_pools();
	kit_country = "GB";
	kit_expect("keywords = ( { match = \"A\"; reply = \"x\"; } );");
	tw_sha256(text, strlen(text), id);
	v.id = id;
	old = flows_load_version(flows, &v, &findings);
	ck_assert_msg(old != NULL, "%s", findings.n ? findings.v[0].text : "");
	ck_assert_uint_eq(findings.n, 0);
	flows_free(old);
}
END_TEST

/* Any script: capitals, tatweel, letters without spaces, symbols as words. */
static const struct { const char *keyword, *text, *args; } script_rows[] = {
	{ "\u0420\u0415\u041C\u041E\u041D\u0422", "\u0440\u0435\u043C\u043E\u043D\u0442 \u0434\u0432\u0435\u0440\u0438", "\u0434\u0432\u0435\u0440\u0438" },
	{ "\u0645\u0631\u062D\u0628\u0627", "\u0645\u0640\u0640\u0631\u064E\u062D\u0628\u0627", "" },	/* tatweel, a vowel sign */
	{ "\u092B\u0940\u0938", "\u092B\u0940\u0938 \u0915\u092C", "\u0915\u092C" },
	{ "\u3042\u308A\u304C\u3068\u3046", "\u3042\u308A\u304C\u3068\u3046\u3054\u3056\u3044", "\u3054\u3056\u3044" },
	{ "\u0E40\u0E1B\u0E34\u0E14", "\u0E40\u0E1B\u0E34\u0E14\u0E44\u0E2B\u0E21", "\u0E44\u0E2B\u0E21" },
	{ "\u2764", "\u2764\uFE0F you", "you" },		/* a variation selector */
	{ "\u2615 BAR", "\u2615bar now", "now" },
	{ "\u00C5NGSTR\u00D6M", "angstrom", "" },
	{ "STRASSE", "Stra\u00DFe 5", "5" },
	{ "\uFF21\uFF22", "ab", "" },			/* full width */
};

START_TEST(test_script)
{
	tw_auto(tw_free_charp) char *flow = tw_printf("keywords = ( { match = \"%s\"; reply = \"[{args}]\"; } );",
						      script_rows[_i].keyword);
	tw_auto(tw_free_charp) char *expected = tw_printf("TAKEN default %s | REPLY default [%s]",
							  script_rows[_i].keyword, script_rows[_i].args);

	kit_expect(flow);
	expect_say(script_rows[_i].text, expected);
}
END_TEST

/* Rule 4 and what an `ask` may say against it; a slip never goes before the question. */
START_TEST(test_policies)
{
	static const struct { const char *policy, *alone, *with_words; } rows[] = {
		{ "auto", "ANSWER", "ANSWER" }, { "win", "TAKEN", "TAKEN" }, { "wait", "ANSWER", "ANSWER" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		tw_auto(tw_free_charp) char *flow = tw_printf("keywords = ( { match = \"HOURS\"; reply = \"8-18\"; }, "
			"{ match = \"ASK\"; do = ( { ask = \"Why?\"; keywords = \"%s\"; }, { reply = \"So.\"; } ); } );",
			rows[i].policy);

		kit_stands = false;
		kit_expect(flow);
		kit_say("ask");
		ck_assert(kit_stands);
		ck_assert_int_eq(strncmp(kit_say("hours"), "TAKEN", 5) == 0, rows[i].alone[0] == 'T');
		kit_stands = false;
		kit_say("ask");
		ck_assert_int_eq(strncmp(kit_say("hours today"), "TAKEN", 5) == 0, rows[i].with_words[0] == 'T');
		kit_stands = false;
		kit_say("ask");
		expect_say("huors", "REPLY default So.");
	}
}
END_TEST

/* ---- sentences that leave ------------------------------------------------------------------ */

static const struct { const char *text, *leads_to; } sentence_rows[] = {
	{ "Please stop texting me", "STOP default | CONSENT-REPLY default You will get no more messages from this "
	  "number. Text START to undo this." },
	{ "can you take me off your list?", "STOP default | CONSENT-REPLY default You will get no more messages "
	  "from this number. Text START to undo this." },
	/* not unmistakable: in the place of `otherwise` only */
	{ "stop texting me at night", "REPLY default To get no more messages, text STOP." },
	{ "How do I unsubscribe", "REPLY default To get no more messages, text STOP." },
	{ "hours, and how do I unsubscribe", "TAKEN default HOURS | REPLY default Mon to Fri." },
	/* something else is to stop */
	{ "please stop the delivery, we moved", "UNTAKEN default | REPLY default Pardon?" },
	{ "please don't stop texting me", "UNTAKEN default | REPLY default Pardon?" },
	{ "Liked \u201CShop: sale today. Text STOP to opt out\u201D",
	  "UNTAKEN default | REPLY default Pardon?" },
	/* a sentence goes before a keyword with words behind it, not before one that is the whole text */
	{ "repair done, now stop texting me", "STOP default | CONSENT-REPLY default You will get no more messages "
	  "from this number. Text START to undo this." },
	{ "no more messages", "TAKEN default NO MORE MESSAGES | REPLY default Fewer." },
};

START_TEST(test_sentence)
{
	kit_expect("keywords = ( { match = \"HOURS\"; reply = \"Mon to Fri.\"; },\n"
		   "{ match = \"REPAIR\"; reply = \"Which?\"; },\n"
		   "{ match = \"NO MORE MESSAGES\"; reply = \"Fewer.\"; } );\n"
		   "otherwise = \"Pardon?\";\n");
	expect_say(sentence_rows[_i].text, sentence_rows[_i].leads_to);
}
END_TEST

/* x of STOP x is an account, else a list of these accounts, else everything. */
START_TEST(test_stop_list)
{
	kit_expect("lists = ( { name = \"offers\"; }, { name = \"big_news\"; } ); otherwise = \"Pardon?\";");
	expect_say("STOP OFFERS", "UNSUBSCRIBE default offers | CONSENT-REPLY default You have left offers. "
		   "STOP ALL leaves everything on this number.");
	expect_say("stop big news please", "UNSUBSCRIBE default big_news | CONSENT-REPLY default You have left "
		   "big_news. STOP ALL leaves everything on this number.");
	expect_say("stop news", "REPLY default To get no more messages, text STOP.");
	expect_say("start offers", "UNTAKEN default | REPLY default Pardon?");	/* no keyword joins it */
}
END_TEST

/* START opens no list: it says by which keyword it is joined (contract 3). */
START_TEST(test_start_list)
{
	static const char *const closed[] = { "default" };

	kit_expect("lists = ( { name = \"offers\"; double_opt_in = true; confirm = \"Sure?\"; }, { name = \"news\"; } );"
		   "keywords = ( { match = [ \"DEALS\", \"SALE\" ]; subscribe = \"offers\"; }, { match = \"START NEWS\"; "
		   "subscribe = \"news\"; } ); otherwise = \"Pardon?\";");
	expect_say("START offers", "CONSENT-REPLY default To join offers, text DEALS.");
	event.contact_language = "fr";
	expect_say("start offers", "CONSENT-REPLY default Pour vous inscrire \u00E0 offers, envoyez DEALS.");
	event.contact_language = "";
	expect_say("start nothing", "UNTAKEN default | REPLY default Pardon?");
	expect_say("start news", "TAKEN default START NEWS | SUBSCRIBE default news");	/* a keyword of its own */
	event.stopped_accounts = closed;
	event.n_stopped_accounts = 1;
	expect_say("start offers", "CONSENT-REPLY default To join offers, text DEALS.");
	expect_say("start", "START default | CONSENT-REPLY default You get messages from this number again. Text "
		   "STOP to leave.");
	event.is_automatic_ok = false;
	expect_say("start offers", "");
}
END_TEST

START_TEST(test_sentence_senders)
{
	kit_expect(shop);
	event.is_automatic_ok = false;		/* counts at any age; is not answered with how to leave */
	expect_say("stop sending me messages", "STOP default | CONSENT-REPLY default You will get no more messages "
		   "from this number. Text START to undo this.");
	expect_say("how do I unsubscribe", "");
	event.from_kind = NUMBER_NAME;
	event.from = "ROBOT";
	expect_say("stop sending me messages", "");
}
END_TEST

/* ---- who writes ---------------------------------------------------------------------------- */

START_TEST(test_senders)
{
	kit_expect(shop);
	event.from = "60300";
	event.from_kind = NUMBER_SHORT;
	expect_say("hours", "UNTAKEN default");
	expect_say("bar", "TAKEN default BAR | REPLY default Bar.");
	expect_say("anything", "UNTAKEN default");
	expect_say("STOP", "UNTAKEN default");
	event.from = "1234567";
	expect_say("hours", "TAKEN default HOURS | REPLY default Mon to Fri.");
	event.from = "VODAFONE";
	event.from_kind = NUMBER_NAME;
	expect_say("hours", "UNTAKEN default");
	expect_say("bar", "UNTAKEN default");
	event.from = "+447700900002";
	event.from_kind = NUMBER_E164;
	event.is_own_number = true;
	expect_say("hours", "");
	expect_say("STOP", "");
}
END_TEST

START_TEST(test_not_automatic)
{
	kit_expect(shop);
	event.is_automatic_ok = false;
	expect_say("hours", "");
	expect_say("huors", "");
	expect_say("anything", "");
	expect_say("exit", "");
	expect_say("STOP", "STOP default | CONSENT-REPLY default You will get no more messages from this "
		   "number. Text START to undo this.");
	expect_say("cancel", "STOP default | CONSENT-REPLY default You will get no more messages from "
		   "this number. Text START to undo this.");
	expect_say("HELP", "HELP default");
}
END_TEST

START_TEST(test_limits)
{
	static const struct { const char *now, *reply; } rows[] = {
		{ "2026-05-04T06:59:59Z", "Closed." },	/* Monday 07:59 in London */
		{ "2026-05-04T07:00:00Z", "Open." },
		{ "2026-05-04T16:59:00Z", "Open." },
		{ "2026-05-04T17:00:00Z", "Closed." },
		{ "2026-05-09T08:30:00Z", "Open." },	/* Saturday */
		{ "2026-05-10T08:30:00Z", "Closed." },	/* Sunday */
		{ "2026-05-08T22:30:00Z", "Night." },	/* Friday 23:30 */
		{ "2026-05-09T00:30:00Z", "Night." },	/* Saturday 01:30 */
		{ "2026-05-10T00:30:00Z", "Closed." },
	};

	kit_expect("keywords = (\n"
		   "{ match = \"HEAT\"; hours = \"mon-fri 08:00-18:00, sat 09:00-13:00\"; reply = \"Open.\"; },\n"
		   "{ match = \"HEAT\"; hours = \"fri 22:00-02:00\"; reply = \"Night.\"; },\n"
		   "{ match = \"HEAT\"; reply = \"Closed.\"; } );");
	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		tw_auto(tw_free_charp) char *expected =
			tw_printf("TAKEN default HEAT | REPLY default %s", rows[i].reply);

		ck_assert_int_eq(tw_rfc3339_read(rows[i].now, &event.now), 0);
		expect_say("heat", expected);
	}
	kit_expect("keywords = (\n"
		   "{ match = \"A B\"; from = [ \"+447700900123\", \"12345\" ]; reply = \"Friend.\"; },\n"
		   "{ match = \"A B\"; numbers = \"+447700900002\"; reply = \"Two.\"; },\n"
		   "{ match = \"A\"; reply = \"Shorter.\"; } );");
	expect_say("a b", "TAKEN default A B | REPLY default Friend.");
	event.from = "+447700900124";
	expect_say("a b", "TAKEN default A | REPLY default Shorter.");
	event.to = "+447700900002";
	expect_say("a b", "TAKEN default A B | REPLY default Two.");
}
END_TEST

/* ---- accounts ------------------------------------------------------------------------------ */

static void two_accounts(void)
{
	kit_accounts[0] = (struct flow_account){ "acme", "en", "" };
	kit_accounts[1] = (struct flow_account){ "bistro", "de", "" };
	kit_n_accounts = 2;
	kit_write("a.conf", "account = \"acme\"; keywords = ( { match = \"HOURS\"; reply = \"Acme.\"; } );"
		  "otherwise = \"Acme?\"; goodbye = \"Acme says bye, {number}.\"; "
		  "welcome_back = \"Acme again.\"; help = \"Acme helps.\";");
	kit_write("b.conf", "account = \"bistro\"; keywords = ( { match = \"MENU\"; reply = \"Soup.\"; },"
		  "{ match = \"JOIN\"; reply = \"Joined.\"; } );");
	kit_load_folder();
	ck_assert_ptr_nonnull(flows);
}

START_TEST(test_accounts)
{
	two_accounts();
	expect_say("hours", "TAKEN acme HOURS | REPLY acme Acme.");
	expect_say("menu", "TAKEN bistro MENU | REPLY bistro Soup.");
	expect_say("what", "UNTAKEN acme | REPLY acme Acme?");
	event.last_account = "bistro";
	expect_say("what", "UNTAKEN bistro");
	event.to_account = "acme";
	expect_say("what", "UNTAKEN acme | REPLY acme Acme?");
	expect_say("menu", "UNTAKEN acme | REPLY acme Acme?");
	event.to_account = "bistro";
	expect_say("menu", "TAKEN bistro MENU | REPLY bistro Soup.");
	expect_say("hours", "UNTAKEN bistro");
}
END_TEST

#define ACME_LEFT "You have left acme and will get no more messages. Text START to undo this."
#define MORE " STOP ALL leaves everything on this number."

START_TEST(test_stop)
{
	static const char *const acme[] = { "acme" }, *const both[] = { "acme", "bistro" };

	two_accounts();
	expect_say("STOP", "STOP acme | STOP bistro | CONSENT-REPLY acme You have left acme and bistro and "
		   "will get no more messages. Text START to undo this." MORE);
	expect_say("STOP ALL", "STOP acme | STOP bistro | CONSENT-REPLY acme You have left acme and bistro "
		   "and will get no more messages. Text START to undo this.");
	expect_say("stop acme", "STOP acme | CONSENT-REPLY acme Acme says bye, +447700900123.");
	expect_say("Stop, Bistro!", "STOP bistro | CONSENT-REPLY bistro Sie sind von bistro abgemeldet und "
		   "bekommen keine Nachrichten mehr. START macht das r\u00FCckg\u00E4ngig. STOP ALL meldet "
		   "Sie von allem auf dieser Nummer ab.");
	expect_say("stop nobody", "REPLY acme To get no more messages, text STOP.");
	expect_say("stop sending me messages", "STOP acme | STOP bistro | CONSENT-REPLY acme You have left "
		   "acme and bistro and will get no more messages. Text START to undo this." MORE);
	expect_say("abmelden", "STOP acme | STOP bistro | CONSENT-REPLY acme You have left acme and bistro "
		   "and will get no more messages. Text START to undo this." MORE);
	expect_say("stoop", "REPLY acme To get no more messages, text STOP.");
	event.recent_accounts = acme;
	event.n_recent_accounts = 1;
	expect_say("STOP", "STOP acme | CONSENT-REPLY acme Acme says bye, +447700900123.");
	expect_say("stop all", "STOP acme | STOP bistro | CONSENT-REPLY acme You have left acme and bistro "
		   "and will get no more messages. Text START to undo this.");
	expect_say("Unsubscribe ALL, please", "STOP acme | STOP bistro | CONSENT-REPLY acme You have left "
		   "acme and bistro and will get no more messages. Text START to undo this.");
	event.recent_accounts = both;
	event.n_recent_accounts = 2;
	expect_say("cancel", "STOP acme | STOP bistro | CONSENT-REPLY acme You have left acme and bistro "
		   "and will get no more messages. Text START to undo this." MORE);
	event.to_account = "acme";
	expect_say("STOP", "STOP acme | STOP bistro | CONSENT-REPLY acme You have left acme and bistro "
		   "and will get no more messages. Text START to undo this." MORE);
	event.n_recent_accounts = 0;
	expect_say("STOP", "STOP acme | CONSENT-REPLY acme Acme says bye, +447700900123.");
}
END_TEST

START_TEST(test_stop_again)
{
	static const char *const acme[] = { "acme" };

	two_accounts();
	event.stopped_accounts = acme;
	event.n_stopped_accounts = 1;
	event.is_stop_told = true;
	expect_say("STOP acme", "STOP acme");
	expect_say("STOP bistro", "STOP bistro | CONSENT-REPLY bistro Sie sind von bistro abgemeldet und "
		   "bekommen keine Nachrichten mehr. START macht das r\u00FCckg\u00E4ngig. STOP ALL meldet "
		   "Sie von allem auf dieser Nummer ab.");
	event.is_stop_told = false;
	expect_say("STOP acme", "STOP acme | CONSENT-REPLY acme Acme says bye, +447700900123.");
}
END_TEST

START_TEST(test_start)
{
	static const char *const acme[] = { "acme" }, *const both[] = { "acme", "bistro" };

	two_accounts();
	expect_say("START", "UNTAKEN acme | REPLY acme Acme?");		/* nothing was stopped */
	expect_say("join", "TAKEN bistro JOIN | REPLY bistro Joined.");
	event.stopped_accounts = acme;
	event.n_stopped_accounts = 1;
	expect_say("START", "START acme | CONSENT-REPLY acme Acme again.");
	expect_say("yes", "UNTAKEN acme | REPLY acme Acme?");
	expect_say("join", "START acme | TAKEN bistro JOIN | REPLY bistro Joined.");
	expect_say("start bistro", "UNTAKEN acme | REPLY acme Acme?");
	event.stopped_accounts = both;
	event.n_stopped_accounts = 2;
	expect_say("unstop", "START acme | START bistro | CONSENT-REPLY acme You get messages from acme and "
		   "bistro again. Text STOP to leave.");
	expect_say("start bistro", "START bistro | CONSENT-REPLY bistro Sie bekommen wieder Nachrichten von "
		   "bistro. STOP meldet Sie ab.");
	event.is_automatic_ok = false;
	expect_say("start acme", "START acme | CONSENT-REPLY acme Acme again.");
}
END_TEST

START_TEST(test_help)
{
	two_accounts();
	expect_say("HELP", "HELP acme | CONSENT-REPLY acme Acme helps.");
	expect_say("help bistro", "HELP bistro | CONSENT-REPLY bistro bistro. Wenn Sie keine Nachrichten "
		   "mehr m\u00F6chten, senden Sie STOP.");
	expect_say("help me please", "HELP acme | CONSENT-REPLY acme Acme helps.");
	expect_say("help me find it", "UNTAKEN acme | REPLY acme Acme?");
	event.last_account = "bistro";
	event.contact_language = "fr";
	expect_say("Info", "HELP bistro | CONSENT-REPLY bistro bistro. Pour ne plus recevoir de messages, "
		   "envoyez STOP.");
}
END_TEST

/* Files of one account told apart by number. */
START_TEST(test_file_numbers)
{
	kit_accounts[0] = (struct flow_account){ "default", "en", "" };
	kit_write("a.conf", "otherwise = \"All.\"; keywords = ( { match = \"X1\"; reply = \"all\"; } );");
	kit_write("b.conf", "numbers = [ \"+447700900002\" ]; otherwise = \"Two.\"; "
		  "keywords = ( { match = \"Y1\"; reply = \"two\"; } );");
	kit_load_folder();
	ck_assert_ptr_nonnull(flows);
	ck_assert_uint_eq(flows_keyword_count(flows), 2);
	expect_say("y1", "UNTAKEN default | REPLY default All.");
	event.to = "+447700900002";
	expect_say("y1", "TAKEN default Y1 | REPLY default two");
	expect_say("x1", "TAKEN default X1 | REPLY default all");
	expect_say("what", "UNTAKEN default | REPLY default Two.");
}
END_TEST

START_TEST(test_hello)
{
	const char *paths[] = { "../flows/hello.conf" };
	const struct flow_sources src = { .paths = paths, .n_paths = 1, .words = "../flows/words",
					  .accounts = kit_accounts, .n_accounts = 1 };

	kit_accounts[0] = (struct flow_account){ "default", "en", "Europe/London" };
	flows = flows_load(&src, &findings);
	ck_assert_msg(flows && !findings.n, "%s", findings.n ? findings.v[0].text : "");
	expect_say("repair bath", "TAKEN default REPAIR BATH | REPLY default Bathroom: your request is noted. "
		   "We call you today.");
	expect_say("Repair heat", "TAKEN default REPAIR HEAT | REPLY default Heating: a fitter calls you "
		   "within the hour.");
	expect_say("hello", "TAKEN default HELLO | REPLY default Hello there! Text HOURS, WHERE or REPAIR.");
	expect_say("help", "HELP default | CONSENT-REPLY default The Repair Shop, 12 Mill Lane. Text HOURS, "
		   "WHERE or REPAIR. STOP ends all texts.");
	expect_say("Stop", "STOP default | CONSENT-REPLY default The Repair Shop will not text you again. "
		   "START brings us back.");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flow_decide");
	TCase *t = tcase_create("decide");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, kit_open, kit_close);
	tcase_add_loop_test(t, test_sentence, 0, TW_COUNT(sentence_rows));
	tcase_add_test(t, test_sentence_senders);
	tcase_add_test(t, test_stop_list);
	tcase_add_test(t, test_start_list);
	tcase_add_loop_test(t, test_keyword, 0, TW_COUNT(keyword_rows));
	tcase_add_test(t, test_which);
	tcase_add_loop_test(t, test_which_answer, 0, TW_COUNT(which_rows));
	tcase_add_test(t, test_pool);
	tcase_add_test(t, test_pool_of_file);
	tcase_add_loop_test(t, test_pool_fault, 0, TW_COUNT(pool_rows));
	tcase_add_test(t, test_pool_of_version);
	tcase_add_loop_test(t, test_script, 0, TW_COUNT(script_rows));
	tcase_add_test(t, test_policies);
	tcase_add_test(t, test_senders);
	tcase_add_test(t, test_not_automatic);
	tcase_add_test(t, test_limits);
	tcase_add_test(t, test_accounts);
	tcase_add_test(t, test_stop);
	tcase_add_test(t, test_stop_again);
	tcase_add_test(t, test_start);
	tcase_add_test(t, test_help);
	tcase_add_test(t, test_file_numbers);
	tcase_add_test(t, test_hello);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
