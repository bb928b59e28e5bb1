#include "play.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include <twoway/config.h>

/* ---- what is played ------------------------------------------------------------------------ */

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && name[0] != '.' && !strcmp(name + n - m, end);
}

static void list_folder(const char *path, const char *end, struct tw_strings *to)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (ends_with(entries[i]->d_name, end)) {
			char *file = tw_printf("%s%s%s", path, path[strlen(path) - 1] == '/' ? ""
					       : "/", entries[i]->d_name);

			tw_strings_add(to, file);
			free(file);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static int add_path(const char *path, struct tw_strings *flows, struct tw_strings *transcripts)
{
	struct stat st;

	if (stat(path, &st))
		return cli_fail(CLI_UNKNOWN, "%s: %s", path, tw_strerror(-errno));
	if (S_ISDIR(st.st_mode)) {
		tw_auto(tw_free_charp) char *tests = tw_printf("%s%stests", path,
			path[strlen(path) - 1] == '/' ? "" : "/");

		size_t before = flows->n;

		list_folder(path, ".conf", flows);
		list_folder(tests, ".txt", transcripts);
		if (flows->n == before)		/* beside flows they may be codes */
			list_folder(path, ".txt", transcripts);
	} else {
		tw_strings_add(ends_with(path, ".txt") ? transcripts : flows, path);
	}
	return 0;
}

/* Each account that a flow names, in that order; a flow that names none is of `default`. */
static void add_account(struct tw_buf *out, struct tw_strings *names, const char *path,
			struct tw_findings *findings)
{
	struct tw_conf *conf = tw_conf_read(path, findings);
	const struct tw_conf_node *node;
	const char *name;

	if (!conf)
		return;
	node = tw_conf_member(tw_conf_root(conf), "account");
	name = node && tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : "default";
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name))
			name = NULL, i = names->n - 1;
	if (name && !strpbrk(name, "\"\\")) {
		tw_buf_addf(out, "%s{ name = \"%s\"; }", names->n ? ", " : "", name);
		tw_strings_add(names, name);
	}
	tw_conf_free(conf);
}

static struct settings *make_settings(const struct tw_strings *flows, struct tw_findings *findings)
{
	struct tw_strings names = { 0 };
	struct tw_buf text = { 0 };
	struct tw_findings said = { 0 };	/* flows_load says it again */
	struct settings *s;

	tw_buf_adds(&text, "country = \"GB\"; accounts = ( ");
	for (size_t i = 0; i < flows->n; i++)
		add_account(&text, &names, flows->v[i], &said);
	if (!names.n)
		tw_buf_adds(&text, "{ name = \"default\"; }");
	tw_buf_adds(&text, " );");
	s = config_load_text("play", text.p, text.n, findings);
	tw_findings_done(&said);
	tw_buf_done(&text);
	tw_strings_done(&names);
	return s;
}

/* has_config: the settings are somebody's, and not made for these flows. */
static struct flows *load_flows(const struct settings *s, bool has_config,
				const struct tw_strings *paths, struct tw_findings *findings)
{
	struct flow_account *accounts = tw_zalloc((s->n_accounts + 1) * sizeof(*accounts));
	char *words = tw_printf("%s/flows/words", config_data_folder());
	size_t n_pools = 0;
	struct flow_pool *pools = has_config ? config_flow_pools(s, &n_pools) : NULL;
	struct flows *f;

	for (size_t i = 0; i < s->n_accounts; i++)
		accounts[i] = (struct flow_account){ s->accounts[i].name, s->accounts[i].language,
						     s->accounts[i].zone };
	f = flows_load(&(struct flow_sources){
		.paths = (const char *const *)paths->v, .n_paths = paths->n, .words = words,
		.accounts = accounts, .n_accounts = s->n_accounts, .country = s->country,
		.pools = pools, .n_pools = n_pools }, findings);
	free(pools);
	free(accounts);
	free(words);
	return f;
}

