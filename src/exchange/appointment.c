/* Appointments as others see them: lists, bookings by programs, and a file for calendars. */
#include <stdio.h>

#include "booking.h"

void appointment_done(struct appointment *a)
{
	char **const strings[] = { &a->account, &a->calendar, &a->number, &a->name,
				   &a->slot, &a->place, &a->map, &a->ics };

	for (size_t i = 0; i < TW_COUNT(strings); i++)
		free(*strings[i]);
	*a = (struct appointment){ .id = 0 };
}

const char *appointment_state_name(enum store_booking_state state)
{
	static const char *const names[] = { "booked", "confirmed", "canceled" };

	return names[state];
}

static char *text_or_null(const char *s)
{
	return s && *s ? tw_strdup(s) : NULL;
}

static int fill(struct exchange *x, const struct store_booking *b, struct appointment *ret)
{
	char account[BOOKING_ACCOUNT_MAX], slot[FLOW_SLOT_MAX];
	tw_auto(tw_free_charp) char *link = booking_link(x, b->id);
	const struct flow_calendar *c;
	struct tw_buf map = { 0 };
	struct store_contact who;
	int r = store_contact_get(x->store, b->contact, &who);

	if (r < 0)
		return r;
	account_of_id(x, b->account, account, sizeof(account));
	c = booking_calendar(x, account, b->calendar);
	if (c)
		flow_calendar_map(c, &map);
	*ret = (struct appointment){
		.id = b->id, .state = b->state, .account = tw_strdup(account),
		.calendar = tw_strdup(b->calendar), .number = text_or_null(who.number),
		.name = text_or_null(who.name), .starts_at = b->starts_at, .ends_at = b->ends_at,
		.made_at = b->made_at, .changed_at = b->changed_at, .remind_at = b->remind_at,
		.changes = b->changes, .place = text_or_null(c ? c->place : ""),
		.map = text_or_null(tw_buf_str(&map)), .ics = text_or_null(link),
		.slot = c ? tw_strdup(flow_slot_write(c->zone, b->starts_at, slot)) : NULL };
	tw_buf_done(&map);
	return 0;
}

