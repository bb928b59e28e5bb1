/* Reports from the running totals: rows of hours, days or of all time, added up by what was
 * asked. */
#include "internal.h"

enum { SHORT_MS = 7 * 24 * X_HOUR_MS };	/* within so long a time rows of hours are added up */

struct sum { int64_t topic, line; struct wall_ms at; int64_t n[FIGURE_COUNT]; };
struct report {
	struct exchange *x;
	const struct exchange_report_query *q;
	int64_t account;		/* 0: all */
	struct tw_map topics;		/* row -> struct store_topic */
	struct tw_map sums;		/* topic, line, at -> place in v, plus one */
	struct sum *v;
	size_t n, cap;
	int64_t looked;
};

static const struct store_topic *topic_of(struct report *rep, int64_t id)
{
	struct store_topic *t = tw_map_get(&rep->topics, &id, sizeof(id)), row;

	if (t || store_topic_get(rep->x->store, id, &row) < 0)
		return t;
	t = tw_alloc(sizeof(*t));
	*t = row;
	tw_map_put(&rep->topics, &id, sizeof(id), t);
	return t;
}

static bool is_asked(const struct report *rep, const struct store_topic *t)
{
	const struct exchange_report_query *q = rep->q;

	return t && (!rep->account || t->account == rep->account) &&
	       (!q->kind || strcmp(q->kind, store_topic_name((enum store_topic_kind)t->kind)) ==
		0) &&
	       (!q->name || strcmp(q->name, t->name) == 0);
}

static struct wall_ms bucket_of(struct report *rep, const struct store_topic *t, struct wall_ms at)
{
	switch (rep->q->by) {
	case STORE_HOUR:
		return at;
	case STORE_DAY:
		return figures_day(rep->x, t->account, at);
	case STORE_EVER:
		break;
	}
	return (struct wall_ms){ 0 };
}

static void add(struct report *rep, const struct store_figures *row)
{
	const struct store_topic *t = topic_of(rep, row->topic);
	const struct exchange_report_query *q = rep->q;

	if (!is_asked(rep, t) || (row->level != STORE_EVER && (row->at.ms < q->from.ms ||
				  (q->until.ms && row->at.ms >= q->until.ms))))
		return;
	struct sum sum = { .topic = row->topic, .line = q->by_line ? row->line : 0 };

	if (row->level != STORE_EVER)
		sum.at = bucket_of(rep, t, row->at);
	const int64_t key[3] = { sum.topic, sum.line, sum.at.ms };
	size_t at = (size_t)(uintptr_t)tw_map_get(&rep->sums, key, sizeof(key));

	if (!at) {
		if (rep->n == rep->cap) {
			rep->cap = rep->cap ? 2 * rep->cap : 64;
			rep->v = tw_realloc(rep->v, rep->cap * sizeof(*rep->v));
		}
		rep->v[rep->n++] = sum;
		at = rep->n;
		tw_map_put(&rep->sums, key, sizeof(key), (void *)(uintptr_t)at);
	}
	for (int i = 0; i < FIGURE_COUNT; i++)
		rep->v[at - 1].n[i] += row->n[i];
}

