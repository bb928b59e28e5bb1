/* Appointments: times of a calendar that contacts have booked; and events of the clock. */
#include "db.h"

static int read_booking(struct store *s, enum statement id, struct store_booking *ret)
{
	sqlite3_stmt *st = s->st[id];
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_booking){
		.id = db_col_int(st, 0), .account = db_col_int(st, 1), .contact = db_col_int(st, 3),
		.line = db_col_int(st, 4), .starts_at = db_col_time(st, 5),
		.ends_at = db_col_time(st, 6), .state = (enum store_booking_state)db_col_int(st, 7),
		.changes = (int)db_col_int(st, 8), .made_at = db_col_time(st, 9),
		.changed_at = db_col_time(st, 10), .reminded_at = db_col_time(st, 11),
		.remind_at = db_col_time(st, 12) };
	db_col_str(st, 2, ret->calendar, sizeof(ret->calendar));
	db_reset(s, id);
	return 0;
}

int store_booking_put(struct store *s, struct store_booking *b)
{
	sqlite3_stmt *st = db_get(s, ST_BOOKING_PUT);

	db_int_or_null(st, 1, b->id);
	db_int(st, 2, b->account);
	db_text(st, 3, b->calendar);
	db_int(st, 4, b->contact);
	db_int(st, 5, b->line);
	db_time(st, 6, b->starts_at);
	db_time(st, 7, b->ends_at);
	db_int(st, 8, b->state);
	db_int(st, 9, b->changes);
	db_time(st, 10, b->made_at);
	db_time(st, 11, b->changed_at);
	db_time(st, 12, b->reminded_at);
	db_int_or_null(st, 13, b->remind_at.ms);
	int r = db_write(s, ST_BOOKING_PUT);

	if (r == 0 && !b->id)
		b->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_booking(struct store *s, int64_t id, struct store_booking *ret)
{
	db_int(db_get(s, ST_BOOKING_GET), 1, id);
	return read_booking(s, ST_BOOKING_GET, ret);
}

int store_booking_clash(struct store *s, int64_t account, const char *calendar, struct wall_ms from,
			struct wall_ms to, int64_t but, struct wall_ms *ret_end)
{
	sqlite3_stmt *st = db_get(s, ST_BOOKING_CLASH);

	db_int(st, 1, account);
	db_text(st, 2, calendar);
	db_time(st, 3, from);
	db_time(st, 4, to);
	db_int(st, 5, but);
	int r = db_row(s, ST_BOOKING_CLASH);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_end = db_col_time(st, 0);
	db_reset(s, ST_BOOKING_CLASH);
	return 0;
}

int store_booking_next(struct store *s, int64_t contact, const char *calendar, struct wall_ms after,
		       struct store_booking *ret)
{
	sqlite3_stmt *st = db_get(s, ST_BOOKING_NEXT);

	db_int(st, 1, contact);
	db_text(st, 2, calendar);
	db_time(st, 3, after);
	return read_booking(s, ST_BOOKING_NEXT, ret);
}

int store_booking_due(struct store *s, struct store_booking *ret)
{
	db_get(s, ST_BOOKING_DUE);
	return read_booking(s, ST_BOOKING_DUE, ret);
}

int store_booking_list(struct store *s, const struct store_booking_query *q,
		       struct store_booking *ret)
{
	enum statement id = q->contact ? ST_BOOKING_OF : ST_BOOKING_LIST;
	sqlite3_stmt *st = db_get(s, id);

	db_time(st, 1, q->from);
	db_int(st, 2, q->after);
	db_int_or_null(st, 3, q->account);
	db_text(st, 4, q->calendar);
	db_int(st, 5, q->with_canceled ? STORE_CANCELED : STORE_CONFIRMED);
	db_int_or_null(st, 7, q->state);
	db_int_or_null(st, 8, q->until.ms);
	if (q->contact)
		db_int(st, 6, q->contact);
	return read_booking(s, id, ret);
}

/* ---- events of the clock ------------------------------------------------------------------- */

void store_at_done(struct store_at *a)
{
	free(a->name);
	a->name = NULL;
}

int store_at_next(struct store *s, int64_t after, struct store_at *ret)
{
	sqlite3_stmt *st = db_get(s, ST_AT_NEXT);

	db_int(st, 1, after);
	int r = db_row(s, ST_AT_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_at){ .id = db_col_int(st, 0), .account = db_col_int(st, 1),
				  .name = db_col_text(st, 2), .due_at = db_col_time(st, 3),
				  .is_running = db_col_int(st, 4) != 0, .cursor = db_col_int(st, 5),
				  .runs = db_col_int(st, 6), .contacts = db_col_int(st, 7) };
	db_reset(s, ST_AT_NEXT);
	return 0;
}

int store_at_put(struct store *s, struct store_at *a)
{
	sqlite3_stmt *st = db_get(s, ST_AT_PUT);

	db_int_or_null(st, 1, a->id);
	db_int(st, 2, a->account);
	db_text(st, 3, a->name);
	db_time(st, 4, a->due_at);
	db_int(st, 5, a->is_running);
	db_int(st, 6, a->cursor);
	db_int(st, 7, a->runs);
	db_int(st, 8, a->contacts);
	int r = db_write(s, ST_AT_PUT);

	if (r == 0 && !a->id)
		a->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_at_del(struct store *s, int64_t id)
{
	db_int(db_get(s, ST_AT_DEL), 1, id);
	return db_write(s, ST_AT_DEL);
}
