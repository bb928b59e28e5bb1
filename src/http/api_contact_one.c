/* One contact: looked at, written, taken off a list. And the lists. */
#include "read.h"

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
		http_refuse_store(r, code);
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

/* What is null is taken back: "". */
static bool read_text(struct http_request *r, json_t *object, const char *where, const char *name,
		      const char **ret)
{
	if (!http_read_text(r, object, where, name, ret))
		return false;
	if (!*ret && json_object_get(object, name))
		*ret = "";
	return true;
}

static bool read_fields(struct http_request *r, json_t *root, struct exchange_contact_facts *f,
			struct exchange_import_field fields[FIELDS_MAX])
{
	json_t *object = json_object_get(root, "fields"), *value;
	const char *name;

	if (!object)
		return true;
	if (!json_is_object(object) || json_object_size(object) > FIELDS_MAX) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "fields: expected an object of at most %d texts", FIELDS_MAX);
		return false;
	}
	f->fields = fields;
	json_object_foreach(object, name, value) {
		fields[f->n_fields].name = name;
		if (!read_text(r, object, "fields.", name, &fields[f->n_fields].value))
			return false;
		f->n_fields++;
	}
	return true;
}

/* What the members are read into. */
struct given {
	struct exchange_contact_facts f;
	struct exchange_import_field fields[FIELDS_MAX];
	const char *tags[FIELDS_MAX], *untags[FIELDS_MAX];
};

static bool read_facts(struct http_request *r, json_t *root, struct given *g)
{
	struct exchange_contact_facts *f = &g->f;

	f->tags = g->tags;
	f->untags = g->untags;
	return read_text(r, root, "", "name", &f->name) &&
	       read_text(r, root, "", "language", &f->language) &&
	       read_text(r, root, "", "zone", &f->zone) &&
	       read_text(r, root, "", "owner", &f->owner) &&
	       read_fields(r, root, f, g->fields) &&
	       http_read_texts(r, root, "tag", g->tags, FIELDS_MAX, &f->n_tags) &&
	       http_read_texts(r, root, "untag", g->untags, FIELDS_MAX, &f->n_untags);
}

void http_put_contact(struct http_request *r, struct tw_now now)
{
	static const char *const names[] = { "name", "language", "zone", "owner", "fields", "tag",
					     "untag" };
	json_t *root = http_read_object(r, names, TW_COUNT(names));
	const char *account = root ? http_need_account(r) : NULL;
	struct exchange_refusal e = { .status = 0 };
	struct given g = { .f = { .name = NULL } };
	struct contact c = { .id = 0 };
	bool is_new = false;
	int code;

	if (account && read_facts(r, root, &g)) {
		code = exchange_contact_put(r->h->setup.exchange, account, tw_buf_str(&r->name),
					    &g.f, now, &c, &is_new, &e);
		if (code < 0)
			refuse(r, code, &e);
		else
			answer(r, is_new ? 201 : 200, &c);
	}
	json_decref(root);
}

void http_leave_contact(struct http_request *r, struct tw_now now)
{
	static const char *const names[] = { "list", "source" };
	json_t *root = http_read_object(r, names, TW_COUNT(names));
	const char *account, *list, *source, *number = tw_buf_str(&r->name);
	struct exchange_refusal e = { .status = 0 };
	struct contact c = { .id = 0 };
	int code;

	account = root ? http_need_account(r) : NULL;
	if (account && http_read_text(r, root, "", "list", &list) &&
	    http_need_text(r, root, "source", &source)) {
		code = exchange_contact_leave(r->h->setup.exchange, account, number,
					      list && *list ? list : NULL, source, now, &e);
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
