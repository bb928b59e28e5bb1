/* What agents text (contract 2, Agents; order 2): "#7 on my way", "#7 close", "#7 note …", "#list",
 * and what begins with no tag. Each command is answered with one message. */
#include <ctype.h>
#include <stdio.h>

#include "people.h"

enum { AGENTS_MAX = 16, LIST_MAX = 8, LIST_ABOUT = 60, LIST_LOOK = 400 };

/* Who texts: as whom, in which accounts. */
struct agent {
	const struct text_in *in;
	struct flow_agent as[AGENTS_MAX];
	int64_t accounts[AGENTS_MAX];
	size_t n;			/* 0: not declared, but something was forwarded to them */
	int64_t message;		/* this text, once it is kept */
};

/* A ticket that an agent means, and whose it is. */
struct meant { struct store_ticket t; const char *name; bool is_found, by_own_line; };

static const char *name_in(const struct agent *a, const struct store_ticket *t)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->accounts[i] == t->account)
			return a->as[i].name;
	return a->in->from;
}

static int read_agent(struct exchange *x, const struct text_in *in, struct agent *a)
{
	size_t cursor = 0;
	int r = 0;

	*a = (struct agent){ .in = in };
	while (a->n < AGENTS_MAX && r == 0 && flows_agent_of(x->flows, in->from, &cursor,
							     &a->as[a->n])) {
		r = account_id(x, a->as[a->n].account, &a->accounts[a->n]);
		a->n++;
	}
	return r;
}

/* ---- tickets of an agent ------------------------------------------------------------------- */

/* The next open one that this agent may see to, of an account behind one that was looked at; looks
 * are counted down. TW_E_UNKNOWN at the end. */
static int next_of(struct exchange *x, const struct agent *a, size_t *account,
		   int64_t *after, int *looks, struct store_ticket *ret)
{
	while (--*looks > 0) {
		int r = a->n ? store_ticket_open(x->store, a->accounts[*account], *after, ret)
			     : store_ticket_by(x->store, a->in->from, *after, ret);

		if (r == TW_E_UNKNOWN && *account + 1 < a->n) {
			++*account;
			*after = 0;
			continue;
		}
		if (r < 0)
			return r;
		*after = ret->id;
		if (ticket_may(x, ret, name_in(a, ret), a->in->from))
			return 0;
	}
	return TW_E_UNKNOWN;
}

static int count_open(struct exchange *x, const struct agent *a, int *ret,
		      struct store_ticket *ret_first)
{
	struct store_ticket t;
	size_t account = 0;
	int64_t after = 0;
	int looks = LIST_LOOK, r;

	*ret = 0;
	while ((r = next_of(x, a, &account, &after, &looks, &t)) == 0)
		if (!(*ret)++)
			*ret_first = t;
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int write_list(struct exchange *x, const struct agent *a, int64_t account,
		      struct tw_buf *out)
{
	struct store_ticket t;
	struct store_contact c;
	size_t at = 0;
	int64_t after = 0;
	int looks = LIST_LOOK, n = 0, r;
	char count[16];

	while ((r = next_of(x, a, &at, &after, &looks, &t)) == 0) {
		if (n++ >= LIST_MAX || out->n > PEOPLE_TEXT_MAX)
			continue;
		r = store_contact_get(x->store, t.contact, &c);
		if (r < 0)
			return r;
		if (out->n)
			tw_buf_addc(out, '\n');
		ticket_write(&t, &c, t.about, LIST_ABOUT, out);
	}
	const struct flow_named names[] = { { "count", count } };
	const char *name = a->n ? a->as[0].name : NULL;

