/* What was typed or delivered: a number, a short code, a name, or nothing of these. */
#include "number_typed.h"

#define NAME_MAX_CHARACTERS 11	/* 3GPP TS 23.040 9.1.2.5: 20 semi-octets of seven-bit characters */

/* Letters that stand for digits: at least three, behind an area code or its equal. Short codes are
 * no vanity numbers, or every name with a digit in front would be one. */
static bool read_vanity(const struct number_typed *t, const struct number_row *home,
			struct number *ret, enum number_error *ret_error)
{
	struct number number;
	enum number_error e;

	if (t->is_foreign || t->is_odd || t->is_long || t->letters < 3 ||
	    t->digits_before_letters < 3)
		return false;
	if (t->is_plus)
		e = number_plan_international(t->vanity, t->vanity_n, &number);
	else
		e = number_plan_national(t->vanity, t->vanity_n, home, &number);
	if (e == NUMBER_OK && number.kind == NUMBER_E164)
		*ret = number;
	*ret_error = e == NUMBER_OK && number.kind != NUMBER_E164 ? NUMBER_LENGTH : e;
	return true;
}

static enum number_error read_name(const struct number_typed *t, struct number *ret)
{
	if (t->name_n > NAME_MAX_CHARACTERS)
		return NUMBER_NAME_LENGTH;
	*ret = (struct number){ .kind = NUMBER_NAME };
	tw_strset(ret->text, sizeof(ret->text), t->name);
	return NUMBER_OK;
}

static enum number_error read_letters(const struct number_typed *t, const struct number_row *home,
				      struct number *ret)
{
	enum number_error vanity = NUMBER_CHARACTERS;

	if (!t->is_plus && !t->digits_before_letters)
		return read_name(t, ret);
	/* an extension, or a letter typed for a digit: no text reaches it */
	if (t->digits_before_letters >= 5 && t->ends_in_digit)
		return NUMBER_CHARACTERS;
	if (read_vanity(t, home, ret, &vanity) && vanity == NUMBER_OK)
		return NUMBER_OK;
	if (t->is_plus || (t->n >= 5 && t->letters < t->n))
		return NUMBER_CHARACTERS;
	return t->name_n > NAME_MAX_CHARACTERS && vanity != NUMBER_CHARACTERS ? vanity :
	       read_name(t, ret);
}

enum number_error number_read(const char *typed, const char *home, struct number *ret)
{
	struct number_typed t;

	number_typed_read(typed, &t);
	if (t.is_unsafe)
		return NUMBER_CHARACTERS;
	if (t.letters)
		return read_letters(&t, number_row_home(home), ret);
	if (t.is_odd)
		return NUMBER_CHARACTERS;
	if (!t.n)
		return NUMBER_EMPTY;
	if (t.is_long)
		return NUMBER_LENGTH;
	if (t.is_plus)
		return number_plan_international(t.digits, t.n, ret);
	return number_plan_national(t.digits, t.n, number_row_home(home), ret);
}

const char *number_error_text(enum number_error e)
{
	switch (e) {
	case NUMBER_OK:
		return "the number is good";
	case NUMBER_EMPTY:
		return "there is no number; write + and the calling code, as in +447700900123";
	case NUMBER_CHARACTERS:
		return "a number is + and digits, with blanks, dots, hyphens and brackets at most; "
		       "leave out extensions and whatever else stands there";
	case NUMBER_LENGTH:
		return "a digit too many or too few for its country; write + and the calling code "
		       "in front, as in +447700900123, and compare the digits";
	case NUMBER_COUNTRY:
		return "its country is not known; write + and the calling code in front, as in "
		       "+447700900123, or set `country` in the configuration";
	case NUMBER_EMERGENCY:
		return "an emergency number is never a destination; give the number of a person";
	case NUMBER_NAME_LENGTH:
		return "a sender's name has at most 11 characters; shorten it, or give a number";
	}
	return "not a number";
}
