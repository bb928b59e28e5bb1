/* The store alone: opening and what it refuses, ids, the turn rule, each aggregate's questions. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>
#include <twoway/store.h>

static char folder[64];
static const struct tw_now t0 = { { 1000 }, { INT64_C(1767603600000) } };

static struct tw_now at(int64_t ms)
{
	return (struct tw_now){ { t0.mono.ms + ms }, { t0.wall.ms + ms } };
}

static char *in_folder(const char *name)
{
	return tw_printf("%s/%s", folder, name);
}

static void make_folder(void)
{
	/* It is no disk that is tested here, and some are slow. */
	strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/twoway-XXXXXX"
						      : "/tmp/twoway-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void drop_folder(void)
{
	static const char *const names[] = { "twoway.db", "twoway.db-wal", "twoway.db-shm",
					     "twoway.id", "twoway.lock", "copy.db" };

	for (size_t i = 0; i < TW_COUNT(names); i++) {
		tw_auto(tw_free_charp) char *path = in_folder(names[i]);

		unlink(path);
	}
	rmdir(folder);
}

static int open_at(const char *path, bool create, struct store **ret, char **reterr)
{
	struct store_setup setup = { .path = path, .create = create, .seed = 7 };

	return store_open(&setup, t0, ret, reterr);
}

static struct store *must_open(const char *path)
{
	struct store *s = NULL;
	char *error = NULL;
	int r = open_at(path, true, &s, &error);

	ck_assert_msg(r == 0, "%d %s", r, error ? error : "");
	return s;
}

static int count_told, last_ok;
static void on_told(void *ctx, bool ok, uint64_t a, uint64_t b)
{
	(void)ctx;
	(void)a;
	(void)b;
	count_told++;
	last_ok = ok;
}

static int64_t a_contact(struct store *s, const char *number)
{
	struct store_contact c;
	int64_t account;

	ck_assert_int_eq(store_account(s, "default", &account), 0);
	ck_assert_int_eq(store_contact(s, account, number, true, t0.wall, &c), 0);
	return c.id;
}

static struct store_message a_message(struct store *s, int state, int64_t route, int64_t due)
{
	struct store_message m = { .direction = OUTBOUND, .state = state,
				   .contact = a_contact(s, "+447700900100"), .account = 1,
				   .route = route, .lane = LANE_API, .segments = 1,
				   .body = tw_strdup("hello"), .body_n = 5, .created_at = t0.wall,
				   .due_at = { due }, .valid_until = { due + 1000 } };

	ck_assert_int_eq(store_message_insert(s, &m), 0);
	return m;
}

START_TEST(test_open_makes_and_remembers)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *mark = in_folder("twoway.id");
	struct store *s = NULL;
	tw_auto(tw_free_charp) char *error = NULL;

	ck_assert_int_eq(open_at(path, false, &s, &error), TW_E_UNKNOWN);
	s = must_open(path);
	ck_assert_int_eq(access(mark, F_OK), 0);
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07, 0);
	char first[64];

	strcpy(first, store_identity(s));
	ck_assert_uint_eq(strlen(first), 32);
	store_close(s);
	s = must_open(path);
	ck_assert_str_eq(store_identity(s), first);
	store_close(s);
}
END_TEST

START_TEST(test_second_daemon_is_refused)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	struct store *s = must_open(path), *other = NULL;
	tw_auto(tw_free_charp) char *error = NULL;
	tw_auto(tw_free_charp) char *pid = tw_printf("process %ld", (long)getpid());

	ck_assert_int_eq(open_at(path, true, &other, &error), TW_E_LOCKED);
	ck_assert_msg(strstr(error, pid) != NULL, "%s", error);
	store_close(s);
	s = must_open(path);
	store_close(s);
}
END_TEST

START_TEST(test_gone_is_not_a_first_start)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *error = NULL;
	struct store *s = must_open(path);

	store_close(s);
	unlink(path);
	ck_assert_int_eq(open_at(path, true, &s, &error), TW_E_GONE);
	ck_assert_ptr_nonnull(strstr(error, "restore"));
	ck_assert_int_ne(access(path, F_OK), 0);
	free(tw_steal(error));
	ck_assert_int_eq(store_make_new(path, t0, &error), 0);
	store_close(must_open(path));
	ck_assert_int_eq(store_make_new(path, t0, &error), TW_E_EXISTS);
}
END_TEST

static void scribble(const char *path, off_t offset, const char *what, size_t n)
{
	int fd = open(path, O_WRONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, what, n, offset), (ssize_t)n);
	close(fd);
}

/* Where the damage is: the header, a page of the schema, a page in the middle. */
static const struct { off_t offset; size_t n; } damages[] = { { 0, 64 }, { 100, 300 }, { 3 * 4096, 4096 } };

START_TEST(test_damaged_is_never_started_over)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *error = NULL;
	static char junk[4096];
	struct store *s = must_open(path);
	struct stat before, after;

	store_close(s);
	memset(junk, 0xa5, sizeof(junk));
	scribble(path, damages[_i].offset, junk, damages[_i].n);
	stat(path, &before);
	ck_assert_int_eq(open_at(path, true, &s, &error), TW_E_DB_DAMAGED);
	ck_assert_msg(strstr(error, "--new") != NULL, "%s", error);
	stat(path, &after);
	ck_assert_int_eq(before.st_size, after.st_size);
	free(tw_steal(error));
	ck_assert_int_eq(store_make_new(path, t0, &error), 0);
	store_close(must_open(path));
	tw_auto(tw_free_charp) char *bad = tw_printf("%s.bad-2026-01-05T09:00:00.000Z", path);

	ck_assert_int_eq(access(bad, F_OK), 0);
	unlink(bad);
}
END_TEST

/* Its tables are those of another build, and nothing is wrong with them. */
START_TEST(test_other_build_is_not_damaged)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *error = NULL;
	struct store *s = must_open(path);
	sqlite3 *db;

	store_close(s);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "ALTER TABLE alert RENAME COLUMN tries TO attempts", NULL, NULL,
				      NULL), SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(open_at(path, true, &s, &error), TW_E_DB_OTHER);
	ck_assert_msg(strstr(error, "another build") && strstr(error, "--new") &&
		      !strstr(error, "damaged"), "%s", error);
	free(tw_steal(error));
	ck_assert_int_eq(store_make_new(path, t0, &error), 0);
	store_close(must_open(path));
	tw_auto(tw_free_charp) char *old = tw_printf("%s.old-2026-01-05T09:00:00.000Z", path);

	ck_assert_int_eq(access(old, F_OK), 0);
	unlink(old);
}
END_TEST

START_TEST(test_newer_is_refused_untouched)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *error = NULL;
	struct store *s = must_open(path);
	sqlite3 *db;

	store_close(s);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL);
	sqlite3_close(db);
	ck_assert_int_eq(open_at(path, true, &s, &error), TW_E_DB_NEWER);
	ck_assert_ptr_nonnull(strstr(error, "999"));
}
END_TEST

START_TEST(test_another_programs_file)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *error = NULL;
	struct store *s = NULL;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "CREATE TABLE t(x); PRAGMA user_version = 3", NULL, NULL, NULL);
	sqlite3_close(db);
	ck_assert_int_eq(open_at(path, true, &s, &error), TW_E_TYPE);
}
END_TEST

