/* twoway check: configuration, boards and flows, without a daemon. */
#include "cli.h"
#include "diff.h"
#include "lint.h"

#include <twoway/board.h>
#include <twoway/config.h>
#include <twoway/flow.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define DEFAULT_FLOWS "/etc/twoway/flows"

struct check_options { bool strict, settings, diff; };

static const struct cli_option options[] = {
	{ "strict", NULL, offsetof(struct check_options, strict), "a warning counts as an error" },
	{ "diff", NULL, offsetof(struct check_options, diff),
	  "what `reload --move` would do with conversations; asks the daemon" },
	{ "settings", NULL, offsetof(struct check_options, settings),
	  "print every setting with its type, default and meaning" },
};

struct check {
	struct tw_findings findings;
	struct tw_strings flows;	/* flow files and folders to compile together */
	struct tw_strings accounts;	/* named by flow files, where no configuration tells */
	struct settings *settings;	/* of the first configuration among the files */
	size_t keywords, profiles;
	struct flows *loaded;		/* NULL: none, or not without errors */
};

/* ---- what is checked ----------------------------------------------------------------------- */

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static void add_once(struct tw_strings *to, const char *text)
{
	for (size_t i = 0; i < to->n; i++) {
		if (!strcmp(to->v[i], text))
			return;
	}
	tw_strings_add(to, text);
}

/* A configuration brings its flows and boards with it. */
static void check_config(struct check *k, const char *path)
{
	struct settings *s = config_load_to_serve(path, &k->findings);
	struct tw_strings folders = { 0 };
	struct boards *boards;

	if (!s)
		return;
	config_board_folders(s, &folders);
	boards = boards_load((const char *const *)folders.v, folders.n, &k->findings);
	if (boards)
		config_check_boards(s, boards, &k->findings);
	boards_free(boards);
	tw_strings_done(&folders);
	for (size_t i = 0; i < s->flows.n; i++) {
		/* The default folder need not be there: an empty file is a working service. */
		if (strcmp(s->flows.v[i], DEFAULT_FLOWS) || exists(s->flows.v[i]))
			add_once(&k->flows, s->flows.v[i]);
	}
	if (!k->settings)
		k->settings = s;
	else
		config_free(s);
}

static void check_file(struct check *k, const char *path)
{
	const struct tw_conf_node *account;
	struct tw_conf *conf;
	bool is_flow, is_board;

	conf = tw_conf_read(path, &k->findings);
	if (!conf)
		return;
	is_flow = flow_is_flow_file(tw_conf_root(conf));
	is_board = board_is_board_file(tw_conf_root(conf));
	account = tw_conf_member(tw_conf_root(conf), "account");
	if (is_flow && account && tw_conf_type(account) == TW_CONF_STRING)
		add_once(&k->accounts, tw_conf_string(account));
	tw_conf_free(conf);
	if (is_board) {
		board_free(board_read(path, &k->findings));
		k->profiles++;
	} else if (is_flow) {
		add_once(&k->flows, path);
	} else {
		check_config(k, path);
	}
}

static int is_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && e->d_name[0] != '.' && !strcmp(e->d_name + n - 5, ".conf");
}

