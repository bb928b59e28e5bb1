/* The SIM: its PIN by the rule of design 4, who it is, and whether it may be used. */
#include "internal.h"

#include <ctype.h>
#include <strings.h>

enum {
	SECOND = 1000,
	BUSY_AGAIN = 2 * SECOND,	/* CME 14: between two AT+CPIN? */
	/* SIM busy for a minute after boot is seen; longer is broken */
	BUSY_LIMIT = 60 * SECOND,
	ABSENT_LIMIT = 6 * SECOND,	/* "no SIM" for so long is believed */
	PIN_SETTLE = 1 * SECOND,	/* after AT+CPIN= */
	WAITING_POLL = 30 * SECOND,	/* locked, no SIM, stranger */
	IMSI_TRIES = 10
};

static bool is_ok(const struct at_event *ev)
{
	return ev->result == AT_OK;
}

/* ---- AT+CPIN? ------------------------------------------------------------------------------ */

enum sim_says { SIM_READY, SIM_WANTS_PIN, SIM_BLOCKED, SIM_ABSENT, SIM_BUSY, SIM_MUTE };

static enum sim_says read_state(const char *cpin)
{
	static const struct { const char *text; enum sim_says says; } table[] = {
		{ "READY", SIM_READY },
		{ "SIM PIN2", SIM_READY }, { "SIM PUK2", SIM_READY },	/* for FDN: SMS works */
		{ "SIM PIN", SIM_WANTS_PIN },
		{ "SIM PUK", SIM_BLOCKED },
		{ "PH-", SIM_BLOCKED },
		{ "NOT INSERTED", SIM_ABSENT }, { "REMOVED", SIM_ABSENT },
	};

	for (size_t i = 0; i < TW_COUNT(table); i++)
		if (!strncasecmp(cpin, table[i].text, strlen(table[i].text)))
			return table[i].says;
	return SIM_BUSY;
}

/* An error to AT+CPIN? or AT+CPIN=, as a state (27.007 9.2, 27.005 3.2.5). */
static enum sim_says read_error(struct modem *m, const struct at_event *ev)
{
	int code = ev->code;

	if (ev->result == AT_CMS)
		code = code == 310 ? 10 : code == 311 ? 11 : code == 312 ? 5 : code == 316 ? 12 :
		       code == 313 ? 13 : 14;
	else if (ev->result != AT_CME)
		return ev->result == AT_ERROR ? SIM_MUTE : SIM_BUSY;
	at_cause(ev->result, ev->code, m->cpin);
	switch (code) {
	case 5: case 6: case 7: case 12: case 40: case 41: case 42: case 43: case 44: case 45:
	case 46: case 47:
		return SIM_BLOCKED;
	case 10: case 13: case 15:
		return SIM_ABSENT;
	case 11:
		return SIM_WANTS_PIN;
	case 17: case 18:
		return SIM_READY;
	default:
		return SIM_BUSY;
	}
}

static void cpin_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct at_fields f;

	(void)now;
	if (at_fields_begin(&f, ev->line, "+CPIN"))
		at_fields_text(&f, m->cpin, sizeof(m->cpin));
}

static bool build_cpin(struct modem *m, char *out)
{
	m->cpin[0] = 0;
	strcpy(out, "AT+CPIN?");
	return true;
}

/* Some send no final result behind +CPIN: and the line has said it all. */
static enum sim_says read_answer(struct modem *m, const struct at_event *ev)
{
	if (m->cpin[0] && (is_ok(ev) || ev->result == AT_TIMEOUT))
		return read_state(m->cpin);
	if (is_ok(ev))
		return SIM_MUTE;
	return read_error(m, ev);
}

static void locked(struct modem *m, const char *what, struct mono_ms now)
{
	event_error(m, "SIM locked: %s", what);
	machine_move(m, ST_LOCKED, m->facts.last_error, now);
}

static void no_sim(struct modem *m, struct mono_ms now)
{
	event_error(m, "no SIM: %s", m->cpin[0] ? m->cpin : "it does not answer");
	machine_move(m, ST_NO_SIM, m->facts.last_error, now);
}

