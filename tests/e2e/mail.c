#include "mail.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 2048 };

struct talk {
	const struct mail_server *s;
	gnutls_session_t tls;		/* NULL: in clear so far */
	int fd;
	int is_data, is_login, is_known;	/* is_login: the next line is the password */
};

int mail_listen(struct mail_server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, sizeof(a)) || listen(s->fd, 8) ||
	    getsockname(s->fd, (struct sockaddr *)&a, &size))
		return -1;
	s->port = ntohs(a.sin_port);
	return 0;
}

static void say(struct talk *t, const char *text)
{
	size_t n = strlen(text);

	if (t->tls)
		(void)!gnutls_record_send(t->tls, text, n);
	else
		(void)!write(t->fd, text, n);
}

/* Without its end. False: they have gone. */
static int hear(struct talk *t, char line[LINE_MAX_OCTETS])
{
	size_t n = 0;
	char c;

	for (;;) {
		ssize_t got = t->tls ? gnutls_record_recv(t->tls, &c, 1) : read(t->fd, &c, 1);

		if (got != 1)
			return 0;
		if (c == '\n')
			break;
		if (n < LINE_MAX_OCTETS - 1)
			line[n++] = c;
	}
	while (n && line[n - 1] == '\r')
		n--;
	line[n] = 0;
	return 1;
}

static int encrypt(struct talk *t)
{
	gnutls_init(&t->tls, GNUTLS_SERVER);
	gnutls_set_default_priority(t->tls);
	gnutls_credentials_set(t->tls, GNUTLS_CRD_CERTIFICATE, t->s->own);
	gnutls_transport_set_int(t->tls, t->fd);
	if (gnutls_handshake(t->tls) == GNUTLS_E_SUCCESS)
		return 1;
	t->s->heard("(no handshake)");
	return 0;
}

static void greet(struct talk *t)
{
	say(t, t->tls ? "250-receiver\r\n250 AUTH PLAIN\r\n" :
	       t->s->mode == MAIL_STARTTLS ? "250-receiver\r\n250 STARTTLS\r\n" : "250 receiver\r\n");
}

static void log_in(struct talk *t, const char *secret)
{
	t->is_known = !strcmp(secret, "AHNob3AAc2VzYW1l");	/* NUL shop NUL sesame */
	t->s->heard(t->is_known ? "(logged in)" : "(a wrong password)");
	say(t, t->is_known ? "235 welcome\r\n" : "535 wrong user or password\r\n");
}

static int begins(const char *line, const char *word)
{
	return !strncasecmp(line, word, strlen(word));
}

/* False: it is over. */
static int answer(struct talk *t, const char *line)
{
	int is_login = t->is_login;

	t->is_login = 0;
	if (is_login) {
		log_in(t, line);
	} else if (begins(line, "EHLO")) {
		greet(t);
	} else if (begins(line, "STARTTLS") && t->s->mode == MAIL_STARTTLS && !t->tls) {
		say(t, "220 go on\r\n");
		return encrypt(t);
	} else if (begins(line, "AUTH PLAIN ") && t->tls) {
		log_in(t, line + 11);
	} else if (begins(line, "AUTH PLAIN") && t->tls) {
		t->is_login = 1;
		say(t, "334 \r\n");
	} else if (begins(line, "MAIL") && t->s->mode != MAIL_CLEAR && !t->is_known) {
		say(t, "530 log in first\r\n");
	} else if (begins(line, "RCPT TO:<nobody@")) {
		say(t, "550 no such mailbox\r\n");
	} else if (begins(line, "DATA")) {
		t->is_data = 1;
		say(t, "354 go on\r\n");
	} else if (begins(line, "QUIT")) {
		say(t, "221 bye\r\n");
		return 0;
	} else {
		say(t, "250 ok\r\n");
	}
	return 1;
}

static void serve_one(struct talk *t)
{
	char line[LINE_MAX_OCTETS];

	if (t->s->mode == MAIL_TLS && !encrypt(t))
		return;
	say(t, "220 receiver\r\n");
	while (hear(t, line)) {
		t->s->heard(line);
		if (t->is_data && strcmp(line, "."))
			continue;
		if (t->is_data)
			say(t, "250 taken\r\n");
		else if (!answer(t, line))
			break;
		t->is_data = t->is_data && strcmp(line, ".") != 0;
	}
}

static void *serve(void *talk)
{
	struct talk *t = talk;

	serve_one(t);
	if (t->tls) {
		gnutls_bye(t->tls, GNUTLS_SHUT_WR);
		gnutls_deinit(t->tls);
	}
	close(t->fd);
	free(t);
	return NULL;
}

/* A client may keep its connection for the next mail: others are not to wait for that. */
void *mail_serve(void *server)
{
	const struct mail_server *s = server;
	pthread_t thread;

	for (;;) {
		int fd = accept(s->fd, NULL, NULL);
		struct talk *t = fd < 0 ? NULL : calloc(1, sizeof(*t));

		if (!t)
			continue;
		*t = (struct talk){ .s = s, .fd = fd };
		if (pthread_create(&thread, NULL, serve, t))
			return NULL;
		pthread_detach(thread);
	}
}
