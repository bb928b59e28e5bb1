#include "port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static void link_path(const struct port *p, char *out, size_t cap)
{
	snprintf(out, cap, "%s/modem%zu%s", p->owner->folder, p->card, p->is_urcs ? "-urc" : "");
}

/* ---- output ---------------------------------------------------------------------------------- */

static bool is_listened(const struct port *p)
{
	return p->fd >= 0 && (p->owner->tcp_first || p->openers > 0);
}

static size_t output(const struct port *p, const uint8_t **ret)
{
	return (p->is_urcs ? sim_card_urcs : sim_card_output)(p->owner->sim, p->card, ret);
}

static void taken(struct port *p, size_t n)
{
	(p->is_urcs ? sim_card_urcs_taken : sim_card_taken)(p->owner->sim, p->card, n);
}

static void drop_output(struct port *p)
{
	const uint8_t *bytes;

	taken(p, output(p, &bytes));
}

static void port_hang_up(struct port *p);

/* One write for all there is; the rest when the line takes more. What a modem says to nobody is
 * lost, as on a serial line that is not open. */
static void port_write(struct port *p)
{
	struct ports *all = p->owner;
	const uint8_t *bytes;
	size_t n = output(p, &bytes);
	ssize_t done = 0;

	if (n && !is_listened(p)) {
		drop_output(p);
		n = 0;
	}
	if (n) {
		done = write(p->fd, bytes, n);
		if (done > 0)
			taken(p, (size_t)done);
		else if (errno != EAGAIN && errno != EINTR) {
			drop_output(p);
			if (all->tcp_first)
				port_hang_up(p);
			return;
		}
	}
	if ((done < (ssize_t)n) == p->wants_write || p->fd < 0)
		return;
	p->wants_write = !p->wants_write;
	loop_change_fd(all->loop, p->watch, LOOP_READ | (p->wants_write ? LOOP_WRITE : 0));
}

/* ---- input ----------------------------------------------------------------------------------- */

static void on_port(void *ctx, int fd, int events)
{
	struct port *p = ctx;
	struct ports *all = p->owner;
	char buffer[4096];
	ssize_t n;

	if (events & LOOP_WRITE)
		port_write(p);
	if (!(events & (LOOP_READ | LOOP_HANGUP)) || fd != p->fd)
		return;
	n = read(fd, buffer, sizeof(buffer));
	if (n > 0) {
		if (!p->openers)
			p->openers = 1;	/* inotify has not told us yet */
		if (!p->is_urcs)
			sim_card_feed(all->sim, p->card, buffer, (size_t)n, loop_now(all->loop));
	} else if (all->tcp_first && (n == 0 || (errno != EAGAIN && errno != EINTR))) {
		port_hang_up(p);
	}
}

/* ---- pseudo-terminals ------------------------------------------------------------------------ */

/* The slave stays open on our side, so that its other users may come and go; who else has it open
 * is told by inotify. When the last one has gone, what is left in the line goes with him, and the
 * exclusive mark he may have set. */
static struct port *port_watched(struct ports *all, int watch)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].watch_open == watch)
			return &all->v[i];
	return NULL;
}

static void last_has_gone(struct port *p)
{
	p->openers = 0;
	drop_output(p);
	ioctl(p->slave, TIOCNXCL);
	tcflush(p->slave, TCIFLUSH);
}

/* A batch is counted to its end before anything is thrown away: somebody who closes and opens again
 * at once must not lose the answer to what he has written since. */
static void on_inotify(void *ctx, int fd, int events)
{
	struct ports *all = ctx;
	_Alignas(struct inotify_event) char buffer[4096];
	struct port *p;
	ssize_t n;

	(void)events;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		for (char *at = buffer; at < buffer + n;) {
			const struct inotify_event *e = (const struct inotify_event *)at;

			at += sizeof(*e) + e->len;
			p = port_watched(all, e->wd);
			if (!p || !(e->mask & (IN_OPEN | IN_CLOSE)))
				continue;
			p->counted += e->mask & IN_OPEN ? 1 : -1;
			p->is_recounted = true;
		}
	}
	for (size_t i = 0; i < all->n; i++) {
		p = &all->v[i];
		if (!p->is_recounted)
			continue;
		p->is_recounted = false;
		if (p->counted > 0)
			p->openers = p->counted;
		else
			last_has_gone(p);
	}
}

static int make_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return -errno;
	cfmakeraw(&t);
	return tcsetattr(fd, TCSANOW, &t) < 0 ? -errno : 0;
}

static int port_open_pty(struct port *p)
{
	char path[4096], name[64];
	int unlock = 0;

	p->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->fd < 0)
		return -errno;
	if (ioctl(p->fd, TIOCSPTLCK, &unlock) < 0 || ptsname_r(p->fd, name, sizeof(name)))
		return -errno;
	p->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->slave < 0)
		return -errno;
	if (make_raw(p->slave) < 0)
		return -errno;
	p->openers = p->counted = 0;
	p->watch_open = p->owner->inotify < 0 ? -1 :
		inotify_add_watch(p->owner->inotify, name, IN_OPEN | IN_CLOSE);
	if (p->watch_open < 0)
		p->openers = 1;
	link_path(p, path, sizeof(path));
	unlink(path);
	return symlink(name, path) < 0 ? -errno : 0;
}

