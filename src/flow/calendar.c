/* Calendars: what files declare of them, and at which times an appointment may begin. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "internal.h"

enum { SLOTS_MAX = 1000, REMINDERS_MAX = 8, DAY_MIN = 1440 };
#define MINUTE_MS INT64_C(60000)
#define DAY_MS (DAY_MIN * MINUTE_MS)

/* ---- reading ------------------------------------------------------------------------------- */

struct raw_calendar {
	char *name, *url, *zone, *place, *map;
	int64_t length;
	const struct tw_conf_node *slots, *remind, *reminder, *moved;
};
#define CALENDAR(x) offsetof(struct raw_calendar, x)
static const struct tw_key calendar_keys[] = {
	{ "name", TW_KEY_STRING, CALENDAR(name), .default_text = "", .help = "as steps call it" },
	{ "slots", TW_KEY_NODE, CALENDAR(slots), .help = "when appointments may begin" },
	{ "url", TW_KEY_STRING, CALENDAR(url), .default_text = "",
	  .help = "is asked for the times that are free: a JSON list" },
	{ "length", TW_KEY_DURATION, CALENDAR(length), 60e3, 864e5, .default_text = "30m",
	  .help = "of an appointment" },
	{ "zone", TW_KEY_STRING, CALENDAR(zone), .default_text = "",
	  .help = "its clock; the account's unless given" },
	{ "place", TW_KEY_STRING, CALENDAR(place), .default_text = "",
	  .help = "where people come to" },
	{ "map", TW_KEY_STRING, CALENDAR(map), .default_text = "",
	  .help = "a link to a map of it" },
	{ "remind", TW_KEY_NODE, CALENDAR(remind), .help = "how long before" },
	{ "reminder", TW_KEY_NODE, CALENDAR(reminder), .help = "the text that reminds" },
	{ "moved", TW_KEY_NODE, CALENDAR(moved), .help = "the text that tells of another time" },
};

/* Its own, then those of the flows that an old version stands on. */
static const struct flow_calendar_row *find(const struct flows *f, int account, const char *name)
{
	const struct flow_declared *d = &f->declared;

	for (size_t i = 0; i < d->n_calendars; i++)
		if (d->calendars[i]->account == account && !strcmp(d->calendars[i]->pub.name, name))
			return d->calendars[i];
	return f->base ? find(f->base, account, name) : NULL;
}

/* Not one of the flows that an old version stands on. */
static bool is_of(const struct flows *f, const struct flow_calendar_row *row)
{
	for (size_t i = 0; i < f->declared.n_calendars; i++)
		if (f->declared.calendars[i] == row)
			return true;
	return false;
}

static bool is_url(const char *text)
{
	return (!strncmp(text, "https://", 8) && text[8]) ||
	       (!strncmp(text, "http://", 7) && text[7]);
}

/* "2026-05-04 10:00" */
static bool read_date(const char *text, struct flow_slots *ret)
{
	int hour, minute, end = 0, y, m, d;

	if (sscanf(text, "%4d-%2d-%2d %2d:%2d%n", &ret->year, &ret->month, &ret->day,
		   &hour, &minute,
		   &end) != 5 || text[end] || ret->month < 1 || ret->month > 12 || ret->day < 1 ||
	    ret->year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return false;
	tw_civil_from_days(tw_days_from_civil(ret->year, ret->month, ret->day), &y, &m, &d);
	ret->from = (uint16_t)(hour * 60 + minute);
	return y == ret->year && m == ret->month && d == ret->day;
}

static int slots_fault(struct flow_compile *c, const struct tw_conf_node *node, const char *why)
{
	tw_conf_fault(node, c->findings, true, "%s: `slots` wants days and times such as \"mon-fri "
		      "09:00-17:00\", which are cut into `length`, or a time such as \"2026-05-04 "
		      "10:00\"",
		      why);
	return TW_E_CONFIG;
}

static struct flow_slots *add_slots(struct flow_calendar_row *row)
{
	struct flow_slots *v = tw_realloc((void *)(uintptr_t)row->pub.slots,
					  (row->pub.n_slots + 1) * sizeof(*v));

	row->pub.slots = v;
	return &v[row->pub.n_slots++];
}

static int read_slot(struct flow_compile *c, const struct tw_conf_node *node,
		     struct flow_calendar_row *row)
{
	const char *text = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node)
		: NULL, *p = text;
	struct flow_slots one = { .days = 0 };
	struct flow_hours span;

	if (!text)
		return slots_fault(c, node, "no text stands here");
	if (row->pub.n_slots >= SLOTS_MAX)
		return slots_fault(c, node, "there are more than 1000 slots");
	if (isdigit((unsigned char)*text)) {
		if (!read_date(text, &one))
			return slots_fault(c, node, "this is no time that there is");
		*add_slots(row) = one;
		return 0;
	}
	do {
		p = flow_span_read(*p == ',' ? p + 1 : p, &span);
		if (!p || (*p && *p != ','))
			return slots_fault(c, node, "this cannot be read");
		if ((span.to - span.from) * MINUTE_MS < row->pub.length)
			return slots_fault(c, node, "no appointment of `length` fits in");
		*add_slots(row) = (struct flow_slots){ .days = span.days, .from = span.from,
						       .to = span.to };
	} while (*p);
	return 0;
}

