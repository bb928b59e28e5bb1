/* Opening: the lock, the mark beside the database, pragmas that are read back, migrations,
 * checks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "db.h"

/* Below this SQLite can make neither the index of its log (32 KiB) nor the log's first pages. */
enum { OPEN_NEEDS_OCTETS = 256 << 10 };

/* SQLite answers OK to a misspelt pragma, so each is asked again (design 3). */
static const struct {
	const char *set, *get, *expect;
	bool in_memory;		/* holds for :memory: too */
} pragmas[] = {
	{ "PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal", false },
	{ "PRAGMA synchronous = FULL", "PRAGMA synchronous", "2", false },
	{ "PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_autocheckpoint", "0", true },
	{ "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1", true },
	{ "PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2", true },
	{ "PRAGMA cache_size = -4096", "PRAGMA cache_size", "-4096", true },
	{ "PRAGMA secure_delete = FAST", "PRAGMA secure_delete", "2", true },
	{ "PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", "0", true },
	/* So that REPLACE is seen by the triggers of gauge.c as a row that goes. */
	{ "PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers", "1", true },
};

static int read_back(struct store *s, const char *sql, char *out, size_t cap)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	out[0] = 0;
	if (code == SQLITE_OK) {
		code = sqlite3_step(st);
		if (code == SQLITE_ROW)
			db_col_str(st, 0, out, cap);
		sqlite3_finalize(st);
	}
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : db_error_of(code);
}

/* Small pages: a turn changes a few rows on many pages, and the log takes whole ones. It can be
 * said of a new file only. */
static int set_page_size(struct store *s)
{
	char value[64];
	int r = read_back(s, "PRAGMA page_size = 1024", value, sizeof(value));

	if (r == 0)
		r = read_back(s, "PRAGMA page_size", value, sizeof(value));
	return r < 0 ? r : atoi(value) == DB_PAGE ? 0 : TW_E_DB;
}

static int set_pragmas(struct store *s, bool in_memory, char **reterr)
{
	char value[64];

	for (size_t i = 0; i < TW_COUNT(pragmas); i++) {
		if (in_memory && !pragmas[i].in_memory)
			continue;
		int r = read_back(s, pragmas[i].set, value, sizeof(value));

		if (r == 0)
			r = read_back(s, pragmas[i].get, value, sizeof(value));
		if (r == 0 && strcmp(value, pragmas[i].expect) == 0)
			continue;
		*reterr = tw_printf("%s: %s is \"%s\": %s", s->path, pragmas[i].set, value,
				    sqlite3_errmsg(s->db));
		return r < 0 ? r : TW_E_DB;
	}
	return 0;
}

/* The log at its full size, in octets that are written: a commit then changes no size and no
 * allocation, and its sync has one thing to do. SQLite takes a log that begins with zeros for an
 * empty one (file format, 4.3: the magic number). */
static int lay_out_log(const char *path)
{
	static const char zeros[4096];
	tw_auto(tw_free_charp) char *name = tw_printf("%s-wal", path);
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0640), r = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		r = -errno;
	for (off_t at = r ? 0 : st.st_size; r == 0 && at < DB_WAL_LIMIT; at += (off_t)sizeof(zeros))
		if (pwrite(fd, zeros, sizeof(zeros), at) < 0)
			r = errno == ENOSPC ? 0 : -errno, at = DB_WAL_LIMIT;
	if (r == 0 && fdatasync(fd) < 0)
		r = -errno;
	if (fd >= 0)
		close(fd);
	return r;
}

