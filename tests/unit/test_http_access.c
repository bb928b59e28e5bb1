/* Who may do what: every route with every kind of login, and the tokens themselves. */
#include "fake_exchange.c"
#include "http_lab.c"

#include <jansson.h>

/* What each route asks of a login, written down apart from the table of routes. */
static const struct { const char *route; unsigned scope; } wanted[] = {
	{ "GET /healthz", 0 },
	{ "GET /metrics", SCOPE_OPERATOR },
	{ "GET /api/v1/openapi.json", SCOPE_READ },
	{ "GET /api/v1/status", SCOPE_READ },
	{ "POST /api/v1/messages", SCOPE_SEND },
	{ "GET /api/v1/messages", SCOPE_READ },
	{ "GET /api/v1/messages/*", SCOPE_READ },
	{ "GET /api/v1/messages/*/why", SCOPE_READ },
	{ "POST /api/v1/messages/*/cancel", SCOPE_SEND },
	{ "POST /api/v1/messages/*/redact", SCOPE_SEND },
	{ "DELETE /api/v1/messages/*", SCOPE_SEND },
	{ "GET /api/v1/modems", SCOPE_OPERATOR },
	{ "GET /api/v1/modems/*", SCOPE_OPERATOR },
	{ "POST /api/v1/modems/*/pause", SCOPE_OPERATOR },
	{ "POST /api/v1/modems/*/resume", SCOPE_OPERATOR },
	{ "POST /api/v1/modems/*/accept", SCOPE_OPERATOR },
	{ "POST /api/v1/modems/*/balance", SCOPE_OPERATOR },
	{ "POST /api/v1/modems/*/learn", SCOPE_OPERATOR },
	{ "GET /api/v1/ports", SCOPE_OPERATOR },
	{ "POST /api/v1/modems/*/ussd", SCOPE_OPERATOR },
	{ "POST /api/v1/modems/*/at", SCOPE_OPERATOR },
	{ "GET /api/v1/jobs/*", SCOPE_OPERATOR },
	{ "POST /api/v1/jobs/*/answer", SCOPE_OPERATOR },
	{ "POST /api/v1/jobs/*/cancel", SCOPE_OPERATOR },
	{ "GET /api/v1/audit", SCOPE_OPERATOR },
	{ "POST /api/v1/tokens", SCOPE_OPERATOR },
	{ "GET /api/v1/tokens", SCOPE_OPERATOR },
	{ "POST /api/v1/tokens/*/revoke", SCOPE_OPERATOR },
	{ "GET /api/v1/contacts", SCOPE_READ },
	{ "POST /api/v1/contacts", SCOPE_MANAGE },
	{ "POST /api/v1/contacts/*/erase", SCOPE_MANAGE },
	{ "GET /api/v1/tickets", SCOPE_READ },
	{ "GET /api/v1/tickets/*", SCOPE_READ },
	{ "POST /api/v1/tickets/*/close", SCOPE_SEND },
	{ "POST /api/v1/tickets/*/notes", SCOPE_SEND },
	{ "POST /api/v1/tickets/*/answer", SCOPE_SEND },
	{ "POST /api/v1/tickets/*/assign", SCOPE_SEND },
	{ "GET /api/v1/conversations", SCOPE_READ },
	{ "GET /api/v1/conversations/*", SCOPE_READ },
	{ "POST /api/v1/conversations/*/take", SCOPE_SEND },
	{ "POST /api/v1/conversations/*/hand_back", SCOPE_SEND },
	{ "POST /api/v1/conversations/*/messages", SCOPE_SEND },
	{ "GET /api/v1/appointments", SCOPE_READ },
	{ "POST /api/v1/appointments", SCOPE_SEND },
	{ "GET /api/v1/appointments/*", SCOPE_READ },
	{ "GET /api/v1/appointments/*/ics", SCOPE_READ },
	{ "POST /api/v1/appointments/*/move", SCOPE_SEND },
	{ "POST /api/v1/appointments/*/cancel", SCOPE_SEND },
	{ "GET /api/v1/calendars/*/free", SCOPE_READ },
	{ "GET /appointments/*.ics", 0 },	/* a name that nobody can guess */
	{ "GET /api/v1/contacts.csv", SCOPE_READ },
	{ "POST /api/v1/contacts.csv", SCOPE_MANAGE },
	{ "GET /api/v1/contacts/*", SCOPE_READ },
	{ "PUT /api/v1/contacts/*", SCOPE_MANAGE },
	{ "DELETE /api/v1/contacts/*", SCOPE_MANAGE },
	{ "POST /api/v1/contacts/*/leave", SCOPE_MANAGE },
	{ "GET /api/v1/lists", SCOPE_READ },
	{ "GET /api/v1/messages.csv", SCOPE_READ },
	{ "GET /api/v1/flows", SCOPE_OPERATOR },
	{ "GET /api/v1/flows/*", SCOPE_OPERATOR },
	{ "PUT /api/v1/flows/*", SCOPE_OPERATOR },
	{ "DELETE /api/v1/flows/*", SCOPE_OPERATOR },
	{ "GET /api/v1/settings", SCOPE_OPERATOR },
	{ "GET /api/v1/settings/*", SCOPE_OPERATOR },
	{ "PUT /api/v1/settings/*", SCOPE_OPERATOR },
	{ "DELETE /api/v1/settings/*", SCOPE_OPERATOR },
	{ "GET /api/v1/consent", SCOPE_READ },
	{ "GET /api/v1/consent/heads", SCOPE_READ },
	{ "GET /api/v1/campaigns", SCOPE_READ },
	{ "POST /api/v1/campaigns", SCOPE_MANAGE },
	{ "GET /api/v1/campaigns/*", SCOPE_READ },
	{ "GET /api/v1/campaigns/*/preview", SCOPE_READ },
	{ "POST /api/v1/campaigns/*/start", SCOPE_MANAGE },
	{ "POST /api/v1/campaigns/*/pause", SCOPE_MANAGE },
	{ "POST /api/v1/campaigns/*/cancel", SCOPE_MANAGE },
	{ "GET /api/v1/stats", SCOPE_READ },
	{ "GET /api/v1/vouchers", SCOPE_READ },
	{ "GET /api/v1/vouchers/series", SCOPE_READ },
	{ "GET /api/v1/vouchers/*", SCOPE_READ },
	{ "POST /api/v1/vouchers/*/redeem", SCOPE_MANAGE },
	{ "GET /api/v1/pledges", SCOPE_READ },
	{ "GET /api/v1/pledges/totals", SCOPE_READ },
	{ "GET /api/v1/keywords", SCOPE_READ },
	{ "GET /api/v1/goals", SCOPE_READ },
	{ "GET /api/v1/goals/*", SCOPE_READ },
	{ "GET /api/v1/calendars", SCOPE_READ },
	{ "GET /api/v1/accounts", SCOPE_READ },
	{ "GET /api/v1/events", SCOPE_READ },
	{ "GET /api/v1/webhooks/dead", SCOPE_READ },
	{ "POST /api/v1/webhooks/dead/*/replay", SCOPE_MANAGE },
	{ "POST /api/v1/webhooks/dead/*/drop", SCOPE_MANAGE },
	{ "GET /api/v1/backup", SCOPE_OPERATOR },
	{ "POST /api/v1/reload", SCOPE_OPERATOR },
	{ "GET /api/v1/versions", SCOPE_OPERATOR },
	{ "GET /2010-04-01/Accounts/{}.json", SCOPE_READ },
	{ "POST /2010-04-01/Accounts/{}/Messages.json", SCOPE_SEND },
	{ "GET /2010-04-01/Accounts/{}/Messages.json", SCOPE_READ },
	{ "GET /2010-04-01/Accounts/{}/Messages/*.json", SCOPE_READ },
	{ "POST /2010-04-01/Accounts/{}/Messages/*.json", SCOPE_SEND },
	{ "DELETE /2010-04-01/Accounts/{}/Messages/*.json", SCOPE_SEND },
	{ "GET /2010-04-01/Accounts/{}/Messages/*/Media.json", SCOPE_READ },
	{ "GET /2010-04-01/Accounts/{}/IncomingPhoneNumbers.json", SCOPE_READ },
	{ "GET /2010-04-01/Accounts/{}/IncomingPhoneNumbers/*.json", SCOPE_READ },
	{ "POST /2010-04-01/Accounts/{}/IncomingPhoneNumbers/*.json", SCOPE_MANAGE },
	{ "GET /2010-04-01/Accounts/{}/Balance.json", SCOPE_READ },
	{ "POST /v1/Services", SCOPE_MANAGE },
	{ "GET /v1/Services", SCOPE_READ },
	{ "GET /v1/Services/*", SCOPE_READ },
	{ "POST /v1/Services/*", SCOPE_MANAGE },
	{ "DELETE /v1/Services/*", SCOPE_MANAGE },
	{ "POST /v1/Services/*/PhoneNumbers", SCOPE_MANAGE },
	{ "GET /v1/Services/*/PhoneNumbers", SCOPE_READ },
	{ "GET /v1/Services/{}/PhoneNumbers/*", SCOPE_READ },
	{ "DELETE /v1/Services/{}/PhoneNumbers/*", SCOPE_MANAGE },
	{ "GET /v2/PhoneNumbers/*", SCOPE_READ },
};

