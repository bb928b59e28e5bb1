#include "read.h"

#include <errno.h>
#include <stdio.h>

bool http_check_members(struct http_request *r, json_t *object, const char *where,
			const char *const *names, size_t n)
{
	const char *name, *nearest;
	json_t *value;
	size_t i;

	json_object_foreach(object, name, value) {
		for (i = 0; i < n && strcmp(names[i], name); i++)
			;
		if (i < n)
			continue;
		nearest = tw_nearest(name, names, n);
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s%.60s: no such field%s%s%s", where,
			    name,
			    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ?
				"?" : "");
		return false;
	}
	return true;
}

json_t *http_read_object(struct http_request *r, const char *const *names, size_t n)
{
	char why[200];
	json_error_t e;
	json_t *root = r->body.n ? json_loadb(r->body.p, r->body.n, JSON_REJECT_DUPLICATES, &e) :
		       json_object();

	if (!root) {
		http_json_fault(&e, why, sizeof(why));
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s", why);
		return NULL;
	}
	if (!json_is_object(root))
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "the body is no object");
	else if (http_check_members(r, root, "", names, n))
		return root;
	json_decref(root);
	return NULL;
}

bool http_read_text(struct http_request *r, json_t *object, const char *where, const char *name,
		    const char **ret)
{
	json_t *value = json_object_get(object, name);

	*ret = json_string_value(value);	/* a NUL in it is no JSON to jansson */
	if (*ret || !value || json_is_null(value))
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s%s: expected a text in quotes", where, name);
	return false;
}

bool http_need_text(struct http_request *r, json_t *object, const char *name, const char **ret)
{
	if (!http_read_text(r, object, "", name, ret))
		return false;
	if (*ret && **ret)
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: is missing; expected a text in quotes", name);
	return false;
}

bool http_read_texts(struct http_request *r, json_t *object, const char *name, const char **out,
		     size_t max,
		     size_t *ret_n)
{
	json_t *list = json_object_get(object, name), *value;
	size_t i;

	*ret_n = 0;
	if (!list || json_is_null(list))
		return true;
	if (!json_is_array(list) || json_array_size(list) > max) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected a list of at most %zu texts",
			    name, max);
		return false;
	}
	json_array_foreach(list, i, value) {
		out[i] = json_string_value(value);
		if (out[i])
			continue;
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s[%zu]: expected a text in quotes", name,
			    i);
		return false;
	}
	*ret_n = json_array_size(list);
	return true;
}

bool http_read_flag(struct http_request *r, json_t *object, const char *name, bool *ret)
{
	json_t *value = json_object_get(object, name);

	*ret = json_is_true(value);
	if (!value || json_is_null(value) || json_is_boolean(value))
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected true or false", name);
	return false;
}

bool http_read_time(struct http_request *r, const char *name, const char *text, struct wall_ms *ret)
{
	struct wall_ms t;

	if (!text)
		return true;
	if (!tw_rfc3339_read(text, &t) && t.ms > 0) {
		*ret = t;
		return true;
	}
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected a time with its zone, such as "
		    "2026-05-04T09:00:00Z", name);
	return false;
}

/* ---- the query ----------------------------------------------------------------------------- */

static bool read_whole(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	char *end;
	long long n;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || *end || n < min || n > max)
		return false;
	*ret = n;
	return true;
}

bool http_read_count(struct http_request *r, const char *name, int64_t max, int64_t *ret)
{
	const char *text = http_param(r, name);

	if (!text || read_whole(text, 0, max, ret))
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected a whole number from 0 to %lld", name,
		    (long long)max);
	return false;
}

bool http_read_limit(struct http_request *r, int64_t max, int64_t *ret)
{
	const char *text = http_param(r, "limit");

	if (!text || read_whole(text, 1, max, ret))
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "limit: expected 1 to %lld", (long long)max);
	return false;
}

bool http_read_switch(struct http_request *r, const char *name, bool *ret)
{
	const char *text = http_param(r, name);

	if (!text)
		return true;
	*ret = !strcmp(text, "true");
	if (*ret || !strcmp(text, "false"))
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected true or false", name);
	return false;
}

/* The plus of its zone arrives as a space where it was not escaped. */
bool http_read_when(struct http_request *r, const char *name, struct wall_ms *ret)
{
	char *text = (char *)(uintptr_t)http_param(r, name);
	char *space = text ? strrchr(text, ' ') : NULL;

	if (space && space > text + 10)
		*space = '+';
	return http_read_time(r, name, text, ret);
}

/* As at the beginning of a number. */
char *http_number_param(struct http_request *r, const char *name)
{
	char *number = (char *)(uintptr_t)http_param(r, name);

	if (number && *number == ' ')
		*number = '+';
	return number;
}

/* ---- whose --------------------------------------------------------------------------------- */

/* Names of what there is, for who has to choose. */
static void refuse_account(struct http_request *r)
{
	const struct http_accounts *a = &r->h->accounts;
	struct tw_buf names = { 0 };

	for (size_t i = 0; i < a->n && names.n < 300; i++)
		tw_buf_addf(&names, "%s%s", i ? ", " : "", a->v[i].name);
	http_refuse(r, 400, HTTP_CODE_WHICH_ACCOUNT, "account: which one? there are %s",
		    tw_buf_str(&names));
	tw_buf_done(&names);
}

bool http_one_account(struct http_request *r, const char *asked, const char **ret)
{
	if (!http_pick_account(r, asked, ret))
		return false;
	if (!*ret && r->h->accounts.n == 1)
		*ret = r->h->accounts.v[0].name;
	if (!*ret)
		refuse_account(r);
	return *ret != NULL;
}

const char *http_need_account(struct http_request *r)
{
	const char *account;

	return http_one_account(r, http_param(r, "account"), &account) ? account : NULL;
}

void http_refuse_store(struct http_request *r, int code)
{
	bool is_store = code == TW_E_DB_FULL || code == TW_E_DB;

	http_refuse(r, is_store ? 507 : 500, is_store ? HTTP_CODE_NOT_COMMITTED :
		    HTTP_CODE_INTERNAL,
		    "%s: try again later", tw_strerror(code));
}

void http_refuse_as(struct http_request *r, int code, const struct exchange_refusal *e)
{
	if (e->status >= 400 && e->status <= 599)
		http_refuse(r, e->status, e->code, "%s", e->text);
	else
		http_refuse_store(r, code);
}

/* ---- figures ------------------------------------------------------------------------------- */

int http_read_figures(struct http_request *r, const char *account, enum store_topic_kind kind,
		      struct tw_now now)
{
	const struct exchange_report_query q = { .account = account, .by = STORE_EVER,
						 .kind = store_topic_name(kind) };
	struct exchange *x = r->h->setup.exchange;
	int code = r->figures ? 0 : exchange_report_new(x, &q, now, &r->figures);

	if (code == 0)
		code = exchange_report_read(x, r->figures, now);
	r->is_unfinished = code == 1;
	if (code < 0 && code != TW_E_RANGE)
		http_refuse_store(r, code);
	return code;
}

/* ---- answers ------------------------------------------------------------------------------- */

void http_begin_list(struct http_request *r, const char *name)
{
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, name, '[');
}

void http_end_list(struct http_request *r, const char *cursor, const char *place)
{
	http_put_close(&r->out, ']');
	if (cursor)
		http_put_filled(&r->out, cursor, place);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}
