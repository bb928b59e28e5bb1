/* The AuthToken of an account, by which its webhooks are signed (contract 1). `http` makes the file
 * where there is none; it is small, and read when it is first needed. */
#include "internal.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char *read_token(const char *path)
{
	char text[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n;
	char *p = text;

	if (fd < 0)
		return NULL;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return NULL;
	text[n] = 0;
	while (isspace((unsigned char)*p))
		p++;
	if (strspn(p, "0123456789abcdefABCDEF") != HOOK_TOKEN_DIGITS)
		return NULL;
	return tw_strndup(p, HOOK_TOKEN_DIGITS);
}

const char *secret_of(struct secrets *s, const struct settings *settings, const char *account)
{
	char *token = tw_map_get(&s->v, account, strlen(account));

	for (size_t i = 0; !token && i < settings->n_accounts; i++) {
		if (strcmp(settings->accounts[i].name, account))
			continue;
		token = read_token(settings->accounts[i].token_file);
		if (token)
			tw_map_put(&s->v, account, strlen(account), token);
	}
	return token;
}

void secrets_done(struct secrets *s)
{
	void *token;

	for (size_t cursor = 0; tw_map_each(&s->v, &cursor, NULL, NULL, &token); )
		free(token);
	tw_map_done(&s->v);
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
