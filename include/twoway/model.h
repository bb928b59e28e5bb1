/* Plain values that several folders share: telephone numbers and the facts about them, the states
 * of a message, what a failure means, the settings. No behaviour that needs a clock, a file or a
 * socket, but for the tables of numbers, which are part of the program. */
#ifndef TWOWAY_MODEL_H
#define TWOWAY_MODEL_H

#include <twoway/base.h>

/* ---- numbers ------------------------------------------------------------------------------- */

/* "+" and 15 digits, a short code, or a name of 11 characters in UTF-8 … */
#define TW_NUMBER_MAX 24
#define TW_ADDRESS_MAX 48	/* … an alphanumeric sender: 11 characters of up to 4 octets */

enum number_kind { NUMBER_E164, NUMBER_SHORT, NUMBER_NAME };
enum number_mobile { NUMBER_MOBILE_UNKNOWN, NUMBER_MOBILE_YES, NUMBER_MOBILE_NO };
struct number {
	enum number_kind kind;
	char text[TW_ADDRESS_MAX];	/* "+447700900123", "60300", "VODAFONE" */
	char country[3];		/* ISO 3166, "" where it does not apply */
	enum number_mobile mobile;
};
enum number_error {
	NUMBER_OK,
	NUMBER_EMPTY,		/* nothing, or no digit in it */
	NUMBER_CHARACTERS,	/* something that no number holds; a plus inside; an extension */
	NUMBER_LENGTH,		/* a digit too many or too few for its country */
	NUMBER_COUNTRY,		/* no country has this calling code, or no home country to read it
				 * by */
	NUMBER_EMERGENCY,	/* never a destination */
	NUMBER_NAME_LENGTH	/* an alphanumeric sender longer than 11 characters */
};
/* Reads what a person typed or a network delivered, by numbers.tsv and the home country.
 *   home   ISO 3166 code, or calling code without plus ("GB", "44"); "" = none: then a national
 *          number is refused with NUMBER_COUNTRY, an international one is read
 * Returns NUMBER_OK and fills ret, or says why not (ret untouched). */
enum number_error number_read(const char *typed, const char *home, struct number *ret);
/* A sentence for a person: what is wrong and what to type instead. */
const char *number_error_text(enum number_error e);
/* Facts about an E.164 number: false when no row knows it. Strings are static. */
struct number_facts {
	char country[3];
	enum number_mobile mobile;
	const char *zone;	/* first IANA zone of the row, "" = none */
	const char *zones;	/* all of them, a comma between: one of these is the number's */
	const char *code;	/* calling code, without plus */
};
bool number_facts(const char *e164, struct number_facts *ret);
/* The E.164 number as it is dialled inside its country, without blanks: "07700900123". out gets the
 * number as it is where no row knows it. Returns out. */
char *number_national(const char *e164, char out[TW_ADDRESS_MAX]);
/* Country of a SIM by its IMSI's first three digits (mcc.tsv), or "". */
const char *number_country_of_imsi(const char *imsi);
/* The SIM's own operator as MCC and MNC ("23410"), the form of the setting `balance`; ""
 * unknown. */
void number_operator_of_imsi(const char *imsi, char out[8]);
/* Whether two addresses are the same subscriber although one may be national and the other
 * international: equal, or equal in the last 7 to 9 significant digits. */
bool number_is_same_subscriber(const char *a, const char *b);

/* ---- jobs on a modem ----------------------------------------------------------------------- */

enum job_kind { JOB_USSD, JOB_COMMAND, JOB_KIND_COUNT };
#define JOB_STATES(X)                                                                              \
	X(JOB_WAITING, "waiting")	/* for its modem */                                        \
	X(JOB_RUNNING, "running")	/* the modem or the network has it */                      \
	X(JOB_ASKING, "asking")		/* a menu waits for its next answer */                     \
	X(JOB_DONE, "done")                                                                        \
	X(JOB_FAILED, "failed")
enum job_state {
#define X(name, text) name,
	JOB_STATES(X)
#undef X
	JOB_STATE_COUNT
};
const char *job_kind_name(enum job_kind k);	/* "ussd" "at" */
const char *job_state_name(enum job_state s);

/* Commands that a person types for a modem. The first command in the line, however it is written
 * (case, blanks, joined with others), that can send, delete or lock the SIM, such as "+CMGS"; NULL
 * where none does. What begins with such a name counts too: makers have longer ones. */
const char *command_guarded(const char *line);
/* The line with what follows a command that carries a PIN or a password masked. out gets a NUL, cut
 * at cap. True when something was masked. */
enum { COMMAND_MASKED_MAX = 512 };	/* room for any command line */
bool command_mask(const char *line, char *out, size_t cap);
/* What is dialled, with each run of eight digits or more (a voucher's code) masked but for its last
 * four. out gets a NUL, cut at cap. True when something was masked. */
