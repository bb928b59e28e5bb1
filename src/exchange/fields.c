/* Fields of a contact as other programs get them: by their declared type. */
#include "fields.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

static json_t *text_of(const char *value)
{
	struct tw_buf clean = { 0 };
	json_t *v;

	tw_utf8_clean(value, strlen(value), &clean);
	v = json_stringn(tw_buf_str(&clean), clean.n);
	tw_buf_done(&clean);
	return v;
}

/* As they are stored; what an import brought may be written otherwise. */
static json_t *boolean_of(const char *value)
{
	static const struct { const char *text; bool is_so; } rows[] = {
		{ "1", true }, { "yes", true }, { "true", true },
		{ "0", false }, { "no", false }, { "false", false },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++)
		if (!strcasecmp(value, rows[i].text))
			return json_boolean(rows[i].is_so);
	return json_null();
}

static json_t *integer_of(const char *value)
{
	long long v;
	char *end;

	errno = 0;
	v = strtoll(value, &end, 10);
	return end == value || *end || errno ? json_null() : json_integer(v);
}

static json_t *number_of(const char *value)
{
	char *end;
	double v = strtod(value, &end);

	return end == value || *end || !isfinite(v) ? json_null() : json_real(v);
}

/* It stays a text. */
static json_t *date_of(const char *value)
{
	char whole[32];
	struct wall_ms t;

	snprintf(whole, sizeof(whole), "%.10sT00:00:00Z", value);
	return strlen(value) == 10 && tw_rfc3339_read(whole, &t) == 0 ? json_string(value)
								      : json_null();
}

static const struct type {
	const char *name, *expected;
	json_t *(*make)(const char *value);
} types[] = {
	{ "integer", "an integer", integer_of },
	{ "number", "a number such as 2.5", number_of },
	{ "boolean", "yes or no", boolean_of },
	{ "date", "a date such as 2026-05-04", date_of },
};

static const struct type *type_of(const struct exchange *x, const char *account, const char *name)
{
	const char *type = x->flows ? flows_field_type(x->flows, account, name) : NULL;

	for (size_t i = 0; type && i < TW_COUNT(types); i++)
		if (!strcmp(type, types[i].name))
			return &types[i];
	return NULL;
}

json_t *field_json(const struct exchange *x, const char *account, const char *name,
		   const char *value)
{
	const struct type *type = type_of(x, account, name);

	if (!value)
		return json_null();
	return type ? type->make(value) : text_of(value);
}

const char *field_expects(const struct exchange *x, const char *account, const char *name,
			  const char *value)
{
	const struct type *type = type_of(x, account, name);
	json_t *v = type ? type->make(value) : NULL;
	bool fits = !type || !json_is_null(v);

	json_decref(v);
	return fits ? NULL : type->expected;
}

int fields_json(struct exchange *x, const char *account, int64_t contact, json_t *to)
{
	char *name = tw_strdup(""), *next, *value;
	int r;

	while ((r = store_field_next(x->store, contact, name, &next, &value)) == 0) {
		json_object_set_new(to, next, field_json(x, account, next, value));
		free(name);
		free(value);
		name = next;
	}
	free(name);
	return r == TW_E_UNKNOWN ? 0 : r;
}
