/* Digits to E.164 by a country's numbering plan. */
#ifndef MODEL_NUMBER_PLAN_H
#define MODEL_NUMBER_PLAN_H

#include "number_table.h"

#define NUMBER_TYPED_DIGITS 40	/* more than any dialling habit puts before 15 digits */

/* Each takes n decimal digits, n <= NUMBER_TYPED_DIGITS, NUL behind them. ret is touched on
 * NUMBER_OK only. */
enum number_error number_plan_international(const char *digits, size_t n, struct number *ret);
/* home: the row of the home country, NULL: not known. */
enum number_error number_plan_national(const char *digits, size_t n, const struct number_row *home,
				       struct number *ret);

/* Whether a national number of n digits is mobile. false: it cannot be, as mobile numbers of this
 * prefix have other lengths; ret is then untouched. */
bool number_plan_mobile(const struct number_row *row, const char *national, size_t n,
			enum number_mobile *ret);

#endif
