/* Who is it? An account's `lookup` is asked about a contact that it does not know, two seconds at
 * most; the text waits for it and is never lost. */
#include <jansson.h>
#include <stdio.h>

#include "internal.h"

enum { LOOKUP_MS = 2000, FIELDS_MAX = 64 };

int lookup_ask(struct exchange *x, const struct store_contact *c, const char *url,
	       struct store_held *h)
{
	struct tw_buf to = { 0 };
	const char *fragment = strchrnul(url, '#');
	int r;

	tw_buf_add(&to, url, (size_t)(fragment - url));
	tw_buf_addf(&to, "%snumber=", memchr(to.p, '?', to.n) ? "&" : "?");
	hook_escape(&to, c->number, strlen(c->number));
	r = hook_add(x->hook, &(struct hook_order){
		.kind = HOOK_GET, .purpose = HOOK_FOR_LOOKUP, .account = c->account,
		.contact = c->id,
		.ref = c->id, .url = tw_buf_str(&to), .is_trusted = true, .limit_ms = LOOKUP_MS },
		x->now, &h->lookup);
	tw_buf_done(&to);
	if (r == TW_E_SYNTAX || r == TW_E_RANGE)
		return store_event_add(x->store, "lookup.failed", c->number,
				       "`lookup` is no address that can be "
				       "asked", h->message, x->now.wall);
	h->until = wall_after(x->now.wall, LOOKUP_MS);
	return r;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Fields as texts: those of other kinds are written into buf, one behind the other with a NUL
 * between. */
static size_t read_fields(json_t *fields, struct exchange_import_field *out, size_t cap,
			  struct tw_buf *buf)
{
	const char *name;
	json_t *v;
	size_t n = 0, starts[FIELDS_MAX];

	json_object_foreach(fields, name, v) {
		if (n == cap || (!json_is_string(v) && !json_is_number(v) && !json_is_boolean(v)))
			continue;
		starts[n] = buf->n;
		out[n++].name = name;
		if (json_is_string(v))
			tw_buf_adds(buf, json_string_value(v));
		else if (json_is_integer(v))
			tw_buf_addf(buf, "%lld", (long long)json_integer_value(v));
		else if (json_is_real(v))
			tw_buf_addf(buf, "%.15g", json_real_value(v));
		else
			tw_buf_adds(buf, json_is_true(v) ? "1" : "0");
		tw_buf_addc(buf, '\0');
	}
	for (size_t i = 0; i < n; i++)
		out[i].value = buf->p + starts[i];
	return n;
}

/* What is wrong with it in reterr; then nothing of it is noted. */
static int note(struct exchange *x, struct store_contact *c, const char *body, size_t n,
		struct exchange_imported *reterr)
{
	json_error_t error;
	json_t *json = json_loadb(body, n, JSON_REJECT_DUPLICATES, &error);
	struct exchange_import_field fields[FIELDS_MAX];
	struct tw_buf buf = { 0 };
	int r = TW_E_SYNTAX;

	if (json_is_object(json)) {
		struct exchange_import_row row = {
			.number = c->number, .name = text_of(json, "name"),
			.language = text_of(json, "language"), .zone = text_of(json, "zone"),
			.owner = text_of(json, "owner"), .fields = fields,
			.n_fields = read_fields(json_object_get(json, "fields"), fields,
						FIELDS_MAX, &buf) };

		r = import_facts(x, &row, c, reterr);
	} else {
		snprintf(reterr->text, sizeof(reterr->text), "its answer is no JSON object");
	}
	tw_buf_done(&buf);
	json_decref(json);
	return r;
}

/* The text that waits for it, if it still does. */
static int let_go(struct exchange *x, int64_t contact, int64_t call)
{
	struct store_held first;
	int r = x->n_held ? store_held_first(x->store, contact, &first) : TW_E_UNKNOWN;

	if (r == 0 && first.lookup == call)
		r = store_held_until(x->store, first.id, x->now.wall);
	held_soon(x);
	return r == TW_E_UNKNOWN ? 0 : r;
}

int lookup_ended(struct exchange *x, const struct hook_result *res)
{
	struct exchange_imported why = { .text = "" };
	struct store_contact c;
	int r = store_contact_get(x->store, res->ref, &c);

	if (r < 0 || !c.number[0])
		return r == TW_E_UNKNOWN ? 0 : r;
	if (res->end == HOOK_ANSWERED && res->body_n)
		r = note(x, &c, res->body, res->body_n, &why);
	else if (res->end != HOOK_ANSWERED && res->status != 404)
		snprintf(why.text, sizeof(why.text), "%.150s", res->error[0] ? res->error
			 : "it refused");
	if (r == TW_E_SYNTAX || (r == 0 && why.text[0]))
		r = store_event_add(x->store, "lookup.failed", c.number, why.text, 0, x->now.wall);
	return r < 0 ? r : let_go(x, c.id, res->id);
}
