/* Private to src/sms: what its files share. */
#ifndef SMS_PRIVATE_H
#define SMS_PRIVATE_H

#include <twoway/sms.h>

enum {
	SEPTET_ESC = 0x1B,
	TABLES = 14,			/* 0 the default alphabet, 1..13 national */
	UD_OCTETS_AIR = 140,
	HEADER_OCTETS_MAX = 24,		/* of those that we write: 1 + 6 + 6 + 3 + 3 */
	ADDRESS_DIGITS_MAX = 20,
	NAME_SEPTETS_MAX = 11,

	IE_CONCAT_8 = 0x00, IE_WAITING = 0x01, IE_PORTS_8 = 0x04, IE_PORTS_16 = 0x05,
	IE_CONCAT_16 = 0x08, IE_SINGLE = 0x24, IE_LOCKING = 0x25,

	FIRST_RD = 0x04, FIRST_MMS = 0x04, FIRST_LP = 0x08, FIRST_VPF_RELATIVE = 0x10,
	FIRST_REPORT = 0x20, FIRST_UDHI = 0x40, FIRST_RP = 0x80
};

/* ---- alphabet.c: septets and characters ---------------------------------------------------- */

struct alphabet_cell { uint8_t s[3], n; };	/* UTF-8; n 0: unassigned (single shift only) */

enum { ALPHABET_PAGE = 64, ALPHABET_PAGES = 0x2240 / ALPHABET_PAGE, ALPHABET_NONE = 0xFF };

extern const struct alphabet_cell alphabet_locking[TABLES][128];
extern const struct alphabet_cell alphabet_single[TABLES][128];
extern const uint8_t alphabet_locking_pages[TABLES][ALPHABET_PAGES];
extern const uint8_t alphabet_single_pages[TABLES][ALPHABET_PAGES];
extern const uint8_t alphabet_pool[][ALPHABET_PAGE];	/* septets by code point, or NONE */
/* of the default tables: septet, 0x80 behind ESC, NONE */
extern const uint8_t alphabet_ascii[128];
extern const bool alphabet_has_locking[TABLES];		/* false for the default and for Spanish */

static inline int alphabet_find(const uint8_t pages[ALPHABET_PAGES], uint32_t code_point)
{
	uint8_t septet;

	if (code_point >= ALPHABET_PAGES * ALPHABET_PAGE)
		return -1;
	septet = alphabet_pool[pages[code_point / ALPHABET_PAGE]][code_point % ALPHABET_PAGE];
	return septet == ALPHABET_NONE ? -1 : septet;
}

/* The character to septets: 0..127 one septet, 0x80 + septet behind ESC, -1 not in these tables.
 * What both tables hold goes by the locking one: one septet (23.038 6.2.1). */
static inline int alphabet_septet(uint32_t code_point, uint8_t locking, uint8_t single)
{
	int septet = alphabet_find(alphabet_locking_pages[locking], code_point);

	if (septet >= 0)
		return septet;
	septet = alphabet_find(alphabet_single_pages[single], code_point);
	return septet < 0 ? -1 : 0x80 | septet;
}

/* ---- septet.c: packing --------------------------------------------------------------------- */

/* bit: 0..6, unused bits of the first octet before the first septet (fill bits). n septets must be
 * there. */
void septet_unpack(const uint8_t *packed, size_t octets, unsigned bit, uint8_t *out, size_t n);
/* Returns octets written; those bits before and behind that are not used are 0. */
size_t septet_pack(const uint8_t *septets, size_t n, unsigned bit, uint8_t *out);
/* Septets by these tables to UTF-8; octets written, whole characters only. is_escaped: whether an
 * ESC stands before the first septet, and behind the last one on return. */
size_t septet_text(const uint8_t *septets, size_t n, uint8_t locking, uint8_t single,
		   bool *is_escaped, char *out, size_t cap);

static inline unsigned header_septets(unsigned header_octets)
{
	return (header_octets * 8 + 6) / 7;
}
static inline unsigned header_fill_bits(unsigned header_octets)
{
	return header_septets(header_octets) * 7 - header_octets * 8;
}

/* ---- reading ------------------------------------------------------------------------------- */

struct reader {
	const uint8_t *p;
	size_t n, at;
	struct sms_pdu *pdu;
	struct sms_fault *fault;	/* may be NULL */
	bool is_short;			/* user data ended before their length */
};

