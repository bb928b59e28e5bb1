#include "run.h"

#include <twoway/base.h>

/* The reference outputs of xoshiro256** from the state 1 2 3 4, and of splitmix64. */
START_TEST(is_xoshiro256)
{
	static const uint64_t want[] = {
		11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u,
		607988272756665600u, 16172922978634559625u, 8476171486693032832u,
		10595114339597558777u, 2904607092377533576u,
	};
	struct tw_random r = { { 1, 2, 3, 4 } };

	for (size_t i = 0; i < TW_COUNT(want); i++)
		ck_assert_uint_eq(tw_random_u64(&r), want[i]);

	tw_random_seed(&r, 1477776061723855037u);
	ck_assert_uint_eq(r.s[0], 1985237415132408290u);
	ck_assert_uint_eq(r.s[1], 2979275885539914483u);
	ck_assert_uint_eq(r.s[2], 13511426838097143398u);
	ck_assert_uint_eq(r.s[3], 8488337342461049707u);
}
END_TEST

START_TEST(below_is_fair_and_below)
{
	enum { N = 60000, BOUND = 6 };
	struct tw_random r;
	int counts[BOUND] = { 0 }, low_third = 0;

	tw_random_seed(&r, 1);
	for (int i = 0; i < N; i++) {
		uint32_t x = tw_random_below(&r, BOUND);

		ck_assert_uint_lt(x, BOUND);
		counts[x]++;
	}
	for (int i = 0; i < BOUND; i++)
		ck_assert_int_lt(abs(counts[i] - N / BOUND), N / BOUND / 20);

	/* a bound of 3 * 2^30: without rejection values divisible by three come twice as often */
	for (int i = 0; i < N; i++)
		low_third += tw_random_below(&r, 3u << 30) % 3 == 0;
	ck_assert_int_lt(abs(low_third - N / 3), N / 60);
	ck_assert_uint_eq(tw_random_below(&r, 1), 0);
}
END_TEST

START_TEST(secrets_differ)
{
	uint8_t a[300] = { 0 }, b[300] = { 0 };
	struct tw_random r, s;

	tw_random_secret(a, sizeof(a));
	tw_random_secret(b, sizeof(b));
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_mem_ne(a + 268, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
	tw_random_system(&r);
	tw_random_system(&s);
	ck_assert_mem_ne(&r, &s, sizeof(r));
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, is_xoshiro256);
	tcase_add_test(tc, below_is_fair_and_below);
	tcase_add_test(tc, secrets_differ);
}

int main(void)
{
	return unit_run("base_random", add);
}
