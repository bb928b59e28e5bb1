/* Quotas: what a SIM has used, what it may still send and when (design 4, SIM care). */
#include "pick_private.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_H = 24 };

struct quota_plan quota_plan_of(const struct settings_quota *s, int64_t share)
{
	struct quota_plan p = { .share = share, .reset_day = 1 };

	if (!s)
		return p;
	p.limit[QUOTA_MINUTE] = s->per_minute;
	p.limit[QUOTA_HOUR] = s->per_hour;
	p.limit[QUOTA_DAY] = s->per_day;
	p.limit[QUOTA_MONTH] = s->per_month;
	p.recipients = s->recipients_per_month;
	p.spend = (int64_t)(s->spend_per_month * QUOTA_MONEY + 0.5);
	p.reset_day = s->reset_day >= 1 && s->reset_day <= 31 ? (int)s->reset_day : 1;
	p.reset_hour = s->reset_hour >= 0 && s->reset_hour < DAY_H ? (int)s->reset_hour : 0;
	if (s->zone && s->zone[0] && tw_zone_get(s->zone, &p.zone) < 0)
		p.zone = NULL;
	return p;
}

bool quota_is_limited(const struct quota_plan *p)
{
	for (int w = 0; w < QUOTA_WINDOWS; w++)
		if (p->limit[w])
			return true;
	return p->recipients || p->spend;
}

/* ---- where windows begin ------------------------------------------------------------------- */

static const struct tw_zone *zone_of(const struct quota_plan *p)
{
	const struct tw_zone *utc = NULL;

	if (p->zone)
		return p->zone;
	tw_zone_get("", &utc);
	return utc;
}

static int days_in_month(int year, int month)
{
	int next_year = month == 12 ? year + 1 : year, next = month == 12 ? 1 : month + 1;

	return (int)(tw_days_from_civil(next_year, next, 1) - tw_days_from_civil(year, month, 1));
}

/* The reset of the month that is `months` away from the one that t lies in. */
static struct wall_ms month_reset(const struct quota_plan *p, struct tw_civil at, int months)
{
	int month = at.month - 1 + months, year = at.year + (month < 0 ? -1 : month / 12);

	month = (month + 12) % 12 + 1;
	int days = days_in_month(year, month);
	struct tw_civil reset = { .year = year, .month = month, .hour = p->reset_hour,
				  .day = p->reset_day < days ? p->reset_day : days };

	return tw_zone_wall(zone_of(p), &reset);
}

static struct wall_ms day_reset(const struct quota_plan *p, struct tw_civil at, int days)
{
	struct tw_civil reset = { .hour = p->reset_hour };

	tw_civil_from_days(tw_days_from_civil(at.year, at.month, at.day) + days, &reset.year,
			   &reset.month, &reset.day);
	return tw_zone_wall(zone_of(p), &reset);
}

static struct wall_ms reset(const struct quota_plan *p, enum quota_window w, struct tw_civil at,
			    int n)
{
	return w == QUOTA_DAY ? day_reset(p, at, n) : month_reset(p, at, n);
}

static int64_t width(enum quota_window w)
{
	return w == QUOTA_MINUTE ? MINUTE_MS : HOUR_MS;
}

struct wall_ms quota_window_start(const struct quota_plan *p, enum quota_window w, struct wall_ms t)
{
	if (w == QUOTA_MINUTE || w == QUOTA_HOUR)
		return wall_after(t, -width(w));
	struct tw_civil at = tw_zone_civil(zone_of(p), t);
	struct wall_ms start = reset(p, w, at, 0);

	return start.ms > t.ms ? reset(p, w, at, -1) : start;
}

struct wall_ms quota_window_end(const struct quota_plan *p, enum quota_window w, struct wall_ms t)
{
	if (w == QUOTA_MINUTE || w == QUOTA_HOUR)
		return wall_after(t, width(w));
	struct tw_civil at = tw_zone_civil(zone_of(p), t);
	struct wall_ms end = reset(p, w, at, 0);

	return end.ms > t.ms ? end : reset(p, w, at, 1);
}

/* ---- the log of the last hour -------------------------------------------------------------- */

void quota_used_done(struct quota_used *u)
{
	free(u->log);
	*u = (struct quota_used){ 0 };
}

/* Two neighbours become one, those that are nearest to each other, and of these the oldest. */
static void merge(struct quota_used *u)
{
	size_t best = 0;

	for (size_t i = 1; i + 2 < u->n_log; i++)
		if (u->log[i + 1].at - u->log[i].at < u->log[best + 1].at - u->log[best].at)
			best = i;
	u->log[best + 1].n += u->log[best].n;
	u->log[best + 1].bulk += u->log[best].bulk;
	memmove(u->log + best, u->log + best + 1, (--u->n_log - best) * sizeof(*u->log));
}

