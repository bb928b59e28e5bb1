/* What waits: queues by route and lane, scheduled messages, those that expire, those under way. Each
 * question is one step on an index, whatever the length of the queue. */
#include "db.h"

static int id_and_time(struct store *s, enum statement id, sqlite3_stmt *st, int64_t *ret_id,
		       struct wall_ms *ret_at)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_id = db_col_int(st, 0);
	if (ret_at)
		*ret_at = db_col_time(st, 1);
	db_reset(s, id);
	return 0;
}

int store_queue_head(struct store *s, int64_t route, int lane, int64_t *ret_id,
		     struct wall_ms *ret_due, int *ret_segments)
{
	sqlite3_stmt *st = db_get(s, ST_QUEUE_HEAD);

	db_int(st, 1, route);
	db_int(st, 2, lane);
	int r = db_row(s, ST_QUEUE_HEAD);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_id = db_col_int(st, 0);
	*ret_due = db_col_time(st, 1);
	*ret_segments = (int)db_col_int(st, 2);
	db_reset(s, ST_QUEUE_HEAD);
	return 0;
}

int store_queue_next(struct store *s, struct store_queue_count *cursor)
{
	sqlite3_stmt *st = db_get(s, ST_QUEUE_NEXT);

	db_int(st, 1, cursor->route);
	db_int(st, 2, cursor->lane);
	int r = db_row(s, ST_QUEUE_NEXT);

	if (r < 0)
		return r;
	int64_t n = r ? db_col_int(st, 2) : 0;

	if (n)
		*cursor = (struct store_queue_count){ db_col_int(st, 0), (int)db_col_int(st, 1), n,
						      db_col_int(st, 3) };
	db_reset(s, ST_QUEUE_NEXT);
	return n ? 0 : TW_E_UNKNOWN;
}

int store_scheduled_next(struct store *s, int64_t *ret_id, struct wall_ms *ret_due)
{
	return id_and_time(s, ST_SCHEDULED_NEXT, db_get(s, ST_SCHEDULED_NEXT), ret_id, ret_due);
}

int store_scheduled_count(struct store *s, int64_t *ret)
{
	return id_and_time(s, ST_SCHEDULED_COUNT, db_get(s, ST_SCHEDULED_COUNT), ret, NULL);
}

int store_expiry_next(struct store *s, int64_t *ret_id, struct wall_ms *ret_until)
{
	return id_and_time(s, ST_EXPIRY_NEXT, db_get(s, ST_EXPIRY_NEXT), ret_id, ret_until);
}

int store_queued_next(struct store *s, struct wall_ms *until, int64_t *id)
{
	sqlite3_stmt *st = db_get(s, ST_QUEUED_NEXT);

	db_time(st, 1, *until);
	db_int(st, 2, *id);
	return id_and_time(s, ST_QUEUED_NEXT, st, id, until);
}

int store_sending_next(struct store *s, int64_t after, int64_t *ret_id)
{
	sqlite3_stmt *st = db_get(s, ST_SENDING_NEXT);

	db_int(st, 1, after);
	return id_and_time(s, ST_SENDING_NEXT, st, ret_id, NULL);
}

int store_pending_next(struct store *s, int64_t contact, const char *key, int64_t after,
		       int64_t *ret_id)
{
	enum statement id = key ? ST_PENDING_KEY : ST_PENDING_NEXT;
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, contact);
	db_int(st, 2, after);
	if (key)
		db_text(st, 3, key);
	return id_and_time(s, id, st, ret_id, NULL);
}
