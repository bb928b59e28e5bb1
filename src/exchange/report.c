/* Delivery reports: found by SIM, reference and recipient; the 8-bit reference wraps, so of several
 * that fit the one whose submit time is nearest to the SCTS wins (design 4). */
#include <stdio.h>

#include "internal.h"

enum {
	FIT_MS = 3600 * 1000,		/* an SMSC's clock may be off by this for a doubt to fit */
	DOUBT_MS = 2 * 60 * 1000	/* a reference that fits so well is preferred to any
					 * doubt */
};

static int64_t distance(const struct store_attempt *a, struct wall_ms scts)
{
	/* The SCTS is a second's start: what was submitted within that second is nearest. */
	int64_t from = a->started_at.ms / 1000 * 1000;
	int64_t to = a->ended_at.ms && a->outcome == STORE_SENT ? a->ended_at.ms : from;

	if (!scts.ms)
		return 0;
	return scts.ms < from ? from - scts.ms : scts.ms > to ? scts.ms - to : 0;
}

static int recipient_fits(struct exchange *x, int64_t attempt, const char *number, bool *ret)
{
	struct store_message m;
	struct store_contact c;
	struct sending *s = sending_get(x, store_attempt_message(attempt));

	if (s) {
		*ret = number_is_same_subscriber(s->to, number);
		return 0;
	}
	int r = store_message_get(x->store, store_attempt_message(attempt), &m);

	if (r < 0)
		return r;
	r = store_contact_get(x->store, m.contact, &c);
	store_message_done(&m);
	if (r == 0)
		*ret = number_is_same_subscriber(c.number, number);
	return r;
}

/* The best among those with this reference (-1: attempts in doubt, which have none). */
static int best_of(struct exchange *x, const struct store_stray *report, int mr, int64_t limit,
		   struct store_attempt *ret, int64_t *ret_distance)
{
	struct store_attempt a;
	int64_t before = 0;
	int r;

	*ret_distance = INT64_MAX;
	while ((r = store_attempt_waiting(x->store, report->sim, mr, before, &a)) == 0) {
		int64_t d = distance(&a, report->scts);
		bool fits = false;

		before = a.id;
		if (a.started_at.ms < x->now.wall.ms - x->settings->valid_for - X_DAY_MS)
			break;
		if (d >= *ret_distance || d > limit)
			continue;
		r = recipient_fits(x, a.id, report->number, &fits);
		if (r < 0)
			return r;
		if (!fits)
			continue;
		*ret = a;
		*ret_distance = d;
	}
	return r == TW_E_UNKNOWN || r == 0 ? 0 : r;
}

static int find(struct exchange *x, const struct store_stray *report, struct store_attempt *ret)
{
	struct store_attempt doubt;
	int64_t known, unknown;
	int r = best_of(x, report, report->mr, INT64_MAX, ret, &known);

	if (r < 0 || known <= DOUBT_MS)
		return r;
	r = best_of(x, report, -1, FIT_MS, &doubt, &unknown);
	if (r < 0)
		return r;
	if (unknown < known)
		*ret = doubt;
	return known == INT64_MAX && unknown == INT64_MAX ? TW_E_UNKNOWN : 0;
}

/* What the reports of all segments say together: the message's own state. */
struct tally { int delivered, failed; int status; };

