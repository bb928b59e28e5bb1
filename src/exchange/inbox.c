/* What the modems hand over: decoded, told from what was received before, and passed on by kind. A
 * text is acknowledged (its slot deleted) only after the commit of its row. */
#include <stdio.h>

#include "internal.h"

/* ---- acknowledging ------------------------------------------------------------------------- */

static void on_committed(void *ctx, bool ok, uint64_t where, uint64_t token)
{
	struct exchange *x = ctx;
	struct tw_handle h = { (uint32_t)(where >> 32), (uint32_t)where };

	if (ok)
		bank_acknowledge(x->bank, h, token, x->now);
	else
		bank_refuse(x->bank, h, token, x->now);
}

/* ---- duplicates (design 4) ----------------------------------------------------------------- */

/* Seconds of the SCTS in front, so that the index grows at its end; a hash of the rest behind. What
 * has the same key is compared in full. */
int64_t inbox_dup_key(const struct sms_pdu *pdu)
{
	if (!pdu->scts.is_valid)
		return 0;
	int64_t seconds = sms_time_wall(&pdu->scts).ms / 1000;
	uint64_t hash = tw_hash64(pdu->body.units, pdu->body.n) ^
			tw_hash64(pdu->address.text, strlen(pdu->address.text)) * 31;

	return (int64_t)((uint64_t)seconds << 31 | (hash >> 33)) | 1;
}

/* Both have a valid SCTS: else there is no key. */
static bool is_same_text(const struct sms_pdu *a, const struct sms_pdu *b)
{
	return a->type == b->type && strcmp(a->address.text, b->address.text) == 0 &&
	       a->address.is_name == b->address.is_name && a->pid == b->pid && a->dcs == b->dcs &&
	       sms_time_wall(&a->scts).ms == sms_time_wall(&b->scts).ms &&
	       a->udh_len == b->udh_len &&
	       memcmp(a->udh, b->udh, a->udh_len) == 0 && a->body.n == b->body.n &&
	       memcmp(a->body.units, b->body.units, a->body.n) == 0;
}

static bool is_part(const struct sms_pdu *pdu)
{
	return pdu->concat.is_set && pdu->concat.total > 1;
}

