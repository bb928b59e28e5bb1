/* Message format, storage, how texts are announced, registration queries: what a modem forgets with
 * every reset. Each is verified where it can be read back. */
#include "internal.h"

enum {
	SECOND = 1000,
	AGAIN = 1 * SECOND,
	CPMS_AGAIN = 2 * SECOND,
	CMGF_TRIES = 5,
	CNMI_LOST_MAX = 3,	/* found changed so often in a row: set up anew */
	CSMS_TRIES = 3,
	SELECT_TRIES = 3
};

static bool is_ok(const struct at_event *ev)
{
	return ev->result == AT_OK;
}

bool setup_is_direct(const struct modem *m)
{
	const struct board *b = m->board;

	if (!b->cnmi_direct.n || m->direct_off)
		return false;
	if (!b->storage.n || !b->cnmi.n)
		return true;
	return m->setup.direct == 1 || (m->setup.direct < 0 && b->direct);
}

/* ---- format -------------------------------------------------------------------------------- */

static void cmgf_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (is_ok(ev))
		return;
	if (++m->cmgf_tries < CMGF_TRIES)
		job_again(m, AGAIN, now);
	else
		event_error(m, "the modem refuses AT+CMGF=0: it cannot do PDU mode?");
}

static const struct job job_cmgf = { .name = "AT+CMGF=0", .text = "AT+CMGF=0",
	.limit_ms = 5 * SECOND, .done = cmgf_done };
static const struct job job_csms, job_csms_check, job_cnmi, job_cnmi_check, job_clip, job_cusd;

const struct job job_rewrite_cmgf = { .name = "AT+CMGF=0", .text = "AT+CMGF=0",
	.limit_ms = 5 * SECOND };

/* ---- storage ------------------------------------------------------------------------------- */

static void write_cpms(char *out, const char *mem1, const char *others, int64_t parameters)
{
	int n = snprintf(out, AT_COMMAND_MAX, "AT+CPMS=\"%s\"", mem1);

	for (int64_t i = 1; i < parameters; i++)
		n += snprintf(out + n, AT_COMMAND_MAX - (size_t)n, ",\"%s\"", others);
}

/* The ladder: each storage of the profile, with as many names as it says, then with fewer. */
static bool build_cpms(struct modem *m, char *out)
{
	const struct board *b = m->board;
	unsigned storage = m->cpms_at / (unsigned)b->storage_parameters;

	if (!b->storage.n)
		return false;
	m->cpms_parameters = b->storage_parameters - m->cpms_at % (unsigned)b->storage_parameters;
	tw_strset(m->areas[0].name, sizeof(m->areas[0].name), b->storage.v[storage]);
	write_cpms(out, b->storage.v[storage], b->storage.v[storage], m->cpms_parameters);
	return true;
}

static void cpms_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	storage_read_counts(m, &m->areas[0], ev->line);
}

/* A storage that is not ready yet (SIM busy, no SMS Ready) is asked again; one that is refused is
 * followed by the next of the ladder. */
static void cpms_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	const struct board *b = m->board;

	if (is_ok(ev)) {
		m->mem1 = 0;
		return;
	}
	m->cpms_at++;
	if (m->cpms_at < b->storage.n * (unsigned)b->storage_parameters) {
		job_again(m, 0, now);
		return;
	}
	m->cpms_at = 0;
	if (now.ms - m->cpms_since.ms >= b->ready_limit)
		recover(m, false, "storage cannot be used", now);
	else
		job_again(m, m->sms_ready ? AGAIN : CPMS_AGAIN, now);
}

static const struct job job_cpms = { .name = "AT+CPMS=", .build = build_cpms, .prefix = "+CPMS:",
	.limit_ms = 10 * SECOND, .line = cpms_line, .done = cpms_done };

/* mem1 alone is moved: mem3 stays, so that a text that comes meanwhile is stored where it is
 * looked for (27.005 3.2.2). */
static bool build_select(struct modem *m, char *out)
{
	write_cpms(out, m->areas[m->select_area].name, m->areas[0].name, m->cpms_parameters);
	return true;
}

static void select_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	storage_read_counts(m, &m->areas[m->select_area], ev->line);
}

static void select_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	int area = m->select_area;

	if (is_ok(ev)) {
		m->mem1 = area;
		m->select_failed = 0;
		return;
	}
	m->mem1 = -1;
	if (area) {
		storage_cannot_be_selected(m, area);
	} else if (++m->select_failed >= SELECT_TRIES) {
		m->select_failed = 0;
		recover(m, false, "storage cannot be selected", now);
	} else {
		timer_set(m, T_HOLD, AGAIN, now);
	}
}

