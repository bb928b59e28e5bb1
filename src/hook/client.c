/* The one door to libcurl's multi interface: its sockets and its timer are the loop's. Programs run
 * as the loop's children. Nothing is followed into a network that is not allowed: that is asked of
 * the address a connection really goes to, for each connection, also after a redirect and for one
 * that is used again, so that no name can answer otherwise the second time. */
#include "internal.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

struct hook_outside {
	struct loop *loop;
	const struct settings *settings;
	struct hook *hook;
	CURLM *multi;
	struct tw_map sockets;		/* descriptor -> struct watched */
	struct tw_map transfers;	/* token -> struct transfer */
	struct mono_ms due;
	struct hook_transport transport;
};

struct watched { struct hook_outside *o; int fd; struct tw_handle handle; };

struct transfer {
	struct hook_outside *o;
	uint64_t token;
	enum hook_kind kind;
	CURL *easy;			/* NULL: a program */
	struct tw_handle child;
	struct curl_slist *headers, *recipients;
	struct tw_buf body, upload;
	size_t uploaded, header_n;
	bool is_trusted, is_redirected, is_denied, is_too_long;
	struct { int family, port; uint8_t octets[16]; } trusted;	/* where it led at first */
	char error[CURL_ERROR_SIZE], denied[64];
};

/* ---- the loop's side ----------------------------------------------------------------------- */

static void drain(struct hook_outside *o);

static void on_fd(void *ctx, int fd, int events)
{
	struct watched *w = ctx;
	struct hook_outside *o = w->o;
	int mask = (events & LOOP_READ ? CURL_CSELECT_IN : 0) | (events & LOOP_WRITE
								 ? CURL_CSELECT_OUT : 0) |
		   (events & LOOP_HANGUP ? CURL_CSELECT_ERR : 0), running;

	curl_multi_socket_action(o->multi, fd, mask, &running);
	drain(o);
}

/* Before the descriptor closes: libuv must not see it closed under its poll. */
static void end_watch(struct hook_outside *o, int fd)
{
	struct watched *w = tw_map_del(&o->sockets, &fd, sizeof(fd));

	if (!w)
		return;
	loop_end_watch(o->loop, w->handle);
	free(w);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *unused)
{
	struct hook_outside *o = ctx;
	struct watched *w = tw_map_get(&o->sockets, &fd, sizeof(fd));
	int events = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT
							      ? LOOP_WRITE : 0);

	(void)easy, (void)unused;
	if (what == CURL_POLL_REMOVE) {
		end_watch(o, fd);
		return 0;
	}
	if (w) {
		loop_change_fd(o->loop, w->handle, events);
		return 0;
	}
	w = tw_zalloc(sizeof(*w));
	*w = (struct watched){ .o = o, .fd = fd };
	w->handle = loop_watch_fd(o->loop, fd, events, on_fd, w);
	tw_map_put(&o->sockets, &fd, sizeof(fd), w);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *ctx)
{
	struct hook_outside *o = ctx;

	(void)multi;
	o->due = ms < 0 ? MONO_NEVER : mono_after(loop_now(o->loop).mono, ms);
	return 0;
}

