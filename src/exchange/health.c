/* The health of SIMs (design 4, SIM care): each result and each report is weighed (bank/health.c);
 * a SIM that says "sent" and is never reported delivered, or whose sends fail, is asked last, is
 * given one message now and then, and comes back by itself. No row a message: averages are written
 * now and then. */
#include <stdio.h>

#include "internal.h"

/* A probe that is neither on the modem nor waits for its report was undone with its turn. */
static bool is_under_way(const struct station *st)
{
	for (size_t i = 0; i < X_UNREPORTED; i++)
		if (st->unreported[i].attempt && store_attempt_message(st->unreported[i].attempt) ==
						 store_attempt_message(st->probe))
			return true;
	return st->flying && store_attempt_message(st->flying) == store_attempt_message(st->probe);
}

void health_refresh(struct exchange *x, struct station *st)
{
	const struct sim_health *h = &st->care.health;
	enum health_reason why;
	int score = health_score(h, 0, &why);

	if (st->probe && !is_under_way(st))
		st->probe = 0;
	if (!h->is_demoted)
		st->health = score > PICK_SOUND ? score : PICK_SOUND;
	else if (!st->probe && health_may_probe(h, x->now.wall))
		st->health = PICK_SOUND;	/* half open */
	else
		st->health = score < PICK_SOUND ? score : PICK_SOUND - 1;
}

int health_changed(struct exchange *x, struct station *st)
{
	struct sim_health *h = &st->care.health;
	const char *name = st->sim.number[0] ? st->sim.number : st->sim.iccid;
	enum health_reason why;
	char text[200];
	int r, score;

	st->health_dirty = true;
	if (!health_judge(h, x->now.wall)) {
		health_refresh(x, st);
		return 0;
	}
	st->probe = 0;
	health_refresh(x, st);
	x->look++;
	score = health_score(h, 0, &why);
	if (h->is_demoted)
		snprintf(text, sizeof(text),
			 "%s is used last: %s (health %d); a message now and then tries "
			 "it", name, health_reason_text(why), score);
	else
		snprintf(text, sizeof(text), "%s is used as before (health %d)", name, score);
	tw_log(h->is_demoted ? TW_WARN : TW_INFO, h->is_demoted ? "sim.demoted" : "sim.restored",
	       "about=%s why=%s", tw_log_quote(st->name), tw_log_quote(text));
	r = store_event_add(x->store, h->is_demoted ? "sim.demoted" : "sim.restored", st->sim.iccid,
			    text, 0, x->now.wall);
	if (r == 0)
		r = store_care_put(x->store, st->sim.id, &st->care);
	if (r == 0)
		r = h->is_demoted && why == HEALTH_DEAF ? 0 :	/* told when its radio did not
								 * help */
		    h->is_demoted ? alert_raise(x, ALERT_DEMOTED, st->sim.iccid, text)
				  : alert_clear(x, ALERT_DEMOTED, st->sim.iccid);
	if (r == 0)
		watch_now(x, h->is_demoted ? "modem.demoted" : "modem.restored", st->name);
	return r;
}

/* A probe's message is on it; another one only when that one's fate is known. */
void health_launched(struct exchange *x, struct station *st, const struct sending *s)
{
	if (!st->care.health.is_demoted || st->probe ||
	    !health_may_probe(&st->care.health, x->now.wall))
		return;
	st->probe = s->a.id;
	health_refresh(x, st);
}

static void probe_ended(struct exchange *x, struct station *st, int64_t attempt, bool helped)
{
	if (!st->probe || store_attempt_message(st->probe) != store_attempt_message(attempt))
		return;
	st->probe = 0;
	health_probe_ended(&st->care.health, helped, x->now.wall);
	x->look++;
}

/* ---- sends --------------------------------------------------------------------------------- */

/* A sample where there are more than fit. */
static void wait_for_report(struct exchange *x, struct station *st, int64_t attempt)
{
	struct wall_ms at = wall_after(x->now.wall, health_patience(&st->care.health));

	for (size_t i = 0; i < X_UNREPORTED; i++) {
		if (st->unreported[i].attempt && !(attempt == st->probe && i == X_UNREPORTED - 1))
			continue;
		st->unreported[i].attempt = attempt;
		st->unreported[i].at = at;
		if (at.ms < x->health_at.ms)
			x->health_at = at;
		return;
	}
}

