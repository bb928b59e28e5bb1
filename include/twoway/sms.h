/* The SMS transfer layer: octets to values and back. Pure: no clock, no file, no allocation.
 * Value structs throughout; nothing to free. Works alone with `base` (installed for other
 * programs).
 *
 * Spec: 3GPP TS 23.040 (TPDUs), 23.038 (alphabets, DCS), 27.005 (the form on AT). The rulings where
 * the field breaks the standard are those of docs/sms.md.
 *
 * Directions: MT is network to mobile (what a modem hands over), MO mobile to network. */
#ifndef TWOWAY_SMS_H
#define TWOWAY_SMS_H

#include <twoway/base.h>

enum {
	SMS_PDU_MAX = 192,	/* octets of SMSC field and TPDU, the longest report included */
	SMS_UD_MAX = 160,	/* octets of user data as stored; 140 on the air, in reports more */
	SMS_TEXT_MAX = 640,	/* UTF-8 octets of one segment's text: up to 182 characters of 3 */
	SMS_SEGMENTS_MAX = 255,
	SMS_ADDRESS_TEXT = 48,	/* "+" and 20 digits, or 11 characters in UTF-8 */
	SMS_WARNINGS_MAX = 8,
	SMS_WAITING_MAX = 6	/* one of the DCS and one for each kind of the header */
};

/* Where and what is wrong. octet counts from the start of the line's octets (SMSC field included);
 * -1 where none can be named. Strings are static. */
struct sms_fault {
	int code;		/* TW_E_*; 0: none */
	int octet;
	const char *field;	/* "smsc" "first" "address" "scts" "udl" "udh" "ud" "text" "to" … */
	const char *what;
};

enum sms_type { SMS_DELIVER, SMS_SUBMIT, SMS_STATUS_REPORT, SMS_COMMAND, SMS_DELIVER_REPORT,
		SMS_SUBMIT_REPORT };
enum sms_direction { SMS_LISTING, SMS_MT, SMS_MO };
enum sms_encoding { SMS_GSM7, SMS_UCS2, SMS_8BIT };
enum sms_status_class { SMS_SUCCESS, SMS_TRYING, SMS_PERMANENT, SMS_TEMPORARY };

struct sms_address {
	uint8_t toa;			/* type-of-address as received: 0x91, 0x81, 0xD0 … */
	bool is_name;			/* alphanumeric (TON 5) */
	char text[SMS_ADDRESS_TEXT];	/* "+447700900123", "60300", "VODAFONE"; "" is legal */
};

struct sms_time {			/* 9.2.3.11; local time of the zone */
	bool is_valid;
	int16_t year;
	uint8_t month, day, hour, minute, second;
	int16_t offset_minutes;		/* east of UTC */
};
struct wall_ms sms_time_wall(const struct sms_time *t);		/* is_valid required */
struct sms_time sms_time_from(struct wall_ms t, int offset_minutes);
/* "2025-02-03T04:05:06-05:00"; out holds 32. */
char *sms_time_write(const struct sms_time *t, char *out);

struct sms_concat { bool is_set; uint8_t ref_bits; uint16_t ref; uint8_t total, seq; };
struct sms_ports { bool is_set; uint8_t bits; uint16_t dst, src; };
enum sms_waiting_kind { SMS_WAIT_VOICE, SMS_WAIT_FAX, SMS_WAIT_EMAIL, SMS_WAIT_OTHER,
			SMS_WAIT_VIDEO };
/* count: 0 where none is told. The one that the DCS tells stands first. */
struct sms_waiting { uint8_t kind; bool active, store; uint8_t count; };

/* What the user data carry, header taken apart, before it becomes text: kept so that segments that
 * were cut inside an escape or surrogate pair can be joined (docs/sms.md). */
struct sms_body {
	uint8_t encoding;		/* enum sms_encoding */
	uint8_t locking, single;	/* national language identifiers; 0 = the default tables */
	uint16_t n;			/* septets (one an octet), or octets */
	uint8_t units[SMS_UD_MAX + 24];
};

