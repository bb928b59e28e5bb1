/* What an operator says of a SIM's money, and how long it will last. */
#include <regex.h>

#include "pick_private.h"

/* ---- an amount in a text ------------------------------------------------------------------- */

enum { DIGITS_MAX = 12 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What may stand between thousands and does not end a number: blank, no-break and thin spaces, an
 * apostrophe. Their octets, 0 where there is none. */
static size_t blank_at(const char *p, const char *end)
{
	static const char *const blanks[] = { " ", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "'",
					      "\xe2\x80\x99" };

	for (size_t i = 0; i < TW_COUNT(blanks); i++) {
		size_t n = strlen(blanks[i]);

		if ((size_t)(end - p) > n && strncmp(p, blanks[i], n) == 0 && is_digit(p[n]))
			return n;
	}
	return 0;
}

/* The digits in a row from p on, and what stands behind them. */
static size_t run_of(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && is_digit(p[n]))
		n++;
	return n;
}

/* Where the decimals begin: behind the last point or comma, unless that parts thousands: where it
 * is the only kind, stands several times, or has three digits behind it and not just a zero before.
 * NULL: there are none. */
static const char *decimals_of(const char *p, const char *end)
{
	const char *last = NULL, *first = NULL;
	int same = 0, others = 0;

	for (const char *q = p; q < end; q++) {
		if ((*q != '.' && *q != ',') || q + 1 == end || !is_digit(q[1]))
			continue;
		if (!first)
			first = q;
		if (last && *last != *q)
			others++;
		same = last && *last == *q ? same + 1 : 1;
		last = q;
	}
	if (!last || same > 1)
		return NULL;
	if (others)
		return last + 1;
	bool is_thousands = run_of(last + 1, end) == 3 && last + 4 == end &&
			    !(first - p == 1 && *p == '0');

	return is_thousands ? NULL : last + 1;
}

/* The end of the number that begins at p. */
static const char *number_end(const char *p, const char *end)
{
	while (p < end) {
		size_t blank = blank_at(p, end);

		if (is_digit(*p))
			p++;
		else if ((*p == '.' || *p == ',') && p + 1 < end && is_digit(p[1]))
			p++;
		else if (blank && run_of(p + blank, end) == 3)
			p += blank;
		else
			break;
	}
	return p;
}

int balance_read(const char *text, size_t n, int64_t *ret)
{
	const char *p = text, *end = text + n, *decimals, *limit;
	int64_t value = 0, unit = QUOTA_MONEY;
	bool is_negative = false;
	int digits = 0;

	while (p < end && !is_digit(*p) &&
	       !((*p == '.' || *p == ',') && p + 1 < end && is_digit(p[1]))) {
		is_negative = *p == '-' || (is_negative && *p == ' ');
		p++;
	}
	limit = number_end(p, end);
	decimals = decimals_of(p, limit);
	for (; p < limit; p++) {
		if (!is_digit(*p))
			continue;
		if (decimals && p >= decimals) {
			unit /= 10;
			value += (*p - '0') * unit;
		} else if (++digits > DIGITS_MAX) {
			return TW_E_RANGE;
		} else {
			value = value * 10 + (*p - '0') * (int64_t)QUOTA_MONEY;
		}
		if (!unit)
			break;	/* beyond what is counted */
	}
	if (!digits && unit == QUOTA_MONEY)
		return TW_E_SYNTAX;
	*ret = is_negative ? -value : value;
	return 0;
}

/* A full stop alone is a match of "([0-9.]+)" and no amount: the next one may be. */
int balance_find(const char *match, const char *text, int64_t *ret)
{
	regmatch_t m[2];
	regex_t regex;
	int flags = 0, r = TW_E_UNKNOWN;

	if (regcomp(&regex, match, REG_EXTENDED))
		return TW_E_SYNTAX;
	while (regex.re_nsub && regexec(&regex, text, 2, m, flags) == 0) {
		if (m[1].rm_so >= 0)
			r = balance_read(text + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so), ret);
		if (r == 0 || !text[m[0].rm_eo])
			break;
		text += m[0].rm_eo > 0 ? m[0].rm_eo : 1;
		flags = REG_NOTBOL;
	}
	regfree(&regex);
	return r == 0 ? 0 : TW_E_UNKNOWN;
}

/* ---- how long it lasts --------------------------------------------------------------------- */

#define BURN_WINDOW_MS (30 * 24 * 3600 * INT64_C(1000))
#define BURN_MIN_MS (12 * 3600 * INT64_C(1000))
#define BURN_DAY_MS (24 * 3600 * INT64_C(1000))

/* What was spent between two readings is what it fell by. Where it rose somebody topped up, and
 * what was spent meanwhile nobody knows: that time does not count. */
int64_t balance_burn(const struct balance_reading *v, size_t n, struct wall_ms now)
{
	int64_t spent = 0, time = 0;

	for (size_t i = 1; i < n; i++) {
		int64_t passed = v[i].at.ms - v[i - 1].at.ms;

		if (v[i].at.ms < now.ms - BURN_WINDOW_MS || passed <= 0 ||
		    v[i].amount > v[i - 1].amount)
			continue;
		spent += v[i - 1].amount - v[i].amount;
		time += passed;
	}
	if (time < BURN_MIN_MS)
		return -1;
	return (int64_t)((double)spent * (double)BURN_DAY_MS / (double)time);
}

int64_t balance_days_left(int64_t amount, int64_t burn)
{
	if (amount <= 0)
		return 0;
	return burn > 0 ? amount / burn : -1;
}
