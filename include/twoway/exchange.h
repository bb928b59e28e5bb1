/* Where the two ways meet: inbox, outbox, conversations, consent, the agenda. turn.c is the turn
 * itself, the same in twowayd, `try`, `test` and the scenarios. */
#ifndef TWOWAY_EXCHANGE_H
#define TWOWAY_EXCHANGE_H

#include <twoway/base.h>
#include <twoway/model.h>
#include <twoway/store.h>
#include <twoway/bank.h>
#include <twoway/flow.h>
#include <twoway/hook.h>
#include <twoway/sms.h>

struct exchange;

struct exchange_setup {
	struct store *store;
	struct bank *bank;
	struct hook *hook;			/* borrowed; NULL: nothing leaves for other
						 * programs */
	const struct settings *settings;	/* borrowed until exchange_reload */
	const struct flows *flows;		/* borrowed until exchange_reload */
	uint64_t seed;				/* 0 = system randomness */
};
/* Reads from the store what must be in memory (open sends, parts, timers). */
int exchange_new(const struct exchange_setup *setup, struct tw_now now, struct exchange **ret);
void exchange_free(struct exchange *x);
void exchange_reload(struct exchange *x, const struct settings *s, const struct flows *f,
		     struct tw_now now);

/* One turn: pull what the bank tells, dispatch, hand out the queue, commit, release. Returns until
 * when nothing needs to be done. Called by the loop before it waits, and by scenarios. */
struct mono_ms exchange_turn(struct exchange *x, struct tw_now now);
/* Inside the turn, before the commit: `http` and others add their own work here. */
/* Where conversations stand, for each version of a flow file and step: cb once for each. */
struct exchange_standing {
	const uint8_t *version;		/* FLOW_VERSION_SIZE octets */
	const char *file, *account, *text;
	size_t text_n;
	uint32_t step;
	int stands;			/* enum flow_stands */
	int64_t conversations;
};
int exchange_standing(struct exchange *x, void (*cb)(void *ctx, const struct exchange_standing *v),
		      void *ctx);
/* Moves conversations of former versions to the flows of now (reload --move), in slices of the next
 * turns; what will become of them. A crash leaves those that are not moved yet where they are. */
struct exchange_moves { int64_t moved, ended, stay; };
int exchange_move(struct exchange *x, struct tw_now now, struct exchange_moves *ret);
void exchange_set_guest(struct exchange *x, void (*cb)(void *ctx, struct tw_now now), void *ctx);

/* ---- messages as others see them (contract 5) ---------------------------------------------- */

#define MESSAGE_ID_MAX 36	/* "SM" and 32 hex digits */
struct message {		/* strings are the caller's to free with message_done; NULL =
				 * null */
	char id[MESSAGE_ID_MAX];
	enum direction direction;
	enum message_state state;
	char *account, *from, *to, *text;
	char *data;			/* hex, of an 8-bit message */
	enum sms_encoding encoding;
	int segments;
	bool in_doubt, repeated, incomplete;
	int error_code;			/* 0: none */
	char *error_cause, *error_text;
	char *sim, *modem, *keyword, *key, *pool;
	bool is_reply;			/* made by a flow or an application for a text that came
					 * in */
	struct wall_ms created_at, sent_at, finished_at, valid_until;	/* ms 0: null */
};
void message_done(struct message *m);

struct exchange_post {
	const char *account;		/* NULL or "": the only one */
	const char *to, *text;
	const char *from;		/* number of the bank, or NULL */
	const char *pool, *key, *idempotency_key;
	struct wall_ms send_at, useless_after;	/* ms 0: none */
	int64_t valid_for;		/* ms, 0: the setting */
	enum lane lane;
	bool smart;			/* as the setting smart_encoding, for this one */
	const char *callback;		/* a URL that is told of its states; NULL none */
};
/* A refusal: an HTTP-like status, Twilio's code, what to say. */
struct exchange_refusal { int status, code; char text[200]; };
/* Queue a message; the row is written in this turn, durable after its commit. 0, or negative with
 * reterr filled. With an idempotency_key seen before: the first message again, *ret_repeated
 * true. */
int exchange_post(struct exchange *x, const struct exchange_post *p, struct tw_now now,
		  struct message *ret, bool *ret_repeated, struct exchange_refusal *reterr);
int exchange_message(struct exchange *x, const char *id, struct message *ret);
/* Why a message is where it is: each state with its time, each attempt with the rule that chose its
 * SIM and what was said of the others then, and for one that waits each SIM with what is said of it
 * now. */
