/* Which message an idle SIM takes (design 4, who sends next). What decides is pure (bank/choose.c);
 * here are the queues, each asked at its head only, and the facts about SIMs, each looked up once a
 * turn. */
#include <stdio.h>

#include "internal.h"

void choose_wake(struct exchange *x, struct wall_ms at)
{
	if (at.ms > x->now.wall.ms && at.ms < x->queue_at.ms)
		x->queue_at = at;
}

static int64_t cost_on(const struct station *st, const struct route *r)
{
	return cost_of(st->entry, r->to.prefix);
}

static bool is_paced(const struct exchange *x, const struct station *st)
{
	return st->pace && !mono_due(mono_after(st->paced_at, X_PACE_FRESH_MS), x->now.mono);
}

/* What was not measured lately is taken for fast, so that it gets a message and is measured. */
static int64_t pace_of(const struct exchange *x, const struct station *st)
{
	return is_paced(x, st) ? st->pace : x->fastest;
}

/* Where all SIMs are of one country, cost the same and are sound, none is the better one. */
void choose_begin(struct exchange *x)
{
	const struct station *first = NULL;

	x->look++;
	x->has_ranks = false;
	x->fastest = 0;
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->sim.id)
			continue;
		spend_roll(x, st);
		health_refresh(x, st);
		if (is_paced(x, st) && (!x->fastest || st->pace < x->fastest))
			x->fastest = st->pace;
		x->has_ranks |= st->health < PICK_SOUND || (st->entry && st->entry->n_cost) ||
				(first && strcmp(first->country, st->country) != 0);
		first = st;
	}
	if (!x->fastest)
		x->fastest = PICK_PACE_MS;
}

/* ---- facts --------------------------------------------------------------------------------- */

static struct wall_ms quiet_of(struct exchange *x, struct route *r, int lane)
{
	if (r->calmed[lane] != x->look) {
		r->calmed[lane] = x->look;
		r->quiet[lane] = quiet_until(x->settings, lane_name((enum lane)lane), r->to.zones,
					     x->now.wall);
	}
	return r->quiet[lane];
}

struct pick_order choose_order(struct exchange *x, struct route *r, int lane, int segments,
			       struct wall_ms due)
{
	struct pick_order o = {
		.account = r->row.account, .line = r->row.line, .avoid = r->row.avoid,
		.has_numbers = tw_map_get(&x->dedicated, &r->row.account, sizeof(r->row.account)),
		.is_reply = lane == LANE_REPLY, .segments = segments, .due = due,
		.quiet = quiet_of(x, r, lane) };

	strcpy(o.country, r->to.country);
	if (r->row.campaign)
		campaign_hold(x, r->row.campaign, &o);
	return o;
}

struct pick_sim choose_sim(struct exchange *x, struct station *st, const struct route *r)
{
	enum modem_state state = station_state(x, st);
	struct pick_sim s = {
		.sim = st->sim.id, .line = st->sim.line, .account = st->account,
		.in_pool = station_in_pool(x, st, r), .is_present = state == MODEM_READY,
		.is_paused = state == MODEM_PAUSED, .is_busy = st->flying != 0,
		.health = st->health, .each = cost_on(st, r) };

	if (!mono_due(st->rest_until, x->now.mono))
		s.rests_until = wall_after(x->now.wall, st->rest_until.ms - x->now.mono.ms);
	strcpy(s.country, st->country);
	s.has_balance = balance_is_known(st);
	s.balance = s.has_balance ? balance_left(st) : 0;
	if (st->is_limited) {
		s.plan = &st->plan;
		s.used = &st->used;
	}
	return s;
}

struct pick_verdict choose_verdict(struct exchange *x, struct station *st,
				   struct route *r, int lane, int segments, const char *number)
{
	struct pick_order o = choose_order(x, r, lane, segments, (struct wall_ms){ 0 });
	struct pick_sim s = choose_sim(x, st, r);

	s.is_new_recipient = number && st->plan.recipients &&
			     store_recipient(x->store, st->sim.id, st->used.month_at, number) != 0;
	return pick_judge(&o, &s, x->now.wall);
}

