#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

void rig_fail(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

int64_t rig_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- modems -------------------------------------------------------------------------------- */

static void open_pty(struct rig *r, size_t i)
{
	struct termios t;
	char name[64];
	int unlock = 0;

	r->master[i] = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (r->master[i] < 0 || ioctl(r->master[i], TIOCSPTLCK, &unlock) < 0 ||
	    ptsname_r(r->master[i], name, sizeof(name)) != 0)
		rig_fail("pseudo-terminal");
	tw_strset(r->path[i], sizeof(r->path[i]), name);
	r->slave[i] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (r->slave[i] < 0 || tcgetattr(r->slave[i], &t) < 0)
		rig_fail(name);
	cfmakeraw(&t);
	tcsetattr(r->slave[i], TCSANOW, &t);
}

static void control(struct rig *r, const char *line)
{
	struct tw_buf answer = { 0 };

	sim_control(r->sim, 0, line, strlen(line), tw_now_system(), &answer);
	if (!strstr(tw_buf_str(&answer), "\"ok\":true") && !strstr(tw_buf_str(&answer), "\"ok\": true")) {
		fprintf(stderr, "bench: %s\n%s", line, tw_buf_str(&answer));
		exit(1);
	}
	tw_buf_done(&answer);
}

void rig_open(struct rig *r, const char *build, const char *dir, size_t modems)
{
	struct tw_findings findings = { 0 };

	*r = (struct rig){ .build = build, .dir = dir, .modems = modems };
	r->board = board_read("boards/generic.conf", &findings);
	if (!r->board) {
		fprintf(stderr, "bench: run it from the source folder\n");
		exit(1);
	}
	tw_findings_done(&findings);
	r->sim = sim_new(&(struct sim_setup){ .board = r->board, .modems = modems,
					      .first_number = "+447700900001", .seed = 1,
					      .now = tw_now_system() });
	control(r, "{\"op\":\"set\",\"submit_ms\":0,\"deliver_ms\":0,\"report_ms\":0}");
	for (size_t i = 0; i < modems; i++)
		open_pty(r, i);
}

void rig_close(struct rig *r)
{
	for (size_t i = 0; i < r->modems; i++) {
		close(r->slave[i]);
		close(r->master[i]);
	}
	sim_free(r->sim);
	board_free(r->board);
}

/* ---- bytes --------------------------------------------------------------------------------- */

static void write_card(struct rig *r, size_t i)
{
	const uint8_t *bytes;
	size_t n;

	while ((n = sim_card_output(r->sim, i, &bytes)) > 0) {
		ssize_t w;

		if (!r->announced[i] && memmem(bytes, n, "+CMTI", 5))
			r->announced[i] = rig_now_us();
		w = write(r->master[i], bytes, n);
		if (w <= 0)
			return;
		sim_card_taken(r->sim, i, (size_t)w);
	}
}

static void read_card(struct rig *r, size_t i)
{
	char room[4096];
	ssize_t n = read(r->master[i], room, sizeof(room));

	if (n <= 0)
		return;
	if (r->announced[i] && memchr(room, 0x1a, (size_t)n)) {
		if (r->seen < r->wanted)
			r->latency[r->seen++] = rig_now_us() - r->announced[i];
		r->announced[i] = 0;
	}
	sim_card_feed(r->sim, i, room, (size_t)n, tw_now_system());
}

static void write_cards(struct rig *r)
{
	sim_tick(r->sim, tw_now_system());
	for (size_t i = 0; i < r->modems; i++)
		write_card(r, i);
}

/* Waits for the modems' ports, at most us; lets them answer. */
static void step(struct rig *r, int64_t us)
{
	struct pollfd wait[RIG_MODEMS_MAX];
	struct timespec limit = { us / 1000000, us % 1000000 * 1000 };

	for (size_t i = 0; i < r->modems; i++)
		wait[i] = (struct pollfd){ .fd = r->master[i], .events = POLLIN };
	write_cards(r);		/* what a text just brought about must not wait */
	if (ppoll(wait, (nfds_t)r->modems, &limit, NULL) > 0)
		for (size_t i = 0; i < r->modems; i++)
			if (wait[i].revents & POLLIN)
				read_card(r, i);
	write_cards(r);
}

static int64_t until_next(const struct rig *r)
{
	int64_t ms = sim_deadline(r->sim).ms;

	if (ms == INT64_MAX)
		return 100000;
	ms -= tw_now_system().mono.ms;
	return ms <= 0 ? 0 : ms < 100 ? ms * 1000 : 100000;
}

void rig_serve(struct rig *r, int64_t us)
{
	int64_t end = rig_now_us() + us;

	for (int64_t left; (left = end - rig_now_us()) > 0; ) {
		int64_t next = until_next(r);

		step(r, next < left ? next : left);
	}
}

/* ---- subjects ------------------------------------------------------------------------------ */

static pid_t spawn(char *const *arguments, const char *log)
{
	pid_t pid;

	unlink(log);	/* what an earlier one said is not what this one says */
	pid = fork();
	if (pid < 0)
		rig_fail("fork");
	if (pid == 0) {
		int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(out, 1);
		dup2(out, 2);
		execv(arguments[0], arguments);
		_exit(127);
	}
	return pid;
}

static bool log_has(const char *path, const char *word)
{
	static char text[1 << 16];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	return strstr(text, word);
}

void rig_start_floor(struct rig *r)
{
	char *arguments[RIG_MODEMS_MAX + 3];
	char program[512], file[512], log[512];

	snprintf(program, sizeof(program), "%s/tests/bench/floor", r->build);
	snprintf(file, sizeof(file), "%s/floor.texts", r->dir);
	snprintf(log, sizeof(log), "%s/floor.log", r->dir);
	arguments[0] = program;
	arguments[1] = file;
	for (size_t i = 0; i < r->modems; i++)
		arguments[2 + i] = r->path[i];
	arguments[2 + r->modems] = NULL;
	r->subject = spawn(arguments, log);
	for (int tries = 0; !log_has(log, "ready"); tries++) {
		if (tries > 6000)
			rig_fail("the bare loop does not start");
		rig_serve(r, 20000);
	}
}

/* All modems are ready once each has been asked whether it is registered and has its texts drained:
 * the daemon tells it in its log. */
static bool all_ready(const struct rig *r, const char *log)
{
	static char text[1 << 22];
	FILE *f = fopen(log, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0, found = 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	for (const char *p = text; (p = strstr(p, "modem.ready")); p++)
		found++;
	return found >= r->modems;
}

void rig_start_twowayd(struct rig *r, const char *settings)
{
	char program[512], conf[512], log[512], flow[512];
	FILE *f;

	snprintf(program, sizeof(program), "%s/twowayd", r->build);
	snprintf(conf, sizeof(conf), "%s/bench.conf", r->dir);
	snprintf(flow, sizeof(flow), "%s/bench-flow.conf", r->dir);
	snprintf(log, sizeof(log), "%s/twowayd.log", r->dir);
	f = fopen(flow, "w");
	if (!f)
		rig_fail(flow);
	fputs("keywords = ( { match = \"HOURS\"; reply = \"{text}\"; } );\n"
	      "lists = ( { name = \"news\"; } );\n", f);
	fclose(f);
	f = fopen(conf, "w");
	if (!f)
		rig_fail(conf);
	fprintf(f, "country = \"GB\"; database = \"%s/bench.db\"; flows = [ \"%s\" ];\n"
		"api = { listen = \"\"; socket = \"%s/bench.sock\"; };\n"
		"auto_reply_limit = 0; report = false;\n%s\nmodems = (\n", r->dir, flow, r->dir, settings);
	for (size_t i = 0; i < r->modems; i++)
		fprintf(f, "%s{ name = \"m%zu\"; port = \"%s\"; number = \"%s\"; }\n", i ? "," : "", i,
			r->path[i], sim_card_number(r->sim, i));
	fputs(");\n", f);
	fclose(f);
	r->subject = spawn((char *[]){ program, (char []){ "--config" }, conf, NULL }, log);
	for (int tries = 0; !all_ready(r, log); tries++) {
		if (tries > 6000 || waitpid(r->subject, NULL, WNOHANG) != 0)
			rig_fail("twowayd does not start: see its log");
		rig_serve(r, 10000);
	}
}

/* A program that answers each text with a file, as its documentation suggests. */
static void write_peer_handler(const struct rig *r, const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		rig_fail(path);
	fprintf(f, "#!/bin/sh\n[ \"$1\" = RECEIVED ] || exit 0\nfile=$(mktemp %s/peer/reply.XXXXXX)\n"
		"printf 'To: %%s\\n\\nMon to Fri 8-18\\n' \"$(sed -n 's/^From: //p' \"$2\")\" >\"$file\"\n"
		"mv \"$file\" %s/peer/out/\n", r->dir, r->dir);
	fclose(f);
	chmod(path, 0700);
}

static void write_peer_settings(const struct rig *r, const char *path)
{
	static const char *const folders[] = { "checked", "in", "out", "sent", "failed" };
	static const char *const keys[] = { "checked", "incoming", "outgoing", "sent", "failed" };
	char folder[512];
	FILE *f;

	snprintf(folder, sizeof(folder), "%s/peer", r->dir);
	mkdir(folder, 0700);
	f = fopen(path, "w");
	if (!f)
		rig_fail(path);
	for (size_t i = 0; i < TW_COUNT(folders); i++) {
		snprintf(folder, sizeof(folder), "%s/peer/%s", r->dir, folders[i]);
		mkdir(folder, 0700);
		fprintf(f, "%s = %s\n", keys[i], folder);
	}
	fprintf(f, "devices = m0\neventhandler = %s/peer/handler\nlogfile = %s/peer/log\nloglevel = 6\n"
		"infofile = %s/peer/info\npidfile = %s/peer/pid\ndelaytime = 1\n"
		"receive_before_send = yes\n[m0]\ndevice = %s\nincoming = yes\ncheck_network = 0\n"
		"init = AT+CPMS=\"SM\",\"SM\",\"SM\"\nrtscts = no\nsend_delay = 0\n",
		r->dir, r->dir, r->dir, r->dir, r->path[0]);
	fclose(f);
}

bool rig_start_peer(struct rig *r)
{
	char program[] = "/usr/sbin/smsd", conf[512], handler[512], log[512], out[512];

	if (access(program, X_OK) < 0)
		return false;
	snprintf(conf, sizeof(conf), "%s/peer.conf", r->dir);
	snprintf(handler, sizeof(handler), "%s/peer/handler", r->dir);
	snprintf(log, sizeof(log), "%s/peer/log", r->dir);
	snprintf(out, sizeof(out), "%s/peer.out", r->dir);
	write_peer_settings(r, conf);
	write_peer_handler(r, handler);
	r->subject = spawn((char *[]){ program, (char []){ "-t" }, (char []){ "-c" }, conf, NULL },
			   out);
	for (int tries = 0; !log_has(log, "No SMS received"); tries++) {
		if (tries > 3000)
			rig_fail("smsd does not start");
		rig_serve(r, 20000);
	}
	return true;
}

void rig_stop_subject(struct rig *r)
{
	int status;

	kill(r->subject, SIGTERM);
	while (waitpid(r->subject, &status, WNOHANG) == 0)
		rig_serve(r, 1000);
	for (size_t i = 0; i < r->modems; i++)
		tcflush(r->slave[i], TCIOFLUSH);
}

/* ---- what /proc tells ---------------------------------------------------------------------- */

static bool proc_field_of(pid_t pid, const char *file, const char *name, double *ret)
{
	char path[64], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0) {
			*ret = strtod(line + strlen(name), NULL);
			found = true;
		}
	if (f)
		fclose(f);
	return found;
}

static bool proc_field(const struct rig *r, const char *file, const char *name, double *ret)
{
	return proc_field_of(r->subject, file, name, ret);
}

/* With the processes that it keeps (smsd has one a modem). */
static double written_bytes(const struct rig *r)
{
	double sum = 0, one;
	char path[64];
	long child;
	FILE *f;

	proc_field(r, "io", "write_bytes:", &sum);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)r->subject, (int)r->subject);
	f = fopen(path, "r");
	while (f && fscanf(f, "%ld", &child) == 1)
		if (proc_field_of((pid_t)child, "io", "write_bytes:", &one))
			sum += one;
	if (f)
		fclose(f);
	return sum;
}

