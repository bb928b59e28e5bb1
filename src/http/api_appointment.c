/* /api/v1/appointments and what is free in calendars; and the files for calendars that texts link
 * to. */
#include "read.h"

#include <stdio.h>

enum { APPOINTMENTS_DEFAULT = 100, FREE_DEFAULT = 10, FREE_MAX = 100 };

void http_write_appointment(struct tw_buf *b, const struct appointment *a)
{
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)a->id);
	http_put_open(b, NULL, '{');
	http_put_text(b, "id", id);
	http_put_text(b, "account", a->account);
	http_put_text(b, "calendar", a->calendar);
	http_put_text(b, "state", appointment_state_name(a->state));
	http_put_text(b, "number", a->number);
	http_put_text(b, "name", a->name);
	http_put_time(b, "starts_at", a->starts_at);
	http_put_time(b, "ends_at", a->ends_at);
	http_put_text(b, "slot", a->slot);
	http_put_text(b, "place", a->place);
	http_put_text(b, "map", a->map);
	http_put_text(b, "ics", a->ics);
	http_put_time(b, "created_at", a->made_at);
	http_put_time(b, "changed_at", a->changed_at);
	http_put_time(b, "remind_at", a->remind_at);
	http_put_close(b, '}');
}

/* What begins at `from` is meant too. */
static bool read_from(struct http_request *r, struct wall_ms *ret)
{
	bool is_given = http_param(r, "from") != NULL;

	if (!http_read_when(r, "from", ret))
		return false;
	ret->ms -= is_given;
	return true;
}

/* Which of them; canceled ones are told when they are asked for. */
static bool read_state(struct http_request *r, struct exchange_appointments_query *q)
{
	const char *text = http_param(r, "state");

	for (int s = STORE_BOOKED; text && s <= STORE_CANCELED; s++)
		if (!strcmp(text, appointment_state_name((enum store_booking_state)s)))
			q->state = s + 1;
	q->with_canceled |= q->state == STORE_CANCELED + 1;
	if (!text || q->state)
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "state: expected booked, confirmed or canceled");
	return false;
}

/* "TIME.ID", as the former answer said it. */
static bool read_after(struct http_request *r, struct exchange_appointments_query *q)
{
	const char *text = http_param(r, "after");
	long long at, id;
	int end = 0;

	if (!text)
		return true;
	if (sscanf(text, "%lld.%lld%n", &at, &id, &end) == 2 && !text[end]) {
		q->from.ms = at;
		q->after = id;
		return true;
	}
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "after: expected what the former answer said");
	return false;
}

static void refuse_unknown(struct http_request *r)
{
	http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no appointment %.30s", tw_buf_str(&r->name));
}

/* ---- lists --------------------------------------------------------------------------------- */

struct listing { struct tw_buf *out; char last[48]; int64_t n; };

static void add(void *ctx, struct appointment *a)
{
	struct listing *l = ctx;

	http_write_appointment(l->out, a);
	snprintf(l->last, sizeof(l->last), "%lld.%lld", (long long)a->starts_at.ms,
		 (long long)a->id);
	l->n++;
	appointment_done(a);
}

void http_get_appointments(struct http_request *r, struct tw_now now)
{
	struct exchange_appointments_query q = { .limit = APPOINTMENTS_DEFAULT, .from = now.wall };
	struct listing l = { .out = &r->out };
	int code;

	if (!http_read_limit(r, EXCHANGE_SLICE, &q.limit) || !read_from(r, &q.from) ||
	    !read_after(r, &q) || !http_read_switch(r, "canceled", &q.with_canceled) ||
	    !read_state(r, &q) || !http_read_when(r, "to", &q.until) ||
	    !http_pick_account(r, http_param(r, "account"), &q.account))
		return;
	q.with = http_number_param(r, "with");
	q.calendar = http_param(r, "calendar");
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "appointments", '[');
	code = exchange_appointments(r->h->setup.exchange, &q, add, &l);
	http_put_close(&r->out, ']');
	http_put_text(&r->out, "after", l.n == q.limit ? l.last : NULL);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code < 0)
		http_refuse_store(r, code);
}

static bool pick(struct http_request *r, struct appointment *ret)
{
	const char *account;
	char *end;
	int64_t id = strtoll(tw_buf_str(&r->name), &end, 10);
	int code = TW_E_UNKNOWN;

	if (!http_pick_account(r, http_param(r, "account"), &account))
		return false;
	if (!*end && id > 0)
		code = exchange_appointment(r->h->setup.exchange, account, id, ret);
	if (code == TW_E_UNKNOWN)
		refuse_unknown(r);
	else if (code < 0)
		http_refuse_store(r, code);
	return code == 0;
}

static void answer(struct http_request *r, int status, struct appointment *a)
{
	r->status = status;
	http_write_appointment(&r->out, a);
	tw_buf_addc(&r->out, '\n');
	appointment_done(a);
}

void http_get_appointment(struct http_request *r, struct tw_now now)
{
	struct appointment a;

	(void)now;
	if (pick(r, &a))
		answer(r, 200, &a);
}

static void answer_file(struct http_request *r, struct appointment *a)
{
	r->status = 200;
	r->out_type = "text/calendar; charset=utf-8";
	appointment_ics(a, store_identity(r->h->setup.store), &r->out);
	appointment_done(a);
}

void http_get_appointment_file(struct http_request *r, struct tw_now now)
{
	struct appointment a;

	(void)now;
	if (pick(r, &a))
		answer_file(r, &a);
}

