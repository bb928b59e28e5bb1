/* What the pure parts of choosing share. */
#ifndef TWOWAY_BANK_PICK_PRIVATE_H
#define TWOWAY_BANK_PICK_PRIVATE_H

#include <twoway/bank.h>

/* When a window has room for n segments, n at most quota_limit of it; now where it has. */
struct wall_ms quota_free_at(const struct quota_plan *p, const struct quota_used *u,
			     enum quota_window w, bool is_reply, int n, struct wall_ms now);

#endif
