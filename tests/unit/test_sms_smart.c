/* Transliteration, only on request and only where it makes the whole text 7-bit. */
#include "sms_help.h"

static const struct { const char *from, *to; } rows[] = {
	{ "\u00AB\u00BB\u201C\u201D\u201E\u201F\u02BA\u02EE\u275D\u275E\u301D\u301E\uFF02",
	  "\"\"\"\"\"\"\"\"\"\"\"\"\"" },
	{ "\u2018\u2019\u201B\u02B9\u02BB\u02BC\u02BD\u02C8\u02CA\u02CB\u00B4`"
	  "\u275B\u275C\u2032\uFF07",
	  "''''''''''''''''" },
	{ "\u2010\u2011\u2012\u2013\u2014\u2015\u2022\u2043\u2212\uFE58\uFE63\uFF0D",
			"------------" },
	{ "\u2026", "..." }, { "\u2039\u203A", "<>" },
	{ "\u201A\u3001\uFE50\uFE51\uFF0C\uFF64", ",,,,,," },
	{ "\u3002\uFE52\uFF0E\uFF61", "...." },
	{ "\u203C", "!!" }, { "\u00F7\u2044\u2215\u29F8\uFF0F", "/////" },
	{ "\u00BC\u00BD\u00BE", "1/41/23/4" },
	{ "\u204E\u2217\u229B\u2731\u2722\u2725\u2732\u2733\u273A\u273D\u2743\u2749\u274B",
	  "*************" },
	{ "\u2223\u23D0\uFF5C", "|||" }, { "\u29F5\u29F9\uFE68\uFF3C", "\\\\\\\\" },
	{ "\u2017\uFF3F", "__" }, { "\u02C6\uFF3E\u02DC\u223C\uFF5E", "^^~~~" },
	{ "\u2768\u2769\u276A\u276B\u2774\u2775\u27EE\u27EF", "()(){}()" },
	{ "\uFE59\uFE5A\uFE5B\uFE5C\uFF08\uFF09\uFF3B\uFF3D\uFF5B\uFF5D", "(){}()[]{}" },
	{ "\u00A0\u2000\u200A\u202F\u205F\u3000\t", "       " }, { "a\u2028b\u2029c", "a\nb\nc" },
	{ "a\u200B\u200C\u2060\uFEFF\u00AD\x01\x1B" "b", "ab" },
	{ "\uFF01\uFF21\uFF3A\uFF41\uFF5A\uFF10\uFF19", "!AZaz09" }, { "\uFF40", "'" },
	{ "\uFE54\uFE55\uFE56\uFE57\uFE5F\uFE60\uFE61\uFE62\uFE64\uFE65\uFE66\uFE69\uFE6A\uFE6B",
	  ";:?!#&*+<>=$%@" },
	{ "\u1D00\u0299\u1D04", "ABC" },
	{ "\u201CIt\u2019s \u20AC5 \u2013 caf\u00E9\u2026\u201D\r\n",
			"\"It's \u20AC5 - caf\u00E9...\"\r\n" },
};

static const char *travelled(const char *text, const struct sms_options *options,
			     struct sms_form *form)
{
	static char out[SMS_TEXT_MAX];
	struct sms_pdu pdu;
	struct sms_ud ud;

	ck_assert_int_eq(sms_choose_form(text, strlen(text), options, form, NULL), 0);
	ck_assert_uint_eq(form->segments, 1);
	ck_assert_int_eq(sms_split_one(text, strlen(text), form, options, 0, 1, &ud), 0);
	sms_help_receive(&ud, &pdu);
	sms_body_text(&pdu.body, out, sizeof(out));
	return out;
}

START_TEST(on_request)
{
	struct sms_options options = { .encoding = -1, .message_class = -1, .smart = true };
	struct sms_form form;

	ck_assert_str_eq(travelled(rows[_i].from, &options, &form), rows[_i].to);
	ck_assert(form.is_smart && form.encoding == SMS_GSM7);
	options.smart = false;
	ck_assert_str_eq(travelled(rows[_i].from, &options, &form), rows[_i].from);
	ck_assert(!form.is_smart && form.encoding == SMS_UCS2);
}
END_TEST

