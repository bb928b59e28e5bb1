/* All 256 values of TP-DCS. Rows are ranges with the classes that recur in them; written from the
 * table of 23.038 4, not from the code. */
#include "sms_help.h"

enum { NO = -1, LOW = 4 };	/* class: none; as the low two bits */

static const struct {
	uint8_t first, last;
	enum sms_encoding encoding;
	int class;
	bool is_compressed, is_waiting, is_stored;
} rows[] = {
	{ 0x00, 0x03, SMS_GSM7, NO }, { 0x04, 0x07, SMS_8BIT, NO }, { 0x08, 0x0B, SMS_UCS2, NO },
	{ 0x0C, 0x0F, SMS_GSM7, NO },
	{ 0x10, 0x13, SMS_GSM7, LOW }, { 0x14, 0x17, SMS_8BIT, LOW }, { 0x18, 0x1B, SMS_UCS2, LOW },
	{ 0x1C, 0x1F, SMS_GSM7, LOW },
	{ 0x20, 0x2F, SMS_8BIT, NO, true }, { 0x30, 0x3F, SMS_8BIT, LOW, true },
	{ 0x40, 0x43, SMS_GSM7, NO }, { 0x44, 0x47, SMS_8BIT, NO }, { 0x48, 0x4B, SMS_UCS2, NO },
	{ 0x4C, 0x4F, SMS_GSM7, NO },
	{ 0x50, 0x53, SMS_GSM7, LOW }, { 0x54, 0x57, SMS_8BIT, LOW }, { 0x58, 0x5B, SMS_UCS2, LOW },
	{ 0x5C, 0x5F, SMS_GSM7, LOW },
	{ 0x60, 0x6F, SMS_8BIT, NO, true }, { 0x70, 0x7F, SMS_8BIT, LOW, true },
	{ 0x80, 0xBF, SMS_GSM7, NO },
	{ 0xC0, 0xCF, SMS_GSM7, NO, false, true, false },
	{ 0xD0, 0xDF, SMS_GSM7, NO, false, true, true },
	{ 0xE0, 0xEF, SMS_UCS2, NO, false, true, true },
	{ 0xF0, 0xF3, SMS_GSM7, LOW }, { 0xF4, 0xF7, SMS_8BIT, LOW },
	{ 0xF8, 0xFB, SMS_GSM7, LOW }, { 0xFC, 0xFF, SMS_8BIT, LOW },
};

START_TEST(every_value)
{
	static const uint8_t kinds[] = { SMS_WAIT_VOICE, SMS_WAIT_FAX, SMS_WAIT_EMAIL,
					 SMS_WAIT_OTHER };
	unsigned seen = 0;

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		ck_assert_uint_eq(rows[i].first, seen);
		for (unsigned v = rows[i].first; v <= rows[i].last; v++, seen++) {
			struct sms_pdu pdu;
			char dcs[3];

			snprintf(dcs, sizeof(dcs), "%02X", v);
			ck_assert_int_eq(sms_help_deliver("04", dcs, "02", "0041", &pdu, NULL), 0);
			ck_assert_uint_eq(pdu.dcs, v);
			ck_assert_int_eq(pdu.body.encoding, rows[i].encoding);
			ck_assert_int_eq(pdu.message_class,
					 rows[i].class == LOW ? (int)(v & 3) : NO);
			ck_assert_int_eq(pdu.is_compressed, rows[i].is_compressed);
			ck_assert_uint_eq(pdu.n_waiting, rows[i].is_waiting);
			if (!rows[i].is_waiting)
				continue;
			ck_assert_uint_eq(pdu.waiting[0].kind, kinds[v & 3]);
			ck_assert_int_eq(pdu.waiting[0].active, (v & 8) != 0);
			ck_assert_int_eq(pdu.waiting[0].store, rows[i].is_stored);
		}
	}
	ck_assert_uint_eq(seen, 256);
}
END_TEST

START_TEST(sent_values)
{
	static const struct { int encoding, class; uint8_t dcs; } cases[] = {
		{ SMS_GSM7, -1, 0x00 }, { SMS_UCS2, -1, 0x08 }, { SMS_8BIT, -1, 0x04 },
		{ SMS_GSM7, 0, 0x10 }, { SMS_UCS2, 0, 0x18 }, { SMS_8BIT, 0, 0x14 },
		{ SMS_GSM7, 3, 0x13 }, { SMS_UCS2, 1, 0x19 }, { SMS_8BIT, 2, 0x16 },
	};

	for (size_t i = 0; i < TW_COUNT(cases); i++) {
		struct sms_options options = { .encoding = cases[i].encoding,
					       .message_class = cases[i].class };
		struct sms_form form;
		struct sms_pdu pdu;
		struct sms_ud ud;

		ck_assert_int_eq(sms_choose_form("ab", 2, &options, &form, NULL), 0);
		ck_assert_int_eq(sms_split_one("ab", 2, &form, &options, 0, 1, &ud), 0);
		ck_assert_uint_eq(ud.dcs, cases[i].dcs);
		sms_help_receive(&ud, &pdu);
		ck_assert_int_eq(pdu.body.encoding, cases[i].encoding);
		ck_assert_int_eq(pdu.message_class, cases[i].class);
	}
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, every_value);
	tcase_add_test(tc, sent_values);
}

int main(void)
{
	return unit_run("sms dcs", add);
}
