/* How SIMs do: health, money, the voucher codes that were dialled for them. */
#include "db.h"

int store_care(struct store *s, int64_t sim, struct store_care *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CARE_GET);

	db_int(st, 1, sim);
	int r = db_one(s, ST_CARE_GET);

	if (r < 0)
		return r;
	*ret = (struct store_care){
		.has_balance = db_col_int(st, 0), .balance = db_col_int(st, 1),
		.spent = db_col_int(st, 2), .balance_at = db_col_time(st, 3),
		.asked_at = db_col_time(st, 4), .is_low = db_col_int(st, 5),
		.top_ups = db_col_int(st, 6), .topped_at = db_col_time(st, 7),
		.replies = db_col_int(st, 19), .posts = db_col_int(st, 20),
		.traffic_at = db_col_time(st, 21) };
	ret->health = (struct sim_health){
		.sends = (int32_t)db_col_int(st, 8), .sent_rate = (int32_t)db_col_int(st, 9),
		.reports = (int32_t)db_col_int(st, 10), .report_rate = (int32_t)db_col_int(st, 11),
		.report_ms = (int32_t)db_col_int(st, 12), .send_doubt = (int32_t)db_col_int(st, 13),
		.report_doubt = (int32_t)db_col_int(st, 14), .is_demoted = db_col_int(st, 15),
		.is_deaf = db_col_int(st, 16), .probes = (int32_t)db_col_int(st, 17),
		.probe_at = db_col_time(st, 18) };
	db_reset(s, ST_CARE_GET);
	return 0;
}

int store_care_put(struct store *s, int64_t sim, const struct store_care *c)
{
	sqlite3_stmt *st = db_get(s, ST_CARE_PUT);

	db_int(st, 1, sim);
	db_int(st, 2, c->has_balance);
	db_int(st, 3, c->balance);
	db_int(st, 4, c->spent);
	db_time(st, 5, c->balance_at);
	db_time(st, 6, c->asked_at);
	db_int(st, 7, c->is_low);
	db_int(st, 8, c->top_ups);
	db_time(st, 9, c->topped_at);
	const int32_t health[] = { c->health.sends, c->health.sent_rate, c->health.reports,
				   c->health.report_rate, c->health.report_ms, c->health.send_doubt,
				   c->health.report_doubt, c->health.is_demoted, c->health.is_deaf,
				   c->health.probes };

	for (size_t i = 0; i < TW_COUNT(health); i++)
		db_int(st, 10 + (int)i, health[i]);
	db_time(st, 20, c->health.probe_at);
	db_int(st, 21, c->replies);
	db_int(st, 22, c->posts);
	db_time(st, 23, c->traffic_at);
	return db_write(s, ST_CARE_PUT);
}

/* ---- balance ------------------------------------------------------------------------------- */

int store_balance_add(struct store *s, int64_t sim, struct wall_ms at, int64_t amount)
{
	sqlite3_stmt *st = db_get(s, ST_BALANCE_PUT);

	db_int(st, 1, sim);
	db_time(st, 2, at);
	db_int(st, 3, amount);
	int r = db_write(s, ST_BALANCE_PUT);

	if (r < 0)
		return r;
	st = db_get(s, ST_BALANCE_PRUNE);
	db_int(st, 1, sim);
	db_int(st, 2, at.ms - STORE_BALANCE_MS);
	return db_write(s, ST_BALANCE_PRUNE);
}

int store_balance_next(struct store *s, int64_t sim, struct wall_ms after, struct wall_ms *ret_at,
		       int64_t *ret_amount)
{
	sqlite3_stmt *st = db_get(s, ST_BALANCE_NEXT);

	db_int(st, 1, sim);
	db_time(st, 2, after);
	int r = db_one(s, ST_BALANCE_NEXT);

	if (r < 0)
		return r;
	*ret_at = db_col_time(st, 0);
	*ret_amount = db_col_int(st, 1);
	db_reset(s, ST_BALANCE_NEXT);
	return 0;
}

/* ---- vouchers ------------------------------------------------------------------------------ */

int store_top_up(struct store *s, const uint8_t digest[32])
{
	db_blob(db_get(s, ST_TOP_UP_FIND), 1, digest, 32);
	int r = db_one(s, ST_TOP_UP_FIND);

	if (r < 0)
		return r;
	db_reset(s, ST_TOP_UP_FIND);
	return 0;
}

int store_top_up_add(struct store *s, const uint8_t digest[32], int64_t sim, int64_t job,
		     struct wall_ms at)
{
	sqlite3_stmt *st = db_get(s, ST_TOP_UP_ADD);

	db_blob(st, 1, digest, 32);
	db_int(st, 2, sim);
	db_int(st, 3, job);
	db_time(st, 4, at);
	return db_write(s, ST_TOP_UP_ADD);
}

int store_top_up_end(struct store *s, int64_t job, const char *outcome)
{
	enum statement id = outcome ? ST_TOP_UP_END : ST_TOP_UP_DROP;
	sqlite3_stmt *st = db_get(s, id);

	db_int(st, 1, job);
	if (outcome)
		db_text(st, 2, outcome);
	return db_write(s, id);
}
