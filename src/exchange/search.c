/* Messages by who wrote to whom and when, for programs; and taking back what was said. */
#include "internal.h"

static bool is_line(struct exchange *x, const char *number)
{
	return tw_map_get(&x->lines, number, strlen(number)) != NULL;
}

/* The contact that both sides can only be: 1 found, 0 any may be, TW_E_UNKNOWN there is none. */
static int find_contact(struct exchange *x, const struct exchange_search *s, int64_t account,
			int64_t *ret)
{
	const char *const sides[] = { s->to, s->from };
	struct store_contact c;

	for (size_t i = 0; i < TW_COUNT(sides); i++) {
		if (!sides[i] || is_line(x, sides[i]))
			continue;
		int r = store_contact(x->store, account, sides[i], false, x->now.wall, &c);

		if (r == 0)
			*ret = c.id;
		return r < 0 ? r : 1;
	}
	return 0;
}

static bool is_shown(const struct exchange_search *s, const struct store_message *m)
{
	struct wall_ms at = m->direction == INBOUND ? m->created_at : m->sent_at;

	if (m->flags & STORE_HIDDEN)
		return false;
	if (!s->sent_from.ms && !s->sent_until.ms)
		return true;
	return at.ms && at.ms >= s->sent_from.ms && (!s->sent_until.ms ||
						     at.ms <= s->sent_until.ms);
}

static bool is_same(const char *wanted, const char *is)
{
	return !wanted || (is && strcmp(wanted, is) == 0);
}

static int step(struct exchange *x, const struct exchange_search *s, struct store_query *q,
		struct store_message *m)
{
	int r = s->is_newer ? store_message_after(x->store, q, q->before, m) :
			      store_message_before(x->store, q, m);

	if (r == 0)
		q->before = m->id;
	return r;
}

int exchange_search(struct exchange *x, struct exchange_search *s,
		    void (*cb)(void *ctx, struct message *m), void *ctx)
{
	struct store_query q = { .state = -1, .direction = -1 };
	struct store_message row;
	struct message m;
	int told = 0;
	int r = account_id(x, s->account, &q.account);

	if (r == 0 && s->position[0] && store_id_read(x->store, s->position, &q.before) < 0)
		r = TW_E_UNKNOWN;
	if (r < 0)
		return r;
	r = find_contact(x, s, q.account, &q.contact);
	s->is_over = r == TW_E_UNKNOWN;
	if (r < 0)
		return s->is_over ? 0 : r;
	for (int looked = 0; looked < EXCHANGE_LOOK && told < s->limit; looked++) {
		r = step(x, s, &q, &row);
		s->is_over = r == TW_E_UNKNOWN;
		if (r < 0)
			break;
		if (is_shown(s, &row))
			r = query_fill(x, &row, &m);
		if (is_shown(s, &row) && r == 0) {
			if (is_same(s->from, m.from) && is_same(s->to, m.to)) {
				cb(ctx, &m);
				told++;
			} else {
				message_done(&m);
			}
		}
		store_message_done(&row);
		if (r < 0)
			return r;
	}
	if (q.before)
		store_id_write(x->store, q.before, s->position);
	return r < 0 && !s->is_over ? r : told;
}

/* ---- taking back what was said ------------------------------------------------------------- */

static int get(struct exchange *x, const char *id, struct store_message *ret)
{
	int64_t row;
	int r = store_id_read(x->store, id, &row);

	if (r == 0)
		r = store_message_get(x->store, row, ret);
	if (r == 0 && ret->flags & STORE_DELETED) {
		store_message_done(ret);
		r = TW_E_UNKNOWN;
	}
	return r;
}

static bool may_be_sent(const struct store_message *m)
{
	return m->direction == OUTBOUND && m->state != MESSAGE_SENT &&
	       !message_state_is_final((enum message_state)m->state);
}

/* Sent, and a report may still come. */
static bool is_reported_later(struct exchange *x, const struct store_message *m)
{
	struct store_attempt a = { 0 };

	if (m->state != MESSAGE_SENT || m->valid_until.ms < x->now.wall.ms)
		return false;
	while (store_attempt_next(x->store, m->id, a.id, &a) == 0)
		if (a.wants_report)
			return true;
	return false;
}

int exchange_redact(struct exchange *x, const char *id, struct tw_now now, struct message *ret)
{
	struct store_message m;
	int r = get(x, id, &m);

	x->now = now;
	if (r < 0)
		return r;
	bool is_open = may_be_sent(&m);
	int64_t row = m.id;

	store_message_done(&m);
	if (is_open)
		return TW_E_STATE;
	event_begin(x);
	r = store_message_erase(x->store, row);
	int ended = event_end(x, r, "redact");

	if (r == 0)
		r = ended;
	return r < 0 ? r : exchange_message(x, id, ret);
}

int exchange_delete(struct exchange *x, const char *id, struct tw_now now)
{
	struct store_message m;
	int r = get(x, id, &m);

	x->now = now;
	if (r < 0)
		return r;
	bool is_open = may_be_sent(&m) || is_reported_later(x, &m);
	int64_t row = m.id;

	store_message_done(&m);
	if (is_open)
		return TW_E_STATE;
	event_begin(x);
	r = store_message_hide(x->store, row);
	int ended = event_end(x, r, "delete");

	return r < 0 ? r : ended;
}
