/* What the Twilio-compatible surface shares: SIDs, dates, the message object (contract 6). */
#include "internal.h"

#include <stdio.h>
#include <strings.h>

bool twilio_is_path(const char *path)
{
	return !strncmp(path, "/2010-04-01/", 12) || !strncmp(path, "/v1/", 4) ||
	       !strncmp(path, "/v2/", 4);
}

bool twilio_is_sid(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, 2) && strlen(text) == 34 &&
	       strspn(text + 2, "0123456789abcdef") == 32;
}

char *twilio_sid(const char *prefix, const char *account, const char *name, char out[36])
{
	char *whole = tw_printf("%s/%s", account, name), hex[65];
	uint8_t digest[32];

	tw_sha256(whole, strlen(whole), digest);
	tw_hex_write(digest, sizeof(digest), hex, false);
	snprintf(out, 36, "%.2s%.32s", prefix, hex);
	free(whole);
	return out;
}

static const struct http_account *find_account(const struct http_request *r)
{
	const struct http_accounts *a = &r->h->accounts;

	for (size_t i = 0; i < a->n; i++) {
		if (!strcmp(a->v[i].sid, tw_buf_str(&r->owner)))
			return &a->v[i];
	}
	return NULL;
}

static void refuse_unknown(struct http_request *r)
{
	http_refuse(r, 404, HTTP_CODE_UNKNOWN, "The requested resource %.300s was not found",
		    r->path);
}

bool twilio_pick_account(struct http_request *r)
{
	const struct http_account *a = find_account(r);

	if (a && http_may_see(r, a->name))
		return true;
	if (r->caller.account)
		http_refuse(r, 401, HTTP_CODE_LOGIN, "Authenticate");
	else
		refuse_unknown(r);
	return false;
}

const struct http_account *twilio_account(struct http_request *r)
{
	const struct http_account *a = find_account(r);

	if (!a)
		refuse_unknown(r);
	return a;
}

bool twilio_find_pool(const struct http_request *r, const char *account, const char *sid,
		      struct exchange_pool *ret)
{
	size_t cursor = 0;
	char own[36];

	while (exchange_pool_each(r->h->setup.exchange, account, &cursor, ret)) {
		if (!strcmp(twilio_sid("MG", account, ret->name, own), sid))
			return true;
	}
	return false;
}

/* http or https, and a host in which no underscore stands. */
bool twilio_is_url(const char *text)
{
	const char *host;
	size_t n;

	if (strncasecmp(text, "http://", 7) && strncasecmp(text, "https://", 8))
		return false;
	host = strstr(text, "://") + 3;
	n = strcspn(host, "/?#");
	if (memchr(host, '@', n)) {
		const char *at = memchr(host, '@', n);

		n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	n = n < strcspn(host, "/?#") ? n : strcspn(host, "/?#");
	if (!n || *host == ':' || memchr(host, '_', n) || strlen(text) > TWILIO_URL_MAX)
		return false;
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	}
	return true;
}

bool twilio_read_url(struct http_request *r, const char *name, char **url)
{
	const char *value = http_param(r, name);

	if (!value)
		return true;
	if (*value && !twilio_is_url(value)) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected an http or https URL", name);
		return false;
	}
	free(*url);
	*url = *value ? tw_strdup(value) : NULL;
	return true;
}

bool twilio_read_method(struct http_request *r, const char *name, bool *is_get)
{
	const char *value = http_param(r, name);

	if (!value || !*value)
		return true;
	if (strcasecmp(value, "GET") && strcasecmp(value, "POST")) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected GET or POST", name);
		return false;
	}
	*is_get = !strcasecmp(value, "GET");
	return true;
}

void twilio_refuse_code(struct http_request *r, int code)
{
	if (code == TW_E_UNKNOWN)
		refuse_unknown(r);
	else if (code == TW_E_DB_FULL || code == TW_E_DB)
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later",
			    tw_strerror(code));
	else
		http_refuse(r, 500, HTTP_CODE_INTERNAL, "%s", tw_strerror(code));
}

/* ---- dates --------------------------------------------------------------------------------- */

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

char *twilio_date(struct wall_ms t, char out[TWILIO_DATE_MAX])
{
	static const char days[] = "ThuFriSatSunMonTueWed";	/* 1970-01-01 was a Thursday */
	int64_t s = t.ms / 1000, day = s / 86400;
	int y, m, d;

	tw_civil_from_days(day, &y, &m, &d);
	snprintf(out, TWILIO_DATE_MAX, "%.3s, %02d %.3s %04d %02d:%02d:%02d +0000",
		 days + 3 * (day % 7), d, months + 3 * (m - 1), y, (int)(s / 3600 % 24),
		 (int)(s / 60 % 60), (int)(s % 60));
	return out;
}

void twilio_put_date(struct tw_buf *b, const char *key, struct wall_ms t)
{
	char text[TWILIO_DATE_MAX];

	http_put_text(b, key, t.ms > 0 ? twilio_date(t, text) : NULL);
}

