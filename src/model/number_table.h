/* numbers.tsv in memory: rows by longest prefix, by calling code, by country. The comments at the
 * head of the file define its columns; what they mean for reading is in number_plan.c. */
#ifndef MODEL_NUMBER_TABLE_H
#define MODEL_NUMBER_TABLE_H

#include <twoway/model.h>

#define NUMBER_DIGITS 15	/* E.164 6.2: the most a number has, calling code included */

/* "701-709", "5/", "24?": the first n digits of a number, as a number, are from..to. */
struct digit_range {
	uint32_t from, to;
	uint8_t n;
	bool by_length;		/* "/": of another length than mobiles have it is a fixed line */
	bool either;		/* "?": mobile or not, nobody can tell */
};
struct digit_ranges {
	const struct digit_range *v;
	size_t n;
};

/* What rows of one country share. */
struct number_plan {
	struct digit_ranges trunk, old;		/* in the order written */
	struct digit_ranges idd, carrier;	/* longest first */
	struct digit_ranges emergency;		/* whole numbers */
	struct digit_ranges area2, area3;	/* inner: area codes of two and three digits */
	char local[8];		/* digits that a number of local_n digits lacks in front */
	uint8_t local_n;	/* 0: none */
	char inner[4];		/* behind the area code at home ("15"); "" = none … */
	char inner_first;	/* … and what comes first instead ('9') */
	char ninth;		/* digit put third; 0: none … */
	uint16_t ninth_thirds;	/* … where the third is one of these: bit d for digit d */
	bool keep0, trunk1;	/* a national number may begin with 0; the trunk prefix is 1 */
};

struct number_row {
	char prefix[9], iso[4], code[4];
	uint8_t code_n, min_n, max_n;
	bool tells_mobiles;		/* the column `mobile` is not empty */
	uint16_t mobile_lengths;	/* bit n: mobile numbers may have n digits */
	struct digit_ranges mobile;	/* longest first */
	const char *zone, *zones;	/* the first, and all of them, a comma between */
	const struct number_plan *plan;
};

/* The row with the longest prefix that the digits begin with; NULL: none. */
const struct number_row *number_row_find(const char *digits);
/* The row whose prefix is the calling code that the digits begin with; NULL: no country. */
const struct number_row *number_row_by_code(const char *digits);
/* Home country by ISO code in any case, or by calling code with or without plus; NULL: none. */
const struct number_row *number_row_home(const char *home);
/* Rows 0..n-1 in the order of the file; NULL behind the last. */
const struct number_row *number_row_at(size_t i);

/* How many digits of the first range that the digits begin with; 0: none. ret may be NULL. */
size_t digit_ranges_prefix(const struct digit_ranges *r, const char *digits,
			   const struct digit_range **ret);
bool digit_range_starts(const struct digit_range *r, const char *digits);
/* Whether the n digits as a whole are in one of the ranges. */
bool digit_ranges_hold(const struct digit_ranges *r, const char *digits, size_t n);

/* The files, embedded at build time. */
extern const unsigned char model_numbers_tsv[], model_mcc_tsv[];
extern const size_t model_numbers_tsv_n, model_mcc_tsv_n;

#endif
