/* When a campaign will have been sent: a walk ahead in steps that grow, over the SIMs that may
 * send it, each by the pace that was measured of it, what its quotas leave, and what it sends
 * beside campaigns by its habit. What waits in front goes first; contacts count in the hours in
 * which nobody leaves them in peace where they live. It is an outlook: it reads nothing but
 * memory and changes nothing. */
#include <math.h>

#include "campaign.h"

enum {
	QUARTER_MS = 15 * 60 * 1000, QUARTERS = 24 * 4	/* quiet hours are looked at so finely */
};
#define HALF_MS (3 * X_DAY_MS)		/* what was sent so long ago counts half */
#define SEEN_LEAST_MS (X_DAY_MS / 4)	/* a new SIM has no habit yet: it is taken for so old */

/* ---- what a SIM sends beside campaigns ----------------------------------------------------- */

static double fade(int64_t ms)
{
	return ms > 0 ? exp2(-(double)ms / (double)HALF_MS) : 1;
}

void traffic_count(struct exchange *x, struct station *st, int lane)
{
	struct store_care *c = &st->care;

	if (lane == LANE_CAMPAIGN)
		return;
	double f = fade(x->now.wall.ms - c->traffic_at.ms);

	c->replies = (int64_t)((double)c->replies * f) + (lane == LANE_REPLY ? STORE_TRAFFIC : 0);
	c->posts = (int64_t)((double)c->posts * f) + (lane == LANE_REPLY ? 0 : STORE_TRAFFIC);
	c->traffic_at = x->now.wall;
	st->health_dirty = true;	/* written with the averages, now and then */
}

/* Segments a ms, by a sum of which each fades by half in HALF_MS. */
static double rate_of(const struct exchange *x, const struct station *st, int64_t sum)
{
	int64_t seen = x->now.wall.ms - st->sim.first_seen.ms;
	double faded = (double)sum / STORE_TRAFFIC * fade(x->now.wall.ms - st->care.traffic_at.ms);

	seen = seen < SEEN_LEAST_MS ? SEEN_LEAST_MS : seen;
	return faded * log(2) / (double)HALF_MS / (1 - fade(seen));
}

/* ---- what it can send ---------------------------------------------------------------------- */

struct window { double limit, bulk_limit, left, bulk_left; struct wall_ms end; };
struct sender {
	const struct station *st;
	double pace, replies, posts;	/* ms a segment; segments a ms */
	struct window windows[QUOTA_WINDOWS];	/* limit 0: none */
	double can;			/* in this step */
};

static const int64_t widths[] = { [QUOTA_MINUTE] = 60 * 1000, [QUOTA_HOUR] = X_HOUR_MS };

static struct sender sender_of(struct exchange *x, const struct station *st)
{
	struct sender s = { .st = st, .pace = (double)(st->pace > 0 ? st->pace : PICK_PACE_MS),
			    .replies = rate_of(x, st, st->care.replies),
			    .posts = rate_of(x, st, st->care.posts) };

	for (enum quota_window w = QUOTA_MINUTE; w < QUOTA_WINDOWS; w++) {
		int64_t used = quota_count(&st->used, w, x->now.wall);
		int64_t bulk = !used || w < QUOTA_DAY ? used :
			       w == QUOTA_DAY ? st->used.day_bulk : st->used.month_bulk;

		s.windows[w] = (struct window){
			.limit = (double)st->plan.limit[w],
			.bulk_limit = (double)quota_limit(&st->plan, st->plan.limit[w], false),
			.end = quota_window_end(&st->plan, w, x->now.wall) };
		s.windows[w].left = fmax(0, s.windows[w].limit - (double)used);
		s.windows[w].bulk_left = fmax(0, s.windows[w].bulk_limit - (double)bulk);
	}
	return s;
}

