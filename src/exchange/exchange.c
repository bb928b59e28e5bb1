/* Birth, reload and death of the exchange, and who else takes part in its turn. */
#include "internal.h"

static void set_languages(struct exchange *x)
{
	tw_strings_done(&x->languages);
	for (size_t i = 0; i < x->settings->languages.n &&
			   x->languages.n < TW_COUNT(x->language_ids); i++) {
		int id = sms_language_id(x->settings->languages.v[i]);

		if (id < 0)
			continue;
		x->language_ids[x->languages.n] = (uint8_t)id;
		tw_strings_add(&x->languages, x->settings->languages.v[i]);
	}
}

static int remind_bank_of_modems(struct exchange *x)
{
	struct store_seat row = { 0 };
	int r;

	while ((r = store_seat_next(x->store, row.key, &row)) == 0) {
		struct bank_seat seat = { .interface = row.interface,
					  .is_paused = row.is_paused };

		tw_strset(seat.imei, sizeof(seat.imei), row.imei);
		tw_strset(seat.usb, sizeof(seat.usb), row.usb);
		tw_strset(seat.usb_path, sizeof(seat.usb_path), row.usb_path);
		bank_remember_seat(x->bank, row.key, &seat);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int remind_bank_of_bearers(struct exchange *x)
{
	struct store_bearer row = { 0 };
	int r;

	while ((r = store_bearer_next(x->store, &row)) == 0)
		bank_remember_bearer(x->bank, row.operator_, row.command);
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* What the bank cannot know by itself: modems, SIMs and PINs of earlier lives. */
static int remind_bank(struct exchange *x)
{
	char identity[STORE_SIM_MAX];
	struct store_sim sim;
	uint8_t hash[32];
	int64_t after = 0;
	int r;

	while ((r = store_sims(x->store, after, &sim)) == 0) {
		after = sim.id;
		bank_remember_sim(x->bank, sim.iccid, sim.number, sim.seat);
	}
	if (r == TW_E_UNKNOWN)
		r = remind_bank_of_modems(x);
	if (r == 0)
		r = remind_bank_of_bearers(x);
	if (r < 0)
		return r;
	after = 0;
	while ((r = store_pin_next(x->store, &after, identity, hash)) == 0)
		bank_remember_pin(x->bank, identity, hash);
	return r == TW_E_UNKNOWN ? 0 : r;
}

int exchange_new(const struct exchange_setup *setup, struct tw_now now, struct exchange **ret)
{
	struct exchange *x = tw_zalloc(sizeof(*x));

	x->store = setup->store;
	x->bank = setup->bank;
	x->hook = setup->hook;
	x->settings = setup->settings;
	x->flows = setup->flows;
	x->now = now;
	x->started_at = now.wall;
	x->retry_at = now.mono;
	x->is_seeded = setup->seed != 0;
	if (setup->seed)
		tw_random_seed(&x->random, setup->seed);
	else
		tw_random_system(&x->random);
	set_languages(x);
	store_turn_begin(x->store, now);
	int r = remind_bank(x);

	if (r == 0)
		r = memory_load(x);
	if (r == 0)
		r = store_inbound_last(x->store, &x->inbound_last_at);
	if (r == 0)
		r = store_flush(x->store, now);
	if (r < 0) {
		exchange_free(x);
		return r;
	}
	*ret = x;
	return 0;
}

void exchange_free(struct exchange *x)
{
	void *secret;

	if (!x)
		return;
	/* What rides on the next commit is told now: nobody will be there to be told later. */
	if (ledger_write(x) == 0)
		ledger_settle(x);
	store_flush(x->store, x->now);
	watch_tell(x);
	memory_drop(x);
	store_ledger_done(&x->ledger);
	store_ledger_done(&x->adding);
	store_ledger_done(&x->settled);
	free(x->to_tell);
	talk_done(x);
	figures_done(x);
	free(x->campaigns);
	for (uint32_t i = 0; i < x->n_stations; i++) {
		if (x->stations[i])
			quota_used_done(&x->stations[i]->used);
		free(x->stations[i]);
	}
	free(x->stations);
	free(x->active.v);
	free(x->general.v);
	free(x->idle);
	free(x->strays);
	free(x->jobs);
	free(x->alerts);
	for (size_t cursor = 0; tw_map_each(&x->secrets, &cursor, NULL, NULL, &secret); )
		free(secret);
	tw_map_done(&x->secrets);
	for (size_t cursor = 0; tw_map_each(&x->arms, &cursor, NULL, NULL, &secret); )
		free(secret);
	tw_map_done(&x->arms);
	for (size_t i = 0; i < x->n_redo; i++)
		free(x->redo[i].text);
	free(x->redo);
	free(x->view);
	free(x->question_variables);
	free(x->slip_keys);
	free(x->slip_text);
	flow_result_done(&x->intents);
	tw_strings_done(&x->languages);
	free(x);
}

void exchange_reload(struct exchange *x, const struct settings *s, const struct flows *f,
		     struct tw_now now)
{
	x->settings = s;
	x->flows = f;
	x->now = now;
	set_languages(x);
	talk_done(x);		/* versions are compiled against the flows of now */
	x->prunes = true;
	memory_load(x);
}

void exchange_set_guest(struct exchange *x, void (*cb)(void *ctx, struct tw_now now), void *ctx)
{
	x->guest = cb;
	x->guest_ctx = ctx;
}

void exchange_set_watch(struct exchange *x, exchange_watch_cb *cb, void *ctx)
{
	x->watch = cb;
	x->watch_ctx = ctx;
}

void exchange_set_modem_watch(struct exchange *x, exchange_modem_event_cb *cb, void *ctx)
{
	x->modem_watch = cb;
	x->modem_watch_ctx = ctx;
}
