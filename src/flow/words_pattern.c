/* Patterns of sentences: read from the files of consent words, matched against the words of a
 * clause. The notation is that of docs/consent.md. A pattern becomes nodes that point forward; node
 * 0 is the end of every pattern. */
#include "words.h"

enum {
	GAP_WORDS = 3, GAP_LETTERS = 6,		/* what `*` may skip; letters in scripts without
						 * spaces */
	DEPTH_MAX = 8				/* choices within choices */
};

enum node_type { NODE_END, NODE_WORD, NODE_PREFIX, NODE_GAP, NODE_CHOICE, NODE_HEAD, NODE_TAIL,
		 NODE_THING };

struct words_node {
	uint8_t type, gap;
	uint16_t n;			/* of a choice: its alternatives … */
	uint32_t first;			/* … in flow_words.choices; of a word: which one */
	uint32_t next;
};

void words_patterns_done(struct flow_words *w)
{
	tw_map_done(&w->literals);
	tw_map_done(&w->prefixes);
	free(w->nodes);
	free(w->choices);
	for (int list = 0; list < PATTERN_COUNT; list++) {
		free(w->first_words[list]);
		free(w->first_prefixes[list]);
	}
	for (size_t i = 0; i < w->n_languages; i++)
		for (int list = 0; list < PATTERN_COUNT; list++)
			free(w->languages[i].patterns[list].v);
}

/* ---- reading ------------------------------------------------------------------------------- */

struct source {
	struct flow_words *w;
	bool is_unspaced;
	const char *fault;		/* what is wrong with it; NULL nothing */
	int depth;
};

static uint32_t read_sequence(struct source *s, const char *p, const char *end, uint32_t next);

static uint32_t add_node(struct flow_words *w, struct words_node node)
{
	if (!w->n_nodes)
		*FLOW_PUSH(w->nodes, w->n_nodes, w->cap_nodes) = (struct words_node){ NODE_END,
										      0, 0, 0, 0 };
	*FLOW_PUSH(w->nodes, w->n_nodes, w->cap_nodes) = node;
	return (uint32_t)w->n_nodes - 1;
}

/* Words are numbered from 1, so that a number is no NULL. */
static uint32_t number_of(struct tw_map *m, const char *text, size_t n)
{
	uintptr_t id = (uintptr_t)tw_map_get(m, text, n);

	if (!id) {
		id = m->n + 1;
		tw_map_put(m, text, n, (void *)id);
	}
	return (uint32_t)id;
}

/* The folded words of a literal, the last one first, since each node needs to know the next. */
static uint32_t add_words(struct source *s, const char *text, size_t n, bool is_prefix,
			  uint32_t next)
{
	struct tw_buf folded = { 0 };
	const char *p, *end;

	flow_words_fold(text, n, &folded);
	p = tw_buf_str(&folded);
	if (!folded.n)
		s->fault = "a word that says nothing";
	for (end = p + folded.n; end > p;) {
		const char *start = end;

		do
			start--;
		while (start > p && (s->is_unspaced ? (*start & 0xC0) == 0x80 : start[-1] != ' '));
		if (*start != ' ') {
			struct tw_map *m = is_prefix ? &s->w->prefixes : &s->w->literals;

			next = add_node(s->w, (struct words_node){ is_prefix ? NODE_PREFIX
								   : NODE_WORD, 0, 0,
					number_of(m, start, (size_t)(end - start)), next });
			is_prefix = false;
		}
		end = start - (!s->is_unspaced && start > p);
	}
	tw_buf_done(&folded);
	return next;
}

/* ( a | b | ), or [ a | b ], which may be left out. */
static uint32_t add_choice(struct source *s, const char *p, const char *end, bool is_optional,
			   uint32_t next)
{
	uint32_t alternatives[128], n = 0;
	int depth = 0;

	if (++s->depth > DEPTH_MAX)
		s->fault = "too many brackets within each other";
	for (const char *start = p; !s->fault; p++) {
		depth += p < end && (*p == '(' || *p == '[');
		depth -= p < end && (*p == ')' || *p == ']');
		if (p < end && (*p != '|' || depth))
			continue;
		if (n == TW_COUNT(alternatives) - 1)
			s->fault = "more than 126 alternatives in one choice";
		else
			alternatives[n++] = read_sequence(s, start, p, next);
		start = p + 1;
		if (p >= end)
			break;
	}
	s->depth--;
	if (is_optional)
		alternatives[n++] = next;
	uint32_t first = (uint32_t)s->w->n_choices;

	for (uint32_t i = 0; i < n; i++)
		*FLOW_PUSH(s->w->choices, s->w->n_choices, s->w->cap_choices) = alternatives[i];
	return add_node(s->w, (struct words_node){ NODE_CHOICE, 0, (uint16_t)n, first, next });
}