/* ---- TCP ------------------------------------------------------------------------------------- */

static void on_listen(void *ctx, int fd, int events)
{
	struct port *p = ctx;
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;

	(void)events;
	if (client < 0)
		return;
	if (p->fd >= 0) {	/* a serial line has one user */
		close(client);
		return;
	}
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	p->fd = client;
	p->openers = 1;
	drop_output(p);
	p->watch = loop_watch_fd(p->owner->loop, client, LOOP_READ, on_port, p);
}

static int port_open_tcp(struct port *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1;

	a.sin_port = htons((uint16_t)(p->owner->tcp_first + (int)p->card));
	p->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->listen_fd < 0)
		return -errno;
	setsockopt(p->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(p->listen_fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(p->listen_fd, 4) < 0)
		return -errno;
	p->listen_watch = loop_watch_fd(p->owner->loop, p->listen_fd, LOOP_READ, on_listen, p);
	return 0;
}

static void port_hang_up(struct port *p)
{
	if (p->fd < 0)
		return;
	loop_end_watch(p->owner->loop, p->watch);
	close(p->fd);
	p->fd = -1;
	p->openers = 0;
	p->wants_write = false;
}

/* ---- a port's life --------------------------------------------------------------------------- */

static int port_open(struct port *p)
{
	int r;

	if (p->owner->tcp_first)
		return port_open_tcp(p);
	r = port_open_pty(p);
	if (!r)
		p->watch = loop_watch_fd(p->owner->loop, p->fd, LOOP_READ, on_port, p);
	return r;
}

static void port_close(struct port *p)
{
	char path[4096];

	if (!p->owner->tcp_first && p->fd >= 0) {
		link_path(p, path, sizeof(path));
		unlink(path);
	}
	if (p->watch_open >= 0 && p->owner->inotify >= 0)
		inotify_rm_watch(p->owner->inotify, p->watch_open);
	p->watch_open = -1;
	port_hang_up(p);
	if (p->slave >= 0)
		close(p->slave);
	if (p->listen_fd >= 0) {
		loop_end_watch(p->owner->loop, p->listen_watch);
		close(p->listen_fd);
	}
	p->slave = p->listen_fd = -1;
}

static bool is_open(const struct port *p)
{
	return p->owner->tcp_first ? p->listen_fd >= 0 : p->fd >= 0;
}

static int port_follow(struct port *p)
{
	bool plugged = sim_card_is_plugged(p->owner->sim, p->card);
	int r = 0;

	if (!plugged && is_open(p))
		port_close(p);
	else if (plugged && !is_open(p))
		r = port_open(p);
	if (is_open(p))
		port_write(p);
	else
		drop_output(p);
	return r;
}

void ports_follow(struct ports *all)
{
	size_t cards = sim_count(all->sim), card;

	while (sim_card_next_changed(all->sim, &card))
		for (size_t i = card; i < all->n; i += cards) {
			int r = port_follow(&all->v[i]);

			if (r == 0)
				continue;
			fprintf(stderr, "twoway-sim: modem%zu: %s\n", card, tw_strerror(r));
			port_close(&all->v[i]);
		}
}

int ports_open(struct ports *all, struct loop *loop, struct sim *sim, const char *folder,
	       int tcp_first, bool urc_ports)
{
	size_t cards = sim_count(sim);

	*all = (struct ports){ .loop = loop, .sim = sim, .folder = folder, .tcp_first = tcp_first,
			       .n = urc_ports ? 2 * cards : cards };
	all->inotify = tcp_first ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (all->inotify >= 0)
		all->inotify_watch = loop_watch_fd(loop, all->inotify, LOOP_READ, on_inotify, all);
	all->v = tw_zalloc(all->n * sizeof(*all->v));
	for (size_t i = 0; i < all->n; i++)
		all->v[i] = (struct port){ .owner = all, .card = i % cards, .is_urcs = i >= cards,
					   .fd = -1, .slave = -1,
					   .listen_fd = -1, .watch_open = -1 };
	for (size_t i = 0; i < all->n; i++) {
		int r = sim_card_is_plugged(sim, i % cards) ? port_open(&all->v[i]) : 0;

		if (r < 0) {
			fprintf(stderr, "twoway-sim: modem%zu: %s\n", i % cards, tw_strerror(r));
			return r;
		}
	}
	return 0;
}

void ports_close(struct ports *all)
{
	for (size_t i = 0; i < all->n; i++)
		port_close(&all->v[i]);
	if (all->inotify >= 0) {
		loop_end_watch(all->loop, all->inotify_watch);
		close(all->inotify);
	}
	free(all->v);
	*all = (struct ports){ .inotify = -1 };
}
