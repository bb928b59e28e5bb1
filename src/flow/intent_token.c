/* A text as the tokens by which free text is found (contract 2, Intents): its folded words, and
 * where words are not told apart by spaces, groups of letters. */
#include "intent.h"

enum { PREFIX_LEAST = 4, PREFIX_CUT = 3 };	/* opening is found by open: words less their end */

static bool is_hangul(int32_t c)
{
	return c >= 0xAC00 && c <= 0xD7A3;
}

/* How many letters make a group: two where a letter is a syllable or a word, three in alphabets. 0:
 * the
 * letter stands in a word with spaces around it. */
static size_t group_size(int32_t c)
{
	if (is_hangul(c) || c >= 0x2E80)
		return is_hangul(c) || tw_is_unspaced((uint32_t)c) ? 2 : 0;
	return tw_is_unspaced((uint32_t)c) ? 3 : 0;
}

static void add_token(struct tokens *t, const char *text, size_t n, uint32_t prefix, bool is_common)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].n == n && !memcmp(t->text.p + t->v[i].at, text, n))
			return;
	if (t->n == TOKENS_MAX || !n)
		return;
	t->v[t->n++] = (struct token){ (uint32_t)t->text.n, (uint32_t)n, prefix, is_common };
	tw_buf_add(&t->text, text, n);
}

/* Octets of the word's beginning by which its other forms are found. */
static uint32_t prefix_of(const char *word, size_t n)
{
	size_t letters = 0, keep, at = 0;

	for (size_t i = 0; i < n; i++)
		letters += (word[i] & 0xC0) != 0x80;
	if (letters < PREFIX_LEAST)
		return 0;
	keep = letters > PREFIX_LEAST + PREFIX_CUT ? letters - PREFIX_CUT : PREFIX_LEAST;
	while (at < n && keep) {
		at++;
		while (at < n && (word[at] & 0xC0) == 0x80)
			at++;
		keep--;
	}
	return (uint32_t)at;
}

/* Groups of letters that overlap; a run that is shorter than a group is one itself. */
static void add_groups(struct tokens *t, const char *run, size_t n, size_t size)
{
	uint32_t starts[4 * TOKENS_MAX];
	size_t letters = 0;

	for (size_t i = 0; i < n && letters + 1 < TW_COUNT(starts); i++)
		if ((run[i] & 0xC0) != 0x80)
			starts[letters++] = (uint32_t)i;
	starts[letters] = (uint32_t)n;
	if (letters < size)
		add_token(t, run, n, 0, false);
	for (size_t i = 0; i + size <= letters; i++)
		add_token(t, run + starts[i], starts[i + size] - starts[i], 0, false);
}

/* A run of letters without spaces, what says nothing cut out of it. */
static void add_run(const struct flow_words *w, struct tokens *t, const char *run, size_t n,
		    size_t size)
{
	const char *start = run, *end = run + n;

	for (const char *p = run; p < end;) {
		size_t skip = flow_words_common_letters(w, p, (size_t)(end - p));

		if (skip) {
			add_groups(t, start, (size_t)(p - start), size);
			start = p += skip;
			continue;
		}
		tw_utf8_next(&p, end);
	}
	add_groups(t, start, (size_t)(end - start), size);
}

/* A word between spaces, which may hold letters of scripts without any. */
static void add_word(const struct flow_words *w, const char *language, struct tokens *t,
		     const char *word, size_t n)
{
	const char *p = word, *end = word + n, *start = word;
	size_t size = 0;

	while (p < end) {
		const char *here = p;
		size_t next = group_size(tw_utf8_next(&p, end));

		if (here > start && next != size) {
			if (size)
				add_run(w, t, start, (size_t)(here - start), size);
			else
				add_token(t, start, (size_t)(here - start), 0, false);
			start = here;
		}
		size = next;
	}
	if (size)
		add_run(w, t, start, (size_t)(end - start), size);
	else
		add_token(t, start, (size_t)(end - start), prefix_of(start, (size_t)(end - start)),
			  flow_words_is_common(w, language, start, (size_t)(end - start)));
}

void intent_tokens_read(const struct flow_words *w, const char *language, const char *text,
			size_t n, struct tokens *t)
{
	struct tw_buf key = { 0 };

	t->n = 0;
	tw_buf_clear(&t->text);
	tw_fold_key(text, n, &key);
	for (size_t i = 0, end; i < key.n; i = end + 1) {
		const char *space = memchr(key.p + i, ' ', key.n - i);

		end = space ? (size_t)(space - key.p) : key.n;
		add_word(w, language, t, key.p + i, end - i);
	}
	tw_buf_done(&key);
}

uint32_t intent_tokens_content(const struct tokens *t)
{
	uint32_t content = 0;

	for (size_t i = 0; i < t->n; i++)
		if (!t->v[i].is_common)
			content |= 1u << i;
	return content ? content : t->n < 32 ? (1u << t->n) - 1 : UINT32_MAX;
}
