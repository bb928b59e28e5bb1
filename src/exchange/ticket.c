/* Tickets (contract 2, Agents): opened by steps, told to one agent after the other, escalated,
 * closed. What happens with one is in the transaction of what brought it about: a text, or a time
 * that has come. */
#include <stdio.h>

#include "people.h"
#include "talk.h"

/* A line of `told` that is no name: behind it those of the queue that it was escalated to. */
#define NEXT_QUEUE "/\n"
enum {
	TICKET_AGAIN_MS = 60 * 1000,	/* one that could not be handed on is tried again */
	ASSIGNED_MS = 600 * 1000	/* who is assigned has so long, where no queue says so */
};

static void wake_at(struct exchange *x, struct wall_ms at)
{
	if (at.ms && at.ms < x->ticket_at.ms)
		x->ticket_at = at;
}

int ticket_note(struct exchange *x, const struct store_ticket *t, const char *kind, const char *who,
		const char *text)
{
	struct store_ticket_note n = { .ticket = t->id, .at = x->now.wall,
				       .text = (char *)(uintptr_t)text };

	tw_strset(n.kind, sizeof(n.kind), kind);
	tw_strset(n.who, sizeof(n.who), who);
	return store_ticket_note_add(x->store, &n);
}

static int count(struct exchange *x, const struct store_ticket *t, enum store_desk_tally what,
		 int64_t by)
{
	return t->queue[0] ? tally(x, t->account, STORE_TOPIC_QUEUE, t->queue, what, by) : 0;
}

static void tell_watchers(struct exchange *x, const struct store_ticket *t, const char *event)
{
	char account[64], about[96];
	struct store_contact c;

	account_of_id(x, t->account, account, sizeof(account));
	snprintf(about, sizeof(about), "%s#%lld", account, (long long)t->tag);
	watch_account(x, t->account, event, about);
	/* What cannot be written makes the turn void, or undoes this event: there it is seen. */
	if (events_are_wanted(x, t->account) && store_contact_get(x->store, t->contact, &c) == 0)
		events_tell(x, &c, event, "ticket", strchr(about, '#'), "queue", t->queue,
			    "about", t->about, "agent", t->agent[0] ? t->agent : NULL, NULL);
}

/* What nobody takes needs the person who is called at night. */
static int nobody_takes(struct exchange *x, const struct store_ticket *t, bool is_so)
{
	char account[64], about[96], text[160];

	account_of_id(x, t->account, account, sizeof(account));
	snprintf(about, sizeof(about), "%s#%lld", account, (long long)t->tag);
	if (!is_so)
		return alert_clear(x, ALERT_TICKET, about);
	snprintf(text, sizeof(text), "nobody takes ticket #%lld (%.60s) of %.60s",
		 (long long)t->tag, t->queue, account);
	return alert_raise(x, ALERT_TICKET, about, text);
}

/* ---- whose turn it is ---------------------------------------------------------------------- */

/* Whether a line is this name, ever, and since the ticket is in this queue. */
static bool was_told(const struct store_ticket *t, const char *name, bool in_this_queue)
{
	size_t n = strlen(name);
	bool found = false;

	for (const char *p = t->told; *p; p += strcspn(p, "\n") + 1) {
		if (in_this_queue && strncmp(p, NEXT_QUEUE, 2) == 0)
			found = false;
		if (strncmp(p, name, n) == 0 && p[n] == '\n')
			found = true;
	}
	return found;
}

static void add_told(struct store_ticket *t, const char *line)
{
	size_t n = strlen(t->told);

	if (n + strlen(line) + 2 < sizeof(t->told))
		snprintf(t->told + n, sizeof(t->told) - n, "%s\n", line);
}

/* Who knows the customer is asked first, then those of the queue in their order. */
static bool next_agent(struct exchange *x, const struct store_ticket *t,
		       const struct store_contact *c,
		       const char *account, const struct flow_queue *q, struct flow_agent *ret)
{
	if (c->owner[0] && !was_told(t, c->owner, true) && flows_agent(x->flows, account,
								       c->owner, ret) &&
	    ticket_can_tell(x, q->alert, ret))
		return true;
	for (size_t i = 0; i < q->n_agents; i++)
		if (!was_told(t, q->agents[i], true) && flows_agent(x->flows, account,
								    q->agents[i], ret) &&
		    ticket_can_tell(x, q->alert, ret))
			return true;
	return false;
}

