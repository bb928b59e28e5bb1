/* The verb `pdu`: arguments, and lines from standard input to standard output. */
#include "pdu.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { EXIT_GOOD = 0, EXIT_MISUSE = 64, EXIT_BAD_DATA = 65, EXIT_INTERNAL = 70, EXIT_CREATE = 73,
       LINE_OCTETS_MAX = 1 << 20, CHUNK_OCTETS = 1 << 16 };

static const char help[] =
	"Usage: twoway pdu decode [--direction mt|mo|listing]\n"
	"       twoway pdu encode\n"
	"\n"
	"decode: a line is [LENGTH,]HEX, LENGTH the octets after the SMSC field as +CMGR tells\n"
	"it, or JSON {\"pdu\", \"length\", \"direction\"}. listing, the default, is how modems\n"
	"list stored messages: DELIVER, SUBMIT, STATUS-REPORT.\n"
	"encode: a line is JSON with to, and text or data; encoding (auto gsm7 ucs2 8bit), class,\n"
	"languages, smart, report, validity_minutes, ports {dst, src}, ref, ref_bits (8, 16),\n"
	"smsc, pid, max_segments.\n"
	"Prints one JSON object a line; a bad line is answered with its error and makes the exit\n"
	"code 65.\n"
	"\n"
	"  echo 0011000C919471103254760000A706D4F29C0E8A01 | twoway pdu decode\n"
	"  echo '{\"to\": \"+491701234567\", \"text\": \"Test 1\"}' | twoway pdu encode\n";

struct stream {
	bool is_encode;
	enum sms_direction direction;
	struct tw_buf line, out;
	bool is_too_long;
	bool has_bad;
};

static int flush(struct stream *s)
{
	size_t done = 0;

	while (done < s->out.n) {
		ssize_t n = write(STDOUT_FILENO, s->out.p + done, s->out.n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "twoway: standard output takes no more: %s\n",
				tw_strerror(-errno));
			return EXIT_CREATE;
		}
		done += (size_t)n;
	}
	tw_buf_clear(&s->out);
	return EXIT_GOOD;
}

static void take_line(struct stream *s)
{
	const char *line = tw_buf_str(&s->line);
	bool is_good;

	if (s->is_too_long) {
		tw_buf_adds(&s->out, s->is_encode ? "{" : "{\"type\":null,\"smsc\":\"\","
							   "\"warnings\":[],");
		tw_buf_adds(&s->out, "\"error\":{\"field\":\"line\",");
		if (!s->is_encode)
			tw_buf_adds(&s->out, "\"octet\":null,");
		tw_buf_adds(&s->out, "\"what\":\"line longer than 1 MiB\"}}\n");
		is_good = false;
	} else if (s->is_encode) {
		is_good = pdu_encode_line(line, s->line.n, &s->out);
	} else {
		is_good = pdu_decode_line(line, s->line.n, s->direction, &s->out);
	}
	s->has_bad |= !is_good;
	s->is_too_long = false;
	tw_buf_clear(&s->line);
}

static void take_part(struct stream *s, const char *p, size_t n)
{
	if (s->line.n + n > LINE_OCTETS_MAX) {
		s->is_too_long = true;
		n = 0;
	}
	if (!s->is_too_long)
		tw_buf_add(&s->line, p, n);
}

static int take_chunk(struct stream *s, const char *p, const char *end)
{
	while (p < end) {
		const char *feed = memchr(p, '\n', (size_t)(end - p));

		take_part(s, p, (size_t)((feed ? feed : end) - p));
		if (!feed)
			return EXIT_GOOD;
		take_line(s);
		p = feed + 1;
		int e = s->out.n >= CHUNK_OCTETS ? flush(s) : EXIT_GOOD;

		if (e)
			return e;
	}
	return EXIT_GOOD;
}

/* What was read is answered before more is waited for, so that it works in a dialogue too. */
static int run(struct stream *s)
{
	static char chunk[CHUNK_OCTETS];
	int e = EXIT_GOOD;

	while (!e) {
		ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "twoway: cannot read: %s\n", tw_strerror(-errno));
			return EXIT_INTERNAL;
		}
		if (n == 0)
			break;
		e = take_chunk(s, chunk, chunk + n);
		if (!e)
			e = flush(s);
	}
	if (!e && (s->line.n || s->is_too_long)) {
		take_line(s);
		e = flush(s);
	}
	return e ? e : s->has_bad ? EXIT_BAD_DATA : EXIT_GOOD;
}

static int misuse(const char *what, const char *word)
{
	fprintf(stderr, "twoway pdu: %s%s%s; try: twoway pdu --help\n", what,
		*word ? " " : "", word);
	return EXIT_MISUSE;
}

/* Options of every verb, accepted and without effect here. */
static bool is_shared(const char *word, bool *ret_takes_value)
{
	static const struct { const char *name; bool takes_value; } shared[] = {
		{ "--json", false }, { "--socket", true }, { "--config", true },
	};

	for (size_t i = 0; i < TW_COUNT(shared); i++) {
		size_t n = strlen(shared[i].name);

		if (strncmp(word, shared[i].name, n) || (word[n] && word[n] != '='))
			continue;
		*ret_takes_value = shared[i].takes_value && !word[n];
		return true;
	}
	return false;
}

static int read_arguments(int argc, char **argv, struct stream *s)
{
	static const char option[] = "--direction";
	const size_t option_n = sizeof(option) - 1;
	const char *verb = NULL, *direction = NULL;

	for (int i = 1; i < argc; i++) {
		bool takes_value;

		if (!strcmp(argv[i], option) && i + 1 < argc)
			direction = argv[++i];
		else if (!strncmp(argv[i], option, option_n) && argv[i][option_n] == '=')
			direction = argv[i] + option_n + 1;
		else if (is_shared(argv[i], &takes_value))
			i += takes_value;
		else if (argv[i][0] == '-')
			return misuse("unknown or incomplete option", argv[i]);
		else if (verb)
			return misuse("unexpected", argv[i]);
		else
			verb = argv[i];
	}
	if (!verb || (strcmp(verb, "decode") && strcmp(verb, "encode")))
		return misuse("decode or encode is expected", "");
	s->is_encode = !strcmp(verb, "encode");
	if (direction && s->is_encode)
		return misuse("--direction belongs to decode", "");
	if (direction && !pdu_direction_read(direction, &s->direction))
		return misuse("the direction is mt, mo or listing, not", direction);
	return EXIT_GOOD;
}

int cli_pdu(int argc, char **argv)
{
	struct stream s = { .direction = SMS_LISTING };
	int e;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") && strcmp(argv[i], "-h"))
			continue;
		fputs(help, stdout);
		return EXIT_GOOD;
	}
	e = read_arguments(argc, argv, &s);
	if (!e)
		e = run(&s);
	tw_buf_done(&s.line);
	tw_buf_done(&s.out);
	return e;
}
