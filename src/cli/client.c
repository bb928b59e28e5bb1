/* The daemon, over its unix socket. The only file of the command that knows libcurl. */
#include "cli.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/run/twoway/twoway.sock"
enum { ANSWER_MAX = 64 << 20, CONNECT_MS = 5000, CALL_MS = 60000 };

struct client {
	char *socket;
	CURLM *multi;
	struct curl_slist *json;	/* headers of a body */
};

/* ---- which daemon -------------------------------------------------------------------------- */

/* 0, or -errno of the attempt. */
static int try_connect(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, r = 0;

	if (!tw_strset(a.sun_path, sizeof(a.sun_path), path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) && errno != EAGAIN)
		r = -errno;
	close(fd);
	return r;
}

/* The note of the demo that this user started last: a regular file of theirs with one line, the
 * folder. Somebody else's note would lead to somebody else's daemon. Heap, or NULL. */
static char *demo_socket(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *path = tw_printf("%s/twoway-demo-%u", runtime && *runtime ? runtime : "/tmp",
			       (unsigned)getuid());
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	char line[4096];
	struct stat st;
	ssize_t n = -1;

	free(path);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == getuid())
		n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return NULL;
	line[n] = 0;
	line[strcspn(line, "\r\n")] = 0;
	return line[0] == '/' ? tw_printf("%s/twoway.sock", line) : NULL;
}

static char *find_socket(const struct cli *c)
{
	const char *from_environment = getenv("TWOWAY_SOCKET");
	char *demo;

	if (c->socket)
		return tw_strdup(c->socket);
	if (from_environment && *from_environment)
		return tw_strdup(from_environment);
	if (try_connect(DEFAULT_SOCKET) == 0)
		return tw_strdup(DEFAULT_SOCKET);
	demo = demo_socket();
	if (demo && try_connect(demo) == 0) {
		static bool is_said;

		if (!is_said)
			fprintf(stderr, "twoway: using the demo's daemon on %s\n", demo);
		is_said = true;
		return demo;
	}
	free(demo);
	return tw_strdup(DEFAULT_SOCKET);
}

char *client_config(const struct cli *c)
{
	tw_auto(tw_free_charp) char *socket = find_socket(c);
	char *slash = strrchr(socket, '/');

	if (!slash)
		return NULL;
	char *path = tw_printf("%.*s/twoway.conf", (int)(slash - socket), socket);

	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static int say_absent(const char *socket, int code)
{
	if (code == -EACCES || code == -EPERM)
		return cli_fail(CLI_DENIED, "no right to use %s: be root, or in the group twoway "
				"(and log in anew after joining it)", socket);
	return cli_fail(CLI_ABSENT, "no daemon answers on %s (%s): start it (systemctl start "
			"twoway, or ./bootstrap demo), or name its socket with --socket or "
			"TWOWAY_SOCKET", socket, tw_strerror(code));
}

int client_open(struct cli *c, struct client **ret)
{
	struct client *k = tw_zalloc(sizeof(*k));
	int r;

	k->socket = find_socket(c);
	r = try_connect(k->socket);
	if (r) {
		r = c->is_quiet ? CLI_ABSENT : say_absent(k->socket, r);
		free(k->socket);
		free(k);
		return r;
	}
	curl_global_init(CURL_GLOBAL_NOTHING);
	k->multi = curl_multi_init();
	k->json = curl_slist_append(NULL, "Content-Type: application/json");
	k->json = curl_slist_append(k->json, "Expect:");
	*ret = k;
	return 0;
}

void client_close(struct client *k)
{
	if (!k)
		return;
	curl_multi_cleanup(k->multi);
	curl_slist_free_all(k->json);
	curl_global_cleanup();
	free(k->socket);
	free(k);
}

int client_answers(const struct client *k)
{
	return try_connect(k->socket);
}

const char *client_socket(const struct client *k)
{
	return k->socket;
}

/* ---- calls --------------------------------------------------------------------------------- */

static size_t on_answer(char *p, size_t size, size_t n, void *ctx)
{
	struct client_call *call = ctx;

	if (call->answer.n + size * n > ANSWER_MAX)
		return 0;
	tw_buf_add(&call->answer, p, size * n);
	return size * n;
}

static CURL *make_easy(struct client *k, const char *method, const char *path)
{
	CURL *easy = curl_easy_init();
	char *url = tw_printf("http://twoway%s", path);

	if (!easy)
		abort();
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, k->socket);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	free(url);
	return easy;
}

/* JSON, unless the call says something else of itself. */
static struct curl_slist *headers_of(struct client *k, struct client_call *call)
{
	char *line;

