/* What `reload --move` would do: conversations as the daemon has them, against the flows on
 * disk. */
#include "diff.h"

#include <stdio.h>

/* The moves of one step's conversations. */
static const char *const results[] = { [FLOW_MOVE_NONE] = NULL, [FLOW_MOVE_TO] = "move",
				       [FLOW_MOVE_ENDS] = "end", [FLOW_MOVE_STAYS] = "stay" };

static int stands_of(const char *name)
{
	return !strcmp(name, "asking") ? FLOW_ASKING : !strcmp(name, "waiting") ? FLOW_WAITING
	       : FLOW_AWAY;
}

static void tell(const struct cli *c, json_t *version, json_t *step, enum flow_move move,
		 const struct flow_moved *at)
{
	long long n = (long long)cli_member_int(step, "conversations");
	json_t *o;

	if (c->json) {
		o = json_pack("{s:s, s:s, s:s?, s:i, s:I, s:s}", "file",
			      cli_member(version, "file"), "account",
			      cli_member(version, "account"), "label", at->label, "line",
			      (int)at->line,
			      "conversations", (json_int_t)n, "result", results[move]);
		cli_print_json(o);
		json_decref(o);
		return;
	}
	printf("%s:%u: %lld conversation%s %s%s%s%s%s\n", cli_member(version, "file"), at->line, n,
	       n == 1 ? "" : "s", results[move], n == 1 ? "s" : "", at->label ? " at \"" : "",
	       at->label ? at->label : "", at->label ? "\"" :
	       move == FLOW_MOVE_STAYS ? ": the step has no label, or waits for a program" :
	       ": this version cannot be read any more");
}

static void compare(const struct cli *c, const struct flows *now, json_t *version)
{
	struct flow_version then = { .name = cli_member(version, "file"),
				     .account = cli_member(version, "account"),
				     .text = cli_member(version, "text") };
	struct tw_findings findings = { 0 };
	uint8_t id[FLOW_VERSION_SIZE] = { 0 };
	const char *hex = cli_member(version, "id");
	struct flow_version same;
	struct flows *old;
	json_t *step;
	size_t i;

	tw_hex_read(hex, strlen(hex), id, sizeof(id));
	if (flows_version(now, id, &same))
		return;
	then.id = id;
	then.text_n = strlen(then.text);
	old = flows_load_version(now, &then, &findings);
	json_array_foreach(json_object_get(version, "steps"), i, step) {
		struct flow_moved at = { .file = "" };
		enum flow_move move = !old ? FLOW_MOVE_ENDS :
			flow_move_place(old, now, id, (uint32_t)cli_member_int(step, "step"),
					stands_of(cli_member(step, "stands")), &at);

		tell(c, version, step, move, &at);
	}
	flows_free(old);
	tw_findings_done(&findings);
}

int diff_show(struct cli *c, const struct flows *now)
{
	json_t *root = NULL, *version;
	int r = cli_ask(c, "GET", "/api/v1/versions", &root);
	size_t i;

	if (!r)
		json_array_foreach(json_object_get(root, "versions"), i, version)
			compare(c, now, version);
	json_decref(root);
	return r;
}
