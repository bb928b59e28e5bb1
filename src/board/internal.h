/* Private to src/board. */
#ifndef BOARD_INTERNAL_H
#define BOARD_INTERNAL_H

#include <twoway/board.h>

struct boards {
	/* path, time and size of each file read: whether anything changed */
	struct tw_buf stamp;
	struct board **v;
	size_t n, cap;
	const struct board *generic;	/* one of v */
};

/* A profile as its file says it: the board, and what must be worked on before it is one. */
struct board_raw {
	struct board b;
	struct tw_strings reactions;		/* "cms 512 retry" */
	const struct tw_conf_node *sim;
};

/* The key tables (keys.c): of the file, and of its group `sim` (offsets into struct board_raw). */
extern const struct tw_key board_keys[], board_sim_keys[];
extern const size_t board_keys_n, board_sim_keys_n;

/* Lists that a profile inherits when it does not write them, and the chatter that every profile's
 * `ignore` ends with. */
struct board_list { size_t offset; const char *name; const char *const *texts; };
extern const struct board_list board_default_lists[];
extern const size_t board_default_lists_n;
extern const char *const board_common_ignore[];	/* NULL-ended */

/* Whether text has the form of an entry of at_interfaces (interface.c). */
bool board_is_interface_entry(const char *text);

#endif
