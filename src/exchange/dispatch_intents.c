/* What the flow decided of a text is carried out, one intent after the other. */
#include "dispatch.h"

/* Whom what is carried out is for. */
static int talk_of(struct exchange *x, const struct text_in *in, struct view *v,
		   const char *account, int64_t id, struct talk *ret)
{
	*ret = (struct talk){ .account = account, .line = in->st->sim.line, .message = id,
			      .e = &v->e };
	return dispatch_contact(x, in, v, account, &ret->c);
}

/* The reply's thread is written with that of the text, where it is the same. */
static int note_replies(struct exchange *x, const struct text_in *in, struct view *v,
			const struct talk *t)
{
	if (!t->has_replied)
		return 0;
	if (t->c.id == v->whose.id) {
		v->is_answered = true;
		return 0;
	}
	return store_thread_touch(x->store, t->c.id, in->st->sim.line, (struct wall_ms){ 0 },
				  x->now.wall);
}

static int run_steps(struct exchange *x, const struct text_in *in, struct view *v,
		     const struct flow_intent *i, const char *account, int64_t id)
{
	struct talk t;
	int r;

	if (in->kind == NUMBER_NAME)
		return 0;
	r = talk_of(x, in, v, account, id, &t);
	if (r < 0)
		return r;
	if (i->type == FLOW_BEGIN)
		r = talk_begin(x, &t, i);
	else if (i->type == FLOW_ANSWER)
		r = talk_answer(x, &t, i->question);
	else if (i->type == FLOW_PERSON)
		r = person_hear(x, in, &t);
	else
		r = talk_reply(x, &t, i);
	return r < 0 ? r : note_replies(x, in, v, &t);
}

/* The lists that STOP leaves. */
static int lists_of(struct exchange *x, int64_t contact, struct tw_strings *ret)
{
	struct store_subscription sub = { .list = 0 };
	int r;

	while ((r = store_subscription_of(x->store, contact, sub.list, &sub)) == 0)
		if (sub.state == STORE_JOINED)
			tw_strings_add(ret, sub.name);
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* `left` runs for each, and says nothing: what it would wait for ends with the rest. */
static int stop(struct exchange *x, const struct text_in *in, struct view *v, const char *account,
		int64_t id)
{
	struct tw_strings lists = { 0 };
	struct talk t;
	int r = talk_of(x, in, v, account, id, &t);

	if (r == 0)
		r = lists_of(x, t.c.id, &lists);
	if (r == 0)
		r = consent_stop(x, account, in, id);
	t.c.stopped_at = x->now.wall;
	t.by_clock = true;
	for (size_t i = 0; i < lists.n && r == 0; i++)
		r = talk_event(x, &t, FLOW_ON_LEFT, lists.v[i]);
	tw_strings_done(&lists);
	if (r == 0)
		r = talk_stop(x, t.c.id);
	return r < 0 ? r : person_stop(x, t.c.id);
}

/* STOP and a list's name. */
static int leave_list(struct exchange *x, const struct text_in *in, struct view *v,
		      const struct flow_intent *i, const char *account, int64_t id)
{
	tw_auto(tw_free_charp) char *text = tw_strndup(in->body, in->body_n);
	const struct consent_given given = { text, id, in->st->sim.line };
	struct talk t;
	int r = talk_of(x, in, v, account, id, &t);

	if (r == 0)
		r = talk_leave(x, &t, i->name, &given);
	return r < 0 ? r : note_replies(x, in, v, &t);
}

/* An application is told of consent words of its account. */
static int tell(struct exchange *x, const struct text_in *in, struct view *v,
		const struct flow_intent *i, int64_t id, const char *opt_out)
{
	struct store_contact c;

	if (!x->hook || !i->account || !i->account[0])
		return 0;
	int r = dispatch_contact(x, in, v, i->account, &c);

	return r < 0 ? r : application_tell(x, i->account, &c, id, opt_out);
}

/* 1: what follows waits for the account's application. */
static int ask(struct exchange *x, const struct text_in *in, struct view *v, const char *account,
	       int64_t id)
{
	struct store_contact c;
	bool was_known = false;

	if (!x->hook)
		return 0;
	int r = dispatch_contact(x, in, v, account, &c);

	for (size_t i = 0; i < v->n; i++)
		was_known |= v->contacts[i].account == c.account;
	return r < 0 ? r : application_ask(x, account, &c, id, !was_known);
}

static int keep_which(struct exchange *x, const struct text_in *in, struct view *v,
		      const struct flow_intent *i, const char *account, int64_t id)
{
	struct store_contact c;
	int r = dispatch_contact(x, in, v, account, &c);

	return r < 0 ? r : which_keep(x, in, &c, i, id);
}

int dispatch_carry_out(struct exchange *x, const struct text_in *in, struct view *v,
		       const struct flow_intent *i, const char *account, int64_t id)
{
	const char *whose = i->account && i->account[0] ? i->account : account;
	int r;

	switch (i->type) {
	case FLOW_REPLY:
	case FLOW_BEGIN:
	case FLOW_ANSWER:
	case FLOW_PERSON:
		return run_steps(x, in, v, i, whose, id);
	case FLOW_STOP:
		r = stop(x, in, v, whose, id);
		return r < 0 ? r : tell(x, in, v, i, id, "STOP");
	case FLOW_UNSUBSCRIBE:
		return leave_list(x, in, v, i, whose, id);
	case FLOW_START:
		r = consent_start(x, whose, in, id);
		return r < 0 ? r : tell(x, in, v, i, id, "START");
	case FLOW_HELP:
		return tell(x, in, v, i, id, "HELP");
	case FLOW_UNTAKEN:
		return ask(x, in, v, whose, id);
	case FLOW_WHICH:
		return keep_which(x, in, v, i, whose, id);
	case FLOW_TAKEN:
	/* Steps ask for the rest: talk.c. */
	case FLOW_SEND:
	case FLOW_SET:
	case FLOW_TAG:
	case FLOW_UNTAG:
	case FLOW_SUBSCRIBE:
	case FLOW_CONFIRM:
	case FLOW_VOUCHER:
	case FLOW_REDEEM:
	case FLOW_SPLIT:
	case FLOW_TICKET:
	case FLOW_CALLBACK:
	case FLOW_APPOINTMENT:
	case FLOW_PLEDGE:
	case FLOW_FORWARD:
	case FLOW_CALL_FORWARD:
	case FLOW_EMAIL:
	case FLOW_WEBHOOK:
	case FLOW_EXEC:
	case FLOW_CALENDAR:
	case FLOW_KEEP:
	case FLOW_CUT:
	case FLOW_FAILED:
		break;
	}
	return 0;
}

/* No flow took it, and it says nothing about consent. */
static bool is_untaken(const struct exchange *x)
{
	for (size_t i = 0; i < x->intents.n; i++)
		if (x->intents.v[i].type == FLOW_UNTAKEN)
			return true;
	return false;
}

int dispatch_carry_out_all(struct exchange *x, const struct text_in *in, struct view *v,
			   const char *account, int64_t id)
{
	bool is_silent = is_untaken(x) && !in->was_held && loops_repeats(x, in);
	int r = is_untaken(x) ? 0 : which_close(x, in, v);

	for (size_t i = 0; i < x->intents.n && r == 0 && !is_silent; i++)
		r = dispatch_carry_out(x, in, v, &x->intents.v[i], account, id);
	return r;
}
