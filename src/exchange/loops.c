/* Two machines must not talk for ever: the loop rule and auto_reply_limit (contract 2 and 1). What
 * is needed of the last hour is kept in memory and read from the store when it is not there. */
#include <stdio.h>

#include "internal.h"

enum {
	LOOPS_MAX = 4096, HISTORY_MAX = 2000,
	LOOP_LONG = 20		/* octets of a key that nobody types four times over */
};

/* Between a long number and a customer's: our last reply, and the echoes of it. */
struct loop_memory {
	struct tw_buf last;		/* key of our last reply; empty: none */
	struct wall_ms echoes[X_LOOP_COUNT];	/* the latest, oldest first */
	struct tw_buf heard;		/* key of their last text, and when it came time after
					 * time */
	struct wall_ms repeats[X_LOOP_COUNT];
	struct wall_ms used;
};

/* Automatic replies of the last hour, to a contact or of an account. */
struct limit_memory { struct wall_ms *v; size_t n, cap; struct wall_ms used; };

static void loop_free_memory(void *value)
{
	struct loop_memory *l = value;

	tw_buf_done(&l->last);
	tw_buf_done(&l->heard);
	free(l);
}

static void limit_free_memory(void *value)
{
	struct limit_memory *l = value;

	free(l->v);
	free(l);
}

static void empty(struct tw_map *m, void (*drop)(void *value))
{
	void *value;

	for (size_t cursor = 0; tw_map_each(m, &cursor, NULL, NULL, &value); )
		drop(value);
	tw_map_done(m);
}

void loops_done(struct exchange *x)
{
	empty(&x->loops, loop_free_memory);
	empty(&x->limits, limit_free_memory);
}

/* ---- the loop rule ------------------------------------------------------------------------- */

static void note(struct wall_ms times[X_LOOP_COUNT], struct wall_ms at)
{
	memmove(times, times + 1, (X_LOOP_COUNT - 1) * sizeof(times[0]));
	times[X_LOOP_COUNT - 1] = at;
}

/* A text comes in: whether it is an echo of our last reply, or holds it. */
static bool hear(struct loop_memory *l, const char *text, size_t n, struct wall_ms at)
{
	struct tw_buf key = { 0 };

	tw_fold_key(text, n, &key);
	bool is_same = key.n && key.n == l->heard.n && !memcmp(key.p, l->heard.p, key.n);
	bool echo = l->last.n && memmem(tw_buf_str(&key), key.n, l->last.p, l->last.n);

	if (!is_same)
		memset(l->repeats, 0, sizeof(l->repeats));
	note(l->repeats, at);
	if (echo)
		note(l->echoes, at);
	tw_buf_done(&l->heard);
	l->heard = key;
	return echo;
}

/* The fourth within ten minutes. */
static bool is_fourth(const struct wall_ms times[X_LOOP_COUNT], struct wall_ms now)
{
	return times[0].ms && times[0].ms > now.ms - X_LOOP_MS;
}

/* Messages of a contact within the last hour, oldest first, as the rules would have seen them. */
static void replay_loop(struct exchange *x, struct loop_memory *l, int64_t contact, int64_t line)
{
	struct store_query q = { .contact = contact, .state = -1, .direction = -1 };
	struct store_message *v = NULL, m;
	size_t n = 0;

	while (n < HISTORY_MAX && store_message_before(x->store, &q, &m) == 0) {
		q.before = m.id;
		if (m.created_at.ms < x->now.wall.ms - X_HOUR_MS || m.line != line) {
			bool older = m.created_at.ms < x->now.wall.ms - X_HOUR_MS;

			store_message_done(&m);
			if (older)
				break;
			continue;
		}
		v = tw_realloc(v, (n + 1) * sizeof(*v));
		v[n++] = m;
	}
	while (n > 0) {
		m = v[--n];
		if (m.direction == INBOUND && m.body)
			hear(l, m.body, m.body_n, m.created_at);
		if (m.direction == OUTBOUND && (m.flags & STORE_AUTOMATIC) && m.body)
			tw_fold_key(m.body, m.body_n, &l->last);
		store_message_done(&m);
	}
	free(v);
}

static struct loop_memory *loop_of(struct exchange *x, int64_t line, const char *from,
				   const struct store_contact *contacts, size_t n)
{
	char key[TW_ADDRESS_MAX + 32];
	int len = snprintf(key, sizeof(key), "%lld|%s", (long long)line, from);
	struct loop_memory *l = tw_map_get(&x->loops, key, (size_t)len);

	if (!l) {
		if (x->loops.n >= LOOPS_MAX)
			empty(&x->loops, loop_free_memory);
		l = tw_zalloc(sizeof(*l));
		tw_map_put(&x->loops, key, (size_t)len, l);
		for (size_t i = 0; i < n; i++)
			replay_loop(x, l, contacts[i].id, line);
	}
	l->used = x->now.wall;
	return l;
}

/* A person may want to know. True. */
static bool tell(struct exchange *x, const struct text_in *in, const char *why)
{
	store_event_add(x->store, "loop", in->from, why, 0, x->now.wall);
	watch_now(x, "loop", in->from);
	return true;
}

