#include "handset.h"

#include "cli.h"

#include <twoway/model.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum { QUIET_MS = 1000 };	/* the phone is put down once nothing came for so long */

struct handset {
	const char *from, *text, *to, *socket;
	int64_t wait_ms;
	bool json, is_terminal;
	struct handset_link link;
	json_t *arrived;		/* texts that came while something else was asked */
	char own[64], other[64];	/* numbers as the network knows them */
};

static const char usage[] =
"Usage: twoway handset FROM [TEXT] [--to NUMBER] [--wait S] [--sim SOCKET] [--json]\n"
"\n"
"A phone on the virtual network. With TEXT it texts in, prints each message that comes back, one "
"a\n"
"line (a line break as \\n), and ends once a second has passed without another. Without TEXT it is "
"a\n"
"dialogue: what you type is texted, what comes is shown; Ctrl-D ends it.\n"
"\n"
"  FROM           the phone's number, any one you like: +447700900123\n"
"  --to NUMBER    whom to text (default: the first number of the bank)\n"
"  --wait S       seconds to wait for the first message (default 10); 75 when none came\n"
"  --sim SOCKET   the bank's control socket or its folder (TWOWAY_SIM; else that of the demo)\n"
"  --json         each message as an object: from to text at\n"
"\n"
"  twoway handset +447700900123 HELP\n";

/* ---- arguments ------------------------------------------------------------------------------- */

static int wrong(const char *what, const char *got)
{
	fprintf(stderr, "twoway handset: %s%s%s; see twoway handset --help\n", what,
		got ? ": " : "", got ? got : "");
	return EX_USAGE;
}

static bool read_seconds(const char *text, int64_t *ret_ms)
{
	char *end;
	double s = strtod(text, &end);

	if (end == text || *end || !(s >= 0 && s <= 86400))
		return false;
	*ret_ms = (int64_t)(s * 1000);
	return true;
}

