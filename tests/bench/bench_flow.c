/* The flow dispatcher alone, and beside the store: what a text costs until its steps are done, with 10 and
 * with 100,000 keywords; how long that many take to be read; and answers to questions while 100,000
 * contacts are in conversation. In processor time, so that a busy machine says the same.
 *
 *   bench_flow [--json FILE] [ROW…]      rows: read dispatch talk */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../scenario/world.h"

enum { MANY = 100000, TEXTS = 50000, ANSWERS = 20000 };
static const char *json_path;
static char words[MANY][24];

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void row(const char *what, double value, const char *unit, const char *target)
{
	FILE *json = json_path ? fopen(json_path, "a") : NULL;

	printf("%-56s %12.1f %-3s %s\n", what, value, unit, target);
	fflush(stdout);
	if (!json)
		return;
	fprintf(json, "{\"what\":\"%s\",\"unit\":\"%s\",\"twoway\":%.3f,\"to_reach\":\"%s\"}\n", what, unit, value,
		target);
	fclose(json);
}

/* ---- the dispatcher alone ------------------------------------------------------------------ */

/* Keywords of random letters; each tenth asks. */
static void write_flow(int n, struct tw_buf *out)
{
	struct tw_random r;

	tw_random_seed(&r, 1);
	tw_buf_adds(out, "fields = ( { name = \"n\"; type = \"integer\"; } ); otherwise = \"Pardon?\"; keywords = (");
	for (int i = 0; i < n; i++) {
		uint32_t letters = 6 + tw_random_below(&r, 7);

		memset(words[i], 0, sizeof(words[i]));
		for (uint32_t k = 0; k < letters; k++)
			words[i][k] = (char)('A' + tw_random_below(&r, 26));
		tw_buf_addf(out, i % 10 ? "%s{ match = \"%s\"; reply = \"You chose {keyword}, {name|friend}.\"; }"
			    : "%s{ match = \"%s\"; ask = \"How many?\"; save = \"n\"; expect = \"0..10\"; }",
			    i ? ",\n" : "", words[i]);
	}
	tw_buf_adds(out, ");");
}

static struct flows *read_flow(const struct tw_buf *text)
{
	const struct flow_text_source source = { "bench", text->p, text->n };
	struct tw_findings findings = { 0 };
	struct flows *f = flows_load(&(struct flow_sources){ .texts = &source, .n_texts = 1,
							     .words = "../flows/words" }, &findings);

	ck_assert_msg(f != NULL, "%s", findings.n ? findings.v[0].text : "");
	tw_findings_done(&findings);
	return f;
}

static void run_read(void)
{
	struct tw_buf text = { 0 };
	double best = 1e9;

	write_flow(MANY, &text);
	for (int i = 0; i < 3; i++) {
		double start = now_s();

		flows_free(read_flow(&text));
		best = now_s() - start < best ? now_s() - start : best;
	}
	row("100,000 keywords read and given back", best * 1000, "ms", "<= 1 s");
	tw_buf_done(&text);
}

/* Of ten texts six are a keyword with words behind it, one has a slip, three are none. */
static void make_text(struct tw_random *r, int n, int i, char out[64])
{
	const char *word = words[tw_random_below(r, (uint32_t)n)];

	if (i % 10 < 7)
		snprintf(out, 64, "%s please call me back", word);
	else
		snprintf(out, 64, "nothing of this sort %d, thank you", i);
	if (i % 10 == 6) {
		char c = out[2];

		out[2] = out[3];
		out[3] = c;
	}
}

static void dispatch(const struct flows *f, struct flow_event *e, struct flow_result *result)
{
	flow_decide(f, e, result);
	for (size_t i = 0; i < result->n; i++) {
		struct flow_run *run;
		struct flow_intent v;

		if (result->v[i].type != FLOW_BEGIN)
			continue;
		run = flow_run_begin(f, e, &result->v[i]);
		while (flow_run_next(run, &v))
			;
		flow_run_free(run);
	}
}

static void dispatch_among(int n)
{
	struct flow_event e = { .from = "+447700900123", .to = "+447700900001", .to_account = "",
				.is_automatic_ok = true, .last_account = "", .contact_language = "",
				.now = { 1777888800000 } };
	struct flow_result result = { 0 };
	struct tw_buf text = { 0 };
	struct tw_random r;
	struct flows *f;
	char what[80];
	double start;

	write_flow(n, &text);
	f = read_flow(&text);
	tw_random_seed(&r, 2);
	start = now_s();
	for (int i = 0; i < TEXTS; i++) {
		char line[64];

		make_text(&r, n, i, line);
		e.text = line;
		e.text_n = strlen(line);
		dispatch(f, &e, &result);
	}
	snprintf(what, sizeof(what), "messages through the dispatcher, %d keywords", n);
	row(what, TEXTS / (now_s() - start), "/s", "told");
	flow_result_done(&result);
	flows_free(f);
	tw_buf_done(&text);
}

