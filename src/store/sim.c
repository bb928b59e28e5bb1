/* SIMs, by ICCID: number, where they were seen, totals; and what is remembered of modems. */
#include "db.h"

static void read_sim(sqlite3_stmt *st, struct store_sim *ret)
{
	*ret = (struct store_sim){ .id = db_col_int(st, 0), .line = db_col_int(st, 2),
				   .first_seen = db_col_time(st, 6), .sent = db_col_int(st, 7),
				   .received = db_col_int(st, 8), .failed = db_col_int(st, 9),
				   .ref = (uint16_t)db_col_int(st, 10) };
	db_col_str(st, 1, ret->iccid, sizeof(ret->iccid));
	db_col_str(st, 3, ret->number, sizeof(ret->number));
	db_col_str(st, 4, ret->seat, sizeof(ret->seat));
	db_col_str(st, 5, ret->modem, sizeof(ret->modem));
}

static int one_sim(struct store *s, enum statement id, sqlite3_stmt *st, struct store_sim *ret)
{
	int r = db_one(s, id);

	if (r < 0)
		return r;
	read_sim(st, ret);
	db_reset(s, id);
	return 0;
}

int store_sim_find(struct store *s, const char *iccid, struct store_sim *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SIM_FIND);

	db_text(st, 1, iccid);
	return one_sim(s, ST_SIM_FIND, st, ret);
}

int store_sim_get(struct store *s, int64_t id, struct store_sim *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SIM_GET);

	db_int(st, 1, id);
	return one_sim(s, ST_SIM_GET, st, ret);
}

int store_sims(struct store *s, int64_t after, struct store_sim *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SIM_NEXT);

	db_int(st, 1, after);
	return one_sim(s, ST_SIM_NEXT, st, ret);
}

/* The line that a SIM stands for. When a number is learned, the line that had the ICCID for a name
 * gets it, so that threads and closed contacts stay; unless the number has a line already. */
static int find_line(struct store *s, struct store_sim *sim)
{
	int64_t named;
	int r;

	if (!sim->number[0])
		return store_line(s, sim->iccid, &sim->line);
	r = store_line_find(s, sim->number, &sim->line);
	if (r != TW_E_UNKNOWN)
		return r;
	r = store_line_find(s, sim->iccid, &named);
	if (r == TW_E_UNKNOWN)
		return store_line(s, sim->number, &sim->line);
	if (r < 0)
		return r;
	sqlite3_stmt *st = db_get(s, ST_LINE_RENAME);

	db_int(st, 1, named);
	db_text(st, 2, sim->number);
	sim->line = named;
	return db_write(s, ST_LINE_RENAME);
}

int store_sim_put(struct store *s, struct store_sim *sim)
{
	int r = find_line(s, sim);

	if (r < 0)
		return r;
	enum statement id = sim->id ? ST_SIM_SAVE : ST_SIM_ADD;
	sqlite3_stmt *st = db_get(s, id);

	if (sim->id)
		db_int(st, 1, sim->id);
	else
		db_text(st, 1, sim->iccid);
	db_int(st, 2, sim->line);
	db_text(st, 3, sim->number);
	db_text(st, 4, sim->seat);
	db_text(st, 5, sim->modem);
	if (!sim->id)
		db_time(st, 6, sim->first_seen);
	r = db_write(s, id);
	if (r == 0 && !sim->id)
		sim->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

/* ---- modems -------------------------------------------------------------------------------- */

int store_seat_put(struct store *s, const struct store_seat *seat)
{
	sqlite3_stmt *st = db_get(s, ST_SEAT_PUT);

	db_text(st, 1, seat->key);
	db_text(st, 2, seat->imei);
	db_text(st, 3, seat->usb);
	db_text(st, 4, seat->usb_path);
	db_int(st, 5, seat->interface);
	db_int(st, 6, seat->is_paused);
	return db_write(s, ST_SEAT_PUT);
}

int store_seat_next(struct store *s, const char *after, struct store_seat *ret)
{
	sqlite3_stmt *st = db_get(s, ST_SEAT_NEXT);

	db_text(st, 1, after);
	int r = db_one(s, ST_SEAT_NEXT);

	if (r < 0)
		return r;
	*ret = (struct store_seat){ .interface = (int)db_col_int(st, 4),
				     .is_paused = db_col_int(st, 5) };
	db_col_str(st, 0, ret->key, sizeof(ret->key));
	db_col_str(st, 1, ret->imei, sizeof(ret->imei));
	db_col_str(st, 2, ret->usb, sizeof(ret->usb));
	db_col_str(st, 3, ret->usb_path, sizeof(ret->usb_path));
	db_reset(s, ST_SEAT_NEXT);
	return 0;
}

/* ---- operators ----------------------------------------------------------------------------- */

int store_bearer_put(struct store *s, const char *operator_, const char *command)
{
	sqlite3_stmt *st = db_get(s, ST_BEARER_PUT);

	db_text(st, 1, operator_);
	db_text(st, 2, command);
	return db_write(s, ST_BEARER_PUT);
}

int store_bearer_next(struct store *s, struct store_bearer *cursor)
{
	sqlite3_stmt *st = db_get(s, ST_BEARER_NEXT);

	db_int(st, 1, cursor->id);
	int r = db_one(s, ST_BEARER_NEXT);

	if (r < 0)
		return r;
	cursor->id = db_col_int(st, 0);
	db_col_str(st, 1, cursor->operator_, sizeof(cursor->operator_));
	db_col_str(st, 2, cursor->command, sizeof(cursor->command));
	db_reset(s, ST_BEARER_NEXT);
	return 0;
}
