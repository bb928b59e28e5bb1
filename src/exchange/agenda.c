/* Everything that waits for a time: scheduled messages, doubts and half-sent ones, parts that do
 * not come, queued messages that expire, numbers that stay away. Each list knows its earliest time;
 * what is due is done in slices. */
#include "internal.h"

enum { STICKY_LOOK_MS = 30 * 1000 };

int outbox_schedule_run(struct exchange *x)
{
	struct store_message m;
	int64_t id;
	int r = 0;

	if (x->scheduled_at.ms > x->now.wall.ms)
		return 0;
	for (int i = 0; i < X_SLICE && r == 0; i++) {
		r = store_scheduled_next(x->store, &id, &x->scheduled_at);
		if (r == TW_E_UNKNOWN)
			x->scheduled_at = X_NEVER;
		if (r < 0 || x->scheduled_at.ms > x->now.wall.ms)
			return r == TW_E_UNKNOWN ? 0 : r;
		event_begin(x);
		r = store_message_get(x->store, id, &m);
		if (r == 0) {
			r = review_route(x, &m);
			if (r == 0)
				r = outbox_enqueue(x, &m);
			x->n_scheduled--;
			watch_message(x, id, MESSAGE_QUEUED);
			store_message_done(&m);
		}
		r = event_end(x, r, "scheduled");
	}
	return r;
}

static int expire_one(struct exchange *x, int64_t id)
{
	struct store_message m;
	int r = store_message_get(x->store, id, &m);

	if (r < 0)
		return r;
	struct route *route = route_get(x, m.route);

	r = outbox_finish(x, &m, MESSAGE_EXPIRED, 30036, NULL);
	if (r == 0 && route)
		route_sub(x, route, &m);
	store_message_done(&m);
	return r;
}

void outbox_expires_at(struct exchange *x, struct wall_ms until)
{
	if (until.ms < x->expiry_at.ms)
		x->expiry_at = until;
	if (until.ms < x->expiry_next.ms)
		x->expiry_next = until;
}

/* The whole queue was looked at. A long one is not looked at again at once: what expired meanwhile
 * is not sent all the same, for that is asked when it would be. */
static void expiry_looked(struct exchange *x)
{
	int64_t rest = x->now.wall.ms + x->expiry_seen / 10;

	x->expiry_at.ms = x->expiry_next.ms > rest ? x->expiry_next.ms : rest;
	x->expiry_next = X_NEVER;
	x->expiry_cursor = (struct store_placed){ 0 };
	x->expiry_seen = 0;
}

int outbox_expire_run(struct exchange *x)
{
	int r = 0, expired = 0;

	if (x->expiry_at.ms > x->now.wall.ms)
		return 0;
	for (int i = 0; i < X_LOOK && expired < X_SLICE && r == 0; i++) {
		r = store_queued_next(x->store, &x->expiry_cursor);
		if (r == TW_E_UNKNOWN) {
			expiry_looked(x);
			return 0;
		}
		if (r < 0)
			break;
		x->expiry_seen++;
		struct wall_ms until = x->expiry_cursor.valid_until;

		if (until.ms > x->now.wall.ms) {
			if (until.ms < x->expiry_next.ms)
				x->expiry_next = until;
			continue;
		}
		expired++;
		event_begin(x);
		r = event_end(x, expire_one(x, x->expiry_cursor.id), "expiry");
	}
	return r;
}

/* ---- numbers that stay away (sticky, design 4) --------------------------------------------- */

static int move_one(struct exchange *x, struct route *route, int64_t id)
{
	struct store_message m;
	int r = store_message_get(x->store, id, &m);

	if (r < 0)
		return r;
	route_sub(x, route, &m);
	if (x->settings->sticky.then == STICKY_FAIL) {
		r = outbox_finish(x, &m, MESSAGE_FAILED, 30008, "the number's SIM is gone");
	} else {
		struct store_route like = route_like(m.account, 0, m.pool, route->row.campaign);
		struct route *any = route_find(x, &like, route->row.destination);

		m.flags |= STORE_MOVED;
		m.route = any ? any->row.id : 0;
		m.line = 0;
		r = any ? outbox_enqueue(x, &m) : TW_E_DB;
	}
	store_message_done(&m);
	return r;
}

/* The SIM is there and may not send the message as long as it is worth sending; another one may. */
static bool is_in_vain(struct exchange *x, struct route *route, int lane, int64_t id)
{
	struct station *st = station_by_line(x, route->row.line);
	struct route any = { .row = { .account = route->row.account }, .to = route->to };
	struct store_message m;

	if (x->settings->sticky.then != STICKY_MOVE || !st ||
	    (!st->is_limited && !balance_is_known(st)) ||
	    store_message_get(x->store, id, &m) < 0)
		return false;
	struct pick_verdict v = choose_verdict(x, st, route, lane, m.segments, NULL);
	bool vain = !v.may && v.reason >= PICK_TOO_LONG && v.reason <= PICK_BALANCE &&
		    (!v.until.ms || v.until.ms >= m.valid_until.ms) &&
		    choose_another(x, &any, lane, m.segments, st->sim.id);

	store_message_done(&m);
	return vain;
}

