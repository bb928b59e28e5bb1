/* The inside of the virtual bank: cards, the air between them, faults. Everything happens in
 * sim_card_feed, sim_tick, sim_text and sim_control; each sets the world's clock and then works
 * off what is due. One queue of events orders it all by time, then by age. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <twoway/sim.h>
#include <twoway/sms.h>

enum {
	CARD_LINE_MAX = 1024,		/* a command line; longer ones get ERROR */
	CARD_PAYLOAD_MAX = 1024,	/* hex digits at the prompt */
	CARD_HELD_MAX = 4096,		/* octets that wait while a command runs */
	CARD_ARGS_MAX = 12,
	CARD_SLOTS_DEFAULT = 20,
	CARD_SLOTS_MAX = 255,
	CCFC_REASONS = 4,
	SIM_NUMBER_MAX = 24,
	SIM_NOTES_MAX = 100000,		/* lines that wait for subscribers */
	PHONE_PARTIAL_MAX = 32		/* incomplete long texts a handset keeps */
};

struct card;

/* ---- events ---------------------------------------------------------------------------------- */

enum event_type {
	EVENT_BYTES,		/* card: octets for whoever drives the modem */
	EVENT_RESUME,		/* card: a late answer is out, go on */
	EVENT_SUBMIT,		/* card: the network answers a send */
	EVENT_ACK,		/* card: the acknowledgement window ends */
	EVENT_MT,		/* card: something waits for it in the network */
	EVENT_RING,		/* card */
	EVENT_USSD,		/* card: id says which answer */
	EVENT_BOOT,		/* card: answers again after a reset */
	EVENT_READY,		/* card: tells that SMS may be used */
	EVENT_PLUG,		/* card */
	EVENT_REGISTER,		/* card: the registration that a fault took comes back */
	EVENT_CHATTER,		/* card */
	EVENT_SCAN,		/* card: COPS=? has its list */
	EVENT_PHONE,		/* a text reaches a handset */
	/* what waits for a handset (data: its number) is past its validity */
	EVENT_EXPIRE,
	EVENT_COUNT
};
struct sim_event {
	int64_t due;		/* mono_ms */
	uint64_t order;
	enum event_type type;
	uint32_t card, life;	/* life 0: outlives a reset */
	uint64_t id;
	void *data;		/* EVENT_BYTES: heap; EVENT_PHONE: struct air_text */
	size_t n;
};
struct sim_heap { struct sim_event *v; size_t n, cap; };

/* ---- faults ---------------------------------------------------------------------------------- */

enum fault_what {
	FAULT_NONE,
	FAULT_GARBAGE,		/* random octets before what the card says */
	FAULT_SPLIT,		/* a few octets at a time */
	FAULT_TRUNCATE,		/* the second half is missing */
	FAULT_LATE,		/* said delay_ms later; the card does nothing else meanwhile */
	FAULT_DROP,		/* it happens, but nothing is said */
	FAULT_SILENT,		/* it does not happen, and nothing is said */
	FAULT_NO_PROMPT,	/* the card waits for the PDU, but shows no prompt */
	FAULT_ERROR,		/* it does not happen; the error code is said */
	FAULT_RESET,		/* the card reboots */
	FAULT_UNPLUG,		/* the card is gone; comes back after delay_ms when that is set */
	FAULT_DUPLICATE,	/* said, or delivered, twice */
	FAULT_DEREGISTER,	/* registration lost, for delay_ms when that is set */
	FAULT_ECHO,		/* the command is echoed although ATE0 was given */
	FAULT_URC,		/* text comes as an unsolicited line in front of the answer */
	FAULT_REPLY,		/* text is the answer; the command does not happen */
	FAULT_COUNT
};
struct fault {
	uint64_t id;
	int64_t card;		/* -1: any */
	char *when;		/* prefix of a command line, or an event's name */
	enum fault_what what;
	int code;
	char kind[4];		/* "cms" "cme", "": by the command */
	int64_t delay_ms;
	int64_t count;		/* times left; -1: no end */
	double probability;	/* 1: always */
	bool after;		/* reset, unplug: once it has happened, before anything is said */
	char *text;
	uint64_t hits;
};
struct faults { struct fault *v; size_t n, cap; uint64_t last_id; };
/* The rule that applies, counted down, or NULL. what is a command line or an event's name. */
const struct fault *fault_match(struct sim *s, const struct card *c, const char *what);
const char *fault_name(enum fault_what what);
bool fault_read(const char *name, enum fault_what *ret);
struct fault *fault_add(struct sim *s);
size_t fault_clear(struct sim *s, uint64_t id);		/* 0: all; returns how many went */
void faults_done(struct faults *f);