struct why_sim { char *sim, *number, *modem; enum pick_reason reason; struct wall_ms until; };
struct why_state { enum message_state state; struct wall_ms at; char *note; };
struct why_attempt {
	int number, segment;		/* from 1 */
	char *sim, *line, *modem, *cause;	/* line: its number; NULL unknown */
	enum pick_rule rule;
	int outcome;			/* enum store_outcome */
	bool in_doubt;
	int report;			/* TP-ST, -1 none */
	struct wall_ms started_at, ended_at, report_at;
	struct why_sim *sims;	size_t n_sims;
	char *lines;			/* AT lines; NULL: the modem's have gone on */
	bool is_live;			/* they are what the modem says now */
};
struct why {
	struct message message;
	char text[160];			/* where it is, in a sentence */
	struct wall_ms next_at;		/* when it may go on; ms 0: open, or over */
	struct why_state *states;	size_t n_states;
	struct why_sim *sims;		size_t n_sims;
	struct why_attempt *attempts;	size_t n_attempts;
};
int exchange_why(struct exchange *x, const char *id, struct tw_now now, struct why *ret);
void why_done(struct why *w);
const char *why_outcome_name(int outcome);	/* "flying" "sent" "not_sent" "doubt" "never" */
/* Not to be sent any more: 0, TW_E_UNKNOWN, TW_E_STATE when its Ctrl-Z has left or it is final. */
int exchange_cancel(struct exchange *x, const char *id, struct tw_now now, struct message *ret);
struct exchange_query {
	const char *account;		/* NULL: all */
	const char *with;		/* a number, NULL: any */
	int state;			/* enum message_state, -1 any */
	int direction;			/* enum direction, -1 any */
	const char *before;		/* id: keyset paging towards older ones */
	int64_t limit;			/* at most EXCHANGE_SLICE a call */
};
enum { EXCHANGE_SLICE = 1000 };
/* Newest first; cb owns the message (message_done). Returns how many, or negative. */
int exchange_messages(struct exchange *x, const struct exchange_query *q,
		      void (*cb)(void *ctx, struct message *m), void *ctx);

/* Messages of an account by who wrote to whom and when they were sent (of inbound ones: came), a
 * slice a call: at most EXCHANGE_LOOK rows are looked at. cb owns the message. Returns how many
 * fitted, at most limit, or negative; is_over: there are no more. */
enum { EXCHANGE_LOOK = 500 };
struct exchange_search {
	const char *account;
	const char *from, *to;		/* as stored; NULL: any */
	struct wall_ms sent_from, sent_until;	/* both included; ms 0: open */
	int64_t limit;
	bool is_newer;			/* towards newer ones, oldest first; then position must be
					 * set */
	char position[MESSAGE_ID_MAX];	/* behind which to go on; "": from the newest. Moves on */
	bool is_over;
};
int exchange_search(struct exchange *x, struct exchange_search *s,
		    void (*cb)(void *ctx, struct message *m), void *ctx);
/* The text goes, the message stays: TW_E_STATE while it may still be sent. */
int exchange_redact(struct exchange *x, const char *id, struct tw_now now, struct message *ret);
/* Nobody is told of it any more. TW_E_STATE while its delivery is open. */
int exchange_delete(struct exchange *x, const char *id, struct tw_now now);

struct exchange_status {
	int64_t uptime_s;
	int modems, modems_ready;
	int64_t queue[LANE_COUNT], scheduled, in_doubt;
	struct wall_ms inbound_last_at;
	const char *database;		/* "ok" "disk full" "no database" */
	struct tw_strings troubles;	/* sentences */
};
void exchange_status(struct exchange *x, struct tw_now now, struct exchange_status *ret);
void exchange_status_done(struct exchange_status *s);
/* A text has just come in, or is being read: what can wait a few ms steps aside. */
bool exchange_is_answering(struct exchange *x, struct tw_now now);
/* What comes and goes, for /metrics. */
struct exchange_gauges {
	struct {
		const char *kind;		/* hook_kind_name */
		int64_t tries, failures;	/* since the start */
		int64_t waiting, dead;		/* rows now */
	} hooks[HOOK_KINDS];
	int64_t tickets, late_tickets;		/* open; late: nobody took it in time */
	int64_t talks[FLOW_STANDS_COUNT], people;	/* open conversations; those of people */
	/* campaigns that are not over, by state, those that are paused apart; what they still
	 * send */
	int64_t campaigns[CAMPAIGN_STATE_COUNT], paused_campaigns, campaign_messages;
};
int exchange_gauges(struct exchange *x, struct exchange_gauges *ret);
/* A quota of a SIM: segments, recipients, or millionths of the currency; limit 0: none. */
enum exchange_quota_kind { EXCHANGE_PER_MINUTE, EXCHANGE_PER_HOUR, EXCHANGE_PER_DAY,
			   EXCHANGE_PER_MONTH, EXCHANGE_RECIPIENTS, EXCHANGE_SPEND,
			   EXCHANGE_QUOTAS };
struct exchange_quota { int64_t limit, used; };
/* What its operator said is on a SIM; at 0: nothing yet, or it is not asked. Millionths of the
 * currency. */
struct exchange_balance {
	int64_t amount;
	struct wall_ms at;
	int64_t days_left;		/* as it was spent of late; -1 not known */
};
struct exchange_modem_totals {
	uint64_t sent, received, failed;
	int64_t queued;
	struct exchange_quota quotas[EXCHANGE_QUOTAS];
	struct wall_ms resets_at;	/* the plan's month ends; ms 0: no SIM */
	struct exchange_balance balance;
	const char *currency;
	int health;			/* 0..100; -1: no SIM */
	const char *health_reason;	/* "" when 100 */
	int success_rate, delivery_rate;	/* parts of HEALTH_ALL; -1 not known */
	int64_t send_ms;		/* a segment takes, 0 not known */
};
void exchange_modem_totals(struct exchange *x, const char *iccid,
			   struct exchange_modem_totals *ret);

/* ---- jobs on a modem ----------------------------------------------------------------------- */

