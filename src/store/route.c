/* Routes: the answer to "which SIMs may take this message", shared by all messages that have it. */
#include "db.h"

static sqlite3_stmt *bind_route(struct store *s, enum statement id, const struct store_route *route)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, route->account);
	db_int(st, 2, route->line);
	db_int(st, 3, route->avoid);
	db_text(st, 4, route->pool);
	db_text(st, 5, route->destination);
	db_int(st, 6, route->campaign);
	return st;
}

int store_route(struct store *s, struct store_route *route)
{
	sqlite3_stmt *st = bind_route(s, ST_ROUTE_FIND, route);
	int r = db_row(s, ST_ROUTE_FIND);

	if (r == 1) {
		route->id = db_col_int(st, 0);
		db_reset(s, ST_ROUTE_FIND);
		return 0;
	}
	if (r < 0)
		return r;
	bind_route(s, ST_ROUTE_ADD, route);
	r = db_write(s, ST_ROUTE_ADD);
	if (r == 0)
		route->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_route_get(struct store *s, int64_t id, struct store_route *ret)
{
	sqlite3_stmt *st = db_get(s, ST_ROUTE_GET);

	db_int(st, 1, id);
	int r = db_row(s, ST_ROUTE_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_route){ .id = id, .account = db_col_int(st, 0),
				     .line = db_col_int(st, 1), .avoid = db_col_int(st, 2),
				     .campaign = db_col_int(st, 5) };
	db_col_str(st, 3, ret->pool, sizeof(ret->pool));
	db_col_str(st, 4, ret->destination, sizeof(ret->destination));
	db_reset(s, ST_ROUTE_GET);
	return 0;
}