	snprintf(count, sizeof(count), "%d", n - LIST_MAX);
	if (n > LIST_MAX)
		tw_buf_addc(out, '\n');
	if (!n || n > LIST_MAX)
		people_say(x, account, name, n ? FLOW_SAY_AGENT_MORE : FLOW_SAY_AGENT_NONE, names,
			   TW_COUNT(names), out);
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* Several accounts may have a #7: that of the number texted, else the one shown last, else the
 * newest. */
static int find_tagged(struct exchange *x, const struct agent *a, int64_t tag, struct meant *m)
{
	struct store_ticket t;
	struct wall_ms at;
	size_t account = 0;
	int64_t after = 0, shown = 0;
	int looks = LIST_LOOK, r = store_shown(x->store, a->in->from, &shown, &at), best = -1;

	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	while ((r = next_of(x, a, &account, &after, &looks, &t)) == 0) {
		int rank = t.account == a->in->st->account ? 2 : t.id == shown;

		if (t.tag != tag || rank < best)
			continue;
		*m = (struct meant){ t, name_in(a, &t), true, false };
		best = rank;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* Without a tag: that of the long number, if it is somebody's own; the one shown within ten
 * minutes; what was forwarded to somebody who knows of no tags. */
static int find_untagged(struct exchange *x, const struct agent *a, struct meant *m)
{
	struct store_ticket t;
	struct wall_ms at = { 0 };
	int64_t after = 0, shown = 0;
	int r = store_shown(x->store, a->in->from, &shown, &at), n = 0;
	bool is_fresh = r == 0 && at.ms > x->now.wall.ms - PEOPLE_SHOWN_MS;

	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	while ((r = store_ticket_by(x->store, a->in->from, after, &t)) == 0) {
		after = t.id;
		if (t.own_line == a->in->st->sim.line && (!m->is_found || t.id == shown))
			*m = (struct meant){ t, name_in(a, &t), true, true };
	}
	if (r != TW_E_UNKNOWN || m->is_found)
		return r == TW_E_UNKNOWN ? 0 : r;
	r = is_fresh ? store_ticket_get(x->store, shown, &t) : TW_E_UNKNOWN;
	if (r == 0 && t.state != STORE_TICKET_CLOSED && ticket_may(x, &t, name_in(a, &t),
								   a->in->from))
		*m = (struct meant){ t, name_in(a, &t), true, false };
	if ((r < 0 && r != TW_E_UNKNOWN) || m->is_found || a->n)
		return r == TW_E_UNKNOWN ? 0 : r;
	r = count_open(x, a, &n, &t);
	if (r == 0 && n == 1)
		*m = (struct meant){ t, name_in(a, &t), true, false };
	return r;
}

/* ---- answers ------------------------------------------------------------------------------- */

/* By the number that was texted. */
static int answer(struct exchange *x, const struct agent *a, const struct meant *m, int64_t account,
		  const char *text)
{
	return ticket_say(x, m->is_found ? &m->t : NULL, account, a->in->from, a->in->st->sim.line,
			  text);
}

/* One of our own sentences about a ticket; name and why: what they stand for in it. */
static int answer_about(struct exchange *x, const struct agent *a, const struct meant *m,
			enum flow_house_text said, const char *name, const char *why)
{
	char tag[24];
	const struct flow_named names[] = { { "ticket", tag }, { "name", name }, { "why", why } };
	struct tw_buf text = { 0 };
	int r;

	snprintf(tag, sizeof(tag), "#%lld", (long long)m->t.tag);
	people_say(x, m->t.account, m->name, said, names, TW_COUNT(names), &text);
	r = answer(x, a, m, m->t.account, tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}

/* ---- commands ------------------------------------------------------------------------------ */

static int show(struct exchange *x, const struct agent *a, struct meant *m)
{
	struct store_contact c;
	struct tw_buf text = { 0 };
	int r = store_contact_get(x->store, m->t.contact, &c);

	if (r < 0)
		return r;
	ticket_write(&m->t, &c, m->t.about, PEOPLE_TEXT_MAX, &text);
	r = answer(x, a, m, m->t.account, tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}

static int close_it(struct exchange *x, const struct agent *a, struct meant *m)
{
	int r = ticket_close(x, &m->t, m->name);

	return r < 0 ? r : answer_about(x, a, m, FLOW_SAY_AGENT_CLOSED, "", "");
}

static bool is_anothers(const struct agent *a, const struct meant *m)
{
	return m->t.state == STORE_TICKET_ANSWERED && m->t.number[0] &&
	       strcmp(m->t.number, a->in->from) != 0;
}

/* A note says that somebody has it, too; it is for the house. */
static int note(struct exchange *x, const struct agent *a, struct meant *m, const char *text)
{
	struct store_contact c;
	int r;

	if (!*text)
		return answer_about(x, a, m, FLOW_SAY_AGENT_NOTE_EMPTY, "", "");
	r = ticket_note(x, &m->t, "note", m->name, text);
	if (r == 0 && m->t.state != STORE_TICKET_ANSWERED) {
		r = store_contact_get(x->store, m->t.contact, &c);
		if (r == 0)
			r = ticket_take(x, &m->t, &c, m->name, a->in->from);
	}
	return r < 0 ? r : answer_about(x, a, m, FLOW_SAY_AGENT_NOTED, "", "");
}

static int refused(struct exchange *x, const struct agent *a, const struct meant *m,
		   enum flow_house_text said)
{
	struct tw_buf why = { 0 };
	int r;

	people_say(x, m->t.account, m->name, said, NULL, 0, &why);
	r = answer_about(x, a, m, FLOW_SAY_AGENT_REFUSED, "", tw_buf_str(&why));
	tw_buf_done(&why);
	return r;
}

/* To the customer, from the number that they texted. */
static int say(struct exchange *x, const struct agent *a, struct meant *m,
	       const char *text, size_t n)
{
	enum store_person_kind kind = m->t.kind == STORE_FORWARD ? STORE_PERSON_FORWARD
								 : STORE_PERSON_AGENT;
	struct store_contact c;
	const struct person_why *why;
	int64_t id;
	int r = store_contact_get(x->store, m->t.contact, &c);

	if (r < 0)
		return r;
	if (is_anothers(a, m))
		return answer_about(x, a, m, FLOW_SAY_AGENT_TAKEN, m->t.agent, "");
	r = person_say(x, &c, m->t.line, text, n, &id, &why);
	if (r == TW_E_DENIED)
		return refused(x, a, m, why->said);
	if (r == 0)
		r = ticket_take(x, &m->t, &c, m->name, a->in->from);
	if (r == 0 && !m->t.own_line) {
		r = ticket_own_line(x, &m->t, &m->t.own_line);
		if (r == 0 && m->t.own_line)
			r = store_ticket_save(x->store, &m->t);
	}
	if (r == 0)
		r = person_talks(x, c.id, kind, m->t.id, m->name);
	/* Whoever writes a tag goes on with that ticket; a number of its own says nothing of the
	 * others. */
	return r < 0 || m->by_own_line ? r : store_shown_put(x->store, a->in->from, m->t.id,
							     x->now.wall);
}

/* ---- reading ------------------------------------------------------------------------------- */

static const char *skip(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	return p;
}

/* A word, and nothing or white space behind it: what follows; else NULL. */
static const char *behind(const char *text, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(text, word, n) != 0 || (text[n] && !isspace((unsigned char)text[n])))
		return NULL;
	return skip(text + n);
}

static int act(struct exchange *x, const struct agent *a, struct meant *m, const char *rest)
{
	const char *text;

	if (!*rest)
		return show(x, a, m);
	text = behind(rest, "close");
	if (text && !*text)
		return close_it(x, a, m);
	text = behind(rest, "note");
	if (text)
		return note(x, a, m, text);
	return say(x, a, m, rest, strlen(rest));
}

/* "#7 …": the tag and what follows. */
static bool read_tag(const char *text, int64_t *ret, const char **rest)
{
	char *end;

	if (text[0] != '#' || !isdigit((unsigned char)text[1]))
		return false;
	*ret = strtoll(text + 1, &end, 10);
	if (*end && !isspace((unsigned char)*end) && !ispunct((unsigned char)*end))
		return false;
	while (*end && strchr(":,.;-", *end))
		end++;
	*rest = skip(end);
	return true;
}

/* The agent's text as a row: of the ticket's account, else of the first that has this agent. */
static int keep(struct exchange *x, struct agent *a, const struct meant *m)
{
	struct store_contact c;
	int64_t account = m->is_found || !a->n ? m->t.account : a->accounts[0];
	int r = store_contact(x->store, account, a->in->from, true, x->now.wall, &c);

	return r < 0 ? r : dispatch_keep(x, a->in, &c, NULL, false, &a->message);
}

static int list(struct exchange *x, struct agent *a)
{
	struct meant none = { .is_found = false };
	struct tw_buf text = { 0 };
	int64_t account = a->n ? a->accounts[0] : 0;
	int r = 0;

	if (!a->n) {		/* what was forwarded to them tells the account */
		int n;

		r = count_open(x, a, &n, &none.t);
		account = none.t.account;
	}
	if (r == 0)
		r = keep(x, a, &none);
	if (r == 0)
		r = write_list(x, a, account, &text);
	if (r == 0)
		r = answer(x, a, &none, account, tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}

/* A tag that is none of theirs, or no command at all. */
static int not_one(struct exchange *x, const struct agent *a, bool has_tag, int64_t tag)
{
	char name[32];
	const struct flow_named names[] = { { "ticket", name } };
	const struct meant none = { .is_found = false };
	struct tw_buf text = { 0 };
	int r;

	snprintf(name, sizeof(name), "#%lld", (long long)tag);
	people_say(x, a->accounts[0], a->as[0].name,
		   has_tag ? FLOW_SAY_AGENT_UNKNOWN : FLOW_SAY_AGENT_HELP, names, TW_COUNT(names),
		   &text);
	r = answer(x, a, &none, a->accounts[0], tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}

/* What begins with a `#`. */
static int command(struct exchange *x, struct agent *a, const char *text)
{
	struct meant m = { .is_found = false };
	const char *rest = behind(text + 1, "list");
	int64_t tag = 0;
	int r;

	if (rest && !*rest)
		return list(x, a);
	bool has_tag = read_tag(text, &tag, &rest);

	r = has_tag ? find_tagged(x, a, tag, &m) : 0;
	if (r == 0 && !m.is_found && !a->n)
		return 0;		/* text, of somebody to whom something else was forwarded */
	if (r == 0)
		r = keep(x, a, &m);
	if (r < 0)
		return r;
	if (m.is_found)
		return act(x, a, &m, rest);
	return not_one(x, a, has_tag, tag);
}

static int untagged(struct exchange *x, struct agent *a, const char *text)
{
	struct meant m = { .is_found = false };
	struct store_ticket first;
	int n, r = find_untagged(x, a, &m);

	if (r < 0)
		return r;
	if (m.is_found) {
		r = keep(x, a, &m);
		return r < 0 ? r : say(x, a, &m, text, strlen(text));
	}
	r = count_open(x, a, &n, &first);
	return r < 0 || !n ? r : list(x, a);
}

int agent_is_one(struct exchange *x, const char *number)
{
	struct store_ticket t;
	struct flow_agent a;
	size_t cursor = 0;
	int r;

	if (x->flows && flows_agent_of(x->flows, number, &cursor, &a))
		return 1;
	r = store_ticket_by(x->store, number, 0, &t);
	return r == TW_E_UNKNOWN ? 0 : r < 0 ? r : 1;
}

int agent_text(struct exchange *x, const struct text_in *in, int64_t *ret_id)
{
	struct agent a;
	struct store_ticket t;
	struct tw_buf clean = { 0 };
	int r;

	if (!x->flows)
		return 0;
	r = read_agent(x, in, &a);
	if (r == 0 && !a.n)
		r = store_ticket_by(x->store, in->from, 0, &t);
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	tw_utf8_clean(in->body, in->body_n, &clean);
	while (clean.n && isspace((unsigned char)clean.p[clean.n - 1]))
		clean.p[--clean.n] = '\0';
	const char *text = skip(tw_buf_str(&clean));

	if (*text == '#')
		r = command(x, &a, text);
	else if (*text)
		r = untagged(x, &a, text);
	tw_buf_done(&clean);
	*ret_id = a.message;
	return r < 0 ? r : a.message != 0;
}