/* 0, or 1 when *ret_exit is the end of it. */
static int read_arguments(struct handset *h, int argc, char **argv, int *ret_exit)
{
	static const struct option table[] = {
		{ "to", required_argument, NULL, 't' }, { "wait", required_argument, NULL, 'w' },
		{ "sim", required_argument, NULL, 's' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { 0 } };
	int letter;

	*ret_exit = EX_USAGE;
	optind = 0;
	while ((letter = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		switch (letter) {
		case 't':
			h->to = optarg;
			break;
		case 'w':
			if (!read_seconds(optarg, &h->wait_ms))
				return wrong("--wait: seconds from 0 to 86400 are expected",
					     optarg);
			break;
		case 's':
			h->socket = optarg;
			break;
		case 'j':
			h->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			*ret_exit = 0;
			return 1;
		default:
			return wrong("what is this option", NULL);
		}
	}
	if (optind == argc)
		return wrong("whose phone? FROM is missing", NULL);
	if (argc - optind > 2)
		return wrong("more than FROM and TEXT; put the text in quotes", argv[optind + 2]);
	h->from = argv[optind];
	h->text = optind + 1 < argc ? argv[optind + 1] : NULL;
	return 0;
}

/* ---- what is shown --------------------------------------------------------------------------- */

/* A text on one line, with nothing that could command a terminal. */
static void print_text(const char *text, size_t n, const char *line_break)
{
	const char *p = text, *end = text + n;
	struct tw_buf b = { 0 };

	while (p < end) {
		size_t line = strcspn(p, "\r\n");

		show_safe(p, line, &b);
		p += line;
		if (p == end)
			break;
		tw_buf_adds(&b, line_break);
		p += p[0] == '\r' && p[1] == '\n' ? 2 : 1;
	}
	fwrite(tw_buf_str(&b), 1, b.n, stdout);
	tw_buf_done(&b);
}

static void print_json(json_t *text)
{
	static const char *const keys[] = { "from", "to", "text", "at" };
	json_t *o = json_object();
	char *line;

	for (size_t i = 0; i < TW_COUNT(keys); i++)
		json_object_set(o, keys[i], json_object_get(text, keys[i]));
	line = json_dumps(o, JSON_COMPACT);
	puts(line ? line : "{}");
	free(line);
	json_decref(o);
}

/* True if it was a text for this phone. Takes the line. */
static bool show(struct handset *h, json_t *take_line)
{
	const char *event = json_string_value(json_object_get(take_line, "event"));
	const char *from = json_string_value(json_object_get(take_line, "from"));
	json_t *text = json_object_get(take_line, "text");
	bool is_text = event && !strcmp(event, "text") && json_is_string(text);

	if (is_text && h->json) {
		print_json(take_line);
	} else if (is_text && !h->text && h->is_terminal) {
		printf("\r\033[K%s: ", from ? from : "");
		print_text(json_string_value(text), json_string_length(text), "\n    ");
		putchar('\n');
	} else if (is_text) {
		print_text(json_string_value(text), json_string_length(text), "\\n");
		putchar('\n');
	}
	fflush(stdout);
	json_decref(take_line);
	return is_text;
}

static size_t show_arrived(struct handset *h)
{
	size_t texts = 0;

	while (json_array_size(h->arrived)) {
		json_t *line = json_incref(json_array_get(h->arrived, 0));

		json_array_remove(h->arrived, 0);
		texts += show(h, line);
	}
	return texts;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static int gone(void)
{
	fprintf(stderr, "twoway handset: the virtual bank is gone\n");
	return EX_UNAVAILABLE;
}

/* The answer if it is a good one; else NULL after saying why, *ret_exit set. */
static json_t *ask(struct handset *h, json_t *take_in, int *ret_exit)
{
	json_t *answer = handset_link_ask(&h->link, take_in, h->arrived);
	const char *why;

	if (!answer) {
		*ret_exit = gone();
		return NULL;
	}
	if (json_is_true(json_object_get(answer, "ok")))
		return answer;
	why = json_string_value(json_object_get(answer, "error"));
	fprintf(stderr, "twoway handset: %s\n", why ? why : "refused");
	*ret_exit = EX_DATAERR;
	json_decref(answer);
	return NULL;
}

static int send_text(struct handset *h, const char *text)
{
	int code = 0;
	json_t *answer, *in = json_pack("{s:s, s:s, s:s, s:s}", "op", "text", "from", h->own, "to",
					h->other, "text", text);

	if (!in) {
		fprintf(stderr, "twoway handset: this text is not UTF-8\n");
		return EX_DATAERR;
	}
	answer = ask(h, in, &code);
	json_decref(answer);
	return code;
}

/* The bank's number that is meant, the first where none is named. A text to a number that is no
 * modem's would wait for an answer that cannot come. */
static int find_bank_number(struct handset *h, const json_t *modems)
{
	struct tw_buf known = { 0 };
	const char *number;
	const json_t *modem;
	size_t i;

	json_array_foreach(modems, i, modem) {
		number = json_string_value(json_object_get(modem, "number"));
		if (!number || (h->to && !number_is_same_subscriber(number, h->to))) {
			tw_buf_addf(&known, " %s", number ? number : "");
			continue;
		}
		tw_strset(h->other, sizeof(h->other), number);
		tw_buf_done(&known);
		return 0;
	}
	fprintf(stderr, "twoway handset: no modem of the virtual bank has the number \"%s\"; there "
		"are%s\n", h->to ? h->to : "", known.n ? tw_buf_str(&known) : " none");
	tw_buf_done(&known);
	return EX_DATAERR;
}

/* Numbers as the network writes them. */
static int find_numbers(struct handset *h)
{
	const char *number;
	int code = 0;
	json_t *answer, *in = json_pack("{s:s, s:s}", "op", "subscribe", "number", h->from);

	if (!in)
		return wrong("FROM is not UTF-8", NULL);
	answer = ask(h, in, &code);
	if (!answer)
		return code;
	number = json_string_value(json_object_get(answer, "number"));
	tw_strset(h->own, sizeof(h->own), number ? number : h->from);
	json_decref(answer);
	answer = ask(h, json_pack("{s:s}", "op", "list"), &code);
	if (!answer)
		return code;
	code = find_bank_number(h, json_object_get(answer, "modems"));
	json_decref(answer);
	return code;
}

/* ---- one text, or a dialogue ----------------------------------------------------------------- */

/* Prints what comes: wait_ms for the first, then until a second was quiet. had: some came
 * already. */
static int listen_until_quiet(struct handset *h, bool had)
{
	int64_t until = tw_now_system().mono.ms + (had ? QUIET_MS : h->wait_ms);

	for (;;) {
		int64_t left = until - tw_now_system().mono.ms;
		json_t *line;
		int r = handset_link_line(&h->link, left > 0 ? left : 0, false, &line);

		if (r < 0)
			return gone();
		if (r == 1 && show(h, line)) {
			had = true;
			until = tw_now_system().mono.ms + QUIET_MS;
		}
		if (r == 0 && tw_now_system().mono.ms >= until)
			break;
	}
	if (had)
		return 0;
	fprintf(stderr, "twoway handset: no message came within %g s\n", (double)h->wait_ms / 1000);
	return EX_TEMPFAIL;
}

static int text_once(struct handset *h)
{
	int code = send_text(h, h->text);

	return code ? code : listen_until_quiet(h, show_arrived(h) > 0);
}

static void prompt(const struct handset *h)
{
	if (!h->is_terminal)
		return;
	fputs("> ", stdout);
	fflush(stdout);
}

/* Lines of standard input out of the buffer, each texted. */
static int send_lines(struct handset *h, struct tw_buf *typed, bool at_end)
{
	int code = 0;
	char *end;

	while (!code && typed->n) {
		size_t n;

		end = memchr(typed->p, '\n', typed->n);
		if (!end && !at_end)
			break;
		n = end ? (size_t)(end - typed->p) : typed->n;
		typed->p[n] = '\0';
		if (n)
			code = send_text(h, typed->p);
		tw_buf_drop(typed, end ? n + 1 : n);
		if (code == EX_DATAERR && h->is_terminal)
			code = 0;	/* it was said why; the next line may be better */
		show_arrived(h);
		prompt(h);
	}
	return code;
}

/* Reads what was typed. 1 at its end, 0 else. */
static int read_typed(struct tw_buf *typed)
{
	char *to = tw_buf_reserve(typed, 4096);
	ssize_t n = read(0, to, 4096);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return 1;
	typed->n += (size_t)n;
	return 0;
}

static int dialogue(struct handset *h)
{
	struct tw_buf typed = { 0 };
	int code = 0, ended = 0;
	json_t *line;

	if (h->is_terminal)
		printf("%s texts %s; Ctrl-D ends\n", h->own, h->other);
	prompt(h);
	while (!code && !ended) {
		int r = handset_link_line(&h->link, -1, true, &line);

		if (r < 0) {
			code = gone();
		} else if (r == 1) {
			if (show(h, line))
				prompt(h);
		} else {
			ended = read_typed(&typed);
			code = send_lines(h, &typed, ended);
		}
	}
	if (!code && !h->is_terminal)
		code = listen_until_quiet(h, show_arrived(h) > 0);
	else if (h->is_terminal)
		putchar('\n');
	tw_buf_done(&typed);
	return code;
}

int cli_handset(int argc, char **argv)
{
	struct handset h = { .wait_ms = 10000 };
	int code;

	if (read_arguments(&h, argc, argv, &code))
		return code;
	code = handset_link_open(&h.link, h.socket);
	if (code)
		return code;
	h.is_terminal = isatty(0) && isatty(1) && !h.json;
	h.arrived = json_array();
	code = find_numbers(&h);
	if (!code)
		code = h.text ? text_once(&h) : dialogue(&h);
	json_decref(h.arrived);
	handset_link_close(&h.link);
	return code;
}
