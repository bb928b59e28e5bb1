/* Running totals by keyword, arm, series, list, goal and campaign, by long number and hour. What
 * happens is marked in memory and noted once a commit (ledger.c); hours that are over are added up
 * into days and into what has ever been, a slice a turn. So a report reads rows of days, however
 * many messages there were. */
#include <stdio.h>

#include "internal.h"

enum { ROLL_SLICE = 32 };
#define NOTE "figures"
#define HOURS_KEPT_MS (400 * X_DAY_MS)

/* ---- time as the account has it ------------------------------------------------------------ */

static const struct tw_zone *zone_of(struct exchange *x, int64_t account)
{
	const struct tw_zone *zone = NULL;
	char name[128];

	account_of_id(x, account, name, sizeof(name));
	for (size_t i = 0; i < x->settings->n_accounts && !zone; i++)
		if (strcmp(x->settings->accounts[i].name, name) == 0)
			tw_zone_get(x->settings->accounts[i].zone ? x->settings->accounts[i].zone
				    : "", &zone);
	if (!zone)
		tw_zone_get("", &zone);
	return zone;
}

struct wall_ms figures_hour(struct exchange *x, int64_t account, struct wall_ms t)
{
	int64_t local = t.ms + tw_zone_offset(zone_of(x, account), t) * INT64_C(1000);

	return (struct wall_ms){ t.ms - local % X_HOUR_MS };
}

struct wall_ms figures_day(struct exchange *x, int64_t account, struct wall_ms t)
{
	const struct tw_zone *zone = zone_of(x, account);
	struct tw_civil day = tw_zone_civil(zone, t);

	day.hour = day.minute = day.second = 0;
	return tw_zone_wall(zone, &day);
}

/* ---- marks --------------------------------------------------------------------------------- */

int figure_topic(struct exchange *x, int64_t account, enum store_topic_kind kind, const char *name,
		 int64_t *ret)
{
	struct store_topic t = { .account = account, .kind = (int)kind };
	char key[STORE_TOPIC_MAX + 48];

	tw_strset(t.name, sizeof(t.name), name);
	int n = snprintf(key, sizeof(key), "%lld %d %s", (long long)account, (int)kind, t.name);
	intptr_t known = (intptr_t)tw_map_get(&x->figures.topics, key, (size_t)n);

	*ret = known;
	if (known)
		return 0;
	int r = store_topic(x->store, &t);

	if (r < 0)
		return r;
	tw_map_put(&x->figures.topics, key, (size_t)n, (void *)(intptr_t)t.id);
	*ret = t.id;
	return 0;
}

void figure_count(struct exchange *x, int64_t account, int64_t topic, int64_t line,
		  enum store_figure figure, int64_t by)
{
	struct figures *f = &x->figures;

	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 64;
		f->v = tw_realloc(f->v, f->cap * sizeof(*f->v));
	}
	f->v[f->n++] = (struct figure_mark){ account, topic, line, by, figure };
}

/* What belongs to no other topic is the account's own. Texts between the bank's SIMs are
 * nobody's. */
int figure_count_message(struct exchange *x, const struct store_message *m,
			 enum store_figure figure, int64_t by)
{
	int64_t topic = m->topic;
	int r = 0;

	if (m->flags & STORE_HIDDEN)
		return 0;
	if (!topic)
		r = figure_topic(x, m->account, STORE_TOPIC_ACCOUNT, "", &topic);
	if (r == 0)
		figure_count(x, m->account, topic, m->line, figure, by);
	return r;
}

int figure_count_named(struct exchange *x, int64_t account, enum store_topic_kind kind,
		       const char *name, int64_t line, enum store_figure figure)
{
	int64_t topic;
	int r = figure_topic(x, account, kind, name, &topic);

	if (r == 0)
		figure_count(x, account, topic, line, figure, 1);
	return r;
}

int figure_customer(struct exchange *x, const struct store_contact *c, int64_t topic, int64_t line)
{
	int r = store_customer(x->store, c->id, topic);

	if (r == 1)
		figure_count(x, c->account, topic, line, FIGURE_CUSTOMERS, 1);
	return r < 0 ? r : 0;
}

