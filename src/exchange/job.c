/* Jobs on a modem: rows that wait for it, are given to it behind the commit that says so, and keep
 * what came back. Like an attempt, a job is marked before its first byte leaves; so after a crash
 * one that was running has ended nobody knows how, and is not done again. */
#include <stdio.h>

#include "internal.h"

/* What the end of a job means to who asked for it. answer: what came back last, "" nothing. */
static int (*const ended[JOB_PURPOSE_COUNT])(struct exchange *x, const struct store_job *job,
					     const char *answer) = {
	[JOB_FOR_PERSON] = NULL,	/* looks at the row */
	[JOB_FOR_BALANCE] = balance_asked,
	[JOB_FOR_TOP_UP] = balance_topped_up,
	[JOB_FOR_CALL_FORWARD] = call_forward_ended,
};

/* ---- those that are not over --------------------------------------------------------------- */

static struct open_job *find(const struct exchange *x, int64_t id)
{
	for (size_t i = 0; i < x->n_jobs; i++)
		if (x->jobs[i]->row.id == id)
			return x->jobs[i];
	return NULL;
}

static struct open_job *keep(struct exchange *x, const struct store_job *row, int step,
			     const char *text)
{
	struct open_job *j = tw_zalloc(sizeof(*j));

	j->row = *row;
	j->step = step;
	j->text = tw_strdup(text);
	j->until = row->expires_at;
	if (x->n_jobs == x->cap_jobs) {
		x->cap_jobs = x->cap_jobs ? x->cap_jobs * 2 : 16;
		x->jobs = tw_realloc(x->jobs, x->cap_jobs * sizeof(*x->jobs));
	}
	x->jobs[x->n_jobs++] = j;
	return j;
}

static void drop(struct open_job *j)
{
	free(j->text);
	free(j);
}

static void forget(struct exchange *x, struct open_job *j)
{
	size_t i = 0;

	while (x->jobs[i] != j)
		i++;
	x->n_jobs--;
	memmove(x->jobs + i, x->jobs + i + 1, (x->n_jobs - i) * sizeof(*x->jobs));
	free(tw_map_del(&x->secrets, &j->row.id, sizeof(j->row.id)));
	drop(j);
}

static struct station *station_with(const struct exchange *x, int64_t job)
{
	for (uint32_t i = 0; i < x->n_stations; i++)
		if (x->stations[i] && x->stations[i]->job == job)
			return x->stations[i];
	return NULL;
}

static bool is_in_the_world(const struct exchange *x, int64_t id)
{
	if (station_with(x, id))
		return true;
	for (size_t i = 0; i < x->n_redo; i++)
		if ((x->redo[i].type == MODEM_EV_COMMAND || x->redo[i].type == MODEM_EV_USSD) &&
		    (int64_t)x->redo[i].id == id)
			return true;
	return false;
}

/* A reload may take a modem away with all that it had. */
static bool has_gone(const struct exchange *x, const struct open_job *j)
{
	const struct station *st = station_with(x, j->row.id);
	struct bank_modem m;

	return st ? !bank_modem(x->bank, st->modem, &m) : !is_in_the_world(x, j->row.id);
}

/* ---- to the modem -------------------------------------------------------------------------- */

/* It could not be given after all: an end like any other, told in the next turn. */
static void not_given(struct exchange *x, const struct open_job *j)
{
	bool is_ussd = j->row.kind == JOB_USSD;

	redo_keep(x, &(struct redo){
		.modem = j->modem, .type = is_ussd ? MODEM_EV_USSD : MODEM_EV_COMMAND,
		.number = is_ussd ? MODEM_USSD_FAILED : AT_ABORTED, .id = (uint64_t)j->row.id,
		.text = tw_strdup("the modem is not ready for it") });
}

static void on_committed(void *ctx, bool ok, uint64_t id, uint64_t unused)
{
	struct exchange *x = ctx;
	struct open_job *j = find(x, (int64_t)id);
	struct station *st = station_with(x, (int64_t)id);
	int r;

	(void)unused;
	if (st)
		st->job_in = 0;
	if (!ok || !j || !st) {
		if (st)
			st->job = 0;
		return;
	}
	if (j->row.kind == JOB_USSD)
		r = bank_ussd(x->bank, st->modem, id, j->text, j->step > 1,
			      j->row.limit_ms, x->now);
	else
		r = bank_command(x->bank, st->modem, id, j->text, j->row.limit_ms, x->now);
	if (r < 0)
		not_given(x, j);
}

