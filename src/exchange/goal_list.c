/* Goals, what led to them, and what was pledged, as people and programs see them. */
#include "internal.h"

enum { GOALS_MAX = 64 };

/* ---- goals --------------------------------------------------------------------------------- */

struct goals { struct flow_goal_state v[GOALS_MAX]; size_t n; };

static const struct flow_goal_state *find(const struct goals *g, const char *name)
{
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->v[i].name, name) == 0)
			return &g->v[i];
	return NULL;
}

/* The next by name among those that flows declare and those that were ever reached. */
static int next(struct exchange *x, const struct goals *g, int64_t account,
		char name[STORE_GOAL_MAX])
{
	char stored[STORE_GOAL_MAX];
	const char *first = NULL;
	int r;

	tw_strset(stored, sizeof(stored), name);
	r = store_goal_next(x->store, account, stored);
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	if (r == 0)
		first = stored;
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->v[i].name, name) > 0 && (!first || strcmp(g->v[i].name, first) < 0))
			first = g->v[i].name;
	if (!first)
		return TW_E_UNKNOWN;
	tw_strset(name, STORE_GOAL_MAX, first);
	return 0;
}

static int fill(struct exchange *x, const struct goals *g, const char *account, int64_t row,
		const char *name, struct exchange_goal *ret)
{
	const struct flow_goal_state *declared = find(g, name);

	*ret = (struct exchange_goal){ .account = account, .name = name, .is_declared = declared,
				       .within = declared ? declared->within : 0 };
	return store_goal_sum(x->store, row, name, &ret->reached, &ret->counted, &ret->last_at);
}

static void declared_of(struct exchange *x, const char *account, struct goals *ret)
{
	ret->n = x->flows ? flows_goals(x->flows, account, NULL, ret->v, GOALS_MAX) : 0;
}

int exchange_goals(struct exchange *x, const char *account, const char *after, int64_t limit,
		   void (*cb)(void *ctx, const struct exchange_goal *g), void *ctx)
{
	char name[STORE_GOAL_MAX];
	struct exchange_goal told;
	struct goals g;
	int64_t row;
	int n = 0, r = account_id(x, account, &row);

	declared_of(x, account, &g);
	tw_strset(name, sizeof(name), after ? after : "");
	while (r == 0 && n < limit && n < EXCHANGE_SLICE) {
		r = next(x, &g, row, name);
		if (r == 0)
			r = fill(x, &g, account, row, name, &told);
		if (r == 0)
			cb(ctx, &told);
		n += r == 0;
	}
	return r < 0 && r != TW_E_UNKNOWN ? r : n;
}

int exchange_goal(struct exchange *x, const char *account, const char *name,
		  struct exchange_goal *ret)
{
	struct goals g;
	int64_t row;
	int r = account_id(x, account, &row);

	declared_of(x, account, &g);
	if (r == 0)
		r = fill(x, &g, account, row, name, ret);
	return r == 0 && !ret->is_declared && !ret->reached ? TW_E_UNKNOWN : r;
}

int exchange_goal_touches(struct exchange *x, const char *account, const char *goal,
			  const char *after,
			  int64_t limit, void (*cb)(void *ctx, const struct store_goal_touch *t),
				void *ctx)
{
	struct store_goal_touch t = { .kind = "" };
	const char *slash = after ? strchr(after, '/') : NULL;
	int64_t row;
	int n = 0, r = account_id(x, account, &row);

	if (slash) {
		tw_strsetn(t.kind, sizeof(t.kind), after, (size_t)(slash - after));
		tw_strset(t.name, sizeof(t.name), slash + 1);
	}
	while (r == 0 && n < limit && n < EXCHANGE_SLICE) {
		r = store_goal_touch_next(x->store, row, goal, &t);
		if (r == 0)
			cb(ctx, &t);
		n += r == 0;
	}
	return r < 0 && r != TW_E_UNKNOWN ? r : n;
}

/* ---- pledges ------------------------------------------------------------------------------- */

struct totals {
	struct exchange *x;
	const char *account;
	struct tw_strings told;
	void (*cb)(void *ctx, const struct exchange_pledge_total *t);
	void *ctx;
};

static bool is_told(const struct totals *t, const char *name)
{
	for (size_t i = 0; i < t->told.n; i++)
		if (strcmp(t->told.v[i], name) == 0)
			return true;
	return false;
}

static bool find_pledge(const struct totals *t, const char *name)
{
	struct flow_pledge_info info;

	for (size_t i = 0; t->x->flows && flows_pledge_at(t->x->flows, i, &info); i++)
		if (strcmp(info.account, t->account) == 0 && strcmp(info.name, name) == 0)
			return true;
	return false;
}

static void tell_total(void *ctx, const struct report_row *row)
{
	struct totals *t = ctx;

	t->cb(t->ctx, &(struct exchange_pledge_total){ .account = t->account, .name = row->name,
		.currency = row->currency, .is_declared = find_pledge(t, row->name),
		.n = row->n[REPORT_PLEDGES], .amount = row->n[REPORT_AMOUNT] });
	tw_strings_add(&t->told, row->name);
}

int exchange_pledge_totals(struct exchange *x, const char *account,
			   struct exchange_report *figures,
			   void (*cb)(void *ctx, const struct exchange_pledge_total *t), void *ctx)
{
	struct totals t = { .x = x, .account = account, .cb = cb, .ctx = ctx };
	struct flow_pledge_info info;
	int n;

	exchange_report_tell(x, figures, EXCHANGE_REPORT_MAX, tell_total, &t);
	for (size_t i = 0; x->flows && flows_pledge_at(x->flows, i, &info); i++) {
		if (strcmp(info.account, account) != 0 || is_told(&t, info.name))
			continue;
		cb(ctx, &(struct exchange_pledge_total){ .account = account, .name = info.name,
			.currency = info.currency, .is_declared = true });
		tw_strings_add(&t.told, info.name);
	}
	n = (int)t.told.n;
	tw_strings_done(&t.told);
	return n;
}
