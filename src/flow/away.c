/* Steps that leave the process (contract 2): what they compile to, what they ask of the world, and
 * what its answer does. A step stands until it is answered or its time is over; then its fallback
 * runs. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "internal.h"

enum {
	ARGUMENTS_MAX = 32,
	TIMEOUT_MIN_MS = 1000, TIMEOUT_MAX_MS = 5 * 60 * 1000,
	SPAN_MIN_MS = 60 * 1000, SPAN_MAX_MS = 24 * 3600 * 1000,
	NAME_MAX_OCTETS = 60		/* of a tag, as steps write it */
};

/* ---- compiling ----------------------------------------------------------------------------- */

struct raw_away {
	const struct tw_conf_node *to, *subject, *text, *arguments, *fallback;
	int64_t timeout, span;
	bool repeats;
};
#define AWAY(x) offsetof(struct raw_away, x)
#define FALLBACK { "fallback", TW_KEY_NODE, AWAY(fallback), \
		   .help = "a text or steps for when it fails" }
#define TIMEOUT(ms) { "timeout", TW_KEY_DURATION, AWAY(timeout), TIMEOUT_MIN_MS, TIMEOUT_MAX_MS, \
		      .default_text = ms, .help = "how long the conversation waits for it" }
static const struct tw_key webhook_keys[] = {
	{ "url", TW_KEY_NODE, AWAY(to), .required = true, .help = "where to" }, FALLBACK,
	TIMEOUT("10s"),
};
static const struct tw_key exec_keys[] = {
	{ "program", TW_KEY_NODE, AWAY(to), .required = true, .help = "a file in exec_folder" },
	{ "arguments", TW_KEY_NODE, AWAY(arguments), .help = "texts, one argument each" },
	{ "repeat", TW_KEY_BOOL, AWAY(repeats), .default_text = "false",
	  .help = "true: runs a second time when a crash hides what became of it" },
	FALLBACK, TIMEOUT("10s"),
};
static const struct tw_key email_keys[] = {
	{ "to", TW_KEY_NODE, AWAY(to), .required = true, .help = "an address" },
	{ "subject", TW_KEY_NODE, AWAY(subject), .help = "one line" },
	{ "text", TW_KEY_NODE, AWAY(text), .required = true, .help = "the mail" }, FALLBACK,
	TIMEOUT("10s"),
};
static const struct tw_key forward_keys[] = {
	{ "to", TW_KEY_NODE, AWAY(to), .required = true, .help = "the number that rings instead" },
	{ "for", TW_KEY_DURATION, AWAY(span), SPAN_MIN_MS, SPAN_MAX_MS, .required = true,
	  .help = "how long" }, FALLBACK, TIMEOUT("2m"),
};

static int fault_at(struct flow_compile *c, const struct tw_conf_node *node, int offset,
		    const char *says)
{
	tw_findings_add(c->findings, tw_conf_file(node), tw_conf_line(node), offset, true,
			"%s", says);
	return TW_E_CONFIG;
}

static int text_of(struct flow_compile *c, const struct tw_conf_node *node)
{
	if (tw_conf_type(node) == TW_CONF_STRING)
		return flow_text_compile(c, node);
	tw_conf_fault(node, c->findings, true, "`%s` wants a text in quotation marks, not %s",
		      tw_conf_name(node) ? tw_conf_name(node) : "arguments",
		      tw_conf_type_name(tw_conf_type(node)));
	return -1;
}

/* Who is asked stands in the file: names of a customer only behind the host. */
int flow_url_check(struct flow_compile *c, const struct tw_conf_node *node, const char *url,
		   bool has_names)
{
	size_t scheme = !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;
	size_t host = scheme + strcspn(url + scheme, "/?#{");

	if (!scheme || host == scheme)
		return fault_at(c, node, -1, has_names ?
				"`url` wants an address such as \"https://shop.example.org/stock?q="
				"{args}\"" :
				"`url` wants an address such as \"https://shop.example.org/free\"");
	if (!has_names && strchr(url, '{'))
		return fault_at(c, node, (int)(strchr(url, '{') - url),
				"no name can stand in the `url` of a calendar: it is asked for "
				"whoever wants a time");
	if (url[host] == '{')
		return fault_at(c, node, (int)host,
				"names may stand only behind the host and a / in `url`");
	if (memchr(url, '@', host))
		return fault_at(c, node, -1,
				"`url` holds a user or a password: let the server ask for a "
				"signature instead");
	return 0;
}

