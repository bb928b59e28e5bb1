/* Private to src/modem: the state of one modem and what its files promise each other.
 *
 *   modem.c     new and free, bytes and time in, the pump, timers
 *   machine.c   the table of states and the one function that moves between them
 *   job.c       one AT command and what its answer means; the sequence runner
 *   bringup.c   from the open port to the SIM
 *   sim_card.c  PIN, ICCID, IMSI, whether the SIM may be used
 *   setup.c     formats, storage, indications, registration queries
 *   steady.c    what to do next when nothing must be done; polls and checks
 *   storage.c   slots: what is where and what is to be done with it
 *   receive.c   reading, deleting, direct texts and their acknowledgements
 *   send.c      sends and what their end means
 *   bearer.c    which way texts leave
 *   network.c   registration, signal, operator, temperature
 *   urc.c       unsolicited lines
 *   call.c, command.c   calls, commands of a person
 *   ussd.c      dialogues with the network; ussd_text.c what their texts are written in
 *   recover.c   the ladder
 *   events.c    what the owner is told; trace.c the last AT lines; check.c the invariants */
#ifndef MODEM_INTERNAL_H
#define MODEM_INTERNAL_H

#include <twoway/modem.h>

#include <stdio.h>

enum {
	EVENTS_MAX = 24,	/* ring of events not pulled yet */
	EVENTS_RESERVE = 12,	/* free entries without which the AT engine is not pulled */
	/* a PDU (SMS_PDU_MAX is 384 digits) and what stands behind it, USSD */
	EVENT_TEXT = 641,
	SLOTS_MAX = 512,	/* highest slot number + 1 */
	AREAS_MAX = 3,		/* storages looked into: main, reports, one that a URC named */
	OWED_MAX = 8,		/* direct texts handed out and not acknowledged */
	DAMAGES_MAX = 4,	/* damaged direct texts remembered */
	COMMAND_TEXT = 8192,	/* answer lines of a person's command */
	PUMP_MAX = 400		/* steps of one pump; more would be a loop without progress */
};

/* ---- states -------------------------------------------------------------------------------- */

#define STATES(X)                                                                                  \
	X(ST_CLOSED, "closed")                                                                     \
	X(ST_PROBE, "probe")                                                                       \
	X(ST_IDENTIFY, "identify")                                                                 \
	X(ST_SIM, "sim")                                                                           \
	X(ST_ASK_PIN, "ask_pin")                                                                   \
	X(ST_PIN_SENT, "pin_sent")                                                                 \
	X(ST_LOCKED, "locked")                                                                     \
	X(ST_NO_SIM, "no_sim")                                                                     \
	X(ST_IDENTITY, "identity")                                                                 \
	X(ST_ASK_ADMIT, "ask_admit")                                                               \
	X(ST_STRANGER, "stranger")                                                                 \
	X(ST_SETUP, "setup")                                                                       \
	X(ST_DRAIN, "drain")                                                                       \
	X(ST_SEARCH, "search")                                                                     \
	X(ST_READY, "ready")                                                                       \
	X(ST_PAUSE, "pause")                                                                       \
	X(ST_RADIO, "radio")                                                                       \
	X(ST_RESET, "reset")                                                                       \
	X(ST_REOPEN, "reopen")                                                                     \
	X(ST_FAILED, "failed")
enum st {
#define X(name, text) name,
	STATES(X)
#undef X
	ST_COUNT
};

/* What can happen to the machine. */
#define INPUTS(X)                                                                                  \
	X(IN_FREE, "free")		/* no command in flight: the next may be given */          \
	X(IN_LIMIT, "limit")		/* the state's deadline passed */                          \
	X(IN_OPENED, "opened")                                                                     \
	X(IN_CLOSED, "closed")                                                                     \
	X(IN_DEAF, "deaf")		/* it does not answer AT */                                \
	X(IN_MUTE, "mute")		/* it answers AT and nothing else */                       \
	X(IN_REBOOTED, "rebooted")	/* it lost its settings */                                 \
	X(IN_SIM_CHANGED, "sim_changed")	/* the SIM went, came, or is another */            \
	X(IN_UNREGISTERED, "unregistered")                                                         \
	X(IN_PIN_GIVEN, "pin_given")                                                               \
	X(IN_PIN_DENIED, "pin_denied")                                                             \
	X(IN_ADMITTED, "admitted")                                                                 \
	X(IN_REJECTED, "rejected")                                                                 \
	X(IN_RESTART, "restart")
