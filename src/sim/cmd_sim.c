/* The SIM: its PIN, its numbers, its files (27.007 8.3, 8.65, 8.18; 31.102). */
#include "commands.h"

#include <stdio.h>

static struct answer cpin_read(struct card *c)
{
	bool busy = c->pin_busy_until > c->sim->now.mono.ms;

	if (!c->has_sim || !c->fun)
		return CME(10);
	switch (c->pin_state) {
	case PIN_READY:
		/* The state lags behind the right PIN on many modules. */
		card_info(c, busy ? "+CPIN: SIM PIN" : "+CPIN: READY");
		break;
	case PIN_WANTED:
		card_info(c, "+CPIN: SIM PIN");
		break;
	case PIN_PUK:
		card_info(c, "+CPIN: SIM PUK");
		break;
	case PIN_DEAD:
		return CME(13);
	}
	return c->board && c->board->no_final_after_cpin ? ANSWER(NOTHING) : ANSWER(OK);
}

static void unlocked(struct card *c)
{
	c->pin_state = PIN_READY;
	c->pin_left = 3;
	c->pin_busy_until = c->sim->now.mono.ms + c->sim->air.sim_busy_ms;
	c->stat = c->stat_home;
	net_changed(c);
	deliver_kick(c);
}

static struct answer try_pin(struct card *c, const char *pin)
{
	if (!strcmp(pin, c->pin)) {
		unlocked(c);
		return ANSWER(OK);
	}
	if (--c->pin_left)
		return CME(16);
	c->pin_state = PIN_PUK;
	return CME(12);
}

static struct answer try_puk(struct card *c, const char *puk, const char *pin)
{
	if (!strcmp(puk, c->puk) && strlen(pin) >= 4 && strlen(pin) <= 8) {
		tw_strset(c->pin, sizeof(c->pin), pin);
		c->puk_left = 10;
		unlocked(c);
		return ANSWER(OK);
	}
	if (--c->puk_left)
		return CME(16);
	c->pin_state = PIN_DEAD;
	return CME(13);
}

struct answer cmd_cpin(struct card *c, const struct call *call)
{
	char code[16], new_pin[16] = "";

	if (call->form == FORM_READ)
		return cpin_read(c);
	if (!c->has_sim || !c->fun)
		return CME(10);
	if (!arg_text(call, 0, code, sizeof(code)))
		return CME(50);
	arg_text(call, 1, new_pin, sizeof(new_pin));
	switch (c->pin_state) {
	case PIN_READY:
		return CME(3);
	case PIN_WANTED:
		return try_pin(c, code);
	case PIN_PUK:
		return try_puk(c, code, new_pin);
	case PIN_DEAD:
		break;
	}
	return CME(13);
}

/* Tries that are left: +CPINR as 27.007 8.65 has it; else the profile's own command, with the PIN's
 * figure in the field that the profile names. */
struct answer cmd_pin_counter(struct card *c, const struct call *call)
{
	static const char *const places[] = { "first", "second", "third", "fourth" };
	const char *format = c->board ? c->board->pin_counter_format : NULL;
	int figures[4], other[3] = { c->puk_left, 10, 3 };

	if (!c->has_sim)
		return CME(10);
	for (int place = 0; format && place < 4; place++) {
		if (strcmp(format, places[place]))
			continue;
		for (int i = 0, k = 0; i < 4; i++)
			figures[i] = i == place ? c->pin_left : other[k++];
		card_info(c, "%s: %d,%d,%d,%d", call->name, figures[0], figures[1], figures[2],
			  figures[3]);
		return ANSWER(OK);
	}
	card_info(c, "+CPINR: SIM PIN,%d,3", c->pin_left);
	card_info(c, "+CPINR: SIM PUK,%d,10", c->puk_left);
	return ANSWER(OK);
}

/* +CCID is answered with the bare number by most, the vendors' own forms with their name. */
struct answer cmd_ccid(struct card *c, const struct call *call)
{
	if (!strcmp(call->name, "+CCID") || !strcmp(call->name, "+CICCID"))
		card_info(c, "%s", c->iccid);
	else
		card_info(c, "%s: %s", call->name, c->iccid);
	return ANSWER(OK);
}

/* READ BINARY of EF_ICCID (2FE2): digits with swapped nibbles, F behind an odd count. */
struct answer cmd_crsm(struct card *c, const struct call *call)
{
	int command, file;
	char digits[24], out[24];
	size_t n;

	if (!arg_int(call, 0, 0, 255, &command) || !arg_int(call, 1, 0, 65535, &file))
		return CME(50);
	if (command != 176 || file != 12258) {
		card_info(c, "+CRSM: 106,130,\"\"");	/* 6A82: file not found */
		return ANSWER(OK);
	}
	n = strlen(c->iccid);
	memcpy(digits, c->iccid, n);
	while (n < 20)
		digits[n++] = 'F';
	for (size_t i = 0; i < 20; i += 2) {
		out[i] = digits[i + 1];
		out[i + 1] = digits[i];
	}
	out[20] = '\0';
	card_info(c, "+CRSM: 144,0,\"%s\"", out);
	return ANSWER(OK);
}

struct answer cmd_cimi(struct card *c, const struct call *call)
{
	(void)call;
	card_info(c, "%s", c->imsi);
	return ANSWER(OK);
}

struct answer cmd_cnum(struct card *c, const struct call *call)
{
	(void)call;
	if (c->sim->air.cnum)
		card_info(c, "+CNUM: \"\",\"%s\",%d", c->number, *c->number == '+' ? 145 : 129);
	return ANSWER(OK);
}

/* +CLCK="SC",2 asks for the PIN lock; 0 and 1 with the PIN set it (27.007 7.4). */
struct answer cmd_clck(struct card *c, const struct call *call)
{
	char facility[4], pin[16];
	int mode;

	if (!arg_text(call, 0, facility, sizeof(facility)) || !arg_int(call, 1, 0, 2, &mode))
		return CME(50);
	if (strcasecmp(facility, "SC"))
		return CME(4);
	if (mode == 2) {
		card_info(c, "+CLCK: %d", c->pin_wanted_at_boot);
		return ANSWER(OK);
	}
	if (!arg_text(call, 2, pin, sizeof(pin)))
		return CME(50);
	if (strcmp(pin, c->pin)) {
		if (--c->pin_left)
			return CME(16);
		c->pin_state = PIN_PUK;
		return CME(12);
	}
	c->pin_left = 3;
	c->pin_wanted_at_boot = mode == 1;
	return ANSWER(OK);
}
