/* Tickets and conversations for programs and the command line: what is shown, and what people do
 * with them there. */
#include <stdarg.h>
#include <stdio.h>

#include "people.h"

__attribute__((format(printf, 4, 5)))
static int refuse(struct exchange_refusal *e, int status, int code, const char *format, ...)
{
	va_list args;

	*e = (struct exchange_refusal){ .status = status, .code = code };
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return TW_E_DENIED;
}

/* Ends the event. What was refused has written nothing. */
static int finish(struct exchange *x, int r, struct exchange_refusal *e, const char *what)
{
	int ended = event_end(x, r == TW_E_DENIED ? 0 : r, what);

	if (r != TW_E_DENIED && ended < 0) {
		refuse(e, store_is_void(x->store) ? 507 : 500, 20500, "not stored: %s",
		       tw_strerror(ended));
		return ended;
	}
	return r;
}

static char *dup_or_null(const char *text)
{
	return *text ? tw_strdup(text) : NULL;
}

/* ---- tickets are shown --------------------------------------------------------------------- */

void ticket_done(struct ticket *t)
{
	char *const strings[] = { t->account, t->number, t->name, t->queue, t->about, t->agent };

	for (size_t i = 0; i < TW_COUNT(strings); i++)
		free(strings[i]);
	for (size_t i = 0; i < t->n_events; i++) {
		free(t->events[i].kind);
		free(t->events[i].who);
		free(t->events[i].text);
	}
	free(t->events);
	*t = (struct ticket){ .id = 0 };
}

static int fill_ticket(struct exchange *x, const struct store_ticket *t, struct ticket *ret)
{
	struct store_contact c;
	char account[64];
	int r = store_contact_get(x->store, t->contact, &c);

	if (r < 0)
		return r;
	*ret = (struct ticket){
		.id = t->id, .tag = t->tag, .kind = (enum store_ticket_kind)t->kind,
		.state = (enum store_ticket_state)t->state,
		.account = tw_strdup(account_of_id(x, t->account, account, sizeof(account))),
		.number = dup_or_null(c.number), .name = dup_or_null(c.name),
		.queue = dup_or_null(t->queue),
		.about = tw_strdup(t->about), .agent = dup_or_null(t->agent),
		.opened_at = t->opened_at,
		.alerted_at = t->alerted_at, .answered_at = t->answered_at,
		.closed_at = t->closed_at, .due_at = t->due_at };
	return 0;
}

/* An account by name; NULL: 0, all of them. */
static int account_row(struct exchange *x, const char *name, int64_t *ret)
{
	*ret = 0;
	return name ? account_id(x, name, ret) : 0;
}

int exchange_tickets(struct exchange *x, struct exchange_tickets_query *q, bool *ret_is_over,
		     void (*cb)(void *ctx, struct ticket *t), void *ctx)
{
	struct store_ticket t;
	struct ticket shown;
	int64_t account;
	int n = 0, r = account_row(x, q->account, &account);

	*ret_is_over = false;
	for (int looks = 0; r == 0 && n < q->limit && n < EXCHANGE_SLICE && looks < EXCHANGE_LOOK;
	     looks++) {
		r = store_ticket_before(x->store, account, q->before, -1, &t);
		if (r < 0)
			break;
		q->before = t.id;
		if (q->only_open && t.state == STORE_TICKET_CLOSED)
			continue;
		r = fill_ticket(x, &t, &shown);
		if (r == 0) {
			cb(ctx, &shown);
			n++;
		}
	}
	*ret_is_over = r == TW_E_UNKNOWN;
	return r < 0 && r != TW_E_UNKNOWN ? r : n;
}

