#include "at_play.h"

#include "../../src/at/tables.h"

static const char *const names[] = {
#define X(name, text) [name] = text,
	REACTIONS(X)
#undef X
};

static int parse(char *line, char **fields, int max)
{
	int n = 0;

	line[strcspn(line, "\n")] = 0;
	for (char *p = line; n < max && p; n++) {
		fields[n] = p;
		p = strchr(p, '\t');
		if (p)
			*p++ = 0;
	}
	return n;
}

START_TEST(every_code_has_its_reaction)
{
	FILE *f = fopen("vectors/at_errors.tsv", "r");
	char line[400], *field[5], cause[32], want[32];
	int cms = 0, cme = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		enum at_result result;
		int code;

		if (line[0] == '#')
			continue;
		ck_assert_int_eq(parse(line, field, 5), 5);
		result = !strcmp(field[0], "cms") ? AT_CMS : AT_CME;
		*(result == AT_CMS ? &cms : &cme) += 1;
		code = atoi(field[1]);
		ck_assert_msg(!strcmp(names[at_reaction(result, code, false)], field[2]),
			      "%s %d: %s, not %s", field[0], code,
			      names[at_reaction(result, code, false)], field[2]);
		ck_assert_msg(!strcmp(names[at_reaction(result, code, true)], field[3]),
			      "%s %d sending: %s, not %s", field[0], code,
			      names[at_reaction(result, code, true)], field[3]);
		snprintf(want, sizeof(want), code < 0 ? "%s error" : "%s %d",
			 result == AT_CMS ? "CMS" : "CME", code);
		ck_assert_str_eq(at_cause(result, code, cause), want);
	}
	fclose(f);
	ck_assert_int_ge(cms, 100);
	ck_assert_int_ge(cme, 80);
}
END_TEST

/* A send that failed with any code at all is retried, given up, moved or in doubt, never ignored;
 * and only those with which nobody can know are in doubt. */
START_TEST(no_failed_send_is_ignored)
{
	for (int code = -1; code < 1000; code++) {
		for (int family = 0; family < 2; family++) {
			enum at_result result = family ? AT_CMS : AT_CME;
			enum reaction r = at_reaction(result, code, true);

			ck_assert_int_ne(r, REACT_NONE);
			ck_assert_int_eq(r == REACT_DOUBT, code == (family ? 332 : 31));
			ck_assert_int_eq(r == REACT_SENT, family && code == 197);
		}
	}
	for (enum at_result result = AT_ERROR; result <= AT_ABANDONED; result++)
		ck_assert_int_ne(at_reaction(result, 0, true), REACT_NONE);
	ck_assert_int_eq(at_reaction(AT_OK, 0, true), REACT_NONE);
	ck_assert_int_eq(at_reaction(AT_TIMEOUT, 0, true), REACT_DOUBT);
	ck_assert_int_eq(at_reaction(AT_ABORTED, 0, true), REACT_DOUBT);
	ck_assert_int_eq(at_reaction(AT_TIMEOUT, 0, false), REACT_RESET);
	ck_assert_int_eq(at_reaction(AT_NO_PROMPT, 0, true), REACT_RETRY);
	ck_assert_int_eq(at_reaction(AT_ERROR, 0, true), REACT_RETRY);
}
END_TEST

static const struct { enum at_result result; const char *text; int code; } texts[] = {
	{ AT_CMS, "SIM busy", 314 },
	{ AT_CMS, "sim BUSY", 314 },
	{ AT_CMS, "SIM-busy.", 314 },
	{ AT_CMS, "network timeout", 332 },
	{ AT_CMS, "Network time out", 332 },
	{ AT_CMS, "no network service", 331 },
	{ AT_CMS, "SMSC address unknown", 330 },
	{ AT_CMS, "no +CNMA acknowledgement expected", 340 },
	{ AT_CMS, "invalid PDU mode parameter", 304 },
	{ AT_CMS, "memory full", 322 },
	{ AT_CMS, "unknown error", 500 },
	{ AT_CMS, "temporary failure", 41 },
	{ AT_CMS, "SM rejected", -1 },
	{ AT_CMS, "", -1 },
	{ AT_CMS, " ", -1 },
	{ AT_CME, "SIM busy", 14 },
	{ AT_CME, "SIM not inserted", 10 },
	{ AT_CME, "SIM PIN required", 11 },
	{ AT_CME, "incorrect password", 16 },
	{ AT_CME, "network timeout", 31 },
	{ AT_CME, "operation not allowed", 3 },
	{ AT_CME, "operation not supported", 4 },
	{ AT_CME, "unknown", 100 },
	{ AT_CME, "unknown error", 100 },
	{ AT_CME, "illegal MS", 103 },
	{ AT_CME, "busy SIM", -1 },
};

START_TEST(texts_are_mapped_to_codes)
{
	ck_assert_int_eq(error_code_of_text(texts[_i].result, texts[_i].text,
					    strlen(texts[_i].text)), texts[_i].code);
}
END_TEST

START_TEST(tells_codes)
{
	char cause[32];

	ck_assert_str_eq(at_code_text(AT_CMS, 38), "network out of order");
	ck_assert_str_eq(at_code_text(AT_CMS, 41), "temporary failure");
	ck_assert_str_eq(at_code_text(AT_CME, 41), "network personalisation PUK required");
	ck_assert_str_eq(at_code_text(AT_CMS, 230), "error 230");
	ck_assert_str_eq(at_code_text(AT_CMS, 999), "error 999");
	ck_assert_str_eq(at_code_text(AT_CMS, -1), "CMS error");
	ck_assert_str_eq(at_code_text(AT_TIMEOUT, 0), "no answer");
	ck_assert_str_eq(at_cause(AT_TIMEOUT, 0, cause), "no answer");
	ck_assert_str_eq(at_cause(AT_ERROR, 0, cause), "ERROR");
	ck_assert_str_eq(at_cause(AT_NO_PROMPT, 0, cause), "no prompt");
	ck_assert_str_eq(at_cause(AT_CMS, 2147483647, cause), "CMS 2147483647");
	for (enum at_result result = AT_OK; result <= AT_ABANDONED; result++) {
		ck_assert_uint_gt(strlen(at_code_text(result, 3)), 0);
		ck_assert_uint_lt(strlen(at_cause(result, 3, cause)), 32);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("at_errors");
	TCase *t = tcase_create("errors");

	tcase_add_test(t, every_code_has_its_reaction);
	tcase_add_test(t, no_failed_send_is_ignored);
	tcase_add_loop_test(t, texts_are_mapped_to_codes, 0, TW_COUNT(texts));
	tcase_add_test(t, tells_codes);
	suite_add_tcase(s, t);
	return play_run(s);
}
