/* Profiles: what differs between families of modems, as data. A profile is a file boards/NAME.conf;
 * user folders win over the installed ones. No C code names a model: what it needs to know is a
 * field here, documented in docs/boards.md. */
#ifndef TWOWAY_BOARD_H
#define TWOWAY_BOARD_H

#include <twoway/base.h>
#include <twoway/model.h>
#include <twoway/at.h>

/* Forms of AT+CNMA: bare, =0 and =1 acknowledge, =2 refuses (RP-ERROR). */
enum board_ack { BOARD_ACK_NONE, BOARD_ACK_BARE, BOARD_ACK_0, BOARD_ACK_1, BOARD_ACK_2 };
enum board_mux { BOARD_CMMS_NO, BOARD_CMMS_1, BOARD_CMMS_2 };

/* What a USSD text is written in: characters of +CSCS="GSM", septets packed into hex whatever +CSCS
 * says, UCS-2 in hex with +CSCS="UCS2". */
enum board_ussd { BOARD_USSD_TEXT, BOARD_USSD_PACKED, BOARD_USSD_UCS2 };

/* "cms" 512 -> enum reaction */
struct board_reaction { char *kind; int64_t code; int64_t reaction; };

struct board {
	char *name;			/* "generic", "huawei-e3372" */
	char *file;
	struct tw_strings identity;	/* words found in CGMI/CGMM/ATI answers, case ignored */
	struct tw_strings usb;		/* "12d1:1506" after the mode switch */
	struct tw_strings usb_before;	/* while it still shows itself as a CD-ROM */
	struct tw_strings drivers;	/* of its ports: "option" */
	struct tw_strings at_interfaces;	/* "12d1:1436 4 0", "* ff/02/12 role:Application":
						 * best first */
	struct tw_strings urc_interfaces;	/* the same form: URCs come out here, and not where
						 * AT goes in */
	struct tw_strings other_interfaces;	/* the same form: diagnostic, GPS, voice; never
						 * opened */
	int64_t baud;			/* of a real serial line; 0 = leave (USB) */
	bool rtscts;
	char *open_with;		/* first bytes after opening */
	int64_t probe_tries, probe_pause;	/* AT until OK: 5 times, 2 s */
	int64_t pause;			/* between a final result and the next command, ms */
	struct tw_strings init;		/* commands after identification, errors ignored when
					 * prefixed "?" */
	bool full_function;		/* send AT+CFUN=1 when CFUN? says otherwise */
	char *ready;			/* URC prefix that says "SMS is ready", "" = ask CPMS */
	int64_t ready_limit;
	struct tw_strings storage;	/* "SM" or "ME", by preference */
	int64_t storage_parameters;	/* of +CPMS: 3, 2 or 1 */
	struct tw_strings cnmi;		/* ladder for stored delivery: "2,1,0,1,0" … */
	struct tw_strings cnmi_direct;	/* ladder for direct delivery, empty = cannot */
	int64_t csms;			/* AT+CSMS= value for direct delivery */
	bool direct;			/* direct delivery by default */
	int64_t ack, nack;		/* enum board_ack; nack: BOARD_ACK_NONE = cannot refuse */
	bool report_ack;		/* +CDS wants AT+CNMA in direct mode */
	char *report_storage;		/* storage to poll for reports, "" = none ("SR" on EC25) */
	int64_t cmms;			/* enum board_mux */
	struct tw_strings ussd;		/* "text" "packed" "ucs2": tried in order, board_ussd_form
					 * */
	bool no_final_after_cpin, no_prompt;
	char *iccid;			/* command: "AT+CCID"; tried before CRSM */
	char *pin_counter;		/* command: "AT+CPINR"; "" = cannot be read */
	char *pin_counter_format;	/* where the answer has the PIN's counter: "cpinr", or a
					 * field of its line: "first", "second", "third", "fourth"
					 * */
	struct tw_strings finals_good, finals_bad;	/* final results of its own */
	struct tw_strings ignore, urcs;
	struct tw_strings full;		/* begins of the lines that say that a storage is full */
	struct tw_strings hang_up;	/* commands that reject a call, in the order they are
					 * tried */
	struct tw_strings cgsms;	/* values of AT+CGSMS, in the order they are tried; empty:
					 * none */
	struct tw_strings radio_switch;	/* commands; the last gives the choice back to the modem */
	char *temperature;		/* command; "" = it cannot tell */
	char *temperature_pattern;	/* "+QTEMP: {n}": where its answer has the degrees */
	struct board_reaction *reactions; size_t n_reactions;
	char *radio_off;		/* "AT+CFUN=4": first half of the radio rung; "" = skip the
					 * rung */
	char *soft_reset;		/* "AT+CFUN=1,1" */
	int64_t reset_wait;		/* until it answers again, ms */
	bool reset_closes;		/* it leaves the bus: the port is closed at once and waited
					 * for */
	int64_t send_limit, list_limit, prompt_limit;	/* ms */
	bool list_by_slot;		/* CMGL hangs: read slot by slot */
	/* How the virtual bank plays it. */
	struct { char *maker, *model, *firmware; char *cmgr, *cmgl, *cmti, *cmt, *cds, *cdsi, *full,
		 *prompt;
		 struct tw_strings boot, chatter;
		 bool echo; int64_t slots, first_index; } sim;
	struct at_final *finals;	/* built from the lists above, for the dialect */
	size_t n_finals;
};