#define FORM "Content-Type: application/x-www-form-urlencoded"

static struct message *own;		/* of acme; its text is a secret to all others */
static char *authtoken;			/* of acme */

static void add_token(const char *name, const char *account, int scopes, const char *secret)
{
	struct store_token t = { .scopes = scopes };

	tw_strset(t.name, sizeof(t.name), name);
	snprintf(t.sid, sizeof(t.sid), "SK%032zx", fake_store.n_tokens + 1);
	tw_strset(t.account, sizeof(t.account), account);
	tw_sha256(secret, strlen(secret), t.digest);
	fake_store.tokens[fake_store.n_tokens++] = t;
}

/* The same secret for all, so that the id alone tells them apart. */
#define SECRET "00112233445566778899aabbccddeeff"
static const struct login { const char *what, *name, *account; unsigned scopes; } logins[] = {
	{ "nobody", NULL, NULL, 0 },
	{ "a wrong secret", "wrong", NULL, 0 },
	{ "a token of an account that has gone", "gone", "gone", 0 },
	{ "AuthToken", "", NULL, SCOPE_READ | SCOPE_SEND | SCOPE_MANAGE },
	{ "read", "read", "acme", SCOPE_READ },
	{ "send", "send", "acme", SCOPE_SEND },
	{ "manage", "manage", "acme", SCOPE_MANAGE },
	{ "another account's", "other", "bistro", SCOPE_READ | SCOPE_SEND | SCOPE_MANAGE },
	{ "operator", "operator", "", SCOPE_READ | SCOPE_SEND | SCOPE_MANAGE | SCOPE_OPERATOR },
};