bool command_mask_code(const char *text, char *out, size_t cap);

/* ---- messages ------------------------------------------------------------------------------ */

enum direction { INBOUND, OUTBOUND };

/* Exactly one of these at a time (design 3). */
#define MESSAGE_STATES(X)                                                                          \
	X(MESSAGE_RECEIVED, "received")                                                            \
	X(MESSAGE_SCHEDULED, "scheduled")                                                          \
	X(MESSAGE_QUEUED, "queued")                                                                \
	X(MESSAGE_SENDING, "sending")                                                              \
	X(MESSAGE_SENT, "sent")                                                                    \
	X(MESSAGE_DELIVERED, "delivered")                                                          \
	X(MESSAGE_UNDELIVERED, "undelivered")                                                      \
	X(MESSAGE_FAILED, "failed")                                                                \
	X(MESSAGE_CANCELED, "canceled")                                                            \
	X(MESSAGE_EXPIRED, "expired")
enum message_state {
#define X(name, text) name,
	MESSAGE_STATES(X)
#undef X
	MESSAGE_STATE_COUNT
};
const char *message_state_name(enum message_state s);
bool message_state_read(const char *name, enum message_state *ret);
bool message_state_is_final(enum message_state s);	/* delivered undelivered failed canceled
							 * expired */

/* Who goes first in the queue. */
enum lane { LANE_REPLY, LANE_API, LANE_CAMPAIGN, LANE_COUNT };
const char *lane_name(enum lane l);

/* ---- what a failure obliges us to do ------------------------------------------------- */

#define REACTIONS(X)                                                                               \
	X(REACT_NONE, "none")			/* ignore */                                       \
	X(REACT_RETRY, "retry")			/* R: later, on the same SIM */                    \
	X(REACT_OTHER_SIM, "other_sim")		/* O: try another SIM */                           \
	X(REACT_FAIL, "fail")			/* F, B: give up, it repeats itself */             \
	X(REACT_RESET, "reset")			/* M: the recovery ladder */                       \
	X(REACT_PERSON, "person")		/* S: SIM or account needs a human; others go on */\
	X(REACT_WAIT, "wait")			/* W: for a change of state */                     \
	X(REACT_DRAIN, "drain")			/* storage is full: empty it, then retry */        \
	X(REACT_PIN, "pin")			/* the PIN procedure */                            \
	X(REACT_NO_VALIDITY, "no_validity")	/* again on the same SIM, without TP-VP */         \
	X(REACT_SENT, "sent")			/* CMS 197: the SMSC has it already */             \
	X(REACT_DOUBT, "doubt")			/* CMS 332, CME 31: nobody knows */
enum reaction {
#define X(name, text) name,
	REACTIONS(X)
#undef X
	REACTION_COUNT
};
const char *reaction_name(enum reaction r);
bool reaction_read(const char *name, enum reaction *ret);

/* ---- a modem as others see it (contract 5) ------------------------------------------------- */

#define MODEM_STATES(X)                                                                            \
	X(MODEM_ABSENT, "absent")                                                                  \
	X(MODEM_STARTING, "starting")                                                              \
	X(MODEM_LOCKED, "locked")                                                                  \
	X(MODEM_NO_SIM, "no_sim")                                                                  \
	X(MODEM_SEARCHING, "searching")                                                            \
	X(MODEM_READY, "ready")                                                                    \
	X(MODEM_RECOVERING, "recovering")                                                          \
	X(MODEM_FAILED, "failed")                                                                  \
	X(MODEM_PAUSED, "paused")                                                                  \
	X(MODEM_STRANGER, "stranger")
enum modem_state {
#define X(name, text) name,
	MODEM_STATES(X)
#undef X
	MODEM_STATE_COUNT
};
const char *modem_state_name(enum modem_state s);

/* The ladder of recovery, from the mildest rung to the last (design 4). */
#define MODEM_RUNGS(X)                                                                             \
	X(MODEM_RUNG_ESCAPE, "escape")		/* ESC and AT, where it does not answer */         \
	X(MODEM_RUNG_START, "start_over")	/* ATZ, and everything is set up again */          \
	X(MODEM_RUNG_RADIO, "radio")		/* radio off and on */                             \
	X(MODEM_RUNG_RESET, "reset")		/* the profile's soft reset */                     \
	X(MODEM_RUNG_REOPEN, "reopen")		/* the port is closed and opened */                \
	X(MODEM_RUNG_POWER, "power_cycle")	/* its power, by the owner's command */            \
	X(MODEM_RUNG_FAILED, "give_up")		/* for a while; then the port is reopened */
enum modem_rung {
#define X(name, text) name,
	MODEM_RUNGS(X)
#undef X
	MODEM_RUNG_COUNT
};
const char *modem_rung_name(enum modem_rung r);

