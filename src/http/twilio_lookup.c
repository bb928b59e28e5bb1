/* What Twilio's Lookup and Balance tell: of numbers, what the tables know; of money, what operators
 * said. */
#include "internal.h"

#include <stdio.h>

/* Packages that are bought; asked for or not, nothing of them is known here. */
static const char *const packages[] = {
	"caller_name", "sim_swap", "call_forwarding", "line_status", "identity_match",
	"reassigned_number", "sms_pumping_risk", "phone_number_quality_score", "pre_fill"
};

static const char *fault_name(enum number_error e, const char *typed)
{
	size_t digits = 0;

	for (; *typed; typed++)
		digits += *typed >= '0' && *typed <= '9';
	switch (e) {
	case NUMBER_LENGTH:
		return digits < 8 ? "TOO_SHORT" : "TOO_LONG";
	case NUMBER_COUNTRY:
		return "INVALID_COUNTRY_CODE";
	case NUMBER_CHARACTERS:
	case NUMBER_EMPTY:
	case NUMBER_NAME_LENGTH:
		return "NOT_A_NUMBER";
	case NUMBER_OK:
	case NUMBER_EMERGENCY:
		break;
	}
	return "INVALID_BUT_POSSIBLE";
}

/* The one package of which the tables know something. */
static void write_line_type(struct tw_buf *b, const struct http_request *r,
			    const struct number_facts *f)
{
	static const char *const types[] = { NULL, "mobile", "landline" };
	const char *fields = http_param(r, "Fields");

	if (!f || !fields || !strstr(fields, "line_type_intelligence")) {
		http_put_null(b, "line_type_intelligence");
		return;
	}
	http_put_open(b, "line_type_intelligence", '{');
	http_put_null(b, "error_code");
	http_put_null(b, "mobile_country_code");
	http_put_null(b, "mobile_network_code");
	http_put_null(b, "carrier_name");
	http_put_text(b, "type", types[f->mobile]);
	http_put_close(b, '}');
}

static void write_lookup(struct http_request *r, const char *typed, enum number_error e,
			 const struct number *n)
{
	struct number_facts facts;
	bool is_known = e == NUMBER_OK && n->kind == NUMBER_E164 && number_facts(n->text, &facts);
	char national[TW_ADDRESS_MAX], *origin = twilio_origin(r);
	struct tw_buf *b = &r->out;

	r->status = 200;
	http_put_open(b, NULL, '{');
	http_put_text(b, "calling_country_code", is_known ? facts.code : NULL);
	http_put_filled(b, "country_code", is_known ? facts.country : NULL);
	http_put_text(b, "phone_number", is_known ? n->text : typed);
	http_put_text(b, "national_format", is_known ? number_national(n->text, national) : NULL);
	http_put_bool(b, "valid", is_known);
	http_put_open(b, "validation_errors", '[');
	if (!is_known)
		http_put_text(b, NULL, fault_name(e == NUMBER_OK ? NUMBER_LENGTH : e, typed));
	http_put_close(b, ']');
	write_line_type(b, r, is_known ? &facts : NULL);
	for (size_t i = 0; i < TW_COUNT(packages); i++)
		http_put_null(b, packages[i]);
	tw_buf_addf(b, ",\"url\":\"%s/v2/PhoneNumbers/", origin);
	http_add_escaped(b, is_known ? n->text : typed);
	tw_buf_adds(b, "\"");
	http_put_close(b, '}');
	tw_buf_addc(b, '\n');
	free(origin);
}

void twilio_lookup(struct http_request *r, struct tw_now now)
{
	const char *country = http_param(r, "CountryCode");
	char *typed = tw_strdup(tw_buf_str(&r->name));
	struct number n = { .kind = NUMBER_E164 };
	enum number_error e;

	(void)now;
	if (*typed == ' ')		/* a plus that was not escaped, in the habit of forms */
		*typed = '+';
	e = number_read(typed, country ? country : r->h->setup.settings->country, &n);
	write_lookup(r, typed, e, &n);
	free(typed);
}

/* ---- Balance ------------------------------------------------------------------------------- */

/* The SIMs of an account are those dedicated to it; the shared ones too where there is no other. */
static bool is_own(const struct http_request *r, const struct bank_modem *m, const char *account)
{
	return m->account && *m->account ? !strcmp(m->account, account) : r->h->accounts.n == 1;
}

void twilio_get_balance(struct http_request *r, struct tw_now now)
{
	const struct http_account *a = twilio_account(r);
	const char *currency = r->h->setup.settings->currency;
	struct bank_modem m;
	int64_t sum = 0;
	size_t cursor = 0, known = 0;
	char text[40];

	(void)now;
	if (!a)
		return;
	while (bank_each(r->h->setup.bank, &cursor, &m)) {
		struct exchange_modem_totals t = { 0 };

		if (!is_own(r, &m, a->name))
			continue;
		exchange_modem_totals(r->h->setup.exchange, m.facts ? m.facts->iccid : "", &t);
		known += t.balance.at.ms != 0;
		sum += t.balance.at.ms ? t.balance.amount : 0;
	}
	if (!known) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN,
			    "no balance is known: it is asked where `balance` is "
			    "set for the operator of a SIM of this account");
		return;
	}
	snprintf(text, sizeof(text), "%.2f", (double)sum / QUOTA_MONEY);
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_text(&r->out, "account_sid", a->sid);
	http_put_text(&r->out, "balance", text);
	/* ISO 4217: none */
	http_put_text(&r->out, "currency", currency && *currency ? currency : "XXX");
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}
