/* twoway audit: who gave what to which modem. */
#include "cli.h"

#include <stdio.h>

struct audit_options { const char *limit; };

static const struct cli_option options[] = {
	{ "limit", "N", offsetof(struct audit_options, limit), "so many, 1 to 1000 (50)" },
};

static void print_table(struct cli *c, json_t *entries)
{
	static const char *const columns[] = { "TIME", "WHO", "MODEM", "ACTION", "TEXT",
					       "OUTCOME", "JOB" };
	struct wall_ms now = tw_now_system().wall;
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	char time[TW_RFC3339_MAX];

	for (size_t i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, i == 4);
	for (size_t i = json_array_size(entries); i-- > 0;) {
		json_t *e = json_array_get(entries, i);
		const char *outcome = cli_member(e, "outcome");

		table_cell(&t, cli_time_write(cli_member_time(e, "at"), now, time), COLOUR_NONE);
		table_cell(&t, cli_member(e, "who"), COLOUR_NONE);
		table_cell(&t, cli_member(e, "modem"), COLOUR_NONE);
		table_cell(&t, cli_member(e, "action"), COLOUR_NONE);
		table_cell(&t, cli_member(e, "text"), COLOUR_NONE);
		table_cell(&t, outcome, strcmp(outcome, "given") ? COLOUR_BAD : COLOUR_NONE);
		table_cell(&t, cli_member(e, "job"), COLOUR_NONE);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static int run(struct cli *c, const void *given)
{
	const struct audit_options *o = given;
	json_t *root = NULL, *entries;
	int64_t limit = 50;
	char *path;
	int r;

	if (!cli_limit_read(o->limit, 1, 1000, &limit))
		return cli_misuse("audit", "--limit: expected a number from 1 to 1000");
	path = tw_printf("/api/v1/audit?limit=%lld", (long long)limit);
	r = cli_ask(c, "GET", path, &root);
	entries = json_object_get(root, "audit");
	if (!r && c->json)
		for (size_t i = json_array_size(entries); i-- > 0;)
			cli_print_json(json_array_get(entries, i));
	else if (!r)
		print_table(c, entries);
	json_decref(root);
	free(path);
	return r;
}

const struct cli_verb cli_verb_audit = {
	.name = "audit",
	.arguments = "",
	.summary = "Show who gave what to a modem",
	.about = "AT commands and USSD codes with who asked for them, newest last. PINs are "
		 "masked.\n\n"
		 "  twoway audit --limit 5",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct audit_options), .run = run,
};
