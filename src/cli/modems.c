/* twoway modems: the bank, and what an operator may do with one of it. */
#include "cli.h"

#include <stdio.h>

static void add_row(struct table *t, json_t *m)
{
	json_t *sim = json_object_get(m, "sim"), *signal = json_object_get(m, "signal_dbm");
	const char *state = cli_member(m, "state");
	char dbm[24] = "";

	if (json_is_integer(signal))
		snprintf(dbm, sizeof(dbm), "%lld dBm", (long long)json_integer_value(signal));
	table_cell(t, cli_member(m, "name"), COLOUR_NONE);
	table_cell(t, state, show_state_colour(state));
	table_cell(t, cli_member(sim, "number"), COLOUR_NONE);
	table_cell(t, *cli_member(sim, "account") ? cli_member(sim, "account") : "(shared)",
		   COLOUR_NONE);
	table_cell(t, cli_member(m, "network"), COLOUR_NONE);
	table_cell(t, dbm, COLOUR_NONE);
	table_cell_int(t, cli_member_int(m, "queued"));
	table_cell_int(t, cli_member_int(m, "sent"));
	table_cell_int(t, cli_member_int(m, "received"));
	table_cell_int(t, cli_member_int(m, "failed"));
	table_cell(t, cli_member(m, "board"), COLOUR_NONE);
	table_cell(t, cli_member(m, "port"), COLOUR_NONE);
	table_cell(t, cli_member(m, "last_error"), COLOUR_BAD);
}

static void print_table(struct cli *c, json_t *modems)
{
	static const struct { const char *name; bool is_right, is_flexible; } columns[] = {
		{ "NAME", false, false }, { "STATE", false, false }, { "NUMBER", false, false },
		{ "ACCOUNT", false, false }, { "NETWORK", false, true }, { "SIGNAL", true, false },
		{ "QUEUED", true, false }, { "SENT", true, false }, { "RECEIVED", true, false },
		{ "FAILED", true, false }, { "BOARD", false, true }, { "PORT", false, true },
		{ "LAST ERROR", false, true },
	};
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	json_t *m;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i].name, columns[i].is_right, columns[i].is_flexible);
	json_array_foreach(modems, i, m)
		add_row(&t, m);
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static int list(struct cli *c)
{
	json_t *root = NULL, *modems;
	int r = cli_ask(c, "GET", "/api/v1/modems", &root);

	if (r)
		return r;
	modems = json_object_get(root, "modems");
	if (c->json)
		cli_print_json_each(modems);
	else if (json_array_size(modems))
		print_table(c, modems);
	else
		fputs("no modem: plug one in, or name its port in the configuration\n", stderr);
	json_decref(root);
	return r;
}

static int act(struct cli *c, const char *action, const char *name)
{
	char *escaped = client_escape(name);
	char *path = tw_printf("/api/v1/modems/%s/%s", escaped, action);
	struct tw_buf b = { 0 };
	json_t *m = NULL;
	int r = cli_ask(c, "POST", path, &m);

	if (!r && c->json) {
		cli_print_json(m);
	} else if (!r) {
		show_safe(cli_member(m, "name"), strlen(cli_member(m, "name")), &b);
		tw_buf_addf(&b, "  %s\n", cli_member(m, "state"));
		cli_write(&b);
	}
	tw_buf_done(&b);
	json_decref(m);
	free(path);
	free(escaped);
	return r;
}

static int run(struct cli *c, const void *options)
{
	static const char *const actions[] = { "pause", "resume", "accept" };
	const char *nearest;

	(void)options;
	if (!c->words.n)
		return list(c);
	for (size_t i = 0; i < TW_COUNT(actions); i++) {
		if (strcmp(c->words.v[0], actions[i]))
			continue;
		if (c->words.n != 2)
			return cli_misuse("modems", "%s: which modem?", actions[i]);
		return act(c, actions[i], c->words.v[1]);
	}
	nearest = tw_nearest(c->words.v[0], actions, TW_COUNT(actions));
	return cli_misuse("modems", "%s: expected %s%s", c->words.v[0],
			  nearest ? "one of pause, resume, accept; did you mean " :
				    "one of pause, resume, accept", nearest ? nearest : "");
}

const struct cli_verb cli_verb_modems = {
	.name = "modems",
	.arguments = "[pause|resume|accept MODEM]",
	.summary = "List the modems; pause, resume or accept one",
	.about = "MODEM is a modem's name, number, ICCID, IMEI or port. A paused modem receives and "
		 "sends\nnothing; accept lets a SIM in that was never seen before (adopt = \"modems\").\n\n"
		 "  twoway modems\n"
		 "  twoway modems pause till",
	.max_words = 2,
	.run = run,
};
