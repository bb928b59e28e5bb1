/* What a program or a web server said to a step of a flow, read (contract 2). */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdarg.h>

#include "internal.h"

enum { ANSWER_REPLIES_MAX = 10, ANSWER_NAMES_MAX = 64, ANSWER_WHY_MAX = 160 };

struct answer {
	struct flow_answer said;	/* failure set: it is none */
	struct json_t *json;
	struct twiml twiml;
	struct tw_buf text;
	char why[ANSWER_WHY_MAX];
	const char *replies[ANSWER_REPLIES_MAX], *tags[ANSWER_NAMES_MAX], *untags[ANSWER_NAMES_MAX];
	struct flow_answer_value sets[ANSWER_NAMES_MAX];
	char *values[ANSWER_NAMES_MAX];
};
/* type: of the content, lower case, without parameters; "" not told (a program): then the text
 * shows it. An answer that is none says so in said.failure. */
void answer_read(const char *type, const char *body, size_t n, struct answer *ret);
void answer_failed(struct answer *ret, const char *format,
		   ...) __attribute__((format(printf, 2, 3)));
void answer_why(char out[ANSWER_WHY_MAX], const char *format, va_list args);
void answer_done(struct answer *a);

/* What the program of a calendar said (contract 2, `url`). */
struct answer_times {
	struct wall_ms *v;		/* rising, whole minutes, each once */
	size_t n;
	char why[ANSWER_WHY_MAX];	/* not "": it is none */
};
void answer_read_times(const char *body, size_t n, struct answer_times *ret);
void answer_no_times(struct answer_times *ret, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void answer_times_done(struct answer_times *a);

/* What an account's `lookup` said about a contact. Good until answer_person_done. */
struct answer_person {
	struct exchange_import_row row;	/* its number is the caller's to set */
	struct exchange_import_field fields[ANSWER_NAMES_MAX];
	struct json_t *json;
	struct tw_buf text;
};
int answer_read_person(const char *body, size_t n, struct answer_person *ret);	/* TW_E_SYNTAX */
void answer_person_done(struct answer_person *a);

#endif
