/* What became of a send: sent, refused (and what the refusal obliges us to do), or in doubt. */
#include <stdio.h>

#include "internal.h"

static struct wall_ms backoff(const struct exchange *x, int tries)
{
	int64_t ms = x->settings->retry.first;

	for (int i = 1; i < tries && ms < x->settings->retry.last; i++)
		ms *= 2;
	if (ms > x->settings->retry.last)
		ms = x->settings->retry.last;
	return wall_after(x->now.wall, ms);
}

static bool is_half_sent(const struct sending *s)
{
	return s->segment > 1;
}

/* "CMS 38; segments 1 to 2 of 3 were sent": a person must be able to see what went out. */
static int fail(struct exchange *x, struct sending *s, int code, const char *cause)
{
	char text[96];

	if (is_half_sent(s))
		snprintf(text, sizeof(text), "%s; segments 1 to %d of %d were sent", cause,
			 s->segment - 1, s->m.segments);
	else
		tw_strset(text, sizeof(text), cause);
	int r = outbox_finish(x, &s->m, MESSAGE_FAILED, code, text);

	sending_del(x, s);
	return r;
}

/* Back into its queue; whatever SIM may, takes it. */
static int requeue(struct exchange *x, struct sending *s, struct wall_ms due)
{
	s->m.due_at = due;
	s->m.since.ms = 0;
	int r = outbox_enqueue(x, &s->m);

	sending_del(x, s);
	return r;
}

/* The whole message anew, with a new reference: segments that were accepted go twice, and that is
 * flagged; unless it is not to be done (resend_partial). */
static int restart_whole(struct exchange *x, struct sending *s, struct wall_ms due)
{
	if (is_half_sent(s)) {
		if (!x->settings->resend_partial)
			return fail(x, s, code_of_cause(s->a.cause), s->a.cause);
		s->m.flags |= STORE_REPEATED;
		s->m.run++;
	}
	return requeue(x, s, due);
}

static int spent(struct exchange *x, struct sending *s)
{
	return fail(x, s, code_of_cause(s->a.cause), s->a.cause);
}

static int elsewhere(struct exchange *x, struct sending *s, bool counts)
{
	struct route *r = route_get(x, s->m.route);

	if (counts && ++s->m.tries >= x->settings->retry.tries)
		return spent(x, s);
	if (!r)
		return TW_E_DB;
	if (!outbox_other_sim(x, r, s->m.sim))
		return restart_whole(x, s, backoff(x, s->m.tries ? s->m.tries : 1));
	struct store_route like = r->row;

	like.avoid = s->m.sim;
	r = route_find(x, &like, r->row.destination);
	if (!r)
		return TW_E_DB;
	s->m.route = r->row.id;
	return restart_whole(x, s, x->now.wall);
}

/* A segment of a half-sent message waits for the same SIM, up to ten minutes from the first failure
 * (design 4). */
static int hold(struct exchange *x, struct sending *s)
{
	if (!s->m.since.ms)
		s->m.since = x->now.wall;
	int64_t passed = x->now.wall.ms - s->m.since.ms;

	if (passed >= X_PARTIAL_MS)
		return elsewhere(x, s, true);
	int64_t wait = passed < X_PARTIAL_FIRST_MS ? X_PARTIAL_FIRST_MS :
		       passed > X_PARTIAL_LAST_MS ? X_PARTIAL_LAST_MS : passed;

	s->m.due_at = wall_after(x->now.wall, wait);
	int r = store_message_save(x->store, &s->m);

	sending_set(x, s, STEP_READY, s->m.due_at);
	return r;
}

static int again(struct exchange *x, struct sending *s)
{
	if (is_half_sent(s))
		return hold(x, s);
	if (++s->m.tries >= x->settings->retry.tries)
		return spent(x, s);
	return requeue(x, s, backoff(x, s->m.tries));
}

/* Not the message's fault: it costs it no try, and the SIM rests for a growing while. */
static int not_its_fault(struct exchange *x, struct station *st, struct sending *s)
{
	int64_t rest = X_REST_FIRST_MS;

	for (int i = 0; i < st->failures && rest < X_REST_LAST_MS; i++)
		rest *= 2;
	st->failures++;
	tw_strset(st->rest_cause, sizeof(st->rest_cause), s->a.cause);
	station_rest(x, st, rest < X_REST_LAST_MS ? rest : X_REST_LAST_MS);
	return is_half_sent(s) ? hold(x, s) : requeue(x, s, x->now.wall);
}

static int needs_person(struct exchange *x, struct station *st, struct sending *s)
{
	char text[160];

	snprintf(text, sizeof(text), "the SIM in %s was refused (%s): it rests for %d minutes",
		 st->name, s->a.cause, X_REST_PERSON_MS / 60000);
	st->failures++;
	snprintf(st->rest_cause, sizeof(st->rest_cause), "SIM refused, %.18s", s->a.cause);
	station_rest(x, st, X_REST_PERSON_MS);
	int r = store_event_add(x->store, "sim.refused", st->sim.iccid, text, s->m.id, x->now.wall);

	if (r == 0)
		r = alert_raise(x, ALERT_REFUSED, st->sim.iccid, text);
	if (r == 0)
		r = elsewhere(x, s, false);
	watch_now(x, "modem.trouble", st->name);
	return r;
}

