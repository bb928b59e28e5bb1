/* Waiting and calling: the one door to libuv. One thread, one loop. Callbacks only from here, into
 * `bank`, `http`, `hook` and `daemon`; they do little: read bytes, feed a machine, note what
 * happened. What they noted is worked off by the turn.
 *
 * A watch is named by a handle; a handle whose watch has ended finds nothing, so ending it twice is
 * harmless. Nothing is freed inside a callback: what ends dies at the end of the turn. */
#ifndef TWOWAY_LOOP_H
#define TWOWAY_LOOP_H

#include <twoway/base.h>
#include <sys/types.h>

struct loop;
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 };

struct loop *loop_new(void);
void loop_free(struct loop *l);

/* Both clocks, cached for the turn: read once when the loop wakes. */
struct tw_now loop_now(const struct loop *l);

/* Calls cb whenever the descriptor is ready for one of events. The descriptor stays the caller's:
 * end the watch before closing it. Returns a handle. */
typedef void loop_fd_cb(void *ctx, int fd, int events);
struct tw_handle loop_watch_fd(struct loop *l, int fd, int events, loop_fd_cb *cb, void *ctx);
void loop_change_fd(struct loop *l, struct tw_handle h, int events);

typedef void loop_signal_cb(void *ctx, int signo);
struct tw_handle loop_watch_signal(struct loop *l, int signo, loop_signal_cb *cb, void *ctx);

/* Calls cb (path as given) when something in this folder or file changes. -errno. */
typedef void loop_path_cb(void *ctx, const char *path);
int loop_watch_path(struct loop *l, const char *path, loop_path_cb *cb, void *ctx,
		    struct tw_handle *ret);

/* Runs a program without a shell: arguments NULL-ended, its input given whole, its output collected
 * up to cap octets, killed after limit_ms. cb gets the exit status (or -signal) and the output. */
typedef void loop_child_cb(void *ctx, int status, const char *output, size_t n);
int loop_run_child(struct loop *l, const char *const *arguments, const char *input, size_t input_n,
		   size_t cap, int64_t limit_ms, loop_child_cb *cb, void *ctx,
		   struct tw_handle *ret);

/* Looks a host name up away from the loop (it may take seconds). cb gets the first address as text
 * ("192.0.2.7", "2001:db8::1"), or NULL and a code below 0. */
typedef void loop_host_cb(void *ctx, const char *address, int code);
int loop_look_up(struct loop *l, const char *host, loop_host_cb *cb, void *ctx,
		 struct tw_handle *ret);

void loop_end_watch(struct loop *l, struct tw_handle h);

/* The turn: called just before the loop would wait, each time. It does the turn's work, commits,
 * releases what was staged, and returns until when the loop may sleep (MONO_NEVER: until an event;
 * a time that has passed: not at all). */
typedef struct mono_ms loop_turn_cb(void *ctx, struct tw_now now);
void loop_set_turn(struct loop *l, loop_turn_cb *cb, void *ctx);

int loop_run(struct loop *l);	/* until loop_stop */
void loop_stop(struct loop *l);

#endif