bool choose_another(struct exchange *x, struct route *r, int lane, int segments, int64_t but_sim)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->sim.id || st->sim.id == but_sim)
			continue;
		struct pick_verdict v = choose_verdict(x, st, r, lane, segments, NULL);

		if (v.may || v.reason == PICK_BUSY)
			return true;
	}
	return false;
}

struct station *choose_for_recipient(struct exchange *x, struct route *r, int lane, int segments,
				     const char *number, int64_t but_sim)
{
	struct pick_order o = choose_order(x, r, lane, segments, (struct wall_ms){ 0 });
	struct station *best = NULL;
	int64_t least = 0;

	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->sim.id || st->sim.id == but_sim)
			continue;
		struct pick_verdict v = choose_verdict(x, st, r, lane, segments, number);
		struct pick_sim s = choose_sim(x, st, r);
		int64_t rank = pick_rank(&o, &s);

		if (!pick_is_near(v, x->now.wall, x->settings->sticky.wait) ||
		    (best && rank >= least))
			continue;
		best = st;
		least = rank;
	}
	return best;
}

bool choose_fits(struct exchange *x, struct route *r, int lane, int segments)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (st && station_may(x, st, r) &&
		    choose_verdict(x, st, r, lane, segments, NULL).reason != PICK_TOO_LONG)
			return true;
	}
	return false;
}

/* ---- which SIM rather ---------------------------------------------------------------------- */

/* A better SIM is waited for while it is busy, rests or has used up a quota for no longer than a
 * contact waits for the number it knows; else the next best is good enough. */
static int64_t best_rank(struct exchange *x, struct route *r, int lane)
{
	int64_t best = INT64_MAX;

	if (r->ranked[lane] == x->look)
		return r->best[lane];
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->sim.id)
			continue;
		struct pick_order o = choose_order(x, r, lane, r->head[lane].segments,
						   (struct wall_ms){ 0 });
		struct pick_sim s = choose_sim(x, st, r);
		struct pick_verdict v = pick_judge(&o, &s, x->now.wall);

		if (!pick_is_near(v, x->now.wall, x->settings->sticky.wait))
			continue;
		choose_wake(x, v.until);
		if (pick_rank(&o, &s) < best)
			best = pick_rank(&o, &s);
	}
	r->ranked[lane] = x->look;
	r->best[lane] = best;
	return best;
}

/* How long until a SIM is free: the rest of the message on it, and what waits for its number. A
 * send that takes twice as long as it should is no longer counted on, nor a modem that does
 * something else. */
static bool free_in(struct exchange *x, const struct station *st, int64_t *ret)
{
	const struct queue_list *own = queue_list_of(x, st->sim.line);
	int64_t pace = pace_of(x, st), wait = 0;

	if (st->flying) {
		const struct sending *s = sending_get(x, store_attempt_message(st->flying));
		int64_t passed = x->now.mono.ms - st->launched_at.ms;
		int64_t behind = s ? s->m.segments - s->segment : 0;

		if (passed > 2 * pace + X_PACE_SLACK_MS)
			return false;
		wait = (passed < pace ? pace - passed : pace / 2) + behind * pace;
	} else if (!bank_can_send(x->bank, st->modem)) {
		return false;
	}
	*ret = wait + (own ? own->segments * pace : 0);
	return true;
}

/* Everything that this SIM might take of what is bound to no number. */
static int64_t waiting_for(struct exchange *x, const struct station *st)
{
	int64_t n = 0;

	for (size_t i = 0; i < x->general.n; i++) {
		const struct route *r = x->general.v[i];

		if (!station_may(x, st, r))
			continue;
		for (int lane = 0; lane < LANE_COUNT; lane++)
			n += r->segments[lane];
	}
	return n;
}