/* The step is on disk as running before it leaves. */
static int give(struct exchange *x, struct open_job *j, struct station *st)
{
	int64_t limit = j->row.limit_ms ? j->row.limit_ms : X_JOB_WAIT_MS * 2;

	j->row.state = JOB_RUNNING;
	if (!j->row.started_at.ms)
		j->row.started_at = x->now.wall;
	j->modem = st->modem;
	j->until = wall_after(x->now.wall, limit + X_JOB_SPARE_MS);
	st->job = j->row.id;
	st->job_in = x->event_no;
	store_on_commit(x->store, on_committed, x, (uint64_t)j->row.id, 0);
	return store_job_save(x->store, &j->row);
}

void jobs_take_back(struct exchange *x)
{
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !st->job_in || st->job_in != x->event_no)
			continue;
		st->job = 0;
		st->job_in = 0;
	}
}

/* The modem that may take it now; NULL: not yet. */
static struct station *taker(struct exchange *x, const struct open_job *j)
{
	struct station *st = j->row.sim ? station_by_sim(x, j->row.sim) : NULL;
	struct bank_modem m;

	if (j->row.sim ? !st || !bank_modem(x->bank, st->modem, &m)
		       : !bank_find(x->bank, j->row.modem, &m))
		return NULL;
	if (j->row.kind == JOB_USSD ? m.state != MODEM_READY && m.state != MODEM_PAUSED
				    : m.state == MODEM_ABSENT)
		return NULL;
	st = st ? st : station_of(x, m.handle);
	/* A text goes between two jobs, so that many of them hold up none. */
	return st->job || (st->had_job && st->flying) ? NULL : st;
}

/* ---- the end ------------------------------------------------------------------------------- */

static void tell(struct exchange *x, const struct open_job *j)
{
	char event[24], name[24];

	snprintf(event, sizeof(event), "job.%s", job_state_name((enum job_state)j->row.state));
	snprintf(name, sizeof(name), "%lld", (long long)j->row.id);
	watch_now(x, event, name);
}

/* Takes the job out of memory. */
static int finish(struct exchange *x, struct open_job *j, enum job_state state, const char *error,
		  const char *answer)
{
	struct station *st = station_with(x, j->row.id);
	struct store_job row;
	int r;

	if (st)
		st->job = 0;
	j->row.state = state;
	j->row.finished_at = x->now.wall;
	tw_strset(j->row.error, sizeof(j->row.error), error);
	tell(x, j);
	row = j->row;
	r = store_job_save(x->store, &row);
	forget(x, j);
	if (r == 0 && row.purpose > 0 && row.purpose < JOB_PURPOSE_COUNT && ended[row.purpose])
		r = ended[row.purpose](x, &row, answer);
	return r;
}

/* As rows may hold it. False: it is what it was. */
static bool mask(enum job_kind kind, const char *text, char *out, size_t cap)
{
	return kind == JOB_COMMAND ? command_mask(text, out, cap)
	       : command_mask_code(text, out, cap);
}

static int write_answer(struct exchange *x, const struct open_job *j, const char *got, int code)
{
	bool hidden = j->row.purpose == JOB_FOR_TOP_UP;
	enum job_kind kind = (enum job_kind)j->row.kind;
	char sent[COMMAND_MASKED_MAX], heard[COMMAND_MASKED_MAX];

	if (hidden || kind == JOB_COMMAND)
		mask(kind, j->text, sent, sizeof(sent));
	if (hidden && kind == JOB_USSD && got)
		mask(kind, got, heard, sizeof(heard));
	return store_step_put(x->store, j->row.id, j->step,
			      hidden || kind == JOB_COMMAND ? sent : j->text,
			      hidden && kind == JOB_USSD && got ? heard : got, code, x->now.wall);
}

