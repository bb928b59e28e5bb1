/* Codes that were given and redeemed, their series, and pledges. */
#include "db.h"

static sqlite3_stmt *get_keyed(struct store *s, enum statement id, int64_t account,
			       const char *series, const char *key)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, account);
	db_text(st, 2, series);
	db_text(st, 3, key);
	return st;
}

int store_voucher(struct store *s, int64_t account, const char *series, const char *key,
		  struct store_voucher *ret)
{
	sqlite3_stmt *st = get_keyed(s, ST_VOUCHER_GET, account, series, key);
	int r = db_row(s, ST_VOUCHER_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_voucher){ .contact = db_col_int(st, 1), .drawn_at = db_col_time(st, 2),
				       .redeemed_at = db_col_time(st, 3),
				       .redeemed_by = db_col_int(st, 4) };
	db_col_str(st, 0, ret->code, sizeof(ret->code));
	db_reset(s, ST_VOUCHER_GET);
	return 0;
}

int store_voucher_add(struct store *s, int64_t account, const char *series, const char *key,
		      const struct store_voucher *v)
{
	sqlite3_stmt *st = get_keyed(s, ST_VOUCHER_ADD, account, series, key);

	db_text(st, 4, v->code);
	db_int_or_null(st, 5, v->contact);
	db_int_or_null(st, 6, v->drawn_at.ms);
	return db_write(s, ST_VOUCHER_ADD);
}

int store_voucher_use(struct store *s, int64_t account, const char *series, const char *key,
		      int64_t contact, struct wall_ms at)
{
	sqlite3_stmt *st = get_keyed(s, ST_VOUCHER_USE, account, series, key);

	db_time(st, 4, at);
	db_int(st, 5, contact);
	return db_write(s, ST_VOUCHER_USE);
}

static sqlite3_stmt *get_of_contact(struct store *s, enum statement id, int64_t contact,
				    const char *series)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, contact);
	db_text(st, 2, series);
	return st;
}

int store_voucher_count(struct store *s, int64_t contact, const char *series, int64_t *ret)
{
	sqlite3_stmt *st = get_of_contact(s, ST_VOUCHER_COUNT, contact, series);
	int r = db_row(s, ST_VOUCHER_COUNT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = db_col_int(st, 0);
	db_reset(s, ST_VOUCHER_COUNT);
	return 0;
}

int store_voucher_last(struct store *s, int64_t contact, const char *series,
		       char out[STORE_CODE_MAX])
{
	sqlite3_stmt *st = get_of_contact(s, ST_VOUCHER_LAST, contact, series);
	int r = db_row(s, ST_VOUCHER_LAST);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, out, STORE_CODE_MAX);
	db_reset(s, ST_VOUCHER_LAST);
	return 0;
}

int store_voucher_used(struct store *s, int64_t contact, const char *series)
{
	get_of_contact(s, ST_VOUCHER_USED, contact, series);
	int r = db_row(s, ST_VOUCHER_USED);

	if (r == 1)
		db_reset(s, ST_VOUCHER_USED);
	return r < 0 ? r : r ? 0 : TW_E_UNKNOWN;
}

int store_voucher_next(struct store *s, int64_t account, const char *only_series,
		       struct store_voucher_row *cursor)
{
	sqlite3_stmt *st = db_get(s, ST_VOUCHER_NEXT);

	db_int(st, 1, account);
	db_text(st, 2, only_series && !cursor->series[0] ? only_series : cursor->series);
	db_text(st, 3, cursor->key);
	db_text(st, 4, only_series);
	int r = db_row(s, ST_VOUCHER_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, cursor->series, sizeof(cursor->series));
	db_col_str(st, 1, cursor->key, sizeof(cursor->key));
	db_col_str(st, 2, cursor->v.code, sizeof(cursor->v.code));
	cursor->v.contact = db_col_int(st, 3);
	cursor->v.drawn_at = db_col_time(st, 4);
	cursor->v.redeemed_at = db_col_time(st, 5);
	cursor->v.redeemed_by = db_col_int(st, 6);
	db_reset(s, ST_VOUCHER_NEXT);
	return 0;
}

/* ---- series -------------------------------------------------------------------------------- */

int store_series(struct store *s, int64_t account, const char *name, struct store_series *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SERIES_GET);

	*ret = (struct store_series){ 0 };
	db_int(st, 1, account);
	db_text(st, 2, name);
	int r = db_row(s, ST_SERIES_GET);

	if (r <= 0)
		return r;
	*ret = (struct store_series){ db_col_int(st, 0), db_col_int(st, 1), db_col_int(st, 2) };
	db_reset(s, ST_SERIES_GET);
	return 0;
}

int store_series_put(struct store *s, int64_t account, const char *name,
		     const struct store_series *v)
{
	sqlite3_stmt *st = db_get(s, ST_SERIES_PUT);

	db_int(st, 1, account);
	db_text(st, 2, name);
	db_int(st, 3, v->drawn);
	db_int(st, 4, v->redeemed);
	db_int(st, 5, v->place);
	return db_write(s, ST_SERIES_PUT);
}

int store_series_next(struct store *s, int64_t account, char name[64], struct store_series *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SERIES_NEXT);

	db_int(st, 1, account);
	db_text(st, 2, name);
	int r = db_row(s, ST_SERIES_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, name, 64);
	*ret = (struct store_series){ db_col_int(st, 1), db_col_int(st, 2), db_col_int(st, 3) };
	db_reset(s, ST_SERIES_NEXT);
	return 0;
}

/* ---- pledges ------------------------------------------------------------------------------- */

int store_pledge_add(struct store *s, int64_t account, const char *name, int64_t contact,
		     int64_t amount, int64_t message, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_PLEDGE_ADD);

	db_int(st, 1, account);
	db_text(st, 2, name);
	db_int(st, 3, contact);
	db_int(st, 4, amount);
	db_int_or_null(st, 5, message);
	db_time(st, 6, at);
	return db_write(s, ST_PLEDGE_ADD);
}

int store_pledge_before(struct store *s, int64_t account, int64_t before, struct store_pledge *ret)
{
	sqlite3_stmt *st = db_get(s, ST_PLEDGE_BEFORE);

	db_int(st, 1, account);
	db_int(st, 2, before ? before : INT64_MAX);
	int r = db_row(s, ST_PLEDGE_BEFORE);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_pledge){ .id = db_col_int(st, 0), .contact = db_col_int(st, 1),
				      .amount = db_col_int(st, 2), .message = db_col_int(st, 3),
				      .at = db_col_time(st, 4) };
	db_col_str(st, 5, ret->name, sizeof(ret->name));
	db_reset(s, ST_PLEDGE_BEFORE);
	return 0;
}
