/* Messages of Twilio's surface: create, fetch, redact, cancel, delete. */
#include "internal.h"

#include <errno.h>
#include <strings.h>

enum {				/* refusals of a create, by the codes that applications know */
	NO_BODY = 21602, NO_SENDER = 21603, NO_TO = 21604, TO_IMPOSSIBLE = 21211, CALLBACK = 21609,
	BODY_LONG = 21617, MEDIA = 21621,
	VALIDITY = 21624, CONTENT = 21655, SERVICE_UNKNOWN = 21701, SCHEDULE_NO_TIME = 35111,
	SCHEDULE_WINDOW = 35114, SCHEDULE_NO_SERVICE = 35118, SCHEDULE_TYPE = 35119,
	QUEUE_FULL = 21611, SHORT_MAX = 6, BODY_MAX = 1600, VALIDITY_MAX = 36000
};
#define MINUTE_MS (60 * INT64_C(1000))
#define SCHEDULE_LEAST_MS (5 * MINUTE_MS)
#define SCHEDULE_MOST_MS (35 * 24 * 60 * MINUTE_MS)

/* NULL for what is not there or empty: clients send what they leave open as "". */
static const char *field(const struct http_request *r, const char *name)
{
	const char *value = http_param(r, name);

	return value && *value ? value : NULL;
}

static size_t count_characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool refuse(struct http_request *r, int code, const char *text)
{
	http_refuse(r, 400, code, "%s", text);
	return false;
}

static bool read_service(struct http_request *r, struct exchange_post *p)
{
	const char *sid = field(r, "MessagingServiceSid");
	struct exchange_pool pool = { .name = NULL };

	if (sid && !twilio_find_pool(r, p->account, sid, &pool))
		return refuse(r, SERVICE_UNKNOWN, "MessagingServiceSid: there is no such service");
	p->pool = pool.name;
	p->from = field(r, "From");
	if (!p->pool && !p->from)
		return refuse(r, NO_SENDER, "A 'From' or 'MessagingServiceSid' is required");
	return true;
}

static bool read_body(struct http_request *r, struct exchange_post *p)
{
	p->text = field(r, "Body");
	if (field(r, "MediaUrl"))
		return refuse(r, MEDIA, "MediaUrl: this number cannot send MMS");
	if (field(r, "ContentSid"))
		return refuse(r, CONTENT, "ContentSid: there are no content templates here");
	if (!p->text)
		return refuse(r, NO_BODY, "Message body is required");
	if (count_characters(p->text) > BODY_MAX)
		return refuse(r, BODY_LONG, "The message body exceeds the 1600 character limit");
	p->callback = field(r, "StatusCallback");
	if (p->callback && !twilio_is_url(p->callback))
		return refuse(r, CALLBACK, "StatusCallback: expected an http or https URL");
	p->smart = field(r, "SmartEncoded") && !strcasecmp(field(r, "SmartEncoded"), "true");
	return true;
}

static bool read_validity(struct http_request *r, struct exchange_post *p)
{
	const char *text = field(r, "ValidityPeriod");
	char *end;
	long n;

	if (!text)
		return true;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || n < 1 || n > VALIDITY_MAX)
		return refuse(r, VALIDITY, "ValidityPeriod: expected seconds from 1 to 36000");
	p->valid_for = n * 1000;
	return true;
}

static bool read_schedule(struct http_request *r, struct exchange_post *p, struct tw_now now)
{
	const char *type = field(r, "ScheduleType"), *at = field(r, "SendAt");
	bool is_day;

	if (!type && !at)
		return true;
	if (!at)
		return refuse(r, SCHEDULE_NO_TIME, "SendAt is required with ScheduleType");
	if (!type || strcasecmp(type, "fixed"))
		return refuse(r, SCHEDULE_TYPE, "ScheduleType: expected fixed");
	if (!p->pool)
		return refuse(r, SCHEDULE_NO_SERVICE,
			      "MessagingServiceSid is required with SendAt");
	if (!twilio_date_read(at, &p->send_at, &is_day) || is_day ||
	    p->send_at.ms < now.wall.ms + SCHEDULE_LEAST_MS ||
	    p->send_at.ms > now.wall.ms + SCHEDULE_MOST_MS)
		return refuse(r, SCHEDULE_WINDOW,
			      "SendAt: expected a time from 5 minutes to 35 days ahead");
	return true;
}

