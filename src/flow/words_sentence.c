/* Whether a sentence asks to leave: clause by clause, by the patterns of the languages that count.
 * It is a STOP only where it is unmistakable; where it may be one, the answer says how to leave. */
#include "words.h"

enum {
	CLAUSES_MAX = 32,		/* what follows is not read */
	NEAR_WORDS = 3, NEAR_LETTERS = 6,	/* between what somebody wishes and of what */
	SHORT_WORDS = 3			/* in so short a text the word alone is worth a question */
};

struct part { const char *text; size_t n; };

struct sentences {
	const struct flow_words *w;
	uint64_t mask;
	struct part parts[CLAUSES_MAX];
	size_t n;
	bool begins_with_stop;		/* in capitals */
	bool is_shouted;		/* and so is all the rest */
	bool is_short;			/* and STOP is one of its words */
	struct words_clause words, letters;
};

/* ---- clauses ------------------------------------------------------------------------------- */

/* A point inside a word or number ends nothing. */
static bool ends_clause(int32_t c, const char *p, const char *end)
{
	if (c == '.')
		return p == end || *p == ' ' || *p == '\n' || *p == '\r' || *p == '.' || *p == '"';
	return c == '\n' || c == '!' || c == '?' || c == ';' || c == 0x2026 || c == 0x037E ||
	       c == 0x061F ||
	       c == 0x061B || c == 0x06D4 || c == 0x0964 || c == 0x3002 || c == 0xFF01 ||
	       c == 0xFF0E || c == 0xFF1B || c == 0xFF1F || c == 0xFF61;
}

/* Whether a part has a key. Most of them begin with a letter or digit. */
static bool says_something(const char *text, size_t n)
{
	struct tw_buf folded = { 0 };
	bool says = false;

	for (size_t i = 0; i < n && !says; i++)
		says = ((text[i] | 32) >= 'a' && (text[i] | 32) <= 'z') ||
		(text[i] >= '0' && text[i] <= '9');
	if (!says && n) {
		flow_words_fold(text, n, &folded);
		says = folded.n > 0;
		tw_buf_done(&folded);
	}
	return says;
}

static void add_part(struct sentences *s, const char *text, size_t n)
{
	if (s->n < CLAUSES_MAX && says_something(text, n))
		s->parts[s->n++] = (struct part){ text, n };
}

static void split(struct sentences *s, const char *text, size_t n)
{
	const char *start = text, *end = text + n;

	for (const char *p = text; p < end;) {
		const char *here = p;

		if (!ends_clause(tw_utf8_next(&p, end), p, end))
			continue;
		add_part(s, start, (size_t)(here - start));
		start = p;
	}
	add_part(s, start, (size_t)(end - start));
}

/* Octets of an apostrophe at p, 0 where there is none. */
static size_t apostrophe_at(const char *p, const char *end)
{
	const char *next = p;
	int32_t c = tw_utf8_next(&next, end);

	return c == '\'' || c == '`' || c == 0x00B4 || c == 0x02BC || c == 0x2018 || c == 0x2019
	       ? (size_t)(next - p) : 0;
}

/* don't and sms'en are one word, m'envoyez is two: by what stands behind the apostrophe. */
static bool is_joined(const char *p, const char *end)
{
	static const char *const tails[] = { "t", "s", "re", "ve", "ll", "d", "m", "en", "er" };

	for (size_t i = 0; i < TW_COUNT(tails); i++) {
		size_t n = strlen(tails[i]);

		if ((size_t)(end - p) < n || strncasecmp(p, tails[i], n))
			continue;
		if (p + n == end || (!((unsigned char)p[n] & 0x80) &&
				     !((p[n] | 0x20) >= 'a' && (p[n] | 0x20) <= 'z')))
			return true;
	}
	return false;
}

static void fold_part(const struct part *part, struct tw_buf *out)
{
	struct tw_buf plain = { 0 };

	for (const char *p = part->text, *end = p + part->n; p < end;) {
		size_t apostrophe = apostrophe_at(p, end);

		if (apostrophe && is_joined(p + apostrophe, end)) {
			p += apostrophe;
			continue;
		}
		tw_buf_addc(&plain, *p++);
	}
	flow_words_fold(tw_buf_str(&plain), plain.n, out);
	tw_buf_done(&plain);
}

