/* Campaigns that are not over. The contacts of a list are gone through in slices, the cursor moved
 * in the transaction of the slice: after a crash it goes on behind the last one that was queued, so
 * nobody gets it twice. A slice is short, and none is made while somebody's text is being answered.
 * Its messages have queues of their own, which pause, pace and cancel hold back as a whole. */
#include <stdio.h>

#include "campaign.h"

enum {
	SLICE = 16,			/* contacts a turn: what a text that comes meanwhile waits
					 * for */
	LOOKS = 64,			/* contacts a turn that are only looked at */
	STEP_ASIDE_MS = 10,		/* behind a text that came in … */
	NOT_LONGER_MS = 50,		/* … but a slice in that time there is, however many come */
	CANCEL_SLICE = 32,
	LEFT_LOOK = 20			/* messages of a contact who left: which campaign was it? */
};
#define LEFT_MS (7 * X_DAY_MS)
#define UNTIL_MS (30 * X_DAY_MS)

/* ---- those that are not over --------------------------------------------------------------- */

struct running *running_find(struct exchange *x, int64_t id)
{
	for (size_t i = 0; i < x->n_campaigns; i++)
		if (x->campaigns[i]->c.id == id)
			return x->campaigns[i];
	return NULL;
}

struct running *running_of_topic(struct exchange *x, int64_t topic)
{
	for (size_t i = 0; i < x->n_campaigns; i++)
		for (size_t k = 0; k < x->campaigns[i]->c.n_arms; k++)
			if (x->campaigns[i]->c.arms[k].topic == topic)
				return x->campaigns[i];
	return NULL;
}

void running_free(struct running *run)
{
	flow_letter_free(run->letter);
	audience_free(run->audience);
	tw_buf_done(&run->text);
	store_campaign_done(&run->c);
	free(run);
}

struct running *running_keep(struct exchange *x, struct store_campaign *take_c)
{
	struct running *run = tw_zalloc(sizeof(*run));

	run->c = *take_c;
	account_of_id(x, run->c.account, run->account, sizeof(run->account));
	if (x->n_campaigns == x->cap_campaigns) {
		x->cap_campaigns = x->cap_campaigns ? 2 * x->cap_campaigns : 8;
		x->campaigns = tw_realloc(x->campaigns,
					  x->cap_campaigns * sizeof(struct running *));
	}
	x->campaigns[x->n_campaigns++] = run;
	return run;
}

static void forget(struct exchange *x, struct running *run)
{
	for (size_t i = 0; i < x->n_campaigns; i++)
		if (x->campaigns[i] == run)
			x->campaigns[i] = x->campaigns[--x->n_campaigns];
	running_free(run);
}

int campaigns_load(struct exchange *x)
{
	struct store_campaign c;
	int64_t after = 0;
	int r;

	while ((r = store_campaign_next(x->store, 0, true, after, &c)) == 0) {
		after = c.id;
		running_keep(x, &c);
	}
	x->campaign_at = x->n_campaigns ? (struct wall_ms){ 0 } : X_NEVER;
	return r == TW_E_UNKNOWN ? 0 : r;
}

void campaigns_drop(struct exchange *x)
{
	for (size_t i = 0; i < x->n_campaigns; i++)
		running_free(x->campaigns[i]);
	x->n_campaigns = 0;
}

void campaign_soon(struct exchange *x, struct wall_ms at)
{
	if (at.ms < x->campaign_at.ms)
		x->campaign_at = at;
}

void campaign_moved(struct exchange *x, int64_t campaign)
{
	if (running_find(x, campaign))
		campaign_soon(x, x->now.wall);
}

int64_t campaign_waiting(struct exchange *x, int64_t id)
{
	struct sending *s;
	int64_t n = 0;

	for (size_t i = 0; i < x->active.n; i++)
		if (x->active.v[i]->row.campaign == id)
			n += x->active.v[i]->n[LANE_CAMPAIGN];
	for (size_t cursor = 0; (s = sending_each(x, &cursor)) != NULL; ) {
		const struct route *r = s->m.lane == LANE_CAMPAIGN ? route_get(x, s->m.route)
			: NULL;

		n += r && r->row.campaign == id;
	}
	return n;
}

