/* The account and its numbers, as Twilio's surface shows them. */
#include "internal.h"

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

/* The webhook is the account's, from its configuration. */
static void write_hooks(struct tw_buf *b, const struct settings *s, const char *account)
{
	const char *url = "", *fallback = "";

	for (size_t i = 0; i < s->n_accounts; i++) {
		if (strcmp(s->accounts[i].name, account))
			continue;
		url = s->accounts[i].webhook ? s->accounts[i].webhook : "";
		fallback = s->accounts[i].webhook_fallback ? s->accounts[i].webhook_fallback : "";
	}
	http_put_text(b, "sms_url", url);
	http_put_text(b, "sms_method", "POST");
	http_put_text(b, "sms_fallback_url", fallback);
	http_put_text(b, "sms_fallback_method", "POST");
	http_put_text(b, "sms_application_sid", "");
}

static void write_number(struct tw_buf *b, const struct http_request *r,
			 const struct http_account *a, const char *number)
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
	http_put_text(b, "friendly_name", number);
	http_put_open(b, "capabilities", '{');
	http_put_bool(b, "voice", false);
	http_put_bool(b, "sms", true);
	http_put_bool(b, "mms", false);
	http_put_bool(b, "fax", false);
	http_put_close(b, '}');
	write_hooks(b, r->h->setup.settings, a->name);
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
	http_put_null(b, "date_updated");
	http_put_text(b, "uri", uri);
	http_put_close(b, '}');
	free(uri);
}

/* The filters: PhoneNumber, FriendlyName (which is the number), Beta, Origin. */
static bool fits(struct http_request *r, const char *number)
{
	static const char *const names[] = { "PhoneNumber", "FriendlyName" };

	for (size_t i = 0; i < TW_COUNT(names); i++) {
		const char *wanted = http_param(r, names[i]);

		if (wanted && *wanted == ' ')
			*(char *)(uintptr_t)wanted = '+';
		if (wanted && *wanted && strcmp(wanted, number))
			return false;
	}
	return !(http_param(r, "Origin") && !strcmp(http_param(r, "Origin"), "twilio"));
}

void twilio_get_numbers(struct http_request *r, struct tw_now now)
{
	const struct http_account *a = twilio_account(r);
	struct tw_strings numbers = { 0 };
	struct twilio_page p = { 0 };
	int64_t i = 0;

	(void)now;
	if (!a || !twilio_read_page(r, &p))
		return;
	http_account_numbers(r->h, a->name, &numbers);
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "incoming_phone_numbers", '[');
	for (size_t k = 0; k < numbers.n; k++) {
		if (!fits(r, numbers.v[k]))
			continue;
		if (i >= p.page * p.size && p.n < p.size) {
			write_number(&r->out, r, a, numbers.v[k]);
			p.n++;
		}
		i++;
	}
	http_put_close(&r->out, ']');
	if (i > (p.page + 1) * p.size)
		p.next = twilio_page_uri(r, p.size, p.page + 1);
	if (p.page)
		p.previous = twilio_page_uri(r, p.size, p.page - 1);
	twilio_write_page(&r->out, r, &p);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	tw_strings_done(&numbers);
}

void twilio_get_number(struct http_request *r, struct tw_now now)
{
	const struct http_account *a = twilio_account(r);
	struct tw_strings numbers = { 0 };
	char sid[36];

	(void)now;
	if (!a)
		return;
	http_account_numbers(r->h, a->name, &numbers);
	for (size_t i = 0; i < numbers.n && !r->status; i++) {
		if (strcmp(twilio_sid("PN", a->name, numbers.v[i], sid), tw_buf_str(&r->name)))
			continue;
		r->status = 200;
		write_number(&r->out, r, a, numbers.v[i]);
		tw_buf_addc(&r->out, '\n');
	}
	if (!r->status)
		twilio_refuse_code(r, TW_E_UNKNOWN);
	tw_strings_done(&numbers);
}
