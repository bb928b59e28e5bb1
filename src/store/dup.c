/* What was received before: texts by their duplicate key, octets by the slot they lay in. */
#include "db.h"

void store_dup_done(struct store_dup *d)
{
	free(d->pdu);
	*d = (struct store_dup){ 0 };
}

static int nth_of(struct store *s, enum statement id, int64_t key, size_t nth,
		  struct store_dup *ret)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, key);
	db_int(st, 2, (int64_t)nth);
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_dup){ .message = db_col_int(st, 0), .at = db_col_time(st, 1),
				   .sim = db_col_int(st, 2) };
	ret->pdu = db_col_blob(st, 3, &ret->pdu_n);
	db_reset(s, id);
	return 0;
}

int store_dup_find(struct store *s, int64_t key, bool is_part, size_t nth, struct store_dup *ret)
{
	return nth_of(s, is_part ? ST_DUP_PART : ST_DUP_MESSAGE, key, nth, ret);
}

int store_slot(struct store *s, int64_t sim, const char *storage, int slot, uint8_t ret_digest[16])
{
	sqlite3_stmt *st = db_get(s, ST_SLOT_GET);

	db_int(st, 1, sim);
	db_text(st, 2, storage);
	db_int(st, 3, slot);
	int r = db_row(s, ST_SLOT_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_fixed(st, 0, ret_digest, 16);
	db_reset(s, ST_SLOT_GET);
	return 0;
}

int store_slot_put(struct store *s, int64_t sim, const char *storage, int slot,
		   const uint8_t digest[16])
{
	sqlite3_stmt *st = db_get(s, ST_SLOT_PUT);

	db_int(st, 1, sim);
	db_text(st, 2, storage);
	db_int(st, 3, slot);
	db_blob(st, 4, digest, 16);
	return db_write(s, ST_SLOT_PUT);
}

int store_slot_empty(struct store *s, int64_t sim, const char *storage, int slot)
{
	sqlite3_stmt *st = db_get(s, ST_SLOT_EMPTY);

	db_int(st, 1, sim);
	db_text(st, 2, storage);
	db_int(st, 3, slot);
	return db_write(s, ST_SLOT_EMPTY);
}
