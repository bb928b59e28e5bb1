/* `check --diff`: what becomes of conversations when flows are reloaded with --move. */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include "cli.h"

#include <twoway/flow.h>

/* Asks the daemon where conversations stand. An exit code. */
int diff_show(struct cli *c, const struct flows *now);

#endif
