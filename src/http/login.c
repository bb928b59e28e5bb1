/* A login by HTTP: an account's AuthToken, or a token made with `twoway token` (contract 1 and
 * 6). */
#include "internal.h"

#include <stdio.h>
#include <strings.h>

static const struct { const char *name; unsigned bit; } scopes[] = {
	{ "read", SCOPE_READ }, { "send", SCOPE_SEND }, { "manage", SCOPE_MANAGE },
	{ "operator", SCOPE_OPERATOR },
};

bool http_scope_read(const char *name, unsigned *ret)
{
	for (size_t i = 0; i < TW_COUNT(scopes); i++) {
		if (strcmp(scopes[i].name, name))
			continue;
		*ret = scopes[i].bit;
		return true;
	}
	return false;
}

void http_write_scopes(struct tw_buf *b, const char *key, unsigned bits)
{
	http_put_open(b, key, '[');
	for (size_t i = 0; i < TW_COUNT(scopes); i++) {
		if (bits & scopes[i].bit)
			http_put_text(b, NULL, scopes[i].name);
	}
	http_put_close(b, ']');
}

/* ---- how often ----------------------------------------------------------------------------- */

static struct http_attempt *attempt_of(struct http_attempts *a, const char *name,
				       const void *address, size_t n)
{
	uint64_t key = tw_hash64(name, strlen(name)) * 31 + tw_hash64(address, n);

	key |= !key;
	struct http_attempt *at = &a->v[key % TW_COUNT(a->v)];

	if (at->key != key)
		*at = (struct http_attempt){ .key = key };
	return at;
}

static bool is_too_often(struct http_attempt *a, struct mono_ms now)
{
	if (a->n && mono_due(mono_after(a->since, HTTP_WRONG_MS), now))
		a->n = 0;
	return a->n >= HTTP_WRONG_LOGINS;
}

static void count_wrong(struct http_attempt *a, struct mono_ms now)
{
	if (!a->n++)
		a->since = now;
	if (a->n == HTTP_WRONG_LOGINS)
		tw_log(TW_WARN, "http.wrong_logins", "n=%d pause_s=%d", a->n, HTTP_WRONG_MS / 1000);
}

/* ---- who it is ----------------------------------------------------------------------------- */

static const struct http_account *account_by_name(const struct http *h, const char *name)
{
	for (size_t i = 0; i < h->accounts.n; i++) {
		if (!strcmp(h->accounts.v[i].name, name))
			return &h->accounts.v[i];
	}
	return NULL;
}

static bool enter_as_account(const struct http *h, const char *sid, const char *password,
			     struct http_caller *ret)
{
	for (size_t i = 0; i < h->accounts.n; i++) {
		const struct http_account *a = &h->accounts.v[i];

		if (strcmp(a->sid, sid))
			continue;
		if (!a->token[0] || strlen(password) != HTTP_SECRET_DIGITS ||
		    !tw_same_secret(a->token, password, HTTP_SECRET_DIGITS))
			return false;
		ret->scopes = SCOPE_READ | SCOPE_SEND | SCOPE_MANAGE;
		ret->account = tw_strdup(a->name);
		snprintf(ret->who, sizeof(ret->who), "account %.50s", a->name);
		return true;
	}
	return false;
}

/* sid NULL: the secret alone says whose it is. The secret is compared by its digest; a token whose
 * account is no more in the configuration opens nothing. */
static bool enter_by_token(const struct http *h, const char *sid, const char *secret,
			   struct http_caller *ret)
{
	const struct store_token *found = NULL;
	uint8_t digest[32];

	tw_sha256(secret, strlen(secret), digest);
	for (size_t i = 0; i < h->tokens.n; i++) {
		const struct store_token *t = &h->tokens.v[i];

		if ((!sid || !strcmp(sid, t->sid)) && tw_same_secret(t->digest, digest,
								     sizeof(digest)))
			found = t;
	}
	if (!found || (found->account[0] && !account_by_name(h, found->account)))
		return false;
	ret->scopes = (unsigned)found->scopes;
	ret->account = found->account[0] ? tw_strdup(found->account) : NULL;
	snprintf(ret->who, sizeof(ret->who), "token %.50s", found->name);
	return true;
}

/* "Basic …" as user and password, both in plain. False: it is none. */
static bool read_basic(const char *authorization, char *plain, size_t cap, char **ret_password)
{
	char *colon;
	int n;

	if (strncasecmp(authorization, "Basic ", 6))
		return false;
	authorization += 6 + strspn(authorization + 6, " ");
	n = tw_base64_read(authorization, strlen(authorization), (uint8_t *)plain, cap - 1);
	if (n < 0 || memchr(plain, 0, (size_t)n))
		return false;
	plain[n] = 0;
	colon = strchr(plain, ':');
	if (!colon)
		return false;
	*colon = 0;
	*ret_password = colon + 1;
	return true;
}

enum http_entry http_login(struct http *h, const char *authorization, const void *address,
			   size_t address_n, struct mono_ms now, struct http_caller *ret)
{
	char plain[512], *password = NULL;
	const char *user = NULL, *secret = NULL;
	struct http_attempt *attempt;
	bool is_in;

	if (!authorization)
		return HTTP_NOT_LET_IN;
	if (read_basic(authorization, plain, sizeof(plain), &password)) {
		user = plain;
		secret = password;
	} else if (!strncasecmp(authorization, "Bearer ", 7)) {
		secret = authorization + 7 + strspn(authorization + 7, " ");
	}
	attempt = attempt_of(&h->attempts, user ? user : "", address, address_n);
	if (is_too_often(attempt, now))
		return HTTP_TOO_OFTEN;
	if (user && !strncmp(user, "AC", 2))
		is_in = enter_as_account(h, user, secret, ret);
	else
		is_in = secret && enter_by_token(h, user, secret, ret);
	if (!is_in) {
		count_wrong(attempt, now);
		return HTTP_NOT_LET_IN;
	}
	attempt->n = 0;
	return HTTP_LET_IN;
}
