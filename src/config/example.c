/* Writes the commented twoway.conf that is installed: every setting at its default, each behind a
 * #, so that the file changes nothing until somebody takes one away. */
#include <stdio.h>

#include <twoway/config.h>

#include "options.h"

/* What stands in the place of a default where there is none, or an empty one would be no
 * example. */
static const struct { const char *setting, *value; } samples[] = {
	{ "country", "\"GB\"" },
	{ "currency", "\"EUR\"" },
	{ "balance[].operator", "\"23410\"" },
	{ "balance[].ask", "\"*#1345#\"" },
	{ "balance[].match", "\"([0-9.]+)\"" },
	{ "modems[].name", "\"till\"" },
	{ "modems[].port", "\"/dev/ttyUSB0\"" },
	{ "modems[].number", "\"+447700900001\"" },
	{ "sims[].iccid", "\"8944100000000000001\"" },
	{ "sims[].number", "\"+447700900002\"" },
	{ "sims[].cost[].to", "\"*\"" },
	{ "sims[].cost[].each", "0.05" },
	{ "pools[].name", "\"uk\"" },
	{ "pools[].numbers", "[ \"+447700900001\", \"+447700900002\" ]" },
	{ "accounts[].name", "\"default\"" },
	{ "mail.server", "\"smtp://localhost:25\"" },
	{ "mail.from", "\"shop@example.org\"" },
};

static void add_indent(struct tw_buf *out, int depth)
{
	tw_buf_addc(out, '#');
	for (int i = 0; i < depth; i++)
		tw_buf_adds(out, "  ");
}

static void add_texts(struct tw_buf *out, const char *text)
{
	tw_buf_adds(out, "[ ");
	while (*text) {
		size_t n = strcspn(text, ",");

		tw_buf_addf(out, "\"%.*s\"", (int)n, text);
		text += n;
		text += strspn(text, ", ");
		tw_buf_adds(out, *text ? ", " : " ");
	}
	tw_buf_addc(out, ']');
}

/* A number without a point is an integer to libconfig, which is taken for a float as well. */
static void add_value(struct tw_buf *out, const char *setting, const struct tw_key *key)
{
	const char *text = key->default_text ? key->default_text : "";

	for (size_t i = 0; i < TW_COUNT(samples); i++)
		if (!strcmp(samples[i].setting, setting)) {
			tw_buf_adds(out, samples[i].value);
			return;
		}
	if (key->type == TW_KEY_STRINGS)
		add_texts(out, text);
	else if (key->type == TW_KEY_BOOL)
		tw_buf_adds(out, *text ? text : "false");
	else if (key->type == TW_KEY_INT || key->type == TW_KEY_FLOAT)
		tw_buf_adds(out, *text ? text : "0");
	else
		tw_buf_addf(out, "\"%s\"", text);
}

static const struct section *find_section(const char *prefix, const char *name, const char *suffix)
{
	tw_auto(tw_free_charp) char *whole = tw_printf("%s%s%s", prefix, name, suffix);

	for (size_t i = 0; i < SECTION_COUNT; i++)
		if (!strcmp(sections[i].name, whole))
			return &sections[i];
	return NULL;
}

static void add_section(struct tw_buf *out, const struct section *section, int depth);

/* A group stands in braces, a list of groups is shown with one of them. */
static void add_node(struct tw_buf *out, const struct section *in, const struct tw_key *key,
		     int depth)
{
	const struct section *group = find_section(in->name, key->name, ".");
	const struct section *list = find_section(in->name, key->name, "[].");

	add_indent(out, depth);
	tw_buf_addf(out, "%s = %s\n", key->name, group ? "{" : "( {");
	add_section(out, group ? group : list, depth + 1);
	add_indent(out, depth);
	tw_buf_adds(out, group ? "};\n" : "} );\n");
}

static void add_section(struct tw_buf *out, const struct section *section, int depth)
{
	for (size_t i = 0; i < section->n; i++) {
		const struct tw_key *key = &section->keys[i];
		tw_auto(tw_free_charp) char *name = tw_printf("%s%s", section->name, key->name);

		if (!depth)
			tw_buf_adds(out, "\n");
		else
			add_indent(out, depth);
		tw_buf_addf(out, "# %s\n", key->help);
		if (key->type == TW_KEY_NODE) {
			add_node(out, section, key, depth);
			continue;
		}
		add_indent(out, depth);
		tw_buf_addf(out, "%s = ", key->name);
		add_value(out, name, key);
		tw_buf_adds(out, ";\n");
	}
}

void config_example(struct tw_buf *out)
{
	tw_buf_adds(out,
		    "# The settings of twoway, twoway.conf(5). None needs to be set: a stick that "
		    "is plugged in is used.\n"
		    "# Each stands here with its default, or with an example where that would be "
		    "empty. To change one, take\n"
		    "# away the # in front of it and of the lines around it that open and close "
		    "its group. `twoway check`\n"
		    "# says what is wrong, by line; `systemctl reload twoway` makes it live.\n");
	add_section(out, &sections[SECTION_TOP], 0);
}
