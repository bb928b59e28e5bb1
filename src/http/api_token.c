/* /api/v1/tokens: made, listed, revoked by operators. The secret is told once and kept nowhere. */
#include "read.h"

/* What a login of an account may be given; an operator's token belongs to none. */
enum { ACCOUNT_SCOPES = SCOPE_READ | SCOPE_SEND | SCOPE_MANAGE };

/* Where they cannot be read nobody enters by one, until they can. */
void http_tokens_load(struct http *h)
{
	struct http_tokens *t = &h->tokens;
	struct store_token next;
	const char *after = "";
	int r = TW_E_UNKNOWN;

	t->n = 0;
	while (h->setup.store && t->n < HTTP_TOKENS &&
	       (r = store_token_next(h->setup.store, after, &next)) == 0) {
		t->v = tw_realloc(t->v, (t->n + 1) * sizeof(*t->v));
		t->v[t->n++] = next;
		after = t->v[t->n - 1].name;
	}
	t->is_stale = r < 0 && r != TW_E_UNKNOWN;
	if (t->is_stale)
		t->n = 0;
}

static void write_token(struct tw_buf *b, const struct store_token *t, const char *secret)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "name", t->name);
	http_put_text(b, "id", t->sid);
	http_put_filled(b, "account", t->account);
	http_write_scopes(b, "scopes", (unsigned)t->scopes);
	http_put_time(b, "created_at", t->created_at);
	if (secret)
		http_put_text(b, "secret", secret);
	http_put_close(b, '}');
}

static bool is_token_name(const char *name)
{
	size_t n = strspn(name,
			  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n && n < STORE_TOKEN_NAME_MAX && !name[n];
}

static bool read_scopes(struct http_request *r, json_t *list, int *ret)
{
	json_t *value;
	unsigned bit;
	size_t i;

	*ret = 0;
	json_array_foreach(list, i, value) {
		const char *name = json_string_value(value);

		if (!name || !http_scope_read(name, &bit)) {
			http_refuse(r, 400, HTTP_CODE_PARAMETER, "scopes: %.40s is none; there are "
				    "read, send, manage, operator", name ? name : "this");
			return false;
		}
		*ret |= (int)bit;
	}
	if (*ret)
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER,
		    "scopes: expected a list of read, send, manage, or operator alone");
	return false;
}

/* Whose it will be, and whether this caller may make it. */
static bool read_owner(struct http_request *r, const char *account, struct store_token *t)
{
	const char *owner = NULL;

	if (t->scopes & SCOPE_OPERATOR) {
		if (account || t->scopes != SCOPE_OPERATOR) {
			http_refuse(r, 400, HTTP_CODE_PARAMETER,
				    "scopes: operator stands alone, and "
				    "belongs to no account");
			return false;
		}
		if (!r->caller.is_local) {
			http_refuse(r, 403, HTTP_CODE_FORBIDDEN,
				    "an operator's token is made on the machine itself only");
			return false;
		}
		t->scopes = SCOPE_OPERATOR | ACCOUNT_SCOPES;
		return true;
	}
	if (!http_pick_account(r, account, &owner))
		return false;
	if (!owner && r->h->accounts.n == 1)
		owner = r->h->accounts.v[0].name;
	if (!owner) {
		http_refuse(r, 400, HTTP_CODE_WHICH_ACCOUNT, "account: say whose token it is");
		return false;
	}
	return tw_strset(t->account, sizeof(t->account), owner);
}

static bool read_token(struct http_request *r, json_t *root, struct store_token *t)
{
	const char *name, *account;

	if (!http_read_text(r, root, "", "account", &account) ||
	    !http_read_text(r, root, "", "name", &name))
		return false;
	if (!name || !is_token_name(name)) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "name: expected 1 to %d letters, digits, "
			    "dots, dashes and underscores", STORE_TOKEN_NAME_MAX - 1);
		return false;
	}
	tw_strset(t->name, sizeof(t->name), name);
	return read_scopes(r, json_object_get(root, "scopes"), &t->scopes) &&
	       read_owner(r, account, t);
}

static void make_secret(struct store_token *t, char secret[HTTP_SECRET_DIGITS + 1])
{
	uint8_t octets[HTTP_SECRET_DIGITS / 2];

	tw_strset(t->sid, sizeof(t->sid), "SK");
	tw_random_secret(octets, sizeof(octets));
	tw_hex_write(octets, sizeof(octets), t->sid + 2, false);
	tw_random_secret(octets, sizeof(octets));
	tw_hex_write(octets, sizeof(octets), secret, false);
	tw_sha256(secret, HTTP_SECRET_DIGITS, t->digest);
}

static void make(struct http_request *r, struct store_token *t, struct tw_now now)
{
	struct store *s = r->h->setup.store;
	char secret[HTTP_SECRET_DIGITS + 1];
	int code, ended;

	if (r->h->tokens.n >= HTTP_TOKENS) {
		http_refuse(r, 409, HTTP_CODE_CONFLICT, "there are %d tokens: revoke some first",
			    HTTP_TOKENS);
		return;
	}
	make_secret(t, secret);
	t->created_at = now.wall;
	store_event_begin(s);
	code = store_token_add(s, t);
	ended = store_event_end(s, code == 0);
	if (code == TW_E_EXISTS) {
		http_refuse(r, 409, HTTP_CODE_CONFLICT, "there is a token called %s already",
			    t->name);
	} else if (code < 0 || ended < 0) {
		http_refuse_store(r, code < 0 ? code : ended);
	} else {
		r->h->tokens.is_stale = true;
		r->status = 201;
		write_token(&r->out, t, secret);
		tw_buf_addc(&r->out, '\n');
		tw_log(TW_INFO, "http.token_made", "name=%s by=%s", t->name,
		       tw_log_quote(r->caller.who));
	}
}

void http_post_token(struct http_request *r, struct tw_now now)
{
	static const char *const names[] = { "name", "account", "scopes" };
	json_t *root = http_read_object(r, names, TW_COUNT(names));
	struct store_token t = { 0 };

	if (root && read_token(r, root, &t))
		make(r, &t, now);
	json_decref(root);
}

void http_get_tokens(struct http_request *r, struct tw_now now)
{
	struct store_token t = { 0 };
	int code;

	(void)now;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "tokens", '[');
	while ((code = store_token_next(r->h->setup.store, t.name, &t)) == 0)
		write_token(&r->out, &t, NULL);
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code != TW_E_UNKNOWN)
		http_refuse_store(r, code);
}

void http_revoke_token(struct http_request *r, struct tw_now now)
{
	struct store *s = r->h->setup.store;
	const char *name = tw_buf_str(&r->name);
	int code, ended;

	(void)now;
	store_event_begin(s);
	code = store_token_drop(s, name);
	ended = store_event_end(s, code == 0);
	if (code == TW_E_UNKNOWN) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no token is called %.100s", name);
	} else if (code < 0 || ended < 0) {
		http_refuse_store(r, code < 0 ? code : ended);
	} else {
		r->h->tokens.is_stale = true;
		r->status = 200;
		http_put_open(&r->out, NULL, '{');
		http_put_text(&r->out, "revoked", name);
		http_put_close(&r->out, '}');
		tw_buf_addc(&r->out, '\n');
		tw_log(TW_INFO, "http.token_revoked", "name=%s by=%s", name,
		       tw_log_quote(r->caller.who));
	}
}
