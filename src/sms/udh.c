/* The user data header (23.040 9.2.3.24): elements in any order, unknown ones skipped by length. */
#include "sms_private.h"

enum { PORTS_8_FIRST_USABLE = 240, WAITING_STORE = 0x80, LANGUAGE_SPANISH = 2 };

struct element {
	const uint8_t *data;
	size_t at;	/* octet of its identifier in the line */
};

static void skip(struct reader *r, const struct element *e, const char *what)
{
	reader_warn(r, "udh", e->at, what);
}

/* 00 and 08 exclude each other, the last usable one counts. */
static void read_concat(struct reader *r, const struct element *e, unsigned ref_bits)
{
	const uint8_t *d = e->data;
	unsigned ref = ref_bits == 16 ? (unsigned)d[0] << 8 | d[1] : d[0];
	const uint8_t *counts = d + ref_bits / 8;

	if (!counts[0] || !counts[1] || counts[1] > counts[0]) {
		skip(r, e, "concatenation with an impossible total or sequence");
		return;
	}
	r->pdu->concat = (struct sms_concat){ true, (uint8_t)ref_bits, (uint16_t)ref, counts[0],
					      counts[1] };
}

static void read_concat_8(struct reader *r, const struct element *e)
{
	read_concat(r, e, 8);
}

static void read_concat_16(struct reader *r, const struct element *e)
{
	read_concat(r, e, 16);
}

static void read_ports_8(struct reader *r, const struct element *e)
{
	if (e->data[0] < PORTS_8_FIRST_USABLE) {
		skip(r, e, "reserved 8-bit port");
		return;
	}
	r->pdu->ports = (struct sms_ports){ true, 8, e->data[0], e->data[1] };
}

static void read_ports_16(struct reader *r, const struct element *e)
{
	const uint8_t *d = e->data;

	r->pdu->ports = (struct sms_ports){ true, 16, (uint16_t)(d[0] << 8 | d[1]),
					    (uint16_t)(d[2] << 8 | d[3]) };
}

/* 9.2.3.24.2: one element a kind of message; a later one of the same kind counts. An entry that
 * the DCS gave stays what it is. */
static void read_waiting(struct reader *r, const struct element *e)
{
	static const int8_t kinds[8][4] = {
		{ SMS_WAIT_VOICE, SMS_WAIT_FAX, SMS_WAIT_EMAIL, SMS_WAIT_OTHER },
		{ -1, -1, -1, SMS_WAIT_VIDEO },
		{ -1, -1, -1, -1 }, { -1, -1, -1, -1 }, { -1, -1, -1, -1 }, { -1, -1, -1, -1 },
		{ -1, -1, -1, -1 }, { -1, -1, -1, -1 },
	};
	struct sms_pdu *pdu = r->pdu;
	int8_t kind = kinds[e->data[0] >> 2 & 7][e->data[0] & 3];
	unsigned i = pdu->has_dcs && dcs_read(pdu->dcs).has_waiting ? 1 : 0;

	if (kind < 0) {
		skip(r, e, "reserved kind of waiting message");
		return;
	}
	while (i < pdu->n_waiting && pdu->waiting[i].kind != kind)
		i++;
	if (i == SMS_WAITING_MAX)
		return;
	pdu->waiting[i] = (struct sms_waiting){ (uint8_t)kind, e->data[1] > 0,
						e->data[0] & WAITING_STORE, e->data[1] };
	if (i == pdu->n_waiting)
		pdu->n_waiting++;
}

static bool is_language(struct reader *r, const struct element *e)
{
	if (e->data[0] >= 1 && e->data[0] < TABLES)
		return true;
	skip(r, e, "reserved national language");
	return false;
}

static void read_single(struct reader *r, const struct element *e)
{
	if (is_language(r, e))
		r->pdu->body.single = e->data[0];
}

static void read_locking(struct reader *r, const struct element *e)
{
	if (!is_language(r, e))
		return;
	/* Spanish has no locking table: the default alphabet */
	r->pdu->body.locking = e->data[0] == LANGUAGE_SPANISH ? 0 : e->data[0];
}

