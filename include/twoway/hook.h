/* What leaves for other programs: webhooks, look-ups, e-mail, programs. Each is a row of the store
 * until it is over (struct store_hook), so it survives a crash; it starts only behind the commit of
 * that row, and its end is an event of a later turn.
 *
 * A step that leaves the process does this: in the event that parks the conversation it calls
 *     hook_add(h, &(struct hook_order){ .kind = HOOK_JSON, .purpose = …, .ref = the conversation,
 *              .url = …, .is_trusted = true, .body = …, .limit_ms = 10000 }, now, &id)
 * and is told through the function of its purpose (exchange/hooks.c) in a later turn, inside an
 * event: answered or not, what came, and by which name it went. Whoever does not want to wait any
 * longer calls hook_drop; an answer that comes behind that is nobody's.
 *
 * The engine knows when something is due, in which order, how often it is tried and how it is
 * signed; a transport carries it: libcurl and the loop's children in the daemon (hook_outside_new),
 * a list in tests and transcripts.
 *
 * At least once: what was under way when the process died goes again, under the same name. With
 * is_once it ends as HOOK_LOST instead. */
#ifndef TWOWAY_HOOK_H
#define TWOWAY_HOOK_H

#include <twoway/base.h>
#include <twoway/loop.h>
#include <twoway/model.h>
#include <twoway/store.h>

/* ---- orders -------------------------------------------------------------------------------- */

/* The numbers stand in rows, so they are only added to. */
enum hook_kind {
	HOOK_FORM,		/* POST in Twilio's form, signed so; a connection that fails is
				 * tried anew */
	HOOK_FORM_GET,		/* the same in the query of a GET */
	HOOK_EVENT,		/* POST of JSON, signed by Standard Webhooks; tried for two days,
				 * then dead */
	HOOK_JSON,		/* the same once: a step that waits for the answer */
	HOOK_GET,		/* GET, no body: a look-up, a calendar */
	HOOK_MAIL,		/* e-mail: url the recipient, head the subject; tried for two days,
				 * then dead */
	HOOK_PROGRAM,		/* url its path, head its arguments (a line each, percent-encoded),
				 * body its input */
	HOOK_KINDS
};
const char *hook_kind_name(enum hook_kind kind);	/* "webhook" … as figures name it */
enum { HOOK_BODY_MAX = 64 * 1024, HOOK_URL_MAX = 4096, HOOK_NAME_MAX = STORE_ID_MAX };

struct hook_order {		/* strings borrowed */
	int64_t id;			/* from hook_reserve, where the body must hold its name;
					 * else 0 */
	enum hook_kind kind;
	int purpose;			/* what its end is for: the asker's own */
	int64_t ref;			/* comes back with the end */
	int64_t account;		/* whose token signs it; 0: an event is signed by the key of
					 * `alert`, nothing else is */
	int64_t contact;		/* whose words are in it: erased with them; 0 none */
	const char *chain;		/* of these one at a time, in order; NULL: whenever it is
					 * due */
	const char *url, *head;
	const char *body;	size_t body_n;
	bool is_trusted;		/* its URL is of the configuration or of a flow file */
	bool is_once;			/* HOOK_PROGRAM: a second run might do harm */
	int64_t limit_ms;		/* of one try, at most; 0: 15 s */
	struct wall_ms due_at;		/* ms 0: now */
};

struct hook;
struct hook_transport;
struct hook_setup {
	struct store *store;
	const struct settings *settings;	/* borrowed until hook_reload */
	const struct hook_transport *transport;	/* borrowed */
	uint64_t seed;				/* of the jitter; 0 = system randomness */
};
int hook_new(const struct hook_setup *setup, struct hook **ret);	/* TW_E_* of the store */
void hook_free(struct hook *h);		/* what is under way is given up: its row stays */
void hook_reload(struct hook *h, const struct settings *s);	/* tokens are read again */

/* Inside an event of the turn. 0; TW_E_SYNTAX, TW_E_RANGE: no URL (recipient, program) that can be
 * used; or an error of the store. ret_id may be NULL. */
int hook_add(struct hook *h, const struct hook_order *o, struct tw_now now, int64_t *ret_id);
int64_t hook_reserve(struct hook *h);	/* a number, used by one hook_add of the same event */
/* Ends it without a result. TW_E_UNKNOWN: it is over. */
int hook_drop(struct hook *h, int64_t id, struct tw_now now);
/* A dead one is tried again, for as long as at first, under its old name. TW_E_UNKNOWN, TW_E_STATE:
 * not dead. */
int hook_replay(struct hook *h, int64_t id, struct tw_now now);
/* Whether it can be called at all: scheme http or https, a host, no control characters, not too
 * long. */
bool hook_url_is_usable(const char *url);
/* Whether both lead to the same host and port. */
bool hook_url_same_place(const char *a, const char *b);
/* reference as a link in the document at base. Heap; NULL where it leads to no usable URL. */
char *hook_url_join(const char *base, const char *reference);
/* How a URL wishes to be called, by its fragment (#method=GET); hook_url_by_get: one that wishes
 * GET. Heap. */
bool hook_url_is_get(const char *url);
char *hook_url_by_get(const char *url);

/* ---- the turn ------------------------------------------------------------------------------ */

enum hook_end {
	HOOK_ANSWERED,		/* 2xx; a program that ended with 0; a mail that was taken */
	HOOK_REFUSED,		/* another status */
	HOOK_BROKEN,		/* no connection, no answer in time, too long an answer, not
				 * allowed */
	HOOK_LOST		/* is_once: the process died while it was under way */
};
enum hook_failure { HOOK_NO_FAILURE, HOOK_NO_CONNECTION, HOOK_NO_ANSWER, HOOK_NOT_ALLOWED,
		    HOOK_TOO_LONG, HOOK_TOO_FAR /* redirects */, HOOK_NO_HOST,
		    HOOK_NO_TRUST /* TLS */, HOOK_NO_LOGIN /* the mail server's */ };
