/* Totals ahead of their rows: the ledger of what commits add. A row of it is a few octets, where
 * the totals are wide rows on pages of their own: no reply waits for them.
 *
 * A row: how many figures; of each its hour, topic, line, which figures (a bit each, in the order
 * of STORE_FIGURES) and by how much; then how many SIMs, and of each what struct store_sim_totals
 * holds. Numbers are of seven bits an octet, the lowest first; those that may be negative are
 * folded. */
#include "db.h"

void store_ledger_done(struct store_ledger *t)
{
	free(t->figures);
	free(t->sims);
	*t = (struct store_ledger){ .figures = NULL };
}

void store_ledger_clear(struct store_ledger *t)
{
	t->n_figures = t->n_sims = 0;
}

void store_ledger_figures(struct store_ledger *t, const struct store_figures *add)
{
	size_t i = 0;

	while (i < t->n_figures &&
	       (t->figures[i].topic != add->topic || t->figures[i].line != add->line ||
		t->figures[i].at.ms != add->at.ms))
		i++;
	if (i == t->cap_figures) {
		t->cap_figures = t->cap_figures ? 2 * t->cap_figures : 8;
		t->figures = tw_realloc(t->figures, t->cap_figures * sizeof(*t->figures));
	}
	if (i == t->n_figures) {
		t->figures[t->n_figures++] = *add;
		return;
	}
	for (int k = 0; k < FIGURE_COUNT; k++)
		t->figures[i].n[k] += add->n[k];
}

void store_ledger_sim(struct store_ledger *t, const struct store_sim_totals *add)
{
	struct store_sim_totals *to;
	size_t i = 0;

	while (i < t->n_sims && t->sims[i].sim != add->sim)
		i++;
	if (i == t->cap_sims) {
		t->cap_sims = t->cap_sims ? 2 * t->cap_sims : 8;
		t->sims = tw_realloc(t->sims, t->cap_sims * sizeof(*t->sims));
	}
	if (i == t->n_sims) {
		t->sims[t->n_sims++] = *add;
		return;
	}
	to = &t->sims[i];
	to->sent += add->sent;
	to->received += add->received;
	to->failed += add->failed;
	if (add->ref)
		to->ref = add->ref;
	if (!add->month_at.ms)
		return;
	to->month_at = add->month_at;
	to->month = add->month;
}

void store_ledger_merge(struct store_ledger *t, const struct store_ledger *add)
{
	for (size_t i = 0; i < add->n_figures; i++)
		store_ledger_figures(t, &add->figures[i]);
	for (size_t i = 0; i < add->n_sims; i++)
		store_ledger_sim(t, &add->sims[i]);
}

/* ---- a row's octets ------------------------------------------------------------------------ */

static void put(struct tw_buf *b, uint64_t v)
{
	char octets[10];
	size_t n = 0;

	for (; v > 0x7f; v >>= 7)
		octets[n++] = (char)(v | 0x80);
	octets[n++] = (char)v;
	tw_buf_add(b, octets, n);
}

