/* A time zone as it stands in a TZif file (RFC 8536). Private to base, and to its tests. */
#ifndef TWOWAY_BASE_ZONE_H
#define TWOWAY_BASE_ZONE_H

#include <twoway/base.h>

/* When a rule of the footer begins: POSIX TZ, "Mm.w.d", "Jn" or "n", with a time of day. */
struct zone_rule {
	enum { ZONE_RULE_MONTH, ZONE_RULE_JULIAN, ZONE_RULE_DAY } type;
	int month, week, day;
	int32_t time;		/* seconds after local midnight, -167 h to 167 h */
};

/* What holds behind the last transition. */
struct zone_footer {
	bool is_set, has_summer;
	int32_t standard, summer;	/* seconds east of UTC */
	struct zone_rule begins, ends;	/* of summer time */
};

struct tw_zone {
	char *name;
	int64_t *times;			/* seconds since 1970, ascending */
	/* from times[i] on; one more before the first in `before` */
	int32_t *offsets;
	size_t n;
	int32_t before;
	struct zone_footer footer;
	struct tw_zone *next;
};

/* Reads the text of a TZif file. 0, or TW_E_SYNTAX with nothing to free. */
int zone_read(const uint8_t *p, size_t n, struct tw_zone *ret);
void zone_done(struct tw_zone *z);

#endif
