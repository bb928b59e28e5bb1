/* Any octets as a TZif file: read or refused, and what is read answers for any time. */
#include "../../src/base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tw_zone z;

	if (zone_read(data, n, &z) < 0)
		return 0;
	for (int64_t t = -60; t <= 120; t += 9) {
		struct wall_ms wall = { t * 31556952000 };
		struct tw_civil c = tw_zone_civil(&z, wall);

		if (c.month < 1 || c.month > 12 || c.hour > 23)
			abort();
		tw_zone_wall(&z, &c);
	}
	zone_done(&z);
	return 0;
}
