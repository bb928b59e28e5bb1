/* The figures of design 6, each beside the bare loop in the same run: a table for people, and JSON.
 *
 *   bench BUILD_FOLDER [--json FILE] [--quick] [ROW…]
 *
 * Run from the source folder. `bench --help` names the rows. */
#include "load.h"
#include "rig.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *build;
static char dir[512];
static bool is_quick;
static FILE *json;

/* One row: what was measured, the bare loop's figure where there is one, the ratio, the figure to
 * reach ("at most" or "at least"). */
static void row(const char *name, double ours, const char *unit, double bare, double ratio,
		const char *target)
{
	static bool has_head;

	if (!has_head)
		printf("%-44s %12s %12s %8s  %s\n", "what", "twoway", "bare loop", "ratio", "to reach");
	has_head = true;
	printf("%-44s %9.1f %-2s", name, ours, unit);
	if (bare > 0)
		printf(" %9.1f %-2s %8.2f", bare, unit, ratio);
	else if (ratio > 0)
		printf(" %12s %8.2f", "", ratio);
	else
		printf(" %12s %8s", "", "");
	printf("  %s\n", target);
	fflush(stdout);
	if (!json)
		return;
	fprintf(json, "{\"what\":\"%s\",\"unit\":\"%s\",\"twoway\":%.3f,", name, unit, ours);
	if (bare > 0)
		fprintf(json, "\"bare\":%.3f,", bare);
	if (ratio > 0)
		fprintf(json, "\"ratio\":%.3f,", ratio);
	fprintf(json, "\"to_reach\":\"%s\"}\n", target);
	fflush(json);
}

static void clean(void)
{
	char command[4096];

	snprintf(command, sizeof(command), "rm -rf %s/bench.db* %s/bench.id %s/twoway.id %s/peer", dir, dir,
		 dir, dir);
	if (system(command) != 0)
		rig_fail(command);
}

static struct rig_result measure(size_t modems, bool is_floor, size_t messages, size_t in_flight,
				 int64_t gap_us)
{
	struct rig_result result;
	struct rig r;

	rig_open(&r, build, dir, modems);
	if (is_floor)
		rig_start_floor(&r);
	else
		rig_start_twowayd(&r, "");
	rig_run(&r, messages / 10 + modems, in_flight, gap_us);	/* to warm up */
	result = rig_run(&r, messages, in_flight, gap_us);
	rig_stop_subject(&r);
	rig_close(&r);
	clean();
	return result;
}

/* The machine drifts: subjects take turns, the better of three runs counts for each. */
static void pair(size_t modems, size_t messages, size_t in_flight, int64_t gap_us,
		 struct rig_result *ret_floor, struct rig_result *ret_ours)
{
	for (int i = 0; i < (is_quick ? 1 : 3); i++) {
		struct rig_result bare = measure(modems, true, messages, in_flight, gap_us);
		struct rig_result ours = measure(modems, false, messages, in_flight, gap_us);

		if (i == 0 || bare.seconds < ret_floor->seconds)
			*ret_floor = bare;
		if (i == 0 || ours.seconds < ret_ours->seconds)
			*ret_ours = ours;
	}
}

static void row_latency(void)
{
	struct rig_result bare, ours;

	pair(1, is_quick ? 50 : 150, 1, 50000, &bare, &ours);	/* idle: what was put off is done */
	row("auto-reply on an idle bank, median", ours.p50_us, "us", bare.p50_us,
	    ours.p50_us / bare.p50_us, "<= 1.3 x");
	row("auto-reply on an idle bank, 90 %", ours.p90_us, "us", bare.p90_us,
	    ours.p90_us / bare.p90_us, "");
}