/* Nothing was named: what the daemon would use. 0, or an exit code after saying why. */
static int fall_back(struct cli *c, const char **ret)
{
	struct stat st;

	*ret = c->config;
	if (c->config || c->words.n)
		return 0;
	*ret = CLI_DEFAULT_CONFIG;
	return stat(*ret, &st) == 0 ? 0 :
	       cli_fail(CLI_UNKNOWN, "%s is not there: name files or folders of *.conf, or "
				     "--config", *ret);
}

int play_source_read(struct cli *c, struct play_source *ret)
{
	struct tw_findings findings = { 0 };
	struct tw_strings paths = { 0 };
	struct tw_buf said = { 0 };
	const char *config;
	int r = fall_back(c, &config);

	*ret = (struct play_source){ 0 };
	for (int i = 0; i < c->words.n && !r; i++)
		r = add_path(c->words.v[i], &paths, &ret->transcripts);
	if (!r && config)
		ret->settings = config_load(config, &findings);
	if (!r && !paths.n && ret->settings)
		for (size_t i = 0; i < ret->settings->flows.n && !r; i++)
			r = add_path(ret->settings->flows.v[i], &paths, &ret->transcripts);
	if (!r && !paths.n && (ret->settings || !config))
		r = cli_fail(CLI_USAGE, "no flows: name files or folders of *.conf, or --config");
	if (!r && !config)
		ret->settings = make_settings(&paths, &findings);
	if (!r && ret->settings)
		ret->flows = load_flows(ret->settings, c->config != NULL, &paths, &findings);
	if (!r && !ret->flows) {
		tw_findings_print(&findings, &said);
		fputs(tw_buf_str(&said), stderr);
		r = CLI_CONFIG;
	}
	tw_buf_done(&said);
	tw_strings_done(&paths);
	tw_findings_done(&findings);
	return r;
}

void play_source_done(struct play_source *s)
{
	flows_free(s->flows);
	if (s->settings)
		config_free(s->settings);
	tw_strings_done(&s->transcripts);
}

/* The account whose own a number is; "": it is shared. */
static const char *owner_of(const struct settings *s, const char *number)
{
	for (size_t i = 0; i < s->n_sims; i++)
		if (!strcmp(s->sims[i].number, number))
			return s->sims[i].account;
	return "";
}

const char *play_account(const struct play_source *s, const char *number)
{
	const char *owner = owner_of(s->settings, number);

	return *owner ? owner : s->settings->accounts[0].name;
}

const char *play_first_number(const struct play_source *source)
{
	const struct settings *s = source->settings;

	for (size_t i = 0; i < s->n_modems; i++)
		if (s->modems[i].number[0])
			return s->modems[i].number;
	for (size_t i = 0; i < s->n_sims; i++)
		if (s->sims[i].number[0])
			return s->sims[i].number;
	return PLAY_NUMBER;
}

int play_source_choose(struct play_source *source, const char *account, char to[TW_ADDRESS_MAX])
{
	const struct settings *s = source->settings;
	size_t known = 0;

	while (known < s->n_accounts && strcmp(s->accounts[known].name, account))
		known++;
	if (known == s->n_accounts)
		return TW_E_UNKNOWN;
	for (size_t i = 0; i < s->n_sims; i++)
		if (s->sims[i].number[0] && !strcmp(s->sims[i].account, account)) {
			tw_strset(to, TW_ADDRESS_MAX, s->sims[i].number);
			return 0;
		}
	source->own_account = s->accounts[known].name;
	source->own_number = play_first_number(source);
	tw_strset(to, TW_ADDRESS_MAX, source->own_number);
	return 0;
}

int play_time_read(const struct play_source *s, const char *account, const char *text,
		   struct wall_ms *ret)
{
	struct tw_civil c = { .second = 0 };
	const struct tw_zone *zone;
	const char *name = "";
	int year, month, day;
	char end;

	for (size_t i = 0; i < s->settings->n_accounts; i++)
		if (!strcmp(s->settings->accounts[i].name, account))
			name = s->settings->accounts[i].zone;
	if (sscanf(text, "%4d-%2d-%2d %2d:%2d%c", &c.year, &c.month, &c.day, &c.hour, &c.minute,
		   &end) != 5 ||
	    c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || c.hour < 0 || c.hour > 23 ||
	    c.minute < 0 || c.minute > 59 || tw_zone_get(name, &zone) < 0)
		return TW_E_SYNTAX;
	tw_civil_from_days(tw_days_from_civil(c.year, c.month, c.day), &year, &month, &day);
	if (month != c.month)		/* 30 February */
		return TW_E_SYNTAX;
	*ret = tw_zone_wall(zone, &c);
	return 0;
}

