/* Steps. A verb is a row: what reads its argument, what runs it, what may stand beside it. A row
 * without functions is a verb of the language that is not built yet, and is refused by name. */
#include <stdio.h>

#include "internal.h"

/* Ops of the steps being compiled; they go into the set as one run. */
struct ops { struct flow_op *v; size_t n, cap; };

static int compile_list(struct flow_compile *c, const struct tw_conf_node *list, struct ops *ops);

static void push_op(struct ops *ops, uint16_t verb, uint32_t argument,
		    const struct tw_conf_node *node)
{
	*FLOW_PUSH(ops->v, ops->n, ops->cap) =
		(struct flow_op){ .verb = verb, .argument = argument, .line = tw_conf_line(node) };
}

/* ---- reply, end, do ------------------------------------------------------------------------ */

static int compile_reply(struct flow_compile *c, const struct tw_conf_node *argument,
			 struct ops *ops, uint16_t verb)
{
	int text = flow_text_compile(c, argument);

	if (text < 0)
		return TW_E_CONFIG;
	push_op(ops, verb, (uint32_t)text, argument);
	return 0;
}

static bool run_reply(struct flow_run *run, const struct flow_op *op)
{
	struct tw_buf text = { 0 };

	flow_text_render(run, op->argument, &text);
	if (text.n)
		flow_intent_add(run->ret, FLOW_REPLY, run->f->owners[run->account].name, NULL,
				text.p, text.n, run->is_consent);
	tw_buf_done(&text);
	return true;
}

static int compile_end(struct flow_compile *c, const struct tw_conf_node *argument, struct ops *ops,
		       uint16_t verb)
{
	int text = -1;

	if (tw_conf_type(argument) != TW_CONF_BOOL) {
		text = flow_text_compile(c, argument);
		if (text < 0)
			return TW_E_CONFIG;
	} else if (!tw_conf_bool(argument)) {
		tw_conf_fault(argument, c->findings, true, "`end` wants true or a last text");
		return TW_E_CONFIG;
	}
	push_op(ops, verb, (uint32_t)(text + 1), argument);
	return 0;
}

static bool run_end(struct flow_run *run, const struct flow_op *op)
{
	if (op->argument)
		run_reply(run, &(struct flow_op){ .argument = op->argument - 1 });
	return false;
}

/* Steps within a step run in its place. */
static int compile_do(struct flow_compile *c, const struct tw_conf_node *argument, struct ops *ops,
		      uint16_t verb)
{
	int r;

	(void)verb;
	if (tw_conf_type(argument) == TW_CONF_STRING)
		return compile_reply(c, argument, ops, 0);
	if (++c->depth > FLOW_DEPTH_MAX) {
		tw_conf_fault(argument, c->findings, true, "more than %d `do` stand within each other",
			      FLOW_DEPTH_MAX);
		return TW_E_CONFIG;
	}
	r = compile_list(c, argument, ops);
	c->depth--;
	return r;
}

/* ---- the table ----------------------------------------------------------------------------- */

static const struct verb {
	const char *name;
	int (*compile)(struct flow_compile *c, const struct tw_conf_node *argument,
		       struct ops *ops, uint16_t verb);
	/* Whether to go on with the next step. NULL beside compile: compiled away. */
	bool (*run)(struct flow_run *run, const struct flow_op *op);
	const char *modifiers;		/* divided by blanks */
	bool is_costly;			/* gives something away: no slip is forgiven (contract 2) */
} verbs[] = {
	{ "reply", compile_reply, run_reply, NULL, false },	/* row 0: what a text is short for */
	{ "end", compile_end, run_end, NULL, false },
	{ "do", compile_do, NULL, NULL, false },
	{ "ask", NULL, NULL, "save expect again tries within no_answer keywords", false },
	{ "send", NULL, NULL, NULL, false },
	{ "set", NULL, NULL, NULL, false },
	{ "tag", NULL, NULL, NULL, false },
	{ "untag", NULL, NULL, NULL, false },
	{ "subscribe", NULL, NULL, NULL, false },
	{ "unsubscribe", NULL, NULL, NULL, true },
	{ "voucher", NULL, NULL, NULL, true },
	{ "redeem", NULL, NULL, NULL, true },
	{ "split", NULL, NULL, "into", false },
	{ "ticket", NULL, NULL, NULL, false },
	{ "callback", NULL, NULL, NULL, false },
	{ "appointment", NULL, NULL, NULL, false },
	{ "pledge", NULL, NULL, NULL, true },
	{ "forward", NULL, NULL, NULL, false },
	{ "call_forward", NULL, NULL, NULL, false },
	{ "email", NULL, NULL, NULL, false },
	{ "webhook", NULL, NULL, NULL, false },
	{ "exec", NULL, NULL, NULL, false },
	{ "wait", NULL, NULL, NULL, false },
	{ "go", NULL, NULL, NULL, false },
};