bool loops_cuts(struct exchange *x, const struct text_in *in, const struct store_contact *contacts,
		size_t n)
{
	if (!x->settings->auto_reply_limit || in->kind == NUMBER_NAME)
		return false;
	struct loop_memory *l = loop_of(x, in->st->sim.line, in->from, contacts, n);

	if (hear(l, in->body, in->body_n, x->now.wall) && is_fourth(l->echoes, x->now.wall))
		return tell(x, in, "the fourth echo of our own reply within ten minutes gets no "
				   "answer");
	if (l->heard.n >= LOOP_LONG && is_fourth(l->repeats, x->now.wall))
		return tell(x, in, "the same text for the fourth time within ten minutes gets no "
				   "answer");
	return false;
}

bool loops_repeats(struct exchange *x, const struct text_in *in)
{
	struct loop_memory *l;

	if (!x->settings->auto_reply_limit || in->kind == NUMBER_NAME)
		return false;
	l = loop_of(x, in->st->sim.line, in->from, NULL, 0);
	return is_fourth(l->repeats, x->now.wall) &&
	       tell(x, in, "what nothing took, for the fourth time within ten minutes, gets no "
			   "answer");
}

/* What is remembered of a number, whichever of ours it wrote to. */
void loops_forget(struct exchange *x, const char *number)
{
	size_t cursor = 0, n;
	const char *key;
	void *value;

	while (tw_map_each(&x->loops, &cursor, &key, &n, &value)) {
		const char *bar = memchr(key, '|', n);

		if (bar && strlen(number) == n - (size_t)(bar + 1 - key) &&
		    !memcmp(bar + 1, number, strlen(number))) {
			struct loop_memory *l = value;

			tw_buf_done(&l->last);
			tw_buf_done(&l->heard);
			memset(l->repeats, 0, sizeof(l->repeats));
			memset(l->echoes, 0, sizeof(l->echoes));
		}
	}
}

/* ---- auto_reply_limit ---------------------------------------------------------------------- */

static void forget_old(struct limit_memory *l, struct wall_ms now)
{
	size_t old = 0;

	while (old < l->n && l->v[old].ms <= now.ms - X_HOUR_MS)
		old++;
	if (!old)
		return;
	memmove(l->v, l->v + old, (l->n - old) * sizeof(*l->v));
	l->n -= old;
}

static void note_reply(struct limit_memory *l, struct wall_ms at)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		l->v = tw_realloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = at;
}

static void replay_limit(struct exchange *x, struct limit_memory *l, struct store_query q)
{
	struct store_message m;
	size_t seen = 0;

	q.state = -1;
	q.direction = OUTBOUND;
	while (seen++ < HISTORY_MAX && store_message_before(x->store, &q, &m) == 0) {
		bool older = m.created_at.ms <= x->now.wall.ms - X_HOUR_MS;

		q.before = m.id;
		if (!older && (m.flags & STORE_AUTOMATIC) && !(m.flags & STORE_CONSENT))
			note_reply(l, m.created_at);
		store_message_done(&m);
		if (older)
			break;
	}
	for (size_t i = 0; i < l->n / 2; i++) {	/* newest first was read, oldest first is kept */
		struct wall_ms t = l->v[i];

		l->v[i] = l->v[l->n - 1 - i];
		l->v[l->n - 1 - i] = t;
	}
}

/* A contact's is named by its row, an account's by the negative of its row. */
static struct limit_memory *limit_of(struct exchange *x, int64_t contact, int64_t account)
{
	int64_t key = contact ? contact : -account;
	struct limit_memory *l = tw_map_get(&x->limits, &key, sizeof(key));

	if (!l) {
		if (x->limits.n >= LOOPS_MAX)
			empty(&x->limits, limit_free_memory);
		l = tw_zalloc(sizeof(*l));
		tw_map_put(&x->limits, &key, sizeof(key), l);
		replay_limit(x, l, (struct store_query){ .contact = contact, .account = account });
	}
	forget_old(l, x->now.wall);
	return l;
}

static int64_t limit_of_account(const struct exchange *x, const char *name)
{
	for (size_t i = 0; i < x->settings->n_accounts; i++)
		if (strcmp(x->settings->accounts[i].name, name) == 0)
			return x->settings->accounts[i].auto_reply_limit;
	return 0;
}

bool limits_reached(struct exchange *x, const struct store_contact *c, const char *account)
{
	int64_t each = x->settings->auto_reply_limit, whole = limit_of_account(x, account);

	if (each && (int64_t)limit_of(x, c->id, 0)->n >= each)
		return true;
	return whole && (int64_t)limit_of(x, 0, c->account)->n >= whole;
}

/* Both memories were asked before the reply's row was written, so neither counts it yet. */
void loops_replied(struct exchange *x, int64_t line, const struct store_contact *c,
		   const char *account, const struct flow_intent *i)
{
	if (x->settings->auto_reply_limit)
		tw_fold_key(i->text, i->text_n, &loop_of(x, line, c->number, c, 1)->last);
	if (i->is_consent)
		return;
	if (x->settings->auto_reply_limit)
		note_reply(limit_of(x, c->id, 0), x->now.wall);
	if (limit_of_account(x, account))
		note_reply(limit_of(x, 0, c->account), x->now.wall);
}
