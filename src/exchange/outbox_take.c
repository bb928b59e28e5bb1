/* What turns out when a message is taken from its queue: it starts, moves or waits. */
#include <stdio.h>

#include "outbox.h"

static int move(struct exchange *x, struct store_message *m, struct route *to)
{
	if (!to)
		return TW_E_DB;
	m->route = to->row.id;
	x->moves++;
	return outbox_enqueue(x, m);
}

/* What may go on no SIM now and would hold up those behind it. */
static int park(struct exchange *x, struct store_message *m, struct wall_ms until)
{
	struct wall_ms again = wall_after(x->now.wall, X_PARK_MS);

	m->due_at = until.ms && until.ms < again.ms ? until : again;
	x->moves++;
	return outbox_enqueue(x, m);
}

/* New costs or zones since it was queued; a number that the contact has come to know meanwhile. */
static struct route *better_route(struct exchange *x, const struct station *st,
				  const struct route *r,
				  struct store_message *m, const struct store_contact *c)
{
	char destination[DESTINATION_MAX];
	int64_t line = 0;

	destination_of(x->settings, c->number, c->zone, destination);
	if (!r->row.line && !r->row.avoid && !m->sim && !(m->flags & STORE_MOVED))
		line = choose_sticky(x, m->contact, m->account, m->pool);
	if (line && line != st->sim.line) {
		struct store_route like = route_like(m->account, line, NULL, r->row.campaign);

		m->line = line;
		return route_find(x, &like, destination);
	}
	if (strcmp(destination, r->row.destination) == 0)
		return NULL;
	return route_find(x, &r->row, destination);
}

/* A contact that this SIM may not text this month any more. Queues are chosen from without looking
 * at contacts, so that this SIM would be asked again and again: the message is bound to the one
 * that may. */
static int not_this_recipient(struct exchange *x, struct station *st, struct route *r,
			      struct store_message *m, const char *number, struct pick_verdict v)
{
	struct station *other = r->row.line ? NULL :
		choose_for_recipient(x, r, m->lane, m->segments, number, st->sim.id);

	if (!other)
		return park(x, m, v.until);
	m->line = other->sim.line;
	struct store_route like = route_like(m->account, m->line, NULL, r->row.campaign);

	return move(x, m, route_find(x, &like, r->row.destination));
}

/* The first message from another number says so, where there is a text for it
 * (sticky.moved_text). */
static int tell_of_move(struct exchange *x, const struct station *st, struct store_message *m)
{
	const char *text = x->settings->sticky.moved_text;
	struct store_thread known;
	struct sms_fault fault;
	struct sms_form form;

	if (!(m->flags & STORE_MOVED) || !text[0] || strncmp(m->body, text, strlen(text)) == 0 ||
	    store_thread_last(x->store, m->contact, &known) < 0 || known.line == st->sim.line)
		return 0;
	char *body = tw_printf("%s %.*s", text, (int)m->body_n, m->body);

	if (outbox_form(x, body, strlen(body), m->flags & STORE_SMART, &form, &fault) < 0) {
		free(body);	/* too long with it: the message itself matters more */
		return 0;
	}
	free(m->body);
	m->body = body;
	m->body_n = strlen(body);
	m->encoding = form.encoding;
	m->locking = form.locking;
	m->single = form.single;
	m->ref_bits = form.ref_bits;
	m->segments = form.segments;
	m->flags |= form.is_smart ? STORE_SMART : 0;
	return store_message_rewrite(x->store, m);
}

static int take_message(struct exchange *x, struct station *st, const struct pick *p,
			struct store_message *m, bool *ret_taken)
{
	char looked_at[X_LOOKED_MAX * 32];
	struct outbox_why why = { .looked_at = looked_at };
	struct store_thread known;
	struct store_contact c;
	struct route *other;
	int r = store_contact_get(x->store, m->contact, &c);

	if (r < 0)
		return r;
	route_sub(x, p->route, m);
	if (m->valid_until.ms && m->valid_until.ms <= x->now.wall.ms)
		return outbox_finish(x, m, MESSAGE_EXPIRED, 30036, NULL);
	other = better_route(x, st, p->route, m, &c);
	if (other)
		return move(x, m, other);
	r = tell_of_move(x, st, m);
	struct pick_verdict v = choose_verdict(x, st, p->route, p->lane, m->segments, c.number);

	if (r < 0)
		return r;
	if (!v.may && (v.reason == PICK_RECIPIENTS || v.reason == PICK_SHARE))
		return not_this_recipient(x, st, p->route, m, c.number, v);
	if (!v.may)
		return park(x, m, v.until);
	why.rule = choose_rule(x, st, p->route, p->lane, m->segments, looked_at, sizeof(looked_at));
	/* Bound to it because the others have no place for one more contact. */
	if (why.rule == RULE_STICKY &&
	    store_thread(x->store, m->contact, st->sim.line, &known) == TW_E_UNKNOWN)
		why.rule = RULE_ONLY;
	if (!looked_at[0])
		why.looked_at = NULL;
	*ret_taken = true;
	if (p->route->row.campaign)
		campaign_took(x, p->route->row.campaign);
	return outbox_start(x, st, m, c.number, false, &why);
}

int outbox_take(struct exchange *x, struct station *st, const struct pick *p, bool *ret_taken)
{
	struct store_message m;
	int r = store_message_get(x->store, p->id, &m);

	*ret_taken = false;
	if (r < 0)
		return r;
	r = take_message(x, st, p, &m, ret_taken);
	if (!*ret_taken)
		store_message_done(&m);
	return r;
}
