/* The application of an account: it is asked, in Twilio's form, about each text that no flow took,
 * and its answer is the reply. When it fails its fallback is asked, then `otherwise` applies. It is
 * told of STOP, START and HELP as well; what it answers to these is not sent. */
#include <stdio.h>

#include "application.h"
#include "talk.h"

enum { REDIRECTS_MAX = 5, CODE_CONTENT = 12300, CODE_REDIRECTS = 11215, CODE_FETCH = 11200 };

/* Where the asking about a text stands, in the row of the call. */
struct stage {
	bool is_fallback;
	int redirects;
	bool was_new;			/* the account had no such contact before this text */
	bool has_said;
	char opt_out[8];		/* told only; "" asked */
};

static char *stage_write(const struct stage *s)
{
	return tw_printf("%d %d %d %d %s", s->is_fallback, s->redirects, s->was_new, s->has_said,
			 s->opt_out);
}

static struct stage stage_read(const char *text)
{
	struct stage s = { 0 };
	int fallback = 0, was_new = 0, said = 0;

	if (text && sscanf(text, "%d %d %d %d %7s", &fallback, &s.redirects, &was_new, &said,
			   s.opt_out) < 4)
		return (struct stage){ 0 };
	s.is_fallback = fallback;
	s.was_new = was_new;
	s.has_said = said;
	return s;
}

/* ---- where ---------------------------------------------------------------------------------- */

const struct settings_account *application_account(const struct exchange *x, const char *name)
{
	for (size_t i = 0; i < x->settings->n_accounts; i++)
		if (strcmp(x->settings->accounts[i].name, name) == 0)
			return &x->settings->accounts[i];
	return NULL;
}

struct endpoint { char *url; bool is_get, is_trusted; };	/* url: heap; NULL none */

static char *usable(const char *url)
{
	return url && *url && hook_url_is_usable(url) ? tw_strdup(url) : NULL;
}

/* The account's own service that a number is in, which has a URL for texts; NULL none. */
static const struct own_pool *service_of(const struct exchange *x, int64_t account,
					 const char *number)
{
	for (size_t i = 0; i < x->n_pools; i++)
		for (size_t k = 0; x->pools[i].row.account == account && k < x->pools[i].numbers.n;
		     k++)
			if (strcmp(x->pools[i].numbers.v[k], number) == 0)
				return &x->pools[i];
	return NULL;
}

/* What the account set for the service of this number, for this number, else its webhook (contract
 * 2, order 9; a service may leave it to the number). A fallback belongs to the URL that failed. */
static int endpoint_of(struct exchange *x, const char *account, int64_t row, const char *number,
		       bool is_fallback, struct endpoint *ret)
{
	const struct settings_account *a = application_account(x, account);
	struct store_number n = { 0 };
	const struct own_pool *pool = service_of(x, row, number);
	int r = store_number(x->store, row, number, &n);

	*ret = (struct endpoint){ 0 };
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	if (pool && pool->row.url && !(pool->row.flags & STORE_POOL_BY_NUMBER)) {
		ret->url = usable(is_fallback ? pool->row.fallback : pool->row.url);
		ret->is_get = pool->row.flags & (is_fallback ? STORE_POOL_FALLBACK_GET
						 : STORE_POOL_GET);
	} else if (r == 0 && n.url && *n.url) {
		ret->url = usable(is_fallback ? n.fallback : n.url);
		ret->is_get = is_fallback ? n.fallback_is_get : n.url_is_get;
	} else if (a) {
		ret->url = usable(is_fallback ? a->webhook_fallback : a->webhook);
		ret->is_trusted = true;
	}
	store_number_done(&n);
	return 0;
}

bool application_trusts(const struct exchange *x, const char *account, const char *url)
{
	const struct settings_account *a = application_account(x, account);

	return a && (hook_url_same_place(url, a->webhook) ||
		     hook_url_same_place(url, a->webhook_fallback));
}

