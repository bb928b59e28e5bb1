/* A mail server on loopback, which the receiver runs: SMTP (RFC 5321) in clear, with STARTTLS (RFC
 * 3207) or over TLS from the beginning. Where TLS is, who sends must log in (RFC 4954): shop, sesame.
 * The mailbox nobody@… is refused for good. */
#ifndef MAIL_H
#define MAIL_H

#include <gnutls/gnutls.h>

enum mail_mode { MAIL_CLEAR, MAIL_STARTTLS, MAIL_TLS };
struct mail_server {
	enum mail_mode mode;
	gnutls_certificate_credentials_t own;	/* NULL: MAIL_CLEAR */
	void (*heard)(const char *line);	/* each line that came, and what was found */
	int fd, port;
};
/* Any port of loopback. 0, or -1. */
int mail_listen(struct mail_server *s);
/* Of a thread: without end, each conversation in a thread of its own. */
void *mail_serve(void *server);

#endif
