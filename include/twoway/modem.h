/* One modem's life, pure: bring-up from an unknown state, receive, send, recover. Data in, data
 * out; time is an argument; no allocation after modem_new. The same machine runs against a serial
 * port, a pseudo-terminal, a TCP serial server and a test's script.
 *
 * It knows nothing of the database: it hands a text out with a token and keeps it on the SIM (or
 * owes the network its acknowledgement) until it is told that the text is on disk. */
#ifndef TWOWAY_MODEM_H
#define TWOWAY_MODEM_H

#include <twoway/base.h>
#include <twoway/model.h>
#include <twoway/at.h>
#include <twoway/board.h>
#include <twoway/sms.h>

enum { MODEM_SEND_MAX = 400, MODEM_TRACE_LINES = 64, MODEM_TRACE_LINE = 160, MODEM_TEXT_MAX = 160,
       USSD_MAX = 182 };	/* octets of a USSD request */

struct modem;

struct modem_setup {
	const struct boards *boards;	/* borrowed */
	const char *board;		/* profile by name, "" = find out */
	const char *usb;		/* "12d1:1506", "" unknown */
	int direct;			/* -1 as the profile says, 0 stored, 1 direct */
	bool report;			/* delivery reports are wanted */
	const char *smsc;		/* to set when the SIM has none; "" = leave */
	bool hang_up;			/* reject incoming calls */
	bool power_cycle;		/* the owner can switch its power: MODEM_EV_POWER may
					 * come */
	int64_t direct_send_limit;	/* ms */
};
struct modem *modem_new(const struct modem_setup *setup);
void modem_free(struct modem *m);
/* The USB id of what the port belongs to now: before modem_on_opened. */
void modem_set_usb(struct modem *m, const char *usb);

/* ---- bytes and time ------------------------------------------------------------------------ */

void modem_on_opened(struct modem *m, struct mono_ms now);
/* The port is gone (unplugged, hung up, closed): what was in flight ends, in doubt where its
 * Ctrl-Z had left; acknowledgements owed are forgotten (the slot keeps the text). */
void modem_on_closed(struct modem *m, struct mono_ms now);
void modem_on_bytes(struct modem *m, const void *bytes, size_t n, struct mono_ms now);
/* Of a second port, on which unsolicited lines come out and nothing is asked. opened: a line begun
 * there is forgotten; closing the modem closes it too. */
void modem_on_urcs_opened(struct modem *m);
void modem_on_urc_bytes(struct modem *m, const void *bytes, size_t n, struct mono_ms now);
void modem_tick(struct modem *m, struct mono_ms now);
struct mono_ms modem_deadline(const struct modem *m);
size_t modem_output(const struct modem *m, const uint8_t **ret);
void modem_written(struct modem *m, size_t n, struct mono_ms now);

/* ---- what it tells ------------------------------------------------------------------------- */