/* ---- asking --------------------------------------------------------------------------------- */

static void add_numbers(struct tw_buf *form, const char *from, const char *to)
{
	struct number n;

	if (number_read(from, "", &n) == NUMBER_OK && n.country[0])
		hook_form_add(form, "FromCountry", n.country);
	if (number_read(to, "", &n) == NUMBER_OK && n.country[0])
		hook_form_add(form, "ToCountry", n.country);
	hook_form_add(form, "From", from);
	hook_form_add(form, "To", to);
}

void application_sid(const struct exchange *x, const char *account, struct tw_buf *form)
{
	const struct settings_account *a = application_account(x, account);
	char sid[64];

	hook_form_add(form, "AccountSid", a ? hook_account_sid(a, sid) : "");
	hook_form_add(form, "ApiVersion", "2010-04-01");
}

char *application_named_sid(const char *prefix, const char *account, const char *name, char *out)
{
	char *whole = tw_printf("%s/%s", account, name), hex[65];
	uint8_t digest[32];

	tw_sha256(whole, strlen(whole), digest);
	tw_hex_write(digest, sizeof(digest), hex, false);
	snprintf(out, 36, "%.2s%.32s", prefix, hex);
	free(whole);
	return out;
}

static void write_text(struct exchange *x, const char *account, const struct store_message *m,
		       const char *from, const char *to, struct tw_buf *form)
{
	tw_auto(tw_free_charp) char *body = tw_strndup(m->body ? m->body : "", m->body_n);
	const struct own_pool *pool = service_of(x, m->account, to);
	char id[MESSAGE_ID_MAX], segments[16], service[64];

	store_id_write(x->store, m->id, id);
	snprintf(segments, sizeof(segments), "%d", m->segments);
	hook_form_add(form, "MessageSid", id);
	hook_form_add(form, "SmsSid", id);
	hook_form_add(form, "SmsMessageSid", id);
	if (pool)
		hook_form_add(form, "MessagingServiceSid",
			      application_named_sid("MG", account, pool->row.name, service));
	application_sid(x, account, form);
	add_numbers(form, from, to);
	hook_form_add(form, "Body", body);
	hook_form_add(form, "NumMedia", "0");
	hook_form_add(form, "NumSegments", segments);
	hook_form_add(form, "SmsStatus", "received");
}

struct failed { int code; const char *url; };	/* what led to the fallback; code 0: nothing */

static int ask(struct exchange *x, const char *account, const struct store_contact *c,
	       const struct store_message *m, const struct endpoint *at, const struct stage *s,
	       const struct failed *why)
{
	tw_auto(tw_free_charp) char *head = stage_write(s);
	struct tw_buf form = { 0 };
	char to[TW_ADDRESS_MAX] = "", code[16];
	int r = m->line ? store_line_number(x->store, m->line, to, sizeof(to)) : 0;

	if (r < 0)
		return r;
	write_text(x, account, m, c->number, to, &form);
	if (s->opt_out[0])
		hook_form_add(&form, "OptOutType", s->opt_out);
	if (why && why->code) {
		snprintf(code, sizeof(code), "%d", why->code);
		hook_form_add(&form, "ErrorCode", code);
		hook_form_add(&form, "ErrorUrl", why->url);
	}
	r = hook_add(x->hook, &(struct hook_order){
		.kind = at->is_get ? HOOK_FORM_GET : HOOK_FORM,
		.purpose = s->opt_out[0] ? HOOK_FOR_CONSENT : HOOK_FOR_TEXT, .ref = m->id,
		.account = c->account, .contact = c->id, .url = at->url, .head = head,
		.body = form.p, .body_n = form.n, .is_trusted = at->is_trusted }, x->now, NULL);
	tw_buf_done(&form);
	return r;
}

