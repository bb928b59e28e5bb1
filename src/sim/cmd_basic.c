/* V.250, who the module is, its radio. */
#include "commands.h"

#include <stdio.h>

struct answer cmd_nothing(struct card *c, const struct call *call)
{
	(void)c;
	(void)call;
	return ANSWER(OK);
}

static struct answer set_flag(bool *flag, const struct call *call)
{
	if (call->number > 1)
		return ANSWER(ERROR);
	*flag = call->number == 1;
	return ANSWER(OK);
}

struct answer cmd_echo(struct card *c, const struct call *call)
{
	return set_flag(&c->set.echo, call);
}

struct answer cmd_verbose(struct card *c, const struct call *call)
{
	return set_flag(&c->set.verbose, call);
}

struct answer cmd_quiet(struct card *c, const struct call *call)
{
	return set_flag(&c->set.quiet, call);
}

/* ATZ, AT&F: everything that a user can set, but not the storage chosen (as modules do). */
struct answer cmd_defaults(struct card *c, const struct call *call)
{
	struct card_settings was = c->set;

	(void)call;
	c->set = (struct card_settings){ .echo = !c->board || c->board->sim.echo, .verbose = true,
					 .mem = { was.mem[0], was.mem[1], was.mem[2] },
					 .cscs = "GSM" };
	return ANSWER(OK);
}

static const char *told(const char *by_board, const char *otherwise)
{
	return by_board && *by_board ? by_board : otherwise;
}

struct answer cmd_maker(struct card *c, const struct call *call)
{
	(void)call;
	card_info(c, "%s", told(c->board ? c->board->sim.maker : NULL, "twoway"));
	return ANSWER(OK);
}

struct answer cmd_model(struct card *c, const struct call *call)
{
	(void)call;
	card_info(c, "%s", told(c->board ? c->board->sim.model : NULL, "virtual"));
	return ANSWER(OK);
}

struct answer cmd_firmware(struct card *c, const struct call *call)
{
	(void)call;
	card_info(c, "%s", told(c->board ? c->board->sim.firmware : NULL, "1.0"));
	return ANSWER(OK);
}

struct answer cmd_imei(struct card *c, const struct call *call)
{
	(void)call;
	card_info(c, "%s", c->imei);
	return ANSWER(OK);
}

struct answer cmd_identify(struct card *c, const struct call *call)
{
	cmd_maker(c, call);
	cmd_model(c, call);
	card_info(c, "Revision: %s", told(c->board ? c->board->sim.firmware : NULL, "1.0"));
	return ANSWER(OK);
}

struct answer cmd_cmee(struct card *c, const struct call *call)
{
	int value;

	if (call->form == FORM_READ) {
		card_info(c, "+CMEE: %d", c->set.cmee);
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 2, &value))
		return CME(50);
	c->set.cmee = (uint8_t)value;
	return ANSWER(OK);
}

struct answer cmd_cfun(struct card *c, const struct call *call)
{
	int fun, reset = 0;

	if (call->form == FORM_READ) {
		card_info(c, "+CFUN: %d", c->fun);
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 7, &fun) ||
	    (!arg_is_empty(call, 1) && !arg_int(call, 1, 0, 1, &reset)))
		return CME(50);
	if (reset)
		return cmd_soft_reset(c, call);
	if (fun != 0 && fun != 1 && fun != 4)
		return CME(4);
	if (c->fun == fun)
		return ANSWER(OK);
	c->fun = fun;
	if (fun == 0 && c->pin_wanted_at_boot && c->pin_state == PIN_READY)
		c->pin_state = PIN_WANTED;	/* the SIM lost its power */
	card_set_registration(c, fun == 1 ? c->stat_home : 0);
	return ANSWER(OK);
}

/* Answers, then reboots: OK leaves before the card goes. */
struct answer cmd_soft_reset(struct card *c, const struct call *call)
{
	static const char ok[] = "\r\nOK\r\n";

	(void)call;
	card_reset(c, c->sim->air.boot_ms);
	card_out(c, ok, sizeof(ok) - 1);
	return ANSWER(NOTHING);
}

struct answer cmd_cscs(struct card *c, const struct call *call)
{
	static const char *const sets[] = { "GSM", "IRA", "UCS2", "HEX" };
	char name[12];

	if (call->form == FORM_READ) {
		card_info(c, "+CSCS: \"%s\"", c->set.cscs);
		return ANSWER(OK);
	}
	if (!arg_text(call, 0, name, sizeof(name)))
		return CME(50);
	for (size_t i = 0; i < TW_COUNT(sets); i++) {
		if (!strcasecmp(name, sets[i])) {
			tw_strset(c->set.cscs, sizeof(c->set.cscs), sets[i]);
			return ANSWER(OK);
		}
	}
	return CME(50);
}

struct answer cmd_cclk(struct card *c, const struct call *call)
{
	int64_t seconds = c->sim->now.wall.ms / 1000;
	int year, month, day;

	(void)call;
	tw_civil_from_days(seconds / 86400, &year, &month, &day);
	seconds %= 86400;
	card_info(c, "+CCLK: \"%02d/%02d/%02d,%02d:%02d:%02d+00\"", year % 100, month, day,
		  (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
	return ANSWER(OK);
}
