/* What a text means: the flow decides, this makes it lasting. Row, keyword, replies and consent are
 * written in the turn of the text; a reply on the modem that was texted starts in it too. */
#include "dispatch.h"

/* Something that is no text for people: binary data, a port's, a message that asks to be hidden. */
static bool is_for_flow(const struct text_in *in)
{
	enum { PID_TYPE_0 = 0x40 };

	return in->pdu && !(in->flags & (STORE_RAW | STORE_DATA)) && !in->pdu->ports.is_set &&
	       in->pdu->pid != PID_TYPE_0;
}

const char *dispatch_account(const struct exchange *x, const struct view *v)
{
	for (size_t i = 0; i < x->intents.n; i++)
		if (x->intents.v[i].account && x->intents.v[i].account[0])
			return x->intents.v[i].account;
	if (v->to_account[0])
		return v->to_account;
	return v->e.last_account[0] ? v->e.last_account : x->settings->accounts[0].name;
}

const char *dispatch_keyword(const struct exchange *x)
{
	for (size_t i = 0; i < x->intents.n; i++)
		if (x->intents.v[i].type == FLOW_TAKEN)
			return x->intents.v[i].keyword;
	return NULL;
}

/* By the keyword that took it. */
static int count_text(struct exchange *x, struct store_message *m, const struct store_contact *c)
{
	int r = m->keyword ? figure_topic(x, m->account, STORE_TOPIC_KEYWORD, m->keyword, &m->topic)
		: 0;

	if (r == 0)
		r = figure_count_message(x, m, FIGURE_RECEIVED, 1);
	return r == 0 && m->topic ? figure_customer(x, c, m->topic, m->line) : r;
}

int dispatch_keep(struct exchange *x, const struct text_in *in, const struct store_contact *c,
		  const char *keyword, bool quiet, int64_t *ret_id)
{
	struct store_message m = {
		.direction = INBOUND, .state = MESSAGE_RECEIVED, .line = in->st->sim.line,
		.account = c->account, .contact = c->id, .sim = in->st->sim.id, .lane = 0,
		.flags = in->flags | (quiet ? STORE_QUIET : 0),
		.encoding = in->pdu ? in->pdu->body.encoding : SMS_8BIT, .segments = in->segments,
		.modem = in->st->name[0] ? in->st->name : NULL,
		.keyword = (char *)(uintptr_t)keyword, .dup = in->dup,
		.pdu = (uint8_t *)(uintptr_t)in->octets, .pdu_n = in->octets_n,
		.created_at = x->now.wall, .due_at = in->scts, .finished_at = x->now.wall };
	int r = count_text(x, &m, c);

	if (r < 0)
		return r;
	if (in->flags & STORE_RAW) {
		m.error_cause = (char *)(uintptr_t)in->body;
	} else {
		m.body = (char *)(uintptr_t)in->body;
		m.body_n = in->body_n;
	}
	if (in->flags & STORE_INCOMPLETE)
		m.error_code = 30009;
	r = store_message_insert(x->store, &m);
	*ret_id = m.id;
	if (r == 0)
		watch_message(x, m.id, MESSAGE_RECEIVED);
	return r;
}

static int keep(struct exchange *x, const struct text_in *in, struct view *v, const char *account,
		bool quiet, int64_t *ret_id)
{
	int r = dispatch_contact(x, in, v, account, &v->whose);

	return r < 0 ? r : dispatch_keep(x, in, &v->whose, dispatch_keyword(x), quiet, ret_id);
}

static int note_heard(struct exchange *x, const struct text_in *in)
{
	station_count(in->st, 0, in->segments, 0);
	x->inbound_last_at = x->now.wall;
	return 0;
}

/* An operator's or an agent's own text (contract 2, order 2): 1 it was one, or will be, once all of
 * it is there. */
static int hear_people(struct exchange *x, const struct text_in *in, int64_t *ret_id)
{
	int r;

	if (in->kind != NUMBER_E164 || dispatch_is_old(x, in) || tw_map_get(&x->lines, in->from,
								   strlen(in->from)))
		return 0;
	if (in->beginning)
		return agent_is_one(x, in->from);
	r = operator_text(x, in, ret_id);
	return r == 0 ? agent_text(x, in, ret_id) : r;
}

/* Kept, and carried out at once or when its wait is over. */
static int take(struct exchange *x, const struct text_in *in, struct view *v, bool for_flow,
		int64_t *ret_id)
{
	char account[64];
	bool is_new = false;

	tw_strset(account, sizeof(account), dispatch_account(x, v));
	int waits = for_flow && x->flows ? dispatch_must_wait(x, in, v, account, &is_new) : 0;

	if (waits < 0 || (waits && in->beginning))
		return waits < 0 ? waits : 0;
	if (waits)
		x->intents.n = 0;
	int r = keep(x, in, v, account, for_flow && !v->e.is_automatic_ok, ret_id);

	if (r < 0)
		return r;
	return waits ? held_add(x, &v->whose, account, *ret_id, is_new)
		     : dispatch_carry_out_all(x, in, v, account, *ret_id);
}

