/* The turn: what modems tell is worked off, what waits for a time is done, idle modems pull, all of
 * it is one transaction, and only behind its commit anything leaves (design 3). */
#include "internal.h"

/* ---- one event ----------------------------------------------------------------------------- */

void event_begin(struct exchange *x)
{
	x->event_no++;
	x->figures.event_n = x->figures.n;
	store_event_begin(x->store);
}

void event_begin_bare(struct exchange *x)
{
	x->event_no++;
	x->figures.event_n = x->figures.n;
	(x->careful ? store_event_begin : store_event_begin_bare)(x->store);
}

/* Sends that the undone event had given to modems are given to nobody. */
static void take_back_launches(struct exchange *x)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || st->launched_in != x->event_no)
			continue;
		st->launched_in = 0;
		st->flying = 0;
		bank_unreserve(x->bank, st->modem);
	}
	jobs_take_back(x);
}

int event_end(struct exchange *x, int code, const char *what)
{
	int r = store_event_end(x->store, code >= 0);

	code = code < 0 ? code : r;
	if (code >= 0)
		return code;
	x->careful = X_CAREFUL_TURNS;
	if (store_is_void(x->store))
		return code;
	tw_log(TW_ERROR, "event_undone", "what=%s error=%s detail=%s", tw_log_quote(what),
	       tw_log_quote(tw_strerror(code)), tw_log_quote(store_last_error(x->store)));
	take_back_launches(x);
	x->figures.n = x->figures.event_n;
	memory_load(x);
	return code;
}

/* ---- events that must not be lost with a void turn ----------------------------------------- */

void redo_keep(struct exchange *x, const struct redo *take_r)
{
	if (x->n_redo == x->cap_redo) {
		x->cap_redo = x->cap_redo ? x->cap_redo * 2 : 16;
		x->redo = tw_realloc(x->redo, x->cap_redo * sizeof(*x->redo));
	}
	x->redo[x->n_redo++] = *take_r;
}

static bool must_be_kept(const struct bank_event *e)
{
	switch (e->ev.type) {
	case MODEM_EV_SENT:
	case MODEM_EV_SIM:
	case MODEM_EV_PIN:
	case MODEM_EV_SLOT_EMPTY:
	case MODEM_EV_COMMAND:
	case MODEM_EV_USSD:
	case MODEM_EV_IDENTITY:
		return true;
	case MODEM_EV_STATE:
	case MODEM_EV_INBOUND:
	case MODEM_EV_CALL:
	case MODEM_EV_SIGNAL:
	case MODEM_EV_NETWORK:
	case MODEM_EV_REOPEN:
	case MODEM_EV_POWER:
	case MODEM_EV_RECOVER:
	case MODEM_EV_BEARER:
	case MODEM_EV_TROUBLE:
		break;
	}
	return false;
}

static struct redo copy_of(const struct bank_event *e)
{
	struct redo r = { .modem = e->modem, .type = e->ev.type, .sent = e->ev.sent,
			  .number = e->ev.number, .id = e->ev.id };

	if (e->ev.type == MODEM_EV_COMMAND || e->ev.type == MODEM_EV_USSD)
		r.text = tw_strdup(e->ev.text);
	if (e->ev.type == MODEM_EV_SLOT_EMPTY) {
		memcpy(r.storage, e->ev.inbound.storage, sizeof(r.storage));
		r.number = e->ev.inbound.slot;
	}
	return r;
}

static int run_kept(struct exchange *x, const struct redo *r)
{
	struct station *st = station_of(x, r->modem);
	int code;

	switch (r->type) {
	case MODEM_EV_SENT:
		st->had_job = false;
		return result_sent(x, st, &r->sent);
	case MODEM_EV_COMMAND:
	case MODEM_EV_USSD:
		return job_event(x, st, r);
	case MODEM_EV_PIN:
		return pin_asked(x, st, (int)r->number);
	case MODEM_EV_SLOT_EMPTY:
		return st->sim.id ? store_slot_empty(x->store, st->sim.id, r->storage,
						     (int)r->number) : 0;
	case MODEM_EV_SIM:
		code = pin_opened(x, r->modem);
		if (code < 0)
			return code;
		if (!bank_sim_decide(x->bank, r->modem, x->now))
			return 0;
		code = station_refresh(x, st);
		return code == TW_E_UNKNOWN || code == TW_E_GONE ? 0 : code;
	case MODEM_EV_IDENTITY:
		return modem_identified(x, r->modem);
	case MODEM_EV_STATE:
	case MODEM_EV_INBOUND:
	case MODEM_EV_CALL:
	case MODEM_EV_SIGNAL:
	case MODEM_EV_NETWORK:
	case MODEM_EV_REOPEN:
	case MODEM_EV_POWER:
	case MODEM_EV_RECOVER:
	case MODEM_EV_BEARER:
	case MODEM_EV_TROUBLE:
		break;
	}
	return 0;
}

