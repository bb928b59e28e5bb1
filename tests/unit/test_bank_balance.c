/* Money: how operators write it, where it stands in what they say, how long it lasts. */
#include "run.h"

#include <twoway/bank.h>

#define M INT64_C(1000000)
#define DAY (24 * 3600 * INT64_C(1000))

static const struct { const char *text; int code; int64_t amount; } amounts[] = {
	{ "12.50", 0, 12500000 },
	{ "12,50", 0, 12500000 },
	{ "12", 0, 12 * M },
	{ "0", 0, 0 },
	{ "5.00.", 0, 5 * M },
	{ "5,00,", 0, 5 * M },
	{ "1.234,56", 0, 1234560000 },
	{ "1,234.56", 0, 1234560000 },
	{ "1 234,56", 0, 1234560000 },
	{ "1\xc2\xa0""234,56", 0, 1234560000 },
	{ "1\xe2\x80\xaf""234,56", 0, 1234560000 },
	{ "1'234.50", 0, 1234500000 },
	{ "12,34,567.80", 0, 1234567800000 },	/* as India writes it */
	{ "1.234.567", 0, 1234567 * M },
	{ "1.234.567,8", 0, 1234567800000 },
	{ "1.234", 0, 1234 * M },
	{ "1,234", 0, 1234 * M },
	{ "0.125", 0, 125000 },
	{ "0,125", 0, 125000 },
	{ ".50", 0, 500000 },
	{ "3.1415926535", 0, 3141592 },
	{ "-3,20", 0, -3200000 },
	{ "- 3.20", 0, -3200000 },
	{ "EUR 7.35 left", 0, 7350000 },
	{ "7.35 12.00", 0, 7350000 },
	{ "7 8", 0, 7 * M },
	{ "4.5EUR", 0, 4500000 },
	{ "", TW_E_SYNTAX, 0 },
	{ ".", TW_E_SYNTAX, 0 },
	{ "no money", TW_E_SYNTAX, 0 },
	{ "1234567890123", TW_E_RANGE, 0 },
};

START_TEST(test_amount)
{
	int64_t got = -1;

	ck_assert_int_eq(balance_read(amounts[_i].text, strlen(amounts[_i].text), &got),
			 amounts[_i].code);
	ck_assert_msg(got == (amounts[_i].code ? -1 : amounts[_i].amount), "%s is %lld",
		      amounts[_i].text, (long long)got);
}
END_TEST

static const struct { const char *match, *text; int code; int64_t amount; } finds[] = {
	{ "([0-9.]+)", "Your balance is 5.00.", 0, 5 * M },
	{ "([0-9.]+)", "Dear customer. You have 12.34 left.", 0, 12340000 },
	{ "([0-9.,]+) *(EUR|€)", "Tarif 10: Guthaben 1.234,56 €", 0, 1234560000 },
	{ "balance: *£?(-?[0-9.]+)", "You used 3.00, balance: £-0.40", 0, -400000 },
	{ "^Main: ([0-9.]+)", "Main: 7.10\nBonus: 9.99", 0, 7100000 },
	{ "([0-9.]+)", "Service not available", TW_E_UNKNOWN, 0 },
	{ "([0-9.]+)", "...", TW_E_UNKNOWN, 0 },
	{ "(x)?[a-z]*", "abc", TW_E_UNKNOWN, 0 },
	{ "()", "abc", TW_E_UNKNOWN, 0 },
	{ "[0-9]+", "12", TW_E_UNKNOWN, 0 },
	{ "([0-9", "12", TW_E_SYNTAX, 0 },
};

START_TEST(test_find)
{
	int64_t got = -1;

	ck_assert_int_eq(balance_find(finds[_i].match, finds[_i].text, &got), finds[_i].code);
	if (!finds[_i].code)
		ck_assert_int_eq(got, finds[_i].amount);
}
END_TEST

#define NOW (100 * DAY)
static const struct {
	const char *what;
	struct balance_reading v[6];
	size_t n;
	int64_t burn, days;
} burns[] = {
	{ "nothing known", { { { 0 }, 0 } }, 0, -1, -1 },
	{ "one reading", { { { NOW }, 10 * M } }, 1, -1, -1 },
	{ "two, a day apart", { { { NOW - DAY }, 10 * M }, { { NOW }, 8 * M } }, 2, 2 * M, 4 },
	{ "too close", { { { NOW - DAY / 4 }, 10 * M }, { { NOW }, 8 * M } }, 2, -1, -1 },
	{ "a top-up between does not hide what is spent",
	  { { { NOW - 4 * DAY }, 4 * M }, { { NOW - 3 * DAY }, 3 * M }, { { NOW - 2 * DAY }, 22 * M },
	    { { NOW - DAY }, 21 * M }, { { NOW }, 20 * M } }, 5, M, 20 },
	{ "nothing is spent", { { { NOW - 2 * DAY }, 5 * M }, { { NOW }, 5 * M } }, 2, 0, -1 },
	{ "long ago does not count",
	  { { { NOW - 90 * DAY }, 100 * M }, { { NOW - 40 * DAY }, 10 * M }, { { NOW - DAY }, 10 * M },
	    { { NOW }, 9 * M } }, 4, M / 40, 360 },
	{ "the clock stepped back", { { { NOW }, 9 * M }, { { NOW - DAY }, 8 * M } }, 2, -1, -1 },
	{ "in debt", { { { NOW - DAY }, M }, { { NOW }, -M } }, 2, 2 * M, 0 },
};

START_TEST(test_burn)
{
	size_t n = burns[_i].n;
	int64_t burn = balance_burn(burns[_i].v, n, (struct wall_ms){ NOW });

	ck_assert_msg(burn == burns[_i].burn, "%s: %lld", burns[_i].what, (long long)burn);
	if (n)
		ck_assert_int_eq(balance_days_left(burns[_i].v[n - 1].amount, burn), burns[_i].days);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, test_amount, 0, (int)TW_COUNT(amounts));
	tcase_add_loop_test(tc, test_find, 0, (int)TW_COUNT(finds));
	tcase_add_loop_test(tc, test_burn, 0, (int)TW_COUNT(burns));
}

int main(void)
{
	return unit_run("bank_balance", add);
}