/* 1: it is asked; 0: there is nobody to ask. */
static int begin(struct exchange *x, const char *account, const struct store_contact *c,
		 int64_t message, const struct stage *s)
{
	char number[TW_ADDRESS_MAX] = "";
	struct store_message m;
	struct endpoint at;
	int r;

	if (!x->hook)
		return 0;
	r = store_message_get(x->store, message, &m);
	if (r < 0)
		return r;
	r = m.line ? store_line_number(x->store, m.line, number, sizeof(number)) : 0;
	if (r == 0)
		r = endpoint_of(x, account, c->account, number, s->is_fallback, &at);
	if (r == 0 && at.url) {
		r = ask(x, account, c, &m, &at, s, NULL);
		r = r < 0 ? r : 1;
		free(at.url);
	}
	store_message_done(&m);
	return r;
}

int application_ask(struct exchange *x, const char *account, const struct store_contact *c,
		    int64_t message, bool was_new)
{
	return begin(x, account, c, message, &(struct stage){ .was_new = was_new });
}

int application_tell(struct exchange *x, const char *account, const struct store_contact *c,
		     int64_t message, const char *opt_out)
{
	struct stage s = { 0 };

	tw_strset(s.opt_out, sizeof(s.opt_out), opt_out);
	int r = begin(x, account, c, message, &s);

	return r < 0 ? r : 0;
}

/* ---- what it says --------------------------------------------------------------------------- */

/* Strings stand in the struct, so it stays where it is. */
struct answering {
	char account[128], to[TW_ADDRESS_MAX];
	struct store_message m;
	struct flow_view view;
	struct flow_event e;
	struct talk t;
	struct stage stage;
	const struct hook_result *result;
};

static int open_answering(struct exchange *x, const struct hook_result *r, struct answering *a)
{
	memset(a, 0, sizeof(*a));
	a->result = r;
	a->stage = stage_read(r->head);
	int code = store_message_get(x->store, r->ref, &a->m);

	if (code == 0)
		code = store_contact_get(x->store, r->contact, &a->t.c);
	if (code == 0 && a->m.line)
		code = store_line_number(x->store, a->m.line, a->to, sizeof(a->to));
	if (code < 0)
		return code;
	account_of_id(x, a->t.c.account, a->account, sizeof(a->account));
	a->view = talk_look(x, a->t.c.number, a->stage.was_new ? &a->t.c : NULL, 0);
	a->e = (struct flow_event){
		.from = a->t.c.number,
		.from_kind = a->t.c.number[0] == '+' ? NUMBER_E164 : NUMBER_SHORT, .to = a->to,
		.to_account = "", .text = a->m.body ? a->m.body : "", .text_n = a->m.body_n,
		.last_account = "", .is_automatic_ok = true, .contact_language = a->t.c.language,
		.contact_name = a->t.c.name, .now = x->now.wall, .view = &a->view };
	a->t.account = a->account;
	a->t.line = a->m.line;
	a->t.message = a->m.id;
	a->t.e = &a->e;
	return 0;
}

static int refuse(struct exchange *x, const struct answering *a, const char *why)
{
	return talk_refuse(x, &a->t, "reply.refused", why);
}

static int other_contact(struct exchange *x, struct answering *a, const char *to,
			 struct store_contact *ret)
{
	struct number n;

	if (number_read(to, post_home(x, a->to), &n) != NUMBER_OK || n.kind == NUMBER_NAME)
		return TW_E_SYNTAX;
	if (strcmp(n.text, a->t.c.number) == 0)
		return 0;
	if (tw_map_get(&x->lines, n.text, strlen(n.text)))
		return TW_E_DENIED;
	return store_contact(x->store, a->t.c.account, n.text, true, x->now.wall, ret);
}

static int other_line(struct exchange *x, const struct answering *a, const char *from,
		      struct out *out)
{
	struct number n;

	if (number_read(from, post_home(x, a->to), &n) != NUMBER_OK)
		return TW_E_UNKNOWN;
	int r = store_line_find(x->store, n.text, &out->line);

