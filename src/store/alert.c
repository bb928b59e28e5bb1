/* What needs a person, as long as it lasts; and how much room the database has. */
#include <sys/statvfs.h>

#include "db.h"

int store_alert_put(struct store *s, const struct store_alert *a)
{
	sqlite3_stmt *st = db_get(s, ST_ALERT_PUT);

	db_text(st, 1, a->kind);
	db_text(st, 2, a->about);
	db_text(st, 3, a->text);
	db_time(st, 4, a->since);
	db_time(st, 5, a->told_at);
	db_int(st, 6, a->message);
	db_int(st, 7, a->tries);
	return db_write(s, ST_ALERT_PUT);
}

int store_alert_drop(struct store *s, const char *kind, const char *about)
{
	sqlite3_stmt *st = db_get(s, ST_ALERT_DROP);

	db_text(st, 1, kind);
	db_text(st, 2, about);
	return db_write(s, ST_ALERT_DROP);
}

int store_alert_next(struct store *s, struct store_alert *cursor)
{
	sqlite3_stmt *st = db_get(s, ST_ALERT_NEXT);

	db_text(st, 1, cursor->kind);
	db_text(st, 2, cursor->about);
	int r = db_one(s, ST_ALERT_NEXT);

	if (r < 0)
		return r;
	*cursor = (struct store_alert){ .since = db_col_time(st, 3), .told_at = db_col_time(st, 4),
					.message = db_col_int(st, 5), .tries = db_col_int(st, 6) };
	db_col_str(st, 0, cursor->kind, sizeof(cursor->kind));
	db_col_str(st, 1, cursor->about, sizeof(cursor->about));
	db_col_str(st, 2, cursor->text, sizeof(cursor->text));
	db_reset(s, ST_ALERT_NEXT);
	return 0;
}

int64_t store_room(const struct store *s)
{
	struct statvfs v;

	if (s->pretended_room)
		return s->pretended_room;
	if (s->lock_fd < 0 || statvfs(s->path, &v) < 0 || !v.f_frsize)
		return INT64_MAX;
	return (int64_t)v.f_bavail > INT64_MAX / (int64_t)v.f_frsize ? INT64_MAX
		: (int64_t)v.f_bavail * (int64_t)v.f_frsize;
}

void store_pretend_room(struct store *s, int64_t octets)
{
	s->pretended_room = octets;
}
