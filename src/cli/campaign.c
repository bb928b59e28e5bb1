/* twoway campaign: a text to the contacts of a list, from the draft to its results. */
#include "cli.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 30, WATCH_S = 1 };

struct campaign_options {
	const char *account, *list, *when, *text, *text_b, *split, *voucher, *from, *pool, *pace,
		*at, *until;
	bool watch;
};
#define OPTION(x) offsetof(struct campaign_options, x)
static const struct cli_option options[] = {
	{ "account", "A", OPTION(account), "of this account" },
	{ "list", "L", OPTION(list), "new: who is on this list" },
	{ "when", "E", OPTION(when), "new: of them, for whom this expression is true" },
	{ "text", "T", OPTION(text), "new: what they get; {name} and fields may stand in it" },
	{ "text-b", "T", OPTION(text_b), "new: another text for a part of them" },
	{ "split", "A:B", OPTION(split), "new: how many get the one and the other (50:50)" },
	{ "voucher", "S", OPTION(voucher), "new: a code of this series for each, as {voucher}" },
	{ "from", "N", OPTION(from), "new: by this long number" },
	{ "pool", "P", OPTION(pool), "new: by the numbers of this pool" },
	{ "pace", "N", OPTION(pace), "new: at most so many messages an hour" },
	{ "at", "TIME", OPTION(at), "new: not before" },
	{ "until", "TIME", OPTION(until), "new: what was not sent by then is not sent (30 days)" },
	{ "watch", NULL, OPTION(watch), "start, show: stay until it is over" },
};

/* The path of one, with a verb behind it; heap. */
static char *path_of(const struct campaign_options *o, const char *name, const char *verb)
{
	char *n = client_escape(name), *a = client_escape(o->account ? o->account : "");
	char *path = tw_printf("/api/v1/campaigns/%s%s%s%s", n, verb, *a ? "?account=" : "", a);

	free(n);
	free(a);
	return path;
}

/* ---- what one looks like ------------------------------------------------------------------- */

static const char *state_of(json_t *campaign)
{
	return cli_member(campaign, "state");
}

static enum colour colour_of(const char *state)
{
	return !strcmp(state, "done") ? COLOUR_GOOD : !strcmp(state, "paused") ? COLOUR_BAD :
	       !strcmp(state, "draft") || !strcmp(state, "canceled") ? COLOUR_FAINT : COLOUR_BUSY;
}

static bool is_over(json_t *campaign)
{
	return !strcmp(state_of(campaign), "done") || !strcmp(state_of(campaign), "canceled");
}

static void put_time(const char *name, struct wall_ms t, struct tw_buf *b)
{
	char text[TW_RFC3339_MAX];

	if (t.ms)
		tw_buf_addf(b, "%-12s%s\n", name, cli_time_write(t, tw_now_system().wall, text));
}

static void put_line(const char *name, const char *value, struct tw_buf *b)
{
	if (!*value)
		return;
	tw_buf_addf(b, "%-12s", name);
	show_safe(value, strlen(value), b);
	tw_buf_addc(b, '\n');
}

/* What was sent or failed of all that was queued, as a bar. */
static void put_bar(json_t *campaign, struct tw_buf *b)
{
	int64_t all = cli_member_int(campaign, "queued");
	int64_t done = cli_member_int(campaign, "sent") + cli_member_int(campaign, "failed");
	int cells = all > 0 ? (int)(done * BAR / all) : 0;

	cells = cells > BAR ? BAR : cells < 0 ? 0 : cells;
	tw_buf_addf(b, "[%.*s%.*s] %3d%%  %lld of %lld sent", cells,
		    "##############################",
		    BAR - cells, "                              ", all > 0 ? (int)(done * 100 / all)
		    : 0, (long long)cli_member_int(campaign, "sent"), (long long)all);
	if (cli_member_int(campaign, "failed"))
		tw_buf_addf(b, ", %lld failed", (long long)cli_member_int(campaign, "failed"));
}

static void put_rate(int64_t part, int64_t all, struct tw_buf *b)
{
	tw_buf_clear(b);
	if (all > 0)
		tw_buf_addf(b, "%.1f%%", 100.0 * (double)part / (double)all);
}