static void log_add(struct quota_used *u, struct quota_entry e)
{
	if (u->n_log && u->log[u->n_log - 1].at == e.at) {
		u->log[u->n_log - 1].n += e.n;
		u->log[u->n_log - 1].bulk += e.bulk;
		return;
	}
	if (!u->log)
		u->log = tw_alloc((QUOTA_LOG + 1) * sizeof(*u->log));
	u->log[u->n_log++] = e;
	if (u->n_log > QUOTA_LOG)
		merge(u);
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The time of the first entry in eight octets; then for each how much later it is, n and bulk. */
enum { LOG_HEAD = 8, LOG_ENTRY = 8 };

uint8_t *quota_log_write(const struct quota_used *u, size_t *ret_n)
{
	*ret_n = u->n_log ? LOG_HEAD + u->n_log * LOG_ENTRY : 0;
	uint8_t *out = tw_alloc(*ret_n);

	for (size_t i = 0; i < u->n_log; i++) {
		uint8_t *p = out + LOG_HEAD + i * LOG_ENTRY;

		put32(p, (uint32_t)(u->log[i].at - u->log[0].at));
		put32(p + 4, (uint32_t)u->log[i].n << 16 | (uint32_t)u->log[i].bulk);
	}
	if (u->n_log) {
		put32(out, (uint32_t)u->log[0].at);
		put32(out + 4, (uint32_t)(u->log[0].at >> 32));
	}
	return out;
}

int quota_log_read(struct quota_used *u, const uint8_t *p, size_t n)
{
	u->n_log = 0;
	if (!n)
		return 0;
	if (n < LOG_HEAD + LOG_ENTRY || (n - LOG_HEAD) % LOG_ENTRY ||
	    (n - LOG_HEAD) / LOG_ENTRY > QUOTA_LOG)
		return TW_E_SYNTAX;
	int64_t first = (int64_t)((uint64_t)get32(p) | (uint64_t)get32(p + 4) << 32);

	for (size_t i = LOG_HEAD; i < n; i += LOG_ENTRY) {
		uint32_t counts = get32(p + i + 4);

		log_add(u, (struct quota_entry){ first + get32(p + i), (int32_t)(counts >> 16),
						 (int32_t)(counts & 0xffff) });
	}
	return 0;
}

/* ---- counting ------------------------------------------------------------------------------ */

static void drop_old(struct quota_used *u, struct wall_ms now)
{
	size_t n = 0;

	while (n < u->n_log && u->log[n].at + HOUR_MS <= now.ms)
		n++;
	u->n_log -= n;
	if (n && u->n_log)
		memmove(u->log, u->log + n, u->n_log * sizeof(*u->log));
	/* What lies ahead was sent before the clock stepped back: as late as now. */
	for (size_t i = u->n_log; i > 0 && u->log[i - 1].at > now.ms; i--)
		u->log[i - 1].at = now.ms;
}

/* Whether a new window has begun. */
static bool open_window(const struct quota_plan *p, enum quota_window w, struct wall_ms now,
			struct wall_ms *at, struct wall_ms *end)
{
	if (now.ms < end->ms)
		return false;
	struct wall_ms start = quota_window_start(p, w, now);
	bool is_new = start.ms > at->ms;

	if (is_new)
		*at = start;
	*end = quota_window_end(p, w, at->ms > now.ms ? *at : now);
	return is_new;
}

bool quota_roll(const struct quota_plan *p, struct quota_used *u, struct wall_ms now)
{
	drop_old(u, now);
	if (open_window(p, QUOTA_DAY, now, &u->day_at, &u->day_end))
		u->day = u->day_bulk = 0;
	if (!open_window(p, QUOTA_MONTH, now, &u->month_at, &u->month_end))
		return false;
	u->month = u->month_bulk = u->spent = u->spent_bulk = u->recipients = 0;
	return true;
}

void quota_charge(const struct quota_plan *p, struct quota_used *u, bool is_reply, int n,
		  int64_t each, struct wall_ms now)
{
	int bulk = is_reply ? 0 : n;

	if (p->limit[QUOTA_MINUTE] || p->limit[QUOTA_HOUR])
		log_add(u, (struct quota_entry){ now.ms, n, bulk });
	u->day += n;
	u->day_bulk += bulk;
	u->month += n;
	u->month_bulk += bulk;
	u->spent += n * each;
	u->spent_bulk += bulk * each;
}

static int64_t less(int64_t v, int64_t by)
{
	return v > by ? v - by : 0;
}

void quota_refund(struct quota_used *u, bool is_reply, int n, int64_t each, struct wall_ms at)
{
	int bulk = is_reply ? 0 : n;
	int left = n;

	if (at.ms >= u->day_at.ms) {
		u->day = less(u->day, n);
		u->day_bulk = less(u->day_bulk, bulk);
	}
	if (at.ms >= u->month_at.ms) {
		u->month = less(u->month, n);
		u->month_bulk = less(u->month_bulk, bulk);
		u->spent = less(u->spent, n * each);
		u->spent_bulk = less(u->spent_bulk, bulk * each);
	}
	while (left > 0 && u->n_log && u->log[u->n_log - 1].at >= at.ms) {
		struct quota_entry *last = &u->log[u->n_log - 1];
		int take = left < last->n ? left : last->n;

		left -= take;
		last->n -= take;
		last->bulk = (int32_t)less(last->bulk, is_reply ? 0 : take);
		if (!last->n)
			u->n_log--;
	}
}

/* ---- what is left -------------------------------------------------------------------------- */

static int64_t kept(const struct quota_plan *p, int64_t limit)
{
	return limit * p->share / 100;
}

/* Of what is still inside the sliding window at `at`. */
static void slid(const struct quota_used *u, enum quota_window w, struct wall_ms at, int64_t *ret_n,
		 int64_t *ret_bulk)
{
	*ret_n = *ret_bulk = 0;
	for (size_t i = u->n_log; i > 0 && u->log[i - 1].at + width(w) > at.ms; i--) {
		*ret_n += u->log[i - 1].n;
		*ret_bulk += u->log[i - 1].bulk;
	}
}

static void counted(const struct quota_used *u, enum quota_window w, struct wall_ms at,
		    int64_t *ret_n, int64_t *ret_bulk)
{
	*ret_n = *ret_bulk = 0;
	switch (w) {
	case QUOTA_MINUTE:
	case QUOTA_HOUR:
		slid(u, w, at, ret_n, ret_bulk);
		return;
	case QUOTA_DAY:
		*ret_n = u->day;
		*ret_bulk = u->day_bulk;
		break;
	case QUOTA_MONTH:
		*ret_n = u->month;
		*ret_bulk = u->month_bulk;
		break;
	case QUOTA_WINDOWS:
		break;
	}
	if (at.ms >= (w == QUOTA_DAY ? u->day_end.ms : u->month_end.ms))
		*ret_n = *ret_bulk = 0;
}

int64_t quota_count(const struct quota_used *u, enum quota_window w, struct wall_ms now)
{
	int64_t n, bulk;

	counted(u, w, now, &n, &bulk);
	return n;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t room_of(const struct quota_plan *p, int64_t limit, int64_t n, int64_t bulk,
		       bool is_reply)
{
	int64_t room = limit - n;

	if (!is_reply)
		room = least(room, limit - kept(p, limit) - bulk);
	return room > 0 ? room : 0;
}

int64_t quota_room(const struct quota_plan *p, const struct quota_used *u, bool is_reply,
		   int64_t each, struct wall_ms until)
{
	int64_t room = INT64_MAX, n, bulk;

	for (enum quota_window w = QUOTA_MINUTE; w < QUOTA_WINDOWS; w++) {
		if (!p->limit[w])
			continue;
		/* What leaves meanwhile stays in a window that is wider than the time. */
		counted(u, w, until, &n, &bulk);
		room = least(room, room_of(p, p->limit[w], n, bulk, is_reply));
	}
	if (p->spend && each > 0) {
		bool is_new = until.ms >= u->month_end.ms;

		room = least(room, room_of(p, p->spend, is_new ? 0 : u->spent,
					   is_new ? 0 : u->spent_bulk, is_reply) / each);
	}
	return room;
}

/* ---- when ---------------------------------------------------------------------------------- */

int64_t quota_limit(const struct quota_plan *p, int64_t limit, bool is_reply)
{
	return is_reply ? limit : limit - kept(p, limit);
}

struct wall_ms quota_free_at(const struct quota_plan *p, const struct quota_used *u,
			     enum quota_window w, bool is_reply, int n, struct wall_ms now)
{
	int64_t have, bulk;

	counted(u, w, now, &have, &bulk);
	if (room_of(p, p->limit[w], have, bulk, is_reply) >= n)
		return now;
	if (w == QUOTA_DAY || w == QUOTA_MONTH)
		return w == QUOTA_DAY ? u->day_end : u->month_end;
	for (size_t i = 0; i < u->n_log; i++) {
		struct wall_ms at = { u->log[i].at + width(w) };

		if (at.ms <= now.ms)
			continue;
		slid(u, w, at, &have, &bulk);
		if (room_of(p, p->limit[w], have, bulk, is_reply) >= n)
			return at;
	}
	return wall_after(now, width(w));
}