enum input {
#define X(name, text) name,
	INPUTS(X)
#undef X
	IN_COUNT
};

struct modem;
struct job;

struct state {
	const char *name;
	enum modem_state shown;
	uint32_t accepts;	/* bits of enum input; others are dropped */
	uint32_t successors;	/* bits of enum st */
	struct { const char *name; int64_t ms, min, max; } limit;	/* ms 0: none; enter may set
						 * another one between min and max */
	const struct job *const *sequence;	/* commands given one after the other, NULL-ended */
	void (*enter)(struct modem *m, struct mono_ms now);
	void (*handle)(struct modem *m, enum input in, struct mono_ms now);
};
extern const struct state machine_states[ST_COUNT];

/* The only way from one state to another: checks the edge, traces it, runs enter. */
void machine_move(struct modem *m, enum st to, const char *why, struct mono_ms now);
void machine_input(struct modem *m, enum input in, struct mono_ms now);
const char *machine_state_name(enum st s);
/* Sets the deadline of the state the machine is in, within its bounds. */
void machine_limit(struct modem *m, int64_t ms, struct mono_ms now);
/* What is shown changed (a move, a pause): tells the owner. */
void machine_show(struct modem *m, const char *why);

/* ---- jobs ---------------------------------------------------------------------------------- */

/* One AT command and what its answer means. */
struct job {
	const char *name;
	enum at_shape shape;
	const char *prefix;
	int64_t limit_ms;
	const char *text;			/* the command, or … */
	/* … writes it to out (AT_COMMAND_MAX); false: there is nothing to ask, go on. */
	bool (*build)(struct modem *m, char *out);
	void (*line)(struct modem *m, const struct at_event *ev, struct mono_ms now);
	void (*done)(struct modem *m, const struct at_event *ev, struct mono_ms now);
	bool is_secret;
	/* its answer may begin with another name: unsolicited lines as well */
	bool any_line;
	/* where it depends; else limit_ms */
	int64_t (*limit)(const struct modem *m);
	void (*prepare)(struct modem *m, struct at_command *c);	/* payload, prompt limit, prefix */
};
/* Give the job's command. False when it has nothing to ask; its done is then not called. */
bool job_give(struct modem *m, const struct job *j, struct mono_ms now);
/* The next command of the state's sequence; false when it has come to its end. */
bool job_give_next(struct modem *m, struct mono_ms now);
/* From a done: the same step again, or the sequence from another step on, after a pause. */
void job_again(struct modem *m, int64_t pause_ms, struct mono_ms now);
void job_goto(struct modem *m, const struct job *j, int64_t pause_ms, struct mono_ms now);
extern const struct job job_alive;
void job_forget(struct modem *m);
/* Drop the command in flight: the engine is about to be reset. */
void job_drop(struct modem *m);
/* The first run of min to max digits in line, unless out holds one already. */
void answer_digits(const char *line, size_t min, size_t max, char *out, size_t cap);
void job_on_event(struct modem *m, const struct at_event *ev, struct mono_ms now);

/* ---- slots --------------------------------------------------------------------------------- */

