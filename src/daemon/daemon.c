#include "daemon.h"

#include <twoway/bank.h>
#include <twoway/config.h>
#include <twoway/exchange.h>
#include <twoway/hook.h>
#include <twoway/http.h>
#include <twoway/loop.h>
#include <twoway/store.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum {
	LOOK_AGAIN_MS = 1000,	/* for a database that was gone */
	START_GRACE_MS = 120000	/* how long "starting" is the honest answer while no modem is ready
				 * */
};

/* What a reload reads and cannot change: files and sockets that are open. */
static const struct { const char *name; size_t offset; } only_at_start[] = {
	{ "database", offsetof(struct settings, database) },
	{ "api.listen", offsetof(struct settings, api.listen) },
	{ "api.socket", offsetof(struct settings, api.socket) },
	{ "api.certificate", offsetof(struct settings, api.certificate) },
	{ "api.key", offsetof(struct settings, api.key) },
};
enum { AT_START_COUNT = TW_COUNT(only_at_start) };

struct daemon {
	const char *config_path;
	struct inputs in;
	char *at_start[AT_START_COUNT];		/* settings that only a start takes, as it found
						 * them */
	struct loop *loop;
	struct store *store;
	struct bank *bank;
	struct hook_outside *outside;
	struct hook *hook;
	struct exchange *exchange;
	struct http *http;
	struct mono_ms started, look_again, stop_by, alive_at;
	int64_t alive_every;
	const char *health;
	bool is_stopping, was_ready;
	bool is_full;		/* waits for room, so that its database can be opened */
};

/* ---- the database -------------------------------------------------------------------------- */

static int open_database(struct daemon *d, struct tw_now now, char **reterr)
{
	return store_open(&(struct store_setup){ .path = d->in.settings->database,
						  .create = true }, now, &d->store,
			  reterr);
}

/* A database that is gone or damaged is waited for: `twoway restore` or `twowayd --new` puts one
 * there; room on a full disk as well. Anything else ends the start. */
static bool is_waited_for(int code)
{
	return code == TW_E_GONE || code == TW_E_DB_DAMAGED || code == TW_E_DB_FULL;
}

static void tell_waiting(int code, const char *why)
{
	tw_log(TW_ERROR, code == TW_E_GONE ? "database.gone" : code == TW_E_DB_FULL ?
	       "database.full" : "database.damaged", "why=%s", tw_log_quote(why));
}

static void stop_hooks(struct daemon *d)
{
	hook_free(d->hook);
	hook_outside_free(d->outside);
	d->hook = NULL;
	d->outside = NULL;
}

static int start_hooks(struct daemon *d)
{
	d->outside = hook_outside_new(d->loop, d->in.settings);
	int r = hook_new(&(struct hook_setup){
		.store = d->store, .settings = d->in.settings,
		.transport = hook_outside_transport(d->outside) }, &d->hook);

	if (r < 0)
		stop_hooks(d);
	else
		hook_outside_serve(d->outside, d->hook);
	return r;
}

/* What was changed while a daemon ran wins over the configuration. One that this program does not
 * know any more, or whose bounds have changed, is told and passed over. */
