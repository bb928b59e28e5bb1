/* The rules at the head of numbers.tsv, in the order that stands there. */
#include "number_plan.h"

#include <assert.h>
#include <stdio.h>

bool number_plan_mobile(const struct number_row *row, const char *national, size_t n,
			enum number_mobile *ret)
{
	const struct digit_range *range;
	bool has_length = n <= NUMBER_DIGITS && row->mobile_lengths & 1u << n;

	if (!row->tells_mobiles) {
		*ret = NUMBER_MOBILE_UNKNOWN;
		return true;
	}
	if (!digit_ranges_prefix(&row->mobile, national, &range) ||
	    (range->by_length && !has_length)) {
		*ret = NUMBER_MOBILE_NO;
		return true;
	}
	if (!has_length && !range->either)
		return false;
	*ret = range->either ? NUMBER_MOBILE_UNKNOWN : NUMBER_MOBILE_YES;
	return true;
}

/* ---- numbers of two countries that are not sent as they are dialled ---- */

/* Argentina: 0 11 15 2345-6789 is 9 11 2345-6789 for the rest of the world. */
static bool move_inner(const struct number_plan *plan, char *national, size_t n)
{
	size_t mark_n = strlen(plan->inner);
	size_t places[3], n_places = 0;

	if (strncmp(national, plan->inner, mark_n) == 0)
		return false;	/* no area code before it */
	if (n != 10 + mark_n)
		return true;
	if (digit_ranges_prefix(&plan->area2, national, NULL))
		places[n_places++] = 2;
	if (digit_ranges_prefix(&plan->area3, national, NULL))
		places[n_places++] = 3;
	places[n_places++] = 4;
	for (size_t i = 0; i < n_places; i++) {
		size_t at = places[i];

		if (strncmp(national + at, plan->inner, mark_n) != 0)
			continue;
		memmove(national + at, national + at + mark_n, n - at - mark_n + 1);
		memmove(national + 1, national, n - mark_n + 1);
		national[0] = plan->inner_first;
		break;
	}
	return true;
}

/* Brazil: a mobile number of ten digits is from before the ninth digit (of the local part). */
static void add_ninth(const struct number_plan *plan, char *national, size_t n)
{
	if (n != 10 || !(plan->ninth_thirds & 1u << (national[2] - '0')))
		return;
	memmove(national + 3, national + 2, n - 2 + 1);
	national[2] = plan->ninth;
}

/* ---- does it fit ---- */

/* Whether the n digits, as they stand, are a national number behind the calling code of base. */
static bool fits(const struct number_row *base, const char *digits, size_t n, struct number *ret)
{
	char full[4 + NUMBER_TYPED_DIGITS + 8], *national = full + base->code_n;
	const struct number_row *row;
	enum number_mobile mobile;

	if (!n || n > NUMBER_DIGITS + 2)
		return false;
	memcpy(full, base->code, base->code_n);
	memcpy(national, digits, n);
	national[n] = '\0';
	if (base->plan->inner[0] && !move_inner(base->plan, national, n))
		return false;
	if (base->plan->ninth)
		add_ninth(base->plan, national, n);
	n = strlen(national);

	row = number_row_find(full);
	if (!row || n < row->min_n || n > row->max_n || base->code_n + n > NUMBER_DIGITS)
		return false;
	if (*national == '0' && !row->plan->keep0)
		return false;
	if (*national == '1' && row->plan->trunk1)
		return false;
	if (!number_plan_mobile(row, national, n, &mobile))
		return false;

	*ret = (struct number){ .kind = NUMBER_E164, .mobile = mobile };
	ret->text[0] = '+';
	memcpy(ret->text + 1, full, base->code_n + n);
	if (!row->iso[2])
		memcpy(ret->country, row->iso, sizeof(ret->country));
	return true;
}

/* A trunk 0 where numbers may begin with 0 goes only when the whole is too long. */
static bool may_strip_trunk(const struct number_row *base, const char *digits, size_t n)
{
	return !base->plan->keep0 || *digits != '0' || n > base->max_n;
}

static bool fits_without_trunk(const struct number_row *base, const char *digits, size_t n,
			       struct number *ret)
{
	const struct digit_ranges *trunk = &base->plan->trunk;

	if (!may_strip_trunk(base, digits, n))
		return false;
	for (size_t i = 0; i < trunk->n; i++) {
		size_t t = trunk->v[i].n;

		if (digit_range_starts(&trunk->v[i], digits) &&
		    fits(base, digits + t, n - t, ret))
			return true;
	}
	return false;
}

static bool fits_without_carrier(const struct number_row *base, const char *digits, size_t n,
				 struct number *ret)
{
	const struct digit_ranges *trunk = &base->plan->trunk, *carrier = &base->plan->carrier;

	for (size_t i = 0; i < trunk->n; i++) {
		const char *rest = digits + trunk->v[i].n;

		if (!digit_range_starts(&trunk->v[i], digits))
			continue;
		for (size_t j = 0; j < carrier->n; j++) {
			size_t t = trunk->v[i].n + carrier->v[j].n;

			if (digit_range_starts(&carrier->v[j], rest) &&
			    fits(base, digits + t, n - t, ret))
				return true;
		}
	}
	return false;
}

