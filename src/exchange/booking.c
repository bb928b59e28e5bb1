/* Appointments: which times of a calendar are free, who has booked them, and what reminds of them.
 * A time is taken in the transaction of the text that chose it, so that no crash gives it to
 * two. */
#include <stdio.h>

#include "booking.h"
#include "talk.h"

enum {
	LOOKS_MAX = 1000,		/* times that are looked at for one offer */
	AGAIN_MS = 60 * 1000		/* a reminder that failed is tried again */
};

/* ---- calendars ----------------------------------------------------------------------------- */

const struct flow_calendar *booking_calendar(const struct exchange *x, const char *account,
					     const char *name)
{
	return x->flows ? flows_calendar(x->flows, account, name) : NULL;
}

static const struct flow_calendar *calendar_of(struct exchange *x, const struct store_booking *b,
					       char account[BOOKING_ACCOUNT_MAX])
{
	account_of_id(x, b->account, account, BOOKING_ACCOUNT_MAX);
	return booking_calendar(x, account, b->calendar);
}

int booking_free(struct exchange *x, int64_t account, const struct flow_calendar *c,
		 struct wall_ms after, struct wall_ms *out, size_t cap, size_t *ret_n)
{
	*ret_n = 0;
	for (int looks = 0; looks < LOOKS_MAX && *ret_n < cap; looks++) {
		struct wall_ms end, at = flow_slot_next(c, after);

		if (!at.ms)
			return 0;
		int r = store_booking_clash(x->store, account, c->name, at,
					    wall_after(at, c->length), 0, &end);

		if (r < 0 && r != TW_E_UNKNOWN)
			return r;
		after = r == 0 ? wall_after(end, -1) : at;
		if (r == TW_E_UNKNOWN)
			out[(*ret_n)++] = at;
	}
	return 0;
}

/* The same of times that the calendar's url has named; those that have passed are none any more. */
static int free_of(struct exchange *x, int64_t account, const struct flow_calendar *c,
		   const struct flow_intent *i, struct wall_ms *out, size_t cap, size_t *ret_n)
{
	struct wall_ms after = x->now.wall, end;
	int looks = 0;

	*ret_n = 0;
	for (size_t k = 0; k < i->n_times && looks < LOOKS_MAX && *ret_n < cap; k++) {
		struct wall_ms at = i->times[k];

		if (at.ms <= after.ms)
			continue;
		int r = store_booking_clash(x->store, account, c->name, at,
					    wall_after(at, c->length), 0, &end);

		looks++;
		if (r < 0 && r != TW_E_UNKNOWN)
			return r;
		if (r == 0)
			after = wall_after(end, -1);
		else
			out[(*ret_n)++] = at;
	}
	return 0;
}

int booking_check(struct exchange *x, int64_t account, const struct flow_calendar *c,
		  struct wall_ms at, int64_t but)
{
	struct wall_ms end;

	if (at.ms <= x->now.wall.ms || !flow_slot_is(c, at))
		return TW_E_UNKNOWN;
	int r = store_booking_clash(x->store, account, c->name, at, wall_after(at, c->length), but,
				    &end);

