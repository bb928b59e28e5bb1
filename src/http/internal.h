/* What the files of src/http share. Only server.c and connection.c know libmicrohttpd; here a
 * connection is an opaque pointer.
 *
 * Life of a request:
 *   READING   the body comes in
 *   WAITING   complete, suspended; its handler runs inside the exchange's turn (or after it)
 *   PENDING   its job is on a modem; looked at in each turn until the job's end, or its time
 *   STAGED    answered, suspended until the turn's commit is on disk
 *   READY     the answer may leave; resumed by http_release where it was suspended
 *   STREAM    a watcher of /api/v1/events, suspended while it has nothing to say */
#ifndef TWOWAY_HTTP_INTERNAL_H
#define TWOWAY_HTTP_INTERNAL_H

#include <twoway/http.h>

#include <time.h>

enum {
	HTTP_BODY_MAX = 64 << 10,	/* octets of a request's body */
	HTTP_READ_MAX = 16 * HTTP_BODY_MAX,	/* of one that is refused: read, and thrown away */
	HTTP_MEMORY_MAX = 32 << 10,	/* octets a connection: request line, headers, read
					 * buffer */
	HTTP_CONNECTIONS = 256,		/* a listener */
	HTTP_PER_ADDRESS = 64,		/* connections of one network address */
	HTTP_IDLE_S = 30,		/* a silent connection is closed */
	HTTP_REQUEST_MS = 60000,	/* from the connection, or the last answer, to a whole
					 * request */
	HTTP_WATCHERS = 64,
	HTTP_WATCHER_QUEUE = 64 << 10,	/* octets that wait for one; then it is told no more until
					 * it takes them */
	HTTP_HEARTBEAT_MS = 15000,
	HTTP_FLOW_MAX = 1 << 20,	/* octets of a flow file */
	HTTP_UPLOAD_MAX = 256 << 20,	/* octets of a CSV file */
	HTTP_ASIDE_MS = 5, HTTP_EXPORT_MS = 50,	/* an export steps aside so long, and no longer */
	HTTP_SLICE_MS = 3,		/* of a turn for a backup */
	HTTP_JOB_MS = 10000,		/* a request waits so long for its job (design 2) */
	HTTP_LIST_DEFAULT = 20,
	HTTP_KEY_MAX = 255,		/* octets of an Idempotency-Key */
	HTTP_SECRET_DIGITS = TW_SECRET_DIGITS,	/* of AuthTokens and of tokens' secrets */
	HTTP_TOKENS = 1000,		/* of the whole database */
	HTTP_WRONG_LOGINS = 10,		/* of one name from one address, in … */
	HTTP_WRONG_MS = 60000		/* … so long: then none is looked at until it is over */
};

/* Error codes of our own refusals: the numbers by which applications already know them. */
enum {
	HTTP_CODE_PARAMETER = 20001, HTTP_CODE_LOGIN = 20003, HTTP_CODE_METHOD = 20004,
	HTTP_CODE_FORBIDDEN = 20403, HTTP_CODE_UNKNOWN = 20404,
	HTTP_CODE_WHICH_ACCOUNT = 20407, HTTP_CODE_CONFLICT = 20409, HTTP_CODE_KEY_USED = 20410,
	HTTP_CODE_SIZE = 20413, HTTP_CODE_MEDIA = 20415, HTTP_CODE_CONFIG = 20422,
	HTTP_CODE_BUSY = 20429, HTTP_CODE_INTERNAL = 20500, HTTP_CODE_UNAVAILABLE = 20503,
	HTTP_CODE_NOT_COMMITTED = 20507, HTTP_CODE_NOT_CANCELED = 30409,
	HTTP_CODE_NOT_OVER = 20009
};

struct http;

/* ---- who asks (auth.c) --------------------------------------------------------------------- */

enum { SCOPE_READ = 1, SCOPE_SEND = 2, SCOPE_MANAGE = 4, SCOPE_OPERATOR = 8 };

