/* twoway status: how the service does, on a screen. */
#include "cli.h"

#include <stdio.h>

/* "3d 4h", "12m 5s": the two largest units. */
static void write_uptime(int64_t s, struct tw_buf *b)
{
	static const struct { int64_t s; const char *unit; } units[] = {
		{ 86400, "d" }, { 3600, "h" }, { 60, "m" }, { 1, "s" }
	};
	size_t i = 0;

	while (i < TW_COUNT(units) - 1 && s < units[i].s)
		i++;
	tw_buf_addf(b, "%lld%s", (long long)(s / units[i].s), units[i].unit);
	if (i + 1 < TW_COUNT(units))
		tw_buf_addf(b, " %lld%s", (long long)(s % units[i].s / units[i + 1].s),
			    units[i + 1].unit);
}

static void write_troubles(struct cli *c, json_t *troubles, struct tw_buf *b)
{
	json_t *trouble;
	size_t i;

	json_array_foreach(troubles, i, trouble) {
		const char *text = json_string_value(trouble);

		if (!text)
			continue;
		show_begin(b, COLOUR_BAD, c->colour);
		tw_buf_adds(b, "trouble   ");
		show_safe(text, strlen(text), b);
		show_end(b, COLOUR_BAD, c->colour);
		tw_buf_addc(b, '\n');
	}
}

static void print_status(struct cli *c, json_t *s)
{
	json_t *modems = json_object_get(s, "modems"), *queue = json_object_get(s, "queue");
	bool ok = json_is_true(json_object_get(s, "ok"));
	enum colour colour = ok ? COLOUR_GOOD : COLOUR_BAD;
	char time[TW_RFC3339_MAX];
	struct tw_buf b = { 0 };

	show_begin(&b, colour, c->colour);
	tw_buf_adds(&b, ok ? "ok" : "not ok");
	show_end(&b, colour, c->colour);
	tw_buf_addf(&b, "%s  twoway %s, up ", ok ? "      " : "  ", cli_member(s, "version"));
	write_uptime(cli_member_int(s, "uptime"), &b);
	tw_buf_addf(&b, "\ndatabase  %s\n", cli_member(s, "database"));
	tw_buf_addf(&b, "modems    %lld, %lld ready\n", (long long)cli_member_int(modems, "total"),
		    (long long)cli_member_int(modems, "ready"));
	tw_buf_addf(&b, "queue     %lld replies, %lld api, %lld campaign, %lld scheduled\n",
		    (long long)cli_member_int(queue, "replies"),
		    (long long)cli_member_int(queue, "api"),
		    (long long)cli_member_int(queue, "campaign"),
		    (long long)cli_member_int(queue, "scheduled"));
	tw_buf_addf(&b, "in doubt  %lld\n", (long long)cli_member_int(s, "in_doubt"));
	cli_time_write(cli_member_time(s, "inbound_last_at"), tw_now_system().wall, time);
	tw_buf_addf(&b, "last in   %s\n", *time ? time : "never");
	write_troubles(c, json_object_get(s, "troubles"), &b);
	cli_write(&b);
	tw_buf_done(&b);
}

static int run(struct cli *c, const void *options)
{
	json_t *s = NULL;
	int r = cli_ask(c, "GET", "/api/v1/status", &s);

	(void)options;
	if (!r && c->json)
		cli_print_json(s);
	else if (!r)
		print_status(c, s);
	json_decref(s);
	return r;
}

const struct cli_verb cli_verb_status = {
	.name = "status",
	.arguments = "",
	.summary = "Show how the service does",
	.about = "  twoway status\n  twoway status --json | jq .queue",
	.run = run,
};
