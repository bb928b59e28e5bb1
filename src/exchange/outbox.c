/* Making messages, and taking them back; the queue between is told in outbox.h (design 4, who sends
 * next). */
#include <stdio.h>

#include "outbox.h"

/* ---- making a message ---------------------------------------------------------------------- */

struct sms_options outbox_options(const struct exchange *x)
{
	return (struct sms_options){ .encoding = -1, .message_class = -1,
				     .languages = x->language_ids,
				     .n_languages = (uint8_t)x->languages.n,
				     .smart = x->settings->smart_encoding,
				     .max_segments = (uint16_t)x->settings->max_segments };
}

int outbox_form(struct exchange *x, const char *text, size_t n, bool smart, struct sms_form *ret,
		struct sms_fault *reterr)
{
	struct sms_options options = outbox_options(x);

	options.smart |= smart;

	return sms_choose_form(text, n, &options, ret, reterr);
}

static void fill_message(struct exchange *x, const struct out *o, const struct sms_form *form,
			 struct store_message *m)
{
	*m = (struct store_message){
		.direction = OUTBOUND, .state = o->is_scheduled ? MESSAGE_SCHEDULED
		: MESSAGE_QUEUED,
		.contact = o->contact->id, .account = o->contact->account, .line = o->line,
		.lane = o->lane, .flags = o->flags | (form->is_smart ? STORE_SMART : 0) |
			(o->is_scheduled ? STORE_TIMED : 0),
		.encoding = form->encoding, .locking = form->locking, .single = form->single,
		.ref_bits = form->ref_bits, .segments = form->segments,
		.body = tw_strndup(o->text, o->text_n), .body_n = o->text_n,
		.key = tw_strdup(o->key), .pool = tw_strdup(o->pool),
		.callback = tw_strdup(o->callback), .created_at = x->now.wall,
		.due_at = o->due.ms ? o->due : x->now.wall, .origin = o->origin, .topic = o->topic,
		.run = 1, .valid_until = o->valid_until };
	if (!m->valid_until.ms)
		m->valid_until = wall_after(m->due_at, x->settings->valid_for);
}

static bool has_replies(struct exchange *x, const struct queue_list *l, const struct station *st)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (l->v[i]->n[LANE_REPLY] && station_may(x, st, l->v[i]))
			return true;
	return false;
}

/* A reply on a modem that is idle starts in the turn of the text that it answers: no queue between,
 * unless one is waiting there already. */
static struct station *idle_for(struct exchange *x, struct route *r, const struct store_message *m,
				const char *to)
{
	struct station *st = r->row.line && m->lane == LANE_REPLY ? station_by_line(x, r->row.line)
								  : NULL;
	struct sending *s;

	if (!st || st->flying || !mono_due(st->rest_until, x->now.mono) ||
	    !bank_can_send(x->bank, st->modem) || has_replies(x, &x->general, st) ||
	    has_replies(x, queue_list_of(x, r->row.line), st))
		return NULL;
	for (size_t cursor = 0; x->n_ready && (s = sending_each(x, &cursor)) != NULL; )
		if (s->step == STEP_READY && s->m.sim == st->sim.id)
			return NULL;
	if (!st->is_limited && !balance_is_known(st))
		return st;
	spend_roll(x, st);
	return choose_verdict(x, st, r, m->lane, m->segments, to).may ? st : NULL;
}

int outbox_add(struct exchange *x, const struct out *o, const struct sms_form *form,
	       int64_t *ret_id)
{
	char destination[DESTINATION_MAX];
	struct store_route like = route_like(o->is_bound ? 0 : o->contact->account, o->line,
					     o->line ? NULL : o->pool, o->campaign);
	struct route *route = route_find(x, &like, destination_of(x->settings, o->contact->number,
								  o->contact->zone, destination));
	struct store_message m;
	int r;

	if (!route)
		return TW_E_DB;
	r = o->callback ? callbacks_expect(x) : 0;
	if (r < 0)
		return r;
	fill_message(x, o, form, &m);
	m.route = route->row.id;
	r = figure_count_message(x, &m, FIGURE_QUEUED, 1);
	if (r < 0) {
		store_message_done(&m);
		return r;
	}
	struct station *st = o->is_scheduled ? NULL : idle_for(x, route, &m, o->contact->number);

	if (st) {
		const struct outbox_why why = { .rule = RULE_REPLY };

		r = outbox_start(x, st, &m, o->contact->number, true, &why);
		*ret_id = m.id;
		return r;
	}
	r = store_message_insert(x->store, &m);
	*ret_id = m.id;
	if (r == 0 && o->is_scheduled) {
		x->n_scheduled++;
		if (m.due_at.ms < x->scheduled_at.ms)
			x->scheduled_at = m.due_at;
	} else if (r == 0) {
		route_add(x, route, &m);
		outbox_expires_at(x, m.valid_until);
	}
	if (r == 0 && !o->campaign)	/* a hundred thousand of them are no news */
		watch_message(x, m.id, m.state);
	store_message_done(&m);
	return r;
}

