/* Erasure: a contact's number, texts and salts go everywhere; what was counted and the chain of
 * consent stay. What is freed on a page is always overwritten; here whole pages that become free
 * are too. */
#include "db.h"

/* While on, SQLite writes zeroes over all that it deletes, also where that is one more page to
 * write. */
static void overwrite(struct store *s, bool on)
{
	sqlite3_exec(s->db, on ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = FAST", NULL,
		     NULL, NULL);
}

static int run_with(struct store *s, enum statement id, const char *number, int64_t contact)
{
	sqlite3_stmt *st = db_get(s, id);

	if (number)
		db_text(st, 1, number);
	else
		db_int(st, 1, contact);
	return db_write(s, id);
}

static int erase_rows(struct store *s, const struct store_contact *c, struct wall_ms at)
{
	static const struct { enum statement id; bool by_number; } steps[] = {
		{ ST_TALK_ERASE, false }, { ST_HELD_ERASE, false }, { ST_TAG_ERASE, false },
		{ ST_ARM_ERASE, false }, { ST_SLIP_ERASE, false },
		{ ST_TOUCH_ERASE, false }, { ST_BOOKING_ERASE, false }, { ST_PERSON_DEL, false },
		{ ST_HOOK_ERASE, false },
		{ ST_TICKET_ERASE_NOTES, false }, { ST_TICKET_ERASE, false },
		{ ST_TICKET_ERASE_AGENT, true }, { ST_SHOWN_ERASE, true },
		{ ST_CUSTOMER_ERASE, false },
		{ ST_FIELD_ERASE, false }, { ST_SUBSCRIPTION_ERASE, false },
		{ ST_THREAD_ERASE, false },
		{ ST_ERASE_EVENT, true }, { ST_ERASE_NEWS, true }, { ST_ERASE_STRAY, true },
		{ ST_ERASE_PART, true }, { ST_ERASE_ASSEMBLY, true }, { ST_REPLAY_ERASE, true },
		{ ST_CONTACT_ERASE, false },
	};
	int r = store_consent_erase(s, c->account, c->number, at);

	for (size_t i = 0; i < TW_COUNT(steps) && r == 0; i++)
		r = run_with(s, steps[i].id, steps[i].by_number ? c->number : NULL, c->id);
	return r;
}

int store_erase_begin(struct store *s, const struct store_contact *c, struct wall_ms at)
{
	sqlite3_stmt *st;
	int r;

	overwrite(s, true);
	r = erase_rows(s, c, at);
	overwrite(s, false);
	if (r < 0)
		return r;
	st = db_get(s, ST_ERASURE_ADD);
	db_int(st, 1, c->id);
	db_int(st, 2, 0);
	return db_write(s, ST_ERASURE_ADD);
}

int store_erasure_next(struct store *s, int64_t after, int64_t *ret_contact, int64_t *ret_done)
{
	sqlite3_stmt *st = db_get(s, ST_ERASURE_NEXT);

	db_int(st, 1, after);
	int r = db_row(s, ST_ERASURE_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_contact = db_col_int(st, 0);
	*ret_done = db_col_int(st, 1);
	db_reset(s, ST_ERASURE_NEXT);
	return 0;
}

/* The contact's next message; *ret_waits: it is queued or under way. */
static int next_message(struct store *s, int64_t contact, int64_t after, int64_t *ret,
			bool *ret_waits)
{
	sqlite3_stmt *st = db_get(s, ST_ERASE_NEXT);

	db_int(st, 1, contact);
	db_int(st, 2, after);
	int r = db_row(s, ST_ERASE_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = db_col_int(st, 0);
	*ret_waits = db_col_int(st, 1);
	db_reset(s, ST_ERASE_NEXT);
	return 0;
}

static int erase_message(struct store *s, int64_t id)
{
	int r = store_message_erase(s, id);

	if (r < 0)
		return r;
	db_int(db_get(s, ST_ERASE_CALLBACK), 1, id);	/* it may name them too */
	r = db_write(s, ST_ERASE_CALLBACK);
	if (r < 0)
		return r;
	sqlite3_stmt *st = db_get(s, ST_ERASE_TRACE);

	db_int(st, 1, id << 16);
	db_int(st, 2, id << 16 | 0xFFFF);
	return db_write(s, ST_ERASE_TRACE);
}

int store_erase_slice(struct store *s, int64_t contact, int64_t done, int n)
{
	bool waits = false, is_whole = false;
	int r = 0;

	overwrite(s, true);
	for (int i = 0; i < n && r == 0 && !waits && !is_whole; i++) {
		int64_t id;

		r = next_message(s, contact, done, &id, &waits);
		is_whole = r == TW_E_UNKNOWN;
		if (is_whole)
			r = 0;
		else if (r == 0 && !waits)
			r = erase_message(s, id);
		if (r == 0 && !waits && !is_whole)
			done = id;
	}
	overwrite(s, false);
	if (r < 0)
		return r;
	enum statement id = is_whole ? ST_ERASURE_DEL : ST_ERASURE_ADD;
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, contact);
	if (!is_whole)
		db_int(st, 2, done);
	r = db_write(s, id);
	return r < 0 ? r : is_whole ? 1 : waits ? 2 : 0;
}
