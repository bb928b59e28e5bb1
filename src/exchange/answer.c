/* Answers of the world: nothing, a text, TwiML, or a JSON object. What is none of them is a
 * failure, and says of what kind: the fallback runs, and a person can look it up. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "answer.h"

/* What others said stands in it: whatever octets these are, it is shown as text. */
void answer_why(char out[ANSWER_WHY_MAX], const char *format, va_list args)
{
	struct tw_buf clean = { 0 };
	char *text;
	size_t n;

	if (vasprintf(&text, format, args) < 0)
		abort();
	tw_utf8_clean(text, strlen(text), &clean);
	n = clean.n < ANSWER_WHY_MAX ? clean.n : ANSWER_WHY_MAX - 1;
	while (n < clean.n && n && ((unsigned char)clean.p[n] & 0xC0) == 0x80)
		n--;
	memcpy(out, tw_buf_str(&clean), n);
	out[n] = '\0';
	tw_buf_done(&clean);
	free(text);
}

void answer_failed(struct answer *ret, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	answer_why(ret->why, format, args);
	va_end(args);
	ret->said = (struct flow_answer){ .failure = ret->why };
}

void answer_done(struct answer *a)
{
	for (size_t i = 0; i < TW_COUNT(a->values); i++)
		free(a->values[i]);
	json_decref(a->json);
	twiml_done(&a->twiml);
	tw_buf_done(&a->text);
	*a = (struct answer){ .json = NULL };
}

/* ---- JSON ---------------------------------------------------------------------------------- */

/* A text, or a list of texts. */
static bool read_texts(struct answer *a, const char *key, const json_t *v,
		       const char **out, size_t cap, size_t *ret_n)
{
	size_t n = json_is_array(v) ? json_array_size(v) : 1;

	if (n > cap) {
		answer_failed(a, "its answer has more than %zu in \"%s\"", cap, key);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_is_array(v) ? json_array_get(v, i) : v;

		if (!json_is_string(one)) {
			answer_failed(a, "\"%s\" of its answer is no text and no list of texts",
				      key);
			return false;
		}
		out[i] = json_string_value(one);
	}
	*ret_n = n;
	return true;
}

/* As a text; NULL for null, which takes a field away. */
static bool read_scalar(const json_t *v, char **ret)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		*ret = tw_strdup(json_string_value(v));
		return true;
	case JSON_INTEGER:
		*ret = tw_printf("%lld", (long long)json_integer_value(v));
		return true;
	case JSON_REAL:
		*ret = tw_printf("%.15g", json_real_value(v));
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		*ret = tw_strdup(json_is_true(v) ? "1" : "0");
		return true;
	case JSON_NULL:
		*ret = NULL;
		return true;
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return false;
}

static bool read_sets(struct answer *a, json_t *set)
{
	const char *name;
	json_t *v;
	size_t n = 0;

	if (!json_is_object(set) || json_object_size(set) > ANSWER_NAMES_MAX) {
		answer_failed(a, "\"set\" of its answer is no object of at most %d fields",
			      ANSWER_NAMES_MAX);
		return false;
	}
	json_object_foreach(set, name, v) {
		if (!read_scalar(v, &a->values[n])) {
			answer_failed(a, "\"%.40s\" in \"set\" of its answer is no text, number or "
					 "boolean", name);
			return false;
		}
		a->sets[n] = (struct flow_answer_value){ name, a->values[n] };
		n++;
	}
	a->said.sets = a->sets;
	a->said.n_sets = n;
	return true;
}

