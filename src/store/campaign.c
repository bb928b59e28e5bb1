/* Campaigns: what goes to whom, and how far each has come. */
#include "db.h"

const char *store_campaign_state_name(enum store_campaign_state state)
{
	switch (state) {
#define X(name, text) case name: return text;
	STORE_CAMPAIGN_STATES(X)
#undef X
	case CAMPAIGN_STATE_COUNT:
		break;
	}
	return "";
}

bool store_campaign_is_over(enum store_campaign_state state)
{
	return state == CAMPAIGN_DONE || state == CAMPAIGN_CANCELED;
}

void store_campaign_done(struct store_campaign *c)
{
	free(c->when);
	for (size_t i = 0; i < c->n_arms; i++)
		free(c->arms[i].text);
	*c = (struct store_campaign){ 0 };
}

static int add_arms(struct store *s, const struct store_campaign *c)
{
	int r = 0;

	for (size_t i = 0; i < c->n_arms && r == 0; i++) {
		sqlite3_stmt *st = db_get(s, ST_CAMPAIGN_ARM_ADD);

		db_int(st, 1, c->id);
		db_int(st, 2, (int64_t)i);
		db_text(st, 3, c->arms[i].name);
		db_int(st, 4, c->arms[i].weight);
		db_int(st, 5, c->arms[i].topic);
		db_text(st, 6, c->arms[i].text);
		r = db_write(s, ST_CAMPAIGN_ARM_ADD);
	}
	return r;
}

int store_campaign_add(struct store *s, struct store_campaign *c)
{
	sqlite3_stmt *st = db_get(s, ST_CAMPAIGN_ADD);

	db_int(st, 1, c->account);
	db_text(st, 2, c->name);
	db_text(st, 3, c->list);
	db_text(st, 4, c->when ? c->when : "");
	db_text(st, 5, c->pool);
	db_text(st, 6, c->series);
	db_int(st, 7, c->line);
	db_int(st, 8, c->pace);
	db_time(st, 9, c->created_at);
	db_time(st, 10, c->send_at);
	db_time(st, 11, c->until);
	db_time(st, 12, c->started_at);
	db_time(st, 13, c->finished_at);
	db_int(st, 14, c->state);
	db_int(st, 15, c->is_paused);
	db_text(st, 16, c->reason);
	db_int(st, 17, c->cursor);
	db_int(st, 18, c->queued);
	db_int(st, 19, c->no_consent);
	db_int(st, 20, c->unmatched);
	db_int(st, 21, c->refused);
	int r = db_write(s, ST_CAMPAIGN_ADD);

	if (r < 0)
		return r;
	c->id = sqlite3_last_insert_rowid(s->db);
	return add_arms(s, c);
}

int store_campaign_save(struct store *s, const struct store_campaign *c)
{
	sqlite3_stmt *st = db_get(s, ST_CAMPAIGN_SAVE);

	db_int(st, 1, c->id);
	db_time(st, 2, c->until);
	db_time(st, 3, c->started_at);
	db_time(st, 4, c->finished_at);
	db_int(st, 5, c->state);
	db_int(st, 6, c->is_paused);
	db_text(st, 7, c->reason);
	db_int(st, 8, c->cursor);
	db_int(st, 9, c->queued);
	db_int(st, 10, c->no_consent);
	db_int(st, 11, c->unmatched);
	db_int(st, 12, c->refused);
	return db_write(s, ST_CAMPAIGN_SAVE);
}

static int read_arms(struct store *s, struct store_campaign *c)
{
	int r = 1;

	while (c->n_arms < STORE_CAMPAIGN_ARMS) {
		struct store_campaign_arm *arm = &c->arms[c->n_arms];
		sqlite3_stmt *st = db_get(s, ST_CAMPAIGN_ARMS);

		db_int(st, 1, c->id);
		db_int(st, 2, (int64_t)c->n_arms);
		r = db_row(s, ST_CAMPAIGN_ARMS);
		if (r <= 0)
			return r;
		db_col_str(st, 0, arm->name, sizeof(arm->name));
		arm->weight = db_col_int(st, 1);
		arm->topic = db_col_int(st, 2);
		arm->text = db_col_text(st, 3);
		c->n_arms++;
		db_reset(s, ST_CAMPAIGN_ARMS);
	}
	return 0;
}

static void read_campaign(sqlite3_stmt *st, struct store_campaign *ret)
{
	*ret = (struct store_campaign){
		.id = db_col_int(st, 0), .account = db_col_int(st, 1), .when = db_col_text(st, 4),
		.line = db_col_int(st, 7), .pace = db_col_int(st, 8),
		.created_at = db_col_time(st, 9),
		.send_at = db_col_time(st, 10), .until = db_col_time(st, 11),
		.started_at = db_col_time(st, 12), .finished_at = db_col_time(st, 13),
		.state = (int)db_col_int(st, 14), .is_paused = db_col_int(st, 15) != 0,
		.cursor = db_col_int(st, 17), .queued = db_col_int(st, 18),
		.no_consent = db_col_int(st, 19), .unmatched = db_col_int(st, 20),
		.refused = db_col_int(st, 21) };
	db_col_str(st, 2, ret->name, sizeof(ret->name));
	db_col_str(st, 3, ret->list, sizeof(ret->list));
	db_col_str(st, 5, ret->pool, sizeof(ret->pool));
	db_col_str(st, 6, ret->series, sizeof(ret->series));
	db_col_str(st, 16, ret->reason, sizeof(ret->reason));
}

int store_campaign_get(struct store *s, int64_t id, struct store_campaign *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CAMPAIGN_GET);

	db_int(st, 1, id);
	int r = db_row(s, ST_CAMPAIGN_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	read_campaign(st, ret);
	db_reset(s, ST_CAMPAIGN_GET);
	r = read_arms(s, ret);
	if (r < 0)
		store_campaign_done(ret);
	return r;
}

static int one_id(struct store *s, enum statement id, sqlite3_stmt *st, int64_t *ret)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = db_col_int(st, 0);
	db_reset(s, id);
	return 0;
}

int store_campaign_find(struct store *s, int64_t account, const char *name, int64_t *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CAMPAIGN_FIND);

	db_int(st, 1, account);
	db_text(st, 2, name);
	return one_id(s, ST_CAMPAIGN_FIND, st, ret);
}

int store_campaign_next(struct store *s, int64_t account, bool only_open, int64_t after,
			struct store_campaign *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CAMPAIGN_NEXT);
	int64_t id;

	db_int(st, 1, after);
	db_int(st, 2, account);
	db_int(st, 3, only_open);
	int r = one_id(s, ST_CAMPAIGN_NEXT, st, &id);

	return r < 0 ? r : store_campaign_get(s, id, ret);
}
