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

int outbox_form(struct exchange *x, const char *text, size_t n, bool smart, struct sms_form *ret,
		struct sms_fault *reterr)
{
	struct sms_options options = form_options(x);

	options.smart |= smart;

	return sms_choose_form(text, n, &options, ret, reterr);
}

static void fill_message(struct exchange *x, const struct out *o, const struct sms_form *form,
			 struct store_message *m)
{
	*m = (struct store_message){
		.direction = OUTBOUND, .state = o->is_scheduled ? MESSAGE_SCHEDULED : MESSAGE_QUEUED,
		.contact = o->contact->id, .account = o->contact->account, .line = o->line,
		.lane = o->lane, .flags = o->flags | (form->is_smart ? STORE_SMART : 0) |
			(o->is_scheduled ? STORE_TIMED : 0),
		.encoding = form->encoding, .locking = form->locking, .single = form->single,
		.ref_bits = form->ref_bits, .segments = form->segments,
		.body = tw_strndup(o->text, o->text_n), .body_n = o->text_n,
		.key = tw_strdup(o->key), .pool = tw_strdup(o->pool), .created_at = x->now.wall,
		.due_at = o->due.ms ? o->due : x->now.wall, .origin = o->origin, .run = 1,
		.valid_until = o->valid_until };
	if (!m->valid_until.ms)
		m->valid_until = wall_after(m->due_at, x->settings->valid_for);
}

struct chosen { enum pick_rule rule; const char *looked_at; };

static int start(struct exchange *x, struct station *st, struct store_message *take_m,
		 const char *to, bool is_new, const struct chosen *why);

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
	struct route *route = route_find(x, o->is_bound ? 0 : o->contact->account, o->line,
					 o->line ? NULL : o->pool, 0,
					 destination_of(x->settings, o->contact->number, destination));
	struct store_message m;
	int r;

	if (!route)
		return TW_E_DB;
	fill_message(x, o, form, &m);
	m.route = route->row.id;
	struct station *st = o->is_scheduled ? NULL : idle_for(x, route, &m, o->contact->number);

	if (st) {
		const struct chosen why = { .rule = RULE_REPLY };

		r = start(x, st, &m, o->contact->number, true, &why);
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
	route_add(x, r, m);
	outbox_expires_at(x, m->valid_until);
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

/* ---- an attempt ---------------------------------------------------------------------------- */

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

	if (st->no_validity == st->sim.id)
		submit.validity_minutes = 0;

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

/* The SIM's quota has no room for the next segment: it waits, on this SIM. */
static int wait_for_quota(struct exchange *x, struct sending *s, struct wall_ms until)
{
	s->m.due_at = until.ms ? until : wall_after(x->now.wall, X_PARTIAL_MS);
	sending_set(x, s, STEP_READY, s->m.due_at);
	return store_message_save(x->store, &s->m);
}

/* Write the attempt of s->segment and let it go after the commit. */
static int launch(struct exchange *x, struct station *st, struct sending *s, const struct chosen *why)
{
	int64_t number = (s->a.id ? s->a.id & 0xffff : 0) + 1;

	if (number > 0xffff)
		return TW_E_RANGE;
	s->a = (struct store_attempt){ .id = s->m.id << 16 | number, .sim = st->sim.id,
				       .run = s->m.run, .segment = s->segment, .mr = -1,
				       .report = -1, .started_at = x->now.wall, .rule = (int)why->rule,
				       .looked_at = why->looked_at };
	tw_strset(s->a.modem, sizeof(s->a.modem), st->name);
	int r = encode(x, st, s);

	if (r < 0) {	/* what no modem will ever take: the message ends, the turn goes on */
		r = outbox_finish(x, &s->m, MESSAGE_FAILED, 30008, tw_strerror(r));
		sending_del(x, s);
		return r;
	}
	r = store_attempt_insert(x->store, &s->a);
	s->a.looked_at = NULL;
	if (r == 0)
		r = spend_charge(x, st, s);
	if (r < 0)
		return r;
	sending_set(x, s, STEP_FLYING, X_NEVER);
	st->flying = st->last = s->a.id;
	st->launched_at = x->now.mono;
	st->launched_in = x->event_no;
	health_launched(x, st, s);
	bank_reserve(x->bank, st->modem);
	store_on_commit(x->store, on_committed, x,
			(uint64_t)st->modem.slot << 32 | st->modem.generation, (uint64_t)s->a.id);
	return 0;
}

/* A message begins its way over this SIM, with a reference of its own if it has several segments. The
 * thread of an answer was touched by its maker, together with that of the text it answers; unless it
 * leaves by another number. */
static int start(struct exchange *x, struct station *st, struct store_message *take_m,
		 const char *to, bool is_new, const struct chosen *why)
{
	struct store_message *m = take_m;
	int r;

	bool tried = m->sim != 0;	/* earlier: its attempts are numbered on */
	bool touched = m->origin && m->line == st->sim.line;

	m->state = MESSAGE_SENDING;
	m->sim = st->sim.id;
	m->line = st->sim.line;
	free(m->modem);
	m->modem = tw_strdup(st->name);
	if (m->segments > 1)
		m->ref = station_next_ref(x, st);
	r = is_new ? store_message_insert(x->store, m) : store_message_save(x->store, m);
	if (r == 0 && !touched)
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
	return launch(x, st, s, why);
}

/* ---- what turns out when a message is taken from its queue --------------------------------- */

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
static struct route *better_route(struct exchange *x, const struct station *st, const struct route *r,
				  struct store_message *m, const char *to)
{
	char destination[DESTINATION_MAX];
	int64_t line = 0;

	destination_of(x->settings, to, destination);
	if (!r->row.line && !r->row.avoid && !m->sim && !(m->flags & STORE_MOVED))
		line = choose_sticky(x, m->contact, m->account, m->pool);
	if (line && line != st->sim.line) {
		m->line = line;
		return route_find(x, m->account, line, NULL, 0, destination);
	}
	if (strcmp(destination, r->row.destination) == 0)
		return NULL;
	return route_find(x, r->row.account, r->row.line, r->row.pool, r->row.avoid, destination);
}

/* A contact that this SIM may not text this month any more. Queues are chosen from without looking at
 * contacts, so that this SIM would be asked again and again: the message is bound to the one that may. */
static int not_this_recipient(struct exchange *x, struct station *st, struct route *r,
			      struct store_message *m, const char *number, struct pick_verdict v)
{
	struct station *other = r->row.line ? NULL :
		choose_for_recipient(x, r, m->lane, m->segments, number, st->sim.id);

	if (!other)
		return park(x, m, v.until);
	m->line = other->sim.line;
	return move(x, m, route_find(x, m->account, m->line, NULL, 0, r->row.destination));
}

/* The first message from another number says so, where there is a text for it (sticky.moved_text). */
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
	struct chosen why = { .looked_at = looked_at };
	struct store_thread known;
	struct store_contact c;
	struct route *other;
	int r = store_contact_get(x->store, m->contact, &c);

	if (r < 0)
		return r;
	route_sub(x, p->route, m);
	if (m->valid_until.ms && m->valid_until.ms <= x->now.wall.ms)
		return outbox_finish(x, m, MESSAGE_EXPIRED, 30036, NULL);
	other = better_route(x, st, p->route, m, c.number);
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
	return start(x, st, m, c.number, false, &why);
}

