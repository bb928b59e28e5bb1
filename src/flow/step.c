/* Steps to ops. A step is one verb with what may stand beside it; each gets a number in its file,
 * by which a conversation finds its place again. */
#include <stdio.h>

#include "internal.h"

static int compile_list(struct flow_compile *c, const struct tw_conf_node *list);

uint32_t flow_op_add(struct flow_compile *c, enum flow_code code, uint32_t a, uint32_t b,
		     const struct tw_conf_node *node)
{
	struct flows *f = c->f;
	struct flow_file *file = &f->files[c->file];

	*FLOW_PUSH(f->ops, f->n_ops, f->cap_ops) = (struct flow_op){
		.code = (uint16_t)code, .a = a, .b = b, .step = file->n_steps,
		.line = node ? tw_conf_line(node) : 0 };
	return (uint32_t)f->n_ops - 1;
}

/* The step that begins now; its verb's op is the next one. */
void flow_step_begin(struct flow_compile *c)
{
	struct flow_file *file = &c->f->files[c->file];

	*FLOW_PUSH(file->steps, file->n_steps, file->cap_steps) = (uint32_t)c->f->n_ops;
	*FLOW_PUSH(file->labels, file->n_labels, file->cap_labels) = c->label;
	c->label = 0;
}

void flow_step_begin_within(struct flow_compile *c)
{
	const struct flow_file *file = &c->f->files[c->file];

	c->label = file->labels[file->n_labels - 1];
	flow_step_begin(c);
}

static const struct flow_verb *verb_named(const char *name)
{
	for (size_t i = 0; i < flow_verbs_n; i++)
		if (!strcmp(flow_verbs[i].name, name))
			return &flow_verbs[i];
	return NULL;
}

static bool is_modifier_of(const struct flow_verb *verb, const char *name)
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

static int compile_verb(struct flow_compile *c, const struct flow_verb *verb,
			const struct tw_conf_node *argument, const struct tw_conf_node *group)
{
	if (!verb->compile) {
		tw_conf_fault(argument, c->findings, true, "the verb `%s` is not available in this "
			      "version of twoway", verb->name);
		return TW_E_CONFIG;
	}
	c->is_costly |= verb->is_costly;
	flow_early_see_verb(c, verb->name);
	flow_step_begin(c);
	return verb->compile(c, argument, group);
}

/* A text alone is a reply. */
static int compile_text(struct flow_compile *c, const struct tw_conf_node *node)
{
	return compile_verb(c, &flow_verbs[0], node, node);
}

/* The first verb that has this modifier; NULL none. */
static const struct flow_verb *verb_with(const char *modifier)
{
	for (size_t i = 0; i < flow_verbs_n; i++)
		if (is_modifier_of(&flow_verbs[i], modifier))
			return &flow_verbs[i];
	return NULL;
}

/* `beside`: the verb of the step, NULL none. */
static int unknown_name(struct flow_compile *c, const struct tw_conf_node *node,
			const struct flow_verb *beside, const struct tw_key *known, size_t n_known)
{
	const struct flow_verb *owner = verb_with(tw_conf_name(node));
	const char *all[64], *near;
	size_t n = 0;

	if (owner && owner != beside) {
		tw_conf_fault(node, c->findings, true, "`%s` stands behind `%s`, not %s%s%s",
			      tw_conf_name(node), owner->name, beside ? "beside `" : "alone",
			      beside ? beside->name : "", beside ? "`" : "");
		return TW_E_CONFIG;
	}
	for (size_t i = 0; i < flow_verbs_n; i++)
		all[n++] = flow_verbs[i].name;
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
	flow_label_put(c, label);
	c->label = flow_string_keep(c->f, label, strlen(label)) + 1;
	flow_note_declared(c, "label", label, node);
	return 0;
}

