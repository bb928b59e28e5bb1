/* /healthz, status, accounts, reload, and the description of them all. */
#include <twoway/flow.h>

#include "internal.h"

extern const unsigned char openapi_json[];
extern const size_t openapi_json_n;

void http_get_health(struct http_request *r, struct tw_now now)
{
	(void)now;
	r->status = strcmp(r->h->health, "ok") ? 503 : 200;
	r->out_type = "text/plain; charset=utf-8";
	tw_buf_clear(&r->out);
	tw_buf_addf(&r->out, "%s\n", r->h->health);
}

void http_get_openapi(struct http_request *r, struct tw_now now)
{
	(void)now;
	r->status = 200;
	tw_buf_add(&r->out, openapi_json, openapi_json_n);
}

/* Why there is no exchange. */
static void tell_why_not(const char *health, struct http_status *s)
{
	bool is_full = !strcmp(health, "disk full");

	if (is_full)
		s->database = "disk full";
	s->trouble = is_full ? "the disk is full: make room where the database is, and it goes on "
			       "by itself" :
		     "the database is gone or damaged: `twoway restore FILE` brings a backup, "
		     "`twowayd --new` begins anew";
}

void http_get_status(struct http_request *r, struct tw_now now)
{
	struct exchange *x = r->h->is_closing ? NULL : r->h->setup.exchange;
	struct http_status s = { .version = TWOWAY_VERSION, .database = "no database" };
	struct exchange_status of_exchange = { 0 };

	if (x) {
		exchange_status(x, now, &of_exchange);
		s.exchange = &of_exchange;
		s.database = of_exchange.database;
	}
	if (!x && !r->h->is_closing)
		tell_why_not(r->h->health, &s);
	s.ok = x && !strcmp(r->h->health, "ok");
	r->status = 200;
	http_write_status(&r->out, &s);
	tw_buf_addc(&r->out, '\n');
	if (x)
		exchange_status_done(&of_exchange);
}

/* ---- accounts ------------------------------------------------------------------------------ */

static void add_number(struct tw_strings *to, const char *number)
{
	for (size_t i = 0; i < to->n; i++) {
		if (!strcmp(to->v[i], number))
			return;
	}
	if (*number)
		tw_strings_add(to, number);
}

/* The numbers an account sends from: its dedicated ones if it has any, else the shared ones
 * (design 4). Configured SIMs and those in the bank now. */
static void find_numbers(const struct http *h, const char *account, struct tw_strings *ret)
{
	const struct settings *s = h->setup.settings;
	struct bank_modem m;
	size_t cursor = 0;

	for (size_t i = 0; i < s->n_sims; i++) {
		if (!strcmp(s->sims[i].account, account))
			add_number(ret, s->sims[i].number);
	}
	while (h->setup.bank && bank_each(h->setup.bank, &cursor, &m)) {
		if (m.number && m.account && !strcmp(m.account, account))
			add_number(ret, m.number);
	}
}

void http_account_numbers(const struct http *h, const char *account, struct tw_strings *ret)
{
	find_numbers(h, account, ret);
	if (!ret->n)
		find_numbers(h, "", ret);
}

void http_get_accounts(struct http_request *r, struct tw_now now)
{
	const struct http_accounts *a = &r->h->accounts;

	(void)now;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "accounts", '[');
	for (size_t i = 0; i < a->n; i++) {
		struct tw_strings numbers = { 0 };

		if (!http_may_see(r, a->v[i].name))
			continue;
		http_account_numbers(r->h, a->v[i].name, &numbers);
		http_put_open(&r->out, NULL, '{');
		http_put_text(&r->out, "name", a->v[i].name);
		http_put_text(&r->out, "sid", a->v[i].sid);
		http_put_text(&r->out, "token_file", r->caller.account ? NULL : a->v[i].token_file);
		http_put_open(&r->out, "numbers", '[');
		for (size_t k = 0; k < numbers.n; k++)
			http_put_text(&r->out, NULL, numbers.v[k]);
		http_put_close(&r->out, ']');
		http_put_close(&r->out, '}');
		tw_strings_done(&numbers);
	}
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

/* ---- versions ------------------------------------------------------------------------------ */

