/* What a text means: the flow decides, this makes it lasting. Row, keyword, replies and consent are
 * written in the turn of the text; a reply on the modem that was texted starts in it too. */
#include <stdio.h>

#include "talk.h"

struct view {			/* what the flow may look at, and where its strings stand */
	struct store_contact contacts[X_ACCOUNTS_MAX];
	struct store_thread threads[X_ACCOUNTS_MAX];
	char names[X_ACCOUNTS_MAX][64];
	const char *recent[X_ACCOUNTS_MAX], *stopped[X_ACCOUNTS_MAX];
	char to_account[64];
	struct store_contact whose;	/* the contact whose message it is */
	bool is_answered;		/* by a reply to the same account's contact */
	size_t n;
	struct flow_event e;
	struct flow_view asks;
	struct talk_question question;
};

static int look_at_contacts(struct exchange *x, const struct text_in *in, struct view *v)
{
	int n = store_contacts(x->store, in->from, v->contacts, X_ACCOUNTS_MAX);
	struct wall_ms last = { 0 };

	v->n = 0;
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		if (!own_is_contact(x, &v->contacts[i]))
			v->contacts[v->n++] = v->contacts[i];
	for (size_t i = 0; i < v->n; i++) {
		const struct store_contact *c = &v->contacts[i];
		int r = store_thread(x->store, c->id, in->st->sim.line, &v->threads[i]);

		account_of_id(x, c->account, v->names[i], sizeof(v->names[i]));
		if (r == TW_E_UNKNOWN)
			v->threads[i] = (struct store_thread){ 0 };
		else if (r < 0)
			return r;
		if (v->threads[i].last_out.ms > x->now.wall.ms - X_RECENT_MS)
			v->recent[v->e.n_recent_accounts++] = v->names[i];
		if (v->threads[i].last_out.ms > last.ms) {
			last = v->threads[i].last_out;
			v->e.last_account = v->names[i];
		}
		if (c->stopped_at.ms && c->stopped_line == in->st->sim.line)
			v->stopped[v->e.n_stopped_accounts++] = v->names[i];
		if (c->language[0])
			v->e.contact_language = c->language;
	}
	return 0;
}

/* Whether a STOP of theirs on this number was confirmed within the last day: asked only of contacts
 * that an account has lost, so it costs the others nothing. */
static int look_at_confirmations(struct exchange *x, const struct text_in *in, struct view *v)
{
	enum { CONFIRMATIONS_LOOK = 50 };
	int r = 0;

	for (size_t i = 0; i < v->n && v->e.n_stopped_accounts && r == 0; i++) {
		struct store_query q = { .contact = v->contacts[i].id, .state = -1,
					 .direction = OUTBOUND };
		struct wall_ms since = wall_after(x->now.wall, -X_DAY_MS);
		struct store_message m;

		if (since.ms < v->contacts[i].stopped_at.ms)
			since = v->contacts[i].stopped_at;
		for (int k = 0; k < CONFIRMATIONS_LOOK && v->contacts[i].stopped_at.ms; k++) {
			r = store_message_before(x->store, &q, &m);
			if (r < 0)
				break;
			v->e.is_stop_told |= (m.flags & STORE_CONSENT) &&
					     m.line == in->st->sim.line &&
					     m.created_at.ms >= since.ms;
			q.before = m.id;
			store_message_done(&m);
		}
		r = r == TW_E_UNKNOWN ? 0 : r;
	}
	return r;
}