/* ---- while its messages go out ------------------------------------------------------------- */

void campaign_hold(struct exchange *x, int64_t campaign, struct pick_order *o)
{
	const struct running *run = running_find(x, campaign);

	if (!run)
		return;
	o->is_held = run->c.is_paused || run->c.state == CAMPAIGN_CANCELING;
	o->paced = run->next_at;
}

void campaign_took(struct exchange *x, int64_t campaign)
{
	struct running *run = running_find(x, campaign);

	if (!run || !run->c.pace)
		return;
	if (run->next_at.ms < x->now.wall.ms)
		run->next_at = x->now.wall;
	run->next_at.ms += X_HOUR_MS / run->c.pace;
}

static int tell(struct exchange *x, const struct running *run, const char *event)
{
	const struct store_campaign *c = &run->c;

	watch_account(x, c->account, event, c->name);
	return events_of(x, c->account, event, "campaign", c->name, "list", c->list, "state",
			 c->is_paused ? "paused"
			 : store_campaign_state_name((enum store_campaign_state)c->state),
			 "reason", c->reason[0] ? c->reason : NULL, NULL);
}

/* A person is needed. */
static int call(struct exchange *x, struct running *run, const char *event, const char *reason)
{
	tw_strset(run->c.reason, sizeof(run->c.reason), reason);
	int r = store_campaign_save(x->store, &run->c);

	if (r == 0 && reason[0])
		r = store_event_add(x->store, event, run->c.name, reason, 0, x->now.wall);
	if (r == 0 && reason[0])
		r = alert_raise(x, ALERT_CAMPAIGN, run->c.name, reason);
	return r < 0 ? r : tell(x, run, event);
}

int campaign_pause(struct exchange *x, struct running *run, const char *reason)
{
	run->c.is_paused = true;
	return call(x, run, "campaign.paused", reason);
}

/* The last failures may have one reason that the next ones would have too. */
static int look_for_burst(struct exchange *x, struct running *run, const struct store_message *m,
			  bool is_failed)
{
	char reason[160];
	int failed;

	run->results = (run->results << 1 | is_failed) & ((1u << CAMPAIGN_LAST) - 1);
	if (run->n_results < CAMPAIGN_LAST)
		run->n_results++;
	failed = __builtin_popcount(run->results);
	if (!is_failed || failed < CAMPAIGN_BURST || run->c.is_paused)
		return 0;
	snprintf(reason, sizeof(reason), "%d of the last %d messages failed%s%.60s", failed,
		 run->n_results,
		 m->error_cause ? ", the last one: " : "", m->error_cause ? m->error_cause : "");
	run->results = 0;
	run->n_results = 0;
	return campaign_pause(x, run, reason);
}

int campaign_result(struct exchange *x, const struct store_message *m, bool is_failed)
{
	struct store_topic topic;
	struct running *run;
	int r = 0;

	if (m->lane != LANE_CAMPAIGN || !m->topic)
		return 0;
	if (!is_failed) {
		r = store_topic_get(x->store, m->topic, &topic);
		if (r == 0)
			r = goal_touch_by(x, m, "campaign", topic.name);
	}
	run = r == 0 ? running_of_topic(x, m->topic) : NULL;
	return run ? look_for_burst(x, run, m, is_failed) : r;
}

/* ---- who leaves ---------------------------------------------------------------------------- */

