/* Verbs: what each compiles to. A row without a function is a verb of the language that is not
 * built yet, and is refused by name. */
#include <stdio.h>

#include "internal.h"

static int wants(struct flow_compile *c, const struct tw_conf_node *node, const char *what)
{
	tw_conf_fault(node, c->findings, true, "`%s` wants %s", tw_conf_name(node), what);
	return TW_E_CONFIG;
}

/* ---- reply, end, do, go -------------------------------------------------------------------- */

static int compile_reply(struct flow_compile *c, const struct tw_conf_node *argument,
			 const struct tw_conf_node *group)
{
	int text = flow_text_compile(c, argument);

	(void)group;
	if (text < 0)
		return TW_E_CONFIG;
	flow_op_add(c, OP_REPLY, (uint32_t)text, 0, argument);
	return 0;
}

static int compile_end(struct flow_compile *c, const struct tw_conf_node *argument,
		       const struct tw_conf_node *group)
{
	int text = -1;

	(void)group;
	if (tw_conf_type(argument) != TW_CONF_BOOL) {
		text = flow_text_compile(c, argument);
		if (text < 0)
			return TW_E_CONFIG;
	} else if (!tw_conf_bool(argument)) {
		return wants(c, argument, "true or a last text");
	}
	flow_op_add(c, OP_END, (uint32_t)(text + 1), 0, argument);
	return 0;
}

/* Steps within a step run in its place. */
static int compile_do(struct flow_compile *c, const struct tw_conf_node *argument,
		      const struct tw_conf_node *group)
{
	(void)group;
	flow_op_add(c, OP_NOTHING, 0, 0, argument);
	return flow_block_compile(c, argument);
}

static int compile_go(struct flow_compile *c, const struct tw_conf_node *argument,
		      const struct tw_conf_node *group)
{
	(void)group;
	if (tw_conf_type(argument) != TW_CONF_STRING || !*tw_conf_string(argument))
		return wants(c, argument, "a label or a keyword in quotation marks");
	*FLOW_PUSH(c->jumps, c->n_jumps, c->cap_jumps) = (struct flow_jump){
		.op = flow_op_add(c, OP_GO, 0, 0, argument), .node = argument, .file = c->file,
		.account = c->account };
	return 0;
}

/* ---- ask, wait ----------------------------------------------------------------------------- */

struct raw_ask { char *save; const struct tw_conf_node *expect, *again;
		 struct flow_patience patience; };
#define ASK(x) offsetof(struct raw_ask, x)
static const struct tw_key ask_keys[] = {
	{ "save", TW_KEY_STRING, ASK(save), .default_text = "" },
	{ "expect", TW_KEY_NODE, ASK(expect) },
	{ "again", TW_KEY_NODE, ASK(again) },
};
#define PATIENCE(x) offsetof(struct flow_patience, x)
static const char *const policies[] = { "auto", "win", "wait", NULL };
static const struct tw_key patience_keys[] = {
	{ "tries", TW_KEY_INT, PATIENCE(tries), 1, 20, .default_text = "3" },
	{ "within", TW_KEY_DURATION, PATIENCE(within), 1000, 3.2e10, .default_text = "1d" },
	{ "no_answer", TW_KEY_NODE, PATIENCE(no_answer) },
	{ "keywords", TW_KEY_CHOICE, PATIENCE(keywords), .default_text = "auto",
	  .choices = policies },
};

int flow_patience_read(struct flow_compile *c, const struct tw_conf_node *group,
		       struct flow_patience *ret)
{
	*ret = (struct flow_patience){ .tries = 0 };
	return tw_keys_pick(patience_keys, TW_COUNT(patience_keys), group, ret, c->findings);
}

