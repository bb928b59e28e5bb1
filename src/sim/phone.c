/* Handsets: any number that is no card. Made at first use; on unless told otherwise. */
#include "world.h"

struct phone *phone_find(const struct sim *s, const char *number)
{
	return tw_map_get(&s->air.phones, number, strlen(number));
}

struct phone *phone_get(struct sim *s, const char *number)
{
	struct phone *p = phone_find(s, number);

	if (p)
		return p;
	p = tw_zalloc(sizeof(*p));
	p->waiting_end = &p->waiting;
	p->ref = (uint8_t)tw_random_below(&s->random, 256);
	tw_strset(p->number, sizeof(p->number), number);
	tw_map_put(&s->air.phones, p->number, strlen(p->number), p);
	return p;
}

static const char *const state_names[] = {
	[PHONE_ON] = "on", [PHONE_OFF] = "off", [PHONE_UNKNOWN] = "unknown",
	[PHONE_REFUSED] = "refused",
};

const char *phone_state_name(enum phone_state state)
{
	return state_names[state];
}

bool phone_state_read(const char *name, enum phone_state *ret)
{
	for (size_t i = 0; i < TW_COUNT(state_names); i++) {
		if (!strcmp(name, state_names[i])) {
			*ret = (enum phone_state)i;
			return true;
		}
	}
	return false;
}

/* ---- the inbox ------------------------------------------------------------------------------- */

const struct phone_text *phone_text_at(const struct phone *p, size_t i)
{
	return &p->texts[(p->head + i) % p->cap];
}

static void forget(struct phone *p, size_t n)
{
	while (n-- && p->n) {
		free(p->texts[p->head].text);
		p->head = (p->head + 1) % p->cap;
		p->n--;
	}
}

static struct phone_text *inbox_push(struct phone *p)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 4;
		struct phone_text *v = tw_alloc(cap * sizeof(*v));

		for (size_t i = 0; i < p->n; i++)
			v[i] = p->texts[(p->head + i) % p->cap];
		free(p->texts);
		p->texts = v;
		p->cap = cap;
		p->head = 0;
	}
	return &p->texts[(p->head + p->n++) % p->cap];
}

void phone_clear(struct phone *p)
{
	p->cleared += p->n;
	forget(p, p->n);
}

void phone_keep(struct sim *s, size_t keep)
{
	struct air *a = &s->air;

	while (a->arrivals_n > keep) {
		struct phone *p = a->arrivals[a->arrivals_head];

		if (p->cleared)
			p->cleared--;
		else
			forget(p, 1);
		a->arrivals_head = (a->arrivals_head + 1) % a->arrivals_cap;
		a->arrivals_n--;
	}
}

static void arrivals_push(struct sim *s, struct phone *p)
{
	struct air *a = &s->air;

	if (a->arrivals_n == a->arrivals_cap) {
		size_t cap = a->arrivals_cap ? 2 * a->arrivals_cap : 64;
		struct phone **v = tw_alloc(cap * sizeof(struct phone *));

		for (size_t i = 0; i < a->arrivals_n; i++)
			v[i] = a->arrivals[(a->arrivals_head + i) % a->arrivals_cap];
		free(a->arrivals);
		a->arrivals = v;
		a->arrivals_cap = cap;
		a->arrivals_head = 0;
	}
	a->arrivals[(a->arrivals_head + a->arrivals_n++) % a->arrivals_cap] = p;
	phone_keep(s, a->keep);
}

static void inbox_add(struct sim *s, struct phone *p, const char *from,
		      const struct sms_body *const *bodies, unsigned segments)
{
	struct phone_text *t = inbox_push(p);
	struct tw_buf b = { 0 };

	sms_bodies_text(bodies, segments, &b);
	*t = (struct phone_text){ .n = b.n, .at = s->now.wall, .segments = segments };
	t->text = tw_buf_take(&b);
	tw_strset(t->from, sizeof(t->from), from);
	s->air.phone_texts++;
	arrivals_push(s, p);
	if (note_wanted(s, NOTE_TEXT, p->number))
		control_text_note(s, p, t);
}

/* ---- long texts ------------------------------------------------------------------------------ */

static void partial_done(struct phone *p, size_t at)
{
	struct phone_partial *v = &p->partials[at];

	for (unsigned i = 0; i < v->key.total; i++)
		free(v->bodies[i]);
	free(v->bodies);
	memmove(v, v + 1, (--p->n_partials - at) * sizeof(*v));
}

