/* twoway stats: what came of keywords, splits, vouchers, lists, goals, campaigns and numbers. */
#include "cli.h"

#include <stdio.h>

enum { BAR = 20 };

struct stats_options { const char *account, *by, *from, *to, *name; bool lines; };
#define OPTION(x) offsetof(struct stats_options, x)
static const struct cli_option options[] = {
	{ "account", "A", OPTION(account), "of this account" },
	{ "by", "hour|day", OPTION(by), "a row for each hour or day" },
	{ "from", "TIME", OPTION(from), "not before" },
	{ "to", "TIME", OPTION(to), "not at or behind" },
	{ "name", "N", OPTION(name), "of this keyword, split, series … only" },
	{ "lines", NULL, OPTION(lines), "a row for each long number" },
};

/* A column: a figure as it is, or one of two figures. */
struct column { const char *head, *figure, *of; };
#define COLUMNS 8
static const struct subject {
	const char *name, *kind;	/* kind "": those that texts count for */
	const char *bar;		/* the figure that is drawn */
	struct column columns[COLUMNS];
} subjects[] = {
	{ "messages", "", "received", {
		{ "RECEIVED", "received", NULL }, { "SENT", "sent", NULL },
		{ "DELIVERED", "delivered", NULL },
		{ "FAILED", "failed", NULL }, { "SEGMENTS", "segments", NULL },
		{ "ANSWER", "answer_s", NULL } } },
	{ "keywords", "keyword", "received", {
		{ "MESSAGES", "received", NULL }, { "CUSTOMERS", "customers", NULL },
		{ "CONVERSIONS", "conversions", NULL }, { "RATE", "conversions", "customers" },
		{ "REPLIES", "sent", NULL }, { "ANSWER", "answer_s", NULL },
		{ "NPS", "nps", NULL } } },
	{ "splits", "arm", "conversions", {
		{ "RUNS", "received", NULL }, { "CUSTOMERS", "customers", NULL },
		{ "CONVERSIONS", "conversions", NULL }, { "RATE", "conversions", "customers" } } },
	{ "vouchers", "voucher", "drawn", {
		{ "DRAWN", "drawn", NULL }, { "REDEEMED", "redeemed", NULL },
		{ "RATE", "redeemed", "drawn" } } },
	{ "lists", "list", "joins", { { "JOINED", "joins", NULL }, { "LEFT", "leaves", NULL } } },
	{ "queues", "queue", "received", {
		{ "OPENED", "received", NULL }, { "ANSWERED", "answers", NULL },
		{ "ANSWER", "answer_s", NULL }, { "ESCALATED", "failed", NULL },
		{ "CLOSED", "delivered", NULL } } },
	{ "appointments", "calendar", "booked", {
		{ "OFFERED", "offered", NULL }, { "BOOKED", "booked", NULL },
		{ "CONFIRMED", "confirmed", NULL }, { "MOVED", "moved", NULL },
		{ "CANCELED", "canceled", NULL }, { "REMINDED", "reminded", NULL } } },
	{ "pledges", "pledge", "pledges", {
		{ "PLEDGES", "pledges", NULL }, { "AMOUNT", "amount", NULL },
		{ "CURRENCY", "currency", NULL } } },
	{ "goals", "goal", "conversions", { { "REACHED", "conversions", NULL } } },
	{ "campaigns", "campaign", "sent", {
		{ "QUEUED", "queued", NULL }, { "SENT", "sent", NULL },
		{ "DELIVERED", "delivered", NULL },
		{ "FAILED", "failed", NULL }, { "CONVERSIONS", "conversions", NULL },
		{ "RATE", "conversions", "sent" }, { "OPT-OUTS", "leaves", NULL } } },
};

/* ---- rows ---------------------------------------------------------------------------------- */

static bool counts_texts(const char *kind)
{
	return !strcmp(kind, "account") || !strcmp(kind, "keyword") || !strcmp(kind, "campaign");
}

/* What is known of a row only as long as it is not added to another. */
static bool is_mean(const char *figure)
{
	return !strcmp(figure, "answer_s") || !strcmp(figure, "nps");
}

static void add_figures(json_t *to, json_t *row)
{
	const char *name;
	json_t *value;

	json_object_foreach(row, name, value)
		if (json_is_integer(value))
			json_object_set_new(to, name, json_integer(cli_member_int(to, name) +
								   json_integer_value(value)));
}

static void set_means(json_t *row)
{
	int64_t n = cli_member_int(row, "answers");

	json_object_set_new(row, "answer_s", n ? json_real((double)cli_member_int(row,
										  "answer_ms") /
							   (double)n / 1000) : json_null());
}