int health_sent(struct exchange *x, struct station *st, const struct store_attempt *a)
{
	struct sim_health *h = &st->care.health;

	if (st->sim.id != a->sim)
		return 0;
	health_on_send(h, true);
	if (a->wants_report)
		wait_for_report(x, st, a->id);
	if (!a->wants_report || h->send_doubt >= h->report_doubt)
		probe_ended(x, st, a->id, true);	/* that it leaves was in doubt */
	return health_changed(x, st);
}

/* Whether a failure says something about the SIM, and not about the message or the modem's
 * state. */
static bool is_its_own(const struct store_attempt *a)
{
	if (a->outcome == STORE_DOUBT)
		return true;
	switch ((enum reaction)a->reaction) {
	case REACT_RETRY:
	case REACT_OTHER_SIM:
	case REACT_RESET:
	case REACT_PERSON:
		return true;
	case REACT_NONE:
	case REACT_FAIL:
	case REACT_WAIT:
	case REACT_DRAIN:
	case REACT_PIN:
	case REACT_NO_VALIDITY:
	case REACT_SENT:
	case REACT_DOUBT:
	case REACTION_COUNT:
		break;
	}
	return false;
}

int health_not_sent(struct exchange *x, struct station *st, const struct store_attempt *a)
{
	bool is_own = is_its_own(a);

	if (st->sim.id != a->sim)
		return 0;
	if (is_own)
		health_on_send(&st->care.health, false);
	probe_ended(x, st, a->id, !is_own);
	return health_changed(x, st);
}

/* ---- reports ------------------------------------------------------------------------------- */

int health_reported(struct exchange *x, const struct store_attempt *a, bool arrived)
{
	struct station *st = station_by_sim(x, a->sim);
	bool waited = false;

	if (!st)
		return 0;
	for (size_t i = 0; i < X_UNREPORTED && !waited; i++) {
		waited = st->unreported[i].attempt == a->id;
		if (waited)
			st->unreported[i].attempt = 0;
	}
	if (waited)
		health_on_report(&st->care.health, arrived, x->now.wall.ms - a->started_at.ms);
	else if (arrived)
		health_on_late(&st->care.health);
	probe_ended(x, st, a->id, arrived);
	return health_changed(x, st);
}

static int settle(struct exchange *x, struct station *st, struct wall_ms *ret_next)
{
	bool is_late = false;

	for (size_t i = 0; i < X_UNREPORTED; i++) {
		int64_t attempt = st->unreported[i].attempt;

		if (!attempt)
			continue;
		if (st->unreported[i].at.ms > x->now.wall.ms) {
			if (st->unreported[i].at.ms < ret_next->ms)
				*ret_next = st->unreported[i].at;
			continue;
		}
		st->unreported[i].attempt = 0;
		health_on_report(&st->care.health, false, 0);
		probe_ended(x, st, attempt, false);
		is_late = true;
	}
	return is_late ? health_changed(x, st) : 0;
}

int health_run(struct exchange *x)
{
	struct wall_ms soon = wall_after(x->now.wall, X_HEALTH_MS);
	int r = 0;

	if (x->health_at.ms > x->now.wall.ms)
		return 0;
	x->health_at = X_NEVER;
	for (uint32_t i = 0; i < x->n_stations && r >= 0; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->sim.id)
			continue;
		event_begin(x);
		r = event_end(x, settle(x, st, &x->health_at), "health");
	}
	if (x->health_at.ms < soon.ms)
		x->health_at = soon;	/* many at once rather than one a turn */
	return r;
}

void health_keep(struct exchange *x)
{
	bool is_due = x->now.wall.ms - x->health_kept_at.ms >= X_HEALTH_MS ||
		      x->now.wall.ms < x->health_kept_at.ms;

	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->sim.id || !(st->care_dirty || (st->health_dirty && is_due)))
			continue;
		if (store_care_put(x->store, st->sim.id, &st->care) < 0)
			return;
		st->care_dirty = st->health_dirty = false;
	}
	if (is_due)
		x->health_kept_at = x->now.wall;
}
