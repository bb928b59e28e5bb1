/* /api/v1/tickets and /api/v1/conversations: what people are to see to, who talks with whom, and
 * taking a conversation over from the flow. */
#include "read.h"

#include <errno.h>
#include <stdio.h>

enum { TICKETS_DEFAULT = 100 };

static const char *const kind_names[] = { "ticket", "callback", "forward" };
static const char *const state_names[] = { "waiting", "told", "answered", "closed" };
static const char *const person_names[] = { "agent", "forward", "taken" };

void http_write_ticket(struct tw_buf *b, const struct ticket *t, bool with_events)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "account", t->account);
	http_put_int(b, "tag", t->tag);
	http_put_text(b, "kind", kind_names[t->kind]);
	http_put_text(b, "state", state_names[t->state]);
	http_put_text(b, "number", t->number);
	http_put_text(b, "name", t->name);
	http_put_text(b, "queue", t->queue);
	http_put_text(b, "about", t->about);
	http_put_text(b, "agent", t->agent);
	http_put_time(b, "opened_at", t->opened_at);
	http_put_time(b, "alerted_at", t->alerted_at);
	http_put_time(b, "answered_at", t->answered_at);
	http_put_time(b, "closed_at", t->closed_at);
	http_put_time(b, "due_at", t->due_at);
	if (with_events)
		http_put_open(b, "events", '[');
	for (size_t i = 0; with_events && i < t->n_events; i++) {
		http_put_open(b, NULL, '{');
		http_put_time(b, "at", t->events[i].at);
		http_put_text(b, "kind", t->events[i].kind);
		http_put_filled(b, "who", t->events[i].who);
		http_put_filled(b, "text", t->events[i].text);
		http_put_close(b, '}');
	}
	if (with_events)
		http_put_close(b, ']');
	http_put_close(b, '}');
}

static void write_conversation(struct tw_buf *b, const struct conversation *c)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "account", c->account);
	http_put_text(b, "number", c->number);
	http_put_text(b, "name", c->name);
	http_put_text(b, "language", c->language);
	http_put_bool(b, "stopped", c->is_stopped);
	http_put_bool(b, "asked", c->is_asked);
	http_put_bool(b, "waiting", c->is_waiting);
	if (c->person) {
		http_put_open(b, "person", '{');
		http_put_text(b, "kind", person_names[c->person_kind]);
		http_put_text(b, "who", c->person);
		http_put_time(b, "since", c->since);
		if (c->ticket)
			http_put_int(b, "ticket", c->ticket);
		else
			http_put_null(b, "ticket");
		http_put_close(b, '}');
	} else {
		http_put_null(b, "person");
	}
	http_put_text(b, "direction", c->direction == INBOUND ? "inbound" : "outbound");
	http_put_text(b, "text", c->text);
	http_put_time(b, "at", c->at);
	http_put_close(b, '}');
}

/* ---- reading ------------------------------------------------------------------------------- */

/* "7" or "#7". */
static bool read_tag(struct http_request *r, int64_t *ret)
{
	const char *text = tw_buf_str(&r->name);
	char *end;

	text += *text == '#';
	errno = 0;
	*ret = strtoll(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno)
		return true;
	http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no ticket %.60s: a tag is a number",
		    tw_buf_str(&r->name));
	return false;
}

/* The one text of a body, heap; name NULL: it has none, then *ret is "". */
static bool read_text(struct http_request *r, const char *name, char **ret)
{
	const char *text = "";
	json_t *root = http_read_object(r, &name, name ? 1 : 0);
	bool is_fine = root && (!name || http_need_text(r, root, name, &text));

	*ret = is_fine ? tw_strdup(text) : NULL;
	json_decref(root);
	return is_fine;
}

/* ---- tickets ------------------------------------------------------------------------------- */

static void add_ticket(void *ctx, struct ticket *t)
{
	http_write_ticket(ctx, t, false);
	ticket_done(t);
}

static void put_before(struct http_request *r, int64_t before, bool is_over)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)before);
	http_put_close(&r->out, ']');
	http_put_text(&r->out, "before", is_over || !before ? NULL : text);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

void http_get_tickets(struct http_request *r, struct tw_now now)
{
	struct exchange_tickets_query q = { .limit = TICKETS_DEFAULT, .only_open = true };
	const char *state = http_param(r, "state");
	bool is_over;
	int code;

	(void)now;
	if (!http_read_limit(r, EXCHANGE_SLICE, &q.limit) ||
	    !http_read_count(r, "before", INT64_MAX, &q.before) ||
	    !http_pick_account(r, http_param(r, "account"), &q.account))
		return;
	if (state && strcmp(state, "open") && strcmp(state, "all")) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "state: expected open or all");
		return;
	}
	q.only_open = !state || !strcmp(state, "open");
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "tickets", '[');
	code = exchange_tickets(r->h->setup.exchange, &q, &is_over, add_ticket, &r->out);
	put_before(r, q.before, is_over);
	if (code < 0)
		http_refuse_store(r, code);
}

