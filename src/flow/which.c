/* "Did you mean REPAIR BATH (1) or REPAIR KIT (2)?" (contract 2, Matching): where several keywords
 * are within one slip of a text, the customer says which was meant, by number or by the keyword
 * itself. What was asked is plain data that the caller keeps: how many octets of the text's key the
 * slip took, and the keys of the keywords in the order in which they were put, a line each. */
#include <stdio.h>

#include "internal.h"

static void add_names(const struct flows *f, const struct flow_found *found, size_t n,
		      const char *or_, struct tw_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			tw_buf_adds(out, i + 1 < n ? ", " : " ");
		if (i && i + 1 == n)
			tw_buf_addf(out, "%s ", or_);
		tw_buf_addf(out, "%s (%zu)", f->keywords[found[i].keyword].name, i + 1);
	}
}

/* As struct flow_which has them. */
static void add_keys(const struct flows *f, const struct flow_found *found, size_t n,
		     struct tw_buf *out)
{
	struct tw_buf key = { 0 };

	tw_buf_addf(out, "%zu", found->key_n);
	for (size_t i = 0; i < n; i++) {
		const char *name = f->keywords[found[i].keyword].name;

		tw_buf_clear(&key);
		tw_fold_key(name, strlen(name), &key);
		tw_buf_addf(out, "\n%s", tw_buf_str(&key));
	}
	tw_buf_done(&key);
}

void flow_which_ask(const struct flows *f, const struct flow_event *e,
		    const struct flow_found *found, size_t n, struct flow_result *ret)
{
	int account = f->keywords[found->keyword].account;
	const struct flow_owner *owner = &f->owners[account];
	const char *languages[] = { e->contact_language, owner->language };
	const char *sentence = flow_phrase(f, account, FLOW_PHRASE_WHICH, languages, 2);
	const char *or_ = flow_phrase(f, account, FLOW_PHRASE_OR, languages, 2);
	const char *mark = strstr(sentence, "{names}");
	struct tw_buf text = { 0 };

	tw_buf_add(&text, sentence, mark ? (size_t)(mark - sentence) : strlen(sentence));
	if (mark) {
		add_names(f, found, n, or_, &text);
		tw_buf_adds(&text, mark + strlen("{names}"));
	}
	flow_intent_add(ret, FLOW_REPLY, owner->name, NULL, text.p, text.n, false);
	tw_buf_clear(&text);
	add_keys(f, found, n, &text);
	flow_intent_add(ret, FLOW_WHICH, owner->name, NULL, text.p, text.n, false);
	tw_buf_done(&text);
}

/* The line of a key that the answer is, or whose number it is; NULL: none. */
static const char *find_line(const char *lines, const struct tw_buf *answer, size_t *ret_n)
{
	bool is_number = answer->n && answer->n < 3 &&
			 strspn(tw_buf_str(answer), "0123456789") == answer->n;
	long number = is_number ? strtol(tw_buf_str(answer), NULL, 10) : 0, i = 1;

	for (const char *p = lines; *p; i++) {
		size_t n = strcspn(p, "\n");

		if (i == number || (n == answer->n && n && !memcmp(p, answer->p, n))) {
			*ret_n = n;
			return p;
		}
		p += n + (p[n] == '\n');
	}
	return NULL;
}

struct flow_found flow_which_find(const struct flows *f, const struct flow_event *e)
{
	struct flow_found found = { FLOW_NONE, 0 };
	const struct flow_match *m;
	struct tw_buf answer = { 0 };
	const char *key;
	char *lines;
	size_t n;

	if (!e->which)
		return found;
	found.key_n = strtoul(e->which->keys, &lines, 10);
	flow_plain_key(e->text, e->text_n, &answer);
	key = find_line(lines + (*lines == '\n'), &answer, &n);
	m = key ? tw_map_get(&f->by_key, key, n) : NULL;
	if (m) {
		struct flow_event meant = *e;

		meant.text = e->which->text;
		meant.text_n = e->which->text_n;
		found.keyword = flow_match_applies(f, m, &meant, found.key_n);
	}
	tw_buf_done(&answer);
	return found;
}