struct http_account {
	char *name, *sid, *token_file;
	char token[33];			/* "" = none could be read or made: nobody enters by it */
};
struct http_accounts { struct http_account *v; size_t n; };
void http_accounts_load(struct http_accounts *a, const struct settings *s);
void http_accounts_done(struct http_accounts *a);
/* "AC" and the first 32 hex digits of SHA-256(name), or the account's own sid. Heap. */
char *http_account_sid(const struct settings_account *a);

struct http_caller {
	bool is_local;			/* asks through the unix socket */
	unsigned scopes;
	char *account;			/* heap; NULL: an operator, of no account */
	char who[STORE_WHO_MAX];	/* for the audit log: "root", "uid 1000", "account acme" */
};
/* By who holds the other end of a unix socket: root, the service user, the group (-1: none). */
bool http_login_peer(int fd, gid_t group, struct http_caller *ret);

/* Whoever asks by HTTP (login.c). */
struct http_tokens {		/* as the store has them: a login reads no database */
	struct store_token *v;
	size_t n;
	bool is_stale;			/* a turn changed them: read again after its commit */
};
void http_tokens_load(struct http *h);	/* api_token.c */
struct http_attempts {		/* wrong logins by name and address; an old entry gives way */
	struct http_attempt { uint64_t key; int n; struct mono_ms since; } v[256];
};
enum http_entry { HTTP_LET_IN, HTTP_NOT_LET_IN, HTTP_TOO_OFTEN };
/* By the value of the Authorization header (NULL: none): Basic with an AccountSid and its
 * AuthToken, or with a token's id and secret; Bearer with a token's secret. address: of the peer,
 * as octets. */
enum http_entry http_login(struct http *h, const char *authorization, const void *address,
			   size_t address_n, struct mono_ms now, struct http_caller *ret);
/* "read" … by their bits; false for what is no scope. */
bool http_scope_read(const char *name, unsigned *ret);
void http_write_scopes(struct tw_buf *b, const char *key, unsigned scopes);

/* ---- listening (listen.c) ------------------------------------------------------------------ */

struct http_socket {
	int fd;				/* -1: none */
	bool is_unix;
	char *path;			/* of a unix socket */
	dev_t dev;			/* of its file: what is not ours is not removed. An
					 * inode's */
	ino_t ino;			/* number is soon used again: its time decides too */
	struct timespec changed;
	int port;
};
int http_listen_unix(const char *path, gid_t group, struct http_socket *ret, char **reterr);
/* "127.0.0.1:8470", "[::1]:0", "localhost:8470". ret->port tells which port it became. */
int http_listen_tcp(const char *where, struct http_socket *ret, char **reterr);
bool http_is_loopback(const char *where);
void http_socket_done(struct http_socket *s);

/* ---- requests ------------------------------------------------------------------------------ */

enum request_state { REQUEST_READING, REQUEST_WAITING, REQUEST_PENDING, REQUEST_STAGED,
		     REQUEST_READY, REQUEST_STREAM };
enum route_when {
	ROUTE_AT_ONCE,		/* asks nothing of the exchange */
	ROUTE_IN_TURN,		/* inside the turn; where there is no exchange: 503 */
	ROUTE_OR_WITHOUT,	/* inside the turn; where there is no exchange, at once */
	ROUTE_AFTER_TURN,	/* once the turn is over: reload */
	ROUTE_STREAM,		/* the live stream */
	ROUTE_UPLOAD,		/* inside the turn; its body may be long and is kept in a file */
	ROUTE_FLOW		/* once the turn is over; its body is a flow file */
};
struct http_request;
struct http_route {
	/* One `*` stands for a name and may hold slashes; before it one `{}` for what holds
	 * none. */
	const char *method, *pattern;
	unsigned scope;			/* 0: open to all */
	enum route_when when;
	const char *query;		/* names of query parameters, space between; "" none; "*"
					 * any */
	void (*handle)(struct http_request *r, struct tw_now now);
};
extern const struct http_route http_routes[];
extern const size_t http_routes_n;
/* The route, or NULL; then *ret_allow (cleared first) has the methods that the path knows. ret_name
 * gets what `*` stood for, ret_owner what `{}` did. HEAD finds the route of GET. */