/* ---- what it stands on ---------------------------------------------------------------------- */

static int no_port(void *ctx, const char *port, const struct board *board, int *ret_fd)
{
	(void)ctx, (void)port, (void)board, (void)ret_fd;
	return -ENOENT;
}

/* Nothing leaves the process: there is no port that could be opened. */
static const struct bank_port_ops no_ports = { .open = no_port };
static void make_bare(struct play *p)
{
	const struct play_source *from = p->source;
	struct settings *s = &p->settings;
	static char none[] = "";

	*s = *from->settings;
	s->modems = NULL;
	s->n_modems = 0;
	if (!from->own_number)
		return;
	p->sims = tw_zalloc((s->n_sims + 1) * sizeof(*p->sims));
	if (s->n_sims)
		memcpy(p->sims, s->sims, s->n_sims * sizeof(*p->sims));
	p->sims[s->n_sims++] = (struct settings_sim){
		.iccid = none, .pin = none, .smsc = none,
		.number = (char *)(uintptr_t)from->own_number,
		.account = (char *)(uintptr_t)from->own_account };
	s->sims = p->sims;
}

/* ---- the world, which is not asked --------------------------------------------------------- */

static void on_call(void *ctx, const struct hook_call *c)
{
	struct play *p = ctx;

	p->calls = tw_realloc(p->calls, (p->n_calls + 1) * sizeof(*p->calls));
	p->calls[p->n_calls++] = (struct play_call){ c->token, c->kind, tw_strdup(c->url) };
}

static void forget_call(struct play *p, size_t i)
{
	free(p->calls[i].to);
	p->n_calls--;
	memmove(p->calls + i, p->calls + i + 1, (p->n_calls - i) * sizeof(*p->calls));
}

static void on_cancel(void *ctx, uint64_t token)
{
	struct play *p = ctx;

	for (size_t i = 0; i < p->n_calls; i++)
		if (p->calls[i].token == token) {
			forget_call(p, i);
			return;
		}
}

static void no_work(void *ctx, struct tw_now now)
{
	(void)ctx, (void)now;
}

static struct mono_ms no_deadline(void *ctx)
{
	(void)ctx;
	return MONO_NEVER;
}

void play_answer(struct play *p, const char *text)
{
	p->answers = tw_realloc(p->answers, (p->n_answers + 1) * sizeof(*p->answers));
	p->answers[p->n_answers++] = text ? tw_strdup(text) : NULL;
}

static char *next_answer(struct play *p)
{
	char *text = p->n_answers ? p->answers[0] : NULL;

	if (p->n_answers)
		memmove(p->answers, p->answers + 1, --p->n_answers * sizeof(*p->answers));
	return text;
}

/* Mails and news arrive; a look-up without an answer knows nobody; all else fails without one. */
static void answer_call(struct play *p, const struct play_call *c)
{
	bool is_asked = c->kind != HOOK_MAIL && c->kind != HOOK_EVENT;
	tw_auto(tw_free_charp) char *text = is_asked ? next_answer(p) : NULL;
	struct hook_answer a = { .status = c->kind == HOOK_MAIL ? 250 : 200, .type = "text/plain",
				 .body = text, .body_n = text ? strlen(text) : 0 };

	if (is_asked && !text)
		a.status = c->kind == HOOK_PROGRAM ? 1 : c->kind == HOOK_GET ? 404 : 503;
	else if (is_asked && c->kind == HOOK_PROGRAM)
		a.status = 0;
	if (text && (*text == '{' || *text == '[') && c->kind != HOOK_FORM &&
	    c->kind != HOOK_FORM_GET)
		a.type = "application/json";
	else if (text && *text == '<')
		a.type = "text/xml";
	if (p->shows_calls)
		printf("  asks %s: %s\n", c->to, !is_asked ? "done" : text ? text : "no answer");
	hook_answer(p->hook, c->token, &a);
}

