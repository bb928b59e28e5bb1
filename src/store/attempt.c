/* Attempts: one sending of one segment; and reports that nothing fitted yet. */
#include "db.h"

int store_attempt_insert(struct store *s, const struct store_attempt *a)
{
	sqlite3_stmt *st = db_get(s, ST_ATTEMPT_ADD);

	db_int(st, 1, a->id);
	db_int(st, 2, a->sim);
	db_int(st, 3, a->run);
	db_int(st, 4, a->segment);
	db_int(st, 5, a->outcome);
	db_int(st, 6, a->in_doubt);
	db_int(st, 7, a->wants_report);
	db_int(st, 8, a->mr);
	db_int(st, 9, a->reaction);
	db_int(st, 10, a->report);
	db_text(st, 11, a->cause[0] ? a->cause : NULL);
	db_text(st, 12, a->modem[0] ? a->modem : NULL);
	db_time(st, 13, a->started_at);
	db_int_or_null(st, 14, a->ended_at.ms);
	db_int_or_null(st, 15, a->report_at.ms);
	db_int_or_null(st, 16, a->report_scts.ms);
	db_int(st, 17, a->rule);
	db_text(st, 18, a->looked_at);
	return db_write(s, ST_ATTEMPT_ADD);
}

int store_attempt_trace(struct store *s, int64_t id, const char *trace)
{
	sqlite3_stmt *st = db_get(s, ST_ATTEMPT_TRACE);

	db_int(st, 1, id);
	db_text(st, 2, trace);
	return db_write(s, ST_ATTEMPT_TRACE);
}

int store_attempt_told(struct store *s, int64_t id, char **ret_looked_at, char **ret_trace)
{
	sqlite3_stmt *st = db_get(s, ST_ATTEMPT_TOLD);

	db_int(st, 1, id);
	int r = db_row(s, ST_ATTEMPT_TOLD);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret_looked_at = db_col_text(st, 0);
	*ret_trace = db_col_text(st, 1);
	db_reset(s, ST_ATTEMPT_TOLD);
	return 0;
}

int store_attempt_save(struct store *s, const struct store_attempt *a)
{
	sqlite3_stmt *st = db_get(s, ST_ATTEMPT_SAVE);

	db_int(st, 1, a->id);
	db_int(st, 2, a->outcome);
	db_int(st, 3, a->in_doubt);
	db_int(st, 4, a->wants_report);
	db_int(st, 5, a->mr);
	db_int(st, 6, a->reaction);
	db_int(st, 7, a->report);
	db_text(st, 8, a->cause[0] ? a->cause : NULL);
	db_int_or_null(st, 9, a->ended_at.ms);
	db_int_or_null(st, 10, a->report_at.ms);
	db_int_or_null(st, 11, a->report_scts.ms);
	return db_write(s, ST_ATTEMPT_SAVE);
}

static int one_attempt(struct store *s, enum statement id, sqlite3_stmt *st,
		       struct store_attempt *ret)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_attempt){
		.id = db_col_int(st, 0), .sim = db_col_int(st, 1), .run = (int)db_col_int(st, 2),
		.segment = (int)db_col_int(st, 3), .outcome = (int)db_col_int(st, 4),
		.in_doubt = db_col_int(st, 5), .wants_report = db_col_int(st, 6),
		.mr = (int)db_col_int(st, 7), .reaction = (int)db_col_int(st, 8),
		.report = (int)db_col_int(st, 9), .started_at = db_col_time(st, 12),
		.ended_at = db_col_time(st, 13), .report_at = db_col_time(st, 14),
		.report_scts = db_col_time(st, 15), .rule = (int)db_col_int(st, 16) };
	db_col_str(st, 10, ret->cause, sizeof(ret->cause));
	db_col_str(st, 11, ret->modem, sizeof(ret->modem));
	db_reset(s, id);
	return 0;
}

int store_attempt_get(struct store *s, int64_t id, struct store_attempt *ret)
{
	sqlite3_stmt *st = db_get(s, ST_ATTEMPT_GET);

	db_int(st, 1, id);
	return one_attempt(s, ST_ATTEMPT_GET, st, ret);
}

int store_attempt_next(struct store *s, int64_t message, int64_t after, struct store_attempt *ret)
{
	sqlite3_stmt *st = db_get(s, ST_ATTEMPT_NEXT);

	db_int(st, 1, after > message << 16 ? after : message << 16);
	db_int(st, 2, message << 16 | 0xffff);
	return one_attempt(s, ST_ATTEMPT_NEXT, st, ret);
}

int store_attempt_before(struct store *s, int64_t before, struct store_attempt *ret)
{
	sqlite3_stmt *st = db_get(s, ST_ATTEMPT_BEFORE);

	db_int(st, 1, before ? before : INT64_MAX);
	return one_attempt(s, ST_ATTEMPT_BEFORE, st, ret);
}

int store_attempt_waiting(struct store *s, int64_t sim, int mr, int64_t before,
			  struct store_attempt *ret)
{
	sqlite3_stmt *st = db_get(s, ST_ATTEMPT_WAITING);

	db_int(st, 1, sim);
	db_int(st, 2, mr);
	db_int(st, 3, before ? before : INT64_MAX);
	return one_attempt(s, ST_ATTEMPT_WAITING, st, ret);
}

int store_stray_insert(struct store *s, struct store_stray *r)
{
	sqlite3_stmt *st = db_get(s, ST_STRAY_ADD);

	db_int(st, 1, r->sim);
	db_int(st, 2, r->mr);
	db_int(st, 3, r->status);
	db_text(st, 4, r->number);
	db_time(st, 5, r->scts);
	db_time(st, 6, r->at);
	int code = db_write(s, ST_STRAY_ADD);

	if (code == 0)
		r->id = sqlite3_last_insert_rowid(s->db);
	return code;
}

int store_stray_delete(struct store *s, int64_t id)
{
	db_int(db_get(s, ST_STRAY_DELETE), 1, id);
	return db_write(s, ST_STRAY_DELETE);
}

int store_stray_next(struct store *s, int64_t after, struct store_stray *ret)
{
	sqlite3_stmt *st = db_get(s, ST_STRAY_NEXT);

	db_int(st, 1, after);
	int r = db_row(s, ST_STRAY_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_stray){ .id = db_col_int(st, 0), .sim = db_col_int(st, 1),
				     .mr = (int)db_col_int(st, 2), .status = (int)db_col_int(st, 3),
				     .scts = db_col_time(st, 5), .at = db_col_time(st, 6) };
	db_col_str(st, 4, ret->number, sizeof(ret->number));
	db_reset(s, ST_STRAY_NEXT);
	return 0;
}
