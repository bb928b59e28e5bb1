/* What webhooks and mails arrive at in webhooks.sh: a web server and a mail server on loopback. Writes its
 * two ports to FOLDER/ports and everything that comes to FOLDER/received. The path says what is answered. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static FILE *received;
static char ports[2][8];		/* of the web server, of the mail server */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const struct { const char *path; unsigned status; const char *type, *body; } answers[] = {
	{ "/sms", 200, "text/xml", "<Response><Message>Hello from the program</Message></Response>" },
	{ "/fallback", 200, "text/plain; charset=utf-8", "From the fallback" },
	{ "/html", 200, "text/html", "<p>Hello</p>" },
	{ "/broken", 500, "text/plain", "never said" },
	{ "/gone", 410, "text/plain", "" },
	{ "/ok", 204, NULL, "" },
	{ "/moved", 302, NULL, "" },
	{ "/away", 302, NULL, "" },
	{ "/circle", 302, NULL, "" },
};

static enum MHD_Result put_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)ctx, (void)kind;
	fprintf(received, "%s: %s\n", name, value ? value : "");
	return MHD_YES;
}

static enum MHD_Result answer(struct MHD_Connection *c, const char *path)
{
	size_t i = 0, n = sizeof(answers) / sizeof(answers[0]);
	struct MHD_Response *r;
	char to[80];

	while (i < n && strcmp(answers[i].path, path))
		i++;
	if (!strcmp(path, "/slow"))
		sleep(60);	/* longer than anybody waits */
	if (!strcmp(path, "/big")) {
		char *big = malloc(100000);

		memset(big, 'x', 100000);
		r = MHD_create_response_from_buffer(100000, big, MHD_RESPMEM_MUST_FREE);
		MHD_add_response_header(r, "Content-Type", "text/plain");
	} else {
		const char *body = i < n ? answers[i].body : "no such path";

		r = MHD_create_response_from_buffer(strlen(body), (void *)(size_t)body, MHD_RESPMEM_PERSISTENT);
		if (i < n && answers[i].type)
			MHD_add_response_header(r, "Content-Type", answers[i].type);
	}
	if (!strcmp(path, "/moved") || !strcmp(path, "/away") || !strcmp(path, "/circle")) {
		snprintf(to, sizeof(to), "http://127.0.0.1:%s%s", !strcmp(path, "/away") ? ports[1] : ports[0],
			 !strcmp(path, "/circle") ? path : "/sms");
		MHD_add_response_header(r, "Location", to);
	}
	enum MHD_Result ok = MHD_queue_response(c, i < n ? answers[i].status :
						!strcmp(path, "/big") || !strcmp(path, "/slow") ? 200 : 404, r);

	MHD_destroy_response(r);
	return ok;
}

struct body { char *p; size_t n; };

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *path, const char *method,
				  const char *version, const char *data, size_t *n, void **state)
{
	struct body *b = *state;

	(void)ctx, (void)version;
	if (!b) {
		*state = calloc(1, sizeof(*b));
		return MHD_YES;
	}
	if (*n) {
		b->p = realloc(b->p, b->n + *n + 1);
		memcpy(b->p + b->n, data, *n);
		b->n += *n;
		b->p[b->n] = 0;
		*n = 0;
		return MHD_YES;
	}
	pthread_mutex_lock(&lock);
	fprintf(received, "== %s %s\n", method, path);
	MHD_get_connection_values(c, MHD_HEADER_KIND, put_header, NULL);
	fprintf(received, "\n%s\n", b->p ? b->p : "");
	fflush(received);
	pthread_mutex_unlock(&lock);
	return answer(c, path);
}

static void on_end(void *ctx, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode code)
{
	struct body *b = *state;

	(void)ctx, (void)c, (void)code;
	if (b)
		free(b->p);
	free(b);
}

/* One conversation of SMTP (RFC 5321): every command is taken. */
static void take_mail(int fd)
{
	FILE *in = fdopen(fd, "r");
	char line[1024];
	int is_data = 0;

	dprintf(fd, "220 receiver\r\n");
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = 0;
		pthread_mutex_lock(&lock);
		fprintf(received, "mail: %s\n", line);
		fflush(received);
		pthread_mutex_unlock(&lock);
		if (is_data && strcmp(line, "."))
			continue;
		if (!strncasecmp(line, "QUIT", 4)) {
			dprintf(fd, "221 bye\r\n");
			break;
		}
		dprintf(fd, !strncasecmp(line, "DATA", 4) ? "354 go on\r\n" : "250 ok\r\n");
		is_data = !strncasecmp(line, "DATA", 4);
	}
	if (in)
		fclose(in);
}

int main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, own;
	int mail = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof(own);
	char path[4096];
	FILE *told;

	if (argc != 2)
		return 64;
	snprintf(path, sizeof(path), "%s/received", argv[1]);
	received = fopen(path, "a");
	if (!received || bind(mail, (struct sockaddr *)&a, sizeof(a)) || listen(mail, 8) ||
	    getsockname(mail, (struct sockaddr *)&own, &size))
		return 1;
	struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD,
						0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &a,
						MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);

	if (!d)
		return 1;
	snprintf(ports[0], sizeof(ports[0]), "%u", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
	snprintf(ports[1], sizeof(ports[1]), "%u", ntohs(own.sin_port));
	snprintf(path, sizeof(path), "%s/ports", argv[1]);
	told = fopen(path, "w");
	if (!told)
		return 1;
	fprintf(told, "%s %s\n", ports[0], ports[1]);
	fclose(told);
	for (;;) {
		int fd = accept(mail, NULL, NULL);

		if (fd >= 0)
			take_mail(fd);
	}
}