	return r == TW_E_UNKNOWN ? 0 : r < 0 ? r : TW_E_EXISTS;
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* By enum store_booking_event. */
static const char *const events[] = { "appointment.offered", "appointment.booked",
				      "appointment.moved", "appointment.confirmed",
				      "appointment.canceled", "appointment.reminded" };

/* what: the event, and the account from EVENT_BITS on: behind a commit nothing is read. */
enum { EVENT_BITS = 4 };

static void on_change(void *ctx, bool ok, uint64_t id, uint64_t what)
{
	struct exchange *x = ctx;
	char about[24];

	if (!ok)
		return;
	snprintf(about, sizeof(about), "%lld", (long long)id);
	watch_account(x, (int64_t)(what >> EVENT_BITS), events[what & ((1u << EVENT_BITS) - 1)],
		      about);
}

static int tell_programs(struct exchange *x, const struct store_booking *b,
			 const struct flow_calendar *c, enum store_booking_event what)
{
	char id[24], starts[TW_RFC3339_MAX], ends[TW_RFC3339_MAX], slot[FLOW_SLOT_MAX];
	struct store_contact who;
	int r;

	if (!events_are_wanted(x, b->account))
		return 0;
	r = store_contact_get(x->store, b->contact, &who);
	if (r < 0)
		return r;
	snprintf(id, sizeof(id), "%lld", (long long)b->id);
	return events_tell(x, &who, events[what], "appointment", id, "calendar", b->calendar,
			   "state", appointment_state_name(b->state), "starts_at",
			   tw_rfc3339(b->starts_at, starts), "ends_at",
			   tw_rfc3339(b->ends_at, ends), "slot",
			   c ? flow_slot_write(c->zone, b->starts_at, slot) : NULL, NULL);
}

static void wake_at(struct exchange *x, struct wall_ms at)
{
	if (at.ms && at.ms < x->remind_at.ms)
		x->remind_at = at;
}

/* Writes what has become of a booking. c NULL: its calendar is gone, and nothing reminds of it. */
static int put(struct exchange *x, struct store_booking *b, const struct flow_calendar *c,
	       enum store_booking_event what)
{
	bool is_new = !b->id;

	b->changed_at = x->now.wall;
	b->changes += !is_new && what != STORE_DID_REMIND;
	b->remind_at = (struct wall_ms){ 0 };
	if (c && b->state != STORE_CANCELED)
		b->remind_at = flow_remind_next(c, b->starts_at, x->now.wall);
	wake_at(x, b->remind_at);
	int r = store_booking_put(x->store, b);

	if (r == 0)
		r = tally(x, b->account, STORE_TOPIC_CALENDAR, b->calendar, what, 1);
	if (r == 0)
		r = tell_programs(x, b, c, what);
	if (r == 0)
		store_on_commit_lazy(x->store, on_change, x, (uint64_t)b->id,
				     (uint64_t)b->account << EVENT_BITS | (uint64_t)what);
	return r;
}

int booking_make(struct exchange *x, const struct store_contact *who, int64_t line,
		 const struct flow_calendar *c, struct wall_ms at, struct store_booking *ret)
{
	*ret = (struct store_booking){ .account = who->account, .contact = who->id, .line = line,
				       .starts_at = at, .ends_at = wall_after(at, c->length),
				       .made_at = x->now.wall, .reminded_at = x->now.wall };
	tw_strset(ret->calendar, sizeof(ret->calendar), c->name);
	return put(x, ret, c, STORE_DID_BOOK);
}

static int move(struct exchange *x, const struct flow_calendar *c, struct wall_ms at,
		struct store_booking *b)
{
	b->starts_at = at;
	b->ends_at = wall_after(at, c->length);
	b->state = STORE_BOOKED;
	b->reminded_at = x->now.wall;
	return put(x, b, c, STORE_DID_MOVE);
}

/* ---- steps --------------------------------------------------------------------------------- */

char *booking_link(struct exchange *x, int64_t id)
{
	const char *url = x->settings->api.public_url;
	char code[STORE_ID_MAX];
	size_t n = strlen(url);

	if (!n)
		return tw_strdup("");
	return tw_printf("%.*s/appointments/%s.ics", (int)(n - (url[n - 1] == '/')), url,
			 store_booking_name(x->store, id, code));
}

static void tell(struct exchange *x, struct flow_run *run, const struct store_booking *b)
{
	tw_auto(tw_free_charp) char *link = booking_link(x, b->id);
	struct tw_buf out = { 0 };

	flow_booked_write(&out, b->id, b->starts_at, NULL, 0, link);
	flow_run_result(run, tw_buf_str(&out));
	tw_buf_done(&out);
}

/* The calendar of now decides who tells its times: what a url said of one that lists its own by now
 * counts no more; and where the conversation is of a version that asks none, there are none. */
static int offer(struct exchange *x, const struct talk *t, const struct flow_intent *i,
		 const struct flow_calendar *c, int64_t moves, struct flow_run *run)
{
	struct wall_ms slots[FLOW_OFFERED];
	struct tw_buf out = { 0 };
	size_t n;
	int r = c->url[0] ? free_of(x, t->c.account, c, i, slots, FLOW_OFFERED, &n)
			  : booking_free(x, t->c.account, c, x->now.wall, slots, FLOW_OFFERED, &n);

	if (r == 0)
		r = tally(x, t->c.account, STORE_TOPIC_CALENDAR, c->name, STORE_DID_OFFER, 1);
	if (r < 0)
		return r;
	flow_booked_write(&out, moves, (struct wall_ms){ 0 }, slots, n, "");
	flow_run_result(run, n || moves ? tw_buf_str(&out) : NULL);
	tw_buf_done(&out);
	return 0;
}

static int find(struct exchange *x, const struct store_booking *has, struct flow_run *run)
{
	if (has->id)
		tell(x, run, has);
	else
		flow_run_result(run, NULL);
	return 0;
}

/* A time was chosen. Where it is no longer to be had, the step hears nothing and offers anew. */
static int choose(struct exchange *x, const struct talk *t, const struct flow_intent *i,
		  const struct flow_calendar *c, struct store_booking *has, struct flow_run *run)
{
	int r = i->action == FLOW_DO_MOVE && !has->id ? TW_E_UNKNOWN :
		booking_check(x, t->c.account, c, i->slot, has->id);

	if (r == TW_E_UNKNOWN || r == TW_E_EXISTS) {
		flow_run_result(run, NULL);
		return 0;
	}
	if (r == 0)
		r = has->id ? move(x, c, i->slot, has) :
		    booking_make(x, &t->c, t->line, c, i->slot, has);
	if (r == 0)
		tell(x, run, has);
	return r;
}

int booking_change(struct exchange *x, const struct flow_calendar *c, enum store_booking_state to,
		   struct store_booking *b)
{
	if (b->state == to)
		return 0;
	b->state = to;
	return put(x, b, c, to == STORE_CANCELED ? STORE_DID_CANCEL : STORE_DID_CONFIRM);
}

static int change(struct exchange *x, const struct flow_calendar *c, enum store_booking_state to,
		  struct store_booking *b, struct flow_run *run)
{
	int r = b->id ? booking_change(x, c, to, b) : 0;

