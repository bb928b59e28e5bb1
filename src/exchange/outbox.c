/* The queue: messages come in, idle modems pull them out (design 4, who sends next). */
#include <stdio.h>

#include "internal.h"

/* ---- making a message ---------------------------------------------------------------------- */

static struct sms_options form_options(const struct exchange *x)
{
	return (struct sms_options){ .encoding = -1, .message_class = -1,
				     .languages = x->language_ids,
				     .n_languages = (uint8_t)x->languages.n,
				     .smart = x->settings->smart_encoding,
				     .max_segments = (uint16_t)x->settings->max_segments };
}

int outbox_form(struct exchange *x, const char *text, size_t n, struct sms_form *ret,
		struct sms_fault *reterr)
{
	struct sms_options options = form_options(x);

	return sms_choose_form(text, n, &options, ret, reterr);
}

static void fill_message(struct exchange *x, const struct out *o, const struct sms_form *form,
			 struct store_message *m)
{
	*m = (struct store_message){
		.direction = OUTBOUND, .state = o->is_scheduled ? MESSAGE_SCHEDULED : MESSAGE_QUEUED,
		.contact = o->contact->id, .account = o->contact->account, .line = o->line,
		.lane = o->lane, .flags = o->flags | (form->is_smart ? STORE_SMART : 0),
		.encoding = form->encoding, .locking = form->locking, .single = form->single,
		.ref_bits = form->ref_bits, .segments = form->segments,
		.body = tw_strndup(o->text, o->text_n), .body_n = o->text_n,
		.key = tw_strdup(o->key), .pool = tw_strdup(o->pool), .created_at = x->now.wall,
		.due_at = o->due.ms ? o->due : x->now.wall, .origin = o->origin, .run = 1,
		.valid_until = o->valid_until };
	if (!m->valid_until.ms)
		m->valid_until = wall_after(m->due_at, x->settings->valid_for);
}

static int start(struct exchange *x, struct station *st, struct store_message *take_m,
		 const char *to, bool is_new);

/* A reply on a modem that is idle starts in the turn of the text that it answers: no queue between,
 * unless one is waiting there already. */
static struct station *idle_for(struct exchange *x, const struct route *r, int lane)
{
	struct station *st = r->row.line && lane == LANE_REPLY ? station_by_line(x, r->row.line) : NULL;

	if (!st || r->n[LANE_REPLY] || st->flying || !mono_due(st->rest_until, x->now.mono) ||
	    !bank_can_send(x->bank, st->modem))
		return NULL;
	for (size_t i = 0; i < x->n_active; i++)
		if (x->active[i] != r && x->active[i]->n[LANE_REPLY] &&
		    station_may(x, st, x->active[i]))
			return NULL;
	struct sending *s;

	for (size_t cursor = 0; x->n_ready && (s = sending_each(x, &cursor)) != NULL; )
		if (s->step == STEP_READY && s->m.sim == st->sim.id)
			return NULL;
	return st;
}

int outbox_add(struct exchange *x, const struct out *o, const struct sms_form *form,
	       int64_t *ret_id, bool *ret_started)
{
	struct route *route = route_find(x, o->is_bound ? 0 : o->contact->account, o->line,
					 o->line ? NULL : o->pool, 0);
	struct store_message m;
	int r;

	if (!route)
		return TW_E_DB;
	fill_message(x, o, form, &m);
	m.route = route->row.id;
	struct station *st = o->is_scheduled ? NULL : idle_for(x, route, o->lane);

	*ret_started = st != NULL;
	if (st) {
		r = start(x, st, &m, o->contact->number, true);
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
		route_add(x, route, m.lane, m.due_at);
		if (m.valid_until.ms < x->expiry_at.ms)
			x->expiry_at = m.valid_until;
	}
	if (r == 0)
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
	route_add(x, r, m->lane, m->due_at);
	if (m->valid_until.ms < x->expiry_at.ms)
		x->expiry_at = m->valid_until;
	return 0;
}

int outbox_finish(struct exchange *x, struct store_message *m, int state, int code,
		  const char *cause)
{
	m->state = state;
	m->error_code = code;
	free(m->error_cause);
	m->error_cause = tw_strdup(cause);
	m->finished_at = x->now.wall;
	int r = store_message_save(x->store, m);

	if (r == 0)
		watch_message(x, m->id, state);
	return r;
}

/* ---- handing out --------------------------------------------------------------------------- */

