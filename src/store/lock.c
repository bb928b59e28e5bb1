/* Files beside the database. NAME.lock: one daemon at a time, its process id for whoever is
 * refused. NAME.id: there was a database here, so its absence is a fault and no first start
 * (contract 1). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "db.h"

char *lock_beside(const char *path, const char *suffix)
{
	size_t n = strlen(path);

	if (n > 3 && strcmp(path + n - 3, ".db") == 0)
		n -= 3;
	return tw_printf("%.*s.%s", (int)n, path, suffix);
}

static char *holder_of(int fd)
{
	char pid[32];
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	while (n > 0 && (pid[n - 1] < '0' || pid[n - 1] > '9'))
		n--;
	return n > 0 ? tw_printf("process %.*s", (int)n, pid) : tw_strdup("another process");
}

int lock_take(const char *path, int *ret_fd, char **reterr)
{
	tw_auto(tw_free_charp) char *name = lock_beside(path, "lock");
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0) {
		int code = -errno;

		*reterr = tw_printf("%s cannot be opened: %s", name, tw_strerror(code));
		return code;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		tw_auto(tw_free_charp) char *holder = holder_of(fd);

		*reterr = tw_printf("%s is in use by %s", path, holder);
		close(fd);
		return TW_E_LOCKED;
	}
	char pid[32];
	int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());

	/* A pid that cannot be written is only a poorer message for somebody else. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) < n)
		errno = 0;
	*ret_fd = fd;
	return 0;
}

static void sync_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	tw_auto(tw_free_charp) char *folder =
		slash ? tw_strndup(path, slash == path ? 1 : (size_t)(slash - path))
		: tw_strdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int lock_mark(const char *path, const char *identity)
{
	tw_auto(tw_free_charp) char *name = lock_beside(path, "id");
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	size_t n = strlen(identity);

	if (fd < 0)
		return -errno;
	bool ok = write(fd, identity, n) == (ssize_t)n && write(fd, "\n", 1) == 1 && fsync(fd) == 0;

	if (close(fd) < 0 || !ok)
		return -EIO;
	sync_folder_of(name);
	return 0;
}
