/* PINs that were tried, and keys by which a request is known again. */
#include "db.h"

int store_pin_tried(struct store *s, const char *identity, const uint8_t hash[32],
		    struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_PIN_ADD);

	db_text(st, 1, identity);
	db_blob(st, 2, hash, 32);
	db_time(st, 3, at);
	return db_write(s, ST_PIN_ADD);
}

int store_pin_worked(struct store *s, const char *identity, const uint8_t hash[32])
{
	sqlite3_stmt *st = db_get(s, ST_PIN_DROP);

	db_text(st, 1, identity);
	db_blob(st, 2, hash, 32);
	return db_write(s, ST_PIN_DROP);
}

int store_pin_next(struct store *s, int64_t *cursor, char identity[STORE_SIM_MAX],
		   uint8_t ret_hash[32])
{
	sqlite3_stmt *st = db_get(s, ST_PIN_NEXT);

	db_int(st, 1, *cursor);
	int r = db_row(s, ST_PIN_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*cursor = db_col_int(st, 0);
	db_col_str(st, 1, identity, STORE_SIM_MAX);
	db_col_fixed(st, 2, ret_hash, 32);
	db_reset(s, ST_PIN_NEXT);
	return 0;
}

int store_idempotency(struct store *s, int64_t account, const char *key, struct wall_ms now,
		      int64_t *ret_message, uint8_t ret_digest[STORE_DIGEST])
{
	sqlite3_stmt *st = db_get(s, ST_IDEM_FIND);

	db_int(st, 1, account);
	db_text(st, 2, key);
	db_int(st, 3, now.ms - STORE_IDEMPOTENCY_MS);
	int r = db_row(s, ST_IDEM_FIND);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_message = db_col_int(st, 0);
	db_col_fixed(st, 1, ret_digest, STORE_DIGEST);
	db_reset(s, ST_IDEM_FIND);
	return 0;
}

/* Two old keys go for each new one, so that the table never needs a sweep. */
int store_idempotency_put(struct store *s, int64_t account, const char *key, int64_t message,
			  const uint8_t digest[STORE_DIGEST], struct wall_ms now)
{
	sqlite3_stmt *st = db_get(s, ST_IDEM_PRUNE);

	db_int(st, 1, now.ms - STORE_IDEMPOTENCY_MS);
	db_int(st, 2, account);
	db_text(st, 3, key);
	int r = db_write(s, ST_IDEM_PRUNE);

	if (r < 0)
		return r;
	st = db_get(s, ST_IDEM_ADD);
	db_int(st, 1, account);
	db_text(st, 2, key);
	db_int(st, 3, message);
	db_blob(st, 4, digest, STORE_DIGEST);
	db_time(st, 5, now);
	return db_write(s, ST_IDEM_ADD);
}

int store_note(struct store *s, const char *key, char *out, size_t cap)
{
	sqlite3_stmt *st = db_get(s, ST_NOTE_GET);

	db_text(st, 1, key);
	int r = db_row(s, ST_NOTE_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, out, cap);
	db_reset(s, ST_NOTE_GET);
	return 0;
}

int store_note_put(struct store *s, const char *key, const char *text)
{
	sqlite3_stmt *st = db_get(s, ST_NOTE_PUT);

	db_text(st, 1, key);
	db_text(st, 2, text);
	return db_write(s, ST_NOTE_PUT);
}

int store_setting_put(struct store *s, const char *name, const char *value)
{
	enum statement id = value ? ST_SETTING_PUT : ST_SETTING_DROP;
	sqlite3_stmt *st = db_get(s, id);

	db_text(st, 1, name);
	if (value)
		db_text(st, 2, value);
	int r = db_write(s, id);

	return r == 0 && !value && !sqlite3_changes(s->db) ? TW_E_UNKNOWN : r;
}

int store_setting_next(struct store *s, const char *after, char **ret_name, char **ret_value)
{
	sqlite3_stmt *st = db_get(s, ST_SETTING_NEXT);

	db_text(st, 1, after);
	int r = db_row(s, ST_SETTING_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_name = db_col_text(st, 0);
	*ret_value = db_col_text(st, 1);
	db_reset(s, ST_SETTING_NEXT);
	return 0;
}