static void row_throughput(size_t modems, size_t messages)
{
	struct rig_result bare, ours;
	char name[64];
	double a, b;

	pair(modems, messages, 4, 0, &bare, &ours);
	a = (double)ours.messages / ours.seconds;
	b = (double)bare.messages / bare.seconds;
	snprintf(name, sizeof(name), "two-way messages a second, %zu modem%s", modems,
		 modems > 1 ? "s" : "");
	row(name, a, "/s", b, a / b, ">= 0.6 x");
	snprintf(name, sizeof(name), "  processor time a message, %zu modem%s", modems,
		 modems > 1 ? "s" : "");
	row(name, ours.cpu_seconds / (double)ours.messages * 1e6, "us",
	    bare.cpu_seconds / (double)bare.messages * 1e6,
	    ours.cpu_seconds / (double)ours.messages /
		    (bare.cpu_seconds / (double)bare.messages + 1e-12), "");
	row("  written to disk a message", ours.written_bytes / (double)ours.messages, "B",
	    bare.written_bytes / (double)bare.messages,
	    ours.written_bytes / (bare.written_bytes + 1), "told");
}

/* The same load for each modem's share, so that only the number of modems differs. */
static void row_many(void)
{
	size_t messages = is_quick ? 4000 : 20000;
	struct rig_result few = measure(8, false, messages, 4, 0);
	struct rig_result many = measure(256, false, messages, 4, 0);
	double a = few.cpu_seconds / (double)few.messages, b = many.cpu_seconds / (double)many.messages;

	row("processor time a message, 8 modems", a * 1e6, "us", 0, 0, "");
	row("processor time a message, 256 modems", b * 1e6, "us", 0, b / a, "<= 1.2 x that at 8");
	row("RSS, 8 modems", few.rss_mib, "Mi", 0, 0, "<= 20 MiB");
	row("  Private_Dirty, 8 modems", few.private_dirty_mib, "Mi", 0, 0, "told");
	row("RSS, 256 modems", many.rss_mib, "Mi", 0, 0, "<= 48 MiB");
	row("  Private_Dirty, 256 modems", many.private_dirty_mib, "Mi", 0, 0, "told");
}

static void row_memory(void)
{
	size_t messages = is_quick ? 20000 : 1000000;
	double begin, end, dirty;
	struct rig r;

	rig_open(&r, build, dir, 16);
	rig_start_twowayd(&r, "");
	rig_run(&r, messages / 10, 4, 0);
	begin = rig_rss_mib(&r, &dirty);
	rig_run(&r, messages, 4, 0);
	end = rig_rss_mib(&r, &dirty);
	rig_stop_subject(&r);
	rig_close(&r);
	clean();
	row(is_quick ? "RSS growth over 20,000 messages" : "RSS growth over a million messages",
	    end - begin, "Mi", 0, end / begin, "flat");
}

static void row_idle(void)
{
	int64_t seconds = is_quick ? 20 : 60;
	uint64_t before, after;
	struct rig r;

	rig_open(&r, build, dir, 8);
	rig_start_twowayd(&r, "");
	rig_serve(&r, 15000000);	/* the pace of steady state */
	before = rig_voluntary_switches(&r);
	rig_serve(&r, seconds * 1000000);
	after = rig_voluntary_switches(&r);
	rig_stop_subject(&r);
	rig_close(&r);
	clean();
	row("idle, 8 modems: context switches a second", (double)(after - before) / (double)seconds, "",
	    0, 0, "<= 1");
}

/* A store with a million messages and 100,000 contacts: made once by bench_fill. */
static void row_full(void)
{
	size_t messages = is_quick ? 100 : 400;
	struct rig_result empty, full;
	char command[2048];
	double started;
	struct rig r;

	empty = measure(1, false, messages, 1, 5000);
	snprintf(command, sizeof(command), "%s/tests/bench/bench_fill %s/bench.db %d", build, dir,
		 is_quick ? 50000 : 1000000);
	if (system(command) != 0)
		rig_fail(command);
	rig_open(&r, build, dir, 1);
	started = (double)rig_now_us();
	rig_start_twowayd(&r, "");
	started = ((double)rig_now_us() - started) / 1e6;
	rig_run(&r, messages / 10 + 1, 1, 5000);
	full = rig_run(&r, messages, 1, 5000);
	rig_stop_subject(&r);
	rig_close(&r);
	clean();
	row(is_quick ? "reply time with 50,000 messages stored" : "reply time with a million messages stored",
	    full.p50_us, "us", 0,
	    full.p50_us / empty.p50_us, "<= 1.1 x that of an empty store");
	row(is_quick ? "start to a ready modem, 50,000 messages" : "start to a ready modem, a million messages",
	    started, "s", 0, 0, "<= 1 s and bring-up");
}

