/* Conversations that go on by the clock. */
#include "talk.h"

enum { TALK_AGAIN_MS = 60 * 1000 };	/* one that could not be gone on with is tried again */

int talk_open_until(struct exchange *x, int64_t contact, struct wall_ms *ret)
{
	struct store_talk row;
	int64_t after = 0;
	int r;

	ret->ms = 0;
	while ((r = store_talk_next(x->store, contact, after, &row)) == 0) {
		after = row.id;
		if (row.stands == FLOW_ASKING && row.due_at.ms > x->now.wall.ms)
			*ret = row.due_at;
		store_talk_done(&row);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int run_with_event(struct exchange *x, struct talk *t, enum flow_cause cause)
{
	char account[64], to[TW_ADDRESS_MAX] = "";
	struct flow_view view;
	struct store_message m = { 0 };
	struct flow_event e = audience_event(x, &t->c, to, &view);
	int r = t->line ? store_line_number(x->store, t->line, to, sizeof(to)) : 0;

	if (r == 0 && t->message && store_message_get(x->store, t->message, &m) == 0 && m.body) {
		e.text = m.body;
		e.text_n = m.body_n;
	}
	if (t->row.stands == FLOW_WAITING)
		e.not_before = audience_quiet(x, &t->c, "at");
	account_of_id(x, t->c.account, account, sizeof(account));
	if (r == 0 && !account[0])
		r = TW_E_DB;
	t->account = account;
	t->e = &e;
	if (r == 0)
		r = talk_go_on(x, t, cause);
	store_message_done(&m);
	if (r == 0 && t->has_replied)
		r = store_thread_touch(x->store, t->c.id, t->line, (struct wall_ms){ 0 },
				       x->now.wall);
	return r;
}

int talk_run_row(struct exchange *x, struct talk *t, enum flow_cause cause)
{
	int r = store_contact_get(x->store, t->row.contact, &t->c);

	t->line = t->row.line;
	t->message = t->row.message;
	t->by_clock = t->row.stands != FLOW_AWAY || t->row.by_clock;
	t->lane = t->row.stands == FLOW_AWAY ? (enum lane)t->row.lane : t->lane;
	return r < 0 ? r : run_with_event(x, t, cause);
}

static int run_one(struct exchange *x, int64_t id)
{
	static const struct flow_answer nothing;
	struct talk t = { .answer = &nothing };
	struct wall_ms until = { 0 };
	int r = store_talk_get(x->store, id, &t.row);

	if (r < 0)
		return r;
	char *variables = t.row.variables;

	if (t.row.stands == FLOW_WAITING)
		r = talk_open_until(x, t.row.contact, &until);
	if (r == 0 && t.row.stands == FLOW_WAITING && until.ms) {
		t.row.is_behind = true;
		t.row.due_at = wall_after(until, 1);
		r = store_talk_put(x->store, &t.row);
	} else if (r == 0) {
		r = talk_run_row(x, &t, t.row.away == TALK_ANSWERED ? FLOW_BY_ANSWER
				 : FLOW_BY_CLOCK);
	}
	free(variables);
	return r;
}

int talk_run_due(struct exchange *x)
{
	int64_t id;
	int r = 0;

	if (x->prunes) {
		x->prunes = false;
		event_begin(x);
		event_end(x, store_versions_prune(x->store), "versions");
	}
	if (x->moves_talks) {
		r = talk_move_some(x);
		if (r < 0)
			return r;
	}
	if (x->talk_at.ms > x->now.wall.ms)
		return 0;
	for (int i = 0; i < X_SLICE && r == 0; i++) {
		r = store_talk_due(x->store, &id, &x->talk_at);
		if (r == TW_E_UNKNOWN)
			x->talk_at = X_NEVER;
		if (x->moves_talks && x->talk_at.ms > x->now.wall.ms)
			x->talk_at = wall_after(x->now.wall, 1);	/* the next slice */
		if (r < 0 || x->talk_at.ms > x->now.wall.ms)
			return r == TW_E_UNKNOWN ? 0 : r;
		event_begin(x);
		r = event_end(x, run_one(x, id), "conversation");
		if (r < 0 && !store_is_void(x->store))
			x->talk_at = wall_after(x->now.wall, TALK_AGAIN_MS);
	}
	return r;
}