/* The end of the bracket that opens at p. */
static const char *find_close(struct source *s, const char *p, const char *end)
{
	int depth = 0;

	for (; p < end; p++) {
		depth += *p == '(' || *p == '[';
		depth -= *p == ')' || *p == ']';
		if (!depth)
			return p;
	}
	s->fault = "a bracket that does not end";
	return end;
}

static uint32_t add_mark(struct source *s, char mark, uint32_t next)
{
	static const struct { char mark; uint8_t type; } marks[] = {
		{ '*', NODE_GAP }, { '?', NODE_GAP }, { '^', NODE_HEAD }, { '$', NODE_TAIL },
		{ '@', NODE_THING }
	};
	uint8_t gap = mark == '?' ? 1 : s->is_unspaced ? GAP_LETTERS : GAP_WORDS;

	for (size_t i = 0; i < TW_COUNT(marks); i++)
		if (marks[i].mark == mark)
			return add_node(s->w, (struct words_node){ marks[i].type, gap,
								   0, 0, next });
	s->fault = "a sign that means nothing here";
	return next;
}

static uint32_t read_sequence(struct source *s, const char *p, const char *end, uint32_t next)
{
	const char *item = p, *stop;
	uint32_t rest;

	while (item < end && *item == ' ')
		item++;
	if (item == end || s->fault)
		return next;
	if (*item == '(' || *item == '[') {
		stop = find_close(s, item, end);
		rest = read_sequence(s, stop + (stop < end), end, next);
		return s->fault ? next : add_choice(s, item + 1, stop, *item == '[', rest);
	}
	if (strchr("*?^$@)]|~", *item)) {
		rest = read_sequence(s, item + 1, end, next);
		return add_mark(s, *item, rest);
	}
	for (stop = item; stop < end && !strchr(" *?^$@()[]|~", *stop); stop++)
		;
	bool is_prefix = stop < end && *stop == '~';

	rest = read_sequence(s, stop + is_prefix, end, next);
	return add_words(s, item, (size_t)(stop - item), is_prefix, rest);
}

const char *words_pattern_add(struct flow_words *w, size_t language, enum words_pattern list,
			      const char *text)
{
	struct source s = { .w = w, .is_unspaced = w->languages[language].is_unspaced };
	struct words_patterns *to = &w->languages[language].patterns[list];
	uint32_t first = read_sequence(&s, text, text + strlen(text), 0);

	if (!s.fault && !first)
		s.fault = "a pattern that is empty";
	if (!s.fault)
		*FLOW_PUSH(to->v, to->n, to->cap) = first;
	return s.fault;
}

/* ---- by what patterns begin ---------------------------------------------------------------- */

static void add_first(struct flow_words *w, size_t language, int list, uint32_t at)
{
	uint64_t bit = 1ull << language;

	for (;;) {
		const struct words_node *node = &w->nodes[at];

		switch ((enum node_type)node->type) {
		case NODE_WORD:
			w->first_words[list][node->first] |= bit;
			return;
		case NODE_PREFIX:
			w->first_prefixes[list][node->first] |= bit;
			return;
		case NODE_THING:
			for (size_t i = 0; i < w->languages[language].patterns[PATTERN_THING].n;
			     i++)
				add_first(w, language, list,
					  w->languages[language].patterns[PATTERN_THING].v[i]);
			return;
		case NODE_CHOICE:
			for (uint16_t i = 0; i < node->n; i++)
				add_first(w, language, list, w->choices[node->first + i]);
			return;
		case NODE_END:
		case NODE_GAP:
			w->first_any[list] |= bit;
			return;
		case NODE_HEAD:
		case NODE_TAIL:
			break;
		}
		at = node->next;
	}
}

void words_patterns_settle(struct flow_words *w)
{
	for (int list = 0; list < PATTERN_COUNT; list++) {
		w->first_words[list] = tw_zalloc((w->literals.n + 1) * sizeof(uint64_t));
		w->first_prefixes[list] = tw_zalloc((w->prefixes.n + 1) * sizeof(uint64_t));
		for (size_t l = 0; l < w->n_languages; l++)
			for (size_t i = 0; i < w->languages[l].patterns[list].n; i++)
				add_first(w, l, list, w->languages[l].patterns[list].v[i]);
	}
}