static int read_url(struct flow_compile *c, const struct tw_conf_node *node)
{
	const char *url = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "";

	return flow_url_check(c, node, url, true) < 0 ? -1 : flow_text_compile(c, node);
}

/* A plain name: what runs is a file of the folder and nothing else (contract 1, exec_folder). */
static int read_program(struct flow_compile *c, const struct tw_conf_node *node)
{
	const char *name = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "";
	tw_auto(tw_free_charp) char *path = NULL;

	if (!*name || *name == '.' || strpbrk(name, "/{}") || strlen(name) > NAME_MAX)
		return fault_at(c, node, -1,
				"`program` wants the name of a file in `exec_folder`, without /, "
				"{ and a dot in front");
	path = c->exec_folder ? tw_printf("%s/%s", c->exec_folder, name) : NULL;
	if (path && access(path, X_OK) < 0)
		tw_conf_fault(node, c->findings, false,
			      "there is no program %s that may be run: until there is, "
			      "the fallback answers", path);
	return (int)flow_string_keep(c->f, name, strlen(name));
}

static int read_arguments(struct flow_compile *c, const struct tw_conf_node *node,
			  struct flow_away_step *ret)
{
	size_t n = node ? tw_conf_length(node) : 0;

	if (!node)
		return 0;
	if ((tw_conf_type(node) != TW_CONF_ARRAY && tw_conf_type(node) != TW_CONF_LIST) ||
	    n > ARGUMENTS_MAX)
		return fault_at(c, node, -1,
				"`arguments` wants a list of at most 32 texts such as [ \"--for\", "
				"\"{args}\" ]");
	ret->arguments = tw_zalloc((n + 1) * sizeof(*ret->arguments));
	for (size_t i = 0; i < n; i++) {
		int text = text_of(c, tw_conf_at(node, i));

		if (text < 0)
			return TW_E_CONFIG;
		ret->arguments[ret->n_arguments++] = (uint32_t)text;
	}
	return 0;
}

/* A number without a name in it is wrong for ever. */
static int read_number(struct flow_compile *c, const struct tw_conf_node *node)
{
	const char *text = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "";
	struct number n;
	enum number_error e = strchr(text, '{') ? NUMBER_OK : number_read(text, c->country, &n);

	if (e == NUMBER_OK)
		return text_of(c, node);
	tw_conf_fault(node, c->findings, true, "\"%s\": %s", text, number_error_text(e));
	return -1;
}

/* What is rendered; row + 1 where it may be absent. */
static int read_parts(struct flow_compile *c, const struct raw_away *raw,
		      struct flow_away_step *ret)
{
	int to = -1, subject = 0, text = 0;

	if (ret->type == FLOW_WEBHOOK)
		to = read_url(c, raw->to);
	else if (ret->type == FLOW_EXEC)
		to = read_program(c, raw->to);
	else if (ret->type == FLOW_CALL_FORWARD)
		to = read_number(c, raw->to);
	else
		to = text_of(c, raw->to);
	if (raw->subject)
		subject = flow_text_compile(c, raw->subject);
	if (raw->text)
		text = flow_text_compile(c, raw->text);
	ret->to = (uint32_t)to;
	ret->subject = raw->subject ? (uint32_t)subject + 1 : 0;
	ret->text = raw->text ? (uint32_t)text + 1 : 0;
	return to < 0 || subject < 0 || text < 0 ? TW_E_CONFIG
	       : read_arguments(c, raw->arguments, ret);
}

/* The op, and behind it what runs when it fails. */
static int add_ops(struct flow_compile *c, enum flow_code code, const struct tw_conf_node *argument,
		   const struct tw_conf_node *fallback)
{
	uint32_t at = flow_op_add(c, code, (uint32_t)c->f->n_aways - 1, 0, argument), jump;
	int r;

	if (!fallback)
		return 0;
	jump = flow_op_add(c, OP_JUMP, 0, 0, argument);
	c->f->ops[at].b = (uint32_t)c->f->n_ops;
	r = flow_text_or_steps_compile(c, fallback);
	c->f->ops[jump].b = (uint32_t)c->f->n_ops;
	return r;
}