static void load_tokens(void)
{
	for (size_t i = 2; i < TW_COUNT(logins); i++) {
		if (logins[i].name && *logins[i].name)
			add_token(logins[i].name, logins[i].account,
				  logins[i].scopes ? (int)logins[i].scopes : SCOPE_READ, SECRET);
	}
	http_tokens_load(lab.http);
}

static void setup(void)
{
	lab_start();
	lab_do(load_tokens);
	own = fake_add("acme", "+447700900111", "a secret of acme");
	authtoken = lab_user(0);
}

static void teardown(void)
{
	free(authtoken);
	lab_stop();
}

static char *user_of(const struct login *l)
{
	if (!l->name)
		return NULL;
	if (!*l->name)
		return tw_strdup(authtoken);
	for (size_t i = 0; i < fake_store.n_tokens; i++) {
		if (!strcmp(fake_store.tokens[i].name, l->name))
			return tw_printf("%s:%s", fake_store.tokens[i].sid, SECRET);
	}
	return tw_printf("SKffff%028x:%s", 0, SECRET);
}

static unsigned wanted_scope(const struct http_route *route)
{
	char *name = tw_printf("%s %s", route->method, route->pattern);
	size_t i;

	for (i = 0; i < TW_COUNT(wanted) && strcmp(wanted[i].route, name); i++)
		;
	ck_assert_msg(i < TW_COUNT(wanted), "%s: say in this test who may", name);
	free(name);
	return wanted[i].scope;
}

