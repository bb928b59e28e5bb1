/* Names in templates and conditions (contract 2): what the contact, the message, the run and the
 * clock are asked for, and the fields that an account declares. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "internal.h"

enum { FIELD_BASE = 1000 };	/* handles of fields begin here */

/* ---- the contact --------------------------------------------------------------------------- */

static bool ask_view(const struct flow_run *run, const char *name, struct tw_buf *out)
{
	const struct flow_view *view = run->e->view;

	return view && view->value(view->ctx, run->f->owners[run->account].name, name, out);
}

static bool get_number(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, run->e->from);
	return true;
}

static bool get_name(const struct flow_run *run, struct tw_buf *out)
{
	if (ask_view(run, "name", out))
		return true;
	if (!run->e->contact_name || !*run->e->contact_name)
		return false;
	tw_buf_adds(out, run->e->contact_name);
	return true;
}

static bool get_language(const struct flow_run *run, struct tw_buf *out)
{
	const char *language = run->e->contact_language;

	if (run->e->view)
		return ask_view(run, "language", out);
	if (!language || !*language)
		return false;
	tw_buf_adds(out, language);
	return true;
}

static bool get_country(const struct flow_run *run, struct tw_buf *out)
{
	struct number_facts facts;

	if (run->e->from_kind != NUMBER_E164 || !number_facts(run->e->from, &facts))
		return false;
	tw_buf_adds(out, facts.country);
	return true;
}

/* The one that was set, else the first of the number's. */
static bool get_zone(const struct flow_run *run, struct tw_buf *out)
{
	struct number_facts facts;

	if (ask_view(run, "zone", out))
		return true;
	if (run->e->from_kind != NUMBER_E164 || !number_facts(run->e->from, &facts) || !*facts.zone)
		return false;
	tw_buf_adds(out, facts.zone);
	return true;
}

static bool get_owner(const struct flow_run *run, struct tw_buf *out)
{
	return ask_view(run, "owner", out);
}

/* ---- the message --------------------------------------------------------------------------- */

static bool get_text(const struct flow_run *run, struct tw_buf *out)
{
	tw_utf8_clean(run->e->text, run->e->text_n, out);
	return true;
}

static bool get_args(const struct flow_run *run, struct tw_buf *out)
{
	tw_utf8_clean(run->args ? run->args : "", run->args_n, out);
	return true;
}

static bool get_keyword(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, run->keyword);
	return true;
}

static bool get_long_number(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, run->e->to);
	return true;
}

/* ---- the run ------------------------------------------------------------------------------- */

static bool get_variable(const struct flow_run *run, enum flow_variable v, struct tw_buf *out)
{
	if (!run->variables[v])
		return false;
	tw_buf_add(out, run->variables[v], run->sizes[v]);
	return true;
}

/* Fixed when the steps began; before that the view tells. */
static bool is_new(const struct flow_run *run)
{
	const struct flow_view *view = run->e->view;

	if (run->variables[VARIABLE_NEW])
		return *run->variables[VARIABLE_NEW] == '1';
	return !view || !view->is_known(view->ctx, run->f->owners[run->account].name);
}

static bool get_new(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, is_new(run) ? "1" : "0");
	return true;
}

static bool get_known(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, is_new(run) ? "0" : "1");
	return true;
}

