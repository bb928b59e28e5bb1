/* What the files of the `twoway` command share: a file a verb, each with one const entry. */
#ifndef TWOWAY_CLI_CLI_H
#define TWOWAY_CLI_CLI_H

#include <twoway/base.h>

#include <jansson.h>

#define CLI_DEFAULT_CONFIG "/etc/twoway/twoway.conf"

/* Exit codes (contract 4). */
enum cli_exit {
	CLI_OK = 0, CLI_USAGE = 64, CLI_DATA = 65, CLI_UNKNOWN = 66, CLI_ABSENT = 69,
	CLI_INTERNAL = 70, CLI_CREATE = 73, CLI_LATER = 75, CLI_DENIED = 77, CLI_CONFIG = 78
};

/* ---- words and options (args.c) ------------------------------------------------------------ */

struct cli_option {
	const char *name;	/* without the dashes */
	const char *value;	/* what stands for its value in the help; NULL: a flag */
	size_t offset;		/* of a const char * (borrowed from argv), of a bool for a flag */
	const char *help;
};
struct cli_words { char **v; int n; };	/* v is heap, the words are argv's */
/* One set of options and the struct that they fill. */
struct cli_table { const struct cli_option *v; size_t n; void *into; };
/* Sorts argv into options and words: `--name VALUE`, `--name=VALUE`, `--` ends the options, `-` is
 * a word. only_first: stops at the first word and tells in *ret_used how many of argv it took.
 * False with a sentence (heap). */
bool cli_args_read(const struct cli_table *tables, size_t n, int argc, char **argv,
		   bool only_first, struct cli_words *ret, int *ret_used, char **reterr);

/* A number of min to max in *ret; text NULL leaves *ret as it is. False when it is none. */
bool cli_limit_read(const char *text, int64_t min, int64_t max, int64_t *ret);

struct cli {			/* the options that all verbs share */
	const char *socket, *config;
	bool json, help, version;
	bool is_quiet;		/* an absent daemon is no news */
	struct cli_words words;
	bool colour;		/* standard output may be coloured */
	int width;		/* columns of the terminal; 0: no terminal, no bound */
};

struct cli_verb {
	const char *name;
	const char *arguments;	/* behind the name in the help: "TO TEXT" */
	const char *summary;	/* one line */
	const char *about;	/* a paragraph or more, with an example */
	const struct cli_option *options;
	size_t n_options, options_size;
	int min_words, max_words;	/* max -1: any number */
	int (*run)(struct cli *c, const void *options);
	int (*raw)(int argc, char **argv);	/* reads its own arguments; argv[0] is the verb */
};
extern const struct cli_verb cli_verb_send, cli_verb_messages, cli_verb_cancel, cli_verb_why,
	cli_verb_modems,
	cli_verb_status, cli_verb_watch, cli_verb_accounts, cli_verb_reload, cli_verb_check,
	cli_verb_ussd, cli_verb_at, cli_verb_audit, cli_verb_backup, cli_verb_restore,
	cli_verb_contacts, cli_verb_lists, cli_verb_consent, cli_verb_import, cli_verb_export,
	cli_verb_try, cli_verb_test, cli_verb_doctor, cli_verb_probe, cli_verb_token,
	cli_verb_flows, cli_verb_settings, cli_verb_campaign, cli_verb_stats, cli_verb_vouchers,
	cli_verb_webhooks, cli_verb_conversations, cli_verb_keywords,
	cli_verb_goals, cli_verb_pledges, cli_verb_tickets, cli_verb_appointments;
/* Verbs that read their own arguments: argv[0] is the verb's name, shared options given before it
 * stand behind it. */
int cli_pdu(int argc, char **argv);
int cli_handset(int argc, char **argv);

