/* Fields of a contact as other programs get them: by their declared type. */
#include "fields.h"

#include <errno.h>
#include <math.h>

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

json_t *field_json(const struct exchange *x, const char *account, const char *name,
		   const char *value)
{
	static const struct { const char *type; json_t *(*make)(const char *value); } rows[] = {
		{ "integer", integer_of }, { "number", number_of }, { "boolean", boolean_of },
	};
	const char *type = x->flows ? flows_field_type(x->flows, account, name) : NULL;

	if (!value)
		return json_null();
	for (size_t i = 0; type && i < TW_COUNT(rows); i++)
		if (!strcmp(type, rows[i].type))
			return rows[i].make(value);
	return text_of(value);
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