const struct http_route *http_route_find(const char *method, const char *path,
					 struct tw_buf *ret_name,
					 struct tw_buf *ret_owner, struct tw_buf *ret_allow);

struct http_param { char *name, *value; };
struct http_request {
	struct http *h;
	struct tw_handle self;
	enum request_state state;
	void *connection;		/* libmicrohttpd's */
	bool is_suspended;
	const struct http_route *route;
	char *method, *path;
	struct tw_buf name, owner;	/* what the route's `*` and `{}` stood for */
	struct http_caller caller;
	struct http_param *params;	/* of the query */
	size_t n_params;
	char *idempotency_key, *content_type, *host, *last_event_id;
	bool is_tls;
	char *query_fault;		/* what is wrong with the query; NULL nothing */
	struct tw_buf body;
	size_t body_seen;		/* octets, those past HTTP_BODY_MAX included */
	int status;			/* of the answer */
	struct tw_buf out;
	const char *out_type;		/* static */
	const char *extra_name;		/* one more header of the answer; static */
	char *extra_value;
	struct http_watcher *watcher;
	struct store_backup *backup;	/* under way; the file is made beside the database … */
	char *backup_path;
	int file;			/* … and is the answer, instead of out; -1: none */
	int64_t job;			/* that it waits for; 0: none */
	struct mono_ms job_until;
	struct twilio_list *list;	/* a search that goes on in the next turn */
	struct campaign_preview *preview;	/* the same of a campaign's list */
	struct exchange_report *figures;	/* of a list, while they are read */
	bool is_unfinished;		/* the handler is to be called again then */
	struct http_report *report;	/* the same of a report */
	struct http_export *export;	/* an answer that is written as it is taken */
	struct http_upload *upload;
};
const char *http_param(const struct http_request *r, const char *name);	/* NULL: not given */
/* Problem details, or on Twilio's surface {code, message, more_info, status}. What is wrong with
 * one field begins with its name and a colon. Replaces what was written to the answer. */
