/* twoway ussd: a code that the network answers, and its menus. */
#include "job.h"

#include <stdio.h>
#include <unistd.h>

enum { ANSWER_MAX = 200 };

static json_t *body_of(const struct cli *c, bool dialogue)
{
	json_t *answers = json_array(), *code = json_string(c->words.v[1]);

	for (int i = 2; i < c->words.n; i++)
		if (json_array_append_new(answers, json_string(c->words.v[i])))
			break;
	if (!code || (int)json_array_size(answers) != c->words.n - 2) {
		json_decref(answers);
		json_decref(code);
		return NULL;
	}
	return json_pack("{s:o, s:o, s:b}", "code", code, "answers", answers, "dialogue", dialogue);
}

static bool is_asking(json_t *job)
{
	return !strcmp(cli_member(job, "state"), "asking");
}

/* A menu at a terminal asks on; an empty line, or Ctrl-D, leaves it. */
static int go_on(struct client *k, json_t **job)
{
	char line[ANSWER_MAX], *path, *got;
	size_t seen = job_steps(*job);
	json_t *next = NULL;
	int r;

	fputs("> ", stdout);
	fflush(stdout);
	got = fgets(line, sizeof(line), stdin);
	if (got)
		line[strcspn(line, "\r\n")] = 0;
	else
		putchar('\n');
	path = tw_printf("/api/v1/jobs/%s/%s", cli_member(*job, "id"),
			 got && *line ? "answer" : "cancel");
	r = job_ask(k, path, got && *line ? json_pack("{s:s}", "answer", line) : NULL, &next);
	if (r)
		return r;
	json_decref(*job);
	*job = next;
	job_show(*job, seen);
	return 0;
}

static int run(struct cli *c, const void *options)
{
	bool dialogue = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !c->json;
	json_t *body = body_of(c, dialogue), *job = NULL;
	struct client *k = NULL;
	int r;

	(void)options;
	if (!body)
		return cli_fail(CLI_DATA, "the text is not UTF-8");
	r = client_open(c, &k);
	if (r) {
		json_decref(body);
		return r;
	}
	r = job_ask(k, job_path(c->words.v[0], "ussd"), body, &job);
	if (!r && c->json)
		cli_print_json(job);
	else if (!r)
		job_show(job, 0);
	while (!r && dialogue && is_asking(job))
		r = go_on(k, &job);
	if (!r)
		r = job_end(job);
	json_decref(job);
	client_close(k);
	return r;
}

const struct cli_verb cli_verb_ussd = {
	.name = "ussd",
	.arguments = "MODEM CODE [ANSWER…]",
	.summary = "Ask the network by USSD",
	.about = "Prints what the network answers; each ANSWER is given to the menu that comes "
		 "next. At a\n"
		 "terminal a menu without one asks on. Ends 65 when the network refuses, 75 when "
		 "no answer\n"
		 "came.\n\n"
		 "  twoway ussd till '*100#'\n"
		 "  twoway ussd +447700900001 '*121#' 2 1",
	.min_words = 2, .max_words = 18,
	.run = run,
};