	if (r == 0 && b->id)
		tell(x, run, b);
	else
		flow_run_result(run, NULL);
	return r;
}

int talk_appointment(struct exchange *x, struct talk *t, const struct flow_intent *i,
		     struct flow_run *run)
{
	const struct flow_calendar *now = booking_calendar(x, t->account, i->calendar->name);
	const struct flow_calendar *c = now ? now : i->calendar;
	struct store_booking has = { .id = 0 };
	int r = 0;

	if (i->action != FLOW_DO_OFFER && i->action != FLOW_DO_BOOK)
		r = store_booking_next(x->store, t->c.id, c->name, x->now.wall, &has);
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	switch (i->action) {
	case FLOW_DO_OFFER_MOVE:
		if (!has.id) {
			flow_run_result(run, NULL);
			return 0;
		}
		return offer(x, t, i, c, has.id, run);
	case FLOW_DO_OFFER:
		return offer(x, t, i, c, 0, run);
	case FLOW_DO_FIND:
		return find(x, &has, run);
	case FLOW_DO_BOOK:
	case FLOW_DO_MOVE:
		return choose(x, t, i, c, &has, run);
	case FLOW_DO_CONFIRM:
	case FLOW_DO_CANCEL:
		return change(x, c, i->action == FLOW_DO_CANCEL ? STORE_CANCELED : STORE_CONFIRMED,
			      &has, run);
	}
	return 0;
}

/* ---- texts that nobody asked for ------------------------------------------------------------- */

static int say(struct exchange *x, const struct store_booking *b, const struct flow_calendar *c,
	       struct store_contact *who,
	       void (*write)(const struct flows *f, const struct flow_event *e,
			     const struct flow_calendar *c, int64_t booking, struct wall_ms start,
			     const char *link, struct tw_buf *out))
{
	const char *account = c->account;
	tw_auto(tw_free_charp) char *link = booking_link(x, b->id);
	char to[TW_ADDRESS_MAX] = "";
	struct talk t = { .c = *who, .account = account, .line = b->line, .by_clock = true,
			  .is_event = true, .lane = LANE_API };
	struct flow_view view;
	struct tw_buf text = { 0 };

	if (!t.line)
		t.line = choose_sticky(x, who->id, who->account, NULL);
	int r = t.line ? store_line_number(x->store, t.line, to, sizeof(to)) : 0;
	struct flow_event e = audience_event(x, who, to, &view);

	t.e = &e;
	write(x->flows, &e, c, b->id, b->starts_at, link, &text);
	const struct flow_intent reply = { .type = FLOW_REPLY, .account = account,
					   .text = tw_buf_str(&text), .text_n = text.n };

	if (r == 0)
		r = x->asked.error;
	if (r == 0)
		r = talk_reply(x, &t, &reply);
	if (r == 0 && t.has_replied && t.line)
		r = store_thread_touch(x->store, who->id, t.line, (struct wall_ms){ 0 },
				       x->now.wall);
	tw_buf_done(&text);
	return r;
}

int booking_move(struct exchange *x, const struct flow_calendar *c, struct wall_ms at, bool is_told,
		 struct store_booking *b)
{
	struct store_contact who;
	int r = move(x, c, at, b);

