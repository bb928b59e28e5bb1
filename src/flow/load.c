/* Flow files to one immutable set. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "internal.h"

/* ---- top level ----------------------------------------------------------------------------- */

struct top {
	char *account;
	const struct tw_conf_node *numbers, *keywords, *intents, *on, *slots[FLOW_SLOT_COUNT];
	const struct tw_conf_node *declared[9];
};
#define TOP(x) offsetof(struct top, x)
#define SLOT(id) TOP(slots[FLOW_SLOT_##id])
static const struct tw_key top_keys[] = {
	{ "account", TW_KEY_STRING, TOP(account), .help = "whose flow this is" },
	{ "numbers", TW_KEY_NODE, TOP(numbers),
	  .help = "this file only for these long numbers, or those of these pools" },
	{ "fields", TW_KEY_NODE, TOP(declared[0]), .help = "what is kept of a contact" },
	{ "vouchers", TW_KEY_NODE, TOP(declared[1]), .help = "series of codes" },
	{ "pledges", TW_KEY_NODE, TOP(declared[2]), .help = "what can be promised" },
	{ "lists", TW_KEY_NODE, TOP(declared[3]), .help = "what customers join and leave" },
	{ "goals", TW_KEY_NODE, TOP(declared[4]), .help = "what a keyword or an offer is for" },
	{ "queues", TW_KEY_NODE, TOP(declared[5]), .help = "who sees to what" },
	{ "agents", TW_KEY_NODE, TOP(declared[6]), .help = "the people of queues" },
	{ "calendars", TW_KEY_NODE, TOP(declared[7]), .help = "when appointments may begin" },
	{ "texts", TW_KEY_NODE, TOP(declared[8]), .help = "our own sentences, said otherwise" },
	{ "keywords", TW_KEY_NODE, TOP(keywords), .help = "what customers text, and what follows" },
	{ "intents", TW_KEY_NODE, TOP(intents), .help = "what free text is about" },
	{ "on", TW_KEY_NODE, TOP(on), .help = "what happens beside texts" },
	{ "otherwise", TW_KEY_NODE, SLOT(OTHERWISE), .help =
	  "what answers a text that nothing took" },
	{ "help", TW_KEY_NODE, SLOT(HELP_TEXT), .help = "what answers HELP" },
	{ "goodbye", TW_KEY_NODE, SLOT(GOODBYE), .help = "what answers STOP" },
	{ "welcome_back", TW_KEY_NODE, SLOT(WELCOME_BACK), .help = "what answers START" },
	{ "ended", TW_KEY_NODE, SLOT(ENDED), .help = "what is said when a conversation ends" },
};

/* Keys of the configuration that flows do not have: what tells the two kinds of file apart. */
static const char *const config_keys[] = {
	"country", "database", "flows", "boards", "adopt", "in_doubt", "in_doubt_wait",
	"resend_partial", "valid_for", "retry", "report", "languages", "smart_encoding",
	"max_segments", "reassembly_hours", "auto_reply_limit", "reply_within", "reply_after_stop",
	"direct_send_limit", "stop_within", "webhooks", "share_for_replies", "sticky",
	"quiet_hours",
	"calls", "retention_days", "currency", "self_test", "balance", "modems", "sims", "pools",
	"accounts", "mail", "alert", "exec_folder", "api", "log"
};

/* A slip in a key of the configuration: what is said of the file is to be said of the right
 * kind. */
static bool is_nearly_of_config(const char *name)
{
	const char *flow_keys[TW_COUNT(top_keys)];

	for (size_t i = 0; i < TW_COUNT(top_keys); i++)
		flow_keys[i] = top_keys[i].name;
	return !tw_nearest(name, flow_keys, TW_COUNT(flow_keys)) &&
	       tw_nearest(name, config_keys, TW_COUNT(config_keys));
}

bool flow_is_flow_file(const struct tw_conf_node *root)
{
	for (size_t i = 0; i < TW_COUNT(config_keys); i++)
		if (tw_conf_member(root, config_keys[i]))
			return false;
	for (size_t i = 0; i < tw_conf_length(root); i++)
		if (is_nearly_of_config(tw_conf_name(tw_conf_at(root, i))))
			return false;
	return true;
}

/* ---- events -------------------------------------------------------------------------------- */

static void add_events(struct flow_compile *c, const struct tw_conf_node *list)
{
	if (tw_conf_type(list) != TW_CONF_LIST) {
		tw_conf_fault(list, c->findings, true,
			      "`on` wants a list of groups ( { event = \"…\"; … } ), "
			      "not %s", tw_conf_type_name(tw_conf_type(list)));
		return;
	}
	for (size_t i = 0; i < tw_conf_length(list); i++)
		flow_on_compile(c, tw_conf_at(list, i));
}

