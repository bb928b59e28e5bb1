/* /api/v1/contacts and /api/v1/consent: who is known, what they agreed to and by which text;
 * bringing contacts along, and erasing them. */
#include "read.h"

#include <stdio.h>

enum { CONTACTS_DEFAULT = 100 };

static const char *const state_names[] = { "left", "joined", "asked" };

void http_write_contact(struct tw_buf *b, const struct contact *c)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "account", c->account);
	http_put_text(b, "number", c->number);
	http_put_filled(b, "name", c->name);
	http_put_filled(b, "language", c->language);
	http_put_filled(b, "country", c->country);
	http_put_filled(b, "zone", c->zone);
	http_put_filled(b, "owner", c->owner);
	http_put_open(b, "fields", '{');
	for (size_t i = 0; i < c->n_fields; i++)
		http_put_text(b, c->fields[i].name, c->fields[i].value);
	http_put_close(b, '}');
	http_put_open(b, "tags", '[');
	for (size_t i = 0; i < c->tags.n; i++)
		http_put_text(b, NULL, c->tags.v[i]);
	http_put_close(b, ']');
	http_put_open(b, "lists", '[');
	for (size_t i = 0; i < c->n_lists; i++) {
		http_put_open(b, NULL, '{');
		http_put_text(b, "name", c->lists[i].name);
		http_put_text(b, "state", state_names[c->lists[i].state]);
		http_put_time(b, "since", c->lists[i].since);
		http_put_close(b, '}');
	}
	http_put_close(b, ']');
	http_put_bool(b, "stopped", c->stopped_at.ms != 0);
	http_put_time(b, "stopped_at", c->stopped_at);
	http_put_time(b, "created_at", c->created_at);
	http_put_close(b, '}');
}

static void put_hex(struct tw_buf *b, const char *key, const uint8_t *octets, size_t n)
{
	char hex[65];

	tw_hex_write(octets, n, hex, false);
	http_put_text(b, key, hex);
}

void http_write_consent(struct tw_buf *b, const struct store_consent *c, const char *long_number,
			const char *message)
{
	bool is_erased = !c->number;

	http_put_open(b, NULL, '{');
	http_put_int(b, "sequence", c->seq);
	http_put_time(b, "at", c->at);
	http_put_int(b, "at_ms", c->at.ms);
	http_put_text(b, "list", c->list);
	http_put_text(b, "kind", store_consent_kind_name(c->kind));
	http_put_text(b, "number", c->number);
	http_put_text(b, "text", c->text);
	http_put_filled(b, "message", message);
	http_put_filled(b, "long_number", long_number);
	http_put_bool(b, "erased", is_erased);
	if (is_erased)
		http_put_null(b, "salt");
	else
		put_hex(b, "salt", c->salt, sizeof(c->salt));
	put_hex(b, "number_digest", c->number_digest, 32);
	put_hex(b, "text_digest", c->text_digest, 32);
	put_hex(b, "link", c->link, 32);
	http_put_close(b, '}');
}

/* ---- contacts ------------------------------------------------------------------------------ */

struct listing { struct tw_buf *out; int64_t last, n; struct http_request *r; };

static void add_contact(void *ctx, struct contact *c)
{
	struct listing *l = ctx;

	http_write_contact(l->out, c);
	l->last = c->id;
	l->n++;
	contact_done(c);
}

static void put_after(struct http_request *r, const struct listing *l, int64_t limit)
{
	char last[24];

	snprintf(last, sizeof(last), "%lld", (long long)l->last);
	http_put_close(&r->out, ']');
	http_put_text(&r->out, "after", l->n == limit ? last : NULL);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

void http_get_contacts(struct http_request *r, struct tw_now now)
{
	struct exchange_contacts_query q = { .limit = CONTACTS_DEFAULT, .only_joined = true };
	struct listing l = { .out = &r->out };
	int code;

	(void)now;
	if (!http_read_limit(r, EXCHANGE_SLICE, &q.limit) ||
	    !http_read_count(r, "after", INT64_MAX, &q.after) ||
	    !http_pick_account(r, http_param(r, "account"), &q.account))
		return;
	q.with = http_number_param(r, "with");
	q.list = http_param(r, "list");
	if (q.list && !q.account && r->h->accounts.n == 1)
		q.account = r->h->accounts.v[0].name;
	if (q.list && !q.account) {
		http_refuse(r, 400, HTTP_CODE_WHICH_ACCOUNT,
			    "list: of which account? say account=");
		return;
	}
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "contacts", '[');
	code = exchange_contacts(r->h->setup.exchange, &q, add_contact, &l);
	put_after(r, &l, q.limit);
	if (code == TW_E_UNKNOWN)
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "account %s has no list %.60s",
			    q.account, q.list);
	else if (code < 0)
		http_refuse_store(r, code);
}

