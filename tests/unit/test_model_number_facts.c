#include "run.h"

#include <twoway/model.h>

static const struct {
	const char *e164, *country, *zone, *code;
	enum number_mobile mobile;
} rows[] = {
	{ "+447700900123", "GB", "Europe/London", "44", NUMBER_MOBILE_YES },
	{ "+442079460018", "GB", "Europe/London", "44", NUMBER_MOBILE_NO },
	{ "+447624000123", "IM", "Europe/Isle_of_Man", "44", NUMBER_MOBILE_YES },
	{ "+12025550123", "US", "America/New_York", "1", NUMBER_MOBILE_UNKNOWN },
	{ "+12135550123", "US", "America/Los_Angeles", "1", NUMBER_MOBILE_UNKNOWN },
	{ "+14165550134", "CA", "America/Toronto", "1", NUMBER_MOBILE_UNKNOWN },
	{ "+73011234567", "RU", "Asia/Irkutsk", "7", NUMBER_MOBILE_NO },
	{ "+393123456789", "IT", "Europe/Rome", "39", NUMBER_MOBILE_YES },
	{ "+390669812345", "VA", "Europe/Vatican", "39", NUMBER_MOBILE_NO },
	{ "+80012345678", "", "", "800", NUMBER_MOBILE_NO },
	{ "+4477009", "GB", "Europe/London", "44", NUMBER_MOBILE_UNKNOWN },	/* too short to tell */
	/* Somalia has entries of each mark: "24?", "35/", "15?/" */
	{ "+2522412345", "SO", "Africa/Mogadishu", "252", NUMBER_MOBILE_UNKNOWN },
	{ "+2523512345", "SO", "Africa/Mogadishu", "252", NUMBER_MOBILE_YES },
	{ "+252351234", "SO", "Africa/Mogadishu", "252", NUMBER_MOBILE_NO },
	{ "+2521512345", "SO", "Africa/Mogadishu", "252", NUMBER_MOBILE_UNKNOWN },
	{ "+252151234", "SO", "Africa/Mogadishu", "252", NUMBER_MOBILE_NO },
	{ "+44", "GB", "Europe/London", "44", NUMBER_MOBILE_NO },
};

START_TEST(knows)
{
	struct number_facts f;

	ck_assert(number_facts(rows[_i].e164, &f));
	ck_assert_str_eq(f.country, rows[_i].country);
	ck_assert_str_eq(f.zone, rows[_i].zone);
	ck_assert_str_eq(f.code, rows[_i].code);
	ck_assert_int_eq(f.mobile, rows[_i].mobile);
}
END_TEST

START_TEST(does_not_know)
{
	static const char *const none[] = {
		"", "+", "447700900123", "60300", "VODAFONE", "+999", "+44 7700", "+44x", "++44",
	};
	struct number_facts f = { .code = "untouched" };

	for (size_t i = 0; i < TW_COUNT(none); i++)
		ck_assert_msg(!number_facts(none[i], &f), "%s", none[i]);
	ck_assert_str_eq(f.code, "untouched");
}
END_TEST

START_TEST(countries_of_sims)
{
	static const struct { const char *imsi, *country; } sims[] = {
		{ "234150000000001", "GB" }, { "310260000000001", "US" }, { "26201", "DE" },
		{ "202", "GR" }, { "901280000000001", "" }, { "000", "" }, { "", "" }, { "23", "" },
		{ "2x4150", "" },
	};

	for (size_t i = 0; i < TW_COUNT(sims); i++)
		ck_assert_str_eq(number_country_of_imsi(sims[i].imsi), sims[i].country);
}
END_TEST

static const struct {
	const char *a, *b;
	bool same;
} pairs[] = {
	{ "+447700900123", "+447700900123", true },
	{ "+447700900123", "07700900123", true },
	{ "+447700900123", "7700900123", true },
	{ "+447700900123", "447700900123", true },
	{ "+447700900123", "00447700900123", true },
	{ "+447700900123", "07700900124", false },
	{ "+447700900123", "07710900123", false },
	{ "+447700900123", "+337700900123", false },	/* both whole */
	{ "+390612345678", "0612345678", true },
	{ "+4712345678", "12345678", true },		/* eight digits are all there are */
	{ "+12465550123", "5550123", true },		/* seven: a local number */
	{ "+12465550123", "550123", false },		/* six could be anybody's */
	{ "60300", "60300", true },
	{ "60300", "060300", false },
	{ "VODAFONE", "VODAFONE", true },
	{ "VODAFONE", "Vodafone", false },
	{ "VODAFONE", "+447700900123", false },
	{ "", "", true },
	{ "", "+447700900123", false },
	{ "+", "0", false },
	{ "0000000000", "+0000000000", false },
};

START_TEST(one_subscriber)
{
	ck_assert_msg(number_is_same_subscriber(pairs[_i].a, pairs[_i].b) == pairs[_i].same,
		      "%s %s", pairs[_i].a, pairs[_i].b);
	ck_assert(number_is_same_subscriber(pairs[_i].b, pairs[_i].a) == pairs[_i].same);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, knows, 0, TW_COUNT(rows));
	tcase_add_test(tc, does_not_know);
	tcase_add_test(tc, countries_of_sims);
	tcase_add_loop_test(tc, one_subscriber, 0, TW_COUNT(pairs));
}

int main(void)
{
	return unit_run("model_number_facts", add);
}
