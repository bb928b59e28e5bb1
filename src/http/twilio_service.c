/* Messaging services: pools. Those of the configuration are every account's to use and nobody's to
 * change; an account may make others over the numbers that it sends from. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

enum {
	IN_SERVICE = 21710, IN_ANOTHER = 21712, NAME_MAX_CHARACTERS = 64,
	PAGE_DEFAULT = 50, VALIDITY_MOST_S = 36000
};

/* No path names the account here: it is that of the login. */
static const char *account_of(struct http_request *r)
{
	const char *account;

	if (!http_pick_account(r, NULL, &account))
		return NULL;
	if (account || r->h->accounts.n == 1)
		return account ? account : r->h->accounts.v[0].name;
	http_refuse(r, 400, HTTP_CODE_WHICH_ACCOUNT,
		    "services are of an account: log in with its AuthToken, "
		    "or with a token of it");
	return NULL;
}

static const char *sid_of(const struct http_request *r, const char *account)
{
	for (size_t i = 0; i < r->h->accounts.n; i++) {
		if (!strcmp(r->h->accounts.v[i].name, account))
			return r->h->accounts.v[i].sid;
	}
	return "";
}

static void refuse_unknown(struct http_request *r)
{
	twilio_refuse_code(r, TW_E_UNKNOWN);
}

static bool find_service(struct http_request *r, const char *account, const char *sid,
			 struct exchange_pool *ret)
{
	if (twilio_find_pool(r, account, sid, ret))
		return true;
	refuse_unknown(r);
	return false;
}

/* False after refusing: it is the operator's. */
static bool may_change(struct http_request *r, const struct exchange_pool *p)
{
	if (p->own)
		return true;
	http_refuse(r, 403, HTTP_CODE_FORBIDDEN,
		    "this service is the pool %s of the configuration: an "
		    "operator changes it there", p->name);
	return false;
}

/* ---- the object ---------------------------------------------------------------------------- */

char *twilio_origin(const struct http_request *r)
{
	const char *url = r->h->setup.settings->api.public_url;
	size_t n = strlen(url);

	if (n)
		return tw_strndup(url, n - (url[n - 1] == '/'));
	return tw_printf("http%s://%s", r->is_tls ? "s" : "", r->host && *r->host ? r->host
			 : "localhost");
}

void twilio_put_iso(struct tw_buf *b, const char *key, struct wall_ms t)
{
	char text[TW_RFC3339_MAX];

	if (t.ms <= 0) {
		http_put_null(b, key);
		return;
	}
	tw_rfc3339(t, text);
	snprintf(text + 19, sizeof(text) - 19, "Z");	/* whole seconds */
	http_put_text(b, key, text);
}

static void write_urls(struct tw_buf *b, const struct store_pool *own)
{
	int flags = own ? own->flags : STORE_POOL_STICKY;

	http_put_text(b, "inbound_request_url", own ? own->url : NULL);
	http_put_text(b, "inbound_method", flags & STORE_POOL_GET ? "GET" : "POST");
	http_put_text(b, "fallback_url", own ? own->fallback : NULL);
	http_put_text(b, "fallback_method", flags & STORE_POOL_FALLBACK_GET ? "GET" : "POST");
	http_put_text(b, "status_callback", own ? own->callback : NULL);
	http_put_bool(b, "sticky_sender", flags & STORE_POOL_STICKY);
	http_put_bool(b, "smart_encoding", flags & STORE_POOL_SMART);
	http_put_bool(b, "use_inbound_webhook_on_number", flags & STORE_POOL_BY_NUMBER);
	http_put_bool(b, "mms_converter", false);
	http_put_bool(b, "fallback_to_long_code", false);
	http_put_bool(b, "area_code_geomatch", false);
	http_put_bool(b, "synchronous_validation", false);
	http_put_bool(b, "us_app_to_person_registered", false);
	http_put_text(b, "scan_message_content", "disable");
	http_put_text(b, "usecase", own && own->usecase ? own->usecase : "undeclared");
}

static void write_service(struct tw_buf *b, const struct http_request *r, const char *account,
			  const struct exchange_pool *p)
{
	char sid[36], *origin = twilio_origin(r), *url;
	int64_t valid_for = p->own && p->own->valid_for ? p->own->valid_for :
			    r->h->setup.settings->valid_for;

	url = tw_printf("%s/v1/Services/%s", origin, twilio_sid("MG", account, p->name, sid));
	http_put_open(b, NULL, '{');
	http_put_text(b, "sid", sid);
	http_put_text(b, "account_sid", sid_of(r, account));
	http_put_text(b, "friendly_name", p->own ? p->own->friendly : p->name);
	twilio_put_iso(b, "date_created", p->own ? p->own->created_at : (struct wall_ms){ 0 });
	twilio_put_iso(b, "date_updated", p->own ? p->own->changed_at : (struct wall_ms){ 0 });
	write_urls(b, p->own);
	http_put_int(b, "validity_period", valid_for / 1000);
	http_put_text(b, "url", url);
	http_put_open(b, "links", '{');
	tw_buf_addf(b, "\"phone_numbers\":\"%s/PhoneNumbers\"", url);
	http_put_close(b, '}');
	http_put_close(b, '}');
	free(url);
	free(origin);
}

