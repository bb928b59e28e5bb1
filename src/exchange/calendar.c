/* Calendars whose free times another program knows (contract 2, `url`): it is asked when times are
 * offered, while the conversation stands at the appointment. What it says is nothing but times to
 * choose from: who has booked them is written here, as of any calendar. */
#include "answer.h"
#include "talk.h"

int calendar_leave(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	t->away = 0;
	t->away_at_once = false;
	if (!x->hook)
		return 0;
	int r = hook_add(x->hook, &(struct hook_order){
		.kind = HOOK_GET, .purpose = HOOK_FOR_CALENDAR, .account = t->c.account,
		.contact = t->c.id, .url = i->away->to, .is_trusted = true,
		.limit_ms = i->away->timeout }, x->now, &t->away);

	if (r != TW_E_SYNTAX && r != TW_E_RANGE)
		return r;
	t->away_at_once = true;		/* nobody can be asked: the fallback need not wait */
	return talk_refuse(x, t, "step.refused",
			   "`url` of the calendar is no address that can be asked");
}

int calendar_ended(struct exchange *x, const struct hook_result *r)
{
	struct answer_times a;

	if (r->end == HOOK_ANSWERED)
		answer_read_times(r->body, r->body_n, &a);
	else if (r->error[0])
		answer_no_times(&a, "%s", r->error);
	else
		answer_no_times(&a, "it answered with status %d", r->status);
	int code = away_go_on(x, r->id, &(struct flow_answer){
		.failure = a.why[0] ? a.why : NULL, .times = a.v, .n_times = a.n });

	answer_times_done(&a);
	return code == TW_E_UNKNOWN ? 0 : code;
}
