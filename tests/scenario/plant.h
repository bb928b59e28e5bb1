/* A bank of virtual modems, each with a pace of its own, that works a batch off in virtual time; and
 * the ideal schedule for the same batch, which knows everything beforehand. */
#ifndef PLANT_H
#define PLANT_H

#include "world.h"

struct plant {
	int modems, messages, segments;	/* segments of each message */
	int64_t pace[FAKE_MODEMS];	/* ms a segment */
	int jitter;			/* per cent: a segment takes up to so much more or less */
	int64_t per_minute[FAKE_MODEMS], per_day[FAKE_MODEMS];	/* quotas, 0 none */
	int dies;			/* this modem, -1 none, is pulled out at that time, ms */
	int64_t dies_at;
	bool is_checked;		/* laws are asked now and then */
};

/* From the hand-out of the first message until the last one is sent, ms. */
int64_t plant_run(const struct plant *p);
/* The earliest end that any schedule has: of equal messages, without jitter. */
int64_t plant_ideal(const struct plant *p);

#endif
