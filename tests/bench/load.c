/* See load.h. Plain sockets and poll: the client must cost less than what it measures. */
#include "load.h"
#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 240, SAMPLES_MAX = 1 << 20, ANSWER_MAX = 4096 };

static int dial(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	tw_strset(a.sun_path, sizeof(a.sun_path), path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		rig_fail(path);
	return fd;
}

static void put(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n) {
		ssize_t done = write(fd, text, n);

		if (done < 0)
			rig_fail("write to the daemon");
		text += done;
		n -= (size_t)done;
	}
}

/* A message to a number of its own now and then, as senders have it: 10,000 contacts. */
static void post(int fd, size_t n)
{
	char body[128], request[512];
	int length = snprintf(body, sizeof(body), "{\"to\":\"+4477010%05zu\",\"text\":\"Your order %zu is "
			      "ready.\"}", n % 10000, n);

	snprintf(request, sizeof(request), "POST /api/v1/messages HTTP/1.1\r\nHost: twoway\r\n"
		 "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", length, body);
	put(fd, request);
}

struct line { int64_t since; size_t n; char answer[ANSWER_MAX + 1]; };

/* Whether the answer is whole: its head tells its length. */
static bool is_whole(const struct line *l)
{
	const char *end = strstr(l->answer, "\r\n\r\n"), *length = strcasestr(l->answer, "content-length:");

	return end && length && length < end &&
	       l->n >= (size_t)(end + 4 - l->answer) + strtoul(length + 15, NULL, 10);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void run_posts(const char *path, int connections, int64_t us, int out)
{
	static struct line lines[CONNECTIONS_MAX];
	struct pollfd fds[CONNECTIONS_MAX];
	uint32_t *samples = tw_alloc(SAMPLES_MAX * sizeof(*samples));
	struct load_result result = { 0 };
	int64_t begin = rig_now_us(), now = begin;
	size_t sent = 0, n = 0;

	for (int i = 0; i < connections; i++) {
		fds[i] = (struct pollfd){ .fd = dial(path), .events = POLLIN };
		lines[i].since = rig_now_us();
		post(fds[i].fd, sent++);
	}
	for (; now - begin < us; now = rig_now_us()) {
		if (poll(fds, (nfds_t)connections, 100) < 0)
			rig_fail("poll");
		for (int i = 0; i < connections; i++) {
			struct line *l = &lines[i];
			ssize_t got;

			if (!fds[i].revents)
				continue;
			got = read(fds[i].fd, l->answer + l->n, ANSWER_MAX - l->n);
			if (got <= 0)
				rig_fail("the daemon closed a connection");
			l->n += (size_t)got;
			l->answer[l->n] = '\0';
			if (!is_whole(l))
				continue;
			if (strncmp(l->answer, "HTTP/1.1 201", 12) == 0)
				result.accepted++;
			else
				result.refused++;
			now = rig_now_us();
			if (n < SAMPLES_MAX)
				samples[n++] = (uint32_t)(now - l->since);
			l->n = 0;
			l->since = now;
			post(fds[i].fd, sent++);
		}
	}
	result.seconds = (double)(now - begin) / 1e6;
	qsort(samples, n, sizeof(*samples), compare);
	result.p50_us = n ? samples[n / 2] : 0;
	result.p99_us = n ? samples[n * 99 / 100] : 0;
	if (write(out, &result, sizeof(result)) != sizeof(result))
		rig_fail("pipe");
}

static void run_read(const char *path, const char *what, int out)
{
	static char block[1 << 16];
	struct load_result result = { 0 };
	int64_t begin = rig_now_us();
	int fd = dial(path);
	char request[512];
	ssize_t n;

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: twoway\r\nConnection: close\r\n\r\n", what);
	put(fd, request);
	while ((n = read(fd, block, sizeof(block))) > 0) {
		result.octets += (size_t)n;
		for (ssize_t i = 0; i < n; i++)
			result.lines += block[i] == '\n' && (i == 0 || block[i - 1] != '\r');
	}
	result.seconds = (double)(rig_now_us() - begin) / 1e6;
	if (write(out, &result, sizeof(result)) != sizeof(result))
		rig_fail("pipe");
}

static struct load begin(int ends[2])
{
	struct load l = { .pid = -1 };

	if (pipe(ends) < 0 || (l.pid = fork()) < 0)
		rig_fail("fork");
	l.fd = ends[0];
	if (l.pid > 0) {
		close(ends[1]);
		fcntl(l.fd, F_SETFL, O_NONBLOCK);
	}
	return l;
}

struct load load_post(const char *socket, int connections, int64_t us)
{
	int ends[2];
	struct load l = begin(ends);

	if (l.pid)
		return l;
	run_posts(socket, connections, us, ends[1]);
	_exit(0);
}

struct load load_read(const char *socket, const char *path)
{
	int ends[2];
	struct load l = begin(ends);

	if (l.pid)
		return l;
	run_read(socket, path, ends[1]);
	_exit(0);
}

int load_done(struct load *l, struct load_result *ret)
{
	ssize_t n = read(l->fd, ret, sizeof(*ret));

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n != sizeof(*ret))
		rig_fail("the client of the API has gone");
	waitpid(l->pid, NULL, 0);
	close(l->fd);
	return 1;
}
