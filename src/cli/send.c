/* twoway send: one message, or a file of them. */
#include "cli.h"
#include "send.h"

#include <stdio.h>
#include <unistd.h>

enum { GRACE_MS = 60000 };	/* so long ago is still now */

static const struct cli_option options[] = {
	{ "from", "NUMBER", offsetof(struct send_options, from),
	  "leave by this number of the bank" },
	{ "account", "NAME", offsetof(struct send_options, account),
	  "whose message it is, where there are several" },
	{ "at", "TIME", offsetof(struct send_options, at),
	  "not before: 09:00, \"2026-05-04 09:00\", +2h, or RFC 3339" },
	{ "valid-for", "TIME", offsetof(struct send_options, valid_for),
	  "useless after so long: 10m, 2d" },
	{ "key", "KEY", offsetof(struct send_options, key),
	  "takes the place of a queued message with the same key" },
	{ "file", "FILE", offsetof(struct send_options, file),
	  "a line a message: number, tab, text; - is standard input" },
	{ "again", NULL, offsetof(struct send_options, again),
	  "of a file: also the lines that were sent within a day" },
};

static void put(json_t *o, const char *name, const char *value)
{
	if (value)
		json_object_set_new(o, name, json_string(value));
}

char *send_body(const struct send_options *o, const char *to, const char *text,
		struct wall_ms at)
{
	char time[TW_RFC3339_MAX], *body;
	json_t *root = json_object();

	put(root, "to", to);
	put(root, "text", text);
	put(root, "from", o->from);
	put(root, "account", o->account);
	put(root, "send_at", at.ms ? tw_rfc3339(at, time) : NULL);
	put(root, "valid_for", o->valid_for);
	put(root, "key", o->key);
	body = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return body;
}

static void print_message(struct cli *c, json_t *m)
{
	const char *state = cli_member(m, "state");
	struct tw_buf b = { 0 };
	int64_t segments = cli_member_int(m, "segments");

	if (c->json) {
		cli_print_json(m);
		return;
	}
	tw_buf_addf(&b, "%s  ", cli_member(m, "id"));
	show_begin(&b, show_state_colour(state), c->colour);
	show_safe(state, strlen(state), &b);
	show_end(&b, show_state_colour(state), c->colour);
	tw_buf_adds(&b, "  to ");
	show_safe(cli_member(m, "to"), strlen(cli_member(m, "to")), &b);
	tw_buf_addf(&b, ", %lld segment%s\n", (long long)segments, segments == 1 ? "" : "s");
	cli_write(&b);
	tw_buf_done(&b);
}

static int send_one(struct cli *c, const struct send_options *o, struct wall_ms at)
{
	struct client_call call = { .method = "POST", .path = tw_strdup("/api/v1/messages") };
	struct client *k = NULL;
	json_t *m;
	int r;

	call.body = send_body(o, c->words.v[0], c->words.v[1], at);
	r = client_open(c, &k);
	if (!r)
		r = client_do(k, &call);
	if (!r && call.status != 201)
		r = cli_refused(&call);
	if (!r) {
		m = json_loadb(tw_buf_str(&call.answer), call.answer.n, 0, NULL);
		print_message(c, m);
		json_decref(m);
	}
	client_call_done(&call);
	client_close(k);
	return r;
}

static int check_words(struct cli *c, const struct send_options *o)
{
	const char *const values[] = { o->from, o->account, o->valid_for, o->key };
	int64_t ms;

	for (int i = 0; i < c->words.n; i++) {
		if (!tw_utf8_is_valid(c->words.v[i], strlen(c->words.v[i])))
			return cli_fail(CLI_DATA, "the %s is not UTF-8", i ? "text" : "number");
	}
	for (size_t i = 0; i < TW_COUNT(values); i++) {
		if (values[i] && !tw_utf8_is_valid(values[i], strlen(values[i])))
			return cli_fail(CLI_DATA, "an option's value is not UTF-8");
	}
	if (o->valid_for && (tw_duration_read(o->valid_for, &ms) || ms <= 0))
		return cli_misuse("send", "--valid-for: expected a duration such as 10m or 2d");
	return 0;
}

static int run(struct cli *c, const void *p)
{
	const struct send_options *o = p;
	struct wall_ms at = { 0 };
	int r = check_words(c, o);

	if (r)
		return r;
	if (o->at && cli_time_read(o->at, tw_now_system().wall, &at))
		return cli_misuse("send", "--at: expected a time such as 09:00, "
				  "\"2026-05-04 09:00\", +2h or 2026-05-04T09:00:00Z");
	if (at.ms && at.ms + GRACE_MS < tw_now_system().wall.ms) {
		char time[TW_RFC3339_MAX];

		return cli_fail(CLI_DATA, "--at: %s is over; a message leaves at once without it",
				cli_time_write(at, tw_now_system().wall, time));
	}
	if (o->file && c->words.n)
		return cli_misuse("send", "give either TO TEXT or --file");
	if (o->file)
		return send_file(c, o, at);
	if (c->words.n != 2)
		return cli_misuse("send", "expected: TO TEXT (a text with spaces in quotes)");
	return send_one(c, o, at);
}

const struct cli_verb cli_verb_send = {
	.name = "send",
	.arguments = "TO TEXT | --file FILE",
	.summary = "Send a message, or a file of messages",
	.about = "The message is on disk when this ends; its id is printed. With --file the good "
		 "lines "
		 "are\nsent, the bad ones named, and it ends 65 when there were any. A file that "
		 "broke off is simply "
		 "given\nagain: lines that were taken within a day are not sent twice (--again "
		 "sends them).\n\n"
		 "  twoway send +447700900123 \"Your table is ready\"\n"
		 "  twoway send --file invitations.tsv --at 09:00\n"
		 "  twoway send +447700900123 -- \"-20% today\"",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct send_options),
	.max_words = 2,
	.run = run,
};