static int on_wal(void *ctx, sqlite3 *db, const char *name, int pages)
{
	struct store *s = ctx;

	(void)db;
	(void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
}

/* One thread, and nobody reads SQLite's own memory counters: no mutex is needed. Ignored by SQLite
 * when another part of the process has begun to use it. */
static void configure_once(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_database(struct store *s, const struct store_setup *setup, char **reterr)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	configure_once();
	int code = sqlite3_open_v2(s->path, &s->db, flags | (setup->create ? SQLITE_OPEN_CREATE
							     : 0),
				   log_file_system());

	if (code != SQLITE_OK) {
		*reterr = tw_printf("%s cannot be opened: %s", s->path,
				    s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
		return db_error_of(code);
	}
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, DB_BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return 0;
}

/* What stands in the folder decides whether this is a first start, a good one, or a loss. */
static int look_around(struct store *s, bool create, int64_t *ret_size, char **reterr)
{
	tw_auto(tw_free_charp) char *id = lock_beside(s->path, "id");
	struct stat st;

	s->has_mark = access(id, F_OK) == 0;
	*ret_size = -1;
	if (stat(s->path, &st) == 0 && st.st_size > 0) {
		*ret_size = st.st_size;
		return 0;
	}
	if (s->has_mark) {
		*reterr = tw_printf("%s is gone, but %s says that there was one: restore a backup "
				    "with "
				    "`twoway restore FILE`, or begin anew with `twowayd --new`",
				    s->path, id);
		return TW_E_GONE;
	}
	if (!create) {
		*reterr = tw_printf("%s does not exist", s->path);
		return TW_E_UNKNOWN;
	}
	/* Other people's texts will stand in it: made here, so that the world cannot read it (the
	 * log beside it gets the same rights). SQLite has not opened it yet, so closing drops no
	 * lock. */
	int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0) {
		int code = -errno;

		*reterr = tw_printf("%s cannot be made: %s", s->path, tw_strerror(code));
		return code;
	}
	close(fd);
	return 0;
}

static int open_steps(struct store *s, const struct store_setup *setup, struct tw_now now,
		      char **reterr)
{
	bool in_memory = strcmp(s->path, ":memory:") == 0;
	int64_t size = -1;
	int r = 0;

	if (!in_memory) {
		r = lock_take(s->path, &s->lock_fd, reterr);
		if (r == 0)
			r = look_around(s, setup->create, &size, reterr);
	}
	if (r == 0)
		r = open_database(s, setup, reterr);
	if (r == 0 && size <= 0)
		r = set_page_size(s);
	if (r == 0)
		r = set_pragmas(s, in_memory, reterr);
	if (r == 0 && !in_memory)
		r = lay_out_log(s->path);
	if (r == 0)	/* behind the pragmas: wal_autocheckpoint takes the hook for itself */
		sqlite3_wal_hook(s->db, on_wal, s);
	if (r == 0)
		r = schema_migrate(s, reterr);
	if (r == 0)
		r = gauge_make(s, reterr);
	if (r == 0)
		r = health_check(s, size, reterr);
	if (r == 0)
		r = gauge_begin(s, reterr);
	if (r < 0)
		return r;
	r = ids_load(s);
	if (r == TW_E_UNKNOWN)
		r = ids_create(s, setup->seed, now);
	if (r == 0)
		r = ids_load(s);
	if (r == 0 && !in_memory && !s->has_mark) {
		r = lock_mark(s->path, s->identity);
		s->has_mark = r == 0;
	}
	if (r < 0)
		*reterr = tw_printf("%s cannot be written: %s", s->path, tw_strerror(r));
	return r;
}

/* SQLite tells a disk without room for its log or its index as an I/O error. */
static bool is_disk_full(const char *path)
{
	const char *slash = strrchr(path, '/');
	tw_auto(tw_free_charp) char *folder = slash ? tw_printf("%.*s", (int)(slash - path) + 1,
								path) :
					      tw_strdup(".");
	struct statvfs fs;

	return statvfs(folder, &fs) == 0 &&
	       (uint64_t)fs.f_bavail * fs.f_frsize < OPEN_NEEDS_OCTETS;
}

int store_open(const struct store_setup *setup, struct tw_now now, struct store **ret,
	       char **reterr)
{
	struct store *s = tw_zalloc(sizeof(*s));
	char *error = NULL;

	s->path = tw_strdup(setup->path);
	s->lock_fd = -1;
	s->health = "ok";
	s->turn_now = now.mono;
	s->is_seeded = setup->seed != 0;
	tw_random_seed(&s->random, setup->seed + (uint64_t)now.wall.ms);
	int r = open_steps(s, setup, now, &error);

	if (r == 0) {
		*ret = s;
		return 0;
	}
	if (r == TW_E_DB_FULL || ((r == TW_E_DB || r == -ENOSPC) && is_disk_full(s->path))) {
		r = TW_E_DB_FULL;
		free(error);
		error = tw_printf("%s cannot be opened: its disk is full: make room there",
				  s->path);
	}
	/* Not a database at all, or one with rotten pages, shows at whichever step reads it
	 * first. */
	if (r == TW_E_DB_DAMAGED && error && !strstr(error, "restore")) {
		char *more = tw_printf("%s; restore a backup with `twoway restore FILE`, or begin "
				       "anew with `twowayd --new`", error);

		free(error);
		error = more;
	}
	if (reterr)
		*reterr = tw_steal(error);
	free(error);
	store_close(s);
	return r;
}

void store_crash(struct store *s)
{
	s->n_staged = 0;
	for (int i = 0; i < ST_COUNT; i++)
		db_reset(s, (enum statement)i);
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->in_tx = s->is_saved = s->in_event = false;
	s->is_void = true;	/* who does not know of it yet writes nothing more */
	s->void_code = TW_E_DB;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->db && s->in_tx && !s->is_void)
		store_flush(s, (struct tw_now){ .mono = s->turn_now });
	for (size_t i = 0; i < s->n_staged; i++)
		s->staged[i].cb(s->staged[i].ctx, false, s->staged[i].a, s->staged[i].b);
	for (int i = 0; i < ST_COUNT; i++)
		sqlite3_finalize(s->st[i]);
	sqlite3_close(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->staged);
	free(s->path);
	free(s);
}

