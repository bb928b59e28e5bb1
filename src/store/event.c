/* What a person may want to know. */
#include "db.h"

void store_event_done(struct store_event *e)
{
	free(e->kind);
	free(e->about);
	free(e->text);
	*e = (struct store_event){ 0 };
}

int store_event_add(struct store *s, const char *kind, const char *about, const char *text,
		    int64_t message, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_EVENT_ADD);

	db_text(st, 1, kind);
	db_text(st, 2, about);
	db_text(st, 3, text);
	db_int_or_null(st, 4, message);
	db_time(st, 5, at);
	return db_write(s, ST_EVENT_ADD);
}

int store_event_before(struct store *s, int64_t before, struct store_event *ret)
{
	sqlite3_stmt *st = db_get(s, ST_EVENT_BEFORE);

	db_int(st, 1, before ? before : INT64_MAX);
	int r = db_row(s, ST_EVENT_BEFORE);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_event){ .id = db_col_int(st, 0), .kind = db_col_text(st, 1),
				     .about = db_col_text(st, 2), .text = db_col_text(st, 3),
				     .message = db_col_int(st, 4), .at = db_col_time(st, 5) };
	db_reset(s, ST_EVENT_BEFORE);
	return 0;
}