bool ticket_may(struct exchange *x, const struct store_ticket *t, const char *name,
		const char *number)
{
	char account[64];
	struct flow_queue q;

	if (strcmp(t->number, number) == 0 || was_told(t, name, false))
		return true;
	account_of_id(x, t->account, account, sizeof(account));
	if (!x->flows || !flows_queue(x->flows, account, t->queue, &q))
		return false;
	for (size_t i = 0; i < q.n_agents; i++)
		if (strcmp(q.agents[i], name) == 0)
			return true;
	return false;
}

static int tell_agent(struct exchange *x, struct store_ticket *t, const struct store_contact *c,
		      const struct flow_agent *a, const struct flow_queue *q)
{
	int64_t within = t->within ? t->within : q->within;

	tw_strset(t->agent, sizeof(t->agent), a->name);
	tw_strset(t->number, sizeof(t->number), q->alert & FLOW_BY_NUMBER ? a->number : "");
	if (!was_told(t, a->name, true))
		add_told(t, a->name);
	t->state = STORE_TICKET_TOLD;
	if (!t->alerted_at.ms)
		t->alerted_at = x->now.wall;
	t->due_at = wall_after(x->now.wall, within);
	wake_at(x, t->due_at);
	int r = store_ticket_save(x->store, t);

	if (r == 0)
		r = ticket_note(x, t, "told", a->name, "");
	return r < 0 ? r : ticket_alert(x, t, c, t->about);
}

static int wait_until(struct exchange *x, struct store_ticket *t, struct wall_ms at)
{
	t->due_at = at;
	wake_at(x, at);
	return store_ticket_save(x->store, t);
}

static int give_up(struct exchange *x, struct store_ticket *t)
{
	t->due_at.ms = 0;
	int r = store_ticket_save(x->store, t);

	if (r == 0)
		r = ticket_note(x, t, "passed", "", "nobody is left who could be told");
	return r < 0 ? r : nobody_takes(x, t, true);
}

static int escalate(struct exchange *x, struct store_ticket *t, const struct flow_queue *q)
{
	int r = count(x, t, STORE_DESK_ESCALATED, 1);

	if (r == 0)
		r = ticket_note(x, t, "escalated", "", q->escalate);
	tw_strset(t->queue, sizeof(t->queue), q->escalate);
	add_told(t, "/");
	tell_watchers(x, t, "ticket.escalated");
	return r;
}

/* The next agent is told; outside of the queue's hours once they begin; behind the last one it goes
 * to another queue. */
static int hand_on(struct exchange *x, struct store_ticket *t, const struct store_contact *c)
{
	char account[64];
	struct flow_queue q;
	struct flow_agent a;
	int r = 0;

	account_of_id(x, t->account, account, sizeof(account));
	while (r == 0) {
		if (!x->flows || !flows_queue(x->flows, account, t->queue, &q))
			return give_up(x, t);
		if (next_agent(x, t, c, account, &q, &a)) {
			struct wall_ms opens = flows_queue_opens(x->flows, account, t->queue,
								 x->now.wall);

			return opens.ms > x->now.wall.ms ? wait_until(x, t, opens) :
			       tell_agent(x, t, c, &a, &q);
		}
		if (!q.escalate[0])
			return give_up(x, t);
		r = escalate(x, t, &q);
	}
	return r;
}

int ticket_assign(struct exchange *x, struct store_ticket *t, const char *agent, const char *who)
{
	char account[64];
	struct store_contact c;
	struct flow_agent a;
	struct flow_queue q = { .within = ASSIGNED_MS, .alert = FLOW_BY_NUMBER | FLOW_BY_EMAIL |
				FLOW_BY_WEBHOOK };
	int r = store_contact_get(x->store, t->contact, &c);

	account_of_id(x, t->account, account, sizeof(account));
	if (r == 0 && x->flows)
		flows_queue(x->flows, account, t->queue, &q);
	if (r == 0 && (!x->flows || !flows_agent(x->flows, account, agent, &a) ||
		       !ticket_can_tell(x, q.alert, &a)))
		r = TW_E_UNKNOWN;
	if (r < 0)
		return r;
	r = ticket_note(x, t, "assigned", who, agent);
	if (r == 0)
		r = person_ends(x, t->contact);
	t->own_line = 0;
	if (r == 0)
		r = tell_agent(x, t, &c, &a, &q);
	if (r == 0)
		tell_watchers(x, t, "ticket.assigned");
	return r;
}

