/* A configuration text as a tree of settings: libconfig behind one reader. */
#include <assert.h>
#include <libconfig.h>
#include <stdio.h>

#include "conf_text.h"

struct tw_conf_node {
	config_setting_t *setting;
	const char *file;
	unsigned line;
	int64_t integer;
};

struct tw_conf {
	config_t config;
	struct conf_text text;
	struct tw_conf_node *nodes;	/* a setting's hook points to its own; [0] is the root */
	size_t n;
};

static size_t count_settings(const config_setting_t *s)
{
	size_t n = 1;

	if (config_setting_is_aggregate(s))
		for (int i = 0; i < config_setting_length(s); i++)
			n += count_settings(config_setting_get_elem(s, (unsigned)i));
	return n;
}

/* Gives every setting its mark, in the order in which they stand in the text. */
static void add_nodes(struct tw_conf *c, config_setting_t *s)
{
	struct tw_conf_node *node = &c->nodes[c->n];
	const struct conf_mark *mark = c->n ? &c->text.marks[c->n - 1] :
		&(struct conf_mark){ 1, 0 };

	node->setting = s;
	node->file = conf_text_where(&c->text, mark->line, &node->line);
	node->integer = mark->integer;
	config_setting_set_hook(s, node);
	c->n++;
	if (config_setting_is_aggregate(s))
		for (int i = 0; i < config_setting_length(s); i++)
			add_nodes(c, config_setting_get_elem(s, (unsigned)i));
}

/* Escapes can make what is no UTF-8. */
static bool check_texts(struct tw_conf *c)
{
	bool is_ok = true;

	for (size_t i = 0; i < c->n; i++) {
		const struct tw_conf_node *n = &c->nodes[i];
		const char *text = config_setting_get_string(n->setting);

		if (!text || tw_utf8_is_valid(text, strlen(text)))
			continue;
		tw_conf_fault(n, c->text.findings, true,
			      "the escapes in this text do not make UTF-8");
		is_ok = false;
	}
	return is_ok;
}

static int parse(struct tw_conf *c)
{
	if (!c->text.n_marks)	/* 1.5 refuses a text without a setting */
		return 0;
	if (config_read_string(&c->config, tw_buf_str(&c->text.text)) == CONFIG_TRUE)
		return 0;
	conf_text_fault(&c->text, (unsigned)config_error_line(&c->config), true, "%s",
			config_error_text(&c->config));
	return TW_E_CONFIG;
}

static int build(struct tw_conf *c)
{
	size_t n;

	if (conf_text_check(&c->text) < 0 || parse(c) < 0)
		return TW_E_CONFIG;
	n = count_settings(config_root_setting(&c->config));
	if (n != c->text.n_marks + 1) {
		conf_text_fault(&c->text, 1, true,
				"libconfig reads %zu settings here, and %zu were "
				"seen", n - 1, c->text.n_marks);
		return TW_E_CONFIG;
	}
	c->nodes = tw_zalloc(n * sizeof(*c->nodes));
	add_nodes(c, config_root_setting(&c->config));
	return check_texts(c) ? 0 : TW_E_CONFIG;
}

static struct tw_conf *read_conf(const char *name, const char *text, size_t n,
				 struct tw_findings *findings)
{
	struct tw_conf *c = tw_zalloc(sizeof(*c));

	config_init(&c->config);
	c->text.findings = findings;
	if (conf_text_read(&c->text, name, text, n) < 0 || build(c) < 0) {
		tw_conf_free(c);
		return NULL;
	}
	c->text.findings = NULL;
	return c;
}

struct tw_conf *tw_conf_read(const char *path, struct tw_findings *findings)
{
	return read_conf(path, NULL, 0, findings);
}

struct tw_conf *tw_conf_read_text(const char *name, const char *text, size_t n,
				  struct tw_findings *findings)
{
	return read_conf(name, text ? text : "", n, findings);
}

void tw_conf_free(struct tw_conf *c)
{
	if (!c)
		return;
	config_destroy(&c->config);
	conf_text_done(&c->text);
	free(c->nodes);
	free(c);
}

