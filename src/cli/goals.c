/* twoway goals: how often each was reached, and what led to it. */
#include "rows.h"

struct goals_options { const char *account, *limit; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct goals_options, account), "of this account" },
	{ "limit", "N", offsetof(struct goals_options, limit), "so many (100), 0 for all" },
};

static int list(struct cli *c, const struct goals_options *o, int64_t limit)
{
	static const struct rows_list goals = { "goals", "after", "no goals" };
	static const struct rows_column columns[] = {
		{ "GOAL", "name", ROWS_TEXT, true, 0 }, { "REACHED", "reached", ROWS_COUNT, false,
			0 },
		{ "COUNTED", "counted", ROWS_COUNT, false, 0 }, { "WITHIN", "within", ROWS_TEXT,
			false, 0 },
		{ "LAST", "last_at", ROWS_TIME, false, 1 }, { "DECLARED", "declared", ROWS_FLAG,
			false, 2 },
		{ "ACCOUNT", "account", ROWS_TEXT, false, 3 },
	};
	struct tw_buf path = { 0 };
	int r;

	tw_buf_adds(&path, "/api/v1/goals");
	rows_query(&path, "account", o->account);
	r = rows_show(c, tw_buf_str(&path), &goals, limit, columns, TW_COUNT(columns));
	tw_buf_done(&path);
	return r;
}

static int show(struct cli *c, const struct goals_options *o, int64_t limit, const char *name)
{
	static const struct rows_list by = { "by", "after", "nothing led to it yet" };
	static const struct rows_column columns[] = {
		{ "BY", "kind", ROWS_TEXT, false, 0 }, { "NAME", "name", ROWS_TEXT, true, 0 },
		{ "REACHED", "reached", ROWS_COUNT, false, 0 }, { "LAST", "last_at", ROWS_TIME,
			false, 1 },
	};
	tw_auto(tw_free_charp) char *escaped = client_escape(name);
	struct tw_buf path = { 0 };
	int r;

	tw_buf_addf(&path, "/api/v1/goals/%s", escaped);
	rows_query(&path, "account", o->account);
	r = rows_show(c, tw_buf_str(&path), &by, limit, columns, TW_COUNT(columns));
	tw_buf_done(&path);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const struct goals_options *o = given;
	const char *verb = c->words.n ? c->words.v[0] : "list";
	int64_t limit;
	int r = rows_limit("goals", o->limit, &limit);

	if (r)
		return r;
	if (!strcmp(verb, "list") && c->words.n <= 1)
		return list(c, o, limit);
	if (!strcmp(verb, "show") && c->words.n == 2)
		return show(c, o, limit, c->words.v[1]);
	return cli_misuse("goals", "expected list, or show GOAL");
}

const struct cli_verb cli_verb_goals = {
	.name = "goals",
	.arguments = "[list | show GOAL]",
	.summary = "Show goals, and what led to them",
	.about = "REACHED are contacts who reached it, once each; COUNTED those of them who\n"
		 "came by a keyword, an arm of a split or a campaign within the goal's time:\n"
		 "show tells which.\n\n"
		 "  twoway goals\n"
		 "  twoway goals show bought",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct goals_options),
	.max_words = 2,
	.run = run,
};