struct boards;
/* Reads *.conf of the folders, earlier folders winning by name; `generic` must be among them. A
 * file that has errors is left out and its findings told. Returns NULL when generic is missing. */
struct boards *boards_load(const char *const *folders, size_t n, struct tw_findings *findings);
void boards_free(struct boards *b);
/* Whether both were read from the same files in the same state: then no modem needs to start
 * anew. */
bool boards_same(const struct boards *a, const struct boards *b);
size_t boards_count(const struct boards *b);
const struct board *boards_at(const struct boards *b, size_t i);
const struct board *boards_named(const struct boards *b, const char *name);	/* NULL: none */
/* By USB id ("12d1:1506", "" unknown), then by what the modem says of itself (lines of CGMI, CGMM,
 * ATI joined by \n; "" before it was asked), then generic. Never NULL. */
const struct board *boards_match(const struct boards *b, const char *usb, const char *says);
/* ---- which of a stick's ports -------------------------------------------------------------- */

/* An interface of a USB device; what is not known is "" and -1. */
struct board_interface {
	const char *usb;	/* "12d1:1506" */
	int number;		/* bInterfaceNumber */
	const char *class_;	/* "ff/02/12" */
	const char *role;	/* what its driver calls it: "Application" (hso) */
};
enum { BOARD_NOT_AT = -1, BOARD_UNSAID = 1000 };
/* How good an interface is for AT by the profiles that name the USB id: 0 best (and where
 * unsolicited lines come out), BOARD_UNSAID where they say nothing, BOARD_NOT_AT where it must not
 * be opened. */
int boards_rank(const struct boards *b, const struct board_interface *i);
/* Whether a profile that names the USB id says that unsolicited lines come out of this interface,
 * beside the one that takes AT. */
bool boards_tell_urcs(const struct boards *b, const struct board_interface *i);
bool boards_know(const struct boards *b, const char *usb);	/* some profile names it */
/* The profile of a stick that has not been switched to a modem yet; NULL: none of ours. */
const struct board *boards_before(const struct boards *b, const char *usb);
/* "option" where nothing is said */
const char *boards_driver(const struct boards *b, const char *usb);
bool board_is_usb_id(const char *text);

/* One profile read and checked by itself (twoway check, twoway-sim --profile FILE). */
struct board *board_read(const char *path, struct tw_findings *findings);
/* Whether a file of this root is meant as a profile: it has a key that only profiles have. */
bool board_is_board_file(const struct tw_conf_node *root);
void board_free(struct board *b);
/* Ways out for a text that finds none over LTE, in the order they are tried: AT+CGSMS with each
 * value of cgsms, then radio_switch. out holds AT_COMMAND_MAX. */
size_t board_ways(const struct board *b);
void board_way(const struct board *b, size_t i, char *out);
bool board_way_is_forced(const struct board *b, size_t i);	/* a radio technology, and no
								 * other */
/* The forms of USSD, and the i-th of them. */
size_t board_ussd_forms(const struct board *b);
enum board_ussd board_ussd_form(const struct board *b, size_t i);
struct at_dialect board_dialect(const struct board *b);
/* The reaction to a result: the profile's own codes, then at_reaction. */
enum reaction board_reaction(const struct board *b, enum at_result result, int code,
			     bool when_sending);

#endif