enum slot_state {
	SLOT_UNKNOWN,
	SLOT_EMPTY,
	SLOT_PROBE,	/* look when there is time */
	SLOT_TO_READ,	/* announced or listed */
	SLOT_LATER,	/* refused, or could not be read: again at retry */
	SLOT_HANDED,	/* with the owner */
	SLOT_TO_DELETE,	/* acknowledged */
	SLOT_OWN,	/* a draft or a sent copy somebody keeps there: left alone */
	SLOT_STATES
};
struct slot {
	uint64_t token;		/* of the text that was handed out from it, 0 none */
	struct mono_ms retry;	/* SLOT_LATER, SLOT_TO_DELETE: not before */
	uint32_t order;		/* who was announced first is read first */
	uint32_t doubt_hash;	/* … of this hash */
	uint8_t state;
	uint8_t tries;		/* reads or deletions that failed */
	bool announced;		/* by +CMTI: it may take a moment until it can be read */
	bool again;		/* announced anew while its deletion was under way */
	bool listed;		/* seen by the list under way */
	uint8_t doubts;		/* reads in a row that gave the same damaged PDU … */
	bool tell_empty;	/* MODEM_EV_SLOT_EMPTY is still to be told */
};
struct area {
	char name[4];		/* "SM" */
	int used, total;	/* of +CPMS; -1 unknown */
	int high;		/* highest slot number touched + 1 */
	uint16_t n[SLOT_STATES];
	uint16_t n_tell;	/* slots with tell_empty */
	bool want_list;
	bool probed;		/* hidden entries were looked for once */
	bool list_broken;	/* AT+CMGL failed: slot by slot */
	int listed;		/* entries of the list under way */
	int list_tries;
	int hidden;		/* texts counted by +CPMS and not listed */
	struct slot slots[SLOTS_MAX];
};

/* ---- the modem ----------------------------------------------------------------------------- */

enum timer {
	T_STATE,	/* the state's deadline */
	T_HOLD,		/* no command before */
	T_PUMP,		/* something may be due at once */
	T_POLL,		/* signal and registration */
	T_CHECK,	/* storage and settings */
	T_SLOT,		/* a slot is to be read or deleted again */
	T_OWED,		/* an acknowledgement is overdue */
	T_CALL,		/* the caller's number has not come; the ringing has ended */
	T_VERDICT,	/* a send without a result: the last moment for a late one */
	T_HEALTHY,	/* ready for so long that the ladder begins anew */
	T_STRAY,	/* a stray line makes us look at the settings again */
	T_COMMAND,	/* a person's command could not be given */
	T_USSD,		/* a USSD request could not be given, or the network does not answer */
	T_USSD_HOLD,	/* sends wait no longer for the network's answer to USSD */
	TIMER_COUNT
};

struct event {
	struct modem_event ev;	/* pointers are set when it is pulled */
	char text[EVENT_TEXT];
};

enum owed_state { OWED_WAITING, OWED_ACK, OWED_NACK };
struct owed { uint64_t token; enum owed_state state; };
/* A direct text that came damaged: how often, each time the same. */
struct damage { uint64_t hash; unsigned times; };

/* Whether it echoes although it took ATE0: then it has restarted and told nothing. */
enum echo { ECHO_UNKNOWN, ECHO_JUST_OFF, ECHO_OFF, ECHO_STAYS };

enum send_phase { SEND_NONE, SEND_QUEUED, SEND_ON_AIR, SEND_UNDECIDED };
struct sending {
	enum send_phase phase;
	uint64_t id, late_id;	/* late_id: the last one that ended in doubt */
	uint32_t at_id, late_at_id;
	char hex[AT_PAYLOAD_MAX + 1];
	int length;
	bool more, left;	/* left: the Ctrl-Z is out */
	bool is_canceled;	/* its abort is under way */
	int ref;
	struct mono_ms since;
	bool cmms_on, cmms_bad;
};

/* T_CALL is the end of the wait for the number, then of the ringing. */
struct calling {
	bool is_ringing, is_told, want_hang_up;
	struct mono_ms last_ring;
	int tries;
};

/* Which way texts leave, as a send that failed on LTE taught (bearer.c). */
struct bearer {
	int way, told;		/* of board_way: wanted, -1 none; the one the owner knows of */
	unsigned changes;	/* since a send went out */
	bool want;		/* to be written before the next send */
};

struct personal {		/* a person's or a job's command */
	bool is_given, is_running, is_done;
	uint64_t id;
	char text[AT_COMMAND_MAX];
	int64_t limit_ms;
	char answer[COMMAND_TEXT];
	size_t answer_n;
};

