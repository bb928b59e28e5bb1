/* What watchers are told, so that one who comes back goes on where they were. */
#include "db.h"

void store_news_done(struct store_news *n)
{
	free(n->about);
	*n = (struct store_news){ 0 };
}

int store_news_add(struct store *s, const struct store_news *n)
{
	sqlite3_stmt *st = db_get(s, ST_NEWS_ADD);

	db_text(st, 1, n->kind);
	db_text(st, 2, n->about);
	db_int_or_null(st, 3, n->message);
	db_int_or_null(st, 4, n->account);
	db_time(st, 5, n->at);
	int r = db_write(s, ST_NEWS_ADD);

	if (r < 0)
		return r;
	int64_t id = sqlite3_last_insert_rowid(s->db);

	st = db_get(s, ST_NEWS_PRUNE);
	db_int(st, 1, n->at.ms - STORE_NEWS_MS);
	db_int(st, 2, id - STORE_NEWS_MAX);
	return db_write(s, ST_NEWS_PRUNE);
}

int store_news_next(struct store *s, int64_t after, struct store_news *ret)
{
	sqlite3_stmt *st = db_get(s, ST_NEWS_NEXT);

	db_int(st, 1, after);
	int r = db_row(s, ST_NEWS_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_news){ .id = db_col_int(st, 0), .about = db_col_text(st, 2),
				    .message = db_col_int(st, 3), .account = db_col_int(st, 4),
				    .at = db_col_time(st, 5) };
	db_col_str(st, 1, ret->kind, sizeof(ret->kind));
	db_reset(s, ST_NEWS_NEXT);
	return 0;
}

static int end_of(struct store *s, enum statement id, int64_t *ret)
{
	sqlite3_stmt *st = db_get(s, id);
	int r = db_row(s, id);

	if (r < 0)
		return r;
	*ret = r ? db_col_int(st, 0) : 0;
	if (r)
		db_reset(s, id);
	return 0;
}

int store_news_ends(struct store *s, int64_t *ret_first, int64_t *ret_last)
{
	int r = end_of(s, ST_NEWS_FIRST, ret_first);

	return r < 0 ? r : end_of(s, ST_NEWS_LAST, ret_last);
}
