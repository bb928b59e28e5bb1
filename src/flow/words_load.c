/* Consent words are data, a file a language; this reads them. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "words.h"

struct file {
	struct tw_strings kinds[KIND_COUNT], signatures, quotes, asks, common;
	const struct tw_conf_node *texts, *sentences;
};
#define FIELD(x) offsetof(struct file, x)
static const struct tw_key keys[] = {
	{ "stop", TW_KEY_STRINGS, FIELD(kinds[KIND_STOP]), .help = "words that leave" },
	{ "stop_all", TW_KEY_STRINGS, FIELD(kinds[KIND_ALL]),
	  .help = "words that leave everything" },
	{ "start", TW_KEY_STRINGS, FIELD(kinds[KIND_START]), .help = "words that come back" },
	{ "help", TW_KEY_STRINGS, FIELD(kinds[KIND_HELP]), .help = "words that ask who this is" },
	{ "ambiguous", TW_KEY_STRINGS, FIELD(kinds[KIND_AMBIGUOUS]),
	  .help = "words that leave where no keyword takes them" },
	{ "courtesy", TW_KEY_STRINGS, FIELD(kinds[KIND_COURTESY]),
	  .help = "words that say nothing" },
	{ "signatures", TW_KEY_STRINGS, FIELD(signatures), .help = "how a signature begins" },
	{ "quotes", TW_KEY_STRINGS, FIELD(quotes), .help = "how a line ends above a quoted text" },
	{ "ask", TW_KEY_STRINGS, FIELD(asks), .help = "texts that are answered with how to leave" },
	{ "common", TW_KEY_STRINGS, FIELD(common),
	  .help = "words that say nothing about what is meant" },
	{ "sentences", TW_KEY_NODE, FIELD(sentences), .help = "by what a sentence is told" },
	{ "texts", TW_KEY_NODE, FIELD(texts), .help = "sentences of our own" },
};
static const struct tw_key text_keys[] = {
#define X(id, name) { name, TW_KEY_STRING, FLOW_PHRASE_##id * sizeof(char *), \
		      .default_text = NULL },
	FLOW_PHRASES(X)
#undef X
};

static bool is_unspaced_text(const char *text)
{
	for (const char *p = text, *end = text + strlen(text); p < end;)
		if (!tw_is_unspaced((uint32_t)tw_utf8_next(&p, end)))
			return false;
	return true;
}

static void add_phrase(struct flow_words *w, size_t language, enum words_kind kind,
		       const char *phrase)
{
	struct tw_buf folded = { 0 };
	struct words_entry *entry;
	size_t words;

	flow_words_fold(phrase, strlen(phrase), &folded);
	entry = tw_map_get(&w->by_phrase, tw_buf_str(&folded), folded.n);
	if (!entry) {
		entry = tw_zalloc(sizeof(*entry));
		tw_map_put(&w->by_phrase, tw_buf_str(&folded), folded.n, entry);
	}
	entry->kinds[kind] |= 1ull << language;
	words = 1;
	for (size_t i = 0; i < folded.n; i++)
		words += folded.p[i] == ' ';
	if (words > w->longest)
		w->longest = words;
	if (kind == KIND_COURTESY && is_unspaced_text(tw_buf_str(&folded)))
		tw_strings_add(&w->courtesy, tw_buf_str(&folded));
	tw_buf_done(&folded);
}

static void add_folded(struct tw_strings *out, const struct tw_strings *texts, bool is_key)
{
	struct tw_buf folded = { 0 };

	for (size_t i = 0; i < texts->n; i++) {
		tw_buf_clear(&folded);
		if (is_key)
			tw_fold_key(texts->v[i], strlen(texts->v[i]), &folded);
		else
			flow_words_fold(texts->v[i], strlen(texts->v[i]), &folded);
		tw_strings_add(out, tw_buf_str(&folded));
	}
	tw_buf_done(&folded);
}

static void add_common(struct flow_words *w, size_t language, const struct tw_strings *words)
{
	struct tw_buf key = { 0 };

	for (size_t i = 0; i < words->n; i++) {
		uint64_t *mask;

		tw_fold_key(words->v[i], strlen(words->v[i]), &key);
		if (key.n && is_unspaced_text(key.p)) {
			tw_strings_add(&w->common_letters, key.p);
			continue;
		}
		mask = tw_map_get(&w->commons, tw_buf_str(&key), key.n);
		if (!mask) {
			mask = tw_zalloc(sizeof(*mask));
			tw_map_put(&w->commons, tw_buf_str(&key), key.n, mask);
		}
		*mask |= 1ull << language;
	}
	tw_buf_done(&key);
}

static int by_length(const void *a, const void *b)
{
	size_t n = strlen(*(char *const *)a), m = strlen(*(char *const *)b);

	return n == m ? strcmp(*(char *const *)a, *(char *const *)b) : n < m ? 1 : -1;
}

/* What may stand in braces in a text. */
static const char *const text_names[FLOW_PHRASE_COUNT] = {
	[FLOW_PHRASE_JOIN] = "{names} {keyword}", [FLOW_PHRASE_LEFT] = "{names}",
	[FLOW_PHRASE_LEFT_LIST] = "{names}", [FLOW_PHRASE_BACK] = "{names}",
	[FLOW_PHRASE_WHICH] = "{names}",
	[FLOW_PHRASE_AGENT_MORE] = "{count}", [FLOW_PHRASE_AGENT_CLOSED] = "{ticket}",
	[FLOW_PHRASE_AGENT_NOTE_EMPTY] = "{ticket}", [FLOW_PHRASE_AGENT_NOTED] = "{ticket}",
	[FLOW_PHRASE_AGENT_TAKEN] = "{ticket} {name}", [FLOW_PHRASE_AGENT_REFUSED] =
		"{ticket} {why}",
	[FLOW_PHRASE_AGENT_UNKNOWN] = "{ticket}", [FLOW_PHRASE_AGENT_LEFT] = "{ticket}",
	[FLOW_PHRASE_OPERATOR_UNKNOWN] = "{name} {names}",
	[FLOW_PHRASE_OPERATOR_CODE] = "{command} {code}",
	[FLOW_PHRASE_OPERATOR_STATUS] = "{ready} {modems} {database} {replies} {api} {campaign} "
					"{scheduled} {doubt} {last}",
	[FLOW_PHRASE_OPERATOR_GONE] = "{name}", [FLOW_PHRASE_OPERATOR_PAUSED] = "{name}",
	[FLOW_PHRASE_OPERATOR_RESUMED] = "{name}", [FLOW_PHRASE_OPERATOR_DIALLED] = "{name}",
	[FLOW_PHRASE_OPERATOR_REFUSED] = "{name} {why}",
};

