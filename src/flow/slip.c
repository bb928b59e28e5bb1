/* Keywords with one slip: an insertion, deletion, substitution or swap of neighbours. Each keyword
 * that forgives one is entered under itself and under itself less each of its letters but the
 * first. Two words one slip apart always share such an entry, so that a text needs as many look-ups
 * as it has letters; what is found is then compared letter by letter. Digits are never left out,
 * since none may be added, lost or changed: a row of numbered keywords does not crowd one entry. */
#include "internal.h"

struct flow_slip_slot { uint32_t hash, match; };	/* match 0: empty, else its row + 1 */

/* A key as code points. */
struct letters { int32_t v[FLOW_KEY_MAX]; size_t n; };

static void read_letters(const char *key, size_t n, struct letters *ret)
{
	ret->n = 0;
	for (const char *p = key, *end = key + n; p < end && ret->n < FLOW_KEY_MAX;)
		ret->v[ret->n++] = tw_utf8_next(&p, end);
}

static bool is_fixed(int32_t c)
{
	return c == ' ' || tw_digit_value((uint32_t)c) >= 0;
}

/* Of the letters but that at `without` (n: all). */
static uint32_t hash_letters(const struct letters *l, size_t without)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < l->n; i++)
		if (i != without)
			h = (h ^ (uint32_t)l->v[i]) * 0x100000001b3ull;
	return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

static bool forgives(const struct flow_match *m)
{
	return m->letters >= FLOW_SLIP_LETTERS;
}

static void enter(struct flow_slips *s, uint32_t hash, uint32_t row)
{
	size_t i = hash & (s->cap - 1);

	while (s->v[i].match) {
		if (s->v[i].hash == hash && s->v[i].match == row + 1)
			return;		/* two like letters side by side */
		i = (i + 1) & (s->cap - 1);
	}
	s->v[i] = (struct flow_slip_slot){ hash, row + 1 };
	s->n++;
}

void flow_slips_build(struct flows *f)
{
	struct flow_slips *s = &f->slips;
	size_t entries = 0;

	for (size_t i = 0; i < f->n_matches; i++)
		if (forgives(f->matches[i]))
			entries += f->matches[i]->letters + 1;
	if (!entries)
		return;
	for (s->cap = 16; s->cap < entries + entries / 2; s->cap *= 2)
		;
	s->v = tw_zalloc(s->cap * sizeof(*s->v));
	for (size_t i = 0; i < f->n_matches; i++) {
		struct letters l;

		if (!forgives(f->matches[i]))
			continue;
		read_letters(f->matches[i]->key, f->matches[i]->key_n, &l);
		f->slip_words |= 1u << (f->matches[i]->words & 31);
		enter(s, hash_letters(&l, l.n), (uint32_t)i);
		for (size_t j = 1; j < l.n; j++)
			if (!is_fixed(l.v[j]))
				enter(s, hash_letters(&l, j), (uint32_t)i);
	}
}

void flow_slips_free(struct flows *f)
{
	free(f->slips.v);
	f->slips = (struct flow_slips){ 0 };
}

/* Whether b is a with exactly one slip, not in the first letter, none of it a space or digit. */
static bool is_one_slip(const struct letters *a, const struct letters *b)
{
	const struct letters *longer = a->n > b->n ? a : b, *shorter = a->n > b->n ? b : a;
	size_t i = 0, tail;

	while (i < shorter->n && a->v[i] == b->v[i])
		i++;
	if (!i || longer->n - shorter->n > 1)
		return false;
	tail = longer->n - i - 1;
	if (longer->n > shorter->n)
		return !is_fixed(longer->v[i]) &&
		       !memcmp(longer->v + i + 1, shorter->v + i, tail * sizeof(*a->v));
	if (i == a->n || is_fixed(a->v[i]) || is_fixed(b->v[i]))
		return false;
	if (!memcmp(a->v + i + 1, b->v + i + 1, tail * sizeof(*a->v)))
		return true;
	return tail && !is_fixed(a->v[i + 1]) && a->v[i] == b->v[i + 1] && a->v[i + 1] == b->v[i] &&
	       !memcmp(a->v + i + 2, b->v + i + 2, (tail - 1) * sizeof(*a->v));
}

/* ---- finding ------------------------------------------------------------------------------- */

struct search {
	const struct flows *f;
	const struct flow_event *e;
	struct letters text;
	uint32_t words;
	size_t key_n;
	struct flow_found *found;
	size_t n;
};

static void add_found(struct search *s, const struct flow_match *m)
{
	int keyword = flow_match_applies(s->f, m, s->e, s->key_n);

	if (keyword == FLOW_NONE || s->n == FLOW_CHOICES_MAX)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->found[i].keyword == keyword)
			return;
	s->found[s->n++] = (struct flow_found){ keyword, s->key_n };
}

static void look_up(struct search *s, uint32_t hash)
{
	const struct flow_slips *slips = &s->f->slips;

	for (size_t i = hash & (slips->cap - 1); slips->v[i].match;
	     i = (i + 1) & (slips->cap - 1)) {
		const struct flow_match *m;
		struct letters key;

		if (slips->v[i].hash != hash)
			continue;
		m = s->f->matches[slips->v[i].match - 1];
		if (m->words != s->words)
			continue;
		read_letters(m->key, m->key_n, &key);
		if (is_one_slip(&key, &s->text))
			add_found(s, m);
	}
}

/* Where the first `words` words of a key end; 0 when it has fewer. */
static size_t end_of_words(const char *key, size_t n, uint32_t words)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (key[i] == ' ' && !--words)
			return i;
	return words == 1 ? n : 0;
}

size_t flow_slips_find(const struct flows *f, const struct flow_event *e, const char *key, size_t n,
		       struct flow_found ret[FLOW_CHOICES_MAX])
{
	struct search s = { .f = f, .e = e, .found = ret };

	if (!f->slips.n)
		return 0;
	for (s.words = f->max_words; s.words && !s.n; s.words--) {
		if (!(f->slip_words >> s.words & 1))
			continue;
		s.key_n = end_of_words(key, n, s.words);
		if (!s.key_n || s.key_n > FLOW_KEY_MAX)
			continue;
		read_letters(key, s.key_n, &s.text);
		look_up(&s, hash_letters(&s.text, s.text.n));
		for (size_t i = 1; i < s.text.n; i++)
			if (!is_fixed(s.text.v[i]))
				look_up(&s, hash_letters(&s.text, i));
	}
	return s.n;
}
