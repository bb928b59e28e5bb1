/* Sends: one at a time, and what its end means. Whatever happens after modem_send, MODEM_EV_SENT
 * comes: sent, not sent for certain, or in doubt. */
#include "internal.h"

enum {
	SECOND = 1000,
	CMMS_LIMIT = 5 * SECOND,
	VERDICT_MS = 25 * SECOND,	/* a send without a result: waits so long for a late one */
	WEAK_DBM = -107,		/* below, a held link does more harm than good */
	RESETS_MAX = 2			/* failures in a row that call for a reset */
};

static void tell(struct modem *m, uint64_t id, enum modem_outcome outcome, int ref,
		 enum reaction reaction, const char *cause, int64_t took)
{
	struct modem_sent *s = &event_push(m, MODEM_EV_SENT)->ev.sent;

	s->id = id;
	s->outcome = outcome;
	s->ref = ref;
	s->reaction = reaction;
	s->took_ms = took;
	tw_strset(s->cause, sizeof(s->cause), cause);
}

/* The send is over. What it left behind for a late result is its number alone. */
static void end(struct modem *m, enum modem_outcome outcome, enum reaction reaction,
		const char *cause, struct mono_ms now)
{
	struct sending *s = &m->send;
	bool had_begun = s->phase != SEND_QUEUED;

	tell(m, s->id, outcome, outcome == MODEM_OUT_SENT ? s->ref : -1, reaction, cause,
	     had_begun ? now.ms - s->since.ms : 0);
	s->late_id = outcome == MODEM_OUT_DOUBT ? s->id : 0;
	s->late_at_id = outcome == MODEM_OUT_DOUBT ? s->at_id : 0;
	s->phase = SEND_NONE;
	s->left = false;
	timer_stop(m, T_VERDICT);
	if (outcome == MODEM_OUT_SENT) {
		m->failed_sends = 0;
		recover_is_healthy(m);
		bearer_on_sent(m);
	} else if (cause[0]) {
		tw_strset(m->facts.last_error, sizeof(m->facts.last_error), cause);
	}
}

bool send_is_waiting(const struct modem *m)
{
	return m->send.phase == SEND_QUEUED;
}

void send_fail_queued(struct modem *m, enum reaction r, const char *cause, struct mono_ms now)
{
	if (m->send.phase == SEND_QUEUED)
		end(m, MODEM_OUT_NOT_SENT, r, cause, now);
}

void send_on_lost(struct modem *m, const char *cause, struct mono_ms now)
{
	if (m->send.phase == SEND_NONE)
		return;
	if (m->send.left)
		end(m, MODEM_OUT_DOUBT, REACT_DOUBT, cause, now);
	else
		end(m, MODEM_OUT_NOT_SENT, m->send.is_canceled ? REACT_NONE : REACT_RETRY, cause,
		    now);
}

void send_on_payload(struct modem *m, struct mono_ms now)
{
	(void)now;
	m->send.left = true;
	trace_pdu(m, '>', m->send.hex, strlen(m->send.hex));
}

/* What the refusal asks of the modem itself, beside what becomes of the message. */
static void react(struct modem *m, enum reaction r, const struct at_event *ev, struct mono_ms now)
{
	switch (r) {
	case REACT_RESET:
		if (++m->failed_sends >= RESETS_MAX) {
			m->failed_sends = 0;
			recover(m, false, m->facts.last_error, now);
		}
		break;
	case REACT_DRAIN:
		storage_on_full(m);
		break;
	case REACT_WAIT:
		m->want_reg = true;
		break;
	case REACT_PIN:
		m->want_sim_check = true;
		break;
	case REACT_RETRY:
	case REACT_OTHER_SIM:
	case REACT_FAIL:
		/* 304, 305: the format may have been lost; 330: the SMSC (27.005 3.2.5). */
		if (ev->result == AT_CMS && (ev->code == 304 || ev->code == 305))
			m->want_cmgf = true;
		if (ev->result == AT_CMS && ev->code == 330)
			m->want_smsc = true;
		break;
	case REACT_NONE:
	case REACT_PERSON:
	case REACT_NO_VALIDITY:
	case REACT_SENT:
	case REACT_DOUBT:
	case REACTION_COUNT:
		break;
	}
}

