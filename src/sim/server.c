#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void client_hang_up(struct client *c)
{
	if (c->fd < 0)
		return;
	loop_end_watch(c->owner->loop, c->watch);
	close(c->fd);
	c->fd = -1;
	c->owner->has_gone = true;
	sim_control_gone(c->owner->sim, c->id);
}

static void client_write(struct client *c)
{
	size_t left = c->out.n - c->out_taken;
	ssize_t n;

	if (c->fd < 0)
		return;
	n = left ? send(c->fd, c->out.p + c->out_taken, left, MSG_NOSIGNAL) : 0;
	if (n > 0)
		c->out_taken += (size_t)n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || left > SERVER_OUT_MAX) {
		client_hang_up(c);
		return;
	}
	left = c->out.n - c->out_taken;
	if (!left) {
		tw_buf_clear(&c->out);
		c->out_taken = 0;
	} else if (c->out_taken > (1u << 20)) {
		tw_buf_drop(&c->out, c->out_taken);
		c->out_taken = 0;
	}
	if ((left > 0) == c->wants_write)
		return;
	c->wants_write = left > 0;
	loop_change_fd(c->owner->loop, c->watch, LOOP_READ | (c->wants_write ? LOOP_WRITE : 0));
}

static void client_lines(struct client *c)
{
	size_t done = 0;
	const char *end;

	while (done < c->in.n && (end = memchr(c->in.p + done, '\n', c->in.n - done))) {
		const char *line = c->in.p + done;

		if (end > line)
			sim_control(c->owner->sim, c->id, line, (size_t)(end - line),
				    loop_now(c->owner->loop), &c->out);
		done = (size_t)(end + 1 - c->in.p);
	}
	tw_buf_drop(&c->in, done);
	if (c->in.n > SERVER_LINE_MAX)
		client_hang_up(c);
}

static void on_client(void *ctx, int fd, int events)
{
	struct client *c = ctx;
	char buffer[16384];
	ssize_t n;

	if (events & LOOP_WRITE)
		client_write(c);
	if (!(events & (LOOP_READ | LOOP_HANGUP)) || c->fd != fd)
		return;
	n = read(fd, buffer, sizeof(buffer));
	if (n > 0) {
		tw_buf_add(&c->in, buffer, (size_t)n);
		client_lines(c);
		client_write(c);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		client_hang_up(c);
	}
}

static void on_server(void *ctx, int fd, int events)
{
	struct server *s = ctx;
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *c;

	(void)events;
	if (client < 0)
		return;
	c = tw_zalloc(sizeof(*c));
	c->owner = s;
	c->id = ++s->last_id;
	c->fd = client;
	c->watch = loop_watch_fd(s->loop, client, LOOP_READ, on_client, c);
	s->clients = tw_realloc(s->clients, (s->n + 1) * sizeof(struct client *));
	s->clients[s->n++] = c;
}

static struct client *client_of(struct server *s, uint64_t id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->clients[i]->id == id)
			return s->clients[i];
	return NULL;
}

static void sweep(struct server *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct client *c = s->clients[i];

		if (c->fd >= 0) {
			s->clients[kept++] = c;
			continue;
		}
		tw_buf_done(&c->in);
		tw_buf_done(&c->out);
		free(c);
	}
	s->n = kept;
	s->has_gone = false;
}

void server_turn(struct server *s)
{
	struct tw_buf line = { 0 };
	uint64_t id;

	while (sim_control_next(s->sim, &id, &line)) {
		struct client *c = client_of(s, id);

		if (c && c->fd >= 0)
			tw_buf_add(&c->out, line.p, line.n);
		tw_buf_clear(&line);
	}
	tw_buf_done(&line);
	for (size_t i = 0; i < s->n; i++)
		if (s->clients[i]->out.n > s->clients[i]->out_taken && !s->clients[i]->wants_write)
			client_write(s->clients[i]);
	if (s->has_gone)
		sweep(s);
}

/* A socket file that nobody listens on is what a killed process left behind. */
static int take_over(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;
	struct stat st;

	if (lstat(a->sun_path, &st) < 0)
		r = 0;
	else if (!S_ISSOCK(st.st_mode))
		r = -EEXIST;
	else if (!connect(fd, (const struct sockaddr *)a, sizeof(*a)))
		r = -EADDRINUSE;
	else
		r = unlink(a->sun_path) < 0 ? -errno : 0;
	close(fd);
	return r;
}

int server_open(struct server *s, struct loop *loop, struct sim *sim, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int r;

	*s = (struct server){ .loop = loop, .sim = sim, .fd = -1 };
	if (strlen(path) >= sizeof(a.sun_path)) {
		fprintf(stderr, "twoway-sim: %s: longer than a socket's name may be (%zu); use a "
			"shorter --dir\n", path, sizeof(a.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	tw_strset(a.sun_path, sizeof(a.sun_path), path);
	r = take_over(&a);
	if (!r) {
		s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
		    chmod(path, 0600) < 0 || listen(s->fd, 64) < 0)
			r = -errno;
	}
	if (r < 0) {
		fprintf(stderr, "twoway-sim: %s: %s\n", path, r == -EADDRINUSE ?
			"another twoway-sim serves this folder" : tw_strerror(r));
		if (s->fd >= 0)
			close(s->fd);
		s->fd = -1;
		return r;
	}
	s->path = tw_strdup(path);
	s->watch = loop_watch_fd(loop, s->fd, LOOP_READ, on_server, s);
	return 0;
}

void server_close(struct server *s)
{
	for (size_t i = 0; i < s->n; i++)
		client_hang_up(s->clients[i]);
	sweep(s);
	free(s->clients);
	s->clients = NULL;
	if (s->fd >= 0) {
		loop_end_watch(s->loop, s->watch);
		close(s->fd);
		unlink(s->path);
	}
	s->fd = -1;
	free(s->path);
	s->path = NULL;
}
