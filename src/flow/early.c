/* Early dispatch (contract 2): a keyword that looks at nothing behind it may start with the first
 * part of a long text. Which keywords these are is known when the files are read; whether a text is
 * one of theirs, when it comes. */
#include "internal.h"

/* Verbs that hand the message on, or tell others of it, whatever the templates in them say. */
static bool hands_on(const char *verb)
{
	static const char *const verbs[] = { "webhook", "exec", "ticket", "callback", "forward",
					     "appointment", "subscribe", "unsubscribe" };

	for (size_t i = 0; i < TW_COUNT(verbs); i++)
		if (!strcmp(verbs[i], verb))
			return true;
	return false;
}

void flow_early_see_verb(struct flow_compile *c, const char *verb)
{
	c->looks_at_text |= hands_on(verb);
}

void flow_early_see_name(const struct flow_compile *c, const char *name)
{
	if (!strcmp(name, "text") || !strcmp(name, "args"))
		((struct flow_compile *)(uintptr_t)c)->looks_at_text = true;
}

/* ---- what `go` leads to -------------------------------------------------------------------- */

/* The keyword in whose steps an op stands; keywords lie in the order of their ops. NULL: none. */
static struct flow_keyword *keyword_of(const struct flows *f, uint32_t op)
{
	size_t low = 0, high = f->n_keywords;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f->keywords[middle].ops_end <= op)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->n_keywords && f->keywords[low].program.first &&
	       f->keywords[low].program.first <= op
	       ? &f->keywords[low] : NULL;
}

/* A keyword looks at the text where one does that it leads to, and gives away what that gives. */
void flow_early_settle(struct flow_compile *c)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < c->n_jumps; i++) {
			struct flow_keyword *from = keyword_of(c->f, c->jumps[i].op);
			const struct flow_keyword *to = keyword_of(c->f,
								   c->f->ops[c->jumps[i].op].b);

			if (from && !from->looks_at_text && (!to || to->looks_at_text))
				from->looks_at_text = changed = true;
			if (from && !from->is_costly && (!to || to->is_costly))
				from->is_costly = changed = true;
		}
	}
}

/* ---- a text -------------------------------------------------------------------------------- */

/* Octets of the key that stay as they are, whatever follows: the last word may go on, and where
 * there are no spaces, the last letter. */
static size_t stable_part(const char *key, size_t n, size_t from)
{
	size_t end = n;

	while (end > from && key[end - 1] != ' ')
		end--;
	if (end > from)
		return end - 1;
	for (end = n; end > from && (key[end - 1] & 0xC0) == 0x80;)
		end--;
	return end > from ? end - 1 : 0;
}

/* A keyword with this match may apply once all is there, though it does not now: its guard looks at
 * what follows. */
static bool may_look(const struct flows *f, const struct flow_match *m)
{
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct flow_keyword *k = &f->keywords[m->rows[i]];

		if (k->condition != FLOW_NONE && k->looks_at_text)
			return true;
	}
	return false;
}

bool flow_early_is_settled(const struct flows *f, const char *key, size_t n,
			   struct flow_found found)
{
	size_t stable = stable_part(key, n, found.key_n);

	if (stable < found.key_n)
		return false;
	for (size_t i = 0; i < f->n_matches; i++) {
		const struct flow_match *m = f->matches[i];
		size_t common = m->key_n < stable ? m->key_n : stable;

		if (m->key_n >= found.key_n && !memcmp(m->key, key, common) &&
		    (m->key_n > stable || may_look(f, m)))
			return false;
	}
	return true;
}