static void send_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct at_fields f;
	int ref;

	(void)now;
	if (at_fields_begin(&f, ev->line, "+CMGS") && at_fields_int(&f, &ref) && ref >= 0)
		m->send.ref = ref & 0xff;
}

/* A final result other than OK. Before the Ctrl-Z nothing was sent, whatever it says. */
static void refused(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	enum reaction r = board_reaction(m->board, ev->result, ev->code, true);
	bool other_way = m->send.left && bearer_on_failed(m, ev->result, ev->code);
	char cause[32];

	at_cause(ev->result, ev->code, cause);
	if (m->send.left && r == REACT_SENT) {
		end(m, MODEM_OUT_SENT, r, cause, now);
		return;
	}
	if (m->send.left && r == REACT_DOUBT) {
		end(m, MODEM_OUT_DOUBT, r, cause, now);
		return;
	}
	if (r == REACT_DOUBT || r == REACT_NONE || r == REACT_SENT)
		r = REACT_RETRY;
	/* It was the way and not the message: that waits for the next one, and loses no try. */
	end(m, MODEM_OUT_NOT_SENT, other_way && r == REACT_RETRY ? REACT_WAIT : r, cause, now);
	react(m, r, ev, now);
}

static void send_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	m->send.left = m->send.left || ev->payload_sent;
	switch (ev->result) {
	case AT_OK:
		/* OK before the Ctrl-Z answers something else (an ESC, a GPS stream). */
		if (m->send.left)
			end(m, MODEM_OUT_SENT, REACT_NONE, "", now);
		else
			end(m, MODEM_OUT_NOT_SENT, REACT_RETRY, "no prompt", now);
		break;
	case AT_NO_PROMPT:
		end(m, MODEM_OUT_NOT_SENT, REACT_RETRY, "no prompt", now);
		break;
	case AT_TIMEOUT:
		if (!m->send.left) {
			end(m, MODEM_OUT_NOT_SENT, REACT_RETRY, "no answer", now);
			break;
		}
		/* The answer may come while the engine finds its place: it is waited for. */
		m->send.phase = SEND_UNDECIDED;
		timer_set(m, T_VERDICT, VERDICT_MS, now);
		break;
	case AT_ABORTED:
	case AT_ABANDONED:
		send_on_lost(m, m->send.is_canceled ? "canceled" : "reset", now);
		break;
	case AT_ERROR:
	case AT_CME:
	case AT_CMS:
	case AT_NO_CARRIER:
	case AT_BUSY:
	case AT_NO_ANSWER:
	case AT_NO_DIALTONE:
	case AT_CONNECT:
		refused(m, ev, now);
		break;
	}
}

/* The engine has found its place again, or its last moment has passed: no result came. */
void send_on_resynced(struct modem *m, struct mono_ms now)
{
	if (m->send.phase != SEND_UNDECIDED)
		return;
	bearer_on_failed(m, AT_TIMEOUT, -1);
	end(m, MODEM_OUT_DOUBT, REACT_DOUBT, "no answer", now);
}

/* The result of a send whose time had passed: it decides, or takes back the doubt already told. */
void send_on_late(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct sending *s = &m->send;
	bool is_line = !strncmp(ev->line, "+CMGS", 5);

	if (s->phase == SEND_UNDECIDED && ev->id == s->at_id) {
		if (is_line)
			send_line(m, ev, now);
		if (is_line || (ev->is_final && ev->result == AT_OK))
			end(m, MODEM_OUT_SENT, REACT_NONE, "", now);
		else if (ev->is_final)
			refused(m, ev, now);
		return;
	}
	if (!s->late_at_id || ev->id != s->late_at_id || !is_line)
		return;
	s->late_at_id = 0;
	if (s->phase == SEND_NONE) {
		s->ref = -1;
		send_line(m, ev, now);
		tell(m, s->late_id, MODEM_OUT_SENT, s->ref, REACT_NONE, "", 0);
	}
}

/* ---- giving -------------------------------------------------------------------------------- */

static bool build_send(struct modem *m, char *out)
{
	snprintf(out, AT_COMMAND_MAX, "AT+CMGS=%d", m->send.length);
	return true;
}

static void prepare_send(struct modem *m, struct at_command *c)
{
	c->payload = m->send.hex;
	c->prompt_ms = m->board->prompt_limit;
}

