/* `appointment` (contract 2): free times are offered by number and one of them is chosen; a booking
 * is confirmed, moved, canceled. Which times are free and who has booked them is the caller's. A
 * calendar's url is asked first: the conversation stands at the appointment until it answers. */
#include <ctype.h>
#include <stdio.h>

#include "internal.h"

enum { TIMEOUT_MS = 10 * 1000 };	/* of the url, where the calendar's name stands alone */

/* ---- compiling ----------------------------------------------------------------------------- */

static const struct { const char *name; enum flow_action action; bool asks; } actions[] = {
	{ "offer", FLOW_DO_OFFER, true }, { "confirm", FLOW_DO_CONFIRM, false },
	{ "move", FLOW_DO_OFFER_MOVE, true }, { "cancel", FLOW_DO_CANCEL, false },
};

static int read_action(struct flow_compile *c, const struct tw_conf_node *node, size_t *ret)
{
	const char *name = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "";

	for (size_t i = 0; i < TW_COUNT(actions); i++)
		if (!strcmp(actions[i].name, name)) {
			*ret = i;
			return 0;
		}
	tw_conf_fault(node, c->findings, true, "`action` wants one of: offer confirm move cancel");
	return TW_E_CONFIG;
}

static const struct tw_key timeout_key = {
	"timeout", TW_KEY_DURATION, offsetof(struct flow_appointment, timeout), 1000, 300e3,
	.default_text = "10s", .help = "how long the conversation waits for the calendar's url" };

/* What only the answer of a url can need. */
static int refuse_fallback(struct flow_compile *c, const struct tw_conf_node *argument,
			   const struct flow_calendar *calendar, size_t action)
{
	static const char *const names[] = { "fallback", "timeout" };
	int r = 0;

	for (size_t i = 0; i < TW_COUNT(names); i++) {
		const struct tw_conf_node *n = tw_conf_member(argument, names[i]);

		if (!n || (*calendar->url && actions[action].asks))
			continue;
		tw_conf_fault(n, c->findings, true,
			      "`%s` is for times that a `url` is asked for: %s \"%s\" %s", names[i],
			      *calendar->url ? "the action" : "the calendar",
			      *calendar->url ? actions[action].name : calendar->name,
			      *calendar->url ? "asks for none" : "lists its own in `slots`");
		r = TW_E_CONFIG;
	}
	return r;
}

