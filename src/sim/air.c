/* The network: one SMSC that takes what cards and handsets send and brings it where it belongs. */
#include "world.h"
#include <twoway/model.h>

#include <stdio.h>

const struct text_options text_as_a_phone = { .encoding = -1, .message_class = -1, .ref = -1,
					      .copies = 1, .scts_ms = -1 };

/* ---- numbers --------------------------------------------------------------------------------- */

void air_number(const struct sim *s, const char *typed, char out[SIM_NUMBER_MAX])
{
	struct number n;

	if (*typed != '+' && number_read(typed, s->air.home, &n) == NUMBER_OK)
		typed = n.text;
	tw_strset(out, SIM_NUMBER_MAX, typed);
}

struct card *air_card(const struct sim *s, const char *number)
{
	return tw_map_get(&s->by_number, number, strlen(number));
}

/* ---- time stamps ----------------------------------------------------------------------------- */

static struct second_slot *second_slot(struct seconds *t, uint64_t hash)
{
	size_t i = hash & (t->cap - 1);

	while (t->v[i].hash && t->v[i].hash != hash)
		i = (i + 1) & (t->cap - 1);
	return &t->v[i];
}

/* Entries of seconds that have passed can no longer be met again: thrown away when the table would
 * grow, so that it is as large as one second's traffic. */
static void seconds_make_room(struct seconds *t, int64_t now)
{
	struct second_slot *old = t->v;
	size_t old_cap = t->cap, live = 0;

	for (size_t i = 0; i < old_cap; i++)
		live += old[i].hash && old[i].second >= now;
	t->cap = 64;
	while (t->cap < 4 * (live + 1))
		t->cap *= 2;
	t->v = tw_zalloc(t->cap * sizeof(*t->v));
	t->n = 0;
	for (size_t i = 0; i < old_cap; i++) {
		if (!old[i].hash || old[i].second < now)
			continue;
		*second_slot(t, old[i].hash) = old[i];
		t->n++;
	}
	free(old);
}

struct sms_time air_stamp(struct sim *s, uint64_t hash)
{
	struct seconds *t = &s->air.seconds;
	int64_t now = s->now.wall.ms / 1000;
	struct second_slot *slot;

	hash |= 1;	/* 0 marks an empty slot */
	if (2 * (t->n + 1) > t->cap)
		seconds_make_room(t, now);
	slot = second_slot(t, hash);
	if (!slot->hash) {
		slot->hash = hash;
		t->n++;
	} else if (slot->second >= now) {
		now = slot->second + 1;
	}
	slot->second = now;
	return sms_time_from((struct wall_ms){ now * 1000 }, 0);
}

/* Texts are equal to a receiver when sender, recipient and user data are. */
static uint64_t text_hash(const char *from, const char *to, const struct sms_ud *ud)
{
	uint64_t h[3] = { tw_hash64(from, strlen(from)), tw_hash64(to, strlen(to)),
			  tw_hash64(ud->octets, ud->n) };

	return tw_hash64(h, sizeof(h));
}

/* ---- the log of what cards sent -------------------------------------------------------------- */

static void sent_free(struct sim_sent *v)
{
	free((char *)v->text);
}

static void sent_drop(struct sent_ring *r, size_t keep)
{
	while (r->n > keep) {
		sent_free(&r->v[r->head]);
		r->head = (r->head + 1) % r->cap;
		r->n--;
	}
}

static struct sim_sent *sent_push(struct sim *s)
{
	struct sent_ring *r = &s->air.sent;
	size_t keep = s->air.keep ? s->air.keep : 1;

	sent_drop(r, keep - 1);
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 64;
		struct sim_sent *v = tw_alloc(cap * sizeof(*v));

		for (size_t i = 0; i < r->n; i++)
			v[i] = r->v[(r->head + i) % r->cap];
		free(r->v);
		*r = (struct sent_ring){ .v = v, .n = r->n, .cap = cap };
	}
	return &r->v[(r->head + r->n++) % r->cap];
}

static void log_sent(struct sim *s, const struct card *c, const struct sms_pdu *p, const char *to,
		     uint8_t mr)
{
	struct sim_sent *v = sent_push(s);
	char text[SMS_TEXT_MAX];
	size_t n;

	if (p->body.encoding == SMS_8BIT) {
		n = p->body.n;
		memcpy(text, p->body.units, n);
	} else {
		n = sms_body_text(&p->body, text, sizeof(text));
	}
	*v = (struct sim_sent){ .card = c->index, .mr = mr, .text = tw_strndup(text, n),
				.text_n = n, .at = s->now.wall };
	tw_strset(v->from, sizeof(v->from), c->number);
	tw_strset(v->to, sizeof(v->to), to);
	if (note_wanted(s, NOTE_SENT, to))
		control_sent_note(s, v);
}

void air_forget_sent(struct sim *s)
{
	sent_drop(&s->air.sent, 0);
}

