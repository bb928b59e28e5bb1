/* What every unit test's main does: one suite, one case, the number of failures as exit status. */
#ifndef UNIT_RUN_H
#define UNIT_RUN_H

#include <check.h>

static inline int unit_run_within(const char *name, void (*add)(TCase *), double seconds)
{
	Suite *suite = suite_create(name);
	TCase *tc = tcase_create(name);
	SRunner *runner;
	int failed;

	add(tc);
	tcase_set_timeout(tc, seconds);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

static inline int unit_run(const char *name, void (*add)(TCase *))
{
	return unit_run_within(name, add, 60);
}

#endif
