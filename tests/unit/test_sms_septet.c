#include "sms_help.h"

START_TEST(packs)
{
	static const struct { const char *text, *hex; size_t septets; } cases[] = {
		{ "", "", 0 },
		{ "ab", "6131", 2 },
		{ "Test 1", "D4F29C0E8A01", 6 },
		{ "Hi", "C834", 2 },
		{ "ABCDEFG", "41E19058341E01", 7 },
		{ "aaaaaaa@", "E170381C0E8701", 8 },
		{ "*100#", "AA180C3602", 5 },
		{ "\u20AC", "9B32", 2 },
		{ "[~]", "1BDEA6B7F101", 6 },
	};

	for (size_t i = 0; i < TW_COUNT(cases); i++) {
		uint8_t out[64];
		char hex[130], text[64];
		size_t septets = 99;
		int n = sms_gsm7_pack(cases[i].text, strlen(cases[i].text), out, sizeof(out),
				&septets);

		ck_assert_int_ge(n, 0);
		tw_hex_write(out, (size_t)n, hex, true);
		ck_assert_str_eq(hex, cases[i].hex);
		ck_assert_uint_eq(septets, cases[i].septets);
		ck_assert_uint_eq(sms_gsm7_unpack(out, septets, text, sizeof(text)),
				  strlen(cases[i].text));
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(every_length)
{
	struct tw_random random;

	tw_random_seed(&random, 7);
	for (size_t length = 0; length < 500; length++) {
		uint8_t *packed = malloc((length * 7 + 7) / 8 + 1);
		size_t septets;
		char text[501], back[501];

		for (size_t i = 0; i < length; i++)
			text[i] = (char)('A' + tw_random_below(&random, 26));
		text[length] = '\0';
		ck_assert_int_eq(sms_gsm7_pack(text, length, packed, (length * 7 + 7) / 8,
				&septets),
				 (int)((length * 7 + 7) / 8));
		ck_assert_uint_eq(septets, length);
		ck_assert_uint_eq(sms_gsm7_unpack(packed, septets, back, sizeof(back)), length);
		ck_assert_str_eq(back, text);
		free(packed);
	}
}
END_TEST

/* An escape pair astride the 160th septet of a longer string. */
START_TEST(pair_across_chunks)
{
	for (size_t before = 155; before < 165; before++) {
		char text[512], back[512];
		uint8_t packed[512];
		size_t septets;

		snprintf(text, sizeof(text), "%s\u20AC{}z", sms_help_repeat("x", before));
		ck_assert_int_gt(sms_gsm7_pack(text, strlen(text), packed, sizeof(packed),
				&septets),
				 0);
		sms_gsm7_unpack(packed, septets, back, sizeof(back));
		ck_assert_str_eq(back, text);
	}
}
END_TEST

START_TEST(refuses)
{
	uint8_t out[8];
	size_t septets;

	ck_assert_int_eq(sms_gsm7_pack("\u0436", 2, out, sizeof(out), &septets), TW_E_RANGE);
	ck_assert_int_eq(sms_gsm7_pack("\xFF", 1, out, sizeof(out), &septets), TW_E_RANGE);
	ck_assert_int_eq(sms_gsm7_pack("0123456789", 10, out, sizeof(out), &septets), TW_E_NOSPACE);
	ck_assert_int_eq(sms_gsm7_pack("012345678", 9, out, sizeof(out), &septets), 8);
}
END_TEST

START_TEST(unpack_is_bounded)
{
	static const uint8_t packed[] = { 0x9B, 0x32, 0x9B, 0x32, 0x9B, 0x32, 0x9B };
	char *out = malloc(4);

	ck_assert_uint_eq(sms_gsm7_unpack(packed, 8, out, 4), 4);
	ck_assert_uint_eq(sms_gsm7_unpack(packed, 8, out, 1), 1);
	ck_assert_uint_eq(sms_gsm7_unpack(packed, 8, out, 0), 0);
	free(out);
}
END_TEST

/* Fill bits for every length of header, also those of 7 and 14 octets that need none. */
START_TEST(fill_bits)
{
	for (unsigned header = 3; header <= 60; header++) {
		unsigned skip = (header * 8 + 6) / 7, n = 10;
		uint8_t ud[140] = { (uint8_t)(header - 1), 0x7D, (uint8_t)(header - 3) };
		char hex[300], udl[3];
		struct sms_pdu pdu;

		for (unsigned i = 0; i < n * 7; i++) {
			unsigned at = skip * 7 + i;

			ud[at / 8] |= (uint8_t)(("Fill bits!"[i / 7] >> i % 7 & 1) << at % 8);
		}
		tw_hex_write(ud, ((skip + n) * 7 + 7) / 8, hex, true);
		snprintf(udl, sizeof(udl), "%02X", skip + n);
		ck_assert_int_eq(sms_help_deliver("44", "00", udl, hex, &pdu, NULL), 0);
		ck_assert_str_eq(sms_help_text(&pdu.body), "Fill bits!");
		ck_assert_uint_eq(pdu.udh_len, header - 1);
		ck_assert_uint_eq(pdu.n_warnings, 0);
	}
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, packs);
	tcase_add_test(tc, every_length);
	tcase_add_test(tc, pair_across_chunks);
	tcase_add_test(tc, refuses);
	tcase_add_test(tc, unpack_is_bounded);
	tcase_add_test(tc, fill_bits);
}

int main(void)
{
	return unit_run("sms septet", add);
}
