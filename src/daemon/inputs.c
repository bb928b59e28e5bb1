#include "daemon.h"

#include <twoway/config.h>

#include <stdio.h>

static struct flows *load_flows(const struct settings *s, struct tw_findings *findings)
{
	struct flow_account *accounts = tw_zalloc((s->n_accounts + 1) * sizeof(*accounts));
	char *words = tw_printf("%s/flows/words", config_data_folder());
	struct flows *flows;

	for (size_t i = 0; i < s->n_accounts; i++)
		accounts[i] = (struct flow_account){
			.name = s->accounts[i].name,
			.language = s->accounts[i].language,
			.zone = s->accounts[i].zone,
		};
	flows = flows_load(&(struct flow_sources){
		.paths = (const char *const *)s->flows.v,
		.n_paths = s->flows.n,
		.words = words,
		.accounts = accounts,
		.n_accounts = s->n_accounts,
		.country = s->country,
		.exec_folder = s->exec_folder,
	}, findings);
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
		char *text = tw_printf("%s:%u: this profile is not used: %s", v->file, v->line, v->text);

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
		in.flows = load_flows(in.settings, findings);
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
