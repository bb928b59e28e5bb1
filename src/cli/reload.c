/* twoway reload: configuration and flows anew; with an error the old ones stay. */
#include "cli.h"

#include <stdio.h>

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
	json_decref(root);
	return r;
}

static int run(struct cli *c, const void *options)
{
	struct client_call call = { .method = "POST", .path = tw_strdup("/api/v1/reload") };
	struct client *k = NULL;
	int r = client_open(c, &k);

	(void)options;
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
		 "printed,\nand it ends 78.\n\n  twoway check && twoway reload",
	.run = run,
};
