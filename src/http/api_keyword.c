/* /api/v1/keywords and /api/v1/goals: what is texted, and what it led to. */
#include "read.h"

enum { ROWS_DEFAULT = 100 };

/* ---- keywords ------------------------------------------------------------------------------ */

static const enum store_figure told[] = { FIGURE_RECEIVED, FIGURE_CUSTOMERS, FIGURE_CONVERSIONS,
	FIGURE_SENT };
static const char *const told_names[] = { "messages", "customers", "conversions", "replies" };

void http_write_keyword(struct tw_buf *b, const struct exchange_keyword *k)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "account", k->account);
	http_put_text(b, "match", k->name);
	http_put_text(b, "file", k->file);
	http_put_int(b, "line", k->line);
	http_put_int(b, "places", k->places);
	for (size_t i = 0; i < TW_COUNT(told); i++) {
		if (k->n)
			http_put_int(b, told_names[i], k->n[told[i]]);
		else
			http_put_null(b, told_names[i]);
	}
	http_put_close(b, '}');
}

struct listing { struct tw_buf *out, last; int64_t n; };

static void add_keyword(void *ctx, const struct exchange_keyword *k)
{
	struct listing *l = ctx;

	http_write_keyword(l->out, k);
	tw_buf_clear(&l->last);
	tw_buf_addf(&l->last, "%s\t%s", k->account, k->name);
	l->n++;
}

void http_get_keywords(struct http_request *r, struct tw_now now)
{
	struct exchange_keywords_query q = { .limit = ROWS_DEFAULT, .after = http_param(r,
											"after") };
	struct listing l = { .out = &r->out };
	int code;

	if (!http_read_limit(r, EXCHANGE_SLICE, &q.limit) ||
	    !http_pick_account(r, http_param(r, "account"), &q.account))
		return;
	if (q.after && !strchr(q.after, '\t')) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "after: expected what the former answer said");
		return;
	}
	code = http_read_figures(r, q.account, STORE_TOPIC_KEYWORD, now);
	if (code == 1 || (code < 0 && code != TW_E_RANGE))
		return;
	q.figures = code == 0 ? r->figures : NULL;
	http_begin_list(r, "keywords");
	exchange_keywords(r->h->setup.exchange, &q, add_keyword, &l);
	http_end_list(r, "after", l.n == q.limit ? tw_buf_str(&l.last) : "");
	tw_buf_done(&l.last);
}

/* ---- goals --------------------------------------------------------------------------------- */

static void put_goal(struct tw_buf *b, const struct exchange_goal *g)
{
	char within[24];

	http_put_text(b, "account", g->account);
	http_put_text(b, "name", g->name);
	http_put_bool(b, "declared", g->is_declared);
	http_put_text(b, "within", g->within ? tw_duration_write(g->within, within) : NULL);
	http_put_int(b, "reached", g->reached);
	http_put_int(b, "counted", g->counted);
	http_put_time(b, "last_at", g->last_at);
}

void http_write_goal(struct tw_buf *b, const struct exchange_goal *g)
{
	http_put_open(b, NULL, '{');
	put_goal(b, g);
	http_put_close(b, '}');
}

static void add_goal(void *ctx, const struct exchange_goal *g)
{
	struct listing *l = ctx;

	http_write_goal(l->out, g);
	tw_buf_clear(&l->last);
	tw_buf_adds(&l->last, g->name);
	l->n++;
}

void http_get_goals(struct http_request *r, struct tw_now now)
{
	const char *account = http_need_account(r);
	struct listing l = { .out = &r->out };
	int64_t limit = ROWS_DEFAULT;
	int code;

	(void)now;
	if (!account || !http_read_limit(r, EXCHANGE_SLICE, &limit))
		return;
	http_begin_list(r, "goals");
	code = exchange_goals(r->h->setup.exchange, account, http_param(r, "after"), limit,
			      add_goal, &l);
	http_end_list(r, "after", l.n == limit ? tw_buf_str(&l.last) : "");
	if (code < 0)
		http_refuse_store(r, code);
	tw_buf_done(&l.last);
}

static void add_touch(void *ctx, const struct store_goal_touch *t)
{
	struct listing *l = ctx;

	http_put_open(l->out, NULL, '{');
	http_put_text(l->out, "kind", t->kind);
	http_put_text(l->out, "name", t->name);
	http_put_int(l->out, "reached", t->n);
	http_put_time(l->out, "last_at", t->last_at);
	http_put_close(l->out, '}');
	tw_buf_clear(&l->last);
	tw_buf_addf(&l->last, "%s/%s", t->kind, t->name);
	l->n++;
}

void http_get_goal(struct http_request *r, struct tw_now now)
{
	const char *account = http_need_account(r), *after = http_param(r, "after");
	struct listing l = { .out = &r->out };
	int64_t limit = ROWS_DEFAULT;
	struct exchange_goal g;
	int code;

	(void)now;
	if (!account || !http_read_limit(r, EXCHANGE_SLICE, &limit))
		return;
	if (after && !strchr(after, '/')) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "after: expected what the former answer said");
		return;
	}
	code = exchange_goal(r->h->setup.exchange, account, tw_buf_str(&r->name), &g);
	if (code == TW_E_UNKNOWN) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "account %s has no goal %.100s", account,
			    tw_buf_str(&r->name));
		return;
	}
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	if (code == 0)
		put_goal(&r->out, &g);
	http_put_open(&r->out, "by", '[');
	if (code == 0)
		code = exchange_goal_touches(r->h->setup.exchange, account, g.name, after, limit,
					     add_touch, &l);
	http_end_list(r, "after", l.n == limit ? tw_buf_str(&l.last) : "");
	if (code < 0)
		http_refuse_store(r, code);
	tw_buf_done(&l.last);
}