static int tally_of(struct exchange *x, const struct store_message *m, struct tally *ret)
{
	uint8_t per_segment[SMS_SEGMENTS_MAX + 1] = { 0 };
	struct store_attempt a;
	int r;

	*ret = (struct tally){ .status = -1 };
	for (int64_t after = 0; (r = store_attempt_next(x->store, m->id, after, &a)) == 0;
	     after = a.id) {
		if (a.report < 0 || a.run != m->run || a.segment > m->segments)
			continue;
		switch (sms_status_class((uint8_t)a.report)) {
		case SMS_SUCCESS:
			per_segment[a.segment] = 2;
			break;
		case SMS_PERMANENT:
		case SMS_TEMPORARY:
			ret->status = a.report;
			if (!per_segment[a.segment])
				per_segment[a.segment] = 1;
			break;
		case SMS_TRYING:
			break;
		}
	}
	for (int i = 1; i <= m->segments; i++) {
		ret->delivered += per_segment[i] == 2;
		ret->failed += per_segment[i] == 1;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int report_is_delivered(struct exchange *x, const struct store_message *m, bool *ret)
{
	struct tally t;
	int r = tally_of(x, m, &t);

	*ret = r == 0 && t.delivered == m->segments;
	return r;
}

static int finish_by_report(struct exchange *x, struct store_message *m)
{
	struct tally t;
	char cause[32];
	int r = tally_of(x, m, &t);

	if (r < 0)
		return r;
	if (t.delivered == m->segments) {
		if (!m->sent_at.ms)
			m->sent_at = x->now.wall;
		return outbox_finish(x, m, MESSAGE_DELIVERED, 0, NULL);
	}
	if (m->state != MESSAGE_SENT || !t.failed)
		return 0;
	snprintf(cause, sizeof(cause), "ST %02X", (unsigned)t.status);
	return outbox_finish(x, m, MESSAGE_UNDELIVERED, code_of_status(t.status), cause);
}

/* A message in its queue again (after a doubt) of which a report now says that it arrived. */
static int leave_queue(struct exchange *x, struct store_message *m)
{
	struct route *route = route_get(x, m->route);
	struct tally t;
	int r = tally_of(x, m, &t);

	if (r < 0 || t.delivered < m->segments)
		return r;
	m->sent_at = x->now.wall;
	r = figure_sent(x, m);
	if (r == 0)
		r = outbox_finish(x, m, MESSAGE_DELIVERED, 0, NULL);
	if (r == 0 && route)
		route_sub(x, route, m);
	return r;
}

static int apply_to_message(struct exchange *x, const struct store_attempt *a)
{
	int64_t id = store_attempt_message(a->id);
	struct sending *s = sending_get(x, id);
	struct store_message m;
	int r = 0;

	if (s && s->step == STEP_DOUBT && s->a.id == a->id) {
		s->a = *a;
		r = result_settled(x, s);
		s = sending_get(x, id);
	}
	if (r < 0 || s)
		return r;	/* under way still: the last segment's result counts them all */
	r = store_message_get(x->store, id, &m);
	if (r < 0)
		return r;
	switch ((enum message_state)m.state) {
	case MESSAGE_SENT:
	case MESSAGE_FAILED:	/* the one edge out of a final state (design 3) */
		r = finish_by_report(x, &m);
		break;
	case MESSAGE_QUEUED:
		r = leave_queue(x, &m);
		break;
	case MESSAGE_RECEIVED:
	case MESSAGE_SCHEDULED:
	case MESSAGE_SENDING:
	case MESSAGE_DELIVERED:
	case MESSAGE_UNDELIVERED:
	case MESSAGE_CANCELED:
	case MESSAGE_EXPIRED:
	case MESSAGE_STATE_COUNT:
		break;
	}
	store_message_done(&m);
	return r;
}

static int apply(struct exchange *x, struct store_attempt *a, const struct store_stray *report)
{
	enum sms_status_class class = sms_status_class((uint8_t)report->status);

	a->report = report->status;
	a->report_at = x->now.wall;
	a->report_scts = report->scts;
	/* "Still trying" may be followed by others; it proves that the SMSC has the message. */
	if (class != SMS_TRYING)
		a->wants_report = false;
	if (a->outcome == STORE_DOUBT && a->mr < 0)
		a->mr = report->mr;
	int r = store_attempt_save(x->store, a);

	if (r == 0 && class != SMS_TRYING)
		r = health_reported(x, a, class == SMS_SUCCESS);
	return r < 0 ? r : apply_to_message(x, a);
}

static int keep_stray(struct exchange *x, struct store_stray *report)
{
	int r = store_stray_insert(x->store, report);

	if (r < 0)
		return r;
	if (x->n_strays == x->cap_strays) {
		x->cap_strays = x->cap_strays ? x->cap_strays * 2 : 16;
		x->strays = tw_realloc(x->strays, x->cap_strays * sizeof(*x->strays));
	}
	x->strays[x->n_strays++] = *report;
	return 0;
}

enum { REPEATED_LOOK = 100 };

static int is_repeated_for(struct exchange *x, int64_t contact, const struct store_stray *report,
			   bool *ret)
{
	struct store_query q = { .contact = contact, .state = -1, .direction = OUTBOUND };
	struct store_attempt a;
	struct store_message m;
	int r = 0;

	for (int i = 0; i < REPEATED_LOOK && r == 0 && !*ret; i++) {
		r = store_message_before(x->store, &q, &m);
		if (r < 0)
			break;
		q.before = m.id;
		store_message_done(&m);
		for (int64_t after = 0; (r = store_attempt_next(x->store, q.before, after, &a)) ==
		     0;
		     after = a.id)
			*ret |= a.sim == report->sim && a.mr == report->mr && a.report >= 0 &&
				a.report_scts.ms == report->scts.ms;
		r = r == TW_E_UNKNOWN ? 0 : r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* A report may be told twice. The second must not be taken for that of an attempt in doubt to the
 * same recipient: that one would be called delivered and never sent. */
static int is_repeated(struct exchange *x, const struct store_stray *report, bool *ret)
{
	struct store_contact contacts[X_ACCOUNTS_MAX];
	int n = store_contacts(x->store, report->number, contacts, X_ACCOUNTS_MAX), r = 0;

	*ret = false;
	for (int i = 0; i < n && r == 0 && !*ret; i++)
		r = is_repeated_for(x, contacts[i].id, report, ret);
	return n < 0 ? n : r;
}

int report_receive(struct exchange *x, struct station *st, const struct sms_pdu *pdu)
{
	struct store_stray report = { .sim = st->sim.id, .mr = pdu->ref, .status = pdu->status,
				      .at = x->now.wall };
	enum number_kind kind;
	struct store_attempt a;
	bool repeated;

	inbox_sender(x, st, &pdu->address, report.number, &kind);
	if (pdu->scts.is_valid)
		report.scts = sms_time_wall(&pdu->scts);
	int r = find(x, &report, &a);

	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	if (r == TW_E_UNKNOWN || a.mr < 0) {
		int code = is_repeated(x, &report, &repeated);

		if (code < 0 || repeated)
			return code;
	}
	return r == TW_E_UNKNOWN ? keep_stray(x, &report) : apply(x, &a, &report);
}

static int drop_stray(struct exchange *x, size_t i)
{
	int r = store_stray_delete(x->store, x->strays[i].id);

	if (r == 0)
		x->strays[i] = x->strays[--x->n_strays];
	return r;
}

/* The result of a send may come behind its report: those that fitted nothing are looked at
 * again. */
int report_rematch(struct exchange *x, const struct store_attempt *a, const char *to)
{
	int r = 0;

	for (size_t i = 0; i < x->n_strays && r == 0; ) {
		struct store_stray report = x->strays[i];
		struct store_attempt found = *a;

		if (report.sim != a->sim || (a->mr >= 0 && report.mr != a->mr) ||
		    !number_is_same_subscriber(to, report.number) ||
		    distance(a, report.scts) > FIT_MS) {
			i++;
			continue;
		}
		r = drop_stray(x, i);
		if (r == 0)
			r = apply(x, &found, &report);
	}
	return r;
}

int report_run(struct exchange *x)
{
	int64_t wait = X_STRAY_MS > x->settings->in_doubt_wait ? X_STRAY_MS
							       : x->settings->in_doubt_wait;
	int r = 0;

	for (size_t i = 0; i < x->n_strays && r == 0; ) {
		if (x->strays[i].at.ms + wait > x->now.wall.ms) {
			i++;
			continue;
		}
		event_begin(x);
		r = event_end(x, drop_stray(x, i), "report");
	}
	return r;
}
