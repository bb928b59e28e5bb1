/* Between send.c and send_file.c. */
#ifndef TWOWAY_CLI_SEND_H
#define TWOWAY_CLI_SEND_H

#include "cli.h"

struct send_options { const char *from, *account, *at, *valid_for, *key, *file; bool again; };

/* The request's body; heap. Texts must be UTF-8. */
char *send_body(const struct send_options *o, const char *to, const char *text,
		struct wall_ms at);
int send_file(struct cli *c, const struct send_options *o, struct wall_ms at);

/* One line of a file: number, tab, text. The line is cut in place. Returns NULL and fills both, or
 * says what is wrong (static). An empty line gives NULL with *ret_to NULL. */
const char *send_line_read(char *line, size_t n, char **ret_to, char **ret_text);

#endif