/* ---- the air --------------------------------------------------------------------------------- */

/* Where a delivery report goes, once the text has arrived or never will. */
struct air_origin {
	bool wanted;
	uint32_t card;
	uint8_t mr;
	char to[SIM_NUMBER_MAX];	/* as it was given: the report's recipient */
	struct sms_time scts;
};

/* A TPDU that waits in the network for a card. */
struct air_mt {
	struct air_mt *next;
	uint64_t id;
	uint32_t tries;
	int64_t ready;			/* not before: mono_ms */
	bool is_report;
	uint8_t n, tpdu_n;
	uint8_t pdu[SMS_PDU_MAX];
	struct air_origin origin;
};
/* A segment on its way to a handset. */
struct air_text {
	struct air_text *next;
	uint64_t id;
	char from[SIM_NUMBER_MAX], to[SIM_NUMBER_MAX];
	struct sms_concat concat;
	struct sms_body body;
	struct air_origin origin;
	int64_t expires;		/* mono_ms */
};

enum phone_state { PHONE_ON, PHONE_OFF, PHONE_UNKNOWN, PHONE_REFUSED };
struct phone_text { char *text; size_t n; char from[SIM_NUMBER_MAX]; struct wall_ms at;
		    unsigned segments; };
struct phone_partial { char from[SIM_NUMBER_MAX]; struct sms_concat key; struct sms_body **bodies;
		       unsigned have; };
struct phone {
	char number[SIM_NUMBER_MAX];
	enum phone_state state;
	int code;			/* PHONE_REFUSED: the CMS code of the refusal */
	uint8_t ref;
	struct phone_text *texts;	/* ring of cap, oldest at head */
	size_t head, n, cap;
	size_t cleared;			/* its oldest entries in arrivals whose texts are gone */
	struct phone_partial *partials;
	size_t n_partials;
	struct air_text *waiting, **waiting_end;
};

struct sent_ring { struct sim_sent *v; size_t head, n, cap; };
struct second_slot { uint64_t hash; int64_t second; };
struct seconds { struct second_slot *v; size_t n, cap; int64_t swept; };

/* code: what was dialled, and behind each `>` an answer to the menu that came; {code} in it stands
 * for a voucher, which tops the SIM up. */
struct ussd_rule { char *code, *reply; int m, dcs; int64_t card; };
struct voucher { char *code; int64_t cents; bool is_used; };

struct air {
	int64_t submit_ms, deliver_ms, report_ms, link_ms, ack_ms, retry_ms, ussd_ms, validity_ms;
	int64_t boot_ms, ready_ms, chatter_ms, sim_busy_ms;
	size_t keep;			/* segments and texts that are remembered */
	bool cnum;			/* SIMs know their own number */
	struct sent_ring sent;
	struct tw_map phones;		/* number -> struct phone */
	struct phone **arrivals;	/* ring: whose oldest text is the oldest of all */
	size_t arrivals_head, arrivals_n, arrivals_cap;
	struct seconds seconds;
	struct ussd_rule *ussd;
	size_t n_ussd;
	struct voucher *vouchers;
	size_t n_vouchers;
	int64_t price_cents;		/* of a segment sent */
	uint64_t next_id;
	uint64_t accepted, refused, delivered, phone_texts, reports, redelivered, expired;
	char smsc[SIM_NUMBER_MAX], home[3];
};

