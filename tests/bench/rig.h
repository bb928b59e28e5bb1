/* The rig that figures are taken on: virtual modems in this process, each on a pseudo-terminal, a
 * subject (the bare loop, or twowayd) in another, and customers who text again as soon as they have
 * their answer. Times are taken where the modem's bytes pass, in microseconds. */
#ifndef TWOWAY_BENCH_RIG_H
#define TWOWAY_BENCH_RIG_H

#include <twoway/sim.h>
#include <sys/types.h>

enum { RIG_MODEMS_MAX = 256 };

struct rig {
	const char *dir, *build;
	size_t modems;
	struct sim *sim;
	struct board *board;
	int master[RIG_MODEMS_MAX], slave[RIG_MODEMS_MAX];
	char path[RIG_MODEMS_MAX][64];
	pid_t subject;
	/* of the run that is going on */
	int64_t announced[RIG_MODEMS_MAX];	/* when +CMTI began to leave, 0: none */
	int64_t *latency;			/* a place for each message */
	size_t done, wanted, started, in_flight, seen;
	int64_t gap_us;
};

struct rig_result {
	size_t messages;
	double seconds, cpu_seconds;	/* of the subject */
	double p50_us, p90_us, p99_us;	/* first byte of the announcement to the reply's Ctrl-Z */
	double rss_mib, private_dirty_mib, written_bytes;
};

/* Virtual modems that answer at once, on pseudo-terminals. */
void rig_open(struct rig *r, const char *build, const char *dir, size_t modems);
void rig_close(struct rig *r);
/* Starts the subject and returns when it has brought all modems up. */
void rig_start_floor(struct rig *r);
void rig_start_twowayd(struct rig *r, const char *settings);
/* smsd of the distribution, its event handler the reply. False: it is not installed. */
bool rig_start_peer(struct rig *r);
void rig_stop_subject(struct rig *r);
/* messages texts in all, each modem with in_flight customers; gap: pause before a customer writes
 * again. */
struct rig_result rig_run(struct rig *r, size_t messages, size_t in_flight, int64_t gap_us);
/* Lets the modems answer whatever they are asked, for so long. */
void rig_serve(struct rig *r, int64_t us);

/* Of the subject: what /proc tells. */
double rig_cpu_seconds(const struct rig *r);	/* of the subject, since its start */
double rig_rss_mib(const struct rig *r, double *ret_private_dirty);
uint64_t rig_voluntary_switches(const struct rig *r);
int64_t rig_now_us(void);
void rig_fail(const char *what);

#endif