struct exchange_order {
	enum job_kind kind;
	const char *modem;		/* by name, number, ICCID, IMEI or port */
	const char *text;		/* a USSD code; a command that begins with AT */
	const char *const *answers;	/* USSD: to the menus that come, in order */
	size_t n_answers;
	bool dialogue;			/* USSD: a menu without an answer stays open for 60 s */
	bool forced;			/* a guarded command (model.h) goes all the same */
	const char *who;		/* for the audit log */
	int64_t limit_ms;		/* of each step; 0: 120 s, for a command 60 s */
	int64_t wait_ms;		/* until the modem can take it; 0: 60 s */
};
/* The row is written in this turn; the modem gets it behind the commit. Jobs of a modem go one
 * after the other, each beside its texts: what comes in goes first, and a send between two of them.
 * Refusals: 400 the text, 403 a guarded command, 404 no such modem, 409 no SIM that may be used,
 * 429 too many wait. */
int exchange_job_start(struct exchange *x, const struct exchange_order *o, struct tw_now now,
		       int64_t *ret_id, struct exchange_refusal *reterr);
/* Asks for the balance of a modem's SIM now, as `balance` of its operator has it; the job's end is
 * the answer. Refusals: 404 no such modem, 409 nothing is set for its operator, or it is asked
 * already. */
int exchange_balance_ask(struct exchange *x, const char *modem, const char *who, struct tw_now now,
			 int64_t *ret_id, struct exchange_refusal *reterr);
/* Uses one text to learn the number of a modem's SIM: another SIM sees whom it is from. The number
 * is there once that has arrived (event modem.learned). Refusals: 404 no such modem, 409 its number
 * is known, it cannot send, or no other SIM can tell. */
int exchange_modem_learn(struct exchange *x, const char *modem, struct tw_now now,
			 struct exchange_refusal *reterr);
/* The next answer to the menu of a job that is asking; refusals: 400, 404, 409 it does not ask. */
int exchange_job_answer(struct exchange *x, int64_t id, const char *text, struct tw_now now,
			struct exchange_refusal *reterr);
/* Ends a job: one that waits fails, an open menu is closed. 0; TW_E_UNKNOWN; TW_E_STATE: it is
 * over, or a command that the modem has already. */
int exchange_job_cancel(struct exchange *x, int64_t id, struct tw_now now);

/* got NULL: not yet */
struct exchange_step { char *sent, *got; int code; struct wall_ms at; };
struct exchange_job {		/* strings are the caller's to free with exchange_job_done */
	int64_t id;
	enum job_kind kind;
	enum job_state state;
	char *modem, *sim, *who, *error;	/* NULL = null */
	struct exchange_step *steps;
	size_t n_steps;
	struct wall_ms created_at, started_at, finished_at;
};
int exchange_job(struct exchange *x, int64_t id, struct exchange_job *ret);
void exchange_job_done(struct exchange_job *j);
/* Who did what to the modems, newest first: the next one older than before (0: the newest). Owned
 * by the caller (store_audit_done). */
int exchange_audit(struct exchange *x, int64_t before, struct store_audit *ret);

/* An operator lets a stranger in (`twoway modems accept`; called: name, number, ICCID, IMEI or
 * port): its SIM is remembered in this turn's transaction and used from then on. 0; TW_E_UNKNOWN:
 * no such
 * modem, or its SIM is not known yet; TW_E_STATE: it is no stranger. */
/* It receives but sends nothing, also after a restart. TW_E_UNKNOWN. */
int exchange_modem_pause(struct exchange *x, const char *called, bool paused, struct tw_now now);
int exchange_modem_accept(struct exchange *x, const char *called, struct tw_now now);

/* ---- pools, and what programs set for numbers ------------------------------------------------ */

/* Good until pools or settings change. */
struct exchange_pool {
	const char *name;
	const struct store_pool *own;	/* made by the account; NULL: of the configuration */
	const struct tw_strings *numbers;
};
enum { EXCHANGE_POOLS_MAX = 100 };	/* of an account's own */
/* Those that an account may use: of the configuration, then its own by age. */
bool exchange_pool_each(struct exchange *x, const char *account, size_t *cursor,
			struct exchange_pool *ret);
/* Makes one of its `friendly` (id 0; id, name and times are set), or writes what may change. Texts
 * stay the caller's. TW_E_NOSPACE: EXCHANGE_POOLS_MAX. */
int exchange_pool_put(struct exchange *x, const char *account, struct store_pool *p,
		      struct tw_now now);
/* TW_E_UNKNOWN: the account made none of this name. Messages that wait for it go nowhere and
 * expire. */
int exchange_pool_drop(struct exchange *x, const char *account, const char *name,
		       struct tw_now now);
/* TW_E_EXISTS: it is in; TW_E_UNKNOWN: it is not, or there is no such pool. */
int exchange_pool_number(struct exchange *x, const char *account, const char *name,
			 const char *number, bool is_in, struct tw_now now);
/* What an account set for a long number; nothing set is no error. */
int exchange_number(struct exchange *x, const char *account, const char *number,
		    struct store_number *ret);
int exchange_number_put(struct exchange *x, const char *account, const char *number,
			struct store_number *n, struct tw_now now);

/* ---- contacts and consent ------------------------------------------------------------------ */

