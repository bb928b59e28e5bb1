/* What the daemon answers, for verbs: refusals as exit codes, objects as JSON. */
#include "cli.h"

#include <stdio.h>

enum { CODE_WHICH_ACCOUNT = 20407, CODE_STOPPED = 21610 };

int cli_exit_of(long status, int code)
{
	static const struct { int status, exit; } table[] = {
		{ 401, CLI_DENIED }, { 403, CLI_DENIED }, { 404, CLI_UNKNOWN }, { 408, CLI_LATER },
		{ 429, CLI_LATER }, { 503, CLI_LATER }, { 504, CLI_LATER }, { 507, CLI_LATER },
	};

	if (status >= 200 && status < 300)
		return CLI_OK;
	if (code == CODE_STOPPED)
		return CLI_DENIED;
	if (code == CODE_WHICH_ACCOUNT)
		return CLI_USAGE;
	for (size_t i = 0; i < TW_COUNT(table); i++) {
		if (table[i].status == status)
			return table[i].exit;
	}
	return status >= 400 && status < 500 ? CLI_DATA : CLI_INTERNAL;
}

int cli_refused(const struct client_call *call)
{
	json_t *root = json_loadb(tw_buf_str(&call->answer), call->answer.n, 0, NULL);
	const char *message = cli_member(root, "detail");
	struct tw_buf safe = { 0 };
	int code = (int)cli_member_int(root, "code"), r;

	show_safe(message, strlen(message), &safe);
	if (safe.n)
		r = cli_fail(cli_exit_of(call->status, code), "%s", tw_buf_str(&safe));
	else
		r = cli_fail(cli_exit_of(call->status, code),
			     "the daemon answered %ld without a reason", call->status);
	tw_buf_done(&safe);
	json_decref(root);
	return r;
}

int cli_ask(struct cli *c, const char *method, const char *path, json_t **ret)
{
	return cli_ask_with(c, method, path, NULL, ret);
}

int cli_ask_with(struct cli *c, const char *method, const char *path, json_t *body, json_t **ret)
{
	struct client_call call = { .method = method, .path = tw_strdup(path),
				    .body = body ? json_dumps(body, JSON_COMPACT) : NULL };
	struct client *k = NULL;
	int r = client_open(c, &k);

	if (!r)
		r = client_do(k, &call);
	if (!r && (call.status < 200 || call.status > 299))
		r = cli_refused(&call);
	if (!r) {
		*ret = json_loadb(tw_buf_str(&call.answer), call.answer.n, 0, NULL);
		if (!*ret)
			r = cli_fail(CLI_INTERNAL, "the daemon's answer is not JSON");
	}
	client_call_done(&call);
	client_close(k);
	return r;
}

void cli_print_json(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

	if (text)
		puts(text);
	free(text);
}

void cli_print_json_each(json_t *array)
{
	json_t *value;
	size_t i;

	json_array_foreach(array, i, value)
		cli_print_json(value);
}

const char *cli_member(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

int64_t cli_member_int(json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

struct wall_ms cli_member_time(json_t *object, const char *name)
{
	struct wall_ms t = { 0 };

	if (tw_rfc3339_read(cli_member(object, name), &t))
		t.ms = 0;
	return t;
}
