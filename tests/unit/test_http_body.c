/* Bodies of POST /api/v1/messages: rows of vectors/http_post.tsv, and what a good one holds. */
#include <check.h>
#include <stdio.h>

#include "../../src/http/internal.h"

START_TEST(rows)
{
	FILE *f = fopen("vectors/http_post.tsv", "r");
	char line[1024];
	int n = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		char *tab = strchr(line, '\t');
		struct http_post p = { 0 };
		struct http_fault fault = { "" };
		int r;

		if (line[0] == '#')
			continue;
		ck_assert_ptr_nonnull(tab);
		*tab++ = 0;
		tab[strcspn(tab, "\n")] = 0;
		r = http_post_read(line, strlen(line), &p, &fault);
		ck_assert_msg((r == 0) == !strcmp(tab, "0"), "%s: %d %s", line, r, fault.text);
		if (r)
			ck_assert_msg(!strncmp(fault.text, tab, strlen(tab)), "%s: said %s", line,
				      fault.text);
		http_post_done(&p);
		n++;
	}
	fclose(f);
	ck_assert_int_gt(n, 25);
}
END_TEST

START_TEST(a_full_body)
{
	static const char body[] = "{\"to\":\"+1\",\"text\":\"caf\\u00e9\",\"from\":\"+2\","
		"\"pool\":\"uk\",\"key\":\"k\",\"account\":\"acme\",\"valid_for\":\"90s\","
		"\"send_at\":\"2026-05-04T09:00:00+01:00\"}";
	struct http_post p = { 0 };
	struct http_fault fault;

	ck_assert_int_eq(http_post_read(body, strlen(body), &p, &fault), 0);
	ck_assert_str_eq(p.to, "+1");
	ck_assert_str_eq(p.text, "caf\xc3\xa9");
	ck_assert_str_eq(p.from, "+2");
	ck_assert_str_eq(p.pool, "uk");
	ck_assert_str_eq(p.key, "k");
	ck_assert_str_eq(p.account, "acme");
	ck_assert_int_eq(p.valid_for, 90000);
	ck_assert_int_eq(p.send_at.ms, 1777881600000);
	http_post_done(&p);
	ck_assert_ptr_null(p.to);
}
END_TEST

START_TEST(a_long_number_is_refused)
{
	struct tw_buf b = { 0 };
	struct http_post p;
	struct http_fault fault;

	tw_buf_adds(&b, "{\"text\":\"x\",\"to\":\"");
	for (int i = 0; i < 257; i++)
		tw_buf_addc(&b, '1');
	tw_buf_adds(&b, "\"}");
	ck_assert_int_eq(http_post_read(b.p, b.n, &p, &fault), TW_E_RANGE);
	ck_assert_str_eq(fault.text, "to: longer than 256 octets");
	tw_buf_done(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_body");
	TCase *c = tcase_create("body");
	SRunner *r;
	int failed;

	tcase_add_test(c, rows);
	tcase_add_test(c, a_full_body);
	tcase_add_test(c, a_long_number_is_refused);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
