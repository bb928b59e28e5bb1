/* twoway probe PORT: asks a modem everything and writes a board profile. */
#include "probe.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <twoway/config.h>
#include <unistd.h>

struct probe_options { const char *output; };
static const struct cli_option options[] = {
	{ "output", "FILE", offsetof(struct probe_options, output),
	  "write the profile there instead of to standard output" },
};

enum { AT_TRIES = 10, AT_MS = 2000, ASK_MS = 6000 };

struct probe {
	const struct bank_port_ops *ports;
	int fd;
	struct at_engine *at;
	struct probe_answers answers;
	uint32_t id;
	bool is_gone;
};

/* ---- the dialogue -------------------------------------------------------------------------- */

static struct mono_ms now(void)
{
	return tw_now_system().mono;
}

static void write_out(struct probe *p)
{
	const uint8_t *bytes;
	size_t n;

	while ((n = at_output(p->at, &bytes)) > 0) {
		ssize_t r = p->ports->write(p->ports->ctx, p->fd, bytes, n);

		if (r <= 0) {
			p->is_gone |= r < 0;
			return;
		}
		at_written(p->at, (size_t)r, now());
	}
}

/* What the modem says until something comes or the engine wants its tick. */
static void wait_for_bytes(struct probe *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };
	int64_t ms = at_deadline(p->at).ms == INT64_MAX ? 1000 : at_deadline(p->at).ms - now().ms;
	char room[4096];
	ssize_t n;

	poll(&fd, 1, ms < 0 ? 0 : ms > 1000 ? 1000 : (int)ms);
	n = p->ports->read(p->ports->ctx, p->fd, room, sizeof(room));
	if (n < 0)
		p->is_gone = true;
	else if (n > 0)
		at_feed(p->at, room, (size_t)n, now());
	at_tick(p->at, now());
}

/* True when the command has ended. */
static bool take_events(struct probe *p, struct probe_answer *a)
{
	struct at_event ev;
	bool is_done = false;

	while (at_next(p->at, &ev)) {
		if (!a || ev.id != p->id)
			continue;
		if (ev.type == AT_LINE && a->lines.n < 40)
			tw_strings_add(&a->lines, ev.line);
		if (ev.type != AT_FINAL)
			continue;
		a->result = ev.result;
		a->code = ev.code;
		is_done = true;
	}
	return is_done;
}

static void ask(struct probe *p, const char *command, int64_t limit_ms)
{
	struct probe_answer *a = probe_answer_add(&p->answers, command);
	bool is_number = !strchr(command + 2, '=') && !strchr(command, '?');
	struct at_command c = { .text = command, .limit_ms = limit_ms,
				.shape = is_number ? AT_NUMBER_LINE : AT_PLAIN };

	while (!p->is_gone && !at_is_idle(p->at)) {
		write_out(p);
		wait_for_bytes(p);
		take_events(p, NULL);
	}
	c.id = ++p->id;
	if (p->is_gone || at_give(p->at, &c, now()) < 0)
		return;
	for (;;) {
		write_out(p);
		if (take_events(p, a) || p->is_gone)
			return;
		wait_for_bytes(p);
	}
}

static bool last_is_ok(const struct probe *p)
{
	return p->answers.n && p->answers.v[p->answers.n - 1].result == AT_OK;
}

static bool is_there(struct probe *p)
{
	at_begin(p->at, now());
	for (int i = 0; i < AT_TRIES && !p->is_gone; i++) {
		ask(p, "AT", AT_MS);
		if (last_is_ok(p))
			break;
	}
	if (!last_is_ok(p))
		return false;
	probe_answers_done(&p->answers);
	ask(p, "ATE0", AT_MS);
	ask(p, "AT+CMEE=1", AT_MS);
	probe_answers_done(&p->answers);
	return true;
}

static void ask_all(struct probe *p, const struct tw_strings *questions)
{
	bool is_terminal = isatty(STDERR_FILENO);

	for (size_t i = 0; i < questions->n && !p->is_gone; i++) {
		if (is_terminal)
			fprintf(stderr, "\r\033[Kasking %zu of %zu: %s", i + 1, questions->n,
				questions->v[i]);
		ask(p, questions->v[i], ASK_MS);
	}
	if (is_terminal)
		fputs("\r\033[K", stderr);
}

/* ---- the port ------------------------------------------------------------------------------ */

static int say_refused(const char *port, int code)
{
	struct bank_holder h;
	char remedy[128];

	if (code == -EBUSY && bank_port_holder("/proc", port, &h))
		return cli_fail(CLI_LATER, "%s is in use by %s (process %d): %s", port,
				h.program, h.pid, bank_holder_remedy(&h, remedy, sizeof(remedy)));
	if (code == -EBUSY)
		return cli_fail(CLI_LATER,
				"%s is in use by another program: sudo twoway doctor names it",
				port);
	if (code == -EACCES)
		return cli_fail(CLI_DENIED,
				"%s: no permission: be in the group that owns it (often "
				"dialout), or use sudo", port);
	if (code == -ENOENT)
		return cli_fail(CLI_UNKNOWN, "%s is not there: twoway modems --ports lists what is",
				port);
	if (code == -ENOTTY || code == -EINVAL)
		return cli_fail(CLI_DATA, "%s is no serial port", port);
	return cli_fail(CLI_DATA, "%s: %s", port, tw_strerror(code));
}

