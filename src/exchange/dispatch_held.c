/* Texts that wait for what the account does with their contact elsewhere (held.c), and what becomes
 * of them when the wait is over. */
#include "dispatch.h"

static bool is_about_consent(const struct exchange *x)
{
	for (size_t i = 0; i < x->intents.n; i++) {
		const struct flow_intent *v = &x->intents.v[i];

		if (v->type == FLOW_STOP || v->type == FLOW_START || v->type == FLOW_HELP ||
		    v->type == FLOW_UNSUBSCRIBE || v->is_consent)
			return true;
	}
	return false;
}

int dispatch_must_wait(struct exchange *x, const struct text_in *in, const struct view *v,
		       const char *account, bool *ret_new)
{
	int64_t row, contact = 0;
	bool was_away = false;

	if (!v->e.is_automatic_ok || in->kind == NUMBER_NAME || is_about_consent(x) ||
	    (x->intents.n && x->intents.v[0].type == FLOW_PERSON))
		return 0;
	int r = account_id(x, account, &row);

	for (size_t i = 0; i < v->n && r == 0; i++)
		if (v->contacts[i].account == row)
			contact = v->contacts[i].id;
	for (size_t i = 0; i < v->question.n_away && contact; i++)
		was_away |= v->question.away[i] == contact;
	*ret_new = !contact;
	return r < 0 ? r : held_wants(x, contact, account, was_away);
}

/* The account had no such contact before this text, though it has now. */
static void forget_known(struct exchange *x, struct view *v, int64_t account)
{
	for (size_t i = 0; i < x->asked.n; i++)
		if (x->asked.known[i] == account)
			x->asked.known[i] = 0;
	for (size_t i = 0; i < v->n; i++)
		if (v->contacts[i].account == account)
			v->contacts[i].account = 0;
}

static int decide_held(struct exchange *x, const struct text_in *in, const struct store_message *m,
		       const struct store_held *h)
{
	struct view *v = x->view = x->view ? x->view : tw_alloc(sizeof(*v));
	char account[64];

	x->intents.n = 0;
	int r = dispatch_look(x, in, v, false);

	if (r < 0 || !x->flows)
		return r;
	if (h->is_new)
		forget_known(x, v, m->account);
	flow_decide(x->flows, &v->e, &x->intents);
	if (x->asked.error)
		return x->asked.error;
	tw_strset(account, sizeof(account), dispatch_account(x, v));
	r = dispatch_contact(x, in, v, account, &v->whose);
	if (r == 0)
		r = store_message_taken(x->store, m->id, v->whose.account, v->whose.id,
					dispatch_keyword(x));
	if (r == 0)
		r = dispatch_carry_out_all(x, in, v, account, m->id);
	if (r >= 0 && v->is_answered)
		r = store_thread_touch(x->store, v->whose.id, in->st->sim.line,
				       (struct wall_ms){ 0 }, x->now.wall);
	return r < 0 ? r : 0;
}

/* On the number that was texted, also when its SIM is gone by now. */
int dispatch_held(struct exchange *x, const struct store_held *h)
{
	struct text_in in = { .segments = 1, .was_held = true, .at = x->now.wall };
	struct station seat = { .name = "" };
	struct store_message m;
	struct store_contact c;
	struct number n;
	int r = store_message_get(x->store, h->message, &m);

	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	r = store_contact_get(x->store, m.contact, &c);
	if (r == 0 && m.body && c.number[0]) {
		seat.sim.line = m.line;
		r = store_line_number(x->store, m.line, seat.sim.number, sizeof(seat.sim.number));
		in.st = station_by_line(x, m.line);
		if (!in.st) {
			const struct settings_sim *sim = sim_settings(x, seat.sim.number,
								      seat.sim.number);

			in.st = &seat;
			if (r == 0 && sim && sim->account[0])
				r = account_id(x, sim->account, &seat.account);
		}
		tw_strset(in.from, sizeof(in.from), c.number);
		in.kind = number_read(c.number, "", &n) == NUMBER_OK ? n.kind : NUMBER_SHORT;
		in.body = m.body;
		in.body_n = m.body_n;
		if (r == 0)
			r = decide_held(x, &in, &m, h);
	}
	store_message_done(&m);
	return r;
}
