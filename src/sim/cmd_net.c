/* The network as a module shows it: registration, signal, calls, forwarding. */
#include "commands.h"

#include <stdio.h>

/* ---- registration (27.007 7.2, 10.1.20, 10.1.22) --------------------------------------------- */

/* One SIM has one registration; a card without circuit-switched service shows it on LTE alone. */
static int stat_shown(const struct card *c, bool is_cs)
{
	if (c->fun != 1 || c->cops_off || !c->has_sim || c->pin_state != PIN_READY)
		return 0;
	return is_cs && !c->cs_service ? 0 : c->stat;
}

static void reg_line(const struct card *c, char *out, size_t cap, const char *name, int n, int stat,
		     bool is_urc)
{
	char lead[8] = "";

	if (!is_urc)
		snprintf(lead, sizeof(lead), "%d,", n);
	if (n == 2 && (stat == 1 || stat == 5))
		snprintf(out, cap, "%s: %s%d,\"%04X\",\"%08X\",%d", name, lead, stat, 0x1A2B,
			 0x01020300u + c->index, c->act);
	else
		snprintf(out, cap, "%s: %s%d", name, lead, stat);
}

static struct answer reg_command(struct card *c, const struct call *call, uint8_t *n, bool is_cs)
{
	char line[64];
	int value;

	if (call->form == FORM_READ) {
		reg_line(c, line, sizeof(line), call->name, *n, stat_shown(c, is_cs), false);
		card_info(c, "%s", line);
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 2, &value))
		return CME(50);
	*n = (uint8_t)value;
	return ANSWER(OK);
}

struct answer cmd_creg(struct card *c, const struct call *call)
{
	return reg_command(c, call, &c->set.creg, true);
}

struct answer cmd_cgreg(struct card *c, const struct call *call)
{
	return reg_command(c, call, &c->set.cgreg, true);
}

struct answer cmd_cereg(struct card *c, const struct call *call)
{
	return reg_command(c, call, &c->set.cereg, false);
}

void net_changed(struct card *c)
{
	const struct { const char *name; int n; bool is_cs; } kinds[] = {
		{ "+CREG", c->set.creg, true }, { "+CGREG", c->set.cgreg, true },
		{ "+CEREG", c->set.cereg, false } };
	char line[64];

	for (size_t i = 0; i < TW_COUNT(kinds); i++) {
		if (!kinds[i].n)
			continue;
		reg_line(c, line, sizeof(line), kinds[i].name, kinds[i].n,
			 stat_shown(c, kinds[i].is_cs), true);
		card_urc(c, line, NULL);
	}
	control_modem_note(c->sim, c, "registration");
}

struct answer cmd_radio_switch(struct card *c, size_t i)
{
	c->act = i + 1 == c->board->radio_switch.n ? c->act_home : i ? ACT_GSM : ACT_UMTS;
	if (c->stat == c->stat_home)
		net_changed(c);
	return ANSWER(OK);
}

/* The line of the profile's pattern, its degrees filled in. */
struct answer cmd_temperature(struct card *c, const struct call *call)
{
	const char *pattern = c->board->temperature_pattern, *n = strstr(pattern, "{n}");

	(void)call;
	if (n)
		card_info(c, "%.*s%d%s", (int)(n - pattern), pattern, c->celsius, n + 3);
	return ANSWER(OK);
}

static struct answer cops_set(struct card *c, const struct call *call)
{
	int mode, format;

	if (!arg_int(call, 0, 0, 4, &mode))
		return CME(50);
	if (!arg_is_empty(call, 1)) {
		if (!arg_int(call, 1, 0, 2, &format))
			return CME(50);
		c->set.cops_format = (uint8_t)format;
	}
	if (mode == 3)
		return ANSWER(OK);
	c->cops_off = mode == 2;
	card_set_registration(c, c->stat);
	return ANSWER(OK);
}

struct answer cmd_cops(struct card *c, const struct call *call)
{
	static const char *const names[] = { "Virtual Network", "Virtual", "00199" };

	switch (call->form) {
	case FORM_TEST:		/* a search: the module is deaf meanwhile */
		card_post(c, EVENT_SCAN, 2000, 0);
		return ANSWER(LATER);
	case FORM_READ:
		if (card_is_registered(c))
			card_info(c, "+COPS: 0,%d,\"%s\",%d", c->set.cops_format,
				  names[c->set.cops_format], c->act);
		else
			card_info(c, "+COPS: %d", c->cops_off ? 2 : 0);
		return ANSWER(OK);
	case FORM_SET:
		return cops_set(c, call);
	case FORM_EXEC:
		break;
	}
	return CME(4);
}

struct answer cmd_cgatt(struct card *c, const struct call *call)
{
	if (call->form == FORM_READ)
		card_info(c, "+CGATT: %d", card_is_registered(c));
	return ANSWER(OK);
}

struct answer cmd_csq(struct card *c, const struct call *call)
{
	(void)call;
	card_info(c, "+CSQ: %d,%d", c->fun == 1 ? c->rssi : 99, c->ber);
	return ANSWER(OK);
}