/* ---- one file ------------------------------------------------------------------------------ */

static int find_account(struct flow_compile *c, const struct tw_conf_node *root, const char *name)
{
	const struct tw_conf_node *node = tw_conf_member(root, "account");
	const struct flows *f = c->f;
	int account = flow_account_named(f, *name ? name : "default");
	const char **names, *near;

	if (account != FLOW_NONE)
		return account;
	names = tw_alloc(f->n_owners * sizeof(*names));
	for (size_t i = 0; i < f->n_owners; i++)
		names[i] = f->owners[i].name;
	near = tw_nearest(name, names, f->n_owners);
	if (node)
		tw_conf_fault(node, c->findings, true, "there is no account \"%s\"%s%s%s", name,
			      near ? "; did you mean \""
			      : ": name it in `accounts` of the configuration",
			      near ? near : "", near ? "\"?" : "");
	else
		tw_conf_fault(root, c->findings, true,
			      "this file names no account: write account = "
			      "\"%s\"; or another of the configuration's", f->owners[0].name);
	free(names);
	return FLOW_NONE;
}

static const struct flow_slot_row *find_slot(const struct flows *f, int account,
					     enum flow_slot slot, const struct tw_strings *numbers)
{
	for (size_t i = 0; i < f->n_slots; i++) {
		const struct flow_slot_row *row = &f->slots[i];
		const struct tw_strings *others = &f->files[row->file].numbers;

		if (row->account != account || row->slot != slot || !others->n != !numbers->n)
			continue;
		if (!numbers->n)
			return row;
		for (size_t j = 0; j < numbers->n; j++)
			if (flow_names_line(others, numbers->v[j]))
				return row;
	}
	return NULL;
}

/* A file with `numbers` goes before one without: its rows are put in front. */
static void insert_slot(struct flows *f, struct flow_slot_row row)
{
	bool is_special = f->files[row.file].numbers.n > 0;

	f->slots = tw_realloc(f->slots, (f->n_slots + 1) * sizeof(*f->slots));
	if (is_special)
		memmove(f->slots + 1, f->slots, f->n_slots * sizeof(*f->slots));
	f->slots[is_special ? 0 : f->n_slots] = row;
	f->n_slots++;
}

static void add_slots(struct flow_compile *c, const struct top *top)
{
	static const char *const names[] = {
#define X(id, name) name,
		FLOW_SLOTS(X)
#undef X
	};

	for (int slot = 0; slot < FLOW_SLOT_COUNT; slot++) {
		const struct tw_conf_node *node = top->slots[slot];
		struct flow_slot_row row = { .account = c->account, .file = c->file,
					     .slot = (enum flow_slot)slot };
		const struct flow_slot_row *before;

		if (!node || flow_steps_compile(c, node, &row.program) < 0)
			continue;
		row.line = tw_conf_line(node);
		before = find_slot(c->f, c->account, row.slot, &c->f->files[c->file].numbers);
		if (before)
			tw_conf_fault(node, c->findings, true,
				      "`%s` of account %s stands already in "
				      "%s:%u", names[slot], c->f->owners[c->account].name,
				      c->f->files[before->file].path, before->line);
		insert_slot(c->f, row);
	}
}

/* A file that was read, until all of them are compiled. */
struct source { char *path; struct tw_conf *conf; int file; };
struct source_list { struct source *v; size_t n, cap; };

/* First look: whose it is and what it declares, for others may use it. */
static void begin_file(struct flow_compile *c, struct source *s)
{
	struct flows *f = c->f;
	const struct tw_conf_node *root = tw_conf_root(s->conf);
	const struct tw_conf_node *account = tw_conf_member(root, "account");
	struct flow_file file = { .path = tw_strdup(s->path) };
	const char *text = tw_conf_text(s->conf, &file.text_n);

	file.account = find_account(c, root, account && tw_conf_type(account) == TW_CONF_STRING ?
				    tw_conf_string(account) : "");
	if (file.account == FLOW_NONE)
		file.account = 0;		/* so that the rest is checked too */
	file.text = tw_strndup(text, file.text_n);
	tw_sha256(text, file.text_n, file.version);
	s->file = (int)f->n_files;
	f->files = tw_realloc(f->files, (f->n_files + 1) * sizeof(*f->files));
	f->files[f->n_files++] = file;
	c->file = s->file;
	c->account = file.account;
	flow_declare(c, s->path, root);
}

