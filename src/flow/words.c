/* Consent words: data, a file a language, and what a whole text says by them. The folding is looser
 * than that of keywords, since an opt-out must not fail for an accent, a hamza or a look-alike. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "internal.h"

enum {
	LANGUAGES_MAX = 64,
	TEXT_WORDS_MAX = 64,		/* a longer text is no consent word */
	TEXT_OCTETS_MAX = 4096
};

enum kind { KIND_STOP, KIND_ALL, KIND_START, KIND_HELP, KIND_AMBIGUOUS, KIND_COURTESY, KIND_COUNT };

/* What a folded phrase is, a bit a language. */
struct entry { uint64_t kinds[KIND_COUNT]; };

struct language {
	char code[12];
	char *phrases[FLOW_PHRASE_COUNT];	/* NULL: not said in it */
};

struct flow_words {
	struct language languages[LANGUAGES_MAX];	/* [0] is any.conf */
	size_t n_languages;
	struct tw_map by_phrase;	/* folded phrase to struct entry */
	size_t longest;			/* words in a phrase */
	struct tw_strings courtesy;	/* folded, of scripts without spaces */
	struct tw_strings signatures, asks;		/* folded; by key */
};

/* ---- folding ------------------------------------------------------------------------------- */

/* What remains of a key to be taken as one letter; to 0: dropped. Ascending. */
static const struct alike { int32_t from, to, second; } alikes[] = {
	{ 0x00E6, 'a', 'e' }, { 0x00F0, 'd', 0 }, { 0x00F8, 'o', 0 }, { 0x0111, 'd', 0 },
	{ 0x0131, 'i', 0 }, { 0x0142, 'l', 0 }, { 0x0153, 'o', 'e' },
	{ 0x0439, 0x0438, 0 }, { 0x0450, 0x0435, 0 }, { 0x0451, 0x0435, 0 }, { 0x0453, 0x0433, 0 },
	{ 0x0457, 0x0456, 0 }, { 0x045C, 0x043A, 0 }, { 0x045D, 0x0438, 0 }, { 0x045E, 0x0443, 0 },
	{ 0x0621, 0, 0 }, { 0x0622, 0x0627, 0 }, { 0x0623, 0x0627, 0 }, { 0x0624, 0x0648, 0 },
	{ 0x0625, 0x0627, 0 }, { 0x0626, 0x064A, 0 }, { 0x0629, 0x0647, 0 }, { 0x0649, 0x064A, 0 },
	{ 0x0653, 0, 0 }, { 0x0654, 0, 0 }, { 0x0655, 0, 0 }, { 0x065F, 0, 0 }, { 0x0671, 0x0627, 0 },
	{ 0x06A9, 0x0643, 0 }, { 0x06BE, 0x0647, 0 }, { 0x06C0, 0x0647, 0 }, { 0x06C1, 0x0647, 0 },
	{ 0x06C2, 0x0647, 0 }, { 0x06CC, 0x064A, 0 }, { 0x06D3, 0x06D2, 0 },
	{ 0x0901, 0x0902, 0 }, { 0x0929, 0x0928, 0 }, { 0x0931, 0x0930, 0 }, { 0x0934, 0x0933, 0 },
	{ 0x093C, 0, 0 }, { 0x0981, 0, 0 }, { 0x09BC, 0, 0 },
};

