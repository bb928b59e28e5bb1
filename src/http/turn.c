/* The turn rule (design 3): handlers run inside the exchange's turn, before its commit; what they
 * answer is staged with the store and let out only once the commit is on disk. */
#include "internal.h"

void http_list_add(struct http_list *l, struct tw_handle h)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->v = tw_realloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = h;
}

/* A handler may add to the list that is being worked off. */
static struct http_list take_list(struct http_list *l)
{
	struct http_list taken = *l;

	*l = (struct http_list){ 0 };
	return taken;
}

void http_wake(struct http *h, struct http_request *r)
{
	if (r->state != REQUEST_STREAM)
		r->state = REQUEST_READY;
	if (r->is_suspended)
		http_list_add(&h->ready, r->self);
}

static void refuse_uncommitted(struct http_request *r)
{
	if (r->upload && http_upload_rows(r->upload)) {
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED,
			    "could not be written to the database (is the "
			    "disk full?); rows before are in: send the whole file again later");
		return;
	}
	http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED,
		    "could not be written to the database (is the disk full?); nothing was "
		    "changed: try again later");
	r->extra_name = NULL;
}

static void on_committed(void *ctx, bool ok, uint64_t slot, uint64_t generation)
{
	struct http *h = ctx;
	struct tw_handle handle = { (uint32_t)slot, (uint32_t)generation };
	struct http_request *r = tw_pool_get(&h->requests, handle);

	if (!r)
		return;
	if (!ok)
		refuse_uncommitted(r);
	if (ok && r->is_unfinished) {		/* a slice of an upload: the next one */
		r->is_unfinished = false;
		r->state = REQUEST_WAITING;
		http_list_add(&h->waiting, r->self);
		return;
	}
	http_wake(h, r);
}

/* What was read while the turn had written something is no more certain than what was written: it
 * waits for the commit too. */
static void stage(struct http *h, struct http_request *r)
{
	if (!store_is_dirty(h->setup.store) && !store_is_void(h->setup.store)) {
		http_wake(h, r);
		return;
	}
	r->state = REQUEST_STAGED;
	store_on_commit(h->setup.store, on_committed, h, r->self.slot, r->self.generation);
}

/* The row of the job that it asked for was not written: what its number finds is another's. */
static void on_job_committed(void *ctx, bool ok, uint64_t slot, uint64_t generation)
{
	struct http *h = ctx;
	struct http_request *r = tw_pool_get(&h->requests, (struct tw_handle){
						(uint32_t)slot, (uint32_t)generation });

	if (ok || !r || r->state != REQUEST_PENDING)
		return;
	refuse_uncommitted(r);
	http_wake(h, r);
}

/* Answers that are written as they are taken: a slice each, while the turn's own work has its 5
 * ms. */
static void step_exports(struct http *h, struct tw_now now)
{
	struct http_list list;

	/* Who texts meanwhile is answered first; but a slice in that time there is, however many
	 * do. */
	if (exchange_is_answering(h->setup.exchange, now) &&
	    !mono_due(mono_after(h->exported_at, HTTP_EXPORT_MS), now.mono)) {
		h->export_at = mono_after(now.mono, HTTP_ASIDE_MS);
		return;
	}
	h->exported_at = h->export_at = now.mono;
	list = take_list(&h->exports);
	for (size_t i = 0; i < list.n; i++) {
		struct http_request *r = tw_pool_get(&h->requests, list.v[i]);

		if (!r || !r->export || r->export->is_over)
			continue;
		http_list_add(&h->exports, list.v[i]);
		if (store_is_void(h->setup.store) || !http_export_wants(r))
			continue;
		http_export_step(r);
		http_wake(h, r);
	}
	free(list.v);
}

/* Jobs that requests wait for: those that are over are answered. */
static void look_at_jobs(struct http *h, struct tw_now now)
{
	struct http_list list = take_list(&h->pending);

	for (size_t i = 0; i < list.n; i++) {
		struct http_request *r = tw_pool_get(&h->requests, list.v[i]);

		if (!r || r->state != REQUEST_PENDING)
			continue;
		if (!store_is_void(h->setup.store) && http_job_look(r, now))
			stage(h, r);
		else
			http_list_add(&h->pending, list.v[i]);
	}
	free(list.v);
}

static void wait_for_job(struct http *h, struct http_request *r)
{
	r->state = REQUEST_PENDING;
	http_list_add(&h->pending, r->self);
	if (store_is_dirty(h->setup.store))
		store_on_commit(h->setup.store, on_job_committed, h, r->self.slot,
				r->self.generation);
}

void http_on_turn(void *ctx, struct tw_now now)
{
	struct http *h = ctx;
	struct http_list list = take_list(&h->waiting);

	look_at_jobs(h, now);
	if (h->exports.n)
		step_exports(h, now);
	for (size_t i = 0; i < list.n; i++) {
		struct http_request *r = tw_pool_get(&h->requests, list.v[i]);

		if (!r || r->state != REQUEST_WAITING)
			continue;
		if (store_is_void(h->setup.store)) {
			refuse_uncommitted(r);
			http_wake(h, r);
			continue;
		}
		if (!http_replay(r, now)) {
			r->route->handle(r, now);
			http_remember(r, now);
		}
		if (r->export)
			http_list_add(&h->exports, r->self);
		/* Of an upload each slice is on disk before the next is begun. */
		if (r->is_unfinished && !(r->upload && store_is_dirty(h->setup.store))) {
			r->is_unfinished = false;
			http_list_add(&h->waiting, r->self);
		} else if (r->job && !http_job_look(r, now))
			wait_for_job(h, r);
		else
			stage(h, r);
	}
	free(list.v);
}

/* Reload: it replaces what the turn stands on. A backup: it copies what is committed, a slice a
 * turn. */
void http_after_turn(struct http *h, struct tw_now now)
{
	struct http_list list = take_list(&h->after);

	for (size_t i = 0; i < list.n; i++) {
		struct http_request *r = tw_pool_get(&h->requests, list.v[i]);

		if (!r || r->state != REQUEST_WAITING)
			continue;
		r->route->handle(r, now);
		if (r->backup)
			http_list_add(&h->after, r->self);
		else
			http_wake(h, r);
	}
	free(list.v);
}