struct contact_field { char *name, *value; };
struct contact_list { char *name; enum store_subscription_state state; struct wall_ms since; };
struct contact {		/* strings are the caller's to free with contact_done; NULL =
				 * null */
	int64_t id;
	char *account, *number, *name, *language, *zone, *owner;
	char country[3];		/* by the number; "" unknown */
	struct contact_field *fields;	size_t n_fields;
	struct tw_strings tags;
	struct contact_list *lists;	size_t n_lists;
	struct wall_ms created_at, stopped_at;	/* stopped_at 0: open */
};
void contact_done(struct contact *c);
struct exchange_contacts_query {
	const char *account;		/* NULL: all */
	const char *with;		/* a number, NULL: all */
	const char *list;		/* NULL: any; wants an account */
	bool only_joined;		/* of the list: not who left it, or was only asked */
	int64_t after;			/* id: keyset paging; 0 from the oldest */
	int64_t limit;			/* at most EXCHANGE_SLICE a call */
};
/* Oldest first; cb owns the contact. How many, or negative: TW_E_UNKNOWN no such list. */
int exchange_contacts(struct exchange *x, const struct exchange_contacts_query *q,
		      void (*cb)(void *ctx, struct contact *c), void *ctx);
/* A contact's number, texts and salts go everywhere, at once or (messages) in slices of later
 * turns; what waited to be sent is canceled. account NULL: in all. How many contacts, or
 * TW_E_UNKNOWN. */
int exchange_contact_erase(struct exchange *x, const char *account, const char *number,
			   const char *who, struct tw_now now);
/* One of an account; number as a person types it. TW_E_UNKNOWN. */
int exchange_contact(struct exchange *x, const char *account, const char *number,
		     struct contact *ret);
/* What a program says of a contact, who is made where there is none: NULL stays as it is, "" is
 * taken back. Refusals: 400 with the field named. */
enum { EXCHANGE_TAG_MAX = 128 };		/* octets */
struct exchange_import_field { const char *name, *value; };
struct exchange_contact_facts {
	const char *name, *language, *zone, *owner;
	const struct exchange_import_field *fields;
	size_t n_fields;
	const char *const *tags, *const *untags;	/* that they get, that they lose */
	size_t n_tags, n_untags;
};
int exchange_contact_put(struct exchange *x, const char *account, const char *number,
			 const struct exchange_contact_facts *facts, struct tw_now now,
			 struct contact *ret, bool *ret_is_new, struct exchange_refusal *reterr);
/* A contact leaves a list (NULL: the account, as by STOP), not by a text of theirs: source says
 * how, and is kept as evidence. 1: they had left. Refusals: 400, 404. */
int exchange_contact_leave(struct exchange *x, const char *account, const char *number,
			   const char *list,
			   const char *source, struct tw_now now, struct exchange_refusal *reterr);
/* Lists of an account that anybody was ever asked about, by name behind `after` (""). is_declared:
 * a flow
 * of now has it. */
struct exchange_list { char name[64]; bool is_declared, double_opt_in; };
int exchange_list_next(struct exchange *x, const char *account, const char *after,
		       struct exchange_list *ret);
struct exchange_consent_query {
	const char *account;
	const char *with;		/* a number; NULL: the whole chain */
	int64_t after, limit;		/* sequence; at most EXCHANGE_SLICE a call */
};
/* Rows of an account's chain in order; what is told is good for the call. How many, or negative. */
int exchange_consent(struct exchange *x, const struct exchange_consent_query *q,
		     void (*cb)(void *ctx, const struct store_consent *c, const char *long_number),
		     void *ctx);
int exchange_consent_head(struct exchange *x, const char *account, int64_t *ret_seq,
			  uint8_t ret_link[32]);

/* ---- tickets, and conversations as people see them ----------------------------------------- */

struct ticket_event { struct wall_ms at; char *kind, *who, *text; };	/* who "" twoway */
struct ticket {			/* strings are the caller's to free with ticket_done; NULL = null */
	int64_t id, tag;
	enum store_ticket_kind kind;
	enum store_ticket_state state;
	char *account, *number, *name;	/* of the customer; number NULL: erased */
	char *queue, *about, *agent;
	struct wall_ms opened_at, alerted_at, answered_at, closed_at, due_at;	/* ms 0: null */
	struct ticket_event *events;	size_t n_events;	/* of exchange_ticket alone */
};
void ticket_done(struct ticket *t);
struct exchange_tickets_query {
	const char *account;		/* NULL: all */
	bool only_open;
	int64_t before;			/* id: keyset paging towards older ones; 0 from the
					 * newest */
	int64_t limit;			/* at most EXCHANGE_SLICE a call */
};
/* Newest first; cb owns the ticket. How many, or negative. before moves on; is_over: there are no
 * more (a slice looks at EXCHANGE_LOOK rows at most). */
int exchange_tickets(struct exchange *x, struct exchange_tickets_query *q, bool *ret_is_over,
		     void (*cb)(void *ctx, struct ticket *t), void *ctx);
int exchange_ticket(struct exchange *x, const char *account, int64_t tag, struct ticket *ret);
enum exchange_ticket_act {
	TICKET_CLOSE,
	TICKET_NOTE,			/* text: what is kept with it */
	TICKET_ANSWER,			/* text: to the customer; then the two talk */
	TICKET_ASSIGN			/* text: the agent who is told now */
};
/* Refusals: 400 the text, 403 the customer has left, 404 no such ticket or agent, 409 it is
 * closed. */
int exchange_ticket_act(struct exchange *x, const char *account, int64_t tag,
			enum exchange_ticket_act act, const char *text, const char *who,
			struct tw_now now, struct exchange_refusal *reterr);