static int compile(struct flow_compile *c, enum flow_code code, enum flow_intent_type type,
		   const struct tw_key *keys, size_t n, const struct tw_conf_node *argument,
		   const struct tw_conf_node *group)
{
	const struct tw_conf_node *label = tw_conf_member(group, "label");
	struct flow_away_step step = { .type = type };
	struct raw_away raw = { 0 };
	int r = 0;

	if (tw_conf_type(argument) != TW_CONF_GROUP) {
		tw_conf_fault(argument, c->findings, true, "`%s` wants a group { %s = \"…\"; … }",
			      tw_conf_name(argument), keys[0].name);
		return TW_E_CONFIG;
	}
	r = tw_keys_read(keys, n, argument, &raw, c->findings);
	if (r == 0)
		r = read_parts(c, &raw, &step);
	step.timeout = raw.timeout;
	step.span = raw.span;
	step.repeats = raw.repeats;
	step.label = label && tw_conf_type(label) == TW_CONF_STRING
		? tw_strdup(tw_conf_string(label)) : NULL;
	*FLOW_PUSH(c->f->aways, c->f->n_aways, c->f->cap_aways) = step;
	if (r == 0)
		r = add_ops(c, code, argument, raw.fallback);
	tw_keys_done(keys, n, &raw);
	return r;
}

int flow_webhook_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			 const struct tw_conf_node *group)
{
	return compile(c, OP_WEBHOOK, FLOW_WEBHOOK, webhook_keys, TW_COUNT(webhook_keys),
		       argument, group);
}

int flow_exec_compile(struct flow_compile *c, const struct tw_conf_node *argument,
		      const struct tw_conf_node *group)
{
	return compile(c, OP_EXEC, FLOW_EXEC, exec_keys, TW_COUNT(exec_keys), argument, group);
}

int flow_email_compile(struct flow_compile *c, const struct tw_conf_node *argument,
		       const struct tw_conf_node *group)
{
	return compile(c, OP_EMAIL, FLOW_EMAIL, email_keys, TW_COUNT(email_keys), argument, group);
}

int flow_call_forward_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			      const struct tw_conf_node *group)
{
	return compile(c, OP_CALL_FORWARD, FLOW_CALL_FORWARD, forward_keys, TW_COUNT(forward_keys),
		       argument, group);
}

void flow_aways_done(struct flows *f)
{
	for (size_t i = 0; i < f->n_aways; i++) {
		free(f->aways[i].arguments);
		free(f->aways[i].label);
	}
	free(f->aways);
}

bool flow_code_is_away(enum flow_code code)
{
	return code == OP_WEBHOOK || code == OP_EXEC || code == OP_EMAIL || code == OP_CALL_FORWARD;
}

/* ---- leaving ------------------------------------------------------------------------------- */

bool flow_away_fail(struct flow_run *run, uint32_t at, uint32_t to, const char *why,
		    struct flow_intent *ret)
{
	run->pc = to;
	run->answer = NULL;
	tw_buf_clear(&run->text);
	tw_buf_adds(&run->text, why);
	flow_run_intent(run, FLOW_FAILED, ret);
	ret->name = flow_code_name((enum flow_code)run->f->ops[at].code);
	return true;
}

/* Its fallback, else what stands behind it. */
static bool fail(struct flow_run *run, uint32_t at, const char *why, struct flow_intent *ret)
{
	const struct flow_op *op = &run->f->ops[at];

	return flow_away_fail(run, at, op->b ? op->b : at + 1, why, ret);
}

