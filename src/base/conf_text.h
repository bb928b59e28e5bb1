/* The text of a configuration file on its way to libconfig: includes expanded, checked token by
 * token, trailing commas blanked out. Private to base. */
#ifndef TWOWAY_BASE_CONF_TEXT_H
#define TWOWAY_BASE_CONF_TEXT_H

#include <twoway/base.h>

enum {
	CONF_INCLUDE_MAX = 9,	/* files deep below the first */
	CONF_FILES_MAX = 1000,
	CONF_DEPTH_MAX = 64,	/* brackets within brackets */
	CONF_MEMBERS_MAX = 1024	/* settings in one group: libconfig compares each with each */
};

/* From line `first` of the whole text on, lines are those of a file, beginning with `line`. */
struct conf_span { unsigned first, file, line; };

/* One setting or element in the order in which it begins: what libconfig does not tell truly.
 * (1.5 gives an element the line of the token behind it, and cuts integers to 32 bits.) */
struct conf_mark { unsigned line; int64_t integer; };

struct conf_text {
	struct tw_buf text;
	unsigned lines;			/* of text so far */
	struct conf_span *spans;
	size_t n_spans;
	struct tw_strings files;
	struct conf_mark *marks;
	size_t n_marks, cap_marks;
	struct tw_findings *findings;
};

void conf_text_done(struct conf_text *c);
/* The file and line that a line of the whole text came from. The name lives as long as c. */
const char *conf_text_where(const struct conf_text *c, unsigned line, unsigned *ret_line);
void conf_text_fault(struct conf_text *c, unsigned line, bool is_error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Reads path (text NULL) or takes text under a name. 0, or TW_E_CONFIG with an error in
 * findings. */
int conf_text_read(struct conf_text *c, const char *path, const char *text, size_t n);
/* Checks the brackets, names and values, blanks out trailing commas, marks every setting. */
int conf_text_check(struct conf_text *c);

#endif
