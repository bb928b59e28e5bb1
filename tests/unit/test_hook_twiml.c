#include "run.h"

#include <twoway/hook.h>

#include <stdio.h>

/* What a document says, a verb a line: "message to|from|action|GET text" and "redirect GET url". */
static char *read_document(const char *document, size_t n)
{
	struct tw_buf b = { 0 };
	struct twiml t;

	if (twiml_read(document, n, &t) < 0)
		tw_buf_addf(&b, "%d", t.code);
	for (size_t i = 0; i < t.n; i++) {
		const struct twiml_verb *v = &t.v[i];

		if (v->type == TWIML_MESSAGE)
			tw_buf_addf(&b, "message %s|%s|%s|%s %s\n", v->to ? v->to : "", v->from ? v->from : "",
				    v->action ? v->action : "", v->is_get ? "GET" : "", v->text);
		else
			tw_buf_addf(&b, "redirect %s %s\n", v->is_get ? "GET" : "POST", v->text);
	}
	twiml_done(&t);
	return tw_buf_take(&b);
}

START_TEST(test_documents)
{
	static const struct { const char *document, *said; } rows[] = {
		{ "<Response/>", "" },
		{ "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\n</Response>\n", "" },
		{ "<Response><Message>Hi</Message></Response>", "message ||| Hi\n" },
		{ "<Response><Sms>Hi</Sms></Response>", "message ||| Hi\n" },
		{ "<Response><Message>\n  Hi you \n</Message></Response>", "message ||| Hi you\n" },
		{ "<Response><Message><Body>A </Body>\n<Body>B</Body></Message></Response>", "message ||| A B\n" },
		{ "<Response><Message>not<Body>this</Body></Message></Response>", "message ||| this\n" },
		{ "<Response><Message><Body>x</Body><Media>http://h/i.png</Media></Message></Response>",
		  "message ||| x\n" },
		{ "<Response><Message/></Response>", "message ||| \n" },
		{ "<Response><Message to='+1' from='+2' action='/s' method='GET'>x</Message></Response>",
		  "message +1|+2|/s|GET x\n" },
		{ "<Response><Message statusCallback='/old' action='/new'>x</Message></Response>",
		  "message ||/new| x\n" },
		{ "<Response><Message action='/new' statusCallback='/old'>x</Message></Response>",
		  "message ||/new| x\n" },
		{ "<Response><Message>1</Message><!-- c --><Message>2</Message></Response>",
		  "message ||| 1\nmessage ||| 2\n" },
		{ "<Response><Message>&lt;b&gt; &amp; <![CDATA[<i>&]]> &#128077;</Message></Response>",
		  "message ||| <b> & <i>& \xF0\x9F\x91\x8D\n" },
		{ "<?xml version='1.0' encoding='ISO-8859-1'?><Response><Message>\xe9</Message></Response>",
		  "message ||| \xc3\xa9\n" },
		{ "<Response><Redirect>/a?b=1&amp;c=2</Redirect></Response>", "redirect POST /a?b=1&c=2\n" },
		{ "<Response><Redirect method=\"GET\"> /a </Redirect></Response>", "redirect GET /a\n" },
		{ "<Response><Message unknown='x'>y</Message></Response>", "message ||| y\n" },
		/* No TwiML. */
		{ "", "12100" }, { "Hello", "12100" }, { "<Response>", "12100" }, { "<Response></Message>", "12100" },
		{ "<Response/><Response/>", "12100" }, { "<Response><Message>&nbsp;</Message></Response>", "12100" },
		{ "<Response><Message>\xff</Message></Response>", "12100" },
		{ "{\"reply\":\"x\"}", "12100" },
		{ "<html/>", "12102" }, { "<response/>", "12102" },
		{ "<Response><Say>x</Say></Response>", "12200" },
		{ "<Response><message>x</message></Response>", "12200" },
		{ "<Response><Message><b>x</b></Message></Response>", "12200" },
		{ "<Response><Message><Body><b>x</b></Body></Message></Response>", "12200" },
		{ "<Response><Redirect><Body>x</Body></Redirect></Response>", "12200" },
		{ "<Response><Redirect method='PUT'>/</Redirect></Response>", "14104" },
		/* Nothing of a document type is expanded or fetched. */
		{ "<!DOCTYPE Response><Response/>", "12100" },
		{ "<!DOCTYPE r [<!ENTITY a 'x'>]><Response><Message>&a;</Message></Response>", "12100" },
		{ "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><Response/>", "12100" },
		{ "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><Response><Message>&a;</Message></Response>",
		  "12100" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		char *said = read_document(rows[i].document, strlen(rows[i].document));

		ck_assert_msg(!strcmp(said ? said : "", rows[i].said), "%s: %s", rows[i].document,
			      said ? said : "");
		free(said);
	}
}
END_TEST

START_TEST(test_bounds)
{
	struct tw_buf b = { 0 };
	char *said;

	tw_buf_adds(&b, "<Response>");
	for (int i = 0; i < TWIML_VERBS_MAX; i++)
		tw_buf_adds(&b, "<Message>x</Message>");
	size_t n = b.n;

	tw_buf_adds(&b, "</Response>");
	said = read_document(b.p, b.n);
	ck_assert_uint_eq(strlen(said), TWIML_VERBS_MAX * strlen("message ||| x\n"));
	free(said);
	b.n = n;
	tw_buf_adds(&b, "<Message>x</Message></Response>");
	said = read_document(b.p, b.n);
	ck_assert_str_eq(said, "14109");
	free(said);
	/* Depth costs nothing: it ends where it leaves the form. */
	tw_buf_clear(&b);
	tw_buf_adds(&b, "<Response>");
	for (int i = 0; i < 8000; i++)
		tw_buf_adds(&b, "<a>");
	said = read_document(b.p, b.n);
	ck_assert_str_eq(said, "12200");
	free(said);
	tw_buf_clear(&b);
	tw_buf_reserve(&b, HOOK_BODY_MAX + 1);
	memset(b.p, ' ', HOOK_BODY_MAX + 1);
	said = read_document(b.p, HOOK_BODY_MAX + 1);
	ck_assert_str_eq(said, "12100");
	free(said);
	tw_buf_done(&b);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_documents);
	tcase_add_test(t, test_bounds);
}

int main(void)
{
	return unit_run("hook_twiml", add);
}
