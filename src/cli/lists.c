/* twoway lists: the lists of an account, and taking somebody off one. */
#include "cli.h"

struct lists_options { const char *account, *source; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct lists_options, account), "of this account" },
	{ "source", "TEXT", offsetof(struct lists_options, source),
	  "of leave: how they left; kept as evidence" },
};

static char *with_account(char *take_path, const char *account)
{
	char *escaped = client_escape(account ? account : "");
	char *path = tw_printf("%s%s%s", take_path, account ? "?account=" : "", escaped);

	free(escaped);
	free(take_path);
	return path;
}

static int list(struct cli *c, const struct lists_options *o)
{
	static const char *const columns[] = { "LIST", "DECLARED", "ASKS FIRST" };
	char *path = with_account(tw_strdup("/api/v1/lists"), o->account);
	json_t *root = NULL, *row;
	struct tw_buf b = { 0 };
	struct table t = { 0 };
	int r = cli_ask(c, "GET", path, &root);
	size_t i;

	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "lists"));
	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, false);
	json_array_foreach(json_object_get(root, "lists"), i, row) {
		table_cell(&t, cli_member(row, "name"), COLOUR_NONE);
		table_cell(&t, json_is_true(json_object_get(row, "declared")) ? "yes" : "no",
			   COLOUR_NONE);
		table_cell(&t, json_is_true(json_object_get(row, "double_opt_in")) ? "yes" : "no",
			   COLOUR_NONE);
	}
	if (!r && !c->json) {
		table_print(&t, c->width, c->colour, &b);
		cli_write(&b);
	}
	tw_buf_done(&b);
	table_done(&t);
	json_decref(root);
	free(path);
	return r;
}

static int leave(struct cli *c, const struct lists_options *o, const char *number, const char *name)
{
	char *escaped = client_escape(number);
	struct client_call call = { .method = "POST" };
	struct client *k = NULL;
	json_t *body = json_pack("{s:s?,s:s?}", "list", name, "source", o->source);
	int r = body ? client_open(c, &k) : cli_fail(CLI_DATA, "a word is not UTF-8");

	call.path = with_account(tw_printf("/api/v1/contacts/%s/leave", escaped), o->account);
	call.body = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (!r)
		r = client_do(k, &call);
	if (!r && call.status != 200)
		r = cli_refused(&call);
	json_decref(body);
	client_call_done(&call);
	client_close(k);
	free(escaped);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const struct lists_options *o = given;
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return list(c, o);
	if (strcmp(verb, "leave") || c->words.n < 2)
		return cli_misuse("lists", "expected list, or leave NUMBER [LIST]");
	if (!o->source)
		return cli_misuse("lists",
				  "leave: say with --source how they left; it is kept as evidence");
	return leave(c, o, c->words.v[1], c->words.n == 3 ? c->words.v[2] : NULL);
}

const struct cli_verb cli_verb_lists = {
	.name = "lists",
	.arguments = "[list | leave NUMBER [LIST]]",
	.summary = "Show lists, and take somebody off one",
	.about = "Who is on a list: twoway contacts --list LIST. leave without LIST is as if they "
		 "had texted STOP;\n"
		 "lists are joined by their keyword, and by twoway import.\n\n"
		 "  twoway lists leave +447700900123 offers --source \"by telephone, 4 May\"",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct lists_options),
	.max_words = 3,
	.run = run,
};