struct conversation {		/* strings are the caller's to free with conversation_done; NULL =
				 * null */
	int64_t last;			/* row of its last message */
	char *account, *number, *name, *language;
	char *person;			/* who talks with them in the place of the flow; NULL
					 * nobody */
	enum store_person_kind person_kind;
	struct wall_ms since;		/* of that person */
	int64_t ticket;			/* tag that the talk is about; 0 none */
	bool is_asked, is_waiting;	/* a question of a flow is open; some flow goes on by the
					 * clock */
	bool is_stopped;
	char *text;			/* of the last message; NULL data, or taken back */
	enum direction direction;
	struct wall_ms at;
};
void conversation_done(struct conversation *c);
/* Those of an account (NULL: of all) by their last message, newest first, behind *before (0: the
 * newest), which moves on. As exchange_tickets. */
int exchange_conversations(struct exchange *x, const char *account, int64_t *before, int64_t limit,
			   bool *ret_is_over, void (*cb)(void *ctx, struct conversation *c),
			   void *ctx);
/* TW_E_UNKNOWN: no such contact, or no message of it. */
int exchange_conversation(struct exchange *x, const char *account, const char *number,
			  struct conversation *ret);
/* who talks with the contact from now on, in the place of flows and agents; false: the flow does
 * again. Refusals: 404; 409 somebody else has taken it, nobody talks with them. */
int exchange_conversation_take(struct exchange *x, const char *account,
			       const char *number, bool takes,
			       const char *who, struct tw_now now, struct exchange_refusal *reterr);
/* From the number that the contact used last. Refusals: 400, 403 they have left, 404, 409 not
 * taken. */
int exchange_conversation_say(struct exchange *x, const char *account, const char *number,
			      const char *text, struct tw_now now, struct message *ret,
			      struct exchange_refusal *reterr);

/* A slice of an import. Rows that are bad are told one by one; the others are in. */
enum { EXCHANGE_IMPORT_MAX = 50, EXCHANGE_FIELD_MAX = 512 };
struct exchange_import { const char *account, *list, *source; };
struct exchange_import_row {		/* strings are never NULL; "" is not given */
	const char *number, *name, *language, *zone, *owner;
	const struct exchange_import_field *fields;
	size_t n_fields;
};
enum exchange_import_what {
	IMPORT_JOINED,
	IMPORT_KNOWN,			/* was on the list */
	IMPORT_LEFT,			/* left it once, or the account, or was asked and said
					 * nothing */
	IMPORT_ASKED,			/* the list's question was put to them */
	IMPORT_BAD
};
/* text: of IMPORT_BAD */
struct exchange_imported { enum exchange_import_what what; char text[160]; };
int exchange_import(struct exchange *x, const struct exchange_import *i,
		    const struct exchange_import_row *rows, size_t n, struct tw_now now,
		    struct exchange_imported *ret, struct exchange_refusal *reterr);

/* ---- campaigns ----------------------------------------------------------------------------- */

/* A text, or several by weight, to the contacts of a list. Strings borrowed; NULL or "": not
 * given. */
struct exchange_campaign_arm { const char *name, *text; int64_t weight; };	/* weight 0: 1 */
struct exchange_campaign_order {
	const char *account, *name, *list;
	const char *when;		/* an expression over the contact */
	const char *from, *pool;	/* by which numbers */
	const char *series;		/* whose codes are {voucher} */
	struct exchange_campaign_arm arms[STORE_CAMPAIGN_ARMS];
	size_t n_arms;
	struct wall_ms send_at;		/* not before; 0: when it is started */
	struct wall_ms until;		/* what was not sent by then is not sent; 0: 30 days after
					 * its start */
	int64_t pace;			/* messages an hour; 0 no limit of its own */
};
struct campaign_arm {
	char *name, *text;
	int64_t weight;
	int64_t n[FIGURE_COUNT];	/* running totals */
};
/* Which of several arms brings more conversions, told as soon as it is certain however often one
 * looks: whoever looks after every customer is misled in 5 of 100 tests at most. */
struct split_verdict { int leader, winner; double evidence, wanted; };	/* arms from 0; winner -1:
									 * not yet */
struct campaign {		/* strings are the caller's to free with campaign_done */
	int64_t id;
	char *account, *name, *list, *when, *from, *pool, *series;	/* NULL: none */
	enum store_campaign_state state;
	bool is_paused;
	char reason[160];		/* why it was paused, where nobody asked for it */
	int64_t pace;
	struct wall_ms created_at, send_at, until, started_at, finished_at;
	int64_t queued, no_consent, unmatched, refused;	/* contacts of the list by what became of
							 * them */
	int64_t waiting;		/* messages that are queued or under way */
	struct wall_ms ends_at;		/* by the SIMs and quotas there are; ms 0: not known or
					 * over */
	struct campaign_arm arms[STORE_CAMPAIGN_ARMS];
	size_t n_arms;
	struct split_verdict verdict;	/* of several arms */
};
void campaign_done(struct campaign *c);
/* A draft. Refusals: 400 what is wrong with it, 404 no such account, list or pool, 409 its name is
 * taken. */
int exchange_campaign_make(struct exchange *x, const struct exchange_campaign_order *o,
			   struct tw_now now,
			   struct campaign *ret, struct exchange_refusal *reterr);
int exchange_campaign(struct exchange *x, const char *account, const char *name, struct tw_now now,
		      struct campaign *ret);	/* TW_E_UNKNOWN */
/* By id, behind `after`; account NULL: of all. cb owns it. How many, or negative. */
int exchange_campaigns(struct exchange *x, const char *account, int64_t after, int64_t limit,
		       struct tw_now now, void (*cb)(void *ctx, struct campaign *c), void *ctx);
/* start: a draft begins, a paused one goes on. pause: nothing of it is sent any more. cancel: what
 * is queued is taken back. Done again it changes nothing. Refusals: 404, 409 it is over, or never
 * began. */
