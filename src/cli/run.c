/* From the arguments to a verb: shared options, help, what was meant instead. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct cli_option cli_shared_options[] = {
	{ "socket", "PATH", offsetof(struct cli, socket), "the daemon's socket" },
	{ "config", "FILE", offsetof(struct cli, config), "the configuration file" },
	{ "json", NULL, offsetof(struct cli, json), "objects, one a line, for programs" },
	{ "help", NULL, offsetof(struct cli, help), "this help" },
	{ "version", NULL, offsetof(struct cli, version), "the version" },
};
const size_t cli_shared_options_n = TW_COUNT(cli_shared_options);

int cli_fail(int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fflush(stdout);
	fputs("twoway: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	return code;
}

int cli_misuse(const char *verb, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "twoway%s%s: ", *verb ? " " : "", verb);
	vfprintf(stderr, format, ap);
	fprintf(stderr, "\nTry: twoway%s%s --help\n", *verb ? " " : "", verb);
	va_end(ap);
	return CLI_USAGE;
}

void cli_write(const struct tw_buf *b)
{
	fwrite(tw_buf_str(b), 1, b->n, stdout);
	fflush(stdout);
}

static void add_options(struct tw_buf *b, const struct cli_option *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *left = tw_printf("--%s%s%s", v[i].name, v[i].value ? " " : "",
				       v[i].value ? v[i].value : "");

		tw_buf_addf(b, "  %-22s %s\n", left, v[i].help);
		free(left);
	}
}

static void print_help(const struct cli_verb *const *verbs, size_t n, FILE *to)
{
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "Usage: twoway VERB …\n\nTwo-way messaging over your own modems.\n\n");
	for (size_t i = 0; i < n; i++)
		tw_buf_addf(&b, "  %-14s %s\n", verbs[i]->name, verbs[i]->summary);
	tw_buf_adds(&b, "\nOptions, before or after the verb:\n");
	add_options(&b, cli_shared_options, cli_shared_options_n);
	tw_buf_adds(&b, "\nTry: twoway VERB --help\n");
	fwrite(tw_buf_str(&b), 1, b.n, to);
	fflush(to);
	tw_buf_done(&b);
}

static int print_verb_help(const struct cli_verb *v)
{
	struct tw_buf b = { 0 };

	tw_buf_addf(&b, "Usage: twoway %s%s%s%s\n\n%s.\n", v->name,
		    v->arguments[0] ? " " : "", v->arguments,
		    v->n_options ? " [OPTION…]" : "", v->summary);
	if (v->about)
		tw_buf_addf(&b, "\n%s\n", v->about);
	tw_buf_adds(&b, "\nOptions:\n");
	add_options(&b, v->options, v->n_options);
	add_options(&b, cli_shared_options, cli_shared_options_n);
	cli_write(&b);
	tw_buf_done(&b);
	return CLI_OK;
}

static int print_version(void)
{
	printf("twoway %s\n", TWOWAY_VERSION);
	return CLI_OK;
}

static void look_at_terminal(struct cli *c)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return;
	c->colour = !(no_color && *no_color) && term && strcmp(term, "dumb");
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		c->width = size.ws_col;
}

static const struct cli_verb *find_verb(const struct cli_verb *const *verbs, size_t n,
					const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	}
	return NULL;
}

static int unknown_verb(const struct cli_verb *const *verbs, size_t n, const char *name)
{
	const char *names[64], *nearest;

	for (size_t i = 0; i < n && i < TW_COUNT(names); i++)
		names[i] = verbs[i]->name;
	nearest = tw_nearest(name, names, n < TW_COUNT(names) ? n : TW_COUNT(names));
	if (nearest)
		return cli_misuse("", "no verb %s; did you mean %s?", name, nearest);
	return cli_misuse("", "no verb %s", name);
}

/* A verb that reads its own arguments finds what stood before it behind it. */
static int run_raw(const struct cli_verb *v, int before, char **argv, int argc)
{
	char **own = tw_alloc((size_t)(argc + 1) * sizeof(*own));
	int n = 0, r;

	own[n++] = argv[before];
	for (int i = 0; i < before; i++)
		own[n++] = argv[i];
	for (int i = before + 1; i < argc; i++)
		own[n++] = argv[i];
	own[n] = NULL;
	r = v->raw(n, own);
	free(own);
	return r;
}

static int run_with(struct cli *c, const struct cli_verb *v, int argc, char **argv)
{
	void *options = tw_zalloc(v->options_size);
	struct cli_table tables[] = {
		{ cli_shared_options, cli_shared_options_n, c },
		{ v->options, v->n_options, options },
	};
	char *error = NULL;
	int r;

	if (!cli_args_read(tables, TW_COUNT(tables), argc, argv, false, &c->words, NULL, &error))
		r = cli_misuse(v->name, "%s", error);
	else if (c->version)
		r = print_version();
	else if (c->help)
		r = print_verb_help(v);
	else if (c->words.n < v->min_words)
		r = cli_misuse(v->name, "too few words; expected: %s", v->arguments);
	else if (v->min_words && !*c->words.v[0])
		r = cli_misuse(v->name, "an empty word; expected: %s", v->arguments);
	else if (v->max_words >= 0 && c->words.n > v->max_words)
		r = cli_misuse(v->name, "\"%s\" is a word too many%s", c->words.v[v->max_words],
			       strstr(v->arguments, "TEXT")
			       ? "; a text with spaces stands in quotes" :
			       "");
	else
		r = v->run(c, options);
	free(error);
	free(c->words.v);
	free(options);
	return r;
}

static int run_command(const struct cli_verb *const *verbs, size_t n, int argc, char **argv)
{
	struct cli c = { 0 };
	struct cli_table shared = { cli_shared_options, cli_shared_options_n, &c };
	const struct cli_verb *v;
	struct cli_words none = { 0 };
	char *error = NULL;
	int used = 0, r;

	argc--, argv++;
	if (argc && !strcmp(argv[0], "complete"))
		return cli_complete(verbs, n, argc - 1, argv + 1);
	if (!cli_args_read(&shared, 1, argc, argv, true, &none, &used, &error)) {
		r = cli_misuse("", "%s", error);
		free(error);
		return r;
	}
	free(none.v);
	if (c.version)
		return print_version();
	if (used == argc) {
		print_help(verbs, n, c.help ? stdout : stderr);
		return c.help ? CLI_OK : CLI_USAGE;
	}
	v = find_verb(verbs, n, argv[used]);
	if (!v)
		return unknown_verb(verbs, n, argv[used]);
	look_at_terminal(&c);
	if (v->raw)
		return run_raw(v, used, argv, argc);
	return run_with(&c, v, argc - used - 1, argv + used + 1);
}

/* What a full disk swallowed must not look like success. */
static int end_output(int code)
{
	bool is_lost = fflush(stdout) != 0;
	int why = is_lost ? errno : 0;

	if (!is_lost && !ferror(stdout))
		return code;
	fprintf(stderr, "twoway: standard output takes no more%s%s: not all was printed\n",
		why ? ": " : "", why ? strerror(why) : "");
	return code ? code : CLI_CREATE;
}

int cli_main(const struct cli_verb *const *verbs, size_t n, int argc, char **argv)
{
	return end_output(run_command(verbs, n, argc, argv));
}