	out->is_bound = r == 0 && out->line != a->t.line;
	return r < 0 ? r : line_may(x, out->line, a->t.c.account, NULL) || !out->is_bound ? 0
	       : TW_E_UNKNOWN;
}

/* The URL that `action` leads to, with its method. Heap; NULL: none. */
static char *callback_of(const struct answering *a, const struct twiml_verb *v)
{
	char *url = v->action ? hook_url_join(a->result->url, v->action) : NULL, *by_get;

	if (!url || !v->is_get)
		return url;
	by_get = hook_url_by_get(url);
	free(url);
	return by_get;
}

/* A text to whoever wrote, or to somebody else. What may not go is told as an event, and is no
 * error. */
static int say(struct exchange *x, struct answering *a, const struct twiml_verb *v)
{
	tw_auto(tw_free_charp) char *callback = callback_of(a, v);
	struct flow_intent as = { .type = FLOW_REPLY, .text = v->text, .text_n = strlen(v->text) };
	struct store_contact c = a->t.c;
	struct out out = { .contact = &c, .text = v->text, .text_n = as.text_n, .line = a->t.line,
			   .origin = a->t.message, .lane = LANE_REPLY, .flags = STORE_AUTOMATIC,
			   .callback = callback };
	struct sms_form form;
	struct sms_fault fault;
	int64_t sent;
	int r = v->to ? other_contact(x, a, v->to, &c) : 0;

	if (r == TW_E_SYNTAX || r == TW_E_DENIED)
		return refuse(x, a, "`to` is no number that can be texted");
	if (r == 0 && v->from)
		r = other_line(x, a, v->from, &out);
	if (r == TW_E_UNKNOWN)
		return refuse(x, a, "`from` is no number that this account may use");
	if (r < 0)
		return r;
	if (!as.text_n)
		return refuse(x, a, "the message has no text");
	if (c.stopped_at.ms)
		return refuse(x, a, "the recipient has opted out");
	if (limits_reached(x, &c, a->account))
		return refuse(x, a, "auto_reply_limit is reached");
	if (c.number[0] != '+' && c.id == a->t.c.id && a->e.from_kind == NUMBER_NAME)
		return refuse(x, a, "a name cannot be answered");
	if (outbox_form(x, v->text, as.text_n, false, &form, &fault) < 0)
		return refuse(x, a, "the reply takes more than max_segments, or is no UTF-8");
	r = outbox_add(x, &out, &form, &sent);
	if (r < 0)
		return r;
	loops_replied(x, out.line, &c, a->account, &as);
	a->t.has_replied |= c.id == a->t.c.id;
	a->stage.has_said = true;
	return 0;
}

static int go_to(struct exchange *x, struct answering *a, const struct twiml_verb *v,
		 struct failed *why)
{
	struct endpoint at = { .url = hook_url_join(a->result->url, v->text), .is_get = v->is_get };
	int r = 0;

	if (!at.url || a->stage.redirects >= REDIRECTS_MAX) {
		why->code = at.url ? CODE_REDIRECTS : CODE_FETCH;
		free(at.url);
		return 0;
	}
	at.is_trusted = a->result->is_trusted && hook_url_same_place(at.url, a->result->asked);
	a->stage.redirects++;
	r = ask(x, a->account, &a->t.c, &a->m, &at, &a->stage, NULL);
	free(at.url);
	return r;
}

static int run_verbs(struct exchange *x, struct answering *a, const struct twiml *t,
		     struct failed *why)
{
	int r = 0;

	for (size_t i = 0; i < t->n && r == 0; i++) {
		if (t->v[i].type == TWIML_REDIRECT)
			return go_to(x, a, &t->v[i], why);	/* what follows is not carried
								 * out */
		r = say(x, a, &t->v[i]);
	}
	return r;
}

static bool is_blank(const char *p, size_t n)
{
	while (n && strchr(" \t\r\n", *p) && *p)
		p++, n--;
	return n == 0;
}

