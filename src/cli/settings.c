/* twoway settings: those that can be changed while the daemon runs. */
#include "cli.h"

struct settings_options { bool live; };

static const struct cli_option options[] = {
	{ "live", NULL, offsetof(struct settings_options, live),
	  "only those that can be changed while the daemon runs" },
};

static int list(struct cli *c, bool only_live)
{
	static const char *const columns[] = { "SETTING", "VALUE", "LIVE", "DEFAULT", "MEANING" };
	json_t *root = NULL, *setting;
	struct tw_buf b = { 0 };
	struct table t = { 0 };
	int r = cli_ask(c, "GET", "/api/v1/settings", &root);
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, i == 4);
	json_array_foreach(json_object_get(root, "settings"), i, setting) {
		bool is_changed = json_is_true(json_object_get(setting, "changed"));
		bool is_live = json_is_true(json_object_get(setting, "live"));
		json_t *given = json_object_get(setting, "value"),
			*usual = json_object_get(setting, "default");
		tw_auto(tw_free_charp) char *value = json_dumps(given, JSON_ENCODE_ANY);
		tw_auto(tw_free_charp) char *normal = json_dumps(usual, JSON_ENCODE_ANY);

		if (only_live && !is_live)
			continue;
		if (c->json) {
			cli_print_json(setting);
			continue;
		}
		table_cell(&t, cli_member(setting, "name"), COLOUR_NONE);
		table_cell(&t, value && !json_is_null(given) ? value : "",
			   is_changed ? COLOUR_BUSY : COLOUR_NONE);
		table_cell(&t, is_changed ? "set here" : is_live ? "yes" : "", COLOUR_BUSY);
		table_cell(&t, normal && !json_is_null(usual) ? normal : "", COLOUR_FAINT);
		table_cell(&t, cli_member(setting, "help"), COLOUR_NONE);
	}
	if (!r && !c->json) {
		table_print(&t, c->width, c->colour, &b);
		cli_write(&b);
	}
	tw_buf_done(&b);
	table_done(&t);
	json_decref(root);
	return r;
}

/* As it would stand in the configuration, quotation marks or not. */
static json_t *value_of(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

	if (json_is_string(value) || json_is_boolean(value) || json_is_integer(value))
		return value;
	json_decref(value);
	return json_string(text);
}

static int change(struct cli *c, const char *name, json_t *take_value)
{
	char *escaped = client_escape(name);
	struct client_call call = { .method = take_value ? "PUT" : "DELETE",
				    .path = tw_printf("/api/v1/settings/%s", escaped) };
	struct client *k = NULL;
	json_t *body = take_value ? json_pack("{s:o}", "value", take_value) : NULL;
	int r = client_open(c, &k);

	call.body = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (!r)
		r = client_do(k, &call);
	if (!r && call.status != 200)
		r = cli_refused(&call);
	json_decref(body);
	client_call_done(&call);
	client_close(k);
	free(escaped);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const struct settings_options *o = given;
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return list(c, o->live);
	if (!strcmp(verb, "set") && c->words.n == 3)
		return tw_utf8_is_valid(c->words.v[2], strlen(c->words.v[2])) ?
		       change(c, c->words.v[1], value_of(c->words.v[2])) :
		       cli_fail(CLI_DATA, "the value is not UTF-8");
	if (!strcmp(verb, "unset") && c->words.n == 2)
		return change(c, c->words.v[1], NULL);
	return cli_misuse("settings", "expected list, set NAME VALUE or unset NAME");
}

const struct cli_verb cli_verb_settings = {
	.name = "settings",
	.arguments = "[list | set NAME VALUE | unset NAME]",
	.summary = "Show and change settings while the daemon runs",
	.about = "What is set here wins over the configuration, also after a restart, until unset "
		 "takes it back.\n"
		 "LIVE says which can be; the others stand in twoway.conf alone.\n\n"
		 "  twoway settings set valid_for 6h\n"
		 "  twoway settings unset valid_for",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct settings_options),
	.max_words = 3,
	.run = run,
};
