/* A request between its first line and its answer. */
#include "internal.h"

#include <stdio.h>
#include <strings.h>

struct http_request *http_request_new(struct http *h, const char *method, const char *path)
{
	struct http_request *r = tw_zalloc(sizeof(*r));

	r->h = h;
	r->method = tw_strdup(method);
	r->path = tw_strdup(path);
	r->out_type = "application/json";
	r->file = -1;
	r->self = tw_pool_add(&h->requests, r);
	return r;
}

void http_request_free(struct http_request *r)
{
	if (!r)
		return;
	tw_pool_del(&r->h->requests, r->self);
	http_watcher_free(r->h, r->watcher);
	http_backup_done(r);
	for (size_t i = 0; i < r->n_params; i++) {
		free(r->params[i].name);
		free(r->params[i].value);
	}
	free(r->params);
	free(r->method);
	free(r->path);
	free(r->caller.account);
	free(r->idempotency_key);
	free(r->content_type);
	free(r->host);
	free(r->last_event_id);
	free(r->query_fault);
	free(r->extra_value);
	tw_buf_done(&r->name);
	tw_buf_done(&r->owner);
	twilio_list_free(r->list);
	http_preview_free(r->preview);
	exchange_report_free(r->figures);
	http_report_free(r->h, r->report);
	http_export_free(r->export);
	http_upload_free(r->upload);
	tw_buf_done(&r->body);
	tw_buf_done(&r->out);
	free(r);
}

const char *http_param(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->n_params; i++) {
		if (!strcmp(r->params[i].name, name))
			return r->params[i].value;
	}
	return NULL;
}

const char http_problem_type[] = "application/problem+json";

/* As applications of Twilio know it. */
static void write_twilio(struct tw_buf *b, int status, int code, const char *text)
{
	char url[64];

	snprintf(url, sizeof(url), "https://www.twilio.com/docs/errors/%d", code);
	http_put_int(b, "code", code);
	http_put_text(b, "message", text);
	http_put_text(b, "more_info", url);
	http_put_int(b, "status", status);
}

void http_refuse(struct http_request *r, int status, int code, const char *format, ...)
{
	bool is_twilio = twilio_is_path(r->path);
	va_list ap;
	char text[512];

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	r->status = status;
	r->out_type = is_twilio ? "application/json" : http_problem_type;
	tw_buf_clear(&r->out);
	http_put_open(&r->out, NULL, '{');
	(is_twilio ? write_twilio : http_problem_write)(&r->out, status, code, text);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

bool http_may_see(const struct http_request *r, const char *account)
{
	if (!r->caller.account)
		return true;
	return account && !strcmp(account, r->caller.account);
}

static bool is_account(const struct http_accounts *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++) {
		if (!strcmp(a->v[i].name, name))
			return true;
	}
	return false;
}

bool http_pick_account(struct http_request *r, const char *asked, const char **ret)
{
	if (asked && !*asked)
		asked = NULL;
	if (r->caller.account && asked && strcmp(asked, r->caller.account)) {
		http_refuse(r, 403, HTTP_CODE_FORBIDDEN, "account: this login is of account %s",
			    r->caller.account);
		return false;
	}
	if (asked && !is_account(&r->h->accounts, asked)) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no account is called %.100s", asked);
		return false;
	}
	*ret = asked ? asked : r->caller.account;
	return true;
}

static void refuse_path(struct http_request *r, struct tw_buf *allowed)
{
	if (!allowed->n) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN,
			    "The requested resource %.300s was not found", r->path);
		return;
	}
	http_refuse(r, 405, HTTP_CODE_METHOD, "%.20s is not possible here; possible: %s",
		    r->method, tw_buf_str(allowed));
	r->extra_name = "Allow";
	free(r->extra_value);
	r->extra_value = tw_buf_take(allowed);
}

static bool is_word_of(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *at = list; n && (at = strstr(at, word)); at += n) {
		if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	}
	return false;
}

static bool is_repeated(const struct http_request *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(r->params[k].name, r->params[i].name))
			return true;
	return false;
}

static bool check_query(struct http_request *r)
{
	if (!strcmp(r->route->query, "*"))
		return true;
	for (size_t i = 0; i < r->n_params; i++) {
		if (is_repeated(r, i)) {
			http_refuse(r, 400, HTTP_CODE_PARAMETER, "%.60s: is given twice",
				    r->params[i].name);
			return false;
		}
		if (is_word_of(r->params[i].name, r->route->query))
			continue;
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%.60s: no such parameter%s%s",
			    r->params[i].name, *r->route->query ? "; there are: " : " here",
			    r->route->query);
		return false;
	}
	return true;
}

