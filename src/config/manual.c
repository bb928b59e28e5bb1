/* Used by the build alone: prints the option table as the commented twoway.conf that is installed,
 * or as the table of the manual (docs/man). */
#include <stdio.h>

#include <twoway/config.h>

#include "options.h"

/* A cell of a table in Markdown, as code. */
static void add_code(struct tw_buf *out, const char *before, const char *text)
{
	tw_buf_addf(out, "%s`", before);
	for (; *text; text++)
		if (*text == '|')
			tw_buf_adds(out, "\\|");
		else
			tw_buf_addc(out, *text);
	tw_buf_addc(out, '`');
}

static void add_row(struct tw_buf *out, const struct section *in, const struct tw_key *key)
{
	tw_auto(tw_free_charp) char *name = tw_printf("%s%s", in->name, key->name);
	struct tw_buf text = { 0 };

	add_code(out, "| ", name);
	config_describe_type(&text, key);
	add_code(out, " | ", tw_buf_str(&text));
	tw_buf_clear(&text);
	if (key->default_text && *key->default_text) {
		config_describe_default(&text, key);
		add_code(out, " | ", tw_buf_str(&text));
	} else {
		tw_buf_adds(out, key->required ? " | required" : " | ");
	}
	tw_buf_addf(out, " | %s%s |\n", key->help,
		    config_is_live(name) ? " (*live*)" : "");
	tw_buf_done(&text);
}

static void add_table(struct tw_buf *out)
{
	tw_buf_adds(out, "| setting | type | default | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < SECTION_COUNT; i++)
		for (size_t j = 0; j < sections[i].n - sections[i].n_nodes; j++)
			add_row(out, &sections[i], &sections[i].keys[j]);
}

int main(int argc, char **argv)
{
	struct tw_buf out = { 0 };

	if (argc == 2 && !strcmp(argv[1], "conf")) {
		config_example(&out);
	} else if (argc == 2 && !strcmp(argv[1], "table")) {
		add_table(&out);
	} else {
		fputs("usage: twoway-manual conf|table\n", stderr);
		return 64;
	}
	fputs(tw_buf_str(&out), stdout);
	tw_buf_done(&out);
	return 0;
}
