/* Time zones: TZif files (RFC 8536) and the rule in their footer. The file's 64-bit half is read
 * where there is one; a file of version 1 has 32-bit times and no footer. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "zone.h"

enum {
	ZONE_FILE_MAX = 1 << 20,
	ZONE_HEADER = 44,
	SECONDS_A_DAY = 86400,
	OFFSET_MAX = 26 * 3600		/* RFC 8536 3.2 recommends no more than 25:59:59 */
};

void zone_done(struct tw_zone *z)
{
	free(z->name);
	free(z->times);
	free(z->offsets);
	memset(z, 0, sizeof(*z));
}

/* ---- the footer (POSIX.1-2017 8.3, with the hours of RFC 8536 3.3.1) ------------------------ */

static const char *skip_name(const char *p)
{
	const char *start = p;

	if (*p == '<') {
		while (*p && *p != '>')
			p++;
		return *p ? p + 1 : NULL;
	}
	while (isalpha((unsigned char)*p))
		p++;
	return p - start >= 3 ? p : NULL;
}

static const char *read_number(const char *p, int max, int *ret)
{
	int value = 0;

	if (!isdigit((unsigned char)*p))
		return NULL;
	for (; isdigit((unsigned char)*p); p++) {
		value = 10 * value + (*p - '0');
		if (value > max)
			return NULL;
	}
	*ret = value;
	return p;
}

/* [+-]hh[:mm[:ss]] to seconds. */
static const char *read_time(const char *p, int max_hours, int32_t *ret)
{
	int hours = 0, minutes = 0, seconds = 0, sign = *p == '-' ? -1 : 1;

	p += *p == '-' || *p == '+';
	p = read_number(p, max_hours, &hours);
	if (p && *p == ':')
		p = read_number(p + 1, 59, &minutes);
	if (p && *p == ':')
		p = read_number(p + 1, 59, &seconds);
	*ret = sign * (hours * 3600 + minutes * 60 + seconds);
	return p;
}

static const char *read_rule(const char *p, struct zone_rule *ret)
{
	struct zone_rule rule = { .time = 2 * 3600 };

	if (*p == 'M') {
		rule.type = ZONE_RULE_MONTH;
		p = read_number(p + 1, 12, &rule.month);
		p = p && *p == '.' ? read_number(p + 1, 5, &rule.week) : NULL;
		p = p && *p == '.' ? read_number(p + 1, 6, &rule.day) : NULL;
		if (!p || !rule.month || !rule.week)
			return NULL;
	} else if (*p == 'J') {
		rule.type = ZONE_RULE_JULIAN;
		p = read_number(p + 1, 365, &rule.day);
		if (!p || !rule.day)
			return NULL;
	} else {
		rule.type = ZONE_RULE_DAY;
		p = read_number(p, 365, &rule.day);
		if (!p)
			return NULL;
	}
	if (*p == '/')
		p = read_time(p + 1, 167, &rule.time);
	*ret = rule;
	return p;
}