static void compile_file(struct flow_compile *c, const struct source *s)
{
	struct flow_file *file = &c->f->files[s->file];
	struct top top = { .account = NULL };

	c->file = s->file;
	c->account = file->account;
	file->first_op = (uint32_t)c->f->n_ops;
	tw_keys_read(top_keys, TW_COUNT(top_keys), tw_conf_root(s->conf), &top, c->findings);
	if (top.numbers)
		flow_lines_read(c, top.numbers, &file->numbers);
	flow_lists_compile(c);
	flow_calendars_compile(c);
	add_slots(c, &top);
	if (top.keywords)
		flow_keywords_compile(c, top.keywords);
	if (top.intents)
		flow_intents_compile(c, top.intents);
	if (top.on)
		add_events(c, top.on);
	tw_keys_done(top_keys, TW_COUNT(top_keys), &top);
	tw_map_done(&c->labels);
}

/* Takes the tree over; NULL: it could not be read, and findings say so. */
static void add_source(struct flow_compile *c, struct source_list *list, const char *path,
		       struct tw_conf *conf)
{
	if (conf && flow_is_flow_file(tw_conf_root(conf))) {
		*FLOW_PUSH(list->v, list->n, list->cap) = (struct source){ tw_strdup(path), conf,
									   0 };
		return;
	}
	if (conf)
		tw_conf_fault(tw_conf_root(conf), c->findings, true,
			      "this is a configuration, not a "
			      "flow file");
	tw_conf_free(conf);
}

static void compile_all(struct flow_compile *c, struct source_list *list)
{
	FLOW_PUSH(c->f->ops, c->f->n_ops, c->f->cap_ops);	/* 0 is none */
	for (size_t i = 0; i < list->n; i++)
		begin_file(c, &list->v[i]);
	flow_desks_settle(c);
	for (size_t i = 0; i < list->n; i++)
		compile_file(c, &list->v[i]);
	flow_goals_compile(c);
	flow_intents_settle(c);
	flow_jumps_settle(c);
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].path);
		tw_conf_free(list->v[i].conf);
	}
	free(list->v);
}

/* ---- folders ------------------------------------------------------------------------------- */

static int is_flow_name(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 5, ".conf");
}

/* Each file once, however it is named. */
static void add_path(struct tw_strings *paths, struct tw_map *seen, const char *path)
{
	tw_auto(tw_free_charp) char *resolved = realpath(path, NULL);
	const char *name = resolved ? resolved : path;

	if (!tw_map_put(seen, name, strlen(name), seen))
		tw_strings_add(paths, path);
}

static void list_path(struct tw_strings *paths, struct tw_map *seen, const char *path,
		      struct tw_findings *findings)
{
	struct dirent **entries;
	struct stat st;
	int n;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		add_path(paths, seen, path);
		return;
	}
	n = scandir(path, &entries, is_flow_name, alphasort);
	if (n < 0) {
		tw_findings_add(findings, path, 0, -1, true, "cannot read this folder: %s",
				tw_strerror(-errno));
		return;
	}
	for (int i = 0; i < n; i++) {
		tw_auto(tw_free_charp) char *file = tw_printf("%s%s%s", path,
			path[strlen(path) - 1] == '/' ? "" : "/", entries[i]->d_name);

		add_path(paths, seen, file);
		free(entries[i]);
	}
	free(entries);
}

static void compile_sources(struct flow_compile *c, const struct flow_sources *src)
{
	struct source_list list = { 0 };
	struct tw_strings paths = { 0 };
	struct tw_map seen = { 0 };

	for (size_t i = 0; i < src->n_paths; i++)
		list_path(&paths, &seen, src->paths[i], c->findings);
	for (size_t i = 0; i < paths.n; i++)
		add_source(c, &list, paths.v[i], tw_conf_read(paths.v[i], c->findings));
	for (size_t i = 0; i < src->n_texts; i++)
		add_source(c, &list, src->texts[i].name,
			   tw_conf_read_text(src->texts[i].name, src->texts[i].text,
					     src->texts[i].n, c->findings));
	compile_all(c, &list);
	tw_strings_done(&paths);
	tw_map_done(&seen);
}

/* ---- the set ------------------------------------------------------------------------------- */

static void add_owner(struct flows *f, const struct flow_account *a)
{
	struct flow_owner *owner = &f->owners[f->n_owners++];

	owner->name = tw_strdup(a->name);
	owner->language = tw_strdup(a->language && *a->language ? a->language : "en");
	if (tw_zone_get(a->zone ? a->zone : "", &owner->zone) < 0)
		tw_zone_get("", &owner->zone);	/* the configuration has said so */
}

