/* Our own words: sentences of flows/words, and how an account's files say them instead (`texts`).
 * */
#include "internal.h"

static const char *const names[] = {
#define X(id, name) name,
	FLOW_PHRASES(X)
#undef X
};

/* ---- declaring ----------------------------------------------------------------------------- */

static int phrase_named(const char *name)
{
	for (int i = 0; i < FLOW_PHRASE_COUNT; i++)
		if (!strcmp(names[i], name))
			return i;
	return FLOW_NONE;
}

/* A name in braces that may not stand there; NULL: there is none. Its length in ret_n. */
static const char *foreign_name(const char *text, const char *allowed, size_t *ret_n)
{
	for (const char *p = text; (p = strchr(p, '{')) != NULL; p++) {
		size_t n = strcspn(p, "}");
		char *name = tw_strndup(p, n + (p[n] != '\0'));
		bool is_known = p[n] && strstr(allowed, name);

		free(name);
		*ret_n = n + (p[n] != '\0');
		if (!is_known)
			return p;
	}
	return NULL;
}

static void add_wording(struct flow_compile *c, const struct tw_conf_node *node, int phrase,
			const char *language)
{
	const char *text = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : NULL;
	const char *allowed = flow_phrase_names((enum flow_phrase)phrase), *foreign;
	struct flow_declared *d = &c->f->declared;
	struct flow_own_phrase *p;
	size_t n;

	if (!text || !*text || strlen(language) >= sizeof(p->language)) {
		tw_conf_fault(node, c->findings, true, "`%s` wants a text, or a group of texts by "
			      "language such as { en = \"…\"; de = \"…\"; }", names[phrase]);
		return;
	}
	foreign = foreign_name(text, allowed, &n);
	if (foreign) {
		tw_conf_fault(node, c->findings, true, "`%s` has no %.*s: %s%s", names[phrase],
			      (int)n, foreign,
			      *allowed ? "there may stand " : "none can stand there", allowed);
		return;
	}
	for (size_t i = 0; i < d->n_phrases; i++)
		if (d->phrases[i].account == c->account && (int)d->phrases[i].phrase == phrase &&
		    !strcmp(d->phrases[i].language, language)) {
			tw_conf_fault(node, c->findings, true, "`%s` of account %s stands already "
				      "in another place", names[phrase],
				      c->f->owners[c->account].name);
			return;
		}
	p = FLOW_PUSH(d->phrases, d->n_phrases, d->cap_phrases);
	*p = (struct flow_own_phrase){ .account = c->account, .phrase = (enum flow_phrase)phrase,
				       .text = tw_strdup(text) };
	tw_strset(p->language, sizeof(p->language), language);
}

void flow_say_declare(struct flow_compile *c, const struct tw_conf_node *texts)
{
	if (texts && tw_conf_type(texts) != TW_CONF_GROUP) {
		tw_conf_fault(texts, c->findings, true,
			      "`texts` wants a group such as { how = \"STOP ends it.\"; }");
		return;
	}
	for (size_t i = 0; texts && i < tw_conf_length(texts); i++) {
		const struct tw_conf_node *node = tw_conf_at(texts, i);
		int phrase = phrase_named(tw_conf_name(node));

		if (phrase == FLOW_NONE) {
			const char *near = tw_nearest(tw_conf_name(node), names, TW_COUNT(names));

			tw_conf_fault(node, c->findings, true, "`texts` has no `%s`%s%s%s",
				      tw_conf_name(node), near ? "; did you mean `" : "",
				      near ? near : "", near ? "`?" : "");
		} else if (tw_conf_type(node) == TW_CONF_GROUP) {
			for (size_t k = 0; k < tw_conf_length(node); k++)
				add_wording(c, tw_conf_at(node, k), phrase,
					    tw_conf_name(tw_conf_at(node, k)));
		} else {
			add_wording(c, node, phrase, "");
		}
	}
}

/* ---- saying -------------------------------------------------------------------------------- */

/* By the rule of all texts: of the languages the first that there is, else English, else the first.
 * */
static const char *own_phrase(const struct flows *f, int account, enum flow_phrase phrase,
			      const char *const *languages, size_t n)
{
	const struct flow_own_phrase *best = NULL;
	size_t best_rank = SIZE_MAX;

	for (size_t i = 0; i < f->declared.n_phrases; i++) {
		const struct flow_own_phrase *p = &f->declared.phrases[i];
		size_t rank = 0;

		if (p->account != account || p->phrase != phrase)
			continue;
		while (rank < n && !(languages[rank] && !strcasecmp(languages[rank], p->language)))
			rank++;
		if (rank == n)
			rank += strcmp(p->language, "en") && *p->language ? 1 : 0;
		if (best && rank >= best_rank)
			continue;
		best = p;
		best_rank = rank;
	}
	if (!best && f->base)
		return own_phrase(f->base, account, phrase, languages, n);
	return best ? best->text : NULL;
}

const char *flow_phrase(const struct flows *f, int account, enum flow_phrase phrase,
			const char *const *languages, size_t n)
{
	const char *own = own_phrase(f, account, phrase, languages, n);

	return own ? own : flow_words_phrase(f->words, phrase, languages, n);
}

static const char *value_of(const char *name, size_t name_n, const struct flow_named *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(v[i].name) == name_n && !memcmp(v[i].name, name, name_n))
			return v[i].value;
	return NULL;
}

void flows_say(const struct flows *f, const char *account, const char *language,
	       enum flow_house_text text, const struct flow_named *v, size_t n, struct tw_buf *out)
{
	int owner = account ? flow_account_named(f, account) : 0;
	const char *languages[] = { language && *language ? language : NULL,
				    owner == FLOW_NONE ? NULL : f->owners[owner].language };
	const char *p = flow_phrase(f, owner, FLOW_PHRASE_OF(text), languages, TW_COUNT(languages));

	while (*p) {
		size_t plain = strcspn(p, "{"), name_n;
		const char *value;

		tw_buf_add(out, p, plain);
		p += plain;
		if (!*p)
			break;
		name_n = strcspn(p + 1, "}");
		value = p[1 + name_n] ? value_of(p + 1, name_n, v, n) : NULL;
		if (value)
			tw_buf_adds(out, value);
		else
			tw_buf_addc(out, *p);
		p += value ? name_n + 2 : 1;
	}
}
