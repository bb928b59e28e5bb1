/* Long inbound messages: parts in any order, handed on when complete or at the deadline, completed
 * by what comes later (design 4). */
#include <stdio.h>

#include "internal.h"

static bool is_same_body(const uint8_t *octets, size_t n, const struct sms_pdu *pdu)
{
	struct sms_pdu other;
	struct sms_fault fault;

	return sms_decode(octets, n, -1, SMS_MT, &other, &fault) == 0 &&
	       other.body.n == pdu->body.n &&
	       memcmp(other.body.units, pdu->body.units, pdu->body.n) == 0;
}

/* The part with this number that is there already. TW_E_UNKNOWN: none. */
static int part_of(struct exchange *x, int64_t assembly, int seq, struct store_part *ret)
{
	int r = store_part_next(x->store, assembly, seq - 1, ret);

	if (r == 0 && ret->seq != seq) {
		store_part_done(ret);
		return TW_E_UNKNOWN;
	}
	return r;
}

/* Where a part belongs: the newest assembly of its key that lacks it. One that holds the same part
 * with other content is another message's; with the same content, until its deadline, a
 * repetition. */
static int find_place(struct exchange *x, const struct store_assembly *key,
		      const struct sms_pdu *pdu, struct store_assembly *ret, bool *ret_repeated)
{
	int64_t before = 0;
	int r;

	*ret_repeated = false;
	while ((r = store_assembly_find(x->store, key, before, ret)) == 0) {
		struct store_part there;

		before = ret->id;
		if (ret->message &&
		    ret->deadline.ms + X_DUPLICATE_MS < x->now.wall.ms)
			return TW_E_UNKNOWN;	/* given up long ago: the reference is used anew */
		r = part_of(x, ret->id, pdu->concat.seq, &there);
		if (r == TW_E_UNKNOWN)
			return 0;
		if (r < 0)
			return r;
		*ret_repeated = ret->deadline.ms > x->now.wall.ms &&
				is_same_body(there.pdu, there.pdu_n, pdu);
		store_part_done(&there);
		if (*ret_repeated)
			return 0;
	}
	return r;
}

/* ---- putting together ---------------------------------------------------------------------- */

struct parts {
	struct sms_pdu *pdus;		/* by sequence number, from 0 */
	const struct sms_body **bodies;	/* NULL: missing */
	struct wall_ms scts;		/* of the first that has one */
	int have;
};

static void parts_done(struct parts *p)
{
	free(p->pdus);
	free(p->bodies);
}