void http_erase_contact(struct http_request *r, struct tw_now now)
{
	const char *account;
	int erased;

	if (!http_pick_account(r, http_param(r, "account"), &account))
		return;
	erased = exchange_contact_erase(r->h->setup.exchange, account, tw_buf_str(&r->name),
					r->caller.who, now);
	if (erased == TW_E_UNKNOWN) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no contact %.60s", tw_buf_str(&r->name));
	} else if (erased < 0) {
		http_refuse_store(r, erased);
	} else {
		r->status = 200;
		http_put_open(&r->out, NULL, '{');
		http_put_int(&r->out, "erased", erased);
		http_put_close(&r->out, '}');
		tw_buf_addc(&r->out, '\n');
	}
}

/* ---- import -------------------------------------------------------------------------------- */

/* Texts of a row that are not given are "". False after refusing. */
static bool read_text(struct http_request *r, json_t *object, const char *where, const char *name,
		      const char **ret)
{
	if (!http_read_text(r, object, where, name, ret))
		return false;
	*ret = *ret ? *ret : "";
	return true;
}

struct import {
	struct exchange_import_row rows[EXCHANGE_IMPORT_MAX];
	struct exchange_imported done[EXCHANGE_IMPORT_MAX];
	struct exchange_import_field *fields;	/* of all rows */
	size_t n_fields;
	size_t n;
};

static bool read_fields(struct http_request *r, json_t *object, const char *where,
			struct import *i, struct exchange_import_row *row)
{
	json_t *fields = json_object_get(object, "fields"), *value;
	tw_auto(tw_free_charp) char *inside = tw_printf("%sfields.", where);
	const char *name;

	row->fields = i->fields + i->n_fields;
	if (!fields || json_is_null(fields))
		return true;
	if (!json_is_object(fields)) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%sfields: expected an object of texts",
			    where);
		return false;
	}
	json_object_foreach(fields, name, value) {
		struct exchange_import_field *f = &i->fields[i->n_fields];

		f->name = name;
		if (!read_text(r, fields, inside, name, &f->value))
			return false;
		i->n_fields++;
		row->n_fields++;
	}
	return true;
}

static bool read_row(struct http_request *r, json_t *row, size_t k, struct import *i)
{
	static const char *const names[] = { "number", "name", "language", "zone", "owner",
		"fields" };
	struct exchange_import_row *to = &i->rows[k];
	const char **const texts[] = { &to->number, &to->name, &to->language, &to->zone,
		&to->owner };
	char where[32];

	snprintf(where, sizeof(where), "rows[%zu].", k);
	if (!json_is_object(row)) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "rows[%zu]: expected an object", k);
		return false;
	}
	if (!http_check_members(r, row, where, names, TW_COUNT(names)))
		return false;
	for (size_t n = 0; n < TW_COUNT(texts); n++)
		if (!read_text(r, row, where, names[n], texts[n]))
			return false;
	return read_fields(r, row, where, i, to);
}

static size_t count_fields(json_t *rows)
{
	size_t i, n = 0;
	json_t *row;

	json_array_foreach(rows, i, row)
		n += json_object_size(json_object_get(row, "fields"));
	return n;
}