static void write_one(struct http_request *r, const char *account, int64_t tag)
{
	struct ticket t;
	int code = exchange_ticket(r->h->setup.exchange, account, tag, &t);

	if (code == TW_E_UNKNOWN) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "account %s has no ticket #%lld", account,
			    (long long)tag);
	} else if (code < 0) {
		http_refuse_store(r, code);
	} else {
		r->status = 200;
		http_write_ticket(&r->out, &t, true);
		tw_buf_addc(&r->out, '\n');
		ticket_done(&t);
	}
}

void http_get_ticket(struct http_request *r, struct tw_now now)
{
	const char *account;
	int64_t tag;

	(void)now;
	if (http_one_account(r, http_param(r, "account"), &account) && read_tag(r, &tag))
		write_one(r, account, tag);
}

static void act(struct http_request *r, struct tw_now now, enum exchange_ticket_act what,
		const char *member)
{
	struct exchange_refusal e;
	const char *account;
	char *text = NULL;
	int64_t tag;

	if (!http_one_account(r, http_param(r, "account"), &account) || !read_tag(r, &tag) ||
	    !read_text(r, member, &text))
		return;
	if (exchange_ticket_act(r->h->setup.exchange, account, tag, what, text,
				r->caller.who, now, &e) < 0)
		http_refuse(r, e.status, e.code, "%s", e.text);
	else
		write_one(r, account, tag);
	free(text);
}

void http_close_ticket(struct http_request *r, struct tw_now now)
{
	act(r, now, TICKET_CLOSE, NULL);
}

void http_note_ticket(struct http_request *r, struct tw_now now)
{
	act(r, now, TICKET_NOTE, "text");
}

void http_answer_ticket(struct http_request *r, struct tw_now now)
{
	act(r, now, TICKET_ANSWER, "text");
}

void http_assign_ticket(struct http_request *r, struct tw_now now)
{
	act(r, now, TICKET_ASSIGN, "agent");
}

/* ---- conversations ------------------------------------------------------------------------- */

static void add_conversation(void *ctx, struct conversation *c)
{
	write_conversation(ctx, c);
	conversation_done(c);
}

void http_get_conversations(struct http_request *r, struct tw_now now)
{
	int64_t limit = TICKETS_DEFAULT, before = 0;
	const char *account;
	bool is_over;
	int code;

	(void)now;
	if (!http_read_limit(r, EXCHANGE_SLICE, &limit) ||
	    !http_read_count(r, "before", INT64_MAX, &before) ||
	    !http_pick_account(r, http_param(r, "account"), &account))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "conversations", '[');
	code = exchange_conversations(r->h->setup.exchange, account, &before, limit, &is_over,
				      add_conversation, &r->out);
	put_before(r, before, is_over);
	if (code < 0)
		http_refuse_store(r, code);
}

static void write_conversation_of(struct http_request *r, const char *account, const char *number)
{
	struct conversation c;
	int code = exchange_conversation(r->h->setup.exchange, account, number, &c);

	if (code == TW_E_UNKNOWN) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "account %s has no conversation with %.40s",
			    account, number);
	} else if (code < 0) {
		http_refuse_store(r, code);
	} else {
		r->status = 200;
		write_conversation(&r->out, &c);
		tw_buf_addc(&r->out, '\n');
		conversation_done(&c);
	}
}

void http_get_conversation(struct http_request *r, struct tw_now now)
{
	const char *account;

	(void)now;
	if (http_one_account(r, http_param(r, "account"), &account))
		write_conversation_of(r, account, tw_buf_str(&r->name));
}

static void take(struct http_request *r, struct tw_now now, bool takes)
{
	struct exchange_refusal e;
	const char *account;
	char *none;

	if (!http_one_account(r, http_param(r, "account"), &account) || !read_text(r, NULL, &none))
		return;
	free(none);
	if (exchange_conversation_take(r->h->setup.exchange, account, tw_buf_str(&r->name), takes,
				       r->caller.who, now, &e) < 0)
		http_refuse(r, e.status, e.code, "%s", e.text);
	else
		write_conversation_of(r, account, tw_buf_str(&r->name));
}

void http_take_conversation(struct http_request *r, struct tw_now now)
{
	take(r, now, true);
}

void http_hand_back_conversation(struct http_request *r, struct tw_now now)
{
	take(r, now, false);
}

void http_say_in_conversation(struct http_request *r, struct tw_now now)
{
	struct exchange_refusal e;
	struct message m;
	const char *account;
	char *text = NULL;

	if (!http_one_account(r, http_param(r, "account"), &account) ||
	    !read_text(r, "text", &text))
		return;
	if (exchange_conversation_say(r->h->setup.exchange, account, tw_buf_str(&r->name), text,
				      now, &m, &e) < 0) {
		http_refuse(r, e.status ? e.status : 500, e.status ? e.code : HTTP_CODE_INTERNAL,
			    "%s", e.text);
	} else {
		r->status = 201;
		http_write_message(&r->out, &m);
		tw_buf_addc(&r->out, '\n');
		message_done(&m);
	}
	free(text);
}