enum campaign_verb { CAMPAIGN_START, CAMPAIGN_PAUSE, CAMPAIGN_CANCEL };
int exchange_campaign_do(struct exchange *x, const char *account, const char *name,
			 enum campaign_verb verb, struct tw_now now,
			 struct exchange_refusal *reterr);
/* Whom it would go to and with what, looked at in slices: call again, in later turns, until
 * is_over. */
enum { CAMPAIGN_SAMPLES = 3 };
struct campaign_sample { char number[TW_ADDRESS_MAX], name[96]; int arm, segments;
			 enum sms_encoding encoding; char *text; };
/* How many by where they live, for the quiet hours there; "" where there are none. */
enum { CAMPAIGN_ZONES = 16 };
struct campaign_zone { char zones[192]; int64_t messages, segments; };
struct campaign_people { struct campaign_zone v[CAMPAIGN_ZONES]; size_t n; };
struct campaign_preview {	/* zeroed before the first call */
	int64_t cursor;			/* moves on */
	bool is_over;
	int64_t contacts, no_consent, unmatched, refused;
	int64_t segments;
	int64_t cost;			/* millionths of the currency, on the cheapest SIM that
					 * may */
	struct wall_ms ends_at;		/* when it would have been sent, were it started now; 0 not
					 * known */
	struct campaign_people people;
	struct campaign_sample samples[CAMPAIGN_SAMPLES];
	size_t n_samples;
};
int exchange_campaign_preview(struct exchange *x, const char *account, const char *name,
			      struct tw_now now,
			      struct campaign_preview *p, struct exchange_refusal *reterr);
void campaign_preview_done(struct campaign_preview *p);

/* ---- figures ------------------------------------------------------------------------------- */

struct exchange_report_query {
	const char *account;		/* NULL: all */
	const char *kind, *name;	/* of the topic, as store_topic_name; NULL: any */
	enum store_level by;		/* a row for each hour or day; STORE_EVER: together */
	bool by_line;			/* a row for each long number */
	struct wall_ms from, until;	/* ms 0: open */
};
/* Figures of what is counted beside messages, behind those of messages. A queue has none of its
 * own: its tickets opened are FIGURE_RECEIVED, those answered FIGURE_ANSWERS, escalated ones
 * FIGURE_FAILED, closed ones FIGURE_DELIVERED. */
#define REPORT_FIGURES(X)                                                                          \
	X(REPORT_OFFERED, offered)	/* times of a calendar were offered */                     \
	X(REPORT_BOOKED, booked)                                                                   \
	X(REPORT_MOVED, moved)                                                                     \
	X(REPORT_CONFIRMED, confirmed)                                                             \
	X(REPORT_CANCELED, canceled)                                                               \
	X(REPORT_REMINDED, reminded)                                                               \
	X(REPORT_PLEDGES, pledges)                                                                 \
	X(REPORT_AMOUNT, amount)	/* of pledges, hundredths */
enum report_figure {
	REPORT_BEFORE = FIGURE_COUNT - 1,
#define X(name, text) name,
	REPORT_FIGURES(X)
#undef X
	REPORT_COUNT
};
const char *report_figure_name(int figure);	/* below REPORT_COUNT */
struct report_row {
	/* line "" : all, or none yet */
	char account[128], name[STORE_TOPIC_MAX], line[TW_ADDRESS_MAX];
	enum store_topic_kind kind;
	struct wall_ms at;		/* when the hour or day began; 0 together */
	const char *currency;		/* of a pledge that is declared; "" none */
	int64_t n[REPORT_COUNT];
};
/* A report is read a slice a turn, so that it holds up nothing however many hours it is about, and
 * then told as slowly as its reader likes. It keeps the rows that it will tell, at most
 * EXCHANGE_REPORT_MAX. */
enum { EXCHANGE_REPORT_SLICE = 500, EXCHANGE_REPORT_MAX = 200000 };
struct exchange_report;
int exchange_report_new(struct exchange *x, const struct exchange_report_query *q,
			struct tw_now now, struct exchange_report **ret);
/* Looks at the next EXCHANGE_REPORT_SLICE rows. 1: there are more, in another turn; 0: it is read;
 * TW_E_RANGE: it has too many rows, ask for less. */
int exchange_report_read(struct exchange *x, struct exchange_report *rep, struct tw_now now);
size_t exchange_report_rows(const struct exchange_report *rep);	/* so far */
/* The next n rows by account, kind, name, line and time; cb borrows each for the call. Fewer are
 * told at the end. */
size_t exchange_report_tell(struct exchange *x, struct exchange_report *rep, size_t n,
			    void (*cb)(void *ctx, const struct report_row *row), void *ctx);
void exchange_report_free(struct exchange_report *rep);		/* also where x is gone */
struct split_count { int64_t customers, conversions; };
struct split_verdict split_judge(const struct split_count *arms, size_t n);	/* pure */

/* ---- vouchers, pledges, goals -------------------------------------------------------------- */

struct exchange_series {
	const char *account, *name;
	bool is_declared;		/* by a flow of now: else only what was drawn is known */
	int64_t drawn, redeemed, limit, per_contact, expires_ms;	/* 0 no limit */
	int64_t codes;			/* of its file; 0 they are generated */
};
/* cb borrows. How many, or negative. account NULL: all. */
int exchange_series(struct exchange *x, const char *account,
		    void (*cb)(void *ctx, const struct exchange_series *s), void *ctx);
