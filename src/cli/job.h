/* Between the verbs that give a modem something to do. */
#ifndef TWOWAY_CLI_JOB_H
#define TWOWAY_CLI_JOB_H

#include "cli.h"

/* Asks for a job and follows it until it is over or asks itself. take_path: heap. 0, or an exit
 * code after saying why. */
int job_ask(struct client *k, char *take_path, json_t *take_body, json_t **ret);
/* What came back in its steps, from the given one (from 0) on. */
void job_show(json_t *job, size_t from);
size_t job_steps(json_t *job);
/* The exit code of its end, after saying why it failed. */
int job_end(json_t *job);
char *job_path(const char *modem, const char *action);	/* heap */

#endif