/* The answer's lines with the result behind them, as the modem said it. */
static int command_ended(struct exchange *x, struct open_job *j, const struct redo *r)
{
	static const char *const results[] = {
		[AT_OK] = "OK", [AT_ERROR] = "ERROR", [AT_CME] = "", [AT_CMS] = "",
		[AT_NO_CARRIER] = "NO CARRIER", [AT_BUSY] = "BUSY", [AT_NO_ANSWER] = "NO ANSWER",
		[AT_NO_DIALTONE] = "NO DIALTONE", [AT_CONNECT] = "CONNECT",
	};
	size_t known = r->number >= 0 && r->number < (int64_t)TW_COUNT(results);
	struct tw_buf got = { 0 };
	const char *error = "";
	int code;

	tw_buf_adds(&got, r->text);
	if (known && results[r->number][0])
		tw_buf_addf(&got, "%s%s", got.n ? "\n" : "", results[r->number]);
	if (r->number == AT_TIMEOUT)
		error = "no answer in time";
	else if (r->number == AT_ABORTED)
		error = r->text[0] ? r->text : "the modem has gone";
	else if (r->number == AT_ABANDONED || r->number == AT_NO_PROMPT)
		error = "it wants a text behind it, which cannot be given here";
	else if (r->number != AT_OK)
		error = known && results[r->number][0] ? results[r->number] :
			strrchr(r->text, '\n') ? strrchr(r->text, '\n') + 1 : r->text;
	code = write_answer(x, j, r->number == AT_ABORTED ? "" : tw_buf_str(&got), (int)r->number);
	if (code == 0)
		code = finish(x, j, error[0] ? JOB_FAILED : JOB_DONE, error, tw_buf_str(&got));
	tw_buf_done(&got);
	return code;
}

/* The next answer that was given in advance; TW_E_UNKNOWN: none. */
static int next_step(struct exchange *x, struct open_job *j)
{
	struct store_step step;
	int r = store_step_next(x->store, j->row.id, j->step, &step);

	if (r < 0)
		return r;
	j->step = step.n;
	free(j->text);
	j->text = tw_steal(step.sent);
	store_step_done(&step);
	return 0;
}

static int menu_came(struct exchange *x, struct open_job *j, struct station *st, const char *text)
{
	int r = next_step(x, j);

	if (r == 0)
		return give(x, j, st);
	if (r != TW_E_UNKNOWN)
		return r;
	if (!j->row.dialogue) {
		bank_ussd_end(x->bank, st->modem, x->now);
		return finish(x, j, JOB_DONE, "", text);
	}
	j->row.state = JOB_ASKING;
	j->until = wall_after(x->now.wall, X_JOB_ASK_MS);
	st->job = j->row.id;	/* its dialogue stays open */
	tell(x, j);
	return store_job_save(x->store, &j->row);
}

static int ussd_ended(struct exchange *x, struct open_job *j, struct station *st,
		      const struct redo *r)
{
	static const char *const errors[] = {
		[MODEM_USSD_ENDED] = "the network ended the dialogue",
		[MODEM_USSD_TAKEN] = "another program on the modem has answered",
		[MODEM_USSD_UNSUPPORTED] = "the network does not know this code",
		[MODEM_USSD_TIMEOUT] = "the network waited for too long",
	};
	bool failed = r->number < 0;
	int code = write_answer(x, j, r->text[0] && !failed ? r->text : NULL, (int)r->number);

	if (code < 0)
		return code;
	if (failed)
		return finish(x, j, JOB_FAILED, r->text, "");
	if (r->number == MODEM_USSD_ASKS)
		return menu_came(x, j, st, r->text);
	/* What the network says with the end is an answer; an end without a word is none. */
	if (r->number == MODEM_USSD_OVER || r->number >= (int64_t)TW_COUNT(errors) || r->text[0])
		return finish(x, j, JOB_DONE, "", r->text);
	return finish(x, j, JOB_FAILED, errors[r->number], "");
}

int job_event(struct exchange *x, struct station *st, const struct redo *r)
{
	struct open_job *j = find(x, (int64_t)r->id);

	if (st->job == (int64_t)r->id)
		st->job = 0;
	if (!r->id && r->type == MODEM_EV_USSD && r->text) {	/* the network began by itself */
		watch_now(x, "ussd.received", st->name);
		return store_event_add(x->store, "ussd", st->name, r->text, 0, x->now.wall);
	}
	if (!r->id || !j || j->row.state != JOB_RUNNING)
		return 0;
	st->had_job = true;
	return r->type == MODEM_EV_USSD ? ussd_ended(x, j, st, r) : command_ended(x, j, r);
}

/* ---- in each turn -------------------------------------------------------------------------- */

