/* Contacts (a customer's number within an account) and their threads with long numbers. */
#include "db.h"

static void read_contact(sqlite3_stmt *st, struct store_contact *ret)
{
	*ret = (struct store_contact){ .id = db_col_int(st, 0), .account = db_col_int(st, 1),
				       .created_at = db_col_time(st, 3),
				       .stopped_at = db_col_time(st, 4),
				       .stopped_line = db_col_int(st, 5) };
	db_col_str(st, 2, ret->number, sizeof(ret->number));
	db_col_str(st, 6, ret->language, sizeof(ret->language));
	db_col_str(st, 7, ret->name, sizeof(ret->name));
	db_col_str(st, 8, ret->zone, sizeof(ret->zone));
	db_col_str(st, 9, ret->owner, sizeof(ret->owner));
}

static int add_contact(struct store *s, int64_t account, const char *number, struct wall_ms now,
		       struct store_contact *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CONTACT_ADD);

	db_int(st, 1, account);
	db_text(st, 2, number);
	db_time(st, 3, now);
	int r = db_write(s, ST_CONTACT_ADD);

	if (r < 0)
		return r;
	*ret = (struct store_contact){ .id = sqlite3_last_insert_rowid(s->db), .account = account,
				       .created_at = now };
	tw_strset(ret->number, sizeof(ret->number), number);
	return 0;
}

int store_contact(struct store *s, int64_t account, const char *number, bool make,
		  struct wall_ms now, struct store_contact *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CONTACT_FIND);

	db_text(st, 1, number);
	db_int(st, 2, account);
	int r = db_row(s, ST_CONTACT_FIND);

	if (r == 0)
		return make ? add_contact(s, account, number, now, ret) : TW_E_UNKNOWN;
	if (r < 0)
		return r;
	read_contact(st, ret);
	db_reset(s, ST_CONTACT_FIND);
	return 0;
}

int store_contact_get(struct store *s, int64_t id, struct store_contact *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CONTACT_GET);

	db_int(st, 1, id);
	int r = db_row(s, ST_CONTACT_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	read_contact(st, ret);
	db_reset(s, ST_CONTACT_GET);
	return 0;
}

int store_contacts(struct store *s, const char *number, struct store_contact *out, size_t cap)
{
	sqlite3_stmt *st = db_get(s, ST_CONTACT_ALL);
	size_t n = 0;
	int r = 0;

	db_text(st, 1, number);
	while (n < cap && (r = db_row(s, ST_CONTACT_ALL)) == 1)
		read_contact(st, &out[n++]);
	db_reset(s, ST_CONTACT_ALL);
	return r < 0 ? r : (int)n;
}

int store_contact_stop(struct store *s, int64_t id, struct wall_ms at, int64_t line)
{
	sqlite3_stmt *st = db_get(s, ST_CONTACT_STOP);

	db_int(st, 1, id);
	db_time(st, 2, at);
	db_int(st, 3, at.ms ? line : 0);
	return db_write(s, ST_CONTACT_STOP);
}

int store_contact_language(struct store *s, int64_t id, const char *language)
{
	sqlite3_stmt *st = db_get(s, ST_CONTACT_LANGUAGE);

	db_int(st, 1, id);
	db_text(st, 2, language);
	return db_write(s, ST_CONTACT_LANGUAGE);
}

int store_contact_next(struct store *s, int64_t account, int64_t after, struct store_contact *ret)
{
	enum statement id = account ? ST_CONTACT_NEXT : ST_CONTACT_ANY;
	sqlite3_stmt *st = db_get(s, id);

	if (account)
		db_int(st, 1, account);
	db_int(st, account ? 2 : 1, after);
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	read_contact(st, ret);
	db_reset(s, id);
	return 0;
}

int store_member_next(struct store *s, int64_t list, int64_t after, int *ret_state,
		      struct store_contact *ret)
{
	sqlite3_stmt *st = db_get(s, ST_MEMBER_NEXT);

	db_int(st, 1, list);
	db_int(st, 2, after);
	int r = db_row(s, ST_MEMBER_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	read_contact(st, ret);
	*ret_state = (int)db_col_int(st, 10);
	db_reset(s, ST_MEMBER_NEXT);
	return 0;
}

int store_contact_save(struct store *s, const struct store_contact *c)
{
	sqlite3_stmt *st = db_get(s, ST_CONTACT_SAVE);

	db_int(st, 1, c->id);
	db_text(st, 2, c->language);
	db_text(st, 3, c->name);
	db_text(st, 4, c->zone);
	db_text(st, 5, c->owner);
	return db_write(s, ST_CONTACT_SAVE);
}

/* ---- fields -------------------------------------------------------------------------------- */

int store_field(struct store *s, int64_t contact, const char *name, char **ret)
{
	sqlite3_stmt *st = db_get(s, ST_FIELD_GET);

	db_int(st, 1, contact);
	db_text(st, 2, name);
	int r = db_row(s, ST_FIELD_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = db_col_text(st, 0);
	db_reset(s, ST_FIELD_GET);
	return 0;
}

int store_field_put(struct store *s, int64_t contact, const char *name, const char *value)
{
	enum statement id = value ? ST_FIELD_PUT : ST_FIELD_DEL;
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, contact);
	db_text(st, 2, name);
	if (value)
		db_text(st, 3, value);
	return db_write(s, id);
}

int store_field_next(struct store *s, int64_t contact, const char *after, char **ret_name,
		     char **ret_value)
{
	sqlite3_stmt *st = db_get(s, ST_FIELD_NEXT);

	db_int(st, 1, contact);
	db_text(st, 2, after);
	int r = db_row(s, ST_FIELD_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_name = db_col_text(st, 0);
	*ret_value = db_col_text(st, 1);
	db_reset(s, ST_FIELD_NEXT);
	return 0;
}

/* ---- threads ------------------------------------------------------------------------------- */

int store_thread(struct store *s, int64_t contact, int64_t line, struct store_thread *ret)
{
	sqlite3_stmt *st = db_get(s, ST_THREAD_GET);

	db_int(st, 1, contact);
	db_int(st, 2, line);
	int r = db_row(s, ST_THREAD_GET);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_thread){ contact, line, db_col_time(st, 0), db_col_time(st, 1) };
	db_reset(s, ST_THREAD_GET);
	return 0;
}

int store_thread_touch(struct store *s, int64_t contact, int64_t line, struct wall_ms in,
		       struct wall_ms out)
{
	sqlite3_stmt *st = db_get(s, ST_THREAD_TOUCH);

	db_int(st, 1, contact);
	db_int(st, 2, line);
	db_time(st, 3, in);
	db_time(st, 4, out);
	return db_write(s, ST_THREAD_TOUCH);
}

int store_thread_last(struct store *s, int64_t contact, struct store_thread *ret)
{
	sqlite3_stmt *st = db_get(s, ST_THREAD_LAST);

	db_int(st, 1, contact);
	int r = db_row(s, ST_THREAD_LAST);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_thread){ contact, db_col_int(st, 0), db_col_time(st, 1),
				      db_col_time(st, 2) };
	db_reset(s, ST_THREAD_LAST);
	return 0;
}

int store_inbound_last(struct store *s, struct wall_ms *ret)
{
	sqlite3_stmt *st = db_get(s, ST_INBOUND_LAST);
	int r = db_row(s, ST_INBOUND_LAST);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = db_col_time(st, 0);
	db_reset(s, ST_INBOUND_LAST);
	return 0;
}
