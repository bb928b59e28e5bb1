/* Messages, both ways: written once, then moved from state to state. */
#include "db.h"

/* How a text travels, in one integer: locking, single, reference width. */
static int64_t form_pack(const struct store_message *m)
{
	return m->locking | (int64_t)m->single << 8 | (int64_t)m->ref_bits << 16;
}

static void form_unpack(int64_t form, struct store_message *ret)
{
	ret->locking = (uint8_t)form;
	ret->single = (uint8_t)(form >> 8);
	ret->ref_bits = (uint8_t)(form >> 16);
}

static int64_t place_of(const struct store_message *m)
{
	switch (m->state) {
	case MESSAGE_SCHEDULED:
		return PLACE_SCHEDULED;
	case MESSAGE_QUEUED:
		return m->route * PLACE_LANES + m->lane;
	case MESSAGE_SENDING:
		return PLACE_SENDING;
	default:
		return PLACE_NONE;
	}
}

void store_message_done(struct store_message *m)
{
	free(m->body);
	free(m->modem);
	free(m->keyword);
	free(m->key);
	free(m->pool);
	free(m->error_cause);
	free(m->pdu);
	free(m->callback);
	*m = (struct store_message){ 0 };
}

int store_message_insert(struct store *s, struct store_message *m)
{
	sqlite3_stmt *st = db_get(s, ST_MESSAGE_ADD);

	db_int(st, 1, m->direction);
	db_int(st, 2, m->state);
	db_int(st, 3, m->contact);
	db_int(st, 4, m->account);
	db_int_or_null(st, 5, m->line);
	db_int_or_null(st, 6, m->sim);
	db_int_or_null(st, 7, m->route);
	db_int(st, 8, m->lane);
	db_int(st, 9, m->flags);
	db_int(st, 10, m->encoding);
	db_int(st, 11, m->segments);
	db_int(st, 12, form_pack(m));
	if (m->flags & STORE_DATA)
		db_blob(st, 13, m->body, m->body_n);
	else
		db_textn(st, 13, m->body, m->body_n);
	db_text(st, 14, m->modem);
	db_text(st, 15, m->keyword);
	db_text(st, 16, m->key);
	db_text(st, 17, m->pool);
	db_int_or_null(st, 18, m->error_code);
	db_text(st, 19, m->error_cause);
	db_blob(st, 20, m->pdu, m->pdu_n);
	db_int_or_null(st, 21, m->dup);
	db_time(st, 22, m->created_at);
	db_time(st, 23, m->due_at);
	db_int_or_null(st, 24, m->sent_at.ms);
	db_int_or_null(st, 25, m->finished_at.ms);
	db_time(st, 26, m->valid_until);
	db_int_or_null(st, 27, m->origin);
	db_int(st, 28, m->tries);
	db_int(st, 29, m->run);
	db_int(st, 30, m->ref);
	db_int_or_null(st, 31, m->since.ms);
	db_int_or_null(st, 32, place_of(m));
	db_text(st, 33, m->callback);
	db_int_or_null(st, 34, m->topic);
	int r = db_write(s, ST_MESSAGE_ADD);

	if (r == 0)
		m->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

static void read_message(sqlite3_stmt *st, struct store_message *ret)
{
	*ret = (struct store_message){
		.id = db_col_int(st, 0), .direction = (int)db_col_int(st, 1),
		.state = (int)db_col_int(st, 2), .contact = db_col_int(st, 3),
		.account = db_col_int(st, 4), .line = db_col_int(st, 5), .sim = db_col_int(st, 6),
		.route = db_col_int(st, 7), .lane = (int)db_col_int(st, 8),
		.flags = (int)db_col_int(st, 9), .encoding = (int)db_col_int(st, 10),
		.segments = (int)db_col_int(st, 11), .modem = db_col_text(st, 14),
		.keyword = db_col_text(st, 15), .key = db_col_text(st, 16),
		.pool = db_col_text(st, 17), .error_code = (int)db_col_int(st, 18),
		.error_cause = db_col_text(st, 19), .dup = db_col_int(st, 21),
		.created_at = db_col_time(st, 22), .due_at = db_col_time(st, 23),
		.sent_at = db_col_time(st, 24), .finished_at = db_col_time(st, 25),
		.valid_until = db_col_time(st, 26), .origin = db_col_int(st, 27),
		.tries = (int)db_col_int(st, 28), .run = (int)db_col_int(st, 29),
		.ref = (uint16_t)db_col_int(st, 30), .since = db_col_time(st, 31),
		.topic = db_col_int(st, 34) };
	form_unpack(db_col_int(st, 12), ret);
	ret->body = (char *)db_col_blob(st, 13, &ret->body_n);
	ret->pdu = db_col_blob(st, 20, &ret->pdu_n);
	ret->callback = db_col_text(st, 33);
}

static int one_message(struct store *s, enum statement id, sqlite3_stmt *st,
		       struct store_message *ret)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	read_message(st, ret);
	db_reset(s, id);
	return 0;
}

