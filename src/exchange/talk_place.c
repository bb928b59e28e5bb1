/* Where conversations stand: their rows, and which of them is the question that a text answers. */
#include "talk.h"

struct flow_place talk_place_of(const struct store_talk *row, const struct talk_version *v)
{
	struct flow_place p = { .stands = (enum flow_stands)row->stands, .step = row->step,
				.tries = row->tries, .first_at = row->first_at,
				.until = row->due_at,
				.variables = row->variables, .variables_n = row->variables_n };

	if (v)
		memcpy(p.version, v->hash, sizeof(p.version));
	return p;
}

/* ---- questions ----------------------------------------------------------------------------- */

/* Put from this number, or from one whose SIM is gone. */
static bool is_heard_at(struct exchange *x, const struct store_talk *row, int64_t line)
{
	return row->line == line ||
	       (!x->is_play && !station_is_present(x, station_by_line(x, row->line)));
}

static int question_of(struct exchange *x, int64_t line, const struct store_contact *c,
		       struct wall_ms *last, struct talk_question *ret, char account[64])
{
	struct store_talk row;
	int64_t after = 0;
	int r;

	while ((r = store_talk_next(x->store, c->id, after, &row)) == 0) {
		struct talk_version *v = NULL;

		if (row.stands == FLOW_AWAY && ret->n_away < X_ACCOUNTS_MAX)
			ret->away[ret->n_away++] = c->id;
		if (row.stands == FLOW_ASKING)
			r = talk_version_of(x, row.version, &v);
		const struct flows *f = talk_flows_of(x, v);

		after = row.id;
		if (f && row.due_at.ms > x->now.wall.ms && row.asked_at.ms >= last->ms &&
		    is_heard_at(x, &row, line)) {
			*last = row.asked_at;
			memcpy(ret->version, v->hash, sizeof(ret->version));
			account_of_id(x, c->account, account, 64);
			free(x->question_variables);
			x->question_variables = tw_steal(row.variables);
			ret->q = (struct flow_question){ row.id, f, ret->version, row.step, account,
							 x->question_variables, row.variables_n };
		}
		store_talk_done(&row);
		if (r < 0)
			return r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int talk_question(struct exchange *x, int64_t line, const struct store_contact *contacts, size_t n,
		  struct talk_question *ret)
{
	struct wall_ms last = { 0 };
	static char accounts[2][64];	/* of the best so far, and of the one that is looked at */
	char *best = accounts[0], *other = accounts[1];

	ret->q.id = 0;
	ret->n_away = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t before = ret->q.id;
		int r = question_of(x, line, &contacts[i], &last, ret, other);

		if (r < 0)
			return r;
		if (ret->q.id != before) {
			char *swap = best;

			best = other;
			other = swap;
		}
	}
	return ret->q.id ? 0 : TW_E_UNKNOWN;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void wake_at(struct exchange *x, struct wall_ms at)
{
	if (at.ms < x->talk_at.ms)
		x->talk_at = at;
}

/* Programs hear that a conversation is over, and by which keyword it had begun. */
static int tell_end(struct exchange *x, const struct store_contact *c, const struct store_talk *row)
{
	const struct flow_place place = talk_place_of(row, NULL);
	const char *keyword = flow_place_keyword(&place);

	return events_tell(x, c, "conversation.ended", "keyword", *keyword ? keyword : NULL, NULL);
}

static int tell_end_of(struct exchange *x, const struct store_contact *c, int64_t id)
{
	struct store_talk row;
	int r;

	if (!events_are_wanted(x, c->account))
		return 0;
	r = store_talk_next(x->store, c->id, id - 1, &row);
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	r = row.id == id ? tell_end(x, c, &row) : 0;
	store_talk_done(&row);
	return r;
}

int talk_end(struct exchange *x, struct talk *t)
{
	int r = t->row.id ? tell_end_of(x, &t->c, t->row.id) : 0;

	if (r == 0 && t->row.id)
		r = store_talk_del(x->store, t->row.id);
	if (t->row.id && t->row.stands == FLOW_AWAY)
		held_soon(x);
	if (r == 0 && t->row.id && t->row.stands == FLOW_ASKING) {
		r = store_talks_wake(x->store, t->c.id, x->now.wall);
		wake_at(x, x->now.wall);
	}
	t->row.id = 0;
	return r;
}

int talk_end_others(struct exchange *x, const struct talk *t, enum flow_stands stands,
		    const char *keyword)
{
	struct store_talk row;
	int64_t after = 0;
	int r;

	while ((r = store_talk_next(x->store, t->c.id, after, &row)) == 0) {
		struct flow_place place = talk_place_of(&row, NULL);
		bool ends = row.id != t->row.id && row.stands == (int)stands &&
			    (!keyword || strcmp(flow_place_keyword(&place), keyword) == 0);

		after = row.id;
		if (ends)
			r = tell_end(x, &t->c, &row);
		store_talk_done(&row);
		if (ends && r == 0)
			r = store_talk_del(x->store, after);
		if (r < 0)
			break;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int talk_keep(struct exchange *x, struct talk *t, const struct flow_place *place)
{
	struct store_talk row = { .id = t->row.id, .contact = t->c.id, .line = t->line,
				  .stands = place->stands, .step = place->step,
				  .tries = place->tries,
				  .first_at = place->first_at, .due_at = place->until,
				  .asked_at = place->stands == FLOW_ASKING ? x->now.wall
									   : (struct wall_ms){ 0 },
				  .message = t->message ? t->message : t->row.message,
				  .variables = (char *)(uintptr_t)place->variables,
				  .variables_n = place->variables_n };
	int r = talk_version_row(x, place->version, &row.version);

	if (t->row.id && t->row.stands == FLOW_AWAY)
		held_soon(x);
	if (place->stands == FLOW_AWAY) {
		row.away = t->away;
		row.by_clock = t->by_clock;
		row.lane = t->lane;
		if (t->away_at_once)
			row.due_at = x->now.wall;
	}

	/* One question of an account is open: the older one ends without a word. */
	if (r == 0 && place->stands == FLOW_ASKING)
		r = talk_end_others(x, t, FLOW_ASKING, NULL);
	if (r == 0)
		r = store_talk_put(x->store, &row);
	if (r == 0 && !t->row.id)
		r = events_tell(x, &t->c, "conversation.opened", "keyword",
				flow_place_keyword(place), NULL);
	t->row.id = row.id;
	t->row.stands = row.stands;
	wake_at(x, row.due_at);
	return r;
}

static int tell_all_ends(struct exchange *x, int64_t contact)
{
	struct store_contact c;
	struct store_talk row;
	int64_t after = 0;
	int r = store_contact_get(x->store, contact, &c);

	while (r == 0 && (r = store_talk_next(x->store, contact, after, &row)) == 0) {
		after = row.id;
		r = tell_end(x, &c, &row);
		store_talk_done(&row);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int talk_stop(struct exchange *x, int64_t contact)
{
	int r = held_drop(x, contact);

	if (r == 0 && events_have_urls(x))
		r = tell_all_ends(x, contact);
	return r < 0 ? r : store_talks_del(x->store, contact);
}
