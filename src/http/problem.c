/* Errors of /api/v1: problem details (RFC 9457). `type` points into openapi.json, where each code
 * is explained; `field` is the member or parameter that is wrong. Twilio's surface has a form of
 * its own. */
#include "internal.h"

#include <ctype.h>

static const struct http_problem problems[] = {
	{ 20001, NULL, "A field is missing, unknown, or not what it should be" },
	{ 20003, NULL, "No login, or a wrong one" },
	{ 20004, NULL, "The method is not possible here" },
	{ 20009, NULL, "Its delivery is not over yet" },
	{ 20403, NULL, "This login may not do this" },
	{ 20404, NULL, "There is no such thing" },
	{ 20407, "account", "It must be said for which account" },
	{ 20409, NULL, "Not possible in the state that it is in" },
	{ 20410, "Idempotency-Key", "The Idempotency-Key was used for another request" },
	{ 20413, NULL, "The body is too large" },
	{ 20415, NULL, "The body is in a form that is not taken here" },
	{ 20422, NULL, "The configuration or a flow file has errors" },
	{ 20429, NULL, "Too many at once" },
	{ 20500, NULL, "A fault of twoway" },
	{ 20503, NULL, "Not possible now" },
	{ 20507, NULL, "It could not be written: nothing was changed" },
	{ 21211, "to", "The recipient is no possible number" },
	{ 21212, "from", "The sender is no possible number" },
	{ 21266, "to", "Recipient and sender are the same" },
	{ 21602, "text", "There is no text" },
	{ 21604, "to", "There is no recipient" },
	{ 21606, "from", "The sender is no number that the account may send from" },
	{ 21610, "to", "The recipient has opted out" },
	{ 21611, "from", "Too many messages wait" },
	{ 21617, "text", "The text is too long" },
	{ 21618, "text", "The text cannot be sent" },
	{ 21624, "valid_for", "It would be worthless before it is sent" },
	{ 21701, "pool", "There is no such pool" },
	{ 21704, "pool", "The pool is empty" },
	{ 30409, NULL, "It cannot be canceled any more" },
	{ 35114, "send_at", "The time is not possible" },
};

const struct http_problem *http_problem_at(size_t i)
{
	return i < TW_COUNT(problems) ? &problems[i] : NULL;
}

static const struct http_problem *find_problem(int code)
{
	for (size_t i = 0; i < TW_COUNT(problems); i++) {
		if (problems[i].code == code)
			return &problems[i];
	}
	return NULL;
}

static const char *status_phrase(int status)
{
	static const struct { int status; const char *phrase; } phrases[] = {
		{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" }, { 409, "Conflict" },
		{ 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" }, { 429, "Too Many Requests" },
		{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < TW_COUNT(phrases); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "Error";
}

/* A refusal that is about one field begins with its name and a colon. Heap, or NULL. */
static char *field_of(const char *detail)
{
	size_t n = 0;

	while (isalnum((unsigned char)detail[n]) || (n && strchr("_-.[]<>", detail[n]) &&
						     detail[n]))
		n++;
	return n && isalpha((unsigned char)detail[0]) && detail[n] == ':' && detail[n + 1] == ' ' ?
	       tw_strndup(detail, n) : NULL;
}

void http_problem_write(struct tw_buf *b, int status, int code, const char *detail)
{
	const struct http_problem *p = find_problem(code);
	char *type = p ? tw_printf("/api/v1/openapi.json#/x-errors/%d", code)
		: tw_strdup("about:blank");
	char *named = status < 500 ? field_of(detail) : NULL;

	http_put_text(b, "type", type);
	http_put_text(b, "title", p ? p->title : status_phrase(status));
	http_put_int(b, "status", status);
	http_put_text(b, "detail", detail);
	http_put_int(b, "code", code);
	http_put_text(b, "field", named ? named : p ? p->field : NULL);
	free(named);
	free(type);
}