enum sms_vp_kind { SMS_VP_NONE, SMS_VP_RELATIVE, SMS_VP_ABSOLUTE, SMS_VP_ENHANCED };
struct sms_pdu {
	enum sms_type type;
	struct sms_address smsc;	/* "" when absent */
	bool has_smsc;
	struct sms_address address;	/* OA, DA or RA */
	uint8_t first;			/* first octet as received */
	uint8_t ref;			/* TP-MR, TP-MN's own field is command_ref */
	uint8_t pid, dcs;
	/* What was read: on an error the fields behind it are not set. has_type is false when the
	 * PDU ended before the first octet of the TPDU, or its message type is reserved. */
	bool has_type, has_address, has_ref, has_pid, has_dcs, has_scts, has_discharge, has_status;
	bool has_ud;
	int8_t message_class;		/* 0..3, -1 none */
	bool is_compressed;
	struct sms_time scts, discharge;	/* discharge: status reports */
	uint8_t status;			/* TP-ST as received */
	uint8_t failure;		/* TP-FCS of a report's error form, 0 = ACK form */
	uint8_t command, command_ref;	/* TP-CT, TP-MN */
	enum sms_vp_kind vp_kind;
	uint32_t vp_seconds;		/* relative, or enhanced where it is one; 0 none */
	struct sms_time vp_time;	/* absolute */
	uint8_t vp_octets[7];		/* TP-VP as received, 1 or 7 of them */
	bool is_single_shot;		/* enhanced: one delivery attempt */
	bool more, loop_prevention, report, reply_path, reject_duplicates;
	struct sms_concat concat;
	struct sms_ports ports;
	struct sms_waiting waiting[SMS_WAITING_MAX];
	uint8_t n_waiting;
	uint8_t udh[SMS_UD_MAX];	/* header octets behind UDHL, as received */
	uint8_t udh_len;
	struct sms_body body;
	struct sms_fault warnings[SMS_WARNINGS_MAX];
	uint8_t n_warnings;
};

/* Decode one line's octets. length: octets behind the SMSC field as +CMGR tells it, -1 unknown
 * (then the SMSC field is taken to be there). Returns 0, with warnings where the sender erred, or
 * TW_E_* with reterr_fault naming field and octet; what was read until then stands in ret all the
 * same. Never reads past n. Spec: 23.040 9.2, rulings docs/sms.md. */
int sms_decode(const uint8_t *octets, size_t n, int length, enum sms_direction direction,
	       struct sms_pdu *ret, struct sms_fault *reterr_fault);
/* The same from hex digits (any case, blanks and CR around; an odd last digit is dropped with a
 * warning). */
int sms_decode_hex(const char *hex, size_t n, int length, enum sms_direction direction,
		   struct sms_pdu *ret, struct sms_fault *reterr_fault);

/* Text of one body as UTF-8, not terminated by length (NUL is a character); out gets a NUL behind.
 * cap SMS_TEXT_MAX is always enough. Returns octets. 8-bit bodies give nothing. */
size_t sms_body_text(const struct sms_body *body, char *out, size_t cap);
/* Text of several bodies in order, joined before decoding where one ends in half a pair. A NULL
 * entry is a missing segment and breaks a pair. Appends to out. 8-bit bodies give their octets. */
void sms_bodies_text(const struct sms_body *const *bodies, size_t n, struct tw_buf *out);

/* TP-ST. Reserved values count as temporary (final, as 0x63), but 0x26..0x2F as trying: a report
 * that may be followed by others must not close the message. */
enum sms_status_class sms_status_class(uint8_t status);
const char *sms_status_text(uint8_t status);		/* "received by the recipient" … */
const char *sms_type_name(enum sms_type t);		/* "deliver" "submit" "status-report" … */
const char *sms_encoding_name(enum sms_encoding e);	/* "gsm7" "ucs2" "8bit" */
const char *sms_status_class_name(enum sms_status_class c);
const char *sms_waiting_name(enum sms_waiting_kind k);	/* "voice" "fax" "email" "other" "video" */

/* ---- sending ------------------------------------------------------------------------------- */

struct sms_options {
	int encoding;		/* -1 choose (cheapest faithful form), else enum sms_encoding */
	int message_class;	/* -1 none, 0..3 */
	const uint8_t *languages;	/* identifiers 1..13 that may be used, preferred first */
	uint8_t n_languages;
	bool smart;		/* transliterate (docs/sms.md) if that makes it 7-bit */
	uint8_t ref_bits;	/* 8 (0 means 8) or 16 */
	struct sms_ports ports;
	uint16_t max_segments;	/* 0 = SMS_SEGMENTS_MAX */
};

