/* libmicrohttpd: two daemons (unix socket, TCP), each with an epoll descriptor that our loop polls;
 * start, stop, and their part in each turn. */
#include "library.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

enum { PEM_MAX = 1 << 20 };

static void on_log(void *cls, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void on_log(void *cls, const char *format, va_list ap)
{
	char text[256];

	(void)cls;
	if (!tw_log_wants(TW_DEBUG))
		return;
	vsnprintf(text, sizeof(text), format, ap);
	text[strcspn(text, "\n")] = 0;
	tw_log(TW_DEBUG, "http.library", "text=%s", tw_log_quote(text));
}

/* ---- start and stop ------------------------------------------------------------------------ */

static void on_readable(void *ctx, int fd, int events)
{
	struct http_listener *l = ctx;

	(void)fd;
	(void)events;
	MHD_run(l->daemon);
}

static int start(struct http_listener *l, const char *certificate, const char *key,
		 char **reterr)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem more[4] = { { MHD_OPTION_END, 0, NULL } };
	const union MHD_DaemonInfo *info;
	size_t n = 0;

	if (certificate) {
		flags |= MHD_USE_TLS;
		l->is_tls = true;
		more[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0,
						     (void *)(uintptr_t)certificate };
		more[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0,
						     (void *)(uintptr_t)key };
	}
	if (!l->socket.is_unix)
		more[n++] = (struct MHD_OptionItem){ MHD_OPTION_PER_IP_CONNECTION_LIMIT,
						     HTTP_PER_ADDRESS, NULL };
	more[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	l->daemon = MHD_start_daemon(flags, 0, NULL, NULL, http_on_request, l,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, http_on_uri, NULL,
		MHD_OPTION_LISTEN_SOCKET, l->socket.fd,
		MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, l,
		MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, l,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY_MAX,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
		MHD_OPTION_ARRAY, more, MHD_OPTION_END);
	info = l->daemon ? MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info) {
		*reterr = tw_strdup(certificate ? "api: the server cannot be started; are "
				    "api.certificate and api.key a pair in PEM form?" :
				    "api: the server cannot be started");
		return -EIO;
	}
	/* The library closes the listening socket itself from here on. */
	l->socket.fd = -1;
	l->watch = loop_watch_fd(l->h->setup.loop, info->epoll_fd, LOOP_READ, on_readable, l);
	return 0;
}

static void stop(struct http_listener *l)
{
	if (l->daemon) {
		loop_end_watch(l->h->setup.loop, l->watch);
		MHD_stop_daemon(l->daemon);
		l->daemon = NULL;
	}
	http_socket_done(&l->socket);
}

static int read_pem(const char *setting, const char *path, char **ret, char **reterr)
{
	struct tw_buf b = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = 0;

	while (fd >= 0 && b.n < PEM_MAX) {
		n = read(fd, tw_buf_reserve(&b, 4096), 4096);
		if (n <= 0)
			break;
		b.n += (size_t)n;
	}
	if (fd < 0 || n < 0) {
		int code = -errno;

		*reterr = tw_printf("%s: %s: %s", setting, path, tw_strerror(code));
		if (fd >= 0)
			close(fd);
		tw_buf_done(&b);
		return code;
	}
	close(fd);
	tw_buf_add(&b, "", 0);
	*ret = tw_buf_take(&b);
	return 0;
}

static int start_tcp(struct http *h, char **reterr)
{
	const struct settings *s = h->setup.settings;
	char *certificate = NULL, *key = NULL;
	int r;

	if (!*s->api.certificate != !*s->api.key) {
		*reterr = tw_strdup("api.certificate and api.key: give both or none");
		return TW_E_CONFIG;
	}
	r = http_listen_tcp(s->api.listen, &h->tcp.socket, reterr);
	if (!r && *s->api.certificate) {
		r = read_pem("api.certificate", s->api.certificate, &certificate, reterr);
		if (!r)
			r = read_pem("api.key", s->api.key, &key, reterr);
	} else if (!r && !http_is_loopback(s->api.listen)) {
		tw_log(TW_WARN, "http.plain", "listen=%s advice=%s", s->api.listen,
		       tw_log_quote("passwords cross the network in clear: set api.certificate "
				    "and api.key, or put a TLS proxy in front"));
	}
	if (!r)
		r = start(&h->tcp, certificate, key, reterr);
	free(certificate);
	free(key);
	return r;
}