/* A minute and an hour slide: what was used comes back bit by bit. A day and a month begin anew. */
static void refill(struct sender *s, enum quota_window w, struct wall_ms from, double ms)
{
	struct window *v = &s->windows[w];
	double parts = 0;

	if (w == QUOTA_MINUTE || w == QUOTA_HOUR)
		parts = ms / (double)widths[w];
	else
		for (; v->end.ms < from.ms + (int64_t)ms; parts++)
			v->end = quota_window_end(&s->st->plan, w, v->end);
	v->left += parts * v->limit;
	v->bulk_left += parts * v->bulk_limit;
}

static void look_at_step(struct sender *s, struct wall_ms from, double ms)
{
	s->can = fmax(0, ms / s->pace - (s->replies + s->posts) * ms);
	for (enum quota_window w = QUOTA_MINUTE; w < QUOTA_WINDOWS; w++) {
		struct window *v = &s->windows[w];

		if (!v->limit)
			continue;
		refill(s, w, from, ms);
		v->left -= (s->replies + s->posts) * ms;
		v->bulk_left -= s->posts * ms;
		s->can = fmin(s->can, fmax(0, fmin(v->left, v->bulk_left)));
	}
}

static void take(struct sender *s, double n)
{
	for (enum quota_window w = QUOTA_MINUTE; w < QUOTA_WINDOWS; w++) {
		struct window *v = &s->windows[w];

		v->left = fmax(0, fmin(v->limit, v->left - n));
		v->bulk_left = fmax(0, fmin(v->bulk_limit, v->bulk_left - n));
	}
}

/* ---- whom it may be sent to ---------------------------------------------------------------- */

void estimate_add(struct campaign_people *p, const char *zones, int64_t messages,
		  int64_t segments)
{
	size_t i = 0;

	while (i < p->n && strcmp(p->v[i].zones, zones) != 0)
		i++;
	if (i == CAMPAIGN_ZONES)
		i--;			/* more than there is room for: like the last */
	else if (i == p->n)
		tw_strset(p->v[p->n++].zones, sizeof(p->v[i].zones), zones);
	p->v[i].messages += messages;
	p->v[i].segments += segments;
}

struct people {
	double segments;		/* that are left */
	int awake[QUARTERS + 1];	/* quarters of the day from now, added up */
};

static struct people people_of(const struct exchange *x, const struct campaign_zone *z,
			       struct wall_ms from)
{
	struct people p = { .segments = (double)z->segments };

	for (int i = 0; i < QUARTERS; i++)
		p.awake[i + 1] = p.awake[i] +
			!quiet_until(x->settings, lane_name(LANE_CAMPAIGN), z->zones,
				     wall_after(from, i * INT64_C(1) * QUARTER_MS)).ms;
	return p;
}

/* The part of a step in which they may be texted. */
static double awake_in(const struct people *p, int64_t at, int64_t ms)
{
	int64_t first = at % X_DAY_MS / QUARTER_MS, n = ms / QUARTER_MS;

	if (ms >= X_DAY_MS)
		return (double)p->awake[QUARTERS] / QUARTERS;
	n = n ? n : 1;
	return (double)(p->awake[first + n] - p->awake[first]) / (double)n;
}

/* ---- the walk ------------------------------------------------------------------------------ */

struct walk {
	struct sender *senders;
	size_t n_senders;
	struct people people[CAMPAIGN_ZONES];
	size_t n_people;
	double ahead;			/* segments that go first */
	double pace;			/* segments a ms at most; 0: none */
};

/* Finely at first, where it matters; steps begin at quarters of an hour. */
static int64_t step_at(int64_t at)
{
	enum { MINUTE = 60 * 1000 };

	return at < X_HOUR_MS ? MINUTE : at < 2 * X_DAY_MS ? QUARTER_MS :
	       at < 31 * X_DAY_MS ? X_HOUR_MS : X_DAY_MS;
}

static double send_to(struct walk *w, double can, int64_t at, int64_t ms, double *ret_could)
{
	double sent = 0, most = 0, limit = w->pace ? w->pace * (double)ms : can;

	for (size_t i = 0; i < w->n_people; i++)
		if (w->people[i].segments > 0)
			most = fmax(most, awake_in(&w->people[i], at, ms));
	limit = fmin(can * most, limit * most);
	*ret_could = limit;
	for (size_t i = 0; i < w->n_people && limit > 0; i++) {
		struct people *p = &w->people[i];
		double n = fmin(fmin(p->segments, can * awake_in(p, at, ms)), limit);

		p->segments -= n;
		limit -= n;
		sent += n;
	}
	return sent;
}