/* twoway complete: what may stand in the place of the last of these words (complete.c). */
int cli_complete(const struct cli_verb *const *verbs, size_t n, int argc, char **argv);
int cli_main(const struct cli_verb *const *verbs, size_t n, int argc, char **argv);
extern const struct cli_option cli_shared_options[];
extern const size_t cli_shared_options_n;
/* "twoway: SENTENCE" on standard error; returns code. */
int cli_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int cli_misuse(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_write(const struct tw_buf *b);	/* to standard output */
/* A time a person types: RFC 3339, "2026-05-04 09:00" and "09:00" (the next one) in the zone of
 * this machine, "+2h" from now. TW_E_SYNTAX. */
int cli_time_read(const char *text, struct wall_ms now, struct wall_ms *ret);
/* As a person reads it, in the zone of this machine: "09:00:12" today, "2026-05-04 09:00" else. */
char *cli_time_write(struct wall_ms t, struct wall_ms now, char out[TW_RFC3339_MAX]);

/* ---- the daemon (client.c) ----------------------------------------------------------------- */

struct client;
struct client_call {
	const char *method;	/* borrowed until the call has ended */
	char *path;		/* heap, the caller's */
	char *body;		/* heap, the caller's; NULL: none */
	size_t body_n;		/* octets, where it is no text; 0: up to its NUL */
	const char *type;	/* of the body; NULL: JSON */
	char *key;		/* Idempotency-Key; heap, the caller's; NULL none */
	void *headers;		/* the client's own */
	long status;		/* of the answer; 0: none came */
	bool is_repeated;	/* it is that of an earlier call with the same key */
	struct tw_buf answer;
	bool is_busy;
	void *easy;
};
/* Finds the daemon. 0, or an exit code after saying why. */
int client_open(struct cli *c, struct client **ret);
/* The configuration that stands beside the daemon's socket, as in the folder of a demo; heap, or
 * NULL. */
char *client_config(const struct cli *c);
void client_close(struct client *k);
const char *client_socket(const struct client *k);
int client_answers(const struct client *k);	/* 0, or -errno of a new connection */
/* One call, waited for. 0 when an answer came, whatever its status; an exit code after saying
 * why. */
int client_do(struct client *k, struct client_call *call);
/* Several at once: begin, then next until nothing is busy. */
int client_begin(struct client *k, struct client_call *call);
int client_next(struct client *k, struct client_call **ret);
/* A stream: take gets what comes, until stop_fd becomes readable (then 0) or it ends (CLI_ABSENT;
 * where it was refused, ret_refusal, zeroed before, has status and answer). */
int client_stream(struct client *k, const char *path, int stop_fd,
		  void (*take)(void *ctx, const char *p, size_t n), void *ctx,
		  struct client_call *ret_refusal);
void client_call_done(struct client_call *call);
char *client_escape(const char *text);	/* for a path or a query; heap */

/* What a refusal means to the shell (contract 4). */
int cli_exit_of(long status, int code);
/* Says a refusal's message; returns the exit code. */
int cli_refused(const struct client_call *call);
/* GET or POST path and read the object that comes; 0, or an exit code after saying why. */
int cli_ask(struct cli *c, const char *method, const char *path, json_t **ret);
/* The same with a body, which is borrowed. */
int cli_ask_with(struct cli *c, const char *method, const char *path, json_t *body, json_t **ret);
/* --json: the members of an array, one a line. */
void cli_print_json(json_t *value);
void cli_print_json_each(json_t *array);
/* Members, tolerant of null: "" and 0. */
const char *cli_member(json_t *object, const char *name);
int64_t cli_member_int(json_t *object, const char *name);
struct wall_ms cli_member_time(json_t *object, const char *name);

/* ---- reading whole lists (contacts.c, consent.c) ------------------------------------------- */

/* limit 0: all. What is taken is borrowed for the call. */
int contacts_read(struct cli *c, const char *account, const char *list, const char *with,
		  int64_t limit, void (*take)(void *ctx, json_t *contact), void *ctx);
/* take returns whether to go on. number NULL: the whole chain. */
int consent_read(struct cli *c, const char *account, const char *number,
		 bool (*take)(void *ctx, json_t *row), void *ctx);

/* ---- tables (table.c, show.c) -------------------------------------------------------------- */

enum colour { COLOUR_NONE, COLOUR_GOOD, COLOUR_BUSY, COLOUR_BAD, COLOUR_FAINT, COLOUR_BOLD };
/* Text as a terminal may show it: control characters, line breaks, bidirectional overrides and
 * ill-formed octets become visible escapes; nothing in a text can drive the terminal. */
void show_safe(const char *text, size_t n, struct tw_buf *out);
/* Columns that a safe text takes: wide characters two, combining marks none. */
int show_width(const char *text, size_t n);
/* Appends at most width columns of a safe text, "…" at its end where it was cut. */
void show_cut(const char *text, int width, struct tw_buf *out);
void show_begin(struct tw_buf *out, enum colour colour, bool is_on);
void show_end(struct tw_buf *out, enum colour colour, bool is_on);
enum colour show_state_colour(const char *state);

struct table {
	struct table_column {
		const char *name;
		bool is_right, is_flexible;
		int width, min, spare;
		bool is_filled;		/* some cell of it holds something */
	} *columns;
	size_t n_columns;
	struct table_cell { char *text; int width; enum colour colour; } *cells;
	size_t n_cells, cap;
};
/* A flexible column gives way when the terminal is narrow. */
void table_column(struct table *t, const char *name, bool is_right, bool is_flexible);
void table_cell(struct table *t, const char *text, enum colour colour);	/* made safe */
void table_cell_int(struct table *t, int64_t value);
/* Where a terminal is too narrow the column is left out, the highest rank first (1 and more) and
 * before all others those in which nothing stands; what was left out is named below the table. */
void table_spare(struct table *t, const char *name, int rank);
/* The flexible column is never cut below so many cells, rather than the 8 of others. */
void table_min(struct table *t, const char *name, int cells);
/* width 0: no bound. */
void table_print(const struct table *t, int width, bool colour, struct tw_buf *out);
void table_done(struct table *t);

#endif
