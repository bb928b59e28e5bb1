/* The verdict on splits: two equal arms that are looked at after every customer seldom have a winner, and
 * one that is better is found. */
#include <twoway/exchange.h>

#include <stdio.h>

#include "run.h"

enum { MANY = 2000, SOME = 300, CUSTOMERS = 1000 };

static bool happens(struct tw_random *r, int per_mille)
{
	return tw_random_below(r, 1000) < (uint32_t)per_mille;
}

/* Whether a winner is declared at any look; ret: how many customers that took. */
static int run(struct tw_random *random, const int *rates, const int *weights, size_t n, int customers,
	       int *ret)
{
	struct split_count arms[4] = { { 0, 0 } };
	int all = 0;

	for (size_t i = 0; i < n; i++)
		all += weights[i];
	for (int k = 1; k <= customers; k++) {
		int at = (int)tw_random_below(random, (uint32_t)all);
		size_t arm = 0;

		while (at >= weights[arm])
			at -= weights[arm++];
		arms[arm].customers++;
		arms[arm].conversions += happens(random, rates[arm]);
		struct split_verdict v = split_judge(arms, n);

		if (v.winner >= 0) {
			*ret = k;
			return v.winner;
		}
	}
	*ret = customers;
	return -1;
}

static const struct { int rates[4], weights[4]; size_t n; } equal[] = {
	{ { 100, 100 }, { 1, 1 }, 2 },
	{ { 20, 20 }, { 1, 1 }, 2 },
	{ { 500, 500 }, { 1, 1 }, 2 },
	{ { 950, 950 }, { 1, 1 }, 2 },
	{ { 100, 100 }, { 9, 1 }, 2 },
	{ { 100, 100, 100 }, { 1, 1, 1 }, 3 },
	{ { 300, 300, 300, 300 }, { 4, 1, 2, 1 }, 4 },
};

START_TEST(equal_arms_have_no_winner)
{
	struct tw_random random;
	int runs = _i ? SOME : MANY, misled = 0, took;

	tw_random_seed(&random, 42 + (uint64_t)_i);
	for (int i = 0; i < runs; i++)
		misled += run(&random, equal[_i].rates, equal[_i].weights, equal[_i].n, CUSTOMERS,
			      &took) >= 0;
	printf("misled in %.2f %% of %d tests of %zu equal arms at %.1f %%\n", 100.0 * misled / runs, runs,
	       equal[_i].n, equal[_i].rates[0] / 10.0);
	ck_assert_int_le(misled * 20, runs);	/* 5 % */
}
END_TEST

static const struct { int rates[4], weights[4]; size_t n; int best, customers; } different[] = {
	{ { 100, 150 }, { 1, 1 }, 2, 1, 6000 },
	{ { 50, 100 }, { 1, 1 }, 2, 1, 3000 },
	{ { 300, 200 }, { 1, 1 }, 2, 0, 4000 },
	{ { 100, 200 }, { 4, 1 }, 2, 1, 4000 },
	{ { 100, 100, 200 }, { 1, 1, 1 }, 3, 2, 6000 },
};

START_TEST(a_better_arm_is_found)
{
	enum { FEW = 100 };
	struct tw_random random;
	int found = 0, wrong = 0;
	int64_t sum = 0;

	tw_random_seed(&random, 7 + (uint64_t)_i);
	for (int i = 0; i < FEW; i++) {
		int took, winner = run(&random, different[_i].rates, different[_i].weights, different[_i].n,
				       different[_i].customers, &took);

		found += winner == different[_i].best;
		wrong += winner >= 0 && winner != different[_i].best;
		sum += took;
	}
	printf("found in %.1f %%, after %lld customers on average\n", 100.0 * found / FEW,
	       (long long)(sum / FEW));
	ck_assert_int_ge(found * 10, FEW * 9);
	ck_assert_int_le(wrong * 100, FEW);
}
END_TEST

START_TEST(nothing_is_known_of_nothing)
{
	const struct split_count none[2] = { { 0, 0 }, { 0, 0 } }, one[2] = { { 10, 3 }, { 0, 0 } };

	ck_assert_int_eq(split_judge(none, 2).winner, -1);
	ck_assert_int_eq(split_judge(one, 2).winner, -1);
	ck_assert_int_eq(split_judge(one, 2).leader, 0);
	ck_assert_int_eq(split_judge(one, 1).winner, -1);
	ck_assert_int_eq(split_judge(&(struct split_count[2]){ { 5000, 100 }, { 5000, 4000 } }[0], 2).winner, 1);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, equal_arms_have_no_winner, 0, (int)TW_COUNT(equal));
	tcase_add_loop_test(t, a_better_arm_is_found, 0, (int)TW_COUNT(different));
	tcase_add_test(t, nothing_is_known_of_nothing);
}

int main(void)
{
	return unit_run_within("split", add, 300);
}
