/* One contact: looked at, written, taken off a list. And the lists. */
#include "internal.h"

#include <jansson.h>

enum { FIELDS_MAX = 64 };

static void answer(struct http_request *r, int status, struct contact *c)
{
	r->status = status;
	http_write_contact(&r->out, c);
	tw_buf_addc(&r->out, '\n');
	contact_done(c);
}

static void refuse(struct http_request *r, int code, const struct exchange_refusal *e)
{
	if (e && e->status)
		http_refuse(r, e->status, e->code, "%s", e->text);
	else if (code == TW_E_UNKNOWN)
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no contact %.60s", tw_buf_str(&r->name));
	else
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later",
			    tw_strerror(code));
}

void http_get_contact(struct http_request *r, struct tw_now now)
{
	const char *account = http_need_account(r);
	struct contact c = { .id = 0 };
	int code;

	(void)now;
	if (!account)
		return;
	code = exchange_contact(r->h->setup.exchange, account, tw_buf_str(&r->name), &c);
	if (code < 0)
		refuse(r, code, NULL);
	else
		answer(r, 200, &c);
}

/* ---- written ------------------------------------------------------------------------------- */

/* A text, or null for "". False after refusing. */
static bool read_text(struct http_request *r, const char *name, json_t *value, const char **ret)
{
	const char *text = json_is_null(value) ? "" : json_string_value(value);

	if (text && (json_is_null(value) || strlen(text) == json_string_length(value))) {
		*ret = text;
		return true;
	}
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%.60s: expected a text in quotes, or null", name);
	return false;
}

static bool read_fields(struct http_request *r, json_t *object, struct exchange_contact_facts *f,
			struct exchange_import_field fields[FIELDS_MAX])
{
	const char *name;
	json_t *value;

	if (!json_is_object(object) || json_object_size(object) > FIELDS_MAX) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "fields: expected an object of at most %d texts", FIELDS_MAX);
		return false;
	}
	f->fields = fields;
	json_object_foreach(object, name, value) {
		fields[f->n_fields].name = name;
		if (!read_text(r, name, value, &fields[f->n_fields].value))
			return false;
		f->n_fields++;
	}
	return true;
}

static bool read_facts(struct http_request *r, json_t *root, struct exchange_contact_facts *f,
		       struct exchange_import_field fields[FIELDS_MAX])
{
	const struct { const char *name; const char **to; } texts[] = {
		{ "name", &f->name }, { "language", &f->language }, { "zone", &f->zone },
			{ "owner", &f->owner }
	};
	const char *name;
	json_t *value;

	json_object_foreach(root, name, value) {
		size_t i;

		for (i = 0; i < TW_COUNT(texts) && strcmp(texts[i].name, name); i++)
			;
		if (i < TW_COUNT(texts)) {
			if (!read_text(r, name, value, texts[i].to))
				return false;
		} else if (!strcmp(name, "fields")) {
			if (!read_fields(r, value, f, fields))
				return false;
		} else {
			http_refuse(r, 400, HTTP_CODE_PARAMETER,
				    "%.60s: no such member; there are name, "
				    "language, zone, owner, fields", name);
			return false;
		}
	}
	return true;
}

static void put(struct http_request *r, json_t *root, struct tw_now now)
{
	struct exchange_import_field fields[FIELDS_MAX];
	struct exchange_contact_facts f = { .name = NULL };
	struct exchange_refusal e = { .status = 0 };
	const char *account = http_need_account(r);
	struct contact c = { .id = 0 };
	bool is_new = false;
	int code;

	if (!account || !read_facts(r, root, &f, fields))
		return;
	code = exchange_contact_put(r->h->setup.exchange, account, tw_buf_str(&r->name), &f, now,
				    &c, &is_new, &e);
	if (code < 0)
		refuse(r, code, &e);
	else
		answer(r, is_new ? 201 : 200, &c);
}

/* An object, or NULL after refusing. */
static json_t *read_object(struct http_request *r)
{
	json_error_t e;
	json_t *root = json_loadb(r->body.n ? r->body.p : "", r->body.n, JSON_REJECT_DUPLICATES,
				  &e);

	if (json_is_object(root))
		return root;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, root ? "the body is no object%.0s" :
		    "the body is not JSON: %.120s", e.text);
	json_decref(root);
	return NULL;
}

void http_put_contact(struct http_request *r, struct tw_now now)
{
	json_t *root = read_object(r);

	if (root)
		put(r, root, now);
	json_decref(root);
}

void http_leave_contact(struct http_request *r, struct tw_now now)
{
	json_t *root = read_object(r);
	const char *account, *list, *source, *number = tw_buf_str(&r->name);
	struct exchange_refusal e = { .status = 0 };
	struct contact c = { .id = 0 };
	int code;

	account = root ? http_need_account(r) : NULL;
	if (account && read_text(r, "list", json_object_get(root, "list")
				 ? json_object_get(root, "list") :
						json_null(), &list) &&
	    read_text(r, "source", json_object_get(root, "source")
		      ? json_object_get(root, "source") :
						json_null(), &source)) {
		code = exchange_contact_leave(r->h->setup.exchange, account, number,
					      *list ? list : NULL, source, now, &e);
		if (code >= 0)
			code = exchange_contact(r->h->setup.exchange, account, number, &c);
		if (code < 0)
			refuse(r, code, &e);
		else
			answer(r, 200, &c);
	}
	json_decref(root);
}

/* ---- lists --------------------------------------------------------------------------------- */

void http_get_lists(struct http_request *r, struct tw_now now)
{
	const char *account = http_need_account(r);
	struct exchange_list list = { .name = "" };
	int code;

	(void)now;
	if (!account)
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_text(&r->out, "account", account);
	http_put_open(&r->out, "lists", '[');
	while ((code = exchange_list_next(r->h->setup.exchange, account, list.name, &list)) == 0) {
		http_put_open(&r->out, NULL, '{');
		http_put_text(&r->out, "name", list.name);
		http_put_bool(&r->out, "declared", list.is_declared);
		http_put_bool(&r->out, "double_opt_in", list.double_opt_in);
		http_put_close(&r->out, '}');
	}
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code < 0 && code != TW_E_UNKNOWN)
		refuse(r, code, NULL);
}