static char *path_of(const struct http_route *route)
{
	bool is_message = strstr(route->pattern, "essages/") != NULL;
	struct tw_buf b = { 0 };

	for (const char *p = route->pattern; *p; p++) {
		if (!strncmp(p, "{}", 2))
			tw_buf_add(&b, authtoken, 34), p++;
		else if (*p == '*')
			tw_buf_adds(&b, is_message ? own->id : "x");
		else
			tw_buf_addc(&b, *p);
	}
	return tw_buf_take(&b);
}

static void try_route(const struct http_route *route, const struct login *l)
{
	unsigned scope = wanted_scope(route);
	/* On Twilio's surface the path says whose data it is: another account is not let in. */
	bool is_outside = strstr(route->pattern, "/Accounts/{}") && l->account && !strcmp(l->account, "bistro");
	bool is_post = !strcmp(route->method, "POST");
	struct answer a = { 0 };
	char *path = path_of(route), *user = user_of(l);

	/* The stream would not end. */
	lab_ask(&(struct ask){ route->when == ROUTE_STREAM ? "HEAD" : route->method, path,
			       !is_post ? NULL : twilio_is_path(route->pattern) ? "A=B" : "{}", user,
			       twilio_is_path(route->pattern) ? FORM : NULL, .tcp = true }, &a);
	if (!scope)
		ck_assert_int_eq(a.status, strchr(route->pattern, '*') ? 404 : 200);
	else if (!l->scopes || is_outside)
		ck_assert_msg(a.status == 401, "%s %s as %s: %ld", route->method, path, l->what,
			      a.status);
	else if (!(l->scopes & scope))
		ck_assert_msg(a.status == 403, "%s %s as %s: %ld", route->method, path, l->what,
			      a.status);
	else
		ck_assert_msg(a.status != 401 && a.status != 403, "%s %s as %s: %ld",
			      route->method, path, l->what, a.status);
	if (!l->scopes || (l->account && !strcmp(l->account, "bistro"))) {
		ck_assert_msg(!strstr(tw_buf_str(&a.body), "a secret"), "%s tells %s", path, l->what);
		if (strstr(path, own->id) && l->scopes & scope && !is_outside)
			ck_assert_msg(a.status == 404, "%s as %s: %ld", path, l->what, a.status);
	}
	free(path);
	free(user);
	answer_done(&a);
}

static void forget_attempts(void)
{
	lab.http->attempts = (struct http_attempts){ 0 };
}

START_TEST(every_route_asks_for_its_scope)
{
	for (size_t i = 0; i < http_routes_n; i++) {
		lab_do(forget_attempts);	/* the limit is another test's */
		try_route(&http_routes[i], &logins[_i]);
	}
}
END_TEST

START_TEST(the_table_of_this_test_has_no_route_too_many)
{
	ck_assert_uint_eq(TW_COUNT(wanted), http_routes_n);
}
END_TEST

/* ---- made and revoked ---------------------------------------------------------------------- */

static json_t *make(const struct ask *ask, long status)
{
	struct answer a = { 0 };
	json_t *root;

	lab_ask(ask, &a);
	ck_assert_msg(a.status == status, "%ld: %s", a.status, tw_buf_str(&a.body));
	root = json_loadb(tw_buf_str(&a.body), a.body.n, 0, NULL);
	ck_assert_ptr_nonnull(root);
	answer_done(&a);
	return root;
}

static long status_with(const char *user, const char *header)
{
	struct answer a = { 0 };
	long status;

	lab_ask(&(struct ask){ "GET", "/api/v1/messages", .user = user, .header = header,
			       .tcp = true }, &a);
	status = a.status;
	answer_done(&a);
	return status;
}

