/* What happens beside texts (contract 2, `on`): which steps an event begins, and when `at`
 * comes. */
#include <ctype.h>
#include <stdio.h>

#include "internal.h"

/* ---- every --------------------------------------------------------------------------------- */

static const char *skip_space(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

/* "09:00" and nothing behind it. */
static bool read_minute(const char *p, int *ret)
{
	int hour, minute, end = 0;

	if (sscanf(p, "%2d:%2d%n", &hour, &minute, &end) != 2 || p[end] || end != 5 || hour < 0 ||
	    hour > 23 || minute < 0 || minute > 59)
		return false;
	*ret = hour * 60 + minute;
	return true;
}

static bool read_every(const char *text, struct flow_every *ret)
{
	const char *p = skip_space(text);
	int end = 0;

	if (!strncasecmp(p, "day ", 4)) {
		ret->days = 0x7F;
		return read_minute(skip_space(p + 4), &ret->minute);
	}
	if (!strncasecmp(p, "month ", 6)) {
		return sscanf(p + 6, "%2d%n", &ret->day_of_month, &end) == 1 &&
		       ret->day_of_month >= 1 && ret->day_of_month <= 31 && p[6 + end] == ' ' &&
		       read_minute(skip_space(p + 6 + end), &ret->minute);
	}
	p = flow_days_read(p, &ret->days);
	return p && *p == ' ' && read_minute(skip_space(p), &ret->minute);
}

/* A month that is shorter ends earlier. */
static bool is_day_of_month(int64_t day, int wanted)
{
	int y, m, d, next_m, unused;

	tw_civil_from_days(day, &y, &m, &d);
	tw_civil_from_days(day + 1, &unused, &next_m, &unused);
	return d == wanted || (d < wanted && next_m != m);
}

static bool is_day(const struct flow_every *e, int64_t day)
{
	return e->day_of_month ? is_day_of_month(day, e->day_of_month) :
	       (e->days & 1u << ((day + 3) % 7 + 7) % 7) != 0;
}

static struct wall_ms next_time(const struct flow_every *e, const struct tw_zone *zone,
				struct wall_ms after)
{
	enum { LOOK_DAYS = 40 };
	struct tw_civil local = tw_zone_civil(zone, after);
	int64_t day = tw_days_from_civil(local.year, local.month, local.day) - 1;

	local.hour = e->minute / 60;
	local.minute = e->minute % 60;
	local.second = 0;
	for (int i = 0; i < LOOK_DAYS; i++, day++) {
		struct wall_ms at;

		if (!is_day(e, day))
			continue;
		tw_civil_from_days(day, &local.year, &local.month, &local.day);
		at = tw_zone_wall(zone, &local);
		if (at.ms > after.ms)
			return at;
	}
	return wall_after(after, INT64_C(366) * 24 * 3600 * 1000);	/* no calendar has such a
									 * gap */
}

struct wall_ms flow_at_next(const struct flows *f, const struct flow_at *at, struct wall_ms after)
{
	struct flow_every every = { .days = 0 };
	int account = flow_account_named(f, at->account);

	read_every(at->every, &every);
	return next_time(&every, f->owners[account == FLOW_NONE ? 0 : account].zone, after);
}

/* ---- compiling ----------------------------------------------------------------------------- */

static const struct event {
	const char *name;
	enum flow_happening event;
	const char *keys;		/* that it takes, divided by blanks */
} events[] = {
	{ "missed_call", FLOW_ON_MISSED_CALL, "" },
	{ "joined", FLOW_ON_JOINED, "list" },
	{ "left", FLOW_ON_LEFT, "list" },
	{ "ticket_closed", FLOW_ON_TICKET_CLOSED, "" },
	{ "redeemed", FLOW_ON_REDEEMED, "series" },
	{ "at", FLOW_ON_AT, "every audience" },
};
static const struct tw_key on_keys[] = {
	{ "event", TW_KEY_NODE, 0, .help = "what happens" },
	{ "list", TW_KEY_NODE, 0, .help = "that was joined or left" },
	{ "series", TW_KEY_NODE, 0, .help = "of the code that was redeemed" },
	{ "every", TW_KEY_NODE, 0,
	  .help = "when: \"day 09:00\", \"mon 09:00\", \"month 1 09:00\"" },
	{ "audience", TW_KEY_NODE, 0, .help = "for whom, as an expression" },
};

static bool takes_key(const struct event *e, const char *name)
{
	const char *p = strstr(e->keys, name);
	size_t n = strlen(name);

	return p && (p == e->keys || p[-1] == ' ') && (!p[n] || p[n] == ' ');
}

static const char *text_of(const struct tw_conf_node *node)
{
	return node && tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "";
}

static int refuse_others(struct flow_compile *c, const struct tw_conf_node *group,
			 const struct event *e)
{
	int r = 0;

	for (size_t i = 1; i < TW_COUNT(on_keys); i++) {
		const struct tw_conf_node *n = tw_conf_member(group, on_keys[i].name);

		if (!n || takes_key(e, on_keys[i].name))
			continue;
		tw_conf_fault(n, c->findings, true, "the event \"%s\" has no `%s`", e->name,
			      on_keys[i].name);
		r = TW_E_CONFIG;
	}
	return r;
}

/* The list or the series that it is of. */
static int read_about(struct flow_compile *c, const struct tw_conf_node *group, struct flow_on *on)
{
	const struct tw_conf_node *list = tw_conf_member(group, "list");
	const struct tw_conf_node *series = tw_conf_member(group, "series");

	if (list && !flow_list_named(c, list))
		return TW_E_CONFIG;
	if (series)
		flow_note_used(c, "voucher series", text_of(series));
	if (series && !flow_series_find(c->f, c->account, text_of(series))) {
		tw_conf_fault(series, c->findings, true,
			      "no voucher series \"%s\" is declared in `vouchers`",
			      text_of(series));
		return TW_E_CONFIG;
	}
	if (list || series)
		on->about = tw_strdup(text_of(list ? list : series));
	return 0;
}

static int read_at(struct flow_compile *c, const struct tw_conf_node *group, struct flow_on *on)
{
	const struct tw_conf_node *every = tw_conf_member(group, "every");
	const struct tw_conf_node *audience = tw_conf_member(group, "audience");
	int row;

	if (!read_every(text_of(every), &on->every)) {
		tw_conf_fault(every ? every : group, c->findings, true,
			      "`every` wants a time such as \"day "
			      "09:00\", \"mon 09:00\" or \"month 1 09:00\"");
		return TW_E_CONFIG;
	}
	if (audience && tw_conf_type(audience) != TW_CONF_STRING) {
		tw_conf_fault(audience, c->findings, true,
			      "`audience` wants an expression in quotation marks, "
			      "such as \"tag('vip')\"");
		return TW_E_CONFIG;
	}
	c->is_audience = true;
	row = audience ? flow_condition_compile(c, audience, tw_conf_string(audience)) : 0;
	on->condition = audience ? row : FLOW_NONE;
	c->is_audience = false;
	on->when = tw_strdup(text_of(every));
	on->audience = tw_strdup(text_of(audience));
	return row == FLOW_NONE ? TW_E_CONFIG : 0;
}

/* Steps of `at` may have to wait before their first: for a question to be answered, for the
 * morning. */
static void compile_steps(struct flow_compile *c, const struct tw_conf_node *group,
			  struct flow_on *on)
{
	uint32_t aside = 0;

	if (on->event == FLOW_ON_AT) {
		flow_step_begin(c);
		aside = flow_op_add(c, OP_ASIDE, 0, 0, group);
	}
	flow_verbs_compile(c, group, on_keys, TW_COUNT(on_keys), &on->program);
	if (!on->program.first)
		tw_conf_fault(group, c->findings, false, "this event does nothing");
	else if (aside)
		on->program.first = aside;
}

void flow_on_compile(struct flow_compile *c, const struct tw_conf_node *group)
{
	const struct tw_conf_node *node = tw_conf_type(group) == TW_CONF_GROUP ?
					  tw_conf_member(group, "event") : NULL;
	struct flow_on on = { .account = c->account, .file = c->file, .condition = FLOW_NONE,
			      .line = tw_conf_line(group) };
	const struct event *e = NULL;

	for (size_t i = 0; i < TW_COUNT(events); i++)
		if (!strcmp(events[i].name, text_of(node)))
			e = &events[i];
	if (!e) {
		tw_conf_fault(node ? node : group, c->findings, true,
			      "`event` wants one of: missed_call "
			      "joined left ticket_closed redeemed at");
		return;
	}
	on.event = e->event;
	int r = refuse_others(c, group, e) | read_about(c, group, &on);

	if (on.event == FLOW_ON_AT)
		r |= read_at(c, group, &on);
	compile_steps(c, group, &on);
	on.ops_end = (uint32_t)c->f->n_ops;
	if (!r) {
		*FLOW_PUSH(c->f->ons, c->f->n_ons, c->f->cap_ons) = on;
		return;
	}
	free(on.about);
	free(on.when);
	free(on.audience);
}

void flow_ons_done(struct flows *f)
{
	for (size_t i = 0; i < f->n_ons; i++) {
		free(f->ons[i].about);
		free(f->ons[i].when);
		free(f->ons[i].audience);
	}
	free(f->ons);
}

/* ---- for others ---------------------------------------------------------------------------- */

bool flows_on(const struct flows *f, const struct flow_event *e, const char *account,
	      enum flow_happening event, const char *about, size_t nth, struct flow_intent *ret)
{
	int owner = flow_account_named(f, account);

	for (size_t i = 0; i < f->n_ons; i++) {
		const struct flow_on *on = &f->ons[i];

		if (on->account != owner || on->event != event || !on->program.first ||
		    (on->about && about && strcmp(on->about, about) != 0) ||
		    (*e->to && !flow_has_number(&f->files[on->file].numbers, e->to)) || nth--)
			continue;
		*ret = (struct flow_intent){ .type = FLOW_BEGIN, .account = f->owners[owner].name,
					     .program = on->program.first, .args = "" };
		return true;
	}
	return false;
}

bool flows_at(const struct flows *f, size_t i, struct flow_at *ret)
{
	size_t at = 0;

	while (at < f->n_ons && (f->ons[at].event != FLOW_ON_AT || !f->ons[at].program.first ||
				 i--))
		at++;
	if (at == f->n_ons)
		return false;
	const struct flow_on *on = &f->ons[at];

	*ret = (struct flow_at){ .account = f->owners[on->account].name, .every = on->when,
				 .audience = on->audience, .program = on->program.first };
	const struct tw_strings *lines = &f->files[on->file].numbers;

	if (flow_lines_are_known(lines)) {
		ret->numbers = (const char *const *)lines->v;
		ret->n_numbers = lines->n;
	}
	for (size_t k = 0; k < at; k++)
		ret->nth += f->ons[k].event == FLOW_ON_AT && f->ons[k].account == on->account &&
			    !strcmp(f->ons[k].when, on->when) &&
			    !strcmp(f->ons[k].audience, on->audience);
	return true;
}
