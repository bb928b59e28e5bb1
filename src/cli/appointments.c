/* twoway appointments: what is booked, booking for somebody, canceling, and the file for
 * calendars. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>

struct appointments_options {
	const char *account, *calendar, *with, *state, *from, *to, *limit;
	bool all, quiet;
};
#define OPTION(x) offsetof(struct appointments_options, x)
static const struct cli_option options[] = {
	{ "account", "A", OPTION(account), "of this account" },
	{ "calendar", "C", OPTION(calendar), "of this calendar" },
	{ "with", "NUMBER", OPTION(with), "of this number" },
	{ "state", "S", OPTION(state), "booked, confirmed or canceled ones" },
	{ "from", "TIME", OPTION(from), "that begin then or later (now)" },
	{ "to", "TIME", OPTION(to), "that begin earlier" },
	{ "limit", "N", OPTION(limit), "so many (100), 0 for all" },
	{ "all", NULL, OPTION(all), "canceled ones too" },
	{ "quiet", NULL, OPTION(quiet), "move: nobody is told" },
};

static void print_table(struct cli *c, json_t *all)
{
	static const char *const columns[] = { "ID", "TIME", "CALENDAR", "STATE", "NUMBER", "NAME",
					       "ACCOUNT" };
	struct wall_ms now = tw_now_system().wall;
	struct tw_buf b = { 0 };
	struct table t = { 0 };
	json_t *one;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, i == 5);
	json_array_foreach(all, i, one) {
		const char *slot = cli_member(one, "slot"), *state = cli_member(one, "state");
		char time[TW_RFC3339_MAX];

		table_cell(&t, cli_member(one, "id"), COLOUR_NONE);
		table_cell(&t, *slot ? slot : cli_time_write(cli_member_time(one, "starts_at"), now,
							     time),
			   COLOUR_NONE);
		table_cell(&t, cli_member(one, "calendar"), COLOUR_NONE);
		table_cell(&t, state, !strcmp(state, "canceled") ? COLOUR_BAD : COLOUR_NONE);
		table_cell(&t, cli_member(one, "number"), COLOUR_NONE);
		table_cell(&t, cli_member(one, "name"), COLOUR_NONE);
		table_cell(&t, cli_member(one, "account"), COLOUR_NONE);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

/* "&name=value", escaped; nothing where it is not given. */
static void add_param(struct tw_buf *path, const char *name, const char *value)
{
	char *escaped = value ? client_escape(value) : NULL;

	if (escaped)
		tw_buf_addf(path, "%c%s=%s", strchr(tw_buf_str(path), '?') ? '&' : '?',
			    name, escaped);
	free(escaped);
}

/* "&name=time" of what was typed; 0, or after telling what is wrong. */
static int add_time(struct tw_buf *path, const char *name, const char *typed)
{
	char text[TW_RFC3339_MAX];
	struct wall_ms at;

	if (!typed)
		return 0;
	if (cli_time_read(typed, tw_now_system().wall, &at) < 0)
		return cli_misuse("appointments",
				  "--%s: expected a time such as \"2026-05-04 09:00\"", name);
	add_param(path, name, tw_rfc3339(at, text));
	return 0;
}

/* A slice, by time; *after moves on, heap, NULL at the end. */
static int read_slice(struct cli *c, const struct tw_buf *filters, long long n, char **after,
		      json_t *all)
{
	struct tw_buf path = { 0 };
	json_t *root = NULL, *one;
	size_t i;
	int r;

	tw_buf_addf(&path, "%s%climit=%lld", tw_buf_str(filters),
		    strchr(tw_buf_str(filters), '?') ? '&' : '?', n);
	if (**after)
		add_param(&path, "after", *after);
	r = cli_ask(c, "GET", tw_buf_str(&path), &root);
	json_array_foreach(json_object_get(root, "appointments"), i, one)
		json_array_append(all, one);
	free(*after);
	*after = *cli_member(root, "after") ? tw_strdup(cli_member(root, "after")) : NULL;
	json_decref(root);
	tw_buf_done(&path);
	return r;
}

