/* Which port of a stick answers: `AT` until OK, then AT+CNMI?, which a port that only pretends to
 * understand answers with a bare OK. Fed with bytes and time, and then asked. */
#include "ask.h"

#include <string.h>

enum { AT_TRIES = 3, AT_MS = 1000, SENSE_MS = 3000 };

static void say(struct ask *a, const char *text, int64_t wait_ms, struct mono_ms now)
{
	a->output = text;
	a->until = mono_after(now, wait_ms);
}

void ask_begin(struct ask *a, struct mono_ms now)
{
	*a = (struct ask){ .tries = 1 };
	/* ESC leaves a prompt that an earlier program may have left open. */
	say(a, "\x1b\rAT\r", AT_MS, now);
}

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

static enum ask_verdict on_line(struct ask *a, const char *line, struct mono_ms now)
{
	bool is_ok = strcmp(line, "OK") == 0;

	if (!a->has_answered) {
		if (!is_ok)
			return ASK_GOES_ON;
		a->has_answered = true;
		a->late = a->tries - 1;		/* answers to earlier tries may still come */
		say(a, "AT+CNMI?\r", SENSE_MS, now);
		return ASK_GOES_ON;
	}
	if (begins(line, "+CNMI"))
		a->has_text = true;
	if (begins(line, "ERROR") || begins(line, "+CMS ERROR") || begins(line, "+CME ERROR"))
		return ASK_SENSIBLE;
	if (!is_ok)
		return ASK_GOES_ON;
	if (a->has_text)
		return ASK_SENSIBLE;
	if (a->late > 0) {
		a->late--;
		return ASK_GOES_ON;
	}
	return ASK_HOLLOW;
}

enum ask_verdict ask_feed(struct ask *a, const char *bytes, size_t n, struct mono_ms now)
{
	for (size_t i = 0; i < n; i++) {
		enum ask_verdict v;

		if (bytes[i] != '\r' && bytes[i] != '\n') {
			if (a->n + 1 < sizeof(a->line))
				a->line[a->n++] = bytes[i];
			continue;
		}
		a->line[a->n] = '\0';
		a->n = 0;
		v = a->line[0] ? on_line(a, a->line, now) : ASK_GOES_ON;
		if (v != ASK_GOES_ON)
			return v;
	}
	return ASK_GOES_ON;
}

enum ask_verdict ask_tick(struct ask *a, struct mono_ms now)
{
	if (!mono_due(a->until, now))
		return ASK_GOES_ON;
	if (a->has_answered)
		return ASK_HOLLOW;
	if (a->tries >= AT_TRIES)
		return ASK_SILENT;
	a->tries++;
	say(a, "AT\r", AT_MS, now);
	return ASK_GOES_ON;
}
