/* The control protocol, docs/sim.md: fields of a request read with errors that say what was
 * expected, and the table of what can be asked. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "world.h"

#include <jansson.h>

struct request {
	struct sim *sim;
	uint64_t peer;
	json_t *in, *out;		/* out: keys of the answer beside "ok" */
	char why[256];			/* set when something was wrong */
};

typedef void op_handler(struct request *r);
struct op {
	const char *name;
	op_handler *run;
	const char *keys;		/* what it takes beside "op", blanks between */
	const char *help;
};
extern const struct op ops[];
extern const size_t n_ops;

void request_fail(struct request *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool request_failed(const struct request *r);

/* Each returns false after a failure was noted; a key that is absent (or null) leaves *ret alone
 * and is a failure only where it is required. */
bool field_text(struct request *r, const char *key, bool required, const char **ret, size_t *ret_n);
/* A number, name or short code as the network writes it. */
bool field_address(struct request *r, const char *key, bool required, char out[SIM_NUMBER_MAX]);
bool field_int(struct request *r, const char *key, int64_t min, int64_t max, int64_t *ret);
bool field_number(struct request *r, const char *key, double min, double max, double *ret);
bool field_bool(struct request *r, const char *key, bool *ret);
bool field_has(const struct request *r, const char *key);
/* "modem": by place, "modem3", number, ICCID or IMEI. Absent: *ret NULL, a failure if required. */
bool field_modem(struct request *r, const char *key, bool required, struct card **ret);

void out_text(json_t *o, const char *key, const char *text, size_t n);	/* cleaned UTF-8 */
void out_int(json_t *o, const char *key, int64_t value);
void out_time(json_t *o, const char *key, struct wall_ms t);
void out_modem(json_t *o, const struct card *c);
char *json_line(const json_t *o);				/* heap, with its newline */

json_t *text_object(const struct phone *p, const struct phone_text *t);
json_t *sent_object(const struct sim_sent *sent);

#endif
