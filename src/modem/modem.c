/* One modem: made and freed, fed with bytes and time, and the pump that turns what the engine tells
 * into moves and commands. */
#include "internal.h"

#include <assert.h>

enum { FEED_PIECE = 2048 };

/* ---- timers -------------------------------------------------------------------------------- */

void timer_set(struct modem *m, enum timer t, int64_t ms, struct mono_ms now)
{
	m->timers[t] = mono_after(now, ms);
}

void timer_stop(struct modem *m, enum timer t)
{
	m->timers[t] = MONO_NEVER;
}

void timer_align(struct modem *m, enum timer t, int64_t ms, struct mono_ms now)
{
	m->timers[t] = (struct mono_ms){ (now.ms / ms + 1) * ms };
}

static void on_timer(struct modem *m, enum timer t, struct mono_ms now)
{
	switch (t) {
	case T_STATE:
		machine_input(m, IN_LIMIT, now);
		break;
	case T_POLL:
		steady_on_poll(m, now);
		break;
	case T_CHECK:
		steady_on_check(m, now);
		break;
	case T_SLOT:
		storage_on_timer(m, now);
		break;
	case T_OWED:
		receive_on_overdue(m, now);
		break;
	case T_CALL:
		call_on_timer(m, now);
		break;
	case T_VERDICT:
		send_on_resynced(m, now);
		break;
	case T_HEALTHY:
		m->echo_signs = 0;
		if (m->state == ST_READY)
			recover_is_healthy(m);
		break;
	case T_COMMAND:
		if (!m->personal.is_running)
			command_end(m, AT_TIMEOUT);
		break;
	case T_USSD:
		ussd_on_timer(m, now);
		break;
	case T_HOLD:
	case T_PUMP:
	case T_USSD_HOLD:
	case T_STRAY:
	case TIMER_COUNT:
		break;
	}
}

/* ---- the pump ------------------------------------------------------------------------------ */

static void on_event(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	switch (ev->type) {
	case AT_LINE:
	case AT_FINAL:
		if (ev->line[0])
			trace_heard(m, '<', ev->line, ev->line_n);
		else if (ev->type == AT_FINAL)
			trace_line(m, '<', "(nothing)", 9);
		job_on_event(m, ev, now);
		break;
	case AT_PAYLOAD_SENT:
		job_on_event(m, ev, now);
		break;
	case AT_URC:
		trace_heard(m, '!', ev->line, ev->line_n);
		urc_on_line(m, ev, now);
		break;
	case AT_LATE:
		trace_heard(m, '~', ev->line, ev->line_n);
		send_on_late(m, ev, now);
		break;
	case AT_STRAY:
		trace_heard(m, '?', ev->line, ev->line_n);
		urc_on_stray(m, ev->line, now);
		break;
	}
}

/* Nothing is asked on the second port, so whatever comes there is unsolicited. */
static void on_urc_event(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	trace_heard(m, ev->type == AT_URC ? '!' : '?', ev->line, ev->line_n);
	if (ev->type == AT_URC)
		urc_on_line(m, ev, now);
}

/* Whether a command may be given: one at a time, and only while its answer has room to be told. */
static bool is_free(const struct modem *m, struct mono_ms now)
{
	return m->is_open && !m->job && at_is_idle(m->at) && event_has_room(m) &&
	       (m->timers[T_HOLD].ms == INT64_MAX || mono_due(m->timers[T_HOLD], now));
}

static bool step(struct modem *m, struct mono_ms now)
{
	enum st was = m->state;
	struct at_event ev;

	if (event_has_room(m) && at_next(m->at, &ev)) {
		on_event(m, &ev, now);
		return true;
	}
	if (m->urcs && event_has_room(m) && at_next(m->urcs, &ev)) {
		on_urc_event(m, &ev, now);
		return true;
	}
	if (at_is_idle(m->at))
		send_on_resynced(m, now);
	if (!is_free(m, now))
		return false;
	timer_stop(m, T_HOLD);
	machine_input(m, IN_FREE, now);
	return m->job || m->state != was;
}