int flow_when_compile(struct flow_compile *c, const struct tw_conf_node *node)
{
	if (tw_conf_type(node) == TW_CONF_STRING)
		return flow_condition_compile(c, node, tw_conf_string(node));
	tw_conf_fault(node, c->findings, true,
		      "`when` wants an expression in quotation marks, such as "
		      "\"nps <= 6\"");
	return FLOW_NONE;
}

/* The verb of a step and its argument; NULL after a finding. */
static const struct flow_verb *find_verb(struct flow_compile *c, const struct tw_conf_node *step,
					 const struct tw_conf_node **ret_argument)
{
	const struct flow_verb *verb = NULL;

	for (size_t i = 0; i < tw_conf_length(step); i++) {
		const struct tw_conf_node *n = tw_conf_at(step, i);
		const struct flow_verb *found = verb_named(tw_conf_name(n));

		if (found && verb) {
			tw_conf_fault(n, c->findings, true,
				      "a step has one verb: `%s` stands beside "
				      "`%s`; make it a step of its own { }", found->name,
				      verb->name);
			return NULL;
		}
		if (found) {
			verb = found;
			*ret_argument = n;
		}
	}
	return verb;
}

/* What stands beside the verb; with a label in front of the guard, so that `go` asks it as well. */
static int compile_beside(struct flow_compile *c, const struct tw_conf_node *step,
			  const struct flow_verb *verb, const struct tw_conf_node *argument,
			  uint32_t *ret_guard)
{
	const struct tw_conf_node *label = tw_conf_member(step, "label");
	const struct tw_conf_node *when = tw_conf_member(step, "when");
	int r = label ? take_label(c, label) : 0, condition;

	for (size_t i = 0; i < tw_conf_length(step); i++) {
		const struct tw_conf_node *n = tw_conf_at(step, i);

		if (n != argument && n != label && n != when &&
		    !is_modifier_of(verb, tw_conf_name(n)))
			r = unknown_name(c, n, verb, NULL, 0);
	}
	*ret_guard = 0;
	if (when) {
		condition = flow_when_compile(c, when);
		r |= condition == FLOW_NONE;
		*ret_guard = flow_op_add(c, OP_UNLESS, (uint32_t)condition, 0, when);
	}
	return r ? TW_E_CONFIG : 0;
}

/* One step: exactly one verb, and what may stand beside it. */
static int compile_step(struct flow_compile *c, const struct tw_conf_node *step)
{
	const struct tw_conf_node *argument = NULL;
	size_t before = c->findings->errors;
	const struct flow_verb *verb = find_verb(c, step, &argument);
	uint32_t guard;
	int r;

	if (c->findings->errors != before)
		return TW_E_CONFIG;
	r = compile_beside(c, step, verb, argument, &guard);
	if (!verb) {
		if (!r)
			tw_conf_fault(step, c->findings, true, "this step has no verb, such as "
				      "reply = \"…\"");
		return TW_E_CONFIG;
	}
	if (compile_verb(c, verb, argument, step) < 0)
		r = TW_E_CONFIG;
	if (guard)
		c->f->ops[guard].b = (uint32_t)c->f->n_ops;
	return r;
}

static int not_a_step(struct flow_compile *c, const struct tw_conf_node *node)
{
	tw_conf_fault(node, c->findings, true, "a step is a group { } with a verb, not %s",
		      tw_conf_type_name(tw_conf_type(node)));
	return TW_E_CONFIG;
}

static int compile_list(struct flow_compile *c, const struct tw_conf_node *list)
{
	int r = 0;

	if (tw_conf_type(list) != TW_CONF_LIST) {
		tw_conf_fault(list, c->findings, true,
			      "steps stand in a list ( { … }, { … } ), not in "
			      "%s", tw_conf_type_name(tw_conf_type(list)));
		return TW_E_CONFIG;
	}
	for (size_t i = 0; i < tw_conf_length(list); i++) {
		const struct tw_conf_node *step = tw_conf_at(list, i);

		if (tw_conf_type(step) == TW_CONF_STRING)
			r |= compile_text(c, step);
		else if (tw_conf_type(step) == TW_CONF_GROUP)
			r |= compile_step(c, step);
		else
			r |= not_a_step(c, step);
	}
	return r ? TW_E_CONFIG : 0;
}

