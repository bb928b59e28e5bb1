/* Running totals: what is counted, who came by it, and the rows of hours, days and all time. */
#include "db.h"

const char *store_topic_name(enum store_topic_kind k)
{
	switch (k) {
#define X(name, text) case name: return text;
	STORE_TOPICS(X)
#undef X
	case STORE_TOPIC_KINDS:
		break;
	}
	return "";
}

const char *store_figure_name(enum store_figure f)
{
	switch (f) {
#define X(name, column) case name: return #column;
	STORE_FIGURES(X)
#undef X
	case FIGURE_COUNT:
		break;
	}
	return "";
}

static sqlite3_stmt *bind_topic(struct store *s, enum statement id, const struct store_topic *t)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, t->account);
	db_int(st, 2, t->kind);
	db_text(st, 3, t->name);
	return st;
}

int store_topic(struct store *s, struct store_topic *t)
{
	sqlite3_stmt *st = bind_topic(s, ST_TOPIC_FIND, t);
	int r = db_row(s, ST_TOPIC_FIND);

	if (r == 1) {
		t->id = db_col_int(st, 0);
		db_reset(s, ST_TOPIC_FIND);
		return 0;
	}
	if (r < 0)
		return r;
	bind_topic(s, ST_TOPIC_ADD, t);
	r = db_write(s, ST_TOPIC_ADD);
	if (r == 0)
		t->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_topic_get(struct store *s, int64_t id, struct store_topic *ret)
{
	sqlite3_stmt *st = db_get(s, ST_TOPIC_GET);

	db_int(st, 1, id);
	int r = db_row(s, ST_TOPIC_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_topic){ .id = id, .account = db_col_int(st, 0),
				     .kind = (int)db_col_int(st, 1) };
	db_col_str(st, 2, ret->name, sizeof(ret->name));
	db_reset(s, ST_TOPIC_GET);
	return 0;
}

int store_customer(struct store *s, int64_t contact, int64_t topic)
{
	sqlite3_stmt *st = db_get(s, ST_CUSTOMER_ADD);

	db_int(st, 1, contact);
	db_int(st, 2, topic);
	int r = db_write(s, ST_CUSTOMER_ADD);

	return r < 0 ? r : sqlite3_changes(s->db) > 0;
}

int store_figures_add(struct store *s, const struct store_figures *f)
{
	sqlite3_stmt *st = db_get(s, ST_FIGURE_ADD);

	db_int(st, 1, f->level);
	db_time(st, 2, f->at);
	db_int(st, 3, f->topic);
	db_int(st, 4, f->line);
	for (int i = 0; i < FIGURE_COUNT; i++)
		db_int(st, 5 + i, f->n[i]);
	return db_write(s, ST_FIGURE_ADD);
}

int store_figures_next(struct store *s, struct store_figures *cursor)
{
	sqlite3_stmt *st = db_get(s, ST_FIGURE_NEXT);

	db_int(st, 1, cursor->level);
	db_time(st, 2, cursor->at);
	db_int(st, 3, cursor->topic);
	db_int(st, 4, cursor->line);
	int r = db_row(s, ST_FIGURE_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	cursor->at = db_col_time(st, 1);
	cursor->topic = db_col_int(st, 2);
	cursor->line = db_col_int(st, 3);
	for (int i = 0; i < FIGURE_COUNT; i++)
		cursor->n[i] = db_col_int(st, 4 + i);
	db_reset(s, ST_FIGURE_NEXT);
	return 0;
}

int store_figures_prune(struct store *s, struct wall_ms before, int n)
{
	sqlite3_stmt *st = db_get(s, ST_FIGURE_PRUNE);

	db_time(st, 1, before);
	db_int(st, 2, n);
	int r = db_write(s, ST_FIGURE_PRUNE);

	return r < 0 ? r : sqlite3_changes(s->db);
}

/* ---- what is counted by the hour alone ----------------------------------------------------- */

int store_tally_add(struct store *s, const struct store_tally *t)
{
	sqlite3_stmt *st = db_get(s, ST_TALLY_ADD);

	db_int(st, 1, t->topic);
	db_time(st, 2, t->at);
	for (int i = 0; i < STORE_TALLIES; i++)
		db_int(st, 3 + i, t->n[i]);
	return db_write(s, ST_TALLY_ADD);
}

int store_tally_next(struct store *s, struct store_tally *cursor)
{
	sqlite3_stmt *st = db_get(s, ST_TALLY_NEXT);

	db_int(st, 1, cursor->topic);
	db_time(st, 2, cursor->at);
	int r = db_row(s, ST_TALLY_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	cursor->topic = db_col_int(st, 0);
	cursor->at = db_col_time(st, 1);
	for (int i = 0; i < STORE_TALLIES; i++)
		cursor->n[i] = db_col_int(st, 2 + i);
	db_reset(s, ST_TALLY_NEXT);
	return 0;
}