static bool is_key(const char *name)
{
	static const char *const names[] = { "calendar", "action", "fallback", "timeout" };

	for (size_t i = 0; i < TW_COUNT(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* A calendar's name, or a group of it, what is done, and what is when its url tells no times. */
static int read_argument(struct flow_compile *c, const struct tw_conf_node *argument,
			 struct flow_appointment *ret, size_t *ret_action)
{
	const struct tw_conf_node *calendar = argument;
	int r = 0;

	*ret_action = 0;
	if (tw_conf_type(argument) == TW_CONF_GROUP)
		calendar = tw_conf_member(argument, "calendar");
	for (size_t i = 0; calendar != argument && i < tw_conf_length(argument); i++) {
		const struct tw_conf_node *n = tw_conf_at(argument, i);

		if (!strcmp(tw_conf_name(n), "action")) {
			r |= read_action(c, n, ret_action);
		} else if (!is_key(tw_conf_name(n))) {
			tw_conf_fault(n, c->findings, true,
				      "`appointment` has no `%s`: it is a group { calendar "
				      "= \"…\"; action = \"offer\"; }", tw_conf_name(n));
			r = TW_E_CONFIG;
		}
	}
	if (!calendar)
		tw_conf_fault(argument, c->findings, true, "`appointment` wants `calendar`");
	ret->calendar = calendar ? flow_calendar_named(c, calendar) : NULL;
	if (!r && ret->calendar && calendar != argument) {
		r = refuse_fallback(c, argument, ret->calendar, *ret_action);
		r |= tw_keys_pick(&timeout_key, 1, argument, ret, c->findings);
	}
	return r || !ret->calendar ? TW_E_CONFIG : 0;
}

/* The question is a step of its own, for a conversation stands at it. */
static int add_question(struct flow_compile *c, const struct tw_conf_node *argument,
			const struct tw_conf_node *group, uint32_t appointment)
{
	struct flow_patience patience;
	int r = flow_patience_read(c, group, &patience);

	if (r < 0)
		return r;
	*FLOW_PUSH(c->f->asks, c->f->n_asks, c->f->cap_asks) = (struct flow_ask){
		.field = FLOW_NONE, .expect = { .kind = EXPECT_SLOT, .appointment = appointment },
		.tries = (int)patience.tries, .within = patience.within,
		.policy = (enum flow_policy)patience.keywords };
	flow_step_begin_within(c);
	r = flow_ask_ops_compile(c, argument, (uint32_t)c->f->n_asks - 1, patience.no_answer);
	c->f->ops[appointment].b = (uint32_t)c->f->n_ops;
	return r;
}

/* Behind the question, which passes it by. */
static int add_fallback(struct flow_compile *c, const struct tw_conf_node *argument, uint32_t row)
{
	const struct tw_conf_node *fallback = tw_conf_type(argument) == TW_CONF_GROUP ?
					      tw_conf_member(argument, "fallback") : NULL;
	uint32_t jump;
	int r;

	if (!fallback)
		return 0;
	jump = flow_op_add(c, OP_JUMP, 0, 0, argument);
	c->f->appointments[row].fallback = (uint32_t)c->f->n_ops;
	r = flow_text_or_steps_compile(c, fallback);
	c->f->ops[jump].b = (uint32_t)c->f->n_ops;
	return r;
}

/* Where nothing is asked, nobody can be slow to answer. */
static int refuse_patience(struct flow_compile *c, const struct tw_conf_node *group,
			   const char *action)
{
	static const char *const names[] = { "tries", "within", "no_answer", "keywords" };
	int r = 0;

	for (size_t i = 0; i < TW_COUNT(names); i++) {
		const struct tw_conf_node *n = tw_conf_member(group, names[i]);

		if (!n)
			continue;
		tw_conf_fault(n, c->findings, true,
			      "`%s` stands beside a question; the action \"%s\" asks "
			      "nothing", names[i], action);
		r = TW_E_CONFIG;
	}
	return r;
}

int flow_appointment_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			     const struct tw_conf_node *group)
{
	struct flow_appointment a = { .timeout = TIMEOUT_MS };
	uint32_t op, row = (uint32_t)c->f->n_appointments;
	size_t action;

	if (read_argument(c, argument, &a, &action) < 0)
		return TW_E_CONFIG;
	a.action = actions[action].action;
	*FLOW_PUSH(c->f->appointments, c->f->n_appointments, c->f->cap_appointments) = a;
	op = flow_op_add(c, OP_APPOINTMENT, row, 0, argument);
	if (!actions[action].asks)
		return refuse_patience(c, group, actions[action].name);
	return add_question(c, argument, group, op) < 0 ? TW_E_CONFIG :
	       add_fallback(c, argument, row);
}

/* ---- what is booked, what is offered -------------------------------------------------------- */

void flow_booked_write(struct tw_buf *out, int64_t id, struct wall_ms start,
		       const struct wall_ms *slots, size_t n, const char *link)
{
	tw_buf_addf(out, "%lld %lld", (long long)id, (long long)start.ms);
	for (size_t i = 0; i < n && i < FLOW_OFFERED; i++)
		tw_buf_addf(out, " %lld", (long long)slots[i].ms);
	if (*link)
		tw_buf_addf(out, " %s", link);
}

static const struct flow_appointment *appointment_of(const struct flow_run *run, uint32_t op)
{
	return &run->f->appointments[run->f->ops[op].a];
}

/* Who comes to a place goes by its clock; who is called there goes by their own, where it is
 * known. */
static const struct tw_zone *clock_of(const struct flow_run *run, const struct flow_calendar *c)
{
	const struct flow_view *view = run->e->view;
	const struct tw_zone *zone = c->zone;
	struct tw_buf name = { 0 };

	if (!*c->place && view && view->value(view->ctx, run->f->owners[run->account].name,
					      "zone", &name) &&
	    tw_zone_get(tw_buf_str(&name), &zone) < 0)
		zone = c->zone;
	tw_buf_done(&name);
	return zone;
}

static void set_text(struct flow_run *run, enum flow_variable v, const char *text)
{
	flow_variable_set(run, v, *text ? text : NULL, strlen(text));
}

/* The names that steps have behind `appointment`. */
static void set_booked(struct flow_run *run, const struct flow_calendar *c, int64_t id,
		       struct wall_ms start, const char *link)
{
	char number[24], slot[FLOW_SLOT_MAX];
	struct tw_buf map = { 0 };

	snprintf(number, sizeof(number), "%lld", (long long)id);
	flow_calendar_map(c, &map);
	set_text(run, VARIABLE_BOOKING, number);
	set_text(run, VARIABLE_SLOT, flow_slot_write(clock_of(run, c), start, slot));
	set_text(run, VARIABLE_PLACE, c->place);
	set_text(run, VARIABLE_MAP, tw_buf_str(&map));
	set_text(run, VARIABLE_ICS, link);
	tw_buf_done(&map);
}

/* The times on offer; how many. */
static size_t offered(const struct flow_run *run, struct wall_ms out[FLOW_OFFERED])
{
	const char *p = run->variables[VARIABLE_OFFER];
	size_t n = 0;

	while (p && *p && n < FLOW_OFFERED) {
		char *end;

		out[n].ms = strtoll(p, &end, 10);
		if (end == p)
			break;
		n++;
		p = end;
	}
	return n;
}

/* "Tue 20 Jan 10:00", in the contact's language. */
static void add_time(const struct flow_run *run, const struct flow_calendar *c, struct wall_ms at,
		     struct tw_buf *out)
{
	static const char form[] = "%a %d %b %H:%M";
	char slot[FLOW_SLOT_MAX];

	flow_slot_write(clock_of(run, c), at, slot);
	flow_filter_apply(run, flow_filter_named("date", 4), form, sizeof(form) - 1, slot,
			  strlen(slot), out);
}

void flow_offer_render(const struct flow_run *run, uint32_t appointment, struct tw_buf *out)
{
	struct wall_ms slots[FLOW_OFFERED];
	size_t n = offered(run, slots);

	for (size_t i = 0; i < n; i++) {
		tw_buf_addf(out, "%s%zu: ", i ? "\n" : "", i + 1);
		add_time(run, appointment_of(run, appointment)->calendar, slots[i], out);
	}
}

/* ---- the answer ---------------------------------------------------------------------------- */

void flow_plain_key(const char *text, size_t n, struct tw_buf *out)
{
	const char *p = text, *end = text + n;
	struct tw_buf plain = { 0 };
	int32_t c;

	while ((c = tw_utf8_next(&p, end)) >= 0) {
		int digit = tw_digit_value((uint32_t)c);

		tw_buf_addu(&plain, digit >= 0 ? (uint32_t)('0' + digit) : (uint32_t)c);
	}
	tw_fold_key(tw_buf_str(&plain), plain.n, out);
	tw_buf_done(&plain);
}

static bool is_digits(const char *p, size_t n)
{
	return n && strspn(p, "0123456789") >= n;
}

/* Whether a word of the answer says this word of the time: "9" is "09", "Tuesday" is "Tue". */
static bool says(const char *said, size_t n, const char *word, size_t word_n)
{
	if (is_digits(said, n) && is_digits(word, word_n))
		return strtol(said, NULL, 10) == strtol(word, NULL, 10);
	return n >= word_n && (n == word_n || word_n >= 3) && !memcmp(said, word, word_n);
}

/* Whether each word of the answer stands in the time, in its order. */
static bool is_said(const char *said, const char *time)
{
	while (*said) {
		size_t n = strcspn(said, " "), word_n = strcspn(time, " ");

		if (!*time)
			return false;
		if (says(said, n, time, word_n))
			said += n + (said[n] == ' ');
		time += word_n + (time[word_n] == ' ');
	}
	return true;
}

/* Which of them the answer means, FLOW_NONE: none, or more than one. */
static int find_slot(const struct flow_run *run, const struct flow_calendar *c, const char *said,
		     const struct wall_ms *slots, size_t n)
{
	struct tw_buf time = { 0 }, key = { 0 };
	int found = FLOW_NONE;

	for (size_t i = 0; i < n; i++) {
		tw_buf_clear(&time);
		add_time(run, c, slots[i], &time);
		flow_plain_key(tw_buf_str(&time), time.n, &key);
		if (is_said(said, tw_buf_str(&key)))
			found = found == FLOW_NONE ? (int)i : (int)n;
	}
	tw_buf_done(&time);
	tw_buf_done(&key);
	return found < (int)n ? found : FLOW_NONE;
}

bool flow_offer_takes(const struct flow_run *run, uint32_t appointment, const char *text, size_t n,
		      struct tw_buf *out)
{
	struct wall_ms slots[FLOW_OFFERED];
	size_t n_slots = offered(run, slots);
	struct tw_buf key = { 0 };
	int found = FLOW_NONE;

	flow_plain_key(text, n, &key);
	if (is_digits(tw_buf_str(&key), key.n)) {
		long number = strtol(key.p, NULL, 10);

		found = number >= 1 && number <= (long)n_slots ? (int)number - 1 : FLOW_NONE;
	}
	if (found == FLOW_NONE && key.n)
		found = find_slot(run, appointment_of(run, appointment)->calendar, key.p,
				  slots, n_slots);
	tw_buf_done(&key);
	if (found != FLOW_NONE)
		tw_buf_addf(out, "%lld", (long long)slots[found].ms);
	return found != FLOW_NONE;
}

/* ---- running ------------------------------------------------------------------------------- */

/* The names that steps behind it have are those of this one. */
static void clear_booked(struct flow_run *run)
{
	static const enum flow_variable names[] = { VARIABLE_BOOKING, VARIABLE_SLOT, VARIABLE_PLACE,
						    VARIABLE_MAP, VARIABLE_ICS, VARIABLE_OFFER };

	for (size_t i = 0; i < TW_COUNT(names); i++)
		flow_variable_set(run, names[i], NULL, 0);
}

static void act(struct flow_run *run, uint32_t at, enum flow_action action, struct wall_ms slot,
		struct flow_intent *ret)
{
	run->appointment_at = at;
	run->action = action;
	*ret = (struct flow_intent){ .type = FLOW_APPOINTMENT, .text = "",
				     .account = run->f->owners[run->account].name,
				     .calendar = appointment_of(run, at)->calendar,
				     .action = action, .slot = slot };
}

bool flow_appointment_step(struct flow_run *run, uint32_t at, enum flow_action action,
			   struct wall_ms slot, struct flow_intent *ret)
{
	clear_booked(run);
	if (*appointment_of(run, at)->calendar->url && action == FLOW_DO_OFFER) {
		run->calendar_at = at;
		return false;
	}
	if (*appointment_of(run, at)->calendar->url && action == FLOW_DO_OFFER_MOVE)
		action = FLOW_DO_FIND;	/* who has nothing to move need not wait for times */
	act(run, at, action, slot, ret);
	return true;
}

static void set_booking(struct flow_run *run, int64_t id)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)id);
	set_text(run, VARIABLE_BOOKING, id ? number : "");
}

