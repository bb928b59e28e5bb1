/* Statements: prepared once, bound, stepped, read, reset. Whatever fails here makes the turn void,
 * but for a constraint. */
#include <stdio.h>

#include "db.h"

static const char *const statement_sql[ST_COUNT] = {
#define X(name, sql) [name] = sql,
	STATEMENTS(X)
#undef X
};

int db_error_of(int sqlite_code)
{
	switch (sqlite_code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_CONSTRAINT:
		return TW_E_EXISTS;
	case SQLITE_FULL:
		return TW_E_DB_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return TW_E_DB_DAMAGED;
	default:
		return TW_E_DB;
	}
}

static const char *health_of(int error)
{
	return error == TW_E_DB_FULL ? "disk full" : error == TW_E_DB_DAMAGED ? "damaged" : "error";
}

int db_fail(struct store *s, int code)
{
	int error = db_error_of(code);

	snprintf(s->last_error, sizeof(s->last_error), "%s (%d)",
		 s->inject_code == code ? sqlite3_errstr(code) : sqlite3_errmsg(s->db), code);
	if (error == TW_E_EXISTS)
		return error;
	s->is_void = true;
	s->void_code = error;
	s->health = health_of(error);
	return error;
}

/* What SQLite does by itself on a full disk: it rolls back, and the next statement would run
 * outside a transaction. The rule that none runs is kept by is_void. */
static int inject(struct store *s)
{
	if ((s->inject_code & 0xff) == SQLITE_FULL || (s->inject_code & 0xff) == SQLITE_IOERR)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return s->inject_code;
}

static bool is_injected(struct store *s, enum statement id)
{
	if (!s->inject_nth || (s->inject_commits && id != ST_COMMIT) || id == ST_ROLLBACK)
		return false;
	return --s->inject_nth == 0;
}

static int step(struct store *s, enum statement id)
{
	s->counters.statements++;
	if (is_injected(s, id))
		return inject(s);
	return sqlite3_step(s->st[id]);
}

sqlite3_stmt *db_get(struct store *s, enum statement id)
{
	if (s->is_void)
		return NULL;
	if (s->st[id]) {
		sqlite3_reset(s->st[id]);
		return s->st[id];
	}
	int code = sqlite3_prepare_v3(s->db, statement_sql[id], -1, SQLITE_PREPARE_PERSISTENT,
				      &s->st[id], NULL);

	if (code != SQLITE_OK) {
		db_fail(s, code);
		return NULL;
	}
	return s->st[id];
}

int db_plain(struct store *s, enum statement id)
{
	if (!db_get(s, id))
		return s->is_void ? s->void_code : TW_E_DB;
	int code = step(s, id);

	sqlite3_reset(s->st[id]);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : db_fail(s, code);
}

int db_open_transaction(struct store *s)
{
	int r = s->in_tx ? 0 : db_plain(s, ST_BEGIN);

	if (r < 0) {
		/* Somebody else holds the file: nothing is lost, but nothing can be written. */
		s->is_void = true;
		s->void_code = r;
		return r;
	}
	if (!s->in_tx)
		s->dirty_since = s->turn_now;
	s->in_tx = true;
	return 0;
}

int db_begin(struct store *s)
{
	int r;

	if (s->is_void)
		return s->void_code;
	r = db_open_transaction(s);
	if (r < 0)
		return r;
	s->has_written = true;
	if (s->in_event && !s->is_saved && !s->is_first && !s->is_bare) {
		r = db_plain(s, ST_SAVEPOINT);
		if (r < 0)
			return r;
		s->is_saved = true;
	}
	return 0;
}

int db_write(struct store *s, enum statement id)
{
	if (s->is_void)
		return s->void_code;
	int r = db_begin(s);

	if (r < 0)
		return r;
	int code = step(s, id);

	sqlite3_reset(s->st[id]);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : db_fail(s, code);
}

int db_row(struct store *s, enum statement id)
{
	if (s->is_void)
		return s->void_code;
	int code = step(s, id);

	if (code == SQLITE_ROW)
		return 1;
	sqlite3_reset(s->st[id]);
	return code == SQLITE_DONE ? 0 : db_fail(s, code);
}

int db_one(struct store *s, enum statement id)
{
	int r = db_row(s, id);

	return r < 0 ? r : r ? 0 : TW_E_UNKNOWN;
}

void db_reset(struct store *s, enum statement id)
{
	if (s->st[id])
		sqlite3_reset(s->st[id]);
}

void db_int(sqlite3_stmt *st, int i, int64_t v)
{
	if (st)
		sqlite3_bind_int64(st, i, v);
}

void db_int_or_null(sqlite3_stmt *st, int i, int64_t v)
{
	if (st && v)
		sqlite3_bind_int64(st, i, v);
	else if (st)
		sqlite3_bind_null(st, i);
}

void db_time(sqlite3_stmt *st, int i, struct wall_ms t)
{
	db_int(st, i, t.ms);
}

void db_text(sqlite3_stmt *st, int i, const char *v)
{
	if (st)
		sqlite3_bind_text(st, i, v, -1, SQLITE_STATIC);
}

void db_textn(sqlite3_stmt *st, int i, const char *v, size_t n)
{
	if (st)
		sqlite3_bind_text(st, i, v, (int)n, SQLITE_STATIC);
}

void db_blob(sqlite3_stmt *st, int i, const void *v, size_t n)
{
	if (st)
		sqlite3_bind_blob(st, i, v, (int)n, SQLITE_STATIC);
}

int64_t db_col_int(sqlite3_stmt *st, int i)
{
	return sqlite3_column_int64(st, i);
}

struct wall_ms db_col_time(sqlite3_stmt *st, int i)
{
	return (struct wall_ms){ sqlite3_column_int64(st, i) };
}

char *db_col_text(sqlite3_stmt *st, int i)
{
	const char *v = (const char *)sqlite3_column_text(st, i);

	return v ? tw_strndup(v, (size_t)sqlite3_column_bytes(st, i)) : NULL;
}

void db_col_str(sqlite3_stmt *st, int i, char *out, size_t cap)
{
	const char *v = (const char *)sqlite3_column_text(st, i);

	tw_strset(out, cap, v ? v : "");
}

uint8_t *db_col_blob(sqlite3_stmt *st, int i, size_t *ret_n)
{
	const void *v = sqlite3_column_blob(st, i);
	size_t n = (size_t)sqlite3_column_bytes(st, i);

	*ret_n = v ? n : 0;
	if (!v)
		return NULL;
	uint8_t *out = tw_alloc(n + 1);

	memcpy(out, v, n);
	out[n] = 0;
	return out;
}

void db_col_fixed(sqlite3_stmt *st, int i, uint8_t *out, size_t n)
{
	const void *v = sqlite3_column_blob(st, i);
	size_t have = (size_t)sqlite3_column_bytes(st, i);

	memset(out, 0, n);
	if (v)
		memcpy(out, v, have < n ? have : n);
}