static bool read_post(struct http_request *r, struct exchange_post *p, struct tw_now now)
{
	p->to = field(r, "To");
	if (!p->to)
		return refuse(r, NO_TO, "A 'To' phone number is required");
	/* As there; /api/v1/messages texts them. */
	if (strlen(p->to) <= SHORT_MAX && strspn(p->to, "0123456789") == strlen(p->to))
		return refuse(r, TO_IMPOSSIBLE, "The 'To' number is not a valid phone number");
	return read_service(r, p) && read_body(r, p) && read_validity(r, p) &&
	       read_schedule(r, p, now);
}

static void answer(struct http_request *r, int status, struct message *m)
{
	r->status = status;
	tw_buf_clear(&r->out);
	twilio_write_message(&r->out, r, m);
	tw_buf_addc(&r->out, '\n');
	message_done(m);
}

/* Twilio's own codes come with 400, but for a full queue. */
static void refuse_post(struct http_request *r, int code, const struct exchange_refusal *why)
{
	bool is_twilios = why->code < 20000 || why->code >= 21000;

	if (why->status < 400 || why->status > 599)
		twilio_refuse_code(r, code);
	else
		http_refuse(r, !is_twilios ? why->status : why->code == QUEUE_FULL ? 429 : 400,
			    why->code, "%s", why->text);
}

void twilio_post_message(struct http_request *r, struct tw_now now)
{
	const struct http_account *a = twilio_account(r);
	struct exchange_post p = { .lane = LANE_API, .idempotency_key = r->idempotency_key };
	struct exchange_refusal why = { 0 };
	struct message m = { 0 };
	bool repeated = false;
	int code;

	if (!a)
		return;
	p.account = a->name;
	if (!read_post(r, &p, now))
		return;
	code = exchange_post(r->h->setup.exchange, &p, now, &m, &repeated, &why);
	if (code < 0)
		refuse_post(r, code, &why);
	else
		answer(r, 201, &m);
}

/* ---- one message --------------------------------------------------------------------------- */

static bool find(struct http_request *r, struct message *ret)
{
	const struct http_account *a = twilio_account(r);
	int code;

	if (!a)
		return false;
	code = exchange_message(r->h->setup.exchange, tw_buf_str(&r->name), ret);
	if (code == 0 && !strcmp(ret->account, a->name))
		return true;
	if (code == 0)
		message_done(ret);
	twilio_refuse_code(r, code == 0 ? TW_E_UNKNOWN : code);
	return false;
}

void twilio_get_message(struct http_request *r, struct tw_now now)
{
	struct message m = { 0 };

	(void)now;
	if (find(r, &m))
		answer(r, 200, &m);
}

static int update(struct http_request *r, struct tw_now now, struct message *ret)
{
	const char *status = field(r, "Status"), *body = http_param(r, "Body");
	struct exchange *x = r->h->setup.exchange;
	const char *id = tw_buf_str(&r->name);
	int code;

	if (status && strcmp(status, "canceled"))
		return refuse(r, HTTP_CODE_PARAMETER, "Status: only canceled is possible"), 1;
	if (!status && (!body || *body))
		return refuse(r, HTTP_CODE_PARAMETER, body ? "Body: may only be made empty" :
			      "expected Body= or Status=canceled"), 1;
	code = status ? exchange_cancel(x, id, now, ret) : exchange_redact(x, id, now, ret);
	if (code != TW_E_STATE)
		return code;
	if (status)
		refuse(r, HTTP_CODE_NOT_CANCELED, "The message cannot be canceled any more");
	else
		http_refuse(r, 409, HTTP_CODE_NOT_OVER, "The message may still be sent");
	return 1;
}

void twilio_update_message(struct http_request *r, struct tw_now now)
{
	struct message m = { 0 }, changed = { 0 };
	int code;

	if (!find(r, &m))
		return;
	message_done(&m);
	code = update(r, now, &changed);
	if (code < 0)
		twilio_refuse_code(r, code);
	else if (code == 0)
		answer(r, 200, &changed);
}

void twilio_delete_message(struct http_request *r, struct tw_now now)
{
	struct message m = { 0 };
	int code;

	if (!find(r, &m))
		return;
	message_done(&m);
	code = exchange_delete(r->h->setup.exchange, tw_buf_str(&r->name), now);
	if (code == TW_E_STATE)
		http_refuse(r, 409, HTTP_CODE_NOT_OVER, "The message's delivery is not over yet");
	else if (code < 0)
		twilio_refuse_code(r, code);
	else
		r->status = 204;
}

/* Texts have no media. */
void twilio_get_media(struct http_request *r, struct tw_now now)
{
	struct twilio_page p = { 0 };
	struct message m = { 0 };

	(void)now;
	if (!find(r, &m))
		return;
	message_done(&m);
	if (!twilio_read_page(r, &p))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "media_list", '[');
	http_put_close(&r->out, ']');
	twilio_write_page(&r->out, r, &p);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}