START_TEST(test_ids)
{
	struct store *s = must_open(":memory:");
	static const int64_t rows[] = { 1, 2, 255, 256, 1000000, INT64_MAX >> 17 };
	char id[STORE_ID_MAX], other[STORE_ID_MAX];
	int64_t row;

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		store_id_write(s, rows[i], id);
		ck_assert_uint_eq(strlen(id), 34);
		ck_assert_int_eq(store_id_read(s, id, &row), 0);
		ck_assert_int_eq(row, rows[i]);
		id[10] = id[10] == '0' ? '1' : '0';
		ck_assert_int_eq(store_id_read(s, id, &row), TW_E_UNKNOWN);
	}
	ck_assert_str_ne(store_id_write(s, 1, id), store_id_write(s, 2, other));
	ck_assert_int_eq(store_id_read(s, "SM", &row), TW_E_UNKNOWN);
	ck_assert_int_eq(store_id_read(s, "SMzz", &row), TW_E_UNKNOWN);
	store_close(s);
}
END_TEST

START_TEST(test_staged_waits_for_the_commit)
{
	struct store *s = must_open(":memory:");

	count_told = 0;
	a_contact(s, "+1");
	ck_assert(store_is_dirty(s));
	ck_assert_int_eq(store_commit(s, at(0)), 0);
	ck_assert(store_is_dirty(s));		/* nothing waits for it: rides on the next */
	store_on_commit_lazy(s, on_told, NULL, 0, 0);
	ck_assert_int_eq(store_commit(s, at(1)), 0);
	ck_assert_int_eq(count_told, 0);
	ck_assert_int_eq(store_deadline(s).ms, at(STORE_LAZY_MS).mono.ms);
	store_on_commit(s, on_told, NULL, 0, 0);
	ck_assert_int_eq(count_told, 0);
	ck_assert_int_eq(store_commit(s, at(2)), 0);
	ck_assert_int_eq(count_told, 2);
	ck_assert_int_eq(last_ok, 1);
	ck_assert(!store_is_dirty(s));
	a_contact(s, "+2");
	ck_assert_int_eq(store_commit(s, at(STORE_LAZY_MS + 3)), 0);
	ck_assert(!store_is_dirty(s));
	ck_assert_uint_eq(store_counters(s)->commits, 2);
	store_close(s);
}
END_TEST

START_TEST(test_event_is_undone_alone)
{
	struct store *s = must_open(":memory:");
	struct store_contact c;
	uint8_t hash[32] = { 1 };

	count_told = 0;
	store_event_begin(s);
	a_contact(s, "+1");
	store_on_commit(s, on_told, NULL, 0, 0);
	ck_assert_int_eq(store_event_end(s, true), 0);
	store_event_begin(s);
	a_contact(s, "+2");
	store_on_commit(s, on_told, NULL, 0, 0);
	ck_assert_int_eq(store_pin_tried(s, "x", hash, t0.wall), 0);
	ck_assert_int_eq(store_pin_tried(s, "x", hash, t0.wall), TW_E_EXISTS);
	ck_assert(!store_is_void(s));
	ck_assert_int_eq(store_event_end(s, false), 0);
	ck_assert_int_eq(store_commit(s, at(0)), 0);
	ck_assert_int_eq(count_told, 1);
	ck_assert_int_eq(store_contact(s, 1, "+1", false, t0.wall, &c), 0);
	ck_assert_int_eq(store_contact(s, 1, "+2", false, t0.wall, &c), TW_E_UNKNOWN);
	ck_assert_int_eq(store_pin_tried(s, "x", hash, t0.wall), 0);
	ck_assert_int_eq(store_pin_worked(s, "x", hash), 0);
	ck_assert_int_eq(store_pin_worked(s, "x", hash), 0);
	ck_assert_int_eq(store_pin_tried(s, "x", hash, t0.wall), 0);
	store_close(s);
}
END_TEST

/* The first event of a transaction has no savepoint: it is the transaction. */
START_TEST(tokens_are_unique_by_name_and_go)
{
	struct store_token t = { .name = "shop", .sid = "SK1", .account = "acme", .scopes = 3,
				 .digest = { 1, 2, 3 }, .created_at = { 5 } }, got = { 0 };
	struct store *s = must_open(":memory:");

	ck_assert_int_eq(store_token_add(s, &t), 0);
	tw_strset(t.sid, sizeof(t.sid), "SK2");
	t.digest[0] = 9;
	ck_assert_int_eq(store_token_add(s, &t), TW_E_EXISTS);
	tw_strset(t.name, sizeof(t.name), "door");
	t.account[0] = 0;
	ck_assert_int_eq(store_token_add(s, &t), 0);
	ck_assert_int_eq(store_token_next(s, "", &got), 0);
	ck_assert_str_eq(got.name, "door");
	ck_assert_str_eq(got.account, "");
	ck_assert_int_eq(store_token_next(s, got.name, &got), 0);
	ck_assert_str_eq(got.sid, "SK1");
	ck_assert_str_eq(got.account, "acme");
	ck_assert_int_eq(got.scopes, 3);
	ck_assert_int_eq(got.digest[0], 1);
	ck_assert_int_eq(got.created_at.ms, 5);
	ck_assert_int_eq(store_token_next(s, got.name, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_token_drop(s, "door"), 0);
	ck_assert_int_eq(store_token_drop(s, "door"), TW_E_UNKNOWN);
	store_close(s);
}
END_TEST

START_TEST(test_first_event_is_undone)
{
	struct store *s = must_open(":memory:");
	struct store_contact c;

	store_event_begin(s);
	a_contact(s, "+1");
	ck_assert_int_eq(store_event_end(s, false), 0);
	ck_assert(!store_is_dirty(s));
	store_event_begin(s);
	a_contact(s, "+2");
	ck_assert_int_eq(store_event_end(s, true), 0);
	ck_assert_int_eq(store_flush(s, at(0)), 0);
	ck_assert_int_eq(store_contact(s, 1, "+1", false, t0.wall, &c), TW_E_UNKNOWN);
	ck_assert_int_eq(store_contact(s, 1, "+2", false, t0.wall, &c), 0);
	store_close(s);
}
END_TEST

/* A bare event has nothing to go back to: what it wrote takes the turn with it, a refusal does not. */
START_TEST(test_bare_event_voids_the_turn)
{
	struct store *s = must_open(":memory:");
	struct store_contact c;

	count_told = 0;
	a_contact(s, "+1");
	ck_assert_int_eq(store_flush(s, at(0)), 0);
	a_contact(s, "+2");
	store_event_begin_bare(s);
	ck_assert_int_eq(store_contact(s, 1, "+3", false, t0.wall, &c), TW_E_UNKNOWN);
	ck_assert_int_eq(store_event_end(s, false), 0);
	ck_assert(!store_is_void(s));
	store_on_commit(s, on_told, NULL, 0, 0);
	store_event_begin_bare(s);
	a_contact(s, "+3");
	store_on_commit(s, on_told, NULL, 0, 0);
	ck_assert_int_lt(store_event_end(s, false), 0);
	ck_assert(store_is_void(s));
	ck_assert_int_lt(store_commit(s, at(1)), 0);
	ck_assert_int_eq(count_told, 2);
	ck_assert_int_eq(last_ok, 0);
	ck_assert_int_eq(store_contact(s, 1, "+1", false, t0.wall, &c), 0);
	ck_assert_int_eq(store_contact(s, 1, "+2", false, t0.wall, &c), TW_E_UNKNOWN);
	store_event_begin_bare(s);
	a_contact(s, "+4");
	ck_assert_int_eq(store_event_end(s, true), 0);
	ck_assert_int_eq(store_flush(s, at(2)), 0);
	ck_assert_int_eq(store_contact(s, 1, "+4", false, t0.wall, &c), 0);
	store_close(s);
}
END_TEST

/* Any statement of a turn fails, by any of these codes: the turn is void, nothing of it is there,
 * and the next turn works. */
static const int codes[] = { SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_BUSY, SQLITE_ERROR };

START_TEST(test_void_turn)
{
	struct store *s = must_open(":memory:");
	struct store_contact c;
	int nth = 1;

	a_contact(s, "+0");
	ck_assert_int_eq(store_flush(s, at(0)), 0);
	for (;; nth++) {
		int64_t account;

		count_told = 0;
		store_inject(s, nth, codes[_i], false);
		store_event_begin(s);
		store_account(s, "default", &account);
		store_contact(s, 1, "+1", true, t0.wall, &c);
		store_on_commit(s, on_told, NULL, 0, 0);
		store_event_end(s, true);
		int r = store_commit(s, at(nth));

		ck_assert_int_eq(count_told, 1);
		ck_assert_int_eq(last_ok, r == 0);
		ck_assert(!store_is_dirty(s));
		if (r == 0)
			break;
		ck_assert_int_eq(r, codes[_i] == SQLITE_FULL ? TW_E_DB_FULL : TW_E_DB);
		ck_assert_str_eq(store_health(s), codes[_i] == SQLITE_FULL ? "disk full" : "error");
		store_inject(s, 0, 0, false);
		ck_assert_int_eq(store_contact(s, 1, "+1", false, t0.wall, &c), TW_E_UNKNOWN);
	}
	ck_assert_int_ge(nth, 5);	/* two look-ups, BEGIN, INSERT, COMMIT */
	store_inject(s, 0, 0, false);
	ck_assert_int_eq(store_contact(s, 1, "+1", false, t0.wall, &c), 0);
	ck_assert_str_eq(store_health(s), "ok");
	store_close(s);
}
END_TEST

START_TEST(test_disk_full)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	struct store *s = must_open(path);
	struct store_contact c;
	int r = 0, made = 0;

	a_contact(s, "+1");
	store_limit_pages(s, 400);
	while (r == 0 && made < 100000) {
		for (int i = 0; i < 100; i++, made++) {
			tw_auto(tw_free_charp) char *number = tw_printf("+4477009%05d", made);

			if (store_contact(s, 1, number, true, t0.wall, &c) < 0)
				break;
		}
		r = store_flush(s, at(made));
	}
	ck_assert_int_eq(r, TW_E_DB_FULL);
	ck_assert_str_eq(store_health(s), "disk full");
	ck_assert_int_eq(store_contact(s, 1, "+1", false, t0.wall, &c), 0);
	store_limit_pages(s, 0);
	a_contact(s, "+2");
	ck_assert_int_eq(store_flush(s, at(made)), 0);
	ck_assert_str_eq(store_health(s), "ok");
	store_close(s);
	s = must_open(path);
	ck_assert_int_eq(store_contact(s, 1, "+2", false, t0.wall, &c), 0);
	store_close(s);
}
END_TEST