static void answer_service(struct http_request *r, int status, const char *account,
			   const struct exchange_pool *p)
{
	r->status = status;
	tw_buf_clear(&r->out);
	write_service(&r->out, r, account, p);
	tw_buf_addc(&r->out, '\n');
}

/* ---- what a request says of it ------------------------------------------------------------- */

static size_t count_characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool read_friendly(struct http_request *r, struct store_pool *p)
{
	const char *name = http_param(r, "FriendlyName");

	if (!name && p->friendly)
		return true;
	if (!name || !*name) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "Missing required parameter FriendlyName in the "
			    "post body");
		return false;
	}
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			name = "";
	}
	if (!*name || count_characters(name) > NAME_MAX_CHARACTERS) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "FriendlyName: expected 1 to %d characters, none of "
			    "them a control", NAME_MAX_CHARACTERS);
		return false;
	}
	free(p->friendly);
	p->friendly = tw_strdup(name);
	return true;
}

static bool read_flag(struct http_request *r, const char *name, int flag, int *flags)
{
	const char *value = http_param(r, name);

	if (!value || !*value)
		return true;
	if (strcasecmp(value, "true") && strcasecmp(value, "false")) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected true or false", name);
		return false;
	}
	*flags = strcasecmp(value, "true") ? *flags & ~flag : *flags | flag;
	return true;
}

static bool read_method(struct http_request *r, const char *name, int flag, int *flags)
{
	bool is_get = *flags & flag;

	if (!twilio_read_method(r, name, &is_get))
		return false;
	*flags = is_get ? *flags | flag : *flags & ~flag;
	return true;
}

static bool read_validity(struct http_request *r, int64_t *ms)
{
	const char *text = http_param(r, "ValidityPeriod");
	char *end;
	long n;

	if (!text || !*text)
		return true;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || n < 1 || n > VALIDITY_MOST_S) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "ValidityPeriod: expected seconds from 1 to %d", VALIDITY_MOST_S);
		return false;
	}
	*ms = n * INT64_C(1000);
	return true;
}

static bool read_service(struct http_request *r, struct store_pool *p)
{
	const char *usecase = http_param(r, "Usecase");

	if (usecase && *usecase) {
		free(p->usecase);
		p->usecase = tw_strndup(usecase, strnlen(usecase, 64));
	}
	return read_friendly(r, p) && twilio_read_url(r, "InboundRequestUrl", &p->url) &&
	       read_method(r, "InboundMethod", STORE_POOL_GET, &p->flags) &&
	       twilio_read_url(r, "FallbackUrl", &p->fallback) &&
	       read_method(r, "FallbackMethod", STORE_POOL_FALLBACK_GET, &p->flags) &&
	       twilio_read_url(r, "StatusCallback", &p->callback) &&
	       read_flag(r, "StickySender", STORE_POOL_STICKY, &p->flags) &&
	       read_flag(r, "SmartEncoding", STORE_POOL_SMART, &p->flags) &&
	       read_flag(r, "UseInboundWebhookOnNumber", STORE_POOL_BY_NUMBER, &p->flags) &&
	       read_validity(r, &p->valid_for);
}

static void put(struct http_request *r, int status, const char *account, struct store_pool *p,
		struct tw_now now)
{
	struct exchange_pool made;
	char sid[36];
	int code;

	if (!read_service(r, p))
		return;
	code = exchange_pool_put(r->h->setup.exchange, account, p, now);
	if (code == TW_E_NOSPACE)
		http_refuse(r, 409, HTTP_CODE_CONFLICT, "there are %d services already",
			    EXCHANGE_POOLS_MAX);
	else if (code < 0)
		twilio_refuse_code(r, code);
	else if (find_service(r, account, twilio_sid("MG", account, p->name, sid), &made))
		answer_service(r, status, account, &made);
}

/* ---- services ------------------------------------------------------------------------------ */

void twilio_post_service(struct http_request *r, struct tw_now now)
{
	struct store_pool p = { .flags = STORE_POOL_STICKY | STORE_POOL_SMART };
	const char *account = account_of(r);

	if (account)
		put(r, 201, account, &p, now);
	store_pool_done(&p);
}

void twilio_get_service(struct http_request *r, struct tw_now now)
{
	const char *account = account_of(r);
	struct exchange_pool p;

	(void)now;
	if (account && find_service(r, account, tw_buf_str(&r->name), &p))
		answer_service(r, 200, account, &p);
}

