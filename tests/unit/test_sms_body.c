/* Bodies joined where a sender cut inside a pair. */
#include "sms_help.h"

enum { PARTS = 4 };

/* A part: encoding letter (7 U 8), then its units in hex; "-" is a missing one. */
static const struct { const char *parts[PARTS]; const char *text; } rows[] = {
	{ { "748", "745" }, "HE" },
	{ { "7481B", "765" }, "H\u20AC" },		/* ESC | e */
	{ { "7481B", "-", "765" }, "He" },		/* its second half never came */
	{ { "7481B", "U0041" }, "HA" },
	{ { "7481B" }, "H" },
	{ { "71B", "71B", "765" }, " e" },		/* ESC | ESC is a space */
	{ { "71B1B", "765" }, " e" },
	{ { "71B", "7", "765" }, "\u20AC" },		/* an empty part between */
	{ { "UD83D", "UDE00" }, "\U0001F600" },
	{ { "U0041D83D", "UDE000042" }, "A\U0001F600B" },
	{ { "UD83D", "-", "UDE00" }, "\uFFFD\uFFFD" },
	{ { "UD83D", "U0041" }, "\uFFFD" "A" },
	{ { "UD83D", "765" }, "\uFFFDe" },
	{ { "UD83D" }, "\uFFFD" },
	{ { "UD83D", "UD83D", "UDE00" }, "\uFFFD\U0001F600" },
	{ { "-", "765" }, "e" },
	{ { "-", "-" }, "" },
	{ { "8414243", "844" }, "ABCD" },
};

static bool read_part(const char *part, struct sms_body *ret)
{
	int n;

	if (*part == '-')
		return false;
	*ret = (struct sms_body){ .encoding = *part == '7' ? SMS_GSM7 :
						     *part == 'U' ? SMS_UCS2 : SMS_8BIT };
	n = tw_hex_read(part + 1, strlen(part + 1), ret->units, sizeof(ret->units));
	ck_assert_int_ge(n, 0);
	ret->n = (uint16_t)n;
	for (int i = 0; *part == '7' && i < n; i++)
		ret->units[i] &= 0x7F;
	return true;
}

START_TEST(joins)
{
	struct sms_body bodies[PARTS];
	const struct sms_body *list[PARTS];
	struct tw_buf out = { 0 };
	size_t n = 0;

	for (; n < PARTS && rows[_i].parts[n]; n++)
		list[n] = read_part(rows[_i].parts[n], &bodies[n]) ? &bodies[n] : NULL;
	tw_buf_adds(&out, ">");
	sms_bodies_text(list, n, &out);
	ck_assert_str_eq(tw_buf_str(&out) + 1, rows[_i].text);
	ck_assert_uint_eq(out.n, strlen(rows[_i].text) + 1);
	tw_buf_done(&out);
}
END_TEST

/* Each part by its own tables, the escaped septet by those of the part in which it stands. */
START_TEST(own_tables)
{
	const struct sms_body turkish = { SMS_GSM7, 0, 1, 2, { 'a', 0x1B } };
	const struct sms_body plain = { SMS_GSM7, 0, 0, 1, { 'S' } };
	const struct sms_body *there[] = { &turkish, &plain }, *back[] = { &turkish, &turkish };
	const struct sms_body shifted = { SMS_GSM7, 0, 1, 1, { 'S' } };
	struct tw_buf out = { 0 };

	back[1] = &shifted;
	sms_bodies_text(there, 2, &out);
	ck_assert_str_eq(tw_buf_str(&out), "aS");
	tw_buf_clear(&out);
	sms_bodies_text(back, 2, &out);
	ck_assert_str_eq(tw_buf_str(&out), "a\u015E");
	tw_buf_done(&out);
}
END_TEST

START_TEST(nul_is_a_character)
{
	const struct sms_body body = { SMS_UCS2, 0, 0, 6, { 0, 'a', 0, 0, 0, 'b' } };
	const struct sms_body *list[] = { &body };
	struct tw_buf out = { 0 };
	char text[SMS_TEXT_MAX];

	ck_assert_uint_eq(sms_body_text(&body, text, sizeof(text)), 3);
	ck_assert_mem_eq(text, "a\0b", 4);
	sms_bodies_text(list, 1, &out);
	ck_assert_uint_eq(out.n, 3);
	ck_assert_mem_eq(out.p, "a\0b", 3);
	tw_buf_done(&out);
}
END_TEST

/* Every text of two parts, cut anywhere, comes out as it was. */
START_TEST(cut_anywhere)
{
	static const char text[] = "a\u20AC[b]{c}\f|~\\^z";
	const struct sms_options options = { .encoding = -1, .message_class = -1 };
	struct sms_form form;
	struct sms_pdu pdu;
	struct sms_ud ud;

	ck_assert_int_eq(sms_choose_form(text, sizeof(text) - 1, &options, &form, NULL), 0);
	ck_assert_int_eq(sms_split_one(text, sizeof(text) - 1, &form, &options, 0, 1, &ud), 0);
	sms_help_receive(&ud, &pdu);
	for (unsigned cut = 0; cut <= pdu.body.n; cut++) {
		struct sms_body left = pdu.body, right = pdu.body;
		const struct sms_body *list[] = { &left, &right };
		struct tw_buf out = { 0 };

		left.n = (uint16_t)cut;
		right.n = (uint16_t)(pdu.body.n - cut);
		memmove(right.units, right.units + cut, right.n);
		sms_bodies_text(list, 2, &out);
		ck_assert_str_eq(tw_buf_str(&out), text);
		tw_buf_done(&out);
	}
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, joins, 0, TW_COUNT(rows));
	tcase_add_test(tc, own_tables);
	tcase_add_test(tc, nul_is_a_character);
	tcase_add_test(tc, cut_anywhere);
}

int main(void)
{
	return unit_run("sms body", add);
}
