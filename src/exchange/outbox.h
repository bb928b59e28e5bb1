/* The queue, between the files that make it: outbox.c makes messages and takes them back,
 * outbox_hand_out.c gives an idle modem the next one, outbox_take.c looks at what was taken from
 * its queue, and outbox_attempt.c lets a segment go. */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "internal.h"

struct outbox_why {			/* this SIM was chosen */
	enum pick_rule rule;
	const char *looked_at;		/* the others, as text; NULL: none was */
};

struct sms_options outbox_options(const struct exchange *x);

/* ---- outbox_attempt.c ---------------------------------------------------------------------- */

/* A message begins its way over this SIM, with a reference of its own if it has several segments.
 * is_new: it has no row yet. */
int outbox_start(struct exchange *x, struct station *st, struct store_message *take_m,
		 const char *to, bool is_new, const struct outbox_why *why);
/* The next segment of a message that is under way on this SIM. */
int outbox_go_on(struct exchange *x, struct station *st, struct sending *s);

/* ---- outbox_take.c ------------------------------------------------------------------------- */

/* Takes what was picked from its queue; whether it began to leave over this SIM. */
int outbox_take(struct exchange *x, struct station *st, const struct pick *p, bool *ret_taken);

#endif
