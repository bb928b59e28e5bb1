/* twoway reload: configuration and flows anew; with an error the old ones stay. */
#include "cli.h"

#include <stdio.h>

struct reload_options { bool move; };

static const struct cli_option options[] = {
	{ "move", NULL, offsetof(struct reload_options, move),
	  "conversations move to the new flows, by the labels of their steps" },
};

static void print_finding(json_t *f)
{
	const char *file = cli_member(f, "file"), *text = cli_member(f, "text");
	struct tw_buf b = { 0 };

	show_safe(file, strlen(file), &b);
	if (cli_member_int(f, "line"))
		tw_buf_addf(&b, ":%lld", (long long)cli_member_int(f, "line"));
	tw_buf_addf(&b, ": %s: ", cli_member(f, "severity"));
	show_safe(text, strlen(text), &b);
	tw_buf_addc(&b, '\n');
	cli_write(&b);
	tw_buf_done(&b);
}

static void show_moves(struct cli *c, json_t *moves)
{
	if (c->json)
		cli_print_json(moves);
	else
		printf("conversations of former versions: %lld move, %lld end, %lld stay\n",
		       (long long)cli_member_int(moves, "moved"),
		       (long long)cli_member_int(moves, "ended"),
		       (long long)cli_member_int(moves, "stay"));
}

static int show(struct cli *c, const struct client_call *call)
{
	json_t *root = json_loadb(tw_buf_str(&call->answer), call->answer.n, 0, NULL);
	json_t *findings = json_object_get(root, "findings"), *f;
	size_t i;
	int r = CLI_OK;

	if (call->status != 200 && call->status != 422) {
		json_decref(root);
		return cli_refused(call);
	}
	json_array_foreach(findings, i, f) {
		if (c->json)
			cli_print_json(f);
		else
			print_finding(f);
	}
	if (call->status != 200)
		r = cli_fail(CLI_CONFIG, "not reloaded: %s", cli_member(root, "detail"));
	else if (!c->json)
		puts("reloaded");
	if (call->status == 200 && json_object_get(root, "conversations"))
		show_moves(c, json_object_get(root, "conversations"));
	json_decref(root);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const struct reload_options *o = given;
	struct client_call call = { .method = "POST", .path = tw_strdup(o->move
									? "/api/v1/reload?move=true"
									: "/api/v1/reload") };
	struct client *k = NULL;
	int r = client_open(c, &k);

	if (!r)
		r = client_do(k, &call);
	if (!r)
		r = show(c, &call);
	client_call_done(&call);
	client_close(k);
	return r;
}

const struct cli_verb cli_verb_reload = {
	.name = "reload",
	.arguments = "",
	.summary = "Read configuration and flows anew",
	.about = "With an error nothing changes: what was loaded before goes on, the findings are "
		 "printed,\nand it ends 78. Conversations finish on the flows that they began "
		 "with; with "
		 "--move\nthey go on at the step of the same label, and end with the text `ended` "
		 "where it is gone.\n\n  twoway check --diff && twoway reload --move",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct reload_options),
	.run = run,
};
