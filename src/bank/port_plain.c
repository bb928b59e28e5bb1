#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

int port_lock(int fd)
{
	struct termios t;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -EBUSY;
	if (ioctl(fd, TIOCEXCL) < 0)
		return -errno;
	if (tcgetattr(fd, &t) < 0)
		return -errno;
	/* Raw before anything is written: a cooked line echoes the modem's answers back to it.
	 * HUPCL off: DTR must not drop when we close, some modems reset on that. */
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	t.c_cflag &= (tcflag_t)~HUPCL;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	return tcsetattr(fd, TCSANOW, &t) < 0 ? -errno : 0;
}

int port_plain_open(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	if (!isatty(fd)) {
		close(fd);
		return -ENOTTY;
	}
	r = port_lock(fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	tcflush(fd, TCIFLUSH);
	return fd;
}

/* address is numeric: names are looked up beside the loop before. The connection is made while the
 * machine waits for its first answer; a refusal shows when it is read. */
int port_tcp_open(const char *address, const char *service)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	int fd, one = 1;

	if (getaddrinfo(address, service, &hints, &found) != 0)
		return -EINVAL;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
		if (connect(fd, found->ai_addr, found->ai_addrlen) < 0 && errno != EINPROGRESS) {
			int code = -errno;

			close(fd);
			fd = code;
		}
	} else {
		fd = -errno;
	}
	freeaddrinfo(found);
	return fd;
}
