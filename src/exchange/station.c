/* Stations: the modems of the bank with the SIMs that are in them. */
#include <stdio.h>

#include "internal.h"

enum { ICCID_MIN = 18 };

struct station *station_of(struct exchange *x, struct tw_handle h)
{
	if (h.slot >= x->n_stations) {
		uint32_t n = h.slot + 8;

		x->stations = tw_realloc(x->stations, n * sizeof(struct station *));
		memset(x->stations + x->n_stations, 0,
		       (n - x->n_stations) * sizeof(struct station *));
		x->n_stations = n;
	}
	struct station *st = x->stations[h.slot];

	if (st && tw_handle_same(st->modem, h))
		return st;
	if (!st)
		st = x->stations[h.slot] = tw_alloc(sizeof(*st));
	else
		quota_used_done(&st->used);
	*st = (struct station){ .modem = h, .health = 100, .free_since = x->now.mono };
	station_refresh(x, st);
	return st;
}

struct station *station_by_sim(struct exchange *x, int64_t sim)
{
	for (uint32_t i = 0; i < x->n_stations; i++)
		if (x->stations[i] && x->stations[i]->sim.id == sim)
			return x->stations[i];
	return NULL;
}

struct station *station_by_line(struct exchange *x, int64_t line)
{
	for (uint32_t i = 0; i < x->n_stations; i++)
		if (x->stations[i] && x->stations[i]->sim.id && x->stations[i]->sim.line == line)
			return x->stations[i];
	return NULL;
}

/* Some commands print 19 of the 20 digits: then one is the beginning of the other. */
static bool is_same_iccid(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), n = na < nb ? na : nb;

	return n >= ICCID_MIN && na != nb && strncmp(a, b, n) == 0;
}

/* The row of a SIM, which one modem may spell with a digit less than another. */
static int find_sim(struct exchange *x, const char *iccid, struct store_sim *ret)
{
	int r = store_sim_find(x->store, iccid, ret);
	int64_t after = 0;

	if (r != TW_E_UNKNOWN || strspn(iccid, "0123456789") < ICCID_MIN)
		return r;
	while ((r = store_sims(x->store, after, ret)) == 0) {
		after = ret->id;
		if (is_same_iccid(ret->iccid, iccid))
			return 0;
	}
	return r;
}

static void take_sim(struct exchange *x, struct station *st, const struct store_sim *sim)
{
	/* The same SIM in another modem now: it is where it was seen last. */
	struct station *other = station_by_sim(x, sim->id);

	if (other && other != st)
		other->sim = (struct store_sim){ 0 };
	if (st->last_sim != sim->id) {
		st->last_sim = sim->id;
		st->pace = 0;
		st->ask_at = st->told_until = (struct wall_ms){ 0 };
		st->unread = 0;
		memset(st->unreported, 0, sizeof(st->unreported));
		st->probe = 0;
		st->strikes = 0;
		st->tested_at = st->tester_at = (struct wall_ms){ 0 };
	}
	st->sim = *sim;
	ledger_add(x, &st->sim);
	if (sim->number[0])
		tw_map_put(&x->lines, sim->number, strlen(sim->number),
			   (void *)(intptr_t)sim->line);
}

int station_refresh(struct exchange *x, struct station *st)
{
	struct bank_modem m;
	struct store_sim sim;
	char identity[STORE_SIM_MAX];

	if (!bank_modem(x->bank, st->modem, &m))
		return TW_E_GONE;
	tw_strset(st->name, sizeof(st->name), m.name);
	if (!m.facts || m.state == MODEM_STRANGER || (!m.facts->iccid[0] && !m.facts->imsi[0]))
		return TW_E_UNKNOWN;
	if (m.facts->iccid[0])
		tw_strset(identity, sizeof(identity), m.facts->iccid);
	else
		tw_strset(identity, sizeof(identity), m.key);
	int r = find_sim(x, identity, &sim);

	if (r == TW_E_UNKNOWN) {
		sim = (struct store_sim){ .first_seen = x->now.wall };
		tw_strset(sim.iccid, sizeof(sim.iccid), identity);
		r = 0;
	}
	if (r < 0)
		return r;
	if (!sim.id || strcmp(sim.number, m.number) || strcmp(sim.modem, st->name) ||
	    (!sim.id && m.key[0])) {
		if (m.number[0])
			tw_strset(sim.number, sizeof(sim.number), m.number);
		tw_strset(sim.modem, sizeof(sim.modem), st->name);
		if (!sim.id)
			tw_strset(sim.seat, sizeof(sim.seat), m.key);
		r = store_sim_put(x->store, &sim);
		if (r < 0)
			return r;
	}
	st->account = 0;
	if (m.account[0])
		r = store_account(x->store, m.account, &st->account);
	take_sim(x, st, &sim);
	return r < 0 ? r : spend_load(x, st);
}