/* The network's answer to a send: 0, or a CMS code. */
int air_submit(struct sim *s, struct card *c, const struct sms_pdu *p, const uint8_t *octets,
	       size_t n, uint8_t mr);
/* A time stamp of the SMSC; later in seconds than the last for the same hash. */
struct sms_time air_stamp(struct sim *s, uint64_t hash);
/* What a card or handset sent arrives: MT for a card, a text for a handset. */
struct air_item {
	const char *from, *to;
	const struct sms_ud *ud;
	uint8_t pid;
	int64_t validity_ms, after_ms;
	struct air_origin origin;	/* scts is always set */
};
int air_route(struct sim *s, const struct air_item *item);
/* A handset or service texts in. skip: 256 flags, segments that get lost on the way; NULL: none. */
struct text_options {
	int encoding, message_class;	/* -1: as a phone would */
	int ref, copies;		/* -1: the phone's next; 1 */
	int64_t delay_ms;
	const bool *skip;
	bool reverse;
	int64_t scts_ms;		/* wall time of the SMSC; -1: now */
};
extern const struct text_options text_as_a_phone;
/* The first segment's serial number; 0 with why told (static). ret_segments may be NULL. */
uint64_t air_text_in(struct sim *s, const char *from, const char *to, const char *text, size_t n,
		     const struct text_options *o, unsigned *ret_segments, const char **ret_why);
void air_queue(struct sim *s, struct card *c, struct air_mt *mt);
void air_report(struct sim *s, const struct air_origin *origin, uint8_t status);
/* A number as the network knows it: national forms completed by the home country. */
void air_number(const struct sim *s, const char *typed, char out[SIM_NUMBER_MAX]);
struct card *air_card(const struct sim *s, const char *number);
void air_keep(struct sim *s, size_t keep);
void air_forget_sent(struct sim *s);
void air_done(struct sim *s);

struct phone *phone_get(struct sim *s, const char *number);	/* made at first use */
struct phone *phone_find(const struct sim *s, const char *number);
void phone_event(struct sim *s, struct air_text *take_text);
void phone_set(struct sim *s, struct phone *p, enum phone_state state, int code);
void phone_expire(struct sim *s, const char *number, uint64_t id);
void phone_clear(struct phone *p);
void phone_keep(struct sim *s, size_t keep);	/* of all handsets together; the oldest texts go */
const struct phone_text *phone_text_at(const struct phone *p, size_t i);
void phone_free(struct phone *p);
const char *phone_state_name(enum phone_state state);
bool phone_state_read(const char *name, enum phone_state *ret);

/* ---- cards ----------------------------------------------------------------------------------- */

enum store_index { STORE_SM, STORE_ME, STORE_SR, STORE_COUNT };
struct slot { bool is_used; uint8_t stat, n, tpdu_n; uint8_t pdu[SMS_PDU_MAX]; };
struct store_area { struct slot *v; unsigned size, used; };

enum pin_state { PIN_READY, PIN_WANTED, PIN_PUK, PIN_DEAD };
enum card_mode { CARD_COMMAND, CARD_PAYLOAD };
enum { ACT_GSM = 0, ACT_UMTS = 2, ACT_LTE = 7 };	/* 27.007 7.2 */
enum payload_kind { PAYLOAD_CMGS, PAYLOAD_CMGW, PAYLOAD_CNMA };

enum answer_type { ANSWER_OK, ANSWER_ERROR, ANSWER_CME, ANSWER_CMS, ANSWER_LATER, ANSWER_PROMPT,
		   ANSWER_NOTHING };
struct answer { enum answer_type type; int code; };

