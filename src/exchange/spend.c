/* What SIMs have used of their quotas: read when a SIM appears, counted with each attempt in the
 * same transaction, so that neither a restart nor a kill forgets any. */
#include "internal.h"

enum { ICCID_MIN = 18 };

static bool is_iccid(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), n = na < nb ? na : nb;

	return n >= ICCID_MIN && strncmp(a, b, n) == 0;
}

const struct settings_sim *sim_settings(const struct exchange *x, const char *iccid,
					const char *number)
{
	const struct settings *s = x->settings;

	for (size_t i = 0; i < s->n_sims; i++)
		if (s->sims[i].iccid && is_iccid(s->sims[i].iccid, iccid))
			return &s->sims[i];
	/* A card is not another one for having its number; one that cannot be read has only
	 * that. */
	if (strspn(iccid, "0123456789") >= ICCID_MIN)
		return NULL;
	for (size_t i = 0; i < s->n_sims; i++)
		if (number[0] && s->sims[i].number && strcmp(s->sims[i].number, number) == 0)
			return &s->sims[i];
	return NULL;
}

static int read_used(struct exchange *x, int64_t sim, const struct quota_plan *plan,
		     struct quota_used *ret)
{
	const struct store_sim_totals *ahead = ledger_sim(x, sim);
	struct store_used row;
	int r = store_used_get(x->store, sim, &row);

	if (r < 0)
		return r;
	quota_used_done(ret);
	*ret = (struct quota_used){ .day_at = row.day_at, .day = row.day, .day_bulk = row.day_bulk,
				    .month_at = row.month_at, .month = row.month,
				    .month_bulk = row.month_bulk, .spent = row.spent,
				    .spent_bulk = row.spent_bulk };
	if (ahead && ahead->month_at.ms) {
		ret->month_at = ahead->month_at;
		ret->month = ahead->month;
	}
	quota_log_read(ret, row.recent, row.recent_n);
	store_used_done(&row);
	if (quota_roll(plan, ret, x->now.wall) || !plan->recipients)
		return 0;
	return store_recipients(x->store, sim, ret->month_at, &ret->recipients);
}

static int write_used(struct exchange *x, int64_t sim, const struct quota_used *u)
{
	struct store_used row = { .day_at = u->day_at, .day = u->day, .day_bulk = u->day_bulk,
				  .month_at = u->month_at, .month = u->month,
				  .month_bulk = u->month_bulk, .spent = u->spent,
				  .spent_bulk = u->spent_bulk };

	row.recent = quota_log_write(u, &row.recent_n);
	int r = store_used_put(x->store, sim, &row);

	store_used_done(&row);
	return r;
}

int spend_load(struct exchange *x, struct station *st)
{
	struct number_facts facts = { .country = "" };
	struct bank_modem m;

	st->entry = sim_settings(x, st->sim.iccid, st->sim.number);
	st->plan = quota_plan_of(st->entry ? &st->entry->quota : NULL,
				 x->settings->share_for_replies);
	st->is_limited = quota_is_limited(&st->plan);
	if (st->sim.number[0])
		number_facts(st->sim.number, &facts);
	strcpy(st->country, facts.country);
	if (!st->country[0] && bank_modem(x->bank, st->modem, &m) && m.facts)
		tw_strset(st->country, sizeof(st->country), number_country_of_imsi(m.facts->imsi));
	x->look++;
	int r = balance_load(x, st);

	return r < 0 ? r : read_used(x, st->sim.id, &st->plan, &st->used);
}

int spend_roll(struct exchange *x, struct station *st)
{
	if (!quota_roll(&st->plan, &st->used, x->now.wall) || !st->plan.recipients)
		return 0;
	return store_recipients_prune(x->store, st->sim.id, st->used.month_at);
}

int spend_charge(struct exchange *x, struct station *st, const struct sending *s)
{
	int r = 0;

	traffic_count(x, st, s->m.lane);
	balance_charge(x, st, cost_of(st->entry, s->to), 1);
	quota_charge(&st->plan, &st->used, s->m.lane == LANE_REPLY, 1, cost_of(st->entry, s->to),
		     x->now.wall);
	if (!st->is_limited)
		return 0;	/* the month's segments are written with the SIM's totals */
	if (st->plan.recipients) {
		r = store_recipient(x->store, st->sim.id, st->used.month_at, s->to);
		st->used.recipients += r == TW_E_UNKNOWN;
		if (r == 0 || r == TW_E_UNKNOWN)
			r = store_recipient_add(x->store, st->sim.id, st->used.month_at, s->to, 1);
	}
	return r < 0 ? r : write_used(x, st->sim.id, &st->used);
}

static int refund(struct exchange *x, int64_t sim, const struct settings_sim *entry,
		  const struct quota_plan *plan, struct quota_used *u, const struct sending *s)
{
	int r = 0;

	quota_refund(u, s->m.lane == LANE_REPLY, 1, cost_of(entry, s->to), s->a.started_at);
	if (plan->recipients && s->a.started_at.ms >= u->month_at.ms) {
		r = store_recipient_add(x->store, sim, u->month_at, s->to, -1);
		if (r == 0)
			r = store_recipients(x->store, sim, u->month_at, &u->recipients);
	}
	return r < 0 ? r : write_used(x, sim, u);
}

int spend_refund(struct exchange *x, const struct sending *s)
{
	struct station *st = station_by_sim(x, s->a.sim);
	struct quota_used used = { 0 };
	struct store_sim sim;

	if (st)
		balance_charge(x, st, cost_of(st->entry, s->to), -1);
	if (st && !st->is_limited) {
		quota_refund(&st->used, s->m.lane == LANE_REPLY, 1, 0, s->a.started_at);
		return 0;
	}
	if (st)
		return refund(x, st->sim.id, st->entry, &st->plan, &st->used, s);
	int r = store_sim_get(x->store, s->a.sim, &sim);

	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	const struct settings_sim *entry = sim_settings(x, sim.iccid, sim.number);
	struct quota_plan plan = quota_plan_of(entry ? &entry->quota : NULL,
					       x->settings->share_for_replies);

	r = read_used(x, sim.id, &plan, &used);
	if (r == 0)
		r = refund(x, sim.id, entry, &plan, &used, s);
	quota_used_done(&used);
	return r;
}
