#include "run.h"

#include <twoway/base.h>

#include <stdio.h>

START_TEST(puts_gets_deletes)
{
	struct tw_map m = { 0 };
	int a, b;

	ck_assert_ptr_null(tw_map_get(&m, "x", 1));
	ck_assert_ptr_null(tw_map_del(&m, "x", 1));
	ck_assert_ptr_null(tw_map_put(&m, "x", 1, &a));
	ck_assert_ptr_eq(tw_map_get(&m, "x", 1), &a);
	ck_assert_ptr_eq(tw_map_put(&m, "x", 1, &b), &a);
	ck_assert_uint_eq(m.n, 1);
	ck_assert_ptr_eq(tw_map_del(&m, "x", 1), &b);
	ck_assert_ptr_null(tw_map_get(&m, "x", 1));
	ck_assert_uint_eq(m.n, 0);
	tw_map_done(&m);
}
END_TEST

START_TEST(keys_are_octets)
{
	struct tw_map m = { 0 };
	int v[4];

	tw_map_put(&m, "a\0b", 3, &v[0]);
	tw_map_put(&m, "a\0c", 3, &v[1]);
	tw_map_put(&m, "a", 1, &v[2]);
	tw_map_put(&m, NULL, 0, &v[3]);
	ck_assert_ptr_eq(tw_map_get(&m, "a\0b", 3), &v[0]);
	ck_assert_ptr_eq(tw_map_get(&m, "a\0c", 3), &v[1]);
	ck_assert_ptr_eq(tw_map_get(&m, "a", 1), &v[2]);
	ck_assert_ptr_eq(tw_map_get(&m, "", 0), &v[3]);
	ck_assert_uint_eq(m.n, 4);
	tw_map_done(&m);
}
END_TEST

#define KEYS 700

/* Against the plainest possible model: one cell a key. */
START_TEST(agrees_with_an_array)
{
	struct tw_map m = { 0 };
	struct tw_random r;
	static char cells[KEYS];
	void *model[KEYS] = { 0 };
	size_t n = 0;

	tw_random_seed(&r, 42);
	for (int step = 0; step < 60000; step++) {
		uint32_t k = tw_random_below(&r, KEYS);
		/* phases that grow and phases that shrink */
		bool put = tw_random_below(&r, 10) < (step / 10000 % 2 ? 3u : 7u);
		char key[16];
		size_t key_n = (size_t)snprintf(key, sizeof(key), "key-%u", k);

		if (put) {
			void *value = &cells[tw_random_below(&r, KEYS)];

			if (tw_map_put(&m, key, key_n, value) != model[k])
				ck_abort_msg("step %d: put", step);
			n += !model[k];
			model[k] = value;
		} else {
			if (tw_map_del(&m, key, key_n) != model[k])
				ck_abort_msg("step %d: delete", step);
			n -= !!model[k];
			model[k] = NULL;
		}
		if (m.n != n)
			ck_abort_msg("step %d: %zu keys, not %zu", step, m.n, n);
		if (step % 500)
			continue;
		for (uint32_t i = 0; i < KEYS; i++) {
			key_n = (size_t)snprintf(key, sizeof(key), "key-%u", i);
			if (tw_map_get(&m, key, key_n) != model[i])
				ck_abort_msg("step %d: get %s", step, key);
		}
	}
	tw_map_done(&m);
}
END_TEST

START_TEST(each_visits_all_once)
{
	struct tw_map m = { 0 };
	static int seen[100];
	const char *key;
	size_t cursor = 0, key_n, n = 0;
	void *value;

	ck_assert(!tw_map_each(&m, &cursor, &key, &key_n, &value));
	for (int i = 0; i < 100; i++)
		tw_map_put(&m, &i, sizeof(i), &seen[i]);
	while (tw_map_each(&m, &cursor, &key, &key_n, &value)) {
		int i;

		ck_assert_uint_eq(key_n, sizeof(i));
		memcpy(&i, key, sizeof(i));
		ck_assert_ptr_eq(value, &seen[i]);
		ck_assert_int_eq(seen[i]++, 0);
		n++;
	}
	ck_assert_uint_eq(n, 100);
	ck_assert(!tw_map_each(&m, &cursor, NULL, NULL, NULL));
	tw_map_done(&m);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, puts_gets_deletes);
	tcase_add_test(tc, keys_are_octets);
	tcase_add_test(tc, agrees_with_an_array);
	tcase_add_test(tc, each_visits_all_once);
}

int main(void)
{
	return unit_run("base_map", add);
}
