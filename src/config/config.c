/* Reads twoway.conf into settings by the option table. */
#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <twoway/config.h>

#include "options.h"

static int read_section(enum section_id id, const struct tw_conf_node *node, void *out,
			struct tw_findings *f)
{
	return tw_keys_read(sections[id].keys, sections[id].n, node, out, f);
}

/* Frees what a section's table owns, but for its nodes, which lie behind it. */
static void done_section(enum section_id id, void *out)
{
	tw_keys_done(sections[id].keys, sections[id].n - sections[id].n_nodes, out);
}

/* Findings from this one on: errors of values mark their entry, where they have one (group not
 * ""). */
static void refuse(struct settings *s, const char *group, size_t index, struct tw_findings *f,
		   size_t from)
{
	struct tw_findings first = *f;

	for (size_t i = from; i < f->n; i++) {
		first.n = i + 1;
		config_refuse(s, group, index, &first);
	}
}

/* ---- lists of groups ----------------------------------------------------------------------- */

/* How many groups a list holds; -1 after a finding when it is no list. */
static ssize_t list_length(const struct tw_conf_node *node, struct tw_findings *f)
{
	if (!node)
		return 0;
	if (tw_conf_type(node) == TW_CONF_LIST ||
	    (tw_conf_type(node) == TW_CONF_ARRAY && !tw_conf_length(node)))
		return (ssize_t)tw_conf_length(node);
	tw_conf_fault(node, f, true, "`%s` wants a list of groups ( { … }, { … } ), not %s",
		      tw_conf_name(node), tw_conf_type_name(tw_conf_type(node)));
	return -1;
}

static void read_list(enum section_id id, const struct tw_conf_node *node, size_t size, void **ret,
		      size_t *ret_n, struct tw_findings *f)
{
	ssize_t n = list_length(node, f);

	if (n <= 0)
		return;
	*ret = tw_zalloc((size_t)n * size);
	*ret_n = (size_t)n;
	for (size_t i = 0; i < (size_t)n; i++)
		read_section(id, tw_conf_at(node, i), (char *)*ret + i * size, f);
}

static void read_modems(struct settings *s, const struct tw_conf_node *node, struct tw_findings *f)
{
	void *v = NULL;

	read_list(SECTION_MODEMS, node, sizeof(*s->modems), &v, &s->n_modems, f);
	s->modems = v;
	for (size_t i = 0; i < s->n_modems; i++) {
		s->modems[i].line = tw_conf_line(tw_conf_at(node, i));
		s->modems[i].direct_set = tw_conf_member(tw_conf_at(node, i), "direct");
	}
}

static void read_sims(struct settings *s, const struct tw_conf_node *node, struct tw_findings *f)
{
	ssize_t n = list_length(node, f);

	if (n <= 0)
		return;
	s->sims = tw_zalloc((size_t)n * sizeof(*s->sims));
	s->n_sims = (size_t)n;
	for (size_t i = 0; i < s->n_sims; i++) {
		struct raw_sim raw = { .quota = NULL };
		size_t from = f->n;
		void *cost = NULL;

		read_section(SECTION_SIMS, tw_conf_at(node, i), &raw, f);
		read_section(SECTION_QUOTA, raw.quota, &raw.sim.quota, f);
		read_list(SECTION_COST, raw.cost, sizeof(*raw.sim.cost), &cost, &raw.sim.n_cost, f);
		raw.sim.cost = cost;
		raw.sim.line = tw_conf_line(tw_conf_at(node, i));
		s->sims[i] = raw.sim;
		refuse(s, "sims", i, f, from);
	}
}

static void read_lists(struct raw *raw, struct tw_findings *f)
{
	struct settings *s = &raw->s;
	void *v = NULL;
	size_t from;

	read_modems(s, raw->modems, f);
	read_sims(s, raw->sims, f);
	from = f->n;
	read_list(SECTION_BALANCE, raw->balance, sizeof(*s->balance), &v, &s->n_balance, f);
	s->balance = tw_steal(v);
	read_list(SECTION_POOLS, raw->pools, sizeof(*s->pools), &v, &s->n_pools, f);
	s->pools = tw_steal(v);
	read_list(SECTION_ACCOUNTS, raw->accounts, sizeof(*s->accounts), &v, &s->n_accounts, f);
	s->accounts = tw_steal(v);
	refuse(s, "", 0, f, from);
}