/* Messages: all topics together, by account, long number and time. */
static json_t *together(json_t *rows)
{
	json_t *all = json_array(), *row, *sum = NULL;
	size_t i, k;

	json_array_foreach(rows, i, row) {
		if (!counts_texts(cli_member(row, "kind")))
			continue;
		json_array_foreach(all, k, sum)
			if (!strcmp(cli_member(sum, "account"), cli_member(row, "account")) &&
			    !strcmp(cli_member(sum, "long_number"),
				    cli_member(row, "long_number")) &&
			    !strcmp(cli_member(sum, "at"), cli_member(row, "at")))
				break;
		if (k < json_array_size(all)) {
			add_figures(sum, row);
		} else {
			json_array_append_new(all, json_deep_copy(row));
			sum = json_array_get(all, k);
		}
		json_object_del(sum, "name");
		json_object_del(sum, "kind");
		set_means(sum);
	}
	return all;
}

static json_t *of_kind(json_t *rows, const char *kind)
{
	json_t *all = json_array(), *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (!strcmp(cli_member(row, "kind"), kind))
			json_array_append(all, row);
	return all;
}

/* ---- tables -------------------------------------------------------------------------------- */

static void put_value(struct table *t, const struct column *c, json_t *row)
{
	json_t *value = json_object_get(row, c->figure);
	int64_t all = c->of ? cli_member_int(row, c->of) : 0;
	char text[32] = "";

	if (c->of && all > 0)
		snprintf(text, sizeof(text), "%.1f%%", 100.0 * (double)json_integer_value(value) /
			 (double)all);
	else if (!c->of && is_mean(c->figure) && json_is_number(value))
		snprintf(text, sizeof(text), !strcmp(c->figure, "nps") ? "%+.0f" : "%.1f s",
			 json_number_value(value));
	else if (!c->of && !strcmp(c->figure, "amount"))
		snprintf(text, sizeof(text), "%.2f", json_number_value(value));
	else if (!c->of && json_is_integer(value))
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
	table_cell(t, json_is_string(value) ? json_string_value(value) : text, COLOUR_NONE);
}

/* A terminal's width is known: then bars are drawn beside the rows. */
static void put_bar(struct table *t, int64_t value, int64_t most)
{
	int cells = most > 0 && value > 0 ? (int)((value * BAR + most - 1) / most) : 0;
	struct tw_buf b = { 0 };

	while (cells-- > 0)
		tw_buf_adds(&b, "\342\226\210");	/* U+2588, a full block */
	table_cell(t, tw_buf_str(&b), COLOUR_GOOD);
	tw_buf_done(&b);
}

struct shape { bool has_name, has_account, has_line, has_time, has_bar; };

static struct shape shape_of(const struct cli *c, const struct stats_options *o,
			     const struct subject *s, json_t *rows)
{
	struct shape shape = { .has_name = *s->kind, .has_line = o->lines, .has_time = o->by,
			       .has_bar = c->width > 0 };
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		shape.has_account |= strcmp(cli_member(row, "account"),
					    cli_member(json_array_get(rows, 0), "account")) != 0;
	return shape;
}

static void put_time(struct table *t, const struct stats_options *o, json_t *row)
{
	struct wall_ms at = cli_member_time(row, "at");
	char text[TW_RFC3339_MAX];

	/* Of another day than today, so that the day is told. */
	cli_time_write(at, (struct wall_ms){ 0 }, text);
	if (!strcmp(o->by, "day"))
		text[strcspn(text, " ")] = '\0';
	table_cell(t, text, COLOUR_NONE);
}

