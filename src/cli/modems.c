/* twoway modems: the bank, and what an operator may do with one of it. */
#include "job.h"

#include <stdio.h>
#include <unistd.h>

struct modems_options { bool ports; };
static const struct cli_option options[] = {
	{ "ports", NULL, offsetof(struct modems_options, ports),
	  "the serial ports instead, used or not" },
};

/* "14:02:11 CMS 38": long past perhaps, so it is no alarm while the modem is ready. */
static void add_trouble(struct table *t, json_t *m, const char *state)
{
	char time[TW_RFC3339_MAX], *text;
	bool is_well = !strcmp(state, "ready") || !strcmp(state, "paused");

	cli_time_write(cli_member_time(m, "last_error_at"), tw_now_system().wall, time);
	text = tw_printf("%s%s%s", time, *time ? " " : "", cli_member(m, "last_error"));
	table_cell(t, text, is_well ? COLOUR_NONE : COLOUR_BAD);
	free(text);
}

/* Of all quotas the one that is nearest to its end: "120/900 day". */
static void write_left(json_t *quota, char *out, size_t cap)
{
	static const struct { const char *key, *unit; } kinds[] = {
		{ "per_minute", "minute" }, { "per_hour", "hour" }, { "per_day", "day" },
		{ "per_month", "month" }, { "recipients_per_month", "recipients" },
		{ "spend_per_month", "spending" },
	};
	json_t *left = json_object_get(quota, "left");
	double least = 2;

	out[0] = 0;
	for (size_t i = 0; i < TW_COUNT(kinds); i++) {
		double limit = json_number_value(json_object_get(quota, kinds[i].key));
		double rest = json_number_value(json_object_get(left, kinds[i].key));

		if (limit <= 0 || rest / limit >= least)
			continue;
		least = rest / limit;
		snprintf(out, cap, "%.*f/%.*f %s", i == TW_COUNT(kinds) - 1 ? 2 : 0, rest,
			 i == TW_COUNT(kinds) - 1 ? 2 : 0, limit, kinds[i].unit);
	}
}

/* "4.20 EUR, 12 days". */
static void write_balance(json_t *balance, char *out, size_t cap)
{
	json_t *days = json_object_get(balance, "days_left");
	int n = snprintf(out, cap, "%.2f%s%s",
			 json_number_value(json_object_get(balance, "amount")),
			 *cli_member(balance, "currency") ? " " : "",
			 cli_member(balance, "currency"));

	if (json_is_integer(days) && (size_t)n < cap)
		snprintf(out + n, cap - (size_t)n, ", %lld day%s",
			 (long long)json_integer_value(days),
			 json_integer_value(days) == 1 ? "" : "s");
}

/* "26 its sends fail". */
static void add_health(struct table *t, json_t *m)
{
	json_t *health = json_object_get(m, "health");
	char text[100] = "";

	if (json_is_integer(health))
		snprintf(text, sizeof(text), "%lld %s", (long long)json_integer_value(health),
			 cli_member(m, "health_reason"));
	table_cell(t, text, json_integer_value(health) > 50 || !*text ? COLOUR_NONE : COLOUR_BAD);
}

/* Columns that most banks have no use for. */
struct extras { bool balance, health; };

static struct extras extras_of(json_t *modems)
{
	struct extras e = { false, false };
	json_t *m;
	size_t i;

	json_array_foreach(modems, i, m) {
		e.balance |= json_is_object(json_object_get(json_object_get(m, "sim"), "balance"));
		e.health |= *cli_member(m, "health_reason") != 0;
	}
	return e;
}

static void add_row(struct table *t, json_t *m, const struct extras *e)
{
	char left[64];
	json_t *sim = json_object_get(m, "sim"), *signal = json_object_get(m, "signal_dbm");
	const char *state = cli_member(m, "state");
	char dbm[24] = "", network[64];

	if (json_is_integer(signal))
		snprintf(dbm, sizeof(dbm), "%lld dBm", (long long)json_integer_value(signal));
	table_cell(t, cli_member(m, "name"), COLOUR_NONE);
	table_cell(t, state, show_state_colour(state));
	table_cell(t, cli_member(sim, "number"), COLOUR_NONE);
	table_cell(t, *cli_member(sim, "account") ? cli_member(sim, "account") : "(shared)",
		   COLOUR_NONE);
	snprintf(network, sizeof(network), "%s%s%s", cli_member(m, "network"),
		 *cli_member(m, "network") && *cli_member(m, "radio") ? " " : "",
		 cli_member(m, "radio"));
	table_cell(t, network, COLOUR_NONE);
	table_cell(t, dbm, COLOUR_NONE);
	table_cell_int(t, cli_member_int(m, "queued"));
	table_cell_int(t, cli_member_int(m, "sent"));
	table_cell_int(t, cli_member_int(m, "received"));
	table_cell_int(t, cli_member_int(m, "failed"));
	write_left(json_object_get(sim, "quota"), left, sizeof(left));
	table_cell(t, left, left[0] == '0' && left[1] == '/' ? COLOUR_BUSY : COLOUR_NONE);
	if (e->health)
		add_health(t, m);
	if (e->balance) {
		json_t *balance = json_object_get(sim, "balance");
		char money[64] = "";

		if (json_is_object(balance))
			write_balance(balance, money, sizeof(money));
		table_cell(t, money, COLOUR_NONE);
	}
	table_cell(t, cli_member(m, "board"), COLOUR_NONE);
	table_cell(t, cli_member(m, "port"), COLOUR_NONE);
	add_trouble(t, m, state);
}

