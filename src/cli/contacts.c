/* twoway contacts: who is known, one of them closer, and erasing one (set and tag:
 * contacts_write.c). */
#include "contacts.h"

#include <errno.h>
#include <stdio.h>

struct contacts_options { const char *account, *list, *limit; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct contacts_options, account), "of this account" },
	{ "list", "L", offsetof(struct contacts_options, list), "who is on this list" },
	{ "limit", "N", offsetof(struct contacts_options, limit), "so many (100), 0 for all" },
};

static void add_lists(json_t *contact, struct tw_buf *b)
{
	json_t *lists = json_object_get(contact, "lists"), *list;
	size_t i;

	json_array_foreach(lists, i, list) {
		const char *state = cli_member(list, "state");

		tw_buf_addf(b, "%s%s%s%s%s", b->n ? ", " : "", cli_member(list, "name"),
			    strcmp(state, "joined") ? " (" : "", strcmp(state, "joined")
			    ? state : "", strcmp(state, "joined") ? ")" : "");
	}
}

static void print_table(struct cli *c, json_t *contacts)
{
	static const char *const columns[] = { "NUMBER", "NAME", "ACCOUNT", "STATE",
					       "LANGUAGE", "OWNER", "LISTS", "SINCE" };
	struct wall_ms now = tw_now_system().wall;
	struct tw_buf b = { 0 };
	struct table t = { 0 };
	char time[TW_RFC3339_MAX];
	json_t *contact;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], false, i == 1 || i == 6);
	json_array_foreach(contacts, i, contact) {
		bool stopped = json_is_true(json_object_get(contact, "stopped"));

		tw_buf_clear(&b);
		add_lists(contact, &b);
		table_cell(&t, cli_member(contact, "number"), COLOUR_NONE);
		table_cell(&t, cli_member(contact, "name"), COLOUR_NONE);
		table_cell(&t, cli_member(contact, "account"), COLOUR_NONE);
		table_cell(&t, stopped ? "left" : "open", stopped ? COLOUR_BAD : COLOUR_NONE);
		table_cell(&t, cli_member(contact, "language"), COLOUR_NONE);
		table_cell(&t, cli_member(contact, "owner"), COLOUR_NONE);
		table_cell(&t, tw_buf_str(&b), COLOUR_NONE);
		table_cell(&t, cli_time_write(cli_member_time(contact, "created_at"), now, time),
			   COLOUR_NONE);
	}
	tw_buf_clear(&b);
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

/* ---- list ---------------------------------------------------------------------------------- */

int contacts_read(struct cli *c, const char *account, const char *list, const char *with,
		  int64_t limit, void (*take)(void *ctx, json_t *contact), void *ctx)
{
	char *a = client_escape(account ? account : ""), *l = client_escape(list ? list : "");
	char *w = client_escape(with ? with : ""), *after = tw_strdup("0");
	int64_t n = 0;
	int r = 0;

	while (!r && after && (!limit || n < limit)) {
		int64_t slice = limit && limit - n < 1000 ? limit - n : 1000;
		char *path = tw_printf("/api/v1/contacts?limit=%lld&after=%s%s%s%s%s%s%s",
				       (long long)slice, after, *a ? "&account=" : "", a,
				       *l ? "&list=" : "", l, *w ? "&with=" : "", w);
		json_t *root = NULL, *contacts, *contact;
		size_t i;

		r = cli_ask(c, "GET", path, &root);
		free(path);
		free(after);
		contacts = json_object_get(root, "contacts");
		json_array_foreach(contacts, i, contact)
			take(ctx, contact);
		n += (int64_t)json_array_size(contacts);
		after = *cli_member(root, "after") ? tw_strdup(cli_member(root, "after")) : NULL;
		json_decref(root);
	}
	free(after);
	free(a);
	free(l);
	free(w);
	return r;
}

static void collect(void *ctx, json_t *contact)
{
	json_array_append(ctx, contact);
}

static int show_list(struct cli *c, const struct contacts_options *o)
{
	json_t *all = json_array();
	long long limit = 100;
	char *end;
	int r;

	errno = 0;
	if (o->limit)
		limit = strtoll(o->limit, &end, 10);
	if (o->limit && (errno || end == o->limit || *end || limit < 0)) {
		json_decref(all);
		return cli_misuse("contacts", "--limit: expected a number, 0 for all");
	}
	r = contacts_read(c, o->account, o->list, NULL, limit, collect, all);
	if (!r && c->json)
		cli_print_json_each(all);
	else if (!r && !json_array_size(all))
		fputs("no contacts\n", stderr);
	else if (!r)
		print_table(c, all);
	json_decref(all);
	return r;
}

/* ---- one ----------------------------------------------------------------------------------- */