static int read_events(struct exchange *x, int64_t ticket, struct ticket *ret)
{
	struct store_ticket_note n;
	int64_t after = 0;
	int r;

	while ((r = store_ticket_note_next(x->store, ticket, after, &n)) == 0) {
		after = n.id;
		ret->events = tw_realloc(ret->events, (ret->n_events + 1) * sizeof(*ret->events));
		ret->events[ret->n_events++] = (struct ticket_event){ n.at, tw_strdup(n.kind),
								      tw_strdup(n.who),
								      tw_strdup(n.text) };
		store_ticket_note_done(&n);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int find_ticket(struct exchange *x, const char *account, int64_t tag,
		       struct store_ticket *ret)
{
	int64_t row;
	int r = account_id(x, account, &row);

	return r < 0 ? r : store_ticket_tagged(x->store, row, tag, ret);
}

int exchange_ticket(struct exchange *x, const char *account, int64_t tag, struct ticket *ret)
{
	struct store_ticket t;
	int r = find_ticket(x, account, tag, &t);

	if (r == 0)
		r = fill_ticket(x, &t, ret);
	if (r < 0)
		return r;
	r = read_events(x, t.id, ret);
	if (r < 0)
		ticket_done(ret);
	return r;
}

/* ---- what people do with them -------------------------------------------------------------- */

/* Whoever answers here is told of the customer's texts here, unless an agent had it before. */
static int answer_ticket(struct exchange *x, struct store_ticket *t, const char *text,
			 const char *who, struct exchange_refusal *e)
{
	struct store_contact c;
	const struct person_why *why;
	int64_t id;
	int r = store_contact_get(x->store, t->contact, &c);

	if (r == 0)
		r = person_say(x, &c, t->line, text, strlen(text), &id, &why);
	if (r == TW_E_DENIED)
		return c.stopped_at.ms ? refuse(e, 403, 21610, "not sent: %s", why->text)
				       : refuse(e, 400, 20001, "text: not sent: %s",
						why->text);
	if (r == 0)
		r = ticket_note(x, t, "said", who, text);
	if (r == 0)
		r = ticket_take(x, t, &c, who, "");
	return r < 0 ? r : person_talks(x, c.id, t->kind == STORE_FORWARD ? STORE_PERSON_FORWARD
									  : STORE_PERSON_AGENT,
					t->id, t->agent);
}

static int note_ticket(struct exchange *x, struct store_ticket *t, const char *text,
		       const char *who)
{
	struct store_contact c;
	int r = ticket_note(x, t, "note", who, text);

	if (r < 0 || t->state == STORE_TICKET_ANSWERED)
		return r;
	r = store_contact_get(x->store, t->contact, &c);
	return r < 0 ? r : ticket_take(x, t, &c, who, "");
}

static int act(struct exchange *x, const char *account, int64_t tag, enum exchange_ticket_act what,
	       const char *text, const char *who, struct exchange_refusal *e)
{
	struct store_ticket t;
	int r = find_ticket(x, account, tag, &t);

	if (r == TW_E_UNKNOWN)
		return refuse(e, 404, 20404, "account %.60s has no ticket #%lld", account,
			      (long long)tag);
	if (r == 0 && t.state == STORE_TICKET_CLOSED)
		return refuse(e, 409, 20409, "ticket #%lld is closed", (long long)tag);
	if (r == 0 && what != TICKET_CLOSE && !*text)
		return refuse(e, 400, 20001, what == TICKET_ASSIGN ? "agent: is missing"
			      : "text: is missing");
	if (r < 0)
		return r;
	switch (what) {
	case TICKET_CLOSE:
		return ticket_close(x, &t, who);
	case TICKET_NOTE:
		return note_ticket(x, &t, text, who);
	case TICKET_ANSWER:
		return answer_ticket(x, &t, text, who, e);
	case TICKET_ASSIGN:
		r = ticket_assign(x, &t, text, who);
		return r == TW_E_UNKNOWN ? refuse(e, 404, 20404,
						  "agent: none of account %.60s that can be told "
						  "is called %.60s", account, text) : r;
	}
	return 0;
}

int exchange_ticket_act(struct exchange *x, const char *account, int64_t tag,
			enum exchange_ticket_act what, const char *text, const char *who,
			struct tw_now now, struct exchange_refusal *reterr)
{
	x->now = now;
	*reterr = (struct exchange_refusal){ .status = 0 };
	event_begin(x);
	return finish(x, act(x, account, tag, what, text, who, reterr), reterr, "ticket");
}

/* ---- conversations are shown --------------------------------------------------------------- */

void conversation_done(struct conversation *c)
{
	free(c->account);
	free(c->number);
	free(c->name);
	free(c->language);
	free(c->person);
	free(c->text);
	*c = (struct conversation){ .last = 0 };
}

static int look_at_person(struct exchange *x, int64_t contact, struct conversation *ret)
{
	struct store_ticket t;
	struct store_person p;
	int r = store_person(x->store, contact, &p);

	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	ret->person = tw_strdup(p.who);
	ret->person_kind = (enum store_person_kind)p.kind;
	ret->since = p.since;
	r = p.ticket ? store_ticket_get(x->store, p.ticket, &t) : TW_E_UNKNOWN;
	if (r == 0)
		ret->ticket = t.tag;
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int look_at_flows(struct exchange *x, int64_t contact, struct conversation *ret)
{
	struct store_talk row;
	int64_t after = 0;
	int r;

	while ((r = store_talk_next(x->store, contact, after, &row)) == 0) {
		after = row.id;
		ret->is_asked |= row.stands == FLOW_ASKING;
		ret->is_waiting |= row.stands != FLOW_ASKING;
		store_talk_done(&row);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int fill_conversation(struct exchange *x, const struct store_contact *c,
			     const struct store_message *m, struct conversation *ret)
{
	char account[64];
	int r;

	*ret = (struct conversation){
		.last = m->id, .account = tw_strdup(account_of_id(x, c->account, account,
								  sizeof(account))),
		.number = tw_strdup(c->number), .name = dup_or_null(c->name),
		.language = dup_or_null(c->language), .is_stopped = c->stopped_at.ms != 0,
		.text = m->body && !(m->flags & STORE_DATA) ? tw_strndup(m->body, m->body_n) : NULL,
		.direction = (enum direction)m->direction, .at = m->created_at };
	r = look_at_person(x, c->id, ret);
	if (r == 0)
		r = look_at_flows(x, c->id, ret);
	if (r < 0)
		conversation_done(ret);
	return r;
}

static int newest_of(struct exchange *x, int64_t contact, struct store_message *ret)
{
	return store_message_before(x->store, &(struct store_query){
		.contact = contact, .state = -1, .direction = -1 }, ret);
}

/* A message shows the conversation that it is the last of. 1: it was shown. */
static int show_by(struct exchange *x, const struct store_message *m,
		   void (*cb)(void *ctx, struct conversation *c), void *ctx)
{
	struct store_message newest = { .id = 0 };
	struct store_contact c;
	struct conversation shown;
	int r = store_contact_get(x->store, m->contact, &c);

	if (r < 0 || !c.number[0] || own_is_contact(x, &c))
		return r;
	r = newest_of(x, c.id, &newest);
	if (r == 0 && newest.id == m->id)
		r = fill_conversation(x, &c, m, &shown);
	else if (r == 0)
		m = NULL;
	store_message_done(&newest);
	if (r < 0 || !m)
		return r;
	cb(ctx, &shown);
	return 1;
}

int exchange_conversations(struct exchange *x, const char *account, int64_t *before, int64_t limit,
			   bool *ret_is_over, void (*cb)(void *ctx, struct conversation *c),
			   void *ctx)
{
	struct store_query q = { .state = -1, .direction = -1, .before = *before };
	struct store_message m;
	int n = 0, r = account_row(x, account, &q.account);

	for (int looks = 0; r >= 0 && n < limit && looks < EXCHANGE_LOOK; looks++) {
		r = store_message_before(x->store, &q, &m);
		if (r < 0)
			break;
		*before = q.before = m.id;
		r = show_by(x, &m, cb, ctx);
		n += r == 1;
		store_message_done(&m);
	}
	*ret_is_over = r == TW_E_UNKNOWN;
	return r < 0 && r != TW_E_UNKNOWN ? r : n;
}

static int find_contact(struct exchange *x, const char *account, const char *number,
			struct store_contact *ret)
{
	struct number n;
	int64_t row;
	int r = account_id(x, account, &row);

	if (r == 0 && number_read(number, post_home(x, NULL), &n) != NUMBER_OK)
		r = TW_E_UNKNOWN;
	return r < 0 ? r : store_contact(x->store, row, n.text, false, x->now.wall, ret);
}

int exchange_conversation(struct exchange *x, const char *account, const char *number,
			  struct conversation *ret)
{
	struct store_message m = { .id = 0 };
	struct store_contact c;
	int r = find_contact(x, account, number, &c);

	if (r == 0)
		r = newest_of(x, c.id, &m);
	if (r == 0)
		r = fill_conversation(x, &c, &m, ret);
	store_message_done(&m);
	return r;
}

/* ---- taking over --------------------------------------------------------------------------- */

static int take(struct exchange *x, const char *account, const char *number, bool takes,
		const char *who, struct exchange_refusal *e)
{
	struct store_contact c;
	struct store_person p = { .ticket = 0 };
	const char *event = takes ? "conversation.taken" : "conversation.handed_back";
	char about[160];
	int r = find_contact(x, account, number, &c), there;

	if (r == TW_E_UNKNOWN)
		return refuse(e, 404, 20404, "account %.60s has no contact %.40s", account, number);
	there = r == 0 ? store_person(x->store, c.id, &p) : r;
	if (there < 0 && there != TW_E_UNKNOWN)
		return there;
	if (!takes && there == TW_E_UNKNOWN)
		return refuse(e, 409, 20409, "nobody talks with %.40s in the place of the flow",
			      c.number);
	if (takes && there == 0 && p.kind == STORE_PERSON_TAKEN && strcmp(p.who, who) != 0)
		return refuse(e, 409, 20409, "%.60s has taken this conversation over", p.who);
	r = takes ? person_talks(x, c.id, STORE_PERSON_TAKEN, p.ticket, who) : person_ends(x, c.id);
	snprintf(about, sizeof(about), "%s %s", account, c.number);
	if (r == 0)
		r = store_audit_add(x->store, who, takes ? "take over" : "hand back", about,
				    "", "done", 0, x->now.wall);
	if (r == 0)
		watch_account(x, c.account, event, c.number);
	return r < 0 ? r : events_tell(x, &c, event, "by", who, NULL);
}

int exchange_conversation_take(struct exchange *x, const char *account,
			       const char *number, bool takes,
			       const char *who, struct tw_now now, struct exchange_refusal *reterr)
{
	x->now = now;
	*reterr = (struct exchange_refusal){ .status = 0 };
	event_begin(x);
	return finish(x, take(x, account, number, takes, who, reterr), reterr, "take");
}

static int say(struct exchange *x, const char *account, const char *number, const char *text,
	       int64_t *ret_id, struct exchange_refusal *e)
{
	struct store_thread thread = { .line = 0 };
	struct store_contact c;
	struct store_person p;
	const struct person_why *why;
	int r = find_contact(x, account, number, &c);

	if (r == TW_E_UNKNOWN)
		return refuse(e, 404, 20404, "account %.60s has no contact %.40s", account, number);
	if (r == 0)
		r = store_person(x->store, c.id, &p);
	if (r == TW_E_UNKNOWN || (r == 0 && p.kind != STORE_PERSON_TAKEN))
		return refuse(e, 409, 20409, "take the conversation over first");
	if (r == 0)
		r = store_thread_last(x->store, c.id, &thread);
	if (r == 0 || r == TW_E_UNKNOWN)
		r = person_say(x, &c, thread.line, text, strlen(text), ret_id, &why);
	if (r == TW_E_DENIED)
		return c.stopped_at.ms ? refuse(e, 403, 21610, "not sent: %s", why->text)
				       : refuse(e, 400, 20001, "text: not sent: %s",
						why->text);
	return r < 0 ? r : person_talks(x, c.id, STORE_PERSON_TAKEN, p.ticket, p.who);
}

int exchange_conversation_say(struct exchange *x, const char *account, const char *number,
			      const char *text, struct tw_now now, struct message *ret,
			      struct exchange_refusal *reterr)
{
	char name[MESSAGE_ID_MAX];
	int64_t id = 0;

	x->now = now;
	*reterr = (struct exchange_refusal){ .status = 0 };
	event_begin(x);
	int r = finish(x, say(x, account, number, text, &id, reterr), reterr, "say");

	return r < 0 ? r : exchange_message(x, store_id_write(x->store, id, name), ret);
}
