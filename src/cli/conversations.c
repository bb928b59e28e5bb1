/* twoway conversations: who talks with whom; one as a chat; taking it over from the flow and
 * handing it back. */
#include "rows.h"

#include <stdio.h>

struct conversations_options { const char *account, *limit; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct conversations_options, account), "of this account" },
	{ "limit", "N", offsetof(struct conversations_options, limit),
	  "so many conversations (100), or messages of one (20); 0 for all" },
};
enum { CHAT_DEFAULT = 20, SAID_MAX = 60 };

/* "/api/v1/conversations/NUMBER/WHAT?account=A"; heap. */
static char *path_of(const struct conversations_options *o, const char *number, const char *what)
{
	tw_auto(tw_free_charp) char *escaped = client_escape(number);
	struct tw_buf path = { 0 };

	tw_buf_addf(&path, "/api/v1/conversations/%s%s%s", escaped, *what ? "/" : "", what);
	rows_query(&path, "account", o->account);
	return tw_buf_take(&path);
}

/* ---- list ---------------------------------------------------------------------------------- */

/* Who it is whose turn it is, as a word or two. */
static char *turn_of(json_t *conversation)
{
	json_t *person = json_object_get(conversation, "person");

	if (json_is_object(person))
		return tw_printf("%s: %s", cli_member(person, "kind"), cli_member(person, "who"));
	return tw_strdup(json_is_true(json_object_get(conversation, "stopped")) ? "left" :
			 json_is_true(json_object_get(conversation, "asked")) ? "asked" :
			 json_is_true(json_object_get(conversation, "waiting")) ? "waiting" : "");
}

static void print_list(struct cli *c, json_t *all)
{
	static const struct rows_column columns[] = {
		{ "LAST", "at", ROWS_TIME, false, 0 }, { "NUMBER", "number", ROWS_TEXT, false, 0 },
		{ "NAME", "name", ROWS_TEXT, false, 1 }, { "STATE", "state", ROWS_TEXT, false, 0 },
		{ "", "arrow", ROWS_TEXT, false, 0 }, { "TEXT", "text", ROWS_TEXT, true, 0 },
		{ "ACCOUNT", "account", ROWS_TEXT, false, 2 },
	};
	json_t *row;
	size_t i;

	json_array_foreach(all, i, row) {
		tw_auto(tw_free_charp) char *turn = turn_of(row);
		bool is_inbound = !strcmp(cli_member(row, "direction"), "inbound");

		json_object_set_new(row, "state", json_string(turn));
		json_object_set_new(row, "arrow", json_string(is_inbound ? ">" : "<"));
	}
	rows_print(c, all, columns, TW_COUNT(columns));
}

static int list(struct cli *c, const struct conversations_options *o)
{
	static const struct rows_list conversations = { "conversations", "before", "" };
	json_t *all = json_array();
	struct tw_buf path = { 0 };
	int64_t limit;
	int r = rows_limit("conversations", o->limit, &limit);

	tw_buf_adds(&path, "/api/v1/conversations");
	rows_query(&path, "account", o->account);
	if (!r)
		r = rows_read(c, tw_buf_str(&path), &conversations, limit, all, NULL);
	if (!r && c->json)
		cli_print_json_each(all);
	else if (!r && !json_array_size(all))
		fputs("no conversations\n", stderr);
	else if (!r)
		print_list(c, all);
	tw_buf_done(&path);
	json_decref(all);
	return r;
}

/* ---- one, as a chat ------------------------------------------------------------------------ */

static void print_head(struct cli *c, json_t *conversation)
{
	tw_auto(tw_free_charp) char *turn = turn_of(conversation);
	struct tw_buf b = { 0 };

	rows_line("number", cli_member(conversation, "number"), &b);
	rows_line("name", cli_member(conversation, "name"), &b);
	rows_line("account", cli_member(conversation, "account"), &b);
	rows_line("state", turn, &b);
	if (!c->json)
		cli_write(&b);
	tw_buf_done(&b);
}

/* What the customer wrote stands behind >, what they got behind <, as in try; that one is told
 * apart at a glance also without colours. */
