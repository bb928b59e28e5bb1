/* The life of a modem as a table, and the one function that moves through it. */
#include "internal.h"

#include <assert.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND };

#define BIT(x) (1u << (x))
/* What every state of an open port listens to, and where it may always go. */
#define OPEN_INPUTS (BIT(IN_FREE) | BIT(IN_LIMIT) | BIT(IN_CLOSED) | BIT(IN_DEAF) | BIT(IN_MUTE) | \
		     BIT(IN_REBOOTED) | BIT(IN_RESTART))
#define ALWAYS (BIT(ST_CLOSED) | BIT(ST_PAUSE) | BIT(ST_PROBE))
#define SIM_INPUTS (OPEN_INPUTS | BIT(IN_SIM_CHANGED))
#define SERVING_INPUTS (SIM_INPUTS | BIT(IN_UNREGISTERED) | BIT(IN_REJECTED))
#define SIM_STATES (BIT(ST_SIM) | BIT(ST_LOCKED) | BIT(ST_NO_SIM))

static void handle_closed(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_OPENED)
		machine_move(m, ST_PROBE, "port opened", now);
}

const struct state machine_states[ST_COUNT] = {
	[ST_CLOSED] = { "closed", MODEM_ABSENT, BIT(IN_OPENED), BIT(ST_PROBE),
		.handle = handle_closed },
	[ST_PROBE] = { "probe", MODEM_STARTING, OPEN_INPUTS, ALWAYS | BIT(ST_IDENTIFY),
		{ "no answer to AT", 30 * SECOND, 1 * SECOND, 10 * MINUTE }, seq_probe,
		bringup_enter_probe, bringup_handle_probe },
	[ST_IDENTIFY] = { "identify", MODEM_STARTING, OPEN_INPUTS, ALWAYS | BIT(ST_SIM),
		{ "identification takes too long", 3 * MINUTE, 3 * MINUTE, 3 * MINUTE },
		seq_identify, bringup_enter_identify, bringup_handle_identify },
	[ST_SIM] = { "sim", MODEM_STARTING, OPEN_INPUTS,
		ALWAYS | SIM_STATES | BIT(ST_ASK_PIN) | BIT(ST_IDENTITY),
		{ "SIM not ready", 150 * SECOND, 150 * SECOND, 150 * SECOND }, seq_sim,
		sim_enter, sim_handle },
	[ST_ASK_PIN] = { "ask_pin", MODEM_STARTING,
			 SIM_INPUTS | BIT(IN_PIN_GIVEN) | BIT(IN_PIN_DENIED),
		ALWAYS | SIM_STATES | BIT(ST_PIN_SENT),
		.enter = sim_enter_ask_pin, .handle = sim_handle_ask_pin },
	[ST_PIN_SENT] = { "pin_sent", MODEM_STARTING, OPEN_INPUTS,
		ALWAYS | SIM_STATES | BIT(ST_IDENTITY),
		{ "SIM asks on after its PIN", 90 * SECOND, 90 * SECOND, 90 * SECOND }, .enter =
		sim_enter_pin_sent, .handle = sim_handle_pin_sent },
	[ST_LOCKED] = { "locked", MODEM_LOCKED, SIM_INPUTS | BIT(IN_PIN_GIVEN),
		ALWAYS | SIM_STATES | BIT(ST_PIN_SENT) | BIT(ST_IDENTITY),
		.enter = sim_enter_waiting, .handle = sim_handle_waiting },
	[ST_NO_SIM] = { "no_sim", MODEM_NO_SIM, OPEN_INPUTS, ALWAYS | SIM_STATES | BIT(ST_IDENTITY),
		.enter = sim_enter_waiting, .handle = sim_handle_waiting },
	[ST_IDENTITY] = { "identity", MODEM_STARTING, SIM_INPUTS,
		ALWAYS | SIM_STATES | BIT(ST_ASK_ADMIT),
		{ "SIM does not tell who it is", 90 * SECOND, 90 * SECOND, 90 * SECOND },
		seq_identity, sim_enter_identity, sim_handle_identity },
	[ST_ASK_ADMIT] = { "ask_admit", MODEM_STARTING,
		SIM_INPUTS | BIT(IN_ADMITTED) | BIT(IN_REJECTED),
		ALWAYS | SIM_STATES | BIT(ST_SETUP) | BIT(ST_STRANGER),
		.enter = sim_enter_ask_admit, .handle = sim_handle_ask_admit },
	[ST_STRANGER] = { "stranger", MODEM_STRANGER, SIM_INPUTS | BIT(IN_ADMITTED),
		ALWAYS | SIM_STATES | BIT(ST_SETUP),
		.enter = sim_enter_stranger, .handle = sim_handle_stranger },
	[ST_SETUP] = { "setup", MODEM_STARTING, SIM_INPUTS | BIT(IN_REJECTED),
		ALWAYS | SIM_STATES | BIT(ST_DRAIN) | BIT(ST_STRANGER),
		{ "messages cannot be set up", 4 * MINUTE, 1 * MINUTE, 15 * MINUTE }, seq_setup,
		setup_enter, setup_handle },
	[ST_DRAIN] = { "drain", MODEM_STARTING, SERVING_INPUTS,
		ALWAYS | SIM_STATES | BIT(ST_SETUP) | BIT(ST_SEARCH) | BIT(ST_STRANGER),
		{ "storage takes long", 5 * MINUTE, 5 * MINUTE, 5 * MINUTE }, seq_messages,
		steady_enter_drain, .handle = steady_handle_drain },
	[ST_SEARCH] = { "search", MODEM_SEARCHING, SERVING_INPUTS,
		ALWAYS | SIM_STATES | BIT(ST_SETUP) | BIT(ST_READY) | BIT(ST_STRANGER),
		{ "no network", 3 * MINUTE, 1 * MINUTE, 60 * MINUTE }, seq_messages,
		steady_enter_search, .handle = steady_handle_search },
	[ST_READY] = { "ready", MODEM_READY, SERVING_INPUTS,
		ALWAYS | SIM_STATES | BIT(ST_SETUP) | BIT(ST_SEARCH) | BIT(ST_STRANGER),
		.sequence = seq_messages, .enter = steady_enter_ready,
		.handle = steady_handle_ready },
	[ST_PAUSE] = { "pause", MODEM_RECOVERING, BIT(IN_LIMIT) | BIT(IN_CLOSED) | BIT(IN_RESTART),
		ALWAYS | BIT(ST_RADIO) | BIT(ST_RESET) | BIT(ST_REOPEN) | BIT(ST_FAILED),
		{ "before the next rung", 1 * SECOND, 1 * SECOND, 5 * MINUTE }, .enter =
		recover_enter_pause, .handle = recover_handle_pause },
	[ST_RADIO] = { "radio", MODEM_RECOVERING, OPEN_INPUTS, ALWAYS,
		{ "radio off and on", 90 * SECOND, 90 * SECOND, 90 * SECOND }, seq_radio,
		.handle = recover_handle_radio },
	[ST_RESET] = { "reset", MODEM_RECOVERING, OPEN_INPUTS, ALWAYS | BIT(ST_REOPEN),
		{ "soft reset", 60 * SECOND, 1 * SECOND, 6 * MINUTE }, seq_reset,
		recover_enter_reset, recover_handle_reset },
	[ST_REOPEN] = { "reopen", MODEM_RECOVERING,
		BIT(IN_OPENED) | BIT(IN_CLOSED) | BIT(IN_LIMIT) | BIT(IN_RESTART), BIT(ST_PROBE),
		{ "port is not reopened", 10 * MINUTE, 10 * MINUTE, 3 * 60 * MINUTE }, NULL,
		recover_enter_reopen, recover_handle_reopen },
	[ST_FAILED] = { "failed", MODEM_FAILED,
		BIT(IN_OPENED) | BIT(IN_CLOSED) | BIT(IN_LIMIT) | BIT(IN_RESTART), BIT(ST_PROBE),
		{ "port is not reopened", 10 * MINUTE, 10 * MINUTE, 3 * 60 * MINUTE }, NULL,
		recover_enter_failed, recover_handle_reopen },
};

