/* How it stands: queues, doubts, modems, troubles; and what an operator may change. */
#include <stdio.h>

#include "internal.h"

static void count_queues(struct exchange *x, struct exchange_status *ret)
{
	for (size_t i = 0; i < x->active.n; i++)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			ret->queue[lane] += x->active.v[i]->n[lane];
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

static void tell_of_health(const struct station *st, struct exchange_status *ret)
{
	enum health_reason why;
	int score = health_score(&st->care.health, 0, &why);

	trouble(ret, "modem %s is used last (health %d): %s", st->name, score,
		score < 100 ? health_reason_text(why) : "it is not sound again yet");
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
			if (m.refused)
				break;	/* told with the other entries */
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

		if (st && st->sim.id && balance_is_known(st) && st->care.is_low)
			trouble(ret, "%s is low: %.2f %s left on %s", st->name,
				(double)st->care.balance / QUOTA_MONEY, x->settings->currency,
				st->sim.number[0] ? st->sim.number : st->sim.iccid);
		if (st && st->sim.id && st->care.health.is_demoted)
			tell_of_health(st, ret);
		if (st && st->failures && !mono_due(st->rest_until, x->now.mono))
			trouble(ret, "modem %s sends nothing for %lld s: %s (%d in a row)",
				st->name,
				(long long)(st->rest_until.ms - x->now.mono.ms + 999) / 1000,
				st->rest_cause[0] ? st->rest_cause : "its sends failed",
				st->failures);
	}
}