/* No program is given a NUL, which would end its argument early. */
static void render_arguments(struct flow_run *run, const struct flow_away_step *step)
{
	size_t starts[ARGUMENTS_MAX];

	tw_buf_clear(&run->arguments);
	for (size_t i = 0; i < step->n_arguments; i++) {
		size_t from = run->arguments.n, to = from;

		flow_text_render(run, step->arguments[i], &run->arguments);
		for (size_t k = from; k < run->arguments.n; k++)
			if (run->arguments.p[k])
				run->arguments.p[to++] = run->arguments.p[k];
		run->arguments.n = to;
		starts[i] = from;
		tw_buf_addc(&run->arguments, '\0');
	}
	for (size_t i = 0; i < step->n_arguments; i++)
		run->argv[i] = run->arguments.p + starts[i];
}

static bool is_address(const struct flow_run *run, const struct tw_buf *to)
{
	const struct flow_expect email = { .kind = EXPECT_EMAIL };
	struct tw_buf value = { 0 };
	bool is = flow_expect_takes(run, &email, tw_buf_str(to), to->n, &value);

	tw_buf_done(&value);
	return is;
}

/* A subject is one line. */
static void render_subject(struct flow_run *run, const struct flow_away_step *step)
{
	tw_buf_clear(&run->subject);
	if (step->subject)
		flow_text_render(run, step->subject - 1, &run->subject);
	for (size_t i = 0; i < run->subject.n; i++)
		if ((unsigned char)run->subject.p[i] < ' ')
			run->subject.p[i] = ' ';
}

static void render_to(struct flow_run *run, const struct flow_away_step *step)
{
	tw_buf_clear(&run->to);
	if (step->type == FLOW_EXEC)
		tw_buf_adds(&run->to, flow_string(run->f, step->to));
	else if (step->type == FLOW_WEBHOOK)
		flow_text_render_url(run, step->to, &run->to);
	else
		flow_text_render(run, step->to, &run->to);
}

bool flow_away_leave(struct flow_run *run, uint32_t at, struct flow_intent *ret)
{
	const struct flow_away_step *step = &run->f->aways[run->f->ops[at].a];

	if (run->hops >= FLOW_HOPS_MAX)
		return fail(run, at, "it was led to by too many steps of its kind in a row", ret);
	render_to(run, step);
	if (step->type == FLOW_EMAIL && !is_address(run, &run->to))
		return fail(run, at, "`to` is no address of electronic mail", ret);
	render_arguments(run, step);
	render_subject(run, step);
	tw_buf_clear(&run->text);
	if (step->text)
		flow_text_render(run, step->text - 1, &run->text);
	snprintf(run->step_name, sizeof(run->step_name), "%u", run->f->ops[at].step);
	run->away = (struct flow_away){
		.step = step->label ? step->label : run->step_name, .to = tw_buf_str(&run->to),
		.subject = tw_buf_str(&run->subject), .arguments = run->argv,
		.n_arguments = step->n_arguments, .timeout = step->timeout, .span = step->span,
		.repeats = step->repeats };
	run->place = (struct flow_place){ .tries = run->hops + 1, .first_at = run->e->now };
	run->keeps = at;
	flow_run_intent(run, step->type, ret);
	ret->to = run->away.to;
	ret->away = &run->away;
	return true;
}

struct wall_ms flow_away_until(const struct flow_run *run, uint32_t at)
{
	return wall_after(run->e->now, run->f->aways[run->f->ops[at].a].timeout);
}

/* ---- answers ------------------------------------------------------------------------------- */

/* A label or a keyword of the file that the step stands in. 0: there is none. */
static uint32_t find_target(const struct flows *f, uint32_t at, const char *name)
{
	const struct flow_file *file = flow_file_of_op(f, at);
	int row = (int)(file - f->files);
	uint32_t op = flow_label_op(f, row, name);
	const struct flow_match *m;
	struct tw_buf key = { 0 };

	if (op)
		return op;
	tw_fold_key(name, strlen(name), &key);
	m = key.n ? tw_map_get(&f->by_key, key.p, key.n) : NULL;
	for (size_t i = 0; m && i < m->n_rows && !op; i++)
		if (f->keywords[m->rows[i]].file == row)
			op = f->keywords[m->rows[i]].program.first;
	tw_buf_done(&key);
	return op;
}

/* Appends the value as its field keeps it. */
static bool read_value(const struct flow_run *run, const struct flow_answer_value *v,
		       struct tw_buf *out)
{
	int field = flow_field_find(run->f, run->account, v->name);

