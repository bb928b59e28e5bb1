/* twoway watch: what happens, as it happens. */
#include "cli.h"
#include "stream.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <poll.h>
#include <unistd.h>

enum { AGAIN_MS = 2000 };

struct watch_options { const char *account; };

static const struct cli_option options[] = {
	{ "account", "NAME", offsetof(struct watch_options, account),
	  "only this account's messages" },
};

static void on_event(void *ctx, const char *data, size_t n)
{
	struct cli *c = ctx;
	json_t *e = json_loadb(data, n, 0, NULL);
	struct tw_buf b = { 0 };

	if (!e)
		return;
	if (c->json) {
		cli_print_json(e);
		fflush(stdout);
	} else {
		stream_describe(e, c->colour, tw_now_system().wall, &b);
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
static int watch_once(struct cli *c, struct client *k, const char *path, int stop_fd)
{
	struct stream s = { .take = on_event, .ctx = c };
	struct client_call refusal = { 0 };
	int r = client_stream(k, path, stop_fd, on_bytes, &s, &refusal);

	if (r && refusal.status && refusal.status != 200)
		r = cli_refused(&refusal);
	client_call_done(&refusal);
	stream_done(&s);
	return r;
}

static int run(struct cli *c, const void *p)
{
	const struct watch_options *o = p;
	char *account = o->account ? client_escape(o->account) : NULL;
	char *path = tw_printf("/api/v1/events%s%s", account ? "?account=" : "",
			       account ? account : "");
	struct client *k = NULL;
	int stop_fd = -1, r = client_open(c, &k);

	if (!r) {
		stop_fd = open_stop();
		if (!c->json)
			fprintf(stderr, "watching %s; Ctrl-C ends\n", client_socket(k));
		r = watch_once(c, k, path, stop_fd);
	}
	/* A person at a terminal waits for a daemon that is started again; a program is told. */
	while (r == CLI_ABSENT && k && isatty(STDERR_FILENO)) {
		fprintf(stderr, "the daemon has gone; waiting for it\n");
		do {
			if (is_stopped(stop_fd, AGAIN_MS)) {
				r = CLI_OK;
				break;
			}
		} while (client_answers(k) != 0);
		if (r == CLI_ABSENT)
			r = watch_once(c, k, path, stop_fd);
	}
	if (r == CLI_ABSENT && k)
		cli_fail(r, "the daemon on %s has gone", client_socket(k));
	if (stop_fd >= 0)
		close(stop_fd);
	client_close(k);
	free(path);
	free(account);
	return r;
}

const struct cli_verb cli_verb_watch = {
	.name = "watch",
	.arguments = "",
	.summary = "Show what happens, as it happens",
	.about = "A line for each change of a message or a modem. --json: the events as the daemon "
		 "tells them.\n\n  twoway watch\n  twoway watch --json | jq -r .message.text",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct watch_options),
	.run = run,
};
