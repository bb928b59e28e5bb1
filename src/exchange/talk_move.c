/* Conversations that go from a former version of their flow to the one of now, by the label of the
 * step at which they stand (reload --move). */
#include "talk.h"

/* ---- where they stand ---------------------------------------------------------------------- */

struct standing { struct store_standing *v; size_t n, cap; };

static void collect(void *ctx, const struct store_standing *v)
{
	struct standing *s = ctx;

	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->v = tw_realloc(s->v, s->cap * sizeof(*s->v));
	}
	s->v[s->n++] = *v;
}

int exchange_standing(struct exchange *x, void (*cb)(void *ctx, const struct exchange_standing *v),
		      void *ctx)
{
	struct standing s = { .n = 0 };
	struct store_version version = { .name = NULL };
	int64_t read = 0;
	int r = store_talks_standing(x->store, collect, &s);

	for (size_t i = 0; i < s.n && r == 0; i++) {
		if (s.v[i].version != read) {
			store_version_done(&version);
			r = store_version_get(x->store, s.v[i].version, &version);
			read = s.v[i].version;
		}
		if (r == 0)
			cb(ctx, &(struct exchange_standing){ version.hash, version.name,
							     version.account,
				version.text, version.text_n, s.v[i].step, s.v[i].stands,
				s.v[i].n });
	}
	store_version_done(&version);
	free(s.v);
	return r;
}

/* ---- moving -------------------------------------------------------------------------------- */

static enum flow_move look(struct exchange *x, int64_t id, uint32_t step, int stands,
			   struct flow_moved *ret, int *reterr)
{
	struct talk_version *v = NULL;

	*reterr = x->flows ? talk_version_of(x, id, &v) : TW_E_UNKNOWN;
	if (*reterr < 0)
		return FLOW_MOVE_STAYS;
	const struct flows *from = talk_flows_of(x, v);

	/* One that cannot be read any more cannot be gone on with either. */
	return from ? flow_move_place(from, x->flows, v->hash, step, stands, ret) : FLOW_MOVE_ENDS;
}

int exchange_move(struct exchange *x, struct tw_now now, struct exchange_moves *ret)
{
	struct standing s = { .n = 0 };
	struct flow_moved moved;
	int r = store_talks_standing(x->store, collect, &s);

	*ret = (struct exchange_moves){ 0 };
	x->now = now;
	for (size_t i = 0; i < s.n && r == 0; i++) {
		int error;

		switch (look(x, s.v[i].version, s.v[i].step, s.v[i].stands, &moved, &error)) {
		case FLOW_MOVE_NONE:
			break;
		case FLOW_MOVE_TO:
			ret->moved += s.v[i].n;
			break;
		case FLOW_MOVE_ENDS:
			ret->ended += s.v[i].n;
			break;
		case FLOW_MOVE_STAYS:
			ret->stay += s.v[i].n;
			break;
		}
		r = error;
	}
	free(s.v);
	if (r == 0 && ret->moved + ret->ended) {
		x->moves_talks = true;
		x->move_after = 0;
		x->talk_at = x->now.wall;
	}
	return r;
}

static int move_one(struct exchange *x, struct store_talk *row)
{
	static const struct flow_answer nothing;
	struct talk t = { .row = *row, .answer = &nothing, .ends = true };
	struct flow_moved moved;
	int r;

	switch (look(x, row->version, row->step, row->stands, &moved, &r)) {
	case FLOW_MOVE_NONE:
	case FLOW_MOVE_STAYS:
		return r;
	case FLOW_MOVE_TO:
		r = talk_version_row(x, moved.version, &row->version);
		row->step = moved.step;
		return r < 0 ? r : store_talk_put(x->store, row);
	case FLOW_MOVE_ENDS:
		return talk_run_row(x, &t, FLOW_BY_CLOCK);
	}
	return 0;
}

int talk_move_some(struct exchange *x)
{
	struct store_talk row;
	int r = 0;

	for (int i = 0; i < X_SLICE && x->moves_talks && r == 0; i++) {
		r = store_talk_any(x->store, x->move_after, &row);
		if (r == TW_E_UNKNOWN) {
			x->moves_talks = false;
			x->prunes = true;
			tw_log(TW_INFO, "flow.moved", "conversations=all");
			return 0;
		}
		if (r < 0)
			return r;
		x->move_after = row.id;
		event_begin(x);
		r = event_end(x, move_one(x, &row), "conversation");
		store_talk_done(&row);
		/* One that could not be moved stays where it is; a void turn begins again
		 * (memory_load). */
		if (r < 0 && !store_is_void(x->store))
			r = 0;
	}
	return r;
}