struct hook_result {		/* good until the next call */
	int64_t id, ref, account, contact;
	enum hook_kind kind;
	int purpose, tries;
	enum hook_end end;
	int status;			/* of HTTP, SMTP or the program; 0 none */
	int code;			/* Twilio's for a failure (11200 …), 0 none */
	const char *type;		/* of the content, lower case, without parameters; "" none
					 * */
	const char *body;	size_t body_n;	/* UTF-8 is the caller's to check */
	const char *url;		/* where it was asked, after redirects */
	const char *asked, *head;	/* as they were ordered; head NULL: none */
	const char *place;		/* "host:port", "mail", "program": fit to be logged */
	bool is_trusted;
	const char *request;	size_t request_n;	/* what was sent */
	const char *error;		/* a sentence; "" answered */
	enum hook_failure failure;
};
/* The next call that has come back. The caller begins an event, calls hook_settle, acts if it says
 * 1, ends the event and says with hook_told how that went: the row and what was made of it change
 * together. One whose event was undone is told once more; then its row goes. */
bool hook_next(struct hook *h, struct hook_result *ret);
/* 1: it is over; 0: it is tried again, or waits dead for a person; or an error of the store. */
int hook_settle(struct hook *h, const struct hook_result *r, struct tw_now now);
void hook_told(struct hook *h, bool is_kept);
/* Reads what is due and starts it behind this turn's commit. */
int hook_start_due(struct hook *h, struct tw_now now);
void hook_forget(struct hook *h);	/* the turn was void: the store is asked again */
struct mono_ms hook_deadline(const struct hook *h, struct tw_now now);
/* Since the start: tries that came back, and those of them that failed. */
struct hook_counters { uint64_t tries[HOOK_KINDS], failures[HOOK_KINDS]; };
const struct hook_counters *hook_counters(const struct hook *h);

/* ---- transport ----------------------------------------------------------------------------- */

struct hook_call {		/* good for the call of start */
	uint64_t token;			/* by which it is answered */
	enum hook_kind kind;
	const char *name;		/* of the row outside */
	const char *url;		/* without fragment; recipient; program */
	const char *head;		/* of a mail: the subject; of a program: arguments, a line
					 * each */
	const char *const *headers;	size_t n_headers;	/* of HTTP, "Name: value" */
	const char *body;	size_t body_n;
	bool is_post, is_trusted;
	int64_t connect_ms, total_ms;
	struct wall_ms at;		/* of the try */
};
struct hook_answer {		/* strings borrowed */
	enum hook_failure failure;
	int status;
	const char *type;		/* as the header says, NULL none */
	const char *body;	size_t body_n;
	const char *url;		/* NULL: the one that was called */
	const char *error;		/* NULL: none */
	int64_t retry_ms;		/* so long is asked to be waited (Retry-After); 0 not */
};
struct hook_transport {
	void *ctx;
	void (*start)(void *ctx, const struct hook_call *call);	/* may answer at once */
	void (*cancel)(void *ctx, uint64_t token);		/* it is not answered any more */
	void (*work)(void *ctx, struct tw_now now);		/* in each turn */
	struct mono_ms (*deadline)(void *ctx);
};
/* From the transport, at any time between two turns. A token that was canceled is nobody's. */
void hook_answer(struct hook *h, uint64_t token, const struct hook_answer *a);

/* libcurl's multi interface, its sockets and timer on the loop; programs as the loop's children. */
struct hook_outside;
struct hook_outside *hook_outside_new(struct loop *l, const struct settings *s);
const struct hook_transport *hook_outside_transport(struct hook_outside *o);
void hook_outside_serve(struct hook_outside *o, struct hook *h);	/* whom it answers */
void hook_outside_reload(struct hook_outside *o, const struct settings *s);
void hook_outside_free(struct hook_outside *o);		/* NULL is fine; before the loop */

/* ---- parts that are of use alone ----------------------------------------------------------- */

/* "AC" and 32 hex digits, or `sid`. out holds 64. */
char *hook_account_sid(const struct settings_account *a, char out[64]);
/* Appends name=value, percent-encoded, behind "&" where something stands already. */
void hook_form_add(struct tw_buf *form, const char *name, const char *value);
void hook_escape(struct tw_buf *out, const char *text, size_t n);	/* all but unreserved (RFC
									 * 3986) */
/* Loopback, private, link-local, shared, reserved, multicast: all that is no place in the open
 * internet, also behind the forms of IPv6 that hold an IPv4 address. family AF_INET (4 octets),
 * AF_INET6 (16). */
bool hook_address_is_private(int family, const uint8_t *octets);

/* TwiML, as an answer to a text. Verbs in their order; what is in a Message besides text is left
 * out. */
enum { TWIML_VERBS_MAX = 10 };
enum twiml_verb_type { TWIML_MESSAGE, TWIML_REDIRECT };
struct twiml_verb {
	enum twiml_verb_type type;
	char *text;			/* of the message, white space around it gone; the link */
	char *to, *from, *action;	/* NULL: not given */
	bool is_get;			/* method of action or link */
};
struct twiml {
	struct twiml_verb v[TWIML_VERBS_MAX];
	size_t n;
	int code;			/* of a document that is none: Twilio's (12100 …), and what
					 * is wrong */
	char why[160];
};
int twiml_read(const char *document, size_t n, struct twiml *ret);	/* TW_E_SYNTAX: code and
									 * why */
void twiml_done(struct twiml *t);

#endif
