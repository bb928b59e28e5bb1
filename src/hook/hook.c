/* When something leaves, and what becomes of its row. A few hundred run at once at most, so that
 * what runs is a plain list. */
#include "internal.h"

#include <strings.h>

#define NEVER ((struct wall_ms){ INT64_MAX })

static void answer_done(struct hook_answer *a)
{
	free((char *)(uintptr_t)a->type);
	free((char *)(uintptr_t)a->body);
	free((char *)(uintptr_t)a->url);
	free((char *)(uintptr_t)a->error);
	*a = (struct hook_answer){ 0 };
}

static void remove_at(struct hook *h, size_t i)
{
	struct running *run = h->v[i];

	if (run->is_started && !run->has_answer)
		h->transport->cancel(h->transport->ctx, run->token);
	if (h->telling == run)
		h->telling = NULL;
	if (i < h->n_answered)
		h->n_answered--;
	memmove(h->v + i, h->v + i + 1, (--h->n - i) * sizeof(*h->v));
	wire_done(&run->wire);
	answer_done(&run->answer);
	free(run->type);
	free(run);
	h->next_at.ms = 0;	/* there is room for another one */
}

static struct running *find(const struct hook *h, uint64_t token, int64_t row, size_t *ret_i)
{
	for (size_t i = 0; i < h->n; i++)
		if ((token && h->v[i]->token == token) || (row && h->v[i]->row == row)) {
			*ret_i = i;
			return h->v[i];
		}
	return NULL;
}

/* Before the first alert, so that whoever is to verify it can read it. */
static void make_secret(struct hook *h)
{
	if (h->settings->alert.webhook && h->settings->alert.webhook[0])
		secret_of_house(&h->secrets, h->settings);
}

int hook_new(const struct hook_setup *setup, struct hook **ret)
{
	struct hook *h = tw_zalloc(sizeof(*h));
	int r;

	h->store = setup->store;
	h->settings = setup->settings;
	h->transport = setup->transport;
	if (setup->seed)
		tw_random_seed(&h->random, setup->seed);
	else
		tw_random_system(&h->random);
	r = store_hook_last(h->store, &h->last_id);
	if (r < 0) {
		hook_free(h);
		return r;
	}
	make_secret(h);
	*ret = h;
	return 0;
}

void hook_free(struct hook *h)
{
	if (!h)
		return;
	while (h->n)
		remove_at(h, h->n - 1);
	secrets_done(&h->secrets);
	free(h->v);
	free(h);
}

void hook_reload(struct hook *h, const struct settings *s)
{
	h->settings = s;
	secrets_done(&h->secrets);
	make_secret(h);
}

const struct hook_counters *hook_counters(const struct hook *h)
{
	return &h->counters;
}

/* ---- orders -------------------------------------------------------------------------------- */

static int place_of(const struct hook_order *o, char out[STORE_HOOK_PLACE_MAX])
{
	if (policy_is_http(o->kind))
		return url_place(o->url, out);
	tw_strset(out, STORE_HOOK_PLACE_MAX, o->kind == HOOK_MAIL ? "mail" : "program");
	if (o->kind == HOOK_MAIL)
		return mail_address_is_usable(o->url) ? 0 : TW_E_SYNTAX;
	return o->url[0] && o->url[0] != '.' && !strchr(o->url, '/') ? 0 : TW_E_SYNTAX;
}

int64_t hook_reserve(struct hook *h)
{
	return ++h->last_id;
}

int hook_add(struct hook *h, const struct hook_order *o, struct tw_now now, int64_t *ret_id)
{
	char place[STORE_HOOK_PLACE_MAX];
	struct wall_ms due = o->due_at.ms ? o->due_at : now.wall;
	struct store_hook row = {
		.id = o->id ? o->id : hook_reserve(h), .kind = o->kind, .purpose = o->purpose,
		.account = o->account, .contact = o->contact, .ref = o->ref,
		.is_trusted = o->is_trusted, .is_once = o->is_once, .limit_ms = o->limit_ms,
		.created_at = now.wall, .due_at = due, .place = place,
		.chain = (char *)(uintptr_t)o->chain, .url = (char *)(uintptr_t)o->url,
		.head = (char *)(uintptr_t)o->head, .body = (char *)(uintptr_t)o->body,
		.body_n = o->body_n };
	int r = place_of(o, place);

	if (r < 0)
		return r;
	row.until = policy_until(&row, due);
	r = store_hook_insert(h->store, &row);
	if (r < 0)
		return r;
	if (due.ms < h->next_at.ms)
		h->next_at = due;
	if (ret_id)
		*ret_id = row.id;
	return 0;
}

static int end_row(struct hook *h, const struct store_hook *row, struct tw_now now)
{
	int r = store_hook_delete(h->store, row->id);

	if (r == 0 && row->chain)
		r = store_hook_release(h->store, row->chain, now.wall);
	h->next_at.ms = 0;
	return r;
}

int hook_drop(struct hook *h, int64_t id, struct tw_now now)
{
	struct store_hook row;
	size_t i;
	int r = store_hook_get(h->store, id, &row);

	if (r < 0)
		return r;
	r = end_row(h, &row, now);
	store_hook_done(&row);
	if (r == 0 && find(h, 0, id, &i))
		remove_at(h, i);
	return r;
}