static void print_message(struct cli *c, json_t *m, struct wall_ms now)
{
	bool is_inbound = !strcmp(cli_member(m, "direction"), "inbound");
	const char *state = cli_member(m, "state"), *text = cli_member(m, "text");
	char time[TW_RFC3339_MAX];
	struct tw_buf b = { 0 };

	if (json_is_string(json_object_get(m, "data")))
		text = cli_member(m, "data");
	show_begin(&b, COLOUR_FAINT, c->colour);
	tw_buf_addf(&b, "%-16s", cli_time_write(cli_member_time(m, "created_at"), now, time));
	show_end(&b, COLOUR_FAINT, c->colour);
	show_begin(&b, is_inbound ? COLOUR_BOLD : COLOUR_NONE, c->colour);
	tw_buf_adds(&b, is_inbound ? "  > " : "  < ");
	show_safe(text, strlen(text), &b);
	show_end(&b, is_inbound ? COLOUR_BOLD : COLOUR_NONE, c->colour);
	if (!is_inbound && strcmp(state, "delivered") && strcmp(state, "sent")) {
		tw_buf_adds(&b, "  (");
		show_begin(&b, show_state_colour(state), c->colour);
		show_safe(state, strlen(state), &b);
		show_end(&b, show_state_colour(state), c->colour);
		tw_buf_adds(&b, ")");
	}
	tw_buf_addc(&b, '\n');
	cli_write(&b);
	tw_buf_done(&b);
}

static int show_messages(struct cli *c, json_t *conversation, int64_t limit)
{
	static const struct rows_list messages = { "messages", "before", "" };
	struct wall_ms now = tw_now_system().wall;
	json_t *all = json_array();
	struct tw_buf path = { 0 };
	int r;

	tw_buf_adds(&path, "/api/v1/messages");
	rows_query(&path, "with", cli_member(conversation, "number"));
	rows_query(&path, "account", cli_member(conversation, "account"));
	r = rows_read(c, tw_buf_str(&path), &messages, limit, all, NULL);
	for (size_t i = json_array_size(all); !r && i-- > 0;) {
		if (c->json)
			cli_print_json(json_array_get(all, i));
		else
			print_message(c, json_array_get(all, i), now);
	}
	tw_buf_done(&path);
	json_decref(all);
	return r;
}

static int show(struct cli *c, const struct conversations_options *o, const char *number)
{
	tw_auto(tw_free_charp) char *path = path_of(o, number, "");
	json_t *conversation = NULL;
	int64_t limit = CHAT_DEFAULT;
	int r;

	if (!cli_limit_read(o->limit, 0, INT64_MAX, &limit))
		return cli_misuse("conversations", "--limit: expected a number, 0 for all");
	r = cli_ask(c, "GET", path, &conversation);
	if (!r) {
		print_head(c, conversation);
		r = show_messages(c, conversation, limit);
	}
	json_decref(conversation);
	return r;
}

/* ---- changes ------------------------------------------------------------------------------- */

static int change(struct cli *c, const struct conversations_options *o, const char *number,
		  const char *what)
{
	tw_auto(tw_free_charp) char *path = path_of(o, number, what);
	json_t *conversation = NULL;
	int r = cli_ask(c, "POST", path, &conversation);

	if (!r && c->json)
		cli_print_json(conversation);
	else if (!r)
		print_head(c, conversation);
	json_decref(conversation);
	return r;
}

static int say(struct cli *c, const struct conversations_options *o, const char *number,
	       const char *text)
{
	tw_auto(tw_free_charp) char *path = path_of(o, number, "messages");
	json_t *body = json_pack("{s:s}", "text", text), *m = NULL;
	int r = body ? cli_ask_with(c, "POST", path, body, &m) : cli_fail(CLI_DATA,
									  "the text is not UTF-8");

	if (!r && c->json)
		cli_print_json(m);
	else if (!r)
		printf("%s  %s\n", cli_member(m, "id"), cli_member(m, "state"));
	json_decref(m);
	json_decref(body);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return list(c, given);
	if (!strcmp(verb, "show") && c->words.n == 2)
		return show(c, given, c->words.v[1]);
	if (!strcmp(verb, "take") && c->words.n == 2)
		return change(c, given, c->words.v[1], "take");
	if (!strcmp(verb, "back") && c->words.n == 2)
		return change(c, given, c->words.v[1], "hand_back");
	if (!strcmp(verb, "say") && c->words.n == 3)
		return say(c, given, c->words.v[1], c->words.v[2]);
	return cli_misuse("conversations", "expected list, show NUMBER, take NUMBER, "
			  "say NUMBER TEXT or back NUMBER");
}

const struct cli_verb cli_verb_conversations = {
	.name = "conversations",
	.arguments = "[list | show NUMBER | take NUMBER | say NUMBER TEXT | back NUMBER]",
	.summary = "Show who talks with whom, and talk in the place of the flow",
	.about = "show is a chat: > is what the customer wrote, < what they got. take puts you in\n"
		 "the place of the flow, say texts them by the number used last, back hands the\n"
		 "conversation to the flow again.\n\n"
		 "  twoway conversations\n"
		 "  twoway conversations take +447700900123\n"
		 "  twoway conversations say +447700900123 \"This is Kim, how can I help?\"",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct conversations_options),
	.max_words = 3,
	.run = run,
};
