/* /api/v1/settings: those of the configuration, and changing the ones that can be changed while the
 * daemon runs. A value of these is kept in the database and wins over the configuration until it is
 * taken back. */
#include "read.h"

#include <twoway/config.h>

/* Whether the store has a value for it. */
static bool is_changed(struct http *h, const char *wanted)
{
	char *name = tw_strdup(""), *next, *value;
	bool found = false;

	while (!found && store_setting_next(h->setup.store, name, &next, &value) == 0) {
		free(name);
		free(value);
		name = next;
		found = !strcmp(name, wanted);
	}
	free(name);
	return found;
}

static void write_setting(struct tw_buf *b, struct http *h, const struct config_setting *v)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "name", v->name);
	http_put_text(b, "type", v->type);
	tw_buf_addf(b, ",\"value\":%s,\"default\":%s", v->value, v->usual);
	http_put_bool(b, "live", v->is_live);
	http_put_bool(b, "changed", v->is_live && is_changed(h, v->name));
	http_put_text(b, "help", v->help);
	http_put_close(b, '}');
}

void http_get_settings(struct http_request *r, struct tw_now now)
{
	struct config_setting v;
	size_t cursor = 0;

	(void)now;
	http_begin_list(r, "settings");
	while (config_setting_next(r->h->setup.settings, &cursor, &v)) {
		write_setting(&r->out, r->h, &v);
		config_setting_done(&v);
	}
	http_end_list(r, NULL, NULL);
}

void http_get_setting(struct http_request *r, struct tw_now now)
{
	struct config_setting v;
	size_t cursor = 0;

	(void)now;
	while (!r->status && config_setting_next(r->h->setup.settings, &cursor, &v)) {
		if (!strcmp(v.name, tw_buf_str(&r->name))) {
			r->status = 200;
			write_setting(&r->out, r->h, &v);
			tw_buf_addc(&r->out, '\n');
		}
		config_setting_done(&v);
	}
	if (!r->status)
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no setting is called %.60s",
			    tw_buf_str(&r->name));
}

/* The value, as the file would have it: heap, NULL after refusing. */
static char *read_value(struct http_request *r)
{
	static const char *const names[] = { "value" };
	json_t *root = http_read_object(r, names, TW_COUNT(names));
	json_t *value = json_object_get(root, "value");
	char *text = NULL;

	if (json_is_string(value) || json_is_boolean(value) || json_is_integer(value))
		text = json_dumps(value, JSON_ENCODE_ANY);
	else if (root)
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "value: expected a text, a whole number, true or false");
	json_decref(root);
	return text;
}

static bool is_live(struct http_request *r)
{
	const char *name = tw_buf_str(&r->name);

	if (config_is_live(name))
		return true;
	http_refuse(r, 404, HTTP_CODE_UNKNOWN,
		    "%.60s is no setting that can be changed while the daemon runs", name);
	return false;
}

/* The row, and a line of the audit log. 0 or a code after refusing. */
static int keep(struct http_request *r, const char *value, struct tw_now now)
{
	const char *name = tw_buf_str(&r->name);
	struct store *s = r->h->setup.store;
	int code, ended;

	store_event_begin(s);
	code = store_setting_put(s, name, value);
	if (code == 0)
		code = store_audit_add(s, r->caller.who, value ? "set" : "unset", name,
				       value ? value : "", "given", 0, now.wall);
	ended = store_event_end(s, code == 0);
	code = code < 0 ? code : ended;
	if (code == TW_E_UNKNOWN)
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "%.60s is as the configuration has it",
			    name);
	else if (code < 0)
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later",
			    tw_strerror(code));
	r->h->wants_reload |= code == 0;
	return code;
}

static void answer_ok(struct http_request *r)
{
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_bool(&r->out, "ok", true);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

/* Read into a copy of nothing: whether the value can be is the table's to say. */
static bool is_possible(struct http_request *r, const char *value)
{
	struct tw_findings f = { 0 };
	struct settings *s = config_load(NULL, &f);
	char *why = NULL;
	int code = s ? config_live_set(s, tw_buf_str(&r->name), value, &why) : TW_E_CONFIG;

	if (code < 0)
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "value: %s", why ? why : "cannot be read");
	free(why);
	config_free(s);
	tw_findings_done(&f);
	return code == 0;
}

void http_put_setting(struct http_request *r, struct tw_now now)
{
	char *value = is_live(r) ? read_value(r) : NULL;

	if (value && is_possible(r, value) && keep(r, value, now) == 0)
		answer_ok(r);
	free(value);
}

void http_delete_setting(struct http_request *r, struct tw_now now)
{
	if (is_live(r) && keep(r, NULL, now) == 0)
		answer_ok(r);
}
