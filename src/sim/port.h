/* Where a card meets the world: a pseudo-terminal under a stable link, or a TCP port. */
#ifndef SIM_PORT_H
#define SIM_PORT_H

#include <twoway/loop.h>
#include <twoway/sim.h>

struct port {
	struct ports *owner;
	size_t card;
	bool is_urcs;			/* the second port of the card */
	int fd, slave, listen_fd;	/* -1: none */
	int watch_open;			/* inotify's number for the slave, -1: none */
	/* who has the slave open beside us; 0: what is said is lost */
	int openers;
	int counted;			/* the same by inotify, which may be behind */
	bool is_recounted;
	bool wants_write;
	struct tw_handle watch, listen_watch;
};
struct ports {
	struct loop *loop;
	struct sim *sim;
	const char *folder;
	int tcp_first;			/* 0: pseudo-terminals */
	int inotify;			/* -1: none; then a port counts as open once it was used */
	struct tw_handle inotify_watch;
	struct port *v;			/* all first ones, then all second ones */
	size_t n;
};

/* Opens a port for each card that is plugged in, and with urc_ports a second one; a message on
 * standard error says what failed. */
int ports_open(struct ports *p, struct loop *loop, struct sim *sim, const char *folder,
	       int tcp_first, bool urc_ports);
/* Follows what changed since it was last called: output, unplugged, plugged in. */
void ports_follow(struct ports *p);
void ports_close(struct ports *p);	/* links are removed */

#endif
