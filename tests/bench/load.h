/* Clients of the HTTP API in a process of their own, so that a bank can be served meanwhile: what they
 * found is read from a pipe once they have ended. */
#ifndef TWOWAY_BENCH_LOAD_H
#define TWOWAY_BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct load { pid_t pid; int fd; };
struct load_result {
	double seconds;
	size_t accepted, refused;	/* posts: answers with 201, with anything else */
	double p50_us, p99_us;		/* of a post */
	size_t octets, lines;		/* export */
};
/* connections that each post one message after the other over the unix socket, for so long. */
struct load load_post(const char *socket, int connections, int64_t us);
/* One reader of path, to its end. */
struct load load_read(const char *socket, const char *path);
/* 0 while it goes on; 1 with the result. */
int load_done(struct load *l, struct load_result *ret);

#endif