int hook_replay(struct hook *h, int64_t id, struct tw_now now)
{
	struct store_hook row;
	int r = store_hook_get(h->store, id, &row);

	if (r < 0)
		return r;
	if (row.state != STORE_HOOK_DEAD) {
		store_hook_done(&row);
		return TW_E_STATE;
	}
	row.state = STORE_HOOK_DUE;
	row.tries = 0;
	row.due_at = now.wall;
	row.until = policy_until(&row, now.wall);
	h->next_at.ms = 0;
	r = store_hook_save(h->store, &row);
	store_hook_done(&row);
	return r;
}

/* ---- starting ------------------------------------------------------------------------------ */

static void on_committed(void *ctx, bool ok, uint64_t token, uint64_t unused)
{
	struct hook *h = ctx;
	size_t i;
	struct running *run = find(h, token, 0, &i);

	(void)unused;
	if (!run)
		return;
	if (!ok) {
		remove_at(h, i);
		return;
	}
	run->is_started = true;
	h->transport->start(h->transport->ctx, &run->wire.call);
}

static void add_running(struct hook *h, struct running *run)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 16;
		h->v = tw_realloc(h->v, h->cap * sizeof(*h->v));
	}
	h->v[h->n++] = run;
}

/* What it was doing when the process died nobody knows. */
static void give_up_lost(struct hook *h, struct running *run)
{
	run->is_started = true;
	hook_answer(h, run->token, &(struct hook_answer){
		.failure = HOOK_NO_ANSWER, .error = "twoway was stopped while it ran" });
	run->end = HOOK_LOST;
}

static int prepare(struct hook *h, int64_t id, struct tw_now now)
{
	struct store_hook row;
	int r = store_hook_get(h->store, id, &row);

	if (r < 0)
		return r;
	bool is_lost = row.is_once && row.tries;

	if (row.is_once && !is_lost) {
		row.tries++;
		r = store_hook_save(h->store, &row);
	}
	if (r < 0) {
		store_hook_done(&row);
		return r;
	}
	struct running *run = tw_zalloc(sizeof(*run));

	run->row = id;
	run->token = ++h->last_token;
	wire_make(h, &run->wire, &row, now);
	run->wire.call.token = run->token;
	add_running(h, run);
	if (is_lost)
		give_up_lost(h, run);
	else
		store_on_commit(h->store, on_committed, h, run->token, 0);
	return 0;
}

static int running_at(const struct hook *h, const char *place)
{
	int n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += strcmp(h->v[i]->wire.row.place, place) == 0;
	return n;
}