static void work(void *ctx, struct tw_now now)
{
	struct hook_outside *o = ctx;
	int running;

	if (!mono_due(o->due, now.mono))
		return;
	o->due = MONO_NEVER;
	curl_multi_socket_action(o->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	drain(o);
}

static struct mono_ms deadline(void *ctx)
{
	return ((struct hook_outside *)ctx)->due;
}

/* ---- where it may lead --------------------------------------------------------------------- */

static bool is_trusted(struct transfer *t, int family, const uint8_t *octets, int port)
{
	size_t n = family == AF_INET ? 4 : 16;

	if (!t->is_trusted)
		return false;
	if (!t->is_redirected) {
		t->trusted.family = family;
		t->trusted.port = port;
		memcpy(t->trusted.octets, octets, n);
		return true;
	}
	/* A redirection within what the configuration names. */
	return t->trusted.family == family && t->trusted.port == port &&
	       !memcmp(t->trusted.octets, octets, n);
}

static bool may_reach(struct transfer *t, int family, const uint8_t *octets, int port)
{
	if (t->o->settings->webhooks.private_ || is_trusted(t, family, octets, port) ||
	    !hook_address_is_private(family, octets))
		return true;
	t->is_denied = true;
	inet_ntop(family, octets, t->denied, sizeof(t->denied));
	return false;
}

static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct transfer *t = ctx;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->addr;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->addr;
	bool may = a->family == AF_INET ?
		may_reach(t, AF_INET, (const uint8_t *)&v4->sin_addr, ntohs(v4->sin_port)) :
		may_reach(t, a->family, (const uint8_t *)&v6->sin6_addr, ntohs(v6->sin6_port));

	(void)purpose;
	if (!may)
		return CURL_SOCKET_BAD;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* Before a request leaves, also on a connection that another call has opened. */
static int on_request(void *ctx, char *ip, char *local, int port, int local_port)
{
	uint8_t octets[16];
	int family = strchr(ip, ':') ? AF_INET6 : AF_INET;

	(void)local, (void)local_port;
	if (inet_pton(family, ip, octets) != 1 || !may_reach(ctx, family, octets, port))
		return CURL_PREREQFUNC_ABORT;
	return CURL_PREREQFUNC_OK;
}

static int on_close(void *ctx, curl_socket_t fd)
{
	end_watch(ctx, fd);
	return close(fd);
}

/* ---- octets -------------------------------------------------------------------------------- */

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	if (t->body.n + size * n > HOOK_BODY_MAX) {
		t->is_too_long = true;
		return 0;
	}
	tw_buf_add(&t->body, p, size * n);
	return size * n;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	n *= size;
	t->header_n += n;
	if (t->header_n > HOOK_HEADERS_MAX) {
		t->is_too_long = true;
		return 0;
	}
	if (n > 12 && !strncmp(p, "HTTP/", 5)) {
		const char *status = memchr(p, ' ', n - 3);

		tw_buf_clear(&t->body);		/* of the redirection, or of the answer 401 */
		t->is_redirected |= status && status[1] == '3';
	}
	return n;
}

static size_t on_upload(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	size_t left = t->upload.n - t->uploaded;

	n = size * n < left ? size * n : left;
	memcpy(p, t->upload.p + t->uploaded, n);
	t->uploaded += n;
	return n;
}

/* ---- setting up ---------------------------------------------------------------------------- */

static void set_http(struct transfer *t, const struct hook_call *c)
{
	CURL *e = t->easy;

	for (size_t i = 0; i < c->n_headers; i++)
		t->headers = curl_slist_append(t->headers, c->headers[i]);
	t->headers = curl_slist_append(t->headers, "Expect:");
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR,
			 strncasecmp(c->url, "https:", 6) ? "http,https" : "https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)HOOK_REDIRECTS);
	curl_easy_setopt(e, CURLOPT_POSTREDIR, (long)(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
	curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST));
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	if (!c->is_post)
		return;
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)c->body_n);
	curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, c->body ? c->body : "");
}

static bool read_password(const char *path, char *out, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, out, cap - 1);
	close(fd);
	if (n < 0)
		return false;
	out[n] = 0;
	out[strcspn(out, "\r\n")] = 0;
	return out[0] != 0;
}

/* A password is given over TLS to a server that proves who it is; without one, TLS is taken where
 * the server has it, as mail servers do among each other. */
static bool set_mail(struct transfer *t, const struct hook_call *c)
{
	const struct settings *s = t->o->settings;
	bool has_user = *s->mail.user != 0;
	char password[256] = "", *from;

	if (!*s->mail.server) {
		tw_strset(t->error, sizeof(t->error), "`mail` is not set");
		return false;
	}
	if (has_user && !read_password(s->mail.password_file, password, sizeof(password))) {
		tw_strset(t->error, sizeof(t->error), "`mail.password_file` holds no password");
		return false;
	}
	from = tw_printf("<%s>", s->mail.from);
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(t->easy, CURLOPT_USE_SSL, (long)(has_user ? CURLUSESSL_ALL
							  : CURLUSESSL_TRY));
	if (!has_user) {
		curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	} else {
		curl_easy_setopt(t->easy, CURLOPT_USERNAME, s->mail.user);
		curl_easy_setopt(t->easy, CURLOPT_PASSWORD, password);
	}
	curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, from);
	free(from);
	t->recipients = curl_slist_append(NULL, c->url);
	curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, t->recipients);
	tw_auto(tw_free_charp) char *text = tw_strndup(c->body ? c->body : "", c->body_n);

	mail_write(&(struct mail){ .from = s->mail.from, .to = c->url, .subject = c->head
				   ? c->head : "",
				   .text = text, .id = c->name, .at = c->at }, &t->upload);
	curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_upload);
	curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
	return true;
}