int outbox_enqueue(struct exchange *x, struct store_message *m)
{
	struct route *r = route_get(x, m->route);

	if (!r)
		return TW_E_DB;
	m->state = MESSAGE_QUEUED;
	int code = store_message_save(x->store, m);

	if (code < 0)
		return code;
	route_add(x, r, m);
	outbox_expires_at(x, m->valid_until);
	return 0;
}

/* A delivery that is told late takes its failure back. */
static int count_end(struct exchange *x, const struct store_message *m, int before)
{
	bool is_failed = m->state == MESSAGE_FAILED || m->state == MESSAGE_UNDELIVERED ||
			 m->state == MESSAGE_EXPIRED;
	int r = 0;

	if (before == MESSAGE_FAILED)
		r = figure_count_message(x, m, FIGURE_FAILED, -1);
	if (r == 0 && is_failed)
		r = figure_count_message(x, m, FIGURE_FAILED, 1);
	if (r == 0 && m->state == MESSAGE_DELIVERED)
		r = figure_count_message(x, m, FIGURE_DELIVERED, 1);
	return r == 0 && is_failed ? campaign_result(x, m, true) : r;
}

int outbox_finish(struct exchange *x, struct store_message *m, int state, int code,
		  const char *cause)
{
	int before = m->state;

	m->state = state;
	m->error_code = code;
	free(m->error_cause);
	m->error_cause = tw_strdup(cause);
	m->finished_at = x->now.wall;
	int r = store_message_save(x->store, m);

	if (r == 0)
		r = count_end(x, m, before);

	if (r == 0)
		watch_message(x, m->id, state);
	return r;
}
/* ---- taking back --------------------------------------------------------------------------- */

static int cancel_sending(struct exchange *x, struct sending *s, int code, const char *cause,
			  bool *ret_asked)
{
	bool half = s->segment > 1;
	struct station *st = station_by_sim(x, s->m.sim);

	if (s->step == STEP_DOUBT)
		return TW_E_STATE;
	if (s->step == STEP_FLYING) {
		s->is_canceled = true;
		s->m.error_code = code;
		if (st && st->flying == s->a.id)
			bank_cancel_send(x->bank, st->modem, (uint64_t)s->a.id, x->now);
		*ret_asked = true;
		return half ? TW_E_STATE : 0;
	}
	if (half)
		return TW_E_STATE;
	int r = outbox_finish(x, &s->m, MESSAGE_CANCELED, code, cause);

	sending_del(x, s);
	return r;
}

int outbox_cancel(struct exchange *x, int64_t id, int code, const char *cause, bool *ret_asked)
{
	struct sending *s = sending_get(x, id);
	struct store_message m;

	*ret_asked = false;
	if (s)
		return cancel_sending(x, s, code, cause, ret_asked);
	int r = store_message_get(x->store, id, &m);

	if (r < 0)
		return r;
	if (m.direction == INBOUND ||
	    (m.state != MESSAGE_QUEUED && m.state != MESSAGE_SCHEDULED)) {
		store_message_done(&m);
		return TW_E_STATE;
	}
	struct route *route = m.state == MESSAGE_QUEUED ? route_get(x, m.route) : NULL;
	bool scheduled = m.state == MESSAGE_SCHEDULED;

	r = outbox_finish(x, &m, MESSAGE_CANCELED, code, cause);
	if (r == 0 && route)
		route_sub(x, route, &m);
	if (r == 0 && scheduled)
		x->n_scheduled--;
	store_message_done(&m);
	return r;
}
