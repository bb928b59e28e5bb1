/* Long numbers as files name them: themselves, or by the name of a pool of the configuration
 * (contract 1). A pool stands for its numbers. Where no configuration is at hand nobody knows which
 * these are: its name is kept in their place, and is any number. */
#include <ctype.h>

#include "internal.h"

enum { NEAR_MAX = 64 };

void flow_pools_copy(struct flows *f, const struct flow_pool *v, size_t n)
{
	f->knows_pools = v != NULL;
	f->pools = tw_zalloc((n + 1) * sizeof(*f->pools));
	for (; f->n_pools < n; f->n_pools++) {
		const struct flow_pool *from = &v[f->n_pools];
		struct flow_pool_row *row = &f->pools[f->n_pools];

		row->name = tw_strdup(from->name);
		for (size_t i = 0; i < from->n; i++)
			tw_strings_add(&row->numbers, from->numbers[i]);
	}
}

void flow_pools_done(struct flows *f)
{
	for (size_t i = 0; i < f->n_pools; i++) {
		free(f->pools[i].name);
		tw_strings_done(&f->pools[i].numbers);
	}
	free(f->pools);
}

static const struct flow_pool_row *find(const struct flows *f, const char *name)
{
	for (size_t i = 0; i < f->n_pools; i++)
		if (!strcmp(f->pools[i].name, name))
			return &f->pools[i];
	return f->base ? find(f->base, name) : NULL;
}

/* What a pool may be called and no number is. */
static bool is_name(const char *text)
{
	bool has_letter = false;

	for (const char *p = text; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("-_.", *p))
			return false;
		has_letter |= isalpha((unsigned char)*p) != 0;
	}
	return has_letter;
}

bool flow_pool_is_meant(const struct flows *f, const char *text)
{
	return find(f, text) || is_name(text);
}

/* ---- reading ------------------------------------------------------------------------------- */

static int unknown_pool(struct flow_compile *c, const struct tw_conf_node *node, const char *name)
{
	const char *names[NEAR_MAX], *near;
	size_t n = 0;

	for (; n < c->f->n_pools && n < TW_COUNT(names); n++)
		names[n] = c->f->pools[n].name;
	near = tw_nearest(name, names, n);
	tw_conf_fault(node, c->findings, true,
		      "\"%s\" is no number, and no pool of the configuration%s%s%s", name,
		      near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return TW_E_CONFIG;
}

/* As it stands in the place of numbers, which look otherwise: { any of them, ( none, for the
 * configuration is refused what it says of it. */
static int keep_name(struct tw_strings *ret, char as, const char *name)
{
	tw_auto(tw_free_charp) char *kept = tw_printf("%c%s", as, name);

	tw_strings_add(ret, kept);
	return 0;
}

/* A conversation finishes on its version, also when the pool that it names is gone. */
static int any_pool(struct flow_compile *c, const struct tw_conf_node *node, const char *name,
		    struct tw_strings *ret)
{
	if (!c->f->base)
		tw_conf_fault(node, c->findings, false,
			      "which numbers the pool \"%s\" holds stands in the configuration: "
			      "without it (--config) any number is one of them", name);
	return keep_name(ret, '{', name);
}

static int read_line(struct flow_compile *c, const struct tw_conf_node *node,
		     struct tw_strings *ret)
{
	const char *text = tw_conf_string(node);
	const struct flow_pool_row *pool = find(c->f, text);
	struct number number;
	enum number_error e;

	for (size_t i = 0; pool && i < pool->numbers.n; i++)
		tw_strings_add(ret, pool->numbers.v[i]);
	if (pool && !pool->numbers.n)
		return keep_name(ret, '(', text);
	if (pool)
		return 0;
	if (is_name(text))
		return c->f->knows_pools ? unknown_pool(c, node, text) :
		       any_pool(c, node, text, ret);
	e = number_read(text, c->country, &number);
	if (e == NUMBER_OK && number.kind == NUMBER_NAME)
		e = NUMBER_LENGTH;
	if (e != NUMBER_OK) {
		flow_number_fault(node, e, c->findings);
		return TW_E_CONFIG;
	}
	tw_strings_add(ret, number.text);
	return 0;
}

int flow_lines_read(struct flow_compile *c, const struct tw_conf_node *node, struct tw_strings *ret)
{
	enum tw_conf_type type = tw_conf_type(node);
	int r = 0;

	if (type == TW_CONF_STRING)
		return read_line(c, node, ret);
	if ((type != TW_CONF_ARRAY && type != TW_CONF_LIST) || !tw_conf_length(node)) {
		tw_conf_fault(node, c->findings, true,
			      "`%s` wants a number or a pool, or an array of them [ \"…\" ]",
			      tw_conf_name(node));
		return TW_E_CONFIG;
	}
	for (size_t i = 0; i < tw_conf_length(node); i++) {
		const struct tw_conf_node *element = tw_conf_at(node, i);

		if (tw_conf_type(element) != TW_CONF_STRING) {
			tw_conf_fault(element, c->findings, true,
				      "a number stands in quotation marks, and a pool's name too");
			r = TW_E_CONFIG;
		} else if (read_line(c, element, ret) < 0) {
			r = TW_E_CONFIG;
		}
	}
	return r;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static bool is_pool(const char *line)
{
	return *line == '{';
}

bool flow_has_number(const struct tw_strings *numbers, const char *number)
{
	for (size_t i = 0; i < numbers->n; i++)
		if (!strcmp(numbers->v[i], number) || is_pool(numbers->v[i]))
			return true;
	return !numbers->n;
}

bool flow_names_line(const struct tw_strings *lines, const char *line)
{
	for (size_t i = 0; i < lines->n; i++)
		if (!strcmp(lines->v[i], line))
			return true;
	return !lines->n;
}

bool flow_lines_meet(const struct tw_strings *a, const struct tw_strings *b)
{
	if (!a->n || !b->n)
		return true;
	for (size_t i = 0; i < a->n; i++)
		if (flow_names_line(b, a->v[i]))
			return true;
	return false;
}

bool flow_lines_are_known(const struct tw_strings *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		if (is_pool(lines->v[i]))
			return false;
	return true;
}
