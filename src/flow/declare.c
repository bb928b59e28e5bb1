/* What files declare and steps name: fields, voucher series, pledges, goals (queues and agents:
 * desk.c, lists:
 * list.c). Read before anything of any file is compiled, so that
 * one file of an account may use what another declares. */
#include <ctype.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

#include "internal.h"

enum { CODES_MAX = 1000000, CODE_MAX = 60 };

/* Calls read for each group of a list. */
static void each_group(struct flow_compile *c, const struct tw_conf_node *root, const char *name,
		       void (*read)(struct flow_compile *c, const char *path,
				    const struct tw_conf_node *group), const char *path)
{
	const struct tw_conf_node *list = tw_conf_member(root, name);

	if (!list)
		return;
	if (tw_conf_type(list) != TW_CONF_LIST &&
	    !(tw_conf_type(list) == TW_CONF_ARRAY && !tw_conf_length(list))) {
		tw_conf_fault(list, c->findings, true,
			      "`%s` wants a list of groups ( { name = \"…\"; … } "
			      "), not %s", name, tw_conf_type_name(tw_conf_type(list)));
		return;
	}
	for (size_t i = 0; i < tw_conf_length(list); i++) {
		const struct tw_conf_node *group = tw_conf_at(list, i);

		if (tw_conf_type(group) == TW_CONF_GROUP)
			read(c, path, group);
		else
			tw_conf_fault(group, c->findings, true,
				      "a group { name = \"…\"; … } was expected "
				      "here, not %s", tw_conf_type_name(tw_conf_type(group)));
	}
}

static bool has_name(struct flow_compile *c, const struct tw_conf_node *group, const char *name)
{
	if (*name)
		return true;
	tw_conf_fault(group, c->findings, true, "`name` is missing here");
	return false;
}

/* ---- fields -------------------------------------------------------------------------------- */

struct raw_field { char *name; int64_t type; };
static const char *const type_choices[] = { "text", "integer", "number", "date", "boolean", NULL };
static const struct tw_key field_keys[] = {
	{ "name", TW_KEY_STRING, offsetof(struct raw_field, name), .default_text = "",
	  .help = "as conditions and templates call it" },
	{ "type", TW_KEY_CHOICE, offsetof(struct raw_field, type), .default_text = "text",
	  .choices = type_choices, .help = "what it holds" },
};