enum ussd_phase {
	USSD_NONE,
	USSD_QUEUED,		/* to be given when the modem is free */
	USSD_RUNNING,		/* its command is in flight */
	USSD_AWAITED		/* given: the network's answer is awaited */
};
struct ussd {
	enum ussd_phase phase;
	uint64_t id;
	char text[USSD_MAX + 1];
	bool is_answer;		/* to an open menu */
	int64_t limit_ms;
	bool is_open;		/* the network waits for an answer */
	bool want_end;
	unsigned form_at;	/* of the profile's forms: the one that the modem takes */
	bool is_ucs2;		/* +CSCS as it was set last */
	bool cscs_known;
};

struct modem {
	struct modem_setup setup;
	char setup_board[64], setup_usb[16], setup_smsc[TW_NUMBER_MAX];
	const struct board *board;
	struct at_engine *at;
	struct at_engine *urcs;		/* of a second port; NULL: there was none yet */
	struct modem_facts facts;
	struct mono_ms now, opened;	/* the last time that was told; when the port was opened */
	struct mono_ms timers[TIMER_COUNT];

	enum st state;
	enum modem_state shown;
	bool is_open, is_paused, in_pump;
	char why[MODEM_TEXT_MAX];	/* of the last move */

	const struct job *job;		/* whose command is in flight */
	uint32_t job_id, last_job_id;
	char job_text[AT_COMMAND_MAX];
	int job_area, job_slot;		/* of a read or deletion in flight */
	unsigned silent;		/* commands in a row without any answer */
	uint64_t placed;		/* the engine's count at the last of these */
	unsigned mute;			/* … not counting AT, which it may answer all the same */
	enum echo echo;
	uint64_t echoes;		/* counted by the engine at the last final result */
	/* restarts seen by their echo alone, since it was healthy */
	unsigned echo_signs;
	unsigned step, next_step;	/* of the state's sequence */

	/* bring-up */
	char last_imei[IMEI_MAX];
	char says[256];			/* CGMI, CGMM, ATI joined by \n */
	unsigned init_at, probe_tries, cpms_at, cnmi_at, polls;
	bool with_atz, cfun_tried, want_cfun;
	char cpin[32];			/* "READY", "SIM PIN", "CME 10" … */
	int pin_tries_left;
	char pin[12];
	bool pin_given;
	int cpin_errors, imsi_tries;
	bool want_iccid_check, want_look, locked_by_pin;
	char seen_iccid[ICCID_MAX];
	struct mono_ms cpin_since, cpms_since;
	bool sms_ready;			/* the profile's marker was seen */

	/* settings as they were accepted */
	int cnmi_set[5], cnmi_seen[5];
	bool csms_accepted;
	int csms_seen;			/* -1 not told */
	unsigned csms_tries;
	int cmgf_tries, select_area, select_failed;
	int64_t cpms_parameters;
	/* … and what is to be written or read back when there is time. */
	bool want_cmgf, want_csms_check, want_cnmi_check, want_smsc;
	bool want_messages;		/* seq_messages again … */
	bool want_whole;		/* … with what only a restart takes away */
	unsigned cnmi_lost;		/* times in a row that it was found changed */
	bool no_report_storage;		/* the profile's report storage cannot be selected … */
	uint32_t no_storage;		/* … nor these others of its storages, a bit each */
	bool no_indication;		/* every CNMI was refused: poll */
	bool direct_off;		/* direct delivery was refused by the modem */
	int act[3];			/* radio technology (27.007 7.2), -1 not told */
	int reg[3];			/* stat by CREG, CGREG, CEREG; -1 it does not tell */
	bool reg_bad[3];
	bool reg_is_set[3];		/* its answers have told n = 2 */
	unsigned search_rounds, search_asked;
	bool want_search;
	bool want_cesq, cesq_bad;
	int reg_asked;

	/* storage */
	struct area areas[AREAS_MAX];	/* 0 main, 1 reports, 2 another */
	int mem1;			/* area that mem1 names; -1 not known */
	uint32_t next_order;
	uint64_t next_token;
	unsigned checks;
	char pdu[EVENT_TEXT];		/* of the read in flight */
	bool got_pdu, pdu_is_own;
	int pdu_length;

	struct owed owed[OWED_MAX];
	unsigned n_owed;
	uint32_t unexpected_acks;
	struct damage damages[DAMAGES_MAX];
	unsigned damages_at;
	bool no_smsc_field;		/* its PDUs begin with the TPDU: found out by reading on */