void http_refuse(struct http_request *r, int status, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* problem.c: what there is to say about a code; field: the one that it is about, NULL any. */
struct http_problem { int code; const char *field, *title; };
const struct http_problem *http_problem_at(size_t i);	/* NULL: no more */
/* members alone */
void http_problem_write(struct tw_buf *b, int status, int code, const char *detail);
extern const char http_problem_type[];
/* What a request about an account may see: its own, or what an operator asked for (NULL: all).
 * False after refusing somebody else's, or one that is not there. */
bool http_pick_account(struct http_request *r, const char *asked, const char **ret);
bool http_may_see(const struct http_request *r, const char *account);

/* Handlers, by file. */
void http_get_health(struct http_request *r, struct tw_now now);
void http_get_metrics(struct http_request *r, struct tw_now now);
void http_get_openapi(struct http_request *r, struct tw_now now);
void http_get_status(struct http_request *r, struct tw_now now);
void http_get_accounts(struct http_request *r, struct tw_now now);
void http_post_reload(struct http_request *r, struct tw_now now);
void http_get_versions(struct http_request *r, struct tw_now now);
void http_post_message(struct http_request *r, struct tw_now now);
void http_get_messages(struct http_request *r, struct tw_now now);
void http_get_message(struct http_request *r, struct tw_now now);
void http_get_dead(struct http_request *r, struct tw_now now);
void http_replay_dead(struct http_request *r, struct tw_now now);
void http_drop_dead(struct http_request *r, struct tw_now now);
void http_get_why(struct http_request *r, struct tw_now now);
void http_cancel_message(struct http_request *r, struct tw_now now);
void http_get_modems(struct http_request *r, struct tw_now now);
void http_get_ports(struct http_request *r, struct tw_now now);
void http_pause_modem(struct http_request *r, struct tw_now now);
void http_resume_modem(struct http_request *r, struct tw_now now);
void http_accept_modem(struct http_request *r, struct tw_now now);
void http_learn_modem(struct http_request *r, struct tw_now now);
void http_get_events(struct http_request *r, struct tw_now now);
void http_post_ussd(struct http_request *r, struct tw_now now);
void http_post_at(struct http_request *r, struct tw_now now);
void http_post_balance(struct http_request *r, struct tw_now now);
void http_get_job(struct http_request *r, struct tw_now now);
void http_answer_job(struct http_request *r, struct tw_now now);
void http_cancel_job(struct http_request *r, struct tw_now now);
void http_get_backup(struct http_request *r, struct tw_now now);
void http_backup_done(struct http_request *r);
void http_post_token(struct http_request *r, struct tw_now now);
void http_get_tokens(struct http_request *r, struct tw_now now);
void http_revoke_token(struct http_request *r, struct tw_now now);
void http_get_audit(struct http_request *r, struct tw_now now);
void http_get_contacts(struct http_request *r, struct tw_now now);
void http_post_contacts(struct http_request *r, struct tw_now now);
void http_erase_contact(struct http_request *r, struct tw_now now);
void http_get_appointments(struct http_request *r, struct tw_now now);
void http_post_appointment(struct http_request *r, struct tw_now now);
void http_get_appointment(struct http_request *r, struct tw_now now);
void http_get_appointment_file(struct http_request *r, struct tw_now now);
void http_move_appointment(struct http_request *r, struct tw_now now);
void http_cancel_appointment(struct http_request *r, struct tw_now now);
void http_get_free(struct http_request *r, struct tw_now now);
void http_get_calendar_file(struct http_request *r, struct tw_now now);	/* nobody logs in for it */
void http_get_consent(struct http_request *r, struct tw_now now);
void http_get_heads(struct http_request *r, struct tw_now now);
void http_get_campaigns(struct http_request *r, struct tw_now now);
void http_post_campaign(struct http_request *r, struct tw_now now);
void http_get_campaign(struct http_request *r, struct tw_now now);
void http_get_preview(struct http_request *r, struct tw_now now);
void http_preview_free(struct campaign_preview *p);
void http_start_campaign(struct http_request *r, struct tw_now now);
void http_pause_campaign(struct http_request *r, struct tw_now now);
void http_cancel_campaign(struct http_request *r, struct tw_now now);
void http_get_stats(struct http_request *r, struct tw_now now);
void http_report_free(struct http *h, struct http_report *r);
void http_get_vouchers(struct http_request *r, struct tw_now now);
void http_get_series(struct http_request *r, struct tw_now now);
void http_get_voucher(struct http_request *r, struct tw_now now);
void http_redeem_voucher(struct http_request *r, struct tw_now now);
void http_get_pledges(struct http_request *r, struct tw_now now);
void http_get_pledge_totals(struct http_request *r, struct tw_now now);
void http_get_keywords(struct http_request *r, struct tw_now now);
void http_get_goals(struct http_request *r, struct tw_now now);
void http_get_goal(struct http_request *r, struct tw_now now);
void http_get_calendars(struct http_request *r, struct tw_now now);
void http_get_modem(struct http_request *r, struct tw_now now);
void http_get_setting(struct http_request *r, struct tw_now now);
void http_redact_message(struct http_request *r, struct tw_now now);
void http_delete_message(struct http_request *r, struct tw_now now);
void http_get_contact(struct http_request *r, struct tw_now now);
void http_put_contact(struct http_request *r, struct tw_now now);
void http_leave_contact(struct http_request *r, struct tw_now now);
void http_get_lists(struct http_request *r, struct tw_now now);
void http_get_contacts_csv(struct http_request *r, struct tw_now now);
void http_get_messages_csv(struct http_request *r, struct tw_now now);
void http_post_contacts_csv(struct http_request *r, struct tw_now now);
void http_get_flows(struct http_request *r, struct tw_now now);
void http_get_flow(struct http_request *r, struct tw_now now);
void http_put_flow(struct http_request *r, struct tw_now now);
void http_delete_flow(struct http_request *r, struct tw_now now);
void http_get_settings(struct http_request *r, struct tw_now now);
void http_put_setting(struct http_request *r, struct tw_now now);
void http_delete_setting(struct http_request *r, struct tw_now now);
void http_write_findings(struct tw_buf *b, const struct tw_findings *f);	/* api_system.c */

/* What the query says, and lists in answers (read.c). The account asked for, or the only one; false
 * (or NULL) after refusing. */
bool http_one_account(struct http_request *r, const char *asked, const char **ret);
const char *http_need_account(struct http_request *r);
/* A whole number of 0 to max; where it is not given *ret stays. False after refusing. */
bool http_read_count(struct http_request *r, const char *name, int64_t max, int64_t *ret);
/* The same of `limit`, from 1. */
bool http_read_limit(struct http_request *r, int64_t max, int64_t *ret);
bool http_read_switch(struct http_request *r, const char *name, bool *ret);	/* true or false */
bool http_read_when(struct http_request *r, const char *name, struct wall_ms *ret);	/* a time */
char *http_number_param(struct http_request *r,
			const char *name);	/* its plus put right; NULL */
void http_refuse_store(struct http_request *r, int code);	/* TW_E_* of the store */
/* As the exchange says it; where it could not, by its code. */
void http_refuse_as(struct http_request *r, int code, const struct exchange_refusal *e);
/* {"name":[ … ],"cursor":place}: place "" is null, cursor NULL: there is none. */
void http_begin_list(struct http_request *r, const char *name);
void http_end_list(struct http_request *r, const char *cursor, const char *place);
/* Reads the running totals of a kind into r->figures, a slice a turn. 1: there is more, and the
 * handler is called again; 0: they are read; TW_E_RANGE: too many rows; negative, refused. */
int http_read_figures(struct http_request *r, const char *account, enum store_topic_kind kind,
		      struct tw_now now);
/* Requests that may come twice (replay.c). True: answered from what the first one left. */
bool http_replay(struct http_request *r, struct tw_now now);
void http_remember(struct http_request *r, struct tw_now now);

void http_get_tickets(struct http_request *r, struct tw_now now);
void http_get_ticket(struct http_request *r, struct tw_now now);
void http_close_ticket(struct http_request *r, struct tw_now now);
void http_note_ticket(struct http_request *r, struct tw_now now);
void http_answer_ticket(struct http_request *r, struct tw_now now);
void http_assign_ticket(struct http_request *r, struct tw_now now);
void http_get_conversations(struct http_request *r, struct tw_now now);
void http_get_conversation(struct http_request *r, struct tw_now now);
void http_take_conversation(struct http_request *r, struct tw_now now);
void http_hand_back_conversation(struct http_request *r, struct tw_now now);
void http_say_in_conversation(struct http_request *r, struct tw_now now);
char *http_number_param(struct http_request *r, const char *name);	/* its plus put right;
									 * NULL */
/* Whether the job is over, or waited for long enough: then the answer is written. */
bool http_job_look(struct http_request *r, struct tw_now now);

/* ---- Twilio's surface (form.c, twilio*.c) -------------------------------------------------- */

enum { HTTP_FORM_MAX = 200 };		/* fields of a form */
/* application/x-www-form-urlencoded: the fields become parameters of the request, behind those of
 * the query. False after refusing. */
bool http_form_read(struct http_request *r);
void http_add_escaped(struct tw_buf *b, const char *text);	/* as a part of a query or a form */

bool twilio_is_path(const char *path);
/* Whether the caller may ask about the account named in the path. False after refusing. */
bool twilio_pick_account(struct http_request *r);
/* That account; NULL after refusing, where a reload took it away meanwhile. */
const struct http_account *twilio_account(struct http_request *r);
bool twilio_is_sid(const char *text, const char *prefix);
/* prefix, and 32 hex digits of SHA-256(account/name) (contract 6). out holds 35. */
char *twilio_sid(const char *prefix, const char *account, const char *name, char out[36]);
/* The pool with this SID that the account may use. */
bool twilio_find_pool(const struct http_request *r, const char *account, const char *sid,
		      struct exchange_pool *ret);
/* The number with this SID that the account sends from: heap, or NULL. */
char *twilio_find_number(const struct http_request *r, const char *account, const char *wanted);
enum { TWILIO_URL_MAX = 2048 };		/* octets of a URL that is to be called */
bool twilio_is_url(const char *text);
/* Where it is given: a URL, or "" for none. False after refusing. */
bool twilio_read_url(struct http_request *r, const char *name, char **url);
/* GET or POST, where it is given. False after refusing. */
bool twilio_read_method(struct http_request *r, const char *name, bool *is_get);
/* By which the client came, or api.public_url: "http://127.0.0.1:8470". Heap. */
char *twilio_origin(const struct http_request *r);
void twilio_put_iso(struct tw_buf *b, const char *key, struct wall_ms t);	/* ms 0: null */
enum { TWILIO_DATE_MAX = 40 };
char *twilio_date(struct wall_ms t, char out[TWILIO_DATE_MAX]);	/* RFC 2822, GMT */
void twilio_put_date(struct tw_buf *b, const char *key, struct wall_ms t);	/* ms 0: null */
/* A day ("2019-06-11"), or a time in RFC 3339, without zone (UTC), or RFC 2822. */
bool twilio_date_read(const char *text, struct wall_ms *ret, bool *ret_is_day);
const char *twilio_status(const struct message *m);
void twilio_write_message(struct tw_buf *b, const struct http_request *r, const struct message *m);
void twilio_refuse_code(struct http_request *r, int code);
/* The members of a page around its rows; the uris of neighbours are heap, or NULL. */
struct twilio_page { int64_t page, size, n; char *next, *previous; };
void twilio_write_page(struct tw_buf *b, struct http_request *r, struct twilio_page *take_p);
bool twilio_read_page(struct http_request *r, struct twilio_page *ret);
char *twilio_page_uri(const struct http_request *r, int64_t size, int64_t page);	/* heap */
void twilio_list_free(struct twilio_list *l);
/* The numbers that an account sends from: its own, else the shared ones (api_system.c). */
void http_account_numbers(const struct http *h, const char *account, struct tw_strings *ret);

void twilio_get_account(struct http_request *r, struct tw_now now);
void twilio_post_message(struct http_request *r, struct tw_now now);
void twilio_get_message(struct http_request *r, struct tw_now now);
void twilio_update_message(struct http_request *r, struct tw_now now);
void twilio_delete_message(struct http_request *r, struct tw_now now);
void twilio_get_messages(struct http_request *r, struct tw_now now);
void twilio_get_media(struct http_request *r, struct tw_now now);
void twilio_get_numbers(struct http_request *r, struct tw_now now);
void twilio_get_number(struct http_request *r, struct tw_now now);
void twilio_update_number(struct http_request *r, struct tw_now now);
void twilio_get_balance(struct http_request *r, struct tw_now now);
void twilio_lookup(struct http_request *r, struct tw_now now);
void twilio_post_service(struct http_request *r, struct tw_now now);
void twilio_get_services(struct http_request *r, struct tw_now now);
void twilio_get_service(struct http_request *r, struct tw_now now);
void twilio_update_service(struct http_request *r, struct tw_now now);
void twilio_delete_service(struct http_request *r, struct tw_now now);
void twilio_add_service_number(struct http_request *r, struct tw_now now);
void twilio_get_service_numbers(struct http_request *r, struct tw_now now);
void twilio_get_service_number(struct http_request *r, struct tw_now now);
void twilio_drop_service_number(struct http_request *r, struct tw_now now);

/* ---- POST /api/v1/messages (body.c) -------------------------------------------------------- */

struct http_post {		/* strings owned; NULL: not given */
	char *account, *to, *text, *from, *pool, *key;
	struct wall_ms send_at;		/* ms 0: none */
	int64_t valid_for;		/* ms; 0: the setting */
};
struct http_fault { char text[200]; };
/* 0, or TW_E_* with what is wrong, the field named. */
int http_post_read(const char *body, size_t n, struct http_post *ret, struct http_fault *reterr);
void http_post_done(struct http_post *p);

/* ---- JSON out (json.c) --------------------------------------------------------------------- */

/* A writer that knows from what it wrote last whether a comma is due. key NULL: an element. */
void http_put_open(struct tw_buf *b, const char *key, char bracket);	/* '{' or '[' */
void http_put_close(struct tw_buf *b, char bracket);			/* '}' or ']' */
void http_put_text(struct tw_buf *b, const char *key, const char *value);	/* NULL: null */
/* NULL or "": null */
void http_put_filled(struct tw_buf *b, const char *key, const char *value);
void http_put_int(struct tw_buf *b, const char *key, int64_t value);
void http_put_real(struct tw_buf *b, const char *key, double value);
void http_put_bool(struct tw_buf *b, const char *key, bool value);
void http_put_null(struct tw_buf *b, const char *key);
/* an array of its lines */
void http_put_lines(struct tw_buf *b, const char *key, const char *lines);
void http_put_time(struct tw_buf *b, const char *key, struct wall_ms t);	/* ms 0: null */

/* The objects of contract 5 (objects.c). */
void http_write_message(struct tw_buf *b, const struct message *m);
void http_write_modem(struct tw_buf *b, const struct bank_modem *m,
		      const struct exchange_modem_totals *totals);
void http_write_job(struct tw_buf *b, const struct exchange_job *j);
void http_write_audit(struct tw_buf *b, const struct store_audit *a);
void http_write_appointment(struct tw_buf *b, const struct appointment *a);
void http_write_contact(struct tw_buf *b, const struct contact *c);
void http_write_keyword(struct tw_buf *b, const struct exchange_keyword *k);
void http_write_goal(struct tw_buf *b, const struct exchange_goal *g);
void http_write_ticket(struct tw_buf *b, const struct ticket *t, bool with_events);
void http_write_consent(struct tw_buf *b, const struct store_consent *c, const char *long_number,
			const char *message);	/* its id, "" none */
void http_write_why(struct tw_buf *b, const struct why *w, bool is_operator);
struct http_status {
	bool ok;
	const char *version, *database;
	const struct exchange_status *exchange;
	const char *trouble;		/* one more; NULL */
};
void http_write_status(struct tw_buf *b, const struct http_status *s);

/* ---- CSV, in and out (api_csv.c) ------------------------------------------------------------ */

/* An answer that is written slice by slice, each in a turn of its own, as the client takes it. */
struct http_export {
	/* Appends rows to `out`; true: these were the last. */
	bool (*fill)(struct http_request *r, struct http_export *e, struct tw_buf *out);
	char *account;			/* NULL: all */
	char *list, *with, *position;
	int64_t after;
	struct tw_buf out;		/* octets that wait; … */
	size_t taken;			/* … of them, already taken */
	bool is_over, has_failed;
};
void http_export_free(struct http_export *e);
/* 0: not yet; -1 the end; -2 */
ssize_t http_export_take(struct http_request *r, char *out, size_t cap);
bool http_export_wants(const struct http_request *r);	/* a turn to write more in */
void http_export_step(struct http_request *r);		/* in a turn */
/* A body that is kept in a file of its own until it is whole, and then worked off slice by
 * slice. */
void http_upload_add(struct http_request *r, const char *data, size_t n);
struct http_upload;
int64_t http_upload_rows(const struct http_upload *u);	/* that are in, as far as slices were given
							 * over */
void http_upload_free(struct http_upload *u);

/* ---- live events (events.c) ---------------------------------------------------------------- */

struct http_watcher {
	struct tw_handle request;
	char *account;			/* NULL: sees all */
	char *kinds;			/* NULL: of every kind */
	int64_t position;		/* the row of the news that was told it, or passed over,
					 * last */
	struct tw_buf queue;		/* octets of the stream that wait */
	size_t taken;			/* of them, already handed to the connection */
	bool was_full, has_ended;
};
struct http_events {
	struct http_watcher **v;
	size_t n;
	bool is_due;			/* there may be rows that somebody was not told */
	struct mono_ms heartbeat;	/* MONO_NEVER while nobody watches */
};
struct http_watcher *http_watcher_new(struct http *h, struct http_request *r, struct tw_now now);
void http_watcher_free(struct http *h, struct http_watcher *w);
bool http_watcher_has_more(const struct http_watcher *w);
size_t http_watcher_take(struct http_watcher *w, char *out, size_t cap);
void http_events_note(struct http *h);	/* something has happened */
void http_events_tell(struct http *h, struct tw_now now);
bool http_events_wait(const struct http *h);	/* for a turn that tells more */
void http_events_end(struct http *h);
void http_events_done(struct http *h);

/* ---- the server (server.c, turn.c) --------------------------------------------------------- */

struct http_listener {
	struct http *h;
	struct http_socket socket;
	void *daemon;			/* libmicrohttpd's */
	bool is_tls;
	struct tw_handle watch;
};
/* One connection, while it has no whole request: who dribbles bytes to hold it open is cut off. */
struct http_conn {
	struct http_conn *next, **prev;
	struct mono_ms since;
	int fd;
	bool is_listed;
};

struct http {
	struct http_setup setup;
	char *health;
	struct http_accounts accounts;
	struct http_tokens tokens;
	struct http_attempts attempts;
	gid_t group;			/* of the operators; (gid_t)-1: none */
	struct http_listener unix_, tcp;
	struct tw_pool requests;
	/* Handles of requests by what they wait for, in the order of their coming. */
	struct http_list { struct tw_handle *v; size_t n, cap; } waiting, after, ready,
		pending, exports;
	struct mono_ms exported_at, export_at;	/* the last slice; not before */
	struct { uint64_t responses[6], wrong_logins; } counters;	/* by the first digit of the
									 * status */
	size_t report_rows;		/* that open reports keep */
	bool wants_reload;		/* a setting was changed: after this turn's commit */
	struct http_conn *conns, **conns_tail;	/* the one that waits longest first */
	struct http_events events;
	struct tw_handle backup;	/* the request that makes one */
	bool is_closing;
};
void http_list_add(struct http_list *l, struct tw_handle h);
/* What becomes of a request once its body is there. Afterwards its state tells: WAITING (suspend),
 * READY (answer), STREAM. */
void http_request_complete(struct http_request *r);
size_t http_body_max(const struct http_request *r);	/* octets that its route takes */
struct http_request *http_request_new(struct http *h, const char *method, const char *path);
void http_request_free(struct http_request *r);
/* Once method, path, query and caller are known, before the body. READY: refused already. */
void http_request_check(struct http_request *r, enum http_entry entry);
/* The exchange's turn. */
void http_on_turn(void *ctx, struct tw_now now);
void http_after_turn(struct http *h, struct tw_now now);
void http_wake(struct http *h, struct http_request *r);	/* note for http_release */

#endif
