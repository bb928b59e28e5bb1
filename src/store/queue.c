/* What waits: queues by route and lane, scheduled messages, those that expire, those under way.
 * Each question is one step on an index, whatever the length of the queue. */
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

	db_int(st, 1, route * PLACE_LANES + lane);
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
	int64_t place = cursor->route * PLACE_LANES + cursor->lane;

	db_int(st, 1, place > PLACE_LAST ? place : PLACE_LAST);
	int r = db_row(s, ST_QUEUE_NEXT);

	if (r < 0)
		return r;
	int64_t n = r ? db_col_int(st, 1) : 0;

	place = r ? db_col_int(st, 0) : 0;
	if (n)
		*cursor = (struct store_queue_count){ place / PLACE_LANES,
						      (int)(place % PLACE_LANES), n,
						      db_col_int(st, 2) };
	db_reset(s, ST_QUEUE_NEXT);
	return n ? 0 : TW_E_UNKNOWN;
}

static int placed_next(struct store *s, int64_t from, int64_t to, struct store_placed *cursor)
{
	sqlite3_stmt *st = db_get(s, ST_PLACED_NEXT);

	db_int(st, 1, to);
	db_int(st, 2, cursor->place > from ? cursor->place : from);
	db_time(st, 3, cursor->due_at);
	db_time(st, 4, cursor->valid_until);
	db_int(st, 5, cursor->id);
	int r = db_row(s, ST_PLACED_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*cursor = (struct store_placed){ .place = db_col_int(st, 0), .due_at = db_col_time(st, 1),
					 .valid_until = db_col_time(st, 2),
					 .id = db_col_int(st, 3) };
	db_reset(s, ST_PLACED_NEXT);
	return 0;
}

int store_queued_next(struct store *s, struct store_placed *cursor)
{
	return placed_next(s, PLACE_LAST + 1, INT64_MAX, cursor);
}

int store_sending_next(struct store *s, struct store_placed *cursor)
{
	return placed_next(s, PLACE_SENDING, PLACE_SENDING, cursor);
}

int store_scheduled_next(struct store *s, int64_t *ret_id, struct wall_ms *ret_due)
{
	sqlite3_stmt *st = db_get(s, ST_QUEUE_HEAD);

	db_int(st, 1, PLACE_SCHEDULED);
	return id_and_time(s, ST_QUEUE_HEAD, st, ret_id, ret_due);
}

int store_scheduled_count(struct store *s, int64_t *ret)
{
	sqlite3_stmt *st = db_get(s, ST_PLACE_COUNT);

	db_int(st, 1, PLACE_SCHEDULED);
	return id_and_time(s, ST_PLACE_COUNT, st, ret, NULL);
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