static int look_at_questions(struct exchange *x, const struct text_in *in, struct view *v)
{
	v->asks = talk_look(x, in->from, v->contacts, v->n);
	int r = x->flows ? talk_question(x, in->st->sim.line, v->contacts, v->n, &v->question)
			 : TW_E_UNKNOWN;

	v->e.view = &v->asks;
	if (r == 0)
		v->e.question = &v->question.q;
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* Who talks with one of the contacts; of several, whom somebody spoke with last. */
static int look_at_people(struct exchange *x, struct view *v)
{
	struct wall_ms last = { 0 };
	struct store_person p;
	int r = 0;

	for (size_t i = 0; i < v->n && x->has_people && r == 0; i++) {
		r = store_person(x->store, v->contacts[i].id, &p);
		if (r == 0 && p.due_at.ms > last.ms) {
			last = p.due_at;
			v->e.person_account = v->names[i];
			v->e.is_taken_over = p.kind == STORE_PERSON_TAKEN;
		}
		r = r == TW_E_UNKNOWN ? 0 : r;
	}
	return r;
}

/* Texts that lay on the SIM before we first saw it, and what is older than reply_within (design
 * 4). */
static bool is_old(const struct exchange *x, const struct text_in *in)
{
	int64_t within = x->settings->reply_within;

	if (!in->scts.ms)
		return false;
	return in->scts.ms < in->st->sim.first_seen.ms - X_FIRST_SIGHT_MS ||
	       (within > 0 && in->scts.ms < x->now.wall.ms - within);
}

static bool all_reached(struct exchange *x, const struct view *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (!limits_reached(x, &v->contacts[i], v->names[i]))
			return false;
	return v->n > 0;
}

/* hears: it counts as a text of theirs, by which loops are told. */
static int look(struct exchange *x, const struct text_in *in, struct view *v, bool hears)
{
	v->e = (struct flow_event){ .from = in->from, .from_kind = in->kind,
				    .to = in->st->sim.number, .to_account = v->to_account,
				    .text = in->body, .text_n = in->body_n, .last_account = "",
				    .recent_accounts = v->recent, .stopped_accounts = v->stopped,
				    .contact_language = "", .contact_name = "",
				    .now = x->now.wall };
	v->e.is_own_number = tw_map_get(&x->lines, in->from, strlen(in->from)) != NULL;
	if (in->beginning) {
		v->e.is_first_part = true;
		v->e.text = in->beginning;
		v->e.text_n = in->beginning_n;
	}
	v->whose = (struct store_contact){ 0 };
	v->is_answered = false;
	account_of_id(x, in->st->account, v->to_account, sizeof(v->to_account));
	int r = look_at_contacts(x, in, v);

	if (r == 0)
		r = look_at_confirmations(x, in, v);
	if (r == 0)
		r = look_at_questions(x, in, v);
	if (r == 0)
		r = look_at_people(x, v);
	if (r < 0)
		return r;
	bool is_quiet = is_old(x, in) || v->e.is_own_number;
	bool is_loop = !is_quiet && hears && loops_cuts(x, in, v->contacts, v->n);

	if (is_loop)		/* nor by way of a person: two machines may face each other there
				 * too */
		v->e.person_account = NULL;
	v->e.is_automatic_ok = !is_quiet && !is_loop && !all_reached(x, v);
	return 0;
}

/* The contact within an account: among those that were looked at, else made. */
static int contact_in(struct exchange *x, const struct text_in *in, const struct view *v,
		      const char *account, struct store_contact *ret)
{
	int64_t row;
	int r = account_id(x, account, &row);

	for (size_t i = 0; i < v->n && r == 0; i++)
		if (v->contacts[i].account == row) {
			*ret = v->contacts[i];
			return 0;
		}
	if (r == 0 && v->whose.account == row) {
		*ret = v->whose;
		return 0;
	}
	return r < 0 ? r : store_contact(x->store, row, in->from, true, x->now.wall, ret);
}

/* Something that is no text for people: binary data, a port's, a message that asks to be hidden. */
static bool is_for_flow(const struct text_in *in)
{
	enum { PID_TYPE_0 = 0x40 };

	return in->pdu && !(in->flags & (STORE_RAW | STORE_DATA)) && !in->pdu->ports.is_set &&
	       in->pdu->pid != PID_TYPE_0;
}

/* Whose message it is: whoever took it, else the number's own account, else the one that wrote
 * last, else the first (contract 2). */
static const char *account_for(const struct exchange *x, const struct view *v)
{
	for (size_t i = 0; i < x->intents.n; i++)
		if (x->intents.v[i].account && x->intents.v[i].account[0])
			return x->intents.v[i].account;
	if (v->to_account[0])
		return v->to_account;
	return v->e.last_account[0] ? v->e.last_account : x->settings->accounts[0].name;
}

static const char *keyword_for(const struct exchange *x)
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
	int r = contact_in(x, in, v, account, &v->whose);

	return r < 0 ? r : dispatch_keep(x, in, &v->whose, keyword_for(x), quiet, ret_id);
}

/* ---- intents ------------------------------------------------------------------------------- */

/* Whom what is carried out is for. */
static int talk_of(struct exchange *x, const struct text_in *in, struct view *v,
		   const char *account, int64_t id, struct talk *ret)
{
	*ret = (struct talk){ .account = account, .line = in->st->sim.line, .message = id,
			      .e = &v->e };
	return contact_in(x, in, v, account, &ret->c);
}

/* The reply's thread is written with that of the text, where it is the same. */
static int note_replies(struct exchange *x, const struct text_in *in, struct view *v,
			const struct talk *t)
{
	if (!t->has_replied)
		return 0;
	if (t->c.id == v->whose.id) {
		v->is_answered = true;
		return 0;
	}
	return store_thread_touch(x->store, t->c.id, in->st->sim.line, (struct wall_ms){ 0 },
				  x->now.wall);
}