/* Whoever has the link has the appointment: its name cannot be guessed. */
void http_get_calendar_file(struct http_request *r, struct tw_now now)
{
	struct appointment a;
	int code = exchange_appointment_of_code(r->h->setup.exchange, tw_buf_str(&r->name), &a);

	(void)now;
	if (code == TW_E_UNKNOWN)
		refuse_unknown(r);
	else if (code < 0)
		http_refuse_store(r, code);
	else
		answer_file(r, &a);
}

/* ---- changes ------------------------------------------------------------------------------- */

enum { ACCOUNT, CALENDAR, TO, STARTS_AT, N };
static const char *const names[N] = { "account", "calendar", "to", "starts_at" };

static void book(struct http_request *r, json_t *root, struct tw_now now)
{
	const char *values[N] = { NULL };
	struct exchange_refusal e = { .status = 0 };
	struct exchange_booking b;
	struct appointment a;
	bool is_repeated;

	for (int i = 0; i < N; i++)
		if (!(i == ACCOUNT ? http_read_text(r, root, "", names[i], &values[i]) :
				     http_need_text(r, root, names[i], &values[i])))
			return;
	if (!http_one_account(r, values[ACCOUNT], &b.account) ||
	    !http_read_time(r, "starts_at", values[STARTS_AT], &b.starts_at))
		return;
	b.calendar = values[CALENDAR];
	b.to = values[TO];
	if (exchange_appointment_book(r->h->setup.exchange, &b, now, &a, &is_repeated, &e) < 0)
		http_refuse(r, e.status, e.code, "%s", e.text);
	else
		answer(r, is_repeated ? 200 : 201, &a);
}

void http_post_appointment(struct http_request *r, struct tw_now now)
{
	json_t *root = http_read_object(r, names, N);

	if (root)
		book(r, root, now);
	json_decref(root);
}

/* {"starts_at": …, "tell": false}; told unless it says otherwise. */
static void move(struct http_request *r, json_t *root, struct tw_now now)
{
	struct exchange_refusal e = { .status = 0 };
	struct appointment a, moved;
	const char *text;
	struct wall_ms to;
	bool is_told = true;

	if (!http_need_text(r, root, "starts_at", &text) ||
	    !http_read_time(r, "starts_at", text, &to) ||
	    (json_object_get(root, "tell") && !http_read_flag(r, root, "tell", &is_told)) ||
	    !pick(r, &a))
		return;
	if (exchange_appointment_move(r->h->setup.exchange, a.account, a.id, to, is_told, now,
				      &moved, &e) < 0)
		http_refuse(r, e.status, e.code, "%s", e.text);
	else
		answer(r, 200, &moved);
	appointment_done(&a);
}

void http_move_appointment(struct http_request *r, struct tw_now now)
{
	static const char *const members[] = { "starts_at", "tell" };
	json_t *root = http_read_object(r, members, TW_COUNT(members));

	if (root)
		move(r, root, now);
	json_decref(root);
}

void http_cancel_appointment(struct http_request *r, struct tw_now now)
{
	struct appointment a, canceled;
	int code;

	if (!pick(r, &a))
		return;
	code = exchange_appointment_cancel(r->h->setup.exchange, a.account, a.id, now, &canceled);
	appointment_done(&a);
	if (code == TW_E_STATE)
		http_refuse(r, 409, HTTP_CODE_CONFLICT, "the appointment has begun");
	else if (code < 0)
		http_refuse_store(r, code);
	else
		answer(r, 200, &canceled);
}

/* ---- what is free -------------------------------------------------------------------------- */

void http_get_free(struct http_request *r, struct tw_now now)
{
	struct wall_ms slots[FREE_MAX], from = now.wall;
	int64_t limit = FREE_DEFAULT;
	const char *account;
	size_t n;
	int code;

	if (!http_read_limit(r, FREE_MAX, &limit) || !read_from(r, &from) ||
	    !http_one_account(r, http_param(r, "account"), &account))
		return;
	code = exchange_free_times(r->h->setup.exchange, account, tw_buf_str(&r->name),
				   from.ms < now.wall.ms ? now.wall : from, slots,
				   (size_t)limit, &n);
	if (code == TW_E_UNKNOWN) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "account %s has no calendar %.60s", account,
			    tw_buf_str(&r->name));
		return;
	}
	if (code == TW_E_STATE) {
		http_refuse(r, 409, HTTP_CODE_CONFLICT, "the calendar %.60s keeps its times "
			    "elsewhere: ask its `url`", tw_buf_str(&r->name));
		return;
	}
	if (code < 0) {
		http_refuse_store(r, code);
		return;
	}
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "free", '[');
	for (size_t i = 0; i < n; i++)
		http_put_time(&r->out, NULL, slots[i]);
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

void http_get_calendars(struct http_request *r, struct tw_now now)
{
	const struct flow_calendar *c;
	const char *account;
	char length[24];

	(void)now;
	if (!http_pick_account(r, http_param(r, "account"), &account))
		return;
	http_begin_list(r, "calendars");
	for (size_t i = 0; exchange_calendar_at(r->h->setup.exchange, i, &c); i++) {
		if (account && strcmp(account, c->account))
			continue;
		http_put_open(&r->out, NULL, '{');
		http_put_text(&r->out, "account", c->account);
		http_put_text(&r->out, "name", c->name);
		http_put_text(&r->out, "length", tw_duration_write(c->length, length));
		http_put_filled(&r->out, "place", c->place);
		http_put_filled(&r->out, "map", c->map);
		http_put_filled(&r->out, "url", c->url);
		http_put_close(&r->out, '}');
	}
	http_end_list(r, NULL, NULL);
}
