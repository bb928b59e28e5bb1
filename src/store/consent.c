/* Consent: a hash chain an account (contract 3). Numbers and texts can be erased; the chain
 * stays. */
#include "db.h"

static const char *const kind_names[] = { "stop", "start", "join", "leave", "ask", "erase" };

const char *store_consent_kind_name(enum store_consent_kind k)
{
	return kind_names[k];
}

static enum store_consent_kind kind_of(const char *name)
{
	for (size_t i = 0; i < TW_COUNT(kind_names); i++)
		if (strcmp(name, kind_names[i]) == 0)
			return (enum store_consent_kind)i;
	return STORE_CONSENT_STOP;
}

void store_consent_done(struct store_consent *c)
{
	free(c->list);
	free(c->number);
	free(c->text);
	*c = (struct store_consent){ 0 };
}

static void add_be(struct tw_buf *b, uint64_t v, int octets)
{
	for (int i = octets - 1; i >= 0; i--)
		tw_buf_addc(b, (char)(v >> (8 * i)));
}

static void add_text(struct tw_buf *b, const char *s)
{
	add_be(b, strlen(s), 4);
	tw_buf_adds(b, s);
}

static void digest_salted(const uint8_t salt[16], const char *text, uint8_t out[32])
{
	struct tw_buf b = { 0 };

	tw_buf_add(&b, salt, 16);
	tw_buf_adds(&b, text);
	tw_sha256(b.p, b.n, out);
	tw_buf_done(&b);
}

static void digest_link(const struct store_consent *c, const uint8_t previous[32], uint8_t out[32])
{
	struct tw_buf b = { 0 };

	tw_buf_add(&b, previous, 32);
	add_be(&b, (uint64_t)c->seq, 8);
	add_be(&b, (uint64_t)c->at.ms, 8);
	add_text(&b, c->list);
	add_text(&b, kind_names[c->kind]);
	tw_buf_add(&b, c->number_digest, 32);
	tw_buf_add(&b, c->text_digest, 32);
	tw_sha256(b.p, b.n, out);
	tw_buf_done(&b);
}

int store_consent_head(struct store *s, int64_t account, int64_t *ret_seq, uint8_t ret_link[32])
{
	sqlite3_stmt *st = db_get(s, ST_CONSENT_HEAD);

	db_int(st, 1, account);
	int r = db_row(s, ST_CONSENT_HEAD);

	if (r < 0)
		return r;
	*ret_seq = 0;
	memset(ret_link, 0, 32);
	if (r == 1) {
		*ret_seq = db_col_int(st, 0);
		db_col_fixed(st, 1, ret_link, 32);
		db_reset(s, ST_CONSENT_HEAD);
	}
	return 0;
}

int store_consent_add(struct store *s, struct store_consent *c)
{
	uint8_t previous[32];
	int r = store_consent_head(s, c->account, &c->seq, previous);

	if (r < 0)
		return r;
	c->seq++;
	ids_random(s, c->salt, sizeof(c->salt));
	digest_salted(c->salt, c->number, c->number_digest);
	digest_salted(c->salt, c->text, c->text_digest);
	digest_link(c, previous, c->link);
	sqlite3_stmt *st = db_get(s, ST_CONSENT_ADD);

	db_int(st, 1, c->account);
	db_int(st, 2, c->seq);
	db_time(st, 3, c->at);
	db_text(st, 4, c->list);
	db_text(st, 5, kind_names[c->kind]);
	db_text(st, 6, c->number);
	db_text(st, 7, c->text);
	db_int_or_null(st, 8, c->message);
	db_int_or_null(st, 9, c->line);
	db_blob(st, 10, c->salt, sizeof(c->salt));
	db_blob(st, 11, c->number_digest, 32);
	db_blob(st, 12, c->text_digest, 32);
	db_blob(st, 13, c->link, 32);
	return db_write(s, ST_CONSENT_ADD);
}

