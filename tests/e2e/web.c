/* A web server for end-to-end runs: web FOLDER. Its port stands in FOLDER/web.port once it listens on loopback;
 * each request is a line "METHOD URL BODY" of FOLDER/web.log, and is answered by the file FOLDER/web.answer:
 * in its first line status and type of the content, behind that the body. Runs until it is killed. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *folder;

static FILE *open_file(const char *name, const char *mode)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return fopen(path, mode);
}

static enum MHD_Result answer(struct MHD_Connection *connection)
{
	FILE *in = open_file("web.answer", "re");
	char type[100] = "text/plain", line[256] = "503", body[8192];
	int status = 503;
	size_t n = 0;

	if (in && fgets(line, sizeof(line), in)) {
		sscanf(line, "%d %99s", &status, type);
		n = fread(body, 1, sizeof(body), in);
	}
	if (in)
		fclose(in);
	struct MHD_Response *r = MHD_create_response_from_buffer(n, body, MHD_RESPMEM_MUST_COPY);

	MHD_add_response_header(r, "Content-Type", type);
	enum MHD_Result result = MHD_queue_response(connection, (unsigned)status, r);

	MHD_destroy_response(r);
	return result;
}

struct request { char *body; size_t n; };

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *data, size_t *data_n, void **state)
{
	struct request *q = *state;
	const char *query = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "q");
	FILE *log;

	(void)ctx, (void)version;
	if (!q) {
		*state = calloc(1, sizeof(*q));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*data_n) {
		q->body = realloc(q->body, q->n + *data_n);
		if (!q->body)
			abort();
		memcpy(q->body + q->n, data, *data_n);
		q->n += *data_n;
		*data_n = 0;
		return MHD_YES;
	}
	log = open_file("web.log", "ae");
	if (log) {
		fprintf(log, "%s %s%s%s %.*s\n", method, url, query ? " q=" : "", query ? query : "", (int)q->n,
			q->body ? q->body : "");
		fclose(log);
	}
	free(q->body);
	free(q);
	*state = NULL;
	return answer(connection);
}

int main(int argc, char **argv)
{
	struct MHD_Daemon *d;
	FILE *out;

	if (argc != 2)
		return 64;
	folder = argv[1];
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, NULL,
			     MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_END);
	out = d ? open_file("web.port", "we") : NULL;
	if (!out)
		return 1;
	fprintf(out, "%d\n", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
	fclose(out);
	for (;;)
		pause();
}
