/* The bare loop that figures are compared with: one thread, poll, no library. It reads each stored
 * message, writes it to a file with one fdatasync a turn, echoes the text back as a reply, deletes.
 *
 *   floor LOG PORT…
 *
 * What it leaves out is what a gateway is for: it knows no keyword, no duplicate, no long message, no
 * fault, and forgets what it sent. It is the least that any program on these modems must do. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PORTS_MAX = 256, LINE_MAX_ = 1024, QUEUE = 64 };
enum step { IDLE, READING, STORED, PROMPT, SENDING, DELETING };

struct port {
	int fd;
	enum step step;
	char in[LINE_MAX_];
	int in_n;
	char pdu[LINE_MAX_];		/* of the text just read, then of the reply */
	int waiting[QUEUE];		/* slots announced */
	unsigned head, tail;
	int slot;
};

static struct port ports[PORTS_MAX];
static int log_fd;
static int is_dirty;

static void put(struct port *p, const char *text)
{
	size_t n = strlen(text);

	if (write(p->fd, text, n) != (ssize_t)n) {
		perror("write");
		exit(1);
	}
}

static void ask_next(struct port *p)
{
	char command[32];

	p->step = IDLE;
	if (p->head == p->tail)
		return;
	p->slot = p->waiting[p->head++ % QUEUE];
	snprintf(command, sizeof(command), "AT+CMGR=%d\r", p->slot);
	put(p, command);
	p->step = READING;
}

static int octet(const char *hex, int i)
{
	int v = 0;

	for (int k = 0; k < 2; k++) {
		char c = hex[2 * i + k];

		v = v * 16 + (c >= 'a' ? c - 'a' + 10 : c >= 'A' ? c - 'A' + 10 : c - '0');
	}
	return v;
}

/* DELIVER to SUBMIT: same address, same DCS, same user data. Returns the TPDU's octets. */
static int turn_round(char *pdu)
{
	char reply[LINE_MAX_];
	int oa = 1 + octet(pdu, 0) + 1;
	int digits = octet(pdu, oa), oa_n = 2 + (digits + 1) / 2;
	int after = oa + oa_n;		/* PID DCS SCTS[7] UDL UD */

	snprintf(reply, sizeof(reply), "000100%.*s%.4s%s", 2 * oa_n, pdu + 2 * oa, pdu + 2 * after,
		 pdu + 2 * (after + 9));
	strcpy(pdu, reply);
	return (int)strlen(reply) / 2 - 1;
}

static void on_line(struct port *p, const char *line)
{
	char command[LINE_MAX_ + 2];
	int slot;

	if (sscanf(line, "+CMTI: \"%*2s\",%d", &slot) == 1) {
		p->waiting[p->tail++ % QUEUE] = slot;
		if (p->step == IDLE)
			ask_next(p);
	} else if (p->step == READING && strncmp(line, "+CMGR", 5) != 0 && strlen(line) > 20) {
		strcpy(p->pdu, line);
		if (dprintf(log_fd, "%s\n", line) < 0)
			exit(1);
		is_dirty = 1;
	} else if (p->step == READING && strcmp(line, "OK") == 0) {
		p->step = STORED;
	} else if (p->step == SENDING && strcmp(line, "OK") == 0) {
		snprintf(command, sizeof(command), "AT+CMGD=%d\r", p->slot);
		put(p, command);
		p->step = DELETING;
	} else if (p->step == DELETING && strcmp(line, "OK") == 0) {
		ask_next(p);
	}
}

static void on_bytes(struct port *p)
{
	int start = 0;
	ssize_t n = read(p->fd, p->in + p->in_n, sizeof(p->in) - 1 - (size_t)p->in_n);

	if (n <= 0)
		exit(n < 0);
	p->in_n += (int)n;
	p->in[p->in_n] = '\0';
	for (int i = 0; i < p->in_n; i++) {
		if (p->in[i] != '\n' && p->in[i] != '\r')
			continue;
		p->in[i] = '\0';
		if (i > start)
			on_line(p, p->in + start);
		start = i + 1;
	}
	p->in_n -= start;
	memmove(p->in, p->in + start, (size_t)p->in_n + 1);
	if (p->step == PROMPT && p->in[0] == '>') {
		p->in_n = 0;
		strcat(p->pdu, "\x1a");
		put(p, p->pdu);
		p->step = SENDING;
	}
}

/* One fdatasync for all that was read in this turn; only then the replies. */
static void end_turn(int n)
{
	char command[32];

	if (!is_dirty)
		return;
	if (fdatasync(log_fd) < 0)
		exit(1);
	is_dirty = 0;
	for (int i = 0; i < n; i++) {
		if (ports[i].step != STORED)
			continue;
		snprintf(command, sizeof(command), "AT+CMGS=%d\r", turn_round(ports[i].pdu));
		put(&ports[i], command);
		ports[i].step = PROMPT;
	}
}

/* Brings a modem up without looking at its answers; what comes in half a second is thrown away. */
static void open_port(struct port *p, const char *path)
{
	static const char *const commands[] = { "\x1b\r", "ATE0\r", "AT+CMGF=0\r",
						"AT+CPMS=\"SM\",\"SM\",\"SM\"\r",
						"AT+CNMI=2,1,0,0,0\r" };
	struct termios t;
	char waste[512];

	p->fd = open(path, O_RDWR | O_NOCTTY);
	if (p->fd < 0 || tcgetattr(p->fd, &t) < 0) {
		perror(path);
		exit(1);
	}
	cfmakeraw(&t);
	tcsetattr(p->fd, TCSANOW, &t);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct pollfd wait = { .fd = p->fd, .events = POLLIN };

		put(p, commands[i]);
		while (poll(&wait, 1, 100) > 0)
			if (read(p->fd, waste, sizeof(waste)) <= 0)
				exit(1);
	}
}

int main(int argc, char **argv)
{
	struct pollfd wait[PORTS_MAX];
	int n = argc - 2;

	if (n < 1 || n > PORTS_MAX) {
		fprintf(stderr, "usage: floor LOG PORT…\n");
		return 64;
	}
	log_fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (log_fd < 0) {
		perror(argv[1]);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		open_port(&ports[i], argv[2 + i]);
		wait[i] = (struct pollfd){ .fd = ports[i].fd, .events = POLLIN };
	}
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		if (poll(wait, (nfds_t)n, -1) < 0)
			return 1;
		for (int i = 0; i < n; i++)
			if (wait[i].revents)
				on_bytes(&ports[i]);
		end_turn(n);
	}
}
