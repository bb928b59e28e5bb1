/* Dialogues with the network by USSD (27.007 7.15): a request, its answer, menus with further
 * answers, their end. The answer comes after the command's OK, sometimes before it, sometimes
 * never. */
#include "internal.h"

enum {
	SECOND = 1000,
	GIVE_MS = 60 * SECOND,		/* so long it waits for the modem to be free */
	COMMAND_MS = 15 * SECOND,	/* AT+CUSD to its OK */
	LIMIT_MS = 120 * SECOND,	/* the network's answer, unless said otherwise */
	HOLD_MS = 10 * SECOND		/* sends wait so long: both at once fail on many modems */
};

static void end(struct modem *m, int64_t number, const char *text)
{
	struct ussd *u = &m->ussd;
	struct event *e;

	if (u->phase == USSD_NONE)
		return;
	u->phase = USSD_NONE;
	timer_stop(m, T_USSD);
	timer_stop(m, T_USSD_HOLD);
	e = event_push(m, MODEM_EV_USSD);
	e->ev.id = u->id;
	e->ev.number = number;
	tw_strset(e->text, sizeof(e->text), text);
}

void ussd_abort(struct modem *m, const char *why)
{
	end(m, MODEM_USSD_FAILED, why);
	m->ussd.is_open = m->ussd.want_end = false;
	m->ussd.cscs_known = false;
}

static enum board_ussd form_now(const struct modem *m)
{
	return board_ussd_form(m->board, m->ussd.form_at);
}

/* ---- what the network says ----------------------------------------------------------------- */

/* The text is taken from the line itself: it may hold commas, line ends and more than a field's
 * room. */
static void read_text(const struct modem *m, const char *line, char *out, size_t cap)
{
	const char *open = strchr(line, '"'), *close = strrchr(line, '"');
	int dcs = 15;

	out[0] = 0;
	if (!open)
		return;
	if (close == open)
		close = line + strlen(line);
	else if (sscanf(close, "\" , %d", &dcs) != 1)
		dcs = 15;
	ussd_decode(open + 1, (size_t)(close - open - 1), dcs,
		    m->ussd.is_ucs2 ? BOARD_USSD_UCS2 : form_now(m), out, cap);
}

/* +CUSD: <m>[,"<str>",<dcs>] */
void ussd_on_line(struct modem *m, const char *line, struct mono_ms now)
{
	struct ussd *u = &m->ussd;
	char text[EVENT_TEXT];
	struct at_fields f;
	struct event *e;
	int kind = 0;

	(void)now;
	if (!at_fields_begin(&f, line, "+CUSD") || !at_fields_int(&f, &kind))
		return;
	read_text(m, line, text, sizeof(text));
	u->is_open = kind == MODEM_USSD_ASKS;
	if (u->phase == USSD_RUNNING || u->phase == USSD_AWAITED) {
		end(m, kind, text);
		return;
	}
	/* The release that follows an answer says nothing of its own. */
	if (!text[0] && kind != MODEM_USSD_ASKS)
		return;
	e = event_offer(m, MODEM_EV_USSD);
	if (!e)
		return;
	e->ev.number = kind;
	tw_strset(e->text, sizeof(e->text), text);
}

void ussd_on_timer(struct modem *m, struct mono_ms now)
{
	struct ussd *u = &m->ussd;

	(void)now;
	if (u->phase == USSD_RUNNING)
		return;		/* the command's own limit ends it */
	if (u->phase == USSD_AWAITED)
		u->want_end = true;
	end(m, MODEM_USSD_FAILED, u->phase == USSD_QUEUED ? "the modem was not free in time"
							  : "no answer from the network");
}

bool ussd_holds_sends(const struct modem *m)
{
	return (m->ussd.phase == USSD_RUNNING || m->ussd.phase == USSD_AWAITED) &&
	       m->timers[T_USSD_HOLD].ms != INT64_MAX;
}

/* ---- what we say --------------------------------------------------------------------------- */

static bool encode(const struct modem *m, char *out, size_t cap, int *ret_dcs, bool *ret_ucs2)
{
	return ussd_encode(m->ussd.text, form_now(m), out, cap, ret_dcs, ret_ucs2);
}

static bool build_request(struct modem *m, char *out)
{
	char quoted[AT_COMMAND_MAX];
	bool is_ucs2;
	int dcs;

	if (!encode(m, quoted, sizeof(quoted), &dcs, &is_ucs2))
		return false;
	return snprintf(out, AT_COMMAND_MAX, "AT+CUSD=1,\"%s\",%d", quoted, dcs) < AT_COMMAND_MAX;
}

static void request_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (!strncmp(ev->line, "+CUSD:", 6))
		ussd_on_line(m, ev->line, now);
}

