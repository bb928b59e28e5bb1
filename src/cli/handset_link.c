#include "handset.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

/* ---- where it is ----------------------------------------------------------------------------- */

/* The note is obeyed only if it is a plain file of this user: anybody may write into /tmp. */
static char *read_note(const char *path)
{
	char text[4096];
	struct stat st;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == getuid())
		n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 2 || text[0] != '/')
		return NULL;
	text[n] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	return tw_strdup(text);
}

static char *demo_socket(void)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	tw_auto(tw_free_charp) char *path = tw_printf("%s/twoway-demo-%u",
						      folder && *folder ? folder : "/tmp",
						      (unsigned)getuid());
	tw_auto(tw_free_charp) char *demo = read_note(path);

	if (!demo)
		return NULL;
	fprintf(stderr, "twoway: using the demo in %s\n", demo);
	return tw_printf("%s/control", demo);
}

static char *as_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? tw_printf("%s/control", path)
							   : tw_strdup(path);
}

static char *find_socket(const char *by)
{
	const char *env = getenv("TWOWAY_SIM");

	if (by)
		return as_socket(by);
	return env && *env ? as_socket(env) : demo_socket();
}

int handset_link_open(struct handset_link *l, const char *by)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	tw_auto(tw_free_charp) char *path = find_socket(by);
	const char *why;

	*l = (struct handset_link){ .fd = -1 };
	if (!path) {
		fprintf(stderr, "twoway: no virtual bank: start one with ./bootstrap demo, or say "
				"where its control socket is with --sim or TWOWAY_SIM\n");
		return EX_UNAVAILABLE;
	}
	if (strlen(path) >= sizeof(a.sun_path)) {
		why = strerror(ENAMETOOLONG);
	} else {
		tw_strset(a.sun_path, sizeof(a.sun_path), path);
		l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (l->fd >= 0 && connect(l->fd, (struct sockaddr *)&a, sizeof(a)) == 0)
			return 0;
		why = strerror(errno);
	}
	fprintf(stderr, "twoway: %s: %s. Is the virtual bank running? Start it with ./bootstrap "
			"demo, or twoway-sim --modems 4 --dir DIR\n", path, why);
	handset_link_close(l);
	return EX_UNAVAILABLE;
}

void handset_link_close(struct handset_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	tw_buf_done(&l->in);
	l->fd = -1;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Takes a whole line out of what has arrived; lines that are no JSON are passed over. */
static bool take_line(struct handset_link *l, json_t **ret)
{
	char *end;

	while (l->in.n && (end = memchr(l->in.p, '\n', l->in.n))) {
		size_t n = (size_t)(end - l->in.p);

		*ret = json_loadb(l->in.p, n, JSON_ALLOW_NUL, NULL);
		tw_buf_drop(&l->in, n + 1);
		if (*ret)
			return true;
	}
	return false;
}

int handset_link_line(struct handset_link *l, int64_t wait_ms, bool stdin_too, json_t **ret)
{
	int64_t until = wait_ms < 0 ? INT64_MAX : tw_now_system().mono.ms + wait_ms;

	for (;;) {
		struct pollfd fds[2] = { { .fd = l->fd, .events = POLLIN },
					 { .fd = stdin_too ? 0 : -1, .events = POLLIN } };
		int64_t left = until == INT64_MAX ? -1 : until - tw_now_system().mono.ms;
		char *to;
		ssize_t n;

		if (take_line(l, ret))
			return 1;
		n = poll(fds, 2, left < 0 && until != INT64_MAX ? 0 : left > INT32_MAX ? INT32_MAX :
			 (int)left);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0 && left <= 0)
			return 0;
		if (fds[0].revents) {
			to = tw_buf_reserve(&l->in, 65536);
			n = read(l->fd, to, 65536);
			if (n <= 0)
				return -1;
			l->in.n += (size_t)n;
		} else if (fds[1].revents) {
			return 0;
		}
	}
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = send(fd, p, n, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

json_t *handset_link_ask(struct handset_link *l, json_t *take_in, json_t *others)
{
	char *text = json_dumps(take_in, JSON_COMPACT);
	tw_auto(tw_free_charp) char *line = tw_printf("%s\n", text);
	bool written = write_all(l->fd, line, strlen(line));
	json_t *o;

	free(text);
	json_decref(take_in);
	while (written && handset_link_line(l, 10000, false, &o) == 1) {
		if (json_object_get(o, "ok"))
			return o;
		json_array_append_new(others, o);
	}
	return NULL;
}