#define VARIABLE(name, id)                                                                         \
	static bool get_##name(const struct flow_run *run, struct tw_buf *out)                     \
	{                                                                                          \
		return get_variable(run, VARIABLE_##id, out);                                      \
	}
VARIABLE(voucher, VOUCHER)
VARIABLE(ticket, TICKET)
VARIABLE(redeemed, REDEEMED)
VARIABLE(pledge, PLEDGE)
VARIABLE(booking, BOOKING)
VARIABLE(slot, SLOT)
VARIABLE(place, PLACE)
VARIABLE(map, MAP)
VARIABLE(ics, ICS)

/* ---- the clock ----------------------------------------------------------------------------- */

static bool get_hour(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_addf(out, "%d", run->now.hour);
	return true;
}

static bool get_weekday(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_addf(out, "%d", run->now.weekday);
	return true;
}

static bool get_today(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_addf(out, "%04d-%02d-%02d", run->now.year, run->now.month, run->now.day);
	return true;
}

static bool get_now(const struct flow_run *run, struct tw_buf *out)
{
	get_today(run, out);
	tw_buf_addf(out, " %02d:%02d", run->now.hour, run->now.minute);
	return true;
}

/* ---- the table ----------------------------------------------------------------------------- */

/* Those without a function belong to what is not built yet, and are refused by name. */
static const struct name {
	const char *name;
	bool (*get)(const struct flow_run *run, struct tw_buf *out);
	enum flow_type type;
	bool of_contact;
} names[] = {
	{ "text", get_text, FLOW_TYPE_TEXT, false },
	{ "args", get_args, FLOW_TYPE_TEXT, false },
	{ "keyword", get_keyword, FLOW_TYPE_TEXT, false },
	{ "long_number", get_long_number, FLOW_TYPE_TEXT, false },
	{ "number", get_number, FLOW_TYPE_TEXT, true },
	{ "name", get_name, FLOW_TYPE_TEXT, true },
	{ "language", get_language, FLOW_TYPE_TEXT, true },
	{ "country", get_country, FLOW_TYPE_TEXT, true },
	{ "zone", get_zone, FLOW_TYPE_TEXT, true },
	{ "owner", get_owner, FLOW_TYPE_TEXT, true },
	{ "hour", get_hour, FLOW_TYPE_INTEGER, true },
	{ "weekday", get_weekday, FLOW_TYPE_INTEGER, true },
	{ "today", get_today, FLOW_TYPE_TEXT, true },
	{ "now", get_now, FLOW_TYPE_TEXT, true },
	{ "new", get_new, FLOW_TYPE_BOOLEAN, false },
	{ "known", get_known, FLOW_TYPE_BOOLEAN, false },
	{ "voucher", get_voucher, FLOW_TYPE_TEXT, false },
	{ "redeemed", get_redeemed, FLOW_TYPE_TEXT, false },
	{ "pledge", get_pledge, FLOW_TYPE_NUMBER, false },
	{ "ticket", get_ticket, FLOW_TYPE_TEXT, false },
	{ "booking", get_booking, FLOW_TYPE_TEXT, false },
	{ "slot", get_slot, FLOW_TYPE_TEXT, false },
	{ "place", get_place, FLOW_TYPE_TEXT, false },
	{ "map", get_map, FLOW_TYPE_TEXT, false },
	{ "ics", get_ics, FLOW_TYPE_TEXT, false },
};

static int name_row(const char *name, size_t n)
{
	for (size_t i = 0; i < TW_COUNT(names); i++)
		if (strlen(names[i].name) == n && !memcmp(names[i].name, name, n))
			return (int)i;
	return FLOW_NONE;
}

int flow_name_find(const struct flow_compile *c, const char *name, size_t n)
{
	tw_auto(tw_free_charp) char *copy = tw_strndup(name, n);
	int row = name_row(name, n);

	flow_early_see_name(c, copy);
	if (row != FLOW_NONE)
		return names[row].get ? row : FLOW_NONE;
	row = flow_field_find(c->f, c->account, copy);
	flow_note_used(c, "field", copy);
	return row == FLOW_NONE ? FLOW_NONE : FIELD_BASE + row;
}

bool flow_name_is_reserved(const char *name)
{
	return name_row(name, strlen(name)) != FLOW_NONE;
}

bool flow_name_is_own(const char *name)
{
	return !strcmp(name, "name") || !strcmp(name, "language") || !strcmp(name, "zone") ||
	       !strcmp(name, "owner");
}

bool flow_name_is_of_contact(int name)
{
	return name >= FIELD_BASE || names[name].of_contact;
}

const char *flow_name_nearest(const struct flow_compile *c, const char *name)
{
	const struct flow_declared *sets[] = { &c->f->declared,
					       c->f->base ? &c->f->base->declared : NULL };
	const char **all = tw_alloc((TW_COUNT(names) + sets[0]->n_fields +
				     (sets[1] ? sets[1]->n_fields : 0)) * sizeof(*all)), *near;
	size_t n = 0;

	for (size_t i = 0; i < TW_COUNT(names); i++)
		all[n++] = names[i].name;
	for (size_t k = 0; k < TW_COUNT(sets) && sets[k]; k++)
		for (size_t i = 0; i < sets[k]->n_fields; i++)
			if (sets[k]->fields[i].account == c->account)
				all[n++] = sets[k]->fields[i].name;
	near = tw_nearest(name, all, n);
	free(all);
	return near;
}

bool flow_name_value(const struct flow_run *run, int name, struct tw_buf *out)
{
	if (name >= FIELD_BASE)
		return ask_view(run, flow_field(run->f, name - FIELD_BASE)->name, out);
	return names[name].get(run, out);
}

enum flow_type flow_name_type(const struct flows *f, int name)
{
	return name >= FIELD_BASE ? flow_field(f, name - FIELD_BASE)->type : names[name].type;
}

const char *flow_name_text(const struct flows *f, int name)
{
	return name >= FIELD_BASE ? flow_field(f, name - FIELD_BASE)->name : names[name].name;
}

/* ---- fields -------------------------------------------------------------------------------- */

int flow_field_find(const struct flows *f, int account, const char *name)
{
	const struct flow_declared *d = &f->declared;

	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].account == account && !strcmp(d->fields[i].name, name))
			return (int)i;
	int row = f->base ? flow_field_find(f->base, account, name) : FLOW_NONE;

	return row == FLOW_NONE ? FLOW_NONE : row + (int)d->n_fields;
}