/* A text, or an array of them. */
static int each_text(struct flow_compile *c, const struct tw_conf_node *node,
		     struct flow_calendar_row *row,
		     int (*read)(struct flow_compile *c, const struct tw_conf_node *node,
				 struct flow_calendar_row *row))
{
	int r = 0;

	if (tw_conf_type(node) != TW_CONF_ARRAY && tw_conf_type(node) != TW_CONF_LIST)
		return read(c, node, row);
	for (size_t i = 0; i < tw_conf_length(node); i++)
		r |= read(c, tw_conf_at(node, i), row);
	return r ? TW_E_CONFIG : 0;
}

static int read_reminder(struct flow_compile *c, const struct tw_conf_node *node,
			 struct flow_calendar_row *row)
{
	int64_t before, *v;
	size_t at = 0;

	if (tw_conf_type(node) != TW_CONF_STRING || tw_duration_read(tw_conf_string(node),
								     &before) < 0 ||
	    before < MINUTE_MS || before > 90 * DAY_MS || row->pub.n_remind == REMINDERS_MAX) {
		tw_conf_fault(node, c->findings, true,
			      "`remind` wants at most %d durations of 1m to 90d, "
			      "such as [ \"1d\", \"2h\" ]", REMINDERS_MAX);
		return TW_E_CONFIG;
	}
	v = tw_realloc((void *)(uintptr_t)row->pub.remind, (row->pub.n_remind + 1) * sizeof(*v));
	row->pub.remind = v;
	while (at < row->pub.n_remind && v[at] > before)
		at++;
	if (at < row->pub.n_remind && v[at] == before)
		return 0;
	memmove(v + at + 1, v + at, (row->pub.n_remind - at) * sizeof(*v));
	v[at] = before;
	row->pub.n_remind++;
	return 0;
}

/* What does not need the rest of the group. False after a finding. */
static bool is_sound(struct flow_compile *c, const struct tw_conf_node *group,
		     const struct raw_calendar *raw)
{
	const struct flow_calendar_row *before = find(c->f, c->account, raw->name);
	const struct tw_zone *zone;
	size_t errors = c->findings->errors;
#define FAULT(...) tw_conf_fault(group, c->findings, true, __VA_ARGS__)

	if (!*raw->name || strlen(raw->name) > 60 || strpbrk(raw->name, "{}'\n"))
		FAULT("a calendar's `name` is a text of at most 60 octets, without { } and '");
	else if (before && is_of(c->f, before))
		FAULT("the calendar \"%s\" of account %s stands already in %s:%u", raw->name,
		      c->f->owners[c->account].name, c->f->files[before->file].path, before->line);
	if (!raw->slots == !*raw->url)
		FAULT("the calendar \"%s\" wants either `slots`, such as [ \"mon-fri 09:00-17:00\" "
		      "], or `url`, which is asked for its times", raw->name);
	if (*raw->url)
		flow_url_check(c, tw_conf_member(group, "url"), raw->url, false);
	if (raw->length % MINUTE_MS)
		FAULT("`length` is a number of whole minutes, such as \"30m\"");
	if (*raw->zone && tw_zone_get(raw->zone, &zone) < 0)
		FAULT("there is no time zone \"%s\", such as Europe/London", raw->zone);
	if (*raw->map && !is_url(raw->map) && strncmp(raw->map, "geo:", 4))
		FAULT("`map` is a link that begins with https://, http:// or geo:");
	if (raw->reminder && !raw->remind)
		FAULT("`reminder` is the text that is sent at the times of `remind`, which is "
		      "missing");
	return c->findings->errors == errors;
#undef FAULT
}

