/* Copies of the store: read at the start and after a void turn, kept in step in between. */
#include <stdio.h>

#include "internal.h"

/* ---- accounts ------------------------------------------------------------------------------ */

int account_id(struct exchange *x, const char *name, int64_t *ret)
{
	intptr_t known = (intptr_t)tw_map_get(&x->accounts, name, strlen(name));

	if (known) {
		*ret = known;
		return 0;
	}
	int r = store_account(x->store, name, ret);

	if (r == 0)
		tw_map_put(&x->accounts, name, strlen(name), (void *)(intptr_t)*ret);
	return r;
}

static int load_dedicated(struct exchange *x)
{
	int r = 0;

	tw_map_done(&x->dedicated);
	for (size_t i = 0; i < x->settings->n_sims && r == 0; i++) {
		int64_t id;

		if (!x->settings->sims[i].account[0])
			continue;
		r = account_id(x, x->settings->sims[i].account, &id);
		if (r == 0)
			tw_map_put(&x->dedicated, &id, sizeof(id), x);
	}
	return r;
}

static int load_lines(struct exchange *x)
{
	struct store_sim sim;
	int64_t after = 0;
	int r;

	tw_map_done(&x->lines);
	while ((r = store_sims(x->store, after, &sim)) == 0) {
		after = sim.id;
		if (sim.number[0])
			tw_map_put(&x->lines, sim.number, strlen(sim.number),
				   (void *)(intptr_t)sim.line);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* ---- routes -------------------------------------------------------------------------------- */

struct route_key { int64_t account, line, avoid, campaign; char text[64 + STORE_DESTINATION_MAX];
		   size_t n; };

static struct route_key key_of(const struct store_route *row)
{
	struct route_key key = { .account = row->account, .line = row->line, .avoid = row->avoid,
				 .campaign = row->campaign };
	int n = snprintf(key.text, sizeof(key.text), "%s\t%s", row->pool, row->destination);

	key.n = offsetof(struct route_key, text) + (size_t)n;
	return key;
}

static struct route *route_keep(struct exchange *x, const struct store_route *row)
{
	struct route *r = tw_zalloc(sizeof(*r));

	r->row = *row;
	r->to = destination_read(r->row.destination);
	tw_map_put(&x->routes, &r->row.id, sizeof(r->row.id), r);
	struct route_key key = key_of(row);

	tw_map_put(&x->route_keys, &key, key.n, r);
	return r;
}

struct route *route_get(struct exchange *x, int64_t id)
{
	struct route *r = tw_map_get(&x->routes, &id, sizeof(id));
	struct store_route row;

	if (r)
		return r;
	return store_route_get(x->store, id, &row) == 0 ? route_keep(x, &row) : NULL;
}

struct store_route route_like(int64_t account, int64_t line, const char *pool, int64_t campaign)
{
	struct store_route row = { .account = account, .line = line, .campaign = campaign };

	tw_strset(row.pool, sizeof(row.pool), pool ? pool : "");
	return row;
}

struct route *route_find(struct exchange *x, const struct store_route *like,
			 const char *destination)
{
	struct store_route row = *like;

	tw_strset(row.destination, sizeof(row.destination), destination);
	struct route_key key = key_of(&row);
	struct route *r = tw_map_get(&x->route_keys, &key, key.n);

	if (r)
		return r;
	return store_route(x->store, &row) == 0 ? route_keep(x, &row) : NULL;
}

static int64_t route_total(const struct route *r)
{
	int64_t n = 0;

	for (int lane = 0; lane < LANE_COUNT; lane++)
		n += r->n[lane];
	return n;
}

/* Lists of routes know from each route where it is in them. */
static void list_add(struct queue_list *l, struct route *r, size_t *at)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		l->v = tw_realloc(l->v, l->cap * sizeof(struct route *));
	}
	l->v[l->n++] = r;
	*at = l->n;
}

struct queue_list *queue_list_of(struct exchange *x, int64_t line)
{
	return line ? tw_map_get(&x->bound, &line, sizeof(line)) : &x->general;
}

static void route_activate(struct exchange *x, struct route *r)
{
	if (r->active_at)
		return;
	list_add(&x->active, r, &r->active_at);
	r->list = queue_list_of(x, r->row.line);
	if (!r->list) {
		r->list = tw_zalloc(sizeof(*r->list));
		tw_map_put(&x->bound, &r->row.line, sizeof(r->row.line), r->list);
	}
	list_add(r->list, r, &r->list_at);
	if (r->row.line)
		x->sticky_at.ms = 0;
}

static void route_rest(struct exchange *x, struct route *r)
{
	struct route *last = x->active.v[--x->active.n];

	x->active.v[r->active_at - 1] = last;
	last->active_at = r->active_at;
	last = r->list->v[--r->list->n];
	r->list->v[r->list_at - 1] = last;
	last->list_at = r->list_at;
	r->active_at = r->list_at = 0;
	if (r->row.campaign)
		campaign_moved(x, r->row.campaign);
}