void air_keep(struct sim *s, size_t keep)
{
	struct air *a = &s->air;

	a->keep = keep;
	sent_drop(&a->sent, keep);
	phone_keep(s, keep);
}

/* ---- from a card ----------------------------------------------------------------------------- */

/* User data of a SUBMIT as it stands in the octets (23.040 9.2.2.2). */
static bool submit_ud(const struct sms_pdu *p, const uint8_t *o, size_t n, struct sms_ud *ret)
{
	static const uint8_t vp_octets[4] = { 0, 7, 1, 7 };
	size_t at = 1u + o[0], left;

	if (at + 3 > n)
		return false;
	at += 2u + 2u + (o[at + 2] + 1u) / 2u;		/* first, MR, length, type, digits */
	at += 2u + vp_octets[p->first >> 3 & 3];
	if (at >= n)
		return false;
	*ret = (struct sms_ud){ .udl = o[at++], .has_header = p->first & 0x40, .dcs = p->dcs };
	left = n - at;
	if (left > sizeof(ret->octets))
		return false;
	ret->n = (uint8_t)left;
	memcpy(ret->octets, o + at, left);
	return true;
}

static int64_t validity_of(const struct sim *s, const struct sms_pdu *p)
{
	switch (p->vp_kind) {
	case SMS_VP_RELATIVE:
	case SMS_VP_ENHANCED:
		return p->vp_seconds ? (int64_t)p->vp_seconds * 1000 : s->air.validity_ms;
	case SMS_VP_ABSOLUTE:
		return p->vp_time.is_valid ? sms_time_wall(&p->vp_time).ms - s->now.wall.ms
					   : s->air.validity_ms;
	case SMS_VP_NONE:
		break;
	}
	return s->air.validity_ms;
}

int air_submit(struct sim *s, struct card *c, const struct sms_pdu *p, const uint8_t *octets,
	       size_t n, uint8_t mr)
{
	struct air_item item = { .from = c->number, .pid = p->pid };
	const struct phone *phone;
	char to[SIM_NUMBER_MAX];
	struct sms_ud ud;

	if (!submit_ud(p, octets, n, &ud))
		return 304;
	air_number(s, p->address.text, to);
	phone = air_card(s, to) ? NULL : phone_find(s, to);
	if (phone && phone->state == PHONE_REFUSED) {
		s->air.refused++;
		return phone->code;
	}
	if (c->cents < s->air.price_cents) {	/* prepaid, and used up (24.011 annex E-2: 21) */
		s->air.refused++;
		return 21;
	}
	c->cents -= s->air.price_cents;
	s->air.accepted++;
	item.to = to;
	item.ud = &ud;
	item.validity_ms = validity_of(s, p);
	item.after_ms = s->air.deliver_ms;
	item.origin = (struct air_origin){ .wanted = p->report, .card = c->index, .mr = mr };
	item.origin.scts = air_stamp(s, text_hash(item.from, to, &ud));
	tw_strset(item.origin.to, sizeof(item.origin.to), p->address.text);
	log_sent(s, c, p, to, mr);
	air_route(s, &item);
	return 0;
}

/* ---- to a card or a handset ------------------------------------------------------------------ */

void air_queue(struct sim *s, struct card *c, struct air_mt *mt)
{
	int64_t delay = mt->ready - s->now.mono.ms;

	mt->next = NULL;
	*c->queue_end = mt;
	c->queue_end = &mt->next;
	c->queue_n++;
	sim_post(s, (struct sim_event){ .type = EVENT_MT, .card = c->index }, delay);
}

/* The DELIVER of an item; TW_E_* where it cannot be one. */
static int encode(struct sim *s, const struct air_item *item, struct air_mt *mt)
{
	struct sms_deliver d = { .from = item->from, .smsc = s->air.smsc, .ud = item->ud,
				 .scts = item->origin.scts, .pid = item->pid };
	struct sms_fault why;
	size_t n, tpdu_n;
	int r = sms_deliver_encode(&d, mt->pdu, sizeof(mt->pdu), &n, &tpdu_n, &why);

	if (r < 0)
		return r;
	mt->n = (uint8_t)n;
	mt->tpdu_n = (uint8_t)tpdu_n;
	mt->id = ++s->air.next_id;
	mt->ready = s->now.mono.ms + item->after_ms;
	mt->origin = item->origin;
	return 0;
}

static int route_to_phone(struct sim *s, const struct air_item *item, const struct air_mt *mt)
{
	struct air_text *t;
	struct sms_pdu p;
	struct sms_fault why;
	int r = sms_decode(mt->pdu, mt->n, mt->tpdu_n, SMS_MT, &p, &why);

	if (r < 0)
		return r;
	t = tw_zalloc(sizeof(*t));
	t->id = mt->id;
	t->concat = p.concat;
	t->body = p.body;
	t->origin = item->origin;
	t->expires = s->now.mono.ms + item->validity_ms;
	tw_strset(t->from, sizeof(t->from), item->from);
	tw_strset(t->to, sizeof(t->to), item->to);
	sim_post(s, (struct sim_event){ .type = EVENT_PHONE, .data = t }, item->after_ms);
	return 0;
}