/* Those at the head of a queue whose number is in no modem: moved once they have waited long
 * enough. */
static int sticky_queue(struct exchange *x, struct route *route, int lane, bool is_away,
			struct wall_ms *ret_next)
{
	for (int i = 0; i < X_SLICE; i++) {
		struct wall_ms due;
		int64_t id;
		int segments, r = store_queue_head(x->store, route->row.id, lane, &id,
						   &due, &segments);

		if (r < 0)
			return r == TW_E_UNKNOWN ? 0 : r;
		due = wall_after(due, x->settings->sticky.wait);
		if (due.ms > x->now.wall.ms) {
			if (due.ms < ret_next->ms)
				*ret_next = due;
			return 0;
		}
		if (!is_away && !is_in_vain(x, route, lane, id))
			return 0;
		event_begin(x);
		r = event_end(x, move_one(x, route, id), "sticky");
		if (r < 0)
			return r;
	}
	*ret_next = x->now.wall;
	return 0;
}

int outbox_sticky_run(struct exchange *x)
{
	int r = 0;

	if (x->sticky_at.ms > x->now.wall.ms)
		return 0;
	struct wall_ms soon = wall_after(x->now.wall, STICKY_LOOK_MS);

	x->sticky_at = X_NEVER;
	if (x->settings->sticky.then == STICKY_WAIT)
		return 0;
	for (size_t i = 0; i < x->active.n && r == 0; i++) {
		struct route *route = x->active.v[i];
		size_t before = x->active.n;

		if (!route->row.line || !route->row.account)
			continue;	/* From binds: then the account is not part of the route */
		if (x->sticky_at.ms > soon.ms)
			x->sticky_at = soon;	/* its SIM may leave */
		bool is_away = !station_is_present(x, station_by_line(x, route->row.line));

		for (int lane = 0; lane < LANE_COUNT && r == 0; lane++)
			if (route->n[lane])
				r = sticky_queue(x, route, lane, is_away, &x->sticky_at);
		if (x->active.n == before)
			continue;
		x->sticky_at = x->now.wall;	/* the list changed under us: the rest in the next
						 * turn */
		break;
	}
	return r;
}

/* ---- all of it ----------------------------------------------------------------------------- */

void agenda_run(struct exchange *x)
{
	static int (*const runs[])(struct exchange *x) = {
		review_run, outbox_schedule_run, outbox_expire_run, result_doubts_run,
		reassembly_run, report_run,
		outbox_sticky_run, balance_run, health_run, self_test_run, alert_run,
		contact_erase_run, consent_heads_run, talk_run_due, held_run,
		call_forward_run, news_run, ticket_run, person_run, which_run,
		ledger_run, figures_run, campaign_run,
		booking_run, clock_run,
	};

	for (size_t i = 0; i < TW_COUNT(runs) && !store_is_void(x->store); i++)
		runs[i](x);
}

struct mono_ms agenda_deadline(struct exchange *x)
{
	const struct wall_ms times[] = { x->scheduled_at, x->expiry_at, x->assembly_at,
					 x->sending_at, x->queue_at, x->sticky_at, x->health_at,
					 x->alert_at, x->test_at, x->talk_at, x->ticket_at,
					 x->person_at, x->remind_at, x->clock_at, x->slip_at,
					 x->n_held ? x->held_at : X_NEVER, x->forward_at,
					 x->erase_at, x->heads_at, x->campaign_at,
					 x->figures.roll_at, x->ledger_at,
					 x->settings->n_balance ? x->balance_at : X_NEVER };
	struct wall_ms next = jobs_deadline(x);
	struct mono_ms first = MONO_NEVER;
	int64_t stray_wait = X_STRAY_MS > x->settings->in_doubt_wait ? X_STRAY_MS
								     : x->settings->in_doubt_wait;

	for (size_t i = 0; i < TW_COUNT(times); i++)
		if (times[i].ms < next.ms)
			next = times[i];
	for (size_t i = 0; i < x->n_strays; i++)
		if (x->strays[i].at.ms + stray_wait < next.ms)
			next.ms = x->strays[i].at.ms + stray_wait;
	if (next.ms != INT64_MAX)
		first = mono_after(x->now.mono, next.ms > x->now.wall.ms ? next.ms - x->now.wall.ms
									  : 0);
	if (x->review.is_due || x->books_due)
		first = x->now.mono;
	if (x->n_redo > x->redo_done || x->is_stale)
		first = mono_min(first, x->retry_at);
	return first;
}
