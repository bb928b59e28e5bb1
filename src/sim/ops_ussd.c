/* Control: what the network answers to USSD, balances, vouchers. */
#include "ops.h"

/* The rule for this code and modem, made where there is none. */
static struct ussd_rule *rule_for(struct air *a, const char *code, int64_t card)
{
	for (size_t i = 0; i < a->n_ussd; i++)
		if (!strcmp(a->ussd[i].code, code) && a->ussd[i].card == card)
			return &a->ussd[i];
	a->ussd = tw_realloc(a->ussd, (a->n_ussd + 1) * sizeof(*a->ussd));
	a->ussd[a->n_ussd] = (struct ussd_rule){ .code = tw_strdup(code), .card = card };
	return &a->ussd[a->n_ussd++];
}

void op_ussd(struct request *r)
{
	const char *code = NULL, *reply = NULL;
	int64_t m = 0, dcs = 15;
	struct ussd_rule *rule;
	struct card *c;

	field_modem(r, "modem", false, &c);
	field_text(r, "code", true, &code, NULL);
	field_text(r, "reply", false, &reply, NULL);
	field_int(r, "m", 0, 5, &m);
	field_int(r, "dcs", 0, 255, &dcs);
	if (request_failed(r))
		return;
	rule = rule_for(&r->sim->air, code, c ? (int64_t)c->index : -1);
	free(rule->reply);
	rule->reply = tw_strdup(reply);
	rule->m = (int)m;
	rule->dcs = (int)dcs;
}

void op_balance(struct request *r)
{
	struct card *c;
	int64_t cents;

	if (!field_modem(r, "modem", true, &c))
		return;
	cents = c->cents;
	field_int(r, "cents", 0, (int64_t)1 << 40, &cents);
	if (request_failed(r))
		return;
	c->cents = cents;
	out_int(r->out, "cents", cents);
}

void op_voucher(struct request *r)
{
	struct air *a = &r->sim->air;
	const char *code = NULL;
	int64_t cents = 1000;

	field_text(r, "code", true, &code, NULL);
	field_int(r, "cents", 1, (int64_t)1 << 40, &cents);
	if (request_failed(r))
		return;
	a->vouchers = tw_realloc(a->vouchers, (a->n_vouchers + 1) * sizeof(*a->vouchers));
	a->vouchers[a->n_vouchers++] = (struct voucher){ .code = tw_strdup(code), .cents = cents };
}
