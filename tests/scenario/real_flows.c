/* Flows as they are, from a text. */
#include "world.h"

const char *world_flow_text = "", *world_other_text = "";

static const struct flows *load(void)
{
	const struct flow_text_source texts[] = {
		{ "flows.conf", world_flow_text, strlen(world_flow_text) },
		{ "other.conf", world_other_text, strlen(world_other_text) } };
	const struct flow_account accounts[] = { { "default", "en", "Europe/London" },
						 { "acme", "en", "Europe/London" } };
	struct tw_findings findings = { 0 };
	const struct flows *f = flows_load(&(struct flow_sources){
		.texts = texts, .n_texts = *world_other_text ? 2 : 1, .words = "../flows/words", .accounts = accounts,
		.n_accounts = 2, .country = "GB" }, &findings);

	ck_assert_msg(f != NULL, "%u: %s", findings.n ? findings.v[0].line : 0,
		      findings.n ? findings.v[0].text : "");
	tw_findings_done(&findings);
	return f;
}

const struct flows *world_flows(struct world *w)
{
	(void)w;
	return load();
}

void world_flows_done(struct world *w)
{
	flows_free((struct flows *)(uintptr_t)w->flows);
}

void world_reflow(struct world *w, const char *text)
{
	const struct flows *old = w->flows;

	world_flow_text = text;
	w->flows = load();
	world_reload(w);
	flows_free((struct flows *)(uintptr_t)old);
}
