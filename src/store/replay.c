/* Requests that may come twice, by the key that the client gave them: what was asked, and what was
 * answered. */
#include "db.h"

int store_replay(struct store *s, const char *login, const char *key, struct wall_ms now,
		 struct store_replay *ret)
{
	sqlite3_stmt *st = db_get(s, ST_REPLAY_FIND);

	db_text(st, 1, login);
	db_text(st, 2, key);
	db_int(st, 3, now.ms - STORE_IDEMPOTENCY_MS);
	int r = db_row(s, ST_REPLAY_FIND);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_replay){ .status = (int)db_col_int(st, 1), .job = db_col_int(st, 2),
				      .answer = db_col_text(st, 3) };
	db_col_fixed(st, 0, ret->digest, sizeof(ret->digest));
	ret->answer_n = ret->answer ? strlen(ret->answer) : 0;
	db_reset(s, ST_REPLAY_FIND);
	return 0;
}

/* Two old ones go for each new one, so that the table never needs a sweep. */
int store_replay_put(struct store *s, const char *login, const char *key,
		     const struct store_replay *v,
		     struct wall_ms now)
{
	sqlite3_stmt *st = db_get(s, ST_REPLAY_PRUNE);

	db_int(st, 1, now.ms - STORE_IDEMPOTENCY_MS);
	db_text(st, 2, login);
	db_text(st, 3, key);
	int r = db_write(s, ST_REPLAY_PRUNE);

	if (r < 0)
		return r;
	st = db_get(s, ST_REPLAY_ADD);
	db_text(st, 1, login);
	db_text(st, 2, key);
	db_blob(st, 3, v->digest, sizeof(v->digest));
	db_int(st, 4, v->status);
	db_int_or_null(st, 5, v->job);
	db_textn(st, 6, v->answer ? v->answer : "", v->answer_n);
	db_time(st, 7, now);
	return db_write(s, ST_REPLAY_ADD);
}

void store_replay_done(struct store_replay *v)
{
	free(v->answer);
	*v = (struct store_replay){ .status = 0 };
}