static int parts_load(struct exchange *x, const struct store_assembly *a, struct parts *ret)
{
	struct store_part part;
	struct sms_fault fault;
	int r;

	*ret = (struct parts){ .pdus = tw_zalloc((size_t)a->total * sizeof(struct sms_pdu)),
			       .bodies = tw_zalloc((size_t)a->total * sizeof(struct sms_body *)) };
	for (int seq = 0; (r = store_part_next(x->store, a->id, seq, &part)) == 0; ) {
		struct sms_pdu *pdu = &ret->pdus[part.seq - 1];

		seq = part.seq;
		if (sms_decode(part.pdu, part.pdu_n, -1, SMS_MT, pdu, &fault) == 0) {
			ret->bodies[seq - 1] = &pdu->body;
			ret->have++;
			if (!ret->scts.ms && pdu->scts.is_valid)
				ret->scts = sms_time_wall(&pdu->scts);
		}
		store_part_done(&part);
		if (seq >= a->total)
			break;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static struct sms_pdu *first_of(struct parts *p, int total)
{
	for (int i = 0; i < total; i++)
		if (p->bodies[i])
			return &p->pdus[i];
	return NULL;
}

/* The first n parts. */
static void join(const struct parts *p, size_t n, struct tw_buf *out)
{
	sms_bodies_text(p->bodies, n, out);
	for (size_t i = 0; i < n; i++)
		if (p->bodies[i] && p->bodies[i]->encoding == SMS_8BIT)
			return;
	if (out->n)
		out->n = inbox_without_nuls(out->p, out->n);
}

static void put_together(const struct store_assembly *a, const struct parts *p, struct tw_buf *out)
{
	join(p, (size_t)a->total, out);
}

/* A station that stands for the SIM even when it is in no modem now. */
static struct station *station_for(struct exchange *x, int64_t sim, struct station *room)
{
	struct station *st = station_by_sim(x, sim);

	if (st)
		return st;
	*room = (struct station){ 0 };
	return store_sim_get(x->store, sim, &room->sim) == 0 ? room : NULL;
}

/* The parts from the first to the first that is missing. */
static void begin_with(const struct store_assembly *a, const struct parts *p, struct tw_buf *out)
{
	size_t n = 0;

	while (n < (size_t)a->total && p->bodies[n])
		n++;
	join(p, n, out);
}

/* With the beginning only, a keyword may start that needs no more; else nothing is done. */
static int hand_on(struct exchange *x, struct store_assembly *a, struct parts *p, bool is_beginning)
{
	struct tw_buf text = { 0 }, beginning = { 0 };
	struct station room, *st = station_for(x, a->sim, &room);
	struct text_in in = { .st = st, .pdu = first_of(p, a->total), .segments = a->total,
			      .scts = p->scts, .at = x->now.wall };

	if (!st || !in.pdu)
		return TW_E_DB;
	inbox_sender(x, st, &in.pdu->address, in.from, &in.kind);
	put_together(a, p, &text);
	in.body = tw_buf_str(&text);
	in.body_n = text.n;
	if (in.pdu->body.encoding == SMS_8BIT)
		in.flags |= STORE_DATA;
	if (p->have < a->total)
		in.flags |= STORE_INCOMPLETE;
	if (is_beginning) {
		begin_with(a, p, &beginning);
		in.beginning = tw_buf_str(&beginning);
		in.beginning_n = beginning.n;
	}
	int r = dispatch_text(x, &in, &a->message);

	tw_buf_done(&text);
	tw_buf_done(&beginning);
	return r < 0 ? r : store_assembly_save(x->store, a);
}

/* The first part came while others are missing. Only a person's text is worth a look: an operator's
 * is read as a whole, and a SIM of the bank starts nothing. */
static int begin_early(struct exchange *x, const struct text_in *in, struct store_assembly *a)
{
	struct parts parts;
	int r;

	if (in->kind != NUMBER_E164 || in->pdu->body.encoding == SMS_8BIT ||
	    tw_map_get(&x->lines, in->from, strlen(in->from)))
		return store_assembly_save(x->store, a);
	r = parts_load(x, a, &parts);
	if (r == 0)
		r = hand_on(x, a, &parts, true);
	parts_done(&parts);
	return r;
}

/* Of all that the whole text says only consent counts now. */
static int look_at_consent(struct exchange *x, const struct store_assembly *a, struct parts *p,
			   const struct tw_buf *text)
{
	struct station room, *st = station_for(x, a->sim, &room);
	struct text_in in = { .st = st, .pdu = first_of(p, a->total), .segments = a->total,
			      .scts = p->scts, .at = x->now.wall, .body = tw_buf_str(text),
			      .body_n = text->n };

	if (!st || !in.pdu || in.pdu->body.encoding == SMS_8BIT)
		return 0;
	inbox_sender(x, st, &in.pdu->address, in.from, &in.kind);
	return dispatch_consent(x, &in, a->message);
}

/* The text was handed on without this part: it is completed and shown, and starts nothing. */
static int complete_late(struct exchange *x, struct store_assembly *a, struct parts *p)
{
	struct store_message m;
	struct tw_buf text = { 0 };
	int r = store_message_get(x->store, a->message, &m);

	if (r < 0)
		return r;
	put_together(a, p, &text);
	int flags = p->have < a->total ? m.flags : m.flags & ~STORE_INCOMPLETE;

	r = store_message_complete(x->store, a->message, tw_buf_str(&text), text.n, flags);
	if (r == 0)
		r = store_assembly_save(x->store, a);
	if (r == 0)
		watch_message(x, a->message, MESSAGE_RECEIVED);
	if (r == 0 && p->have == a->total)
		r = look_at_consent(x, a, p, &text);
	tw_buf_done(&text);
	store_message_done(&m);
	return r;
}

static int go_on(struct exchange *x, const struct text_in *in, struct store_assembly *a)
{
	struct parts parts;

	if (!a->message && a->have < a->total)
		return in->pdu->concat.seq == 1 ? begin_early(x, in, a)
						: store_assembly_save(x->store, a);
	int r = parts_load(x, a, &parts);

	if (r == 0)
		r = a->message ? complete_late(x, a, &parts) : hand_on(x, a, &parts, false);
	parts_done(&parts);
	return r;
}

int reassembly_add(struct exchange *x, struct text_in *in)
{
	const struct sms_pdu *pdu = in->pdu;
	struct store_assembly key = {
		.sim = in->st->sim.id, .toa = pdu->address.toa, .ref_bits = pdu->concat.ref_bits,
		.ref = pdu->concat.ref, .total = pdu->concat.total, .first_at = x->now.wall,
		.deadline = wall_after(x->now.wall, x->settings->reassembly_hours * X_HOUR_MS) };
	struct store_assembly a;
	bool repeated;

	tw_strset(key.sender, sizeof(key.sender), pdu->address.text);
	int r = find_place(x, &key, pdu, &a, &repeated);

	if (r == 0 && repeated) {
		x->duplicates++;
		return 0;
	}
	if (r == TW_E_UNKNOWN) {
		a = key;
		r = store_assembly_insert(x->store, &a);
		if (r == 0 && a.deadline.ms < x->assembly_at.ms)
			x->assembly_at = a.deadline;
	}
	struct store_part part = { .assembly = a.id, .seq = pdu->concat.seq, .at = in->at,
				   .dup = in->dup, .pdu = (uint8_t *)(uintptr_t)in->octets,
				   .pdu_n = in->octets_n };

	if (r == 0)
		r = store_part_insert(x->store, &part);
	if (r < 0)
		return r;
	a.have++;
	return go_on(x, in, &a);
}

int reassembly_run(struct exchange *x)
{
	struct store_assembly a;
	struct parts parts;
	int r = 0;

	if (x->assembly_at.ms > x->now.wall.ms)
		return 0;
	x->assembly_at = X_NEVER;
	for (int i = 0; i < X_SLICE && r == 0; i++) {
		r = store_assembly_due(x->store, &a);
		if (r < 0)
			return r == TW_E_UNKNOWN ? 0 : r;
		x->assembly_at = a.deadline;
		if (a.deadline.ms > x->now.wall.ms)
			return 0;
		event_begin(x);
		r = parts_load(x, &a, &parts);
		if (r == 0)
			r = hand_on(x, &a, &parts, false);
		parts_done(&parts);
		r = event_end(x, r, "reassembly");
	}
	return r;
}
