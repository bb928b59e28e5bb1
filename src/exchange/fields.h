/* What is kept of a contact, as JSON: each field as what its account declares it to be. */
#ifndef FIELDS_H
#define FIELDS_H

#include <jansson.h>

#include "internal.h"

/* A text or date as a text, an integer, number or boolean as that; null where the value is not set
 * or does not fit the type any more. A field that nobody declares is a text. */
json_t *field_json(const struct exchange *x, const char *account, const char *name,
		   const char *value);
/* NULL: the value may be that field's; else what is expected, such as "an integer". */
const char *field_expects(const struct exchange *x, const char *account, const char *name,
			  const char *value);
/* All of a contact's into an object. 0 or an error of the store. */
int fields_json(struct exchange *x, const char *account, int64_t contact, json_t *to);

#endif