static bool read_rows(struct http_request *r, json_t *root, struct import *i)
{
	json_t *rows = json_object_get(root, "rows"), *row;
	size_t k;

	i->n = json_array_size(rows);
	if (!i->n || i->n > EXCHANGE_IMPORT_MAX) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "rows: expected a list of 1 to %d objects; send "
			    "the rest in further requests", EXCHANGE_IMPORT_MAX);
		return false;
	}
	i->fields = tw_zalloc((count_fields(rows) + 1) * sizeof(*i->fields));
	json_array_foreach(rows, k, row)
		if (!read_row(r, row, k, i))
			return false;
	return true;
}

static void write_imported(struct http_request *r, const struct import *i)
{
	static const char *const names[] = { "joined", "known", "left", "asked", "bad" };

	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "rows", '[');
	for (size_t k = 0; k < i->n; k++) {
		http_put_open(&r->out, NULL, '{');
		http_put_text(&r->out, "what", names[i->done[k].what]);
		http_put_filled(&r->out, "text", i->done[k].text);
		http_put_close(&r->out, '}');
	}
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

static void import(struct http_request *r, json_t *root, struct import *i, struct tw_now now)
{
	struct exchange_import what;
	struct exchange_refusal e = { .status = 0 };
	const char *asked;

	if (!read_text(r, root, "", "account", &asked) ||
	    !read_text(r, root, "", "list", &what.list) ||
	    !read_text(r, root, "", "source", &what.source) ||
	    !http_one_account(r, asked, &what.account) || !read_rows(r, root, i))
		return;
	if (exchange_import(r->h->setup.exchange, &what, i->rows, i->n, now, i->done, &e) < 0)
		http_refuse(r, e.status, e.code, "%s", e.text);
	else
		write_imported(r, i);
}

void http_post_contacts(struct http_request *r, struct tw_now now)
{
	static const char *const names[] = { "account", "list", "source", "rows" };
	json_t *root = http_read_object(r, names, TW_COUNT(names));
	struct import *i = tw_zalloc(sizeof(*i));

	if (root)
		import(r, root, i, now);
	json_decref(root);
	free(i->fields);
	free(i);
}

/* ---- consent ------------------------------------------------------------------------------- */

static void add_consent(void *ctx, const struct store_consent *c, const char *long_number)
{
	struct listing *l = ctx;
	char id[STORE_ID_MAX] = "";

	if (c->message)
		store_id_write(l->r->h->setup.store, c->message, id);
	http_write_consent(l->out, c, long_number, id);
	l->last = c->seq;
	l->n++;
}

void http_get_consent(struct http_request *r, struct tw_now now)
{
	struct exchange_consent_query q = { .limit = CONTACTS_DEFAULT };
	struct listing l = { .out = &r->out, .r = r };
	int code;

	(void)now;
	if (!http_read_limit(r, EXCHANGE_SLICE, &q.limit) ||
	    !http_read_count(r, "after", INT64_MAX, &q.after) ||
	    !http_one_account(r, http_param(r, "account"), &q.account))
		return;
	q.with = http_number_param(r, "with");
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_text(&r->out, "account", q.account);
	http_put_open(&r->out, "consent", '[');
	code = exchange_consent(r->h->setup.exchange, &q, add_consent, &l);
	put_after(r, &l, q.limit);
	if (code < 0)
		http_refuse_store(r, code);
}

void http_get_heads(struct http_request *r, struct tw_now now)
{
	const char *account;
	int code = 0;

	(void)now;
	if (!http_pick_account(r, http_param(r, "account"), &account))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "heads", '[');
	for (size_t i = 0; i < r->h->accounts.n && code == 0; i++) {
		int64_t seq = 0;
		uint8_t link[32];

		if (account && strcmp(account, r->h->accounts.v[i].name))
			continue;
		code = exchange_consent_head(r->h->setup.exchange, r->h->accounts.v[i].name,
					     &seq, link);
		http_put_open(&r->out, NULL, '{');
		http_put_text(&r->out, "account", r->h->accounts.v[i].name);
		http_put_int(&r->out, "sequence", seq);
		put_hex(&r->out, "link", link, sizeof(link));
		http_put_close(&r->out, '}');
	}
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code < 0)
		http_refuse_store(r, code);
}