static double left_of(const struct walk *w)
{
	double left = 0;

	for (size_t i = 0; i < w->n_people; i++)
		left += w->people[i].segments;
	return left;
}

/* ms until all is sent; -1: not within a year. */
static int64_t walk(struct walk *w, struct wall_ms from)
{
	double left = left_of(w);

	for (int64_t at = 0; at < 366 * X_DAY_MS; at += step_at(at)) {
		int64_t ms = step_at(at);
		double can = 0, could, before = left;

		for (size_t i = 0; i < w->n_senders; i++) {
			look_at_step(&w->senders[i], wall_after(from, at), (double)ms);
			can += w->senders[i].can;
		}
		double first = fmin(w->ahead, can);
		double sent = send_to(w, can - first, at, ms, &could);

		w->ahead -= first;
		left = left_of(w);
		if (left < 0.5)
			return at + (int64_t)((double)ms * fmin(1, (first / fmax(can, 1e-9)) +
						      before / fmax(could, 1e-9) *
						      (1 - first / fmax(can, 1e-9))));
		for (size_t i = 0; i < w->n_senders && can > 0; i++)
			take(&w->senders[i], w->senders[i].can * (first + sent) / can);
	}
	return -1;
}

/* Of what waits on another route, the part that will go by the SIMs of this one. */
static double share(struct exchange *x, const struct route *other, struct route *own)
{
	int all = 0, both = 0;

	for (uint32_t i = 0; i < x->n_stations; i++) {
		const struct station *st = x->stations[i];

		if (!st || !st->sim.id || !station_may(x, st, other))
			continue;
		all++;
		both += station_may(x, st, own);
	}
	return all ? (double)both / all : 0;
}

static double waiting_ahead(struct exchange *x, struct route *own)
{
	const struct running *self = running_find(x, own->row.campaign);
	double ahead = 0;

	for (size_t i = 0; i < x->active.n; i++) {
		const struct route *r = x->active.v[i];
		const struct running *run = running_find(x, r->row.campaign);
		int64_t n = r->segments[LANE_REPLY] + r->segments[LANE_API];

		if (r->row.campaign == own->row.campaign && own->row.campaign)
			continue;
		if (run && !run->c.is_paused && (!self || !self->c.started_at.ms ||
						 run->c.started_at.ms < self->c.started_at.ms))
			n += r->segments[LANE_CAMPAIGN];
		if (n)
			ahead += (double)n * share(x, r, own);
	}
	return ahead;
}

static void gather(struct exchange *x, struct route *r, struct walk *w)
{
	w->senders = tw_alloc(x->n_stations * sizeof(*w->senders));
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (st && st->sim.id && station_may(x, st, r) &&
		    station_state(x, st) == MODEM_READY)
			w->senders[w->n_senders++] = sender_of(x, st);
	}
}

struct wall_ms estimate_end(struct exchange *x, struct route *r, const struct estimate *e)
{
	struct wall_ms from = e->from.ms > x->now.wall.ms ? e->from : x->now.wall;
	struct walk w = { .n_people = e->people.n };
	double messages = 0, segments = 0;
	int64_t ms = -1;

	x->look++;
	for (size_t i = 0; i < w.n_people; i++) {
		w.people[i] = people_of(x, &e->people.v[i], from);
		messages += (double)e->people.v[i].messages;
		segments += (double)e->people.v[i].segments;
	}
	if (segments < 1)
		return (struct wall_ms){ 0 };
	if (e->pace)
		w.pace = (double)e->pace / X_HOUR_MS * segments / fmax(messages, 1);
	w.ahead = waiting_ahead(x, r);
	gather(x, r, &w);
	if (w.n_senders)
		ms = walk(&w, from);
	free(w.senders);
	return ms < 0 ? (struct wall_ms){ 0 } : wall_after(from, ms);
}
