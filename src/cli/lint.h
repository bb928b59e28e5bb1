/* What the texts of flows cost on the air, for `twoway check`. */
#ifndef CLI_LINT_H
#define CLI_LINT_H

#include <twoway/flow.h>

/* Warns of each text that takes more than one segment, or that a few letters turn to UCS-2. s NULL:
 * with
 * the defaults. */
void lint_texts(const struct flows *f, const struct settings *s, struct tw_findings *findings);

#endif
