/* What agents are told: by text, and by which long number; by mail and webhook. */
#include <jansson.h>
#include <stdio.h>

#include "people.h"

/* ---- words --------------------------------------------------------------------------------- */

/* Cut at a character; line breaks would make an alert look like several. */
static void add_line(struct tw_buf *out, const char *text, size_t max)
{
	const char *end = text + strlen(text);

	for (const char *p = text; p < end; ) {
		const char *at = p;
		int32_t c = tw_utf8_next(&p, end);

		if ((size_t)(p - text) > max) {
			tw_buf_adds(out, "...");
			return;
		}
		if (c >= 0 && c < ' ')
			tw_buf_addc(out, ' ');
		else if (c >= 0)
			tw_buf_add(out, at, (size_t)(p - at));
	}
}

void ticket_write(const struct store_ticket *t, const struct store_contact *c, const char *about,
		  size_t about_max, struct tw_buf *out)
{
	tw_buf_addf(out, "#%lld%s%s: ", (long long)t->tag, t->queue[0] ? " " : "", t->queue);
	add_line(out, about, about_max);
	if (!c->number[0])
		return;
	tw_buf_addf(out, "%s(", about[0] ? " " : "");
	add_line(out, c->name, sizeof(c->name));
	tw_buf_addf(out, "%s%s)", c->name[0] ? " " : "", c->number);
}

void people_say(struct exchange *x, int64_t account, const char *agent, enum flow_house_text text,
		const struct flow_named *names, size_t n, struct tw_buf *out)
{
	struct flow_agent a = { .language = NULL };
	char name[64];

	account_of_id(x, account, name, sizeof(name));
	if (x->flows && agent && !flows_agent(x->flows, name, agent, &a))
		a.language = NULL;
	if (x->flows)
		flows_say(x->flows, name, a.language, text, names, n, out);
}

/* ---- long numbers -------------------------------------------------------------------------- */

/* Whether another open ticket of this agent has this long number for itself. */
static int is_own(struct exchange *x, const char *number, int64_t line,
		  const struct store_ticket *but, bool *ret)
{
	struct store_ticket t;
	int64_t after = 0;
	int r;

	*ret = false;
	while (!*ret && (r = store_ticket_by(x->store, number, after, &t)) == 0) {
		after = t.id;
		*ret = t.own_line == line && t.contact != but->contact;
	}
	return *ret || r == TW_E_UNKNOWN ? 0 : r;
}

/* The first SIM that is there, may be used, and is nobody's own; and whether there is a second
 * one. */
static int find_line(struct exchange *x, const struct store_ticket *t, const char *number,
		     int64_t but, int64_t *ret)
{
	*ret = 0;
	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];
		bool own;
		int r;

		if (!st || !station_is_present(x, st) || !st->sim.line || st->sim.line == but ||
		    strcmp(st->sim.number, number) == 0 || !line_may(x, st->sim.line,
								     t->account, NULL))
			continue;
		r = is_own(x, number, st->sim.line, t, &own);
		if (r < 0)
			return r;
		if (own)
			continue;
		*ret = st->sim.line;
		return 0;
	}
	return 0;
}

int ticket_own_line(struct exchange *x, const struct store_ticket *t, int64_t *ret)
{
	struct store_ticket other;
	int64_t after = 0;
	int r;

	*ret = 0;
	if (!t->number[0])
		return 0;
	while ((r = store_ticket_by(x->store, t->number, after, &other)) == 0) {
		after = other.id;
		if (other.contact == t->contact && other.own_line) {
			*ret = other.own_line;		/* the pair has one already */
			return 0;
		}
	}
	if (r != TW_E_UNKNOWN)
		return r;
	/* The one that alerts come from stays for all of them. */
	r = find_line(x, t, t->number, t->line, ret);
	if (r == 0 && *ret) {
		bool own;

		r = is_own(x, t->number, t->line, t, &own);
		if (own)
			r = find_line(x, t, t->number, *ret, &after);
		if (r == 0 && own && !after)
			*ret = 0;
	}
	return r;
}