static bool is_in_capitals(const char *text, size_t n)
{
	struct tw_buf upper = { 0 }, lower = { 0 };

	tw_case_text(text, n, TW_UPPER, &upper);
	tw_case_text(text, n, TW_LOWER, &lower);
	bool is = upper.n == n && !memcmp(upper.p, text, n) &&
		(lower.n != n || memcmp(lower.p, text, n));

	tw_buf_done(&upper);
	tw_buf_done(&lower);
	return is;
}

/* A word that leaves in every language. */
static bool is_stop_word(const struct flow_words *w, const char *text, size_t n)
{
	const struct words_entry *entry = tw_map_get(&w->by_phrase, text, n);

	return entry && (entry->kinds[KIND_STOP] & 1);
}

/* "STOP I never signed up for this". */
static bool begins_with_stop(const struct flow_words *w, const char *text, size_t n)
{
	struct tw_buf folded = { 0 };
	const char *first = text, *end = text + n, *stop;

	while (first < end && strchr(" \n\r\t\"'*", *first) && *first)
		first++;
	for (stop = first; stop < end && !strchr(" \n\r\t,.!:;-", *stop); stop++)
		;
	flow_words_fold(first, (size_t)(stop - first), &folded);
	bool is = folded.n && is_stop_word(w, folded.p, folded.n) &&
		  is_in_capitals(first, (size_t)(stop - first));

	tw_buf_done(&folded);
	return is;
}

static bool is_short_with_stop(const struct flow_words *w, const char *text, size_t n)
{
	struct tw_buf folded = { 0 };
	struct words_reading r = { .w = w };
	bool found = false;

	flow_words_fold(text, n, &folded);
	if (words_split(&r, tw_buf_str(&folded), folded.n) && r.n <= SHORT_WORDS)
		for (size_t i = 0; i < r.n && !found; i++)
			found = is_stop_word(w, folded.p + r.starts[i],
					     r.starts[i + 1] - r.starts[i] - 1);
	tw_buf_done(&folded);
	return found;
}

/* ---- one clause ---------------------------------------------------------------------------- */

static bool has_letters_of_their_own(const char *text, size_t n)
{
	for (const char *p = text, *end = text + n; p < end;) {
		int32_t c = tw_utf8_next(&p, end);

		if (tw_is_unspaced((uint32_t)c) || (c >= 0xAC00 && c <= 0xD7A3))
			return true;
	}
	return false;
}

/* Letters of courtesy at an end of a text without spaces. */
static size_t courtesy_at(const struct flow_words *w, const char *text, size_t n, bool at_end)
{
	for (size_t i = 0; i < w->courtesy.n; i++) {
		size_t length = strlen(w->courtesy.v[i]);

		if (length < n && !memcmp(at_end ? text + n - length : text,
					  w->courtesy.v[i], length))
			return length;
	}
	return 0;
}

static size_t letters_in(const char *text, size_t n)
{
	size_t letters = 0;

	for (size_t i = 0; i < n; i++)
		letters += (text[i] & 0xC0) != 0x80;
	return letters;
}

static void set_letters(struct sentences *s, const struct tw_buf *folded)
{
	struct tw_buf joined = { 0 };
	size_t first = 0, end, n;

	for (size_t i = 0; i < folded->n; i++)
		if (folded->p[i] != ' ')
			tw_buf_addc(&joined, folded->p[i]);
	words_clause_set(&s->letters, tw_buf_str(&joined), joined.n);
	end = joined.n;
	while ((n = courtesy_at(s->w, joined.p + first, end - first, false)) > 0)
		first += n;
	while ((n = courtesy_at(s->w, joined.p + first, end - first, true)) > 0)
		end -= n;
	s->letters.head = letters_in(joined.p, first);
	s->letters.tail = letters_in(joined.p, end);
	tw_buf_done(&joined);
}

static void set_words(struct sentences *s, const struct tw_buf *folded)
{
	struct words_reading r;
	size_t first = 0, end;

	r.w = s->w;
	r.mask = s->mask;
	words_clause_set(&s->words, folded->p, folded->n);
	s->letters.n = 0;
	if (words_split(&r, folded->p, folded->n)) {
		end = r.n;
		words_skip_courtesy(&r, &first, &end);
		s->words.head = first;
		s->words.tail = end;
	}
	if (has_letters_of_their_own(folded->p, folded->n))
		set_letters(s, folded);
}

static const struct words_clause *clause_of(const struct sentences *s, size_t language)
{
	return s->w->languages[language].is_unspaced ? &s->letters : &s->words;
}