/* 0, -1, 1, -2 … become 0, 1, 2, 3 … */
static void put_signed(struct tw_buf *b, int64_t v)
{
	put(b, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static void put_figures(struct tw_buf *b, const struct store_figures *f)
{
	uint64_t which = 0;

	for (int k = 0; k < FIGURE_COUNT; k++)
		which |= (uint64_t)(f->n[k] != 0) << k;
	put_signed(b, f->at.ms);
	put_signed(b, f->topic);
	put_signed(b, f->line);
	put(b, which);
	for (int k = 0; k < FIGURE_COUNT; k++)
		if (f->n[k])
			put_signed(b, f->n[k]);
}

static void put_sim(struct tw_buf *b, const struct store_sim_totals *t)
{
	put_signed(b, t->sim);
	put_signed(b, t->sent);
	put_signed(b, t->received);
	put_signed(b, t->failed);
	put(b, t->ref);
	put_signed(b, t->month_at.ms);
	put_signed(b, t->month);
}

/* What is left of a row; end NULL: it ended too early. */
struct source { const uint8_t *p, *end; };

static uint64_t take(struct source *s)
{
	uint64_t v = 0;

	for (int shift = 0; shift < 64 && s->end && s->p < s->end; shift += 7) {
		v |= (uint64_t)(*s->p & 0x7f) << shift;
		if (!(*s->p++ & 0x80))
			return v;
	}
	s->end = NULL;
	return 0;
}

static int64_t take_signed(struct source *s)
{
	uint64_t v = take(s);

	return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

static struct store_figures take_figures(struct source *s)
{
	struct store_figures f = { .level = STORE_HOUR };

	f.at.ms = take_signed(s);
	f.topic = take_signed(s);
	f.line = take_signed(s);
	uint64_t which = take(s);

	for (int k = 0; k < FIGURE_COUNT; k++)
		if (which >> k & 1)
			f.n[k] = take_signed(s);
	return f;
}

static struct store_sim_totals take_sim(struct source *s)
{
	struct store_sim_totals t = { .sim = take_signed(s) };

	t.sent = take_signed(s);
	t.received = take_signed(s);
	t.failed = take_signed(s);
	t.ref = (uint16_t)take(s);
	t.month_at.ms = take_signed(s);
	t.month = take_signed(s);
	return t;
}

static int read_row(struct source *s, struct store_ledger *t)
{
	for (uint64_t n = take(s); n && s->end; n--) {
		struct store_figures f = take_figures(s);

		if (s->end)
			store_ledger_figures(t, &f);
	}
	for (uint64_t n = take(s); n && s->end; n--) {
		struct store_sim_totals sim = take_sim(s);

		if (s->end)
			store_ledger_sim(t, &sim);
	}
	return s->end ? 0 : TW_E_DB_DAMAGED;
}

/* ---- rows ---------------------------------------------------------------------------------- */

int store_ledger_put(struct store *s, const struct store_ledger *t)
{
	struct tw_buf marks = { 0 };

	if (!t->n_figures && !t->n_sims)
		return 0;
	put(&marks, t->n_figures);
	for (size_t i = 0; i < t->n_figures; i++)
		put_figures(&marks, &t->figures[i]);
	put(&marks, t->n_sims);
	for (size_t i = 0; i < t->n_sims; i++)
		put_sim(&marks, &t->sims[i]);
	db_blob(db_get(s, ST_LEDGER_ADD), 1, marks.p, marks.n);
	int r = db_write(s, ST_LEDGER_ADD);

	tw_buf_done(&marks);
	return r;
}

int store_ledger_load(struct store *s, struct store_ledger *t)
{
	int64_t after = 0;

	for (int n = 0;; n++) {
		sqlite3_stmt *st = db_get(s, ST_LEDGER_NEXT);
		struct source row;

		db_int(st, 1, after);
		int r = db_row(s, ST_LEDGER_NEXT);

		if (r <= 0)
			return r < 0 ? r : n;
		after = db_col_int(st, 0);
		row.p = sqlite3_column_blob(st, 1);
		row.end = row.p ? row.p + sqlite3_column_bytes(st, 1) : NULL;
		r = read_row(&row, t);
		db_reset(s, ST_LEDGER_NEXT);
		if (r < 0)
			return r;
	}
}

static int add_to_sim(struct store *s, const struct store_sim_totals *t)
{
	sqlite3_stmt *st = db_get(s, ST_SIM_COUNT);

	db_int(st, 1, t->sim);
	db_int(st, 2, t->sent);
	db_int(st, 3, t->received);
	db_int(st, 4, t->failed);
	db_int(st, 5, t->ref);
	db_time(st, 6, t->month_at);
	db_int(st, 7, t->month);
	return db_write(s, ST_SIM_COUNT);
}

int store_ledger_settle(struct store *s, const struct store_ledger *t)
{
	int r = 0;

	for (size_t i = 0; i < t->n_figures && r == 0; i++)
		r = store_figures_add(s, &t->figures[i]);
	for (size_t i = 0; i < t->n_sims && r == 0; i++)
		r = add_to_sim(s, &t->sims[i]);
	if (r < 0)
		return r;
	db_get(s, ST_LEDGER_CLEAR);
	return db_write(s, ST_LEDGER_CLEAR);
}