int open_move_aside(const char *path, const char *word, struct tw_now now, char **ret_kept,
		    char **reterr)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char at[TW_RFC3339_MAX];

	tw_rfc3339(now.wall, at);
	for (size_t i = 0; i < TW_COUNT(suffixes); i++) {
		tw_auto(tw_free_charp) char *from = tw_printf("%s%s", path, suffixes[i]);
		tw_auto(tw_free_charp) char *to = tw_printf("%s.%s-%s%s", path, word, at,
							    suffixes[i]);

		if (rename(from, to) < 0) {
			int code = -errno;

			if (code == -ENOENT)
				continue;
			*reterr = tw_printf("%s cannot be moved aside: %s", from,
					    tw_strerror(code));
			return code;
		}
		if (i == 0 && ret_kept)
			*ret_kept = tw_strdup(to);
	}
	return 0;
}

static int make_room(const char *path, const char *word, struct tw_now now, char **reterr)
{
	tw_auto(tw_free_charp) char *id = lock_beside(path, "id");
	int r = open_move_aside(path, word, now, NULL, reterr);

	return r < 0 ? r : unlink(id) == 0 || errno == ENOENT ? 0 : -errno;
}

int store_make_new(const char *path, struct tw_now now, char **reterr)
{
	struct store_setup setup = { .path = path, .create = true };
	struct store *s = NULL;
	char *error = NULL;
	int r = store_open(&setup, now, &s, &error);

	if (r == 0) {
		bool fresh = s->counters.commits == 0 && sqlite3_total_changes(s->db) > 0;

		store_close(s);
		if (fresh)
			return 0;
		if (reterr)
			*reterr = tw_printf("%s is sound: nothing was changed", path);
		return TW_E_EXISTS;
	}
	if (r == TW_E_DB_DAMAGED || r == TW_E_GONE || r == TW_E_DB_OTHER) {
		free(tw_steal(error));
		r = make_room(path, r == TW_E_DB_OTHER ? "old" : "bad", now, &error);
		if (r == 0)
			r = store_open(&setup, now, &s, &error);
		if (r == 0)
			store_close(s);
	}
	if (reterr)
		*reterr = tw_steal(error);
	free(error);
	return r;
}