START_TEST(a_token_opens_until_it_is_revoked)
{
	json_t *t = make(&(struct ask){ "POST", "/api/v1/tokens",
		"{\"name\":\"shop\",\"account\":\"acme\",\"scopes\":[\"read\",\"send\"]}" }, 201);
	const char *id = json_string_value(json_object_get(t, "id"));
	const char *secret = json_string_value(json_object_get(t, "secret"));
	char *user = tw_printf("%s:%s", id, secret);
	char *bearer = tw_printf("Authorization: Bearer %s", secret);
	char *mixed = tw_printf("SK%032d:%s", 1, secret);
	struct answer a = { 0 };
	uint8_t digest[32];

	ck_assert_uint_eq(strlen(id), 34);
	ck_assert_uint_eq(strspn(secret, "0123456789abcdef"), 32);
	ck_assert_int_eq(status_with(user, NULL), 200);
	ck_assert_int_eq(status_with(NULL, bearer), 200);
	ck_assert_int_eq(status_with(mixed, NULL), 401);	/* another token's id */
	tw_sha256(secret, 32, digest);
	ck_assert_mem_eq(fake_store.tokens[fake_store.n_tokens - 1].digest, digest, 32);
	/* It is told once. */
	lab_ask(&(struct ask){ "GET", "/api/v1/tokens" }, &a);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&a.body), id));
	ck_assert_ptr_null(strstr(tw_buf_str(&a.body), secret));
	lab_ask(&(struct ask){ "POST", "/api/v1/tokens/shop/revoke", "" }, &a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_int_eq(status_with(user, NULL), 401);
	ck_assert_int_eq(status_with(NULL, bearer), 401);
	lab_ask(&(struct ask){ "POST", "/api/v1/tokens/shop/revoke", "" }, &a);
	ck_assert_int_eq(a.status, 404);
	answer_done(&a);
	free(mixed);
	free(bearer);
	free(user);
	json_decref(t);
}
END_TEST

static const struct { const char *body; long status; const char *word; } bad[] = {
	{ "[]", 400, "object" },
	{ "{\"scopes\":[\"read\"],\"account\":\"acme\"}", 400, "name: expected" },
	{ "{\"name\":\"a/b\",\"scopes\":[\"read\"],\"account\":\"acme\"}", 400, "name: expected" },
	{ "{\"name\":\"a\",\"account\":\"acme\"}", 400, "scopes: expected" },
	{ "{\"name\":\"a\",\"scopes\":[\"write\"],\"account\":\"acme\"}", 400, "write is none" },
	{ "{\"name\":\"a\",\"scopes\":[\"read\"]}", 400, "whose token" },
	{ "{\"name\":\"a\",\"scopes\":[\"read\"],\"account\":7}", 400, "account: expected" },
	{ "{\"name\":\"a\",\"scopes\":[\"read\"],\"account\":\"acne\"}", 404, "acne" },
	{ "{\"name\":\"a\",\"scopes\":[\"operator\"],\"account\":\"acme\"}", 400, "operator stands" },
	{ "{\"name\":\"read\",\"scopes\":[\"read\"],\"account\":\"acme\"}", 409, "called read" },
	{ "{\"name\":\"a\",\"scope\":[\"read\"],\"account\":\"acme\"}", 400, "scope: no such" },
};

START_TEST(a_token_that_cannot_be_is_refused)
{
	json_t *root = make(&(struct ask){ "POST", "/api/v1/tokens", bad[_i].body }, bad[_i].status);
	const char *message = json_string_value(json_object_get(root, "detail"));

	ck_assert_msg(strstr(message, bad[_i].word) != NULL, "%s", message);
	json_decref(root);
}
END_TEST

START_TEST(operators_tokens_are_made_on_the_machine_only)
{
	static const char body[] = "{\"name\":\"op2\",\"scopes\":[\"operator\"]}";
	char *user = user_of(&logins[TW_COUNT(logins) - 1]);

	json_decref(make(&(struct ask){ "POST", "/api/v1/tokens", body, user, .tcp = true }, 403));
	json_decref(make(&(struct ask){ "POST", "/api/v1/tokens", body }, 201));
	free(user);
}
END_TEST