static void wait_for_sim(struct modem *m, bool is_absent, struct mono_ms now)
{
	int64_t waited = now.ms - m->cpin_since.ms;

	if (is_absent && waited >= ABSENT_LIMIT)
		no_sim(m, now);
	else if (waited >= BUSY_LIMIT)
		recover(m, false, "SIM busy", now);
	else
		job_again(m, BUSY_AGAIN, now);
}

static void cpin_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	switch (read_answer(m, ev)) {
	case SIM_READY:
		machine_move(m, ST_IDENTITY, "SIM ready", now);
		break;
	case SIM_WANTS_PIN:
		break;		/* the sequence goes on: whose PIN, how many tries */
	case SIM_BLOCKED:
		locked(m, m->cpin, now);
		break;
	case SIM_ABSENT:
		wait_for_sim(m, true, now);
		break;
	case SIM_BUSY:
		wait_for_sim(m, false, now);
		break;
	case SIM_MUTE:
		/* Some modules do not know the command: whether there is a SIM shows in its
		 * ICCID. */
		if (++m->cpin_errors >= 3)
			machine_move(m, ST_IDENTITY, "AT+CPIN? is not answered", now);
		else
			job_again(m, BUSY_AGAIN, now);
		break;
	}
}

/* ---- radio --------------------------------------------------------------------------------- */

static void cfun_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct at_fields f;
	int n;

	(void)now;
	if (at_fields_begin(&f, ev->line, "+CFUN") && at_fields_int(&f, &n))
		m->want_cfun = n != 1 && m->board->full_function;
}

static bool build_cfun_query(struct modem *m, char *out)
{
	m->want_cfun = false;
	strcpy(out, "AT+CFUN?");
	return !m->cfun_tried;
}

static bool build_cfun_on(struct modem *m, char *out)
{
	m->cfun_tried = true;
	strcpy(out, "AT+CFUN=1");
	return m->want_cfun;
}

/* ---- ICCID, IMSI --------------------------------------------------------------------------- */

/* 18 to 20 digits, wherever they stand in the line; a filler F ends them. */
static void iccid_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	answer_digits(ev->line, 18, 20, m->facts.iccid, sizeof(m->facts.iccid));
}

/* +CRSM: 144,0,"98443010..." : EF_ICCID, two digits an octet, swapped (51.011 10.1.1). */
static void crsm_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	char hex[32], out[24];
	struct at_fields f;
	size_t n = 0;
	int sw1;

	(void)now;
	if (!at_fields_begin(&f, ev->line, "+CRSM") || !at_fields_int(&f, &sw1) || sw1 != 144)
		return;
	at_fields_skip(&f);
	if (!at_fields_text(&f, hex, sizeof(hex)) || strlen(hex) < 20)
		return;
	for (size_t i = 0; i < 20; i++) {
		char c = hex[i ^ 1];

		if (!isdigit((unsigned char)c))
			break;
		out[n++] = c;
	}
	if (n >= 18)
		tw_strsetn(m->facts.iccid, sizeof(m->facts.iccid), out, n);
}

static bool build_iccid(struct modem *m, char *out)
{
	tw_strset(out, AT_COMMAND_MAX, m->board->iccid);
	return m->board->iccid[0] && !m->facts.iccid[0];
}

static bool build_crsm(struct modem *m, char *out)
{
	strcpy(out, "AT+CRSM=176,12258,0,0,10");
	return !m->facts.iccid[0];
}

static void imsi_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	answer_digits(ev->line, 14, 15, m->facts.imsi, sizeof(m->facts.imsi));
}

static void imsi_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (is_ok(ev) || ++m->imsi_tries >= IMSI_TRIES)
		return;
	if (ev->result == AT_CME && (ev->code == 14 || ev->code == 11 || ev->code == 13))
		job_again(m, SECOND, now);
}

