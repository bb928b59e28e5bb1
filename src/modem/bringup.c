/* From an open port in an unknown state to a modem that has said who it is. */
#include "internal.h"

enum { SECOND = 1000, PROBE_AGAIN = 200 };

static bool is_ok(const struct at_event *ev)
{
	return ev->result == AT_OK;
}

/* ---- probe: ESC CR, then AT until OK ------------------------------------------------------- */

static void forget_settings(struct modem *m)
{
	m->cnmi_set[0] = -1;
	m->mem1 = -1;
	m->sms_ready = false;
	m->want_cmgf = m->want_csms_check = m->want_cnmi_check = m->want_smsc = false;
	m->want_messages = m->want_whole = false;
	m->echo = ECHO_UNKNOWN;
	m->want_reg = m->want_signal = m->want_count = m->want_sim_check = false;
	m->no_indication = m->direct_off = m->no_report_storage = false;
	m->cesq_bad = m->temperature_bad = false;
	m->no_storage = 0;
	m->want_refresh = m->want_temperature = false;
	m->facts.radio = "";
	m->facts.has_temperature = false;
	m->late_at = 0;
	m->want_late = false;
	for (int i = 0; i < 3; i++) {
		m->reg[i] = m->act[i] = -1;
		m->reg_bad[i] = m->reg_is_set[i] = false;
	}
	m->send.cmms_on = m->send.cmms_bad = false;
	memset(&m->call, 0, sizeof(m->call));
	receive_forget_owed(m);
	storage_forget(m);
}

static void begin(struct modem *m, struct mono_ms now)
{
	job_drop(m);
	at_reset(m->at);
	at_begin(m->at, now);
}

void bringup_enter_probe(struct modem *m, struct mono_ms now)
{
	for (int t = 0; t < TIMER_COUNT; t++)
		if (t != T_COMMAND && t != T_HEALTHY)
			timer_stop(m, (enum timer)t);
	forget_settings(m);
	m->facts.registration = 0;
	m->cfun_tried = false;
	m->probe_tries = 0;
	begin(m, now);
	/* The tries end it; the limit is for an engine that finds no time to ask. */
	machine_limit(m, (m->board->probe_tries + 2) * (m->board->probe_pause + 6 * SECOND), now);
}

static int64_t probe_limit(const struct modem *m)
{
	return m->board->probe_pause;
}

static void probe_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (is_ok(ev))
		return;
	m->probe_tries++;
	if (m->probe_tries >= (unsigned)m->board->probe_tries) {
		recover(m, ev->result != AT_ERROR && ev->result != AT_CME, "no OK to AT", now);
		return;
	}
	begin(m, now);
	job_again(m, PROBE_AGAIN, now);
}

static const struct job job_probe = {
	.name = "AT", .text = "AT", .limit = probe_limit, .done = probe_done };
const struct job *const seq_probe[] = { &job_probe, NULL };

void bringup_handle_probe(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT)
		recover(m, true, machine_states[ST_PROBE].limit.name, now);
	else if (in == IN_FREE && !job_give_next(m, now))
		machine_move(m, ST_IDENTIFY, "OK to AT", now);
}

/* ---- identify ------------------------------------------------------------------------------ */

void bringup_enter_identify(struct modem *m, struct mono_ms now)
{
	struct modem_facts *f = &m->facts;

	(void)now;
	m->says[0] = 0;
	m->init_at = 0;
	f->maker[0] = f->model[0] = f->firmware[0] = f->imei[0] = 0;
}

/* Another device on the port that we had reopened: it does not pay for the old one. */
static void note_device(struct modem *m)
{
	if (m->last_imei[0] && strcmp(m->last_imei, m->facts.imei)) {
		modem_forget_past(m);
	}
	tw_strset(m->last_imei, sizeof(m->last_imei), m->facts.imei);
}

void bringup_handle_identify(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT) {
		recover(m, false, machine_states[ST_IDENTIFY].limit.name, now);
	} else if (in == IN_FREE && !job_give_next(m, now)) {
		note_device(m);
		event_push(m, MODEM_EV_IDENTITY);
		machine_move(m, ST_SIM, "identified", now);
	}
}

static bool build_reset_profile(struct modem *m, char *out)
{
	bool wanted = m->with_atz;

	m->with_atz = false;
	strcpy(out, "ATZ");
	return wanted;
}

/* "+CGMI: huawei" and `"huawei"` are seen as well as plain huawei. */
static const char *bare(const char *line, const char *prefix, char *out, size_t cap)
{
	size_t n = strlen(prefix);

	if (!strncmp(line, prefix, n))
		line += n + strspn(line + n, ": ");
	if (*line == '"')
		line++;
	tw_strset(out, cap, line);
	n = strlen(out);
	while (n && (out[n - 1] == '"' || out[n - 1] == ' '))
		out[--n] = 0;
	return out;
}

