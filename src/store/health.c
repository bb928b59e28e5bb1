/* Whether what lies there is a sound database. A small file is read whole; a large one for as long
 * as a start may take, since SQLite itself recovers from power loss and a rotten page shows when
 * read. */
#include <time.h>

#include "db.h"

enum { CHECK_MS = 400, CHECK_STEPS = 2000 };

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int is_late(void *ctx)
{
	return monotonic_ms() > *(int64_t *)ctx;
}

static int damaged(struct store *s, const char *what, char **reterr)
{
	*reterr = tw_printf("%s is damaged (%s): restore a backup with `twoway restore FILE`, or "
			    "begin anew with `twowayd --new`", s->path, what);
	return TW_E_DB_DAMAGED;
}

static int quick_check(struct store *s, char **reterr)
{
	int64_t until = monotonic_ms() + CHECK_MS;
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &st, NULL), r = 0;

	if (code != SQLITE_OK)
		return damaged(s, sqlite3_errmsg(s->db), reterr);
	sqlite3_progress_handler(s->db, CHECK_STEPS, is_late, &until);
	code = sqlite3_step(st);
	sqlite3_progress_handler(s->db, 0, NULL, NULL);
	if (code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
		r = damaged(s, (const char *)sqlite3_column_text(st, 0), reterr);
	else if (code != SQLITE_ROW && code != SQLITE_INTERRUPT)
		r = damaged(s, sqlite3_errmsg(s->db), reterr);
	sqlite3_finalize(st);
	return r;
}

/* Until the first release the schema changes without a new number. */
static int other_build(struct store *s, char **reterr)
{
	*reterr = tw_printf("%s was made by another build of twoway, with other tables (%s): take "
			    "the "
			    "program that made it, or begin anew with `twowayd --new`, which keeps "
			    "it beside", s->path, s->last_error);
	return TW_E_DB_OTHER;
}

/* Every statement compiles: each table and column that the program asks for is there. */
static int schema_check(struct store *s, char **reterr)
{
	for (int i = 0; i < ST_COUNT; i++)
		if (!db_get(s, (enum statement)i)) {
			bool is_other = (sqlite3_errcode(s->db) & 0xff) == SQLITE_ERROR;

			s->is_void = false;
			return is_other ? other_build(s, reterr)
			       : damaged(s, s->last_error, reterr);
		}
	return 0;
}

int health_check(struct store *s, int64_t file_size, char **reterr)
{
	int r = file_size > 0 ? quick_check(s, reterr) : 0;

	return r < 0 ? r : schema_check(s, reterr);
}