static bool has(const struct sentences *s, enum words_pattern list)
{
	size_t from, to;

	for (size_t l = 0; l < s->w->n_languages; l++)
		if ((s->mask & 1ull << l) && words_pattern_find(clause_of(s, l), l, list, 0,
								&from, &to))
			return true;
	return false;
}

/* What somebody wishes, and near it what our texts are called. */
static bool is_near(const struct sentences *s, size_t language)
{
	const struct words_clause *c = clause_of(s, language);
	size_t reach = s->w->languages[language].is_unspaced ? NEAR_LETTERS : NEAR_WORDS;
	size_t from = 0, to, thing, thing_end;

	for (; words_pattern_find(c, language, PATTERN_WISH, from, &from, &to); from++)
		for (size_t at = 0; words_pattern_find(c, language, PATTERN_THING, at, &thing,
						       &thing_end); at = thing + 1)
			if ((thing >= to && thing - to <= reach) ||
			    (from >= thing_end && from - thing_end <= reach))
				return true;
	return false;
}

static bool is_near_in_any(const struct sentences *s)
{
	for (size_t l = 0; l < s->w->n_languages; l++)
		if ((s->mask & 1ull << l) && is_near(s, l))
			return true;
	return false;
}

/* A clause that is a consent word, beside others that are none. */
static enum flow_says read_keyword(const struct sentences *s, size_t i, const struct tw_buf *folded)
{
	struct flow_saying saying = { .says = SAYS_NOTHING };
	const struct part *part = &s->parts[i];
	enum flow_says says = SAYS_NOTHING;

	words_read_folded(s->w, s->mask, folded, &saying);
	if (saying.says == SAYS_STOP && !saying.rest.n)
		says = i + 1 == s->n || (!i && is_in_capitals(part->text, part->n))
		? SAYS_STOP : SAYS_ASK;
	tw_buf_done(&saying.rest);
	return says;
}

static enum flow_says read_clause(struct sentences *s, size_t i, const struct tw_buf *folded)
{
	enum flow_says says = s->n > 1 ? read_keyword(s, i, folded) : SAYS_NOTHING;

	if (says != SAYS_NOTHING)
		return says;
	set_words(s, folded);
	if (has(s, PATTERN_ASK))
		return SAYS_ASK;
	if (has(s, PATTERN_VETO))
		return SAYS_NOTHING;
	if (has(s, PATTERN_STOP))
		return has(s, PATTERN_LIMIT) ? SAYS_ASK : SAYS_STOP;
	if (!i && s->begins_with_stop)
		return s->is_shouted ? SAYS_ASK : SAYS_STOP;
	return s->is_short || is_near_in_any(s) ? SAYS_ASK : SAYS_NOTHING;
}

static enum flow_says stronger(enum flow_says a, enum flow_says b)
{
	if (a == SAYS_STOP || b == SAYS_STOP)
		return SAYS_STOP;
	return a == SAYS_ASK || b == SAYS_ASK ? SAYS_ASK : SAYS_NOTHING;
}

/* Of letters that are written with spaces between words. Most texts are a keyword. */
static bool is_one_word(const char *text, size_t n)
{
	while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
		n--;
	for (size_t i = 0; i < n; i++)
		if (!((text[i] | 32) >= 'a' && (text[i] | 32) <= 'z'))
			return false;
	return true;
}

enum flow_says words_read_sentences(const struct flow_words *w, uint64_t mask,
				    const char *text, size_t n)
{
	struct sentences s;	/* large, and most of it is never looked at */
	struct tw_buf folded = { 0 };
	enum flow_says says = SAYS_NOTHING;

	if (is_one_word(text, n) || words_is_reaction(text, n))
		return SAYS_NOTHING;
	s.w = s.words.w = s.letters.w = w;
	s.mask = mask;
	s.n = s.words.n = s.letters.n = 0;
	s.letters.head = s.letters.tail = 0;
	s.words.is_unspaced = false;
	s.letters.is_unspaced = true;
	split(&s, text, n);
	s.begins_with_stop = begins_with_stop(w, text, n);
	s.is_shouted = s.begins_with_stop && is_in_capitals(text, n);
	s.is_short = is_short_with_stop(w, text, n);
	for (size_t i = 0; i < s.n && says != SAYS_STOP; i++) {
		tw_buf_clear(&folded);
		fold_part(&s.parts[i], &folded);
		bool is_last = folded.n && words_cut_signature(w, 0, &folded);

		if (is_last)
			s.n = i + 1;
		if (folded.n)
			says = stronger(says, read_clause(&s, i, &folded));
	}
	tw_buf_done(&folded);
	return says;
}