static bool read_member(struct answer *a, const char *key, json_t *v)
{
	struct flow_answer *said = &a->said;

	if (!strcmp(key, "set"))
		return read_sets(a, v);
	if (!strcmp(key, "reply")) {
		said->replies = a->replies;
		return read_texts(a, key, v, a->replies, TW_COUNT(a->replies), &said->n_replies);
	}
	if (!strcmp(key, "tag")) {
		said->tags = a->tags;
		return read_texts(a, key, v, a->tags, TW_COUNT(a->tags), &said->n_tags);
	}
	if (!strcmp(key, "untag")) {
		said->untags = a->untags;
		return read_texts(a, key, v, a->untags, TW_COUNT(a->untags), &said->n_untags);
	}
	if (!strcmp(key, "go") && json_is_string(v)) {
		said->go = json_string_value(v);
		return true;
	}
	answer_failed(a, "its answer has \"%.40s\"%s: it may have reply, set, tag, untag and go",
		      key, strcmp(key, "go") ? "" : ", which is no text");
	return false;
}

static void read_json(struct answer *a, const char *body, size_t n)
{
	json_error_t error;
	const char *key;
	json_t *v;

	a->json = json_loadb(body, n, JSON_REJECT_DUPLICATES, &error);
	if (!a->json) {
		answer_failed(a, "its answer is no JSON: %.80s in line %d", error.text, error.line);
		return;
	}
	if (!json_is_object(a->json)) {
		answer_failed(a, "its answer is JSON, but no object");
		return;
	}
	json_object_foreach(a->json, key, v)
		if (!json_is_null(v) && !read_member(a, key, v))
			return;
}

/* ---- TwiML --------------------------------------------------------------------------------- */

/* A step is answered to the customer, and by the one that was asked. */
static void read_twiml(struct answer *a, const char *body, size_t n)
{
	if (twiml_read(body, n, &a->twiml) < 0) {
		answer_failed(a, "its answer is no TwiML: %.110s", a->twiml.why);
		return;
	}
	for (size_t i = 0; i < a->twiml.n; i++) {
		const struct twiml_verb *v = &a->twiml.v[i];

		if (v->type != TWIML_MESSAGE || v->to || v->from) {
			answer_failed(a, "its answer redirects or texts somebody else, which a "
					 "step's cannot");
			return;
		}
		if (*v->text)
			a->replies[a->said.n_replies++] = v->text;
	}
	a->said.replies = a->replies;
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void read_text(struct answer *a, const char *body, size_t n)
{
	tw_buf_add(&a->text, body, n);
	tw_buf_addc(&a->text, '\0');
	a->replies[0] = a->text.p;
	a->said.replies = a->replies;
	a->said.n_replies = 1;
}

static bool begins(const char *body, size_t n, const char *word)
{
	return n >= strlen(word) && !memcmp(body, word, strlen(word));
}

static bool ends(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

/* What a program's output is shows at its beginning. */
static const char *guess(const char *body, size_t n)
{
	if (*body == '{')
		return "application/json";
	return begins(body, n, "<?xml") || begins(body, n, "<Response") ? "text/xml" : "text/plain";
}

void answer_read(const char *type, const char *body, size_t n, struct answer *ret)
{
	*ret = (struct answer){ .json = NULL };
	while (n && strchr(" \t\r\n", body[n - 1]) && body[n - 1])
		n--;
	while (n && strchr(" \t\r\n", *body) && *body) {
		body++;
		n--;
	}
	if (n > HOOK_BODY_MAX) {
		answer_failed(ret, "its answer is longer than 64 KiB");
		return;
	}
	if (!n)
		return;
	if (!tw_utf8_is_valid(body, n) || memchr(body, 0, n)) {
		answer_failed(ret, "its answer is no UTF-8");
		return;
	}
	if (!*type)
		type = guess(body, n);
	if (!strcmp(type, "application/json") || ends(type, "+json"))
		read_json(ret, body, n);
	else if (!strcmp(type, "text/xml") || !strcmp(type, "application/xml"))
		read_twiml(ret, body, n);
	else if (!strcmp(type, "text/plain"))
		read_text(ret, body, n);
	else
		answer_failed(ret, "its answer is %.60s, neither text/plain, text/xml nor "
				   "application/json", type);
}
