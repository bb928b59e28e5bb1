/* libmicrohttpd: two daemons (unix socket, TCP), each with an epoll descriptor that our loop polls.
 * The only file that knows the library. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <microhttpd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_MAX = 1 << 20, STREAM_BLOCK = 4096, PARAMS_MAX = 32 };

static void unlist(struct http *h, struct http_conn *c)
{
	if (!c->is_listed)
		return;
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	else
		h->conns_tail = c->prev;
	c->is_listed = false;
}

static void list(struct http *h, struct http_conn *c)
{
	unlist(h, c);
	c->since = loop_now(h->setup.loop).mono;
	c->next = NULL;
	c->prev = h->conns_tail;
	*h->conns_tail = c;
	h->conns_tail = &c->next;
	c->is_listed = true;
}

static void cut_off_slow(struct http *h, struct mono_ms now)
{
	while (h->conns && mono_due(mono_after(h->conns->since, HTTP_REQUEST_MS), now)) {
		struct http_conn *c = h->conns;

		shutdown(c->fd, SHUT_RDWR);	/* the library sees it and closes */
		unlist(h, c);
	}
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_listener *l = cls;
	struct http_conn *c = *socket_context;
	const union MHD_ConnectionInfo *info;

	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		c = tw_zalloc(sizeof(*c));
		c->fd = info ? info->connect_fd : -1;
		list(l->h, c);
		*socket_context = c;
		break;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		unlist(l->h, c);
		free(c);
		*socket_context = NULL;
		break;
	}
}

static struct http_conn *conn_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* ---- one request --------------------------------------------------------------------------- */

static enum MHD_Result add_param(void *cls, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	struct http_request *r = cls;

	(void)kind;
	if (r->n_params == PARAMS_MAX)
		return MHD_NO;
	r->params = tw_realloc(r->params, (r->n_params + 1) * sizeof(*r->params));
	r->params[r->n_params++] = (struct http_param){ tw_strdup(name),
							tw_strdup(value ? value : "") };
	return MHD_YES;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static bool let_in(struct http_listener *l, struct MHD_Connection *c, struct http_request *r)
{
	const union MHD_ConnectionInfo *info;

	if (l->socket.is_unix) {
		info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info && http_login_peer(info->connect_fd, l->h->group, &r->caller))
			return true;
	}
	return http_login_basic(&l->h->accounts, header(c, "Authorization"), &r->caller);
}

/* Refused before a body is sent: a client that waits for "100 Continue" never sends it. */
static void check_length(struct MHD_Connection *c, struct http_request *r)
{
	const char *text = header(c, "Content-Length");

	if (r->state != REQUEST_READING || !text || strtoull(text, NULL, 10) <= HTTP_BODY_MAX)
		return;
	http_refuse(r, 413, HTTP_CODE_SIZE, "the body is larger than %d octets", HTTP_BODY_MAX);
	r->state = REQUEST_READY;
}

static void check_key(struct http_request *r)
{
	const char *key = r->idempotency_key;

	if (r->state != REQUEST_READING || !key)
		return;
	if (*key && strlen(key) <= HTTP_KEY_MAX && tw_utf8_is_valid(key, strlen(key)))
		return;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "Idempotency-Key: expected 1 to %d octets of text",
		    HTTP_KEY_MAX);
	r->state = REQUEST_READY;
}

static struct http_request *begin(struct http_listener *l, struct MHD_Connection *c,
				  const char *method, const char *path)
{
	struct http_request *r = http_request_new(l->h, method, path);

	r->connection = c;
	r->idempotency_key = tw_strdup(header(c, "Idempotency-Key"));
	r->content_type = tw_strdup(header(c, "Content-Type"));
	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_param, r);
	http_request_check(r, let_in(l, c, r));
	check_length(c, r);
	check_key(r);
	return r;
}

