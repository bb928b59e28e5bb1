/* What the daemon tells systemd (sd_notify(3), systemd.service(5) Type=notify and WatchdogSec=): this
 * program is the supervisor. notify TWOWAYD */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, STOP_WITHIN_S = 7 };

static char dir[] = "/tmp/twoway-notify-XXXXXX", conf[64];
static pid_t daemon_pid;
static int notified = -1;

static void clean_up(void)
{
	char command[64];

	if (daemon_pid > 0) {
		kill(daemon_pid, SIGKILL);
		waitpid(daemon_pid, NULL, 0);
	}
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		perror(command);
}

static void fail(const char *what, const char *got)
{
	fprintf(stderr, "FAIL %s%s%s\n", what, got ? ", but got: " : "", got ? got : "");
	exit(1);
}

static void check(int is_true, const char *what, const char *got)
{
	if (!is_true)
		fail(what, got);
	printf("ok   %s\n", what);
}

static void write_conf(const char *more)
{
	FILE *f = fopen(conf, "w");

	if (!f)
		fail("a folder to write in", strerror(errno));
	fprintf(f, "database = \"%s/twoway.db\"; flows = [ ]; adopt = \"none\"; stop_within = \"%ds\";\n"
		"api = { listen = \"127.0.0.1:0\"; socket = \"%s/twoway.sock\"; };\n%s\n", dir,
		STOP_WITHIN_S, dir, more);
	fclose(f);
}

static void listen_here(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/notify", dir);
	notified = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notified < 0 || bind(notified, (struct sockaddr *)&a, sizeof(a)))
		fail("a socket to be told on", strerror(errno));
	setenv("NOTIFY_SOCKET", a.sun_path, 1);
	setenv("WATCHDOG_USEC", "200000", 1);
	unsetenv("WATCHDOG_PID");
}

static void start(const char *program)
{
	daemon_pid = fork();
	if (daemon_pid)
		return;
	execl(program, program, "--config", conf, (char *)NULL);
	perror(program);
	_exit(127);
}

/* Takes what is told until a line begins with the word; returns the whole message. */
static const char *await(const char *word, const char *what)
{
	static char message[4096];
	struct pollfd p = { .fd = notified, .events = POLLIN };
	ssize_t n;

	while (poll(&p, 1, PATIENCE_MS) == 1) {
		n = recv(notified, message, sizeof(message) - 1, 0);
		if (n < 0)
			break;
		message[n] = '\0';
		for (const char *line = message; line; line = strchr(line, '\n'))
			if (!strncmp(line += *line == '\n', word, strlen(word))) {
				printf("ok   %s\n", what);
				return message;
			}
	}
	fail(what, "silence");
	return NULL;
}

static long long value(const char *message, const char *name)
{
	const char *at = strstr(message, name);

	return at ? atoll(at + strlen(name)) : -1;
}

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A reload counts as the one asked for only if its time is not before it. */
static void reload(const char *what)
{
	long long asked = now_us();
	const char *message;

	kill(daemon_pid, SIGHUP);
	message = await("RELOADING=1", what);
	check(value(message, "MONOTONIC_USEC=") >= asked, "its time is that of this reload", message);
	await("READY=1", "it is ready again");
}

int main(int argc, char **argv)
{
	const char *message;
	int status = 0;

	if (argc != 2 || !mkdtemp(dir))
		return 2;
	atexit(clean_up);
	snprintf(conf, sizeof(conf), "%s/twoway.conf", dir);
	write_conf("");
	listen_here();
	start(argv[1]);
	await("READY=1", "it says that it is ready");
	await("STATUS=", "and how it is");
	await("WATCHDOG=1", "it gives a sign of life");
	await("WATCHDOG=1", "and another");
	reload("it says that it reads its settings again");
	write_conf("no_such_setting = 1;");
	reload("also when they are wrong");
	kill(daemon_pid, SIGTERM);
	message = await("STOPPING=1", "it says that it ends");
	check(value(message, "EXTEND_TIMEOUT_USEC=") > STOP_WITHIN_S * 1000000LL,
	      "and asks for longer than stop_within", message);
	check(waitpid(daemon_pid, &status, 0) == daemon_pid && status == 0, "it ends well", NULL);
	daemon_pid = 0;
	return 0;
}