/* The campaign that the contact heard from last, if that was not long ago. */
static int count_left(struct exchange *x, const struct store_contact *c)
{
	struct store_query q = { .contact = c->id, .state = -1, .direction = OUTBOUND };
	struct store_message m;
	int r = 0;

	for (int i = 0; i < LEFT_LOOK; i++) {
		r = store_message_before(x->store, &q, &m);
		if (r < 0)
			break;
		bool is_it = m.lane == LANE_CAMPAIGN && m.topic && m.sent_at.ms;
		bool is_old = m.created_at.ms < x->now.wall.ms - LEFT_MS - UNTIL_MS;

		if (is_it && m.sent_at.ms > x->now.wall.ms - LEFT_MS)
			r = figure_count_message(x, &m, FIGURE_LEAVES, 1);
		q.before = m.id;
		store_message_done(&m);
		if (is_it || is_old)
			break;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* What is queued for a list that they are not on any more. */
static int take_back(struct exchange *x, const struct store_contact *c, const char *list)
{
	struct store_message m;
	int64_t id = 0;
	bool asked;
	int r;

	while ((r = store_pending_next(x->store, c->id, NULL, id, &id)) == 0) {
		r = store_message_get(x->store, id, &m);
		if (r < 0)
			return r;
		const struct running *run = m.lane == LANE_CAMPAIGN && m.topic ?
					    running_of_topic(x, m.topic) : NULL;

		store_message_done(&m);
		if (!run || strcmp(run->c.list, list) != 0)
			continue;
		r = outbox_cancel(x, id, 0, "left the list", &asked);
		if (r < 0 && r != TW_E_STATE)
			return r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int campaign_left(struct exchange *x, const struct store_contact *c, const char *list)
{
	int r = list[0] && x->n_campaigns ? take_back(x, c, list) : 0;

	return r < 0 ? r : count_left(x, c);
}

/* ---- queueing ------------------------------------------------------------------------------ */

static int queue_one(struct exchange *x, struct running *run, const struct store_contact *c)
{
	struct store_contact contact = *c;
	size_t arm = campaign_arm(&run->c, c->id);
	struct sms_form form;
	int64_t id;
	int r = campaign_write(x, run, c, arm, false, &form);

	if (r == TW_E_RANGE) {
		run->c.refused++;
		return 0;
	}
	if (r < 0)
		return r;
	struct out out = { .contact = &contact, .text = run->text.p, .text_n = run->text.n,
			   .line = run->c.line, .is_bound = run->c.line != 0, .lane = LANE_CAMPAIGN,
			   .pool = run->c.pool[0] ? run->c.pool : NULL,
			   .topic = run->c.arms[arm].topic, .campaign = run->c.id,
			   .valid_until = run->c.until };

	if (!out.line)
		out.line = choose_sticky(x, c->id, c->account, out.pool);
	run->c.queued++;
	return outbox_add(x, &out, &form, &id);
}

/* 1: no code is left; this contact is the first to get none. */
static int queue_slice(struct exchange *x, struct running *run)
{
	struct audience_walk w = { .cursor = run->c.cursor, .is_over = !run->audience };
	struct store_contact c;
	int looks = LOOKS, looked = LOOKS, r = 0;
	int64_t held = 0;

	for (int i = 0; i < SLICE && r == 0; i++) {
		int64_t before = w.cursor;

		r = audience_next(x, run->audience, &w, &looks, &c);
		if (r != 0)
			break;
		held++;
		r = queue_one(x, run, &c);
		if (r == TW_E_UNKNOWN) {
			w.cursor = before;
			held--;
			looks++;
			break;
		}
	}
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	looked -= looks;
	run->c.cursor = w.cursor;
	run->c.no_consent += w.left_out;
	run->c.unmatched += looked - held - w.left_out;
	if (w.is_over)
		run->c.state = CAMPAIGN_SENDING;
	if (r == TW_E_UNKNOWN)	/* what has its code goes out all the same */
		return call(x, run, "campaign.stalled",
			    "no code of the series is left: add codes, then "
			    "start it again");
	r = store_campaign_save(x->store, &run->c);
	if (r == 0 && w.is_over)
		r = tell(x, run, "campaign.queued");
	return r;
}

/* A text that comes in is answered first. */
static bool may_slice(struct exchange *x)
{
	if (mono_due(mono_after(x->campaign_sliced_at, NOT_LONGER_MS), x->now.mono) ||
	    !exchange_is_answering(x, x->now))
		return true;
	campaign_soon(x, wall_after(x->now.wall, STEP_ASIDE_MS));
	return false;
}

static int queue_some(struct exchange *x, struct running *run)
{
	char why[160];
	int r;

	if (!may_slice(x))
		return 0;
	x->campaign_sliced_at = x->now.mono;
	r = campaign_compile(x, run, why, sizeof(why));
	if (r == TW_E_CONFIG)
		r = campaign_pause(x, run, why);
	else if (r == 0)
		r = queue_slice(x, run);
	campaign_soon(x, x->now.wall);
	return r;
}

static int begin(struct exchange *x, struct running *run)
{
	run->c.state = CAMPAIGN_QUEUEING;
	run->c.started_at = x->now.wall;
	if (!run->c.until.ms)
		run->c.until = wall_after(x->now.wall, UNTIL_MS);
	campaign_soon(x, x->now.wall);
	int r = tell(x, run, "campaign.started");

	return r < 0 ? r : store_campaign_save(x->store, &run->c);
}

static int end(struct exchange *x, struct running *run, enum store_campaign_state state)
{
	run->c.state = (int)state;
	run->c.is_paused = false;
	run->c.finished_at = x->now.wall;
	int r = store_campaign_save(x->store, &run->c);

	if (r == 0)
		r = alert_clear(x, ALERT_CAMPAIGN, run->c.name);
	if (r == 0)
		r = tell(x, run, state == CAMPAIGN_DONE ? "campaign.done" : "campaign.canceled");
	return r;
}

static struct route *queue_of(struct exchange *x, int64_t id)
{
	for (size_t i = 0; i < x->active.n; i++)
		if (x->active.v[i]->row.campaign == id && x->active.v[i]->n[LANE_CAMPAIGN])
			return x->active.v[i];
	return NULL;
}

static int cancel_some(struct exchange *x, struct running *run)
{
	struct route *queue;
	struct wall_ms due;
	int64_t id;
	int segments, r = 0;
	bool asked;

	for (int i = 0; i < CANCEL_SLICE && r == 0 && (queue = queue_of(x, run->c.id)) != NULL;
	     i++) {
		r = store_queue_head(x->store, queue->row.id, LANE_CAMPAIGN, &id, &due, &segments);
		if (r == 0)
			r = outbox_cancel(x, id, 0, "its campaign was canceled", &asked);
	}
	if (queue_of(x, run->c.id))
		campaign_soon(x, x->now.wall);
	/* What is on a modem may come back to its queue. */
	return r == 0 && !campaign_waiting(x, run->c.id) ? end(x, run, CAMPAIGN_CANCELED) : r;
}

static int run_one(struct exchange *x, struct running *run)
{
	if (run->c.is_paused && run->c.state != CAMPAIGN_CANCELING)
		return 0;
	switch ((enum store_campaign_state)run->c.state) {
	case CAMPAIGN_SCHEDULED:
		if (run->c.send_at.ms <= x->now.wall.ms)
			return begin(x, run);
		campaign_soon(x, run->c.send_at);
		return 0;
	case CAMPAIGN_QUEUEING:
		return run->c.reason[0] ? 0 : queue_some(x, run);
	case CAMPAIGN_SENDING:
		return campaign_waiting(x, run->c.id) ? 0 : end(x, run, CAMPAIGN_DONE);
	case CAMPAIGN_CANCELING:
		return cancel_some(x, run);
	case CAMPAIGN_DRAFT:
	case CAMPAIGN_DONE:
	case CAMPAIGN_CANCELED:
	case CAMPAIGN_STATE_COUNT:
		break;
	}
	return 0;
}

int campaign_run(struct exchange *x)
{
	if (x->campaign_at.ms > x->now.wall.ms)
		return 0;
	x->campaign_at = X_NEVER;
	for (size_t i = 0; i < x->n_campaigns; ) {
		struct running *run = x->campaigns[i];

		event_begin_bare(x);
		int r = event_end(x, run_one(x, run), "campaign");

		if (r < 0) {	/* memory was read again */
			x->campaign_at = wall_after(x->now.wall, X_RETRY_AFTER_VOID_MS);
			return r;
		}
		if (store_campaign_is_over((enum store_campaign_state)run->c.state))
			forget(x, run);
		else
			i++;
	}
	return 0;
}
