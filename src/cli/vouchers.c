/* twoway vouchers: series, codes that were given, and redeeming one at the counter. */
#include "cli.h"

#include <stdio.h>

struct vouchers_options { const char *account, *series, *limit; };
static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct vouchers_options, account), "of this account" },
	{ "series", "S", offsetof(struct vouchers_options, series), "of this series" },
	{ "limit", "N", offsetof(struct vouchers_options, limit),
	  "list: so many codes (100), 0 for all" },
};

static char *query_of(const struct vouchers_options *o, char first)
{
	char *account = client_escape(o->account ? o->account : "");
	char *series = client_escape(o->series ? o->series : "");
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "");
	if (*account)
		tw_buf_addf(&b, "%caccount=%s", first, account);
	if (*series)
		tw_buf_addf(&b, "%cseries=%s", b.n ? '&' : first, series);
	free(account);
	free(series);
	return tw_buf_take(&b);
}

/* ---- codes --------------------------------------------------------------------------------- */

static void print_codes(struct cli *c, json_t *codes)
{
	static const char *const columns[] = { "CODE", "SERIES", "GIVEN TO", "GIVEN", "EXPIRES",
					       "REDEEMED", "BY" };
	static const char *const times[] = { "drawn_at", "expires_at", "redeemed_at" };
	struct wall_ms now = tw_now_system().wall;
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	char text[TW_RFC3339_MAX];
	json_t *code;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, i == 1);
	json_array_foreach(codes, i, code) {
		table_cell(&t, cli_member(code, "code"), COLOUR_NONE);
		table_cell(&t, cli_member(code, "series"), COLOUR_NONE);
		table_cell(&t, cli_member(code, "number"), COLOUR_NONE);
		for (size_t k = 0; k < TW_COUNT(times); k++) {
			struct wall_ms at = cli_member_time(code, times[k]);

			table_cell(&t, at.ms ? cli_time_write(at, now, text) : "", COLOUR_NONE);
		}
		table_cell(&t, cli_member(code, "redeemed_by"), COLOUR_NONE);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

/* limit 0: all. What is taken is borrowed for the call. */
static int read_codes(struct cli *c, const struct vouchers_options *o, int64_t limit,
		      void (*take)(void *ctx, json_t *code), void *ctx)
{
	char *query = query_of(o, '&'), *after = tw_strdup("");
	int64_t n = 0;
	int r = 0;

	while (!r && after && (!limit || n < limit)) {
		int64_t slice = limit && limit - n < 1000 ? limit - n : 1000;
		char *from = client_escape(after), *path;
		json_t *root = NULL, *code;
		size_t i;

		path = tw_printf("/api/v1/vouchers?limit=%lld%s%s%s", (long long)slice, query,
				 *from ? "&after=" : "", from);
		r = cli_ask(c, "GET", path, &root);
		json_array_foreach(json_object_get(root, "vouchers"), i, code)
			take(ctx, code);
		n += (int64_t)json_array_size(json_object_get(root, "vouchers"));
		free(after);
		after = *cli_member(root, "after") ? tw_strdup(cli_member(root, "after")) : NULL;
		json_decref(root);
		free(path);
		free(from);
	}
	free(after);
	free(query);
	return r;
}

static void collect(void *ctx, json_t *code)
{
	json_array_append(ctx, code);
}

static int list(struct cli *c, const struct vouchers_options *o)
{
	json_t *all = json_array();
	int64_t limit = 100;
	int r;

	if (!cli_limit_read(o->limit, 0, INT64_MAX, &limit)) {
		json_decref(all);
		return cli_misuse("vouchers", "--limit: expected a number, 0 for all");
	}
	r = read_codes(c, o, limit, collect, all);
	if (!r && c->json)
		cli_print_json_each(all);
	else if (!r && !json_array_size(all))
		fputs("no code was given yet\n", stderr);
	else if (!r)
		print_codes(c, all);
	json_decref(all);
	return r;
}

static void put_cell(const char *text, bool is_last)
{
	bool quoted = strpbrk(text, ",\"\r\n") != NULL;

	if (quoted)
		putchar('"');
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			putchar('"');
		putchar(*p);
	}
	if (quoted)
		putchar('"');
	putchar(is_last ? '\n' : ',');
}

