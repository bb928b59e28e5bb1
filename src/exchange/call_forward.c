/* Calls of a dedicated number ring elsewhere for a time (contract 2): a job on its modem sets it,
 * and the agenda takes it back, also after a crash. The row is there before the modem is asked, and
 * goes when the network has said that nothing is forwarded any more; what nobody knows the end of
 * is taken back. */
#include <stdio.h>

#include "talk.h"

enum {
	SET_LIMIT_MS = 180 * 1000,	/* the network answers, not the modem */
	AGAIN_FIRST_MS = 60 * 1000, AGAIN_LAST_MS = 15 * 60 * 1000
};

/* ---- setting it ---------------------------------------------------------------------------- */

/* Why it may not be, or NULL; *ret: whose calls, and where to. */
static const char *refusal(struct exchange *x, const struct talk *t, const struct flow_intent *i,
			   struct station **ret, struct number *ret_to)
{
	struct station *st = station_by_line(x, t->line);

	*ret = st;
	if (!st || !st->sim.id || !station_is_present(x, st))
		return "the number that was texted is in no modem";
	if (st->account != t->c.account)
		return "the number is not dedicated to this account";
	if (number_read(i->away->to, bank_country(x->bank, st->modem), ret_to) != NUMBER_OK ||
	    ret_to->kind != NUMBER_E164)
		return "`to` is no telephone number";
	return strcmp(ret_to->text, st->sim.number) == 0 ? "`to` is the number itself" : NULL;
}

static int refuse(struct exchange *x, struct talk *t, const char *why)
{
	t->away_at_once = true;
	return talk_refuse(x, t, "call_forward.refused", why);
}

static int start(struct exchange *x, const struct station *st, const char *to, int64_t wait,
		 struct store_call_forward *f)
{
	char command[TW_ADDRESS_MAX + 32];
	int64_t job;
	int r = store_call_forward_put(x->store, f);

	/* Unconditional, registered, international number, voice (27.007 7.11). */
	snprintf(command, sizeof(command), "AT+CCFC=0,3,\"%s\",145,1", to);
	return r < 0 ? r : job_start(x, &(struct job_order){
		.kind = JOB_COMMAND, .purpose = JOB_FOR_CALL_FORWARD, .ref = f->id, .sim = f->sim,
		.modem = st->name, .text = command, .who = "flow", .limit_ms = SET_LIMIT_MS,
		.wait_ms = wait }, &job);
}

int call_forward_leave(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	struct store_call_forward f = { .state = STORE_FORWARD_SETTING, .due_at = X_NEVER };
	struct station *st;
	struct number to;
	const char *why = x->is_play ? NULL : refusal(x, t, i, &st, &to);

	t->away = 0;
	t->away_at_once = false;
	if (x->is_play) {		/* there is no network: it goes well */
		t->away = TALK_ANSWERED;
		t->away_at_once = true;
		return 0;
	}
	if (why)
		return refuse(x, t, why);
	int r = store_call_forward_of(x->store, st->sim.id, &f);

	if (r == 0)
		return refuse(x, t, "calls of this number are forwarded already, one at a time");
	if (r != TW_E_UNKNOWN)
		return r;
	f.sim = st->sim.id;
	f.until = wall_after(x->now.wall, i->away->span);
	r = start(x, st, to.text, i->away->timeout, &f);
	t->away = -f.id;		/* no call of hook.h has a number below 0 */
	return r;
}

/* ---- jobs that are over -------------------------------------------------------------------- */

/* Where calls went to need not be kept any longer. *ret_said: what the modem said, -1 nothing. */
static int hide_number(struct exchange *x, const struct store_job *job, int *ret_said)
{
	struct store_step step;
	int r = store_step_next(x->store, job->id, 0, &step);

	*ret_said = -1;
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	if (step.at.ms)
		*ret_said = step.code;
	r = store_step_put(x->store, job->id, step.n, "AT+CCFC=0,3", step.got, step.code, step.at);
	store_step_done(&step);
	return r;
}

static void look_at(struct exchange *x, struct wall_ms at)
{
	if (at.ms < x->forward_at.ms)
		x->forward_at = at;
}