static struct store_pool copy_of(const struct store_pool *own)
{
	struct store_pool p = *own;

	p.friendly = tw_strdup(own->friendly);
	p.url = tw_strdup(own->url);
	p.fallback = tw_strdup(own->fallback);
	p.callback = tw_strdup(own->callback);
	p.usecase = tw_strdup(own->usecase);
	return p;
}

void twilio_update_service(struct http_request *r, struct tw_now now)
{
	const char *account = account_of(r);
	struct exchange_pool p;
	struct store_pool changed;

	if (!account || !find_service(r, account, tw_buf_str(&r->name), &p) || !may_change(r, &p))
		return;
	changed = copy_of(p.own);
	put(r, 200, account, &changed, now);
	store_pool_done(&changed);
}

void twilio_delete_service(struct http_request *r, struct tw_now now)
{
	const char *account = account_of(r);
	struct exchange_pool p;
	char name[STORE_POOL_MAX];
	int code;

	if (!account || !find_service(r, account, tw_buf_str(&r->name), &p) || !may_change(r, &p))
		return;
	tw_strset(name, sizeof(name), p.name);
	code = exchange_pool_drop(r->h->setup.exchange, account, name, now);
	if (code < 0)
		twilio_refuse_code(r, code);
	else
		r->status = 204;
}

/* ---- lists: the envelope of /v1, whose links are whole ------------------------------------- */

struct v1_page { int64_t size, page, n; bool has_more; };

static bool read_number(struct http_request *r, const char *name, int64_t least, int64_t most,
			int64_t *ret)
{
	const char *text = http_param(r, name);
	char *end;

	if (!text || !*text)
		return true;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	if (!errno && !*end && *ret >= least) {
		*ret = *ret > most ? most : *ret;
		return true;
	}
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected a number from %lld", name,
		    (long long)least);
	return false;
}

static bool read_page(struct http_request *r, struct v1_page *p)
{
	*p = (struct v1_page){ .size = PAGE_DEFAULT };
	return read_number(r, "PageSize", 1, 1000, &p->size) &&
	       read_number(r, "Page", 0, INT32_MAX, &p->page);
}

/* Whether the i-th row is on the page; the one behind it tells that there is another. */
static bool is_on_page(struct v1_page *p, int64_t i)
{
	if (i < p->page * p->size)
		return false;
	if (p->n == p->size) {
		p->has_more = true;
		return false;
	}
	p->n++;
	return true;
}

static void put_url(struct tw_buf *b, const struct http_request *r, const char *key, int64_t size,
		    int64_t page)
{
	char *origin = twilio_origin(r), *url;

	url = tw_printf("%s%s?PageSize=%lld&Page=%lld", origin, r->path, (long long)size,
			(long long)page);
	http_put_text(b, key, url);
	free(url);
	free(origin);
}

static void write_meta(struct http_request *r, const struct v1_page *p, const char *key)
{
	struct tw_buf *b = &r->out;

	http_put_open(b, "meta", '{');
	http_put_int(b, "page", p->page);
	http_put_int(b, "page_size", p->size);
	put_url(b, r, "first_page_url", p->size, 0);
	if (p->page)
		put_url(b, r, "previous_page_url", p->size, p->page - 1);
	else
		http_put_null(b, "previous_page_url");
	put_url(b, r, "url", p->size, p->page);
	if (p->has_more)
		put_url(b, r, "next_page_url", p->size, p->page + 1);
	else
		http_put_null(b, "next_page_url");
	http_put_text(b, "key", key);
	http_put_close(b, '}');
}

void twilio_get_services(struct http_request *r, struct tw_now now)
{
	const char *account = account_of(r);
	struct exchange_pool p;
	struct v1_page page;
	size_t cursor = 0;

	(void)now;
	if (!account || !read_page(r, &page))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "services", '[');
	for (int64_t i = 0; exchange_pool_each(r->h->setup.exchange, account, &cursor, &p); i++) {
		if (is_on_page(&page, i))
			write_service(&r->out, r, account, &p);
	}
	http_put_close(&r->out, ']');
	write_meta(r, &page, "services");
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

/* ---- its numbers --------------------------------------------------------------------------- */

