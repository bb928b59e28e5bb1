/* twoway appointments: what is booked, booking for somebody, canceling, and the file for
 * calendars. */
#include "cli.h"

#include <stdio.h>

struct appointments_options { const char *account, *calendar, *with, *from, *limit; bool all; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct appointments_options, account), "of this account" },
	{ "calendar", "C", offsetof(struct appointments_options, calendar), "of this calendar" },
	{ "with", "NUMBER", offsetof(struct appointments_options, with), "of this number" },
	{ "from", "TIME", offsetof(struct appointments_options, from),
	  "that begin then or later (now)" },
	{ "limit", "N", offsetof(struct appointments_options, limit), "so many (100)" },
	{ "all", NULL, offsetof(struct appointments_options, all), "canceled ones too" },
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

static bool read_from(const struct appointments_options *o, char out[TW_RFC3339_MAX])
{
	struct wall_ms at;

	if (!o->from)
		return true;
	if (cli_time_read(o->from, tw_now_system().wall, &at) < 0)
		return false;
	tw_rfc3339(at, out);
	return true;
}

static int show_list(struct cli *c, const struct appointments_options *o)
{
	struct tw_buf path = { 0 };
	json_t *root = NULL, *all;
	char from[TW_RFC3339_MAX];
	int r;

	if (!read_from(o, from))
		return cli_misuse("appointments",
				  "--from: expected a time such as \"2026-05-04 09:00\"");
	tw_buf_adds(&path, "/api/v1/appointments");
	add_param(&path, "account", o->account);
	add_param(&path, "calendar", o->calendar);
	add_param(&path, "with", o->with);
	add_param(&path, "from", o->from ? from : NULL);
	add_param(&path, "limit", o->limit);
	add_param(&path, "canceled", o->all ? "true" : NULL);
	r = cli_ask(c, "GET", tw_buf_str(&path), &root);
	all = json_object_get(root, "appointments");
	if (!r && c->json)
		cli_print_json_each(all);
	else if (!r && !json_array_size(all))
		fputs("no appointments\n", stderr);
	else if (!r)
		print_table(c, all);
	json_decref(root);
	tw_buf_done(&path);
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
	char from[TW_RFC3339_MAX];
	size_t i;
	int r;

	if (!read_from(o, from)) {
		free(escaped);
		return cli_misuse("appointments",
				  "--from: expected a time such as \"2026-05-04 09:00\"");
	}
	tw_buf_addf(&path, "/api/v1/calendars/%s/free", escaped);
	add_param(&path, "account", o->account);
	add_param(&path, "from", o->from ? from : NULL);
	add_param(&path, "limit", o->limit);
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
	return cli_misuse("appointments",
			  "expected list, free CALENDAR, book NUMBER TIME, cancel ID or ics ID");
}

const struct cli_verb cli_verb_appointments = {
	.name = "appointments",
	.arguments = "[list | free CALENDAR | book NUMBER TIME | cancel ID | ics ID]",
	.summary = "Show appointments, make and cancel them",
	.about = "Times are shown on the calendar's clock, and typed on this machine's. A canceled "
		 "time is free\n"
		 "again, and nothing reminds of it; nobody is told. ics prints a file for calendar "
		 "programs.\n\n"
		 "  twoway appointments --calendar fitting\n"
		 "  twoway appointments book +447700900123 \"2026-05-04 10:00\" --calendar "
		 "fitting\n"
		 "  twoway appointments ics 17 > visit.ics",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct appointments_options),
	.max_words = 3,
	.run = run,
};
