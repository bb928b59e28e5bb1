/* twoway webhooks: what could not be told to other programs. */
#include "cli.h"

#include <stdio.h>

struct webhooks_options { const char *account; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct webhooks_options, account), "of one account alone" },
};

static void print_table(struct cli *c, json_t *dead)
{
	static const char *const columns[] = { "ID", "KIND", "ACCOUNT", "TO", "SINCE",
					       "TRIES", "ERROR" };
	struct wall_ms now = tw_now_system().wall;
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	char time[TW_RFC3339_MAX], tries[24];
	json_t *one;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, i == 6);
	json_array_foreach(dead, i, one) {
		snprintf(tries, sizeof(tries), "%lld",
			 (long long)json_integer_value(json_object_get(one, "tries")));
		table_cell(&t, cli_member(one, "id"), COLOUR_NONE);
		table_cell(&t, cli_member(one, "kind"), COLOUR_NONE);
		table_cell(&t, cli_member(one, "account"), COLOUR_NONE);
		table_cell(&t, cli_member(one, "to"), COLOUR_NONE);
		table_cell(&t, cli_time_write(cli_member_time(one, "created_at"), now, time),
			   COLOUR_NONE);
		table_cell(&t, tries, COLOUR_NONE);
		table_cell(&t, cli_member(one, "error"), COLOUR_NONE);
	}
	table_print(&t, 0, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static char *with_account(const char *path, const struct webhooks_options *o)
{
	char *account = o->account ? client_escape(o->account) : NULL;
	char *whole = account ? tw_printf("%s%caccount=%s", path, strchr(path, '?') ? '&'
					  : '?', account)
			      : tw_strdup(path);

	free(account);
	return whole;
}

static int list(struct cli *c, const struct webhooks_options *o)
{
	char *path = with_account("/api/v1/webhooks/dead?limit=500", o);
	json_t *root = NULL;
	int r = cli_ask(c, "GET", path, &root);

	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "dead"));
	else if (!r && !json_array_size(json_object_get(root, "dead")))
		fprintf(stderr, "twoway: everything was told, or is still tried\n");
	else if (!r)
		print_table(c, json_object_get(root, "dead"));
	json_decref(root);
	free(path);
	return r;
}

static int change(struct cli *c, const struct webhooks_options *o, const char *method,
		  const char *format, const char *name)
{
	char *escaped = client_escape(name), *plain = tw_printf(format, escaped);
	char *path = with_account(plain, o);
	json_t *root = NULL;
	int r = cli_ask(c, method, path, &root);

	if (!r && c->json)
		cli_print_json(root);
	json_decref(root);
	free(path);
	free(plain);
	free(escaped);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n < 2)
		return list(c, given);
	if (!strcmp(verb, "replay") && c->words.n == 2)
		return change(c, given, "POST", "/api/v1/webhooks/dead/%s/replay", c->words.v[1]);
	if (!strcmp(verb, "drop") && c->words.n == 2)
		return change(c, given, "POST", "/api/v1/webhooks/dead/%s/drop", c->words.v[1]);
	return cli_misuse("webhooks", "expected: list, replay ID or drop ID");
}

const struct cli_verb cli_verb_webhooks = {
	.name = "webhooks",
	.arguments = "[list] | replay ID | drop ID",
	.summary = "What could not be told to other programs: list, send again, drop",
	.about = "Events and mails are tried for two days; those that nobody took by then are "
		 "listed here for 30\n"
		 "days, newest first. replay sends one again under its old id; drop forgets it.\n\n"
		 "  twoway webhooks --account acme\n"
		 "  twoway webhooks replay WH0123456789abcdef0123456789abcdef",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct webhooks_options), .max_words = 2, .run = run,
};