static void print_table(struct cli *c, const struct stats_options *o, const struct subject *s,
			json_t *rows)
{
	struct shape shape = shape_of(c, o, s, rows);
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	int64_t most = 0;
	json_t *row;
	size_t i;

	if (shape.has_time)
		table_column(&t, "FROM", false, false);
	if (shape.has_account)
		table_column(&t, "ACCOUNT", false, false);
	if (shape.has_name)
		table_column(&t, "NAME", false, true);
	if (shape.has_line)
		table_column(&t, "NUMBER", false, false);
	for (i = 0; i < COLUMNS && s->columns[i].head; i++)
		table_column(&t, s->columns[i].head, true, false);
	if (shape.has_bar)
		table_column(&t, "", false, false);
	json_array_foreach(rows, i, row)
		most = cli_member_int(row, s->bar) > most ? cli_member_int(row, s->bar) : most;
	json_array_foreach(rows, i, row) {
		if (shape.has_time)
			put_time(&t, o, row);
		if (shape.has_account)
			table_cell(&t, cli_member(row, "account"), COLOUR_NONE);
		if (shape.has_name)
			table_cell(&t, cli_member(row, "name"), COLOUR_NONE);
		if (shape.has_line)
			table_cell(&t, cli_member(row, "long_number"), COLOUR_NONE);
		for (size_t k = 0; k < COLUMNS && s->columns[k].head; k++)
			put_value(&t, &s->columns[k], row);
		if (shape.has_bar)
			put_bar(&t, cli_member_int(row, s->bar), most);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static void print_verdicts(json_t *verdicts)
{
	json_t *v;
	size_t i;

	json_array_foreach(verdicts, i, v)
		if (*cli_member(v, "winner"))
			printf("%s: %s brings more, at 5 %% risk of error\n",
			       cli_member(v, "split"), cli_member(v, "winner"));
		else
			printf("%s: no verdict yet, %s leads: evidence %.2f of %.0f\n",
			       cli_member(v, "split"),
			       cli_member(v, "leader"),
			       json_number_value(json_object_get(v, "evidence")),
			       json_number_value(json_object_get(v, "wanted")));
}

/* ---- asking -------------------------------------------------------------------------------- */

static int add_time(struct tw_buf *path, const char *name, const char *typed)
{
	char text[TW_RFC3339_MAX];
	struct wall_ms t;

	if (!typed)
		return 0;
	if (cli_time_read(typed, tw_now_system().wall, &t) < 0)
		return cli_misuse("stats", "--%s: expected a time such as 2026-05-04 09:00", name);
	tw_buf_addf(path, "&%s=%s", name, tw_rfc3339(t, text));
	return 0;
}

static int ask(struct cli *c, const struct stats_options *o, const struct subject *s, json_t **ret)
{
	char *account = client_escape(o->account ? o->account : ""),
		*name = client_escape(o->name ? o->name : "");
	struct tw_buf path = { 0 };
	int r;

	tw_buf_addf(&path, "/api/v1/stats?lines=%s", o->lines ? "true" : "false");
	if (s && *s->kind)
		tw_buf_addf(&path, "&kind=%s", s->kind);
	if (*account)
		tw_buf_addf(&path, "&account=%s", account);
	if (*name)
		tw_buf_addf(&path, "&name=%s", name);
	if (o->by)
		tw_buf_addf(&path, "&by=%s", o->by);
	r = add_time(&path, "from", o->from);
	if (!r)
		r = add_time(&path, "to", o->to);
	if (!r)
		r = cli_ask(c, "GET", tw_buf_str(&path), ret);
	tw_buf_done(&path);
	free(account);
	free(name);
	return r;
}

static const struct subject *subject_of(const char *name)
{
	for (size_t i = 0; i < TW_COUNT(subjects); i++)
		if (!strcmp(subjects[i].name, name))
			return &subjects[i];
	return NULL;
}

static void print_one(struct cli *c, const struct stats_options *o, const struct subject *s,
		      json_t *root, bool has_title)
{
	json_t *rows = json_object_get(root, "rows");
	json_t *own = *s->kind ? of_kind(rows, s->kind) : together(rows);

	if (json_array_size(own) && has_title)
		printf("%s\n", s->name);
	if (json_array_size(own))
		print_table(c, o, s, own);
	else if (!has_title)
		fprintf(stderr, "nothing was counted\n");
	if (json_array_size(own) && !strcmp(s->name, "splits"))
		print_verdicts(json_object_get(root, "verdicts"));
	if (json_array_size(own) && has_title)
		putchar('\n');
	json_decref(own);
}

static int run(struct cli *c, const void *given)
{
	const struct stats_options *o = given;
	const struct subject *s = c->words.n ? subject_of(c->words.v[0]) : NULL;
	json_t *root = NULL;
	int r;

	if (c->words.n && !s)
		return cli_misuse("stats",
				  "expected keywords, splits, vouchers, lists, queues, "
				  "appointments, pledges, goals, campaigns or messages");
	if (o->by && strcmp(o->by, "hour") && strcmp(o->by, "day"))
		return cli_misuse("stats", "--by: expected hour or day");
	r = ask(c, o, s, &root);
	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "rows"));
	else if (!r && s)
		print_one(c, o, s, root, false);
	for (size_t i = 0; !r && !c->json && !s && i < TW_COUNT(subjects); i++)
		print_one(c, o, &subjects[i], root, true);
	json_decref(root);
	return r;
}

const struct cli_verb cli_verb_stats = {
	.name = "stats",
	.arguments = "[keywords|splits|vouchers|lists|queues|appointments|pledges|goals|campaigns|"
		     "messages]",
	.summary = "Figures of keywords, splits, vouchers, lists, queues, appointments, campaigns",
	.about = "Running totals, side by side; without a word all of them. CUSTOMERS are contacts "
		 "who came by it for\n"
		 "the first time, CONVERSIONS goals that they then reached, ANSWER the mean time "
		 "to the reply.\n\n"
		 "  twoway stats keywords\n"
		 "  twoway stats messages --by day --from '2026-05-01 00:00'\n"
		 "  twoway stats splits --name DEAL/half",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct stats_options),
	.max_words = 1,
	.run = run,
};
