/* What the owner is told: a bounded ring. Nothing in it is lost: while it is nearly full the engine
 * is not asked for more, and what the machine itself adds (a move, the end of a send or a command)
 * is bounded by EVENTS_RESERVE. */
#include "internal.h"

#include <assert.h>

bool event_has_room(const struct modem *m)
{
	return m->events_n + EVENTS_RESERVE <= EVENTS_MAX;
}

static struct event *last_of(struct modem *m, enum modem_event_type type)
{
	for (unsigned i = m->events_n; i-- > 0;) {
		struct event *e = &m->events[(m->events_head + i) % EVENTS_MAX];

		if (e->ev.type == type)
			return e;
	}
	return NULL;
}

/* Events that tell how things stand: a newer one says all that an older one said. */
static bool is_standing(enum modem_event_type t)
{
	return t == MODEM_EV_STATE || t == MODEM_EV_IDENTITY || t == MODEM_EV_SIM ||
	       t == MODEM_EV_PIN || t == MODEM_EV_SIGNAL || t == MODEM_EV_NETWORK ||
	       t == MODEM_EV_REOPEN || t == MODEM_EV_POWER;
}

struct event *event_push(struct modem *m, enum modem_event_type type)
{
	struct event *e = NULL;

	if (is_standing(type) && !event_has_room(m))
		e = last_of(m, type);
	if (!e) {
		assert(m->events_n < EVENTS_MAX);
		e = &m->events[(m->events_head + m->events_n++) % EVENTS_MAX];
	}
	memset(&e->ev, 0, sizeof(e->ev));
	e->ev.type = type;
	e->ev.state = m->facts.state;
	e->ev.inbound.slot = -1;
	e->ev.inbound.length = -1;
	e->text[0] = 0;
	return e;
}

struct event *event_offer(struct modem *m, enum modem_event_type type)
{
	return event_has_room(m) ? event_push(m, type) : NULL;
}

static void put(struct modem *m, const char *text)
{
	struct event *e = event_offer(m, MODEM_EV_TROUBLE);

	if (e)
		tw_strset(e->text, sizeof(e->text), text);
}

void event_trouble(struct modem *m, const char *format, ...)
{
	char text[MODEM_TEXT_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put(m, text);
}

void event_error(struct modem *m, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(m->facts.last_error, sizeof(m->facts.last_error), format, ap);
	va_end(ap);
	put(m, m->facts.last_error);
}

/* Slots seen empty are kept as marks, not as events: they come before what the ring holds, because
 * a text read from a slot later on must not be forgotten by its owner again. */
static bool next_empty(struct modem *m, struct modem_event *ret)
{
	for (int i = 0; i < AREAS_MAX; i++) {
		struct area *a = &m->areas[i];

		if (!a->n_tell)
			continue;
		for (int k = 0; k < a->high; k++) {
			struct slot *s = &a->slots[k];

			if (!s->tell_empty)
				continue;
			s->tell_empty = false;
			a->n_tell--;
			memset(ret, 0, sizeof(*ret));
			ret->type = MODEM_EV_SLOT_EMPTY;
			ret->state = m->facts.state;
			ret->text = "";
			ret->inbound.slot = k;
			ret->inbound.length = -1;
			memcpy(ret->inbound.storage, a->name, sizeof(ret->inbound.storage));
			return true;
		}
	}
	return false;
}

bool modem_next(struct modem *m, struct modem_event *ret)
{
	bool was_full = !event_has_room(m);
	struct event *e;

	if (next_empty(m, ret))
		return true;
	if (!m->events_n)
		return false;
	e = &m->events[m->events_head];
	m->events_n--;
	/* An empty ring begins at its start again: what was never needed stays untouched memory. */
	m->events_head = m->events_n ? (m->events_head + 1) % EVENTS_MAX : 0;
	m->told.ev = e->ev;
	memcpy(m->told.text, e->text, sizeof(e->text));
	m->told.ev.text = m->told.text;
	if (m->told.ev.type == MODEM_EV_INBOUND) {
		m->told.ev.inbound.hex = m->told.text;
		m->told.ev.text = "";
	} else if (m->told.ev.type == MODEM_EV_COMMAND) {
		m->told.ev.text = m->personal.answer;
		m->personal.is_done = false;
	}
	*ret = m->told.ev;
	/* The engine waited for room: it is pulled at the next tick. */
	if (was_full && event_has_room(m))
		timer_set(m, T_PUMP, 0, m->now);
	return true;
}
