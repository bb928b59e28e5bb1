/* /api/v1/events: server-sent events. The exchange tells names and ids after a commit; they are
 * noted, and told to the watchers with the object behind them once the turn is over. A watcher that
 * lags loses events and is told how many: the bank never waits for a browser. */
#include "internal.h"

#include <stdio.h>

static void wake(struct http *h, struct http_watcher *w)
{
	struct http_request *r = tw_pool_get(&h->requests, w->request);

	if (r)
		http_wake(h, r);
}

static size_t waiting(const struct http_watcher *w)
{
	return w->queue.n - w->taken;
}

bool http_watcher_has_more(const struct http_watcher *w)
{
	return waiting(w) > 0;
}

size_t http_watcher_take(struct http_watcher *w, char *out, size_t cap)
{
	size_t n = waiting(w) < cap ? waiting(w) : cap;

	memcpy(out, tw_buf_str(&w->queue) + w->taken, n);
	w->taken += n;
	if (w->taken == w->queue.n) {
		tw_buf_clear(&w->queue);
		w->taken = 0;
	}
	return n;
}

struct http_watcher *http_watcher_new(struct http *h, struct http_request *r, struct tw_now now)
{
	struct http_events *e = &h->events;
	struct http_watcher *w = tw_zalloc(sizeof(*w));

	w->request = r->self;
	e->v = tw_realloc(e->v, (e->n + 1) * sizeof(*e->v));
	e->v[e->n++] = w;
	if (e->n == 1)
		e->heartbeat = mono_after(now.mono, HTTP_HEARTBEAT_MS);
	/* Something leaves at once, so that the client sees that it is connected. */
	tw_buf_adds(&w->queue, "retry: 2000\n: connected\n\n");
	return w;
}

void http_watcher_free(struct http *h, struct http_watcher *w)
{
	struct http_events *e = &h->events;

	if (!w)
		return;
	for (size_t i = 0; i < e->n; i++) {
		if (e->v[i] == w) {
			e->v[i] = e->v[--e->n];
			break;
		}
	}
	if (!e->n)
		e->heartbeat = MONO_NEVER;
	tw_buf_done(&w->queue);
	free(w->account);
	free(w);
}

void http_get_events(struct http_request *r, struct tw_now now)
{
	const char *account;

	if (!strcmp(r->method, "HEAD")) {
		r->status = 200;
		r->out_type = "text/event-stream";
		return;
	}
	if (r->h->is_closing || r->h->events.n >= HTTP_WATCHERS) {
		http_refuse(r, 503, HTTP_CODE_UNAVAILABLE,
			    r->h->is_closing ? "stopping" : "%d others watch already: try again later",
			    HTTP_WATCHERS);
		return;
	}
	if (!http_pick_account(r, http_param(r, "account"), &account))
		return;
	r->watcher = http_watcher_new(r->h, r, now);
	r->watcher->account = tw_strdup(account);
	r->status = 200;
	r->out_type = "text/event-stream";
	r->state = REQUEST_STREAM;
}

/* ---- telling ------------------------------------------------------------------------------- */

void http_events_note(struct http *h, const char *event, const char *id, struct tw_now now)
{
	struct http_events *e = &h->events;

	if (!e->n)
		return;
	if (e->n_news == HTTP_NEWS_MAX) {
		e->news_lost++;
		return;
	}
	if (e->n_news == e->news_cap) {
		e->news_cap = e->news_cap ? 2 * e->news_cap : 16;
		e->news = tw_realloc(e->news, e->news_cap * sizeof(*e->news));
	}
	e->news[e->n_news++] = (struct http_news){ tw_strdup(event), tw_strdup(id ? id : ""), now };
}

static bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* The object behind an event as the member "message" or "modem"; *ret_account is whose it is (heap;
 * NULL: nobody's, for operators only). */
static void write_subject(struct http *h, const struct http_news *n, struct tw_buf *b,
			  char **ret_account)
{
	struct exchange_modem_totals totals = { 0 };
	struct message m = { 0 };
	struct bank_modem modem;
	struct tw_buf object = { 0 };

	*ret_account = NULL;
	if (starts_with(n->event, "message.") && h->setup.exchange &&
	    exchange_message(h->setup.exchange, n->id, &m) >= 0) {
		*ret_account = tw_strdup(m.account);
		http_write_message(&object, &m);
		message_done(&m);
		tw_buf_addf(b, ",\"message\":%s", tw_buf_str(&object));
	} else if (starts_with(n->event, "modem.") && h->setup.bank &&
		   bank_find(h->setup.bank, n->id, &modem)) {
		exchange_modem_totals(h->setup.exchange, modem.facts ? modem.facts->iccid : "",
				      &totals);
		http_write_modem(&object, &modem, &totals);
		tw_buf_addf(b, ",\"modem\":%s", tw_buf_str(&object));
	}
	tw_buf_done(&object);
}

static void lose(struct http_watcher *w, uint64_t n)
{
	w->lost += n;
}

static void tell_one(struct http *h, struct http_watcher *w, const char *text, size_t n)
{
	char note[96];

	if (w->lost && waiting(w) + n + sizeof(note) <= HTTP_WATCHER_QUEUE) {
		snprintf(note, sizeof(note), "event: lost\ndata: {\"event\":\"lost\",\"n\":%llu}\n\n",
			 (unsigned long long)w->lost);
		tw_buf_adds(&w->queue, note);
		w->lost = 0;
	}
	if (w->lost || waiting(w) + n > HTTP_WATCHER_QUEUE) {
		lose(w, 1);
		return;
	}
	tw_buf_add(&w->queue, text, n);
	wake(h, w);
}

static void tell(struct http *h, const struct http_news *n)
{
	struct http_events *e = &h->events;
	struct tw_buf b = { 0 }, object = { 0 };
	char *account;

	http_put_open(&object, NULL, '{');
	http_put_text(&object, "event", n->event);
	http_put_time(&object, "at", n->now.wall);
	http_put_text(&object, "id", n->id);
	write_subject(h, n, &object, &account);
	http_put_close(&object, '}');
	tw_buf_addf(&b, "event: %s\ndata: %s\n\n", n->event, tw_buf_str(&object));
	for (size_t i = 0; i < e->n; i++) {
		struct http_watcher *w = e->v[i];

		if (!w->account || (account && !strcmp(account, w->account)))
			tell_one(h, w, b.p, b.n);
	}
	free(account);
	tw_buf_done(&object);
	tw_buf_done(&b);
}

/* A comment keeps the connection open across proxies, and shows who has gone. */
static void beat(struct http *h, struct mono_ms now)
{
	struct http_events *e = &h->events;

	if (!mono_due(e->heartbeat, now))
		return;
	e->heartbeat = mono_after(now, HTTP_HEARTBEAT_MS);
	for (size_t i = 0; i < e->n; i++) {
		if (waiting(e->v[i]))
			continue;
		tw_buf_adds(&e->v[i]->queue, ": \n\n");
		wake(h, e->v[i]);
	}
}

static void drop_news(struct http_events *e)
{
	for (size_t i = 0; i < e->n_news; i++) {
		free(e->news[i].event);
		free(e->news[i].id);
	}
	e->n_news = 0;
	e->news_lost = 0;
}

void http_events_tell(struct http *h, struct tw_now now)
{
	struct http_events *e = &h->events;

	for (size_t i = 0; i < e->n_news && e->n; i++)
		tell(h, &e->news[i]);
	for (size_t i = 0; i < e->n && e->news_lost; i++)
		lose(e->v[i], e->news_lost);
	drop_news(e);
	if (e->n)
		beat(h, now.mono);
}

void http_events_end(struct http *h)
{
	for (size_t i = 0; i < h->events.n; i++) {
		h->events.v[i]->has_ended = true;
		wake(h, h->events.v[i]);
	}
}

void http_events_done(struct http *h)
{
	drop_news(&h->events);
	free(h->events.news);
	free(h->events.v);
	memset(&h->events, 0, sizeof(h->events));
}