struct exchange_voucher {
	const char *account, *series, *code;
	char number[TW_ADDRESS_MAX], redeemed_by[TW_ADDRESS_MAX];	/* "" nobody, or erased */
	struct wall_ms drawn_at, redeemed_at, expires_at;	/* ms 0: not, never */
};
/* Codes of an account by series and key, behind `after` ("series<TAB>key", which moves on). */
int exchange_vouchers(struct exchange *x, const char *account, const char *series,
		      struct tw_buf *after,
		      int64_t limit, void (*cb)(void *ctx, const struct exchange_voucher *v),
		      void *ctx);
/* A code in every series of the account. */
int exchange_voucher(struct exchange *x, const char *account, const char *code,
		     void (*cb)(void *ctx, const struct exchange_voucher *v), void *ctx);
/* At the counter: nobody texted it, so it counts for who drew it. *ret: ok unknown used expired.
 * series NULL: that which has the code. Refusals: 404 no such series, 409 several have it. */
int exchange_voucher_redeem(struct exchange *x, const char *account, const char *series,
			    const char *code,
			    struct tw_now now, const char **ret, struct exchange_refusal *reterr);
struct exchange_pledge {
	int64_t id, amount;		/* amount: hundredths */
	const char *account, *name;
	char number[TW_ADDRESS_MAX];
	struct wall_ms at;
};
int exchange_pledges(struct exchange *x, const char *account, int64_t before, int64_t limit,
		     void (*cb)(void *ctx, const struct exchange_pledge *p), void *ctx);
/* What was pledged to each, by name, then those that a flow of now declares and nobody pledged to;
 * cb borrows. How many. */
struct exchange_pledge_total {
	const char *account, *name, *currency;	/* currency "": none, or not known any more */
	bool is_declared;
	int64_t n, amount;		/* amount: hundredths */
};
/* figures: a report of the pledges of this account, read to its end. */
int exchange_pledge_totals(struct exchange *x, const char *account,
			   struct exchange_report *figures,
			   void (*cb)(void *ctx, const struct exchange_pledge_total *t), void *ctx);
/* Goals that a flow of now declares and those that were ever reached, by name behind `after` (NULL:
 * from the first); cb borrows. How many, or negative. */
struct exchange_goal {
	const char *account, *name;
	bool is_declared;
	int64_t within;			/* ms; 0: not declared */
	int64_t reached, counted;	/* contacts; those of them that count for something */
	struct wall_ms last_at;		/* ms 0: never */
};
int exchange_goals(struct exchange *x, const char *account, const char *after, int64_t limit,
		   void (*cb)(void *ctx, const struct exchange_goal *g), void *ctx);
/* ret borrows its strings from the call. TW_E_UNKNOWN. */
int exchange_goal(struct exchange *x, const char *account, const char *name,
		  struct exchange_goal *ret);
/* By what a goal was reached, by kind and name behind `after` ("kind/name"). How many. */
int exchange_goal_touches(struct exchange *x, const char *account, const char *goal,
			  const char *after, int64_t limit,
			  void (*cb)(void *ctx, const struct store_goal_touch *t), void *ctx);
/* Keywords of the flows, by account and name; cb borrows. How many. */
struct exchange_keywords_query {
	const char *account;		/* NULL: all */
	const char *after;		/* "account<TAB>name"; NULL: from the first */
	int64_t limit;			/* at most EXCHANGE_SLICE a call */
	struct exchange_report *figures;	/* of the keywords,
		read to its end; NULL: not known */
};
struct exchange_keyword {
	const char *account, *name;	/* its first match */
	const char *file;		/* of the first of its places */
	unsigned line;
	int places;
	const int64_t *n;		/* REPORT_COUNT totals; NULL: not known */
};
int exchange_keywords(struct exchange *x, const struct exchange_keywords_query *q,
		      void (*cb)(void *ctx, const struct exchange_keyword *k), void *ctx);
/* ---- appointments -------------------------------------------------------------------------- */

struct appointment {		/* strings are the caller's to free with appointment_done; NULL =
				 * null */
	int64_t id;
	enum store_booking_state state;
	char *account, *calendar;
	char *number, *name;		/* of the contact; NULL: erased */
	struct wall_ms starts_at, ends_at;
	char *slot;			/* "2026-01-20 10:00" on the calendar's clock; NULL: it is
					 * gone, */
	char *place, *map;		/* and these with it */
	char *ics;			/* where its file for calendars is; NULL without
					 * api.public_url */
	struct wall_ms made_at, changed_at, remind_at;	/* remind_at 0: not any more */
	int changes;
};
void appointment_done(struct appointment *a);
/* "booked" "confirmed" "canceled" */
const char *appointment_state_name(enum store_booking_state state);
/* The same as a file for calendars (RFC 5545), appended. identity: of the database. */
void appointment_ics(const struct appointment *a, const char *identity, struct tw_buf *out);
struct exchange_appointments_query {
	const char *account, *calendar, *with;	/* NULL: all */
	bool with_canceled;
	int state;			/* enum store_booking_state + 1, 0 any */
	struct wall_ms until;		/* those that start earlier; ms 0: open */
	struct wall_ms from;		/* keyset: those that start later, or then with a greater
					 * id */
	int64_t after;
	int64_t limit;			/* at most EXCHANGE_SLICE a call */
};
/* By time; cb owns the appointment. How many, or negative. */
int exchange_appointments(struct exchange *x, const struct exchange_appointments_query *q,
			  void (*cb)(void *ctx, struct appointment *a), void *ctx);
