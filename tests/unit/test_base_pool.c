#include "run.h"

#include <twoway/base.h>

START_TEST(nothing_has_no_name)
{
	struct tw_pool p = { 0 };
	struct tw_handle none = { 0 };
	int v;

	ck_assert(!tw_handle_is_set(none));
	ck_assert_ptr_null(tw_pool_get(&p, none));
	ck_assert_ptr_null(tw_pool_del(&p, none));
	tw_pool_add(&p, &v);
	ck_assert_ptr_null(tw_pool_get(&p, none));
	tw_pool_done(&p);
}
END_TEST

START_TEST(stale_handles_find_nothing)
{
	struct tw_pool p = { 0 };
	int a, b;
	struct tw_handle ha = tw_pool_add(&p, &a), hb;

	ck_assert(tw_handle_is_set(ha));
	ck_assert_ptr_eq(tw_pool_get(&p, ha), &a);
	ck_assert_ptr_eq(tw_pool_del(&p, ha), &a);
	ck_assert_ptr_null(tw_pool_get(&p, ha));
	ck_assert_ptr_null(tw_pool_del(&p, ha));

	hb = tw_pool_add(&p, &b);
	ck_assert_uint_eq(hb.slot, ha.slot);
	ck_assert(!tw_handle_same(ha, hb));
	ck_assert_ptr_null(tw_pool_get(&p, ha));
	ck_assert_ptr_null(tw_pool_del(&p, ha));
	ck_assert_ptr_eq(tw_pool_get(&p, hb), &b);
	tw_pool_done(&p);
}
END_TEST

START_TEST(walks_over_holes)
{
	struct tw_pool p = { 0 };
	struct tw_handle h[20], at;
	int v[20], found = 0;

	for (int i = 0; i < 20; i++)
		h[i] = tw_pool_add(&p, &v[i]);
	for (int i = 0; i < 20; i += 2)
		tw_pool_del(&p, h[i]);
	ck_assert_uint_eq(p.n, 20);
	for (uint32_t slot = 0; slot < p.n; slot++) {
		int *value = tw_pool_at(&p, slot, &at);

		if (!value)
			continue;
		found++;
		ck_assert_int_eq((value - v) % 2, 1);
		ck_assert(tw_handle_same(at, h[value - v]));
	}
	ck_assert_int_eq(found, 10);
	ck_assert_ptr_null(tw_pool_at(&p, 20, NULL));

	/* holes are filled before the pool grows */
	for (int i = 0; i < 10; i++)
		tw_pool_add(&p, &v[0]);
	ck_assert_uint_eq(p.n, 20);
	tw_pool_done(&p);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, nothing_has_no_name);
	tcase_add_test(tc, stale_handles_find_nothing);
	tcase_add_test(tc, walks_over_holes);
}

int main(void)
{
	return unit_run("base_pool", add);
}