static void free_row(struct flow_calendar_row *row)
{
	const char *const texts[] = { row->pub.name, row->pub.url, row->pub.place, row->pub.map };

	for (size_t i = 0; i < TW_COUNT(texts); i++)
		free((char *)(uintptr_t)texts[i]);
	free((void *)(uintptr_t)row->pub.slots);
	free((void *)(uintptr_t)row->pub.remind);
	free(row);
}

void flow_calendar_declare(struct flow_compile *c, const char *path,
			   const struct tw_conf_node *group)
{
	struct flow_declared *d = &c->f->declared;
	struct raw_calendar raw = { 0 };
	struct flow_calendar_row *row;
	int r = 0;

	(void)path;
	if (tw_keys_read(calendar_keys, TW_COUNT(calendar_keys), group, &raw, c->findings) == 0 &&
	    is_sound(c, group, &raw)) {
		row = tw_zalloc(sizeof(*row));
		*row = (struct flow_calendar_row){
			.account = c->account, .file = c->file, .line = tw_conf_line(group),
			.reminder = raw.reminder, .moves = raw.moved,
			.text = FLOW_NONE, .moved = FLOW_NONE,
			.pub = { .name = tw_strdup(raw.name), .url = tw_strdup(raw.url),
				 .account = c->f->owners[c->account].name, .length = raw.length,
				 .zone = c->f->owners[c->account].zone,
				 .place = tw_strdup(raw.place), .map = tw_strdup(raw.map) } };
		if (*raw.zone)
			tw_zone_get(raw.zone, &row->pub.zone);
		if (raw.slots)
			r |= each_text(c, raw.slots, row, read_slot);
		if (raw.slots && !r && !row->pub.n_slots)
			r = slots_fault(c, raw.slots, "no slot stands here");
		if (raw.remind)
			r |= each_text(c, raw.remind, row, read_reminder);
		*FLOW_PUSH(d->calendars, d->n_calendars, d->cap_calendars) = row;
		flow_note_declared(c, "calendar", raw.name, group);
	}
	tw_keys_done(calendar_keys, TW_COUNT(calendar_keys), &raw);
}

void flow_calendars_done(struct flow_declared *d)
{
	for (size_t i = 0; i < d->n_calendars; i++)
		free_row(d->calendars[i]);
	free(d->calendars);
}

/* What reminds where the calendar does not say it itself. */
static const struct flow_phrase_row reminders[] = {
	{ "en", "Reminder: your appointment is on {slot!date(%a %d %b at %H:%M)}. {place}" },
	{ "de", "Erinnerung: Ihr Termin ist am {slot!date(%a, %d. %b um %H:%M)} Uhr. {place}" },
	{ "fr", "Rappel : votre rendez-vous est le {slot!date(%a %d %b à %H:%M)}. {place}" },
	{ "es", "Recordatorio: su cita es el {slot!date(%a %d %b a las %H:%M)}. {place}" },
	{ "it", "Promemoria: il suo appuntamento è {slot!date(%a %d %b alle %H:%M)}. {place}" },
	{ "pt", "Lembrete: a sua marcação é {slot!date(%a %d %b às %H:%M)}. {place}" },
	{ "nl", "Herinnering: uw afspraak is op {slot!date(%a %d %b om %H:%M)}. {place}" },
};

