/* Reports from the running totals: rows of hours, days or of all time, added up by what was asked.
 * They are read a slice a turn, so that a report on years of hours holds up no reply. */
#include "internal.h"

enum { SHORT_MS = 7 * 24 * X_HOUR_MS };	/* within so long a time rows of hours are added up */

struct bucket { struct wall_ms at; int64_t n[REPORT_COUNT]; };
/* Of a topic and long number, by time: rows come in that order. */
struct series {
	const struct store_topic *topic;
	int64_t line;
	struct bucket *v;
	size_t n, cap;
};

enum phase { READ_FIRST, READ_HOURS, READ_TALLIES, READ_OVER };

struct exchange_report {
	struct exchange_report_query q;	/* its texts are the report's own */
	int64_t account;		/* 0: all */
	enum phase phase;
	struct store_figures cursor;
	struct store_tally tally;
	struct store_figures rolled;	/* the hours that were in days when the reading began */
	uint64_t n_settled;		/* of x, when a slice was read last */
	struct tw_map topics;		/* row -> struct store_topic */
	struct tw_map by_key;		/* topic, line -> place in series, plus one */
	struct series **series;
	size_t n_series, cap_series;
	size_t rows, told_series, told_bucket;
};

/* ---- what is asked for --------------------------------------------------------------------- */

static const struct store_topic *topic_of(struct exchange *x, struct exchange_report *rep,
					  int64_t id)
{
	struct store_topic *t = tw_map_get(&rep->topics, &id, sizeof(id)), row;

	if (t || store_topic_get(x->store, id, &row) < 0)
		return t;
	t = tw_alloc(sizeof(*t));
	*t = row;
	tw_map_put(&rep->topics, &id, sizeof(id), t);
	return t;
}

static bool is_asked(const struct exchange_report *rep, const struct store_topic *t)
{
	const struct exchange_report_query *q = &rep->q;

	return t && (!rep->account || t->account == rep->account) &&
	       (!q->kind || strcmp(q->kind,
				   store_topic_name((enum store_topic_kind)t->kind)) == 0) &&
	       (!q->name || strcmp(q->name, t->name) == 0);
}

static struct wall_ms bucket_of(struct exchange *x, const struct exchange_report *rep,
				int64_t account,
				struct wall_ms at)
{
	switch (rep->q.by) {
	case STORE_HOUR:
		return at;
	case STORE_DAY:
		return figures_day(x, account, at);
	case STORE_EVER:
		break;
	}
	return (struct wall_ms){ 0 };
}

/* ---- adding up ----------------------------------------------------------------------------- */

static struct series *series_of(struct exchange_report *rep, const struct store_topic *t,
				int64_t line)
{
	const int64_t key[2] = { t->id, line };
	size_t at = (size_t)(uintptr_t)tw_map_get(&rep->by_key, key, sizeof(key));
	struct series *s;

	if (at)
		return rep->series[at - 1];
	s = tw_zalloc(sizeof(*s));
	s->topic = t;
	s->line = line;
	if (rep->n_series == rep->cap_series) {
		rep->cap_series = rep->cap_series ? 2 * rep->cap_series : 64;
		rep->series = tw_realloc(rep->series, rep->cap_series * sizeof(*rep->series));
	}
	rep->series[rep->n_series++] = s;
	tw_map_put(&rep->by_key, key, sizeof(key), (void *)(uintptr_t)rep->n_series);
	return s;
}

/* Time goes on from row to row, so it is the last one, or a new one behind it; but clocks step
 * back. */
static struct bucket *bucket_at(struct exchange_report *rep, struct series *s, struct wall_ms at)
{
	size_t i = s->n;

	while (i && s->v[i - 1].at.ms > at.ms)
		i--;
	if (i && s->v[i - 1].at.ms == at.ms)
		return &s->v[i - 1];
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 1;
		s->v = tw_realloc(s->v, s->cap * sizeof(*s->v));
	}
	memmove(s->v + i + 1, s->v + i, (s->n - i) * sizeof(*s->v));
	s->v[i] = (struct bucket){ .at = at };
	s->n++;
	rep->rows++;
	return &s->v[i];
}

