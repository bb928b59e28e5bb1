/* Between run.c, which goes from op to op, and run_step.c, which says what the op of a step
 * wants. */
#ifndef RUN_H
#define RUN_H

#include "internal.h"

/* True: there is an intent. */
bool run_set(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret);
bool run_name(struct flow_run *run, const struct flow_op *op, enum flow_intent_type type,
	      struct flow_intent *ret);
bool run_series(struct flow_run *run, const struct flow_op *op, bool redeems,
		struct flow_intent *ret);
bool run_split(struct flow_run *run, uint32_t at, const struct flow_op *op,
	       struct flow_intent *ret);
bool run_pledge(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret);
bool run_send(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret);
bool run_ticket(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret);
bool run_forward(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret);

#endif
