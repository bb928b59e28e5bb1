/* Texts between the SIMs of the bank. */
#include "db.h"

int store_test_add(struct store *s, struct store_test *t)
{
	sqlite3_stmt *st = db_get(s, ST_TEST_ADD);

	db_text(st, 1, t->token);
	db_int(st, 2, t->learns);
	db_int(st, 3, t->from_sim);
	db_int(st, 4, t->to_sim);
	db_int(st, 5, t->message);
	db_time(st, 6, t->started_at);
	int r = db_write(s, ST_TEST_ADD);

	if (r < 0)
		return r;
	t->id = sqlite3_last_insert_rowid(s->db);
	db_int(db_get(s, ST_TEST_PRUNE), 1, t->id);
	return db_write(s, ST_TEST_PRUNE);
}

int store_test_end(struct store *s, const struct store_test *t)
{
	sqlite3_stmt *st = db_get(s, ST_TEST_END);

	db_int(st, 1, t->id);
	db_int(st, 2, t->outcome);
	db_time(st, 3, t->ended_at);
	return db_write(s, ST_TEST_END);
}

static int read_test(struct store *s, enum statement id, struct store_test *ret)
{
	int r = db_one(s, id);
	sqlite3_stmt *st = s->st[id];

	if (r < 0)
		return r;
	*ret = (struct store_test){
		.id = db_col_int(st, 0), .learns = db_col_int(st, 2), .from_sim = db_col_int(st, 3),
		.to_sim = db_col_int(st, 4), .message = db_col_int(st, 5),
		.started_at = db_col_time(st, 6), .ended_at = db_col_time(st, 7),
		.outcome = (int)db_col_int(st, 8) };
	db_col_str(st, 1, ret->token, sizeof(ret->token));
	db_reset(s, id);
	return 0;
}

int store_test_find(struct store *s, const char *token, struct store_test *ret)
{
	db_text(db_get(s, ST_TEST_FIND), 1, token);
	return read_test(s, ST_TEST_FIND, ret);
}

int store_test_before(struct store *s, int64_t before, struct store_test *ret)
{
	db_int(db_get(s, ST_TEST_BEFORE), 1, before ? before : INT64_MAX);
	return read_test(s, ST_TEST_BEFORE, ret);
}