/* Where the answer goes: a field, or one of the contact's own names. */
static int find_field(struct flow_compile *c, const struct tw_conf_node *node, const char *name,
		      int *ret)
{
	const char *near;

	*ret = FLOW_NONE;
	if (!*name || flow_name_is_own(name))
		return 0;
	*ret = flow_field_find(c->f, c->account, name);
	flow_note_used(c, "field", name);
	if (*ret != FLOW_NONE)
		return 0;
	near = flow_name_nearest(c, name);
	tw_conf_fault(node, c->findings, true, "no field `%s` is declared in `fields`%s%s%s", name,
		      near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
	return TW_E_CONFIG;
}

static int compile_texts(struct flow_compile *c, const struct tw_conf_node *argument,
			 const struct raw_ask *raw, struct flow_ask *ask)
{
	int text = flow_text_compile(c, argument);
	int again = raw->again ? flow_text_compile(c, raw->again) : text;

	ask->text = (uint32_t)text;
	ask->again = (uint32_t)again;
	return text < 0 || again < 0 ? TW_E_CONFIG : 0;
}

/* ASK, and behind it what runs when no answer comes, which ends the steps. */
int flow_ask_ops_compile(struct flow_compile *c, const struct tw_conf_node *node, uint32_t row,
			 const struct tw_conf_node *no_answer)
{
	uint32_t ask = flow_op_add(c, OP_ASK, row, 0, node), jump;
	int r;

	if (!no_answer)
		return 0;
	jump = flow_op_add(c, OP_JUMP, 0, 0, node);
	c->f->ops[ask].b = (uint32_t)c->f->n_ops;
	r = flow_text_or_steps_compile(c, no_answer);
	flow_op_add(c, OP_STOP, 0, 0, node);
	c->f->ops[jump].b = (uint32_t)c->f->n_ops;
	return r;
}

static int compile_ask(struct flow_compile *c, const struct tw_conf_node *argument,
		       const struct tw_conf_node *group)
{
	struct raw_ask raw = { 0 };
	struct flow_ask ask = { .field = FLOW_NONE };
	int r = tw_keys_pick(ask_keys, TW_COUNT(ask_keys), group, &raw, c->findings);

	if (r == 0)
		r = flow_patience_read(c, group, &raw.patience);
	if (r == 0 && *raw.save)
		r = find_field(c, tw_conf_member(group, "save"), raw.save, &ask.field);
	if (r == 0)
		r = compile_texts(c, argument, &raw, &ask);
	if (r == 0)
		r = flow_expect_compile(c, raw.expect, ask.field, &ask.expect);
	if (r == 0) {
		ask.save = *raw.save ? tw_strdup(raw.save) : NULL;
		ask.policy = (enum flow_policy)raw.patience.keywords;
		ask.tries = (int)raw.patience.tries;
		ask.within = raw.patience.within;
		*FLOW_PUSH(c->f->asks, c->f->n_asks, c->f->cap_asks) = ask;
		r = flow_ask_ops_compile(c, argument, (uint32_t)c->f->n_asks - 1,
					 raw.patience.no_answer);
	} else {
		flow_expect_done(&ask.expect);
	}
	tw_keys_done(ask_keys, TW_COUNT(ask_keys), &raw);
	return r;
}

static int compile_wait(struct flow_compile *c, const struct tw_conf_node *argument,
			const struct tw_conf_node *group)
{
	int64_t ms = 0;

	(void)group;
	if (tw_conf_type(argument) != TW_CONF_STRING ||
	    tw_duration_read(tw_conf_string(argument), &ms) < 0 || ms < 1000 ||
	    ms > INT64_C(400) * 24 * 3600 * 1000)
		return wants(c, argument, "a duration of 1 s to 400 days, such as \"2d\"");
	*FLOW_PUSH(c->f->asks, c->f->n_asks, c->f->cap_asks) =
		(struct flow_ask){ .within = ms, .field = FLOW_NONE };
	flow_op_add(c, OP_WAIT, (uint32_t)c->f->n_asks - 1, 0, argument);
	return 0;
}

/* ---- set, tag, untag ----------------------------------------------------------------------- */

/* A number or a boolean as it would be written in a text. */
static char *literal(const struct tw_conf_node *node)
{
	switch (tw_conf_type(node)) {
	case TW_CONF_STRING:
		return tw_strdup(tw_conf_string(node));
	case TW_CONF_INT:
		return tw_printf("%lld", (long long)tw_conf_int(node));
	case TW_CONF_FLOAT:
		return tw_printf("%.15g", tw_conf_float(node));
	case TW_CONF_BOOL:
		return tw_strdup(tw_conf_bool(node) ? "1" : "0");
	case TW_CONF_GROUP:
	case TW_CONF_LIST:
	case TW_CONF_ARRAY:
		break;
	}
	return NULL;
}

/* A literal that the field cannot hold is wrong for ever; one with a name in it, only at times. */
static int check_literal(struct flow_compile *c, const struct tw_conf_node *node, const char *text,
			 int field)
{
	enum flow_type type = flow_field(c->f, field)->type;
	struct tw_buf value = { 0 };
	bool fits = strchr(text, '{') || !*text ||
		    flow_field_read(type, text, strlen(text), &value);

	tw_buf_done(&value);
	if (fits)
		return 0;
	tw_conf_fault(node, c->findings, true,
		      "\"%s\" does not fit into the field `%s`, which is of type %s",
		      text, tw_conf_name(node), flow_type_name(type));
	return TW_E_CONFIG;
}

static int compile_value(struct flow_compile *c, const struct tw_conf_node *node,
			 struct flow_set *set)
{
	tw_auto(tw_free_charp) char *text = literal(node);
	int row;

	if (!text)
		return wants(c, node, "a text, a number, true or false");
	if (*text == '=') {
		row = flow_condition_compile(c, node, text + 1);
		set->is_expression = true;
	} else if (set->field != FLOW_NONE && check_literal(c, node, text, set->field) < 0) {
		return TW_E_CONFIG;
	} else if (tw_conf_type(node) == TW_CONF_STRING) {
		row = flow_text_compile(c, node);
	} else {
		row = flow_text_literal(c, text);
	}
	set->value = (uint32_t)row;
	return row < 0 ? TW_E_CONFIG : 0;
}

static int compile_set(struct flow_compile *c, const struct tw_conf_node *argument,
		       const struct tw_conf_node *group)
{
	struct flow_set sets[64];
	size_t n = tw_conf_type(argument) == TW_CONF_GROUP ? tw_conf_length(argument) : 0;
	int r = 0;

	(void)group;
	if (!n || n > TW_COUNT(sets))
		return wants(c, argument,
			     "a group such as { visits = \"= ifnull(visits, 0) + 1\"; }");
	for (size_t i = 0; i < n; i++) {
		const struct tw_conf_node *node = tw_conf_at(argument, i);
		const char *name = tw_conf_name(node);

		sets[i] = (struct flow_set){ .name = flow_string_keep(c->f, name, strlen(name)) };
		if (find_field(c, node, name, &sets[i].field) < 0 ||
		    compile_value(c, node, &sets[i]) < 0)
			r = TW_E_CONFIG;
	}
	flow_op_add(c, OP_SET, (uint32_t)c->f->n_sets, (uint32_t)n, argument);
	for (size_t i = 0; i < n; i++)
		*FLOW_PUSH(c->f->sets, c->f->n_sets, c->f->cap_sets) = sets[i];
	return r;
}

static int compile_name(struct flow_compile *c, const struct tw_conf_node *argument,
			enum flow_code code)
{
	const char *name = tw_conf_type(argument) == TW_CONF_STRING ? tw_conf_string(argument) : "";

	if (!*name || strlen(name) > 60 || strpbrk(name, "{}'\n"))
		return wants(c, argument,
			     "a name in quotation marks, of at most 60 octets, without { } and '");
	flow_op_add(c, code, flow_string_keep(c->f, name, strlen(name)), 0, argument);
	return 0;
}

static int compile_tag(struct flow_compile *c, const struct tw_conf_node *argument,
		       const struct tw_conf_node *group)
{
	(void)group;
	return compile_name(c, argument, OP_TAG);
}

static int compile_untag(struct flow_compile *c, const struct tw_conf_node *argument,
			 const struct tw_conf_node *group)
{
	(void)group;
	return compile_name(c, argument, OP_UNTAG);
}

/* ---- voucher, redeem, pledge --------------------------------------------------------------- */

static int find_series(struct flow_compile *c, const struct tw_conf_node *node)
{
	const char *name = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "";
	int row = flow_series_row(c->f, c->account, name);

	flow_note_used(c, "voucher series", name);
	if (row == FLOW_NONE)
		tw_conf_fault(node, c->findings, true,
			      "no voucher series \"%s\" is declared in `vouchers`", name);
	return row;
}

static int compile_voucher(struct flow_compile *c, const struct tw_conf_node *argument,
			   const struct tw_conf_node *group)
{
	int row = find_series(c, argument);

	(void)group;
	if (row == FLOW_NONE)
		return TW_E_CONFIG;
	flow_op_add(c, OP_VOUCHER, (uint32_t)row, 0, argument);
	return 0;
}

/* The argument itself, or the member of the group that it is. Only names of the list may stand
 * there. */
static const struct tw_conf_node *pick(struct flow_compile *c, const struct tw_conf_node *argument,
				       const char *name, const char *const *names)
{
	if (tw_conf_type(argument) != TW_CONF_GROUP)
		return argument;
	for (size_t i = 0; i < tw_conf_length(argument); i++) {
		const struct tw_conf_node *n = tw_conf_at(argument, i);
		bool known = false;

		for (size_t k = 0; names[k]; k++)
			known |= !strcmp(names[k], tw_conf_name(n));
		if (!known) {
			tw_conf_fault(n, c->findings, true, "`%s` has no `%s`",
				      tw_conf_name(argument), tw_conf_name(n));
			return NULL;
		}
	}
	if (!tw_conf_member(argument, name))
		tw_conf_fault(argument, c->findings, true, "`%s` wants `%s`",
			      tw_conf_name(argument), name);
	return tw_conf_member(argument, name);
}

/* The text of a member, else a default. */
static int member_text(struct flow_compile *c, const struct tw_conf_node *argument,
		       const char *name, const char *otherwise)
{
	const struct tw_conf_node *node = tw_conf_type(argument) == TW_CONF_GROUP ?
					  tw_conf_member(argument, name) : NULL;

	return node ? flow_text_compile(c, node) : flow_text_template(c, argument, otherwise);
}

static int compile_redeem(struct flow_compile *c, const struct tw_conf_node *argument,
			  const struct tw_conf_node *group)
{
	static const char *const names[] = { "series", "code", NULL };
	const struct tw_conf_node *series = pick(c, argument, "series", names);
	int row = series ? find_series(c, series) : FLOW_NONE;
	int text = row == FLOW_NONE ? -1 : member_text(c, argument, "code", "{args}");

	(void)group;
	if (text < 0)
		return TW_E_CONFIG;
	flow_op_add(c, OP_REDEEM, (uint32_t)row, (uint32_t)text, argument);
	return 0;
}

static int compile_pledge(struct flow_compile *c, const struct tw_conf_node *argument,
			  const struct tw_conf_node *group)
{
	static const char *const names[] = { "to", "amount", NULL };
	const struct tw_conf_node *to = pick(c, argument, "to", names);
	const char *name = to && tw_conf_type(to) == TW_CONF_STRING ? tw_conf_string(to) : "";
	int row = flow_pledge_row(c->f, c->account, name), text;

	(void)group;
	flow_note_used(c, "pledge", name);
	if (!to)
		return TW_E_CONFIG;
	if (row == FLOW_NONE) {
		tw_conf_fault(to, c->findings, true, "no pledge \"%s\" is declared in `pledges`",
			      name);
		return TW_E_CONFIG;
	}
	text = member_text(c, argument, "amount", "{args}");
	if (text < 0)
		return TW_E_CONFIG;
	flow_op_add(c, OP_PLEDGE, (uint32_t)row, (uint32_t)text, argument);
	return 0;
}

/* ---- split --------------------------------------------------------------------------------- */

struct raw_arm { char *name; int64_t weight; const struct tw_conf_node *steps; };
static const struct tw_key arm_keys[] = {
	{ "name", TW_KEY_STRING, offsetof(struct raw_arm, name), .default_text = "" },
	{ "weight", TW_KEY_INT, offsetof(struct raw_arm, weight), 0, 1000000, .default_text = "1" },
	{ "do", TW_KEY_NODE, offsetof(struct raw_arm, steps) },
};

static int compile_arm(struct flow_compile *c, const struct tw_conf_node *node,
		       struct flow_split *split)
{
	struct raw_arm raw = { 0 };
	int r = tw_conf_type(node) == TW_CONF_GROUP ? 0 : TW_E_CONFIG;

	if (r < 0)
		tw_conf_fault(node, c->findings, true,
			      "an arm is a group { name = \"…\"; weight = 50; do = ( … "
			      "); }");
	else
		r = tw_keys_read(arm_keys, TW_COUNT(arm_keys), node, &raw, c->findings);
	for (size_t i = 0; i < split->n && r == 0; i++)
		if (!strcmp(split->arms[i].name, raw.name)) {
			tw_conf_fault(node, c->findings, true,
				      "the arm \"%s\" stands already in this split", raw.name);
			r = TW_E_CONFIG;
		}
	if (r == 0 && !*raw.name) {
		tw_conf_fault(node, c->findings, true, "`name` of this arm is missing");
		r = TW_E_CONFIG;
	}
	if (r == 0) {
		split->arms[split->n] = (struct flow_arm){ tw_strdup(raw.name), raw.weight };
		split->targets[split->n++] = (uint32_t)c->f->n_ops;
		if (raw.steps)
			r = flow_block_compile(c, raw.steps);
	}
	tw_keys_done(arm_keys, TW_COUNT(arm_keys), &raw);
	return r;
}

static int compile_split(struct flow_compile *c, const struct tw_conf_node *argument,
			 const struct tw_conf_node *group)
{
	const struct tw_conf_node *into = tw_conf_member(group, "into");
	const char *name = tw_conf_type(argument) == TW_CONF_STRING ? tw_conf_string(argument) : "";
	size_t n = into && tw_conf_type(into) == TW_CONF_LIST ? tw_conf_length(into) : 0;
	struct flow_split *split;
	uint32_t row = (uint32_t)c->f->n_splits, *jumps;
	int64_t weights = 0;
	int r = 0;

	if (!*name || strlen(name) > 60)
		return wants(c, argument, "a name in quotation marks, of at most 60 octets");
	if (n < 2 || n > 26)
		return into ? wants(c, into, "a list of 2 to 26 arms ( { name = \"…\"; … }, … )")
			    : wants(c, argument, "`into`, a list of 2 to 26 arms");
	flow_op_add(c, OP_SPLIT, row, 0, argument);
	split = tw_zalloc(sizeof(*split));
	*split = (struct flow_split){ .name = tw_strdup(name),
				      .arms = tw_zalloc(n * sizeof(*split->arms)),
				      .targets = tw_zalloc(n * sizeof(*split->targets)) };
	*FLOW_PUSH(c->f->splits, c->f->n_splits, c->f->cap_splits) = *split;
	jumps = tw_zalloc(n * sizeof(*jumps));
	for (size_t i = 0; i < n; i++) {
		r |= compile_arm(c, tw_conf_at(into, i), split);
		jumps[i] = flow_op_add(c, OP_JUMP, 0, 0, argument);
	}
	for (size_t i = 0; i < n; i++)
		c->f->ops[jumps[i]].b = (uint32_t)c->f->n_ops;
	for (size_t i = 0; i < split->n; i++)
		weights += split->arms[i].weight;
	if (!r && !weights)
		r = wants(c, into, "an arm with a weight above 0");
	c->f->splits[row] = *split;
	free(split);
	free(jumps);
	return r ? TW_E_CONFIG : 0;
}

/* ---- send ---------------------------------------------------------------------------------- */

/* A number of the bank, or a pool of the configuration: where it is known, one that there is. */
static int read_from(struct flow_compile *c, const struct tw_conf_node *from,
		     struct flow_send *send)
{
	struct tw_strings numbers = { 0 };
	int r;

	if (!from)
		return 0;
	if (tw_conf_type(from) != TW_CONF_STRING)
		return wants(c, from, "a number or the name of a pool in quotation marks");
	r = flow_lines_read(c, from, &numbers);
	if (r == 0 && flow_pool_is_meant(c->f, tw_conf_string(from)))
		send->pool = tw_strdup(tw_conf_string(from));
	else if (r == 0)
		send->from = tw_strdup(numbers.v[0]);
	tw_strings_done(&numbers);
	return r;
}

static int compile_send(struct flow_compile *c, const struct tw_conf_node *argument,
			const struct tw_conf_node *group)
{
	static const char *const names[] = { "to", "text", "from", NULL };
	const struct tw_conf_node *to, *text, *from;
	struct flow_send send = { .from = NULL };
	int to_row, text_row;

	(void)group;
	if (tw_conf_type(argument) != TW_CONF_GROUP)
		return wants(c, argument, "a group { to = \"+44…\"; text = \"…\"; }");
	to = pick(c, argument, "to", names);
	text = to ? pick(c, argument, "text", names) : NULL;
	from = tw_conf_member(argument, "from");
	if (!text || read_from(c, from, &send) < 0)
		return TW_E_CONFIG;
	to_row = flow_text_compile(c, to);
	text_row = flow_text_compile(c, text);
	flow_op_add(c, OP_SEND, (uint32_t)c->f->n_sends, 0, argument);
	send.to = (uint32_t)to_row;
	send.text = (uint32_t)text_row;
	*FLOW_PUSH(c->f->sends, c->f->n_sends, c->f->cap_sends) = send;
	return to_row < 0 || text_row < 0 ? TW_E_CONFIG : 0;
}

/* ---- the table ----------------------------------------------------------------------------- */

const struct flow_verb flow_verbs[] = {
	{ "reply", compile_reply, NULL, false },	/* row 0: what a text is short for */
	{ "end", compile_end, NULL, false },
	{ "do", compile_do, NULL, false },
	{ "ask", compile_ask, "save expect again " FLOW_PATIENCE, false },
	{ "send", compile_send, NULL, false },
	{ "set", compile_set, NULL, false },
	{ "tag", compile_tag, NULL, false },
	{ "untag", compile_untag, NULL, false },
	{ "subscribe", flow_subscribe_compile, NULL, false },
	{ "unsubscribe", flow_unsubscribe_compile, NULL, true },
	{ "voucher", compile_voucher, NULL, true },
	{ "redeem", compile_redeem, NULL, true },
	{ "split", compile_split, "into", false },
	{ "ticket", flow_ticket_compile, NULL, false },
	{ "callback", flow_callback_compile, NULL, false },
	{ "appointment", flow_appointment_compile, FLOW_PATIENCE, false },
	{ "pledge", compile_pledge, NULL, true },
	{ "forward", flow_forward_compile, NULL, false },
	{ "call_forward", flow_call_forward_compile, NULL, false },
	{ "email", flow_email_compile, NULL, false },
	{ "webhook", flow_webhook_compile, NULL, false },
	{ "exec", flow_exec_compile, NULL, false },
	{ "wait", compile_wait, NULL, false },
	{ "go", compile_go, NULL, false },
};
const size_t flow_verbs_n = TW_COUNT(flow_verbs);

const char *flow_code_name(enum flow_code code)
{
	static const char *const names[] = {
		[OP_STOP] = "", [OP_REPLY] = "reply", [OP_END] = "end", [OP_UNLESS] = "when",
		[OP_JUMP] = "", [OP_GO] = "go", [OP_ASK] = "ask", [OP_WAIT] = "wait",
		[OP_SET] = "set", [OP_TAG] = "tag", [OP_UNTAG] = "untag", [OP_VOUCHER] = "voucher",
		[OP_REDEEM] = "redeem", [OP_SPLIT] = "split", [OP_PLEDGE] = "pledge",
		[OP_SEND] = "send", [OP_CONFIRM] = "subscribe", [OP_SUBSCRIBE] = "subscribe",
		[OP_UNSUBSCRIBE] = "unsubscribe", [OP_WEBHOOK] = "webhook", [OP_EXEC] = "exec",
		[OP_EMAIL] = "email", [OP_CALL_FORWARD] = "call_forward", [OP_TICKET] = "ticket",
		[OP_CALLBACK] = "callback", [OP_FORWARD] = "forward",
		[OP_APPOINTMENT] = "appointment", [OP_ASIDE] = "", [OP_NOTHING] = "",
	};

	return names[code];
}
