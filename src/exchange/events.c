/* What happens, told to the `events` URL of an account in the Standard Webhooks form: in order for
 * each contact, tried for two days, then kept as dead (hook.h). */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "application.h"
#include "fields.h"

bool events_have_urls(const struct exchange *x)
{
	for (size_t i = 0; x->hook && i < x->settings->n_accounts; i++)
		if (x->settings->accounts[i].events[0])
			return true;
	return false;
}

static const char *url_of(struct exchange *x, int64_t account)
{
	char name[128];
	const struct settings_account *a;

	if (!account || !events_have_urls(x))
		return NULL;
	a = application_account(x, account_of_id(x, account, name, sizeof(name)));
	return a && a->events[0] ? a->events : NULL;
}

bool events_are_wanted(struct exchange *x, int64_t account)
{
	return url_of(x, account) != NULL;
}

static json_t *text_of(const char *text)
{
	struct tw_buf clean = { 0 };
	json_t *v;

	if (!text)
		return json_null();
	tw_utf8_clean(text, strlen(text), &clean);
	v = json_stringn(tw_buf_str(&clean), clean.n);
	tw_buf_done(&clean);
	return v;
}

static json_t *time_of(struct wall_ms t)
{
	char text[TW_RFC3339_MAX];

	return t.ms ? json_string(tw_rfc3339(t, text)) : json_null();
}

/* Takes data. */
static int tell(struct exchange *x, int64_t account, int64_t contact, const char *type,
		json_t *take_data)
{
	json_t *event = json_pack("{s:s, s:o, s:o}", "type", type, "timestamp",
				  time_of(x->now.wall), "data", take_data);
	char *body = json_dumps(event, JSON_COMPACT), chain[48];
	int r;

	json_decref(event);
	snprintf(chain, sizeof(chain), "e%lld.%lld", (long long)account, (long long)contact);
	r = hook_add(x->hook, &(struct hook_order){
		.kind = HOOK_EVENT, .purpose = HOOK_FOR_NOBODY, .account = account,
		.contact = contact,
		.chain = chain, .url = url_of(x, account), .body = body, .body_n = strlen(body),
		.is_trusted = true }, x->now, NULL);
	free(body);
	return r == TW_E_SYNTAX || r == TW_E_RANGE ? 0 : r;
}

static void add_texts(json_t *data, va_list ap)
{
	const char *name;

	while ((name = va_arg(ap, const char *)) != NULL)
		json_object_set_new(data, name, text_of(va_arg(ap, const char *)));
}

int events_tell(struct exchange *x, const struct store_contact *c, const char *type, ...)
{
	json_t *data;
	va_list ap;

	if (!events_are_wanted(x, c->account))
		return 0;
	data = json_pack("{s:o}", "number", text_of(c->number));
	va_start(ap, type);
	add_texts(data, ap);
	va_end(ap);
	return tell(x, c->account, c->id, type, data);
}

int events_of(struct exchange *x, int64_t account, const char *type, ...)
{
	json_t *data;
	va_list ap;

	if (!events_are_wanted(x, account))
		return 0;
	data = json_object();
	va_start(ap, type);
	add_texts(data, ap);
	va_end(ap);
	return tell(x, account, 0, type, data);
}

int events_changed(struct exchange *x, const struct store_contact *c, const char *name,
		   const char *value)
{
	char account[128];

	watch_contact(x, c, "contact.changed");
	if (!events_are_wanted(x, c->account))
		return 0;
	account_of_id(x, c->account, account, sizeof(account));
	return tell(x, c->account, c->id, "contact.changed",
		    json_pack("{s:o, s:s, s:o}", "number", text_of(c->number), "name", name,
			      "value", field_json(x, account, name, value)));
}

