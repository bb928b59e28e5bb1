/* A secret in a file of its own: 32 hexadecimal digits, made where there is none, its owner's
 * alone. */
#include <twoway/base.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* White space around it is forgiven: people write such files by hand. */
static int parse(const char *text, size_t n, char out[TW_SECRET_DIGITS + 1])
{
	while (n && isspace((unsigned char)*text))
		text++, n--;
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	if (n != TW_SECRET_DIGITS)
		return TW_E_SYNTAX;
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)text[i]))
			return TW_E_SYNTAX;
	memcpy(out, text, n);
	out[n] = 0;
	return 0;
}

int tw_secret_file_read(const char *path, char out[TW_SECRET_DIGITS + 1], bool *ret_is_open)
{
	char text[128];
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	*ret_is_open = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077);
	n = read(fd, text, sizeof(text));
	close(fd);
	return n < 0 ? -errno : parse(text, (size_t)n, out);
}

int tw_secret_file_make(const char *path, char out[TW_SECRET_DIGITS + 1])
{
	uint8_t secret[TW_SECRET_DIGITS / 2];
	char line[TW_SECRET_DIGITS + 2];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), r = 0;

	if (fd < 0)
		return -errno;
	tw_random_secret(secret, sizeof(secret));
	tw_hex_write(secret, sizeof(secret), line, false);
	line[TW_SECRET_DIGITS] = '\n';
	line[TW_SECRET_DIGITS + 1] = 0;
	errno = 0;
	if (fchmod(fd, 0600) || write(fd, line, TW_SECRET_DIGITS + 1) != TW_SECRET_DIGITS + 1 ||
	    fsync(fd))
		r = errno ? -errno : -EIO;
	close(fd);
	if (r) {
		unlink(path);
		return r;
	}
	memcpy(out, line, TW_SECRET_DIGITS);
	out[TW_SECRET_DIGITS] = 0;
	return 0;
}