/* An earlier attempt, in doubt then, may have arrived while this one was under way. */
static int arrived_before(struct exchange *x, struct sending *s, bool *ret)
{
	int r;

	*ret = false;
	if (!(s->m.flags & STORE_IN_DOUBT))
		return 0;
	r = report_is_delivered(x, &s->m, ret);
	if (r < 0 || !*ret)
		return r;
	s->m.sent_at = x->now.wall;
	r = outbox_finish(x, &s->m, MESSAGE_DELIVERED, 0, NULL);
	sending_del(x, s);
	return r;
}

static int segment_accepted(struct exchange *x, struct station *st, struct sending *s)
{
	bool arrived = false;

	if (st)
		st->failures = 0;
	if (st && x->n_alerts) {
		int cleared = alert_clear(x, ALERT_REFUSED, st->sim.iccid);

		if (cleared < 0)
			return cleared;
	}
	s->m.since.ms = 0;
	if (s->segment < s->m.segments) {
		s->segment++;
		s->m.due_at = x->now.wall;
		sending_set(x, s, STEP_READY, x->now.wall);
		return 0;
	}
	s->m.state = MESSAGE_SENT;
	s->m.sent_at = x->now.wall;
	s->m.error_code = 0;
	int r = store_message_save(x->store, &s->m);

	if (r == 0)
		r = figure_sent(x, &s->m);
	if (r == 0)
		watch_message(x, s->m.id, MESSAGE_SENT);
	if (r == 0)
		r = arrived_before(x, s, &arrived);
	if (!arrived)
		sending_del(x, s);
	return r;
}

static int on_sent(struct exchange *x, struct station *st, struct sending *s, int ref)
{
	struct store_attempt a;
	char to[TW_ADDRESS_MAX];

	s->a.outcome = STORE_SENT;
	s->a.mr = ref;
	s->a.wants_report = x->settings->report;
	a = s->a;
	strcpy(to, s->to);
	station_count(st, 1, 0, 0);
	station_measure(x, st);
	int r = store_attempt_save(x->store, &s->a);

	if (r == 0)
		r = health_sent(x, st, &a);
	if (r == 0)
		r = segment_accepted(x, st, s);
	return r < 0 ? r : report_rematch(x, &a, to);
}

/* What the modem said is told by `why` as long as the attempt is kept: its own lines go on. */
static int keep_trace(struct exchange *x, const struct sending *s)
{
	tw_auto(tw_free_charp) char *lines = station_trace(x, s->a.sim, s->a.id);

	return lines ? store_attempt_trace(x->store, s->a.id, lines) : 0;
}

static int on_doubt(struct exchange *x, struct station *st, struct sending *s)
{
	struct store_attempt a;
	char to[TW_ADDRESS_MAX];

	s->a.outcome = STORE_DOUBT;
	s->a.in_doubt = s->a.wants_report = true;
	s->m.flags |= STORE_IN_DOUBT;
	a = s->a;
	strcpy(to, s->to);
	int r = store_attempt_save(x->store, &s->a);

	if (r == 0)
		r = health_not_sent(x, st, &a);
	if (r == 0)
		r = keep_trace(x, s);
	if (r == 0)
		r = store_message_save(x->store, &s->m);
	sending_set(x, s, STEP_DOUBT, wall_after(x->now.wall, x->settings->in_doubt_wait));
	return r < 0 ? r : report_rematch(x, &a, to);
}

/* CMS 198, 199: the service centre takes no validity period (23.040 9.2.3.22). At once again on
 * this SIM, and no message of this SIM has one from here on; the message itself still expires
 * here. */
static int without_validity(struct exchange *x, struct station *st, struct sending *s)
{
	if (st->no_validity == st->sim.id)
		return fail(x, s, code_of_cause(s->a.cause), s->a.cause);
	st->no_validity = st->sim.id;
	s->m.due_at = x->now.wall;
	int r = store_message_save(x->store, &s->m);

	sending_set(x, s, STEP_READY, s->m.due_at);
	return r;
}

static int react(struct exchange *x, struct station *st, struct sending *s, enum reaction reaction)
{
	switch (reaction) {
	case REACT_FAIL:
		return fail(x, s, code_of_cause(s->a.cause), s->a.cause);
	case REACT_OTHER_SIM:
		balance_doubted(x, st);
		return elsewhere(x, s, true);
	case REACT_PERSON:
		balance_doubted(x, st);
		return needs_person(x, st, s);
	case REACT_NO_VALIDITY:
		return without_validity(x, st, s);
	case REACT_RESET:
	case REACT_WAIT:
	case REACT_DRAIN:
	case REACT_PIN:
		return not_its_fault(x, st, s);
	case REACT_NONE:
	case REACT_RETRY:
	case REACT_SENT:
	case REACT_DOUBT:
	case REACTION_COUNT:
		break;
	}
	return again(x, s);
}

