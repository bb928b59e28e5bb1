/* A text to the longest keyword at its beginning. Keys are looked up by hash, one for each place in
 * the text where a keyword can end, longest first; lengths that no keyword has are not looked
 * up. */
#include "internal.h"

/* Words and letters of a key; what is neither a space nor a digit is a letter. */
static void measure(struct flow_match *m)
{
	m->words = 1;
	for (const char *p = m->key, *end = m->key + m->key_n; p < end;) {
		int32_t c = tw_utf8_next(&p, end);

		if (c == ' ')
			m->words++;
		else if (tw_digit_value((uint32_t)c) < 0)
			m->letters++;
	}
}

static struct flow_match *add_match(struct flows *f, const char *key, size_t n)
{
	struct flow_match *m = tw_zalloc(sizeof(*m));

	m->key = tw_strndup(key, n);
	m->key_n = (uint32_t)n;
	measure(m);
	tw_map_put(&f->by_key, key, n, m);
	*FLOW_PUSH(f->matches, f->n_matches, f->cap_matches) = m;
	f->lengths[n / 64] |= 1ull << n % 64;
	if (m->words > f->max_words)
		f->max_words = m->words;
	return m;
}

/* Whether there can be a long number at which both apply. */
static bool share_number(const struct flows *f, const struct flow_keyword *a,
			 const struct flow_keyword *b)
{
	return flow_lines_meet(&a->limits.numbers, &b->limits.numbers) &&
	       flow_lines_meet(&f->files[a->file].numbers, &f->files[b->file].numbers) &&
	       flow_lines_meet(&a->limits.numbers, &f->files[b->file].numbers) &&
	       flow_lines_meet(&b->limits.numbers, &f->files[a->file].numbers);
}

static bool holds_all(const struct tw_strings *a, const struct tw_strings *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (!flow_names_line(a, b->v[i]))
			return false;
	return !a->n || b->n;
}

/* Whether a takes whatever b would: each of its limits is none, or b's too. */
static bool covers(const struct flows *f, const struct flow_keyword *a,
		   const struct flow_keyword *b)
{
	const struct flow_limits *l = &a->limits, *m = &b->limits;

	return holds_all(&l->numbers, &m->numbers) && holds_all(&l->from, &m->from) &&
	       (a->file == b->file || holds_all(&f->files[a->file].numbers,
						&f->files[b->file].numbers)) &&
	       (a->condition == FLOW_NONE || a->condition == b->condition) &&
	       (!l->n_hours || (l->n_hours == m->n_hours &&
				!memcmp(l->hours, m->hours, l->n_hours * sizeof(*l->hours)))) &&
	       (a->replies_any || !b->replies_any);
}

/* Says what is wrong with a keyword that stands behind another of the same match. */
static int check_rows(struct flow_compile *c, const struct tw_conf_node *node, const char *text,
		      const struct flow_match *m, uint32_t keyword)
{
	const struct flow_keyword *k = &c->f->keywords[keyword];

	for (size_t i = 0; i < m->n_rows; i++) {
		const struct flow_keyword *other = &c->f->keywords[m->rows[i]];

		if (m->rows[i] == keyword || !share_number(c->f, k, other))
			continue;
		if (other->account != k->account) {
			tw_conf_fault(node, c->findings, true,
				      "\"%s\" of account %s is a keyword of "
				      "account %s on the same number too: %s:%u; give either file "
				      "its `numbers`", text, c->f->owners[k->account].name,
				      c->f->owners[other->account].name,
				      c->f->files[other->file].path, other->line);
			return TW_E_CONFIG;
		}
		if (covers(c->f, other, k)) {
			tw_conf_fault(node, c->findings, false,
				      "\"%s\" is never reached: %s:%u takes "
				      "the same match first", text, c->f->files[other->file].path,
				      other->line);
			return 0;
		}
	}
	return 0;
}

