/* What leaves for other programs: calls and mails, until they are over. */
#include "db.h"

void store_hook_done(struct store_hook *h)
{
	free(h->place);
	free(h->chain);
	free(h->url);
	free(h->head);
	free(h->body);
	free(h->error);
	*h = (struct store_hook){ 0 };
}

int store_hook_last(struct store *s, int64_t *ret)
{
	db_get(s, ST_HOOK_LAST);
	int r = db_row(s, ST_HOOK_LAST);

	if (r < 0)
		return r;
	*ret = r ? db_col_int(s->st[ST_HOOK_LAST], 0) : 0;
	if (r)
		db_reset(s, ST_HOOK_LAST);
	return 0;
}

/* Whether another one of the chain is in front: 1, 0 or negative. */
static int is_behind(struct store *s, const char *chain, int64_t id)
{
	sqlite3_stmt *st;

	if (!chain)
		return 0;
	st = db_get(s, ST_HOOK_AHEAD);
	db_text(st, 1, chain);
	db_int(st, 2, id ? id : INT64_MAX);
	int r = db_row(s, ST_HOOK_AHEAD);

	if (r > 0)
		db_reset(s, ST_HOOK_AHEAD);
	return r;
}

int store_hook_insert(struct store *s, struct store_hook *h)
{
	int r = is_behind(s, h->chain, h->id);

	if (r < 0)
		return r;
	h->state = r ? STORE_HOOK_BEHIND : STORE_HOOK_DUE;
	sqlite3_stmt *st = db_get(s, ST_HOOK_ADD);

	db_int_or_null(st, 1, h->id);
	db_int(st, 2, h->kind);
	db_int(st, 3, h->purpose);
	db_int(st, 4, h->state);
	db_int(st, 5, h->tries);
	db_int_or_null(st, 6, h->account);
	db_int_or_null(st, 7, h->contact);
	db_int_or_null(st, 8, h->ref);
	db_int(st, 9, h->is_trusted);
	db_int(st, 10, h->is_once);
	db_int(st, 11, h->limit_ms);
	db_time(st, 12, h->created_at);
	db_time(st, 13, h->due_at);
	db_time(st, 14, h->until);
	db_text(st, 15, h->place);
	db_text(st, 16, h->chain);
	db_text(st, 17, h->url);
	db_text(st, 18, h->head);
	db_blob(st, 19, h->body, h->body_n);
	db_text(st, 20, h->error);
	r = db_write(s, ST_HOOK_ADD);
	if (r == 0)
		h->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_hook_save(struct store *s, const struct store_hook *h)
{
	sqlite3_stmt *st = db_get(s, ST_HOOK_SAVE);

	db_int(st, 1, h->id);
	db_int(st, 2, h->state);
	db_int(st, 3, h->tries);
	db_time(st, 4, h->due_at);
	db_time(st, 5, h->until);
	db_text(st, 6, h->error);
	return db_write(s, ST_HOOK_SAVE);
}

static int read_hook(struct store *s, enum statement id, struct store_hook *ret)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	sqlite3_stmt *st = s->st[id];

	*ret = (struct store_hook){
		.id = db_col_int(st, 0), .kind = (int)db_col_int(st, 1),
		.purpose = (int)db_col_int(st, 2), .state = (int)db_col_int(st, 3),
		.tries = (int)db_col_int(st, 4), .account = db_col_int(st, 5),
		.contact = db_col_int(st, 6), .ref = db_col_int(st, 7),
		.is_trusted = db_col_int(st, 8) != 0, .is_once = db_col_int(st, 9) != 0,
		.limit_ms = db_col_int(st, 10), .created_at = db_col_time(st, 11),
		.due_at = db_col_time(st, 12), .until = db_col_time(st, 13),
		.place = db_col_text(st, 14), .chain = db_col_text(st, 15),
		.url = db_col_text(st, 16), .head = db_col_text(st, 17),
		.error = db_col_text(st, 19) };
	ret->body = (char *)db_col_blob(st, 18, &ret->body_n);
	db_reset(s, id);
	return 0;
}

int store_hook_get(struct store *s, int64_t id, struct store_hook *ret)
{
	db_int(db_get(s, ST_HOOK_GET), 1, id);
	return read_hook(s, ST_HOOK_GET, ret);
}

int store_hook_delete(struct store *s, int64_t id)
{
	db_int(db_get(s, ST_HOOK_DEL), 1, id);
	return db_write(s, ST_HOOK_DEL);
}

int store_hook_release(struct store *s, const char *chain, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_HOOK_RELEASE);

	db_text(st, 1, chain);
	db_time(st, 2, at);
	return db_write(s, ST_HOOK_RELEASE);
}

int store_hook_place(struct store *s, char place[STORE_HOOK_PLACE_MAX], struct wall_ms *ret_due)
{
	sqlite3_stmt *st = db_get(s, ST_HOOK_PLACE);

	db_text(st, 1, place);
	int r = db_row(s, ST_HOOK_PLACE);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, place, STORE_HOOK_PLACE_MAX);
	*ret_due = db_col_time(st, 1);
	db_reset(s, ST_HOOK_PLACE);
	return 0;
}

int store_hook_due(struct store *s, const char *place, struct wall_ms *due, int64_t *id)
{
	sqlite3_stmt *st = db_get(s, ST_HOOK_DUE);

	db_text(st, 1, place);
	db_time(st, 2, *due);
	db_int(st, 3, *id);
	int r = db_row(s, ST_HOOK_DUE);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*id = db_col_int(st, 0);
	*due = db_col_time(st, 1);
	db_reset(s, ST_HOOK_DUE);
	return 0;
}

int store_hook_dead(struct store *s, int64_t account, int64_t before, struct store_hook *ret)
{
	sqlite3_stmt *st = db_get(s, ST_HOOK_DEAD);

	db_int(st, 1, before ? before : INT64_MAX);
	db_int(st, 2, account);
	return read_hook(s, ST_HOOK_DEAD, ret);
}

int store_hook_prune(struct store *s, struct wall_ms now)
{
	db_int(db_get(s, ST_HOOK_PRUNE), 1, now.ms - STORE_HOOK_DEAD_MS);
	return db_write(s, ST_HOOK_PRUNE);
}
