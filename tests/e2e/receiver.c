/* What webhooks and mails arrive at in webhooks.sh and tls.sh: web and mail servers on loopback. Writes
 * the ports in clear to the first line of FOLDER/ports, those with the certificates of FOLDER to the
 * others, and everything that comes to FOLDER/received. The path says what is answered. */
#include "mail.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILE_MAX = 65536 };

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
	{ "/busy", 429, "text/plain", "" },
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
	if (!strcmp(path, "/busy"))
		MHD_add_response_header(r, "Retry-After", "2");
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

static void on_mail(const char *line)
{
	pthread_mutex_lock(&lock);
	fprintf(received, "mail: %s\n", line);
	fflush(received);
	pthread_mutex_unlock(&lock);
}

/* ---- listening ----------------------------------------------------------------------------- */

static const char *folder;

/* FOLDER/NAME.ENDING; NULL: there is none, or it is longer than a certificate can be. */
static char *read_file(const char *name, const char *ending)
{
	char path[4096], *text = calloc(1, FILE_MAX + 1);
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, ending);
	f = fopen(path, "r");
	n = f ? fread(text, 1, FILE_MAX, f) : 0;
	if (f)
		fclose(f);
	if (n)
		return text;
	free(text);
	return NULL;
}

/* The port, 0 where it cannot be. certificate NULL: without TLS. */
static unsigned serve_web(const char *certificate, const char *key)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
			 (certificate ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(size_t)certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(size_t)key },
		{ MHD_OPTION_END, 0, NULL } };
	struct MHD_Daemon *d = MHD_start_daemon(flags, 0, NULL, NULL, on_request, NULL,
		MHD_OPTION_SOCK_ADDR, &a, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
		MHD_OPTION_ARRAY, certificate ? tls : tls + 2, MHD_OPTION_END);

	return d ? MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port : 0;
}

static unsigned serve_mail(enum mail_mode mode, gnutls_certificate_credentials_t own)
{
	struct mail_server *s = calloc(1, sizeof(*s));
	pthread_t thread;

	*s = (struct mail_server){ .mode = mode, .own = own, .heard = on_mail };
	return mail_listen(s) || pthread_create(&thread, NULL, mail_serve, s) ? 0 : (unsigned)s->port;
}

/* A server for each certificate of the folder, and mail over TLS with the good one: "NAME PORT". */
static void serve_tls(FILE *told)
{
	static const char *const names[] = { "good", "strange", "other", "over" };
	gnutls_certificate_credentials_t own;
	char *certificate = NULL, *key = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		certificate = read_file(names[i], "pem");
		key = read_file(names[i], "key");
		if (certificate && key)
			fprintf(told, "%s %u\n", names[i], serve_web(certificate, key));
	}
	certificate = read_file("good", "pem");
	key = read_file("good", "key");
	if (!certificate || !key || gnutls_certificate_allocate_credentials(&own))
		return;
	gnutls_datum_t pem = { (unsigned char *)certificate, (unsigned)strlen(certificate) },
		       secret = { (unsigned char *)key, (unsigned)strlen(key) };

	if (gnutls_certificate_set_x509_key_mem(own, &pem, &secret, GNUTLS_X509_FMT_PEM) < 0)
		return;
	fprintf(told, "starttls %u\n", serve_mail(MAIL_STARTTLS, own));
	fprintf(told, "smtps %u\n", serve_mail(MAIL_TLS, own));
}

int main(int argc, char **argv)
{
	char path[4096], whole[4096];
	FILE *told;

	if (argc != 2)
		return 64;
	folder = argv[1];
	signal(SIGPIPE, SIG_IGN);	/* who was called may have gone */
	snprintf(path, sizeof(path), "%s/received", folder);
	received = fopen(path, "a");
	snprintf(ports[0], sizeof(ports[0]), "%u", serve_web(NULL, NULL));
	snprintf(ports[1], sizeof(ports[1]), "%u", serve_mail(MAIL_CLEAR, NULL));
	/* Whole at once: who waits for it reads it as soon as it is there. */
	snprintf(path, sizeof(path), "%s/ports.new", folder);
	snprintf(whole, sizeof(whole), "%s/ports", folder);
	told = fopen(path, "w");
	if (!told || !received)
		return 1;
	fprintf(told, "%s %s\n", ports[0], ports[1]);
	serve_tls(told);
	fclose(told);
	if (rename(path, whole))
		return 1;
	for (;;)
		pause();
}
