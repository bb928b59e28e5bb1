/* One AT command in flight, and the runner of a state's sequence. */
#include "internal.h"

enum {
	/* commands in a row without an answer, the engine's search between them */
	DEAF_AFTER = 2,
	MUTE_AFTER = 4,		/* so many when it answers AT in between */
	ECHO_SIGNS_MAX = 3	/* so often in a row: it echoes at its pleasure */
};

/* A command that could not even be given ends like one that was refused. */
static void end_unsent(struct modem *m, const struct job *j, struct mono_ms now)
{
	struct at_event ev = { .type = AT_FINAL, .result = AT_ERROR, .code = -1, .line = "" };

	m->job = NULL;
	if (j->done)
		j->done(m, &ev, now);
}

bool job_give(struct modem *m, const struct job *j, struct mono_ms now)
{
	struct at_command c = { .prefix = j->prefix, .shape = j->shape, .limit_ms = j->limit_ms,
				.is_secret = j->is_secret };
	char text[AT_COMMAND_MAX];
	int error;

	if (j->build) {
		text[0] = 0;
		if (!j->build(m, text))
			return false;
		c.text = text;
	} else {
		c.text = j->text;
	}
	if (j->limit)
		c.limit_ms = j->limit(m);
	if (j->prepare)
		j->prepare(m, &c);
	c.id = ++m->last_job_id ? m->last_job_id : ++m->last_job_id;
	m->job = j;
	m->job_id = c.id;
	error = at_give(m->at, &c, now);
	trace_command(m, c.text, c.is_secret);
	if (error)
		end_unsent(m, j, now);
	return true;
}

bool job_give_next(struct modem *m, struct mono_ms now)
{
	const struct job *const *sequence = machine_states[m->state].sequence;

	for (;;) {
		const struct job *j = sequence[m->step];

		if (!j)
			return false;
		m->step++;
		if (job_give(m, j, now))
			return true;
	}
}

void job_again(struct modem *m, int64_t pause_ms, struct mono_ms now)
{
	m->step--;
	if (pause_ms)
		timer_set(m, T_HOLD, pause_ms, now);
}

void job_goto(struct modem *m, const struct job *j, int64_t pause_ms, struct mono_ms now)
{
	const struct job *const *sequence = machine_states[m->state].sequence;

	for (unsigned i = 0; sequence[i]; i++)
		if (sequence[i] == j)
			m->step = i;
	if (pause_ms)
		timer_set(m, T_HOLD, pause_ms, now);
}

/* An echo where it was switched off is the one sign that comes with the first command behind a
 * restart (V.250 6.2.4: echo is on by default). One that echoes on behind its OK to ATE0 does so
 * always. True: it has restarted. */
static bool is_echo_back(struct modem *m, const struct job *j, const struct at_event *ev)
{
	bool is_echoed = at_counters(m->at)->echoes != m->echoes;
	enum echo was = m->echo;

	m->echoes = at_counters(m->at)->echoes;
	if (was == ECHO_STAYS)
		return false;
	if (is_echoed && was == ECHO_OFF && state_is_serving(m->state)) {
		m->echo = ++m->echo_signs > ECHO_SIGNS_MAX ? ECHO_STAYS : ECHO_UNKNOWN;
		return m->echo == ECHO_UNKNOWN;
	}
	if (j == &job_echo)
		m->echo = ev->result == AT_OK ? ECHO_JUST_OFF : was;
	else if (was == ECHO_JUST_OFF)
		m->echo = is_echoed ? ECHO_STAYS : ECHO_OFF;
	return false;
}

/* Deaf is who answered neither the commands nor the engine that looked for its place between
 * them. */
static void count_silence(struct modem *m, const struct job *j, bool is_silent)
{
	uint64_t placed = at_counters(m->at)->placed;

	if (!is_silent)
		m->silent = 0;
	else
		m->silent = m->silent && placed == m->placed ? m->silent + 1 : 1;
	m->placed = placed;
	if (j != &job_alive)
		m->mute = is_silent ? m->mute + 1 : 0;
}

static void on_final(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	const struct job *j = m->job;
	bool is_silent = ev->result == AT_TIMEOUT, has_restarted = is_echo_back(m, j, ev);

	m->job = NULL;
	m->job_id = 0;
	if (is_silent || ev->result == AT_NO_PROMPT)
		m->facts.timeouts++;
	count_silence(m, j, is_silent);
	if (j->done)
		j->done(m, ev, now);
	if (m->silent >= DEAF_AFTER) {
		machine_input(m, IN_DEAF, now);
	} else if (m->mute >= MUTE_AFTER && m->job == NULL) {
		m->mute = 0;
		machine_input(m, IN_MUTE, now);
	} else if (has_restarted) {
		event_trouble(m, "it has restarted and told nothing: its echo is on again");
		machine_input(m, IN_REBOOTED, now);
	}
}

static bool is_alive_build(struct modem *m, char *out)
{
	strcpy(out, "AT");
	return m->silent > 0;
}

/* Behind a time-out, before anything else is asked. */
const struct job job_alive = { .name = "AT", .build = is_alive_build, .limit_ms = 2000 };

void job_on_event(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (!m->job || ev->id != m->job_id)
		return;		/* of a command that was dropped */
	if (ev->type == AT_LINE && m->job->line)
		m->job->line(m, ev, now);
	else if (ev->type == AT_PAYLOAD_SENT)
		send_on_payload(m, now);
	else if (ev->type == AT_FINAL)
		on_final(m, ev, now);
}

/* What the command in flight was for is past: its answer means nothing any more. A send and a
 * person's command keep theirs. */
void job_forget(struct modem *m)
{
	static const struct job job_forgotten = { .name = "forgotten" };

	if (m->job && m->job != &job_send && m->job != &job_personal)
		m->job = &job_forgotten;
}

void job_drop(struct modem *m)
{
	if (m->job == &job_personal)
		command_end(m, AT_ABORTED);
	m->job = NULL;
	m->job_id = 0;
}

void answer_digits(const char *line, size_t min, size_t max, char *out, size_t cap)
{
	for (const char *p = line; *p && !out[0];) {
		size_t n = strspn(p, "0123456789");

		if (n >= min && n <= max)
			tw_strsetn(out, cap, p, n);
		p += n ? n : 1;
	}
}
