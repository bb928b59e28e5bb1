/* A copy of the database while it works (SQLite's online backup): a slice at a time, so that no
 * text waits for it. What this connection commits meanwhile SQLite writes to the copy too. */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "db.h"

enum { SLICE_PAGES = 64 };

struct store_backup {
	struct store *s;
	sqlite3 *out;
	sqlite3_backup *b;
};

int store_backup_begin(struct store *s, const char *path, struct store_backup **ret)
{
	struct store_backup *b = tw_zalloc(sizeof(*b));
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int code;

	if (fd < 0) {
		code = -errno;
		free(b);
		return code;
	}
	close(fd);
	b->s = s;
	code = sqlite3_open_v2(path, &b->out, SQLITE_OPEN_READWRITE, NULL);
	/* Nobody reads it before it is whole: no journal, no sync. */
	if (code == SQLITE_OK)
		code = sqlite3_exec(b->out, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF",
				    NULL, NULL, NULL);
	if (code == SQLITE_OK) {
		b->b = sqlite3_backup_init(b->out, "main", s->db, "main");
		code = b->b ? SQLITE_OK : sqlite3_errcode(b->out);
	}
	if (code != SQLITE_OK) {
		store_backup_end(b);
		unlink(path);
		return db_error_of(code) ? db_error_of(code) : TW_E_DB;
	}
	*ret = b;
	return 0;
}

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int store_backup_step(struct store_backup *b, int64_t ms)
{
	int64_t until = monotonic_ms() + ms;
	int code;

	if (b->s->in_tx || b->s->is_void)
		return 0;	/* what is not committed must not be copied */
	do
		code = sqlite3_backup_step(b->b, SLICE_PAGES);
	while (code == SQLITE_OK && monotonic_ms() < until);
	if (code == SQLITE_DONE) {
		code = sqlite3_backup_finish(b->b);
		b->b = NULL;
		return code == SQLITE_OK ? 1 : db_error_of(code);
	}
	if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return 0;
	return db_error_of(code) ? db_error_of(code) : TW_E_DB;
}

void store_backup_end(struct store_backup *b)
{
	if (!b)
		return;
	sqlite3_backup_finish(b->b);
	sqlite3_close(b->out);
	free(b);
}