static bool others_sooner(struct exchange *x, struct station *st, struct route *r, int lane,
			  const struct pick_order *o, int64_t rank)
{
	int64_t waiting = waiting_for(x, st), mine = pace_of(x, st) * o->segments;
	struct pick_rival *v;
	size_t n = 0;

	if (waiting > (mine / x->fastest + 1) * (int64_t)x->n_stations)
		return false;	/* more than they could send meanwhile, whoever they are */
	v = tw_alloc(x->n_stations * sizeof(*v));
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *other = x->stations[i];

		if (!other || other == st || !other->sim.id)
			continue;
		struct pick_sim s = choose_sim(x, other, r);
		struct pick_verdict verdict = pick_judge(o, &s, x->now.wall);

		if ((!verdict.may && verdict.reason != PICK_BUSY) || pick_rank(o, &s) != rank ||
		    !free_in(x, other, &v[n].free_in))
			continue;
		v[n].pace = pace_of(x, other);
		v[n++].room = s.plan ? quota_room(s.plan, s.used, lane == LANE_REPLY, s.each,
						  wall_after(x->now.wall, mine)) : INT64_MAX;
	}
	bool sooner = pick_others_sooner(v, n, pace_of(x, st), o->segments, waiting);

	free(v);
	/* They may fail to be: it is looked at again before this one has waited in vain for
	 * long. */
	if (sooner)
		choose_wake(x, wall_after(x->now.wall, mine / 2 + 1));
	return sooner;
}

/* ---- what stands at the head of the queues ------------------------------------------------- */

static bool has_due_head(struct exchange *x, struct route *r, int lane)
{
	struct head *h = &r->head[lane];

	if (h->due.ms <= x->now.wall.ms && !h->id &&
	    store_queue_head(x->store, r->row.id, lane, &h->id, &h->due, &h->segments) < 0)
		return false;
	choose_wake(x, h->due);
	return h->due.ms <= x->now.wall.ms;
}

struct pick_verdict choose_now(struct exchange *x, struct station *st, struct route *r,
			       const struct store_message *m, const char *number)
{
	/* One that was put back only so that it blocks nobody is judged as if it stood there. */
	bool is_put_back = m->state == MESSAGE_QUEUED && !m->tries && !m->sim;
	struct pick_order o = choose_order(x, r, m->lane, m->segments,
					   is_put_back ? (struct wall_ms){ 0 } : m->due_at);
	struct pick_sim s = choose_sim(x, st, r);

	s.is_new_recipient = st->plan.recipients &&
			     store_recipient(x->store, st->sim.id, st->used.month_at, number) != 0;
	struct pick_verdict v = pick_judge(&o, &s, x->now.wall);
	int64_t rank = pick_rank(&o, &s);

	if (!v.may || m->state != MESSAGE_QUEUED)
		return v;
	if (!r->row.line && x->has_ranks && rank > best_rank(x, r, m->lane)) {
		v.reason = pick_behind(rank, best_rank(x, r, m->lane));
		if (v.reason == PICK_DEMOTED && !st->probe)
			v.until = st->care.health.probe_at;
	}
	else if (has_due_head(x, r, m->lane) && r->head[m->lane].id != m->id)
		v.reason = PICK_BEHIND;
	else if (!r->row.line && others_sooner(x, st, r, m->lane, &o, rank))
		v.reason = PICK_SOONER;
	return v;
}

static bool may_take(struct exchange *x, struct station *st, struct route *r, int lane)
{
	if (!r->n[lane] || !station_may(x, st, r) || !has_due_head(x, r, lane))
		return false;
	struct pick_order o = choose_order(x, r, lane, r->head[lane].segments,
					   (struct wall_ms){ 0 });
	struct pick_sim s = choose_sim(x, st, r);
	struct pick_verdict v = pick_judge(&o, &s, x->now.wall);

	if (v.reason == PICK_TOO_LONG)
		x->stuck = (struct pick){ r, lane, r->head[lane].id, r->head[lane].due };
	if (!v.may) {
		choose_wake(x, v.until);
		return false;
	}
	if (r->row.line)
		return true;
	int64_t rank = pick_rank(&o, &s);

	if (x->has_ranks && rank > best_rank(x, r, lane)) {
		if (s.health < PICK_SOUND && !st->probe)
			choose_wake(x, st->care.health.probe_at);
		return false;
	}
	return !others_sooner(x, st, r, lane, &o, rank);
}