static const struct {
	uint8_t identifier, length;
	void (*read)(struct reader *r, const struct element *e);
} known[] = {
	{ IE_CONCAT_8, 3, read_concat_8 },
	{ IE_WAITING, 2, read_waiting },
	{ IE_PORTS_8, 2, read_ports_8 },
	{ IE_PORTS_16, 4, read_ports_16 },
	{ IE_CONCAT_16, 4, read_concat_16 },
	{ IE_SINGLE, 1, read_single },
	{ IE_LOCKING, 1, read_locking },
};

static void read_element(struct reader *r, uint8_t identifier, uint8_t length,
			 const struct element *e)
{
	for (size_t i = 0; i < TW_COUNT(known); i++) {
		if (known[i].identifier != identifier)
			continue;
		if (known[i].length == length)
			known[i].read(r, e);
		else
			skip(r, e, "element of the wrong length");
		return;
	}
}

void udh_read(struct reader *r, const uint8_t *ies, size_t n, size_t at)
{
	size_t i = 0;

	while (i + 2 <= n && i + 2 + ies[i + 1] <= n)
		i += 2u + ies[i + 1];
	if (i != n) {
		reader_warn(r, "udh", at + i, "elements do not add up, header ignored");
		return;
	}
	for (i = 0; i < n; i += 2u + ies[i + 1]) {
		struct element e = { ies + i + 2, at + i };

		read_element(r, ies[i], ies[i + 1], &e);
	}
}

size_t udh_size(uint8_t locking, uint8_t single, unsigned ref_bits, const struct sms_ports *ports)
{
	size_t n = 0;

	if (ref_bits)
		n += ref_bits == 16 ? 6 : 5;
	if (ports->is_set)
		n += ports->bits == 8 ? 4 : 6;
	if (single)
		n += 3;
	if (locking)
		n += 3;
	return n ? n + 1 : 0;
}

static uint8_t *write_concat(uint8_t *p, const struct sms_form *form, uint16_t ref, uint8_t seq)
{
	if (form->ref_bits == 16) {
		*p++ = IE_CONCAT_16;
		*p++ = 4;
		*p++ = (uint8_t)(ref >> 8);
	} else {
		*p++ = IE_CONCAT_8;
		*p++ = 3;
	}
	*p++ = (uint8_t)ref;
	*p++ = form->segments;
	*p++ = seq;
	return p;
}

static uint8_t *write_ports(uint8_t *p, const struct sms_ports *ports)
{
	if (ports->bits == 8) {
		*p++ = IE_PORTS_8;
		*p++ = 2;
		*p++ = (uint8_t)ports->dst;
		*p++ = (uint8_t)ports->src;
		return p;
	}
	*p++ = IE_PORTS_16;
	*p++ = 4;
	*p++ = (uint8_t)(ports->dst >> 8);
	*p++ = (uint8_t)ports->dst;
	*p++ = (uint8_t)(ports->src >> 8);
	*p++ = (uint8_t)ports->src;
	return p;
}

static uint8_t *write_language(uint8_t *p, uint8_t identifier, uint8_t language)
{
	*p++ = identifier;
	*p++ = 1;
	*p++ = language;
	return p;
}

size_t udh_write(const struct sms_form *form, const struct sms_ports *ports, uint16_t ref,
		 uint8_t seq, uint8_t out[HEADER_OCTETS_MAX])
{
	uint8_t *p = out + 1;

	if (seq)
		p = write_concat(p, form, ref, seq);
	if (ports->is_set)
		p = write_ports(p, ports);
	if (form->single)
		p = write_language(p, IE_SINGLE, form->single);
	if (form->locking)
		p = write_language(p, IE_LOCKING, form->locking);
	if (p == out + 1)
		return 0;
	out[0] = (uint8_t)(p - out - 1);
	return (size_t)(p - out);
}
