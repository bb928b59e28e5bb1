/* Lists: joined by their keyword, after a YES where that is asked for, left by name or with all else; and
 * what an import may do. */
#include "customer.h"

static const char lists[] =
	"lists = ( { name = \"news\"; }, { name = \"offers\"; double_opt_in = true; confirm = "
	"\"Reply YES to get our offers, {name|friend}.\"; } );\n"
	"otherwise = \"Pardon?\";\n"
	"keywords = (\n"
	"  { match = \"NEWS\"; do = ( { subscribe = \"news\"; }, { reply = \"News it is.\"; } ); },\n"
	"  { match = \"OFFERS\"; do = ( { subscribe = \"offers\"; }, { reply = \"Offers it is.\"; } ); },\n"
	"  { match = \"NONEWS\"; do = ( { unsubscribe = \"news\"; }, { reply = \"No news.\"; } ); },\n"
	"  { match = \"AM I\"; do = ( { when = \"subscribed('offers')\"; do = ( { reply = \"You are.\"; }, "
	"{ end = true; } ); }, { reply = \"You are not.\"; } ); }\n"
	");\n";

struct chain { char text[1024]; size_t n; };

static void note(void *ctx, const struct store_consent *c, const char *long_number)
{
	struct chain *chain = ctx;

	(void)long_number;
	chain->n += (size_t)snprintf(chain->text + chain->n, sizeof(chain->text) - chain->n, "%s%s%s%s %s",
				     chain->n ? ", " : "", c->list, *c->list ? " " : "",
				     store_consent_kind_name(c->kind), c->text);
}

static void expect_chain(const char *expected)
{
	struct exchange_consent_query q = { .account = "default", .with = CUSTOMER, .limit = 100 };
	struct chain chain = { .n = 0 };
	int64_t bad;

	exchange_consent(w.x, &q, note, &chain);
	ck_assert_str_eq(chain.text, expected);
	ck_assert_int_eq(store_consent_verify(w.store, 1, &bad), 0);
}

START_TEST(test_join_and_leave)
{
	begin(lists, false);
	expect(hear("NEWS"), "News it is.");
	expect(hear("NEWS"), "News it is.");	/* is on it: no row */
	expect(hear("NONEWS"), "No news.");
	expect(hear("NEWS"), "News it is.");
	expect(hear("STOP news"), "You have left news. STOP ALL leaves everything on this number.");
	expect(hear("HELLO"), "Pardon?");	/* the account goes on */
	expect_chain("news join NEWS, news leave NONEWS, news join NEWS, news leave STOP news");
	world_close(&w);
}
END_TEST

START_TEST(test_double_opt_in)
{
	begin(lists, true);
	expect(hear("AM I"), "You are not.");
	expect(hear("OFFERS"), "Reply YES to get our offers, friend.");
	expect(hear("AM I"), "You are not.");
	die();
	expect(hear("maybe"), "Reply YES to get our offers, friend.");
	expect(hear("yes"), "Offers it is.");
	expect(hear("AM I"), "You are.");
	expect(hear("OFFERS"), "Offers it is.");	/* is on it: not asked */
	expect_chain("offers ask OFFERS, offers join yes");
	world_close(&w);
}
END_TEST

START_TEST(test_no_ends_silently)
{
	begin(lists, false);
	hear("OFFERS");
	expect(hear("no"), "");
	expect(hear("yes"), "Pardon?");
	expect(hear("AM I"), "You are not.");
	expect_chain("offers ask OFFERS, offers leave no");
	expect(hear("OFFERS"), "Reply YES to get our offers, friend.");	/* their own keyword asks anew */
	world_wait(&w, 4 * DAY);
	expect(flush(), "");
	expect(hear("yes"), "Pardon?");		/* too late */
	world_close(&w);
}
END_TEST

/* STOP in the middle of the question ends it; START does not bring lists back, their keyword does, and
 * opens the account too. */
START_TEST(test_stop_and_lists)
{
	begin(lists, false);
	hear("NEWS");
	hear("OFFERS");
	hear("STOP");
	expect(hear("yes"), "");
	hear("START");
	expect(hear("yes"), "Pardon?");
	expect(hear("AM I"), "You are not.");
	hear("STOP");
	expect(hear("NEWS"), "News it is.");
	ck_assert_ptr_nonnull(world_post(&w, CUSTOMER, "an offer", NULL));
	expect_chain("news join NEWS, offers ask OFFERS, stop STOP, start START, stop STOP, start NEWS, "
		     "news join NEWS");
	world_close(&w);
}
END_TEST

static const char *import(const char *list)
{
	static const char *const names[] = { "joined", "known", "left", "asked", "bad" };
	const struct exchange_import what = { "default", list, "paper form" };
	const struct exchange_import_row row = { CUSTOMER, "Anna", "", "", "", NULL, 0 };
	struct exchange_imported done;
	struct exchange_refusal e = { .status = 0 };

	if (exchange_import(w.x, &what, &row, 1, w.now, &done, &e) < 0) {
		ck_assert_int_eq(e.status, 404);
		return "no such list";
	}
	world_turn(&w);
	return names[done.what];
}

/* A list that asks does not trust a file, and asks once. */
START_TEST(test_import_asks)
{
	begin(lists, true);
	expect(import("offerz"), "no such list");
	expect(import("news"), "joined");
	expect(import("offers"), "asked");
	expect(flush(), "Reply YES to get our offers, Anna.");
	expect(import("offers"), "left");
	expect(flush(), "");
	die();
	expect(hear("AM I"), "You are not.");
	expect(hear("yes"), "");
	expect(hear("AM I"), "You are.");
	expect(import("offers"), "known");
	expect_chain("news join paper form, offers ask paper form, offers join yes");
	world_close(&w);
}
END_TEST

START_TEST(test_import_asks_once)
{
	begin(lists, false);
	import("offers");
	flush();
	world_wait(&w, 30 * DAY);
	expect(import("offers"), "left");
	expect(flush(), "");
	expect_chain("offers ask paper form");
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_join_and_leave);
	tcase_add_test(t, test_double_opt_in);
	tcase_add_test(t, test_no_ends_silently);
	tcase_add_test(t, test_stop_and_lists);
	tcase_add_test(t, test_import_asks);
	tcase_add_test(t, test_import_asks_once);
}

int main(void)
{
	return world_main("lists", add);
}