static void look_into(struct exchange *x, struct station *st, const struct queue_list *l, int lane,
		      struct pick *ret)
{
	for (size_t i = 0; l && i < l->n; i++) {
		struct route *r = l->v[i];
		const struct head *h = &r->head[lane];

		if (!may_take(x, st, r, lane))
			continue;
		if (!ret->route || h->due.ms < ret->due.ms ||
		    (h->due.ms == ret->due.ms && h->id < ret->id))
			*ret = (struct pick){ r, lane, h->id, h->due };
	}
}

/* Replies, then the API, then campaigns; but a lane that waited behind X_STARVE others has its
 * turn. */
bool choose_next(struct exchange *x, struct station *st, struct pick *ret)
{
	struct pick first = { 0 }, later;

	x->stuck.route = NULL;
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		later = (struct pick){ 0 };
		look_into(x, st, &x->general, lane, &later);
		look_into(x, st, queue_list_of(x, st->sim.line), lane, &later);
		if (!later.route)
			continue;
		if (!first.route) {
			first = later;
			continue;
		}
		if (++st->streak <= X_STARVE)
			break;
		first = later;
		st->streak = 0;
		break;
	}
	*ret = first;
	return first.route != NULL;
}

/* ---- why this one -------------------------------------------------------------------------- */

enum pick_rule choose_rule(struct exchange *x, struct station *st, struct route *r, int lane,
			   int segments, char *out, size_t cap)
{
	enum pick_rule rule = RULE_ONLY;
	size_t n = 0;

	out[0] = 0;
	if (r->row.line)
		return !r->row.account ? RULE_FROM : lane == LANE_REPLY ? RULE_REPLY : RULE_STICKY;
	struct pick_order o = choose_order(x, r, lane, segments, (struct wall_ms){ 0 });
	struct pick_sim mine = choose_sim(x, st, r);

	for (uint32_t i = 0, looked = 0; i < x->n_stations && looked < X_LOOKED_MAX; i++) {
		struct station *other = x->stations[i];

		if (!other || other == st || !other->sim.id)
			continue;
		struct pick_sim s = choose_sim(x, other, r);
		struct pick_verdict v = pick_judge(&o, &s, x->now.wall);
		bool is_able = v.may || v.reason == PICK_BUSY;

		if (v.may && pick_rank(&o, &s) > pick_rank(&o, &mine))
			v.reason = pick_behind(pick_rank(&o, &s), pick_rank(&o, &mine)) ==
			PICK_DEMOTED ?
				   PICK_DEMOTED : PICK_WORSE;
		else if (v.may)
			v.reason = PICK_EQUAL;
		if (is_able && o.country[0] && strcmp(mine.country, o.country) == 0 &&
		    strcmp(s.country, o.country) != 0)
			rule = RULE_COUNTRY;
		else if (is_able && rule != RULE_COUNTRY && s.each > mine.each)
			rule = RULE_COST;
		else if (is_able && rule == RULE_ONLY)
			rule = RULE_FREE;
		int w = snprintf(out + n, cap - n, "%s%lld=%s", n ? " " : "",
				 (long long)other->sim.id, pick_reason_name(v.reason));

		n = n + (size_t)w < cap ? n + (size_t)w : n;
		out[n] = 0;
		looked++;
	}
	return rule;
}

int64_t choose_sticky(struct exchange *x, int64_t contact, int64_t account, const char *pool)
{
	int64_t since = x->now.wall.ms - x->settings->sticky.days * X_DAY_MS;
	struct store_thread t;

	if (x->settings->sticky.days <= 0 || store_thread_last(x->store, contact, &t) < 0 ||
	    (t.last_in.ms > t.last_out.ms ? t.last_in.ms : t.last_out.ms) < since)
		return 0;
	return line_may(x, t.line, account, pool) ? t.line : 0;
}