static const char *const input_names[IN_COUNT] = {
#define X(name, text) [name] = text,
	INPUTS(X)
#undef X
};

const char *machine_state_name(enum st s)
{
	return machine_states[s].name;
}

void machine_limit(struct modem *m, int64_t ms, struct mono_ms now)
{
	const struct state *s = &machine_states[m->state];

	assert(s->limit.ms);
	if (ms < s->limit.min)
		ms = s->limit.min;
	if (ms > s->limit.max)
		ms = s->limit.max;
	timer_set(m, T_STATE, ms, now);
}

/* While the ladder is being climbed, or has failed, the steps of a new start show as that. */
static enum modem_state shown_now(const struct modem *m)
{
	enum modem_state s = machine_states[m->state].shown;

	if ((s == MODEM_STARTING || s == MODEM_RECOVERING) && m->failures)
		return MODEM_FAILED;
	if (s == MODEM_STARTING && m->rung >= 0)
		return MODEM_RECOVERING;
	if (m->is_paused && (s == MODEM_READY || s == MODEM_SEARCHING))
		return MODEM_PAUSED;
	return s;
}

void machine_show(struct modem *m, const char *why)
{
	enum modem_state s = shown_now(m);
	struct event *e;

	if (s == m->facts.state)
		return;
	m->facts.state = s;
	e = event_push(m, MODEM_EV_STATE);
	e->ev.state = s;
	tw_strset(e->text, sizeof(e->text), why);
}

