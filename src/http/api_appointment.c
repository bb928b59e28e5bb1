/* /api/v1/appointments and what is free in calendars; and the files for calendars that texts link
 * to. */
#include "internal.h"

#include <jansson.h>
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

static bool read_count(struct http_request *r, const char *name, int64_t least, int64_t max,
		       int64_t *ret)
{
	const char *text = http_param(r, name);
	char *end;

	if (!text)
		return true;
	*ret = strtoll(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && *ret >= least && *ret <= max)
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected %lld to %lld", name,
		    (long long)least, (long long)max);
	return false;
}

/* A plus that was not escaped arrives as a space. */
static const char *plus_param(struct http_request *r, const char *name, bool leads)
{
	char *value = (char *)(uintptr_t)http_param(r, name), *space;

	space = !value ? NULL : leads ? (*value == ' ' ? value : NULL) : strrchr(value, ' ');
	if (space && (leads || space > value + 10))
		*space = '+';
	return value;
}

static bool read_from(struct http_request *r, struct wall_ms *ret)
{
	const char *text = plus_param(r, "from", false);

	if (!text)
		return true;
	if (tw_rfc3339_read(text, ret) == 0) {
		ret->ms--;		/* what begins then is meant too */
		return true;
	}
	http_refuse(r, 400, HTTP_CODE_PARAMETER,
		    "from: expected a time such as 2026-05-04T09:00:00Z");
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

static bool read_flag(struct http_request *r, const char *name, bool *ret)
{
	const char *text = http_param(r, name);

	*ret = text && !strcmp(text, "true");
	if (!text || *ret || !strcmp(text, "false"))
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected true or false", name);
	return false;
}

static void refuse_store(struct http_request *r, int code)
{
	http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later", tw_strerror(code));
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

	if (!read_count(r, "limit", 1, EXCHANGE_SLICE, &q.limit) || !read_from(r, &q.from) ||
	    !read_after(r, &q) || !read_flag(r, "canceled", &q.with_canceled) ||
	    !http_pick_account(r, http_param(r, "account"), &q.account))
		return;
	q.with = plus_param(r, "with", true);
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
		refuse_store(r, code);
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
		refuse_store(r, code);
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
		refuse_store(r, code);
	else
		answer_file(r, &a);
}

/* ---- changes ------------------------------------------------------------------------------- */

/* The one that is meant, where the login does not say it. */
static bool pick_one_account(struct http_request *r, const char *asked, const char **ret)
{
	if (!http_pick_account(r, asked, ret))
		return false;
	if (!*ret && r->h->accounts.n != 1) {
		http_refuse(r, 400, HTTP_CODE_WHICH_ACCOUNT, "account: which one? there are %zu",
			    r->h->accounts.n);
		return false;
	}
	if (!*ret)
		*ret = r->h->accounts.v[0].name;
	return true;
}

/* Texts of the body; NULL where it is not there. False after refusing. */
static bool read_body(struct http_request *r, json_t *root, const char *const *names,
		      const char **values, size_t n)
{
	const char *key;
	json_t *value;

	json_object_foreach(root, key, value) {
		size_t i = 0;

		while (i < n && strcmp(names[i], key))
			i++;
		if (i == n) {
			http_refuse(r, 400, HTTP_CODE_PARAMETER, "%.60s: no such member", key);
			return false;
		}
		values[i] = json_string_value(value);
		if (!values[i] && !json_is_null(value)) {
			http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected a text in quotes",
				    key);
			return false;
		}
	}
	return true;
}

static void book(struct http_request *r, json_t *root, struct tw_now now)
{
	enum { ACCOUNT, CALENDAR, TO, STARTS_AT, N };
	static const char *const names[N] = { "account", "calendar", "to", "starts_at" };
	const char *values[N] = { NULL };
	struct exchange_refusal e = { .status = 0 };
	struct exchange_booking b;
	struct appointment a;
	bool is_repeated;

	if (!read_body(r, root, names, values, N) || !pick_one_account(r, values[ACCOUNT],
								       &b.account))
		return;
	for (int i = CALENDAR; i < N; i++)
		if (!values[i]) {
			http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected a text in quotes",
				    names[i]);
			return;
		}
	b.calendar = values[CALENDAR];
	b.to = values[TO];
	if (tw_rfc3339_read(values[STARTS_AT], &b.starts_at) < 0)
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "starts_at: expected a time such as "
			    "2026-05-04T09:00:00Z");
	else if (exchange_appointment_book(r->h->setup.exchange, &b, now, &a, &is_repeated, &e) < 0)
		http_refuse(r, e.status, e.code, "%s", e.text);
	else
		answer(r, is_repeated ? 200 : 201, &a);
}

void http_post_appointment(struct http_request *r, struct tw_now now)
{
	json_error_t e;
	json_t *root = json_loadb(r->body.n ? r->body.p : "", r->body.n, JSON_REJECT_DUPLICATES,
				  &e);

	if (json_is_object(root))
		book(r, root, now);
	else
		http_refuse(r, 400, HTTP_CODE_PARAMETER, root ? "the body is no object%.0s" :
			    "the body is not JSON: %.120s", e.text);
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
		refuse_store(r, code);
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

	if (!read_count(r, "limit", 1, FREE_MAX, &limit) || !read_from(r, &from) ||
	    !pick_one_account(r, http_param(r, "account"), &account))
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
		refuse_store(r, code);
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
