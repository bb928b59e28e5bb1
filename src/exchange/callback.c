/* The states of an outbound message, told to the URL that was given with it (StatusCallback;
 * `action` of TwiML): in Twilio's form, in order for each message, each once. What the create
 * answered is not told, nor `sending`, which receivers do not know. */
#include <stdio.h>

#include "application.h"

static const char note[] = "callbacks";

int callbacks_load(struct exchange *x)
{
	char text[8];
	int r = store_note(x->store, note, text, sizeof(text));

	x->has_callbacks = r == 0;
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* From the first message on that has one, messages are read again when their state changes. */
int callbacks_expect(struct exchange *x)
{
	if (x->has_callbacks)
		return 0;
	x->has_callbacks = true;
	return store_note_put(x->store, note, "1");
}

/* `accepted` until a number was chosen: told is the choice, when its first attempt begins. */
static bool chooses_number(struct exchange *x, const struct store_message *m)
{
	struct route *route = route_get(x, m->route);
	struct store_attempt a;

	return route && !route->row.line && !(m->flags & STORE_MOVED) &&
	       store_attempt_next(x->store, m->id, 0, &a) == TW_E_UNKNOWN;
}

/* What is told of a state; NULL nothing. */
static const char *told_as(struct exchange *x, const struct store_message *m,
			   enum message_state state)
{
	struct route *route;

	switch (state) {
	case MESSAGE_QUEUED:	/* behind `scheduled` */
		route = m->flags & STORE_TIMED ? route_get(x, m->route) : NULL;
		return route && route->row.line ? "queued" : NULL;
	case MESSAGE_SENDING:
		return chooses_number(x, m) ? "queued" : NULL;
	case MESSAGE_EXPIRED:
		return "failed";
	case MESSAGE_SENT:
	case MESSAGE_DELIVERED:
	case MESSAGE_UNDELIVERED:
	case MESSAGE_FAILED:
	case MESSAGE_CANCELED:
		return message_state_name(state);
	case MESSAGE_RECEIVED:
	case MESSAGE_SCHEDULED:
	case MESSAGE_STATE_COUNT:
		break;
	}
	return NULL;
}

static void add_error(struct tw_buf *form, const struct store_message *m, enum message_state state)
{
	enum { UNKNOWN_ERROR = 30008, TIME_RAN_OUT = 30036 };
	int code = state == MESSAGE_EXPIRED ? TIME_RAN_OUT : m->error_code ? m->error_code
		: UNKNOWN_ERROR;
	char text[16];

	if (state != MESSAGE_EXPIRED && state != MESSAGE_FAILED && state != MESSAGE_UNDELIVERED)
		return;
	snprintf(text, sizeof(text), "%d", code);
	hook_form_add(form, "ErrorCode", text);
	if (code_text(code))
		hook_form_add(form, "ErrorMessage", code_text(code));
}

static void write_state(struct exchange *x, const struct message *seen,
			const struct store_message *m,
			enum message_state state, const char *status, struct tw_buf *form)
{
	char service[64];

	hook_form_add(form, "MessageSid", seen->id);
	hook_form_add(form, "SmsSid", seen->id);
	hook_form_add(form, "MessageStatus", status);
	hook_form_add(form, "SmsStatus", status);
	application_sid(x, seen->account, form);
	hook_form_add(form, "To", seen->to ? seen->to : "");
	if (seen->from)
		hook_form_add(form, "From", seen->from);
	if (m->pool)
		hook_form_add(form, "MessagingServiceSid",
			      application_named_sid("MG", seen->account, m->pool, service));
	add_error(form, m, state);
}

int callback_tell(struct exchange *x, const struct store_message *m, enum message_state state)
{
	const char *status = m->callback && m->direction == OUTBOUND ? told_as(x, m, state) : NULL;
	struct tw_buf form = { 0 };
	struct message seen;
	char chain[32];
	int r = status ? query_fill(x, m, &seen) : 0;

	if (!status || r < 0)
		return r;
	write_state(x, &seen, m, state, status, &form);
	snprintf(chain, sizeof(chain), "s%lld", (long long)m->id);
	r = hook_add(x->hook, &(struct hook_order){
		.kind = hook_url_is_get(m->callback) ? HOOK_FORM_GET : HOOK_FORM,
		.purpose = HOOK_FOR_NOBODY, .ref = m->id, .account = m->account,
		.contact = m->contact, .chain = chain, .url = m->callback, .body = form.p,
		.body_n = form.n, .is_trusted = application_trusts(x, seen.account, m->callback) },
		x->now, NULL);
	tw_buf_done(&form);
	message_done(&seen);
	/* One that cannot be called is told nothing; its message goes on. */
	return r == TW_E_SYNTAX || r == TW_E_RANGE ? 0 : r;
}