/* Times to choose from; where there are none, the steps behind the question tell. */
static void offer(struct flow_run *run, uint32_t at, int64_t id, const char *slots)
{
	set_booking(run, id);
	set_text(run, VARIABLE_OFFER, slots);
	run->pc = *slots ? at + 1 : run->f->ops[at].b;
}

void flow_appointment_result(struct flow_run *run, const char *text)
{
	uint32_t at = run->appointment_at;
	struct wall_ms start = { 0 };
	char *rest = NULL;
	int64_t id = 0;

	run->appointment_at = 0;
	if (text) {
		id = strtoll(text, &rest, 10);
		start.ms = strtoll(rest, &rest, 10);
		rest += *rest == ' ';
	}
	switch (run->action) {
	case FLOW_DO_OFFER:
	case FLOW_DO_OFFER_MOVE:
		offer(run, at, id, rest ? rest : "");
		break;
	case FLOW_DO_FIND:
		set_booking(run, id);
		run->pc = run->f->ops[at].b;
		run->calendar_at = text ? at : 0;
		break;
	case FLOW_DO_BOOK:
	case FLOW_DO_MOVE:
		if (!text) {
			run->pc = at;	/* somebody was faster: what is free now */
			break;
		}
		set_booked(run, appointment_of(run, at)->calendar, id, start, rest);
		break;
	case FLOW_DO_CONFIRM:
	case FLOW_DO_CANCEL:
		if (text)
			set_booked(run, appointment_of(run, at)->calendar, id, start, rest);
		break;
	}
}

