/* What the tables know about a number or a SIM, and whether two addresses are one subscriber. */
#include "number_plan.h"

#include <assert.h>
#include <ctype.h>

static bool is_digits(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

bool number_facts(const char *e164, struct number_facts *ret)
{
	const struct number_row *row;
	struct number_facts facts = { 0 };
	const char *national;

	if (*e164 != '+' || !is_digits(e164 + 1))
		return false;
	row = number_row_find(e164 + 1);
	if (!row)
		return false;
	national = e164 + 1 + row->code_n;
	/* a length that no mobile has: the plan does not say what it is */
	if (!number_plan_mobile(row, national, strlen(national), &facts.mobile))
		facts.mobile = NUMBER_MOBILE_UNKNOWN;
	if (!row->iso[2])
		memcpy(facts.country, row->iso, sizeof(facts.country));
	facts.zone = row->zone;
	facts.zones = row->zones;
	facts.code = row->code;
	*ret = facts;
	return true;
}

/* North America writes its numbers without the 1 in front (NANP), and where a national number keeps
 * a 0 of its own nothing comes before it. */
char *number_national(const char *e164, char out[TW_ADDRESS_MAX])
{
	bool is_number = *e164 == '+' && is_digits(e164 + 1);
	const struct number_row *row = is_number ? number_row_find(e164 + 1) : NULL;
	char trunk[NUMBER_DIGITS] = "";
	const char *national;
	size_t n = 0;

	if (!row) {
		tw_strset(out, TW_ADDRESS_MAX, e164);
		return out;
	}
	national = e164 + 1 + row->code_n;
	if (row->plan->trunk.n && !row->plan->trunk1 && !(row->plan->keep0 && *national == '0')) {
		const struct digit_range *today = &row->plan->trunk.v[0];

		for (uint32_t rest = today->from, i = today->n; i-- > 0; rest /= 10, n++)
			trunk[i] = (char)('0' + rest % 10);
	}
	tw_strsetn(out, TW_ADDRESS_MAX, trunk, n);
	tw_strset(out + n, TW_ADDRESS_MAX - n, national);
	return out;
}

/* ---- SIMs ---- */

static char countries[1000][3];	/* by mobile country code (ITU-T E.212) */

static void load_countries(void)
{
	const char *p = (const char *)model_mcc_tsv, *end = p + model_mcc_tsv_n;

	/* "202<TAB>GR": what does not begin with a digit is a comment or the names of the
	 * columns */
	while (p < end) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));

		line_end = line_end ? line_end : end;
		if (line_end - p >= 6 && isdigit((unsigned char)*p)) {
			int mcc = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');

			assert(mcc >= 0 && mcc < 1000);
			memcpy(countries[mcc], p + 4, 2);
		}
		p = line_end + (line_end < end);
	}
}

const char *number_country_of_imsi(const char *imsi)
{
	static bool loaded;

	if (!loaded)
		load_countries();
	loaded = true;
	for (int i = 0; i < 3; i++)
		if (!isdigit((unsigned char)imsi[i]))
			return "";
	return countries[(imsi[0] - '0') * 100 + (imsi[1] - '0') * 10 + (imsi[2] - '0')];
}

/* ---- operators ---- */

/* A network's code is the country's and two digits, three in the Americas' older plans (ITU E.212,
 * annex: MCC 302, 310 to 316, 334, 338, 342 to 348, 364 to 366, 376, 708, 722, 732, 748). */
static size_t network_code_length(const char *imsi)
{
	static const short three[][2] = { { 302, 302 }, { 310, 316 }, { 334, 334 }, { 338, 338 },
		{ 342, 348 }, { 364, 366 }, { 376, 376 }, { 708, 708 }, { 722, 722 }, { 732, 732 },
		{ 748, 748 } };
	int mcc = 0;

	for (int i = 0; i < 3; i++)
		mcc = mcc * 10 + (imsi[i] - '0');
	for (size_t i = 0; i < TW_COUNT(three); i++) {
		if (mcc >= three[i][0] && mcc <= three[i][1])
			return 6;
	}
	return 5;
}

void number_operator_of_imsi(const char *imsi, char out[8])
{
	size_t n = strspn(imsi, "0123456789");

	out[0] = 0;
	if (n >= 6)
		tw_strsetn(out, 8, imsi, network_code_length(imsi));
}

/* ---- one subscriber, two ways to write the number ---- */

#define SIGNIFICANT_LEAST 7
#define SIGNIFICANT_MOST 9

/* Behind the plus, and the zeros that a trunk or international prefix begins with. */
static const char *significant(const char *s)
{
	s += *s == '+';
	return s + strspn(s, "0");
}

bool number_is_same_subscriber(const char *a, const char *b)
{
	size_t an, bn, n;

	if (strcmp(a, b) == 0)
		return true;
	if (*a == '+' && *b == '+')
		return false;	/* both whole: there is nothing to guess */
	if (!is_digits(a + (*a == '+')) || !is_digits(b + (*b == '+')))
		return false;
	a = significant(a);
	b = significant(b);
	an = strlen(a);
	bn = strlen(b);
	n = an < bn ? an : bn;
	if (n < SIGNIFICANT_LEAST)
		return false;
	if (n > SIGNIFICANT_MOST)
		n = SIGNIFICANT_MOST;
	return memcmp(a + an - n, b + bn - n, n) == 0;
}