int reader_fail(struct reader *r, int code, const char *field, size_t octet, const char *what);
void reader_warn(struct reader *r, const char *field, size_t octet, const char *what);
static inline size_t reader_left(const struct reader *r)
{
	return r->n - r->at;
}
int reader_octet(struct reader *r, const char *field, uint8_t *ret);

/* address.c: at the length octet; moves behind the address. */
int address_read(struct reader *r, struct sms_address *ret);
/* The SMSC field (24.011 8.2.5.1): its length counts octets. */
int address_read_smsc(struct reader *r);
/* Writes length, type and value. A name (alphanumeric) only where allowed. Octets written or
 * TW_E_* with a fault on `field`. out holds 12. */
int address_write(const char *text, bool may_be_name, const char *field, uint8_t out[12],
		  struct sms_fault *fault);
int address_write_smsc(const char *text, uint8_t out[12], struct sms_fault *fault);

/* time.c */
struct sms_time time_read(const uint8_t octets[7]);
void time_write(const struct sms_time *t, uint8_t octets[7]);
uint32_t time_relative_seconds(uint8_t v);
uint8_t time_relative_from(uint32_t minutes);
void time_read_enhanced(const uint8_t octets[7], struct sms_pdu *pdu);

/* dcs.c */
struct dcs {
	uint8_t encoding;	/* enum sms_encoding, compressed as SMS_8BIT */
	bool is_compressed;
	int8_t message_class;	/* -1 none */
	bool has_waiting;
	struct sms_waiting waiting;
};
struct dcs dcs_read(uint8_t octet);
uint8_t dcs_write(uint8_t encoding, int message_class);

/* udh.c: takes the header's octets (behind UDHL) apart; at is their octet in the line. */
void udh_read(struct reader *r, const uint8_t *ies, size_t n, size_t at);
/* Writes UDHL and elements; 0 when nothing has to be said. seq 0: no concatenation. */
size_t udh_write(const struct sms_form *form, const struct sms_ports *ports, uint16_t ref,
		 uint8_t seq, uint8_t out[HEADER_OCTETS_MAX]);
size_t udh_size(uint8_t locking, uint8_t single, unsigned ref_bits, const struct sms_ports *ports);

/* body.c: user data behind UDL, of which octets are there. */
void body_read(struct reader *r, uint8_t udl, bool has_header);

/* ---- writing ------------------------------------------------------------------------------- */

int fault_set(struct sms_fault *fault, int code, const char *field, int octet, const char *what);

/* smart.c: what stands for this character (section "smart" of docs/sms.md), or NULL: itself. "" is
 * nothing. Static, ASCII. */
const char *smart_map(uint32_t code_point);

/* split.c: one text in one form, cut greedily. */
struct cutter {
	uint8_t encoding, locking, single;
	bool is_smart;
};
/* Whether ASCII goes by alphabet_ascii. */
static inline bool cutter_is_plain(const struct cutter *c)
{
	return !(c->locking | c->single | c->is_smart);
}
/* Septets of one character of the text, escapes included, at most 8; -1 where it has none. */
int cutter_septets(const struct cutter *c, uint32_t code_point, uint8_t out[8]);
/* Units of one character: septets or 16-bit units; -1 where the form cannot carry it. */
int cutter_units(const struct cutter *c, uint32_t code_point);
/* The end of the segment that begins at start and may take cap units; NULL where a character of it
 * cannot be carried. */
const char *cutter_next(const struct cutter *c, const char *start, const char *end, unsigned cap);
/* Segments with at most first-only (single) units, else with cap units each. limit: stop counting
 * above it. */
unsigned cutter_count(const struct cutter *c, const char *text, size_t n, unsigned single_cap,
		      unsigned cap, unsigned limit);
/* Units that fit beside a header of so many octets (23.040 9.2.3.24.1). */
unsigned units_beside(uint8_t encoding, size_t header_octets);

/* One character of text that was found well-formed; reads no further than end in any case. */
static inline uint32_t text_next(const char **p, const char *end)
{
	const uint8_t *q = (const uint8_t *)*p;

	if (q[0] < 0x80) {
		(*p)++;
		return q[0];
	}
	if (q[0] < 0xE0 && end - *p >= 2) {
		*p += 2;
		return (q[0] & 0x1Fu) << 6 | (q[1] & 0x3Fu);
	}
	if (q[0] < 0xF0 && end - *p >= 3) {
		*p += 3;
		return (q[0] & 0xFu) << 12 | (q[1] & 0x3Fu) << 6 | (q[2] & 0x3Fu);
	}
	return (uint32_t)tw_utf8_next(p, end);
}

#endif
