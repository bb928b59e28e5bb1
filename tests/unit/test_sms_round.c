/* Random texts there and back: what was sent is what is read, in no more segments than UCS-2 takes,
 * nothing cut inside a pair. Seeded: the same texts every time. */
#include "sms_help.h"

enum { TEXTS = 800, UNITS_MAX = 700, SEEDS = 3 };

/* Where characters are taken from. */
static const struct { uint32_t first, last; } blocks[] = {
	{ 0x20, 0x7E }, { 0x20, 0x7E }, { 'a', 'z' }, { 0x0A, 0x0D }, { 0xA0, 0xFF },
	{ 0x11E, 0x15F },
	{ 0x391, 0x3A9 }, { 0x600, 0x6FF }, { 0x901, 0x97F }, { 0xB80, 0xBFF }, { 0xD00, 0xD7F },
	{ 0x20AC, 0x20AC }, { 0x2018, 0x2026 }, { 0x4E00, 0x4FFF }, { 0x300, 0x36F },
	{ 0x1F600, 0x1F64F }, { 0x1F3FB, 0x1F3FF }, { 0x1F1E6, 0x1F1FF }, { 0x200D, 0x200D },
	{ 0xE000, 0xE010 }, { 0xFFFD, 0xFFFF }, { 0x10FFF0, 0x10FFFF }, { 0x5B, 0x5E }, { 0, 0x1F },
};

static void make_text(struct tw_random *random, struct tw_buf *out)
{
	unsigned units = tw_random_below(random, UNITS_MAX);
	unsigned spread = 1 + tw_random_below(random, 4);
	unsigned chosen[4];

	tw_buf_clear(out);
	for (unsigned i = 0; i < spread; i++)
		chosen[i] = tw_random_below(random, TW_COUNT(blocks));
	while (units--) {
		unsigned b = chosen[tw_random_below(random, spread)];
		uint32_t width = blocks[b].last - blocks[b].first + 1;

		tw_buf_addu(out, blocks[b].first + tw_random_below(random, width));
	}
}

static void check_text(const struct tw_buf *text, const struct sms_options *options)
{
	static struct sms_ud uds[SMS_SEGMENTS_MAX];
	static struct sms_body bodies[SMS_SEGMENTS_MAX];
	static const struct sms_body *list[SMS_SEGMENTS_MAX];
	struct sms_options ucs2 = *options;
	struct tw_buf joined = { 0 }, apart = { 0 };
	struct sms_form form, other;

	ucs2.encoding = SMS_UCS2;
	ck_assert_int_eq(sms_choose_form(tw_buf_str(text), text->n, options, &form, NULL), 0);
	ck_assert_int_eq(sms_choose_form(tw_buf_str(text), text->n, &ucs2, &other, NULL), 0);
	ck_assert_uint_le(form.segments, other.segments);
	ck_assert_int_eq(sms_split(tw_buf_str(text), text->n, &form, options, 77, uds,
				   SMS_SEGMENTS_MAX), 0);
	for (unsigned i = 0; i < form.segments; i++) {
		char part[SMS_TEXT_MAX];
		struct sms_pdu pdu;

		ck_assert_uint_le(uds[i].n, 140);
		sms_help_receive(&uds[i], &pdu);
		ck_assert_uint_eq(pdu.n_warnings, 1);	/* no time stamp */
		bodies[i] = pdu.body;
		list[i] = &bodies[i];
		tw_buf_add(&apart, part, sms_body_text(&pdu.body, part, sizeof(part)));
	}
	sms_bodies_text(list, form.segments, &joined);
	ck_assert_uint_eq(joined.n, text->n);
	ck_assert_mem_eq(tw_buf_str(&joined), tw_buf_str(text), text->n);
	/* no pair was cut: the parts read alone are the same */
	ck_assert_uint_eq(apart.n, text->n);
	ck_assert_mem_eq(tw_buf_str(&apart), tw_buf_str(text), text->n);
	tw_buf_done(&joined);
	tw_buf_done(&apart);
}

START_TEST(there_and_back)
{
	static const uint8_t all[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
	struct tw_random random;
	struct tw_buf text = { 0 };

	tw_random_seed(&random, 4711 + (uint64_t)_i);
	for (unsigned i = 0; i < TEXTS; i++) {
		struct sms_options options = { .encoding = -1, .message_class = -1 };

		options.ref_bits = tw_random_below(&random, 2) ? 16 : 8;
		if (tw_random_below(&random, 2)) {
			unsigned first = tw_random_below(&random, 13);

			options.languages = all + first;
			options.n_languages = (uint8_t)(1 + tw_random_below(&random, 13 - first));
		}
		if (!tw_random_below(&random, 4))
			options.ports = (struct sms_ports){ true, 16, 5000, 5001 };
		make_text(&random, &text);
		check_text(&text, &options);
	}
	tw_buf_done(&text);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, there_and_back, 0, SEEDS);
}

int main(void)
{
	return unit_run("sms round", add);
}