static void print_arms(struct cli *c, json_t *campaign)
{
	static const char *const columns[] = { "ARM", "WEIGHT", "SENT", "DELIVERED",
					       "FAILED", "SEGMENTS",
					       "CONVERSIONS", "RATE", "OPT-OUTS", "TEXT" };
	static const char *const numbers[] = { "weight", "sent", "delivered", "failed", "segments",
					       "conversions" };
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	json_t *arm;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], i > 0 && i + 1 < TW_COUNT(columns),
			     i + 1 == TW_COUNT(columns));
	json_array_foreach(json_object_get(campaign, "arms"), i, arm) {
		table_cell(&t, cli_member(arm, "name"), COLOUR_NONE);
		for (size_t k = 0; k < TW_COUNT(numbers); k++)
			table_cell_int(&t, cli_member_int(arm, numbers[k]));
		put_rate(cli_member_int(arm, "conversions"), cli_member_int(arm, "sent"), &b);
		table_cell(&t, tw_buf_str(&b), COLOUR_NONE);
		table_cell_int(&t, cli_member_int(arm, "opt_outs"));
		table_cell(&t, cli_member(arm, "text"), COLOUR_FAINT);
	}
	tw_buf_clear(&b);
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static void put_verdict(json_t *campaign, struct tw_buf *b)
{
	json_t *verdict = json_object_get(campaign, "verdict");

	if (!json_is_object(verdict))
		return;
	if (*cli_member(verdict, "winner"))
		tw_buf_addf(b, "%-12s%s brings more, at 5 %% risk of error\n", "verdict",
			    cli_member(verdict, "winner"));
	else
		tw_buf_addf(b, "%-12snone yet: evidence %.2f of %.0f\n", "verdict",
			    json_number_value(json_object_get(verdict, "evidence")),
			    json_number_value(json_object_get(verdict, "wanted")));
}

static void print_one(struct cli *c, json_t *campaign)
{
	json_t *left = json_object_get(campaign, "left_out");
	struct tw_buf b = { 0 };

	put_line("name", cli_member(campaign, "name"), &b);
	tw_buf_addf(&b, "%-12s", "state");
	show_begin(&b, colour_of(state_of(campaign)), c->colour);
	tw_buf_adds(&b, state_of(campaign));
	show_end(&b, colour_of(state_of(campaign)), c->colour);
	tw_buf_addc(&b, '\n');
	put_line("why", cli_member(campaign, "reason"), &b);
	put_line("list", cli_member(campaign, "list"), &b);
	put_line("when", cli_member(campaign, "when"), &b);
	put_line("from", cli_member(campaign, "from"), &b);
	put_line("pool", cli_member(campaign, "pool"), &b);
	put_line("voucher", cli_member(campaign, "voucher"), &b);
	if (cli_member_int(campaign, "pace"))
		tw_buf_addf(&b, "%-12s%lld an hour\n", "pace",
			    (long long)cli_member_int(campaign, "pace"));
	put_time("at", cli_member_time(campaign, "send_at"), &b);
	put_time("started", cli_member_time(campaign, "started_at"), &b);
	put_time("ended", cli_member_time(campaign, "finished_at"), &b);
	put_time("ends about", cli_member_time(campaign, "ends_at"), &b);
	tw_buf_addf(&b, "%-12s", "progress");
	put_bar(campaign, &b);
	tw_buf_addf(&b, "\n%-12s%lld without consent, %lld by the expression, %lld refused\n",
		    "left out", (long long)cli_member_int(left, "no_consent"),
		    (long long)cli_member_int(left, "unmatched"),
		    (long long)cli_member_int(left, "refused"));
	put_verdict(campaign, &b);
	tw_buf_addc(&b, '\n');
	cli_write(&b);
	tw_buf_done(&b);
	print_arms(c, campaign);
}

