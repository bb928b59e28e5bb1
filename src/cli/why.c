/* twoway why: where a message is and why there, which SIMs were looked at, what the modem said. */
#include "cli.h"

#include <stdio.h>

static void put_time(json_t *o, const char *name, struct wall_ms now, struct tw_buf *b)
{
	char text[TW_RFC3339_MAX];
	struct wall_ms at = cli_member_time(o, name);

	tw_buf_adds(b, at.ms ? cli_time_write(at, now, text) : "-");
}

static void put_safe(const char *text, struct tw_buf *b)
{
	show_safe(text, strlen(text), b);
}

static void put_states(struct cli *c, json_t *states, struct wall_ms now)
{
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	char text[TW_RFC3339_MAX];
	json_t *s;
	size_t i;

	table_column(&t, "TIME", false, false);
	table_column(&t, "STATE", false, false);
	table_column(&t, "BY", false, true);
	json_array_foreach(states, i, s) {
		const char *state = cli_member(s, "state");

		table_cell(&t, cli_time_write(cli_member_time(s, "at"), now, text), COLOUR_NONE);
		table_cell(&t, state, show_state_colour(state));
		table_cell(&t, cli_member(s, "note"), COLOUR_NONE);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static void put_sims(struct cli *c, const char *title, json_t *sims, struct wall_ms now)
{
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	char text[TW_RFC3339_MAX];
	json_t *s;
	size_t i;

	if (!json_array_size(sims))
		return;
	tw_buf_addf(&b, "\n%s\n", title);
	table_column(&t, "SIM", false, false);
	table_column(&t, "MODEM", false, false);
	table_column(&t, "VERDICT", false, false);
	table_column(&t, "UNTIL", false, false);
	table_column(&t, "BECAUSE", false, true);
	json_array_foreach(sims, i, s) {
		struct wall_ms until = cli_member_time(s, "until");
		const char *number = cli_member(s, "number"), *verdict = cli_member(s, "verdict");

		table_cell(&t, *number ? number : cli_member(s, "sim"), COLOUR_NONE);
		table_cell(&t, cli_member(s, "modem"), COLOUR_NONE);
		table_cell(&t, verdict, strcmp(verdict, "may") ? COLOUR_BUSY : COLOUR_GOOD);
		table_cell(&t, until.ms ? cli_time_write(until, now, text) : "", COLOUR_NONE);
		table_cell(&t, cli_member(s, "text"), COLOUR_NONE);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static void put_lines(json_t *a, struct tw_buf *b)
{
	json_t *lines = json_object_get(a, "lines"), *line;
	size_t i;

	if (!json_array_size(lines))
		return;
	tw_buf_adds(b, json_is_true(json_object_get(a, "lines_are_live"))
		    ? "  the modem's last lines:\n" : "  the modem's lines then:\n");
	json_array_foreach(lines, i, line) {
		tw_buf_adds(b, "    ");
		put_safe(json_string_value(line) ? json_string_value(line) : "", b);
		tw_buf_addc(b, '\n');
	}
}

static void put_attempt(struct cli *c, json_t *a, struct wall_ms now)
{
	struct tw_buf b = { 0 };
	const char *from = cli_member(a, "from");

	tw_buf_addf(&b, "\nattempt %lld, segment %lld: ", (long long)cli_member_int(a, "number"),
		    (long long)cli_member_int(a, "segment"));
	put_time(a, "started_at", now, &b);
	tw_buf_adds(&b, " by ");
	put_safe(cli_member(a, "modem"), &b);
	tw_buf_addc(&b, ' ');
	put_safe(*from ? from : cli_member(a, "sim"), &b);
	tw_buf_addf(&b, ": %s\n  ended ", cli_member(a, "rule_text"));
	put_time(a, "ended_at", now, &b);
	tw_buf_addf(&b, " %s%s", cli_member(a, "outcome"),
		    json_is_true(json_object_get(a, "in_doubt")) ? " (in doubt)" : "");
	if (*cli_member(a, "cause")) {
		tw_buf_adds(&b, ": ");
		put_safe(cli_member(a, "cause"), &b);
	}
	if (json_is_integer(json_object_get(a, "report"))) {
		tw_buf_addf(&b, "; report %02llX at ", (long long)cli_member_int(a, "report"));
		put_time(a, "report_at", now, &b);
	}
	tw_buf_addc(&b, '\n');
	put_lines(a, &b);
	cli_write(&b);
	tw_buf_done(&b);
	put_sims(c, "the other SIMs then:", json_object_get(a, "others"), now);
}

static void print(struct cli *c, json_t *w)
{
	struct wall_ms now = tw_now_system().wall;
	struct tw_buf b = { 0 };
	json_t *attempt;
	size_t i;

	tw_buf_addf(&b, "%s  %s: ", cli_member(w, "id"), cli_member(w, "state"));
	put_safe(cli_member(w, "text"), &b);
	if (cli_member_time(w, "next_at").ms) {
		tw_buf_adds(&b, "; goes on ");
		put_time(w, "next_at", now, &b);
	}
	tw_buf_adds(&b, "\n\n");
	cli_write(&b);
	tw_buf_done(&b);
	put_states(c, json_object_get(w, "states"), now);
	put_sims(c, "the SIMs now:", json_object_get(w, "sims"), now);
	json_array_foreach(json_object_get(w, "attempts"), i, attempt)
		put_attempt(c, attempt, now);
}

static int run(struct cli *c, const void *options)
{
	char *id = client_escape(c->words.v[0]);
	char *path = tw_printf("/api/v1/messages/%s/why", id);
	json_t *w = NULL;
	int r = cli_ask(c, "GET", path, &w);

	(void)options;
	if (!r && c->json)
		cli_print_json(w);
	else if (!r)
		print(c, w);
	json_decref(w);
	free(path);
	free(id);
	return r;
}

const struct cli_verb cli_verb_why = {
	.name = "why",
	.arguments = "ID",
	.summary = "Say where a message is and why",
	.about = "Each state with its time, each attempt with the rule that chose its SIM and the\n"
		 "modem's own lines; of a message that waits, what is said of each SIM and when "
		 "it\n"
		 "may go on. Ids are printed by send and by messages --wide.\n\n"
		 "  twoway why SM0123456789abcdef0123456789abcdef",
	.min_words = 1, .max_words = 1,
	.run = run,
};