static const struct job job_select = { .name = "AT+CPMS=", .build = build_select,
				       .prefix = "+CPMS:",
	.limit_ms = 10 * SECOND, .line = select_line, .done = select_done };

bool setup_give_select(struct modem *m, int area, struct mono_ms now)
{
	m->select_area = area;
	return job_give(m, &job_select, now);
}

/* AT+CPMS? also tells whether mem1 is still what we set. */
static void count_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct area *a = m->mem1 >= 0 ? &m->areas[m->mem1] : NULL;
	char name[8] = "";
	struct at_fields f;

	(void)now;
	if (!a || !at_fields_begin(&f, ev->line, "+CPMS") ||
	    !at_fields_text(&f, name, sizeof(name)))
		return;
	if (name[0] >= 'A' && strcmp(name, a->name)) {
		m->mem1 = -1;
		return;
	}
	storage_read_counts(m, a, ev->line);
	storage_on_count(m, a);
}

const struct job job_count = { .name = "AT+CPMS?", .text = "AT+CPMS?", .prefix = "+CPMS:",
	.limit_ms = 10 * SECOND, .line = count_line };

/* ---- SMSC ---------------------------------------------------------------------------------- */

static void csca_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct at_fields f;

	(void)now;
	if (at_fields_begin(&f, ev->line, "+CSCA"))
		at_fields_text(&f, m->facts.smsc, sizeof(m->facts.smsc));
}

static bool build_csca_query(struct modem *m, char *out)
{
	m->facts.smsc[0] = 0;
	strcpy(out, "AT+CSCA?");
	return true;
}

static bool build_csca(struct modem *m, char *out)
{
	const char *smsc = m->setup_smsc;

	snprintf(out, AT_COMMAND_MAX, "AT+CSCA=\"%s\",%d", smsc, smsc[0] == '+' ? 145 : 129);
	return smsc[0] && !m->facts.smsc[0];
}

static void csca_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	if (is_ok(ev))
		tw_strset(m->facts.smsc, sizeof(m->facts.smsc), m->setup_smsc);
	else
		event_error(m, "the SIM has no SMSC and refuses the configured one");
}

const struct job job_csca_query = { .name = "AT+CSCA?", .build = build_csca_query,
	.prefix = "+CSCA:", .limit_ms = 5 * SECOND, .line = csca_line };
const struct job job_csca = { .name = "AT+CSCA=", .build = build_csca, .limit_ms = 5 * SECOND,
	.done = csca_done };

/* ---- indications --------------------------------------------------------------------------- */

static bool build_csms(struct modem *m, char *out)
{
	snprintf(out, AT_COMMAND_MAX, "AT+CSMS=%d", setup_is_direct(m) ? (int)m->board->csms : 0);
	return true;
}

static const struct tw_strings *ladder(const struct modem *m)
{
	return setup_is_direct(m) ? &m->board->cnmi_direct : &m->board->cnmi;
}

static bool build_cnmi(struct modem *m, char *out)
{
	const struct tw_strings *l = ladder(m);

	if (m->cnmi_at >= l->n)
		return false;
	snprintf(out, AT_COMMAND_MAX, "AT+CNMI=%.64s", l->v[m->cnmi_at]);
	return true;
}

static void csms_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	m->csms_accepted = is_ok(ev);
}

/* Under another service the module acknowledges each text by itself (27.005 3.4.1): what the line
 * then loses is lost. So the service is read back wherever texts are handed over. */
static bool build_csms_check(struct modem *m, char *out)
{
	m->csms_seen = -1;
	strcpy(out, "AT+CSMS?");
	return setup_is_direct(m) && m->board->csms;
}

static void csms_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct at_fields f;

	(void)now;
	if (!at_fields_begin(&f, ev->line, "+CSMS") || !at_fields_int(&f, &m->csms_seen))
		m->csms_seen = -1;
}

/* Stored instead of direct delivery, for the rest of the session. False where there is none. */
static bool use_stored(struct modem *m, const char *why, struct mono_ms now)
{
	if (!setup_is_direct(m) || !m->board->storage.n || !m->board->cnmi.n)
		return false;
	event_trouble(m, "%s: stored delivery is used", why);
	m->direct_off = true;
	m->cnmi_at = 0;
	storage_list_all(m);
	job_goto(m, &job_csms, 0, now);
	return true;
}

