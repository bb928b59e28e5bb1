#include "run.h"

#include "../../src/hook/internal.h"

#include <stdio.h>

/* vectors/hook_signatures.tsv: name, token, url, form, signature. */
START_TEST(test_twilio_vectors)
{
	FILE *f = fopen("vectors/hook_signatures.tsv", "r");
	char line[2048], out[32];
	int rows = 0;

	ck_assert(f);
	while (fgets(line, sizeof(line), f)) {
		char *p = line, *cell[5];

		if (*line == '#')
			continue;
		line[strcspn(line, "\n")] = 0;
		for (int i = 0; i < 5; i++)
			cell[i] = strsep(&p, "\t");
		if (!strcmp(cell[3], "-"))
			cell[3] = (char *)(uintptr_t)"";
		ck_assert_msg(!strcmp(sign_twilio(cell[1], cell[2], cell[3], strlen(cell[3]), out), cell[4]),
			      "%s: %s", cell[0], out);
		rows++;
	}
	fclose(f);
	ck_assert_int_eq(rows, 6);
}
END_TEST

/* What is written is read as it was, whatever it holds: the receiver signs what it has decoded. */
START_TEST(test_form_round)
{
	static const char *const values[] = { "", "a b+c&d=e%f", "Grüße 👍\r\n", "~._-", "%41" };
	struct tw_buf b = { 0 };
	struct form f;

	for (size_t i = 0; i < TW_COUNT(values); i++)
		hook_form_add(&b, values[i], values[TW_COUNT(values) - 1 - i]);
	form_read(b.p, b.n, &f);
	ck_assert_uint_eq(f.n, TW_COUNT(values));
	for (size_t i = 0; i < f.n; i++) {
		ck_assert_str_eq(f.v[i].name, values[i]);
		ck_assert_str_eq(f.v[i].value, values[f.n - 1 - i]);
	}
	form_done(&f);
	tw_buf_done(&b);
	form_read("a=%4", 4, &f);	/* cut, as somebody's own URL may be */
	ck_assert_str_eq(f.v[0].value, "%4");
	form_done(&f);
}
END_TEST

/* Computed with Python's hmac. */
START_TEST(test_standard)
{
	static const char body[] = "{\"type\":\"message.received\"}";
	char out[64];

	ck_assert_str_eq(sign_standard("0123456789abcdef0123456789abcdef",
				       "WH00112233445566778899aabbccddeeff", 1767603600, body,
				       strlen(body), out), "v1,f5lKxj4xGHonbaw5qyIX4GePxa8Q/hr1obj18KOUDKA=");
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_twilio_vectors);
	tcase_add_test(t, test_form_round);
	tcase_add_test(t, test_standard);
}

int main(void)
{
	return unit_run("hook_sign", add);
}
