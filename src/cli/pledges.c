/* twoway pledges: what was promised, and what it comes to. */
#include "rows.h"

struct pledges_options { const char *account, *limit; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct pledges_options, account), "of this account" },
	{ "limit", "N", offsetof(struct pledges_options, limit),
		"of list: so many (100), 0 for all" },
};

static int show(struct cli *c, const struct pledges_options *o, const char *what,
		const struct rows_list *list,
		int64_t limit, const struct rows_column *columns, size_t n)
{
	struct tw_buf path = { 0 };
	int r;

	tw_buf_adds(&path, what);
	rows_query(&path, "account", o->account);
	r = rows_show(c, tw_buf_str(&path), list, limit, columns, n);
	tw_buf_done(&path);
	return r;
}

static int run(struct cli *c, const void *given)
{
	static const struct rows_list totals = { "totals", NULL, "no pledges" },
				      pledges = { "pledges", "before", "no pledges" };
	static const struct rows_column total_columns[] = {
		{ "PLEDGE", "name", ROWS_TEXT, true, 0 }, { "PLEDGES", "pledges", ROWS_COUNT, false,
			0 },
		{ "AMOUNT", "amount", ROWS_AMOUNT, false, 0 }, { "CURRENCY", "currency", ROWS_TEXT,
			false, 0 },
		{ "ACCOUNT", "account", ROWS_TEXT, false, 1 },
	};
	static const struct rows_column columns[] = {
		{ "TIME", "at", ROWS_TIME, false, 0 }, { "PLEDGE", "name", ROWS_TEXT, true, 0 },
		{ "NUMBER", "number", ROWS_TEXT, false, 0 }, { "AMOUNT", "amount", ROWS_AMOUNT,
			false, 0 },
		{ "ACCOUNT", "account", ROWS_TEXT, false, 1 },
	};
	const struct pledges_options *o = given;
	const char *verb = c->words.n ? c->words.v[0] : "totals";
	int64_t limit;
	int r = rows_limit("pledges", o->limit, &limit);

	if (r)
		return r;
	if (!strcmp(verb, "totals"))
		return show(c, o, "/api/v1/pledges/totals", &totals, 0, total_columns,
			    TW_COUNT(total_columns));
	if (!strcmp(verb, "list"))
		return show(c, o, "/api/v1/pledges", &pledges, limit, columns, TW_COUNT(columns));
	return cli_misuse("pledges", "expected totals, or list");
}

const struct cli_verb cli_verb_pledges = {
	.name = "pledges",
	.arguments = "[totals | list]",
	.summary = "Show what was pledged",
	.about = "What was promised to each, together; list tells one by one, newest first.\n\n"
		 "  twoway pledges\n"
		 "  twoway pledges list --limit 0 --json",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct pledges_options),
	.max_words = 1,
	.run = run,
};
