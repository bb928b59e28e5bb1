/* Which of several keywords was meant: the flow asks it, and what the customer says next on that
 * number answers (flow/which.c). The question is a row of its own beside conversations: it is
 * forgotten with the next text that anything else takes, and after an hour. */
#include "dispatch.h"

enum { WHICH_MS = 3600 * 1000 };

static int expire(struct exchange *x)
{
	return store_slips_expire(x->store, wall_after(x->now.wall, -WHICH_MS));
}

/* When the oldest is forgotten. */
static int find_next(struct exchange *x)
{
	struct wall_ms asked_at;
	int r = store_slips_first(x->store, &asked_at);

	x->slip_at = r == 0 ? wall_after(asked_at, WHICH_MS) : X_NEVER;
	return r == TW_E_UNKNOWN ? 0 : r;
}

int which_load(struct exchange *x)
{
	return find_next(x);
}

int which_run(struct exchange *x)
{
	if (x->slip_at.ms > x->now.wall.ms)
		return 0;
	event_begin(x);
	int r = expire(x);

	if (r == 0)
		r = find_next(x);
	r = event_end(x, r, "slips");
	if (r < 0 && !store_is_void(x->store))
		x->slip_at = wall_after(x->now.wall, X_RETRY_AFTER_VOID_MS);
	return r;
}

/* What it was asked about; what is erased by now asks nothing any more. */
static int look_at_text(struct exchange *x, struct store_slip *slip, struct view *v)
{
	struct store_message m;
	int r = store_message_get(x->store, slip->message, &m);

	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	if (m.body) {
		free(x->slip_keys);
		free(x->slip_text);
		x->slip_keys = tw_steal(slip->keys);
		x->slip_text = tw_steal(m.body);
		v->which = (struct flow_which){ x->slip_keys, x->slip_text, m.body_n };
		v->e.which = &v->which;
	}
	store_message_done(&m);
	return 0;
}

int which_look(struct exchange *x, const struct text_in *in, struct view *v)
{
	struct store_slip last = { .contact = 0 };
	int r = 0;

	v->e.which = NULL;
	v->which_of = 0;
	for (size_t i = 0; i < v->n && r == 0 && x->slip_at.ms != X_NEVER.ms; i++) {
		struct store_slip slip;

		r = store_slip(x->store, v->contacts[i].id, in->st->sim.line, &slip);
		if (r == 0 && slip.asked_at.ms > last.asked_at.ms) {
			store_slip_done(&last);
			last = slip;
		} else if (r == 0) {
			store_slip_done(&slip);
		}
		r = r == TW_E_UNKNOWN ? 0 : r;
	}
	v->which_of = last.contact;
	/* A question that is open on this number was asked later: it would have taken the slip. */
	if (r == 0 && last.contact && !v->e.question &&
	    last.asked_at.ms > x->now.wall.ms - WHICH_MS)
		r = look_at_text(x, &last, v);
	store_slip_done(&last);
	return r;
}

int which_keep(struct exchange *x, const struct text_in *in, const struct store_contact *c,
	       const struct flow_intent *i, int64_t message)
{
	struct store_slip slip = { .contact = c->id, .line = in->st->sim.line,
				   .message = message, .asked_at = x->now.wall,
				   .keys = tw_strndup(i->text, i->text_n) };
	int r = store_slip_put(x->store, &slip);

	if (r == 0 && wall_after(slip.asked_at, WHICH_MS).ms < x->slip_at.ms)
		x->slip_at = wall_after(slip.asked_at, WHICH_MS);
	store_slip_done(&slip);
	return r;
}

int which_close(struct exchange *x, const struct text_in *in, struct view *v)
{
	int64_t contact = v->which_of;

	v->which_of = 0;
	return contact ? store_slip_del(x->store, contact, in->st->sim.line) : 0;
}