double rig_rss_mib(const struct rig *r, double *ret_private_dirty)
{
	double rss = 0, dirty = 0;

	proc_field(r, "status", "VmRSS:", &rss);
	proc_field(r, "smaps_rollup", "Private_Dirty:", &dirty);
	*ret_private_dirty = dirty / 1024;
	return rss / 1024;
}

uint64_t rig_voluntary_switches(const struct rig *r)
{
	double n = 0;

	proc_field(r, "status", "voluntary_ctxt_switches:", &n);
	return (uint64_t)n;
}

double rig_cpu_seconds(const struct rig *r)
{
	char path[64], text[1024];
	unsigned long user = 0, system = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)r->subject);
	f = fopen(path, "r");
	if (f && fgets(text, sizeof(text), f) && strrchr(text, ')'))
		sscanf(strrchr(text, ')') + 2,
		       "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	if (f)
		fclose(f);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* ---- a run --------------------------------------------------------------------------------- */

static void text_in(struct rig *r, size_t customer)
{
	char from[32], text[64];
	size_t modem = customer % r->modems;
	int n = snprintf(text, sizeof(text), "hours %zu please, thank you", r->started);

	snprintf(from, sizeof(from), "+44770091%04zu", customer);
	r->started++;
	sim_text(r->sim, from, sim_card_number(r->sim, modem), text, (size_t)n, tw_now_system());
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The answers that the network has taken since, each back to its customer, who writes again. */
static void follow_answers(struct rig *r)
{
	size_t customers[1024], n = 0;

	for (size_t i = 0; i < sim_sent_count(r->sim); i++, r->done++)
		if (n < TW_COUNT(customers))
			customers[n++] = strtoul(sim_sent_at(r->sim, i)->to + strlen("+44770091"), NULL, 10);
	sim_sent_clear(r->sim);
	for (size_t i = 0; i < n && r->started < r->wanted; i++) {
		if (r->gap_us)
			rig_serve(r, r->gap_us);
		text_in(r, customers[i]);
	}
}

struct rig_result rig_run(struct rig *r, size_t messages, size_t in_flight, int64_t gap_us)
{
	struct rig_result result = { .messages = messages };
	int64_t begin, last;
	double cpu, written_before;
	size_t before = 0;

	sim_sent_clear(r->sim);
	r->latency = calloc(messages, sizeof(*r->latency));
	r->wanted = messages;
	r->done = r->started = r->seen = 0;
	r->gap_us = gap_us;
	memset(r->announced, 0, sizeof(r->announced));
	written_before = written_bytes(r);
	cpu = rig_cpu_seconds(r);
	begin = last = rig_now_us();
	for (size_t i = 0; i < r->modems * in_flight && r->started < r->wanted; i++)
		text_in(r, i);
	while (r->done < r->wanted) {
		step(r, until_next(r));
		follow_answers(r);
		if (r->done != before) {
			before = r->done;
			last = rig_now_us();
		} else if (rig_now_us() - last > 30000000) {
			fprintf(stderr, "bench: %zu of %zu answered, then nothing for 30 s\n", r->done,
				messages);
			exit(1);
		}
	}
	result.seconds = (double)(rig_now_us() - begin) / 1e6;
	result.cpu_seconds = rig_cpu_seconds(r) - cpu;
	result.written_bytes = written_bytes(r) - written_before;
	result.rss_mib = rig_rss_mib(r, &result.private_dirty_mib);
	qsort(r->latency, r->seen, sizeof(*r->latency), compare);
	if (r->seen) {
		result.p50_us = (double)r->latency[r->seen / 2];
		result.p90_us = (double)r->latency[r->seen * 9 / 10];
		result.p99_us = (double)r->latency[r->seen * 99 / 100];
	}
	free(r->latency);
	rig_serve(r, 200000);	/* what is left to delete */
	return result;
}
