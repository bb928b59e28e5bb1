/* /api/v1/events: server-sent events. What happened is read from the rows of the news once they are
 * on disk, each with its number, so that a reader who comes back goes on behind it, and one who is
 * slow holds nobody up: their place in the rows is all that is kept of them. The library cuts off
 * who takes nothing for HTTP_IDLE_S. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>

enum { SLICE = 200, KINDS_MAX = 256 };	/* rows read for late watchers in one turn; octets of
					 * `kind` */

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

static bool has_room(const struct http_watcher *w)
{
	return waiting(w) < HTTP_WATCHER_QUEUE;
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
	if (w->taken >= waiting(w)) {	/* also of one who never catches up */
		tw_buf_drop(&w->queue, w->taken);
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
	free(w->kinds);
	free(w);
}

/* ---- a new one ----------------------------------------------------------------------------- */

/* "message", "message.sent", "modem,job.done": the beginning of a kind, up to a point. */
static bool read_kinds(struct http_request *r, char **ret)
{
	const char *kinds = http_param(r, "kind");

	if (!kinds)
		return true;
	if (!*kinds || strlen(kinds) > KINDS_MAX ||
	    kinds[strspn(kinds, "abcdefghijklmnopqrstuvwxyz_.,")]) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "kind: expected kinds such as message or "
			    "message.sent,modem");
		return false;
	}
	*ret = tw_strdup(kinds);
	return true;
}

static bool read_position(struct http_request *r, int64_t *ret)
{
	const char *text = r->last_event_id ? r->last_event_id : http_param(r, "after");
	char *end;

	*ret = -1;
	if (!text || !*text)
		return true;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	if (!errno && *text >= '0' && *text <= '9' && !*end)
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected the id of an event",
		    r->last_event_id ? "Last-Event-ID" : "after");
	return false;
}

static void put_lost(struct tw_buf *b)
{
	tw_buf_adds(b, "event: lost\ndata: {\"event\":\"lost\"}\n\n");
}

/* From where it reads: behind what it had last, where that is still told; else from now on. A
 * number that was never given out is another database's. */
static int place(struct http_request *r, int64_t after)
{
	struct http_watcher *w = r->watcher;
	int64_t first = 0, last = 0;
	int code = exchange_news_ends(r->h->setup.exchange, &first, &last);

	if (code < 0)
		return code;
	w->position = after >= 0 ? after : last;
	if (after > last || (after >= 0 && first > after + 1)) {
		put_lost(&w->queue);
		w->position = after > last ? last : first - 1;
	}
	r->h->events.is_due |= w->position < last;
	/* One to whom nothing has happened yet can come back too. */
	tw_buf_addf(&w->queue, "id: %lld\n\n", (long long)w->position);
	return 0;
}

void http_get_events(struct http_request *r, struct tw_now now)
{
	struct exchange *x = r->h->setup.exchange;
	const char *account;
	char *kinds = NULL;
	int64_t after;

	if (!strcmp(r->method, "HEAD")) {
		r->status = 200;
		r->out_type = "text/event-stream";
		return;
	}
	if (r->h->is_closing || !x || r->h->events.n >= HTTP_WATCHERS) {
		http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, r->h->is_closing ? "stopping" :
			    !x ? "there is no database"
			    : "%d others watch already: try again later", HTTP_WATCHERS);
		return;
	}
	if (!http_pick_account(r, http_param(r, "account"), &account) ||
	    !read_position(r, &after) || !read_kinds(r, &kinds))
		return;
	exchange_news_wanted(x, now);
	r->watcher = http_watcher_new(r->h, r, now);
	r->watcher->account = tw_strdup(account);
	r->watcher->kinds = kinds;
	if (place(r, after) < 0) {
		http_watcher_free(r->h, tw_steal(r->watcher));
		http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, "the database cannot be read");
		return;
	}
	r->status = 200;
	r->out_type = "text/event-stream";
	r->state = REQUEST_STREAM;
}

/* ---- telling ------------------------------------------------------------------------------- */

void http_events_note(struct http *h)
{
	h->events.is_due = h->events.n > 0;
}

static bool is_kind(const char *kinds, const char *kind)
{
	size_t n;

	for (; *kinds; kinds += n + (kinds[n] != 0)) {
		n = strcspn(kinds, ",");
		if (n && !strncmp(kinds, kind, n) && (!kind[n] || kind[n] == '.' ||
						      kinds[n - 1] == '.'))
			return true;
	}
	return false;
}

/* The object behind an event as the member "message" or "modem", as it is now; *ret_account is
 * whose it is (heap; NULL: nobody's, for operators only). False: there is none any more. */