	struct sending send;
	struct calling call;
	struct bearer bearer;
	struct personal personal;
	struct ussd ussd;
	bool want_reg, want_signal, want_count, want_sim_check, want_late, want_temperature;
	bool temperature_bad;
	bool want_refresh;		/* the radio, when no send is under way */
	char refresh_why[MODEM_TEXT_MAX];
	unsigned late_at, failed_sends;

	/* recovery */
	int rung;			/* the last one taken, -1 none */
	unsigned recoveries;		/* since it was last healthy */
	unsigned failures;		/* times the last rung was reached */
	struct mono_ms power_after;	/* its power is not switched again before */
	int64_t reopen_ms;		/* how long the port stays closed */
	bool closing_ours;		/* the port goes because we asked or reset it */
	enum st after_pause;

	struct event *events;
	unsigned events_head, events_n;
	struct event told;		/* the one pulled last */

	char trace[MODEM_TRACE_LINES][MODEM_TRACE_LINE];
	unsigned trace_head, trace_n;
};

/* modem.c */
void modem_pump(struct modem *m, struct mono_ms now);
void timer_set(struct modem *m, enum timer t, int64_t ms, struct mono_ms now);
void timer_stop(struct modem *m, enum timer t);
/* The next instant that is a multiple of ms: modems of one bank wake together. */
void timer_align(struct modem *m, enum timer t, int64_t ms, struct mono_ms now);
/* All that belongs to a device session: a new stick never pays for the old one. */
void modem_new_session(struct modem *m);
/* … and what is counted of the one before. */
void modem_forget_past(struct modem *m);
void modem_use_board(struct modem *m, const struct board *b);

/* events.c: an entry of the ring to be filled (its text is empty), or one that may be lost: NULL
 * when there is no room. */