int air_route(struct sim *s, const struct air_item *item)
{
	struct card *c = air_card(s, item->to);
	struct air_mt *mt = tw_zalloc(sizeof(*mt));
	int r = encode(s, item, mt);

	if (!r && c) {
		air_queue(s, c, mt);
		return 0;
	}
	if (!r)
		r = route_to_phone(s, item, mt);
	free(mt);
	return r;
}

void air_report(struct sim *s, const struct air_origin *origin, uint8_t status)
{
	struct air_mt *mt = tw_zalloc(sizeof(*mt));
	struct sms_report r = { .to = origin->to, .smsc = s->air.smsc, .ref = origin->mr,
				.status = status, .scts = origin->scts,
				.discharge = sms_time_from(s->now.wall, 0) };
	struct sms_fault why;
	size_t n, tpdu_n;

	if (sms_report_encode(&r, mt->pdu, sizeof(mt->pdu), &n, &tpdu_n, &why) < 0) {
		free(mt);
		return;
	}
	mt->n = (uint8_t)n;
	mt->tpdu_n = (uint8_t)tpdu_n;
	mt->id = ++s->air.next_id;
	mt->is_report = true;
	mt->ready = s->now.mono.ms + s->air.report_ms;
	s->air.reports++;
	air_queue(s, &s->cards[origin->card], mt);
}

/* ---- from a handset -------------------------------------------------------------------------- */

static int text_segments(struct sim *s, const char *from, const char *text, size_t n,
			 const struct text_options *o, struct sms_ud **ret)
{
	struct sms_options options = { .encoding = o->encoding, .message_class = o->message_class,
				       .ref_bits = 8 };
	struct sms_form form;
	struct sms_fault why;
	uint16_t ref;
	int r = sms_choose_form(text, n, &options, &form, &why);

	if (r < 0)
		return r;
	ref = o->ref >= 0 ? (uint16_t)o->ref : form.segments > 1 ? phone_get(s, from)->ref++ : 0;
	*ret = tw_alloc(form.segments * sizeof(**ret));
	r = sms_split(text, n, &form, &options, ref, *ret, form.segments);
	return r < 0 ? r : form.segments;
}

uint64_t air_text_in(struct sim *s, const char *from, const char *to, const char *text, size_t n,
		     const struct text_options *o, unsigned *ret_segments, const char **ret_why)
{
	struct sms_ud *ud = NULL;
	char number[SIM_NUMBER_MAX];
	uint64_t first = 0;
	int count = text_segments(s, from, text, n, o, &ud), r = 0;

	air_number(s, to, number);
	for (int copy = 0; copy < o->copies && count > 0; copy++) {
		for (int k = 0; k < count && r >= 0; k++) {
			int i = o->reverse ? count - 1 - k : k;
			struct air_item item = { .from = from, .to = number, .ud = &ud[i],
						 .validity_ms = s->air.validity_ms,
						 .after_ms = s->air.deliver_ms + o->delay_ms };

			if (o->skip && o->skip[i + 1])
				continue;
			item.origin.scts = o->scts_ms >= 0 ?
				sms_time_from((struct wall_ms){ o->scts_ms }, 0) :
				air_stamp(s, text_hash(from, number, &ud[i]));
			r = air_route(s, &item);
			if (!first)
				first = s->air.next_id;
		}
	}
	free(ud);
	if (ret_segments)
		*ret_segments = count > 0 ? (unsigned)count : 0;
	if (count < 0 || r < 0) {
		*ret_why = tw_strerror(count < 0 ? count : r);
		return 0;
	}
	return first;
}

uint64_t sim_text(struct sim *s, const char *from, const char *to, const char *text, size_t n,
		  struct tw_now now)
{
	const char *why;
	uint64_t id;

	s->now = now;
	sim_run(s);
	id = air_text_in(s, from, to, text, n, &text_as_a_phone, NULL, &why);
	sim_run(s);
	return id;
}

/* ---- the end --------------------------------------------------------------------------------- */

void air_done(struct sim *s)
{
	struct air *a = &s->air;
	size_t cursor = 0, n;
	const char *key;
	void *p;

	sent_drop(&a->sent, 0);
	free(a->sent.v);
	while (tw_map_each(&a->phones, &cursor, &key, &n, &p))
		phone_free(p);
	tw_map_done(&a->phones);
	free(a->arrivals);
	free(a->seconds.v);
	for (size_t i = 0; i < a->n_ussd; i++) {
		free(a->ussd[i].code);
		free(a->ussd[i].reply);
	}
	free(a->ussd);
	for (size_t i = 0; i < a->n_vouchers; i++)
		free(a->vouchers[i].code);
	free(a->vouchers);
}