static bool write_subject(struct http *h, const struct exchange_news *n, struct tw_buf *b,
			  char **ret_account)
{
	struct exchange_modem_totals totals = { 0 };
	struct message m = { 0 };
	struct bank_modem modem;
	struct tw_buf object = { 0 };

	*ret_account = NULL;
	if (n->is_message) {
		if (exchange_message(h->setup.exchange, n->about, &m) < 0)
			return false;
		*ret_account = tw_strdup(m.account);
		http_write_message(&object, &m);
		message_done(&m);
		tw_buf_addf(b, ",\"message\":%s", tw_buf_str(&object));
	} else if (!strncmp(n->kind, "modem.", 6) && h->setup.bank &&
		   bank_find(h->setup.bank, n->about, &modem)) {
		exchange_modem_totals(h->setup.exchange, modem.facts ? modem.facts->iccid : "",
				      &totals);
		http_write_modem(&object, &modem, &totals);
		tw_buf_addf(b, ",\"modem\":%s", tw_buf_str(&object));
	}
	if (!*ret_account)
		*ret_account = tw_strdup(n->account);
	tw_buf_done(&object);
	return true;
}

/* One row as it leaves; false: nobody is told. */
static bool format(struct http *h, const struct exchange_news *n, struct tw_buf *out,
		   char **ret_account)
{
	struct tw_buf object = { 0 };
	bool is_told;

	tw_buf_clear(out);
	http_put_open(&object, NULL, '{');
	http_put_text(&object, "event", n->kind);
	http_put_time(&object, "at", n->at);
	http_put_text(&object, "id", n->about);
	is_told = write_subject(h, n, &object, ret_account);
	http_put_close(&object, '}');
	tw_buf_addf(out, "id: %lld\nevent: %s\ndata: %s\n\n", (long long)n->id, n->kind,
		    tw_buf_str(&object));
	tw_buf_done(&object);
	return is_told;
}

static bool sees(const struct http_watcher *w, const char *kind, const char *account)
{
	return (!w->account || (account && !strcmp(account, w->account))) &&
	       (!w->kinds || is_kind(w->kinds, kind));
}

/* Reads the next row behind `after` and tells it to those who are there and have room. 1, or 0:
 * there is
 * none. */
static int tell_next(struct http *h, int64_t after, int64_t *ret_id)
{
	struct http_events *e = &h->events;
	struct exchange_news n;
	struct tw_buf text = { 0 };
	char *account = NULL;
	bool is_told;
	int code = exchange_news(h->setup.exchange, after, &n);

	if (code < 0)
		return code == TW_E_UNKNOWN ? 0 : code;
	is_told = format(h, &n, &text, &account);
	for (size_t i = 0; i < e->n; i++) {
		struct http_watcher *w = e->v[i];

		if (w->position != after || !has_room(w))
			continue;
		w->position = n.id;
		if (!is_told || !sees(w, n.kind, account))
			continue;
		tw_buf_add(&w->queue, text.p, text.n);
		wake(h, w);
	}
	*ret_id = n.id;
	free(account);
	tw_buf_done(&text);
	exchange_news_done(&n);
	return 1;
}

/* The one that is furthest behind among those who can take more. */
static struct http_watcher *most_behind(const struct http_events *e)
{
	struct http_watcher *last = NULL;

	for (size_t i = 0; i < e->n; i++) {
		struct http_watcher *w = e->v[i];

		if (has_room(w) && !w->has_ended && (!last || w->position < last->position))
			last = w;
	}
	return last;
}

/* What is not on disk yet is nobody's business: the connection of the store would show it. */
static void tell(struct http *h)
{
	struct http_events *e = &h->events;
	struct http_watcher *w;
	int64_t id, at = -1;
	int told = 0;

	if (!h->setup.exchange || store_is_dirty(h->setup.store) || store_is_void(h->setup.store))
		return;
	e->is_due = false;
	while ((w = most_behind(e)) != NULL) {
		if (told++ == SLICE) {
			e->is_due = true;	/* the rest in the next turn */
			return;
		}
		at = w->position;
		if (tell_next(h, at, &id) <= 0)
			return;
	}
}

/* A comment keeps the connection open across proxies, and shows who has gone. */
static void beat(struct http *h, struct tw_now now)
{
	struct http_events *e = &h->events;

	if (!mono_due(e->heartbeat, now.mono))
		return;
	e->heartbeat = mono_after(now.mono, HTTP_HEARTBEAT_MS);
	if (h->setup.exchange)
		exchange_news_wanted(h->setup.exchange, now);
	for (size_t i = 0; i < e->n; i++) {
		if (waiting(e->v[i]))
			continue;
		tw_buf_adds(&e->v[i]->queue, ": \n\n");
		wake(h, e->v[i]);
	}
}

/* One that had no room has taken something, or something new is there. */
static bool is_due(const struct http_events *e)
{
	if (e->is_due)
		return true;
	for (size_t i = 0; i < e->n; i++) {
		if (e->v[i]->was_full && has_room(e->v[i]))
			return true;
	}
	return false;
}

void http_events_tell(struct http *h, struct tw_now now)
{
	struct http_events *e = &h->events;

	if (!e->n)
		return;
	if (is_due(e))
		tell(h);
	for (size_t i = 0; i < e->n; i++)
		e->v[i]->was_full = !has_room(e->v[i]);
	beat(h, now);
}

bool http_events_wait(const struct http *h)
{
	return is_due(&h->events) && h->setup.exchange && !store_is_dirty(h->setup.store);
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
	free(h->events.v);
	memset(&h->events, 0, sizeof(h->events));
}
