/* Customers without modems, for `twoway try` and `twoway test`: what they text comes in as from a
 * modem and goes the same way; what is queued is taken out by hand. */
#include <stdio.h>

#include "internal.h"

/* A SIM in no modem for a long number: rows name it. */
static int seat(struct exchange *x, const char *number, struct station *ret)
{
	struct store_sim sim = { .first_seen = { 1 } };
	int64_t account = 0;
	int r;

	snprintf(sim.iccid, sizeof(sim.iccid), "play-%s", number);
	r = store_sim_find(x->store, sim.iccid, &sim);
	if (r == TW_E_UNKNOWN) {
		tw_strset(sim.number, sizeof(sim.number), number);
		tw_strset(sim.modem, sizeof(sim.modem), "play");
		sim.first_seen = x->now.wall;
		r = store_sim_put(x->store, &sim);
	}
	for (size_t i = 0; i < x->settings->n_sims && r == 0; i++)
		if (strcmp(x->settings->sims[i].number, number) == 0 &&
		    x->settings->sims[i].account[0])
			r = account_id(x, x->settings->sims[i].account, &account);
	*ret = (struct station){ .name = "play", .sim = sim, .account = account };
	if (r == 0)
		tw_map_put(&x->lines, number, strlen(number), (void *)(intptr_t)sim.line);
	return r;
}

static int hear(struct exchange *x, const struct exchange_text *t)
{
	struct sms_pdu pdu = { .type = SMS_DELIVER };
	struct text_in in = { .pdu = &pdu, .body = t->text, .body_n = strlen(t->text),
			      .segments = 1, .at = x->now.wall, .kind = NUMBER_SHORT };
	struct station st;
	struct number n;
	int64_t id;
	int r = seat(x, t->to, &st);

	in.st = &st;
	tw_strset(in.from, sizeof(in.from), t->from);
	if (number_read(t->from, x->settings->country, &n) == NUMBER_OK) {
		tw_strset(in.from, sizeof(in.from), n.text);
		in.kind = n.kind;
	}
	return r < 0 ? r : dispatch_text(x, &in, &id);
}

int exchange_hear(struct exchange *x, const struct exchange_text *t, struct tw_now now)
{
	x->now = now;
	x->is_play = true;
	event_begin(x);
	return event_end(x, hear(x, t), "text");
}

int exchange_hear_call(struct exchange *x, const struct exchange_text *t, struct tw_now now)
{
	struct station st;

	x->now = now;
	x->is_play = true;
	event_begin(x);
	int r = seat(x, t->to, &st);

	return event_end(x, r < 0 ? r : dispatch_call(x, &st, t->from), "call");
}

/* Messages are queued by where they may go; the oldest has the least number. */
static int oldest(struct exchange *x, int64_t *ret)
{
	struct store_placed at = { 0 };
	int r;

	*ret = 0;
	while ((r = store_queued_next(x->store, &at)) == 0)
		if (!*ret || at.id < *ret)
			*ret = at.id;
	return r == TW_E_UNKNOWN && *ret ? 0 : r;
}

static int take(struct exchange *x, int64_t id)
{
	struct store_message m;
	int r = store_message_get(x->store, id, &m);

	if (r < 0)
		return r;
	struct route *route = route_get(x, m.route);

	m.sent_at = x->now.wall;
	r = figure_sent(x, &m);
	if (r == 0)
		r = outbox_finish(x, &m, MESSAGE_DELIVERED, 0, NULL);
	if (r == 0 && route)
		route_sub(x, route, &m);
	store_message_done(&m);
	return r;
}

int exchange_take(struct exchange *x, struct tw_now now, struct message *ret)
{
	char name[MESSAGE_ID_MAX];
	int64_t id;

	x->now = now;
	event_begin(x);
	int r = oldest(x, &id);
	bool is_there = r == 0;

	if (r == 0)
		r = take(x, id);
	r = event_end(x, r == TW_E_UNKNOWN ? 0 : r, "take");
	if (r == 0 && !is_there)
		r = TW_E_UNKNOWN;
	return r < 0 ? r : exchange_message(x, store_id_write(x->store, id, name), ret);
}

void exchange_choose_arm(struct exchange *x, const char *split, const char *arm)
{
	free(tw_map_put(&x->arms, split, strlen(split), tw_strdup(arm)));
}

int exchange_is_true(struct exchange *x, const char *number, const char *account,
		     const char *expression, struct tw_now now, bool *ret,
		     struct tw_findings *findings)
{
	struct flow_view view = talk_look(x, number, NULL, 0);
	struct flow_event e = { .from = number, .from_kind = NUMBER_E164, .to = "",
				.to_account = "",
				.text = "", .last_account = "", .contact_language = "",
				.now = now.wall, .view = &view };
	int r;

	x->now = now;
	if (!x->flows)
		return TW_E_STATE;
	r = flow_expression(x->flows, &e, account, expression, ret, findings);
	return r < 0 ? r : x->asked.error;
}
