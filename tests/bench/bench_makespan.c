/* Bulk over modems of different speeds against the ideal schedule, in virtual time: the same figures on
 * every machine. The exchange and the store are the real ones, the modems are not (scenario/plant.h). */
#include <stdio.h>

#include "../scenario/plant.h"

static const char *json_path;

static void row(const char *what, const struct plant *p)
{
	int64_t took = plant_run(p), ideal = plant_ideal(p);
	double ratio = (double)took / (double)ideal;
	FILE *json = json_path ? fopen(json_path, "a") : NULL;

	printf("makespan, %d modems, %d messages, %-18s %8.1f s  ideal %8.1f s  %.4f  (<= 1.005)\n",
	       p->modems, p->messages, what, (double)took / 1000, (double)ideal / 1000, ratio);
	if (!json)
		return;
	fprintf(json, "{\"what\":\"makespan, %d modems, %s\",\"unit\":\"ms\",\"twoway\":%lld,\"ideal\":%lld,"
		"\"ratio\":%.5f,\"to_reach\":\"<= 1.005\"}\n", p->modems, what, (long long)took,
		(long long)ideal, ratio);
	fclose(json);
}

/* A segment takes 2 to 11 s, as sticks of several generations do. */
static struct plant mixed(int modems, int messages)
{
	struct plant p = { .modems = modems, .messages = messages, .segments = 1, .dies = -1 };

	for (int i = 0; i < modems; i++)
		p.pace[i] = 2000 + (i * 7919 % 13) * 750;
	return p;
}

START_TEST(bench_makespan)
{
	static const struct { int modems, messages; } sizes[] = { { 8, 500 }, { 64, 4000 } };

	for (size_t i = 0; i < TW_COUNT(sizes); i++) {
		struct plant p = mixed(sizes[i].modems, sizes[i].messages);

		row("free", &p);
		p.dies = 0;
		p.dies_at = plant_ideal(&p) / 2 + 700;
		row("one dies half-way", &p);
		p.dies = -1;
		for (int m = 0; m < p.modems; m++) {
			p.per_minute[m] = m % 3 ? 3 + m % 8 : 0;
			p.per_day[m] = m % 2 ? 50 + m % 20 : 0;
		}
		row("quotas", &p);
	}
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("makespan");
	TCase *t = tcase_create("makespan");

	if (argc == 3 && strcmp(argv[1], "--json") == 0)
		json_path = argv[2];
	tcase_set_timeout(t, 600);
	tcase_add_test(t, bench_makespan);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);

	srunner_set_fork_status(r, CK_NOFORK);
	srunner_run_all(r, CK_SILENT);
	int failed = srunner_ntests_failed(r);

	if (failed)
		srunner_print(r, CK_NORMAL);
	srunner_free(r);
	return failed != 0;
}