const char *flow_phrase_names(enum flow_phrase phrase)
{
	return text_names[phrase] ? text_names[phrase] : "";
}

/* Of a name that nobody fills in the customer would read the braces. */
static void check_text(const struct tw_conf_node *node, enum flow_phrase phrase, const char *text,
		       struct tw_findings *f)
{
	const char *allowed = flow_phrase_names(phrase);

	for (const char *p = strchr(text, '{'); p; p = strchr(p + 1, '{')) {
		tw_auto(tw_free_charp) char *name = tw_strndup(p, strcspn(p, "}") + 1);

		if (!strchr(p, '}') || !strstr(allowed, name))
			tw_findings_add(f, tw_conf_file(node), tw_conf_line(node), (int)(p - text),
					true, "`%s` has no name %s: %s%s", text_keys[phrase].name,
					name, *allowed ? "there may stand " :
					"none can stand there", allowed);
	}
}

static void take_texts(struct words_language *l, const struct tw_conf_node *node,
		       struct tw_findings *f)
{
	if (!node || tw_keys_read(text_keys, TW_COUNT(text_keys), node, l->phrases, f) < 0)
		return;
	for (size_t i = 0; i < FLOW_PHRASE_COUNT; i++)
		if (l->phrases[i])
			check_text(tw_conf_member(node, text_keys[i].name), (enum flow_phrase)i,
				   l->phrases[i], f);
	for (size_t i = 0; i < FLOW_PHRASE_COUNT; i++)
		if (l->phrases[i] && !*l->phrases[i]) {
			free(l->phrases[i]);
			l->phrases[i] = NULL;
		}
}