/* ---- the calendar's url --------------------------------------------------------------------- */

static bool fail(struct flow_run *run, uint32_t at, const char *why, struct flow_intent *ret)
{
	uint32_t fallback = appointment_of(run, at)->fallback;

	return flow_away_fail(run, at, fallback ? fallback : run->f->ops[at].b, why, ret);
}

bool flow_calendar_leave(struct flow_run *run, struct flow_intent *ret)
{
	uint32_t at = run->calendar_at;
	const struct flow_appointment *a = appointment_of(run, at);

	run->calendar_at = 0;
	if (run->hops >= FLOW_HOPS_MAX)
		return fail(run, at, "it was led to by too many steps of its kind in a row", ret);
	snprintf(run->step_name, sizeof(run->step_name), "%u", run->f->ops[at].step);
	run->away = (struct flow_away){ .step = run->step_name, .to = a->calendar->url,
					.subject = "", .timeout = a->timeout };
	run->place = (struct flow_place){ .tries = run->hops + 1, .first_at = run->e->now };
	run->keeps = at;
	tw_buf_clear(&run->text);
	flow_run_intent(run, FLOW_CALENDAR, ret);
	ret->to = run->away.to;
	ret->away = &run->away;
	ret->calendar = a->calendar;
	ret->action = a->action;
	return true;
}

