/* twoway export: contacts, consent or messages as CSV. */
#include "cli.h"

#include <stdio.h>

struct export_options { const char *account, *list; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct export_options, account), "of this account" },
	{ "list", "L", offsetof(struct export_options, list), "of contacts: who is on this list" },
};

struct column { const char *name; bool is_free; };	/* is_free: a stranger may have written
							 * it */

static const struct column contact_columns[] = {
	{ "number", false }, { "name", true }, { "language", false }, { "zone", false },
	{ "owner", true },
	{ "account", false }, { "country", false }, { "stopped_at", false },
	{ "created_at", false },
};
static const struct column consent_columns[] = {
	{ "sequence", false }, { "at", false }, { "list", false }, { "kind", false },
	{ "number", false },
	{ "text", true }, { "message", false }, { "long_number", false }, { "erased", false },
	{ "salt", false }, { "number_digest", false }, { "text_digest", false }, { "link", false },
};
static const struct column message_columns[] = {
	{ "id", false }, { "created_at", false }, { "direction", false }, { "account", false },
	{ "from", false }, { "to", false }, { "text", true }, { "state", false },
	{ "segments", false }, { "keyword", false }, { "sent_at", false }, { "finished_at", false },
};

struct output {
	const struct column *columns;
	size_t n;
	struct tw_buf b;
};

static void put_value(struct tw_buf *b, json_t *value, bool is_free)
{
	char number[32];

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		csv_put(b, number, false);
	} else if (json_is_boolean(value)) {
		csv_put(b, json_is_true(value) ? "true" : "false", false);
	} else {
		csv_put(b, json_is_string(value) ? json_string_value(value) : "", is_free);
	}
}

static void put_header(struct output *o)
{
	for (size_t i = 0; i < o->n; i++)
		csv_put(&o->b, o->columns[i].name, false);
}

static void put_row(struct output *o, json_t *row)
{
	for (size_t i = 0; i < o->n; i++)
		put_value(&o->b, json_object_get(row, o->columns[i].name), o->columns[i].is_free);
}

static void flush(struct output *o)
{
	csv_end(&o->b);
	cli_write(&o->b);
	tw_buf_clear(&o->b);
}

/* ---- contacts: fields stand in one column, as a look at one contact does not tell all names -- */

static void put_contact(void *ctx, json_t *contact)
{
	struct output *o = ctx;
	struct tw_buf pairs = { 0 };
	json_t *value, *list;
	const char *name;
	size_t i;

	put_row(o, contact);
	json_array_foreach(json_object_get(contact, "lists"), i, list)
		tw_buf_addf(&pairs, "%s%s=%s", pairs.n ? "; " : "", cli_member(list, "name"),
			    cli_member(list, "state"));
	csv_put(&o->b, tw_buf_str(&pairs), true);
	tw_buf_clear(&pairs);
	json_object_foreach(json_object_get(contact, "fields"), name, value)
		tw_buf_addf(&pairs, "%s%s=%s", pairs.n ? "; " : "", name, json_string_value(value));
	csv_put(&o->b, tw_buf_str(&pairs), true);
	tw_buf_done(&pairs);
	flush(o);
}

static int export_contacts(struct cli *c, const struct export_options *given, struct output *o)
{
	put_header(o);
	csv_put(&o->b, "lists", false);
	csv_put(&o->b, "fields", false);
	flush(o);
	return contacts_read(c, given->account, given->list, NULL, 0, put_contact, o);
}

/* ---- consent, messages --------------------------------------------------------------------- */

static bool put_consent(void *ctx, json_t *row)
{
	put_row(ctx, row);
	flush(ctx);
	return true;
}

static int export_consent(struct cli *c, const struct export_options *given, struct output *o)
{
	put_header(o);
	flush(o);
	return consent_read(c, given->account, NULL, put_consent, o);
}

static int export_messages(struct cli *c, const struct export_options *given, struct output *o)
{
	char *account = client_escape(given->account ? given->account : ""),
		*before = tw_strdup("");
	int r = 0;

	put_header(o);
	flush(o);
	while (!r && before) {
		char *path = tw_printf("/api/v1/messages?limit=1000%s%s%s%s", *before
				       ? "&before=" : "",
				       before, *account ? "&account=" : "", account);
		json_t *root = NULL, *m;
		size_t i;

		r = cli_ask(c, "GET", path, &root);
		free(path);
		free(before);
		json_array_foreach(json_object_get(root, "messages"), i, m) {
			put_row(o, m);
			flush(o);
		}
		before = *cli_member(root, "before") ? tw_strdup(cli_member(root, "before")) : NULL;
		json_decref(root);
	}
	free(before);
	free(account);
	return r;
}

static int run(struct cli *c, const void *given)
{
	static const struct {
		const char *name;
		const struct column *columns;
		size_t n;
		int (*run)(struct cli *c, const struct export_options *given, struct output *o);
	} kinds[] = {
		{ "contacts", contact_columns, TW_COUNT(contact_columns), export_contacts },
		{ "consent", consent_columns, TW_COUNT(consent_columns), export_consent },
		{ "messages", message_columns, TW_COUNT(message_columns), export_messages },
	};
	int r;

	for (size_t i = 0; i < TW_COUNT(kinds); i++) {
		struct output o = { .columns = kinds[i].columns, .n = kinds[i].n };

		if (strcmp(kinds[i].name, c->words.v[0]))
			continue;
		r = kinds[i].run(c, given, &o);
		tw_buf_done(&o.b);
		return r;
	}
	return cli_misuse("export", "expected contacts, consent or messages");
}

const struct cli_verb cli_verb_export = {
	.name = "export",
	.arguments = "contacts|consent|messages",
	.summary = "Write contacts, consent or messages as CSV",
	.about = "To standard output, messages newest first. A text that a spreadsheet would take "
		 "for a formula\n"
		 "gets an apostrophe before it.\n\n"
		 "  twoway export contacts --list offers > offers.csv\n"
		 "  twoway export consent --account acme > evidence.csv",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct export_options), .min_words = 1, .max_words = 1,
	.run = run,
};
