/* Long inbound messages while their parts come in (design 4, reassembly). */
#include "db.h"

static int one_assembly(struct store *s, enum statement id, sqlite3_stmt *st,
			struct store_assembly *ret)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_assembly){
		.id = db_col_int(st, 0), .sim = db_col_int(st, 1), .toa = (int)db_col_int(st, 3),
		.ref_bits = (int)db_col_int(st, 4), .ref = (int)db_col_int(st, 5),
		.total = (int)db_col_int(st, 6), .have = (int)db_col_int(st, 7),
		.first_at = db_col_time(st, 8), .deadline = db_col_time(st, 9),
		.message = db_col_int(st, 10) };
	db_col_str(st, 2, ret->sender, sizeof(ret->sender));
	db_reset(s, id);
	return 0;
}

int store_assembly_find(struct store *s, const struct store_assembly *key, int64_t before,
			struct store_assembly *ret)
{
	sqlite3_stmt *st = db_get(s, ST_ASSEMBLY_FIND);

	db_int(st, 1, key->sim);
	db_text(st, 2, key->sender);
	db_int(st, 3, key->ref);
	db_int(st, 4, key->total);
	db_int(st, 5, key->ref_bits);
	db_int(st, 6, key->toa);
	db_int(st, 7, before ? before : INT64_MAX);
	return one_assembly(s, ST_ASSEMBLY_FIND, st, ret);
}

int store_assembly_get(struct store *s, int64_t id, struct store_assembly *ret)
{
	sqlite3_stmt *st = db_get(s, ST_ASSEMBLY_GET);

	db_int(st, 1, id);
	return one_assembly(s, ST_ASSEMBLY_GET, st, ret);
}

int store_assembly_due(struct store *s, struct store_assembly *ret)
{
	return one_assembly(s, ST_ASSEMBLY_DUE, db_get(s, ST_ASSEMBLY_DUE), ret);
}

int store_assembly_insert(struct store *s, struct store_assembly *a)
{
	sqlite3_stmt *st = db_get(s, ST_ASSEMBLY_ADD);

	db_int(st, 1, a->sim);
	db_text(st, 2, a->sender);
	db_int(st, 3, a->toa);
	db_int(st, 4, a->ref_bits);
	db_int(st, 5, a->ref);
	db_int(st, 6, a->total);
	db_int(st, 7, a->have);
	db_time(st, 8, a->first_at);
	db_time(st, 9, a->deadline);
	db_int(st, 10, a->message);
	int r = db_write(s, ST_ASSEMBLY_ADD);

	if (r == 0)
		a->id = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_assembly_save(struct store *s, const struct store_assembly *a)
{
	sqlite3_stmt *st = db_get(s, ST_ASSEMBLY_SAVE);

	db_int(st, 1, a->id);
	db_int(st, 2, a->have);
	db_int(st, 3, a->message);
	return db_write(s, ST_ASSEMBLY_SAVE);
}

void store_part_done(struct store_part *p)
{
	free(p->pdu);
	*p = (struct store_part){ 0 };
}

int store_part_insert(struct store *s, const struct store_part *p)
{
	sqlite3_stmt *st = db_get(s, ST_PART_ADD);

	db_int(st, 1, p->assembly);
	db_int(st, 2, p->seq);
	db_time(st, 3, p->at);
	db_int_or_null(st, 4, p->dup);
	db_blob(st, 5, p->pdu, p->pdu_n);
	return db_write(s, ST_PART_ADD);
}

int store_part_next(struct store *s, int64_t assembly, int after_seq, struct store_part *ret)
{
	sqlite3_stmt *st = db_get(s, ST_PART_NEXT);

	db_int(st, 1, assembly);
	db_int(st, 2, after_seq);
	int r = db_row(s, ST_PART_NEXT);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	*ret = (struct store_part){ .id = db_col_int(st, 0), .assembly = db_col_int(st, 1),
				    .seq = (int)db_col_int(st, 2), .at = db_col_time(st, 3),
				    .dup = db_col_int(st, 4) };
	ret->pdu = db_col_blob(st, 5, &ret->pdu_n);
	db_reset(s, ST_PART_NEXT);
	return 0;
}