/* A page in a browser may post a form or plain text anywhere, with a login the browser remembers;
 * JSON it may not. Where forms are taken, connection.c looks at where the page is from. */
static bool check_media(struct http_request *r)
{
	if (twilio_is_path(r->path))
		return http_form_read(r);
	/* These no page of elsewhere can send unasked: a PUT, or a type that is no form's. */
	if (r->route->when == ROUTE_FLOW)
		return true;
	if (r->route->when == ROUTE_UPLOAD) {
		if (r->content_type && !strncasecmp(r->content_type, "text/csv", 8))
			return true;
		http_refuse(r, 415, HTTP_CODE_MEDIA, "expected Content-Type: text/csv");
		return false;
	}
	if (!r->body.n || !r->content_type ||
	    !strncasecmp(r->content_type, "application/json", 16))
		return true;
	http_refuse(r, 415, HTTP_CODE_MEDIA, "expected Content-Type: application/json");
	return false;
}

static void refuse_login(struct http_request *r, enum http_entry entry)
{
	if (entry == HTTP_TOO_OFTEN) {
		http_refuse(r, 429, HTTP_CODE_BUSY, "too many wrong logins: try again in a minute");
		r->extra_name = "Retry-After";
		r->extra_value = tw_strdup("60");
		return;
	}
	http_refuse(r, 401, HTTP_CODE_LOGIN, "Authenticate");
	r->extra_name = "WWW-Authenticate";
	r->extra_value = tw_strdup("Basic realm=\"twoway\", charset=\"UTF-8\"");
}

/* Of the 2010 API alone: its paths name the account. */
static bool is_of_account(const struct http_request *r)
{
	return r->owner.n && !strncmp(r->path, "/2010-04-01/", 12);
}

void http_request_check(struct http_request *r, enum http_entry entry)
{
	struct tw_buf allowed = { 0 };

	r->route = http_route_find(r->method, r->path, &r->name, &r->owner, &allowed);
	r->state = REQUEST_READY;
	/* Twilio's order: a path that cannot be is unknown before anybody is asked who they are. */
	if (r->route && r->owner.n && is_of_account(r) &&
	    !twilio_is_sid(tw_buf_str(&r->owner), "AC"))
		r->route = NULL, entry = HTTP_LET_IN, tw_buf_clear(&allowed);
	if (r->route && !r->route->scope) {
		if (check_query(r))
			r->state = REQUEST_READING;
	} else if (entry != HTTP_LET_IN) {
		/* Before 404: who is not let in does not learn what is there. */
		refuse_login(r, entry);
	} else if (!r->route) {
		refuse_path(r, &allowed);
	} else if (!(r->caller.scopes & r->route->scope)) {
		http_refuse(r, 403, HTTP_CODE_FORBIDDEN, r->route->scope == SCOPE_OPERATOR ?
			    "only an operator may do this: on the machine itself, as root or in "
			    "the group twoway, or with an operator's token"
			    : "this login may not do this");
	} else if (check_query(r) && (!is_of_account(r) || twilio_pick_account(r))) {
		r->state = REQUEST_READING;
	}
	tw_buf_done(&allowed);
}

static bool has_exchange(const struct http *h)
{
	return h->setup.exchange && !h->is_closing;
}

size_t http_body_max(const struct http_request *r)
{
	return !r->route ? HTTP_BODY_MAX : r->route->when == ROUTE_UPLOAD ? HTTP_UPLOAD_MAX :
	       r->route->when == ROUTE_FLOW ? HTTP_FLOW_MAX : HTTP_BODY_MAX;
}

void http_request_complete(struct http_request *r)
{
	struct http *h = r->h;

	r->state = REQUEST_READY;
	if (r->body_seen > http_body_max(r)) {
		http_refuse(r, 413, HTTP_CODE_SIZE, "the body is larger than %zu octets",
			    http_body_max(r));
		return;
	}
	if (!check_media(r))
		return;
	switch (r->route->when) {
	case ROUTE_AT_ONCE:
	case ROUTE_STREAM:
		r->route->handle(r, loop_now(h->setup.loop));
		return;
	case ROUTE_AFTER_TURN:
	case ROUTE_FLOW:
		http_list_add(&h->after, r->self);
		r->state = REQUEST_WAITING;
		return;
	case ROUTE_OR_WITHOUT:
		if (!has_exchange(h)) {
			r->route->handle(r, loop_now(h->setup.loop));
			return;
		}
		break;
	case ROUTE_IN_TURN:
	case ROUTE_UPLOAD:
		if (!has_exchange(h)) {
			http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, "not possible now: %s",
				    h->is_closing ? "stopping" : h->health);
			return;
		}
		break;
	}
	http_list_add(&h->waiting, r->self);
	r->state = REQUEST_WAITING;
}