/* Those behind row->from, up to the limit; *told counts. */
static int tell_all(struct exchange *x, const struct exchange_appointments_query *q,
		    struct store_booking_query *row, int *told,
		    void (*cb)(void *ctx, struct appointment *a), void *ctx)
{
	struct appointment a;
	struct store_booking b;
	int r = 0;

	while (*told < q->limit && *told < EXCHANGE_SLICE &&
	       (r = store_booking_list(x->store, row, &b)) == 0) {
		row->from = b.starts_at;
		row->after = b.id;
		r = fill(x, &b, &a);
		if (r < 0)
			break;
		cb(ctx, &a);
		++*told;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* The next of one contact, behind the row's place; id 0: there is none. */
static int next_of(struct exchange *x, struct store_booking_query *row, int64_t contact,
		   struct store_booking *ret)
{
	int r;

	row->contact = contact;
	r = store_booking_list(x->store, row, ret);
	if (r == TW_E_UNKNOWN)
		ret->id = 0;
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* A number may be a contact of several accounts: of the next one of each the first by time. */
static int tell_of(struct exchange *x, const struct exchange_appointments_query *q,
		   const struct store_contact *v, int n, struct store_booking_query *row, int *told,
		   void (*cb)(void *ctx, struct appointment *a), void *ctx)
{
	struct store_booking next[X_ACCOUNTS_MAX];
	struct appointment a;
	int r = 0;

	for (int i = 0; i < n && r == 0; i++)
		r = next_of(x, row, v[i].id, &next[i]);
	while (r == 0 && *told < q->limit && *told < EXCHANGE_SLICE) {
		int first = -1;

		for (int i = 0; i < n; i++)
			if (next[i].id &&
			    (first < 0 || next[i].starts_at.ms < next[first].starts_at.ms ||
			     (next[i].starts_at.ms == next[first].starts_at.ms &&
			      next[i].id < next[first].id)))
				first = i;
		if (first < 0)
			break;
		r = fill(x, &next[first], &a);
		if (r < 0)
			break;
		cb(ctx, &a);
		++*told;
		row->from = next[first].starts_at;
		row->after = next[first].id;
		r = next_of(x, row, v[first].id, &next[first]);
	}
	return r;
}

int exchange_appointments(struct exchange *x, const struct exchange_appointments_query *q,
			  void (*cb)(void *ctx, struct appointment *a), void *ctx)
{
	struct store_booking_query row = {
		.calendar = q->calendar, .with_canceled = q->with_canceled, .state = q->state,
		.until = q->until, .from = q->from, .after = q->after };
	struct store_contact v[X_ACCOUNTS_MAX];
	struct number number;
	int r = 0, told = 0, n;

	if (q->account && q->account[0])
		r = account_id(x, q->account, &row.account);
	if (r < 0 || !q->with || !q->with[0]) {
		r = r < 0 ? r : tell_all(x, q, &row, &told, cb, ctx);
		return r < 0 ? r : told;
	}
	if (number_read(q->with, post_home(x, NULL), &number) != NUMBER_OK)
		return 0;
	n = store_contacts(x->store, number.text, v, TW_COUNT(v));
	r = n < 0 ? n : tell_of(x, q, v, n, &row, &told, cb, ctx);
	return r < 0 ? r : told;
}

/* One of the account's, or of any where it is NULL. */
static int get(struct exchange *x, const char *account, int64_t id, struct store_booking *ret)
{
	int64_t row = 0;
	int r = store_booking(x->store, id, ret);

	if (r == 0 && account && account[0])
		r = account_id(x, account, &row);
	return r == 0 && row && row != ret->account ? TW_E_UNKNOWN : r;
}

int exchange_appointment(struct exchange *x, const char *account, int64_t id,
			 struct appointment *ret)
{
	struct store_booking b;
	int r = get(x, account, id, &b);

	return r < 0 ? r : fill(x, &b, ret);
}

int exchange_appointment_of_code(struct exchange *x, const char *code, struct appointment *ret)
{
	int64_t id;
	int r = store_booking_read(x->store, code, &id);

	return r < 0 ? r : exchange_appointment(x, NULL, id, ret);
}

/* ---- changes ------------------------------------------------------------------------------- */

static int refuse(struct exchange_refusal *e, int status, int code, const char *text)
{
	e->status = status;
	e->code = code;
	tw_strset(e->text, sizeof(e->text), text);
	return TW_E_DENIED;
}

/* Whether the number has this very time. */
static bool has_it(struct exchange *x, const struct exchange_booking *b, int64_t account,
		   const char *number, struct store_booking *ret)
{
	struct wall_ms before = wall_after(b->starts_at, -1);
	struct store_contact who;

	return store_contact(x->store, account, number, false, x->now.wall, &who) == 0 &&
	       store_booking_next(x->store, who.id, b->calendar, before, ret) == 0 &&
	       ret->starts_at.ms == b->starts_at.ms;
}

static int book(struct exchange *x, const struct exchange_booking *b, const struct flow_calendar *c,
		const char *number, struct store_booking *ret, bool *ret_repeated)
{
	struct store_contact who;
	int64_t account;
	int r = account_id(x, b->account, &account);

	*ret_repeated = false;
	if (r == 0)
		r = booking_check(x, account, c, b->starts_at, 0);
	if (r == TW_E_EXISTS)
		*ret_repeated = has_it(x, b, account, number, ret);
	if (r == 0)
		r = store_contact(x->store, account, number, true, x->now.wall, &who);
	if (r < 0)
		return *ret_repeated ? 0 : r;
	return booking_make(x, &who, choose_sticky(x, who.id, account, NULL), c, b->starts_at, ret);
}

int exchange_appointment_book(struct exchange *x, const struct exchange_booking *b,
			      struct tw_now now,
			      struct appointment *ret, bool *ret_repeated,
			      struct exchange_refusal *e)
{
	const struct flow_calendar *c = booking_calendar(x, b->account, b->calendar);
	struct store_booking row;
	struct number number;

	x->now = now;
	if (!c)
		return refuse(e, 404, 20404,
			      "calendar: no flow of the account declares it in `calendars`");
	if (number_read(b->to, post_home(x, NULL), &number) != NUMBER_OK ||
	    number.kind != NUMBER_E164)
		return refuse(e, 400, 21211, "to: expected the telephone number of a person");
	event_begin(x);
	int r = book(x, b, c, number.text, &row, ret_repeated), ended;

	/* A refusal is no fault, and has written nothing. */
	ended = event_end(x, r == TW_E_UNKNOWN || r == TW_E_EXISTS ? 0 : r, "appointment");
	if (r == TW_E_UNKNOWN)
		return refuse(e, 422, 20001,
			      "starts_at: no appointment of this calendar begins then, or it "
			      "is over");
	if (r == TW_E_EXISTS)
		return refuse(e, 409, 20409, "starts_at: somebody has this time already");
	if (ended == 0)
		ended = fill(x, &row, ret);
	return ended < 0 ? refuse(e, store_is_void(x->store) ? 507 : 500, 20500, tw_strerror(ended))
	       : 0;
}

static int move(struct exchange *x, struct store_booking *b, struct wall_ms to, bool is_told)
{
	char account[BOOKING_ACCOUNT_MAX];
	const struct flow_calendar *c;
	int r;

	account_of_id(x, b->account, account, sizeof(account));
	c = booking_calendar(x, account, b->calendar);
	if (!c)
		return TW_E_TYPE;
	if (b->starts_at.ms == to.ms)
		return 0;
	r = booking_check(x, b->account, c, to, b->id);
	return r < 0 ? r : booking_move(x, c, to, is_told, b);
}

int exchange_appointment_move(struct exchange *x, const char *account, int64_t id,
			      struct wall_ms to, bool is_told, struct tw_now now,
			      struct appointment *ret, struct exchange_refusal *e)
{
	struct store_booking b;
	int r = get(x, account, id, &b), ended;

	x->now = now;
	if (r == TW_E_UNKNOWN)
		return refuse(e, 404, 20404, "there is no such appointment");
	if (r == 0 && b.state == STORE_CANCELED)
		return refuse(e, 409, 20409, "the appointment is canceled: book another one");
	if (r == 0 && b.starts_at.ms <= now.wall.ms)
		return refuse(e, 409, 20409, "the appointment has begun");
	if (r == 0 && to.ms <= now.wall.ms)
		return refuse(e, 422, 20001, "starts_at: this time is over");
	event_begin(x);
	if (r == 0)
		r = move(x, &b, to, is_told);
	/* A refusal is no fault, and has written nothing. */
	ended = event_end(x, r == TW_E_UNKNOWN || r == TW_E_EXISTS || r == TW_E_TYPE ? 0 : r,
			  "appointment");
	if (r == TW_E_TYPE)
		return refuse(e, 409, 20409, "no flow of the account declares its calendar any "
			      "more");
	if (r == TW_E_UNKNOWN)
		return refuse(e, 422, 20001,
			      "starts_at: no appointment of this calendar begins then");
	if (r == TW_E_EXISTS)
		return refuse(e, 409, 20409, "starts_at: somebody has this time already");
	if (ended == 0)
		ended = fill(x, &b, ret);
	return ended < 0 ? refuse(e, store_is_void(x->store) ? 507 : 500, 20500, tw_strerror(ended))
	       : 0;
}

int exchange_appointment_cancel(struct exchange *x, const char *account, int64_t id,
				struct tw_now now, struct appointment *ret)
{
	char name[BOOKING_ACCOUNT_MAX];
	struct store_booking b;
	int r = get(x, account, id, &b);

	x->now = now;
	if (r < 0)
		return r;
	if (b.starts_at.ms <= now.wall.ms)
		return TW_E_STATE;
	event_begin(x);
	account_of_id(x, b.account, name, sizeof(name));
	r = event_end(x, booking_change(x, booking_calendar(x, name, b.calendar),
					STORE_CANCELED, &b),
		      "appointment");
	return r < 0 ? r : fill(x, &b, ret);
}

bool exchange_calendar_at(struct exchange *x, size_t n, const struct flow_calendar **ret)
{
	*ret = x->flows ? flows_calendar_at(x->flows, n) : NULL;
	return *ret != NULL;
}

int exchange_free_times(struct exchange *x, const char *account, const char *calendar,
			struct wall_ms after, struct wall_ms *out, size_t cap, size_t *ret_n)
{
	const struct flow_calendar *c = booking_calendar(x, account, calendar);
	int64_t row;
	int r = c ? account_id(x, account, &row) : TW_E_UNKNOWN;

	if (r == 0 && c->url[0])
		r = TW_E_STATE;
	return r < 0 ? r : booking_free(x, row, c, after, out, cap, ret_n);
}

/* ---- a file for calendars (RFC 5545) -------------------------------------------------------- */

enum { LINE_MAX_OCTETS = 75 };

/* A content line, folded (3.1): no line is longer, none ends within a character. */
static void add_line(struct tw_buf *out, const char *line, size_t n)
{
	size_t room = LINE_MAX_OCTETS;

	while (n > room) {
		size_t cut = room;

		while (cut > 1 && ((unsigned char)line[cut] & 0xC0) == 0x80)
			cut--;
		tw_buf_add(out, line, cut);
		tw_buf_adds(out, "\r\n ");
		line += cut;
		n -= cut;
		room = LINE_MAX_OCTETS - 1;	/* behind the blank */
	}
	tw_buf_add(out, line, n);
	tw_buf_adds(out, "\r\n");
}

/* A text value (3.3.11); what is no text of a line is left out. */
static void add_text(struct tw_buf *out, const char *name, const char *text)
{
	struct tw_buf line = { 0 };

	tw_buf_addf(&line, "%s:", name);
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			tw_buf_adds(&line, "\\n");
		else if (strchr("\\;,", *p))
			tw_buf_addf(&line, "\\%c", *p);
		else if ((unsigned char)*p >= ' ' || *p == '\t')
			tw_buf_addc(&line, *p);
	}
	add_line(out, line.p, line.n);
	tw_buf_done(&line);
}

static void add_time(struct tw_buf *out, const char *name, struct wall_ms at)
{
	const struct tw_zone *utc;

	tw_zone_get("", &utc);
	struct tw_civil t = tw_zone_civil(utc, at);

	tw_buf_addf(out, "%s:%04d%02d%02dT%02d%02d%02dZ\r\n", name, t.year, t.month, t.day, t.hour,
		    t.minute, t.second);
}

void appointment_ics(const struct appointment *a, const char *identity, struct tw_buf *out)
{
	bool is_canceled = a->state == STORE_CANCELED;
	char uid[128];

	snprintf(uid, sizeof(uid), "%lld@%s.twoway", (long long)a->id, identity);
	tw_buf_adds(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//twoway//EN\r\n");
	tw_buf_addf(out, "METHOD:%s\r\nBEGIN:VEVENT\r\n", is_canceled ? "CANCEL" : "PUBLISH");
	add_text(out, "UID", uid);
	tw_buf_addf(out, "SEQUENCE:%d\r\n", a->changes);
	add_time(out, "DTSTAMP", a->changed_at);
	add_time(out, "DTSTART", a->starts_at);
	add_time(out, "DTEND", a->ends_at);
	add_text(out, "SUMMARY", a->calendar);
	if (a->place)
		add_text(out, "LOCATION", a->place);
	if (a->map)
		add_text(out, "DESCRIPTION", a->map);
	tw_buf_addf(out, "STATUS:%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", is_canceled ? "CANCELLED" :
		    "CONFIRMED");
}
