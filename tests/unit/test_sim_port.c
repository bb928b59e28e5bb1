/* Ports and control socket of twoway-sim, served by a child in a folder of its own. */
#include "run.h"

#include <errno.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "port.h"
#include "server.h"

enum { PATIENCE_MS = 20000 };	/* for what must come; nothing waits so long when all is well */

static char folder[64], link_name[80], socket_name[80];
static pid_t child;
static int tcp_port;

/* ---- the bank, in a child ------------------------------------------------------------------------ */

static bool urc_ports;

struct bank { struct loop *loop; struct sim *sim; struct ports ports; struct server server; };

static struct mono_ms on_turn(void *ctx, struct tw_now now)
{
	struct bank *b = ctx;

	sim_tick(b->sim, now);
	ports_follow(&b->ports);
	server_turn(&b->server);
	return sim_deadline(b->sim);
}

static void on_signal(void *ctx, int signo)
{
	(void)signo;
	loop_stop(((struct bank *)ctx)->loop);
}

static int serve(size_t modems, int ready)
{
	struct bank b = { .loop = loop_new(), .server.fd = -1 };
	struct sim_setup setup = { .modems = modems, .first_number = "+447700900001", .seed = 1,
				   .urc_ports = urc_ports, .now = loop_now(b.loop) };
	int r;

	b.sim = sim_new(&setup);
	loop_watch_signal(b.loop, SIGTERM, on_signal, &b);
	loop_set_turn(b.loop, on_turn, &b);
	r = server_open(&b.server, b.loop, b.sim, socket_name);
	if (!r)
		r = ports_open(&b.ports, b.loop, b.sim, folder, tcp_port, urc_ports);
	if (write(ready, r ? "n" : "y", 1) != 1 || r)
		return 1;
	r = loop_run(b.loop);
	ports_close(&b.ports);
	server_close(&b.server);
	sim_free(b.sim);
	loop_free(b.loop);
	return r ? 1 : 0;
}

static void begin(size_t modems)
{
	char word = 0;
	int ready[2];

	snprintf(folder, sizeof(folder), "/tmp/test_sim_port.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(link_name, sizeof(link_name), "%s/modem0", folder);
	snprintf(socket_name, sizeof(socket_name), "%s/control", folder);
	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (!child)
		exit(serve(modems, ready[1]));
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &word, 1), 1);
	ck_assert_int_eq(word, 'y');
	close(ready[0]);
}

/* The child ends well, and takes with it what it made. */
static void end(void)
{
	int status;

	kill(child, SIGTERM);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status), "status %d", status);
	ck_assert_msg(rmdir(folder) == 0, "something is left in %s", folder);
}

/* ---- the other end of the line ------------------------------------------------------------------- */

static int open_port(void)
{
	char path[PATH_MAX];
	int fd;

	ck_assert_msg(realpath(link_name, path) != NULL, "%s: %s", link_name, strerror(errno));
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	return fd;
}

/* Reads until what is there ends with want. */
static void expect(int fd, const char *want)
{
	char text[4096] = "";
	size_t n = 0, want_n = strlen(want);

	while (n < want_n || strcmp(text + n - want_n, want)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t r;

		ck_assert_msg(poll(&p, 1, PATIENCE_MS) == 1, "expected %s, got %s", want, text);
		r = read(fd, text + n, sizeof(text) - 1 - n);
		ck_assert_msg(r > 0, "expected %s, got %s and the end", want, text);
		n += (size_t)r;
		text[n] = '\0';
	}
}

static void ask(int fd, const char *line, const char *want)
{
	ck_assert_int_eq(write(fd, line, strlen(line)), (ssize_t)strlen(line));
	expect(fd, want);
}

