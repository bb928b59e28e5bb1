/* The account and its numbers, as Twilio's surface shows them. */
#include "internal.h"

enum { NAME_MAX_OCTETS = 256 };

void twilio_get_account(struct http_request *r, struct tw_now now)
{
	const struct http_account *a = twilio_account(r);
	char *uri;

	(void)now;
	if (!a)
		return;
	uri = tw_printf("/2010-04-01/Accounts/%s", a->sid);
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_text(&r->out, "sid", a->sid);
	http_put_text(&r->out, "friendly_name", a->name);
	http_put_text(&r->out, "status", "active");
	http_put_text(&r->out, "type", "Full");
	http_put_text(&r->out, "owner_account_sid", a->sid);
	/* Who has only a token shall not find the key that signs. */
	http_put_null(&r->out, "auth_token");
	http_put_null(&r->out, "date_created");
	http_put_null(&r->out, "date_updated");
	http_put_open(&r->out, "subresource_uris", '{');
	tw_buf_addf(&r->out, "\"messages\":\"%s/Messages.json\",\"incoming_phone_numbers\":"
		    "\"%s/IncomingPhoneNumbers.json\"", uri, uri);
	http_put_close(&r->out, '}');
	tw_buf_addf(&r->out, ",\"uri\":\"%s.json\"", uri);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	free(uri);
}

/* What the account set for the number; else the webhook of its configuration. */
static void write_hooks(struct tw_buf *b, const struct settings *s, const char *account,
			const struct store_number *own)
{
	const char *url = "", *fallback = "";

	for (size_t i = 0; i < s->n_accounts; i++) {
		if (strcmp(s->accounts[i].name, account))
			continue;
		url = s->accounts[i].webhook ? s->accounts[i].webhook : "";
		fallback = s->accounts[i].webhook_fallback ? s->accounts[i].webhook_fallback : "";
	}
	http_put_text(b, "sms_url", own->url ? own->url : url);
	http_put_text(b, "sms_method", own->url_is_get ? "GET" : "POST");
	http_put_text(b, "sms_fallback_url", own->url || own->fallback ?
		      own->fallback ? own->fallback : "" : fallback);
	http_put_text(b, "sms_fallback_method", own->fallback_is_get ? "GET" : "POST");
	http_put_text(b, "sms_application_sid", "");
}

static void write_number(struct tw_buf *b, const struct http_request *r,
			 const struct http_account *a,
			 const char *number, const struct store_number *own)
{
	static const char *const empty[] = { "status_callback", "voice_url", "voice_fallback_url",
					     "voice_application_sid", "trunk_sid" };
	char sid[36], *uri;

	twilio_sid("PN", a->name, number, sid);
	uri = tw_printf("/2010-04-01/Accounts/%s/IncomingPhoneNumbers/%s.json", a->sid, sid);
	http_put_open(b, NULL, '{');
	http_put_text(b, "sid", sid);
	http_put_text(b, "account_sid", a->sid);
	http_put_text(b, "phone_number", number);
	http_put_text(b, "friendly_name", own->name ? own->name : number);
	http_put_open(b, "capabilities", '{');
	http_put_bool(b, "voice", false);
	http_put_bool(b, "sms", true);
	http_put_bool(b, "mms", false);
	http_put_bool(b, "fax", false);
	http_put_close(b, '}');
	write_hooks(b, r->h->setup.settings, a->name, own);
	for (size_t i = 0; i < TW_COUNT(empty); i++)
		http_put_null(b, empty[i]);
	http_put_text(b, "status_callback_method", "POST");
	http_put_text(b, "voice_method", "POST");
	http_put_text(b, "api_version", "2010-04-01");
	http_put_bool(b, "beta", false);
	http_put_text(b, "origin", "hosted");
	http_put_text(b, "status", "in-use");
	http_put_text(b, "type", "mobile");
	http_put_null(b, "date_created");
	twilio_put_date(b, "date_updated", own->changed_at);
	http_put_text(b, "uri", uri);
	http_put_close(b, '}');
	free(uri);
}

static bool is_asked_for(struct http_request *r, const char *name, const char *value)
{
	const char *wanted = http_param(r, name);

	if (wanted && *wanted == ' ')
		*(char *)(uintptr_t)wanted = '+';
	return !wanted || !*wanted || !strcmp(wanted, value);
}