static int on_not_sent(struct exchange *x, struct station *st, struct sending *s,
		       enum reaction reaction)
{
	s->a.outcome = STORE_NOT_SENT;
	if (!s->is_canceled)
		station_count(st, 0, 0, 1);
	int r = store_attempt_save(x->store, &s->a);
	bool arrived;

	if (r == 0 && !s->is_canceled)
		r = health_not_sent(x, st, &s->a);
	if (r == 0)
		r = spend_refund(x, s);
	if (r == 0 && !s->is_canceled)
		r = keep_trace(x, s);
	if (r == 0)
		r = arrived_before(x, s, &arrived);
	if (r < 0 || arrived)
		return r;
	if (s->is_canceled && !is_half_sent(s)) {
		r = outbox_finish(x, &s->m, MESSAGE_CANCELED, s->m.error_code, s->a.cause);
		sending_del(x, s);
		return r;
	}
	if (s->m.valid_until.ms && s->m.valid_until.ms <= x->now.wall.ms && !is_half_sent(s)) {
		r = outbox_finish(x, &s->m, MESSAGE_EXPIRED, 30036, s->a.cause);
		sending_del(x, s);
		return r;
	}
	return react(x, st, s, reaction);
}

int result_sent(struct exchange *x, struct station *st, const struct modem_sent *sent)
{
	struct sending *s = sending_get(x, store_attempt_message((int64_t)sent->id));

	if (st->flying == (int64_t)sent->id) {
		st->flying = 0;
		st->free_since = x->now.mono;
	}
	if (!s || s->a.id != (int64_t)sent->id || s->step != STEP_FLYING)
		return 0;	/* told twice, or of another life */
	s->a.ended_at = x->now.wall;
	s->a.reaction = sent->reaction;
	tw_strset(s->a.cause, sizeof(s->a.cause), sent->cause);
	if (sent->outcome == MODEM_OUT_SENT || sent->reaction == REACT_SENT)
		return on_sent(x, st, s, sent->outcome == MODEM_OUT_SENT ? sent->ref : -1);
	if (sent->outcome == MODEM_OUT_DOUBT || sent->reaction == REACT_DOUBT)
		return on_doubt(x, st, s);
	return on_not_sent(x, st, s, sent->reaction);
}

int result_settled(struct exchange *x, struct sending *s)
{
	return segment_accepted(x, station_by_sim(x, s->m.sim), s);
}

/* ---- what waits for a time ----------------------------------------------------------------- */

/* No report came: by the owner's choice it goes again, or ends. */
static int doubt_over(struct exchange *x, struct sending *s)
{
	if (x->settings->in_doubt == DOUBT_FAIL)
		return fail(x, s, 30008, "in doubt: no final result and no report");
	if (s->is_canceled && !is_half_sent(s)) {
		int r = outbox_finish(x, &s->m, MESSAGE_CANCELED, 0, "in doubt, then canceled");

		sending_del(x, s);
		return r;
	}
	if (++s->m.tries >= x->settings->retry.tries)
		return fail(x, s, 30008, "in doubt at every try");
	if (!is_half_sent(s))
		return requeue(x, s, x->now.wall);
	s->m.due_at = x->now.wall;
	int r = store_message_save(x->store, &s->m);

	sending_set(x, s, STEP_READY, x->now.wall);
	return r;
}

/* A half-sent message whose SIM stays away: since its last segment ended. */
static struct wall_ms move_at(const struct sending *s)
{
	struct wall_ms since = s->m.since.ms ? s->m.since : s->a.ended_at;

	return wall_after(since, X_PARTIAL_MS);
}

static int one_due(struct exchange *x, struct sending *s)
{
	if (s->step == STEP_DOUBT)
		return doubt_over(x, s);
	tw_strset(s->a.cause, sizeof(s->a.cause), s->a.cause[0] ? s->a.cause : "SIM gone");
	return elsewhere(x, s, true);
}

static struct wall_ms due_of(const struct exchange *x, const struct sending *s)
{
	switch (s->step) {
	case STEP_DOUBT:
		return s->until;
	case STEP_READY:
		return s->until.ms > x->now.wall.ms ? s->until : move_at(s);
	case STEP_FLYING:
		break;
	}
	return X_NEVER;
}

int result_doubts_run(struct exchange *x)
{
	struct sending *s, *due[X_SLICE];
	size_t n = 0;
	int r = 0;

	if (x->sending_at.ms > x->now.wall.ms)
		return 0;
	x->sending_at = X_NEVER;
	for (size_t cursor = 0; (s = sending_each(x, &cursor)) != NULL; ) {
		struct wall_ms at = due_of(x, s);

		if (at.ms <= x->now.wall.ms && n < X_SLICE)
			due[n++] = s;
		else if (at.ms < x->sending_at.ms)
			x->sending_at = at;
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		event_begin(x);
		r = event_end(x, one_due(x, due[i]), "in doubt");
	}
	return r;
}