static bool fits_without_old(const struct number_row *base, const char *digits, size_t n,
			     struct number *ret)
{
	const struct digit_ranges *old = &base->plan->old;

	if (n <= base->max_n)
		return false;
	for (size_t i = 0; i < old->n; i++) {
		size_t t = old->v[i].n;

		if (digit_range_starts(&old->v[i], digits) && fits(base, digits + t, n - t, ret))
			return true;
	}
	return false;
}

enum number_error number_plan_international(const char *digits, size_t n, struct number *ret)
{
	const struct number_row *base = number_row_by_code(digits);

	if (!base)
		return NUMBER_COUNTRY;
	digits += base->code_n;
	n -= base->code_n;
	if (fits(base, digits, n, ret) || fits_without_trunk(base, digits, n, ret) ||
	    fits_without_old(base, digits, n, ret))
		return NUMBER_OK;
	return NUMBER_LENGTH;
}

/* ---- as dialled at home ---- */

static enum number_error short_code(const char *digits, struct number *ret)
{
	*ret = (struct number){ .kind = NUMBER_SHORT };
	tw_strset(ret->text, sizeof(ret->text), digits);
	return NUMBER_OK;
}

static bool is_emergency(const struct number_row *home, const char *digits, size_t n)
{
	return strcmp(digits, "112") == 0 || strcmp(digits, "911") == 0 ||
	       (home && digit_ranges_hold(&home->plan->emergency, digits, n));
}

/* Without a home country a short code can be told by its length alone; what is an emergency number
 * anywhere is not one. Three digits are left out: most of these are somebody's services. */
static enum number_error read_homeless(const char *digits, size_t n, struct number *ret)
{
	const struct number_row *row;

	if (is_emergency(NULL, digits, n))
		return NUMBER_EMERGENCY;
	if (n < 4 || n > 6 || *digits == '0')
		return NUMBER_COUNTRY;
	for (size_t i = 0; (row = number_row_at(i)); i++)
		if (is_emergency(row, digits, n))
			return NUMBER_EMERGENCY;
	return short_code(digits, ret);
}

/* Three to six digits, and too few for a number that is dialled without a trunk prefix. */
static bool is_short(const struct number_row *home, const char *digits, size_t n)
{
	size_t least = home->min_n;

	if (home->plan->trunk.n && home->mobile_lengths)
		least = (size_t)__builtin_ctz(home->mobile_lengths);
	return n >= 3 && n <= 6 && *digits != '0' && n < least;
}

static bool fits_with_area(const struct number_row *home, const char *digits, size_t n,
			   struct number *ret)
{
	char whole[sizeof(home->plan->local) + NUMBER_TYPED_DIGITS + 1];

	if (!home->plan->local_n || home->plan->local_n != n)
		return false;
	snprintf(whole, sizeof(whole), "%s%s", home->plan->local, digits);
	return fits(home, whole, strlen(whole), ret);
}

/* Behind each idd that it begins with, longest first. Says NUMBER_COUNTRY when there was one and
 * no country behind any. */
static enum number_error read_abroad(const struct number_row *home, const char *digits, size_t n,
				     struct number *ret)
{
	const struct digit_ranges *idd = &home->plan->idd;
	enum number_error said = NUMBER_EMPTY;

	for (size_t i = 0; i < idd->n; i++) {
		enum number_error e;

		if (!digit_range_starts(&idd->v[i], digits))
			continue;
		e = number_plan_international(digits + idd->v[i].n, n - idd->v[i].n, ret);
		if (e == NUMBER_OK)
			return e;
		if (said != NUMBER_LENGTH)
			said = e;
	}
	return said;
}

enum number_error number_plan_national(const char *digits, size_t n, const struct number_row *home,
				       struct number *ret)
{
	enum number_error abroad;

	assert(n > 0 && n <= NUMBER_TYPED_DIGITS);
	if (!home)
		return read_homeless(digits, n, ret);
	if (is_emergency(home, digits, n))
		return NUMBER_EMERGENCY;
	abroad = read_abroad(home, digits, n, ret);
	if (abroad == NUMBER_OK || fits_with_area(home, digits, n, ret))
		return NUMBER_OK;
	if (is_short(home, digits, n))
		return short_code(digits, ret);
	if (fits_without_trunk(home, digits, n, ret) ||
	    fits_without_carrier(home, digits, n, ret) ||
	    fits_without_old(home, digits, n, ret) || fits(home, digits, n, ret))
		return NUMBER_OK;
	if (strncmp(digits, home->code, home->code_n) == 0 &&
	    number_plan_international(digits, n, ret) == NUMBER_OK)
		return NUMBER_OK;
	if (n >= 3 && n <= 6)
		return short_code(digits, ret);
	return abroad == NUMBER_COUNTRY ? NUMBER_COUNTRY : NUMBER_LENGTH;
}