static void add(struct exchange *x, struct exchange_report *rep, const struct store_figures *row)
{
	const struct store_topic *t = topic_of(x, rep, row->topic);
	const struct exchange_report_query *q = &rep->q;
	struct wall_ms at = { 0 };

	if (!is_asked(rep, t) || (row->level != STORE_EVER && (row->at.ms < q->from.ms ||
				  (q->until.ms && row->at.ms >= q->until.ms))))
		return;
	if (row->level != STORE_EVER)
		at = bucket_of(x, rep, t->account, row->at);
	struct bucket *b = bucket_at(rep, series_of(rep, t, q->by_line ? row->line : 0), at);

	for (int i = 0; i < FIGURE_COUNT; i++)
		b->n[i] += row->n[i];
}

/* What is not in its rows yet: it is in the ledger, or only marked. */
static void add_marks(struct exchange *x, struct exchange_report *rep)
{
	const struct figures *f = &x->figures;

	for (size_t i = 0; i < x->ledger.n_figures; i++)
		add(x, rep, &x->ledger.figures[i]);
	for (size_t i = 0; i < f->n; i++) {
		const struct figure_mark *m = &f->v[i];
		struct store_figures row = { .level = STORE_HOUR, .topic = m->topic,
					     .line = m->line,
					     .at = figures_hour(x, m->account, x->now.wall) };

		row.n[m->figure] = m->by;
		add(x, rep, &row);
	}
}

/* Which figures the tallies of a topic are. Queues: tickets opened, those answered, … */
static const enum report_figure tallies[STORE_TOPIC_KINDS][STORE_TALLIES] = {
	[STORE_TOPIC_QUEUE] = { [STORE_DESK_OPENED] = (enum report_figure)FIGURE_RECEIVED,
				[STORE_DESK_ANSWERED] = (enum report_figure)FIGURE_ANSWERS,
				[STORE_DESK_ESCALATED] = (enum report_figure)FIGURE_FAILED,
				[STORE_DESK_CLOSED] = (enum report_figure)FIGURE_DELIVERED,
				[STORE_DESK_ANSWER_MS] = (enum report_figure)FIGURE_ANSWER_MS },
	[STORE_TOPIC_CALENDAR] = { [STORE_DID_OFFER] = REPORT_OFFERED,
				   [STORE_DID_BOOK] = REPORT_BOOKED,
				   [STORE_DID_MOVE] = REPORT_MOVED,
				   [STORE_DID_CONFIRM] = REPORT_CONFIRMED,
				   [STORE_DID_CANCEL] = REPORT_CANCELED,
				   [STORE_DID_REMIND] = REPORT_REMINDED },
	[STORE_TOPIC_PLEDGE] = { [STORE_PLEDGES] = REPORT_PLEDGES,
				 [STORE_PLEDGED] = REPORT_AMOUNT },
};

