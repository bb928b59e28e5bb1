/* A modem that is silent against its own habit. It may say `ready` and be deaf to the network:
 * nothing fails, texts only stay away. Seen is it by comparison alone: how long its pauses between
 * two texts usually are, and whether the others of the bank receive meanwhile. */
#include "internal.h"

#include <stdio.h>

enum {
	MINUTE = 60 * 1000,
	HOUR = 60 * MINUTE,
	TEXTS_MIN = 10,			/* before it has a habit */
	TIMES = 3,			/* so many times its usual pause … */
	SILENCE_MIN = HOUR,		/* … and this long at least */
	OTHERS_MIN = 5,			/* texts that the others got meanwhile */
	LOOK_MS = MINUTE,
	AGAIN_MS = 6 * HOUR,		/* until it is probed again, each time twice as long */
	AGAIN_TIMES = 3
};

/* TP-MTI 2 is a status report (23.040 9.2.3.1): it answers what we sent, and is no habit of
 * others. */
static bool is_report(const struct modem_inbound *in)
{
	unsigned smsc, first;

	return in->hex_n >= 4 && sscanf(in->hex, "%2x", &smsc) == 1 &&
	       2 * (smsc + 2) <= in->hex_n &&
	       sscanf(in->hex + 2 * (smsc + 1), "%2x", &first) == 1 && (first & 3) == 2;
}

/* The longest pause of late: a longer one counts at once, shorter ones let it fade, so that neither
 * a burst of texts nor a night makes a habit. */
static void learn(struct habit *h, struct mono_ms now)
{
	int64_t pause = now.ms - h->text_at.ms;

	if (h->texts)
		h->pause_ms = pause > h->pause_ms ? pause : h->pause_ms - h->pause_ms / 32;
	h->texts++;
	h->text_at = now;
}

static bool is_silent(const struct habit *h, uint64_t others, struct mono_ms now)
{
	int64_t silence = now.ms - h->heard_at.ms;

	return h->texts >= TEXTS_MIN && silence >= SILENCE_MIN && silence >= TIMES * h->pause_ms &&
	       others >= OTHERS_MIN && mono_due(h->probe_after, now);
}

static void probe(struct device *d, struct tw_now now)
{
	struct habit *h = &d->habit;
	char why[MODEM_TEXT_MAX];

	snprintf(why, sizeof(why),
		 "no text for %lld min, its longest pause was %lld min, others receive",
		 (long long)(now.mono.ms - h->heard_at.ms) / MINUTE,
		 (long long)h->pause_ms / MINUTE);
	h->probe_after = mono_after(now.mono, (int64_t)AGAIN_MS << h->probes);
	if (h->probes < AGAIN_TIMES)
		h->probes++;
	tw_log(TW_WARN, "modem.silent", "about=%s why=%s", tw_log_quote(d->name),
	       tw_log_quote(why));
	device_trouble(d, "%s", why);
	modem_refresh(d->modem, why, now.mono);
	device_touch(d);
}

/* Only when another one receives there is something to compare: so no timer is needed. */
static void look_at_others(struct bank *b, struct tw_now now)
{
	if (!mono_due(b->habits_at, now.mono))
		return;
	b->habits_at = mono_after(now.mono, LOOK_MS);
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && d->is_open && d->is_admitted && !d->is_paused &&
		    modem_facts(d->modem)->state == MODEM_READY &&
		    is_silent(&d->habit, b->texts - d->habit.others, now.mono))
			probe(d, now);
	}
}

void habit_on_inbound(struct device *d, const struct modem_inbound *in, struct tw_now now)
{
	struct habit *h = &d->habit;

	if (!is_report(in)) {
		learn(h, now.mono);
		d->bank->texts++;
	}
	h->heard_at = now.mono;
	h->others = d->bank->texts;
	h->probes = 0;
	look_at_others(d->bank, now);
}

void habit_of_sim(struct device *d)
{
	const char *iccid = modem_facts(d->modem)->iccid;

	if (!strcmp(d->habit.iccid, iccid))
		return;
	d->habit = (struct habit){ 0 };
	tw_strset(d->habit.iccid, sizeof(d->habit.iccid), iccid);
}