static int run(struct exchange *x, struct open_job *j)
{
	bool is_due = j->until.ms <= x->now.wall.ms;
	struct station *st;

	if (j->is_lost)
		return finish(x, j, JOB_FAILED, "interrupted", "");
	if (j->row.state != JOB_WAITING && has_gone(x, j))
		return finish(x, j, JOB_FAILED, "the modem has gone", "");
	switch ((enum job_state)j->row.state) {
	case JOB_WAITING:
		st = taker(x, j);
		if (st)
			return give(x, j, st);
		return is_due ? finish(x, j, JOB_FAILED, "the modem was not ready in time", "") : 0;
	case JOB_RUNNING:
		return is_due ? finish(x, j, JOB_FAILED, "no answer in time", "") : 0;
	case JOB_ASKING:
		if (!is_due)
			return 0;
		bank_ussd_end(x->bank, j->modem, x->now);
		return finish(x, j, JOB_DONE, "", "");
	case JOB_DONE:
	case JOB_FAILED:
	case JOB_STATE_COUNT:
		break;
	}
	return 0;
}

void jobs_run(struct exchange *x)
{
	for (size_t i = 0; i < x->n_jobs && !store_is_void(x->store);) {
		int64_t id = x->jobs[i]->row.id;

		event_begin(x);
		if (event_end(x, run(x, x->jobs[i]), "job") < 0)
			return;		/* memory was read again */
		i += i < x->n_jobs && x->jobs[i]->row.id == id;
	}
}

struct wall_ms jobs_deadline(const struct exchange *x)
{
	struct wall_ms next = X_NEVER;

	for (size_t i = 0; i < x->n_jobs; i++)
		if (x->jobs[i]->until.ms < next.ms)
			next = x->jobs[i]->until;
	return next;
}

/* ---- beginning ----------------------------------------------------------------------------- */

static int write_steps(struct exchange *x, int64_t id, const struct job_order *o)
{
	char masked[COMMAND_MASKED_MAX];
	int r;

	mask(o->kind, o->text, masked, sizeof(masked));
	r = store_step_put(x->store, id, 1, o->kind == JOB_COMMAND || o->purpose == JOB_FOR_TOP_UP
			   ? masked : o->text, NULL, 0, (struct wall_ms){ 0 });
	for (size_t i = 0; i < o->n_answers && r == 0; i++)
		r = store_step_put(x->store, id, (int)i + 2, o->answers[i], NULL, 0,
				   (struct wall_ms){ 0 });
	return r;
}

int job_start(struct exchange *x, const struct job_order *o, int64_t *ret_id)
{
	int64_t wait = o->wait_ms ? o->wait_ms : X_JOB_WAIT_MS;
	struct store_job row = {
		.kind = o->kind, .state = JOB_WAITING, .purpose = o->purpose, .ref = o->ref,
		.sim = o->sim, .dialogue = o->dialogue, .limit_ms = o->limit_ms,
		.created_at = x->now.wall, .expires_at = wall_after(x->now.wall, wait) };
	char masked[COMMAND_MASKED_MAX];
	int r;

	tw_strset(row.modem, sizeof(row.modem), o->modem);
	tw_strset(row.who, sizeof(row.who), o->who);
	r = store_job_insert(x->store, &row, x->now.wall);
	if (r == 0)
		r = write_steps(x, row.id, o);
	if (r < 0)
		return r;
	keep(x, &row, 1, o->text);
	/* One of the same number may have been undone. */
	free(tw_map_del(&x->secrets, &row.id, sizeof(row.id)));
	if ((o->kind == JOB_COMMAND || o->purpose == JOB_FOR_TOP_UP) &&
	    mask(o->kind, o->text, masked, sizeof(masked)))
		tw_map_put(&x->secrets, &row.id, sizeof(row.id), tw_strdup(o->text));
	*ret_id = row.id;
	return 0;
}

int job_go_on(struct exchange *x, int64_t id, const char *text)
{
	struct open_job *j = find(x, id);
	struct station *st = j ? station_with(x, id) : NULL;
	int r;

	if (!j || j->row.state != JOB_ASKING || !st)
		return TW_E_STATE;
	r = store_step_put(x->store, id, j->step + 1, text, NULL, 0, (struct wall_ms){ 0 });
	if (r < 0)
		return r;
	j->step++;
	free(j->text);
	j->text = tw_strdup(text);
	return give(x, j, st);
}