static const struct job
	job_cfun_query = { .name = "AT+CFUN?", .build = build_cfun_query, .prefix = "+CFUN:",
		.limit_ms = 15 * SECOND, .line = cfun_line },
	job_cfun_on = { .name = "AT+CFUN=1", .build = build_cfun_on, .limit_ms = 30 * SECOND },
	job_cpin = { .name = "AT+CPIN?", .build = build_cpin, .prefix = "+CPIN:",
		.limit_ms = 15 * SECOND, .line = cpin_line, .done = cpin_done },
	job_iccid = { .name = "iccid", .build = build_iccid, .shape = AT_NUMBER_LINE,
		.limit_ms = 5 * SECOND, .line = iccid_line, .any_line = true },
	job_crsm = { .name = "AT+CRSM", .build = build_crsm, .prefix = "+CRSM:",
		.limit_ms = 5 * SECOND, .line = crsm_line },
	job_imsi = { .name = "AT+CIMI", .text = "AT+CIMI", .shape = AT_NUMBER_LINE,
		.limit_ms = 20 * SECOND, .line = imsi_line, .done = imsi_done };

/* ---- tries left ---------------------------------------------------------------------------- */

/* The first number of the n-th field (n from 0). */
static int number_of_field(const char *line, int n)
{
	const char *p = strchr(line, ':');
	int value;

	for (p = p ? p + 1 : line; n && p; n--) {
		p = strchr(p, ',');
		p = p ? p + 1 : NULL;
	}
	if (!p)
		return -1;
	/* `PIN1=3; PUK1=10` names its numbers. */
	if (strchr(p, '='))
		p = strchr(p, '=');
	p += strcspn(p, "0123456789,");
	if (sscanf(p, "%3d", &value) != 1 || value > 99)
		return -1;
	return value;
}

static void counter_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	static const char *const fields[] = { "first", "second", "third", "fourth" };
	const char *format = m->board->pin_counter_format;
	struct at_fields f;
	char code[16];
	int left;

	(void)now;
	if (m->pin_tries_left >= 0)
		return;
	if (!strcmp(format, "cpinr")) {
		if (at_fields_begin(&f, ev->line, "+CPINR") &&
		    at_fields_text(&f, code, sizeof(code)) && !strcasecmp(code, "SIM PIN") &&
		    at_fields_int(&f, &left))
			m->pin_tries_left = left;
		return;
	}
	for (int i = 0; i < (int)TW_COUNT(fields); i++)
		if (!strcmp(format, fields[i]))
			m->pin_tries_left = number_of_field(ev->line, i);
}

static bool build_counter(struct modem *m, char *out)
{
	m->pin_tries_left = -1;
	tw_strset(out, AT_COMMAND_MAX, m->board->pin_counter);
	return m->board->pin_counter[0];
}

static const struct job job_counter = { .name = "pin counter", .build = build_counter,
	.limit_ms = 5 * SECOND, .line = counter_line };

/* ICCID and IMEI come before the PIN, so that the wrong one never goes to a swapped SIM. */
const struct job *const seq_sim[] = {
	&job_cfun_query, &job_cfun_on, &job_cpin, &job_iccid, &job_crsm, &job_counter, NULL
};

void sim_enter(struct modem *m, struct mono_ms now)
{
	m->facts.iccid[0] = m->facts.imsi[0] = 0;
	m->facts.own_number[0] = m->facts.operator_[0] = 0;
	m->late_at = 0;			/* both are asked for again */
	m->pin_tries_left = -1;
	m->cpin_errors = 0;
	m->imsi_tries = 0;
	m->cpin_since = now;
	receive_forget_owed(m);
	storage_forget(m);
}

void sim_handle(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT)
		recover(m, false, machine_states[ST_SIM].limit.name, now);
	else if (in == IN_FREE && !job_give_next(m, now))
		machine_move(m, ST_ASK_PIN, "the SIM asks for its PIN", now);
}

/* ---- PIN ----------------------------------------------------------------------------------- */

void sim_enter_ask_pin(struct modem *m, struct mono_ms now)
{
	(void)now;
	event_push(m, MODEM_EV_PIN)->ev.number = m->pin_tries_left;
}

void sim_handle_ask_pin(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_PIN_GIVEN)
		machine_move(m, ST_PIN_SENT, "PIN given", now);
	else if (in == IN_PIN_DENIED)
		locked(m, "its PIN is not known, or was tried", now);
	else if (in == IN_FREE)
		command_give(m, now);
}

