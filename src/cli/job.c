/* Jobs on a modem as verbs ask for them: asked, followed to their end, shown. */
#include "job.h"

#include <stdio.h>

enum { WAIT_S = 10, ROUNDS_MAX = 60 };

static bool is_under_way(json_t *job)
{
	const char *state = cli_member(job, "state");

	return !strcmp(state, "waiting") || !strcmp(state, "running");
}

/* One request and the job that it answers with. */
static int ask(struct client *k, const char *method, char *take_path, char *take_body, json_t **ret)
{
	struct client_call call = { .method = method, .path = take_path, .body = take_body };
	int r = client_do(k, &call);

	if (!r && (call.status < 200 || call.status > 299))
		r = cli_refused(&call);
	if (!r) {
		*ret = json_loadb(tw_buf_str(&call.answer), call.answer.n, 0, NULL);
		if (!*ret)
			r = cli_fail(CLI_INTERNAL, "the daemon's answer is not JSON");
	}
	client_call_done(&call);
	return r;
}

int job_ask(struct client *k, char *take_path, json_t *take_body, json_t **ret)
{
	char *body = take_body ? json_dumps(take_body, JSON_COMPACT) : NULL;
	json_t *job = NULL;
	int r;

	if (take_body && !body) {	/* jansson takes no other octets */
		free(take_path);
		return cli_fail(CLI_DATA, "the text is not UTF-8");
	}
	json_decref(take_body);
	r = ask(k, "POST", take_path, body, &job);
	for (int round = 0; !r && is_under_way(job) && round < ROUNDS_MAX; round++) {
		if (!round)	/* the daemon has waited once already */
			fprintf(stderr, "%s has not answered yet; waiting (Ctrl-C leaves job %s to "
					"itself)\n",
				cli_member(job, "modem"), cli_member(job, "id"));
		char *path = tw_printf("/api/v1/jobs/%s?wait=%d", cli_member(job, "id"), WAIT_S);

		json_decref(job);
		job = NULL;
		r = ask(k, "GET", path, NULL, &job);
	}
	if (!r)
		*ret = job;
	return r;
}

/* Lines as the network or the modem broke them, each made safe. */
static void show_lines(const char *text, struct tw_buf *b)
{
	do {
		size_t n = strcspn(text, "\n");

		show_safe(text, n, b);
		tw_buf_addc(b, '\n');
		text += n + (text[n] != 0);
	} while (*text);
}

void job_show(json_t *job, size_t from)
{
	json_t *steps = json_object_get(job, "steps"), *step;
	struct tw_buf b = { 0 };
	size_t i;

	json_array_foreach(steps, i, step)
		if (i >= from && *cli_member(step, "got"))
			show_lines(cli_member(step, "got"), &b);
	if (b.n)
		cli_write(&b);
	tw_buf_done(&b);
}

size_t job_steps(json_t *job)
{
	return json_array_size(json_object_get(job, "steps"));
}

/* Answered, and the answer was no: the same again would be answered the same. */
static bool was_answered(json_t *job)
{
	json_t *steps = json_object_get(job, "steps"), *step;
	size_t i;

	json_array_foreach(steps, i, step)
		if (*cli_member(step, "got") || cli_member_int(step, "code") > 0)
			return true;
	return false;
}

int job_end(json_t *job)
{
	const char *error = cli_member(job, "error");
	struct tw_buf safe = { 0 };
	int r;

	if (!strcmp(cli_member(job, "state"), "done") ||
	    !strcmp(cli_member(job, "state"), "asking"))
		return CLI_OK;
	if (is_under_way(job))
		return cli_fail(CLI_LATER, "job %s is still under way", cli_member(job, "id"));
	show_safe(error, strlen(error), &safe);
	r = cli_fail(was_answered(job) ? CLI_DATA : CLI_LATER, "%s: %s", cli_member(job, "modem"),
		     tw_buf_str(&safe));
	tw_buf_done(&safe);
	return r;
}

char *job_path(const char *modem, const char *action)
{
	char *escaped = client_escape(modem);
	char *path = tw_printf("/api/v1/modems/%s/%s", escaped, action);

	free(escaped);
	return path;
}
