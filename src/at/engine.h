/* The engine's inside: its state, and how its parts call each other.
 *
 *   engine.c  what at.h promises; giving, writing, the end of a command
 *   line.c    what a line is: echo, final, answer, PDU, URC, late, stray
 *   resync.c  finding the place again after a timeout or an unexpected prompt
 *   due.c     what happens when a deadline has passed */
#ifndef AT_ENGINE_H
#define AT_ENGINE_H

#include <twoway/at.h>

#include "scan.h"
#include "tables.h"

enum {
	WRITE_MS = 10000,	/* until the port has taken a command */
	PROMPT_MS = 10000,	/* until `>`, where the command does not say */
	LIMIT_MS = 10000,	/* until the final result, where the command does not say */
	GRACE_MS = 2000,	/* for the OK behind +CMGS:, or the +CMGS: behind OK */
	CPIN_GRACE_MS = 200,	/* for the OK behind +CPIN:, where there may be none */
	OK_PROMPT_MS = 500,	/* for the prompt behind an OK */
	PROMPT_ALONE_MS = 300,	/* silence behind a `>` that nobody waits for */
	QUOTE_MS = 2000,	/* for the closing quote of +CUSD: */
	URC_PDU_MS = 5000,	/* for the PDU of +CMT: */
	ESCAPE_QUIET_MS = 300,	/* silence after ESC CR … */
	ESCAPE_MS = 2000,	/* … waited for this long at most */
	PROBE_MS = 2000,	/* for the answer to a probe */
	PROBE_BARE_MS = 500,	/* for more, behind an answer that does not tell whose it is */
	PROBE_MAX_MS = 10000,	/* … and for what else comes meanwhile */
	PROBE_TRIES = 5,	/* in one search for the place, each with another probe … */
	PROBE_KINDS = 6,	/* … of so many */
	BARE_RUN = 3,		/* probes in a row answered, but not by their line: good enough */
	ESCAPES_MAX = 4,	/* in one search for the place */
	HELD_MAX = 512,		/* octets of a header that waits for its PDU */
	OUT_MAX = AT_COMMAND_MAX + 1 + AT_PAYLOAD_MAX + 1 + 32
};

#define ENGINE_STATES(X)                                                                           \
	X(IDLE)		/* nothing in flight */                                                    \
	X(BEGIN)	/* the port was opened; what comes is drained */                           \
	X(PAUSE)	/* a command waits for the pause behind the last final result */           \
	X(WRITE)	/* its text goes out */                                                    \
	X(WAIT)		/* its CR has left */                                                      \
	X(PROMPT)	/* its CR has left, `>` is waited for */                                   \
	X(PAYLOAD)	/* the payload goes out, its Ctrl-Z has not left */                        \
	X(SENDING)	/* its Ctrl-Z has left */                                                  \
	X(ESCAPE)	/* finding the place: ESC CR, then silence */                              \
	X(PROBE)	/* finding the place: a probe is out */                                    \
	X(LOST)		/* the place was not found; sought again before the next command */
enum engine_state {
#define X(name) STATE_##name,
	ENGINE_STATES(X)
#undef X
	STATE_COUNT
};

/* A header that waits for its line of hex. */
struct held {
	bool is_set, is_cut;
	bool is_late;		/* of the command that was given up */
	size_t n;
	char text[HELD_MAX];
};

struct given {
	uint32_t id;		/* 0: none */
	enum at_shape shape;
	int64_t limit_ms, prompt_ms;
	bool is_dial;
	bool has_own_prefix;	/* prefix was told, not read from the text */
	bool takes_names;	/* ATI, AT&V: unknown +NAME: lines are its answer */
	bool is_compound;	/* AT+CREG?;+CSQ: each name in it begins a line of the answer */
	bool wants_line;	/* a send that ends with +CMGS: and OK */
	bool ends_with_line;	/* AT+CPIN? of a dialect without its final result */
	char prefix[AT_PREFIX_MAX], name[AT_PREFIX_MAX];	/* as told; as the text says */
	size_t text_n, payload_n;
	char text[AT_COMMAND_MAX + 1], payload[AT_PAYLOAD_MAX + 1];
};

/* What is remembered of the last command that was given up. */
struct owed {
	uint32_t id;		/* 0: nothing is owed */
	enum at_shape shape;
	char prefix[AT_PREFIX_MAX];
	bool has_line;		/* a line of its answer came late: the next final result is its */
	bool is_open;		/* the search for the place that its end began is not over */
	bool was_escaped;	/* ESC has left since: a bare OK or ERROR may be its answer */
	bool has_mark;		/* something has left since … */
	uint64_t mark;		/* … when so much had come in */
};