int figure_sent(struct exchange *x, const struct store_message *m)
{
	int r = figure_count_message(x, m, FIGURE_SENT, 1);

	if (r == 0)
		r = figure_count_message(x, m, FIGURE_SEGMENTS, m->segments);
	if (r == 0 && m->lane == LANE_REPLY && m->origin) {
		r = figure_count_message(x, m, FIGURE_ANSWERS, 1);
		if (r == 0 && m->sent_at.ms > m->created_at.ms)
			r = figure_count_message(x, m, FIGURE_ANSWER_MS,
						 m->sent_at.ms - m->created_at.ms);
	}
	return r == 0 && m->lane == LANE_CAMPAIGN && m->topic ? campaign_result(x, m, false) : r;
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Never into an hour that is in its day already, should the clock step back. */
static struct wall_ms hour_now(struct exchange *x, int64_t account)
{
	struct wall_ms at = figures_hour(x, account, x->now.wall);

	return at.ms > x->figures.cursor.at.ms ? at : wall_after(x->figures.cursor.at, X_HOUR_MS);
}

void figures_collect(struct exchange *x)
{
	struct figures *f = &x->figures;
	struct wall_ms at = { 0 };

	for (size_t i = 0; i < f->n; i++) {
		const struct figure_mark *m = &f->v[i];

		if (!i || m->account != f->v[i - 1].account)
			at = hour_now(x, m->account);
		struct store_figures row = { .level = STORE_HOUR, .topic = m->topic,
					     .line = m->line, .at = at };

		row.n[m->figure] = m->by;
		store_ledger_figures(&x->adding, &row);
		if (row.at.ms + X_HOUR_MS < f->roll_at.ms)
			f->roll_at.ms = row.at.ms + X_HOUR_MS;
	}
	f->n = f->event_n = 0;
}

void figures_forget(struct exchange *x)
{
	x->figures.n = x->figures.event_n = 0;
}

void figures_drop(struct exchange *x)
{
	tw_map_done(&x->figures.topics);
}

void figures_done(struct exchange *x)
{
	figures_drop(x);
	free(x->figures.v);
	x->figures = (struct figures){ 0 };
}

/* ---- what is counted beside messages ------------------------------------------------------- */

int tally(struct exchange *x, int64_t account, enum store_topic_kind kind, const char *name,
	  int which,
	  int64_t by)
{
	struct store_tally row = { .at = figures_hour(x, account, x->now.wall) };
	int r = figure_topic(x, account, kind, name, &row.topic);

	row.n[which] = by;
	return r < 0 ? r : store_tally_add(x->store, &row);
}

/* ---- hours into days ----------------------------------------------------------------------- */

int figures_load(struct exchange *x)
{
	struct store_figures *c = &x->figures.cursor;
	long long at = 0, topic = 0, line = 0;
	char text[96] = "";
	int r = store_note(x->store, NOTE, text, sizeof(text));

	if (text[0] && sscanf(text, "%lld %lld %lld", &at, &topic, &line) != 3)
		return TW_E_DB;
	*c = (struct store_figures){ .level = STORE_HOUR, .at = { at }, .topic = topic,
				     .line = line };
	x->figures.roll_at.ms = 0;
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int add_up(struct exchange *x, const struct store_figures *row)
{
	struct store_figures sum = *row;
	struct store_topic topic;
	int r = store_topic_get(x->store, row->topic, &topic);

	if (r < 0)
		return r == TW_E_UNKNOWN ? TW_E_DB : r;
	sum.level = STORE_DAY;
	sum.at = figures_day(x, topic.account, row->at);
	r = store_figures_add(x->store, &sum);
	sum.level = STORE_EVER;
	sum.at.ms = 0;
	return r < 0 ? r : store_figures_add(x->store, &sum);
}

/* Rows that were added up, or negative. ret_next: when there is more to do. */
static int roll(struct exchange *x, struct store_figures *cursor, struct wall_ms *ret_next)
{
	char text[96];
	int r = 0, n = 0;

	while (n < ROLL_SLICE) {
		struct store_figures row = *cursor;

		r = store_figures_next(x->store, &row);
		*ret_next = r < 0 ? X_NEVER : wall_after(row.at, X_HOUR_MS);
		if (r < 0 || ret_next->ms > x->now.wall.ms)
			break;
		r = add_up(x, &row);
		if (r < 0)
			return r;
		*cursor = row;
		n++;
	}
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	if (!n)
		return 0;
	snprintf(text, sizeof(text), "%lld %lld %lld", (long long)cursor->at.ms,
		 (long long)cursor->topic, (long long)cursor->line);
	r = store_note_put(x->store, NOTE, text);
	struct wall_ms old = wall_after(x->now.wall, -HOURS_KEPT_MS);

	if (r == 0)
		r = store_figures_prune(x->store, old.ms < cursor->at.ms ? old : cursor->at,
					ROLL_SLICE);
	return r < 0 ? r : n;
}

int figures_run(struct exchange *x)
{
	struct store_figures cursor = x->figures.cursor;
	struct wall_ms next = X_NEVER;

	if (x->figures.roll_at.ms > x->now.wall.ms)
		return 0;
	event_begin(x);
	int r = ledger_settle(x);

	r = event_end(x, r < 0 ? r : roll(x, &cursor, &next), "figures");

	if (r < 0) {
		x->figures.roll_at = wall_after(x->now.wall, 60 * 1000);
		return r;
	}
	x->figures.cursor = cursor;
	x->figures.roll_at = next;
	return 0;
}

/* ---- reading ------------------------------------------------------------------------------- */

static void add_row(const struct store_figures *row, int64_t ret[FIGURE_COUNT])
{
	for (int i = 0; i < FIGURE_COUNT; i++)
		ret[i] += row->n[i];
}

int figures_sum(struct exchange *x, int64_t topic, int64_t ret[FIGURE_COUNT])
{
	struct store_figures row = { .level = STORE_EVER, .topic = topic, .line = -1 };
	int r;

	memset(ret, 0, FIGURE_COUNT * sizeof(*ret));
	while ((r = store_figures_next(x->store, &row)) == 0 && row.topic == topic)
		add_row(&row, ret);
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	row = x->figures.cursor;
	while ((r = store_figures_next(x->store, &row)) == 0)
		if (row.topic == topic)
			add_row(&row, ret);
	for (size_t i = 0; i < x->ledger.n_figures; i++)
		if (x->ledger.figures[i].topic == topic)
			add_row(&x->ledger.figures[i], ret);
	for (size_t i = 0; i < x->figures.n; i++)
		if (x->figures.v[i].topic == topic)
			ret[x->figures.v[i].figure] += x->figures.v[i].by;
	return r == TW_E_UNKNOWN ? 0 : r;
}
