/* Private to src/hook: which file does what. */
#ifndef TWOWAY_HOOK_INTERNAL_H
#define TWOWAY_HOOK_INTERNAL_H

#include <twoway/hook.h>

enum {
	HOOK_CONNECT_MS = 5000, HOOK_TOTAL_MS = 15000,	/* twilio-api 10 */
	HOOK_RUNNING_MAX = 256,
	HOOK_REDIRECTS = 5,
	HOOK_ASKED_LEAST_MS = 1000, HOOK_ASKED_MOST_MS = 6 * 3600 * 1000,	/* Retry-After */
	HOOK_HEADERS_MAX = 64 * 1024,
	HOOK_BOUNDARY_MAX = 40
};
#define HOOK_DAYS_MS (2 * 24 * 3600 * INT64_C(1000))

/* form.c */
struct form_field { char *name, *value; };
struct form { struct form_field *v; size_t n; };
void form_read(const char *text, size_t n, struct form *ret);	/* as hook_form_add writes it */
void form_done(struct form *f);

/* sign.c: pure. url as configured, without its fragment; form: of a POST, "" else. */
char *sign_twilio(const char *token, const char *url, const char *form, size_t form_n,
		  char out[32]);
/* "v1,BASE64" over id, time in seconds and body. */
char *sign_standard(const char *token, const char *id, int64_t seconds, const char *body, size_t n,
		    char out[64]);

/* url.c */
struct url_wishes {		/* of the fragment: twilio-api 10 */
	int64_t connect_ms, read_ms, total_ms;
	int retries;
	enum { WISH_CT = 1, WISH_RT = 2, WISH_4XX = 4, WISH_5XX = 8 } retry_on;
	bool is_get, signs_https;	/* ours: method=GET, sign=https */
};
struct url_wishes url_wishes(const char *url);
char *url_without_fragment(const char *url);	/* heap */
/* "host:port", lower case. TW_E_SYNTAX, TW_E_RANGE. */
int url_place(const char *url, char out[STORE_HOOK_PLACE_MAX]);

/* exec.c: the program and its arguments, which stand a line each, percent-encoded. NULL-ended, one
 * block of heap. */
char **exec_arguments(const char *program, const char *lines);

/* backoff.c: how long after the tries-th failure the next try comes; -1: not any more. */
int64_t backoff_pause(int tries, struct tw_random *r);

/* secret.c: tokens of accounts and the key of the house, read once. NULL: there is none. */
struct secrets { struct tw_map v; char house[TW_SECRET_DIGITS + 1]; bool has_failed; };
const char *secret_of(struct secrets *s, const struct settings *settings, const char *account);
/* Makes its file where there is none. */
const char *secret_of_house(struct secrets *s, const struct settings *settings);
void secrets_done(struct secrets *s);

/* wire.c: a row as it goes out at this time. */
struct wire {
	struct hook_call call;
	char *url, *headers[6];
	struct store_hook row;
	char name[HOOK_NAME_MAX];
};
void wire_make(struct hook *h, struct wire *w, struct store_hook *take_row, struct tw_now now);
void wire_done(struct wire *w);

/* mail.c: the message as SMTP carries it, lines ended by CR LF, dots left to the transport. */
struct mail { const char *from, *to, *subject, *text, *id; struct wall_ms at; };
void mail_write(const struct mail *m, struct tw_buf *out);
/* One address, and nothing that could end a header or a command. */
bool mail_address_is_usable(const char *address);

/* hook.c: a row that is under way, or has come back and is not settled on disk. */
struct running {
	int64_t row;
	uint64_t token;
	struct wire wire;
	bool is_started, has_answer, is_told, was_undone, is_doomed;
	enum hook_end end;
	struct hook_answer answer;	/* strings owned */
	char *type;			/* of the content, cut to what is compared */
};
struct hook {
	struct store *store;
	const struct settings *settings;
	const struct hook_transport *transport;
	struct tw_random random;
	struct secrets secrets;
	struct running **v;		/* those that are answered in the order they came, … */
	size_t n, n_answered, cap;	/* … then the others */
	uint64_t last_token;
	int64_t last_id;
	struct wall_ms next_at;		/* something is due; 0: ask */
	struct running *telling;
	struct hook_counters counters;
};

/* policy.c: what a kind of call is like. */
bool policy_is_http(enum hook_kind kind);
bool policy_keeps_dead(enum hook_kind kind);
int policy_limit(const char *place);		/* how many run there at once */
struct wall_ms policy_until(const struct store_hook *row, struct wall_ms from);
/* How long until the next try of one that has failed, 0 at once; -1: it is over. Sets row->until
 * where that counts from the first try. */
int64_t policy_pause(struct store_hook *row, const struct running *run, struct wall_ms now,
		     struct tw_random *random);
int policy_code(const struct running *run);	/* Twilio's for the failure, 0 none */

#endif