#define ICCID_MAX 24
#define IMSI_MAX 20
#define IMEI_MAX 20
#define MODEM_NAME_MAX 48

/* ---- how a SIM does ------------------------------------------------------------------------ */

/* What is remembered of a SIM's sends and reports (bank/health.c): averages and doubts, no history.
 * Rates are parts of HEALTH_ALL; a doubt is the logarithm, in thousandths, of how much rather "it
 * fails" than "it is as ever" explains what was seen of late. */
enum { HEALTH_ALL = 1000000 };
struct sim_health {
	int32_t sends, sent_rate;	/* results known, at most HEALTH_KNOWN; of them accepted, on
					 * average */
	int32_t reports, report_rate;	/* reports settled; of them delivered, on average */
	int32_t report_ms;		/* from a send to its report, usually */
	int32_t send_doubt, report_doubt;
	bool is_demoted;		/* others are asked first */
	bool is_deaf;			/* test texts do not reach it */
	int32_t probes;			/* in a row that did not help */
	struct wall_ms probe_at;	/* the next one, not before */
};

/* ---- settings ------------------------------------------------------------------------------ */

/* The configuration as plain values (contract 1): read by `config`, handed down by `daemon`. Every
 * string is owned by the struct and never NULL. Durations in milliseconds, clocks in minutes. */
struct settings_modem {
	char *name, *port, *board, *imei, *usb, *power_cycle;
	char *number, *pin;		/* SIM keys: of the first SIM seen in it */
	bool direct;
	bool direct_set;		/* whether `direct` was written at all */
	unsigned line;
	char *refused;			/* "twoway.conf:12: …": why it is not used; NULL: it is */
};
struct settings_quota {
	int64_t per_minute, per_hour, per_day, per_month, recipients_per_month,
		reset_day, reset_hour;
	double spend_per_month;
	char *zone;
};
struct settings_cost { char *to; double each; };
struct settings_sim {
	char *iccid, *number, *pin, *smsc, *account;
	struct settings_quota quota;
	struct settings_cost *cost;
	size_t n_cost;
	unsigned line;
	char *refused;			/* as of a modem */
};
struct settings_pool { char *name; struct tw_strings numbers; char *refused; };
struct settings_account {
	char *name, *token_file, *webhook, *webhook_fallback, *lookup, *events, *language,
		*zone, *sid;
	int64_t auto_reply_limit;
};
struct settings_balance { char *operator_, *ask, *match, *topup, *codes; int64_t every;
			  double alert; };
enum settings_adopt { ADOPT_ALL, ADOPT_MODEMS, ADOPT_NONE };
enum settings_doubt { DOUBT_RESEND, DOUBT_FAIL };
enum settings_sticky { STICKY_MOVE, STICKY_WAIT, STICKY_FAIL };
enum settings_calls { CALLS_HANG_UP, CALLS_RING };
struct settings {
	char *file;			/* where it was read from, "" = none */
	struct tw_strings refused_pools;	/* their names: nothing goes by them */
	struct tw_strings refused;	/* entries and profiles that are not used, each as
					 * "FILE:LINE: why" */
	char *country, *database, *currency, *exec_folder;
	char *authorities;		/* PEM file whom TLS trusts beside the system's; "" none */
	struct tw_strings flows, boards, languages;
	int64_t adopt;			/* enum settings_adopt */
	int64_t in_doubt;		/* enum settings_doubt */
	int64_t in_doubt_wait, valid_for, reply_within, direct_send_limit, stop_within;
	bool resend_partial, report, smart_encoding, reply_after_stop;
	struct { int64_t tries, first, last; } retry;
	int64_t max_segments, reassembly_hours, auto_reply_limit, share_for_replies, retention_days;
	struct { bool private_; } webhooks;
	struct { int64_t days, wait, then; char *moved_text; } sticky;	/* then: enum
									 * settings_sticky */
	struct { bool is_set; int64_t from, to; struct tw_strings applies; } quiet_hours;
	int64_t calls;			/* enum settings_calls */
	struct { int64_t per_day; } self_test;
	struct settings_balance *balance;	size_t n_balance;
	struct settings_modem *modems;		size_t n_modems;
	struct settings_sim *sims;		size_t n_sims;
	struct settings_pool *pools;		size_t n_pools;
	struct settings_account *accounts; size_t n_accounts;	/* at least one: "default" */
	struct { char *server, *from, *user, *password_file; } mail;
	struct { char *number, *email, *webhook, *secret_file; bool commands; } alert;
	struct { char *listen, *socket, *certificate, *key, *public_url; } api;
	/* level: enum tw_level */
	struct { int64_t level; bool mask_numbers, texts; } log;
};

#endif
