/* Tickets: what people are to see to, what happened with each, and running totals of their
 * queues. */
#include "db.h"

/* ---- rows ---------------------------------------------------------------------------------- */

static void bind(sqlite3_stmt *st, const struct store_ticket *t)
{
	db_int(st, 1, t->account);
	db_int(st, 2, t->tag);
	db_int(st, 3, t->contact);
	db_int(st, 4, t->kind);
	db_int(st, 5, t->state);
	db_int(st, 6, t->line);
	db_int_or_null(st, 7, t->message);
	db_text(st, 8, t->queue);
	db_text(st, 9, t->about);
	db_text(st, 10, t->agent);
	db_text(st, 11, t->number);
	db_text(st, 12, t->told);
	db_int(st, 13, t->within);
	db_int(st, 14, t->own_line);
	db_time(st, 15, t->opened_at);
	db_int_or_null(st, 16, t->alerted_at.ms);
	db_int_or_null(st, 17, t->answered_at.ms);
	db_int_or_null(st, 18, t->closed_at.ms);
	db_int_or_null(st, 19, t->due_at.ms);
}

int store_ticket_add(struct store *s, struct store_ticket *t)
{
	db_int(db_get(s, ST_TICKET_LAST), 1, t->account);
	int r = db_row(s, ST_TICKET_LAST);

	if (r < 0)
		return r;
	t->tag = r ? db_col_int(s->st[ST_TICKET_LAST], 0) + 1 : 1;
	db_reset(s, ST_TICKET_LAST);
	bind(db_get(s, ST_TICKET_ADD), t);
	r = db_write(s, ST_TICKET_ADD);
	if (r == 0)
		t->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_ticket_save(struct store *s, const struct store_ticket *t)
{
	sqlite3_stmt *st = db_get(s, ST_TICKET_SAVE);

	bind(st, t);
	db_int(st, 20, t->id);
	return db_write(s, ST_TICKET_SAVE);
}

static int read_ticket(struct store *s, enum statement id, struct store_ticket *ret)
{
	sqlite3_stmt *st = s->st[id];
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_ticket){
		.id = db_col_int(st, 0), .account = db_col_int(st, 1), .tag = db_col_int(st, 2),
		.contact = db_col_int(st, 3), .kind = (int)db_col_int(st, 4),
		.state = (int)db_col_int(st, 5), .line = db_col_int(st, 6),
		.message = db_col_int(st, 7), .within = db_col_int(st, 13),
		.own_line = db_col_int(st, 14), .opened_at = db_col_time(st, 15),
		.alerted_at = db_col_time(st, 16), .answered_at = db_col_time(st, 17),
		.closed_at = db_col_time(st, 18), .due_at = db_col_time(st, 19) };
	db_col_str(st, 8, ret->queue, sizeof(ret->queue));
	db_col_str(st, 9, ret->about, sizeof(ret->about));
	db_col_str(st, 10, ret->agent, sizeof(ret->agent));
	db_col_str(st, 11, ret->number, sizeof(ret->number));
	db_col_str(st, 12, ret->told, sizeof(ret->told));
	db_reset(s, id);
	return 0;
}

int store_ticket_get(struct store *s, int64_t id, struct store_ticket *ret)
{
	db_int(db_get(s, ST_TICKET_GET), 1, id);
	return read_ticket(s, ST_TICKET_GET, ret);
}

static int read_by(struct store *s, enum statement id, int64_t first, int64_t second,
		   struct store_ticket *ret)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, first);
	db_int(st, 2, second);
	return read_ticket(s, id, ret);
}

int store_ticket_tagged(struct store *s, int64_t account, int64_t tag, struct store_ticket *ret)
{
	return read_by(s, ST_TICKET_TAGGED, account, tag, ret);
}

int store_ticket_of(struct store *s, int64_t contact, int64_t after, struct store_ticket *ret)
{
	return read_by(s, ST_TICKET_OF, contact, after, ret);
}

int store_ticket_open(struct store *s, int64_t account, int64_t after, struct store_ticket *ret)
{
	return read_by(s, ST_TICKET_OPEN, account, after, ret);
}

int store_ticket_for(struct store *s, int64_t contact, const char *queue, struct store_ticket *ret)
{
	sqlite3_stmt *st = db_get(s, ST_TICKET_FOR);

	db_int(st, 1, contact);
	db_text(st, 2, queue);
	return read_ticket(s, ST_TICKET_FOR, ret);
}

int store_ticket_by(struct store *s, const char *number, int64_t after, struct store_ticket *ret)
{
	sqlite3_stmt *st = db_get(s, ST_TICKET_BY);

	db_text(st, 1, number);
	db_int(st, 2, after);
	return read_ticket(s, ST_TICKET_BY, ret);
}

int store_ticket_before(struct store *s, int64_t account, int64_t before, int state,
			struct store_ticket *ret)
{
	sqlite3_stmt *st = db_get(s, ST_TICKET_BEFORE);

	db_int(st, 1, account);
	db_int(st, 2, before ? before : INT64_MAX);
	db_int(st, 3, state);
	return read_ticket(s, ST_TICKET_BEFORE, ret);
}

int store_ticket_due(struct store *s, int64_t *ret_id, struct wall_ms *ret_due)
{
	sqlite3_stmt *st = db_get(s, ST_TICKET_DUE);
	int r = db_row(s, ST_TICKET_DUE);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_id = db_col_int(st, 0);
	*ret_due = db_col_time(st, 1);
	db_reset(s, ST_TICKET_DUE);
	return 0;
}

/* ---- notes --------------------------------------------------------------------------------- */

void store_ticket_note_done(struct store_ticket_note *n)
{
	free(n->text);
	n->text = NULL;
}

int store_ticket_note_add(struct store *s, const struct store_ticket_note *n)
{
	sqlite3_stmt *st = db_get(s, ST_TICKET_NOTE_ADD);

	db_int(st, 1, n->ticket);
	db_time(st, 2, n->at);
	db_text(st, 3, n->kind);
	db_text(st, 4, n->who);
	db_text(st, 5, n->text ? n->text : "");
	return db_write(s, ST_TICKET_NOTE_ADD);
}

int store_ticket_note_next(struct store *s, int64_t ticket, int64_t after,
			   struct store_ticket_note *ret)
{
	sqlite3_stmt *st = db_get(s, ST_TICKET_NOTE_NEXT);

	db_int(st, 1, ticket);
	db_int(st, 2, after);
	int r = db_row(s, ST_TICKET_NOTE_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_ticket_note){ .id = db_col_int(st, 0), .ticket = db_col_int(st, 1),
					   .at = db_col_time(st, 2), .text = db_col_text(st, 5) };
	db_col_str(st, 3, ret->kind, sizeof(ret->kind));
	db_col_str(st, 4, ret->who, sizeof(ret->who));
	db_reset(s, ST_TICKET_NOTE_NEXT);
	return 0;
}
