/* Conversions (contract 2): the first time that a goal's condition is true of a contact counts for
 * the last keyword or arm before the text that brought it about, if that was within the goal's
 * time. */
#include "internal.h"

enum { GOALS_MAX = 64 };

/* Rows are written only where somebody asks what they led to. */
int goal_touch(struct exchange *x, const struct talk *t, const char *kind, const char *name)
{
	struct flow_goal_state one;

	if (!flows_goals(x->flows, t->account, NULL, &one, 1))
		return 0;
	return store_touch_add(x->store, t->c.id, kind, name, t->message, x->now.wall);
}

int goal_touch_by(struct exchange *x, const struct store_message *m, const char *kind,
		  const char *name)
{
	struct flow_goal_state one;
	char account[128];

	if (!x->flows || !flows_goals(x->flows, account_of_id(x, m->account, account,
							      sizeof(account)),
				      NULL, &one, 1))
		return 0;
	return store_touch_add(x->store, m->contact, kind, name, m->id, x->now.wall);
}

/* The goal itself, and what the contact came by. */
static int count(struct exchange *x, const struct talk *t, const struct flow_goal_state *goal,
		 const struct store_touch *touch)
{
	int r = figure_count_named(x, t->c.account, STORE_TOPIC_GOAL, goal->name, t->line,
				   FIGURE_CONVERSIONS);

	for (int k = 0; touch && k < STORE_TOPIC_KINDS && r == 0; k++)
		if (strcmp(store_topic_name((enum store_topic_kind)k), touch->kind) == 0)
			r = figure_count_named(x, t->c.account, (enum store_topic_kind)k,
					       touch->name, t->line, FIGURE_CONVERSIONS);
	return r;
}

static int reach(struct exchange *x, const struct talk *t, const struct flow_goal_state *goal)
{
	struct store_touch touch, before;
	int r = store_conversion(x->store, t->c.id, goal->name, &before);

	if (r != TW_E_UNKNOWN)
		return r;
	r = store_touch_last(x->store, t->c.id, t->message, &touch);
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	bool counts = r == 0 && touch.at.ms + goal->within >= x->now.wall.ms;

	r = store_conversion_add(x->store, t->c.id, goal->name, counts ? touch.id : 0, t->message,
				 x->now.wall);
	if (r == 0)
		r = store_goal_add(x->store, t->c.account, goal->name, counts ? touch.kind : "",
				   counts ? touch.name : "", x->now.wall);
	if (r == 0)
		r = events_tell(x, &t->c, "goal.reached", "goal", goal->name, "touch",
				counts ? touch.name : NULL, NULL);
	return r < 0 ? r : count(x, t, goal, counts ? &touch : NULL);
}

int goal_check(struct exchange *x, const struct talk *t)
{
	struct flow_goal_state goals[GOALS_MAX];
	size_t n = flows_goals(x->flows, t->account, t->e, goals, GOALS_MAX);
	int r = x->asked.error;

	for (size_t i = 0; i < n && r == 0; i++)
		if (goals[i].is_reached)
			r = reach(x, t, &goals[i]);
	return r;
}
