/* Consent words: the corpus, whole keywords, folding, names behind words. Sentences come later; what
 * counts here is that nothing ordinary is taken for a STOP. */
#include <check.h>
#include <stdio.h>

#include <twoway/flow.h>

static struct flows *flows;
static struct tw_findings findings;

static void load(void)
{
	const struct flow_sources src = { .words = "../flows/words" };
	struct tw_buf text = { 0 };

	flows = flows_load(&src, &findings);
	tw_findings_print(&findings, &text);
	ck_assert_msg(flows && !findings.n, "%s", tw_buf_str(&text));
}

static void unload(void)
{
	flows_free(flows);
	flows = NULL;
	tw_findings_done(&findings);
}

static const char *rest;

static enum consent_word word_of(const char *language, const char *text)
{
	return flow_consent_word(flows, &language, 1, text, strlen(text), &rest);
}

static const struct { const char *language, *text; enum consent_word word; const char *rest; } rows[] = {
	{ "en", "STOP", CONSENT_STOP, "" },
	{ "en", " stop!!! ", CONSENT_STOP, "" },
	{ "de", "Stopp", CONSENT_STOP, "" },
	{ "en", "Stop please", CONSENT_STOP, "" },
	{ "en", "stop, thank you", CONSENT_STOP, "" },
	{ "en", "STOP ALL", CONSENT_STOP, "all" },
	{ "en", "stop-all", CONSENT_STOP, "all" },
	{ "en", "Ｓｔｏｐ　ａｌｌ", CONSENT_STOP, "all" },
	{ "en", "STOP ACME", CONSENT_STOP, "acme" },
	{ "en", "STOP Acme-Shop please", CONSENT_STOP, "acme shop" },
	{ "en", "STOP STOP stop", CONSENT_STOP, "" },
	{ "en", "STOP/ARRET", CONSENT_STOP, "" },
	{ "en", "STOP - END", CONSENT_STOP, "" },
	{ "en", "STOP START", CONSENT_NONE, "" },
	{ "en", "S T O P", CONSENT_STOP, "" },
	{ "en", "S.T.O.P.", CONSENT_STOP, "" },
	{ "en", "S-T-O-P", CONSENT_STOP, "" },
	{ "en", "STOOOOP", CONSENT_STOP, "" },
	{ "en", "STOOP", CONSENT_NONE, "" },
	{ "en", "SHOP", CONSENT_NONE, "" },
	{ "en", "STEP", CONSENT_NONE, "" },
	{ "en", "TOP", CONSENT_NONE, "" },
	{ "en", "ST0P", CONSENT_STOP, "" },
	{ "en", "STOP1", CONSENT_STOP, "" },
	{ "en", "STOP 1", CONSENT_STOP, "" },
	{ "en", "STOP*456*9*5#", CONSENT_STOP, "" },
	{ "en", "1 STOP", CONSENT_NONE, "" },
	{ "en", "“STOP”", CONSENT_STOP, "" },
	{ "en", "STOP🛑", CONSENT_STOP, "" },
	{ "en", "🛑", CONSENT_NONE, "" },
	{ "en", "Stop\nSent from my iPhone", CONSENT_STOP, "" },
	{ "en", "STOP\n\n--\nJane Doe\nAcme Ltd", CONSENT_STOP, "" },
	{ "en", "Stop\n> Reply STOP to opt out", CONSENT_STOP, "" },
	{ "en", "CTO\u041F", CONSENT_STOP, "" },
	{ "en", "S\u0422O\u0420", CONSENT_STOP, "" },
	{ "el", "\u03A3TO\u03A0", CONSENT_STOP, "" },
	{ "el", "\u03A3\u03A4\u039F\u03A0", CONSENT_STOP, "" },
	{ "en", "\u03A3\u03A4\u039F\u03A0", CONSENT_NONE, "" },
	{ "en", "\u0421\u0422\u041E\u041F", CONSENT_STOP, "" },
	{ "tr", "ABONEL\u0130KTEN \u00C7IK", CONSENT_STOP, "" },
	{ "tr", "abonelikten c\u0131k", CONSENT_STOP, "" },
	{ "tr", "\u0130PTAL", CONSENT_STOP_AMBIGUOUS, "" },
	{ "tr", "UNSUBSCR\u0131BE", CONSENT_STOP, "" },
	{ "en", "END", CONSENT_STOP_AMBIGUOUS, "" },
	{ "en", "cancel please", CONSENT_STOP_AMBIGUOUS, "" },
	{ "en", "CANCEL my order", CONSENT_NONE, "" },
	{ "de", "AUFHOEREN", CONSENT_NONE, "" },
	{ "de", "aufh\u00F6ren", CONSENT_STOP_AMBIGUOUS, "" },
	{ "de", "abmelden bitte", CONSENT_STOP, "" },
	{ "en", "abmelden", CONSENT_NONE, "" },
	{ "de-AT", "Abmelden", CONSENT_STOP, "" },
	{ "fr", "ARR\u00CATEZ svp", CONSENT_STOP, "" },
	{ "en", "ARRE\u0302T", CONSENT_STOP, "" },
	{ "ar", "\u0625\u064A\u0640\u0640\u0642\u0627\u0641", CONSENT_STOP, "" },
	{ "ar", "\u0627\u064A\u0642\u0627\u0641", CONSENT_STOP, "" },
	{ "zh", "\u8BF7\u9000\u8BA2\uFF01", CONSENT_STOP, "" },
	{ "zh", "T", CONSENT_STOP, "" },
	{ "en", "T", CONSENT_NONE, "" },
	{ "zh", "T\u6064\u8FD8\u6709\u8D27\u5417", CONSENT_NONE, "" },
	{ "hi", "acha", CONSENT_NONE, "" },
	{ "sw", "acha", CONSENT_STOP_AMBIGUOUS, "" },
	{ "vi", "\u0110\u00FAng", CONSENT_NONE, "" },
	{ "en", "START", CONSENT_START, "" },
	{ "en", "start please", CONSENT_START, "" },
	{ "en", "START acme", CONSENT_START, "acme" },
	{ "en", "yes", CONSENT_NONE, "" },
	{ "de", "ja", CONSENT_NONE, "" },
	{ "en", "JOIN", CONSENT_START, "" },
	{ "en", "HELP", CONSENT_HELP, "" },
	{ "en", "info?", CONSENT_HELP, "" },
	{ "de", "Hilfe", CONSENT_HELP, "" },
	{ "en", "hello", CONSENT_NONE, "" },
	{ "en", "please", CONSENT_NONE, "" },
	{ "en", "", CONSENT_NONE, "" },
	{ "en", "...", CONSENT_NONE, "" },
	{ "xx", "STOP", CONSENT_STOP, "" },
	{ "en", "STOPLIGHT broken on 5th", CONSENT_NONE, "" },
	{ "en", "Disliked \u201CAcme: sale. Txt STOP to quit\u201D", CONSENT_NONE, "" },
};