int flow_block_compile(struct flow_compile *c, const struct tw_conf_node *node)
{
	int r;

	if (tw_conf_type(node) == TW_CONF_STRING)
		return compile_text(c, node);
	if (c->depth == FLOW_DEPTH_MAX) {
		tw_conf_fault(node, c->findings, true, "more than %d `do` stand within each other",
			      FLOW_DEPTH_MAX);
		return TW_E_CONFIG;
	}
	c->depth++;
	r = compile_list(c, node);
	c->depth--;
	return r;
}

/* Ends the steps that began at first; those of nothing are nothing. */
static void settle(struct flow_compile *c, uint32_t first, struct flow_program *ret)
{
	ret->first = c->f->n_ops > first ? first : 0;
	if (ret->first)
		flow_op_add(c, OP_STOP, 0, 0, NULL);
}

int flow_text_or_steps_compile(struct flow_compile *c, const struct tw_conf_node *node)
{
	return tw_conf_type(node) == TW_CONF_GROUP ? compile_text(c, node)
	       : flow_block_compile(c, node);
}

int flow_steps_compile(struct flow_compile *c, const struct tw_conf_node *node,
		       struct flow_program *ret)
{
	uint32_t first = (uint32_t)c->f->n_ops;
	int r = flow_text_or_steps_compile(c, node);

	settle(c, first, ret);
	return r;
}

static bool is_known(const struct tw_key *known, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(known[i].name, name))
			return true;
	return false;
}

/* A modifier that an earlier verb of the group would take as well: libconfig has each name once, so
 * that it could stand for one of them only, and the other would read it too. */
static const struct flow_verb *also_meant(const struct tw_conf_node *group, size_t at,
					  const struct flow_verb *last)
{
	const char *name = tw_conf_name(tw_conf_at(group, at));

	for (size_t i = 0; i < at; i++) {
		const struct flow_verb *verb = verb_named(tw_conf_name(tw_conf_at(group, i)));

		if (verb && verb != last && is_modifier_of(verb, name))
			return verb;
	}
	return NULL;
}

int flow_verbs_compile(struct flow_compile *c, const struct tw_conf_node *group,
		       const struct tw_key *known, size_t n_known, struct flow_program *ret)
{
	const struct tw_conf_node *list = tw_conf_member(group, "do");
	uint32_t first = (uint32_t)c->f->n_ops;
	const struct flow_verb *last = NULL, *other;
	int r = 0;

	for (size_t i = 0; i < tw_conf_length(group); i++) {
		const struct tw_conf_node *n = tw_conf_at(group, i);
		const struct flow_verb *verb = verb_named(tw_conf_name(n));

		if (is_known(known, n_known, tw_conf_name(n)))
			continue;
		if (verb && list && n != list) {
			tw_conf_fault(n, c->findings, true,
				      "`%s` stands beside `do`: make it a step in "
				      "it, or leave out `do`", tw_conf_name(n));
			r = TW_E_CONFIG;
		} else if (verb) {
			r |= compile_verb(c, verb, n, group);
			last = verb;
		} else if (!strcmp(tw_conf_name(n), "label")) {
			r |= take_label(c, n);
		} else if (!is_modifier_of(last, tw_conf_name(n))) {
			r |= unknown_name(c, n, last, known, n_known);
		} else if ((other = also_meant(group, i, last)) != NULL) {
			tw_conf_fault(n, c->findings, true, "`%s` could be meant for `%s` or for "
				      "`%s`: make each a step of its own in `do`",
				      tw_conf_name(n), other->name, last->name);
			r = TW_E_CONFIG;
		}
	}
	settle(c, first, ret);
	return r ? TW_E_CONFIG : 0;
}