static void request_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct ussd *u = &m->ussd;
	char cause[32];

	if (u->phase != USSD_RUNNING)
		return;		/* the answer came before the OK */
	if (ev->result == AT_OK) {
		u->phase = USSD_AWAITED;
		timer_set(m, T_USSD, u->limit_ms, now);
		return;
	}
	/* Refused as it stands: the next form that the profile knows, unless the modem took this
	 * one. */
	if (ev->result != AT_TIMEOUT && !u->is_answer &&
	    u->form_at + 1 < board_ussd_forms(m->board)) {
		u->form_at++;
		u->phase = USSD_QUEUED;
		return;
	}
	u->form_at = u->is_answer ? u->form_at : 0;
	end(m, MODEM_USSD_FAILED, at_cause(ev->result, ev->code, cause));
}

const struct job job_ussd = { .name = "AT+CUSD", .build = build_request, .limit_ms = COMMAND_MS,
	.line = request_line, .done = request_done };

/* An error means only that nothing was open. */
static const struct job job_end = { .name = "AT+CUSD=2", .text = "AT+CUSD=2",
				    .limit_ms = COMMAND_MS };

static bool build_cscs(struct modem *m, char *out)
{
	snprintf(out, AT_COMMAND_MAX, "AT+CSCS=\"%s\"", m->ussd.is_ucs2 ? "UCS2" : "GSM");
	return true;
}

/* Where it is refused the modem has one alphabet, and the request is tried in it all the same. */
static const struct job job_cscs = { .name = "AT+CSCS", .build = build_cscs,
				     .limit_ms = 5 * SECOND };

/* +CSCS as the request wants it; packed septets are the same in any. True: a command was given. */
static bool give_cscs(struct modem *m, bool ucs2, struct mono_ms now)
{
	struct ussd *u = &m->ussd;

	if (u->cscs_known && u->is_ucs2 == ucs2)
		return false;
	u->is_ucs2 = ucs2;
	u->cscs_known = true;
	return job_give(m, &job_cscs, now);
}

static bool give_request(struct modem *m, struct mono_ms now)
{
	struct ussd *u = &m->ussd;
	char quoted[AT_COMMAND_MAX];
	bool is_ucs2;
	int dcs;

	if (!encode(m, quoted, sizeof(quoted), &dcs, &is_ucs2)) {
		end(m, MODEM_USSD_FAILED, "too long");
		return false;
	}
	if (form_now(m) != BOARD_USSD_PACKED && give_cscs(m, is_ucs2, now))
		return true;
	u->phase = USSD_RUNNING;
	timer_stop(m, T_USSD);
	timer_set(m, T_USSD_HOLD, HOLD_MS, now);
	if (job_give(m, &job_ussd, now))
		return true;
	end(m, MODEM_USSD_FAILED, "too long");
	return false;
}

bool ussd_give(struct modem *m, struct mono_ms now)
{
	struct ussd *u = &m->ussd;

	/* A dialogue that is over, or that stands in a new one's way, is ended first. */
	if (u->want_end || (u->phase == USSD_QUEUED && u->is_open && !u->is_answer)) {
		u->want_end = u->is_open = false;
		return job_give(m, &job_end, now);
	}
	if (u->phase == USSD_QUEUED)
		return give_request(m, now);
	if (u->phase == USSD_NONE && !u->is_open && u->is_ucs2)
		return give_cscs(m, false, now);
	return false;
}

int modem_ussd(struct modem *m, uint64_t id, const char *text, bool is_answer, int64_t limit_ms,
	       struct mono_ms now)
{
	struct ussd *u = &m->ussd;

	m->now = now;
	if (u->phase != USSD_NONE || m->state != ST_READY || (is_answer && !u->is_open))
		return TW_E_STATE;
	if (!text[0] || strlen(text) > USSD_MAX || !tw_utf8_is_valid(text, strlen(text)))
		return TW_E_SYNTAX;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			return TW_E_SYNTAX;
	u->phase = USSD_QUEUED;
	u->id = id;
	u->is_answer = is_answer;
	u->limit_ms = limit_ms > 0 ? limit_ms : LIMIT_MS;
	tw_strset(u->text, sizeof(u->text), text);
	timer_set(m, T_USSD, GIVE_MS, now);
	modem_pump(m, now);
	return 0;
}

void modem_ussd_end(struct modem *m, struct mono_ms now)
{
	m->now = now;
	if (m->state != ST_READY || (m->ussd.phase == USSD_NONE && !m->ussd.is_open))
		return;
	m->ussd.want_end = m->ussd.is_open || m->ussd.phase != USSD_QUEUED;
	end(m, MODEM_USSD_FAILED, "ended");
	modem_pump(m, now);
}
