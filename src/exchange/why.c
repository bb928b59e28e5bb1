/* Why a message is where it is (`twoway why`): read from its row and its attempts, and judged anew
 * where it still waits. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

void why_done(struct why *w)
{
	for (size_t i = 0; i < w->n_states; i++)
		free(w->states[i].note);
	for (size_t i = 0; i < w->n_sims; i++) {
		free(w->sims[i].sim);
		free(w->sims[i].number);
		free(w->sims[i].modem);
	}
	for (size_t i = 0; i < w->n_attempts; i++) {
		struct why_attempt *a = &w->attempts[i];
		struct why rest = { .sims = a->sims, .n_sims = a->n_sims };

		why_done(&rest);
		free(a->sim);
		free(a->line);
		free(a->modem);
		free(a->cause);
		free(a->lines);
	}
	free(w->states);
	free(w->sims);
	free(w->attempts);
	message_done(&w->message);
	*w = (struct why){ 0 };
}

const char *why_outcome_name(int outcome)
{
	switch ((enum store_outcome)outcome) {
	case STORE_FLYING: return "flying";
	case STORE_SENT: return "sent";
	case STORE_NOT_SENT: return "not_sent";
	case STORE_DOUBT: return "doubt";
	case STORE_NEVER: return "never";
	}
	return "unknown";
}

static char *text_or_null(const char *s)
{
	return s && s[0] ? tw_strdup(s) : NULL;
}

static void add_state(struct why *w, enum message_state state, struct wall_ms at, const char *note)
{
	w->states = tw_realloc(w->states, (w->n_states + 1) * sizeof(*w->states));
	w->states[w->n_states++] = (struct why_state){ state, at, text_or_null(note) };
}

static void add_sim(struct why_sim **v, size_t *n, const struct store_sim *sim, const char *modem,
		    struct pick_verdict verdict)
{
	*v = tw_realloc(*v, (*n + 1) * sizeof(**v));
	(*v)[(*n)++] = (struct why_sim){ tw_strdup(sim->iccid), text_or_null(sim->number),
					 text_or_null(modem), verdict.reason, verdict.until };
}

/* ---- what has happened --------------------------------------------------------------------- */

static enum pick_reason reason_of(const char *name, size_t n)
{
	for (int r = 0; r < PICK_REASON_COUNT; r++) {
		const char *known = pick_reason_name((enum pick_reason)r);

		if (strlen(known) == n && memcmp(known, name, n) == 0)
			return (enum pick_reason)r;
	}
	return PICK_REASON_COUNT;
}

/* "12=busy 13=per_day": rows of SIMs and what was said of them then. */
static int read_looked_at(struct exchange *x, const char *text, struct why_attempt *a)
{
	struct store_sim sim;
	char *end;

	for (const char *p = text; p && *p; p += strspn(p, " ")) {
		int64_t id = strtoll(p, &end, 10);
		size_t n = strcspn(end, " ");

		if (*end != '=')
			return 0;
		int r = store_sim_get(x->store, id, &sim);

		if (r < 0 && r != TW_E_UNKNOWN)
			return r;
		if (r == 0)
			add_sim(&a->sims, &a->n_sims, &sim, sim.modem,
				(struct pick_verdict){ .reason = reason_of(end + 1, n - 1) });
		p = end + n;
	}
	return 0;
}

/* Of the lines of a send that went out, those of the send: from its command up to the next one.
 * NULL: the modem has said so much since that they are gone. */
static char *lines_of_send(const char *lines)
{
	static const char command[] = "> AT+CMGS=";
	const char *begin = NULL, *end;

	for (const char *p = lines; p; p = strchr(p, '\n'), p += p != NULL)
		if (strncmp(p, command, strlen(command)) == 0)
			begin = p;
	end = begin ? strstr(begin, "\n> AT") : NULL;
	return !begin ? NULL : end ? tw_strndup(begin, (size_t)(end + 1 - begin))
	       : tw_strdup(begin);
}

