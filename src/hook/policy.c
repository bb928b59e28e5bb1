/* What a kind of call is like: how many at once, how often it is tried, what a failure is
 * called. */
#include "internal.h"

#include <limits.h>

static const struct {
	const char *name;
	bool is_http;
	bool keeps_dead;
	int64_t days_ms;		/* so long it is tried; 0: once */
} kinds[HOOK_KINDS] = {
	[HOOK_FORM] = { "webhook", .is_http = true },
	[HOOK_FORM_GET] = { "webhook_get", .is_http = true },
	[HOOK_EVENT] = { "event", .is_http = true, .keeps_dead = true, .days_ms = HOOK_DAYS_MS },
	[HOOK_JSON] = { "step", .is_http = true },
	[HOOK_GET] = { "lookup", .is_http = true },
	[HOOK_MAIL] = { "mail", .keeps_dead = true, .days_ms = HOOK_DAYS_MS },
	[HOOK_PROGRAM] = { "program", .is_http = false },
};

const char *hook_kind_name(enum hook_kind kind)
{
	return kinds[kind].name;
}

bool policy_is_http(enum hook_kind kind)
{
	return kinds[kind].is_http;
}

bool policy_keeps_dead(enum hook_kind kind)
{
	return kinds[kind].keeps_dead;
}

int policy_limit(const char *place)
{
	static const struct { const char *place; int limit; } rows[] = { { "mail", 2 },
									 { "program", 4 } };
	enum { OF_A_HOST = 64 };

	for (size_t i = 0; i < TW_COUNT(rows); i++)
		if (strcmp(rows[i].place, place) == 0)
			return rows[i].limit;
	return OF_A_HOST;
}

struct wall_ms policy_until(const struct store_hook *row, struct wall_ms from)
{
	int64_t days = kinds[row->kind].days_ms;

	return days ? wall_after(from, days) : (struct wall_ms){ 0 };
}

/* Which of the failures that Twilio's fragment can name this one is. */
static int wish_of(const struct running *run)
{
	switch (run->answer.failure) {
	case HOOK_NO_FAILURE:
		return run->answer.status / 100 == 4 ? WISH_4XX : run->answer.status / 100 == 5
		       ? WISH_5XX : 0;
	case HOOK_NO_CONNECTION:
	case HOOK_NO_HOST:
		return WISH_CT;
	case HOOK_NO_ANSWER:
		return WISH_RT;
	case HOOK_NOT_ALLOWED:
	case HOOK_TOO_LONG:
	case HOOK_TOO_FAR:
	case HOOK_NO_TRUST:
	case HOOK_NO_LOGIN:
		break;
	}
	return 0;
}

static int64_t pause_of_form(struct store_hook *row, const struct running *run, struct wall_ms now)
{
	struct url_wishes w = url_wishes(row->url);

	if (!row->until.ms)
		row->until = wall_after(run->wire.call.at, w.total_ms);
	if (row->tries > w.retries || !(wish_of(run) & (int)w.retry_on) || now.ms >= row->until.ms)
		return -1;
	return 0;
}

/* What time does not mend: the endpoint wants no more (410); the mail server refuses for good
 * (RFC 5321 4.2.1: 5xx), though a login may be put right. */
static bool is_final(const struct store_hook *row, const struct running *run)
{
	enum { GONE = 410 };
	int status = run->answer.status;

	return row->kind == HOOK_MAIL ? status / 100 == 5 && run->answer.failure != HOOK_NO_LOGIN
				      : status == GONE;
}

/* Retry-After of 429 and 503 (RFC 9110 10.2.3), in the place of our own pause. */
static int64_t asked_pause(const struct running *run, struct tw_random *random)
{
	enum { TOO_MANY = 429, UNAVAILABLE = 503 };
	int64_t ms = run->answer.retry_ms;

	if (!ms || (run->answer.status != TOO_MANY && run->answer.status != UNAVAILABLE))
		return 0;
	if (ms < HOOK_ASKED_LEAST_MS)
		ms = HOOK_ASKED_LEAST_MS;
	if (ms > HOOK_ASKED_MOST_MS)
		ms = HOOK_ASKED_MOST_MS;
	/* Not sooner; and those that were refused together do not all come back together. */
	return ms + tw_random_below(random, (uint32_t)(ms / 5 + 1));
}

int64_t policy_pause(struct store_hook *row, const struct running *run, struct wall_ms now,
		     struct tw_random *random)
{
	int64_t pause;

	if (row->kind == HOOK_FORM || row->kind == HOOK_FORM_GET)
		return pause_of_form(row, run, now);
	if (!kinds[row->kind].days_ms || is_final(row, run))
		return -1;
	pause = asked_pause(run, random);
	if (!pause)
		pause = backoff_pause(row->tries, random);
	return now.ms + pause > row->until.ms ? -1 : pause;
}

int policy_code(const struct running *run)
{
	static const int codes[] = {
		[HOOK_NO_FAILURE] = 11200, [HOOK_NO_CONNECTION] = 11205, [HOOK_NO_ANSWER] = 11200,
		[HOOK_NOT_ALLOWED] = 11200, [HOOK_TOO_LONG] = 11750, [HOOK_TOO_FAR] = 11215,
		[HOOK_NO_HOST] = 11210, [HOOK_NO_TRUST] = 11220, [HOOK_NO_LOGIN] = 11200,
	};

	return run->end == HOOK_ANSWERED ? 0 : codes[run->answer.failure];
}