static int keep(struct exchange *x, struct store_call_forward *f, int state, struct wall_ms due)
{
	f->state = state;
	f->due_at = due;
	look_at(x, due);
	return store_call_forward_put(x->store, f);
}

/* Taken back when its time is over; at once where nobody waits for it any more, or nobody knows. */
static int set_ended(struct exchange *x, struct store_call_forward *f, const struct store_job *job)
{
	char why[STORE_JOB_ERROR_MAX];
	int said, r = hide_number(x, job, &said);
	bool is_refused = said == AT_ERROR || said == AT_CME || said == AT_CMS ||
		!job->started_at.ms;
	bool is_set = job->state == JOB_DONE;

	tw_strset(why, sizeof(why), is_set ? "" : job->error[0] ? job->error : "the modem refused");
	if (r == 0 && !is_set && is_refused)
		r = store_call_forward_del(x->store, f->id);
	else if (r == 0)
		r = keep(x, f, is_set ? STORE_FORWARD_ON : STORE_FORWARD_UNDO, is_set ? f->until
			 : x->now.wall);
	if (r < 0)
		return r;
	r = away_answered(x, -f->id, why);
	if (r == TW_E_UNKNOWN)
		r = is_set ? keep(x, f, STORE_FORWARD_UNDO, x->now.wall) : 0;
	return r;
}

static int undo_ended(struct exchange *x, struct store_call_forward *f, const struct store_job *job)
{
	int64_t pause = AGAIN_FIRST_MS << (f->tries < 4 ? f->tries : 4);

	if (job->state == JOB_DONE)
		return store_call_forward_del(x->store, f->id);
	f->tries++;
	int r = keep(x, f, STORE_FORWARD_UNDO,
		     wall_after(x->now.wall, pause < AGAIN_LAST_MS ? pause : AGAIN_LAST_MS));

	if (r == 0 && f->tries == 1)
		r = store_event_add(x->store, "call_forward.stays", job->modem, job->error, 0,
				    x->now.wall);
	return r;
}

int call_forward_ended(struct exchange *x, const struct store_job *job, const char *answer)
{
	struct store_call_forward f;
	int r = store_call_forward_get(x->store, job->ref, &f);

	(void)answer;
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	return f.state == STORE_FORWARD_SETTING ? set_ended(x, &f, job) : undo_ended(x, &f, job);
}

/* ---- the agenda ---------------------------------------------------------------------------- */

static int undo(struct exchange *x, struct store_call_forward *f)
{
	struct station *st = station_by_sim(x, f->sim);
	int64_t job;

	if (!st || !station_is_present(x, st))		/* it is asked when it is back */
		return keep(x, f, STORE_FORWARD_UNDO, wall_after(x->now.wall, AGAIN_FIRST_MS));
	int r = keep(x, f, STORE_FORWARD_UNDOING, X_NEVER);

	return r < 0 ? r : job_start(x, &(struct job_order){
		.kind = JOB_COMMAND, .purpose = JOB_FOR_CALL_FORWARD, .ref = f->id, .sim = f->sim,
		.modem = st->name, .text = "AT+CCFC=0,4", .who = "flow", .limit_ms = SET_LIMIT_MS },
		&job);
}

int call_forward_run(struct exchange *x)
{
	struct store_call_forward f = { .id = 0 };
	int r = 0;

	if (x->forward_at.ms > x->now.wall.ms)
		return 0;
	x->forward_at = X_NEVER;
	while (r == 0 && (r = store_call_forward_next(x->store, f.id, &f)) == 0) {
		if (f.state != STORE_FORWARD_ON && f.state != STORE_FORWARD_UNDO)
			continue;	/* a job is under way */
		if (f.due_at.ms > x->now.wall.ms) {
			look_at(x, f.due_at);
			continue;
		}
		event_begin(x);
		r = event_end(x, undo(x, &f), "call_forward");
	}
	if (r == TW_E_UNKNOWN)
		return 0;
	x->forward_at = wall_after(x->now.wall, AGAIN_FIRST_MS);
	return r;
}
