/* Connections and requests as libmicrohttpd tells of them. */
#include "library.h"

#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { STREAM_BLOCK = 4096, PARAMS_MAX = 32 };

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

void http_cut_off_slow(struct http *h, struct mono_ms now)
{
	while (h->conns && mono_due(mono_after(h->conns->since, HTTP_REQUEST_MS), now)) {
		struct http_conn *c = h->conns;

		shutdown(c->fd, SHUT_RDWR);	/* the library sees it and closes */
		unlist(h, c);
	}
}

void http_on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
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

static bool is_text(const char *p, size_t n)
{
	return !memchr(p, 0, n) && tw_utf8_is_valid(p, n);
}

/* What cannot be a text is refused: cut at its NUL it would ask for something else. */
static enum MHD_Result add_param(void *cls, enum MHD_ValueKind kind, const char *name,
				 size_t name_n, const char *value, size_t value_n)
{
	struct http_request *r = cls;

	(void)kind;
	value = value ? value : "";
	if (r->n_params == PARAMS_MAX) {
		r->query_fault = tw_printf("more than %d parameters", PARAMS_MAX);
		return MHD_NO;
	}
	if (!is_text(name, name_n) || !is_text(value, value_n)) {
		r->query_fault = tw_printf("%s: not UTF-8, or a NUL in it",
					   is_text(name, name_n) ? name : "a parameter's name");
		return MHD_NO;
	}
	r->params = tw_realloc(r->params, (r->n_params + 1) * sizeof(*r->params));
	r->params[r->n_params++] = (struct http_param){ tw_strdup(name), tw_strdup(value) };
	return MHD_YES;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static enum http_entry let_in(struct http_listener *l, struct MHD_Connection *c,
			      struct http_request *r)
{
	const union MHD_ConnectionInfo *info;
	const void *address = "";
	size_t n = 0;

	if (l->socket.is_unix) {
		info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info && http_login_peer(info->connect_fd, l->h->group, &r->caller))
			return HTTP_LET_IN;
	}
	info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr && info->client_addr->sa_family == AF_INET) {
		address = &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr;
		n = sizeof(struct in_addr);
	} else if (info && info->client_addr && info->client_addr->sa_family == AF_INET6) {
		/* A host has a whole /64 to itself. */
		address =
			&((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr;
		n = sizeof(struct in6_addr) / 2;
	}
	enum http_entry entry = http_login(l->h, header(c, "Authorization"), address, n,
					   loop_now(l->h->setup.loop).mono, &r->caller);

	l->h->counters.wrong_logins += entry != HTTP_LET_IN && header(c, "Authorization");
	return entry;
}

/* Whether scheme://host of an Origin is host, or stands at the beginning of url. */
static bool is_origin(const char *origin, const char *host, const char *url)
{
	const char *own = strstr(origin, "://");
	size_t n = strlen(origin);

	if (own && host && !strcasecmp(own + 3, host))
		return true;
	return own && !strncasecmp(origin, url, n) && (!url[n] || url[n] == '/');
}

/* The name of url (scheme://name:port/…) without its port, or of a Host header. */
static size_t name_length(const char *name)
{
	return *name == '[' ? strcspn(name, "]/") : strcspn(name, ":/");
}

/* An address, localhost, or the name in public_url: any other name may have been pointed here by
 * whoever made the page. */
static bool is_own_host(const char *host, const char *public_url)
{
	const char *own = strstr(public_url, "://");
	size_t n = name_length(host);

	if (*host == '[' || (n == 9 && !strncasecmp(host, "localhost", 9)) ||
	    strspn(host, "0123456789.") == n)
		return true;
	return own && name_length(own + 3) == n && !strncasecmp(own + 3, host, n);
}

/* A page from elsewhere may make a browser post a form here, with a login the browser remembers. */
static void check_origin(struct MHD_Connection *c, struct http_request *r)
{
	const char *origin = header(c, "Origin"), *site = header(c, "Sec-Fetch-Site");
	const char *url = r->h->setup.settings->api.public_url;

	if (r->state != REQUEST_READING || !r->route->scope)
		return;
	if ((origin || site) && r->host && !is_own_host(r->host, url)) {
		http_refuse(r, 403, HTTP_CODE_FORBIDDEN,
			    "browsers find this by its address, localhost, "
			    "or the name in api.public_url");
		r->state = REQUEST_READY;
		return;
	}
	if (!(origin && !is_origin(origin, r->host, url)) &&
	    !(site && !strcmp(site, "cross-site")))
		return;
	http_refuse(r, 403, HTTP_CODE_FORBIDDEN, "a page from elsewhere may not do this");
	r->state = REQUEST_READY;
}

/* Refused before it is sent. A body that is only somewhat too large is read to its end: a client
 * that still writes when the connection closes gets a broken pipe, and never reads why. */
static void check_length(struct MHD_Connection *c, struct http_request *r)
{
	const char *text = header(c, "Content-Length");

	size_t max = http_body_max(r);

	if (r->state != REQUEST_READING || !text ||
	    strtoull(text, NULL, 10) <= (max > HTTP_READ_MAX ? max : HTTP_READ_MAX))
		return;
	http_refuse(r, 413, HTTP_CODE_SIZE, "the body is larger than %zu octets", max);
	r->state = REQUEST_READY;
}

static void check_query_text(struct http_request *r, bool is_cut)
{
	if (r->state != REQUEST_READING || (!r->query_fault && !is_cut))
		return;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s", is_cut ? "the path has a NUL in it"
		    : r->query_fault);
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

/* In the place of a request until its handler is called first: a path that %00 would cut short. */
static char path_is_cut;

void *http_on_uri(void *cls, const char *uri, struct MHD_Connection *c)
{
	const char *nul = strstr(uri, "%00");

	(void)cls, (void)c;
	return nul && nul < uri + strcspn(uri, "?") ? &path_is_cut : NULL;
}

/* RFC 9112, 3.2: who means whom is said in every request of HTTP/1.1, once. */
static void check_host(struct http_request *r, const char *version)
{
	if (r->state != REQUEST_READING || r->host || strcmp(version, "HTTP/1.1"))
		return;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "Host: is missing");
	r->state = REQUEST_READY;
}

