/* What signs: the AuthToken of an account (contract 1), of which `http` makes the file where
 * there is none; the key of the house for what belongs to no account. Small files, each read
 * when it is first needed. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>

const char *secret_of(struct secrets *s, const struct settings *settings, const char *account)
{
	char *token = tw_map_get(&s->v, account, strlen(account)), read[TW_SECRET_DIGITS + 1];
	bool is_open;

	for (size_t i = 0; !token && i < settings->n_accounts; i++) {
		if (strcmp(settings->accounts[i].name, account) ||
		    tw_secret_file_read(settings->accounts[i].token_file, read, &is_open) < 0)
			continue;
		token = tw_strdup(read);
		tw_map_put(&s->v, account, strlen(account), token);
	}
	return token;
}

const char *secret_of_house(struct secrets *s, const struct settings *settings)
{
	const char *path = settings->alert.secret_file;
	bool is_open = false;
	int r;

	if (s->house[0] || s->has_failed || !path || !*path)
		return s->house[0] ? s->house : NULL;
	r = tw_secret_file_read(path, s->house, &is_open);
	if (r == -ENOENT)
		r = tw_secret_file_make(path, s->house);
	if (is_open)
		tw_log(TW_WARN, "hook.secret_readable", "file=%s advice=%s", tw_log_quote(path),
		       tw_log_quote("others can read it: chmod 600"));
	if (r == 0)
		return s->house;
	s->house[0] = 0;
	s->has_failed = true;	/* told once, until the next reload */
	tw_log(TW_ERROR, "hook.secret", "file=%s error=%s advice=%s", tw_log_quote(path),
	       tw_log_quote(tw_strerror(r)),
	       tw_log_quote("alerts are not signed: the file must hold 32 hexadecimal digits; "
			    "remove it and reload to have a new one made"));
	return NULL;
}

void secrets_done(struct secrets *s)
{
	void *token;

	for (size_t cursor = 0; tw_map_each(&s->v, &cursor, NULL, NULL, &token); )
		free(token);
	tw_map_done(&s->v);
	*s = (struct secrets){ .has_failed = false };
}

char *hook_account_sid(const struct settings_account *a, char out[64])
{
	uint8_t digest[32];
	char hex[65];

	if (*a->sid) {
		tw_strset(out, 64, a->sid);
		return out;
	}
	tw_sha256(a->name, strlen(a->name), digest);
	tw_hex_write(digest, sizeof(digest), hex, false);
	snprintf(out, 64, "AC%.32s", hex);
	return out;
}