/* ---- opening ------------------------------------------------------------------------------- */

/* As a line of text: what it is about may be anything that a customer wrote. */
static void set_about(struct store_ticket *t, const char *text, size_t n)
{
	struct tw_buf clean = { 0 };

	tw_utf8_clean(text, n, &clean);
	tw_strsetn(t->about, sizeof(t->about), tw_buf_str(&clean), clean.n);
	tw_buf_done(&clean);
}

/* A second one for the same queue adds to the first. */
static int add_to(struct exchange *x, const struct talk *t, struct store_ticket *old,
		  const char *about)
{
	size_t n = strlen(old->about);
	int r = ticket_note(x, old, "added", "", about);

	if (r < 0)
		return r;
	if (old->state != STORE_TICKET_WAITING)
		return ticket_alert(x, old, &t->c, about);
	if (n + 3 < sizeof(old->about)) {		/* it is told with the alert */
		tw_strset(old->about + n, sizeof(old->about) - n, n ? "; " : "");
		n = strlen(old->about);
		tw_strset(old->about + n, sizeof(old->about) - n, about);
	}
	return store_ticket_save(x->store, old);
}

static int open_new(struct exchange *x, const struct talk *t, struct store_ticket *new)
{
	int r;

	new->account = t->c.account;
	new->contact = t->c.id;
	new->line = t->line;
	new->message = t->message;
	new->opened_at = x->now.wall;
	r = store_ticket_add(x->store, new);
	if (r == 0)
		r = ticket_note(x, new, "opened", "", new->about);
	if (r == 0)
		r = count(x, new, STORE_DESK_OPENED, 1);
	if (r == 0)
		tell_watchers(x, new, "ticket.opened");
	return r;
}

int ticket_open(struct exchange *x, struct talk *t, const struct flow_intent *i,
		struct flow_run *run)
{
	struct store_ticket new = { .kind = i->type == FLOW_CALLBACK ? STORE_CALLBACK
				    : STORE_TICKET, .within = i->within }, old;
	struct tw_buf about = { 0 };
	char tag[32], account[64];
	struct flow_queue q;
	int r;

	account_of_id(x, t->c.account, account, sizeof(account));
	if (!flows_queue(x->flows, account, i->name, &q)) {	/* gone since the conversation
								 * began */
		flow_run_result(run, NULL);
		return talk_refuse(x, t, "ticket.refused", "its queue is not declared any more");
	}
	tw_strset(new.queue, sizeof(new.queue), i->name);
	if (i->type == FLOW_CALLBACK)
		people_say(x, t->c.account, NULL, FLOW_SAY_CALL_BACK, NULL, 0, &about);
	else
		tw_buf_add(&about, i->text, i->text_n);
	set_about(&new, tw_buf_str(&about), about.n);
	tw_buf_done(&about);
	r = store_ticket_for(x->store, t->c.id, i->name, &old);
	if (r == TW_E_UNKNOWN) {
		r = open_new(x, t, &new);
		if (r == 0)
			r = hand_on(x, &new, &t->c);
	} else if (r == 0) {
		new.tag = old.tag;
		r = add_to(x, t, &old, new.about);
	}
	snprintf(tag, sizeof(tag), "#%lld", (long long)new.tag);
	flow_run_result(run, tag);
	return r;
}

/* ---- forward ------------------------------------------------------------------------------- */

/* The open one of this contact with this agent. */
static int forwarded(struct exchange *x, int64_t contact, const char *name, const char *number,
		     struct store_ticket *ret)
{
	int64_t after = 0;
	int r;