static void write_number(struct tw_buf *b, const struct http_request *r, const char *account,
			 const struct exchange_pool *p, const char *number)
{
	char mg[36], pn[36], *origin = twilio_origin(r), *url;
	struct number_facts f;

	url = tw_printf("%s/v1/Services/%s/PhoneNumbers/%s", origin,
			twilio_sid("MG", account, p->name, mg),
			twilio_sid("PN", account, number, pn));
	http_put_open(b, NULL, '{');
	http_put_text(b, "sid", pn);
	http_put_text(b, "account_sid", sid_of(r, account));
	http_put_text(b, "service_sid", mg);
	twilio_put_iso(b, "date_created", p->own ? p->own->created_at : (struct wall_ms){ 0 });
	twilio_put_iso(b, "date_updated", p->own ? p->own->changed_at : (struct wall_ms){ 0 });
	http_put_text(b, "phone_number", number);
	http_put_filled(b, "country_code", number_facts(number, &f) ? f.country : NULL);
	http_put_open(b, "capabilities", '[');
	http_put_text(b, NULL, "SMS");
	http_put_close(b, ']');
	http_put_text(b, "url", url);
	http_put_close(b, '}');
	free(url);
	free(origin);
}

static void answer_number(struct http_request *r, int status, const char *account,
			  const struct exchange_pool *p, const char *number)
{
	r->status = status;
	write_number(&r->out, r, account, p, number);
	tw_buf_addc(&r->out, '\n');
}

static bool holds(const struct tw_strings *numbers, const char *number)
{
	for (size_t i = 0; i < numbers->n; i++) {
		if (!strcmp(numbers->v[i], number))
			return true;
	}
	return false;
}

/* In one service of the account's own at most, so that a text to it belongs to one. False after
 * refusing. */
static bool is_free(struct http_request *r, const char *account, const char *service,
		    const char *number)
{
	struct exchange_pool p;
	size_t cursor = 0;

	while (exchange_pool_each(r->h->setup.exchange, account, &cursor, &p)) {
		if (!p.own || !holds(p.numbers, number))
			continue;
		if (!strcmp(p.name, service))
			http_refuse(r, 409, IN_SERVICE, "Phone number is already in this service");
		else
			http_refuse(r, 409, IN_ANOTHER, "Phone number is in the service %s already",
				    p.name);
		return false;
	}
	return true;
}

void twilio_add_service_number(struct http_request *r, struct tw_now now)
{
	const char *account = account_of(r), *sid = http_param(r, "PhoneNumberSid");
	struct exchange_pool p;
	char *number;
	int code;

	if (!account || !find_service(r, account, tw_buf_str(&r->name), &p) || !may_change(r, &p))
		return;
	number = sid ? twilio_find_number(r, account, sid) : NULL;
	if (!number) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "PhoneNumberSid: expected the SID of a number that "
			    "the account sends from");
		return;
	}
	if (is_free(r, account, p.name, number)) {
		char name[STORE_POOL_MAX], mg[36];

		tw_strset(name, sizeof(name), p.name);
		code = exchange_pool_number(r->h->setup.exchange, account, name, number, true, now);
		if (code < 0)
			twilio_refuse_code(r, code);
		else if (find_service(r, account, twilio_sid("MG", account, name, mg), &p))
			answer_number(r, 201, account, &p, number);
	}
	free(number);
}

void twilio_get_service_numbers(struct http_request *r, struct tw_now now)
{
	const char *account = account_of(r);
	struct exchange_pool p;
	struct v1_page page;

	(void)now;
	if (!account || !find_service(r, account, tw_buf_str(&r->name), &p) || !read_page(r, &page))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "phone_numbers", '[');
	for (size_t i = 0; i < p.numbers->n; i++) {
		if (is_on_page(&page, (int64_t)i))
			write_number(&r->out, r, account, &p, p.numbers->v[i]);
	}
	http_put_close(&r->out, ']');
	write_meta(r, &page, "phone_numbers");
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

/* The service of the path and its number of the path; NULL after refusing. */
static const char *find_member(struct http_request *r, const char *account,
			       struct exchange_pool *ret)
{
	char sid[36];

	if (!account || !find_service(r, account, tw_buf_str(&r->owner), ret))
		return NULL;
	for (size_t i = 0; i < ret->numbers->n; i++) {
		const char *number = ret->numbers->v[i];

		if (!strcmp(twilio_sid("PN", account, number, sid), tw_buf_str(&r->name)))
			return number;
	}
	refuse_unknown(r);
	return NULL;
}

void twilio_get_service_number(struct http_request *r, struct tw_now now)
{
	const char *account = account_of(r), *number;
	struct exchange_pool p;

	(void)now;
	number = find_member(r, account, &p);
	if (number)
		answer_number(r, 200, account, &p, number);
}

void twilio_drop_service_number(struct http_request *r, struct tw_now now)
{
	const char *account = account_of(r), *found;
	char number[TW_ADDRESS_MAX], name[STORE_POOL_MAX];
	struct exchange_pool p;
	int code;

	found = find_member(r, account, &p);
	if (!found || !may_change(r, &p))
		return;
	tw_strset(number, sizeof(number), found);
	tw_strset(name, sizeof(name), p.name);
	code = exchange_pool_number(r->h->setup.exchange, account, name, number, false, now);
	if (code < 0)
		twilio_refuse_code(r, code);
	else
		r->status = 204;
}
