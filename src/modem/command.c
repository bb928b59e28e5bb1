/* A command of a person or a job, between other work. */
#include "internal.h"

#include <ctype.h>
#include <strings.h>

enum { SECOND = 1000, WAIT_MS = 60 * SECOND, LIMIT_MS = 60 * SECOND };

static bool has_start(const char *text, const char *start)
{
	return !strncasecmp(text, start, strlen(start));
}

int modem_command(struct modem *m, uint64_t id, const char *command, int64_t limit_ms,
		  struct mono_ms now)
{
	struct personal *p = &m->personal;

	m->now = now;
	if (p->is_given || p->is_done || !m->is_open)
		return TW_E_STATE;
	if (!has_start(command, "AT") || strlen(command) >= sizeof(p->text))
		return TW_E_SYNTAX;
	for (const char *c = command; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			return TW_E_SYNTAX;
	tw_strset(p->text, sizeof(p->text), command);
	p->id = id;
	p->limit_ms = limit_ms > 0 ? limit_ms : LIMIT_MS;
	p->answer_n = 0;
	p->answer[0] = 0;
	p->is_given = true;
	p->is_running = false;
	timer_set(m, T_COMMAND, WAIT_MS, now);
	modem_pump(m, now);
	return 0;
}

static void add(struct modem *m, const char *line, size_t n)
{
	struct personal *p = &m->personal;

	if (p->answer_n + n + 2 > sizeof(p->answer))
		return;
	if (p->answer_n)
		p->answer[p->answer_n++] = '\n';
	memcpy(p->answer + p->answer_n, line, n);
	p->answer_n += n;
	p->answer[p->answer_n] = 0;
}

void command_end(struct modem *m, enum at_result result)
{
	struct personal *p = &m->personal;
	struct event *e;

	if (!p->is_given)
		return;
	p->is_given = p->is_running = false;
	p->is_done = true;
	timer_stop(m, T_COMMAND);
	e = event_push(m, MODEM_EV_COMMAND);
	e->ev.id = p->id;
	e->ev.number = result;
}

static void personal_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	add(m, ev->line, ev->line_n);
	if (ev->pdu)
		add(m, ev->pdu, ev->pdu_n);
	if (!strncmp(ev->line, "+CUSD:", 6))
		ussd_on_line(m, ev->line, now);
}

/* Whether it changed nothing that we rely on: a question, or a command without an argument. Joined
 * commands and those of V.250 (ATZ, ATE1, AT&F) may have. */
static bool is_harmless(const char *text)
{
	if (strchr(text, ';') ||
	    (isalpha((unsigned char)text[2]) && toupper((unsigned char)text[2]) != 'I') ||
	    text[2] == '&')
		return false;
	return strchr(text, '?') || !strchr(text, '=') || has_start(text, "AT+CUSD") ||
	       has_start(text, "AT+CCFC");
}

/* Whatever a person changed: the settings that matter are written again and read back. */
static void personal_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	bool changed = !is_harmless(m->personal.text);

	(void)now;
	if (ev->result == AT_CME || ev->result == AT_CMS)
		add(m, ev->line, ev->line_n);
	command_end(m, ev->result);
	if (!changed)
		return;
	m->mem1 = -1;
	setup_verify(m);
	m->want_reg = true;
}

static bool build_personal(struct modem *m, char *out)
{
	tw_strset(out, AT_COMMAND_MAX, m->personal.text);
	return true;
}

static int64_t personal_limit(const struct modem *m)
{
	return m->personal.limit_ms;
}

static void prepare_personal(struct modem *m, struct at_command *c)
{
	char masked[AT_COMMAND_MAX];

	c->is_secret = command_mask(m->personal.text, masked, sizeof(masked));
	if (has_start(c->text, "AT+CMGR=") || has_start(c->text, "AT+CMGL"))
		c->shape = AT_PDU_LINES;
}

const struct job job_personal = { .name = "command", .build = build_personal,
	.limit = personal_limit, .prepare = prepare_personal, .line = personal_line,
	.done = personal_done };

bool command_give(struct modem *m, struct mono_ms now)
{
	if (!m->personal.is_given || m->personal.is_running)
		return false;
	m->personal.is_running = true;
	timer_stop(m, T_COMMAND);
	return job_give(m, &job_personal, now);
}
