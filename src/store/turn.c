/* The turn's transaction and what waits for its commit (design 3). */
#include <time.h>

#include "db.h"

void store_turn_begin(struct store *s, struct tw_now now)
{
	s->turn_now = now.mono;
}

bool store_is_dirty(const struct store *s)
{
	return s->in_tx;
}

bool store_is_void(const struct store *s)
{
	return s->is_void;
}

const char *store_last_error(const struct store *s)
{
	return s->last_error;
}

const struct store_counters *store_counters(const struct store *s)
{
	return &s->counters;
}

const char *store_health(const struct store *s)
{
	return s->health;
}

void store_on_commit_lazy(struct store *s, store_staged_cb *cb, void *ctx, uint64_t a, uint64_t b)
{
	if (s->n_staged == s->cap_staged) {
		s->cap_staged = s->cap_staged ? s->cap_staged * 2 : 32;
		s->staged = tw_realloc(s->staged, s->cap_staged * sizeof(*s->staged));
	}
	s->staged[s->n_staged++] = (struct staged){ cb, ctx, a, b };
}

void store_on_commit(struct store *s, store_staged_cb *cb, void *ctx, uint64_t a, uint64_t b)
{
	store_on_commit_lazy(s, cb, ctx, a, b);
	s->is_hurried = true;
}

/* What a callback stages in its turn belongs to the next commit, so the list is taken first. */
static void release(struct store *s, bool ok)
{
	struct staged *list = s->staged;
	size_t n = s->n_staged, cap = s->cap_staged;

	s->staged = NULL;
	s->n_staged = s->cap_staged = 0;
	s->is_hurried = false;
	for (size_t i = 0; i < n; i++)
		list[i].cb(list[i].ctx, ok, list[i].a, list[i].b);
	if (s->staged) {
		free(list);
		return;
	}
	s->staged = list;
	s->cap_staged = cap;
}

static void abandon(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db)) {
		for (size_t i = 0; i < ST_COUNT; i++)
			db_reset(s, (enum statement)i);
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	}
	s->in_tx = s->is_saved = s->in_event = false;
	s->is_void = false;
	s->counters.void_turns++;
}

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct mono_ms idle_at(const struct store *s)
{
	return s->in_tx || s->wal_pages < DB_IDLE_PAGES ? MONO_NEVER
							: mono_after(s->committed_at, DB_IDLE_MS);
}

/* The log goes into the database when it is long, and when nothing has happened for a while. */
static void checkpoint(struct store *s, struct mono_ms now)
{
	if ((int64_t)s->wal_pages * DB_PAGE < DB_WAL_LIMIT && !mono_due(idle_at(s), now))
		return;
	sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &s->wal_pages, NULL);
	s->wal_pages = 0;
	s->counters.checkpoints++;
}

static int commit(struct store *s)
{
	int64_t began = monotonic_ms();
	int r = db_plain(s, ST_COMMIT);

	if (r == TW_E_EXISTS) {	/* a deferred constraint: no event is left to blame */
		s->is_void = true;
		s->void_code = TW_E_DB;
	}
	if (r < 0)
		return r;
	if (monotonic_ms() - began > 1000)
		s->counters.slow_commits++;
	s->in_tx = false;
	s->counters.commits++;
	s->health = "ok";
	if (!s->has_mark && s->lock_fd >= 0)
		s->has_mark = lock_mark(s->path, s->identity) == 0;
	return 0;
}

static int end_turn(struct store *s, bool must, struct mono_ms now)
{
	int code = 0;

	if (!s->is_void && s->in_tx && must && commit(s) == 0)
		s->committed_at = now;
	if (s->is_void) {
		code = s->void_code;
		abandon(s);
		release(s, false);
		return code;
	}
	if (!s->in_tx)
		release(s, true);
	checkpoint(s, now);
	return 0;
}

bool store_is_due(const struct store *s, struct tw_now now)
{
	return s->is_hurried ||
	       (s->in_tx && mono_due(mono_after(s->dirty_since, STORE_LAZY_MS), now.mono));
}

int store_commit(struct store *s, struct tw_now now)
{
	int r = end_turn(s, store_is_due(s, now), now.mono);

	s->turn_now = now.mono;
	return r;
}

int store_flush(struct store *s, struct tw_now now)
{
	s->turn_now = now.mono;
	return end_turn(s, true, now.mono);
}

struct mono_ms store_deadline(const struct store *s)
{
	return s->in_tx ? mono_after(s->dirty_since, STORE_LAZY_MS) : idle_at(s);
}

void store_event_begin(struct store *s)
{
	s->in_event = true;
	s->is_saved = s->is_bare = s->has_written = false;
	s->is_first = !s->in_tx;
	s->event_mark = s->n_staged;
	s->event_hurried = s->is_hurried;
}

void store_event_begin_bare(struct store *s)
{
	store_event_begin(s);
	s->is_bare = true;
}

void store_event_writes(struct store *s)
{
	if (!s->is_void)
		db_open_transaction(s);
}

static int undo(struct store *s, bool saved)
{
	if (s->is_bare && s->has_written && !s->is_first) {	/* who staged something is told
								 * so */
		s->is_void = true;
		s->void_code = TW_E_DB;
		return s->void_code;
	}
	s->n_staged = s->event_mark;
	s->is_hurried = s->event_hurried;
	s->counters.undone_events++;
	if (s->is_first && s->in_tx) {	/* all that is written is this event's */
		s->in_tx = false;
		return db_plain(s, ST_ROLLBACK);
	}
	int r = saved ? db_plain(s, ST_UNDO) : 0;

	return saved && r == 0 ? db_plain(s, ST_RELEASE) : r;
}

int store_event_end(struct store *s, bool keep)
{
	bool saved = s->is_saved;

	s->in_event = s->is_saved = false;
	if (s->is_void)
		return s->void_code;
	if (!keep)
		return undo(s, saved);
	if (s->is_first && s->in_tx && !s->has_written) {	/* nobody has to wait for nothing */
		s->in_tx = false;
		return db_plain(s, ST_ROLLBACK);
	}
	int r = saved ? db_plain(s, ST_RELEASE) : 0;

	if (r < 0 && !s->is_void) {	/* a constraint that is only looked at here */
		int undone = undo(s, saved);

		return undone < 0 ? undone : r;
	}
	return r;
}

void store_inject(struct store *s, int64_t nth, int sqlite_code, bool only_commits)
{
	s->inject_nth = nth;
	s->inject_code = sqlite_code;
	s->inject_commits = only_commits;
}

void store_limit_pages(struct store *s, int64_t pages)
{
	char *sql = tw_printf("PRAGMA max_page_count = %lld",
			      (long long)(pages ? pages : 1073741823));

	sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	free(sql);
}

int64_t store_inject_left(const struct store *s)
{
	return s->inject_nth;
}
