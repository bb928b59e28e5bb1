/* By which bearer texts leave. On LTE a text needs the MSC (SGs) or IMS; which of them a network has is
 * seen only by trying: AT+CGSMS (27.007 10.1.21) says packet or circuit domain, and which first. What
 * has failed is not tried twice; what worked is told, so that the owner remembers it by operator. */
#include "internal.h"

enum { SECOND = 1000, LIMIT_MS = 10 * SECOND };

static bool build(struct modem *m, char *out)
{
	m->bearer.want = false;
	snprintf(out, AT_COMMAND_MAX, "AT+CGSMS=%d", m->bearer.value);
	return m->bearer.value >= 0 && m->board->cgsms.n;
}

/* The value behind the one in force, in the profile's order. */
static void take_next(struct modem *m)
{
	const struct tw_strings *values = &m->board->cgsms;
	size_t at = 0;

	for (size_t i = 0; i < values->n; i++)
		if (values->v[i][0] - '0' == m->bearer.value)
			at = i + 1;
	m->bearer.value = values->v[at % values->n][0] - '0';
	m->bearer.want = true;
	m->bearer.changes++;
}

static bool has_more(const struct modem *m)
{
	return m->bearer.changes < m->board->cgsms.n;
}

/* Refused: this firmware does not know the value. */
static void done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	if (ev->result == AT_OK)
		return;
	if (has_more(m))
		take_next(m);
	else
		m->bearer.value = -1;
}

const struct job job_bearer = { .name = "AT+CGSMS=", .build = build, .limit_ms = LIMIT_MS,
	.done = done };

bool bearer_give(struct modem *m, struct mono_ms now)
{
	return m->bearer.want && job_give(m, &job_bearer, now);
}

/* How a text fails that has no way out: the network's time-out, an error without a reason, or no
 * result at all (27.005 3.2.5). On GSM and UMTS it has one, so that says something else. */
static bool is_without_way(const struct modem *m, enum at_result result, int code)
{
	bool is_sign = result == AT_TIMEOUT || (result == AT_CMS && (code == 332 || code == 500)) ||
		       (result == AT_CME && code == 31);

	return is_sign && strcmp(m->facts.radio, "GSM") && strcmp(m->facts.radio, "UMTS");
}

void bearer_on_failed(struct modem *m, enum at_result result, int code)
{
	if (!m->board->cgsms.n || !has_more(m) || !is_without_way(m, result, code))
		return;
	take_next(m);
	event_trouble(m, "a text finds no way out: AT+CGSMS=%d is tried", m->bearer.value);
}

void bearer_on_sent(struct modem *m)
{
	struct event *e;

	m->bearer.changes = 0;
	if (m->bearer.want || m->bearer.value < 0 || m->bearer.value == m->bearer.told)
		return;
	e = event_offer(m, MODEM_EV_BEARER);
	if (!e)
		return;
	e->ev.number = m->bearer.told = m->bearer.value;
}

void modem_set_bearer(struct modem *m, int value)
{
	bool is_known = false;

	for (size_t i = 0; i < m->board->cgsms.n; i++)
		is_known |= m->board->cgsms.v[i][0] - '0' == value;
	m->bearer = (struct bearer){ .value = is_known ? value : -1, .told = value };
}
