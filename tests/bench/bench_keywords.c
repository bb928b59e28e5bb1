/* A keyword among 100,000: exact, with a slip, none; folding and the whole decision told apart. In
 * processor time, so that a busy machine says the same. */
#include <stdio.h>
#include <time.h>

#include "../../src/flow/internal.h"

enum { KEYWORDS = 100000, TEXTS = 50000 };
static char keywords[KEYWORDS][24];
static char texts[TEXTS][64];
static struct tw_buf keys[TEXTS];

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Two thirds random words, one third numbered. */
static struct flows *load(const char *words)
{
	struct tw_findings findings = { 0 };
	struct tw_buf text = { 0 };
	struct tw_random r;
	struct flows *f;

	tw_random_seed(&r, 1);
	tw_buf_adds(&text, "keywords = (");
	for (int i = 0; i < KEYWORDS; i++) {
		uint32_t n = 6 + tw_random_below(&r, 7);

		for (uint32_t j = 0; j < n; j++)
			keywords[i][j] = (char)('A' + tw_random_below(&r, 26));
		if (i % 3 == 0)
			sprintf(keywords[i], "ITEM CODE%d", i);
		tw_buf_addf(&text, "%s{ match = \"%s\"; reply = \"You chose %s.\"; }", i ? ",\n" : "",
			    keywords[i], keywords[i]);
	}
	tw_buf_adds(&text, ");");
	f = flows_load(&(struct flow_sources){ .texts = &(struct flow_text_source){ "bench", text.p, text.n },
					       .n_texts = 1, .words = words }, &findings);
	if (!f)
		fprintf(stderr, "%s\n", findings.v[0].text);
	tw_buf_done(&text);
	tw_findings_done(&findings);
	return f;
}

enum mode { EXACT, SLIP, NONE };

static void make_texts(enum mode mode)
{
	struct tw_random r;

	tw_random_seed(&r, 2);
	for (int i = 0; i < TEXTS; i++) {
		sprintf(texts[i], "%s please call me back", keywords[tw_random_below(&r, KEYWORDS)]);
		if (mode == SLIP) {
			char c = texts[i][2];

			texts[i][2] = texts[i][3];
			texts[i][3] = c;
		}
		if (mode == NONE)
			sprintf(texts[i], "nothing of this sort %d", i);
		tw_fold_key(texts[i], strlen(texts[i]), &keys[i]);
	}
}

static void measure(const struct flows *f, const char *name, enum mode mode)
{
	struct flow_event e = { .from = "+447700900123", .to = "+447700900001", .to_account = "",
				.is_automatic_ok = true, .last_account = "", .contact_language = "",
				.now = { 1777888800000 } };
	struct flow_found found[FLOW_CHOICES_MAX];
	struct flow_result result = { 0 };
	struct tw_buf key = { 0 };
	double start, match, fold;
	int hits = 0;

	make_texts(mode);
	start = now_ns();
	for (int i = 0; i < TEXTS; i++) {
		if (flow_match_find(f, &e, keys[i].p, keys[i].n).keyword != FLOW_NONE)
			hits++;
		else if (mode != EXACT)
			hits += flow_slips_find(f, &e, keys[i].p, keys[i].n, found) > 0;
	}
	match = now_ns();
	for (int i = 0; i < TEXTS; i++)
		tw_fold_key(texts[i], strlen(texts[i]), &key);
	fold = now_ns();
	for (int i = 0; i < TEXTS; i++) {
		e.text = texts[i];
		e.text_n = strlen(texts[i]);
		flow_decide(f, &e, &result);
	}
	printf("%-6s match %6.0f ns  folding %4.0f ns  whole decision %6.0f ns  (%d of %d found)\n", name,
	       (match - start) / TEXTS, (fold - match) / TEXTS, (now_ns() - fold) / TEXTS, hits, TEXTS);
	flow_result_done(&result);
	tw_buf_done(&key);
}

int main(int argc, char **argv)
{
	double start = now_ns();
	struct flows *f = load(argc > 1 ? argv[1] : "flows/words");

	if (!f)
		return 1;
	printf("%zu keywords read in %.0f ms\n", flows_keyword_count(f), (now_ns() - start) / 1e6);
	measure(f, "exact", EXACT);
	measure(f, "slip", SLIP);
	measure(f, "none", NONE);
	for (int i = 0; i < TEXTS; i++)
		tw_buf_done(&keys[i]);
	flows_free(f);
	return 0;
}
