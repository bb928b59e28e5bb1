/* How much fits, and where texts are cut. */
#include "sms_help.h"

enum { SEGMENTS = 255 };

static const struct sms_options automatic = { .encoding = -1, .message_class = -1 };

/* What fits in a segment beside each header, by 23.040 9.2.3.24.1, worked out by hand. */
static const struct {
	uint8_t locking, single, ref_bits, ports;
	bool concat;
	unsigned septets, units16, octets;
} limits[] = {
	{ 0, 0, 8, 0, false, 160, 70, 140 },
	{ 1, 0, 8, 0, false, 155, 0, 0 },
	{ 0, 1, 8, 0, false, 155, 0, 0 },
	{ 1, 1, 8, 0, false, 152, 0, 0 },
	{ 0, 0, 8, 0, true, 153, 67, 134 },
	{ 1, 0, 8, 0, true, 149, 0, 0 },
	{ 1, 1, 8, 0, true, 146, 0, 0 },
	{ 0, 0, 16, 0, true, 152, 66, 133 },
	{ 0, 1, 16, 0, true, 148, 0, 0 },
	{ 1, 1, 16, 0, true, 145, 0, 0 },
	{ 0, 0, 8, 16, false, 152, 66, 133 },
	{ 0, 0, 8, 16, true, 146, 64, 128 },
	{ 0, 0, 8, 8, false, 154, 67, 135 },
	{ 0, 0, 8, 8, true, 148, 65, 130 },
	{ 0, 0, 16, 16, true, 145, 63, 127 },
};

static unsigned segments_of(unsigned row, uint8_t encoding, unsigned length)
{
	struct sms_options options = { .encoding = encoding, .message_class = -1,
				       .ref_bits = limits[row].ref_bits };
	static struct sms_ud uds[SEGMENTS];
	struct sms_form form = { encoding, limits[row].locking, limits[row].single,
				 limits[row].ref_bits, false, 0 };
	const char *text = sms_help_repeat("a", length);

	options.ports = (struct sms_ports){ limits[row].ports > 0, limits[row].ports, 250, 251 };
	for (unsigned n = limits[row].concat ? 2 : 1; n < 4; n++) {
		form.segments = (uint8_t)n;
		if (!sms_split(text, length, &form, &options, 1, uds, SEGMENTS))
			return n;
	}
	return 0;
}

START_TEST(exact_limits)
{
	const unsigned counts[] = { [SMS_GSM7] = limits[_i].septets,
				    [SMS_UCS2] = limits[_i].units16,
				    [SMS_8BIT] = limits[_i].octets };
	unsigned parts = limits[_i].concat ? 2 : 1;

	for (uint8_t encoding = SMS_GSM7; encoding <= SMS_8BIT; encoding++) {
		if (!counts[encoding])
			continue;
		ck_assert_uint_eq(segments_of((unsigned)_i, encoding, counts[encoding] * parts),
				  parts);
		ck_assert_uint_ne(segments_of((unsigned)_i, encoding, counts[encoding] * parts + 1),
				  parts);
	}
}
END_TEST

static unsigned chosen_segments(const char *text, struct sms_form *form)
{
	ck_assert_int_eq(sms_choose_form(text, strlen(text), &automatic, form, NULL), 0);
	return form->segments;
}

START_TEST(chosen_borders)
{
	static const struct {
		const char *unit;
		unsigned n, segments;
		uint8_t encoding;
	} cases[] = {
		{ "a", 160, 1, SMS_GSM7 }, { "a", 161, 2, SMS_GSM7 }, { "a", 306, 2, SMS_GSM7 },
		{ "a", 307, 3, SMS_GSM7 }, { "a", 153 * 255, 255, SMS_GSM7 },
		{ "\u20AC", 80, 1, SMS_GSM7 }, { "\u20AC", 81, 2, SMS_GSM7 },
		/* 76 pairs a segment: the 153rd septet stays empty */
		{ "\u20AC", 152, 2, SMS_GSM7 },
		{ "\u20AC", 153, 3, SMS_GSM7 },
		{ "\u0436", 70, 1, SMS_UCS2 }, { "\u0436", 71, 2, SMS_UCS2 },
		{ "\u0436", 134, 2, SMS_UCS2 }, { "\u0436", 135, 3, SMS_UCS2 },
		{ "\U0001F600", 35, 1, SMS_UCS2 }, { "\U0001F600", 36, 2, SMS_UCS2 },
		{ "\U0001F600", 66, 2, SMS_UCS2 },	/* 33 pairs a segment: 66 of 67 units */
		{ "\U0001F600", 67, 3, SMS_UCS2 },
		{ "\u0436", 67 * 255, 255, SMS_UCS2 },
		{ "", 0, 1, SMS_GSM7 },
	};

	for (size_t i = 0; i < TW_COUNT(cases); i++) {
		struct sms_form form;

		ck_assert_msg(chosen_segments(sms_help_repeat(cases[i].unit, cases[i].n), &form) ==
			      cases[i].segments, "case %zu: %u segments", i, form.segments);
		ck_assert_uint_eq(form.encoding, cases[i].encoding);
	}
}
END_TEST

