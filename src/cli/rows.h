/* Lists that the daemon tells page by page, and tables of them. */
#ifndef TWOWAY_CLI_ROWS_H
#define TWOWAY_CLI_ROWS_H

#include "cli.h"

/* A list in an answer: the member that holds it, the one that says where to go on (NULL: it comes
 * whole), and what is said where there is nothing in it. */
struct rows_list { const char *name, *cursor, *none; };
enum rows_kind { ROWS_TEXT, ROWS_COUNT, ROWS_AMOUNT, ROWS_TIME, ROWS_FLAG };
struct rows_column {
	const char *head, *member;
	enum rows_kind kind;
	bool gives_way;			/* is cut where the terminal is narrow */
	int spare;			/* left out there before others; 0 never */
};

/* Appends a parameter; value NULL or "": nothing. */
void rows_query(struct tw_buf *path, const char *name, const char *value);
/* --limit of a verb: 0 or an exit code after saying why. */
int rows_limit(const char *verb, const char *text, int64_t *ret);
/* Appends the rows to all; limit 0: every one. ret_first, NULL or a NULL: the first page whole, the
 * caller's. */
int rows_read(struct cli *c, const char *path, const struct rows_list *l, int64_t limit,
	      json_t *all,
	      json_t **ret_first);
void rows_print(struct cli *c, json_t *rows, const struct rows_column *columns, size_t n);
/* Both: as a table, or with --json a line each. */
int rows_show(struct cli *c, const char *path, const struct rows_list *l, int64_t limit,
	      const struct rows_column *columns, size_t n);
/* "name        value", made safe; nothing where value is "". */
void rows_line(const char *name, const char *value, struct tw_buf *b);

#endif
