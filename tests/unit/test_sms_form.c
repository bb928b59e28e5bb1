/* Choosing: fewest segments, and of equal ones the plainer form. */
#include "sms_help.h"

enum { AUTO = -1 };

static const struct {
	const char *text;
	unsigned times;
	const char *languages;	/* blank-separated codes */
	int demanded;
	uint8_t encoding, locking, single, segments;
} rows[] = {
	{ "Hello", 1, "", AUTO, SMS_GSM7, 0, 0, 1 },
	{ "Hello", 1, "tr es pt hi", AUTO, SMS_GSM7, 0, 0, 1 },
	{ "Hello", 1, "", SMS_UCS2, SMS_UCS2, 0, 0, 1 },
	{ "Hello\r\n", 1, "", AUTO, SMS_GSM7, 0, 0, 1 },
	{ "\u20AC[]{}", 1, "", AUTO, SMS_GSM7, 0, 0, 1 },
	{ "\u00E7", 1, "", AUTO, SMS_UCS2, 0, 0, 1 },
	/* of equal length: UCS-2, which everybody reads */
	{ "\u015Eimdi", 1, "tr", AUTO, SMS_UCS2, 0, 0, 1 },
	{ "\u015Eimdi", 1, "tr", SMS_GSM7, SMS_GSM7, 0, 1, 1 },
	/* Turkish, Spanish and Portuguese in fewer segments */
	{ "\u015Eimdi ne var ne yok \u0130stanbul? ", 3, "tr", AUTO, SMS_GSM7, 0, 1, 1 },
	{ "\u0131\u011F\u015F\u0130\u00E7", 20, "tr", AUTO, SMS_GSM7, 1, 0, 1 },
	{ "\u00A1Ma\u00F1ana ser\u00E1 otro d\u00EDa! ", 4, "es", AUTO, SMS_GSM7, 0, 2, 1 },
	{ "N\u00E3o h\u00E1 a\u00E7\u00E3o \u00E0s tr\u00EAs ", 5, "pt", AUTO, SMS_GSM7, 0, 3, 1 },
	{ "\u00E3\u00E7\u00F5\u00EA", 30, "pt", AUTO, SMS_GSM7, 3, 0, 1 },
	{ "\u00A1Ma\u00F1ana ser\u00E1 otro d\u00EDa! ", 4, "tr", AUTO, SMS_UCS2, 0, 0, 2 },
	{ "\u00A1Ma\u00F1ana ser\u00E1 otro d\u00EDa! ", 4, "", AUTO, SMS_UCS2, 0, 0, 2 },
	/* of two that do, the one that is named first */
	{ "\u00A1Ma\u00F1ana ser\u00E1 otro d\u00EDa! ", 4, "pt es", AUTO, SMS_GSM7, 0, 3, 1 },
	{ "\u00A1Ma\u00F1ana ser\u00E1 otro d\u00EDa! ", 4, "es pt", AUTO, SMS_GSM7, 0, 2, 1 },
	/* Hindi, and Hindi with capital Latin letters, which need the single shift table */
	{ "\u0928\u092E\u0938\u094D\u0924\u0947 ", 15, "hi", AUTO, SMS_GSM7, 6, 0, 1 },
	{ "\u0928\u092E\u0938\u094D\u0924\u0947 A", 15, "hi", AUTO, SMS_GSM7, 6, 6, 1 },
	{ "\u0928\u092E\u0938\u094D\u0924\u0947 ", 15, "hi ta bn", AUTO, SMS_GSM7, 6, 0, 1 },
	{ "\u0928\u092E\u0938\u094D\u0924\u0947 ", 15, "ta bn", AUTO, SMS_UCS2, 0, 0, 2 },
	/* mixed tables: Portuguese letters and the Turkish single shift table */
	{ "\u00E3\u00F5\u00E3\u015E", 20, "pt tr", AUTO, SMS_GSM7, 3, 1, 1 },
	/* carets and tildes cost one septet in the Portuguese table: cheaper there */
	{ "^~", 48, "", AUTO, SMS_GSM7, 0, 0, 2 },
	{ "^~", 48, "pt", AUTO, SMS_GSM7, 3, 0, 1 },
	{ "\u0436", 1, "tr es pt bn gu hi kn ml or pa ta te ur", AUTO, SMS_UCS2, 0, 0, 1 },
	{ "\u0436", 71, "tr es pt bn gu hi kn ml or pa ta te ur", AUTO, SMS_UCS2, 0, 0, 2 },
	{ "\u0622\u067E \u06A9\u06CC\u0633\u06D2 ", 12, "ur", AUTO, SMS_GSM7, 13, 0, 1 },
	{ "", 1, "tr", AUTO, SMS_GSM7, 0, 0, 1 },
};

static unsigned read_languages(const char *codes, uint8_t ids[13])
{
	char copy[128], *rest = copy, *code;
	unsigned n = 0;

	snprintf(copy, sizeof(copy), "%s", codes);
	while ((code = strsep(&rest, " ")))
		if (*code)
			ids[n++] = (uint8_t)sms_language_id(code);
	return n;
}