static const struct verb *verb_named(const char *name)
{
	for (size_t i = 0; i < TW_COUNT(verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static bool is_modifier_of(const struct verb *verb, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = verb && verb->modifiers ? verb->modifiers : ""; *p;) {
		size_t length = strcspn(p, " ");

		if (length == n && !memcmp(p, name, n))
			return true;
		p += length + (p[length] == ' ');
	}
	return false;
}

/* ---- compiling ----------------------------------------------------------------------------- */

static int compile_verb(struct flow_compile *c, const struct verb *verb,
			const struct tw_conf_node *argument, struct ops *ops)
{
	if (!verb->compile) {
		tw_conf_fault(argument, c->findings, true, "the verb `%s` is not available in this "
			      "version of twoway", verb->name);
		return TW_E_CONFIG;
	}
	c->is_costly |= verb->is_costly;
	return verb->compile(c, argument, ops, (uint16_t)(verb - verbs));
}

static int unknown_name(struct flow_compile *c, const struct tw_conf_node *node,
			const struct tw_key *known, size_t n_known)
{
	const char *all[TW_COUNT(verbs) + 2 + 16], *near;
	size_t n = 0;

	for (size_t i = 0; i < TW_COUNT(verbs); i++)
		all[n++] = verbs[i].name;
	for (size_t i = 0; i < n_known && i < 16; i++)
		all[n++] = known[i].name;
	if (!n_known) {
		all[n++] = "when";
		all[n++] = "label";
	}
	near = tw_nearest(tw_conf_name(node), all, n);
	tw_conf_fault(node, c->findings, true, "`%s` is no verb%s%s%s", tw_conf_name(node),
		      near ? "; did you mean `" : ": a step replies, ends or does: reply = \"…\"",
		      near ? near : "", near ? "`?" : "");
	return TW_E_CONFIG;
}

static int take_label(struct flow_compile *c, const struct tw_conf_node *node)
{
	const char *label = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "";
	const struct tw_conf_node *before;

	if (!*label) {
		tw_conf_fault(node, c->findings, true, "`label` wants a name in quotation marks");
		return TW_E_CONFIG;
	}
	before = tw_map_get(&c->labels, label, strlen(label));
	if (before) {
		tw_conf_fault(node, c->findings, true, "the label \"%s\" stands already in line %u",
			      label, tw_conf_line(before));
		return TW_E_CONFIG;
	}
	tw_map_put(&c->labels, label, strlen(label), (void *)(uintptr_t)node);
	return 0;
}

/* One step: exactly one verb, and what may stand beside it. */
static int compile_step(struct flow_compile *c, const struct tw_conf_node *step, struct ops *ops)
{
	const struct tw_conf_node *argument = NULL;
	const struct verb *verb = NULL;
	int r = 0;

	for (size_t i = 0; i < tw_conf_length(step); i++) {
		const struct tw_conf_node *n = tw_conf_at(step, i);
		const struct verb *found = verb_named(tw_conf_name(n));

		if (found && verb) {
			tw_conf_fault(n, c->findings, true, "a step has one verb: `%s` stands beside "
				      "`%s`; make it a step of its own { }", found->name, verb->name);
			return TW_E_CONFIG;
		}
		if (found) {
			verb = found;
			argument = n;
		}
	}
	for (size_t i = 0; i < tw_conf_length(step); i++) {
		const struct tw_conf_node *n = tw_conf_at(step, i);
		const char *name = tw_conf_name(n);

		if (n == argument || is_modifier_of(verb, name))
			continue;
		if (!strcmp(name, "label")) {
			r |= take_label(c, n);
		} else if (!strcmp(name, "when")) {
			tw_conf_fault(n, c->findings, true, "`when` is not available in this version of "
				      "twoway");
			r = TW_E_CONFIG;
		} else {
			r = unknown_name(c, n, NULL, 0);
		}
	}
	if (!verb) {
		if (!r)
			tw_conf_fault(step, c->findings, true, "this step has no verb, such as "
				      "reply = \"…\"");
		return TW_E_CONFIG;
	}
	return compile_verb(c, verb, argument, ops) < 0 || r ? TW_E_CONFIG : 0;
}

static int not_a_step(struct flow_compile *c, const struct tw_conf_node *node)
{
	tw_conf_fault(node, c->findings, true, "a step is a group { } with a verb, not %s",
		      tw_conf_type_name(tw_conf_type(node)));
	return TW_E_CONFIG;
}

static int compile_list(struct flow_compile *c, const struct tw_conf_node *list, struct ops *ops)
{
	int r = 0;

	if (tw_conf_type(list) != TW_CONF_LIST) {
		tw_conf_fault(list, c->findings, true, "steps stand in a list ( { … }, { … } ), not in "
			      "%s", tw_conf_type_name(tw_conf_type(list)));
		return TW_E_CONFIG;
	}
	for (size_t i = 0; i < tw_conf_length(list); i++) {
		const struct tw_conf_node *step = tw_conf_at(list, i);

		if (tw_conf_type(step) == TW_CONF_STRING)
			r |= compile_reply(c, step, ops, 0);
		else if (tw_conf_type(step) == TW_CONF_GROUP)
			r |= compile_step(c, step, ops);
		else
			r |= not_a_step(c, step);
	}
	return r ? TW_E_CONFIG : 0;
}

/* Moves the ops into the set. */
static void settle(struct flow_compile *c, struct ops *ops, struct flow_program *ret)
{
	struct flows *f = c->f;

	*ret = (struct flow_program){ (uint32_t)f->n_ops, (uint32_t)ops->n };
	for (size_t i = 0; i < ops->n; i++)
		*FLOW_PUSH(f->ops, f->n_ops, f->cap_ops) = ops->v[i];
	free(ops->v);
}

int flow_steps_compile(struct flow_compile *c, const struct tw_conf_node *node,
		       struct flow_program *ret)
{
	enum tw_conf_type type = tw_conf_type(node);
	struct ops ops = { 0 };
	int r;

	if (type == TW_CONF_STRING || type == TW_CONF_GROUP)
		r = compile_reply(c, node, &ops, 0);
	else
		r = compile_list(c, node, &ops);
	settle(c, &ops, ret);
	return r;
}

static bool is_known(const struct tw_key *known, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(known[i].name, name))
			return true;
	return false;
}

int flow_verbs_compile(struct flow_compile *c, const struct tw_conf_node *group,
		       const struct tw_key *known, size_t n_known, struct flow_program *ret)
{
	const struct tw_conf_node *list = tw_conf_member(group, "do");
	const struct verb *last = NULL;
	struct ops ops = { 0 };
	int r = 0;

	for (size_t i = 0; i < tw_conf_length(group); i++) {
		const struct tw_conf_node *n = tw_conf_at(group, i);
		const struct verb *verb = verb_named(tw_conf_name(n));

		if (is_known(known, n_known, tw_conf_name(n)))
			continue;
		if (verb && list && n != list) {
			tw_conf_fault(n, c->findings, true, "`%s` stands beside `do`: make it a step in "
				      "it, or leave out `do`", tw_conf_name(n));
			r = TW_E_CONFIG;
		} else if (verb) {
			r |= compile_verb(c, verb, n, &ops);
			last = verb;
		} else if (!strcmp(tw_conf_name(n), "label")) {
			r |= take_label(c, n);
		} else if (!is_modifier_of(last, tw_conf_name(n))) {
			r |= unknown_name(c, n, known, n_known);
		}
	}
	settle(c, &ops, ret);
	return r ? TW_E_CONFIG : 0;
}

/* ---- running ------------------------------------------------------------------------------- */

void flow_program_run(struct flow_run *run, struct flow_program program)
{
	const struct flow_op *op = run->f->ops + program.first;

	for (uint32_t i = 0; i < program.n; i++, op++)
		if (!verbs[op->verb].run(run, op))
			break;
}
