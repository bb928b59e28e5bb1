/* People who text in: which ticket an agent was shown last, who talks with a contact in the place
 * of the flow, and what operators asked for until their code comes back. */
#include "db.h"

#define ORDER_KEEP_MS (30 * 24 * 3600 * INT64_C(1000))
#define ORDER_WAIT_MS (3600 * INT64_C(1000))	/* then nobody asks any more why a code was not
						 * taken */

/* ---- agents -------------------------------------------------------------------------------- */

int store_shown(struct store *s, const char *number, int64_t *ret_ticket, struct wall_ms *ret_at)
{
	sqlite3_stmt *st = db_get(s, ST_SHOWN_GET);

	db_text(st, 1, number);
	int r = db_row(s, ST_SHOWN_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_ticket = db_col_int(st, 0);
	*ret_at = db_col_time(st, 1);
	db_reset(s, ST_SHOWN_GET);
	return 0;
}

int store_shown_put(struct store *s, const char *number, int64_t ticket, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_SHOWN_PUT);

	db_text(st, 1, number);
	db_int(st, 2, ticket);
	db_time(st, 3, at);
	return db_write(s, ST_SHOWN_PUT);
}

/* ---- who talks ----------------------------------------------------------------------------- */

static int read_person(struct store *s, enum statement id, struct store_person *ret)
{
	sqlite3_stmt *st = s->st[id];
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_person){ .contact = db_col_int(st, 0), .kind = (int)db_col_int(st, 1),
				      .ticket = db_col_int(st, 2), .since = db_col_time(st, 4),
				      .due_at = db_col_time(st, 5) };
	db_col_str(st, 3, ret->who, sizeof(ret->who));
	db_reset(s, id);
	return 0;
}

int store_person(struct store *s, int64_t contact, struct store_person *ret)
{
	db_int(db_get(s, ST_PERSON_GET), 1, contact);
	return read_person(s, ST_PERSON_GET, ret);
}

int store_person_put(struct store *s, const struct store_person *p)
{
	sqlite3_stmt *st = db_get(s, ST_PERSON_PUT);

	db_int(st, 1, p->contact);
	db_int(st, 2, p->kind);
	db_int(st, 3, p->ticket);
	db_text(st, 4, p->who);
	db_time(st, 5, p->since);
	db_time(st, 6, p->due_at);
	return db_write(s, ST_PERSON_PUT);
}

int store_person_del(struct store *s, int64_t contact)
{
	db_int(db_get(s, ST_PERSON_DEL), 1, contact);
	return db_write(s, ST_PERSON_DEL);
}

int store_person_due(struct store *s, struct store_person *ret)
{
	db_get(s, ST_PERSON_DUE);
	return read_person(s, ST_PERSON_DUE, ret);
}

/* ---- operators ----------------------------------------------------------------------------- */

int store_order_add(struct store *s, struct store_order *o)
{
	sqlite3_stmt *st = db_get(s, ST_ORDER_PRUNE);

	db_int(st, 1, o->at.ms - ORDER_KEEP_MS);
	db_int(st, 2, o->at.ms - ORDER_WAIT_MS);
	int r = db_write(s, ST_ORDER_PRUNE);

	if (r < 0)
		return r;
	st = db_get(s, ST_ORDER_ADD);
	db_text(st, 1, o->number);
	db_text(st, 2, o->code);
	db_text(st, 3, o->command);
	db_time(st, 4, o->at);
	r = db_write(s, ST_ORDER_ADD);
	if (r == 0)
		o->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_order_find(struct store *s, const char *number, const char *code, struct store_order *ret)
{
	sqlite3_stmt *st = db_get(s, ST_ORDER_FIND);

	db_text(st, 1, number);
	db_text(st, 2, code);
	int r = db_row(s, ST_ORDER_FIND);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_order){ .id = db_col_int(st, 0), .wrong = db_col_int(st, 2),
				     .at = db_col_time(st, 3), .used_at = db_col_time(st, 4) };
	db_col_str(st, 1, ret->command, sizeof(ret->command));
	tw_strset(ret->number, sizeof(ret->number), number);
	tw_strset(ret->code, sizeof(ret->code), code);
	db_reset(s, ST_ORDER_FIND);
	return 0;
}

int store_order_use(struct store *s, int64_t id, const char *command, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_ORDER_USE);

	db_int(st, 1, id);
	db_time(st, 2, at);
	db_text(st, 3, command);
	return db_write(s, ST_ORDER_USE);
}

int store_order_wrong(struct store *s, const char *number, struct wall_ms since, int *ret_waiting)
{
	sqlite3_stmt *st = db_get(s, ST_ORDER_WRONG);

	db_text(st, 1, number);
	db_time(st, 2, since);
	int r = db_write(s, ST_ORDER_WRONG);

	if (r == 0)
		*ret_waiting = sqlite3_changes(s->db);
	return r;
}