/* How a text will travel: everything that must be kept to build the same segments again. */
struct sms_form {
	uint8_t encoding, locking, single, ref_bits;
	bool is_smart;		/* the text was transliterated */
	uint8_t segments;	/* 1..255 */
};
/* Choose the form for a UTF-8 text. TW_E_NOSPACE with the number needed in reterr_fault->octet when
 * it takes more than max_segments; TW_E_RANGE when the demanded encoding cannot carry it, offset of
 * the first such character in reterr_fault->octet; TW_E_SYNTAX for ill-formed UTF-8.
 * Rules: docs/sms.md. At most 1 us for a single 7-bit segment. */
int sms_choose_form(const char *text, size_t n, const struct sms_options *options,
		    struct sms_form *ret, struct sms_fault *reterr_fault);
/* The name of a language by its ISO 639 code: "tr" -> 1, "es" -> 2 …; -1 unknown. */
int sms_language_id(const char *code);

/* One segment's user data, header included, as it goes behind UDL. */
struct sms_ud {
	uint8_t octets[140];
	uint8_t n;		/* octets */
	uint8_t udl;		/* as TP-UDL tells it: septets or octets */
	bool has_header;
	uint8_t dcs;
};
/* Cut a text into its segments by a form: the same text and form always give the same cut. For a
 * single segment no concatenation header is written. Cutting rules: docs/sms.md. out holds
 * form->segments entries; seq counts from 1. data (8-bit) is given as text/n with SMS_8BIT. */
int sms_split(const char *text, size_t n, const struct sms_form *form,
	      const struct sms_options *options, uint16_t ref, struct sms_ud *out, size_t cap);
/* One segment of it alone (1..form->segments): what a sender asks for, segment by segment. */
int sms_split_one(const char *text, size_t n, const struct sms_form *form,
		  const struct sms_options *options, uint16_t ref, uint8_t seq, struct sms_ud *ret);

struct sms_submit {
	const char *to;			/* digits with an optional leading + */
	const char *smsc;		/* "" = the SIM's own */
	const struct sms_ud *ud;
	uint8_t ref, pid;
	bool report, reject_duplicates, reply_path;
	uint32_t validity_minutes;	/* 0 = no TP-VP; else 1..635040, rounded up */
};
/* Pack one SMS-SUBMIT, SMSC field first, ready for hex.
 *   out     capacity cap in octets; SMS_PDU_MAX is always enough
 *   ret_n   octets written; ret_tpdu_n octets behind the SMSC field, what +CMGS asks for
 * TW_E_NOSPACE if cap is short; TW_E_RANGE or TW_E_SYNTAX with reterr_fault naming the field.
 * Spec: 23.040 9.2.2.2, 9.1.2.5; length rule 27.005 4.3. */
int sms_submit_encode(const struct sms_submit *s, uint8_t *out, size_t cap, size_t *ret_n,
		      size_t *ret_tpdu_n, struct sms_fault *reterr_fault);

/* The other directions, for the virtual network, tests and `pdu encode`. */
struct sms_deliver {
	const char *from;		/* number, or a name of up to 11 septets; "" is legal */
	const char *smsc;		/* "" = none written */
	const struct sms_ud *ud;
	struct sms_time scts;		/* not valid: written as zeros */
	uint8_t pid;
	bool more, report, reply_path;
};
int sms_deliver_encode(const struct sms_deliver *d, uint8_t *out, size_t cap, size_t *ret_n,
		       size_t *ret_tpdu_n, struct sms_fault *reterr_fault);
struct sms_report {
	const char *to, *smsc;
	uint8_t ref, status;
	struct sms_time scts, discharge;
};
int sms_report_encode(const struct sms_report *r, uint8_t *out, size_t cap, size_t *ret_n,
		      size_t *ret_tpdu_n, struct sms_fault *reterr_fault);
struct sms_command { const char *to, *smsc; uint8_t ref, pid, command, command_ref; };
int sms_command_encode(const struct sms_command *c, uint8_t *out, size_t cap, size_t *ret_n,
		       size_t *ret_tpdu_n, struct sms_fault *reterr_fault);

/* ---- the alphabet alone (USSD, alphanumeric senders) --------------------------------------- */

/* Packed septets of the default alphabet to UTF-8 and back (23.038 6.1.2). Octets or TW_E_*. */
int sms_gsm7_pack(const char *text, size_t n, uint8_t *out, size_t cap, size_t *ret_septets);
size_t sms_gsm7_unpack(const uint8_t *packed, size_t septets, char *out, size_t cap);

#endif
