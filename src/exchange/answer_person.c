/* What an account's `lookup` said about a contact, read: {name, language, zone, owner, fields}. */
#include <jansson.h>
#include <stdio.h>

#include "answer.h"

static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Fields as texts: they stand in buf, one behind the other with a NUL between. */
static size_t read_fields(json_t *fields, struct exchange_import_field *out, size_t cap,
			  struct tw_buf *buf)
{
	const char *name;
	json_t *v;
	size_t n = 0, starts[ANSWER_NAMES_MAX];

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

int answer_read_person(const char *body, size_t n, struct answer_person *ret)
{
	json_error_t error;

	*ret = (struct answer_person){ .text = { 0 } };
	ret->json = json_loadb(body, n, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(ret->json))
		return TW_E_SYNTAX;
	ret->row = (struct exchange_import_row){
		.name = text_of(ret->json, "name"), .language = text_of(ret->json, "language"),
		.zone = text_of(ret->json, "zone"), .owner = text_of(ret->json, "owner"),
		.fields = ret->fields };
	ret->row.n_fields = read_fields(json_object_get(ret->json, "fields"), ret->fields,
					ANSWER_NAMES_MAX, &ret->text);
	return 0;
}

void answer_person_done(struct answer_person *a)
{
	tw_buf_done(&a->text);
	json_decref(a->json);
}