/* ---- a campaign to 100,000 contacts -------------------------------------------------------- */

static void tell_daemon(const char *words)
{
	char command[2048];

	snprintf(command, sizeof(command), "%s/twoway --socket %s/bench.sock %s >%s/twoway.out 2>&1", build, dir,
		 words, dir);
	if (system(command) != 0) {
		snprintf(command, sizeof(command), "cat %s/twoway.out >&2", dir);
		if (system(command) != 0)
			rig_fail("cat");
		rig_fail(words);
	}
}

/* When the daemon's log told of an event, in ms; 0: it has not. */
static int64_t logged_at(const char *event)
{
	char path[600], line[1024], time[TW_RFC3339_MAX];
	struct wall_ms at = { 0 };
	FILE *f;

	snprintf(path, sizeof(path), "%s/twowayd.log", dir);
	f = fopen(path, "r");
	while (f && !at.ms && fgets(line, sizeof(line), f))
		if (strstr(line, event) && tw_strsetn(time, sizeof(time), line, strcspn(line, " ")))
			tw_rfc3339_read(time, &at);
	if (f)
		fclose(f);
	return at.ms;
}

/* Its pace keeps it from being sent: what is measured is how it is queued, and who is answered meanwhile. */
static void row_campaign(void)
{
	size_t messages = is_quick ? 60 : 200;
	struct rig_result before, during;
	char command[2048];
	struct rig r;
	double cpu;

	snprintf(command, sizeof(command), "%s/tests/bench/bench_fill %s/bench.db 1000 news", build, dir);
	if (system(command) != 0)
		rig_fail(command);
	rig_open(&r, build, dir, 1);
	rig_start_twowayd(&r, "");
	rig_run(&r, messages / 4 + 1, 1, 5000);
	before = rig_run(&r, messages, 1, 5000);
	tell_daemon("campaign new bench --list news --text 'News for you, {name|friend}' --pace 1 --json");
	cpu = rig_cpu_seconds(&r);
	tell_daemon("campaign start bench");
	during = rig_run(&r, messages, 1, 5000);
	if (logged_at("campaign.queued"))
		fprintf(stderr, "bench: the campaign was queued before the last reply\n");
	for (int i = 0; !logged_at("campaign.queued") && i < 600; i++)
		rig_serve(&r, 100000);
	cpu = rig_cpu_seconds(&r) - cpu;
	row("campaign to 100,000 contacts, queued", (double)(logged_at("campaign.queued") -
		logged_at("campaign.started")) / 1000, "s", 0, 0, "<= 3 s");
	row("  processor time, with the replies meanwhile", cpu, "s", 0, 0, "told");
	row("  reply time meanwhile, median", during.p50_us, "us", 0, during.p50_us / before.p50_us, "<= 1.5 x");
	row("  reply time meanwhile, 90 %", during.p90_us, "us", 0, during.p90_us / before.p90_us, "");
	rig_stop_subject(&r);
	rig_close(&r);
	clean();
}

static void row_one(void)
{
	row_throughput(1, is_quick ? 500 : 4000);
}

static void row_sixteen(void)
{
	row_throughput(16, is_quick ? 4000 : 20000);
}

