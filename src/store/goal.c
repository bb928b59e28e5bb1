/* Touches of contacts, and the goals that they led to. */
#include "db.h"

int store_touch_add(struct store *s, int64_t contact, const char *kind, const char *name,
		    int64_t message, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_TOUCH_ADD);

	db_int(st, 1, contact);
	db_text(st, 2, kind);
	db_text(st, 3, name);
	db_int_or_null(st, 4, message);
	db_time(st, 5, at);
	return db_write(s, ST_TOUCH_ADD);
}

static int read_touch(struct store *s, enum statement id, struct store_touch *ret)
{
	sqlite3_stmt *st = s->st[id];
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_touch){ .id = db_col_int(st, 0), .at = db_col_time(st, 3) };
	db_col_str(st, 1, ret->kind, sizeof(ret->kind));
	db_col_str(st, 2, ret->name, sizeof(ret->name));
	db_reset(s, id);
	return 0;
}

int store_touch_last(struct store *s, int64_t contact, int64_t but_message, struct store_touch *ret)
{
	sqlite3_stmt *st = db_get(s, ST_TOUCH_LAST);

	db_int(st, 1, contact);
	db_int(st, 2, but_message);
	return read_touch(s, ST_TOUCH_LAST, ret);
}

int store_conversion(struct store *s, int64_t contact, const char *goal, struct store_touch *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CONVERSION_GET);

	db_int(st, 1, contact);
	db_text(st, 2, goal);
	int r = db_row(s, ST_CONVERSION_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	int64_t touch = db_col_int(st, 0);

	db_reset(s, ST_CONVERSION_GET);
	*ret = (struct store_touch){ .id = 0 };
	if (!touch)
		return 0;
	db_int(db_get(s, ST_TOUCH_GET), 1, touch);
	r = read_touch(s, ST_TOUCH_GET, ret);
	return r == TW_E_UNKNOWN ? 0 : r;	/* erased by request */
}

int store_conversion_add(struct store *s, int64_t contact, const char *goal, int64_t touch,
			 int64_t message, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_CONVERSION_ADD);

	db_int(st, 1, contact);
	db_text(st, 2, goal);
	db_int_or_null(st, 3, touch);
	db_int_or_null(st, 4, message);
	db_time(st, 5, at);
	return db_write(s, ST_CONVERSION_ADD);
}

/* ---- added up ------------------------------------------------------------------------------ */

int store_goal_add(struct store *s, int64_t account, const char *goal, const char *kind,
		   const char *name, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_GOAL_ADD);

	db_int(st, 1, account);
	db_text(st, 2, goal);
	db_text(st, 3, kind);
	db_text(st, 4, name);
	db_time(st, 5, at);
	return db_write(s, ST_GOAL_ADD);
}

int store_goal_next(struct store *s, int64_t account, char name[STORE_GOAL_MAX])
{
	sqlite3_stmt *st = db_get(s, ST_GOAL_NEXT);

	db_int(st, 1, account);
	db_text(st, 2, name);
	int r = db_row(s, ST_GOAL_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, name, STORE_GOAL_MAX);
	db_reset(s, ST_GOAL_NEXT);
	return 0;
}

int store_goal_sum(struct store *s, int64_t account, const char *goal, int64_t *ret_reached,
		   int64_t *ret_counted, struct wall_ms *ret_last_at)
{
	sqlite3_stmt *st = db_get(s, ST_GOAL_SUM);

	db_int(st, 1, account);
	db_text(st, 2, goal);
	int r = db_row(s, ST_GOAL_SUM);

	if (r <= 0)
		return r;
	*ret_reached = db_col_int(st, 0);
	*ret_counted = db_col_int(st, 1);
	*ret_last_at = db_col_time(st, 2);
	db_reset(s, ST_GOAL_SUM);
	return 0;
}

int store_goal_touch_next(struct store *s, int64_t account, const char *goal,
			  struct store_goal_touch *cursor)
{
	sqlite3_stmt *st = db_get(s, ST_GOAL_TOUCH);

	db_int(st, 1, account);
	db_text(st, 2, goal);
	db_text(st, 3, cursor->kind);
	db_text(st, 4, cursor->name);
	int r = db_row(s, ST_GOAL_TOUCH);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, cursor->kind, sizeof(cursor->kind));
	db_col_str(st, 1, cursor->name, sizeof(cursor->name));
	cursor->n = db_col_int(st, 2);
	cursor->last_at = db_col_time(st, 3);
	db_reset(s, ST_GOAL_TOUCH);
	return 0;
}
