#include "run.h"

#include "../../src/hook/internal.h"

START_TEST(test_places)
{
	static const struct { const char *url, *place; } rows[] = {
		{ "http://shop.example/sms", "shop.example:80" },
		{ "HTTPS://Shop.Example/sms?a=b#rc=2", "shop.example:443" },
		{ "http://user:secret@192.0.2.10:8080/", "192.0.2.10:8080" },
		{ "http://[2001:db8::1]:81/x", "[2001:db8::1]:81" },
		{ "http://a_b.example/", "a_b.example:80" },
		{ "shop.example/sms", NULL }, { "", NULL }, { "/sms", NULL }, { "http://", NULL },
		{ "ftp://shop.example/", NULL }, { "file:///etc/passwd", NULL },
		{ "gopher://shop.example/", NULL }, { "javascript:alert(1)", NULL },
		{ "http://shop.example/a b", NULL }, { "http://shop.example/\r\nX: y", NULL },
		{ "http://shop.example:99999/", NULL }, { "http://shop.example:http/", NULL },
		{ "smtp://localhost:25", NULL },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		char place[STORE_HOOK_PLACE_MAX];
		int r = url_place(rows[i].url, place);

		ck_assert_msg((r == 0) == (rows[i].place != NULL), "%s: %d", rows[i].url, r);
		ck_assert_msg(r || !strcmp(place, rows[i].place), "%s: %s", rows[i].url, place);
	}
	char *longest = tw_alloc(HOOK_URL_MAX + 2);

	memset(longest, 'x', HOOK_URL_MAX + 1);
	longest[HOOK_URL_MAX + 1] = 0;
	memcpy(longest, "http://h/", 9);
	ck_assert(!hook_url_is_usable(longest));
	longest[HOOK_URL_MAX] = 0;
	ck_assert(hook_url_is_usable(longest));
	free(longest);
}
END_TEST

START_TEST(test_joins)
{
	static const struct { const char *base, *link, *url; } rows[] = {
		{ "http://h/a/b?x=1", "c", "http://h/a/c" },
		{ "http://h/a/b?x=1", "/c?d=e", "http://h/c?d=e" },
		{ "http://h/a/b", "../c", "http://h/c" },
		{ "http://h:81/a", "//other/c", "http://other/c" },
		{ "http://h/a", "https://other/c", "https://other/c" },
		{ "http://h/a", "?q", "http://h/a?q" },
		{ "http://h/a", "file:///etc/passwd", NULL },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		char *url = hook_url_join(rows[i].base, rows[i].link);

		ck_assert_msg(rows[i].url ? url && !strcmp(url, rows[i].url) : !url, "%s + %s: %s",
			      rows[i].base, rows[i].link, url ? url : "none");
		free(url);
	}
}
END_TEST

START_TEST(test_wishes)
{
	struct url_wishes w = url_wishes("https://h/x");

	ck_assert(w.connect_ms == 5000 && w.read_ms == 15000 && w.total_ms == 15000 && w.retries == 1 &&
		  w.retry_on == WISH_CT);
	w = url_wishes("https://h/x#ct=200&rt=300&tt=1000&rc=3&rp=4xx,rt");
	ck_assert(w.connect_ms == 200 && w.read_ms == 300 && w.total_ms == 1000 && w.retries == 3 &&
		  (int)w.retry_on == (WISH_4XX | WISH_RT));
	/* Out of range, not understood, of another kind: as if it were not there. */
	w = url_wishes("https://h/x#rc=9&ct=5&tt=20000&e=dublin&rp=all&rt=x");
	ck_assert(w.retries == 1 && w.connect_ms == 5000 && w.total_ms == 15000 && w.read_ms == 15000 &&
		  (int)w.retry_on == (WISH_4XX | WISH_5XX | WISH_RT | WISH_CT));
	char *url = url_without_fragment("https://h/x?a=b#rc=2");

	ck_assert_str_eq(url, "https://h/x?a=b");
	free(url);
	/* How it is called, and by which scheme it is signed: ours. */
	w = url_wishes("http://h/x#rc=2&method=GET&sign=https");
	ck_assert(w.retries == 2 && w.is_get && w.signs_https);
	w = url_wishes("http://h/x?method=GET&sign=https#method=POST&sign=httpsx");
	ck_assert(!w.is_get && !w.signs_https);
	static const struct { const char *url, *by_get; } rows[] = {
		{ "http://h/x?a=b", "http://h/x?a=b#method=GET" },
		{ "http://h/x#rc=2", "http://h/x#rc=2&method=GET" },
		{ "http://h/x#method=GET", "http://h/x#method=GET" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		url = hook_url_by_get(rows[i].url);
		ck_assert_str_eq(url, rows[i].by_get);
		ck_assert(hook_url_is_get(url));
		free(url);
	}
}
END_TEST

/* Growing, for two days about twenty times, never at the same moment for everybody. */
START_TEST(test_backoff)
{
	struct tw_random random;
	int64_t at = 0, last = 0;
	int tries = 0;

	tw_random_seed(&random, 7);
	while (at < HOOK_DAYS_MS) {
		int64_t pause = backoff_pause(++tries, &random);

		ck_assert_int_ge(pause, 4000);
		ck_assert_int_le(pause, 5 * 3600 * 1000);
		ck_assert(tries > 8 || pause > last);
		last = pause;
		at += pause;
	}
	ck_assert_int_ge(tries, 15);
	ck_assert_int_le(tries, 25);
	last = backoff_pause(8, &random);
	ck_assert_int_ne(backoff_pause(8, &random), last);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_places);
	tcase_add_test(t, test_joins);
	tcase_add_test(t, test_wishes);
	tcase_add_test(t, test_backoff);
}

int main(void)
{
	return unit_run("hook_url", add);
}
