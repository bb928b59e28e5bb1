/* Appointments, between booking.c, which books, and appointment.c, which tells of it. */
#ifndef BOOKING_H
#define BOOKING_H

#include "internal.h"

enum { BOOKING_ACCOUNT_MAX = 64 };

/* As the flows of now have it: a conversation in an old version must not book hours that have
 * changed. NULL: there is none of this name. */
const struct flow_calendar *booking_calendar(const struct exchange *x, const char *account,
					     const char *name);
/* Whether a time may be booked by somebody who has `but` already: 0, TW_E_UNKNOWN no such time,
 * TW_E_EXISTS somebody else has it. */
int booking_check(struct exchange *x, int64_t account, const struct flow_calendar *c,
		  struct wall_ms at, int64_t but);
int booking_make(struct exchange *x, const struct store_contact *who, int64_t line,
		 const struct flow_calendar *c, struct wall_ms at, struct store_booking *ret);
/* Another time for it, which was checked; its contact is told by the calendar where is_told. */
int booking_move(struct exchange *x, const struct flow_calendar *c, struct wall_ms at, bool is_told,
		 struct store_booking *b);
/* c NULL: its calendar is gone. */
int booking_change(struct exchange *x, const struct flow_calendar *c, enum store_booking_state to,
		   struct store_booking *b);
/* Free times behind after: at most cap. */
int booking_free(struct exchange *x, int64_t account, const struct flow_calendar *c,
		 struct wall_ms after, struct wall_ms *out, size_t cap, size_t *ret_n);
/* Where its .ics is; "" where `api.public_url` is not set. Heap. */
char *booking_link(struct exchange *x, int64_t id);

#endif