/* Who cannot read it back is believed when it took the setting. */
static void csms_check_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	bool can_tell = is_ok(ev) && m->csms_seen >= 0;
	bool is_set = can_tell ? m->csms_seen == m->board->csms :
		      m->csms_accepted && ev->result != AT_TIMEOUT;

	if (is_set) {
		m->csms_tries = 0;
	} else if (++m->csms_tries < CSMS_TRIES) {
		job_goto(m, &job_csms, AGAIN, now);
	} else {
		m->csms_tries = 0;
		if (!use_stored(m, "direct delivery cannot be acknowledged", now))
			event_trouble(m,
				      "the modem acknowledges texts by itself: one may get lost");
	}
}

static const struct job
	job_csms = { .name = "AT+CSMS=", .build = build_csms, .limit_ms = 5 * SECOND,
		.done = csms_done },
	job_csms_check = { .name = "AT+CSMS?", .build = build_csms_check, .prefix = "+CSMS:",
		.limit_ms = 5 * SECOND, .line = csms_line, .done = csms_check_done };

/* The rung was refused: the next one; behind the last, stored instead of direct delivery, or no
 * indication at all: then the storage is looked into again and again. */
static void next_rung(struct modem *m, struct mono_ms now)
{
	m->cnmi_at++;
	if (m->cnmi_at < ladder(m)->n) {
		job_goto(m, &job_cnmi, 0, now);
		return;
	}
	if (use_stored(m, "direct delivery is refused", now))
		return;
	event_trouble(m, "the modem refuses to announce texts: its storage is polled");
	m->no_indication = true;
	m->cnmi_set[0] = -1;
}

static void cnmi_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (!is_ok(ev))
		next_rung(m, now);
}

/* Fields that are not told stay -1. Returns how many were. */
static int read_cnmi(const char *line, int out[5])
{
	struct at_fields f;
	int n = 0;

	for (int i = 0; i < 5; i++)
		out[i] = -1;
	if (!at_fields_begin(&f, line, "+CNMI"))
		return 0;
	while (n < 5 && at_fields_int(&f, &out[n]))
		n++;
	return n;
}

static bool build_cnmi_check(struct modem *m, char *out)
{
	m->cnmi_seen[0] = -1;
	strcpy(out, "AT+CNMI?");
	return !m->no_indication;
}

static void cnmi_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	if (read_cnmi(ev->line, m->cnmi_seen) < 2)
		m->cnmi_seen[0] = -1;
}

/* What was asked for: how texts come (mt) and how reports come (ds). */
static bool is_as_asked(const struct modem *m, const int seen[5])
{
	char line[80];
	int asked[5];

	snprintf(line, sizeof(line), "+CNMI: %.64s", ladder(m)->v[m->cnmi_at]);
	read_cnmi(line, asked);
	return seen[1] == asked[1] && (seen[3] < 0 || asked[3] < 0 || seen[3] == asked[3]);
}

/* A modem that cannot read it back is believed. */
static void cnmi_check_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	bool can_tell = is_ok(ev) && m->cnmi_seen[0] >= 0;

	if (can_tell && !is_as_asked(m, m->cnmi_seen)) {
		next_rung(m, now);
		return;
	}
	memcpy(m->cnmi_set, m->cnmi_seen, sizeof(m->cnmi_set));
	if (!can_tell)
		m->cnmi_set[0] = -1;
	m->facts.is_direct = setup_is_direct(m);
}

static const struct job
	job_cnmi = { .name = "AT+CNMI=", .build = build_cnmi, .limit_ms = 10 * SECOND,
		.done = cnmi_done },
	job_cnmi_check = { .name = "AT+CNMI?", .build = build_cnmi_check, .prefix = "+CNMI:",
		.limit_ms = 10 * SECOND, .line = cnmi_line, .done = cnmi_check_done };

/* ---- in service ---------------------------------------------------------------------------- */

/* The whole of it, never AT+CNMI alone: a modem that restarted without a word is back at service 0,
 * and has its echo on. */
const struct job *const seq_messages[] = {
	&job_echo, &job_errors, &job_init, &job_cmgf, &job_csms, &job_csms_check, &job_cnmi,
	&job_cnmi_check, &job_clip, &job_cusd, &job_bearer, &job_reg_on[0], &job_reg_on[1],
	&job_reg_on[2], NULL
};