/* A log laid out with zeros is an empty one, also for who opens it after a death without a commit. */
START_TEST(test_log_is_laid_out)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *log = in_folder("twoway.db-wal");
	struct store *s = must_open(path);
	struct stat st;
	int64_t id;

	ck_assert_int_eq(stat(log, &st), 0);
	ck_assert_int_ge(st.st_size, 2 << 20);
	ck_assert_int_eq(store_account(s, "kept", &id), 0);
	ck_assert_int_eq(store_flush(s, at(1)), 0);
	ck_assert_int_eq(store_account(s, "lost", &id), 0);
	store_crash(s);
	store_close(s);
	s = must_open(path);
	char name[16];

	ck_assert_int_eq(store_account_name(s, id - 1, name, sizeof(name)), 0);
	ck_assert_str_eq(name, "kept");
	ck_assert_int_eq(store_account_name(s, id, name, sizeof(name)), TW_E_UNKNOWN);
	store_close(s);
}
END_TEST

/* The log is moved into the database once it is past 8 MiB, and does not grow on. */
START_TEST(test_checkpoint)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *log = in_folder("twoway.db-wal");
	struct store *s = must_open(path);
	struct stat st;

	for (int i = 0; i < 6000; i++) {
		struct store_message m = a_message(s, MESSAGE_SENT, 1, i);

		store_message_done(&m);
		ck_assert_int_eq(store_flush(s, at(i)), 0);
	}
	ck_assert_uint_ge(store_counters(s)->checkpoints, 1);
	ck_assert_int_eq(stat(log, &st), 0);
	ck_assert_int_lt(st.st_size, 10 << 20);
	store_close(s);
}
END_TEST

/* A log of a mebibyte is emptied when nothing has happened for half a minute, a short one is left. */
START_TEST(test_checkpoint_when_idle)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	struct store *s = must_open(path);
	int64_t ms = 0;

	while (mono_due(MONO_NEVER, store_deadline(s)) && ms < 2000) {
		struct store_message m = a_message(s, MESSAGE_SENT, 1, ms);

		store_message_done(&m);
		ck_assert_int_eq(store_flush(s, at(++ms)), 0);
	}
	ck_assert_int_gt(ms, 50);
	ck_assert_int_eq(store_deadline(s).ms, at(ms + 30000).mono.ms);
	ck_assert_int_eq(store_commit(s, at(ms + 29999)), 0);
	ck_assert_uint_eq(store_counters(s)->checkpoints, 0);
	ck_assert_int_eq(store_commit(s, at(ms + 30000)), 0);
	ck_assert_uint_eq(store_counters(s)->checkpoints, 1);
	ck_assert(mono_due(MONO_NEVER, store_deadline(s)));
	store_close(s);
}
END_TEST

static void copy_file(const char *name, const char *to)
{
	tw_auto(tw_free_charp) char *from = in_folder(name);
	static char octets[1 << 16];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t n;

	ck_assert(in && out);
	while ((n = fread(octets, 1, sizeof(octets), in)) > 0)
		ck_assert_uint_eq(fwrite(octets, 1, n, out), n);
	fclose(in);
	ck_assert_int_eq(fclose(out), 0);
}

/* What is committed is in the files, not in a buffer: a copy of them, taken as a power loss would leave
 * them, has it; a turn of any size, and nothing of one that is not committed. */
START_TEST(test_committed_is_in_the_files)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	struct store *s = must_open(path);
	char copy[96], log[112], *error = NULL;
	int committed = 0;

	for (int turn = 0; turn < 4; turn++) {
		static const int sizes[] = { 1, 10, 3000, 1 };

		for (int i = 0; i < sizes[turn]; i++) {
			struct store_message m = a_message(s, MESSAGE_SENT, 1, i);

			store_message_done(&m);
		}
		if (turn == 3)
			break;
		ck_assert_int_eq(store_flush(s, at(turn)), 0);
		committed += sizes[turn];
	}
	snprintf(copy, sizeof(copy), "%s.lost", folder);
	snprintf(log, sizeof(log), "%s-wal", copy);
	copy_file("twoway.db", copy);
	copy_file("twoway.db-wal", log);
	store_crash(s);
	store_close(s);
	sqlite3 *db;
	sqlite3_stmt *st;

	ck_assert_int_eq(sqlite3_open(copy, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM message", -1, &st, NULL),
			 SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_column_int(st, 0), committed);
	sqlite3_finalize(st);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA integrity_check", NULL, NULL, &error), SQLITE_OK);
	sqlite3_close(db);
	unlink(copy);
	unlink(log);
}
END_TEST

