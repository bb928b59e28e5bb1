/* Random numbers: xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64; and the
 * system's for what must not be guessed. */
#include <twoway/base.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

static uint64_t splitmix64(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void tw_random_seed(struct tw_random *r, uint64_t seed)
{
	for (size_t i = 0; i < TW_COUNT(r->s); i++)
		r->s[i] = splitmix64(&seed);
}

void tw_random_system(struct tw_random *r)
{
	uint64_t seed;

	tw_random_secret(&seed, sizeof(seed));
	tw_random_seed(r, seed);
}

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

uint64_t tw_random_u64(struct tw_random *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

/* Lemire, Fast Random Integer Generation in an Interval (2019). */
uint32_t tw_random_below(struct tw_random *r, uint32_t bound)
{
	uint64_t product;

	assert(bound > 0);
	product = (tw_random_u64(r) >> 32) * bound;
	if ((uint32_t)product < bound) {
		uint32_t unfair = -bound % bound;

		while ((uint32_t)product < unfair)
			product = (tw_random_u64(r) >> 32) * bound;
	}
	return (uint32_t)(product >> 32);
}

void tw_random_secret(void *p, size_t n)
{
	uint8_t *q = p;

	while (n) {
		ssize_t got = getrandom(q, n, 0);

		if (got < 0) {
			if (errno == EINTR)
				continue;
			fprintf(stderr, "getrandom: %s\n", strerror(errno));
			abort();
		}
		q += got;
		n -= (size_t)got;
	}
}
