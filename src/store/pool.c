/* Pools that accounts made for themselves, and the numbers in them. */
#include "db.h"

void store_pool_done(struct store_pool *p)
{
	free(p->friendly);
	free(p->url);
	free(p->fallback);
	free(p->callback);
	free(p->usecase);
	*p = (struct store_pool){ 0 };
}

static int read_pool(struct store *s, enum statement id, sqlite3_stmt *st, struct store_pool *ret)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_pool){ .id = db_col_int(st, 0), .account = db_col_int(st, 1),
				    .friendly = db_col_text(st, 3), .url = db_col_text(st, 4),
				    .fallback = db_col_text(st, 5), .callback = db_col_text(st, 6),
				    .usecase = db_col_text(st, 7), .flags = (int)db_col_int(st, 8),
				    .valid_for = db_col_int(st, 9),
				    .created_at = db_col_time(st, 10),
				    .changed_at = db_col_time(st, 11) };
	db_col_str(st, 2, ret->name, sizeof(ret->name));
	db_reset(s, id);
	return 0;
}

int store_pool(struct store *s, int64_t account, const char *name, struct store_pool *ret)
{
	sqlite3_stmt *st = db_get(s, ST_POOL_GET);

	db_int(st, 1, account);
	db_text(st, 2, name);
	return read_pool(s, ST_POOL_GET, st, ret);
}

int store_pool_next(struct store *s, int64_t after, struct store_pool *ret)
{
	sqlite3_stmt *st = db_get(s, ST_POOL_NEXT);

	db_int(st, 1, after);
	return read_pool(s, ST_POOL_NEXT, st, ret);
}

/* Both statements number their columns alike; each leaves out what is not its own. */
static int write_pool(struct store *s, enum statement id, const struct store_pool *p)
{
	sqlite3_stmt *st = db_get(s, id);

	if (id == ST_POOL_SAVE)
		db_int(st, 1, p->id);
	if (id == ST_POOL_ADD) {
		db_int(st, 2, p->account);
		db_text(st, 3, p->name);
		db_time(st, 11, p->created_at);
	}
	db_text(st, 4, p->friendly);
	db_text(st, 5, p->url);
	db_text(st, 6, p->fallback);
	db_text(st, 7, p->callback);
	db_text(st, 8, p->usecase);
	db_int(st, 9, p->flags);
	db_int(st, 10, p->valid_for);
	db_time(st, 12, p->changed_at);
	return db_write(s, id);
}

int store_pool_add(struct store *s, struct store_pool *p)
{
	int r = write_pool(s, ST_POOL_ADD, p);

	if (r == 0)
		p->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_pool_save(struct store *s, const struct store_pool *p)
{
	return write_pool(s, ST_POOL_SAVE, p);
}

int store_pool_drop(struct store *s, int64_t id)
{
	db_int(db_get(s, ST_POOL_EMPTY), 1, id);
	int r = db_write(s, ST_POOL_EMPTY);

	if (r < 0)
		return r;
	db_int(db_get(s, ST_POOL_DROP), 1, id);
	return db_write(s, ST_POOL_DROP);
}

int store_pool_number_add(struct store *s, int64_t pool, const char *number, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_POOL_NUMBER_ADD);

	db_int(st, 1, pool);
	db_text(st, 2, number);
	db_time(st, 3, at);
	return db_write(s, ST_POOL_NUMBER_ADD);
}

int store_pool_number_drop(struct store *s, int64_t pool, const char *number)
{
	sqlite3_stmt *st = db_get(s, ST_POOL_NUMBER_DROP);

	db_int(st, 1, pool);
	db_text(st, 2, number);
	int r = db_write(s, ST_POOL_NUMBER_DROP);

	return r == 0 && !sqlite3_changes(s->db) ? TW_E_UNKNOWN : r;
}

int store_pool_number_next(struct store *s, int64_t pool, char number[TW_ADDRESS_MAX],
			   struct wall_ms *ret_at)
{
	sqlite3_stmt *st = db_get(s, ST_POOL_NUMBER_NEXT);

	db_int(st, 1, pool);
	db_text(st, 2, number);
	int r = db_row(s, ST_POOL_NUMBER_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, number, TW_ADDRESS_MAX);
	*ret_at = db_col_time(st, 1);
	db_reset(s, ST_POOL_NUMBER_NEXT);
	return 0;
}
