#include "run.h"

#include <twoway/model.h>

#include <jansson.h>
#include <stdio.h>

/* ---- vectors/numbers.tsv: home, typed (JSON), e164, country, mobile, kind, note ---- */

enum { ROWS_MAX = 400, COLUMNS = 7 };

static struct {
	char line[512];
	char *cell[COLUMNS];
} rows[ROWS_MAX];
static int n_rows;

static void load(void)
{
	FILE *f = fopen("vectors/numbers.tsv", "r");

	if (!f) {
		perror("vectors/numbers.tsv");
		exit(1);
	}
	while (n_rows < ROWS_MAX && fgets(rows[n_rows].line, sizeof(rows[0].line), f)) {
		char *p = rows[n_rows].line;

		p[strcspn(p, "\n")] = '\0';
		if (*p == '#' || strncmp(p, "home\t", 5) == 0)
			continue;
		for (int i = 0; i < COLUMNS; i++)
			rows[n_rows].cell[i] = strsep(&p, "\t");
		n_rows++;
	}
	fclose(f);
}

static const char *kind_word(enum number_error e, const struct number *n)
{
	if (e == NUMBER_EMERGENCY)
		return "emergency";
	if (e != NUMBER_OK)
		return "error";
	switch (n->kind) {
	case NUMBER_E164:
		return "number";
	case NUMBER_SHORT:
		return "short";
	case NUMBER_NAME:
		return "name";
	}
	return "?";
}

static const char *mobile_word(enum number_mobile m)
{
	switch (m) {
	case NUMBER_MOBILE_YES:
		return "yes";
	case NUMBER_MOBILE_NO:
		return "no";
	case NUMBER_MOBILE_UNKNOWN:
		return "unknown";
	}
	return "?";
}

START_TEST(reads_every_example)
{
	char **cell = rows[_i].cell;
	json_t *typed = json_loads(cell[1], JSON_DECODE_ANY, NULL);
	struct number n = { 0 };
	enum number_error e;

	ck_assert_ptr_nonnull(typed);
	ck_assert_ptr_nonnull(cell[6]);
	e = number_read(json_string_value(typed), cell[0], &n);
	ck_assert_msg(strcmp(kind_word(e, &n), cell[5]) == 0, "%s %s (%s): %s, not %s", cell[0],
		      cell[1], cell[6], kind_word(e, &n), cell[5]);
	if (e == NUMBER_OK) {
		ck_assert_str_eq(n.text, cell[2]);
		ck_assert_str_eq(n.country, strcmp(cell[3], "-") == 0 ? "" : cell[3]);
		if (n.kind == NUMBER_E164)
			ck_assert_str_eq(mobile_word(n.mobile), cell[4]);
		else
			ck_assert_str_eq(cell[4], "-");
	} else {
		ck_assert_str_eq(cell[2], "error");
		ck_assert_str_eq(n.text, "");
	}
	json_decref(typed);
}
END_TEST

START_TEST(the_examples_are_there)
{
	ck_assert_int_ge(n_rows, 120);
	ck_assert_int_lt(n_rows, ROWS_MAX);
}
END_TEST

/* ---- what the examples do not show ---- */

