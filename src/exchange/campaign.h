/* Campaigns, between the files that make them: campaign.c runs those that are not over,
 * campaign_text.c says who gets what, campaign_make.c answers people and programs, estimate.c looks
 * ahead. */
#ifndef CAMPAIGN_H
#define CAMPAIGN_H

#include "internal.h"

enum {
	CAMPAIGN_LAST = 20,		/* results that are remembered … */
	CAMPAIGN_BURST = 10		/* … and as many failures among them pause it */
};

/* A campaign that is not over. */
struct running {
	struct store_campaign c;
	char account[128];
	struct flow_letter *letter;	/* NULL: not compiled yet */
	struct audience *audience;	/* NULL: not compiled yet, or nobody is on the list */
	/* the same for all */
	struct { bool is_there; struct sms_form form; } plain[STORE_CAMPAIGN_ARMS];
	struct tw_buf text;
	struct wall_ms next_at;		/* by its pace */
	uint32_t results;		/* the last ones, a bit each: it failed */
	int n_results;
};
struct running *running_find(struct exchange *x, int64_t id);	/* NULL: it is over, or none */
struct running *running_of_topic(struct exchange *x, int64_t topic);
struct running *running_keep(struct exchange *x, struct store_campaign *take_c);
void running_free(struct running *run);

/* ---- campaign_text.c ----------------------------------------------------------------------- */

/* Compiles it against the flows of now. TW_E_CONFIG with why in a sentence. */
int campaign_compile(struct exchange *x, struct running *run, char *reterr, size_t cap);
/* The arm of a contact: always the same one. */
size_t campaign_arm(const struct store_campaign *c, int64_t contact);
/* What a contact gets, in run->text. TW_E_RANGE: it cannot be sent; TW_E_UNKNOWN: no code is left.
 * is_sample: no code is drawn. */
int campaign_write(struct exchange *x, struct running *run, const struct store_contact *c,
		   size_t arm, bool is_sample, struct sms_form *ret);

/* ---- campaign.c ---------------------------------------------------------------------------- */

int campaign_pause(struct exchange *x, struct running *run, const char *reason);
int64_t campaign_waiting(struct exchange *x, int64_t id);	/* queued or under way */
void campaign_soon(struct exchange *x, struct wall_ms at);

#endif