enum modem_event_type {
	MODEM_EV_STATE,		/* state: enum modem_state; text: why */
	MODEM_EV_IDENTITY,	/* modem_facts() has IMEI, maker, model, firmware, board */
	MODEM_EV_SIM,		/* ICCID and IMSI are known: the owner answers modem_admit */
	MODEM_EV_PIN,		/* the SIM asks for its PIN; number: tries left, -1 cannot be read.
				 * The owner answers modem_give_pin or modem_deny_pin */
	MODEM_EV_INBOUND,	/* a PDU: inbound; the owner answers modem_acknowledge or
				 * modem_refuse */
	MODEM_EV_SLOT_EMPTY,	/* storage/slot was seen empty (or deleted): the slot rule of design
				 * 4. At bring-up once for each slot that a whole list did not show
				 * */
	MODEM_EV_SENT,		/* a send's end: sent. It comes once; after a doubt once more, with
				 * MODEM_OUT_SENT, when the modem's "sent" comes late after all */
	MODEM_EV_COMMAND,	/* a command's end: id; number: enum at_result; text: its lines */
	MODEM_EV_CALL,		/* a call came in: text: the number, "" withheld */
	MODEM_EV_USSD,		/* text (UTF-8), number: m of +CUSD (enum modem_ussd_kind). id:
				 * whose answer it is; 0: the network began by itself */
	MODEM_EV_SIGNAL,	/* number: dBm, 0 unknown */
	MODEM_EV_NETWORK,	/* text: operator; number: registration stat; also when
				 * modem_facts() has learned the own number */
	MODEM_EV_REOPEN,	/* close the port and open it again after number ms (recovery) */
	MODEM_EV_POWER,		/* close the port, switch the modem's power off and on, open the
				 * port number ms behind that; only with setup.power_cycle */
	MODEM_EV_RECOVER,	/* a rung of the ladder was taken: number: enum modem_rung; text:
				 * why. modem_trace() as it is now is the evidence */
	MODEM_EV_BEARER,	/* a send went out another way than before: text: the command that
				 * helped (AT+CGSMS=1), worth remembering for the SIM's operator */
	MODEM_EV_TROUBLE	/* something a person may want to know: text */
};
enum modem_outcome {
	MODEM_OUT_SENT,		/* ref: the TP-MR of +CMGS; -1 where the modem told none */
	MODEM_OUT_NOT_SENT,	/* certain that it was not accepted; reaction and cause say what
				 * next */
	MODEM_OUT_DOUBT		/* the Ctrl-Z had left and no final result came */
};
/* <m> of +CUSD (27.007 7.15), and our own. */
enum modem_ussd_kind {
	MODEM_USSD_FAILED = -1,	/* no answer; text: why ("CME 100", "no answer from the network") */
	MODEM_USSD_OVER = 0,		/* no further answer is expected */
	MODEM_USSD_ASKS = 1,		/* a menu: the network waits for an answer */
	MODEM_USSD_ENDED = 2,		/* the network has ended the dialogue */
	MODEM_USSD_TAKEN = 3,		/* another client of the modem has answered */
	MODEM_USSD_UNSUPPORTED = 4, MODEM_USSD_TIMEOUT = 5
};
struct modem_inbound {
	uint64_t token;		/* of this device session */
	const char *hex;	/* the PDU; valid until the next modem_next */
	size_t hex_n;
	int length;		/* octets behind the SMSC field as the line told; -1 unknown */
	bool is_direct;		/* +CMT or +CDS: the network waits for the acknowledgement */
	char storage[4];	/* "SM", "ME", "SR"; "" when direct */
	int slot;		/* -1 when direct */
};
struct modem_sent {
	uint64_t id;
	enum modem_outcome outcome;
	int ref;
	enum reaction reaction;
	char cause[32];		/* "CMS 38", "no answer", "unplugged" */
	int64_t took_ms;	/* from the command to the result */
};
struct modem_event {
	enum modem_event_type type;
	enum modem_state state;
	int64_t number;
	uint64_t id;
	const char *text;	/* NUL-terminated, valid until the next modem_next */
	struct modem_inbound inbound;
	struct modem_sent sent;
};
/* Events are bounded: while nobody pulls them, bytes are not taken from the engine either, which
 * keeps AT_INPUT_MAX of them. Pull until false after each call, then look at modem_deadline, which
 * is due at once when there is more to do. */
bool modem_next(struct modem *m, struct modem_event *ret);

struct modem_facts {
	enum modem_state state;
	char imei[IMEI_MAX], iccid[ICCID_MAX], imsi[IMSI_MAX];
	char maker[32], model[32], firmware[48], operator_[32], own_number[TW_NUMBER_MAX];
	char smsc[TW_NUMBER_MAX];
	const char *board;
	int signal_dbm;		/* 0 unknown */
	const char *radio;	/* "GSM" "UMTS" "LTE" "NB-IoT" "5G", "" unknown or not registered */
	bool has_temperature;
	int temperature;	/* degrees Celsius, where the profile knows how to ask */
	int registration;	/* stat of the best of CREG, CGREG, CEREG */
	bool is_direct;
	uint32_t session;	/* counts device sessions: a new stick never pays for the old one */
	uint32_t resets, timeouts, refused_pins;
	uint32_t rungs[MODEM_RUNG_COUNT];	/* taken by this stick, of each kind */
	int storage_used, storage_total;
	char last_error[MODEM_TEXT_MAX];
};
const struct modem_facts *modem_facts(const struct modem *m);

/* ---- what it is told ----------------------------------------------------------------------- */

