/* Lists that customers join and leave: declared by name, and with `double_opt_in` joined only after
 * they have said YES to the list's own question. */
#include <ctype.h>

#include "internal.h"

enum { CONFIRM_DAYS = 3, CONFIRM_TRIES = 3, NAME_MAX_OCTETS = 40 };

struct raw_list { char *name; bool double_opt_in; const struct tw_conf_node *confirm; };
#define LIST(x) offsetof(struct raw_list, x)
static const struct tw_key list_keys[] = {
	{ "name", TW_KEY_STRING, LIST(name), .default_text = "",
	  .help = "as steps and STOP call it" },
	{ "double_opt_in", TW_KEY_BOOL, LIST(double_opt_in),
	  .help = "true: `confirm` is asked, and YES joins" },
	{ "confirm", TW_KEY_NODE, LIST(confirm), .help = "the question that YES answers" },
};

/* Its own file's, then those of the flows that an old version stands on. */
const struct flow_list *flow_list_find(const struct flows *f, int account, const char *name)
{
	for (size_t i = 0; i < f->n_lists; i++)
		if (f->lists[i].account == account && !strcmp(f->lists[i].name, name))
			return &f->lists[i];
	return f->base ? flow_list_find(f->base, account, name) : NULL;
}

static bool is_name(const char *name)
{
	if (!islower((unsigned char)*name) || strlen(name) > NAME_MAX_OCTETS)
		return false;
	for (const char *p = name; *p; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
			return false;
	return true;
}

void flow_list_declare(struct flow_compile *c, const char *path, const struct tw_conf_node *group)
{
	struct raw_list raw = { 0 };
	struct flows *f = c->f;

	(void)path;
	if (tw_keys_read(list_keys, TW_COUNT(list_keys), group, &raw, c->findings) == 0) {
		const struct flow_list *known = flow_list_find(f, c->account, raw.name);

		if (!is_name(raw.name))
			tw_conf_fault(group, c->findings, true,
				      "a list's `name` holds small letters, "
				      "digits and _, such as \"offers\"");
		else if (known && known >= f->lists && known < f->lists + f->n_lists)
			tw_conf_fault(group, c->findings, true,
				      "the list \"%s\" of account %s stands already "
				      "in %s:%u", raw.name, f->owners[c->account].name,
				      f->files[known->file].path, known->line);
		else if (raw.double_opt_in && !raw.confirm)
			tw_conf_fault(group, c->findings, true,
				      "`confirm` is missing here: the question "
				      "that YES answers");
		else
			*FLOW_PUSH(f->lists, f->n_lists, f->cap_lists) = (struct flow_list){
				.name = tw_strdup(raw.name), .account = c->account, .file = c->file,
				.line = tw_conf_line(group), .double_opt_in = raw.double_opt_in,
				.confirm = raw.confirm };
		flow_note_declared(c, "list", raw.name, group);
	}
	tw_keys_done(list_keys, TW_COUNT(list_keys), &raw);
}

void flow_lists_done(struct flows *f)
{
	for (size_t i = 0; i < f->n_lists; i++)
		free(f->lists[i].name);
	free(f->lists);
}

/* ---- steps --------------------------------------------------------------------------------- */

/* The question is a step of its own, for a conversation stands at it. */
static int add_question(struct flow_compile *c, const struct flow_list *list, uint32_t name,
			const struct tw_conf_node *node)
{
	struct flow_ask ask = { .field = FLOW_NONE, .expect = { .kind = EXPECT_YES_NO },
				.tries = CONFIRM_TRIES, .within = CONFIRM_DAYS * 24 * 3600 *
				INT64_C(1000), .list = name + 1 };
	int text = list->confirm ? flow_text_compile(c, list->confirm) : -1;

	if (text < 0)
		return TW_E_CONFIG;
	ask.text = ask.again = (uint32_t)text;
	*FLOW_PUSH(c->f->asks, c->f->n_asks, c->f->cap_asks) = ask;
	flow_step_begin_within(c);
	flow_op_add(c, OP_ASK, (uint32_t)c->f->n_asks - 1, 0, node);
	return 0;
}

static int add_joining(struct flow_compile *c, const struct flow_list *list,
		       const struct tw_conf_node *node)
{
	uint32_t name = flow_string_keep(c->f, list->name, strlen(list->name)), confirm = 0;
	int r = 0;

	if (list->double_opt_in) {
		confirm = flow_op_add(c, OP_CONFIRM, name, 0, node);
		r = add_question(c, list, name, node);
	}
	flow_op_add(c, OP_SUBSCRIBE, name, 0, node);
	if (confirm)
		c->f->ops[confirm].b = (uint32_t)c->f->n_ops;
	return r;
}

int flow_lists_compile(struct flow_compile *c)
{
	int r = 0;

	for (size_t i = 0; i < c->f->n_lists; i++) {
		struct flow_list list = c->f->lists[i];

		if (list.file != c->file || !list.double_opt_in)
			continue;
		flow_step_begin(c);
		c->f->lists[i].program.first = (uint32_t)c->f->n_ops;
		r |= add_joining(c, &list, list.confirm);
		flow_op_add(c, OP_STOP, 0, 0, NULL);
	}
	return r;
}

const struct flow_list *flow_list_named(struct flow_compile *c, const struct tw_conf_node *argument)
{
	const char *name = tw_conf_type(argument) == TW_CONF_STRING ? tw_conf_string(argument) : "";
	const struct flow_list *list = flow_list_find(c->f, c->account, name);
	const char *names[64], *near;
	size_t n = 0;

	flow_note_used(c, "list", name);
	for (size_t i = 0; !list && i < c->f->n_lists && n < TW_COUNT(names); i++)
		if (c->f->lists[i].account == c->account)
			names[n++] = c->f->lists[i].name;
	if (list)
		return list;
	near = tw_nearest(name, names, n);
	tw_conf_fault(argument, c->findings, true, "no list \"%s\" is declared in `lists`%s%s%s",
		      name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return NULL;
}

int flow_subscribe_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			   const struct tw_conf_node *group)
{
	const struct flow_list *list = flow_list_named(c, argument);

	(void)group;
	return list ? add_joining(c, list, argument) : TW_E_CONFIG;
}

int flow_unsubscribe_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			     const struct tw_conf_node *group)
{
	const struct flow_list *list = flow_list_named(c, argument);

	(void)group;
	if (!list)
		return TW_E_CONFIG;
	flow_op_add(c, OP_UNSUBSCRIBE, flow_string_keep(c->f, list->name, strlen(list->name)), 0,
		    argument);
	return 0;
}

/* ---- for others ---------------------------------------------------------------------------- */

bool flows_list(const struct flows *f, const char *account, const char *name,
		struct flow_list_info *ret)
{
	const struct flow_list *list = flow_list_find(f, flow_account_named(f, account), name);

	if (list)
		*ret = (struct flow_list_info){ list->name, list->double_opt_in,
						list->program.first };
	return list != NULL;
}

const struct flow_list *flow_list_said(const struct flows *f, int account,
				       const struct tw_buf *said)
{
	struct tw_buf name = { 0 };
	const struct flow_list *found = NULL;

	for (size_t i = 0; i < f->n_lists && !found; i++) {
		if (f->lists[i].account != account)
			continue;
		tw_buf_clear(&name);
		flow_words_fold(f->lists[i].name, strlen(f->lists[i].name), &name);
		if (name.n == said->n && !memcmp(tw_buf_str(&name), said->p, said->n))
			found = &f->lists[i];
	}
	tw_buf_done(&name);
	return found;
}
