/* Comma separated values (RFC 4180): read a record at a time, written a cell at a time. */
#ifndef TWOWAY_CLI_CSV_H
#define TWOWAY_CLI_CSV_H

#include <twoway/base.h>

#include <stdio.h>

enum { CSV_CELLS_MAX = 64, CSV_RECORD_MAX = 48 << 10 };
struct csv {
	FILE *in;
	char separator;			/* found in the first record: a comma, a semicolon or a tab */
	unsigned long line;		/* where the record begins, from 1 */
	unsigned long next_line;
	char *cells[CSV_CELLS_MAX];	/* of the record; good until the next */
	size_t n;
	struct tw_buf text;
	off_t seen;			/* octets */
};
void csv_open(struct csv *c, FILE *in);
void csv_close(struct csv *c);		/* leaves the file open */
/* The next record that is not empty. 1; 0 at the end; negative with a sentence (static) where the record
 * cannot be read: the one after it can. */
int csv_next(struct csv *c, const char **ret_fault);
/* One cell, a comma before it unless it is the first of its line. is_free: what a stranger wrote, which a
 * spreadsheet must not take for a formula. */
void csv_put(struct tw_buf *b, const char *text, bool is_free);
void csv_end(struct tw_buf *b);

#endif
