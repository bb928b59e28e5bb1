/* Inbound texts that wait until their contact's conversation is back, or the contact was looked
 * up. */
#include "db.h"

int store_held_add(struct store *s, struct store_held *h)
{
	sqlite3_stmt *st = db_get(s, ST_HELD_ADD);

	db_int(st, 1, h->contact);
	db_int(st, 2, h->message);
	db_int(st, 3, h->is_new);
	db_int_or_null(st, 4, h->lookup);
	db_time(st, 5, h->until);
	int r = db_write(s, ST_HELD_ADD);

	if (r == 0)
		h->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

static int read_held(struct store *s, enum statement id, int64_t key, struct store_held *ret)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, key);
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_held){ .id = db_col_int(st, 0), .contact = db_col_int(st, 1),
				    .message = db_col_int(st, 2), .is_new = db_col_int(st, 3) != 0,
				    .lookup = db_col_int(st, 4), .until = db_col_time(st, 5) };
	db_reset(s, id);
	return 0;
}

int store_held_get(struct store *s, int64_t id, struct store_held *ret)
{
	return read_held(s, ST_HELD_GET, id, ret);
}

int store_held_next(struct store *s, int64_t after, struct store_held *ret)
{
	return read_held(s, ST_HELD_ANY, after, ret);
}

int store_held_first(struct store *s, int64_t contact, struct store_held *ret)
{
	return read_held(s, ST_HELD_FIRST, contact, ret);
}

int store_held_count(struct store *s, int64_t contact, int64_t *ret)
{
	enum statement id = contact ? ST_HELD_COUNT : ST_HELD_ALL;
	sqlite3_stmt *st = db_get(s, id);

	if (contact)
		db_int(st, 1, contact);
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_DB;
	*ret = db_col_int(st, 0);
	db_reset(s, id);
	return 0;
}

int store_held_until(struct store *s, int64_t id, struct wall_ms until)
{
	sqlite3_stmt *st = db_get(s, ST_HELD_UNTIL);

	db_int(st, 1, id);
	db_time(st, 2, until);
	return db_write(s, ST_HELD_UNTIL);
}

int store_held_del(struct store *s, int64_t id)
{
	db_int(db_get(s, ST_HELD_DEL), 1, id);
	return db_write(s, ST_HELD_DEL);
}

int store_held_drop(struct store *s, int64_t contact)
{
	db_int(db_get(s, ST_HELD_ERASE), 1, contact);
	return db_write(s, ST_HELD_ERASE);
}

int store_message_taken(struct store *s, int64_t id, int64_t account, int64_t contact,
			const char *keyword)
{
	sqlite3_stmt *st = db_get(s, ST_MESSAGE_TAKEN);

	db_int(st, 1, id);
	db_int(st, 2, account);
	db_int(st, 3, contact);
	db_text(st, 4, keyword);
	return db_write(s, ST_MESSAGE_TAKEN);
}
