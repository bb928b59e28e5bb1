/* Calls of a long number that ring elsewhere for a time. */
#include "db.h"

int store_call_forward_put(struct store *s, struct store_call_forward *f)
{
	sqlite3_stmt *st = db_get(s, ST_FORWARD_PUT);

	db_int_or_null(st, 1, f->id);
	db_int(st, 2, f->sim);
	db_int(st, 3, f->state);
	db_time(st, 4, f->until);
	db_time(st, 5, f->due_at);
	db_int(st, 6, f->tries);
	int r = db_write(s, ST_FORWARD_PUT);

	if (r == 0 && !f->id)
		f->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

static int read_forward(struct store *s, enum statement id, int64_t key,
			struct store_call_forward *ret)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, key);
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_call_forward){
		.id = db_col_int(st, 0), .sim = db_col_int(st, 1), .state = (int)db_col_int(st, 2),
		.until = db_col_time(st, 3), .due_at = db_col_time(st, 4),
		.tries = (int)db_col_int(st, 5) };
	db_reset(s, id);
	return 0;
}

int store_call_forward_get(struct store *s, int64_t id, struct store_call_forward *ret)
{
	return read_forward(s, ST_FORWARD_GET, id, ret);
}

int store_call_forward_of(struct store *s, int64_t sim, struct store_call_forward *ret)
{
	return read_forward(s, ST_FORWARD_OF, sim, ret);
}

int store_call_forward_next(struct store *s, int64_t after, struct store_call_forward *ret)
{
	return read_forward(s, ST_FORWARD_NEXT, after, ret);
}

int store_call_forward_del(struct store *s, int64_t id)
{
	db_int(db_get(s, ST_FORWARD_DEL), 1, id);
	return db_write(s, ST_FORWARD_DEL);
}
