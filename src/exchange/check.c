/* Laws that must hold between two turns; for tests and scenarios. */
#include <stdio.h>

#include "internal.h"

__attribute__((format(printf, 2, 3)))
static const char *broken(struct exchange *x, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(x->broken, sizeof(x->broken), format, ap);
	va_end(ap);
	return x->broken;
}

static const char *check_queues(struct exchange *x)
{
	struct store_queue_count q = { 0 };
	int64_t total = 0, scheduled;

	while (store_queue_next(x->store, &q) == 0) {
		struct route *r = tw_map_get(&x->routes, &q.route, sizeof(q.route));

		total += q.n;
		if (!r || r->n[q.lane] != q.n || r->segments[q.lane] != q.segments)
			return broken(x, "queue %lld/%d holds %lld, memory says %lld",
				      (long long)q.route, q.lane, (long long)q.n,
				      (long long)(r ? r->n[q.lane] : -1));
		if (!r->active_at || x->active.v[r->active_at - 1] != r)
			return broken(x, "queue %lld is not among the active", (long long)q.route);
	}
	if (total != x->n_queued)
		return broken(x, "%lld queued, memory says %lld", (long long)total,
			      (long long)x->n_queued);
	if (store_scheduled_count(x->store, &scheduled) < 0 || scheduled != x->n_scheduled)
		return broken(x, "%lld scheduled, memory says %lld", (long long)scheduled,
			      (long long)x->n_scheduled);
	return NULL;
}

/* One attempt at most is without a result, and it is the last; a doubt is flagged on both rows. */
static const char *check_attempts(struct exchange *x, const struct sending *s)
{
	struct store_attempt a, last = { 0 };
	int flying = 0;

	for (int64_t after = 0; store_attempt_next(x->store, s->m.id, after, &a) == 0;
	     after = a.id) {
		flying += a.outcome == STORE_FLYING;
		last = a;
		if (a.outcome == STORE_DOUBT && (!a.in_doubt || !(s->m.flags & STORE_IN_DOUBT)))
			return broken(x, "attempt %lld is in doubt and not flagged",
				      (long long)a.id);
	}
	if (flying > 1 || (flying && last.outcome != STORE_FLYING))
		return broken(x, "message %lld has %d attempts without result", (long long)s->m.id,
			      flying);
	if (s->step == STEP_FLYING && last.outcome != STORE_FLYING)
		return broken(x, "message %lld flies without an attempt", (long long)s->m.id);
	if (s->step == STEP_READY && flying)
		return broken(x, "message %lld is ready and flies", (long long)s->m.id);
	return NULL;
}

static const char *check_sendings(struct exchange *x)
{
	const char *law;
	struct store_placed cursor = { 0 };
	int64_t n = 0;

	while (store_sending_next(x->store, &cursor) == 0) {
		struct sending *s = sending_get(x, cursor.id);

		n++;
		if (!s)
			return broken(x, "message %lld is sending, memory knows nothing of it",
				      (long long)cursor.id);
		law = check_attempts(x, s);
		if (law)
			return law;
	}
	if ((int64_t)x->sendings.n != n)
		return broken(x, "%lld are sending, memory says %zu", (long long)n, x->sendings.n);
	return NULL;
}

static const char *check_stations(struct exchange *x)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];
		struct sending *s;

		if (!st || !st->flying)
			continue;
		s = sending_get(x, store_attempt_message(st->flying));
		if (!s || s->a.id != st->flying || s->step != STEP_FLYING)
			return broken(x, "modem %s sends what is not under way", st->name);
		for (uint32_t k = 0; k < i; k++)
			if (x->stations[k] && x->stations[k]->flying == st->flying)
				return broken(x, "%s and %s send the same attempt", st->name,
					      x->stations[k]->name);
	}
	return NULL;
}

enum { CHECK_ATTEMPTS = 1000 };

