/* Command lines taken apart (V.250 5.2, 5.4) and looked up in one table. */
#include "commands.h"

#include <ctype.h>

enum needs {
	NEEDS_NOTHING,
	NEEDS_SIM,		/* a SIM that is unlocked: else CME 10, 11, 12, 13 */
	NEEDS_SMS		/* the same, told by CMS 310, 311, 316, 313 */
};
struct command {
	const char *name;	/* upper case; sorted by strcmp */
	command_handler *run;
	uint8_t forms;		/* enum form */
	enum needs needs;
	/* what the test form says behind "NAME: "; NULL: OK alone; "": handler */
	const char *test;
};

enum { EXEC = FORM_EXEC, READ = FORM_READ, SET = FORM_SET, TEST = FORM_TEST };

static const struct command commands[] = {
	{ "#CCID", cmd_ccid, EXEC | TEST, NEEDS_SIM, NULL },
	{ "&C", cmd_nothing, EXEC, NEEDS_NOTHING, NULL },
	{ "&D", cmd_nothing, EXEC, NEEDS_NOTHING, NULL },
	{ "&F", cmd_defaults, EXEC, NEEDS_NOTHING, NULL },
	{ "&K", cmd_nothing, EXEC, NEEDS_NOTHING, NULL },
	{ "&S", cmd_nothing, EXEC, NEEDS_NOTHING, NULL },
	{ "&W", cmd_nothing, EXEC, NEEDS_NOTHING, NULL },
	{ "+CCFC", cmd_ccfc, SET | TEST, NEEDS_SIM, "(0-5)" },
	{ "+CCID", cmd_ccid, EXEC | READ | TEST, NEEDS_SIM, NULL },
	{ "+CCLK", cmd_cclk, READ, NEEDS_NOTHING, NULL },
	{ "+CEREG", cmd_cereg, READ | SET | TEST, NEEDS_NOTHING, "(0-2)" },
	{ "+CESQ", cmd_cesq, EXEC | TEST, NEEDS_NOTHING,
	  "(0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)" },
	{ "+CFUN", cmd_cfun, READ | SET | TEST, NEEDS_NOTHING, "(0,1,4),(0-1)" },
	{ "+CGATT", cmd_cgatt, READ | SET | TEST, NEEDS_SIM, "(0,1)" },
	{ "+CGMI", cmd_maker, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+CGMM", cmd_model, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+CGMR", cmd_firmware, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+CGREG", cmd_cgreg, READ | SET | TEST, NEEDS_NOTHING, "(0-2)" },
	{ "+CGSMS", cmd_cgsms, READ | SET | TEST, NEEDS_NOTHING, "(0-3)" },
	{ "+CGSN", cmd_imei, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+CHUP", cmd_hang_up, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+CICCID", cmd_ccid, EXEC | TEST, NEEDS_SIM, NULL },
	{ "+CIMI", cmd_cimi, EXEC | TEST, NEEDS_SIM, NULL },
	{ "+CLCK", cmd_clck, SET | TEST, NEEDS_SIM, "(\"SC\")" },
	{ "+CLIP", cmd_clip, READ | SET | TEST, NEEDS_NOTHING, "(0,1)" },
	{ "+CMEE", cmd_cmee, READ | SET | TEST, NEEDS_NOTHING, "(0-2)" },
	{ "+CMGD", cmd_cmgd, SET | TEST, NEEDS_SMS, "" },
	{ "+CMGF", cmd_cmgf, READ | SET | TEST, NEEDS_NOTHING, "(0,1)" },
	{ "+CMGL", cmd_cmgl, EXEC | SET | TEST, NEEDS_SMS, "(0-4)" },
	{ "+CMGR", cmd_cmgr, SET | TEST, NEEDS_SMS, NULL },
	{ "+CMGS", cmd_cmgs, SET | TEST, NEEDS_SMS, NULL },
	{ "+CMMS", cmd_cmms, READ | SET | TEST, NEEDS_NOTHING, "(0-2)" },
	{ "+CNMA", cmd_cnma, EXEC | SET | TEST, NEEDS_SMS, "(0-2)" },
	{ "+CNMI", cmd_cnmi, READ | SET | TEST, NEEDS_NOTHING, "" },
	{ "+CNUM", cmd_cnum, EXEC | TEST, NEEDS_SIM, NULL },
	{ "+COPS", cmd_cops, READ | SET | TEST, NEEDS_SIM, "" },
	{ "+CPAS", cmd_cpas, EXEC | TEST, NEEDS_NOTHING, "(0,3,4)" },
	{ "+CPIN", cmd_cpin, READ | SET | TEST, NEEDS_NOTHING, NULL },
	{ "+CPINR", cmd_pin_counter, EXEC | SET | TEST, NEEDS_NOTHING, NULL },
	{ "+CPMS", cmd_cpms, READ | SET | TEST, NEEDS_SMS, "" },
	{ "+CREG", cmd_creg, READ | SET | TEST, NEEDS_NOTHING, "(0-2)" },
	{ "+CRSM", cmd_crsm, SET | TEST, NEEDS_SIM, NULL },
	{ "+CSCA", cmd_csca, READ | SET | TEST, NEEDS_SMS, NULL },
	{ "+CSCS", cmd_cscs, READ | SET | TEST, NEEDS_NOTHING,
	  "(\"GSM\",\"IRA\",\"UCS2\",\"HEX\")" },
	{ "+CSDH", cmd_csdh, READ | SET | TEST, NEEDS_NOTHING, "(0,1)" },
	{ "+CSMS", cmd_csms, READ | SET | TEST, NEEDS_NOTHING, "(0,1)" },
	{ "+CSQ", cmd_csq, EXEC | READ | TEST, NEEDS_NOTHING, "(0-31,99),(0-7,99)" },
	{ "+CUSD", cmd_cusd, READ | SET | TEST, NEEDS_SIM, "(0-2)" },
	{ "+GMI", cmd_maker, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+GMM", cmd_model, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+GMR", cmd_firmware, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+GSN", cmd_imei, EXEC | TEST, NEEDS_NOTHING, NULL },
	{ "+ICCID", cmd_ccid, EXEC | READ | TEST, NEEDS_SIM, NULL },
	{ "+QCCID", cmd_ccid, EXEC | TEST, NEEDS_SIM, NULL },
	{ "A", cmd_pick_up, EXEC, NEEDS_NOTHING, NULL },
	{ "D", cmd_dial, EXEC, NEEDS_NOTHING, NULL },
	{ "E", cmd_echo, EXEC, NEEDS_NOTHING, NULL },
	{ "H", cmd_hang_up, EXEC, NEEDS_NOTHING, NULL },
	{ "I", cmd_identify, EXEC, NEEDS_NOTHING, NULL },
	{ "L", cmd_nothing, EXEC, NEEDS_NOTHING, NULL },
	{ "M", cmd_nothing, EXEC, NEEDS_NOTHING, NULL },
	{ "Q", cmd_quiet, EXEC, NEEDS_NOTHING, NULL },
	{ "V", cmd_verbose, EXEC, NEEDS_NOTHING, NULL },
	{ "X", cmd_nothing, EXEC, NEEDS_NOTHING, NULL },
	{ "Z", cmd_defaults, EXEC, NEEDS_NOTHING, NULL },
	{ "^ICCID", cmd_ccid, EXEC | READ | TEST, NEEDS_SIM, NULL },
	{ "^SCID", cmd_ccid, EXEC | TEST, NEEDS_SIM, NULL },
};

static int compare_name(const void *key, const void *row)
{
	return strcmp(key, ((const struct command *)row)->name);
}

static const struct command *command_find(const char *name)
{
	return bsearch(name, commands, TW_COUNT(commands), sizeof(commands[0]), compare_name);
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void arg_number(struct arg *a)
{
	int value = 0;
	uint16_t i = a->n && a->p[0] == '-';

	if (i == a->n || a->n > 9)
		return;
	for (; i < a->n; i++) {
		if (!isdigit((unsigned char)a->p[i]))
			return;
		value = value * 10 + (a->p[i] - '0');
	}
	a->is_int = true;
	a->value = a->p[0] == '-' ? -value : value;
}

/* Arguments up to the end or a `;` outside quotes; p moves there. False: quotes that never end, or
 * too many. */
static bool args_read(const char **p, struct call *call)
{
	const char *q = *p;

	for (;;) {
		struct arg a = { .p = q };

		if (call->n_args == CARD_ARGS_MAX)
			return false;
		while (*q == ' ')
			a.p = ++q;
		if (*q == '"') {
			const char *end = strchr(q + 1, '"');

			if (!end)
				return false;
			a = (struct arg){ .p = q + 1, .n = (uint16_t)(end - q - 1), .is_set = true,
					  .is_quoted = true };
			q = end + 1;
			while (*q == ' ')
				q++;
		} else {
			while (*q && *q != ',' && *q != ';')
				q++;
			a.n = (uint16_t)(q - a.p);
			while (a.n && a.p[a.n - 1] == ' ')
				a.n--;
			a.is_set = a.n > 0;
			arg_number(&a);
		}
		call->arg[call->n_args++] = a;
		if (*q != ',')
			break;
		q++;
	}
	*p = q;
	return !*q || *q == ';';
}

bool arg_is_empty(const struct call *call, unsigned i)
{
	return i >= call->n_args || !call->arg[i].is_set;
}

bool arg_int(const struct call *call, unsigned i, int min, int max, int *ret)
{
	if (arg_is_empty(call, i) || !call->arg[i].is_int || call->arg[i].value < min ||
	    call->arg[i].value > max)
		return false;
	*ret = call->arg[i].value;
	return true;
}

bool arg_text(const struct call *call, unsigned i, char *out, size_t cap)
{
	if (arg_is_empty(call, i))
		return false;
	tw_strsetn(out, cap, call->arg[i].p, call->arg[i].n);
	return true;
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static struct answer sim_is_missing(const struct card *c, bool is_sms)
{
	static const struct { int cme, cms; } codes[] = {
		[PIN_READY] = { 13, 313 }, [PIN_WANTED] = { 11, 311 }, [PIN_PUK] = { 12, 316 },
		[PIN_DEAD] = { 13, 313 } };

	if (!c->has_sim || !c->fun)
		return is_sms ? CMS(310) : CME(10);
	if (c->pin_state != PIN_READY)
		return is_sms ? CMS(codes[c->pin_state].cms) : CME(codes[c->pin_state].cme);
	if (c->pin_busy_until > c->sim->now.mono.ms)
		return is_sms ? CMS(314) : CME(14);
	return ANSWER(OK);
}

static struct answer command_call(struct card *c, const struct command *row,
				  const struct call *call)
{
	struct answer a;

	if (!(row->forms & call->form))
		return CME(row->needs == NEEDS_SMS ? 303 : 4);
	if (call->form == FORM_TEST && !(row->test && !*row->test)) {
		if (row->test)
			card_info(c, "%s: %s", row->name, row->test);
		return ANSWER(OK);
	}
	if (row->needs != NEEDS_NOTHING) {
		a = sim_is_missing(c, row->needs == NEEDS_SMS);
		if (a.type != ANSWER_OK)
			return a;
	}
	return row->run(c, call);
}

static bool is_extended(char letter)
{
	return letter && strchr("+^#$%*!_@", letter) != NULL;
}

/* Whether a command of the profile ("AT^RESET", "?AT^CURC=0") is the one that was given. */
static bool is_own(const char *own, const char *given, size_t n)
{
	if (!own)
		return false;
	if (*own == '?')
		own++;
	return !strncasecmp(own, "AT", 2) && strlen(own + 2) == n &&
	       !strncasecmp(own + 2, given, n);
}

/* What no row knows, but the profile does: a real module of that family answers it. */
static struct answer run_own(struct card *c, const struct call *call, const char *given, size_t n)
{
	const struct board *b = c->board;

	if (n && given[n - 1] == ';')
		n--;
	if (!b)
		return CME(4);
	if (is_own(b->soft_reset, given, n))
		return cmd_soft_reset(c, call);
	if (is_own(b->iccid, given, n))
		return cmd_ccid(c, call);
	if (is_own(b->pin_counter, given, n))
		return cmd_pin_counter(c, call);
	if (is_own(b->temperature, given, n))
		return cmd_temperature(c, call);
	for (size_t i = 0; i < b->radio_switch.n; i++)
		if (is_own(b->radio_switch.v[i], given, n))
			return cmd_radio_switch(c, i);
	for (size_t i = 0; i < b->init.n; i++)
		if (is_own(b->init.v[i], given, n))
			return ANSWER(OK);
	return CME(4);
}

/* "+NAME" with its form and arguments, up to `;` or the end. */
static struct answer run_extended(struct card *c, const char **p)
{
	const struct command *row;
	struct call call = { .form = FORM_EXEC };
	char name[24];
	size_t n = 0;
	const char *q = *p, *start = q;

	while (*q && *q != '=' && *q != '?' && *q != ';' && *q != ' ') {
		if (n + 1 < sizeof(name))
			name[n++] = (char)toupper((unsigned char)*q);
		q++;
	}
	name[n] = '\0';
	if (q[0] == '=' && q[1] == '?') {
		call.form = FORM_TEST;
		q += 2;
	} else if (*q == '?') {
		call.form = FORM_READ;
		q++;
	} else if (*q == '=') {
		call.form = FORM_SET;
		q++;
		if (!args_read(&q, &call))
			return CME(50);
	}
	while (*q == ' ')
		q++;
	if (*q == ';')
		q++;
	else if (*q)
		return CME(50);
	*p = q;
	call.name = name;
	row = command_find(name);
	return row ? command_call(c, row, &call) : run_own(c, &call, start, (size_t)(q - start));
}

static struct answer run_basic(struct card *c, const char **p)
{
	const struct command *row;
	struct call call = { .form = FORM_EXEC };
	const char *q = *p;
	char name[3] = { 0 };
	size_t n = 0;

	if (*q == '&')
		name[n++] = *q++;
	name[n] = (char)toupper((unsigned char)*q++);
	if (name[n] == 'D' && n == 0) {		/* the rest of the line is dialled */
		call.arg[0] = (struct arg){ .p = q, .n = (uint16_t)strlen(q), .is_set = *q };
		call.n_args = 1;
		q += strlen(q);
	}
	while (isdigit((unsigned char)*q) && call.number < 1000)
		call.number = call.number * 10 + (*q++ - '0');
	*p = q;
	row = name[n] ? command_find(name) : NULL;
	return row ? command_call(c, row, &call) : CME(4);
}

struct answer command_run(struct card *c, char **line)
{
	const char *p = *line;
	struct answer a;

	while (*p == ' ' || *p == ';' || *p == '\n')
		p++;
	if (!*p) {
		*line += p - *line;
		return ANSWER(OK);
	}
	a = is_extended(*p) ? run_extended(c, &p) : run_basic(c, &p);
	*line += p - *line;
	return a;
}
