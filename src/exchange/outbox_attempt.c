/* An attempt: its row is committed before the first octet of the segment leaves. */
#include "outbox.h"

static int encode(struct exchange *x, struct station *st, struct sending *s)
{
	struct sms_form form = { .encoding = (uint8_t)s->m.encoding, .locking = s->m.locking,
				 .single = s->m.single, .ref_bits = s->m.ref_bits,
				 .is_smart = (s->m.flags & STORE_SMART) != 0,
				 .segments = (uint8_t)s->m.segments };
	struct sms_options options = outbox_options(x);
	uint8_t octets[SMS_PDU_MAX];
	size_t n, tpdu_n;
	struct sms_ud ud;
	struct sms_fault fault;
	int64_t usual = x->settings->valid_for / 60000;
	int64_t left = s->m.valid_until.ms ? (s->m.valid_until.ms - x->now.wall.ms) / 60000 : usual;

	/* A campaign waits here for weeks; the network need not. */
	if (s->m.lane == LANE_CAMPAIGN && left > usual)
		left = usual;

	int r = sms_split_one(s->m.body, s->m.body_n, &form, &options, s->m.ref,
			      (uint8_t)s->segment, &ud);
	if (r < 0)
		return r;
	struct sms_submit submit = { .to = s->to, .smsc = "", .ud = &ud,
				     .report = x->settings->report,
				     .validity_minutes = (uint32_t)(left < 5 ? 5 :
								    left > 635040
									    ? 635040 : left) };

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

static int give_to_modem(struct exchange *x, const struct station *st)
{
	struct modem_send send = { .id = (uint64_t)st->flying, .hex = st->hex,
				   .length = st->length, .more = st->more };

	return bank_send(x->bank, st->modem, &send, x->now);
}

void outbox_ask_prompts(struct exchange *x)
{
	bool any = false;

	for (uint32_t i = 0; x->has_launched && i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->launched_in || !bank_prompts(x->bank, st->modem))
			continue;
		/* What it cannot take now it is asked again behind the commit. */
		st->is_asked = give_to_modem(x, st) == 0;
		any |= st->is_asked;
	}
	x->has_launched = false;
	if (any)
		bank_flush(x->bank, x->now);
}

/* The turn is void: no attempt, and no PDU. */
static void take_back(struct exchange *x, struct station *st)
{
	if (st->is_asked) {
		st->taken_back = st->flying;
		bank_cancel_send(x->bank, st->modem, (uint64_t)st->flying, x->now);
	} else {
		bank_unreserve(x->bank, st->modem);
	}
	st->flying = 0;
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
		take_back(x, st);
	} else if (!st->is_asked && give_to_modem(x, st) < 0) {
		bank_unreserve(x->bank, h);
		on_refused(x, st, (int64_t)attempt);
	}
	st->is_asked = false;
}

/* The SIM's quota has no room for the next segment: it waits, on this SIM. */
static int wait_for_quota(struct exchange *x, struct sending *s, struct wall_ms until)
{
	s->m.due_at = until.ms ? until : wall_after(x->now.wall, X_PARTIAL_MS);
	sending_set(x, s, STEP_READY, s->m.due_at);
	return store_message_save(x->store, &s->m);
}

/* Write the attempt of s->segment and let it go after the commit. */
static int launch(struct exchange *x, struct station *st, struct sending *s,
		  const struct outbox_why *why)
{
	int64_t number = (s->a.id ? s->a.id & 0xffff : 0) + 1;

	if (number > 0xffff)
		return TW_E_RANGE;
	s->a = (struct store_attempt){ .id = s->m.id << 16 | number, .sim = st->sim.id,
				       .run = s->m.run, .segment = s->segment, .mr = -1,
				       .report = -1, .started_at = x->now.wall,
				       .rule = (int)why->rule, .looked_at = why->looked_at };
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
	x->has_launched = true;
	health_launched(x, st, s);
	bank_reserve(x->bank, st->modem);
	store_on_commit(x->store, on_committed, x,
			(uint64_t)st->modem.slot << 32 | st->modem.generation, (uint64_t)s->a.id);
	return 0;
}

/* A message begins its way over this SIM, with a reference of its own if it has several segments.
 * The thread of an answer was touched by its maker, together with that of the text it answers;
 * unless it leaves by another number. */
int outbox_start(struct exchange *x, struct station *st, struct store_message *take_m,
		 const char *to, bool is_new, const struct outbox_why *why)
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

/* The next segment of a message that is under way on this SIM. */
int outbox_go_on(struct exchange *x, struct station *st, struct sending *s)
{
	static const struct outbox_why same = { .rule = RULE_SAME };
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
