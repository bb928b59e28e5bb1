/* Unsolicited lines: a table from what they begin with to what they mean. */
#include "internal.h"

#include <strings.h>

enum {
	READY_IS_LATE = 60000,	/* a "ready" line so long after the opening tells of a restart */
	STRAY_PAUSE = 60000	/* lines that nobody knows make us look no more often than this */
};

static void on_cmti(struct modem *m, const char *line, struct mono_ms now)
{
	char name[8] = "";
	struct at_fields f;
	int slot = -1;

	if (!at_fields_begin(&f, line, "+CMTI"))
		return;
	at_fields_text(&f, name, sizeof(name));
	if (!at_fields_int(&f, &slot))
		slot = -1;
	storage_announce(m, name, slot, now);
}

/* The report's storage is the one named, unless the profile knows better: some name SM for what
 * lies in SR, and slot 0 of SM is then somebody's text. */
static void on_cdsi(struct modem *m, const char *line, struct mono_ms now)
{
	const char *known = m->board->report_storage;
	struct at_fields f;
	char name[8] = "";
	int slot = -1;

	if (!at_fields_begin(&f, line, "+CDSI"))
		return;
	at_fields_text(&f, name, sizeof(name));
	if (!at_fields_int(&f, &slot))
		slot = -1;
	if (known[0] && strcmp(known, name))
		storage_announce(m, known, -1, now);
	else
		storage_announce(m, name, slot, now);
}

/* `^SMMEMFULL: "ME"` names it, others do not. */
static void on_full(struct modem *m, const char *line, struct mono_ms now)
{
	const char *quote = strchr(line, '"');
	char name[8] = "";

	if (quote && strcspn(quote + 1, "\"") == 2)
		tw_strsetn(name, sizeof(name), quote + 1, 2);
	storage_on_full(m);
	if (name[0])
		storage_announce(m, name, -1, now);
}

static bool is_full(const struct modem *m, const char *line)
{
	for (size_t i = 0; i < m->board->full.n; i++)
		if (!strncmp(line, m->board->full.v[i], strlen(m->board->full.v[i])))
			return true;
	return false;
}

static void on_reg(struct modem *m, const char *line, struct mono_ms now)
{
	for (int i = 0; i < 3; i++)
		if (!strncmp(line, network_prefix[i], strlen(network_prefix[i])) &&
		    line[strlen(network_prefix[i])] == ':')
			network_on_urc(m, i, line, now);
}

static void on_cpin(struct modem *m, const char *line, struct mono_ms now)
{
	struct at_fields f;
	char text[24] = "";

	if (!at_fields_begin(&f, line, "+CPIN") || !at_fields_text(&f, text, sizeof(text)))
		return;
	if (!strncasecmp(text, "NOT", 3)) {
		machine_input(m, IN_SIM_CHANGED, now);
		return;
	}
	/* READY in the middle of service: the SIM is new, or the modem has restarted. */
	if (state_is_serving(m->state))
		setup_suspect(m, "it says that its SIM is ready");
	m->want_sim_check = m->want_look = true;
}

/* Nobody asked: somebody has switched its radio, or it has just started. */
static void on_cfun(struct modem *m, const char *line, struct mono_ms now)
{
	if (m->job == &job_personal)
		return;
	trace_line(m, '!', line, strlen(line));
	machine_input(m, IN_REBOOTED, now);
}

static void on_sim_sign(struct modem *m, const char *line, struct mono_ms now)
{
	(void)line;
	(void)now;
	m->want_sim_check = m->want_look = true;
}

static void on_reboot(struct modem *m, const char *line, struct mono_ms now)
{
	/* While it is being found and asked who it is, it just tells that it is there. */
	if (m->state == ST_PROBE)
		return;
	trace_line(m, '!', line, strlen(line));
	machine_input(m, IN_REBOOTED, now);
}

/* Comes once behind each start; so late, it is the only sign of a start that told nothing else. */
static void on_ready(struct modem *m, const char *line, struct mono_ms now)
{
	(void)line;
	m->sms_ready = true;
	if (m->state == ST_SETUP)
		timer_stop(m, T_HOLD);
	if (state_is_serving(m->state) && now.ms - m->opened.ms > READY_IS_LATE)
		setup_suspect(m, "it says that it is ready");
}

static void on_wind(struct modem *m, const char *line, struct mono_ms now)
{
	int n = atoi(line + strcspn(line, "0123456789"));

	if (n == 0 || n == 1)
		on_sim_sign(m, line, now);
	else if (n == 4)
		on_ready(m, line, now);
}