static size_t partial_find(struct phone *p, const struct air_text *t)
{
	for (size_t i = 0; i < p->n_partials; i++) {
		const struct phone_partial *v = &p->partials[i];

		if (v->key.ref == t->concat.ref && v->key.ref_bits == t->concat.ref_bits &&
		    v->key.total == t->concat.total && !strcmp(v->from, t->from))
			return i;
	}
	if (!p->partials)
		p->partials = tw_alloc(PHONE_PARTIAL_MAX * sizeof(*p->partials));
	if (p->n_partials == PHONE_PARTIAL_MAX)
		partial_done(p, 0);
	p->partials[p->n_partials] = (struct phone_partial){ .key = t->concat };
	p->partials[p->n_partials].bodies = tw_zalloc(t->concat.total * sizeof(struct sms_body *));
	tw_strset(p->partials[p->n_partials].from, SIM_NUMBER_MAX, t->from);
	return p->n_partials++;
}

static void add_segment(struct sim *s, struct phone *p, const struct air_text *t)
{
	size_t at = partial_find(p, t);
	struct phone_partial *v = &p->partials[at];
	struct sms_body **place = &v->bodies[t->concat.seq - 1];

	if (!*place) {
		*place = tw_alloc(sizeof(**place));
		v->have++;
	}
	**place = t->body;	/* a segment that comes again takes the place of the first */
	if (v->have < v->key.total)
		return;
	inbox_add(s, p, t->from, (const struct sms_body *const *)v->bodies, v->key.total);
	partial_done(p, at);
}

/* ---- arrival --------------------------------------------------------------------------------- */

enum { STATUS_RECEIVED = 0x00, STATUS_NOT_OBTAINABLE = 0x43, STATUS_EXPIRED = 0x46 };

static void report(struct sim *s, const struct air_text *t, uint8_t status)
{
	if (t->origin.wanted)
		air_report(s, &t->origin, status);
}

static void arrive(struct sim *s, struct phone *p, const struct air_text *t)
{
	const struct sms_body *body = &t->body;

	report(s, t, STATUS_RECEIVED);
	if (t->concat.is_set && t->concat.total > 1)
		add_segment(s, p, t);
	else
		inbox_add(s, p, t->from, &body, 1);
}

static void wait(struct sim *s, struct phone *p, struct air_text *t)
{
	struct sim_event e = { .type = EVENT_EXPIRE, .id = t->id, .data = tw_strdup(p->number) };

	t->next = NULL;
	*p->waiting_end = t;
	p->waiting_end = &t->next;
	sim_post(s, e, t->expires - s->now.mono.ms);
}

void phone_event(struct sim *s, struct air_text *take_text)
{
	struct phone *p = phone_get(s, take_text->to);

	switch (p->state) {
	case PHONE_OFF:
		wait(s, p, take_text);
		return;
	case PHONE_UNKNOWN:
		report(s, take_text, STATUS_NOT_OBTAINABLE);
		break;
	case PHONE_ON:
	case PHONE_REFUSED:
		arrive(s, p, take_text);
		break;
	}
	free(take_text);
}

void phone_expire(struct sim *s, const char *number, uint64_t id)
{
	struct phone *p = phone_find(s, number);

	for (struct air_text **at = &p->waiting; *at; at = &(*at)->next) {
		struct air_text *t = *at;

		if (t->id != id)
			continue;
		*at = t->next;
		if (!t->next)
			p->waiting_end = at;
		s->air.expired++;
		report(s, t, STATUS_EXPIRED);
		free(t);
		return;
	}
}

void phone_set(struct sim *s, struct phone *p, enum phone_state state, int code)
{
	struct air_text *t = p->waiting, *next;

	p->state = state;
	p->code = code;
	if (state == PHONE_OFF)
		return;
	p->waiting = NULL;
	p->waiting_end = &p->waiting;
	for (; t; t = next) {
		next = t->next;
		phone_event(s, t);
	}
}

void phone_free(struct phone *p)
{
	struct air_text *t;

	forget(p, p->n);
	while (p->n_partials)
		partial_done(p, 0);
	while ((t = p->waiting)) {
		p->waiting = t->next;
		free(t);
	}
	free(p->partials);
	free(p->texts);
	free(p);
}