/* All of them are somebody's own: nobody's is left, and agents write tags again. */
static int free_line(struct exchange *x, const char *number, int64_t line)
{
	struct store_ticket t;
	int64_t after = 0;
	int r;

	while ((r = store_ticket_by(x->store, number, after, &t)) == 0) {
		after = t.id;
		if (t.own_line != line)
			continue;
		t.own_line = 0;
		r = store_ticket_save(x->store, &t);
		if (r < 0)
			return r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int ticket_line(struct exchange *x, const struct store_ticket *t, const char *number, int64_t *ret)
{
	bool own;
	int r;

	*ret = t->line;
	if (t->own_line && strcmp(t->number, number) == 0) {
		*ret = t->own_line;
		return 0;
	}
	r = is_own(x, number, t->line, t, &own);
	if (r < 0 || !own)
		return r;
	r = find_line(x, t, number, t->line, ret);
	if (r < 0 || *ret)
		return r;
	*ret = t->line;
	return free_line(x, number, t->line);
}

/* ---- texts --------------------------------------------------------------------------------- */

int ticket_say(struct exchange *x, const struct store_ticket *t, int64_t account,
	       const char *number, int64_t line, const char *text)
{
	struct store_contact c;
	struct sms_form form;
	struct sms_fault fault;
	struct tw_buf cut = { 0 };
	size_t n = strlen(text);
	int64_t id;
	int r = store_contact(x->store, account, number, true, x->now.wall, &c), fits;

	if (r < 0)
		return r;
	tw_buf_add(&cut, text, n);
	while ((fits = outbox_form(x, tw_buf_str(&cut), cut.n, false, &form, &fault)) ==
	       TW_E_NOSPACE && n > 16) {
		n = n * 3 / 4;
		tw_buf_clear(&cut);
		add_line(&cut, text, n);
	}
	if (fits == 0)
		r = outbox_add(x, &(struct out){ .contact = &c, .text = tw_buf_str(&cut),
						 .text_n = cut.n,
						 .line = line, .lane = LANE_REPLY }, &form, &id);
	else
		r = store_event_add(x->store, "agent.refused", number, "the text cannot be sent", 0,
				    x->now.wall);
	tw_buf_done(&cut);
	return r < 0 || !t ? r : store_shown_put(x->store, number, t->id, x->now.wall);
}

/* ---- mail and webhook ---------------------------------------------------------------------- */

bool ticket_can_tell(const struct exchange *x, int ways, const struct flow_agent *a)
{
	bool has_mail = x->hook && x->settings->mail.server && x->settings->mail.server[0];

	return ((ways & FLOW_BY_NUMBER) && a->number[0]) || ((ways & FLOW_BY_EMAIL) &&
							     a->email[0] && has_mail) ||
	       ((ways & FLOW_BY_WEBHOOK) && a->webhook[0] && x->hook);
}

static int call(struct exchange *x, const struct store_ticket *t, const struct hook_order *o)
{
	int r = hook_add(x->hook, o, x->now, NULL);

	if (r != TW_E_SYNTAX && r != TW_E_RANGE)
		return r;
	return store_event_add(x->store, "agent.refused", t->agent,
			       "its e-mail address or URL cannot be used", 0, x->now.wall);
}

static int mail(struct exchange *x, const struct store_ticket *t, const char *address,
		const char *text)
{
	char head[128];
	tw_auto(tw_free_charp) char *body = tw_printf(
		"%s\n\n  twoway tickets answer %lld \"…\"\n  twoway tickets close %lld\n", text,
		(long long)t->tag, (long long)t->tag);

	snprintf(head, sizeof(head), "#%lld %s", (long long)t->tag, t->queue);
	return call(x, t, &(struct hook_order){
		.kind = HOOK_MAIL, .purpose = HOOK_FOR_NOBODY, .account = t->account,
		.contact = t->contact,
		.url = address, .head = head, .body = body, .body_n = strlen(body),
		.is_trusted = true });
}

/* In the form of Standard Webhooks; those of a ticket one after the other. */
static int call_webhook(struct exchange *x, const struct store_ticket *t,
			const struct store_contact *c, const char *type, const char *url,
			const char *about, const char *text)
{
	char at[TW_RFC3339_MAX], account[64], chain[32];
	json_t *event = json_pack("{s:s, s:s, s:{s:s, s:I, s:s, s:s, s:s, s:s?, s:s?, s:s}}",
				  "type", type, "timestamp", tw_rfc3339(x->now.wall, at),
				  "data",
				  "account", account_of_id(x, t->account, account, sizeof(account)),
				  "tag", (json_int_t)t->tag, "queue", t->queue, "agent", t->agent,
				  "about", about, "number", c->number[0] ? c->number : NULL,
				  "name", c->name[0] ? c->name : NULL, "text", text);
	tw_auto(tw_free_charp) char *body = event ? json_dumps(event, JSON_COMPACT) : NULL;

	json_decref(event);
	if (!body)
		return 0;	/* what is no UTF-8 was cleaned when it was kept */
	snprintf(chain, sizeof(chain), "t%lld", (long long)t->id);
	return call(x, t, &(struct hook_order){
		.kind = HOOK_EVENT, .purpose = HOOK_FOR_NOBODY, .account = t->account,
		.contact = t->contact, .chain = chain,
		.url = url, .body = body, .body_n = strlen(body), .is_trusted = true });
}

/* The ways of a queue that are no text. */
static int tell_elsewhere(struct exchange *x, const struct store_ticket *t,
			  const struct store_contact *c, const char *type, const char *about,
			  const char *text)
{
	struct flow_queue q = { .alert = FLOW_BY_EMAIL | FLOW_BY_WEBHOOK };
	struct flow_agent a;
	char account[64];
	int r = 0;

	account_of_id(x, t->account, account, sizeof(account));
	if (!x->hook || !x->flows || !flows_agent(x->flows, account, t->agent, &a))
		return 0;
	flows_queue(x->flows, account, t->queue, &q);
	if ((q.alert & FLOW_BY_EMAIL) && a.email[0] && x->settings->mail.server &&
	    x->settings->mail.server[0])
		r = mail(x, t, a.email, text);
	if (r == 0 && (q.alert & FLOW_BY_WEBHOOK) && a.webhook[0])
		r = call_webhook(x, t, c, type, a.webhook, about, text);
	return r;
}

int ticket_tell(struct exchange *x, const struct store_ticket *t, const struct store_contact *c,
		const char *type, const char *about, const char *text)
{
	int64_t line;
	int r;

	if (!t->number[0])
		return tell_elsewhere(x, t, c, type, about, text);
	r = ticket_line(x, t, t->number, &line);
	return r < 0 ? r : ticket_say(x, t, t->account, t->number, line, text);
}

int ticket_alert(struct exchange *x, const struct store_ticket *t, const struct store_contact *c,
		 const char *about)
{
	struct tw_buf text = { 0 };
	int64_t line;
	int r = t->number[0] ? ticket_line(x, t, t->number, &line) : 0;

	ticket_write(t, c, about, PEOPLE_TEXT_MAX, &text);
	if (r == 0 && t->number[0])
		r = ticket_say(x, t, t->account, t->number, line, tw_buf_str(&text));
	if (r == 0)
		r = tell_elsewhere(x, t, c, "ticket.alert", about, tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}
