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
static const char *kit_country;

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
					  .country = kit_country };

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
	kit_country = NULL;
}

static const char *const kit_names[] = { "REPLY", "STOP", "START", "HELP", "TAKEN", "UNTAKEN" };

/* What a text leads to: "TAKEN default HOURS | REPLY default Mon to Fri." */
__attribute__((unused)) static const char *kit_say(const char *text)
{
	static char out[8192];
	size_t n = 0;

	event.text = text;
	event.text_n = strlen(text);
	flow_decide(flows, &event, &result);
	out[0] = '\0';
	for (size_t i = 0; i < result.n; i++) {
		const struct flow_intent *v = &result.v[i];

		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s%s %s%s%s", i ? " | " : "",
				      v->is_consent && v->type == FLOW_REPLY ? "CONSENT-" : "",
				      kit_names[v->type], v->account,
				      v->keyword || v->text ? " " : "",
				      v->keyword ? v->keyword : v->text ? v->text : "");
	}
	return out;
}

#define expect_say(text, expected) ck_assert_str_eq(kit_say(text), expected)

#endif