static ssize_t read_stream(void *cls, uint64_t pos, char *out, size_t cap)
{
	struct http_request *r = cls;

	(void)pos;
	if (http_watcher_has_more(r->watcher))
		return (ssize_t)http_watcher_take(r->watcher, out, cap);
	if (r->watcher->has_ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	MHD_suspend_connection(r->connection);
	r->is_suspended = true;
	return 0;
}

static struct MHD_Response *make_response(struct http_request *r)
{
	struct MHD_Response *response;

	if (r->state == REQUEST_STREAM) {
		response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
							     read_stream, r, NULL);
		if (response)
			MHD_add_response_header(response, "X-Accel-Buffering", "no");
		return response;
	}
	return MHD_create_response_from_buffer(r->out.n, (void *)(uintptr_t)tw_buf_str(&r->out),
					       MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result answer(struct http_request *r)
{
	struct MHD_Response *response = make_response(r);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", r->out_type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (r->extra_name && r->extra_value)
		MHD_add_response_header(response, r->extra_name, r->extra_value);
	result = MHD_queue_response(r->connection, (unsigned)r->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result take_body(struct http_request *r, const char *data, size_t n)
{
	r->body_seen += n;
	if (r->body_seen <= HTTP_BODY_MAX)
		tw_buf_add(&r->body, data, n);
	/* A body without a length that does not end is not worth an answer. */
	return r->body_seen <= 16 * (size_t)HTTP_BODY_MAX ? MHD_YES : MHD_NO;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *path,
				  const char *method, const char *version, const char *data,
				  size_t *data_n, void **context)
{
	struct http_listener *l = cls;
	struct http_request *r = *context;
	struct http_conn *conn;

	(void)version;
	if (!r) {
		*context = r = begin(l, c, method, path);
		return r->status == 413 ? answer(r) : MHD_YES;
	}
	if (*data_n) {
		enum MHD_Result result = take_body(r, data, *data_n);

		*data_n = 0;
		return result;
	}
	r->is_suspended = false;
	conn = conn_of(c);
	if (conn)
		unlist(l->h, conn);
	if (r->state == REQUEST_READING)
		http_request_complete(r);
	if (r->state == REQUEST_WAITING) {
		MHD_suspend_connection(c);
		r->is_suspended = true;
		return MHD_YES;
	}
	return answer(r);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct http_listener *l = cls;
	struct http_conn *conn = conn_of(c);

	http_request_free(*context);
	*context = NULL;
	if (conn && code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		list(l->h, conn);	/* the next request's time begins */
}

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
		more[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0,
						     (void *)(uintptr_t)certificate };
		more[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0,
						     (void *)(uintptr_t)key };
	}
	if (!l->socket.is_unix)
		more[n++] = (struct MHD_OptionItem){ MHD_OPTION_PER_IP_CONNECTION_LIMIT,
						     HTTP_PER_ADDRESS, NULL };
	more[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	l->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, l,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_LISTEN_SOCKET, l->socket.fd,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, l,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, l,
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
	http_events_note(ctx, event, id, now);
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
	tw_pool_done(&h->requests);
	free(h->waiting.v);
	free(h->after.v);
	free(h->ready.v);
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

void http_release(struct http *h, struct tw_now now)
{
	bool resumed;

	http_after_turn(h, now);
	http_events_tell(h, now);
	resumed = resume(h);
	cut_off_slow(h, now.mono);
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

	if (h->waiting.n || h->after.n || h->ready.n || h->events.n_news)
		return loop_now(h->setup.loop).mono;
	if (h->conns)
		t = mono_min(t, mono_after(h->conns->since, HTTP_REQUEST_MS));
	t = mono_min(t, library_deadline(h, &h->unix_));
	return mono_min(t, library_deadline(h, &h->tcp));
}

/* ---- what the daemon tells ----------------------------------------------------------------- */

void http_set_exchange(struct http *h, struct exchange *x, struct bank *b, struct store *s)
{
	if (!x) {
		for (size_t i = 0; i < h->waiting.n; i++) {
			struct http_request *r = tw_pool_get(&h->requests, h->waiting.v[i]);

			if (!r)
				continue;
			http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, "not possible now: %s",
				    h->health);
			http_wake(h, r);
		}
		h->waiting.n = 0;
	}
	h->setup.exchange = x;
	h->setup.bank = b;
	h->setup.store = s;
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