/* What stays outside the alphabet leaves the whole text as it is. */
START_TEST(left_alone)
{
	static const char *const texts[] = {
		"\u201C\u0436\u201D", "\u2019\u00EA", "\u2764\uFE0F\u2019",
				"\U0001F469\u200D\U0001F680",
		"\u00E7", "\u0430", "\u2033", "\u2027", "\u2030", "\u200D", "\u0263", "\u02C9",
		"\u02CC", "\u1D03", "\u2016", "\u2734", "\u276C", "\u3003", "\uFE53", "\uFE67",
		"\uFF00", "\uFF5F", "\uFF62", "\uFF65", "\x7F", "\xC2\x9F", "\u00AC", "\uFEFE",
	};
	const struct sms_options options = { .encoding = -1, .message_class = -1, .smart = true };

	for (size_t i = 0; i < TW_COUNT(texts); i++) {
		struct sms_form form;

		ck_assert_str_eq(travelled(texts[i], &options, &form), texts[i]);
		ck_assert(!form.is_smart && form.encoding == SMS_UCS2);
	}
}
END_TEST

START_TEST(plain_text_is_not_touched)
{
	const struct sms_options options = { .encoding = -1, .message_class = -1, .smart = true };
	struct sms_form form;

	ck_assert_str_eq(travelled("\"It's\" ~ ^ \u00FC", &options, &form), "\"It's\" ~ ^ \u00FC");
	ck_assert(!form.is_smart);
}
END_TEST

/* A transliteration longer than what it replaces: UCS-2 where it takes fewer segments. */
START_TEST(never_dearer)
{
	const char *text = sms_help_repeat("\u2026", 70);
	const struct sms_options options = { .encoding = -1, .message_class = -1, .smart = true };
	struct sms_form form;

	ck_assert_int_eq(sms_choose_form(text, strlen(text), &options, &form, NULL), 0);
	ck_assert(form.encoding == SMS_UCS2 && form.segments == 1 && !form.is_smart);
}
END_TEST

/* With a national table: the quotes go, the letters stay. */
START_TEST(with_national_table)
{
	const uint8_t turkish[] = { 1 };
	const struct sms_options options = { .encoding = -1, .message_class = -1, .smart = true,
					     .languages = turkish, .n_languages = 1 };
	const char *text = sms_help_repeat("\u0130stanbul\u2019da \u015Fey ", 6);
	struct sms_form form;

	ck_assert_int_eq(sms_choose_form(text, strlen(text), &options, &form, NULL), 0);
	ck_assert(form.encoding == SMS_GSM7 && form.is_smart && form.single == 1);
	ck_assert_uint_eq(form.segments, 1);
}
END_TEST

/* Long texts: what one character became is not cut. */
START_TEST(expansion_is_not_cut)
{
	char text[1024];
	const struct sms_options options = { .encoding = -1, .message_class = -1, .smart = true };
	struct sms_form form;
	struct sms_ud ud[2];
	struct sms_pdu pdu;

	snprintf(text, sizeof(text), "%s\u2026%s", sms_help_repeat("a", 151),
		 sms_help_repeat("b", 20));
	ck_assert_int_eq(sms_choose_form(text, strlen(text), &options, &form, NULL), 0);
	ck_assert_uint_eq(form.segments, 2);
	ck_assert_int_eq(sms_split(text, strlen(text), &form, &options, 0, ud, 2), 0);
	sms_help_receive(&ud[0], &pdu);
	ck_assert_uint_eq(pdu.body.n, 151);
	sms_help_receive(&ud[1], &pdu);
	ck_assert_uint_eq(pdu.body.n, 23);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, on_request, 0, TW_COUNT(rows));
	tcase_add_test(tc, left_alone);
	tcase_add_test(tc, plain_text_is_not_touched);
	tcase_add_test(tc, never_dearer);
	tcase_add_test(tc, with_national_table);
	tcase_add_test(tc, expansion_is_not_cut);
}

int main(void)
{
	return unit_run("sms smart", add);
}
