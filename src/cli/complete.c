/* twoway complete WORD…: what may stand in the place of the last word. The shells' completions ask
 * it, so that they know every verb and option there is, and modems, accounts, flows by name. A
 * candidate a line, with a tab and a sentence behind it; `:file` stands for files. Not in the help:
 * it is for shells. */
#include "cli.h"

#include <stdio.h>

enum { WORDS_MAX = 4 };

struct asked {
	const char *word;		/* what has been typed of it */
	const struct cli_option *option;	/* that wants a value, before it; NULL: none */
	const struct cli_verb *verb;	/* NULL: not typed yet */
	const char *words[WORDS_MAX];	/* the verb's own before it, the first of them */
	int place;			/* among them, from 0 */
	bool options_ended;
};

static void offer(const struct asked *a, const char *text, size_t n, const char *about)
{
	size_t typed = strlen(a->word);

	if (n && n >= typed && !strncmp(text, a->word, typed))
		printf("%.*s\t%s\n", (int)n, text, about);
}

static void offer_options(const struct asked *a, const struct cli_option *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		tw_auto(tw_free_charp) char *text = tw_printf("--%s", v[i].name);

		offer(a, text, strlen(text), v[i].help);
	}
}

/* ---- names that the daemon knows ------------------------------------------------------------ */

/* By what stands for them in the usage; verb NULL: of any. about: a member that is shown behind the
 * name. */
static const struct named { const char *kind, *verb, *path, *array, *member, *about; } names[] = {
	{ "MODEM", NULL, "/api/v1/modems", "modems", "name", "state" },
	{ "GOAL", NULL, "/api/v1/goals", "goals", "name", "" },
	{ "CALENDAR", NULL, "/api/v1/calendars", "calendars", "name", "" },
	{ "NAME", "flows", "/api/v1/flows", "flows", "name", "" },
	{ "NAME", "settings", "/api/v1/settings", "settings", "name", "help" },
	{ "NAME", "campaign", "/api/v1/campaigns", "campaigns", "name", "state" },
	{ "NAME", "token", "/api/v1/tokens", "tokens", "name", "" },
	{ "LIST", NULL, "/api/v1/lists", "lists", "name", "" },
};
/* The same of options, by their own name. */
static const struct named of_options[] = {
	{ "account", NULL, "/api/v1/accounts", "accounts", "name", "" },
	{ "list", NULL, "/api/v1/lists", "lists", "name", "" },
	{ "series", NULL, "/api/v1/vouchers/series", "series", "name", "" },
	{ "voucher", NULL, "/api/v1/vouchers/series", "series", "name", "" },
	{ "calendar", NULL, "/api/v1/calendars", "calendars", "name", "" },
};

/* Without a daemon there is none to offer, and nothing to say about it. */
static void offer_named(const struct asked *a, struct cli *c, const struct named *n)
{
	json_t *root = NULL, *row;
	size_t i;

	if (cli_ask(c, "GET", n->path, &root))
		return;
	json_array_foreach(json_object_get(root, n->array), i, row) {
		const char *name = cli_member(row, n->member);

		offer(a, name, strlen(name), cli_member(row, n->about));
	}
	json_decref(root);
}

/* ---- the usage ------------------------------------------------------------------------------ */

/* What a word of the usage stands for: a|b are themselves, the rest goes by its name. */
static void offer_kind(const struct asked *a, struct cli *c, const char *kind, size_t n)
{
	static const char *const files[] = { "FILE", "PATH", "SOCKET", "FLOW" };

	for (size_t i = 0; i < TW_COUNT(files); i++)
		if (n >= strlen(files[i]) && !strncmp(kind, files[i], strlen(files[i])))
			puts(":file");
	for (size_t i = 0; i < TW_COUNT(names); i++)
		if (n == strlen(names[i].kind) && !strncmp(kind, names[i].kind, n) &&
		    (!names[i].verb || (a->verb && !strcmp(a->verb->name, names[i].verb))))
			offer_named(a, c, &names[i]);
	for (size_t k; n && *kind >= 'a' && *kind <= 'z'; n -= k, kind += k) {
		k = strcspn(kind, "|");
		k = k < n ? k : n;
		offer(a, kind, k, "");
		k += k < n;
	}
}

/* Whether a word of the usage is what was typed: small letters are themselves, the rest is
 * anything. */