/* The same of what tells that somebody else has moved it. */
static const struct flow_phrase_row moves[] = {
	{ "en", "Your appointment was moved: {slot!date(%a %d %b at %H:%M)}. {place}" },
	{ "de", "Ihr Termin wurde verlegt: {slot!date(%a, %d. %b um %H:%M)} Uhr. {place}" },
	{ "fr", "Votre rendez-vous est déplacé au {slot!date(%a %d %b à %H:%M)}. {place}" },
	{ "es", "Hemos cambiado su cita: {slot!date(%a %d %b a las %H:%M)}. {place}" },
	{ "it", "Il suo appuntamento è stato spostato: {slot!date(%a %d %b alle %H:%M)}. {place}" },
	{ "pt", "A sua marcação mudou: {slot!date(%a %d %b às %H:%M)}. {place}" },
	{ "nl", "Uw afspraak is verzet: {slot!date(%a %d %b om %H:%M)}. {place}" },
};

void flow_calendars_compile(struct flow_compile *c)
{
	struct flow_declared *d = &c->f->declared;

	for (size_t i = 0; i < d->n_calendars; i++) {
		struct flow_calendar_row *row = d->calendars[i];

		if (row->file != c->file)
			continue;
		row->moved = row->moves ? flow_text_compile(c, row->moves) :
			     flow_text_phrases(c, moves, TW_COUNT(moves));
		if (row->pub.n_remind)
			row->text = row->reminder ? flow_text_compile(c, row->reminder) :
				    flow_text_phrases(c, reminders, TW_COUNT(reminders));
		row->reminder = row->moves = NULL;
	}
}

/* ---- finding ------------------------------------------------------------------------------- */

const struct flow_calendar *flows_calendar(const struct flows *f, const char *account,
					   const char *name)
{
	const struct flow_calendar_row *row = find(f, flow_account_named(f, account), name);

	return row ? &row->pub : NULL;
}

const struct flow_calendar *flows_calendar_at(const struct flows *f, size_t i)
{
	return i < f->declared.n_calendars ? &f->declared.calendars[i]->pub : NULL;
}