struct event *event_push(struct modem *m, enum modem_event_type type);
struct event *event_offer(struct modem *m, enum modem_event_type type);
bool event_has_room(const struct modem *m);
void event_trouble(struct modem *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void event_error(struct modem *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* trace.c */
/* A line of the modem: what is hex alone is shortened like a PDU. */
void trace_heard(struct modem *m, char mark, const char *text, size_t n);
void trace_line(struct modem *m, char mark, const char *text, size_t n);
void trace_command(struct modem *m, const char *text, bool is_secret);
void trace_pdu(struct modem *m, char mark, const char *hex, size_t n);

/* bringup.c, sim_card.c, setup.c */
extern const struct job *const seq_probe[], *const seq_identify[], *const seq_sim[],
	*const seq_identity[], *const seq_setup[], *const seq_radio[], *const seq_reset[];
void bringup_enter_probe(struct modem *m, struct mono_ms now);
void bringup_handle_probe(struct modem *m, enum input in, struct mono_ms now);
void bringup_enter_identify(struct modem *m, struct mono_ms now);
void bringup_handle_identify(struct modem *m, enum input in, struct mono_ms now);
void sim_enter(struct modem *m, struct mono_ms now);
void sim_handle(struct modem *m, enum input in, struct mono_ms now);
void sim_enter_ask_pin(struct modem *m, struct mono_ms now);
void sim_handle_ask_pin(struct modem *m, enum input in, struct mono_ms now);
void sim_enter_pin_sent(struct modem *m, struct mono_ms now);
void sim_handle_pin_sent(struct modem *m, enum input in, struct mono_ms now);
void sim_enter_waiting(struct modem *m, struct mono_ms now);	/* locked, no_sim */
void sim_handle_waiting(struct modem *m, enum input in, struct mono_ms now);
void sim_enter_identity(struct modem *m, struct mono_ms now);
void sim_handle_identity(struct modem *m, enum input in, struct mono_ms now);
void sim_enter_ask_admit(struct modem *m, struct mono_ms now);
void sim_handle_ask_admit(struct modem *m, enum input in, struct mono_ms now);
void sim_enter_stranger(struct modem *m, struct mono_ms now);
void sim_handle_stranger(struct modem *m, enum input in, struct mono_ms now);
/* From READY: is it still the same SIM? */
extern const struct job job_sim_check_pin, job_sim_check_iccid;
void setup_enter(struct modem *m, struct mono_ms now);
void setup_handle(struct modem *m, enum input in, struct mono_ms now);
bool setup_is_direct(const struct modem *m);
/* mem1 to area, before anything of it is read, listed or deleted. */
bool setup_give_select(struct modem *m, int area, struct mono_ms now);
/* In service: format, service and indications written and verified again, before other work. */
void setup_again(struct modem *m);
/* A sign of a restart that told nothing else: all of it again, and is it still the same SIM? */
void setup_suspect(struct modem *m, const char *why);
bool setup_give_again(struct modem *m, struct mono_ms now);
/* … or only looked at, and written again when they have changed. */
void setup_verify(struct modem *m);
extern const struct job *const seq_messages[];
extern const struct job job_init;	/* bringup.c */
extern const struct job job_verify_csms, job_verify_cnmi, job_rewrite_cmgf, job_count,
	job_csca_query, job_csca, job_echo, job_errors;

/* steady.c */
void steady_enter_drain(struct modem *m, struct mono_ms now);
void steady_handle_drain(struct modem *m, enum input in, struct mono_ms now);
void steady_enter_search(struct modem *m, struct mono_ms now);
void steady_handle_search(struct modem *m, enum input in, struct mono_ms now);
void steady_enter_ready(struct modem *m, struct mono_ms now);
void steady_handle_ready(struct modem *m, enum input in, struct mono_ms now);
void steady_on_poll(struct modem *m, struct mono_ms now);
void steady_on_check(struct modem *m, struct mono_ms now);
bool state_is_serving(enum st s);	/* drain, search, ready: storage and network are ours */

/* storage.c */
void storage_forget(struct modem *m);		/* what we know of every slot: read again first */
struct area *storage_area(struct modem *m, const char *name);	/* made when new; NULL: no room */
void storage_announce(struct modem *m, const char *name, int slot, struct mono_ms now);
void storage_list_all(struct modem *m);
void storage_list_reports(struct modem *m);
/* The profile's storages beside the main one: what lies there was not told by anybody. */
void storage_list_others(struct modem *m);
void storage_cannot_be_selected(struct modem *m, int area);
void slot_move(struct area *a, int slot, enum slot_state to);
void slot_empty(struct area *a, int slot);	/* and tell */
void slot_later(struct modem *m, struct area *a, int slot, enum slot_state to, struct mono_ms now);
bool slot_is_valid(int slot);
/* The slot to be worked on next in any area: the first announced of a state whose time has come. */
bool storage_next(const struct modem *m, enum slot_state s, struct mono_ms now, int *ret_area,
		  int *ret_slot);
unsigned storage_due(const struct modem *m, enum slot_state s, struct mono_ms now);
void storage_set_timer(struct modem *m);
void storage_on_timer(struct modem *m, struct mono_ms now);
bool storage_find_token(struct modem *m, uint64_t token, struct area **ret, int *ret_slot);
/* Whether an entry is somebody's own draft or copy: stat 2 or 3, and a SUBMIT. */
bool storage_is_own(int stat, const char *pdu, size_t n);
int storage_listing(const struct modem *m);	/* area that wants to be listed, -1 none */
/* used and total of mem1 from a +CPMS: line of either form. */
void storage_read_counts(struct modem *m, struct area *a, const char *line);
/* behind AT+CPMS?: list when it tells news */
void storage_on_count(struct modem *m, struct area *a);
void storage_drop_area(struct modem *m, int area);
bool storage_give_list(struct modem *m, int area, struct mono_ms now);
void storage_on_full(struct modem *m);

/* receive.c */
extern const struct job job_read, job_delete, job_acknowledge;
bool receive_give(struct modem *m, const struct job *j, int area, int slot, struct mono_ms now);
void receive_direct(struct modem *m, const struct at_event *ev, bool is_report, struct mono_ms now);
bool receive_owes(const struct modem *m);		/* the network waits for us */
bool receive_has_answer(const struct modem *m);	/* … and the owner has decided */
bool receive_give_answer(struct modem *m, struct mono_ms now);
void receive_on_overdue(struct modem *m, struct mono_ms now);
void receive_forget_owed(struct modem *m);
int receive_length(const char *line, const char *prefix, const char *pdu, size_t n, int *ret_stat);

/* send.c */
extern const struct job job_send;
bool send_is_waiting(const struct modem *m);
bool send_give(struct modem *m, struct mono_ms now);
void send_fail_queued(struct modem *m, enum reaction r, const char *cause, struct mono_ms now);
/* The line is gone: the send given ends, in doubt where its Ctrl-Z had left. */
void send_on_lost(struct modem *m, const char *cause, struct mono_ms now);
void send_on_late(struct modem *m, const struct at_event *ev, struct mono_ms now);
void send_on_resynced(struct modem *m, struct mono_ms now);
void send_on_payload(struct modem *m, struct mono_ms now);

/* bearer.c */
extern const struct job job_bearer;
bool bearer_give(struct modem *m, struct mono_ms now);
void bearer_on_sent(struct modem *m);
/* Nothing is registered: a technology that we forced is given up for the next way. */
bool bearer_on_no_network(struct modem *m);
/* Whether another way is taken for the next text. */
bool bearer_on_failed(struct modem *m, enum at_result result, int code);

/* network.c */
extern const struct job job_reg[3], job_reg_on[3], job_csq, job_cesq, job_temperature;
extern const struct job *const seq_late[];
void network_on_urc(struct modem *m, int domain, const char *line, struct mono_ms now);
bool network_is_registered(const struct modem *m);
int network_best(const struct modem *m);
extern const char *const network_prefix[3];

/* urc.c, call.c, command.c */
void urc_on_stray(struct modem *m, const char *line, struct mono_ms now);
void urc_on_line(struct modem *m, const struct at_event *ev, struct mono_ms now);
void call_on_ring(struct modem *m, struct mono_ms now);
void call_on_number(struct modem *m, const char *line, struct mono_ms now);
void call_on_end(struct modem *m);
void call_on_timer(struct modem *m, struct mono_ms now);
bool call_give_hang_up(struct modem *m, struct mono_ms now);
/* ussd.c */
extern const struct job job_ussd;
void ussd_on_line(struct modem *m, const char *line, struct mono_ms now);
bool ussd_give(struct modem *m, struct mono_ms now);
void ussd_on_timer(struct modem *m, struct mono_ms now);
bool ussd_holds_sends(const struct modem *m);
/* What is asked of the network ends without an answer; the dialogue is over. */
void ussd_abort(struct modem *m, const char *why);
/* ussd_text.c: UTF-8 of a +CUSD text, by its DCS, the form it was asked in, and what it looks like;
 * out gets a NUL. Returns octets. */
size_t ussd_decode(const char *text, size_t n, int dcs, enum board_ussd form, char *out,
		   size_t cap);
/* What stands in the quotes of AT+CUSD for a text in this form, its DCS, and whether +CSCS has to
 * be UCS2 for it. False: it does not fit. */
bool ussd_encode(const char *text, enum board_ussd form, char *out, size_t cap, int *ret_dcs,
		 bool *ret_ucs2);
extern const struct job job_personal;
bool command_give(struct modem *m, struct mono_ms now);
void command_end(struct modem *m, enum at_result result);

/* recover.c */
void recover_enter_pause(struct modem *m, struct mono_ms now);
void recover_handle_pause(struct modem *m, enum input in, struct mono_ms now);
void recover_handle_radio(struct modem *m, enum input in, struct mono_ms now);
void recover_enter_reset(struct modem *m, struct mono_ms now);
void recover_handle_reset(struct modem *m, enum input in, struct mono_ms now);
void recover_enter_reopen(struct modem *m, struct mono_ms now);
void recover_handle_reopen(struct modem *m, enum input in, struct mono_ms now);
void recover_enter_failed(struct modem *m, struct mono_ms now);
bool recover_refresh(struct modem *m, struct mono_ms now);	/* true: it went to work */
/* It does not answer (deaf), or answers and does not work: the next rung that may help. */
void recover(struct modem *m, bool is_deaf, const char *why, struct mono_ms now);
void recover_is_healthy(struct modem *m);

#endif