static void read_consent(sqlite3_stmt *st, struct store_consent *ret)
{
	char kind[16];

	*ret = (struct store_consent){
		.account = db_col_int(st, 0), .seq = db_col_int(st, 1), .at = db_col_time(st, 2),
		.list = db_col_text(st, 3), .number = db_col_text(st, 5),
		.text = db_col_text(st, 6), .message = db_col_int(st, 7),
		.line = db_col_int(st, 8) };
	db_col_str(st, 4, kind, sizeof(kind));
	ret->kind = kind_of(kind);
	db_col_fixed(st, 9, ret->salt, sizeof(ret->salt));
	db_col_fixed(st, 10, ret->number_digest, 32);
	db_col_fixed(st, 11, ret->text_digest, 32);
	db_col_fixed(st, 12, ret->link, 32);
}

static int next_row(struct store *s, enum statement id, struct store_consent *ret)
{
	int r = db_row(s, id);

	if (r <= 0)
		return r < 0 ? r : TW_E_UNKNOWN;
	read_consent(s->st[id], ret);
	db_reset(s, id);
	return 0;
}

int store_consent_next(struct store *s, int64_t account, int64_t after_seq,
		       struct store_consent *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CONSENT_NEXT);

	db_int(st, 1, account);
	db_int(st, 2, after_seq);
	return next_row(s, ST_CONSENT_NEXT, ret);
}

int store_consent_of(struct store *s, int64_t account, const char *number, int64_t after_seq,
		     struct store_consent *ret)
{
	sqlite3_stmt *st = db_get(s, ST_CONSENT_OF);

	db_int(st, 1, account);
	db_text(st, 2, number);
	db_int(st, 3, after_seq);
	return next_row(s, ST_CONSENT_OF, ret);
}

/* Number and text, where they still stand, must be those that the link was made of. */
bool store_consent_is_sound(const struct store_consent *c, int64_t seq, const uint8_t previous[32])
{
	uint8_t digest[32];

	if (c->seq != seq)
		return false;
	if (c->number) {
		digest_salted(c->salt, c->number, digest);
		if (memcmp(digest, c->number_digest, 32) != 0)
			return false;
	}
	if (c->text) {
		digest_salted(c->salt, c->text, digest);
		if (memcmp(digest, c->text_digest, 32) != 0)
			return false;
	}
	digest_link(c, previous, digest);
	return memcmp(digest, c->link, 32) == 0;
}

int store_consent_verify(struct store *s, int64_t account, int64_t *ret_seq)
{
	uint8_t previous[32] = { 0 };
	struct store_consent c;
	int64_t seq = 0;
	int r;

	while ((r = store_consent_next(s, account, seq, &c)) == 0) {
		bool sound = store_consent_is_sound(&c, seq + 1, previous);

		memcpy(previous, c.link, 32);
		seq++;
		store_consent_done(&c);
		if (sound)
			continue;
		*ret_seq = seq;
		return TW_E_DB_DAMAGED;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* The sequences that carry this number, as the text of the row that says why they are empty. */
static int name_sequences(struct store *s, int64_t account, const char *number, struct tw_buf *out)
{
	struct store_consent c;
	int64_t seq = 0;
	int r;

	while ((r = store_consent_of(s, account, number, seq, &c)) == 0) {
		seq = c.seq;
		tw_buf_addf(out, "%s%lld", out->n ? " " : "", (long long)seq);
		store_consent_done(&c);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int store_consent_erase(struct store *s, int64_t account, const char *number, struct wall_ms at)
{
	struct store_consent c = { .account = account, .at = at, .list = (char *)(uintptr_t)"",
				   .kind = STORE_CONSENT_ERASE, .number = (char *)(uintptr_t)"" };
	struct tw_buf sequences = { 0 };
	int r = name_sequences(s, account, number, &sequences);

	if (r == 0 && sequences.n) {
		sqlite3_stmt *st = db_get(s, ST_CONSENT_ERASE);

		db_int(st, 1, account);
		db_text(st, 2, number);
		r = db_write(s, ST_CONSENT_ERASE);
		c.text = sequences.p;
		if (r == 0)
			r = store_consent_add(s, &c);
	}
	tw_buf_done(&sequences);
	return r;
}