static int open_control(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	tw_strset(a.sun_path, sizeof(a.sun_path), socket_name);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* ---- cases ------------------------------------------------------------------------------------- */

START_TEST(a_port_can_be_opened_again_and_again)
{
	begin(1);
	for (int i = 0; i < 3; i++) {
		int fd = open_port();

		ask(fd, "ATE0\r", "OK\r\n");
		ask(fd, "AT+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
		ask(fd, "ATE1\r", "OK\r\n");
		close(fd);
	}
	end();
}
END_TEST

/* One write of three octets arrives as it was written: the line is raw and echoes nothing. */
START_TEST(the_line_is_raw)
{
	struct termios t;
	int fd;

	begin(1);
	fd = open_port();
	ck_assert_int_eq(tcgetattr(fd, &t), 0);
	ck_assert_uint_eq(t.c_lflag & (ECHO | ICANON | ISIG), 0);
	ck_assert_uint_eq(t.c_iflag & (ICRNL | IXON), 0);
	ask(fd, "ATE0\r", "ATE0\r\r\nOK\r\n");
	close(fd);
	end();
}
END_TEST

START_TEST(what_nobody_hears_is_lost)
{
	int fd, control;

	begin(1);
	control = open_control();
	fd = open_port();
	ask(fd, "ATE0\r", "OK\r\n");
	ask(control, "{\"op\":\"urc\",\"modem\":0,\"text\":\"heard\"}\n", "{\"ok\":true}\n");
	expect(fd, "\r\nheard\r\n");
	close(fd);
	/* two requests: between them the bank has seen that the port is closed */
	ask(control, "{\"op\":\"list\"}\n", "}\n");
	ask(control, "{\"op\":\"urc\",\"modem\":0,\"text\":\"lost\"}\n", "{\"ok\":true}\n");
	ask(control, "{\"op\":\"list\"}\n", "}\n");
	fd = open_port();
	ask(fd, "AT\r", "OK\r\n");
	ask(fd, "AT\r", "OK\r\n");
	ck_assert_int_eq(write(fd, "AT+CSQ\r", 7), 7);
	expect(fd, "\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
	close(fd);
	close(control);
	end();
}
END_TEST

START_TEST(the_exclusive_mark_goes_with_who_set_it)
{
	int fd, mark;

	begin(1);
	fd = open_port();
	ck_assert_int_eq(ioctl(fd, TIOCEXCL), 0);
	ask(fd, "ATE0\r", "OK\r\n");
	close(fd);
	for (int tries = 0; tries < 200; tries++) {
		int control = open_control();

		ask(control, "{\"op\":\"list\"}\n", "}\n");
		close(control);
		fd = open_port();
		ck_assert_int_eq(ioctl(fd, TIOCGEXCL, &mark), 0);
		close(fd);
		if (!mark)
			break;
	}
	ck_assert_int_eq(mark, 0);
	end();
}
END_TEST

/* What was asked is answered on the first port, and nothing else comes there. */
START_TEST(a_second_port_has_what_nobody_asked)
{
	struct pollfd p;
	int at, urcs, control;

	urc_ports = true;
	begin(2);
	urc_ports = false;
	control = open_control();
	at = open_port();
	snprintf(link_name, sizeof(link_name), "%s/modem0-urc", folder);
	urcs = open_port();
	ask(at, "ATE0\r", "OK\r\n");
	ck_assert_int_eq(write(urcs, "AT\r", 3), 3);		/* nobody listens there */
	ask(control, "{\"op\":\"urc\",\"modem\":0,\"text\":\"+HELLO\"}\n", "{\"ok\":true}\n");
	expect(urcs, "\r\n+HELLO\r\n");
	p = (struct pollfd){ .fd = at, .events = POLLIN };
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	ask(at, "AT+CMEE=1\r", "\r\nOK\r\n");
	close(at);
	close(urcs);
	close(control);
	end();
}
END_TEST

START_TEST(unplugged_the_line_ends_and_the_link_goes)
{
	struct pollfd p;
	int fd, control;
	char octet;

	begin(2);
	control = open_control();
	fd = open_port();
	ask(fd, "ATE0\r", "OK\r\n");
	ask(control, "{\"op\":\"unplug\",\"modem\":0}\n", "{\"ok\":true}\n");
	ask(control, "{\"op\":\"list\"}\n", "}\n");
	ck_assert_int_eq(access(link_name, F_OK), -1);
	p = (struct pollfd){ .fd = fd, .events = POLLIN };
	ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
	ck_assert_int_ne(p.revents & POLLHUP, 0);
	ck_assert_int_le(read(fd, &octet, 1), 0);
	close(fd);
	ask(control, "{\"op\":\"plug\",\"modem\":0}\n", "{\"ok\":true}\n");
	ask(control, "{\"op\":\"list\"}\n", "}\n");
	fd = open_port();
	ask(fd, "ATE0\r", "ATE0\r\r\nOK\r\n");
	close(fd);
	close(control);
	end();
}
END_TEST

START_TEST(a_subscriber_hears_what_another_did)
{
	int fd, one, two;

	begin(1);
	one = open_control();
	two = open_control();
	ask(one, "{\"op\":\"subscribe\",\"number\":\"+447700900123\"}\n",
	    "{\"ok\":true,\"number\":\"+447700900123\"}\n");
	/* two requests and a half in one write */
	ask(two, "{\"op\":\"clear\"}\n{\"op\":\"set\",\"deliver_ms\":0}\n{\"op\":", "\"cnum\":true}}\n");
	ask(two, "\"clear\"}\n", "{\"ok\":true,\"cleared\":0}\n");
	fd = open_port();
	ask(fd, "ATE0\r", "OK\r\n");
	ask(fd, "AT+CMGS=20\r", "> ");
	ask(fd, "0011000C914477000910320000A706D4F29C0E8A01\x1A", "OK\r\n");
	expect(one, "\"segments\":1,\"event\":\"text\"}\n");
	close(two);
	close(one);
	close(fd);
	end();
}
END_TEST

START_TEST(a_second_bank_in_the_same_folder_is_refused)
{
	int status;
	pid_t second;

	begin(1);
	second = fork();
	if (!second) {
		struct loop *loop = loop_new();
		struct server server;
		int r, null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		close(null);
		r = server_open(&server, loop, NULL, socket_name);
		loop_free(loop);
		exit(r == -EADDRINUSE ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(second, &status, 0), second);
	ck_assert_int_eq(status, 0);
	end();
}
END_TEST

/* A killed bank leaves its socket and its links behind: the next one takes their place. */
START_TEST(what_a_killed_bank_left_is_taken_over)
{
	int fd, ready[2], status;
	char word;

	begin(1);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(access(socket_name, F_OK), 0);
	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (!child)
		exit(serve(1, ready[1]));
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &word, 1), 1);
	ck_assert_int_eq(word, 'y');
	close(ready[0]);
	fd = open_port();
	ask(fd, "AT\r", "OK\r\n");
	close(fd);
	end();
}
END_TEST

START_TEST(ports_on_tcp)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), second;
	char octet;

	/* a port that is free just now */
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	tcp_port = ntohs(a.sin_port);
	begin(1);
	for (int i = 0; i < 2; i++) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
		ask(fd, "AT\r", "OK\r\n");
		/* a line has one user */
		second = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(connect(second, (struct sockaddr *)&a, sizeof(a)), 0);
		ck_assert_int_eq(read(second, &octet, 1), 0);
		close(second);
		ask(fd, "AT\r", "OK\r\n");
		shutdown(fd, SHUT_WR);
		ck_assert_int_eq(read(fd, &octet, 1), 0);
		close(fd);
	}
	end();
	tcp_port = 0;
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, a_port_can_be_opened_again_and_again);
	tcase_add_test(tc, the_line_is_raw);
	tcase_add_test(tc, what_nobody_hears_is_lost);
	tcase_add_test(tc, the_exclusive_mark_goes_with_who_set_it);
	tcase_add_test(tc, unplugged_the_line_ends_and_the_link_goes);
	tcase_add_test(tc, a_second_port_has_what_nobody_asked);
	tcase_add_test(tc, a_subscriber_hears_what_another_did);
	tcase_add_test(tc, a_second_bank_in_the_same_folder_is_refused);
	tcase_add_test(tc, what_a_killed_bank_left_is_taken_over);
	tcase_add_test(tc, ports_on_tcp);
}

int main(void)
{
	return unit_run("sim_port", add);
}
