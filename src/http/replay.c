/* A request that comes a second time, known by its Idempotency-Key, gets the first one's answer and
 * does nothing anew (draft-ietf-httpapi-idempotency-key-header). The row is written in the
 * transaction of what the request did. Messages have a way of their own (exchange/post.c); an
 * answer that holds a secret is kept nowhere. */
#include "read.h"

static bool is_kept(const struct http_request *r)
{
	static void (*const own_way[])(struct http_request *, struct tw_now) = {
		http_post_message, http_post_token
	};

	if (!r->idempotency_key || strcmp(r->method, "POST") || r->route->when != ROUTE_IN_TURN ||
	    twilio_is_path(r->path))
		return false;
	for (size_t i = 0; i < TW_COUNT(own_way); i++)
		if (r->route->handle == own_way[i])
			return false;
	return true;
}

static void add(struct tw_buf *b, const char *text)
{
	tw_buf_addf(b, "%zu:%s", strlen(text), text);
}

/* What was asked, whatever the order of members and the white space between them. */
static void digest_of(const struct http_request *r, uint8_t ret[STORE_DIGEST])
{
	json_t *body = json_loadb(r->body.n ? r->body.p : "", r->body.n, JSON_DECODE_ANY, NULL);
	char *sorted = body ? json_dumps(body, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY) :
		NULL;
	struct tw_buf b = { 0 };
	uint8_t whole[32];

	add(&b, r->path);
	for (size_t i = 0; i < r->n_params; i++) {
		add(&b, r->params[i].name);
		add(&b, r->params[i].value);
	}
	if (sorted)
		add(&b, sorted);
	else
		tw_buf_add(&b, tw_buf_str(&r->body), r->body.n);
	tw_sha256(b.p, b.n, whole);
	memcpy(ret, whole, STORE_DIGEST);
	tw_buf_done(&b);
	free(sorted);
	json_decref(body);
}

static const char *login_of(const struct http_request *r)
{
	return r->caller.account ? r->caller.account : "";
}

/* The answer, or the job that gives it. */
static void answer(struct http_request *r, struct store_replay *v, struct tw_now now)
{
	r->extra_name = "Idempotent-Replayed";
	free(r->extra_value);
	r->extra_value = tw_strdup("true");
	if (v->job) {
		r->job = v->job;
		r->job_until = mono_after(now.mono, HTTP_JOB_MS);
		return;
	}
	r->status = v->status;
	tw_buf_add(&r->out, v->answer, v->answer_n);
}

bool http_replay(struct http_request *r, struct tw_now now)
{
	uint8_t digest[STORE_DIGEST];
	struct store_replay v;
	int code;

	if (!is_kept(r))
		return false;
	code = store_replay(r->h->setup.store, login_of(r), r->idempotency_key, now.wall, &v);
	if (code == TW_E_UNKNOWN)
		return false;
	if (code < 0) {
		http_refuse_store(r, code);
		return true;
	}
	digest_of(r, digest);
	if (memcmp(digest, v.digest, sizeof(digest)))
		http_refuse(r, 422, HTTP_CODE_KEY_USED,
			    "Idempotency-Key: was used for another request");
	else
		answer(r, &v, now);
	store_replay_done(&v);
	return true;
}

void http_remember(struct http_request *r, struct tw_now now)
{
	struct store *s = r->h->setup.store;
	struct store_replay v = { .status = r->status, .job = r->job };
	int code, ended;

	if (!is_kept(r) || r->is_unfinished || store_is_void(s) ||
	    (!r->job && (r->status < 200 || r->status > 299)))
		return;
	digest_of(r, v.digest);
	if (!r->job) {
		v.answer = (char *)(uintptr_t)tw_buf_str(&r->out);
		v.answer_n = r->out.n;
	}
	store_event_begin(s);
	code = store_replay_put(s, login_of(r), r->idempotency_key, &v, now.wall);
	ended = store_event_end(s, code == 0);
	if (code < 0 || ended < 0)
		http_refuse_store(r, code < 0 ? code : ended);
}
