/* twoway accounts: who may log in, and with what. */
#include "cli.h"

#include <stdio.h>

static void write_numbers(json_t *account, struct tw_buf *b)
{
	json_t *numbers = json_object_get(account, "numbers"), *number;
	size_t i;

	json_array_foreach(numbers, i, number)
		tw_buf_addf(b, "%s%s", i ? " " : "",
			    json_is_string(number) ? json_string_value(number) : "");
}

static void print_table(struct cli *c, json_t *accounts)
{
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	json_t *account;
	size_t i;

	table_column(&t, "NAME", false, false);
	table_column(&t, "SID", false, false);
	table_column(&t, "TOKEN FILE", false, false);
	table_column(&t, "NUMBERS", false, false);
	json_array_foreach(accounts, i, account) {
		tw_buf_clear(&b);
		write_numbers(account, &b);
		table_cell(&t, cli_member(account, "name"), COLOUR_NONE);
		table_cell(&t, cli_member(account, "sid"), COLOUR_NONE);
		table_cell(&t, cli_member(account, "token_file"), COLOUR_NONE);
		table_cell(&t, tw_buf_str(&b), COLOUR_NONE);
	}
	tw_buf_clear(&b);
	table_print(&t, 0, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static int run(struct cli *c, const void *options)
{
	json_t *root = NULL;
	int r = cli_ask(c, "GET", "/api/v1/accounts", &root);

	(void)options;
	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "accounts"));
	else if (!r)
		print_table(c, json_object_get(root, "accounts"));
	json_decref(root);
	return r;
}

const struct cli_verb cli_verb_accounts = {
	.name = "accounts",
	.arguments = "",
	.summary = "List accounts with their SIDs, token files and numbers",
	.about = "A program logs in with the SID as user and the token file's content as "
		 "password.\n\n"
		 "  twoway accounts",
	.run = run,
};
