/* Idle modems pull the next message that they may send. */
#include "outbox.h"

static struct sending *ready_on(struct exchange *x, const struct station *st)
{
	struct sending *s, *best = NULL;

	for (size_t cursor = 0; x->n_ready && (s = sending_each(x, &cursor)) != NULL; )
		if (s->step == STEP_READY && s->m.sim == st->sim.id &&
		    s->until.ms <= x->now.wall.ms && (!best || s->m.id < best->m.id))
			best = s;
	return best;
}

/* What no SIM ever may send stands in nobody's way until it is worth sending no more. */
static int set_aside(struct exchange *x, const struct pick *p)
{
	struct store_message m;
	int r = store_message_get(x->store, p->id, &m);

	if (r < 0)
		return r;
	route_sub(x, p->route, &m);
	m.due_at = m.valid_until.ms ? m.valid_until : wall_after(x->now.wall, X_PARK_MS);
	x->moves++;
	r = outbox_enqueue(x, &m);
	store_message_done(&m);
	return r;
}

static int give(struct exchange *x, struct station *st)
{
	struct sending *s = ready_on(x, st);
	struct pick pick;
	bool taken = false;
	int r = 0;

	if (s)
		return outbox_go_on(x, st, s);
	while (r == 0 && !taken && x->n_queued && x->moves < X_SLICE) {
		if (choose_next(x, st, &pick)) {
			r = outbox_take(x, st, &pick, &taken);
			continue;
		}
		struct pick *stuck = &x->stuck;

		if (!stuck->route || choose_fits(x, stuck->route, stuck->lane,
						 stuck->route->head[stuck->lane].segments))
			break;
		r = set_aside(x, stuck);
	}
	return r;
}

/* Those that can send now, the one that has been free longest first. */
static size_t idle_stations(struct exchange *x)
{
	struct tw_handle h;
	size_t n = 0;

	while (bank_idle(x->bank, &h)) {
		struct station *st = station_of(x, h);
		size_t at = n;

		if (n == x->cap_idle) {
			x->cap_idle = x->cap_idle ? x->cap_idle * 2 : 16;
			x->idle = tw_realloc(x->idle, x->cap_idle * sizeof(struct station *));
		}
		if (!st->sim.id || st->flying)
			continue;
		if (!mono_due(st->rest_until, x->now.mono)) {
			choose_wake(x, wall_after(x->now.wall, st->rest_until.ms - x->now.mono.ms));
			continue;
		}
		for (; at > 0 && x->idle[at - 1]->free_since.ms > st->free_since.ms; at--)
			x->idle[at] = x->idle[at - 1];
		x->idle[at] = st;
		n++;
	}
	return n;
}

int outbox_hand_out(struct exchange *x)
{
	int r = 0;

	x->queue_at = X_NEVER;
	x->moves = 0;
	if (!x->n_queued && !x->n_ready)
		return 0;
	choose_begin(x);
	for (size_t i = 0, n = idle_stations(x); i < n && r == 0 && !store_is_void(x->store); i++) {
		event_begin_bare(x);
		r = event_end(x, give(x, x->idle[i]), "hand out");
	}
	if (x->moves >= X_SLICE)
		x->queue_at = x->now.wall;
	return r;
}

bool outbox_other_sim(struct exchange *x, const struct route *r, int64_t sim)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (st && st->sim.id != sim && station_may(x, st, r) && station_is_present(x, st))
			return true;
	}
	return false;
}