void machine_move(struct modem *m, enum st to, const char *why, struct mono_ms now)
{
	const struct state *s = &machine_states[to];
	char line[MODEM_TRACE_LINE];
	int n;

	assert(machine_states[m->state].successors & BIT(to));
	n = snprintf(line, sizeof(line), "%s -> %s (%s)", machine_states[m->state].name, s->name,
		     why);
	trace_line(m, '=', line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
	tw_strset(m->why, sizeof(m->why), why);
	if (!state_is_serving(to)) {
		job_forget(m);
		ussd_abort(m, why);
	}
	m->state = to;
	m->step = m->next_step = 0;
	timer_stop(m, T_STATE);
	timer_stop(m, T_HOLD);
	if (s->limit.ms)
		machine_limit(m, s->limit.ms, now);
	if (s->enter)
		s->enter(m, now);
	timer_set(m, T_PUMP, 0, now);
	if (m->state == to)		/* enter may have moved on */
		machine_show(m, why);
	modem_check(m);
}

/* What all open states do alike. */
static bool handle_common(struct modem *m, enum input in, struct mono_ms now)
{
	switch (in) {
	case IN_CLOSED:
		machine_move(m, ST_CLOSED, "port closed", now);
		return true;
	case IN_DEAF:
		recover(m, true, "it does not answer", now);
		return true;
	case IN_MUTE:
		recover(m, false, "it answers AT and nothing else", now);
		return true;
	case IN_REBOOTED:
		send_on_lost(m, "reset", now);
		modem_new_session(m);
		machine_move(m, ST_PROBE, "it has restarted", now);
		return true;
	case IN_RESTART:
		send_on_lost(m, "reset", now);
		recover_is_healthy(m);
		machine_move(m, ST_PROBE, "restart asked for", now);
		return true;
	case IN_SIM_CHANGED:
		send_fail_queued(m, REACT_RETRY, "SIM gone", now);
		machine_move(m, ST_SIM, "SIM changed", now);
		return true;
	case IN_LIMIT:
	case IN_FREE:
	case IN_OPENED:
	case IN_UNREGISTERED:
	case IN_PIN_GIVEN:
	case IN_PIN_DENIED:
	case IN_ADMITTED:
	case IN_REJECTED:
	case IN_COUNT:
		break;
	}
	return false;
}

/* States that answer these in their own way. */
static bool is_own(enum st s, enum input in)
{
	if (s == ST_REOPEN || s == ST_FAILED || s == ST_CLOSED)
		return true;
	return in == IN_REBOOTED && s == ST_RESET;
}

void machine_input(struct modem *m, enum input in, struct mono_ms now)
{
	const struct state *s = &machine_states[m->state];

	if (!(s->accepts & BIT(in)))
		return;
	if (!is_own(m->state, in) && handle_common(m, in, now))
		return;
	s->handle(m, in, now);
}

static void dump_names(struct tw_buf *out, uint32_t bits, const char *(*name)(unsigned), unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (bits & BIT(i))
			tw_buf_addf(out, " %s", name(i));
}

static const char *name_of_state(unsigned i)
{
	return machine_states[i].name;
}

static const char *name_of_input(unsigned i)
{
	return input_names[i];
}

static const char *name_of_shown(enum modem_state s)
{
	static const char *const names[MODEM_STATE_COUNT] = {
#define X(name, text) [name] = text,
		MODEM_STATES(X)
#undef X
	};

	return names[s];
}

void modem_dump_machine(struct tw_buf *out)
{
	for (unsigned i = 0; i < ST_COUNT; i++) {
		const struct state *s = &machine_states[i];

		tw_buf_addf(out, "%s [%s]\n  hears  ", s->name, name_of_shown(s->shown));
		dump_names(out, s->accepts, name_of_input, IN_COUNT);
		tw_buf_adds(out, "\n  goes to");
		dump_names(out, s->successors, name_of_state, ST_COUNT);
		if (s->limit.ms)
			tw_buf_addf(out, "\n  limit   %lld s (%lld..%lld s): %s",
				    (long long)s->limit.ms / SECOND,
				    (long long)s->limit.min / SECOND,
				    (long long)s->limit.max / SECOND, s->limit.name);
		if (s->sequence)
			tw_buf_adds(out, "\n  asks   ");
		for (const struct job *const *j = s->sequence; j && *j; j++)
			tw_buf_addf(out, " %s", (*j)->name);
		tw_buf_addc(out, '\n');
	}
}
