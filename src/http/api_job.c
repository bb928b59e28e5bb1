/* Jobs on a modem: /ussd, /at, /jobs, and the log of who asked. Of operators only. Who asks for a
 * job waits for its end in later turns, at most HTTP_JOB_MS; then 202, and the job is found by its
 * id. */
#include "read.h"

enum { ANSWERS_MAX = 16, AUDIT_DEFAULT = 50, AUDIT_MAX = 1000 };

/* ---- answers ------------------------------------------------------------------------------- */

static void write_step(struct tw_buf *b, const struct exchange_step *s, enum job_kind kind)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "sent", s->sent);
	http_put_text(b, "got", s->got);
	if (kind == JOB_USSD && s->at.ms && s->code >= 0)
		http_put_int(b, "code", s->code);
	else
		http_put_null(b, "code");
	http_put_time(b, "at", s->at);
	http_put_close(b, '}');
}

void http_write_job(struct tw_buf *b, const struct exchange_job *j)
{
	const char *result = NULL;
	char id[24];

	for (size_t i = 0; i < j->n_steps; i++)
		result = j->steps[i].got ? j->steps[i].got : result;
	snprintf(id, sizeof(id), "%lld", (long long)j->id);
	http_put_open(b, NULL, '{');
	http_put_text(b, "id", id);
	http_put_text(b, "kind", job_kind_name(j->kind));
	http_put_text(b, "state", job_state_name(j->state));
	http_put_text(b, "modem", j->modem);
	http_put_filled(b, "sim", j->sim);
	http_put_text(b, "who", j->who);
	http_put_text(b, "result", result);
	http_put_filled(b, "error", j->error);
	http_put_open(b, "steps", '[');
	for (size_t i = 0; i < j->n_steps; i++)
		write_step(b, &j->steps[i], j->kind);
	http_put_close(b, ']');
	http_put_time(b, "created_at", j->created_at);
	http_put_time(b, "started_at", j->started_at);
	http_put_time(b, "finished_at", j->finished_at);
	http_put_close(b, '}');
}

static void answer_job(struct http_request *r, const struct exchange_job *j)
{
	bool is_under_way = j->state == JOB_WAITING || j->state == JOB_RUNNING;

	r->status = is_under_way && strcmp(r->method, "GET") && strcmp(r->method, "HEAD")
		? 202 : 200;
	tw_buf_clear(&r->out);
	http_write_job(&r->out, j);
	tw_buf_addc(&r->out, '\n');
}

static void refuse_job(struct http_request *r, int code)
{
	if (code == TW_E_UNKNOWN)
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "there is no job %.40s",
			    tw_buf_str(&r->name));
	else
		http_refuse(r, 500, HTTP_CODE_INTERNAL, "%s", tw_strerror(code));
}

bool http_job_look(struct http_request *r, struct tw_now now)
{
	struct exchange_job j;
	int code = exchange_job(r->h->setup.exchange, r->job, &j);
	bool is_over;

	if (code < 0) {
		refuse_job(r, code);
		return true;
	}
	is_over = j.state >= JOB_ASKING || mono_due(r->job_until, now.mono);
	if (is_over)
		answer_job(r, &j);
	exchange_job_done(&j);
	return is_over;
}

static void wait_for(struct http_request *r, int64_t job, int64_t ms, struct tw_now now)
{
	r->job = job;
	r->job_until = mono_after(now.mono, ms);
}

static bool read_id(struct http_request *r, int64_t *ret)
{
	const char *text = tw_buf_str(&r->name);
	char *end;

	*ret = strtoll(text, &end, 10);
	if (*text >= '1' && *text <= '9' && !*end && *ret < INT64_MAX)
		return true;
	http_refuse(r, 404, HTTP_CODE_UNKNOWN, "there is no job %.40s", text);
	return false;
}

/* ---- routes -------------------------------------------------------------------------------- */

static void start(struct http_request *r, struct exchange_order *o, struct tw_now now)
{
	struct exchange_refusal refusal = { 0 };
	int64_t id = 0;

	o->modem = tw_buf_str(&r->name);
	o->who = r->caller.who;
	if (exchange_job_start(r->h->setup.exchange, o, now, &id, &refusal) < 0)
		http_refuse(r, refusal.status, refusal.code, "%s", refusal.text);
	else
		wait_for(r, id, HTTP_JOB_MS, now);
}