static const struct {
	const char *home, *typed;
	enum number_error error;
	const char *text;	/* NULL: refused */
} more[] = {
	/* why, not only that */
	{ "GB", "", NUMBER_EMPTY, NULL },
	{ "GB", " \t\r\n", NUMBER_EMPTY, NULL },
	{ "GB", "+", NUMBER_EMPTY, NULL },
	{ "GB", "( ) -", NUMBER_EMPTY, NULL },
	{ "GB", "07700 9001234", NUMBER_LENGTH, NULL },
	{ "GB", "07700 90012", NUMBER_LENGTH, NULL },
	{ "GB", "+44", NUMBER_LENGTH, NULL },
	{ "GB", "+1234567890123456", NUMBER_LENGTH, NULL },
	{ "GB", "+999 123 4567", NUMBER_COUNTRY, NULL },
	{ "GB", "00 999 123 4567", NUMBER_COUNTRY, NULL },
	{ "GB", "44+7700900123", NUMBER_CHARACTERS, NULL },
	{ "GB", "++447700900123", NUMBER_CHARACTERS, NULL },
	{ "GB", "Your Bank Alerts", NUMBER_NAME_LENGTH, NULL },
	{ "GB", "112", NUMBER_EMERGENCY, NULL },
	{ "GB", "(1)-1.2", NUMBER_EMERGENCY, NULL },
	{ "GB", "\xd9\xa1\xd9\xa1\xd9\xa2", NUMBER_EMERGENCY, NULL },

	/* home country */
	{ "gb", "07700 900123", NUMBER_OK, "+447700900123" },
	{ "+44", "07700 900123", NUMBER_OK, "+447700900123" },
	{ "1", "202 555 0123", NUMBER_OK, "+12025550123" },
	{ "CA", "416 555 0134", NUMBER_OK, "+14165550134" },
	{ "", "07700 900123", NUMBER_COUNTRY, NULL },
	{ "ZZ", "07700 900123", NUMBER_COUNTRY, NULL },
	{ "4", "07700 900123", NUMBER_COUNTRY, NULL },
	{ "447700", "07700 900123", NUMBER_COUNTRY, NULL },
	{ "Britain", "07700 900123", NUMBER_COUNTRY, NULL },
	{ "", "+44 (0)7700 900123", NUMBER_OK, "+447700900123" },
	{ "", "447700900123", NUMBER_COUNTRY, NULL },
	{ "", "60300", NUMBER_OK, "60300" },
	{ "", "603", NUMBER_COUNTRY, NULL },
	{ "", "112", NUMBER_EMERGENCY, NULL },
	{ "", "10111", NUMBER_EMERGENCY, NULL },	/* South Africa */
	{ "", "VODAFONE", NUMBER_OK, "VODAFONE" },

	/* nothing goes on to a modem but what was meant */
	{ "GB", "07700900123\r\nAT+CFUN=0\r", NUMBER_CHARACTERS, NULL },
	{ "GB", "+447700900123\x1a", NUMBER_CHARACTERS, NULL },
	{ "GB", "+447700900123\"", NUMBER_CHARACTERS, NULL },
	{ "GB", "07700 900123;", NUMBER_CHARACTERS, NULL },
	{ "GB", "*123#", NUMBER_CHARACTERS, NULL },
	{ "GB", "07700 900123,5", NUMBER_CHARACTERS, NULL },
	{ "GB", "07700 900123#12", NUMBER_CHARACTERS, NULL },
	{ "GB", "Bank\x1b[2J", NUMBER_CHARACTERS, NULL },
	{ "GB", "Bank\xff", NUMBER_CHARACTERS, NULL },
	{ "GB", "\xff\xfe", NUMBER_CHARACTERS, NULL },
	{ "GB", "07700 90O123", NUMBER_CHARACTERS, NULL },	/* letter O */
	{ "GB", "07700 90012E", NUMBER_CHARACTERS, NULL },
	{ "GB", "+44 7700 9OO123", NUMBER_CHARACTERS, NULL },
	{ "DE", "030 123456 x12", NUMBER_CHARACTERS, NULL },	/* would fit as keypad digits */
	{ "DE", "030 1234 ext 12", NUMBER_CHARACTERS, NULL },
	{ "RU", "8 912 345-67-89 \xd0\xb4\xd0\xbe\xd0\xb1. 12", NUMBER_CHARACTERS, NULL },
	{ "GB", "0770090012300000000000000000000000000000000000000000", NUMBER_LENGTH, NULL },

	/* as people write */
	{ "GB", "  07700 900123\r\n", NUMBER_OK, "+447700900123" },
	{ "GB", "(+44) 7700 900123", NUMBER_OK, "+447700900123" },
	{ "GB", "[07700]\t900.123", NUMBER_OK, "+447700900123" },
	{ "GB", "0\xef\xb8\x8f\xe2\x83\xa3" "7700900123", NUMBER_OK, "+447700900123" },
	{ "RU", "8~10 44 7700 900123", NUMBER_OK, "+447700900123" },
	{ "US", "1-416-555-TAXI", NUMBER_OK, "+14165558294" },
	{ "GB", "+1 800 FLOWERS", NUMBER_OK, "+18003569377" },
	{ "US", "1-800-FLOWERSS", NUMBER_LENGTH, NULL },

	/* names */
	{ "GB", " Your Bank ", NUMBER_OK, "Your Bank" },
	{ "GB", "T-Mobile", NUMBER_OK, "T-Mobile" },
	{ "GB", "M&S", NUMBER_OK, "M&S" },
	{ "IN", "VM-612345", NUMBER_OK, "VM-612345" },
	{ "GB", "1xBet", NUMBER_OK, "1xBet" },
	{ "GB", "24x7", NUMBER_OK, "24x7" },
	{ "US", "360Total", NUMBER_OK, "360Total" },
	{ "GR", "\xce\x9f\xce\xa4\xce\x95", NUMBER_OK, "\xce\x9f\xce\xa4\xce\x95" },
	{ "GB", "\xe2\x80\xaa" "Bank\xe2\x80\xac", NUMBER_OK, "Bank" },
	{ "CN", "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
		"\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", NUMBER_OK,
	  "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
	  "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad" },
	{ "GB", "ABCDEFGHIJK", NUMBER_OK, "ABCDEFGHIJK" },
	{ "GB", "ABCDEFGHIJKL", NUMBER_NAME_LENGTH, NULL },

	{ "US", "36MOBILE45", NUMBER_OK, "36MOBILE45" },	/* would fit as keypad digits */

	/* short or not */
	{ "DE", "12345", NUMBER_OK, "12345" },		/* numbers are dialled with 0 in front … */
	{ "DE", "012345", NUMBER_OK, "+4912345" },
	{ "IT", "123456", NUMBER_OK, "+39123456" },	/* … and here they are not */
	{ "GB", "01234", NUMBER_OK, "01234" },		/* fits nothing else */
	{ "GB", "12", NUMBER_LENGTH, NULL },
	{ "", "01234", NUMBER_COUNTRY, NULL },
	{ "", "1234567", NUMBER_COUNTRY, NULL },

	/* plans */
	{ "RW", "025 012 345", NUMBER_OK, "+250025012345" },	/* not too long: the 0 stays */
	{ "GA", "06 03 12 34", NUMBER_OK, "+24106031234" },
	{ "GA", "0 06 03 12 34", NUMBER_OK, "+24106031234" },
	{ "", "+252 241234", NUMBER_OK, "+252241234" },
	{ "RW", "0788 123 456", NUMBER_OK, "+250788123456" },	/* keep0 and trunk 0 */
	{ "GA", "+241 0 6 03 12 34", NUMBER_OK, "+24106031234" },
	{ "CI", "01 23 45 67 89", NUMBER_OK, "+2250123456789" },
	{ "CI", "+225 01 23 45 67 89", NUMBER_OK, "+2250123456789" },
	{ "AR", "+54 15 2345 6789", NUMBER_LENGTH, NULL },
	{ "BR", "+55 11 7123-4567", NUMBER_OK, "+551171234567" },	/* 7 never got its ninth */
	{ "US", "+800 1234 5678", NUMBER_OK, "+80012345678" },
	{ "IT", "393123456789", NUMBER_OK, "+393123456789" },
};

