/* What must hold in every state. Called with each move, and by tests after each step. */
#include "internal.h"

#include <assert.h>

static void check_area(const struct area *a)
{
	unsigned n[SLOT_STATES] = { 0 }, n_tell = 0;

	assert(a->high >= 0 && a->high <= SLOTS_MAX);
	for (int k = 0; k < a->high; k++) {
		const struct slot *s = &a->slots[k];

		assert(s->state < SLOT_STATES);
		n[s->state]++;
		n_tell += s->tell_empty;
		/* Only what was handed out has a token; nothing is deleted without one. */
		assert((s->token != 0) == (s->state == SLOT_HANDED || s->state == SLOT_TO_DELETE));
	}
	assert(n_tell == a->n_tell);
	for (int i = 0; i < SLOT_STATES; i++)
		assert(n[i] == a->n[i]);
	assert(a->name[0] || !a->high || a->n[SLOT_EMPTY] == a->high);
}

static void check_send(const struct modem *m)
{
	const struct sending *s = &m->send;

	switch (s->phase) {
	case SEND_NONE:
	case SEND_QUEUED:
		assert(m->job != &job_send);
		break;
	case SEND_ON_AIR:
		assert(m->job == &job_send);
		break;
	case SEND_UNDECIDED:
		assert(m->job != &job_send && s->left);
		break;
	}
	if (s->phase == SEND_QUEUED)
		assert(m->state == ST_READY);
}

void modem_check(const struct modem *m)
{
	assert(m->state < ST_COUNT);
	assert(m->events_n <= EVENTS_MAX && m->events_head < EVENTS_MAX);
	assert(!m->job || m->job_id);
	assert(m->n_owed <= OWED_MAX);
	assert(m->mem1 >= -1 && m->mem1 < AREAS_MAX);
	assert(m->rung >= -1 && m->rung < MODEM_RUNG_COUNT);
	assert(m->trace_n <= MODEM_TRACE_LINES);
	for (int i = 0; i < AREAS_MAX; i++)
		check_area(&m->areas[i]);
	check_send(m);
	if (m->state == ST_CLOSED)
		assert(!m->is_open && !m->job && m->send.phase == SEND_NONE && !m->n_owed);
	if (!m->is_open)
		assert(!m->job && (m->state == ST_CLOSED || m->state == ST_REOPEN ||
				   m->state == ST_FAILED));
	assert(m->state == ST_CLOSED || m->facts.board);
	/* A PIN is kept for no longer than it takes to hand it on. */
	if (m->state != ST_ASK_PIN && m->state != ST_LOCKED && m->state != ST_PIN_SENT)
		assert(!m->pin[0]);
	/* An area that is read, or deleted from, is the one that mem1 names. */
	if (m->job == &job_read || m->job == &job_delete)
		assert(m->job_area >= 0 && m->job_area == m->mem1 && m->job_slot >= 0);
}
