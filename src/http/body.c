/* The body of POST /api/v1/messages: bounded, strict, each fault by the field's name. */
#include "read.h"

#include <stdio.h>

enum field_kind { FIELD_TEXT, FIELD_TIME, FIELD_DURATION };
struct field {
	const char *name;
	enum field_kind kind;
	size_t offset, max;		/* of the field in struct http_post; octets */
};
#define FIELD(n) offsetof(struct http_post, n)
static const struct field fields[] = {
	{ "to", FIELD_TEXT, FIELD(to), 256 },
	{ "text", FIELD_TEXT, FIELD(text), HTTP_BODY_MAX },
	{ "from", FIELD_TEXT, FIELD(from), 256 },
	{ "pool", FIELD_TEXT, FIELD(pool), 256 },
	{ "send_at", FIELD_TIME, FIELD(send_at), 64 },
	{ "valid_for", FIELD_DURATION, FIELD(valid_for), 64 },
	{ "key", FIELD_TEXT, FIELD(key), 256 },
	{ "account", FIELD_TEXT, FIELD(account), 256 },
};

static int fault(struct http_fault *f, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fault(struct http_fault *f, int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(f->text, sizeof(f->text), format, ap);
	va_end(ap);
	return code;
}

static int fault_unknown(struct http_fault *f, const char *name)
{
	const char *names[TW_COUNT(fields)], *nearest;

	for (size_t i = 0; i < TW_COUNT(fields); i++)
		names[i] = fields[i].name;
	nearest = tw_nearest(name, names, TW_COUNT(fields));
	if (nearest)
		return fault(f, TW_E_UNKNOWN, "%.60s: no such field; did you mean %s?", name,
			     nearest);
	return fault(f, TW_E_UNKNOWN, "%.60s: no such field; there are to, text, from, pool, "
		     "send_at, valid_for, key, account", name);
}

static int read_time(const char *text, struct wall_ms *ret, struct http_fault *f, const char *name)
{
	struct wall_ms t;

	if (tw_rfc3339_read(text, &t) || t.ms <= 0)
		return fault(f, TW_E_SYNTAX, "%s: expected a time with its zone, such as "
			     "\"2026-05-04T09:00:00Z\"", name);
	*ret = t;
	return 0;
}

static int read_duration(const char *text, int64_t *ret, struct http_fault *f, const char *name)
{
	int64_t ms;

	if (tw_duration_read(text, &ms) || ms <= 0)
		return fault(f, TW_E_SYNTAX,
			     "%s: expected a duration above zero, such as \"10m\" or \"2d\"", name);
	*ret = ms;
	return 0;
}

static int read_field(const struct field *d, json_t *value, struct http_post *p,
		      struct http_fault *f)
{
	char *at = (char *)p + d->offset;
	const char *text = json_string_value(value);

	if (json_is_null(value))
		return 0;
	if (!text)
		return fault(f, TW_E_TYPE, "%s: expected a text in quotes", d->name);
	if (strlen(text) != json_string_length(value))
		return fault(f, TW_E_SYNTAX, "%s: holds a NUL character", d->name);
	if (json_string_length(value) > d->max)
		return fault(f, TW_E_RANGE, "%s: longer than %zu octets", d->name, d->max);
	switch (d->kind) {
	case FIELD_TIME:
		return read_time(text, (struct wall_ms *)(void *)at, f, d->name);
	case FIELD_DURATION:
		return read_duration(text, (int64_t *)(void *)at, f, d->name);
	case FIELD_TEXT:
		*(char **)(void *)at = tw_strdup(text);
		break;
	}
	return 0;
}

static const struct field *find_field(const char *name)
{
	for (size_t i = 0; i < TW_COUNT(fields); i++) {
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	}
	return NULL;
}

static int read_object(json_t *root, struct http_post *p, struct http_fault *f)
{
	const char *name;
	json_t *value;
	int r;

	if (!json_is_object(root))
		return fault(f, TW_E_TYPE, "expected an object, such as "
			     "{\"to\": \"+447700900123\", \"text\": \"hello\"}");
	json_object_foreach(root, name, value) {
		const struct field *d = find_field(name);

		if (!d)
			return fault_unknown(f, name);
		r = read_field(d, value, p, f);
		if (r)
			return r;
	}
	if (!p->to || !*p->to)
		return fault(f, TW_E_SHORT, "to: is missing; give the recipient's number");
	if (!p->text)
		return fault(f, TW_E_SHORT, "text: is missing");
	return 0;
}

/* What jansson says, with the member named that was given twice. */
void http_json_fault(const json_error_t *e, char *out, size_t cap)
{
	const char *key = strstr(e->text, "near '\"");
	int n;

	if (json_error_code(e) == json_error_duplicate_key && key) {
		key += strlen("near '\"");
		n = (int)strcspn(key, "\"");
		snprintf(out, cap, "%.*s: is given twice", n > 60 ? 60 : n, key);
		return;
	}
	snprintf(out, cap, "the body is not JSON: line %d: %.120s", e->line < 0 ? 0 : e->line,
		 e->text);
}

int http_post_read(const char *body, size_t n, struct http_post *ret, struct http_fault *reterr)
{
	struct http_post p = { 0 };
	json_error_t e;
	json_t *root = json_loadb(n ? body : "", n, JSON_REJECT_DUPLICATES, &e);
	int r;

	if (!root) {
		http_json_fault(&e, reterr->text, sizeof(reterr->text));
		return TW_E_SYNTAX;
	}
	r = read_object(root, &p, reterr);
	json_decref(root);
	if (r) {
		http_post_done(&p);
		return r;
	}
	*ret = p;
	return 0;
}

void http_post_done(struct http_post *p)
{
	for (size_t i = 0; i < TW_COUNT(fields); i++) {
		if (fields[i].kind == FIELD_TEXT)
			free(*(char **)(void *)((char *)p + fields[i].offset));
	}
	memset(p, 0, sizeof(*p));
}
