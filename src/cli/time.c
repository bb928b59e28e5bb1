/* Times as people write and read them, in the zone of this machine. */
#include "cli.h"

#include <stdio.h>
#include <time.h>

static const int64_t END_OF_9999 = 253402300799999;

static int from_local(struct tm *tm, struct wall_ms *ret)
{
	struct tm asked = *tm;
	time_t t;

	tm->tm_isdst = -1;
	t = mktime(tm);
	if (t == (time_t)-1 || tm->tm_mday != asked.tm_mday || tm->tm_mon != asked.tm_mon)
		return TW_E_SYNTAX;	/* the 31st of a month that has 30 days */
	*ret = (struct wall_ms){ (int64_t)t * 1000 };
	return 0;
}

/* The next time that a clock shows it. */
static int read_clock(const char *text, struct wall_ms now, struct wall_ms *ret)
{
	int hour, minute, end = 0;
	time_t t = (time_t)(now.ms / 1000);
	struct tm tm;

	if (sscanf(text, "%2d:%2d%n", &hour, &minute, &end) != 2 || text[end] || hour < 0 ||
	    hour > 23 || minute < 0 || minute > 59)
		return TW_E_SYNTAX;
	localtime_r(&t, &tm);
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	*ret = (struct wall_ms){ (int64_t)mktime(&tm) * 1000 };
	if (ret->ms > now.ms)
		return 0;
	tm.tm_mday++;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_isdst = -1;
	*ret = (struct wall_ms){ (int64_t)mktime(&tm) * 1000 };
	return 0;
}

static int read_local(const char *text, struct wall_ms *ret)
{
	struct tm tm = { 0 };
	char between;
	int n = 0, seconds = 0, got;

	got = sscanf(text, "%4d-%2d-%2d%c%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &between,
		     &tm.tm_hour, &tm.tm_min, &n);
	if (got != 6 || (between != ' ' && between != 'T'))
		return TW_E_SYNTAX;
	if (text[n]) {
		if (sscanf(text + n, ":%2d%n", &tm.tm_sec, &seconds) != 1 || text[n + seconds])
			return TW_E_SYNTAX;
	}
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
	    tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 ||
	    tm.tm_sec < 0 || tm.tm_sec > 60)
		return TW_E_SYNTAX;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return from_local(&tm, ret);
}

int cli_time_read(const char *text, struct wall_ms now, struct wall_ms *ret)
{
	int64_t ms;

	if (text[0] == '+') {
		/* no later than RFC 3339 can tell it to the daemon */
		if (tw_duration_read(text + 1, &ms) || ms > END_OF_9999 - now.ms)
			return TW_E_SYNTAX;
		*ret = wall_after(now, ms);
		return 0;
	}
	if (!tw_rfc3339_read(text, ret) || !read_local(text, ret))
		return 0;
	return read_clock(text, now, ret);
}

char *cli_time_write(struct wall_ms t, struct wall_ms now, char out[TW_RFC3339_MAX])
{
	time_t then = (time_t)(t.ms / 1000), today = (time_t)(now.ms / 1000);
	struct tm a, b;

	out[0] = 0;
	if (!t.ms)
		return out;
	localtime_r(&then, &a);
	localtime_r(&today, &b);
	if (a.tm_year == b.tm_year && a.tm_yday == b.tm_yday)
		strftime(out, TW_RFC3339_MAX, "%H:%M:%S", &a);
	else
		strftime(out, TW_RFC3339_MAX, "%Y-%m-%d %H:%M", &a);
	return out;
}