static bool read_rfc2822(const char *text, struct wall_ms *ret)
{
	int d, y, h, min, s;
	char month[4], zone[6];
	const char *at, *comma = strchr(text, ',');

	if (sscanf(comma ? comma + 1 : text, "%d %3s %d %d:%d:%d %5s", &d, month, &y, &h, &min, &s,
		   zone) != 7)
		return false;
	at = strstr(months, month);
	if (!at || strlen(month) != 3 || (at - months) % 3 || d < 1 || d > 31 || y < 1970 ||
	    y > 9999 || h < 0 || h > 23 || min < 0 || min > 59 || s < 0 || s > 60 ||
	    (strcmp(zone, "+0000") && strcmp(zone, "GMT")))
		return false;
	ret->ms = (tw_days_from_civil(y, (int)(at - months) / 3 + 1, d) * 86400 + h * 3600 +
		   min * 60 + s) * 1000;
	return true;
}

bool twilio_date_read(const char *text, struct wall_ms *ret, bool *ret_is_day)
{
	size_t n = strlen(text);
	char copy[48];

	*ret_is_day = n == 10;
	if (n == 10)
		snprintf(copy, sizeof(copy), "%sT00:00:00Z", text);
	else
		snprintf(copy, sizeof(copy), "%.40s", text);
	/* A plus that was not escaped arrives as a blank. */
	if (n == 25 && copy[19] == ' ')
		copy[19] = '+';
	if (!tw_rfc3339_read(copy, ret))
		return true;
	n = strlen(copy);
	snprintf(copy + n, sizeof(copy) - n, "Z");
	return !tw_rfc3339_read(copy, ret) || read_rfc2822(text, ret);
}

/* ---- the message --------------------------------------------------------------------------- */

const char *twilio_status(const struct message *m)
{
	switch (m->state) {
	case MESSAGE_QUEUED:
		/* One that was with a SIM already is never told backwards. */
		return m->sim ? "sending" : m->from ? "queued" : "accepted";
	case MESSAGE_EXPIRED:
		return "failed";
	case MESSAGE_RECEIVED:
	case MESSAGE_SCHEDULED:
	case MESSAGE_SENDING:
	case MESSAGE_SENT:
	case MESSAGE_DELIVERED:
	case MESSAGE_UNDELIVERED:
	case MESSAGE_FAILED:
	case MESSAGE_CANCELED:
	case MESSAGE_STATE_COUNT:
		break;
	}
	return message_state_name(m->state);
}

static void write_error(struct tw_buf *b, const struct message *m)
{
	enum { VALIDITY_RAN_OUT = 30036 };
	int code = m->state == MESSAGE_EXPIRED ? VALIDITY_RAN_OUT : m->error_code;

	if (code)
		http_put_int(b, "error_code", code);
	else
		http_put_null(b, "error_code");
	http_put_text(b, "error_message", !code ? NULL : m->error_text ? m->error_text :
		      code == VALIDITY_RAN_OUT ? "the validity period ran out" : "unknown error");
}

static const char *direction_name(const struct message *m)
{
	if (m->direction == INBOUND)
		return "inbound";
	return m->is_reply ? "outbound-reply" : "outbound-api";
}

void twilio_write_message(struct tw_buf *b, const struct http_request *r, const struct message *m)
{
	const char *sid = tw_buf_str(&r->owner), *status = twilio_status(m);
	char *uri = tw_printf("/2010-04-01/Accounts/%s/Messages/%s", sid, m->id),
		segments[12], mg[36];
	char *whole = tw_printf("%s.json", uri), *media = tw_printf("%s/Media.json", uri);
	bool is_open = !strcmp(status, "accepted") || (!strcmp(status, "scheduled") && !m->from);

	snprintf(segments, sizeof(segments), "%d", is_open ? 0 : m->segments);
	http_put_open(b, NULL, '{');
	http_put_text(b, "sid", m->id);
	http_put_text(b, "account_sid", sid);
	http_put_text(b, "api_version", "2010-04-01");
	http_put_text(b, "messaging_service_sid", m->pool && m->account ?
		      twilio_sid("MG", m->account, m->pool, mg) : NULL);
	http_put_text(b, "direction", direction_name(m));
	/* A SIM whose number nobody knows is called by its ICCID. */
	http_put_text(b, "from", m->from ? m->from : m->direction == OUTBOUND ? m->sim : NULL);
	http_put_text(b, "to", m->to ? m->to : m->direction == INBOUND ? m->sim : "");
	http_put_text(b, "body", m->text ? m->text : "");
	http_put_text(b, "status", status);
	http_put_text(b, "num_segments", segments);
	http_put_text(b, "num_media", "0");
	http_put_null(b, "price");
	http_put_null(b, "price_unit");
	write_error(b, m);
	twilio_put_date(b, "date_created", m->created_at);
	twilio_put_date(b, "date_updated", m->finished_at.ms ? m->finished_at :
			m->sent_at.ms ? m->sent_at : m->created_at);
	twilio_put_date(b, "date_sent", m->direction == INBOUND ? m->created_at : m->sent_at);
	http_put_text(b, "uri", whole);
	http_put_open(b, "subresource_uris", '{');
	http_put_text(b, "media", media);
	http_put_close(b, '}');
	http_put_close(b, '}');
	free(media);
	free(whole);
	free(uri);
}
