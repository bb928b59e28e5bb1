/* Conversations, between the files that make them: talk.c runs steps, talk_steps.c does what each
 * wants, talk_place.c and talk_version.c know where they stand, talk_look.c what they may look at;
 * talk_clock.c goes on with them when their time has come, away.c when the world has answered.
 * booking.c books appointments; clock.c begins what the clock begins. */
#ifndef TALK_H
#define TALK_H

#include "internal.h"

/* ---- talk.c -------------------------------------------------------------------------------- */

/* Goes on with t->row; where it cannot, it ends with the account's word. */
int talk_go_on(struct exchange *x, struct talk *t, enum flow_cause cause);
/* What happens beside texts (`on`) to t's contact, in runs of their own: the steps that brought it
 * about go on behind them. about: the list or series. */
int talk_event(struct exchange *x, struct talk *t, enum flow_happening what, const char *about);

/* ---- talk_clock.c -------------------------------------------------------------------------- */

/* Goes on with t->row, whoever it is for, without a text of theirs. */
int talk_run_row(struct exchange *x, struct talk *t, enum flow_cause cause);
/* When the contact's open question is over, behind which what waits stands aside; ms 0: none is
 * open. */
int talk_open_until(struct exchange *x, int64_t contact, struct wall_ms *ret);

/* ---- away.c -------------------------------------------------------------------------------- */

/* In the place of a call: it is over, and there is nothing to say. */
#define TALK_ANSWERED INT64_MIN
/* What the step asks is written; the conversation parks behind it (talk_keep). */
int away_leave(struct exchange *x, struct talk *t, const struct flow_intent *i,
	       const char *keyword);
/* What it waited for is over, with nothing to say; failure "": it went well. TW_E_UNKNOWN: nobody
 * waits. */
int away_answered(struct exchange *x, int64_t call, const char *failure);
int away_go_on(struct exchange *x, int64_t call, const struct flow_answer *said);

/* ---- call_forward.c ------------------------------------------------------------------------ */

int call_forward_leave(struct exchange *x, struct talk *t, const struct flow_intent *i);

/* ---- calendar.c ---------------------------------------------------------------------------- */

int calendar_leave(struct exchange *x, struct talk *t, const struct flow_intent *i);

/* ---- booking.c ----------------------------------------------------------------------------- */

int talk_appointment(struct exchange *x, struct talk *t, const struct flow_intent *i,
		     struct flow_run *run);

/* ---- talk_move.c --------------------------------------------------------------------------- */

int talk_move_some(struct exchange *x);		/* a slice of what exchange_move began */

/* ---- talk_look.c --------------------------------------------------------------------------- */

/* Whether r is an answer. What cannot be read is no "no": the event must not go on with it. */
bool talk_found(struct exchange *x, int r);

/* ---- talk_version.c ------------------------------------------------------------------------ */

struct talk_version {
	uint8_t hash[FLOW_VERSION_SIZE];
	struct flows *old;	/* NULL: it is one of the flows of now, or cannot be read any
				 * more */
};
/* 0, also with NULL: nobody knows this version. What cannot be read is no version that is gone. */
int talk_version_of(struct exchange *x, int64_t id, struct talk_version **ret);
/* The set in which a version is, NULL where it cannot be read any more. */
const struct flows *talk_flows_of(struct exchange *x, const struct talk_version *v);
/* The row of the version that a place names: in the flows of now, or in an old set that goes on. */
int talk_version_row(struct exchange *x, const uint8_t *hash, int64_t *ret);

/* ---- talk_place.c -------------------------------------------------------------------------- */

struct flow_place talk_place_of(const struct store_talk *row, const struct talk_version *v);
/* The run stands here: its row is made or moved. */
int talk_keep(struct exchange *x, struct talk *t, const struct flow_place *place);
/* The conversation is over: what stood aside behind its question may go on. */
int talk_end(struct exchange *x, struct talk *t);
/* Deletes those of the contact that stand so, with a keyword only what it began; never t's own. */
int talk_end_others(struct exchange *x, const struct talk *t, enum flow_stands stands,
		    const char *keyword);

/* ---- talk_steps.c -------------------------------------------------------------------------- */

/* What a step wanted and may not have is told as an event, and is no error of the conversation. */
int talk_refuse(struct exchange *x, const struct talk *t, const char *kind, const char *why);
int talk_failed(struct exchange *x, const struct talk *t, const struct flow_intent *i);
int talk_send(struct exchange *x, struct talk *t, const struct flow_intent *i);
int talk_set(struct exchange *x, struct talk *t, const struct flow_intent *i);
int talk_pledge(struct exchange *x, struct talk *t, const struct flow_intent *i);
/* These give run their result. */
int talk_split(struct exchange *x, struct talk *t, const struct flow_intent *i,
	       struct flow_run *run);
int talk_voucher(struct exchange *x, struct talk *t, const struct flow_intent *i,
		 struct flow_run *run);
int talk_change_list(struct exchange *x, struct talk *t, const struct flow_intent *i,
		     struct flow_run *run);

#endif
