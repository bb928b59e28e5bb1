/* A run of steps, one intent carried out after the other, in the transaction of the text or of the
 * time that brought it about; where it stops, its place is a row. */
#include "talk.h"

enum { EVENTS_DEEP = 4 };	/* events that bring about each other */

int talk_event(struct exchange *x, struct talk *t, enum flow_happening what, const char *about)
{
	struct flow_intent begin;
	int r = 0;

	for (size_t i = 0; r == 0 && x->flows &&
			   flows_on(x->flows, t->e, t->account, what, about, i, &begin); i++) {
		struct talk inner = *t;

		if (t->depth == EVENTS_DEEP)
			return talk_refuse(x, t, "flow.endless", "events bring about each other");
		inner.row = (struct store_talk){ .id = 0 };
		inner.depth++;
		r = talk_begin(x, &inner, &begin);
		t->has_replied |= inner.has_replied;
	}
	return r;
}

static int redeem(struct exchange *x, struct talk *t, const struct flow_intent *i,
		  struct flow_run *run)
{
	const char *result;
	int r = voucher_redeem(x, t, i->series, i->text, i->text_n, &result);

	flow_run_result(run, result);
	return r == 0 && strcmp(result, "ok") == 0 ?
	       talk_event(x, t, FLOW_ON_REDEEMED, i->series->name) : r;
}

static int carry_out(struct exchange *x, struct talk *t, const struct flow_intent *i,
		     struct flow_run *run)
{
	switch (i->type) {
	case FLOW_REPLY:
		return talk_reply(x, t, i);
	case FLOW_SEND:
		return talk_send(x, t, i);
	case FLOW_SET:
		return talk_set(x, t, i);
	case FLOW_TAG:
	case FLOW_UNTAG:
		return contact_tag(x, &t->c, i->name, i->type == FLOW_TAG);
	case FLOW_VOUCHER:
		return talk_voucher(x, t, i, run);
	case FLOW_REDEEM:
		return redeem(x, t, i, run);
	case FLOW_SPLIT:
		return talk_split(x, t, i, run);
	case FLOW_PLEDGE:
		return talk_pledge(x, t, i);
	case FLOW_SUBSCRIBE:
	case FLOW_UNSUBSCRIBE:
	case FLOW_CONFIRM:
		return talk_change_list(x, t, i, run);
	case FLOW_TICKET:
	case FLOW_CALLBACK:
		return ticket_open(x, t, i, run);
	case FLOW_FORWARD:
		return ticket_forward(x, t, i);
	case FLOW_APPOINTMENT:
		return talk_appointment(x, t, i, run);
	case FLOW_CUT:
		return talk_refuse(x, t, "flow.endless", i->text);
	case FLOW_FAILED:
		return talk_failed(x, t, i);
	case FLOW_WEBHOOK:
	case FLOW_EXEC:
	case FLOW_EMAIL:
		return away_leave(x, t, i, flow_run_keyword(run));
	case FLOW_CALL_FORWARD:
		return call_forward_leave(x, t, i);
	case FLOW_CALENDAR:
		return calendar_leave(x, t, i);
	case FLOW_KEEP:
		return talk_keep(x, t, &i->place);
	case FLOW_STOP:
	case FLOW_START:
	case FLOW_HELP:
	case FLOW_TAKEN:
	case FLOW_UNTAKEN:
	case FLOW_WHICH:
	case FLOW_BEGIN:
	case FLOW_ANSWER:
	case FLOW_PERSON:
		break;
	}
	return 0;
}

/* What the steps say counts for the keyword that began them. */
static int count_by(struct exchange *x, struct talk *t, const struct flow_run *run)
{
	const char *keyword = run ? flow_run_keyword(run) : "";

	return keyword[0] ? figure_topic(x, t->c.account, STORE_TOPIC_KEYWORD, keyword, &t->topic)
	       : 0;
}

/* Until it is over or stands somewhere. */
static int run_steps(struct exchange *x, struct talk *t, struct flow_run *run)
{
	struct flow_intent i;
	bool stands = false;
	int r = count_by(x, t, run);

	while (r == 0 && run && flow_run_next(run, &i)) {
		stands = i.type == FLOW_KEEP;
		r = x->asked.error ? x->asked.error : carry_out(x, t, &i, run);
	}
	flow_run_free(run);
	if (r == 0)
		r = x->asked.error;
	if (r == 0 && !stands)
		r = talk_end(x, t);
	return r == 0 && x->flows ? goal_check(x, t) : r;
}

int talk_begin(struct exchange *x, struct talk *t, const struct flow_intent *begin)
{
	/* One that waits begins anew when its keyword is texted again. */
	int r = begin->keyword ? talk_end_others(x, t, FLOW_WAITING, begin->keyword) : 0;

	if (r == 0 && begin->keyword)
		r = goal_touch(x, t, "keyword", begin->keyword);
	return r < 0 ? r : run_steps(x, t, flow_run_begin(x->flows, t->e, begin));
}

int talk_go_on(struct exchange *x, struct talk *t, enum flow_cause cause)
{
	struct talk_version *v;
	int r = talk_version_of(x, t->row.version, &v);

	if (r < 0)
		return r;
	const struct flows *f = talk_flows_of(x, v);
	struct flow_place place = talk_place_of(&t->row, v);
	struct flow_run *run = f && !t->ends ? flow_run_resume(f, t->e, t->account, &place, cause)
		: NULL;

	if (run && cause == FLOW_BY_ANSWER)
		flow_run_answer(run, t->answer);
	if (!run && x->flows)
		run = flow_run_ended(x->flows, t->e, t->account);
	return run_steps(x, t, run);
}

int talk_answer(struct exchange *x, struct talk *t, int64_t id)
{
	int r = store_talk_get(x->store, id, &t->row);

	if (r < 0)
		return r;
	char *variables = t->row.variables;

	r = talk_go_on(x, t, FLOW_BY_TEXT);
	free(variables);
	return r;
}
