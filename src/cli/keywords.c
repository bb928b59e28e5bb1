/* twoway keywords: where they stand, and what came of them. */
#include "rows.h"

struct keywords_options { const char *account, *limit; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct keywords_options, account), "of this account" },
	{ "limit", "N", offsetof(struct keywords_options, limit), "so many (100), 0 for all" },
};

static int run(struct cli *c, const void *given)
{
	static const struct rows_list list = { "keywords", "after", "no keywords" };
	static const struct rows_column columns[] = {
		{ "KEYWORD", "match", ROWS_TEXT, false, 0 }, { "MESSAGES", "messages", ROWS_COUNT,
			false, 0 },
		{ "CUSTOMERS", "customers", ROWS_COUNT, false, 0 },
		{ "CONVERSIONS", "conversions", ROWS_COUNT, false, 0 },
		{ "REPLIES", "replies", ROWS_COUNT, false, 3 }, { "ACCOUNT", "account", ROWS_TEXT,
			false, 2 },
		{ "FILE", "file", ROWS_TEXT, true, 0 }, { "LINE", "line", ROWS_COUNT, false, 1 },
	};
	const struct keywords_options *o = given;
	struct tw_buf path = { 0 };
	int64_t limit;
	int r = rows_limit("keywords", o->limit, &limit);

	tw_buf_adds(&path, "/api/v1/keywords");
	rows_query(&path, "account", o->account);
	if (!r)
		r = rows_show(c, tw_buf_str(&path), &list, limit, columns, TW_COUNT(columns));
	tw_buf_done(&path);
	return r;
}

const struct cli_verb cli_verb_keywords = {
	.name = "keywords",
	.arguments = "",
	.summary = "Show keywords, where they stand and what came of them",
	.about = "By name: texts that began with it, contacts who came by it for the first time,\n"
		 "goals that counted for it. By hours and days: twoway stats keywords --by day.\n\n"
		 "  twoway keywords --limit 0",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct keywords_options),
	.run = run,
};
