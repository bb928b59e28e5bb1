#include "internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

/* libuv 1.44 aborts when a descriptor was closed under its uv_poll_t, so a watch is stopped at once
 * when its owner ends it; its memory goes when libuv says that the handle is closed. */

struct watch *loop_watch_new(struct loop *l, enum watch_kind kind, void *ctx)
{
	struct watch *w = tw_zalloc(sizeof(*w));

	w->loop = l;
	w->kind = kind;
	w->ctx = ctx;
	w->handle = tw_pool_add(&l->watches, w);
	w->open_handles = 1;
	return w;
}

void loop_watch_closed(uv_handle_t *handle)
{
	struct watch *w = handle->data;

	if (--w->open_handles > 0)
		return;
	free(w->child);
	free(w->name);
	free(w);
}

static void never(const char *what, int code)
{
	if (code == 0)
		return;
	fprintf(stderr, "loop: %s: %s\n", what, uv_strerror(code));
	abort();
}

/* ---- the turn ------------------------------------------------------------------------------ */

static void read_clocks(struct loop *l)
{
	l->now = tw_now_system();
}

static void on_check(uv_check_t *check)
{
	read_clocks(check->data);
}

static void on_timer(uv_timer_t *timer)
{
	(void)timer;	/* waking up was all that was asked for */
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct loop *l = prepare->data;
	struct mono_ms until = MONO_NEVER;

	if (l->turn)
		until = l->turn(l->turn_ctx, l->now);
	if (l->is_stopping) {
		uv_stop(&l->uv);
		/* the wait that follows must not be long */
		never("timer", uv_timer_start(&l->timer, on_timer, 0, 0));
		return;
	}
	if (until.ms == INT64_MAX) {
		uv_timer_stop(&l->timer);
		return;
	}
	struct tw_now now = tw_now_system();
	int64_t wait = until.ms - now.mono.ms;

	/* uv_timer_start counts from the loop's cached time; the turn itself took some. */
	uv_update_time(&l->uv);
	never("timer", uv_timer_start(&l->timer, on_timer, wait > 0 ? (uint64_t)wait : 0, 0));
}

/* ---- life ---------------------------------------------------------------------------------- */

struct loop *loop_new(void)
{
	struct loop *l = tw_zalloc(sizeof(*l));

	/* a peer that has gone is an error of the write, not of us */
	signal(SIGPIPE, SIG_IGN);
	never("init", uv_loop_init(&l->uv));
	never("prepare", uv_prepare_init(&l->uv, &l->prepare));
	never("check", uv_check_init(&l->uv, &l->check));
	never("timer", uv_timer_init(&l->uv, &l->timer));
	l->prepare.data = l->check.data = l->timer.data = l;
	never("prepare", uv_prepare_start(&l->prepare, on_prepare));
	never("check", uv_check_start(&l->check, on_check));
	read_clocks(l);
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	for (uint32_t slot = 0; slot < l->watches.n; slot++) {
		struct tw_handle h;

		if (tw_pool_at(&l->watches, slot, &h))
			loop_end_watch(l, h);
	}
	uv_close((uv_handle_t *)&l->prepare, NULL);
	uv_close((uv_handle_t *)&l->check, NULL);
	uv_close((uv_handle_t *)&l->timer, NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);	/* lets the closing handles finish */
	never("close", uv_loop_close(&l->uv));
	tw_pool_done(&l->watches);
	free(l);
}

struct tw_now loop_now(const struct loop *l)
{
	return l->now;
}

void loop_set_turn(struct loop *l, loop_turn_cb *cb, void *ctx)
{
	l->turn = cb;
	l->turn_ctx = ctx;
}

int loop_run(struct loop *l)
{
	l->is_stopping = false;
	read_clocks(l);
	return uv_run(&l->uv, UV_RUN_DEFAULT) < 0 ? -EIO : 0;
}

void loop_stop(struct loop *l)
{
	l->is_stopping = true;
}

/* ---- descriptors --------------------------------------------------------------------------- */

static int to_uv(int events)
{
	return (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0) |
	       (events & LOOP_HANGUP ? UV_DISCONNECT : 0);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	int ours = (events & UV_READABLE ? LOOP_READ : 0) |
		   (events & UV_WRITABLE ? LOOP_WRITE : 0) |
		   (events & UV_DISCONNECT ? LOOP_HANGUP : 0);

	if (status < 0)
		ours |= LOOP_HANGUP | LOOP_READ;	/* a read will tell what is wrong */
	if (!w->is_ending)
		w->cb.fd(w->ctx, w->fd, ours);
}

