/* The AT engine: bytes to events, commands to bytes. Pure: no clock, no file, no allocation after
 * at_init. It is fed and then asked; it never calls back.
 *
 *   at_feed     bytes that the modem sent, split anyhow
 *   at_next     the next event: a line of the answer, a final result, a URC …
 *   at_output   bytes to write to the modem
 *   at_deadline when at_tick wants to be called
 *
 * One command is in flight at a time (27.005, V.250 5). A command that ran past its deadline is not
 * forgotten: its answer is still owed. Before another command leaves, the engine finds its place
 * again (escape, then a probe whose answer cannot be mistaken); an answer that comes meanwhile is
 * AT_LATE and names the command it belongs to, never the next.
 *
 * All work is done in at_next: after at_feed, at_tick, at_written and at_reset pull events until
 * it says false, then ask at_is_idle, at_output and at_deadline. */
#ifndef TWOWAY_AT_H
#define TWOWAY_AT_H

#include <twoway/base.h>
#include <twoway/model.h>

enum {
	AT_LINE_MAX = 2048,	/* longer lines are cut and marked; memory stays bounded */
	AT_COMMAND_MAX = 512,
	AT_PAYLOAD_MAX = 512,	/* hex digits behind a prompt */
	AT_PREFIX_MAX = 32,	/* of at_command.prefix */
	AT_INPUT_MAX = 16384	/* octets kept from at_feed to at_next; then the oldest go */
};

/* What of the line protocol differs between models: data, filled from a board profile. Strings are
 * borrowed and must outlive the engine. */
struct at_final { const char *text; bool is_prefix, is_success; };
struct at_dialect {
	const struct at_final *finals;	/* beside those of V.250 and 27.005/27.007 */
	size_t n_finals;
	const char *const *ignore;	/* prefixes of chatter: counted, never shown as URCs */
	size_t n_ignore;
	const char *const *urcs;	/* prefixes that are URCs, whatever is in flight */
	size_t n_urcs;
	int64_t pause_ms;		/* from a final result to the next command; Telit 20 */
	bool no_final_after_cpin;	/* Wavecom: `+CPIN:` ends the answer */
	bool no_prompt;			/* nRF91: the payload follows the CR at once */
	const char *open_with;		/* bytes to send first of all ("" = ESC only) */
};

enum at_shape {
	AT_PLAIN,		/* lines, then a final result */
	AT_PDU_LINES,		/* behind each line with the prefix a line of hex: CMGR CMGL */
	AT_NUMBER_LINE,		/* a line without prefix: CGSN CIMI CCID ATI */
	AT_SEND			/* a prompt, then payload and Ctrl-Z: CMGS, CNMA with a PDU */
};
struct at_command {
	const char *text;	/* "AT+CMGR=3", without CR; copied */
	/* "+CMGR:" what a line of the answer begins with; copied. NULL = as the text says (lines
	 * that begin with its own name), and lines that begin with no name at all. */
	const char *prefix;
	enum at_shape shape;
	const char *payload;	/* AT_SEND: hex digits; copied; written when the prompt is there */
	int64_t limit_ms;	/* from the CR (AT_SEND: Ctrl-Z) to the final result; 0 = 10 s */
	int64_t prompt_ms;	/* AT_SEND: from the CR to the prompt; 0 = 10 s */
	uint32_t id;		/* comes back in every event of this command; not 0 */
	bool is_secret;		/* masked in the trace: AT+CPIN= */
};

enum at_event_type {
	AT_LINE,		/* a line of the answer to the command in flight, with its pdu */
	AT_FINAL,		/* the command's end; result says how */
	AT_PAYLOAD_SENT,	/* the Ctrl-Z has left: from now on the send may be in doubt */
	AT_URC,			/* an unsolicited line; +CMT +CDS +CBM come with their pdu */
	AT_LATE,		/* a line or the final result (is_final) of a command given up */
	AT_STRAY		/* a line nobody expected; for the trace */
};
enum at_result {
	AT_OK,
	AT_ERROR,		/* ERROR and vendor forms of it */
	AT_CME, AT_CMS,		/* code set; text forms are mapped to their code, -1 unknown text */
	AT_NO_CARRIER, AT_BUSY, AT_NO_ANSWER, AT_NO_DIALTONE, AT_CONNECT,
	AT_TIMEOUT,		/* past limit_ms: the answer is owed */
	AT_NO_PROMPT,		/* nothing was sent: escaped */
	AT_ABORTED,		/* at_reset while it was in flight */
	AT_ABANDONED		/* a prompt came that it does not ask for; escaped */
};
struct at_event {
	enum at_event_type type;
	uint32_t id;		/* the command's, 0 for a URC */
	enum at_result result;	/* AT_FINAL, AT_LATE */
	int code;		/* of AT_CME, AT_CMS; -1 where the text is unknown */
	bool payload_sent;	/* AT_FINAL of an AT_SEND: whether the Ctrl-Z had left */
	const char *line;	/* valid until the next call on the engine; NUL-terminated */
	size_t line_n;
	const char *pdu;	/* hex digits; NULL: none */
	size_t pdu_n;
	bool is_cut;		/* line or pdu was longer than AT_LINE_MAX */
	bool is_final;		/* AT_LATE: result is valid (AT_FINAL: always set) */
};

