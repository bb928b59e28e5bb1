/* Accounts and long numbers: names that rows refer to by a small integer. */
#include "db.h"

static int find_id(struct store *s, enum statement id, const char *name, int64_t *ret)
{
	sqlite3_stmt *st = db_get(s, id);

	db_text(st, 1, name);
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = db_col_int(st, 0);
	db_reset(s, id);
	return 0;
}

static int find_or_add(struct store *s, enum statement find, enum statement add, const char *name,
		       int64_t *ret)
{
	int r = find_id(s, find, name, ret);

	if (r != TW_E_UNKNOWN)
		return r;
	db_text(db_get(s, add), 1, name);
	r = db_write(s, add);
	if (r == 0)
		*ret = sqlite3_last_insert_rowid(s->db);
	return r;
}

static int name_of(struct store *s, enum statement id, int64_t row, char *out, size_t cap)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, row);
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, out, cap);
	db_reset(s, id);
	return 0;
}

int store_account(struct store *s, const char *name, int64_t *ret)
{
	return find_or_add(s, ST_ACCOUNT_FIND, ST_ACCOUNT_ADD, name, ret);
}

int store_account_name(struct store *s, int64_t id, char *out, size_t cap)
{
	return name_of(s, ST_ACCOUNT_NAME, id, out, cap);
}

int store_line(struct store *s, const char *number, int64_t *ret)
{
	return find_or_add(s, ST_LINE_FIND, ST_LINE_ADD, number, ret);
}

int store_line_find(struct store *s, const char *number, int64_t *ret)
{
	return find_id(s, ST_LINE_FIND, number, ret);
}

int store_line_number(struct store *s, int64_t id, char *out, size_t cap)
{
	return name_of(s, ST_LINE_NUMBER, id, out, cap);
}