	while ((r = store_ticket_of(x->store, contact, after, ret)) == 0) {
		after = ret->id;
		if (ret->kind == STORE_FORWARD && strcmp(ret->number, number) == 0 &&
		    (number[0] || strcmp(ret->agent, name) == 0))
			return 0;
	}
	return r;
}

static int forward_to(struct exchange *x, struct talk *t, const char *name, const char *number)
{
	struct store_ticket ticket = { .kind = STORE_FORWARD, .state = STORE_TICKET_ANSWERED };
	int r = forwarded(x, t->c.id, name, number, &ticket);
	bool is_new = r == TW_E_UNKNOWN;

	if (is_new) {
		ticket = (struct store_ticket){ .kind = STORE_FORWARD,
						.state = STORE_TICKET_ANSWERED,
						.alerted_at = x->now.wall };
		tw_strset(ticket.agent, sizeof(ticket.agent), name);
		tw_strset(ticket.number, sizeof(ticket.number), number);
		set_about(&ticket, t->e->text, t->e->text_n);
		r = open_new(x, t, &ticket);
	}
	if (r == 0 && is_new)
		r = ticket_own_line(x, &ticket, &ticket.own_line);
	if (r == 0 && is_new)
		r = store_ticket_save(x->store, &ticket);
	if (r == 0)
		r = person_talks(x, t->c.id, STORE_PERSON_FORWARD, ticket.id, name);
	if (r < 0)
		return r;
	if (!is_new)
		set_about(&ticket, t->e->text, t->e->text_n);
	return ticket_alert(x, &ticket, &t->c, ticket.about);
}

int ticket_forward(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	struct flow_agent a;
	struct store_contact c;
	char account[64];

	account_of_id(x, t->c.account, account, sizeof(account));
	if (i->name) {
		if (!flows_agent(x->flows, account, i->name, &a) ||
		    !ticket_can_tell(x, FLOW_BY_NUMBER | FLOW_BY_EMAIL | FLOW_BY_WEBHOOK, &a))
			return talk_refuse(x, t, "forward.refused",
					   "the agent cannot be told, or is not declared any more");
		return forward_to(x, t, a.name, a.number);
	}
	if (strcmp(i->to, t->c.number) == 0)
		return talk_refuse(x, t, "forward.refused",
				   "the customer is who it would be forwarded to");
	if (tw_map_get(&x->lines, i->to, strlen(i->to)))
		return talk_refuse(x, t, "forward.refused",
				   "it would be forwarded to a number of this bank");
	int r = store_contact(x->store, t->c.account, i->to, true, x->now.wall, &c);

	if (r == 0 && c.stopped_at.ms)
		return talk_refuse(x, t, "forward.refused", "the recipient has opted out");
	return r < 0 ? r : forward_to(x, t, i->to, i->to);
}

/* ---- answered, closed ---------------------------------------------------------------------- */

static int note_owner(struct exchange *x, const struct store_ticket *t, struct store_contact *c,
		      const char *who)
{
	char account[64];
	struct flow_agent a;

	account_of_id(x, t->account, account, sizeof(account));
	if (c->owner[0] || !x->flows || !flows_agent(x->flows, account, who, &a))
		return 0;
	tw_strset(c->owner, sizeof(c->owner), who);
	int r = store_contact_save(x->store, c);

	return r < 0 ? r : events_changed(x, c, "owner", who);
}

/* An agent without a number has no other way to answer than a program: it stays theirs. */
static bool answers_by_program(struct exchange *x, const struct store_ticket *t, const char *number)
{
	char account[64];
	struct flow_agent a;

	if (number[0] || t->number[0] || t->state != STORE_TICKET_TOLD || !x->flows)
		return false;
	account_of_id(x, t->account, account, sizeof(account));
	return flows_agent(x->flows, account, t->agent, &a) && !a.number[0];
}