/* As in contract 5. */
static json_t *message_object(const struct message *m)
{
	json_t *o = json_object(), *error = json_object();

	json_object_set_new(o, "id", json_string(m->id));
	json_object_set_new(o, "direction", json_string(m->direction == INBOUND ? "inbound"
							: "outbound"));
	json_object_set_new(o, "account", text_of(m->account));
	json_object_set_new(o, "from", text_of(m->from));
	json_object_set_new(o, "to", text_of(m->to));
	json_object_set_new(o, "text", text_of(m->encoding == SMS_8BIT ? NULL : m->text));
	json_object_set_new(o, "data", text_of(m->encoding == SMS_8BIT ? m->data : NULL));
	json_object_set_new(o, "encoding", json_string(sms_encoding_name(m->encoding)));
	json_object_set_new(o, "segments", json_integer(m->segments));
	json_object_set_new(o, "state", json_string(message_state_name(m->state)));
	json_object_set_new(o, "in_doubt", json_boolean(m->in_doubt));
	json_object_set_new(o, "repeated", json_boolean(m->repeated));
	json_object_set_new(o, "incomplete", json_boolean(m->incomplete));
	json_object_set_new(error, "code", m->error_code ? json_integer(m->error_code)
			    : json_null());
	json_object_set_new(error, "cause", text_of(m->error_cause));
	json_object_set_new(error, "text", text_of(m->error_text));
	json_object_set_new(o, "error", error);
	json_object_set_new(o, "sim", text_of(m->sim));
	json_object_set_new(o, "modem", text_of(m->modem));
	json_object_set_new(o, "keyword", text_of(m->keyword));
	json_object_set_new(o, "created_at", time_of(m->created_at));
	json_object_set_new(o, "sent_at", time_of(m->sent_at));
	json_object_set_new(o, "finished_at", time_of(m->finished_at));
	json_object_set_new(o, "valid_until", time_of(m->valid_until));
	json_object_set_new(o, "key", text_of(m->key));
	return o;
}

int events_message(struct exchange *x, const struct store_message *m, enum message_state state)
{
	struct message seen;
	char type[40];

	if (!events_are_wanted(x, m->account))
		return 0;
	int r = query_fill(x, m, &seen);

	if (r < 0)
		return r;
	seen.state = state;
	snprintf(type, sizeof(type), "message.%s", message_state_name(state));
	r = tell(x, m->account, m->contact, type, message_object(&seen));
	message_done(&seen);
	return r;
}

/* ---- dead ones ----------------------------------------------------------------------------- */

static int account_row(struct exchange *x, const char *account, int64_t *ret)
{
	*ret = 0;
	return account && *account ? account_id(x, account, ret) : 0;
}

int exchange_dead_hook(struct exchange *x, const char *account, const char *before,
		       struct exchange_dead *ret)
{
	int64_t row, id = 0;
	int r = before && *before ? store_hook_read(x->store, before, &id) : 0;

	if (r == 0)
		r = account_row(x, account, &row);
	if (r == 0)
		r = store_hook_dead(x->store, row, id, &ret->row);
	if (r < 0)
		return r;
	store_hook_name(x->store, ret->row.id, ret->name);
	ret->account[0] = 0;
	if (ret->row.account)
		account_of_id(x, ret->row.account, ret->account, sizeof(ret->account));
	return 0;
}

static int find_dead(struct exchange *x, const char *account, const char *name, int64_t *ret)
{
	struct store_hook h;
	int64_t row;
	int r = account_row(x, account, &row);

	if (r == 0)
		r = store_hook_read(x->store, name, ret);
	if (r == 0)
		r = store_hook_get(x->store, *ret, &h);
	if (r < 0)
		return r;
	r = h.state != STORE_HOOK_DEAD || (row && h.account != row) ? TW_E_UNKNOWN : 0;
	store_hook_done(&h);
	return r;
}

static int change_dead(struct exchange *x, const char *account, const char *name, struct tw_now now,
		       int (*change)(struct hook *h, int64_t id, struct tw_now now))
{
	int64_t id = 0;
	int r = x->hook ? find_dead(x, account, name, &id) : TW_E_UNKNOWN;

	x->now = now;
	if (r < 0)
		return r;
	event_begin(x);
	return event_end(x, change(x->hook, id, now), "dead hook");
}

int exchange_dead_replay(struct exchange *x, const char *account, const char *name,
			 struct tw_now now)
{
	return change_dead(x, account, name, now, hook_replay);
}

int exchange_dead_drop(struct exchange *x, const char *account, const char *name, struct tw_now now)
{
	return change_dead(x, account, name, now, hook_drop);
}
