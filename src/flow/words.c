/* Consent words: what a whole text says by them. */
#include <stdio.h>

#include "words.h"

enum { TEXT_OCTETS_MAX = 4096 };

/* ---- one reading of a text ----------------------------------------------------------------- */

bool words_split(struct words_reading *r, const char *text, size_t n)
{
	r->text = text;
	r->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (i && text[i - 1] != ' ')
			continue;
		if (r->n == WORDS_READ_MAX)
			return false;
		r->starts[r->n++] = i;
	}
	r->starts[r->n] = n + 1;
	return r->n > 0;
}

/* What the words first..first + count are, by kind, in the languages that count. */
static unsigned kinds_of(const struct words_reading *r, size_t first, size_t count)
{
	const char *start = r->text + r->starts[first];
	size_t n = r->starts[first + count] - r->starts[first] - 1;
	const struct words_entry *entry = tw_map_get(&r->w->by_phrase, start, n);
	unsigned kinds = 0;

	for (int kind = 0; entry && kind < KIND_COUNT; kind++)
		if (entry->kinds[kind] & r->mask)
			kinds |= 1u << kind;
	return kinds;
}

/* A number behind a word, as a footer has it ("STOP 1"), or glued to STOP ("STOP1"). */
static bool is_number(const struct words_reading *r, size_t word)
{
	const char *p = r->text + r->starts[word];

	return strspn(p, "0123456789") >= r->starts[word + 1] - r->starts[word] - 1;
}

static bool is_stop_with_number(const struct words_reading *r, size_t word)
{
	const char *p = r->text + r->starts[word];
	size_t n = r->starts[word + 1] - r->starts[word] - 1;

	return n > 4 && !memcmp(p, "stop", 4) && strspn(p + 4, "0123456789") >= n - 4;
}

/* The longest phrase of the wanted kinds at a word, of no more than `limit`. Its words, and
 * kinds. */
static size_t phrase_at(const struct words_reading *r, size_t first, size_t end, unsigned wanted,
			unsigned *ret_kinds)
{
	size_t longest = end - first < r->w->longest ? end - first : r->w->longest;

	for (size_t count = longest; count; count--) {
		unsigned kinds = kinds_of(r, first, count) & wanted;

		if (kinds) {
			*ret_kinds = kinds;
			return count;
		}
	}
	if (end > first && (wanted & 1u << KIND_STOP) && is_stop_with_number(r, first)) {
		*ret_kinds = 1u << KIND_STOP;
		return 1;
	}
	return 0;
}

void words_skip_courtesy(const struct words_reading *r, size_t *first, size_t *end)
{
	bool goes_on = true;

	while (goes_on && *first < *end) {
		goes_on = false;
		for (size_t count = r->w->longest; count && !goes_on; count--) {
			unsigned courtesy = 1u << KIND_COURTESY;

			if (count > *end - *first)
				continue;
			/* A word that is both is no courtesy where it stands alone. */
			if (kinds_of(r, *first, count) == courtesy) {
				*first += count;
				goes_on = true;
			} else if (kinds_of(r, *end - count, count) == courtesy) {
				*end -= count;
				goes_on = true;
			}
		}
	}
}

static enum flow_says decide_kinds(unsigned kinds)
{
	bool stops = kinds & (1u << KIND_STOP | 1u << KIND_ALL);
	bool starts = kinds & 1u << KIND_START, helps = kinds & 1u << KIND_HELP;
	bool is_ambiguous = kinds & 1u << KIND_AMBIGUOUS;

	if (stops)
		return starts || helps ? SAYS_ASK : SAYS_STOP;
	if (is_ambiguous)
		return starts || helps ? SAYS_NOTHING : SAYS_AMBIGUOUS;
	if (starts)
		return helps ? SAYS_NOTHING : SAYS_START;
	return helps ? SAYS_HELP : SAYS_NOTHING;
}

/* A phrase that is of several kinds counts as the gravest: leaving before coming back. */
static unsigned gravest(unsigned kinds)
{
	for (int kind = KIND_STOP; kind <= KIND_AMBIGUOUS; kind++)
		if (kinds & 1u << kind)
			return 1u << kind;
	return 0;
}

static const unsigned clear_kinds = 1u << KIND_STOP | 1u << KIND_ALL | 1u << KIND_START |
				    1u << KIND_HELP;

/* The words between first and end are all consent words or courtesy. */
static enum flow_says read_list(const struct words_reading *r, size_t first, size_t end,
				bool *ret_all)
{
	unsigned all = 0, kinds = 0;

	while (first < end) {
		size_t count = phrase_at(r, first, end, clear_kinds | 1u << KIND_AMBIGUOUS, &kinds);

		if (count)
			all |= gravest(kinds);
		else if ((all & 1u << KIND_STOP) && is_number(r, first))
			count = 1;
		else
			count = phrase_at(r, first, end, 1u << KIND_COURTESY, &kinds);
		if (!count)
			return SAYS_NOTHING;
		first += count;
	}
	*ret_all = all & 1u << KIND_ALL;
	return decide_kinds(all);
}