START_TEST(test_queue_order)
{
	struct store *s = must_open(":memory:");
	struct store_route a = { .account = 1 }, b = { .account = 1, .line = 5 }, again = { .account = 1 };
	int64_t id;
	struct wall_ms due;
	int segments;

	ck_assert_int_eq(store_route(s, &a), 0);
	ck_assert_int_eq(store_route(s, &b), 0);
	ck_assert_int_eq(store_route(s, &again), 0);
	ck_assert_int_eq(a.id, again.id);
	ck_assert_int_ne(a.id, b.id);
	struct store_message m1 = a_message(s, MESSAGE_QUEUED, a.id, 300);
	struct store_message m2 = a_message(s, MESSAGE_QUEUED, a.id, 100);
	struct store_message m3 = a_message(s, MESSAGE_SCHEDULED, b.id, 50);

	ck_assert_int_eq(store_queue_head(s, a.id, LANE_API, &id, &due, &segments), 0);
	ck_assert_int_eq(id, m2.id);
	ck_assert_int_eq(due.ms, 100);
	ck_assert_int_eq(store_queue_head(s, a.id, LANE_REPLY, &id, &due, &segments), TW_E_UNKNOWN);
	ck_assert_int_eq(store_queue_head(s, b.id, LANE_API, &id, &due, &segments), TW_E_UNKNOWN);
	ck_assert_int_eq(store_scheduled_next(s, &id, &due), 0);
	ck_assert_int_eq(id, m3.id);
	struct store_placed queued = { 0 };

	ck_assert_int_eq(store_queued_next(s, &queued), 0);
	ck_assert_int_eq(queued.id, m2.id);
	ck_assert_int_eq(queued.valid_until.ms, 1100);
	ck_assert_int_eq(store_queued_next(s, &queued), 0);
	ck_assert_int_eq(queued.id, m1.id);
	ck_assert_int_eq(store_queued_next(s, &queued), TW_E_UNKNOWN);
	m2.state = MESSAGE_SENDING;
	ck_assert_int_eq(store_message_save(s, &m2), 0);
	ck_assert_int_eq(store_queue_head(s, a.id, LANE_API, &id, &due, &segments), 0);
	ck_assert_int_eq(id, m1.id);
	struct store_placed sending = { 0 };

	ck_assert_int_eq(store_sending_next(s, &sending), 0);
	ck_assert_int_eq(sending.id, m2.id);
	ck_assert_int_eq(store_sending_next(s, &sending), TW_E_UNKNOWN);
	struct store_queue_count q = { 0 };

	ck_assert_int_eq(store_queue_next(s, &q), 0);
	ck_assert(q.route == a.id && q.lane == LANE_API && q.n == 1);
	ck_assert_int_eq(store_queue_next(s, &q), TW_E_UNKNOWN);
	id = 0;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(store_pending_next(s, m1.contact, NULL, id, &id), 0);
	ck_assert_int_eq(store_pending_next(s, m1.contact, NULL, id, &id), TW_E_UNKNOWN);
	store_message_done(&m1);
	store_message_done(&m2);
	store_message_done(&m3);
	store_close(s);
}
END_TEST

/* No statement of the hot path or of a queue may scan a table: asked of SQLite's own planner. */
START_TEST(test_nothing_is_scanned)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	static const char *const statements[] = {
#define X(name, sql) sql,
#include "../../src/store/sql.h"
		STATEMENTS(X)
#undef X
	};
	sqlite3 *db;

	store_close(must_open(path));
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	/* What gauge.c makes for each connection. */
	ck_assert_int_eq(sqlite3_exec(db, "CREATE TEMP TABLE gauge(what, kind, n, "
				      "PRIMARY KEY(what, kind)) WITHOUT ROWID", NULL, NULL, NULL),
			 SQLITE_OK);
	for (size_t i = 0; i < TW_COUNT(statements); i++) {
		if (strncmp(statements[i], "SELECT", 6) && strncmp(statements[i], "UPDATE", 6))
			continue;
		tw_auto(tw_free_charp) char *sql = tw_printf("EXPLAIN QUERY PLAN %s", statements[i]);
		sqlite3_stmt *st;

		ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
		while (sqlite3_step(st) == SQLITE_ROW) {
			const char *detail = (const char *)sqlite3_column_text(st, 3);
			/* sqlite_sequence has a row a table, and no index. */
			bool scan = strncmp(detail, "SCAN", 4) == 0 && !strstr(detail, "USING") &&
				    !strstr(detail, "sqlite_sequence");
			bool temp = strstr(detail, "TEMP B-TREE") && !strstr(sql, "FROM thread");
			/* Where all conversations stand is asked by an operator, once a reload. */
			bool counts_all = strstr(sql, "FROM conversation GROUP BY") != NULL;

			ck_assert_msg((!scan && !temp) || counts_all, "%s: %s", sql, detail);
		}
		sqlite3_finalize(st);
	}
	sqlite3_close(db);
}
END_TEST

START_TEST(test_what_a_sim_used)
{
	struct store *s = must_open(":memory:");
	struct store_sim sim = { .iccid = "8944100000000000001" };
	uint8_t recent[] = { 1, 2, 3 };
	struct store_used u = { .day_at = { 10 }, .day = 5, .day_bulk = 4, .month_at = { 9 }, .month = 50,
				.month_bulk = 40, .spent = 700, .spent_bulk = 600, .recent = recent,
				.recent_n = 3 }, back;
	struct wall_ms june = { 600 }, july = { 700 };
	int64_t n;

	ck_assert_int_eq(store_sim_put(s, &sim), 0);
	ck_assert_int_eq(store_used_put(s, sim.id, &u), 0);
	ck_assert_int_eq(store_used_get(s, sim.id, &back), 0);
	ck_assert(back.day_at.ms == 10 && back.day == 5 && back.day_bulk == 4 && back.month_at.ms == 9 &&
		  back.month == 50 && back.month_bulk == 40 && back.spent == 700 &&
		  back.spent_bulk == 600);
	ck_assert_uint_eq(back.recent_n, 3);
	ck_assert_mem_eq(back.recent, recent, 3);
	store_used_done(&back);
	ck_assert_int_eq(store_used_get(s, 99, &back), TW_E_UNKNOWN);
	/* Whom it texted: a short code is not the number of the same digits, and who is refused is none. */
	ck_assert_int_eq(store_recipient_add(s, sim.id, june, "+60300", 2), 0);
	ck_assert_int_eq(store_recipient(s, sim.id, june, "+60300"), 0);
	ck_assert_int_eq(store_recipient(s, sim.id, june, "60300"), TW_E_UNKNOWN);
	ck_assert_int_eq(store_recipient(s, sim.id, july, "+60300"), TW_E_UNKNOWN);
	ck_assert_int_eq(store_recipient_add(s, sim.id, june, "60300", 1), 0);
	ck_assert_int_eq(store_recipients(s, sim.id, june, &n), 0);
	ck_assert_int_eq(n, 2);
	ck_assert_int_eq(store_recipient_add(s, sim.id, june, "+60300", -1), 0);
	ck_assert_int_eq(store_recipient(s, sim.id, june, "+60300"), 0);
	ck_assert_int_eq(store_recipient_add(s, sim.id, june, "60300", -1), 0);
	ck_assert_int_eq(store_recipients(s, sim.id, june, &n), 0);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(store_recipients_prune(s, sim.id, july), 0);
	ck_assert_int_eq(store_recipients(s, sim.id, june, &n), 0);
	ck_assert_int_eq(n, 0);
	store_close(s);
}
END_TEST

START_TEST(test_notes)
{
	struct store *s = must_open(":memory:");
	char text[16];

	ck_assert_int_eq(store_note(s, "x", text, sizeof(text)), TW_E_UNKNOWN);
	ck_assert_int_eq(store_note_put(s, "x", "one"), 0);
	ck_assert_int_eq(store_note_put(s, "x", "two"), 0);
	ck_assert_int_eq(store_note(s, "x", text, sizeof(text)), 0);
	ck_assert_str_eq(text, "two");
	store_close(s);
}
END_TEST

