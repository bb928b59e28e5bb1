/* What a text means, between the files that find it out: dispatch_look.c gathers what the flow may
 * look at, dispatch.c has it decide and keeps the message, dispatch_intents.c carries out what was
 * decided, dispatch_held.c does so later, for texts that must wait. */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "talk.h"

struct view {			/* what the flow may look at, and where its strings stand */
	struct store_contact contacts[X_ACCOUNTS_MAX];
	struct store_thread threads[X_ACCOUNTS_MAX];
	char names[X_ACCOUNTS_MAX][64];
	const char *recent[X_ACCOUNTS_MAX], *stopped[X_ACCOUNTS_MAX];
	char to_account[64];
	struct store_contact whose;	/* the contact whose message it is */
	bool is_answered;		/* by a reply to the same account's contact */
	size_t n;
	struct flow_event e;
	struct flow_view asks;
	struct talk_question question;
	struct flow_which which;
	int64_t which_of;		/* contact who was asked which keyword was meant; 0 none */
};

/* ---- dispatch_look.c ----------------------------------------------------------------------- */

/* hears: it counts as a text of theirs, by which loops are told. */
int dispatch_look(struct exchange *x, const struct text_in *in, struct view *v, bool hears);
/* The contact within an account: among those that were looked at, else made. */
int dispatch_contact(struct exchange *x, const struct text_in *in, const struct view *v,
		     const char *account, struct store_contact *ret);
/* Texts that lay on the SIM before we first saw it, and what is older than reply_within. */
bool dispatch_is_old(const struct exchange *x, const struct text_in *in);

/* ---- dispatch.c ---------------------------------------------------------------------------- */

/* Whose message it is: whoever took it, else the number's own account, else the one that wrote
 * last, else the first (contract 2). */
const char *dispatch_account(const struct exchange *x, const struct view *v);
/* That took it; NULL: none did. */
const char *dispatch_keyword(const struct exchange *x);

/* ---- dispatch_intents.c -------------------------------------------------------------------- */

/* 0, or 1: those behind it are not carried out now. */
int dispatch_carry_out(struct exchange *x, const struct text_in *in, struct view *v,
		       const struct flow_intent *i, const char *account, int64_t id);
int dispatch_carry_out_all(struct exchange *x, const struct text_in *in, struct view *v,
			   const char *account, int64_t id);

/* ---- which.c ------------------------------------------------------------------------------- */

/* Whether it was asked of one of them which keyword was meant; kept, and forgotten. */
int which_look(struct exchange *x, const struct text_in *in, struct view *v);
int which_keep(struct exchange *x, const struct text_in *in, const struct store_contact *c,
	       const struct flow_intent *i, int64_t message);
int which_close(struct exchange *x, const struct text_in *in, struct view *v);

/* ---- dispatch_held.c ----------------------------------------------------------------------- */

/* Whether it waits for what the account does with this contact elsewhere; *ret_new: it has
 * none yet. */
int dispatch_must_wait(struct exchange *x, const struct text_in *in, const struct view *v,
		       const char *account, bool *ret_new);

#endif
