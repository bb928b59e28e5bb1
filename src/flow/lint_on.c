/* The linter, what never happens: conditions that are false whatever comes, and events of `on` that
 * no step of the account brings about. */
#include <stdio.h>

#include "internal.h"

/* ---- conditions ---------------------------------------------------------------------------- */

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool knows_nothing(const char *name)
{
	(void)name;
	return false;
}

/* No keyword begins what is behind an event; behind some there is no text at all. */
static bool knows_event(const char *name)
{
	static const char *const names[] = { "args", "keyword", NULL };

	return is_one_of(name, names);
}

static bool knows_call(const char *name)
{
	return knows_event(name) || !strcmp(name, "text");
}

/* Whom the clock finds the account has. */
static bool knows_clock(const char *name)
{
	return knows_call(name) || !strcmp(name, "new") || !strcmp(name, "known");
}

static bool (*knowledge_of(const struct flow_on *on))(const char *name)
{
	if (!on)
		return knows_nothing;
	switch (on->event) {
	case FLOW_ON_AT:
		return knows_clock;
	case FLOW_ON_MISSED_CALL:
		return knows_call;
	case FLOW_ON_JOINED:
	case FLOW_ON_LEFT:
	case FLOW_ON_TICKET_CLOSED:
	case FLOW_ON_REDEEMED:
		break;
	}
	return knows_event;
}

static bool is_never(const struct flows *f, int account, int condition, const struct flow_on *on)
{
	const struct flow_event e = { .from = "", .to = "", .to_account = "", .text = "",
				      .last_account = "", .contact_language = "" };
	struct flow_run run = flow_run_new(f, &e, account, NULL);
	bool never;

	if (condition == FLOW_NONE)
		return false;
	flow_variable_set(&run, VARIABLE_NEW, "0", 1);
	run.args = "";
	never = flow_condition_is_never(&run, (uint32_t)condition, knowledge_of(on));
	flow_variables_done(&run);
	return never;
}

/* The event in whose steps an op stands, unless something else may lead there too; NULL: none. */
static const struct flow_on *on_of(const struct flows *f, uint32_t op)
{
	const struct flow_on *on = NULL;
	const char *key;
	size_t cursor = 0, n;
	void *label;

	for (size_t i = 0; i < f->n_ons && !on; i++)
		if (f->ons[i].program.first <= op && op < f->ons[i].ops_end)
			on = &f->ons[i];
	while (on && tw_map_each(&f->label_ops, &cursor, &key, &n, &label)) {
		uintptr_t at = (uintptr_t)label - 1;

		if (on->program.first <= at && at < on->ops_end)
			on = NULL;
	}
	return on;
}

static void lint_conditions(const struct flows *f, struct tw_findings *findings)
{
	for (uint32_t i = 1; i < f->n_ops; i++) {
		const struct flow_op *op = &f->ops[i];
		const struct flow_file *file;
		const struct flow_on *on;

		if (op->code != OP_UNLESS)
			continue;
		file = flow_file_of_op(f, i);
		on = on_of(f, i);
		if (is_never(f, file->account, (int)op->a, on))
			flow_lint_warn(findings, file->path, op->line, "`when` is never true: this "
				       "step never runs%s", !on ? "" :
				       "; no keyword and no words of one stand behind an event");
	}
	for (size_t i = 0; i < f->n_keywords; i++) {
		const struct flow_keyword *k = &f->keywords[i];

		if (is_never(f, k->account, k->condition, NULL))
			flow_lint_warn(findings, f->files[k->file].path, k->line,
				       "\"%s\" is never reached: its `when` is never true",
				       k->name);
	}
}

/* ---- events -------------------------------------------------------------------------------- */

/* Whether a step of the account brings the event about. */
static bool brings_about(const struct flows *f, const struct flow_on *on, uint32_t at)
{
	const struct flow_op *op = &f->ops[at];

	switch (on->event) {
	case FLOW_ON_JOINED:
		return op->code == OP_SUBSCRIBE &&
		       (!on->about || !strcmp(flow_string(f, op->a), on->about));
	case FLOW_ON_REDEEMED:
		return op->code == OP_REDEEM &&
		       (!on->about || !strcmp(flow_series_at(f, op->a)->name, on->about));
	case FLOW_ON_TICKET_CLOSED:
		return op->code == OP_TICKET || op->code == OP_CALLBACK || op->code == OP_FORWARD;
	case FLOW_ON_MISSED_CALL:	/* by others than steps */
	case FLOW_ON_LEFT:
	case FLOW_ON_AT:
		break;
	}
	return true;
}

static bool comes(const struct flows *f, const struct flow_on *on)
{
	for (uint32_t i = 1; i < f->n_ops; i++)
		if (flow_file_of_op(f, i)->account == on->account && brings_about(f, on, i))
			return true;
	return false;
}

static const char *missing_step(enum flow_happening event)
{
	switch (event) {
	case FLOW_ON_JOINED:
		return "subscribes to";
	case FLOW_ON_REDEEMED:
		return "redeems a code of";
	case FLOW_ON_TICKET_CLOSED:
		return "opens a ticket";
	case FLOW_ON_MISSED_CALL:
	case FLOW_ON_LEFT:
	case FLOW_ON_AT:
		break;
	}
	return "";
}

static void lint_event(const struct flows *f, const struct flow_on *on,
		       struct tw_findings *findings)
{
	const char *path = f->files[on->file].path;
	bool has_about = on->event != FLOW_ON_TICKET_CLOSED;

	if (!comes(f, on))
		flow_lint_warn(findings, path, on->line,
			       "this event never comes: no step of account %s %s%s%s%s",
			       f->owners[on->account].name, missing_step(on->event),
			       !has_about ? "" : on->about ? " \"" : " any",
			       has_about && on->about ? on->about : "",
			       has_about && on->about ? "\"" : "");
	if (is_never(f, on->account, on->condition, NULL))
		flow_lint_warn(findings, path, on->line,
			       "this event never comes: `audience` holds nobody");
}

void flow_lint_never(const struct flows *f, struct tw_findings *findings)
{
	lint_conditions(f, findings);
	for (size_t i = 0; i < f->n_ons; i++)
		lint_event(f, &f->ons[i], findings);
}