static int run_steps(struct exchange *x, const struct text_in *in, struct view *v,
		     const struct flow_intent *i, const char *account, int64_t id)
{
	struct talk t;
	int r;

	if (in->kind == NUMBER_NAME)
		return 0;
	r = talk_of(x, in, v, account, id, &t);
	if (r < 0)
		return r;
	if (i->type == FLOW_BEGIN)
		r = talk_begin(x, &t, i);
	else if (i->type == FLOW_ANSWER)
		r = talk_answer(x, &t, i->question);
	else if (i->type == FLOW_PERSON)
		r = person_hear(x, in, &t);
	else
		r = talk_reply(x, &t, i);
	return r < 0 ? r : note_replies(x, in, v, &t);
}

/* The lists that STOP leaves. */
static int lists_of(struct exchange *x, int64_t contact, struct tw_strings *ret)
{
	struct store_subscription sub = { .list = 0 };
	int r;

	while ((r = store_subscription_of(x->store, contact, sub.list, &sub)) == 0)
		if (sub.state == STORE_JOINED)
			tw_strings_add(ret, sub.name);
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* `left` runs for each, and says nothing: what it would wait for ends with the rest. */
static int stop(struct exchange *x, const struct text_in *in, struct view *v, const char *account,
		int64_t id)
{
	struct tw_strings lists = { 0 };
	struct talk t;
	int r = talk_of(x, in, v, account, id, &t);

	if (r == 0)
		r = lists_of(x, t.c.id, &lists);
	if (r == 0)
		r = consent_stop(x, account, in, id);
	t.c.stopped_at = x->now.wall;
	t.by_clock = true;
	for (size_t i = 0; i < lists.n && r == 0; i++)
		r = talk_event(x, &t, FLOW_ON_LEFT, lists.v[i]);
	tw_strings_done(&lists);
	if (r == 0)
		r = talk_stop(x, t.c.id);
	return r < 0 ? r : person_stop(x, t.c.id);
}

/* STOP and a list's name. */
static int leave_list(struct exchange *x, const struct text_in *in, struct view *v,
		      const struct flow_intent *i, const char *account, int64_t id)
{
	tw_auto(tw_free_charp) char *text = tw_strndup(in->body, in->body_n);
	const struct consent_given given = { text, id, in->st->sim.line };
	struct talk t;
	int r = talk_of(x, in, v, account, id, &t);

	if (r == 0)
		r = talk_leave(x, &t, i->name, &given);
	return r < 0 ? r : note_replies(x, in, v, &t);
}

/* An application is told of consent words of its account. */
static int tell(struct exchange *x, const struct text_in *in, struct view *v,
		const struct flow_intent *i, int64_t id, const char *opt_out)
{
	struct store_contact c;

	if (!x->hook || !i->account || !i->account[0])
		return 0;
	int r = contact_in(x, in, v, i->account, &c);

	return r < 0 ? r : application_tell(x, i->account, &c, id, opt_out);
}

/* 1: what follows waits for the account's application. */
static int ask(struct exchange *x, const struct text_in *in, struct view *v, const char *account,
	       int64_t id)
{
	struct store_contact c;
	bool was_known = false;

	if (!x->hook)
		return 0;
	int r = contact_in(x, in, v, account, &c);

	for (size_t i = 0; i < v->n; i++)
		was_known |= v->contacts[i].account == c.account;
	return r < 0 ? r : application_ask(x, account, &c, id, !was_known);
}

/* 1: those behind it are not carried out now. */
static int carry_out(struct exchange *x, const struct text_in *in, struct view *v,
		     const struct flow_intent *i, const char *account, int64_t id)
{
	const char *whose = i->account && i->account[0] ? i->account : account;
	int r;

	switch (i->type) {
	case FLOW_REPLY:
	case FLOW_BEGIN:
	case FLOW_ANSWER:
	case FLOW_PERSON:
		return run_steps(x, in, v, i, whose, id);
	case FLOW_STOP:
		r = stop(x, in, v, whose, id);
		return r < 0 ? r : tell(x, in, v, i, id, "STOP");
	case FLOW_UNSUBSCRIBE:
		return leave_list(x, in, v, i, whose, id);
	case FLOW_START:
		r = consent_start(x, whose, in, id);
		return r < 0 ? r : tell(x, in, v, i, id, "START");
	case FLOW_HELP:
		return tell(x, in, v, i, id, "HELP");
	case FLOW_UNTAKEN:
		return ask(x, in, v, whose, id);
	case FLOW_TAKEN:
	/* Steps ask for the rest: talk.c. */
	case FLOW_SEND:
	case FLOW_SET:
	case FLOW_TAG:
	case FLOW_UNTAG:
	case FLOW_SUBSCRIBE:
	case FLOW_CONFIRM:
	case FLOW_VOUCHER:
	case FLOW_REDEEM:
	case FLOW_SPLIT:
	case FLOW_TICKET:
	case FLOW_CALLBACK:
	case FLOW_APPOINTMENT:
	case FLOW_PLEDGE:
	case FLOW_FORWARD:
	case FLOW_CALL_FORWARD:
	case FLOW_EMAIL:
	case FLOW_WEBHOOK:
	case FLOW_EXEC:
	case FLOW_KEEP:
	case FLOW_CUT:
	case FLOW_FAILED:
		break;
	}
	return 0;
}

/* ---- texts that wait ----------------------------------------------------------------------- */

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

/* Whether it waits for what the account does with this contact elsewhere; *ret_new: it has none
 * yet. */
static int must_wait(struct exchange *x, const struct text_in *in, const struct view *v,
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

/* No flow took it, and it says nothing about consent. */
static bool is_untaken(const struct exchange *x)
{
	for (size_t i = 0; i < x->intents.n; i++)
		if (x->intents.v[i].type == FLOW_UNTAKEN)
			return true;
	return false;
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

	if (in->kind != NUMBER_E164 || is_old(x, in) || tw_map_get(&x->lines, in->from,
								   strlen(in->from)))
		return 0;
	if (in->beginning)
		return agent_is_one(x, in->from);
	r = operator_text(x, in, ret_id);
	return r == 0 ? agent_text(x, in, ret_id) : r;
}

static int carry_out_all(struct exchange *x, const struct text_in *in, struct view *v,
			 const char *account, int64_t id)
{
	bool is_silent = is_untaken(x) && !in->was_held && loops_repeats(x, in);
	int r = 0;

	for (size_t i = 0; i < x->intents.n && r == 0 && !is_silent; i++)
		r = carry_out(x, in, v, &x->intents.v[i], account, id);
	return r;
}

/* Kept, and carried out at once or when its wait is over. */
static int take(struct exchange *x, const struct text_in *in, struct view *v, bool for_flow,
		int64_t *ret_id)
{
	char account[64];
	bool is_new = false;

	tw_strset(account, sizeof(account), account_for(x, v));
	int waits = for_flow && x->flows ? must_wait(x, in, v, account, &is_new) : 0;

	if (waits < 0 || (waits && in->beginning))
		return waits < 0 ? waits : 0;
	if (waits)
		x->intents.n = 0;
	int r = keep(x, in, v, account, for_flow && !v->e.is_automatic_ok, ret_id);

	if (r < 0)
		return r;
	return waits ? held_add(x, &v->whose, account, *ret_id, is_new)
		     : carry_out_all(x, in, v, account, *ret_id);
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
		r = look(x, in, v, !in->beginning);
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
		r = look(x, in, v, false);
	if (r != 0)
		return r < 0 ? r : 0;	/* what an agent writes is no consent */
	v->e.is_automatic_ok = false;	/* it has had its answer */
	flow_decide(x->flows, &v->e, &x->intents);
	if (x->asked.error)
		return x->asked.error;
	tw_strset(account, sizeof(account), account_for(x, v));
	for (size_t i = 0; i < x->intents.n && r == 0; i++)
		if (x->intents.v[i].type != FLOW_PERSON)
			r = carry_out(x, in, v, &x->intents.v[i], account, id);
	return r;
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
	int r = look(x, in, v, false);

	if (r < 0 || !x->flows)
		return r;
	if (h->is_new)
		forget_known(x, v, m->account);
	flow_decide(x->flows, &v->e, &x->intents);
	if (x->asked.error)
		return x->asked.error;
	tw_strset(account, sizeof(account), account_for(x, v));
	r = contact_in(x, in, v, account, &v->whose);
	if (r == 0)
		r = store_message_taken(x->store, m->id, v->whose.account, v->whose.id,
					keyword_for(x));
	if (r == 0)
		r = carry_out_all(x, in, v, account, m->id);
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

static int tell_call(struct exchange *x, const struct text_in *in, const struct view *v,
		     const char *account)
{
	struct store_contact c;
	int64_t row;
	int r = account_id(x, account, &row);

	if (r < 0 || !events_are_wanted(x, row))
		return r;
	r = contact_in(x, in, v, account, &c);
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
	r = look(x, &in, v, true);
	if (r < 0)
		return r;
	flow_decide_call(x->flows, &v->e, &x->intents);
	tw_strset(account, sizeof(account), account_for(x, v));
	r = tell_call(x, &in, v, account);
	for (size_t i = 0; i < x->intents.n && r == 0; i++)
		r = carry_out(x, &in, v, &x->intents.v[i], account, 0);
	if (r == 0 && v->is_answered)
		r = store_thread_touch(x->store, v->whose.id, st->sim.line, (struct wall_ms){ 0 },
				       x->now.wall);
	return r;
}
