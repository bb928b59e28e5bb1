/* Bulk over modems of different speeds ends when the ideal schedule does (design 6: 1.005 x). */
#include "plant.h"

#include <stdio.h>

static struct plant a_plant(int modems, int messages)
{
	struct plant p = { .modems = modems, .messages = messages, .segments = 1, .dies = -1,
			   .is_checked = true };

	for (int i = 0; i < modems; i++)
		p.pace[i] = 1500 + (i * 7919 % 13) * 900;	/* from 1.5 to 12.3 s a segment */
	return p;
}

static void check(const struct plant *p, const char *what, double bound)
{
	int64_t took = plant_run(p), ideal = plant_ideal(p);

	ck_assert_msg((double)took <= bound * (double)ideal, "%s: %lld ms, ideal %lld: %.4f", what,
		      (long long)took, (long long)ideal, (double)took / (double)ideal);
}

/* The last message is the point: a slow modem that takes it lets all others wait. */
static const struct { int modems, messages; } sizes[] = {
	{ 1, 10 }, { 2, 7 }, { 2, 40 }, { 8, 60 }, { 8, 400 }, { 64, 900 },
};

START_TEST(test_speeds)
{
	struct plant p = a_plant(sizes[_i].modems, sizes[_i].messages);

	check(&p, "speeds", sizes[_i].messages < 100 ? 1.02 : 1.005);
}
END_TEST

START_TEST(test_quotas)
{
	struct plant p = a_plant(8, 300);

	for (int i = 0; i < 8; i++) {
		p.per_minute[i] = i % 3 ? 4 + i : 0;
		p.per_day[i] = i % 2 ? 30 + i : 0;
	}
	check(&p, "quotas", 1.005);
}
END_TEST

START_TEST(test_one_dies)
{
	struct plant p = a_plant(8, 400);

	p.dies = 0;			/* the fastest, in the middle of a segment */
	p.dies_at = plant_ideal(&p) / 2 + 700;
	check(&p, "one dies", 1.005);
}
END_TEST

START_TEST(test_long_messages)
{
	struct plant p = a_plant(8, 200);

	p.segments = 3;
	check(&p, "three segments", 1.01);
}
END_TEST

/* Times that vary: the ideal is that of the mean times, so the bound is not a law but a measure. */
START_TEST(test_times_vary)
{
	struct plant p = a_plant(8, 400);

	p.jitter = 20;
	check(&p, "jitter", 1.03);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, test_speeds, 0, TW_COUNT(sizes));
	tcase_add_test(t, test_quotas);
	tcase_add_test(t, test_one_dies);
	tcase_add_test(t, test_long_messages);
	tcase_add_test(t, test_times_vary);
}

int main(void)
{
	return world_main("exchange_makespan", add);
}
