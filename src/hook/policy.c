/* What a kind of call is like: how many at once, how often it is tried, what a failure is
 * called. */
#include "internal.h"

#include <limits.h>

static const struct {
	bool is_http;
	bool keeps_dead;
	int64_t days_ms;		/* so long it is tried; 0: once */
} kinds[HOOK_KINDS] = {
	[HOOK_FORM] = { .is_http = true },
	[HOOK_FORM_GET] = { .is_http = true },
	[HOOK_EVENT] = { .is_http = true, .keeps_dead = true, .days_ms = HOOK_DAYS_MS },
	[HOOK_JSON] = { .is_http = true },
	[HOOK_GET] = { .is_http = true },
	[HOOK_MAIL] = { .keeps_dead = true, .days_ms = HOOK_DAYS_MS },
	[HOOK_PROGRAM] = { .is_http = false },
};

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

int64_t policy_pause(struct store_hook *row, const struct running *run, struct wall_ms now,
		     struct tw_random *random)
{
	enum { GONE = 410 };	/* the endpoint says that it wants no more */

	if (row->kind == HOOK_FORM || row->kind == HOOK_FORM_GET)
		return pause_of_form(row, run, now);
	if (!kinds[row->kind].days_ms || run->answer.status == GONE)
		return -1;
	int64_t pause = backoff_pause(row->tries, random);

	return now.ms + pause > row->until.ms ? -1 : pause;
}

int policy_code(const struct running *run)
{
	static const int codes[] = {
		[HOOK_NO_FAILURE] = 11200, [HOOK_NO_CONNECTION] = 11205, [HOOK_NO_ANSWER] = 11200,
		[HOOK_NOT_ALLOWED] = 11200, [HOOK_TOO_LONG] = 11750, [HOOK_TOO_FAR] = 11215,
		[HOOK_NO_HOST] = 11210, [HOOK_NO_TRUST] = 11220,
	};

	return run->end == HOOK_ANSWERED ? 0 : codes[run->answer.failure];
}
