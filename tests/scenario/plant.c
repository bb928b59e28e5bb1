#include "plant.h"

#include <stdio.h>

enum { MINUTE = 60000, STEPS_MAX = 2000000 };

static char empty[] = "";

struct line {			/* the batch while it is worked off */
	const struct plant *p;
	struct world w;
	struct settings_sim sims[FAKE_MODEMS];
	char iccids[FAKE_MODEMS][32], numbers[FAKE_MODEMS][32];
	int64_t done_at[FAKE_MODEMS];	/* 0: idle */
	struct tw_random random;
	int sent;
};

static void build(struct line *l)
{
	struct world *w = &l->w;

	world_open(w);
	for (int i = 0; i < l->p->modems; i++) {
		snprintf(l->iccids[i], sizeof(l->iccids[i]), "89441000000000%05d", i + 1);
		snprintf(l->numbers[i], sizeof(l->numbers[i]), "+447700%06d", 900001 + i);
		l->sims[i] = (struct settings_sim){
			.iccid = l->iccids[i], .number = empty, .pin = empty, .smsc = empty,
			.account = empty, .quota = { .zone = empty, .reset_day = 1,
						     .per_minute = l->p->per_minute[i],
						     .per_day = l->p->per_day[i] } };
		if (i >= 2)
			fake_modem_add(w->bank, l->iccids[i], l->numbers[i], "");
	}
	for (int i = l->p->modems; i < 2; i++)
		w->bank->modems[i].facts.state = MODEM_ABSENT;
	w->settings.sims = l->sims;
	w->settings.n_sims = (size_t)l->p->modems;
	w->settings.share_for_replies = 0;
	w->settings.report = false;
	world_reload(w);
	world_reload(w);	/* SIMs that were not known before are now */
}

static void post(struct line *l)
{
	static char text[700];

	memset(text, 'a', sizeof(text) - 1);
	text[l->p->segments > 1 ? l->p->segments * 153 - 10 : 10] = 0;
	for (int i = 0; i < l->p->messages; i++) {
		char to[24];
		struct exchange_post post = { .to = to, .text = text, .lane = LANE_API };
		struct exchange_refusal e;

		snprintf(to, sizeof(to), "+4477009%05d", 10000 + i);
		ck_assert_msg(world_post_full(&l->w, &post, &e) != NULL, "%s", e.text);
	}
}

static int64_t time_of(struct line *l, int modem)
{
	int64_t pace = l->p->pace[modem], spread = pace * l->p->jitter / 100;

	return spread ? pace - spread + tw_random_below(&l->random, (uint32_t)(2 * spread)) : pace;
}

static void pull_out(struct line *l)
{
	int i = l->p->dies;

	if (i < 0 || l->w.bank->modems[i].facts.state != MODEM_READY ||
	    l->w.now.mono.ms < l->p->dies_at)
		return;
	l->w.bank->modems[i].facts.state = MODEM_ABSENT;
	if (fake_sending(l->w.bank, i))
		fake_not_sent(l->w.bank, i, REACT_WAIT, "unplugged");
	l->done_at[i] = 0;
}

/* What has ended by now is told; what was begun ends in its time. */
static void work(struct line *l)
{
	for (int i = 0; i < l->p->modems; i++) {
		if (l->done_at[i] && l->done_at[i] <= l->w.now.mono.ms) {
			fake_sent(l->w.bank, i);
			l->done_at[i] = 0;
			l->sent++;
		}
	}
}

static int64_t next_time(struct line *l)
{
	int64_t next = l->w.deadline.ms;

	for (int i = 0; i < l->p->modems; i++) {
		if (fake_sending(l->w.bank, i) && !l->done_at[i])
			l->done_at[i] = l->w.now.mono.ms + time_of(l, i);
		if (l->done_at[i] && l->done_at[i] < next)
			next = l->done_at[i];
	}
	if (l->p->dies >= 0 && l->p->dies_at > l->w.now.mono.ms && l->p->dies_at < next)
		next = l->p->dies_at;
	return next;
}

static void move_to(struct world *w, int64_t mono)
{
	int64_t by = mono > w->now.mono.ms ? mono - w->now.mono.ms : 0;

	w->now.mono.ms += by;
	w->now.wall.ms += by;
}

int64_t plant_run(const struct plant *p)
{
	struct line *l = tw_zalloc(sizeof(*l));
	struct plant shifted = *p;

	l->p = &shifted;
	tw_random_seed(&l->random, 3);
	build(l);
	int64_t began = l->w.now.mono.ms;

	shifted.dies_at += began;
	post(l);
	for (int step = 0; l->sent < p->messages * p->segments; step++) {
		ck_assert_msg(step < STEPS_MAX, "%d of %d are sent, and nothing moves", l->sent,
			      p->messages * p->segments);
		l->w.deadline = exchange_turn(l->w.x, l->w.now);
		const char *law = p->is_checked && step % 50 == 0 ? exchange_check(l->w.x) : NULL;

		ck_assert_msg(!law, "%s", law);
		int64_t next = next_time(l);

		ck_assert_msg(next != INT64_MAX, "%d of %d are sent, and nobody waits for anything",
			      l->sent, p->messages * p->segments);
		move_to(&l->w, next);
		pull_out(l);
		work(l);
	}
	int64_t took = l->w.now.mono.ms - began;

	world_turn(&l->w);
	world_close(&l->w);
	free(l);
	return took;
}

/* ---- the ideal schedule -------------------------------------------------------------------- */

/* How many messages one modem can have sent by then, at best. */
static int64_t able(const struct plant *p, int modem, int64_t until)
{
	int64_t n = 0, t = 0, *began = tw_alloc((size_t)p->messages * (size_t)p->segments *
						sizeof(*began));
	int64_t minute = p->per_minute[modem], day = p->per_day[modem];

	if (p->dies == modem && until > p->dies_at)
		until = p->dies_at;
	while (n < (int64_t)p->messages * p->segments && (!day || n < day)) {
		if (minute && n >= minute && began[n - minute] + MINUTE > t)
			t = began[n - minute] + MINUTE;
		if (t + p->pace[modem] > until)
			break;
		began[n++] = t;
		t += p->pace[modem];
	}
	free(began);
	return n / p->segments;
}

int64_t plant_ideal(const struct plant *p)
{
	int64_t low = 0, high = INT64_C(1) << 40;

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2, n = 0;

		for (int i = 0; i < p->modems; i++)
			n += able(p, i, middle);
		if (n >= p->messages)
			high = middle;
		else
			low = middle;
	}
	return high;
}