void modem_give_pin(struct modem *m, const char *pin, struct mono_ms now)
{
	size_t n = strspn(pin, "0123456789");

	m->now = now;
	if (n < 4 || n > 8 || pin[n]) {
		modem_deny_pin(m, now);
		return;
	}
	/* In `locked` only a SIM that asks for its PIN, not for its PUK, may be given one. */
	if (m->state != ST_ASK_PIN && !(m->state == ST_LOCKED && m->locked_by_pin))
		return;
	tw_strset(m->pin, sizeof(m->pin), pin);
	machine_input(m, IN_PIN_GIVEN, now);
	modem_pump(m, now);
}

void modem_deny_pin(struct modem *m, struct mono_ms now)
{
	m->now = now;
	machine_input(m, IN_PIN_DENIED, now);
	modem_pump(m, now);
}

static bool build_pin(struct modem *m, char *out)
{
	snprintf(out, AT_COMMAND_MAX, "AT+CPIN=\"%s\"", m->pin);
	memset(m->pin, 0, sizeof(m->pin));
	m->pin_given = true;
	return true;
}

/* Only a plain refusal is one. Whatever else is answered, the PIN may have been taken: it is waited
 * for, and never sent again. */
static void pin_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	bool is_refused = (ev->result == AT_CME && (ev->code == 16 || ev->code == 12)) ||
			  (ev->result == AT_CMS && ev->code == 316);

	if (is_refused) {
		m->facts.refused_pins++;
		at_cause(ev->result, ev->code, m->cpin);
		locked(m, ev->code == 16 ? "its PIN was refused" : "it asks for its PUK", now);
		return;
	}
	m->cpin_since = now;
	timer_set(m, T_HOLD, PIN_SETTLE, now);
}

static const struct job job_pin = { .name = "AT+CPIN=", .build = build_pin, .is_secret = true,
	.limit_ms = 30 * SECOND, .done = pin_done };

static void cpin_after_pin_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	switch (read_answer(m, ev)) {
	case SIM_READY:
		machine_move(m, ST_IDENTITY, "SIM ready", now);
		break;
	case SIM_BLOCKED:
		locked(m, m->cpin, now);
		break;
	case SIM_ABSENT:
	case SIM_WANTS_PIN:
	case SIM_BUSY:
	case SIM_MUTE:
		timer_set(m, T_HOLD, BUSY_AGAIN, now);
		break;
	}
}

static const struct job job_cpin_after_pin = { .name = "AT+CPIN?", .build = build_cpin,
	.prefix = "+CPIN:", .limit_ms = 15 * SECOND, .line = cpin_line,
	.done = cpin_after_pin_done };

void sim_enter_pin_sent(struct modem *m, struct mono_ms now)
{
	(void)now;
	m->pin_given = false;
}

void sim_handle_pin_sent(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT)
		locked(m, machine_states[ST_PIN_SENT].limit.name, now);
	else if (in == IN_FREE)
		job_give(m, m->pin_given ? &job_cpin_after_pin : &job_pin, now);
}

/* ---- locked, no SIM: look now and then whether that has changed ---------------------------- */

static void waiting_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	enum sim_says says = read_answer(m, ev);

	if (says == SIM_READY)
		machine_move(m, ST_IDENTITY, "SIM ready", now);
	else if (says == SIM_WANTS_PIN && (m->state == ST_NO_SIM || !m->locked_by_pin))
		machine_move(m, ST_SIM, "SIM asks for its PIN", now);
	else if (says == SIM_ABSENT && m->state == ST_LOCKED)
		machine_move(m, ST_NO_SIM, "SIM gone", now);
}

static const struct job job_cpin_waiting = { .name = "AT+CPIN?", .build = build_cpin,
	.prefix = "+CPIN:", .limit_ms = 15 * SECOND, .line = cpin_line, .done = waiting_done };

void sim_enter_waiting(struct modem *m, struct mono_ms now)
{
	m->want_look = false;
	m->locked_by_pin = read_state(m->cpin) == SIM_WANTS_PIN;
	timer_align(m, T_POLL, WAITING_POLL, now);
}

void sim_handle_waiting(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_PIN_GIVEN) {
		machine_move(m, ST_PIN_SENT, "PIN given", now);
	} else if (in == IN_FREE && !command_give(m, now) && m->want_look) {
		m->want_look = false;
		job_give(m, &job_cpin_waiting, now);
	}
}

/* ---- identity ------------------------------------------------------------------------------ */

