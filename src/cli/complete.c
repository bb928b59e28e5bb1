/* twoway complete WORD…: what may stand in the place of the last word. The shells' completions ask
 * it, so that they know every verb and option there is, and the modems by name. A candidate a line,
 * with a tab and a sentence behind it; `:file` stands for files. Not in the help: it is for
 * shells. */
#include "cli.h"

#include <stdio.h>

struct asked {
	const char *word;		/* what has been typed of it */
	const char *value_of;		/* the option before it that wants a value; NULL: none */
	const struct cli_verb *verb;	/* NULL: not typed yet */
	int place;			/* among the verb's own words, from 0 */
	bool options_ended;
};

static void offer(const struct asked *a, const char *text, size_t n, const char *about)
{
	size_t typed = strlen(a->word);

	if (n >= typed && !strncmp(text, a->word, typed))
		printf("%.*s\t%s\n", (int)n, text, about);
}

static void offer_options(const struct asked *a, const struct cli_option *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		tw_auto(tw_free_charp) char *text = tw_printf("--%s", v[i].name);

		offer(a, text, strlen(text), v[i].help);
	}
}

/* Without a daemon there is none to offer, and nothing to say about it. */
static void offer_modems(const struct asked *a, struct cli *c)
{
	json_t *root = NULL, *m;
	size_t i;

	if (cli_ask(c, "GET", "/api/v1/modems", &root))
		return;
	json_array_foreach(json_object_get(root, "modems"), i, m) {
		const char *name = cli_member(m, "name");

		offer(a, name, strlen(name), cli_member(m, "state"));
	}
	json_decref(root);
}

/* What a word of the usage stands for: a|b are themselves, the rest goes by its name. */
static void offer_kind(const struct asked *a, struct cli *c, const char *kind, size_t n)
{
	static const char *const files[] = { "FILE", "PATH", "SOCKET" };
	static const char *const modems[] = { "MODEM" };

	for (size_t i = 0; i < TW_COUNT(files); i++)
		if (n >= strlen(files[i]) && !strncmp(kind, files[i], strlen(files[i])))
			puts(":file");
	for (size_t i = 0; i < TW_COUNT(modems); i++)
		if (n == strlen(modems[i]) && !strncmp(kind, modems[i], n))
			offer_modems(a, c);
	for (size_t k; n && *kind >= 'a' && *kind <= 'z'; n -= k, kind += k) {
		k = strcspn(kind, "|");
		k = k < n ? k : n;
		offer(a, kind, k, "");
		k += k < n;
	}
}

/* The usage of a verb is read as it is shown: blanks part its words, brackets mean nothing here,
 * and what ends in … goes on. */
static void offer_place(const struct asked *a, struct cli *c)
{
	const char *p = a->verb->arguments;

	for (int place = 0; *p; place++) {
		size_t n;

		p += strspn(p, " [");
		n = strcspn(p, " []");
		if (place == a->place || (n > 3 && !strncmp(p + n - 3, "…", 3))) {
			offer_kind(a, c, p, n);
			return;
		}
		p += n;
		p += strspn(p, "]");
	}
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
				a->value_of = o->value;
			else if (!strcmp(o->name, "socket"))
				c->socket = argv[i];
		} else if (!a->verb) {
			for (size_t k = 0; k < n; k++)
				if (!strcmp(verbs[k]->name, word))
					a->verb = verbs[k];
		} else {
			a->place++;
		}
	}
}

int cli_complete(const struct cli_verb *const *verbs, size_t n, int argc, char **argv)
{
	struct asked a = { .word = argc ? argv[argc - 1] : "" };
	struct cli c = { 0 };

	read_words(&a, &c, verbs, n, argc, argv);
	if (a.value_of) {
		offer_kind(&a, &c, a.value_of, strlen(a.value_of));
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