static int override(struct store *store, struct settings *s)
{
	char *name = tw_strdup(""), *next, *value, *why;
	int r;

	while ((r = store_setting_next(store, name, &next, &value)) == 0) {
		free(name);
		name = next;
		why = NULL;
		if (config_live_set(s, name, value, &why) < 0)
			tw_log(TW_WARN, "setting.ignored", "name=%s value=%s why=%s", name,
			       tw_log_quote(value), tw_log_quote(why));
		free(why);
		free(value);
	}
	free(name);
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int start_exchange(struct daemon *d, struct tw_now now)
{
	int r = override(d->store, d->in.settings);

	if (r == 0)
		r = start_hooks(d);
	if (r < 0)
		return r;
	d->bank = bank_new(&(struct bank_setup){
		.loop = d->loop, .settings = d->in.settings, .boards = d->in.boards });
	r = exchange_new(&(struct exchange_setup){
		.store = d->store, .bank = d->bank, .hook = d->hook, .settings = d->in.settings,
		.flows = d->in.flows }, now, &d->exchange);
	if (r < 0) {
		bank_free(d->bank);
		d->bank = NULL;
		stop_hooks(d);
		return r;
	}
	bank_start(d->bank, now);
	return 0;
}

/* The database and all that stands on it; with an error nothing is left open. */
static int bring_up(struct daemon *d, struct tw_now now, bool *ret_opened, char **reterr)
{
	int r = open_database(d, now, reterr);

	*ret_opened = r == 0;
	if (r < 0)
		return r;
	r = start_exchange(d, now);
	if (r < 0) {
		*reterr = tw_printf("%s cannot be read: %s", d->in.settings->database,
				    store_last_error(d->store));
		store_close(d->store);
		d->store = NULL;
	}
	return r;
}

static void look_again(struct daemon *d, struct tw_now now)
{
	bool is_opened;
	char *why = NULL;
	int r = bring_up(d, now, &is_opened, &why);

	d->is_full = r == TW_E_DB_FULL;
	if (r < 0 && is_opened && !is_waited_for(r)) {
		tw_log(TW_ERROR, "start.failed", "why=%s",
		       tw_log_quote(why ? why : tw_strerror(r)));
		loop_stop(d->loop);
	}
	free(why);
	if (r < 0) {
		d->look_again = mono_after(now.mono, LOOK_AGAIN_MS);
		return;
	}
	d->look_again = MONO_NEVER;
	tw_log(TW_INFO, "database.back", "file=%s", tw_log_quote(d->in.settings->database));
	http_set_exchange(d->http, d->exchange, d->bank, d->store);
}

int daemon_new_database(const struct settings *settings)
{
	char *why = NULL;
	int r = store_make_new(settings->database, tw_now_system(), &why);

	if (r < 0) {
		fprintf(stderr, "twowayd: %s\n", why ? why : tw_strerror(r));
		free(why);
		return r == TW_E_LOCKED ? EXIT_TEMPFAIL : EXIT_CANTCREAT;
	}
	printf("%s: new database\n", settings->database);
	return 0;
}

/* ---- health -------------------------------------------------------------------------------- */

static const char *health_of(struct daemon *d, struct tw_now now)
{
	struct bank_modem m;

	if (!d->exchange)
		return d->is_full ? "disk full" : "no database";
	if (strcmp(store_health(d->store), "ok") != 0)
		return "disk full";
	for (size_t cursor = 0; bank_each(d->bank, &cursor, &m); )
		if (m.state == MODEM_READY)
			return "ok";
	return now.mono.ms - d->started.ms < START_GRACE_MS && !d->was_ready ? "starting"
	       : "no modem";
}

static void tell_health(struct daemon *d, struct tw_now now)
{
	const char *health = health_of(d, now);

	if (health == d->health)
		return;
	if (strcmp(health, "ok") == 0)
		d->was_ready = true;
	tw_log(strcmp(health, "ok") == 0 || strcmp(health, "starting") == 0 ? TW_INFO : TW_WARN,
	       "health", "state=%s", tw_log_quote(health));
	d->health = health;
	http_set_health(d->http, health);
	notify_status(health);
}

/* ---- reload -------------------------------------------------------------------------------- */

static const char *at_start_value(const struct settings *s, size_t i)
{
	return *(char *const *)((const char *)s + only_at_start[i].offset);
}

static void warn_of_restart(const struct daemon *d, const struct settings *s,
			    struct tw_findings *findings)
{
	for (size_t i = 0; i < AT_START_COUNT; i++) {
		if (strcmp(d->at_start[i], at_start_value(s, i)))
			tw_findings_add(findings, s->file, 0, -1, false,
					"`%s` stays \"%s\" until the service is restarted: sudo "
					"systemctl restart twoway", only_at_start[i].name,
					d->at_start[i]);
	}
}

/* All or nothing: a mistake anywhere leaves the old settings, boards and flows in force. */
static int reload(void *ctx, struct exchange_moves *moves, struct tw_findings *findings)
{
	struct daemon *d = ctx;
	struct tw_now now = loop_now(d->loop);
	struct inputs in;

	notify_reloading();
	if (inputs_load(d->config_path, false, findings, &in) < 0) {
		tw_log(TW_ERROR, "reload.refused", "errors=%zu", findings->errors);
		notify_ready();
		return TW_E_CONFIG;
	}
	if (d->store && override(d->store, in.settings) < 0) {
		inputs_done(&in);
		notify_ready();
		return TW_E_DB;
	}
	warn_of_restart(d, in.settings, findings);
	if (boards_same(in.boards, d->in.boards)) {
		boards_free(in.boards);
		in.boards = d->in.boards;
		d->in.boards = NULL;
	}
	tw_log_setup((enum tw_level)in.settings->log.level, in.settings->log.mask_numbers,
		     in.settings->log.texts);
	if (d->exchange) {
		bank_reload(d->bank, in.settings, in.boards, now);
		hook_outside_reload(d->outside, in.settings);
		hook_reload(d->hook, in.settings);
		exchange_reload(d->exchange, in.settings, in.flows, now);
		if (moves && exchange_move(d->exchange, now, moves) < 0)
			tw_findings_add(findings, in.settings->file, 0, -1, false,
					"no conversation was moved: the database cannot be read");
	}
	http_set_settings(d->http, in.settings);
	inputs_done(&d->in);
	d->in = in;
	tw_log(TW_INFO, "reload.done", "keywords=%zu", flows_keyword_count(d->in.flows));
	notify_ready();
	return 0;
}

static void list_flows(void *ctx, struct tw_strings *ret)
{
	struct daemon *d = ctx;

	inputs_flow_files(d->in.settings, ret);
}

static int check_flow(void *ctx, const char *path, const char *text, size_t n,
		      struct tw_findings *findings)
{
	struct daemon *d = ctx;

	return inputs_check_flow(d->in.settings, path, text, n, findings);
}

static void on_hangup(void *ctx, int signo)
{
	struct tw_findings findings = { 0 };
	struct tw_buf text = { 0 };

	(void)signo;
	reload(ctx, NULL, &findings);
	tw_findings_print(&findings, &text);
	fputs(tw_buf_str(&text), stderr);
	tw_buf_done(&text);
	tw_findings_done(&findings);
}

/* ---- stop ---------------------------------------------------------------------------------- */

static void on_stop(void *ctx, int signo)
{
	struct daemon *d = ctx;
	struct tw_now now = loop_now(d->loop);

	tw_log(TW_INFO, "stop", "signal=%d", signo);
	if (d->is_stopping) {	/* asked twice: at once */
		d->stop_by = now.mono;
		return;
	}
	d->is_stopping = true;
	d->stop_by = mono_after(now.mono, d->in.settings->stop_within);
	notify_stopping(d->in.settings->stop_within);
	if (d->bank)
		bank_stop(d->bank, now);
}

/* ---- the turn ------------------------------------------------------------------------------ */

static struct mono_ms turn(void *ctx, struct tw_now now)
{
	struct daemon *d = ctx;
	struct mono_ms until = d->look_again;

	tw_log_hold(true);
	if (mono_due(d->look_again, now.mono))
		look_again(d, now);
	if (d->exchange)
		until = mono_min(until, exchange_turn(d->exchange, now));
	http_release(d->http, now);
	until = mono_min(until, http_deadline(d->http));
	tell_health(d, now);
	if (d->alive_every && mono_due(d->alive_at, now.mono)) {
		notify_alive();
		d->alive_at = mono_after(now.mono, d->alive_every);
	}
	if (d->alive_every)
		until = mono_min(until, d->alive_at);
	if (d->is_stopping) {
		if (!d->bank || bank_is_quiet(d->bank) || mono_due(d->stop_by, now.mono))
			loop_stop(d->loop);
		until = mono_min(until, d->stop_by);
	}
	tw_log_hold(false);
	return until;
}

/* ---- start --------------------------------------------------------------------------------- */

static int start(struct daemon *d, struct tw_now now)
{
	bool is_opened;
	char *why = NULL;
	int r = bring_up(d, now, &is_opened, &why);

	d->is_full = r == TW_E_DB_FULL;
	if (r < 0 && !is_waited_for(r)) {
		fprintf(stderr, "twowayd: %s\n", why ? why : tw_strerror(r));
		free(why);
		return is_opened ? EXIT_SOFTWARE : r == TW_E_LOCKED ? EXIT_TEMPFAIL
		       : EXIT_CANTCREAT;
	}
	if (r < 0) {
		tell_waiting(r, why ? why : "");
		d->look_again = mono_after(now.mono, LOOK_AGAIN_MS);
	}
	free(why);
	why = NULL;
	r = http_new(&(struct http_setup){
		.loop = d->loop, .settings = d->in.settings, .exchange = d->exchange,
		.bank = d->bank, .store = d->store, .health = "starting", .reload = reload,
		.list_flows = list_flows, .check_flow = check_flow, .ctx = d,
	}, &d->http, &why);
	if (r < 0) {
		fprintf(stderr, "twowayd: %s\n", why ? why : tw_strerror(r));
		free(why);
		return r == TW_E_LOCKED ? EXIT_TEMPFAIL : EXIT_CANTCREAT;
	}
	return 0;
}

static void stop(struct daemon *d)
{
	struct tw_now now = tw_now_system();

	if (d->bank)
		bank_close(d->bank, now);
	if (d->exchange)
		exchange_turn(d->exchange, now);	/* what the closing told: doubts, to disk */
	http_free(d->http);
	exchange_free(d->exchange);
	stop_hooks(d);
	bank_free(d->bank);
	store_close(d->store);
	loop_free(d->loop);
	inputs_done(&d->in);
}

int daemon_run(const char *config_path, struct inputs *take_inputs)
{
	struct daemon d = { .config_path = config_path, .in = *take_inputs };
	struct tw_now now = tw_now_system();
	int code;

	*take_inputs = (struct inputs){ 0 };
	for (size_t i = 0; i < AT_START_COUNT; i++)
		d.at_start[i] = tw_strdup(at_start_value(d.in.settings, i));
	d.started = now.mono;
	d.look_again = d.stop_by = MONO_NEVER;
	d.alive_every = notify_watchdog_ms();
	d.loop = loop_new();
	loop_watch_signal(d.loop, SIGTERM, on_stop, &d);
	loop_watch_signal(d.loop, SIGINT, on_stop, &d);
	loop_watch_signal(d.loop, SIGHUP, on_hangup, &d);
	loop_set_turn(d.loop, turn, &d);
	code = start(&d, now);
	if (code == 0) {
		tw_log(TW_INFO, "start", "version=%s modems=%zu keywords=%zu api_port=%d",
		       TWOWAY_VERSION,
		       d.in.settings->n_modems, flows_keyword_count(d.in.flows), http_port(d.http));
		notify_ready();
		loop_run(d.loop);
	}
	stop(&d);
	for (size_t i = 0; i < AT_START_COUNT; i++)
		free(d.at_start[i]);
	return code;
}