/* Counters and the trace are the owner's to read. */
struct at_counters {
	uint64_t bytes_in, lines, urcs, ignored, strays, late, timeouts, resyncs;
	uint64_t placed;	/* searches for the place that were answered */
	uint64_t echoes;	/* of commands: behind ATE0 they tell of a restart */
	uint64_t dropped;	/* octets lost because nobody pulled, or a line was too long */
};

struct at_engine;		/* at_engine_size octets, embedded or allocated by the owner */
size_t at_engine_size(void);
void at_init(struct at_engine *e, const struct at_dialect *dialect);
void at_set_dialect(struct at_engine *e, const struct at_dialect *dialect);
/* Forget everything: the port was reopened, the modem rebooted. A command in flight ends with
 * AT_ABORTED, which at_next will tell. */
void at_reset(struct at_engine *e);
/* The port has just been opened: send what a modem left in an unknown state needs (ESC, CR), drain
 * what comes, and find the place before the first command, which may be given at once. */
void at_begin(struct at_engine *e, struct mono_ms now);

/* A command may be given. False while the engine finds its place after a timeout: this ends by
 * itself after at most about 15 s, whether the place was found or not; where it was not, it is
 * sought again before the next command leaves, and that command ends with AT_TIMEOUT if it still
 * cannot be found: the owner's recovery ladder acts on these. */
bool at_is_idle(const struct at_engine *e);
/* Give a command. TW_E_STATE when one is in flight or owed, TW_E_NOSPACE when too long. A text with
 * a control character or without "AT" in front is refused with TW_E_SYNTAX, and so is a payload
 * that is not hex: nothing can be smuggled in an argument. TW_E_RANGE: id is 0. */
int at_give(struct at_engine *e, const struct at_command *command, struct mono_ms now);
void at_feed(struct at_engine *e, const void *bytes, size_t n, struct mono_ms now);
void at_tick(struct at_engine *e, struct mono_ms now);
struct mono_ms at_deadline(const struct at_engine *e);
bool at_next(struct at_engine *e, struct at_event *ret);
/* Bytes to write: *ret points into the engine, valid until the next call; at_written says how many
 * of them were taken by the port, and must be called at once after the write: whether a send was
 * begun (AT_PAYLOAD_SENT) is decided by it. */
size_t at_output(const struct at_engine *e, const uint8_t **ret);
void at_written(struct at_engine *e, size_t n, struct mono_ms now);
const struct at_counters *at_counters(const struct at_engine *e);

/* ---- reading answers ----------------------------------------------------------------------- */

/* Fields of an answer line, left to right, tolerant of blanks, missing quotes and odd brackets. */
struct at_fields { const char *p, *end; };
/* Starts behind "PREFIX:" (prefix with or without the colon); false if the line differs. */
bool at_fields_begin(struct at_fields *f, const char *line, const char *prefix);
bool at_fields_int(struct at_fields *f, int *ret);	/* false: empty or no number; moves on */
bool at_fields_hex(struct at_fields *f, unsigned *ret);	/* quoted or not */
/* A quoted or bare text, cut at cap-1. */
bool at_fields_text(struct at_fields *f, char *out, size_t cap);
bool at_fields_skip(struct at_fields *f);
bool at_fields_more(const struct at_fields *f);

/* ---- error codes --------------------------------------------------------------------------- */

/* What a result obliges us to do. when_sending: the command was a send; then no result at all is
 * REACT_DOUBT (an owner who sees payload_sent false knows better: it was not sent), and nothing but
 * AT_OK is REACT_NONE. */
enum reaction at_reaction(enum at_result result, int code, bool when_sending);
/* "network out of order", "SIM busy"; for unknown codes "error NNN". Static or thread-local. */
const char *at_code_text(enum at_result result, int code);
/* "CMS 38", "CME 14", "ERROR", "no answer": the cause as messages tell it. out holds 32. */
char *at_cause(enum at_result result, int code, char *out);

#endif