void station_count(struct station *st, int sent, int received, int failed)
{
	st->add.sent += sent;
	st->add.received += received;
	st->add.failed += failed;
	st->add.dirty = true;
}

char *station_trace(struct exchange *x, int64_t sim, int64_t attempt)
{
	struct station *st = station_by_sim(x, sim);
	struct tw_buf lines = { 0 };
	size_t from = 0;

	if (!st || st->last != attempt || !bank_trace(x->bank, st->modem, &lines) || !lines.n) {
		tw_buf_done(&lines);
		return NULL;
	}
	if (lines.n > X_TRACE_MAX) {	/* whole lines */
		const char *line = strchr(lines.p + lines.n - X_TRACE_MAX, '\n');

		from = line ? (size_t)(line + 1 - lines.p) : 0;
	}
	tw_buf_drop(&lines, from);
	return tw_buf_take(&lines);
}

void station_measure(struct exchange *x, struct station *st)
{
	st->pace = pick_pace(st->pace, x->now.mono.ms - st->launched_at.ms);
	st->paced_at = x->now.mono;
}

/* Once a commit for each SIM, whatever happened to it meanwhile. The month of one with quotas
 * stands in its row already. */
void stations_collect(struct exchange *x)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->add.dirty || !st->sim.id)
			continue;
		struct store_sim_totals t = { st->sim.id, st->add.sent, st->add.received,
					      st->add.failed, st->sim.ref, { 0 }, 0 };

		if (!st->is_limited) {
			t.month_at = st->used.month_at;
			t.month = st->used.month;
		}
		store_ledger_sim(&x->adding, &t);
		st->sim.sent += st->add.sent;
		st->sim.received += st->add.received;
		st->sim.failed += st->add.failed;
		memset(&st->add, 0, sizeof(st->add));
	}
}

void station_rest(struct exchange *x, struct station *st, int64_t ms)
{
	st->rest_until = mono_after(x->now.mono, ms);
}

enum modem_state station_state(struct exchange *x, struct station *st)
{
	struct bank_modem m;

	if (st->looked == x->look)
		return st->state;
	st->looked = x->look;
	st->state = st->sim.id && bank_modem(x->bank, st->modem, &m) ? m.state : MODEM_ABSENT;
	return st->state;
}

bool station_is_present(struct exchange *x, const struct station *st)
{
	struct bank_modem m;

	return st && st->sim.id && bank_modem(x->bank, st->modem, &m) && m.state == MODEM_READY;
}

const char *account_of_id(struct exchange *x, int64_t id, char *out, size_t cap)
{
	struct account_name *known = tw_map_get(&x->names, &id, sizeof(id));

	out[0] = 0;
	if (!id)
		return out;
	if (!known) {
		known = tw_zalloc(sizeof(*known));
		if (store_account_name(x->store, id, known->text, sizeof(known->text)) < 0) {
			free(known);
			return out;
		}
		tw_map_put(&x->names, &id, sizeof(id), known);
	}
	tw_strset(out, cap, known->text);
	return out;
}

/* An account with dedicated numbers sends from these, any other from shared ones (design 4). */
static bool account_may(struct exchange *x, const struct station *st, int64_t account)
{
	if (st->account)
		return st->account == account;
	return !tw_map_get(&x->dedicated, &account, sizeof(account));
}

bool station_in_pool(struct exchange *x, const struct station *st, const struct route *r)
{
	return !r->row.pool[0] || pool_has(x, r->row.account, r->row.pool, st->sim.number);
}

bool station_may(struct exchange *x, const struct station *st, const struct route *r)
{
	if (!st->sim.id || st->sim.id == r->row.avoid)
		return false;
	if (r->row.line)
		return st->sim.line == r->row.line;
	return station_in_pool(x, st, r) && account_may(x, st, r->row.account);
}

bool line_may(struct exchange *x, int64_t line, int64_t account, const char *pool)
{
	struct route any = { .row = { .account = account } };
	struct station *st = station_by_line(x, line);
	char number[TW_ADDRESS_MAX];

	tw_strset(any.row.pool, sizeof(any.row.pool), pool ? pool : "");
	if (st)
		return station_may(x, st, &any);
	if (store_line_number(x->store, line, number, sizeof(number)) < 0 ||
	    (any.row.pool[0] && !pool_has(x, account, pool, number)))
		return false;
	const struct settings_sim *entry = sim_settings(x, number, number);
	struct station away = { .account = 0 };

	if (entry && entry->account[0] && account_id(x, entry->account, &away.account) < 0)
		return false;
	return account_may(x, &away, account);
}

/* References are per SIM and wrap; one counter a SIM never gives two open messages the same
 * soon. */
uint16_t station_next_ref(struct exchange *x, struct station *st)
{
	if (!st->sim.ref)
		st->sim.ref = (uint16_t)tw_random_below(&x->random, 200);
	st->sim.ref = (uint16_t)(st->sim.ref % 255 + 1);
	st->add.dirty = true;
	return st->sim.ref;
}
