/* `twoway handset`: a phone on the virtual network. */
#ifndef CLI_HANDSET_H
#define CLI_HANDSET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <twoway/base.h>

/* argv[0] is the verb. Returns the exit code (contract 4). */
int cli_handset(int argc, char **argv);

/* The connection to a virtual bank's control socket: JSON lines, read and written with patience. */
struct handset_link {
	int fd;
	struct tw_buf in;
};
/* by: the --sim option, NULL when it was not given; then TWOWAY_SIM, then the demo this user
 * started last (told on standard error). A folder stands for its `control`. 0, or an exit code
 * after saying what to do. */
int handset_link_open(struct handset_link *l, const char *by);
void handset_link_close(struct handset_link *l);
/* A line that has arrived, within wait_ms (0: what is here, -1: for ever); stops early when
 * stdin_too and standard input has something. 1 a line (*ret, to be released), 0 none, -1 the bank
 * is gone. */
int handset_link_line(struct handset_link *l, int64_t wait_ms, bool stdin_too, json_t **ret);
/* Asks (takes in) and waits for the answer; lines that come unasked meanwhile are collected in the
 * array others. NULL after a connection failure; a refusal is an answer with "ok" false. */
json_t *handset_link_ask(struct handset_link *l, json_t *take_in, json_t *others);

#endif
