/* What the flow may look at when it decides what a text means: the contacts, whom they last heard
 * from, their open question, who talks with them. */
#include "dispatch.h"

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

bool dispatch_is_old(const struct exchange *x, const struct text_in *in)
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

int dispatch_look(struct exchange *x, const struct text_in *in, struct view *v, bool hears)
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
	if (r == 0)
		r = which_look(x, in, v);
	if (r < 0)
		return r;
	bool is_quiet = dispatch_is_old(x, in) || v->e.is_own_number;
	bool is_loop = !is_quiet && hears && loops_cuts(x, in, v->contacts, v->n);

	if (is_loop)	/* nor by way of a person: two machines may face each other there too */
		v->e.person_account = NULL;
	v->e.is_automatic_ok = !is_quiet && !is_loop && !all_reached(x, v);
	return 0;
}

int dispatch_contact(struct exchange *x, const struct text_in *in, const struct view *v,
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