const char *tw_conf_text(const struct tw_conf *c, size_t *ret_n)
{
	/* reading adds the last line break */
	*ret_n = c->text.text.n ? c->text.text.n - 1 : 0;
	return tw_buf_str(&c->text.text);
}

const struct tw_conf_node *tw_conf_root(const struct tw_conf *c)
{
	return &c->nodes[0];
}

enum tw_conf_type tw_conf_type(const struct tw_conf_node *n)
{
	switch (config_setting_type(n->setting)) {
	case CONFIG_TYPE_GROUP:
		return TW_CONF_GROUP;
	case CONFIG_TYPE_LIST:
		return TW_CONF_LIST;
	case CONFIG_TYPE_ARRAY:
		return TW_CONF_ARRAY;
	case CONFIG_TYPE_FLOAT:
		return TW_CONF_FLOAT;
	case CONFIG_TYPE_BOOL:
		return TW_CONF_BOOL;
	case CONFIG_TYPE_STRING:
		return TW_CONF_STRING;
	}
	return TW_CONF_INT;
}

const char *tw_conf_type_name(enum tw_conf_type type)
{
	static const char *const names[] = {
		[TW_CONF_GROUP] = "a group { }", [TW_CONF_LIST] = "a list ( )",
		[TW_CONF_ARRAY] = "an array [ ]", [TW_CONF_INT] = "a whole number",
		[TW_CONF_FLOAT] = "a number", [TW_CONF_BOOL] = "true or false",
		[TW_CONF_STRING] = "a text"
	};

	return names[type];
}

const char *tw_conf_name(const struct tw_conf_node *n)
{
	return config_setting_name(n->setting);
}

const char *tw_conf_file(const struct tw_conf_node *n)
{
	return n->file;
}

unsigned tw_conf_line(const struct tw_conf_node *n)
{
	return n->line;
}

size_t tw_conf_length(const struct tw_conf_node *n)
{
	return config_setting_is_aggregate(n->setting) ? (size_t)config_setting_length(n->setting) :
	       0;
}

const struct tw_conf_node *tw_conf_at(const struct tw_conf_node *n, size_t i)
{
	config_setting_t *s = config_setting_get_elem(n->setting, (unsigned)i);

	return s ? config_setting_get_hook(s) : NULL;
}

const struct tw_conf_node *tw_conf_member(const struct tw_conf_node *group, const char *name)
{
	config_setting_t *s = config_setting_is_group(group->setting)
			      ? config_setting_get_member(group->setting, name) : NULL;

	return s ? config_setting_get_hook(s) : NULL;
}

const char *tw_conf_string(const struct tw_conf_node *n)
{
	const char *text = config_setting_get_string(n->setting);

	assert(text);
	return text;
}

int64_t tw_conf_int(const struct tw_conf_node *n)
{
	assert(tw_conf_type(n) == TW_CONF_INT);
	return n->integer;
}

double tw_conf_float(const struct tw_conf_node *n)
{
	if (tw_conf_type(n) == TW_CONF_INT)
		return (double)n->integer;
	assert(tw_conf_type(n) == TW_CONF_FLOAT);
	return config_setting_get_float(n->setting);
}

bool tw_conf_bool(const struct tw_conf_node *n)
{
	assert(tw_conf_type(n) == TW_CONF_BOOL);
	return config_setting_get_bool(n->setting) != CONFIG_FALSE;
}

static void add_fault(const struct tw_conf_node *n, struct tw_findings *f, bool is_error,
		      const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		abort();
	tw_findings_add(f, n->file, n->line, -1, is_error, "%s", text);
	free(text);
}

void tw_conf_fault(const struct tw_conf_node *n, struct tw_findings *f, bool is_error,
		   const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_fault(n, f, is_error, format, args);
	va_end(args);
}

void tw_conf_value_fault(const struct tw_conf_node *n, struct tw_findings *f,
			 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_fault(n, f, true, format, args);
	va_end(args);
	f->v[f->n - 1].is_value = true;
}
