/* Registration, signal, operator, own number. */
#include "internal.h"

enum { SECOND = 1000 };

const char *const network_prefix[3] = { "+CREG", "+CGREG", "+CEREG" };

/* SMS is possible when one of the domains is registered (27.007 7.2): home, roaming, SMS only, CSFB
 * not preferred. */
static bool is_registered_stat(int stat)
{
	return stat == 1 || stat == 5 || stat == 6 || stat == 7 || stat == 9 || stat == 10;
}

bool network_is_registered(const struct modem *m)
{
	/* A modem that tells nothing of any domain is taken at its word when it sends. */
	if (m->reg_bad[0] && m->reg_bad[1] && m->reg_bad[2])
		return true;
	for (int i = 0; i < 3; i++)
		if (is_registered_stat(m->reg[i]))
			return true;
	return false;
}

/* The stat worth showing: a registered one, else denied, else what the first domain says. */
static int best_stat(const struct modem *m)
{
	for (int i = 0; i < 3; i++)
		if (is_registered_stat(m->reg[i]))
			return m->reg[i];
	for (int i = 0; i < 3; i++)
		if (m->reg[i] == 3)
			return 3;
	for (int i = 0; i < 3; i++)
		if (m->reg[i] > 0)
			return m->reg[i];
	return 0;
}

/* The domain that a poll asks about. */
int network_best(const struct modem *m)
{
	for (int i = 0; i < 3; i++)
		if (is_registered_stat(m->reg[i]))
			return i;
	for (int i = 0; i < 3; i++)
		if (!m->reg_bad[i])
			return i;
	return 0;
}

/* 27.007 7.2, <AcT>. */
static const char *radio_name(int act)
{
	static const char *const names[] = { "GSM", "GSM", "UMTS", "GSM", "UMTS", "UMTS", "UMTS",
					     "LTE",
		"GSM", "NB-IoT", "LTE", "5G", "5G", "5G" };

	return act >= 0 && act < (int)TW_COUNT(names) ? names[act] : "";
}

/* Of the domains that are registered the newest technology: it is by that that texts go. */
static const char *best_radio(const struct modem *m)
{
	int best = -1;

	for (int i = 0; i < 3; i++)
		if (is_registered_stat(m->reg[i]) && m->act[i] > best)
			best = m->act[i];
	return radio_name(best);
}

static void tell(struct modem *m)
{
	struct event *e = event_offer(m, MODEM_EV_NETWORK);

	if (!e)
		return;
	e->ev.number = m->facts.registration;
	tw_strset(e->text, sizeof(e->text), m->facts.operator_);
}

static void update(struct modem *m, struct mono_ms now)
{
	int stat = best_stat(m);

	if (stat != m->facts.registration || best_radio(m) != m->facts.radio) {
		m->facts.registration = stat;
		m->facts.radio = best_radio(m);
		tell(m);
		timer_set(m, T_PUMP, 0, now);
	}
	if (m->state == ST_READY && !network_is_registered(m))
		machine_input(m, IN_UNREGISTERED, now);
}

/* An answer is `n,stat,...`, a URC `stat,...`; some answer in the form of the URC. n is 2, as we
 * set it, so an answer of two and more numbers that begins with 0, 1 or 2 has its stat second.
 * Behind <stat> come <lac>, <ci>, <AcT>, where they come at all: *ret_act is -1 otherwise. */
static bool read_reg(const char *line, const char *prefix, bool is_answer, int *ret_stat,
		     int *ret_act)
{
	struct at_fields f, behind;
	int second;

	*ret_act = -1;
	if (!at_fields_begin(&f, line, prefix) || !at_fields_int(&f, ret_stat))
		return false;
	behind = f;
	if (is_answer && *ret_stat <= 2 && at_fields_int(&behind, &second) && second <= 11) {
		*ret_stat = second;
		f = behind;
	}
	if (!at_fields_skip(&f) || !at_fields_skip(&f) || !at_fields_int(&f, ret_act))
		*ret_act = -1;
	return true;
}

static bool take_reg(struct modem *m, int domain, const char *line, bool is_answer)
{
	int stat, act;

	if (!read_reg(line, network_prefix[domain], is_answer, &stat, &act) || stat < 0)
		return false;
	m->reg[domain] = stat;
	m->act[domain] = act;
	return true;
}

