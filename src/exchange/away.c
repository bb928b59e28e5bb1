/* Steps that leave the process: what is asked of the world is a call (hook.h) that is written in
 * the event in which the conversation parks; what comes back goes on with it in a later turn.
 * Whoever does not stand at that call any more (its time was over, STOP) is not found, and the
 * answer is nobody's. */
#include <jansson.h>
#include <stdio.h>

#include "answer.h"
#include "fields.h"
#include "talk.h"

/* ---- what is asked ------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

/* What a customer wrote may hold any octets. */
static json_t *clean_text(const char *text, size_t n)
{
	struct tw_buf clean = { 0 };
	json_t *v;

	tw_utf8_clean(text, n, &clean);
	v = json_stringn(tw_buf_str(&clean), clean.n);
	tw_buf_done(&clean);
	return v;
}

/* contract 2: {id, account, contact{number,name,language,fields}, message, keyword, step}. Heap in
 * ret. */
static int make_body(struct exchange *x, const struct talk *t, const struct flow_intent *i,
		     const char *keyword, int64_t call, char **ret)
{
	char id[STORE_ID_MAX];
	struct store_contact c;
	int r = store_contact_get(x->store, t->c.id, &c);	/* steps before may have changed
								 * it */

	if (r < 0)
		return r;
	json_t *fields = json_object();
	json_t *body = json_pack("{ss, ss, s{ss, so, so, so}, so, ss, so, ss}",
		"id", store_hook_name(x->store, call, id), "account", t->account,
		"contact", "number", c.number, "name", text_or_null(c.name),
		"language", text_or_null(c.language), "fields", fields,
		"message", clean_text(t->e->text, t->e->text_n), "long_number", t->e->to,
		"keyword", text_or_null(keyword), "step", i->away->step);

	r = fields_json(x, t->account, c.id, fields);
	*ret = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	return r < 0 ? r : *ret ? 0 : TW_E_SYNTAX;
}

/* A line each, so that an argument may hold a line break. */
static void write_arguments(const struct flow_away *away, struct tw_buf *out)
{
	for (size_t i = 0; i < away->n_arguments; i++) {
		hook_escape(out, away->arguments[i], strlen(away->arguments[i]));
		tw_buf_addc(out, '\n');
	}
}

static int call(struct exchange *x, struct talk *t, const struct flow_intent *i,
		const char *keyword)
{
	struct hook_order o = {
		.id = hook_reserve(x->hook), .purpose = HOOK_FOR_STEP, .account = t->c.account,
		.contact = t->c.id, .url = i->away->to, .is_trusted = true,
		.is_once = !i->away->repeats, .limit_ms = i->away->timeout };
	tw_auto(tw_free_charp) char *body = NULL;
	struct tw_buf head = { 0 };
	int r = 0;

	if (i->type == FLOW_EMAIL) {
		o.kind = HOOK_MAIL;
		o.is_once = false;
		o.limit_ms = 0;
		o.head = i->away->subject;
		o.body = i->text;
		o.body_n = i->text_n;
	} else {
		o.kind = i->type == FLOW_WEBHOOK ? HOOK_JSON : HOOK_PROGRAM;
		o.is_once &= i->type == FLOW_EXEC;
		r = make_body(x, t, i, keyword, o.id, &body);
		write_arguments(i->away, &head);
		o.head = i->type == FLOW_EXEC ? tw_buf_str(&head) : NULL;
		o.body = body;
		o.body_n = body ? strlen(body) : 0;
	}
	if (r == 0)
		r = hook_add(x->hook, &o, x->now, &t->away);
	tw_buf_done(&head);
	return r;
}

int away_leave(struct exchange *x, struct talk *t, const struct flow_intent *i, const char *keyword)
{
	t->away = 0;
	t->away_at_once = false;
	if (!x->hook)
		return 0;
	int r = call(x, t, i, keyword);

	if (r != TW_E_SYNTAX && r != TW_E_RANGE)
		return r;
	t->away_at_once = true;		/* nobody can be asked: the fallback need not wait */
	return talk_refuse(x, t, "step.refused",
			   "what it asks cannot be called: its address or what it says "
			   "is none that can be sent");
}

/* ---- what comes back ----------------------------------------------------------------------- */

static void read_result(const struct hook_result *r, struct answer *ret)
{
	*ret = (struct answer){ .json = NULL };
	if (r->end != HOOK_ANSWERED && r->error[0])
		answer_failed(ret, "%s", r->error);
	else if (r->end != HOOK_ANSWERED)
		answer_failed(ret, "it answered with status %d", r->status);
	else if (r->kind != HOOK_MAIL)
		answer_read(r->type, r->body, r->body_n, ret);
}

int away_go_on(struct exchange *x, int64_t call, const struct flow_answer *said)
{
	struct talk t = { .answer = said };
	int r = store_talk_away(x->store, call, &t.row);

	if (r < 0)
		return r;
	char *variables = t.row.variables;

	r = talk_run_row(x, &t, FLOW_BY_ANSWER);
	free(variables);
	return r;
}

int away_answered(struct exchange *x, int64_t call, const char *failure)
{
	return away_go_on(x, call, &(struct flow_answer){ .failure = *failure ? failure : NULL });
}

int away_ended(struct exchange *x, const struct hook_result *r)
{
	struct answer a;
	int code;

	read_result(r, &a);
	code = away_go_on(x, r->id, &a.said);
	answer_done(&a);
	return code == TW_E_UNKNOWN ? 0 : code;
}