/* smsd takes seconds for an answer, so a few tell enough. */
static void row_peer(void)
{
	struct rig_result ours, peer;
	struct rig r;

	rig_open(&r, build, dir, 1);
	if (!rig_start_peer(&r)) {
		printf("smsd of the distribution (smstools) is not installed: no peer is measured\n");
		rig_close(&r);
		return;
	}
	peer = rig_run(&r, 8, 4, 0);
	rig_stop_subject(&r);
	rig_close(&r);
	clean();
	ours = measure(1, false, 500, 4, 0);
	row("two-way messages a second, 1 modem, beside smsd", (double)ours.messages / ours.seconds, "/s",
	    (double)peer.messages / peer.seconds,
	    (double)ours.messages / ours.seconds / ((double)peer.messages / peer.seconds), ">= 20 x");
	row("  written to disk a message", ours.written_bytes / (double)ours.messages, "B",
	    peer.written_bytes / (double)peer.messages,
	    ours.written_bytes / (double)ours.messages /
		    (peer.written_bytes / (double)peer.messages + 1e-12), "told");
}

/* Serves the bank until the client has ended. */
static struct load_result serve_until(struct rig *r, struct load *l)
{
	struct load_result result;

	while (!load_done(l, &result))
		rig_serve(r, 20000);
	return result;
}

static void row_http_of(const char *name, const struct load_result *l)
{
	char text[80];

	snprintf(text, sizeof(text), "HTTP messages a second, %s", name);
	row(text, (double)l->accepted / l->seconds, "/s", 0, 0, ">= 1000");
	row("  of 200 connections, half are answered within", l->p50_us, "us", 0, 0, "told");
	row("  99 of 100 within", l->p99_us, "us", 0, 0, "told");
	if (l->refused)
		row("  refused", (double)l->refused, "", 0, 0, "0");
}

/* 200 connections that post all the time; beside a bank that does nothing, and one that talks. */
static void row_http(void)
{
	int64_t us = is_quick ? 3000000 : 10000000;
	size_t messages = is_quick ? 500 : 2000;
	struct rig_result alone, beside;
	struct load_result idle, busy;
	char socket[600];
	struct load l;
	struct rig r;

	snprintf(socket, sizeof(socket), "%s/bench.sock", dir);
	rig_open(&r, build, dir, 16);
	rig_start_twowayd(&r, "");
	rig_run(&r, messages / 10, 4, 20000);
	alone = rig_run(&r, messages, 1, 20000);
	l = load_post(socket, 200, us);
	idle = serve_until(&r, &l);
	l = load_post(socket, 200, us);
	beside = rig_run(&r, messages, 1, 20000);
	busy = serve_until(&r, &l);
	rig_stop_subject(&r);
	rig_close(&r);
	clean();
	row_http_of("16 modems that send them", &idle);
	row_http_of("16 modems that also talk", &busy);
	row("  a reply meanwhile, against without", beside.p50_us, "us", 0, beside.p50_us / alone.p50_us, "told");
}

/* A reader of all messages, beside a customer who texts. */
static void row_export(void)
{
	size_t messages = is_quick ? 100 : 400;
	struct rig_result alone, beside;
	struct load_result read;
	char command[2048], socket[600];
	double before, after, dirty;
	struct load l;
	struct rig r;

	snprintf(command, sizeof(command), "%s/tests/bench/bench_fill %s/bench.db %d", build, dir,
		 is_quick ? 50000 : 1000000);
	if (system(command) != 0)
		rig_fail(command);
	snprintf(socket, sizeof(socket), "%s/bench.sock", dir);
	rig_open(&r, build, dir, 1);
	rig_start_twowayd(&r, "");
	rig_run(&r, messages / 10 + 1, 1, 5000);
	alone = rig_run(&r, messages, 1, 5000);
	before = rig_rss_mib(&r, &dirty);
	l = load_read(socket, "/api/v1/messages.csv");
	beside = rig_run(&r, messages, 1, 5000);
	after = rig_rss_mib(&r, &dirty);
	read = serve_until(&r, &l);
	rig_stop_subject(&r);
	rig_close(&r);
	clean();
	row("export: rows a second", (double)read.lines / read.seconds, "/s", 0, 0, "told");
	row("  rows", (double)read.lines, "", 0, 0, is_quick ? "50,000 and more" : "a million and more");
	row("  memory before it", before, "MB", 0, 0, "told");
	row("  memory that it took", after - before, "MB", 0, 0, "<= 1");
	row("  a reply without it", alone.p50_us, "us", 0, 0, "told");
	row("  a reply meanwhile", beside.p50_us, "us", 0, beside.p50_us / alone.p50_us,
	    "<= 1.1 x that without");
}