static int start_all(struct http *h, char **reterr)
{
	const struct settings *s = h->setup.settings;
	int r = 0;

	if (*s->api.socket) {
		r = http_listen_unix(s->api.socket, h->group, &h->unix_.socket, reterr);
		if (!r)
			r = start(&h->unix_, NULL, NULL, reterr);
	}
	if (!r && *s->api.listen)
		r = start_tcp(h, reterr);
	return r;
}

static void on_news(void *ctx, const char *event, const char *id, struct tw_now now)
{
	(void)event, (void)id, (void)now;	/* the rows tell */
	http_events_note(ctx);
}

static void attach(struct http *h)
{
	if (!h->setup.exchange)
		return;
	exchange_set_guest(h->setup.exchange, http_on_turn, h);
	exchange_set_watch(h->setup.exchange, on_news, h);
}

int http_new(const struct http_setup *setup, struct http **ret, char **reterr)
{
	struct http *h = tw_zalloc(sizeof(*h));
	struct group *group = getgrnam("twoway");
	char *sentence = NULL;
	int r;

	h->setup = *setup;
	h->health = tw_strdup(setup->health ? setup->health : "starting");
	h->group = group ? group->gr_gid : (gid_t)-1;
	h->conns_tail = &h->conns;
	h->events.heartbeat = MONO_NEVER;
	h->unix_ = h->tcp = (struct http_listener){ .h = h, .socket = { .fd = -1 } };
	r = start_all(h, &sentence);
	if (r) {
		http_free(h);
		if (reterr)
			*reterr = sentence;
		else
			free(sentence);
		return r;
	}
	http_accounts_load(&h->accounts, setup->settings);
	http_tokens_load(h);
	attach(h);
	*ret = h;
	return 0;
}

static void run(struct http_listener *l)
{
	if (l->daemon)
		MHD_run(l->daemon);
}

/* What is suspended must be resumed before the library may stop. */
static void end_requests(struct http *h)
{
	h->is_closing = true;
	for (uint32_t i = 0; i < h->requests.n; i++) {
		struct http_request *r = tw_pool_at(&h->requests, i, NULL);

		if (!r || !r->is_suspended || r->state == REQUEST_STREAM)
			continue;
		if (r->state != REQUEST_READY)
			http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, "stopping");
		http_wake(h, r);
	}
	http_events_end(h);
	http_release(h, loop_now(h->setup.loop));
	run(&h->unix_);
	run(&h->tcp);
}

void http_free(struct http *h)
{
	if (!h)
		return;
	if (h->setup.exchange) {
		exchange_set_guest(h->setup.exchange, NULL, NULL);
		exchange_set_watch(h->setup.exchange, NULL, NULL);
	}
	end_requests(h);
	stop(&h->unix_);
	stop(&h->tcp);
	http_events_done(h);
	http_accounts_done(&h->accounts);
	free(h->tokens.v);
	tw_pool_done(&h->requests);
	free(h->waiting.v);
	free(h->after.v);
	free(h->ready.v);
	free(h->pending.v);
	free(h->exports.v);
	free(h->health);
	free(h);
}

/* ---- each turn ----------------------------------------------------------------------------- */

static bool is_due(const struct http_listener *l)
{
	MHD_UNSIGNED_LONG_LONG ms;

	return l->daemon && MHD_get_timeout(l->daemon, &ms) == MHD_YES && !ms;
}

/* 0.9.75 does not tell of a resumed connection in its time-out: after a resume it is always run. */
static bool resume(struct http *h)
{
	bool any = false;

	for (size_t i = 0; i < h->ready.n; i++) {
		struct http_request *r = tw_pool_get(&h->requests, h->ready.v[i]);

		if (!r || !r->is_suspended)
			continue;
		r->is_suspended = false;
		MHD_resume_connection(r->connection);
		any = true;
	}
	h->ready.n = 0;
	return any;
}