/* What is wrong with a field's name, or NULL. */
static const char *name_fault(const char *name)
{
	if (!islower((unsigned char)*name) || strlen(name) > 40)
		return "a field's name begins with a small letter";
	for (const char *p = name; *p; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
			return "a field's name holds small letters, digits and _";
	if (flow_name_is_reserved(name))
		return "twoway has this name already";
	if (sqlite3_keyword_check(name, (int)strlen(name)) || !strcmp(name, "true") ||
	    !strcmp(name, "false"))
		return "this is a word of SQL";
	return NULL;
}

static void read_field(struct flow_compile *c, const char *path, const struct tw_conf_node *group)
{
	struct flow_declared *d = &c->f->declared;
	struct raw_field raw = { 0 };
	const char *wrong;
	int known;

	(void)path;
	if (tw_keys_read(field_keys, TW_COUNT(field_keys), group, &raw, c->findings) == 0 &&
	    has_name(c, group, raw.name)) {
		wrong = name_fault(raw.name);
		known = flow_field_find(c->f, c->account, raw.name);
		if (wrong)
			tw_conf_fault(group, c->findings, true, "no field can be called `%s`: %s",
				      raw.name, wrong);
		else if (known != FLOW_NONE && (size_t)known < d->n_fields &&
			 d->fields[known].type != (enum flow_type)raw.type)
			tw_conf_fault(group, c->findings, true,
				      "the field `%s` of account %s is declared as "
				      "%s already", raw.name, c->f->owners[c->account].name,
				      flow_type_name(d->fields[known].type));
		else if (known == FLOW_NONE || (size_t)known >= d->n_fields)
			*FLOW_PUSH(d->fields, d->n_fields, d->cap_fields) =
				(struct flow_field){ tw_strdup(raw.name), c->account,
						     (enum flow_type)raw.type };
		flow_note_declared(c, "field", raw.name, group);
	}
	tw_keys_done(field_keys, TW_COUNT(field_keys), &raw);
}

/* ---- vouchers ------------------------------------------------------------------------------ */

struct raw_series { char *name, *codes, *generate; int64_t per_contact, limit, expires; };
#define SERIES(x) offsetof(struct raw_series, x)
static const struct tw_key series_keys[] = {
	{ "name", TW_KEY_STRING, SERIES(name), .default_text = "", .help = "as steps call it" },
	{ "codes", TW_KEY_STRING, SERIES(codes), .default_text = "",
	  .help = "a file, a code a line" },
	{ "generate", TW_KEY_STRING, SERIES(generate), .default_text = "",
	  .help = "X a letter, 9 a digit, \\ takes the next sign as it is" },
	{ "per_contact", TW_KEY_INT, SERIES(per_contact), 0, 1000, .default_text = "1",
	  .help = "codes for one contact; 0 = no limit" },
	{ "limit", TW_KEY_INT, SERIES(limit), 0, 1e12, .default_text = "0",
	  .help = "codes in all; 0 = no limit" },
	{ "expires", TW_KEY_DURATION, SERIES(expires), 0, 1e15, .default_text = "0s",
	  .help = "how long a code is good; 0s = for ever" },
};

/* How many codes a pattern makes, at most 1e18. */
static double pattern_size(const char *pattern)
{
	double n = 1;

	for (const char *p = pattern; *p && n < 1e18; p++) {
		if (*p == '\\' && p[1])
			p++;
		else
			n *= *p == 'X' ? 24 : *p == '9' ? 10 : 1;
	}
	return n;
}

static void add_code(struct flow_series_row *s, const char *text, size_t n)
{
	tw_auto(tw_free_charp) char *code = NULL;
	struct tw_buf key = { 0 };

	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	while (n && isspace((unsigned char)*text)) {
		text++;
		n--;
	}
	code = tw_strndup(text, n);
	tw_fold_key(text, n, &key);
	if (key.n) {
		tw_strings_add(&s->codes, code);
		tw_strings_add(&s->keys, key.p);
	}
	tw_buf_done(&key);
}

static int compare_keys(const void *a, const void *b, void *keys)
{
	char *const *v = keys;
	int order = strcmp(v[*(const uint32_t *)a], v[*(const uint32_t *)b]);

	return order ? order : (*(const uint32_t *)a > *(const uint32_t *)b) * 2 - 1;
}

static void sort_codes(struct flow_compile *c, const struct tw_conf_node *group,
		       struct flow_series_row *s)
{
	s->sorted = tw_alloc(s->keys.n * sizeof(*s->sorted));
	for (size_t i = 0; i < s->keys.n; i++)
		s->sorted[i] = (uint32_t)i;
	qsort_r(s->sorted, s->keys.n, sizeof(*s->sorted), compare_keys, s->keys.v);
	for (size_t i = 1; i < s->keys.n; i++)
		if (!strcmp(s->keys.v[s->sorted[i - 1]], s->keys.v[s->sorted[i]])) {
			tw_conf_fault(group, c->findings, false,
				      "the code %s stands twice in `codes` of "
				      "\"%s\"; it is given once", s->codes.v[s->sorted[i]],
				      s->name);
			return;
		}
}

/* A path from the flow file. */
static void read_codes(struct flow_compile *c, const char *path, const struct tw_conf_node *group,
		       const char *name, struct flow_series_row *s)
{
	const char *slash = strrchr(path, '/');
	tw_auto(tw_free_charp) char *file = *name == '/' || !slash ? tw_strdup(name) :
		tw_printf("%.*s/%s", (int)(slash - path), path, name);
	FILE *in = fopen(file, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (!in) {
		tw_conf_fault(group, c->findings, true,
			      "the codes of \"%s\" cannot be read: %s: %s", s->name,
			      file, tw_strerror(-errno));
		return;
	}
	while ((n = getline(&line, &cap, in)) >= 0 && s->codes.n < CODES_MAX) {
		static const char mark[] = "\xEF\xBB\xBF";	/* of editors on Windows */
		size_t skip = !s->codes.n && !strncmp(line, mark, 3) ? 3 : 0;

		if (n > CODE_MAX)
			tw_conf_fault(group, c->findings, true,
				      "a code in %s is longer than %d octets", file, CODE_MAX);
		else if (!tw_utf8_is_valid(line, (size_t)n))
			tw_conf_fault(group, c->findings, true, "a code in %s is not UTF-8", file);
		else
			add_code(s, line + skip, (size_t)n - skip);
	}
	if (!s->codes.n)
		tw_conf_fault(group, c->findings, true, "%s holds no code", file);
	free(line);
	fclose(in);
	sort_codes(c, group, s);
}

static bool is_series_sound(struct flow_compile *c, const struct tw_conf_node *group,
			    const struct raw_series *raw)
{
	const struct flow_series_row *before = NULL;

	if (!has_name(c, group, raw->name))
		return false;
	for (size_t i = 0; i < c->f->declared.n_series; i++)
		if (c->f->declared.series[i]->account == c->account &&
		    !strcmp(c->f->declared.series[i]->name, raw->name))
			before = c->f->declared.series[i];
	if (before) {
		tw_conf_fault(group, c->findings, true,
			      "the voucher series \"%s\" of account %s is declared "
			      "already", raw->name, c->f->owners[c->account].name);
		return false;
	}
	if (!*raw->codes == !*raw->generate) {
		tw_conf_fault(group, c->findings, true,
			      "the voucher series \"%s\" wants either `codes` (a "
			      "file) or `generate` (a pattern such as \"XXXX-9999\")", raw->name);
		return false;
	}
	if (strlen(raw->generate) > CODE_MAX) {
		tw_conf_fault(group, c->findings, true, "`generate` of \"%s\" is longer than %d "
			      "letters", raw->name, CODE_MAX);
		return false;
	}
	/* One guess in a hundred may hit a code that is out; more would be a till that gives money
	 * away. */
	if (*raw->generate && pattern_size(raw->generate) < 100.0 *
			      (double)(raw->limit ? raw->limit : 100))
		tw_conf_fault(group, c->findings, false,
			      "`generate` of \"%s\" makes too few codes to be hard to guess: it "
			      "wants a hundred for each that may be given; add an X or a 9",
			      raw->name);
	return true;
}

static void read_series(struct flow_compile *c, const char *path, const struct tw_conf_node *group)
{
	struct flow_declared *d = &c->f->declared;
	struct raw_series raw = { 0 };
	struct flow_series_row *s;

	if (tw_keys_read(series_keys, TW_COUNT(series_keys), group, &raw, c->findings) == 0 &&
	    is_series_sound(c, group, &raw)) {
		s = tw_zalloc(sizeof(*s));
		s->name = tw_strdup(raw.name);
		s->account = c->account;
		if (*raw.generate)
			s->generate = tw_strdup(raw.generate);
		else
			read_codes(c, path, group, raw.codes, s);
		s->pub = (struct flow_series){
			.name = s->name, .generate = s->generate,
			.codes = (const char *const *)s->codes.v,
			.keys = (const char *const *)s->keys.v,
			.sorted = s->sorted, .n_codes = s->codes.n, .per_contact = raw.per_contact,
			.limit = raw.limit, .expires = raw.expires };
		*FLOW_PUSH(d->series, d->n_series, d->cap_series) = s;
		flow_note_declared(c, "voucher series", raw.name, group);
	}
	tw_keys_done(series_keys, TW_COUNT(series_keys), &raw);
}

int flow_series_row(const struct flows *f, int account, const char *name)
{
	const struct flow_declared *d = &f->declared;

	for (size_t i = 0; i < d->n_series; i++)
		if (d->series[i]->account == account && !strcmp(d->series[i]->name, name))
			return (int)i;
	int row = f->base ? flow_series_row(f->base, account, name) : FLOW_NONE;

	return row == FLOW_NONE ? FLOW_NONE : row + (int)d->n_series;
}

const struct flow_series_row *flow_series_at(const struct flows *f, uint32_t row)
{
	size_t n = f->declared.n_series;

	return row < n ? f->declared.series[row] : flow_series_at(f->base, row - (uint32_t)n);
}

struct flow_series_row *flow_series_find(const struct flows *f, int account, const char *name)
{
	int row = flow_series_row(f, account, name);

	return row == FLOW_NONE ? NULL :
	       (struct flow_series_row *)(uintptr_t)flow_series_at(f, (uint32_t)row);
}

bool flows_series(const struct flows *f, const char *account, const char *name,
		  struct flow_series *ret)
{
	const struct flow_series_row *row = flow_series_find(f, flow_account_named(f, account),
							     name);

	if (row)
		*ret = row->pub;
	return row != NULL;
}

size_t flows_all_series(const struct flows *f, const char *account, struct flow_series *out,
			size_t cap)
{
	int owner = flow_account_named(f, account);
	size_t n = 0;

	for (size_t i = 0; i < f->declared.n_series; i++) {
		if (f->declared.series[i]->account != owner)
			continue;
		if (n < cap)
			out[n] = f->declared.series[i]->pub;
		n++;
	}
	return n < cap ? n : cap;
}

/* ---- pledges ------------------------------------------------------------------------------- */

struct raw_pledge { char *name, *currency; double min, max; };
#define PLEDGE(x) offsetof(struct raw_pledge, x)
static const struct tw_key pledge_keys[] = {
	{ "name", TW_KEY_STRING, PLEDGE(name), .default_text = "", .help = "as steps call it" },
	{ "currency", TW_KEY_STRING, PLEDGE(currency), .default_text = "",
	  .help = "of the amounts" },
	{ "min", TW_KEY_FLOAT, PLEDGE(min), 0, 1e12, .default_text = "0", .help = "the least" },
	{ "max", TW_KEY_FLOAT, PLEDGE(max), 0, 1e12, .default_text = "0",
	  .help = "the most; 0 = no bound" },
};

static void read_pledge(struct flow_compile *c, const char *path, const struct tw_conf_node *group)
{
	struct flow_declared *d = &c->f->declared;
	struct raw_pledge raw = { 0 };

	(void)path;
	if (tw_keys_read(pledge_keys, TW_COUNT(pledge_keys), group, &raw, c->findings) == 0 &&
	    has_name(c, group, raw.name)) {
		int known = flow_pledge_row(c->f, c->account, raw.name);

		if (known != FLOW_NONE && (size_t)known < d->n_pledges)
			tw_conf_fault(group, c->findings, true,
				      "the pledge \"%s\" is declared already", raw.name);
		else if (raw.max > 0 && raw.max < raw.min)
			tw_conf_fault(group, c->findings, true,
				      "`max` of the pledge \"%s\" is less than "
				      "`min`", raw.name);
		else
			*FLOW_PUSH(d->pledges, d->n_pledges, d->cap_pledges) =
				(struct flow_pledge){ tw_strdup(raw.name), tw_strdup(raw.currency),
						      c->account, raw.min, raw.max };
		flow_note_declared(c, "pledge", raw.name, group);
	}
	tw_keys_done(pledge_keys, TW_COUNT(pledge_keys), &raw);
}

int flow_pledge_row(const struct flows *f, int account, const char *name)
{
	const struct flow_declared *d = &f->declared;

	for (size_t i = 0; i < d->n_pledges; i++)
		if (d->pledges[i].account == account && !strcmp(d->pledges[i].name, name))
			return (int)i;
	int row = f->base ? flow_pledge_row(f->base, account, name) : FLOW_NONE;

	return row == FLOW_NONE ? FLOW_NONE : row + (int)d->n_pledges;
}

const struct flow_pledge *flow_pledge_at(const struct flows *f, uint32_t row)
{
	size_t n = f->declared.n_pledges;

	return row < n ? &f->declared.pledges[row] : flow_pledge_at(f->base, row - (uint32_t)n);
}

const char *flows_pledge_currency(const struct flows *f, const char *account, const char *name)
{
	int owner = flow_account_named(f, account);
	int row = owner == FLOW_NONE ? FLOW_NONE : flow_pledge_row(f, owner, name);

	return row == FLOW_NONE ? "" : flow_pledge_at(f, (uint32_t)row)->currency;
}

/* ---- goals --------------------------------------------------------------------------------- */

struct raw_goal { char *name; const struct tw_conf_node *when; int64_t within; };
#define GOAL(x) offsetof(struct raw_goal, x)
static const struct tw_key goal_keys[] = {
	{ "name", TW_KEY_STRING, GOAL(name), .default_text = "", .help = "as reports call it" },
	{ "when", TW_KEY_NODE, GOAL(when), .required = true,
	  .help = "what has come true of the contact" },
	{ "within", TW_KEY_DURATION, GOAL(within), 1000, 3.2e11, .default_text = "14d",
	  .help = "how long after a keyword or an arm" },
};

static void read_goal(struct flow_compile *c, const char *path, const struct tw_conf_node *group)
{
	struct flow_declared *d = &c->f->declared;
	struct raw_goal raw = { 0 };

	(void)path;
	if (tw_keys_read(goal_keys, TW_COUNT(goal_keys), group, &raw, c->findings) == 0 &&
	    has_name(c, group, raw.name)) {
		if (flow_goal_find(c->f, c->account, raw.name))
			tw_conf_fault(group, c->findings, true,
				      "the goal \"%s\" is declared already", raw.name);
		else
			*FLOW_PUSH(d->goals, d->n_goals, d->cap_goals) = (struct flow_goal){
				tw_strdup(raw.name), c->account, raw.when, FLOW_NONE, raw.within };
	}
	tw_keys_done(goal_keys, TW_COUNT(goal_keys), &raw);
}

const struct flow_goal *flow_goal_find(const struct flows *f, int account, const char *name)
{
	const struct flow_declared *d = &f->declared;

	for (size_t i = 0; i < d->n_goals; i++)
		if (d->goals[i].account == account && !strcmp(d->goals[i].name, name))
			return &d->goals[i];
	return f->base ? flow_goal_find(f->base, account, name) : NULL;
}

void flow_goals_compile(struct flow_compile *c)
{
	struct flow_declared *d = &c->f->declared;

	c->is_audience = true;
	for (size_t i = 0; i < d->n_goals; i++) {
		c->account = d->goals[i].account;
		d->goals[i].condition = flow_when_compile(c, d->goals[i].when);
		d->goals[i].when = NULL;
	}
	c->is_audience = false;
}

size_t flows_goals(const struct flows *f, const char *account, const struct flow_event *e,
		   struct flow_goal_state *out, size_t cap)
{
	int owner = flow_account_named(f, account);
	size_t n = 0;

	for (size_t i = 0; i < f->declared.n_goals && n < cap; i++) {
		const struct flow_goal *goal = &f->declared.goals[i];

		if (goal->account != owner)
			continue;
		out[n] = (struct flow_goal_state){ goal->name, goal->within, false };
		if (e) {
			struct flow_run run = flow_run_new(f, e, owner, NULL);

			out[n].is_reached = flow_condition_is_true(&run, (uint32_t)goal->condition);
		}
		n++;
	}
	return n;
}

/* ---- all of it ----------------------------------------------------------------------------- */

void flow_declare(struct flow_compile *c, const char *path, const struct tw_conf_node *root)
{
	each_group(c, root, "fields", read_field, path);
	each_group(c, root, "vouchers", read_series, path);
	each_group(c, root, "pledges", read_pledge, path);
	each_group(c, root, "goals", read_goal, path);
	each_group(c, root, "lists", flow_list_declare, path);
	each_group(c, root, "agents", flow_agent_declare, path);
	each_group(c, root, "queues", flow_desk_declare, path);
	each_group(c, root, "calendars", flow_calendar_declare, path);
	flow_say_declare(c, tw_conf_member(root, "texts"));
}

void flow_declared_done(struct flow_declared *d)
{
	for (size_t i = 0; i < d->n_phrases; i++)
		free(d->phrases[i].text);
	free(d->phrases);
	for (size_t i = 0; i < d->n_fields; i++)
		free(d->fields[i].name);
	for (size_t i = 0; i < d->n_series; i++) {
		free(d->series[i]->name);
		free(d->series[i]->generate);
		free(d->series[i]->sorted);
		tw_strings_done(&d->series[i]->codes);
		tw_strings_done(&d->series[i]->keys);
		free(d->series[i]);
	}
	for (size_t i = 0; i < d->n_pledges; i++) {
		free(d->pledges[i].name);
		free(d->pledges[i].currency);
	}
	for (size_t i = 0; i < d->n_goals; i++)
		free(d->goals[i].name);
	flow_desks_done(d);
	flow_calendars_done(d);
	free(d->goals);
	free(d->fields);
	free(d->series);
	free(d->pledges);
	*d = (struct flow_declared){ 0 };
}
