/* Conversations, the versions of flows that they stand in, tags and arms of contacts. */
#include "db.h"

/* ---- versions ------------------------------------------------------------------------------ */

int store_version(struct store *s, const uint8_t hash[32], const char *name, const char *account,
		  const char *text, size_t n, int64_t *ret)
{
	sqlite3_stmt *st = db_get(s, ST_VERSION_FIND);

	db_blob(st, 1, hash, 32);
	int r = db_row(s, ST_VERSION_FIND);

	if (r == 1) {
		*ret = db_col_int(st, 0);
		db_reset(s, ST_VERSION_FIND);
		return 0;
	}
	if (r < 0)
		return r;
	st = db_get(s, ST_VERSION_ADD);
	db_blob(st, 1, hash, 32);
	db_text(st, 2, name);
	db_text(st, 3, account);
	db_blob(st, 4, text, n);
	r = db_write(s, ST_VERSION_ADD);
	if (r == 0)
		*ret = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_version_get(struct store *s, int64_t id, struct store_version *ret)
{
	sqlite3_stmt *st = db_get(s, ST_VERSION_GET);

	db_int(st, 1, id);
	int r = db_row(s, ST_VERSION_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_version){ .name = db_col_text(st, 1), .account = db_col_text(st, 2) };
	db_col_fixed(st, 0, ret->hash, sizeof(ret->hash));
	ret->text = (char *)db_col_blob(st, 3, &ret->text_n);
	db_reset(s, ST_VERSION_GET);
	return 0;
}

void store_version_done(struct store_version *v)
{
	free(v->name);
	free(v->account);
	free(v->text);
	*v = (struct store_version){ .name = NULL };
}

int store_versions_prune(struct store *s)
{
	db_get(s, ST_VERSION_PRUNE);
	return db_write(s, ST_VERSION_PRUNE);
}

/* ---- conversations ------------------------------------------------------------------------- */

void store_talk_done(struct store_talk *t)
{
	free(t->variables);
	t->variables = NULL;
}

int store_talk_put(struct store *s, struct store_talk *t)
{
	sqlite3_stmt *st = db_get(s, ST_TALK_PUT);

	db_int_or_null(st, 1, t->id);
	db_int(st, 2, t->contact);
	db_int(st, 3, t->line);
	db_int(st, 4, t->version);
	db_int(st, 5, t->stands);
	db_int(st, 6, t->step);
	db_int(st, 7, t->tries);
	db_time(st, 8, t->first_at);
	db_time(st, 9, t->due_at);
	db_time(st, 10, t->asked_at);
	db_int(st, 11, t->is_behind);
	db_int_or_null(st, 12, t->message);
	db_blob(st, 13, t->variables ? t->variables : "", t->variables_n);
	db_int_or_null(st, 14, t->away);
	db_int(st, 15, t->by_clock);
	db_int(st, 16, t->lane);
	int r = db_write(s, ST_TALK_PUT);

	if (r == 0 && !t->id)
		t->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

static int read_talk(struct store *s, enum statement id, struct store_talk *ret)
{
	sqlite3_stmt *st = s->st[id];
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_talk){
		.id = db_col_int(st, 0), .contact = db_col_int(st, 1), .line = db_col_int(st, 2),
		.version = db_col_int(st, 3), .stands = (int)db_col_int(st, 4),
		.step = (uint32_t)db_col_int(st, 5), .tries = (int)db_col_int(st, 6),
		.first_at = db_col_time(st, 7), .due_at = db_col_time(st, 8),
		.asked_at = db_col_time(st, 9), .is_behind = db_col_int(st, 10) != 0,
		.message = db_col_int(st, 11), .away = db_col_int(st, 13),
		.by_clock = db_col_int(st, 14) != 0, .lane = (int)db_col_int(st, 15) };
	ret->variables = (char *)db_col_blob(st, 12, &ret->variables_n);
	db_reset(s, id);
	return 0;
}

int store_talk_any(struct store *s, int64_t after, struct store_talk *ret)
{
	db_int(db_get(s, ST_TALK_ANY), 1, after);
	return read_talk(s, ST_TALK_ANY, ret);
}

int store_talks_standing(struct store *s, void (*cb)(void *ctx, const struct store_standing *v),
			 void *ctx)
{
	sqlite3_stmt *st = db_get(s, ST_TALK_GROUPS);
	int r;

	while ((r = db_row(s, ST_TALK_GROUPS)) == 1) {
		const struct store_standing v = { db_col_int(st, 0), (uint32_t)db_col_int(st, 1),
						  (int)db_col_int(st, 2), db_col_int(st, 3) };

		cb(ctx, &v);
	}
	return r;
}

int store_talk_get(struct store *s, int64_t id, struct store_talk *ret)
{
	db_int(db_get(s, ST_TALK_GET), 1, id);
	return read_talk(s, ST_TALK_GET, ret);
}

int store_talk_next(struct store *s, int64_t contact, int64_t after, struct store_talk *ret)
{
	sqlite3_stmt *st = db_get(s, ST_TALK_NEXT);

	db_int(st, 1, contact);
	db_int(st, 2, after);
	return read_talk(s, ST_TALK_NEXT, ret);
}

int store_talk_away(struct store *s, int64_t call, struct store_talk *ret)
{
	db_int(db_get(s, ST_TALK_AWAY), 1, call);
	return read_talk(s, ST_TALK_AWAY, ret);
}

int store_talks_hurry(struct store *s, int64_t contact, struct wall_ms now)
{
	sqlite3_stmt *st = db_get(s, ST_TALK_HURRY);

	db_int(st, 1, contact);
	db_time(st, 2, now);
	return db_write(s, ST_TALK_HURRY);
}

int store_talk_due(struct store *s, int64_t *ret_id, struct wall_ms *ret_due)
{
	sqlite3_stmt *st = db_get(s, ST_TALK_DUE);
	int r = db_row(s, ST_TALK_DUE);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_id = db_col_int(st, 0);
	*ret_due = db_col_time(st, 1);
	db_reset(s, ST_TALK_DUE);
	return 0;
}

static int write_with(struct store *s, enum statement id, int64_t key)
{
	db_int(db_get(s, id), 1, key);
	return db_write(s, id);
}

int store_talk_del(struct store *s, int64_t id)
{
	return write_with(s, ST_TALK_DEL, id);
}

int store_talks_del(struct store *s, int64_t contact)
{
	return write_with(s, ST_TALK_ERASE, contact);
}

int store_talks_wake(struct store *s, int64_t contact, struct wall_ms now)
{
	sqlite3_stmt *st = db_get(s, ST_TALK_WAKE);

	db_int(st, 1, contact);
	db_time(st, 2, now);
	return db_write(s, ST_TALK_WAKE);
}

/* ---- tags, arms ---------------------------------------------------------------------------- */

int store_tag(struct store *s, int64_t contact, const char *name)
{
	sqlite3_stmt *st = db_get(s, ST_TAG_GET);

	db_int(st, 1, contact);
	db_text(st, 2, name);
	int r = db_row(s, ST_TAG_GET);

	if (r == 1)
		db_reset(s, ST_TAG_GET);
	return r < 0 ? r : r ? 0 : TW_E_UNKNOWN;
}

int store_tag_next(struct store *s, int64_t contact, const char *after, char **ret_name)
{
	sqlite3_stmt *st = db_get(s, ST_TAG_NEXT);

	db_int(st, 1, contact);
	db_text(st, 2, after);
	int r = db_row(s, ST_TAG_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_name = db_col_text(st, 0);
	db_reset(s, ST_TAG_NEXT);
	return 0;
}

int store_tag_put(struct store *s, int64_t contact, const char *name, bool is_set)
{
	enum statement id = is_set ? ST_TAG_PUT : ST_TAG_DEL;
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, contact);
	db_text(st, 2, name);
	return db_write(s, id);
}

int store_arm(struct store *s, int64_t contact, const char *split, char out[STORE_ARM_MAX])
{
	sqlite3_stmt *st = db_get(s, ST_ARM_GET);

	db_int(st, 1, contact);
	db_text(st, 2, split);
	int r = db_row(s, ST_ARM_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	db_col_str(st, 0, out, STORE_ARM_MAX);
	db_reset(s, ST_ARM_GET);
	return 0;
}

int store_arm_put(struct store *s, int64_t contact, const char *split, const char *arm,
		  struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_ARM_PUT);

	db_int(st, 1, contact);
	db_text(st, 2, split);
	db_text(st, 3, arm);
	db_time(st, 4, at);
	return db_write(s, ST_ARM_PUT);
}
