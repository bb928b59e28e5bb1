/* URLs: whether one can be called, where it leads, what its fragment wishes. */
#include "internal.h"

#include <curl/curl.h>
#include <stdio.h>
#include <strings.h>

static CURLU *parse(const char *url)
{
	CURLU *u;

	if (strlen(url) > HOOK_URL_MAX)
		return NULL;
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 127)
			return NULL;
	u = curl_url();
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

static bool is_web(CURLU *u)
{
	char *scheme = NULL;
	bool is_so = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		     (!strcasecmp(scheme, "http") || !strcasecmp(scheme, "https"));

	curl_free(scheme);
	return is_so;
}

int url_place(const char *url, char out[STORE_HOOK_PLACE_MAX])
{
	CURLU *u = parse(url);
	char *host = NULL, *port = NULL;
	int r = TW_E_SYNTAX;

	if (u && is_web(u) && curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK && *host) {
		int n = snprintf(out, STORE_HOOK_PLACE_MAX, "%s:%s", host, port);

		for (char *p = out; *p; p++)
			*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
		r = n < STORE_HOOK_PLACE_MAX ? 0 : TW_E_RANGE;
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return r;
}

bool hook_url_is_usable(const char *url)
{
	char place[STORE_HOOK_PLACE_MAX];

	return url_place(url, place) == 0;
}

bool hook_url_same_place(const char *a, const char *b)
{
	char places[2][STORE_HOOK_PLACE_MAX];

	return url_place(a, places[0]) == 0 && url_place(b, places[1]) == 0 &&
	       strcmp(places[0], places[1]) == 0;
}

char *hook_url_join(const char *base, const char *reference)
{
	CURLU *u = parse(base);
	char *joined = NULL, *ret = NULL;

	if (u && curl_url_set(u, CURLUPART_URL, reference, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_URL, &joined, 0) == CURLUE_OK && hook_url_is_usable(joined))
		ret = tw_strdup(joined);
	curl_free(joined);
	curl_url_cleanup(u);
	return ret;
}

bool hook_url_is_get(const char *url)
{
	return url_wishes(url).is_get;
}

char *hook_url_by_get(const char *url)
{
	return hook_url_is_get(url) ? tw_strdup(url) :
	       tw_printf("%s%cmethod=GET", url, strchr(url, '#') ? '&' : '#');
}

char *url_without_fragment(const char *url)
{
	return tw_strndup(url, strcspn(url, "#"));
}

static int64_t number(const char *text, int64_t least, int64_t most, int64_t otherwise)
{
	char *end;
	long v = strtol(text, &end, 10);

	return end == text || (*end && *end != '&') || v < least || v > most ? otherwise : v;
}

static int retry_on(const char *text)
{
	static const struct { const char *name; int wish; } names[] = {
		{ "ct", WISH_CT }, { "rt", WISH_RT }, { "4xx", WISH_4XX }, { "5xx", WISH_5XX },
		{ "all", WISH_CT | WISH_RT | WISH_4XX | WISH_5XX } };
	int wishes = 0;

	while (*text && *text != '&') {
		size_t n = strcspn(text, ",&");

		for (size_t i = 0; i < TW_COUNT(names); i++)
			if (strlen(names[i].name) == n && !strncmp(names[i].name, text, n))
				wishes |= names[i].wish;
		text += n + (text[n] == ',');
	}
	return wishes;
}

static bool is_wish(const char *text, const char *wish)
{
	size_t n = strlen(wish);

	return !strncasecmp(text, wish, n) && (!text[n] || text[n] == '&');
}

struct url_wishes url_wishes(const char *url)
{
	struct url_wishes w = { .connect_ms = HOOK_CONNECT_MS, .read_ms = HOOK_TOTAL_MS,
				.total_ms = HOOK_TOTAL_MS, .retries = 1, .retry_on = WISH_CT };
	const char *p = strchr(url, '#');

	while (p && *p) {
		p++;
		if (!strncmp(p, "ct=", 3))
			w.connect_ms = number(p + 3, 100, 10000, w.connect_ms);
		else if (!strncmp(p, "rt=", 3))
			w.read_ms = number(p + 3, 100, 15000, w.read_ms);
		else if (!strncmp(p, "tt=", 3))
			w.total_ms = number(p + 3, 100, 15000, w.total_ms);
		else if (!strncmp(p, "rc=", 3))
			w.retries = (int)number(p + 3, 0, 5, w.retries);
		else if (!strncmp(p, "rp=", 3))
			w.retry_on = retry_on(p + 3);
		w.is_get |= is_wish(p, "method=GET");
		w.signs_https |= is_wish(p, "sign=https");
		p = strchr(p, '&');
	}
	return w;
}