/* Whether a pattern of the list can begin with this word. Number 0 is of what no pattern knows. */
static bool can_begin(const struct flow_words *w, size_t language, int list,
		      const struct words_token *t)
{
	uint64_t languages = w->first_any[list] | w->first_words[list][t->word];

	for (size_t i = 0; i < t->n_prefixes; i++)
		languages |= w->first_prefixes[list][t->prefixes[i]];
	return languages >> language & 1;
}

/* ---- matching ------------------------------------------------------------------------------ */

static bool begins_with(const struct words_token *t, uint32_t prefix)
{
	for (size_t i = 0; i < t->n_prefixes; i++)
		if (t->prefixes[i] == prefix)
			return true;
	return false;
}

static int run(const struct words_clause *c, size_t language, uint32_t at, size_t pos);

/* One of the language's things, and then the rest. */
static int run_thing(const struct words_clause *c, size_t language, uint32_t next, size_t pos)
{
	const struct words_patterns *things = &c->w->languages[language].patterns[PATTERN_THING];

	for (size_t i = 0; i < things->n; i++) {
		int end = run(c, language, things->v[i], pos);

		if (end >= 0)
			end = run(c, language, next, (size_t)end);
		if (end >= 0)
			return end;
	}
	return -1;
}

static int run_gap(const struct words_clause *c, size_t language, const struct words_node *node,
		   size_t pos)
{
	for (size_t skipped = 0; skipped <= node->gap && pos + skipped <= c->n; skipped++) {
		int end = run(c, language, node->next, pos + skipped);

		if (end >= 0)
			return end;
	}
	return -1;
}

/* Where the pattern's end is reached, or -1. */
static int run(const struct words_clause *c, size_t language, uint32_t at, size_t pos)
{
	for (;;) {
		const struct words_node *node = &c->w->nodes[at];
		const struct words_token *t = pos < c->n ? &c->tokens[pos] : NULL;

		switch ((enum node_type)node->type) {
		case NODE_END:
			return (int)pos;
		case NODE_WORD:
			if (!t || t->word != node->first)
				return -1;
			pos++;
			break;
		case NODE_PREFIX:
			if (!t || !begins_with(t, node->first))
				return -1;
			pos++;
			break;
		case NODE_HEAD:
			if (pos > c->head)
				return -1;
			break;
		case NODE_TAIL:
			if (pos < c->tail)
				return -1;
			break;
		case NODE_GAP:
			return run_gap(c, language, node, pos);
		case NODE_THING:
			return run_thing(c, language, node->next, pos);
		case NODE_CHOICE:
			for (uint16_t i = 0; i < node->n; i++) {
				int end = run(c, language, c->w->choices[node->first + i], pos);

				if (end >= 0)
					return end;
			}
			return -1;
		}
		at = node->next;
	}
}

bool words_pattern_find(const struct words_clause *c, size_t language, enum words_pattern list,
			size_t from, size_t *ret_from, size_t *ret_to)
{
	const struct words_patterns *patterns = &c->w->languages[language].patterns[list];

	for (size_t pos = from; pos < c->n; pos++) {
		size_t n = can_begin(c->w, language, list, &c->tokens[pos]) ? patterns->n : 0;

		for (size_t i = 0; i < n; i++) {
			int end = run(c, language, patterns->v[i], pos);

			if (end < 0)
				continue;
			*ret_from = pos;
			*ret_to = (size_t)end;
			return true;
		}
	}
	return false;
}

/* What patterns know of a word: its number, and those of the beginnings that it has. */
static struct words_token token_of(const struct flow_words *w, const char *text, size_t n)
{
	struct words_token t = { .word = (uint32_t)(uintptr_t)tw_map_get(&w->literals, text, n) };

	for (size_t k = 1; k <= n && t.n_prefixes < TW_COUNT(t.prefixes); k++) {
		uintptr_t id = k < n && (text[k] & 0xC0) == 0x80
			     ? 0 : (uintptr_t)tw_map_get(&w->prefixes, text, k);

		if (id)
			t.prefixes[t.n_prefixes++] = (uint32_t)id;
	}
	return t;
}

void words_clause_set(struct words_clause *c, const char *text, size_t n)
{
	c->n = 0;
	for (size_t i = 0; i < n && c->n < WORDS_TOKENS_MAX;) {
		size_t end = i;

		while (end < n && (c->is_unspaced ? end == i || (text[end] & 0xC0) == 0x80
						  : text[end] != ' '))
			end++;
		if (text[i] != ' ')
			c->tokens[c->n++] = token_of(c->w, text + i, end - i);
		i = end + !c->is_unspaced;
	}
	c->head = 0;
	c->tail = c->n;
}