/* The filters: PhoneNumber, FriendlyName (the number where none was set), Beta, Origin. */
static bool fits(struct http_request *r, const char *number, const struct store_number *own)
{
	return is_asked_for(r, "PhoneNumber", number) &&
	       is_asked_for(r, "FriendlyName", own->name ? own->name : number) &&
	       is_asked_for(r, "Beta", "false") && is_asked_for(r, "Origin", "hosted");
}

static int list_numbers(struct http_request *r, const struct http_account *a,
			const struct tw_strings *numbers, struct twilio_page *p)
{
	struct store_number own = { .name = NULL };
	int64_t i = 0;

	for (size_t k = 0; k < numbers->n; k++) {
		int code = exchange_number(r->h->setup.exchange, a->name, numbers->v[k], &own);

		if (code < 0)
			return code;
		if (fits(r, numbers->v[k], &own)) {
			if (i >= p->page * p->size && p->n < p->size) {
				write_number(&r->out, r, a, numbers->v[k], &own);
				p->n++;
			}
			i++;
		}
		store_number_done(&own);
	}
	if (i > (p->page + 1) * p->size)
		p->next = twilio_page_uri(r, p->size, p->page + 1);
	if (p->page)
		p->previous = twilio_page_uri(r, p->size, p->page - 1);
	return 0;
}

void twilio_get_numbers(struct http_request *r, struct tw_now now)
{
	const struct http_account *a = twilio_account(r);
	struct tw_strings numbers = { 0 };
	struct twilio_page p = { 0 };
	int code;

	(void)now;
	if (!a || !twilio_read_page(r, &p))
		return;
	http_account_numbers(r->h, a->name, &numbers);
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "incoming_phone_numbers", '[');
	code = list_numbers(r, a, &numbers, &p);
	http_put_close(&r->out, ']');
	twilio_write_page(&r->out, r, &p);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	tw_strings_done(&numbers);
	if (code < 0)
		twilio_refuse_code(r, code);
}

/* ---- one number ---------------------------------------------------------------------------- */

char *twilio_find_number(const struct http_request *r, const char *account, const char *wanted)
{
	struct tw_strings numbers = { 0 };
	char sid[36], *found = NULL;

	http_account_numbers(r->h, account, &numbers);
	for (size_t i = 0; i < numbers.n && !found; i++) {
		if (!strcmp(twilio_sid("PN", account, numbers.v[i], sid), wanted))
			found = tw_strdup(numbers.v[i]);
	}
	tw_strings_done(&numbers);
	return found;
}

static void answer_number(struct http_request *r, const struct http_account *a, const char *number,
			  const struct store_number *own)
{
	r->status = 200;
	write_number(&r->out, r, a, number, own);
	tw_buf_addc(&r->out, '\n');
}

static bool read_name(struct http_request *r, char **name)
{
	const char *value = http_param(r, "FriendlyName");

	if (!value)
		return true;
	if (strlen(value) > NAME_MAX_OCTETS) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "FriendlyName: longer than %d octets",
			    NAME_MAX_OCTETS);
		return false;
	}
	free(*name);
	*name = *value ? tw_strdup(value) : NULL;
	return true;
}

static bool read_changes(struct http_request *r, struct store_number *own)
{
	return read_name(r, &own->name) && twilio_read_url(r, "SmsUrl", &own->url) &&
	       twilio_read_method(r, "SmsMethod", &own->url_is_get) &&
	       twilio_read_url(r, "SmsFallbackUrl", &own->fallback) &&
	       twilio_read_method(r, "SmsFallbackMethod", &own->fallback_is_get);
}

static void look_at_number(struct http_request *r, bool is_change, struct tw_now now)
{
	const struct http_account *a = twilio_account(r);
	struct store_number own = { .name = NULL };
	char *number;
	int code;

	if (!a)
		return;
	number = twilio_find_number(r, a->name, tw_buf_str(&r->name));
	code = number ? exchange_number(r->h->setup.exchange, a->name, number, &own) : TW_E_UNKNOWN;
	if (code == 0 && is_change && read_changes(r, &own))
		code = exchange_number_put(r->h->setup.exchange, a->name, number, &own, now);
	if (code < 0)
		twilio_refuse_code(r, code);
	else if (!r->status)
		answer_number(r, a, number, &own);
	store_number_done(&own);
	free(number);
}

void twilio_get_number(struct http_request *r, struct tw_now now)
{
	look_at_number(r, false, now);
}

void twilio_update_number(struct http_request *r, struct tw_now now)
{
	look_at_number(r, true, now);
}
