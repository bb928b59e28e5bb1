/* /api/v1/messages: send, list, look at, cancel (contract 5 and 6). */
#include "internal.h"

#include <errno.h>

static void answer_message(struct http_request *r, int status, struct message *m)
{
	r->status = status;
	tw_buf_clear(&r->out);
	http_write_message(&r->out, m);
	tw_buf_addc(&r->out, '\n');
	message_done(m);
}

static void refuse_code(struct http_request *r, int code)
{
	if (code == TW_E_DB_FULL || code == TW_E_DB)
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later",
			    tw_strerror(code));
	else
		http_refuse(r, 500, HTTP_CODE_INTERNAL, "%s", tw_strerror(code));
}

/* What the exchange refuses it says itself; where it could not, its code does. */
static void refuse_post(struct http_request *r, int code, const struct exchange_refusal *why)
{
	if (why->status >= 400 && why->status <= 599)
		http_refuse(r, why->status, why->code, "%s", why->text);
	else
		refuse_code(r, code);
}

/* Whose message it is: told, or there is only one. */
static bool pick_sender(struct http_request *r, const char *asked, const char **ret)
{
	const struct http_accounts *a = &r->h->accounts;
	struct tw_buf names = { 0 };

	if (!http_pick_account(r, asked, ret))
		return false;
	if (*ret || a->n == 1)
		return true;
	for (size_t i = 0; i < a->n; i++)
		tw_buf_addf(&names, "%s%s", i ? ", " : "", a->v[i].name);
	http_refuse(r, 400, HTTP_CODE_WHICH_ACCOUNT, "account: say whose message it is: %s",
		    tw_buf_str(&names));
	tw_buf_done(&names);
	return false;
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
	if (pick_sender(r, p.account, &account)) {
		struct exchange_post post = {
			.account = account, .to = p.to, .text = p.text, .from = p.from,
			.pool = p.pool, .key = p.key, .idempotency_key = r->idempotency_key,
			.send_at = p.send_at, .valid_for = p.valid_for, .lane = LANE_API,
		};

		code = exchange_post(r->h->setup.exchange, &post, now, &m, &repeated, &why);
		if (code < 0) {
			refuse_post(r, code, &why);
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

static bool read_limit(struct http_request *r, int64_t *ret)
{
	const char *text = http_param(r, "limit");
	char *end;
	long n;

	*ret = HTTP_LIST_DEFAULT;
	if (!text)
		return true;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || end == text || n < 1 || n > EXCHANGE_SLICE) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "limit: expected 1 to %d", EXCHANGE_SLICE);
		return false;
	}
	*ret = n;
	return true;
}

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

/* `with=+44…` typed without escaping the plus arrives with a space in its place. */
static void repair_number(char *number)
{
	if (number && *number == ' ')
		*number = '+';
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
	struct exchange_query q = { 0 };
	struct listing l = { .out = &r->out };
	int code;

	(void)now;
	if (!read_limit(r, &q.limit) || !read_state(r, &q.state) ||
	    !read_direction(r, &q.direction) ||
	    !http_pick_account(r, http_param(r, "account"), &q.account))
		return;
	q.before = http_param(r, "before");
	q.with = http_param(r, "with");
	repair_number((char *)(uintptr_t)q.with);
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
		refuse_code(r, code);
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
			refuse_code(r, code);
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
		refuse_code(r, code);
	else
		answer_message(r, 200, &m);
}