/* The SIM may be used (storage drained, texts sent), or is a stranger (left alone). */
void modem_admit(struct modem *m, bool admitted, struct mono_ms now);
void modem_give_pin(struct modem *m, const char *pin, struct mono_ms now);	/* 4..8 digits */
void modem_deny_pin(struct modem *m, struct mono_ms now);	/* state locked until it changes */
void modem_pause(struct modem *m, bool paused, struct mono_ms now);	/* receives, sends
									 * nothing */

/* The text behind token is on disk: delete its slot, or acknowledge it to the network. A slot is
 * deleted only if this device session read it. A stale token is ignored. The deletion is not begun
 * here but at the next modem_tick (modem_deadline is due at once), so that a reply that is given in
 * the same turn leaves first; an acknowledgement to the network goes at once. */
void modem_acknowledge(struct modem *m, uint64_t token, struct mono_ms now);
/* It could not be stored: leave the slot (it is read again later), or refuse it to the network. */
void modem_refuse(struct modem *m, uint64_t token, struct mono_ms now);

/* Whether a send may be given now: ready, not paused, none given, nothing inbound that must go
 * first, no direct acknowledgement owed. */
bool modem_can_send(const struct modem *m);
/* Whether a PDU leaves only when the modem has asked for it. */
bool modem_prompts(const struct modem *m);
struct modem_send {
	uint64_t id;		/* comes back in MODEM_EV_SENT */
	const char *hex;	/* SMSC field and TPDU; copied */
	int length;		/* octets behind the SMSC field */
	bool more;		/* another segment of this message follows: hold the link open
				 * (+CMMS) */
};
/* What came in since it was chosen goes first: the send waits for it. TW_E_STATE when it cannot be
 * taken. From here on MODEM_EV_SENT will come, whatever happens. */
int modem_send(struct modem *m, const struct modem_send *s, struct mono_ms now);
/* Take back a send whose Ctrl-Z has not left (the message was canceled): MODEM_EV_SENT tells. */
void modem_cancel_send(struct modem *m, uint64_t id, struct mono_ms now);

/* A command of a person or a job (`twoway at`), between other work. TW_E_STATE when one is given
 * already, TW_E_SYNTAX for control characters. A prompt that it opens is escaped. */
int modem_command(struct modem *m, uint64_t id, const char *command, int64_t limit_ms,
		  struct mono_ms now);
/* A USSD request, or an answer to an open menu, between other work: MODEM_EV_USSD with this id will
 * come, whatever happens. While the network is asked, sends wait for at most 10 s.
 *   text      UTF-8, 1..USSD_MAX octets, no control characters
 *   limit_ms  for the network's answer; 0: 120 s
 * TW_E_STATE: not ready, one is asked already, or there is no menu to answer. TW_E_SYNTAX. */
int modem_ussd(struct modem *m, uint64_t id, const char *text, bool is_answer, int64_t limit_ms,
	       struct mono_ms now);
/* Ends the dialogue, open menus included; what was asked ends with MODEM_USSD_FAILED. */
void modem_ussd_end(struct modem *m, struct mono_ms now);
/* Start over: the recovery ladder from its first rung, or a soft reset. */
void modem_restart(struct modem *m, struct mono_ms now);
/* It seems well and may not be (texts stay away): radio off and on, or a new start where the
 * profile has no such command, as soon as no send is under way. Nothing unless it is ready. */
void modem_refresh(struct modem *m, const char *why, struct mono_ms now);
/* What MODEM_EV_BEARER told of this SIM's operator: given at the set-up, where the profile has it
 * (board_way). NULL: nothing is known. On MODEM_EV_SIM, before modem_admit. */
void modem_set_bearer(struct modem *m, const char *command);

/* The last AT lines, oldest first, PINs masked and PDUs shortened: "> AT+CSQ", "< +CSQ: 18,99". */
size_t modem_trace(const struct modem *m, struct tw_buf *out);
const struct at_counters *modem_counters(const struct modem *m);
/* The state table as a diagram (twowayd --dump-machine). */
void modem_dump_machine(struct tw_buf *out);
/* For tests: asserts what must hold in every state. */
void modem_check(const struct modem *m);

#endif