const struct flow_calendar *flow_calendar_named(struct flow_compile *c,
						const struct tw_conf_node *node)
{
	const struct flow_declared *d = &c->f->declared;
	const char *name = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "";
	const struct flow_calendar_row *row = find(c->f, c->account, name);
	const char *names[64], *near;
	size_t n = 0;

	flow_note_used(c, "calendar", name);
	if (row)
		return &row->pub;
	for (size_t i = 0; i < d->n_calendars && n < TW_COUNT(names); i++)
		if (d->calendars[i]->account == c->account)
			names[n++] = d->calendars[i]->pub.name;
	near = tw_nearest(name, names, n);
	tw_conf_fault(node, c->findings, true,
		      "no calendar \"%s\" is declared in `calendars`%s%s%s", name,
		      near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return NULL;
}

/* ---- times --------------------------------------------------------------------------------- */

/* Minutes behind the beginning of a day, as an instant; ms 0: the clock never shows them. */
static struct wall_ms instant(const struct flow_calendar *c, int64_t day, int minute)
{
	struct tw_civil local = { .hour = minute % DAY_MIN / 60, .minute = minute % 60 }, shown;
	struct wall_ms at;

	tw_civil_from_days(day + minute / DAY_MIN, &local.year, &local.month, &local.day);
	at = tw_zone_wall(c->zone, &local);
	shown = tw_zone_civil(c->zone, at);
	return shown.hour == local.hour && shown.minute == local.minute && shown.day == local.day
	       ? at : (struct wall_ms){ 0 };
}

/* The end of what begins there: in a gap of the clock, where that ends. */
static struct wall_ms end_of(const struct flow_calendar *c, int64_t day, int minute)
{
	struct tw_civil local = { .hour = minute % DAY_MIN / 60, .minute = minute % 60 };

	tw_civil_from_days(day + minute / DAY_MIN, &local.year, &local.month, &local.day);
	return tw_zone_wall(c->zone, &local);
}

/* The appointment that begins then, if it lasts as long as it should: a change of the clocks may
 * take an hour out of its middle. */
static struct wall_ms whole(const struct flow_calendar *c, int64_t day, int minute)
{
	int length = (int)(c->length / MINUTE_MS);
	struct wall_ms at = instant(c, day, minute);

	if (at.ms && end_of(c, day, minute + length).ms - at.ms < c->length)
		at.ms = 0;
	return at;
}

/* The first of a span's on one day behind after. */
static struct wall_ms next_of_day(const struct flow_calendar *c, const struct flow_slots *s,
				  int64_t day, struct wall_ms after)
{
	enum { SLACK_MIN = 180 };	/* no change of the clocks is longer */
	int length = (int)(c->length / MINUTE_MS), minute = s->from;
	int64_t passed = (after.ms - end_of(c, day, s->from).ms) / MINUTE_MS - SLACK_MIN;

	if (passed > 0)
		minute += (int)(passed < s->to ? passed : s->to) / length * length;
	for (; minute + length <= s->to; minute += length) {
		struct wall_ms at = whole(c, day, minute);

		if (at.ms > after.ms)
			return at;
	}
	return (struct wall_ms){ 0 };
}

static struct wall_ms next_of(const struct flow_calendar *c, const struct flow_slots *s,
			      struct wall_ms after)
{
	enum { LOOK_DAYS = 22 };	/* a span of one day, skipped by the clocks once or twice */
	struct tw_civil today = tw_zone_civil(c->zone, after);
	int64_t day = tw_days_from_civil(today.year, today.month, today.day) - 1;
	struct wall_ms at = { 0 };

	if (!s->days) {
		at = whole(c, tw_days_from_civil(s->year, s->month, s->day), s->from);
		return at.ms > after.ms ? at : (struct wall_ms){ 0 };
	}
	for (int i = 0; i < LOOK_DAYS && !at.ms; i++, day++)
		if (s->days & 1u << ((day + 3) % 7 + 7) % 7)	/* day 0 was a Thursday */
			at = next_of_day(c, s, day, after);
	return at;
}

struct wall_ms flow_slot_next(const struct flow_calendar *c, struct wall_ms after)
{
	struct wall_ms first = { 0 };

	for (size_t i = 0; i < c->n_slots; i++) {
		struct wall_ms at = next_of(c, &c->slots[i], after);

		if (at.ms && (!first.ms || at.ms < first.ms))
			first = at;
	}
	return first;
}

bool flow_slot_is(const struct flow_calendar *c, struct wall_ms at)
{
	if (*c->url)
		return at.ms % MINUTE_MS == 0;
	return flow_slot_next(c, (struct wall_ms){ at.ms - 1 }).ms == at.ms;
}

char *flow_slot_write(const struct tw_zone *zone, struct wall_ms at, char out[FLOW_SLOT_MAX])
{
	struct tw_civil t = tw_zone_civil(zone, at);

	snprintf(out, FLOW_SLOT_MAX, "%04d-%02d-%02d %02d:%02d", t.year % 10000, t.month,
		 t.day, t.hour, t.minute);
	return out;
}

struct wall_ms flow_remind_next(const struct flow_calendar *c, struct wall_ms start,
				struct wall_ms after)
{
	for (size_t i = 0; i < c->n_remind; i++)
		if (start.ms - c->remind[i] > after.ms)
			return (struct wall_ms){ start.ms - c->remind[i] };
	return (struct wall_ms){ 0 };
}

/* ---- where --------------------------------------------------------------------------------- */

static void add_escaped(struct tw_buf *out, const char *text)
{
	for (const char *p = text; *p; p++)
		if (isalnum((unsigned char)*p) || strchr("-._~", *p))
			tw_buf_addc(out, *p);
		else
			tw_buf_addf(out, "%%%02X", (unsigned char)*p);
}

/* Its own link; else that of OpenStreetMap to the coordinates, or the words, that the place is. */
void flow_calendar_map(const struct flow_calendar *c, struct tw_buf *out)
{
	double north, east;
	int end = 0;

	if (*c->map || !*c->place) {
		tw_buf_adds(out, c->map);
	} else if (sscanf(c->place, "%lf ,%lf%n", &north, &east, &end) == 2 && !c->place[end] &&
		   north >= -90 && north <= 90 && east >= -180 && east <= 180) {
		tw_buf_addf(out, "https://www.openstreetmap.org/?mlat=%.6g&mlon=%.6g", north, east);
	} else {
		tw_buf_adds(out, "https://www.openstreetmap.org/search?query=");
		add_escaped(out, c->place);
	}
}
