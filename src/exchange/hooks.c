/* Calls to other programs and mails as the exchange knows them: who is told of an end, and when in
 * the turn. What they are for stands in a file a topic. */
#include <stdio.h>

#include "internal.h"

static int nothing(struct exchange *x, const struct hook_result *r)
{
	(void)x, (void)r;
	return 0;
}

/* A row: what is done when such a call is over. Inside the event in which its row goes. */
static int (*const ended[HOOK_PURPOSE_COUNT])(struct exchange *x, const struct hook_result *r) = {
	[HOOK_FOR_NOBODY] = nothing,
	[HOOK_FOR_TEXT] = application_ended,
	[HOOK_FOR_CONSENT] = application_ended,
	[HOOK_FOR_STEP] = away_ended,
	[HOOK_FOR_LOOKUP] = lookup_ended,
	[HOOK_FOR_CALENDAR] = calendar_ended,
};

/* What only a person can put right: a login, a certificate, a server that is not there for long.
 * That a mailbox does not exist says nothing about the server. */
static int look_at_mail(struct exchange *x, const struct hook_result *r)
{
	enum { TRIES = 3 };
	char text[160];

	if (r->kind != HOOK_MAIL)
		return 0;
	if (r->end == HOOK_ANSWERED)
		return alert_clear(x, ALERT_MAIL, "");
	if (r->failure != HOOK_NO_LOGIN && r->failure != HOOK_NO_TRUST &&
	    (r->tries < TRIES || r->status / 100 == 5))
		return 0;
	snprintf(text, sizeof(text), "mails cannot be sent: %.120s", r->error);
	return alert_raise(x, ALERT_MAIL, "", text);
}

static int end_one(struct exchange *x, const struct hook_result *r)
{
	int over = hook_settle(x->hook, r, x->now), code = over < 0 ? 0 : look_at_mail(x, r);

	if (r->end != HOOK_ANSWERED)
		tw_log(TW_WARN, "hook.failed", "to=%s tries=%d over=%d error=%s",
		       tw_log_quote(r->place), r->tries, over == 1, tw_log_quote(r->error));
	if (over != 1 || r->purpose < 0 || r->purpose >= HOOK_PURPOSE_COUNT)
		return over < 0 ? over : code;
	if (code < 0)
		return code;
	return ended[r->purpose](x, r);
}

/* A database that fails is left alone for a while. */
static bool must_rest(const struct exchange *x)
{
	return !mono_due(x->retry_at, x->now.mono);
}

void hooks_hear(struct exchange *x)
{
	struct hook_result r;

	if (!x->hook || must_rest(x))
		return;
	for (int i = 0; i < X_SLICE && !store_is_void(x->store) && hook_next(x->hook, &r); i++) {
		event_begin(x);
		int code = end_one(x, &r);

		code = event_end(x, code, "hook");
		hook_told(x->hook, code >= 0);
	}
}

void hooks_start(struct exchange *x)
{
	if (!x->hook || must_rest(x) || store_is_void(x->store))
		return;
	event_begin(x);
	event_end(x, hook_start_due(x->hook, x->now), "hooks");
}

struct mono_ms hooks_deadline(const struct exchange *x)
{
	struct mono_ms next = x->hook ? hook_deadline(x->hook, x->now) : MONO_NEVER;

	return must_rest(x) && next.ms < x->retry_at.ms ? x->retry_at : next;
}