struct at_engine {
	struct at_dialect dialect;
	struct at_counters counters;
	enum engine_state state;
	struct mono_ms now;	/* the latest time told */
	struct mono_ms ticked;	/* by at_tick: deadlines fall by this one, when the input is read */

	struct mono_ms due;		/* of the state */
	struct mono_ms pause_over;	/* the next command may leave */
	struct mono_ms urc_due, prompt_due, quote_due;
	struct mono_ms drain_end;	/* BEGIN, ESCAPE, PROBE: silence is waited for until then */

	struct given cmd;
	uint64_t mark;			/* offset of the input when the CR left */
	uint64_t sent_mark;		/* … when the Ctrl-Z left */
	bool has_line;			/* a line of the answer came */
	bool may_end;			/* when due: it ends with OK */
	bool payload_sent;

	struct owed owed;
	bool is_dirty;			/* the place must be found before the next command */
	bool prompt_seen;		/* … and a prompt may be open */
	bool was_cut;			/* half a command was written when at_reset came */
	uint32_t escapes, probes, bare_run;
	uint32_t escapes_owed;	/* ESCs that may yet be answered */
	uint32_t probe;			/* counts for ever; the kind is probe % PROBE_KINDS */
	uint8_t asked[PROBE_KINDS];	/* probes of each kind that are not answered yet */
	struct mono_ms search_end;	/* a command waits for the place no longer than its limit */
	bool probe_line;		/* the latest probe's line came: its result is the end */
	bool old_probe_line;		/* an older one's: the next result is that one's */
	bool is_named;			/* a line came of the latest probe's kind */
	bool got_bare;			/* a final result came without a line */

	bool tell_sent;			/* AT_PAYLOAD_SENT is to be told */
	uint32_t sent_id;
	bool tell_aborted;		/* AT_FINAL with AT_ABORTED is to be told */
	uint32_t aborted_id;
	bool aborted_sent;

	struct held held_urc, held_answer;
	bool urc_is_newer;
	size_t out_at, out_n, out_text_n;	/* out_text_n: up to and with the CR */
	char out[OUT_MAX];
	struct scan scan;		/* last: its buffer is touched only as far as needed */
};

/* ---- engine.c ---- */

void engine_move(struct at_engine *e, enum engine_state to);
/* Starts to write the command given, after the pause; finds the place first where it must. */
void engine_start(struct at_engine *e);
void engine_put(struct at_engine *e, const char *p, size_t n);
void engine_put_payload(struct at_engine *e);
/* The command's end: fills ret, forgets the command. line may be NULL. */
void engine_finish(struct at_engine *e, enum at_result result, int code,
		   const struct scan_line *line, struct at_event *ret);
/* The same, but an answer may still come: it is owed, and the place is found again. */
void engine_give_up(struct at_engine *e, enum at_result result, int code,
		    const struct scan_line *line, struct at_event *ret);
bool engine_is_active(const struct at_engine *e);	/* the CR of a command has left */

/* ---- line.c: each returns whether ret was filled ---- */

/* The line that scan_peek found. It may be left in place: then ret was filled, and it is handled
 * again by the next call. */
bool line_handle(struct at_engine *e, struct scan_line *line, struct at_event *ret);
/* A held header goes out without its PDU. */
bool line_flush(struct at_engine *e, struct held *h, struct at_event *ret);
void line_tell(struct at_event *ret, enum at_event_type type, uint32_t id,
	       const struct scan_line *line);

/* ---- resync.c ---- */

/* escape: a prompt may be open. */
void resync_begin(struct at_engine *e, bool escape);
/* A prompt turned up in the middle of it. */
void resync_escape(struct at_engine *e);
/* n octets were taken by the port while the place is sought, or while BEGIN drains. */
void resync_on_written(struct at_engine *e, size_t n);
bool resync_on_due(struct at_engine *e, struct at_event *ret);
/* A final result while the place is sought; the line is taken. */
bool resync_on_final(struct at_engine *e, enum at_result result, int code,
		     const struct scan_line *line, struct at_event *ret);
/* Whether the line is the answer to a probe; then it is taken. */
bool resync_takes_line(struct at_engine *e, const struct scan_line *line);
bool resync_is_echo(const struct at_engine *e, const struct scan_line *line);

/* ---- due.c ---- */

/* Nothing was done; something was; something was, and ret is filled. */
enum step { STEP_IDLE, STEP_AGAIN, STEP_EVENT };
enum step due_handle(struct at_engine *e, struct at_event *ret);
struct mono_ms due_next(const struct at_engine *e);
/* A `>` stands where no command waits for it. */
bool due_prompt(struct at_engine *e, struct at_event *ret);

#endif