/* Carries out what was answered; an answer that is none sets why->code and text. */
static int carry_out(struct exchange *x, struct answering *a, struct failed *why, char text[160])
{
	const struct hook_result *r = a->result;
	struct twiml t;
	int code;

	if (r->status == 204 || is_blank(r->body, r->body_n))
		return 0;
	if (strcmp(r->type, "text/plain") == 0 && tw_utf8_is_valid(r->body, r->body_n) &&
	    !memchr(r->body, 0, r->body_n)) {
		tw_auto(tw_free_charp) char *body = tw_strndup(r->body, r->body_n);

		return say(x, a, &(struct twiml_verb){ .type = TWIML_MESSAGE, .text = body });
	}
	if (strcmp(r->type, "text/xml") && strcmp(r->type, "application/xml")) {
		why->code = CODE_CONTENT;
		snprintf(text, 160, "its answer is %.60s, neither TwiML nor plain UTF-8 text",
			 r->type[0] ? r->type : "of no type");
		return 0;
	}
	code = twiml_read(r->body, r->body_n, &t);
	if (code < 0) {
		why->code = t.code;
		snprintf(text, 160, "its answer is no TwiML: %.120s", t.why);
		return 0;
	}
	code = run_verbs(x, a, &t, why);
	if (why->code)
		snprintf(text, 160, "it redirects too often, or to no URL");
	twiml_done(&t);
	return code;
}

/* ---- when it fails -------------------------------------------------------------------------- */

static int begin_otherwise(struct exchange *x, struct answering *a)
{
	struct flow_result intents = { 0 };
	int r = 0;

	if (!x->flows || a->stage.has_said)
		return 0;	/* who was answered is not told that nobody understood */
	flow_decide_otherwise(x->flows, &a->e, a->account, &intents);
	for (size_t i = 0; i < intents.n && r == 0; i++)
		r = intents.v[i].type == FLOW_BEGIN ? talk_begin(x, &a->t, &intents.v[i])
						    : talk_reply(x, &a->t, &intents.v[i]);
	flow_result_done(&intents);
	return r < 0 ? r : x->asked.error;
}

/* The fallback, once; then `otherwise`. */
static int fall_back(struct exchange *x, struct answering *a, const struct failed *why,
		     const char *text)
{
	struct endpoint at = { 0 };
	int r = store_event_add(x->store, "webhook.failed", why->url, text, a->m.id, x->now.wall);

	if (r == 0 && !a->stage.is_fallback)
		r = endpoint_of(x, a->account, a->t.c.account, a->to, true, &at);
	if (r < 0)
		return r;
	if (!at.url)
		return a->stage.opt_out[0] ? 0 : begin_otherwise(x, a);
	a->stage.is_fallback = true;
	a->stage.redirects = 0;
	r = ask(x, a->account, &a->t.c, &a->m, &at, &a->stage, why);
	free(at.url);
	return r;
}

static int end(struct exchange *x, struct answering *a)
{
	const struct hook_result *r = a->result;
	struct failed why = { 0, r->asked };
	char text[160] = "";
	int code = 0;

	if (r->end != HOOK_ANSWERED) {
		why.code = r->code ? r->code : CODE_FETCH;
		tw_strset(text, sizeof(text), r->error);
	} else if (!a->stage.opt_out[0]) {
		code = carry_out(x, a, &why, text);
	}
	if (code == 0 && why.code)
		code = fall_back(x, a, &why, text);
	if (code == 0 && a->t.has_replied)
		code = store_thread_touch(x->store, a->t.c.id, a->t.line, (struct wall_ms){ 0 },
					  x->now.wall);
	return code;
}

int application_ended(struct exchange *x, const struct hook_result *r)
{
	struct answering *a = tw_alloc(sizeof(*a));
	int code = open_answering(x, r, a);

	if (code == 0)
		code = end(x, a);
	else if (code == TW_E_UNKNOWN)
		code = 0;	/* text or contact was erased meanwhile */
	store_message_done(&a->m);
	free(a);
	return code;
}
