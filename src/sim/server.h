/* The control socket of twoway-sim: a unix stream socket, JSON lines both ways. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <twoway/loop.h>
#include <twoway/sim.h>

enum {
	SERVER_LINE_MAX = 1 << 20,	/* a longer request ends its connection */
	SERVER_OUT_MAX = 64 << 20	/* so does a reader that has fallen this far behind */
};
struct client {
	struct server *owner;
	uint64_t id;
	int fd;				/* -1: gone, swept at the end of the turn */
	bool wants_write;
	struct tw_handle watch;
	struct tw_buf in, out;
	size_t out_taken;
};
struct server {
	struct loop *loop;
	struct sim *sim;
	char *path;
	int fd;
	struct tw_handle watch;
	struct client **clients;
	size_t n;
	uint64_t last_id;
	bool has_gone;
};

/* 0, or -errno after saying why; a socket that nobody serves any more is replaced. */
int server_open(struct server *s, struct loop *loop, struct sim *sim, const char *path);
void server_turn(struct server *s);	/* hands subscribers' lines out, sweeps who has gone */
void server_close(struct server *s);	/* the socket is removed */

#endif