/* Whether there was one. */
static bool answer_calls(struct play *p)
{
	bool has = p->n_calls > 0;

	while (p->n_calls) {
		struct play_call c = p->calls[0];

		c.to = tw_strdup(c.to);
		forget_call(p, 0);
		answer_call(p, &c);
		free(c.to);
	}
	return has;
}

/* ---- the exchange -------------------------------------------------------------------------- */

void play_open(struct play *p, const struct play_source *s, struct wall_ms start)
{
	const struct settings *settings = &p->settings;
	char *why = NULL;

	*p = (struct play){ .source = s, .now = { { 1000 }, start } };
	make_bare(p);
	if (store_open(&(struct store_setup){ .path = ":memory:", .create = true, .seed = 1 },
		       p->now, &p->store, &why) < 0)
		abort();	/* in memory: there is none left */
	p->bank = bank_new(&(struct bank_setup){ .settings = settings, .ports = &no_ports });
	p->transport = (struct hook_transport){ p, on_call, on_cancel, no_work, no_deadline };
	if (hook_new(&(struct hook_setup){ .store = p->store, .settings = settings,
					   .transport = &p->transport, .seed = 1 }, &p->hook) < 0)
		abort();
	if (exchange_new(&(struct exchange_setup){ .store = p->store, .bank = p->bank,
						   .hook = p->hook,
						   .settings = settings, .flows = s->flows,
						   .seed = 1 },
			 p->now, &p->x) < 0)
		abort();
}

void play_close(struct play *p)
{
	while (p->n_said)
		play_forget(p, 0);
	exchange_free(p->x);
	hook_free(p->hook);
	while (p->n_calls)
		forget_call(p, 0);
	while (p->n_answers)
		free(next_answer(p));
	free(p->calls);
	free(p->answers);
	bank_free(p->bank);
	store_close(p->store);
	free(p->sims);
	free(p->said);
}

void play_forget(struct play *p, size_t i)
{
	free(p->said[i].from);
	free(p->said[i].to);
	free(p->said[i].text);
	p->n_said--;
	memmove(p->said + i, p->said + i + 1, (p->n_said - i) * sizeof(*p->said));
}

/* One turn, with those that the world's answers bring about, and what they want to send. */
static int turn(struct play *p, struct mono_ms *ret_deadline)
{
	struct message m;
	int r;

	do
		*ret_deadline = exchange_turn(p->x, p->now);
	while (answer_calls(p));
	while ((r = exchange_take(p->x, p->now, &m)) == 0) {
		p->said = tw_realloc(p->said, (p->n_said + 1) * sizeof(*p->said));
		p->said[p->n_said++] = (struct play_said){ tw_strdup(m.from ? m.from : ""),
							   tw_strdup(m.to),
							   tw_strdup(m.text ? m.text : "") };
		message_done(&m);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int finish(struct play *p, int r)
{
	struct mono_ms deadline;

	return r < 0 ? r : turn(p, &deadline);
}

/* A second goes by with each text, so that what came first is older. */
static void tick(struct play *p)
{
	p->now.mono.ms += 1000;
	p->now.wall.ms += 1000;
}

int play_text(struct play *p, const char *from, const char *to, const char *text)
{
	tick(p);
	return finish(p, exchange_hear(p->x, &(struct exchange_text){ from, to, text }, p->now));
}

int play_call(struct play *p, const char *from, const char *to)
{
	tick(p);
	return finish(p, exchange_hear_call(p->x, &(struct exchange_text){ from, to, "" }, p->now));
}

int play_wait(struct play *p, int64_t ms)
{
	int64_t end = p->now.mono.ms + ms;
	struct mono_ms deadline;
	int r;

	do {
		r = turn(p, &deadline);
		if (deadline.ms <= p->now.mono.ms)
			deadline.ms = p->now.mono.ms + 1;
		if (deadline.ms > end)
			deadline.ms = end;
		p->now.wall.ms += deadline.ms - p->now.mono.ms;
		p->now.mono = deadline;
	} while (r == 0 && p->now.mono.ms < end);
	return r < 0 ? r : turn(p, &deadline);
}