/* Whom TLS trusts: the system's authorities, and those of the setting or, as other programs have
 * it, of SSL_CERT_FILE. CAINFO is the file; the system's folder (CAPATH) goes on to count. */
static void set_trust(struct transfer *t)
{
	const char *file = t->o->settings->authorities;

	if (!file || !*file)
		file = getenv("SSL_CERT_FILE");
	if (file && *file)
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, file);
}

static void set_common(struct transfer *t, const struct hook_call *c)
{
	CURL *e = t->easy;
	bool is_mail = c->kind == HOOK_MAIL;

	curl_easy_setopt(e, CURLOPT_URL, is_mail ? t->o->settings->mail.server : c->url);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");		/* no variable of the environment decides */
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	set_trust(t);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)c->total_ms);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, t->o);
	if (is_mail)
		return;			/* the mail server is of the configuration */
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void transfer_free(struct transfer *t)
{
	tw_map_del(&t->o->transfers, &t->token, sizeof(t->token));
	if (t->easy) {
		curl_multi_remove_handle(t->o->multi, t->easy);
		curl_easy_cleanup(t->easy);
	} else {
		loop_end_watch(t->o->loop, t->child);
	}
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->recipients);
	tw_buf_done(&t->body);
	tw_buf_done(&t->upload);
	free(t);
}

static enum hook_failure failure_of(const struct transfer *t, CURLcode code)
{
	curl_off_t connected = 0;

	if (t->is_denied)
		return HOOK_NOT_ALLOWED;
	if (t->is_too_long)
		return HOOK_TOO_LONG;
	switch ((int)code) {
	case CURLE_OK:
		return HOOK_NO_FAILURE;
	case CURLE_COULDNT_RESOLVE_HOST:
		return HOOK_NO_HOST;
	case CURLE_COULDNT_CONNECT:
		return HOOK_NO_CONNECTION;
	case CURLE_TOO_MANY_REDIRECTS:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return HOOK_TOO_FAR;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_USE_SSL_FAILED:
		return HOOK_NO_TRUST;
	case CURLE_LOGIN_DENIED:
		return HOOK_NO_LOGIN;
	default:
		break;
	}
	/* A time-out before the connection stood is one of the connection. */
	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected);
	return code == CURLE_OPERATION_TIMEDOUT && !connected ? HOOK_NO_CONNECTION : HOOK_NO_ANSWER;
}

static void finish(struct transfer *t, CURLcode code)
{
	struct hook_answer a = { .failure = failure_of(t, code), .body = t->body.p,
				 .body_n = t->body.n };
	char *type = NULL, *url = NULL, denied[160];
	curl_off_t retry_s = 0;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	a.status = (int)status;
	if (t->kind != HOOK_MAIL) {
		curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
		curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
		curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_s);
	}
	a.retry_ms = (int64_t)retry_s * 1000;
	a.type = type;
	a.url = url;
	snprintf(denied, sizeof(denied), "it leads to %s, and `webhooks.private` is false",
		 t->denied);
	if (t->is_denied)
		a.error = denied;
	else if (t->is_too_long)
		a.error = "the answer is longer than 64 KiB";
	else if (code != CURLE_OK)
		a.error = t->error[0] ? t->error : curl_easy_strerror(code);
	else if (t->kind != HOOK_MAIL && status / 100 != 2)
		snprintf(t->error, sizeof(t->error), "the answer was %ld", status),
		a.error = t->error;
	hook_answer(t->o->hook, t->token, &a);
	transfer_free(t);
}

static void drain(struct hook_outside *o)
{
	int left;
	CURLMsg *m;

	while ((m = curl_multi_info_read(o->multi, &left)) != NULL) {
		struct transfer *t = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode code = m->data.result;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		finish(t, code);
	}
}

/* ---- programs ------------------------------------------------------------------------------ */

