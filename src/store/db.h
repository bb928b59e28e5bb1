/* Private to src/store: the connection, its statements, binding and reading. */
#ifndef TWOWAY_STORE_DB_H
#define TWOWAY_STORE_DB_H

#include <twoway/store.h>
#include <sqlite3.h>

#include "sql.h"

enum statement {
#define X(name, sql) name,
	STATEMENTS(X)
#undef X
	ST_COUNT
};

/* "2WAY" in the file's header says whose it is. */
enum { DB_APPLICATION_ID = 0x32574159, DB_WAL_LIMIT = 8 << 20,
       DB_PAGE = 1024,
       DB_IDLE_PAGES = 1024, DB_IDLE_MS = 30 * 1000,	/* a log worth emptying, when nothing
							 * happens */
       DB_BUSY_MS = 200 };
/* The highest row number that an id can name: an attempt's number keeps 16 bits. */
#define DB_MESSAGE_MAX (INT64_MAX >> 17)

/* Where a message waits: a key of the one index that all queues share. A queue's is its route's
 * number times eight and its lane. */
enum place { PLACE_NONE = 0, PLACE_SCHEDULED = 1, PLACE_SENDING = 2, PLACE_LAST = 7,
	     PLACE_LANES = 8 };

struct staged {
	store_staged_cb *cb;
	void *ctx;
	uint64_t a, b;
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *st[ST_COUNT];
	char *path;
	int lock_fd;			/* -1: in memory */
	bool has_mark;			/* NAME.id is there */

	bool in_tx, is_void, in_event, is_saved;
	bool is_bare, has_written;	/* the event: without a savepoint; changed something */
	bool is_first;			/* nothing was written before this event: it needs no
					 * savepoint */
	int void_code;			/* TW_E_* */
	bool is_hurried;		/* something staged waits for this turn's commit */
	struct mono_ms dirty_since, turn_now, committed_at;
	struct staged *staged;
	size_t n_staged, cap_staged, event_mark;
	bool event_hurried;

	uint8_t id_key[16];
	char identity[33];
	bool is_seeded;
	struct tw_random random;	/* salts of a seeded store */
	char last_error[200];
	const char *health;
	struct store_counters counters;
	int wal_pages;
	int64_t pretended_room;		/* 0: none */
	int64_t inject_nth;
	int inject_code;
	bool inject_commits;
};

/* The statement, reset and free to bind; NULL when the turn is void (then db_run and db_row
 * fail). */
sqlite3_stmt *db_get(struct store *s, enum statement id);
/* Runs a statement that gives no row. 0 or TW_E_*. write: opens the turn's transaction first. */
int db_write(struct store *s, enum statement id);
/* Steps once: 1 a row, 0 none (and resets), negative an error (and resets). After a row the caller
 * reads and calls db_reset. */
int db_row(struct store *s, enum statement id);
int db_one(struct store *s, enum statement id);	/* 0: there is a row; TW_E_UNKNOWN: there is none */
void db_reset(struct store *s, enum statement id);
/* Statements of the transaction itself: not preceded by BEGIN. */
int db_plain(struct store *s, enum statement id);
int db_open_transaction(struct store *s);	/* where it is not open */
/* Opens the transaction, and the event's savepoint, where they are not open. */
int db_begin(struct store *s);
/* Notes an SQLite error and makes the turn void unless it is a constraint. Returns TW_E_*. */
int db_fail(struct store *s, int code);
int db_error_of(int sqlite_code);

/* Binding and reading; all tolerate a NULL statement (void turn). */
void db_int(sqlite3_stmt *st, int i, int64_t v);
void db_int_or_null(sqlite3_stmt *st, int i, int64_t v);	/* 0 is NULL */
void db_time(sqlite3_stmt *st, int i, struct wall_ms t);
void db_text(sqlite3_stmt *st, int i, const char *v);		/* NULL is NULL */
void db_textn(sqlite3_stmt *st, int i, const char *v, size_t n);
void db_blob(sqlite3_stmt *st, int i, const void *v, size_t n);	/* NULL is NULL */
int64_t db_col_int(sqlite3_stmt *st, int i);
struct wall_ms db_col_time(sqlite3_stmt *st, int i);
char *db_col_text(sqlite3_stmt *st, int i);			/* heap, NULL for NULL */
void db_col_str(sqlite3_stmt *st, int i, char *out, size_t cap);
uint8_t *db_col_blob(sqlite3_stmt *st, int i, size_t *ret_n);	/* heap, NULL for NULL */
void db_col_fixed(sqlite3_stmt *st, int i, uint8_t *out, size_t n);

/* open.c: the database and its log get the name PATH.word-TIME; ret_kept: heap, NULL when there was
 * none. */
int open_move_aside(const char *path, const char *word, struct tw_now now, char **ret_kept,
		    char **reterr);
/* schema.c */
int schema_migrate(struct store *s, char **reterr);
/* gauge.c: its table, which statements name; then, over sound tables, counts from now on. */
int gauge_make(struct store *s, char **reterr);
int gauge_begin(struct store *s, char **reterr);
int schema_version(void);
/* health.c */
int health_check(struct store *s, int64_t file_size, char **reterr);
/* lock.c */
int lock_take(const char *path, int *ret_fd, char **reterr);
char *lock_beside(const char *path, const char *suffix);	/* heap: twoway.db -> twoway.id */
int lock_mark(const char *path, const char *identity);		/* writes NAME.id and syncs */
/* log_file.c: the name of the file layer that the database is opened with. */
const char *log_file_system(void);
/* ids.c */
int ids_load(struct store *s);
int ids_create(struct store *s, uint64_t seed, struct tw_now now);
/* Octets for salts: system randomness, or the seeded generator of a test. */
void ids_random(struct store *s, void *out, size_t n);

#endif