void modem_pump(struct modem *m, struct mono_ms now)
{
	int left = PUMP_MAX;

	if (m->in_pump)
		return;
	m->in_pump = true;
	while (left && step(m, now))
		left--;
	m->in_pump = false;
	if (!left)
		timer_set(m, T_PUMP, 0, now);	/* a flood: the rest at the next tick */
}

/* ---- bytes and time ------------------------------------------------------------------------ */

void modem_on_opened(struct modem *m, struct mono_ms now)
{
	m->now = m->opened = now;
	if (m->is_open)
		modem_on_closed(m, now);
	if (!m->closing_ours) {
		modem_forget_past(m);
	}
	m->closing_ours = false;
	m->is_open = true;
	modem_new_session(m);
	machine_input(m, IN_OPENED, now);
	modem_pump(m, now);
}

void modem_on_closed(struct modem *m, struct mono_ms now)
{
	m->now = now;
	if (!m->is_open)
		return;
	m->is_open = false;
	send_on_lost(m, "unplugged", now);
	job_drop(m);
	command_end(m, AT_ABORTED);
	ussd_abort(m, "unplugged");
	at_reset(m->at);
	if (m->urcs)
		at_reset(m->urcs);
	receive_forget_owed(m);
	machine_input(m, IN_CLOSED, now);
	storage_forget(m);
	for (int t = 0; t < TIMER_COUNT; t++)
		if (t != T_STATE)
			timer_stop(m, (enum timer)t);
	modem_pump(m, now);
}

void modem_on_bytes(struct modem *m, const void *bytes, size_t n, struct mono_ms now)
{
	const char *p = bytes;

	m->now = now;
	/* In pieces: what cannot be pulled now waits in the engine, which keeps AT_INPUT_MAX. */
	while (m->is_open && n) {
		size_t piece = n < FEED_PIECE ? n : FEED_PIECE;

		at_feed(m->at, p, piece, now);
		modem_pump(m, now);
		p += piece;
		n -= piece;
	}
}

void modem_on_urcs_opened(struct modem *m)
{
	struct at_dialect dialect = board_dialect(m->board);

	if (!m->urcs) {
		m->urcs = tw_zalloc(at_engine_size());
		at_init(m->urcs, &dialect);
	}
	at_reset(m->urcs);
}

void modem_on_urc_bytes(struct modem *m, const void *bytes, size_t n, struct mono_ms now)
{
	const char *p = bytes;

	m->now = now;
	while (m->is_open && m->urcs && n) {
		size_t piece = n < FEED_PIECE ? n : FEED_PIECE;

		at_feed(m->urcs, p, piece, now);
		modem_pump(m, now);
		p += piece;
		n -= piece;
	}
}

void modem_tick(struct modem *m, struct mono_ms now)
{
	m->now = now;
	if (m->is_open)
		at_tick(m->at, now);
	if (m->is_open && m->urcs)
		at_tick(m->urcs, now);
	/* What the engine has to say comes first: an answer that is there beats its deadline. */
	modem_pump(m, now);
	for (int t = 0; t < TIMER_COUNT; t++) {
		if (!mono_due(m->timers[t], now))
			continue;
		timer_stop(m, (enum timer)t);
		on_timer(m, (enum timer)t, now);
	}
	modem_pump(m, now);
}

struct mono_ms modem_deadline(const struct modem *m)
{
	struct mono_ms next = m->is_open ? at_deadline(m->at) : MONO_NEVER;

	if (m->is_open && m->urcs)
		next = mono_min(next, at_deadline(m->urcs));
	for (int t = 0; t < TIMER_COUNT; t++)
		next = mono_min(next, m->timers[t]);
	return next;
}

size_t modem_output(const struct modem *m, const uint8_t **ret)
{
	if (!m->is_open) {
		*ret = NULL;
		return 0;
	}
	return at_output(m->at, ret);
}

