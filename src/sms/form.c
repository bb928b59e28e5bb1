/* Choosing how a text travels: the fewest segments, and of equal ones the plainer form. */
#include "sms_private.h"

enum { TEXT_OCTETS_MAX = 1 << 24 };

struct choice {
	const char *text;
	size_t n;
	const struct sms_options *options;
	unsigned ref_bits, max;
	struct sms_form form;
	unsigned segments;	/* of form; 0: none found yet */
};

static void consider(struct choice *c, uint8_t encoding, uint8_t locking, uint8_t single,
		     bool is_smart)
{
	struct cutter cutter = { encoding, locking, single, is_smart };
	const struct sms_ports *ports = &c->options->ports;
	unsigned alone = units_beside(encoding, udh_size(locking, single, 0, ports));
	unsigned cap = units_beside(encoding, udh_size(locking, single, c->ref_bits, ports));
	unsigned limit = c->segments ? c->segments - 1 : (unsigned)c->n;
	unsigned count;

	/* Once there is a form, another one is of use only if it is allowed: that bounds the work
	 * on long texts. */
	if (c->segments && limit > c->max)
		limit = c->max;
	count = cutter_count(&cutter, c->text, c->n, alone, cap, limit);
	if (c->segments && count > limit)
		return;
	c->segments = count;
	c->form = (struct sms_form){ encoding, locking, single, (uint8_t)c->ref_bits, is_smart, 0 };
}

/* The same where the units of the whole text are known: most texts are one segment. */
static void consider_plain(struct choice *c, uint8_t encoding, bool is_smart, unsigned units)
{
	if (units > units_beside(encoding, udh_size(0, 0, 0, &c->options->ports))) {
		consider(c, encoding, 0, 0, is_smart);
		return;
	}
	if (c->segments == 1)
		return;
	c->segments = 1;
	c->form = (struct sms_form){ encoding, 0, 0, (uint8_t)c->ref_bits, is_smart, 0 };
}

/* What a look through the text tells: how many units of the two plain forms, and which pairs of
 * national tables hold every character. */
struct survey {
	/* by the default tables; of no meaning with a foreign one */
	unsigned septets;
	unsigned units16;
	bool is_ascii;			/* and so well-formed */
	ptrdiff_t first_foreign;	/* offset of the first one outside the default tables, -1 */
	uint16_t pairs[TABLES];		/* [locking]: a bit a single shift table beside it */
};

static void survey_default(struct choice *c, bool is_smart, struct survey *ret)
{
	const struct cutter cutter = { SMS_GSM7, 0, 0, is_smart };
	const char *p = c->text, *end = c->text + c->n;

	*ret = (struct survey){ .is_ascii = true, .first_foreign = -1 };
	while (p < end) {
		const char *at = p;
		uint32_t code_point;
		int septets;

		while (!is_smart && p < end && (uint8_t)*p < 0x80 &&
		       alphabet_ascii[(uint8_t)*p] < 0x80)
			p++;
		ret->septets += (unsigned)(p - at);
		ret->units16 += (unsigned)(p - at);
		if (p == end)
			break;
		at = p;
		code_point = text_next(&p, end);
		ret->is_ascii &= (uint8_t)*at < 0x80;
		ret->units16 += code_point > 0xFFFF ? 2 : 1;
		if (ret->first_foreign >= 0)
			continue;
		septets = cutter_units(&cutter, code_point);
		if (septets < 0)
			ret->first_foreign = at - c->text;
		else
			ret->septets += (unsigned)septets;
	}
}

/* Bits of the tables that hold the character. */
static void tables_holding(uint32_t code_point, uint16_t allowed, uint16_t *locking,
			   uint16_t *single)
{
	*locking = *single = 0;
	for (unsigned t = 0; t < TABLES; t++) {
		if (!(allowed & 1u << t))
			continue;
		if (alphabet_find(alphabet_locking_pages[t], code_point) >= 0)
			*locking |= (uint16_t)(1u << t);
		if (alphabet_find(alphabet_single_pages[t], code_point) >= 0)
			*single |= (uint16_t)(1u << t);
	}
}

static bool is_national(uint8_t language)
{
	return language >= 1 && language < TABLES;
}

static bool is_lockable(uint8_t language)
{
	return is_national(language) && alphabet_has_locking[language];
}

static void narrow_pairs(struct survey *s, uint32_t code_point, uint16_t allowed)
{
	uint16_t locking, single;

	tables_holding(code_point, allowed, &locking, &single);
	for (unsigned t = 0; t < TABLES; t++)
		if (!(locking & 1u << t))
			s->pairs[t] &= single;
}

static bool survey_pairs(struct choice *c, bool is_smart, uint16_t allowed, struct survey *s)
{
	const char *p = c->text, *end = c->text + c->n;
	uint16_t left = allowed;

	for (unsigned t = 0; t < TABLES; t++)
		s->pairs[t] = allowed & 1u << t ? allowed : 0;
	while (p < end && left) {
		uint32_t code_point = text_next(&p, end);
		const char *to = is_smart ? smart_map(code_point) : NULL;

		if (!to)
			narrow_pairs(s, code_point, allowed);
		for (; to && *to; to++)
			narrow_pairs(s, (uint8_t)*to, allowed);
		left = 0;
		for (unsigned t = 0; t < TABLES; t++)
			left |= s->pairs[t];
	}
	return left;
}

/* National pairs, the plainer first: a single shift table alone, a locking one alone, then both
 * where the locking one alone does not do; in the caller's order of preference. */