const struct flow_field *flow_field(const struct flows *f, int row)
{
	size_t n = f->declared.n_fields;

	return (size_t)row < n ? &f->declared.fields[row] : flow_field(f->base, row - (int)n);
}

static const char *const type_names[] = { "text", "integer", "number", "date", "boolean" };

const char *flow_type_name(enum flow_type type)
{
	return type_names[type];
}

const char *flows_field_type(const struct flows *f, const char *account, const char *name)
{
	int owner = flow_account_named(f, account);
	int row = owner == FLOW_NONE ? FLOW_NONE : flow_field_find(f, owner, name);

	return row == FLOW_NONE ? NULL : flow_type_name(flow_field(f, row)->type);
}

static bool read_number(bool is_whole, const char *text, struct tw_buf *out)
{
	char *end;
	double v = strtod(text, &end);

	/* No "inf", "nan" or "0x10": they are no numbers to a customer. */
	if (end == text || *end || !isfinite(v) || text[strspn(text, "+-.0123456789eE")] ||
	    fabs(v) > 1e15)
		return false;
	if (is_whole && v != floor(v))
		return false;
	if (v == floor(v))
		tw_buf_addf(out, "%.0f", v == 0 ? 0.0 : v);
	else
		tw_buf_addf(out, "%.15g", v);
	return true;
}

static bool read_date(const char *text, struct tw_buf *out)
{
	int year, month, day, end = 0, y, m, d;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] ||
	    month < 1 || month > 12 || day < 1 || year < 1)
		return false;
	tw_civil_from_days(tw_days_from_civil(year, month, day), &y, &m, &d);
	if (y != year || m != month || d != day)
		return false;
	tw_buf_addf(out, "%04d-%02d-%02d", year, month, day);
	return true;
}

bool flow_field_read(enum flow_type type, const char *text, size_t n, struct tw_buf *out)
{
	tw_auto(tw_free_charp) char *copy = tw_strndup(text, n);

	switch (type) {
	case FLOW_TYPE_TEXT:
		tw_utf8_clean(text, n, out);
		return true;
	case FLOW_TYPE_INTEGER:
	case FLOW_TYPE_NUMBER:
		return read_number(type == FLOW_TYPE_INTEGER, copy, out);
	case FLOW_TYPE_DATE:
		return read_date(copy, out);
	case FLOW_TYPE_BOOLEAN:
		if (!strcmp(copy, "1") || !strcasecmp(copy, "yes") || !strcasecmp(copy, "true"))
			tw_buf_addc(out, '1');
		else if (!strcmp(copy, "0") || !strcasecmp(copy, "no") ||
			 !strcasecmp(copy, "false"))
			tw_buf_addc(out, '0');
		else
			return false;
		return true;
	}
	return false;
}
