/* Whether a SIM does what it says: sequential tests of its sends and its reports, graded, with
 * hysteresis, and the probes that bring it back. */
#include <math.h>

#include "pick_private.h"

/* A doubt of this size is a thousand to one; beyond the last nothing is added, so that a SIM that
 * works again is not held against its past for long. */
#define DOUBT 6907
#define DOUBT_LAST (DOUBT * 3 / 2)
#define DOUBT_BACK (DOUBT / 2)

/* fail as ever; it is broken */
enum { SEND_FAILS = HEALTH_ALL / 20, SEND_BROKEN = HEALTH_ALL / 2,
       /* a habit of reports */
       REPORTS_MIN = HEALTH_ALL / 5, REPORTS_MAX = HEALTH_ALL / 100 * 97,
       REPORTS_LOST = 8,				/* a black hole has so many times fewer */
       SEND_MEMORY = 50, REPORT_MEMORY = 32, DELAY_MEMORY = 8,
       PATIENCE = 8, PATIENCE_MIN_MS = 2 * 60 * 1000, PATIENCE_MAX_MS = 30 * 60 * 1000,
       SCORE_DEAF = 40, SCORE_DEMOTED = 50, SCORE_BACK = 75,
       DBM_GOOD = -100, DBM_STEP = 4, SCORE_SIGNAL = 60 };

const char *health_reason_text(enum health_reason r)
{
	switch (r) {
	case HEALTH_GOOD:
		break;
	case HEALTH_SENDS:
		return "its sends fail";
	case HEALTH_REPORTS:
		return "what it sends is not reported delivered";
	case HEALTH_DEAF:
		return "test texts do not reach it";
	case HEALTH_SIGNAL:
		return "weak signal";
	}
	return "";
}

/* In thousandths: by how much what had this chance now explains it rather than what had that
 * usually. */
static int32_t evidence(double now, double usual)
{
	return (int32_t)lround(1000 * log(now / usual));
}

static void doubt(int32_t *d, int32_t by)
{
	int32_t sum = *d + by;

	*d = sum < 0 ? 0 : sum > DOUBT_LAST ? DOUBT_LAST : sum;
}

static void learn(int32_t *n, int32_t *rate, bool good, int32_t memory)
{
	int32_t weight = *n < memory ? *n + 1 : memory;

	*rate += ((good ? HEALTH_ALL : 0) - *rate) / weight;
	if (*n < HEALTH_KNOWN)
		++*n;
}

void health_on_send(struct sim_health *h, bool accepted)
{
	learn(&h->sends, &h->sent_rate, accepted, SEND_MEMORY);
	doubt(&h->send_doubt, accepted ? evidence(HEALTH_ALL - SEND_BROKEN, HEALTH_ALL - SEND_FAILS)
				       : evidence(SEND_BROKEN, SEND_FAILS));
}

/* ---- reports ------------------------------------------------------------------------------- */

static bool has_habit(const struct sim_health *h)
{
	return h->reports >= HEALTH_HABIT && h->report_rate >= REPORTS_MIN;
}

static int32_t usual_rate(const struct sim_health *h)
{
	return h->report_rate < REPORTS_MAX ? h->report_rate : REPORTS_MAX;
}

static int32_t for_arrived(void)
{
	return evidence(1, REPORTS_LOST);
}

static int32_t for_missed(const struct sim_health *h)
{
	double usual = usual_rate(h);

	return evidence(HEALTH_ALL - usual / REPORTS_LOST, HEALTH_ALL - usual);
}

/* While it is doubted nothing is learned: silence does not become a habit. */
void health_on_report(struct sim_health *h, bool arrived, int64_t took_ms)
{
	if (took_ms > PATIENCE_MAX_MS)
		took_ms = PATIENCE_MAX_MS;
	if (arrived)
		h->report_ms += ((int32_t)(took_ms > 0 ? took_ms : 0) - h->report_ms) /
				(h->reports < DELAY_MEMORY ? h->reports + 1 : DELAY_MEMORY);
	if (has_habit(h))
		doubt(&h->report_doubt, arrived ? for_arrived() : for_missed(h));
	if (h->report_doubt < DOUBT_BACK)
		learn(&h->reports, &h->report_rate, arrived, REPORT_MEMORY);
}

void health_on_late(struct sim_health *h)
{
	if (has_habit(h))
		doubt(&h->report_doubt, for_arrived() - for_missed(h));
}

void health_on_arrival(struct sim_health *h)
{
	h->send_doubt = 0;
	if (h->report_doubt >= DOUBT_BACK)
		h->reports = h->report_rate = 0;	/* they have ceased to tell anything */
	h->report_doubt = 0;
}

int64_t health_patience(const struct sim_health *h)
{
	int64_t ms = (int64_t)h->report_ms * PATIENCE;

	if (!has_habit(h) || ms > PATIENCE_MAX_MS)
		return PATIENCE_MAX_MS;
	return ms > PATIENCE_MIN_MS ? ms : PATIENCE_MIN_MS;
}

/* ---- what it comes to ---------------------------------------------------------------------- */

static int score_of_doubt(int32_t d)
{
	return 100 - d * (100 - SCORE_DEMOTED) / DOUBT;
}

static int score_of_signal(int dbm)
{
	int score = dbm && dbm < DBM_GOOD ? 100 + (dbm - DBM_GOOD) * DBM_STEP : 100;

	return score > SCORE_SIGNAL ? score : SCORE_SIGNAL;
}

int health_score(const struct sim_health *h, int signal_dbm, enum health_reason *ret)
{
	const int scores[] = {
		[HEALTH_GOOD] = 100, [HEALTH_SENDS] = score_of_doubt(h->send_doubt),
		[HEALTH_REPORTS] = score_of_doubt(h->report_doubt),
		[HEALTH_DEAF] = h->is_deaf ? SCORE_DEAF : 100,
		[HEALTH_SIGNAL] = score_of_signal(signal_dbm) };
	enum health_reason worst = HEALTH_GOOD;

	for (size_t i = 0; i < TW_COUNT(scores); i++)
		if (scores[i] < scores[worst])
			worst = (enum health_reason)i;
	*ret = worst;
	return scores[worst];
}

bool health_judge(struct sim_health *h, struct wall_ms now)
{
	enum health_reason why;
	int score = health_score(h, 0, &why);
	bool is_bad = h->is_demoted ? score < SCORE_BACK : score <= SCORE_DEMOTED;

	if (is_bad == h->is_demoted)
		return false;
	h->is_demoted = is_bad;
	h->probes = 0;
	h->probe_at = wall_after(now, HEALTH_PROBE_FIRST_MS);
	return true;
}

bool health_may_probe(const struct sim_health *h, struct wall_ms now)
{
	return h->is_demoted && h->probe_at.ms <= now.ms;
}

/* One that helped is followed by the next at once; else they become rare. */
void health_probe_ended(struct sim_health *h, bool helped, struct wall_ms now)
{
	int64_t pause = HEALTH_PROBE_FIRST_MS;

	h->probes = helped ? 0 : h->probes + 1;
	for (int i = 0; i < h->probes && pause < HEALTH_PROBE_LAST_MS; i++)
		pause *= 2;
	if (pause > HEALTH_PROBE_LAST_MS)
		pause = HEALTH_PROBE_LAST_MS;
	h->probe_at = helped ? now : wall_after(now, pause);
}
