/* Tokens by which programs log in: who they are and what they may, never the secret itself. */
#include "db.h"

int store_token_add(struct store *s, const struct store_token *t)
{
	sqlite3_stmt *st = db_get(s, ST_TOKEN_ADD);

	db_text(st, 1, t->name);
	db_text(st, 2, t->sid);
	db_text(st, 3, t->account[0] ? t->account : NULL);
	db_int(st, 4, t->scopes);
	db_blob(st, 5, t->digest, sizeof(t->digest));
	db_time(st, 6, t->created_at);
	return db_write(s, ST_TOKEN_ADD);
}

int store_token_drop(struct store *s, const char *name)
{
	sqlite3_stmt *st = db_get(s, ST_TOKEN_DROP);

	db_text(st, 1, name);
	int r = db_write(s, ST_TOKEN_DROP);

	return r == 0 && !sqlite3_changes(s->db) ? TW_E_UNKNOWN : r;
}

int store_token_next(struct store *s, const char *after, struct store_token *ret)
{
	sqlite3_stmt *st = db_get(s, ST_TOKEN_NEXT);

	db_text(st, 1, after);
	int r = db_row(s, ST_TOKEN_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_token){ .scopes = (int)db_col_int(st, 3),
				     .created_at = db_col_time(st, 5) };
	db_col_str(st, 0, ret->name, sizeof(ret->name));
	db_col_str(st, 1, ret->sid, sizeof(ret->sid));
	db_col_str(st, 2, ret->account, sizeof(ret->account));
	db_col_fixed(st, 4, ret->digest, sizeof(ret->digest));
	db_reset(s, ST_TOKEN_NEXT);
	return 0;
}
