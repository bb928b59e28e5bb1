/* Cutting a text into segments (23.040 9.2.3.24.1): never inside an escape or surrogate pair, not
 * inside a grapheme cluster that fits in a segment, and as full as that allows. */
#include "sms_private.h"

static int put_septet(int septet, uint8_t *out)
{
	if (septet < 0)
		return -1;
	if (!(septet & 0x80)) {
		out[0] = (uint8_t)septet;
		return 1;
	}
	out[0] = SEPTET_ESC;
	out[1] = septet & 0x7F;
	return 2;
}

int cutter_septets(const struct cutter *c, uint32_t code_point, uint8_t out[8])
{
	const char *to = c->is_smart ? smart_map(code_point) : NULL;
	int n = 0;

	if (!to)
		return put_septet(alphabet_septet(code_point, c->locking, c->single), out);
	for (; *to; to++) {
		int septet = alphabet_septet((uint8_t)*to, c->locking, c->single);
		int more = put_septet(septet, out + n);

		if (more < 0)
			return -1;
		n += more;
	}
	return n;
}

int cutter_units(const struct cutter *c, uint32_t code_point)
{
	uint8_t septets[8];
	int septet;

	if (c->encoding == SMS_UCS2)
		return code_point > 0xFFFF ? 2 : 1;
	if (c->is_smart)
		return cutter_septets(c, code_point, septets);
	septet = alphabet_septet(code_point, c->locking, c->single);
	return septet < 0 ? -1 : 1 + (septet >> 7);
}

unsigned units_beside(uint8_t encoding, size_t header_octets)
{
	unsigned left = UD_OCTETS_AIR - (unsigned)header_octets;

	switch ((enum sms_encoding)encoding) {
	case SMS_GSM7:
		return left * 8 / 7;
	case SMS_UCS2:
		return left / 2;
	case SMS_8BIT:
		break;
	}
	return left;
}

static bool is_plain_border(const char *start, const char *p)
{
	return p > start && (uint8_t)p[-1] < 0x80 && (uint8_t)*p < 0x80 &&
	       !(p[-1] == '\r' && *p == '\n');
}

/* Whether start..end fits in an empty segment. */
static bool fits_whole(const struct cutter *c, const char *start, const char *end, unsigned cap)
{
	unsigned used = 0;

	while (start < end && used <= cap) {
		int units = cutter_units(c, text_next(&start, end));

		if (units < 0)
			return false;
		used += (unsigned)units;
	}
	return used <= cap;
}

/* The last border of a cluster at or before p, or p itself where no border helps. */
static const char *cluster_border(const struct cutter *c, const char *start, const char *p,
				  const char *end, unsigned cap)
{
	const char *border = start, *next = start;

	while (next < p) {
		border = next;
		next += tw_grapheme_next(next, (size_t)(end - next));
	}
	if (next == p || border == start || !fits_whole(c, border, next, cap))
		return p;
	return border;
}

const char *cutter_next(const struct cutter *c, const char *start, const char *end, unsigned cap)
{
	const char *p = start;
	unsigned used = 0;

	while (p < end) {
		const char *next = p;
		int units = cutter_units(c, text_next(&next, end));

		if (units < 0)
			return NULL;
		if (used + (unsigned)units > cap)
			break;
		used += (unsigned)units;
		p = next;
	}
	if (p == end || is_plain_border(start, p))
		return p;
	return cluster_border(c, start, p, end, cap);
}

unsigned cutter_count(const struct cutter *c, const char *text, size_t n, unsigned single_cap,
		      unsigned cap, unsigned limit)
{
	const char *end = text + n, *p = cutter_next(c, text, end, single_cap);
	unsigned count = 0;

	if (p == end)
		return 1;
	for (p = text; p < end && count <= limit; count++)
		p = cutter_next(c, p, end, cap);
	return count;
}

/* ---- one segment's octets ------------------------------------------------------------------ */

static int ud_put_septets(const struct cutter *c, const char *p, const char *end, size_t header,
			  struct sms_ud *ret)
{
	unsigned cap = units_beside(SMS_GSM7, header);
	const uint8_t *ascii = cutter_is_plain(c) ? alphabet_ascii : NULL;
	uint8_t septets[160 + 8];
	size_t n = 0;

	while (p < end) {
		int more;

		for (; ascii && p < end && n < cap && (uint8_t)*p < 0x80; p++) {
			septets[n] = ascii[(uint8_t)*p];
			if (septets[n] >= 0x80)
				break;
			n++;
		}
		if (p == end)
			break;
		more = cutter_septets(c, text_next(&p, end), septets + n);
		if (more < 0)
			return TW_E_RANGE;
		n += (size_t)more;
		if (n > cap)
			return TW_E_RANGE;
	}
	ret->udl = (uint8_t)(header_septets((unsigned)header) + n);
	header += septet_pack(septets, n, header_fill_bits((unsigned)header),
			      ret->octets + header);
	ret->n = (uint8_t)header;
	return 0;
}

