/* Questions which of several keywords was meant, where a text was within one slip of each: one of a
 * contact on a line. */
#include "db.h"

void store_slip_done(struct store_slip *v)
{
	free(v->keys);
	*v = (struct store_slip){ .contact = 0 };
}

int store_slip_put(struct store *s, const struct store_slip *v)
{
	sqlite3_stmt *st = db_get(s, ST_SLIP_PUT);

	db_int(st, 1, v->contact);
	db_int(st, 2, v->line);
	db_int(st, 3, v->message);
	db_time(st, 4, v->asked_at);
	db_text(st, 5, v->keys);
	return db_write(s, ST_SLIP_PUT);
}

int store_slip(struct store *s, int64_t contact, int64_t line, struct store_slip *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SLIP_GET);

	db_int(st, 1, contact);
	db_int(st, 2, line);
	int r = db_row(s, ST_SLIP_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_slip){ .contact = contact, .line = line, .message = db_col_int(st, 0),
				    .asked_at = db_col_time(st, 1), .keys = db_col_text(st, 2) };
	db_reset(s, ST_SLIP_GET);
	return 0;
}

int store_slip_del(struct store *s, int64_t contact, int64_t line)
{
	sqlite3_stmt *st = db_get(s, ST_SLIP_DEL);

	db_int(st, 1, contact);
	db_int(st, 2, line);
	return db_write(s, ST_SLIP_DEL);
}

int store_slips_first(struct store *s, struct wall_ms *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SLIP_FIRST);
	int r = db_row(s, ST_SLIP_FIRST);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = db_col_time(st, 0);
	db_reset(s, ST_SLIP_FIRST);
	return 0;
}

int store_slips_expire(struct store *s, struct wall_ms before)
{
	sqlite3_stmt *st = db_get(s, ST_SLIP_EXPIRE);

	db_time(st, 1, before);
	return db_write(s, ST_SLIP_EXPIRE);
}
