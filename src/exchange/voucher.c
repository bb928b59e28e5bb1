/* Codes: given once, redeemed once. A code is a row from the moment it is out, in the transaction
 * of the text that it answers, so that no crash gives it twice. */
#include "internal.h"

enum { DRAW_TRIES = 64 };
#define LETTERS "ABCDEFGHJKLMNPQRSTUVWXYZ"	/* no I, no O: they look like digits */

static void generate(struct exchange *x, const char *pattern, char *out, size_t cap)
{
	size_t n = 0;

	for (const char *p = pattern; *p && n + 1 < cap; p++) {
		if (*p == '\\' && p[1])
			out[n++] = *++p;
		else if (*p == 'X')
			out[n++] = LETTERS[talk_random(x, sizeof(LETTERS) - 1)];
		else if (*p == '9')
			out[n++] = (char)('0' + talk_random(x, 10));
		else
			out[n++] = *p;
	}
	out[n] = '\0';
}

/* Gives this code unless it is out already: 0, TW_E_EXISTS. */
static int give(struct exchange *x, const struct talk *t, const struct flow_series *s,
		const char *key, const char *code)
{
	struct store_voucher v;
	int r = store_voucher(x->store, t->c.account, s->name, key, &v);

	if (r != TW_E_UNKNOWN)
		return r < 0 ? r : TW_E_EXISTS;
	v = (struct store_voucher){ .contact = t->c.id, .drawn_at = x->now.wall };
	tw_strset(v.code, sizeof(v.code), code);
	return store_voucher_add(x->store, t->c.account, s->name, key, &v);
}

static int draw_generated(struct exchange *x, const struct talk *t, const struct flow_series *s,
			  char out[STORE_CODE_MAX])
{
	struct tw_buf key = { 0 };
	int r = TW_E_EXISTS;

	for (int i = 0; i < DRAW_TRIES && r == TW_E_EXISTS; i++) {
		generate(x, s->generate, out, STORE_CODE_MAX);
		tw_fold_key(out, strlen(out), &key);
		r = give(x, t, s, tw_buf_str(&key), out);
	}
	tw_buf_done(&key);
	return r == TW_E_EXISTS ? TW_E_UNKNOWN : r;
}

/* The next of the file; those redeemed from paper are passed over. When the file has become another
 * one, it is gone through from its beginning once. */
static int draw_listed(struct exchange *x, const struct talk *t, const struct flow_series *s,
		       struct store_series *counts, char out[STORE_CODE_MAX])
{
	int64_t from = counts->place < (int64_t)s->n_codes ? counts->place : 0;
	int r = TW_E_EXISTS;

	for (size_t i = 0; i < s->n_codes && r == TW_E_EXISTS; i++) {
		size_t at = ((size_t)from + i) % s->n_codes;

		r = give(x, t, s, s->keys[at], s->codes[at]);
		counts->place = (int64_t)at + 1;
		if (r == 0)
			tw_strset(out, STORE_CODE_MAX, s->codes[at]);
	}
	return r == TW_E_EXISTS ? TW_E_UNKNOWN : r;
}

int voucher_draw(struct exchange *x, const struct talk *t, const struct flow_series *s,
		 char out[STORE_CODE_MAX])
{
	struct store_series counts;
	int64_t has;
	int r = store_voucher_count(x->store, t->c.id, s->name, &has);

	if (r == 0 && s->per_contact && has >= s->per_contact)
		return store_voucher_last(x->store, t->c.id, s->name, out);
	if (r == 0)
		r = store_series(x->store, t->c.account, s->name, &counts);
	if (r < 0)
		return r;
	if (s->limit && counts.drawn >= s->limit)
		return TW_E_UNKNOWN;
	r = s->generate ? draw_generated(x, t, s, out) : draw_listed(x, t, s, &counts, out);
	if (r < 0)
		return r;
	counts.drawn++;
	r = store_series_put(x->store, t->c.account, s->name, &counts);
	return r < 0 ? r : figure_count_named(x, t->c.account, STORE_TOPIC_SERIES, s->name, t->line,
					      FIGURE_DRAWN);
}

/* Whether the series' file has this code. */
static bool is_listed(const struct flow_series *s, const char *key)
{
	size_t low = 0, high = s->n_codes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(s->keys[s->sorted[middle]], key);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int use(struct exchange *x, const struct talk *t, const struct flow_series *s,
	       const char *key)
{
	struct store_series counts;
	int r = store_voucher_use(x->store, t->c.account, s->name, key, t->c.id, x->now.wall);

	if (r == 0)
		r = store_series(x->store, t->c.account, s->name, &counts);
	if (r < 0)
		return r;
	counts.redeemed++;
	r = store_series_put(x->store, t->c.account, s->name, &counts);
	if (r == 0)
		r = events_tell(x, &t->c, "voucher.redeemed", "series", s->name, "code", key, NULL);
	return r < 0 ? r : figure_count_named(x, t->c.account, STORE_TOPIC_SERIES, s->name, t->line,
					      FIGURE_REDEEMED);
}

/* A printed code that nobody drew becomes a row when it is redeemed. */
static int use_printed(struct exchange *x, const struct talk *t, const struct flow_series *s,
		       const char *key)
{
	struct store_voucher v = { .contact = 0 };
	int r;

	tw_strset(v.code, sizeof(v.code), key);
	r = store_voucher_add(x->store, t->c.account, s->name, key, &v);
	return r < 0 ? r : use(x, t, s, key);
}

int voucher_redeem(struct exchange *x, const struct talk *t, const struct flow_series *s,
		   const char *code, size_t n, const char **ret)
{
	struct store_voucher v;
	struct tw_buf key = { 0 };
	int r;

	tw_fold_key(code, n, &key);
	r = store_voucher(x->store, t->c.account, s->name, tw_buf_str(&key), &v);
	*ret = "unknown";
	if (r == TW_E_UNKNOWN) {
		r = 0;
		if (is_listed(s, tw_buf_str(&key))) {
			*ret = "ok";
			r = use_printed(x, t, s, tw_buf_str(&key));
		}
	} else if (r == 0 && v.redeemed_at.ms) {
		*ret = "used";
	} else if (r == 0 && s->expires && v.drawn_at.ms &&
		   x->now.wall.ms > v.drawn_at.ms + s->expires) {
		*ret = "expired";
	} else if (r == 0) {
		*ret = "ok";
		r = use(x, t, s, tw_buf_str(&key));
	}
	tw_buf_done(&key);
	return r;
}
