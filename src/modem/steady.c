/* What to do next when the SIM may be used: texts in before texts out, deletions when they matter,
 * questions when there is nothing else. */
#include "internal.h"

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	POLL_MS = MINUTE,		/* signal and registration */
	CHECK_MS = 5 * MINUTE,		/* settings and storage */
	BLIND_MS = 15 * SECOND,		/* storage, where the modem announces nothing */
	/* checks between two lists of a storage that counts nothing new */
	LIST_EACH = 6,
	SEARCH_FAST = 2 * SECOND,	/* registration polls at first … */
	SEARCH_SLOW = 10 * SECOND,	/* … and later, beside the URCs */
	SEARCH_FAST_N = 15,
	DELETES_FIRST = 3,		/* so many waiting deletions go before a send */
	HEALTHY_MS = 10 * MINUTE
};

bool state_is_serving(enum st s)
{
	return s == ST_DRAIN || s == ST_SEARCH || s == ST_READY;
}

/* ---- the order of things ------------------------------------------------------------------- */

/* A flag that asks for one command: taken, and the command given. */
static bool take(struct modem *m, bool *flag, const struct job *j, struct mono_ms now)
{
	if (!*flag)
		return false;
	*flag = false;
	return job_give(m, j, now);
}

static bool give_settings(struct modem *m, struct mono_ms now)
{
	if (setup_give_again(m, now) || take(m, &m->want_cmgf, &job_rewrite_cmgf, now) ||
	    take(m, &m->want_csms_check, &job_verify_csms, now) ||
	    take(m, &m->want_cnmi_check, &job_verify_cnmi, now))
		return true;
	if (!m->want_smsc)
		return false;
	m->want_smsc = false;
	m->facts.smsc[0] = 0;
	return job_give(m, &job_csca, now);
}

static bool give_slot(struct modem *m, const struct job *j, enum slot_state s, struct mono_ms now)
{
	int area, slot;

	return storage_next(m, s, now, &area, &slot) && receive_give(m, j, area, slot, now);
}

static bool give_inbound(struct modem *m, struct mono_ms now)
{
	int area;

	if (receive_has_answer(m) && receive_give_answer(m, now))
		return true;
	if (give_settings(m, now) || call_give_hang_up(m, now))
		return true;
	if (give_slot(m, &job_read, SLOT_TO_READ, now))
		return true;
	while ((area = storage_listing(m)) >= 0)
		if (storage_give_list(m, area, now))
			return true;
	return false;
}

static bool may_send(const struct modem *m)
{
	return m->state == ST_READY && send_is_waiting(m) && !receive_owes(m) &&
	       !ussd_holds_sends(m);
}

static bool give_outbound(struct modem *m, struct mono_ms now)
{
	unsigned deletes = storage_due(m, SLOT_TO_DELETE, now);

	if (deletes >= (may_send(m) ? DELETES_FIRST : 1) &&
	    give_slot(m, &job_delete, SLOT_TO_DELETE, now))
		return true;
	if (command_give(m, now) || ussd_give(m, now))
		return true;
	return may_send(m) && send_give(m, now);
}

/* All domains that answer, one after the other. */
static bool give_search(struct modem *m, struct mono_ms now)
{
	while (m->search_asked < 3) {
		unsigned domain = m->search_asked++;

		if (!m->reg_bad[domain])
			return job_give(m, &job_reg[domain], now);
	}
	m->search_asked = 0;
	m->want_search = false;
	return false;
}

static bool give_questions(struct modem *m, struct mono_ms now)
{
	if (take(m, &m->want_sim_check, &job_sim_check_pin, now) ||
	    take(m, &m->want_iccid_check, &job_sim_check_iccid, now) ||
	    take(m, &m->want_signal, &job_csq, now) ||
	    take(m, &m->want_cesq, &job_cesq, now) ||
	    take(m, &m->want_temperature, &job_temperature, now))
		return true;
	if (m->want_reg) {
		m->want_reg = false;
		return job_give(m, &job_reg[network_best(m)], now);
	}
	if (m->want_search && give_search(m, now))
		return true;
	if (m->want_count && m->mem1 == 0)
		return take(m, &m->want_count, &job_count, now);
	if (give_slot(m, &job_read, SLOT_PROBE, now))
		return true;
	/* Back to the main storage, unless a deletion where we are is about to be asked for. */
	if (m->mem1 != 0 && m->areas[0].name[0] &&
	    !(m->mem1 > 0 && m->areas[m->mem1].n[SLOT_HANDED]))
		return setup_give_select(m, 0, now);
	return false;
}

static bool give_late(struct modem *m, struct mono_ms now)
{
	while (m->state == ST_READY && seq_late[m->late_at])
		if (job_give(m, seq_late[m->late_at++], now))
			return true;
	return false;
}

