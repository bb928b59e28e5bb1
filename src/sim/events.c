/* One queue of what will happen, by time and then by age, so that the same seed and the same calls
 * give the same run. */
#include "world.h"

static bool event_before(const struct sim_event *a, const struct sim_event *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void heap_push(struct sim_heap *h, const struct sim_event *e)
{
	size_t i;

	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 64;
		h->v = tw_realloc(h->v, h->cap * sizeof(*h->v));
	}
	for (i = h->n++; i > 0 && event_before(e, &h->v[(i - 1) / 2]); i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = *e;
}

static struct sim_event heap_pop(struct sim_heap *h)
{
	struct sim_event top = h->v[0], last = h->v[--h->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && event_before(&h->v[child + 1], &h->v[child]))
			child++;
		if (!event_before(&h->v[child], &last))
			break;
		h->v[i] = h->v[child];
		i = child;
	}
	if (h->n)
		h->v[i] = last;
	return top;
}

void sim_post(struct sim *s, struct sim_event e, int64_t delay_ms)
{
	e.due = mono_after(s->now.mono, delay_ms > 0 ? delay_ms : 0).ms;
	e.order = ++s->order;
	heap_push(&s->heap, &e);
}

void card_post(struct card *c, enum event_type type, int64_t delay_ms, uint64_t id)
{
	struct sim_event e = { .type = type, .card = c->index, .life = c->life, .id = id };

	sim_post(c->sim, e, delay_ms);
}

static void event_run(struct sim *s, struct sim_event *e)
{
	struct card *c = &s->cards[e->card];

	switch (e->type) {
	case EVENT_PHONE:
		phone_event(s, e->data);	/* takes it */
		return;
	case EVENT_EXPIRE:
		phone_expire(s, e->data, e->id);
		break;
	case EVENT_BYTES:
	case EVENT_RESUME:
	case EVENT_SUBMIT:
	case EVENT_ACK:
	case EVENT_MT:
	case EVENT_RING:
	case EVENT_USSD:
	case EVENT_BOOT:
	case EVENT_READY:
	case EVENT_PLUG:
	case EVENT_REGISTER:
	case EVENT_CHATTER:
	case EVENT_SCAN:
		if (!e->life || e->life == c->life)
			card_event(c, e);
		break;
	case EVENT_COUNT:
		break;
	}
	free(e->data);
}

void sim_run(struct sim *s)
{
	while (s->heap.n && s->heap.v[0].due <= s->now.mono.ms) {
		struct sim_event e = heap_pop(&s->heap);

		event_run(s, &e);
	}
}

void sim_tick(struct sim *s, struct tw_now now)
{
	s->now = now;
	sim_run(s);
}

struct mono_ms sim_deadline(const struct sim *s)
{
	return s->heap.n ? (struct mono_ms){ s->heap.v[0].due } : MONO_NEVER;
}
