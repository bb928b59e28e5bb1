#include "run.h"

#include <twoway/hook.h>

#include <arpa/inet.h>
#include <stdio.h>

/* vectors/hook_addresses.tsv: address, private. */
START_TEST(test_vectors)
{
	FILE *f = fopen("vectors/hook_addresses.tsv", "r");
	char line[128];
	int rows = 0;

	ck_assert(f);
	while (fgets(line, sizeof(line), f)) {
		char *tab = strchr(line, '\t');
		uint8_t octets[16];
		int family;

		if (*line == '#')
			continue;
		*tab = 0;
		family = strchr(line, ':') ? AF_INET6 : AF_INET;
		ck_assert_msg(inet_pton(family, line, octets) == 1, "%s", line);
		ck_assert_msg(hook_address_is_private(family, octets) == (tab[1] == '1'), "%s", line);
		rows++;
	}
	fclose(f);
	ck_assert_int_gt(rows, 60);
	ck_assert(hook_address_is_private(AF_UNIX, (const uint8_t *)"/run/some.socket"));
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_vectors);
}

int main(void)
{
	return unit_run("hook_address", add);
}
