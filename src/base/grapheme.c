/* Extended grapheme clusters: UAX 29 by utf8proc, which lacks rule GB9c of Unicode 15.1 (Indic
 * conjuncts): a consonant, a virama and a consonant stay together. */
#include <utf8proc.h>

#include <twoway/base.h>

#include "unicode.h"

/* InCB=Linker: the viramas that build conjuncts. */
static bool is_linker(int32_t c)
{
	return c == 0x094D || c == 0x09CD || c == 0x0ACD || c == 0x0B4D || c == 0x0C4D ||
	       c == 0x0D4D;
}

/* InCB=Consonant, Unicode 15.1: Devanagari, Bengali, Gujarati, Oriya, Telugu, Malayalam. */
static const struct unicode_range consonants[] = {
	{ 0x0915, 0x0939 }, { 0x0958, 0x095F }, { 0x0978, 0x097F }, { 0x0995, 0x09A8 },
	{ 0x09AA, 0x09B0 }, { 0x09B2, 0x09B2 }, { 0x09B6, 0x09B9 }, { 0x09DC, 0x09DD },
	{ 0x09DF, 0x09DF }, { 0x09F0, 0x09F1 }, { 0x0A95, 0x0AA8 }, { 0x0AAA, 0x0AB0 },
	{ 0x0AB2, 0x0AB3 }, { 0x0AB5, 0x0AB9 }, { 0x0AF9, 0x0AF9 }, { 0x0B15, 0x0B28 },
	{ 0x0B2A, 0x0B30 }, { 0x0B32, 0x0B33 }, { 0x0B35, 0x0B39 }, { 0x0B5C, 0x0B5D },
	{ 0x0B5F, 0x0B5F }, { 0x0B71, 0x0B71 }, { 0x0C15, 0x0C28 }, { 0x0C2A, 0x0C39 },
	{ 0x0C58, 0x0C5A }, { 0x0D15, 0x0D3A }
};

enum conjunct { CONJUNCT_NONE, CONJUNCT_CONSONANT, CONJUNCT_LINKED };

/* How far a conjunct has come behind c: a linker counts once a consonant stood before it, and marks
 * (nukta, ZWJ) may stand between. */
static enum conjunct conjunct_step(enum conjunct state, int32_t c)
{
	if (unicode_is_in(c, consonants, TW_COUNT(consonants)))
		return CONJUNCT_CONSONANT;
	if (state == CONJUNCT_NONE)
		return CONJUNCT_NONE;
	if (is_linker(c))
		return CONJUNCT_LINKED;
	if (c == 0x200D || utf8proc_get_property(c)->combining_class)
		return state;
	return CONJUNCT_NONE;
}

size_t tw_grapheme_next(const char *s, size_t n)
{
	const char *p = s, *end = s + n, *next;
	enum conjunct conjunct;
	utf8proc_int32_t state = 0;
	int32_t last, c;

	if (!n)
		return 0;
	if (n > 1 && (unsigned char)s[0] < 0x80 && (unsigned char)s[1] < 0x80)
		return s[0] == '\r' && s[1] == '\n' ? 2 : 1;
	last = tw_utf8_next(&p, end);
	conjunct = conjunct_step(CONJUNCT_NONE, last);
	for (; p < end; p = next) {
		bool is_break;

		next = p;
		c = tw_utf8_next(&next, end);
		is_break = utf8proc_grapheme_break_stateful(last, c, &state);
		if (is_break && !(conjunct == CONJUNCT_LINKED &&
				  unicode_is_in(c, consonants, TW_COUNT(consonants))))
			break;
		conjunct = conjunct_step(conjunct, c);
		last = c;
	}
	return (size_t)(p - s);
}
