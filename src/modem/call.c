/* Calls that come in: told once each, with the caller's number when it comes, and hung up. */
#include "internal.h"

enum {
	SECOND = 1000,
	/* +CLIP follows each RING at once; the second RING comes after 5 s */
	NUMBER_MS = 2500,
	QUIET_MS = 12 * SECOND,	/* without a RING the call is over */
	HANG_UP_TRIES = 4
};

static void tell(struct modem *m, const char *number)
{
	struct event *e;

	if (m->call.is_told)
		return;
	e = event_offer(m, MODEM_EV_CALL);
	if (!e)
		return;
	m->call.is_told = true;
	tw_strset(e->text, TW_NUMBER_MAX, number);
	m->call.want_hang_up = m->setup.hang_up;
}

void call_on_ring(struct modem *m, struct mono_ms now)
{
	struct calling *c = &m->call;
	bool is_new = !c->is_ringing;

	if (is_new)
		memset(c, 0, sizeof(*c));
	c->is_ringing = true;
	c->last_ring = now;
	timer_set(m, T_CALL, c->is_told ? QUIET_MS : NUMBER_MS, now);
	/* It rings on although it was hung up: again, but not for ever. */
	if (c->is_told && m->setup.hang_up && c->tries < HANG_UP_TRIES)
		c->want_hang_up = true;
}

/* +CLIP: "+447700900123",145 : withheld is an empty number. */
void call_on_number(struct modem *m, const char *line, struct mono_ms now)
{
	char number[TW_NUMBER_MAX] = "";
	struct at_fields f;

	if (!m->call.is_ringing)
		call_on_ring(m, now);
	if (!at_fields_begin(&f, line, "+CLIP"))
		return;
	at_fields_text(&f, number, sizeof(number));
	if (number[strspn(number, "+0123456789*#")])
		number[0] = 0;
	tell(m, number);
	timer_set(m, T_CALL, QUIET_MS, now);
}

void call_on_end(struct modem *m)
{
	if (m->call.is_ringing)
		tell(m, "");
	m->call.is_ringing = false;
	m->call.want_hang_up = false;
	timer_stop(m, T_CALL);
}

void call_on_timer(struct modem *m, struct mono_ms now)
{
	if (!m->call.is_ringing)
		return;
	if (!m->call.is_told && now.ms - m->call.last_ring.ms < QUIET_MS) {
		tell(m, "");
		timer_set(m, T_CALL, QUIET_MS, now);
		return;
	}
	call_on_end(m);
}

static bool build_hang_up(struct modem *m, char *out)
{
	const struct tw_strings *commands = &m->board->hang_up;

	if (!commands->n)
		return false;
	tw_strset(out, AT_COMMAND_MAX, commands->v[(size_t)m->call.tries++ % commands->n]);
	return true;
}

static void hang_up_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	(void)now;
	if (ev->result != AT_OK && m->call.is_ringing && m->call.tries < HANG_UP_TRIES)
		m->call.want_hang_up = true;
}

static const struct job job_hang_up = { .name = "hang up", .build = build_hang_up,
	.limit_ms = 10 * SECOND, .done = hang_up_done };

bool call_give_hang_up(struct modem *m, struct mono_ms now)
{
	if (!m->call.want_hang_up)
		return false;
	m->call.want_hang_up = false;
	return job_give(m, &job_hang_up, now);
}