START_TEST(test_attempts)
{
	struct store *s = must_open(":memory:");
	struct store_attempt a = { .id = INT64_C(9) << 16 | 1, .sim = 3, .segment = 1, .mr = -1,
				   .report = -1, .started_at = t0.wall, .rule = 7,
				   .looked_at = "12=busy" }, b;

	ck_assert_int_eq(store_attempt_insert(s, &a), 0);
	ck_assert_int_eq(store_attempt_insert(s, &a), TW_E_EXISTS);
	char *looked_at, *trace;

	ck_assert_int_eq(store_attempt_trace(s, a.id, "> AT\n"), 0);
	ck_assert_int_eq(store_attempt_told(s, a.id, &looked_at, &trace), 0);
	ck_assert_str_eq(looked_at, "12=busy");
	ck_assert_str_eq(trace, "> AT\n");
	free(looked_at);
	free(trace);
	a.looked_at = NULL;
	a.outcome = STORE_SENT;
	a.mr = 200;
	a.wants_report = true;
	strcpy(a.cause, "CMS 38");
	a.ended_at = at(5).wall;
	ck_assert_int_eq(store_attempt_save(s, &a), 0);
	a.id++;
	ck_assert_int_eq(store_attempt_insert(s, &a), 0);
	ck_assert_int_eq(store_attempt_waiting(s, 3, 200, 0, &b), 0);
	ck_assert_int_eq(b.id, a.id);
	ck_assert_int_eq(store_attempt_waiting(s, 3, 200, b.id, &b), 0);
	ck_assert_int_eq(b.id, a.id - 1);
	ck_assert_str_eq(b.cause, "CMS 38");
	ck_assert_int_eq(b.rule, 7);
	ck_assert_int_eq(store_attempt_before(s, a.id, &b), 0);
	ck_assert_int_eq(b.id, a.id - 1);
	ck_assert_int_eq(store_attempt_before(s, b.id, &b), TW_E_UNKNOWN);
	ck_assert_int_eq(store_attempt_message(b.id), 9);
	ck_assert_int_eq(store_attempt_waiting(s, 3, 200, b.id, &b), TW_E_UNKNOWN);
	ck_assert_int_eq(store_attempt_waiting(s, 3, 201, 0, &b), TW_E_UNKNOWN);
	ck_assert_int_eq(store_attempt_next(s, 9, 0, &b), 0);
	ck_assert_int_eq(store_attempt_next(s, 9, b.id, &b), 0);
	ck_assert_int_eq(store_attempt_next(s, 9, b.id, &b), TW_E_UNKNOWN);
	ck_assert_int_eq(store_attempt_next(s, 8, 0, &b), TW_E_UNKNOWN);
	store_close(s);
}
END_TEST

START_TEST(test_sim_learns_its_number)
{
	struct store *s = must_open(":memory:");
	struct store_sim sim = { .first_seen = t0.wall }, other;
	char number[TW_ADDRESS_MAX];
	int64_t line;

	strcpy(sim.iccid, "8944100000000000001");
	ck_assert_int_eq(store_sim_put(s, &sim), 0);
	line = sim.line;
	strcpy(sim.number, "+447700900001");
	ck_assert_int_eq(store_sim_put(s, &sim), 0);
	ck_assert_int_eq(sim.line, line);
	ck_assert_int_eq(store_line_number(s, line, number, sizeof(number)), 0);
	ck_assert_str_eq(number, "+447700900001");
	ck_assert_int_eq(store_sim_find(s, sim.iccid, &other), 0);
	ck_assert(other.id == sim.id);
	ck_assert_str_eq(other.number, "+447700900001");
	ck_assert_int_eq(store_sim_find(s, "x", &other), TW_E_UNKNOWN);
	ck_assert_int_eq(store_sims(s, 0, &other), 0);
	ck_assert_int_eq(store_sims(s, other.id, &other), TW_E_UNKNOWN);
	store_close(s);
}
END_TEST

START_TEST(test_threads)
{
	struct store *s = must_open(":memory:");
	int64_t c = a_contact(s, "+447700900100");
	struct store_thread t;
	struct wall_ms none = { 0 };

	ck_assert_int_eq(store_thread(s, c, 1, &t), TW_E_UNKNOWN);
	ck_assert_int_eq(store_thread_touch(s, c, 1, at(0).wall, none), 0);
	ck_assert_int_eq(store_thread_touch(s, c, 2, none, at(50).wall), 0);
	ck_assert_int_eq(store_thread_touch(s, c, 1, none, at(10).wall), 0);
	ck_assert_int_eq(store_thread(s, c, 1, &t), 0);
	ck_assert(t.last_in.ms == at(0).wall.ms && t.last_out.ms == at(10).wall.ms);
	ck_assert_int_eq(store_thread_last(s, c, &t), 0);
	ck_assert_int_eq(t.line, 2);
	store_close(s);
}
END_TEST

START_TEST(test_assembly)
{
	struct store *s = must_open(":memory:");
	struct store_assembly a = { .sim = 1, .toa = 0x91, .ref_bits = 8, .ref = 5, .total = 3,
				    .first_at = t0.wall, .deadline = at(1000).wall }, b;
	uint8_t octets[4] = { 1, 2, 3, 4 };
	struct store_part p = { .seq = 2, .at = t0.wall, .pdu = octets, .pdu_n = 4, .dup = 99 }, q;
	struct store_dup d;

	strcpy(a.sender, "+447700900100");
	ck_assert_int_eq(store_assembly_find(s, &a, 0, &b), TW_E_UNKNOWN);
	ck_assert_int_eq(store_assembly_insert(s, &a), 0);
	p.assembly = a.id;
	ck_assert_int_eq(store_part_insert(s, &p), 0);
	ck_assert_int_eq(store_assembly_find(s, &a, 0, &b), 0);
	ck_assert_int_eq(b.id, a.id);
	ck_assert_int_eq(store_assembly_find(s, &a, b.id, &b), TW_E_UNKNOWN);
	ck_assert_int_eq(store_assembly_due(s, &b), 0);
	ck_assert_int_eq(store_dup_find(s, 99, false, 0, &d), TW_E_UNKNOWN);
	ck_assert_int_eq(store_dup_find(s, 99, true, 0, &d), 0);
	ck_assert_uint_eq(d.pdu_n, 4);
	store_dup_done(&d);
	ck_assert_int_eq(store_part_next(s, a.id, 0, &q), 0);
	ck_assert_int_eq(q.seq, 2);
	store_part_done(&q);
	a.have = 3;
	a.message = 12;
	ck_assert_int_eq(store_assembly_save(s, &a), 0);
	ck_assert_int_eq(store_assembly_find(s, &a, 0, &b), TW_E_UNKNOWN);
	ck_assert_int_eq(store_assembly_due(s, &b), TW_E_UNKNOWN);
	store_close(s);
}
END_TEST

