/* What comes and goes, counted for /metrics: nothing here looks at rows one by one. */
#include "campaign.h"

static int look_at_hooks(struct exchange *x, struct exchange_gauges *ret)
{
	const struct hook_counters *c = x->hook ? hook_counters(x->hook) : NULL;
	int r = 0;

	for (int kind = 0; kind < HOOK_KINDS && r == 0; kind++) {
		int64_t due = 0, behind = 0;

		r = store_gauge(x->store, STORE_GAUGE_HOOKS_DUE, kind, &due);
		if (r == 0)
			r = store_gauge(x->store, STORE_GAUGE_HOOKS_BEHIND, kind, &behind);
		if (r == 0)
			r = store_gauge(x->store, STORE_GAUGE_HOOKS_DEAD, kind,
					&ret->hooks[kind].dead);
		ret->hooks[kind].kind = hook_kind_name((enum hook_kind)kind);
		ret->hooks[kind].waiting = due + behind;
		ret->hooks[kind].tries = c ? (int64_t)c->tries[kind] : 0;
		ret->hooks[kind].failures = c ? (int64_t)c->failures[kind] : 0;
	}
	return r;
}

static void look_at_campaigns(struct exchange *x, struct exchange_gauges *ret)
{
	for (size_t i = 0; i < x->n_campaigns; i++) {
		const struct store_campaign *c = &x->campaigns[i]->c;

		if (c->is_paused || c->reason[0])
			ret->paused_campaigns++;
		else
			ret->campaigns[c->state]++;
		ret->campaign_messages += campaign_waiting(x, c->id);
	}
}

int exchange_gauges(struct exchange *x, struct exchange_gauges *ret)
{
	*ret = (struct exchange_gauges){ .late_tickets = alert_count(x, ALERT_TICKET) };
	int r = store_gauge(x->store, STORE_GAUGE_TICKETS, 0, &ret->tickets);

	if (r == 0)
		r = store_gauge(x->store, STORE_GAUGE_PEOPLE, 0, &ret->people);
	for (int stands = 0; stands < FLOW_STANDS_COUNT && r == 0; stands++)
		r = store_gauge(x->store, STORE_GAUGE_TALKS, stands, &ret->talks[stands]);
	look_at_campaigns(x, ret);
	return r < 0 ? r : look_at_hooks(x, ret);
}
