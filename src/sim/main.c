/* twoway-sim: the virtual bank on pseudo-terminals or TCP ports, with its control socket. */
#include "port.h"
#include "server.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

struct options {
	long modems, tcp, latency;
	const char *folder, *profiles, *first, *pin;
	uint64_t seed;
	bool has_latency, urc_ports;
};
struct profile { struct board *own; const struct board *board; };
struct process {
	struct loop *loop;
	struct sim *sim;
	struct ports ports;
	struct server server;
	struct boards *boards;
	struct profile *profiles;
	size_t n_profiles;
};

static const char usage[] =
"usage: twoway-sim --modems N --dir DIR [options]\n"
"\n"
"A bank of virtual modems on DIR/modem0, DIR/modem1 ..., with its control socket DIR/control\n"
"(one JSON object a line: {\"op\":\"help\"}).\n"
"\n"
"  --modems N              how many, 1 to 1024\n"
"  --dir DIR               where links and socket go; made if it is not there\n"
"  --profile NAME|FILE     the board profile that they play; several, with commas between,\n"
"                          are dealt out in turn (default: a plain module)\n"
"  --numbers FIRST         number of the first SIM, counted up (default +447700900001)\n"
"  --tcp PORT              TCP ports PORT, PORT+1 ... on 127.0.0.1 instead of pseudo-terminals\n"
"  --urc-ports             what a modem says unasked leaves on DIR/modem0-urc ... alone\n"
"  --latency MS            of a send, and of a delivery (default 20; 0 answers at once)\n"
"  --pin PIN               the SIMs are locked with this PIN\n"
"  --seed N                of all that is left to chance (default 1)\n"
"  --help, --version\n";

/* ---- arguments ------------------------------------------------------------------------------- */

static int complain(const char *what, const char *got, const char *expected)
{
	fprintf(stderr, "twoway-sim: %s%s%s: %s\n", what, got ? " " : "", got ? got : "", expected);
	return EX_USAGE;
}

static bool read_long(const char *text, long min, long max, long *ret)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < min || value > max)
		return false;
	*ret = value;
	return true;
}

static int read_option(struct options *o, int letter, const char *value)
{
	char *end;

	switch (letter) {
	case 'm':
		return read_long(value, 1, 1024, &o->modems) ? 0 :
		       complain("--modems", value, "a number from 1 to 1024 is expected");
	case 'd':
		o->folder = value;
		return 0;
	case 'p':
		o->profiles = value;
		return 0;
	case 'n':
		o->first = value;
		return value[0] == '+' && value[1] && !value[1 + strspn(value + 1, "0123456789")] &&
		       strlen(value) <= 16 ? 0 :
		       complain("--numbers", value, "+ and up to 15 digits are expected");
	case 't':
		return read_long(value, 1, 65535, &o->tcp) ? 0 :
		       complain("--tcp", value, "a port from 1 to 65535 is expected");
	case 'u':
		o->urc_ports = true;
		return 0;
	case 'l':
		o->has_latency = true;
		return read_long(value, 0, 3600000, &o->latency) ? 0 :
		       complain("--latency", value, "milliseconds are expected, 0 to 3600000");
	case 'P':
		o->pin = value;
		return strlen(value) >= 4 && strlen(value) <= 8 &&
		       !value[strspn(value, "0123456789")] ? 0 :
		       complain("--pin", NULL, "4 to 8 digits are expected");
	case 's':
		o->seed = strtoull(value, &end, 10);
		return *value && !*end ? 0 : complain("--seed", value, "a number is expected");
	}
	return EX_USAGE;
}