const struct job *const seq_identity[] = { &job_iccid, &job_crsm, &job_imsi, NULL };

void sim_enter_identity(struct modem *m, struct mono_ms now)
{
	(void)now;
	m->imsi_tries = 0;
}

void sim_handle_identity(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT) {
		recover(m, false, machine_states[ST_IDENTITY].limit.name, now);
	} else if (in == IN_FREE && !job_give_next(m, now)) {
		if (m->facts.iccid[0] || m->facts.imsi[0] || read_state(m->cpin) == SIM_READY)
			machine_move(m, ST_ASK_ADMIT, "SIM known", now);
		else
			no_sim(m, now);
	}
}

void sim_enter_ask_admit(struct modem *m, struct mono_ms now)
{
	(void)now;
	event_push(m, MODEM_EV_SIM);
}

void sim_handle_ask_admit(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_ADMITTED)
		machine_move(m, ST_SETUP, "SIM admitted", now);
	else if (in == IN_REJECTED)
		machine_move(m, ST_STRANGER, "SIM not admitted", now);
	else if (in == IN_FREE)
		command_give(m, now);
}

void modem_admit(struct modem *m, bool admitted, struct mono_ms now)
{
	m->now = now;
	machine_input(m, admitted ? IN_ADMITTED : IN_REJECTED, now);
	modem_pump(m, now);
}

/* ---- stranger: shown, its storage never touched -------------------------------------------- */

void sim_enter_stranger(struct modem *m, struct mono_ms now)
{
	send_fail_queued(m, REACT_RETRY, "SIM not admitted", now);
	m->want_signal = true;
	m->want_look = false;
	timer_align(m, T_POLL, WAITING_POLL, now);
}

static void stranger_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	enum sim_says says = read_answer(m, ev);

	if (says != SIM_READY && says != SIM_BUSY && says != SIM_MUTE)
		machine_input(m, IN_SIM_CHANGED, now);
}

static const struct job job_cpin_stranger = { .name = "AT+CPIN?", .build = build_cpin,
	.prefix = "+CPIN:", .limit_ms = 15 * SECOND, .line = cpin_line, .done = stranger_done };

void sim_handle_stranger(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_ADMITTED) {
		machine_move(m, ST_SETUP, "SIM admitted", now);
	} else if (in == IN_FREE && !command_give(m, now)) {
		if (m->want_look) {
			m->want_look = false;
			job_give(m, &job_cpin_stranger, now);
		} else if (m->want_signal) {
			m->want_signal = false;
			job_give(m, &job_csq, now);
		}
	}
}

/* ---- from ready: is it still the same SIM? ------------------------------------------------- */

static void check_pin_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	switch (read_answer(m, ev)) {
	case SIM_WANTS_PIN:
	case SIM_BLOCKED:
	case SIM_ABSENT:
		machine_input(m, IN_SIM_CHANGED, now);
		break;
	case SIM_READY:
		m->want_iccid_check = m->facts.iccid[0] && m->board->iccid[0];
		m->seen_iccid[0] = 0;
		break;
	case SIM_BUSY:
	case SIM_MUTE:
		break;
	}
}

const struct job job_sim_check_pin = { .name = "AT+CPIN?", .build = build_cpin, .prefix = "+CPIN:",
	.limit_ms = 15 * SECOND, .line = cpin_line, .done = check_pin_done };

static bool build_check_iccid(struct modem *m, char *out)
{
	tw_strset(out, AT_COMMAND_MAX, m->board->iccid);
	return true;
}

static void check_iccid_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	answer_digits(ev->line, 18, 20, m->seen_iccid, sizeof(m->seen_iccid));
}

/* Some commands leave out the check digit: what both have decides. */
static void check_iccid_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	size_t seen = strlen(m->seen_iccid), known = strlen(m->facts.iccid);

	if (is_ok(ev) && seen &&
	    strncmp(m->seen_iccid, m->facts.iccid, seen < known ? seen : known))
		machine_input(m, IN_SIM_CHANGED, now);
}

const struct job job_sim_check_iccid = { .name = "iccid", .build = build_check_iccid,
	.shape = AT_NUMBER_LINE, .limit_ms = 5 * SECOND, .line = check_iccid_line, .any_line = true,
	.done = check_iccid_done };