static void print_list(struct cli *c, json_t *campaigns)
{
	static const char *const columns[] = { "NAME", "ACCOUNT", "STATE", "LIST", "QUEUED",
					       "SENT", "FAILED",
					       "CONVERSIONS", "OPT-OUTS", "STARTED", "ENDS" };
	static const char *const numbers[] = { "queued", "sent", "failed", "conversions",
					       "opt_outs" };
	struct wall_ms now = tw_now_system().wall, t0;
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	char time[TW_RFC3339_MAX];
	json_t *one;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], i >= 4 && i <= 8, i == 0);
	json_array_foreach(campaigns, i, one) {
		table_cell(&t, cli_member(one, "name"), COLOUR_NONE);
		table_cell(&t, cli_member(one, "account"), COLOUR_NONE);
		table_cell(&t, state_of(one), colour_of(state_of(one)));
		table_cell(&t, cli_member(one, "list"), COLOUR_NONE);
		for (size_t k = 0; k < TW_COUNT(numbers); k++)
			table_cell_int(&t, cli_member_int(one, numbers[k]));
		t0 = cli_member_time(one, "started_at");
		table_cell(&t, t0.ms ? cli_time_write(t0, now, time) : "", COLOUR_NONE);
		t0 = cli_member_time(one, is_over(one) ? "finished_at" : "ends_at");
		table_cell(&t, t0.ms ? cli_time_write(t0, now, time) : "", COLOUR_NONE);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

/* ---- verbs --------------------------------------------------------------------------------- */

static int list_all(struct cli *c, const struct campaign_options *o)
{
	char *account = client_escape(o->account ? o->account : ""), *after = tw_strdup("0");
	json_t *all = json_array();
	int r = 0;

	while (!r && after) {
		char *path = tw_printf("/api/v1/campaigns?limit=200&after=%s%s%s", after,
				       *account ? "&account=" : "", account);
		json_t *root = NULL;

		r = cli_ask(c, "GET", path, &root);
		free(path);
		free(after);
		json_array_extend(all, json_object_get(root, "campaigns"));
		after = *cli_member(root, "after") ? tw_strdup(cli_member(root, "after")) : NULL;
		json_decref(root);
	}
	if (!r && c->json)
		cli_print_json_each(all);
	else if (!r && !json_array_size(all))
		fputs("no campaigns\n", stderr);
	else if (!r)
		print_list(c, all);
	free(after);
	free(account);
	json_decref(all);
	return r;
}

/* A terminal's bar on standard error until it is over; *ret is the campaign as it is then. */
static int stay(struct cli *c, const struct campaign_options *o, const char *name, json_t **ret)
{
	char *path = path_of(o, name, "");
	bool has_bar = isatty(STDERR_FILENO);
	struct tw_buf b = { 0 };
	int r = 0;

	while (!r) {
		json_decref(*ret);
		*ret = NULL;
		r = cli_ask(c, "GET", path, ret);
		if (r || is_over(*ret) || !strcmp(state_of(*ret), "paused"))
			break;
		tw_buf_clear(&b);
		put_bar(*ret, &b);
		if (has_bar)
			fprintf(stderr, "\r%s  %s\033[K", tw_buf_str(&b), state_of(*ret));
		sleep(WATCH_S);
	}
	if (has_bar)
		fputs("\r\033[K", stderr);
	tw_buf_done(&b);
	free(path);
	return r;
}

static int show(struct cli *c, const struct campaign_options *o, const char *name)
{
	char *path = path_of(o, name, "");
	json_t *campaign = NULL;
	int r = o->watch ? stay(c, o, name, &campaign) : cli_ask(c, "GET", path, &campaign);

	if (!r && c->json)
		cli_print_json(campaign);
	else if (!r)
		print_one(c, campaign);
	json_decref(campaign);
	free(path);
	return r;
}

static void print_preview(struct cli *c, json_t *p)
{
	json_t *left = json_object_get(p, "left_out"), *samples = json_object_get(p, "samples"),
		*one;
	double cost = json_number_value(json_object_get(p, "cost"));
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	char length[32];
	size_t i;

	tw_buf_addf(&b, "%lld contacts, %lld segments", (long long)cli_member_int(p, "contacts"),
		    (long long)cli_member_int(p, "segments"));
	if (cost > 0)
		tw_buf_addf(&b, ", about %.2f", cost);
	tw_buf_addf(&b, "; left out: %lld without consent, %lld by the expression, %lld that "
			"cannot be sent\n",
		    (long long)cli_member_int(left, "no_consent"),
		    (long long)cli_member_int(left, "unmatched"),
		    (long long)cli_member_int(left, "refused"));
	put_time("ends about", cli_member_time(p, "ends_at"), &b);
	if (json_array_size(samples))
		tw_buf_addc(&b, '\n');
	table_column(&t, "TO", false, false);
	table_column(&t, "NAME", false, false);
	table_column(&t, "LENGTH", false, false);
	table_column(&t, "TEXT", false, true);
	json_array_foreach(samples, i, one) {
		snprintf(length, sizeof(length), "%lld %s", (long long)cli_member_int(one,
										      "segments"),
			 cli_member(one, "encoding"));
		table_cell(&t, cli_member(one, "number"), COLOUR_NONE);
		table_cell(&t, cli_member(one, "name"), COLOUR_NONE);
		table_cell(&t, length, COLOUR_NONE);
		table_cell(&t, cli_member(one, "text"), COLOUR_NONE);
	}
	if (json_array_size(samples))
		table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static int preview(struct cli *c, const struct campaign_options *o, const char *name)
{
	char *path = path_of(o, name, "/preview");
	json_t *p = NULL;
	int r = cli_ask(c, "GET", path, &p);

	if (!r && c->json)
		cli_print_json(p);
	else if (!r)
		print_preview(c, p);
	json_decref(p);
	free(path);
	return r;
}

static int put_when(json_t *body, const char *name, const char *typed)
{
	char text[TW_RFC3339_MAX];
	struct wall_ms t;

	if (!typed)
		return 0;
	if (cli_time_read(typed, tw_now_system().wall, &t) < 0)
		return cli_misuse("campaign",
				  "%s: expected a time such as 2026-05-04 09:00, 09:00 or +2h",
				  typed);
	json_object_set_new(body, name, json_string(tw_rfc3339(t, text)));
	return 0;
}

static int put_texts(json_t *body, const struct campaign_options *o)
{
	long long a = 50, b = 50;
	int end = 0;
	json_t *arms;

	if (o->split && (sscanf(o->split, "%lld:%lld%n", &a, &b, &end) != 2 || o->split[end] ||
			 a < 1 || b < 1))
		return cli_misuse("campaign", "--split: expected two numbers such as 70:30");
	if (!o->text)
		return cli_misuse("campaign", "--text is missing");
	if (o->split && !o->text_b)
		return cli_misuse("campaign", "--split wants --text-b beside --text");
	if (!o->text_b) {
		json_object_set_new(body, "text", json_string(o->text));
		return 0;
	}
	arms = json_pack("[{s:s, s:s, s:I}, {s:s, s:s, s:I}]", "name", "a", "text", o->text,
			 "weight", a, "name", "b", "text", o->text_b, "weight", b);
	json_object_set_new(body, "arms", arms);
	return 0;
}

static int put_pace(json_t *body, const char *typed)
{
	int64_t pace = 0;

	if (!cli_limit_read(typed, 1, 3600000, &pace))
		return cli_misuse("campaign", "--pace: expected messages an hour, 1 to 3600000");
	if (pace)
		json_object_set_new(body, "pace", json_integer(pace));
	return 0;
}

static int make(struct cli *c, const struct campaign_options *o, const char *name)
{
	const struct { const char *name, *value; } texts[] = {
		{ "account", o->account }, { "list", o->list }, { "when", o->when },
		{ "voucher", o->voucher }, { "from", o->from }, { "pool", o->pool },
	};
	json_t *body = json_object(), *made = NULL;
	int r;

	json_object_set_new(body, "name", json_string(name));
	for (size_t i = 0; i < TW_COUNT(texts); i++)
		if (texts[i].value)
			json_object_set_new(body, texts[i].name, json_string(texts[i].value));
	r = put_texts(body, o);
	if (!r)
		r = put_pace(body, o->pace);
	if (!r)
		r = put_when(body, "send_at", o->at);
	if (!r)
		r = put_when(body, "until", o->until);
	if (!r)
		r = cli_ask_with(c, "POST", "/api/v1/campaigns", body, &made);
	if (!r && c->json)
		cli_print_json(made);
	else if (!r)
		r = preview(c, o, name);
	if (!r && !c->json)
		printf("\na draft; send it with: twoway campaign start %s\n", name);
	json_decref(made);
	json_decref(body);
	return r;
}

static int carry_out(struct cli *c, const struct campaign_options *o, const char *verb,
		     const char *name)
{
	char *step = tw_printf("/%s", verb), *path = path_of(o, name, step);
	json_t *campaign = NULL;
	int r = cli_ask(c, "POST", path, &campaign);

	if (!r && o->watch)
		r = stay(c, o, name, &campaign);
	if (!r && c->json)
		cli_print_json(campaign);
	else if (!r && o->watch)
		print_one(c, campaign);
	else if (!r)
		printf("%s: %s\n", name, state_of(campaign));
	json_decref(campaign);
	free(path);
	free(step);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const char *verb = c->words.n ? c->words.v[0] : "list";
	const char *name = c->words.n == 2 ? c->words.v[1] : NULL;

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return list_all(c, given);
	if (!strcmp(verb, "new") && name)
		return make(c, given, name);
	if (!strcmp(verb, "preview") && name)
		return preview(c, given, name);
	if (!strcmp(verb, "show") && name)
		return show(c, given, name);
	if (name && (!strcmp(verb, "start") || !strcmp(verb, "pause") || !strcmp(verb, "cancel")))
		return carry_out(c, given, verb, name);
	return cli_misuse("campaign", "expected list, or new, preview, start, pause, cancel or "
				      "show with a NAME");
}

const struct cli_verb cli_verb_campaign = {
	.name = "campaign",
	.arguments = "[list | new|preview|start|pause|cancel|show NAME]",
	.summary = "Send a text to the contacts of a list",
	.about = "new makes a draft and shows whom it would go to, with what, at what cost and "
		 "until when; start\n"
		 "sends it, or goes on after a pause. Contacts who did not agree are left out and "
		 "counted. It\n"
		 "never goes before a customer's answer, and pauses by itself when many messages "
		 "fail in a row.\n\n"
		 "  twoway campaign new may --list offers --text 'Hi {name|there}, 20% off today'\n"
		 "  twoway campaign new ab --list offers --text 'Half price' --text-b '2 for 1' "
		 "--split 50:50\n"
		 "  twoway campaign start may --watch",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct campaign_options),
	.max_words = 2,
	.run = run,
};
