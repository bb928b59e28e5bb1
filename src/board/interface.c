/* Which of a stick's ports takes AT: the entries of at_interfaces and other_interfaces. */
#include "internal.h"

#include <ctype.h>
#include <strings.h>

static bool is_usb_id(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (i == 4 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return false;
	return n == 9;
}

bool board_is_usb_id(const char *text)
{
	return is_usb_id(text, strlen(text));
}

/* The next of the words of an entry; false at its end. */
static bool next_word(const char **p, const char **ret, size_t *ret_n)
{
	*p += strspn(*p, " ");
	*ret = *p;
	*ret_n = strcspn(*p, " ");
	*p += *ret_n;
	return *ret_n > 0;
}

/* "ff/02/12" */
static bool is_class(const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (i % 3 == 2 ? word[i] != '/' : !isxdigit((unsigned char)word[i]))
			return false;
	return n == 8;
}

static bool is_number(const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isdigit((unsigned char)word[i]))
			return false;
	return n >= 1 && n <= 2;
}

static bool is_role(const char *word, size_t n)
{
	return n > 5 && !strncmp(word, "role:", 5);
}

bool board_is_interface_entry(const char *text)
{
	const char *word;
	size_t n, words = 0;

	if (!next_word(&text, &word, &n) || !((n == 1 && *word == '*') || is_usb_id(word, n)))
		return false;
	for (; next_word(&text, &word, &n); words++)
		if (!is_number(word, n) && !is_class(word, n) && !is_role(word, n))
			return false;
	return words > 0;
}

static bool fits(const char *word, size_t n, const struct board_interface *i)
{
	if (is_role(word, n))
		return strlen(i->role) == n - 5 && !strncasecmp(i->role, word + 5, n - 5);
	if (is_class(word, n))
		return !strncasecmp(i->class_, word, n) && strlen(i->class_) == n;
	return i->number >= 0 && atoi(word) == i->number;
}

/* The place among all words of the entries that are about this id; -1: not among them. */
static int place_in(const struct tw_strings *entries, const struct board_interface *i)
{
	int place = 0;

	for (size_t k = 0; k < entries->n; k++) {
		const char *p = entries->v[k], *word;
		size_t n;

		next_word(&p, &word, &n);
		if (*word != '*' && strncasecmp(word, i->usb, n) != 0)
			continue;
		for (; next_word(&p, &word, &n); place++)
			if (fits(word, n, i))
				return place;
	}
	return -1;
}

static int rank_in(const struct board *b, const struct board_interface *i)
{
	int place;

	if (place_in(&b->other_interfaces, i) >= 0)
		return BOARD_NOT_AT;
	place = place_in(&b->at_interfaces, i);
	return place < 0 ? BOARD_UNSAID : place;
}

static bool has(const struct tw_strings *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcasecmp(list->v[i], text))
			return true;
	return false;
}

int boards_rank(const struct boards *b, const struct board_interface *i)
{
	int best = BOARD_UNSAID;

	for (size_t k = 0; k < b->n; k++) {
		int rank;

		if (!has(&b->v[k]->usb, i->usb))
			continue;
		rank = rank_in(b->v[k], i);
		if (rank < best)
			best = rank;
	}
	return best;
}

bool boards_tell_urcs(const struct boards *b, const struct board_interface *i)
{
	for (size_t k = 0; k < b->n; k++)
		if (has(&b->v[k]->usb, i->usb) && place_in(&b->v[k]->urc_interfaces, i) >= 0)
			return true;
	return false;
}

bool boards_know(const struct boards *b, const char *usb)
{
	for (size_t k = 0; usb[0] && k < b->n; k++)
		if (has(&b->v[k]->usb, usb))
			return true;
	return false;
}

const struct board *boards_before(const struct boards *b, const char *usb)
{
	for (size_t k = 0; k < b->n; k++)
		if (has(&b->v[k]->usb_before, usb) && !has(&b->v[k]->usb, usb))
			return b->v[k];
	return NULL;
}

/* A driver that binds the vendor's interfaces of this stick by itself or, told so, by its id. */
const char *boards_driver(const struct boards *b, const char *usb)
{
	for (size_t k = 0; k < b->n; k++)
		if (has(&b->v[k]->usb, usb) && b->v[k]->drivers.n)
			return b->v[k]->drivers.v[0];
	return "option";
}
