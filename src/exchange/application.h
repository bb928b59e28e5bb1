/* Applications of accounts, between the files that talk to them in Twilio's form: application.c
 * asks about texts, callback.c tells the states of messages. */
#ifndef APPLICATION_H
#define APPLICATION_H

#include "internal.h"

/* NULL */
const struct settings_account *application_account(const struct exchange *x, const char *name);
void application_sid(const struct exchange *x, const char *account, struct tw_buf *form);
/* Two letters and 32 hex digits, as http gives them to numbers and services. out holds 36. Returns
 * out. */
char *application_named_sid(const char *prefix, const char *account, const char *name, char *out);
/* Whether a URL leads to where the configuration lets the account's webhooks lead. */
bool application_trusts(const struct exchange *x, const char *account, const char *url);

#endif
