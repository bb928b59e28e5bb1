/* What the quotas of SIMs count. */
#include "db.h"

void store_used_done(struct store_used *u)
{
	free(u->recent);
	*u = (struct store_used){ 0 };
}

int store_used_get(struct store *s, int64_t sim, struct store_used *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SIM_USED_GET);

	db_int(st, 1, sim);
	int r = db_one(s, ST_SIM_USED_GET);

	if (r < 0)
		return r;
	*ret = (struct store_used){
		.day_at = db_col_time(st, 0), .day = db_col_int(st, 1),
		.day_bulk = db_col_int(st, 2),
		.month_at = db_col_time(st, 3), .month = db_col_int(st, 4),
		.month_bulk = db_col_int(st, 5), .spent = db_col_int(st, 6),
		.spent_bulk = db_col_int(st, 7) };
	ret->recent = db_col_blob(st, 8, &ret->recent_n);
	db_reset(s, ST_SIM_USED_GET);
	return 0;
}

int store_used_put(struct store *s, int64_t sim, const struct store_used *u)
{
	sqlite3_stmt *st = db_get(s, ST_SIM_USED_PUT);

	db_int(st, 1, sim);
	db_time(st, 2, u->day_at);
	db_int(st, 3, u->day);
	db_int(st, 4, u->day_bulk);
	db_time(st, 5, u->month_at);
	db_int(st, 6, u->month);
	db_int(st, 7, u->month_bulk);
	db_int(st, 8, u->spent);
	db_int(st, 9, u->spent_bulk);
	db_blob(st, 10, u->recent_n ? u->recent : NULL, u->recent_n);
	return db_write(s, ST_SIM_USED_PUT);
}

static sqlite3_stmt *bind_recipient(struct store *s, enum statement id, int64_t sim,
				    struct wall_ms month, const char *number)
{
	sqlite3_stmt *st = db_get(s, id);
	/* A short code is not the number of the same digits. */
	int64_t value = strtoll(number + (*number == '+'), NULL, 10);

	db_int(st, 1, sim);
	db_time(st, 2, month);
	db_int(st, 3, *number == '+' ? value : -value);
	return st;
}

int store_recipient(struct store *s, int64_t sim, struct wall_ms month, const char *number)
{
	sqlite3_stmt *st = bind_recipient(s, ST_RECIPIENT_GET, sim, month, number);
	int r = db_one(s, ST_RECIPIENT_GET);

	if (r < 0)
		return r;
	int64_t n = db_col_int(st, 0);

	db_reset(s, ST_RECIPIENT_GET);
	return n > 0 ? 0 : TW_E_UNKNOWN;
}

int store_recipient_add(struct store *s, int64_t sim, struct wall_ms month,
			const char *number, int n)
{
	sqlite3_stmt *st = bind_recipient(s, ST_RECIPIENT_ADD, sim, month, number);

	db_int(st, 4, n);
	int r = db_write(s, ST_RECIPIENT_ADD);

	if (r < 0 || n > 0)
		return r;
	bind_recipient(s, ST_RECIPIENT_DROP, sim, month, number);
	return db_write(s, ST_RECIPIENT_DROP);
}

int store_recipients(struct store *s, int64_t sim, struct wall_ms month, int64_t *ret)
{
	sqlite3_stmt *st = db_get(s, ST_RECIPIENT_COUNT);

	db_int(st, 1, sim);
	db_time(st, 2, month);
	int r = db_one(s, ST_RECIPIENT_COUNT);

	if (r < 0)
		return r;
	*ret = db_col_int(st, 0);
	db_reset(s, ST_RECIPIENT_COUNT);
	return 0;
}

int store_recipients_prune(struct store *s, int64_t sim, struct wall_ms month)
{
	sqlite3_stmt *st = db_get(s, ST_RECIPIENT_PRUNE);

	db_int(st, 1, sim);
	db_time(st, 2, month);
	return db_write(s, ST_RECIPIENT_PRUNE);
}