START_TEST(too_many_segments)
{
	const char *text = sms_help_repeat("a", 153 * 255 + 1);
	struct sms_options options = automatic;
	struct sms_fault fault;
	struct sms_form form = { .segments = 77 };

	ck_assert_int_eq(sms_choose_form(text, strlen(text), &options, &form, &fault),
			TW_E_NOSPACE);
	ck_assert_int_eq(fault.octet, 256);
	ck_assert_uint_eq(form.segments, 77);
	options.max_segments = 2;
	ck_assert_int_eq(sms_choose_form(text, 306, &options, &form, &fault), 0);
	ck_assert_int_eq(sms_choose_form(text, 307, &options, &form, &fault), TW_E_NOSPACE);
	ck_assert_int_eq(fault.octet, 3);
	options.encoding = SMS_8BIT;
	ck_assert_int_eq(sms_choose_form(text, 268, &options, &form, &fault), 0);
	ck_assert_int_eq(sms_choose_form(text, 269, &options, &form, &fault), TW_E_NOSPACE);
}
END_TEST

static char parts[4][SMS_TEXT_MAX];

/* Cuts by the automatic form; the parts' texts. Returns how many. */
static unsigned cut(const char *text)
{
	struct sms_form form;
	struct sms_ud ud[4];
	struct sms_pdu pdu;

	ck_assert_uint_le(chosen_segments(text, &form), 4);
	ck_assert_int_eq(sms_split(text, strlen(text), &form, &automatic, 9, ud, 4), 0);
	for (unsigned i = 0; i < form.segments; i++) {
		sms_help_receive(&ud[i], &pdu);
		ck_assert_uint_eq(pdu.n_warnings, 1);	/* no time stamp */
		sms_body_text(&pdu.body, parts[i], SMS_TEXT_MAX);
		if (form.segments > 1) {
			ck_assert_uint_eq(pdu.concat.ref, 9);
			ck_assert_uint_eq(pdu.concat.total, form.segments);
			ck_assert_uint_eq(pdu.concat.seq, i + 1);
		}
	}
	return form.segments;
}

/* One thing astride the border: where the second part begins. */
static const struct {
	const char *unit;	/* fills up */
	unsigned before;	/* of them */
	const char *thing;
	const char *second;	/* how the second part begins */
} borders[] = {
	{ "a", 152, "\u20AC", "\u20ACa" },	/* ESC would be the 153rd septet */
	{ "a", 151, "\u20AC", "aaa" },
	{ "a", 153, "\u20AC", "\u20ACa" },
	{ "a", 152, "\r\n", "\r\na" },		/* one cluster */
	{ "a", 151, "\r\n", "aaa" },
	{ "a", 152, "\n\r", "\ra" },
	{ "\u0436", 66, "\U0001F600", "\U0001F600\u0436" },	/* surrogate pair */
	{ "\u0436", 65, "\U0001F600", "\u0436\u0436" },
	{ "\u0436", 66, "e\u0301", "e\u0301\u0436" },		/* base and mark */
	{ "\u0436", 65, "e\u0301\u0323", "e\u0301\u0323\u0436" },
	{ "\u0436", 64, "e\u0301\u0323", "\u0436\u0436" },
	{ "\u0436", 64, "\U0001F469\u200D\U0001F680", "\U0001F469\u200D\U0001F680" },
	{ "\u0436", 65, "\U0001F44D\U0001F3FD", "\U0001F44D\U0001F3FD" },	/* modifier */
	{ "\u0436", 65, "\U0001F1EB\U0001F1F7", "\U0001F1EB\U0001F1F7" },	/* a flag */
	{ "\u0436", 65, "1\uFE0F\u20E3", "1\uFE0F\u20E3" },			/* keycap */
	{ "\u0436", 66, "\u2764\uFE0F", "\u2764\uFE0F" },
	{ "\u0436", 65, "\u0915\u094D\u0937", "\u0915\u094D\u0937" },		/* conjunct */
	{ "\u0436", 66, "\u0928\u093F", "\u0928\u093F" },
};

