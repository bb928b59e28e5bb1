/* /api/v1/messages: send, list, look at, cancel (contract 5 and 6). */
#include "internal.h"

static void answer_message(struct http_request *r, int status, struct message *m)
{
	r->status = status;
	tw_buf_clear(&r->out);
	http_write_message(&r->out, m);
	tw_buf_addc(&r->out, '\n');
	message_done(m);
}

void http_post_message(struct http_request *r, struct tw_now now)
{
	struct exchange_refusal why = { 0 };
	struct http_fault fault;
	struct http_post p;
	struct message m = { 0 };
	const char *account;
	bool repeated = false;
	int code;

	if (http_post_read(tw_buf_str(&r->body), r->body.n, &p, &fault)) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s", fault.text);
		return;
	}
	if (http_one_account(r, p.account, &account)) {
		struct exchange_post post = {
			.account = account, .to = p.to, .text = p.text, .from = p.from,
			.pool = p.pool, .key = p.key, .idempotency_key = r->idempotency_key,
			.send_at = p.send_at, .valid_for = p.valid_for, .lane = LANE_API,
		};

		code = exchange_post(r->h->setup.exchange, &post, now, &m, &repeated, &why);
		if (code < 0) {
			http_refuse_as(r, code, &why);
		} else {
			answer_message(r, 201, &m);
			if (repeated) {
				r->extra_name = "Idempotent-Replayed";
				r->extra_value = tw_strdup("true");
			}
		}
	}
	http_post_done(&p);
}

/* ---- lists --------------------------------------------------------------------------------- */

static bool read_state(struct http_request *r, int *ret)
{
	const char *text = http_param(r, "state");
	struct tw_buf names = { 0 };
	enum message_state state;

	*ret = -1;
	if (!text)
		return true;
	if (message_state_read(text, &state)) {
		*ret = (int)state;
		return true;
	}
	for (int i = 0; i < MESSAGE_STATE_COUNT; i++)
		tw_buf_addf(&names, " %s", message_state_name((enum message_state)i));
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "state: expected one of%s", tw_buf_str(&names));
	tw_buf_done(&names);
	return false;
}

static bool read_direction(struct http_request *r, int *ret)
{
	const char *text = http_param(r, "direction");

	*ret = -1;
	if (!text)
		return true;
	if (strcmp(text, "inbound") && strcmp(text, "outbound")) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "direction: expected inbound or outbound");
		return false;
	}
	*ret = strcmp(text, "inbound") ? OUTBOUND : INBOUND;
	return true;
}

struct listing {
	struct tw_buf *out;
	char last[MESSAGE_ID_MAX];
	int64_t n;
};

static void add_message(void *ctx, struct message *m)
{
	struct listing *l = ctx;

	http_write_message(l->out, m);
	tw_strset(l->last, sizeof(l->last), m->id);
	l->n++;
	message_done(m);
}

void http_get_messages(struct http_request *r, struct tw_now now)
{
	struct exchange_query q = { .limit = HTTP_LIST_DEFAULT };
	struct listing l = { .out = &r->out };
	int code;

	(void)now;
	if (!http_read_limit(r, EXCHANGE_SLICE, &q.limit) || !read_state(r, &q.state) ||
	    !read_direction(r, &q.direction) ||
	    !http_pick_account(r, http_param(r, "account"), &q.account))
		return;
	q.before = http_param(r, "before");
	q.with = http_number_param(r, "with");
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "messages", '[');
	code = exchange_messages(r->h->setup.exchange, &q, add_message, &l);
	http_put_close(&r->out, ']');
	http_put_text(&r->out, "before", l.n == q.limit ? l.last : NULL);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code == TW_E_UNKNOWN && q.before)
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "before: no message has this id");
	else if (code < 0)
		http_refuse_store(r, code);
}

/* ---- one message --------------------------------------------------------------------------- */

static void refuse_id(struct http_request *r)
{
	http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no message %.60s", tw_buf_str(&r->name));
}

/* Somebody else's message is as unknown as one that is not there. */
static bool find_message(struct http_request *r, struct message *ret)
{
	int code = exchange_message(r->h->setup.exchange, tw_buf_str(&r->name), ret);

	if (code < 0) {
		if (code == TW_E_UNKNOWN)
			refuse_id(r);
		else
			http_refuse_store(r, code);
		return false;
	}
	if (!http_may_see(r, ret->account)) {
		message_done(ret);
		refuse_id(r);
		return false;
	}
	return true;
}

void http_get_message(struct http_request *r, struct tw_now now)
{
	struct message m = { 0 };

	(void)now;
	if (find_message(r, &m))
		answer_message(r, 200, &m);
}

void http_cancel_message(struct http_request *r, struct tw_now now)
{
	struct message m = { 0 };
	enum message_state state;
	int code;

	if (!find_message(r, &m))
		return;
	state = m.state;
	message_done(&m);
	memset(&m, 0, sizeof(m));
	code = exchange_cancel(r->h->setup.exchange, tw_buf_str(&r->name), now, &m);
	if (code == TW_E_STATE)
		http_refuse(r, 409, HTTP_CODE_NOT_CANCELED,
			    "cannot be canceled any more: it is %s", message_state_name(state));
	else if (code == TW_E_UNKNOWN)
		refuse_id(r);
	else if (code < 0)
		http_refuse_store(r, code);
	else
		answer_message(r, 200, &m);
}

static void refuse_change(struct http_request *r, int code, const char *why)
{
	if (code == TW_E_STATE)
		http_refuse(r, 409, HTTP_CODE_NOT_OVER, "%s", why);
	else if (code == TW_E_UNKNOWN)
		refuse_id(r);
	else
		http_refuse_store(r, code);
}

void http_redact_message(struct http_request *r, struct tw_now now)
{
	struct message m = { 0 };
	int code;

	if (!find_message(r, &m))
		return;
	message_done(&m);
	memset(&m, 0, sizeof(m));
	code = exchange_redact(r->h->setup.exchange, tw_buf_str(&r->name), now, &m);
	if (code < 0)
		refuse_change(r, code, "it may still be sent: cancel it first");
	else
		answer_message(r, 200, &m);
}

void http_delete_message(struct http_request *r, struct tw_now now)
{
	struct message m = { 0 };
	int code;

	if (!find_message(r, &m))
		return;
	code = exchange_delete(r->h->setup.exchange, m.id, now);
	if (code < 0) {
		refuse_change(r, code, "its delivery is not over yet");
	} else {
		r->status = 200;
		http_put_open(&r->out, NULL, '{');
		http_put_text(&r->out, "deleted", m.id);
		http_put_close(&r->out, '}');
		tw_buf_addc(&r->out, '\n');
	}
	message_done(&m);
}