static void read_groups(struct raw *raw, struct tw_findings *f)
{
	struct settings *s = &raw->s;
	struct raw_log log_ = { 0 };

	read_section(SECTION_RETRY, raw->retry, &s->retry, f);
	read_section(SECTION_WEBHOOKS, raw->webhooks, &s->webhooks, f);
	read_section(SECTION_STICKY, raw->sticky, &s->sticky, f);
	read_section(SECTION_QUIET, raw->quiet_hours, &s->quiet_hours, f);
	s->quiet_hours.is_set = raw->quiet_hours;
	read_section(SECTION_SELF_TEST, raw->self_test, &s->self_test, f);
	read_section(SECTION_MAIL, raw->mail, &s->mail, f);
	read_section(SECTION_ALERT, raw->alert, &s->alert, f);
	read_section(SECTION_API, raw->api, &s->api, f);
	read_section(SECTION_LOG, raw->log, &log_, f);
	s->log.level = log_.level;
	s->log.mask_numbers = !log_.numbers;
	s->log.texts = log_.texts;
}

/* ---- what the file leaves open ------------------------------------------------------------- */

/* The machine's own zone by its link to the system's tzdata, "" (UTC) where there is none. Heap. */
static char *own_zone(void)
{
	char path[512];
	ssize_t n = readlink("/etc/localtime", path, sizeof(path) - 1);
	const struct tw_zone *zone;
	const char *name;

	path[n < 0 ? 0 : n] = '\0';
	name = strstr(path, "zoneinfo/");
	name = name ? name + strlen("zoneinfo/") : "";
	return tw_strdup(tw_zone_get(name, &zone) == 0 ? name : "");
}

static void fill_zone(char **zone, const char *own)
{
	if (**zone)
		return;
	free(*zone);
	*zone = tw_strdup(own);
}

/* A path in the file is meant from the file's own folder. */
static void anchor(char **path, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *whole;

	if (!**path || **path == '/' || !slash)
		return;
	whole = tw_printf("%.*s%s", (int)(slash + 1 - file), file, *path);
	free(*path);
	*path = whole;
}

static void anchor_all(struct settings *s)
{
	char **paths[] = { &s->database, &s->exec_folder, &s->mail.password_file, &s->api.socket,
			   &s->api.certificate, &s->api.key, &s->authorities,
			   &s->alert.secret_file };

	for (size_t i = 0; i < TW_COUNT(paths); i++)
		anchor(paths[i], s->file);
	for (size_t i = 0; i < s->flows.n; i++)
		anchor(&s->flows.v[i], s->file);
	for (size_t i = 0; i < s->boards.n; i++)
		anchor(&s->boards.v[i], s->file);
	for (size_t i = 0; i < s->n_accounts; i++)
		anchor(&s->accounts[i].token_file, s->file);
	for (size_t i = 0; i < s->n_balance; i++)
		anchor(&s->balance[i].codes, s->file);
}

static void fill_accounts(struct settings *s)
{
	const char *slash = strrchr(s->database, '/');
	int folder = slash ? (int)(slash + 1 - s->database) : 0;

	if (!s->n_accounts) {
		s->accounts = tw_zalloc(sizeof(*s->accounts));
		s->n_accounts = 1;
		read_section(SECTION_ACCOUNTS, NULL, s->accounts, NULL);
		free(s->accounts->name);
		s->accounts->name = tw_strdup("default");
	}
	for (size_t i = 0; i < s->n_accounts; i++) {
		struct settings_account *a = &s->accounts[i];

		if (*a->token_file)
			continue;
		free(a->token_file);
		a->token_file = tw_printf("%.*s%s.token", folder, s->database, a->name);
	}
}

/* Not `.token`: an account may be called alert. */
static void fill_alert(struct settings *s)
{
	const char *slash = strrchr(s->database, '/');
	int folder = slash ? (int)(slash + 1 - s->database) : 0;

	if (*s->alert.secret_file)
		return;
	free(s->alert.secret_file);
	s->alert.secret_file = tw_printf("%.*salert.secret", folder, s->database);
}

/* The folders that are looked at without being named need not be there. */
static void drop_absent_default(struct tw_strings *paths, bool is_named)
{
	struct stat st;

	if (!is_named && paths->n == 1 && stat(paths->v[0], &st) < 0)
		tw_strings_done(paths);
}

static void fill(struct settings *s, const struct tw_conf_node *root)
{
	char *zone = own_zone();

	anchor_all(s);
	fill_accounts(s);
	fill_alert(s);
	drop_absent_default(&s->flows, root && tw_conf_member(root, "flows"));
	drop_absent_default(&s->boards, root && tw_conf_member(root, "boards"));
	for (size_t i = 0; i < s->n_accounts; i++)
		fill_zone(&s->accounts[i].zone, zone);
	for (size_t i = 0; i < s->n_sims; i++)
		fill_zone(&s->sims[i].quota.zone, zone);
	free(zone);
}

/* ---- whole files --------------------------------------------------------------------------- */

/* Messages are kept for a pool by its name; those of one that is refused wait as those of one that
 * went. */
static void drop_refused_pools(struct settings *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_pools; i++) {
		struct settings_pool *p = &s->pools[i];

		if (!p->refused) {
			s->pools[n++] = *p;
			continue;
		}
		tw_strings_add(&s->refused_pools, p->name);
		free(p->refused);
		done_section(SECTION_POOLS, p);
	}
	s->n_pools = n;
}

