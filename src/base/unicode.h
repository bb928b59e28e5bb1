/* Ranges of code points, ascending. Private to base. */
#ifndef TWOWAY_BASE_UNICODE_H
#define TWOWAY_BASE_UNICODE_H

#include <twoway/base.h>

struct unicode_range { int32_t first, last; };

static inline bool unicode_is_in(int32_t c, const struct unicode_range *ranges, size_t n)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && c >= ranges[low].first;
}

#endif