START_TEST(chooses)
{
	uint8_t languages[13];
	struct sms_options options = { .encoding = rows[_i].demanded, .message_class = -1,
				       .languages = languages };
	const char *text = sms_help_repeat(rows[_i].text, rows[_i].times);
	struct sms_form form;
	struct tw_buf out = { 0 };

	options.n_languages = (uint8_t)read_languages(rows[_i].languages, languages);
	ck_assert_int_eq(sms_choose_form(text, strlen(text), &options, &form, NULL), 0);
	ck_assert_msg(form.encoding == rows[_i].encoding && form.locking == rows[_i].locking &&
		      form.single == rows[_i].single && form.segments == rows[_i].segments,
		      "row %d: encoding %u locking %u single %u segments %u", _i, form.encoding,
		      form.locking, form.single, form.segments);
	for (unsigned seq = 1; seq <= form.segments; seq++) {
		char part[SMS_TEXT_MAX];
		struct sms_pdu pdu;
		struct sms_ud ud;

		ck_assert_int_eq(sms_split_one(text, strlen(text), &form, &options, 5, (uint8_t)seq,
					       &ud), 0);
		sms_help_receive(&ud, &pdu);
		tw_buf_add(&out, part, sms_body_text(&pdu.body, part, sizeof(part)));
	}
	ck_assert_str_eq(tw_buf_str(&out), text);
	tw_buf_done(&out);
}
END_TEST

START_TEST(demanded_but_not_carried)
{
	const uint8_t turkish[] = { 1 };
	struct sms_options options = { .encoding = SMS_GSM7, .message_class = -1 };
	struct sms_fault fault;
	struct sms_form form;

	ck_assert_int_eq(sms_choose_form("ab\u0436", 4, &options, &form, &fault), TW_E_RANGE);
	ck_assert_int_eq(fault.octet, 2);
	ck_assert_str_eq(fault.field, "text");
	options.languages = turkish;
	options.n_languages = 1;
	ck_assert_int_eq(sms_choose_form("ab\u0436", 4, &options, &form, &fault), TW_E_RANGE);
	ck_assert_int_eq(sms_choose_form("ab\u015E", 4, &options, &form, &fault), 0);
}
END_TEST

START_TEST(ill_formed)
{
	static const char *const texts[] = { "\xFF", "a\xC3", "\xED\xA0\xBD", "\xC0\x80",
					     "\xF5\x80\x80\x80" };
	struct sms_options options = { .encoding = -1, .message_class = -1 };

	for (size_t i = 0; i < TW_COUNT(texts); i++)
		for (int encoding = -1; encoding <= SMS_UCS2; encoding++) {
			struct sms_fault fault;
			struct sms_form form;

			options.encoding = encoding;
			ck_assert_int_eq(sms_choose_form(texts[i], strlen(texts[i]), &options,
							 &form, &fault), TW_E_SYNTAX);
			ck_assert_str_eq(fault.field, "text");
		}
}
END_TEST

START_TEST(octets)
{
	struct sms_options options = { .encoding = SMS_8BIT, .message_class = -1 };
	static const char data[300] = "\xFF\x00\xFE";
	struct sms_form form;
	struct sms_ud ud[3];
	struct sms_pdu pdu;

	ck_assert_int_eq(sms_choose_form(data, 140, &options, &form, NULL), 0);
	ck_assert_uint_eq(form.segments, 1);
	ck_assert_int_eq(sms_choose_form(data, 300, &options, &form, NULL), 0);
	ck_assert_uint_eq(form.segments, 3);
	ck_assert_int_eq(sms_split(data, 300, &form, &options, 0, ud, 3), 0);
	sms_help_receive(&ud[0], &pdu);
	ck_assert_int_eq(pdu.body.encoding, SMS_8BIT);
	ck_assert_uint_eq(pdu.body.n, 134);
	ck_assert_mem_eq(pdu.body.units, data, 134);
	sms_help_receive(&ud[2], &pdu);
	ck_assert_uint_eq(pdu.body.n, 32);
}
END_TEST

START_TEST(nul_travels)
{
	const struct sms_options options = { .encoding = -1, .message_class = -1 };
	struct sms_form form;
	struct sms_pdu pdu;
	struct sms_ud ud;

	ck_assert_int_eq(sms_choose_form("a\0b", 3, &options, &form, NULL), 0);
	ck_assert_int_eq(form.encoding, SMS_UCS2);
	ck_assert_int_eq(sms_split_one("a\0b", 3, &form, &options, 0, 1, &ud), 0);
	sms_help_receive(&ud, &pdu);
	ck_assert_uint_eq(pdu.body.n, 6);
	ck_assert_mem_eq(pdu.body.units, "\0a\0\0\0b", 6);
}
END_TEST

START_TEST(language_codes)
{
	static const struct { const char *code; int id; } codes[] = {
		{ "tr", 1 }, { "es", 2 }, { "pt", 3 }, { "bn", 4 }, { "gu", 5 }, { "hi", 6 },
		{ "kn", 7 }, { "ml", 8 }, { "or", 9 }, { "pa", 10 }, { "ta", 11 }, { "te", 12 },
		{ "ur", 13 }, { "pt-BR", 3 }, { "ES", 2 }, { "urd", 13 }, { "ory", 9 },
		{ "en", -1 }, { "", -1 }, { "t", -1 }, { "trk", -1 }, { "-", -1 },
	};

	for (size_t i = 0; i < TW_COUNT(codes); i++)
		ck_assert_int_eq(sms_language_id(codes[i].code), codes[i].id);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, chooses, 0, TW_COUNT(rows));
	tcase_add_test(tc, demanded_but_not_carried);
	tcase_add_test(tc, ill_formed);
	tcase_add_test(tc, octets);
	tcase_add_test(tc, nul_travels);
	tcase_add_test(tc, language_codes);
}

int main(void)
{
	return unit_run("sms form", add);
}