static int add_attempt(struct exchange *x, struct why *w, const struct store_attempt *row)
{
	char *looked_at = NULL, *trace = NULL;
	struct store_sim sim = { 0 };
	int r = store_sim_get(x->store, row->sim, &sim);

	if (r == 0 || r == TW_E_UNKNOWN)
		r = store_attempt_told(x->store, row->id, &looked_at, &trace);
	if (r < 0)
		return r;
	w->attempts = tw_realloc(w->attempts, (w->n_attempts + 1) * sizeof(*w->attempts));
	struct why_attempt *a = &w->attempts[w->n_attempts++];

	*a = (struct why_attempt){
		.number = (int)(row->id & 0xffff), .segment = row->segment,
		.sim = text_or_null(sim.iccid), .line = text_or_null(sim.number),
		.modem = text_or_null(row->modem), .cause = text_or_null(row->cause),
		.rule = (enum pick_rule)row->rule, .outcome = row->outcome,
		.in_doubt = row->in_doubt,
		.report = row->report, .started_at = row->started_at, .ended_at = row->ended_at,
		.report_at = row->report_at, .lines = trace };
	if (!trace) {
		tw_auto(tw_free_charp) char *live = station_trace(x, row->sim, row->id);

		a->lines = live && row->outcome == STORE_SENT ? lines_of_send(live)
			: tw_steal(live);
		a->is_live = a->lines != NULL;
	}
	r = read_looked_at(x, looked_at, a);
	free(looked_at);
	return r;
}

