/* What a database knows of itself: its identity and the key of its message ids. */
#include "db.h"

static int meta_read(struct store *s, const char *key, uint8_t *out, size_t n)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(s->db, "SELECT value FROM meta WHERE key = ?1",
				      -1, &st, NULL);
	int r = TW_E_UNKNOWN;

	if (code != SQLITE_OK)
		return db_error_of(code);
	sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW && (size_t)sqlite3_column_bytes(st, 0) == n) {
		memcpy(out, sqlite3_column_blob(st, 0), n);
		r = 0;
	} else if (code != SQLITE_ROW && code != SQLITE_DONE) {
		r = db_error_of(code);
	}
	sqlite3_finalize(st);
	return r;
}

static int meta_write(struct store *s, const char *key, const uint8_t *value, size_t n)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(s->db, "INSERT INTO meta(key, value) VALUES(?1, ?2)", -1, &st,
				      NULL);

	if (code != SQLITE_OK)
		return db_error_of(code);
	sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_blob(st, 2, value, (int)n, SQLITE_STATIC);
	code = sqlite3_step(st);
	sqlite3_finalize(st);
	return code == SQLITE_DONE ? 0 : db_error_of(code);
}

int ids_load(struct store *s)
{
	uint8_t identity[16];
	int r = meta_read(s, "identity", identity, sizeof(identity));

	if (r == 0)
		r = meta_read(s, "id_key", s->id_key, sizeof(s->id_key));
	if (r == 0)
		tw_hex_write(identity, sizeof(identity), s->identity, false);
	return r;
}

void ids_random(struct store *s, void *out, size_t n)
{
	uint8_t *p = out;

	if (!s->is_seeded) {
		tw_random_secret(out, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)tw_random_u64(&s->random);
}

int ids_create(struct store *s, uint64_t seed, struct tw_now now)
{
	uint8_t identity[16], key[16], at[8];

	s->is_seeded = seed != 0;
	tw_random_seed(&s->random, seed);
	ids_random(s, identity, sizeof(identity));
	ids_random(s, key, sizeof(key));
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)((uint64_t)now.wall.ms >> (56 - 8 * i));
	if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return TW_E_DB;
	int r = meta_write(s, "identity", identity, sizeof(identity));

	if (r == 0)
		r = meta_write(s, "id_key", key, sizeof(key));
	if (r == 0)
		r = meta_write(s, "made_at", at, sizeof(at));
	if (r == 0) {
		int code = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);

		r = code == SQLITE_OK ? 0 : db_error_of(code);
	}
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

const char *store_identity(const struct store *s)
{
	return s->identity;
}

/* Known octets in front of a row number: what decrypts to anything else was made up. Messages have
 * zeroes there. */
static void code_row(const struct store *s, const char kind[8], int64_t row, char out[33])
{
	uint8_t plain[16], coded[16];

	memcpy(plain, kind, 8);
	for (int i = 0; i < 8; i++)
		plain[8 + i] = (uint8_t)((uint64_t)row >> (56 - 8 * i));
	tw_aes128_encrypt(s->id_key, plain, coded);
	tw_hex_write(coded, sizeof(coded), out, false);
}

static int decode_row(const struct store *s, const char kind[8], const char *hex, int64_t *ret)
{
	uint8_t plain[16], coded[16];
	uint64_t row = 0;

	if (strlen(hex) != 32 || tw_hex_read(hex, 32, coded, sizeof(coded)) != 16)
		return TW_E_UNKNOWN;
	tw_aes128_decrypt(s->id_key, coded, plain);
	if (memcmp(plain, kind, 8) != 0)
		return TW_E_UNKNOWN;
	for (int i = 0; i < 8; i++)
		row = row << 8 | plain[8 + i];
	if (row == 0 || row > (uint64_t)DB_MESSAGE_MAX)
		return TW_E_UNKNOWN;
	*ret = (int64_t)row;
	return 0;
}

static const char message_rows[8], hook_rows[8] = { 'h', 'o', 'o', 'k' };
static const char booking_rows[8] = { 'b', 'o', 'o', 'k' };

char *store_id_write(const struct store *s, int64_t message, char *out)
{
	memcpy(out, "SM", 2);
	code_row(s, message_rows, message, out + 2);
	return out;
}

int store_id_read(const struct store *s, const char *id, int64_t *ret)
{
	return strncmp(id, "SM", 2) ? TW_E_UNKNOWN : decode_row(s, message_rows, id + 2, ret);
}

char *store_hook_name(const struct store *s, int64_t hook, char *out)
{
	memcpy(out, "WH", 2);
	code_row(s, hook_rows, hook, out + 2);
	return out;
}

int store_hook_read(const struct store *s, const char *name, int64_t *ret)
{
	return strncmp(name, "WH", 2) ? TW_E_UNKNOWN : decode_row(s, hook_rows, name + 2, ret);
}

char *store_booking_name(const struct store *s, int64_t booking, char *out)
{
	memcpy(out, "AP", 2);
	code_row(s, booking_rows, booking, out + 2);
	return out;
}

int store_booking_read(const struct store *s, const char *name, int64_t *ret)
{
	return strncmp(name, "AP", 2) ? TW_E_UNKNOWN : decode_row(s, booking_rows, name + 2, ret);
}