/* On LTE only RSRQ and RSRP are known; the level follows that of +CSQ. */
struct answer cmd_cesq(struct card *c, const struct call *call)
{
	(void)call;
	if (c->fun != 1 || c->rssi > 31)
		card_info(c, "+CESQ: 99,99,255,255,255,255");
	else if (c->act == 7)
		card_info(c, "+CESQ: 99,99,255,255,20,%d", 20 + 2 * c->rssi);
	else
		card_info(c, "+CESQ: %d,99,255,255,255,255", 2 * c->rssi);
	return ANSWER(OK);
}

struct answer cmd_cpas(struct card *c, const struct call *call)
{
	(void)call;
	card_info(c, "+CPAS: %d", !c->ring.is_on ? 0 : c->ring.is_answered ? 4 : 3);
	return ANSWER(OK);
}

/* ---- calls ----------------------------------------------------------------------------------- */

enum { RING_EVERY_MS = 5000 };

static void ring_once(struct card *c)
{
	if (c->ring.rings-- <= 0) {
		net_hang_up(c, "NO CARRIER");
		return;
	}
	card_urc(c, "RING", NULL);
	if (c->set.clip)
		card_urcf(c, *c->ring.from ? "+CLIP: \"%s\",%d" : "+CLIP: \"%s\",128,,,,1",
			  c->ring.from, *c->ring.from == '+' ? 145 : 129);
	card_post(c, EVENT_RING, RING_EVERY_MS, c->ring.id);
}

void net_call(struct card *c, const char *from, int rings)
{
	if (c->ring.is_on || c->is_booting || !c->is_plugged || !card_is_registered(c))
		return;
	c->ring.is_on = true;
	c->ring.is_answered = false;
	c->ring.rings = rings;
	c->ring.id++;
	tw_strset(c->ring.from, sizeof(c->ring.from), from);
	ring_once(c);
}

/* The caller gives up, or the call ends: why is what the module says. */
void net_hang_up(struct card *c, const char *why)
{
	if (!c->ring.is_on)
		return;
	c->ring.is_on = false;
	control_modem_note(c->sim, c, "call_ended");
	if (why)
		card_urc(c, why, NULL);
}

struct answer cmd_hang_up(struct card *c, const struct call *call)
{
	(void)call;
	net_hang_up(c, NULL);
	return ANSWER(OK);
}

struct answer cmd_pick_up(struct card *c, const struct call *call)
{
	(void)call;
	if (!c->ring.is_on) {
		card_info(c, "NO CARRIER");
		return ANSWER(NOTHING);
	}
	c->ring.is_answered = true;
	c->ring.id++;		/* it rings no more */
	return ANSWER(OK);
}

struct answer cmd_dial(struct card *c, const struct call *call)
{
	(void)call;
	if (!card_is_registered(c))
		return CME(30);
	card_info(c, "NO CARRIER");
	return ANSWER(NOTHING);
}

struct answer cmd_clip(struct card *c, const struct call *call)
{
	int value;

	if (call->form == FORM_READ) {
		card_info(c, "+CLIP: %d,1", c->set.clip);
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 1, &value))
		return CME(50);
	c->set.clip = value;
	return ANSWER(OK);
}

/* +CCFC=<reason>,<mode>[,<number>,<type>[,<class>]]: 4 is all, 5 all conditional (27.007 7.11). */
struct answer cmd_ccfc(struct card *c, const struct call *call)
{
	char number[SIM_NUMBER_MAX] = "";
	int reason, mode, first, last;

	if (!arg_int(call, 0, 0, 5, &reason) || !arg_int(call, 1, 0, 4, &mode))
		return CME(50);
	if (!card_is_registered(c))
		return CME(30);
	first = reason == 4 ? 0 : reason == 5 ? 1 : reason;
	last = reason >= 4 ? CCFC_REASONS - 1 : reason;
	if (mode == 2) {
		if (c->ccfc[first].enabled)
			card_info(c, "+CCFC: 1,1,\"%s\",%d", c->ccfc[first].number,
				  *c->ccfc[first].number == '+' ? 145 : 129);
		else
			card_info(c, "+CCFC: 0,7");
		return ANSWER(OK);
	}
	if (mode == 3 && !arg_text(call, 2, number, sizeof(number)))
		return CME(50);
	for (int i = first; i <= last; i++) {
		if (mode == 3)
			tw_strset(c->ccfc[i].number, sizeof(c->ccfc[i].number), number);
		if (mode == 4)
			*c->ccfc[i].number = '\0';
		c->ccfc[i].enabled = (mode == 1 || mode == 3) && *c->ccfc[i].number;
	}
	return ANSWER(OK);
}

void net_event(struct card *c, const struct sim_event *e)
{
	if (e->type == EVENT_RING && c->ring.is_on && e->id == c->ring.id) {
		ring_once(c);
	} else if (e->type == EVENT_USSD && e->id == c->ussd.id) {
		net_ussd_tell(c);
	} else if (e->type == EVENT_SCAN) {
		card_info(c, "+COPS: (2,\"Virtual Network\",\"Virtual\",\"00199\",7)"
			     ",(3,\"Other Network\",\"Other\",\"00198\",0),,(0-4),(0-2)");
		card_finish(c, (struct answer){ ANSWER_OK, 0 });
	}
}