/* Those in front of redo_done are worked off, but not on disk yet; the others wait. */
static void redo_run(struct exchange *x)
{
	if (!mono_due(x->retry_at, x->now.mono))
		return;
	while (x->redo_done < x->n_redo && !store_is_void(x->store)) {
		struct redo r = x->redo[x->redo_done++];

		event_begin_bare(x);
		if (r.type == MODEM_EV_SENT)
			store_event_writes(x->store);
		if (event_end(x, run_kept(x, &r), "kept event") >= 0 || store_is_void(x->store))
			continue;
		/* A result that cannot be written is no result: its attempt is in doubt. */
		x->redo[x->redo_done - 1].sent.id = 0;
		x->redo[x->redo_done - 1].id = 0;
		free(x->redo[x->redo_done - 1].text);
		x->redo[x->redo_done - 1].text = NULL;
		memory_load(x);
	}
}

/* ---- events as they come ------------------------------------------------------------------- */

static void on_refused(void *ctx, bool ok, uint64_t where, uint64_t token)
{
	struct exchange *x = ctx;

	(void)ok;
	bank_refuse(x->bank, (struct tw_handle){ (uint32_t)(where >> 32), (uint32_t)where }, token,
		    x->now);
}

static void receive(struct exchange *x, const struct bank_event *e)
{
	struct station *st = station_of(x, e->modem);

	x->inbound_at = x->now.mono;
	event_begin_bare(x);
	store_event_writes(x->store);
	if (event_end(x, inbox_receive(x, st, &e->ev.inbound), "inbound") < 0 &&
	    !store_is_void(x->store))
		store_on_commit_lazy(x->store, on_refused, x,
				     (uint64_t)e->modem.slot << 32 | e->modem.generation,
				     e->ev.inbound.token);
}

static void missed_call(struct exchange *x, const struct bank_event *e)
{
	struct station *st = station_of(x, e->modem);

	event_begin(x);
	int r = store_event_add(x->store, "missed_call", e->ev.text ? e->ev.text : "", st->name, 0,
				x->now.wall);

	if (r == 0 && e->ev.text && e->ev.text[0])
		r = dispatch_call(x, st, e->ev.text);
	event_end(x, r, "call");
	watch_now(x, "call.missed", e->ev.text ? e->ev.text : "");
}

/* What helped one SIM of an operator is given to all of them, also after a restart. */
static void learn_bearer(struct exchange *x, const struct bank_event *e)
{
	struct bank_modem m;
	char operator_[8];

	if (!bank_modem(x->bank, e->modem, &m) || !m.facts)
		return;
	number_operator_of_imsi(m.facts->imsi, operator_);
	if (!operator_[0])
		return;
	event_begin(x);
	if (event_end(x, store_bearer_put(x->store, operator_, e->ev.text), "bearer") >= 0)
		bank_remember_bearer(x->bank, operator_, e->ev.text);
}

/* A SIM that nobody gave a number may tell its own (AT+CNUM); it is believed unless another has
 * it. */
static void learn_number(struct exchange *x, const struct bank_event *e)
{
	struct bank_modem m, other;
	struct number own;

	if (!bank_modem(x->bank, e->modem, &m) || !m.facts || m.number[0] ||
	    !m.facts->own_number[0] || m.state != MODEM_READY ||
	    number_read(m.facts->own_number, bank_country(x->bank, e->modem), &own) != NUMBER_OK ||
	    own.kind != NUMBER_E164 || bank_find_number(x->bank, own.text, &other) ||
	    sim_settings(x, "", own.text))
		return;
	bank_learn_number(x->bank, e->modem, own.text);
	event_begin(x);
	event_end(x, station_refresh(x, station_of(x, e->modem)), "own number");
}

static void state_changed(struct exchange *x, const struct bank_event *e)
{
	watch_modem(x, station_of(x, e->modem), e->ev.state, e->ev.text);
	x->balance_at.ms = 0;	/* one that is ready may be asked */
	x->test_at.ms = 0;
	alert_soon(x);
}

/* The end of a send that a void turn took back. Its number may be another attempt's by now. */
static bool is_taken_back(struct exchange *x, const struct bank_event *e)
{
	struct station *st = station_of(x, e->modem);

	if (!st->taken_back || st->taken_back != (int64_t)e->ev.sent.id)
		return false;
	st->taken_back = 0;
	return true;
}