/* A consent word, and behind it what may be a name. */
static enum flow_says read_named(const struct words_reading *r, size_t first, size_t end,
				 struct flow_saying *ret)
{
	unsigned kinds = 0;
	size_t count = phrase_at(r, first, end, clear_kinds, &kinds);

	first += count;
	if (!count || first >= end)
		return SAYS_NOTHING;
	tw_buf_add(&ret->rest, r->text + r->starts[first], r->starts[end] - r->starts[first] - 1);
	ret->is_all = false;
	return decide_kinds(gravest(kinds));
}

static bool read_words(struct words_reading *r, const char *text, size_t n, struct flow_saying *ret)
{
	size_t first = 0, end;

	if (!words_split(r, text, n))
		return false;
	end = r->n;
	words_skip_courtesy(r, &first, &end);
	if (first == end)
		return false;
	ret->says = read_list(r, first, end, &ret->is_all);
	if (ret->says == SAYS_NOTHING)
		ret->says = read_named(r, first, end, ret);
	return ret->says != SAYS_NOTHING;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static bool is_ask(const struct flow_words *w, const char *text, size_t n)
{
	struct tw_buf key = { 0 };
	bool found = false;

	tw_fold_key(text, n, &key);
	for (size_t i = 0; i < w->asks.n && !found; i++)
		found = key.n && !strcmp(w->asks.v[i], tw_buf_str(&key));
	tw_buf_done(&key);
	return found;
}

/* Each reading of a folded text in turn, until one says something. A name behind a word counts in
 * the text as it was written only: look-alikes are for whole keywords. */
void words_read_folded(const struct flow_words *w, uint64_t mask, const struct tw_buf *text,
		       struct flow_saying *ret)
{
	struct tw_buf form = { 0 };
	struct flow_saying other = { .rest = { 0 } };
	struct words_reading r = { .w = w, .mask = mask };
	struct words_seen seen;

	if (read_words(&r, text->p, text->n, ret) && !ret->rest.n)
		return;
	seen = words_look_at(text->p, text->n);
	for (int i = 0; i < WORDS_FORMS && !(other.says && !other.rest.n); i++) {
		tw_buf_clear(&other.rest);
		other.says = SAYS_NOTHING;
		if (words_make_form(w, &seen, i, text, &form))
			read_words(&r, tw_buf_str(&form), form.n, &other);
	}
	if (other.says && !other.rest.n) {
		tw_buf_clear(&ret->rest);
		ret->says = other.says;
		ret->is_all = other.is_all;
	}
	tw_buf_done(&other.rest);
	tw_buf_done(&form);
}

/* A word of plain letters that no language knows, nor an `ask`. Most texts begin with a keyword,
 * and most keywords are looked at here when files are read. Letters that are drawn out have other
 * readings. */
static bool is_strange_word(const struct flow_words *w, const char *text, size_t n)
{
	enum { WORD_MAX = 40 };
	char word[WORD_MAX];

	if (!n || n > WORD_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		word[i] = (char)(text[i] | 32);
		if (word[i] < 'a' || word[i] > 'z' || (i > 1 && word[i] == word[i - 1] &&
						       word[i] == word[i - 2]))
			return false;
	}
	for (size_t i = 0; i < w->asks.n; i++)
		if (strlen(w->asks.v[i]) == n && !memcmp(w->asks.v[i], word, n))
			return false;
	return !tw_map_get(&w->by_phrase, word, n);
}

void flow_words_read(const struct flow_words *w, const char *const *languages, size_t n,
		     const char *text, size_t text_n, struct flow_saying *ret)
{
	struct tw_buf own = { 0 }, folded = { 0 };

	ret->says = SAYS_NOTHING;
	ret->is_all = false;
	tw_buf_clear(&ret->rest);
	if (text_n > TEXT_OCTETS_MAX || is_strange_word(w, text, text_n))
		return;
	words_cut_quotes(w, text, text_n, &own);
	flow_words_fold(tw_buf_str(&own), own.n, &folded);
	if (folded.n)
		words_cut_signature(w, 1, &folded);
	if (is_ask(w, tw_buf_str(&own), own.n))
		ret->says = SAYS_ASK;
	else if (folded.n)
		words_read_folded(w, words_mask(w, languages, n), &folded, ret);
	tw_buf_done(&own);
	tw_buf_done(&folded);
}

enum flow_says flow_words_sentence(const struct flow_words *w, const char *const *languages,
				   size_t n, const char *text, size_t text_n)
{
	struct tw_buf own = { 0 };
	enum flow_says says = SAYS_NOTHING;

	if (text_n > TEXT_OCTETS_MAX)
		return SAYS_NOTHING;
	words_cut_quotes(w, text, text_n, &own);
	if (own.n)
		says = words_read_sentences(w, words_mask(w, languages, n), own.p, own.n);
	tw_buf_done(&own);
	return says;
}