START_TEST(test_word)
{
	ck_assert_msg(word_of(rows[_i].language, rows[_i].text) == rows[_i].word, "%s %s: %d, not %d",
		      rows[_i].language, rows[_i].text, word_of(rows[_i].language, rows[_i].text),
		      rows[_i].word);
	ck_assert_str_eq(rest, rows[_i].rest);
}
END_TEST

/* ---- the corpus ---------------------------------------------------------------------------- */

/* \n and \uXXXX as the corpus writes them. */
static void unescape(const char *s, struct tw_buf *out)
{
	unsigned code;

	while (*s) {
		if (s[0] == '\\' && s[1] == 'n') {
			tw_buf_addc(out, '\n');
			s += 2;
		} else if (s[0] == '\\' && s[1] == 'u' && sscanf(s + 2, "%4x", &code) == 1) {
			tw_buf_addu(out, code);
			s += 6;
		} else {
			tw_buf_addc(out, *s++);
		}
	}
}

/* Rows of the corpus marked `stop` that are whole keywords, by their language's table. */
static const char *const keyword_rows[] = {
	"Stop", "STOP!!!", "stop please", "unsuscribe", "end", "CANCEL", "STOP ALERTS",
	"Unsubscribe please", "Stopp", "STOP bitte", "Abmelden", "Stop svp", "Arr\u00EAt", "ARRETEZ",
	"BAJA", "SAIR", "Descadastrar", "Stop grazie", "Disiscrivimi", "Stop aub", "Afmelden",
	"Uitschrijven graag", "Stop prosz\u0119", "RET", "STOP l\u00FCtfen", "\u0130PTAL",
	"\u0421\u0422\u041E\u041F", "\u0441\u0442\u043E\u043F \u043F\u043E\u0436\u0430\u043B\u0443\u0439"
	"\u0441\u0442\u0430", "\u041E\u0442\u043F\u0438\u0441\u0430\u0442\u044C\u0441\u044F",
	"\u0625\u064A\u0642\u0627\u0641", "\u0627\u064A\u0642\u0627\u0641",
	"\u0938\u094D\u091F\u0949\u092A", "Sitisha", "STOP tafadhali", "STOP*456*9*5#", "BERHENTI",
	"Stop ya", "UNREG", "Unreg promo", "Berhenti langganan", "\u9000\u8BA2", "\u9000\u8A02", "TD",
	"T", "\u53D6\u6D88\u8BA2\u9605", "\u8BF7\u9000\u8BA2\uFF01",
	"\u9EBB\u70E6\u53D6\u6D88\u8BA2\u9605", "Odhl\u00E1sit", "Odhl\u00E1si\u0165",
	"Leiratkoz\u00E1s", "Dezabonare", "\u0421\u0422\u041E\u041F \u043C\u043E\u043B\u044F",
	"\u03A3\u03A4\u039F\u03A0", "\u03A3TO\u03A0", "\u0394\u03B9\u03B1\u03B3\u03C1\u03B1\u03C6\u03AE",
	"\u05D4\u05E1\u05E8", "TC", "\uC218\uC2E0\uAC70\uBD80", "\u914D\u4FE1\u505C\u6B62",
};