static void put_line(const char *name, const char *value, struct tw_buf *b)
{
	if (!*value)
		return;
	tw_buf_addf(b, "%-12s", name);
	show_safe(value, strlen(value), b);
	tw_buf_addc(b, '\n');
}

void contacts_print(json_t *contact)
{
	static const char *const names[] = { "number", "name", "account", "language",
					     "country", "zone", "owner" };
	struct wall_ms now = tw_now_system().wall;
	json_t *fields = json_object_get(contact, "fields"), *value;
	json_t *lists = json_object_get(contact, "lists"), *list;
	char time[TW_RFC3339_MAX];
	struct tw_buf b = { 0 };
	const char *name;
	size_t i;

	for (i = 0; i < TW_COUNT(names); i++)
		put_line(names[i], cli_member(contact, names[i]), &b);
	put_line("since", cli_time_write(cli_member_time(contact, "created_at"), now, time), &b);
	if (json_is_true(json_object_get(contact, "stopped")))
		put_line("left", cli_time_write(cli_member_time(contact, "stopped_at"), now, time),
			 &b);
	json_array_foreach(lists, i, list) {
		char *text = tw_printf("%s, %s", cli_member(list, "state"),
				       cli_time_write(cli_member_time(list, "since"), now, time));

		put_line(cli_member(list, "name"), text, &b);
		free(text);
	}
	json_array_foreach(json_object_get(contact, "tags"), i, value)
		put_line("tag", json_string_value(value) ? json_string_value(value) : "", &b);
	json_object_foreach(fields, name, value)
		put_line(name, json_string_value(value) ? json_string_value(value) : "", &b);
	cli_write(&b);
	tw_buf_done(&b);
}

static int show_one(struct cli *c, const struct contacts_options *o, const char *number)
{
	json_t *all = json_array(), *contact;
	int r = contacts_read(c, o->account, NULL, number, 1000, collect, all);
	size_t i;

	if (!r && !json_array_size(all))
		r = cli_fail(CLI_UNKNOWN, "no contact %s", number);
	json_array_foreach(all, i, contact) {
		if (c->json)
			cli_print_json(contact);
		else
			contacts_print(contact);
		if (!c->json && i + 1 < json_array_size(all))
			putchar('\n');
	}
	json_decref(all);
	return r;
}

static int erase(struct cli *c, const struct contacts_options *o, const char *number)
{
	char *escaped = client_escape(number), *account = client_escape(o->account
									? o->account : "");
	char *path = tw_printf("/api/v1/contacts/%s/erase%s%s", escaped, *account
			       ? "?account=" : "", account);
	json_t *root = NULL;
	int r = cli_ask(c, "POST", path, &root);

	if (!r && c->json)
		cli_print_json(root);
	else if (!r)
		printf("erased in %lld account%s: number, texts and salts; what stands in backups "
		       "and "
		       "in the log is yours to erase\n", (long long)cli_member_int(root, "erased"),
		       cli_member_int(root, "erased") == 1 ? "" : "s");
	json_decref(root);
	free(path);
	free(account);
	free(escaped);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const struct contacts_options *o = given;
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return show_list(c, o);
	if (!strcmp(verb, "show") && c->words.n == 2)
		return show_one(c, o, c->words.v[1]);
	if (!strcmp(verb, "set") && c->words.n > 2)
		return contacts_set(c, o->account);
	if ((!strcmp(verb, "tag") || !strcmp(verb, "untag")) && c->words.n > 2)
		return contacts_tag(c, o->account, verb);
	if (!strcmp(verb, "erase") && c->words.n == 2)
		return erase(c, o, c->words.v[1]);
	return cli_misuse("contacts", "expected list, show NUMBER, set NUMBER NAME=VALUE …, "
			  "tag NUMBER TAG …, untag NUMBER TAG … or erase NUMBER");
}

const struct cli_verb cli_verb_contacts = {
	.name = "contacts",
	.arguments = "[list | show NUMBER | set NUMBER NAME=VALUE… | tag|untag NUMBER TAG… | "
		     "erase NUMBER]",
	.summary = "Show contacts, note things of them, and erase one",
	.about = "set notes name, language, zone, owner and fields; an empty value takes back,\n"
		 "and somebody who is not known is made. erase takes number, texts and salts\n"
		 "out of every table, at once or in the background, and cancels what waits to\n"
		 "be sent; the chain of consent still verifies. Without --account it is done in\n"
		 "all accounts. It cannot be undone.\n\n"
		 "  twoway contacts --list offers\n"
		 "  twoway contacts set +447700900123 name=Ann owner=van nps=9\n"
		 "  twoway contacts tag +447700900123 vip\n"
		 "  twoway contacts erase +447700900123",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct contacts_options),
	.max_words = -1,
	.run = run,
};