/* 1: received before; 0: not; negative: an error. */
static int was_received(struct exchange *x, const struct station *st, const struct sms_pdu *pdu,
			int64_t key)
{
	struct store_dup d;
	struct sms_pdu other;
	struct sms_fault fault;
	int r = 0;

	for (size_t nth = 0; key; nth++) {
		r = store_dup_find(x->store, key, is_part(pdu), nth, &d);
		if (r < 0)
			break;
		bool same = d.sim == st->sim.id && d.at.ms >= x->now.wall.ms - X_DUPLICATE_MS &&
			    sms_decode(d.pdu, d.pdu_n, -1, SMS_MT, &other, &fault) == 0 &&
			    is_same_text(pdu, &other);

		store_dup_done(&d);
		if (same)
			return 1;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static void digest_of(const uint8_t *octets, size_t n, uint8_t out[16])
{
	uint8_t full[32];

	tw_sha256(octets, n, full);
	memcpy(out, full, 16);
}

/* The same octets in a slot that was not seen empty since: whatever their age. */
static int is_in_slot(struct exchange *x, const struct station *st, const struct modem_inbound *in,
		      const uint8_t digest[16])
{
	uint8_t before[16];

	if (in->is_direct || in->slot < 0)
		return 0;
	int r = store_slot(x->store, st->sim.id, in->storage, in->slot, before);

	if (r == TW_E_UNKNOWN)
		return 0;
	return r < 0 ? r : memcmp(before, digest, sizeof(before)) == 0;
}

/* ---- by kind ------------------------------------------------------------------------------- */

void inbox_sender(struct exchange *x, const struct station *st, const struct sms_address *a,
		  char *out, enum number_kind *ret_kind)
{
	struct number n;

	*ret_kind = a->is_name ? NUMBER_NAME : NUMBER_SHORT;
	tw_strset(out, TW_ADDRESS_MAX, a->text);
	if (a->is_name || number_read(a->text, bank_country(x->bank, st->modem), &n) != NUMBER_OK)
		return;
	tw_strset(out, TW_ADDRESS_MAX, n.text);
	*ret_kind = n.kind;
}

/* What cannot be decoded, or is no text to us, is kept as it came and starts nothing. */
static int keep_raw(struct exchange *x, struct station *st, const uint8_t *octets, size_t n,
		    const struct sms_pdu *pdu, const struct sms_fault *fault)
{
	struct text_in in = { .st = st, .pdu = NULL, .octets = octets, .octets_n = n, .segments = 1,
			      .flags = STORE_RAW | STORE_QUIET, .at = x->now.wall,
			      .kind = NUMBER_NAME };
	char what[96];
	int64_t id;

	if (pdu->address.text[0])
		inbox_sender(x, st, &pdu->address, in.from, &in.kind);
	if (fault)
		snprintf(what, sizeof(what), "%s: %s", fault->field ? fault->field : "pdu",
			 fault->what ? fault->what : tw_strerror(fault->code));
	else
		snprintf(what, sizeof(what), "a %s, not a text", sms_type_name(pdu->type));
	in.body = what;
	in.body_n = strlen(what);
	return dispatch_text(x, &in, &id);
}

size_t inbox_without_nuls(char *text, size_t n)
{
	while (n && !text[n - 1])
		n--;
	for (char *p = text; (p = memchr(p, 0, (size_t)(text + n - p))) != NULL;)
		*p = ' ';
	return n;
}

static int take_text(struct exchange *x, struct station *st, const uint8_t *octets, size_t n,
		     struct sms_pdu *pdu)
{
	char text[SMS_TEXT_MAX];
	int64_t id;
	struct text_in in = { .st = st, .pdu = pdu, .octets = octets, .octets_n = n,
			      .dup = inbox_dup_key(pdu), .segments = 1, .at = x->now.wall };
	int r = was_received(x, st, pdu, in.dup);

	if (r < 0)
		return r;
	if (r == 1) {
		x->duplicates++;
		return 0;
	}
	inbox_sender(x, st, &pdu->address, in.from, &in.kind);
	if (pdu->scts.is_valid)
		in.scts = sms_time_wall(&pdu->scts);
	if (is_part(pdu))
		return reassembly_add(x, &in);
	if (pdu->body.encoding == SMS_8BIT) {
		in.body = (const char *)pdu->body.units;
		in.body_n = pdu->body.n;
		in.flags |= STORE_DATA;
	} else {
		in.body = text;
		in.body_n = sms_body_text(&pdu->body, text, sizeof(text));
		in.body_n = inbox_without_nuls(text, in.body_n);
	}
	return dispatch_text(x, &in, &id);
}

/* Where the line told that it holds no SMSC field, an empty one is put in front: what is kept can
 * be decoded without knowing the line. */
static int add_smsc(uint8_t *octets, int n, int length, size_t cap)
{
	if (length != n || (size_t)n + 1 > cap)
		return n;
	memmove(octets + 1, octets, (size_t)n);
	octets[0] = 0;
	return n + 1;
}

static int take_pdu(struct exchange *x, struct station *st, const struct modem_inbound *in)
{
	uint8_t octets[512], digest[16];
	struct sms_pdu pdu = { 0 };
	struct sms_fault fault = { 0 };
	int n = tw_hex_read(in->hex, in->hex_n, octets, sizeof(octets));

	if (n < 0) {	/* not even hex: the line itself is what there is */
		n = (int)(in->hex_n < sizeof(octets) ? in->hex_n : sizeof(octets));
		memcpy(octets, in->hex, (size_t)n);
		fault = (struct sms_fault){ .code = TW_E_SYNTAX, .field = "pdu",
					    .what = "not hex" };
	}
	n = add_smsc(octets, n, in->length, sizeof(octets));
	digest_of(octets, (size_t)n, digest);
	int r = is_in_slot(x, st, in, digest);

	if (r != 0) {
		x->duplicates += r > 0;
		return r < 0 ? r : 0;
	}
	if (!fault.code)
		fault.code = sms_decode(octets, (size_t)n, in->length, in->is_direct ? SMS_MT
				       : SMS_LISTING, &pdu, &fault);
	if (fault.code < 0)
		r = keep_raw(x, st, octets, (size_t)n, &pdu, &fault);
	else if (pdu.type == SMS_STATUS_REPORT)
		return report_receive(x, st, &pdu);
	else if (pdu.type == SMS_DELIVER)
		r = take_text(x, st, octets, (size_t)n, &pdu);
	else
		r = keep_raw(x, st, octets, (size_t)n, &pdu, NULL);
	if (r == 0 && !in->is_direct && in->slot >= 0)
		r = store_slot_put(x->store, st->sim.id, in->storage, in->slot, digest);
	return r;
}

int inbox_receive(struct exchange *x, struct station *st, const struct modem_inbound *in)
{
	int r = st->sim.id ? 0 : station_refresh(x, st);

	if (r < 0)
		return r;
	/* A slot keeps its text as long as need be, and the commit waits for the attempt that
	 * answers it or for the next text; the network does not wait. */
	(in->is_direct ? store_on_commit : store_on_commit_lazy)(
		x->store, on_committed, x, (uint64_t)st->modem.slot << 32 | st->modem.generation,
		in->token);
	return take_pdu(x, st, in);
}