static const struct { const char *name; void (*run)(void); const char *what; } rows[] = {
	{ "latency", row_latency, "a reply on an idle bank" },
	{ "one", row_one, "two-way messages a second, 1 modem" },
	{ "sixteen", row_sixteen, "two-way messages a second, 16 modems" },
	{ "many", row_many, "256 modems beside 8: processor time, memory" },
	{ "idle", row_idle, "context switches of a bank that does nothing" },
	{ "full", row_full, "a million messages in the store" },
	{ "campaign", row_campaign, "a campaign to 100,000 contacts, and replies meanwhile" },
	{ "http", row_http, "messages taken over HTTP by 200 connections" },
	{ "export", row_export, "a million rows as CSV, and replies meanwhile" },
	{ "memory", row_memory, "growth over a million messages" },
	{ "peer", row_peer, "smsd of the distribution, where it is installed" },
};

static int usage(FILE *to, int code)
{
	fprintf(to, "usage: bench BUILD_FOLDER [--json FILE] [--quick] [ROW...]\n\n"
		"  --json FILE   one JSON object a figure\n"
		"  --quick       fewer messages, one run instead of the best of three\n\n"
		"rows, all of them unless named:\n");
	for (size_t i = 0; i < TW_COUNT(rows); i++)
		fprintf(to, "  %-12s  %s\n", rows[i].name, rows[i].what);
	return code;
}

/* Reads the arguments; the rows that are wanted. 0, or the exit code with everything said. */
static int read_arguments(int argc, char **argv, bool wanted[TW_COUNT(rows)], const char **ret_json)
{
	for (int a = 2; a < argc; a++) {
		size_t i = 0;

		if (strcmp(argv[a], "--quick") == 0) {
			is_quick = true;
			continue;
		}
		if (strcmp(argv[a], "--json") == 0 && a + 1 < argc) {
			*ret_json = argv[++a];
			continue;
		}
		while (i < TW_COUNT(rows) && strcmp(rows[i].name, argv[a]) != 0)
			i++;
		if (i == TW_COUNT(rows)) {
			fprintf(stderr, "bench: there is no %s %s\n", argv[a][0] == '-' ? "option" : "row",
				argv[a]);
			return usage(stderr, 64);
		}
		wanted[i] = true;
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool wanted[TW_COUNT(rows)] = { false }, any = false;
	const char *path = NULL;

	for (int a = 1; a < argc; a++)
		if (strcmp(argv[a], "--help") == 0)
			return usage(stdout, 0);
	if (argc < 2)
		return usage(stderr, 64);
	int r = read_arguments(argc, argv, wanted, &path);

	if (r)
		return r;
	build = realpath(argv[1], NULL);
	if (!build)
		rig_fail(argv[1]);
	snprintf(dir, sizeof(dir), "%s/bench.%d", build, (int)getpid());
	if (mkdir(dir, 0700) < 0)
		rig_fail(dir);
	json = path ? fopen(path, "w") : NULL;
	if (path && !json)
		rig_fail(path);
	for (size_t i = 0; i < TW_COUNT(rows); i++)
		any |= wanted[i];
	for (size_t i = 0; i < TW_COUNT(rows); i++)
		if (!any || wanted[i])
			rows[i].run();
	if (json)
		fclose(json);
	if (rmdir(dir) < 0 && errno != ENOTEMPTY)
		perror(dir);
	return 0;
}