/* RFC 9112, 6.1: where its body ends is not known, so it is refused before it is read. */
static void check_coding(struct MHD_Connection *c, struct http_request *r)
{
	const char *coding = header(c, "Transfer-Encoding");

	if (r->state != REQUEST_READING || !coding || !strcasecmp(coding, "chunked"))
		return;
	http_refuse(r, 501, HTTP_CODE_MEDIA, "Transfer-Encoding: only chunked is understood");
	r->state = REQUEST_READY;
}

static struct http_request *begin(struct http_listener *l, struct MHD_Connection *c,
				  const char *method, const char *path, const char *version,
				  bool is_cut)
{
	struct http_request *r = http_request_new(l->h, method, path);

	r->connection = c;
	r->idempotency_key = tw_strdup(header(c, "Idempotency-Key"));
	r->content_type = tw_strdup(header(c, "Content-Type"));
	r->host = tw_strdup(header(c, "Host"));
	r->last_event_id = tw_strdup(header(c, "Last-Event-ID"));
	r->is_tls = l->is_tls;
	MHD_get_connection_values_n(c, MHD_GET_ARGUMENT_KIND, add_param, r);
	http_request_check(r, let_in(l, c, r));
	check_host(r, version);
	check_coding(c, r);
	check_origin(c, r);
	check_query_text(r, is_cut);
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

static ssize_t read_export(void *cls, uint64_t pos, char *out, size_t cap)
{
	struct http_request *r = cls;
	ssize_t n = http_export_take(r, out, cap);

	(void)pos;
	if (n == -1)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (!n) {
		MHD_suspend_connection(r->connection);
		r->is_suspended = true;
	}
	return n;
}

static struct MHD_Response *make_response(struct http_request *r)
{
	struct MHD_Response *response;
	struct stat st;

	if (r->state == REQUEST_STREAM) {
		response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
							     read_stream, r, NULL);
		if (response)
			MHD_add_response_header(response, "X-Accel-Buffering", "no");
		return response;
	}
	if (r->export && r->status == 200)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
							 read_export, r, NULL);
	if (r->file >= 0 && r->status == 200 && fstat(r->file, &st) == 0) {
		response = MHD_create_response_from_fd64((uint64_t)st.st_size, r->file);
		r->file = -1;	/* the library closes it */
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
	r->h->counters.responses[r->status / 100 % TW_COUNT(r->h->counters.responses)]++;
	result = MHD_queue_response(r->connection, (unsigned)r->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result take_body(struct http_request *r, const char *data, size_t n)
{
	size_t max = http_body_max(r);

	r->body_seen += n;
	if (r->body_seen <= max && r->state == REQUEST_READING && r->route->when == ROUTE_UPLOAD)
		http_upload_add(r, data, n);
	else if (r->body_seen <= max)
		tw_buf_add(&r->body, data, n);
	/* A body without a length that does not end is not worth an answer. */
	return r->body_seen <= (max > HTTP_READ_MAX ? max : HTTP_READ_MAX) ? MHD_YES : MHD_NO;
}

enum MHD_Result http_on_request(void *cls, struct MHD_Connection *c, const char *path,
				  const char *method, const char *version, const char *data,
				  size_t *data_n, void **context)
{
	struct http_listener *l = cls;
	struct http_request *r = *context;
	struct http_conn *conn;

	if (!r || *context == &path_is_cut) {
		*context = r = begin(l, c, method, path, version,
					*context == &path_is_cut);
		return r->status == 413 || r->status == 501 ? answer(r) : MHD_YES;
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

void http_on_completed(void *cls, struct MHD_Connection *c, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct http_listener *l = cls;
	struct http_conn *conn = conn_of(c);

	if (*context != &path_is_cut)
		http_request_free(*context);
	*context = NULL;
	if (conn && code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		list(l->h, conn);	/* the next request's time begins */
}
