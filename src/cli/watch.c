/* twoway watch: what happens, as it happens. */
#include "rows.h"
#include "stream.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <poll.h>
#include <unistd.h>

enum { AGAIN_MS = 2000 };

struct watch_options { const char *account, *kind, *after; };

static const struct cli_option options[] = {
	{ "account", "NAME", offsetof(struct watch_options, account),
	  "only this account's messages" },
};

/* One connection, or several behind each other. */
struct watch {
	struct cli *c;
	const struct watch_options *o;
	struct stream stream;
	char last[STREAM_ID_MAX];	/* the event that was told last; "" none yet */
};

static void on_event(void *ctx, const char *data, size_t n)
{
	struct watch *w = ctx;
	json_t *e = json_loadb(data, n, 0, NULL);
	struct tw_buf b = { 0 };

	if (!e)
		return;
	tw_strset(w->last, sizeof(w->last), w->stream.id);
	if (w->c->json) {
		json_object_set_new(e, "event_id", json_string(w->last));
		cli_print_json(e);
		fflush(stdout);
	} else {
		stream_describe(e, w->c->colour, tw_now_system().wall, &b);
		cli_write(&b);
	}
	tw_buf_done(&b);
	json_decref(e);
}

static void on_bytes(void *ctx, const char *p, size_t n)
{
	stream_feed(ctx, p, n);
}

/* Ctrl-C and an end from outside as a descriptor, so that nothing is cut in the middle of a
 * line. */
static int open_stop(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool is_stopped(int stop_fd, int ms)
{
	struct pollfd p = { .fd = stop_fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

/* One connection. CLI_ABSENT: it ended by itself. */
static int watch_once(struct watch *w, struct client *k, int stop_fd)
{
	struct client_call refusal = { 0 };
	struct tw_buf path = { 0 };
	int r;

	w->stream = (struct stream){ .take = on_event, .ctx = w };
	tw_buf_adds(&path, "/api/v1/events");
	rows_query(&path, "account", w->o->account);
	rows_query(&path, "kind", w->o->kind);
	rows_query(&path, "after", *w->last ? w->last : w->o->after);
	r = client_stream(k, tw_buf_str(&path), stop_fd, on_bytes, &w->stream, &refusal);
	if (r && refusal.status && refusal.status != 200)
		r = cli_refused(&refusal);
	/* Also where nothing has happened yet there is a place to go on from. */
	if (*w->stream.id)
		tw_strset(w->last, sizeof(w->last), w->stream.id);
	client_call_done(&refusal);
	tw_buf_done(&path);
	stream_done(&w->stream);
	return r;
}

/* A person at a terminal waits for a daemon that is started again, and goes on where it was. */
static int watch_on(struct watch *w, struct client *k, int stop_fd)
{
	int r = watch_once(w, k, stop_fd);

	while (r == CLI_ABSENT && isatty(STDERR_FILENO)) {
		fprintf(stderr, "the daemon has gone; waiting for it\n");
		do {
			if (is_stopped(stop_fd, AGAIN_MS))
				return CLI_OK;
		} while (client_answers(k) != 0);
		r = watch_once(w, k, stop_fd);
	}
	return r == CLI_ABSENT ? cli_fail(r, "the daemon on %s has gone", client_socket(k)) : r;
}

static int run(struct cli *c, const void *p)
{
	struct watch w = { .c = c, .o = p };
	struct client *k = NULL;
	int stop_fd, r = client_open(c, &k);

	if (r)
		return r;
	stop_fd = open_stop();
	if (!c->json)
		fprintf(stderr, "watching %s; Ctrl-C ends\n", client_socket(k));
	r = watch_on(&w, k, stop_fd);
	if (stop_fd >= 0)
		close(stop_fd);
	client_close(k);
	return r;
}

const struct cli_verb cli_verb_watch = {
	.name = "watch",
	.arguments = "",
	.summary = "Show what happens, as it happens",
	.about = "A line for each change of a message or a modem. --json: the events as the daemon "
		 "tells them,\nand event_id, behind which --after goes on.\n\n"
		 "  twoway watch\n  twoway watch --kind message.received,ticket\n"
		 "  twoway watch --json | jq -r .message.text",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct watch_options),
	.run = run,
};
