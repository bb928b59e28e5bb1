/* A row as it goes out: URL, headers with the signature of this try, how long it may take. */
#include "internal.h"

#include <stdio.h>
#include <strings.h>

static const char *token_of(struct hook *h, int64_t account)
{
	char name[128];

	if (!account || store_account_name(h->store, account, name, sizeof(name)) < 0)
		return NULL;
	return secret_of(&h->secrets, h->settings, name);
}

static void add_header(struct wire *w, char *take_header)
{
	w->headers[w->call.n_headers++] = take_header;
}

/* Receivers behind a proxy for TLS know only the scheme by which the world calls them. */
static char *signed_url(const struct wire *w)
{
	bool is_http = !strncasecmp(w->url, "http://", 7);

	return is_http && url_wishes(w->row.url).signs_https ? tw_printf("https://%s", w->url + 7)
							      : tw_strdup(w->url);
}

static void make_form(struct hook *h, struct wire *w)
{
	const char *token = token_of(h, w->row.account);
	bool is_get = w->row.kind == HOOK_FORM_GET;
	char signature[32];

	if (is_get && w->row.body_n) {
		char *plain = w->url;

		w->url = tw_printf("%s%c%.*s", plain, strchr(plain, '?') ? '&' : '?',
				   (int)w->row.body_n, w->row.body);
		free(plain);
	}
	add_header(w, tw_strdup("User-Agent: TwilioProxy/1.1"));
	add_header(w, tw_printf("I-Twilio-Idempotency-Token: %s", w->name));
	if (!is_get)
		add_header(w, tw_strdup("Content-Type: application/x-www-form-urlencoded"));
	tw_auto(tw_free_charp) char *url = signed_url(w);

	if (token)
		add_header(w, tw_printf("X-Twilio-Signature: %s",
					sign_twilio(token, url, w->row.body,
						    is_get ? 0 : w->row.body_n, signature)));
}

static void make_json(struct hook *h, struct wire *w, struct wall_ms at)
{
	bool is_house = w->row.kind == HOOK_EVENT && !w->row.account;
	const char *token = is_house ? secret_of_house(&h->secrets, h->settings)
				     : token_of(h, w->row.account);
	int64_t seconds = at.ms / 1000;
	char signature[64];

	add_header(w, tw_strdup("User-Agent: twoway"));
	add_header(w, tw_strdup("Content-Type: application/json"));
	add_header(w, tw_printf("webhook-id: %s", w->name));
	add_header(w, tw_printf("webhook-timestamp: %lld", (long long)seconds));
	if (token)
		add_header(w, tw_printf("webhook-signature: %s",
					sign_standard(token, w->name, seconds, w->row.body,
						      w->row.body_n, signature)));
}

/* Events go where the account's `events` lead now, alerts where `alert.webhook` does, also those
 * that have waited since before. */
static char *event_url(struct hook *h, const struct store_hook *row)
{
	const struct settings *s = h->settings;
	const char *now = row->kind == HOOK_EVENT && !row->account ? s->alert.webhook : NULL;
	char name[128];

	for (size_t i = 0; row->kind == HOOK_EVENT && row->account && i < s->n_accounts; i++)
		if (store_account_name(h->store, row->account, name, sizeof(name)) == 0 &&
		    !strcmp(s->accounts[i].name, name))
			now = s->accounts[i].events;
	return url_without_fragment(now && hook_url_is_usable(now) ? now : row->url);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void set_limits(struct wire *w, struct wall_ms now)
{
	struct url_wishes wishes = url_wishes(w->row.url);
	int64_t total = w->row.limit_ms ? w->row.limit_ms : HOOK_TOTAL_MS;

	w->call.connect_ms = HOOK_CONNECT_MS;
	if (w->row.kind == HOOK_FORM || w->row.kind == HOOK_FORM_GET) {
		w->call.connect_ms = wishes.connect_ms;
		total = least(wishes.total_ms, wishes.connect_ms + wishes.read_ms);
		if (w->row.until.ms)	/* of all tries together */
			total = least(total, w->row.until.ms - now.ms);
	}
	w->call.total_ms = total > 100 ? total : 100;
	w->call.connect_ms = least(w->call.connect_ms, w->call.total_ms);
}

void wire_make(struct hook *h, struct wire *w, struct store_hook *take_row, struct tw_now now)
{
	*w = (struct wire){ .row = *take_row };
	store_hook_name(h->store, w->row.id, w->name);
	set_limits(w, now.wall);
	switch ((enum hook_kind)w->row.kind) {
	case HOOK_FORM:
	case HOOK_FORM_GET:
		w->url = url_without_fragment(w->row.url);
		make_form(h, w);
		break;
	case HOOK_EVENT:
	case HOOK_JSON:
		w->url = event_url(h, &w->row);
		make_json(h, w, now.wall);
		break;
	case HOOK_GET:
		w->url = url_without_fragment(w->row.url);
		add_header(w, tw_strdup("User-Agent: twoway"));
		break;
	case HOOK_MAIL:
		w->url = tw_strdup(w->row.url);
		break;
	case HOOK_PROGRAM:
		w->url = tw_printf("%s/%s", h->settings->exec_folder, w->row.url);
		break;
	case HOOK_KINDS:
		break;
	}
	w->call.kind = (enum hook_kind)w->row.kind;
	w->call.name = w->name;
	w->call.url = w->url;
	w->call.head = w->row.head;
	w->call.headers = (const char *const *)w->headers;
	w->call.is_post = w->row.kind == HOOK_FORM || w->row.kind == HOOK_EVENT ||
		w->row.kind == HOOK_JSON;
	w->call.is_trusted = w->row.is_trusted;
	w->call.at = now.wall;
	if (w->row.kind != HOOK_FORM_GET) {
		w->call.body = w->row.body;
		w->call.body_n = w->row.body_n;
	}
}

void wire_done(struct wire *w)
{
	for (size_t i = 0; i < w->call.n_headers; i++)
		free(w->headers[i]);
	free(w->url);
	store_hook_done(&w->row);
}
