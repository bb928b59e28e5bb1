/* When a SIM is demoted, when it comes back, and what that saves. */
#include "run.h"

#include <stdio.h>
#include <twoway/bank.h>

#define MINUTE (60 * INT64_C(1000))
#define HOUR (60 * MINUTE)

/* s f: a send accepted, refused; d m: a report that came, that did not; l: one that came late; a: a test
 * text of it arrived. A number repeats what follows. */
static void play(struct sim_health *h, const char *story, struct wall_ms now)
{
	for (const char *p = story; *p; p++) {
		char *end;
		long times = strtol(p, &end, 10);

		p = end;
		for (long i = 0; i < (times ? times : 1); i++) {
			if (*p == 's' || *p == 'f')
				health_on_send(h, *p == 's');
			else if (*p == 'd' || *p == 'm')
				health_on_report(h, *p == 'd', 4000);
			else if (*p == 'l')
				health_on_late(h);
			else
				health_on_arrival(h);
			health_judge(h, now);
		}
	}
}

static const struct { const char *story; bool is_demoted; enum health_reason why; } stories[] = {
	{ "", false, HEALTH_GOOD },
	{ "100s", false, HEALTH_GOOD },
	{ "2f", false, HEALTH_SENDS },
	{ "3f", true, HEALTH_SENDS },
	{ "100s3f", true, HEALTH_SENDS },
	{ "s2fs2f", true, HEALTH_SENDS },	/* two of three */
	{ "10s1f10s1f10s1f10s1f", false, HEALTH_SENDS },
	{ "3f2s", true, HEALTH_SENDS },		/* not back at once … */
	{ "3f6s", false, HEALTH_SENDS },	/* … but soon */
	{ "100f6s", true, HEALTH_SENDS },
	{ "100f11s", false, HEALTH_SENDS },	/* however long it was broken */
	{ "1000m", false, HEALTH_GOOD },	/* never any report: no habit */
	{ "d100m", false, HEALTH_GOOD },		/* one is none */
	{ "50d1m", false, HEALTH_REPORTS },
	{ "50d2m", false, HEALTH_REPORTS },
	{ "50d3m", true, HEALTH_REPORTS },
	{ "50d3mld", false, HEALTH_REPORTS },	/* only late */
	{ "50d9m1d", true, HEALTH_REPORTS },
	{ "50d9m4d", false, HEALTH_REPORTS },
	{ "20ddmddmddmddmddmddmddmddmddm2m", false, HEALTH_REPORTS },	/* two of three were the habit */
	{ "20ddmddmddmddmddmddmddmddmddm12m", true, HEALTH_REPORTS },
	{ "50d200ma", false, HEALTH_GOOD },	/* it sends, whatever it reports */
	{ "50d200ma100m", false, HEALTH_GOOD },
};

START_TEST(test_story)
{
	struct sim_health h = { 0 };
	enum health_reason why;
	int score;

	play(&h, stories[_i].story, (struct wall_ms){ HOUR });
	score = health_score(&h, 0, &why);
	ck_assert_msg(h.is_demoted == stories[_i].is_demoted, "%s: score %d", stories[_i].story, score);
	if (score < 100)
		ck_assert_int_eq(why, stories[_i].why);
	else
		ck_assert(!h.is_demoted);
	ck_assert_int_ge(score, 0);
	ck_assert_int_le(score, 100);
}
END_TEST

START_TEST(test_score)
{
	struct sim_health h = { 0 };
	enum health_reason why;

	ck_assert_int_eq(health_score(&h, -90, &why), 100);
	ck_assert_int_eq(health_score(&h, -105, &why), 80);
	ck_assert_int_eq(why, HEALTH_SIGNAL);
	ck_assert_int_eq(health_score(&h, -113, &why), 60);	/* weak, and still used */
	h.is_deaf = true;
	ck_assert_int_lt(health_score(&h, -113, &why), 50);
	ck_assert_int_eq(why, HEALTH_DEAF);
	ck_assert_str_ne(health_reason_text(why), "");
}
END_TEST

START_TEST(test_patience)
{
	struct sim_health h = { 0 };

	ck_assert_int_eq(health_patience(&h), 30 * MINUTE);	/* nothing is known */
	for (int i = 0; i < 50; i++)
		health_on_report(&h, true, 4000);
	ck_assert_int_eq(health_patience(&h), 2 * MINUTE);
	for (int i = 0; i < 50; i++)
		health_on_report(&h, true, MINUTE);
	ck_assert_int_gt(health_patience(&h), 7 * MINUTE);
	for (int i = 0; i < 50; i++)
		health_on_report(&h, true, HOUR);
	ck_assert_int_eq(health_patience(&h), 30 * MINUTE);
}
END_TEST