struct wall_ms flow_calendar_until(const struct flow_run *run, uint32_t at)
{
	return wall_after(run->e->now, appointment_of(run, at)->timeout);
}

bool flow_calendar_resume(struct flow_run *run, uint32_t at, struct flow_intent *ret)
{
	const struct flow_answer *a = run->answer;

	run->hops = run->place.tries;
	run->place = (struct flow_place){ .step = 0 };
	run->answer = NULL;
	if (run->cause != FLOW_BY_ANSWER || !a)
		return fail(run, at, "no answer in time", ret);
	if (a->failure)
		return fail(run, at, a->failure, ret);
	clear_booked(run);
	act(run, at, appointment_of(run, at)->action, (struct wall_ms){ 0 }, ret);
	ret->times = a->times;
	ret->n_times = a->n_times;
	return true;
}

/* ---- texts of a calendar --------------------------------------------------------------------- */

static const struct flow_calendar_row *row_of(const struct flows *f, const struct flow_calendar *c)
{
	for (size_t i = 0; i < f->declared.n_calendars; i++)
		if (&f->declared.calendars[i]->pub == c)
			return f->declared.calendars[i];
	return NULL;
}

static void write_text(const struct flows *f, const struct flow_event *e,
		       const struct flow_calendar_row *row, int text, int64_t booking,
		       struct wall_ms start, const char *link, struct tw_buf *out)
{
	struct flow_run run;

	if (text == FLOW_NONE)
		return;
	run = flow_run_new(f, e, row->account, NULL);
	set_booked(&run, &row->pub, booking, start, link);
	flow_text_render(&run, (uint32_t)text, out);
	while (out->n && isspace((unsigned char)out->p[out->n - 1]))
		out->p[--out->n] = '\0';
	flow_variables_done(&run);
}

void flow_reminder(const struct flows *f, const struct flow_event *e, const struct flow_calendar *c,
		   int64_t booking, struct wall_ms start, const char *link, struct tw_buf *out)
{
	const struct flow_calendar_row *row = row_of(f, c);

	write_text(f, e, row, row ? row->text : FLOW_NONE, booking, start, link, out);
}

void flow_moved(const struct flows *f, const struct flow_event *e, const struct flow_calendar *c,
		int64_t booking, struct wall_ms start, const char *link, struct tw_buf *out)
{
	const struct flow_calendar_row *row = row_of(f, c);

	write_text(f, e, row, row ? row->moved : FLOW_NONE, booking, start, link, out);
}
