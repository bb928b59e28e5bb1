/* Flows from texts: each is written to a file of a folder of its own, and loaded with the project's
 * consent words. */
#ifndef FLOW_KIT_H
#define FLOW_KIT_H

#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <twoway/flow.h>

static struct flows *flows;
static struct tw_findings findings;
static struct flow_result result;
static struct flow_event event;
static char kit_folder[64];
static struct flow_account kit_accounts[8] = { { "default", "en", "Europe/London" } };
static size_t kit_n_accounts = 1;
static const char *kit_country, *kit_exec_folder;
static const struct flow_pool *kit_pools;
static size_t kit_n_pools;

__attribute__((unused)) static void kit_open(void)
{
	struct wall_ms noon;

	strcpy(kit_folder, "/tmp/twoway_flow.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(kit_folder));
	ck_assert_int_eq(tw_rfc3339_read("2026-05-04T11:00Z", &noon), 0);	/* a Monday */
	event = (struct flow_event){ .from = "+447700900123", .to = "+447700900001",
				     .to_account = "", .text = "", .is_automatic_ok = true,
				     .last_account = "", .contact_language = "", .now = noon };
}

__attribute__((unused)) static void kit_write(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", kit_folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

__attribute__((unused)) static struct flows *kit_load_folder(void)
{
	const char *paths[] = { kit_folder };
	const struct flow_sources src = { .paths = paths, .n_paths = 1, .words = "../flows/words",
					  .accounts = kit_accounts, .n_accounts = kit_n_accounts,
					  .country = kit_country, .exec_folder = kit_exec_folder,
					  .pools = kit_pools, .n_pools = kit_n_pools };

	flows_free(flows);
	tw_findings_done(&findings);
	flows = flows_load(&src, &findings);
	return flows;
}

__attribute__((unused)) static struct flows *kit_load(const char *text)
{
	kit_write("a.conf", text);
	return kit_load_folder();
}

/* Loads what must load without a word. */
__attribute__((unused)) static void kit_expect(const char *text)
{
	struct tw_buf out = { 0 };

	kit_load(text);
	tw_findings_print(&findings, &out);
	ck_assert_msg(flows && !findings.n, "%s\n%s", text, tw_buf_str(&out));
}

__attribute__((unused)) static void kit_close(void)
{
	char command[128];

	flows_free(flows);
	flows = NULL;
	tw_findings_done(&findings);
	flow_result_done(&result);
	snprintf(command, sizeof(command), "rm -r %s", kit_folder);
	ck_assert_int_eq(system(command), 0);
	kit_n_accounts = 1;
	kit_country = kit_exec_folder = NULL;
	kit_pools = NULL;
	kit_n_pools = 0;
}

/* ---- a contact, and the conversation that it is in ------------------------------------------ */

static struct { char name[64], value[256]; bool is_set; } kit_values[32];
static size_t kit_n_values;
static struct { enum flow_fact fact; char name[64]; bool is_set; } kit_facts[32];
static size_t kit_n_facts;
static bool kit_is_known;
static struct flow_place kit_place;		/* stands where the last run stopped */
static char kit_variables[4096];
static bool kit_stands;
static const char *kit_results[8];		/* of the next intents that want one */
static size_t kit_n_results, kit_result_at;

__attribute__((unused)) static void kit_set(const char *name, const char *value)
{
	size_t i = 0;

	while (i < kit_n_values && strcmp(kit_values[i].name, name))
		i++;
	if (i == kit_n_values)
		kit_n_values++;
	tw_strset(kit_values[i].name, sizeof(kit_values[i].name), name);
	tw_strset(kit_values[i].value, sizeof(kit_values[i].value), value ? value : "");
	kit_values[i].is_set = value != NULL;
}

__attribute__((unused)) static void kit_has(enum flow_fact fact, const char *name, bool is_set)
{
	size_t i = 0;

	while (i < kit_n_facts && (kit_facts[i].fact != fact || strcmp(kit_facts[i].name, name)))
		i++;
	if (i == kit_n_facts)
		kit_n_facts++;
	kit_facts[i].fact = fact;
	tw_strset(kit_facts[i].name, sizeof(kit_facts[i].name), name);
	kit_facts[i].is_set = is_set;
}

static bool kit_view_value(void *ctx, const char *account, const char *name, struct tw_buf *out)
{
	(void)ctx, (void)account;
	for (size_t i = 0; i < kit_n_values; i++)
		if (kit_values[i].is_set && !strcmp(kit_values[i].name, name)) {
			tw_buf_adds(out, kit_values[i].value);
			return true;
		}
	return false;
}

static bool kit_view_has(void *ctx, const char *account, enum flow_fact fact, const char *name)
{
	(void)ctx, (void)account;
	for (size_t i = 0; i < kit_n_facts; i++)
		if (kit_facts[i].fact == fact && !strcmp(kit_facts[i].name, name))
			return kit_facts[i].is_set;
	return false;
}

static bool kit_view_is_known(void *ctx, const char *account)
{
	(void)ctx, (void)account;
	return kit_is_known;
}

static const struct flow_view kit_view = { NULL, kit_view_value, kit_view_has, kit_view_is_known };

/* ---- what is said about it ------------------------------------------------------------------ */

static const char *const kit_names[] = {
	"REPLY", "STOP", "START", "HELP", "TAKEN", "UNTAKEN", "WHICH", "BEGIN", "ANSWER", "PERSON", "SEND", "SET", "TAG",
	"UNTAG", "SUBSCRIBE", "UNSUBSCRIBE", "CONFIRM", "VOUCHER", "REDEEM", "SPLIT", "TICKET", "CALLBACK",
	"APPOINTMENT", "PLEDGE", "FORWARD", "CALL_FORWARD", "EMAIL", "WEBHOOK", "EXEC", "CALENDAR", "KEEP", "CUT",
	"FAILED"
};
static char kit_out[16384];

static void kit_print(const struct flow_intent *v)
{
	size_t n = strlen(kit_out);

	if (v->type == FLOW_APPOINTMENT) {
		static const char *const actions[] = { "offer", "move", "find", "book", "move to",
						       "confirm", "cancel" };
		char slot[FLOW_SLOT_MAX + 8] = "";

		if (v->slot.ms)
			flow_slot_write(v->calendar->zone, v->slot, slot);
		if (v->n_times)
			snprintf(slot, sizeof(slot), "%zu times", v->n_times);
		snprintf(kit_out + n, sizeof(kit_out) - n, "%sAPPOINTMENT %s %s%s%s", n ? " | " : "",
			 v->calendar->name, actions[v->action], *slot ? " " : "", slot);
		return;
	}
	snprintf(kit_out + n, sizeof(kit_out) - n, "%s%s%s %s%s%s%s%s%s%s%s%s", n ? " | " : "",
		 v->is_consent && v->type == FLOW_REPLY ? "CONSENT-" : "", kit_names[v->type],
		 v->account, v->name ? " " : "", v->name ? v->name : "", v->to ? " " : "",
		 v->to ? v->to : "", v->pool && *v->pool ? " from " : "", v->pool ? v->pool : "",
		 v->keyword || (v->text && v->text_n) ? " " : "",
		 v->keyword ? v->keyword : v->text ? v->text : "");
	for (size_t i = 0; v->away && i < v->away->n_arguments; i++) {
		n = strlen(kit_out);
		snprintf(kit_out + n, sizeof(kit_out) - n, " [%s]", v->away->arguments[i]);
	}
}

static void kit_carry_out(const struct flow_intent *v)
{
	static const char *const stands[] = { "asking", "waiting", "away" };
	size_t n = strlen(kit_out);

	if (v->type == FLOW_KEEP) {
		kit_place = v->place;
		ck_assert_uint_lt(v->place.variables_n, sizeof(kit_variables));
		memcpy(kit_variables, v->place.variables, v->place.variables_n);
		kit_place.variables = kit_variables;
		kit_stands = true;
		snprintf(kit_out + n, sizeof(kit_out) - n, " | KEEP %s", stands[v->place.stands]);
		return;
	}
	kit_print(v);
	if (v->type == FLOW_SET)
		kit_set(v->name, v->text);
	if (v->type == FLOW_TAG || v->type == FLOW_UNTAG)
		kit_has(FLOW_HAS_TAG, v->name, v->type == FLOW_TAG);
}

__attribute__((unused)) static void kit_run(struct flow_run *run)
{
	struct flow_intent v;

	kit_stands = false;
	while (run && flow_run_next(run, &v)) {
		kit_carry_out(&v);
		if (v.type == FLOW_VOUCHER || v.type == FLOW_REDEEM || v.type == FLOW_SPLIT ||
		    v.type == FLOW_TICKET || v.type == FLOW_CALLBACK || v.type == FLOW_APPOINTMENT)
			flow_run_result(run, kit_result_at < kit_n_results ?
					kit_results[kit_result_at++] : NULL);
	}
	flow_run_free(run);
}

/* What a text leads to: "TAKEN default HOURS | REPLY default Mon to Fri." The question that stands
 * open is asked. */
__attribute__((unused)) static const char *kit_say(const char *text)
{
	struct flow_question q = { 1, flows, kit_place.version, kit_place.step, "default",
				   kit_place.variables, kit_place.variables_n };

	event.text = text;
	event.text_n = strlen(text);
	event.view = &kit_view;
	event.question = kit_stands && kit_place.stands == FLOW_ASKING ? &q : NULL;
	kit_result_at = 0;
	kit_out[0] = '\0';
	flow_decide(flows, &event, &result);
	for (size_t i = 0; i < result.n; i++) {
		const struct flow_intent *v = &result.v[i];

		if (v->type == FLOW_BEGIN)
			kit_run(flow_run_begin(flows, &event, v));
		else if (v->type == FLOW_ANSWER)
			kit_run(flow_run_resume(flows, &event, v->account, &kit_place, FLOW_BY_TEXT));
		else
			kit_print(v);
	}
	return kit_out;
}

/* Its time has come. */
__attribute__((unused)) static const char *kit_clock(void)
{
	event.text = "";
	event.text_n = 0;
	event.view = &kit_view;
	event.now = kit_place.until;
	kit_out[0] = '\0';
	kit_run(flow_run_resume(flows, &event, "default", &kit_place, FLOW_BY_CLOCK));
	return kit_out;
}

/* The world answers the step that the conversation stands at. */
__attribute__((unused)) static const char *kit_answer(const struct flow_answer *a)
{
	struct flow_run *run;

	event.text = "";
	event.text_n = 0;
	event.view = &kit_view;
	kit_out[0] = '\0';
	run = flow_run_resume(flows, &event, "default", &kit_place, FLOW_BY_ANSWER);
	ck_assert_ptr_nonnull(run);
	flow_run_answer(run, a);
	kit_run(run);
	return kit_out;
}

#define expect_say(text, expected) ck_assert_str_eq(kit_say(text), expected)

#endif