/* account NULL: any. TW_E_UNKNOWN. */
int exchange_appointment(struct exchange *x, const char *account, int64_t id,
			 struct appointment *ret);
/* By the name that stands in the link to its file. */
int exchange_appointment_of_code(struct exchange *x, const char *code, struct appointment *ret);
/* A program books a time of a calendar. Where its contact has it already that is told again,
 * *ret_repeated true. Refusals: 400 the number, 404 no such calendar, 409 somebody else has it, 422
 * none begins then. */
struct exchange_booking { const char *account, *calendar, *to; struct wall_ms starts_at; };
int exchange_appointment_book(struct exchange *x, const struct exchange_booking *b,
			      struct tw_now now, struct appointment *ret, bool *ret_repeated,
			      struct exchange_refusal *reterr);
/* Another time of its calendar. Its contact is told by the calendar's text (`moved`) where
 * is_told, unless they have left; the same time again changes nothing and tells nobody. Refusals:
 * 404 no such appointment, 409 somebody has this time, it has begun or is canceled, or its calendar
 * is declared no more; 422 none begins then, or it is over. */
int exchange_appointment_move(struct exchange *x, const char *account, int64_t id,
			      struct wall_ms to, bool is_told, struct tw_now now,
			      struct appointment *ret, struct exchange_refusal *reterr);
/* The time is free again, and nothing reminds of it. TW_E_UNKNOWN; TW_E_STATE: it has begun. */
int exchange_appointment_cancel(struct exchange *x, const char *account, int64_t id,
				struct tw_now now, struct appointment *ret);
/* Times of a calendar that nobody has, behind `after`. TW_E_UNKNOWN: no such calendar; TW_E_STATE:
 * its url is asked for them, for somebody who wants one. */
int exchange_free_times(struct exchange *x, const char *account, const char *calendar,
			struct wall_ms after, struct wall_ms *out, size_t cap, size_t *ret_n);
/* The nth calendar of the flows, from 0; its strings are good for the turn. False: no more. */
bool exchange_calendar_at(struct exchange *x, size_t n, const struct flow_calendar **ret);

/* Live events for watchers: each state change of a message, each change of a modem. Called after
 * the commit that made it true. event: "message.received", "message.sent", "modem.ready" … */
typedef void exchange_watch_cb(void *ctx, const char *event, const char *id, struct tw_now now);
void exchange_set_watch(struct exchange *x, exchange_watch_cb *cb, void *ctx);

/* Calls and mails that nobody tries any more: the next older one, before NULL or "": the newest;
 * account NULL: of any. The row is the caller's (store_hook_done). Replay: it is tried again, as if
 * it were new. Both TW_E_UNKNOWN: there is no such dead one of this account. */
/* "": nobody's */
struct exchange_dead { struct store_hook row; char name[STORE_ID_MAX], account[128]; };
int exchange_dead_hook(struct exchange *x, const char *account, const char *before,
		       struct exchange_dead *ret);
int exchange_dead_replay(struct exchange *x, const char *account, const char *name,
			 struct tw_now now);
int exchange_dead_drop(struct exchange *x, const char *account, const char *name,
		       struct tw_now now);

/* The same as rows, written while somebody watches and for a day after, so that one who comes back
 * goes on where they were. A message's account is its own (exchange_message). */
struct exchange_news {
	int64_t id;			/* grows */
	char kind[40], *about, *account;	/* account NULL: a message's, or for operators
						 * only */
	bool is_message;
	struct wall_ms at;
};
void exchange_news_done(struct exchange_news *n);
/* the next one */
int exchange_news(struct exchange *x, int64_t after, struct exchange_news *ret);
/* 0: none */
int exchange_news_ends(struct exchange *x, int64_t *ret_first, int64_t *ret_last);
void exchange_news_wanted(struct exchange *x, struct tw_now now);	/* somebody watches */

/* What a modem tells beyond messages: the end of a command (MODEM_EV_COMMAND), USSD, calls,
 * trouble. Called inside the turn, before its commit; ev is valid for the call. */
typedef void exchange_modem_event_cb(void *ctx, struct tw_handle modem,
				     const struct modem_event *ev, struct tw_now now);
void exchange_set_modem_watch(struct exchange *x, exchange_modem_event_cb *cb, void *ctx);

/* ---- without modems (`try`, `test`) ---------------------------------------------------------- */

/* A text, or a missed call, comes in from a customer at a long number; text is unused for a call.
 * Work of a turn: exchange_turn commits it. */
struct exchange_text { const char *from, *to, *text; };
int exchange_hear(struct exchange *x, const struct exchange_text *t, struct tw_now now);
int exchange_hear_call(struct exchange *x, const struct exchange_text *t, struct tw_now now);
/* The oldest message that waits to go out, as delivered. TW_E_UNKNOWN: none waits. */
int exchange_take(struct exchange *x, struct tw_now now, struct message *ret);
/* for who has none */
void exchange_choose_arm(struct exchange *x, const char *split, const char *arm);
/* Whether an expression is true for a contact. TW_E_CONFIG with findings. */
int exchange_is_true(struct exchange *x, const char *number, const char *account,
		     const char *expression, struct tw_now now, bool *ret,
		     struct tw_findings *findings);

/* For tests and scenarios: every law that must hold between two turns; returns the first broken
 * one. */
const char *exchange_check(struct exchange *x);

#endif
