/* Audiences: who is held by list, expression and consent, in slices of any size. */
#include <stdio.h>

#include "../../src/exchange/internal.h"
#include "world.h"

static const char flow[] =
	"lists = ( { name = \"news\"; } );\n"
	"fields = ( { name = \"visits\"; type = \"integer\"; } );\n"
	"keywords = (\n"
	"  { match = \"NEWS\"; subscribe = \"news\"; },\n"
	"  { match = \"NONEWS\"; unsubscribe = \"news\"; },\n"
	"  { match = \"VISIT\"; set = { visits = \"= ifnull(visits, 0) + 1\"; }; },\n"
	"  { match = \"VIP\"; tag = \"vip\"; }\n"
	");\n";

static struct world w;

static void hear(const char *from, const char *text)
{
	world_wait(&w, 1000);
	world_text(&w, 0, from, text);
	for (int i = 0; i < 4; i++) {
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		world_turn(&w);
	}
}

/* Contacts 1 to 5: on the list; was on it; vip, and left the account; on it, with visits; a short code. */
static void people(void)
{
	world_flow_text = flow;
	world_open(&w);
	hear("+447700900101", "NEWS");
	hear("+447700900102", "NEWS");
	hear("+447700900102", "NONEWS");
	hear("+447700900103", "VIP");
	hear("+447700900103", "STOP");
	hear("+447700900104", "NEWS");
	hear("+447700900104", "VISIT");
	hear("+447700900104", "VISIT");
	hear("12345", "VISIT");
}

/* Last digits of who is held, and how many were left out, looking at so many a turn. */
static const char *walk(const char *list, const char *expression, int looks)
{
	static char out[160];
	struct audience_of of = { "default", list, expression };
	struct audience_walk walk = { .cursor = 0 }, count = { .cursor = 0 };
	struct tw_findings findings = { 0 };
	struct store_contact c;
	struct audience *a;
	size_t n = 0;
	int r = audience_new(w.x, &of, &a, &findings);

	if (r < 0) {
		snprintf(out, sizeof(out), "%s", findings.n ? findings.v[0].text : tw_strerror(r));
		tw_findings_done(&findings);
		return out;
	}
	w.x->now = w.now;
	while (!walk.is_over) {
		int left = looks;

		while ((r = audience_next(w.x, a, &walk, &left, &c)) == 0)
			out[n++] = c.number[strlen(c.number) - 1];
		ck_assert_int_eq(r, 1);
		ck_assert_int_eq(audience_count(w.x, a, &count, looks), 0);
	}
	snprintf(out + n, sizeof(out) - n, " -%d", (int)walk.left_out);
	ck_assert_int_eq(count.held, walk.held);
	ck_assert_int_eq(count.left_out, walk.left_out);
	ck_assert(count.is_over);
	audience_free(a);
	return out;
}

static const struct { const char *list, *expression, *expected; } walks[] = {
	{ NULL, NULL, "124 -1" },
	{ "", "", "124 -1" },
	{ "news", NULL, "14 -1" },
	{ "news", "visits >= 2", "4 -0" },
	{ NULL, "visits >= 2", "4 -0" },
	{ NULL, "tag('vip')", " -1" },
	{ NULL, "subscribed('news')", "14 -0" },
	{ NULL, "country = 'GB'", "124 -1" },
	{ NULL, "country = 'FR'", " -0" },
	{ NULL, "number LIKE '%2'", "2 -0" },
	{ "offers", NULL, "not known" },
	{ NULL, "text = 'x'", "`text` is of a message or of the steps: here only what the contact has counts" },
	{ NULL, "visits >", "this is no expression: near \")\": syntax error" },
};

START_TEST(test_walks)
{
	people();
	for (int looks = 1; looks < 8; looks++)
		ck_assert_str_eq(walk(walks[_i].list, walks[_i].expression, looks),
				 walks[_i].expected);
	world_close(&w);
}
END_TEST

/* What cannot be read is nobody's "no": the walk fails, and goes on from where it was. */
START_TEST(test_a_read_that_fails)
{
	struct audience_of of = { "default", NULL, "visits >= 2" };
	struct audience_walk at = { .cursor = 0 };
	struct tw_findings findings = { 0 };
	struct store_contact c;
	struct audience *a;
	int looks = 100, failed = 0;

	people();
	w.x->now = w.now;
	for (int nth = 1; nth < 12; nth++) {
		at.cursor = 0;
		ck_assert_int_eq(audience_new(w.x, &of, &a, &findings), 0);
		store_inject(w.store, nth, 10 /* SQLITE_IOERR */, false);
		failed += audience_next(w.x, a, &at, &looks, &c) < 0;
		store_inject(w.store, 0, 0, false);
		audience_free(a);
		world_turn(&w);
	}
	ck_assert_int_eq(failed, 11);
	ck_assert_str_eq(walk(NULL, "visits >= 2", 3), "4 -0");
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, test_walks, 0, TW_COUNT(walks));
	tcase_add_test(t, test_a_read_that_fails);
}

int main(void)
{
	return world_main("audience", add);
}
