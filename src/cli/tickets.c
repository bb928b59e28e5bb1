/* twoway tickets: what people are to see to, and seeing to it. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>

struct tickets_options { const char *account, *limit; bool all; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct tickets_options, account), "of this account" },
	{ "all", NULL, offsetof(struct tickets_options, all), "those that are closed too" },
	{ "limit", "N", offsetof(struct tickets_options, limit), "so many (100), 0 for all" },
};

/* ---- list ---------------------------------------------------------------------------------- */

static enum colour state_colour(const char *state)
{
	return !strcmp(state, "answered") ? COLOUR_GOOD : !strcmp(state, "closed") ? COLOUR_FAINT :
	       !strcmp(state, "told") ? COLOUR_BUSY : COLOUR_BAD;
}

static void print_table(struct cli *c, json_t *tickets)
{
	static const char *const columns[] = { "TAG", "STATE", "QUEUE", "AGENT", "NUMBER",
					       "NAME", "ABOUT", "OPENED", "ACCOUNT" };
	struct wall_ms now = tw_now_system().wall;
	struct tw_buf b = { 0 };
	struct table t = { 0 };
	char time[TW_RFC3339_MAX], tag[24];
	json_t *ticket;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, i == 6);
	table_spare(&t, "ACCOUNT", 2);
	table_spare(&t, "NAME", 1);
	json_array_foreach(tickets, i, ticket) {
		const char *state = cli_member(ticket, "state");

		snprintf(tag, sizeof(tag), "#%lld", (long long)cli_member_int(ticket, "tag"));
		table_cell(&t, tag, COLOUR_BOLD);
		table_cell(&t, state, state_colour(state));
		table_cell(&t, cli_member(ticket, "queue"), COLOUR_NONE);
		table_cell(&t, cli_member(ticket, "agent"), COLOUR_NONE);
		table_cell(&t, cli_member(ticket, "number"), COLOUR_NONE);
		table_cell(&t, cli_member(ticket, "name"), COLOUR_NONE);
		table_cell(&t, cli_member(ticket, "about"), COLOUR_NONE);
		table_cell(&t, cli_time_write(cli_member_time(ticket, "opened_at"), now, time),
			   COLOUR_NONE);
		table_cell(&t, cli_member(ticket, "account"), COLOUR_NONE);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

/* A slice, newest first; *before moves on, heap, NULL at the end. */
static int read_slice(struct cli *c, const struct tickets_options *o, int64_t n, char **before,
		      json_t *all)
{
	char *account = client_escape(o->account ? o->account : "");
	char *path = tw_printf("/api/v1/tickets?limit=%lld&before=%s&state=%s%s%s",
			       (long long)n, *before,
			       o->all ? "all" : "open", *account ? "&account=" : "", account);
	json_t *root = NULL, *ticket;
	size_t i;
	int r = cli_ask(c, "GET", path, &root);

	json_array_foreach(json_object_get(root, "tickets"), i, ticket)
		json_array_append(all, ticket);
	free(*before);
	*before = *cli_member(root, "before") ? tw_strdup(cli_member(root, "before")) : NULL;
	json_decref(root);
	free(path);
	free(account);
	return r;
}

static int show_list(struct cli *c, const struct tickets_options *o)
{
	char *before = tw_strdup("0"), *end;
	json_t *all = json_array();
	long long limit = 100, n;
	int r = 0;

	errno = 0;
	if (o->limit)
		limit = strtoll(o->limit, &end, 10);
	if (o->limit && (errno || end == o->limit || *end || limit < 0))
		r = cli_misuse("tickets", "--limit: expected a number, 0 for all");
	while (!r && before && (n = limit ? limit - (long long)json_array_size(all) : 1000) > 0)
		r = read_slice(c, o, n < 1000 ? n : 1000, &before, all);
	if (!r && c->json)
		cli_print_json_each(all);
	else if (!r && !json_array_size(all))
		fputs(o->all ? "no tickets\n" : "no open tickets\n", stderr);
	else if (!r)
		print_table(c, all);
	free(before);
	json_decref(all);
	return r;
}

/* ---- one ----------------------------------------------------------------------------------- */

static void put_line(const char *name, const char *value, struct tw_buf *b)
{
	if (!*value)
		return;
	tw_buf_addf(b, "%-10s", name);
	show_safe(value, strlen(value), b);
	tw_buf_addc(b, '\n');
}

static void print_one(struct cli *c, json_t *ticket)
{
	static const char *const names[] = { "state", "queue", "agent", "number", "name", "about",
					     "account" };
	struct wall_ms now = tw_now_system().wall;
	json_t *events = json_object_get(ticket, "events"), *event;
	char time[TW_RFC3339_MAX];
	struct tw_buf b = { 0 };
	size_t i;

	if (c->json) {
		cli_print_json(ticket);
		return;
	}
	tw_buf_addf(&b, "ticket    #%lld\n", (long long)cli_member_int(ticket, "tag"));
	for (i = 0; i < TW_COUNT(names); i++)
		put_line(names[i], cli_member(ticket, names[i]), &b);
	json_array_foreach(events, i, event) {
		const char *text = cli_member(event, "text"), *who = cli_member(event, "who");

		tw_buf_addf(&b, "%s  %s", cli_time_write(cli_member_time(event, "at"), now, time),
			    cli_member(event, "kind"));
		if (*who)
			tw_buf_adds(&b, " ");
		show_safe(who, strlen(who), &b);
		if (*text)
			tw_buf_adds(&b, ": ");
		show_safe(text, strlen(text), &b);
		tw_buf_addc(&b, '\n');
	}
	cli_write(&b);
	tw_buf_done(&b);
}

/* "/api/v1/tickets/7/close?account=acme"; heap. NULL after saying why. */
static char *path_of(const struct tickets_options *o, const char *tag, const char *what)
{
	char *account = client_escape(o->account ? o->account : ""), *path = NULL;

	tag += *tag == '#';
	if (*tag && tag[strspn(tag, "0123456789")] == '\0')
		path = tw_printf("/api/v1/tickets/%s%s%s%s%s", tag, *what ? "/" : "", what,
				 *account ? "?account=" : "", account);
	else
		cli_misuse("tickets", "a tag is a number, such as 7 or '#7'");
	free(account);
	return path;
}

static int show_one(struct cli *c, const struct tickets_options *o, const char *tag)
{
	char *path = path_of(o, tag, "");
	json_t *ticket = NULL;
	int r = path ? cli_ask(c, "GET", path, &ticket) : CLI_USAGE;

	if (!r)
		print_one(c, ticket);
	json_decref(ticket);
	free(path);
	return r;
}

static int do_it(struct cli *c, const struct tickets_options *o, const char *tag, const char *what,
		 const char *member, const char *text)
{
	struct client_call call = { .method = "POST", .path = path_of(o, tag, what) };
	json_t *body = json_object(), *ticket;
	struct client *k;
	int r = call.path ? client_open(c, &k) : CLI_USAGE;

	if (!r) {
		if (member)
			json_object_set_new(body, member, json_string(text));
		call.body = json_dumps(body, JSON_COMPACT);
		r = client_do(k, &call);
		if (!r && call.status != 200)
			r = cli_refused(&call);
		ticket = r ? NULL : json_loadb(call.answer.p, call.answer.n, 0, NULL);
		if (ticket)
			print_one(c, ticket);
		json_decref(ticket);
		client_close(k);
	}
	json_decref(body);
	client_call_done(&call);
	free(call.path);
	free(call.body);
	return r;
}

/* The words from the second on, as one text. */
static char *rest_of(const struct cli *c)
{
	struct tw_buf b = { 0 };

	for (int i = 2; i < c->words.n; i++)
		tw_buf_addf(&b, "%s%s", i > 2 ? " " : "", c->words.v[i]);
	tw_buf_adds(&b, "");
	return tw_buf_take(&b);
}

static int run(struct cli *c, const void *given)
{
	static const struct { const char *verb, *path, *member; } acts[] = {
		{ "close", "close", NULL }, { "note", "notes", "text" },
		{ "answer", "answer", "text" }, { "assign", "assign", "agent" },
	};
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return show_list(c, given);
	if (!strcmp(verb, "show") && c->words.n == 2)
		return show_one(c, given, c->words.v[1]);
	for (size_t i = 0; i < TW_COUNT(acts); i++) {
		tw_auto(tw_free_charp) char *text = NULL;

		if (strcmp(acts[i].verb, verb) || c->words.n < (acts[i].member ? 3 : 2) ||
		    (!acts[i].member && c->words.n > 2))
			continue;
		text = rest_of(c);
		return do_it(c, given, c->words.v[1], acts[i].path, acts[i].member, text);
	}
	return cli_misuse("tickets", "expected list, show TAG, close TAG, note TAG TEXT, answer "
				     "TAG TEXT or assign TAG AGENT");
}

const struct cli_verb cli_verb_tickets = {
	.name = "tickets",
	.arguments = "[list | show TAG | close TAG | note TAG TEXT | answer TAG TEXT | assign TAG "
		     "AGENT]",
	.summary = "Show tickets, and see to them",
	.about = "answer texts the customer, by the number that they texted; note keeps something "
		 "with the ticket;\n"
		 "assign tells an agent, whose turn it is then. A tag is the number behind the "
		 "#.\n\n"
		 "  twoway tickets\n"
		 "  twoway tickets answer 7 \"We are on our way.\"\n"
		 "  twoway tickets assign 7 desk",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct tickets_options),
	.max_words = -1,
	.run = run,
};
