/* Vouchers and pledges as people and programs see them, and redeeming at the counter. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

enum { SERIES_MAX = 256 };

/* ---- series -------------------------------------------------------------------------------- */

struct told { struct exchange *x; const char *account; int64_t row; int n;
	      void (*cb)(void *ctx, const struct exchange_series *s); void *ctx; };

static int tell_declared(struct told *t, const struct flow_series *declared, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct store_series counts;
		int r = store_series(t->x->store, t->row, declared[i].name, &counts);

		if (r < 0)
			return r;
		t->cb(t->ctx, &(struct exchange_series){
			.account = t->account, .name = declared[i].name, .is_declared = true,
			.drawn = counts.drawn, .redeemed = counts.redeemed,
			.limit = declared[i].limit,
			.per_contact = declared[i].per_contact, .expires_ms = declared[i].expires,
			.codes = declared[i].generate ? 0 : (int64_t)declared[i].n_codes });
		t->n++;
	}
	return 0;
}

static bool is_among(const struct flow_series *declared, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(declared[i].name, name) == 0)
			return true;
	return false;
}

static int tell_series(struct told *t)
{
	struct flow_series *declared = tw_zalloc(SERIES_MAX * sizeof(*declared));
	size_t n = t->x->flows ? flows_all_series(t->x->flows, t->account, declared, SERIES_MAX)
		: 0;
	struct store_series counts;
	char name[64] = "";
	int r = tell_declared(t, declared, n);

	while (r == 0 && (r = store_series_next(t->x->store, t->row, name, &counts)) == 0) {
		if (is_among(declared, n, name))
			continue;
		t->cb(t->ctx, &(struct exchange_series){ .account = t->account, .name = name,
							 .drawn = counts.drawn,
							 .redeemed = counts.redeemed });
		t->n++;
	}
	free(declared);
	return r == TW_E_UNKNOWN ? 0 : r;
}

int exchange_series(struct exchange *x, const char *account,
		    void (*cb)(void *ctx, const struct exchange_series *s), void *ctx)
{
	struct told t = { .x = x, .cb = cb, .ctx = ctx };
	int r = 0;

	for (size_t i = 0; i < x->settings->n_accounts && r == 0; i++) {
		t.account = x->settings->accounts[i].name;
		if (account && strcmp(account, t.account) != 0)
			continue;
		r = account_id(x, t.account, &t.row);
		if (r == 0)
			r = tell_series(&t);
	}
	return r < 0 ? r : t.n;
}

/* ---- codes --------------------------------------------------------------------------------- */