static void event_run(struct exchange *x, const struct bank_event *e)
{
	if (x->modem_watch)
		x->modem_watch(x->modem_watch_ctx, e->modem, &e->ev, x->now);
	if (e->ev.type == MODEM_EV_SENT && is_taken_back(x, e))
		return;
	if (must_be_kept(e)) {
		struct redo r = copy_of(e);

		redo_keep(x, &r);
		redo_run(x);
		return;
	}
	if (e->ev.type == MODEM_EV_INBOUND)
		receive(x, e);
	else if (e->ev.type == MODEM_EV_STATE)
		state_changed(x, e);
	else if (e->ev.type == MODEM_EV_BEARER)
		learn_bearer(x, e);
	else if (e->ev.type == MODEM_EV_NETWORK)
		learn_number(x, e);
	else if (e->ev.type == MODEM_EV_CALL)
		missed_call(x, e);
}

/* ---- the turn ------------------------------------------------------------------------------ */

static void recall(struct exchange *x)
{
	if (memory_load(x) < 0)
		store_commit(x->store, x->now);	/* reading failed too: this attempt is void as
						 * well */
}

static void begin(struct exchange *x, struct tw_now now)
{
	x->now = now;
	x->look++;
	store_turn_begin(x->store, now);
	bank_idle_restart(x->bank);
	bank_tick(x->bank, now);
	if (x->is_stale)
		recall(x);
}

static void end(struct exchange *x)
{
	if (store_commit(x->store, x->now) < 0) {
		figures_forget(x);
		x->voids++;
		x->retry_at = mono_after(x->now.mono, X_RETRY_AFTER_VOID_MS);
		x->redo_done = 0;
		recall(x);
		x->figures.roll_at = x->ledger_at = wall_after(x->now.wall, X_RETRY_AFTER_VOID_MS);
		return;
	}
	if (x->careful)
		x->careful--;
	if (store_is_dirty(x->store))
		return;		/* what rides on a later commit is kept until then */
	if (!x->redo_done)
		return;
	for (size_t i = 0; i < x->redo_done; i++)
		free(x->redo[i].text);
	x->n_redo -= x->redo_done;
	memmove(x->redo, x->redo + x->redo_done, x->n_redo * sizeof(*x->redo));
	x->redo_done = 0;
}

/* What waits for a commit shares it with all that is on its way: with two modems or more that have
 * just spoken, the others are listened to once more, as long as that brings something. */
static bool gathers(struct exchange *x)
{
	size_t heard = bank_heard(x->bank);

	if (store_is_void(x->store) || !store_is_due(x->store, x->now))
		return false;
	if (!x->gathers_until.ms && heard > 1)
		x->gathers_until = mono_after(x->now.mono, X_GATHER_MS);
	if (heard && !mono_due(x->gathers_until, x->now.mono))
		return true;
	x->gathers_until.ms = 0;
	return false;
}

struct mono_ms exchange_turn(struct exchange *x, struct tw_now now)
{
	struct bank_event e;

	begin(x, now);
	redo_run(x);
	while (bank_next(x->bank, &e))
		event_run(x, &e);
	hooks_hear(x);
	agenda_run(x);
	if (x->guest)
		x->guest(x->guest_ctx, now);
	outbox_hand_out(x);
	jobs_run(x);
	hooks_start(x);
	if (gathers(x)) {
		bank_flush(x->bank, now);
		return now.mono;
	}
	if (store_is_due(x->store, now)) {
		health_keep(x);
		ledger_write(x);
		if (!store_is_void(x->store))
			outbox_ask_prompts(x);
	}
	end(x);
	bank_flush(x->bank, now);
	watch_tell(x);		/* behind the flush: a modem does not wait for a line of the log */
	return mono_min(mono_min(agenda_deadline(x), store_deadline(x->store)),
			mono_min(bank_deadline(x->bank), hooks_deadline(x)));
}

/* A modem that sends nothing and takes nothing is being asked for a text that it has announced. */
static bool reads_a_text(struct exchange *x)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (st && st->sim.id && !st->flying && !st->job &&
		    station_state(x, st) == MODEM_READY && !bank_can_send(x->bank, st->modem))
			return true;
	}
	return false;
}

bool exchange_is_answering(struct exchange *x, struct tw_now now)
{
	enum { STEP_ASIDE_MS = 10 };

	return !mono_due(mono_after(x->inbound_at, STEP_ASIDE_MS), now.mono) || reads_a_text(x);
}