int store_message_get(struct store *s, int64_t id, struct store_message *ret)
{
	sqlite3_stmt *st = db_get(s, ST_MESSAGE_GET);

	db_int(st, 1, id);
	return one_message(s, ST_MESSAGE_GET, st, ret);
}

int store_message_save(struct store *s, const struct store_message *m)
{
	sqlite3_stmt *st = db_get(s, ST_MESSAGE_SAVE);

	db_int(st, 1, m->id);
	db_int(st, 2, m->state);
	db_int_or_null(st, 3, m->line);
	db_int_or_null(st, 4, m->sim);
	db_int_or_null(st, 5, m->route);
	db_int(st, 6, m->flags);
	db_text(st, 7, m->modem);
	db_int_or_null(st, 8, m->error_code);
	db_text(st, 9, m->error_cause);
	db_time(st, 10, m->due_at);
	db_int_or_null(st, 11, m->sent_at.ms);
	db_int_or_null(st, 12, m->finished_at.ms);
	db_int(st, 13, m->tries);
	db_int(st, 14, m->run);
	db_int(st, 15, m->ref);
	db_int_or_null(st, 16, m->since.ms);
	db_int_or_null(st, 17, place_of(m));
	return db_write(s, ST_MESSAGE_SAVE);
}

int store_message_rewrite(struct store *s, const struct store_message *m)
{
	sqlite3_stmt *st = db_get(s, ST_MESSAGE_REWRITE);

	db_int(st, 1, m->id);
	db_textn(st, 2, m->body, m->body_n);
	db_int(st, 3, m->encoding);
	db_int(st, 4, m->segments);
	db_int(st, 5, form_pack(m));
	db_int(st, 6, m->flags);
	return db_write(s, ST_MESSAGE_REWRITE);
}

int store_message_complete(struct store *s, int64_t id, const char *body, size_t n, int flags)
{
	sqlite3_stmt *st = db_get(s, ST_MESSAGE_COMPLETE);

	db_int(st, 1, id);
	if (flags & STORE_DATA)
		db_blob(st, 2, body, n);
	else
		db_textn(st, 2, body, n);
	db_int(st, 3, flags);
	db_int(st, 4, STORE_INCOMPLETE);
	return db_write(s, ST_MESSAGE_COMPLETE);
}

int store_message_erase(struct store *s, int64_t id)
{
	sqlite3_stmt *st = db_get(s, ST_MESSAGE_ERASE);

	db_int(st, 1, id);
	db_int(st, 2, STORE_ERASED);
	db_int(st, 3, STORE_RAW);
	return db_write(s, ST_MESSAGE_ERASE);
}

int store_message_hide(struct store *s, int64_t id)
{
	int r = store_message_erase(s, id);

	if (r < 0)
		return r;
	db_int(db_get(s, ST_MESSAGE_HIDE), 1, id);
	return db_write(s, ST_MESSAGE_HIDE);
}

static int list_step(struct store *s, const struct store_query *q, enum statement id, int64_t from,
		     struct store_message *ret)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, from);
	if (id == ST_LIST_ACCOUNT || id == ST_LIST_ACCOUNT_UP)
		db_int(st, 2, q->account);
	if (id == ST_LIST_CONTACT || id == ST_LIST_CONTACT_UP)
		db_int(st, 3, q->contact);
	db_int(st, 4, q->state);
	db_int(st, 5, q->direction);
	return one_message(s, id, st, ret);
}

int store_message_before(struct store *s, const struct store_query *q, struct store_message *ret)
{
	return list_step(s, q, q->contact ? ST_LIST_CONTACT : q->account ? ST_LIST_ACCOUNT
			 : ST_LIST_ALL, q->before ? q->before : INT64_MAX, ret);
}

int store_message_after(struct store *s, const struct store_query *q, int64_t after,
			struct store_message *ret)
{
	return list_step(s, q, q->contact ? ST_LIST_CONTACT_UP : ST_LIST_ACCOUNT_UP, after, ret);
}