static void add_tally(struct exchange *x, struct exchange_report *rep, const struct store_topic *t,
		      const struct store_tally *row)
{
	struct wall_ms at = bucket_of(x, rep, t->account, row->at);
	struct bucket *b = bucket_at(rep, series_of(rep, t, 0), at);

	for (int i = 0; i < STORE_TALLIES; i++)
		b->n[tallies[t->kind][i]] += row->n[i];
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool is_of_days(const struct exchange_report *rep)
{
	return rep->phase == READ_HOURS || (rep->phase == READ_FIRST &&
					    rep->cursor.level != STORE_HOUR);
}

/* Hours of a short time; else days, or all that has ever been, and the hours that are not in them
 * yet. */
static void begin(struct exchange *x, struct exchange_report *rep)
{
	const struct exchange_report_query *q = &rep->q;
	struct wall_ms end = q->until.ms ? q->until : x->now.wall;
	bool is_short = q->from.ms && end.ms - q->from.ms <= SHORT_MS;

	for (size_t i = 0; i < rep->n_series; i++)
		rep->series[i]->n = 0;
	rep->rows = 0;
	rep->phase = READ_FIRST;
	rep->rolled = x->figures.cursor;
	rep->n_settled = x->n_settled;
	rep->cursor = (struct store_figures){ .level = STORE_HOUR, .at = q->from };
	if (q->by != STORE_HOUR && !(q->by == STORE_EVER && is_short)) {
		rep->cursor.level = q->by == STORE_EVER && !q->from.ms && !q->until.ms ? STORE_EVER
										       : STORE_DAY;
		rep->cursor.at = rep->cursor.level == STORE_DAY ? q->from : (struct wall_ms){ 0 };
	}
}

/* An hour that is added up into its day between two slices would be read twice, or not at all. */
static bool is_overtaken(const struct exchange *x, const struct exchange_report *rep)
{
	const struct store_figures *a = &rep->rolled, *b = &x->figures.cursor;

	return is_of_days(rep) && (a->at.ms != b->at.ms || a->topic != b->topic ||
				   a->line != b->line);
}

/* What the ledger brought into rows since: of those that were read already it is added here, the
 * others will be read with it. */
static void add_settled(struct exchange *x, struct exchange_report *rep)
{
	const struct store_figures *c = &rep->cursor;

	rep->n_settled = x->n_settled;
	if (rep->phase > READ_HOURS || c->level != STORE_HOUR)
		return;
	for (size_t i = 0; i < x->settled.n_figures; i++) {
		const struct store_figures *f = &x->settled.figures[i];
		bool is_behind = f->at.ms != c->at.ms ? f->at.ms > c->at.ms :
				 f->topic != c->topic ? f->topic > c->topic : f->line > c->line;

		if (!is_behind)
			add(x, rep, f);
	}
}

static void end_figures(struct exchange *x, struct exchange_report *rep)
{
	if (rep->phase == READ_FIRST && rep->cursor.level != STORE_HOUR) {
		rep->phase = READ_HOURS;
		rep->cursor = x->figures.cursor;
		return;
	}
	add_marks(x, rep);
	rep->phase = READ_TALLIES;
	rep->tally = (struct store_tally){ .topic = 0 };
}

static int read_figures(struct exchange *x, struct exchange_report *rep, int *left)
{
	const struct exchange_report_query *q = &rep->q;
	int r = 0;

	while (r == 0 && (*left)-- > 0) {
		r = store_figures_next(x->store, &rep->cursor);
		if (r == 0 && rep->cursor.level != STORE_EVER && q->until.ms &&
		    rep->cursor.at.ms >= q->until.ms)
			r = TW_E_UNKNOWN;
		if (r == 0)
			add(x, rep, &rep->cursor);
	}
	if (r == TW_E_UNKNOWN)
		end_figures(x, rep);
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* What is not asked for is stepped over: the next topic, or the time from which on it is. */
static int read_tallies(struct exchange *x, struct exchange_report *rep, int *left)
{
	const struct exchange_report_query *q = &rep->q;
	struct store_tally *c = &rep->tally;
	int r = 0;

	while (r == 0 && (*left)-- > 0) {
		r = store_tally_next(x->store, c);
		if (r < 0)
			break;
		const struct store_topic *t = topic_of(x, rep, c->topic);

		if (!is_asked(rep, t) || (q->until.ms && c->at.ms >= q->until.ms))
			c->at.ms = INT64_MAX;
		else if (c->at.ms < q->from.ms)
			c->at.ms = q->from.ms - 1;
		else
			add_tally(x, rep, t, c);
	}
	if (r == TW_E_UNKNOWN)
		rep->phase = READ_OVER;
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* By account, kind, name and long number. */
static int compare(const void *a, const void *b)
{
	const struct series *p = *(struct series *const *)a, *q = *(struct series *const *)b;
	const struct store_topic *s = p->topic, *t = q->topic;
	int order = (s->account > t->account) - (s->account < t->account);

	order = order ? order : s->kind - t->kind;
	order = order ? order : strcmp(s->name, t->name);
	return order ? order : (p->line > q->line) - (p->line < q->line);
}

int exchange_report_read(struct exchange *x, struct exchange_report *rep, struct tw_now now)
{
	int left = EXCHANGE_REPORT_SLICE, r = 0;

	x->now = now;
	if (is_overtaken(x, rep) || x->n_settled > rep->n_settled + 1)
		begin(x, rep);
	else if (x->n_settled != rep->n_settled)
		add_settled(x, rep);
	if (is_of_days(rep) && x->figures.roll_at.ms <= now.wall.ms)
		return 1;		/* hours are being added up: once that is done */
	while (r == 0 && left > 0 && rep->phase != READ_OVER) {
		r = rep->phase == READ_TALLIES ? read_tallies(x, rep, &left) :
		    read_figures(x, rep, &left);
		if (r == 0 && rep->rows > EXCHANGE_REPORT_MAX)
			r = TW_E_RANGE;
	}
	if (r < 0 || rep->phase != READ_OVER)
		return r < 0 ? r : 1;
	if (rep->n_series)
		qsort(rep->series, rep->n_series, sizeof(*rep->series), compare);
	return 0;
}

const char *report_figure_name(int figure)
{
	static const char *const own[] = {
#define X(name, text) #text,
		REPORT_FIGURES(X)
#undef X
	};

	return figure < FIGURE_COUNT ? store_figure_name((enum store_figure)figure)
				     : own[figure - FIGURE_COUNT];
}

size_t exchange_report_rows(const struct exchange_report *rep)
{
	return rep->rows;
}

/* ---- telling ------------------------------------------------------------------------------- */

static void tell(struct exchange *x, const struct series *s, const struct bucket *b,
		 void (*cb)(void *ctx, const struct report_row *row), void *ctx)
{
	struct report_row row = { .kind = (enum store_topic_kind)s->topic->kind, .at = b->at,
				  .currency = "" };

	account_of_id(x, s->topic->account, row.account, sizeof(row.account));
	tw_strset(row.name, sizeof(row.name), s->topic->name);
	if (s->line)
		store_line_number(x->store, s->line, row.line, sizeof(row.line));
	if (row.kind == STORE_TOPIC_PLEDGE && x->flows)
		row.currency = flows_pledge_currency(x->flows, row.account, row.name);
	memcpy(row.n, b->n, sizeof(row.n));
	cb(ctx, &row);
}

size_t exchange_report_tell(struct exchange *x, struct exchange_report *rep, size_t n,
			    void (*cb)(void *ctx, const struct report_row *row), void *ctx)
{
	size_t told = 0;

	while (told < n && rep->told_series < rep->n_series) {
		const struct series *s = rep->series[rep->told_series];

		if (rep->told_bucket == s->n) {
			rep->told_series++;
			rep->told_bucket = 0;
			continue;
		}
		tell(x, s, &s->v[rep->told_bucket++], cb, ctx);
		told++;
	}
	return told;
}

/* ---- life ---------------------------------------------------------------------------------- */

int exchange_report_new(struct exchange *x, const struct exchange_report_query *q,
			struct tw_now now,
			struct exchange_report **ret)
{
	struct exchange_report *rep;
	int64_t account = 0;
	int r = q->account ? account_id(x, q->account, &account) : 0;

	x->now = now;
	if (r < 0)
		return r;
	rep = tw_zalloc(sizeof(*rep));
	rep->q = *q;
	rep->q.account = NULL;
	rep->q.kind = q->kind ? tw_strdup(q->kind) : NULL;
	rep->q.name = q->name ? tw_strdup(q->name) : NULL;
	rep->account = account;
	begin(x, rep);
	*ret = rep;
	return 0;
}

void exchange_report_free(struct exchange_report *rep)
{
	size_t cursor = 0;
	void *topic;

	if (!rep)
		return;
	for (size_t i = 0; i < rep->n_series; i++) {
		free(rep->series[i]->v);
		free(rep->series[i]);
	}
	free(rep->series);
	while (tw_map_each(&rep->topics, &cursor, NULL, NULL, &topic))
		free(topic);
	tw_map_done(&rep->topics);
	tw_map_done(&rep->by_key);
	free((char *)(uintptr_t)rep->q.kind);
	free((char *)(uintptr_t)rep->q.name);
	free(rep);
}
