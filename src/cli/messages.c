/* twoway messages: newest last. */
#include "cli.h"

#include <stdio.h>

enum { SLICE = 500 };

struct messages_options { const char *limit, *with, *state, *direction, *account; bool wide; };

static const struct cli_option options[] = {
	{ "limit", "N", offsetof(struct messages_options, limit), "the newest N, 0 = all (20)" },
	{ "with", "NUMBER", offsetof(struct messages_options, with), "from or to this number" },
	{ "state", "STATE", offsetof(struct messages_options, state),
	  "queued, sent, delivered, failed …" },
	{ "direction", "inbound|outbound", offsetof(struct messages_options, direction),
	  "inbound or outbound" },
	{ "account", "NAME", offsetof(struct messages_options, account), "of this account" },
	{ "wide", NULL, offsetof(struct messages_options, wide), "ids, accounts, errors too" },
};

static void add_filter(struct tw_buf *path, const char *name, const char *value)
{
	char *escaped;

	if (!value)
		return;
	escaped = client_escape(value);
	tw_buf_addf(path, "&%s=%s", name, escaped);
	free(escaped);
}

/* One slice towards older messages; *before moves on, NULL at the end. */
static int read_slice(struct client *k, const struct messages_options *o, int64_t limit,
		      char **before, json_t *all)
{
	struct client_call call = { .method = "GET" };
	struct tw_buf path = { 0 };
	json_t *root = NULL;
	int r;

	tw_buf_addf(&path, "/api/v1/messages?limit=%lld", (long long)limit);
	add_filter(&path, "with", o->with);
	add_filter(&path, "state", o->state);
	add_filter(&path, "direction", o->direction);
	add_filter(&path, "account", o->account);
	add_filter(&path, "before", *before);
	call.path = tw_buf_take(&path);
	r = client_do(k, &call);
	if (!r && call.status != 200)
		r = cli_refused(&call);
	free(*before);
	*before = NULL;
	if (!r) {
		root = json_loadb(tw_buf_str(&call.answer), call.answer.n, 0, NULL);
		json_array_extend(all, json_object_get(root, "messages"));
		*before = tw_strdup(json_string_value(json_object_get(root, "before")));
		json_decref(root);
	}
	client_call_done(&call);
	return r;
}

static int read_all(struct cli *c, const struct messages_options *o, int64_t limit, json_t *all)
{
	char *before = NULL;
	struct client *k;
	int r = client_open(c, &k);

	if (r)
		return r;
	do {
		int64_t left = limit - (int64_t)json_array_size(all);

		r = read_slice(k, o, limit && left < SLICE ? left : SLICE, &before, all);
	} while (!r && before && (!limit || (int64_t)json_array_size(all) < limit));
	free(before);
	client_close(k);
	return r;
}

/* What a person wants to know beside the state. */
static void write_notes(json_t *m, struct tw_buf *b)
{
	static const char *const flags[] = { "in_doubt", "repeated", "incomplete" };
	static const char *const words[] = { "in doubt", "repeated", "incomplete" };
	json_t *error = json_object_get(m, "error");

	for (size_t i = 0; i < TW_COUNT(flags); i++) {
		if (json_is_true(json_object_get(m, flags[i])))
			tw_buf_addf(b, "%s%s", b->n ? ", " : "", words[i]);
	}
	if (*cli_member(error, "cause"))
		tw_buf_addf(b, "%s%s", b->n ? ", " : "", cli_member(error, "cause"));
	if (*cli_member(error, "text"))
		tw_buf_addf(b, "%s%s", b->n ? ", " : "", cli_member(error, "text"));
}

static const char *text_of(json_t *m)
{
	return *cli_member(m, "data") ? cli_member(m, "data") : cli_member(m, "text");
}

