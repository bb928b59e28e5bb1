/* TwiML for texts: Response with Message (text, or Body in it) and Redirect. A document type is
 * refused before any entity of it could be expanded; all else is expat's to judge. */
#include "internal.h"

#include <expat.h>
#include <stdarg.h>
#include <stdio.h>

enum { CODE_XML = 12100, CODE_ROOT = 12102, CODE_SCHEMA = 12200, CODE_METHOD = 14104,
       CODE_MANY = 14109 };
enum where { AT_START, IN_RESPONSE, IN_VERB, IN_BODY, IN_MEDIA, AT_END };

struct reader {
	XML_Parser parser;
	struct twiml *ret;
	enum where where;
	struct tw_buf own, body;	/* text directly in the verb; in its Body elements */
	bool has_body, has_failed;
};

__attribute__((format(printf, 3, 4)))
static void fail(struct reader *r, int code, const char *format, ...)
{
	va_list ap;

	if (r->has_failed)
		return;
	r->has_failed = true;
	r->ret->code = code;
	va_start(ap, format);
	vsnprintf(r->ret->why, sizeof(r->ret->why), format, ap);
	va_end(ap);
	XML_StopParser(r->parser, XML_FALSE);
}

static void set_attribute(struct reader *r, struct twiml_verb *v, const char *name,
			  const char *value)
{
	char **to = !strcmp(name, "to") ? &v->to : !strcmp(name, "from") ? &v->from :
		    !strcmp(name, "action") || !strcmp(name, "statusCallback") ? &v->action : NULL;

	if (to && v->type == TWIML_MESSAGE) {
		/* statusCallback is the older name: action goes before it */
		if (*to && strcmp(name, "action"))
			return;
		free(*to);
		*to = *value ? tw_strdup(value) : NULL;
	} else if (!strcmp(name, "method")) {
		v->is_get = !strcmp(value, "GET");
		if (!v->is_get && strcmp(value, "POST"))
			fail(r, CODE_METHOD, "method is neither GET nor POST but %.40s", value);
	}
}

static void begin_verb(struct reader *r, const char *name, const char **attributes)
{
	struct twiml *t = r->ret;
	bool is_message = !strcmp(name, "Message") || !strcmp(name, "Sms");

	if (!is_message && strcmp(name, "Redirect")) {
		fail(r, CODE_SCHEMA, "%.40s stands in Response, where Message or Redirect is "
				     "expected", name);
		return;
	}
	if (t->n == TWIML_VERBS_MAX) {
		fail(r, CODE_MANY, "more than %d verbs", TWIML_VERBS_MAX);
		return;
	}
	struct twiml_verb *v = &t->v[t->n++];

	*v = (struct twiml_verb){ .type = is_message ? TWIML_MESSAGE : TWIML_REDIRECT };
	for (; *attributes; attributes += 2)
		set_attribute(r, v, attributes[0], attributes[1]);
	tw_buf_clear(&r->own);
	tw_buf_clear(&r->body);
	r->has_body = false;
	r->where = IN_VERB;
}

static void on_begin(void *ctx, const char *name, const char **attributes)
{
	struct reader *r = ctx;

	switch (r->where) {
	case AT_START:
		if (strcmp(name, "Response"))
			fail(r, CODE_ROOT, "the root is %.40s, not Response", name);
		r->where = IN_RESPONSE;
		break;
	case IN_RESPONSE:
		begin_verb(r, name, attributes);
		break;
	case IN_VERB:
		if (r->ret->v[r->ret->n - 1].type == TWIML_MESSAGE && !strcmp(name, "Body"))
			r->where = IN_BODY;
		else if (r->ret->v[r->ret->n - 1].type == TWIML_MESSAGE && !strcmp(name, "Media"))
			r->where = IN_MEDIA;
		else
			fail(r, CODE_SCHEMA, "%.40s stands where text or Body is expected", name);
		r->has_body |= r->where == IN_BODY;
		break;
	case IN_BODY:
	case IN_MEDIA:
	case AT_END:
		fail(r, CODE_SCHEMA, "%.40s stands where text is expected", name);
		break;
	}
}

static char *trimmed(const struct tw_buf *b)
{
	static const char blank[] = " \t\r\n";
	const char *p = tw_buf_str(b);
	size_t n = b->n;

	while (n && strchr(blank, p[n - 1]))
		n--;
	while (n && strchr(blank, *p))
		p++, n--;
	return tw_strndup(p, n);
}

static void on_end(void *ctx, const char *name)
{
	struct reader *r = ctx;

	(void)name;
	switch (r->where) {
	case IN_BODY:
	case IN_MEDIA:
		r->where = IN_VERB;
		break;
	case IN_VERB:
		r->ret->v[r->ret->n - 1].text = trimmed(r->has_body ? &r->body : &r->own);
		r->where = IN_RESPONSE;
		break;
	case IN_RESPONSE:
		r->where = AT_END;
		break;
	case AT_START:
	case AT_END:
		break;
	}
}

static void on_text(void *ctx, const char *text, int n)
{
	struct reader *r = ctx;

	if (r->where == IN_VERB)
		tw_buf_add(&r->own, text, (size_t)n);
	else if (r->where == IN_BODY)
		tw_buf_add(&r->body, text, (size_t)n);
}

static void on_doctype(void *ctx, const char *name, const char *system, const char *public,
		       int has_subset)
{
	(void)name, (void)system, (void)public, (void)has_subset;
	fail(ctx, CODE_XML, "it has a document type");
}

int twiml_read(const char *document, size_t n, struct twiml *ret)
{
	struct reader r = { .ret = ret, .parser = XML_ParserCreate(NULL) };

	*ret = (struct twiml){ .n = 0 };
	if (!r.parser)
		abort();
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_begin, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	if (n > HOOK_BODY_MAX)
		fail(&r, CODE_XML, "it is longer than 64 KiB");
	else if (XML_Parse(r.parser, document, (int)n, 1) == XML_STATUS_ERROR)
		fail(&r, CODE_XML, "line %lu: %s",
		     (unsigned long)XML_GetCurrentLineNumber(r.parser),
		     XML_ErrorString(XML_GetErrorCode(r.parser)));
	XML_ParserFree(r.parser);
	tw_buf_done(&r.own);
	tw_buf_done(&r.body);
	if (!r.has_failed)
		return 0;
	int code = ret->code;
	char why[sizeof(ret->why)];

	memcpy(why, ret->why, sizeof(why));
	twiml_done(ret);
	ret->code = code;
	memcpy(ret->why, why, sizeof(why));
	return TW_E_SYNTAX;
}

void twiml_done(struct twiml *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].text);
		free(t->v[i].to);
		free(t->v[i].from);
		free(t->v[i].action);
	}
	*t = (struct twiml){ .n = 0 };
}
