/* What a person typed, sorted into digits, letters and the rest. */
#ifndef MODEL_NUMBER_TYPED_H
#define MODEL_NUMBER_TYPED_H

#include "number_plan.h"

struct number_typed {
	char digits[NUMBER_TYPED_DIGITS + 1];	/* of any script, as ASCII; letters not counted */
	size_t n;
	char vanity[NUMBER_TYPED_DIGITS + 1];	/* digits, and letters as on a telephone keypad */
	size_t vanity_n;
	char name[TW_ADDRESS_MAX];	/* visible characters, none at the ends blank */
	size_t name_n;			/* characters of it, counted also where they do not fit */
	size_t letters, digits_before_letters;
	bool is_plus;			/* a plus before the first digit */
	bool is_long;			/* more digits than there is room for */
	/* holds what no number holds, letters aside; or a plus inside */
	bool is_odd;
	bool is_unsafe;			/* control characters, or not UTF-8 */
	bool is_foreign;		/* letters that are not on a keypad */
	bool ends_in_digit;		/* of digits and letters, a digit comes last */
};

void number_typed_read(const char *text, struct number_typed *ret);

#endif