/* In direct mode a text may come while we wait, and its acknowledgement has to wait with us. */
static int64_t send_limit(const struct modem *m)
{
	int64_t limit = m->board->send_limit, direct = m->setup.direct_send_limit;

	return m->facts.is_direct && direct > 0 && direct < limit ? direct : limit;
}

const struct job job_send = { .name = "AT+CMGS=", .build = build_send, .prefix = "+CMGS:",
	.shape = AT_SEND, .limit = send_limit, .prepare = prepare_send, .line = send_line,
	.done = send_done };

static bool build_cmms(struct modem *m, char *out)
{
	snprintf(out, AT_COMMAND_MAX, "AT+CMMS=%d", m->board->cmms == BOARD_CMMS_2 ? 2 : 1);
	return true;
}

static void cmms_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	m->send.cmms_on = ev->result == AT_OK;
	m->send.cmms_bad = ev->result != AT_OK;
}

static const struct job job_cmms = { .name = "AT+CMMS=", .build = build_cmms,
	.limit_ms = CMMS_LIMIT, .done = cmms_done };

static bool wants_cmms(const struct modem *m)
{
	const struct sending *s = &m->send;
	bool is_weak = m->facts.signal_dbm && m->facts.signal_dbm < WEAK_DBM;

	return s->more && m->board->cmms != BOARD_CMMS_NO && !s->cmms_on && !s->cmms_bad &&
	       !is_weak;
}

bool send_give(struct modem *m, struct mono_ms now)
{
	struct sending *s = &m->send;

	if (m->mem1 != 0 && m->areas[0].name[0])
		return setup_give_select(m, 0, now);
	if (bearer_give(m, now))
		return true;
	if (wants_cmms(m))
		return job_give(m, &job_cmms, now);
	/* =1 falls back to 0 behind the burst; =2 stays (27.005 3.5.6). */
	if (!s->more && m->board->cmms == BOARD_CMMS_1)
		s->cmms_on = false;
	s->phase = SEND_ON_AIR;
	s->since = now;
	s->ref = -1;
	s->left = false;
	s->late_at_id = 0;
	s->at_id = m->last_job_id + 1 ? m->last_job_id + 1 : 1;
	return job_give(m, &job_send, now);
}

static bool is_inbound_waiting(const struct modem *m)
{
	return receive_owes(m) || storage_listing(m) >= 0 ||
	       storage_due(m, SLOT_TO_READ, m->now) > 0;
}

static bool can_take(const struct modem *m)
{
	return m->state == ST_READY && !m->is_paused && m->send.phase == SEND_NONE &&
	       !m->silent && !m->want_refresh;
}

bool modem_can_send(const struct modem *m)
{
	return can_take(m) && !is_inbound_waiting(m) && !ussd_holds_sends(m);
}

bool modem_prompts(const struct modem *m)
{
	return !m->board->no_prompt;
}

int modem_send(struct modem *m, const struct modem_send *send, struct mono_ms now)
{
	size_t n = strspn(send->hex, "0123456789abcdefABCDEF");

	m->now = now;
	if (!can_take(m))
		return TW_E_STATE;
	if (!n || n % 2 || send->hex[n] || n > AT_PAYLOAD_MAX)
		return TW_E_SYNTAX;
	if (send->length <= 0 || (size_t)send->length > n / 2)
		return TW_E_RANGE;
	memcpy(m->send.hex, send->hex, n + 1);
	m->send.length = send->length;
	m->send.more = send->more;
	m->send.id = send->id;
	m->send.left = m->send.is_canceled = false;
	m->send.phase = SEND_QUEUED;
	modem_pump(m, now);
	return 0;
}

/* Before the Ctrl-Z an ESC takes the send back (27.005 3.5.1); behind it nothing does. Which of
 * both it was is told by the end of the command that is aborted here, not guessed before it. */
void modem_cancel_send(struct modem *m, uint64_t id, struct mono_ms now)
{
	m->now = now;
	if (m->send.phase == SEND_NONE || m->send.id != id || m->send.left)
		return;
	m->send.is_canceled = true;
	if (m->send.phase == SEND_ON_AIR)
		at_begin(m->at, now);
	else
		end(m, MODEM_OUT_NOT_SENT, REACT_NONE, "canceled", now);
	modem_pump(m, now);
}