static const struct alike *alike_of(int32_t c)
{
	size_t low = 0, high = TW_COUNT(alikes);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (alikes[middle].from < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low < TW_COUNT(alikes) && alikes[low].from == c ? &alikes[low] : NULL;
}

/* Stands as a word of its own in a key, and says nothing about consent: emoji, currency, arrows. */
static bool is_symbol(int32_t c)
{
	return c < 0x80 ? c != 0 && strchr("$+<=>^`|~", c) != NULL
			: c == 0xFFFD || c == 0x200D || (c >= 0x2000 && c <= 0x2BFF) ||
			  (c >= 0x1F000 && c <= 0x1FAFF);
}

static bool is_combining(int32_t c)
{
	return (c >= 0x0300 && c <= 0x036F) || (c >= 0x0591 && c <= 0x05C7);
}

void flow_words_fold(const char *text, size_t n, struct tw_buf *out)
{
	struct tw_buf key = { 0 };
	bool wants_space = false;
	size_t start = out->n;

	tw_fold_key(text, n, &key);
	for (const char *p = tw_buf_str(&key), *end = p + key.n; p < end;) {
		int32_t c = tw_utf8_next(&p, end);
		const struct alike *a = alike_of(c);

		if (c == ' ' || is_symbol(c)) {
			wants_space = true;
			continue;
		}
		if (is_combining(c) || (a && !a->to))
			continue;
		if (wants_space && out->n > start)
			tw_buf_addc(out, ' ');
		wants_space = false;
		tw_buf_addu(out, (uint32_t)(a ? a->to : c));
		if (a && a->second)
			tw_buf_addu(out, (uint32_t)a->second);
	}
	tw_buf_done(&key);
}

/* ---- reading the files --------------------------------------------------------------------- */

struct file {
	struct tw_strings kinds[KIND_COUNT], signatures, asks;
	const struct tw_conf_node *texts;
};
#define FIELD(x) offsetof(struct file, x)
static const struct tw_key keys[] = {
	{ "stop", TW_KEY_STRINGS, FIELD(kinds[KIND_STOP]), .help = "words that leave" },
	{ "stop_all", TW_KEY_STRINGS, FIELD(kinds[KIND_ALL]), .help = "words that leave everything" },
	{ "start", TW_KEY_STRINGS, FIELD(kinds[KIND_START]), .help = "words that come back" },
	{ "help", TW_KEY_STRINGS, FIELD(kinds[KIND_HELP]), .help = "words that ask who this is" },
	{ "ambiguous", TW_KEY_STRINGS, FIELD(kinds[KIND_AMBIGUOUS]),
	  .help = "words that leave where no keyword takes them" },
	{ "courtesy", TW_KEY_STRINGS, FIELD(kinds[KIND_COURTESY]), .help = "words that say nothing" },
	{ "signatures", TW_KEY_STRINGS, FIELD(signatures), .help = "how a signature begins" },
	{ "ask", TW_KEY_STRINGS, FIELD(asks), .help = "texts that are answered with how to leave" },
	{ "texts", TW_KEY_NODE, FIELD(texts), .help = "sentences of our own" },
};
static const struct tw_key text_keys[] = {
#define X(id, name) { name, TW_KEY_STRING, FLOW_PHRASE_##id * sizeof(char *), .default_text = NULL },
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

static void add_phrase(struct flow_words *w, size_t language, enum kind kind, const char *phrase)
{
	struct tw_buf folded = { 0 };
	struct entry *entry;
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

static void take_texts(struct language *l, const struct tw_conf_node *node, struct tw_findings *f)
{
	if (!node || tw_keys_read(text_keys, TW_COUNT(text_keys), node, l->phrases, f) < 0)
		return;
	for (size_t i = 0; i < FLOW_PHRASE_COUNT; i++)
		if (l->phrases[i] && !*l->phrases[i]) {
			free(l->phrases[i]);
			l->phrases[i] = NULL;
		}
}

static void load_file(struct flow_words *w, size_t language, const char *path, struct tw_findings *f)
{
	struct tw_conf *conf = tw_conf_read(path, f);
	struct file file = { .texts = NULL };

	if (!conf)
		return;
	if (tw_keys_read(keys, TW_COUNT(keys), tw_conf_root(conf), &file, f) == 0) {
		for (int kind = 0; kind < KIND_COUNT; kind++)
			for (size_t i = 0; i < file.kinds[kind].n; i++)
				add_phrase(w, language, (enum kind)kind, file.kinds[kind].v[i]);
		add_folded(&w->signatures, &file.signatures, false);
		add_folded(&w->asks, &file.asks, true);
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

	if (language == LANGUAGES_MAX || strlen(code) >= sizeof(w->languages->code)) {
		tw_findings_add(f, path, 0, -1, true, "more than %d languages, or a language's code "
				"longer than %zu", LANGUAGES_MAX - 1, sizeof(w->languages->code) - 1);
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
	const struct entry *stop = tw_map_get(&w->by_phrase, "stop", 4);

	if (!stop || !(stop->kinds[KIND_STOP] & 1))
		tw_findings_add(f, folder, 0, -1, true, "any.conf with the word STOP is missing here");
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
		tw_findings_add(f, folder, 0, -1, true, "cannot read the folder of consent words: %s",
				tw_strerror(-errno));
	} else {
		for (int i = 0; i < n; i++) {
			load_entry(w, folder, entries[i]->d_name, f);
			free(entries[i]);
		}
		free(entries);
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
	for (size_t i = 0; i < w->n_languages; i++)
		for (int j = 0; j < FLOW_PHRASE_COUNT; j++)
			free(w->languages[i].phrases[j]);
	tw_strings_done(&w->courtesy);
	tw_strings_done(&w->signatures);
	tw_strings_done(&w->asks);
	free(w);
}

/* ---- languages ----------------------------------------------------------------------------- */

static int language_of(const struct flow_words *w, const char *code)
{
	size_t n = strcspn(code, "-_");

	for (size_t i = 1; i < w->n_languages; i++)
		if (strlen(w->languages[i].code) == n && !strncasecmp(w->languages[i].code, code, n))
			return (int)i;
	return FLOW_NONE;
}

/* Those asked for, English and what counts in any. */
static uint64_t mask_of(const struct flow_words *w, const char *const *languages, size_t n)
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

/* ---- one reading of a text ----------------------------------------------------------------- */

/* The words of a folded text: word i begins at starts[i], and ends one before starts[i + 1]. */
struct reading {
	const struct flow_words *w;
	uint64_t mask;
	const char *text;
	size_t starts[TEXT_WORDS_MAX + 1];
	size_t n;
};

static bool split(struct reading *r, const char *text, size_t n)
{
	r->text = text;
	r->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (i && text[i - 1] != ' ')
			continue;
		if (r->n == TEXT_WORDS_MAX)
			return false;
		r->starts[r->n++] = i;
	}
	r->starts[r->n] = n + 1;
	return r->n > 0;
}

/* What the words first..first + count are, by kind, in the languages that count. */
static unsigned kinds_of(const struct reading *r, size_t first, size_t count)
{
	const char *start = r->text + r->starts[first];
	size_t n = r->starts[first + count] - r->starts[first] - 1;
	const struct entry *entry = tw_map_get(&r->w->by_phrase, start, n);
	unsigned kinds = 0;

	for (int kind = 0; entry && kind < KIND_COUNT; kind++)
		if (entry->kinds[kind] & r->mask)
			kinds |= 1u << kind;
	return kinds;
}

/* A number behind a word, as a footer has it ("STOP 1"), or glued to STOP ("STOP1"). */
static bool is_number(const struct reading *r, size_t word)
{
	const char *p = r->text + r->starts[word];

	return strspn(p, "0123456789") >= r->starts[word + 1] - r->starts[word] - 1;
}

static bool is_stop_with_number(const struct reading *r, size_t word)
{
	const char *p = r->text + r->starts[word];
	size_t n = r->starts[word + 1] - r->starts[word] - 1;

	return n > 4 && !memcmp(p, "stop", 4) && strspn(p + 4, "0123456789") >= n - 4;
}

/* The longest phrase of the wanted kinds at a word, of no more than `limit`. Its words, and kinds. */
static size_t phrase_at(const struct reading *r, size_t first, size_t end, unsigned wanted,
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

static void skip_courtesy(const struct reading *r, size_t *first, size_t *end)
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
static enum flow_says read_list(const struct reading *r, size_t first, size_t end, bool *ret_all)
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
static enum flow_says read_named(const struct reading *r, size_t first, size_t end,
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

static bool read_words(struct reading *r, const char *text, size_t n, struct flow_saying *ret)
{
	size_t first = 0, end;

	if (!split(r, text, n))
		return false;
	end = r->n;
	skip_courtesy(r, &first, &end);
	if (first == end)
		return false;
	ret->says = read_list(r, first, end, &ret->is_all);
	if (ret->says == SAYS_NOTHING)
		ret->says = read_named(r, first, end, ret);
	return ret->says != SAYS_NOTHING;
}

/* ---- other readings of the same text ------------------------------------------------------- */

/* Runs of three letters or more become one: STOOOP. */
static bool squeeze(const char *text, size_t n, struct tw_buf *out)
{
	int32_t before = -1;
	size_t run = 0, kept = 0;

	tw_buf_clear(out);
	for (const char *p = text, *end = text + n; p < end;) {
		const char *start = p;
		int32_t c = tw_utf8_next(&p, end);

		run = c == before ? run + 1 : 1;
		before = c;
		if (run == 1)
			kept = out->n;
		if (run >= 3) {		/* back to the first of the run */
			out->n = kept;
			tw_buf_add(out, start, (size_t)(p - start));
		} else {
			tw_buf_add(out, start, (size_t)(p - start));
		}
	}
	return out->n < n;
}

/* S T O P: a text of single letters only is one word. */
static bool join(const char *text, size_t n, struct tw_buf *out)
{
	size_t letters = 0;

	tw_buf_clear(out);
	for (const char *p = text, *end = text + n; p < end;) {
		const char *start = p;

		if (tw_utf8_next(&p, end) == ' ')
			return false;
		if (p < end && *p != ' ')
			return false;
		tw_buf_add(out, start, (size_t)(p - start));
		letters++;
		p += p < end;
	}
	return letters > 2;
}

/* Letters that look alike in print, folded: Latin, Cyrillic, Greek; 0 where there is none. What a
 * capital looks like counts, so "h" is the Cyrillic en. */
static const struct { char latin; int32_t cyrillic, greek; } looks[] = {
	{ 'a', 0x0430, 0x03B1 }, { 'b', 0x0432, 0x03B2 }, { 'c', 0x0441, 0 }, { 'e', 0x0435, 0x03B5 },
	{ 'h', 0x043D, 0x03B7 }, { 'i', 0x0456, 0x03B9 }, { 'j', 0x0458, 0 }, { 'k', 0x043A, 0x03BA },
	{ 'm', 0x043C, 0x03BC }, { 'n', 0, 0x03BD }, { 'o', 0x043E, 0x03BF }, { 'p', 0x0440, 0x03C1 },
	{ 's', 0x0455, 0 }, { 't', 0x0442, 0x03C4 }, { 'u', 0, 0 }, { 'x', 0x0445, 0x03C7 },
	{ 'y', 0x0443, 0x03C5 }, { 'z', 0, 0x03B6 },
};

enum script { TO_LATIN, TO_CYRILLIC, TO_GREEK, SCRIPT_COUNT };

static int32_t look_alike(int32_t c, enum script to)
{
	for (size_t i = 0; i < TW_COUNT(looks); i++) {
		int32_t forms[SCRIPT_COUNT] = { looks[i].latin, looks[i].cyrillic, looks[i].greek };

		for (int from = 0; from < SCRIPT_COUNT; from++)
			if (forms[from] == c && forms[to])
				return forms[to];
	}
	return c;
}

static void convert(const char *text, size_t n, enum script to, struct tw_buf *out)
{
	tw_buf_clear(out);
	for (const char *p = text, *end = text + n; p < end;)
		tw_buf_addu(out, (uint32_t)look_alike(tw_utf8_next(&p, end), to));
}

/* What other readings a folded text may have, by one look at its letters. */
struct letters_seen { bool scripts[SCRIPT_COUNT]; bool is_unspaced, has_run, is_spelt; };

static struct letters_seen look_at(const char *text, size_t n)
{
	struct letters_seen seen = { .is_spelt = true };
	int32_t before = -1, last = -1;

	for (const char *p = text, *end = text + n; p < end;) {
		int32_t c = tw_utf8_next(&p, end);

		seen.scripts[TO_LATIN] |= c >= 'a' && c <= 'z';
		seen.scripts[TO_CYRILLIC] |= c >= 0x0400 && c <= 0x04FF;
		seen.scripts[TO_GREEK] |= c >= 0x0370 && c <= 0x03FF;
		seen.is_unspaced |= tw_is_unspaced((uint32_t)c);
		seen.has_run |= c == last && c == before;
		seen.is_spelt &= (c == ' ') != (last == ' ' || last == -1);
		before = last;
		last = c;
	}
	return seen;
}

/* Scripts without spaces: all spaces out, courtesy off at both ends. */
static bool compact(const struct flow_words *w, const char *text, size_t n, struct tw_buf *out)
{
	bool goes_on = true;

	tw_buf_clear(out);
	for (size_t i = 0; i < n; i++)
		if (text[i] != ' ')
			tw_buf_addc(out, text[i]);
	while (goes_on) {
		goes_on = false;
		for (size_t i = 0; i < w->courtesy.n; i++) {
			const char *word = w->courtesy.v[i];
			size_t length = strlen(word);

			if (out->n <= length)
				continue;
			if (!memcmp(out->p, word, length)) {
				tw_buf_drop(out, length);
				goes_on = true;
			} else if (!memcmp(out->p + out->n - length, word, length)) {
				out->n -= length;
				goes_on = true;
			}
		}
	}
	return true;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Leaves out quoted lines and what stands below "--". */
static void cut_quotes(const char *text, size_t n, struct tw_buf *out)
{
	for (const char *p = text, *end = text + n; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p)), *first = p, *last;

		stop = stop ? stop : end;
		last = stop;
		while (first < last && (*first == ' ' || *first == '\t'))
			first++;
		while (last > first && (last[-1] == ' ' || last[-1] == '\r' || last[-1] == '\t'))
			last--;
		if (last - first == 2 && !memcmp(first, "--", 2))
			return;
		if (first == last || *first != '>')
			tw_buf_add(out, p, (size_t)(stop - p));
		tw_buf_addc(out, '\n');
		p = stop + (stop < end);
	}
}

/* Cuts a folded text where a signature begins behind at least one word. */
static void cut_signature(const struct flow_words *w, struct tw_buf *text)
{
	for (size_t i = 0; i < w->signatures.n; i++) {
		const char *signature = w->signatures.v[i];
		size_t n = strlen(signature);
		char *p = text->n > n + 1 ? memmem(text->p + 1, text->n - 1, signature, n) : NULL;

		if (p && p[-1] == ' ' && (p + n == text->p + text->n || p[n] == ' '))
			text->n = (size_t)(p - 1 - text->p);
	}
}

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

/* Makes one of the other readings; false where the text has none of this kind. */
static bool make_form(const struct flow_words *w, const struct letters_seen *seen, int form,
		      const struct tw_buf *text, struct tw_buf *out)
{
	int scripts = seen->scripts[TO_LATIN] + seen->scripts[TO_CYRILLIC] + seen->scripts[TO_GREEK];

	if (form == 0)
		return seen->has_run && squeeze(text->p, text->n, out);
	if (form == 1)
		return seen->is_spelt && join(text->p, text->n, out);
	if (form == 2)
		return seen->is_unspaced && compact(w, text->p, text->n, out);
	if (scripts < 2)
		return false;
	convert(text->p, text->n, (enum script)(form - 3), out);
	return true;
}

/* Each reading of a folded text in turn, until one says something. A name behind a word counts in
 * the text as it was written only: look-alikes are for whole keywords. */
static void read_forms(const struct flow_words *w, uint64_t mask, const struct tw_buf *text,
		       struct flow_saying *ret)
{
	struct tw_buf form = { 0 };
	struct flow_saying other = { .rest = { 0 } };
	struct reading r = { .w = w, .mask = mask };
	struct letters_seen seen;

	if (read_words(&r, text->p, text->n, ret) && !ret->rest.n)
		return;
	seen = look_at(text->p, text->n);
	for (int i = 0; i < 3 + SCRIPT_COUNT && !(other.says && !other.rest.n); i++) {
		tw_buf_clear(&other.rest);
		other.says = SAYS_NOTHING;
		if (make_form(w, &seen, i, text, &form))
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

void flow_words_read(const struct flow_words *w, const char *const *languages, size_t n,
		     const char *text, size_t text_n, struct flow_saying *ret)
{
	struct tw_buf own = { 0 }, folded = { 0 };

	ret->says = SAYS_NOTHING;
	ret->is_all = false;
	tw_buf_clear(&ret->rest);
	if (text_n > TEXT_OCTETS_MAX)
		return;
	cut_quotes(text, text_n, &own);
	flow_words_fold(tw_buf_str(&own), own.n, &folded);
	if (folded.n)
		cut_signature(w, &folded);
	if (is_ask(w, tw_buf_str(&own), own.n))
		ret->says = SAYS_ASK;
	else if (folded.n)
		read_forms(w, mask_of(w, languages, n), &folded, ret);
	tw_buf_done(&own);
	tw_buf_done(&folded);
}