static const struct bank_port *find_port(const struct bank_found *found, const char *port)
{
	char real[PATH_MAX];

	if (!realpath(port, real))
		return NULL;
	for (size_t i = 0; i < found->n_ports; i++)
		if (!strcmp(found->ports[i].path, real))
			return &found->ports[i];
	return NULL;
}

/* A serial server by its address, of IPv4 where it has one; any other port as it is. Heap; NULL:
 * there is no such host. */
static char *address_of(const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found, *best;
	const char *host = port + 6, *end = strrchr(port, ':');
	char address[NI_MAXHOST];
	int r;

	if (strncmp(port, "tcp://", 6) || *host == '[' || end <= host)
		return tw_strdup(port);
	tw_auto(tw_free_charp) char *name = tw_strndup(host, (size_t)(end - host));

	if (getaddrinfo(name, NULL, &hints, &found))
		return NULL;
	for (best = found; best && best->ai_family != AF_INET; best = best->ai_next)
		;
	best = best ? best : found;
	r = getnameinfo(best->ai_addr, best->ai_addrlen, address, sizeof(address), NULL, 0,
			NI_NUMERICHOST);
	freeaddrinfo(found);
	return r ? NULL : tw_printf(strchr(address, ':') ? "tcp://[%s]%s" : "tcp://%s%s", address,
				    end);
}

static int dialogue(struct probe *p, const char *port, const struct boards *boards)
{
	struct tw_strings questions = { 0 };
	struct at_dialect dialect = board_dialect(boards_named(boards, "generic"));
	tw_auto(tw_free_charp) char *address = address_of(port);
	bool is_answered;
	int r;

	if (!address)
		return cli_fail(CLI_UNKNOWN, "%s: host not found", port);
	r = p->ports->open(p->ports->ctx, address, boards_named(boards, "generic"), &p->fd);
	if (r < 0)
		return say_refused(port, r);
	p->at = tw_zalloc(at_engine_size());
	at_init(p->at, &dialect);
	probe_questions(boards, &questions);
	is_answered = is_there(p);
	if (!is_answered && p->is_gone) {
		r = cli_fail(CLI_LATER, "%s: nobody is there: the connection was refused, or ended",
			     port);
	} else if (!is_answered) {
		r = cli_fail(CLI_DATA, "nothing answers AT on %s: another port of the stick may, "
				       "or another speed", port);
	} else {
		ask_all(p, &questions);
		r = p->is_gone ? cli_fail(CLI_LATER, "%s went away meanwhile", port) : CLI_OK;
	}
	tw_strings_done(&questions);
	p->ports->close(p->ports->ctx, p->fd);
	free(p->at);
	return r;
}

/* ---- the file ------------------------------------------------------------------------------ */

static int write_file(const char *path, const struct tw_buf *text)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return cli_fail(CLI_CREATE, "%s: %s", path, strerror(errno));
	if (fwrite(tw_buf_str(text), 1, text->n, f) != text->n || fclose(f) != 0)
		return cli_fail(CLI_CREATE, "%s: %s", path, strerror(errno));
	fprintf(stderr, "%s: written; twoway check %s reads it\n", path, path);
	return CLI_OK;
}

static int put_profile(const struct probe *p, const char *port, const struct boards *boards,
		       const char *output)
{
	struct bank_found found = { 0 };
	const struct bank_port *where;
	struct tw_buf text = { 0 };
	int r = CLI_OK;

	bank_found_read("/sys", "/dev", &found);
	where = find_port(&found, port);
	fprintf(stderr, "the nearest profile is %s\n",
		probe_match(&p->answers, boards, where ? where->usb : "")->name);
	probe_write_profile(&p->answers, boards, where, &text);
	if (output)
		r = write_file(output, &text);
	else
		cli_write(&text);
	tw_buf_done(&text);
	bank_found_done(&found);
	return r;
}

static int run(struct cli *c, const void *o)
{
	struct probe p = { .ports = &bank_port_system, .fd = -1 };
	struct tw_findings findings = { 0 };
	struct tw_strings folders = { 0 };
	struct settings *settings = config_load(c->config, &findings);
	struct boards *boards;
	int r;

	if (settings)
		config_board_folders(settings, &folders);
	boards = settings ? boards_load((const char *const *)folders.v, folders.n, &findings)
		: NULL;
	if (!boards) {
		struct tw_buf text = { 0 };

		tw_findings_print(&findings, &text);
		fputs(tw_buf_str(&text), stderr);
		tw_buf_done(&text);
		r = CLI_CONFIG;
	} else {
		r = dialogue(&p, c->words.v[0], boards);
	}
	if (r == CLI_OK)
		r = put_profile(&p, c->words.v[0], boards,
				((const struct probe_options *)o)->output);
	probe_answers_done(&p.answers);
	boards_free(boards);
	config_free(settings);
	tw_strings_done(&folders);
	tw_findings_done(&findings);
	return r;
}

const struct cli_verb cli_verb_probe = {
	.name = "probe",
	.arguments = "PORT",
	.summary = "Ask an unknown modem everything and write its board profile",
	.about = "PORT is a serial port, a pseudo-terminal or tcp://host:port that no other "
		 "program holds. "
		 "Nothing is\nchanged on the modem. The profile has what the answers prove; the "
		 "answers "
		 "stand below it as\ncomments, without the digits that name a SIM or a modem.\n\n"
		 "  twoway probe /dev/ttyUSB2 --output /etc/twoway/boards/mine.conf\n"
		 "  twoway check /etc/twoway/boards/mine.conf",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct probe_options),
	.min_words = 1, .max_words = 1,
	.run = run,
};