static int read_all(struct cli *c, const struct appointments_options *o, long long limit,
		    json_t *all)
{
	char *after = tw_strdup("");
	struct tw_buf filters = { 0 };
	long long n;
	int r;

	tw_buf_adds(&filters, "/api/v1/appointments");
	add_param(&filters, "account", o->account);
	add_param(&filters, "calendar", o->calendar);
	add_param(&filters, "with", o->with);
	add_param(&filters, "state", o->state);
	add_param(&filters, "canceled", o->all ? "true" : NULL);
	r = add_time(&filters, "from", o->from);
	if (!r)
		r = add_time(&filters, "to", o->to);
	while (!r && after && (n = limit ? limit - (long long)json_array_size(all) : 1000) > 0)
		r = read_slice(c, &filters, n < 1000 ? n : 1000, &after, all);
	free(after);
	tw_buf_done(&filters);
	return r;
}

static int show_list(struct cli *c, const struct appointments_options *o)
{
	json_t *all = json_array();
	long long limit = 100;
	char *end;
	int r = 0;

	errno = 0;
	if (o->limit)
		limit = strtoll(o->limit, &end, 10);
	if (o->limit && (errno || end == o->limit || *end || limit < 0))
		r = cli_misuse("appointments", "--limit: expected a number, 0 for all");
	if (!r)
		r = read_all(c, o, limit, all);
	if (!r && c->json)
		cli_print_json_each(all);
	else if (!r && !json_array_size(all))
		fputs("no appointments\n", stderr);
	else if (!r)
		print_table(c, all);
	json_decref(all);
	return r;
}

static void print_done(struct cli *c, json_t *one, const char *what)
{
	const char *slot = cli_member(one, "slot");

	if (c->json)
		cli_print_json(one);
	else
		printf("%s %s: %s %s\n", what, cli_member(one, "id"), cli_member(one, "calendar"),
		       *slot ? slot : cli_member(one, "starts_at"));
}

static int cancel(struct cli *c, const struct appointments_options *o, const char *id)
{
	char *escaped = client_escape(id);
	struct tw_buf path = { 0 };
	json_t *root = NULL;
	int r;

	tw_buf_addf(&path, "/api/v1/appointments/%s/cancel", escaped);
	add_param(&path, "account", o->account);
	r = cli_ask(c, "POST", tw_buf_str(&path), &root);
	if (!r)
		print_done(c, root, "canceled");
	json_decref(root);
	tw_buf_done(&path);
	free(escaped);
	return r;
}

static int move(struct cli *c, const struct appointments_options *o, const char *id,
		const char *time)
{
	char *escaped = client_escape(id), text[TW_RFC3339_MAX];
	struct tw_buf path = { 0 };
	json_t *body, *root = NULL;
	struct wall_ms at;
	int r;

	if (cli_time_read(time, tw_now_system().wall, &at) < 0) {
		free(escaped);
		return cli_misuse("appointments", "move: expected a time such as "
				  "\"2026-05-04 09:00\" or 2026-05-04T09:00:00Z");
	}
	body = json_pack("{s:s, s:b}", "starts_at", tw_rfc3339(at, text), "tell", !o->quiet);
	tw_buf_addf(&path, "/api/v1/appointments/%s/move", escaped);
	add_param(&path, "account", o->account);
	r = cli_ask_with(c, "POST", tw_buf_str(&path), body, &root);
	if (!r)
		print_done(c, root, "moved");
	json_decref(root);
	json_decref(body);
	tw_buf_done(&path);
	free(escaped);
	return r;
}