struct tw_handle loop_watch_fd(struct loop *l, int fd, int events, loop_fd_cb *cb, void *ctx)
{
	struct watch *w = loop_watch_new(l, WATCH_FD, ctx);

	w->fd = fd;
	w->cb.fd = cb;
	never("poll", uv_poll_init(&l->uv, &w->uv.poll, fd));
	w->uv.poll.data = w;
	never("poll", uv_poll_start(&w->uv.poll, to_uv(events), on_poll));
	return w->handle;
}

void loop_change_fd(struct loop *l, struct tw_handle h, int events)
{
	struct watch *w = tw_pool_get(&l->watches, h);

	if (w && w->kind == WATCH_FD)
		never("poll", uv_poll_start(&w->uv.poll, to_uv(events), on_poll));
}

/* ---- signals and paths --------------------------------------------------------------------- */

static void on_signal(uv_signal_t *signal, int signo)
{
	struct watch *w = signal->data;

	if (!w->is_ending)
		w->cb.signal(w->ctx, signo);
}

struct tw_handle loop_watch_signal(struct loop *l, int signo, loop_signal_cb *cb, void *ctx)
{
	struct watch *w = loop_watch_new(l, WATCH_SIGNAL, ctx);

	w->cb.signal = cb;
	never("signal", uv_signal_init(&l->uv, &w->uv.signal));
	w->uv.signal.data = w;
	never("signal", uv_signal_start(&w->uv.signal, on_signal, signo));
	return w->handle;
}

static void on_path(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct watch *w = event->data;

	(void)name, (void)events, (void)status;
	if (!w->is_ending)
		w->cb.path(w->ctx, w->name);
}

int loop_watch_path(struct loop *l, const char *path, loop_path_cb *cb, void *ctx,
		    struct tw_handle *ret)
{
	struct watch *w = loop_watch_new(l, WATCH_PATH, ctx);
	struct tw_handle h = w->handle;
	int r;

	w->cb.path = cb;
	w->name = tw_strdup(path);
	never("path", uv_fs_event_init(&l->uv, &w->uv.path));
	w->uv.path.data = w;
	r = uv_fs_event_start(&w->uv.path, on_path, path, 0);
	if (r < 0) {
		loop_end_watch(l, h);
		return r;	/* libuv's codes are -errno here */
	}
	*ret = h;
	return 0;
}

static void on_host(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct watch *w = request->data;
	char address[INET6_ADDRSTRLEN] = "";

	if (!w->is_ending) {
		tw_pool_del(&w->loop->watches, w->handle);
		if (status == 0 && found->ai_family == AF_INET)
			uv_ip4_name((struct sockaddr_in *)found->ai_addr, address, sizeof(address));
		else if (status == 0 && found->ai_family == AF_INET6)
			uv_ip6_name((struct sockaddr_in6 *)found->ai_addr, address,
				    sizeof(address));
		w->cb.host(w->ctx, address[0] ? address : NULL, status);
	}
	uv_freeaddrinfo(found);
	free(w);
}

int loop_look_up(struct loop *l, const char *host, loop_host_cb *cb, void *ctx,
		 struct tw_handle *ret)
{
	struct watch *w = loop_watch_new(l, WATCH_HOST, ctx);
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	int r;

	w->cb.host = cb;
	w->uv.host.data = w;
	r = uv_getaddrinfo(&l->uv, &w->uv.host, on_host, host, NULL, &hints);
	if (r < 0) {
		tw_pool_del(&l->watches, w->handle);
		free(w);
		return r;
	}
	*ret = w->handle;
	return 0;
}

void loop_end_watch(struct loop *l, struct tw_handle h)
{
	struct watch *w = tw_pool_del(&l->watches, h);

	if (!w)
		return;
	w->is_ending = true;
	switch (w->kind) {
	case WATCH_FD:
		uv_poll_stop(&w->uv.poll);
		break;
	case WATCH_SIGNAL:
		uv_signal_stop(&w->uv.signal);
		break;
	case WATCH_PATH:
		uv_fs_event_stop(&w->uv.path);
		break;
	case WATCH_CHILD:
		loop_end_child(w);
		return;
	case WATCH_HOST:
		uv_cancel((uv_req_t *)&w->uv.host);	/* on_host still comes, and frees */
		return;
	}
	uv_close(&w->uv.any, loop_watch_closed);
}