/* What is erased has no number any more. */
static int number_of(struct exchange *x, int64_t contact, char out[TW_ADDRESS_MAX])
{
	struct store_contact c;
	int r = contact ? store_contact_get(x->store, contact, &c) : TW_E_UNKNOWN;

	out[0] = 0;
	if (r == 0)
		tw_strset(out, TW_ADDRESS_MAX, c.number);
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int tell_code(struct exchange *x, const char *account, const char *series,
		     const struct store_voucher *v,
		     void (*cb)(void *ctx, const struct exchange_voucher *v), void *ctx)
{
	struct exchange_voucher told = { .account = account, .series = series, .code = v->code,
					 .drawn_at = v->drawn_at, .redeemed_at = v->redeemed_at };
	struct flow_series declared;
	int r = number_of(x, v->contact, told.number);

	if (r == 0)
		r = number_of(x, v->redeemed_by, told.redeemed_by);
	if (x->flows && v->drawn_at.ms && flows_series(x->flows, account, series, &declared) &&
	    declared.expires)
		told.expires_at = wall_after(v->drawn_at, declared.expires);
	if (r == 0)
		cb(ctx, &told);
	return r;
}

int exchange_vouchers(struct exchange *x, const char *account, const char *series,
		      struct tw_buf *after,
		      int64_t limit, void (*cb)(void *ctx, const struct exchange_voucher *v),
		      void *ctx)
{
	struct store_voucher_row row = { .series = "" };
	const char *tab = after->n ? strchr(after->p, '\t') : NULL;
	int64_t id;
	int r = account_id(x, account, &id), n = 0;

	if (tab) {
		tw_strsetn(row.series, sizeof(row.series), after->p, (size_t)(tab - after->p));
		tw_strset(row.key, sizeof(row.key), tab + 1);
	}
	while (r == 0 && n < limit) {
		r = store_voucher_next(x->store, id, series, &row);
		if (r == 0)
			r = tell_code(x, account, row.series, &row.v, cb, ctx);
		n += r == 0;
	}
	tw_buf_clear(after);
	if (r == 0 && n)
		tw_buf_addf(after, "%s\t%s", row.series, row.key);
	return r < 0 && r != TW_E_UNKNOWN ? r : n;
}

struct found { struct exchange *x; const char *account, *key; int64_t row; int n, error;
	       char series[64]; void (*cb)(void *ctx, const struct exchange_voucher *v);
		       void *ctx; };

static void look_into(void *ctx, const struct exchange_series *s)
{
	struct found *f = ctx;
	struct store_voucher v;
	int r = f->error ? TW_E_UNKNOWN : store_voucher(f->x->store, f->row, s->name, f->key, &v);

	if (r == 0) {
		f->n++;
		tw_strset(f->series, sizeof(f->series), s->name);
		if (f->cb)
			r = tell_code(f->x, f->account, s->name, &v, f->cb, f->ctx);
	}
	if (r < 0 && r != TW_E_UNKNOWN)
		f->error = r;
}

static int find(struct found *f, const char *code)
{
	struct tw_buf key = { 0 };
	int r = account_id(f->x, f->account, &f->row);

	tw_fold_key(code, strlen(code), &key);
	f->key = tw_buf_str(&key);
	if (r == 0)
		r = exchange_series(f->x, f->account, look_into, f);
	tw_buf_done(&key);
	return f->error ? f->error : r < 0 ? r : f->n;
}

int exchange_voucher(struct exchange *x, const char *account, const char *code,
		     void (*cb)(void *ctx, const struct exchange_voucher *v), void *ctx)
{
	struct found f = { .x = x, .account = account, .cb = cb, .ctx = ctx };

	return find(&f, code);
}

/* ---- at the counter ------------------------------------------------------------------------ */

__attribute__((format(printf, 4, 5)))
static int refuse(struct exchange_refusal *e, int status, int code, const char *format, ...)
{
	va_list ap;

	e->status = status;
	e->code = code;
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	return TW_E_DENIED;
}

/* It is redeemed for whom drew it, whose goals may be reached by it. */
static int redeem_for(struct exchange *x, const char *account, int64_t row,
		      const struct flow_series *s, const char *code, const char **ret)
{
	struct talk t = { .account = account, .c = { .account = row } };
	struct store_voucher v;
	struct flow_event e;
	struct flow_view view;
	struct tw_buf key = { 0 };
	int r;

	tw_fold_key(code, strlen(code), &key);
	r = store_voucher(x->store, row, s->name, tw_buf_str(&key), &v);
	tw_buf_done(&key);
	if (r == 0 && v.contact)
		r = store_contact_get(x->store, v.contact, &t.c);
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	r = voucher_redeem(x, &t, s, code, strlen(code), ret);
	if (r < 0 || strcmp(*ret, "ok") != 0 || !t.c.id || !t.c.number[0])
		return r;
	e = audience_event(x, &t.c, "", &view);
	t.e = &e;
	return goal_check(x, &t);
}

static int redeem(struct exchange *x, const char *account, const char *series, const char *code,
		  const char **ret, struct exchange_refusal *e)
{
	struct found f = { .x = x, .account = account };
	struct flow_series s;
	int r;

	if (!series || !series[0]) {
		r = find(&f, code);
		if (r < 0)
			return r;
		if (r > 1)
			return refuse(e, 409, 20409, "series: %d series have this code, say which",
				      r);
		if (r == 0)	/* one that was printed is in its file only */
			return refuse(e, 404, 20404,
				      "no code like this was given; for a printed one say its "
				      "series");
		series = f.series;
	}
	r = account_id(x, account, &f.row);
	if (r < 0)
		return r;
	if (!x->flows || !flows_series(x->flows, account, series, &s))
		return refuse(e, 404, 20404, "no flow of the account declares the series %.60s",
			      series);
	return redeem_for(x, account, f.row, &s, code, ret);
}

int exchange_voucher_redeem(struct exchange *x, const char *account, const char *series,
			    const char *code,
			    struct tw_now now, const char **ret, struct exchange_refusal *e)
{
	x->now = now;
	*e = (struct exchange_refusal){ 0 };
	event_begin(x);
	int r = redeem(x, account, series, code, ret, e);
	int ended = event_end(x, r == TW_E_DENIED ? 0 : r, "redeem");

	return r == 0 ? ended : r;
}

/* ---- pledges ------------------------------------------------------------------------------- */

int exchange_pledges(struct exchange *x, const char *account, int64_t before, int64_t limit,
		     void (*cb)(void *ctx, const struct exchange_pledge *p), void *ctx)
{
	struct store_pledge row = { .id = before };
	int64_t id;
	int r = account_id(x, account, &id), n = 0;

	while (r == 0 && n < limit) {
		r = store_pledge_before(x->store, id, row.id, &row);
		if (r < 0)
			break;
		struct exchange_pledge told = { .id = row.id, .amount = row.amount,
						.account = account,
						.name = row.name, .at = row.at };

		r = number_of(x, row.contact, told.number);
		if (r == 0)
			cb(ctx, &told);
		n += r == 0;
	}
	return r < 0 && r != TW_E_UNKNOWN ? r : n;
}
