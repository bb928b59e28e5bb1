/* What accounts set for their long numbers. */
#include "db.h"

void store_number_done(struct store_number *n)
{
	free(n->name);
	free(n->url);
	free(n->fallback);
	*n = (struct store_number){ 0 };
}

int store_number(struct store *s, int64_t account, const char *number, struct store_number *ret)
{
	sqlite3_stmt *st = db_get(s, ST_NUMBER_GET);

	db_int(st, 1, account);
	db_text(st, 2, number);
	int r = db_row(s, ST_NUMBER_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_number){ .name = db_col_text(st, 0), .url = db_col_text(st, 1),
				      .url_is_get = db_col_int(st, 2),
				      .fallback = db_col_text(st, 3),
				      .fallback_is_get = db_col_int(st, 4),
				      .changed_at = db_col_time(st, 5) };
	db_reset(s, ST_NUMBER_GET);
	return 0;
}

int store_number_put(struct store *s, int64_t account, const char *number,
		     const struct store_number *n)
{
	sqlite3_stmt *st = db_get(s, ST_NUMBER_PUT);

	db_int(st, 1, account);
	db_text(st, 2, number);
	db_text(st, 3, n->name);
	db_text(st, 4, n->url);
	db_int(st, 5, n->url_is_get);
	db_text(st, 6, n->fallback);
	db_int(st, 7, n->fallback_is_get);
	db_time(st, 8, n->changed_at);
	return db_write(s, ST_NUMBER_PUT);
}
