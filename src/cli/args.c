#include "cli.h"

#include <errno.h>

static const struct cli_option *find(const struct cli_table *tables, size_t n, const char *name,
				     size_t name_n, void **ret_into)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < tables[i].n; k++) {
			const struct cli_option *o = &tables[i].v[k];

			if (strlen(o->name) != name_n || memcmp(o->name, name, name_n))
				continue;
			*ret_into = (char *)tables[i].into + o->offset;
			return o;
		}
	}
	return NULL;
}

static char *unknown(const struct cli_table *tables, size_t n, const char *name, size_t name_n)
{
	const char *names[64], *nearest;
	char word[64];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < tables[i].n && count < TW_COUNT(names); k++)
			names[count++] = tables[i].v[k].name;
	}
	tw_strsetn(word, sizeof(word), name, name_n);
	nearest = tw_nearest(word, names, count);
	if (nearest)
		return tw_printf("no option --%s; did you mean --%s?", word, nearest);
	return tw_printf("no option --%s", word);
}

/* argv[i] is an option; *i moves to its value where that is a word of its own. */
static char *read_option(const struct cli_table *tables, size_t n, int argc, char **argv, int *i)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '=');
	size_t name_n = equals ? (size_t)(equals - name) : strlen(name);
	const struct cli_option *o;
	void *into = NULL;

	o = find(tables, n, name, name_n, &into);
	if (!o)
		return unknown(tables, n, name, name_n);
	if (!o->value) {
		if (equals)
			return tw_printf("--%s takes no value", o->name);
		*(bool *)into = true;
		return NULL;
	}
	if (!equals && *i + 1 >= argc)
		return tw_printf("--%s needs a value: %s", o->name, o->value);
	*(const char **)into = equals ? equals + 1 : argv[++*i];
	return NULL;
}

bool cli_args_read(const struct cli_table *tables, size_t n, int argc, char **argv,
		   bool only_first, struct cli_words *ret, int *ret_used, char **reterr)
{
	struct cli_words words = { tw_alloc((size_t)(argc + 1) * sizeof(char *)), 0 };
	bool options_ended = false;
	int i;

	for (i = 0; i < argc; i++) {
		const char *a = argv[i];

		if (options_ended || a[0] != '-' || !a[1]) {
			if (only_first)
				break;
			words.v[words.n++] = argv[i];
		} else if (!strcmp(a, "--")) {
			options_ended = true;
		} else {
			if (!strcmp(a, "-h"))
				argv[i] = (char *)(uintptr_t)"--help";
			if (!strcmp(a, "-v"))
				argv[i] = (char *)(uintptr_t)"--verbose";
			*reterr = argv[i][1] == '-' ? read_option(tables, n, argc, argv, &i) :
				  tw_printf("no option %s", a);
			if (*reterr) {
				free(words.v);
				return false;
			}
		}
	}
	words.v[words.n] = NULL;
	*ret = words;
	if (ret_used)
		*ret_used = i;
	return true;
}

bool cli_limit_read(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	char *end;
	long long n;

	if (!text)
		return true;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || end == text || *end || n < min || n > max)
		return false;
	*ret = n;
	return true;
}