int ticket_take(struct exchange *x, struct store_ticket *t, struct store_contact *c,
		const char *who, const char *number)
{
	bool is_first = !t->answered_at.ms, was_answered = t->state == STORE_TICKET_ANSWERED;
	int r = 0;

	if (was_answered && !is_first)
		return 0;
	if ((!was_answered && !answers_by_program(x, t, number)) || !t->agent[0]) {
		tw_strset(t->agent, sizeof(t->agent), who);
		tw_strset(t->number, sizeof(t->number), number);
	}
	t->state = STORE_TICKET_ANSWERED;
	t->due_at.ms = 0;
	if (is_first) {
		t->answered_at = x->now.wall;
		r = count(x, t, STORE_DESK_ANSWERED, 1);
		if (r == 0)
			r = count(x, t, STORE_DESK_ANSWER_MS, x->now.wall.ms - t->opened_at.ms);
	}
	if (r == 0)
		r = store_ticket_save(x->store, t);
	if (r == 0)
		r = ticket_note(x, t, "answered", who, "");
	if (r == 0)
		r = note_owner(x, t, c, t->agent);
	if (r == 0)
		r = nobody_takes(x, t, false);
	if (r == 0)
		tell_watchers(x, t, "ticket.answered");
	return r;
}

/* What the account's flows do about it. */
static int run_closed(struct exchange *x, const struct store_ticket *t,
		      const struct store_contact *c)
{
	char account[64], to[TW_ADDRESS_MAX] = "", tag[32];
	struct flow_view view;
	struct flow_result todo = { .n = 0 };
	int r = t->line ? store_line_number(x->store, t->line, to, sizeof(to)) : 0;

	if (r < 0 || !x->flows || !t->queue[0] || !c->number[0])
		return r;
	account_of_id(x, t->account, account, sizeof(account));
	snprintf(tag, sizeof(tag), "#%lld", (long long)t->tag);
	struct flow_event e = audience_event(x, c, to, &view);
	struct talk talk = { .c = *c, .account = account, .line = t->line, .e = &e,
			     .by_clock = true };

	flow_decide_closed(x->flows, &e, account, tag, &todo);
	for (size_t i = 0; i < todo.n && r == 0; i++)
		r = talk_begin(x, &talk, &todo.v[i]);
	flow_result_done(&todo);
	if (r == 0 && talk.has_replied)
		r = store_thread_touch(x->store, c->id, t->line, (struct wall_ms){ 0 },
				       x->now.wall);
	return r;
}

int ticket_close(struct exchange *x, struct store_ticket *t, const char *who)
{
	struct store_contact c;
	struct store_person p;
	int r = store_contact_get(x->store, t->contact, &c);

	if (r < 0 || t->state == STORE_TICKET_CLOSED)
		return r < 0 ? r : TW_E_STATE;
	t->state = STORE_TICKET_CLOSED;
	t->closed_at = x->now.wall;
	t->due_at.ms = 0;
	t->own_line = 0;
	r = store_ticket_save(x->store, t);
	if (r == 0)
		r = ticket_note(x, t, "closed", who, "");
	if (r == 0)
		r = count(x, t, STORE_DESK_CLOSED, 1);
	if (r == 0)
		r = nobody_takes(x, t, false);
	if (r == 0)
		r = store_person(x->store, c.id, &p);
	if (r == 0 && p.ticket == t->id)
		r = person_ends(x, c.id);
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	tell_watchers(x, t, "ticket.closed");
	return run_closed(x, t, &c);
}

/* ---- the clock ----------------------------------------------------------------------------- */

static int run_one(struct exchange *x, int64_t id)
{
	struct store_ticket t;
	struct store_contact c;
	int r = store_ticket_get(x->store, id, &t);

	if (r == 0)
		r = store_contact_get(x->store, t.contact, &c);
	return r < 0 ? r : hand_on(x, &t, &c);
}

int ticket_run(struct exchange *x)
{
	int64_t id;
	int r = 0;

	if (x->ticket_at.ms > x->now.wall.ms)
		return 0;
	for (int i = 0; i < X_SLICE && r == 0; i++) {
		r = store_ticket_due(x->store, &id, &x->ticket_at);
		if (r == TW_E_UNKNOWN)
			x->ticket_at = X_NEVER;
		if (r < 0 || x->ticket_at.ms > x->now.wall.ms)
			return r == TW_E_UNKNOWN ? 0 : r;
		event_begin(x);
		r = event_end(x, run_one(x, id), "ticket");
		if (r < 0 && !store_is_void(x->store))
			x->ticket_at = wall_after(x->now.wall, TICKET_AGAIN_MS);
	}
	return r;
}