/* Segments that a SIM sent since then and that were not refused, among the newest attempts. */
static int64_t charged_since(struct exchange *x, int64_t sim, struct wall_ms since)
{
	struct store_attempt a = { 0 };
	int64_t n = 0;

	for (int i = 0; i < CHECK_ATTEMPTS && store_attempt_before(x->store, a.id, &a) == 0; i++)
		n += a.sim == sim && a.started_at.ms >= since.ms && a.outcome != STORE_NOT_SENT &&
		     a.outcome != STORE_NEVER;
	return n;
}

static const char *check_windows(struct exchange *x, struct station *st)
{
	static const char *const called[QUOTA_WINDOWS] = { "minute", "hour", "day", "month" };

	for (int w = 0; w < QUOTA_WINDOWS; w++) {
		enum quota_window window = (enum quota_window)w;
		struct wall_ms from = quota_window_start(&st->plan, window, x->now.wall);
		int64_t n, counted;

		if (!st->plan.limit[w])
			continue;
		/* A minute that slides is open at its beginning, a day of the calendar is
		 * closed. */
		if (window == QUOTA_MINUTE || window == QUOTA_HOUR)
			from.ms++;
		n = charged_since(x, st->sim.id, from);
		counted = quota_count(&st->used, window, x->now.wall);
		if (n > st->plan.limit[w] || n > counted)
			return broken(x, "%s sent %lld segments this %s, %lld are allowed, %lld "
					 "counted",
				      st->name, (long long)n, called[w],
				      (long long)st->plan.limit[w], (long long)counted);
	}
	return NULL;
}

/* No SIM passes a quota, by its attempts as they are on disk; nor its money, nor its recipients. */
static const char *check_quotas(struct exchange *x)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];
		const char *law;
		int64_t n;

		if (!st || !st->sim.id || !st->is_limited)
			continue;
		law = check_windows(x, st);
		if (law)
			return law;
		if (st->plan.spend && st->used.spent > st->plan.spend)
			return broken(x, "%s has spent more than it may", st->name);
		if (!st->plan.recipients)
			continue;
		if (store_recipients(x->store, st->sim.id, st->used.month_at, &n) < 0 ||
		    n > st->plan.recipients || n != st->used.recipients)
			return broken(x,
				      "%s has texted %lld contacts, its quota counts %lld of %lld",
				      st->name, (long long)n, (long long)st->used.recipients,
				      (long long)st->plan.recipients);
	}
	return NULL;
}

static const char *check_messages(struct exchange *x)
{
	struct store_query q = { .state = -1, .direction = -1 };
	struct store_message m;

	for (int i = 0; i < 200 && store_message_before(x->store, &q, &m) == 0; i++) {
		const char *law = NULL;
		bool final = message_state_is_final((enum message_state)m.state);

		q.before = m.id;
		if (m.direction == INBOUND && m.state != MESSAGE_RECEIVED)
			law = "an inbound message in an outbound state";
		else if (m.direction == OUTBOUND && final != (m.finished_at.ms != 0))
			law = "a time of ending without an end, or the other way round";
		else if ((m.state == MESSAGE_SENT || m.state == MESSAGE_DELIVERED) && !m.sent_at.ms)
			law = "sent without a time";
		else if (m.state == MESSAGE_SENDING && !m.sim)
			law = "sending without a SIM";
		store_message_done(&m);
		if (law)
			return broken(x, "message %lld: %s", (long long)q.before, law);
	}
	return NULL;
}

/* Nothing waits that nobody would come back to. */
static const char *check_held(struct exchange *x)
{
	int64_t n;

	if (store_held_count(x->store, 0, &n) < 0 || n != x->n_held)
		return broken(x, "%lld texts wait, memory says %lld", (long long)n,
			      (long long)x->n_held);
	return NULL;
}

const char *exchange_check(struct exchange *x)
{
	static const char *(*const laws[])(struct exchange *x) = {
		check_queues, check_sendings, check_stations, check_quotas,
		check_messages, check_held, jobs_check,
	};
	const char *law = NULL;

	if (x->is_stale)
		return NULL;	/* memory is to be read again first */
	for (size_t i = 0; i < TW_COUNT(laws) && !law; i++)
		law = laws[i](x);
	return law;
}
