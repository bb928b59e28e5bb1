/* Who talks with a contact in the place of the flow (contract 2, order 5): an agent from the first
 * answer, whom a text was forwarded to, or somebody who took over; until it is closed or handed
 * back, or nobody has said a word for a day. */
#include <stdio.h>

#include "people.h"

#define SILENCE_MS X_DAY_MS
enum { PERSON_AGAIN_MS = 60 * 1000 };	/* who could not be let go is tried again */

static void wake_at(struct exchange *x, struct wall_ms at)
{
	if (at.ms < x->person_at.ms)
		x->person_at = at;
}

int person_talks(struct exchange *x, int64_t contact, enum store_person_kind kind, int64_t ticket,
		 const char *who)
{
	struct store_person p, before;
	int r = store_person(x->store, contact, &before);

	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	p = (struct store_person){ .contact = contact, .kind = kind, .ticket = ticket,
				   .since = x->now.wall, .due_at = wall_after(x->now.wall,
									      SILENCE_MS) };
	tw_strset(p.who, sizeof(p.who), who);
	if (r == 0 && before.kind == STORE_PERSON_TAKEN && kind != STORE_PERSON_TAKEN) {
		before.due_at = p.due_at;	/* who took over goes on until they hand back */
		p = before;
	} else if (r == 0 && before.ticket == ticket && before.kind == (int)kind) {
		p.since = before.since;
	}
	x->has_people = true;
	wake_at(x, p.due_at);
	return store_person_put(x->store, &p);
}

int person_ends(struct exchange *x, int64_t contact)
{
	return store_person_del(x->store, contact);
}

int person_say(struct exchange *x, struct store_contact *c, int64_t line,
	       const char *text, size_t n, int64_t *ret_id, const struct person_why **ret_why)
{
	static const struct person_why erased = { "the customer's data was erased",
						  FLOW_SAY_WHY_ERASED },
		left = { "the customer has left (STOP)", FLOW_SAY_WHY_LEFT },
		empty = { "the text is empty", FLOW_SAY_WHY_EMPTY },
		is_long = { "it takes more segments than max_segments allows", FLOW_SAY_WHY_LONG };
	struct sms_form form;
	struct sms_fault fault;

	if (!c->number[0])
		*ret_why = &erased;
	else if (c->stopped_at.ms)
		*ret_why = &left;
	else if (!n)
		*ret_why = &empty;
	else if (outbox_form(x, text, n, false, &form, &fault) < 0)
		*ret_why = &is_long;
	else
		*ret_why = NULL;
	if (*ret_why)
		return TW_E_DENIED;
	int r = outbox_add(x, &(struct out){ .contact = c, .text = text, .text_n = n, .line = line,
					     .lane = LANE_REPLY }, &form, ret_id);

	return r < 0 ? r : store_thread_touch(x->store, c->id, line, (struct wall_ms){ 0 },
					      x->now.wall);
}

/* ---- the customer -------------------------------------------------------------------------- */

static int hand_over(struct exchange *x, const struct store_ticket *t,
		     const struct store_contact *c,
		     const struct text_in *in)
{
	struct tw_buf said = { 0 };
	int r;

	tw_utf8_clean(in->body, in->body_n, &said);
	tw_auto(tw_free_charp) char *text = tw_printf("#%lld %s", (long long)t->tag,
						      tw_buf_str(&said));
	r = ticket_tell(x, t, c, "ticket.text", tw_buf_str(&said), text);
	tw_buf_done(&said);
	return r;
}

int person_hear(struct exchange *x, const struct text_in *in, const struct talk *t)
{
	struct store_ticket ticket;
	struct store_person p;
	int r = store_person(x->store, t->c.id, &p);

	if (r < 0)
		return r;
	p.due_at = wall_after(x->now.wall, SILENCE_MS);
	r = store_person_put(x->store, &p);
	if (r < 0 || !p.ticket)
		return r;
	r = store_ticket_get(x->store, p.ticket, &ticket);
	if (r == 0 && p.kind != STORE_PERSON_TAKEN)
		return hand_over(x, &ticket, &t->c, in);
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int tell_left(struct exchange *x, const struct store_ticket *t,
		     const struct store_contact *c)
{
	char tag[24];
	const struct flow_named names[] = { { "ticket", tag } };
	struct tw_buf text = { 0 };
	int r;

	snprintf(tag, sizeof(tag), "#%lld", (long long)t->tag);
	people_say(x, t->account, t->agent, FLOW_SAY_AGENT_LEFT, names, TW_COUNT(names), &text);
	r = ticket_tell(x, t, c, "ticket.left", tw_buf_str(&text), tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}

int person_stop(struct exchange *x, int64_t contact)
{
	struct store_contact c;
	struct store_ticket t;
	int64_t after = 0;
	int r = person_ends(x, contact);

	while (r == 0 && (r = store_ticket_of(x->store, contact, after, &t)) == 0) {
		after = t.id;
		if (t.state != STORE_TICKET_ANSWERED)
			continue;
		r = store_contact_get(x->store, contact, &c);
		if (r == 0)
			r = tell_left(x, &t, &c);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* ---- the clock ----------------------------------------------------------------------------- */

static int fall_silent(struct exchange *x, const struct store_person *p)
{
	struct store_ticket t;
	int r = person_ends(x, p->contact);

	if (r < 0 || !p->ticket)
		return r;
	r = store_ticket_get(x->store, p->ticket, &t);
	if (r == 0 && t.kind == STORE_FORWARD && t.state != STORE_TICKET_CLOSED)
		return ticket_close(x, &t, "");
	if (r == 0)
		r = ticket_note(x, &t, "silent", "", "a day without a word: the flow talks again");
	return r == TW_E_UNKNOWN ? 0 : r;
}

int person_run(struct exchange *x)
{
	struct store_person p;
	int r = 0;

	if (x->person_at.ms > x->now.wall.ms)
		return 0;
	for (int i = 0; i < X_SLICE && r == 0; i++) {
		r = store_person_due(x->store, &p);
		x->has_people = r != TW_E_UNKNOWN;
		x->person_at = r == 0 ? p.due_at : X_NEVER;
		if (r < 0 || p.due_at.ms > x->now.wall.ms)
			return r == TW_E_UNKNOWN ? 0 : r;
		event_begin(x);
		r = event_end(x, fall_silent(x, &p), "silence");
		if (r < 0 && !store_is_void(x->store))
			x->person_at = wall_after(x->now.wall, PERSON_AGAIN_MS);
	}
	return r;
}

int person_load(struct exchange *x)
{
	struct store_person p;
	int r = store_person_due(x->store, &p);

	x->has_people = r == 0;
	x->ticket_at.ms = x->person_at.ms = 0;
	return r == TW_E_UNKNOWN ? 0 : r;
}