START_TEST(border)
{
	char text[2048];

	snprintf(text, sizeof(text), "%s%s%s",
		 sms_help_repeat(borders[_i].unit, borders[_i].before), borders[_i].thing,
		 sms_help_repeat(borders[_i].unit, 30));
	ck_assert_uint_eq(cut(text), 2);
	ck_assert_msg(!strncmp(parts[1], borders[_i].second, strlen(borders[_i].second)),
		      "second part: %s", parts[1]);
	ck_assert_uint_eq(strlen(parts[0]) + strlen(parts[1]), strlen(text));
}
END_TEST

/* A cluster longer than a segment is cut, but never inside a pair. */
START_TEST(endless_cluster)
{
	char text[4096];

	snprintf(text, sizeof(text), "\u0436\u0436" "e%s", sms_help_repeat("\u0301", 150));
	ck_assert_uint_eq(cut(text), 3);
	ck_assert_uint_eq(strlen(parts[0]), 2 * 66 + 1);	/* filled as far as it goes */
	ck_assert_uint_eq(strlen(parts[1]), 2 * 67);
	snprintf(text, sizeof(text), "\u0436%s", sms_help_repeat("\u200D\U0001F469", 60));
	ck_assert_uint_eq(cut(text), 3);
	for (unsigned i = 0; i < 3; i++)
		ck_assert(!strstr(parts[i], "\uFFFD"));
}
END_TEST

/* One by one it is the same cut as all at once. */
START_TEST(one_by_one)
{
	char text[4096];
	static struct sms_ud all[SEGMENTS];
	struct sms_form form;

	snprintf(text, sizeof(text), "%s\u20AC%s", sms_help_repeat("{x}\r\n", 100),
		 sms_help_repeat("y", 500));
	chosen_segments(text, &form);
	ck_assert_uint_gt(form.segments, 5);
	ck_assert_int_eq(sms_split(text, strlen(text), &form, &automatic, 300, all, SEGMENTS), 0);
	for (unsigned seq = 1; seq <= form.segments; seq++) {
		struct sms_ud one = { 0 };

		ck_assert_int_eq(sms_split_one(text, strlen(text), &form, &automatic, 300,
					       (uint8_t)seq, &one), 0);
		ck_assert_uint_eq(one.n, all[seq - 1].n);
		ck_assert_uint_eq(one.udl, all[seq - 1].udl);
		ck_assert_mem_eq(one.octets, all[seq - 1].octets, one.n);
	}
}
END_TEST

/* A form is believed of the text for which it was made only. */
START_TEST(foreign_form)
{
	const char *text = sms_help_repeat("a", 400);
	struct sms_form form = { .encoding = SMS_GSM7, .ref_bits = 8, .segments = 3 };
	struct sms_ud ud[4];

	ck_assert_int_eq(sms_split(text, 400, &form, &automatic, 0, ud, 4), 0);
	ck_assert_int_eq(sms_split(text, 400, &form, &automatic, 0, ud, 2), TW_E_NOSPACE);
	ck_assert_int_eq(sms_split(text, 100, &form, &automatic, 0, ud, 4), TW_E_RANGE);
	form.segments = 2;
	ck_assert_int_eq(sms_split(text, 400, &form, &automatic, 0, ud, 4), TW_E_RANGE);
	ck_assert_int_eq(sms_split_one(text, 400, &form, &automatic, 0, 3, ud), TW_E_RANGE);
	ck_assert_int_eq(sms_split_one(text, 400, &form, &automatic, 0, 0, ud), TW_E_RANGE);
	form.segments = 1;
	ck_assert_int_eq(sms_split("\u0436", 2, &form, &automatic, 0, ud, 4), TW_E_RANGE);
	form.locking = 14;
	ck_assert_int_eq(sms_split("a", 1, &form, &automatic, 0, ud, 4), TW_E_RANGE);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, exact_limits, 0, TW_COUNT(limits));
	tcase_add_test(tc, chosen_borders);
	tcase_add_test(tc, too_many_segments);
	tcase_add_loop_test(tc, border, 0, TW_COUNT(borders));
	tcase_add_test(tc, endless_cluster);
	tcase_add_test(tc, one_by_one);
	tcase_add_test(tc, foreign_form);
}

int main(void)
{
	return unit_run("sms split", add);
}