int dispatch_text(struct exchange *x, struct text_in *in, int64_t *ret_id)
{
	bool for_flow = is_for_flow(in);
	struct view *v = x->view = x->view ? x->view : tw_alloc(sizeof(*v));

	x->intents.n = 0;
	int r = self_test_text(x, in);

	*ret_id = 0;
	if (r == 0 || r == 1) {
		int heard = self_test_heard(x, in->st);

		if (heard < 0 || r == 1)
			return heard;	/* nobody's text: swallowed (contract 2, order 1) */
		r = balance_text(x, in);
	}
	if (r < 0)
		return r;
	bool is_answer = r > 0;		/* the operator's, to our question: kept, and starts
					 * nothing */

	r = for_flow && !is_answer ? hear_people(x, in, ret_id) : 0;
	if (r == 1)
		return in->beginning ? 0 : note_heard(x, in);
	if (r == 0)
		r = dispatch_look(x, in, v, !in->beginning);
	if (r < 0)
		return r;
	v->e.is_automatic_ok &= !is_answer;
	if (for_flow && !is_answer && x->flows)
		flow_decide(x->flows, &v->e, &x->intents);
	if (x->asked.error)
		return x->asked.error;
	if (in->beginning && (!x->intents.n || loops_cuts(x, in, v->contacts, v->n)))
		return 0;
	r = take(x, in, v, for_flow, ret_id);
	if (!*ret_id)
		return r;	/* a beginning that must wait */
	if (r >= 0 && !(in->flags & STORE_RAW))
		r = store_thread_touch(x->store, v->whose.id, in->st->sim.line, x->now.wall,
				       v->is_answered ? x->now.wall : (struct wall_ms){ 0 });
	return r < 0 ? r : note_heard(x, in);
}

int dispatch_consent(struct exchange *x, struct text_in *in, int64_t id)
{
	struct view *v = x->view = x->view ? x->view : tw_alloc(sizeof(*v));
	char account[64];
	int r = is_for_flow(in) && x->flows ? agent_is_one(x, in->from) : 1;

	if (r == 0)
		r = dispatch_look(x, in, v, false);
	if (r != 0)
		return r < 0 ? r : 0;	/* what an agent writes is no consent */
	v->e.is_automatic_ok = false;	/* it has had its answer */
	flow_decide(x->flows, &v->e, &x->intents);
	if (x->asked.error)
		return x->asked.error;
	tw_strset(account, sizeof(account), dispatch_account(x, v));
	for (size_t i = 0; i < x->intents.n && r == 0; i++)
		if (x->intents.v[i].type != FLOW_PERSON)
			r = dispatch_carry_out(x, in, v, &x->intents.v[i], account, id);
	return r;
}

static int tell_call(struct exchange *x, const struct text_in *in, const struct view *v,
		     const char *account)
{
	struct store_contact c;
	int64_t row;
	int r = account_id(x, account, &row);

	if (r < 0 || !events_are_wanted(x, row))
		return r;
	r = dispatch_contact(x, in, v, account, &c);
	return r < 0 ? r : events_tell(x, &c, "call.missed", "to", in->st->sim.number, NULL);
}

int dispatch_call(struct exchange *x, struct station *st, const char *from)
{
	struct text_in in = { .st = st, .body = "", .at = x->now.wall };
	struct view *v = x->view = x->view ? x->view : tw_alloc(sizeof(*v));
	struct number n;
	char account[64];
	int r = st->sim.id ? 0 : station_refresh(x, st);

	if (r < 0 || !x->flows || number_read(from, bank_country(x->bank, st->modem), &n) !=
	    NUMBER_OK || n.kind == NUMBER_NAME)
		return r == TW_E_UNKNOWN || r == TW_E_GONE ? 0 : r;
	tw_strset(in.from, sizeof(in.from), n.text);
	in.kind = n.kind;
	r = dispatch_look(x, &in, v, true);
	if (r < 0)
		return r;
	flow_decide_call(x->flows, &v->e, &x->intents);
	tw_strset(account, sizeof(account), dispatch_account(x, v));
	r = tell_call(x, &in, v, account);
	for (size_t i = 0; i < x->intents.n && r == 0; i++)
		r = dispatch_carry_out(x, &in, v, &x->intents.v[i], account, 0);
	if (r == 0 && v->is_answered)
		r = store_thread_touch(x->store, v->whose.id, st->sim.line, (struct wall_ms){ 0 },
				       x->now.wall);
	return r;
}
