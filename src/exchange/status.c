/* How it stands: queues, doubts, modems, troubles; and what an operator may change. */
#include <stdio.h>

#include "internal.h"

static void count_queues(struct exchange *x, struct exchange_status *ret)
{
	for (size_t i = 0; i < x->n_active; i++)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			ret->queue[lane] += x->active[i]->n[lane];
	ret->scheduled = x->n_scheduled;
	ret->in_doubt = x->n_doubt;
}

__attribute__((format(printf, 2, 3)))
static void trouble(struct exchange_status *s, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	tw_strings_add(&s->troubles, text);
}

static void look_at_modems(struct exchange *x, struct exchange_status *ret)
{
	struct bank_modem m;
	size_t cursor = 0;

	while (bank_each(x->bank, &cursor, &m)) {
		ret->modems++;
		ret->modems_ready += m.state == MODEM_READY;
		switch (m.state) {
		case MODEM_LOCKED:
		case MODEM_NO_SIM:
		case MODEM_FAILED:
		case MODEM_STRANGER:
		case MODEM_ABSENT:
			trouble(ret, "modem %s is %s%s%s", m.name, modem_state_name(m.state),
				m.last_error && m.last_error[0] ? ": " : "",
				m.last_error ? m.last_error : "");
			break;
		case MODEM_STARTING:
		case MODEM_SEARCHING:
		case MODEM_READY:
		case MODEM_RECOVERING:
		case MODEM_PAUSED:
		case MODEM_STATE_COUNT:
			break;
		}
	}
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (st && st->failures && !mono_due(st->rest_until, x->now.mono))
			trouble(ret, "modem %s rests for %lld s: its SIM was refused %d times", st->name,
				(long long)(st->rest_until.ms - x->now.mono.ms) / 1000, st->failures);
	}
}

void exchange_status(struct exchange *x, struct tw_now now, struct exchange_status *ret)
{
	*ret = (struct exchange_status){ .inbound_last_at = x->inbound_last_at,
					 .uptime_s = (now.wall.ms - x->started_at.ms) / 1000,
					 .database = store_health(x->store) };
	count_queues(x, ret);
	look_at_modems(x, ret);
	if (strcmp(ret->database, "ok") != 0)
		trouble(ret, "the database cannot be written (%s): texts stay on the SIMs until it can",
			store_last_error(x->store));
	if (store_counters(x->store)->slow_commits)
		trouble(ret, "%llu commits took over a second: the disk is slow",
			(unsigned long long)store_counters(x->store)->slow_commits);
}

void exchange_status_done(struct exchange_status *s)
{
	tw_strings_done(&s->troubles);
	*s = (struct exchange_status){ 0 };
}

void exchange_modem_totals(struct exchange *x, const char *iccid, struct exchange_modem_totals *ret)
{
	struct store_sim sim;

	*ret = (struct exchange_modem_totals){ 0 };
	if (!iccid[0] || store_sim_find(x->store, iccid, &sim) < 0)
		return;
	struct station *st = station_by_sim(x, sim.id);

	ret->sent = (uint64_t)(sim.sent + (st ? st->add.sent : 0));
	ret->received = (uint64_t)(sim.received + (st ? st->add.received : 0));
	ret->failed = (uint64_t)(sim.failed + (st ? st->add.failed : 0));
	for (size_t i = 0; i < x->n_active; i++)
		if (x->active[i]->row.line == sim.line)
			for (int lane = 0; lane < LANE_COUNT; lane++)
				ret->queued += x->active[i]->n[lane];
}

int exchange_modem_accept(struct exchange *x, const char *called, struct tw_now now)
{
	struct bank_modem m;

	x->now = now;
	if (!bank_find(x->bank, called, &m) || !m.facts || !m.facts->iccid[0])
		return TW_E_UNKNOWN;
	if (m.state != MODEM_STRANGER)
		return TW_E_STATE;
	struct store_sim sim = { .first_seen = now.wall };
	int r = store_sim_find(x->store, m.facts->iccid, &sim);

	event_begin(x);
	if (r == TW_E_UNKNOWN) {
		tw_strset(sim.iccid, sizeof(sim.iccid), m.facts->iccid);
		tw_strset(sim.number, sizeof(sim.number), m.facts->own_number);
		tw_strset(sim.modem, sizeof(sim.modem), m.name);
		r = store_sim_put(x->store, &sim);
	}
	r = event_end(x, r, "accept");
	if (r == 0)
		bank_accept(x->bank, m.handle, now);
	return r;
}
