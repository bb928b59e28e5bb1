/* The recovery ladder: one rung at a time, each behind a longer pause, counted and told. A modem
 * that is not helped by the last one is tried again, slowly, for ever. */
#include "internal.h"

#include <assert.h>

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	RADIO_DARK = 5 * SECOND,
	RADIO_SETTLE = 2 * SECOND,
	RESET_ANSWER = 10 * SECOND,
	REOPEN_AFTER = 3 * SECOND,
	POWER_SETTLE = 10 * SECOND,	/* its power is back: until its port may be opened */
	FAILED_FIRST = 30 * SECOND,
	FAILED_LAST = 30 * MINUTE,
	POWER_AGAIN = 6 * 60 * MINUTE	/* boots that fail in a row leave some in their loader */
};

static const struct { const char *name; bool needs_at; enum st state; } rungs[MODEM_RUNG_COUNT] = {
	[MODEM_RUNG_ESCAPE] = { "escape and AT", false, ST_PROBE },
	[MODEM_RUNG_START] = { "start over", true, ST_PROBE },
	[MODEM_RUNG_RADIO] = { "radio off and on", true, ST_RADIO },
	[MODEM_RUNG_RESET] = { "soft reset", true, ST_RESET },
	[MODEM_RUNG_REOPEN] = { "reopen the port", false, ST_REOPEN },
	[MODEM_RUNG_POWER] = { "power off and on", false, ST_REOPEN },
	[MODEM_RUNG_FAILED] = { "given up for now", false, ST_FAILED },
};

static bool may_help(const struct modem *m, enum modem_rung r, bool is_deaf, struct mono_ms now)
{
	if (rungs[r].needs_at && is_deaf)
		return false;
	if (r == MODEM_RUNG_ESCAPE)
		return is_deaf;
	if (r == MODEM_RUNG_RADIO)
		return m->board->radio_off[0] != 0;
	if (r == MODEM_RUNG_RESET)
		return m->board->soft_reset[0] != 0;
	if (r == MODEM_RUNG_POWER)
		return m->setup.power_cycle && mono_due(m->power_after, now);
	return true;
}

/* Behind the last rung its power alone is worth another try. */
static enum modem_rung next_rung(const struct modem *m, bool is_deaf, struct mono_ms now)
{
	int r = m->rung + 1;

	while (r < MODEM_RUNG_FAILED && !may_help(m, (enum modem_rung)r, is_deaf, now))
		r++;
	if (r <= MODEM_RUNG_FAILED)
		return (enum modem_rung)r;
	return may_help(m, MODEM_RUNG_POWER, is_deaf, now) ? MODEM_RUNG_POWER : MODEM_RUNG_FAILED;
}

static void tell(struct modem *m, enum modem_rung r, const char *why)
{
	struct event *e = event_offer(m, MODEM_EV_RECOVER);

	m->facts.rungs[r]++;
	if (!e)
		return;
	e->ev.number = r;
	tw_strset(e->text, MODEM_TEXT_MAX, why);
}

void recover(struct modem *m, bool is_deaf, const char *why, struct mono_ms now)
{
	enum modem_rung r = next_rung(m, is_deaf, now);
	char text[MODEM_TEXT_MAX];

	send_on_lost(m, is_deaf ? "no answer" : "reset", now);
	job_drop(m);
	m->rung = (int)r;
	m->reopen_ms = REOPEN_AFTER;
	m->recoveries++;
	m->silent = 0;
	m->with_atz = r == MODEM_RUNG_START;
	if (r >= MODEM_RUNG_RADIO)
		m->facts.resets++;
	m->after_pause = rungs[r].state;
	snprintf(text, sizeof(text), "%s: %s", why, rungs[r].name);
	event_error(m, "%s", text);
	tell(m, r, why);
	machine_move(m, ST_PAUSE, text, now);
}

void modem_refresh(struct modem *m, const char *why, struct mono_ms now)
{
	m->now = now;
	if (m->state != ST_READY)
		return;
	m->want_refresh = true;
	tw_strset(m->refresh_why, sizeof(m->refresh_why), why);
	modem_pump(m, now);
}

bool recover_refresh(struct modem *m, struct mono_ms now)
{
	if (!m->want_refresh || m->send.phase != SEND_NONE || m->state != ST_READY)
		return false;
	m->want_refresh = false;
	m->rung = m->board->radio_off[0] ? MODEM_RUNG_START : MODEM_RUNG_ESCAPE;
	recover(m, false, m->refresh_why, now);
	return true;
}

