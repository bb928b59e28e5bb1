/* What steps do, told to the account's `events`. */
#include "world.h"

#include <stdio.h>

static struct world w;

static const char flow[] =
	"vouchers = ( { name = \"welcome\"; generate = \"W9999\"; } );"
	"pledges = ( { name = \"roof\"; currency = \"GBP\"; min = 1.0; max = 500.0; } );"
	"goals = ( { name = \"gave\"; when = \"redeemed('welcome')\"; within = \"14d\"; } );"
	"keywords = ("
	"  { match = \"DEAL\"; do = ( { voucher = \"welcome\"; }, { reply = \"{voucher}\"; } ); },"
	"  { match = \"USE\"; do = ( { redeem = \"welcome\"; }, { reply = \"{redeemed}\"; } ); },"
	"  { match = \"GIVE\"; do = ( { pledge = { to = \"roof\"; amount = \"{args}\"; }; } ); },"
	"  { match = \"RATE\"; do = ( { ask = \"0 to 10?\"; expect = \"0..10\"; }, { reply = \"Thanks\"; } ); }"
	");";

static int yes(void *ctx, const struct fake_call *c, struct hook_answer *ret)
{
	(void)ctx, (void)c;
	*ret = (struct hook_answer){ .status = 204 };
	return 1;
}

static void open_told(void)
{
	world_flow_text = flow;
	world_open(&w);
	w.accounts[0].events = (char *)(uintptr_t)"https://app.example/events";
	w.outside.answer = yes;
}

static void close_world(void)
{
	world_close(&w);
}

/* Texts, then turns until nothing is due at once; what was told but of messages, in order: "type value". */
static const char *told_of(const char *text, const char *member)
{
	static char out[512];
	size_t n = 0, before = w.outside.n;

	world_wait(&w, 1000);
	world_text(&w, 0, CUSTOMER, text);
	while (mono_due(w.deadline, w.now.mono))
		world_turn(&w);
	out[0] = 0;
	for (size_t i = before; i < w.outside.n; i++) {
		const char *type = strstr(w.outside.calls[i].body, "\"type\":\"") + strlen("\"type\":\"");
		tw_auto(tw_free_charp) char *sought = tw_printf("\"%s\":\"", member);
		const char *value = strstr(w.outside.calls[i].body, sought);

		ck_assert(strstr(w.outside.calls[i].body, CUSTOMER));
		if (!strncmp(type, "message.", 8))
			continue;
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", n ? " " : "", (int)strcspn(type, "\""), type);
		if (value) {
			value += strlen(sought);
			n += (size_t)snprintf(out + n, sizeof(out) - n, "=%.*s", (int)strcspn(value, "\""), value);
		}
	}
	return out;
}

START_TEST(test_steps)
{
	char code[32], use[64];

	const char *given = told_of("DEAL", "code");

	ck_assert(!strncmp(given, "voucher.given=W", 15));
	tw_strset(code, sizeof(code), given + 14);
	snprintf(use, sizeof(use), "USE %s", code);
	ck_assert_str_eq(told_of(use, "goal"), "voucher.redeemed goal.reached=gave");
	ck_assert_str_eq(told_of("GIVE 25", "to"), "pledge.made=roof");
	ck_assert_str_eq(told_of("RATE", "keyword"), "conversation.opened=RATE");
	ck_assert_str_eq(told_of("9", "keyword"), "conversation.ended");
	ck_assert_str_eq(told_of("STOP", "text"), "consent.stop=STOP");
}
END_TEST

static void add(TCase *t)
{
	tcase_add_checked_fixture(t, open_told, close_world);
	tcase_add_test(t, test_steps);
}

int main(void)
{
	return world_main("exchange_told", add);
}
