/* twoway backup: the database as a file, made by the daemon while it works. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct taking { int fd; int64_t n; int error; };

static void take(void *ctx, const char *p, size_t n)
{
	struct taking *t = ctx;

	while (n && !t->error) {
		ssize_t k = write(t->fd, p, n);

		if (k < 0) {
			t->error = errno;
			return;
		}
		p += k;
		n -= (size_t)k;
		t->n += k;
	}
}

/* Whole when it is as long as its header says (SQLite file format, 1.3: page size at 16, pages at
 * 28). */
static bool is_whole(int fd, int64_t size)
{
	unsigned char h[32];
	int64_t page, pages;

	if (pread(fd, h, sizeof(h), 0) != sizeof(h) || memcmp(h, "SQLite format 3", 16))
		return false;
	page = h[16] << 8 | h[17];
	pages = (int64_t)h[28] << 24 | h[29] << 16 | h[30] << 8 | h[31];
	return size == (page == 1 ? 65536 : page) * pages;
}

/* Until it is whole and on disk it has another name; then it gets its own, unless that came to
 * be. */
static int keep(struct taking *t, const char *part, const char *file)
{
	if (t->error)
		return cli_fail(CLI_CREATE, "%s: %s", file, strerror(t->error));
	if (!is_whole(t->fd, t->n))
		return cli_fail(CLI_ABSENT,
				"the daemon's answer ended before its end: nothing was kept");
	if (fsync(t->fd) < 0 || link(part, file) < 0)
		return cli_fail(CLI_CREATE, "%s: %s", file, strerror(errno));
	return CLI_OK;
}

static int fetch(struct client *k, const char *part, const char *file, int64_t *ret_n)
{
	struct client_call refusal = { 0 };
	struct taking t = { .fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) };
	int r;

	if (t.fd < 0)
		return cli_fail(CLI_CREATE, "%s: %s", part, strerror(errno));
	client_stream(k, "/api/v1/backup", -1, take, &t, &refusal);
	if (refusal.status == 200)
		r = keep(&t, part, file);
	else if (refusal.status)
		r = cli_refused(&refusal);
	else
		r = cli_fail(CLI_ABSENT, "the daemon on %s did not answer", client_socket(k));
	*ret_n = t.n;
	client_call_done(&refusal);
	close(t.fd);
	unlink(part);
	return r;
}

static int run(struct cli *c, const void *options)
{
	const char *file = c->words.v[0];
	char *part = tw_printf("%s.part", file);
	struct client *k = NULL;
	int64_t n = 0;
	int r;

	(void)options;
	if (access(file, F_OK) == 0)
		r = cli_fail(CLI_CREATE, "%s is there already: a backup replaces nothing", file);
	else
		r = client_open(c, &k);
	if (!r)
		r = fetch(k, part, file, &n);
	if (!r && c->json)
		printf("{\"bytes\":%lld}\n", (long long)n);
	else if (!r)
		printf("%s: %lld KiB\n", file, (long long)n / 1024);
	client_close(k);
	free(part);
	return r;
}

const struct cli_verb cli_verb_backup = {
	.name = "backup",
	.arguments = "FILE",
	.summary = "Copy the database while the service works",
	.about = "FILE must not be there yet. Texts go on meanwhile; what came in before the end "
		 "is in it.\n"
		 "Keep it safe: people's numbers and texts are in it.\n\n"
		 "  twoway backup /var/backups/twoway-$(date +%F).db",
	.min_words = 1, .max_words = 1,
	.run = run,
};