void exchange_status(struct exchange *x, struct tw_now now, struct exchange_status *ret)
{
	*ret = (struct exchange_status){ .inbound_last_at = x->inbound_last_at,
					 .uptime_s = (now.wall.ms - x->started_at.ms) / 1000,
					 .database = store_health(x->store) };
	count_queues(x, ret);
	for (size_t i = 0; i < x->settings->refused.n; i++)
		tw_strings_add(&ret->troubles, x->settings->refused.v[i]);
	look_at_modems(x, ret);
	if (alert_is_raised(x, ALERT_MAIL, ""))
		trouble(ret, "%s", alert_text(x, ALERT_MAIL, ""));
	if (strcmp(ret->database, "ok") != 0)
		trouble(ret, "the database cannot be written (%s): texts stay on the SIMs until it "
			     "can",
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

static void fill_quotas(struct exchange *x, struct station *st, struct exchange_modem_totals *ret)
{
	quota_roll(&st->plan, &st->used, x->now.wall);
	for (int w = 0; w < QUOTA_WINDOWS; w++)
		ret->quotas[EXCHANGE_PER_MINUTE + w] = (struct exchange_quota){
			st->plan.limit[w], quota_count(&st->used, (enum quota_window)w,
						       x->now.wall) };
	ret->quotas[EXCHANGE_RECIPIENTS] = (struct exchange_quota){ st->plan.recipients,
								    st->used.recipients };
	ret->quotas[EXCHANGE_SPEND] = (struct exchange_quota){ st->plan.spend, st->used.spent };
	ret->resets_at = st->used.month_end;
}

static void fill_health(struct exchange *x, struct station *st, struct exchange_modem_totals *ret)
{
	const struct sim_health *h = &st->care.health;
	enum health_reason why;
	struct bank_modem m;

	ret->health = health_score(h, bank_modem(x->bank, st->modem, &m) && m.facts ?
				   m.facts->signal_dbm : 0, &why);
	ret->health_reason = health_reason_text(why);
	ret->success_rate = h->sends ? h->sent_rate : -1;
	ret->delivery_rate = h->reports ? h->report_rate : -1;
	ret->send_ms = st->pace;
}

void exchange_modem_totals(struct exchange *x, const char *iccid, struct exchange_modem_totals *ret)
{
	struct store_sim sim;

	*ret = (struct exchange_modem_totals){ .currency = x->settings->currency,
						.health = -1, .health_reason = "",
						.success_rate = -1, .delivery_rate = -1 };
	if (!iccid[0] || store_sim_find(x->store, iccid, &sim) < 0)
		return;
	struct station *st = station_by_sim(x, sim.id);

	ledger_add(x, &sim);
	ret->sent = (uint64_t)(sim.sent + (st ? st->add.sent : 0));
	ret->received = (uint64_t)(sim.received + (st ? st->add.received : 0));
	ret->failed = (uint64_t)(sim.failed + (st ? st->add.failed : 0));
	const struct queue_list *own = queue_list_of(x, sim.line);

	for (size_t i = 0; own && i < own->n; i++)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			ret->queued += own->v[i]->n[lane];
	if (st) {
		fill_quotas(x, st, ret);
		fill_health(x, st, ret);
	}
	if (st && balance_is_known(st))
		ret->balance = (struct exchange_balance){
			st->care.balance, st->care.balance_at,
			balance_days_left(balance_left(st), st->burn) };
}

/* A SIM whose ICCID cannot be read goes by the key of its modem. */
int exchange_modem_accept(struct exchange *x, const char *called, struct tw_now now)
{
	struct bank_modem m;

	x->now = now;
	if (!bank_find(x->bank, called, &m))
		return TW_E_UNKNOWN;
	if (m.state != MODEM_STRANGER || m.refused)
		return TW_E_STATE;
	const char *identity = m.facts->iccid[0] ? m.facts->iccid : m.key;
	struct store_sim sim = { .first_seen = now.wall };
	int r = store_sim_find(x->store, identity, &sim);

	event_begin(x);
	if (r == TW_E_UNKNOWN) {
		tw_strset(sim.iccid, sizeof(sim.iccid), identity);
		tw_strset(sim.modem, sizeof(sim.modem), m.name);
		r = store_sim_put(x->store, &sim);
	}
	r = event_end(x, r, "accept");
	if (r == 0)
		bank_accept(x->bank, m.handle, now);
	return r;
}

static int keep_seat(struct exchange *x, const char *key, const struct bank_seat *seat)
{
	struct store_seat row = { .interface = seat->interface, .is_paused = seat->is_paused };

	tw_strset(row.key, sizeof(row.key), key);
	tw_strset(row.imei, sizeof(row.imei), seat->imei);
	tw_strset(row.usb, sizeof(row.usb), seat->usb);
	tw_strset(row.usb_path, sizeof(row.usb_path), seat->usb_path);
	return store_seat_put(x->store, &row);
}

static void on_kept(void *ctx, bool ok, uint64_t slot, uint64_t generation)
{
	struct exchange *x = ctx;

	if (ok)
		bank_seat_kept(x->bank, (struct tw_handle){ (uint32_t)slot, (uint32_t)generation });
}

int modem_identified(struct exchange *x, struct tw_handle modem)
{
	struct bank_seat seat;
	const char *key;
	int r;

	if (!bank_seat_news(x->bank, modem, &key, &seat))
		return 0;
	r = keep_seat(x, key, &seat);
	if (r == 0)
		store_on_commit_lazy(x->store, on_kept, x, modem.slot, modem.generation);
	return r;
}

static void on_paused(void *ctx, bool ok, uint64_t modem, uint64_t paused)
{
	struct exchange *x = ctx;

	if (ok)
		bank_pause(x->bank, (struct tw_handle){ (uint32_t)(modem >> 32), (uint32_t)modem },
			   paused != 0, x->now);
}

int station_pause(struct exchange *x, const char *called, bool paused)
{
	struct bank_modem m;
	struct bank_seat seat;
	const char *key;

	if (!bank_find(x->bank, called, &m) || !bank_seat(x->bank, m.handle, &key, &seat))
		return TW_E_UNKNOWN;
	seat.is_paused = paused;
	int r = keep_seat(x, key, &seat);

	if (r == 0)
		store_on_commit(x->store, on_paused, x,
				(uint64_t)m.handle.slot << 32 | m.handle.generation, paused);
	return r;
}

int exchange_modem_pause(struct exchange *x, const char *called, bool paused, struct tw_now now)
{
	struct bank_modem m;
	struct bank_seat seat;
	const char *key;
	int r;

	x->now = now;
	if (!bank_find(x->bank, called, &m) || !bank_seat(x->bank, m.handle, &key, &seat))
		return TW_E_UNKNOWN;
	seat.is_paused = paused;
	event_begin(x);
	r = event_end(x, keep_seat(x, key, &seat), paused ? "pause" : "resume");
	if (r >= 0)
		bank_pause(x->bank, m.handle, paused, now);
	return r;
}