void setup_again(struct modem *m)
{
	if (m->want_messages)
		return;
	m->want_messages = true;
	m->step = 0;
	m->init_at = (unsigned)m->board->init.n;
	m->cmgf_tries = m->csms_tries = 0;
	if (!m->no_indication)
		m->cnmi_at = 0;
}

void setup_suspect(struct modem *m, const char *why)
{
	event_trouble(m, "%s: it is set up again", why);
	setup_again(m);
	m->want_whole = true;
	m->step = 0;
	m->init_at = 0;
	m->want_csms_check = m->want_cnmi_check = false;
	m->mem1 = -1;
	m->ussd.cscs_known = false;
	m->want_sim_check = m->want_look = m->want_search = true;
	storage_list_all(m);
}

bool setup_give_again(struct modem *m, struct mono_ms now)
{
	if (!m->want_messages)
		return false;
	if ((m->want_whole || seq_messages[m->step] != &job_clip) && job_give_next(m, now))
		return true;
	m->want_messages = m->want_whole = false;
	m->step = 0;
	return false;
}

void setup_verify(struct modem *m)
{
	m->want_cmgf = m->want_csms_check = m->want_cnmi_check = true;
}

static void found_changed(struct modem *m, struct mono_ms now)
{
	if (++m->cnmi_lost >= CNMI_LOST_MAX) {
		m->cnmi_lost = 0;
		send_fail_queued(m, REACT_RETRY, "set up anew", now);
		machine_move(m, ST_SETUP, "its settings do not stay", now);
		return;
	}
	setup_suspect(m, "the modem has forgotten how to announce texts");
}

static void verify_csms_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (is_ok(ev) && m->csms_seen >= 0 && m->csms_seen != m->board->csms)
		found_changed(m, now);
}

const struct job job_verify_csms = { .name = "AT+CSMS?", .build = build_csms_check,
	.prefix = "+CSMS:", .limit_ms = 5 * SECOND, .line = csms_line, .done = verify_csms_done };

static void verify_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (!is_ok(ev) || m->cnmi_seen[0] < 0 || m->cnmi_set[0] < 0)
		return;
	if (is_as_asked(m, m->cnmi_seen))
		m->cnmi_lost = 0;
	else
		found_changed(m, now);
}

const struct job job_verify_cnmi = { .name = "AT+CNMI?", .build = build_cnmi_check,
	.prefix = "+CNMI:", .limit_ms = 10 * SECOND, .line = cnmi_line, .done = verify_done };

/* ---- the sequence -------------------------------------------------------------------------- */

static const struct job
	job_clip = { .name = "AT+CLIP=1", .text = "AT+CLIP=1", .limit_ms = 15 * SECOND },
	job_cusd = { .name = "AT+CUSD=1", .text = "AT+CUSD=1", .limit_ms = 10 * SECOND };

const struct job *const seq_setup[] = {
	&job_cmgf, &job_cpms, &job_csca_query, &job_csca, &job_csms, &job_csms_check, &job_cnmi,
	&job_cnmi_check, &job_clip, &job_cusd, &job_bearer, &job_reg_on[0], &job_reg_on[1],
	&job_reg_on[2], &job_reg[0], &job_reg[1], &job_reg[2], NULL
};

void setup_enter(struct modem *m, struct mono_ms now)
{
	m->cmgf_tries = m->csms_tries = 0;
	m->cpms_at = m->cnmi_at = 0;
	m->cpms_since = now;
	m->mem1 = -1;
	m->select_failed = 0;
	m->cnmi_lost = 0;
	m->no_indication = false;
	m->cnmi_set[0] = -1;
	m->want_cmgf = m->want_csms_check = m->want_cnmi_check = m->want_smsc = false;
	m->want_messages = m->want_whole = false;
	m->facts.is_direct = setup_is_direct(m);
	if (m->setup.direct == 1 && !m->facts.is_direct && !m->direct_off)
		event_trouble(m,
			      "board profile %s cannot deliver directly: stored delivery is used",
			      m->board->name);
	machine_limit(m, m->board->ready_limit + 180 * SECOND, now);
}

void setup_handle(struct modem *m, enum input in, struct mono_ms now)
{
	if (in == IN_LIMIT)
		recover(m, false, machine_states[ST_SETUP].limit.name, now);
	else if (in == IN_REJECTED)
		machine_move(m, ST_STRANGER, "SIM not admitted", now);
	else if (in == IN_FREE && !job_give_next(m, now))
		machine_move(m, ST_DRAIN, "set up", now);
}