struct flows *flows_load(const struct flow_sources *src, struct tw_findings *findings)
{
	struct flows *f = tw_zalloc(sizeof(*f));
	struct flow_compile c = { .f = f, .findings = findings,
				  .country = src->country ? src->country : "",
				  .exec_folder = src->exec_folder };
	size_t before = findings->errors;

	f->country = tw_strdup(c.country);
	flow_pools_copy(f, src->pools, src->n_pools);
	f->owners = tw_zalloc((src->n_accounts + 1) * sizeof(*f->owners));
	for (size_t i = 0; i < src->n_accounts; i++)
		add_owner(f, &src->accounts[i]);
	if (!src->n_accounts)
		add_owner(f, &(struct flow_account){ "default", "en", "" });
	f->words = flow_words_load(src->words ? src->words : "", findings);
	if (f->words)
		compile_sources(&c, src);
	if (findings->errors == before) {
		flow_slips_build(f);
		f->seen = tw_zalloc(f->n_ops + 1);
		return f;
	}
	flows_free(f);
	return NULL;
}

/* Compiled as then, but for what only a whole set has: words, slips, who else has its keywords. */
struct flows *flows_load_version(const struct flows *base, const struct flow_version *v,
				 struct tw_findings *findings)
{
	struct flows *f = tw_zalloc(sizeof(*f));
	struct flow_compile c = { .f = f, .findings = findings, .country = base->country };
	struct source_list list = { 0 };
	size_t before = findings->errors;

	f->base = base;
	f->words = base->words;
	f->owners = tw_zalloc((base->n_owners + 1) * sizeof(*f->owners));
	for (size_t i = 0; i < base->n_owners; i++)
		f->owners[f->n_owners++] = (struct flow_owner){ tw_strdup(base->owners[i].name),
			tw_strdup(base->owners[i].language), base->owners[i].zone };
	add_source(&c, &list, v->name, tw_conf_read_text(v->name, v->text, v->text_n, findings));
	compile_all(&c, &list);
	f->seen = tw_zalloc(f->n_ops + 1);
	if (findings->errors == before && f->n_files &&
	    !memcmp(f->files[0].version, v->id, FLOW_VERSION_SIZE))
		return f;
	flows_free(f);
	return NULL;
}

static void free_steps(struct flows *f)
{
	for (size_t i = 0; i < f->n_asks; i++) {
		free(f->asks[i].save);
		flow_expect_done(&f->asks[i].expect);
	}
	for (size_t i = 0; i < f->n_splits; i++) {
		for (size_t k = 0; k < f->splits[i].n; k++)
			free((char *)(uintptr_t)f->splits[i].arms[k].name);
		free(f->splits[i].name);
		free(f->splits[i].arms);
		free(f->splits[i].targets);
	}
	for (size_t i = 0; i < f->n_sends; i++) {
		free(f->sends[i].from);
		free(f->sends[i].pool);
	}
	free(f->asks);
	free(f->sets);
	free(f->splits);
	free(f->sends);
	free(f->appointments);
	flow_sql_free(f->sql);
	flow_intents_free(f->intents);
	flow_notes_done(f);
	flow_declared_done(&f->declared);
	flow_lists_done(f);
	flow_aways_done(f);
	tw_map_done(&f->label_ops);
}

void flows_free(struct flows *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_owners; i++) {
		free(f->owners[i].name);
		free(f->owners[i].language);
	}
	for (size_t i = 0; i < f->n_files; i++) {
		free(f->files[i].path);
		free(f->files[i].text);
		free(f->files[i].steps);
		free(f->files[i].labels);
		tw_strings_done(&f->files[i].numbers);
	}
	for (size_t i = 0; i < f->n_keywords; i++) {
		free(f->keywords[i].name);
		flow_limits_done(&f->keywords[i].limits);
	}
	for (size_t i = 0; i < f->n_matches; i++) {
		free(f->matches[i]->key);
		free(f->matches[i]->rows);
		free(f->matches[i]);
	}
	flow_slips_free(f);
	if (!f->base)
		flow_words_free(f->words);
	free_steps(f);
	flow_pools_done(f);
	free(f->country);
	tw_map_done(&f->by_key);
	tw_buf_done(&f->strings);
	free(f->owners);
	free(f->files);
	free(f->keywords);
	free(f->slots);
	free(f->matches);
	free(f->ops);
	free(f->texts);
	free(f->wordings);
	free(f->pieces);
	flow_ons_done(f);
	free(f->seen);
	free(f);
}

size_t flows_keyword_count(const struct flows *f)
{
	return f->n_keywords;
}