static int read_attempts(struct exchange *x, const struct store_message *m, struct why *w)
{
	struct store_attempt a, last = { .outcome = STORE_SENT };
	char note[128];
	int r, back;

	for (int64_t after = 0; (r = store_attempt_next(x->store, m->id, after, &a)) == 0;
	     after = a.id) {
		back = last.outcome == STORE_NOT_SENT || last.outcome == STORE_DOUBT;
		if (back && a.segment == 1)
			add_state(w, MESSAGE_QUEUED, last.ended_at, last.cause);
		if (a.segment == 1 || back) {
			snprintf(note, sizeof(note), "%s, %s", a.modem,
				 pick_rule_text((enum pick_rule)a.rule));
			add_state(w, MESSAGE_SENDING, a.started_at, note);
		}
		r = add_attempt(x, w, &a);
		if (r < 0)
			return r;
		last = a;
	}
	if (m->state == MESSAGE_QUEUED && last.id)
		add_state(w, MESSAGE_QUEUED, last.ended_at, last.cause);
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int read_past(struct exchange *x, const struct store_message *m, struct why *w)
{
	enum message_state state = (enum message_state)m->state;
	int r;

	if (m->direction == INBOUND) {
		add_state(w, MESSAGE_RECEIVED, m->created_at, m->keyword);
		return 0;
	}
	add_state(w, m->flags & STORE_TIMED ? MESSAGE_SCHEDULED : MESSAGE_QUEUED, m->created_at,
		  lane_name((enum lane)m->lane));
	size_t queued_at = w->n_states;

	if (m->flags & STORE_TIMED && state != MESSAGE_SCHEDULED)
		add_state(w, MESSAGE_QUEUED, m->due_at, NULL);
	r = read_attempts(x, m, w);
	/* A retry has moved the time at which it was due first. */
	if (w->n_attempts && w->n_states > queued_at && w->states[queued_at].state ==
	    MESSAGE_QUEUED && w->states[queued_at].at.ms > w->attempts[0].started_at.ms)
		w->states[queued_at].at = w->attempts[0].started_at;
	if (m->sent_at.ms)
		add_state(w, MESSAGE_SENT, m->sent_at, NULL);
	if (m->finished_at.ms && state != MESSAGE_SENT)
		add_state(w, state, m->finished_at, m->error_cause);
	return r;
}

/* ---- what it waits for --------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3)))
static void say(struct why *w, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(w->text, sizeof(w->text), format, ap);
	va_end(ap);
}

/* A SIM that is in no modem now, as a station without one. */
static int away_of(struct exchange *x, const struct store_sim *sim, struct station *ret)
{
	const struct settings_sim *entry = sim_settings(x, sim->iccid, sim->number);

	*ret = (struct station){ .sim = *sim, .health = 100, .entry = entry };
	return entry && entry->account[0] ? account_id(x, entry->account, &ret->account) : 0;
}

static int judge_all(struct exchange *x, const struct store_message *m, const char *to,
		     struct why *w)
{
	struct route *route = route_get(x, m->route);
	struct store_sim sim;
	struct station away;
	int64_t after = 0;
	int r;

	if (!route)
		return TW_E_DB;
	choose_begin(x);
	while ((r = store_sims(x->store, after, &sim)) == 0) {
		struct station *st = station_by_sim(x, sim.id);

		after = sim.id;
		r = st ? 0 : away_of(x, &sim, &away);
		if (r < 0)
			return r;
		add_sim(&w->sims, &w->n_sims, &sim, st ? st->name : NULL,
			choose_now(x, st ? st : &away, route, m, to));
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* Of all that SIMs say, what a person wants to hear: the way that opens first, or else the one that
 * is least shut. */
static void sum_up(struct exchange *x, const struct store_message *m, struct why *w)
{
	const struct why_sim *best = NULL;

	for (size_t i = 0; i < w->n_sims; i++) {
		const struct why_sim *s = &w->sims[i];
		bool is_open = s->reason == PICK_MAY || s->until.ms;

		if (is_open && (!w->next_at.ms || s->until.ms < w->next_at.ms)) {
			w->next_at = s->until.ms > x->now.wall.ms ? s->until : x->now.wall;
			best = s;
		} else if (!best || (!w->next_at.ms && s->reason > best->reason)) {
			best = s;
		}
	}
	if (!best)
		say(w, "it waits for a SIM: none is known yet");
	else if (best->reason == PICK_MAY)
		say(w, "%s may take it now", best->number ? best->number : best->sim);
	else
		say(w, "%s: %s", best->number ? best->number : best->sim,
		    pick_reason_text(best->reason));
	if (m->valid_until.ms && w->next_at.ms > m->valid_until.ms)
		w->next_at.ms = 0;	/* too late for it */
	if (!w->next_at.ms && m->valid_until.ms)
		tw_strset(w->text + strlen(w->text), sizeof(w->text) - strlen(w->text),
			  "; it ends when it is worth sending no more");
}

static void tell_sending(struct exchange *x, const struct store_message *m, struct why *w)
{
	const struct sending *s = sending_get(x, m->id);

	if (!s)
		return;
	switch (s->step) {
	case STEP_FLYING:
		say(w, "segment %d of %d is on the modem %s", s->segment, m->segments, s->a.modem);
		break;
	case STEP_DOUBT:
		w->next_at = s->until;
		say(w, "in doubt (%s): a delivery report is waited for", s->a.cause);
		break;
	case STEP_READY:
		w->next_at = s->until;
		say(w, "segment %d of %d waits for its SIM", s->segment, m->segments);
		break;
	}
}

static int read_present(struct exchange *x, const struct store_message *m, struct why *w)
{
	enum message_state state = (enum message_state)m->state;
	struct store_contact c;

	if (state == MESSAGE_SENDING)
		tell_sending(x, m, w);
	else if (m->direction == INBOUND)
		say(w, "it was received");
	else if (state != MESSAGE_QUEUED && state != MESSAGE_SCHEDULED)
		say(w, "it is %s%s%s", message_state_name(state), m->error_cause ? ": " : "",
		    m->error_cause ? m->error_cause : "");
	if (m->direction == INBOUND || (state != MESSAGE_QUEUED && state != MESSAGE_SCHEDULED))
		return 0;
	int r = store_contact_get(x->store, m->contact, &c);

	if (r == 0)
		r = judge_all(x, m, c.number, w);
	if (r < 0)
		return r;
	sum_up(x, m, w);
	if (state == MESSAGE_SCHEDULED) {
		w->next_at = m->due_at;
		say(w, "it is scheduled");
	}
	return 0;
}

int exchange_why(struct exchange *x, const char *id, struct tw_now now, struct why *ret)
{
	struct store_message m;
	int64_t row;
	int r = store_id_read(x->store, id, &row);

	*ret = (struct why){ 0 };
	x->now = now;
	if (r == 0)
		r = store_message_get(x->store, row, &m);
	if (r < 0)
		return r;
	r = exchange_message(x, id, &ret->message);
	if (r == 0)
		r = read_past(x, &m, ret);
	if (r == 0)
		r = read_present(x, &m, ret);
	store_message_done(&m);
	if (r < 0)
		why_done(ret);
	return r;
}
