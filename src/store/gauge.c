/* How many there are of what comes and goes: counted by temporary triggers, so that a count
 * belongs to the transaction like any row, costs no write to the disk, and is there at once
 * however many there are. */
#include <stdio.h>

#include "db.h"

/* `@` stands for the row before or after a change. */
static const struct { const char *table, *is_counted, *kind; } gauges[] = {
	[STORE_GAUGE_TALKS] = { "conversation", "1", "@.stands" },
	[STORE_GAUGE_PEOPLE] = { "person", "1", "0" },
	[STORE_GAUGE_TICKETS] = { "ticket", "@.state < 3", "0" },
	[STORE_GAUGE_HOOKS_DUE] = { "hook", "@.state = 0", "@.kind" },
	[STORE_GAUGE_HOOKS_BEHIND] = { "hook", "@.state = 1", "@.kind" },
	[STORE_GAUGE_HOOKS_DEAD] = { "hook", "@.state = 2", "@.kind" },
};

/* %d the gauge, %t its table, %c and %k condition and kind of the row that the letter behind
 * them names. */
static const char *const statements[] = {
	"INSERT INTO gauge SELECT %d, %kt, count(*) FROM %t WHERE %ct GROUP BY 2",
	"CREATE TEMP TRIGGER gauge_%d_in AFTER INSERT ON main.%t WHEN %cn BEGIN "
	"INSERT INTO gauge VALUES(%d, %kn, 1) ON CONFLICT(what, kind) DO UPDATE SET n = n + 1; END",
	"CREATE TEMP TRIGGER gauge_%d_out AFTER DELETE ON main.%t WHEN %co BEGIN "
	"UPDATE gauge SET n = n - 1 WHERE what = %d AND kind = %ko; END",
	"CREATE TEMP TRIGGER gauge_%d_from AFTER UPDATE ON main.%t "
	"WHEN %co AND (NOT %cn OR %ko <> %kn) BEGIN "
	"UPDATE gauge SET n = n - 1 WHERE what = %d AND kind = %ko; END",
	"CREATE TEMP TRIGGER gauge_%d_to AFTER UPDATE ON main.%t "
	"WHEN %cn AND (NOT %co OR %ko <> %kn) BEGIN "
	"INSERT INTO gauge VALUES(%d, %kn, 1) ON CONFLICT(what, kind) DO UPDATE SET n = n + 1; END",
};

static void add_row(struct tw_buf *out, const char *expression, char row, const char *table)
{
	for (; *expression; expression++)
		if (*expression == '@')
			tw_buf_adds(out, row == 'n' ? "NEW" : row == 'o' ? "OLD" : table);
		else
			tw_buf_addc(out, *expression);
}

static void expand(struct tw_buf *out, const char *p, int gauge)
{
	tw_buf_clear(out);
	for (; *p; p++) {
		if (*p != '%') {
			tw_buf_addc(out, *p);
			continue;
		}
		p++;
		if (*p == 'd') {
			tw_buf_addf(out, "%d", gauge);
		} else if (*p == 't') {
			tw_buf_adds(out, gauges[gauge].table);
		} else {
			tw_buf_addc(out, '(');
			add_row(out, *p == 'c' ? gauges[gauge].is_counted : gauges[gauge].kind,
				p[1], gauges[gauge].table);
			tw_buf_addc(out, ')');
			p++;
		}
	}
}

static int run(struct store *s, const char *sql, char **reterr)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		return 0;
	*reterr = tw_printf("%s cannot be counted: %s", s->path, sqlite3_errmsg(s->db));
	return db_error_of(code);
}

int gauge_make(struct store *s, char **reterr)
{
	return run(s, "CREATE TEMP TABLE gauge(what INTEGER, kind INTEGER, n INTEGER NOT NULL,"
		      " PRIMARY KEY(what, kind)) WITHOUT ROWID", reterr);
}

int gauge_begin(struct store *s, char **reterr)
{
	struct tw_buf sql = { 0 };
	int r = 0;

	for (int gauge = 0; gauge < STORE_GAUGES; gauge++)
		for (size_t i = 0; i < TW_COUNT(statements) && r == 0; i++) {
			expand(&sql, statements[i], gauge);
			r = run(s, tw_buf_str(&sql), reterr);
		}
	tw_buf_done(&sql);
	return r;
}

int store_gauge(struct store *s, enum store_gauge gauge, int kind, int64_t *ret)
{
	sqlite3_stmt *st = db_get(s, ST_GAUGE);

	db_int(st, 1, (int)gauge);
	db_int(st, 2, kind);
	int r = db_row(s, ST_GAUGE);

	if (r < 0)
		return r;
	*ret = r ? db_col_int(s->st[ST_GAUGE], 0) : 0;
	if (r)
		db_reset(s, ST_GAUGE);
	return 0;
}
