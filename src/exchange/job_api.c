/* Jobs as people and programs ask for them, and the log of who did. */
#include <ctype.h>
#include <stdio.h>

#include "internal.h"

/* As those of http: Twilio's where it has one. */
enum { CODE_PARAMETER = 20001, CODE_GUARDED = 20403, CODE_UNKNOWN = 20404, CODE_CONFLICT = 20409,
       CODE_BUSY = 20429, CODE_INTERNAL = 20500 };

__attribute__((format(printf, 5, 6)))
static int refuse(struct exchange_refusal *f, int result, int status, int code,
		  const char *format, ...)
{
	va_list ap;

	f->status = status;
	f->code = code;
	va_start(ap, format);
	vsnprintf(f->text, sizeof(f->text), format, ap);
	va_end(ap);
	return result;
}

/* ---- what is asked ------------------------------------------------------------------------- */

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

static int check_ussd(const char *text, const char *what, struct exchange_refusal *f)
{
	if (!*text || strlen(text) > USSD_MAX || !is_printable(text) ||
	    !tw_utf8_is_valid(text, strlen(text)))
		return refuse(f, TW_E_SYNTAX, 400, CODE_PARAMETER,
			      "%s: expected 1 to %d characters, such as *100#", what, USSD_MAX);
	return 0;
}

/* Commands that wait for a text behind a prompt (TS 27.005 4.3, 4.4): nobody can give it here. */
static bool is_prompting(const char *text)
{
	static const char *const names[] = { "+CMGS=", "+CMGW", "+CMGC=" };
	char plain[COMMAND_MASKED_MAX];
	size_t n = 0;

	for (; *text && n < sizeof(plain) - 1; text++) {
		if (*text != ' ')
			plain[n++] = (char)toupper((unsigned char)*text);
	}
	plain[n] = '\0';
	for (size_t i = 0; i < TW_COUNT(names); i++) {
		const char *at = strstr(plain, names[i]);

		if (at && strncmp(at + strlen(names[i]) - 1, "=?", 2))
			return true;
	}
	return false;
}

static int check_command(const char *text, bool is_forced, struct exchange_refusal *f)
{
	if (is_forced && is_prompting(text))
		return refuse(f, TW_E_SYNTAX, 400, CODE_PARAMETER,
			      "command: it waits for a text behind a prompt, which cannot be given "
			      "here: texts are sent by `twoway send`");
	if (toupper((unsigned char)text[0]) != 'A' || toupper((unsigned char)text[1]) != 'T' ||
	    !is_printable(text))
		return refuse(f, TW_E_SYNTAX, 400, CODE_PARAMETER,
			      "command: expected one line that begins with AT, such as AT+CSQ");
	if (strlen(text) >= COMMAND_MASKED_MAX)
		return refuse(f, TW_E_RANGE, 400, CODE_PARAMETER,
			      "command: longer than %d characters", COMMAND_MASKED_MAX - 1);
	return 0;
}

static int check_order(const struct exchange_order *o, struct exchange_refusal *f)
{
	int r = o->kind == JOB_COMMAND ? check_command(o->text, o->forced, f)
		: check_ussd(o->text, "code", f);

	for (size_t i = 0; i < o->n_answers && r == 0; i++)
		r = check_ussd(o->answers[i], "answers", f);
	return r;
}

static int audit(struct exchange *x, const struct exchange_order *o, const char *about,
		 const char *outcome, int64_t job)
{
	char text[COMMAND_MASKED_MAX];

	if (o->kind == JOB_COMMAND)
		command_mask(o->text, text, sizeof(text));
	else
		tw_strset(text, sizeof(text), o->text);
	tw_log(TW_INFO, "audit", "who=%s action=%s modem=%s text=%s outcome=%s",
	       tw_log_quote(o->who),
	       job_kind_name(o->kind), tw_log_quote(about), tw_log_quote(text), outcome);
	return store_audit_add(x->store, o->who, job_kind_name(o->kind), about, text, outcome, job,
			       x->now.wall);
}

static int refuse_guarded(struct exchange *x, const struct exchange_order *o, const char *about,
			  const char *guarded, struct exchange_refusal *f)
{
	event_begin(x);
	event_end(x, audit(x, o, about, "refused", 0), "audit");
	return refuse(f, TW_E_DENIED, 403, CODE_GUARDED,
		      "%s may send, delete or lock the SIM: it goes only by force (--force)",
		      guarded);
}

/* Where it goes: a USSD request belongs to the SIM that is in the modem now, a command to the
 * modem. */
static int find_place(struct exchange *x, const struct exchange_order *o, struct bank_modem *ret_m,
		      int64_t *ret_sim, struct exchange_refusal *f)
{
	struct station *st;

	if (!bank_find(x->bank, o->modem, ret_m))
		return refuse(f, TW_E_UNKNOWN, 404, CODE_UNKNOWN,
			      "no modem is called %.100s; `twoway modems` lists them", o->modem);
	*ret_sim = 0;
	if (o->kind != JOB_USSD)
		return 0;
	st = station_of(x, ret_m->handle);
	if (ret_m->state == MODEM_STRANGER || !st->sim.id)
		return refuse(f, TW_E_STATE, 409, CODE_CONFLICT,
			      "%.100s has no SIM that may be used: it is %s", ret_m->name,
			      modem_state_name(ret_m->state));
	*ret_sim = st->sim.id;
	return 0;
}

