/* The listening sockets. A stale socket file is replaced, a live one respected. */
#include "internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static int give_up(int fd, int code, char **reterr, char *sentence)
{
	if (fd >= 0)
		close(fd);
	if (reterr)
		*reterr = sentence;
	else
		free(sentence);
	return code;
}

/* 0: nobody; else the process that answers on the socket (-1: it would not say which). */
static pid_t who_answers(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred peer = { .pid = -1 };
	socklen_t n = sizeof(peer);
	pid_t pid = 0;

	if (fd < 0)
		return -1;
	/* EAGAIN: somebody listens whose queue is full. */
	if (connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0)
		pid = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) ? -1 : peer.pid;
	else if (errno == EAGAIN || errno == EACCES || errno == EPERM)
		pid = -1;
	close(fd);
	return pid;
}

static int clear_path(const struct sockaddr_un *a, char **reterr)
{
	struct stat st;
	pid_t pid;

	if (lstat(a->sun_path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return give_up(-1, -EEXIST, reterr,
			       tw_printf("%s is there and is no socket: move it away or change "
					 "api.socket", a->sun_path));
	pid = who_answers(a);
	if (pid > 0)
		return give_up(-1, TW_E_LOCKED, reterr,
			       tw_printf("another daemon (process %d) answers on %s: stop it or "
					 "change api.socket", (int)pid, a->sun_path));
	if (pid < 0)
		return give_up(-1, TW_E_LOCKED, reterr,
			       tw_printf("another daemon holds %s: stop it or change api.socket",
					 a->sun_path));
	if (unlink(a->sun_path))
		return give_up(-1, -errno, reterr,
			       tw_printf("%s is left over and cannot be removed: %s", a->sun_path,
					 tw_strerror(-errno)));
	return 0;
}

/* The folder of the socket, where only its last part is missing (/run/twoway). */
static void make_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];

	if (!slash || slash == path)
		return;
	tw_strsetn(folder, sizeof(folder), path, (size_t)(slash - path));
	mkdir(folder, 0755);
}

static int bind_unix(int fd, const struct sockaddr_un *a)
{
	mode_t old = umask(0117);	/* born 0660: never open to others, not for a moment */
	int r = bind(fd, (const struct sockaddr *)a, sizeof(*a)) ? -errno : 0;

	umask(old);
	return r;
}

int http_listen_unix(const char *path, gid_t group, struct http_socket *ret, char **reterr)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, r;

	if (strlen(path) >= sizeof(a.sun_path))
		return give_up(-1, -ENAMETOOLONG, reterr,
			       tw_printf("api.socket: the path is longer than %zu octets: %s",
					 sizeof(a.sun_path) - 1, path));
	tw_strset(a.sun_path, sizeof(a.sun_path), path);
	make_folder(path);
	r = clear_path(&a, reterr);
	if (r)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = fd < 0 ? -errno : bind_unix(fd, &a);
	if (r)
		return give_up(fd, r, reterr, tw_printf("api.socket: cannot make %s: %s", path,
							tw_strerror(r)));
	if (group != (gid_t)-1 && chown(path, (uid_t)-1, group))
		tw_log(TW_WARN, "http.socket_group", "socket=%s error=%s", tw_log_quote(path),
		       tw_log_quote(tw_strerror(-errno)));
	if (listen(fd, BACKLOG) || stat(path, &st)) {
		r = -errno;
		unlink(path);
		return give_up(fd, r, reterr, tw_printf("api.socket: cannot listen on %s: %s", path,
							tw_strerror(r)));
	}
	*ret = (struct http_socket){ .fd = fd, .is_unix = true, .path = tw_strdup(path),
				     .dev = st.st_dev, .ino = st.st_ino,
				     .changed = st.st_ctim };
	return 0;
}

/* ---- TCP ----------------------------------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* HOST:PORT with an address, never a name: nothing is looked up. Returns the address's size; 0: not
 * of that form. */
static socklen_t read_address(const char *where, union address *ret)
{
	const char *colon = strrchr(where, ':');
	char host[64], *end;
	size_t n;
	unsigned long port;

	if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return 0;
	port = strtoul(colon + 1, &end, 10);
	n = (size_t)(colon - where);
	if (port > 65535 || n >= sizeof(host))
		return 0;
	memset(ret, 0, sizeof(*ret));
	if (n > 2 && where[0] == '[' && where[n - 1] == ']') {
		tw_strsetn(host, sizeof(host), where + 1, n - 2);
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons((uint16_t)port);
		return inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1 ? sizeof(ret->v6) : 0;
	}
	tw_strsetn(host, sizeof(host), where, n);
	if (!strcmp(host, "localhost"))
		tw_strset(host, sizeof(host), "127.0.0.1");
	else if (!strcmp(host, "*"))
		tw_strset(host, sizeof(host), "0.0.0.0");
	ret->v4.sin_family = AF_INET;
	ret->v4.sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1 ? sizeof(ret->v4) : 0;
}

bool http_is_loopback(const char *where)
{
	union address a;

	if (!read_address(where, &a))
		return false;
	if (a.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr);
	return ntohl(a.v4.sin_addr.s_addr) >> 24 == 127;
}

static int refuse_tcp(int fd, int code, const char *where, char **reterr)
{
	if (code == -EADDRINUSE)
		return give_up(fd, code, reterr,
			       tw_printf("api.listen: %s is taken by another program: stop it or "
					 "choose another port (port 0: any free one)", where));
	if (code == -EADDRNOTAVAIL)
		return give_up(fd, code, reterr, tw_printf("api.listen: this machine does not have "
							   "the address of %s", where));
	return give_up(fd, code, reterr,
		       tw_printf("api.listen: cannot listen on %s: %s", where, tw_strerror(code)));
}

int http_listen_tcp(const char *where, struct http_socket *ret, char **reterr)
{
	union address a;
	socklen_t n = read_address(where, &a);
	int fd, on = 1;

	if (!n)
		return give_up(-1, TW_E_SYNTAX, reterr,
			       tw_printf("api.listen: expected ADDRESS:PORT, such as "
					 "\"127.0.0.1:8470\" or \"[::1]:8470\", not \"%s\"",
					 where));
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return refuse_tcp(-1, -errno, where, reterr);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) || bind(fd, &a.any, n) ||
	    listen(fd, BACKLOG) || getsockname(fd, &a.any, &n))
		return refuse_tcp(fd, -errno, where, reterr);
	*ret = (struct http_socket){ .fd = fd };
	ret->port = ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
	return 0;
}

static bool is_own_file(const struct http_socket *s)
{
	struct stat st;

	return s->path && lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino &&
	       st.st_ctim.tv_sec == s->changed.tv_sec && st.st_ctim.tv_nsec == s->changed.tv_nsec;
}

void http_socket_done(struct http_socket *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (is_own_file(s))
		unlink(s->path);
	free(s->path);
	*s = (struct http_socket){ .fd = -1 };
}