static void on_child(void *ctx, int status, const char *output, size_t n)
{
	struct transfer *t = ctx;
	char error[80] = "";
	struct hook_answer a = { .status = status, .body = output, .body_n = n, .error = error };

	if (status < 0) {
		a.failure = HOOK_NO_ANSWER;
		snprintf(error, sizeof(error), "it was ended by signal %d", -status);
	} else if (n > HOOK_BODY_MAX) {
		a.failure = HOOK_TOO_LONG;
		snprintf(error, sizeof(error), "its output is longer than 64 KiB");
	} else if (status) {
		snprintf(error, sizeof(error), "it ended with %d", status);
	}
	hook_answer(t->o->hook, t->token, &a);
	transfer_free(t);
}

static void start_program(struct transfer *t, const struct hook_call *c)
{
	char **arguments = exec_arguments(c->url, c->head);
	int r;

	r = loop_run_child(t->o->loop, (const char *const *)arguments, c->body ? c->body : "",
			   c->body_n, HOOK_BODY_MAX + 1, c->total_ms, on_child, t, &t->child);
	free(arguments);
	if (r == 0)
		return;
	hook_answer(t->o->hook, t->token, &(struct hook_answer){
		.failure = HOOK_NO_CONNECTION, .error = tw_strerror(r) });
	transfer_free(t);
}

/* ---- the engine's side --------------------------------------------------------------------- */

static void start(void *ctx, const struct hook_call *c)
{
	struct hook_outside *o = ctx;
	struct transfer *t = tw_zalloc(sizeof(*t));

	*t = (struct transfer){ .o = o, .token = c->token, .kind = c->kind,
				.is_trusted = c->is_trusted };
	tw_map_put(&o->transfers, &t->token, sizeof(t->token), t);
	if (c->kind == HOOK_PROGRAM) {
		start_program(t, c);
		return;
	}
	t->easy = curl_easy_init();
	if (!t->easy)
		abort();
	set_common(t, c);
	bool is_set = true;

	if (c->kind == HOOK_MAIL)
		is_set = set_mail(t, c);
	else
		set_http(t, c);
	if (is_set && curl_multi_add_handle(o->multi, t->easy) == CURLM_OK)
		return;
	hook_answer(o->hook, t->token, &(struct hook_answer){
		.failure = HOOK_NO_CONNECTION, .error = t->error[0] ? t->error
			: "it cannot be asked" });
	transfer_free(t);
}

static void cancel(void *ctx, uint64_t token)
{
	struct hook_outside *o = ctx;
	struct transfer *t = tw_map_get(&o->transfers, &token, sizeof(token));

	if (t)
		transfer_free(t);
}

struct hook_outside *hook_outside_new(struct loop *l, const struct settings *s)
{
	struct hook_outside *o = tw_zalloc(sizeof(*o));

	o->loop = l;
	o->settings = s;
	o->due = MONO_NEVER;
	o->transport = (struct hook_transport){ o, start, cancel, work, deadline };
	curl_global_init(CURL_GLOBAL_DEFAULT);
	o->multi = curl_multi_init();
	if (!o->multi)
		abort();
	curl_multi_setopt(o->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(o->multi, CURLMOPT_SOCKETDATA, o);
	curl_multi_setopt(o->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(o->multi, CURLMOPT_TIMERDATA, o);
	curl_multi_setopt(o->multi, CURLMOPT_MAXCONNECTS, 32L);
	return o;
}

const struct hook_transport *hook_outside_transport(struct hook_outside *o)
{
	return &o->transport;
}

void hook_outside_serve(struct hook_outside *o, struct hook *h)
{
	o->hook = h;
}

void hook_outside_reload(struct hook_outside *o, const struct settings *s)
{
	o->settings = s;
}

void hook_outside_free(struct hook_outside *o)
{
	void *value;

	if (!o)
		return;
	for (size_t cursor = 0; tw_map_each(&o->transfers, &cursor, NULL, NULL, &value); cursor = 0)
		transfer_free(value);
	curl_multi_cleanup(o->multi);
	for (size_t cursor = 0; tw_map_each(&o->sockets, &cursor, NULL, NULL, &value); cursor = 0)
		end_watch(o, ((struct watched *)value)->fd);
	tw_map_done(&o->transfers);
	tw_map_done(&o->sockets);
	curl_global_cleanup();
	free(o);
}