static int encode(struct exchange *x, struct station *st, struct sending *s)
{
	struct sms_form form = { .encoding = (uint8_t)s->m.encoding, .locking = s->m.locking,
				 .single = s->m.single, .ref_bits = s->m.ref_bits,
				 .is_smart = (s->m.flags & STORE_SMART) != 0,
				 .segments = (uint8_t)s->m.segments };
	struct sms_options options = form_options(x);
	uint8_t octets[SMS_PDU_MAX];
	size_t n, tpdu_n;
	struct sms_ud ud;
	struct sms_fault fault;
	int64_t left = s->m.valid_until.ms ? (s->m.valid_until.ms - x->now.wall.ms) / 60000
					   : x->settings->valid_for / 60000;

	int r = sms_split_one(s->m.body, s->m.body_n, &form, &options, s->m.ref,
			      (uint8_t)s->segment, &ud);
	if (r < 0)
		return r;
	struct sms_submit submit = { .to = s->to, .smsc = "", .ud = &ud,
				     .report = x->settings->report,
				     .validity_minutes = (uint32_t)(left < 5 ? 5 :
								    left > 635040 ? 635040 : left) };

	r = sms_submit_encode(&submit, octets, sizeof(octets), &n, &tpdu_n, &fault);
	if (r < 0)
		return r;
	tw_hex_write(octets, n, st->hex, true);
	st->length = (int)tpdu_n;
	st->more = s->segment < s->m.segments;
	return 0;
}

/* A send that the bank would not take after all was never begun: the next turn is told so. */
static void on_refused(struct exchange *x, struct station *st, int64_t attempt)
{
	struct redo redo = { .modem = st->modem, .type = MODEM_EV_SENT,
			     .sent = { .id = (uint64_t)attempt, .outcome = MODEM_OUT_NOT_SENT,
				       .ref = -1, .reaction = REACT_WAIT } };

	tw_strset(redo.sent.cause, sizeof(redo.sent.cause), "modem not ready");
	redo_keep(x, &redo);
}

static void on_committed(void *ctx, bool ok, uint64_t where, uint64_t attempt)
{
	struct exchange *x = ctx;
	struct tw_handle h = { (uint32_t)(where >> 32), (uint32_t)where };
	struct station *st = station_of(x, h);

	if (st->flying != (int64_t)attempt)
		return;
	st->launched_in = 0;
	if (!ok) {
		st->flying = 0;
		bank_unreserve(x->bank, h);
		return;
	}
	struct modem_send send = { .id = attempt, .hex = st->hex, .length = st->length,
				   .more = st->more };

	if (bank_send(x->bank, h, &send, x->now) < 0) {
		bank_unreserve(x->bank, h);
		on_refused(x, st, (int64_t)attempt);
	}
}

/* Write the attempt of s->segment and let it go after the commit. */
static int launch(struct exchange *x, struct station *st, struct sending *s)
{
	int64_t number = (s->a.id ? s->a.id & 0xffff : 0) + 1;

	if (number > 0xffff)
		return TW_E_RANGE;
	s->a = (struct store_attempt){ .id = s->m.id << 16 | number, .sim = st->sim.id,
				       .run = s->m.run, .segment = s->segment, .mr = -1,
				       .report = -1, .started_at = x->now.wall };
	tw_strset(s->a.modem, sizeof(s->a.modem), st->name);
	int r = encode(x, st, s);

	if (r < 0) {	/* what no modem will ever take: the message ends, the turn goes on */
		r = outbox_finish(x, &s->m, MESSAGE_FAILED, 30008, tw_strerror(r));
		sending_del(x, s);
		return r;
	}
	r = store_attempt_insert(x->store, &s->a);
	if (r < 0)
		return r;
	sending_set(x, s, STEP_FLYING, X_NEVER);
	st->flying = s->a.id;
	st->launched_in = x->event_no;
	bank_reserve(x->bank, st->modem);
	store_on_commit(x->store, on_committed, x,
			(uint64_t)st->modem.slot << 32 | st->modem.generation, (uint64_t)s->a.id);
	return 0;
}

/* A message begins its way over this SIM, with a reference of its own if it has several segments. The
 * thread of a new one is its maker's to touch, together with that of the text it answers. */
static int start(struct exchange *x, struct station *st, struct store_message *take_m,
		 const char *to, bool is_new)
{
	struct store_message *m = take_m;
	int r;

	bool tried = m->sim != 0;	/* earlier: its attempts are numbered on */

	m->state = MESSAGE_SENDING;
	m->sim = st->sim.id;
	m->line = st->sim.line;
	free(m->modem);
	m->modem = tw_strdup(st->name);
	if (m->segments > 1)
		m->ref = station_next_ref(x, st);
	r = is_new ? store_message_insert(x->store, m) : store_message_save(x->store, m);
	if (r == 0 && !is_new)
		r = store_thread_touch(x->store, m->contact, m->line, (struct wall_ms){ 0 },
				       x->now.wall);
	if (r < 0) {
		int64_t id = m->id;

		store_message_done(m);
		m->id = id;
		return r;
	}
	if (is_new)
		watch_message(x, m->id, MESSAGE_QUEUED);
	watch_message(x, m->id, MESSAGE_SENDING);
	struct sending *s = sending_put(x, m);

	tw_strset(s->to, sizeof(s->to), to);
	if (tried) {
		struct store_attempt a;

		for (int64_t after = 0; store_attempt_next(x->store, m->id, after, &a) == 0;
		     after = a.id)
			s->a = a;
	}
	return launch(x, st, s);
}