	if (flow_name_is_own(v->name) || field == FLOW_NONE) {
		if (v->value)
			tw_buf_adds(out, v->value);
		return field == FLOW_NONE ? flow_name_is_own(v->name) : true;
	}
	return !v->value || !*v->value ||
	       flow_field_read(flow_field(run->f, field)->type, v->value, strlen(v->value), out);
}

static bool is_tag(const char *name)
{
	return *name && strlen(name) <= NAME_MAX_OCTETS && !strpbrk(name, "{}'\n");
}

/* What is wrong with it, in out; nothing is done by halves. */
static bool is_sound(const struct flow_run *run, uint32_t at, const struct flow_answer *a,
		     struct tw_buf *out)
{
	struct tw_buf value = { 0 };

	for (size_t i = 0; i < a->n_sets && !out->n; i++) {
		tw_buf_clear(&value);
		if (!read_value(run, &a->sets[i], &value))
			tw_buf_addf(out, "its answer sets \"%s\", which is no field, or does not "
					 "fit into it",
				    a->sets[i].name);
	}
	for (size_t i = 0; i < a->n_tags + a->n_untags && !out->n; i++)
		if (!is_tag(i < a->n_tags ? a->tags[i] : a->untags[i - a->n_tags]))
			tw_buf_adds(out, "its answer names a tag of more than 60 octets, or with { "
					 "} or '");
	if (!out->n && a->go && !find_target(run->f, at, a->go))
		tw_buf_addf(out, "its answer goes to \"%s\", which is no label and no keyword of "
				 "the file", a->go);
	tw_buf_done(&value);
	return !out->n;
}

bool flow_away_resume(struct flow_run *run, uint32_t at, struct flow_intent *ret)
{
	const struct flow_answer *a = run->answer;
	struct tw_buf why = { 0 };
	bool fails;

	run->hops = run->place.tries;
	run->place = (struct flow_place){ .step = 0 };
	if (run->cause != FLOW_BY_ANSWER || !a)
		return fail(run, at, "no answer in time", ret);
	if (a->failure)
		return fail(run, at, a->failure, ret);
	fails = !is_sound(run, at, a, &why);
	if (fails)
		fail(run, at, tw_buf_str(&why), ret);
	tw_buf_done(&why);
	run->answered_at = at;
	return fails;
}

static bool give_value(struct flow_run *run, const struct flow_answer_value *v,
		       struct flow_intent *ret)
{
	tw_buf_clear(&run->text);
	read_value(run, v, &run->text);
	flow_run_intent(run, FLOW_SET, ret);
	if (!run->text.n)
		ret->text = NULL;
	ret->name = v->name;
	return true;
}

static bool give_tag(struct flow_run *run, enum flow_intent_type type, const char *name,
		     struct flow_intent *ret)
{
	tw_buf_clear(&run->text);
	flow_run_intent(run, type, ret);
	ret->name = name;
	return true;
}

/* The customer is told what was written, with no name in it put in. */
static bool give_reply(struct flow_run *run, const char *text, struct flow_intent *ret)
{
	tw_buf_clear(&run->text);
	tw_buf_adds(&run->text, text);
	flow_run_intent(run, FLOW_REPLY, ret);
	return true;
}

bool flow_away_give(struct flow_run *run, struct flow_intent *ret)
{
	const struct flow_answer *a = run->answer;
	size_t i = run->given++;

	if (i < a->n_sets)
		return give_value(run, &a->sets[i], ret);
	i -= a->n_sets;
	if (i < a->n_tags)
		return give_tag(run, FLOW_TAG, a->tags[i], ret);
	i -= a->n_tags;
	if (i < a->n_untags)
		return give_tag(run, FLOW_UNTAG, a->untags[i], ret);
	i -= a->n_untags;
	if (i < a->n_replies)
		return give_reply(run, a->replies[i], ret);
	run->answer = NULL;
	if (a->go)
		run->pc = find_target(run->f, run->answered_at, a->go);
	return false;
}

void flow_run_answer(struct flow_run *run, const struct flow_answer *a)
{
	run->answer = a;
}