static int read_footer(const char *p, struct zone_footer *ret)
{
	struct zone_footer f = { .is_set = true };

	if (!*p)
		return 0;	/* allowed: nothing is known behind the last transition */
	p = skip_name(p);
	p = p ? read_time(p, 25, &f.standard) : NULL;
	if (!p)
		return TW_E_SYNTAX;
	f.standard = -f.standard;	/* POSIX counts west of Greenwich */
	if (!*p) {
		*ret = f;
		return 0;
	}
	f.has_summer = true;
	f.summer = f.standard + 3600;
	p = skip_name(p);
	if (p && *p && *p != ',') {
		p = read_time(p, 25, &f.summer);
		f.summer = -f.summer;
	}
	p = p && *p == ',' ? read_rule(p + 1, &f.begins) : NULL;
	p = p && *p == ',' ? read_rule(p + 1, &f.ends) : NULL;
	if (!p || *p)
		return TW_E_SYNTAX;
	*ret = f;
	return 0;
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* When the rule applies in a year, in seconds of local time. */
static int64_t rule_time(const struct zone_rule *rule, int year)
{
	int64_t first = tw_days_from_civil(year, 1, 1), day = 0;
	int weekday, date;

	switch (rule->type) {
	case ZONE_RULE_MONTH:
		first = tw_days_from_civil(year, rule->month, 1);
		/* 0 is Sunday; 1970-01-01 a Thursday */
		weekday = (int)(((first + 4) % 7 + 7) % 7);
		date = (rule->day - weekday + 7) % 7 + 7 * (rule->week - 1);
		while (date >= days_in_month(year, rule->month))
			date -= 7;
		day = first + date;
		break;
	case ZONE_RULE_JULIAN:
		day = first + rule->day - 1 + (is_leap(year) && rule->day >= 60);
		break;
	case ZONE_RULE_DAY:
		day = first + rule->day;
		break;
	}
	return day * SECONDS_A_DAY + rule->time;
}

static int year_of(int64_t seconds)
{
	int64_t days = seconds / SECONDS_A_DAY - (seconds % SECONDS_A_DAY < 0);
	int year, month, day;

	tw_civil_from_days(days, &year, &month, &day);
	return year;
}

static int32_t footer_offset(const struct zone_footer *f, int64_t t)
{
	int64_t begins, ends;
	int year;

	if (!f->has_summer)
		return f->standard;
	year = year_of(t + f->standard);
	begins = rule_time(&f->begins, year) - f->standard;
	ends = rule_time(&f->ends, year) - f->summer;
	if (begins < ends)
		return t >= begins && t < ends ? f->summer : f->standard;
	return t >= ends && t < begins ? f->standard : f->summer;
}

/* ---- the file ------------------------------------------------------------------------------ */

static int64_t read_be(const uint8_t *p, size_t n)
{
	uint64_t value = p[0] & 0x80 ? UINT64_MAX : 0;	/* two's complement */

	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[i];
	return (int64_t)value;
}

struct header { uint32_t isut, isstd, leap, time, type, chars; int version; };

static int read_header(const uint8_t *p, size_t n, struct header *ret)
{
	uint32_t v[6];

	if (n < ZONE_HEADER || memcmp(p, "TZif", 4))
		return TW_E_SYNTAX;
	for (size_t i = 0; i < 6; i++)
		v[i] = (uint32_t)read_be(p + 20 + 4 * i, 4);
	for (size_t i = 0; i < 6; i++)
		if (v[i] > ZONE_FILE_MAX)	/* so that no sum below can wrap */
			return TW_E_SYNTAX;
	*ret = (struct header){ v[0], v[1], v[2], v[3], v[4], v[5], p[4] ? p[4] - '0' : 1 };
	return ret->type && ret->version >= 1 ? 0 : TW_E_SYNTAX;
}

static size_t block_length(const struct header *h, size_t time_n)
{
	return h->time * (time_n + 1) + (size_t)h->type * 6 + h->chars + h->leap * (time_n + 4) +
	       h->isstd + h->isut;
}

static int read_block(const uint8_t *p, const struct header *h, size_t time_n, struct tw_zone *z)
{
	const uint8_t *indices = p + h->time * time_n, *types = indices + h->time;

	for (size_t i = 0; i < h->type; i++) {
		int64_t offset = read_be(types + 6 * i, 4);

		if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
			return TW_E_SYNTAX;
	}
	z->before = (int32_t)read_be(types, 4);
	z->times = tw_alloc(h->time * sizeof(*z->times));
	z->offsets = tw_alloc(h->time * sizeof(*z->offsets));
	for (size_t i = 0; i < h->time; i++) {
		int64_t t = read_be(p + i * time_n, time_n);

		if (indices[i] >= h->type || (i && t <= z->times[i - 1]))
			return TW_E_SYNTAX;
		z->times[i] = t;
		z->offsets[i] = (int32_t)read_be(types + 6 * indices[i], 4);
		z->n++;
	}
	return 0;
}

/* What follows the 64-bit half: a line break, a rule, a line break. */
static int read_footer_line(const uint8_t *p, size_t n, struct zone_footer *ret)
{
	char text[128];
	const uint8_t *end;

	if (!n || p[0] != '\n')
		return TW_E_SYNTAX;
	end = memchr(p + 1, '\n', n - 1);
	if (!end || (size_t)(end - p) > sizeof(text))
		return TW_E_SYNTAX;
	memcpy(text, p + 1, (size_t)(end - p - 1));
	text[end - p - 1] = '\0';
	if (strlen(text) != (size_t)(end - p - 1))
		return TW_E_SYNTAX;
	return read_footer(text, ret);
}

int zone_read(const uint8_t *p, size_t n, struct tw_zone *ret)
{
	struct tw_zone z = { 0 };
	const uint8_t *end = p + n;
	size_t time_n = 4;
	struct header h;
	int r = read_header(p, n, &h);

	if (r < 0)
		return r;
	if (h.version >= 2) {
		size_t skip = ZONE_HEADER + block_length(&h, 4);

		if (skip > n || read_header(p + skip, n - skip, &h) < 0)
			return TW_E_SYNTAX;
		p += skip;
		time_n = 8;
	}
	p += ZONE_HEADER;
	if (block_length(&h, time_n) > (size_t)(end - p))
		return TW_E_SYNTAX;
	r = read_block(p, &h, time_n, &z);
	p += block_length(&h, time_n);
	if (r == 0 && time_n == 8)
		r = read_footer_line(p, (size_t)(end - p), &z.footer);
	if (r < 0) {
		zone_done(&z);
		return r;
	}
	*ret = z;
	return 0;
}

/* ---- zones by name ------------------------------------------------------------------------- */

static struct tw_zone *zones;	/* every zone asked for so far; the process has one thread */

/* A name is words of letters, digits and _+-, separated by single slashes. */
static bool is_name(const char *name)
{
	const char *p = name;

	for (; *p; p++) {
		bool is_start = p == name || p[-1] == '/';

		if (is_start ? !isalnum((unsigned char)*p)
			     : !isalnum((unsigned char)*p) && !strchr("_+-/", *p))
			return false;
	}
	return p - name <= 100 && (p == name || p[-1] != '/');
}

static int read_zone_file(const char *name, struct tw_zone *ret)
{
	const char *folder = getenv("TZDIR");
	tw_auto(tw_free_charp) char *path = tw_printf("%s/%s", folder && *folder ? folder
						      : "/usr/share/zoneinfo", name);
	struct tw_buf text = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r;
	ssize_t n;

	if (fd < 0)
		return TW_E_UNKNOWN;
	do {
		n = read(fd, tw_buf_reserve(&text, 1 << 14), 1 << 14);
		if (n > 0)
			text.n += (size_t)n;
	} while (n > 0 && text.n <= ZONE_FILE_MAX);
	r = n < 0 ? (errno == EISDIR ? TW_E_UNKNOWN : -errno)
		  : text.n > ZONE_FILE_MAX ? TW_E_SYNTAX
		  : zone_read((const uint8_t *)tw_buf_str(&text), text.n, ret);
	close(fd);
	tw_buf_done(&text);
	return r;
}

int tw_zone_get(const char *name, const struct tw_zone **ret)
{
	struct tw_zone *z, read = { 0 };
	int r;

	for (z = zones; z; z = z->next)
		if (!strcmp(z->name, name)) {
			*ret = z;
			return 0;
		}
	if (!is_name(name))
		return TW_E_UNKNOWN;
	r = *name ? read_zone_file(name, &read) : 0;	/* a zeroed zone is UTC */
	if (r < 0)
		return r;
	z = tw_alloc(sizeof(*z));
	*z = read;
	z->name = tw_strdup(name);
	z->next = zones;
	zones = z;
	*ret = z;
	return 0;
}

/* ---- times --------------------------------------------------------------------------------- */

static int32_t offset_at(const struct tw_zone *z, int64_t t)
{
	size_t low = 0, high = z->n;

	while (low < high) {	/* the number of transitions at or before t */
		size_t middle = low + (high - low) / 2;

		if (z->times[middle] <= t)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == z->n && z->footer.is_set)
		return footer_offset(&z->footer, t);
	return low ? z->offsets[low - 1] : z->before;
}

/* A million years are enough, and keep every sum below inside 64 bits. */
static int64_t bound(int64_t seconds)
{
	const int64_t max = (int64_t)SECONDS_A_DAY * 366 * 1000000;

	return seconds > max ? max : seconds < -max ? -max : seconds;
}

static int64_t to_seconds(struct wall_ms t)
{
	return bound(t.ms / 1000 - (t.ms % 1000 < 0));
}

int32_t tw_zone_offset(const struct tw_zone *zone, struct wall_ms t)
{
	return offset_at(zone, to_seconds(t));
}

struct tw_civil tw_zone_civil(const struct tw_zone *zone, struct wall_ms t)
{
	int64_t seconds = to_seconds(t), days;
	struct tw_civil c;
	int rest;

	seconds += offset_at(zone, seconds);
	days = seconds / SECONDS_A_DAY - (seconds % SECONDS_A_DAY < 0);
	rest = (int)(seconds - days * SECONDS_A_DAY);
	tw_civil_from_days(days, &c.year, &c.month, &c.day);
	c.hour = rest / 3600;
	c.minute = rest / 60 % 60;
	c.second = rest % 60;
	c.weekday = (int)(((days + 3) % 7 + 7) % 7) + 1;
	return c;
}

/* The first instant in (from, to] with another offset than just before it, or to. */
static int64_t next_change(const struct tw_zone *z, int64_t from, int64_t to)
{
	int32_t offset = offset_at(z, from);

	/* Look every quarter of an hour, then close in: changes lie further apart than that. */
	for (int64_t t = from; t < to; t += 900) {
		int64_t low = t, high = t + 900 < to ? t + 900 : to;

		if (offset_at(z, high) == offset)
			continue;
		while (high - low > 1) {
			int64_t middle = low + (high - low) / 2;

			if (offset_at(z, middle) == offset)
				low = middle;
			else
				high = middle;
		}
		return high;
	}
	return to;
}

struct wall_ms tw_zone_wall(const struct tw_zone *zone, const struct tw_civil *local)
{
	int64_t wanted = bound(tw_days_from_civil(local->year, local->month, local->day) *
			       SECONDS_A_DAY + (int64_t)local->hour * 3600 +
			       (int64_t)local->minute * 60 + local->second);
	int64_t from = wanted - OFFSET_MAX, end = wanted + OFFSET_MAX, gap = end;

	/* Between two changes of the offset local time runs straight: the first stretch that holds
	 * the instant wins; where none does, the first change that jumped over it. */
	while (from < end) {
		int64_t to = next_change(zone, from, end), t = wanted - offset_at(zone, from);

		if (t >= from && t < to)
			return (struct wall_ms){ t * 1000 };
		if (t < from && gap == end)
			gap = from;
		from = to;
	}
	return (struct wall_ms){ gap * 1000 };
}