static void on_qind(struct modem *m, const char *line, struct mono_ms now)
{
	if (strstr(line, "SMS DONE"))
		on_ready(m, line, now);
}

static void on_power(struct modem *m, const char *line, struct mono_ms now)
{
	(void)now;
	event_error(m, "power: %.100s", line);
}

static void on_ring(struct modem *m, const char *line, struct mono_ms now)
{
	(void)line;
	call_on_ring(m, now);
}

static void on_call_end(struct modem *m, const char *line, struct mono_ms now)
{
	(void)line;
	(void)now;
	call_on_end(m);
}

static void on_cusd(struct modem *m, const char *line, struct mono_ms now)
{
	ussd_on_line(m, line, now);
}

static const struct {
	const char *text;
	bool serving;		/* means something only while storage and network are ours */
	void (*act)(struct modem *m, const char *line, struct mono_ms now);
} urcs[] = {
	{ "+CMTI:", true, on_cmti },
	{ "+CDSI:", true, on_cdsi },
	{ "+CREG:", false, on_reg }, { "+CGREG:", false, on_reg }, { "+CEREG:", false, on_reg },
	{ "+CPIN:", false, on_cpin },
	{ "+CFUN:", true, on_cfun },
	{ "#QSS:", false, on_sim_sign }, { "^SCKS:", false, on_sim_sign },
	{ "+QUSIM:", false, on_sim_sign }, { "+QSIMSTAT:", false, on_sim_sign },
	{ "^SIMST:", false, on_sim_sign }, { "+CSMINS:", false, on_sim_sign },
	{ "RDY", false, on_reboot }, { "^SYSSTART", false, on_reboot },
	{ "*ATREADY:", false, on_reboot }, { "+AT: READY", false, on_reboot },
	{ "*EMRDY", false, on_reboot },
	{ "SMS Ready", false, on_ready }, { "SMS DONE", false, on_ready },
	{ "+PBREADY", false, on_ready }, { "PB DONE", false, on_ready },
	{ "Call Ready", false, on_ready }, { "_OSSYSI", false, on_ready },
	{ "+QIND:", false, on_qind }, { "+WIND:", false, on_wind },
	{ "NORMAL POWER DOWN", false, on_power }, { "POWERED DOWN", false, on_power },
	{ "UNDER-VOLTAGE", false, on_power }, { "OVER-VOLTAGE", false, on_power },
	{ "^SHUTDOWN", false, on_power }, { "+CMTE:", false, on_power },
	{ "RING", true, on_ring }, { "+CRING:", true, on_ring },
	{ "NO CARRIER", true, on_call_end }, { "^CEND:", true, on_call_end },
	{ "+CUSD:", false, on_cusd },
};

/* A line that nobody waits for and no row knows, on a line that was quiet: some say a word of their
 * own when they start. And an error that answers nothing may tell of a full storage. */
void urc_on_stray(struct modem *m, const char *line, struct mono_ms now)
{
	if (!state_is_serving(m->state) || m->job)
		return;
	if (!strcmp(line, "+CMS ERROR: 322")) {
		storage_on_full(m);
	} else if (line[0] && m->timers[T_STRAY].ms == INT64_MAX) {
		timer_set(m, T_STRAY, STRAY_PAUSE, now);
		setup_verify(m);
	}
}

void urc_on_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	const char *line = ev->line;

	if (m->job && m->job->any_line && m->job->line)
		m->job->line(m, ev, now);
	if (!strncmp(line, "+CMT:", 5) || !strncmp(line, "+CDS:", 5)) {
		if (state_is_serving(m->state))
			receive_direct(m, ev, line[3] == 'S', now);
		return;
	}
	if (!strncmp(line, "+CLIP:", 6)) {
		if (state_is_serving(m->state))
			call_on_number(m, line, now);
		return;
	}
	if (is_full(m, line)) {
		if (state_is_serving(m->state))
			on_full(m, line, now);
		return;
	}
	if (m->board->ready[0] && !strncmp(line, m->board->ready, strlen(m->board->ready)))
		on_ready(m, line, now);
	for (size_t i = 0; i < TW_COUNT(urcs); i++)
		if (!strncmp(line, urcs[i].text, strlen(urcs[i].text))) {
			if (!urcs[i].serving || state_is_serving(m->state))
				urcs[i].act(m, line, now);
			return;
		}
}