START_TEST(test_slots)
{
	struct store *s = must_open(":memory:");
	uint8_t one[16] = { 1 }, two[16] = { 2 }, got[16];

	ck_assert_int_eq(store_slot(s, 1, "SM", 4, got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_slot_put(s, 1, "SM", 4, one), 0);
	ck_assert_int_eq(store_slot_put(s, 1, "SM", 4, two), 0);
	ck_assert_int_eq(store_slot(s, 1, "SM", 4, got), 0);
	ck_assert_mem_eq(got, two, 16);
	ck_assert_int_eq(store_slot_empty(s, 1, "ME", 4), 0);
	ck_assert_int_eq(store_slot(s, 1, "SM", 4, got), 0);
	ck_assert_int_eq(store_slot_empty(s, 1, "SM", 4), 0);
	ck_assert_int_eq(store_slot(s, 1, "SM", 4, got), TW_E_UNKNOWN);
	store_close(s);
}
END_TEST

static void consent(struct store *s, enum store_consent_kind kind, const char *text)
{
	struct store_consent c = { .account = 1, .at = t0.wall, .list = (char *)"", .kind = kind,
				   .number = (char *)"+447700900100", .text = (char *)text };

	ck_assert_int_eq(store_consent_add(s, &c), 0);
}

START_TEST(test_consent_chain)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	struct store *s = must_open(path);
	struct store_consent c;
	int64_t account, seq = 0;
	uint8_t link[32];

	ck_assert_int_eq(store_account(s, "default", &account), 0);
	consent(s, STORE_CONSENT_STOP, "STOP");
	consent(s, STORE_CONSENT_START, "START");
	consent(s, STORE_CONSENT_STOP, "stop!");
	ck_assert_int_eq(store_consent_verify(s, 1, &seq), 0);
	ck_assert_int_eq(store_consent_head(s, 1, &seq, link), 0);
	ck_assert_int_eq(seq, 3);
	ck_assert_int_eq(store_consent_next(s, 1, 1, &c), 0);
	ck_assert_int_eq(c.kind, STORE_CONSENT_START);
	ck_assert_str_eq(c.text, "START");
	store_consent_done(&c);
	ck_assert_int_eq(store_consent_erase(s, 1, "+447700900100", t0.wall), 0);
	ck_assert_int_eq(store_consent_verify(s, 1, &seq), 0);
	ck_assert_int_eq(store_consent_next(s, 1, 0, &c), 0);
	ck_assert_ptr_null(c.number);
	ck_assert_ptr_null(c.text);
	for (size_t i = 0; i < sizeof(c.salt); i++)
		ck_assert_int_eq(c.salt[i], 0);
	store_consent_done(&c);
	ck_assert_int_eq(store_consent_next(s, 1, 3, &c), 0);	/* says which are empty, and why */
	ck_assert_int_eq(c.kind, STORE_CONSENT_ERASE);
	ck_assert_str_eq(c.text, "1 2 3");
	ck_assert_str_eq(c.number, "");
	store_consent_done(&c);
	ck_assert_int_eq(store_consent_erase(s, 1, "+447700900100", t0.wall), 0);
	ck_assert_int_eq(store_consent_next(s, 1, 4, &c), TW_E_UNKNOWN);	/* nothing left to erase */
	store_close(s);
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "UPDATE consent SET at = at + 1 WHERE seq = 2", NULL, NULL,
				      NULL), SQLITE_OK);
	sqlite3_close(db);
	s = must_open(path);
	ck_assert_int_eq(store_consent_verify(s, 1, &seq), TW_E_DB_DAMAGED);
	ck_assert_int_eq(seq, 2);
	store_close(s);
}
END_TEST

/* A link by hand, as contract 3 writes it down: what another program would compute. */
START_TEST(test_consent_link)
{
	struct store *s = must_open(":memory:");
	struct store_consent c;
	int64_t account;
	uint8_t octets[256] = { 0 }, digest[32], salted[64];
	size_t n = 32;

	store_account(s, "default", &account);
	consent(s, STORE_CONSENT_STOP, "STOP");
	ck_assert_int_eq(store_consent_next(s, 1, 0, &c), 0);
	n += 7;
	octets[n++] = 1;
	for (int i = 0; i < 8; i++)
		octets[n++] = (uint8_t)((uint64_t)t0.wall.ms >> (56 - 8 * i));
	n += 4 + 3;
	octets[n++] = 4;
	memcpy(octets + n, "stop", 4);
	n += 4;
	memcpy(salted, c.salt, 16);
	memcpy(salted + 16, "+447700900100", 13);
	tw_sha256(salted, 29, octets + n);
	n += 32;
	memcpy(salted + 16, "STOP", 4);
	tw_sha256(salted, 20, octets + n);
	n += 32;
	tw_sha256(octets, n, digest);
	ck_assert_mem_eq(digest, c.link, 32);
	store_consent_done(&c);
	store_close(s);
}
END_TEST

START_TEST(test_lists)
{
	struct store *s = must_open(":memory:");
	struct store_subscription sub;
	struct store_list list;
	int64_t account, offers, news, again;

	store_account(s, "default", &account);
	ck_assert_int_eq(store_list(s, account, "offers", false, &offers), TW_E_UNKNOWN);
	ck_assert_int_eq(store_list(s, account, "offers", true, &offers), 0);
	ck_assert_int_eq(store_list(s, account, "news", true, &news), 0);
	ck_assert_int_eq(store_list(s, account, "offers", true, &again), 0);
	ck_assert_int_eq(again, offers);
	ck_assert_int_eq(store_list_next(s, account, "", &list), 0);
	ck_assert_str_eq(list.name, "news");
	ck_assert_int_eq(store_list_next(s, account, "offers", &list), TW_E_UNKNOWN);
	for (int contact = 7; contact <= 9; contact++) {
		sub = (struct store_subscription){ offers, contact, STORE_JOINED, t0.wall, "" };
		ck_assert_int_eq(store_subscription_put(s, &sub), 0);
	}
	sub.list = news;
	ck_assert_int_eq(store_subscription_put(s, &sub), 0);
	ck_assert_int_eq(store_subscription_in(s, offers, 7, &sub), 0);
	ck_assert_int_eq(sub.contact, 8);
	ck_assert_int_eq(store_subscription_of(s, 9, offers, &sub), 0);
	ck_assert_str_eq(sub.name, "news");
	ck_assert_int_eq(store_subscriptions_leave(s, 9, wall_after(t0.wall, 5)), 0);
	ck_assert_int_eq(store_subscription(s, offers, 9, &sub), 0);
	ck_assert_int_eq(sub.state, STORE_LEFT);
	ck_assert_int_eq(sub.since.ms, t0.wall.ms + 5);
	ck_assert_int_eq(store_subscription(s, offers, 8, &sub), 0);
	ck_assert_int_eq(sub.state, STORE_JOINED);
	store_close(s);
}
END_TEST

static void add_text(struct store *s, const struct store_contact *c, const char *text, int state)
{
	struct store_message m = { .direction = OUTBOUND, .state = state, .contact = c->id,
				   .account = c->account, .body = (char *)(uintptr_t)text,
				   .body_n = strlen(text), .key = (char *)(uintptr_t)"anna",
				   .created_at = t0.wall, .route = 1 };
	struct store_attempt a = { .sim = 1, .run = 1, .segment = 1, .mr = -1, .report = -1 };

	ck_assert_int_eq(store_message_insert(s, &m), 0);
	a.id = m.id << 16 | 1;
	ck_assert_int_eq(store_attempt_insert(s, &a), 0);
	ck_assert_int_eq(store_attempt_trace(s, a.id, "AT+CMGS"), 0);
}

/* Whether a file holds these octets anywhere. */
static bool file_holds(const char *path, const char *what)
{
	FILE *f = fopen(path, "r");
	char *octets = tw_alloc(8 << 20);
	size_t n = f ? fread(octets, 1, 8 << 20, f) : 0;
	bool found = n && memmem(octets, n, what, strlen(what));

	if (f)
		fclose(f);
	free(octets);
	return found;
}