void route_add(struct exchange *x, struct route *r, const struct store_message *m)
{
	struct head *head = &r->head[m->lane];

	r->n[m->lane]++;
	r->segments[m->lane] += m->segments;
	x->n_queued++;
	route_activate(x, r);
	r->list->segments += m->segments;
	/* The same time: the lower row number goes first, and the head is asked for again. */
	if (r->n[m->lane] == 1 || m->due_at.ms <= head->due.ms)
		*head = (struct head){ .due = m->due_at };
}

void route_sub(struct exchange *x, struct route *r, const struct store_message *m)
{
	r->n[m->lane]--;
	r->segments[m->lane] -= m->segments;
	x->n_queued--;
	r->list->segments -= m->segments;
	if (!r->head[m->lane].id || r->head[m->lane].id == m->id)
		r->head[m->lane] = (struct head){ 0 };
	if (route_total(r) == 0)
		route_rest(x, r);
}

static int load_routes(struct exchange *x)
{
	struct store_queue_count q = { 0 };
	int r;

	while ((r = store_queue_next(x->store, &q)) == 0) {
		struct route *route = route_get(x, q.route);

		if (!route)
			return TW_E_DB;
		route->n[q.lane] = q.n;
		route->segments[q.lane] = q.segments;
		x->n_queued += q.n;
		route_activate(x, route);
		route->list->segments += q.segments;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* ---- messages under way -------------------------------------------------------------------- */

struct sending *sending_get(struct exchange *x, int64_t message)
{
	return tw_map_get(&x->sendings, &message, sizeof(message));
}

struct sending *sending_put(struct exchange *x, const struct store_message *take_m)
{
	struct sending *s = tw_zalloc(sizeof(*s));

	s->m = *take_m;
	s->segment = 1;
	s->step = STEP_FLYING;
	tw_map_put(&x->sendings, &s->m.id, sizeof(s->m.id), s);
	return s;
}

static void count_step(struct exchange *x, const struct sending *s, int by)
{
	if (s->step == STEP_READY)
		x->n_ready += by;
	if (s->step == STEP_DOUBT)
		x->n_doubt += by;
}

void sending_set(struct exchange *x, struct sending *s, enum step step, struct wall_ms until)
{
	count_step(x, s, -1);
	s->step = step;
	s->until = until;
	count_step(x, s, 1);
	if (step != STEP_FLYING && (x->sending_at.ms == 0 || until.ms < x->sending_at.ms))
		x->sending_at = until;
}

void sending_del(struct exchange *x, struct sending *s)
{
	count_step(x, s, -1);
	tw_map_del(&x->sendings, &s->m.id, sizeof(s->m.id));
	if (s->m.lane == LANE_CAMPAIGN && s->m.topic)
		x->campaign_at = x->now.wall;	/* it may have been the last one */
	store_message_done(&s->m);
	free(s);
}

struct sending *sending_each(struct exchange *x, size_t *cursor)
{
	void *value;

	return tw_map_each(&x->sendings, cursor, NULL, NULL, &value) ? value : NULL;
}

/* Whether the world knows of this attempt: it is on a modem, or its result waits to be written. */
static bool is_in_the_world(const struct exchange *x, int64_t attempt)
{
	for (uint32_t i = 0; i < x->n_stations; i++)
		if (x->stations[i] && x->stations[i]->flying == attempt)
			return true;
	for (size_t i = 0; i < x->n_redo; i++)
		if (x->redo[i].type == MODEM_EV_SENT && (int64_t)x->redo[i].sent.id == attempt)
			return true;
	return false;
}

/* An attempt without a result that nobody is working on is what a crash left: in doubt (design
 * 3). */
static int doubt_orphan(struct exchange *x, struct sending *s)
{
	s->a.outcome = STORE_DOUBT;
	s->a.in_doubt = s->a.wants_report = true;
	s->a.ended_at = x->now.wall;
	tw_strset(s->a.cause, sizeof(s->a.cause), "restart");
	s->m.flags |= STORE_IN_DOUBT;
	int r = store_attempt_save(x->store, &s->a);

	if (r == 0)
		r = store_message_save(x->store, &s->m);
	sending_set(x, s, STEP_DOUBT, wall_after(x->now.wall, x->settings->in_doubt_wait));
	return r;
}

static int resume(struct exchange *x, struct sending *s)
{
	switch ((enum store_outcome)s->a.outcome) {
	case STORE_FLYING:
		if (!is_in_the_world(x, s->a.id))
			return doubt_orphan(x, s);
		sending_set(x, s, STEP_FLYING, X_NEVER);
		break;
	case STORE_DOUBT:
		/* A report that came meanwhile has moved the message on; else it still waits. */
		if (s->a.report >= 0) {
			s->segment++;
			sending_set(x, s, STEP_READY, s->m.due_at);
			break;
		}
		sending_set(x, s, STEP_DOUBT,
			    wall_after(s->a.ended_at, x->settings->in_doubt_wait));
		break;
	case STORE_SENT:
		s->segment++;
		sending_set(x, s, STEP_READY, s->m.due_at);
		break;
	case STORE_NOT_SENT:
	case STORE_NEVER:
		sending_set(x, s, STEP_READY, s->m.due_at);
		break;
	}
	return 0;
}

static int load_sending(struct exchange *x, int64_t id)
{
	struct store_message m;
	struct store_contact c;
	struct store_attempt a;
	int r = store_message_get(x->store, id, &m);

	if (r < 0)
		return r;
	struct sending *s = sending_put(x, &m);

	r = store_contact_get(x->store, m.contact, &c);
	if (r < 0)
		return r;
	tw_strset(s->to, sizeof(s->to), c.number);
	for (int64_t after = 0; (r = store_attempt_next(x->store, id, after, &a)) == 0;
	     after = a.id)
		s->a = a;
	if (r != TW_E_UNKNOWN)
		return r;
	s->segment = s->a.id ? s->a.segment : 1;
	return resume(x, s);
}

static int load_sendings(struct exchange *x)
{
	struct store_placed cursor = { 0 };
	int r;

	while ((r = store_sending_next(x->store, &cursor)) == 0) {
		r = load_sending(x, cursor.id);
		if (r < 0)
			return r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int load_strays(struct exchange *x)
{
	struct store_stray stray;
	int64_t after = 0;
	int r;

	x->n_strays = 0;
	while ((r = store_stray_next(x->store, after, &stray)) == 0) {
		after = stray.id;
		if (x->n_strays == x->cap_strays) {
			x->cap_strays = x->cap_strays ? x->cap_strays * 2 : 16;
			x->strays = tw_realloc(x->strays, x->cap_strays * sizeof(*x->strays));
		}
		x->strays[x->n_strays++] = stray;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* ---- all of it ----------------------------------------------------------------------------- */

void memory_drop(struct exchange *x)
{
	struct sending *s;
	void *value;

	for (size_t cursor = 0; (s = sending_each(x, &cursor)) != NULL; ) {
		store_message_done(&s->m);
		free(s);
	}
	tw_map_done(&x->sendings);
	for (size_t cursor = 0; tw_map_each(&x->routes, &cursor, NULL, NULL, &value); )
		free(value);
	for (size_t cursor = 0; tw_map_each(&x->bound, &cursor, NULL, NULL, &value); ) {
		free(((struct queue_list *)value)->v);
		free(value);
	}
	tw_map_done(&x->bound);
	tw_map_done(&x->routes);
	tw_map_done(&x->route_keys);
	for (size_t cursor = 0; tw_map_each(&x->names, &cursor, NULL, NULL, &value); )
		free(value);
	tw_map_done(&x->names);
	tw_map_done(&x->accounts);
	tw_map_done(&x->dedicated);
	tw_map_done(&x->lines);
	loops_done(x);
	pools_drop(x);
	jobs_drop(x);
	campaigns_drop(x);
	figures_drop(x);
	clock_drop(x);
	for (uint32_t i = 0; i < x->n_stations; i++) {
		if (!x->stations[i])
			continue;
		x->stations[i]->sim = (struct store_sim){ 0 };
		x->stations[i]->care_of = 0;
		memset(&x->stations[i]->add, 0, sizeof(x->stations[i]->add));
	}
	x->active.n = x->general.n = 0;
	x->general.segments = 0;
	x->n_queued = x->n_ready = x->n_doubt = x->n_scheduled = 0;
	x->n_strays = 0;
	x->move_after = 0;
	x->scheduled_at = x->expiry_at = x->assembly_at = x->sending_at =
		x->sticky_at = x->erase_at = x->heads_at = x->talk_at = x->forward_at =
		x->remind_at = (struct wall_ms){ 0 };
	x->books_due = true;
	x->books = (struct store_booking_query){ .account = 0 };
	x->queue_at = x->expiry_next = X_NEVER;
	x->expiry_cursor = (struct store_placed){ 0 };
	x->expiry_seen = 0;
}

int memory_load(struct exchange *x)
{
	memory_drop(x);
	if (x->hook)
		hook_forget(x->hook);
	int r = load_lines(x);

	if (r == 0)
		r = ledger_load(x);
	if (r == 0)
		r = load_dedicated(x);
	if (r == 0)
		r = pools_load(x);
	if (r == 0)
		r = news_load(x);
	if (r == 0)
		r = callbacks_load(x);
	for (uint32_t i = 0; i < x->n_stations && r == 0; i++) {
		if (!x->stations[i])
			continue;
		r = station_refresh(x, x->stations[i]);
		if (r == TW_E_UNKNOWN || r == TW_E_GONE)
			r = 0;
	}
	if (r == 0)
		r = load_routes(x);
	if (r == 0)
		r = store_scheduled_count(x->store, &x->n_scheduled);
	if (r == 0)
		r = load_sendings(x);
	if (r == 0)
		r = load_strays(x);
	if (r == 0)
		r = jobs_load(x);
	if (r == 0)
		r = figures_load(x);
	if (r == 0)
		r = campaigns_load(x);
	if (r == 0)
		r = alert_load(x);
	if (r == 0)
		r = self_test_load(x);
	if (r == 0)
		r = held_load(x);
	if (r == 0)
		r = which_load(x);
	if (r == 0)
		r = person_load(x);
	if (r == 0)
		r = review_load(x);
	x->is_stale = r < 0;
	return r;
}
