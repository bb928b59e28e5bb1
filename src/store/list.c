/* Lists of an account, and who is on them. */
#include "db.h"

int store_list(struct store *s, int64_t account, const char *name, bool make, int64_t *ret)
{
	sqlite3_stmt *st = db_get(s, ST_GROUP_FIND);

	db_int(st, 1, account);
	db_text(st, 2, name);
	int r = db_row(s, ST_GROUP_FIND);

	if (r == 1) {
		*ret = db_col_int(st, 0);
		db_reset(s, ST_GROUP_FIND);
		return 0;
	}
	if (r < 0 || !make)
		return r < 0 ? r : TW_E_UNKNOWN;
	st = db_get(s, ST_GROUP_ADD);
	db_int(st, 1, account);
	db_text(st, 2, name);
	r = db_write(s, ST_GROUP_ADD);
	if (r == 0)
		*ret = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_list_next(struct store *s, int64_t account, const char *after, struct store_list *ret)
{
	sqlite3_stmt *st = db_get(s, ST_GROUP_NEXT);

	db_int(st, 1, account);
	db_text(st, 2, after);
	int r = db_row(s, ST_GROUP_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_list){ .id = db_col_int(st, 0), .account = db_col_int(st, 1) };
	db_col_str(st, 2, ret->name, sizeof(ret->name));
	db_reset(s, ST_GROUP_NEXT);
	return 0;
}

static int read_subscription(struct store *s, enum statement id, int64_t first, int64_t second,
			     struct store_subscription *ret)
{
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, first);
	db_int(st, 2, second);
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_subscription){
		.list = db_col_int(st, 0), .contact = db_col_int(st, 1),
		.state = (enum store_subscription_state)db_col_int(st, 2),
		.since = db_col_time(st, 3) };
	db_col_str(st, 4, ret->name, sizeof(ret->name));
	db_reset(s, id);
	return 0;
}

int store_subscription(struct store *s, int64_t list, int64_t contact,
		       struct store_subscription *ret)
{
	return read_subscription(s, ST_SUBSCRIPTION_GET, list, contact, ret);
}

int store_subscription_of(struct store *s, int64_t contact, int64_t after_list,
			  struct store_subscription *ret)
{
	return read_subscription(s, ST_SUBSCRIPTION_OF, contact, after_list, ret);
}

int store_subscription_in(struct store *s, int64_t list, int64_t after_contact,
			  struct store_subscription *ret)
{
	return read_subscription(s, ST_SUBSCRIPTION_IN, list, after_contact, ret);
}

int store_subscription_put(struct store *s, const struct store_subscription *sub)
{
	sqlite3_stmt *st = db_get(s, ST_SUBSCRIPTION_PUT);

	db_int(st, 1, sub->list);
	db_int(st, 2, sub->contact);
	db_int(st, 3, sub->state);
	db_time(st, 4, sub->since);
	return db_write(s, ST_SUBSCRIPTION_PUT);
}

int store_subscriptions_leave(struct store *s, int64_t contact, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_SUBSCRIPTION_LEAVE);

	db_int(st, 1, contact);
	db_int(st, 2, STORE_LEFT);
	db_time(st, 3, at);
	return db_write(s, ST_SUBSCRIPTION_LEAVE);
}