static int book(struct cli *c, const struct appointments_options *o, const char *to,
		const char *time)
{
	struct wall_ms at, now = tw_now_system().wall;
	char text[TW_RFC3339_MAX];
	json_t *body, *root = NULL;
	int r;

	if (!o->calendar)
		return cli_misuse("appointments", "book: say --calendar");
	if (cli_time_read(time, now, &at) < 0)
		return cli_misuse("appointments",
				  "book: expected a time such as \"2026-05-04 09:00\" or "
				  "2026-05-04T09:00:00Z");
	body = json_pack("{s:s, s:s, s:s}", "calendar", o->calendar, "to", to, "starts_at",
			 tw_rfc3339(at, text));
	if (o->account)
		json_object_set_new(body, "account", json_string(o->account));
	r = cli_ask_with(c, "POST", "/api/v1/appointments", body, &root);
	if (!r)
		print_done(c, root, "booked");
	json_decref(root);
	json_decref(body);
	return r;
}

/* The file as it is, for a calendar program to read. */
static int print_file(struct cli *c, const struct appointments_options *o, const char *id)
{
	char *escaped = client_escape(id);
	struct tw_buf path = { 0 };
	struct client_call call = { .method = "GET" };
	struct client *k = NULL;
	int r = client_open(c, &k);

	tw_buf_addf(&path, "/api/v1/appointments/%s/ics", escaped);
	add_param(&path, "account", o->account);
	call.path = tw_buf_take(&path);
	if (!r)
		r = client_do(k, &call);
	if (!r && call.status != 200)
		r = cli_refused(&call);
	if (!r)
		cli_write(&call.answer);
	client_call_done(&call);
	client_close(k);
	free(escaped);
	return r;
}

static int show_free(struct cli *c, const struct appointments_options *o, const char *calendar)
{
	char *escaped = client_escape(calendar);
	struct tw_buf path = { 0 };
	json_t *root = NULL, *time;
	size_t i;
	int r;

	tw_buf_addf(&path, "/api/v1/calendars/%s/free", escaped);
	add_param(&path, "account", o->account);
	add_param(&path, "limit", o->limit);
	r = add_time(&path, "from", o->from);
	if (!r)
		r = cli_ask(c, "GET", tw_buf_str(&path), &root);
	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "free"));
	json_array_foreach(json_object_get(root, "free"), i, time)
		if (!r && !c->json)
			puts(json_string_value(time));
	json_decref(root);
	tw_buf_done(&path);
	free(escaped);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const struct appointments_options *o = given;
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return show_list(c, o);
	if (!strcmp(verb, "cancel") && c->words.n == 2)
		return cancel(c, o, c->words.v[1]);
	if (!strcmp(verb, "ics") && c->words.n == 2)
		return print_file(c, o, c->words.v[1]);
	if (!strcmp(verb, "free") && c->words.n == 2)
		return show_free(c, o, c->words.v[1]);
	if (!strcmp(verb, "book") && c->words.n == 3)
		return book(c, o, c->words.v[1], c->words.v[2]);
	if (!strcmp(verb, "move") && c->words.n == 3)
		return move(c, o, c->words.v[1], c->words.v[2]);
	return cli_misuse("appointments",
			  "expected list, free CALENDAR, book NUMBER TIME, move ID TIME, "
			  "cancel ID or ics ID");
}

const struct cli_verb cli_verb_appointments = {
	.name = "appointments",
	.arguments =
		"[list | free CALENDAR | book NUMBER TIME | move ID TIME | cancel ID | ics ID]",
	.summary = "Show appointments, make, move and cancel them",
	.about = "Times are shown on the calendar's clock, and typed on this machine's. A canceled "
		 "time is free\n"
		 "again, and nothing reminds of it; nobody is told. Whose appointment is moved is "
		 "told, unless\n"
		 "--quiet. ics prints a file for calendar programs.\n\n"
		 "  twoway appointments --calendar fitting\n"
		 "  twoway appointments book +447700900123 \"2026-05-04 10:00\" --calendar "
		 "fitting\n"
		 "  twoway appointments move 17 \"2026-05-04 11:00\"\n"
		 "  twoway appointments ics 17 > visit.ics",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct appointments_options),
	.max_words = 3,
	.run = run,
};