void recover_is_healthy(struct modem *m)
{
	m->rung = -1;
	m->recoveries = 0;
	m->failures = 0;
	m->silent = 0;
}

/* ---- the pause before the rung ------------------------------------------------------------- */

void recover_enter_pause(struct modem *m, struct mono_ms now)
{
	unsigned n = m->recoveries ? m->recoveries - 1 : 0;

	machine_limit(m, SECOND << (n < 9 ? n : 9), now);
}

void recover_handle_pause(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT)
		machine_move(m, m->after_pause, m->why, now);
}

/* ---- radio --------------------------------------------------------------------------------- */

static bool build_radio_off(struct modem *m, char *out)
{
	tw_strset(out, AT_COMMAND_MAX, m->board->radio_off);
	return true;
}

static void radio_off_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)ev;
	timer_set(m, T_HOLD, RADIO_DARK, now);
}

static void radio_on_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)ev;
	timer_set(m, T_HOLD, RADIO_SETTLE, now);
}

static const struct job
	job_radio_off = { .name = "radio off", .build = build_radio_off, .limit_ms = 20 * SECOND,
		.done = radio_off_done },
	job_radio_on = { .name = "AT+CFUN=1", .text = "AT+CFUN=1", .limit_ms = 30 * SECOND,
		.done = radio_on_done };
const struct job *const seq_radio[] = { &job_radio_off, &job_radio_on, NULL };

void recover_handle_radio(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT)
		recover(m, true, machine_states[ST_RADIO].limit.name, now);
	else if (in == IN_FREE && !job_give_next(m, now))
		machine_move(m, ST_PROBE, "radio on again", now);
}

/* ---- soft reset ---------------------------------------------------------------------------- */

static bool build_reset(struct modem *m, char *out)
{
	tw_strset(out, AT_COMMAND_MAX, m->board->soft_reset);
	return true;
}

static void reset_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)ev;
	/* A descriptor that is kept keeps the old name busy, and the stick gets another. */
	if (m->board->reset_closes) {
		m->reopen_ms = m->board->reset_wait;
		machine_move(m, ST_REOPEN, "it leaves the bus", now);
		return;
	}
	machine_limit(m, m->board->reset_wait, now);
}

static const struct job job_reset = { .name = "soft reset", .build = build_reset,
	.limit_ms = RESET_ANSWER, .done = reset_done };
const struct job *const seq_reset[] = { &job_reset, NULL };

/* The port may vanish under it and come back: that is not a new stick. */
void recover_enter_reset(struct modem *m, struct mono_ms now)
{
	m->closing_ours = true;
	machine_limit(m, m->board->reset_wait + 30 * SECOND, now);
}

void recover_handle_reset(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT)
		machine_move(m, ST_PROBE, "after the reset", now);
	else if (in == IN_REBOOTED)
		machine_limit(m, SECOND, now);
	else if (in == IN_FREE)
		job_give_next(m, now);
}

/* ---- reopen, failed ------------------------------------------------------------------------ */

static void ask_reopen(struct modem *m, int64_t after_ms)
{
	m->closing_ours = true;
	event_push(m, MODEM_EV_REOPEN)->ev.number = after_ms;
}

void recover_enter_reopen(struct modem *m, struct mono_ms now)
{
	if (m->rung != MODEM_RUNG_POWER) {
		ask_reopen(m, m->reopen_ms);
		return;
	}
	m->power_after = mono_after(now, POWER_AGAIN);
	m->closing_ours = true;
	event_push(m, MODEM_EV_POWER)->ev.number = POWER_SETTLE;
}

void recover_enter_failed(struct modem *m, struct mono_ms now)
{
	int64_t pause = (int64_t)FAILED_FIRST << (m->failures < 7 ? m->failures : 7);

	if (m->failures < 1000)
		m->failures++;
	if (pause > FAILED_LAST)
		pause = FAILED_LAST;
	machine_limit(m, pause + 10 * MINUTE, now);
	ask_reopen(m, pause);
}

void recover_handle_reopen(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_OPENED) {
		machine_move(m, ST_PROBE, "port reopened", now);
	} else if (in == IN_LIMIT || in == IN_RESTART) {
		machine_limit(m, 10 * MINUTE, now);
		ask_reopen(m, in == IN_RESTART ? 0 : REOPEN_AFTER);
	}
}
