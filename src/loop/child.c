#include "internal.h"

#include <errno.h>
#include <signal.h>

/* A child has four libuv handles: the process, its input, its output, the time limit. It ends when
 * the process has gone and its output is read to the end; the watch is freed when all have
 * closed. */
struct child {
	uv_process_t process;
	uv_pipe_t in, out;
	uv_write_t write;
	char *input;
	struct tw_buf output;
	size_t cap;
	bool has_exited, is_read;
	int status;
};

static void free_input(uv_write_t *write, int status)
{
	struct child *c = ((struct watch *)write->handle->data)->child;

	(void)status;	/* a program that does not read its input is not an error */
	free(c->input);
	c->input = NULL;
	if (!uv_is_closing((uv_handle_t *)&c->in))
		uv_close((uv_handle_t *)&c->in, loop_watch_closed);
}

static void close_once(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, loop_watch_closed);
}

static void close_all(struct watch *w)
{
	struct child *c = w->child;

	close_once((uv_handle_t *)&c->process);
	close_once((uv_handle_t *)&c->in);
	close_once((uv_handle_t *)&c->out);
	close_once((uv_handle_t *)&w->uv.limit);
}

static void finish_if_done(struct watch *w)
{
	struct child *c = w->child;

	if (w->is_ending || !c->has_exited || !c->is_read)
		return;
	w->is_ending = true;
	tw_pool_del(&w->loop->watches, w->handle);
	w->cb.child(w->ctx, c->status, tw_buf_str(&c->output), c->output.n);
	tw_buf_done(&c->output);
	close_all(w);
}

static void on_exit_of(uv_process_t *process, int64_t status, int signo)
{
	struct watch *w = process->data;

	w->child->has_exited = true;
	w->child->status = signo ? -signo : (int)status;
	finish_if_done(w);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	static char room[65536];	/* one thread, and what is read is copied at once */

	(void)handle, (void)suggested;
	*ret = uv_buf_init(room, sizeof(room));
}

static void on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct watch *w = stream->data;
	struct child *c = w->child;

	if (n > 0) {
		size_t left = c->cap - c->output.n;

		tw_buf_add(&c->output, buf->base, (size_t)n < left ? (size_t)n : left);
	} else if (n < 0) {
		c->is_read = true;
		finish_if_done(w);
	}
}

static void on_limit(uv_timer_t *timer)
{
	struct watch *w = timer->data;
	struct child *c = w->child;

	if (!c->has_exited)
		uv_process_kill(&c->process, SIGKILL);
	/* a grandchild may hold the output open for ever */
	c->is_read = true;
	finish_if_done(w);
}

void loop_end_child(struct watch *w)
{
	struct child *c = w->child;

	if (!c->has_exited && uv_is_active((uv_handle_t *)&c->process))
		uv_process_kill(&c->process, SIGKILL);
	tw_buf_done(&c->output);
	close_all(w);
}

int loop_run_child(struct loop *l, const char *const *arguments, const char *input, size_t input_n,
		   size_t cap, int64_t limit_ms, loop_child_cb *cb, void *ctx,
		   struct tw_handle *ret)
{
	struct watch *w = loop_watch_new(l, WATCH_CHILD, ctx);
	struct child *c = w->child = tw_zalloc(sizeof(*c));
	struct tw_handle h = w->handle;
	int r;

	w->cb.child = cb;
	w->open_handles = 4;
	c->cap = cap;
	uv_pipe_init(&l->uv, &c->in, 0);
	uv_pipe_init(&l->uv, &c->out, 0);
	uv_timer_init(&l->uv, &w->uv.limit);
	c->in.data = c->out.data = c->process.data = w->uv.limit.data = w;

	uv_stdio_container_t stdio[] = {
		{ .flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
		  .data.stream = (uv_stream_t *)&c->in },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		  .data.stream = (uv_stream_t *)&c->out },
		{ .flags = UV_INHERIT_FD, .data.fd = 2 },
	};
	uv_process_options_t options = {
		.file = arguments[0], .args = (char **)(uintptr_t)arguments, .exit_cb = on_exit_of,
		.stdio = stdio, .stdio_count = TW_COUNT(stdio),
	};

	r = uv_spawn(&l->uv, &c->process, &options);
	if (r < 0) {
		c->has_exited = true;
		loop_end_watch(l, h);
		return r;
	}
	uv_timer_start(&w->uv.limit, on_limit, (uint64_t)limit_ms, 0);
	uv_read_start((uv_stream_t *)&c->out, give_room, on_output);
	c->input = tw_alloc(input_n + 1);
	if (input_n)
		memcpy(c->input, input, input_n);
	uv_buf_t bytes = uv_buf_init(c->input, (unsigned)input_n);

	c->write.data = w;
	if (uv_write(&c->write, (uv_stream_t *)&c->in, &bytes, 1, free_input) < 0) {
		free(c->input);
		c->input = NULL;
		close_once((uv_handle_t *)&c->in);
	}
	*ret = h;
	return 0;
}