START_TEST(reads_more)
{
	struct number n = { 0 };
	enum number_error e = number_read(more[_i].typed, more[_i].home, &n);

	ck_assert_msg(e == more[_i].error, "%s \"%s\": %d \"%s\", not %d", more[_i].home,
		      more[_i].typed, (int)e, n.text, (int)more[_i].error);
	ck_assert_str_eq(n.text, more[_i].text ? more[_i].text : "");
}
END_TEST

START_TEST(a_network_without_a_country)
{
	struct number n;

	ck_assert_int_eq(number_read("+80012345678", "", &n), NUMBER_OK);
	ck_assert_str_eq(n.country, "");
	ck_assert_int_eq(n.mobile, NUMBER_MOBILE_NO);
}
END_TEST

START_TEST(every_error_says_what_to_do)
{
	for (int e = NUMBER_OK; e <= NUMBER_NAME_LENGTH; e++) {
		ck_assert_uint_gt(strlen(number_error_text((enum number_error)e)), 15);
		for (int other = NUMBER_OK; other < e; other++)
			ck_assert_str_ne(number_error_text((enum number_error)e),
					 number_error_text((enum number_error)other));
	}
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, the_examples_are_there);
	tcase_add_loop_test(tc, reads_every_example, 0, n_rows);
	tcase_add_loop_test(tc, reads_more, 0, TW_COUNT(more));
	tcase_add_test(tc, a_network_without_a_country);
	tcase_add_test(tc, every_error_says_what_to_do);
}

int main(void)
{
	load();
	return unit_run("model_number", add);
}
