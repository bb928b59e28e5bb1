/* Jobs on a modem, their steps, and the log of who asked for what. */
#include "db.h"

int store_job_insert(struct store *s, struct store_job *j, struct wall_ms now)
{
	sqlite3_stmt *st = db_get(s, ST_JOB_ADD);

	db_int(st, 1, j->kind);
	db_int(st, 2, j->state);
	db_int(st, 3, j->purpose);
	db_int_or_null(st, 4, j->ref);
	db_int_or_null(st, 5, j->sim);
	db_text(st, 6, j->modem);
	db_text(st, 7, j->who);
	db_int(st, 8, j->limit_ms);
	db_time(st, 9, j->created_at);
	db_time(st, 10, j->expires_at);
	db_int(st, 11, j->dialogue);
	int r = db_write(s, ST_JOB_ADD);

	if (r < 0)
		return r;
	j->id = sqlite3_last_insert_rowid(s->db);
	/* Behind the new one, so that no number is given twice. */
	db_int(db_get(s, ST_JOB_PRUNE), 1, now.ms - STORE_JOB_MS);
	return db_write(s, ST_JOB_PRUNE);
}

int store_job_save(struct store *s, const struct store_job *j)
{
	sqlite3_stmt *st = db_get(s, ST_JOB_SAVE);

	db_int(st, 1, j->id);
	db_int(st, 2, j->state);
	db_text(st, 3, j->error[0] ? j->error : NULL);
	db_int_or_null(st, 4, j->started_at.ms);
	db_int_or_null(st, 5, j->finished_at.ms);
	return db_write(s, ST_JOB_SAVE);
}

static int read_job(struct store *s, enum statement id, struct store_job *ret)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	sqlite3_stmt *st = s->st[id];

	*ret = (struct store_job){
		.id = db_col_int(st, 0), .kind = (int)db_col_int(st, 1),
		.state = (int)db_col_int(st, 2), .purpose = (int)db_col_int(st, 3),
		.ref = db_col_int(st, 4), .sim = db_col_int(st, 5), .limit_ms = db_col_int(st, 8),
		.created_at = db_col_time(st, 10), .expires_at = db_col_time(st, 11),
		.started_at = db_col_time(st, 12), .finished_at = db_col_time(st, 13),
		.dialogue = db_col_int(st, 14) != 0 };
	db_col_str(st, 6, ret->modem, sizeof(ret->modem));
	db_col_str(st, 7, ret->who, sizeof(ret->who));
	db_col_str(st, 9, ret->error, sizeof(ret->error));
	db_reset(s, id);
	return 0;
}

int store_job_get(struct store *s, int64_t id, struct store_job *ret)
{
	db_int(db_get(s, ST_JOB_GET), 1, id);
	return read_job(s, ST_JOB_GET, ret);
}

int store_job_open_next(struct store *s, int64_t after, struct store_job *ret)
{
	db_int(db_get(s, ST_JOB_OPEN), 1, after);
	return read_job(s, ST_JOB_OPEN, ret);
}

/* ---- steps --------------------------------------------------------------------------------- */

void store_step_done(struct store_step *step)
{
	free(step->sent);
	free(step->got);
	*step = (struct store_step){ 0 };
}

int store_step_put(struct store *s, int64_t job, int n, const char *sent, const char *got, int code,
		   struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_STEP_PUT);

	db_int(st, 1, job);
	db_int(st, 2, n);
	db_text(st, 3, sent);
	db_text(st, 4, got);
	db_int(st, 5, code);
	db_int_or_null(st, 6, at.ms);
	return db_write(s, ST_STEP_PUT);
}

int store_step_next(struct store *s, int64_t job, int after, struct store_step *ret)
{
	sqlite3_stmt *st = db_get(s, ST_STEP_NEXT);

	db_int(st, 1, job);
	db_int(st, 2, after);
	int r = db_row(s, ST_STEP_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_step){ .job = job, .n = (int)db_col_int(st, 0),
				    .sent = db_col_text(st, 1), .got = db_col_text(st, 2),
				    .code = (int)db_col_int(st, 3), .at = db_col_time(st, 4) };
	db_reset(s, ST_STEP_NEXT);
	return 0;
}

/* ---- audit --------------------------------------------------------------------------------- */

void store_audit_done(struct store_audit *a)
{
	free(a->who);
	free(a->action);
	free(a->about);
	free(a->text);
	free(a->outcome);
	*a = (struct store_audit){ 0 };
}

int store_audit_add(struct store *s, const char *who, const char *action, const char *about,
		    const char *text, const char *outcome, int64_t job, struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_AUDIT_ADD);

	db_time(st, 1, at);
	db_text(st, 2, who);
	db_text(st, 3, action);
	db_text(st, 4, about);
	db_text(st, 5, text);
	db_text(st, 6, outcome);
	db_int_or_null(st, 7, job);
	return db_write(s, ST_AUDIT_ADD);
}

int store_audit_before(struct store *s, int64_t before, struct store_audit *ret)
{
	sqlite3_stmt *st = db_get(s, ST_AUDIT_BEFORE);

	db_int(st, 1, before ? before : INT64_MAX);
	int r = db_row(s, ST_AUDIT_BEFORE);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_audit){ .id = db_col_int(st, 0), .at = db_col_time(st, 1),
				     .who = db_col_text(st, 2), .action = db_col_text(st, 3),
				     .about = db_col_text(st, 4), .text = db_col_text(st, 5),
				     .outcome = db_col_text(st, 6), .job = db_col_int(st, 7) };
	db_reset(s, ST_AUDIT_BEFORE);
	return 0;
}