struct pick { struct route *route; int lane; int64_t id; struct wall_ms due; };

/* The first due message of a lane among all queues that this SIM may serve. */
static bool pick_from_lane(struct exchange *x, const struct station *st, int lane, struct pick *ret)
{
	ret->route = NULL;
	for (size_t i = 0; i < x->n_active; i++) {
		struct route *r = x->active[i];
		int64_t id;

		if (!r->n[lane] || !station_may(x, st, r))
			continue;
		if (r->due[lane].ms > x->now.wall.ms) {
			if (r->due[lane].ms < x->queue_at.ms)
				x->queue_at = r->due[lane];
			continue;
		}
		if (store_queue_head(x->store, r->row.id, lane, &id, &r->due[lane]) < 0)
			continue;
		if (r->due[lane].ms > x->now.wall.ms) {
			if (r->due[lane].ms < x->queue_at.ms)
				x->queue_at = r->due[lane];
			continue;
		}
		if (!ret->route || r->due[lane].ms < ret->due.ms ||
		    (r->due[lane].ms == ret->due.ms && id < ret->id))
			*ret = (struct pick){ r, lane, id, r->due[lane] };
	}
	return ret->route != NULL;
}

/* Replies, then the API, then campaigns; but a lane that waited behind X_STARVE others has its turn. */
static bool pick_next(struct exchange *x, struct station *st, struct pick *ret)
{
	struct pick first = { 0 }, later = { 0 };
	bool found = false;

	for (int lane = 0; lane < LANE_COUNT; lane++) {
		if (!pick_from_lane(x, st, lane, &later))
			continue;
		if (!found) {
			first = later;
			found = true;
			continue;
		}
		if (++st->streak <= X_STARVE)
			break;
		first = later;
		st->streak = 0;
		break;
	}
	*ret = first;
	return found;
}

static int take(struct exchange *x, struct station *st, const struct pick *p, bool *ret_taken)
{
	struct store_message m;
	struct store_contact c;
	int r = store_message_get(x->store, p->id, &m);

	*ret_taken = false;
	if (r < 0)
		return r;
	r = store_contact_get(x->store, m.contact, &c);
	if (r < 0) {
		store_message_done(&m);
		return r;
	}
	route_sub(x, p->route, p->lane);
	if (m.valid_until.ms && m.valid_until.ms <= x->now.wall.ms) {
		r = outbox_finish(x, &m, MESSAGE_EXPIRED, 30036, NULL);
		store_message_done(&m);
		return r;
	}
	*ret_taken = true;
	return start(x, st, &m, c.number, false);
}

static struct sending *ready_on(struct exchange *x, const struct station *st)
{
	struct sending *s, *best = NULL;

	for (size_t cursor = 0; x->n_ready && (s = sending_each(x, &cursor)) != NULL; )
		if (s->step == STEP_READY && s->m.sim == st->sim.id &&
		    s->until.ms <= x->now.wall.ms && (!best || s->m.id < best->m.id))
			best = s;
	return best;
}

static int give(struct exchange *x, struct station *st)
{
	struct sending *s = ready_on(x, st);
	struct pick pick;
	bool taken = false;
	int r = 0;

	if (s)
		return launch(x, st, s);
	while (r == 0 && !taken && x->n_queued && pick_next(x, st, &pick))
		r = take(x, st, &pick, &taken);
	return r;
}

int outbox_hand_out(struct exchange *x)
{
	struct tw_handle h;
	int r = 0;

	x->queue_at = X_NEVER;
	if (!x->n_queued && !x->n_ready)
		return 0;
	while (r == 0 && !store_is_void(x->store) && bank_idle(x->bank, &h)) {
		struct station *st = station_of(x, h);

		if (!st->sim.id || st->flying)
			continue;
		if (!mono_due(st->rest_until, x->now.mono)) {
			int64_t wait = st->rest_until.ms - x->now.mono.ms;

			if (x->now.wall.ms + wait < x->queue_at.ms)
				x->queue_at.ms = x->now.wall.ms + wait;
			continue;
		}
		event_begin(x);
		r = event_end(x, give(x, st), "hand out");
	}
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
		route_sub(x, route, m.lane);
	if (r == 0 && scheduled)
		x->n_scheduled--;
	store_message_done(&m);
	return r;
}