static int start_place(struct hook *h, const char *place, struct tw_now now)
{
	int room = policy_limit(place) - running_at(h, place);
	struct wall_ms due = { INT64_MIN };
	int64_t id = 0;
	size_t i;
	int r = 0;

	while (room > 0 && h->n < HOOK_RUNNING_MAX && r == 0) {
		r = store_hook_due(h->store, place, &due, &id);
		if (r < 0)
			break;
		if (due.ms > now.wall.ms) {
			if (due.ms < h->next_at.ms)
				h->next_at = due;
			return 0;
		}
		if (find(h, 0, id, &i))
			continue;
		room--;
		r = prepare(h, id, now);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int hook_start_due(struct hook *h, struct tw_now now)
{
	char place[STORE_HOOK_PLACE_MAX] = "";
	struct wall_ms due;
	int r = 0;

	h->transport->work(h->transport->ctx, now);
	if (h->next_at.ms > now.wall.ms)
		return 0;
	h->next_at = NEVER;
	while (r == 0 && (r = store_hook_place(h->store, place, &due)) == 0) {
		if (due.ms > now.wall.ms) {
			if (due.ms < h->next_at.ms)
				h->next_at = due;
			continue;
		}
		r = start_place(h, place, now);
	}
	if (r < 0 && r != TW_E_UNKNOWN)
		h->next_at.ms = 0;
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* ---- what comes back ----------------------------------------------------------------------- */

static char *type_of(const char *header)
{
	struct tw_buf b = { 0 };

	for (; header && *header && *header != ';' && *header != ' ' && *header != '\t'; header++)
		tw_buf_addc(&b, *header >= 'A' && *header <= 'Z' ? (char)(*header + 32) : *header);
	return b.n ? tw_buf_take(&b) : tw_strdup("");
}

static enum hook_end end_of(const struct running *run)
{
	const struct hook_answer *a = &run->answer;

	if (a->failure != HOOK_NO_FAILURE)
		return HOOK_BROKEN;
	if (run->wire.call.kind == HOOK_PROGRAM)
		return a->status == 0 ? HOOK_ANSWERED : HOOK_REFUSED;
	return a->status / 100 == 2 ? HOOK_ANSWERED : HOOK_REFUSED;
}

void hook_answer(struct hook *h, uint64_t token, const struct hook_answer *a)
{
	size_t i;
	struct running *run = find(h, token, 0, &i);

	if (!run || run->has_answer)
		return;
	run->has_answer = true;
	run->answer = *a;
	run->answer.type = tw_strdup(a->type);
	run->answer.body = a->body_n ? tw_strndup(a->body, a->body_n) : NULL;
	run->answer.body_n = a->body_n;
	run->answer.url = tw_strdup(a->url);
	run->answer.error = tw_strdup(a->error);
	run->answer.retry_ms = a->retry_ms;
	run->type = type_of(a->type);
	run->end = end_of(run);
	h->counters.tries[run->wire.call.kind]++;
	h->counters.failures[run->wire.call.kind] += run->end != HOOK_ANSWERED;
	memmove(h->v + h->n_answered + 1, h->v + h->n_answered, (i - h->n_answered) *
		sizeof(*h->v));
	h->v[h->n_answered++] = run;
}

bool hook_next(struct hook *h, struct hook_result *ret)
{
	struct running *run = NULL;

	for (size_t i = 0; i < h->n_answered && !run; i++)
		if (!h->v[i]->is_told)
			run = h->v[i];
	if (!run)
		return false;
	const struct store_hook *row = &run->wire.row;
	const struct hook_answer *a = &run->answer;

	run->is_told = true;
	h->telling = run;
	*ret = (struct hook_result){
		.id = run->row, .ref = row->ref, .account = row->account, .contact = row->contact,
		.kind = (enum hook_kind)row->kind, .purpose = row->purpose, .tries = row->tries + 1,
		.end = run->end, .status = a->status, .code = policy_code(run), .type = run->type,
		.body = a->body ? a->body : "", .body_n = a->body_n, .url = a->url
		? a->url : row->url,
		.asked = row->url, .head = row->head, .place = row->place,
		.is_trusted = row->is_trusted,
		.request = row->body ? row->body : "", .request_n = row->body_n,
		.error = run->end == HOOK_ANSWERED ? "" : a->error ? a->error : "refused",
		.failure = a->failure };
	return true;
}

static void on_settled(void *ctx, bool ok, uint64_t token, uint64_t unused)
{
	struct hook *h = ctx;
	size_t i;
	struct running *run = find(h, token, 0, &i);

	(void)unused;
	if (run && ok)
		remove_at(h, i);
	else if (run)
		run->is_told = false;
}

/* 1 it is over, 0 not. */
static int settle_row(struct hook *h, const struct running *run, const struct hook_result *r,
		      struct store_hook *row, struct tw_now now)
{
	int64_t pause = -1;
	int code;

	row->tries += !row->is_once;
	if (r->end != HOOK_ANSWERED && !run->is_doomed)
		pause = policy_pause(row, run, now.wall, &h->random);
	if (r->end == HOOK_ANSWERED || run->is_doomed ||
	    (pause < 0 && !policy_keeps_dead((enum hook_kind)row->kind))) {
		code = end_row(h, row, now);
		return code < 0 ? code : !run->is_doomed;
	}
	free(row->error);
	row->error = tw_strdup(r->error);
	row->state = pause < 0 ? STORE_HOOK_DEAD : STORE_HOOK_DUE;
	row->due_at = wall_after(now.wall, pause < 0 ? 0 : pause);
	h->next_at.ms = 0;
	code = store_hook_save(h->store, row);
	if (code == 0 && row->state == STORE_HOOK_DEAD && row->chain)
		code = store_hook_release(h->store, row->chain, now.wall);
	if (code == 0 && row->state == STORE_HOOK_DEAD)
		code = store_hook_prune(h->store, now.wall);
	return code;
}

int hook_settle(struct hook *h, const struct hook_result *r, struct tw_now now)
{
	struct running *run = h->telling;
	struct store_hook row;
	int code = store_hook_get(h->store, r->id, &row);

	if (code == 0) {
		code = settle_row(h, run, r, &row, now);
		store_hook_done(&row);
	} else if (code == TW_E_UNKNOWN) {
		code = 0;	/* erased with its contact meanwhile */
	}
	if (code >= 0)
		store_on_commit(h->store, on_settled, h, run->token, 0);
	return code;
}

void hook_told(struct hook *h, bool is_kept)
{
	struct running *run = h->telling;

	h->telling = NULL;
	if (is_kept || !run)
		return;
	run->is_told = false;
	if (store_is_void(h->store))
		return;		/* not its own fault */
	run->is_doomed = run->was_undone;
	run->was_undone = true;
}

void hook_forget(struct hook *h)
{
	for (size_t i = h->n; i-- > 0; )
		if (!h->v[i]->is_started)
			remove_at(h, i);
	h->next_at.ms = 0;
}

struct mono_ms hook_deadline(const struct hook *h, struct tw_now now)
{
	struct mono_ms next = h->transport->deadline(h->transport->ctx);

	for (size_t i = 0; i < h->n_answered; i++)
		if (!h->v[i]->is_told)
			return now.mono;
	if (h->next_at.ms == INT64_MAX || h->n >= HOOK_RUNNING_MAX)
		return next;
	return mono_min(next, mono_after(now.mono, h->next_at.ms > now.wall.ms ?
						   h->next_at.ms - now.wall.ms : 0));
}