enum form { FORM_EXEC = 1, FORM_READ = 2, FORM_SET = 4, FORM_TEST = 8 };
struct arg { const char *p; uint16_t n; bool is_set, is_quoted, is_int; int value; };
struct call {
	enum form form;
	const char *name;	/* upper case, "+CCID" */
	int number;		/* of a basic command: ATE0 */
	struct arg arg[CARD_ARGS_MAX];
	unsigned n_args;
};

/* What a reset forgets. */
struct card_settings {
	bool echo, verbose, quiet, clip;
	uint8_t cmee, cmgf, csms, cmms, csdh;
	uint8_t creg, cgreg, cereg;
	uint8_t cnmi[5];
	uint8_t mem[3];			/* enum store_index: read, write, receive */
	uint8_t cgsms;
	uint8_t cops_format;
	char cscs[12];
};

struct card {
	struct sim *sim;
	uint32_t index, life;
	const struct board *board;	/* NULL: a plain module */
	char number[SIM_NUMBER_MAX], iccid[24], imsi[20], imei[20], smsc[SIM_NUMBER_MAX];
	char pin[9], puk[9];
	uint8_t pin_left, puk_left;
	enum pin_state pin_state;
	int64_t pin_busy_until;
	bool pin_wanted_at_boot, has_sim, is_plugged, is_booting, is_changed;
	int fun;			/* +CFUN */
	int stat, stat_home;		/* registration now, and what it returns to */
	int act, rssi, ber;
	bool cops_off;
	int act_home;			/* radio technology that it chooses by itself */
	bool cs_service;		/* false: CREG shows 0, CEREG has the registration */
	bool lte_ps, lte_cs;		/* domains that carry texts over LTE */
	int celsius;
	struct card_settings set;
	struct store_area store[STORE_COUNT];
	bool full_told;
	uint8_t mr;
	struct { bool enabled; char number[SIM_NUMBER_MAX]; } ccfc[CCFC_REASONS];
	struct { bool is_on, is_answered; char from[SIM_NUMBER_MAX]; int rings; uint64_t id; } ring;
	struct { uint64_t id; char *text; int m, dcs; bool is_open, is_packed;
		 char path[512]; } ussd;
	int64_t cents;			/* the SIM's balance */

	enum card_mode mode;
	enum payload_kind payload_kind;
	int payload_length;
	struct tw_buf line, payload, held;
	/* a command runs, or its answer is late: what comes is held */
	bool busy;
	bool saying;			/* octets leave in pieces: what else is said waits */
	bool in_feed;
	/* behind the `;` of a command that runs; points into line */
	char *rest;
	struct tw_buf answer;		/* of the line being worked on */
	size_t final_at;		/* where its final result begins */
	struct fault shape;		/* how the answer is to be disturbed; text is its own */
	struct tw_buf urcs;		/* held while the prompt stands or octets leave in pieces */

	struct { bool is_on; uint8_t n; uint8_t octets[SMS_PDU_MAX]; } submit;
	int64_t link_until;
	int64_t submit_ms, link_ms;	/* -1: as the network */
	struct { bool is_on; uint64_t id; } ack;
	struct air_mt *queue, **queue_end;
	size_t queue_n;

	struct tw_buf out;
	size_t out_taken;
	struct tw_buf urc_out;		/* of the second port, where the bank has them */
	size_t urc_out_taken;
	uint64_t commands, sent, received;
};

void card_init(struct card *c, struct sim *s, uint32_t index, const struct board *board);
void card_done(struct card *c);
void card_set_sim(struct card *c, const char *number);	/* number, ICCID, IMSI of a SIM */
void card_set_board(struct card *c, const struct board *board);
void card_set_slots(struct card *c, enum store_index i, unsigned slots);
void card_feed(struct card *c, const char *p, size_t n);
void card_reset(struct card *c, int64_t boot_ms);
void card_unplug(struct card *c, int64_t back_ms);	/* 0: until it is plugged in */
void card_plug(struct card *c);
void card_event(struct card *c, const struct sim_event *e);
void card_deregister(struct card *c, int64_t back_ms);
void card_set_registration(struct card *c, int stat);
void card_set_inserted(struct card *c, bool inserted);
bool card_is_registered(const struct card *c);
bool card_has_store(const struct card *c, enum store_index i);