static void add_says(struct modem *m, const char *text)
{
	size_t n = strlen(m->says);

	snprintf(m->says + n, sizeof(m->says) - n, "%s\n", text);
}

static void maker_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	if (!m->facts.maker[0])
		add_says(m, bare(ev->line, "+CGMI", m->facts.maker, sizeof(m->facts.maker)));
}

static void model_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	if (!m->facts.model[0])
		add_says(m, bare(ev->line, "+CGMM", m->facts.model, sizeof(m->facts.model)));
}

static void firmware_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	const char *line = ev->line;

	(void)now;
	if (m->facts.firmware[0])
		return;
	if (!strncmp(line, "Revision:", 9))
		line += 9;
	bare(line, "+CGMR", m->facts.firmware, sizeof(m->facts.firmware));
}

/* The first run of 14 to 17 digits: `IMEI: ` and further lines come with some. */
static void imei_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	answer_digits(ev->line, 14, 17, m->facts.imei, sizeof(m->facts.imei));
}

static bool build_imei_again(struct modem *m, char *out)
{
	strcpy(out, "AT+GSN");
	return !m->facts.imei[0];
}

static bool build_ati(struct modem *m, char *out)
{
	strcpy(out, "ATI");
	return !m->facts.maker[0] || !m->facts.model[0];
}

static void ati_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct modem_facts *f = &m->facts;

	(void)now;
	add_says(m, ev->line);
	if (!f->maker[0])
		tw_strset(f->maker, sizeof(f->maker), ev->line);
	else if (!f->model[0])
		tw_strset(f->model, sizeof(f->model), ev->line);
}

/* Asks nothing: chooses the profile once the modem has said who it is, then runs its init list. */
static bool build_init(struct modem *m, char *out)
{
	const struct board *b;

	if (!m->init_at && !m->setup_board[0]) {
		b = boards_match(m->setup.boards, m->setup_usb, m->says);
		modem_use_board(m, b);
	}
	b = m->board;
	if (m->init_at >= b->init.n)
		return false;
	tw_strset(out, AT_COMMAND_MAX, b->init.v[m->init_at] + (b->init.v[m->init_at][0] == '?'));
	return true;
}

static void init_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (!is_ok(ev) && m->board->init.v[m->init_at][0] != '?')
		event_error(m, "the modem refuses %s of its profile %s",
			    m->board->init.v[m->init_at], m->board->name);
	m->init_at++;
	job_again(m, 0, now);
}

const struct job
	job_echo = { .name = "ATE0", .text = "ATE0", .limit_ms = 2 * SECOND },
	job_errors = { .name = "AT+CMEE=1", .text = "AT+CMEE=1", .limit_ms = 5 * SECOND };
static const struct job
	job_reset_profile = { .name = "ATZ", .build = build_reset_profile, .limit_ms = 5 * SECOND },
	job_words = { .name = "ATV1", .text = "ATV1", .limit_ms = 2 * SECOND },
	job_dtr = { .name = "AT&D0", .text = "AT&D0", .limit_ms = 2 * SECOND },
	job_maker = { .name = "AT+CGMI", .text = "AT+CGMI", .shape = AT_NUMBER_LINE,
		.limit_ms = 5 * SECOND, .line = maker_line },
	job_model = { .name = "AT+CGMM", .text = "AT+CGMM", .shape = AT_NUMBER_LINE,
		.limit_ms = 5 * SECOND, .line = model_line },
	job_firmware = { .name = "AT+CGMR", .text = "AT+CGMR", .shape = AT_NUMBER_LINE,
		.limit_ms = 5 * SECOND, .line = firmware_line },
	job_imei = { .name = "AT+CGSN", .text = "AT+CGSN", .shape = AT_NUMBER_LINE,
		.limit_ms = 20 * SECOND, .line = imei_line },
	job_imei_again = { .name = "AT+GSN", .build = build_imei_again, .shape = AT_NUMBER_LINE,
		.limit_ms = 20 * SECOND, .line = imei_line },
	job_ati = { .name = "ATI", .build = build_ati, .shape = AT_NUMBER_LINE,
		.limit_ms = 5 * SECOND, .line = ati_line };
const struct job job_init = { .name = "init", .build = build_init, .limit_ms = 15 * SECOND,
	.done = init_done };
const struct job *const seq_identify[] = {
	&job_reset_profile, &job_echo, &job_words, &job_errors, &job_dtr, &job_maker, &job_model,
	&job_firmware, &job_imei, &job_imei_again, &job_ati, &job_init, NULL
};