static bool is_keyword_row(const char *language, const char *text)
{
	for (size_t i = 0; i < TW_COUNT(keyword_rows); i++)
		if (!strcmp(keyword_rows[i], text))
			return true;
	return !strcmp(language, "zz");	/* all of them are whole keywords */
}

/* A name behind the word counts when it is a list's: the corpus has ALERTS and PROMO. */
static bool is_stop(enum consent_word word)
{
	return (word == CONSENT_STOP && (!*rest || !strcmp(rest, "all") || !strcmp(rest, "alerts") ||
					 !strcmp(rest, "promo"))) || word == CONSENT_STOP_AMBIGUOUS;
}

START_TEST(test_corpus)
{
	int of_none = 0, none_stopped = 0, none_asked = 0, of_stop = 0, stopped = 0, asked = 0;
	int keywords = 0, wrong = 0, starts = 0;
	char line[2048];
	FILE *f = fopen("vectors/consent-corpus.tsv", "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		char *language = strtok(line, "\t"), *expected = strtok(NULL, "\t");
		char *text = strtok(NULL, "\t\n");
		struct tw_buf plain = { 0 };
		enum consent_word word;

		unescape(text, &plain);
		/* zz is any language: two of its rows are Arabic words. */
		word = word_of(strcmp(language, "zz") ? language : "ar", tw_buf_str(&plain));
		if (!strcmp(expected, "none")) {
			of_none++;
			none_asked += word == CONSENT_STOP && !is_stop(word);
			starts += word == CONSENT_START && !*rest;
			if (is_stop(word)) {
				none_stopped++;
				printf("taken for STOP: %s %s\n", language, text);
			}
		} else if (!strcmp(expected, "stop")) {
			bool is_keyword = is_keyword_row(language, tw_buf_str(&plain));

			of_stop++;
			stopped += is_stop(word);
			asked += word == CONSENT_STOP && !is_stop(word);
			keywords += is_keyword;
			if (is_keyword && !is_stop(word)) {
				wrong++;
				printf("not taken for STOP: %s %s\n", language, text);
			}
		} else if (is_stop(word)) {
			none_stopped++;
			printf("taken for STOP, to be asked: %s %s\n", language, text);
		}
		tw_buf_done(&plain);
	}
	fclose(f);
	printf("consent corpus, whole keywords only: %d of %d opt-outs act, %d are told how; "
	       "%d of %d others taken for STOP, %d told how, %d taken for START\n", stopped, of_stop,
	       asked, none_stopped, of_none, none_asked, starts);
	fflush(stdout);
	ck_assert_int_eq(none_stopped, 0);
	ck_assert_int_eq(starts, 0);
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_gt(keywords, 85);
	ck_assert_int_gt(of_none, 400);
}
END_TEST

START_TEST(test_hostile)
{
	static char text[8192];

	memset(text, 'a', sizeof(text));
	ck_assert_int_eq(flow_consent_word(flows, NULL, 0, text, sizeof(text), &rest), CONSENT_NONE);
	for (size_t i = 0; i < sizeof(text); i += 2)
		text[i] = ' ';
	ck_assert_int_eq(flow_consent_word(flows, NULL, 0, text, 4000, &rest), CONSENT_NONE);
	ck_assert_int_eq(flow_consent_word(flows, NULL, 0, "ST\0OP", 5, &rest), CONSENT_NONE);
	ck_assert_int_eq(flow_consent_word(flows, NULL, 0, "\xFF\xFE\xC0", 3, &rest), CONSENT_NONE);
}
END_TEST

START_TEST(test_no_words)
{
	struct tw_findings f = { 0 };
	const struct flow_sources src = { .words = "vectors" }, none = { .words = "/nowhere" };

	ck_assert_ptr_null(flows_load(&src, &f));
	ck_assert(strstr(f.v[0].text, "STOP is missing"));
	tw_findings_done(&f);
	ck_assert_ptr_null(flows_load(&none, &f));
	ck_assert(strstr(f.v[0].text, "cannot read the folder"));
	tw_findings_done(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flow_words");
	TCase *t = tcase_create("words");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, load, unload);
	tcase_add_loop_test(t, test_word, 0, TW_COUNT(rows));
	tcase_add_test(t, test_corpus);
	tcase_add_test(t, test_hostile);
	tcase_add_test(t, test_no_words);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
