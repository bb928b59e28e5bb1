/* The server: routes on the unix socket and on api.listen. Requests that change something are
 * suspended until the commit of their turn. */
#ifndef TWOWAY_HTTP_H
#define TWOWAY_HTTP_H

#include <twoway/base.h>
#include <twoway/exchange.h>
#include <twoway/loop.h>

struct http;
/* What only the daemon may do, asked by http and done in a later turn. */
enum http_wish { HTTP_WISH_NONE, HTTP_WISH_RELOAD };
struct http_setup {
	struct loop *loop;
	const struct settings *settings;
	struct exchange *exchange;	/* NULL while there is no database: only /healthz then */
	struct bank *bank;
	const char *health;		/* "ok", "starting", "no database" …; http_set_health changes it */
	int (*reload)(void *ctx, struct tw_findings *findings);	/* of the daemon */
	void *ctx;
};
/* TW_E_LOCKED when another daemon answers on the socket; -errno with reterr (heap). */
int http_new(const struct http_setup *setup, struct http **ret, char **reterr);
void http_free(struct http *h);
void http_set_exchange(struct http *h, struct exchange *x, struct bank *b);
void http_set_settings(struct http *h, const struct settings *s);
void http_set_health(struct http *h, const char *health);
/* After the commit: answer what waited for it. Called in each turn. */
void http_release(struct http *h, struct tw_now now);
struct mono_ms http_deadline(const struct http *h);
/* The port that api.listen got. */
int http_port(const struct http *h);

#endif