static int ud_put_ucs2(const char *p, const char *end, size_t header, struct sms_ud *ret)
{
	uint8_t *out = ret->octets + header, *limit = ret->octets + sizeof(ret->octets);

	while (p < end) {
		uint32_t code_point = text_next(&p, end);

		if (code_point > 0xFFFF) {
			uint32_t high = 0xD800 + ((code_point - 0x10000) >> 10);

			if (limit - out < 4)
				return TW_E_RANGE;
			*out++ = (uint8_t)(high >> 8);
			*out++ = (uint8_t)high;
			code_point = 0xDC00 | (code_point & 0x3FF);
		}
		if (limit - out < 2)
			return TW_E_RANGE;
		*out++ = (uint8_t)(code_point >> 8);
		*out++ = (uint8_t)code_point;
	}
	ret->udl = ret->n = (uint8_t)(out - ret->octets);
	return 0;
}

static int ud_put_octets(const char *p, const char *end, size_t header, struct sms_ud *ret)
{
	size_t n = (size_t)(end - p);

	if (n > sizeof(ret->octets) - header)
		return TW_E_RANGE;
	memcpy(ret->octets + header, p, n);
	ret->udl = ret->n = (uint8_t)(header + n);
	return 0;
}

static int ud_write(const struct cutter *c, const char *p, const char *end,
		    const struct sms_form *form, const struct sms_options *options, uint16_t ref,
		    uint8_t seq, struct sms_ud *ret)
{
	size_t header = udh_write(form, &options->ports, ref, form->segments > 1 ? seq : 0,
				  ret->octets);

	ret->has_header = header > 0;
	ret->dcs = dcs_write(form->encoding, options->message_class);
	switch ((enum sms_encoding)form->encoding) {
	case SMS_GSM7:
		return ud_put_septets(c, p, end, header, ret);
	case SMS_UCS2:
		return ud_put_ucs2(p, end, header, ret);
	case SMS_8BIT:
		break;
	}
	return ud_put_octets(p, end, header, ret);
}

static const char *segment_end(const struct cutter *c, const char *p, const char *end,
			       unsigned cap)
{
	if (c->encoding == SMS_8BIT)
		return (size_t)(end - p) > cap ? p + cap : end;
	return cutter_next(c, p, end, cap);
}

/* Segments first..last of several to out[0]…. A form made for another text is refused. */
static int split_many(const struct cutter *c, const char *p, const char *end,
		      const struct sms_form *form, const struct sms_options *options, uint16_t ref,
		      unsigned first, unsigned last, struct sms_ud *out)
{
	size_t header = udh_size(form->locking, form->single, form->ref_bits, &options->ports);
	unsigned cap = units_beside(form->encoding, header), seq = 0;
	int e = 0;

	do {
		const char *next = segment_end(c, p, end, cap);

		if (!next || ++seq > form->segments)
			return TW_E_RANGE;
		if (seq >= first)
			e = ud_write(c, p, next, form, options, ref, (uint8_t)seq,
				     &out[seq - first]);
		p = next;
	} while (!e && p < end && seq < last);
	if (seq < last || (p < end && last == form->segments))
		return TW_E_RANGE;
	return e;
}

static int split(const char *text, size_t n, const struct sms_form *form,
		 const struct sms_options *options, uint16_t ref, unsigned first, unsigned last,
		 struct sms_ud *out)
{
	struct cutter c = { form->encoding, form->locking, form->single, form->is_smart };

	if (form->locking >= TABLES || form->single >= TABLES)
		return TW_E_RANGE;
	if (form->segments == 1)
		return ud_write(&c, text, text + n, form, options, ref, 1, out);
	return split_many(&c, text, text + n, form, options, ref, first, last, out);
}

int sms_split(const char *text, size_t n, const struct sms_form *form,
	      const struct sms_options *options, uint16_t ref, struct sms_ud *out, size_t cap)
{
	if (cap < form->segments)
		return TW_E_NOSPACE;
	return split(text, n, form, options, ref, 1, form->segments, out);
}

int sms_split_one(const char *text, size_t n, const struct sms_form *form,
		  const struct sms_options *options, uint16_t ref, uint8_t seq, struct sms_ud *ret)
{
	if (!seq || seq > form->segments)
		return TW_E_RANGE;
	return split(text, n, form, options, ref, seq, seq, ret);
}