void modem_written(struct modem *m, size_t n, struct mono_ms now)
{
	m->now = now;
	at_written(m->at, n, now);
	modem_pump(m, now);
}

/* ---- new, free ----------------------------------------------------------------------------- */

void modem_new_session(struct modem *m)
{
	m->facts.session++;
	m->silent = m->mute = 0;
	storage_forget(m);
	receive_forget_owed(m);
	memset(m->damages, 0, sizeof(m->damages));
	m->no_smsc_field = false;
}

void modem_forget_past(struct modem *m)
{
	recover_is_healthy(m);
	m->search_rounds = 0;
	m->echo_signs = 0;
	m->power_after = (struct mono_ms){ 0 };
	m->facts.resets = m->facts.timeouts = m->facts.refused_pins = 0;
	memset(m->facts.rungs, 0, sizeof(m->facts.rungs));
	m->bearer = (struct bearer){ .way = -1, .told = -1 };
}

void modem_use_board(struct modem *m, const struct board *b)
{
	struct at_dialect dialect;

	if (b == m->board)
		return;
	m->board = b;
	m->facts.board = b->name;
	m->ussd.form_at = 0;
	dialect = board_dialect(b);
	at_set_dialect(m->at, &dialect);
	if (m->urcs)
		at_set_dialect(m->urcs, &dialect);
	m->bearer = (struct bearer){ .way = -1, .told = -1 };	/* its ways are others */
}

struct modem *modem_new(const struct modem_setup *setup)
{
	struct modem *m = tw_zalloc(sizeof(*m));
	const struct board *b = NULL;
	struct at_dialect dialect;

	m->setup = *setup;
	tw_strset(m->setup_board, sizeof(m->setup_board), setup->board ? setup->board : "");
	tw_strset(m->setup_usb, sizeof(m->setup_usb), setup->usb ? setup->usb : "");
	tw_strset(m->setup_smsc, sizeof(m->setup_smsc), setup->smsc ? setup->smsc : "");
	if (m->setup_board[0])
		b = boards_named(setup->boards, m->setup_board);
	if (!b) {
		m->setup_board[0] = 0;
		b = boards_match(setup->boards, m->setup_usb, "");
	}
	m->board = b;
	m->facts.board = b->name;
	m->facts.radio = "";
	m->bearer.way = m->bearer.told = -1;
	m->at = tw_zalloc(at_engine_size());
	dialect = board_dialect(b);
	at_init(m->at, &dialect);
	m->events = tw_zalloc(EVENTS_MAX * sizeof(*m->events));
	m->rung = -1;
	m->mem1 = m->job_area = m->job_slot = -1;
	m->cnmi_set[0] = -1;
	for (int t = 0; t < TIMER_COUNT; t++)
		timer_stop(m, (enum timer)t);
	storage_forget(m);
	return m;
}

void modem_set_usb(struct modem *m, const char *usb)
{
	tw_strset(m->setup_usb, sizeof(m->setup_usb), usb);
	if (!m->setup_board[0] && !m->is_open)
		modem_use_board(m, boards_match(m->setup.boards, m->setup_usb, ""));
}

void modem_free(struct modem *m)
{
	if (!m)
		return;
	free(m->events);
	free(m->urcs);
	free(m->at);
	free(m);
}

/* ---- what it is told, what it is asked ----------------------------------------------------- */

const struct modem_facts *modem_facts(const struct modem *m)
{
	return &m->facts;
}

const struct at_counters *modem_counters(const struct modem *m)
{
	return at_counters(m->at);
}

void modem_pause(struct modem *m, bool paused, struct mono_ms now)
{
	m->now = now;
	m->is_paused = paused;
	if (paused)
		send_fail_queued(m, REACT_RETRY, "paused", now);
	machine_show(m, paused ? "paused" : "resumed");
	modem_pump(m, now);
}

void modem_restart(struct modem *m, struct mono_ms now)
{
	m->now = now;
	machine_input(m, IN_RESTART, now);
	modem_pump(m, now);
}
