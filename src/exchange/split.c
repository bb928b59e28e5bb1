/* Which arm of a split brings more conversions, by a test that may be looked at at any time.
 *
 * If two arms were equally good, each conversion would come from the first with the share q of its
 * customers among both. Against that stands the mixture of all other shares, weighted by a Beta
 * distribution around q. Their ratio is a martingale where the arms are equal: it exceeds 1/a, at
 * whatever time one looks, with probability a at most (Ville's inequality). */
#include <math.h>

#include "internal.h"

#define MISLED 0.05		/* of 100 tests of equal arms, looked at after every customer */
#define PRIOR 20.0		/* how near to q the mixture stays, in conversions */

/* The logarithm of the evidence that a and b differ. */
static double evidence(const struct split_count *a, const struct split_count *b)
{
	double q = (double)a->customers / (double)(a->customers + b->customers);
	double x = (double)a->conversions, y = (double)b->conversions;
	double alpha = PRIOR * q, beta = PRIOR * (1 - q);

	return lgamma(alpha + x) + lgamma(beta + y) - lgamma(PRIOR + x + y) -
	       (lgamma(alpha) + lgamma(beta) - lgamma(PRIOR)) - x * log(q) - y * log(1 - q);
}

static double rate(const struct split_count *a)
{
	return a->customers ? (double)a->conversions / (double)a->customers : 0;
}

struct split_verdict split_judge(const struct split_count *arms, size_t n)
{
	struct split_verdict v = { .leader = 0, .winner = -1 };
	double least = INFINITY;

	for (size_t i = 1; i < n; i++)
		if (rate(&arms[i]) > rate(&arms[v.leader]))
			v.leader = (int)i;
	/* Every pair of them could mislead. */
	v.wanted = (double)n * (double)(n - 1) / 2 / MISLED;
	for (size_t i = 0; i < n; i++) {
		if ((int)i == v.leader)
			continue;
		double e = arms[i].customers && arms[v.leader].customers ?
			   exp(evidence(&arms[v.leader], &arms[i])) : 1;

		least = e < least ? e : least;
	}
	v.evidence = n > 1 ? least : 1;
	if (n > 1 && v.evidence >= v.wanted)
		v.winner = v.leader;
	return v;
}