/* Errors that leave nothing to serve with. */
static size_t count_grave(const struct tw_findings *f, size_t from, bool to_serve)
{
	size_t n = 0;

	for (size_t i = from; i < f->n; i++)
		n += f->v[i].is_error && !(to_serve && f->v[i].is_value);
	return n;
}

static struct settings *read_root(const char *file, const struct tw_conf_node *root, bool to_serve,
				  struct tw_findings *f)
{
	struct raw *raw = tw_zalloc(sizeof(*raw));
	size_t from = f->n;

	raw->s.file = tw_strdup(file);
	read_section(SECTION_TOP, root, raw, f);
	read_groups(raw, f);
	refuse(&raw->s, "", 0, f, from);
	read_lists(raw, f);
	config_check(&raw->s, root, f);
	fill(&raw->s, root);
	drop_refused_pools(&raw->s);
	if (!count_grave(f, from, to_serve))
		return &raw->s;
	config_free(&raw->s);
	return NULL;
}

static struct settings *read_conf(const char *file, struct tw_conf *conf, bool to_serve,
				  struct tw_findings *f)
{
	struct settings *s = conf ? read_root(file, tw_conf_root(conf), to_serve, f) : NULL;

	tw_conf_free(conf);
	return s;
}

static struct settings *load(const char *path, bool to_serve, struct tw_findings *f)
{
	if (!path || !*path)
		return read_root("", NULL, to_serve, f);
	return read_conf(path, tw_conf_read(path, f), to_serve, f);
}

struct settings *config_load(const char *path, struct tw_findings *findings)
{
	return load(path, false, findings);
}

struct settings *config_load_to_serve(const char *path, struct tw_findings *findings)
{
	return load(path, true, findings);
}

struct settings *config_load_text(const char *name, const char *text, size_t n,
				  struct tw_findings *findings)
{
	return read_conf(name, tw_conf_read_text(name, text, n, findings), false, findings);
}

static void free_list(enum section_id id, void *v, size_t n, size_t size)
{
	for (size_t i = 0; i < n; i++)
		done_section(id, (char *)v + i * size);
	free(v);
}

void config_free(struct settings *s)
{
	struct raw *raw = (struct raw *)s;

	if (!s)
		return;
	for (size_t i = 0; i < s->n_sims; i++) {
		done_section(SECTION_QUOTA, &s->sims[i].quota);
		free_list(SECTION_COST, s->sims[i].cost, s->sims[i].n_cost,
			  sizeof(*s->sims[i].cost));
		free(s->sims[i].refused);
	}
	for (size_t i = 0; i < s->n_modems; i++)
		free(s->modems[i].refused);
	tw_strings_done(&s->refused_pools);
	tw_strings_done(&s->refused);
	free_list(SECTION_SIMS, s->sims, s->n_sims, sizeof(*s->sims));
	free_list(SECTION_MODEMS, s->modems, s->n_modems, sizeof(*s->modems));
	free_list(SECTION_BALANCE, s->balance, s->n_balance, sizeof(*s->balance));
	free_list(SECTION_POOLS, s->pools, s->n_pools, sizeof(*s->pools));
	free_list(SECTION_ACCOUNTS, s->accounts, s->n_accounts, sizeof(*s->accounts));
	done_section(SECTION_RETRY, &s->retry);
	done_section(SECTION_WEBHOOKS, &s->webhooks);
	done_section(SECTION_STICKY, &s->sticky);
	done_section(SECTION_QUIET, &s->quiet_hours);
	done_section(SECTION_SELF_TEST, &s->self_test);
	done_section(SECTION_MAIL, &s->mail);
	done_section(SECTION_ALERT, &s->alert);
	done_section(SECTION_API, &s->api);
	done_section(SECTION_TOP, raw);
	free(s->file);
	free(raw);
}

void config_check_boards(const struct settings *s, const struct boards *b,
			 struct tw_findings *findings)
{
	const char **names = tw_alloc((boards_count(b) + 1) * sizeof(*names));

	for (size_t i = 0; i < boards_count(b); i++)
		names[i] = boards_at(b, i)->name;
	for (size_t i = 0; i < s->n_modems; i++) {
		const struct settings_modem *m = &s->modems[i];
		const char *nearest;

		if (!*m->board || boards_named(b, m->board))
			continue;
		nearest = tw_nearest(m->board, names, boards_count(b));
		tw_findings_add(findings, s->file, m->line, -1, false,
				"no board profile is called \"%s\"%s%s%s: the modem is served with "
				"the one that its USB id and its own words choose", m->board,
				nearest ? "; did you mean \"" : "", nearest ? nearest : "",
				nearest ? "\"?" : "");
	}
	free(names);
}
