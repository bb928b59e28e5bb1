/* A bank without modems, for scenarios of the exchange alone: what modems tell is put in by hand, what
 * they are told is written down. SIMs keep their texts until they are deleted, also over a restart. */
#ifndef FAKE_BANK_H
#define FAKE_BANK_H

#include <twoway/bank.h>
#include <twoway/store.h>

enum { FAKE_MODEMS = 64, FAKE_SLOTS = 64, FAKE_SENDS = 8192 };

struct fake_slot {
	bool used;
	char hex[2 * SMS_PDU_MAX + 2];
	int length;
	uint64_t token;			/* of this session; 0: not read */
};
struct fake_send {			/* what left a modem, in order */
	int modem;
	uint64_t id;
	struct sms_pdu pdu;
	char text[SMS_TEXT_MAX];
	bool more;
	bool accepted;			/* the network has it */
	int ref;
	struct wall_ms at;
};
struct fake_job {		/* what a modem was asked beside texts, in order */
	int modem;
	uint64_t id;
	char text[64];
	bool is_ussd, is_answer;
};
struct fake_modem {
	bool is_there;
	struct modem_facts facts;
	char name[32], port[32], number[TW_NUMBER_MAX], account[32];
	struct fake_slot slots[FAKE_SLOTS];
	bool is_reserved, is_busy, is_stranger, is_held, opened_by_pin;	/* held: cannot send now */
	uint64_t sending;		/* id, 0 none */
	size_t sending_at;		/* in sends */
	int prompts;			/* flushes until its PDU leaves; 0: it has left */
	int next_ref;
	const char *trouble;		/* static; NULL none */
	int acks, refusals, pins_sent, pins_denied;
	uint32_t generation;
};
struct bank {
	struct fake_modem modems[FAKE_MODEMS];
	struct bank_event *events;
	char **hexes;			/* of the events, to be freed */
	size_t n_events, cap_events, at_event;
	uint32_t idle_at;
	size_t heard;			/* what bank_heard says next */
	uint64_t next_token;
	struct fake_send sends[FAKE_SENDS];
	size_t n_sends;
	struct fake_job jobs[64];
	size_t n_jobs;
	int ussd_ends;
	struct store *store;		/* asked at each acknowledgement whether all is on disk */
	const char *law;		/* first law broken */
	struct tw_now now;
	const char *pin;
	int cancels, refreshes, prompts_dropped;
	char bearer[64];		/* told last: operator and command */
	bool is_refusing;		/* bank_send fails */
	char remembered[FAKE_MODEMS * 4][32];
	size_t n_remembered;
};

struct bank *fake_bank_new(void);
void fake_bank_free(struct bank *b);
int fake_modem_add(struct bank *b, const char *iccid, const char *number, const char *account);
/* The process died: reservations, sends in flight and tokens are gone; SIMs keep their texts. */
void fake_bank_crash(struct bank *b);
void fake_unplug(struct bank *b, int modem);
void fake_plug(struct bank *b, int modem);

/* A text arrives in a free slot of the SIM. concat: total 0 = none. */
void fake_text(struct bank *b, int modem, const char *from, const char *text, struct wall_ms scts);
/* A text that may hold a NUL. */
void fake_octets(struct bank *b, int modem, const char *from, const char *text, size_t n,
		 struct wall_ms scts);
void fake_part(struct bank *b, int modem, const char *from, const char *text, struct wall_ms scts,
	       int ref, int total, int seq);
void fake_hex(struct bank *b, int modem, const char *hex, int length);
void fake_direct(struct bank *b, int modem, const char *hex, int length);
/* What lies on the SIM and is not deleted is read again (a new session, or after a refusal). */
void fake_read_again(struct bank *b, int modem);
int fake_on_sim(const struct bank *b, int modem);
void fake_report(struct bank *b, int modem, const char *to, int ref, int status, struct wall_ms scts);

/* How the job given last ends: number as in the events of modem.h. */
void fake_job_ends(struct bank *b, int64_t number, const char *text);
/* The network begins a dialogue. */
void fake_ussd(struct bank *b, int modem, const char *text);

/* How the send in flight ends. */
void fake_sent(struct bank *b, int modem);
void fake_not_sent(struct bank *b, int modem, enum reaction reaction, const char *cause);
void fake_doubt(struct bank *b, int modem, bool accepted);
const struct fake_send *fake_sending(const struct bank *b, int modem);	/* NULL: none */
void fake_event(struct bank *b, int modem, struct modem_event ev);

#endif
