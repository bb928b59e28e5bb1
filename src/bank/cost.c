/* What a segment costs, and what decides where and when a number may be texted. */
#include <stdio.h>

#include "pick_private.h"

static const char *digits_of(const char *number)
{
	return number + (*number == '+');
}

/* The longest prefix that the number begins with; "" for "*", NULL for none. */
static const char *longest(const struct settings_sim *sim, const char *digits, double *ret_each)
{
	const char *best = NULL;

	for (size_t i = 0; i < sim->n_cost; i++) {
		const char *to = strcmp(sim->cost[i].to, "*") == 0 ? "" : sim->cost[i].to;

		if (strncmp(digits, to, strlen(to)) != 0 || (best && strlen(to) <= strlen(best)))
			continue;
		best = to;
		*ret_each = sim->cost[i].each;
	}
	return best;
}

int64_t cost_of(const struct settings_sim *sim, const char *number)
{
	double each = 0;

	if (!sim || !longest(sim, digits_of(number), &each))
		return 0;
	return (int64_t)(each * QUOTA_MONEY + 0.5);
}

char *destination_of(const struct settings *s, const char *number, const char *zone, char *out)
{
	struct number_facts facts = { .zones = "" };
	const char *best = "", *found;
	double each;

	if (*number == '+')
		number_facts(number, &facts);
	for (size_t i = 0; i < s->n_sims; i++) {
		found = longest(&s->sims[i], digits_of(number), &each);
		if (found && strlen(found) > strlen(best))
			best = found;
	}
	snprintf(out, DESTINATION_MAX, "%s %s %s", facts.country[0] ? facts.country : "-",
		 best[0] ? best : "-", !s->quiet_hours.is_set ? "" : zone[0] ? zone :
		 facts.zones ? facts.zones : "");
	for (size_t n = strlen(out); n && out[n - 1] == ' '; n--)
		out[n - 1] = 0;
	return out;
}

struct destination destination_read(const char *text)
{
	struct destination d = { .zones = "" };
	const char *space = strchr(text, ' ');

	if (text[0] != '-')
		tw_strsetn(d.country, sizeof(d.country), text, strcspn(text, " "));
	if (!space)
		return d;
	if (space[1] != '-')
		tw_strsetn(d.prefix, sizeof(d.prefix), space + 1, strcspn(space + 1, " "));
	space = strchr(space + 1, ' ');
	if (space)
		d.zones = space + 1;
	return d;
}

/* ---- quiet hours --------------------------------------------------------------------------- */

static bool applies(const struct settings *s, const char *what)
{
	for (size_t i = 0; i < s->quiet_hours.applies.n; i++)
		if (strcmp(s->quiet_hours.applies.v[i], what) == 0)
			return true;
	return false;
}

/* In one zone: when the quiet that holds at t ends; t itself where none does. */
static struct wall_ms awake(const struct settings *s, const struct tw_zone *zone, struct wall_ms t)
{
	struct tw_civil at = tw_zone_civil(zone, t), end = at;
	int64_t minute = at.hour * 60 + at.minute, from = s->quiet_hours.from,
		to = s->quiet_hours.to;
	bool over_midnight = from > to;

	if (over_midnight ? minute < from && minute >= to : minute < from || minute >= to)
		return t;
	end.hour = (int)(to / 60);
	end.minute = (int)(to % 60);
	end.second = 0;
	if (over_midnight && minute >= from)
		tw_civil_from_days(tw_days_from_civil(at.year, at.month, at.day) + 1, &end.year,
				   &end.month, &end.day);
	struct wall_ms until = tw_zone_wall(zone, &end);

	return until.ms > t.ms ? until : wall_after(t, 60 * 1000);
}

static const struct tw_zone *next_zone(const char **list)
{
	const struct tw_zone *zone = NULL;
	size_t n = strcspn(*list, ",");
	char name[64];

	tw_strsetn(name, sizeof(name), *list, n);
	*list += n + ((*list)[n] == ',');
	if (tw_zone_get(name, &zone) < 0)
		tw_zone_get("", &zone);
	return zone;
}

struct wall_ms quiet_until(const struct settings *s, const char *what, const char *zones,
			   struct wall_ms now)
{
	enum { TWO_DAYS_MS = 48 * 3600 * 1000 };
	struct wall_ms t = now, before;
	const char *first = zones;

	if (!s->quiet_hours.is_set || !applies(s, what))
		return (struct wall_ms){ 0 };
	do {
		const char *list = zones;

		before = t;
		do
			t = awake(s, next_zone(&list), t);
		while (*list);
	} while (t.ms != before.ms && t.ms < now.ms + TWO_DAYS_MS);
	if (t.ms != before.ms)
		t = awake(s, next_zone(&first), now);
	return t.ms > now.ms ? t : (struct wall_ms){ 0 };
}
