/* What loop.c and child.c share. */
#ifndef TWOWAY_LOOP_INTERNAL_H
#define TWOWAY_LOOP_INTERNAL_H

#include <uv.h>
#include <twoway/loop.h>

enum watch_kind { WATCH_FD, WATCH_SIGNAL, WATCH_PATH, WATCH_CHILD, WATCH_HOST };

struct watch {
	struct loop *loop;
	struct tw_handle handle;
	enum watch_kind kind;
	bool is_ending;
	unsigned open_handles;	/* libuv handles that have not been closed yet */
	void *ctx;
	int fd;
	union {
		uv_handle_t any;
		uv_poll_t poll;
		uv_signal_t signal;
		uv_fs_event_t path;
		uv_timer_t limit;	/* of a child */
		uv_getaddrinfo_t host;	/* a request, not a handle */
	} uv;
	union {
		loop_fd_cb *fd;
		loop_signal_cb *signal;
		loop_path_cb *path;
		loop_child_cb *child;
		loop_host_cb *host;
	} cb;
	struct child *child;
	char *name;
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t prepare;
	uv_timer_t timer;	/* the next deadline that the turn asked for */
	uv_check_t check;	/* reads the clocks when the wait is over */
	struct tw_pool watches;
	struct tw_now now;
	loop_turn_cb *turn;
	void *turn_ctx;
	bool is_stopping;
};

struct watch *loop_watch_new(struct loop *l, enum watch_kind kind, void *ctx);
/* For uv_close: the watch is freed when the last of its handles has closed. */
void loop_watch_closed(uv_handle_t *handle);
/* The child's part of ending a watch: kills what still runs, closes its handles. */
void loop_end_child(struct watch *w);

#endif