/* Octets for the driver, now. */
void card_out(struct card *c, const void *p, size_t n);
/* An unsolicited line, CR LF put around it; held while a prompt stands. */
void card_urc(struct card *c, const char *text, const struct fault *f);
void card_urcf(struct card *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says octets as a fault wants them: late, split, with garbage … f may be NULL. */
void card_say(struct card *c, const char *p, size_t n, const struct fault *f);
/* A line of information of the answer being made. */
void card_info(struct card *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void card_set_shape(struct card *c, const struct fault *f);	/* f may be NULL: none */
void card_run_rest(struct card *c);
/* A fault that hits the card as a whole: reset, unplug, deregister. True: it is gone now. */
bool card_strike(struct card *c, const struct fault *f);
void card_finish(struct card *c, struct answer a);	/* a command that ran has ended */
void card_payload(struct card *c, enum payload_kind kind, int length);

/* Works one command off the line: *line moves on. */
struct answer command_run(struct card *c, char **line);
struct answer sms_payload_done(struct card *c);		/* Ctrl-Z came */
struct answer sms_submit_done(struct card *c);		/* the network answered */
void net_event(struct card *c, const struct sim_event *e);
void net_call(struct card *c, const char *from, int rings);
void net_hang_up(struct card *c, const char *why);
void net_ussd_tell(struct card *c);
void net_changed(struct card *c);			/* registration: tells those who asked */

/* Fills {mem} {i} {stat} {len} of a profile's format. */
void card_format(struct tw_buf *out, const char *format, const char *fallback, const char *mem,
		 int index, int stat, int length);
const char *store_name(enum store_index i);
int card_first_index(const struct card *c);

/* From the network into the card: as far as it goes now. */
void deliver_kick(struct card *c);
bool deliver_acknowledge(struct card *c, bool refused);	/* false: none is waited for */
void deliver_ack_over(struct card *c, uint64_t id);
/* A text of one segment put into a memory without a word; false: no room, or too long. */
bool deliver_lay_down(struct card *c, enum store_index mem, const char *from, const char *text,
		      struct wall_ms at);
void deliver_forget(struct card *c);			/* reset: the network keeps what it has */

/* ---- the world ------------------------------------------------------------------------------- */

struct peer { uint64_t id; char *number; bool texts, sent, modems; };
struct note { uint64_t peer; char *line; };

struct sim {
	struct tw_now now;
	struct card *cards;
	size_t n_cards;
	bool urc_ports;
	struct tw_map by_number;	/* -> struct card */
	struct sim_heap heap;
	uint64_t order;
	struct faults faults;
	struct air air;
	struct tw_random random;
	struct peer *peers;
	size_t n_peers;
	struct note *notes;
	size_t notes_head, notes_n, notes_cap;
	uint32_t *changed;		/* cards with output, or plugged in or out */
	size_t changed_head, changed_n, changed_cap;
};

void sim_post(struct sim *s, struct sim_event e, int64_t delay_ms);	/* e.due, e.order are set */
void card_post(struct card *c, enum event_type type, int64_t delay_ms, uint64_t id);
void sim_note_changed(struct sim *s, struct card *c);
void sim_run(struct sim *s);		/* what is due by the world's clock */
/* Tells subscribers: take_line is heap. number: whose text it is, for those who asked for one. */
enum note_kind { NOTE_TEXT, NOTE_SENT, NOTE_MODEM };
bool note_wanted(const struct sim *s, enum note_kind kind, const char *number);
void note_tell(struct sim *s, enum note_kind kind, const char *number, const char *line);
void control_text_note(struct sim *s, const struct phone *p, const struct phone_text *t);
void control_sent_note(struct sim *s, const struct sim_sent *sent);
void control_modem_note(struct sim *s, const struct card *c, const char *event);

#endif