static bool is_typed(const char *kind, size_t n, const char *typed)
{
	size_t typed_n = strlen(typed);

	if (*kind < 'a' || *kind > 'z')
		return true;
	for (size_t k; n; n -= k, kind += k) {
		k = strcspn(kind, "|");
		k = k < n ? k : n;
		if (k == typed_n && !strncmp(kind, typed, k))
			return true;
		k += k < n;
	}
	return false;
}

/* The usage of a verb is read as it is shown: a bar between blanks parts its forms, blanks part
 * words, brackets mean nothing here, and what ends in … goes on. */
static const char *next_word(const char *p, size_t *ret_n)
{
	p += strspn(p, " []");
	*ret_n = strcspn(p, " []");
	return p;
}

static bool is_bar(const char *p, size_t n)
{
	return n == 1 && *p == '|';
}

static bool goes_on(const char *p, size_t n)
{
	return n > 3 && !strncmp(p + n - 3, "…", 3);
}

/* One form, whose words from p on are offered at a->place where those before it are what was typed.
 * Returns behind it. */
static const char *offer_form(const struct asked *a, struct cli *c, const char *p)
{
	bool fits = true;
	size_t n;

	for (int place = 0;; place++) {
		p = next_word(p, &n);
		if (!n || is_bar(p, n))
			return p + n;
		fits = fits && *p != '-';	/* options come by themselves */
		if (fits && (place == a->place || (goes_on(p, n) && place < a->place)))
			offer_kind(a, c, p, n);
		if (place < a->place && place < WORDS_MAX)
			fits = fits && is_typed(p, n, a->words[place]);
		p += n;
	}
}

static void offer_place(const struct asked *a, struct cli *c)
{
	for (const char *p = a->verb->arguments; *p;)
		p = offer_form(a, c, p);
}

static void offer_value(const struct asked *a, struct cli *c)
{
	for (size_t i = 0; i < TW_COUNT(of_options); i++)
		if (!strcmp(a->option->name, of_options[i].kind)) {
			offer_named(a, c, &of_options[i]);
			return;
		}
	offer_kind(a, c, a->option->value, strlen(a->option->value));
}

static const struct cli_option *find_option(const struct cli_verb *verb, const char *name)
{
	for (size_t i = 0; i < cli_shared_options_n; i++)
		if (!strcmp(cli_shared_options[i].name, name))
			return &cli_shared_options[i];
	for (size_t i = 0; verb && i < verb->n_options; i++)
		if (!strcmp(verb->options[i].name, name))
			return &verb->options[i];
	return NULL;
}

static void read_word(struct asked *a, const struct cli_verb *const *verbs, size_t n,
		      const char *word)
{
	if (a->verb) {
		if (a->place < WORDS_MAX)
			a->words[a->place] = word;
		a->place++;
	}
	for (size_t k = 0; k < n && !a->verb; k++)
		if (!strcmp(verbs[k]->name, word))
			a->verb = verbs[k];
}

/* Goes through the words before the last; what an option is given is told to c where it matters. */
static void read_words(struct asked *a, struct cli *c, const struct cli_verb *const *verbs,
		       size_t n, int argc, char **argv)
{
	for (int i = 0; i < argc - 1; i++) {
		const char *word = argv[i];
		const struct cli_option *o = NULL;

		if (!a->options_ended && !strcmp(word, "--")) {
			a->options_ended = true;
		} else if (!a->options_ended && !strncmp(word, "--", 2)) {
			o = find_option(a->verb, word + 2);
			if (!o || !o->value)
				continue;
			if (++i == argc - 1)
				a->option = o;
			else if (!strcmp(o->name, "socket"))
				c->socket = argv[i];
		} else {
			read_word(a, verbs, n, word);
		}
	}
}

int cli_complete(const struct cli_verb *const *verbs, size_t n, int argc, char **argv)
{
	struct asked a = { .word = argc ? argv[argc - 1] : "" };
	struct cli c = { 0 };

	read_words(&a, &c, verbs, n, argc, argv);
	if (a.option) {
		offer_value(&a, &c);
	} else if (a.word[0] == '-' && !a.options_ended) {
		if (a.verb)
			offer_options(&a, a.verb->options, a.verb->n_options);
		offer_options(&a, cli_shared_options, cli_shared_options_n);
	} else if (a.verb) {
		offer_place(&a, &c);
	} else {
		for (size_t i = 0; i < n; i++)
			offer(&a, verbs[i]->name, strlen(verbs[i]->name), verbs[i]->summary);
	}
	return CLI_OK;
}