	if (r == 0 && is_told) {
		r = store_contact_get(x->store, b->contact, &who);
		if (r == 0 && who.number[0])
			r = say(x, b, c, &who, flow_moved);
	}
	return r;
}

/* Of several times that were missed, the last is told of; what has begun is not. */
static int remind(struct exchange *x, struct store_booking *b)
{
	char account[BOOKING_ACCOUNT_MAX];
	const struct flow_calendar *c = calendar_of(x, b, account);
	struct store_contact who;
	int r = store_contact_get(x->store, b->contact, &who);

	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	if (r == TW_E_UNKNOWN || !who.number[0] || !c || b->starts_at.ms <= x->now.wall.ms ||
	    b->state == STORE_CANCELED) {
		b->remind_at = (struct wall_ms){ 0 };
		return store_booking_put(x->store, b);
	}
	r = say(x, b, c, &who, flow_reminder);
	b->reminded_at = x->now.wall;
	return r < 0 ? r : put(x, b, c, STORE_DID_REMIND);
}

/* After a start or a change of the flows: the times to remind at may be others. */
static int review(struct exchange *x)
{
	struct store_booking_query *q = &x->books;
	struct store_booking b;
	int r = 0;

	event_begin(x);
	for (int i = 0; i < X_SLICE && r == 0 && x->books_due; i++) {
		char account[BOOKING_ACCOUNT_MAX];

		if (q->from.ms < x->now.wall.ms)
			*q = (struct store_booking_query){ .from = x->now.wall };
		r = store_booking_list(x->store, q, &b);
		x->books_due = r != TW_E_UNKNOWN;
		if (r < 0)
			break;
		q->from = b.starts_at;
		q->after = b.id;
		const struct flow_calendar *c = calendar_of(x, &b, account);
		struct wall_ms at = c ? flow_remind_next(c, b.starts_at, b.reminded_at)
				      : (struct wall_ms){ 0 };

		if (at.ms != b.remind_at.ms) {
			b.remind_at = at;
			r = store_booking_put(x->store, &b);
		}
		wake_at(x, at);
	}
	return event_end(x, r == TW_E_UNKNOWN ? 0 : r, "appointments");
}

int booking_run(struct exchange *x)
{
	struct store_booking b;
	int r = x->books_due ? review(x) : 0;

	if (x->remind_at.ms > x->now.wall.ms)
		return 0;
	for (int i = 0; i < X_SLICE && r == 0; i++) {
		r = store_booking_due(x->store, &b);
		x->remind_at = r == 0 ? b.remind_at : X_NEVER;
		if (r < 0 || b.remind_at.ms > x->now.wall.ms)
			return r == TW_E_UNKNOWN ? 0 : r;
		event_begin(x);
		r = event_end(x, remind(x, &b), "reminder");
		if (r < 0 && !store_is_void(x->store))
			x->remind_at = wall_after(x->now.wall, AGAIN_MS);
	}
	return r;
}