void http_post_ussd(struct http_request *r, struct tw_now now)
{
	static const char *const names[] = { "code", "answers", "dialogue" };
	struct exchange_order o = { .kind = JOB_USSD };
	const char *answers[ANSWERS_MAX];
	json_t *root = http_read_object(r, names, TW_COUNT(names));

	o.answers = answers;
	if (root && http_need_text(r, root, "code", &o.text) &&
	    http_read_texts(r, root, "answers", answers, ANSWERS_MAX, &o.n_answers) &&
	    http_read_flag(r, root, "dialogue", &o.dialogue))
		start(r, &o, now);
	json_decref(root);
}

void http_post_at(struct http_request *r, struct tw_now now)
{
	static const char *const names[] = { "command", "force" };
	struct exchange_order o = { .kind = JOB_COMMAND };
	json_t *root = http_read_object(r, names, TW_COUNT(names));

	if (root && http_need_text(r, root, "command", &o.text) &&
	    http_read_flag(r, root, "force", &o.forced))
		start(r, &o, now);
	json_decref(root);
}

void http_post_balance(struct http_request *r, struct tw_now now)
{
	struct exchange_refusal refusal = { 0 };
	int64_t id = 0;

	if (exchange_balance_ask(r->h->setup.exchange, tw_buf_str(&r->name),
				 r->caller.who, now, &id, &refusal) < 0)
		http_refuse(r, refusal.status, refusal.code, "%s", refusal.text);
	else
		wait_for(r, id, HTTP_JOB_MS, now);
}

void http_get_job(struct http_request *r, struct tw_now now)
{
	const char *wait = http_param(r, "wait");
	int64_t id;

	if (!read_id(r, &id))
		return;
	if (wait && (strlen(wait) > 2 || wait[strspn(wait, "0123456789")] ||
		     atoi(wait) * 1000 > HTTP_JOB_MS)) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "wait: expected seconds from 0 to %d",
			    HTTP_JOB_MS / 1000);
		return;
	}
	wait_for(r, id, wait ? atoi(wait) * 1000 : 0, now);
}

void http_answer_job(struct http_request *r, struct tw_now now)
{
	static const char *const names[] = { "answer" };
	struct exchange_refusal refusal = { 0 };
	const char *text;
	json_t *root;
	int64_t id;

	if (!read_id(r, &id))
		return;
	root = http_read_object(r, names, TW_COUNT(names));
	if (root && http_need_text(r, root, "answer", &text)) {
		if (exchange_job_answer(r->h->setup.exchange, id, text, now, &refusal) < 0)
			http_refuse_as(r, TW_E_DB, &refusal);
		else
			wait_for(r, id, HTTP_JOB_MS, now);
	}
	json_decref(root);
}

void http_cancel_job(struct http_request *r, struct tw_now now)
{
	int64_t id;
	int code;

	if (!read_id(r, &id))
		return;
	code = exchange_job_cancel(r->h->setup.exchange, id, now);
	if (code == TW_E_STATE)
		http_refuse(r, 409, HTTP_CODE_CONFLICT,
			    "job %lld is over, or a command that the modem "
			    "has already", (long long)id);
	else if (code < 0)
		refuse_job(r, code);
	else
		wait_for(r, id, 0, now);
}

/* ---- the log ------------------------------------------------------------------------------- */

void http_write_audit(struct tw_buf *b, const struct store_audit *a)
{
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)a->id);
	http_put_open(b, NULL, '{');
	http_put_text(b, "id", id);
	http_put_time(b, "at", a->at);
	http_put_text(b, "who", a->who);
	http_put_text(b, "action", a->action);
	http_put_text(b, "modem", a->about);
	http_put_text(b, "text", a->text);
	http_put_text(b, "outcome", a->outcome);
	snprintf(id, sizeof(id), "%lld", (long long)a->job);
	http_put_text(b, "job", a->job ? id : NULL);
	http_put_close(b, '}');
}

void http_get_audit(struct http_request *r, struct tw_now now)
{
	int64_t limit = AUDIT_DEFAULT, before = 0;
	struct store_audit a;

	(void)now;
	if (!http_read_limit(r, AUDIT_MAX, &limit) ||
	    !http_read_count(r, "before", INT64_MAX, &before))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "audit", '[');
	while (limit-- > 0 && exchange_audit(r->h->setup.exchange, before, &a) == 0) {
		before = a.id;
		http_write_audit(&r->out, &a);
		store_audit_done(&a);
	}
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}