/* Rows of a level from there on, until the report's end. */
static int walk(struct report *rep, struct store_figures cursor)
{
	int r;

	while ((r = store_figures_next(rep->x->store, &cursor)) == 0) {
		if (cursor.level != STORE_EVER && rep->q->until.ms &&
		    cursor.at.ms >= rep->q->until.ms)
			return 0;
		if (++rep->looked > EXCHANGE_REPORT_MAX)
			return TW_E_RANGE;
		add(rep, &cursor);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* What was marked and is not written yet. */
static void add_marks(struct report *rep)
{
	const struct figures *f = &rep->x->figures;

	for (size_t i = 0; i < f->n; i++) {
		const struct figure_mark *m = &f->v[i];
		struct store_figures row = { .level = STORE_HOUR, .topic = m->topic,
					     .line = m->line,
					     .at = figures_hour(rep->x, m->account,
								rep->x->now.wall) };

		row.n[m->figure] = m->by;
		add(rep, &row);
	}
}

/* Hours of a short time; else days, or all that has ever been, and the hours that are not in them
 * yet. */
static int collect(struct report *rep)
{
	const struct exchange_report_query *q = rep->q;
	struct wall_ms end = q->until.ms ? q->until : rep->x->now.wall;
	bool is_short = q->from.ms && end.ms - q->from.ms <= SHORT_MS;
	struct store_figures cursor = { .level = STORE_HOUR, .at = q->from };
	int r;

	if (q->by == STORE_HOUR || (q->by == STORE_EVER && is_short)) {
		r = walk(rep, cursor);
	} else {
		cursor.level = q->by == STORE_EVER && !q->from.ms && !q->until.ms ? STORE_EVER
			: STORE_DAY;
		r = walk(rep, cursor);
		if (r == 0)
			r = walk(rep, rep->x->figures.cursor);
	}
	if (r == 0)
		add_marks(rep);
	return r;
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct sum *p = a, *q = b;
	const struct store_topic *s = topic_of(ctx, p->topic), *t = topic_of(ctx, q->topic);
	int order = (s->account > t->account) - (s->account < t->account);

	order = order ? order : s->kind - t->kind;
	order = order ? order : strcmp(s->name, t->name);
	order = order ? order : (p->line > q->line) - (p->line < q->line);
	return order ? order : (p->at.ms > q->at.ms) - (p->at.ms < q->at.ms);
}

static void tell(struct report *rep, const struct sum *sum,
		 void (*cb)(void *ctx, const struct report_row *row), void *ctx)
{
	const struct store_topic *t = topic_of(rep, sum->topic);
	struct report_row row = { .kind = (enum store_topic_kind)t->kind, .at = sum->at };

	account_of_id(rep->x, t->account, row.account, sizeof(row.account));
	tw_strset(row.name, sizeof(row.name), t->name);
	if (sum->line)
		store_line_number(rep->x->store, sum->line, row.line, sizeof(row.line));
	memcpy(row.n, sum->n, sizeof(row.n));
	cb(ctx, &row);
}

/* ---- queues of tickets, which have totals of their own (ticket.c) -------------------------- */

struct desks {
	struct report *rep;
	void (*cb)(void *ctx, const struct report_row *row);
	void *ctx;
	struct report_row row;
	int n;
};

/* Tickets opened, closed, escalated; those answered, and the time that it took. */
static void add_desk(struct report_row *row, const struct store_desk_figures *f)
{
	row->n[FIGURE_RECEIVED] += f->opened;
	row->n[FIGURE_DELIVERED] += f->closed;
	row->n[FIGURE_FAILED] += f->escalated;
	row->n[FIGURE_ANSWERS] += f->answered;
	row->n[FIGURE_ANSWER_MS] += f->answer_ms;
}

static void end_bucket(struct desks *d)
{
	bool has_any = false;

	for (int i = 0; i < FIGURE_COUNT; i++)
		has_any |= d->row.n[i] != 0;
	if (has_any)
		d->cb(d->ctx, &d->row);
	d->n += has_any;
	memset(d->row.n, 0, sizeof(d->row.n));
}

static int desk_by_time(struct desks *d, int64_t account)
{
	const struct exchange_report_query *q = d->rep->q;
	const struct store_topic t = { .account = account };
	struct wall_ms at = { q->from.ms - 1 };
	struct store_desk_figures f;
	int r;

	while ((r = store_desk_hour_next(d->rep->x->store, account, d->row.name, at, &at, &f)) ==
	       0) {
		if (q->until.ms && at.ms >= q->until.ms)
			break;
		if (++d->rep->looked > EXCHANGE_REPORT_MAX)
			return TW_E_RANGE;
		struct wall_ms bucket = bucket_of(d->rep, &t, at);

		if (bucket.ms != d->row.at.ms)
			end_bucket(d);
		d->row.at = bucket;
		add_desk(&d->row, &f);
	}
	end_bucket(d);
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int tell_desk(struct desks *d, int64_t account)
{
	const struct exchange_report_query *q = d->rep->q;
	struct store_desk_figures f;

	if (q->name && strcmp(q->name, d->row.name) != 0)
		return 0;
	d->row.at.ms = 0;
	if (q->by != STORE_EVER)
		return desk_by_time(d, account);
	int r = store_desk_sum(d->rep->x->store, account, d->row.name, q->from, q->until, &f);

	if (r == 0)
		add_desk(&d->row, &f);
	end_bucket(d);
	return r;
}

static int tell_desks(struct desks *d)
{
	const struct exchange_report_query *q = d->rep->q;
	struct exchange *x = d->rep->x;
	char name[STORE_AGENT_MAX];
	int64_t account;
	int r = 0;

	if (q->kind && strcmp(q->kind, store_topic_name(STORE_TOPIC_QUEUE)) != 0)
		return 0;
	for (size_t i = 0; i < x->settings->n_accounts && r == 0; i++) {
		const char *of = x->settings->accounts[i].name;

		if (q->account && strcmp(q->account, of) != 0)
			continue;
		r = account_id(x, of, &account);
		for (name[0] = '\0'; r == 0; ) {
			r = store_desk_next(x->store, account, name, name);
			if (r < 0)
				break;
			d->row = (struct report_row){ .kind = STORE_TOPIC_QUEUE };
			tw_strset(d->row.account, sizeof(d->row.account), of);
			tw_strset(d->row.name, sizeof(d->row.name), name);
			r = tell_desk(d, account);
		}
		r = r == TW_E_UNKNOWN ? 0 : r;
	}
	return r;
}

int exchange_report(struct exchange *x, const struct exchange_report_query *q, struct tw_now now,
		    void (*cb)(void *ctx, const struct report_row *row), void *ctx)
{
	struct report rep = { .x = x, .q = q };
	struct desks desks = { .rep = &rep, .cb = cb, .ctx = ctx };
	size_t cursor = 0;
	void *topic;

	x->now = now;
	int r = q->account ? account_id(x, q->account, &rep.account) : 0;

	if (r == 0)
		r = collect(&rep);
	if (r == 0 && rep.n) {
		qsort_r(rep.v, rep.n, sizeof(*rep.v), compare, &rep);
		for (size_t i = 0; i < rep.n; i++)
			tell(&rep, &rep.v[i], cb, ctx);
	}
	if (r == 0)
		r = tell_desks(&desks);
	while (tw_map_each(&rep.topics, &cursor, NULL, NULL, &topic))
		free(topic);
	tw_map_done(&rep.topics);
	tw_map_done(&rep.sums);
	free(rep.v);
	return r < 0 ? r : (int)rep.n + desks.n;
}
