/* Totals ahead of their rows. What a commit adds to the totals of topics and SIMs is a row of the
 * ledger, written with it; once a minute, or when they are many, all of these are added up into the
 * totals and end, in one transaction. Whoever reads totals adds what is in the ledger still. */
#include "internal.h"

int ledger_load(struct exchange *x)
{
	store_ledger_clear(&x->ledger);
	x->n_settled += 2;	/* who reads begins anew */
	x->n_ledger = store_ledger_load(x->store, &x->ledger);
	x->ledger_at = x->n_ledger > 0 ? wall_after(x->now.wall, X_LEDGER_MS) : X_NEVER;
	return x->n_ledger < 0 ? x->n_ledger : 0;
}

int ledger_write(struct exchange *x)
{
	store_ledger_clear(&x->adding);
	figures_collect(x);
	stations_collect(x);
	if (!x->adding.n_figures && !x->adding.n_sims)
		return 0;
	if (!x->n_ledger++)
		x->ledger_at = wall_after(x->now.wall, X_LEDGER_MS);
	if (x->n_ledger >= X_LEDGER_ROWS || x->ledger.n_figures >= X_LEDGER_ROWS)
		x->ledger_at = x->now.wall;
	store_ledger_merge(&x->ledger, &x->adding);
	return store_ledger_put(x->store, &x->adding);
}

/* The month of a SIM that has got quotas meanwhile is in its row, and newer. */
static void drop_months(struct exchange *x)
{
	for (size_t i = 0; i < x->ledger.n_sims; i++) {
		struct station *st = station_by_sim(x, x->ledger.sims[i].sim);

		if (st && st->is_limited)
			x->ledger.sims[i].month_at.ms = 0;
	}
}

int ledger_settle(struct exchange *x)
{
	drop_months(x);
	int r = x->n_ledger ? store_ledger_settle(x->store, &x->ledger) : 0;

	if (r < 0)
		return r;
	if (x->n_ledger) {
		struct store_ledger spare = x->settled;

		x->settled = x->ledger;
		x->ledger = spare;
		x->n_settled++;
	}
	store_ledger_clear(&x->ledger);
	x->n_ledger = 0;
	x->ledger_at = X_NEVER;
	return 0;
}

int ledger_run(struct exchange *x)
{
	if (x->ledger_at.ms > x->now.wall.ms)
		return 0;
	event_begin(x);
	return event_end(x, ledger_settle(x), "totals");
}

const struct store_sim_totals *ledger_sim(const struct exchange *x, int64_t sim)
{
	for (size_t i = 0; i < x->ledger.n_sims; i++)
		if (x->ledger.sims[i].sim == sim)
			return &x->ledger.sims[i];
	return NULL;
}

void ledger_add(const struct exchange *x, struct store_sim *sim)
{
	const struct store_sim_totals *t = ledger_sim(x, sim->id);

	if (!t)
		return;
	sim->sent += t->sent;
	sim->received += t->received;
	sim->failed += t->failed;
	if (t->ref)
		sim->ref = t->ref;
}