static void print_table(struct cli *c, json_t *modems)
{
	enum { ALWAYS, HEALTH, BALANCE };
	static const struct { const char *name; bool is_right, is_flexible; int when;
			      } columns[] = {
		{ "NAME", false, false, ALWAYS }, { "STATE", false, false, ALWAYS },
		{ "NUMBER", false, false, ALWAYS }, { "ACCOUNT", false, false, ALWAYS },
		{ "NETWORK", false, true, ALWAYS }, { "SIGNAL", true, false, ALWAYS },
		{ "QUEUED", true, false, ALWAYS }, { "SENT", true, false, ALWAYS },
		{ "RECEIVED", true, false, ALWAYS }, { "FAILED", true, false, ALWAYS },
		{ "QUOTA LEFT", false, false, ALWAYS }, { "HEALTH", false, true, HEALTH },
		{ "BALANCE", false, false, BALANCE }, { "BOARD", false, true, ALWAYS },
		{ "PORT", false, true, ALWAYS }, { "LAST TROUBLE", false, true, ALWAYS },
	};
	/* On 80 columns: who, how it is, what it did, what troubles it. The last goes first. */
	static const char *const spare[] = {
		"RECEIVED", "SIGNAL", "QUOTA LEFT", "QUEUED", "NETWORK", "ACCOUNT", "PORT", "BOARD",
	};
	struct extras e = extras_of(modems);
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	json_t *m;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		if (columns[i].when == ALWAYS || (columns[i].when == HEALTH ? e.health : e.balance))
			table_column(&t, columns[i].name, columns[i].is_right,
				     columns[i].is_flexible);
	for (i = 0; i < TW_COUNT(spare); i++)
		table_spare(&t, spare[i], (int)i + 1);
	table_min(&t, "LAST TROUBLE", 24);
	json_array_foreach(modems, i, m)
		add_row(&t, m, &e);
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static void add_port_row(struct table *t, json_t *p)
{
	const char *product = cli_member(p, "product"), *use = cli_member(p, "use");

	table_cell(t, *cli_member(p, "path") ? cli_member(p, "path") : "(no port yet)",
		   COLOUR_NONE);
	table_cell(t, use, strcmp(use, "modem") ? COLOUR_FAINT : COLOUR_GOOD);
	table_cell(t, cli_member(p, "modem"), COLOUR_NONE);
	table_cell(t, cli_member(p, "usb"), COLOUR_NONE);
	table_cell(t, cli_member(p, "usb_path"), COLOUR_NONE);
	table_cell(t, cli_member(p, "driver"), COLOUR_NONE);
	table_cell(t, *product ? product : cli_member(p, "maker"), COLOUR_NONE);
	table_cell(t, strcmp(use, "switching") ? cli_member(p, "line") :
		   "waits for usb_modeswitch to turn it into a modem", COLOUR_NONE);
}

static void print_ports(struct cli *c, json_t *ports, bool only_unused)
{
	static const struct { const char *name; bool is_flexible; } columns[] = {
		{ "PORT", false }, { "USE", false }, { "MODEM", false }, { "USB", false },
		{ "SOCKET", false }, { "DRIVER", false }, { "PRODUCT", true },
		{ "TO USE IT, ADD", false },
	};
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	size_t i, n = 0;
	json_t *p;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i].name, false, columns[i].is_flexible);
	for (i = 2; i < TW_COUNT(columns) - 1; i++)	/* the line to add is there to be copied */
		table_spare(&t, columns[i].name, (int)i);
	json_array_foreach(ports, i, p) {
		if (only_unused && strcmp(cli_member(p, "use"), "unnamed") &&
		    strcmp(cli_member(p, "use"), "switching"))
			continue;
		add_port_row(&t, p);
		n++;
	}
	if (n && only_unused)
		tw_buf_adds(&b, "\nNot used:\n");
	if (n)
		table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

