/* When a campaign will have been sent: by the pace that was measured of each SIM, what its quotas
 * leave beside replies, quiet hours and the campaign's own pace. It looks ahead as if nothing else
 * were sent. */
#include "internal.h"

#define YEAR_MS (366 * X_DAY_MS)
enum { STEP_MS = 15 * 60 * 1000 };	/* quiet hours are looked at so finely */

struct outlook {
	struct exchange *x;
	const char *zones;
	struct wall_ms now;
	int64_t day;			/* ms of a day in which nobody is left in peace */
};

static int64_t awake_in(const struct outlook *o, struct wall_ms from, int64_t ms)
{
	int64_t awake = 0;

	for (int64_t at = 0; at < ms; at += STEP_MS) {
		int64_t n = ms - at < STEP_MS ? ms - at : STEP_MS;

		if (!quiet_until(o->x->settings, lane_name(LANE_CAMPAIGN), o->zones,
				 wall_after(from, at)).ms)
			awake += n;
	}
	return awake;
}

/* Time of those ms in which a campaign may send. */
static int64_t awake_until(const struct outlook *o, int64_t ms)
{
	if (!o->x->settings->quiet_hours.is_set)
		return ms;
	return ms / X_DAY_MS * o->day + awake_in(o, o->now, ms % X_DAY_MS);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Of a day or a month: what is left of this one, and the whole of those that begin meanwhile. */
static int64_t room_in_plan(const struct station *st, enum quota_window w, int64_t limit,
			    const struct outlook *o, int64_t ms)
{
	int64_t room = limit - quota_count(&st->used, w, o->now);
	struct wall_ms end = quota_window_end(&st->plan, w, o->now);
	struct wall_ms until = wall_after(o->now, ms);

	for (room = room > 0 ? room : 0; end.ms < until.ms;
	     end = quota_window_end(&st->plan, w, end))
		room += limit;
	return room;
}

static int64_t capacity(const struct station *st, const struct outlook *o, int64_t ms)
{
	int64_t awake = awake_until(o, ms), n = awake / (st->pace > 0 ? st->pace : PICK_PACE_MS);
	static const int64_t widths[] = { [QUOTA_MINUTE] = 60 * 1000, [QUOTA_HOUR] = X_HOUR_MS };

	if (!st->is_limited)
		return n;
	for (enum quota_window w = QUOTA_MINUTE; w < QUOTA_WINDOWS; w++) {
		int64_t limit = quota_limit(&st->plan, st->plan.limit[w], false);

		if (!st->plan.limit[w])
			continue;
		n = least(n, w == QUOTA_DAY || w == QUOTA_MONTH ? room_in_plan(st, w,
									       limit, o, ms) :
			  limit * (awake / widths[w] + 1));
	}
	return n;
}

static bool is_enough(const struct outlook *o, struct route *r, int64_t segments, int64_t paced_ms,
		      int64_t ms)
{
	int64_t sum = 0;

	if (awake_until(o, ms) < paced_ms)
		return false;
	for (uint32_t i = 0; i < o->x->n_stations && sum < segments; i++) {
		struct station *st = o->x->stations[i];

		if (!st || !st->sim.id || !station_may(o->x, st, r))
			continue;
		if (station_state(o->x, st) == MODEM_READY)
			sum += capacity(st, o, ms);
	}
	return sum >= segments;
}

struct wall_ms estimate_end(struct exchange *x, struct route *r, const struct estimate *e)
{
	struct outlook o = { .x = x, .zones = e->zones,
			     .now = e->from.ms > x->now.wall.ms ? e->from : x->now.wall };
	int64_t paced_ms = e->pace ? e->messages * (X_HOUR_MS / e->pace) : 0, low = 0,
		high = X_HOUR_MS;

	if (!e->segments)
		return (struct wall_ms){ 0 };
	x->look++;
	o.day = x->settings->quiet_hours.is_set ? awake_in(&o, o.now, X_DAY_MS) : X_DAY_MS;
	while (high < YEAR_MS && !is_enough(&o, r, e->segments, paced_ms, high)) {
		low = high;
		high *= 2;
	}
	if (high >= YEAR_MS)
		return (struct wall_ms){ 0 };
	while (high - low > 1000) {
		int64_t middle = low + (high - low) / 2;

		if (is_enough(&o, r, e->segments, paced_ms, middle))
			high = middle;
		else
			low = middle;
	}
	return wall_after(o.now, high);
}