/* Patterns of sentences, by the name of their list. */
struct lists { struct tw_strings v[PATTERN_COUNT]; bool is_unspaced; };
#define LIST(x) offsetof(struct lists, v[PATTERN_##x])
static const struct tw_key list_keys[] = {
	{ "stop", TW_KEY_STRINGS, LIST(STOP), .help = "what leaves" },
	{ "ask", TW_KEY_STRINGS, LIST(ASK), .help = "what is answered with how to leave" },
	{ "veto", TW_KEY_STRINGS, LIST(VETO), .help = "what means something else" },
	{ "limit", TW_KEY_STRINGS, LIST(LIMIT), .help = "what makes leaving a question" },
	{ "wish", TW_KEY_STRINGS, LIST(WISH), .help = "what, near a thing, may be leaving" },
	{ "thing", TW_KEY_STRINGS, LIST(THING), .help = "what our texts are called" },
	{ "unspaced", TW_KEY_BOOL, offsetof(struct lists, is_unspaced),
	  .help = "matched letter by letter, all spaces left out" },
};

static void take_sentences(struct flow_words *w, size_t language, const struct tw_conf_node *node,
			   struct tw_findings *f)
{
	struct lists lists = { .is_unspaced = false };

	if (!node || tw_keys_read(list_keys, TW_COUNT(list_keys), node, &lists, f) < 0)
		return;
	w->languages[language].is_unspaced = lists.is_unspaced;
	for (int list = 0; list < PATTERN_COUNT; list++)
		for (size_t i = 0; i < lists.v[list].n; i++) {
			const char *fault = words_pattern_add(w, language, (enum words_pattern)list,
							      lists.v[list].v[i]);

			if (fault)
				tw_conf_fault(node, f, true, "`%s` has %s: \"%s\"",
					      list_keys[list].name, fault, lists.v[list].v[i]);
		}
	tw_keys_done(list_keys, TW_COUNT(list_keys), &lists);
}

static void load_file(struct flow_words *w, size_t language, const char *path,
		      struct tw_findings *f)
{
	struct tw_conf *conf = tw_conf_read(path, f);
	struct file file = { .texts = NULL };

	if (!conf)
		return;
	if (tw_keys_read(keys, TW_COUNT(keys), tw_conf_root(conf), &file, f) == 0) {
		for (int kind = 0; kind < KIND_COUNT; kind++)
			for (size_t i = 0; i < file.kinds[kind].n; i++)
				add_phrase(w, language, (enum words_kind)kind,
					   file.kinds[kind].v[i]);
		add_folded(&w->signatures, &file.signatures, false);
		add_folded(&w->quotes, &file.quotes, false);
		add_folded(&w->asks, &file.asks, true);
		add_common(w, language, &file.common);
		take_sentences(w, language, file.sentences, f);
		take_texts(&w->languages[language], file.texts, f);
	}
	tw_keys_done(keys, TW_COUNT(keys), &file);
	tw_conf_free(conf);
}

static int is_words_file(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 5, ".conf");
}

static void load_entry(struct flow_words *w, const char *folder, const char *name,
		       struct tw_findings *f)
{
	tw_auto(tw_free_charp) char *path = tw_printf("%s/%s", folder, name);
	tw_auto(tw_free_charp) char *code = tw_strndup(name, strlen(name) - 5);
	size_t language = strcmp(code, "any") ? w->n_languages : 0;

	if (language == WORDS_LANGUAGES_MAX || strlen(code) >= sizeof(w->languages->code)) {
		tw_findings_add(f, path, 0, -1, true,
				"more than %d languages, or a language's code "
				"longer than %zu", WORDS_LANGUAGES_MAX - 1,
				sizeof(w->languages->code) - 1);
		return;
	}
	strcpy(w->languages[language].code, code);
	if (language)
		w->n_languages++;
	load_file(w, language, path, f);
}

