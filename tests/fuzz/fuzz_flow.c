/* Any octets as a flow file, and what follows a line of %% as a customer's text: a set or errors that
 * carry a line, and a decision whose intents name accounts and hold valid UTF-8. */
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Whatever is asked of the contact is the customer's own text. */
static bool view_value(void *ctx, const char *account, const char *name, struct tw_buf *out)
{
	const struct flow_event *e = ctx;

	(void)account;
	tw_utf8_clean(e->text, e->text_n, out);
	return strlen(name) % 2;
}

static bool view_has(void *ctx, const char *account, enum flow_fact fact, const char *name)
{
	(void)ctx, (void)account, (void)fact;
	return strlen(name) % 2;
}

static bool view_is_known(void *ctx, const char *account)
{
	(void)account;
	return ((const struct flow_event *)ctx)->text_n % 2;
}

/* The same text answers what is asked, and then time goes by. */
static void run_steps(const struct flows *flows, const struct flow_event *e, struct flow_run *run,
		      int depth)
{
	struct flow_intent i;

	while (run && flow_run_next(run, &i)) {
		if (i.type == FLOW_REPLY && !tw_utf8_is_valid(i.text, i.text_n))
			abort();
		if (i.type == FLOW_VOUCHER || i.type == FLOW_REDEEM || i.type == FLOW_CONFIRM)
			flow_run_result(run, depth % 2 ? "ok" : NULL);
		if (i.type == FLOW_SPLIT)
			flow_run_result(run, i.arms[i.n_arms - 1].name);
		if (i.type != FLOW_KEEP)
			continue;
		flow_place_keyword(&i.place);
		if (depth < 8)
			run_steps(flows, e, flow_run_resume(flows, e, i.account, &i.place, depth % 3 ?
							    FLOW_BY_TEXT : FLOW_BY_CLOCK), depth + 1);
	}
	flow_run_free(run);
}

static void decide(const struct flows *flows, const char *text, size_t n)
{
	static const char *const accounts[] = { "default" };
	struct flow_event e = { .from = "+447700900123", .to = "+447700900001", .to_account = "",
				.text = text, .text_n = n, .is_automatic_ok = true, .last_account = "",
				.stopped_accounts = accounts, .n_stopped_accounts = n % 2,
				.contact_language = "de", .now = { 1777888800000 } };
	const struct flow_view view = { &e, view_value, view_has, view_is_known };
	struct flow_result result = { 0 };

	e.view = &view;
	flow_decide(flows, &e, &result);
	for (size_t i = 0; i < result.n; i++) {
		const struct flow_intent *v = &result.v[i];

		if (!v->account || (v->type == FLOW_TAKEN && !v->keyword))
			abort();
		if (v->type == FLOW_BEGIN)
			run_steps(flows, &e, flow_run_begin(flows, &e, v), 0);
		if (v->type == FLOW_REPLY && (!v->text || !tw_utf8_is_valid(v->text, v->text_n)))
			abort();
	}
	flow_result_done(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *mark = n ? memmem(data, n, "\n%%\n", 4) : NULL;
	size_t flow_n = mark ? (size_t)(mark - (const char *)data) : n;
	const struct flow_text_source text = { "fuzz.conf", (const char *)data, flow_n };
	const struct flow_sources src = { .texts = &text, .n_texts = 1, .words = words() };
	struct tw_findings findings = { 0 };
	struct flows *flows = flows_load(&src, &findings);

	if (!flows != (findings.errors > 0))
		abort();
	for (size_t i = 0; i < findings.n; i++)
		if (!findings.v[i].line || !*findings.v[i].text)
			abort();
	if (flows && mark)
		decide(flows, mark + 4, n - flow_n - 4);
	flows_free(flows);
	tw_findings_done(&findings);
	return 0;
}
