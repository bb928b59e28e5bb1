/* Lines of AT commands that a person types. */
#include <twoway/model.h>

#include "run.h"

static const struct { const char *line, *guarded, *masked; } lines[] = {
	{ "AT+CSQ", NULL, NULL },
	{ "AT", NULL, NULL },
	{ "AT+CMGL=4", NULL, NULL },
	{ "AT+CMGS=17", "+CMGS", NULL },
	{ "at+cmgs=17", "+CMGS", NULL },
	{ "AT + C M G S = 17", "+CMGS", NULL },
	{ "AT+CSQ;+CMGS=17", "+CMGS", NULL },
	{ "ATE0+CMGS=17", "+CMGS", NULL },
	{ "AT+CSQ; +cmgd=1,4", "+CMGD", NULL },
	{ "AT+CMSS=1", "+CMSS", NULL },
	{ "AT+CMGW=10", "+CMGW", NULL },
	{ "AT+CMGC=10", "+CMGC", NULL },
	{ "AT+CMGDA=6", "+CMGD", NULL },		/* SIMCom: deletes all */
	{ "AT+CMGSEX=\"+44\"", "+CMGS", NULL },
	{ "AT+COPS=\"a;+CMGD=1,4", "+CMGD", NULL },	/* a quote that never closes hides nothing */
	{ "+CMGD=1", "+CMGD", NULL },
	{ "AT+CPIN?", "+CPIN", NULL },
	{ "AT+CPINR", NULL, NULL },
	{ "AT+cpinc?", NULL, NULL },
	{ "AT+CPIN=\"1234\"", "+CPIN", "AT+CPIN=****" },
	{ "AT+CSQ;+CPIN=\"1234\";+CSQ", "+CPIN", "AT+CSQ;+CPIN=****" },
	{ "AT+CPINR;+cpin = 1234", "+CPIN", "AT+CPINR;+cpin =****" },
	{ "AT+CLCK=\"SC\",0,\"1234\"", "+CLCK", "AT+CLCK=****" },
	{ "AT+CPWD=\"SC\",\"1234\",\"4321\"", "+CPWD", "AT+CPWD=****" },
	{ "AT+CMGD=1;+CLCK=\"SC\",0,\"1\"", "+CMGD", "AT+CMGD=1;+CLCK=****" },
};

START_TEST(guarded_and_masked)
{
	const char *name = command_guarded(lines[_i].line), *masked = lines[_i].masked;
	char out[64];

	ck_assert_msg((!name && !lines[_i].guarded) ||
		      (name && lines[_i].guarded && !strcmp(name, lines[_i].guarded)),
		      "%s: %s", lines[_i].line, name ? name : "nothing");
	ck_assert_int_eq(command_mask(lines[_i].line, out, sizeof(out)), masked != NULL);
	ck_assert_str_eq(out, masked ? masked : lines[_i].line);
}
END_TEST

START_TEST(masked_in_little_room)
{
	char out[12];

	ck_assert(command_mask("AT+CPIN=\"1234\"", out, sizeof(out)));
	ck_assert_ptr_null(strstr(out, "1"));
	ck_assert(command_mask("AT+CSQ;+CPIN=\"1234\"", out, sizeof(out)));
	ck_assert_ptr_null(strstr(out, "1"));
}
END_TEST

static const struct { const char *dialled, *masked; } codes[] = {
	{ "*100#", NULL },
	{ "*121*1234567#", NULL },
	{ "*121*12345678#", "*121*****5678#" },
	{ "*121*1111222233334444#", "*121*************4444#" },
	{ "1111222233334444", "************4444" },
	{ "12345678 and 87654321", "****5678 and ****4321" },
	{ "", NULL },
};

START_TEST(codes_masked)
{
	const char *masked = codes[_i].masked;
	char out[64], little[12];

	ck_assert_int_eq(command_mask_code(codes[_i].dialled, out, sizeof(out)), masked != NULL);
	ck_assert_str_eq(out, masked ? masked : codes[_i].dialled);
	command_mask_code(codes[_i].dialled, little, sizeof(little));
	ck_assert_int_eq(strncmp(little, out, strlen(little)), 0);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, codes_masked, 0, TW_COUNT(codes));
	tcase_add_loop_test(t, guarded_and_masked, 0, TW_COUNT(lines));
	tcase_add_test(t, masked_in_little_room);
}

int main(void)
{
	return unit_run("model_command", add);
}