START_TEST(test_erase)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	struct store *s = must_open(path);
	struct store_contact c, other;
	struct store_message m;
	char *looked = NULL, *trace = NULL;
	int64_t account, contact, done;
	int slices = 1;

	store_account(s, "default", &account);
	store_contact(s, account, "+447700900100", true, t0.wall, &c);
	store_contact(s, account, "+447700900101", true, t0.wall, &other);
	tw_strset(c.name, sizeof(c.name), "Anna Smith");
	ck_assert_int_eq(store_contact_save(s, &c), 0);
	ck_assert_int_eq(store_field_put(s, c.id, "city", "Bergen-op-Zoom"), 0);
	store_event_add(s, "loop", c.number, "cut", 0, t0.wall);
	consent(s, STORE_CONSENT_STOP, "STOP forever");
	static char number[] = "{\"number\":\"+447700900100\",\"name\":\"Ann\"}";
	const struct store_replay answered = { .status = 200, .answer_n = sizeof(number) - 1,
					       .answer = number };

	ck_assert_int_eq(store_replay_put(s, "", "k", &answered, t0.wall), 0);
	for (int i = 0; i < 10; i++)
		add_text(s, &c, "a secret of hers", MESSAGE_DELIVERED);
	add_text(s, &other, "a text of his", MESSAGE_DELIVERED);
	add_text(s, &c, "a secret that waits", MESSAGE_QUEUED);
	store_commit(s, t0);
	store_flush(s, t0);
	ck_assert_int_eq(store_erase_begin(s, &c, t0.wall), 0);
	ck_assert_int_eq(store_contact(s, account, "+447700900100", false, t0.wall, &c), TW_E_UNKNOWN);
	ck_assert_int_eq(store_erasure_next(s, 0, &contact, &done), 0);
	while (store_erase_slice(s, contact, done, 4) == 0) {
		slices++;
		ck_assert_int_eq(store_erasure_next(s, 0, &contact, &done), 0);
	}
	ck_assert_int_eq(slices, 3);		/* the last one stopped at the text that waits */
	ck_assert_int_eq(store_message_get(s, 12, &m), 0);
	ck_assert_ptr_nonnull(m.body);
	m.state = MESSAGE_CANCELED;
	ck_assert_int_eq(store_message_save(s, &m), 0);
	store_message_done(&m);
	ck_assert_int_eq(store_erasure_next(s, 0, &contact, &done), 0);
	ck_assert_int_eq(store_erase_slice(s, contact, done, 4), 1);
	ck_assert_int_eq(store_erasure_next(s, 0, &contact, &done), TW_E_UNKNOWN);
	for (int id = 1; id <= 12; id++) {
		ck_assert_int_eq(store_message_get(s, id, &m), 0);
		ck_assert(!m.body == (id != 11) && !m.key == (id != 11));
		store_message_done(&m);
	}
	ck_assert_int_eq(store_attempt_told(s, 1 << 16 | 1, &looked, &trace), 0);
	ck_assert_ptr_null(trace);
	ck_assert_int_eq(store_attempt_told(s, 11 << 16 | 1, &looked, &trace), 0);
	ck_assert_str_eq(trace, "AT+CMGS");
	free(trace);
	ck_assert_int_eq(store_contact_get(s, 1, &c), 0);
	ck_assert_str_eq(c.number, "");
	ck_assert_str_eq(c.name, "");
	ck_assert_int_eq(store_consent_verify(s, account, &done), 0);
	ck_assert_int_eq(store_flush(s, t0), 0);
	store_close(s);
	/* Not a trace of it is in the file, freed pages included. */
	ck_assert(file_holds(path, "a text of his"));
	ck_assert(!file_holds(path, "secret"));
	ck_assert(!file_holds(path, "7700900100"));
	ck_assert(!file_holds(path, "Anna"));
	ck_assert(!file_holds(path, "Bergen"));
	ck_assert(!file_holds(path, "forever"));
}
END_TEST

