/* Pauses between the tries of what is worth two days. */
#include "internal.h"

#define MINUTE (60 * INT64_C(1000))

int64_t backoff_pause(int tries, struct tw_random *r)
{
	static const int64_t pauses[] = { 5 * 1000, 30 * 1000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE,
					  60 * MINUTE, 120 * MINUTE, 240 * MINUTE };
	enum { PART = 5 };	/* a fifth more or less, so that not all come at once */
	size_t last = TW_COUNT(pauses) - 1, i = tries < 1 ? 0 : (size_t)tries - 1;
	int64_t pause = pauses[i < last ? i : last];

	return pause - pause / PART + (int64_t)tw_random_below(r, (uint32_t)(2 * pause / PART + 1));
}