int flow_match_add(struct flow_compile *c, const struct tw_conf_node *node, const char *text,
		   uint32_t keyword)
{
	struct flows *f = c->f;
	struct tw_buf key = { 0 };
	struct flow_match *m;
	int r = TW_E_CONFIG;

	tw_fold_key(text, strlen(text), &key);
	if (!key.n) {
		tw_conf_fault(node, c->findings, true,
			      "\"%s\" is no keyword: it holds no letter, digit "
			      "or symbol", text);
	} else if (key.n > FLOW_KEY_MAX) {
		tw_conf_fault(node, c->findings, true, "this keyword is longer than %d octets",
			      FLOW_KEY_MAX);
	} else {
		m = tw_map_get(&f->by_key, key.p, key.n);
		if (!m)
			m = add_match(f, key.p, key.n);
		r = check_rows(c, node, text, m, keyword);
		if (!m->n_rows || m->rows[m->n_rows - 1] != keyword) {
			m->rows = tw_realloc(m->rows, (m->n_rows + 1) * sizeof(*m->rows));
			m->rows[m->n_rows++] = keyword;
		}
		if (m->words > FLOW_WORDS_MAX) {
			tw_conf_fault(node, c->findings, true,
				      "this keyword has more than %d words", FLOW_WORDS_MAX);
			r = TW_E_CONFIG;
		}
	}
	tw_buf_done(&key);
	return r;
}

/* ---- finding ------------------------------------------------------------------------------- */

static bool may_answer(const struct flow_keyword *k, const struct flow_event *e)
{
	enum { SHORT_DIGITS = 6 };

	return e->from_kind != NUMBER_SHORT || k->replies_any || strlen(e->from) > SHORT_DIGITS;
}

static bool applies(const struct flows *f, const struct flow_keyword *k, const struct flow_event *e,
		    size_t key_n)
{
	const struct flow_owner *owner = &f->owners[k->account];

	if (*e->to_account && strcmp(e->to_account, owner->name))
		return false;
	if (!flow_has_number(&f->files[k->file].numbers, e->to) ||
	    !flow_has_number(&k->limits.numbers, e->to) ||
	    !flow_names_line(&k->limits.from, e->from) || !may_answer(k, e))
		return false;
	if (k->limits.n_hours) {
		struct tw_civil now = tw_zone_civil(owner->zone, e->now);

		if (!flow_is_open(&k->limits, &now))
			return false;
	}
	if (k->condition != FLOW_NONE) {
		struct flow_run run = flow_run_new(f, e, k->account, NULL);

		run.keyword = k->name;
		flow_run_args(&run, e->text, e->text_n, key_n);
		return flow_condition_is_true(&run, (uint32_t)k->condition);
	}
	return true;
}

int flow_match_applies(const struct flows *f, const struct flow_match *m,
		       const struct flow_event *e, size_t key_n)
{
	for (size_t i = 0; i < m->n_rows; i++)
		if (applies(f, &f->keywords[m->rows[i]], e, key_n))
			return (int)m->rows[i];
	return FLOW_NONE;
}

/* Whether a keyword may end behind the first n octets of a key: at the end of a word, or behind a
 * letter of a script that has no spaces. */
static bool may_end(const char *key, size_t key_n, size_t n)
{
	const char *p;

	if (n == key_n || key[n] == ' ')
		return n && key[n - 1] != ' ';
	if (((unsigned char)key[n] & 0xC0) == 0x80 || !((unsigned char)key[n - 1] & 0x80))
		return false;
	for (p = key + n - 1; p > key && ((unsigned char)*p & 0xC0) == 0x80; p--)
		;
	return tw_is_unspaced((uint32_t)tw_utf8_next(&p, key + n));
}

struct flow_found flow_match_find(const struct flows *f, const struct flow_event *e,
				  const char *key, size_t n)
{
	size_t limit = 0;

	/* No keyword ends behind as many words as the longest has. */
	for (uint32_t words = 0; limit < n && limit < FLOW_KEY_MAX; limit++)
		if (key[limit] == ' ' && ++words == f->max_words)
			break;
	for (size_t end = limit; end; end--) {
		const struct flow_match *m;
		int keyword;

		if (!(f->lengths[end / 64] >> end % 64 & 1) || !may_end(key, n, end))
			continue;
		m = tw_map_get(&f->by_key, key, end);
		keyword = m ? flow_match_applies(f, m, e, end) : FLOW_NONE;
		if (keyword != FLOW_NONE)
			return (struct flow_found){ keyword, end };
	}
	return (struct flow_found){ FLOW_NONE, 0 };
}
