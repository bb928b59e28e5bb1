#include "daemon.h"

#include <twoway/config.h>

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

/* text: one more flow that is no file of paths; NULL none. */
static struct flows *load_flows(const struct settings *s, const struct tw_strings *paths,
				const struct flow_text_source *text, struct tw_findings *findings)
{
	struct flow_account *accounts = tw_zalloc((s->n_accounts + 1) * sizeof(*accounts));
	char *words = tw_printf("%s/flows/words", config_data_folder());
	size_t n_pools;
	struct flow_pool *pools = config_flow_pools(s, &n_pools);
	struct flows *flows;

	for (size_t i = 0; i < s->n_accounts; i++)
		accounts[i] = (struct flow_account){
			.name = s->accounts[i].name,
			.language = s->accounts[i].language,
			.zone = s->accounts[i].zone,
		};
	flows = flows_load(&(struct flow_sources){
		.paths = (const char *const *)paths->v,
		.n_paths = paths->n,
		.texts = text,
		.n_texts = text != NULL,
		.words = words,
		.accounts = accounts,
		.n_accounts = s->n_accounts,
		.country = s->country,
		.exec_folder = s->exec_folder,
		.pools = pools,
		.n_pools = n_pools,
	}, findings);
	free(pools);
	free(words);
	free(accounts);
	return flows;
}

static struct boards *load_boards(const struct settings *s, struct tw_findings *findings)
{
	struct tw_strings folders = { 0 };
	struct boards *boards;

	config_board_folders(s, &folders);
	boards = boards_load((const char *const *)folders.v, folders.n, findings);
	tw_strings_done(&folders);
	return boards;
}

/* Profiles that are left out stand beside the entries that are. */
static void note_profiles(struct settings *s, const struct tw_findings *f, size_t from)
{
	for (size_t i = from; i < f->n; i++) {
		const struct tw_finding *v = &f->v[i];

		if (!v->is_error)
			continue;
		char *text = tw_printf("%s:%u: this profile is not used: %s", v->file,
				       v->line, v->text);

		tw_strings_add(&s->refused, text);
		free(text);
	}
}

int inputs_load(const char *path, bool to_serve, struct tw_findings *findings, struct inputs *ret)
{
	size_t forgiven = findings->errors;
	struct inputs in = { 0 };

	/* Also what is only checked: all mistakes at once. */
	in.settings = config_load_to_serve(path, findings);
	if (in.settings) {
		size_t from = findings->n;

		in.boards = load_boards(in.settings, findings);
		note_profiles(in.settings, findings, from);
		forgiven = to_serve ? findings->errors : forgiven;
		if (in.boards)
			config_check_boards(in.settings, in.boards, findings);
		in.flows = load_flows(in.settings, &in.settings->flows, NULL, findings);
	}
	if (!in.settings || !in.boards || !in.flows || findings->errors > forgiven) {
		inputs_done(&in);
		return TW_E_CONFIG;
	}
	*ret = in;
	return 0;
}

void inputs_done(struct inputs *in)
{
	flows_free(in->flows);
	boards_free(in->boards);
	config_free(in->settings);
	*in = (struct inputs){ 0 };
}

/* ---- flow files by themselves ---------------------------------------------------------------- */

static int is_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 5 && !strcmp(e->d_name + n - 5, ".conf");
}

static void add_folder(const char *path, struct tw_strings *ret)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_conf, alphasort);

	for (int i = 0; i < n; i++) {
		tw_auto(tw_free_charp) char *file = tw_printf("%s%s%s", path,
			path[strlen(path) - 1] == '/' ? "" : "/", entries[i]->d_name);

		tw_strings_add(ret, file);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

void inputs_flow_files(const struct settings *s, struct tw_strings *ret)
{
	struct stat st;

	for (size_t i = 0; i < s->flows.n; i++) {
		if (stat(s->flows.v[i], &st) == 0 && S_ISDIR(st.st_mode))
			add_folder(s->flows.v[i], ret);
		else
			tw_strings_add(ret, s->flows.v[i]);
	}
}

int inputs_check_flow(const struct settings *s, const char *path, const char *text, size_t n,
		      struct tw_findings *findings)
{
	const struct flow_text_source source = { path, text, n };
	struct tw_strings all = { 0 }, others = { 0 };
	size_t before = findings->errors;
	struct flows *flows;

	inputs_flow_files(s, &all);
	for (size_t i = 0; i < all.n; i++) {
		if (strcmp(all.v[i], path))
			tw_strings_add(&others, all.v[i]);
	}
	flows = load_flows(s, &others, text ? &source : NULL, findings);
	tw_strings_done(&others);
	tw_strings_done(&all);
	if (!flows)
		return TW_E_CONFIG;
	flows_free(flows);
	return findings->errors > before ? TW_E_CONFIG : 0;
}