static int take(struct exchange *x, struct station *st, const struct pick *p, bool *ret_taken)
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

/* ---- handing out --------------------------------------------------------------------------- */

static struct sending *ready_on(struct exchange *x, const struct station *st)
{
	struct sending *s, *best = NULL;

	for (size_t cursor = 0; x->n_ready && (s = sending_each(x, &cursor)) != NULL; )
		if (s->step == STEP_READY && s->m.sim == st->sim.id &&
		    s->until.ms <= x->now.wall.ms && (!best || s->m.id < best->m.id))
			best = s;
	return best;
}

/* The next segment of a message that is under way on this SIM. */
static int go_on(struct exchange *x, struct station *st, struct sending *s)
{
	static const struct chosen same = { .rule = RULE_SAME };
	struct route *r = route_get(x, s->m.route);

	if (st->is_limited && r) {
		struct pick_order o = { .is_reply = s->m.lane == LANE_REPLY, .segments = 1 };
		struct pick_sim sim = choose_sim(x, st, r);
		struct pick_verdict v;

		sim.in_pool = true;
		sim.account = 0;
		v = pick_judge(&o, &sim, x->now.wall);
		if (!v.may)
			return wait_for_quota(x, s, v.until);
	}
	return launch(x, st, s, &same);
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
		return go_on(x, st, s);
	while (r == 0 && !taken && x->n_queued && x->moves < X_SLICE) {
		if (choose_next(x, st, &pick)) {
			r = take(x, st, &pick, &taken);
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
