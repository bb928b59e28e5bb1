/* A backup becomes the database: copied, checked whole as a copy, then renamed into place. Until
 * that rename nothing of what is there is touched but by a name of its own. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"

enum { COPY_BLOCK = 1 << 16 };

static int fail(int code, char **reterr, const char *path)
{
	*reterr = tw_printf("%s: %s", path, tw_strerror(code));
	return code;
}

/* Run as root, files go to whom the folder belongs: the service must be able to open them. */
static void give_to_owner(const char *path)
{
	const char *slash = strrchr(path, '/');
	tw_auto(tw_free_charp) char *folder =
		slash ? tw_strndup(path, slash == path ? 1 : (size_t)(slash - path))
		: tw_strdup(".");
	struct stat st;

	/* Where it cannot be given away, it was not made by root either. */
	if (geteuid() == 0 && stat(folder, &st) == 0 && chown(path, st.st_uid, st.st_gid) < 0)
		errno = 0;
}

static int copy_octets(int from, int to)
{
	static char block[COPY_BLOCK];
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0)
		for (ssize_t at = 0, k; at < n; at += k) {
			k = write(to, block + at, (size_t)(n - at));
			if (k < 0)
				return -errno;
		}
	return n < 0 || fsync(to) < 0 ? -errno : 0;
}

static int copy_file(const char *from, const char *to, char **reterr)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, r = 0;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		r = fail(-errno, reterr, from);
	if (r == 0 && !S_ISREG(st.st_mode))
		r = fail(-EINVAL, reterr, from);
	if (r == 0) {
		unlink(to);	/* what an earlier try left */
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		r = out < 0 ? fail(-errno, reterr, to) : copy_octets(in, out);
		if (r < 0 && !*reterr)
			fail(r, reterr, to);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return r;
}

/* The first row of a query as a number, or what it says instead of "ok". */
static int ask(sqlite3 *db, const char *sql, int64_t *ret, bool *ret_ok)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	const char *text;

	if (code != SQLITE_OK)
		return db_error_of(code);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW && ret)
		*ret = sqlite3_column_int64(st, 0);
	if (code == SQLITE_ROW && ret_ok) {
		text = (const char *)sqlite3_column_text(st, 0);
		*ret_ok = text && strcmp(text, "ok") == 0;
	}
	sqlite3_finalize(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : db_error_of(code);
}

static int check_whose(sqlite3 *db, const char *file, char **reterr)
{
	int64_t application = 0, version = 0;
	int r = ask(db, "PRAGMA application_id", &application, NULL);

	if (r == 0)
		r = ask(db, "PRAGMA user_version", &version, NULL);
	if (r < 0) {
		*reterr = tw_printf("%s is no database, or a damaged one", file);
		return TW_E_DB_DAMAGED;
	}
	if (application != DB_APPLICATION_ID) {
		*reterr = tw_printf("%s is no database of twoway", file);
		return TW_E_TYPE;
	}
	if (version <= schema_version())
		return 0;
	*reterr = tw_printf("%s is from a newer version of twoway (schema %d; this one knows %d)",
			    file, (int)version, schema_version());
	return TW_E_DB_NEWER;
}

static int check_copy(const char *copy, const char *file, struct store_restored *ret,
		      char identity[33], char **reterr)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	bool is_sound = false;
	int r = sqlite3_open_v2(copy, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK ? 0 : TW_E_DB;

	if (r == 0)
		r = check_whose(db, file, reterr);
	if (r == 0 && (ask(db, "PRAGMA integrity_check(1)", NULL, &is_sound) < 0 || !is_sound)) {
		*reterr = tw_printf("%s is damaged", file);
		r = TW_E_DB_DAMAGED;
	}
	if (r == 0)
		r = ask(db, "SELECT count(*) FROM message", &ret->messages, NULL);
	if (r == 0)
		r = ask(db, "SELECT created_at FROM message ORDER BY id DESC LIMIT 1",
			&ret->last_at.ms, NULL);
	if (r == 0 && sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE key = 'identity'", -1,
					 &st,
					 NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW &&
	    sqlite3_column_bytes(st, 0) == 16)
		tw_hex_write(sqlite3_column_blob(st, 0), 16, identity, false);
	sqlite3_finalize(st);
	if (r == 0)	/* a log that came with it is folded in */
		r = ask(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL);
	sqlite3_close(db);
	if (r < 0 && !*reterr)
		*reterr = tw_printf("%s cannot be read: %s", file, tw_strerror(r));
	return r;
}

static bool is_sound_now(const char *path)
{
	sqlite3 *db = NULL;
	bool ok = false;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
		ask(db, "PRAGMA quick_check(1)", NULL, &ok);
	sqlite3_close(db);
	return ok;
}

/* From here on the only step that counts is the rename of the copy. */
static int put_in_place(const char *path, const char *copy, const char *identity, struct tw_now now,
			struct store_restored *ret, char **reterr)
{
	tw_auto(tw_free_charp) char *id = lock_beside(path, "id");
	bool is_there = access(path, F_OK) == 0;
	int r = 0;

	if (is_there)
		r = open_move_aside(path, is_sound_now(path) ? "old" : "bad", now,
				    &ret->kept, reterr);
	if (r == 0 && rename(copy, path) < 0)
		r = fail(-errno, reterr, path);
	/* The mark last: its folder is synced with it. */
	if (r == 0) {
		r = lock_mark(path, identity);
		if (r < 0)
			fail(r, reterr, id);
	}
	give_to_owner(path);
	give_to_owner(id);
	return r;
}

static void clean(const char *copy)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < TW_COUNT(suffixes); i++) {
		tw_auto(tw_free_charp) char *name = tw_printf("%s%s", copy, suffixes[i]);

		unlink(name);
	}
}

static int copy_all(const char *file, const char *copy, char **reterr)
{
	tw_auto(tw_free_charp) char *log = tw_printf("%s-wal", file);
	tw_auto(tw_free_charp) char *log_copy = tw_printf("%s-wal", copy);
	int r;

	clean(copy);
	r = copy_file(file, copy, reterr);
	/* A file that was copied away by hand may have its log beside it. */
	if (r == 0 && access(log, F_OK) == 0)
		r = copy_file(log, log_copy, reterr);
	return r;
}

int store_restore(const char *path, const char *file, struct tw_now now, struct store_restored *ret,
		  char **reterr)
{
	tw_auto(tw_free_charp) char *copy = tw_printf("%s.restoring", path);
	tw_auto(tw_free_charp) char *lock = lock_beside(path, "lock");
	struct store_restored done = { 0 };
	char identity[33] = "", *error = NULL;
	int fd = -1, r = lock_take(path, &fd, &error);

	if (r == 0) {
		give_to_owner(lock);
		r = copy_all(file, copy, &error);
		if (r == 0)
			r = check_copy(copy, file, &done, identity, &error);
		if (r == 0)
			r = put_in_place(path, copy, identity, now, &done, &error);
		clean(copy);
		close(fd);
	}
	if (r == 0) {
		*ret = done;
		return 0;
	}
	free(done.kept);
	if (reterr)
		*reterr = tw_steal(error);
	free(error);
	return r;
}
