#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A pseudo-terminal's slave: the kernel's Unix98 majors. libserialport cannot open one. */
static bool is_pseudo_terminal(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) >= 136 &&
	       major(st.st_rdev) <= 143;
}

static int open_tcp(const char *port)
{
	char address[128];
	const char *colon;

	port += strlen("tcp://");
	colon = strrchr(port, ':');
	if (!colon || colon == port || (size_t)(colon - port) >= sizeof(address))
		return -EINVAL;
	if (port[0] == '[' && colon[-1] == ']')
		tw_strsetn(address, sizeof(address), port + 1, (size_t)(colon - port) - 2);
	else
		tw_strsetn(address, sizeof(address), port, (size_t)(colon - port));
	return port_tcp_open(address, colon + 1);
}

/* The path is resolved at every try: links move when a stick returns, and libserialport 0.1.1
 * refuses them. */
static int system_open(void *ctx, const char *port, const struct board *board, int *ret_fd)
{
	char path[PATH_MAX];
	int fd;

	(void)ctx;
	if (strncmp(port, "tcp://", 6) == 0)
		fd = open_tcp(port);
	else if (!realpath(port, path))
		fd = -errno;
	else if (is_pseudo_terminal(path))
		fd = port_plain_open(path);
	else
		fd = port_serial_open(path, board);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

static ssize_t system_read(void *ctx, int fd, void *buf, size_t n)
{
	ssize_t r = read(fd, buf, n);

	(void)ctx;
	if (r > 0)
		return r;
	if (r == 0)
		return -EIO;	/* a hung-up line reads as its end */
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static ssize_t system_write(void *ctx, int fd, const void *buf, size_t n)
{
	ssize_t r = write(fd, buf, n);

	(void)ctx;
	if (r >= 0)
		return r;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static void system_close(void *ctx, int fd)
{
	(void)ctx;
	close(fd);
}

const struct bank_port_ops bank_port_system = {
	.open = system_open, .read = system_read, .write = system_write, .close = system_close,
};