static bool give_next(struct modem *m, struct mono_ms now)
{
	if (job_give(m, &job_alive, now) || recover_refresh(m, now))
		return true;
	return give_inbound(m, now) || give_outbound(m, now) || give_questions(m, now) ||
	       give_late(m, now);
}

/* ---- drain --------------------------------------------------------------------------------- */

void steady_enter_drain(struct modem *m, struct mono_ms now)
{
	(void)now;
	storage_list_all(m);
	storage_list_others(m);
}

void steady_handle_drain(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_REJECTED)
		machine_move(m, ST_STRANGER, "SIM not admitted", now);
	else if (in == IN_LIMIT)
		machine_move(m, ST_SEARCH, machine_states[ST_DRAIN].limit.name, now);
	else if (in == IN_FREE && !job_give(m, &job_alive, now) && !give_inbound(m, now))
		machine_move(m, ST_SEARCH, "storage read", now);
}

/* ---- search -------------------------------------------------------------------------------- */

void steady_enter_search(struct modem *m, struct mono_ms now)
{
	send_fail_queued(m, REACT_WAIT, "no network", now);
	m->polls = 0;
	m->search_asked = 0;
	/* Each round takes twice as long: where there is no network, resets do not bring one. */
	machine_limit(m, (3 * MINUTE) << (m->search_rounds < 5 ? m->search_rounds : 5), now);
	timer_set(m, T_POLL, SEARCH_FAST, now);
	timer_align(m, T_CHECK, CHECK_MS, now);
	if (network_is_registered(m)) {
		machine_move(m, ST_READY, "registered", now);
		return;
	}
	machine_show(m, m->why);
}

static void search_failed(struct modem *m, struct mono_ms now)
{
	unsigned round;

	if (bearer_on_no_network(m)) {
		machine_limit(m, 3 * MINUTE, now);
		return;
	}
	round = m->search_rounds++;
	event_error(m, m->facts.registration == 3 ? "the network refuses the SIM" : "no network");
	/* The radio first, then a reset, then patience: only the waiting grows. */
	if (round < 2) {
		m->rung = round ? MODEM_RUNG_RADIO : MODEM_RUNG_START;
		recover(m, false, "no network", now);
		return;
	}
	machine_limit(m, (3 * MINUTE) << (round < 5 ? round : 5), now);
}

void steady_handle_search(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_REJECTED) {
		machine_move(m, ST_STRANGER, "SIM not admitted", now);
	} else if (in == IN_LIMIT) {
		search_failed(m, now);
	} else if (in == IN_FREE) {
		if (network_is_registered(m))
			machine_move(m, ST_READY, "registered", now);
		else if (!bearer_give(m, now))
			give_next(m, now);
	}
}

/* ---- ready --------------------------------------------------------------------------------- */

void steady_enter_ready(struct modem *m, struct mono_ms now)
{
	m->search_rounds = 0;
	m->failures = 0;
	m->closing_ours = false;
	timer_align(m, T_POLL, POLL_MS, now);
	timer_align(m, T_CHECK, m->no_indication ? BLIND_MS : CHECK_MS, now);
	timer_set(m, T_HEALTHY, HEALTHY_MS, now);
}

void steady_handle_ready(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_REJECTED)
		machine_move(m, ST_STRANGER, "SIM not admitted", now);
	else if (in == IN_UNREGISTERED)
		machine_move(m, ST_SEARCH, "network lost", now);
	else if (in == IN_FREE)
		give_next(m, now);
}

/* ---- polls --------------------------------------------------------------------------------- */

void steady_on_poll(struct modem *m, struct mono_ms now)
{
	if (m->state == ST_READY) {
		m->want_signal = m->want_reg = true;
		timer_align(m, T_POLL, POLL_MS, now);
	} else if (m->state == ST_SEARCH) {
		bool is_fast = ++m->polls < SEARCH_FAST_N;

		/* All domains in turn: a modem may tell of one alone. */
		m->want_search = true;
		if (is_fast)
			timer_set(m, T_POLL, SEARCH_FAST, now);
		else
			timer_align(m, T_POLL, SEARCH_SLOW, now);
	} else {
		m->want_look = true;
		m->want_signal = m->state == ST_STRANGER;
		timer_align(m, T_POLL, 30 * SECOND, now);
	}
}

void steady_on_check(struct modem *m, struct mono_ms now)
{
	if (m->no_indication) {
		storage_list_all(m);
		timer_align(m, T_CHECK, BLIND_MS, now);
		return;
	}
	setup_verify(m);
	m->want_count = true;
	m->want_temperature = m->board->temperature[0] && !m->temperature_bad;
	if (++m->checks % LIST_EACH == 0) {
		storage_list_all(m);
		storage_list_others(m);
	} else if (m->setup.report) {
		storage_list_reports(m);
	}
	timer_align(m, T_CHECK, CHECK_MS, now);
}