START_TEST(test_idempotency)
{
	static const uint8_t digest[STORE_DIGEST] = { 1, 2, 3 };
	struct store *s = must_open(":memory:");
	const struct wall_ms later = at(STORE_IDEMPOTENCY_MS + 1).wall;
	uint8_t got[STORE_DIGEST];
	int64_t id;

	ck_assert_int_eq(store_idempotency(s, 1, "k", t0.wall, &id, got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_idempotency_put(s, 1, "k", 5, digest, t0.wall), 0);
	ck_assert_int_eq(store_idempotency_put(s, 1, "k", 6, digest, t0.wall), TW_E_EXISTS);
	ck_assert_int_eq(store_idempotency(s, 1, "k", t0.wall, &id, got), 0);
	ck_assert_int_eq(id, 5);
	ck_assert_mem_eq(got, digest, STORE_DIGEST);
	ck_assert_int_eq(store_idempotency(s, 2, "k", t0.wall, &id, got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_idempotency(s, 1, "k", later, &id, got), TW_E_UNKNOWN);
	/* It may be given anew, whether others came meanwhile or not. */
	ck_assert_int_eq(store_idempotency_put(s, 1, "k", 7, digest, later), 0);
	ck_assert_int_eq(store_idempotency(s, 1, "k", later, &id, got), 0);
	ck_assert_int_eq(id, 7);
	store_close(s);
}
END_TEST

START_TEST(test_replays)
{
	struct store *s = must_open(":memory:");
	const struct wall_ms later = at(STORE_IDEMPOTENCY_MS + 1).wall;
	static char number[] = "{\"number\":\"+447700900123\"}";
	struct store_replay v = { .digest = { 9 }, .status = 201, .answer_n = sizeof(number) - 1,
				  .answer = number }, got;

	ck_assert_int_eq(store_replay_put(s, "acme", "k", &v, t0.wall), 0);
	ck_assert_int_eq(store_replay(s, "acme", "k", t0.wall, &got), 0);
	ck_assert_int_eq(got.status, 201);
	ck_assert_str_eq(got.answer, v.answer);
	ck_assert_mem_eq(got.digest, v.digest, STORE_DIGEST);
	store_replay_done(&got);
	ck_assert_int_eq(store_replay(s, "", "k", t0.wall, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_replay(s, "acme", "k", later, &got), TW_E_UNKNOWN);
	v = (struct store_replay){ .job = 4 };
	ck_assert_int_eq(store_replay_put(s, "acme", "k", &v, later), 0);
	ck_assert_int_eq(store_replay(s, "acme", "k", later, &got), 0);
	ck_assert_int_eq(got.job, 4);
	store_replay_done(&got);
	store_close(s);
}
END_TEST

START_TEST(test_jobs)
{
	struct store *s = must_open(":memory:");
	struct store_job j = { .kind = JOB_USSD, .state = JOB_WAITING, .purpose = 3, .ref = 7,
			       .dialogue = true, .limit_ms = 5000, .created_at = t0.wall,
			       .expires_at = at(60000).wall }, got;
	struct store_step step;
	int64_t first;

	strcpy(j.modem, "till");
	strcpy(j.who, "root");
	ck_assert_int_eq(store_job_insert(s, &j, t0.wall), 0);
	first = j.id;
	for (int n = 1; n <= 2; n++)
		ck_assert_int_eq(store_step_put(s, j.id, n, n == 1 ? "*100#" : "1", NULL, 0,
						(struct wall_ms){ 0 }), 0);
	ck_assert_int_eq(store_step_put(s, j.id, 1, "*100#", "Menu", 1, at(9).wall), 0);
	ck_assert_int_eq(store_job_open_next(s, 0, &got), 0);
	ck_assert_int_eq(got.id, first);
	ck_assert(got.dialogue && got.purpose == 3 && got.ref == 7 && got.limit_ms == 5000);
	ck_assert_str_eq(got.modem, "till");
	ck_assert_int_eq(store_step_next(s, first, 0, &step), 0);
	ck_assert_str_eq(step.got, "Menu");
	store_step_done(&step);
	ck_assert_int_eq(store_step_next(s, first, 1, &step), 0);
	ck_assert_ptr_null(step.got);
	store_step_done(&step);
	j.state = JOB_FAILED;
	strcpy(j.error, "interrupted");
	j.finished_at = at(10).wall;
	ck_assert_int_eq(store_job_save(s, &j), 0);
	ck_assert_int_eq(store_job_open_next(s, 0, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_job_get(s, first, &got), 0);
	ck_assert_str_eq(got.error, "interrupted");
	/* Old ones go as new ones come, with their steps. */
	ck_assert_int_eq(store_job_insert(s, &j, at(STORE_JOB_MS + 11).wall), 0);
	ck_assert_int_eq(store_job_get(s, first, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_step_next(s, first, 0, &step), TW_E_UNKNOWN);
	store_close(s);
}
END_TEST

START_TEST(test_audit)
{
	struct store *s = must_open(":memory:");
	struct store_audit got;

	ck_assert_int_eq(store_audit_before(s, 0, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_audit_add(s, "root", "at", "till", "AT+CSQ", "given", 5, t0.wall), 0);
	ck_assert_int_eq(store_audit_add(s, "root", "at", "till", "AT+CMGD=1", "refused", 0, t0.wall), 0);
	ck_assert_int_eq(store_audit_before(s, 0, &got), 0);
	ck_assert_str_eq(got.outcome, "refused");
	int64_t before = got.id;

	store_audit_done(&got);
	ck_assert_int_eq(store_audit_before(s, before, &got), 0);
	ck_assert_str_eq(got.text, "AT+CSQ");
	ck_assert_int_eq(got.job, 5);
	store_audit_done(&got);
	store_close(s);
}
END_TEST

/* Copies in slices, with commits between them. */
static void back_up(struct store *s, const char *path)
{
	struct store_backup *b;
	int r, n = 0;

	ck_assert_int_eq(store_backup_begin(s, path, &b), 0);
	while ((r = store_backup_step(b, 0)) == 0) {
		char number[16];

		snprintf(number, sizeof(number), "+%d", 1000 + n++);
		a_contact(s, number);
		/* Nothing is copied while something is not committed. */
		ck_assert_int_eq(store_backup_step(b, 0), 0);
		store_flush(s, at(n));
		ck_assert_int_lt(n, 1000);
	}
	ck_assert_int_eq(r, 1);
	ck_assert_int_gt(n, 2);
	store_backup_end(b);
}

START_TEST(test_backup)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *copy = in_folder("copy.db");
	struct store *s = must_open(path);
	struct store_backup *b;
	char number[16];
	sqlite3 *db;
	sqlite3_stmt *st;

	for (int i = 0; i < 9000; i++) {
		snprintf(number, sizeof(number), "+%d", 100000 + i);
		a_contact(s, number);
	}
	store_flush(s, at(0));
	back_up(s, copy);
	ck_assert_int_eq(store_backup_begin(s, copy, &b), -EEXIST);
	int64_t contacts;

	ck_assert_int_eq(sqlite3_open(copy, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM contact", -1, &st, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	contacts = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	ck_assert_int_gt(contacts, 9002);	/* with those committed meanwhile */
	ck_assert_int_eq(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	ck_assert_str_eq((const char *)sqlite3_column_text(st, 0), "ok");
	sqlite3_finalize(st);
	sqlite3_close(db);
	store_close(s);
}
END_TEST

static int restore(const char *path, const char *file, char **ret_kept)
{
	struct store_restored done = { 0 };
	char *why = NULL;
	int r = store_restore(path, file, at(0), &done, &why);

	ck_assert(r == 0 || why);
	free(why);
	if (ret_kept)
		*ret_kept = done.kept;
	else
		free(done.kept);
	return r;
}

START_TEST(test_restore)
{
	tw_auto(tw_free_charp) char *path = in_folder("twoway.db");
	tw_auto(tw_free_charp) char *copy = in_folder("copy.db");
	tw_auto(tw_free_charp) char *other = in_folder("other.db");
	struct store *s = must_open(path);
	struct store_backup *b;
	struct store_contact c;
	char *kept;
	FILE *f;

	a_contact(s, "+1");
	store_flush(s, at(0));
	ck_assert_int_eq(store_backup_begin(s, copy, &b), 0);
	ck_assert_int_eq(store_backup_step(b, 1000), 1);
	store_backup_end(b);
	a_contact(s, "+2");
	ck_assert_int_eq(restore(path, copy, NULL), TW_E_LOCKED);
	store_close(s);
	/* What is refused changes nothing. */
	f = fopen(other, "w");
	fputs("this is no database at all, but something else entirely", f);
	fclose(f);
	ck_assert_int_eq(restore(path, other, NULL), TW_E_DB_DAMAGED);
	ck_assert_int_eq(restore(path, "/nowhere/at/all", NULL), -ENOENT);
	sqlite3 *db;

	unlink(other);
	ck_assert_int_eq(sqlite3_open(other, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "CREATE TABLE x(y)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(restore(path, other, NULL), TW_E_TYPE);
	s = must_open(path);
	ck_assert_int_eq(store_contact(s, 1, "+2", false, at(0).wall, &c), 0);
	store_close(s);
	/* A sound one is kept as old, a damaged one as bad; a gone one leaves nothing to keep. */
	ck_assert_int_eq(restore(path, copy, &kept), 0);
	ck_assert_ptr_nonnull(strstr(kept, "twoway.db.old-"));
	ck_assert_int_eq(access(kept, F_OK), 0);
	free(kept);
	s = must_open(path);
	ck_assert_int_eq(store_contact(s, 1, "+1", false, at(0).wall, &c), 0);
	ck_assert_int_eq(store_contact(s, 1, "+2", false, at(0).wall, &c), TW_E_UNKNOWN);
	store_close(s);
	f = fopen(path, "w");
	fputs("rotten", f);
	fclose(f);
	ck_assert_int_eq(restore(path, copy, &kept), 0);
	ck_assert_ptr_nonnull(strstr(kept, "twoway.db.bad-"));
	free(kept);
	unlink(path);
	ck_assert_int_eq(restore(path, copy, &kept), 0);
	ck_assert_ptr_null(kept);
	s = must_open(path);
	ck_assert_int_eq(store_contact(s, 1, "+1", false, at(0).wall, &c), 0);
	store_close(s);
	/* From a newer version. */
	ck_assert_int_eq(sqlite3_open(copy, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(restore(path, copy, NULL), TW_E_DB_NEWER);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store");
	TCase *t = tcase_create("store");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, make_folder, drop_folder);
	tcase_add_test(t, test_open_makes_and_remembers);
	tcase_add_test(t, test_second_daemon_is_refused);
	tcase_add_test(t, test_gone_is_not_a_first_start);
	tcase_add_test(t, test_other_build_is_not_damaged);
	tcase_add_loop_test(t, test_damaged_is_never_started_over, 0, (int)TW_COUNT(damages));
	tcase_add_test(t, test_newer_is_refused_untouched);
	tcase_add_test(t, test_another_programs_file);
	tcase_add_test(t, test_ids);
	tcase_add_test(t, test_staged_waits_for_the_commit);
	tcase_add_test(t, tokens_are_unique_by_name_and_go);
	tcase_add_test(t, test_event_is_undone_alone);
	tcase_add_test(t, test_first_event_is_undone);
	tcase_add_test(t, test_bare_event_voids_the_turn);
	tcase_add_loop_test(t, test_void_turn, 0, (int)TW_COUNT(codes));
	tcase_add_test(t, test_disk_full);
	tcase_add_test(t, test_log_is_laid_out);
	tcase_add_test(t, test_checkpoint);
	tcase_add_test(t, test_checkpoint_when_idle);
	tcase_add_test(t, test_committed_is_in_the_files);
	tcase_add_test(t, test_queue_order);
	tcase_add_test(t, test_nothing_is_scanned);
	tcase_add_test(t, test_attempts);
	tcase_add_test(t, test_what_a_sim_used);
	tcase_add_test(t, test_notes);
	tcase_add_test(t, test_sim_learns_its_number);
	tcase_add_test(t, test_threads);
	tcase_add_test(t, test_assembly);
	tcase_add_test(t, test_slots);
	tcase_add_test(t, test_consent_chain);
	tcase_add_test(t, test_consent_link);
	tcase_add_test(t, test_lists);
	tcase_add_test(t, test_erase);
	tcase_add_test(t, test_idempotency);
	tcase_add_test(t, test_replays);
	tcase_add_test(t, test_jobs);
	tcase_add_test(t, test_audit);
	tcase_add_test(t, test_backup);
	tcase_add_test(t, test_restore);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);

	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);

	srunner_free(r);
	return failed ? 1 : 0;
}
