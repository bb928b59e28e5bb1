/* twoway token: what programs log in with. */
#include "cli.h"

#include <stdio.h>

struct token_options { const char *account, *scope; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct token_options, account), "whose token it is" },
	{ "scope", "LIST", offsetof(struct token_options, scope),
	  "read, send, manage (read,send); or operator" },
};

static json_t *read_scopes(const char *list)
{
	json_t *scopes = json_array();

	while (*list) {
		size_t n = strcspn(list, ", ");

		if (n)
			json_array_append_new(scopes, json_stringn(list, n));
		list += n + (list[n] != 0);
	}
	return scopes;
}

static void join_scopes(json_t *token, struct tw_buf *b)
{
	json_t *scope;
	size_t i;

	tw_buf_clear(b);
	json_array_foreach(json_object_get(token, "scopes"), i, scope)
		tw_buf_addf(b, "%s%s", i ? "," : "",
			    json_is_string(scope) ? json_string_value(scope) : "");
}

static void print_new(struct cli *c, json_t *token)
{
	if (c->json) {
		cli_print_json(token);
		return;
	}
	printf("%s %s\n", cli_member(token, "id"), cli_member(token, "secret"));
	fprintf(stderr, "twoway: note the secret now: it is not kept and cannot be shown again\n");
}

static int add(struct cli *c, const struct token_options *o, const char *name)
{
	struct client_call call = { .method = "POST", .path = tw_strdup("/api/v1/tokens") };
	json_t *body = json_object(), *token;
	struct client *k = NULL;
	int r = client_open(c, &k);

	json_object_set_new(body, "name", json_string(name));
	json_object_set_new(body, "scopes", read_scopes(o->scope ? o->scope : "read,send"));
	if (o->account)
		json_object_set_new(body, "account", json_string(o->account));
	call.body = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (!r)
		r = client_do(k, &call);
	if (!r && call.status != 201)
		r = cli_refused(&call);
	if (!r) {
		token = json_loadb(tw_buf_str(&call.answer), call.answer.n, 0, NULL);
		print_new(c, token);
		json_decref(token);
	}
	client_call_done(&call);
	client_close(k);
	return r;
}

static void print_table(struct cli *c, json_t *tokens)
{
	static const char *const columns[] = { "NAME", "ID", "ACCOUNT", "SCOPES", "MADE" };
	struct wall_ms now = tw_now_system().wall;
	struct tw_buf b = { 0 };
	struct table t = { 0 };
	char time[TW_RFC3339_MAX];
	json_t *token;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, false);
	json_array_foreach(tokens, i, token) {
		join_scopes(token, &b);
		table_cell(&t, cli_member(token, "name"), COLOUR_NONE);
		table_cell(&t, cli_member(token, "id"), COLOUR_NONE);
		table_cell(&t, cli_member(token, "account"), COLOUR_NONE);
		table_cell(&t, tw_buf_str(&b), COLOUR_NONE);
		table_cell(&t, cli_time_write(cli_member_time(token, "created_at"), now, time),
			   COLOUR_NONE);
	}
	tw_buf_clear(&b);
	table_print(&t, 0, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static int list(struct cli *c)
{
	json_t *root = NULL;
	int r = cli_ask(c, "GET", "/api/v1/tokens", &root);

	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "tokens"));
	else if (!r)
		print_table(c, json_object_get(root, "tokens"));
	json_decref(root);
	return r;
}

static int revoke(struct cli *c, const char *name)
{
	char *escaped = client_escape(name);
	char *path = tw_printf("/api/v1/tokens/%s/revoke", escaped);
	json_t *root = NULL;
	int r = cli_ask(c, "POST", path, &root);

	if (!r && c->json)
		cli_print_json(root);
	json_decref(root);
	free(path);
	free(escaped);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n < 2)
		return list(c);
	if (!strcmp(verb, "add") && c->words.n == 2)
		return add(c, given, c->words.v[1]);
	if (!strcmp(verb, "revoke") && c->words.n == 2)
		return revoke(c, c->words.v[1]);
	return cli_misuse("token", "expected: add NAME, list or revoke NAME");
}

const struct cli_verb cli_verb_token = {
	.name = "token",
	.arguments = "add NAME | list | revoke NAME",
	.summary = "Make, list and revoke what programs log in with",
	.about = "add prints an id and its secret, once: Basic takes both, Bearer the secret. "
		 "Scopes: read;\n"
		 "send; manage (numbers and services of the account). An operator's token belongs "
		 "to no\n"
		 "account and reaches the modems too.\n\n"
		 "  twoway token add shop --account acme --scope send,read\n"
		 "  twoway token revoke shop",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct token_options), .max_words = 2, .run = run,
};