struct versions { struct tw_buf *out; uint8_t id[FLOW_VERSION_SIZE]; bool is_open; };

static void close_version(struct versions *v)
{
	if (!v->is_open)
		return;
	http_put_close(v->out, ']');
	http_put_close(v->out, '}');
}

static void put_standing(void *ctx, const struct exchange_standing *s)
{
	static const char *const stands[] = { [FLOW_ASKING] = "asking", [FLOW_WAITING] = "waiting",
					      [FLOW_AWAY] = "away" };
	struct versions *v = ctx;
	tw_auto(tw_free_charp) char *text = NULL;
	char hex[2 * FLOW_VERSION_SIZE + 1];

	if (!v->is_open || memcmp(v->id, s->version, sizeof(v->id))) {
		close_version(v);
		memcpy(v->id, s->version, sizeof(v->id));
		v->is_open = true;
		tw_hex_write(s->version, FLOW_VERSION_SIZE, hex, false);
		http_put_open(v->out, NULL, '{');
		http_put_text(v->out, "id", hex);
		http_put_text(v->out, "file", s->file);
		http_put_text(v->out, "account", s->account);
		text = tw_strndup(s->text, s->text_n);
		http_put_text(v->out, "text", text);
		http_put_open(v->out, "steps", '[');
	}
	http_put_open(v->out, NULL, '{');
	http_put_int(v->out, "step", s->step);
	http_put_text(v->out, "stands", stands[s->stands]);
	http_put_int(v->out, "conversations", s->conversations);
	http_put_close(v->out, '}');
}

void http_get_versions(struct http_request *r, struct tw_now now)
{
	struct versions v = { .out = &r->out };
	int code;

	(void)now;
	tw_buf_clear(&r->out);
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "versions", '[');
	code = exchange_standing(r->h->setup.exchange, put_standing, &v);
	if (code < 0) {
		http_refuse(r, 500, HTTP_CODE_INTERNAL, "%s", tw_strerror(code));
		return;
	}
	close_version(&v);
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	r->status = 200;
}

/* ---- reload -------------------------------------------------------------------------------- */

void http_write_findings(struct tw_buf *b, const struct tw_findings *f)
{
	http_put_open(b, "findings", '[');
	for (size_t i = 0; i < f->n; i++) {
		const struct tw_finding *it = &f->v[i];

		http_put_open(b, NULL, '{');
		http_put_text(b, "file", it->file);
		http_put_int(b, "line", it->line);
		if (it->offset < 0)
			http_put_null(b, "offset");
		else
			http_put_int(b, "offset", it->offset);
		http_put_text(b, "severity", it->is_error ? "error" : "warning");
		http_put_text(b, "text", it->text);
		http_put_close(b, '}');
	}
	http_put_close(b, ']');
}

void http_post_reload(struct http_request *r, struct tw_now now)
{
	const struct http_setup *s = &r->h->setup;
	const char *move = http_param(r, "move");
	bool moves = move && !strcmp(move, "true");
	struct exchange_moves moved = { 0 };
	struct tw_findings f = { 0 };
	int code;

	(void)now;
	if (move && !moves && strcmp(move, "false")) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "`move` wants true or false");
		return;
	}
	if (!s->reload || r->h->is_closing) {
		http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, "reloading is not possible now");
		return;
	}
	code = s->reload(s->ctx, moves ? &moved : NULL, &f);
	tw_buf_clear(&r->out);
	http_put_open(&r->out, NULL, '{');
	if (code < 0) {
		r->status = 422;
		r->out_type = http_problem_type;
		http_problem_write(&r->out, 422, HTTP_CODE_CONFIG, f.errors ?
				   "the configuration has errors; what was loaded before stays" :
				   tw_strerror(code));
	} else {
		r->status = 200;
	}
	http_put_bool(&r->out, "ok", code >= 0);
	if (code >= 0 && moves) {
		http_put_open(&r->out, "conversations", '{');
		http_put_int(&r->out, "moved", moved.moved);
		http_put_int(&r->out, "ended", moved.ended);
		http_put_int(&r->out, "stay", moved.stay);
		http_put_close(&r->out, '}');
	}
	http_write_findings(&r->out, &f);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	tw_findings_done(&f);
}