/* 0 to go on; otherwise *ret_exit is how the program ends. */
static int read_options(int argc, char **argv, struct options *o, int *ret_exit)
{
	static const struct option table[] = {
		{ "modems", required_argument, NULL, 'm' }, { "dir", required_argument, NULL, 'd' },
		{ "profile", required_argument, NULL, 'p' },
		{ "numbers", required_argument, NULL, 'n' },
		{ "tcp", required_argument, NULL, 't' },
		{ "latency", required_argument, NULL, 'l' },
		{ "pin", required_argument, NULL, 'P' }, { "seed", required_argument, NULL, 's' },
		{ "urc-ports", no_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { 0 } };
	int letter;

	while ((letter = getopt_long(argc, argv, "", table, NULL)) != -1) {
		*ret_exit = 0;
		if (letter == 'h') {
			fputs(usage, stdout);
			return 1;
		}
		if (letter == 'V') {
			puts("twoway-sim " TWOWAY_VERSION);
			return 1;
		}
		*ret_exit = read_option(o, letter, optarg);
		if (*ret_exit)
			return 1;
	}
	*ret_exit = EX_USAGE;
	if (optind < argc)
		return complain("", argv[optind], "options only; see --help");
	if (!o->modems || !o->folder)
		return complain(o->modems ? "--dir" : "--modems", NULL, "is needed; see --help");
	if (o->tcp && o->urc_ports)
		return complain("--urc-ports", NULL,
				"second ports are pseudo-terminals: not with --tcp");
	if (o->tcp && o->tcp + o->modems - 1 > 65535)
		return complain("--tcp", NULL, "the ports would go past 65535");
	return 0;
}

/* ---- profiles -------------------------------------------------------------------------------- */

/* Shared data: TWOWAY_DATA, the source tree for a program in its build folder, the installed
 * one. */
static char *boards_folder(void)
{
	const char *data = getenv("TWOWAY_DATA");
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (data && *data)
		return tw_printf("%s/boards", data);
	if (n > 0) {
		self[n] = '\0';
		if (!strncmp(self, TWOWAY_BUILD "/", sizeof(TWOWAY_BUILD)))
			return tw_strdup(TWOWAY_SOURCE "/boards");
	}
	return tw_strdup(TWOWAY_DATA_FOLDER "/boards");
}

static void print_findings(const struct tw_findings *f)
{
	struct tw_buf b = { 0 };

	tw_findings_print(f, &b);
	fputs(tw_buf_str(&b), stderr);
	tw_buf_done(&b);
}

static void complain_unknown(const struct boards *boards, const char *name)
{
	fprintf(stderr, "twoway-sim: no board profile is called \"%s\"; there are:", name);
	for (size_t i = 0; i < boards_count(boards); i++)
		fprintf(stderr, " %s", boards_at(boards, i)->name);
	fputc('\n', stderr);
}

/* 0, or how the program ends. */
static int load_profile(struct process *p, const char *name, struct tw_findings *findings)
{
	struct profile v = { 0 };

	if (strchr(name, '/') || strchr(name, '.')) {
		v.board = v.own = board_read(name, findings);
	} else {
		if (!p->boards) {
			tw_auto(tw_free_charp) char *folder = boards_folder();

			p->boards = boards_load((const char *const[]){ folder }, 1, findings);
		}
		v.board = p->boards ? boards_named(p->boards, name) : NULL;
		if (p->boards && !v.board) {
			complain_unknown(p->boards, name);
			return EX_NOINPUT;
		}
	}
	if (!v.board)
		return EX_DATAERR;
	p->profiles = tw_realloc(p->profiles, (p->n_profiles + 1) * sizeof(*p->profiles));
	p->profiles[p->n_profiles++] = v;
	return 0;
}

static int load_profiles(struct process *p, const char *list)
{
	tw_auto(tw_free_charp) char *names = tw_strdup(list);
	struct tw_findings findings = { 0 };
	char *rest = names, *name;
	int code = 0;

	while (!code && rest && (name = strsep(&rest, ",")))
		code = load_profile(p, name, &findings);
	if (code)
		print_findings(&findings);
	tw_findings_done(&findings);
	return code;
}

/* ---- the process ----------------------------------------------------------------------------- */

static struct mono_ms on_turn(void *ctx, struct tw_now now)
{
	struct process *p = ctx;

	sim_tick(p->sim, now);
	ports_follow(&p->ports);
	server_turn(&p->server);
	return sim_deadline(p->sim);
}

static void on_signal(void *ctx, int signo)
{
	struct process *p = ctx;

	(void)signo;
	loop_stop(p->loop);
}

/* A modem takes two descriptors; a bank of 256 more than most shells allow at first. */
static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

static void tell_sim(struct process *p, const char *format, long value)
{
	tw_auto(tw_free_charp) char *line = tw_printf(format, value, value);
	struct tw_buf answer = { 0 };

	sim_control(p->sim, 0, line, strlen(line), loop_now(p->loop), &answer);
	tw_buf_done(&answer);
}

static void lock_sims(struct process *p, const struct options *o)
{
	struct tw_buf answer = { 0 };

	for (long i = 0; i < o->modems; i++) {
		tw_auto(tw_free_charp) char *line = tw_printf(
			"{\"op\":\"pin\",\"modem\":%ld,\"pin\":\"%s\",\"locked\":true}", i, o->pin);

		sim_control(p->sim, 0, line, strlen(line), loop_now(p->loop), &answer);
	}
	tw_buf_done(&answer);
}

/* What an operator's network answers; any of it can be set anew. */
static void open_services(struct process *p)
{
	static const char *const services[] = {
		"{\"op\":\"ussd\",\"code\":\"*100#\",\"reply\":\"Your balance is {balance} EUR\"}",
		"{\"op\":\"ussd\",\"code\":\"*123#\",\"reply\":\"1 Balance\\n2 My number\\n3 "
		"More\",\"m\":1}",
		"{\"op\":\"ussd\",\"code\":\"*123#>1\",\"reply\":\"Your balance is {balance} "
		"EUR\"}",
		"{\"op\":\"ussd\",\"code\":\"*123#>2\",\"reply\":\"Your number is {number}\"}",
		"{\"op\":\"ussd\",\"code\":\"*123#>3\",\"reply\":\"1 Opening hours\\n2 "
		"Back\",\"m\":1}",
		"{\"op\":\"ussd\",\"code\":\"*123#>3>1\",\"reply\":\"Mon to Fri 8-18\"}",
		"{\"op\":\"ussd\",\"code\":\"*121*{code}#\","
		"\"reply\":\"Topped up by {amount} EUR. Your balance is {balance} EUR\"}",
		"{\"op\":\"voucher\",\"code\":\"1111222233334444\",\"cents\":500}",
		"{\"op\":\"voucher\",\"code\":\"5555666677778888\",\"cents\":1500}",
	};
	struct tw_buf answer = { 0 };

	for (size_t i = 0; i < TW_COUNT(services); i++)
		sim_control(p->sim, 0, services[i], strlen(services[i]), loop_now(p->loop),
			    &answer);
	tw_buf_done(&answer);
}

static void make_sim(struct process *p, const struct options *o)
{
	struct sim_setup setup = { .modems = (size_t)o->modems, .first_number = o->first,
				   .urc_ports = o->urc_ports, .seed = o->seed,
				   .now = loop_now(p->loop) };

	setup.board = p->n_profiles ? p->profiles[0].board : NULL;
	p->sim = sim_new(&setup);
	for (size_t i = 0; p->n_profiles > 1 && i < setup.modems; i++)
		sim_card_set_board(p->sim, i, p->profiles[i % p->n_profiles].board);
	if (o->has_latency)
		tell_sim(p, "{\"op\":\"set\",\"submit_ms\":%ld,\"deliver_ms\":%ld}", o->latency);
	if (o->pin)
		lock_sims(p, o);
	open_services(p);
}

static int serve(struct process *p, const struct options *o)
{
	tw_auto(tw_free_charp) char *path = tw_printf("%s/control", o->folder);
	int r;

	if (mkdir(o->folder, 0755) < 0 && errno != EEXIST) {
		fprintf(stderr, "twoway-sim: %s: %s\n", o->folder, strerror(errno));
		return EX_CANTCREAT;
	}
	r = server_open(&p->server, p->loop, p->sim, path);
	if (!r)
		r = ports_open(&p->ports, p->loop, p->sim, o->folder, (int)o->tcp,
			       o->urc_ports);
	if (!r) {
		loop_watch_signal(p->loop, SIGINT, on_signal, p);
		loop_watch_signal(p->loop, SIGTERM, on_signal, p);
		loop_set_turn(p->loop, on_turn, p);
		printf("%ld modems on %s, control on %s\n", o->modems, o->folder, path);
		fflush(stdout);
		r = loop_run(p->loop);
	}
	ports_close(&p->ports);
	server_close(&p->server);
	return r < 0 ? EX_CANTCREAT : 0;
}

int main(int argc, char **argv)
{
	struct options o = { .first = "+447700900001", .seed = 1 };
	struct process p = { .ports.inotify = -1, .server.fd = -1 };
	int code;

	if (read_options(argc, argv, &o, &code))
		return code;
	raise_limit();
	signal(SIGPIPE, SIG_IGN);
	code = o.profiles ? load_profiles(&p, o.profiles) : 0;
	if (!code) {
		p.loop = loop_new();
		make_sim(&p, &o);
		code = serve(&p, &o);
		sim_free(p.sim);
		loop_free(p.loop);
	}
	for (size_t i = 0; i < p.n_profiles; i++)
		board_free(p.profiles[i].own);
	free(p.profiles);
	boards_free(p.boards);
	return code;
}
