/* /api/v1/vouchers and /api/v1/pledges: codes that were given, redeeming at the counter,
 * promises. */
#include "read.h"

#include <stdio.h>

enum { CODES_DEFAULT = 100, CODES_MAX = 1000 };

static void put_limit(struct tw_buf *b, const char *key, int64_t value)
{
	if (value)
		http_put_int(b, key, value);
	else
		http_put_null(b, key);
}

/* ---- series -------------------------------------------------------------------------------- */

static void add_series(void *ctx, const struct exchange_series *s)
{
	struct tw_buf *b = ctx;

	http_put_open(b, NULL, '{');
	http_put_text(b, "account", s->account);
	http_put_text(b, "name", s->name);
	http_put_bool(b, "declared", s->is_declared);
	http_put_int(b, "drawn", s->drawn);
	http_put_int(b, "redeemed", s->redeemed);
	put_limit(b, "limit", s->limit);
	put_limit(b, "per_contact", s->per_contact);
	put_limit(b, "codes", s->codes);
	http_put_close(b, '}');
}

void http_get_series(struct http_request *r, struct tw_now now)
{
	const char *account;

	(void)now;
	if (!http_pick_account(r, http_param(r, "account"), &account))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "series", '[');
	int code = exchange_series(r->h->setup.exchange, account, add_series, &r->out);

	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code < 0)
		http_refuse_store(r, code);
}

/* ---- codes --------------------------------------------------------------------------------- */

static void add_code(void *ctx, const struct exchange_voucher *v)
{
	struct tw_buf *b = ctx;

	http_put_open(b, NULL, '{');
	http_put_text(b, "account", v->account);
	http_put_text(b, "series", v->series);
	http_put_text(b, "code", v->code);
	http_put_filled(b, "number", v->number);
	http_put_time(b, "drawn_at", v->drawn_at);
	http_put_time(b, "expires_at", v->expires_at);
	http_put_time(b, "redeemed_at", v->redeemed_at);
	http_put_filled(b, "redeemed_by", v->redeemed_by);
	http_put_close(b, '}');
}

static void end_codes(struct http_request *r, const char *after)
{
	http_put_close(&r->out, ']');
	http_put_filled(&r->out, "after", after);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

void http_get_vouchers(struct http_request *r, struct tw_now now)
{
	const char *account, *from = http_param(r, "after");
	struct tw_buf after = { 0 };
	int64_t limit = CODES_DEFAULT;

	(void)now;
	if (!http_read_limit(r, CODES_MAX, &limit) ||
	    !http_one_account(r, http_param(r, "account"), &account))
		return;
	tw_buf_adds(&after, from ? from : "");
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "vouchers", '[');
	int n = exchange_vouchers(r->h->setup.exchange, account, http_param(r, "series"),
				  &after, limit, add_code, &r->out);

	end_codes(r, n == limit ? tw_buf_str(&after) : "");
	tw_buf_done(&after);
	if (n < 0)
		http_refuse_store(r, n);
}

void http_get_voucher(struct http_request *r, struct tw_now now)
{
	const char *account;

	(void)now;
	if (!http_one_account(r, http_param(r, "account"), &account))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "vouchers", '[');
	int n = exchange_voucher(r->h->setup.exchange, account, tw_buf_str(&r->name),
				 add_code, &r->out);

	end_codes(r, "");
	if (n == 0)
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no code like %.60s was given",
			    tw_buf_str(&r->name));
	else if (n < 0)
		http_refuse_store(r, n);
}

void http_redeem_voucher(struct http_request *r, struct tw_now now)
{
	struct exchange_refusal e = { .status = 0 };
	const char *account, *result = NULL;

	if (!http_one_account(r, http_param(r, "account"), &account))
		return;
	int code = exchange_voucher_redeem(r->h->setup.exchange, account, http_param(r, "series"),
					   tw_buf_str(&r->name), now, &result, &e);

	if (code < 0 && e.status) {
		http_refuse(r, e.status, e.code, "%s", e.text);
	} else if (code < 0) {
		http_refuse_store(r, code);
	} else {
		r->status = 200;
		http_put_open(&r->out, NULL, '{');
		http_put_text(&r->out, "result", result);
		http_put_close(&r->out, '}');
		tw_buf_addc(&r->out, '\n');
	}
}

/* ---- pledges ------------------------------------------------------------------------------- */

struct pledges { struct tw_buf *out; int64_t last, n; };

static void add_pledge(void *ctx, const struct exchange_pledge *p)
{
	struct pledges *l = ctx;
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)p->id);
	http_put_open(l->out, NULL, '{');
	http_put_text(l->out, "id", id);
	http_put_text(l->out, "account", p->account);
	http_put_text(l->out, "name", p->name);
	http_put_filled(l->out, "number", p->number);
	http_put_real(l->out, "amount", (double)p->amount / 100);
	http_put_time(l->out, "at", p->at);
	http_put_close(l->out, '}');
	l->last = p->id;
	l->n++;
}

void http_get_pledges(struct http_request *r, struct tw_now now)
{
	struct pledges l = { .out = &r->out };
	int64_t limit = CODES_DEFAULT, before = 0;
	const char *account;
	char last[24];

	(void)now;
	if (!http_read_limit(r, CODES_MAX, &limit) ||
	    !http_read_count(r, "before", INT64_MAX, &before) ||
	    !http_one_account(r, http_param(r, "account"), &account))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "pledges", '[');
	int code = exchange_pledges(r->h->setup.exchange, account, before, limit, add_pledge, &l);

	http_put_close(&r->out, ']');
	snprintf(last, sizeof(last), "%lld", (long long)l.last);
	http_put_text(&r->out, "before", l.n == limit ? last : NULL);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code < 0)
		http_refuse_store(r, code);
}

static void add_total(void *ctx, const struct exchange_pledge_total *t)
{
	struct tw_buf *b = ctx;

	http_put_open(b, NULL, '{');
	http_put_text(b, "account", t->account);
	http_put_text(b, "name", t->name);
	http_put_bool(b, "declared", t->is_declared);
	http_put_filled(b, "currency", t->currency);
	http_put_int(b, "pledges", t->n);
	http_put_real(b, "amount", (double)t->amount / 100);
	http_put_close(b, '}');
}

void http_get_pledge_totals(struct http_request *r, struct tw_now now)
{
	const char *account = http_need_account(r);
	int code;

	if (!account)
		return;
	code = http_read_figures(r, account, STORE_TOPIC_PLEDGE, now);
	if (code == TW_E_RANGE)
		http_refuse_store(r, code);
	if (code)
		return;
	http_begin_list(r, "totals");
	exchange_pledge_totals(r->h->setup.exchange, account, r->figures, add_total, &r->out);
	http_end_list(r, NULL, NULL);
}
