#include "run.h"

#include <twoway/base.h>

START_TEST(hex_writes)
{
	static const uint8_t in[] = { 0x00, 0x0f, 0xa5, 0xff };
	char out[9];

	tw_hex_write(in, 4, out, true);
	ck_assert_str_eq(out, "000FA5FF");
	tw_hex_write(in, 4, out, false);
	ck_assert_str_eq(out, "000fa5ff");
	tw_hex_write(NULL, 0, out, false);
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(hex_reads)
{
	uint8_t out[4] = { 0 };

	ck_assert_int_eq(tw_hex_read("00fFa5", 6, out, 4), 3);
	ck_assert_mem_eq(out, "\x00\xff\xa5", 3);
	ck_assert_int_eq(tw_hex_read("", 0, out, 0), 0);
	ck_assert_int_eq(tw_hex_read("123", 3, out, 4), TW_E_SYNTAX);
	ck_assert_int_eq(tw_hex_read("1g", 2, out, 4), TW_E_SYNTAX);
	ck_assert_int_eq(tw_hex_read("1 ", 2, out, 4), TW_E_SYNTAX);
	ck_assert_int_eq(tw_hex_read("1\0", 2, out, 4), TW_E_SYNTAX);
	ck_assert_int_eq(tw_hex_read("0011223344", 10, out, 4), TW_E_NOSPACE);
	ck_assert_mem_eq(out, "\x00\xff\xa5\x00", 4);	/* untouched by what failed */
}
END_TEST

/* RFC 4648 section 10, and the two digits that differ from letters */
static const struct {
	const char *plain, *coded;
} base64[] = {
	{ "", "" },		{ "f", "Zg==" },	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },	{ "foob", "Zm9vYg==" },	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbe", "+/++" },
};

START_TEST(base64_there_and_back)
{
	const char *plain = base64[_i].plain, *coded = base64[_i].coded;
	char out[16];
	uint8_t back[8];

	ck_assert_uint_eq(tw_base64_write(plain, strlen(plain), out), strlen(coded));
	ck_assert_str_eq(out, coded);
	ck_assert_int_eq(tw_base64_read(coded, strlen(coded), back, sizeof(back)), strlen(plain));
	ck_assert_mem_eq(back, plain, strlen(plain));
}
END_TEST

static const char *const not_base64[] = {
	"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zh==", "Zm9=",
	"Z-==", "Zm9vY=Fy",
};

START_TEST(base64_refuses)
{
	uint8_t out[8];

	ck_assert_int_eq(tw_base64_read(not_base64[_i], strlen(not_base64[_i]), out, sizeof(out)),
			 TW_E_SYNTAX);
}
END_TEST

START_TEST(base64_minds_the_room)
{
	uint8_t out[3] = { 0 };

	ck_assert_int_eq(tw_base64_read("Zm9v", 4, out, 2), TW_E_NOSPACE);
	ck_assert_int_eq(out[0], 0);
	ck_assert_int_eq(tw_base64_read("Zm8=", 4, out, 2), 2);
	ck_assert_int_eq(out[2], 0);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, hex_writes);
	tcase_add_test(tc, hex_reads);
	tcase_add_loop_test(tc, base64_there_and_back, 0, TW_COUNT(base64));
	tcase_add_loop_test(tc, base64_refuses, 0, TW_COUNT(not_base64));
	tcase_add_test(tc, base64_minds_the_room);
}

int main(void)
{
	return unit_run("base_hex", add);
}