/* ---- limits -------------------------------------------------------------------------------- */

START_TEST(wrong_logins_are_counted)
{
	char *wrong = tw_strdup(authtoken), *other = lab_user(1);

	wrong[strlen(wrong) - 1] = wrong[strlen(wrong) - 1] == '0' ? '1' : '0';
	for (int i = 0; i < HTTP_WRONG_LOGINS; i++)
		ck_assert_int_eq(status_with(wrong, NULL), 401);
	ck_assert_int_eq(status_with(wrong, NULL), 429);
	/* The right one is not told from a wrong one any more; others are not in its way. */
	ck_assert_int_eq(status_with(authtoken, NULL), 429);
	ck_assert_int_eq(status_with(other, NULL), 200);
	free(other);
	free(wrong);
}
END_TEST

START_TEST(the_limit_ends)
{
	struct http_caller c = { 0 };
	struct mono_ms t = { 1000 };
	char plain[128], header[256] = "Basic ";

	snprintf(plain, sizeof(plain), "%.34s:nonsense", authtoken);
	tw_base64_write(plain, strlen(plain), header + 6);
	for (int i = 0; i < HTTP_WRONG_LOGINS; i++)
		ck_assert_int_eq(http_login(lab.http, header, "a", 1, t, &c), HTTP_NOT_LET_IN);
	ck_assert_int_eq(http_login(lab.http, header, "b", 1, t, &c), HTTP_NOT_LET_IN);
	tw_base64_write(authtoken, strlen(authtoken), header + 6);
	t.ms += HTTP_WRONG_MS - 1;
	ck_assert_int_eq(http_login(lab.http, header, "a", 1, t, &c), HTTP_TOO_OFTEN);
	t.ms++;
	ck_assert_int_eq(http_login(lab.http, header, "a", 1, t, &c), HTTP_LET_IN);
	free(c.account);
}
END_TEST

/* ---- pages from elsewhere ------------------------------------------------------------------- */

static const struct { const char *header; bool may; } origins[] = {
	{ "Origin: https://evil.example", false },
	{ "Origin: null", false },
	{ "Sec-Fetch-Site: cross-site", false },
	{ "Sec-Fetch-Site: same-origin", true },
	{ "Origin: http://127.0.0.1:", true },		/* the port follows */
	{ "Host: rebound.example", false },		/* a page's own name, pointed here */
	{ "Host: sms.example.org", true },
	{ "Host: localhost:8470", true },
	{ "Origin: https://sms.example.org", true },	/* public_url */
	{ "Origin: https://sms.example.org.evil.example", false },
	{ "Origin: https://sms", false },
};

START_TEST(a_page_from_elsewhere_is_refused)
{
	static char url[] = "https://sms.example.org/twoway";
	const char *port = strrchr(lab.base, ':') + 1;
	char *header;

	lab.settings.api.public_url = url;
	header = tw_printf("%s%s", origins[_i].header,
			   strstr(origins[_i].header, "127.0.0.1") ? port : "");
	if (!strncmp(header, "Host:", 5)) {	/* two headers in one line of this lab's */
		char *both = tw_printf("%s\r\nOrigin: http://%s", header, header + 6);

		free(header);
		header = both;
	}
	ck_assert_int_eq(status_with(authtoken, header), origins[_i].may ? 200 : 403);
	free(header);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_access");
	TCase *c = tcase_create("access");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, every_route_asks_for_its_scope, 0, TW_COUNT(logins));
	tcase_add_test(c, the_table_of_this_test_has_no_route_too_many);
	tcase_add_test(c, a_token_opens_until_it_is_revoked);
	tcase_add_loop_test(c, a_token_that_cannot_be_is_refused, 0, TW_COUNT(bad));
	tcase_add_test(c, operators_tokens_are_made_on_the_machine_only);
	tcase_add_test(c, wrong_logins_are_counted);
	tcase_add_test(c, the_limit_ends);
	tcase_add_loop_test(c, a_page_from_elsewhere_is_refused, 0, TW_COUNT(origins));
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