static void export_code(void *ctx, json_t *code)
{
	static const char *const names[] = { "series", "code", "number", "drawn_at", "expires_at",
					     "redeemed_at", "redeemed_by" };

	(void)ctx;
	for (size_t i = 0; i < TW_COUNT(names); i++)
		put_cell(cli_member(code, names[i]), i + 1 == TW_COUNT(names));
}

static int export(struct cli *c, const struct vouchers_options *o)
{
	puts("series,code,number,drawn_at,expires_at,redeemed_at,redeemed_by");
	return read_codes(c, o, 0, export_code, NULL);
}

static int show(struct cli *c, const struct vouchers_options *o, const char *code)
{
	char *escaped = client_escape(code),
		*query = query_of(&(struct vouchers_options){ o->account, NULL, NULL }, '?');
	char *path = tw_printf("/api/v1/vouchers/%s%s", escaped, query);
	json_t *root = NULL;
	int r = cli_ask(c, "GET", path, &root);

	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "vouchers"));
	else if (!r)
		print_codes(c, json_object_get(root, "vouchers"));
	json_decref(root);
	free(path);
	free(query);
	free(escaped);
	return r;
}

static int redeem(struct cli *c, const struct vouchers_options *o, const char *code)
{
	char *escaped = client_escape(code), *query = query_of(o, '?');
	char *path = tw_printf("/api/v1/vouchers/%s/redeem%s", escaped, query);
	json_t *root = NULL;
	int r = cli_ask(c, "POST", path, &root);

	if (!r && c->json)
		cli_print_json(root);
	else if (!r)
		puts(cli_member(root, "result"));
	if (!r && strcmp(cli_member(root, "result"), "ok"))
		r = CLI_DATA;
	json_decref(root);
	free(path);
	free(query);
	free(escaped);
	return r;
}

/* ---- series -------------------------------------------------------------------------------- */

static void put_limit(struct table *t, json_t *series, const char *name)
{
	if (json_is_integer(json_object_get(series, name)))
		table_cell_int(t, cli_member_int(series, name));
	else
		table_cell(t, "", COLOUR_NONE);
}

static int show_series(struct cli *c, const struct vouchers_options *o)
{
	static const char *const columns[] = { "SERIES", "ACCOUNT", "GIVEN", "REDEEMED", "LIMIT",
					       "EACH", "CODES" };
	char *query = query_of(&(struct vouchers_options){ o->account, NULL, NULL }, '?');
	char *path = tw_printf("/api/v1/vouchers/series%s", query);
	json_t *root = NULL, *series;
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	int r = cli_ask(c, "GET", path, &root);
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], i > 1, i == 0);
	json_array_foreach(json_object_get(root, "series"), i, series) {
		table_cell(&t, cli_member(series, "name"),
			   json_is_true(json_object_get(series, "declared")) ? COLOUR_NONE
			   : COLOUR_FAINT);
		table_cell(&t, cli_member(series, "account"), COLOUR_NONE);
		table_cell_int(&t, cli_member_int(series, "drawn"));
		table_cell_int(&t, cli_member_int(series, "redeemed"));
		put_limit(&t, series, "limit");
		put_limit(&t, series, "per_contact");
		put_limit(&t, series, "codes");
	}
	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "series"));
	else if (!r)
		table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
	json_decref(root);
	free(path);
	free(query);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return list(c, given);
	if (!strcmp(verb, "series") && c->words.n == 1)
		return show_series(c, given);
	if (!strcmp(verb, "export") && c->words.n == 1)
		return export(c, given);
	if (!strcmp(verb, "show") && c->words.n == 2)
		return show(c, given, c->words.v[1]);
	if (!strcmp(verb, "redeem") && c->words.n == 2)
		return redeem(c, given, c->words.v[1]);
	return cli_misuse("vouchers", "expected list, series, export, show CODE or redeem CODE");
}

const struct cli_verb cli_verb_vouchers = {
	.name = "vouchers",
	.arguments = "[list | series | show CODE | redeem CODE | export]",
	.summary = "Show voucher codes, and redeem one at the counter",
	.about = "redeem says ok, unknown, used or expired, and ends 65 unless it was ok; it "
		 "counts for whom the code\n"
		 "was given to. A printed code that nobody texted for wants its --series. export "
		 "is CSV.\n\n"
		 "  twoway vouchers series\n"
		 "  twoway vouchers redeem WELC-1234",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct vouchers_options),
	.max_words = 2,
	.run = run,
};
