/* The accounts with their AuthTokens, and operators by the unix socket (contract 1 and 6). */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEER_GROUPS = 256 };

char *http_account_sid(const struct settings_account *a)
{
	uint8_t digest[32];
	char hex[65];

	if (*a->sid)
		return tw_strdup(a->sid);
	tw_sha256(a->name, strlen(a->name), digest);
	tw_hex_write(digest, sizeof(digest), hex, false);
	return tw_printf("AC%.32s", hex);
}

/* NAME.token beside the database. */
static char *token_path(const struct settings *s, const struct settings_account *a)
{
	const char *slash = strrchr(s->database, '/');

	if (*a->token_file)
		return tw_strdup(a->token_file);
	if (!slash)
		return tw_printf("%s.token", a->name);
	return tw_printf("%.*s/%s.token", (int)(slash - s->database), s->database, a->name);
}

static int read_token(const char *path, char out[HTTP_SECRET_DIGITS + 1])
{
	bool is_open = false;
	int r = tw_secret_file_read(path, out, &is_open);

	if (is_open)
		tw_log(TW_WARN, "http.token_readable", "file=%s advice=%s", tw_log_quote(path),
		       tw_log_quote("others can read it: chmod 600"));
	return r == -ENOENT ? tw_secret_file_make(path, out) : r;
}

void http_accounts_load(struct http_accounts *a, const struct settings *s)
{
	http_accounts_done(a);
	a->v = tw_zalloc(s->n_accounts * sizeof(*a->v));
	for (size_t i = 0; i < s->n_accounts; i++) {
		struct http_account *to = &a->v[a->n++];
		int r;

		to->name = tw_strdup(s->accounts[i].name);
		to->sid = http_account_sid(&s->accounts[i]);
		to->token_file = token_path(s, &s->accounts[i]);
		r = read_token(to->token_file, to->token);
		if (!r)
			continue;
		to->token[0] = 0;
		tw_log(TW_ERROR, "http.token", "account=%s file=%s error=%s advice=%s", to->name,
		       tw_log_quote(to->token_file), tw_log_quote(tw_strerror(r)),
		       tw_log_quote("the account cannot log in: the file must hold 32 hexadecimal "
				    "digits; remove it and reload to have a new one made"));
	}
}

void http_accounts_done(struct http_accounts *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].name);
		free(a->v[i].sid);
		free(a->v[i].token_file);
	}
	free(a->v);
	memset(a, 0, sizeof(*a));
}

static bool has_group(int fd, gid_t group)
{
	gid_t groups[PEER_GROUPS];
	socklen_t n = sizeof(groups);

	/* The peer's supplementary groups as the kernel knows them: no name is looked up. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n))
		return false;
	for (size_t i = 0; i < n / sizeof(*groups); i++) {
		if (groups[i] == group)
			return true;
	}
	return false;
}

bool http_login_peer(int fd, gid_t group, struct http_caller *ret)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) || n != sizeof(peer))
		return false;
	if (peer.uid != 0 && peer.uid != geteuid() &&
	    (group == (gid_t)-1 || (peer.gid != group && !has_group(fd, group))))
		return false;
	ret->scopes = SCOPE_READ | SCOPE_SEND | SCOPE_MANAGE | SCOPE_OPERATOR;
	ret->account = NULL;
	ret->is_local = true;
	/* No name: looking one up may take its time. */
	if (peer.uid)
		snprintf(ret->who, sizeof(ret->who), "uid %u", (unsigned)peer.uid);
	else
		tw_strset(ret->who, sizeof(ret->who), "root");
	return true;
}
