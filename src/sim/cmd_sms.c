/* Sending and how texts are handed over (27.005 3 and 4). PDU mode is what a card speaks: in text
 * mode (+CMGF=1) its SMS commands answer CMS 305, as to parameters of the wrong mode. */
#include "commands.h"

struct answer cmd_cmgf(struct card *c, const struct call *call)
{
	int value;

	if (call->form == FORM_READ) {
		card_info(c, "+CMGF: %d", c->set.cmgf);
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 1, &value))
		return CMS(305);
	c->set.cmgf = (uint8_t)value;
	return ANSWER(OK);
}

struct answer cmd_csdh(struct card *c, const struct call *call)
{
	int value;

	if (call->form == FORM_READ) {
		card_info(c, "+CSDH: %d", c->set.csdh);
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 1, &value))
		return CMS(305);
	c->set.csdh = (uint8_t)value;
	return ANSWER(OK);
}

struct answer cmd_csca(struct card *c, const struct call *call)
{
	if (call->form == FORM_READ) {
		if (!*c->smsc)
			return CMS(330);
		card_info(c, "+CSCA: \"%s\",%d", c->smsc, *c->smsc == '+' ? 145 : 129);
		return ANSWER(OK);
	}
	return arg_text(call, 0, c->smsc, sizeof(c->smsc)) ? ANSWER(OK) : CMS(304);
}

struct answer cmd_csms(struct card *c, const struct call *call)
{
	int value, own = c->board ? (int)c->board->csms : 1;

	if (call->form == FORM_READ) {
		card_info(c, "+CSMS: %d,1,1,1", c->set.csms);
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 255, &value) || (value > 1 && value != own))
		return CMS(303);
	c->set.csms = (uint8_t)value;
	card_info(c, "+CSMS: 1,1,1");
	return ANSWER(OK);
}

struct answer cmd_cgsms(struct card *c, const struct call *call)
{
	int value;

	if (c->board && !c->board->cgsms.n)
		return CME(4);
	if (call->form == FORM_READ) {
		card_info(c, "+CGSMS: %d", c->set.cgsms);
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 3, &value))
		return CME(50);
	c->set.cgsms = (uint8_t)value;
	return ANSWER(OK);
}

/* Over LTE a text takes the domain that +CGSMS names or prefers; a network that does not carry it
 * there says nothing until the modem gives up. */
static bool is_carried(const struct card *c)
{
	bool by_packets = c->set.cgsms == 0 || c->set.cgsms == 2;

	return c->act != ACT_LTE || (by_packets ? c->lte_ps : c->lte_cs);
}

struct answer cmd_cmms(struct card *c, const struct call *call)
{
	int value, most = c->board ? (int)c->board->cmms : BOARD_CMMS_2;

	if (call->form == FORM_READ) {
		card_info(c, "+CMMS: %d", c->set.cmms);
		return ANSWER(OK);
	}
	if (most == BOARD_CMMS_NO)
		return CMS(500);
	if (!arg_int(call, 0, 0, 2, &value))
		return CMS(304);
	c->set.cmms = (uint8_t)value;
	return ANSWER(OK);
}

/* ---- indications ----------------------------------------------------------------------------- */

static bool ladder_has(const struct tw_strings *ladder, int place, int value)
{
	for (size_t i = 0; i < ladder->n; i++) {
		const char *p = ladder->v[i];

		for (int k = 0; k < place && p; k++)
			p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL;
		if (p && atoi(p) == value)
			return true;
	}
	return false;
}

/* What the family's module takes: a value that no line of the profile's ladders has is refused, as
 * ds=2 is by those that know no stored reports. */
static bool cnmi_takes(const struct card *c, int place, int value)
{
	static const int most[5] = { 3, 3, 3, 2, 1 };
	const struct board *b = c->board;

	if (value < 0 || value > most[place])
		return false;
	if (!b || !b->cnmi.n || value == 0 || (place == 0 && value == 1))
		return true;
	return ladder_has(&b->cnmi, place, value) || ladder_has(&b->cnmi_direct, place, value);
}

static struct answer cnmi_test(struct card *c)
{
	static const int most[5] = { 3, 3, 3, 2, 1 };
	struct tw_buf b = { 0 };

	for (int place = 0; place < 5; place++) {
		const char *between = place ? ",(" : "(";

		for (int v = 0; v <= most[place]; v++) {
			if (!cnmi_takes(c, place, v))
				continue;
			tw_buf_addf(&b, "%s%d", between, v);
			between = ",";
		}
		tw_buf_addc(&b, ')');
	}
	card_info(c, "+CNMI: %s", tw_buf_str(&b));
	tw_buf_done(&b);
	return ANSWER(OK);
}