static int check_path(struct check *k, const char *path)
{
	struct dirent **entries;
	struct stat st;
	int n;

	if (stat(path, &st))
		return cli_fail(errno == EACCES ? CLI_DENIED : CLI_UNKNOWN, "%s: %s", path,
				tw_strerror(-errno));
	if (!S_ISDIR(st.st_mode)) {
		check_file(k, path);
		return 0;
	}
	n = scandir(path, &entries, is_conf, alphasort);
	if (n < 0)
		return cli_fail(CLI_DENIED, "%s: %s", path, tw_strerror(-errno));
	for (int i = 0; i < n; i++) {
		char *file = tw_printf("%s/%s", path, entries[i]->d_name);

		check_file(k, file);
		free(file);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

/* ---- flows, all together ------------------------------------------------------------------- */

static struct flow_account *list_accounts(const struct check *k, size_t *ret_n)
{
	const struct settings *s = k->settings;
	size_t n = s ? s->n_accounts : k->accounts.n;
	struct flow_account *v = tw_zalloc((n + 1) * sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		if (s)
			v[i] = (struct flow_account){ s->accounts[i].name, s->accounts[i].language,
						      s->accounts[i].zone };
		else
			v[i] = (struct flow_account){ k->accounts.v[i], "en", "" };
	}
	if (!n)
		v[n++] = (struct flow_account){ "default", "en", "" };
	*ret_n = n;
	return v;
}

static void check_flows(struct check *k)
{
	char *words = tw_printf("%s/flows/words", config_data_folder());
	struct flow_sources sources = {
		.paths = (const char *const *)k->flows.v, .n_paths = k->flows.n, .words = words,
		.country = k->settings ? k->settings->country : NULL,
		.exec_folder = k->settings ? k->settings->exec_folder : NULL,
	};
	struct flow_account *accounts = list_accounts(k, &sources.n_accounts);
	struct flow_pool *pools = k->settings ? config_flow_pools(k->settings, &sources.n_pools) :
				  NULL;
	struct flows *flows;

	sources.accounts = accounts;
	sources.pools = pools;
	flows = flows_load(&sources, &k->findings);
	if (flows) {
		k->keywords = flows_keyword_count(flows);
		flows_lint(flows, &k->findings);
		lint_texts(flows, k->settings, &k->findings);
	}
	k->loaded = flows;
	free(pools);
	free(accounts);
	free(words);
}

/* ---- what is said -------------------------------------------------------------------------- */

static bool is_repeated(const struct tw_findings *f, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (f->v[k].line == f->v[i].line && f->v[k].offset == f->v[i].offset &&
		    f->v[k].is_error == f->v[i].is_error && !strcmp(f->v[k].text, f->v[i].text) &&
		    !strcmp(f->v[k].file ? f->v[k].file : "", f->v[i].file ? f->v[i].file : ""))
			return true;
	}
	return false;
}

static void print_finding(const struct tw_finding *f, bool json)
{
	struct tw_findings one = { .v = (struct tw_finding *)(uintptr_t)f, .n = 1 };
	struct tw_buf b = { 0 };
	json_t *o;

	if (!json) {
		tw_findings_print(&one, &b);
		cli_write(&b);
		tw_buf_done(&b);
		return;
	}
	o = json_pack("{s:s?, s:i, s:o, s:s, s:s?}", "file", f->file, "line",
		      (int)f->line, "offset",
		      f->offset < 0 ? json_null() : json_integer(f->offset), "severity",
		      f->is_error ? "error" : "warning", "text", f->text);
	cli_print_json(o);
	json_decref(o);
}

/* By file and line. */
static int by_place(const void *a, const void *b)
{
	const struct tw_finding *f = a, *g = b;
	int order = strcmp(f->file ? f->file : "", g->file ? g->file : "");

	return order ? order : (f->line > g->line) - (f->line < g->line);
}

static int report(struct cli *c, const struct check_options *o, const struct check *k)
{
	size_t errors = 0, warnings = 0;

	if (k->findings.n)
		qsort(k->findings.v, k->findings.n, sizeof(*k->findings.v), by_place);
	/* A file is read once to see what it is and once for what it says: its syntax is judged
	 * twice. */
	for (size_t i = 0; i < k->findings.n; i++) {
		if (is_repeated(&k->findings, i))
			continue;
		errors += k->findings.v[i].is_error;
		warnings += !k->findings.v[i].is_error;
		print_finding(&k->findings.v[i], c->json);
	}
	if (!c->json && !errors && k->profiles && !k->keywords)
		printf("%zu board profile%s: %s\n", k->profiles, k->profiles == 1 ? "" : "s",
		       warnings ? "no error" : "nothing to object");
	else if (!c->json && !errors)
		printf("%zu keyword%s: %s\n", k->keywords, k->keywords == 1 ? "" : "s",
		       warnings ? "no error" : "nothing to object");
	return errors || (o->strict && warnings) ? CLI_CONFIG : CLI_OK;
}

static int print_settings(void)
{
	struct tw_buf b = { 0 };

	config_describe(&b);
	cli_write(&b);
	tw_buf_done(&b);
	return CLI_OK;
}

static int run(struct cli *c, const void *p)
{
	const struct check_options *o = p;
	const char *config = c->config ? c->config : CLI_DEFAULT_CONFIG;
	struct check k = { 0 };
	int r = 0;

	if (o->settings)
		return print_settings();
	/* Named beside files it tells the accounts; its own flows are not asked for. */
	if (c->words.n && c->config)
		k.settings = config_load(c->config, &k.findings);
	for (int i = 0; i < c->words.n && !r; i++)
		r = check_path(&k, c->words.v[i]);
	if (!c->words.n && !exists(config))
		r = cli_fail(CLI_UNKNOWN, "%s is not there: name the files to check, or --config",
			     config);
	else if (!c->words.n)
		check_config(&k, config);
	if (!r && k.flows.n)
		check_flows(&k);
	if (!r)
		r = report(c, o, &k);
	if (!r && o->diff && k.loaded)
		r = diff_show(c, k.loaded);
	flows_free(k.loaded);
	tw_findings_done(&k.findings);
	tw_strings_done(&k.flows);
	tw_strings_done(&k.accounts);
	if (k.settings)
		config_free(k.settings);
	return r;
}

const struct cli_verb cli_verb_check = {
	.name = "check",
	.arguments = "[FILE…]",
	.summary = "Check configuration and flows; no daemon needed",
	.about = "Files and folders of *.conf: configurations, which bring flows and boards with "
		 "them, flows,\nboard profiles. "
		 "Without\nany: --config, else " CLI_DEFAULT_CONFIG ". A line a finding, "
		 "FILE:LINE: "
		 "error|warning:\nsentence; ends 78 on an error.\n\n"
		 "  twoway check\n  twoway check --strict flows/shop.conf",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct check_options),
	.max_words = -1,
	.run = run,
};
