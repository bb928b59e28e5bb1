/* /api/v1/webhooks/dead: calls and mails that nobody tries any more, to be looked at, tried again,
 * dropped. */
#include "internal.h"

enum { DEAD_DEFAULT = 50, DEAD_MOST = 500 };

static void refuse_code(struct http_request *r, int code)
{
	if (code == TW_E_UNKNOWN)
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "nothing dead is called %.60s",
			    tw_buf_str(&r->name));
	else
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later",
			    tw_strerror(code));
}

static void write_dead(struct tw_buf *b, const struct exchange_dead *d)
{
	struct tw_buf body = { 0 };

	tw_utf8_clean(d->row.body ? d->row.body : "", d->row.body_n, &body);
	http_put_open(b, NULL, '{');
	http_put_text(b, "id", d->name);
	http_put_text(b, "kind", d->row.kind == HOOK_MAIL ? "mail" : "event");
	http_put_filled(b, "account", d->account);
	http_put_text(b, "to", d->row.url);
	http_put_text(b, "subject", d->row.kind == HOOK_MAIL ? d->row.head : NULL);
	http_put_text(b, "body", tw_buf_str(&body));
	http_put_int(b, "tries", d->row.tries);
	http_put_text(b, "error", d->row.error);
	http_put_time(b, "created_at", d->row.created_at);
	http_put_close(b, '}');
	tw_buf_done(&body);
}

static bool read_limit(struct http_request *r, int64_t *ret)
{
	const char *text = http_param(r, "limit");
	char *end;

	if (!text)
		return true;
	*ret = strtol(text, &end, 10);
	if (end != text && !*end && *ret >= 1 && *ret <= DEAD_MOST)
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "limit: expected 1 to %d", DEAD_MOST);
	return false;
}

void http_get_dead(struct http_request *r, struct tw_now now)
{
	const char *before = http_param(r, "before"), *account;
	struct exchange_dead dead;
	char last[STORE_ID_MAX] = "";
	int64_t limit = DEAD_DEFAULT;
	int code = 0;

	(void)now;
	if (!read_limit(r, &limit) || !http_pick_account(r, http_param(r, "account"), &account))
		return;
	if (before && strlen(before) != STORE_ID_MAX - 2) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "before: expected an id as this list has it");
		return;
	}
	tw_strset(last, sizeof(last), before ? before : "");
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "dead", '[');
	for (; limit > 0; limit--) {
		code = exchange_dead_hook(r->h->setup.exchange, account, last, &dead);
		if (code < 0)
			break;
		write_dead(&r->out, &dead);
		tw_strset(last, sizeof(last), dead.name);
		store_hook_done(&dead.row);
	}
	http_put_close(&r->out, ']');
	http_put_text(&r->out, "before", limit > 0 ? NULL : last);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code < 0 && code != TW_E_UNKNOWN)
		refuse_code(r, code);
}

static void change(struct http_request *r, struct tw_now now, const char *what,
		   int (*how)(struct exchange *x, const char *account, const char *name,
			      struct tw_now now))
{
	const char *account, *name = tw_buf_str(&r->name);
	int code;

	if (!http_pick_account(r, http_param(r, "account"), &account))
		return;
	code = how(r->h->setup.exchange, account, name, now);
	if (code < 0) {
		refuse_code(r, code);
		return;
	}
	tw_log(TW_INFO, "http.dead_hook", "what=%s name=%s by=%s", what, name,
	       tw_log_quote(r->caller.who));
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_text(&r->out, what, name);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

void http_replay_dead(struct http_request *r, struct tw_now now)
{
	change(r, now, "replayed", exchange_dead_replay);
}

void http_drop_dead(struct http_request *r, struct tw_now now)
{
	change(r, now, "dropped", exchange_dead_drop);
}
