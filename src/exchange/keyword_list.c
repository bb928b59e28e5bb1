/* Keywords as they stand in the flows, with what has come of them. */
#include "internal.h"

struct keyword {
	const char *account, *name;
	const char *file;
	unsigned line;
	int places;
};
struct page {
	struct keyword v[EXCHANGE_SLICE];
	size_t n, limit;
	int64_t figures[EXCHANGE_SLICE][REPORT_COUNT];	/* of v, once no more is put into it */
};

static int compare(const char *account, const char *name, const struct keyword *k)
{
	int order = strcmp(account, k->account);

	return order ? order : strcmp(name, k->name);
}

/* The place of a name, or where it belongs. */
static bool search(const struct page *p, const char *account, const char *name, size_t *ret)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(account, name, &p->v[middle]);

		if (!order) {
			*ret = middle;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*ret = low;
	return false;
}

/* Keeps the first of those behind `after`, sorted: there may be a hundred thousand. */
static void offer(struct page *p, const struct flow_keyword_info *k)
{
	size_t at;

	if (p->n == p->limit && compare(k->account, k->name, &p->v[p->n - 1]) > 0)
		return;
	if (search(p, k->account, k->name, &at)) {
		p->v[at].places++;
		return;
	}
	p->n -= p->n == p->limit;
	memmove(&p->v[at + 1], &p->v[at], (p->n - at) * sizeof(*p->v));
	p->v[at] = (struct keyword){ k->account, k->name, k->file, k->line, 1 };
	p->n++;
}

static void find(struct exchange *x, const struct exchange_keywords_query *q, struct page *p)
{
	const char *tab = q->after ? strchr(q->after, '\t') : NULL;
	tw_auto(tw_free_charp) char *account = tab ? tw_strndup(q->after,
								(size_t)(tab - q->after)) : NULL;
	const struct keyword after = { .account = account, .name = tab ? tab + 1 : NULL };
	struct flow_keyword_info k;

	for (size_t i = 0; x->flows && flows_keyword_at(x->flows, i, &k); i++)
		if ((!q->account || strcmp(q->account, k.account) == 0) &&
		    (!tab || compare(k.account, k.name, &after) > 0))
			offer(p, &k);
}

/* ---- figures ------------------------------------------------------------------------------- */

static void note(void *ctx, const struct report_row *row)
{
	struct page *p = ctx;
	size_t at;

	if (search(p, row->account, row->name, &at))
		memcpy(p->figures[at], row->n, sizeof(row->n));
}

int exchange_keywords(struct exchange *x, const struct exchange_keywords_query *q,
		      void (*cb)(void *ctx, const struct exchange_keyword *k), void *ctx)
{
	struct page *p = tw_zalloc(sizeof(*p));
	int n;

	p->limit = (size_t)(q->limit < EXCHANGE_SLICE ? q->limit : EXCHANGE_SLICE);
	find(x, q, p);
	if (q->figures)
		exchange_report_tell(x, q->figures, EXCHANGE_REPORT_MAX, note, p);
	for (size_t i = 0; i < p->n; i++) {
		const struct keyword *k = &p->v[i];

		cb(ctx, &(struct exchange_keyword){ k->account, k->name, k->file, k->line,
						    k->places,
						    q->figures ? p->figures[i] : NULL });
	}
	n = (int)p->n;
	free(p);
	return n;
}