/* URC forms: "1,"00C3","01AF",7" … and an answer's, when a person asked: `2,1,"..."`. */
void network_on_urc(struct modem *m, int domain, const char *line, struct mono_ms now)
{
	if (take_reg(m, domain, line, false))
		update(m, now);
}

static int domain_of(const struct job *j)
{
	for (int i = 0; i < 3; i++)
		if (j == &job_reg[i])
			return i;
	return 0;
}

/* n is 2 as we set it; where it was told so once and is 0 now, the settings are gone. */
static bool is_unset(struct modem *m, const char *line, int domain)
{
	struct at_fields f;
	int n;

	if (!at_fields_begin(&f, line, network_prefix[domain]) || !at_fields_int(&f, &n) ||
	    !at_fields_more(&f))
		return false;
	if (n == 2)
		m->reg_is_set[domain] = true;
	if (n || !m->reg_is_set[domain])
		return false;
	m->reg_is_set[domain] = false;
	return state_is_serving(m->state);
}

static void reg_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	int domain = domain_of(m->job);

	(void)now;
	take_reg(m, domain, ev->line, true);
	if (is_unset(m, ev->line, domain))
		setup_suspect(m, "the modem has forgotten to tell of its network");
}

static void reg_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	int domain = m->reg_asked;

	if (ev->result == AT_ERROR || (ev->result == AT_CME && (ev->code == 4 || ev->code == 3))) {
		m->reg_bad[domain] = true;
		m->reg[domain] = -1;
	}
	update(m, now);
}

static bool build_reg0(struct modem *m, char *out)
{
	m->reg_asked = 0;
	strcpy(out, "AT+CREG?");
	return true;
}

static bool build_reg1(struct modem *m, char *out)
{
	m->reg_asked = 1;
	strcpy(out, "AT+CGREG?");
	return true;
}

static bool build_reg2(struct modem *m, char *out)
{
	m->reg_asked = 2;
	strcpy(out, "AT+CEREG?");
	return true;
}

const struct job job_reg[3] = {
	{ .name = "AT+CREG?", .build = build_reg0, .prefix = "+CREG:", .limit_ms = 5 * SECOND,
	  .line = reg_line, .done = reg_done },
	{ .name = "AT+CGREG?", .build = build_reg1, .prefix = "+CGREG:", .limit_ms = 5 * SECOND,
	  .line = reg_line, .done = reg_done },
	{ .name = "AT+CEREG?", .build = build_reg2, .prefix = "+CEREG:", .limit_ms = 5 * SECOND,
	  .line = reg_line, .done = reg_done },
};
const struct job job_reg_on[3] = {
	{ .name = "AT+CREG=2", .text = "AT+CREG=2", .limit_ms = 5 * SECOND },
	{ .name = "AT+CGREG=2", .text = "AT+CGREG=2", .limit_ms = 5 * SECOND },
	{ .name = "AT+CEREG=2", .text = "AT+CEREG=2", .limit_ms = 5 * SECOND },
};

/* ---- signal -------------------------------------------------------------------------------- */

static void set_signal(struct modem *m, int dbm)
{
	struct event *e;

	if (dbm == m->facts.signal_dbm)
		return;
	m->facts.signal_dbm = dbm;
	e = event_offer(m, MODEM_EV_SIGNAL);
	if (e)
		e->ev.number = dbm;
}

/* 27.007 8.5; 100 to 191 is an extension seen on LTE. */
static void csq_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct at_fields f;
	int rssi;

	(void)now;
	if (!at_fields_begin(&f, ev->line, "+CSQ") || !at_fields_int(&f, &rssi))
		return;
	if (rssi >= 0 && rssi <= 31)
		set_signal(m, -113 + 2 * rssi);
	else if (rssi >= 100 && rssi <= 191)
		set_signal(m, rssi - 216);
	else
		m->want_cesq = !m->cesq_bad;
}

const struct job job_csq = { .name = "AT+CSQ", .text = "AT+CSQ", .prefix = "+CSQ:",
	.limit_ms = 5 * SECOND, .line = csq_line };