int exchange_job_start(struct exchange *x, const struct exchange_order *o, struct tw_now now,
		       int64_t *ret_id, struct exchange_refusal *reterr)
{
	const char *guarded = o->kind == JOB_COMMAND && !o->forced ? command_guarded(o->text)
		: NULL;
	struct job_order order = { .kind = o->kind, .purpose = JOB_FOR_PERSON, .text = o->text,
				   .answers = o->answers, .n_answers = o->n_answers,
				   .dialogue = o->dialogue, .who = o->who, .limit_ms = o->limit_ms,
				   .wait_ms = o->wait_ms };
	struct bank_modem m;
	int64_t id = 0;
	int r;

	x->now = now;
	r = check_order(o, reterr);
	if (r == 0)
		r = find_place(x, o, &m, &order.sim, reterr);
	if (r < 0)
		return r;
	if (guarded)
		return refuse_guarded(x, o, m.name, guarded, reterr);
	if (jobs_waiting(x, m.name) >= X_JOBS_WAITING)
		return refuse(reterr, TW_E_RANGE, 429, CODE_BUSY,
			      "%d jobs wait for %.100s already: try again later",
			      X_JOBS_WAITING, m.name);
	order.modem = m.name;
	event_begin(x);
	r = job_start(x, &order, &id);
	if (r == 0)
		r = audit(x, o, m.name, o->forced ? "forced" : "given", id);
	r = event_end(x, r, "job");
	if (r < 0)
		return refuse(reterr, r, 500, CODE_INTERNAL, "%s", tw_strerror(r));
	*ret_id = id;
	return 0;
}

int exchange_job_answer(struct exchange *x, int64_t id, const char *text, struct tw_now now,
			struct exchange_refusal *reterr)
{
	struct store_job row;
	int r;

	x->now = now;
	r = check_ussd(text, "answer", reterr);
	if (r < 0)
		return r;
	r = store_job_get(x->store, id, &row);
	if (r == TW_E_UNKNOWN)
		return refuse(reterr, r, 404, CODE_UNKNOWN, "there is no job %lld", (long long)id);
	if (r == 0 && row.state != JOB_ASKING)
		return refuse(reterr, TW_E_STATE, 409, CODE_CONFLICT,
			      "job %lld does not wait for an answer: it is %s", (long long)id,
			      job_state_name((enum job_state)row.state));
	event_begin(x);
	r = event_end(x, r < 0 ? r : job_go_on(x, id, text), "job answer");
	if (r < 0)
		return refuse(reterr, r, 500, CODE_INTERNAL, "%s", tw_strerror(r));
	return 0;
}

int exchange_job_cancel(struct exchange *x, int64_t id, struct tw_now now)
{
	struct store_job row;
	int r;

	x->now = now;
	r = store_job_get(x->store, id, &row);
	if (r < 0)
		return r;
	if (row.state == JOB_DONE || row.state == JOB_FAILED ||
	    (row.state == JOB_RUNNING && row.kind == JOB_COMMAND))
		return TW_E_STATE;
	event_begin(x);
	return event_end(x, job_cancel(x, id), "job cancel");
}

/* ---- what is told -------------------------------------------------------------------------- */

static int read_steps(struct exchange *x, int64_t id, struct exchange_job *ret)
{
	struct store_step step;
	int n = 0, r;

	while ((r = store_step_next(x->store, id, n, &step)) == 0) {
		n = step.n;
		ret->steps = tw_realloc(ret->steps, (ret->n_steps + 1) * sizeof(*ret->steps));
		ret->steps[ret->n_steps++] = (struct exchange_step){
			.sent = step.sent, .got = step.got, .code = step.code, .at = step.at };
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int exchange_job(struct exchange *x, int64_t id, struct exchange_job *ret)
{
	struct store_job row;
	struct store_sim sim;
	int r = store_job_get(x->store, id, &row);

	if (r < 0)
		return r;
	*ret = (struct exchange_job){
		.id = id, .kind = (enum job_kind)row.kind, .state = (enum job_state)row.state,
		.modem = tw_strdup(row.modem), .who = tw_strdup(row.who),
		.error = row.error[0] ? tw_strdup(row.error) : NULL, .created_at = row.created_at,
		.started_at = row.started_at, .finished_at = row.finished_at };
	if (row.sim && store_sim_get(x->store, row.sim, &sim) == 0)
		ret->sim = tw_strdup(sim.iccid);
	r = read_steps(x, id, ret);
	if (r < 0)
		exchange_job_done(ret);
	return r;
}

void exchange_job_done(struct exchange_job *j)
{
	for (size_t i = 0; i < j->n_steps; i++) {
		free(j->steps[i].sent);
		free(j->steps[i].got);
	}
	free(j->steps);
	free(j->modem);
	free(j->sim);
	free(j->who);
	free(j->error);
	*j = (struct exchange_job){ 0 };
}

int exchange_audit(struct exchange *x, int64_t before, struct store_audit *ret)
{
	return store_audit_before(x->store, before, ret);
}
