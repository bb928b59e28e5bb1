/* twoway contacts set, tag, untag: what is noted of somebody. */
#include "contacts.h"
#include "rows.h"

static const char *const facts[] = { "name", "language", "zone", "owner" };

static bool is_fact(const char *name)
{
	for (size_t i = 0; i < TW_COUNT(facts); i++)
		if (!strcmp(facts[i], name))
			return true;
	return false;
}

/* "nps=9" into the body; an empty value takes back. 0, or an exit code after saying why. */
static int add_pair(json_t *body, json_t *fields, const char *word)
{
	const char *equals = strchr(word, '=');
	tw_auto(tw_free_charp) char *name = equals ? tw_strndup(word, (size_t)(equals - word)) :
		NULL;
	json_t *value;

	if (!equals || equals == word)
		return cli_misuse("contacts", "set: expected NAME=VALUE, not %s", word);
	value = equals[1] ? json_string(equals + 1) : json_null();
	if (!value || json_object_set_new(is_fact(name) ? body : fields, name, value))
		return cli_fail(CLI_DATA, "%s: not UTF-8", name);
	return 0;
}

static int put(struct cli *c, const char *account, const char *number, json_t *body)
{
	tw_auto(tw_free_charp) char *escaped = client_escape(number);
	struct tw_buf path = { 0 };
	json_t *contact = NULL;
	int r;

	tw_buf_addf(&path, "/api/v1/contacts/%s", escaped);
	rows_query(&path, "account", account);
	r = cli_ask_with(c, "PUT", tw_buf_str(&path), body, &contact);
	if (!r && c->json)
		cli_print_json(contact);
	else if (!r)
		contacts_print(contact);
	json_decref(contact);
	tw_buf_done(&path);
	return r;
}

int contacts_set(struct cli *c, const char *account)
{
	json_t *body = json_object(), *fields = json_object();
	int r = 0;

	for (int i = 2; i < c->words.n && !r; i++)
		r = add_pair(body, fields, c->words.v[i]);
	if (json_object_size(fields))
		json_object_set(body, "fields", fields);
	if (!r)
		r = put(c, account, c->words.v[1], body);
	json_decref(fields);
	json_decref(body);
	return r;
}

int contacts_tag(struct cli *c, const char *account, const char *member)
{
	json_t *body = json_object(), *tags = json_array();
	int r = 0;

	for (int i = 2; i < c->words.n && !r; i++)
		if (json_array_append_new(tags, json_string(c->words.v[i])))
			r = cli_fail(CLI_DATA, "a tag is not UTF-8");
	json_object_set(body, member, tags);
	if (!r)
		r = put(c, account, c->words.v[1], body);
	json_decref(tags);
	json_decref(body);
	return r;
}
