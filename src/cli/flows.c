/* twoway flows: the flow files of the daemon, read, checked and replaced over its socket. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>

struct flows_options { const char *name; };

static const struct cli_option options[] = {
	{ "name", "NAME", offsetof(struct flows_options, name),
	  "of put and check: what the daemon calls it; "
	  "else the file's own" },
};
enum { FLOW_OCTETS_MAX = 1 << 20 };

static int list(struct cli *c)
{
	static const char *const columns[] = { "NAME", "OCTETS", "CHANGED", "PATH" };
	struct wall_ms now = tw_now_system().wall;
	char time[TW_RFC3339_MAX];
	struct tw_buf b = { 0 };
	struct table t = { 0 };
	json_t *root = NULL, *flow;
	int r = cli_ask(c, "GET", "/api/v1/flows", &root);
	size_t i;

	if (!r && c->json)
		cli_print_json_each(json_object_get(root, "flows"));
	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], i == 1, i == 3);
	json_array_foreach(json_object_get(root, "flows"), i, flow) {
		table_cell(&t, cli_member(flow, "name"), COLOUR_NONE);
		table_cell_int(&t, cli_member_int(flow, "octets"));
		table_cell(&t, cli_time_write(cli_member_time(flow, "changed_at"), now, time),
			   COLOUR_NONE);
		table_cell(&t, cli_member(flow, "path"), COLOUR_FAINT);
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

static char *path_of(const char *name, const char *query)
{
	char *escaped = client_escape(name), *path = tw_printf("/api/v1/flows/%s%s",
							       escaped, query);

	free(escaped);
	return path;
}

static int show(struct cli *c, const char *name)
{
	struct client_call call = { .method = "GET", .path = path_of(name, "") };
	struct client *k = NULL;
	int r = client_open(c, &k);

	if (!r)
		r = client_do(k, &call);
	if (!r && call.status != 200)
		r = cli_refused(&call);
	else if (!r)
		cli_write(&call.answer);
	client_call_done(&call);
	client_close(k);
	return r;
}

/* What was found, a line each, in the form of `twoway check`. */
static void print_findings(struct cli *c, json_t *findings)
{
	struct tw_buf b = { 0 };
	json_t *f;
	size_t i;

	if (c->json) {
		cli_print_json_each(findings);
		return;
	}
	json_array_foreach(findings, i, f) {
		tw_buf_clear(&b);
		show_safe(cli_member(f, "text"), strlen(cli_member(f, "text")), &b);
		fprintf(stderr, "%s:%lld: %s: %s\n", cli_member(f, "file"),
			(long long)cli_member_int(f, "line"),
			cli_member(f, "severity"), tw_buf_str(&b));
	}
	tw_buf_done(&b);
}

static int change(struct cli *c, const char *method, char *take_path, const struct tw_buf *text)
{
	struct client_call call = { .method = method, .path = take_path, .type = "text/plain" };
	struct client *k = NULL;
	json_t *root = NULL;
	int r = client_open(c, &k);

	if (text) {
		call.body = tw_strndup(tw_buf_str(text), text->n);
		call.body_n = text->n;
	}
	if (!r)
		r = client_do(k, &call);
	if (!r) {
		root = json_loadb(tw_buf_str(&call.answer), call.answer.n, 0, NULL);
		print_findings(c, json_object_get(root, "findings"));
	}
	if (!r && call.status != 200)
		r = call.status == 422 ? cli_fail(CLI_CONFIG, "%s", cli_member(root, "detail")) :
					 cli_refused(&call);
	json_decref(root);
	client_call_done(&call);
	client_close(k);
	return r;
}

static int read_file(const char *path, struct tw_buf *ret)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t n = 0;
	int r = 0;

	if (!f)
		return cli_fail(errno == EACCES ? CLI_DENIED : CLI_UNKNOWN, "%s: %s", path,
				tw_strerror(-errno));
	tw_buf_adds(ret, "");
	while (ret->n <= FLOW_OCTETS_MAX && (n = fread(tw_buf_reserve(ret, 4096), 1, 4096, f)) > 0)
		ret->n += n;
	if (ferror(f) || ret->n > FLOW_OCTETS_MAX)
		r = cli_fail(CLI_DATA, "%s: %s", path, ferror(f) ? tw_strerror(-errno) :
			     "larger than 1 MiB");
	if (f != stdin)
		fclose(f);
	return r;
}

static int put(struct cli *c, const struct flows_options *o, const char *file, const char *query)
{
	const char *slash = strrchr(file, '/'), *name = o->name ? o->name : slash
		? slash + 1 : file;
	struct tw_buf text = { 0 };
	int r;

	if (!strcmp(name, "-"))
		return cli_misuse("flows", "standard input has no name: give --name");
	r = read_file(file, &text);
	if (!r)
		r = change(c, "PUT", path_of(name, query), &text);
	tw_buf_done(&text);
	return r;
}

static int run(struct cli *c, const void *given)
{
	const struct flows_options *o = given;
	const char *verb = c->words.n ? c->words.v[0] : "list";

	if (!strcmp(verb, "list") && c->words.n <= 1)
		return list(c);
	if (c->words.n == 2 && !strcmp(verb, "show"))
		return show(c, c->words.v[1]);
	if (c->words.n == 2 && !strcmp(verb, "check"))
		return put(c, o, c->words.v[1], "?check=true");
	if (c->words.n == 2 && !strcmp(verb, "put"))
		return put(c, o, c->words.v[1], "");
	if (c->words.n == 2 && !strcmp(verb, "remove"))
		return change(c, "DELETE", path_of(c->words.v[1], ""), NULL);
	return cli_misuse("flows", "expected list, show NAME, check FILE, put FILE or remove NAME");
}

const struct cli_verb cli_verb_flows = {
	.name = "flows",
	.arguments = "[list | show NAME | check FILE | put FILE | remove NAME]",
	.summary = "Show and replace the flow files of the daemon",
	.about = "put replaces a file whole, or makes one, and the flows run with it at once; "
		 "where they would\n"
		 "not compile everything stays as it was, and it ends 78. check only says whether "
		 "they would.\n\n"
		 "  twoway flows show shop.conf > shop.conf\n"
		 "  twoway flows put shop.conf",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct flows_options),
	.max_words = 2,
	.run = run,
};