static void consider_pairs(struct choice *c, bool is_smart)
{
	const uint8_t *languages = c->options->languages;
	unsigned n = c->options->n_languages;
	struct survey s;
	uint16_t allowed = 1;

	for (unsigned i = 0; i < n; i++)
		if (languages[i] >= 1 && languages[i] < TABLES)
			allowed |= (uint16_t)(1u << languages[i]);
	if (allowed == 1 || !survey_pairs(c, is_smart, allowed, &s))
		return;
	for (unsigned i = 0; i < n; i++)
		if (is_national(languages[i]) && s.pairs[0] & 1u << languages[i])
			consider(c, SMS_GSM7, 0, languages[i], is_smart);
	for (unsigned i = 0; i < n; i++)
		if (is_lockable(languages[i]) && s.pairs[languages[i]] & 1)
			consider(c, SMS_GSM7, languages[i], 0, is_smart);
	for (unsigned i = 0; i < n; i++) {
		uint16_t singles;

		if (!is_lockable(languages[i]) || s.pairs[languages[i]] & 1)
			continue;
		singles = s.pairs[languages[i]];
		for (unsigned k = 0; k < n; k++)
			if (is_national(languages[k]) && singles & 1u << languages[k])
				consider(c, SMS_GSM7, languages[i], languages[k], is_smart);
	}
}

/* The forms of the 7-bit alphabet. Returns the offset of the first character that keeps the text
 * from the default tables. */
static ptrdiff_t consider_septets(struct choice *c, const struct survey *plain)
{
	struct survey smart;
	ptrdiff_t foreign;

	foreign = plain->first_foreign;
	if (foreign < 0) {
		consider_plain(c, SMS_GSM7, false, plain->septets);
	} else if (c->options->smart) {
		survey_default(c, true, &smart);
		foreign = smart.first_foreign;
		if (foreign < 0)
			consider_plain(c, SMS_GSM7, true, smart.septets);
	}
	if (c->segments == 1)
		return foreign;
	consider_pairs(c, false);
	if (!c->segments && c->options->smart)
		consider_pairs(c, true);
	return foreign;
}

/* National tables only where they save a segment: not every receiver knows them. Against the
 * default alphabet UCS-2 wins only where it is shorter (a transliteration can be longer than what
 * it replaces). */
static void consider_ucs2(struct choice *c, unsigned units)
{
	unsigned saved = c->segments;

	if (saved && (c->form.locking || c->form.single))
		c->segments++;
	consider_plain(c, SMS_UCS2, false, units);
	if (c->form.encoding != SMS_UCS2)
		c->segments = saved;
}

static int choose_octets(struct choice *c)
{
	const struct sms_ports *ports = &c->options->ports;
	unsigned cap = units_beside(SMS_8BIT, udh_size(0, 0, c->ref_bits, ports));

	c->segments = 1;
	if (c->n > units_beside(SMS_8BIT, udh_size(0, 0, 0, ports)))
		c->segments = (unsigned)((c->n + cap - 1) / cap);
	c->form = (struct sms_form){ .encoding = SMS_8BIT, .ref_bits = (uint8_t)c->ref_bits };
	return 0;
}

/* As tw_utf8_is_valid, with the common characters looked at in place. */
static bool text_is_valid(const char *text, const char *end)
{
	while (text < end) {
		const uint8_t *p = (const uint8_t *)text;
		size_t left = (size_t)(end - text);

		if (p[0] < 0x80)
			text++;
		else if (p[0] >= 0xC2 && p[0] < 0xE0 && left >= 2 && (p[1] & 0xC0) == 0x80)
			text += 2;
		else if (p[0] > 0xE0 && p[0] < 0xF0 && p[0] != 0xED && left >= 3 &&
			 (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80)
			text += 3;	/* U+FFFD too, so that below it means ill-formed */
		else if (tw_utf8_next(&text, end) == 0xFFFD)
			return false;
	}
	return true;
}

static int choose(struct choice *c, struct sms_fault *fault)
{
	int demanded = c->options->encoding;
	ptrdiff_t foreign = -1;
	struct survey plain;

	if (demanded == SMS_8BIT)
		return choose_octets(c);
	survey_default(c, false, &plain);
	if (!plain.is_ascii && !text_is_valid(c->text, c->text + c->n))
		return fault_set(fault, TW_E_SYNTAX, "text", -1, "text is not well-formed UTF-8");
	if (demanded != SMS_UCS2)
		foreign = consider_septets(c, &plain);
	if (demanded != SMS_GSM7 && (c->segments != 1 || c->form.locking || c->form.single))
		consider_ucs2(c, plain.units16);
	if (!c->segments)
		return fault_set(fault, TW_E_RANGE, "text", (int)foreign,
				 "character outside the 7-bit alphabet");
	return 0;
}

int sms_choose_form(const char *text, size_t n, const struct sms_options *options,
		    struct sms_form *ret, struct sms_fault *reterr_fault)
{
	struct choice c = { .text = text, .n = n, .options = options,
			    .ref_bits = options->ref_bits == 16 ? 16 : 8,
			    .max = options->max_segments };
	int e;

	if (!c.max || c.max > SMS_SEGMENTS_MAX)
		c.max = SMS_SEGMENTS_MAX;
	if (n > TEXT_OCTETS_MAX)
		return fault_set(reterr_fault, TW_E_NOSPACE, "text", -1, "text far too long");
	e = choose(&c, reterr_fault);
	if (e)
		return e;
	if (c.segments > c.max)
		return fault_set(reterr_fault, TW_E_NOSPACE, "text", (int)c.segments,
				 "takes more segments than allowed");
	c.form.segments = (uint8_t)c.segments;
	*ret = c.form;
	return 0;
}