	if (!call->type && !call->key)
		return k->json;
	line = tw_printf("Content-Type: %s", call->type ? call->type : "application/json");
	call->headers = curl_slist_append(NULL, line);
	free(line);
	call->headers = curl_slist_append(call->headers, "Expect:");
	if (call->key) {
		line = tw_printf("Idempotency-Key: %s", call->key);
		call->headers = curl_slist_append(call->headers, line);
		free(line);
	}
	return call->headers;
}

int client_begin(struct client *k, struct client_call *call)
{
	CURL *easy = make_easy(k, call->method, call->path);
	bool has_body = !strcmp(call->method, "POST") || call->body;

	tw_buf_clear(&call->answer);
	call->status = 0;
	if (has_body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body ? call->body : "");
		if (call->body_n)
			curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
					 (curl_off_t)call->body_n);
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_of(k, call));
	}
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)CALL_MS);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	call->easy = easy;
	call->is_busy = true;
	if (curl_multi_add_handle(k->multi, easy) == CURLM_OK)
		return 0;
	curl_easy_cleanup(easy);
	call->easy = NULL;
	call->is_busy = false;
	return cli_fail(CLI_INTERNAL, "cannot ask the daemon");
}

static int end_call(struct client *k, CURL *easy, CURLcode result, struct client_call **ret)
{
	struct client_call *call = NULL;
	struct curl_header *header;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &call->status);
	call->is_repeated = curl_easy_header(easy, "Idempotent-Replayed", 0, CURLH_HEADER,
					     -1, &header) ==
			    CURLHE_OK;
	curl_multi_remove_handle(k->multi, easy);
	curl_easy_cleanup(easy);
	call->easy = NULL;
	call->is_busy = false;
	if (result != CURLE_OK)
		return cli_fail(CLI_ABSENT, "the daemon on %s did not answer: %s", k->socket,
				curl_easy_strerror(result));
	*ret = call;
	return 0;
}

int client_next(struct client *k, struct client_call **ret)
{
	for (;;) {
		int running = 0, left = 0;
		CURLMsg *m;

		curl_multi_perform(k->multi, &running);
		m = curl_multi_info_read(k->multi, &left);
		if (m && m->msg == CURLMSG_DONE)
			return end_call(k, m->easy_handle, m->data.result, ret);
		if (!running)
			return cli_fail(CLI_INTERNAL, "nothing is being asked");
		curl_multi_poll(k->multi, NULL, 0, 1000, NULL);
	}
}

int client_do(struct client *k, struct client_call *call)
{
	struct client_call *ended;
	int r = client_begin(k, call);

	return r ? r : client_next(k, &ended);
}

void client_call_done(struct client_call *call)
{
	if (call->easy)	/* still asked: it is given up, and leaves the others by itself */
		curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	free(call->path);
	free(call->body);
	free(call->key);
	tw_buf_done(&call->answer);
	memset(call, 0, sizeof(*call));
}

/* ---- a stream ------------------------------------------------------------------------------ */

struct stream {
	CURL *easy;
	void (*take)(void *ctx, const char *p, size_t n);
	void *ctx;
	struct client_call *refusal;
};

static size_t on_stream(char *p, size_t size, size_t n, void *ctx)
{
	struct stream *s = ctx;

	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &s->refusal->status);
	if (s->refusal->status == 200)
		s->take(s->ctx, p, size * n);
	else if (s->refusal->answer.n < ANSWER_MAX)
		tw_buf_add(&s->refusal->answer, p, size * n);
	return size * n;
}

/* 1: it ended; 0: stopped. */
static int run_stream(struct client *k, int stop_fd)
{
	struct curl_waitfd stop = { .fd = stop_fd, .events = CURL_WAIT_POLLIN };

	for (;;) {
		int running = 0;

		curl_multi_perform(k->multi, &running);
		if (!running)
			return 1;
		stop.revents = 0;
		curl_multi_poll(k->multi, &stop, 1, 60000, NULL);
		if (stop.revents)
			return 0;
	}
}

int client_stream(struct client *k, const char *path, int stop_fd,
		  void (*take)(void *ctx, const char *p, size_t n), void *ctx,
		  struct client_call *ret_refusal)
{
	CURL *easy = make_easy(k, "GET", path);
	struct stream s = { easy, take, ctx, ret_refusal };
	int ended;

	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_stream);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &s);
	curl_multi_add_handle(k->multi, easy);
	ended = run_stream(k, stop_fd);
	curl_multi_remove_handle(k->multi, easy);
	curl_easy_cleanup(easy);
	return ended ? CLI_ABSENT : 0;
}

char *client_escape(const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "");
	for (; *text; text++) {
		if (strchr(plain, *text))
			tw_buf_addc(&b, *text);
		else
			tw_buf_addf(&b, "%%%02X", (unsigned char)*text);
	}
	return tw_buf_take(&b);
}