struct answer cmd_cnmi(struct card *c, const struct call *call)
{
	uint8_t *v = c->set.cnmi;
	int value[5];

	if (call->form == FORM_TEST)
		return cnmi_test(c);
	if (call->form == FORM_READ) {
		card_info(c, "+CNMI: %d,%d,%d,%d,%d", v[0], v[1], v[2], v[3], v[4]);
		return ANSWER(OK);
	}
	for (unsigned i = 0; i < 5; i++) {
		value[i] = v[i];
		if (arg_is_empty(call, i))
			continue;
		if (!arg_int(call, i, 0, 9, &value[i]) || !cnmi_takes(c, (int)i, value[i]))
			return CMS(303);
	}
	for (int i = 0; i < 5; i++)
		v[i] = (uint8_t)value[i];
	card_post(c, EVENT_MT, 0, 0);	/* behind the answer */
	return ANSWER(OK);
}

static struct answer cnma_done(struct card *c, int kind)
{
	if (!c->set.csms || !deliver_acknowledge(c, kind == 2))
		return CMS(340);
	return ANSWER(OK);
}

struct answer cmd_cnma(struct card *c, const struct call *call)
{
	int kind = 0, length;

	if (call->form == FORM_SET && !arg_int(call, 0, 0, 2, &kind))
		return CMS(304);
	if (!arg_is_empty(call, 1)) {
		if (!kind || !arg_int(call, 1, 1, 200, &length))
			return CMS(304);
		if (!c->ack.is_on)
			return CMS(340);
		card_payload(c, PAYLOAD_CNMA, kind);
		return ANSWER(PROMPT);
	}
	return cnma_done(c, kind);
}

/* ---- sending --------------------------------------------------------------------------------- */

struct answer cmd_cmgs(struct card *c, const struct call *call)
{
	int length;

	if (c->set.cmgf)
		return CMS(305);
	if (!arg_int(call, 0, 1, 164, &length))
		return CMS(304);
	card_payload(c, PAYLOAD_CMGS, length);
	return ANSWER(PROMPT);
}

struct answer sms_payload_done(struct card *c)
{
	struct air *air = &c->sim->air;
	int64_t wait;
	int n;

	if (c->payload_kind == PAYLOAD_CNMA)
		return cnma_done(c, c->payload_length);
	while (c->payload.n && strchr("\r\n ", c->payload.p[c->payload.n - 1]))
		c->payload.n--;
	n = tw_hex_read(tw_buf_str(&c->payload), c->payload.n, c->submit.octets,
			sizeof(c->submit.octets));
	if (n < 1 || n != 1 + c->submit.octets[0] + c->payload_length)
		return CMS(304);
	if (!card_is_registered(c))
		return CMS(331);
	if (!c->submit.octets[0] && !*c->smsc)
		return CMS(330);
	c->submit.n = (uint8_t)n;
	c->submit.is_on = true;
	wait = c->submit_ms >= 0 ? c->submit_ms : air->submit_ms;
	if (c->sim->now.mono.ms >= c->link_until)
		wait += c->link_ms >= 0 ? c->link_ms : air->link_ms;
	card_post(c, EVENT_SUBMIT, wait, 0);
	return ANSWER(LATER);
}

/* The link stays up for some seconds after an answer while +CMMS says that more follows. */
enum { LINK_HELD_MS = 3000 };

struct answer sms_submit_done(struct card *c)
{
	struct sms_pdu p;
	struct sms_fault why;
	uint8_t mr = c->mr;
	int code;

	c->submit.is_on = false;
	if (!card_is_registered(c))
		return CMS(332);	/* lost while it was on the air: nobody knows */
	if (!is_carried(c))
		return CMS(500);
	if (sms_decode(c->submit.octets, c->submit.n, c->payload_length, SMS_MO, &p, &why) < 0 ||
	    p.type != SMS_SUBMIT)
		return CMS(96);
	code = air_submit(c->sim, c, &p, c->submit.octets, c->submit.n, mr);
	if (code)
		return CMS(code);
	c->mr++;
	c->sent++;
	c->link_until = c->set.cmms ? c->sim->now.mono.ms + LINK_HELD_MS : 0;
	card_info(c, "+CMGS: %d", mr);
	return ANSWER(OK);
}
