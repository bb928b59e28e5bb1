/* The key by which texts are compared. The whole of NFKC_Casefold, except that marks on Latin and
 * Greek letters, Arabic vowel signs, skin tones and what is invisible are dropped, that punctuation
 * and spaces become one space, and that a symbol is a word of its own. The work is done on the
 * decomposed text, where marks stand apart, and what is left is composed again. */
#include <utf8proc.h>

#include <twoway/base.h>

#include "unicode.h"

enum sign { SIGN_LETTER, SIGN_SPACE, SIGN_SYMBOL };

/* ---- ASCII --------------------------------------------------------------------------------- */

/* 0: a space; with the high bit: a symbol; else what the octet becomes. */
static const unsigned char ascii[128] = {
	['$'] = 0x80 | '$', ['+'] = 0x80 | '+', ['<'] = 0x80 | '<', ['='] = 0x80 | '=',
	['>'] = 0x80 | '>', ['^'] = 0x80 | '^', ['`'] = 0x80 | '`', ['|'] = 0x80 | '|',
	['~'] = 0x80 | '~',
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',
	['7'] = '7', ['8'] = '8', ['9'] = '9',
	['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g',
	['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n',
	['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u',
	['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
	['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g',
	['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n',
	['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u',
	['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
};

/* Writes the key of s to out, which holds 2n + 1: every symbol may get a space before it. Returns
 * its length, or SIZE_MAX at the first octet that is not ASCII. */
static size_t fold_ascii(const char *s, size_t n, char *out)
{
	bool wants_space = false;
	size_t length = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i], folded;

		if (c & 0x80)
			return SIZE_MAX;
		folded = ascii[c];
		if (!folded) {
			wants_space = true;
			continue;
		}
		if (wants_space || (folded & 0x80)) {
			if (length)
				out[length++] = ' ';
		}
		wants_space = folded & 0x80;
		out[length++] = (char)(folded & 0x7F);
	}
	return length;
}

/* ---- everything else ----------------------------------------------------------------------- */

/* Letters on which combining marks are dropped, as far as they stand alone when decomposed. */
static const struct unicode_range latin_or_greek[] = {
	{ 'A', 'Z' }, { 'a', 'z' }, { 0x00AA, 0x00AA }, { 0x00BA, 0x00BA }, { 0x00C0, 0x00D6 },
	{ 0x00D8, 0x00F6 }, { 0x00F8, 0x02B8 }, { 0x0370, 0x0373 }, { 0x0376, 0x0377 },
	{ 0x037B, 0x037D }, { 0x037F, 0x037F }, { 0x0386, 0x0386 }, { 0x0388, 0x03E1 },
	{ 0x03F0, 0x03FF }, { 0x1D00, 0x1D2A }, { 0x1D62, 0x1DBF }, { 0x1E00, 0x1FFE },
	{ 0x2C60, 0x2C7F }, { 0xA722, 0xA787 }, { 0xA78B, 0xA7FF }, { 0xAB30, 0xAB65 }
};

/* Tatweel, vowel signs and the marks of recitation; the hamza (0653-0655) is a letter's own. */
static const struct unicode_range arabic_ignored[] = {
	{ 0x0610, 0x061A }, { 0x0640, 0x0640 }, { 0x064B, 0x0652 }, { 0x0656, 0x065E },
	{ 0x0670, 0x0670 }, { 0x06D6, 0x06DC }, { 0x06DF, 0x06E4 }, { 0x06E7, 0x06E8 },
	{ 0x06EA, 0x06ED }
};

/* Default_Ignorable_Code_Point: invisible, and dropped by NFKC_Casefold. ZWJ is looked at first. */
static const struct unicode_range invisible[] = {
	{ 0x00AD, 0x00AD }, { 0x034F, 0x034F }, { 0x061C, 0x061C }, { 0x115F, 0x1160 },
	{ 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F }, { 0x202A, 0x202E },
	{ 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF },
	{ 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFF8 }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
	{ 0xE0000, 0xE0FFF }
};

static const struct unicode_range unspaced[] = {
	{ 0x0E00, 0x0E7F }, { 0x0E80, 0x0EFF }, { 0x1780, 0x17FF }, { 0x2E80, 0x2FDF },
	{ 0x3005, 0x3007 }, { 0x3021, 0x3029 }, { 0x3031, 0x3035 }, { 0x3038, 0x303C },
	{ 0x3041, 0x30FF }, { 0x31F0, 0x31FF }, { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },
	{ 0xF900, 0xFAFF }, { 0xFF66, 0xFF9F }, { 0x1AFF0, 0x1B16F }, { 0x20000, 0x3FFFF }
};

bool tw_is_unspaced(uint32_t code_point)
{
	return code_point <= 0x3FFFF &&
	       unicode_is_in((int32_t)code_point, unspaced, TW_COUNT(unspaced));
}

struct fold {
	int32_t *v;		/* the key so far, decomposed */
	size_t n, cap;
	int32_t base;		/* the last letter, 0 none: what a mark stands on */
	bool wants_space;
	bool joins;		/* a ZWJ stands between two symbols */
	bool in_flag;		/* half a flag stands last */
};

static void put(struct fold *f, int32_t c)
{
	if (f->wants_space && f->n)
		f->v[f->n++] = ' ';
	f->wants_space = false;
	f->v[f->n++] = c;
}

static void put_symbol(struct fold *f, int32_t c)
{
	bool is_flag = c >= 0x1F1E6 && c <= 0x1F1FF;
	bool stays = f->joins || (f->in_flag && is_flag);

	f->wants_space = !stays;
	if (f->joins)
		put(f, 0x200D);		/* stays: the family is not the man */
	put(f, c);
	f->wants_space = true;
	f->in_flag = is_flag && !stays;
	f->joins = false;
	f->base = 0;
}

static bool is_mark(utf8proc_category_t category)
{
	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
	       category == UTF8PROC_CATEGORY_ME;
}

static enum sign sign_of(utf8proc_category_t category)
{
	switch ((int)category) {
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC:
		return SIGN_SPACE;
	case UTF8PROC_CATEGORY_SM:
	case UTF8PROC_CATEGORY_SC:
	case UTF8PROC_CATEGORY_SK:
	case UTF8PROC_CATEGORY_SO:
		return SIGN_SYMBOL;
	}
	return SIGN_LETTER;
}

/* Takes one code point of the decomposed, case-folded text. */
static void take(struct fold *f, int32_t c)
{
	utf8proc_category_t category;

	if (c == 0x200D) {
		f->joins = f->n && f->wants_space && !f->base && f->v[f->n - 1] > 0xFF;
		return;
	}
	if ((c >= 0x1F3FB && c <= 0x1F3FF) || unicode_is_in(c, invisible, TW_COUNT(invisible)) ||
	    unicode_is_in(c, arabic_ignored, TW_COUNT(arabic_ignored)))
		return;
	category = utf8proc_category(c);
	if (is_mark(category)) {
		if (c != 0x20E3 && f->base &&
		    !unicode_is_in(f->base, latin_or_greek, TW_COUNT(latin_or_greek)))
			put(f, c);
		return;		/* a keycap is the digit on it */
	}
	switch (sign_of(category)) {
	case SIGN_SYMBOL:
		put_symbol(f, c);
		return;
	case SIGN_SPACE:
		f->wants_space = true;
		f->base = 0;
		break;
	case SIGN_LETTER:
		put(f, c);
		f->base = c;
		break;
	}
	f->joins = f->in_flag = false;
}

/* Brings combining marks into canonical order (Unicode 3.11, D109). */
static void reorder(int32_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		int class = utf8proc_get_property(v[i])->combining_class;
		int32_t c = v[i];
		size_t j = i;

		if (!class)
			continue;
		for (; j && utf8proc_get_property(v[j - 1])->combining_class > class; j--)
			v[j] = v[j - 1];
		v[j] = c;
	}
}

enum {
	DECOMPOSED_MAX = 32,	/* code points that one becomes; the longest has 18 (U+FDFA) */
	MARKS_MAX = 64		/* longer runs of marks are not put in order: hostile, and slow */
};

/* One letter with its marks, decomposed. */
struct run { int32_t v[DECOMPOSED_MAX + MARKS_MAX]; size_t n; };

static void flush(struct fold *f, struct run *run)
{
	if (run->n > 1)
		reorder(run->v, run->n);
	if (f->cap < f->n + 2 * run->n + 2) {
		f->cap = 2 * (f->cap + run->n) + 64;
		f->v = tw_realloc(f->v, f->cap * sizeof(*f->v));
	}
	for (size_t i = 0; i < run->n; i++)
		take(f, run->v[i]);
	run->n = 0;
}

static void fold_unicode(const char *s, size_t n, struct tw_buf *out)
{
	struct fold f = { .cap = n + 64 };
	struct run run = { .n = 0 };
	utf8proc_ssize_t composed;

	f.v = tw_alloc(f.cap * sizeof(*f.v));
	for (const char *p = s, *end = s + n; p < end;) {
		int32_t c = tw_utf8_next(&p, end), parts[DECOMPOSED_MAX];
		int boundary = 0;
		utf8proc_ssize_t k = utf8proc_decompose_char(c, parts, DECOMPOSED_MAX,
							     UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
							     UTF8PROC_DECOMPOSE | UTF8PROC_STABLE,
							     &boundary);

		if (k <= 0 || k > DECOMPOSED_MAX)
			continue;
		if (run.n > MARKS_MAX || !utf8proc_get_property(parts[0])->combining_class)
			flush(&f, &run);
		for (utf8proc_ssize_t i = 0; i < k; i++)
			run.v[run.n++] = parts[i];
	}
	flush(&f, &run);
	composed = utf8proc_normalize_utf32(f.v, (utf8proc_ssize_t)f.n,
					    UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	for (utf8proc_ssize_t i = 0; i < composed; i++)
		tw_buf_addu(out, (uint32_t)f.v[i]);
	free(f.v);
}

void tw_fold_key(const char *s, size_t n, struct tw_buf *out)
{
	char *room;
	size_t length;

	tw_buf_clear(out);
	room = tw_buf_reserve(out, 2 * n + 1);
	length = fold_ascii(s, n, room);
	if (length == SIZE_MAX) {
		fold_unicode(s, n, out);
		return;
	}
	room[length] = '\0';
	out->n = length;
}

/* ---- back to the customer's own text ------------------------------------------------------- */

/* The end of the run of n octets of s at i that has no key of its own. */
static size_t skip_empty(const char *s, size_t n, size_t i, struct tw_buf *key)
{
	while (i < n) {
		size_t length = tw_grapheme_next(s + i, n - i);

		tw_fold_key(s + i, length, key);
		if (key->n)
			break;
		i += length;
	}
	return i;
}

/* Where the key of a text that is ASCII that far has key_n octets; SIZE_MAX where it is not. */
static size_t find_ascii(const char *s, size_t n, size_t key_n)
{
	bool wants_space = false;
	size_t length = 0, i;

	for (i = 0; i < n && length < key_n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c & 0x80)
			return SIZE_MAX;
		if (ascii[c]) {
			length += 1 + (length && (wants_space || (ascii[c] & 0x80)));
			wants_space = ascii[c] & 0x80;
		} else {
			wants_space = true;
		}
	}
	return i;
}

/* The end of the shortest run of whole clusters whose key has at least key_n octets. */
static size_t find_unicode(const char *s, size_t n, size_t key_n, struct tw_buf *key)
{
	size_t *ends = tw_alloc((n + 1) * sizeof(*ends)), count = 0, low = 0, high, found;

	ends[0] = 0;
	/* The key grows with the text, so the place is found by doubling, then halving. */
	for (high = key_n;; high *= 2) {
		while (count < high && ends[count] < n) {
			ends[count + 1] = ends[count] + tw_grapheme_next(s + ends[count],
									 n - ends[count]);
			count++;
		}
		tw_fold_key(s, ends[count], key);
		if (key->n >= key_n || ends[count] == n)
			break;
		low = count;
	}
	high = count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		tw_fold_key(s, ends[middle], key);
		if (key->n >= key_n)
			high = middle;
		else
			low = middle;
	}
	found = ends[high];
	free(ends);
	return found;
}

size_t tw_fold_rest(const char *s, size_t n, size_t key_n)
{
	struct tw_buf key = { 0 };
	size_t end = find_ascii(s, n, key_n);

	if (end == SIZE_MAX)
		end = find_unicode(s, n, key_n, &key);
	end = skip_empty(s, n, end, &key);
	tw_buf_done(&key);
	return end;
}