static void add_row(struct table *t, json_t *m, bool wide, struct wall_ms now)
{
	const char *state = cli_member(m, "state");
	char time[TW_RFC3339_MAX];
	struct tw_buf notes = { 0 };

	table_cell(t, cli_time_write(cli_member_time(m, "created_at"), now, time), COLOUR_NONE);
	if (wide) {
		table_cell(t, cli_member(m, "id"), COLOUR_FAINT);
		table_cell(t, cli_member(m, "account"), COLOUR_NONE);
	}
	table_cell(t, cli_member(m, "from"), COLOUR_NONE);
	table_cell(t, cli_member(m, "to"), COLOUR_NONE);
	table_cell(t, state, show_state_colour(state));
	table_cell(t, text_of(m), COLOUR_NONE);
	if (wide) {
		write_notes(m, &notes);
		table_cell(t, tw_buf_str(&notes), COLOUR_BAD);
	}
	tw_buf_done(&notes);
}

static void print_table(struct cli *c, json_t *all, bool wide)
{
	struct wall_ms now = tw_now_system().wall;
	struct table t = { 0 };
	struct tw_buf b = { 0 };

	table_column(&t, "TIME", false, false);
	if (wide) {
		table_column(&t, "ID", false, false);
		table_column(&t, "ACCOUNT", false, false);
	}
	table_column(&t, "FROM", false, false);
	table_column(&t, "TO", false, false);
	table_column(&t, "STATE", false, false);
	table_column(&t, "TEXT", false, true);
	if (wide)
		table_column(&t, "NOTE", false, true);
	for (size_t i = json_array_size(all); i-- > 0;)
		add_row(&t, json_array_get(all, i), wide, now);
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static int list(struct cli *c, const struct messages_options *o)
{
	json_t *all = json_array();
	int64_t limit = 20;
	int r = cli_limit_read(o->limit, 0, INT64_MAX, &limit) ? 0 :
		cli_misuse("messages", "--limit: expected a number, 0 for all");

	if (!r)
		r = read_all(c, o, limit, all);
	if (!r && c->json) {
		for (size_t i = json_array_size(all); i-- > 0;)
			cli_print_json(json_array_get(all, i));
	} else if (!r && !json_array_size(all)) {
		fputs("no messages\n", stderr);
	} else if (!r) {
		print_table(c, all, o->wide);
	}
	json_decref(all);
	return r;
}

/* One message: looked at, its text taken back, or gone. */
static int one(struct cli *c, const char *method, const char *id, const char *what)
{
	tw_auto(tw_free_charp) char *escaped = client_escape(id);
	tw_auto(tw_free_charp) char *path = tw_printf("/api/v1/messages/%s%s", escaped, what);
	json_t *m = NULL, *all = json_array();
	int r = cli_ask(c, method, path, &m);

	json_array_append(all, m);
	if (!r && c->json)
		cli_print_json(m);
	else if (!r && json_object_get(m, "id"))
		print_table(c, all, true);
	json_decref(all);
	json_decref(m);
	return r;
}

static int run(struct cli *c, const void *p)
{
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return list(c, p);
	if (!strcmp(verb, "show") && c->words.n == 2)
		return one(c, "GET", c->words.v[1], "");
	if (!strcmp(verb, "redact") && c->words.n == 2)
		return one(c, "POST", c->words.v[1], "/redact");
	if (!strcmp(verb, "delete") && c->words.n == 2)
		return one(c, "DELETE", c->words.v[1], "");
	return cli_misuse("messages", "expected list, show ID, redact ID or delete ID");
}

const struct cli_verb cli_verb_messages = {
	.name = "messages",
	.arguments = "[list | show ID | redact ID | delete ID]",
	.summary = "List messages, newest last; take a text back",
	.about = "redact takes the text out of a message, delete the whole of it, once it cannot\n"
		 "be sent any more: end 65 before.\n\n"
		 "  twoway messages --with +447700900123\n"
		 "  twoway messages --state failed --limit 0 --wide",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct messages_options),
	.max_words = 2,
	.run = run,
};