START_TEST(test_probes_become_rare)
{
	struct sim_health h = { 0 };
	struct wall_ms now = { HOUR };
	int probes = 0;

	play(&h, "3f", now);
	for (int64_t end = now.ms + 24 * HOUR; now.ms < end; now.ms += MINUTE) {
		if (!health_may_probe(&h, now))
			continue;
		probes++;
		health_on_send(&h, false);
		health_probe_ended(&h, false, now);
	}
	ck_assert_int_ge(probes, 12);
	ck_assert_int_le(probes, 20);
	/* The first that helps is followed by the next at once. */
	for (probes = 0; h.is_demoted; probes++) {
		while (!health_may_probe(&h, now))
			now.ms += MINUTE;
		health_on_send(&h, true);
		health_judge(&h, now);
		health_probe_ended(&h, true, now);
	}
	ck_assert_int_le(probes, 12);
	ck_assert(!health_may_probe(&h, now));
}
END_TEST

/* ---- a trace of faults, and what the policies make of it ----------------------------------- */

/* Two SIMs, a message a minute, each SIM can take 17 in twenty minutes. The first swallows texts
 * ("sent", never delivered) at these minutes of three days; a tenth of all phones is off at any time. */
static const struct { int from, to; } faults[] = {
	{ 300, 340 }, { 700, 1100 }, { 1500, 1510 }, { 2200, 2204 }, { 3000, 3600 },
};
enum { MINUTES = 3 * 1440, DELAY = 2, LATE = 60 };
enum policy { ALTERNATE, BLOCK_10_MIN, BLOCK_1_H, BLOCK_24_H, HEALTH, POLICIES };

static bool is_faulty(int t)
{
	for (size_t i = 0; i < TW_COUNT(faults); i++)
		if (t >= faults[i].from && t < faults[i].to)
			return true;
	return false;
}

struct first {			/* what is known of the first SIM */
	struct sim_health h;
	int failures, blocked_until, probe;	/* probe: sent then, not settled */
	bool arrived[MINUTES], sent[MINUTES];
};

static bool is_open(struct first *s, enum policy p, int t)
{
	struct wall_ms now = { t * MINUTE };

	if (p == ALTERNATE)
		return true;
	if (p != HEALTH)
		return t >= s->blocked_until;
	if (!s->h.is_demoted)
		return true;
	return s->probe < 0 && health_may_probe(&s->h, now);
}

static void settle(struct first *s, enum policy p, int t)
{
	static const int blocks[POLICIES] = { [BLOCK_10_MIN] = 10, [BLOCK_1_H] = 60, [BLOCK_24_H] = 1440 };
	int sent = t - DELAY;

	if (sent < 0 || !s->sent[sent])
		return;
	if (p == HEALTH) {
		health_on_report(&s->h, s->arrived[sent], 4000);
		if (s->probe == sent) {
			s->probe = -1;
			health_probe_ended(&s->h, s->arrived[sent], (struct wall_ms){ t * MINUTE });
		}
		health_judge(&s->h, (struct wall_ms){ t * MINUTE });
		return;
	}
	s->failures = s->arrived[sent] ? 0 : s->failures + 1;
	if (blocks[p] && s->failures >= 3) {
		s->blocked_until = t + blocks[p];
		s->failures = 0;
	}
}

/* A message that waits for over an hour is worth nothing. */
static int delivered_by(enum policy p, uint64_t seed)
{
	struct first *s = tw_zalloc(sizeof(*s));
	int queue = 0, delivered = 0;
	struct tw_random random;
	double room[2] = { 0, 0 };

	tw_random_seed(&random, seed);
	s->probe = -1;
	for (int t = 0; t < MINUTES; t++) {
		uint32_t dice = tw_random_below(&random, 10);

		settle(s, p, t);
		queue += 1;
		if (queue > LATE)
			queue = LATE;
		for (int sim = 0; sim < 2; sim++) {
			room[sim] = room[sim] > 2 ? 2 : room[sim] + 0.85;
			if (!queue || room[sim] < 1 || (sim == 0 && !is_open(s, p, t)))
				continue;
			room[sim] -= 1;
			queue--;
			if (sim == 0) {
				s->sent[t] = true;
				s->arrived[t] = !is_faulty(t) && dice;
				if (p == HEALTH && s->h.is_demoted)
					s->probe = t;
			}
			delivered += sim == 0 ? s->arrived[t] : dice != 0;
		}
	}
	free(s);
	return delivered;
}

START_TEST(test_saves_more_than_a_block)
{
	static const char *const names[POLICIES] = { "alternate", "block 10 min", "block 1 h",
						     "block 24 h", "health" };
	int sums[POLICIES] = { 0 };

	for (uint64_t seed = 1; seed <= 20; seed++)
		for (int p = 0; p < POLICIES; p++)
			sums[p] += delivered_by((enum policy)p, seed);
	for (int p = 0; p < POLICIES; p++)
		printf("%-14s %d delivered in three days of faults\n", names[p], sums[p] / 20);
	for (int p = 0; p < HEALTH; p++)
		ck_assert_msg(sums[HEALTH] > sums[p], "%s delivers more", names[p]);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, test_story, 0, (int)TW_COUNT(stories));
	tcase_add_test(tc, test_score);
	tcase_add_test(tc, test_patience);
	tcase_add_test(tc, test_probes_become_rare);
	tcase_add_test(tc, test_saves_more_than_a_block);
}

int main(void)
{
	return unit_run("bank_health", add);
}