/* 27.007 8.69: rxlev, ber, rscp, ecno, rsrq, rsrp. */
static void cesq_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	int v[6] = { 99, 99, 255, 255, 255, 255 };
	struct at_fields f;

	(void)now;
	if (!at_fields_begin(&f, ev->line, "+CESQ"))
		return;
	for (int i = 0; i < 6; i++)
		if (!at_fields_int(&f, &v[i]))
			break;
	if (v[5] >= 0 && v[5] <= 97)
		set_signal(m, -141 + v[5]);
	else if (v[2] >= 0 && v[2] <= 96)
		set_signal(m, -121 + v[2]);
	else if (v[0] >= 0 && v[0] <= 63)
		set_signal(m, -111 + v[0]);
	else
		set_signal(m, 0);
}

static void cesq_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	if (ev->result == AT_OK)
		return;
	m->cesq_bad = true;
	set_signal(m, 0);
}

const struct job job_cesq = { .name = "AT+CESQ", .text = "AT+CESQ", .prefix = "+CESQ:",
	.limit_ms = 5 * SECOND, .line = cesq_line, .done = cesq_done };

/* ---- temperature --------------------------------------------------------------------------- */

/* The degrees stand in the line where the profile's pattern has its {n}. */
static void temperature_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	const char *pattern = m->board->temperature_pattern, *place = strstr(pattern, "{n}");
	char before[64];
	const char *p;
	int value;

	(void)now;
	if (!place || m->facts.has_temperature)
		return;
	tw_strsetn(before, sizeof(before), pattern, (size_t)(place - pattern));
	p = before[0] ? strstr(ev->line, before) : ev->line;
	if (!p || sscanf(p + strlen(before), "%d", &value) != 1 || value < -60 || value > 150)
		return;
	m->facts.temperature = value;
	m->facts.has_temperature = true;
}

static bool build_temperature(struct modem *m, char *out)
{
	m->facts.has_temperature = false;
	tw_strset(out, AT_COMMAND_MAX, m->board->temperature);
	return m->board->temperature[0] && !m->temperature_bad;
}

static void temperature_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	m->temperature_bad = ev->result == AT_ERROR || ev->result == AT_CME;
}

const struct job job_temperature = { .name = "temperature", .build = build_temperature,
	.limit_ms = 5 * SECOND, .line = temperature_line, .done = temperature_done };

/* ---- once, when it is ready and has nothing to do ------------------------------------------ */

static void cops_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	char name[sizeof(m->facts.operator_)];
	struct at_fields f;

	(void)now;
	if (!at_fields_begin(&f, ev->line, "+COPS") || !at_fields_skip(&f) || !at_fields_skip(&f) ||
	    !at_fields_text(&f, name, sizeof(name)))
		return;
	/* Operators' names come with rubbish behind them from some. */
	for (char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 127)
			*p = '?';
	if (!strcmp(name, m->facts.operator_))
		return;
	tw_strset(m->facts.operator_, sizeof(m->facts.operator_), name);
	tell(m);
}

/* +CNUM: "name","+447700900001",145 : often empty, never relied on. */
static void cnum_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	char number[TW_NUMBER_MAX];
	struct at_fields f;

	(void)now;
	if (m->facts.own_number[0] || !at_fields_begin(&f, ev->line, "+CNUM") ||
	    !at_fields_skip(&f) || !at_fields_text(&f, number, sizeof(number)))
		return;
	if (number[0] && number[strspn(number, "+0123456789")] == 0)
		tw_strset(m->facts.own_number, sizeof(m->facts.own_number), number);
}

static void cnum_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)ev;
	(void)now;
	if (m->facts.own_number[0])
		tell(m);
}

static const struct job
	job_cops_long = { .name = "AT+COPS=3,0", .text = "AT+COPS=3,0", .limit_ms = 10 * SECOND },
	job_cops = { .name = "AT+COPS?", .text = "AT+COPS?", .prefix = "+COPS:",
		.limit_ms = 30 * SECOND, .line = cops_line },
	job_cnum = { .name = "AT+CNUM", .text = "AT+CNUM", .prefix = "+CNUM:",
		.limit_ms = 20 * SECOND, .line = cnum_line, .done = cnum_done };
const struct job *const seq_late[] = {
	&job_csq, &job_cops_long, &job_cops, &job_cnum, &job_temperature, NULL
};