/* A folder without what everything else falls back on would leave STOP unheard. */
static void check_loaded(struct flow_words *w, const char *folder, struct tw_findings *f)
{
	const struct words_entry *stop = tw_map_get(&w->by_phrase, "stop", 4);

	if (!stop || !(stop->kinds[KIND_STOP] & 1))
		tw_findings_add(f, folder, 0, -1, true,
				"any.conf with the word STOP is missing here");
	for (int i = 0; i < FLOW_PHRASE_COUNT; i++)
		if (!w->languages[0].phrases[i])
			tw_findings_add(f, folder, 0, -1, true, "`texts.%s` is missing in any.conf",
					text_keys[i].name);
}

struct flow_words *flow_words_load(const char *folder, struct tw_findings *f)
{
	struct flow_words *w = tw_zalloc(sizeof(*w));
	size_t before = f->errors;
	struct dirent **entries;
	int n = scandir(folder, &entries, is_words_file, alphasort);

	w->n_languages = 1;
	if (n < 0) {
		tw_findings_add(f, folder, 0, -1, true,
				"cannot read the folder of consent words: %s", tw_strerror(-errno));
	} else {
		for (int i = 0; i < n; i++) {
			load_entry(w, folder, entries[i]->d_name, f);
			free(entries[i]);
		}
		free(entries);
		words_patterns_settle(w);
		if (w->common_letters.n)
			qsort(w->common_letters.v, w->common_letters.n, sizeof(char *), by_length);
		if (f->errors == before)
			check_loaded(w, folder, f);
	}
	if (f->errors == before)
		return w;
	flow_words_free(w);
	return NULL;
}

void flow_words_free(struct flow_words *w)
{
	size_t cursor = 0;
	void *entry;

	if (!w)
		return;
	while (tw_map_each(&w->by_phrase, &cursor, NULL, NULL, &entry))
		free(entry);
	tw_map_done(&w->by_phrase);
	for (cursor = 0; tw_map_each(&w->commons, &cursor, NULL, NULL, &entry); )
		free(entry);
	tw_map_done(&w->commons);
	tw_strings_done(&w->common_letters);
	for (size_t i = 0; i < w->n_languages; i++)
		for (int j = 0; j < FLOW_PHRASE_COUNT; j++)
			free(w->languages[i].phrases[j]);
	tw_strings_done(&w->courtesy);
	tw_strings_done(&w->signatures);
	tw_strings_done(&w->asks);
	tw_strings_done(&w->quotes);
	words_patterns_done(w);
	free(w);
}

/* ---- languages ----------------------------------------------------------------------------- */

static int language_of(const struct flow_words *w, const char *code)
{
	size_t n = strcspn(code, "-_");

	for (size_t i = 1; i < w->n_languages; i++)
		if (strlen(w->languages[i].code) == n &&
		    !strncasecmp(w->languages[i].code, code, n))
			return (int)i;
	return FLOW_NONE;
}

/* Those asked for, English and what counts in any. */
uint64_t words_mask(const struct flow_words *w, const char *const *languages, size_t n)
{
	int english = language_of(w, "en");
	uint64_t mask = 1 | (english > 0 ? 1ull << english : 0);

	for (size_t i = 0; i < n; i++) {
		int l = languages[i] ? language_of(w, languages[i]) : FLOW_NONE;

		if (l > 0)
			mask |= 1ull << l;
	}
	return mask;
}

const char *flow_words_phrase(const struct flow_words *w, enum flow_phrase phrase,
			      const char *const *languages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int l = languages[i] ? language_of(w, languages[i]) : FLOW_NONE;

		if (l > 0 && w->languages[l].phrases[phrase])
			return w->languages[l].phrases[phrase];
	}
	return w->languages[0].phrases[phrase];
}

bool flow_words_is_common(const struct flow_words *w, const char *language,
			  const char *word, size_t n)
{
	const uint64_t *mask = tw_map_get(&w->commons, word, n);

	return mask && (*mask & words_mask(w, &language, 1));
}

size_t flow_words_common_letters(const struct flow_words *w, const char *text, size_t n)
{
	for (size_t i = 0; i < w->common_letters.n; i++) {
		size_t length = strlen(w->common_letters.v[i]);

		if (length <= n && !memcmp(w->common_letters.v[i], text, length))
			return length;
	}
	return 0;
}