/* A setting that was changed takes effect before its answer leaves. */
static void reload_settings(struct http *h)
{
	struct tw_findings f = { 0 };

	if (!h->wants_reload || !h->setup.reload)
		return;
	h->wants_reload = false;
	if (h->setup.reload(h->setup.ctx, NULL, &f) < 0)
		tw_log(TW_WARN, "setting.waits", "why=%s",
		       tw_log_quote("the configuration has errors: twoway reload names them"));
	tw_findings_done(&f);
}

static bool wants_export(const struct http *h)
{
	for (size_t i = 0; i < h->exports.n; i++) {
		const struct http_request *r = tw_pool_get(&h->requests, h->exports.v[i]);

		if (r && http_export_wants(r))
			return true;
	}
	return false;
}

void http_release(struct http *h, struct tw_now now)
{
	bool resumed;

	if (h->tokens.is_stale)
		http_tokens_load(h);
	reload_settings(h);
	http_after_turn(h, now);
	http_events_tell(h, now);
	resumed = resume(h);
	http_cut_off_slow(h, now.mono);
	/* The answers leave here, in the turn that made them. */
	if (resumed || is_due(&h->unix_))
		run(&h->unix_);
	if (resumed || is_due(&h->tcp))
		run(&h->tcp);
}

static struct mono_ms library_deadline(const struct http *h, const struct http_listener *l)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (!l->daemon || MHD_get_timeout(l->daemon, &ms) != MHD_YES)
		return MONO_NEVER;
	return mono_after(loop_now(h->setup.loop).mono, (int64_t)ms);
}

struct mono_ms http_deadline(const struct http *h)
{
	struct mono_ms t = h->events.heartbeat;

	if (h->waiting.n || h->after.n || h->ready.n || http_events_wait(h))
		return loop_now(h->setup.loop).mono;
	if (wants_export(h))
		t = mono_min(t, h->export_at);
	for (size_t i = 0; i < h->pending.n; i++) {
		struct http_request *r = tw_pool_get(&h->requests, h->pending.v[i]);

		if (r)
			t = mono_min(t, r->job_until);
	}
	if (h->conns)
		t = mono_min(t, mono_after(h->conns->since, HTTP_REQUEST_MS));
	t = mono_min(t, library_deadline(h, &h->unix_));
	return mono_min(t, library_deadline(h, &h->tcp));
}

/* ---- what the daemon tells ----------------------------------------------------------------- */

static void refuse_all(struct http *h, struct http_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct http_request *r = tw_pool_get(&h->requests, list->v[i]);

		if (!r || r->state == REQUEST_READY)
			continue;
		http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, "not possible now: %s", h->health);
		http_wake(h, r);
	}
	list->n = 0;
}

/* They break off: what was sent already cannot be taken back. */
static void end_exports(struct http *h)
{
	for (size_t i = 0; i < h->exports.n; i++) {
		struct http_request *r = tw_pool_get(&h->requests, h->exports.v[i]);

		if (!r || !r->export)
			continue;
		r->export->has_failed = true;
		http_wake(h, r);
	}
	h->exports.n = 0;
}

void http_set_exchange(struct http *h, struct exchange *x, struct bank *b, struct store *s)
{
	if (!x) {
		end_exports(h);
		refuse_all(h, &h->waiting);
		refuse_all(h, &h->pending);
		refuse_all(h, &h->after);
	}
	h->setup.exchange = x;
	h->setup.bank = b;
	h->setup.store = s;
	http_tokens_load(h);
	/* On a full disk no token could be made. */
	for (size_t i = 0; x && i < h->accounts.n; i++)
		if (!h->accounts.v[i].token[0]) {
			http_accounts_load(&h->accounts, h->setup.settings);
			break;
		}
	attach(h);
}

void http_set_settings(struct http *h, const struct settings *s)
{
	h->setup.settings = s;
	http_accounts_load(&h->accounts, s);
}

void http_set_health(struct http *h, const char *health)
{
	char *copy = tw_strdup(health);

	free(h->health);
	h->health = copy;
}

int http_port(const struct http *h)
{
	return h->tcp.socket.port;
}