static void run_dispatch(void)
{
	dispatch_among(10);
	dispatch_among(MANY);
}

/* ---- in conversation, with the store ------------------------------------------------------- */

static struct world w;

static void turn(void)
{
	w.now.mono.ms += 20;
	w.now.wall.ms += 20;
	exchange_turn(w.x, w.now);
	for (int m = 0; m < 2; m++)
		if (fake_sending(w.bank, m))
			fake_sent(w.bank, m);
	exchange_turn(w.x, w.now);
	if (!fake_sending(w.bank, 0) && !fake_sending(w.bank, 1))
		w.bank->n_sends = 0;
}

static void number_of(uint32_t i, char out[20])
{
	snprintf(out, 20, "+4477%08u", i);
}

/* One contact is asked; the others stand where that one stands. */
static void fill(void)
{
	struct store_contact c;
	struct store_talk talk;
	char number[20];

	world_text(&w, 0, CUSTOMER, "rate");
	for (int i = 0; i < 4; i++)
		turn();
	ck_assert_int_eq(store_contact(w.store, 1, CUSTOMER, false, w.now.wall, &c), 0);
	ck_assert_int_eq(store_talk_next(w.store, c.id, 0, &talk), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		struct store_talk copy = talk;

		number_of(i, number);
		ck_assert_int_eq(store_contact(w.store, c.account, number, true, w.now.wall, &c), 0);
		copy.id = 0;
		copy.contact = c.id;
		ck_assert_int_eq(store_talk_put(w.store, &copy), 0);
		if (i % 1000 == 999)
			turn();
	}
	store_talk_done(&talk);
}

START_TEST(run_talk)
{
	struct tw_random r;
	double start;

	world_flow_text = "fields = ( { name = \"nps\"; type = \"integer\"; } ); keywords = ( { match = \"RATE\"; do = ( "
			  "{ ask = \"0 to 10?\"; save = \"nps\"; expect = \"0..10\"; within = \"30d\"; }, "
			  "{ when = \"nps > 6\"; reply = \"Thank you!\"; }, { when = \"nps <= 6\"; reply = \"Sorry.\"; } ); } );";
	world_open_file(&w);
	w.settings.auto_reply_limit = 0;
	fill();
	tw_random_seed(&r, 3);
	start = now_s();
	for (int i = 0; i < ANSWERS; i += 2) {
		char number[20], answer[8];

		for (int m = 0; m < 2; m++) {
			number_of(tw_random_below(&r, MANY), number);
			snprintf(answer, sizeof(answer), "%u", tw_random_below(&r, 11));
			fake_text(w.bank, m, number, answer, w.now.wall);
		}
		turn();
	}
	row("answers, 100,000 contacts in conversation, store included", ANSWERS / (now_s() - start), "/s",
	    "told");
	world_close(&w);
}
END_TEST

static void nothing_runs(void) { }

static const struct { const char *name; void (*run)(void); } rows[] = {
	{ "read", run_read }, { "dispatch", run_dispatch }, { "talk", nothing_runs },
};
static char **wanted;
static int n_wanted;

static bool is_wanted(const char *name)
{
	for (int i = 0; i < n_wanted; i++)
		if (!strcmp(wanted[i], name))
			return true;
	return !n_wanted;
}

START_TEST(run_rows)
{
	for (size_t i = 0; i < TW_COUNT(rows); i++)
		if (is_wanted(rows[i].name))
			rows[i].run();
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("flow");
	TCase *t = tcase_create("flow");
	int first = 1, failed;

	if (argc > 2 && strcmp(argv[1], "--json") == 0) {
		json_path = argv[2];
		first = 3;
	}
	if (chdir("tests") < 0) {	/* as the scenarios do */
		perror("tests");
		return 66;
	}
	wanted = argv + first;
	n_wanted = argc - first;
	tcase_set_timeout(t, 600);
	tcase_add_test(t, run_rows);
	if (is_wanted("talk"))
		tcase_add_test(t, run_talk);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);

	srunner_set_fork_status(r, CK_NOFORK);
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	if (failed)
		srunner_print(r, CK_NORMAL);
	srunner_free(r);
	return failed != 0;
}
