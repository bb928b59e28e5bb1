/* Keywords of a file (contract 2, A keyword): what customers text, what limits it, its steps. */
#include "internal.h"

struct raw_keyword {
	const struct tw_conf_node *match, *numbers, *from, *hours, *reply_to, *when;
};
#define RAW(x) offsetof(struct raw_keyword, x)
static const struct tw_key keyword_keys[] = {
	{ "match", TW_KEY_NODE, RAW(match), .help = "what customers text" },
	{ "numbers", TW_KEY_NODE, RAW(numbers),
	  .help = "only on these long numbers, or those of these pools" },
	{ "from", TW_KEY_NODE, RAW(from), .help = "only from these senders" },
	{ "hours", TW_KEY_NODE, RAW(hours), .help = "only at these hours" },
	{ "reply_to", TW_KEY_NODE, RAW(reply_to), .help = "\"any\" answers short numbers too" },
	{ "when", TW_KEY_NODE, RAW(when), .help = "only when this is true" },
};

static struct raw_keyword pick(const struct tw_conf_node *group)
{
	struct raw_keyword raw;

	for (size_t i = 0; i < TW_COUNT(keyword_keys); i++)
		*(const struct tw_conf_node **)((char *)&raw + keyword_keys[i].offset) =
			tw_conf_member(group, keyword_keys[i].name);
	return raw;
}

static int read_limits(struct flow_compile *c, const struct raw_keyword *raw,
		       struct flow_keyword *k)
{
	struct flow_limits *l = &k->limits;
	int r = 0;

	if (raw->numbers)
		r |= flow_lines_read(c, raw->numbers, &l->numbers);
	if (raw->from)
		r |= flow_numbers_read(raw->from, c->country, true, &l->from, c->findings);
	if (raw->hours)
		r |= flow_hours_read(raw->hours, l, c->findings);
	if (raw->when) {
		k->condition = flow_when_compile(c, raw->when);
		r |= k->condition == FLOW_NONE;
	}
	if (raw->reply_to) {
		k->replies_any = tw_conf_type(raw->reply_to) == TW_CONF_STRING &&
				 !strcmp(tw_conf_string(raw->reply_to), "any");
		if (!k->replies_any) {
			tw_conf_fault(raw->reply_to, c->findings, true, "`reply_to` wants \"any\"");
			r = TW_E_CONFIG;
		}
	}
	return r ? TW_E_CONFIG : 0;
}

/* A keyword that a consent word takes first would never be seen. */
static void warn_of_consent(struct flow_compile *c, const struct tw_conf_node *node,
			    const char *text)
{
	const char *language = c->f->owners[c->account].language;
	struct flow_saying saying = { .rest = { 0 } };

	flow_words_read(c->f->words, &language, 1, text, strlen(text), &saying);
	if ((saying.says == SAYS_STOP || saying.says == SAYS_HELP) && !saying.rest.n)
		tw_conf_fault(node, c->findings, false,
			      "\"%s\" never reaches this keyword: it is a word "
			      "for %s%s", text, saying.says == SAYS_STOP ? "STOP" : "HELP",
			      saying.says == SAYS_HELP ? ", which `help` answers" : "");
	tw_buf_done(&saying.rest);
}

static int add_match(struct flow_compile *c, const struct tw_conf_node *node, uint32_t keyword)
{
	struct flow_keyword *k = &c->f->keywords[keyword];
	const char *text;

	if (tw_conf_type(node) != TW_CONF_STRING) {
		tw_conf_fault(node, c->findings, true,
			      "`match` wants a text in quotation marks, or an "
			      "array of texts");
		return TW_E_CONFIG;
	}
	text = tw_conf_string(node);
	if (!k->name)
		k->name = tw_strdup(text);
	warn_of_consent(c, node, text);
	return flow_match_add(c, node, text, keyword);
}

static int add_matches(struct flow_compile *c, const struct tw_conf_node *group,
		       const struct tw_conf_node *match, uint32_t keyword)
{
	int r = 0;

	if (!match) {
		tw_conf_fault(group, c->findings, true,
			      "`match` is missing here: what customers text");
		return TW_E_CONFIG;
	}
	if (tw_conf_type(match) != TW_CONF_ARRAY && tw_conf_type(match) != TW_CONF_LIST)
		return add_match(c, match, keyword);
	if (!tw_conf_length(match)) {
		tw_conf_fault(match, c->findings, true, "`match` holds no text");
		return TW_E_CONFIG;
	}
	for (size_t i = 0; i < tw_conf_length(match); i++)
		r |= add_match(c, tw_conf_at(match, i), keyword);
	return r ? TW_E_CONFIG : 0;
}

static int add_keyword(struct flow_compile *c, const struct tw_conf_node *group)
{
	struct raw_keyword raw;
	struct flow_keyword k = { .account = c->account, .file = c->file, .condition = FLOW_NONE };
	uint32_t row = (uint32_t)c->f->n_keywords;
	int r;

	if (tw_conf_type(group) != TW_CONF_GROUP) {
		tw_conf_fault(group, c->findings, true,
			      "a keyword is a group { match = \"…\"; … }, not "
			      "%s", tw_conf_type_name(tw_conf_type(group)));
		return TW_E_CONFIG;
	}
	raw = pick(group);
	k.line = tw_conf_line(group);
	c->is_costly = c->looks_at_text = false;
	r = read_limits(c, &raw, &k);
	r |= flow_verbs_compile(c, group, keyword_keys, TW_COUNT(keyword_keys), &k.program);
	k.is_costly = c->is_costly;
	k.looks_at_text = c->looks_at_text;
	k.ops_end = (uint32_t)c->f->n_ops;
	*FLOW_PUSH(c->f->keywords, c->f->n_keywords, c->f->cap_keywords) = k;
	r |= add_matches(c, group, raw.match, row);
	if (!c->f->keywords[row].name)
		c->f->keywords[row].name = tw_strdup("");
	if (!r && !k.program.first)
		tw_conf_fault(group, c->findings, false, "\"%s\" takes a text and answers nothing",
			      c->f->keywords[row].name);
	return r ? TW_E_CONFIG : 0;
}

void flow_keywords_compile(struct flow_compile *c, const struct tw_conf_node *list)
{
	if (tw_conf_type(list) != TW_CONF_LIST &&
	    !(tw_conf_type(list) == TW_CONF_ARRAY && !tw_conf_length(list))) {
		tw_conf_fault(list, c->findings, true,
			      "`keywords` wants a list of groups ( { match = "
			      "\"…\"; … } ), not %s", tw_conf_type_name(tw_conf_type(list)));
		return;
	}
	for (size_t i = 0; i < tw_conf_length(list); i++)
		add_keyword(c, tw_conf_at(list, i));
}
