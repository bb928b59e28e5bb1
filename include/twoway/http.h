/* The server: routes on the unix socket and on api.listen. A request that changes something is
 * suspended until the commit of its turn and answered after it (507 when the commit failed).
 *
 * It makes itself the guest and the watcher of the exchange (exchange_set_guest,
 * exchange_set_watch). In each turn of the loop the daemon calls exchange_turn, then
 * http_release. */
#ifndef TWOWAY_HTTP_H
#define TWOWAY_HTTP_H

#include <twoway/base.h>
#include <twoway/exchange.h>
#include <twoway/loop.h>

struct http;
struct http_setup {
	struct loop *loop;
	const struct settings *settings;	/* borrowed until http_set_settings */
	struct exchange *exchange;	/* NULL while there is no database: then /healthz, status …
					 * only */
	struct bank *bank;		/* all three or none */
	struct store *store;
	const char *health;		/* "ok", "starting", "no database" …; http_set_health
					 * changes it */
	/* Of the daemon, asked by POST /api/v1/reload: 0, or negative with errors in findings.
	 * Called in http_release, outside the exchange's turn: it may call exchange_reload,
	 * bank_reload and http_set_settings. NULL: reloading is refused. */
	/* moves NULL: conversations finish on the version that they began with. */
	int (*reload)(void *ctx, struct exchange_moves *moves, struct tw_findings *findings);
	/* The paths of flow files; and whether the flows would compile with this text in the place
	 * of one of them (NULL: without it): 0, or negative with errors in findings. NULL: flows
	 * are not reached. */
	void (*list_flows)(void *ctx, struct tw_strings *ret);
	int (*check_flow)(void *ctx, const char *path, const char *text, size_t n,
			  struct tw_findings *findings);
	void *ctx;
};
/* Opens api.socket and api.listen ("" = none of that kind) and reads or makes the accounts' token
 * files. TW_E_LOCKED when another daemon answers on the socket; -EADDRINUSE when the port is taken;
 * other codes below 0; reterr is a sentence (heap). */
int http_new(const struct http_setup *setup, struct http **ret, char **reterr);
/* Ends all requests (503) and removes the socket file. After the exchange's last turn, so that
 * nothing that was staged still names h, but before exchange_free. NULL is allowed. */
void http_free(struct http *h);
/* The database came or went: all three, or NULL. What waited meanwhile is answered 503. */
void http_set_exchange(struct http *h, struct exchange *x, struct bank *b, struct store *s);
/* After a reload. Accounts and tokens are read anew; api.* is read at the start only. */
void http_set_settings(struct http *h, const struct settings *s);
void http_set_health(struct http *h, const char *health);	/* copied */
/* After the commit: answer what waited for it. Called in each turn. */
void http_release(struct http *h, struct tw_now now);
struct mono_ms http_deadline(const struct http *h);
/* The port that api.listen got; 0: it is not open. */
int http_port(const struct http *h);

#endif