/* Ports that nobody uses stand below the modems; all of them where they are asked for. */
static int list_ports(struct cli *c, bool only_unused)
{
	json_t *root = NULL;
	int r = cli_ask(c, "GET", "/api/v1/ports", &root);

	if (r)
		return r;
	if (c->json)
		cli_print_json_each(json_object_get(root, "ports"));
	else
		print_ports(c, json_object_get(root, "ports"), only_unused);
	json_decref(root);
	return CLI_OK;
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
	return c->json ? r : list_ports(c, true);
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

static json_t *named(json_t *modems, const char *name)
{
	json_t *m;
	size_t i;

	json_array_foreach(modems, i, m)
		if (!strcmp(cli_member(m, "name"), name))
			return m;
	return NULL;
}

/* One text to another SIM of the bank, which sees whom it is from. */
static int learn(struct cli *c, const char *called)
{
	enum { WAIT_S = 120 };
	char *path = job_path(called, "learn"), *name = NULL;
	json_t *root = NULL;
	int r = cli_ask(c, "POST", path, &root);

	if (!r)
		name = tw_strdup(cli_member(root, "name"));
	for (int i = 0; !r && i < WAIT_S; i++) {
		const char *number;

		json_decref(root);
		root = NULL;
		sleep(1);
		r = cli_ask(c, "GET", "/api/v1/modems", &root);
		number = r ? "" : cli_member(json_object_get(named(json_object_get(root, "modems"),
								   name),
							     "sim"), "number");
		if (!*number)
			continue;
		if (c->json)
			cli_print_json(named(json_object_get(root, "modems"), name));
		else
			printf("%s  %s\n", name, number);
		break;
	}
	if (!r && !*cli_member(json_object_get(named(json_object_get(root, "modems"), name), "sim"),
			       "number"))
		r = cli_fail(CLI_LATER, "%s: the text has not arrived yet; `twoway modems` shows "
					"the number when it has", name);
	json_decref(root);
	free(name);
	free(path);
	return r;
}

/* A job of the modem; what comes back is shown as the network said it. */
static int ask_balance(struct cli *c, const char *name)
{
	struct client *k = NULL;
	json_t *job = NULL;
	int r = client_open(c, &k);

	if (r)
		return r;
	r = job_ask(k, job_path(name, "balance"), NULL, &job);
	if (!r && c->json)
		cli_print_json(job);
	else if (!r)
		job_show(job, 0);
	if (!r)
		r = job_end(job);
	json_decref(job);
	client_close(k);
	return r;
}

static int run(struct cli *c, const void *p)
{
	static const char *const actions[] = { "pause", "resume", "accept", "balance", "learn" };
	const struct modems_options *o = p;
	const char *nearest;

	if (o->ports && c->words.n)
		return cli_misuse("modems", "--ports stands alone");
	if (o->ports)
		return list_ports(c, false);
	if (!c->words.n)
		return list(c);
	for (size_t i = 0; i < TW_COUNT(actions); i++) {
		if (strcmp(c->words.v[0], actions[i]))
			continue;
		if (c->words.n != 2 || !*c->words.v[1])
			return cli_misuse("modems", "%s: which modem?", actions[i]);
		if (!strcmp(actions[i], "balance"))
			return ask_balance(c, c->words.v[1]);
		if (!strcmp(actions[i], "learn"))
			return learn(c, c->words.v[1]);
		return act(c, actions[i], c->words.v[1]);
	}
	nearest = tw_nearest(c->words.v[0], actions, TW_COUNT(actions));
	return cli_misuse("modems", "%s: expected %s%s", c->words.v[0],
			  nearest ? "one of pause, resume, accept, balance, learn; did you mean " :
				    "one of pause, resume, accept, balance, learn", nearest
					    ? nearest : "");
}

const struct cli_verb cli_verb_modems = {
	.name = "modems",
	.arguments = "[pause|resume|accept|balance|learn MODEM]",
	.summary = "List the modems; pause, resume or accept one, ask for its balance or its "
		   "number",
	.about = "MODEM is a modem's name, number, ICCID, IMEI or port. A paused modem receives "
		 "and "
		 "sends\nnothing, also after a restart; accept lets a SIM in that was never seen "
		 "before\n"
		 "(adopt = \"modems\"); balance asks the operator now what is left on its SIM; "
		 "learn sends\n"
		 "one text to another SIM of the bank, which sees the number that nobody knew. "
		 "Ports that\n"
		 "may be something else than a modem are never opened unasked: they stand below, "
		 "with the\n"
		 "line that makes them one.\n\n"
		 "  twoway modems\n"
		 "  twoway modems pause till\n"
		 "  twoway modems balance till",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct modems_options),
	.max_words = 2,
	.run = run,
};