int job_cancel(struct exchange *x, int64_t id)
{
	struct open_job *j = find(x, id);

	if (!j)
		return TW_E_STATE;
	switch ((enum job_state)j->row.state) {
	case JOB_WAITING:
		return finish(x, j, JOB_FAILED, "canceled", "");
	case JOB_ASKING:
		bank_ussd_end(x->bank, j->modem, x->now);
		return finish(x, j, JOB_DONE, "", "");
	case JOB_RUNNING:
		bank_ussd_end(x->bank, j->modem, x->now);
		return finish(x, j, JOB_FAILED, "canceled", "");
	case JOB_DONE:
	case JOB_FAILED:
	case JOB_STATE_COUNT:
		break;
	}
	return TW_E_STATE;
}

bool jobs_have(const struct exchange *x, enum job_purpose purpose, int64_t sim)
{
	for (size_t i = 0; i < x->n_jobs; i++)
		if (x->jobs[i]->row.purpose == (int)purpose && x->jobs[i]->row.sim == sim)
			return true;
	return false;
}

size_t jobs_waiting(const struct exchange *x, const char *modem)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_jobs; i++)
		n += strcmp(x->jobs[i]->row.modem, modem) == 0;
	return n;
}

/* ---- memory -------------------------------------------------------------------------------- */

void jobs_drop(struct exchange *x)
{
	for (size_t i = 0; i < x->n_jobs; i++)
		drop(x->jobs[i]);
	x->n_jobs = 0;
}

/* The step that is under way: the first without an answer, else the last. */
static int load_step(struct exchange *x, const struct store_job *row, struct store_step *ret)
{
	struct store_step step;
	int r;

	*ret = (struct store_step){ 0 };
	while ((r = store_step_next(x->store, row->id, ret->n, &step)) == 0) {
		store_step_done(ret);
		*ret = step;
		if (!step.at.ms)
			return 0;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int load_one(struct exchange *x, const struct store_job *row)
{
	const char *secret = tw_map_get(&x->secrets, &row->id, sizeof(row->id));
	struct station *st = station_with(x, row->id);
	char masked[COMMAND_MASKED_MAX];
	struct store_step step;
	int r = load_step(x, row, &step);
	struct open_job *j;

	if (r < 0)
		return r;
	j = keep(x, row, step.n ? step.n : 1, secret ? secret : step.sent ? step.sent : "");
	if (row->state == JOB_WAITING) {
		/* The PIN or the code in it is gone with the process that was told it. */
		j->is_lost = !secret && (row->purpose == JOB_FOR_TOP_UP ||
					 (row->kind == JOB_COMMAND &&
					  command_mask(j->text, masked, sizeof(masked))));
		if (st)
			st->job = 0;
	} else {
		j->is_lost = !is_in_the_world(x, row->id);
		j->until = wall_after(x->now.wall, row->state == JOB_ASKING ? X_JOB_ASK_MS :
				      (row->limit_ms ? row->limit_ms : X_JOB_WAIT_MS * 2) +
				      X_JOB_SPARE_MS);
		if (st)
			j->modem = st->modem;
	}
	store_step_done(&step);
	return 0;
}

int jobs_load(struct exchange *x)
{
	struct store_job row = { 0 };
	int r;

	while ((r = store_job_open_next(x->store, row.id, &row)) == 0) {
		r = load_one(x, &row);
		if (r < 0)
			return r;
	}
	for (uint32_t i = 0; i < x->n_stations; i++)
		if (x->stations[i] && x->stations[i]->job && !find(x, x->stations[i]->job))
			x->stations[i]->job = 0;
	return r == TW_E_UNKNOWN ? 0 : r;
}

const char *jobs_check(struct exchange *x)
{
	struct store_job row = { 0 };
	size_t n = 0;

	while (store_job_open_next(x->store, row.id, &row) == 0) {
		struct open_job *j = find(x, row.id);

		n++;
		if (!j || j->row.state != row.state)
			return "a job is open, memory says otherwise";
		if (row.state == JOB_WAITING && station_with(x, row.id))
			return "a modem has a job that waits";
	}
	if (n != x->n_jobs)
		return "memory knows of jobs that are over";
	return NULL;
}
