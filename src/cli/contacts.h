/* What the files of `twoway contacts` share. */
#ifndef TWOWAY_CLI_CONTACTS_H
#define TWOWAY_CLI_CONTACTS_H

#include "cli.h"

void contacts_print(json_t *contact);
/* The words are set NUMBER NAME=VALUE …, and tag or untag NUMBER TAG …; account NULL: the only one.
 * */
int contacts_set(struct cli *c, const char *account);
int contacts_tag(struct cli *c, const char *account, const char *member);

#endif
