/* People in the place of flows, between the files that make them: ticket.c opens, hands on and
 * closes tickets, ticket_tell.c texts agents, agent.c does what agents text, person.c knows who
 * talks with a contact, people_api.c shows it all to programs, and operator.c does what operators
 * text. */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "internal.h"

enum {
	PEOPLE_SHOWN_MS = 10 * 60 * 1000,	/* a text without a tag is for the ticket shown
						 * last */
	PEOPLE_TEXT_MAX = 480		/* octets of a list, and of what an alert is about */
};

/* ---- ticket.c ------------------------------------------------------------------------------ */

int ticket_note(struct exchange *x, const struct store_ticket *t, const char *kind, const char *who,
		const char *text);
/* Somebody has it from now on: who was the first to answer knows the customer. number "": a
 * program. */
int ticket_take(struct exchange *x, struct store_ticket *t, struct store_contact *c,
		const char *who, const char *number);
/* An agent of the queue, or anybody by name: told anew, as if it were their turn. */
int ticket_assign(struct exchange *x, struct store_ticket *t, const char *agent, const char *who);
int ticket_close(struct exchange *x, struct store_ticket *t, const char *who);
/* Whether it was told to this agent, who is called so, or may be. */
bool ticket_may(struct exchange *x, const struct store_ticket *t, const char *name,
		const char *number);

/* ---- ticket_tell.c ------------------------------------------------------------------------- */

/* "#7 plumbing: ABOUT (NAME NUMBER)", with at most so many octets of ABOUT; appended. */
void ticket_write(const struct store_ticket *t, const struct store_contact *c, const char *about,
		  size_t about_max, struct tw_buf *out);
/* A text to an agent's number, which has seen this ticket then (NULL: of none). Cut where it is
 * longer than a message may be. */
int ticket_say(struct exchange *x, const struct store_ticket *t, int64_t account,
	       const char *number, int64_t line, const char *text);
/* The long number by which an agent hears of a ticket. */
int ticket_line(struct exchange *x, const struct store_ticket *t, const char *number, int64_t *ret);
/* What is said to an agent of an account by name (NULL: none is known), in their language.
 * Appended. */
void people_say(struct exchange *x, int64_t account, const char *agent, enum flow_house_text text,
		const struct flow_named *names, size_t n, struct tw_buf *out);
/* Something of a ticket to who has it: by text where they have a number, else by mail and webhook
 * as
 * `type` ("ticket.text", "ticket.left"). about: what it is without the tag. */
int ticket_tell(struct exchange *x, const struct store_ticket *t, const struct store_contact *c,
		const char *type, const char *about, const char *text);
/* The alert, to whoever has it or was told last, by all ways of its queue. */
int ticket_alert(struct exchange *x, const struct store_ticket *t, const struct store_contact *c,
		 const char *about);
/* Whether an agent can be told by some of these ways (FLOW_BY_*). */
bool ticket_can_tell(const struct exchange *x, int ways, const struct flow_agent *a);
/* A long number for this agent and this customer alone, where one is free; 0 none. */
int ticket_own_line(struct exchange *x, const struct store_ticket *t, int64_t *ret);

/* ---- person.c ------------------------------------------------------------------------------ */

/* Why something was not sent, as programs and as agents are told. */
struct person_why { const char *text; enum flow_house_text said; };
/* What a person says to a customer, from the number that the customer texted. 0; TW_E_DENIED with
 * why: it was not sent; or an error of the store. */
int person_say(struct exchange *x, struct store_contact *c, int64_t line,
	       const char *text, size_t n, int64_t *ret_id, const struct person_why **ret_why);
/* This person talks with the contact from now on, until close, hand back or a day of silence. */
int person_talks(struct exchange *x, int64_t contact, enum store_person_kind kind, int64_t ticket,
		 const char *who);
int person_ends(struct exchange *x, int64_t contact);

#endif
