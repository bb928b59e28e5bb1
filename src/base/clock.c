/* The two clocks, instants as RFC 3339, durations as people write them. */
#include <twoway/base.h>

#include <stdio.h>
#include <time.h>

static int64_t clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct tw_now tw_now_system(void)
{
	return (struct tw_now){
		.mono = { clock_ms(CLOCK_MONOTONIC) },
		.wall = { clock_ms(CLOCK_REALTIME) },
	};
}

/* Both after H. Hinnant, chrono-Compatible Low-Level Date Algorithms: eras of 400 years, years that
 * begin in March. */
int64_t tw_days_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void tw_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
			       day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era -
			      (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t m = (5 * day_of_year + 2) / 153;
	int month = (int)(m < 10 ? m + 3 : m - 9);

	*ret_day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
	*ret_month = month;
	*ret_year = (int)(year_of_era + era * 400 + (month <= 2));
}

#define DAY_MS 86400000

static void put_digits(char *out, int n, int value)
{
	for (; n > 0; value /= 10)
		out[--n] = (char)('0' + value % 10);
}

char *tw_rfc3339(struct wall_ms t, char *out)
{
	int64_t days = t.ms / DAY_MS, ms = t.ms % DAY_MS;
	int year, month, day;

	if (ms < 0) {
		ms += DAY_MS;
		days--;
	}
	tw_civil_from_days(days, &year, &month, &day);
	/* Each line of the log has one, and snprintf is slow. Years of five digits are another
	 * matter. */
	if (year < 0 || year > 9999) {
		snprintf(out, TW_RFC3339_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month,
			 day, (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
			 (int)(ms % 1000));
		return out;
	}
	strcpy(out, "0000-00-00T00:00:00.000Z");
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, day);
	put_digits(out + 11, 2, (int)(ms / 3600000));
	put_digits(out + 14, 2, (int)(ms / 60000 % 60));
	put_digits(out + 17, 2, (int)(ms / 1000 % 60));
	put_digits(out + 20, 3, (int)(ms % 1000));
	return out;
}

/* Exactly n digits at *p: their value, or -1. */
static int digits(const char **p, int n)
{
	int value = 0;

	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool take(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* Milliseconds of "12345": what is finer is cut off. -1: no digit. */
static int fraction(const char **p)
{
	int ms = 0, weight = 100;

	if (**p < '0' || **p > '9')
		return -1;
	for (; **p >= '0' && **p <= '9'; (*p)++, weight /= 10)
		ms += (**p - '0') * weight;
	return ms;
}

static int days_in_month(int year, int month)
{
	static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* "Z", "+02:00": to minutes east of UTC. */
static int read_offset(const char **p, int *ret_minutes)
{
	int sign, hour, minute;

	*ret_minutes = 0;
	if (take(p, 'Z') || take(p, 'z'))
		return 0;
	if (take(p, '+'))
		sign = 1;
	else if (take(p, '-'))
		sign = -1;
	else
		return TW_E_SYNTAX;
	hour = digits(p, 2);
	if (hour < 0 || !take(p, ':'))
		return TW_E_SYNTAX;
	minute = digits(p, 2);
	if (minute < 0)
		return TW_E_SYNTAX;
	if (hour > 23 || minute > 59)
		return TW_E_RANGE;
	*ret_minutes = sign * (hour * 60 + minute);
	return 0;
}

int tw_rfc3339_read(const char *text, struct wall_ms *ret)
{
	const char *p = text;
	int year, month, day, hour, minute, second = 0, ms = 0, offset, r;

	year = digits(&p, 4);
	if (year < 0 || !take(&p, '-'))
		return TW_E_SYNTAX;
	month = digits(&p, 2);
	if (month < 0 || !take(&p, '-'))
		return TW_E_SYNTAX;
	day = digits(&p, 2);
	if (day < 0 || !(take(&p, 'T') || take(&p, 't') || take(&p, ' ')))
		return TW_E_SYNTAX;
	hour = digits(&p, 2);
	if (hour < 0 || !take(&p, ':'))
		return TW_E_SYNTAX;
	minute = digits(&p, 2);
	if (minute < 0)
		return TW_E_SYNTAX;
	if (take(&p, ':')) {
		second = digits(&p, 2);
		if (second < 0)
			return TW_E_SYNTAX;
		if (take(&p, '.')) {
			ms = fraction(&p);
			if (ms < 0)
				return TW_E_SYNTAX;
		}
	}
	r = read_offset(&p, &offset);
	if (r < 0)
		return r;
	if (*p)
		return TW_E_SYNTAX;
	/* a leap second (RFC 3339 5.6) is the last of its minute */
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
	    minute > 59 || second > 60 || (second == 60 && minute != 59))
		return TW_E_RANGE;
	ret->ms = tw_days_from_civil(year, month, day) * DAY_MS +
		  ((hour * 60 + minute - offset) * 60 + (int64_t)second) * 1000 + ms;
	return 0;
}

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {	/* longest first */
	{ "w", 7 * (int64_t)DAY_MS },
	{ "d", DAY_MS },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

int tw_duration_read(const char *text, int64_t *ret_ms)
{
	const char *p = text;
	int64_t value = 0;
	bool overflow = false;

	if (*p < '0' || *p > '9')
		return TW_E_SYNTAX;
	for (; *p >= '0' && *p <= '9'; p++) {
		overflow |= __builtin_mul_overflow(value, 10, &value);
		overflow |= __builtin_add_overflow(value, *p - '0', &value);
	}
	for (size_t i = 0; i < TW_COUNT(units); i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		overflow |= __builtin_mul_overflow(value, units[i].ms, &value);
		if (overflow)
			return TW_E_RANGE;
		*ret_ms = value;
		return 0;
	}
	return TW_E_SYNTAX;
}

char *tw_duration_write(int64_t ms, char *out)
{
	const struct unit *u = units;

	while (ms % u->ms != 0)
		u++;
	if (ms == 0)
		u = &units[4];	/* "0s", as people write it */
	snprintf(out, 24, "%lld%s", (long long)(ms / u->ms), u->name);
	return out;
}
